// Package bdd keeps sets of valuations of yes/no variables as reduced ordered
// binary decision diagrams. It has what verify needs and no more: conjunction,
// disjunction, difference, quantification, the two joined, and exact counts.
//
// Variables are numbered from 0, which is the top of every diagram; their order
// is the caller's and does not change. Equal sets are the same Node. Nodes live
// in one array and are found by one hash table; results of operations are kept
// in a cache that forgets. Nothing is freed until the caller says what it still
// needs (see Collect).
//
// Work is bounded. When a Manager runs out of nodes or of work, or is
// interrupted, every operation returns at once and Err says why; what
// operations have returned since is meaningless. Managers are not safe for use
// by several goroutines at once.
package bdd

import "errors"

// Node is a set of valuations.
type Node uint32

// False is the empty set, True the set of all valuations.
const (
	False Node = 0
	True  Node = 1
)

// Why a Manager stopped.
var (
	ErrNodes       = errors.New("too many nodes")
	ErrWork        = errors.New("too much work")
	ErrInterrupted = errors.New("interrupted")
)

// node is an inner node: lo where its variable is no, hi where it is yes. next
// chains the nodes of one slot of the table, and the free nodes.
type node struct {
	lo, hi Node
	level  int32
	next   uint32
}

const (
	terminal = 1<<31 - 1 // the level of False and True: below every variable
	freed    = -1        // the level of a free node
)

type operation uint32

const (
	opAnd operation = iota + 1
	opOr
	opDiff
	opExists
	opAndExists
	opDisjoint
	opWithin
	opLeast
	opLeastOver
	opLater
	opExactly
	opSmallest
)

// entry is a result that the cache remembers; op stands in the top bits of c.
type entry struct {
	a, b   Node
	c      uint32
	result Node
}

const opShift = 28 // leaves 28 bits for a node's number

// MaxNodes is the most nodes that a Manager can hold, whatever its limit.
const MaxNodes = 1 << opShift

// Manager holds the nodes of diagrams over some variables.
type Manager struct {
	nodes []node
	table []uint32 // slots of node numbers; 0 is an empty slot
	cache []entry
	free  uint32 // first free node, or 0
	used  int    // nodes that are not free
	crowd int    // Crowded from this many nodes on
	limit int

	err  error
	work int // operations that the cache did not know, since the start

	// MaxWork bounds that number; 0 means no bound. Interrupted, where it is
	// not nil, is asked now and then whether to stop.
	MaxWork     int
	Interrupted func() bool
}

const (
	firstCrowd = 1 << 15
	firstTable = 1 << 12
	firstCache = 1 << 12
	mostCache  = 1 << 20
)

// New returns a Manager that holds at most limit nodes.
func New(limit int) *Manager {
	m := &Manager{
		nodes: make([]node, 2, firstTable),
		table: make([]uint32, firstTable),
		cache: make([]entry, firstCache),
	}
	m.Reset(limit)
	return m
}

// Reset makes a Manager as new, but for the memory that it has.
func (m *Manager) Reset(limit int) {
	nodes, table, cache := m.nodes[:2], m.table[:firstTable], m.cache[:firstCache]
	clear(table)
	clear(cache)
	nodes[0], nodes[1] = node{level: terminal}, node{lo: True, hi: True, level: terminal}
	*m = Manager{nodes: nodes, table: table, cache: cache, used: 2, limit: min(limit, MaxNodes), crowd: firstCrowd}
}

// Cap is the number of nodes that there is memory for.
func (m *Manager) Cap() int { return cap(m.nodes) }

// Err tells why the Manager stopped, or nil.
func (m *Manager) Err() error { return m.err }

// Len is the number of nodes held, those no longer needed among them.
func (m *Manager) Len() int { return m.used }

// Limit is the most nodes that the Manager may hold.
func (m *Manager) Limit() int { return m.limit }

// Work is the number of steps of work done so far.
func (m *Manager) Work() int { return m.work }

// Resume clears Err. The caller must not use what was returned since it was set.
func (m *Manager) Resume() { m.err = nil }

// Is is the set of valuations in which the variable has the value.
func (m *Manager) Is(variable int, value bool) Node {
	if value {
		return m.node(int32(variable), False, True)
	}
	return m.node(int32(variable), True, False)
}

// node returns the node for a level and its two sides.
func (m *Manager) node(level int32, lo, hi Node) Node {
	if lo == hi {
		return lo
	}
	return m.find(node{lo: lo, hi: hi, level: level})
}

