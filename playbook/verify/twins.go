package verify

import (
	"slices"

	"roundtable/playbook/automaton"
)

// Two walks side by side, for `neutral about`.
//
// The machine of two walks has the first walk's variables, and a second copy of
// those in which the walks can come to differ: the fact itself, and what twins
// (choices of one step that both give the fact a value) set differently. Every
// other variable has the same value in both walks for as long as they make the
// same choice or twins and stand at the same step, so one copy serves both. In
// a playbook that is neutral the few facts that are doubled are seldom read by
// any condition, and there is nothing left to explore.
//
// The goal is to be apart: at one step with different choices open, or, by
// twins that lead to different places, at the extra last place. Up to the first
// such state both walks have the same choices open, so that the conditions of
// edges need to ask the first walk only.

type pairing struct {
	c      *checker
	fact   int
	second map[int]int // of a doubled variable: the second walk's
	twins  [][]int     // by step: its choices that are twins
	m      *machine
	apart  int32 // the place of walks that have parted
}

// twins makes the machine of two walks that may differ in the fact, and the
// goal that tells them apart; nil where nothing ever can.
func (c *checker) twins(fact int) (*machine, byPlace) {
	t := &pairing{c: c, fact: fact, apart: int32(len(c.m.places)), twins: make([][]int, len(c.m.places))}
	for s := range c.p.Steps {
		t.twins[s] = t.twinsOf(s)
	}
	t.double()
	goal := make(byPlace, len(c.m.places)+1)
	part := t.canPart()
	for p := range c.m.places {
		goal[p] = t.differ(p)
		part = part || goal[p] != never
	}
	if !part {
		return nil, nil
	}
	goal[t.apart] = always
	for p := range c.m.places {
		t.m.places = append(t.m.places, t.pair(p))
	}
	t.m.places = append(t.m.places, place{})
	t.m.settle()
	return t.m, goal
}

// canPart reports whether twins anywhere lead to different places.
func (t *pairing) canPart() bool {
	for s, twins := range t.twins {
		for _, c := range twins {
			if edges := t.c.m.places[s].edges; edges[c].to != edges[twins[0]].to {
				return true
			}
		}
	}
	return false
}

// twinsOf lists the choices of a step that give the fact a value, where two of
// them can be open at once.
func (t *pairing) twinsOf(s int) []int {
	if t.c.p.Steps[s].First {
		return nil
	}
	var giving []int
	for c, choice := range t.c.p.Steps[s].Choices {
		if slices.ContainsFunc(choice.Set, func(a automaton.Assign) bool { return a.Fact == t.fact }) {
			giving = append(giving, c)
		}
	}
	return giving
}

// double finds the variables in which the walks can differ, and starts the
// machine with them.
func (t *pairing) double() {
	m := t.c.m
	doubled := make([]bool, len(m.size))
	doubled[t.fact] = true
	for s, twins := range t.twins {
		for i := 1; i < len(twins); i++ { // who differs from none of its neighbours differs from no one
			before, after := m.places[s].edges[twins[i-1]].set, m.places[s].edges[twins[i]].set
			differences(before, after, func(v int32) { doubled[v] = true })
		}
	}
	t.second = map[int]int{}
	t.m = &machine{size: append([]int(nil), m.size...), steps: m.steps}
	t.m.start = start{
		free:   append([]bool(nil), m.start.free...),
		copyOf: append([]int32(nil), m.start.copyOf...),
	}
	for v := range m.size {
		if !doubled[v] {
			continue
		}
		t.second[v] = len(t.m.size)
		t.m.first = append(t.m.first, int32(v))
		t.m.size = append(t.m.size, m.size[v])
		given := v == t.fact && t.c.p.Facts[v].Kind == automaton.Given
		t.m.start.free = append(t.m.start.free, given)
		t.m.start.copyOf = append(t.m.start.copyOf, int32(v))
		if given {
			t.m.start.copyOf[t.second[v]] = -1
		}
	}
	t.m.start.need = and(m.start.need, t.forSecond(m.start.need))
	t.m.start.enter = t.both(m.start.enter, m.start.enter)
}

// differences visits the variables that two lists of assignments leave
// different, when they were equal before. Both are sorted.
func differences(a, b []assign, visit func(v int32)) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].v < b[0].v:
			visit(a[0].v)
			a = a[1:]
		case len(a) == 0 || b[0].v < a[0].v:
			visit(b[0].v)
			b = b[1:]
		default:
			if a[0].value != b[0].value {
				visit(a[0].v)
			}
			a, b = a[1:], b[1:]
		}
	}
}

// both is what two lists of assignments, one of each walk, do to the pair.
func (t *pairing) both(first, second []assign) []assign {
	set := append([]assign(nil), first...)
	for _, a := range second {
		if v, ok := t.second[int(a.v)]; ok {
			set = append(set, assign{int32(v), a.value})
		}
	}
	return tidy(set)
}

// forSecond is an expression as it is of the second walk.
func (t *pairing) forSecond(e *automaton.Expr) *automaton.Expr {
	return rewrite(e, func(l *automaton.Expr) *automaton.Expr {
		if v, ok := t.second[l.Fact]; ok && l.Op == automaton.FactIn {
			return &automaton.Expr{Op: automaton.FactIn, Fact: v, In: l.In}
		}
		return nil
	})
}

// pair makes a place's edges: for each choice itself and, of twins, every other.
func (t *pairing) pair(p int) place {
	pl := &t.c.m.places[p]
	twins := t.twins[p]
	out := place{first: pl.first, edges: make([]edge, 0, len(pl.edges))}
	for c := range pl.edges {
		if !slices.Contains(twins, c) {
			out.edges = append(out.edges, t.edge(pl, c, c))
			continue
		}
		for _, d := range twins {
			out.edges = append(out.edges, t.edge(pl, c, d))
		}
	}
	return out
}

func (t *pairing) edge(pl *place, c, d int) edge {
	x, y := &pl.edges[c], &pl.edges[d]
	e := edge{cond: x.cond, to: x.to, choice: x.choice, other: y.choice}
	if c != d {
		if e.cond = and(x.cond, y.cond); e.cond.Op == automaton.True {
			e.cond = nil
		}
	}
	if x.to != y.to {
		e.to = t.apart
		return e
	}
	e.set = t.both(x.set, y.set)
	return e
}

// differ is the condition for the walks to have different choices open at p.
func (t *pairing) differ(p int) *automaton.Expr {
	pl := &t.c.m.places[p]
	apart := never
	for i := len(pl.edges) - 1; i >= 0; i-- {
		mine := pl.edges[i].cond
		if !t.isDoubled(mine) {
			if pl.first && apart != never { // both have it open, or both go on to the next
				apart = and(not(mine), apart)
			}
			continue
		}
		theirs := t.forSecond(mine)
		one := or(and(mine, not(theirs)), and(not(mine), theirs))
		if pl.first {
			apart = or(one, and(not(mine), apart))
		} else {
			apart = or(one, apart)
		}
	}
	return apart
}

func (t *pairing) isDoubled(e *automaton.Expr) bool {
	doubled := false
	eachVar(e, func(v int) {
		_, ok := t.second[v]
		doubled = doubled || ok
	})
	return doubled
}

// secondStart is the start of the second of two walks that start so.
func secondStart(pair *machine, facts int, both []uint8) []uint8 {
	second := append([]uint8(nil), both[:facts]...)
	for v := facts; v < len(pair.size); v++ {
		second[pair.first[v-facts]] = both[v]
	}
	return second
}
