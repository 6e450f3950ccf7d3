// Package provenance says where a statement comes from: its sources, the date
// on which somebody checked them, and how sure we are. Whatever shows a
// statement of law or fact to a person shows this beside it.
//
// It does not check sources and keeps no list of them.
package provenance

import (
	"slices"
	"strings"
)

// Confidence says how sure we are of a statement.
type Confidence string

// The grades of confidence, surest first. Practice stands apart: it marks
// advice of our own, which no text of law or fact could bear out.
const (
	Read      Confidence = "read"
	Partly    Confidence = "partly"
	WellKnown Confidence = "well-known"
	Unsure    Confidence = "unsure"
	Practice  Confidence = "practice"
)

// Grades lists every grade.
var Grades = []Confidence{Read, Partly, WellKnown, Unsure, Practice}

// IsKnown reports whether c is one of the grades.
func (c Confidence) IsKnown() bool { return slices.Contains(Grades, c) }

// Words says the grade in a short sentence for people.
func (c Confidence) Words() string {
	switch c {
	case Read:
		return "We read this in the source."
	case Partly:
		return "We read this in part, or in a text that reports it."
	case WellKnown:
		return "This is widely known. We did not read the source again."
	case Practice:
		return "This is our own advice, from library practice."
	}
	return "We are not sure. Ask your lawyer."
}

// NeedsLawyer reports whether a person must be told to ask a lawyer first.
func (c Confidence) NeedsLawyer() bool {
	return c != Read && c != Partly && c != WellKnown && c != Practice
}

// Provenance is where a statement comes from.
type Provenance struct {
	Sources    []string
	Checked    string // a date in words, with who did not check: "November 2026, not by a lawyer"
	Confidence Confidence
}

// Words says it all in a line for people. A provenance without a date or a
// source says so, since silence would read as certainty.
func (p Provenance) Words() string {
	source := "Source: not given."
	if len(p.Sources) > 0 {
		source = "Source: " + strings.Join(p.Sources, "; ") + "."
	}
	checked := "Not checked yet."
	if p.Checked != "" {
		checked = "Checked " + p.Checked + "."
	}
	return source + " " + checked + " " + p.Confidence.Words()
}
