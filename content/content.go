// Package content holds the map from the notes that Roundtable grew out of to
// the places where each of their points lives now, and the list of sources
// behind what the shipped texts say of law and fact.
//
// It is for those who keep the content true, and for the tests that hold it.
// Nobody at a desk needs it.
package content

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roundtable/internal/provenance"
	"roundtable/internal/table"
	"roundtable/playbook/diag"
)

//go:embed seed-map.csv
var seedMap []byte

//go:embed sources.csv
var sources []byte

// Change says what became of a point of the notes.
type Change string

// The changes, mildest first. Everything from Soften on means that the notes'
// own way is one that staff must practise not to take.
const (
	Keep    Change = "keep"    // sound as it stood
	Limit   Change = "limit"   // sound within limits that are told with it
	Update  Change = "update"  // an address or a text that has moved on
	Soften  Change = "soften"  // the same aim in kinder or safer words
	Rewrite Change = "rewrite" // other words altogether
	Correct Change = "correct" // wrong, or wrong in part
	Reverse Change = "reverse" // we advise the opposite
	Remove  Change = "remove"  // we advise against it
)

// Changes lists every change.
var Changes = []Change{Keep, Limit, Update, Soften, Rewrite, Correct, Reverse, Remove}

// NeedsPractice reports whether the notes' way must be met in a rehearsal or
// on a discussion card, with the reason why not.
func (c Change) NeedsPractice() bool {
	return slices.Contains([]Change{Soften, Rewrite, Correct, Reverse, Remove}, c)
}

// kinds are the kinds of point that the notes have.
var kinds = []string{"rule", "script", "question", "resource", "training", "scene", "fact", "example"}

// SeedPoint is one point of the notes.
type SeedPoint struct {
	Point       string // scenario.point; 0 is a scenario's scene
	Requirement string // in our words, short
	Kind        string
	Change      Change
	Places      []string // where it lives now; see Statement.Place
}

// Statement is a statement of law or fact, or advice of our own, in a shipped
// text.
type Statement struct {
	// Place is playbook/starter/FILE#STEP, internal/workshop/agenda/FILE#SECTION,
	// policy:ID#CLAUSE, law:TOPIC or handout:ID; the part from # on may be missing.
	Place     string
	Statement string
	provenance.Provenance
}

// SeedPoints returns the points of the notes in their order.
func SeedPoints() ([]SeedPoint, error) {
	points, problems := ParseSeedMap("content/seed-map.csv", seedMap)
	return points, join(problems)
}

// Sources returns the statements with their sources.
func Sources() ([]Statement, error) {
	statements, problems := ParseSources("content/sources.csv", sources)
	return statements, join(problems)
}

func join(problems []diag.Problem) error {
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("%s:%d:%d: %s", p.File, p.Pos.Line, p.Pos.Column, p.Message))
	}
	return errors.Join(errs...)
}

var (
	pointForm = regexp.MustCompile(`^[1-9]\.(0|[1-9][0-9]?)$`)
	placeForm = regexp.MustCompile(`^(playbook/starter/[a-z][a-z0-9.-]*\.md(#[^#\s]+)?|internal/workshop/agenda/[a-z][a-z0-9-]*\.md(#[^#\s]+)?|policy:[a-z][a-z0-9-]*#[a-z][a-z0-9-]*|law:[a-z][a-z-]*|handout:[a-z][a-z0-9_]*)$`)
	dateForm  = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)
)

// ParseSeedMap reads a map of points. A row that names no point is left out.
func ParseSeedMap(file string, data []byte) ([]SeedPoint, []diag.Problem) {
	t, problems := table.Read(file, data, "point", "requirement", "kind", "change", "places")
	tell := func(at table.Cell, code diag.Code, format string, args ...any) {
		problems = append(problems, diag.New(file, at.Pos, code, format, args...))
	}
	var points []SeedPoint
	seen := map[string]bool{}
	for _, row := range t.Rows {
		p := SeedPoint{
			Point: row.Text("point"), Requirement: row.Text("requirement"), Kind: row.Text("kind"),
			Change: Change(row.Text("change")),
		}
		if !pointForm.MatchString(p.Point) || seen[p.Point] {
			tell(row.Cell("point"), diag.Syntax, "%q is no point (such as 2.10), or has a row already", p.Point)
			continue
		}
		seen[p.Point] = true
		if p.Requirement == "" {
			tell(row.Cell("requirement"), diag.Syntax, "point %s says nothing", p.Point)
		}
		if !slices.Contains(kinds, p.Kind) {
			tell(row.Cell("kind"), diag.UnknownValue, "%q is no kind of point (%s)", p.Kind, strings.Join(kinds, ", "))
		}
		if !slices.Contains(Changes, p.Change) {
			tell(row.Cell("change"), diag.UnknownValue, "%q does not say what became of the point; correct is used", p.Change)
			p.Change = Correct // the cautious one: it asks for practice
		}
		for place := range strings.SplitSeq(row.Text("places"), ";") {
			place = strings.TrimSpace(place)
			if !placeForm.MatchString(place) {
				tell(row.Cell("places"), diag.Syntax, "point %s: %q is not written as a place", p.Point, place)
				continue
			}
			p.Places = append(p.Places, place)
		}
		points = append(points, p)
	}
	return points, problems
}

// ParseSources reads a list of sources. What cannot be read as a confidence is
// unsure.
func ParseSources(file string, data []byte) ([]Statement, []diag.Problem) {
	t, problems := table.Read(file, data, "place", "statement", "source", "checked", "confidence")
	tell := func(at table.Cell, code diag.Code, format string, args ...any) {
		problems = append(problems, diag.New(file, at.Pos, code, format, args...))
	}
	var statements []Statement
	for _, row := range t.Rows {
		s := Statement{
			Place: row.Text("place"), Statement: row.Text("statement"),
			Provenance: provenance.Provenance{
				Sources: []string{row.Text("source")}, Checked: row.Text("checked"),
				Confidence: provenance.Confidence(row.Text("confidence")),
			},
		}
		if !placeForm.MatchString(s.Place) {
			tell(row.Cell("place"), diag.Syntax, "%q is not written as a place", s.Place)
			continue
		}
		for _, column := range []string{"statement", "source"} {
			if row.Text(column) == "" {
				tell(row.Cell(column), diag.Syntax, "the %s is empty", column)
			}
		}
		if !dateForm.MatchString(s.Checked) {
			tell(row.Cell("checked"), diag.Syntax, "%q is not a month such as 2026-11", s.Checked)
		}
		if !s.Confidence.IsKnown() {
			tell(row.Cell("confidence"), diag.UnknownValue, "%q does not say how sure we are; unsure is used", s.Confidence)
			s.Confidence = provenance.Unsure
		}
		statements = append(statements, s)
	}
	return statements, problems
}
