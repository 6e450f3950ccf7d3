// Package diag holds what the playbook checker has to say: problems, each
// with its code, its place and a sentence in plain words, and the stories
// (shortest walks) that show a problem happening.
//
// It knows nothing of Markdown, automata or terminals; every other package of
// the language imports it and it imports none of them.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Level says how much a problem weighs.
type Level string

// The levels, worst first. Only an Error changes the exit status of a check.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Advice  Level = "advice"
)

// Position is a place in a file. Line and Column start at 1; Column counts
// Unicode characters, not bytes. The zero Position means "no place known".
type Position struct {
	Line, Column int
}

// IsValid reports whether the position names a place.
func (p Position) IsValid() bool { return p.Line > 0 }

// Before reports whether p stands before q in a file.
func (p Position) Before(q Position) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Column < q.Column
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string
	Pos     Position
	Level   Level
	Code    Code
	Rule    string // the rule's sentence as the file has it, or ""
	Message string // for people: what is wrong and what was probably meant
	Trace   *Trace // the shortest walk that shows it, or nil
	Other   *Trace // the second walk of a broken `neutral about` rule, or nil
}

// New makes a problem; its level is the one that belongs to the code.
func New(file string, pos Position, code Code, format string, args ...any) Problem {
	return Problem{File: file, Pos: pos, Level: code.Level(), Code: code, Message: fmt.Sprintf(format, args...)}
}

// Trace is a walk told as a story.
type Trace struct {
	Given []Setting // the given facts' values, in the order of declaration
	Walk  []Move
}

// Setting is one given fact with its value.
type Setting struct {
	Fact, Value string
}

// Move is one stand of a walk: the choice that led here and where here is.
type Move struct {
	Choice     int      // place of the choice in its step's Next list, from 0; -1 at the start
	ChoicePos  Position // where that choice stands, in the file of the step it was taken at
	ChoiceFile string   // that file
	Label      string   // the choice's words
	Step       string   // the step's id, "part/step" inside a part, "end:outcome" at an end
	Heading    string   // the step's heading, or the outcome
	Pos        Position // where the step stands (for an end: the link that ends the walk)
	File       string   // the file in which the step stands
	InPart     bool     // whether the step stands in a part's copy
}

// Sort orders problems by file, line, column and code, so that the same input
// always prints the same bytes. Problems alike in all of these keep their order.
func Sort(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Code, b.Code),
		)
	})
}

// HasErrors reports whether any problem is an error.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Level == Error })
}
