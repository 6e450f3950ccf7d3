package verify

import (
	"context"
	"math/bits"
	"slices"
	"sync"

	"roundtable/playbook/automaton"
	"roundtable/playbook/verify/bdd"
)

// diagrams is a machine as diagrams. Slices of one machine share it: what one
// rule has computed, the next one often finds in the cache.
type diagrams struct {
	m       *machine
	b       *bdd.Manager
	base    []int32
	bits    [][]int      // by variable: the diagram's variables, most significant bit first
	is      [][]bdd.Node // by variable and value
	varAt   []int        // by diagram variable: whose bit it is
	any     []bdd.Node   // by variable: that it has one of its values
	cond    []bdd.Node   // by edge number: it is the one, or one, that can be taken
	pending bdd.Node     // a variable of its own: see watch.go
	// failed: not even the conditions could be made.
	failed  bool
	allowed int  // how much work was allowed
	eager   bool // collect at every rest
	// holders call keep for every node that somebody still needs.
	holders []func(keep func(bdd.Node))
}

// managers are kept to be used again: their memory is most of what a small
// playbook needs.
var managers = sync.Pool{New: func() any { return bdd.New(usualNodes) }}

const mostKeptNodes = 1 << 17 // a manager with memory for more is not kept

// release gives the manager back. The diagrams must not be used any more.
func (d *diagrams) release() {
	if d.b.Cap() <= mostKeptNodes {
		d.b.Reset(usualNodes)
		managers.Put(d.b)
	}
	d.b = nil
}

func newDiagrams(ctx context.Context, m *machine, order []int, limit, work int) *diagrams {
	d := &diagrams{m: m, b: managers.Get().(*bdd.Manager)}
	d.b.Reset(limit)
	d.allowed, d.b.MaxWork = work, work
	d.b.Interrupted = func() bool { return ctx.Err() != nil }
	d.layBits(order)
	d.base = make([]int32, len(m.places)+1)
	for p := range m.places {
		d.base[p+1] = d.base[p] + int32(len(m.places[p].edges))
		d.conditions(p)
	}
	d.holders = append(d.holders, func(keep func(bdd.Node)) {
		for v := range d.is {
			keep(d.any[v])
			keepAll(d.is[v], keep)
		}
		keepAll(d.cond, keep)
		keep(d.pending)
	})
	d.failed = d.b.Err() != nil
	return d
}

func keepAll(nodes []bdd.Node, keep func(bdd.Node)) {
	for _, n := range nodes {
		keep(n)
	}
}

// layBits gives each variable its bits in the order given, a second copy's
// between those of the first.
func (d *diagrams) layBits(order []int) {
	facts := len(d.m.size) - len(d.m.first)
	second := make([]int, facts)
	for i, v := range d.m.first {
		second[v] = facts + i
	}
	d.bits = make([][]int, len(d.m.size))
	d.pending = d.b.Is(0, true)
	d.varAt = []int{-1}
	next := 1
	for _, v := range order {
		for range bits.Len(uint(d.m.size[v] - 1)) {
			d.bits[v] = append(d.bits[v], next)
			d.varAt = append(d.varAt, v)
			next++
			if w := second[v]; w > 0 {
				d.bits[w] = append(d.bits[w], next)
				d.varAt = append(d.varAt, w)
				next++
			}
		}
	}
	d.is = make([][]bdd.Node, len(d.m.size))
	d.any = make([]bdd.Node, len(d.m.size))
	for v, size := range d.m.size {
		for value := range size {
			n := bdd.True
			for i := len(d.bits[v]) - 1; i >= 0; i-- {
				shift := len(d.bits[v]) - 1 - i
				n = d.b.And(d.b.Is(d.bits[v][i], value>>shift&1 == 1), n)
			}
			d.is[v] = append(d.is[v], n)
			d.any[v] = d.b.Or(d.any[v], n)
		}
	}
}

// conditions makes the conditions of a place's edges. At a first place, an edge
// can be taken when its condition holds and no earlier one's does.
func (d *diagrams) conditions(p int) {
	pl := &d.m.places[p]
	left := bdd.True
	for i := range pl.edges {
		c := d.expr(pl.edges[i].cond)
		if pl.first {
			d.cond = append(d.cond, d.b.And(left, c))
			left = d.b.Diff(left, c)
			continue
		}
		d.cond = append(d.cond, c)
	}
}

