package bdd

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// variables is small enough to list every valuation: bit i of a valuation is
// variable i.
const variables = 7

// table is a set, listed.
type table [1 << variables]bool

// distances is a distance, listed; -1 is none.
type distances [1 << variables]int

// both is a diagram and what it should be.
type both struct {
	node  Node
	table table
}

func list(m *Manager, n Node) (t table) {
	for v := range t {
		t[v] = m.Has(n, func(i int) bool { return v>>i&1 == 1 })
	}
	return t
}

// number walks down a distance.
func number(m *Manager, d Distance, v int) int {
	for d != Nowhere && !m.isNumber(d) {
		if x := m.nodes[d]; v>>x.level&1 == 1 {
			d = x.hi
		} else {
			d = x.lo
		}
	}
	if d == Nowhere {
		return -1
	}
	return int(m.nodes[d].lo)
}

func listNumbers(m *Manager, d Distance) (t distances) {
	for v := range t {
		t[v] = number(m, d, v)
	}
	return t
}

func combine(a, b table, op func(x, y bool) bool) (t table) {
	for v := range t {
		t[v] = op(a[v], b[v])
	}
	return t
}

// over lists the valuations that differ from v in the chosen variables only.
func over(v, chosen int) (list []int) {
	for w := range 1 << variables {
		if (v^w)&^chosen == 0 {
			list = append(list, w)
		}
	}
	return list
}

func exists(a table, chosen int) (t table) {
	for v := range t {
		for _, w := range over(v, chosen) {
			t[v] = t[v] || a[w]
		}
	}
	return t
}

func cubeOf(m *Manager, chosen int) Node {
	var list []int
	for i := range variables {
		if chosen>>i&1 == 1 {
			list = append(list, i)
		}
	}
	return m.Cube(list)
}

// TestSets holds every operation on sets against lists of valuations, with
// Collect in between.
func TestSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New(1 << 20)
		pool := []both{{False, table{}}, {True, combine(table{}, table{}, func(_, _ bool) bool { return true })}}
		for i := range variables {
			var is table
			for v := range is {
				is[v] = v>>i&1 == 1
			}
			pool = append(pool, both{m.Is(i, true), is})
		}
		draw := func() both { return pool[rapid.IntRange(0, len(pool)-1).Draw(t, "operand")] }
		for range 40 {
			a, b := draw(), draw()
			chosen := rapid.IntRange(0, 1<<variables-1).Draw(t, "variables")
			cube := cubeOf(m, chosen)
			var next both
			switch rapid.IntRange(0, 6).Draw(t, "operation") {
			case 0:
				next = both{m.And(a.node, b.node), combine(a.table, b.table, func(x, y bool) bool { return x && y })}
			case 1:
				next = both{m.Or(a.node, b.node), combine(a.table, b.table, func(x, y bool) bool { return x || y })}
			case 2:
				next = both{m.Diff(a.node, b.node), combine(a.table, b.table, func(x, y bool) bool { return x && !y })}
			case 3:
				next = both{m.Exists(a.node, cube), exists(a.table, chosen)}
			case 4:
				and := combine(a.table, b.table, func(x, y bool) bool { return x && y })
				next = both{m.AndExists(a.node, b.node, cube), exists(and, chosen)}
			case 5:
				next = both{m.Not(a.node), combine(a.table, a.table, func(x, _ bool) bool { return !x })}
			case 6:
				m.Collect(func(keep func(Node)) {
					for _, p := range pool {
						keep(p.node)
					}
				})
				continue
			}
			if got := list(m, next.node); got != next.table {
				t.Fatalf("operation gives %v, want %v", got, next.table)
			}
			pool = append(pool, next)
			and := combine(a.table, b.table, func(x, y bool) bool { return x && y })
			if got, want := m.Disjoint(a.node, b.node), and == (table{}); got != want {
				t.Fatalf("Disjoint(%v, %v) = %v, want %v", a.table, b.table, got, want)
			}
		}
		checkCanonical(t, m, pool)
	})
}

// checkCanonical checks that equal sets are one node, and counts.
func checkCanonical(t *rapid.T, m *Manager, pool []both) {
	seen := map[table]Node{}
	all := make([]int, variables)
	for i := range all {
		all[i] = i
	}
	counter := m.Counter(all)
	for _, p := range pool {
		if n, ok := seen[p.table]; ok && n != p.node {
			t.Fatalf("%v is node %d and node %d, want one", p.table, n, p.node)
		}
		seen[p.table] = p.node
		want := 0
		for _, in := range p.table {
			if in {
				want++
			}
		}
		if got := counter.Count(p.node); got.Cmp(big.NewInt(int64(want))) != 0 {
			t.Fatalf("Count(%v) = %v, want %d", p.table, got, want)
		}
	}
}

