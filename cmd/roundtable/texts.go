package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"roundtable/internal/handout"
	"roundtable/internal/law"
	"roundtable/internal/policy"
	"roundtable/internal/terminal"
	"roundtable/playbook/syntax"
)

// texts finds the words behind policy, law and handout links.
type texts struct {
	place    string // the jurisdiction, or ""
	lang     string
	policies map[string]policy.Policy
	handouts []handout.Handout
}

func newTexts(place, lang string) (*texts, error) {
	t := &texts{place: place, lang: lang, policies: map[string]policy.Policy{}}
	policies, err := policy.Starter()
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		t.policies[p.ID] = p
	}
	t.handouts, err = handout.Starter()
	return t, err
}

// of returns the words behind a link; ok is false where there are none.
func (t *texts) of(link *syntax.Link) (text terminal.Text, ok bool) {
	switch link.Kind {
	case syntax.Policy:
		return t.policy(link.Name.Text, link.Clause)
	case syntax.Law:
		return t.law(link)
	case syntax.Handout:
		return t.handout(link.Name.Text)
	}
	return terminal.Text{}, false
}

func (t *texts) policy(id, clause string) (terminal.Text, bool) {
	p, ok := t.policies[id]
	if !ok {
		return terminal.Text{}, false
	}
	text := terminal.Text{Title: p.Title, Source: p.Notice + " " + p.Provenance.Words()}
	if c, ok := p.Clause(clause); ok {
		text.Title = fmt.Sprintf("%s: %s", p.Title, c.Heading)
		text.Lines = paragraphs(c.Text)
		return text, true
	}
	text.Lines = paragraphs(p.Lead)
	for _, c := range p.Clauses {
		text.Lines = append(append(text.Lines, c.Heading), paragraphs(c.Text)...)
	}
	return text, true
}

// law tells the row of the place; where the place has none, or none was named,
// what is told says so.
func (t *texts) law(link *syntax.Link) (terminal.Text, bool) {
	s, ok := law.Text(link.Name.Text, t.place)
	words := strings.Split(s.Words(), "\n")
	title := syntax.PlainText(link.Label)
	if t.place == "" {
		return terminal.Text{Title: title, Lines: []string{"Your state's law stands here when you name it: roundtable walk --state PLACE. Until then, ask your lawyer."}}, true
	}
	if !ok || len(words) == 0 {
		return terminal.Text{Title: title, Lines: words}, len(words) > 0
	}
	return terminal.Text{Title: fmt.Sprintf("%s: %s", t.place, title), Lines: words[:len(words)-1], Source: words[len(words)-1]}, true
}

// handout finds a sheet in the language of the walk, or else in English.
func (t *texts) handout(id string) (terminal.Text, bool) {
	var found *handout.Handout
	for i := range t.handouts {
		h := &t.handouts[i]
		if h.ID == id && (found == nil || h.Lang == t.lang) {
			found = h
		}
	}
	if found == nil {
		return terminal.Text{}, false
	}
	return terminal.Text{Title: found.Title, Lines: paragraphs(found.Text), Source: strings.TrimSpace(found.Notice + " " + found.Provenance.Words())}, true
}

// paragraphs splits Markdown into its paragraphs and lines of lists, without
// the marks of headings and emphasis.
func paragraphs(markdown string) []string {
	var list []string
	for _, block := range strings.Split(markdown, "\n\n") {
		for i, line := range strings.Split(strings.TrimSpace(block), "\n") {
			line = strings.TrimLeft(strings.ReplaceAll(line, "**", ""), "#> ")
			switch {
			case line == "":
			case i > 0 && !strings.HasPrefix(line, "- ") && len(list) > 0:
				list[len(list)-1] += " " + strings.TrimSpace(line)
			default:
				list = append(list, line)
			}
		}
	}
	return list
}

// version is the version that the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
