package resolve

// How a file becomes a Program.
//
// Each link to a part is a copy of the part: its steps are added to the
// Program again, with the copy's own ways back (copy.go). A copy sees its facts
// through a scope. A fact that a caller declares too is the caller's; a fact
// that only the part declares is its own and goes back to its first value on
// each entry. One variable serves every copy of one name and domain: the values
// it had in an earlier visit are overwritten on entry, so that nothing can leak.
//
// Compiling fails only where copies of parts multiply beyond all bounds. Where
// a name is unknown (and has been told), the choice is taken to lead where it
// was probably meant to, or out of the walk, and an unreadable guard is taken to
// be open; doubt.go remembers where. What is checked then can miss something; it
// cannot accuse a step of a mistake that was made elsewhere. No rule is proved
// on such a Program.

import (
	"fmt"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// Compile resolves a file of the library: what its names mean, told problem by
// problem, and its Program. The problems include those that reading the file
// told. A translation is held against its original, whose Program it has.
// Compiled is nil only where there is nothing to compile (a file without steps,
// a translation that differs from its original or has none) and where the
// Program would be beyond all bounds, which has been told. What is returned is
// kept for the next call, and must not be changed.
func (l *Library) Compile(f *syntax.File) (*Compiled, []diag.Problem) {
	if l.byFile[f] == nil {
		l.Add(f, nil)
	}
	e := l.byFile[f]
	if !e.done {
		e.compiled, e.told = l.compile(e)
		e.done = true
	}
	return e.compiled, slices.Clone(e.told)
}

func (l *Library) compile(e *entry) (*Compiled, []diag.Problem) {
	f := e.file
	problems := slices.Clone(e.read)
	if first := l.files[key{idOf(f), langOf(f)}]; first != e {
		problems = append(problems, diag.New(f.Name, f.Front.ID.Pos, diag.Syntax, "%s has the same id and language; an id is one file's in the library", first.file.Name))
	}
	if f.IsTranslation() {
		c, told := l.compileTranslation(f)
		return c, append(problems, told...)
	}
	n := l.namesOf(e)
	problems = append(problems, e.problems...)
	problems = append(problems, l.otherSettings(f)...)
	if len(f.Steps) == 0 {
		return nil, problems
	}
	c := &compiler{lib: l, file: f, unreadable: unreadable(problems), program: &automaton.Program{},
		facts: map[factKey]int{}, outcomes: map[string]int{}, named: map[int]bool{}, told: map[diag.Problem]bool{}}
	compiled := c.compile(n)
	return compiled, append(problems, c.problems...)
}

// unreadable reports whether an expression, or a name in one, was not read, so
// that nobody knows which facts are read.
func unreadable(problems []diag.Problem) bool {
	return slices.ContainsFunc(problems, func(p diag.Problem) bool {
		return p.Code == diag.Syntax || p.Code == diag.UnknownFact || p.Code == diag.UnknownTarget
	})
}

type factKey struct {
	kind   automaton.FactKind
	name   string
	domain string
}

// compiler makes the Program of one file.
type compiler struct {
	lib  *Library
	file *syntax.File

	unreadable bool // which facts are read is not known
	program    *automaton.Program
	places     []Place
	always     [][]int // by step: the facts to which all of its choices, as written, give a value
	facts      map[factKey]int
	outcomes   map[string]int
	named      map[int]bool // facts that some expression names
	promises   []*Promise
	doubt      Doubt
	problems   []diag.Problem
	told       map[diag.Problem]bool
	size       int // of the Program so far, in choices, assignments and the like
	work       int // done on guards so far
	tooBig     bool
	byStep     map[stepKey][]int // steps by their names; nil until asked for
}

// tell tells a problem at a place of the checked file, once.
func (c *compiler) tell(pos diag.Position, code diag.Code, format string, args ...any) {
	p := diag.New(c.file.Name, pos, code, format, args...)
	if !c.told[p] {
		c.told[p] = true
		c.problems = append(c.problems, p)
	}
}

func (c *compiler) compile(n *names) *Compiled {
	c.program.Record = recordClass(c.file)
	root := &copyOf{names: n, scope: map[string]int{}}
	c.declare(root, nil)
	c.instantiate(root)
	if c.tooBig {
		return nil
	}
	c.unreadChoices(n)
	c.protect(root)
	out := &Compiled{File: c.file, Program: c.program, Places: c.places, Doubt: c.doubt}
	c.rules(root, out)
	for _, p := range c.promises {
		out.Keeps = append(out.Keeps, *p)
	}
	c.needs(root, out)
	out.Named = make([]bool, len(c.program.Facts))
	for fact := range c.named {
		out.Named[fact] = true
	}
	c.unread(root)
	return out
}

// needs says where the proof of a part that has `needs` starts.
func (c *compiler) needs(root *copyOf, out *Compiled) {
	front := &c.file.Front
	if front.NeedsText.Text == "" {
		return
	}
	out.Init = c.expr(root, front.Needs)
	if front.Needs == nil || root.names.isWrong(front.Needs) {
		out.Doubt.Start = true
		out.Init = &automaton.Expr{Op: automaton.True} // what has been told already may hold of any values
	}
	eachFact(out.Init, func(fact int) {
		if c.program.Facts[fact].Kind.IsMilestone() && !slices.Contains(out.FreeMilestones, fact) {
			out.FreeMilestones = append(out.FreeMilestones, fact)
		}
	})
	slices.Sort(out.FreeMilestones)
	out.Init = c.firstValues(root, out.Init)
}

// firstValues adds to where a proof starts that facts which only parts below
// declare have their first values: entering such a part sets them so anyhow.
func (c *compiler) firstValues(root *copyOf, init *automaton.Expr) *automaton.Expr {
	own := map[int]bool{}
	for _, fact := range root.scope {
		own[fact] = true
	}
	all := []*automaton.Expr{init}
	for i := range c.program.Facts {
		if c.program.Facts[i].Kind == automaton.Walk && !own[i] {
			all = append(all, &automaton.Expr{Op: automaton.FactIn, Fact: i, In: 1})
		}
	}
	if len(all) == 1 {
		return init
	}
	return &automaton.Expr{Op: automaton.And, Args: all}
}

func recordClass(f *syntax.File) automaton.Record {
	switch {
	case f.Front.Record.Text != "":
		return automaton.Record(f.Front.Record.Text)
	case f.Front.Kind == syntax.Rehearsal:
		return automaton.NoRecord
	}
	return automaton.Incident
}

// maxSteps bounds the steps of a Program, and maxSize what else is in it: parts
// within parts multiply.
const (
	maxSteps = 100_000
	maxSize  = 4_000_000
)

// grow adds to the Program's size and reports whether it is still bearable.
func (c *compiler) grow(by int) bool {
	c.size += by
	if len(c.program.Steps) <= maxSteps && c.size <= maxSize {
		return true
	}
	if !c.tooBig {
		c.tooBig = true
		c.tell(c.file.Front.Pos, diag.TooHard, "with all its copies of parts this playbook has more than %d steps, or more than %d choices and assignments; "+
			"use fewer parts within parts", maxSteps, maxSize)
	}
	return false
}

// fact returns the number of a variable, made on first use.
func (c *compiler) fact(kind automaton.FactKind, d *syntax.FactDecl) int {
	return c.variable(factKey{kind, d.Name.Text, domainText(d)}, func() []string {
		if len(d.Values) == 0 {
			return []string{noValue} // every fact of a Program has one
		}
		return valueNames(d)
	})
}

// noValue is the value of a fact whose declaration could not be read.
const noValue = "?"

// milestone returns the number of a milestone's fact, made on first use.
func (c *compiler) milestone(kind automaton.FactKind, name string) int {
	if kind == automaton.Called || kind == automaton.Notified {
		name = roleName(name)
	}
	return c.variable(factKey{kind: kind, name: name}, func() []string { return []string{"no", "yes"} })
}

func (c *compiler) variable(k factKey, values func() []string) int {
	if i, ok := c.facts[k]; ok {
		return i
	}
	i := len(c.program.Facts)
	c.facts[k] = i
	c.program.Facts = append(c.program.Facts, automaton.Fact{Kind: k.kind, Name: k.name, Values: values()})
	return i
}

// roleName is the name of a role in the Program: "supervisor" is an older word
// for the person in charge.
func roleName(name string) string {
	if name == "supervisor" {
		return "in_charge"
	}
	return name
}

func (c *compiler) outcome(name string) int {
	if i, ok := c.outcomes[name]; ok {
		return i
	}
	i := len(c.program.Outcomes)
	c.outcomes[name] = i
	c.program.Outcomes = append(c.program.Outcomes, name)
	return i
}

// String names a place as stories do.
func (p Place) String() string { return fmt.Sprintf("%s:%d %s", p.File.Name, p.Step.Pos.Line, p.ID) }
