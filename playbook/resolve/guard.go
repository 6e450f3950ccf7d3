package resolve

import (
	"errors"
	"fmt"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// A condition of a few lines could become a table of millions, or take hours to
// be brought into a short one.
const (
	maxAlternatives = 1024    // of one guard
	maxGuardWork    = 1 << 25 // comparisons for one guard
	maxWork         = 1 << 28 // comparisons for all guards of a Program
)

var (
	errAlternatives = fmt.Errorf("comes to more than %d alternatives", maxAlternatives)
	errWork         = errors.New("takes too long to be brought into alternatives")
)

// guards brings conditions into alternatives. It counts its work.
type guards struct {
	facts     []automaton.Fact
	work, max int
}

// guard compiles a condition to its alternatives.
func (c *compiler) guard(cp *copyOf, e syntax.Expr) (automaton.Guard, error) {
	x := c.expr(cp, e)
	b := guards{facts: c.program.Facts, max: min(maxGuardWork, maxWork-c.work)}
	g, err := b.alternatives(x, false)
	c.work += b.work
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(g, func(tests []automaton.Test) bool { return len(tests) == 0 }) {
		return nil, nil // always open
	}
	return g, nil
}

// alternatives brings an expression over facts into a list of alternatives;
// negated asks for those of its opposite.
func (b *guards) alternatives(e *automaton.Expr, negated bool) (automaton.Guard, error) {
	switch e.Op {
	case automaton.Not:
		return b.alternatives(e.Args[0], !negated)
	case automaton.FactIn:
		return b.test(e, negated), nil
	case automaton.And, automaton.Or:
		all := (e.Op == automaton.And) != negated
		g := automaton.Guard{}
		if all {
			g = automaton.Guard{nil}
		}
		for _, arg := range e.Args {
			h, err := b.alternatives(arg, negated)
			if err != nil {
				return nil, err
			}
			if all {
				g, err = b.product(g, h)
			} else {
				g, err = b.sum(g, h)
			}
			if err != nil {
				return nil, err
			}
		}
		return g, nil
	}
	// Nothing else stands in a guard that is compiled.
	return automaton.Guard{nil}, nil
}

func (b *guards) test(e *automaton.Expr, negated bool) automaton.Guard {
	full := automaton.Full(len(b.facts[e.Fact].Values))
	in := e.In & full
	if negated {
		in = full &^ in
	}
	switch in {
	case 0:
		return automaton.Guard{}
	case full:
		return automaton.Guard{nil}
	}
	return automaton.Guard{{{Fact: e.Fact, In: in}}}
}

func (b *guards) sum(g, h automaton.Guard) (out automaton.Guard, err error) {
	out = slices.Clone(g)
	for _, a := range h {
		if out, err = b.add(out, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *guards) product(g, h automaton.Guard) (out automaton.Guard, err error) {
	out = automaton.Guard{}
	for _, x := range g {
		for _, y := range h {
			b.work += len(x) + len(y)
			both, ok := intersect(x, y)
			if !ok {
				continue
			}
			if out, err = b.add(out, both); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// add adds an alternative, unless another one covers it, and drops those that
// it covers.
func (b *guards) add(g automaton.Guard, a []automaton.Test) (automaton.Guard, error) {
	b.work++
	kept := g[:0]
	for i, other := range g {
		b.work += len(other) + len(a)
		if covers(other, a) {
			return append(kept, g[i:]...), nil
		}
		if !covers(a, other) {
			kept = append(kept, other)
		}
	}
	g = append(kept, a)
	switch {
	case b.work > b.max:
		return nil, errWork
	case len(g) > maxAlternatives:
		return nil, errAlternatives
	}
	return g, nil
}

// intersect joins two alternatives; ok is false when no values satisfy both.
// Tests stand in the order of their facts.
func intersect(a, b []automaton.Test) (tests []automaton.Test, ok bool) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Fact < b[0].Fact:
			tests, a = append(tests, a[0]), a[1:]
		case len(a) == 0 || b[0].Fact < a[0].Fact:
			tests, b = append(tests, b[0]), b[1:]
		default:
			in := a[0].In & b[0].In
			if in == 0 {
				return nil, false
			}
			tests = append(tests, automaton.Test{Fact: a[0].Fact, In: in})
			a, b = a[1:], b[1:]
		}
	}
	return tests, true
}

// covers reports whether every valuation that satisfies b satisfies a. The
// tests of both stand in the order of their facts.
func covers(a, b []automaton.Test) bool {
	for _, t := range a {
		for len(b) > 0 && b[0].Fact < t.Fact {
			b = b[1:]
		}
		if len(b) == 0 || b[0].Fact != t.Fact || b[0].In&^t.In != 0 {
			return false
		}
	}
	return true
}
