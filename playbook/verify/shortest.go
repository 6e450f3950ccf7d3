package verify

import (
	"container/heap"

	"roundtable/playbook/verify/bdd"
)

// The shortest story, from sets.
//
// That a rule is broken shows in the sets of all that is reachable; how soon it
// breaks does not. For the story the walk is searched again in layers: layer
// (turn, place) is what can stand at a place after so many turns, and not
// earlier. Going through all layers turn by turn would visit, in a long
// questionnaire with questions that can be skipped, thousands of places at each
// of thousands of turns; nearly none of them on a shortest walk. So layers are
// taken in the order of turn plus the least number of turns that could still
// lead to the goal, whatever the conditions (A*, over sets): a layer that is
// too late for the shortest walk is never looked at. All layers that can be on
// a shortest walk are finished before any other begins.
//
// Then the layers are narrowed, from the last to the first, to the valuations
// from which the goal is reached in time; and a concrete walk is led through
// them: from the first start there is, taking at each turn the first choice
// that stays within. That is the same story as the explicit engine tells.

// quest is what a shortest walk is wanted for. A goal that only counts while
// something is pending has trigger and release, as in plan.
type quest struct {
	goal, stop       []bdd.Node
	trigger, release []bdd.Node
}

// layer is where walks can stand after so many turns. spot is twice the place,
// and one more while something is pending.
type layer struct {
	turn, spot int32
}

type layers struct {
	r    *region
	want *quest
	left []int32 // by place: the least number of turns to the goal, or -1
	sets map[layer]bdd.Node
	seen []bdd.Node // by spot: what earlier layers had
	todo agenda
	last int32 // the turn at which the goal is reached, or -1
}

// shortest returns the first of the shortest walks to a goal that is known to
// be reached, at the places that are marked.
func (r *region) shortest(want *quest, met []bool) (*path, error) {
	l := &layers{r: r, want: want, sets: map[layer]bdd.Node{}, seen: make([]bdd.Node, 2*len(r.reach)), last: -1}
	defer r.d.holdBy(func(keep func(bdd.Node)) {
		for _, n := range l.sets {
			keep(n)
		}
		keepAll(l.seen, keep)
	})()
	defer r.d.hold(want.goal, want.stop, want.trigger, want.release)()
	l.left = r.distances(met)
	l.search()
	if l.last >= 0 && r.d.b.Err() == nil {
		l.narrow()
	}
	if err := r.d.failure(r.hardest); err != nil {
		err.(*Limit).Broken = true
		return nil, err
	}
	return l.lead(), nil
}

