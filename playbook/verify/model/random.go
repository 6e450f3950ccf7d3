package model

import (
	"slices"
	"strconv"

	"roundtable/playbook/automaton"
)

// Case is a Program with what can be asked about it.
type Case struct {
	Program        *automaton.Program
	Rules          []automaton.Rule
	Init           *automaton.Expr
	FreeMilestones []int
	Counted        []bool
}

// FromBytes makes a small well-formed Case of any bytes, so that a random
// source, or a fuzzer, reaches every feature: given facts, facts of one and of
// 64 values, milestones, numbered lists, steps without choices, several
// assignments to one fact, parts proved alone, and rules of every form.
func FromBytes(data []byte) *Case {
	d := &drawer{data: data}
	p := &automaton.Program{}
	d.facts(p)
	outcomes := d.below(4)
	for i := range outcomes {
		p.Outcomes = append(p.Outcomes, "o"+strconv.Itoa(i))
	}
	p.Steps = make([]automaton.Step, 1+d.below(12))
	for i := range p.Steps {
		d.step(p, i)
	}
	c := &Case{Program: p, Counted: make([]bool, len(p.Facts))}
	if d.below(4) == 0 {
		c.Init = d.expr(p, 2, false)
		for f := range p.Facts {
			if p.Facts[f].Kind.IsMilestone() && d.below(2) == 0 {
				c.FreeMilestones = append(c.FreeMilestones, f)
			}
		}
	}
	for i := range c.Counted {
		c.Counted[i] = d.below(2) == 0
	}
	for range 1 + d.below(10) {
		if r, ok := d.rule(p); ok {
			c.Rules = append(c.Rules, r)
		}
	}
	return c
}

// drawer draws small numbers from bytes; when they run out it draws zeros.
type drawer struct{ data []byte }

func (d *drawer) below(n int) int {
	if n <= 1 || len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b) % n
}

func (d *drawer) set(n int) automaton.Set {
	var s automaton.Set
	if n > 8 {
		s = automaton.Set(d.below(256)) * 0x0101010101010101 // some of each eight
	} else {
		s = automaton.Set(d.below(256))
	}
	return s & automaton.Full(n)
}

var kinds = [...]automaton.FactKind{automaton.Called, automaton.Notified, automaton.Recorded, automaton.Handed}

func (d *drawer) facts(p *automaton.Program) {
	add := func(kind automaton.FactKind, size int) {
		f := automaton.Fact{Kind: kind, Name: "f" + strconv.Itoa(len(p.Facts))}
		for v := range size {
			f.Values = append(f.Values, "v"+strconv.Itoa(v))
		}
		p.Facts = append(p.Facts, f)
	}
	large := d.below(8) == 0
	for range d.below(6) {
		kind := automaton.Walk
		if d.below(4) == 0 {
			kind = automaton.Given
		}
		size := [...]int{2, 2, 3, 4, 2, 3, 5, 1}[d.below(8)]
		if large {
			size, large = 64, false
		}
		add(kind, size)
	}
	for range d.below(4) {
		add(kinds[d.below(4)], 2)
	}
}

