package model

import (
	"fmt"
	"math/rand/v2"

	"roundtable/playbook/automaton"
)

// builder builds a Program step by step.
type builder struct {
	p *automaton.Program
	r *rand.Rand
}

func newBuilder(seed uint64) *builder {
	return &builder{&automaton.Program{Record: automaton.Incident}, rand.New(rand.NewPCG(seed, 7))}
}

// fact declares a fact of n values and returns its number.
func (b *builder) fact(name string, n int) int {
	f := automaton.Fact{Kind: automaton.Walk, Name: name}
	for v := range n {
		f.Values = append(f.Values, fmt.Sprintf("v%d", v))
	}
	b.p.Facts = append(b.p.Facts, f)
	return len(b.p.Facts) - 1
}

func (b *builder) facts(name string, count, n int) []int {
	var list []int
	for i := range count {
		list = append(list, b.fact(fmt.Sprintf("%s%d", name, i), n))
	}
	return list
}

// milestone declares a milestone and returns its number.
func (b *builder) milestone(kind automaton.FactKind, name string) int {
	b.p.Facts = append(b.p.Facts, automaton.Fact{Kind: kind, Name: name, Values: []string{"no", "yes"}})
	return len(b.p.Facts) - 1
}

func goTo(step int, guard automaton.Guard, set ...automaton.Assign) automaton.Choice {
	return automaton.Choice{To: step, End: -1, Guard: guard, Set: set}
}

func end(outcome int) automaton.Choice { return automaton.Choice{End: outcome} }

// ask makes a step that asks for a fact: each choice gives it another value,
// but the first, which means that nobody has asked.
func (b *builder) ask(fact, next int) automaton.Step {
	var s automaton.Step
	for v := 1; v < len(b.p.Facts[fact].Values); v++ {
		s.Choices = append(s.Choices, goTo(next, nil, automaton.Assign{Fact: fact, Value: v}))
	}
	return s
}

func test(fact int, in automaton.Set) automaton.Guard { return automaton.Guard{{{Fact: fact, In: in}}} }

// Expressions.

func is(fact int, in automaton.Set) *automaton.Expr {
	return &automaton.Expr{Op: automaton.FactIn, Fact: fact, In: in}
}

func at(steps ...int) *automaton.Expr { return &automaton.Expr{Op: automaton.At, Where: steps} }

func all(args ...*automaton.Expr) *automaton.Expr {
	return &automaton.Expr{Op: automaton.And, Args: args}
}

func no(e *automaton.Expr) *automaton.Expr {
	return &automaton.Expr{Op: automaton.Not, Args: []*automaton.Expr{e}}
}

var ended = &automaton.Expr{Op: automaton.Ended}

const (
	asked    automaton.Set = 0b1110 // of four values: any but the first
	positive automaton.Set = 0b0100
)

// Questionnaire asks k four-valued facts, one a step. After every question but
// the first two, an answer to the one before lets the next be skipped. Its rules
// are of every form, and all hold; the last reads every fact at the end, so that
// there nothing can be left out.
func Questionnaire(k int) *Case {
	b := newBuilder(1)
	f := b.facts("q", k, 4)
	told := b.milestone(automaton.Notified, "director")
	b.p.Outcomes = []string{"done"}
	for i := range k {
		s := b.ask(f[i], i+1)
		if i >= 2 && i+2 <= k {
			s.Choices = append(s.Choices, goTo(i+2, test(f[i-1], 0b0010), automaton.Assign{Fact: f[i], Value: 3}))
		}
		b.p.Steps = append(b.p.Steps, s)
	}
	b.p.Steps = append(b.p.Steps, automaton.Step{Makes: []int{told}, Choices: []automaton.Choice{end(0)}})
	first, last := f[0], f[k-1]
	var skips []*automaton.Expr // two questions in a row that were not asked
	for i := 1; i < k; i++ {
		skips = append(skips, all(is(f[i-1], 1), is(f[i], 1)))
	}
	return &Case{Program: b.p, Rules: []automaton.Rule{
		{Kind: automaton.EveryPathEnds},
		{Kind: automaton.EveryEnd, E: all(is(first, asked), is(told, 2))},
		{Kind: automaton.Never, E: is(last, asked), F: is(first, asked)},
		{Kind: automaton.Before, E: is(first, asked), F: is(last, asked)},
		{Kind: automaton.LeadsTo, E: is(first, positive), F: is(told, 2)},
		{Kind: automaton.StaysPossible, E: is(told, 2), F: is(first, positive)},
		{Kind: automaton.NeutralAbout, Fact: first},
		{Kind: automaton.Never, E: all(ended, &automaton.Expr{Op: automaton.Or, Args: skips})},
	}}
}

