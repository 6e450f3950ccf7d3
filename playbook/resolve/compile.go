package resolve

// How a file becomes a Program.
//
// Each link to a part is a copy of the part: its steps are added to the
// Program again, with the copy's own ways back. A copy sees its facts through
// a scope. A fact that a caller declares too is the caller's; a fact that only
// the part declares is its own and goes back to its first value on each entry.
// One variable serves every copy of one name and domain: the values it had in
// an earlier visit are overwritten on entry, so that nothing can leak.
//
// Compiling never fails. Where a name is unknown (and has been told), the
// choice is taken to lead where it was probably meant to, or out of the walk,
// and an unreadable guard is taken to be open. What is checked then can miss
// something; it cannot accuse a step of a mistake that was made elsewhere. No
// rule is proved on such a Program.

import (
	"fmt"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// maxSteps bounds a Program: parts within parts multiply.
const maxSteps = 100_000

// Compile resolves a file of the library: what its names mean, told problem by
// problem, and its Program. The problems include those that reading the file
// told. A translation is held against its original, whose Program it has.
// Compiled is nil only where there is nothing to compile: a file without
// steps, or a translation without a readable original.
func (l *Library) Compile(f *syntax.File) (*Compiled, []diag.Problem) {
	e := l.entryOf(f)
	if e == nil {
		l.Add(f, nil)
		e = l.entryOf(f)
	}
	problems := slices.Clone(e.read)
	if first := l.files[key{idOf(f), langOf(f)}]; first != e {
		problems = append(problems, diag.New(f.Name, f.Front.ID.Pos, diag.Syntax, "%s has the same id and language; an id is one file's in the library", first.file.Name))
	}
	if f.IsTranslation() {
		c, told := l.compileTranslation(f)
		return c, append(problems, told...)
	}
	n := l.namesOf(e)
	problems = append(problems, e.problems...)
	problems = append(problems, l.settings(f)...)
	if len(f.Steps) == 0 {
		return nil, problems
	}
	c := &compiler{lib: l, file: f, broken: e.broken, unreadable: unreadable(problems), program: &automaton.Program{}, facts: map[factKey]int{}, outcomes: map[string]int{}}
	compiled := c.compile(n)
	return compiled, append(problems, c.problems...)
}

// unreadable reports whether an expression, or a name in one, was not read.
func unreadable(problems []diag.Problem) bool {
	return slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Code == diag.Syntax || p.Code == diag.UnknownFact })
}

type factKey struct {
	kind   automaton.FactKind
	name   string
	domain string
}

type compiler struct {
	lib    *Library
	file   *syntax.File
	broken bool

	unreadable bool // some expression of the file could not be read
	program    *automaton.Program
	places     []Place
	facts      map[factKey]int
	outcomes   map[string]int
	named      map[int]bool // facts that some expression names
	promises   []*Promise
	problems   []diag.Problem
	tooBig     bool
}

func (c *compiler) tell(n *names, pos diag.Position, code diag.Code, format string, args ...any) {
	if n.file != c.file { // a part's own check tells it at its own place
		return
	}
	p := diag.New(n.file.Name, pos, code, format, args...)
	if !slices.ContainsFunc(c.problems, func(q diag.Problem) bool {
		return q.Pos == p.Pos && q.Code == p.Code && q.Message == p.Message
	}) {
		c.problems = append(c.problems, p)
	}
}

// copy is the file itself (caller nil) or one copy of a part.
type copyOf struct {
	names *names
	part  string // "" for the file itself
	base  int    // the number of its first step
	scope map[string]int
	ways  map[string]exit // nil: outcomes are the caller's own, or the file's
	up    *copyOf
	link  linkSite
}

// linkSite is the link in the checked file itself below which a copy hangs, so
// that problems which only the copy shows are told there.
type linkSite struct{ pos diag.Position }

// exit is where a walk goes when a part ends with some outcome.
type exit struct {
	set   []automaton.Assign
	to    int
	end   int
	owner string
	opens string
	raise automaton.Record
	// enters is the promise of the part that the way back leads into, or nil.
	enters *Promise
	needs  *automaton.Expr
}

