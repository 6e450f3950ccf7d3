package verify

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"roundtable/playbook/automaton"
)

// flow is a control-flow graph with what is known about it; testdata/SOURCE.md
// says where the graphs come from. Their temporal verdicts are SPIN's.
type flow struct {
	ID       string
	States   []string
	Initial  int
	Finals   []int
	Edges    [][3]any // from, label, to
	Expected struct {
		Unreachable    []int
		DeadEnds       []int `json:"dead_ends"`
		CannotFinish   []int `json:"cannot_finish"`
		UnusedFinals   []int `json:"unused_finals"`
		AlwaysFinishes bool  `json:"always_finishes"`
		Shortest       *int  `json:"shortest_to_final"`
		OnEveryPath    []int `json:"on_every_path_to_final"`
	}
	Properties []struct {
		Kind                         string
		First, Then, Trigger, Effect int
		Holds                        bool
	}
}

// program makes the graph a Program. The initial state becomes step 0, and a
// final state a step whose one choice ends the walk.
func (f *flow) program() (p *automaton.Program, step func(state int) int) {
	step = func(state int) int {
		switch state {
		case f.Initial:
			return 0
		case 0:
			return f.Initial
		}
		return state
	}
	p = &automaton.Program{Steps: make([]automaton.Step, len(f.States))}
	for i, state := range f.Finals {
		p.Outcomes = append(p.Outcomes, f.States[state])
		p.Steps[step(state)].Choices = []automaton.Choice{{End: i}}
	}
	for _, e := range f.Edges {
		from, to := int(e[0].(float64)), int(e[2].(float64))
		if !slices.Contains(f.Finals, from) {
			s := &p.Steps[step(from)]
			s.Choices = append(s.Choices, automaton.Choice{To: step(to), End: -1})
		}
	}
	return p, step
}

func flows(t *testing.T) []*flow {
	data, err := os.ReadFile("testdata/graphs.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Graphs []*flow }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Graphs
}

func TestGraphs(t *testing.T) {
	properties := 0
	for _, f := range flows(t) {
		for _, engine := range []Engine{Auto, Explicit, Symbolic} {
			checkFlow(t, f, engine)
		}
		properties += len(f.Properties)
	}
	if properties < 500 {
		t.Errorf("testdata/graphs.json has %d properties, want at least 500", properties)
	}
}

func checkFlow(t *testing.T, f *flow, engine Engine) {
	p, step := f.program()
	at := func(state int) *automaton.Expr {
		return &automaton.Expr{Op: automaton.At, Where: []int{step(state)}}
	}
	rules := []automaton.Rule{{Kind: automaton.Never, E: ended}}
	for state := range f.States {
		rules = append(rules,
			automaton.Rule{Kind: automaton.StaysPossible, E: ended, F: at(state)},
			automaton.Rule{Kind: automaton.Before, E: at(state), F: ended})
	}
	for _, q := range f.Properties {
		if q.Kind == "precedence" {
			rules = append(rules, automaton.Rule{Kind: automaton.Before, E: at(q.First), F: at(q.Then)})
		} else {
			rules = append(rules, automaton.Rule{Kind: automaton.LeadsTo, E: at(q.Trigger), F: at(q.Effect)})
		}
	}
	r := Check(context.Background(), p, rules, Options{Engine: engine})
	is := func(what string, state int, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s, engine %d: %s %d = %v, want %v", f.ID, engine, what, state, got, want)
		}
	}
	if f.Expected.Shortest != nil {
		if v := r.Rules[0]; v.Story == nil || len(v.Story.Choices) != *f.Expected.Shortest+1 {
			t.Errorf("%s, engine %d: the shortest walk to an end is %v, want %d turns", f.ID, engine, v.Story, *f.Expected.Shortest+1)
		}
	} else if r.Rules[0].Answer != Proved {
		t.Errorf("%s, engine %d: an end is reached, want none", f.ID, engine)
	}
	stuck := map[int]bool{}
	for i := range r.Stuck {
		states := r.Stuck[i].States(p)
		stuck[states[len(states)-1].Where] = true
	}
	for state := range f.States {
		reached := r.Reached[step(state)]
		final := slices.Contains(f.Finals, state)
		is("reached", state, reached, !slices.Contains(f.Expected.Unreachable, state))
		is("stuck", state, stuck[step(state)], slices.Contains(f.Expected.DeadEnds, state))
		is("cannot finish", state, r.Rules[1+2*state].Answer == Broken, slices.Contains(f.Expected.CannotFinish, state))
		if reached && !final && state != f.Initial && f.Expected.Shortest != nil {
			is("on every path", state, r.Rules[2+2*state].Answer == Proved, slices.Contains(f.Expected.OnEveryPath, state))
		}
		if final {
			is("unused final", state, !reached, slices.Contains(f.Expected.UnusedFinals, state))
		}
	}
	for i, q := range f.Properties {
		proved := r.Rules[1+2*len(f.States)+i].Answer == Proved
		// `leads to` speaks of walks that end; SPIN's response also of those that
		// never do. Where all end they are the same; elsewhere ours holds more often.
		if q.Kind == "precedence" || f.Expected.AlwaysFinishes || q.Holds {
			is(q.Kind+" property", i, proved, q.Holds)
		}
	}
}
