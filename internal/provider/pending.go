package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"roundtable/internal/people"
)

// Life is how long somebody may take at the provider.
const Life = 10 * time.Minute

// MaxRecord is how long a stored Pending is at most, in bytes.
const MaxRecord = 4 << 10

// Pending is a sign-in that was begun and is not finished. It holds secrets (the
// nonce and the code verifier), is sealed before it is stored, and is never given
// to the browser.
//
// It is finished once. Finish marks it as used at once, whatever comes of it. The
// caller takes it out of the store before Finish and in one statement (DELETE …
// RETURNING); two answers at the same time would otherwise both find it unused.
// Where there is none, Finish refuses the zero Pending as it refuses all else.
type Pending struct {
	Person people.PersonID // who is signed in and links an identity; "" for signing in
	Made   time.Time       // to the millisecond, as all times here
	Until  time.Time
	Used   time.Time // zero while it was not

	at       string // digest of issuer and client: at which provider it was begun
	state    string
	nonce    string
	verifier string
}

var text64 = base64.RawURLEncoding.Strict()

// secretSize is 256 bits, for state, nonce and verifier alike.
const secretSize = 32

// Begin returns the address to send the browser to, and the Pending to keep. Who
// is the person who is signed in and wants to link an identity, or "" if somebody
// signs in. It returns a Refused fault if the provider does not answer.
func (p *Provider) Begin(ctx context.Context, who people.PersonID, random io.Reader, now time.Time) (url string, _ Pending, err error) {
	var secrets [3]string
	for i := range secrets {
		var b [secretSize]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", Pending{}, fmt.Errorf("begin at a provider: %w", err)
		}
		secrets[i] = text64.EncodeToString(b[:])
	}
	provider, more, err := p.discover(ctx, now)
	if err != nil {
		return "", Pending{}, p.silent(err)
	}
	made := time.UnixMilli(now.UnixMilli()).UTC()
	pending := Pending{Person: who, Made: made, Until: made.Add(Life),
		at: p.config.digest(), state: secrets[0], nonce: secrets[1], verifier: secrets[2]}
	url = p.oauth2(provider, more).AuthCodeURL(pending.state, oidc.Nonce(pending.nonce), oauth2.S256ChallengeOption(pending.verifier))
	return url, pending, nil
}

// digest tells providers, and our clients at one provider, apart.
func (c Config) digest() string {
	sum := sha256.Sum256([]byte("roundtable provider v1\x00" + c.Issuer + "\x00" + c.ClientID + "\x00" + c.Redirect))
	return hex.EncodeToString(sum[:])
}

// use marks the Pending as used, and returns what keeps it from being.
func (w *Pending) use(c Config, who people.PersonID, now time.Time) error {
	used := w.Used
	w.Used = time.UnixMilli(now.UnixMilli()).UTC()
	switch {
	case !used.IsZero():
		return errors.New("it was finished before")
	case w.state == "" || w.nonce == "" || w.verifier == "":
		return errors.New("it was never begun")
	case subtle.ConstantTimeCompare([]byte(w.at), []byte(c.digest())) != 1:
		return errors.New("it was begun at another provider")
	case w.Person != who:
		return errors.New("it was begun by somebody else")
	case !now.Before(w.Until) || now.Before(w.Made):
		return errLate
	}
	return nil
}

// stored is a Pending in JSON. Version 1 is all there is.
type stored struct {
	Version  int             `json:"v"`
	Person   people.PersonID `json:"person,omitempty"`
	Made     int64           `json:"made"`           // unix milliseconds
	Used     int64           `json:"used,omitempty"` // unix milliseconds
	At       string          `json:"at"`
	State    string          `json:"state"`
	Nonce    string          `json:"nonce"`
	Verifier string          `json:"verifier"`
}

// ErrRecord is returned for bytes that are no stored Pending, or for a Pending
// that Begin did not make.
var ErrRecord = errors.New("this is no pending sign-in")

// Marshal returns the Pending as bytes to store: JSON of at most MaxRecord.
func (w Pending) Marshal() ([]byte, error) {
	s := stored{1, w.Person, w.Made.UnixMilli(), 0, w.at, w.state, w.nonce, w.verifier}
	if !w.Used.IsZero() {
		s.Used = w.Used.UnixMilli()
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// ParsePending reads a Pending as Marshal writes it.
func ParsePending(b []byte) (Pending, error) {
	if len(b) > MaxRecord {
		return Pending{}, fmt.Errorf("%w: it is too long", ErrRecord)
	}
	var s stored
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Pending{}, fmt.Errorf("%w: it is no JSON of ours", ErrRecord)
	}
	if _, err := d.Token(); err != io.EOF {
		return Pending{}, fmt.Errorf("%w: something follows it", ErrRecord)
	}
	if err := s.check(); err != nil {
		return Pending{}, err
	}
	made := time.UnixMilli(s.Made).UTC()
	w := Pending{Person: s.Person, Made: made, Until: made.Add(Life), at: s.At, state: s.State, nonce: s.Nonce, verifier: s.Verifier}
	if s.Used != 0 {
		w.Used = time.UnixMilli(s.Used).UTC()
	}
	return w, nil
}

// maxMillis is the end of the year 9999.
const maxMillis = 253402300799999

func (s stored) check() error {
	switch {
	case s.Version != 1:
		return fmt.Errorf("%w: its version is unknown", ErrRecord)
	case s.Made <= 0 || s.Made > maxMillis || s.Used < 0 || s.Used > maxMillis:
		return fmt.Errorf("%w: its times are out of reach", ErrRecord)
	case len(s.At) != 2*sha256.Size || len(s.Person) > MaxRecord/4:
		return fmt.Errorf("%w: it belongs nowhere", ErrRecord)
	}
	for _, secret := range []string{s.State, s.Nonce, s.Verifier} {
		if b, err := text64.DecodeString(secret); err != nil || len(b) != secretSize {
			return fmt.Errorf("%w: a secret is missing", ErrRecord)
		}
	}
	return nil
}

// String hides the secrets.
func (w Pending) String() string { return "[pending sign-in]" }

// GoString is String, for %#v.
func (w Pending) GoString() string { return w.String() }
