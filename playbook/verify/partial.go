package verify

import (
	"slices"

	"roundtable/playbook/automaton"
)

// Building expressions. and, or, not and in simplify as they build, so that an
// expression that comes out constant is always or never.

func and(args ...*automaton.Expr) *automaton.Expr { return join(automaton.And, always, never, args) }
func or(args ...*automaton.Expr) *automaton.Expr  { return join(automaton.Or, never, always, args) }

// join joins args by op: unit changes nothing, and zero decides.
func join(op automaton.Op, unit, zero *automaton.Expr, args []*automaton.Expr) *automaton.Expr {
	kept := args[:0:0]
	for _, a := range args {
		if a == nil || a.Op == automaton.True {
			a = always
		} else if a.Op == automaton.False {
			a = never
		}
		if a == zero {
			return zero
		}
		if a != unit {
			kept = append(kept, a)
		}
	}
	switch len(kept) {
	case 0:
		return unit
	case 1:
		return kept[0]
	}
	return &automaton.Expr{Op: op, Args: kept}
}

func not(e *automaton.Expr) *automaton.Expr {
	if e == nil {
		return never
	}
	switch e.Op {
	case automaton.True:
		return never
	case automaton.False:
		return always
	case automaton.Not:
		return e.Args[0]
	}
	return &automaton.Expr{Op: automaton.Not, Args: []*automaton.Expr{e}}
}

// in is the test that variable v, which has size values, is within the set.
func in(size, v int, set automaton.Set) *automaton.Expr {
	set &= automaton.Full(size)
	switch set {
	case 0:
		return never
	case automaton.Full(size):
		return always
	}
	return &automaton.Expr{Op: automaton.FactIn, Fact: v, In: set}
}

// rewrite says what becomes of an expression when leaf says what becomes of each
// test and of each place in it, nil meaning that it stays as it is.
func rewrite(e *automaton.Expr, leaf func(*automaton.Expr) *automaton.Expr) *automaton.Expr {
	if e == nil {
		return always
	}
	switch e.Op {
	case automaton.And, automaton.Or:
		return rewriteArgs(e, leaf)
	case automaton.Not:
		if arg := rewrite(e.Args[0], leaf); arg != e.Args[0] {
			return not(arg)
		}
		return e
	case automaton.True:
		return always
	case automaton.False:
		return never
	}
	if l := leaf(e); l != nil {
		return l
	}
	return e
}

func rewriteArgs(e *automaton.Expr, leaf func(*automaton.Expr) *automaton.Expr) *automaton.Expr {
	var args []*automaton.Expr // nil for as long as nothing has changed
	for i, a := range e.Args {
		b := rewrite(a, leaf)
		if args == nil && b != a {
			args = append(make([]*automaton.Expr, 0, len(e.Args)), e.Args[:i]...)
		}
		if args != nil {
			args = append(args, b)
		}
	}
	switch {
	case args == nil && len(e.Args) > 1:
		return e
	case args == nil:
		args = e.Args
	}
	if e.Op == automaton.And {
		return and(args...)
	}
	return or(args...)
}

// eachVar calls visit for every variable that the expression tests.
func eachVar(e *automaton.Expr, visit func(v int)) {
	if e == nil {
		return
	}
	if e.Op == automaton.FactIn {
		visit(e.Fact)
	}
	for _, a := range e.Args {
		eachVar(a, visit)
	}
}

// truth makes an expression that is always or never, from a bool.
func truth(b bool) *automaton.Expr {
	if b {
		return always
	}
	return never
}

// A byPlace is an expression worked out for every place of a machine: an
// expression over variables for each.
type byPlace []*automaton.Expr

// workOut works a rule's expression out at every place of p's machine. Most
// places are not named in it, so they share what is worked out once for steps
// and once for outcomes.
func workOut(p *automaton.Program, e *automaton.Expr) byPlace {
	steps := len(p.Steps)
	out := make(byPlace, steps+len(p.Outcomes))
	elsewhere, ended := partial(p, e, -1), partial(p, e, steps+len(p.Outcomes))
	for i := range out {
		if i < steps {
			out[i] = elsewhere
		} else {
			out[i] = ended
		}
	}
	eachPlace(e, steps, func(at int) {
		if at >= 0 && at < len(out) {
			out[at] = partial(p, e, at)
		}
	})
	return out
}

// partial is what is left of the expression at one place; -1 is a step that it
// does not name, and one past the last place an outcome that it does not name.
func partial(p *automaton.Program, e *automaton.Expr, at int) *automaton.Expr {
	steps := len(p.Steps)
	return rewrite(e, func(l *automaton.Expr) *automaton.Expr {
		switch l.Op {
		case automaton.At:
			return truth(at >= 0 && slices.Contains(l.Where, at))
		case automaton.Ended:
			return truth(at >= steps)
		case automaton.Outcome:
			return truth(at >= steps && slices.Contains(l.Where, at-steps))
		case automaton.FactIn:
			return in(len(p.Facts[l.Fact].Values), l.Fact, l.In)
		}
		return nil
	})
}

// eachPlace calls visit for every place that the expression names.
func eachPlace(e *automaton.Expr, steps int, visit func(at int)) {
	if e == nil {
		return
	}
	for _, w := range e.Where {
		if e.Op == automaton.Outcome {
			w += steps
		}
		visit(w)
	}
	for _, a := range e.Args {
		eachPlace(a, steps, visit)
	}
}

// combine joins expressions place by place. Most places share theirs, and so
// what it comes to.
func combine(op func(...*automaton.Expr) *automaton.Expr, a, b byPlace) byPlace {
	out := make(byPlace, len(a))
	for i := range a {
		if i > 0 && a[i] == a[i-1] && b[i] == b[i-1] {
			out[i] = out[i-1]
		} else {
			out[i] = op(a[i], b[i])
		}
	}
	return out
}

func negate(a byPlace) byPlace {
	out := make(byPlace, len(a))
	for i := range a {
		if i > 0 && a[i] == a[i-1] {
			out[i] = out[i-1]
		} else {
			out[i] = not(a[i])
		}
	}
	return out
}