// distances is the least number of turns from each place to a marked one, going
// along kept edges whatever their conditions; -1 where none leads there.
func (r *region) distances(marked []bool) []int32 {
	back := make([][]int32, len(r.ways))
	for p := range r.ways {
		for _, w := range r.ways[p] {
			back[w.to] = append(back[w.to], int32(p))
		}
	}
	left := make([]int32, len(marked))
	var queue []int32
	for p := range left {
		left[p] = -1
		if marked[p] {
			left[p] = 0
			queue = append(queue, int32(p))
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, p := range back[queue[i]] {
			if left[p] < 0 {
				left[p] = left[queue[i]] + 1
				queue = append(queue, p)
			}
		}
	}
	return left
}

func (l *layers) search() {
	for p, n := range l.r.begin {
		l.add(0, int32(p), 0, n)
	}
	for l.todo.Len() > 0 && l.r.d.b.Err() == nil {
		next := heap.Pop(&l.todo).(visit)
		if l.last >= 0 && next.total > l.last {
			return
		}
		l.visit(next.layer)
		l.r.d.rest()
	}
}

// add puts a set that arrives at a place, with something pending or not, into
// its layers.
func (l *layers) add(turn, p, pending int32, set bdd.Node) {
	if set == bdd.False || l.left[p] < 0 {
		return
	}
	b := l.r.d.b
	waits := bdd.False
	switch {
	case l.want.trigger == nil:
	case pending == 1:
		waits = b.Diff(set, l.want.release[p])
	default:
		waits = b.And(set, l.want.trigger[p])
	}
	l.put(layer{turn, 2*p + 1}, waits)
	l.put(layer{turn, 2 * p}, b.Diff(set, waits))
}

func (l *layers) put(at layer, set bdd.Node) {
	if set = l.r.d.b.Diff(set, l.seen[at.spot]); set == bdd.False {
		return
	}
	before, known := l.sets[at]
	l.sets[at] = l.r.d.b.Or(before, set)
	if !known {
		heap.Push(&l.todo, visit{at.turn + l.left[at.spot/2], at})
	}
}

func (l *layers) visit(at layer) {
	r, b := l.r, l.r.d.b
	p := at.spot / 2
	set := b.Diff(l.sets[at], l.seen[at.spot])
	l.sets[at] = set
	l.seen[at.spot] = b.Or(l.seen[at.spot], set)
	if l.isGoal(at.spot) && !b.Disjoint(set, l.want.goal[p]) {
		l.last = at.turn
	}
	if l.last >= 0 && at.turn >= l.last {
		return
	}
	if l.want.stop != nil {
		set = b.Diff(set, l.want.stop[p])
	}
	for i := range r.ways[p] {
		w := &r.ways[p][i]
		if l.left[w.to] >= 0 {
			l.add(at.turn+1, w.to, at.spot&1, r.image(set, w))
		}
	}
}

// isGoal reports whether the goal counts at a spot.
func (l *layers) isGoal(spot int32) bool { return l.want.trigger == nil || spot&1 == 1 }

// narrow leaves in the layers only what lies on a shortest walk.
func (l *layers) narrow() {
	r, b := l.r, l.r.d.b
	byTurn := make([][]int32, l.last+1)
	for at := range l.sets {
		if at.turn <= l.last {
			byTurn[at.turn] = append(byTurn[at.turn], at.spot)
		}
	}
	for turn := l.last; turn >= 0; turn-- {
		for _, spot := range byTurn[turn] {
			at, p := layer{turn, spot}, spot/2
			from := bdd.False
			if turn == l.last {
				if l.isGoal(spot) {
					from = l.want.goal[p]
				}
			} else {
				for i := range r.ways[p] {
					w := &r.ways[p][i]
					from = b.Or(from, r.before(l.ahead(turn+1, w.to, spot&1), w))
				}
				if l.want.stop != nil {
					from = b.Diff(from, l.want.stop[p])
				}
			}
			l.sets[at] = b.And(l.sets[at], from)
		}
		r.d.rest()
	}
}

// ahead is the part of a place's layers from which the goal is reached, for
// walks that arrive with something pending or not.
func (l *layers) ahead(turn, p, pending int32) bdd.Node {
	b := l.r.d.b
	free, waits := l.sets[layer{turn, 2 * p}], l.sets[layer{turn, 2*p + 1}]
	switch {
	case l.want.trigger == nil:
		return free
	case pending == 1:
		return b.Or(b.Diff(waits, l.want.release[p]), b.And(free, l.want.release[p]))
	}
	return b.Or(b.And(waits, l.want.trigger[p]), b.Diff(free, l.want.trigger[p]))
}

// lead leads the first concrete walk through the narrowed layers.
func (l *layers) lead() *path {
	m := l.r.m
	values := l.firstStart()
	t := &path{start: append([]uint8(nil), values...)}
	p, pending := int32(0), l.pendingAt(0, 0, values)
	for turn := int32(0); turn < l.last; turn++ {
		i := l.step(turn, p, pending, values)
		if i < 0 {
			return nil // cannot be: the layers were narrowed to what goes on
		}
		e := &m.places[p].edges[i]
		t.add(e)
		for _, a := range e.set {
			values[a.v] = a.value
		}
		p, pending = e.to, l.pendingAt(e.to, pending, values)
	}
	return t
}

// step finds the first edge that can be taken and leads on within the layers.
func (l *layers) step(turn, p, pending int32, values []uint8) int {
	m := l.r.m
	for i := range m.places[p].edges {
		e := &m.places[p].edges[i]
		if !holds(e.cond, values) {
			continue
		}
		if l.r.slice.keep[int(l.r.base[p])+i] {
			next := append([]uint8(nil), values...)
			for _, a := range e.set {
				next[a.v] = a.value
			}
			spot := 2*e.to + l.pendingAt(e.to, pending, next)
			if l.r.d.has(l.sets[layer{turn + 1, spot}], next) {
				return i
			}
		}
		if m.places[p].first {
			break
		}
	}
	return -1
}

func (l *layers) pendingAt(p, pending int32, values []uint8) int32 {
	switch {
	case l.want.trigger == nil:
	case pending == 1 && !l.r.d.has(l.want.release[p], values),
		pending == 0 && l.r.d.has(l.want.trigger[p], values):
		return 1
	}
	return 0
}

// has reports whether the values are in the set.
func (d *diagrams) has(n bdd.Node, values []uint8) bool {
	return d.b.Has(n, func(level int) bool {
		v := d.varAt[level]
		for i, bit := range d.bits[v] {
			if bit == level {
				return values[v]>>uint(len(d.bits[v])-1-i)&1 == 1
			}
		}
		return false
	})
}

// firstStart is the first start from which the narrowed layers lead on, with
// the first step entered.
func (l *layers) firstStart() []uint8 {
	r, d := l.r, l.r.d
	live := r.liveAt(0)
	all, _ := d.beginning(live)
	from := l.ahead(0, 0, 0)
	var entered []int
	for _, a := range r.m.start.enter {
		if live[a.v>>6]>>uint(a.v&63)&1 == 1 {
			from = d.b.And(from, d.is[a.v][a.value])
			entered = append(entered, int(a.v))
		}
	}
	all = d.b.And(all, d.b.Exists(from, d.cube(entered)))
	values := make([]uint8, len(r.m.size))
	for _, v := range r.m.start.vary(live) {
		for value := range d.is[v] {
			if n := d.b.And(all, d.is[v][value]); n != bdd.False {
				all, values[v] = n, uint8(value)
				break
			}
		}
	}
	for v, of := range r.m.start.copyOf {
		if of >= 0 {
			values[v] = values[of]
		}
	}
	for _, a := range r.m.start.enter {
		values[a.v] = a.value
	}
	return values
}

// agenda is a heap of layers to visit.
type agenda []visit

type visit struct {
	total int32 // the least length of a walk through the layer
	layer layer
}

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	x, y := a[i], a[j]
	switch {
	case x.total != y.total:
		return x.total < y.total
	case x.layer.turn != y.layer.turn:
		return x.layer.turn < y.layer.turn
	}
	return x.layer.spot < y.layer.spot
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(visit)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}
