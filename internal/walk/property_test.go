package walk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"roundtable/playbook/automaton"
)

// drawProgram makes a small random Program that can be walked: with given,
// protected and milestone facts, guards, swap steps, numbered lists and choices
// off the record.
func drawProgram(t *rapid.T) *automaton.Program {
	p := &automaton.Program{Record: rapid.SampledFrom(rank).Draw(t, "record"), Outcomes: []string{"done", "unrecorded"}}
	kinds := []automaton.FactKind{automaton.Given, automaton.Walk, automaton.Walk, automaton.Walk, automaton.Notified, automaton.Recorded}
	for i, k := range kinds {
		f := automaton.Fact{Kind: k, Name: fmt.Sprint("f", i), Values: []string{"a", "b", "c"}, Protected: i == 3}
		if k.IsMilestone() {
			f.Values = []string{"no", "yes"}
		}
		p.Facts = append(p.Facts, f)
	}
	n := rapid.IntRange(1, 6).Draw(t, "steps")
	for range n {
		p.Steps = append(p.Steps, drawStep(t, n))
	}
	return p
}

func drawStep(t *rapid.T, n int) automaton.Step {
	s := automaton.Step{
		First: rapid.Bool().Draw(t, "first"), Swap: rapid.IntRange(0, 3).Draw(t, "swap") == 0,
		Ticks: rapid.IntRange(0, 2).Draw(t, "ticks"), Fields: []automaton.Field{{Name: "f5", Type: "text"}, {Name: "scan", Type: "photo"}},
	}
	if rapid.Bool().Draw(t, "alerts") {
		s.Makes = []int{4}
	}
	for range rapid.IntRange(0, 3).Draw(t, "choices") {
		c := automaton.Choice{End: -1, To: rapid.IntRange(0, n-1).Draw(t, "to")}
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			c.End, c.To = 0, 0
		case 1:
			c.Guard = automaton.Guard{{{Fact: rapid.IntRange(0, 1).Draw(t, "read"), In: automaton.Set(rapid.IntRange(0, 7).Draw(t, "in"))}}}
		case 2:
			c.Unsent = !s.Swap
		case 3:
			c.Raise = rapid.SampledFrom(rank).Draw(t, "raise")
		}
		c.Set = append(c.Set, automaton.Assign{Fact: rapid.IntRange(1, 2).Draw(t, "fact"), Value: rapid.IntRange(0, 2).Draw(t, "value")})
		if s.Swap {
			c.Set = append(c.Set, automaton.Assign{Fact: 3, Value: rapid.IntRange(0, 2).Draw(t, "protected")})
		}
		s.Choices = append(s.Choices, c)
	}
	return s
}

// history makes events as devices might: mostly possible ones, moves that
// follow something else, and things sent twice.
func history(t *rapid.T, plan *Plan) []Event {
	n := 0
	next := func(e Event) Event {
		n++
		e.ID, e.At = EventID(fmt.Sprint(n)), noon.Add(time.Duration(n)*time.Minute)
		return e
	}
	given := map[string]string{"f0": rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "given")}
	events := []Event{next(Event{Kind: Started, Program: plan.Hash, Playbook: "p", Lang: "en", Given: given})}
	w, err := plan.Begin(events[0])
	if err != nil {
		t.Fatalf("Begin() = %v, want nil", err)
	}
	for range rapid.IntRange(0, 25).Draw(t, "events") {
		at, walking := w.Step()
		if !walking {
			at = 0
		}
		e := next(Event{Kind: rapid.SampledFrom(Kinds[1:]).Draw(t, "kind"), Step: at})
		switch e.Kind {
		case Chose:
			e.Follows = rapid.SampledFrom([]EventID{w.Head(), w.Head(), w.Head(), "1", "x"}).Draw(t, "follows")
			if ways := w.Ways(); len(ways) > 0 {
				e.Choice = rapid.SampledFrom(ways).Draw(t, "way").Choice
			}
		case WentBack:
			e.Follows = w.Head()
			if len(w.path) > 1 {
				e.Step = w.path[len(w.path)-2].state.Where
			}
		case Ended:
			e.Follows, e.Outcome = w.Head(), rapid.IntRange(Left, 1).Draw(t, "outcome")
		case Recorded:
			e.Field, e.Value = "f5", rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "value")
		case Called:
			e.Role, e.Result = "director", rapid.SampledFrom(results).Draw(t, "result")
		case Pictured:
			e.Field, e.Sum = rapid.SampledFrom([]string{"", "scan"}).Draw(t, "field"), rapid.SampledFrom([]string{"", strings.Repeat("0a", 32)}).Draw(t, "sum")
		case Noted:
			e.Text = rapid.StringN(1, 20, 80).Draw(t, "text")
		case HandedOver:
			e.Step, e.To = 0, "desk 2"
		case Line:
			e.Step, e.Role, e.Text = 0, "director", rapid.StringN(1, 20, 80).Draw(t, "text")
		case Charge:
			e.Step, e.Role = 0, "director"
		case Observed:
			e.Sight = rapid.SampledFrom(Sights).Draw(t, "sight")
			if e.Sight.HasLine() {
				e.Text = "12"
			}
		case Corrected:
			e.Step, e.Of = 0, rapid.SampledFrom(w.Entries()).Draw(t, "of").ID
		case Seen:
			e.Step, e.Line = 0, rapid.SampledFrom(w.Entries()).Draw(t, "line").ID
		}
		if w.Apply(e) == nil {
			events = append(events, e)
		}
	}
	return events
}

