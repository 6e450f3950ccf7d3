// Package playbook reads, checks and compiles playbooks: Markdown files that
// are proved, walked and practised. The language is defined in
// docs/playbook.md; the packages below this one each do one step of the way
// from a file's bytes to a verdict, and this one walks it.
//
// It has no clock, no database and no network; what stands beside the
// playbooks (policies, laws, handouts) comes in as names.
package playbook

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
	"roundtable/playbook/verify"
	"roundtable/playbook/wording"
)

// Report is what checking one file told.
type Report struct {
	File     string
	ID       string // "" when the file has none
	Problems []diag.Problem
	Proved   []string // the rules that hold, as the file has them
	Stats    Stats
}

// OK reports whether no problem is an error.
func (r *Report) OK() bool { return !diag.HasErrors(r.Problems) }

// Broken counts the broken rules.
func (r *Report) Broken() int {
	n := 0
	for _, p := range r.Problems {
		if p.Code == diag.RuleBroken {
			n++
		}
	}
	return n
}

// Stats counts what is in the file itself.
type Stats struct {
	Steps, Choices, Facts, Given int
	States                       *big.Int // the exact number of reachable states, when it was asked for
	Time                         time.Duration
}

// Options for Check.
type Options struct {
	Count bool             // count the reachable states exactly
	Today time.Time        // for past-review; zero: not told
	Now   func() time.Time // for Stats.Time; nil: not measured
}

// Check checks every file of the set that was asked for.
func Check(ctx context.Context, set *Set, o Options) []*Report {
	reports := make([]*Report, len(set.Asked))
	for i, f := range set.Asked {
		reports[i] = CheckFile(ctx, set, f, o)
	}
	return reports
}

// CheckFile checks one file of the set.
func CheckFile(ctx context.Context, set *Set, f *syntax.File, o Options) *Report {
	now := o.Now
	if now == nil {
		now = func() time.Time { return time.Time{} }
	}
	start := now()
	r := &Report{File: f.Name, ID: f.Front.ID.Text, Proved: []string{}, Stats: count(f)}
	compiled, problems := set.Compile(f)
	r.Problems = problems
	c := checker{report: r, compiled: compiled, unproved: slices.ContainsFunc(problems, func(p diag.Problem) bool {
		return p.Code.KeepsRulesUnproved() || p.Code == diag.TooHard
	})}
	switch {
	case compiled == nil:
	case f.IsTranslation():
		c.countOnly(ctx, o)
	default:
		c.check(ctx, o)
	}
	r.Problems = append(r.Problems, wording.Check(f, set.Library.Original(f), o.Today)...)
	diag.Sort(r.Problems)
	r.Stats.Time = now().Sub(start)
	return r
}

func count(f *syntax.File) Stats {
	s := Stats{Steps: len(f.Steps), Facts: len(f.Front.Facts), Given: len(f.Front.Given)}
	for _, step := range f.Steps {
		if step.Next != nil {
			s.Choices += len(step.Next.Choices)
		}
	}
	return s
}

// checker turns the verdicts on a Program into problems at their places.
type checker struct {
	report   *Report
	compiled *resolve.Compiled
	unproved bool // the automaton is in doubt: no rule is proved on it
}

// countOnly counts the states of a translation, which are its original's. What
// is proved of the original is told there.
func (c *checker) countOnly(ctx context.Context, o Options) {
	if !o.Count || c.unproved {
		return
	}
	r := verify.Check(ctx, c.compiled.Program, nil, c.options(o))
	c.report.Stats.States = r.States
}

func (c *checker) options(o Options) verify.Options {
	return verify.Options{
		Init: c.compiled.Init, FreeMilestones: c.compiled.FreeMilestones,
		Count: o.Count && !c.unproved, Counted: c.compiled.Named,
	}
}

func (c *checker) check(ctx context.Context, o Options) {
	var rules []automaton.Rule
	if !c.unproved {
		for _, r := range c.compiled.Rules {
			rules = append(rules, r.Rule)
		}
		for _, k := range c.compiled.Keeps {
			rules = append(rules, k.Rules...)
		}
	}
	result := verify.Check(ctx, c.compiled.Program, rules, c.options(o))
	c.report.Stats.States = result.States
	c.limits(result)
	c.reach(result)
	c.deadEnds(result)
	if c.unproved {
		return
	}
	for i, r := range c.compiled.Rules {
		c.verdict(r, &result.Rules[i])
	}
	c.promises(result.Rules[len(c.compiled.Rules):])
}

