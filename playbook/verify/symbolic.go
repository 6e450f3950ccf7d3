package verify

import (
	"math/bits"
	"slices"

	"roundtable/playbook/verify/bdd"
)

// The symbolic engine: sets of valuations as decision diagrams.
//
// Where a walk stands is never part of a diagram. Each place has a set of its
// own, over the variables that are live there; so a set says little, and stays
// small where people would say that the questions have little to do with each
// other. Taking an edge is
//
//	set of the source and condition, without what is assigned or dies, and what is assigned
//
// which is one AndExists and one And. Choices of one step that differ only in
// the values they assign (the answers to a question) are one edge here.
//
// Places are worked through component by component, in the order of the graph:
// a place outside of circles is done once. Inside a circle, sweeps go forwards
// and backwards in turn, so that going back through n steps costs two sweeps
// and not n.

// way is one or more edges of a place that differ in nothing but the values
// that they assign.
type way struct {
	to    int32
	cond  bdd.Node
	drop  bdd.Node // the variables that are assigned, or not kept at the target
	value bdd.Node // what they assign, of what is kept at the target
	taken bdd.Node // the variables that value speaks of
}

// region is what the symbolic engine found.
type region struct {
	*slice
	d     *diagrams
	ways  [][]way
	parts []component
	part  []int32    // by place: the number of its component, or -1
	begin []bdd.Node // by place: where walks start
	reach []bdd.Node // by place: the valuations with which walks come there
	watch *watch     // or nil
	own   bool       // nobody else uses the diagrams
	stops bool       // reach did not go on from where stop holds
	leave func()     // lets the manager forget all of it
}

// spread finds every valuation with which some walk of the slice comes to each
// place, for the search q, or for whoever asks (nil). It does not go on from
// where the search stops, and keeps apart whether something is pending if the
// search asks for that.
func (d *diagrams) spread(s *slice, q *plan) (*region, error) {
	r := &region{slice: s, d: d}
	r.leave = d.holdBy(r.keep)
	r.parts, r.part = s.components()
	r.ways = make([][]way, len(s.m.places))
	maker := &wayMaker{region: r, carried: make([]uint64, s.m.width())}
	for p := range s.m.places {
		if r.part[p] >= 0 {
			r.ways[p] = maker.waysFrom(p)
		}
	}
	var stop []bdd.Node
	if q != nil && !q.isTrap() {
		stop = d.exprs(q.stop)
		r.stops = stop != nil
		if q.trigger != nil {
			r.watch = &watch{d, d.exprs(q.trigger), d.exprs(q.release)}
		}
	}
	r.begin = make([]bdd.Node, len(s.m.places))
	if len(r.begin) > 0 {
		r.begin[0] = r.watch.start(r.starts())
	}
	defer d.hold(stop)()
	r.reach = r.flood(r.begin, stop)
	if err := d.failure(r.hardest); err != nil {
		r.leave()
		return nil, err
	}
	return r, nil
}

func (r *region) keep(keep func(bdd.Node)) {
	for _, ways := range r.ways {
		for _, w := range ways {
			keep(w.cond)
			keep(w.drop)
			keep(w.value)
			keep(w.taken)
		}
	}
	keepAll(r.begin, keep)
	keepAll(r.reach, keep)
	if r.watch != nil {
		keepAll(r.watch.trigger, keep)
		keepAll(r.watch.release, keep)
	}
}

// wayMaker makes the ways of one region.
type wayMaker struct {
	*region
	carried []uint64
	levels  []int
	list    []assign
}

// waysFrom joins the kept edges of a place into ways.
func (k *wayMaker) waysFrom(p int) []way {
	edges := k.m.places[p].edges
	ways := make([]way, 0, len(edges))
	alike := make(map[way]int, len(edges)) // the way that differs in nothing but what it assigns
	for i := range edges {
		if !k.slice.keep[int(k.base[p])+i] {
			continue
		}
		w := k.wayOf(p, i)
		key := w
		key.value = bdd.True
		j, known := alike[key]
		if !known {
			alike[key] = len(ways)
			ways = append(ways, w)
		} else {
			ways[j].value = k.d.b.Or(ways[j].value, w.value)
		}
	}
	return ways
}

