package verify

import (
	"context"
	"math/big"
	"slices"

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
	// worlds are those of m that are kept, each of all that walks reach. What one
	// of them covers needs no exploration of its own.
	worlds []world
}

// A world is a slice, explored by one of the engines, that can be asked.
type world interface {
	// covers reports whether the world keeps apart what the expressions read.
	covers(reads ...byPlace) bool
	// settles reports whether asking here is likely cheaper than in a world of
	// the plan's own.
	settles(q *plan) bool
	// find returns the shortest walk that a search asks for, or nil.
	find(q *plan) (*path, error)
	// trapped returns the shortest walk that a trap question asks for, or nil.
	trapped(q *plan) (*path, error)
	// some reports whether a reachable state has it.
	some(it byPlace) (bool, error)
	// allow bounds the work of what is asked from here on.
	allow(work int)
	// forget says that the world will not be asked again.
	forget()
	// survey finds what is always looked for.
	survey() (*survey, error)
	// count counts the states that differ in place or in a variable of the set.
	count(set []uint64) (*big.Int, error)
	// why finds on what it depends whether mine or others are reached.
	why(mine, others byPlace) (*Reasons, error)
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

func newChecker(ctx context.Context, p *automaton.Program, o Options) *checker {
	if o.Limits.States <= 0 {
		o.Limits.States = usualStates
	}
	if o.Limits.Nodes <= 0 {
		o.Limits.Nodes = usualNodes
	}
	return &checker{ctx: ctx, p: p, o: o, m: compile(p, o)}
}

func (c *checker) check(rules []automaton.Rule) *Result {
	defer c.finish()
	plans := make([]*plan, len(rules))
	for i, r := range rules {
		plans[i] = c.plan(r)
		if plans[i].m == c.m {
			c.reads = append(c.reads, plans[i].reads()...)
			c.reads = append(c.reads, plans[i].spoken)
		}
	}
	c.share()
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
	r.Hard = asLimit(c.inSomeWorld(nil, func(w world) (err error) {
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
	if q.m == nil {
		return Verdict{Answer: Proved}
	}
	var found *path
	err := c.inSomeWorld(q, func(w world) (err error) {
		if q.isTrap() {
			found, err = w.trapped(q)
		} else {
			found, err = w.find(q)
		}
		return err
	})
	if limit := asLimit(err); limit != nil {
		return Verdict{Answer: TooHard, Hard: q.m.inFacts(limit)}
	}
	if found == nil {
		return c.emptiness(q)
	}
	return c.broken(q, found)
}

// inFacts is a limit as it is told: in facts and steps.
func (m *machine) inFacts(l *Limit) *Limit {
	for i, v := range l.Facts {
		if facts := len(m.size) - len(m.first); v >= facts {
			l.Facts[i] = int(m.first[v-facts])
		}
	}
	slices.Sort(l.Facts)
	l.Facts = slices.Compact(l.Facts)
	if l.Step >= m.steps {
		l.Step = -1
	}
	return l
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
	err := c.inSomeWorld(look, func(w world) (err error) {
		some, err = w.some(q.spoken)
		return err
	})
	// A limit here leaves the proof as it is; whether it says something is then
	// not known, and nobody is warned.
	return Verdict{Answer: Proved, Empty: err == nil && !some}
}