// limits tells what could not be found out about the whole playbook.
func (c *checker) limits(r *verify.Result) {
	if r.Hard != nil {
		c.add(diag.Problem{Pos: c.compiled.File.Front.Pos, Code: diag.TooHard,
			Message: "whether every step is reached and every walk can end is not known: " + c.hard(r.Hard)})
	}
	if r.CountHard != nil && r.Hard == nil {
		c.add(diag.Problem{Pos: c.compiled.File.Front.Pos, Code: diag.TooHard, Message: "the states could not be counted: " + c.hard(r.CountHard)})
	}
}

// unknown says why a rule has no verdict.
func (c *checker) unknown(l *verify.Limit) string {
	if l.Broken {
		return c.hard(l)
	}
	return "neither proved nor broken: " + c.hard(l)
}

// hard says which limit was met, and what to simplify.
func (c *checker) hard(l *verify.Limit) string {
	text := "the proof met a limit, " + l.String()
	if l.Broken {
		text = "some walk breaks this, but the shortest was not found: the search met a limit, " + l.String()
	}
	if len(l.Facts) > 0 {
		names := make([]string, len(l.Facts))
		for i, f := range l.Facts {
			names[i] = c.compiled.Program.Facts[f].Name
		}
		where := ""
		if l.Step >= 0 && l.Step < len(c.compiled.Places) {
			where = fmt.Sprintf(" at the step %q", c.compiled.Places[l.Step].ID)
		}
		text += fmt.Sprintf("; too many facts are remembered together%s (%s): ask fewer of them at once, or forget one where it is no longer needed",
			where, strings.Join(names, ", "))
	}
	return text
}

func (c *checker) add(p diag.Problem) {
	p.File, p.Level = c.report.File, p.Code.Level()
	c.report.Problems = append(c.report.Problems, p)
}

// reach tells the file's own steps that no walk reaches and the choices that
// no walk takes. Copies of parts are told of where the part is checked alone.
// Where a choice could not be read nobody knows where it would have led.
func (c *checker) reach(r *verify.Result) {
	if r.Hard != nil || c.compiled.Doubt.Hidden {
		return
	}
	seen := map[string]bool{}
	for i, place := range c.compiled.Places {
		if place.Part != "" || seen[place.ID] {
			continue
		}
		seen[place.ID] = true
		if !r.Reached[i] {
			c.add(diag.Problem{Pos: place.Step.Pos, Code: diag.UnreachableStep,
				Message: fmt.Sprintf("no walk reaches the step %q; link to it or take it out", place.ID)})
			continue
		}
		for k, live := range r.Live[i] {
			if !live {
				c.add(diag.Problem{Pos: place.Choice(k).Pos, Code: diag.DeadChoice,
					Message: fmt.Sprintf("no walk can take the choice %q: %s", syntax.PlainText(place.Choice(k).Label), whyDead(place, k))})
			}
		}
	}
	c.aim(r)
}

// aim tells a rehearsal in which no walk comes to the end that is its aim.
func (c *checker) aim(r *verify.Result) {
	f := c.compiled.File
	aims := resolve.Aims(f)
	if f.Front.Kind != syntax.Rehearsal || len(aims) == 0 {
		return
	}
	for i, outcome := range c.compiled.Program.Outcomes {
		if r.Outcomes[i] && slices.Contains(aims, outcome) {
			return
		}
	}
	c.add(diag.Problem{Pos: f.Front.KindPos, Code: diag.UnreachableStep,
		Message: fmt.Sprintf("no walk comes to the aim of this rehearsal, the end %q", aims[0])})
}

func whyDead(place resolve.Place, k int) string {
	if place.Step.Next.Ordered && k > 0 {
		return "one above it is always open first, or its condition never holds"
	}
	return "its condition never holds here"
}

// deadEnds tells the states from which things go wrong, but for those that are
// only there because of a mistake that has been told already.
func (c *checker) deadEnds(r *verify.Result) {
	d := deadEnds{c: c, at: map[deadEnd]int{}}
	for i := range r.Stuck {
		if last := c.lastStep(&r.Stuck[i]); !c.compiled.Doubt.Steps[last] {
			d.add(diag.Stuck, &r.Stuck[i], "here no choice is open, and the walk has not ended; it can never go on")
		}
	}
	if !c.compiled.Doubt.Hidden && !c.compiled.Doubt.Led {
		for i := range r.NoWayOut {
			d.add(diag.NoWayOut, &r.NoWayOut[i], "from here on no walk ever ends, whatever is chosen")
		}
	}
	for _, p := range d.list {
		c.add(p)
	}
}

func (c *checker) lastStep(s *verify.Story) int { return last(c.compiled.Program, s).Where }

// deadEnds collects them, each once: a link may lead into a part's step in
// several ways, and then the shortest story is told.
type deadEnds struct {
	c    *checker
	list []diag.Problem
	at   map[deadEnd]int
}

