package model

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"roundtable/playbook/automaton"
)

// WritePromela writes a Case as a Promela model, for SPIN. Where a walk stands
// is the process's label; taking a choice is one atomic step. Rules that speak
// of single states (never, every end) become assertions; a state with no choice
// open is an invalid end state, which SPIN reports by itself. Other rules are
// left out. A Case with Init is refused.
func WritePromela(w io.Writer, c *Case) error {
	if c.Init != nil {
		return fmt.Errorf("write Promela: a part proved alone is not supported")
	}
	p := &promela{w: bufio.NewWriter(w), c: c, p: c.Program}
	p.variables()
	p.printf("active proctype walk() {\n")
	p.starts()
	p.enter(0)
	for s := range p.p.Steps {
		p.step(s)
	}
	for o := range p.p.Outcomes {
		p.printf(";\nend_%d:\n  goto finish", o)
	}
	p.printf(";\nfinish:\n  skip\n}\n")
	return p.w.Flush()
}

type promela struct {
	w *bufio.Writer
	c *Case
	p *automaton.Program
}

func (p *promela) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

func (p *promela) variables() {
	for i, f := range p.p.Facts {
		bits := 1
		for 1<<bits < len(f.Values) {
			bits++
		}
		p.printf("unsigned f%d : %d; /* %s */\n", i, bits, f.Name)
	}
}

// starts gives the given facts any value.
func (p *promela) starts() {
	for i, f := range p.p.Facts {
		if f.Kind != automaton.Given {
			continue
		}
		p.printf("  if\n")
		for v := range f.Values {
			p.printf("  :: f%d = %d\n", i, v)
		}
		p.printf("  fi;\n")
	}
}

// enter writes what entering a place makes true and asserts, and goes there.
func (p *promela) enter(place int) {
	label := fmt.Sprintf("step_%d", place)
	if steps := len(p.p.Steps); place >= steps {
		label = fmt.Sprintf("end_%d", place-steps)
	} else {
		for _, m := range p.p.Steps[place].Makes {
			p.printf("f%d = 1; ", m)
		}
	}
	for _, r := range p.c.Rules {
		bad := ""
		switch {
		case r.Kind == automaton.Never && r.F == nil:
			bad = p.expr(r.E, place)
		case r.Kind == automaton.Never:
			bad = conjunction(p.expr(r.E, place), negation(p.expr(r.F, place)))
		case r.Kind == automaton.EveryEnd && place >= len(p.p.Steps):
			bad = negation(p.expr(r.E, place))
		}
		if bad != "" && bad != "false" {
			p.printf("assert(%s); ", negation(bad))
		}
	}
	p.printf("goto %s", label)
}

func (p *promela) step(s int) {
	step := &p.p.Steps[s]
	p.printf(";\nstep_%d:\n", s)
	if len(step.Choices) == 0 {
		p.printf("  false")
		return
	}
	p.printf("  if\n")
	closed := "true"
	for i := range step.Choices {
		c := &step.Choices[i]
		open := p.guard(c.Guard)
		now := open
		if step.First {
			now = conjunction(closed, open)
			closed = conjunction(closed, negation(open))
		}
		p.printf("  :: atomic { %s -> ", now)
		for _, a := range c.Set {
			p.printf("f%d = %d; ", a.Fact, a.Value)
		}
		if c.End >= 0 {
			p.enter(len(p.p.Steps) + c.End)
		} else {
			p.enter(c.To)
		}
		p.printf(" }\n")
	}
	p.printf("  fi")
}

func (p *promela) guard(g automaton.Guard) string {
	if g == nil {
		return "true"
	}
	some := "false"
	for _, tests := range g {
		every := "true"
		for _, t := range tests {
			every = conjunction(every, p.test(t.Fact, t.In))
		}
		some = disjunction(some, every)
	}
	return some
}

func (p *promela) test(fact int, in automaton.Set) string {
	var is []string
	for v := range p.p.Facts[fact].Values {
		if in.Has(v) {
			is = append(is, fmt.Sprintf("f%d == %d", fact, v))
		}
	}
	switch len(is) {
	case 0:
		return "false"
	case len(p.p.Facts[fact].Values):
		return "true"
	}
	return "(" + strings.Join(is, " || ") + ")"
}

// expr is an expression at a place, in Promela.
func (p *promela) expr(e *automaton.Expr, place int) string {
	if e == nil {
		return "true"
	}
	switch e.Op {
	case automaton.And, automaton.Or:
		out, join := "true", conjunction
		if e.Op == automaton.Or {
			out, join = "false", disjunction
		}
		for _, a := range e.Args {
			out = join(out, p.expr(a, place))
		}
		return out
	case automaton.Not:
		return negation(p.expr(e.Args[0], place))
	case automaton.FactIn:
		return p.test(e.Fact, e.In)
	}
	values := make([]uint8, len(p.p.Facts)) // what is left speaks of places only
	return fmt.Sprint(e.Eval(p.p, automaton.State{Where: place, Values: values}))
}

func conjunction(a, b string) string {
	switch {
	case a == "false" || b == "true":
		return a
	case b == "false" || a == "true":
		return b
	}
	return "(" + a + " && " + b + ")"
}

func disjunction(a, b string) string {
	switch {
	case a == "true" || b == "false":
		return a
	case b == "true" || a == "false":
		return b
	}
	return "(" + a + " || " + b + ")"
}

func negation(a string) string {
	switch a {
	case "true":
		return "false"
	case "false":
		return "true"
	}
	return "!(" + a + ")"
}
