package verify

import (
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/verify/model"
)

// oracle explores a Program plainly, by automaton.Step over whole states, and
// decides every rule by the words of its definition. It is slow, and simple
// enough to be believed.
type oracle struct {
	c      *model.Case
	p      *automaton.Program
	states []automaton.State
	number map[string]int
	moves  [][]move
	starts []int
}

type move struct{ choice, to int }

// newOracle returns nil when there are more than limit states.
func newOracle(c *model.Case, limit int) *oracle {
	o := &oracle{c: c, p: c.Program, number: map[string]int{}}
	starts := o.startStates(limit)
	if starts == nil && c.Init == nil {
		return nil
	}
	for _, s := range starts {
		o.starts = append(o.starts, o.intern(s))
	}
	for n := 0; n < len(o.states); n++ {
		if len(o.states) > limit {
			return nil
		}
		s := o.states[n]
		for _, c := range o.p.Open(s) {
			o.moves[n] = append(o.moves[n], move{c, o.intern(o.p.Step(s, c))})
		}
	}
	return o
}

func key(s automaton.State) string {
	return string(append([]byte{byte(s.Where), byte(s.Where >> 8)}, s.Values...))
}

func (o *oracle) intern(s automaton.State) int {
	k := key(s)
	if n, ok := o.number[k]; ok {
		return n
	}
	n := len(o.states)
	o.number[k] = n
	o.states = append(o.states, s)
	o.moves = append(o.moves, nil)
	return n
}

// startStates lists the states in which walks start, sorted, each once; nil
// when there are too many to try.
func (o *oracle) startStates(limit int) []automaton.State {
	var free []int
	count := 1
	for i, f := range o.p.Facts {
		if f.Kind == automaton.Given ||
			o.c.Init != nil && (f.Kind == automaton.Walk || slices.Contains(o.c.FreeMilestones, i)) {
			free = append(free, i)
			if count *= len(f.Values); count > limit {
				o.c.Init = nil
				return nil
			}
		}
	}
	size := make([]int, len(o.p.Facts))
	for i, f := range o.p.Facts {
		size[i] = len(f.Values)
	}
	byKey := map[string]automaton.State{}
	values := make([]uint8, len(o.p.Facts))
	for more := true; more; more = count_(values, free, size) {
		s := automaton.State{Values: slices.Clone(values)}
		if !o.c.Init.Eval(o.p, s) {
			continue
		}
		for _, m := range o.p.Steps[0].Makes {
			s.Values[m] = 1
		}
		byKey[key(s)] = s
	}
	list := make([]automaton.State, 0, len(byKey))
	for _, s := range byKey {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b automaton.State) int { return slices.Compare(a.Values, b.Values) })
	return list
}

func count_(values []uint8, free, size []int) bool {
	for _, v := range free {
		if values[v]++; int(values[v]) < size[v] {
			return true
		}
		values[v] = 0
	}
	return false
}

// node is a state, or two, with a mark that a question keeps.
type node struct {
	state, other int // other is -1 but for two walks
	mark         bool
}

// walkTo finds the first shortest walk to a node for which goal holds. next
// lists the nodes after one, with the choices that lead there.
type hop struct {
	node
	choice, other int
}

func (o *oracle) walkTo(starts []node, next func(node) []hop, goal func(node) bool) *Verdict {
	type origin struct {
		from node
		hop  hop
	}
	origins := map[node]*origin{}
	var queue []node
	for _, s := range starts {
		if _, ok := origins[s]; !ok {
			origins[s] = nil
			queue = append(queue, s)
		}
	}
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		if goal(n) {
			var a, b []int
			for origins[n] != nil {
				a, b = append(a, origins[n].hop.choice), append(b, origins[n].hop.other)
				n = origins[n].from
			}
			slices.Reverse(a)
			slices.Reverse(b)
			v := &Verdict{Answer: Broken, Story: &Story{o.states[n.state].Values, a}}
			if n.other >= 0 {
				v.Other = &Story{o.states[n.other].Values, b}
			}
			return v
		}
		for _, h := range next(n) {
			if _, ok := origins[h.node]; !ok {
				origins[h.node] = &origin{n, h}
				queue = append(queue, h.node)
			}
		}
	}
	return nil
}

func (o *oracle) plainStarts() []node {
	var list []node
	for _, n := range o.starts {
		list = append(list, node{n, -1, false})
	}
	return list
}

func (o *oracle) plainNext(n node) []hop {
	var list []hop
	for _, m := range o.moves[n.state] {
		list = append(list, hop{node{m.to, -1, n.mark}, m.choice, m.choice})
	}
	return list
}

