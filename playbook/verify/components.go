package verify

import "slices"

// component is a set of places each of which can be reached from each other
// along kept edges, or one place.
type component struct {
	places []int32 // in the order in which a walk would meet them
	loops  bool    // some kept edge stays inside
}

// components lists the strongly connected components of the places that kept
// edges lead to from place 0, each before those that it leads to (Tarjan's
// algorithm, without recursion). of gives the number of each place's, or -1.
func (s *slice) components() (list []component, of []int32) {
	n := len(s.m.places)
	of = make([]int32, n)
	if n == 0 {
		return nil, of
	}
	index, low := make([]int32, n), make([]int32, n) // index 0: not met yet
	for i := range of {
		of[i] = -1
	}
	type frame struct{ place, next int32 }
	var stack []int32
	met := int32(0)
	meet := func(p int32) frame {
		met++
		index[p], low[p] = met, met
		stack = append(stack, p)
		return frame{place: p}
	}
	calls := []frame{meet(0)}
	for len(calls) > 0 {
		f := &calls[len(calls)-1]
		p := f.place
		edges := s.m.places[p].edges
		if int(f.next) < len(edges) {
			i := f.next
			f.next++
			to := edges[i].to
			switch {
			case !s.keep[s.base[p]+i]:
			case index[to] == 0:
				calls = append(calls, meet(to))
			case of[to] < 0:
				low[p] = min(low[p], index[to])
			}
			continue
		}
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			up := calls[len(calls)-1].place
			low[up] = min(low[up], low[p])
		}
		if low[p] == index[p] {
			var c component
			c.places, stack = s.pop(stack, p)
			for _, q := range c.places {
				of[q] = int32(len(list))
			}
			list = append(list, c)
		}
	}
	s.finish(list, of)
	return list, of
}

// pop takes the places down to p off the stack.
func (s *slice) pop(stack []int32, p int32) (places, rest []int32) {
	i := len(stack) - 1
	for stack[i] != p {
		i--
	}
	return slices.Clone(stack[i:]), stack[:i]
}

// finish puts components, which were found last first, in order.
func (s *slice) finish(list []component, of []int32) {
	slices.Reverse(list)
	for p, c := range of {
		if c >= 0 {
			of[p] = int32(len(list)) - 1 - c
		}
	}
	rank := make([]int32, len(of))
	for i, p := range s.m.postOrder() {
		rank[p] = int32(len(of) - i)
	}
	for i := range list {
		slices.SortFunc(list[i].places, func(p, q int32) int { return int(rank[p] - rank[q]) })
	}
	for p := range of {
		for i := range s.m.places[p].edges {
			if of[p] >= 0 && s.keep[s.base[p]+int32(i)] && of[s.m.places[p].edges[i].to] == of[p] {
				list[of[p]].loops = true
			}
		}
	}
}
