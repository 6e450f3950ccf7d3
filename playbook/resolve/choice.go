package resolve

import (
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// exit is where a walk goes when a choice is taken, or when a part ends with
// some outcome.
type exit struct {
	set   []automaton.Assign
	to    int
	end   int
	owner string
	opens string
	raise automaton.Record
	// enters is the promise of the part that the way leads into, or nil.
	enters *Promise
	needs  *automaton.Expr
}

// nowhere stands in exit.end until leave has followed the end, or for a target
// that is not there: it leaves the walk.
const nowhere = -2

// choice compiles choice k of step s. open reports that its condition is taken
// to hold, whatever it says.
func (c *compiler) choice(cp *copyOf, s, k int, ch *syntax.Choice) (out automaton.Choice, open bool) {
	out.Unsent = ch.Unsent
	out.Guard, open = c.guardOf(cp, ch)
	link := cp.link
	if cp.up == nil {
		link = ch.Pos
	}
	x := c.exit(cp, ch, link)
	c.leave(cp, &x, ch)
	out.Set, out.To, out.End, out.Owner, out.Opens, out.Raise = x.set, x.to, x.end, x.owner, x.opens, x.raise
	if x.enters != nil {
		x.enters.Rules = append(x.enters.Rules, automaton.Rule{Kind: automaton.Keeps, E: x.needs, Step: s, Choice: k})
	}
	guessed := cp.names.isGuessed(ch)
	c.doubt.Led = c.doubt.Led || guessed
	if open || guessed {
		c.doubt.add(s, k)
	}
	c.grow(1 + len(out.Set) + guardSize(out.Guard))
	return out, open
}

// guardOf compiles the condition of a choice. One that could not be read, names
// what is not there, stands beside otherwise or has too many alternatives is open.
func (c *compiler) guardOf(cp *copyOf, ch *syntax.Choice) (guard automaton.Guard, open bool) {
	switch {
	case ch.Guard == nil:
		return nil, ch.GuardText.Pos.IsValid()
	case ch.Otherwise || cp.names.isWrong(ch.Guard): // not both if and otherwise, which has been told
		c.expr(cp, ch.Guard) // for what it names
		return nil, true
	}
	guard, err := c.guard(cp, ch.Guard)
	if err == nil {
		return guard, false
	}
	const advice = "split it over two steps, or set a fact that says the same"
	if cp.up == nil {
		c.tell(ch.GuardText.Pos, diag.TooHard, "this condition %v; %s", err, advice)
	} else {
		c.tell(cp.link, diag.TooHard, "a condition in the part %q (%s, line %d) %v; %s",
			cp.part, cp.names.file.Name, ch.GuardText.Pos.Line, err, advice)
	}
	return nil, true
}

// exit compiles where a choice, or a way back, leads, seen from the copy in
// which it is written; an end is not yet followed out of the copy.
func (c *compiler) exit(cp *copyOf, ch *syntax.Choice, link diag.Position) exit {
	x := exit{end: -1, set: c.assigns(cp, ch)}
	for _, a := range ch.Assigns {
		if a.Fact.Text == "record" && cp.names.facts["record"] == nil {
			x.raise = automaton.Record(a.Value.Text)
		}
	}
	switch ch.Target.Kind {
	case syntax.ToStep:
		if i, ok := cp.names.step(ch.Target.Name.Text); ok {
			x.to = cp.base + i
			return x
		}
	case syntax.ToPart:
		c.enter(cp, ch, link, &x)
		return x
	}
	x.end = nowhere
	return x
}

// step finds the step that a choice means: for a name that is not there, the
// nearest one, if there is one.
func (n *names) step(id string) (int, bool) {
	i, ok := n.steps[id]
	if !ok {
		i, ok = n.steps[n.meant[id]]
	}
	return i, ok
}

// leave follows an end: out of the walk, or to the copy's way back for it.
func (c *compiler) leave(cp *copyOf, x *exit, ch *syntax.Choice) {
	if x.end != nowhere {
		return
	}
	if ch.Target.Kind != syntax.ToEnd {
		x.end = c.outcome("?")
		return
	}
	outcome := ch.Target.Name.Text
	up := cp
	for up != nil && up.ways == nil { // without ways back, the outcome is the caller's own
		up = up.up
	}
	if up != nil {
		if way, ok := up.ways[outcome]; ok {
			x.set = append(x.set, way.set...)
			x.to, x.end, x.owner, x.opens = way.to, way.end, way.owner, way.opens
			x.raise, x.enters, x.needs = way.raise, way.enters, way.needs
			return
		}
		c.doubt.Hidden = true // there is no way back for it, which has been told
	}
	x.end = c.outcome(outcome)
	x.owner, x.opens = roleName(ch.Target.Owner.Text), ch.Target.Opens.Text
}

func (c *compiler) assigns(cp *copyOf, ch *syntax.Choice) []automaton.Assign {
	var set []automaton.Assign
	for _, a := range ch.Assigns {
		name := a.Fact.Text
		if near := cp.names.meantFact[name]; near != "" {
			name = near
		}
		fact, ok := cp.scope[name]
		if !ok || c.program.Facts[fact].Kind != automaton.Walk {
			continue
		}
		d := cp.names.facts[name]
		v, ok := valueOf(d, a.Value.Text)
		if !ok {
			v, ok = valueOf(d, diag.Nearest(a.Value.Text, valueNames(d)))
		}
		if ok {
			set = append(set, automaton.Assign{Fact: fact, Value: v})
		} else {
			c.doubt.Hidden = true // which value was meant is not known
		}
	}
	return set
}

func guardSize(g automaton.Guard) int {
	n := len(g)
	for _, tests := range g {
		n += len(tests)
	}
	return n
}

// eachName calls visit for the place of every name in a condition.
func eachName(e syntax.Expr, visit func(diag.Position)) {
	names := func(list ...syntax.Name) {
		for _, n := range list {
			visit(n.Pos)
		}
	}
	switch e := e.(type) {
	case *syntax.Or:
		eachName(e.X, visit)
		eachName(e.Y, visit)
	case *syntax.And:
		eachName(e.X, visit)
		eachName(e.Y, visit)
	case *syntax.Not:
		eachName(e.X, visit)
	case *syntax.Is:
		names(e.Fact)
		names(e.Values...)
	case *syntax.Bare:
		names(e.Fact)
	case *syntax.Milestone:
		names(e.Name)
	}
}

// isWrong reports whether a condition names something that is not there, or
// asks for what a condition may not.
func (n *names) isWrong(e syntax.Expr) bool {
	wrong := false
	eachName(e, func(pos diag.Position) { wrong = wrong || n.wrong[pos] })
	return wrong || asksWhere(e)
}

// asksWhere reports whether an expression asks where the walk stands, which a
// guard may not (and that has been told).
func asksWhere(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Or:
		return asksWhere(e.X) || asksWhere(e.Y)
	case *syntax.And:
		return asksWhere(e.X) || asksWhere(e.Y)
	case *syntax.Not:
		return asksWhere(e.X)
	case *syntax.At, *syntax.Ended, *syntax.OutcomeIs:
		return true
	}
	return false
}

// isGuessed reports whether an assignment or the target of a choice, or of a
// way back below it, is not what is written, but what was probably meant.
func (n *names) isGuessed(ch *syntax.Choice) bool {
	return ch.Target.Kind == syntax.NoTarget || n.wrong[ch.Target.Name.Pos] || n.setsWrong(ch) ||
		slices.ContainsFunc(ch.Ways, func(w *syntax.Way) bool { return n.wrong[w.Outcome.Pos] || n.isGuessed(w.Choice) })
}

// setsWrong reports whether a choice gives a value that is not there, or gives
// it to a fact that is not there.
func (n *names) setsWrong(ch *syntax.Choice) bool {
	return slices.ContainsFunc(ch.Assigns, func(a *syntax.Assign) bool { return n.wrong[a.Fact.Pos] || n.wrong[a.Value.Pos] })
}
