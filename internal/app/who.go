package app

import (
	"context"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// Who is who asks, as far as they have shown it: a person who is signed in,
// whoever stands at an enrolled device, both, or anybody.
type Who struct {
	// Person is who is signed in; "" if nobody is, or while the session is locked.
	Person people.PersonID
	// Session is the session that was shown, live or locked; its ID is "" if there
	// is none.
	Session store.Session
	State   signin.State
	// Device is the enrolled device, nil if it is none.
	Device *people.Device
	// Library and Branch are where they are: what the session shows, else where
	// the device stands; "" while it is not known.
	Library     people.LibraryID
	Branch      people.BranchID
	Memberships []people.Membership
	// Pseudonym is under which name the person stands at Library; if they have no
	// place there, in the installation. "" if nobody is signed in.
	Pseudonym people.Pseudonym
}

func (w Who) actor() access.Actor {
	return access.Actor{Person: w.Person, Memberships: w.Memberships, Device: w.Device}
}

// known reports whether anybody has shown anything. Refusals of strangers are
// counted in memory only: otherwise whoever asks often enough fills the ledger.
func (w Who) known() bool { return w.Person != "" || w.Device != nil }

// touchEvery is how often a session's last use is written down.
const touchEvery = time.Minute

// Resolve finds out who asks, from the tokens in their cookies ("" if there are
// none). A token that is not one, or not any more, is as none.
func (a *App) Resolve(ctx context.Context, session, device string) (Who, error) {
	now := a.now()
	var who Who
	var touch bool
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		if err := a.resolveDevice(ctx, tx, &who, device, now); err != nil {
			return err
		}
		var err error
		touch, err = a.resolveSession(ctx, tx, &who, session, now)
		return err
	})
	if err != nil {
		return Who{}, err
	}
	if touch {
		if err := a.touch(ctx, who.Session, now); err != nil {
			return Who{}, err
		}
	}
	return who, nil
}

func (a *App) resolveDevice(ctx context.Context, tx *store.Tx, who *Who, token string, now time.Time) error {
	digest, err := signin.TokenDigest(signin.ForDevice, token)
	if err != nil {
		return nil // no token, or none that we made
	}
	device, err := tx.DeviceByToken(ctx, digest)
	if err != nil {
		return unlessMissing(err)
	}
	if device.Works(now) {
		who.Device, who.Library, who.Branch = &device, device.Library, device.Branch
	}
	return nil
}

func (a *App) resolveSession(ctx context.Context, tx *store.Tx, who *Who, token string, now time.Time) (touch bool, err error) {
	digest, err := signin.TokenDigest(signin.ForSession, token)
	if err != nil {
		return false, nil
	}
	session, err := tx.SessionByToken(ctx, digest)
	if err != nil {
		return false, unlessMissing(err)
	}
	// A session that began at an enrolled device goes on there only.
	if session.Device != "" && (who.Device == nil || who.Device.ID != session.Device) {
		return false, nil
	}
	who.State = session.State(now)
	if who.State == signin.Over {
		return false, nil
	}
	who.Session = session
	if who.State == signin.Locked {
		return false, nil
	}
	return now.Sub(session.Used) >= touchEvery, a.takeSeat(ctx, tx, who, now)
}

// takeSeat fills in who the person of a live session is, and where. Of somebody
// who has left, nothing of the session counts.
func (a *App) takeSeat(ctx context.Context, tx *store.Tx, who *Who, now time.Time) error {
	session := who.Session
	account, err := tx.Account(ctx, session.Person)
	if err != nil || !account.Left.IsZero() && !account.Left.After(now) {
		*who = Who{Device: who.Device, Library: who.Library, Branch: who.Branch}
		return unlessMissing(err)
	}
	who.Person = session.Person
	if who.Memberships, err = tx.MembershipsOf(ctx, session.Person); err != nil {
		return err
	}
	if session.Library != "" {
		if session.Library != who.Library {
			who.Branch = ""
		}
		who.Library = session.Library
		if session.Branch != "" {
			who.Branch = session.Branch
		}
	}
	who.Pseudonym, err = a.pseudonym(ctx, tx, who.Person, who.Library)
	if err == nil && who.Pseudonym == "" { // of no library, or at a device of another one
		who.Pseudonym, err = a.pseudonym(ctx, tx, who.Person, people.Installation)
	}
	return err
}

// pseudonym returns under which name a person stands at a library, "" if they
// have no place there.
func (a *App) pseudonym(ctx context.Context, tx *store.Tx, person people.PersonID, library people.LibraryID) (people.Pseudonym, error) {
	if person == "" || library == "" {
		return "", nil
	}
	sealed, err := tx.Pseudonym(ctx, person, library)
	if err != nil {
		return "", unlessMissing(err)
	}
	key, err := a.openKey(ctx, people.Installation, string(person))
	if err != nil {
		return "", unlessMissing(err)
	}
	text, err := unseal(key, people.Installation, string(person), fieldPseudonym+" "+string(library), 1, sealed)
	if err != nil {
		return "", err
	}
	return people.Pseudonym(text), nil
}

// touch keeps that a session was used. It is not an act: nothing is decided by it
// but when the session locks.
func (a *App) touch(ctx context.Context, session store.Session, now time.Time) error {
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		current, err := tx.Session(ctx, session.ID)
		if err != nil {
			return unlessMissing(err)
		}
		used, live := current.Touch(now)
		if !live {
			return nil
		}
		current.Session = used
		return tx.PutSession(ctx, current)
	})
}

// unlessMissing passes on every error but that something is not there.
func unlessMissing(err error) error {
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}
