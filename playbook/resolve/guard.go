package resolve

import (
	"errors"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// maxAlternatives bounds a guard, so that a condition of a few lines cannot
// become a table of millions.
const maxAlternatives = 1024

var errTooManyAlternatives = errors.New("too many alternatives")

// guard compiles a condition to its alternatives.
func (c *compiler) guard(cp *copyOf, e syntax.Expr) (automaton.Guard, error) {
	g, err := c.alternatives(c.expr(cp, e), false)
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
func (c *compiler) alternatives(e *automaton.Expr, negated bool) (automaton.Guard, error) {
	switch e.Op {
	case automaton.True, automaton.False:
		if (e.Op == automaton.True) != negated {
			return automaton.Guard{nil}, nil
		}
		return automaton.Guard{}, nil
	case automaton.Not:
		return c.alternatives(e.Args[0], !negated)
	case automaton.FactIn:
		full := automaton.Full(len(c.program.Facts[e.Fact].Values))
		in := e.In & full
		if negated {
			in = full &^ in
		}
		switch in {
		case 0:
			return automaton.Guard{}, nil
		case full:
			return automaton.Guard{nil}, nil
		}
		return automaton.Guard{{{Fact: e.Fact, In: in}}}, nil
	case automaton.And, automaton.Or:
		all := (e.Op == automaton.And) != negated
		g := automaton.Guard{}
		if all {
			g = automaton.Guard{nil}
		}
		for _, arg := range e.Args {
			h, err := c.alternatives(arg, negated)
			if err != nil {
				return nil, err
			}
			if all {
				g, err = product(g, h)
			} else {
				g = simplify(append(g, h...))
			}
			if err == nil && len(g) > maxAlternatives {
				err = errTooManyAlternatives
			}
			if err != nil {
				return nil, err
			}
		}
		return g, nil
	}
	// At, Ended and Outcome do not stand in guards; that has been told.
	return automaton.Guard{nil}, nil
}

func product(g, h automaton.Guard) (automaton.Guard, error) {
	if len(g)*len(h) > 64*maxAlternatives {
		return nil, errTooManyAlternatives
	}
	out := automaton.Guard{}
	for _, a := range g {
		for _, b := range h {
			if both, ok := intersect(a, b); ok {
				out = append(out, both)
			}
		}
	}
	return simplify(out), nil
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

// simplify drops alternatives that another one covers.
func simplify(g automaton.Guard) automaton.Guard {
	if len(g) > 4*maxAlternatives {
		return g // about to be refused
	}
	out := automaton.Guard{}
	for i, a := range g {
		covered := false
		for j, b := range g {
			if i != j && covers(b, a) && (j < i || !covers(a, b)) {
				covered = true
				break
			}
		}
		if !covered {
			out = append(out, a)
		}
	}
	return out
}

// covers reports whether every valuation that satisfies b satisfies a.
func covers(a, b []automaton.Test) bool {
	for _, t := range a {
		i := slices.IndexFunc(b, func(u automaton.Test) bool { return u.Fact == t.Fact })
		if i < 0 || b[i].In&^t.In != 0 {
			return false
		}
	}
	return true
}
