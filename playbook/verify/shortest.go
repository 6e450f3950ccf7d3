package verify

import (
	"slices"

	"roundtable/playbook/verify/bdd"
)

// The shortest story, from sets.
//
// That a rule is broken shows in the sets of all that is reachable; how soon it
// breaks does not. Searching again in layers, turn by turn, would tell; but a
// walk through two thousand steps has two thousand layers, in each of which it
// can stand at hundreds of places. Instead the fixpoint is done once more with
// distances in place of sets: each place has one diagram that gives every
// valuation the least number of turns in which a walk comes there. Outside of
// circles a place is again done once, however long the walk. Only valuations
// from which the goal can be reached are looked at, which are mostly few. And
// the numbers are counted from the least number of turns in which a walk could
// come to the place if there were no conditions; so most steps of a walk change
// no number, and neighbouring places share their diagrams.
//
// Then the walk is narrowed, from the goal back: at each turn, to the valuations
// of that distance from which the next turn's are reached. And a concrete walk
// is led through: from the first start there is, taking at each turn the first
// choice that stays within. That is the story that the explicit engine tells.

// story is a search for a shortest walk.
type story struct {
	*region
	goal, stop []bdd.Node
	toward     []bdd.Node     // by place: from where the goal can be reached
	least      []int          // by place: turns to come there, whatever the conditions
	far        []bdd.Distance // by place: how many turns more than that a walk needs
	turns      []turn         // from the start to the goal
}

// turn is where a shortest walk can stand at a turn: some places, and what sets
// of valuations they can have.
type turn struct {
	places []int32
	sets   []bdd.Node
}

func (t *turn) at(p int32) bdd.Node {
	if i := slices.Index(t.places, p); i >= 0 {
		return t.sets[i]
	}
	return bdd.False
}

func (t *turn) add(b *bdd.Manager, p int32, set bdd.Node) {
	if set == bdd.False {
		return
	}
	i := slices.Index(t.places, p)
	if i < 0 {
		t.places, t.sets = append(t.places, p), append(t.sets, set)
		return
	}
	t.sets[i] = b.Or(t.sets[i], set)
}

// shortest returns the first of the shortest walks to the goal, all of which is
// reachable without going on from where stop, which may be nil, holds. It
// returns nil where the goal holds nowhere.
func (r *region) shortest(goal, stop []bdd.Node) (*path, error) {
	if err := r.d.failure(r.hardest); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(goal, func(n bdd.Node) bool { return n != bdd.False }) {
		return nil, nil
	}
	r.d.allow(max(r.d.b.MaxWork-r.d.b.Work(), storyWork))
	s := &story{region: r, goal: goal, stop: stop}
	defer r.d.holdBy(s.keep)()
	s.toward = r.canReach(goal, stop)
	s.measure()
	s.narrow()
	var t *path
	if r.d.b.Err() == nil {
		t = s.lead()
	}
	if err := r.d.failure(r.hardest); err != nil {
		err.(*Limit).Broken = true
		return nil, err
	}
	if t == nil { // cannot be; and if it is, then that is no proof
		return nil, &Limit{What: WorkLimit, Bound: r.d.allowed, Step: -1, Broken: true}
	}
	return t, nil
}

func (s *story) keep(keep func(bdd.Node)) {
	keepAll(s.goal, keep)
	keepAll(s.stop, keep)
	keepAll(s.toward, keep)
	keepAll(s.far, keep)
	for i := range s.turns {
		keepAll(s.turns[i].sets, keep)
	}
}

// measure finds how far the valuations that lead to the goal are.
func (s *story) measure() {
	b := s.d.b
	s.least = s.turnsAtLeast()
	s.far = make([]bdd.Distance, len(s.goal))
	if len(s.far) > 0 {
		s.far[0] = b.Within(b.Everywhere(0), b.And(s.begin[0], s.toward[0]))
	}
	source := make([]bdd.Distance, 1)
	defer s.d.hold(source)()
	dirty := make([]bool, len(s.far))
	s.forwards(dirty, func(p int32, inside bool) {
		if source[0] = s.far[p]; source[0] == bdd.Nowhere {
			return
		}
		if s.stop != nil {
			source[0] = b.Within(source[0], b.Not(s.stop[p]))
		}
		for i := range s.ways[p] {
			w := &s.ways[p][i]
			if s.toward[w.to] == bdd.False || (s.part[w.to] == s.part[p]) != inside {
				continue
			}
			if less := b.Least(s.far[w.to], s.after(source[0], p, w)); less != s.far[w.to] {
				s.far[w.to] = less
				dirty[w.to] = true
			}
			s.d.rest()
		}
	})
}

// turnsAtLeast is the least number of turns from the start to each place along
// kept edges, whatever their conditions.
func (r *region) turnsAtLeast() []int {
	least := make([]int, len(r.ways))
	for p := range least {
		least[p] = -1
	}
	if len(least) == 0 {
		return least
	}
	least[0] = 0
	queue := []int32{0}
	for i := 0; i < len(queue); i++ {
		for _, w := range r.ways[queue[i]] {
			if least[w.to] < 0 {
				least[w.to] = least[queue[i]] + 1
				queue = append(queue, w.to)
			}
		}
	}
	return least
}

