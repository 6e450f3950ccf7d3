package policy

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/provenance"
	"roundtable/playbook/wording"
)

// clauses is the contract with the playbooks: these ids, in this order.
var clauses = map[string]string{
	"behaviour":       "conduct odor speaking-with-staff asking-to-leave appeal children-alone photography law-enforcement-presence",
	"computer-use":    "what-you-may-view privacy-screens one-warning unblocking same-rule-for-all children-nearby",
	"meeting-rooms":   "who-may-book equal-terms not-sponsorship conduct-and-safety fees review-and-appeal no-fronting",
	"privacy":         "what-we-keep who-may-see no-answers-about-people reporting-what-others-do",
	"law-enforcement": "who-answers papers consent while-they-act record-keeping secret-papers after",
	"minors":          "childs-own-record parents-and-records ways-to-look-together custody-and-safety safety-of-children",
	"staff-speech":    "no-views-at-work information-from-all-sides leaving-a-conversation",
	"programs":        "sponsor-openly balance complaints-about-programs",
}

func TestStarterHasTheClausesOfThePlaybooks(t *testing.T) {
	policies, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for id, ids := range clauses {
		want[id] = strings.Fields(ids)
	}
	if d := cmp.Diff(want, Index(policies)); d != "" {
		t.Errorf("Index differs (-want +got):\n%s", d)
	}
}

func TestStarterIsPlainAndHonest(t *testing.T) {
	policies, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range policies {
		if p.Notice != "Model text. Your board adopts it after your lawyer has read it." {
			t.Errorf("%s: notice = %q, want the model notice", p.ID, p.Notice)
		}
		if p.Checked != "November 2026, not by a lawyer" {
			t.Errorf("%s: checked = %q, want November 2026, not by a lawyer", p.ID, p.Checked)
		}
		all := p.Lead
		for _, c := range p.Clauses {
			all += "\n\n" + c.Text
			if grade := wording.Grade(plain(c.Text)); grade > 8 {
				t.Errorf("%s#%s reads at grade %.1f, want 8 or less", p.ID, c.ID, grade)
			}
		}
		for _, promise := range []string{"you are allowed", "guarantee", "illegal", "between homes", "the homeless"} {
			if strings.Contains(strings.ToLower(all), promise) {
				t.Errorf("%s says %q", p.ID, promise)
			}
		}
	}
}

// plain drops Markdown's signs, which are not read aloud; an item ends like a
// sentence.
func plain(markdown string) string {
	s := regexp.MustCompile(`(?m)^- (.*?)[;.,]?$`).ReplaceAllString(markdown, "$1.")
	return strings.NewReplacer("**", "", "[", "", "]", "").Replace(s)
}

const sound = `---
id: sample
title: Sample
sources: [One]
checked: November 2026
confidence: practice
notice: Model text.
---

# Sample

Lead.

## First rule
Text.

## Another {#second}
More.
`

func TestParse(t *testing.T) {
	got, problems := Parse("x/sample.md", []byte(sound))
	if len(problems) > 0 {
		t.Fatalf("Parse told %v, want nothing", problems)
	}
	want := Policy{
		ID: "sample", Title: "Sample", Notice: "Model text.", Lead: "Lead.",
		Clauses:    []Clause{{"first-rule", "First rule", "Text."}, {"second", "Another", "More."}},
		Provenance: provenance.Provenance{Sources: []string{"One"}, Checked: "November 2026", Confidence: provenance.Practice},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Parse differs (-want +got):\n%s", d)
	}
	if c, ok := got.Clause("second"); !ok || c.Heading != "Another" {
		t.Errorf(`Clause("second") = %+v, %v, want Another`, c, ok)
	}
	if _, ok := got.Clause("third"); ok {
		t.Error(`Clause("third") = true, want false`)
	}
}

func TestParseTells(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"another id", "id: sample", "id: other", "not the file's name"},
		{"no title", "title: Sample\n", "", "no title"},
		{"no sources", "sources: [One]\n", "", "no sources"},
		{"no date", "checked: November 2026\n", "", "no checked"},
		{"no notice", "notice: Model text.\n", "", "no notice"},
		{"confidence", "practice", "certain", `"certain" does not say how sure`},
		{"unknown key", "notice:", "note:", "note"},
		{"empty clause", "\nText.\n", "\n", "says nothing"},
		{"a ### section", "## Another", "### Another", "a ### section"},
		{"two clauses of one id", "{#second}", "{#first-rule}", "first-rule"},
		{"no clause", "## ", "", "no clause"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := Parse("sample.md", []byte(strings.ReplaceAll(sound, tt.old, tt.new)))
			var told []string
			for _, problem := range problems {
				told = append(told, problem.Message)
			}
			if all := strings.Join(told, "\n"); !strings.Contains(all, tt.want) {
				t.Errorf("Parse told %q, want %q in it", all, tt.want)
			}
			if !p.Confidence.IsKnown() {
				t.Errorf("Parse gave the confidence %q, want a known one", p.Confidence)
			}
		})
	}
}

func TestLoadTellsAndGoesOn(t *testing.T) {
	got, err := load(fstest.MapFS{
		"s/bad.md":    {Data: []byte("no front matter")},
		"s/sample.md": {Data: []byte(sound)},
	}, "s")
	if err == nil || !strings.Contains(err.Error(), "s/bad.md:1:") {
		t.Errorf("load = %v, want an error that names s/bad.md", err)
	}
	if len(got) != 2 || got[1].ID != "sample" {
		t.Errorf("load gave %d policies, want both", len(got))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("---\nid: [\n---\n# T\n### x"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, problems := Parse("sample.md", src)
		for _, problem := range problems {
			if !problem.Pos.IsValid() || problem.Message == "" {
				t.Errorf("Parse told %+v, want a place and words", problem)
			}
		}
		if len(problems) == 0 && (p.ID != "sample" || len(p.Clauses) == 0 || len(p.Sources) == 0) {
			t.Errorf("Parse told nothing of %+v", p)
		}
	})
}