func (o *oracle) eval(e *automaton.Expr, n int) bool { return e.Eval(o.p, o.states[n]) }

// can marks the states from which some walk reaches one that is marked.
func (o *oracle) can(goal func(n int) bool) []bool {
	marked := make([]bool, len(o.states))
	for n := range o.states {
		marked[n] = goal(n)
	}
	for changed := true; changed; {
		changed = false
		for n := range o.states {
			for _, m := range o.moves[n] {
				if marked[m.to] && !marked[n] {
					marked[n], changed = true, true
				}
			}
		}
	}
	return marked
}

func (o *oracle) isEnd(n int) bool { _, ended := o.p.Ended(o.states[n]); return ended }

func (o *oracle) some(e *automaton.Expr) bool {
	return slices.ContainsFunc(o.states, func(s automaton.State) bool { return e.Eval(o.p, s) })
}

func (o *oracle) verdict(r automaton.Rule) Verdict {
	var v *Verdict
	empty := false
	switch r.Kind {
	case automaton.Never:
		v = o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool {
			return o.eval(r.E, n.state) && (r.F == nil || !o.eval(r.F, n.state))
		})
		empty = r.F != nil && !o.some(r.E)
	case automaton.EveryEnd:
		v = o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool { return o.isEnd(n.state) && !o.eval(r.E, n.state) })
	case automaton.Before:
		v = o.before(r)
		empty = !o.some(r.F)
	case automaton.LeadsTo:
		v = o.leadsTo(r)
		empty = !o.some(r.E)
	case automaton.EveryPathEnds:
		can := o.can(o.isEnd)
		v = o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool { return !can[n.state] })
	case automaton.StaysPossible:
		can := o.can(func(n int) bool { return o.eval(r.E, n) })
		v = o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool {
			return !o.isEnd(n.state) && o.eval(r.F, n.state) && !can[n.state]
		})
	case automaton.Keeps:
		v = o.keeps(r)
	case automaton.NeutralAbout:
		v = o.neutral(r.Fact)
	}
	if v == nil {
		return Verdict{Answer: Proved, Empty: empty}
	}
	return *v
}

// before: the mark is that E held here or earlier.
func (o *oracle) before(r automaton.Rule) *Verdict {
	mark := func(n node) node { n.mark = n.mark || o.eval(r.E, n.state); return n }
	starts := o.plainStarts()
	for i := range starts {
		starts[i] = mark(starts[i])
	}
	return o.walkTo(starts, func(n node) []hop {
		hops := o.plainNext(n)
		for i := range hops {
			hops[i].node = mark(hops[i].node)
		}
		return hops
	}, func(n node) bool { return !n.mark && o.eval(r.F, n.state) })
}

// leadsTo: the mark is that E held and F has not held since.
func (o *oracle) leadsTo(r automaton.Rule) *Verdict {
	mark := func(n node) node {
		n.mark = (n.mark || o.eval(r.E, n.state)) && !o.eval(r.F, n.state)
		return n
	}
	starts := o.plainStarts()
	for i := range starts {
		starts[i] = mark(starts[i])
	}
	return o.walkTo(starts, func(n node) []hop {
		hops := o.plainNext(n)
		for i := range hops {
			hops[i].node = mark(hops[i].node)
		}
		return hops
	}, func(n node) bool { return n.mark && o.isEnd(n.state) })
}

func (o *oracle) keeps(r automaton.Rule) *Verdict {
	v := o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool {
		s := o.states[n.state]
		if s.Where != r.Step || !slices.Contains(o.p.Open(s), r.Choice) {
			return false
		}
		after := automaton.State{Where: s.Where, Values: slices.Clone(s.Values)}
		for _, a := range o.p.Steps[r.Step].Choices[r.Choice].Set {
			after.Values[a.Fact] = uint8(a.Value)
		}
		return !r.E.Eval(o.p, after)
	})
	if v != nil {
		v.Story.Choices = append(v.Story.Choices, r.Choice)
	}
	return v
}

