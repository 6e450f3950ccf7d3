package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// SignIn is what a passkey has proved.
type SignIn struct {
	Person  people.PersonID
	Passkey Credential // as it is now, to be stored in the same transaction
	// Changed says that the passkey may be synced now and could not before, or the
	// other way round. It is taken, and worth a line for whoever looks after accounts.
	Changed bool
}

// BeginSignIn asks a browser for any passkey of this site. Options are for
// PublicKeyCredential.parseRequestOptionsFromJSON; the Challenge is for the store.
func (s *Site) BeginSignIn(now time.Time, random io.Reader) (options []byte, c Challenge, err error) {
	bytes, err := drawn(random)
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin to sign in: %w", err)
	}
	assertion, session, err := s.webauthn.BeginDiscoverableLogin(webauthn.WithChallenge(bytes))
	return asked(assertion, session, err, ForSignIn, "", now)
}

// BeginUnlock asks a browser for one of the owner's passkeys, to show that whoever
// is there is still the owner. An owner without passkeys is refused.
func (s *Site) BeginUnlock(o Owner, now time.Time, random io.Reader) (options []byte, c Challenge, err error) {
	if err := o.check(); err != nil {
		return nil, Challenge{}, fmt.Errorf("begin to unlock: %w", err)
	}
	if len(o.Passkeys) == 0 {
		return nil, Challenge{}, fault.Refuse("You have no passkey.", "Use your password.")
	}
	bytes, err := drawn(random)
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin to unlock: %w", err)
	}
	assertion, session, err := s.webauthn.BeginLogin(o.account(), webauthn.WithChallenge(bytes))
	return asked(assertion, session, err, ForUnlock, o.Person, now)
}

func asked(a *protocol.CredentialAssertion, s *webauthn.SessionData, err error, p Purpose, who people.PersonID, now time.Time) ([]byte, Challenge, error) {
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin to %s: %w", p, err)
	}
	options, err := json.Marshal(a.Response)
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin to %s: %w", p, err)
	}
	return options, newChallenge(p, who, s, now), nil
}

// FinishSignIn reads what the browser's toJSON wrote and returns who it is. Find
// returns the person who has that passkey, with all of the person's passkeys, and
// a NotFound fault if there is none; any other error of it is returned as it is.
// A person who left or may not sign in is up to the caller. It marks c as used.
func (s *Site) FinishSignIn(c *Challenge, response []byte, now time.Time, find func(CredentialID) (Owner, error)) (SignIn, error) {
	if err := c.use(ForSignIn, "", s.host, now); err != nil {
		return SignIn{}, refused(err)
	}
	parsed, err := parseAssertion(response)
	if err != nil {
		return SignIn{}, refused(err)
	}
	owner, err := find(credentialID(parsed.RawID))
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return SignIn{}, refused(errors.New("nobody has the passkey"))
		}
		return SignIn{}, err
	}
	return s.assert(c, owner, parsed, now)
}

// FinishUnlock reads what the browser's toJSON wrote, in answer to BeginUnlock.
// It marks c as used.
func (s *Site) FinishUnlock(c *Challenge, o Owner, response []byte, now time.Time) (SignIn, error) {
	if err := c.use(ForUnlock, o.Person, s.host, now); err != nil {
		return SignIn{}, refused(err)
	}
	parsed, err := parseAssertion(response)
	if err != nil {
		return SignIn{}, refused(err)
	}
	return s.assert(c, o, parsed, now)
}

func parseAssertion(response []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if len(response) > MaxResponse {
		return nil, errLong
	}
	return protocol.ParseCredentialRequestResponseBytes(response)
}

func (s *Site) assert(c *Challenge, o Owner, parsed *protocol.ParsedCredentialAssertionData, now time.Time) (SignIn, error) {
	if err := o.check(); err != nil {
		return SignIn{}, fmt.Errorf("sign in by passkey: %w", err)
	}
	shown, known := o.find(credentialID(parsed.RawID))
	if !known {
		return SignIn{}, refused(errors.New("the passkey is somebody else's"))
	}
	who := o.account()
	changed := who.follow(parsed)
	record, err := s.validate(c.session, who, parsed)
	switch {
	case err != nil:
		return SignIn{}, refused(err)
	case record.Authenticator.CloneWarning:
		return SignIn{}, refused(ErrCopied)
	}
	shown.record, shown.Used = *record, moment(millis(now))
	return SignIn{o.Person, shown, changed}, nil
}

// follow lets the owner's passkey say of itself what the authenticator says now
// about whether it can be synced, for the library would refuse a change. It is
// safe: the signature, verified next, is over what it says now.
func (a account) follow(parsed *protocol.ParsedCredentialAssertionData) (changed bool) {
	can := parsed.Response.AuthenticatorData.Flags.HasBackupEligible()
	for i := range a.records {
		if slices.Equal(a.records[i].ID, parsed.RawID) && a.records[i].Flags.BackupEligible != can {
			a.records[i].Flags.BackupEligible = can
			changed = true
		}
	}
	return changed
}

func (s *Site) validate(session webauthn.SessionData, who account, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if len(session.UserID) != 0 {
		return s.webauthn.ValidateLogin(who, session, parsed)
	}
	_, record, err := s.webauthn.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return who, nil }, session, parsed)
	return record, err
}
