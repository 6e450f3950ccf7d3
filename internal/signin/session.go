package signin

import (
	"time"

	"roundtable/internal/people"
)

// SessionID names a session where it is listed. It is not the token in the cookie.
type SessionID string

// Method is how somebody signed in.
type Method string

// The methods.
const (
	ByPassword Method = "password" // with a one-time code if there is one
	ByPasskey  Method = "passkey"
	ByRecovery Method = "recovery code"
	ByProvider Method = "provider" // OpenID Connect
	ByInvite   Method = "invitation"
)

// Session is a time during which somebody is signed in. It says nothing of where
// they are: no address and no browser, only the enrolled device if it is one.
type Session struct {
	ID     SessionID
	Person people.PersonID
	Device people.DeviceID // "" if it is no enrolled device
	Method Method
	Token  Digest
	Began  time.Time
	Used   time.Time // the last action, or the last look at an open live page
	Shut   bool      // it was locked by hand
	Missed int       // wrong tries to unlock since it locked
	Ended  time.Time // zero while it has not
}

// How long a session lasts.
const (
	IdleTime    = 15 * time.Minute // then it locks, over the same page
	SessionTime = 10 * time.Hour   // then the next action ends it
	MaxMissed   = 5                // wrong tries to unlock
	clockSlack  = time.Minute      // how far back a clock may be set and nobody notices
)

// State is what a session is at a time.
type State string

// The states.
const (
	Live   State = "live"
	Locked State = "locked" // the person is not taken as signed in until it is unlocked
	Over   State = "over"
)

// State returns what the session is. A clock that was set back locks it, and if
// it now shows a time before the session began, ends it.
func (s Session) State(now time.Time) State {
	switch {
	case s.ID == "" || s.Person == "" || s.Began.IsZero() || !s.Ended.IsZero(),
		!now.Before(s.Began.Add(SessionTime)), now.Before(s.Began.Add(-clockSlack)),
		s.Missed >= MaxMissed:
		return Over
	case s.Shut, !now.Before(s.Used.Add(IdleTime)), now.Before(s.Used.Add(-clockSlack)):
		return Locked
	}
	return Live
}

// Touch returns the session after an action, or after an open live page has
// fetched itself, and whether the person counts as signed in for it. Only a live
// session is kept alive; one that is over ends here.
func (s Session) Touch(now time.Time) (Session, bool) {
	switch s.State(now) {
	case Live:
		if now.After(s.Used) {
			s.Used = now
		}
		return s, true
	case Over:
		return s.End(now), false
	}
	return s, false
}

// Lock returns the session locked, as somebody does who leaves the desk.
func (s Session) Lock() Session {
	s.Shut = true
	return s
}

// Unlock returns the session after somebody has shown that they are its person,
// or has failed to. A session that has seen too many wrong tries ends; one that is
// over stays over.
func (s Session) Unlock(now time.Time, right bool) (Session, bool) {
	switch {
	case s.State(now) != Locked:
		return s.Touch(now)
	case !right:
		s.Missed++
		if s.Missed >= MaxMissed {
			s = s.End(now)
		}
		return s, false
	}
	s.Used, s.Shut, s.Missed = now, false, 0
	return s, true
}

// End returns the session ended. It stays ended at the time at which it ended first.
func (s Session) End(now time.Time) Session {
	if s.Ended.IsZero() {
		s.Ended = now
	}
	return s
}

// NewSession is the session of somebody who has just signed in. Whatever session
// the same browser had before is ended by the caller: a new sign-in never goes on
// with an old token.
func NewSession(id SessionID, person people.PersonID, device people.DeviceID, by Method, token Digest, now time.Time) Session {
	return Session{ID: id, Person: person, Device: device, Method: by, Token: token, Began: now, Used: now}
}
