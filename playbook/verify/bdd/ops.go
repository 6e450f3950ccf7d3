package bdd

import "math/big"

// And is the intersection of two sets.
func (m *Manager) And(f, g Node) Node {
	switch {
	case f == g || g == True:
		return f
	case f == True:
		return g
	case f == False || g == False:
		return False
	case f > g:
		f, g = g, f
	}
	return m.apply(opAnd, f, g)
}

// Or is the union of two sets.
func (m *Manager) Or(f, g Node) Node {
	switch {
	case f == g || g == False:
		return f
	case f == False:
		return g
	case f == True || g == True:
		return True
	case f > g:
		f, g = g, f
	}
	return m.apply(opOr, f, g)
}

// Diff is the set of what is in f and not in g.
func (m *Manager) Diff(f, g Node) Node {
	switch {
	case f == g || f == False || g == True:
		return False
	case g == False:
		return f
	}
	return m.apply(opDiff, f, g)
}

// Not is the set of what is not in f.
func (m *Manager) Not(f Node) Node { return m.Diff(True, f) }

func (m *Manager) apply(op operation, f, g Node) Node {
	if r, ok := m.look(op, f, g, 0); ok {
		return r
	}
	if m.toil() {
		return False
	}
	level, f0, f1, g0, g1 := m.split(f, g)
	var lo, hi Node
	switch op {
	case opAnd:
		lo, hi = m.And(f0, g0), m.And(f1, g1)
	case opOr:
		lo, hi = m.Or(f0, g0), m.Or(f1, g1)
	case opWithin:
		lo, hi = m.Within(f0, g0), m.Within(f1, g1)
	case opLeast:
		lo, hi = m.Least(f0, g0), m.Least(f1, g1)
	default:
		lo, hi = m.Diff(f0, g0), m.Diff(f1, g1)
	}
	r := m.node(level, lo, hi)
	m.remember(op, f, g, 0, r)
	return r
}

// split opens two sets at the topmost variable that either asks about.
func (m *Manager) split(f, g Node) (level int32, f0, f1, g0, g1 Node) {
	x, y := m.nodes[f], m.nodes[g]
	level = min(x.level, y.level)
	f0, f1, g0, g1 = f, f, g, g
	if x.level == level {
		f0, f1 = x.lo, x.hi
	}
	if y.level == level {
		g0, g1 = y.lo, y.hi
	}
	return level, f0, f1, g0, g1
}

// Cube is the set in which all of the variables, which ascend, are yes. It
// stands for a set of variables in Exists and AndExists.
func (m *Manager) Cube(variables []int) Node {
	cube := True
	for i := len(variables) - 1; i >= 0; i-- {
		cube = m.node(int32(variables[i]), False, cube)
	}
	return cube
}

// below drops the variables of a cube that stand above a level.
func (m *Manager) below(cube Node, level int32) Node {
	for m.nodes[cube].level < level {
		cube = m.nodes[cube].hi
	}
	return cube
}

// Exists is the set of valuations that are in f for some values of the cube's
// variables.
func (m *Manager) Exists(f, cube Node) Node {
	x := m.nodes[f]
	cube = m.below(cube, x.level)
	if f <= True || cube == True {
		return f
	}
	if r, ok := m.look(opExists, f, cube, 0); ok {
		return r
	}
	if m.toil() {
		return False
	}
	var r Node
	if m.nodes[cube].level == x.level {
		rest := m.nodes[cube].hi
		if r = m.Exists(x.lo, rest); r != True {
			r = m.Or(r, m.Exists(x.hi, rest))
		}
	} else {
		r = m.node(x.level, m.Exists(x.lo, cube), m.Exists(x.hi, cube))
	}
	m.remember(opExists, f, cube, 0, r)
	return r
}

