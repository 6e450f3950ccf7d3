package app

import (
	"net/netip"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

var somewhere = netip.MustParseAddr("192.0.2.1")

func TestHandOver(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		offer, err := b.OfferHandOver(ctx, desk, id)
		must(t, err)
		phone := b.device
		phone.ID, phone.Name = "0192f3a0-0000-7000-8000-00000000000e", "Phone"
		other := Who{Device: &phone, Library: b.library, Branch: b.branch}
		if _, err := b.ReadWalk(ctx, other, id, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before it took the walk, the other device reads it: %v", err)
		}
		if _, err := b.TakeHandedOver(ctx, other, somewhere, "0000 0000 0000"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("TakeHandedOver with a wrong code = %v, want a message at the field", err)
		}
		got, err := b.TakeHandedOver(ctx, other, somewhere, offer.Code)
		must(t, err)
		if got != id {
			t.Errorf("TakeHandedOver = %s, want %s", got, id)
		}
		if _, err := b.TakeHandedOver(ctx, other, somewhere, offer.Code); err == nil {
			t.Error("the code works twice")
		}
		v, err := b.ReadWalk(ctx, other, id, "")
		must(t, err)
		last := v.Walk.Entries()[len(v.Walk.Entries())-1]
		if last.Kind != walk.HandedOver || last.To != string(phone.ID) {
			t.Errorf("the last event is %+v, want it handed over to %s", last.Event, phone.ID)
		}
		if _, err := b.ReadWalk(ctx, desk, id, ""); err == nil {
			t.Error("the first device still reads the walk")
		}
		if _, err := b.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "x"}); err == nil {
			t.Error("the first device still writes in the walk")
		}
		must(t, b.SayWho(ctx, desk, id, "JA")) // it may still say who acted there
		b.verify(t)
	})
}

func TestHandOverTooLate(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		offer, err := b.OfferHandOver(ctx, desk, id)
		must(t, err)
		b.now = b.now.Add(11 * time.Minute)
		if _, err := b.TakeHandedOver(ctx, desk, somewhere, offer.Code); fault.KindOf(err) != fault.Closed {
			t.Errorf("TakeHandedOver after 11 minutes = %v, want it closed", err)
		}
	})
}

// A walk about suspected abuse works, and dies when it ends; unless somebody chose
// to keep its record.
func TestAbuseDies(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		lead := b.as(t, people.SafetyLead)
		for _, keep := range []bool{false, true} {
			id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "suspected-abuse"})
			must(t, err)
			_, err = b.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "A bruise."})
			must(t, err)
			if keep {
				must(t, b.KeepRecord(ctx, desk, id))
			}
			for n := 0; !b.step(t, desk, id); n++ {
				if n > 300 {
					t.Fatal("no end after 300 choices")
				}
			}
			must(t, b.WorkOnce(ctx))
			_, err = b.ReadCase(ctx, lead, id, "")
			if keep && err != nil {
				t.Errorf("the record that was kept cannot be read: %v", err)
			}
			if !keep && fault.KindOf(err) != fault.NotFound {
				t.Errorf("ReadCase after the end = %v, want the case gone", err)
			}
		}
		b.verify(t)
	})
}
