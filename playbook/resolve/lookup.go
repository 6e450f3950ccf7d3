package resolve

import (
	"maps"
	"slices"
	"strings"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// lookup checks that every name a file uses is there, and tells what was
// probably meant where one is not. It looks at one file; what copies of parts
// make of it is compile's business.
type lookup struct {
	lib      *Library
	n        *names
	problems []diag.Problem
}

func (l *lookup) tell(pos diag.Position, code diag.Code, format string, args ...any) {
	l.problems = append(l.problems, diag.New(l.n.file.Name, pos, code, format, args...))
}

// check looks up everything.
func (l *lookup) check() {
	f := l.n.file
	l.front(&f.Front)
	for _, s := range f.Steps {
		l.links(s)
		eachChoice(s, func(c *syntax.Choice, way bool) { l.choice(s, c, way) })
		l.halfAsked(s)
	}
	for _, r := range f.Front.Rules {
		if r.Sentence == nil {
			continue
		}
		l.expr(r.Sentence.E, anywhere)
		l.expr(r.Sentence.F, anywhere)
		if r.Sentence.Form == syntax.NeutralAbout {
			l.fact(r.Sentence.Fact)
		}
	}
	l.expr(f.Front.Needs, inGuard)
}

func (l *lookup) front(f *syntax.Front) {
	for _, name := range f.For {
		l.role(name)
	}
	if f.Owner.Text != "" {
		l.role(f.Owner)
	}
	for _, name := range f.Protected {
		l.fact(name)
	}
	for _, d := range f.Given {
		l.column(d)
	}
	for _, d := range f.Facts {
		if l.n.given[d.Name.Text] {
			l.tell(d.Name.Pos, diag.Syntax, "%q is a given fact already; a fact is either given or set in the walk, so keep one of the two", d.Name.Text)
		}
	}
	if f.Kind == syntax.Rehearsal && f.Rehearses.Text != "" {
		if e := l.lib.original(f.Rehearses.Text); e == nil || e.file.Front.Kind == syntax.Part {
			l.tell(f.Rehearses.Pos, diag.UnknownReference, "there is no playbook %q to rehearse%s",
				f.Rehearses.Text, diag.DidYouMean(f.Rehearses.Text, l.lib.ids(syntax.Playbook)))
		}
	}
}

// column checks that a given fact that the law answers has the values of its
// law column, in the same order: the last is the one that stands for "nobody
// knows", so the order matters.
func (l *lookup) column(d *syntax.FactDecl) {
	if d.Law == "" || l.lib.Shelf.Columns == nil {
		return
	}
	domain, ok := l.lib.Shelf.Columns[d.Law]
	if !ok {
		l.tell(d.Name.Pos, diag.UnknownReference, "there is no law column %q%s", d.Law,
			diag.DidYouMean(d.Law, slices.Sorted(maps.Keys(l.lib.Shelf.Columns))))
		return
	}
	if !slices.Equal(domain, valueNames(d)) {
		l.tell(d.Name.Pos, diag.UnknownValue, "the law column %q answers %s; give %q these values, in this order",
			d.Law, strings.Join(domain, " | "), d.Name.Text)
	}
}

func (l *lookup) role(name syntax.Name) {
	if !slices.Contains(Roles, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no role %q%s", name.Text, diag.DidYouMean(name.Text, Roles))
	}
}

func (l *lookup) roleOrLine(name syntax.Name) {
	known := append(slices.Clone(Roles), Lines...)
	if !slices.Contains(known, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no role or outside line %q to call%s", name.Text, diag.DidYouMean(name.Text, known))
	}
}

// links checks the links of a step's text.
func (l *lookup) links(s *syntax.Step) {
	for _, link := range s.Links() {
		switch link.Kind {
		case syntax.Call:
			l.roleOrLine(link.Name)
		case syntax.Notify:
			l.role(link.Name)
		case syntax.Policy:
			l.policy(link)
		case syntax.Law:
			if known := l.lib.Shelf.Laws; known != nil && !slices.Contains(known, link.Name.Text) {
				l.tell(link.Name.Pos, diag.UnknownReference, "there is no law topic %q%s", link.Name.Text, diag.DidYouMean(link.Name.Text, known))
			}
		case syntax.Handout:
			l.handout(link.Name)
		}
	}
}

func (l *lookup) policy(link *syntax.Link) {
	known := l.lib.Shelf.Policies
	if known == nil {
		return
	}
	clauses, ok := known[link.Name.Text]
	switch {
	case !ok:
		l.tell(link.Name.Pos, diag.UnknownReference, "there is no policy %q%s", link.Name.Text,
			diag.DidYouMean(link.Name.Text, slices.Sorted(maps.Keys(known))))
	case link.Clause != "" && !slices.Contains(clauses, link.Clause):
		l.tell(link.Name.Pos, diag.UnknownReference, "the policy %q has no clause %q%s", link.Name.Text, link.Clause,
			diag.DidYouMean(link.Clause, clauses))
	}
}

func (l *lookup) handout(name syntax.Name) {
	// national_lines exists in every library, whatever it has adopted.
	if known := l.lib.Shelf.Handouts; known != nil && name.Text != "national_lines" && !slices.Contains(known, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no handout %q%s", name.Text, diag.DidYouMean(name.Text, known))
	}
}

// where an expression stands decides what it may name.
type where int

const (
	anywhere where = iota // a rule
	inGuard               // a guard or `needs`: facts and milestones only
)

func (l *lookup) expr(e syntax.Expr, at where) {
	switch e := e.(type) {
	case nil:
	case *syntax.Or:
		l.expr(e.X, at)
		l.expr(e.Y, at)
	case *syntax.And:
		l.expr(e.X, at)
		l.expr(e.Y, at)
	case *syntax.Not:
		l.expr(e.X, at)
	case *syntax.Is:
		if d := l.fact(e.Fact); d != nil {
			for _, v := range e.Values {
				l.value(d, v)
			}
		}
	case *syntax.Bare:
		if d := l.fact(e.Fact); d != nil && !isYesNo(d) {
			l.tell(e.Fact.Pos, diag.UnknownValue, "%q is not a yes/no fact; write `%s is %s`, or another of its values: %s",
				e.Fact.Text, e.Fact.Text, d.Values[0].Text, strings.Join(valueNames(d), ", "))
		}
	case *syntax.Milestone:
		l.milestone(e)
	case *syntax.At:
		if at == inGuard {
			l.tell(e.Pos, diag.Syntax, "a guard may not ask where the walk stands; use a fact that is set on the way")
			return
		}
		l.stepRef(e.Step)
	case *syntax.Ended:
		if at == inGuard {
			l.tell(e.Pos, diag.Syntax, "a guard may not ask whether the walk has ended; a walk that has ended has no choices")
		}
	case *syntax.OutcomeIs:
		if at == inGuard {
			l.tell(e.Pos, diag.Syntax, "a guard may not ask for the outcome; a walk that has ended has no choices")
			return
		}
		known := l.lib.outcomes(l.n, map[string]bool{})
		for _, name := range e.Names {
			if !slices.Contains(known, name.Text) {
				l.tell(name.Pos, diag.UnknownReference, "no end has the outcome %q%s", name.Text, diag.DidYouMean(name.Text, known))
			}
		}
	}
}

// fact looks a fact up; it returns nil, and has told so, when there is none.
func (l *lookup) fact(name syntax.Name) *syntax.FactDecl {
	d := l.n.facts[name.Text]
	if d == nil {
		l.tell(name.Pos, diag.UnknownFact, "there is no fact %q here%s", name.Text, l.factHint(name.Text))
	}
	return d
}

func (l *lookup) factHint(name string) string {
	if hint := diag.DidYouMean(name, l.n.factNames()); hint != "" {
		return hint
	}
	return "; declare it under `facts:` or `given:` in the front matter"
}

func (l *lookup) value(d *syntax.FactDecl, v syntax.Name) {
	if _, ok := valueOf(d, v.Text); !ok {
		hint := diag.DidYouMean(v.Text, valueNames(d))
		l.tell(v.Pos, diag.UnknownValue, "%q has no value %q%s; its values are %s", d.Name.Text, v.Text, hint, strings.Join(valueNames(d), ", "))
	}
}

func (l *lookup) milestone(m *syntax.Milestone) {
	switch automaton.FactKind(m.Kind) {
	case automaton.Called:
		l.roleOrLine(m.Name)
	case automaton.Notified:
		l.role(m.Name)
	case automaton.Handed:
		l.handout(m.Name)
	case automaton.Recorded:
		known := l.lib.fields(l.n, map[string]bool{})
		if !slices.Contains(known, m.Name.Text) {
			l.tell(m.Name.Pos, diag.UnknownReference, "no step records a field %q%s", m.Name.Text, diag.DidYouMean(m.Name.Text, known))
		}
	}
}

// stepRef checks a step that a rule names, in this file or in a part's copy.
func (l *lookup) stepRef(ref syntax.StepRef) {
	n := l.n
	if ref.Part.Text != "" {
		if n = l.lib.partBelow(l.n, ref.Part.Text, map[string]bool{}); n == nil {
			l.tell(ref.Part.Pos, diag.UnknownTarget, "no part %q is used here%s", ref.Part.Text, diag.DidYouMean(ref.Part.Text, l.n.parts))
			return
		}
	}
	if ref.Quoted {
		if _, ok := n.stepByHeading(ref.Step.Text); !ok {
			l.tell(ref.Step.Pos, diag.UnknownTarget, "no step has the heading %q%s", ref.Step.Text, diag.DidYouMean(ref.Step.Text, n.headings()))
		}
		return
	}
	if _, ok := n.steps[ref.Step.Text]; !ok {
		l.tell(ref.Step.Pos, diag.UnknownTarget, "there is no step %q%s", ref.Step.Text, diag.DidYouMean(ref.Step.Text, n.stepIDs()))
	}
}

func (n *names) headings() []string {
	list := make([]string, len(n.file.Steps))
	for i, s := range n.file.Steps {
		list[i] = syntax.PlainText(s.Heading)
	}
	return list
}

// choice checks one choice, or one way back from a part.
func (l *lookup) choice(s *syntax.Step, c *syntax.Choice, way bool) {
	l.expr(c.Guard, inGuard)
	for _, a := range c.Assigns {
		l.assign(c, a)
	}
	switch c.Target.Kind {
	case syntax.ToStep:
		if _, ok := l.n.steps[c.Target.Name.Text]; !ok {
			l.tell(c.Target.Name.Pos, diag.UnknownTarget, "there is no step %q%s", c.Target.Name.Text,
				diag.DidYouMean(c.Target.Name.Text, l.n.stepIDs()))
		}
	case syntax.ToEnd:
		if c.Target.Owner.Text != "" {
			l.role(c.Target.Owner)
		}
		if o := c.Target.Opens; o.Text != "" {
			if e := l.lib.original(o.Text); e == nil || e.file.Front.Kind != syntax.Playbook {
				l.tell(o.Pos, diag.UnknownTarget, "there is no playbook %q to open next%s", o.Text, diag.DidYouMean(o.Text, l.lib.ids(syntax.Playbook)))
			}
		}
	case syntax.ToPart:
		l.part(c)
	}
	if c.Unsent {
		l.offTheRecord(c)
	}
}

// assign checks `fact = value`; `record = CLASS` on a link to a part raises
// the class of the record instead.
func (l *lookup) assign(c *syntax.Choice, a *syntax.Assign) {
	d := l.n.facts[a.Fact.Text]
	if d == nil && a.Fact.Text == "record" {
		switch {
		case c.Target.Kind != syntax.ToPart:
			l.tell(a.Fact.Pos, diag.Syntax, "only a link to a part may raise the record's class; put `record = %s` on such a link", a.Value.Text)
		case !slices.Contains(recordClasses, a.Value.Text):
			l.tell(a.Value.Pos, diag.UnknownValue, "there is no class of record %q%s; the classes are %s", a.Value.Text,
				diag.DidYouMean(a.Value.Text, recordClasses), strings.Join(recordClasses, ", "))
		}
		return
	}
	if d = l.fact(a.Fact); d == nil {
		return
	}
	if l.n.given[a.Fact.Text] {
		l.tell(a.Fact.Pos, diag.Syntax, "%q is given: the library's settings fix it, and no choice may set it", a.Fact.Text)
		return
	}
	l.value(d, a.Value)
}

var recordClasses = []string{
	string(automaton.NoRecord), string(automaton.Incident), string(automaton.Conduct), string(automaton.Demand), string(automaton.Abuse),
}

// part checks a link to a part and its ways back.
func (l *lookup) part(c *syntax.Choice) {
	id := c.Target.Name
	e := l.lib.original(id.Text)
	if e == nil {
		l.tell(id.Pos, diag.UnknownTarget, "there is no part %q in this library%s", c.Target.File, diag.DidYouMean(id.Text, l.lib.ids(syntax.Part)))
		return
	}
	if e.file.Front.Kind != syntax.Part {
		l.tell(id.Pos, diag.UnknownTarget, "%q is a %s, not a part; to send people there, end with its file as what they open next", c.Target.File, e.file.Front.Kind)
		return
	}
	if l.lib.leadsTo(id.Text, idOf(l.n.file), map[string]bool{}) {
		l.tell(id.Pos, diag.Syntax, "the part %q leads back to this file: parts may not use each other in a circle", c.Target.File)
		return
	}
	if l.lib.brokenBelow(id.Text, map[string]bool{}) {
		l.tell(id.Pos, diag.Syntax, "the part %q has mistakes of its own; mend them first, then this file can be proved", c.Target.File)
	}
	if len(c.Ways) == 0 {
		return
	}
	outcomes := l.lib.outcomes(l.lib.namesOf(e), map[string]bool{})
	var covered []string
	for _, w := range c.Ways {
		switch {
		case !slices.Contains(outcomes, w.Outcome.Text):
			l.tell(w.Outcome.Pos, diag.UnknownReference, "the part %q never ends with %q%s", c.Target.File, w.Outcome.Text, diag.DidYouMean(w.Outcome.Text, outcomes))
		case slices.Contains(covered, w.Outcome.Text):
			l.tell(w.Outcome.Pos, diag.Syntax, "there are two ways back for %q; keep one", w.Outcome.Text)
		}
		covered = append(covered, w.Outcome.Text)
	}
	for _, o := range outcomes {
		if !slices.Contains(covered, o) {
			l.tell(c.Pos, diag.Syntax, "the part %q can end with %q, but there is no way back for it; add `- [%s](#step)` below the link", c.Target.File, o, o)
		}
	}
}

// offTheRecord checks that from an `off the record` choice on nothing would be
// sent, written or counted.
func (l *lookup) offTheRecord(c *syntax.Choice) {
	const promise = "off the record nothing may be sent, written or counted: "
	if len(c.Assigns) > 0 {
		l.tell(c.Pos, diag.Syntax, promise+"this choice sets a fact")
	}
	if c.Target.Kind != syntax.ToStep {
		l.tell(c.Pos, diag.Syntax, promise+"this choice must lead to a step of this file")
		return
	}
	seen := map[int]bool{}
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		s := l.n.file.Steps[i]
		for _, link := range s.Links() {
			switch link.Kind {
			case syntax.Record, syntax.Notify, syntax.Call:
				l.tell(c.Pos, diag.Syntax, promise+"it leads to the step %q, which has a %s: link", s.ID, link.Kind)
			}
		}
		eachChoice(s, func(on *syntax.Choice, _ bool) {
			switch {
			case len(on.Assigns) > 0:
				l.tell(c.Pos, diag.Syntax, promise+"it leads to the step %q, which sets a fact", s.ID)
			case on.Target.Kind == syntax.ToPart:
				l.tell(c.Pos, diag.Syntax, promise+"it leads to the step %q, which goes on in a part", s.ID)
			case on.Target.Kind == syntax.ToEnd && on.Target.Name.Text != "unrecorded":
				l.tell(c.Pos, diag.Syntax, promise+"it leads to the end %q; the only end there may be is end:unrecorded", on.Target.Name.Text)
			case on.Target.Kind == syntax.ToStep:
				if j, ok := l.n.steps[on.Target.Name.Text]; ok {
					visit(j)
				}
			}
		})
	}
	if i, ok := l.n.steps[c.Target.Name.Text]; ok {
		visit(i)
	}
}

// halfAsked tells a step where some choices give a protected fact a value and
// some do not.
func (l *lookup) halfAsked(s *syntax.Step) {
	if s.Next == nil {
		return
	}
	for _, p := range l.n.file.Front.Protected {
		sets := 0
		for _, c := range s.Next.Choices {
			if assigns(c, p.Text) {
				sets++
			}
		}
		if sets > 0 && sets < len(s.Next.Choices) {
			l.tell(s.Pos, diag.HalfAsked, "%d of the %d choices give the protected fact %q a value; every choice must, \"I am not sure\" too",
				sets, len(s.Next.Choices), p.Text)
		}
	}
}

func assigns(c *syntax.Choice, fact string) bool {
	return slices.ContainsFunc(c.Assigns, func(a *syntax.Assign) bool { return a.Fact.Text == fact })
}
