package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

func TestPlans(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		const a, b = people.LibraryID("0192f3a0-0000-7000-8000-00000000000a"), people.LibraryID("0192f3a0-0000-7000-8000-00000000000b")
		for _, id := range []people.LibraryID{a, b} {
			if err := s.MakeTenant(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		write := func(id people.LibraryID, do func(*store.Tx) error) {
			t.Helper()
			if err := s.Write(ctx, id, do); err != nil {
				t.Fatal(err)
			}
		}
		want := func(id people.LibraryID, part store.PlanPart, want []byte) {
			t.Helper()
			write(id, func(tx *store.Tx) error {
				got, err := tx.Plan(ctx, part)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Plan(%s) of %s (-want +got):\n%s", part, id, diff)
				}
				return err
			})
		}
		want(a, store.PlanDuty, nil)
		write(a, func(tx *store.Tx) error {
			return errors.Join(tx.PutPlan(ctx, store.PlanDuty, []byte("one")), tx.PutPlan(ctx, store.PlanLadders, []byte("ladders")), tx.PutPlan(ctx, store.PlanDuty, []byte("two")))
		})
		want(a, store.PlanDuty, []byte("two"))
		want(a, store.PlanReach, nil)
		want(b, store.PlanDuty, nil)
		write(a, func(tx *store.Tx) error {
			return errors.Join(tx.DropPlan(ctx, store.PlanDuty), tx.DropPlan(ctx, store.PlanReach))
		})
		want(a, store.PlanDuty, nil)
		want(a, store.PlanLadders, []byte("ladders"))
	})
}

func TestAlertWays(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		err := s.Write(ctx, people.Installation, func(tx *store.Tx) error {
			if _, err := tx.AlertWays(ctx, "one"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("AlertWays of nobody = %v, want that it is not there", err)
			}
			for _, id := range []people.PersonID{"one", "two"} {
				if err := tx.AddAccount(ctx, store.Account{Person: id, Made: time.UnixMilli(1)}); err != nil {
					return err
				}
				for version := range uint64(2) {
					if err := tx.PutAlertWays(ctx, store.AlertWays{Person: id, Sealed: []byte(id), Version: version + 1}); err != nil {
						return err
					}
				}
			}
			got, err := tx.AlertWays(ctx, "one")
			if diff := cmp.Diff(store.AlertWays{Person: "one", Sealed: []byte("one"), Version: 2}, got); diff != "" {
				t.Errorf("AlertWays (-want +got):\n%s", diff)
			}
			// Whoever is forgotten leaves nothing, and others stay.
			err = errors.Join(err, tx.DropAlertWays(ctx, "one"), tx.DropAlertWays(ctx, "one"), tx.ForgetPerson(ctx, "one"))
			if _, gone := tx.AlertWays(ctx, "one"); fault.KindOf(gone) != fault.NotFound {
				t.Errorf("AlertWays of who is forgotten = %v, want that it is not there", gone)
			}
			_, stays := tx.AlertWays(ctx, "two")
			return errors.Join(err, stays, tx.ForgetPerson(ctx, "two"))
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
