package draw

import (
	"strconv"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// shape says how a node looks.
type shape uint8

const (
	boxShape  shape = iota // do this
	hexShape               // several ways on
	callShape              // call someone
	partShape              // a part of its own
	endShape               // an end
	goodShape              // the aim of a rehearsal
	badShape               // nowhere
)

// node is a step, a part, an end or a link to nowhere.
type node struct {
	shape  shape
	number string // of a step: its place in the file, from 1
	text   string
	note   string // smaller, below the text
	href   string // "" without a link
	anchor string // the id of a step's element, "" for other nodes
	bad    bool
	rows   []*row // a step's choices, a part's ways back

	// For the outline and for stories.
	step *syntax.Step
	// Set by place. A line that leads here through the street turns in at the
	// height of turn, and ends at gate.
	box  rect
	gate point
	turn float64
}

// row is a choice of a step or a way back from a part.
type row struct {
	label  string
	note   string
	from   *node
	to     *node
	across bool // the target stands on the row itself, across the street
	bad    bool
	off    bool // off the record
	choice *syntax.Choice

	// Set by place.
	y     float64
	lines []string
	notes []string
}

// group is the file itself, or a part that is drawn out.
type group struct {
	part  string // "" for the file itself
	title string
	steps []*node
	frame rect
}

// graph is what is drawn.
type graph struct {
	c       *resolve.Compiled
	words   words
	title   string
	rtl     bool
	groups  []*group
	stories []*story
	hasPart bool
	hasEnd  bool
	hasCall bool
	hasBad  bool
}

func newGraph(c *resolve.Compiled, o Options) *graph {
	lang := c.File.Front.Lang.Text
	g := &graph{c: c, words: wordsIn(lang), rtl: isRightToLeft(lang), title: titleOf(c.File)}
	b := &builder{g: g, o: o, parts: map[string]*syntax.File{}, swap: map[string]bool{}}
	for i, p := range c.Places {
		if c.Program.Steps[i].Swap {
			b.swap[p.ID] = true
		}
		if p.Part != "" && b.parts[p.Part] == nil {
			b.parts[p.Part] = p.File
			b.order = append(b.order, p.Part)
		}
	}
	g.groups = append(g.groups, b.group("", c.File))
	if o.Expand {
		for _, id := range b.order {
			g.groups = append(g.groups, b.group(id, b.parts[id]))
		}
	}
	b.markProblems()
	g.stories = tellStories(g, o.Problems)
	return g
}

func titleOf(f *syntax.File) string {
	if len(f.Title) > 0 {
		return syntax.PlainText(f.Title)
	}
	return f.Front.Title.Text
}

type builder struct {
	g     *graph
	o     Options
	parts map[string]*syntax.File // those that the Program has copies of
	order []string
	swap  map[string]bool // the steps at which the desk asks nothing
}

func (b *builder) group(part string, f *syntax.File) *group {
	g := &group{part: part, title: titleOf(f)}
	byID := map[string]*node{}
	for i, s := range f.Steps {
		n := b.step(part, i, s)
		g.steps = append(g.steps, n)
		if byID[s.ID] == nil {
			byID[s.ID] = n
		}
	}
	for _, n := range g.steps {
		if n.step.Next == nil {
			continue
		}
		for _, c := range n.step.Next.Choices {
			n.rows = append(n.rows, b.row(n, c, byID, syntax.PlainText(c.Label)))
		}
	}
	return g
}

func (b *builder) step(part string, i int, s *syntax.Step) *node {
	id := s.ID
	if part != "" {
		id = part + "/" + id
	}
	n := &node{shape: boxShape, number: strconv.Itoa(i + 1), text: syntax.PlainText(s.Heading), anchor: id, href: b.o.Prefix + "#" + id, step: s}
	if s.Next != nil && len(s.Next.Choices) > 1 {
		n.shape = hexShape
		if s.Next.Ordered {
			n.note = b.g.words.facts
		}
	}
	for _, l := range s.Links() {
		if l.Kind == syntax.Call {
			n.shape = callShape
			b.g.hasCall = true
		}
	}
	if b.swap[id] {
		n.note = b.g.words.nobody
	}
	return n
}

func (b *builder) row(from *node, c *syntax.Choice, steps map[string]*node, label string) *row {
	r := &row{label: label, from: from, choice: c, off: c.Unsent}
	switch {
	case c.Unsent:
		r.note = b.g.words.offRecord
	case c.Guard != nil:
		r.note = b.g.words.when + " " + c.GuardText.Text
	case c.Otherwise:
		r.note = b.g.words.otherwise
	}
	b.aim(r, c, steps)
	return r
}

// aim finds what a row leads to.
func (b *builder) aim(r *row, c *syntax.Choice, steps map[string]*node) {
	switch t := c.Target; {
	case t.Kind == syntax.ToStep && steps[t.Name.Text] != nil:
		r.to = steps[t.Name.Text]
	case t.Kind == syntax.ToPart && b.parts[t.Name.Text] != nil:
		r.to, r.across = b.part(c, steps), true
	case t.Kind == syntax.ToEnd:
		b.g.hasEnd = true
		n := &node{shape: endShape, text: name(t.Name.Text), box: rect{w: farWidth}}
		if t.Good {
			n.shape = goodShape
		}
		if t.Owner.Text != "" {
			n.note = b.g.words.nowWith + " " + name(t.Owner.Text)
		}
		r.to, r.across = n, true
	default:
		b.g.hasBad = true
		text := t.Name.Text
		if text == "" {
			text = b.g.words.nowhere
		}
		r.to, r.across, r.bad = &node{shape: badShape, text: text, bad: true, box: rect{w: farWidth}}, true, true
	}
}

// part makes the node of a link to a part, with its ways back; without ways the
// part's outcomes are the file's own.
func (b *builder) part(c *syntax.Choice, steps map[string]*node) *node {
	id := c.Target.Name.Text
	f := b.parts[id]
	b.g.hasPart = true
	n := &node{shape: partShape, text: titleOf(f), box: rect{w: farWidth}}
	switch {
	case b.o.Expand:
		n.href = "#flow-" + id + "/" + f.Steps[0].ID
	case b.o.PartLink != nil:
		n.href = b.o.PartLink(id)
	}
	for _, w := range c.Ways {
		r := b.row(n, w.Choice, steps, name(w.Outcome.Text))
		switch {
		case r.across && r.to.shape == partShape:
			r.across = false // it stands below this part, and is reached through the street
		case r.across:
			r.narrow()
		}
		n.rows = append(n.rows, r)
	}
	if len(c.Ways) == 0 {
		for _, outcome := range b.outcomes(f, map[*syntax.File]bool{}) {
			b.g.hasEnd = true
			n.rows = append(n.rows, &row{from: n, across: true, to: &node{shape: endShape, text: name(outcome), box: rect{w: wayEnd}}})
		}
	}
	return n
}

// narrow fits an end on a way back between the part and the street: the two
// names become one.
func (r *row) narrow() {
	r.to.box.w = wayEnd
	if r.to.text != r.label {
		r.to.text = r.label + " → " + r.to.text
	}
	r.label = ""
}

// outcomes lists the ends of a part, and of parts that it passes on.
func (b *builder) outcomes(f *syntax.File, seen map[*syntax.File]bool) []string {
	var list []string
	if f == nil || seen[f] {
		return nil
	}
	seen[f] = true
	add := func(names ...string) {
		for _, n := range names {
			if !contains(list, n) {
				list = append(list, n)
			}
		}
	}
	var visit func(c *syntax.Choice)
	visit = func(c *syntax.Choice) {
		if c.Target.Kind == syntax.ToEnd {
			add(c.Target.Name.Text)
		}
		if c.Target.Kind == syntax.ToPart && len(c.Ways) == 0 {
			add(b.outcomes(b.parts[c.Target.Name.Text], seen)...)
		}
		for _, w := range c.Ways {
			visit(w.Choice)
		}
	}
	for _, s := range f.Steps {
		if s.Next != nil {
			for _, c := range s.Next.Choices {
				visit(c)
			}
		}
	}
	return list
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// markProblems marks the steps and choices at which errors stand. A problem
// with a story is drawn as one, and marks nothing else.
func (b *builder) markProblems() {
	for _, p := range b.o.Problems {
		if p.Level != diag.Error || p.Trace != nil || p.File != "" && p.File != b.g.c.File.Name {
			continue
		}
		b.markAt(p.Pos)
	}
}

// markAt marks the choice that stands on the problem's line, or else the step
// in whose lines it stands.
func (b *builder) markAt(pos diag.Position) {
	steps := b.g.groups[0].steps
	for i, n := range steps {
		if pos.Before(n.step.Pos) || i+1 < len(steps) && !pos.Before(steps[i+1].step.Pos) {
			continue
		}
		b.g.hasBad = true
		if r := rowAt(n.rows, pos.Line); r != nil {
			r.bad = true
		} else {
			n.bad = true
		}
	}
}

func rowAt(rows []*row, line int) *row {
	for _, r := range rows {
		if r.choice == nil {
			continue
		}
		if r.choice.Pos.Line == line {
			return r
		}
		if r.across && r.to.shape == partShape {
			if way := rowAt(r.to.rows, line); way != nil {
				return way
			}
		}
	}
	return nil
}
