package verify

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roundtable/playbook/verify/model"
)

// tally counts what the random programs came to, so that a test can tell that
// they came to everything.
type tally map[string]int

// hold holds the engine against plain exploration, in everything.
func hold(t *testing.T, c *model.Case, seen tally, options ...Options) {
	t.Helper()
	o := newOracle(c, 6000)
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
	for _, with := range options {
		with.Init, with.FreeMilestones, with.Count, with.Counted = c.Init, c.FreeMilestones, true, c.Counted
		got := Check(context.Background(), c.Program, c.Rules, with)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); d != "" {
			t.Fatalf("Check(%+v) differs from plain exploration (-want +got):\n%s\nprogram %s", with, d, describe(c))
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
	n := 3000
	if testing.Short() {
		n = 600
	}
	seen := tally{}
	for seed := range n {
		hold(t, model.FromBytes(randomBytes(uint64(seed))), seen, every...)
	}
	want := []string{"stuck", "no way out", "long story", "rule 0 empty", "rule 1 empty", "rule 2 empty"}
	for kind := range 8 {
		want = append(want, fmt.Sprint("rule ", kind, " proved"), fmt.Sprint("rule ", kind, " broken"))
	}
	for _, w := range want {
		if seen[w] < 20 {
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