// Plain is a long plain questionnaire: steps steps, over which facts
// four-valued facts are asked in turn, and in between steps that only go on, or
// on by what was answered lately.
func Plain(steps, facts int) *Case {
	b := newBuilder(2)
	f := b.facts("q", facts, 4)
	told := b.milestone(automaton.Notified, "director")
	b.p.Outcomes = []string{"done", "left"}
	every := steps / facts
	asking := 0
	for i := 0; i < steps-1; i++ {
		next := i + 1
		switch {
		case i%every == 0 && asking < facts:
			b.p.Steps = append(b.p.Steps, b.ask(f[asking], next))
			asking++
		case b.r.IntN(2) == 0 || i+8 >= steps:
			b.p.Steps = append(b.p.Steps, automaton.Step{Choices: []automaton.Choice{goTo(next, nil)}})
		default:
			recent := f[max(0, asking-1-b.r.IntN(3))]
			guard := test(recent, automaton.Set(1<<uint(1+b.r.IntN(3))))
			b.p.Steps = append(b.p.Steps, automaton.Step{First: b.r.IntN(2) == 0, Choices: []automaton.Choice{
				goTo(i+2+b.r.IntN(4), guard), goTo(next, nil)}})
		}
	}
	b.p.Steps = append(b.p.Steps, automaton.Step{Makes: []int{told}, Choices: []automaton.Choice{end(0), end(1)}})
	return &Case{Program: b.p, Rules: []automaton.Rule{
		{Kind: automaton.EveryPathEnds},
		{Kind: automaton.EveryEnd, E: is(told, 2)},
		{Kind: automaton.Before, E: is(f[0], asked), F: is(told, 2)},
		{Kind: automaton.LeadsTo, E: is(f[0], positive), F: is(told, 2)},
		{Kind: automaton.StaysPossible, E: is(told, 2), F: is(f[0], positive)},
		{Kind: automaton.Never, E: is(f[facts-1], asked), F: is(f[0], asked)},
	}}
}

// Sections is a large playbook of sections with steps steps each. A section has
// four four-valued facts of its own; eight more are common to all. Conditions
// read facts of both kinds, and lead on, further on, or back. Its twenty rules
// are of all forms, and all hold. What does not is `neutral about` its last fact.
func Sections(sections, steps int) *Case {
	b := newBuilder(3)
	common := b.facts("common", 8, 4)
	counsel := b.milestone(automaton.Called, "counsel")
	director := b.milestone(automaton.Notified, "director")
	b.p.Outcomes = []string{"done", "handed_over"}
	own := make([][]int, sections)
	last := sections * steps // the closing step
	for s := range sections {
		own[s] = b.facts(fmt.Sprintf("s%d_", s), 4, 4)
		for i := range steps {
			b.p.Steps = append(b.p.Steps, b.sectionStep(s*steps, i, steps, own[s], common))
		}
	}
	b.p.Steps[steps/2].Makes = []int{counsel}
	b.p.Steps = append(b.p.Steps, automaton.Step{Makes: []int{director}, Choices: []automaton.Choice{end(0), end(1)}})
	c := &Case{Program: b.p}
	c.Rules = sectionRules(own, common, steps, last, counsel, director)
	return c
}

// sectionStep makes step i of a section that starts at step base.
func (b *builder) sectionStep(base, i, steps int, own, common []int) automaton.Step {
	next := base + i + 1
	ahead := func(n int) int { return min(next+n, base+steps) }
	switch {
	case i%(steps/4) == 0 && i/(steps/4) < 4:
		return b.ask(own[i/(steps/4)], next)
	case i%(steps/2) == 5:
		return b.ask(common[b.r.IntN(8)], next)
	case i == steps-1:
		return automaton.Step{Choices: []automaton.Choice{goTo(next, nil)}}
	}
	answered := own[:min(i/(steps/4)+1, len(own))]
	if base <= steps { // nobody reads the last fact of the first two sections
		answered = answered[:min(len(answered), len(own)-1)]
	}
	both := automaton.Guard{{
		{Fact: answered[b.r.IntN(len(answered))], In: automaton.Set(1 + b.r.IntN(14))},
		{Fact: common[b.r.IntN(8)], In: automaton.Set(1 + b.r.IntN(14))},
	}}
	switch b.r.IntN(5) {
	case 0, 1:
		return automaton.Step{Choices: []automaton.Choice{goTo(next, nil)}}
	case 2, 3:
		return automaton.Step{First: true, Choices: []automaton.Choice{goTo(ahead(1+b.r.IntN(4)), both), goTo(next, nil)}}
	}
	back := base + max(0, i-1-b.r.IntN(5))
	return automaton.Step{Choices: []automaton.Choice{goTo(back, both), goTo(ahead(b.r.IntN(3)), nil), goTo(next, nil)}}
}

