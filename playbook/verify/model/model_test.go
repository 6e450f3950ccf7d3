package model

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/automaton"
)

var update = flag.Bool("update", false, "rewrite testdata")

// wellFormed fails when a Case names what does not exist.
func wellFormed(t *testing.T, c *Case) {
	t.Helper()
	p := c.Program
	fact := func(f, value int) {
		if f < 0 || f >= len(p.Facts) || value < 0 || value >= len(p.Facts[f].Values) {
			t.Fatalf("fact %d with value %d does not exist", f, value)
		}
	}
	for _, s := range p.Steps {
		for _, m := range s.Makes {
			fact(m, 1)
		}
		for _, ch := range s.Choices {
			for _, a := range ch.Set {
				fact(a.Fact, a.Value)
			}
			for _, tests := range ch.Guard {
				for _, x := range tests {
					fact(x.Fact, 0)
				}
			}
			if ch.End < 0 && (ch.To < 0 || ch.To >= len(p.Steps)) || ch.End >= len(p.Outcomes) {
				t.Fatalf("choice %+v leads nowhere", ch)
			}
		}
	}
	var expr func(e *automaton.Expr)
	expr = func(e *automaton.Expr) {
		if e == nil {
			return
		}
		if e.Op == automaton.FactIn {
			fact(e.Fact, 0)
		}
		for _, w := range e.Where {
			if e.Op == automaton.At && w >= len(p.Steps) || e.Op == automaton.Outcome && w >= len(p.Outcomes) {
				t.Fatalf("expression names place %d, which does not exist", w)
			}
		}
		for _, a := range e.Args {
			expr(a)
		}
	}
	for _, r := range c.Rules {
		expr(r.E)
		expr(r.F)
		if r.Kind == automaton.Keeps && r.Choice >= len(p.Steps[r.Step].Choices) {
			t.Fatalf("rule %+v names a choice that does not exist", r)
		}
	}
	expr(c.Init)
}

func TestLargeModels(t *testing.T) {
	for _, c := range []*Case{Questionnaire(3), Questionnaire(50), Plain(300, 12), Sections(2, 20), Sections(5, 33), HiddenBit(2), HiddenBit(12)} {
		wellFormed(t, c)
	}
	if c := Sections(40, 50); len(c.Program.Steps) != 2001 || len(c.Program.Facts) != 170 || len(c.Rules) != 20 {
		t.Errorf("Sections(40, 50) has %d steps, %d facts, %d rules, want 2001, 170 (2 are milestones), 20", len(c.Program.Steps), len(c.Program.Facts), len(c.Rules))
	}
}

func FuzzFromBytes(f *testing.F) {
	f.Add([]byte("any bytes make a program"))
	f.Fuzz(func(t *testing.T, data []byte) { wellFormed(t, FromBytes(data)) })
}

func TestWritePromela(t *testing.T) {
	var got bytes.Buffer
	if err := WritePromela(&got, Questionnaire(3)); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/questionnaire3.pml"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("WritePromela(Questionnaire(3)) differs (-want +got):\n%s", d)
	}
	if err := WritePromela(&got, &Case{Program: &automaton.Program{}, Init: &automaton.Expr{}}); err == nil {
		t.Errorf("WritePromela of a part proved alone succeeds, want an error")
	}
}
