package verify

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roundtable/playbook/automaton"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
	"roundtable/playbook/verify/model"
)

// asked is a Program with everything that a check of its file asks.
type asked struct {
	name    string
	p       *automaton.Program
	rules   []automaton.Rule
	options Options
}

// shipped compiles the playbooks that we ship.
func shipped(tb testing.TB) []asked {
	tb.Helper()
	names, err := filepath.Glob("../starter/*.md")
	if err != nil || len(names) == 0 {
		tb.Fatalf("Glob(../starter/*.md) = %v, %v, want playbooks", names, err)
	}
	var lib resolve.Library
	var files []*syntax.File
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		f, problems := syntax.Parse(name, src)
		lib.Add(f, problems)
		files = append(files, f)
	}
	var list []asked
	for _, f := range files {
		c, _ := lib.Compile(f)
		if c == nil {
			continue
		}
		a := asked{name: f.Name, p: c.Program}
		a.options = Options{Init: c.Init, FreeMilestones: c.FreeMilestones, Counted: c.Named}
		for _, r := range c.Rules {
			a.rules = append(a.rules, r.Rule)
		}
		for _, k := range c.Keeps {
			a.rules = append(a.rules, k.Rules...)
		}
		list = append(list, a)
	}
	return list
}

// BenchmarkShipped checks all playbooks that we ship, once each.
func BenchmarkShipped(b *testing.B) {
	list := shipped(b)
	for b.Loop() {
		for _, a := range list {
			Check(context.Background(), a.p, a.rules, a.options)
		}
	}
}

// TestShipped holds the engines against each other on the playbooks we ship,
// and replays every story there is.
func TestShipped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, a := range shipped(t) {
		var want *Result
		for _, with := range []Options{{}, {Engine: Explicit, apart: true}, {Engine: Symbolic, apart: true}} {
			with.Init, with.FreeMilestones, with.Counted = a.options.Init, a.options.FreeMilestones, a.options.Counted
			got := Check(context.Background(), a.p, a.rules, with)
			if want == nil {
				want = got
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s: Check(%+v) differs from Auto (-want +got):\n%s", a.name, with, d)
			}
		}
		for i := range want.Rules {
			replay(t, &model.Case{Program: a.p}, i, &want.Rules[i])
		}
	}
}
