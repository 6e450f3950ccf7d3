package resolve

import (
	"slices"
	"strings"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// copyOf is the file itself (up is nil) or one copy of a part.
type copyOf struct {
	names *names
	part  string // "" for the file itself
	base  int    // the number of its first step
	scope map[string]int
	ways  map[string]exit // nil: outcomes are the caller's own, or the file's
	up    *copyOf
	link  diag.Position // the link in the file itself below which the copy hangs
}

// declare fills a copy's scope: what it shares with its caller, and variables
// of its own. It returns the assignments that entering the copy makes.
func (c *compiler) declare(cp *copyOf, caller *copyOf) (resets []automaton.Assign) {
	f := cp.names.file
	for _, d := range f.Front.Given {
		fact, ok := c.shared(cp, caller, d, automaton.Given)
		if !ok {
			fact = c.fact(automaton.Given, d)
		}
		cp.scope[d.Name.Text] = fact
	}
	for _, d := range f.Front.Facts {
		if cp.names.given[d.Name.Text] {
			continue
		}
		fact, ok := c.shared(cp, caller, d, automaton.Walk)
		if !ok {
			fact = c.fact(automaton.Walk, d)
			if caller != nil {
				resets = append(resets, automaton.Assign{Fact: fact})
			}
		}
		cp.scope[d.Name.Text] = fact
	}
	for _, p := range f.Front.Protected {
		if fact, ok := cp.scope[p.Text]; ok { // protected in a part is protected wherever the part is used
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
		have := c.program.Facts[fact]
		if len(d.Values) == 0 || have.Values[0] == noValue {
			return 0, false // one of the two could not be read, and that has been told
		}
		if have.Kind != kind || !slices.Equal(have.Values, valueNames(d)) {
			c.tell(cp.link, diag.Syntax, "the fact %q of the part %q is not the one declared in %s: give both the same kind and the same values (%s)",
				d.Name.Text, cp.part, up.names.file.Name, domainText(up.names.facts[d.Name.Text]))
			return 0, false
		}
		return fact, true
	}
	return 0, false
}

func domainText(d *syntax.FactDecl) string { return strings.Join(valueNames(d), " | ") }

// instantiate adds the steps of a copy to the Program, then the copies below.
func (c *compiler) instantiate(cp *copyOf) {
	f := cp.names.file
	cp.base = len(c.program.Steps)
	for i, s := range f.Steps {
		id := s.ID
		if cp.part != "" {
			id = cp.part + "/" + s.ID
		}
		c.places = append(c.places, Place{File: f, Index: i, Step: s, ID: id, Part: cp.part, Link: cp.link})
		c.program.Steps = append(c.program.Steps, c.shell(s))
		c.always = append(c.always, c.alwaysSet(cp, s))
	}
	if !c.grow(0) {
		return
	}
	for i, s := range f.Steps {
		if s.Next != nil {
			c.choices(cp, cp.base+i, s.Next)
		}
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
	c.grow(len(step.Makes) + len(step.Fields) + len(step.Timers))
	return step
}

// choices compiles the choices of step number s.
func (c *compiler) choices(cp *copyOf, s int, next *syntax.Next) {
	choices := make([]automaton.Choice, 0, len(next.Choices))
	guessed := false // some condition is taken to be open, whatever it says
	for k, ch := range next.Choices {
		if c.tooBig {
			return
		}
		choice, open := c.choice(cp, s, k, ch)
		guessed = guessed || open
		choices = append(choices, choice)
	}
	c.program.Steps[s].Choices = choices
	c.program.Steps[s].First = next.Ordered && !guessed // else it would keep those below from being taken
}

// alwaysSet lists the facts to which every choice of a step, as it is written,
// gives a value.
func (c *compiler) alwaysSet(cp *copyOf, s *syntax.Step) []int {
	if s.Next == nil || len(s.Next.Choices) == 0 {
		return nil
	}
	var facts []int
	for _, first := range s.Next.Choices[0].Assigns {
		fact, ok := cp.scope[first.Fact.Text]
		if ok && !slices.ContainsFunc(s.Next.Choices, func(ch *syntax.Choice) bool { return !assigns(ch, first.Fact.Text) }) {
			facts = append(facts, fact)
		}
	}
	return facts
}

func assigns(c *syntax.Choice, fact string) bool {
	return slices.ContainsFunc(c.Assigns, func(a *syntax.Assign) bool { return a.Fact.Text == fact })
}

// enter makes the copy of a part that a choice leads into.
func (c *compiler) enter(cp *copyOf, ch *syntax.Choice, link diag.Position, x *exit) {
	n := c.lib.partOf(ch.Target.Name.Text)
	if n == nil || len(n.file.Steps) == 0 || c.tooBig || inCircle(cp, n) {
		x.end = nowhere
		c.doubt.Hidden = true // where the part would have led is not known
		return
	}
	child := &copyOf{names: n, part: idOf(n.file), scope: map[string]int{}, up: cp, link: link}
	x.set = append(x.set, c.declare(child, cp)...)
	if len(ch.Ways) > 0 {
		child.ways = map[string]exit{}
		for _, w := range ch.Ways {
			at := link
			if cp.up == nil {
				at = w.Choice.Pos
			}
			way := c.exit(cp, w.Choice, at)
			c.leave(cp, &way, w.Choice)
			child.ways[w.Outcome.Text] = way
		}
	}
	c.instantiate(child)
	x.to = child.base
	if n.file.Front.Needs != nil {
		x.needs = c.expr(child, n.file.Front.Needs)
		x.enters = &Promise{Part: child.part, Text: n.file.Front.NeedsText.Text, Pos: link}
		c.promises = append(c.promises, x.enters)
	}
}

func inCircle(cp *copyOf, n *names) bool {
	for up := cp; up != nil; up = up.up {
		if up.names == n {
			return true
		}
	}
	return false
}

// protect marks swap steps, and tells of copies of parts what can be seen only
// in the whole: half-asked steps, and ways back that are not off the record.
func (c *compiler) protect(root *copyOf) {
	for s := range c.program.Steps {
		step := &c.program.Steps[s]
		step.Swap = slices.ContainsFunc(c.always[s], func(fact int) bool { return c.program.Facts[fact].Protected })
		if c.places[s].Part == "" {
			continue
		}
		for _, p := range c.file.Front.Protected {
			if fact, ok := root.scope[p.Text]; ok {
				c.halfAsked(s, fact)
			}
		}
		for k := range step.Choices {
			if step.Choices[k].Unsent && step.Choices[k].End < 0 {
				c.offTheRecord(s, step.Choices[k].To)
			}
		}
	}
}

// halfAsked tells a step of a part where some choices give a protected fact of
// the file a value, be it by a way back, and some do not.
func (c *compiler) halfAsked(s, fact int) {
	choices := c.program.Steps[s].Choices
	sets := 0
	for k := range choices {
		if slices.ContainsFunc(choices[k].Set, func(a automaton.Assign) bool { return a.Fact == fact }) {
			sets++
		}
	}
	if sets > 0 && sets < len(choices) {
		c.tell(c.places[s].Link, diag.HalfAsked, "in the part's step %q, %d of the %d choices give the protected fact %q a value; every choice must, \"I am not sure\" too",
			c.places[s].ID, sets, len(choices), c.program.Facts[fact].Name)
	}
}

// offTheRecord tells where an `off the record` choice of a part leads back, in
// this file, to what would be sent, written or counted.
func (c *compiler) offTheRecord(from, to int) {
	part := c.places[from].Part
	if c.lib.brokenBelow(part) {
		return
	}
	seen := map[int]bool{to: true}
	todo := []int{to}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, m := range c.program.Steps[s].Makes {
			if c.program.Facts[m].Kind != automaton.Handed {
				c.tell(c.places[from].Link, diag.Syntax, offRecord+"the part %q leads off the record, and back to the step %q, which has a call:, notify: or record: link", part, c.places[s].ID)
			}
		}
		for k := range c.program.Steps[s].Choices {
			ch := &c.program.Steps[s].Choices[k]
			switch {
			case len(ch.Set) > 0:
				c.tell(c.places[from].Link, diag.Syntax, offRecord+"the part %q leads off the record, and from the step %q on a fact is set", part, c.places[s].ID)
			case ch.End >= 0 && c.program.Outcomes[ch.End] != unrecorded:
				c.tell(c.places[from].Link, diag.Syntax, offRecord+"the part %q leads off the record, and back to the end %q; the only end there may be is end:%s",
					part, c.program.Outcomes[ch.End], unrecorded)
			case ch.End < 0 && !seen[ch.To]:
				seen[ch.To] = true
				todo = append(todo, ch.To)
			}
		}
	}
}
