package verify

import (
	"slices"

	"roundtable/playbook/automaton"
)

// machine is what both engines explore: places, and edges between them that
// test and set variables. A Program is one (place s is step s, place len(Steps)+o
// is outcome o, variable i is fact i); two walks of a Program side by side are
// another (see twins.go). Expressions in a machine speak of variables only:
// where the walk stands is known at each place, so what a rule says of it has
// been worked out (see partial.go).
type machine struct {
	size   []int // by variable: how many values it has
	places []place
	steps  int // places from here on are ends
	start  start
	can    settled
	first  []int32 // of two walks: whose second copy each variable past the facts is
}

// place is a place with its ways on. At a first place, only the first edge
// whose condition holds can be taken.
type place struct {
	first bool
	edges []edge
}

// edge is a way on.
type edge struct {
	cond   *automaton.Expr // nil: always open
	set    []assign        // by ascending variable; with what the entered step makes true
	to     int32
	choice int32
	other  int32 // of two walks side by side: the second one's choice
}

type assign struct {
	v     int32
	value uint8
}

// start says how variables start at place 0: free (at any value), as a copy of
// another variable, or at the first value, such that need holds. Then enter is
// made true.
type start struct {
	free   []bool
	copyOf []int32 // or -1
	need   *automaton.Expr
	enter  []assign
}

var (
	always = &automaton.Expr{Op: automaton.True}
	never  = &automaton.Expr{Op: automaton.False}
)

func (m *machine) width() int { return (len(m.size) + 63) / 64 }

// compile makes a Program's machine.
func compile(p *automaton.Program, o Options) *machine {
	m := &machine{
		size:   make([]int, len(p.Facts)),
		steps:  len(p.Steps),
		places: make([]place, len(p.Steps)+len(p.Outcomes)),
		start:  start{free: make([]bool, len(p.Facts)), copyOf: make([]int32, len(p.Facts)), need: o.Init},
	}
	for i, f := range p.Facts {
		m.size[i] = len(f.Values)
		m.start.copyOf[i] = -1
		m.start.free[i] = f.Kind == automaton.Given || o.Init != nil && f.Kind == automaton.Walk
	}
	if o.Init != nil {
		for _, f := range o.FreeMilestones {
			m.start.free[f] = true
		}
	}
	if len(p.Steps) > 0 {
		m.start.enter = entering(nil, p.Steps[0].Makes)
	}
	for s := range p.Steps {
		step := &p.Steps[s]
		m.places[s].first = step.First
		m.places[s].edges = make([]edge, len(step.Choices))
		for c := range step.Choices {
			m.places[s].edges[c] = compileChoice(p, &step.Choices[c], c)
		}
	}
	m.settle()
	return m
}

func compileChoice(p *automaton.Program, ch *automaton.Choice, number int) edge {
	e := edge{cond: guardExpr(p, ch.Guard), choice: int32(number), other: int32(number)}
	for _, a := range ch.Set {
		e.set = append(e.set, assign{int32(a.Fact), uint8(a.Value)})
	}
	if ch.End >= 0 {
		e.to = int32(len(p.Steps) + ch.End)
		e.set = tidy(e.set)
		return e
	}
	e.to = int32(ch.To)
	e.set = entering(e.set, p.Steps[ch.To].Makes)
	return e
}

// entering adds what a step makes true to assignments, and tidies them.
func entering(set []assign, makes []int) []assign {
	for _, f := range makes {
		set = append(set, assign{int32(f), 1})
	}
	return tidy(set)
}

// tidy sorts assignments by variable and keeps the last to each.
func tidy(set []assign) []assign {
	slices.SortStableFunc(set, func(a, b assign) int { return int(a.v - b.v) })
	kept := set[:0]
	for i, a := range set {
		if i+1 == len(set) || set[i+1].v != a.v {
			kept = append(kept, a)
		}
	}
	return kept
}

// guardExpr is a guard as an expression; nil where it is always open.
func guardExpr(p *automaton.Program, g automaton.Guard) *automaton.Expr {
	if g == nil {
		return nil
	}
	alternatives := make([]*automaton.Expr, 0, len(g))
	for _, tests := range g {
		all := make([]*automaton.Expr, 0, len(tests))
		for _, t := range tests {
			all = append(all, in(len(p.Facts[t.Fact].Values), t.Fact, t.In))
		}
		alternatives = append(alternatives, and(all...))
	}
	e := or(alternatives...)
	if e.Op == automaton.True {
		return nil
	}
	return e
}
