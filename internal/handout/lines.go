package handout

import (
	"io/fs"
	"slices"
	"strings"

	"roundtable/internal/provenance"
	"roundtable/internal/table"
	"roundtable/playbook/diag"
)

// linesFile is the list of national lines among the shipped data.
const linesFile = "data/national-lines.csv"

// Line is a national help line.
type Line struct {
	ID      string
	Group   string // of Groups
	Name    Words  // as people hear it when they call; in Spanish where it has one
	Call    Words  // the number, or how to find it; may be empty
	Write   Words  // text, chat, e-mail or a website; may be empty
	Hours   Words
	Langs   Words
	WhoFor  Words
	Note    Words  // printed: what a person should know before using it
	Caution string // for staff, never printed
	Print   Print
	Website string
	provenance.Provenance

	// ConfidenceWords is what the source says where we say Confidence.
	ConfidenceWords string
}

// Words is a text in the languages that the list has.
type Words struct{ EN, ES string }

// In returns the words in a language; English where we have no other.
func (w Words) In(lang string) string {
	if lang == "es" && w.ES != "" {
		return w.ES
	}
	return w.EN
}

// Print says whether a line belongs on the sheet for the public.
type Print string

// The ways: on the sheet; only after the library has checked it itself; not
// for the public at all.
const (
	PrintYes        Print = "yes"
	PrintAfterCheck Print = "after_check"
	PrintNo         Print = "no"
)

// Group is a heading of the sheet.
type Group struct {
	ID      string
	Heading Words
}

// Groups are the headings in the order of the sheet. Lines of the group
// "staff" are for the library itself.
var Groups = []Group{
	{"danger", Words{"In danger now", "En peligro ahora"}},
	{"talk", Words{"Someone to talk to", "Alguien con quien hablar"}},
	{"abuse", Words{"Hurt or controlled by someone", "Maltrato o control de otra persona"}},
	{"children", Words{"Children and young people", "Niños y jóvenes"}},
	{"adults", Words{"Older adults and adults who need care", "Personas mayores y adultos que necesitan cuidado"}},
	{"living", Words{"A home, food, bills", "Vivienda, comida, cuentas"}},
	{"health", Words{"Health", "Salud"}},
	{"legal", Words{"Legal help", "Ayuda legal"}},
	{"immigration", Words{"Immigration", "Inmigración"}},
}

const staffGroup = "staff"

var lineColumns = []string{
	"id", "group", "name", "name_es", "call", "call_es", "write", "write_es", "hours", "hours_es", "languages", "languages_es",
	"who_for", "who_for_es", "note", "note_es", "caution", "print", "website", "source", "checked", "confidence", "confidence_words",
}

// Lines returns the national lines that come with Roundtable, in the order of
// the sheet, with what is wrong in the list.
func Lines() ([]Line, []diag.Problem) { return readLines(shipped) }

func readLines(fsys fs.FS) ([]Line, []diag.Problem) {
	data, err := fs.ReadFile(fsys, linesFile)
	if err != nil {
		return nil, []diag.Problem{diag.New(linesFile, diag.Position{Line: 1, Column: 1}, diag.Syntax, "the list of national lines cannot be opened")}
	}
	return ParseLines(linesFile, data)
}

// ParseLines reads a list of lines. A value that cannot be read becomes the
// cautious one: unsure, and printed only after a check.
func ParseLines(file string, data []byte) ([]Line, []diag.Problem) {
	t, problems := table.Read(file, data, lineColumns...)
	p := &lineReader{file: file, problems: problems, seen: map[string]bool{}}
	var lines []Line
	for _, row := range t.Rows {
		if l, ok := p.line(row); ok {
			lines = append(lines, l)
		}
	}
	return lines, p.problems
}

type lineReader struct {
	file     string
	problems []diag.Problem
	seen     map[string]bool // ids
}

func (p *lineReader) tell(at table.Cell, code diag.Code, format string, args ...any) {
	p.problems = append(p.problems, diag.New(p.file, at.Pos, code, format, args...))
}

