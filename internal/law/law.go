// Package law holds what we have found out about the law of each state and
// territory, as far as playbooks speak of it: who may get library records,
// whether a parent may see a child's, and who must report abuse.
//
// It gives a few closed columns that playbooks may turn on, and short texts in
// plain words with their source, the date somebody checked them, and how sure
// we are. It is not legal advice and never the last word: where a value is
// missing or cannot be read, the cautious one counts.
package law

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"roundtable/internal/provenance"
	"roundtable/internal/table"
	"roundtable/playbook/diag"
)

//go:embed data/*.csv
var shipped embed.FS

// Topic names what a text is about, as `law:TOPIC` links do.
type Topic string

// The topics. Each is one file of the data.
const (
	LibraryRecords   Topic = "library-records"
	ParentAccess     Topic = "parent-access"
	ChildAbuseReport Topic = "child-abuse-report"
	AdultAbuseReport Topic = "adult-abuse-report"
)

// spec says what a topic's file holds beside its text.
type spec struct {
	topic  Topic
	column string   // the closed column, or ""
	domain []string // its values; the last is the cautious one
	line   bool     // it names the line to call
}

var specs = []spec{
	{topic: LibraryRecords},
	{topic: ParentAccess, column: "parent_access", domain: []string{"silent", "yes", "limited", "no", "unsure"}},
	{topic: ChildAbuseReport, column: "child_reporter", domain: []string{"everyone", "listed", "unsure"}, line: true},
	{topic: AdultAbuseReport, column: "adult_reporter", domain: []string{"everyone", "listed", "unsure"}},
}

// Topics lists the topics.
func Topics() []string {
	topics := make([]string, len(specs))
	for i, s := range specs {
		topics[i] = string(s.topic)
	}
	return topics
}

// Columns gives the closed columns with their values, as given facts may name
// them. The last value of each is the cautious one, which counts without a row.
func Columns() map[string][]string {
	columns := map[string][]string{}
	for _, s := range specs {
		if s.column != "" {
			columns[s.column] = slices.Clone(s.domain)
		}
	}
	return columns
}

// Statement is what we say about one topic in one place.
type Statement struct {
	Topic        Topic
	Jurisdiction string
	Value        string // of the topic's closed column, or ""
	Text         string // in plain words
	Citation     string
	Line         Line // zero unless the topic has one
	provenance.Provenance

	// What the source itself says where we say Value and Confidence. For those
	// who check our reading; not for a page at the desk.
	ValueWords, ConfidenceWords string
}

// Line is a telephone line that a text tells people to call.
type Line struct {
	Number string // a number, or in words how to find it
	provenance.Provenance
}

// Values are one place's values, by closed column.
type Values map[string]string

// Book is a set of law data that has been read. It is not changed afterwards,
// so it may be used by several goroutines at once.
type Book struct {
	statements    map[Topic]map[string]Statement
	jurisdictions []string
}

// Jurisdictions lists the places of which the book says something, sorted.
func (b *Book) Jurisdictions() []string { return slices.Clone(b.jurisdictions) }

// Row returns a place's values. A column that the book does not know for that
// place has its cautious value; ok is false when it knows none at all.
func (b *Book) Row(jurisdiction string) (row Values, ok bool) {
	row = Values{}
	for _, s := range specs {
		if s.column == "" {
			continue
		}
		row[s.column] = s.domain[len(s.domain)-1]
		if st, found := b.statements[s.topic][jurisdiction]; found {
			row[s.column] = st.Value
			ok = true
		}
	}
	return row, ok
}

// Text returns what the book says about a topic in a place. Where it has no
// row the statement says so, with the cautious value and a word to ask a
// lawyer, and ok is false.
func (b *Book) Text(topic, jurisdiction string) (st Statement, ok bool) {
	if st, ok := b.statements[Topic(topic)][jurisdiction]; ok {
		return st, true
	}
	st = Statement{
		Topic: Topic(topic), Jurisdiction: jurisdiction,
		Text:       "We have nothing on the law here. Ask your lawyer.",
		Provenance: provenance.Provenance{Confidence: provenance.Unsure},
	}
	for _, s := range specs {
		if s.topic == st.Topic && s.column != "" {
			st.Value = s.domain[len(s.domain)-1]
		}
	}
	return st, false
}

// Words says the statement as a page shows it: the text, then its source, date
// and how sure we are, each on its line.
func (s Statement) Words() string {
	text := s.Text
	if s.Confidence.NeedsLawyer() && !strings.Contains(text, "your lawyer") {
		text += " Ask your lawyer."
	}
	lines := []string{text}
	if s.Line.Number != "" {
		lines = append(lines, "Line to call: "+s.Line.Number, "Check the line before you rely on it. "+s.Line.Provenance.Words())
	}
	if s.Citation != "" {
		lines = append(lines, "The law: "+s.Citation+".")
	}
	return strings.Join(append(lines, s.Provenance.Words()), "\n")
}

