package verify

import "roundtable/playbook/automaton"

// plan is how a rule is proved: what kind of question it comes to, on which
// machine.
type plan struct {
	m *machine

	// A search asks whether a walk comes to a state in which goal holds without
	// going on from one in which stop holds. With trigger and release, which
	// come together, goal counts only while something is pending: from a state
	// in which trigger holds to the next in which release does.
	goal, stop       byPlace
	trigger, release byPlace

	// A trap question asks for a reachable state in which among holds and from
	// which no walk reaches one in which target does.
	among, target byPlace

	// spoken is what the rule speaks of: where no reachable state has it, the
	// rule is empty. nil: the rule is never said to be empty.
	spoken byPlace

	choice int // of Keeps: the choice that ends the story; else -1
}

func (q *plan) isTrap() bool { return q.target != nil }

// reads are the expressions that a slice for the plan must be able to tell.
func (q *plan) reads() []byPlace {
	return []byPlace{q.goal, q.stop, q.trigger, q.release, q.among, q.target}
}

// cut makes the slice on which the plan can be answered. A trap question needs
// all that can happen from a state on, a search only what leads to its goal.
func (q *plan) cut() *slice {
	if q.isTrap() {
		return q.m.cut(nil, q.reads()...)
	}
	return q.m.cut(q.m.towards(q.goal, q.stop), q.reads()...)
}

// plan works out how to prove a rule.
func (c *checker) plan(r automaton.Rule) *plan {
	q := &plan{m: c.m, choice: -1}
	at := func(e *automaton.Expr) byPlace { return workOut(c.p, e) }
	switch r.Kind {
	case automaton.Never:
		q.goal = at(r.E)
		if r.F != nil {
			q.spoken = q.goal
			q.goal = combine(and, q.goal, negate(at(r.F)))
		}
	case automaton.EveryEnd:
		q.goal = combine(and, at(ended), negate(at(r.E)))
	case automaton.Before:
		q.stop = at(r.E)
		q.spoken = at(r.F)
		q.goal = combine(and, q.spoken, negate(q.stop))
	case automaton.LeadsTo:
		q.spoken = at(r.E)
		q.release = at(r.F)
		q.trigger = combine(and, q.spoken, negate(q.release))
		q.goal = at(ended)
	case automaton.EveryPathEnds:
		q.among, q.target = at(running), at(ended)
	case automaton.StaysPossible:
		q.among, q.target = combine(and, at(running), at(r.F)), at(r.E)
	case automaton.Keeps:
		q.goal = c.breaks(r)
		q.choice = r.Choice
	case automaton.NeutralAbout:
		q.m, q.goal = c.twins(r.Fact) // no machine: it is proved
	}
	if q.m != nil {
		for _, by := range []*byPlace{&q.goal, &q.stop, &q.trigger, &q.release, &q.among, &q.target, &q.spoken} {
			*by = q.m.simplifyAll(*by)
		}
	}
	return q
}

var (
	ended   = &automaton.Expr{Op: automaton.Ended}
	running = &automaton.Expr{Op: automaton.Not, Args: []*automaton.Expr{ended}}
)

// breaks is what must hold, place by place, for a choice to be open and to
// break the promise E by what it assigns.
func (c *checker) breaks(r automaton.Rule) byPlace {
	step := &c.p.Steps[r.Step]
	value := map[int]int{}
	for _, a := range step.Choices[r.Choice].Set {
		value[a.Fact] = a.Value
	}
	after := rewrite(r.E, func(l *automaton.Expr) *automaton.Expr {
		v, set := value[l.Fact]
		switch {
		case l.Op != automaton.FactIn:
			return nil
		case set:
			return truth(l.In.Has(v))
		}
		return in(c.m.size[l.Fact], l.Fact, l.In)
	})
	goal := make(byPlace, len(c.m.places))
	for i := range goal {
		goal[i] = never
	}
	goal[r.Step] = and(c.m.isOpen(r.Step, r.Choice), not(after))
	return goal
}

// isOpen is the condition for an edge to be the one, or one, that can be taken.
func (m *machine) isOpen(p, i int) *automaton.Expr {
	pl := &m.places[p]
	open := []*automaton.Expr{pl.edges[i].cond}
	if pl.first {
		for j := range i {
			open = append(open, not(pl.edges[j].cond))
		}
	}
	return and(open...)
}
