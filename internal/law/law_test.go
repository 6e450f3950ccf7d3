package law

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/diag"
	"roundtable/playbook/wording"
)

func TestShippedDataHasNoProblems(t *testing.T) {
	for _, p := range Problems() {
		t.Errorf("%s:%d:%d: %s", p.File, p.Pos.Line, p.Pos.Column, p.Message)
	}
	if got := len(Jurisdictions()); got != 54 {
		t.Errorf("len(Jurisdictions()) = %d, want 54: the states, D.C. and three territories", got)
	}
	for _, topic := range Topics() {
		for _, j := range Jurisdictions() {
			if _, ok := Text(topic, j); !ok {
				t.Errorf("Text(%q, %q) = false, want a statement", topic, j)
			}
		}
	}
}

func TestColumns(t *testing.T) {
	want := map[string][]string{
		"parent_access":  {"silent", "yes", "limited", "no", "unsure"},
		"child_reporter": {"everyone", "listed", "unsure"},
		"adult_reporter": {"everyone", "listed", "unsure"},
	}
	if d := cmp.Diff(want, Columns()); d != "" {
		t.Errorf("Columns differs (-want +got):\n%s", d)
	}
	Columns()["parent_access"][0] = "spoilt"
	if got := Columns()["parent_access"][0]; got != "silent" {
		t.Errorf("a caller changed the columns: %q, want silent", got)
	}
	if d := cmp.Diff([]string{"library-records", "parent-access", "child-abuse-report", "adult-abuse-report"}, Topics()); d != "" {
		t.Errorf("Topics differs (-want +got):\n%s", d)
	}
}

