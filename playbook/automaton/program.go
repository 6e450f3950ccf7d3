// Package automaton is the waist of the playbook language: the Program, a
// small table of steps, choices, guards and facts, and the one meaning of
// taking a choice. What is proved, walked at the desk, rehearsed and drawn is
// this table and nothing else.
//
// A Program holds no words and no positions: those stand beside it, by step
// number. Two translations of a playbook compile to equal Programs.
package automaton

// Version is the version of the Program's JSON form.
const Version = 1

// Set is a set of values of one fact: bit v is set when value number v is in it.
type Set uint64

// Has reports whether value v is in the set.
func (s Set) Has(v int) bool { return s>>uint(v)&1 != 0 }

// Full is the set of all values of a fact with n values.
func Full(n int) Set {
	if n >= 64 {
		return ^Set(0)
	}
	return 1<<uint(n) - 1
}

// FactKind says where a fact's value comes from.
type FactKind string

// A Given fact is set by the library and fixed for a walk; a Walk fact is set
// by choices; a milestone (Called … Handed) is a yes/no fact, "no" at the start,
// that entering a step makes true.
const (
	Given    FactKind = "given"
	Walk     FactKind = "fact"
	Called   FactKind = "called"
	Notified FactKind = "notified"
	Recorded FactKind = "recorded"
	Handed   FactKind = "handed"
)

// IsMilestone reports whether facts of this kind are made true by steps.
func (k FactKind) IsMilestone() bool {
	return k == Called || k == Notified || k == Recorded || k == Handed
}

// Fact is one fact with its values; the first is the value at the start (but
// for given facts, which start at any). A milestone's values are "no", "yes".
type Fact struct {
	Kind      FactKind `json:"kind"`
	Name      string   `json:"name"` // of a milestone: the role, field or handout
	Values    []string `json:"values"`
	Protected bool     `json:"protected,omitempty"`
}

// Test holds when the fact's value is within the set.
type Test struct {
	Fact int
	In   Set
}

// Guard is a list of alternatives, each a list of tests: it is open when any
// alternative has every test hold. nil is always open; an alternative without
// tests always holds; a non-nil empty Guard is never open.
type Guard [][]Test

// Assign gives a fact a value.
type Assign struct {
	Fact, Value int
}

// Field is a place on a step where something is written into the record.
type Field struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // text, number, date, time, choice, photo, inventory
	Options  int    `json:"options,omitempty"`
	Deadline bool   `json:"deadline,omitempty"`
}

// Choice is one way on from a step.
type Choice struct {
	Guard  Guard    // when it is offered
	Set    []Assign // done in order when it is taken
	To     int      // the step it goes to, when End is -1
	End    int      // the outcome it ends with, or -1
	Owner  string   // at an end: the role that has it now, or ""
	Opens  string   // at an end: the id of the playbook to open next, or ""
	Raise  Record   // the class to which the walk's record is raised, or ""
	Unsent bool     // off the record: nothing is sent, written or counted from here on
}

// Record is the class of record that a walk makes.
type Record string

// The classes of record.
const (
	NoRecord Record = "none"
	Incident Record = "incident"
	Conduct  Record = "conduct"
	Demand   Record = "demand"
	Abuse    Record = "abuse"
)

// Step is one step of a playbook, or of one copy of a part in it.
type Step struct {
	First   bool  // the first open choice is the only one: the facts decide
	Swap    bool  // all choices give one protected fact a value: the desk asks nothing
	Makes   []int // milestones that entering makes true, ascending
	Fields  []Field
	Ticks   int   // items that are ticked
	Timers  []int // countdowns, in seconds
	Choices []Choice
}

// Program is a playbook as an automaton. A walk starts at step 0.
type Program struct {
	Record   Record
	Facts    []Fact
	Outcomes []string // names of the ends, each once, in order of first use
	Steps    []Step
}

// State is where a walk stands and the value of every fact. Where is a step's
// number, or len(Steps)+outcome once the walk has ended.
type State struct {
	Where  int
	Values []uint8
}

// Ended reports whether the state is an end, and with which outcome.
func (p *Program) Ended(s State) (outcome int, ended bool) {
	if s.Where >= len(p.Steps) {
		return s.Where - len(p.Steps), true
	}
	return -1, false
}

// Holds reports whether the guard is open for these values.
func (g Guard) Holds(values []uint8) bool {
	if g == nil {
		return true
	}
alternatives:
	for _, tests := range g {
		for _, t := range tests {
			if !t.In.Has(int(values[t.Fact])) {
				continue alternatives
			}
		}
		return true
	}
	return false
}

// Start is the state in which a walk starts when the given facts have the
// values that given tells (facts of other kinds are ignored; nil: first values).
func (p *Program) Start(given []uint8) State {
	s := State{Values: make([]uint8, len(p.Facts))}
	for i, f := range p.Facts {
		if f.Kind == Given && given != nil {
			s.Values[i] = given[i]
		}
	}
	p.enter(&s)
	return s
}

// Open lists the choices that are open in the state, by number. At a First
// step that is at most one. A state that has ended has none.
func (p *Program) Open(s State) []int {
	if s.Where >= len(p.Steps) {
		return nil
	}
	var open []int
	step := &p.Steps[s.Where]
	for i := range step.Choices {
		if step.Choices[i].Guard.Holds(s.Values) {
			open = append(open, i)
			if step.First {
				break
			}
		}
	}
	return open
}

// Step takes choice number c of the state's step and returns the state it
// leads to: it assigns, moves, then makes true what the entered step says. It
// does not ask whether the choice is open; s is left as it was.
func (p *Program) Step(s State, c int) State {
	choice := &p.Steps[s.Where].Choices[c]
	next := State{Values: append([]uint8(nil), s.Values...)}
	for _, a := range choice.Set {
		next.Values[a.Fact] = uint8(a.Value)
	}
	if choice.End >= 0 {
		next.Where = len(p.Steps) + choice.End
		return next
	}
	next.Where = choice.To
	p.enter(&next)
	return next
}

func (p *Program) enter(s *State) {
	for _, m := range p.Steps[s.Where].Makes {
		s.Values[m] = 1
	}
}
