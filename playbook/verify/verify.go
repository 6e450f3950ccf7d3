// Package verify proves a Program's rules, tells for each broken one the
// shortest walk that breaks it, and finds what is wrong with a Program whatever
// its rules: steps that no walk reaches, choices that none can take, places
// with no way on. It knows nothing of words, files or lines; it speaks in step,
// choice and fact numbers, and leaves telling to others. DESIGN.md says how it
// works and what is hard for it.
package verify

import (
	"context"
	"fmt"
	"math/big"

	"roundtable/playbook/automaton"
)

// Options say where walks start, what is wanted, and how much work is allowed.
// The zero Options are those of a playbook.
type Options struct {
	// Init, where it is not nil, is what a part proved alone needs: an
	// expression over facts. Walks then start at the first step with any value
	// of every given and walk fact and of each of FreeMilestones for which Init
	// holds; then what the first step makes true is made true. Where Init is
	// nil, walk facts start at their first values, and milestones at "no".
	Init           *automaton.Expr
	FreeMilestones []int

	// Count asks for the exact number of reachable states. Counted tells, by
	// fact, which milestones are part of a state (facts of other kinds always
	// are); nil means none.
	Count   bool
	Counted []bool

	Limits Limits
	Engine Engine

	// For tests: eager frees what nobody holds at every chance; apart explores
	// for each rule apart.
	eager, apart bool
}

// Limits bound the work; zero values mean the usual bounds. They count work
// done, not time, so that a verdict never depends on the machine; time is
// bounded by the context. When a bound is met the verdict is TooHard.
type Limits struct {
	States int // states held by one explicit search
	Nodes  int // nodes held by one diagram
}

const (
	usualStates = 1 << 21
	usualNodes  = 1 << 22
)

// Engine forces one of the two engines. Tests use it.
type Engine uint8

// The engines. Auto takes whichever fits, and is what everyone wants.
const (
	Auto Engine = iota
	Explicit
	Symbolic
)

// Answer is what became of a rule.
type Answer uint8

// The answers.
const (
	Proved Answer = iota
	Broken
	TooHard // a limit was met: neither proved nor broken
)

func (a Answer) String() string {
	return [...]string{"proved", "broken", "too hard"}[a]
}

// Verdict is what became of one rule.
type Verdict struct {
	Answer Answer

	// Empty: the rule says nothing, since no walk comes to what it speaks of.
	// Of `never E unless F` and `E leads to F`: no reachable state has E. Of
	// `E before F`: none has F.
	Empty bool

	// Story is the shortest walk that breaks a Broken rule and, among equally
	// short ones, the first in the order of starts and then of choice numbers.
	// It ends in the state that breaks the rule; of LeadsTo, with the walk; of
	// Keeps, with the choice; of StaysPossible and EveryPathEnds, in the state
	// from which things go wrong.
	Story *Story
	Other *Story // of NeutralAbout: the second walk, equally long

	Hard *Limit // of TooHard
}

// Story is one walk: a start, and the choice taken at each turn.
type Story struct {
	Start   []uint8 // every fact's value at the first step, when it has been entered
	Choices []int
}

// States replays the walk: the states it comes through, the start first.
func (s *Story) States(p *automaton.Program) []automaton.State {
	at := automaton.State{Values: s.Start}
	states := []automaton.State{at}
	for _, c := range s.Choices {
		at = p.Step(at, c)
		states = append(states, at)
	}
	return states
}

// Limit says which limit was met and, where it is known, what made it so hard.
type Limit struct {
	What   LimitKind
	Bound  int   // the bound, but of time
	Facts  []int // the facts that the hardest step keeps apart, at most eight
	Step   int   // that step, or -1
	Broken bool  // the rule is broken; it was the shortest story that could not be had
}

// LimitKind is a kind of limit.
type LimitKind uint8

// The limits: of memory, in states or in nodes of a diagram; of work; of time.
const (
	StateLimit LimitKind = iota
	NodeLimit
	WorkLimit
	TimeLimit
)

func (l *Limit) String() string {
	switch l.What {
	case StateLimit:
		return fmt.Sprintf("more than %d states", l.Bound)
	case NodeLimit:
		return fmt.Sprintf("more than %d nodes of a decision diagram", l.Bound)
	case WorkLimit:
		return fmt.Sprintf("more than %d steps of work on decision diagrams", l.Bound)
	}
	return "the time allowed"
}

// Error makes a *Limit an error, which is how it travels inside the package.
func (l *Limit) Error() string { return l.String() }

// Result is everything that was found out about a Program.
type Result struct {
	Rules []Verdict // one for each rule that was asked about

	Reached  []bool   // by step: some walk reaches it
	Outcomes []bool   // by outcome: some walk ends with it
	Live     [][]bool // by step and choice: some walk can take it

	// Stuck has the shortest walk to each step at which a reachable state has
	// no choice open, in the order of steps.
	Stuck []Story
	// NoWayOut has, for each step at which walks enter the region from which no
	// walk ends, the shortest walk whose last move enters it there and finds a
	// choice open. In the order of steps.
	NoWayOut []Story
	// Hard is the limit that kept Reached … NoWayOut from being known; what is
	// known is then that nothing was found wrong yet.
	Hard *Limit

	// States is the exact number of reachable states, when it was asked for:
	// where the walk stands (an outcome is one place), the value of every given
	// and walk fact, and of the counted milestones.
	States    *big.Int
	CountHard *Limit
}

// Check proves the rules of a Program and checks what is always checked. The
// Program must be well-formed: every fact, value, step and outcome that it and
// the rules name exists. When ctx ends, what is not known by then is TooHard.
func Check(ctx context.Context, p *automaton.Program, rules []automaton.Rule, o Options) *Result {
	return newChecker(ctx, p, o).check(rules)
}
