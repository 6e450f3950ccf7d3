package signin

import (
	"crypto/subtle"
	"fmt"
	"io"
	"slices"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Ticket lets its bearer do one thing, once, until a time: accept an invitation,
// enrol a device, take a walk. Whoever holds it is found by its digest; the
// ticket itself holds nothing secret.
type Ticket struct {
	Purpose Purpose
	Digest  Digest
	Made    time.Time
	Until   time.Time
	Used    time.Time // zero while it was not
	Ended   time.Time // zero while nobody withdrew it
}

// How long tickets live.
const (
	LinkLife      = 7 * 24 * time.Hour  // an invitation by mail
	SlipLife      = 14 * 24 * time.Hour // an invitation on paper
	EnrolmentLife = 10 * time.Minute
	HandOverLife  = 10 * time.Minute
	SetUpLife     = time.Hour
)

// NewTicket makes a ticket that is carried as a code, and returns the code.
func NewTicket(p Purpose, life time.Duration, now time.Time, random io.Reader) (Ticket, string, error) {
	code, digest, err := NewCode(p, random)
	return Ticket{Purpose: p, Digest: digest, Made: now, Until: now.Add(life)}, code, err
}

// NewLink makes a ticket that is carried in a link, and returns the token in it.
func NewLink(p Purpose, life time.Duration, now time.Time, random io.Reader) (Ticket, string, error) {
	token, digest, err := NewToken(p, random)
	return Ticket{Purpose: p, Digest: digest, Made: now, Until: now.Add(life)}, token, err
}

// Use returns the ticket as it is once it was used, to be stored in the same
// transaction as what it was used for. A ticket for something else, or shown by
// another digest, is not there; one that was used, withdrawn or is too old is
// Closed. A clock that went back before the ticket was made closes it too.
func (t Ticket) Use(p Purpose, shown Digest, now time.Time) (Ticket, error) {
	switch {
	case t.Digest == "" || t.Purpose != p || subtle.ConstantTimeCompare([]byte(t.Digest), []byte(shown)) != 1:
		return t, fault.Missing()
	case !t.Used.IsZero():
		return t, fault.Over("This code has been used already.", "Ask for a new one.")
	case !t.Ended.IsZero():
		return t, fault.Over("This code has been withdrawn.", "Ask whoever gave it to you.")
	case !now.Before(t.Until) || now.Before(t.Made):
		return t, fault.Over("This code is too old.", "Ask for a new one.")
	}
	t.Used = now
	return t, nil
}

// Withdraw returns the ticket as it is once it was withdrawn. One that was used
// stays used.
func (t Ticket) Withdraw(now time.Time) Ticket {
	if t.Used.IsZero() && t.Ended.IsZero() {
		t.Ended = now
	}
	return t
}

// Invitation is how somebody gets to an account that was made for them. It gives
// no role: roles are given by whoever may.
type Invitation struct {
	Ticket
	Person  people.PersonID
	Library people.LibraryID
	By      people.PersonID
}

// Enrolment is how a device gets enrolled at a branch.
type Enrolment struct {
	Ticket
	Library people.LibraryID
	Branch  people.BranchID
	By      people.PersonID
}

// RecoveryCodes is how many recovery codes a person gets at once.
const RecoveryCodes = 10

// Recovery is the recovery codes that a person has left, by digest. Each gets
// its bearer in once, in place of a lost passkey or authenticator.
type Recovery struct {
	Left []Digest
}

// NewRecovery draws new codes, in place of all old ones.
func NewRecovery(random io.Reader) (Recovery, []string, error) {
	var r Recovery
	var codes []string
	for range RecoveryCodes {
		code, digest, err := NewCode(ForRecovery, random)
		if err != nil {
			return Recovery{}, nil, fmt.Errorf("draw recovery codes: %w", err)
		}
		r.Left, codes = append(r.Left, digest), append(codes, code)
	}
	return r, codes, nil
}

// Use returns what is left once the typed code was used, and whether it was one.
func (r Recovery) Use(typed string) (Recovery, bool) {
	shown, err := CodeDigest(ForRecovery, typed)
	if err != nil {
		return r, false
	}
	at := -1
	for i, d := range r.Left {
		if subtle.ConstantTimeCompare([]byte(d), []byte(shown)) == 1 {
			at = i
		}
	}
	if at < 0 {
		return r, false
	}
	return Recovery{slices.Delete(slices.Clone(r.Left), at, at+1)}, true
}
