package verify

import "math"

// effort is how much of which engine is spent.
type effort struct {
	engine Engine // Explicit or Symbolic
	amount int    // states, or steps of work
}

const (
	most      = math.MaxInt // the limit of states ends it before
	askWork   = 1 << 23     // for one question to a world that is kept
	storyWork = 1 << 25     // for a story, at least: that it is broken is known by then
)

// sharing is what is spent on a world that keeps apart everything that any rule
// reads. Most playbooks have one, and their rules then cost little more than
// one look at it.
var sharing = []effort{{Explicit, 1 << 11}, {Symbolic, 1 << 18}}

// efforts are made in turn until one succeeds. Random tangles suit the explicit
// engine, long questionnaires the symbolic one, and which a slice is shows only
// in trying. So each is given a little, then each more: in the end that costs
// little more than the one that can would have alone.
var efforts = []effort{
	{Explicit, 1 << 10}, {Symbolic, 1 << 18},
	{Explicit, 1 << 15}, {Symbolic, 1 << 22},
	{Explicit, 1 << 19}, {Symbolic, 1 << 25},
	{Explicit, most}, {Symbolic, 1 << 27},
}

// forced leaves of some efforts those of the engine that is forced, if one is.
func (c *checker) forced(list []effort, last effort) []effort {
	if c.o.Engine == Auto {
		return list
	}
	return []effort{{c.o.Engine, last.amount}}
}

// share tries to explore one world for all that is asked of m.
func (c *checker) share() {
	if c.o.apart {
		return
	}
	s := c.m.cut(nil, c.reads...)
	for _, e := range c.forced(sharing, sharing[len(sharing)-1]) {
		if w, err := c.explore(s, nil, e); err == nil {
			c.worlds = append(c.worlds, w)
			return
		}
	}
}

// inSomeWorld asks in a kept world that covers the plan, or else in a new one
// of its own slice. Where no plan is given the slice is of all that conditions
// read, and the new world is kept.
func (c *checker) inSomeWorld(q *plan, ask func(world) error) error {
	for _, w := range c.worlds {
		if q != nil && (q.m != c.m || !w.covers(q.reads()...)) {
			continue
		}
		w.allow(askWork)
		if q != nil && !w.settles(q) {
			continue
		}
		if err := ask(w); err == nil || asLimit(err).What == TimeLimit {
			return err
		}
		w.allow(askWork)
	}
	s := c.m.cut(nil)
	if q != nil {
		s = q.cut()
	}
	w, err := c.inNewWorld(s, q, ask)
	switch {
	case err != nil:
	case q == nil:
		c.worlds = append(c.worlds, w)
	default:
		w.forget()
	}
	return err
}

// inNewWorld explores a slice by whichever engine can, and asks there. What is
// explored for a plan may end where the plan does.
func (c *checker) inNewWorld(s *slice, q *plan, ask func(world) error) (world, error) {
	var failed error
	for _, e := range c.forced(efforts, efforts[len(efforts)-1]) {
		w, err := c.explore(s, q, e)
		if err == nil {
			w.allow(e.amount)
			if err = ask(w); err == nil {
				return w, nil
			}
			w.forget()
		}
		if failed = err; asLimit(err).What == TimeLimit {
			break
		}
	}
	return nil, failed
}

// explore explores a slice with an effort.
func (c *checker) explore(s *slice, q *plan, e effort) (world, error) {
	var goal, stop byPlace
	if q != nil && !q.isTrap() && q.trigger == nil {
		goal, stop = q.goal, q.stop
	}
	if e.engine == Explicit {
		g, err := explore(c.ctx, s, goal, stop, min(e.amount, c.o.Limits.States))
		if err != nil {
			return nil, err
		}
		return g, nil
	}
	d := c.diagramsOf(s.m, q, e.amount)
	if d.failed {
		return nil, d.failure(nowhere)
	}
	d.allow(e.amount)
	r, err := d.spread(s, q)
	if err != nil {
		if d != c.d {
			d.release()
		}
		return nil, err
	}
	r.own = d != c.d
	return r, nil
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

// finish gives back the memory that was used.
func (c *checker) finish() {
	for _, w := range c.worlds {
		w.forget()
	}
	c.worlds = nil
	if c.d != nil {
		c.d.release()
		c.d = nil
	}
}

func nowhere() (place int, facts []int) { return -1, nil }

// asLimit is err, which is nil or a *Limit, as one.
func asLimit(err error) *Limit {
	if err == nil {
		return nil
	}
	return err.(*Limit)
}
