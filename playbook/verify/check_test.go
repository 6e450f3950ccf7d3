package verify

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roundtable/playbook/automaton"
	"roundtable/playbook/verify/model"
)

// tally counts what the random programs came to, so that a test can tell that
// they came to everything.
type tally map[string]int

// hold holds the engine against plain exploration, in everything.
func hold(t *testing.T, c *model.Case, seen tally, options ...Options) {
	t.Helper()
	o := newOracle(c, 2000)
	if o == nil {
		seen["too large"]++
		return
	}
	want := o.always()
	for _, r := range c.Rules {
		v := o.verdict(r)
		want.Rules = append(want.Rules, v)
		seen[fmt.Sprint("rule ", r.Kind, " ", v.Answer)]++
		if v.Empty {
			seen[fmt.Sprint("rule ", r.Kind, " empty")]++
		}
		if v.Answer == Broken && len(v.Story.Choices) > 3 {
			seen["long story"]++
		}
	}
	want.States = big.NewInt(int64(o.count()))
	seen["stuck"] += len(want.Stuck)
	seen["no way out"] += len(want.NoWayOut)
	var reasons []*Reasons
	for outcome := range c.Program.Outcomes {
		if len(o.states) > 150 {
			break // pairs of states are compared
		}
		reasons = append(reasons, o.why(outcome))
		seen["reasons"] += len(reasons[outcome].Facts)
		seen["decisions"] += len(reasons[outcome].Decisions)
	}
	for _, with := range options {
		with.Init, with.FreeMilestones, with.Count, with.Counted = c.Init, c.FreeMilestones, true, c.Counted
		got := Check(context.Background(), c.Program, c.Rules, with)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); d != "" {
			t.Fatalf("Check(%+v) differs from plain exploration (-want +got):\n%s\nprogram %s", with, d, describe(c))
		}
		for outcome, want := range reasons {
			if d := cmp.Diff(want, Why(context.Background(), c.Program, outcome, with), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("Why(%d, %+v) differs from plain exploration (-want +got):\n%s\nprogram %s", outcome, with, d, describe(c))
			}
		}
	}
}

// every is every way in which the engines can be made to work.
var every = []Options{
	{}, {Engine: Explicit, apart: true}, {Engine: Symbolic}, {Engine: Symbolic, eager: true, apart: true},
}

func describe(c *model.Case) string {
	return fmt.Sprintf("%+v\nrules %+v\ninit %+v", c.Program, c.Rules, c.Init)
}

func randomBytes(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	data := make([]byte, 100+r.IntN(500))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

func TestRandomPrograms(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 500
	}
	seen := tally{}
	for seed := range n {
		hold(t, model.FromBytes(randomBytes(uint64(seed))), seen, every...)
	}
	want := []string{"stuck", "no way out", "long story", "rule 0 empty", "rule 1 empty", "rule 2 empty", "reasons", "decisions"}
	for kind := range 8 {
		want = append(want, fmt.Sprint("rule ", kind, " proved"), fmt.Sprint("rule ", kind, " broken"))
	}
	for _, w := range want {
		if seen[w] < 10 {
			t.Errorf("of %d programs only %d came to %q; the generator no longer reaches it", n, seen[w], w)
		}
	}
	t.Log(seen)
}

// FuzzCheck makes programs of a fuzzer's bytes.
func FuzzCheck(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(randomBytes(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hold(t, model.FromBytes(data), tally{}, every...)
	})
}

// TestRandomLimits: however tight the limits, an answer is the right one or that
// it is too hard.
func TestRandomLimits(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 60
	}
	tooHard, known := 0, 0
	for seed := range n {
		c := model.FromBytes(randomBytes(uint64(seed)))
		with := Options{Init: c.Init, FreeMilestones: c.FreeMilestones, Count: true, Counted: c.Counted}
		want := Check(context.Background(), c.Program, c.Rules, with)
		for bound := 1; bound < 3000; bound = bound*3/2 + 1 {
			with.Limits = Limits{States: bound, Nodes: bound}
			with.Engine = Engine(bound % 3)
			got := Check(context.Background(), c.Program, c.Rules, with)
			for i := range got.Rules {
				if got.Rules[i].Answer == TooHard {
					tooHard++
					continue
				}
				known++
				if !got.Rules[i].Empty && want.Rules[i].Empty { // not known within the limits
					got.Rules[i].Empty = true
				}
				if d := cmp.Diff(want.Rules[i], got.Rules[i], cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("rule %d with %+v differs (-without limits +with):\n%s\nprogram %s", i, with, d, describe(c))
				}
			}
			if got.Hard == nil {
				got.Rules, got.CountHard, got.States = want.Rules, want.CountHard, want.States
				if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); d != "" {
					t.Fatalf("Check(%+v) differs (-without limits +with):\n%s\nprogram %s", with, d, describe(c))
				}
			}
		}
	}
	if tooHard < 100 || known < 100 {
		t.Errorf("%d verdicts too hard and %d known, want many of both", tooHard, known)
	}
}

// TestModels holds the engines against each other on programs that are too large
// for plain exploration.
func TestModels(t *testing.T) {
	models := map[string]*model.Case{
		"questionnaire": model.Questionnaire(7),
		"plain":         model.Plain(120, 9),
		"sections":      model.Sections(2, 20),
		"hidden bit":    model.HiddenBit(9),
	}
	for name, c := range models {
		c.Rules = append(c.Rules, automaton.Rule{Kind: automaton.NeutralAbout, Fact: len(c.Program.Facts) - 2})
		var want *Result
		for _, with := range every {
			with.Count = true
			got := Check(context.Background(), c.Program, c.Rules, with)
			if want == nil {
				want = got
				if want.Hard != nil || want.States == nil {
					t.Errorf("%s: Check = %+v, want an answer", name, want)
				}
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); d != "" {
				t.Errorf("%s: Check(%+v) differs from Check(%+v) (-want +got):\n%s", name, with, every[0], d)
			}
			for i := range got.Rules {
				replay(t, c, i, &got.Rules[i])
			}
		}
	}
}

