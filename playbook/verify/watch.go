package verify

import "roundtable/playbook/verify/bdd"

// watch keeps, for `E leads to F`, whether something is pending: one more
// variable of the diagrams, which is set on arrival where trigger holds, and
// reset where release does. No valuation has both. A nil watch keeps nothing.
type watch struct {
	d                *diagrams
	trigger, release []bdd.Node
}

// idle reports whether arriving at a place changes nothing.
func (x *watch) idle(p int32) bool {
	return x == nil || x.trigger[p] == bdd.False && x.release[p] == bdd.False
}

// start is a set of starts, with nothing pending before.
func (x *watch) start(set bdd.Node) bdd.Node {
	if x == nil {
		return set
	}
	return x.arrive(0, x.d.b.Diff(set, x.d.pending))
}

// arrive is a set after it has come to a place.
func (x *watch) arrive(p int32, set bdd.Node) bdd.Node {
	if x.idle(p) || set == bdd.False {
		return set
	}
	b, d := x.d.b, x.d
	on, off := x.trigger[p], x.release[p]
	turned := b.Or(
		b.And(d.pending, b.AndExists(set, on, d.pending)),
		b.Diff(b.AndExists(set, off, d.pending), d.pending))
	return b.Or(turned, b.Diff(b.Diff(set, on), off))
}

// leave is the set of what comes to be in a set by arriving at a place.
func (x *watch) leave(p int32, set bdd.Node) bdd.Node {
	if x.idle(p) || set == bdd.False {
		return set
	}
	b, d := x.d.b, x.d
	on, off := x.trigger[p], x.release[p]
	turned := b.Or(
		b.And(on, b.AndExists(set, d.pending, d.pending)),
		b.And(off, b.Exists(b.Diff(set, d.pending), d.pending)))
	return b.Or(turned, b.Diff(b.Diff(set, on), off))
}

// arriveAt is arrive for distances.
func (x *watch) arriveAt(p int32, far bdd.Distance) bdd.Distance {
	if x.idle(p) || far == bdd.Nowhere {
		return far
	}
	b, d := x.d.b, x.d
	on, off := x.trigger[p], x.release[p]
	turned := b.Least(
		b.Within(b.LeastOver(b.Within(far, on), d.pending), d.pending),
		b.Within(b.LeastOver(b.Within(far, off), d.pending), b.Not(d.pending)))
	return b.Least(turned, b.Within(far, b.Not(b.Or(on, off))))
}
