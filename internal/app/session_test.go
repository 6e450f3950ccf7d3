package app_test

import (
	"sync"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

func TestLock(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		token := w.A.Login(t, people.Desk).Token
		wantsField(t, "an easy PIN", w.SetPIN(ctx, who, "1234"), "pin")
		must(t, w.SetPIN(ctx, who, "493827"))
		_, err := w.ReadLock(ctx, who)
		wants(t, "ReadLock of a live session", err, fault.Refused)
		for _, secret := range []string{"493827", apptest.Password} {
			must(t, w.Lock(ctx, who))
			must(t, w.Lock(ctx, who))
			locked, err := w.Resolve(ctx, token, "")
			must(t, err)
			if locked.State != signin.Locked || locked.Person != "" || len(locked.Memberships) != 0 {
				t.Errorf("Resolve of a locked session = %+v", locked)
			}
			v, err := w.ReadLock(ctx, locked)
			must(t, err)
			if v.Name != "Person desk" || !v.PIN || !v.Password || v.Passkeys || v.Left != signin.MaxMissed {
				t.Errorf("ReadLock = %+v", v)
			}
			wants(t, "another secret", w.Unlock(ctx, locked, w.Place(), "111111"), fault.Refused)
			must(t, w.Unlock(ctx, locked, w.Place(), secret))
			if now, err := w.Resolve(ctx, token, ""); err != nil || now.Person != who.Person || now.Session.Missed != 0 {
				t.Errorf("Resolve = %+v, %v after unlocking", now, err)
			}
		}
		must(t, w.RemovePIN(ctx, who))
		w.Clock.Move(signin.IdleTime)
		locked, err := w.Resolve(ctx, token, "")
		must(t, err)
		if locked.State != signin.Locked {
			t.Errorf("a session that was left alone is %s, want locked", locked.State)
		}
		for i := range signin.MaxMissed {
			want := fault.Refused
			if i == signin.MaxMissed-1 {
				want = fault.Closed
			}
			wants(t, "another secret", w.Unlock(ctx, locked, w.Place(), "493827"), want)
		}
		wants(t, "the right one, too late", w.Unlock(ctx, locked, w.Place(), apptest.Password), fault.Closed)
		if now, err := w.Resolve(ctx, token, ""); err != nil || now.Session.ID != "" {
			t.Errorf("Resolve = %+v, %v after too many tries, want nobody", now, err)
		}
	})
}

// Many tries at once are no more tries than one after the other.
func TestUnlockRace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		must(t, w.Lock(t.Context(), who))
		locked, err := w.Resolve(t.Context(), w.A.Login(t, people.Desk).Token, "")
		must(t, err)
		var wg sync.WaitGroup
		kinds := make(chan fault.Kind, 12)
		for range cap(kinds) {
			place := w.Place()
			wg.Go(func() { kinds <- fault.KindOf(w.Unlock(t.Context(), locked, place, "another password")) })
		}
		wg.Wait()
		close(kinds)
		refused := 0
		for k := range kinds {
			if k == fault.Refused {
				refused++
			} else if k != fault.Closed {
				t.Errorf("a try is %s", k)
			}
		}
		if refused >= signin.MaxMissed {
			t.Errorf("%d tries were looked at without ending the session, want fewer than %d", refused, signin.MaxMissed)
		}
		wants(t, "the right one, too late", w.Unlock(t.Context(), locked, w.Place(), apptest.Password), fault.Closed)
	})
}

func TestSessions(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Two(t, s)
		login := w.A.Login(t, people.Desk)
		who := w.A.As(t, people.Desk)
		w.Clock.Move(time.Minute)
		second, err := signIn(t, w, app.Who{}, login.Form.Mail, apptest.Password)
		must(t, err)
		third, err := signIn(t, w, app.Who{}, login.Form.Mail, apptest.Password)
		must(t, err)
		list, err := w.Sessions(ctx, who)
		must(t, err)
		if len(list) != 3 || !list[2].This || list[0].This || list[0].Method != signin.ByPassword {
			t.Errorf("Sessions = %+v", list)
		}
		trainer := w.A.As(t, people.Trainer)
		wants(t, "another's session", w.EndSession(ctx, trainer, second.Who.Session.ID), fault.NotFound)
		must(t, w.EndSession(ctx, who, second.Who.Session.ID))
		must(t, w.EndSession(ctx, who, second.Who.Session.ID))
		gone(t, w, second.Token)
		must(t, w.EndOtherSessions(ctx, who))
		gone(t, w, third.Token)
		if now, err := w.Resolve(ctx, login.Token, ""); err != nil || now.Person == "" {
			t.Errorf("this session ended with the others: %+v, %v", now, err)
		}
		wants(t, "of somebody by one who may not", w.EndSessionsOf(ctx, trainer, w.A.ID, who.Person), fault.NotFound)
		must(t, w.EndSessionsOf(ctx, w.A.As(t, people.Admin), w.A.ID, who.Person))
		gone(t, w, login.Token)
		must(t, w.SignOut(ctx, trainer))
		must(t, w.SignOut(ctx, app.Who{}))
		gone(t, w, w.A.Login(t, people.Trainer).Token)
		must(t, w.EndSessionsOfAll(ctx, w.A.As(t, people.Director)))
		for _, l := range []*apptest.Library{w.A, w.B} {
			gone(t, w, l.Login(t, people.Director).Token)
		}
		w.Clock.Move(signin.SessionTime + time.Hour)
		must(t, w.WorkOnce(ctx))
		must(t, s.Read(ctx, people.Installation, func(tx *store.Tx) error {
			if _, err := tx.Session(ctx, second.Who.Session.ID); err == nil || fault.KindOf(err) != fault.NotFound {
				t.Errorf("a session that is over was not swept: %v", err)
			}
			next, err := tx.NextJob(ctx, store.JobKinds{})
			if next.IsZero() {
				t.Error("the sweep does not come again")
			}
			return err
		}))
	})
}