// replay walks a rule's story through the Program: every choice must be open.
func replay(t *testing.T, c *model.Case, rule int, v *Verdict) {
	for _, s := range []*Story{v.Story, v.Other} {
		if s == nil {
			continue
		}
		states := s.States(c.Program)
		for i, choice := range s.Choices {
			if !slices.Contains(c.Program.Open(states[i]), choice) {
				t.Errorf("rule %d: choice %d of the story %v is %d, which is not open", rule, i, s, choice)
			}
		}
	}
}

// TestWhyTogether: two facts that only ever differ together matter together,
// and a fact that nothing reads any more matters nowhere.
func TestWhyTogether(t *testing.T) {
	fact := func(name string) automaton.Fact {
		return automaton.Fact{Kind: automaton.Walk, Name: name, Values: []string{"no", "yes"}}
	}
	set := func(values ...int) (list []automaton.Assign) {
		for f, v := range values {
			list = append(list, automaton.Assign{Fact: f, Value: v})
		}
		return list
	}
	p := &automaton.Program{
		Facts:    []automaton.Fact{fact("read"), fact("too"), fact("unread")},
		Outcomes: []string{"given", "refused"},
		Steps: []automaton.Step{
			{Choices: []automaton.Choice{{To: 1, End: -1, Set: set(1, 1, 1)}, {To: 1, End: -1, Set: set(0, 0, 0)}}},
			{First: true, Choices: []automaton.Choice{
				{End: 0, Guard: automaton.Guard{{{Fact: 0, In: 2}, {Fact: 1, In: 2}}}}, {End: 1}}},
		},
	}
	want := &Reasons{
		Facts:     []Reason{{Step: 1, Facts: []int{0, 1}}},
		Decisions: []Decision{{0, 0}, {0, 1}},
	}
	for _, with := range every {
		if d := cmp.Diff(want, Why(context.Background(), p, 0, with)); d != "" {
			t.Errorf("Why(%+v) differs (-want +got):\n%s", with, d)
		}
	}
}

// TestLimits: what is too hard is told, with the limit; nothing else changes.
func TestLimits(t *testing.T) {
	c := model.HiddenBit(40)
	tight := Limits{States: 1000, Nodes: 20_000}
	tests := []struct {
		name string
		with Options
		want LimitKind
	}{
		{"states", Options{Engine: Explicit, Limits: tight}, StateLimit},
		{"nodes", Options{Engine: Symbolic, Limits: tight}, NodeLimit},
		{"either", Options{Limits: tight}, NodeLimit},
	}
	for _, test := range tests {
		r := Check(context.Background(), c.Program, c.Rules, test.with)
		v := r.Rules[1]
		if v.Answer != TooHard || v.Hard == nil || v.Hard.What != test.want || v.Story != nil {
			t.Errorf("%s: verdict = %+v, want too hard by limit %d", test.name, v, test.want)
			continue
		}
		if len(v.Hard.Facts) == 0 || v.Hard.Step < 0 {
			t.Errorf("%s: limit = %+v, want facts and a step", test.name, v.Hard)
		}
	}
}

// TestLimitsOfTwoWalks: a limit met by two walks side by side speaks of facts.
func TestLimitsOfTwoWalks(t *testing.T) {
	c := model.Sections(3, 30)
	for i, r := range c.Rules {
		for _, engine := range []Engine{Explicit, Symbolic} {
			v := Check(context.Background(), c.Program, []automaton.Rule{r}, Options{Engine: engine, Limits: Limits{States: 200, Nodes: 1500}}).Rules[0]
			if v.Hard == nil {
				continue
			}
			for _, f := range v.Hard.Facts {
				if f >= len(c.Program.Facts) {
					t.Errorf("rule %d: limit names fact %d of %d", i, f, len(c.Program.Facts))
				}
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := model.HiddenBit(60)
	r := Check(ctx, c.Program, c.Rules, Options{Count: true})
	if v := r.Rules[1]; v.Answer != TooHard || v.Hard.What != TimeLimit {
		t.Errorf("verdict of a cancelled check = %+v, want too hard by time", v)
	}
	if r.Hard == nil || r.Hard.What != TimeLimit || r.CountHard == nil {
		t.Errorf("Hard, CountHard = %v, %v, want the time limit", r.Hard, r.CountHard)
	}
	if Why(ctx, c.Program, 0, Options{}).Hard == nil {
		t.Errorf("Why of a cancelled check has no limit, want one")
	}
}

// TestDegenerate: programs at the edge of what is well-formed.
func TestDegenerate(t *testing.T) {
	tests := []struct {
		name string
		p    *automaton.Program
	}{
		{"no steps", &automaton.Program{}},
		{"no facts and no choices", &automaton.Program{Steps: make([]automaton.Step, 2)}},
		{"a circle", &automaton.Program{Steps: []automaton.Step{{Choices: []automaton.Choice{{End: -1}}}}}},
	}
	rules := []automaton.Rule{{Kind: automaton.EveryPathEnds}, {Kind: automaton.Never, E: ended}, {Kind: automaton.LeadsTo, E: running, F: ended}}
	for _, test := range tests {
		for _, with := range every {
			with.Count = true
			r := Check(context.Background(), test.p, rules, with)
			broken := r.Rules[0].Answer == Broken
			if want := len(test.p.Steps) > 0; broken != want {
				t.Errorf("%s: `every path ends` broken = %v, want %v", test.name, broken, want)
			}
		}
	}
}
