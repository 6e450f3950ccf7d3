package playbook

import (
	"context"
	"slices"
	"strings"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
	"roundtable/playbook/verify"
)

// Dependence says on what it depends whether a walk ends with an outcome, and
// on nothing else.
type Dependence struct {
	File    string
	Outcome string
	Facts   []Influence // in the order of the facts' declaration
	Decided []Decision  // in the order of the steps
	Limit   string      // the limit that kept the answer from being known, or ""
}

// Influence is a fact on which an outcome depends: where it matters, two walks
// that differ in it alone differ in whether the outcome can still be had, or is
// certain.
type Influence struct {
	Fact  string   // a fact's name, or a milestone such as "notified director"
	Given bool     // set by the library
	Steps []string // the headings of the steps where it matters
}

// Decision is a choice by which the outcome becomes impossible or certain.
type Decision struct {
	Step  string // the step's heading
	Label string
	File  string
	Pos   diag.Position
}

// Why says on what an outcome of the file depends; nil when the file cannot be
// compiled or has no such outcome. The problems are those that compiling told.
func Why(ctx context.Context, set *Set, f *syntax.File, outcome string) (*Dependence, []diag.Problem) {
	compiled, problems := set.Compile(f)
	if compiled == nil || diag.HasErrors(problems) {
		return nil, problems
	}
	number := slices.Index(compiled.Program.Outcomes, outcome)
	if number < 0 {
		return nil, problems
	}
	d := &Dependence{File: f.Name, Outcome: outcome}
	reasons := verify.Why(ctx, compiled.Program, number, verify.Options{Init: compiled.Init, FreeMilestones: compiled.FreeMilestones})
	if reasons.Hard != nil {
		d.Limit = reasons.Hard.String()
		return d, problems
	}
	for i := range compiled.Program.Facts {
		var steps []string
		for _, r := range reasons.Facts {
			heading := syntax.PlainText(compiled.Places[r.Step].Step.Heading)
			if slices.Contains(r.Facts, i) && !slices.Contains(steps, heading) {
				steps = append(steps, heading)
			}
		}
		if len(steps) > 0 {
			fact := &compiled.Program.Facts[i]
			d.Facts = append(d.Facts, Influence{Fact: factName(fact), Given: fact.Kind == automaton.Given, Steps: steps})
		}
	}
	for _, r := range reasons.Decisions {
		place := compiled.Places[r.Step]
		choice := place.Choice(r.Choice)
		one := Decision{syntax.PlainText(place.Step.Heading), syntax.PlainText(choice.Label), place.File.Name, choice.Pos}
		if !slices.Contains(d.Decided, one) { // copies of a part decide alike
			d.Decided = append(d.Decided, one)
		}
	}
	return d, problems
}

func factName(f *automaton.Fact) string {
	if f.Kind.IsMilestone() {
		return strings.TrimSpace(string(f.Kind) + " " + f.Name)
	}
	return f.Name
}