func sectionRules(own [][]int, common []int, steps, last, counsel, director int) []automaton.Rule {
	n := len(own)
	mid := n / 2
	called, told := is(counsel, 2), is(director, 2)
	return []automaton.Rule{
		{Kind: automaton.EveryPathEnds},
		{Kind: automaton.EveryEnd, E: told},
		{Kind: automaton.EveryEnd, E: is(own[0][0], asked)},
		{Kind: automaton.EveryEnd, E: all(is(own[mid][0], asked), told)},
		{Kind: automaton.Never, E: all(at(last), is(own[n-1][0], 1))},
		{Kind: automaton.Never, E: is(own[n-1][0], asked), F: is(own[0][0], asked)},
		{Kind: automaton.Never, E: all(is(own[mid][0], positive), is(own[mid][3], asked)), F: is(own[mid-1][0], asked)},
		{Kind: automaton.Never, E: all(told, no(is(own[1][0], asked)))},
		{Kind: automaton.Before, E: is(own[0][0], asked), F: is(own[1][0], asked)},
		{Kind: automaton.Before, E: is(own[mid][0], asked), F: at(last)},
		{Kind: automaton.Before, E: at((mid - 1) * steps), F: at(last)},
		{Kind: automaton.Before, E: is(own[0][0], asked), F: called},
		{Kind: automaton.LeadsTo, E: is(own[0][0], positive), F: told},
		{Kind: automaton.LeadsTo, E: at(mid * steps), F: at(last)},
		{Kind: automaton.LeadsTo, E: is(common[0], positive), F: told},
		{Kind: automaton.StaysPossible, E: told},
		{Kind: automaton.StaysPossible, E: at(last), F: is(own[mid][0], positive)},
		{Kind: automaton.StaysPossible, E: at((n-1)*steps + 1), F: at(0)},
		{Kind: automaton.NeutralAbout, Fact: own[1][3]},
		{Kind: automaton.NeutralAbout, Fact: own[0][3]},
	}
}

// HiddenBit is hard on purpose. It asks n yes/no facts, counts how many are yes
// (where a walk stands is the count), and then looks at the fact of that number:
// the hidden weighted bit. All walks for which it is yes come together at one
// step, and the rule about that step reads every fact. The set of valuations
// there needs a diagram that grows exponentially in n whatever the order of the
// variables (Bryant, 1991), and listing valuations one by one takes 2^n.
func HiddenBit(n int) *Case {
	b := newBuilder(4)
	f := b.facts("x", n, 2)
	b.p.Outcomes = []string{"yes", "no"}
	for i := range n {
		b.p.Steps = append(b.p.Steps, automaton.Step{Choices: []automaton.Choice{
			goTo(i+1, nil, automaton.Assign{Fact: f[i], Value: 0}),
			goTo(i+1, nil, automaton.Assign{Fact: f[i], Value: 1}),
		}})
	}
	// Step n + place(i, c): i facts are counted, c of them are yes.
	place := func(i, c int) int { return n + i*(i+1)/2 + c }
	yes := place(n, n) + 1
	for i := range n {
		for c := range i + 1 {
			b.p.Steps = append(b.p.Steps, automaton.Step{First: true, Choices: []automaton.Choice{
				goTo(place(i+1, c+1), test(f[i], 2)), goTo(place(i+1, c), nil)}})
		}
	}
	for c := range n + 1 {
		s := automaton.Step{First: true}
		if c > 0 {
			s.Choices = append(s.Choices, goTo(yes, test(f[c-1], 2)))
		}
		b.p.Steps = append(b.p.Steps, automaton.Step{First: true, Choices: append(s.Choices, end(1))})
	}
	b.p.Steps = append(b.p.Steps, automaton.Step{Choices: []automaton.Choice{end(0)}})
	var none []*automaton.Expr
	for i := range n {
		none = append(none, is(f[i], 1))
	}
	return &Case{Program: b.p, Rules: []automaton.Rule{
		{Kind: automaton.EveryPathEnds},
		{Kind: automaton.Never, E: all(at(yes), all(none...))},
	}}
}
