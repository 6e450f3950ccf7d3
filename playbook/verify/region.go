package verify

import (
	"math/big"
	"slices"

	"roundtable/playbook/verify/bdd"
)

// What the symbolic engine answers from a region that it has explored.

func (r *region) allow(work int) { r.d.allow(work) }
func (r *region) forget()        { r.leave() }

// find returns the shortest walk to a state in which the goal holds.
func (r *region) find(q *plan) (*path, error) {
	d := r.d
	want := &quest{goal: d.exprs(q.goal)}
	defer d.hold(want.goal)()
	if q.trigger != nil {
		want.trigger, want.release = d.exprs(q.trigger), d.exprs(q.release)
		defer d.hold(want.trigger, want.release)()
	}
	if q.stop != nil {
		want.stop = d.exprs(q.stop)
		defer d.hold(want.stop)()
	}
	met := r.meets(want)
	if err := d.failure(r.hardest); err != nil {
		return nil, err
	}
	if !slices.Contains(met, true) {
		return nil, nil
	}
	return r.shortest(want, met)
}

// meets marks the places at which a walk that the quest asks for can end.
func (r *region) meets(want *quest) []bool {
	met := make([]bool, len(r.reach))
	mark := func(sets []bdd.Node) (some bool) {
		for p := range met {
			met[p] = !r.d.b.Disjoint(sets[p], want.goal[p])
			some = some || met[p]
		}
		return some
	}
	switch {
	case want.trigger != nil:
		pending := make([]bdd.Node, len(r.reach))
		defer r.d.hold(pending)()
		for p := range pending {
			pending[p] = r.d.b.And(r.reach[p], want.trigger[p])
		}
		sets := r.flood(pending, want.release)
		defer r.d.hold(sets)()
		for p := range sets {
			sets[p] = r.d.b.Diff(sets[p], want.release[p])
		}
		mark(sets)
	case mark(r.reach) && want.stop != nil && !r.stops:
		sets := r.flood(r.begin, want.stop)
		defer r.d.hold(sets)()
		mark(sets)
	}
	return met
}

// some reports whether it holds in a reachable state.
func (r *region) some(it byPlace) (bool, error) {
	sets := r.d.exprs(it)
	for p := range sets {
		if !r.d.b.Disjoint(r.reach[p], sets[p]) && r.d.b.Err() == nil {
			return true, nil
		}
	}
	return false, r.d.failure(r.hardest)
}

// trapped returns the shortest walk to a state from which the target cannot be
// reached any more.
func (r *region) trapped(q *plan) (*path, error) {
	d := r.d
	goal := d.exprs(q.among)
	target := d.exprs(q.target)
	release := d.hold(goal, target)
	defer release()
	can := r.canReach(target)
	for p := range goal {
		goal[p] = d.b.Diff(d.b.And(r.reach[p], goal[p]), can[p])
	}
	if err := d.failure(r.hardest); err != nil {
		return nil, err
	}
	return r.nearest(&quest{goal: goal})
}

// nearest is shortest, where the goal holds in reachable states only; nil when
// it holds in none.
func (r *region) nearest(want *quest) (*path, error) {
	met := make([]bool, len(want.goal))
	for p, n := range want.goal {
		met[p] = n != bdd.False
	}
	if !slices.Contains(met, true) {
		return nil, nil
	}
	return r.shortest(want, met)
}

// open is the set in which some choice is open, by place.
func (r *region) open(p int) bdd.Node {
	n := bdd.False
	for _, w := range r.ways[p] {
		n = r.d.b.Or(n, w.cond)
	}
	return n
}

// canReach finds the reachable valuations from which some walk reaches the
// target. A place outside of circles needs no work where all that follows can
// and no state is stuck.
func (r *region) canReach(target []bdd.Node) []bdd.Node {
	d := r.d
	can := make([]bdd.Node, len(r.reach))
	defer d.hold(can)()
	into := r.waysInto()
	dirty := make([]bool, len(can))
	for i := len(r.parts) - 1; i >= 0; i-- {
		part := &r.parts[i]
		for _, p := range part.places {
			can[p] = d.b.And(r.reach[p], target[p])
			r.pull(can, p, part.loops)
			dirty[p] = true
			d.rest()
		}
		if !part.loops {
			continue
		}
		r.sweep(part.places, dirty, func(q int32) {
			for _, w := range into[q] {
				more := d.b.Or(can[w.from], d.b.And(r.reach[w.from], r.before(can[q], w.way)))
				if more != can[w.from] {
					can[w.from] = more
					dirty[w.from] = true
				}
				d.rest()
			}
		})
	}
	return can
}

