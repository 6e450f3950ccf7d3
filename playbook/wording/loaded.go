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
			if w := words(strings.ToLower(form)); len(w) > 0 {
				t.forms = append(t.forms, w)
				index[w[0]] = append(index[w[0]], t)
			}
		}
	}
	return index
})

// loaded tells each loaded term in a step, once.
func (c *checker) loaded(s *syntax.Step) {
	text := words(strings.ToLower(stepText(s)))
	if s.Next != nil {
		for _, choice := range s.Next.Choices {
			text = append(text, words(strings.ToLower(syntax.PlainText(choice.Label)))...)
		}
	}
	told := map[*loadedTerm]bool{}
	for i := range text {
		for _, t := range loadedTerms()[text[i]] {
			if form := t.match(text[i:]); form != "" && !told[t] {
				told[t] = true
				c.tell(s.Pos, diag.LoadedWord, "%q judges more than it says (%s); say %s", form, lowerFirst(t.why), t.prefer)
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
