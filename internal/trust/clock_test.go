package trust

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// jumps are what a clock does that was wrong, or is set wrong.
var jumps = []struct {
	name string
	by   time.Duration
	// state is what a session that was in use becomes, by package signin.
	state signin.State
}{
	{"an hour back", -time.Hour, signin.Over},                       // before the session began
	{"ten minutes back", -10 * time.Minute, signin.Locked},          // before it was used last
	{"half a minute back", -30 * time.Second, signin.Live},          // nobody notices
	{"a day back", -24 * time.Hour, signin.Over},                    //
	{"twenty minutes forward", 20 * time.Minute, signin.Locked},     //
	{"thirteen hours forward", 13 * time.Hour, signin.Over},         //
	{"two days forward", 48 * time.Hour, signin.Over},               //
	{"forty years forward", 40 * 365 * 24 * time.Hour, signin.Over}, //
}

// P6: whatever the clock does, sessions lock or end, the ledger goes on and
// verifies, and checkpoints go on.
func TestClockJumps(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		desk := l.A.AtDesk(t)
		l.A.As(t, people.InCharge)
		for range 3 * 24 { // the library is older than what the clock goes back by
			l.Clock.Move(time.Hour)
			must(t, l.WorkOnce(t.Context()))
		}
		for _, jump := range jumps {
			t.Run(jump.name, func(t *testing.T) { l.jump(t, desk, jump.by, jump.state) })
		}
		promise(t, "T4", "P6", "%s: %d jumps of the clock, from forty years forward to a day back: sessions lock and end, every ledger verifies, checkpoints go on", l.kind(), len(jumps))
	})
}

// checkpoints counts a library's checkpoints.
func (l *land) checkpoints(t *testing.T, library people.LibraryID) int {
	t.Helper()
	n := 0
	must(t, l.Store.Read(t.Context(), library, func(tx *store.Tx) error {
		list, err := tx.Ledger().Checkpoints(t.Context(), 0, 1_000_000)
		n = len(list)
		return err
	}))
	return n
}

func (l *land) jump(t *testing.T, desk app.Who, by time.Duration, want signin.State) {
	ctx := t.Context()
	login := l.A.Login(t, people.InCharge)
	l.A.As(t, people.InCharge)
	l.Clock.Move(12 * time.Minute) // it is in use for longer than the slack
	if _, err := l.Resolve(ctx, login.Token, ""); err != nil {
		t.Fatal(told(err))
	}
	id := got[store.CaseID](t)(l.StartWalk(ctx, desk, app.StartForm{Playbook: "officer"}))
	l.Clock.Move(time.Minute)
	must(t, l.WorkOnce(ctx))
	before := l.checkpoints(t, l.A.ID)

	l.Clock.Move(by)
	defer l.Clock.Move(-by) // the next jump begins from the right time
	who := got[app.Who](t)(l.Resolve(ctx, login.Token, ""))
	state := who.State
	if state == "" {
		state = signin.Over // a session that is over is as none
	}
	if state != want {
		t.Errorf("a session that was in use is %s, want %s", state, want)
	}
	if state != signin.Live && who.Person != "" {
		t.Errorf("a session that is %s still acts as somebody", state)
	}
	if again := got[store.CaseID](t)(l.StartWalk(ctx, desk, app.StartForm{Playbook: "officer"})); again == "" {
		t.Error("no walk can be started")
	}
	must(t, l.WorkOnce(ctx))
	l.Clock.Move(time.Hour)
	must(t, l.WorkOnce(ctx))
	l.Clock.Move(-time.Hour)
	if after := l.checkpoints(t, l.A.ID); after <= before {
		t.Errorf("within an hour after the jump %d checkpoints were signed, want one each hour", after-before)
	}
	if _, err := l.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "After the jump."}); err != nil && by < walk.LeftAfter {
		t.Errorf("the walk does not go on: %s", told(err))
	}
	for _, tenant := range []people.LibraryID{people.Installation, l.A.ID, l.B.ID} {
		if err := l.verify(ctx, tenant); err != nil {
			t.Errorf("%s: %v", tenant, err)
		}
	}
}

// Rule 8: a clock that jumps forward by more than a day deletes nothing until a
// person has confirmed it.
func TestForwardJumpDeletesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		for _, by := range []time.Duration{25 * time.Hour, 48 * time.Hour, 31 * 24 * time.Hour, 10 * 365 * 24 * time.Hour} {
			t.Run(fmt.Sprint(by), func(t *testing.T) { l.jumpAhead(t, by) })
		}
		promise(t, "T4", "P6", "%s: forward jumps of 25 hours to 10 years: 0 cases destroyed, 0 people forgotten until somebody confirmed the clock", l.kind())
	})
}

func (l *land) jumpAhead(t *testing.T, by time.Duration) {
	ctx := t.Context()
	director := l.A.As(t, people.Director)
	desk := l.A.AtDesk(t)
	// A walk about suspected abuse dies with its end, a person who left is forgotten
	// after 30 days: both by the clock.
	abuse := got[store.CaseID](t)(l.StartWalk(ctx, desk, app.StartForm{Playbook: "suspected-abuse"}))
	leaver := got[app.Invitation](t)(l.InvitePerson(ctx, director, l.A.ID, app.InvitationForm{
		Person: app.PersonForm{Name: "Lea Ver " + by.String(), Initials: "LV"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip,
	}))
	must(t, l.RemovePerson(ctx, director, l.A.ID, leaver.Person))
	must(t, l.WorkOnce(ctx))

	l.Clock.Move(by)
	defer l.Clock.Move(-by)
	for range 3 {
		must(t, l.WorkOnce(ctx))
		l.Clock.Move(10 * time.Minute)
	}
	if !slices.Contains(l.caseIDs(t), abuse) {
		t.Errorf("the clock jumped by %v, and a case was destroyed by it", by)
	}
	if name := l.nameOf(t, leaver.Person); name == "" {
		t.Errorf("the clock jumped by %v, and a person was forgotten by it", by)
	}
	// The control: once an admin has said that the clock is right, what is due goes.
	must(t, l.AcceptClock(ctx, l.A.As(t, people.Director)))
	for range 3 {
		must(t, l.WorkOnce(ctx))
		l.Clock.Move(10 * time.Minute)
	}
	if slices.Contains(l.caseIDs(t), abuse) {
		t.Errorf("the clock jumped by %v and was accepted, and what was due is still there", by)
	}
	if name := l.nameOf(t, leaver.Person); (name != "") != (by < 30*24*time.Hour) {
		t.Errorf("the clock jumped by %v and was accepted: whoever left is known: %v", by, name != "")
	}
}

func (l *land) caseIDs(t *testing.T) (list []store.CaseID) {
	t.Helper()
	must(t, l.Store.Read(t.Context(), l.A.ID, func(tx *store.Tx) (err error) {
		list, err = tx.CaseIDs(t.Context())
		return err
	}))
	return list
}

// nameOf tells whether it is still known who a person was.
func (l *land) nameOf(t *testing.T, person people.PersonID) (sealed string) {
	t.Helper()
	must(t, l.Store.Read(t.Context(), people.Installation, func(tx *store.Tx) error {
		row, err := tx.Account(t.Context(), person)
		sealed = string(row.Sealed)
		return err
	}))
	return sealed
}