// line reads a row; ok is false for one that has no id of its own.
func (p *lineReader) line(row table.Row) (l Line, ok bool) {
	words := func(column string) Words { return Words{row.Text(column), row.Text(column + "_es")} }
	l = Line{
		ID: row.Text("id"), Group: row.Text("group"), Name: words("name"),
		Call: words("call"), Write: words("write"), Hours: words("hours"), Langs: words("languages"),
		WhoFor: words("who_for"), Note: words("note"), Caution: row.Text("caution"),
		Print: Print(row.Text("print")), Website: row.Text("website"),
		Provenance: provenance.Provenance{
			Sources: []string{row.Text("source")}, Checked: row.Text("checked"),
			Confidence: provenance.Confidence(row.Text("confidence")),
		},
		ConfidenceWords: row.Text("confidence_words"),
	}
	if l.ID == "" || p.seen[l.ID] {
		p.tell(row.Cell("id"), diag.Syntax, "the id %q is empty or taken; the line is left out", l.ID)
		return l, false
	}
	p.seen[l.ID] = true
	for _, column := range []string{"name", "who_for", "website", "source", "checked"} {
		if row.Text(column) == "" {
			p.tell(row.Cell(column), diag.Syntax, "the %s of %s is empty", column, l.ID)
		}
	}
	if l.Call.EN == "" && l.Write.EN == "" {
		p.tell(row.Cell("call"), diag.Syntax, "%s says neither whom to call nor where to write", l.ID)
	}
	p.cautious(row, &l)
	return l, true
}

// cautious puts the cautious value where a closed one cannot be read.
func (p *lineReader) cautious(row table.Row, l *Line) {
	if !l.Confidence.IsKnown() || l.Confidence == provenance.Practice {
		p.tell(row.Cell("confidence"), diag.UnknownValue, "%q does not say how sure we are; unsure is used", l.Confidence)
		l.Confidence = provenance.Unsure
	}
	if !slices.Contains([]Print{PrintYes, PrintAfterCheck, PrintNo}, l.Print) {
		p.tell(row.Cell("print"), diag.UnknownValue, "print is %q and not yes, after_check or no; after_check is used", l.Print)
		l.Print = PrintAfterCheck
	}
	if l.Confidence == provenance.Unsure && l.Print == PrintYes {
		p.tell(row.Cell("print"), diag.UnknownValue, "%s is unsure and may not be printed before a check", l.ID)
		l.Print = PrintAfterCheck
	}
	known := slices.ContainsFunc(Groups, func(g Group) bool { return g.ID == l.Group })
	if !known && l.Group != staffGroup {
		p.tell(row.Cell("group"), diag.UnknownValue, "there is no group %q; the line is kept for staff", l.Group)
		l.Group, l.Print = staffGroup, PrintNo
	}
}

// Sheet writes the lines that may be printed, by group, as Markdown sections.
func Sheet(lines []Line, lang string) string {
	var b strings.Builder
	for _, g := range Groups {
		var items []string
		for _, l := range lines {
			if l.Group == g.ID && l.Print == PrintYes {
				items = append(items, l.item(lang))
			}
		}
		if len(items) == 0 {
			continue
		}
		b.WriteString("## " + g.Heading.In(lang) + "\n\n")
		b.WriteString(strings.Join(items, "\n") + "\n\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// item is a line as a list item: who it is for, how to reach it, when, in
// which languages, and what to know.
func (l Line) item(lang string) string {
	call := l.Call.In(lang)
	if call != "" && call[0] >= '0' && call[0] <= '9' {
		call = Words{"Call ", "Llame al "}.In(lang) + call
	}
	write := l.Write.In(lang)
	site := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(l.Website, "https://"), "www."), "/")
	if strings.Contains(strings.ToLower(write+call), strings.ToLower(site)) {
		site = ""
	}
	parts := []string{"- **" + l.Name.In(lang) + ".**", l.WhoFor.In(lang), call, write, l.Hours.In(lang), l.Langs.In(lang), l.Note.In(lang), site}
	var said []string
	for i, part := range parts {
		if part == "" {
			continue
		}
		if i > 0 && !strings.HasSuffix(part, ".") {
			part += "."
		}
		said = append(said, part)
	}
	return strings.Join(said, " ")
}
