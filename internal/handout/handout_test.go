package handout

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/provenance"
	"roundtable/playbook/wording"
)

func TestStarterHasWhatPlaybooksName(t *testing.T) {
	handouts, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("computer_rules conduct_rules desk_card_officer family_account_guide feedback_form inventory_form " +
		"know_your_rights_list local_help national_lines privacy_notice receipt_form room_rules safety_card")
	if d := cmp.Diff(want, IDs()); d != "" {
		t.Errorf("IDs differs (-want +got):\n%s", d)
	}
	var spanish []string
	for _, h := range handouts {
		if h.Lang == "es" {
			spanish = append(spanish, h.ID)
		}
	}
	if d := cmp.Diff([]string{"local_help", "national_lines", "safety_card"}, spanish); d != "" {
		t.Errorf("handouts in Spanish differ (-want +got):\n%s", d)
	}
}

func TestStarterIsPlain(t *testing.T) {
	handouts, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range handouts {
		if strings.Contains(h.Text, h.Staff) || strings.Contains(h.Text, "{#") {
			t.Errorf("%s.%s prints what is for staff: %q", h.ID, h.Lang, h.Text)
		}
		if h.Lang != "en" || h.ID == NationalLines { // the lines' names are not ours to simplify
			continue
		}
		if grade := wording.Grade(plain(h.Text)); grade > 6 {
			t.Errorf("%s reads at grade %.1f, want 6 or less", h.ID, grade)
		}
		if grade := wording.Grade(plain(h.Staff)); grade > 8 {
			t.Errorf("%s: the words for staff read at grade %.1f, want 8 or less", h.ID, grade)
		}
	}
}

// plain makes of a sheet the sentences that a reader reads: a heading or an
// item ends like a sentence; blanks, numbers and addresses are not read.
func plain(markdown string) string {
	s := regexp.MustCompile(`\S*(\.(org|gov|com)|https?:)\S*`).ReplaceAllString(markdown, "")
	s = regexp.MustCompile(`_+|[0-9-]+`).ReplaceAllString(s, " ")
	return regexp.MustCompile(`(?m)^[#\s-]*(.*?)[;:.,]?\s*$`).ReplaceAllString(s, "$1.")
}

// The card for a person at risk names no topic, in any language.
func TestSafetyCardNamesNoTopic(t *testing.T) {
	handouts, _ := Starter()
	topic := regexp.MustCompile(`(?i)abus|violen|domest|shelter|refugio|safe|segur|hotline|crisis|suicid|help|ayuda|maltrat|partner|pareja`)
	found := 0
	for _, h := range handouts {
		if h.ID != "safety_card" {
			continue
		}
		found++
		if m := topic.FindString(h.Text); m != "" {
			t.Errorf("safety_card.%s says %q", h.Lang, m)
		}
		for _, number := range []string{"800-799-7233", "START", "88788", "988", "211", "911"} {
			if !strings.Contains(h.Text, number) {
				t.Errorf("safety_card.%s lacks %s", h.Lang, number)
			}
		}
		if len(strings.Fields(h.Text)) > 60 {
			t.Errorf("safety_card.%s has %d words, want no more than 60 on so small a card", h.Lang, len(strings.Fields(h.Text)))
		}
	}
	if found != 2 {
		t.Errorf("found %d safety cards, want two languages", found)
	}
}

// sourceLines reads the table that the lines were made from.
func sourceLines(t *testing.T) map[string]map[string]string {
	t.Helper()
	f, err := os.Open("testdata/hotlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows[row["name"]] = row
	}
	return rows
}

var digits = regexp.MustCompile(`\d[\d-]*\d|\d`)

