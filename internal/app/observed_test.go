package app

import (
	"slices"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
)

// What is taken down is an act like any other: kept once, in the log, sealed with the
// case, and it makes the case one of a demand. It goes on while others follow, and only
// whoever walks takes anything down.
func TestObservedOnBothDatabases(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk, director := t.Context(), b.atDesk(), b.as(t, people.Director)
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		tap := walk.Event{ID: "11111111-1111-7111-8111-111111111111", Kind: walk.Observed, Sight: walk.Searching, At: b.now.Add(-90 * time.Second)}
		for range 2 { // sent twice
			late, err := b.Record(ctx, desk, id, tap)
			must(t, err)
			if late {
				t.Error("a tap came late")
			}
		}
		_, err = b.Record(ctx, desk, id, walk.Event{Kind: walk.Observed, Sight: walk.TheySaid, Text: "canary words"})
		must(t, err)
		_, err = b.Record(ctx, desk, id, walk.Event{Kind: walk.Corrected, Of: tap.ID})
		must(t, err)

		v, err := b.ReadCase(ctx, director, id, "")
		must(t, err)
		list := v.Walk.Observations()
		if len(list) != 2 || list[0].Back.IsZero() || !list[0].At.Equal(tap.At) || list[1].Text != "canary words" || v.Class != string(automaton.Demand) {
			t.Errorf("Observations() = %+v in the class %s; want two, the first taken back, of a demand", list, v.Class)
		}
		if at, _ := v.Walk.Step(); at != 0 || v.Walk.Head() != v.Walk.Start().ID {
			t.Errorf("what was taken down moved the walk to step %d", at)
		}
		kinds := b.kinds(t)
		if n := len(slices.DeleteFunc(kinds, func(k string) bool { return k != "write-in-step" })); n != 3 {
			t.Errorf("the log has %d entries of what was taken down, want 3: %q", n, kinds)
		}
		for name, bad := range map[string]walk.Event{
			"no code":          {Kind: walk.Observed},
			"no line":          {Kind: walk.Observed, Sight: walk.Took},
			"no such step":     {Kind: walk.Observed, Sight: walk.Searching, Step: 900},
			"never taken down": {Kind: walk.Corrected, Of: v.Walk.Start().ID},
		} {
			if _, err := b.Record(ctx, desk, id, bad); fault.KindOf(err) != fault.Conflict {
				t.Errorf("Record(%s) = %v, want a clash", name, err)
			}
		}
		if _, err := b.Record(ctx, director, id, walk.Event{Kind: walk.Observed, Sight: walk.Searching}); err == nil {
			t.Error("somebody who follows the walk took something down in it")
		}

		other, err := b.StartWalk(ctx, desk, StartForm{Playbook: "hygiene"})
		must(t, err)
		if _, err := b.Record(ctx, desk, other, walk.Event{Kind: walk.Observed, Sight: walk.Searching}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("Record(observed) in a playbook without officers = %v, want a clash", err)
		}

		// Officers who ask for nothing: the class stays, and the walk ends as they leave.
		quiet, err := b.StartWalk(ctx, desk, StartForm{Playbook: "presence"})
		must(t, err)
		_, err = b.Record(ctx, desk, quiet, walk.Event{Kind: walk.Observed, Sight: walk.Standing})
		must(t, err)
		v, err = b.ReadWalk(ctx, desk, quiet, "")
		must(t, err)
		choice, ok := v.Walk.Leaving()
		if !ok || v.Class != string(automaton.Incident) || len(v.Walk.Alerts()) != 1 || v.Walk.Alerts()[0].Role != "in_charge" {
			t.Fatalf("Leaving() = %d, %v in the class %s with the alerts %v; want one way, incident, the person in charge", choice, ok, v.Class, v.Walk.Alerts())
		}
		_, err = b.Record(ctx, desk, quiet, walk.Event{Kind: walk.Chose, Choice: choice, Follows: v.Walk.Head()})
		must(t, err)
		b.verify(t)
	})
}