// find returns the node that is like this one, which it makes if there is none.
func (m *Manager) find(like node) Node {
	if m.err != nil {
		return False
	}
	slot := hash3(uint32(like.lo), uint32(like.hi), uint32(like.level)) & uint32(len(m.table)-1)
	for n := m.table[slot]; n != 0; n = m.nodes[n].next {
		if x := &m.nodes[n]; x.lo == like.lo && x.hi == like.hi && x.level == like.level {
			return Node(n)
		}
	}
	n := m.alloc()
	if n == 0 {
		m.err = ErrNodes
		return False
	}
	like.next = m.table[slot]
	m.nodes[n] = like
	m.table[slot] = n
	if m.used > len(m.table) {
		m.rehash(2 * len(m.table))
	}
	return Node(n)
}

func (m *Manager) alloc() uint32 {
	if m.used >= m.limit {
		return 0
	}
	m.used++
	if n := m.free; n != 0 {
		m.free = m.nodes[n].next
		return n
	}
	m.nodes = append(m.nodes, node{})
	return uint32(len(m.nodes) - 1)
}

// rehash makes the table anew with a number of slots, a power of two, and lets
// the cache grow along.
func (m *Manager) rehash(slots int) {
	if slots > cap(m.table) {
		m.table = make([]uint32, slots)
	} else {
		m.table = m.table[:slots]
		clear(m.table)
	}
	for n := 2; n < len(m.nodes); n++ {
		x := &m.nodes[n]
		if x.level == freed {
			continue
		}
		slot := hash3(uint32(x.lo), uint32(x.hi), uint32(x.level)) & uint32(slots-1)
		x.next = m.table[slot]
		m.table[slot] = uint32(n)
	}
	if len(m.cache) < slots && len(m.cache) < mostCache {
		m.growCache(min(slots, mostCache))
	}
}

// growCache gives the cache more entries, a power of two. Every entry stays
// where it is or moves up, to an index that was not there before.
func (m *Manager) growCache(entries int) {
	old := len(m.cache)
	if entries > cap(m.cache) {
		m.cache = append(make([]entry, 0, entries), m.cache...)
	}
	m.cache = m.cache[:entries]
	clear(m.cache[old:])
	for i, e := range m.cache[:old] {
		if to := m.slot(e.a, e.b, e.c); e.c != 0 && to != &m.cache[i] {
			*to, m.cache[i] = e, entry{}
		}
	}
}

func hash3(a, b, c uint32) uint32 {
	h := (uint64(a)<<32 | uint64(b)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(c)*0xd6e8feb86659fd93) * 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}

func (m *Manager) slot(a, b Node, c uint32) *entry {
	return &m.cache[hash3(uint32(a), uint32(b), c)&uint32(len(m.cache)-1)]
}

// look finds what the cache remembers of an operation.
func (m *Manager) look(op operation, a, b, c Node) (Node, bool) {
	tag := uint32(c) | uint32(op)<<opShift
	e := m.slot(a, b, tag)
	return e.result, e.a == a && e.b == b && e.c == tag
}

func (m *Manager) remember(op operation, a, b, c, result Node) {
	if m.err == nil {
		tag := uint32(c) | uint32(op)<<opShift
		*m.slot(a, b, tag) = entry{a, b, tag, result}
	}
}

// toil counts work, and reports whether to stop.
func (m *Manager) toil() bool {
	if m.err != nil {
		return true
	}
	m.work++
	if m.MaxWork > 0 && m.work > m.MaxWork {
		m.err = ErrWork
	} else if m.work&0x3fff == 0 && m.Interrupted != nil && m.Interrupted() {
		m.err = ErrInterrupted
	}
	return m.err != nil
}

// Crowded reports whether it is time to collect.
func (m *Manager) Crowded() bool { return m.used >= m.crowd }

// Collect frees every node that is not needed. roots calls keep for each Node
// that is. No other Node may be used afterwards.
func (m *Manager) Collect(roots func(keep func(Node))) {
	marked := make([]uint64, (len(m.nodes)+63)/64)
	var mark func(Node)
	mark = func(n Node) {
		for n > True && marked[n>>6]>>(n&63)&1 == 0 {
			marked[n>>6] |= 1 << (n & 63)
			if m.nodes[n].level == terminal {
				return
			}
			mark(m.nodes[n].lo)
			n = m.nodes[n].hi
		}
	}
	roots(mark)
	m.free, m.used = 0, 2
	for n := len(m.nodes) - 1; n >= 2; n-- {
		if marked[n>>6]>>(uint(n)&63)&1 == 1 {
			m.used++
			continue
		}
		m.nodes[n] = node{level: freed, next: m.free}
		m.free = uint32(n)
	}
	clear(m.cache)
	m.rehash(len(m.table))
	m.crowd = min(max(firstCrowd, 3*m.used), max(m.limit*3/4, m.used+m.limit/8))
}