type deadEnd struct {
	pos     diag.Position
	code    diag.Code
	message string
}

// add tells a state from which things go wrong; in a part, at the link of the
// file itself that led into it.
func (d *deadEnds) add(code diag.Code, s *verify.Story, what string) {
	if d.c.guessed(s) {
		return
	}
	place := d.c.compiled.Places[d.c.lastStep(s)]
	pos := place.Step.Pos
	if place.Part != "" {
		pos, what = place.Link, fmt.Sprintf("in the part's step %q %s", place.ID, what)
	}
	t := tell(d.c.compiled, s)
	key := deadEnd{pos, code, what}
	i, have := d.at[key]
	if !have {
		d.at[key] = len(d.list)
		d.list = append(d.list, diag.Problem{Pos: pos, Code: code, Message: what, Trace: t})
		return
	}
	if len(t.Walk) < len(d.list[i].Trace.Walk) {
		d.list[i].Trace = t
	}
}

// guessed reports whether a story takes a choice that is not as it is written.
func (c *checker) guessed(s *verify.Story) bool {
	states := s.States(c.compiled.Program)
	for i, k := range s.Choices {
		if c.compiled.Doubt.Guessed(states[i].Where, k) {
			return true
		}
	}
	return c.compiled.Doubt.Start
}

func (c *checker) verdict(r resolve.Rule, v *verify.Verdict) {
	switch v.Answer {
	case verify.Proved:
		c.report.Proved = append(c.report.Proved, r.Text)
		if v.Empty {
			c.add(diag.Problem{Pos: r.Pos, Code: diag.EmptyRule, Rule: r.Text,
				Message: "this holds only because the case never arises: " + emptyReason(r.Kind) + "; was something else meant?"})
		}
	case verify.Broken:
		c.add(diag.Problem{Pos: r.Pos, Code: diag.RuleBroken, Rule: r.Text,
			Message: brokenMessage(r) + parting(c.compiled, v.Story, v.Other),
			Trace:   tell(c.compiled, v.Story), Other: tell(c.compiled, v.Other)})
	default:
		c.add(diag.Problem{Pos: r.Pos, Code: diag.TooHard, Rule: r.Text, Message: c.unknown(v.Hard)})
	}
}

func emptyReason(kind automaton.RuleKind) string {
	switch kind {
	case automaton.Before:
		return "no walk reaches what stands after `before`"
	case automaton.LeadsTo:
		return "no walk reaches what stands before `leads to`"
	}
	return "no walk reaches what stands before `unless`, whatever the exception"
}

// brokenMessage says what the story under it shows.
func brokenMessage(r resolve.Rule) string {
	what := map[automaton.RuleKind]string{
		automaton.Never:         "a walk comes to what must never be",
		automaton.Before:        "a walk comes to the second without the first",
		automaton.LeadsTo:       "a walk has the first and ends without the second",
		automaton.EveryEnd:      "a walk ends without it",
		automaton.EveryPathEnds: "a walk comes to where no way ends",
		automaton.StaysPossible: "a walk comes to where it is no longer possible",
		automaton.NeutralAbout:  "two walks that differ in nothing else are led differently",
	}[r.Kind]
	return fmt.Sprintf("%s: %q", what, r.Text)
}

// promises tells links that do not keep what a part needs, each once, with the
// shortest of its stories.
func (c *checker) promises(verdicts []verify.Verdict) {
	type site struct {
		pos  diag.Position
		part string
	}
	worst := map[site]*diag.Problem{}
	var order []site
	for _, k := range c.compiled.Keeps {
		for range k.Rules {
			v := &verdicts[0]
			verdicts = verdicts[1:]
			if v.Answer == verify.Proved {
				continue
			}
			p := diag.Problem{Pos: k.Pos, Code: diag.TooHard, Rule: k.Text}
			if v.Answer == verify.TooHard {
				p.Message = c.unknown(v.Hard)
			} else {
				p = diag.Problem{Pos: k.Pos, Code: diag.RuleBroken, Rule: k.Text, Trace: tell(c.compiled, v.Story),
					Message: fmt.Sprintf("the part %q needs %q, and a walk goes into it without", k.Part, strings.TrimSpace(k.Text))}
			}
			at := site{k.Pos, k.Part}
			have := worst[at]
			if have == nil {
				order = append(order, at)
			}
			if have == nil || have.Trace == nil && p.Trace != nil ||
				have.Trace != nil && p.Trace != nil && len(p.Trace.Walk) < len(have.Trace.Walk) {
				worst[at] = &p
			}
		}
	}
	for _, at := range order {
		c.add(*worst[at])
	}
}
