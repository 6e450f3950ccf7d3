package wording

import (
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"a": 1, "the": 1, "library": 3, "table": 2, "little": 2, "people": 2, "asked": 1, "wanted": 2, "called": 1, "times": 1,
		"boxes": 2, "noses": 2, "see": 1, "free": 1, "days": 1, "officer": 3, "photograph": 3, "by-stander": 3, "patron's": 2,
		"patron’s": 2, "911": 1, "'tis": 1, "-": 1, "Time": 1, "hmm": 1, "style": 1, "bottles": 2,
	} {
		if got := syllables(word); got != want {
			t.Errorf("syllables(%q) = %d, want %d", word, got, want)
		}
	}
}

func TestSpanishSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"y": 1, "el": 1, "biblioteca": 4, "página": 3, "gira": 2, "guiso": 2, "que": 1, "quiere": 2, "guerra": 2, "ciudad": 2,
		"leer": 2, "día": 2, "estudiáis": 3, "muy": 1, "rey": 1, "yo": 1, "mayo": 2, "ahora": 3, "pingüino": 3, "no": 1,
		"abogado": 4, "policía": 4, "aún": 2, "Oír": 2, "agua": 2, "antiguo": 3, "línea": 3, "": 1,
	} {
		if got := spanishSyllables(word); got != want {
			t.Errorf("spanishSyllables(%q) = %d, want %d", word, got, want)
		}
	}
}

func TestMeasure(t *testing.T) {
	one := func(string) int { return 1 }
	for _, tt := range []struct {
		text             string
		words, sentences int
	}{
		{"", 0, 0},
		{"…", 0, 0},
		{"Stop", 1, 1},
		{"Stop. Go.", 2, 2},
		{"Stop! Go? Yes: no; well", 5, 5},
		{"It is 3.5 miles.", 5, 1},
		{"He said “Stop.” I did.", 5, 2},
		{"One line\nand another", 4, 2},
		{"Don’t, don't; a well-known thing", 5, 2},
		{"- - -", 0, 0},
		{"¿Qué? ¡Sí!", 2, 2},
		{"Wait ...", 1, 1},
	} {
		got := measure(tt.text, one)
		if got.words != tt.words || got.sentences != tt.sentences || got.syllables != tt.words {
			t.Errorf("measure(%q) = %+v, want %d words, %d sentences", tt.text, got, tt.words, tt.sentences)
		}
	}
}

func TestGrade(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
	}{
		{"", 0},
		{"Stop.", -3.40}, // 0.39*1/1 + 11.8*1/1 - 15.59
		{"The cat sat on the mat.", -1.45},
		{"Thank you. The library will answer within the time allowed.", 4.06},
	} {
		if got := Grade(tt.text); math.Abs(got-tt.want) > 0.01 {
			t.Errorf("Grade(%q) = %.2f, want %.2f", tt.text, got, tt.want)
		}
	}
}

func TestEase(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
	}{
		{"", 100},
		{"El sol.", 144.80},                  // 206.84 - 60*2/2 - 1.02*2/1
		{"Llama a la policía ahora.", 69.74}, // 206.84 - 60*11/5 - 1.02*5/1
	} {
		got := ease(measure(tt.text, spanishSyllables))
		if math.Abs(got-tt.want) > 0.01 {
			t.Errorf("ease(%q) = %.2f, want %.2f", tt.text, got, tt.want)
		}
	}
}

// TestLanguageCSV: the list can be read, no form is there twice, and every row
// says what to say instead, why, where that is from and how sure it is.
func TestLanguageCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(languageCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"terms", "prefer", "why", "source", "confidence"}; !slices.Equal(rows[0], want) {
		t.Fatalf("columns = %q, want %q", rows[0], want)
	}
	seen := map[string]int{}
	for i, row := range rows[1:] {
		for k, cell := range row {
			if strings.TrimSpace(cell) == "" || cell != strings.TrimSpace(cell) {
				t.Errorf("row %d: %s = %q", i+2, rows[0][k], cell)
			}
		}
		for _, form := range strings.Split(row[0], ";") {
			form = strings.ToLower(strings.TrimSpace(form))
			if len(words(form)) == 0 || strings.ContainsAny(form, ",()/") {
				t.Errorf("row %d: %q is no form that a text can hold", i+2, form)
			}
			if other := seen[form]; other > 0 {
				t.Errorf("row %d: %q is in row %d already", i+2, form, other)
			}
			seen[form] = i + 2
		}
	}
	for form := range seen {
		found := false
		for _, term := range loadedTerms()[words(form)[0]] {
			found = found || term.match(words(form)) != ""
		}
		if !found {
			t.Errorf("the form %q is not found in its own text", form)
		}
	}
}

