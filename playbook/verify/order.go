package verify

import (
	"slices"

	"roundtable/playbook/automaton"
)

// order puts a machine's variables in the order in which diagrams ask about
// them, the top first. What is tested or set later stands higher: a walk mostly
// asks and sets what it met last, and work at the top of a diagram costs least.
// From there, variables are drawn towards those that they are tested or set
// together with (the FORCE heuristic of Aloul, Markov and Sakallah), as long as
// that brings them nearer to each other.
func (m *machine) order(reads []byPlace) []int {
	facts := len(m.size) - len(m.first)
	twin := func(v int) int { // a second copy stands beside the first
		if v >= facts {
			return int(m.first[v-facts])
		}
		return v
	}
	list := m.bySight(facts, twin, reads)
	return attract(list, m.together(twin, reads))
}

// bySight lists the variables, the one that is met last first.
func (m *machine) bySight(facts int, twin func(int) int, reads []byPlace) []int {
	seen := make([]bool, facts)
	var list []int
	see := func(v int) {
		if v = twin(v); !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	order := m.postOrder()
	slices.Reverse(order)
	for _, p := range order {
		for _, r := range reads {
			if r != nil && int(p) < len(r) {
				eachVar(r[p], see)
			}
		}
		for i := range m.places[p].edges {
			e := &m.places[p].edges[i]
			eachVar(e.cond, see)
			for _, a := range e.set {
				see(int(a.v))
			}
		}
	}
	for v := range facts {
		see(v)
	}
	slices.Reverse(list)
	return list
}

// together lists groups of variables that some edge tests or sets together, or
// that something read tests together.
func (m *machine) together(twin func(int) int, reads []byPlace) [][]int {
	var groups [][]int
	var group []int
	add := func(v int) { group = append(group, twin(v)) }
	finish := func() {
		slices.Sort(group)
		group = slices.Compact(group)
		if len(group) > 1 && len(group) <= 16 {
			groups = append(groups, slices.Clone(group))
		}
		group = group[:0]
	}
	var last *automaton.Expr
	for _, r := range reads {
		for _, e := range r {
			if e != last { // most places share what is read
				eachVar(e, add)
				finish()
			}
			last = e
		}
	}
	for p := range m.places {
		for i := range m.places[p].edges {
			e := &m.places[p].edges[i]
			eachVar(e.cond, add)
			for _, a := range e.set {
				add(int(a.v))
			}
			finish()
		}
	}
	slices.SortFunc(groups, slices.Compare)
	return slices.CompactFunc(groups, slices.Equal)
}

const attractions = 12 // rounds; more seldom help

func attract(list []int, groups [][]int) []int {
	position := make([]float64, len(list))
	for i, v := range list {
		position[v] = float64(i)
	}
	best, least := slices.Clone(list), span(position, groups)
	list = slices.Clone(list)
	sum, times := make([]float64, len(list)), make([]float64, len(list))
	for range attractions {
		clear(sum)
		clear(times)
		for _, g := range groups {
			centre := 0.0
			for _, v := range g {
				centre += position[v]
			}
			centre /= float64(len(g))
			for _, v := range g {
				sum[v] += centre
				times[v]++
			}
		}
		for v := range position {
			if times[v] > 0 {
				position[v] = sum[v] / times[v]
			}
		}
		slices.SortStableFunc(list, func(a, b int) int {
			switch {
			case position[a] < position[b]:
				return -1
			case position[a] > position[b]:
				return 1
			}
			return 0
		})
		for i, v := range list {
			position[v] = float64(i)
		}
		if s := span(position, groups); s < least {
			best, least = slices.Clone(list), s
		}
	}
	return best
}

// span is how far apart the members of groups stand, in all.
func span(position []float64, groups [][]int) float64 {
	total := 0.0
	for _, g := range groups {
		lo, hi := position[g[0]], position[g[0]]
		for _, v := range g[1:] {
			lo, hi = min(lo, position[v]), max(hi, position[v])
		}
		total += hi - lo
	}
	return total
}