func (c *compiler) compile(n *names) *Compiled {
	c.named = map[int]bool{}
	c.program.Record = recordClass(c.file)
	root := &copyOf{names: n, scope: map[string]int{}}
	c.declare(root, nil)
	c.instantiate(root)
	compiled := &Compiled{File: c.file, Program: c.program, Places: c.places}
	c.rules(root, compiled)
	for _, p := range c.promises {
		compiled.Keeps = append(compiled.Keeps, *p)
	}
	if c.file.Front.Needs != nil {
		compiled.Init = c.expr(root, c.file.Front.Needs)
		c.eachFact(compiled.Init, func(fact int) {
			if c.program.Facts[fact].Kind.IsMilestone() && !slices.Contains(compiled.FreeMilestones, fact) {
				compiled.FreeMilestones = append(compiled.FreeMilestones, fact)
			}
		})
		slices.Sort(compiled.FreeMilestones)
	}
	compiled.Named = make([]bool, len(c.program.Facts))
	for fact := range c.named {
		compiled.Named[fact] = true
	}
	return compiled
}

func recordClass(f *syntax.File) automaton.Record {
	switch {
	case f.Front.Record.Text != "":
		return automaton.Record(f.Front.Record.Text)
	case f.Front.Kind == syntax.Rehearsal:
		return automaton.NoRecord
	}
	return automaton.Incident
}

// declare fills a copy's scope: what it shares with its caller, and variables
// of its own. It returns the assignments that entering the copy makes.
func (c *compiler) declare(cp *copyOf, caller *copyOf) (resets []automaton.Assign) {
	f := cp.names.file
	for _, d := range f.Front.Given {
		if fact, ok := c.shared(cp, caller, d, automaton.Given); ok {
			cp.scope[d.Name.Text] = fact
			continue
		}
		cp.scope[d.Name.Text] = c.fact(automaton.Given, d)
	}
	for _, d := range f.Front.Facts {
		if cp.names.given[d.Name.Text] {
			continue
		}
		if fact, ok := c.shared(cp, caller, d, automaton.Walk); ok {
			cp.scope[d.Name.Text] = fact
			continue
		}
		fact := c.fact(automaton.Walk, d)
		cp.scope[d.Name.Text] = fact
		if caller != nil {
			resets = append(resets, automaton.Assign{Fact: fact})
		}
	}
	for _, p := range f.Front.Protected {
		if fact, ok := cp.scope[p.Text]; ok && caller == nil {
			c.program.Facts[fact].Protected = true
		}
	}
	return resets
}

// shared finds a fact of that name that a caller, or a caller's caller,
// declares, and tells when the two do not fit.
func (c *compiler) shared(cp, caller *copyOf, d *syntax.FactDecl, kind automaton.FactKind) (int, bool) {
	for up := caller; up != nil; up = up.up {
		fact, ok := up.scope[d.Name.Text]
		if !ok {
			continue
		}
		theirs := up.names.facts[d.Name.Text]
		have := c.program.Facts[fact]
		if have.Kind != kind || !slices.Equal(have.Values, valueNames(d)) {
			c.problems = append(c.problems, diag.New(c.file.Name, cp.link.pos, diag.Syntax,
				"the fact %q of the part %q is not the one declared in %s: give both the same kind and the same values (%s)",
				d.Name.Text, cp.part, up.names.file.Name, domainText(theirs)))
			c.broken = true
			return 0, false
		}
		return fact, true
	}
	return 0, false
}

func domainText(d *syntax.FactDecl) string {
	text := ""
	for i, v := range d.Values {
		if i > 0 {
			text += " | "
		}
		text += v.Text
	}
	return text
}

// fact returns the number of a variable, made on first use.
func (c *compiler) fact(kind automaton.FactKind, d *syntax.FactDecl) int {
	k := factKey{kind, d.Name.Text, domainText(d)}
	if i, ok := c.facts[k]; ok {
		return i
	}
	i := len(c.program.Facts)
	c.facts[k] = i
	c.program.Facts = append(c.program.Facts, automaton.Fact{Kind: kind, Name: d.Name.Text, Values: valueNames(d)})
	return i
}

// milestone returns the number of a milestone's fact, made on first use.
func (c *compiler) milestone(kind automaton.FactKind, name string) int {
	if name == "supervisor" {
		name = "in_charge"
	}
	k := factKey{kind: kind, name: name}
	if i, ok := c.facts[k]; ok {
		return i
	}
	i := len(c.program.Facts)
	c.facts[k] = i
	c.program.Facts = append(c.program.Facts, automaton.Fact{Kind: kind, Name: name, Values: []string{"no", "yes"}})
	return i
}

