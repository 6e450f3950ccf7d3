package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

const alertLibrary people.LibraryID = "0192f3a0-0000-7000-8000-00000000000a"

// withLibrary makes a library with a branch and a case.
func withLibrary(t *testing.T, s *store.Store, do func(*store.Tx) error) {
	t.Helper()
	must(t, s.MakeTenant(t.Context(), alertLibrary))
	must(t, s.Write(t.Context(), alertLibrary, func(tx *store.Tx) error {
		if err := tx.AddBranch(t.Context(), store.Branch{ID: "main", Name: "Main", TimeZone: "UTC"}); err != nil {
			return err
		}
		return tx.AddCase(t.Context(), store.Case{ID: "case", Branch: "main", Class: "incident", Running: true, Version: 1})
	}))
	must(t, s.Write(t.Context(), alertLibrary, do))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAlerts(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		second := store.Alert{ID: "b", Case: "case", Nth: 2, Branch: "main", Purpose: "need", Day: 20782, Running: true}
		first := store.Alert{ID: "c", Case: "case", Nth: 1, Branch: "main", Purpose: "need", Day: 20782, Running: true}
		test := store.Alert{ID: "a", Branch: "main", Purpose: "test", Day: 20782, Running: true, Events: 3}
		drills := []store.Alert{{ID: "d", Branch: "main", Purpose: "drill", Day: 20000}, {ID: "e", Branch: "main", Purpose: "drill", Day: 20783}, {ID: "f", Branch: "other", Purpose: "drill", Day: 20790}}
		withLibrary(t, s, func(tx *store.Tx) error {
			for _, a := range append([]store.Alert{second, first, test}, drills...) {
				if err := tx.AddAlert(ctx, a); err != nil {
					return err
				}
			}
			got, err := tx.AlertsOf(ctx, "case")
			if err != nil || !cmp.Equal(got, []store.Alert{first, second}) {
				t.Errorf("AlertsOf = %+v, %v, want the first and the second", got, err)
			}
			if got, err := tx.Alert(ctx, "a"); err != nil || got != test {
				t.Errorf("Alert = %+v, %v, want %+v", got, err, test)
			}
			if got, err := tx.LastAlert(ctx, "drill", "main"); err != nil || got != drills[1] {
				t.Errorf("LastAlert = %+v, %v, want the newest of the branch", got, err)
			}
			if _, err := tx.LastAlert(ctx, "test", "other"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("LastAlert where there is none = %v, want not found", err)
			}
			test.Running, test.Events = false, 4
			if err := tx.PutAlert(ctx, test); err != nil {
				return err
			}
			if got, err := tx.Alert(ctx, "a"); err != nil || got != test {
				t.Errorf("Alert = %+v, %v, want what was put", got, err)
			}
			for i, sealed := range []string{"one", "two"} {
				if err := tx.AddAlertEvent(ctx, "c", i+1, []byte(sealed)); err != nil {
					return err
				}
			}
			events, err := tx.AlertEvents(ctx, "c")
			if want := []store.CaseEvent{{Seq: 1, Sealed: []byte("one")}, {Seq: 2, Sealed: []byte("two")}}; err != nil || !cmp.Equal(events, want) {
				t.Errorf("AlertEvents = %+v, %v, want %+v", events, err, want)
			}
			if err := tx.AddAttempt(ctx, "attempt", "c"); err != nil {
				return err
			}
			if got, err := tx.AlertOfAttempt(ctx, "attempt"); err != nil || got != "c" {
				t.Errorf("AlertOfAttempt = %q, %v, want c", got, err)
			}
			if _, err := tx.AlertOfAttempt(ctx, "none"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("AlertOfAttempt of none = %v, want not found", err)
			}
			n, err := tx.SweepAlerts(ctx, 20783)
			if err != nil || n != 2 {
				t.Errorf("SweepAlerts = %d, %v, want the test call and the old drill", n, err)
			}
			return nil
		})
		err := s.Write(ctx, alertLibrary, func(tx *store.Tx) error {
			return tx.AddAlert(ctx, store.Alert{ID: "g", Case: "case", Nth: 2, Branch: "main", Purpose: "need"})
		})
		if !errors.Is(err, store.ErrDuplicate) {
			t.Errorf("a second alert of the same number = %v, want ErrDuplicate", err)
		}
	})
}

