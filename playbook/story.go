package playbook

import (
	"fmt"
	"slices"
	"strings"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
	"roundtable/playbook/verify"
)

// tell turns a walk of numbers into a story in the playbook's own words, by
// taking the walk: what is told is what automaton.Step does.
func tell(c *resolve.Compiled, s *verify.Story) *diag.Trace {
	if s == nil {
		return nil
	}
	p := c.Program
	state := automaton.State{Values: s.Start}
	t := &diag.Trace{Given: settings(c, state)}
	place := c.Places[state.Where]
	t.Walk = append(t.Walk, stand(place))
	for _, k := range s.Choices {
		words := place.Choice(k)
		move := diag.Move{Choice: k, ChoicePos: words.Pos, ChoiceFile: place.File.Name, Label: syntax.PlainText(words.Label)}
		state = p.Step(state, k)
		if outcome, ended := p.Ended(state); ended {
			move.Step, move.Heading = "end:"+p.Outcomes[outcome], p.Outcomes[outcome]
			move.Pos, move.File, move.InPart = words.Pos, place.File.Name, place.Part != ""
			t.Walk = append(t.Walk, move)
			return t
		}
		place = c.Places[state.Where]
		here := stand(place)
		here.Choice, here.ChoicePos, here.ChoiceFile, here.Label = move.Choice, move.ChoicePos, move.ChoiceFile, move.Label
		t.Walk = append(t.Walk, here)
	}
	return t
}

func stand(p resolve.Place) diag.Move {
	return diag.Move{Choice: -1, Step: p.ID, Heading: syntax.PlainText(p.Step.Heading), Pos: p.Step.Pos, File: p.File.Name, InPart: p.Part != ""}
}

// settings lists the values of the given facts at the start; for a part that
// is proved from any values that satisfy its `needs`, those of all its facts.
func settings(c *resolve.Compiled, s automaton.State) []diag.Setting {
	var list []diag.Setting
	for i, f := range c.Program.Facts {
		name := f.Name
		switch {
		case slices.Contains(c.FreeMilestones, i):
			name = string(f.Kind) + " " + f.Name
		case f.Kind != automaton.Given && (c.Init == nil || f.Kind != automaton.Walk):
			continue
		}
		list = append(list, diag.Setting{Fact: name, Value: f.Values[s.Values[i]]})
	}
	return list
}

// parting says how the two walks of a broken `neutral about` rule part where
// they stand at one step and are only shown other choices there.
func parting(c *resolve.Compiled, one, other *verify.Story) string {
	if one == nil || other == nil {
		return ""
	}
	a, b := last(c.Program, one), last(c.Program, other)
	if _, ended := c.Program.Ended(a); ended || a.Where != b.Where {
		return ""
	}
	place := c.Places[a.Where]
	return fmt.Sprintf("; at %q one is shown %s, the other %s", syntax.PlainText(place.Step.Heading),
		labels(place, c.Program.Open(a)), labels(place, c.Program.Open(b)))
}

func last(p *automaton.Program, s *verify.Story) automaton.State {
	states := s.States(p)
	return states[len(states)-1]
}

func labels(place resolve.Place, choices []int) string {
	if len(choices) == 0 {
		return "nothing"
	}
	words := make([]string, len(choices))
	for i, k := range choices {
		words[i] = fmt.Sprintf("%q", syntax.PlainText(place.Choice(k).Label))
	}
	return strings.Join(words, ", ")
}