func TestRow(t *testing.T) {
	tests := []struct {
		jurisdiction string
		want         Values
		ok           bool
	}{
		{"Connecticut", Values{"parent_access": "silent", "child_reporter": "listed", "adult_reporter": "listed"}, true},
		{"Texas", Values{"parent_access": "silent", "child_reporter": "everyone", "adult_reporter": "everyone"}, true},
		{"Wisconsin", Values{"parent_access": "limited", "child_reporter": "listed", "adult_reporter": "unsure"}, true},
		{"New Hampshire", Values{"parent_access": "yes", "child_reporter": "everyone", "adult_reporter": "everyone"}, true},
		{"Michigan", Values{"parent_access": "unsure", "child_reporter": "listed", "adult_reporter": "unsure"}, true},
		{"Guam", Values{"parent_access": "unsure", "child_reporter": "unsure", "adult_reporter": "unsure"}, true},
		{"Atlantis", Values{"parent_access": "unsure", "child_reporter": "unsure", "adult_reporter": "unsure"}, false},
		{"", Values{"parent_access": "unsure", "child_reporter": "unsure", "adult_reporter": "unsure"}, false},
	}
	for _, tt := range tests {
		got, ok := Row(tt.jurisdiction)
		if d := cmp.Diff(tt.want, got); d != "" || ok != tt.ok {
			t.Errorf("Row(%q) = %v, %v, want %v, %v", tt.jurisdiction, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTextOfAPlaceWithoutARow(t *testing.T) {
	st, ok := Text("parent-access", "Atlantis")
	if ok || st.Value != "unsure" || !strings.Contains(st.Words(), "Ask your lawyer") {
		t.Errorf("Text of Atlantis = %+v, %v, want the cautious value and a word to ask a lawyer", st, ok)
	}
	if st, ok := Text("no-topic", "Texas"); ok || st.Value != "" {
		t.Errorf("Text of no topic = %+v, %v, want nothing", st, ok)
	}
}

func TestWordsShowSourceDateAndHowSure(t *testing.T) {
	for _, topic := range Topics() {
		for _, j := range Jurisdictions() {
			st, _ := Text(topic, j)
			words := st.Words()
			for _, want := range []string{st.Text, "Source: ", "Checked November 2026, not by a lawyer.", st.Confidence.Words()} {
				if !strings.Contains(words, want) {
					t.Errorf("Words of %s in %s = %q, want %q in it", topic, j, words, want)
				}
			}
			if st.Confidence.NeedsLawyer() && !strings.Contains(strings.ToLower(st.Text), "ask your lawyer") {
				t.Errorf("%s in %s: %q is unsure and does not say: ask your lawyer", topic, j, st.Text)
			}
			if strings.Contains(strings.ToLower(words), "you are allowed") {
				t.Errorf("%s in %s: %q makes a promise", topic, j, words)
			}
			if grade := wording.Grade(st.Text); grade > 8 {
				t.Errorf("%s in %s reads at grade %.1f, want 8 or less: %q", topic, j, grade, st.Text)
			}
			if topic == "child-abuse-report" && !strings.Contains(words, "Line to call: "+st.Line.Number) {
				t.Errorf("%s in %s: %q does not show the line", topic, j, words)
			}
		}
	}
}

const header = "jurisdiction,parent_access,parent_access_words,text,citation,source,checked,confidence,confidence_words\n"

// withParents is a folder whose other topics are empty but sound.
func withParents(rows string) fstest.MapFS {
	empty := func(columns string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(columns + "\n")} }
	return fstest.MapFS{
		"library-records.csv":    empty("jurisdiction,text,citation,source,checked,confidence,confidence_words"),
		"parent-access.csv":      &fstest.MapFile{Data: []byte(header + rows)},
		"child-abuse-report.csv": empty("jurisdiction,child_reporter,child_reporter_words,text,line,line_confidence,line_confidence_words,line_source,citation,source,checked,confidence,confidence_words"),
		"adult-abuse-report.csv": empty("jurisdiction,adult_reporter,adult_reporter_words,text,citation,source,checked,confidence,confidence_words"),
	}
}

func TestLoadIsCautious(t *testing.T) {
	tests := []struct {
		name, row        string
		value, told      string
		code             diag.Code
		problems, column int
	}{
		{"sound", "X,yes,yes,t,c,s,d,read,w", "yes", "", "", 0, 0},
		{"outside the domain", "X,sometimes,w,t,c,s,d,read,w", "unsure", `"sometimes" is no value of parent_access`, diag.UnknownValue, 1, 3},
		{"empty value", "X,,w,t,c,s,d,read,w", "unsure", `"" is no value`, diag.UnknownValue, 1, 3},
		{"capitals", "X,Yes,w,t,c,s,d,read,w", "unsure", `"Yes" is no value`, diag.UnknownValue, 1, 3},
		{"confidence", "X,yes,w,t,c,s,d,sure,w", "yes", `"sure" does not say how sure`, diag.UnknownValue, 1, 17},
		{"practice is no confidence for law", "X,yes,w,t,c,s,d,practice,w", "yes", `"practice" does not say`, diag.UnknownValue, 1, 17},
		{"no text", "X,yes,w,,c,s,d,read,w", "yes", "text is empty", diag.Syntax, 1, 9},
		{"no source", "X,yes,w,t,c,,d,read,w", "yes", "source is empty", diag.Syntax, 1, 13},
		{"twice", "X,no,w,t,c,s,d,read,w\nX,yes,w,t,c,s,d,read,w", "no", "two rows", diag.Syntax, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, problems := Load(withParents(tt.row + "\n"))
			if len(problems) != tt.problems {
				t.Fatalf("Load told %v, want %d problems", problems, tt.problems)
			}
			if row, _ := b.Row("X"); row["parent_access"] != tt.value {
				t.Errorf("parent_access = %q, want %q", row["parent_access"], tt.value)
			}
			if tt.problems == 0 {
				return
			}
			p := problems[0]
			if p.Code != tt.code || p.Pos.Column != tt.column || !strings.Contains(p.Message, tt.told) {
				t.Errorf("Load told %s at column %d: %q, want %s at column %d: %q", p.Code, p.Pos.Column, p.Message, tt.code, tt.column, tt.told)
			}
		})
	}
}

func TestLoadWithoutFiles(t *testing.T) {
	b, problems := Load(fstest.MapFS{})
	if len(problems) != len(specs) {
		t.Errorf("Load of an empty folder told %d problems, want %d", len(problems), len(specs))
	}
	if row, ok := b.Row("Texas"); ok || row["child_reporter"] != "unsure" {
		t.Errorf("Row of an empty book = %v, %v, want the cautious values", row, ok)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("X,yes,yes,t,c,s,d,read,w\n"))
	f.Add([]byte("\"X\nY\",age limit 16,,,,,,,\nX,no\n"))
	f.Fuzz(func(t *testing.T, rows []byte) {
		b, problems := Load(withParents(string(rows)))
		for _, p := range problems {
			if !p.Pos.IsValid() || p.Message == "" {
				t.Errorf("Load told %+v, want a place and words", p)
			}
		}
		for _, j := range b.Jurisdictions() {
			row, ok := b.Row(j)
			if !ok || !slices.Contains(Columns()["parent_access"], row["parent_access"]) {
				t.Errorf("Row(%q) = %v, %v, want a value of the domain", j, row, ok)
			}
			st, _ := b.Text("parent-access", j)
			if st.Words() == "" || !st.Confidence.IsKnown() {
				t.Errorf("Text of %q = %+v, want words and a known confidence", j, st)
			}
		}
	})
}