// instantiate adds the steps of a copy to the Program, then the copies below.
func (c *compiler) instantiate(cp *copyOf) {
	f := cp.names.file
	cp.base = len(c.program.Steps)
	for i, s := range f.Steps {
		id := s.ID
		if cp.part != "" {
			id = cp.part + "/" + s.ID
		}
		c.places = append(c.places, Place{File: f, Index: i, Step: s, ID: id, Part: cp.part})
		c.program.Steps = append(c.program.Steps, c.shell(s))
	}
	if len(c.program.Steps) > maxSteps {
		if !c.tooBig {
			c.tooBig, c.broken = true, true
			c.problems = append(c.problems, diag.New(c.file.Name, f.Front.Pos, diag.TooHard,
				"with all its copies of parts this playbook has more than %d steps; use fewer parts within parts", maxSteps))
		}
		return
	}
	for i, s := range f.Steps {
		if s.Next == nil {
			continue
		}
		step := automaton.Step{First: s.Next.Ordered}
		for _, ch := range s.Next.Choices {
			step.Choices = append(step.Choices, c.choice(cp, cp.base+i, len(step.Choices), ch))
		}
		c.program.Steps[cp.base+i].First = step.First
		c.program.Steps[cp.base+i].Choices = step.Choices
		c.program.Steps[cp.base+i].Swap = c.isSwap(step.Choices)
	}
}

// shell is a step without its choices.
func (c *compiler) shell(s *syntax.Step) automaton.Step {
	step := automaton.Step{Ticks: s.Ticks()}
	for _, link := range s.Links() {
		switch link.Kind {
		case syntax.Call:
			step.Makes = append(step.Makes, c.milestone(automaton.Called, link.Name.Text))
		case syntax.Notify:
			step.Makes = append(step.Makes, c.milestone(automaton.Notified, link.Name.Text))
		case syntax.Handout:
			step.Makes = append(step.Makes, c.milestone(automaton.Handed, link.Name.Text))
		case syntax.Record:
			step.Makes = append(step.Makes, c.milestone(automaton.Recorded, link.Name.Text))
			step.Fields = append(step.Fields, automaton.Field{
				Name: link.Name.Text, Type: link.Type, Options: len(link.Options), Deadline: link.Deadline})
		case syntax.Timer:
			step.Timers = append(step.Timers, link.Seconds)
		}
	}
	slices.Sort(step.Makes)
	step.Makes = slices.Compact(step.Makes)
	return step
}

// isSwap reports whether all choices give one protected fact a value.
func (c *compiler) isSwap(choices []automaton.Choice) bool {
	if len(choices) == 0 {
		return false
	}
	for fact := range c.program.Facts {
		if c.program.Facts[fact].Protected && !slices.ContainsFunc(choices, func(ch automaton.Choice) bool {
			return !slices.ContainsFunc(ch.Set, func(a automaton.Assign) bool { return a.Fact == fact })
		}) {
			return true
		}
	}
	return false
}

// choice compiles choice k of step s.
func (c *compiler) choice(cp *copyOf, s, k int, ch *syntax.Choice) automaton.Choice {
	out := automaton.Choice{Unsent: ch.Unsent}
	if ch.Guard != nil {
		guard, err := c.guard(cp, ch.Guard)
		if err != nil {
			c.broken = true
			c.tell(cp.names, ch.GuardText.Pos, diag.TooHard, "this condition comes to more than %d alternatives; split it over two steps, or set a fact that says the same", maxAlternatives)
		}
		out.Guard = guard
	}
	site := cp.link
	if cp.up == nil && cp.part == "" {
		site = linkSite{pos: ch.Pos}
	}
	x := c.exit(cp, ch, site)
	c.leave(cp, &x, ch)
	out.Set, out.To, out.End, out.Owner, out.Opens, out.Raise = x.set, x.to, x.end, x.owner, x.opens, x.raise
	if x.enters != nil {
		x.enters.Rules = append(x.enters.Rules, automaton.Rule{Kind: automaton.Keeps, E: x.needs, Step: s, Choice: k})
	}
	return out
}

// exit compiles where a choice, or a way back, leads, seen from the copy in
// which it is written; an end is not yet followed out of the copy.
func (c *compiler) exit(cp *copyOf, ch *syntax.Choice, site linkSite) exit {
	x := exit{end: -1, set: c.assigns(cp, ch)}
	for _, a := range ch.Assigns {
		if a.Fact.Text == "record" && cp.names.facts["record"] == nil {
			x.raise = automaton.Record(a.Value.Text)
		}
	}
	switch ch.Target.Kind {
	case syntax.ToStep:
		x.to = c.stepTarget(cp, ch.Target.Name.Text, &x)
	case syntax.ToPart:
		c.enter(cp, ch, site, &x)
	default: // an end is resolved by leave; an unreadable target leaves the walk
		x.end = -2
	}
	return x
}