func (d *diagrams) expr(e *automaton.Expr) bdd.Node {
	if e == nil {
		return bdd.True
	}
	switch e.Op {
	case automaton.True:
		return bdd.True
	case automaton.And:
		n := bdd.True
		for _, a := range e.Args {
			n = d.b.And(n, d.expr(a))
		}
		return n
	case automaton.Or:
		n := bdd.False
		for _, a := range e.Args {
			n = d.b.Or(n, d.expr(a))
		}
		return n
	case automaton.Not:
		return d.b.Not(d.expr(e.Args[0]))
	case automaton.FactIn:
		n := bdd.False
		for v := range d.is[e.Fact] {
			if e.In.Has(v) {
				n = d.b.Or(n, d.is[e.Fact][v])
			}
		}
		return n
	}
	return bdd.False
}

// exprs makes what is worked out by place. Most places share an expression.
func (d *diagrams) exprs(by byPlace) []bdd.Node {
	if by == nil {
		return nil
	}
	known := map[*automaton.Expr]bdd.Node{}
	out := make([]bdd.Node, len(by))
	for p, e := range by {
		n, ok := known[e]
		if !ok {
			n = d.expr(e)
			known[e] = n
		}
		out[p] = n
	}
	return out
}

// cube is a set of variables, to be quantified.
func (d *diagrams) cube(variables []int) bdd.Node {
	var list []int
	for _, v := range variables {
		list = append(list, d.bits[v]...)
	}
	slices.Sort(list)
	return d.b.Cube(list)
}

// hold keeps the nodes of lists until release is called. Lists may change, but
// not grow.
func (d *diagrams) hold(lists ...[]bdd.Node) (release func()) {
	return d.holdBy(func(keep func(bdd.Node)) {
		for _, l := range lists {
			keepAll(l, keep)
		}
	})
}

func (d *diagrams) holdBy(f func(keep func(bdd.Node))) (release func()) {
	n := len(d.holders)
	d.holders = append(d.holders, f)
	return func() {
		d.holders[n] = nil
		for len(d.holders) > 0 && d.holders[len(d.holders)-1] == nil {
			d.holders = d.holders[:len(d.holders)-1]
		}
	}
}

// rest frees what nobody holds, when it is time to. It is called where no node
// stands outside of what is held.
func (d *diagrams) rest() {
	if d.eager || d.b.Crowded() {
		d.collect()
	}
}

func (d *diagrams) collect() {
	d.b.Collect(func(keep func(bdd.Node)) {
		for _, h := range d.holders {
			if h != nil {
				h(keep)
			}
		}
	})
}

// allow bounds the work from here on, and makes good a manager that stopped.
func (d *diagrams) allow(work int) {
	if d.b.Err() != nil {
		d.b.Resume()
		d.collect()
	}
	d.allowed = work
	d.b.MaxWork = d.b.Work() + work
}

// failure is why the manager stopped, as a *Limit, or nil.
func (d *diagrams) failure(hardest func() (place int, facts []int)) error {
	err := d.b.Err()
	if err == nil {
		return nil
	}
	l := &Limit{What: NodeLimit, Bound: d.b.Limit(), Step: -1}
	switch err {
	case bdd.ErrInterrupted:
		l.What = TimeLimit
	case bdd.ErrWork:
		l.What, l.Bound = WorkLimit, d.allowed
	}
	l.Step, l.Facts = hardest()
	return l
}

// beginning is the set of values with which walks start, before the first step
// is entered, over the variables that matter: those in the set live, and those
// that what is needed reads.
func (d *diagrams) beginning(live []uint64) (all bdd.Node, matter []uint64) {
	s := &d.m.start
	matter = s.matter(live)
	all = d.expr(s.need)
	for _, v := range vars(matter) {
		switch of := s.copyOf[v]; {
		case of >= 0:
			for i, bit := range d.bits[v] {
				all = d.b.And(all, d.same(bit, d.bits[of][i]))
			}
		case s.free[v]:
			all = d.b.And(all, d.any[v])
		default:
			all = d.b.And(all, d.is[v][0])
		}
	}
	return all, matter
}

// same is the set in which two diagram variables are equal.
func (d *diagrams) same(a, b int) bdd.Node {
	return d.b.Or(d.b.And(d.b.Is(a, true), d.b.Is(b, true)), d.b.And(d.b.Is(a, false), d.b.Is(b, false)))
}
