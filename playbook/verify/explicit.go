package verify

import (
	"context"
	"slices"
	"sync"

	"roundtable/playbook/automaton"
)

// The explicit engine: breadth-first search over packed states.
//
// States are numbered in the order in which they are found. Starts are found in
// the order of their values, and the edges of a state are followed in the order
// of their choices; so the first way by which a state is found is the shortest,
// and among equally short ones the first in the order of starts and choices. A
// shortest story is therefore a chain of parents, and the first state in number
// order that breaks a rule is the one to tell.

// graph is what the explicit engine found: states, and the edges between them.
type graph struct {
	*slice
	*store
	pack  *packing
	vary  []int // the variables that differ between starts
	turn  []int // by start (they are the first states): its number in counting
	stops bool  // the search did not go on from states in which stop holds
	goal  int32 // a state in which the goal holds, at which the search ended; or -1
}

// store is the memory of a graph, which is used again for others.
type store struct {
	place []int32  // by state
	state []uint64 // by state, pack.words each
	first []int32  // by state: its first edge in to and via; one more at the end
	to    []int32
	via   []int32 // the edge's number at its place
	found []int32 // by state: the state from which it was found, -1 for a start
	by    []int32 // by state: the edge's number at that state's place
	table []int32 // hash table of state numbers + 1
}

var stores = sync.Pool{New: func() any { return new(store) }}

const (
	firstTable = 256
	mostKept   = 1 << 16 // a store of more states is not kept
)

func newStore() *store {
	m := stores.Get().(*store)
	m.place, m.state, m.first = m.place[:0], m.state[:0], m.first[:0]
	m.to, m.via, m.found, m.by = m.to[:0], m.via[:0], m.found[:0], m.by[:0]
	m.sizeTable(firstTable)
	return m
}

// sizeTable makes an empty table.
func (m *store) sizeTable(n int) {
	if cap(m.table) < n {
		m.table = make([]int32, n)
		return
	}
	m.table = m.table[:n]
	clear(m.table)
}

func (m *store) release() {
	if cap(m.place) <= mostKept {
		stores.Put(m)
	}
}

// explorer holds what only the search needs.
type explorer struct {
	*graph
	next  []uint64
	carry []uint64 // by edge, pack.words each: the bits that it carries over
	fill  []uint64 // and those that it sets
	limit int
}

// explore finds every state of the slice that some walk reaches. It does not go
// on from states in which stop holds, and ends early when goal holds; both may
// be nil.
func explore(ctx context.Context, s *slice, goal, stop byPlace, limit int) (*graph, error) {
	g := &graph{slice: s, store: newStore(), pack: newPacking(s), goal: -1, stops: stop != nil}
	x := &explorer{graph: g, limit: limit}
	x.next = make([]uint64, g.pack.words)
	x.layMasks()
	err := x.starts(ctx)
	if err == nil {
		err = x.search(ctx, goal, stop)
	}
	if err != nil {
		g.release()
		return nil, err
	}
	return g, nil
}

// search finds the states to which the starts lead.
func (x *explorer) search(ctx context.Context, goal, stop byPlace) error {
	g := x.graph
	for n := 0; n < len(g.place) && g.goal < 0; n++ {
		g.first = append(g.first, int32(len(g.to)))
		if n&0x3ff == 0 && ctx.Err() != nil {
			return &Limit{What: TimeLimit, Step: -1}
		}
		if len(g.place) > x.limit {
			return g.tooMany(x.limit)
		}
		p := g.place[n]
		if goal != nil && g.pack.holds(goal[p], g.at(n)) {
			g.goal = int32(n)
			break
		}
		if stop == nil || !g.pack.holds(stop[p], g.at(n)) {
			x.expand(n)
		}
	}
	g.first = append(g.first, int32(len(g.to)))
	return nil
}

func (g *graph) at(n int) []uint64 {
	w := g.pack.words
	return g.state[n*w : (n+1)*w : (n+1)*w]
}

// layMasks works out what each kept edge does to a packed state.
func (x *explorer) layMasks() {
	w := x.pack.words
	x.carry = make([]uint64, len(x.keep)*w)
	x.fill = make([]uint64, len(x.keep)*w)
	var list []assign
	for p := range x.m.places {
		for i := range x.m.places[p].edges {
			n := int(x.base[p]) + i
			if !x.keep[n] {
				continue
			}
			keeps, sets := x.carry[n*w:(n+1)*w], x.fill[n*w:(n+1)*w]
			x.pack.maskInto(keeps, x.liveAt(int(x.m.places[p].edges[i].to)))
			list = x.sets(list[:0], p, i)
			for _, a := range list {
				f := &x.pack.field[a.v]
				keeps[f.word] &^= f.mask << f.shift
				x.pack.put(sets, int(a.v), a.value)
			}
		}
	}
}

func (x *explorer) expand(n int) {
	w := x.pack.words
	p := x.place[n]
	pl := &x.m.places[p]
	for i := range pl.edges {
		e := &pl.edges[i]
		number := int(x.base[p]) + i
		if !x.keep[number] && !pl.first {
			continue
		}
		state := x.at(n) // again each time: intern may move it
		if !x.pack.holds(e.cond, state) {
			continue
		}
		if x.keep[number] {
			for k := range x.next {
				x.next[k] = state[k]&x.carry[number*w+k] | x.fill[number*w+k]
			}
			x.to = append(x.to, x.intern(e.to, int32(n), int32(i)))
			x.via = append(x.via, int32(i))
		}
		if pl.first {
			return
		}
	}
}