// numbers are the telephone numbers and short codes of a text, each once.
func numbers(texts ...string) []string {
	var found []string
	for _, n := range digits.FindAllString(strings.Join(texts, " "), -1) {
		if len(n) > 2 && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found
}

func TestLinesFollowTheSource(t *testing.T) {
	rows := sourceLines(t)
	lines, problems := Lines()
	for _, p := range problems {
		t.Errorf("%s:%d: %s", p.File, p.Pos.Line, p.Message)
	}
	if len(lines) != len(rows) {
		t.Errorf("there are %d lines, the source has %d", len(lines), len(rows))
	}
	for _, l := range lines {
		row, ok := rows[l.Name.EN]
		if !ok {
			t.Errorf("%s: the source has no line %q", l.ID, l.Name.EN)
			continue
		}
		// Every number of the source is printed, and we have none of our own.
		theirs := numbers(row["call"], row["text_or_chat"], row["languages_access"], row["who_for"])
		ours := numbers(l.Call.EN, l.Write.EN, l.Langs.EN, l.WhoFor.EN)
		for _, n := range theirs {
			if !slices.Contains(ours, n) && !slices.Contains(numbers(l.Note.EN), n) {
				t.Errorf("%s: the source's number %s is lost", l.ID, n)
			}
		}
		for _, n := range ours {
			if !slices.Contains(theirs, n) {
				t.Errorf("%s: the number %s is not in the source", l.ID, n)
			}
		}
		for _, n := range numbers(l.Call.ES, l.Write.ES, l.Langs.ES) {
			if !slices.Contains(theirs, n) {
				t.Errorf("%s: the number %s in Spanish is not in the source", l.ID, n)
			}
		}
		if l.Website != row["website"] || l.ConfidenceWords != row["confidence"] {
			t.Errorf("%s: website %q and words %q, want %q and %q", l.ID, l.Website, l.ConfidenceWords, row["website"], row["confidence"])
		}
		if want := confidenceOf(row["confidence"]); l.Confidence != want {
			t.Errorf("%s: confidence = %q, want %q for %q", l.ID, l.Confidence, want, row["confidence"])
		}
		if row["caution"] != "" && l.Caution == "" && l.Note.EN == "" {
			t.Errorf("%s: the source's caution %q is lost", l.ID, row["caution"])
		}
	}
}

// confidenceOf is the rule by which the source's words become a grade.
func confidenceOf(words string) provenance.Confidence {
	switch {
	case words == "read in source":
		return provenance.Read
	case strings.HasPrefix(words, "read in secondary source"):
		return provenance.Partly
	case strings.HasPrefix(words, "well-known"):
		return provenance.WellKnown
	}
	return provenance.Unsure
}

func TestSheetHoldsBackWhatIsNotSure(t *testing.T) {
	handouts, _ := Starter()
	lines, _ := Lines()
	for _, h := range handouts {
		if h.ID != NationalLines {
			continue
		}
		for _, l := range lines {
			printed := strings.Contains(h.Text, "**"+l.Name.In(h.Lang)+".**")
			if want := l.Print == PrintYes; printed != want {
				t.Errorf("national_lines.%s: %s printed = %v, want %v", h.Lang, l.Name.EN, printed, want)
			}
			if l.Caution != "" && strings.Contains(h.Text, l.Caution) {
				t.Errorf("national_lines.%s prints the caution for staff: %q", h.Lang, l.Caution)
			}
			for _, w := range []Words{l.Call, l.Write, l.Hours, l.Langs, l.WhoFor, l.Note} {
				if l.Group != staffGroup && (w.EN == "") != (w.ES == "") {
					t.Errorf("%s is not wholly in both languages: %q", l.ID, w)
				}
			}
		}
		if strings.Contains(h.Text, "press 3") || strings.Contains(h.Text, "oprima 3") {
			t.Errorf("national_lines.%s names a choice that has ended", h.Lang)
		}
	}
	for _, id := range []string{"never-use-alone", "love-is-respect", "disaster", "migrawatch"} {
		if i := slices.IndexFunc(lines, func(l Line) bool { return l.ID == id }); i < 0 || lines[i].Print != PrintAfterCheck {
			t.Errorf("%s may be printed before a check", id)
		}
	}
}

func TestSheetInBothLanguages(t *testing.T) {
	lines := []Line{{
		ID: "a", Group: "danger", Name: Words{"A line", "Una línea"}, Call: Words{"911", ""}, Write: Words{"Text 911", "Mensaje al 911"},
		WhoFor: Words{"Anyone", "Todos"}, Website: "https://www.a.org/", Print: PrintYes,
	}, {ID: "b", Group: "danger", Name: Words{"B", ""}, Print: PrintAfterCheck}}
	tests := map[string]string{
		"en": "## In danger now\n\n- **A line.** Anyone. Call 911. Text 911. a.org.\n",
		"es": "## En peligro ahora\n\n- **Una línea.** Todos. Llame al 911. Mensaje al 911. a.org.\n",
		"fr": "## In danger now\n\n- **A line.** Anyone. Call 911. Text 911. a.org.\n",
	}
	for lang, want := range tests {
		if got := Sheet(lines, lang); got != want {
			t.Errorf("Sheet(lines, %q) = %q, want %q", lang, got, want)
		}
	}
}

const soundSheet = `---
id: sample
title: Sample
size: letter
form: true
sources: [One]
checked: November 2026
confidence: practice
notice: Fill it in.
---

# A sheet

Lead.

## Part
- Name: ____

## For staff {#staff}
Look out.
`

func TestParse(t *testing.T) {
	got, problems := Parse("sample.md", []byte(soundSheet))
	if len(problems) > 0 {
		t.Fatalf("Parse told %v, want nothing", problems)
	}
	want := Handout{
		ID: "sample", Lang: "en", Title: "Sample", Size: Letter, Form: true, Notice: "Fill it in.",
		Text: "# A sheet\n\nLead.\n\n## Part\n\n- Name: ____\n", Staff: "Look out.",
		Provenance: provenance.Provenance{Sources: []string{"One"}, Checked: "November 2026", Confidence: provenance.Practice},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Parse differs (-want +got):\n%s", d)
	}
}

func TestParseTells(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"another id", "id: sample", "id: other", "do not fit the file's name"},
		{"another language", "title:", "lang: es\ntitle:", "do not fit the file's name"},
		{"bad language", "title:", "lang: Spanish!\ntitle:", "is not a language tag"},
		{"size", "letter", "poster", "not letter, half or card"},
		{"form without a blank", "____", "Ann", "has no blank"},
		{"blanks and no form", "form: true\n", "", "is not said to be a form"},
		{"nothing for staff", "{#staff}", "", "no section {#staff}"},
		{"confidence", "practice", "very", "does not say how sure"},
		{"no sources", "sources: [One]\n", "", "no sources"},
		{"no notice", "notice: Fill it in.\n", "", "no notice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, problems := Parse("sample.md", []byte(strings.Replace(soundSheet, tt.old, tt.new, 1)))
			var told []string
			for _, p := range problems {
				told = append(told, p.Message)
			}
			if all := strings.Join(told, "\n"); !strings.Contains(all, tt.want) {
				t.Errorf("Parse told %q, want %q in it", all, tt.want)
			}
			if !h.Confidence.IsKnown() {
				t.Errorf("Parse gave the confidence %q, want a known one", h.Confidence)
			}
		})
	}
}

