package app

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// SessionRow is one of a person's sessions.
type SessionRow struct {
	ID     signin.SessionID
	Began  time.Time
	Used   time.Time
	Method signin.Method
	Device string // the name of the enrolled device, "" if it is none
	State  signin.State
	This   bool
}

// seat is where a session begins.
type seat struct {
	library people.LibraryID
	branch  people.BranchID
}

// seatOf finds where somebody's session begins: where the device stands if they
// have a role there, else the first library at which they have one.
func (a *App) seatOf(ctx context.Context, person people.PersonID, device *people.Device) (seat, error) {
	now := a.now()
	var roles []people.Membership
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		roles, err = tx.MembershipsOf(ctx, person)
		return err
	})
	if err != nil {
		return seat{}, err
	}
	at := pickSeat(roles, device, now)
	if at.library == "" || at.branch != "" {
		return at, nil
	}
	at.branch, err = a.firstBranch(ctx, at.library)
	return at, err
}

func pickSeat(roles []people.Membership, device *people.Device, now time.Time) (first seat) {
	for _, m := range roles {
		if !m.Holds(now) || m.Library == people.Installation {
			continue
		}
		if device != nil && m.Covers(device.Library, device.Branch) {
			return seat{device.Library, device.Branch}
		}
		if first.library == "" {
			first = seat{m.Library, m.Branch}
		}
	}
	return first
}

// firstBranch returns the first open branch of a library, "" if there is none.
func (a *App) firstBranch(ctx context.Context, library people.LibraryID) (id people.BranchID, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		branches, err := tx.Branches(ctx)
		if len(branches) > 0 && branches[0].Closed.IsZero() {
			id = branches[0].ID
		}
		return err
	})
	return id, unlessMissing(err)
}

// beginSession begins a session of a person, ends the one that the browser had,
// and makes the person the one who acts.
func (a *App) beginSession(ctx context.Context, act *acting, person people.PersonID, by signin.Method, at seat) (SignedIn, error) {
	account, err := act.Account(ctx, person)
	if err != nil {
		return SignedIn{}, err
	}
	if !account.Left.IsZero() && !account.Left.After(act.now) {
		return SignedIn{}, fault.Missing()
	}
	if err := endOld(ctx, act.Tx, act.who, act.now); err != nil {
		return SignedIn{}, err
	}
	token, digest, err := signin.NewToken(signin.ForSession, a.random)
	if err != nil {
		return SignedIn{}, fault.Broken(err)
	}
	id, err := newID[signin.SessionID](a, act.now)
	if err != nil {
		return SignedIn{}, err
	}
	session := store.Session{
		Session: signin.NewSession(id, person, deviceIDOf(act.who), by, digest, act.now),
		Library: at.library, Branch: at.branch,
	}
	if err := act.AddSession(ctx, session); err != nil {
		return SignedIn{}, err
	}
	if act.who, err = a.whoIn(ctx, act.Tx, session, act.who.Device, act.now); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, Who: act.who}, nil
}

// endOld ends the session that the browser had: a new sign-in never goes on with
// an old one.
func endOld(ctx context.Context, tx *store.Tx, who Who, now time.Time) error {
	if who.Session.ID == "" {
		return nil
	}
	old, err := tx.Session(ctx, who.Session.ID)
	if err != nil {
		return unlessMissing(err)
	}
	old.Session = old.End(now)
	return tx.PutSession(ctx, old)
}

func deviceIDOf(who Who) people.DeviceID {
	if who.Device == nil {
		return ""
	}
	return who.Device.ID
}

// whoIn is who asks in a session that is live.
func (a *App) whoIn(ctx context.Context, tx *store.Tx, session store.Session, device *people.Device, now time.Time) (Who, error) {
	who := Who{Session: session, State: signin.Live, Device: device}
	if device != nil {
		who.Library, who.Branch = device.Library, device.Branch
	}
	return who, a.takeSeat(ctx, tx, &who, now)
}

// changeSession changes a session that was shown, live or locked. It leaves no
// entry: nothing is decided by it but whether the session goes on.
func (a *App) changeSession(ctx context.Context, who Who, change func(*store.Session) error) error {
	if who.Session.ID == "" {
		return signInFirst()
	}
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		current, err := tx.Session(ctx, who.Session.ID)
		if err != nil {
			return err
		}
		if err := change(&current); err != nil {
			return err
		}
		return tx.PutSession(ctx, current)
	})
}

