package verify

import (
	"context"
	"math/bits"
	"slices"

	"roundtable/playbook/automaton"
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

// diagrams is a machine as diagrams. Slices of one machine share it: what one
// rule has computed, the next one often finds in the cache.
type diagrams struct {
	m     *machine
	b     *bdd.Manager
	base  []int32
	bits  [][]int      // by variable: the diagram's variables, most significant bit first
	is    [][]bdd.Node // by variable and value
	varAt []int        // by diagram variable: whose bit it is
	any   []bdd.Node   // by variable: that it has one of its values
	cond  []bdd.Node   // by edge number: it is the one, or one, that can be taken
	// failed: not even the conditions could be made.
	failed bool
	eager  bool // collect at every rest
	// holders call keep for every node that somebody still needs.
	holders []func(keep func(bdd.Node))
}

func newDiagrams(ctx context.Context, m *machine, order []int, limit, work int) *diagrams {
	d := &diagrams{m: m, b: bdd.New(limit)}
	d.b.MaxWork = work
	d.b.Interrupted = func() bool { return ctx.Err() != nil }
	d.layBits(order)
	d.base = make([]int32, len(m.places)+1)
	for p := range m.places {
		d.base[p+1] = d.base[p] + int32(len(m.places[p].edges))
		d.conditions(p)
	}
	d.holders = append(d.holders, func(keep func(bdd.Node)) {
		for v := range d.is {
			keep(d.any[v])
			keepAll(d.is[v], keep)
		}
		keepAll(d.cond, keep)
	})
	d.failed = d.b.Err() != nil
	return d
}

func keepAll(nodes []bdd.Node, keep func(bdd.Node)) {
	for _, n := range nodes {
		keep(n)
	}
}

// layBits gives each variable its bits in the order given, a second copy's
// between those of the first.
func (d *diagrams) layBits(order []int) {
	facts := len(d.m.size) - len(d.m.first)
	second := make([]int, facts)
	for i, v := range d.m.first {
		second[v] = facts + i
	}
	d.bits = make([][]int, len(d.m.size))
	next := 0
	for _, v := range order {
		for range bits.Len(uint(d.m.size[v] - 1)) {
			d.bits[v] = append(d.bits[v], next)
			d.varAt = append(d.varAt, v)
			next++
			if w := second[v]; w > 0 {
				d.bits[w] = append(d.bits[w], next)
				d.varAt = append(d.varAt, w)
				next++
			}
		}
	}
	d.is = make([][]bdd.Node, len(d.m.size))
	d.any = make([]bdd.Node, len(d.m.size))
	for v, size := range d.m.size {
		for value := range size {
			n := bdd.True
			for i := len(d.bits[v]) - 1; i >= 0; i-- {
				shift := len(d.bits[v]) - 1 - i
				n = d.b.And(d.b.Is(d.bits[v][i], value>>shift&1 == 1), n)
			}
			d.is[v] = append(d.is[v], n)
			d.any[v] = d.b.Or(d.any[v], n)
		}
	}
}

// conditions makes the conditions of a place's edges. At a first place, an edge
// can be taken when its condition holds and no earlier one's does.
func (d *diagrams) conditions(p int) {
	pl := &d.m.places[p]
	left := bdd.True
	for i := range pl.edges {
		c := d.expr(pl.edges[i].cond)
		if pl.first {
			d.cond = append(d.cond, d.b.And(left, c))
			left = d.b.Diff(left, c)
			continue
		}
		d.cond = append(d.cond, c)
	}
}

func (d *diagrams) expr(e *automaton.Expr) bdd.Node {
	if e == nil {
		return bdd.True
	}
	switch e.Op {
	case automaton.True:
		return bdd.True
	case automaton.And:
		n := bdd.True
		for _, a := range e.Args {
			n = d.b.And(n, d.expr(a))
		}
		return n
	case automaton.Or:
		n := bdd.False
		for _, a := range e.Args {
			n = d.b.Or(n, d.expr(a))
		}
		return n
	case automaton.Not:
		return d.b.Not(d.expr(e.Args[0]))
	case automaton.FactIn:
		n := bdd.False
		for v := range d.is[e.Fact] {
			if e.In.Has(v) {
				n = d.b.Or(n, d.is[e.Fact][v])
			}
		}
		return n
	}
	return bdd.False
}

// exprs makes what is worked out by place. Most places share an expression.
func (d *diagrams) exprs(by byPlace) []bdd.Node {
	if by == nil {
		return nil
	}
	known := map[*automaton.Expr]bdd.Node{}
	out := make([]bdd.Node, len(by))
	for p, e := range by {
		n, ok := known[e]
		if !ok {
			n = d.expr(e)
			known[e] = n
		}
		out[p] = n
	}
	return out
}

// cube is a set of variables, to be quantified.
func (d *diagrams) cube(variables []int) bdd.Node {
	var list []int
	for _, v := range variables {
		list = append(list, d.bits[v]...)
	}
	slices.Sort(list)
	return d.b.Cube(list)
}

// hold keeps the nodes of lists until release is called. Lists may change, but
// not grow.
func (d *diagrams) hold(lists ...[]bdd.Node) (release func()) {
	return d.holdBy(func(keep func(bdd.Node)) {
		for _, l := range lists {
			keepAll(l, keep)
		}
	})
}

func (d *diagrams) holdBy(f func(keep func(bdd.Node))) (release func()) {
	n := len(d.holders)
	d.holders = append(d.holders, f)
	return func() {
		d.holders[n] = nil
		for len(d.holders) > 0 && d.holders[len(d.holders)-1] == nil {
			d.holders = d.holders[:len(d.holders)-1]
		}
	}
}

// rest frees what nobody holds, when it is time to. It is called where no node
// stands outside of what is held.
func (d *diagrams) rest() {
	if d.eager || d.b.Crowded() {
		d.collect()
	}
}

func (d *diagrams) collect() {
	d.b.Collect(func(keep func(bdd.Node)) {
		for _, h := range d.holders {
			if h != nil {
				h(keep)
			}
		}
	})
}

// way is one or more edges of a place that differ in nothing but the values
// that they assign.
type way struct {
	to    int32
	cond  bdd.Node
	drop  bdd.Node // the variables that are assigned, or not live at the target
	value bdd.Node // what they assign, of what is live at the target
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
	leave func()     // lets the manager forget all of it
	stops bool       // reach did not go on from where stop holds
}

// spread finds every valuation with which some walk of the slice comes to each
// place. It does not go on from where stop, which may be nil, holds.
func (d *diagrams) spread(s *slice, stop byPlace) (*region, error) {
	r := &region{slice: s, d: d, stops: stop != nil}
	r.parts, r.part = s.components()
	r.ways = make([][]way, len(s.m.places))
	r.leave = d.holdBy(r.keep)
	maker := &wayMaker{region: r, carried: make([]uint64, s.m.width())}
	for p := range s.m.places {
		if r.part[p] >= 0 {
			r.ways[p] = maker.waysFrom(p)
		}
	}
	r.begin = make([]bdd.Node, len(s.m.places))
	if len(r.begin) > 0 {
		r.begin[0] = r.starts()
	}
	at := d.exprs(stop)
	defer d.hold(at)()
	r.reach = r.flood(r.begin, at)
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
}

// wayMaker makes the ways of one region.
type wayMaker struct {
	*region
	carried []uint64
	levels  []int
}

// waysFrom joins the kept edges of a place into ways.
func (k *wayMaker) waysFrom(p int) []way {
	edges := k.m.places[p].edges
	ways := make([]way, 0, len(edges))
	for i := range edges {
		if !k.slice.keep[int(k.base[p])+i] {
			continue
		}
		w := k.wayOf(p, i)
		j := slices.IndexFunc(ways, func(v way) bool {
			return v.to == w.to && v.cond == w.cond && v.drop == w.drop && v.taken == w.taken
		})
		if j < 0 {
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
	live := k.liveAt(int(e.to))
	copy(k.carried, live)
	k.levels = k.levels[:0]
	for _, a := range e.set {
		k.carried[a.v>>6] &^= 1 << uint(a.v&63)
		if live[a.v>>6]>>uint(a.v&63)&1 == 1 {
			k.levels = append(k.levels, k.d.bits[a.v]...)
			w.value = k.d.b.And(w.value, k.d.is[a.v][a.value])
		}
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
	return r.d.b.And(r.d.b.AndExists(from, w.cond, w.drop), w.value)
}

// before is from where the way leads into a set.
func (r *region) before(into bdd.Node, w *way) bdd.Node {
	return r.d.b.And(w.cond, r.d.b.AndExists(into, w.value, w.taken))
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

// beginning is the set of values with which walks start, before the first step
// is entered, over the variables that matter: those in the set live, and those
// that what is needed reads.
func (d *diagrams) beginning(live []uint64) (all bdd.Node, matter []uint64) {
	s := &d.m.start
	matter = s.matter(live)
	all = d.expr(s.need)
	for _, v := range vars(matter) {
		switch of := s.copyOf[v]; {
		case of >= 0:
			for i, bit := range d.bits[v] {
				all = d.b.And(all, d.same(bit, d.bits[of][i]))
			}
		case s.free[v]:
			all = d.b.And(all, d.any[v])
		default:
			all = d.b.And(all, d.is[v][0])
		}
	}
	return all, matter
}

// same is the set in which two diagram variables are equal.
func (d *diagrams) same(a, b int) bdd.Node {
	return d.b.Or(d.b.And(d.b.Is(a, true), d.b.Is(b, true)), d.b.And(d.b.Is(a, false), d.b.Is(b, false)))
}

// flood spreads sets along the ways until nothing is added, but not on from
// where stop, which may be nil, holds.
func (r *region) flood(from, stop []bdd.Node) []bdd.Node {
	f := &spill{region: r, sets: slices.Clone(from), stop: stop, dirty: make([]bool, len(from)), source: make([]bdd.Node, 1)}
	defer r.d.hold(f.sets, f.source)()
	for i := range r.parts {
		part := &r.parts[i]
		if part.loops {
			for _, p := range part.places {
				f.dirty[p] = true
			}
			r.sweep(part.places, f.dirty, f.within)
		}
		for _, p := range part.places {
			f.push(p, false)
		}
	}
	return f.sets
}

// spill is one flood.
type spill struct {
	*region
	sets, stop []bdd.Node
	dirty      []bool
	source     []bdd.Node // what is being pushed, so that it is held
}

func (f *spill) within(p int32) { f.push(p, true) }

// push spreads a place's set along its ways within its component, or out of it.
func (f *spill) push(p int32, inside bool) {
	b := f.d.b
	f.source[0] = f.sets[p]
	if f.stop != nil {
		f.source[0] = b.Diff(f.source[0], f.stop[p])
	}
	if f.source[0] == bdd.False || b.Err() != nil {
		return
	}
	for i := range f.ways[p] {
		w := &f.ways[p][i]
		if (f.part[w.to] == f.part[p]) != inside {
			continue
		}
		if more := b.Or(f.sets[w.to], f.image(f.source[0], w)); more != f.sets[w.to] {
			f.sets[w.to] = more
			f.dirty[w.to] = true
		}
		f.d.rest()
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

// allow bounds the work from here on, and makes good a manager that stopped.
func (d *diagrams) allow(work int) {
	if d.b.Err() != nil {
		d.b.Resume()
		d.collect()
	}
	d.b.MaxWork = d.b.Work() + work
}

// failure is why the manager stopped, as a *Limit, or nil.
func (d *diagrams) failure(hardest func() (place int, facts []int)) error {
	err := d.b.Err()
	if err == nil {
		return nil
	}
	l := &Limit{What: NodeLimit, Bound: d.b.Limit(), Step: -1}
	if err == bdd.ErrInterrupted {
		l.What = TimeLimit
	}
	l.Step, l.Facts = hardest()
	return l
}

// hardest is the place whose set takes most nodes, and what it keeps apart.
func (r *region) hardest() (place int, facts []int) {
	most, size := -1, 0
	for p, n := range r.reach {
		if k := r.d.b.Size(n); k > size {
			most, size = p, k
		}
	}
	if most < 0 {
		return -1, nil
	}
	return most, shorten(vars(r.liveAt(most)))
}
