package passkey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/people"
)

// Life is how long a Challenge can be answered.
const Life = 5 * time.Minute

const challengeSize = 32 // bytes, twice what section 13.4.3 asks for

// Purpose says what a Challenge was made for. It can be answered for nothing else.
type Purpose string

// The purposes.
const (
	ForRegistration Purpose = "register" // of a person who is signed in
	ForSignIn       Purpose = "sign in"  // of nobody yet
	ForUnlock       Purpose = "unlock"   // of the person whose session is locked
)

// ChallengeID finds a Challenge: a digest of what was drawn.
type ChallengeID string

func challengeID(challenge string) ChallengeID {
	sum := sha256.Sum256([]byte("roundtable passkey challenge v1\x00" + challenge))
	return ChallengeID(hex.EncodeToString(sum[:]))
}

// Challenge is what was asked of a browser and has not been answered: to be kept
// on the server until then, and never given out.
//
// It is answered once. Finish marks it as used at once, whatever comes of it. The
// caller takes it out of the store before Finish and in one statement (DELETE …
// RETURNING), or stores it as used in the same transaction; two answers at the
// same time would otherwise both find it unused. What is too old is swept.
type Challenge struct {
	Purpose Purpose
	Person  people.PersonID // "" if it was made for nobody
	Name    string          // what the new passkey will be called
	Made    time.Time
	Until   time.Time
	Used    time.Time // zero while it was not answered

	session webauthn.SessionData
}

// ID returns the digest under which the challenge is found: see Answers.
func (c Challenge) ID() ChallengeID { return challengeID(c.session.Challenge) }

func newChallenge(p Purpose, who people.PersonID, s *webauthn.SessionData, now time.Time) Challenge {
	now = moment(millis(now))
	return Challenge{Purpose: p, Person: who, Made: now, Until: now.Add(Life), session: *s}
}

// use marks the challenge as answered, and returns what keeps it from being.
func (c *Challenge) use(p Purpose, who people.PersonID, host string, now time.Time) error {
	used := c.Used
	c.Used = moment(millis(now))
	switch {
	case !used.IsZero():
		return errors.New("the challenge was answered before")
	case c.Purpose != p:
		return fmt.Errorf("the challenge is to %s and not to %s", c.Purpose, p)
	case c.Person != who:
		return errors.New("the challenge is for somebody else")
	case c.session.RelyingPartyID != host:
		return errors.New("the challenge is for another host")
	case !now.Before(c.Until) || now.Before(c.Made):
		return errLate
	}
	return nil
}

// drawn is 32 random bytes.
func drawn(random io.Reader) ([]byte, error) {
	b := make([]byte, challengeSize)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("draw a challenge: %w", err)
	}
	return b, nil
}

// waiting is a Challenge in JSON. Version 1 is all there is.
type waiting struct {
	Version int                  `json:"v"`
	Purpose Purpose              `json:"purpose"`
	Person  people.PersonID      `json:"person,omitempty"`
	Name    string               `json:"name,omitempty"`
	Made    int64                `json:"made"`           // unix milliseconds
	Until   int64                `json:"until"`          // unix milliseconds
	Used    int64                `json:"used,omitempty"` // unix milliseconds
	Session webauthn.SessionData `json:"session"`
}

// Marshal returns the challenge as bytes to store: JSON of at most MaxRecord.
func (c Challenge) Marshal() ([]byte, error) {
	w := waiting{1, c.Purpose, c.Person, c.Name, millis(c.Made), millis(c.Until), millis(c.Used), c.session}
	if err := w.check(); err != nil {
		return nil, err
	}
	return marshal(w)
}

// ParseChallenge reads a challenge as Marshal writes it.
func ParseChallenge(b []byte) (Challenge, error) {
	var w waiting
	if err := unmarshal(b, &w); err != nil {
		return Challenge{}, err
	}
	if err := w.check(); err != nil {
		return Challenge{}, err
	}
	return Challenge{w.Purpose, w.Person, w.Name, moment(w.Made), moment(w.Until), moment(w.Used), w.Session}, nil
}

// check holds a challenge to what Begin makes, so that none that was cut or
// mended in the store asks for less.
func (w waiting) check() error {
	drawn, err := text64.DecodeString(w.Session.Challenge)
	switch {
	case w.Version != 1:
		return fmt.Errorf("%w: its version is unknown", ErrRecord)
	case err != nil || len(drawn) != challengeSize:
		return fmt.Errorf("%w: it has no challenge", ErrRecord)
	case w.Session.UserVerification != protocol.VerificationRequired || w.Session.RelyingPartyID == "":
		return fmt.Errorf("%w: it asks for too little", ErrRecord)
	case !w.fitsPurpose():
		return fmt.Errorf("%w: its purpose and its person do not fit", ErrRecord)
	case w.Made <= 0 || w.Used < 0 || w.Used > maxMillis || w.Until > maxMillis || w.Until-w.Made != Life.Milliseconds():
		return fmt.Errorf("%w: its times are out of reach", ErrRecord)
	}
	return nil
}

func (w waiting) fitsPurpose() bool {
	s := w.Session
	switch w.Purpose {
	case ForRegistration:
		return w.Person != "" && isLine(w.Name, MaxName) && len(s.UserID) == HandleSize && len(s.CredParams) > 0
	case ForSignIn:
		return w.Person == "" && w.Name == "" && len(s.UserID) == 0 && len(s.AllowedCredentialIDs) == 0
	case ForUnlock:
		return w.Person != "" && w.Name == "" && len(s.UserID) == HandleSize && len(s.AllowedCredentialIDs) > 0
	}
	return false
}

// Answers returns the id of the challenge that a browser's response answers, so
// that it can be taken from the store. Nothing is proved by that: Finish does.
// A response that names none is refused as Finish refuses it; where the store has
// none of that id, Finish refuses the zero Challenge in the same words.
func Answers(response []byte) (ChallengeID, error) {
	if len(response) > MaxResponse {
		return "", refused(errLong)
	}
	var r struct {
		Response struct {
			ClientDataJSON protocol.URLEncodedBase64 `json:"clientDataJSON"`
		} `json:"response"`
	}
	var client struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(response, &r) != nil || json.Unmarshal(r.Response.ClientDataJSON, &client) != nil || client.Challenge == "" {
		return "", refused(errors.New("the response names no challenge"))
	}
	return challengeID(client.Challenge), nil
}