// Lock locks the session: the person is not taken as signed in until they unlock
// it. It may be called when it is locked already.
func (a *App) Lock(ctx context.Context, who Who) error {
	return a.changeSession(ctx, who, func(s *store.Session) error {
		s.Session = s.Session.Lock()
		return nil
	})
}

// SignOut ends the session. It may be called when there is none.
func (a *App) SignOut(ctx context.Context, who Who) error {
	if who.Session.ID == "" {
		return nil
	}
	return a.changeSession(ctx, who, func(s *store.Session) error {
		s.Session = s.Session.End(a.now())
		return nil
	})
}

// LockView is what is shown over a locked page.
type LockView struct {
	Person   people.PersonID
	Name     string
	PIN      bool // there is a PIN
	Password bool // there is a password
	Passkeys bool // there are passkeys, and they work at this address
	Left     int  // tries left
}

// ReadLock returns what is shown over a page whose session is locked: Refused if
// there is no such session.
func (a *App) ReadLock(ctx context.Context, who Who) (LockView, error) {
	view := LockView{Person: who.Session.Person, Left: signin.MaxMissed - who.Session.Missed}
	if who.State != signin.Locked {
		return LockView{}, signInFirst()
	}
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		c, err := a.openAccount(ctx, tx, who.Session.Person)
		if err != nil {
			return err
		}
		list, err := tx.Credentials(ctx, c.Person)
		view.Name = c.card.Name
		view.PIN, view.Password, view.Passkeys = has(list, credPIN), has(list, credPassword), has(list, credPasskey)
		return err
	})
	if err != nil {
		return LockView{}, err
	}
	if works, _, err := a.PasskeysWork(ctx); err != nil || !works {
		view.Passkeys = false
		return view, err
	}
	return view, nil
}

// Unlock unlocks a session that is locked, by PIN or password. A few wrong tries
// end it: then the fault is Closed, and the next thing is to sign in.
func (a *App) Unlock(ctx context.Context, who Who, place netip.Addr, secret string) error {
	if who.State == signin.Live {
		return nil
	}
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return err
	}
	hashes, err := a.unlockHashes(ctx, who)
	if err != nil {
		return err
	}
	// The try is counted before it is known whether it is right, so that many at
	// once get no more tries than one after the other.
	if err := a.changeSession(ctx, who, a.countTry); err != nil {
		return err
	}
	right := false
	for _, hash := range hashes {
		ok, _, err := a.fits(ctx, hash, secret)
		if err != nil {
			return err
		}
		right = right || ok
	}
	return a.settleTry(ctx, who, right)
}

// unlockHashes returns the hashes of a person's PIN and password.
func (a *App) unlockHashes(ctx context.Context, who Who) (hashes []string, err error) {
	if who.State != signin.Locked {
		return nil, signInFirst()
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		c, err := a.openAccount(ctx, tx, who.Session.Person)
		if err != nil {
			return err
		}
		list, err := tx.Credentials(ctx, c.Person)
		if err != nil {
			return err
		}
		for _, kind := range []string{credPIN, credPassword} {
			if one, ok := only(list, kind); ok {
				hash, err := openCredential(c.key, one)
				if err != nil {
					return err
				}
				hashes = append(hashes, string(hash))
			}
		}
		return nil
	})
	return hashes, err
}

func (a *App) countTry(s *store.Session) error {
	if s.State(a.now()) == signin.Over {
		return sessionOver()
	}
	s.Missed++
	return nil
}

func sessionOver() error {
	return fault.Over("This session has ended.", "Sign in again.")
}

// settleTry makes good a try that was counted if it was right, and ends the
// session if it was one too many.
func (a *App) settleTry(ctx context.Context, who Who, right bool) error {
	now := a.now()
	var told error
	err := a.changeSession(ctx, who, func(s *store.Session) error {
		missed := s.Missed
		s.Missed = 0
		switch state := s.State(now); {
		case state == signin.Over:
			s.Missed = missed
			told = sessionOver()
		case right:
			s.Session, _ = s.Session.Unlock(now, true)
		default:
			s.Missed = missed
			told = triesLeft(signin.MaxMissed - missed)
			if missed >= signin.MaxMissed {
				s.Session = s.End(now)
			}
		}
		return nil
	})
	return cmp.Or(err, told)
}