// AndExists is Exists(And(f, g), cube), without making And(f, g).
func (m *Manager) AndExists(f, g, cube Node) Node {
	switch {
	case f == False || g == False:
		return False
	case f == True || f == g:
		return m.Exists(g, cube)
	case g == True:
		return m.Exists(f, cube)
	case f > g:
		f, g = g, f
	}
	level := min(m.nodes[f].level, m.nodes[g].level)
	if cube = m.below(cube, level); cube == True {
		return m.And(f, g)
	}
	if r, ok := m.look(opAndExists, f, g, cube); ok {
		return r
	}
	if m.toil() {
		return False
	}
	level, f0, f1, g0, g1 := m.split(f, g)
	var r Node
	if m.nodes[cube].level == level {
		rest := m.nodes[cube].hi
		if r = m.AndExists(f0, g0, rest); r != True {
			r = m.Or(r, m.AndExists(f1, g1, rest))
		}
	} else {
		r = m.node(level, m.AndExists(f0, g0, cube), m.AndExists(f1, g1, cube))
	}
	m.remember(opAndExists, f, g, cube, r)
	return r
}

// Disjoint reports whether no valuation is in both sets.
func (m *Manager) Disjoint(f, g Node) bool {
	switch {
	case f == False || g == False:
		return true
	case f == True || g == True || f == g:
		return false
	case f > g:
		f, g = g, f
	}
	if r, ok := m.look(opDisjoint, f, g, 0); ok {
		return r == True
	}
	if m.toil() {
		return true
	}
	_, f0, f1, g0, g1 := m.split(f, g)
	r := False
	if m.Disjoint(f0, g0) && m.Disjoint(f1, g1) {
		r = True
	}
	m.remember(opDisjoint, f, g, 0, r)
	return r == True
}

// Has reports whether a valuation is in the set.
func (m *Manager) Has(f Node, value func(variable int) bool) bool {
	for f > True {
		x := &m.nodes[f]
		if value(int(x.level)) {
			f = x.hi
		} else {
			f = x.lo
		}
	}
	return f == True
}

// A Counter counts valuations of chosen variables, and remembers what it has
// counted until the next Collect.
type Counter struct {
	m     *Manager
	below []int // by level: how many chosen variables stand at it or below
	known map[Node]*big.Int
}

// Counter returns a Counter of valuations of the variables, which ascend. Sets
// that are counted must not depend on any other.
func (m *Manager) Counter(variables []int) *Counter {
	levels := 0
	if n := len(variables); n > 0 {
		levels = variables[n-1] + 1
	}
	c := &Counter{m: m, below: make([]int, levels+1), known: map[Node]*big.Int{}}
	for i, j := levels-1, len(variables)-1; i >= 0; i-- {
		c.below[i] = c.below[i+1]
		if j >= 0 && variables[j] == i {
			c.below[i]++
			j--
		}
	}
	return c
}

// Count is the number of valuations of the chosen variables in the set.
func (c *Counter) Count(f Node) *big.Int {
	n := new(big.Int).Set(c.count(f))
	return n.Lsh(n, uint(c.below[0]-c.from(f)))
}

// from is the number of chosen variables at f's level and below.
func (c *Counter) from(f Node) int {
	if f <= True {
		return 0
	}
	return c.below[c.m.nodes[f].level]
}

var zero, one = big.NewInt(0), big.NewInt(1)

// count counts valuations of the chosen variables from f's level down.
func (c *Counter) count(f Node) *big.Int {
	switch f {
	case False:
		return zero
	case True:
		return one
	}
	if n, ok := c.known[f]; ok {
		return n
	}
	x := c.m.nodes[f]
	n := new(big.Int)
	for _, side := range []Node{x.lo, x.hi} {
		part := new(big.Int).Set(c.count(side))
		n.Add(n, part.Lsh(part, uint(c.from(f)-1-c.from(side))))
	}
	c.known[f] = n
	return n
}

// Size is the number of nodes of a set's diagram, or most if that is less.
func (m *Manager) Size(f Node, most int) int {
	seen := map[Node]bool{}
	var walk func(Node)
	walk = func(n Node) {
		if n > True && len(seen) < most && !seen[n] && m.nodes[n].level != terminal {
			seen[n] = true
			walk(m.nodes[n].lo)
			walk(m.nodes[n].hi)
		}
	}
	walk(f)
	return len(seen)
}