// stepTarget finds the step a choice means; for a name that is not there, the
// nearest one, or none.
func (c *compiler) stepTarget(cp *copyOf, id string, x *exit) int {
	i, ok := cp.names.steps[id]
	if !ok {
		if near := diag.Nearest(id, cp.names.stepIDs()); near != "" {
			i, ok = cp.names.steps[near]
		}
	}
	if !ok {
		x.end = -2
		return 0
	}
	return cp.base + i
}

// leave follows an end: out of the walk, or to the copy's way back for it.
func (c *compiler) leave(cp *copyOf, x *exit, ch *syntax.Choice) {
	if x.end != -2 {
		return
	}
	if ch.Target.Kind != syntax.ToEnd {
		x.end = c.outcome("?")
		return
	}
	outcome := ch.Target.Name.Text
	for up := cp; up != nil; up = up.up {
		if up.ways == nil {
			continue
		}
		if way, ok := up.ways[outcome]; ok {
			x.set = append(x.set, way.set...)
			x.to, x.end, x.owner, x.opens = way.to, way.end, way.owner, way.opens
			x.raise, x.enters, x.needs = way.raise, way.enters, way.needs
			return
		}
		break // a missing way back has been told
	}
	x.end = c.outcome(outcome)
	x.owner, x.opens = ch.Target.Owner.Text, ch.Target.Opens.Text
}

func (c *compiler) outcome(name string) int {
	if i, ok := c.outcomes[name]; ok {
		return i
	}
	i := len(c.program.Outcomes)
	c.outcomes[name] = i
	c.program.Outcomes = append(c.program.Outcomes, name)
	return i
}

func (c *compiler) assigns(cp *copyOf, ch *syntax.Choice) []automaton.Assign {
	var set []automaton.Assign
	for _, a := range ch.Assigns {
		fact, ok := cp.scope[a.Fact.Text]
		if !ok || c.program.Facts[fact].Kind != automaton.Walk {
			continue
		}
		if v, ok := valueOf(cp.names.facts[a.Fact.Text], a.Value.Text); ok {
			set = append(set, automaton.Assign{Fact: fact, Value: v})
		}
	}
	return set
}

// enter makes the copy of a part that a choice leads into.
func (c *compiler) enter(cp *copyOf, ch *syntax.Choice, site linkSite, x *exit) {
	e := c.lib.original(ch.Target.Name.Text)
	if e == nil || e.file.Front.Kind != syntax.Part || len(e.file.Steps) == 0 || c.tooBig || c.inCircle(cp, idOf(e.file)) {
		x.end = -2
		return
	}
	n := c.lib.namesOf(e)
	child := &copyOf{names: n, part: idOf(e.file), scope: map[string]int{}, up: cp, link: site}
	x.set = append(x.set, c.declare(child, cp)...)
	if len(ch.Ways) > 0 {
		child.ways = map[string]exit{}
		for _, w := range ch.Ways {
			way := c.exit(cp, w.Choice, site)
			c.leave(cp, &way, w.Choice)
			child.ways[w.Outcome.Text] = way
		}
	}
	c.instantiate(child)
	x.to = child.base
	if n.file.Front.Needs != nil {
		x.needs = c.expr(child, n.file.Front.Needs)
		x.enters = &Promise{Part: child.part, Text: n.file.Front.NeedsText.Text, Pos: site.pos}
		c.promises = append(c.promises, x.enters)
	}
}

func (c *compiler) inCircle(cp *copyOf, id string) bool {
	for up := cp; up != nil; up = up.up {
		if idOf(up.names.file) == id {
			return true
		}
	}
	return false
}

func (l *Library) settings(f *syntax.File) []diag.Problem {
	var problems []diag.Problem
	for _, d := range f.Front.Given {
		for _, e := range l.order {
			if e.file == f {
				break // told once, in the later file
			}
			i := slices.IndexFunc(e.file.Front.Given, func(o *syntax.FactDecl) bool { return o.Name.Text == d.Name.Text })
			if i >= 0 && !sameDomain(e.file.Front.Given[i], d) {
				problems = append(problems, diag.New(f.Name, d.Name.Pos, diag.Syntax,
					"the given fact %q has other values in %s (%s); one name is one setting of the whole library",
					d.Name.Text, e.file.Name, domainText(e.file.Front.Given[i])))
				break
			}
		}
	}
	return problems
}

// String names a place as stories do.
func (p Place) String() string { return fmt.Sprintf("%s:%d %s", p.File.Name, p.Step.Pos.Line, p.ID) }
