package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/fault"
)

// BeginRegistration asks the owner's browser for a new passkey, to be called name.
// Options are for PublicKeyCredential.parseCreationOptionsFromJSON; the Challenge
// is for the store. The owner is signed in, and has just shown it.
//
// It returns an Invalid fault for the field "name", and a Refused one when the
// owner has as many passkeys as one may have.
func (s *Site) BeginRegistration(o Owner, name string, now time.Time, random io.Reader) (options []byte, c Challenge, err error) {
	if err := CheckName(name); err != nil {
		return nil, Challenge{}, err
	}
	if err := o.check(); err != nil {
		return nil, Challenge{}, fmt.Errorf("begin a passkey: %w", err)
	}
	if len(o.Passkeys) >= MaxPasskeys {
		return nil, Challenge{}, fault.Refuse(fmt.Sprintf("You have %d passkeys, and no more fit.", len(o.Passkeys)), "Remove one that you no longer use.")
	}
	bytes, err := drawn(random)
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin a passkey: %w", err)
	}
	creation, session, err := s.webauthn.BeginRegistration(o.account(),
		func(options *protocol.PublicKeyCredentialCreationOptions) error {
			options.Challenge = bytes
			return nil
		},
		webauthn.WithCredentialParameters(algorithms()),
		webauthn.WithExclusions(webauthn.Credentials(o.account().records).CredentialDescriptors()),
		// The answer says whether the authenticator did keep the passkey.
		webauthn.WithExtensions(webauthn.WithExtensionCredProps()))
	if err != nil {
		return nil, Challenge{}, fmt.Errorf("begin a passkey: %w", err)
	}
	if options, err = json.Marshal(creation.Response); err != nil {
		return nil, Challenge{}, fmt.Errorf("begin a passkey: %w", err)
	}
	c = newChallenge(ForRegistration, o.Person, session, now)
	c.Name = name
	return options, c, nil
}

// FinishRegistration reads what the browser's toJSON wrote and returns the new
// passkey, to be stored if no other in the installation has its ID. It marks c as
// used.
func (s *Site) FinishRegistration(c *Challenge, o Owner, response []byte, now time.Time) (Credential, error) {
	if err := c.use(ForRegistration, o.Person, s.host, now); err != nil {
		return Credential{}, refused(err)
	}
	if err := o.check(); err != nil {
		return Credential{}, fmt.Errorf("finish a passkey: %w", err)
	}
	record, err := s.register(c.session, o, response)
	if err != nil {
		return Credential{}, refused(err)
	}
	made := Credential{Name: c.Name, Made: moment(millis(now)), record: *record}
	if _, known := o.find(made.ID()); known {
		return Credential{}, refused(errors.New("the passkey is there already"))
	}
	if _, err := made.Marshal(); err != nil {
		return Credential{}, refused(err)
	}
	return made, nil
}

func (s *Site) register(session webauthn.SessionData, o Owner, response []byte) (*webauthn.Credential, error) {
	if len(response) > MaxResponse {
		return nil, errLong
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, err
	}
	// Before anything is verified by that key: one of a million bits would keep us
	// busy for minutes.
	if n := len(parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey); n > maxPublicKey {
		return nil, errors.New("the passkey's key is too long")
	}
	record, err := s.webauthn.CreateCredential(o.account(), session, parsed)
	if err != nil {
		return nil, err
	}
	if rk := record.Extensions.RK; rk != nil && !*rk {
		return nil, errors.New("the authenticator does not keep the passkey")
	}
	return record, nil
}
