package verify

import (
	"math/bits"
	"slices"

	"roundtable/playbook/automaton"
)

// What is settled before any search: which values a variable can have at a
// place, each variable taken for itself. It is an easy question, and its answer
// may list too many values but never too few. A variable that can have only one
// value at a place need not be kept there: in a long questionnaire nearly every
// question has not been asked yet. A condition that every possible value meets,
// or none, is no longer a condition.

// settled are the values that each variable can have at each place, len(size)
// sets a place; nil where nobody has found out.
type settled []automaton.Set

// mostSettled bounds the size of the table. Past it nothing is settled, which
// makes the search harder and nothing wrong.
const mostSettled = 1 << 25

// settle finds out what values variables can have, and simplifies the
// conditions of edges by it.
func (m *machine) settle() {
	n := len(m.size)
	if len(m.places) == 0 || len(m.places)*n > mostSettled {
		return
	}
	m.can = make(settled, len(m.places)*n)
	m.begin()
	reached := make([]bool, len(m.places))
	dirty := make([]bool, len(m.places))
	reached[0], dirty[0] = true, true
	order := m.postOrder()
	slices.Reverse(order)
	out := make([]automaton.Set, n)
	for again := true; again; {
		again = false
		for _, p := range order {
			if dirty[p] {
				dirty[p] = false
				again = true
				m.spill(int(p), out, reached, dirty)
			}
		}
	}
	for p := range m.places {
		for i := range m.places[p].edges {
			e := &m.places[p].edges[i]
			switch cond := m.simplify(p, e.cond); {
			case !reached[p]:
			case m.places[p].first && i > 0 && m.closes(p, i):
				e.cond = never
			case cond == always:
				e.cond = nil
			default:
				e.cond = cond
			}
		}
	}
}

// closes reports whether an earlier edge is always open.
func (m *machine) closes(p, i int) bool {
	return slices.ContainsFunc(m.places[p].edges[:i], func(e edge) bool { return e.cond == nil })
}

// values are those that variables can have at a place; nil when not known.
func (m *machine) values(p int) []automaton.Set {
	if m.can == nil {
		return nil
	}
	n := len(m.size)
	return m.can[p*n : (p+1)*n : (p+1)*n]
}

// begin settles what variables can have where walks start.
func (m *machine) begin() {
	at := m.values(0)
	for v := range at {
		at[v] = 1
		if m.start.free[v] {
			at[v] = automaton.Full(m.size[v])
		}
	}
	for v, of := range m.start.copyOf {
		if of >= 0 {
			at[v] = at[of]
		}
	}
	for _, a := range m.start.enter {
		at[a.v] = 1 << a.value
	}
}

// spill carries what variables can have at a place along its edges.
func (m *machine) spill(p int, out []automaton.Set, reached, dirty []bool) {
	for i := range m.places[p].edges {
		e := &m.places[p].edges[i]
		cond := m.simplify(p, e.cond)
		if cond == never {
			continue
		}
		copy(out, m.values(p))
		narrow(out, cond)
		for _, a := range e.set {
			out[a.v] = 1 << a.value
		}
		into := m.values(int(e.to))
		changed := !reached[e.to]
		reached[e.to] = true
		for v, set := range out {
			if set&^into[v] != 0 {
				into[v] |= set
				changed = true
			}
		}
		if changed {
			dirty[e.to] = true
		}
		if cond == always && m.places[p].first {
			return
		}
	}
}

// narrow leaves of the values those that pass the condition, where it is one
// test or all of several.
func narrow(values []automaton.Set, cond *automaton.Expr) {
	switch cond.Op {
	case automaton.FactIn:
		values[cond.Fact] &= cond.In
	case automaton.And:
		for _, a := range cond.Args {
			narrow(values, a)
		}
	}
}

// simplify is an expression by what variables can have at a place; never nil.
func (m *machine) simplify(p int, e *automaton.Expr) *automaton.Expr {
	if e == nil {
		return always
	}
	can := m.values(p)
	if can == nil || e.Op == automaton.True || e.Op == automaton.False {
		return e
	}
	return rewrite(e, func(l *automaton.Expr) *automaton.Expr {
		switch {
		case l.Op != automaton.FactIn:
			return nil
		case l.In&can[l.Fact] == 0:
			return never
		case can[l.Fact]&^l.In == 0:
			return always
		}
		return nil
	})
}

func (m *machine) simplifyAll(by byPlace) byPlace {
	if by == nil {
		return nil
	}
	out := make(byPlace, len(by))
	for p, e := range by {
		out[p] = m.simplify(p, e)
	}
	return out
}

// isFixed reports whether a variable can have only one value at a place, and
// which.
func (m *machine) isFixed(p, v int) (value uint8, fixed bool) {
	can := m.values(p)
	switch {
	case can == nil || can[v]&(can[v]-1) != 0:
		return 0, false
	case can[v] == 0: // nobody comes here
		return 0, true
	}
	return uint8(bits.TrailingZeros64(uint64(can[v]))), true
}
