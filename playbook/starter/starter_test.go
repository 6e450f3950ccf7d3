package starter_test

import (
	"context"
	"strings"
	"testing"

	"roundtable/internal/handout"
	"roundtable/internal/law"
	"roundtable/internal/policy"
	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// shelf names the policies, laws and handouts that we ship.
func shelf(t *testing.T) resolve.Shelf {
	t.Helper()
	policies, err := policy.Starter()
	if err != nil {
		t.Fatal(err)
	}
	handouts, err := handout.Starter()
	if err != nil {
		t.Fatal(err)
	}
	s := resolve.Shelf{Policies: map[string][]string{}, Laws: law.Topics(), Columns: law.Columns()}
	for _, p := range policies {
		for _, c := range p.Clauses {
			s.Policies[p.ID] = append(s.Policies[p.ID], c.ID)
		}
	}
	for _, h := range handouts {
		s.Handouts = append(s.Handouts, h.ID)
	}
	return s
}

// TestShipped checks every file that we ship: no error, no warning, and every
// written rule proved.
func TestShipped(t *testing.T) {
	set := playbook.Shipped(shelf(t))
	if len(set.Asked) == 0 {
		t.Fatal("nothing is shipped")
	}
	for i, r := range playbook.Check(context.Background(), set, playbook.Options{}) {
		for _, p := range r.Problems {
			if p.Level != diag.Advice {
				t.Errorf("%s:%d:%d: %s [%s]", p.File, p.Pos.Line, p.Pos.Column, p.Message, p.Code)
			}
		}
		f := set.Asked[i].Front
		if got, want := len(r.Proved), len(f.Rules)+len(f.Protected); got != want {
			t.Errorf("%s: %d rules proved, want %d", r.File, got, want)
		}
	}
}

// TestComplete: every playbook has a rehearsal, rules and a review, and it and
// every part have a Spanish translation.
func TestComplete(t *testing.T) {
	set := playbook.Shipped(shelf(t))
	rehearsed := map[string]bool{}
	for _, f := range set.Asked {
		if f.Front.Kind == syntax.Rehearsal {
			rehearsed[f.Front.Rehearses.Text] = true
		}
	}
	playbooks := 0
	for _, f := range set.Asked {
		id := f.Front.ID.Text
		if f.IsTranslation() || f.Front.Kind == syntax.Rehearsal {
			continue
		}
		if set.Library.Translation(f, "es") == nil {
			t.Errorf("%s has no Spanish translation", f.Name)
		}
		if f.Front.Kind != syntax.Playbook {
			continue
		}
		playbooks++
		if !rehearsed[id] {
			t.Errorf("%s has no rehearsal", f.Name)
		}
		if len(f.Front.Rules) == 0 || len(f.Front.Sources) == 0 || len(f.Front.For) == 0 {
			t.Errorf("%s has %d rules, %d sources and is for %d roles, want some of each", f.Name, len(f.Front.Rules), len(f.Front.Sources), len(f.Front.For))
		}
	}
	if playbooks == 0 {
		t.Error("no playbook is shipped")
	}
}

// TestTranslations: a translation is the same automaton as its original, with
// its own words at every step.
func TestTranslations(t *testing.T) {
	set := playbook.Shipped(shelf(t))
	for _, f := range set.Asked {
		if !f.IsTranslation() {
			continue
		}
		original := set.Library.Original(f)
		if original == nil {
			t.Errorf("%s translates nothing", f.Name)
			continue
		}
		mine, _ := set.Compile(f)
		theirs, _ := set.Compile(original)
		if mine == nil || theirs == nil {
			t.Errorf("%s: compiled %v, its original %v", f.Name, mine != nil, theirs != nil)
			continue
		}
		if a, b := mine.Program.Hash(), theirs.Program.Hash(); a != b {
			t.Errorf("%s has the Program %s, its original %s", f.Name, a, b)
		}
		for _, p := range mine.Places {
			if p.File.Front.Lang.Text != f.Front.Lang.Text {
				t.Errorf("%s: the step %s is in %q", f.Name, p.ID, p.File.Front.Lang.Text)
			}
		}
	}
}

// TestNoHeadingIDs: {#id} does not work on GitHub, so we do not ship it.
func TestNoHeadingIDs(t *testing.T) {
	for _, f := range playbook.Shipped(resolve.Shelf{}).Asked {
		for _, s := range f.Steps {
			if s.Explicit {
				t.Errorf("%s:%d: the step %q has an id of its own", f.Name, s.Pos.Line, s.ID)
			}
		}
		if !strings.HasSuffix(f.Name, ".md") {
			t.Errorf("%s is no Markdown file", f.Name)
		}
	}
}

// TestEveryEndIsHandedOn: every end of a playbook names who has it now.
func TestEveryEndIsHandedOn(t *testing.T) {
	set := playbook.Shipped(shelf(t))
	for _, f := range set.Asked {
		if f.Front.Kind != syntax.Playbook || f.IsTranslation() {
			continue
		}
		compiled, _ := set.Compile(f)
		for i, step := range compiled.Program.Steps {
			for k, choice := range step.Choices {
				if choice.End >= 0 && choice.Owner == "" {
					t.Errorf("%s: choice %d of %s ends with %q and nobody has it", f.Name, k+1, compiled.Places[i].ID, compiled.Program.Outcomes[choice.End])
				}
			}
		}
	}
}