func gone(t *testing.T, w *apptest.World, token string) {
	t.Helper()
	if who, err := w.Resolve(t.Context(), token, ""); err != nil || who.Session.ID != "" {
		t.Errorf("a session goes on that should have ended: %+v, %v", who, err)
	}
}

func TestDevices(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Two(t, s)
		director := w.A.As(t, people.Director)
		_, err := w.OfferEnrol(ctx, director, w.A.ID, w.A.Branch, " ")
		wantsField(t, "OfferEnrol without a name", err, "name")
		offer, err := w.OfferEnrol(ctx, director, w.A.ID, w.A.Branch, "Desk by the door")
		must(t, err)
		_, _, err = w.Enrol(ctx, app.Who{}, w.Place(), "AAAA-AAAA-AAAA", "")
		wantsField(t, "Enrol by another code", err, "code")
		var wg sync.WaitGroup
		var tokens [2]string
		var errs [2]error
		for i := range tokens {
			place := w.Place()
			wg.Go(func() { _, tokens[i], errs[i] = w.Enrol(ctx, app.Who{}, place, offer.Code, "") })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("two enrolments by one code: %v and %v, want one", errs[0], errs[1])
		}
		token := tokens[0] + tokens[1]
		desk, err := w.Resolve(ctx, "", token)
		must(t, err)
		if desk.Device == nil || desk.Device.Name != "Desk by the door" || desk.Library != w.A.ID || desk.Branch != w.A.Branch || desk.Person != "" {
			t.Fatalf("Resolve of the device = %+v", desk)
		}
		late, err := w.OfferEnrol(ctx, director, w.A.ID, w.A.Branch, "Phone")
		must(t, err)
		_, _, err = w.Enrol(ctx, desk, w.Place(), late.Code, "")
		wants(t, "Enrol of a device that is enrolled", err, fault.Conflict)
		w.Clock.Move(signin.EnrolmentLife)
		_, _, err = w.Enrol(ctx, app.Who{}, w.Place(), late.Code, "")
		wants(t, "Enrol by an old code", err, fault.Closed)

		in, err := signIn(t, w, desk, "dana@elm.example", apptest.Password)
		must(t, err)
		if in.Who.Session.Device != desk.Device.ID {
			t.Errorf("the session began at %q, want the device", in.Who.Session.Device)
		}
		gone(t, w, in.Token) // elsewhere than at its device
		if now, err := w.Resolve(ctx, in.Token, token); err != nil || now.Person != director.Person {
			t.Errorf("Resolve at the device = %+v, %v", now, err)
		}
		if v, err := w.InCharge(ctx, desk, w.A.ID, w.A.Branch); err != nil || len(v) != 0 {
			t.Errorf("InCharge at the device = %v, %v, want nobody yet", v, err)
		}
		_, err = w.Directory(ctx, desk, w.A.ID)
		wants(t, "Directory at a device", err, fault.Refused)
		_, err = w.LibraryAt(ctx, desk, w.B.ID)
		wants(t, "another library at a device", err, fault.NotFound)
		must(t, w.RenameDevice(ctx, director, w.A.ID, desk.Device.ID, "Front desk"))
		list, err := w.Devices(ctx, desk, w.A.ID)
		must(t, err)
		if len(list) != 1 || !list[0].This || list[0].MayEnd || list[0].Name != "Front desk" {
			t.Errorf("Devices at the device = %+v", list)
		}
		wants(t, "CloseBranch with devices", w.CloseBranch(ctx, director, w.A.ID, w.A.Branch), fault.Refused)
		must(t, w.RevokeDevice(ctx, director, w.A.ID, desk.Device.ID))
		must(t, s.Read(ctx, people.Installation, func(tx *store.Tx) error {
			session, err := tx.Session(ctx, in.Who.Session.ID)
			if session.Ended.IsZero() {
				t.Error("a session that began at a revoked device goes on")
			}
			return err
		}))
		wants(t, "RevokeDevice twice", w.RevokeDevice(ctx, director, w.A.ID, desk.Device.ID), fault.Closed)
		if now, err := w.Resolve(ctx, in.Token, token); err != nil || now.Device != nil || now.Person != "" || now.Library != "" {
			t.Errorf("Resolve at a revoked device = %+v, %v, want a stranger", now, err)
		}
	})
}
