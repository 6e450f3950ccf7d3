package app

import (
	"slices"
	"testing"
	"time"

	"roundtable/internal/notify"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// A walk that comes from a device without a network calls for somebody when it
// arrives, once, unless it is over by then. A rehearsal calls nobody.
func TestAlertsOfWaitingWalks(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		l := newLetters(t, b)
		ctx, desk := t.Context(), b.atDesk()
		ordered := func(id store.CaseID) (n int) {
			t.Helper()
			must(t, s.Read(ctx, b.library, func(tx *store.Tx) error {
				list, err := tx.AlertsOf(ctx, id)
				n = len(list)
				return err
			}))
			return n
		}
		// The first step of "officer" calls for the director.
		goes, ended, crashed := store.CaseID(l.id()), store.CaseID(l.id()), store.CaseID(l.id())
		start := l.seal(goes, "", l.start("officer"))
		note := l.seal(goes, start.Event, l.note("Two officers."))
		began := l.start("officer")
		over := []Waiting{l.seal(ended, "", began)}
		over = append(over, l.seal(ended, began.ID, walk.Event{ID: walk.EventID(l.id()), Kind: walk.Ended, At: b.now, Outcome: walk.Left, Follows: began.ID}))

		b.now = b.now.Add(3 * time.Hour)
		for range 2 {
			_, err := b.SendWaiting(ctx, desk, slices.Concat([]Waiting{start, note}, over))
			must(t, err)
		}
		if n := ordered(goes); n != 1 {
			t.Errorf("%d alerts of the walk that goes on, want 1", n)
		}
		if n := ordered(ended); n != 0 {
			t.Errorf("%d alerts of the walk that was over when it came, want none", n)
		}
		list, err := b.CaseAlerts(ctx, desk, goes)
		must(t, err)
		if len(list) != 1 || !list[0].Ordered.Equal(b.now) || list[0].Purpose != notify.Need {
			t.Errorf("CaseAlerts = %+v, want one that was ordered when it arrived", list)
		}

		// The server that took it died before it ordered anything: what comes next does.
		c := l.start("officer")
		w := l.seal(crashed, "", c)
		_, err = b.takeAllWaiting(ctx, desk, mustKeys(t, b), []Waiting{w})
		must(t, err)
		if n := ordered(crashed); n != 0 {
			t.Fatalf("%d alerts, want none yet", n)
		}
		_, err = b.Record(ctx, desk, crashed, l.note("Still here."))
		must(t, err)
		if n := ordered(crashed); n != 1 {
			t.Errorf("%d alerts after the next event, want 1", n)
		}

		// The last one is a rehearsal.
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		if n := ordered(id); n != 1 {
			t.Errorf("%d alerts of a walk at a desk, want 1", n)
		}
		must(t, s.Write(ctx, b.library, func(tx *store.Tx) error {
			c, err := b.openCase(ctx, tx, id)
			must(t, err)
			w, err := b.fold(ctx, tx, c)
			must(t, err)
			c.ID, c.Class = "another", "none"
			return b.orderAlerts(ctx, &acting{Tx: tx, now: b.now}, c, w) // would fail: there is no such case
		}))
	})
}

func mustKeys(t *testing.T, b *bench) []intakeKey {
	t.Helper()
	keys, err := b.intakeKeys(t.Context(), b.library)
	must(t, err)
	return keys
}
