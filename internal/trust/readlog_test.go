package trust

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// opening is a way to open a case.
type opening struct {
	act string // the entry's kind
	// form says that only a form is offered: nothing is opened, so that only a failed
	// try leaves a leaf.
	form bool
	do   func(ctx context.Context, l *land, who app.Who, id store.CaseID) error
}

var openings = []opening{
	{act: "read-walk", do: func(ctx context.Context, l *land, who app.Who, id store.CaseID) error {
		_, err := l.ReadWalk(ctx, who, id, "")
		return err
	}},
	{act: "read-case", do: func(ctx context.Context, l *land, who app.Who, id store.CaseID) error {
		_, err := l.ReadCase(ctx, who, id, "es")
		return err
	}},
	{act: "read-case-log", do: func(ctx context.Context, l *land, who app.Who, id store.CaseID) error {
		_, err := l.CaseEntries(ctx, who, id)
		return err
	}},
	{act: "write-counsel-note", form: true, do: func(ctx context.Context, l *land, who app.Who, id store.CaseID) error {
		_, err := l.OfferCounselNote(ctx, who, id)
		return err
	}},
}

// entriesOf returns a library's entries from a number on, and the next number.
func (l *land) entriesOf(t *testing.T, library people.LibraryID, from int64) (list []ledger.Entry, next int64) {
	t.Helper()
	must(t, l.Store.Read(t.Context(), library, func(tx *store.Tx) error {
		return eachEntry(t.Context(), tx, func(n int64, e ledger.Entry) error {
			if n >= from && e.Kind != ledger.Filler {
				list = append(list, e)
			}
			next = n + 1
			return nil
		})
	}))
	return list, max(next, from)
}

// P7: each opening of a case leaves one leaf for a person, a session and a quarter
// of an hour, and each failed try one, whoever it is; strangers leave none. What a
// leaf of a sealed case shows is that it is sealed, and which case.
func TestReadLog(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		ctx := t.Context()
		b := l.furnish(t, l.A)
		opened, refused := 0, 0
		for _, of := range []struct {
			id     store.CaseID
			sealed bool
		}{{b.plain, false}, {b.sealed, true}} {
			for _, role := range append(slices.Clone(people.Roles), "device") {
				for _, open := range openings {
					_, n := l.openingLeaves(t, of.id, of.sealed, string(role), l.asRole(t, role, b.desk), open)
					if n > 0 {
						refused++
					} else {
						opened++
					}
				}
			}
			_, from := l.entriesOf(t, l.A.ID, 0)
			for _, stranger := range []app.Who{{}, {Library: l.A.ID, Branch: l.A.Branch}} {
				for _, open := range openings {
					if err := open.do(ctx, l, stranger, of.id); err == nil {
						t.Errorf("a stranger may %s", open.act)
					}
				}
			}
			if list, _ := l.entriesOf(t, l.A.ID, from); len(list) != 0 {
				t.Errorf("strangers have left %d leaves, want none: %v", len(list), list)
			}
		}
		if opened < 8 || refused < 20 {
			t.Errorf("%d openings and %d refusals: this test sees too few of one", opened, refused)
		}
		l.sameQuarterOtherSession(t, b.plain)
		must(t, l.verify(ctx, l.A.ID))
		promise(t, "T10", "P7", "%s: %d kinds of openings by role and %d of refusals: each with its one leaf, admins' too; strangers 0; sealed cases show their kind in none", l.kind(), opened, refused)
	})
}

// asRole is somebody of a role of A, or the device.
func (l *land) asRole(t *testing.T, role people.Role, desk app.Who) app.Who {
	t.Helper()
	if role == "device" {
		return desk
	}
	return l.A.As(t, role)
}

// openingLeaves opens a case some times within a quarter of an hour and once after
// it, and counts the leaves: two of an opening, one for each try of refusals.
func (l *land) openingLeaves(t *testing.T, id store.CaseID, sealed bool, name string, who app.Who, open opening) (opened, refused int) {
	t.Helper()
	_, from := l.entriesOf(t, l.A.ID, 0)
	var first error
	tries := times(4, 7)
	for n := range tries {
		err := open.do(t.Context(), l, who, id)
		if n == 0 {
			first = err
		} else if outcome(err) != outcome(first) {
			t.Errorf("%s by %s: at first %s, then %s", open.act, name, outcome(first), outcome(err))
		}
		if n == tries-2 {
			l.Clock.Move(15 * time.Minute)
		} else {
			l.Clock.Move(time.Second)
		}
	}
	want, kind := 2, open.act
	if open.form {
		want = 0
	}
	if first != nil {
		if k := fault.KindOf(first); k != fault.NotFound && k != fault.Refused {
			t.Errorf("%s by %s: %s", open.act, name, told(first))
		}
		want, kind = tries, "refused"
	}
	if sealed {
		kind = string(ledger.Sealed)
	}
	list, _ := l.entriesOf(t, l.A.ID, from)
	if len(list) != want {
		t.Errorf("%s by %s (%s), sealed %v: %d leaves, want %d: %s", open.act, name, outcome(first), sealed, len(list), want, kindsOf(list))
	}
	for _, e := range list {
		if string(e.Kind) != kind || len(e.Objects) != 1 || e.Objects[0] != ledger.ID(id) || e.Actor == "" {
			t.Errorf("%s by %s leaves %s by %q on %v, want %s by somebody on %s", open.act, name, e.Kind, e.Actor, e.Objects, kind, id)
		}
	}
	if first != nil {
		return 0, len(list)
	}
	return len(list), 0
}

func kindsOf(list []ledger.Entry) (kinds []string) {
	for _, e := range list {
		kinds = append(kinds, fmt.Sprintf("%s@%s", e.Kind, e.At.Format("15:04:05")))
	}
	return kinds
}

// sameQuarterOtherSession: another session, another person and another process each
// leave their own.
func (l *land) sameQuarterOtherSession(t *testing.T, id store.CaseID) {
	t.Helper()
	ctx := t.Context()
	l.Clock.Move(time.Hour)
	_, from := l.entriesOf(t, l.A.ID, 0)
	director := l.A.As(t, people.Director)
	again := director
	again.Session.ID = "0192f3a0-0000-7000-8000-00000000beef"
	for _, who := range []app.Who{director, director, again, again, l.A.As(t, people.InCharge)} {
		_, err := l.ReadCase(ctx, who, id, "")
		must(t, err)
	}
	if list, _ := l.entriesOf(t, l.A.ID, from); len(list) != 3 {
		t.Errorf("two sessions of one person and another person leave %d leaves, want 3", len(list))
	}
}
