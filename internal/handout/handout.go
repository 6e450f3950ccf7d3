// Package handout holds the printed sheets that playbooks offer with
// `handout:ID`: help lists, rules in short, cards and forms, in the languages
// that we have. Much of it is forms with blanks that only the library can fill.
//
// It gives texts as Markdown and does not lay out a page or make a PDF.
package handout

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"roundtable/internal/prose"
	"roundtable/internal/provenance"
	"roundtable/playbook/diag"
)

//go:embed starter/*.md data/*.csv
var shipped embed.FS

// Size is the paper that a handout is made for.
type Size string

// The sizes: a letter page, half of one, and a card for a pocket.
const (
	Letter Size = "letter"
	Half   Size = "half"
	Card   Size = "card"
)

// Handout is one sheet in one language.
type Handout struct {
	ID     string
	Lang   string
	Title  string // for staff, in lists of handouts; a sheet may show another
	Size   Size
	Form   bool   // it has blanks that the library fills in
	Notice string // what must be done before printing
	Text   string // what is printed: Markdown that begins with a # heading
	Staff  string // what staff should know, never printed: Markdown
	provenance.Provenance
}

// NationalLines is the id of the sheet that is made from the list of lines.
const NationalLines = "national_lines"

// staffSection is the section of a file that is not printed.
const staffSection = "staff"

// front is a handout's front matter.
type front struct {
	ID         string   `yaml:"id"`
	Lang       string   `yaml:"lang"`
	Title      string   `yaml:"title"`
	Size       Size     `yaml:"size"`
	Form       bool     `yaml:"form"`
	Sources    []string `yaml:"sources"`
	Checked    string   `yaml:"checked"`
	Confidence string   `yaml:"confidence"`
	Notice     string   `yaml:"notice"`
}

var (
	idForm   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	blank    = regexp.MustCompile(`__+`)
)

// Parse reads a handout. The file's name is its id, with the language before
// the ending where it is not English. What can be read is returned whatever is
// told.
func Parse(file string, src []byte) (Handout, []diag.Problem) {
	f := front{Lang: "en"}
	text, problems := prose.Parse(file, src, &f)
	h := Handout{
		ID: f.ID, Lang: f.Lang, Title: f.Title, Size: f.Size, Form: f.Form, Notice: f.Notice,
		Provenance: provenance.Provenance{Sources: f.Sources, Checked: f.Checked, Confidence: provenance.Confidence(f.Confidence)},
	}
	h.Text, h.Staff = assemble(text)
	for _, message := range h.check(path.Base(file)) {
		problems = append(problems, diag.New(file, diag.Position{Line: 1, Column: 1}, diag.Syntax, "%s", message))
	}
	if !h.Confidence.IsKnown() {
		h.Confidence = provenance.Unsure
	}
	diag.Sort(problems)
	return h, problems
}

// check returns what is wrong with the front matter and the whole.
func (h Handout) check(base string) []string {
	var told []string
	tell := func(wrong bool, format string, args ...any) {
		if wrong {
			told = append(told, fmt.Sprintf(format, args...))
		}
	}
	want := h.ID + ".md"
	if h.Lang != "en" {
		want = h.ID + "." + h.Lang + ".md"
	}
	tell(!idForm.MatchString(h.ID) || want != base, "the id %q and the language %q do not fit the file's name", h.ID, h.Lang)
	tell(!langForm.MatchString(h.Lang), "%q is not a language tag such as en or es", h.Lang)
	tell(strings.TrimSpace(h.Title) == "", "the front matter has no title")
	tell(strings.TrimSpace(h.Checked) == "", "the front matter has no checked")
	tell(strings.TrimSpace(h.Notice) == "", "the front matter has no notice")
	tell(len(h.Sources) == 0, "the front matter has no sources")
	tell(!slices.Contains([]Size{Letter, Half, Card}, h.Size), "the size %q is not letter, half or card", h.Size)
	tell(!h.Confidence.IsKnown(), "%q does not say how sure we are; unsure is used", h.Confidence)
	tell(h.Staff == "", "there is no section {#%s} that tells staff what to do with it", staffSection)
	tell(h.Form && !blank.MatchString(h.Text), "it is said to be a form and has no blank (____)")
	tell(!h.Form && blank.MatchString(h.Text) && h.Size != Card, "it has blanks (____) and is not said to be a form")
	return told
}

// assemble puts the printed part together again and takes the staff's part out.
func assemble(text prose.Text) (printed, staff string) {
	parts := []string{"# " + text.Title}
	if text.Lead != "" {
		parts = append(parts, text.Lead)
	}
	for _, s := range text.Sections {
		if s.ID == staffSection {
			staff = s.Body
			continue
		}
		parts = append(parts, strings.Repeat("#", s.Level)+" "+s.Heading)
		if s.Body != "" {
			parts = append(parts, s.Body)
		}
	}
	return strings.Join(parts, "\n\n") + "\n", staff
}

type loaded struct {
	handouts []Handout
	err      error
}

var load = sync.OnceValue(func() loaded {
	handouts, err := loadFrom(shipped)
	return loaded{handouts, err}
})

// Starter returns the handouts that come with Roundtable, by id and language,
// English first. The error joins what is wrong with them.
func Starter() ([]Handout, error) {
	l := load()
	return slices.Clone(l.handouts), l.err
}

// IDs lists the ids of the handouts that come with Roundtable.
func IDs() []string {
	var ids []string
	for _, h := range load().handouts {
		if !slices.Contains(ids, h.ID) {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

func loadFrom(fsys fs.FS) ([]Handout, error) {
	lines, problems := readLines(fsys)
	handouts, err := prose.Folder(fsys, "starter/*.md", Parse)
	for i := range handouts {
		if h := &handouts[i]; h.ID == NationalLines {
			h.Text += "\n" + Sheet(lines, h.Lang)
		}
	}
	slices.SortStableFunc(handouts, byIDThenEnglish)
	return handouts, errors.Join(prose.Errors(problems), err)
}

func byIDThenEnglish(a, b Handout) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	switch {
	case a.Lang == b.Lang:
		return 0
	case a.Lang == "en":
		return -1
	case b.Lang == "en":
		return 1
	}
	return strings.Compare(a.Lang, b.Lang)
}