// Load reads law data from a folder with one file for each topic. What is
// wrong is told; a value that cannot be read loads as the cautious one.
func Load(fsys fs.FS) (*Book, []diag.Problem) {
	b := &Book{statements: map[Topic]map[string]Statement{}}
	var problems []diag.Problem
	known := map[string]bool{}
	for _, s := range specs {
		name := string(s.topic) + ".csv"
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			problems = append(problems, diag.New(name, diag.Position{Line: 1, Column: 1}, diag.Syntax, "the law data on %s cannot be opened", s.topic))
			continue
		}
		statements, told := s.parse(name, data)
		problems = append(problems, told...)
		b.statements[s.topic] = statements
		for jurisdiction := range statements {
			known[jurisdiction] = true
		}
	}
	b.jurisdictions = slices.Sorted(maps.Keys(known))
	diag.Sort(problems)
	return b, problems
}

// columns lists the columns of a topic's file.
func (s spec) columns() []string {
	columns := []string{"jurisdiction", "text", "citation", "source", "checked", "confidence", "confidence_words"}
	if s.column != "" {
		columns = append(columns, s.column, s.column+"_words")
	}
	if s.line {
		columns = append(columns, "line", "line_confidence", "line_confidence_words", "line_source")
	}
	return columns
}

func (s spec) parse(file string, data []byte) (map[string]Statement, []diag.Problem) {
	t, problems := table.Read(file, data, s.columns()...)
	p := &rowReader{spec: s, file: file, problems: problems}
	statements := map[string]Statement{}
	for _, row := range t.Rows {
		st := p.statement(row)
		if _, taken := statements[st.Jurisdiction]; taken {
			p.tell(row.Cell("jurisdiction"), diag.Syntax, "%s has two rows; the first counts", st.Jurisdiction)
			continue
		}
		if st.Jurisdiction != "" {
			statements[st.Jurisdiction] = st
		}
	}
	return statements, p.problems
}

// rowReader turns rows into statements and tells what is wrong with them.
type rowReader struct {
	spec     spec
	file     string
	problems []diag.Problem
}

func (p *rowReader) tell(at table.Cell, code diag.Code, format string, args ...any) {
	p.problems = append(p.problems, diag.New(p.file, at.Pos, code, format, args...))
}

func (p *rowReader) statement(row table.Row) Statement {
	st := Statement{
		Topic:        p.spec.topic,
		Jurisdiction: p.needed(row, "jurisdiction"),
		Text:         p.needed(row, "text"),
		Citation:     row.Text("citation"),
		Provenance: provenance.Provenance{
			Sources:    []string{p.needed(row, "source")},
			Checked:    p.needed(row, "checked"),
			Confidence: p.confidence(row.Cell("confidence")),
		},
		ConfidenceWords: row.Text("confidence_words"),
	}
	if p.spec.column != "" {
		st.Value = p.value(row.Cell(p.spec.column))
		st.ValueWords = row.Text(p.spec.column + "_words")
	}
	if p.spec.line {
		st.Line = p.line(row, st.Checked)
	}
	return st
}

func (p *rowReader) line(row table.Row, checked string) Line {
	line := Line{
		Number:     p.needed(row, "line"),
		Provenance: provenance.Provenance{Checked: checked, Confidence: p.confidence(row.Cell("line_confidence"))},
	}
	if source := row.Text("line_source"); source != "" {
		line.Sources = []string{source}
	}
	return line
}

// needed returns a cell's text and tells when it is empty.
func (p *rowReader) needed(row table.Row, column string) string {
	cell := row.Cell(column)
	if cell.Text == "" {
		p.tell(cell, diag.Syntax, "the %s is empty", column)
	}
	return cell.Text
}

// value returns a cell's value in the closed column, the cautious one when it
// is not in the domain.
func (p *rowReader) value(cell table.Cell) string {
	if slices.Contains(p.spec.domain, cell.Text) {
		return cell.Text
	}
	cautious := p.spec.domain[len(p.spec.domain)-1]
	p.tell(cell, diag.UnknownValue, "%q is no value of %s (%s); %q is used", cell.Text, p.spec.column, strings.Join(p.spec.domain, ", "), cautious)
	return cautious
}

func (p *rowReader) confidence(cell table.Cell) provenance.Confidence {
	c := provenance.Confidence(cell.Text)
	if c.IsKnown() && c != provenance.Practice {
		return c
	}
	p.tell(cell, diag.UnknownValue, "%q does not say how sure we are (read, partly, well-known or unsure); unsure is used", cell.Text)
	return provenance.Unsure
}

var load = sync.OnceValues(func() (*Book, []diag.Problem) {
	data, err := fs.Sub(shipped, "data")
	if err != nil { // only a wrong name could do this, and a test loads it
		return &Book{}, []diag.Problem{diag.New("data", diag.Position{Line: 1, Column: 1}, diag.Syntax, "the law data is missing")}
	}
	return Load(data)
})

// Shipped returns the law data that comes with Roundtable.
func Shipped() *Book {
	b, _ := load()
	return b
}

// Problems tells what is wrong with the law data that comes with Roundtable.
func Problems() []diag.Problem {
	_, problems := load()
	return slices.Clone(problems)
}

// Jurisdictions lists the places that the shipped data speaks of, sorted.
func Jurisdictions() []string { return Shipped().Jurisdictions() }

// Row returns a place's values in the shipped data; see Book.Row.
func Row(jurisdiction string) (Values, bool) { return Shipped().Row(jurisdiction) }

// Text returns what the shipped data says; see Book.Text.
func Text(topic, jurisdiction string) (Statement, bool) { return Shipped().Text(topic, jurisdiction) }
