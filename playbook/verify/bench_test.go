package verify

import (
	"context"
	"fmt"
	"testing"

	"roundtable/playbook/automaton"
	"roundtable/playbook/verify/model"
)

func check(b testing.TB, c *model.Case, o Options) *Result {
	o.Init, o.FreeMilestones, o.Counted = c.Init, c.FreeMilestones, c.Counted
	r := Check(context.Background(), c.Program, c.Rules, o)
	for i, v := range r.Rules {
		if v.Answer == TooHard {
			b.Fatalf("rule %d is too hard: %v", i, v.Hard)
		}
	}
	if r.Hard != nil {
		b.Fatalf("Check is too hard: %v", r.Hard)
	}
	return r
}

// BenchmarkQuestionnaire should grow about linearly in the number of facts.
func BenchmarkQuestionnaire(b *testing.B) {
	for _, k := range []int{25, 50, 100, 200, 400} {
		c := model.Questionnaire(k)
		b.Run(fmt.Sprintf("facts=%d", k), func(b *testing.B) {
			for b.Loop() {
				check(b, c, Options{})
			}
		})
		b.Run(fmt.Sprintf("facts=%d/count", k), func(b *testing.B) {
			for b.Loop() {
				check(b, c, Options{Count: true})
			}
		})
	}
}

// BenchmarkSections is 2,000 steps in 40 sections, 168 facts, 20 rules that hold.
func BenchmarkSections(b *testing.B) {
	c := model.Sections(40, 50)
	for b.Loop() {
		for i, v := range check(b, c, Options{}).Rules {
			if v.Answer != Proved {
				b.Fatalf("rule %d is %v, want proved", i, v.Answer)
			}
		}
	}
}

// BenchmarkLongStory is one broken rule of it, with a story of more than a
// thousand turns.
func BenchmarkLongStory(b *testing.B) {
	c := model.Sections(40, 50)
	c.Rules = []automaton.Rule{{Kind: automaton.NeutralAbout, Fact: len(c.Program.Facts) - 1}}
	for b.Loop() {
		if v := check(b, c, Options{}).Rules[0]; v.Answer != Broken || len(v.Story.Choices) < 1000 {
			b.Fatalf("verdict = %v, want broken, with a long story", v.Answer)
		}
	}
}

// BenchmarkPlain is 10,000 steps and 400 facts.
func BenchmarkPlain(b *testing.B) {
	c := model.Plain(10_000, 400)
	for b.Loop() {
		check(b, c, Options{})
	}
}

// BenchmarkHiddenBit is what the checker can still do of what is hard for it.
func BenchmarkHiddenBit(b *testing.B) {
	for _, n := range []int{16, 24, 32, 36} {
		c := model.HiddenBit(n)
		b.Run(fmt.Sprintf("facts=%d", n), func(b *testing.B) {
			for b.Loop() {
				check(b, c, Options{})
			}
		})
	}
}

// BenchmarkTooHard is how long it takes to say so.
func BenchmarkTooHard(b *testing.B) {
	c := model.HiddenBit(100)
	for b.Loop() {
		r := Check(context.Background(), c.Program, c.Rules, Options{})
		if r.Rules[1].Answer != TooHard {
			b.Fatalf("verdict = %v, want too hard", r.Rules[1].Answer)
		}
	}
}
