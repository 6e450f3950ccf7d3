package wording

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// Words that judge a person where only conduct matters, with what to say
// instead, why, the source and how sure. What depends on a context that a
// machine cannot see is left out.
//
//go:embed language.csv
var languageCSV string

// loadedTerm is one row of the list: forms are lower case, split into words.
type loadedTerm struct {
	forms  [][]string
	prefer string
	why    string
}

// loadedTerms is the list, indexed by the first word of each form.
var loadedTerms = sync.OnceValue(func() map[string][]*loadedTerm {
	rows, err := csv.NewReader(strings.NewReader(languageCSV)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("language.csv: %v", err)) // embedded, and read by a test
	}
	index := map[string][]*loadedTerm{}
	for _, row := range rows[1:] {
		t := &loadedTerm{prefer: row[1], why: row[2]}
		for _, form := range strings.Split(row[0], ";") {
			w := words(strings.ToLower(form))
			t.forms = append(t.forms, w)
			for _, first := range []string{w[0], w[0] + "s"} {
				index[first] = append(index[first], t)
			}
		}
	}
	return index
})

// loadedScene tells the loaded terms of the title and the scene.
func (c *checker) loadedScene() {
	pos := c.file.Front.Title.Pos
	if len(c.file.Title) > 0 {
		pos = c.file.Title[0].Pos
	}
	c.loaded(pos, syntax.PlainText(c.file.Title)+"\n"+blockText(c.file.Scene))
}

// loadedStep tells the loaded terms of a step and its choices.
func (c *checker) loadedStep(s *syntax.Step, text string) {
	var b strings.Builder
	b.WriteString(text)
	if s.Next != nil {
		for _, choice := range s.Next.Choices {
			addLine(&b, syntax.PlainText(choice.Label))
		}
	}
	c.loaded(s.Pos, b.String())
}

// loaded tells each loaded term in a text, once. In a rehearsal wrong answers
// use such words on purpose.
func (c *checker) loaded(pos diag.Position, text string) {
	if !c.isEnglish() || c.isRehearsal() {
		return
	}
	terms := loadedTerms()
	told := map[*loadedTerm]bool{}
	for line := range strings.Lines(strings.ToLower(text)) { // no term goes over the end of a line
		line := words(line)
		for i := range line {
			for _, t := range terms[line[i]] {
				if form := t.match(line[i:]); form != "" && !told[t] {
					told[t] = true
					c.tell(pos, diag.LoadedWord, "%q judges more than it says (%s); say %s", form, lowerFirst(t.why), t.prefer)
				}
			}
		}
	}
}

// match returns the form with which the text begins, or "".
func (t *loadedTerm) match(text []string) string {
forms:
	for _, form := range t.forms {
		if len(form) > len(text) {
			continue
		}
		for i := range form {
			if form[i] != text[i] && form[i]+"s" != text[i] {
				continue forms
			}
		}
		return strings.Join(form, " ")
	}
	return ""
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
