package resolve

import (
	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// Compiled is a file that has been resolved: its Program, and beside it, by
// step number, the words and positions from which the Program was made.
type Compiled struct {
	File    *syntax.File // whose words these are; for a translation, the translation
	Program *automaton.Program
	Places  []Place // one for each step of Program
	Rules   []Rule  // the written rules in order, then `neutral about` for each protected fact
	Keeps   []Promise
	Doubt   Doubt // after mistakes that were told: where the Program is a guess

	// Named tells for each fact of Program whether some expression (guard, rule
	// or `needs`) names it. Exact counts leave out milestones that none names.
	Named []bool

	// Init and FreeMilestones say where the proof of a part that has `needs`
	// starts: at any values that satisfy Init. Init is nil for anything else.
	Init           *automaton.Expr
	FreeMilestones []int
}

// Place is where a step of a Program stands in the files.
type Place struct {
	File  *syntax.File
	Index int          // the step's place in File.Steps
	Step  *syntax.Step // File.Steps[Index]
	ID    string       // "step" in the file itself, "part/step" in a copy of a part
	Part  string       // the part's id, "" in the file itself

	// Link is, in a copy of a part, the link in the file itself below which the
	// copy hangs.
	Link diag.Position
}

// Choice returns the words of choice c of the place's step.
func (p Place) Choice(c int) *syntax.Choice { return p.Step.Next.Choices[c] }

// Rule is a rule of the file, compiled.
type Rule struct {
	automaton.Rule
	Text string        // the sentence as the file has it
	Pos  diag.Position // where it stands; for a protected fact, at its name in `protected`
}

// Promise is a link to a part that has `needs`, which the link must keep. It
// has a rule for each choice of the Program that goes through the link.
type Promise struct {
	Part  string
	Text  string // the part's `needs`, as its file has it
	Pos   diag.Position
	Rules []automaton.Rule
}