// after is how far valuations are when they have taken a way from p.
func (s *story) after(far bdd.Distance, p int32, w *way) bdd.Distance {
	b := s.d.b
	far = b.LeastOver(b.Within(far, w.cond), w.drop)
	far = s.watch.arriveAt(w.to, b.Within(far, w.value))
	if s.toward[w.to] != s.reach[w.to] || s.stop != nil {
		far = b.Within(far, s.toward[w.to])
	}
	return b.Later(far, s.least[p]+1-s.least[w.to])
}

// narrow finds what lies on a shortest walk, from the goal back.
func (s *story) narrow() {
	b := s.d.b
	last := -1
	for p, far := range s.far {
		if n, ok := b.Smallest(b.Within(far, s.goal[p])); ok && (last < 0 || s.least[p]+n < last) {
			last = s.least[p] + n
		}
	}
	if last < 0 || b.Err() != nil {
		return
	}
	s.turns = make([]turn, last+1)
	for p := range s.far {
		s.turns[last].add(b, int32(p), s.atTurn(int32(p), s.goal[p], last))
	}
	into := s.waysInto(false)
	for n := last - 1; n >= 0 && b.Err() == nil; n-- {
		next := &s.turns[n+1]
		for i, p := range next.places {
			for _, w := range into[p] {
				from := s.before(next.sets[i], w.way)
				if s.stop != nil {
					from = b.Diff(from, s.stop[w.from])
				}
				s.turns[n].add(b, w.from, s.atTurn(w.from, from, n))
			}
		}
		s.d.rest()
	}
}

// atTurn leaves of a set what a walk can have at a place at turn n, not earlier.
func (s *story) atTurn(p int32, set bdd.Node, n int) bdd.Node {
	if n < s.least[p] {
		return bdd.False
	}
	return s.d.b.Exactly(s.d.b.Within(s.far[p], set), n-s.least[p])
}

// lead leads the first concrete walk through the turns, nil where they do not
// lead on.
func (s *story) lead() *path {
	m := s.m
	values := s.firstStart()
	if s.d.b.Err() != nil || len(s.turns) == 0 {
		return nil
	}
	t := &path{start: slices.Clone(values)}
	p, pending := int32(0), s.watch.after(0, false, values)
	for n := 1; n < len(s.turns); n++ {
		i := s.step(p, pending, values, &s.turns[n])
		if i < 0 {
			return nil
		}
		e := &m.places[p].edges[i]
		t.add(e)
		for _, a := range e.set {
			values[a.v] = a.value
		}
		p, pending = e.to, s.watch.after(e.to, pending, values)
	}
	return t
}

// step finds the first edge that can be taken and leads into the turn, or -1.
func (s *story) step(p int32, pending bool, values []uint8, into *turn) int {
	edges := s.m.places[p].edges
	for i := range edges {
		e := &edges[i]
		if !holds(e.cond, values) {
			continue
		}
		if s.slice.keep[int(s.base[p])+i] {
			next := slices.Clone(values)
			for _, a := range e.set {
				next[a.v] = a.value
			}
			if s.d.has(into.at(e.to), next, s.watch.after(e.to, pending, next)) {
				return i
			}
		}
		if s.m.places[p].first {
			break
		}
	}
	return -1
}

// firstStart is the first start from which the turns lead on, with the first
// step entered.
func (s *story) firstStart() []uint8 {
	d := s.d
	live := s.liveAt(0)
	all, _ := d.beginning(live)
	from := s.watch.leave(0, s.turns[0].at(0))
	var entered []int
	for _, a := range s.m.start.enter {
		if live[a.v>>6]>>uint(a.v&63)&1 == 1 {
			from = d.b.And(from, d.is[a.v][a.value])
			entered = append(entered, int(a.v))
		}
	}
	all = d.b.And(d.b.Diff(all, d.pending), d.b.Exists(from, d.cube(entered)))
	values := make([]uint8, len(s.m.size))
	for _, v := range s.m.start.vary(live) {
		for value := range d.is[v] {
			if n := d.b.And(all, d.is[v][value]); n != bdd.False {
				all, values[v] = n, uint8(value)
				break
			}
		}
	}
	for v, of := range s.m.start.copyOf {
		if of >= 0 {
			values[v] = values[of]
		}
	}
	for _, a := range s.m.start.enter {
		values[a.v] = a.value
	}
	return values
}

// has reports whether the values, with something pending or not, are in the set.
func (d *diagrams) has(n bdd.Node, values []uint8, pending bool) bool {
	return d.b.Has(n, func(level int) bool {
		v := d.varAt[level]
		if v < 0 {
			return pending
		}
		i := slices.Index(d.bits[v], level)
		return values[v]>>uint(len(d.bits[v])-1-i)&1 == 1
	})
}

// after tells whether something is pending when a walk comes to a place with
// these values.
func (x *watch) after(p int32, pending bool, values []uint8) bool {
	switch {
	case x == nil:
		return false
	case x.d.has(x.release[p], values, pending):
		return false
	}
	return pending || x.d.has(x.trigger[p], values, pending)
}
