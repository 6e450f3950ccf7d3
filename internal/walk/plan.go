package walk

import (
	"fmt"

	"roundtable/playbook/automaton"
)

// Plan is a Program made ready to be walked. It is not changed afterwards and
// may be used by several goroutines at once.
type Plan struct {
	Program *automaton.Program
	Hash    string // the Program's

	unwritten []bool // steps that are reached off the record only
	observes  bool   // see Observes
}

// NewPlan makes a Program ready. It refuses one that could not be walked
// without writing down a protected fact's value: one with a step where some
// choices give it a value and some do not (the checker tells it as half-asked).
func NewPlan(p *automaton.Program) (*Plan, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; !s.Swap && setsProtected(p, s) {
			return nil, fmt.Errorf("step %d asks about a protected fact on some of its ways and not on others; such a playbook is not walked, since what is chosen there would be written down", i+1)
		}
	}
	return &Plan{Program: p, Hash: p.Hash(), unwritten: unwritten(p), observes: Observes(p)}, nil
}

// setsProtected reports whether a choice of the step says something of a
// protected fact. Its first value says nothing: every walk starts with it, and
// going into a part puts the part's own facts back to it.
func setsProtected(p *automaton.Program, s *automaton.Step) bool {
	for i := range s.Choices {
		for _, a := range s.Choices[i].Set {
			if p.Facts[a.Fact].Protected && a.Value != 0 {
				return true
			}
		}
	}
	return false
}

// unwritten finds the steps that no walk enters but by a choice off the record,
// or from a step so entered. Guards are not asked: the answer is the same for
// every walk.
func unwritten(p *automaton.Program) []bool {
	off := make([]bool, len(p.Steps))
	for i := range off {
		off[i] = true
	}
	off[0] = false
	for todo := []int{0}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for i := range p.Steps[s].Choices {
			c := &p.Steps[s].Choices[i]
			if c.End < 0 && !c.Unsent && off[c.To] {
				off[c.To] = false
				todo = append(todo, c.To)
			}
		}
	}
	return off
}

// Way is a choice that is offered where the walk stands.
type Way struct {
	Choice int // by number, or Onward where nobody is asked
	Unsent bool
}

// ways lists what is offered in a state, in order. At a swap step that is one
// way on, whichever choices are open.
func (p *Plan) ways(s automaton.State) []Way {
	open := p.Program.Open(s)
	if len(open) == 0 {
		return nil
	}
	step := &p.Program.Steps[s.Where]
	if step.Swap {
		return []Way{{Choice: Onward, Unsent: step.Choices[open[0]].Unsent}}
	}
	ways := make([]Way, len(open))
	for i, c := range open {
		ways[i] = Way{Choice: c, Unsent: step.Choices[c].Unsent}
	}
	return ways
}

// given turns the values that `started` tells into those of the Program's
// facts. Protected given facts are never told; they take the last value, which
// no advice depends on.
func (p *Plan) given(told map[string]string) ([]uint8, error) {
	values := make([]uint8, len(p.Program.Facts))
	for i, f := range p.Program.Facts {
		if f.Kind != automaton.Given {
			continue
		}
		value, ok := told[f.Name]
		if f.Protected {
			if ok {
				return nil, fmt.Errorf("%q is protected; its value is never written down", f.Name)
			}
			values[i] = uint8(len(f.Values) - 1)
			continue
		}
		if !ok {
			return nil, fmt.Errorf("the given fact %q has no value", f.Name)
		}
		v := indexOf(f.Values, value)
		if v < 0 {
			return nil, fmt.Errorf("the given fact %q cannot be %q", f.Name, value)
		}
		values[i] = uint8(v)
	}
	for name := range told {
		if !p.isGiven(name) {
			return nil, fmt.Errorf("the walk was started with a given fact that the playbook does not have")
		}
	}
	return values, nil
}

func (p *Plan) isGiven(name string) bool {
	for _, f := range p.Program.Facts {
		if f.Kind == automaton.Given && f.Name == name {
			return true
		}
	}
	return false
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}

// Settings completes what is known of the place to the given facts that
// `started` tells: a fact of which nothing is known takes the last value of its
// domain, the cautious one; protected facts are left out. Names that the
// playbook does not have are the place's other settings and are passed over; a
// value that a fact cannot have is refused.
func (p *Plan) Settings(known map[string]string) (map[string]string, error) {
	told := map[string]string{}
	for _, f := range p.Program.Facts {
		if f.Kind != automaton.Given {
			continue
		}
		value, ok := known[f.Name]
		if !ok {
			value = f.Values[len(f.Values)-1]
		}
		if indexOf(f.Values, value) < 0 {
			return nil, fmt.Errorf("the given fact %q cannot be %q; it can be %s", f.Name, value, list(f.Values))
		}
		if !f.Protected {
			told[f.Name] = value
		}
	}
	return told, nil
}

func list(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			text += " or "
		case i > 0:
			text += ", "
		}
		text += w
	}
	return text
}
