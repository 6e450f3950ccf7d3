package verify

import (
	"context"
	"math/big"

	"roundtable/playbook/automaton"
)

// checker is one call of Check.
type checker struct {
	ctx context.Context
	p   *automaton.Program
	o   Options
	m   *machine
	// reads is what the rules read, of those that are about m; d its diagrams, made
	// when the symbolic engine is first needed.
	reads []byPlace
	d     *diagrams
	// worlds are those explored so far whose machine is m, each of all that
	// walks reach. A rule that one of them covers needs no exploration.
	worlds []world
}

// A world is a slice, explored by one of the engines, that can be asked.
type world interface {
	// covers reports whether the world keeps apart what the expressions read.
	covers(reads ...byPlace) bool
	// find returns the shortest walk that a search asks for, or nil.
	find(q *plan) (*path, error)
	// trapped returns the shortest walk that a trap question asks for, or nil.
	trapped(q *plan) (*path, error)
	// some reports whether a reachable state has it.
	some(it byPlace) (bool, error)
	// survey finds what is always looked for.
	survey() (*survey, error)
	// count counts the states that differ in place or in a variable of the set.
	count(set []uint64) (*big.Int, error)
}

// survey is what is always looked for, whatever the rules.
type survey struct {
	reached  []bool   // by place
	live     [][]bool // by step and choice
	stuck    []*path
	noWayOut []*path
}

func newSurvey(m *machine) *survey {
	s := &survey{reached: make([]bool, len(m.places)), live: make([][]bool, m.steps)}
	for p := range s.live {
		s.live[p] = make([]bool, len(m.places[p].edges))
	}
	return s
}

// smallWorld bounds the first exploration, which keeps apart everything that
// any rule reads. Most playbooks are within it, and their rules then cost
// little more than one look at each state.
const smallWorld = 1 << 13

func (c *checker) check(rules []automaton.Rule) *Result {
	plans := make([]*plan, len(rules))
	for i, r := range rules {
		plans[i] = c.plan(r)
		if plans[i].m == c.m {
			c.reads = append(c.reads, plans[i].reads()...)
			c.reads = append(c.reads, plans[i].spoken)
		}
	}
	if c.o.Engine == Auto {
		if g, err := explore(c.ctx, c.m.cut(nil, c.reads...), nil, nil, min(smallWorld, c.o.Limits.States)); err == nil {
			c.worlds = append(c.worlds, g)
		}
	}
	r := c.always()
	r.Rules = make([]Verdict, len(rules))
	for i, q := range plans {
		r.Rules[i] = c.verdict(q)
	}
	if c.o.Count {
		r.States, r.CountHard = c.count()
	}
	return r
}

// always checks what is checked with or without rules.
func (c *checker) always() *Result {
	r := &Result{
		Reached:  make([]bool, len(c.p.Steps)),
		Outcomes: make([]bool, len(c.p.Outcomes)),
		Live:     make([][]bool, len(c.p.Steps)),
	}
	var s *survey
	r.Hard = asLimit(c.inSomeWorld(nil, func() *slice { return c.m.cut(nil) }, nil, func(w world) (err error) {
		s, err = w.survey()
		return err
	}))
	if r.Hard != nil {
		c.unknown(r)
		return r
	}
	copy(r.Reached, s.reached)
	copy(r.Outcomes, s.reached[len(c.p.Steps):])
	copy(r.Live, s.live)
	for _, t := range s.stuck {
		r.Stuck = append(r.Stuck, Story{t.start, t.choice})
	}
	for _, t := range s.noWayOut {
		r.NoWayOut = append(r.NoWayOut, Story{t.start, t.choice})
	}
	return r
}

// unknown fills in what accuses nobody.
func (c *checker) unknown(r *Result) {
	for s := range c.p.Steps {
		r.Reached[s] = true
		r.Live[s] = make([]bool, len(c.p.Steps[s].Choices))
		for i := range r.Live[s] {
			r.Live[s][i] = true
		}
	}
	for o := range r.Outcomes {
		r.Outcomes[o] = true
	}
}

// verdict proves a rule.
func (c *checker) verdict(q *plan) Verdict {
	var found *path
	err := c.inSomeWorld(q.reads(), q.cut, q, func(w world) (err error) {
		if q.isTrap() {
			found, err = w.trapped(q)
		} else {
			found, err = w.find(q)
		}
		return err
	})
	if limit := asLimit(err); limit != nil {
		return Verdict{Answer: TooHard, Hard: limit}
	}
	if found == nil {
		return c.emptiness(q)
	}
	return c.broken(q, found)
}