// pick draws a fact for which want holds, or -1.
func (d *drawer) pick(p *automaton.Program, want func(automaton.FactKind) bool) int {
	var list []int
	for i, f := range p.Facts {
		if want(f.Kind) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[d.below(len(list))]
}

func (d *drawer) step(p *automaton.Program, number int) {
	s := &p.Steps[number]
	s.First = d.below(3) == 0
	for f := range p.Facts {
		if p.Facts[f].Kind.IsMilestone() && d.below(3) == 0 {
			s.Makes = append(s.Makes, f)
		}
	}
	swap := -1 // in some steps every choice gives one fact a value, as questions do
	if d.below(3) == 0 {
		swap = d.pick(p, func(k automaton.FactKind) bool { return k == automaton.Walk })
	}
	for range [...]int{2, 1, 2, 3, 4, 2, 3, 0}[d.below(8)] {
		c := d.choice(p, number)
		if swap >= 0 {
			c.Set = append(c.Set, automaton.Assign{Fact: swap, Value: d.below(len(p.Facts[swap].Values))})
		}
		s.Choices = append(s.Choices, c)
	}
	if n := len(s.Choices); n > 0 && d.below(3) > 0 {
		s.Choices[n-1].Guard = nil // `otherwise`
	}
}

func (d *drawer) choice(p *automaton.Program, number int) automaton.Choice {
	c := automaton.Choice{End: -1, Guard: d.guard(p)}
	for range d.below(3) {
		if f := d.pick(p, func(k automaton.FactKind) bool { return k == automaton.Walk }); f >= 0 {
			c.Set = append(c.Set, automaton.Assign{Fact: f, Value: d.below(len(p.Facts[f].Values))})
		}
	}
	switch way := d.below(8); {
	case way == 0 && len(p.Outcomes) > 0:
		c.End = d.below(len(p.Outcomes))
	case way <= 3: // mostly on, as people write
		c.To = min(number+1, len(p.Steps)-1)
	default:
		c.To = d.below(len(p.Steps))
	}
	return c
}

func (d *drawer) guard(p *automaton.Program) automaton.Guard {
	if len(p.Facts) == 0 || d.below(2) == 0 {
		return nil
	}
	g := automaton.Guard{}
	for range [...]int{1, 1, 1, 2, 2, 3, 1, 0}[d.below(8)] {
		var tests []automaton.Test
		for range [...]int{1, 1, 2, 0}[d.below(4)] {
			f := d.below(len(p.Facts))
			tests = append(tests, automaton.Test{Fact: f, In: d.set(len(p.Facts[f].Values))})
		}
		g = append(g, tests)
	}
	return g
}

// expr draws an expression; places says whether it may speak of places.
func (d *drawer) expr(p *automaton.Program, depth int, places bool) *automaton.Expr {
	kind := d.below(10)
	if depth == 0 {
		kind = 4 + d.below(6)
	}
	switch {
	case kind < 4:
		e := &automaton.Expr{Op: [...]automaton.Op{automaton.And, automaton.Or, automaton.And, automaton.Not}[kind]}
		for range [...]int{2, 2, 3, 1}[kind] {
			e.Args = append(e.Args, d.expr(p, depth-1, places))
		}
		return e
	case places && kind == 4:
		return &automaton.Expr{Op: automaton.At, Where: d.ascending(len(p.Steps))}
	case places && kind == 5:
		return &automaton.Expr{Op: automaton.Ended}
	case places && kind == 6 && len(p.Outcomes) > 0:
		return &automaton.Expr{Op: automaton.Outcome, Where: d.ascending(len(p.Outcomes))}
	case len(p.Facts) > 0:
		f := d.below(len(p.Facts))
		return &automaton.Expr{Op: automaton.FactIn, Fact: f, In: d.set(len(p.Facts[f].Values))}
	}
	return &automaton.Expr{Op: automaton.Op(d.below(2))}
}

func (d *drawer) ascending(n int) []int {
	var list []int
	for range 1 + d.below(2) {
		list = append(list, d.below(n))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *drawer) rule(p *automaton.Program) (automaton.Rule, bool) {
	r := automaton.Rule{Kind: automaton.RuleKind(d.below(8))}
	switch r.Kind {
	case automaton.NeutralAbout:
		r.Fact = d.pick(p, func(k automaton.FactKind) bool { return !k.IsMilestone() })
		return r, r.Fact >= 0
	case automaton.Keeps:
		r.E = d.expr(p, 2, false)
		r.Step = d.below(len(p.Steps))
		r.Choice = d.below(len(p.Steps[r.Step].Choices))
		return r, len(p.Steps[r.Step].Choices) > 0
	case automaton.EveryPathEnds:
		return r, true
	}
	r.E = d.expr(p, 2, true)
	switch r.Kind {
	case automaton.Before, automaton.LeadsTo:
		r.F = d.expr(p, 2, true)
	case automaton.Never, automaton.StaysPossible:
		if d.below(2) == 0 {
			r.F = d.expr(p, 2, true)
		}
	}
	return r, true
}