// intern finds the number of the state next at place p, giving it one if it is
// new.
func (x *explorer) intern(p, from, by int32) int32 {
	mask := uint64(len(x.table) - 1)
	w := x.pack.words
search:
	for h := hash(p, x.next) & mask; ; h = (h + 1) & mask {
		n := x.table[h] - 1
		if n < 0 {
			n = int32(len(x.place))
			x.table[h] = n + 1
			x.place = append(x.place, p)
			x.state = append(x.state, x.next...)
			x.found = append(x.found, from)
			x.by = append(x.by, by)
			if 2*len(x.place) > len(x.table) {
				x.grow()
			}
			return n
		}
		if x.place[n] != p {
			continue
		}
		for k := range w {
			if x.state[int(n)*w+k] != x.next[k] {
				continue search
			}
		}
		return n
	}
}

func (x *explorer) grow() {
	x.sizeTable(2 * len(x.table))
	mask := uint64(len(x.table) - 1)
	for n := range x.place {
		h := hash(x.place[n], x.at(n)) & mask
		for x.table[h] != 0 {
			h = (h + 1) & mask
		}
		x.table[h] = int32(n) + 1
	}
}

func hash(p int32, state []uint64) uint64 {
	h := uint64(p) * 0x9e3779b97f4a7c15
	for _, word := range state {
		h = (h ^ word) * 0xd6e8feb86659fd93
		h ^= h >> 32
	}
	return h
}

// starts finds the states in which walks start, in the order of their values.
// A free variable that is neither live at the first place nor read by what is
// needed keeps its first value.
func (x *explorer) starts(ctx context.Context) error {
	if len(x.m.places) == 0 {
		return nil
	}
	x.vary = x.m.start.vary(x.liveAt(0))
	count := 1
	for _, v := range x.vary {
		if count *= x.m.size[v]; count > 4*x.limit {
			return &Limit{What: StateLimit, Bound: x.limit, Facts: shorten(x.vary), Step: 0}
		}
	}
	values := make([]uint8, len(x.m.size))
	kept := vars(x.liveAt(0))
	for turn := range count {
		if turn&0x3ff == 0 && ctx.Err() != nil {
			return &Limit{What: TimeLimit, Step: -1}
		}
		if !x.startAt(turn, values) {
			continue
		}
		clear(x.next)
		for _, v := range kept {
			x.pack.put(x.next, v, values[v])
		}
		if before := len(x.place); int(x.intern(0, -1, -1)) == before {
			x.turn = append(x.turn, turn)
		}
	}
	return nil
}

// startAt puts the values of the start of that number, with the first step
// entered, into values; it reports whether walks start there. Counting turns the
// last variable fastest.
func (g *graph) startAt(turn int, values []uint8) bool {
	clear(values)
	for i := len(g.vary) - 1; i >= 0; i-- {
		v := g.vary[i]
		values[v] = uint8(turn % g.m.size[v])
		turn /= g.m.size[v]
	}
	for v, of := range g.m.start.copyOf {
		if of >= 0 {
			values[v] = values[of]
		}
	}
	if !holds(g.m.start.need, values) {
		return false
	}
	for _, a := range g.m.start.enter {
		values[a.v] = a.value
	}
	return true
}

// matter is the set of variables whose values at the start matter: those in the
// set live, those of which they are copies, and those that need reads.
func (s *start) matter(live []uint64) []uint64 {
	set := append([]uint64(nil), live...)
	eachVar(s.need, func(v int) { set[v>>6] |= 1 << uint(v&63) })
	for v, of := range s.copyOf {
		if of >= 0 && set[v>>6]>>uint(v&63)&1 == 1 {
			set[of>>6] |= 1 << uint(of&63)
		}
	}
	return set
}

// vary lists the free variables that matter where walks start. Those that are
// then set by entering come last, so that counting goes through the starts in
// the order of what their values are once the first step is entered.
func (s *start) vary(live []uint64) []int {
	var walk, entered []int
	for _, v := range vars(s.matter(live)) {
		switch {
		case !s.free[v]:
		case slices.ContainsFunc(s.enter, func(a assign) bool { return int(a.v) == v }):
			entered = append(entered, v)
		default:
			walk = append(walk, v)
		}
	}
	return append(walk, entered...)
}

// holds evaluates an expression over variables, given the value of each.
func holds(e *automaton.Expr, values []uint8) bool {
	return e.Eval(nil, automaton.State{Values: values})
}

// tooMany tells where most states are, and what they differ in.
func (g *graph) tooMany(limit int) *Limit {
	count := make([]int, len(g.m.places))
	most := 0
	for _, p := range g.place {
		if count[p]++; count[p] > count[most] {
			most = int(p)
		}
	}
	return &Limit{What: StateLimit, Bound: limit, Facts: shorten(vars(g.liveAt(most))), Step: most}
}

// shorten keeps a list of facts in a message to what a person will read.
func shorten(facts []int) []int { return facts[:min(len(facts), 8)] }

// path is a walk of a machine: the values at its start, and its edges.
type path struct {
	start  []uint8
	choice []int
	other  []int
}

// pathTo tells how state n was found, by the parents found and by.
func (g *graph) pathTo(n int32, found, by []int32) *path {
	t := &path{}
	for ; found[n] >= 0; n = found[n] {
		t.add(&g.m.places[g.place[found[n]]].edges[by[n]])
	}
	return g.begin(t, n)
}

// add adds the edge before those that the path has; the path is put in order
// when it begins.
func (t *path) add(e *edge) {
	t.choice = append(t.choice, int(e.choice))
	t.other = append(t.other, int(e.other))
}

// begin ends the building of a path, which has been built from its end: it
// starts in state n.
func (g *graph) begin(t *path, n int32) *path {
	slices.Reverse(t.choice)
	slices.Reverse(t.other)
	t.start = make([]uint8, len(g.m.size))
	g.startAt(g.turn[n], t.start)
	return t
}
