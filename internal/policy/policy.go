// Package policy reads policies: texts of rules, cut into clauses that
// playbooks point to with `policy:ID#clause`. It holds the model policies that
// come with Roundtable.
//
// It does not keep versions or adoptions, and it renders nothing.
package policy

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"roundtable/internal/prose"
	"roundtable/internal/provenance"
	"roundtable/playbook/diag"
)

//go:embed starter/*.md
var starter embed.FS

// Policy is one policy.
type Policy struct {
	ID      string
	Title   string
	Notice  string // what a reader must know before relying on it
	Lead    string // Markdown, before the first clause
	Clauses []Clause
	provenance.Provenance
}

// Clause is one rule of a policy.
type Clause struct {
	ID      string // the {#id} of its heading, or the heading's slug
	Heading string
	Text    string // Markdown
}

// Clause returns the clause of that id.
func (p Policy) Clause(id string) (Clause, bool) {
	for _, c := range p.Clauses {
		if c.ID == id {
			return c, true
		}
	}
	return Clause{}, false
}

// ClauseIDs lists the ids of the policy's clauses, in its order.
func (p Policy) ClauseIDs() []string {
	ids := make([]string, len(p.Clauses))
	for i, c := range p.Clauses {
		ids[i] = c.ID
	}
	return ids
}

// front is a policy's front matter.
type front struct {
	ID         string   `yaml:"id"`
	Title      string   `yaml:"title"`
	Sources    []string `yaml:"sources"`
	Checked    string   `yaml:"checked"`
	Confidence string   `yaml:"confidence"`
	Notice     string   `yaml:"notice"`
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Parse reads a policy. Its id must be the file's name; every clause is a ##
// section with text. What can be read is returned whatever is told.
func Parse(file string, src []byte) (Policy, []diag.Problem) {
	var f front
	text, problems := prose.Parse(file, src, &f)
	tell := func(pos diag.Position, format string, args ...any) {
		problems = append(problems, diag.New(file, pos, diag.Syntax, format, args...))
	}
	start := diag.Position{Line: 1, Column: 1}
	p := Policy{
		ID: f.ID, Title: f.Title, Notice: f.Notice, Lead: text.Lead,
		Provenance: provenance.Provenance{Sources: f.Sources, Checked: f.Checked, Confidence: provenance.Confidence(f.Confidence)},
	}
	if !idForm.MatchString(f.ID) || f.ID+".md" != path.Base(file) {
		tell(start, "the id %q is not the file's name without .md, in small letters", f.ID)
	}
	for _, key := range []struct{ name, value string }{{"title", f.Title}, {"checked", f.Checked}, {"notice", f.Notice}} {
		if strings.TrimSpace(key.value) == "" {
			tell(start, "the front matter has no %s", key.name)
		}
	}
	if len(f.Sources) == 0 {
		tell(start, "the front matter has no sources")
	}
	if !p.Confidence.IsKnown() {
		tell(start, "%q does not say how sure we are (read, partly, well-known, unsure or practice); unsure is used", f.Confidence)
		p.Confidence = provenance.Unsure
	}
	for _, s := range text.Sections {
		if s.Level != 2 {
			tell(s.Pos, "a policy has ## clauses only; %q is a ### section", s.Heading)
			continue
		}
		if s.Body == "" {
			tell(s.Pos, "the clause %q says nothing", s.Heading)
		}
		p.Clauses = append(p.Clauses, Clause{ID: s.ID, Heading: s.Heading, Text: s.Body})
	}
	if len(p.Clauses) == 0 {
		tell(start, "the policy has no clause")
	}
	diag.Sort(problems)
	return p, problems
}

// Starter returns the model policies that come with Roundtable, by id.
func Starter() ([]Policy, error) { return load(starter, "starter") }

// load reads every policy of a folder, in the order of their ids. The error
// joins what is wrong; the policies that could be read come with it.
func load(fsys fs.FS, folder string) ([]Policy, error) {
	return prose.Folder(fsys, folder+"/*.md", Parse)
}

// Index gives each policy's clause ids, as `policy:ID#clause` links may name them.
func Index(policies []Policy) map[string][]string {
	index := map[string][]string{}
	for _, p := range policies {
		index[p.ID] = p.ClauseIDs()
	}
	return index
}
