package page

import (
	"reflect"
	"strings"
	"testing"
)

// TestWordsAreWhole: every text is there in every language, and takes what the English
// one takes.
func TestWordsAreWhole(t *testing.T) {
	en := reflect.ValueOf(WordsIn("en"))
	for _, lang := range []string{"en", "es"} {
		w := reflect.ValueOf(WordsIn(lang))
		if got := w.FieldByName("Lang").String(); got != lang {
			t.Errorf("WordsIn(%s) is in %q", lang, got)
		}
		for i := range w.NumField() {
			name, text := w.Type().Field(i).Name, w.Field(i).String()
			if text == "" {
				t.Errorf("%s is empty in %s", name, lang)
			}
			if got, want := strings.Count(text, "%"), strings.Count(en.Field(i).String(), "%"); got != want {
				t.Errorf("%s in %s has %d places to fill, want %d as in English", name, lang, got, want)
			}
		}
	}
	if got := WordsIn("ar").Lang; got != "en" {
		t.Errorf("WordsIn(ar) is in %q, want English where there is nothing else", got)
	}
}

// TestShowTyped: what could not be kept is shown in its own input, wherever it stands.
func TestShowTyped(t *testing.T) {
	s := galleryStep()
	s.Card.ShowTyped(map[string]string{"f.due": "soon", "f.taken.r1": "much"}, map[string]string{"f.due": "No date.", "f.taken.r1": "Too long."})
	doc := parse(t, render(t, s))
	for _, n := range doc.all("input") {
		switch n.attr["name"] {
		case "f.due":
			if n.attr["value"] != "soon" || n.attr["type"] != "text" || n.attr["aria-invalid"] != "true" {
				t.Errorf("the date is shown as %v, want what was typed, as text", n.attr)
			}
		case "f.taken.r1":
			if n.attr["value"] != "much" {
				t.Errorf("the row shows %q, want what was typed", n.attr["value"])
			}
		}
	}
	if words := doc.words(); !strings.Contains(words, "No date.") || !strings.Contains(words, "Too long.") {
		t.Error("what is wrong is not told")
	}
}
