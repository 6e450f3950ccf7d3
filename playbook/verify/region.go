package verify

import (
	"math/big"
	"slices"

	"roundtable/playbook/verify/bdd"
)

// What the symbolic engine answers from a region that it has explored.

// settles: where a search has a memory (of having stopped, or of something
// pending), what is reachable settles it only if the goal, or what sets off the
// pending, is reachable nowhere. Else much would be flooded again, better in a
// slice that keeps less apart.
func (r *region) settles(q *plan) bool {
	look := q.goal
	if q.trigger != nil {
		look = q.trigger
	}
	if look == nil || q.stop == nil && q.trigger == nil {
		return true
	}
	met, err := r.some(look)
	return err == nil && !met
}

func (r *region) allow(work int) { r.d.allow(work) }
func (r *region) forget() {
	r.leave()
	if r.own {
		r.d.release()
	}
}

// find returns the shortest walk to a state in which the goal holds.
func (r *region) find(q *plan) (*path, error) {
	if q.trigger != nil && r.watch == nil {
		return nil, nil // see settles: nothing is ever pending
	}
	d := r.d
	goal, stop := d.exprs(q.goal), d.exprs(q.stop)
	if r.watch != nil {
		for p := range goal {
			goal[p] = d.b.And(goal[p], d.pending)
		}
	}
	defer d.hold(goal, stop)()
	reach := r.reach
	if stop != nil && !r.stops && r.meets(reach, goal) {
		reach = r.flood(r.begin, stop)
		defer d.hold(reach)()
	}
	for p := range goal {
		goal[p] = d.b.And(goal[p], reach[p])
	}
	return r.shortest(goal, stop)
}

// meets reports whether the goal holds somewhere in the sets.
func (r *region) meets(sets, goal []bdd.Node) bool {
	for p := range sets {
		if !r.d.b.Disjoint(sets[p], goal[p]) {
			return true
		}
	}
	return false
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
	can := r.canReach(target, nil)
	for p := range goal {
		goal[p] = d.b.Diff(d.b.And(r.reach[p], goal[p]), can[p])
	}
	return r.shortest(goal, nil)
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
// target without going on from where stop, which may be nil, holds.
func (r *region) canReach(target, stop []bdd.Node) []bdd.Node {
	d := r.d
	can := make([]bdd.Node, len(r.reach))
	from := r.reach // from where walks go on
	if stop != nil {
		from = slices.Clone(r.reach)
		for p := range from {
			from[p] = d.b.Diff(from[p], stop[p])
		}
	}
	defer d.hold(can, from)()
	into := r.waysInto(true)
	dirty := make([]bool, len(can))
	pull := func(q int32) {
		for _, w := range into[q] {
			more := d.b.Or(can[w.from], d.b.And(from[w.from], r.before(can[q], w.way)))
			if more != can[w.from] {
				can[w.from] = more
				dirty[w.from] = true
			}
			d.rest()
		}
	}
	for i := len(r.parts) - 1; i >= 0; i-- {
		part := &r.parts[i]
		for _, p := range part.places {
			can[p] = d.b.And(r.reach[p], target[p])
			if part.loops || stop != nil || !r.allGoOn(can, p) {
				r.pullFromOutside(can, from, p)
			}
			dirty[p] = true
		}
		if part.loops {
			r.sweep(part.places, dirty, pull)
		}
	}
	return can
}

// allGoOn settles a place outside of circles without work, where all that
// follows can reach the target, and no state is stuck: then all here can too.
func (r *region) allGoOn(can []bdd.Node, p int32) bool {
	for _, w := range r.ways[p] {
		if can[w.to] != r.reach[w.to] {
			return false
		}
	}
	if r.d.b.Diff(r.reach[p], r.open(int(p))) != bdd.False {
		return false
	}
	can[p] = r.reach[p]
	return true
}

// pullFromOutside adds to what can at a place what its ways out of its component
// give.
func (r *region) pullFromOutside(can, from []bdd.Node, p int32) {
	d := r.d
	for i := range r.ways[p] {
		w := &r.ways[p][i]
		if can[p] == r.reach[p] {
			return
		}
		if r.part[w.to] != r.part[p] {
			can[p] = d.b.Or(can[p], d.b.And(from[p], r.before(can[w.to], w)))
			d.rest()
		}
	}
}

// inWay is a way seen from its target.
type inWay struct {
	from int32
	way  *way
}

// waysInto lists, by place, the ways into it; inside: those alone that stay in
// its component.
func (r *region) waysInto(inside bool) [][]inWay {
	into := make([][]inWay, len(r.ways))
	for p := range r.ways {
		for i := range r.ways[p] {
			if w := &r.ways[p][i]; !inside || r.part[w.to] == r.part[p] {
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
		t, err := r.shortest(r.only(p, stuck[p]), nil)
		if err != nil {
			return nil, err
		}
		s.stuck = append(s.stuck, t)
	}
	return s, r.surveyTraps(s, r.canReach(target, nil))
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
		t, err := r.shortest(r.only(p, goal), doomed)
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
	counter := d.b.Counter(d.levels(set))
	total := new(big.Int)
	for p, n := range r.reach {
		if n == bdd.False {
			continue
		}
		kept, more := make([]uint64, len(set)), make([]uint64, len(set))
		for k, live := range r.liveAt(p) {
			kept[k], more[k] = set[k]&live, live&^set[k]
		}
		// The counter counts every value of what is not kept here, too.
		count := counter.Count(d.b.Exists(n, d.cube(vars(more))))
		total.Add(total, count.Rsh(count, uint(len(d.levels(set))-len(d.levels(kept)))))
	}
	return total, d.failure(r.hardest)
}

// levels lists the diagram variables of a set of variables.
func (d *diagrams) levels(set []uint64) []int {
	var list []int
	for _, v := range vars(set) {
		list = append(list, d.bits[v]...)
	}
	slices.Sort(list)
	return list
}
