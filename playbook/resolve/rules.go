package resolve

import (
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// rules compiles the file's rules, and what else is proved.
func (c *compiler) rules(root *copyOf, out *Compiled) {
	f := c.file
	for _, r := range f.Front.Rules {
		if r.Sentence == nil {
			continue
		}
		out.Rules = append(out.Rules, Rule{Rule: c.rule(root, r.Sentence), Text: r.Text.Text, Pos: r.Text.Pos})
	}
	for _, p := range f.Front.Protected {
		if fact, ok := root.scope[p.Text]; ok {
			c.named[fact] = true
			out.Rules = append(out.Rules, Rule{
				Rule: automaton.Rule{Kind: automaton.NeutralAbout, Fact: fact},
				Text: "neutral about " + p.Text, Pos: p.Pos})
		}
	}
}

func (c *compiler) rule(root *copyOf, s *syntax.Sentence) automaton.Rule {
	r := automaton.Rule{}
	switch s.Form {
	case syntax.Never:
		r.Kind = automaton.Never
	case syntax.Before:
		r.Kind = automaton.Before
	case syntax.LeadsTo:
		r.Kind = automaton.LeadsTo
	case syntax.EveryEnd:
		r.Kind = automaton.EveryEnd
	case syntax.EveryPathEnds:
		r.Kind = automaton.EveryPathEnds
	case syntax.StaysPossible:
		r.Kind = automaton.StaysPossible
	case syntax.NeutralAbout:
		r.Kind = automaton.NeutralAbout
		if fact, ok := root.scope[s.Fact.Text]; ok {
			r.Fact = fact
			c.named[fact] = true
		}
	}
	if s.E != nil {
		r.E = c.expr(root, s.E)
	}
	if s.F != nil {
		r.F = c.expr(root, s.F)
	}
	return r
}

// unread tells facts of the file that no guard and no rule reads. Where an
// expression could not be read, nobody knows.
func (c *compiler) unread(root *copyOf) {
	if c.file.Front.Kind == syntax.Part || c.unreadable {
		return
	}
	for _, list := range [][]*syntax.FactDecl{c.file.Front.Given, c.file.Front.Facts} {
		for _, d := range list {
			if fact, ok := root.scope[d.Name.Text]; ok && !c.named[fact] {
				c.tell(d.Name.Pos, diag.UnreadFact, "nothing reads the fact %q: no condition and no rule; use it or take it out", d.Name.Text)
			}
		}
	}
}

// expr compiles an expression, seen from a copy. A name that is not there (and
// has been told) reads as true.
func (c *compiler) expr(cp *copyOf, e syntax.Expr) *automaton.Expr {
	switch e := e.(type) {
	case *syntax.Or:
		return c.join(automaton.Or, c.expr(cp, e.X), c.expr(cp, e.Y))
	case *syntax.And:
		return c.join(automaton.And, c.expr(cp, e.X), c.expr(cp, e.Y))
	case *syntax.Not:
		return &automaton.Expr{Op: automaton.Not, Args: []*automaton.Expr{c.expr(cp, e.X)}}
	case *syntax.Is:
		return c.is(cp, e.Fact.Text, e.Values, e.Negated)
	case *syntax.Bare:
		return c.is(cp, e.Fact.Text, []syntax.Name{{Text: "yes"}}, false)
	case *syntax.Milestone:
		fact := c.milestone(automaton.FactKind(e.Kind), e.Name.Text)
		c.named[fact] = true
		return &automaton.Expr{Op: automaton.FactIn, Fact: fact, In: 2}
	case *syntax.Ended:
		return &automaton.Expr{Op: automaton.Ended}
	case *syntax.OutcomeIs:
		return c.outcomeIs(e)
	case *syntax.At:
		return c.at(e.Step)
	}
	return &automaton.Expr{Op: automaton.True}
}

func (c *compiler) join(op automaton.Op, x, y *automaton.Expr) *automaton.Expr {
	args := []*automaton.Expr{x}
	if x.Op == op { // a chain of `or` is one Or
		args = slices.Clone(x.Args)
	}
	return &automaton.Expr{Op: op, Args: append(args, y)}
}

func (c *compiler) is(cp *copyOf, name string, values []syntax.Name, negated bool) *automaton.Expr {
	fact, ok := cp.scope[name]
	if !ok {
		return &automaton.Expr{Op: automaton.True}
	}
	c.named[fact] = true
	var in automaton.Set
	for _, v := range values {
		if i, ok := valueOf(cp.names.facts[name], v.Text); ok {
			in |= 1 << uint(i)
		}
	}
	if negated {
		in = automaton.Full(len(c.program.Facts[fact].Values)) &^ in
	}
	return &automaton.Expr{Op: automaton.FactIn, Fact: fact, In: in}
}

func (c *compiler) outcomeIs(e *syntax.OutcomeIs) *automaton.Expr {
	out := &automaton.Expr{Op: automaton.Outcome}
	for _, name := range e.Names {
		if i, ok := c.outcomes[name.Text]; ok {
			out.Where = append(out.Where, i)
		}
	}
	slices.Sort(out.Where)
	out.Where = slices.Compact(out.Where)
	if !e.Negated {
		return out
	}
	return &automaton.Expr{Op: automaton.And, Args: []*automaton.Expr{
		{Op: automaton.Ended}, {Op: automaton.Not, Args: []*automaton.Expr{out}}}}
}

// stepKey is a name by which a rule may speak of steps: an id, or the words of
// a heading; part is "" for the file's own.
type stepKey struct{ part, name string }

// at finds the steps that `at STEP` means: in a part, those of every copy.
func (c *compiler) at(ref syntax.StepRef) *automaton.Expr {
	if c.byStep == nil {
		c.byStep = map[stepKey][]int{}
		for i, p := range c.places {
			id, heading := stepKey{p.Part, p.Step.ID}, stepKey{p.Part, `"` + syntax.PlainText(p.Step.Heading)}
			c.byStep[id] = append(c.byStep[id], i)
			c.byStep[heading] = append(c.byStep[heading], i)
		}
	}
	out := &automaton.Expr{Op: automaton.At}
	if !ref.Quoted {
		out.Where = c.byStep[stepKey{ref.Part.Text, ref.Step.Text}]
		return out
	}
	// A heading is known by its own words, or by the id that is made of them.
	out.Where = slices.Concat(c.byStep[stepKey{ref.Part.Text, `"` + ref.Step.Text}], c.byStep[stepKey{ref.Part.Text, syntax.Slug(ref.Step.Text)}])
	slices.Sort(out.Where)
	out.Where = slices.Compact(out.Where)
	return out
}

// eachFact calls visit for every fact that the expression names.
func eachFact(e *automaton.Expr, visit func(fact int)) {
	if e == nil {
		return
	}
	if e.Op == automaton.FactIn {
		visit(e.Fact)
	}
	for _, a := range e.Args {
		eachFact(a, visit)
	}
}