// view is all that a walk says.
func view(w *Walk) string {
	outcome, over := w.Outcome()
	text := fmt.Sprint(w.State(), w.Head(), outcome, over, w.Record(), w.Alerts(), w.Cells(), w.Ways(), w.CanGoBack(), len(w.Entries()), len(w.Lines()), w.Observations())
	for i := range w.plan.Program.Steps {
		for k := range w.plan.Program.Steps[i].Ticks {
			text += fmt.Sprint(" ", w.IsTicked(i, k), w.WasSaid(i, k))
		}
	}
	return text
}

func TestFoldingIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, err := NewPlan(drawProgram(t))
		if err != nil {
			t.Skip(err)
		}
		events := history(t, plan)
		once, err := plan.Fold(events)
		if err != nil {
			t.Fatalf("Fold() = %v, want nil", err)
		}
		data, err := json.Marshal(events)
		if err != nil {
			t.Fatalf("Marshal() = %v", err)
		}
		var read []Event
		if err := json.Unmarshal(data, &read); err != nil {
			t.Fatalf("Unmarshal(%s) = %v", data, err)
		}
		if diff := cmp.Diff(events, read); diff != "" {
			t.Fatalf("Unmarshal(Marshal()) differs (-want +got):\n%s", diff)
		}
		for range rapid.IntRange(0, 5).Draw(t, "sent twice") {
			k := rapid.IntRange(0, len(events)-1).Draw(t, "which")
			at := rapid.IntRange(k+1, len(read)).Draw(t, "when")
			for i := range read[:at] { // after its first arrival
				if read[i].ID == events[k].ID {
					read = slices.Insert(read, at, events[k])
					break
				}
			}
		}
		twice, err := plan.Fold(read)
		if err != nil {
			t.Fatalf("Fold(with events sent twice) = %v, want nil", err)
		}
		if a, b := view(once), view(twice); a != b {
			t.Fatalf("Fold(with events sent twice) = %s, want %s", b, a)
		}
	})
}

// TestWalkIsStep holds every state of a walk against automaton.Step along its
// moves, done over again from the events alone.
func TestWalkIsStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, err := NewPlan(drawProgram(t))
		if err != nil {
			t.Skip(err)
		}
		events := history(t, plan)
		p := plan.Program
		given := make([]uint8, len(p.Facts))
		given[0] = uint8(slices.Index(p.Facts[0].Values, events[0].Given["f0"]))
		states := []automaton.State{p.Start(given)}
		var w *Walk
		for i, e := range events {
			if i == 0 {
				w, err = plan.Begin(e)
			} else {
				err = w.Apply(e)
			}
			if err != nil {
				t.Fatalf("Apply(%s) = %v", e.Kind, err)
			}
			here := states[len(states)-1]
			switch {
			case w.Entries()[i].Late:
			case e.Kind == Chose && e.Choice == Onward:
				states = append(states, p.Step(here, p.Open(here)[0]))
			case e.Kind == Chose:
				states = append(states, p.Step(here, e.Choice))
			case e.Kind == WentBack:
				states = states[:len(states)-1]
			}
			if diff := cmp.Diff(states[len(states)-1], w.State()); diff != "" {
				t.Fatalf("after event %d the walk's state differs from automaton.Step (-want +got):\n%s", i, diff)
			}
			if at, ok := w.Step(); ok && plan.unwritten[at] {
				t.Fatalf("the walk stands at step %d, which is off the record", at)
			}
		}
	})
}

func FuzzEventJSON(f *testing.F) {
	f.Add([]byte(`{"id":"1","kind":"started","at":1772625600000,"playbook":"officer","program":"ab","lang":"en","given":{"x":"no"}}`))
	f.Add([]byte(`{"id":"2","kind":"chose","follows":"1","at":1,"step":3}`))
	f.Add([]byte(`{"id":"2","kind":"recorded","at":1,"step":3,"field":"due","value":""}`))
	f.Add([]byte(`{"id":"2","kind":"ended","follows":"1","at":1,"received":2,"step":3,"outcome":0}`))
	f.Add([]byte(`{"id":"2","kind":"said","at":1,"step":3,"item":0,"undone":true,"text":"x"}`))
	f.Add([]byte(`{"id":"3","kind":"observed","at":1,"step":0,"sight":"they said","text":"We have a paper."}`))
	f.Add([]byte(`{"id":"3","kind":"observed","at":1,"step":0,"sight":"how many","text":"6+"}`))
	f.Add([]byte(`{"id":"4","kind":"corrected","at":1,"of":"3"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e Event
		if json.Unmarshal(data, &e) != nil {
			return
		}
		out, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("Marshal(Unmarshal(%s)) = %v", data, err)
		}
		var again Event
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("Unmarshal(%s) = %v, want nil", out, err)
		}
		if !same(&e, &again) || e.Seq != again.Seq || !e.Received.Equal(again.Received) {
			t.Fatalf("Unmarshal(Marshal(e)) = %+v, want %+v", again, e)
		}
	})
}