// pull adds to what can at a place what its ways out of its component give.
func (r *region) pull(can []bdd.Node, p int32, loops bool) {
	d := r.d
	if !loops && can[p] != r.reach[p] {
		all := true
		for _, w := range r.ways[p] {
			all = all && can[w.to] == r.reach[w.to]
		}
		if all && d.b.Diff(r.reach[p], r.open(int(p))) == bdd.False {
			can[p] = r.reach[p]
		}
	}
	for i := range r.ways[p] {
		w := &r.ways[p][i]
		if can[p] == r.reach[p] {
			return
		}
		if r.part[w.to] != r.part[p] {
			can[p] = d.b.Or(can[p], d.b.And(r.reach[p], r.before(can[w.to], w)))
			d.rest()
		}
	}
}

// inWay is a way seen from its target.
type inWay struct {
	from int32
	way  *way
}

// waysInto lists, by place, the ways into it that stay in its component.
func (r *region) waysInto() [][]inWay {
	into := make([][]inWay, len(r.ways))
	for p := range r.ways {
		for i := range r.ways[p] {
			if w := &r.ways[p][i]; r.part[w.to] == r.part[p] {
				into[w.to] = append(into[w.to], inWay{int32(p), w})
			}
		}
	}
	return into
}

// survey finds what is always looked for.
func (r *region) survey() (*survey, error) {
	d := r.d
	s := newSurvey(r.m)
	stuck := make([]bdd.Node, len(r.reach))
	defer d.hold(stuck)()
	target := make([]bdd.Node, len(r.reach))
	for p := range r.reach {
		s.reached[p] = r.reach[p] != bdd.False
		if p >= r.m.steps {
			target[p] = bdd.True
			continue
		}
		for i := range s.live[p] {
			s.live[p][i] = !d.b.Disjoint(r.reach[p], d.cond[int(r.base[p])+i])
		}
		stuck[p] = d.b.Diff(r.reach[p], r.open(p))
	}
	if err := d.failure(r.hardest); err != nil {
		return nil, err
	}
	for p := range stuck {
		if stuck[p] == bdd.False {
			continue
		}
		t, err := r.nearest(&quest{goal: r.only(p, stuck[p])})
		if err != nil {
			return nil, err
		}
		s.stuck = append(s.stuck, t)
	}
	return s, r.surveyTraps(s, r.canReach(target))
}

// only is a goal at one place.
func (r *region) only(p int, n bdd.Node) []bdd.Node {
	goal := make([]bdd.Node, len(r.reach))
	goal[p] = n
	return goal
}

// surveyTraps tells, for each place at which walks enter the region from which
// none ends and find a choice open, the shortest way in.
func (r *region) surveyTraps(s *survey, ends []bdd.Node) error {
	d := r.d
	doomed := make([]bdd.Node, len(r.reach))
	entry := make([]bdd.Node, len(r.reach))
	defer d.hold(ends, doomed, entry)()
	for p := range doomed {
		doomed[p] = d.b.Diff(r.reach[p], ends[p])
		entry[p] = d.b.And(doomed[p], r.begin[p])
	}
	for p := range r.ways {
		for i := range r.ways[p] {
			w := &r.ways[p][i]
			if doomed[w.to] != bdd.False {
				entry[w.to] = d.b.Or(entry[w.to], d.b.And(doomed[w.to], r.image(ends[p], w)))
			}
		}
		d.rest()
	}
	if err := d.failure(r.hardest); err != nil {
		return err
	}
	for p := range entry {
		goal := r.d.b.And(entry[p], r.open(p))
		if goal == bdd.False {
			continue
		}
		t, err := r.nearest(&quest{goal: r.only(p, goal), stop: doomed})
		if err != nil {
			return err
		}
		s.noWayOut = append(s.noWayOut, t)
	}
	return nil
}

// count counts the states that differ in place or in a variable of the set.
func (r *region) count(set []uint64) (*big.Int, error) {
	d := r.d
	var levels []int
	for _, v := range vars(set) {
		levels = append(levels, d.bits[v]...)
	}
	slices.Sort(levels)
	counter := d.b.Counter(levels)
	total := new(big.Int)
	for p, n := range r.reach {
		if n == bdd.False {
			continue
		}
		var more []int
		for _, v := range vars(r.liveAt(p)) {
			if set[v>>6]>>uint(v&63)&1 == 0 {
				more = append(more, v)
			}
		}
		total.Add(total, counter.Count(d.b.Exists(n, d.cube(more))))
	}
	return total, d.failure(r.hardest)
}