// source is a playbook with that front matter and body.
func source(front, body string) *syntax.File {
	f, _ := syntax.Parse("x.md", fmt.Appendf(nil, "---\nid: x\ntitle: T\nsummary: S\n%s---\n\n# T\n\n%s", front, body))
	return f
}

const own = "owner: director\nreview: 2027-05-01\n"

func choices(n int, last string) string {
	return "## Ask\n\n### Next\n" + strings.Repeat("- [One way](#ask)\n", n-1) + "- [" + last + "](end:done)\n"
}

// TestAdvice has each code's advice on and off.
func TestAdvice(t *testing.T) {
	long := strings.Repeat("Sophisticated bureaucratic organizations necessitate considerable documentation. ", 4)
	largo := strings.Repeat("Las organizaciones administrativas necesitan documentación considerablemente complicada. ", 4)
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("go ", n)) + "." }
	for _, tt := range []struct {
		name, front, body string
		want              []diag.Code
	}{
		{"nothing", own, choices(5, "I am not sure"), nil},
		{"six choices", own, choices(6, "I am not sure"), []diag.Code{diag.TooManyChoices}},
		{"six numbered choices", own, "## Ask\n\n### Next\n" + strings.Repeat("1. [On](end:done) `if a`\n", 6), nil},
		{"no unsure", own, choices(2, "Another"), []diag.Code{diag.NoUnsure}},
		{"one choice", own, choices(1, "On"), nil},
		{"unsure in other words", own, choices(2, "I don't know yet"), nil},
		{"no unsure in a rehearsal", own + "kind: rehearsal\nrehearses: y\n", choices(2, "Another"), nil},
		{"no unsure in Spanish", own + "lang: es\n", choices(2, "Otra cosa"), []diag.Code{diag.NoUnsure}},
		{"unsure in Spanish", own + "lang: es-MX\n", choices(2, "No estoy segura"), nil},
		{"a language that we do not know", own + "lang: fr\n", choices(2, "Autre chose"), nil},
		{"a swap step", own + "facts:\n  p: a | b\nprotected: [p]\n", "## Ask\n\n### Next\n- [On](end:done) `p = a`\n- [Else](end:done) `p = b`\n", nil},
		{"half a swap step", own + "facts:\n  p: a | b\nprotected: [p]\n", "## Ask\n\n### Next\n- [On](end:done) `p = a`\n- [Else](end:done)\n", []diag.Code{diag.NoUnsure}},
		{"a long heading", own, "## One two three four five six seven eight nine\n", []diag.Code{diag.LongLine}},
		{"a heading", own, "## One two three four five six seven eight\n", nil},
		{"a long sentence to say", own, "## Ask\n\n### Say\n> " + words(16) + "\n", []diag.Code{diag.LongLine}},
		{"a sentence to say", own, "## Ask\n\n### Say\n> " + words(15) + "\n", nil},
		{"a long speech", own, "## Ask\n\n### Say\n> " + strings.Repeat(words(10)+" ", 4) + "\n", []diag.Code{diag.LongLine}},
		{"a speech", own, "## Ask\n\n### Say\n> " + strings.Repeat(words(10)+" ", 3) + "\n", nil},
		{"two speeches", own, "## Ask\n\n### Say\n> " + strings.Repeat(words(10)+" ", 3) + "\n\n> " + words(10) + "\n", nil},
		{"hard words", own, "## Ask\n\n" + long + "\n", []diag.Code{diag.HardToRead}},
		{"hard words in Why", own, "## Ask\n\n### Why\n" + long + "\n", nil},
		{"few hard words", own, "## Ask\n\nSophisticated organizations.\n", nil},
		{"hard words in Spanish", own + "lang: es\n", "## Pregunta\n\n" + largo + "\n", []diag.Code{diag.HardToRead}},
		{"easy words in Spanish", own + "lang: es\n", "## Pregunta\n\n" + strings.Repeat("Di tu nombre. Ven con el jefe. ", 4) + "\n", nil},
		{"hard words in a language that we do not know", own + "lang: fr\n", "## Demander\n\n" + long + "\n", nil},
		{"a loaded word", own, "## Ask the junkie\n", []diag.Code{diag.LoadedWord}},
		{"loaded words", own, "## Ask\n\nTwo Junkies and a thug.\n", []diag.Code{diag.LoadedWord, diag.LoadedWord}},
		{"the same word again", own, "## Ask\n\nA thug is a thug.\n", []diag.Code{diag.LoadedWord}},
		{"a loaded phrase", own, "## Ask\n\nSee the homeless people.\n", []diag.Code{diag.LoadedWord}},
		{"a phrase over two lines", own, "## Ask\n\n- See the\n- homeless people.\n", nil},
		{"part of a word", own, "## Ask\n\nThe bumper.\n", nil},
		{"a loaded choice", own, "## Ask\n\n### Next\n- [A thug](end:done)\n", []diag.Code{diag.LoadedWord}},
		{"a loaded scene", own, "Somebody is a thug.\n\n## Ask\n", []diag.Code{diag.LoadedWord}},
		{"a loaded rehearsal", own + "kind: rehearsal\nrehearses: y\n", "## Ask the junkie\n", nil},
		{"a loaded word in Spanish", own + "lang: es\n", "## Ask the junkie\n", nil},
		{"40 steps", own, strings.Repeat("## Go\n\n", 40), nil},
		{"41 steps", own, strings.Repeat("## Go\n\n", 41), []diag.Code{diag.LongPlaybook}},
	} {
		f := source(tt.front, tt.body)
		var got []diag.Code
		for _, p := range Check(f, f, time.Time{}) {
			if p.Level != diag.Advice || !p.Pos.IsValid() || p.File != "x.md" {
				t.Errorf("%s: %+v is no advice at a place of the file", tt.name, p)
			}
			got = append(got, p.Code)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Check(%s) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPastReview(t *testing.T) {
	at := func(day string, hour int) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, day, time.FixedZone("", -8*3600))
		if err != nil {
			t.Fatal(err)
		}
		return d.Add(time.Duration(hour) * time.Hour)
	}
	for _, tt := range []struct {
		today time.Time
		want  bool
	}{
		{time.Time{}, false}, {at("2027-04-30", 12), false}, {at("2027-05-01", 0), false}, {at("2027-05-01", 23), false}, {at("2027-05-02", 0), true}, {at("2030-01-01", 0), true},
	} {
		f := source(own, "## Go\n")
		problems := Check(f, f, tt.today)
		if got := len(problems) == 1 && problems[0].Code == diag.PastReview; got != tt.want || len(problems) > 1 {
			t.Errorf("on %v Check = %v, want past-review: %v", tt.today, problems, tt.want)
		}
	}
	if f := source("", "## Go\n"); len(Check(f, nil, at("2030-01-01", 0))) > 0 {
		t.Error("a file with no date of review is past it")
	}
}

// TestTranslation: a translation has its original's protected facts and kind.
func TestTranslation(t *testing.T) {
	swap := "## Ask\n\n### Next\n- [On](end:done) `p = a`\n- [Else](end:done) `p = b`\n"
	original := source(own+"facts:\n  p: a | b\nprotected: [p]\n", swap)
	translation := source("lang: es\ntranslates: x\n", swap)
	if problems := Check(translation, original, time.Time{}); len(problems) > 0 {
		t.Errorf("Check(a translated swap step) = %v, want nothing", problems)
	}
	if problems := Check(translation, nil, time.Time{}); len(problems) != 1 {
		t.Errorf("Check(one without its original) = %v, want no-unsure", problems)
	}
	rehearsal := source(own+"kind: rehearsal\nrehearses: y\n", choices(2, "Another"))
	if problems := Check(source("lang: es\ntranslates: x\n", choices(2, "Otra")), rehearsal, time.Time{}); len(problems) > 0 {
		t.Errorf("Check(a translated rehearsal) = %v, want nothing", problems)
	}
}