// TestDistances holds every operation on distances against lists of numbers.
func TestDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New(1 << 20)
		pool := []Distance{Nowhere, m.Everywhere(0), m.Everywhere(3)}
		draw := func() Distance { return pool[rapid.IntRange(0, len(pool)-1).Draw(t, "operand")] }
		for range 30 {
			a, b := draw(), draw()
			as, bs := listNumbers(m, a), listNumbers(m, b)
			set := m.Is(rapid.IntRange(0, variables-1).Draw(t, "variable"), rapid.Bool().Draw(t, "value"))
			set = m.Or(set, m.Is(rapid.IntRange(0, variables-1).Draw(t, "variable"), true))
			in := list(m, set)
			chosen := rapid.IntRange(0, 1<<variables-1).Draw(t, "variables")
			n := rapid.IntRange(0, 5).Draw(t, "n")
			var got Distance
			var want distances
			switch rapid.IntRange(0, 3).Draw(t, "operation") {
			case 0:
				got, want = m.Within(a, set), each(func(v int) int {
					if in[v] {
						return as[v]
					}
					return -1
				})
			case 1:
				got, want = m.Least(a, b), each(func(v int) int { return least([]int{as[v], bs[v]}) })
			case 2:
				got, want = m.LeastOver(a, cubeOf(m, chosen)), each(func(v int) int {
					var list []int
					for _, w := range over(v, chosen) {
						list = append(list, as[w])
					}
					return least(list)
				})
			case 3:
				got, want = m.Later(a, n), each(func(v int) int {
					if as[v] < 0 {
						return -1
					}
					return as[v] + n
				})
			}
			if numbers := listNumbers(m, got); numbers != want {
				t.Fatalf("operation gives %v, want %v", numbers, want)
			}
			pool = append(pool, got)
			exactly := list(m, m.Exactly(a, n))
			for v := range exactly {
				if exactly[v] != (as[v] == n) {
					t.Fatalf("Exactly(%v, %d) at %d = %v, want %v", as, n, v, exactly[v], as[v] == n)
				}
			}
			smallest, ok := m.Smallest(a)
			if want := least(as[:]); ok != (want >= 0) || ok && smallest != want {
				t.Fatalf("Smallest(%v) = %d, %v, want %d", as, smallest, ok, want)
			}
		}
	})
}

func each(f func(v int) int) (t distances) {
	for v := range t {
		t[v] = f(v)
	}
	return t
}

func least(list []int) int {
	least := -1
	for _, n := range list {
		if n >= 0 && (least < 0 || n < least) {
			least = n
		}
	}
	return least
}

// parity is the set of valuations with an odd number of yes: two nodes a level.
func parity(m *Manager, n int) Node {
	odd := False
	for i := range n {
		odd = m.Or(m.Diff(odd, m.Is(i, true)), m.Diff(m.Is(i, true), odd))
	}
	return odd
}

func TestCountLarge(t *testing.T) {
	m := New(1 << 20)
	all := make([]int, 300)
	for i := range all {
		all[i] = i
	}
	got := m.Counter(all).Count(parity(m, 300))
	if want := new(big.Int).Lsh(big.NewInt(1), 299); got.Cmp(want) != 0 {
		t.Errorf("Count(parity of 300) = %v, want %v", got, want)
	}
}

// hard is x0 = y0 and x1 = y1 … with all the x above all the y, which takes a
// node for every subset of the x.
func hard(m *Manager, n int) Node {
	same := True
	for i := range n {
		x, y := m.Is(i, true), m.Is(n+i, true)
		same = m.And(same, m.Or(m.And(x, y), m.Diff(m.Not(x), y)))
	}
	return same
}

func TestLimits(t *testing.T) {
	m := New(1000)
	hard(m, 20)
	if m.Err() != ErrNodes {
		t.Errorf("Err() of 2^20 nodes with 1000 allowed = %v, want %v", m.Err(), ErrNodes)
	}
	m.Resume()
	m.Collect(func(func(Node)) {})
	if n := parity(m, 10); m.Err() != nil || n == False {
		t.Errorf("after Resume and Collect, parity = %v with Err() = %v, want a set", n, m.Err())
	}

	m = New(1 << 22)
	m.MaxWork = 10_000
	hard(m, 20)
	if m.Err() != ErrWork {
		t.Errorf("Err() of much work with 10000 steps allowed = %v, want %v", m.Err(), ErrWork)
	}

	m = New(1 << 22)
	m.Interrupted = func() bool { return true }
	hard(m, 18)
	if m.Err() != ErrInterrupted {
		t.Errorf("Err() when interrupted = %v, want %v", m.Err(), ErrInterrupted)
	}
}

func BenchmarkHard(b *testing.B) {
	for b.Loop() {
		hard(New(1<<22), 14)
	}
}
