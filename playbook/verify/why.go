package verify

import (
	"context"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/verify/bdd"
)

// Reasons say on what an outcome depends.
type Reasons struct {
	Facts     []Reason   // by step, then by facts
	Decisions []Decision // by step, then by choice
	Hard      *Limit     // the limit that kept them from being known, or nil
}

// Reason is a step at which facts matter: two walks that stand there and differ
// in these facts alone (of those that something can still read) differ in
// whether the outcome can still be reached, or in whether it is certain, which
// means that it can be reached and no other can. Facts is one fact; or several
// where none of them matters for itself, since they only ever differ together.
type Reason struct {
	Step  int
	Facts []int
}

// Decision is a choice by which the outcome becomes impossible or certain.
type Decision struct {
	Step, Choice int
}

// Why finds out on which facts an outcome depends, and where it is decided.
// What Check demands of the Program and its Options holds here.
func Why(ctx context.Context, p *automaton.Program, outcome int, o Options) *Reasons {
	c := newChecker(ctx, p, o)
	defer c.finish()
	mine := &automaton.Expr{Op: automaton.Outcome, Where: []int{outcome}}
	others := &automaton.Expr{Op: automaton.And, Args: []*automaton.Expr{ended, not(mine)}}
	var found *Reasons
	_, err := c.inNewWorld(c.m.cut(nil), nil, func(w world) (err error) {
		found, err = w.why(workOut(p, mine), workOut(p, others))
		return err
	})
	if err != nil {
		return &Reasons{Hard: asLimit(err)}
	}
	slices.SortFunc(found.Facts, func(a, b Reason) int {
		if a.Step != b.Step {
			return a.Step - b.Step
		}
		return slices.Compare(a.Facts, b.Facts)
	})
	found.Facts = slices.CompactFunc(found.Facts, func(a, b Reason) bool {
		return a.Step == b.Step && slices.Equal(a.Facts, b.Facts)
	})
	return found
}

// divide tells which variables of a place divide the states that have something
// from those that have not. splits reports whether two states, one of each
// kind, agree in all but the variables given.
func divide(step int, kept []int, splits func(but []int) bool) []Reason {
	if !splits(kept) {
		return nil
	}
	var list []Reason
	for _, v := range kept {
		if splits([]int{v}) {
			list = append(list, Reason{step, []int{v}})
		}
	}
	if list != nil {
		return list
	}
	together := slices.Clone(kept)
	for _, v := range kept {
		if fewer := slices.DeleteFunc(slices.Clone(together), func(w int) bool { return w == v }); splits(fewer) {
			together = fewer
		}
	}
	return []Reason{{step, together}}
}

func (g *graph) why(mine, others byPlace) (*Reasons, error) {
	can, other := g.canReach(mine), g.canReach(others)
	sure := make([]bool, len(can))
	at := make([][]int32, g.m.steps)
	for n, p := range g.place {
		sure[n] = can[n] && !other[n]
		if int(p) < g.m.steps {
			at[p] = append(at[p], int32(n))
		}
	}
	r := &Reasons{}
	for p, states := range at {
		kept := vars(g.liveAt(p))
		for _, has := range [][]bool{can, sure} {
			r.Facts = append(r.Facts, divide(p, kept, func(but []int) bool { return g.splits(states, has, but) })...)
		}
		decides := make([]bool, len(g.m.places[p].edges))
		for _, n := range states {
			for e := g.first[n]; e < g.first[n+1]; e++ {
				if to := g.to[e]; can[n] && !can[to] || !sure[n] && sure[to] {
					decides[g.via[e]] = true
				}
			}
		}
		r.decide(p, decides)
	}
	return r, nil
}

func (r *Reasons) decide(p int, decides []bool) {
	for c, yes := range decides {
		if yes {
			r.Decisions = append(r.Decisions, Decision{p, c})
		}
	}
}

// splits reports whether two of the states, of which one has it and one has
// not, agree in all but the variables given.
func (g *graph) splits(states []int32, has []bool, but []int) bool {
	mask := make([]uint64, g.pack.words)
	for _, v := range but {
		f := g.pack.field[v]
		mask[f.word] |= f.mask << f.shift
	}
	const yes, no = 1, 2
	seen := map[string]uint8{}
	key := make([]byte, 8*len(mask))
	for _, n := range states {
		for k, word := range g.at(int(n)) {
			for i := range 8 {
				key[8*k+i] = byte((word &^ mask[k]) >> (8 * i))
			}
		}
		mark := uint8(no)
		if has[n] {
			mark = yes
		}
		if seen[string(key)] |= mark; seen[string(key)] == yes|no {
			return true
		}
	}
	return false
}

func (r *region) why(mine, others byPlace) (*Reasons, error) {
	d := r.d
	goal, other := d.exprs(mine), d.exprs(others)
	defer d.hold(goal, other)()
	can := r.canReach(goal, nil)
	sure := make([]bdd.Node, len(can))
	defer d.hold(can, sure)()
	for p, n := range r.canReach(other, nil) {
		sure[p] = d.b.Diff(can[p], n)
	}
	found := &Reasons{}
	maker := &wayMaker{region: r, carried: make([]uint64, r.m.width())}
	for p := range r.m.steps {
		kept := vars(r.liveAt(p))
		for _, has := range [][]bdd.Node{can, sure} {
			found.Facts = append(found.Facts, divide(p, kept, func(but []int) bool {
				cube := d.cube(but)
				return !d.b.Disjoint(d.b.Exists(has[p], cube), d.b.Exists(d.b.Diff(r.reach[p], has[p]), cube))
			})...)
		}
		decides := make([]bool, len(r.m.places[p].edges))
		for i := range decides {
			if r.part[p] < 0 || !r.slice.keep[int(r.base[p])+i] {
				continue
			}
			w := maker.wayOf(p, i)
			lost := d.b.Diff(r.reach[w.to], can[w.to])
			decides[i] = !d.b.Disjoint(can[p], r.before(lost, &w)) ||
				!d.b.Disjoint(d.b.Diff(r.reach[p], sure[p]), r.before(sure[w.to], &w))
		}
		found.decide(p, decides)
		d.rest()
	}
	return found, d.failure(r.hardest)
}
