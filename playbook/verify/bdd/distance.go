package bdd

// Distances.
//
// A Distance gives each valuation a number of turns, or none. It is the same
// kind of diagram, with numbers at its ends in place of True: an algebraic
// decision diagram. Nowhere, which gives none to any valuation, is False.

// Distance gives valuations numbers of turns.
type Distance = Node

// Nowhere gives no valuation a number.
const Nowhere Distance = False

// numbers stands in hi of a number's node, whose lo is the number; no node has
// it there, since it is not a node.
const numbers = Node(1<<32 - 1)

// Everywhere gives every valuation the number n.
func (m *Manager) Everywhere(n int) Distance {
	return m.find(node{lo: Node(n), hi: numbers, level: terminal})
}

func (m *Manager) isNumber(f Node) bool { return m.nodes[f].hi == numbers }

// Within leaves numbers only to valuations in the set.
func (m *Manager) Within(d Distance, set Node) Distance {
	switch {
	case d == Nowhere || set == False:
		return Nowhere
	case set == True:
		return d
	}
	return m.apply(opWithin, d, set)
}

// Least gives each valuation the smaller of two numbers.
func (m *Manager) Least(d, e Distance) Distance {
	switch {
	case d == e || e == Nowhere:
		return d
	case d == Nowhere:
		return e
	case m.isNumber(d) && m.isNumber(e):
		if m.nodes[d].lo < m.nodes[e].lo {
			return d
		}
		return e
	case d > e:
		d, e = e, d
	}
	return m.apply(opLeast, d, e)
}

// LeastOver gives each valuation the smallest number that it has for any values
// of the cube's variables.
func (m *Manager) LeastOver(d Distance, cube Node) Distance {
	x := m.nodes[d]
	cube = m.below(cube, x.level)
	if x.level == terminal || cube == True {
		return d
	}
	if r, ok := m.look(opLeastOver, d, cube, 0); ok {
		return r
	}
	if m.toil() {
		return Nowhere
	}
	var r Distance
	if m.nodes[cube].level == x.level {
		rest := m.nodes[cube].hi
		r = m.Least(m.LeastOver(x.lo, rest), m.LeastOver(x.hi, rest))
	} else {
		r = m.node(x.level, m.LeastOver(x.lo, cube), m.LeastOver(x.hi, cube))
	}
	m.remember(opLeastOver, d, cube, 0, r)
	return r
}

// Later adds n to every number.
func (m *Manager) Later(d Distance, n int) Distance {
	switch {
	case d == Nowhere || n == 0:
		return d
	case m.isNumber(d):
		return m.Everywhere(int(m.nodes[d].lo) + n)
	}
	if r, ok := m.look(opLater, d, 0, Node(n)); ok {
		return r
	}
	if m.toil() {
		return Nowhere
	}
	x := m.nodes[d]
	r := m.node(x.level, m.Later(x.lo, n), m.Later(x.hi, n))
	m.remember(opLater, d, 0, Node(n), r)
	return r
}

// Exactly is the set of valuations that have the number n.
func (m *Manager) Exactly(d Distance, n int) Node {
	switch {
	case d == Nowhere:
		return False
	case m.isNumber(d):
		if int(m.nodes[d].lo) == n {
			return True
		}
		return False
	}
	if r, ok := m.look(opExactly, d, 0, Node(n)); ok {
		return r
	}
	if m.toil() {
		return False
	}
	x := m.nodes[d]
	r := m.node(x.level, m.Exactly(x.lo, n), m.Exactly(x.hi, n))
	m.remember(opExactly, d, 0, Node(n), r)
	return r
}

// Smallest is the smallest number that any valuation has; ok is false when none
// has one.
func (m *Manager) Smallest(d Distance) (n int, ok bool) {
	least := m.smallest(d)
	if least == Nowhere || !m.isNumber(least) {
		return 0, false
	}
	return int(m.nodes[least].lo), true
}

func (m *Manager) smallest(d Distance) Distance {
	x := m.nodes[d]
	if x.level == terminal {
		return d
	}
	if r, ok := m.look(opSmallest, d, 0, 0); ok {
		return r
	}
	if m.toil() {
		return Nowhere
	}
	r := m.Least(m.smallest(x.lo), m.smallest(x.hi))
	m.remember(opSmallest, d, 0, 0, r)
	return r
}