// With its case everything of an alert goes, and what was to be done for it.
func TestAlertsGoWithTheirCase(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, due := t.Context(), time.UnixMilli(1000)
		withLibrary(t, s, func(tx *store.Tx) error {
			err := errors.Join(
				tx.AddAlert(ctx, store.Alert{ID: "a", Case: "case", Nth: 1, Branch: "main", Purpose: "need", Running: true}),
				tx.AddAlert(ctx, store.Alert{ID: "b", Branch: "main", Purpose: "test", Running: true}),
				tx.AddAlertEvent(ctx, "a", 1, []byte("sealed")), tx.AddAttempt(ctx, "attempt-a", "a"), tx.AddAttempt(ctx, "attempt-b", "b"))
			for i, j := range []store.Job{{Kind: store.JobAlert, Subject: "a"}, {Kind: store.JobSend, Subject: "attempt-a"}, {Kind: store.JobAlert, Subject: "b"}, {Kind: store.JobSend, Subject: "attempt-b"}, {Kind: "sweep", Subject: "a"}} {
				j.ID, j.Due = string(rune('0'+i)), due
				err = errors.Join(err, tx.AddJob(ctx, j))
			}
			return err
		})
		must(t, s.Write(ctx, alertLibrary, func(tx *store.Tx) error { return tx.DeleteCase(ctx, "case") }))
		must(t, s.Write(ctx, alertLibrary, func(tx *store.Tx) error {
			_, err := tx.Alert(ctx, "a")
			events, err2 := tx.AlertEvents(ctx, "a")
			_, err3 := tx.AlertOfAttempt(ctx, "attempt-a")
			if fault.KindOf(err) != fault.NotFound || len(events) != 0 || err2 != nil || fault.KindOf(err3) != fault.NotFound {
				t.Errorf("of the alert is left: %v, %v %v, %v", err, events, err2, err3)
			}
			if _, err := tx.Alert(ctx, "b"); err != nil {
				t.Errorf("a test call: %v, want it to be there", err)
			}
			jobs, err := tx.LeaseJobs(ctx, store.JobKinds{}, due, time.Minute, 10)
			var left []string
			for _, j := range jobs {
				left = append(left, j.Kind+" "+j.Subject)
			}
			slices.Sort(left)
			if want := []string{"alert b", "alert-send attempt-b", "sweep a"}; !cmp.Equal(left, want) {
				t.Errorf("jobs left: %v, want %v", left, want)
			}
			return err
		}))
	})
}

func TestJobKinds(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.UnixMilli(10_000)
		withLibrary(t, s, func(tx *store.Tx) (err error) {
			for i, kind := range []string{"alert", "alert-send", "send", "sweep"} {
				err = errors.Join(err, tx.AddJob(ctx, store.Job{ID: kind, Kind: kind, Due: now.Add(-time.Duration(i) * time.Second)}))
			}
			return err
		})
		for _, c := range []struct {
			name string
			of   store.JobKinds
			next time.Duration // before now
			want []string
		}{
			{"all", store.JobKinds{}, 3 * time.Second, []string{"sweep", "send", "alert-send", "alert"}},
			{"some", store.OnlyJobs("alert", "alert-send"), time.Second, []string{"alert-send", "alert"}},
			{"none", store.OnlyJobs(), -1, nil},
			{"others", store.OtherJobs("alert", "alert-send"), 3 * time.Second, []string{"sweep", "send"}},
			{"all but none", store.OtherJobs(), 3 * time.Second, []string{"sweep", "send", "alert-send", "alert"}},
		} {
			must(t, s.Write(ctx, alertLibrary, func(tx *store.Tx) error {
				next, err := tx.NextJob(ctx, c.of)
				if err != nil || c.next >= 0 && !next.Equal(now.Add(-c.next)) || c.next < 0 && !next.IsZero() {
					t.Errorf("%s: NextJob = %v, %v, want %s before %v", c.name, next, err, c.next, now)
				}
				jobs, err := tx.LeaseJobs(ctx, c.of, now, -time.Hour, 10)
				var got []string
				for _, j := range jobs {
					got = append(got, j.Kind)
				}
				if !cmp.Equal(got, c.want) {
					t.Errorf("%s: LeaseJobs = %v, want %v", c.name, got, c.want)
				}
				return err
			}))
		}
	})
}
