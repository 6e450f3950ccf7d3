package verify

// What the explicit engine answers from a graph that it has explored.

func (g *graph) settles(*plan) bool { return true }

func (g *graph) allow(int) {} // one look at each state and edge needs no bound
func (g *graph) forget()   { g.release() }

// find returns the shortest walk to a state in which the goal holds.
func (g *graph) find(q *plan) (*path, error) {
	switch {
	case g.goal >= 0:
		return g.pathTo(g.goal, g.found, g.by), nil
	case q.trigger != nil:
		return g.findPending(q), nil
	case q.stop == nil || g.stops:
		for n, p := range g.place {
			if g.pack.holds(q.goal[p], g.at(n)) {
				return g.pathTo(int32(n), g.found, g.by), nil
			}
		}
		return nil, nil
	}
	var t *path
	g.sweep(func(n int32) bool { return g.pack.holds(q.stop[g.place[n]], g.at(int(n))) },
		func(n int32, found, by []int32) bool {
			if g.pack.holds(q.goal[g.place[n]], g.at(int(n))) {
				t = g.pathTo(n, found, by)
			}
			return t != nil
		})
	return t, nil
}

// some reports whether it holds in a reachable state.
func (g *graph) some(it byPlace) (bool, error) {
	for n, p := range g.place {
		if g.pack.holds(it[p], g.at(n)) {
			return true, nil
		}
	}
	return false, nil
}

// sweep goes through the graph again, breadth first, in the order in which it
// was found, but not on from where stop holds; until visit is done.
func (g *graph) sweep(stop func(n int32) bool, visit func(n int32, found, by []int32) (done bool)) {
	found, by := make([]int32, len(g.place)), make([]int32, len(g.place))
	queue := make([]int32, 0, len(g.place))
	for n := range found {
		found[n] = notFound
	}
	for n := range g.turn {
		found[n] = -1
		queue = append(queue, int32(n))
	}
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		if visit(n, found, by) {
			return
		}
		if stop(n) {
			continue
		}
		for e := g.first[n]; e < g.first[n+1]; e++ {
			if to := g.to[e]; found[to] == notFound {
				found[to], by[to] = n, g.via[e]
				queue = append(queue, to)
			}
		}
	}
}

const notFound = -2

// findPending searches states twice: 2n is state n with nothing pending, 2n+1
// is state n with something pending.
func (g *graph) findPending(q *plan) *path {
	found, by := make([]int32, 2*len(g.place)), make([]int32, 2*len(g.place))
	for n := range found {
		found[n] = notFound
	}
	var queue []int32
	enter := func(n, pending, from, via int32) {
		p, state := g.place[n], g.at(int(n))
		if pending == 1 && g.pack.holds(q.release[p], state) {
			pending = 0
		} else if pending == 0 && g.pack.holds(q.trigger[p], state) {
			pending = 1
		}
		if k := 2*n + pending; found[k] == notFound {
			found[k], by[k] = from, via
			queue = append(queue, k)
		}
	}
	for n := range g.turn {
		enter(int32(n), 0, -1, 0)
	}
	for i := 0; i < len(queue); i++ {
		k := queue[i]
		n := k / 2
		if k&1 == 1 && g.pack.holds(q.goal[g.place[n]], g.at(int(n))) {
			return g.pathOfPairs(k, found, by)
		}
		for e := g.first[n]; e < g.first[n+1]; e++ {
			enter(g.to[e], k&1, k, g.via[e])
		}
	}
	return nil
}

// pathOfPairs is pathTo for the states of findPending.
func (g *graph) pathOfPairs(k int32, found, by []int32) *path {
	t := &path{}
	for ; found[k] >= 0; k = found[k] {
		t.add(&g.m.places[g.place[found[k]/2]].edges[by[k]])
	}
	return g.begin(t, k/2)
}

// backwards marks the states from which a marked one is reached.
func (g *graph) backwards(marked []bool) {
	first := make([]int32, len(g.place)+1) // by state: its first edge in from
	for _, to := range g.to {
		first[to+1]++
	}
	for n := range g.place {
		first[n+1] += first[n]
	}
	from := make([]int32, len(g.to))
	fill := append([]int32(nil), first...)
	for n := range g.place {
		for e := g.first[n]; e < g.first[n+1]; e++ {
			to := g.to[e]
			from[fill[to]] = int32(n)
			fill[to]++
		}
	}
	var todo []int32
	for n := range g.place {
		if marked[n] {
			todo = append(todo, int32(n))
		}
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, m := range from[first[n]:first[n+1]] {
			if !marked[m] {
				marked[m] = true
				todo = append(todo, m)
			}
		}
	}
}

// canReach marks the states from which some walk reaches one in which the
// target holds.
func (g *graph) canReach(target byPlace) []bool {
	marked := make([]bool, len(g.place))
	for n, p := range g.place {
		marked[n] = g.pack.holds(target[p], g.at(n))
	}
	g.backwards(marked)
	return marked
}

// trapped returns the shortest walk to a state from which the target cannot be
// reached any more.
func (g *graph) trapped(q *plan) (*path, error) {
	can := g.canReach(q.target)
	for n, p := range g.place {
		if !can[n] && g.pack.holds(q.among[p], g.at(n)) {
			return g.pathTo(int32(n), g.found, g.by), nil
		}
	}
	return nil, nil
}

// survey finds what is always looked for.
func (g *graph) survey() (*survey, error) {
	s := newSurvey(g.m)
	steps := len(g.place)
	marked := make([]bool, steps)
	stuck := make([]int32, len(g.m.places)) // by place: the first stuck state + 1
	for n, p := range g.place {
		s.reached[p] = true
		for _, via := range g.via[g.first[n]:g.first[n+1]] {
			s.live[p][via] = true
		}
		marked[n] = int(p) >= g.m.steps
		if !marked[n] && g.first[n] == g.first[n+1] && stuck[p] == 0 {
			stuck[p] = int32(n) + 1
		}
	}
	for _, n := range stuck {
		if n > 0 {
			s.stuck = append(s.stuck, g.pathTo(n-1, g.found, g.by))
		}
	}
	g.backwards(marked)
	s.noWayOut = g.entries(marked)
	return s, nil
}

// entries tells, for each place at which walks enter the region of states from
// which none ends and find a choice open, the first way in. What lies beyond an
// entry is not looked at, so the last move of each walk is the one that enters.
func (g *graph) entries(ends []bool) []*path {
	entry := make([]*path, len(g.m.places))
	g.sweep(func(n int32) bool { return !ends[n] }, func(n int32, found, by []int32) bool {
		if p := g.place[n]; !ends[n] && entry[p] == nil && g.first[n] < g.first[n+1] {
			entry[p] = g.pathTo(n, found, by)
		}
		return false
	})
	var list []*path
	for _, t := range entry {
		if t != nil {
			list = append(list, t)
		}
	}
	return list
}