func (o *oracle) neutral(fact int) *Verdict {
	var starts []node
	for _, a := range o.starts {
		for _, b := range o.starts {
			same := slices.Clone(o.states[b].Values)
			if o.p.Facts[fact].Kind == automaton.Given {
				same[fact] = o.states[a].Values[fact]
			}
			if slices.Equal(same, o.states[a].Values) {
				starts = append(starts, node{a, b, false})
			}
		}
	}
	gives := func(s, c int) bool {
		return slices.ContainsFunc(o.p.Steps[s].Choices[c].Set, func(a automaton.Assign) bool { return a.Fact == fact })
	}
	return o.walkTo(starts, func(n node) []hop {
		var hops []hop
		s := o.states[n.state].Where
		for _, a := range o.moves[n.state] {
			for _, b := range o.moves[n.other] {
				if a.choice == b.choice || gives(s, a.choice) && gives(s, b.choice) {
					hops = append(hops, hop{node{a.to, b.to, false}, a.choice, b.choice})
				}
			}
		}
		return hops
	}, func(n node) bool {
		a, b := o.states[n.state], o.states[n.other]
		return a.Where != b.Where || !slices.Equal(o.p.Open(a), o.p.Open(b))
	})
}

// always is what Check finds without rules.
func (o *oracle) always() *Result {
	r := &Result{Reached: make([]bool, len(o.p.Steps)), Outcomes: make([]bool, len(o.p.Outcomes))}
	for s := range o.p.Steps {
		r.Live = append(r.Live, make([]bool, len(o.p.Steps[s].Choices)))
	}
	for n, s := range o.states {
		if outcome, ended := o.p.Ended(s); ended {
			r.Outcomes[outcome] = true
			continue
		}
		r.Reached[s.Where] = true
		for _, m := range o.moves[n] {
			r.Live[s.Where][m.choice] = true
		}
	}
	can := o.can(o.isEnd)
	for s := range o.p.Steps {
		if v := o.walkTo(o.plainStarts(), o.plainNext, func(n node) bool {
			return o.states[n.state].Where == s && len(o.moves[n.state]) == 0
		}); v != nil {
			r.Stuck = append(r.Stuck, *v.Story)
		}
		if v := o.walkTo(o.plainStarts(), func(n node) []hop {
			if !can[n.state] {
				return nil
			}
			return o.plainNext(n)
		}, func(n node) bool {
			return o.states[n.state].Where == s && !can[n.state] && len(o.moves[n.state]) > 0
		}); v != nil {
			r.NoWayOut = append(r.NoWayOut, *v.Story)
		}
	}
	return r
}

func (o *oracle) count() int {
	seen := map[string]bool{}
	for _, s := range o.states {
		k := automaton.State{Where: s.Where}
		for f, v := range s.Values {
			if !o.p.Facts[f].Kind.IsMilestone() || o.c.Counted[f] {
				k.Values = append(k.Values, v)
			}
		}
		seen[key(k)] = true
	}
	return len(seen)
}

// why is what Why finds. Which facts something can still read is taken from the
// slice; the rest is plain.
func (o *oracle) why(outcome int) *Reasons {
	isMine := func(n int) bool { got, ended := o.p.Ended(o.states[n]); return ended && got == outcome }
	can := o.can(isMine)
	other := o.can(func(n int) bool { return o.isEnd(n) && !isMine(n) })
	s := compile(o.p, Options{Init: o.c.Init, FreeMilestones: o.c.FreeMilestones}).cut(nil)
	r := &Reasons{}
	for step := range o.p.Steps {
		var here []int
		for n := range o.states {
			if o.states[n].Where == step {
				here = append(here, n)
			}
		}
		kept := vars(s.liveAt(step))
		sure := func(n int) bool { return can[n] && !other[n] }
		for _, has := range []func(n int) bool{func(n int) bool { return can[n] }, sure} {
			r.Facts = append(r.Facts, divide(step, kept, func(but []int) bool {
				for _, a := range here {
					for _, b := range here {
						if has(a) && !has(b) && !slices.ContainsFunc(kept, func(v int) bool {
							return !slices.Contains(but, v) && o.states[a].Values[v] != o.states[b].Values[v]
						}) {
							return true
						}
					}
				}
				return false
			})...)
		}
		for c := range o.p.Steps[step].Choices {
			if slices.ContainsFunc(here, func(n int) bool {
				return slices.ContainsFunc(o.moves[n], func(m move) bool {
					return m.choice == c && (can[n] && !can[m.to] || !sure(n) && sure(m.to))
				})
			}) {
				r.Decisions = append(r.Decisions, Decision{step, c})
			}
		}
	}
	slices.SortFunc(r.Facts, func(a, b Reason) int {
		if a.Step != b.Step {
			return a.Step - b.Step
		}
		return slices.Compare(a.Facts, b.Facts)
	})
	r.Facts = slices.CompactFunc(r.Facts, func(a, b Reason) bool {
		return a.Step == b.Step && slices.Equal(a.Facts, b.Facts)
	})
	return r
}
