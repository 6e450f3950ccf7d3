package workshop

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// roles are those of the library's people; a session is for some of them.
var roles = strings.Fields("desk in_charge director counsel safety_lead trainer room_officer auditor board admin")

func TestAgendas(t *testing.T) {
	agendas, err := Agendas()
	if err != nil {
		t.Fatal(err)
	}
	if len(agendas) < 10 {
		t.Errorf("there are %d agendas, want the ones of the notes and more", len(agendas))
	}
	for _, a := range agendas {
		for _, role := range a.For {
			if !slices.Contains(roles, role) {
				t.Errorf("%s is for %q, which is no role", a.ID, role)
			}
		}
		for _, c := range a.Cards {
			if !strings.HasPrefix(c.ID, "card-") {
				t.Errorf("%s: card %q has the id %q, want it to begin with card-", a.ID, c.Title, c.ID)
			}
			if got, ok := a.Card(c.ID); !ok || got.Title != c.Title {
				t.Errorf("%s: Card(%q) = %q, %v, want %q", a.ID, c.ID, got.Title, ok, c.Title)
			}
		}
	}
}

const sound = `---
id: sample
title: Sample
minutes: 15
for: [trainer]
sources:
  - Practice
---

# Sample

## Aim
To try.

## Ground rules
- Be kind.
- Be brief.

## Part: Welcome (5 minutes)
Say hello.

## Part: Talk (10 minutes)
Talk.

## Statements
- I agree.

## Card: Now, then?
> "A line."

A scene.

### Talk about
- What?
- Why?

### Why it is here
It was in the notes.
`

func TestParse(t *testing.T) {
	got, problems := Parse("agenda/sample.md", []byte(sound))
	if len(problems) > 0 {
		t.Fatalf("Parse told %v, want nothing", problems)
	}
	want := Agenda{
		ID: "sample", Title: "Sample", Minutes: 15, For: []string{"trainer"}, Sources: []string{"Practice"},
		Aim: "To try.", GroundRules: []string{"Be kind.", "Be brief."},
		Parts:      []Part{{"Welcome", 5, "Say hello."}, {"Talk", 10, "Talk."}},
		Statements: []string{"I agree."},
		Cards:      []Card{{"card-now-then", "Now, then?", "A line.", "A scene.", []string{"What?", "Why?"}, "It was in the notes."}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Parse differs (-want +got):\n%s", d)
	}
}

func TestParseTells(t *testing.T) {
	tests := []struct {
		name, old, new string
		line           int
		want           string
	}{
		{"another id", "id: sample", "id: other", 1, "not the file's name"},
		{"minutes do not add up", "minutes: 15", "minutes: 20", 1, "the parts take 15 minutes and the session 20"},
		{"part without minutes", " (5 minutes)", "", 19, "does not end with its minutes"},
		{"part of no time", "(5 minutes)", "(0 minutes)", 19, "takes no time"},
		{"unknown section", "## Aim", "## Goal", 12, `no section "Goal"`},
		{"unknown section in a card", "### Talk about", "### Discuss", 33, `no section "Discuss"`},
		{"### under a part", "Say hello.", "### Talk about\n- a", 20, "does not stand under a card"},
		{"card without reasons", "### Why it is here\nIt was in the notes.\n", "", 28, "lacks Talk about or Why"},
		{"empty card", "> \"A line.\"\n\nA scene.\n", "", 28, "shows nothing"},
		{"no statements", "- I agree.\n", "", 1, "no Statements"},
		{"no sources", "sources:\n  - Practice\n", "", 1, "no sources"},
		{"no role", "for: [trainer]\n", "", 1, "no for"},
		{"minutes in words", "minutes: 15", "minutes: many", 1, "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Parse("sample.md", []byte(strings.Replace(sound, tt.old, tt.new, 1)))
			for _, p := range problems {
				if strings.Contains(p.Message, tt.want) && (p.Pos.Line == tt.line || tt.line == 1) {
					return
				}
			}
			t.Errorf("Parse told %v, want %q at line %d", problems, tt.want, tt.line)
		})
	}
}

func TestLoadFromTellsAndGoesOn(t *testing.T) {
	agendas, err := loadFrom(fstest.MapFS{
		"agenda/bad.md":    {Data: []byte("nothing")},
		"agenda/sample.md": {Data: []byte(sound)},
	})
	if err == nil || !strings.Contains(err.Error(), "agenda/bad.md:1:") {
		t.Errorf("loadFrom = %v, want an error that names agenda/bad.md", err)
	}
	if len(agendas) != 2 {
		t.Errorf("loadFrom gave %d agendas, want both", len(agendas))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("---\nminutes: 99999999999999999999\n---\n## Part: x (999 minutes)\n## Card: \n### Talk about\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		a, problems := Parse("sample.md", src)
		for _, p := range problems {
			if !p.Pos.IsValid() || p.Message == "" {
				t.Errorf("Parse told %+v, want a place and words", p)
			}
		}
		if len(problems) == 0 && (a.ID != "sample" || len(a.Cards) == 0 || a.Minutes <= 0) {
			t.Errorf("Parse told nothing of %+v", a)
		}
	})
}