func (c *checker) broken(q *plan, found *path) Verdict {
	v := Verdict{Answer: Broken, Story: &Story{found.start[:len(c.m.size)], found.choice}}
	if q.choice >= 0 {
		v.Story.Choices = append(v.Story.Choices, q.choice)
	}
	if q.m != c.m {
		v.Other = &Story{secondStart(q.m, len(c.m.size), found.start), found.other}
	}
	return v
}

// emptiness tells a proved rule that speaks of something from one that does not.
func (c *checker) emptiness(q *plan) Verdict {
	if q.spoken == nil {
		return Verdict{Answer: Proved}
	}
	look := &plan{m: c.m, goal: q.spoken, choice: -1}
	var some bool
	err := c.inSomeWorld(look.reads(), look.cut, look, func(w world) (err error) {
		some, err = w.some(q.spoken)
		return err
	})
	// A limit here leaves the proof as it is; whether it says something is then
	// not known, and nobody is warned.
	return Verdict{Answer: Proved, Empty: err == nil && !some}
}

// inSomeWorld asks in a world that was explored before, if one covers the
// reads, else in a new one of the slice. What is explored for a plan may end
// where the plan does; it is kept for others only when plan is nil.
func (c *checker) inSomeWorld(reads []byPlace, cut func() *slice, q *plan, ask func(world) error) error {
	if q == nil || q.m == c.m {
		for _, w := range c.worlds {
			if w.covers(reads...) {
				return ask(w)
			}
		}
	}
	s := cut()
	return c.explored(s, q, func(w world) error {
		err := ask(w)
		if q == nil && err == nil {
			c.worlds = append(c.worlds, w)
		}
		return err
	})
}

// explored explores a slice by whichever engine can, and asks there. Which one
// can is not known before it has been tried. So each is given a little, then the
// other, then each more: in the end that costs little more than the one that
// can would have alone.
func (c *checker) explored(s *slice, q *plan, ask func(world) error) error {
	var err error
	for _, e := range c.efforts() {
		if err = e(c, s, q, ask); err == nil || asLimit(err).What == TimeLimit {
			return err
		}
	}
	return err
}

type effort func(c *checker, s *slice, q *plan, ask func(world) error) error

const (
	fewStates, moreStates = 1 << 14, 1 << 19
	someWork, moreWork    = 1 << 22, 1 << 26
	mostWork              = 1 << 31
)

func (c *checker) efforts() []effort {
	states := func(n int) effort {
		return func(c *checker, s *slice, q *plan, ask func(world) error) error {
			return c.explicitly(s, q, min(n, c.o.Limits.States), ask)
		}
	}
	work := func(n int) effort {
		return func(c *checker, s *slice, q *plan, ask func(world) error) error {
			return c.symbolically(s, q, n, ask)
		}
	}
	switch c.o.Engine {
	case Explicit:
		return []effort{states(c.o.Limits.States)}
	case Symbolic:
		return []effort{work(mostWork)}
	}
	return []effort{states(fewStates), work(someWork), states(moreStates), work(moreWork), states(c.o.Limits.States), work(mostWork)}
}

func (c *checker) explicitly(s *slice, q *plan, limit int, ask func(world) error) error {
	var goal, stop byPlace
	if q != nil && !q.isTrap() && q.trigger == nil {
		goal, stop = q.goal, q.stop
	}
	g, err := explore(c.ctx, s, goal, stop, limit)
	if err != nil {
		return err
	}
	return ask(g)
}

func (c *checker) symbolically(s *slice, q *plan, work int, ask func(world) error) error {
	d := c.diagramsOf(s.m, q, work)
	if d.failed {
		return d.failure(nowhere)
	}
	d.b.MaxWork = d.b.Work() + work
	var stop byPlace
	if q != nil && !q.isTrap() && q.trigger == nil {
		stop = q.stop
	}
	r, err := d.spread(s, stop)
	if err == nil {
		err = ask(r)
	}
	if r != nil && (err != nil || q != nil) {
		r.release() // nobody else will ask
	}
	if err != nil {
		d.b.Resume()
		d.collect()
	}
	return err
}

// diagramsOf finds or makes the diagrams of a machine: of two walks side by
// side they serve one rule only.
func (c *checker) diagramsOf(m *machine, q *plan, work int) *diagrams {
	if m == c.m && c.d != nil && !c.d.failed {
		return c.d
	}
	reads := c.reads
	if m != c.m {
		reads = q.reads()
	}
	d := newDiagrams(c.ctx, m, m.order(reads), c.o.Limits.Nodes, work)
	d.eager = c.o.eager
	if m == c.m {
		c.d = d
	}
	return d
}

func nowhere() (place int, facts []int) { return -1, nil }

// asLimit is err, which is nil or a *Limit, as one.
func asLimit(err error) *Limit {
	if err == nil {
		return nil
	}
	return err.(*Limit)
}