// wayOf is one edge as a way.
func (k *wayMaker) wayOf(p, i int) way {
	e := &k.m.places[p].edges[i]
	w := way{to: e.to, cond: k.d.cond[int(k.base[p])+i], value: bdd.True}
	copy(k.carried, k.liveAt(int(e.to)))
	k.levels = k.levels[:0]
	k.list = k.sets(k.list[:0], p, i)
	for _, a := range k.list {
		k.carried[a.v>>6] &^= 1 << uint(a.v&63)
		k.levels = append(k.levels, k.d.bits[a.v]...)
		w.value = k.d.b.And(w.value, k.d.is[a.v][a.value])
	}
	w.taken = k.cube()
	k.levels = k.levels[:0]
	for j, word := range k.liveAt(p) {
		for word &^= k.carried[j]; word != 0; word &= word - 1 {
			k.levels = append(k.levels, k.d.bits[j<<6+bits.TrailingZeros64(word)]...)
		}
	}
	w.drop = k.cube()
	return w
}

func (k *wayMaker) cube() bdd.Node {
	slices.Sort(k.levels)
	return k.d.b.Cube(k.levels)
}

// image is where the way leads from a set.
func (r *region) image(from bdd.Node, w *way) bdd.Node {
	return r.watch.arrive(w.to, r.d.b.And(r.d.b.AndExists(from, w.cond, w.drop), w.value))
}

// before is from where the way leads into a set.
func (r *region) before(into bdd.Node, w *way) bdd.Node {
	return r.d.b.And(w.cond, r.d.b.AndExists(r.watch.leave(w.to, into), w.value, w.taken))
}

// starts is the set of valuations at place 0 with which walks start.
func (r *region) starts() bdd.Node {
	d, live := r.d, r.liveAt(0)
	all, matter := d.beginning(live)
	var drop []int
	enter := bdd.True
	for _, v := range vars(matter) {
		if live[v>>6]>>uint(v&63)&1 == 0 {
			drop = append(drop, v)
		}
	}
	for _, a := range r.m.start.enter {
		if matter[a.v>>6]>>uint(a.v&63)&1 == 1 {
			drop = append(drop, int(a.v))
		}
		if live[a.v>>6]>>uint(a.v&63)&1 == 1 {
			enter = d.b.And(enter, d.is[a.v][a.value])
		}
	}
	slices.Sort(drop)
	return d.b.And(d.b.Exists(all, d.cube(slices.Compact(drop))), enter)
}

// flood spreads sets along the ways until nothing is added, but not on from
// where stop, which may be nil, holds.
func (r *region) flood(from, stop []bdd.Node) []bdd.Node {
	b := r.d.b
	sets, source := slices.Clone(from), make([]bdd.Node, 1)
	defer r.d.hold(sets, source)()
	dirty := make([]bool, len(sets))
	r.forwards(dirty, func(p int32, inside bool) {
		source[0] = sets[p]
		if stop != nil {
			source[0] = b.Diff(source[0], stop[p])
		}
		if source[0] == bdd.False {
			return
		}
		for i := range r.ways[p] {
			w := &r.ways[p][i]
			if (r.part[w.to] == r.part[p]) != inside {
				continue
			}
			if more := b.Or(sets[w.to], r.image(source[0], w)); more != sets[w.to] {
				sets[w.to] = more
				dirty[w.to] = true
			}
			r.d.rest()
		}
	})
	return sets
}

// forwards pushes what is known at places along their ways: within components
// until nothing is dirty, then out of them.
func (r *region) forwards(dirty []bool, push func(p int32, inside bool)) {
	within := func(p int32) { push(p, true) }
	for i := range r.parts {
		part := &r.parts[i]
		if part.loops {
			for _, p := range part.places {
				dirty[p] = true
			}
			r.sweep(part.places, dirty, within)
		}
		for _, p := range part.places {
			if r.d.b.Err() == nil {
				push(p, false)
			}
		}
	}
}

// sweep does every dirty place, forwards and backwards in turn, until none is
// dirty.
func (r *region) sweep(places []int32, dirty []bool, do func(p int32)) {
	for back := false; r.d.b.Err() == nil; back = !back {
		clean := true
		for i := range places {
			p := places[i]
			if back {
				p = places[len(places)-1-i]
			}
			if dirty[p] && r.d.b.Err() == nil {
				dirty[p], clean = false, false
				do(p)
			}
		}
		if clean {
			return
		}
	}
}

// hardest is the place whose set takes most nodes, as far as can be told
// quickly, and what it keeps apart.
func (r *region) hardest() (place int, facts []int) {
	most, size, left := -1, 0, 1<<20
	for p, n := range r.reach {
		k := r.d.b.Size(n, min(left, 1<<16))
		if left -= k; k > size {
			most, size = p, k
		}
	}
	if most < 0 {
		return -1, nil
	}
	return most, shorten(vars(r.liveAt(most)))
}
