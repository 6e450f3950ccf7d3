package verify

import (
	"math/bits"

	"roundtable/playbook/automaton"
)

// slice is the part of a machine that a question can depend on: the edges that
// can lead somewhere that matters, and at each place the variables that
// something can still read from there (a variable is live at a place when, on
// some way on, it is tested before it is set). Two states at a place that agree
// in its live variables have the same future, so the engines keep one of them.
type slice struct {
	m    *machine
	base []int32  // by place: the number of its first edge
	keep []bool   // by edge number
	live []uint64 // by place: a bit set of variables, m.width() words each
}

// cut makes a slice. Edges from or to a place that is not relevant are left out
// (nil: every place is). What reads say at a place is read there.
func (m *machine) cut(relevant []bool, reads ...byPlace) *slice {
	s := &slice{m: m, base: make([]int32, len(m.places)+1)}
	for p := range m.places {
		s.base[p+1] = s.base[p] + int32(len(m.places[p].edges))
	}
	s.keep = make([]bool, s.base[len(m.places)])
	for p := range m.places {
		for i, e := range m.places[p].edges {
			s.keep[int(s.base[p])+i] = e.cond != never && (relevant == nil || relevant[p] && relevant[e.to])
		}
	}
	s.live = make([]uint64, len(m.places)*m.width())
	s.addReads(reads)
	s.flow()
	s.dropFixed()
	return s
}

// dropFixed leaves out what can have only one value.
func (s *slice) dropFixed() {
	for p := range s.m.places {
		live := s.liveAt(p)
		for k, word := range live {
			for ; word != 0; word &= word - 1 {
				v := k<<6 + bits.TrailingZeros64(word)
				if _, fixed := s.m.isFixed(p, v); fixed {
					live[k] &^= 1 << uint(v&63)
				}
			}
		}
	}
}

// sets appends to list what an edge sets of the variables that are kept at its
// target: what it assigns, and what had only one value before.
func (s *slice) sets(list []assign, p, i int) []assign {
	e := &s.m.places[p].edges[i]
	to, from := s.liveAt(int(e.to)), s.liveAt(p)
	next := 0
	for k := range to {
		for word := to[k]; word != 0; word &= word - 1 {
			v := int32(k<<6 + bits.TrailingZeros64(word))
			for next < len(e.set) && e.set[next].v < v {
				next++
			}
			if next < len(e.set) && e.set[next].v == v {
				list = append(list, e.set[next])
			} else if from[k]>>uint(v&63)&1 == 0 {
				value, _ := s.m.isFixed(p, int(v))
				list = append(list, assign{v, value})
			}
		}
	}
	return list
}

// liveAt is the set of variables that are kept at a place.
func (s *slice) liveAt(p int) []uint64 {
	w := s.m.width()
	return s.live[p*w : (p+1)*w : (p+1)*w]
}

func (s *slice) addReads(reads []byPlace) {
	for p := range s.m.places {
		live := s.liveAt(p)
		add := func(v int) { live[v>>6] |= 1 << uint(v&63) }
		for _, r := range reads {
			if r != nil {
				eachVar(r[p], add)
			}
		}
		s.eachTested(p, func(cond *automaton.Expr) { eachVar(cond, add) })
	}
}

// eachTested visits the conditions that decide which kept edges of a place are
// open. At a first place an edge is closed by those before it.
func (s *slice) eachTested(p int, visit func(*automaton.Expr)) {
	pl := &s.m.places[p]
	last := -1
	for i := range pl.edges {
		if !s.keep[int(s.base[p])+i] {
			continue
		}
		from := i
		if pl.first {
			from = last + 1
		}
		for j := from; j <= i; j++ {
			visit(pl.edges[j].cond)
		}
		last = i
	}
}

// flow carries what is read back along the edges until nothing changes. Going
// through the places in post-order, most things settle in one round.
func (s *slice) flow() {
	w := s.m.width()
	order := s.m.postOrder()
	carried := make([]uint64, w)
	for changed := true; changed; {
		changed = false
		for _, p := range order {
			live := s.liveAt(int(p))
			for i := range s.m.places[p].edges {
				if !s.keep[int(s.base[p])+i] {
					continue
				}
				e := &s.m.places[p].edges[i]
				copy(carried, s.liveAt(int(e.to)))
				for _, a := range e.set {
					carried[a.v>>6] &^= 1 << uint(a.v&63)
				}
				for k, c := range carried {
					if c&^live[k] != 0 {
						live[k] |= c
						changed = true
					}
				}
			}
		}
	}
}

// postOrder lists the places that edges lead to from place 0, each after those
// that it leads to (but for edges that close a circle).
func (m *machine) postOrder() []int32 {
	order := make([]int32, 0, len(m.places))
	if len(m.places) == 0 {
		return order
	}
	type frame struct{ place, next int32 }
	seen := make([]bool, len(m.places))
	stack := []frame{{}}
	seen[0] = true
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		edges := m.places[f.place].edges
		if int(f.next) == len(edges) {
			order = append(order, f.place)
			stack = stack[:len(stack)-1]
			continue
		}
		to := edges[f.next].to
		f.next++
		if !seen[to] {
			seen[to] = true
			stack = append(stack, frame{place: to})
		}
	}
	return order
}

// towards marks the places that lie on a way, whatever its conditions, from
// place 0 to a place where goal can hold, going on only where stop need not
// hold. stop may be nil.
func (m *machine) towards(goal, stop byPlace) []bool {
	back := make([][]int32, len(m.places))
	for _, p := range m.postOrder() {
		if stop != nil && stop[p] == always {
			continue
		}
		for i := range m.places[p].edges {
			to := m.places[p].edges[i].to
			back[to] = append(back[to], p)
		}
	}
	marked := make([]bool, len(m.places))
	var todo []int32
	for p := range m.places {
		if goal[p] != never {
			marked[p] = true
			todo = append(todo, int32(p))
		}
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, q := range back[p] {
			if !marked[q] {
				marked[q] = true
				todo = append(todo, q)
			}
		}
	}
	return marked
}

// covers reports whether everything that reads say is kept in the slice, so
// that what was explored for it can answer them too.
func (s *slice) covers(reads ...byPlace) bool {
	ok := true
	for p := range s.m.places {
		live := s.liveAt(p)
		for _, r := range reads {
			if r != nil {
				eachVar(r[p], func(v int) { ok = ok && live[v>>6]>>uint(v&63)&1 == 1 })
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// vars lists the members of a set of variables, ascending.
func vars(set []uint64) []int {
	var list []int
	for k, word := range set {
		for ; word != 0; word &= word - 1 {
			list = append(list, k<<6+bits.TrailingZeros64(word))
		}
	}
	return list
}