const soundLine = "a,danger,A,,911,911,,,h,h,l,l,w,w,,,c,yes,https://a.org,s,d,read,read in source\n"

func TestParseLinesIsCautious(t *testing.T) {
	header := strings.Join(lineColumns, ",") + "\n"
	tests := []struct {
		name, old, new, want string
		print                Print
		confidence           provenance.Confidence
		lines                int
	}{
		{"sound", "x", "x", "", PrintYes, provenance.Read, 1},
		{"confidence", ",read,", ",certain,", "does not say how sure", PrintAfterCheck, provenance.Unsure, 1},
		{"unsure is not printed", ",read,", ",unsure,", "may not be printed", PrintAfterCheck, provenance.Unsure, 1},
		{"print", ",yes,", ",maybe,", "after_check is used", PrintAfterCheck, provenance.Read, 1},
		{"group", "danger", "other", "no group", PrintNo, provenance.Read, 1},
		{"no id", "a,danger", ",danger", "left out", "", "", 0},
		{"no number", "911,911", ",", "neither whom to call", PrintYes, provenance.Read, 1},
		{"no website", "https://a.org", "", "website of a is empty", PrintYes, provenance.Read, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines, problems := ParseLines("l.csv", []byte(header+strings.Replace(soundLine, tt.old, tt.new, 1)))
			var told []string
			for _, p := range problems {
				told = append(told, p.Message)
			}
			if all := strings.Join(told, "\n"); !strings.Contains(all, tt.want) || tt.want == "" && all != "" {
				t.Errorf("ParseLines told %q, want %q", all, tt.want)
			}
			if len(lines) != tt.lines {
				t.Fatalf("ParseLines gave %d lines, want %d", len(lines), tt.lines)
			}
			if len(lines) == 1 && (lines[0].Print != tt.print || lines[0].Confidence != tt.confidence) {
				t.Errorf("print %q, confidence %q, want %q, %q", lines[0].Print, lines[0].Confidence, tt.print, tt.confidence)
			}
		})
	}
}

func TestLoadFromTellsAndGoesOn(t *testing.T) {
	handouts, err := loadFrom(fstest.MapFS{"starter/sample.md": {Data: []byte(soundSheet)}})
	if err == nil || !strings.Contains(err.Error(), "national lines cannot be opened") {
		t.Errorf("loadFrom = %v, want an error about the list of lines", err)
	}
	if len(handouts) != 1 {
		t.Errorf("loadFrom gave %d handouts, want 1", len(handouts))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(soundSheet))
	f.Add([]byte("---\nlang: 7\n---\n## a {#staff}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		h, problems := Parse("sample.md", src)
		if !h.Confidence.IsKnown() {
			t.Errorf("Parse gave the confidence %q", h.Confidence)
		}
		if len(problems) == 0 && (h.ID != "sample" || h.Staff == "" || h.Text == "") {
			t.Errorf("Parse told nothing of %+v", h)
		}
	})
}

func FuzzParseLines(f *testing.F) {
	f.Add([]byte(soundLine))
	f.Add([]byte(strings.Repeat(soundLine, 3)))
	f.Fuzz(func(t *testing.T, rows []byte) {
		lines, _ := ParseLines("l.csv", append([]byte(strings.Join(lineColumns, ",")+"\n"), rows...))
		for _, l := range lines {
			if l.Confidence == provenance.Unsure && l.Print == PrintYes {
				t.Errorf("%+v is unsure and printed", l)
			}
		}
		Sheet(lines, "en")
		Sheet(lines, "es")
	})
}