func triesLeft(n int) error {
	switch {
	case n <= 0:
		return fault.Over("That was not right, and it was the last try, so this session has ended.", "Sign in again.")
	case n == 1:
		return fault.Refuse("That was not right.", "You have one more try.")
	}
	return fault.Refuse("That was not right.", "Try again, or sign out and sign in anew.")
}

// Sessions lists the sessions of whoever asks, the newest first.
func (a *App) Sessions(ctx context.Context, who Who) (list []SessionRow, err error) {
	err = a.look(ctx, who, access.SeeSessions, people.Installation, a.onSelf(who), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		list, err = sessionRows(ctx, tx, who, now)
		return err
	})
	return list, err
}

func sessionRows(ctx context.Context, tx *store.Tx, who Who, now time.Time) (list []SessionRow, err error) {
	sessions, err := tx.Sessions(ctx, who.Person, now.Add(-signin.SessionTime))
	if err != nil {
		return nil, err
	}
	for i := len(sessions) - 1; i >= 0; i-- {
		s := sessions[i]
		state := s.State(now)
		if state == signin.Over {
			continue
		}
		row := SessionRow{ID: s.ID, Began: s.Began, Used: s.Used, Method: s.Method, State: state, This: s.ID == who.Session.ID}
		if s.Device != "" {
			device, err := tx.Device(ctx, s.Device)
			if err = unlessMissing(err); err != nil {
				return nil, err
			}
			row.Device = device.Name
		}
		list = append(list, row)
	}
	return list, nil
}

// EndSession ends one of the sessions of whoever asks. One that has ended is no
// error.
func (a *App) EndSession(ctx context.Context, who Who, id signin.SessionID) error {
	return a.do(ctx, who, access.EndSessions, people.Installation, a.onSelf(who), func(ctx context.Context, act *acting) error {
		s, err := act.Session(ctx, id)
		if err != nil {
			return err
		}
		if s.Person != who.Person {
			return fault.Missing()
		}
		s.Session = s.End(act.now)
		return act.PutSession(ctx, s)
	})
}

// EndOtherSessions ends all sessions of whoever asks but this one.
func (a *App) EndOtherSessions(ctx context.Context, who Who) error {
	return a.do(ctx, who, access.EndSessions, people.Installation, a.onSelf(who), func(ctx context.Context, act *acting) error {
		return endOthers(ctx, act, who)
	})
}

// endOthers ends all sessions of whoever acts but the one in which they do.
func endOthers(ctx context.Context, act *acting, who Who) error {
	sessions, err := act.Sessions(ctx, who.Person, act.now.Add(-signin.SessionTime))
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.ID == who.Session.ID {
			continue
		}
		s.Session = s.End(act.now)
		if err := act.PutSession(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// EndSessionsOf ends all sessions of somebody at a library.
func (a *App) EndSessionsOf(ctx context.Context, who Who, library people.LibraryID, person people.PersonID) error {
	return a.do(ctx, who, access.EndSessions, people.Installation, a.onPerson(library, person), func(ctx context.Context, act *acting) error {
		return act.EndSessions(ctx, person, act.now)
	})
}

// EndSessionsOfAll ends every session of the installation, this one too.
func (a *App) EndSessionsOfAll(ctx context.Context, who Who) error {
	return a.do(ctx, who, access.EndSessionsOfAll, people.Installation, installation, func(ctx context.Context, act *acting) error {
		return act.EndAllSessions(ctx, act.now)
	})
}

const (
	jobSweep   = "sweep"
	sweepEvery = 10 * time.Minute
	// sweepAfter is for how long it can still be told that a ticket is too old.
	sweepAfter = 24 * time.Hour
)

func init() { jobKinds[jobSweep] = (*App).sweep }

// armSweep sees to it that what has run out is swept from now on.
func (a *App) armSweep(ctx context.Context, tx *store.Tx, due time.Time) error {
	id, err := newID[string](a, a.now())
	if err != nil {
		return err
	}
	return tx.AddJob(ctx, store.Job{ID: id, Kind: jobSweep, Due: due})
}

// sweep deletes sessions that are over and tickets that ran out, and comes again.
func (a *App) sweep(ctx context.Context, library people.LibraryID, _ store.Job) error {
	now := a.now()
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		if _, err := tx.SweepSessions(ctx, now.Add(-signin.SessionTime)); err != nil {
			return err
		}
		if _, err := tx.SweepTickets(ctx, now.Add(-sweepAfter)); err != nil {
			return err
		}
		return a.armSweep(ctx, tx, now.Add(sweepEvery))
	})
}
