package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/fault"
)

// Limits.
const (
	MaxResponse = 64 << 10 // bytes of what a browser sends
	MaxRecord   = 64 << 10 // bytes of a stored Credential or Challenge
	MaxPasskeys = 20       // of one person
	MaxName     = maxLine  // characters of a passkey's name

	maxCredentialID = 1023 // bytes, section 4 of the specification
	maxPublicKey    = 2048 // bytes; RSA of 8192 bits has about 1100
)

// CredentialID finds a passkey: a digest of the id that the authenticator gave
// it. It is the same for the same passkey, always, and there is one passkey of
// that id in the whole installation: the store holds it unique.
type CredentialID string

func credentialID(raw []byte) CredentialID {
	sum := sha256.Sum256(append([]byte("roundtable passkey v1\x00"), raw...))
	return CredentialID(hex.EncodeToString(sum[:]))
}

// Credential is a passkey as we keep it. There is nothing secret in it: it checks
// a signature and makes none. Whole is stored what the library gives, its flags
// included, since later sign-ins are compared with it.
type Credential struct {
	Name string    // given by its owner: "Blue key", "My phone"
	Made time.Time // to the millisecond, as all times here
	Used time.Time // when it last signed somebody in; zero if it never did

	record webauthn.Credential
}

// ID returns the digest under which the passkey is found.
func (c Credential) ID() CredentialID { return credentialID(c.record.ID) }

// CanSync reports whether the authenticator may keep the passkey elsewhere too,
// as it last said: such a passkey outlives the device.
func (c Credential) CanSync() bool { return c.record.Flags.BackupEligible }

// IsSynced reports whether the passkey is kept elsewhere too, as the
// authenticator last said.
func (c Credential) IsSynced() bool { return c.record.Flags.BackupState }

// Rename returns the passkey under another name, or an Invalid fault for the
// field "name".
func (c Credential) Rename(name string) (Credential, error) {
	if err := CheckName(name); err != nil {
		return c, err
	}
	c.Name = name
	return c, nil
}

// CheckName returns an Invalid fault for the field "name" if a passkey cannot be
// called that, or nil.
func CheckName(name string) error {
	if isLine(name, MaxName) {
		return nil
	}
	var f fault.Fields
	f.Add("name", fmt.Sprintf("Write a name that tells you which one it is, such as \"My phone\". It has at most %d letters.", MaxName))
	return f.Err()
}

// stored is a Credential in JSON. Version 1 is all there is.
type stored struct {
	Version int    `json:"v"`
	Name    string `json:"name"`
	Made    int64  `json:"made"`           // unix milliseconds
	Used    int64  `json:"used,omitempty"` // unix milliseconds
	// Flags is the byte that the authenticator sent. The library keeps the flags
	// that it knows by name, in Record, and loses the byte when written as JSON.
	Flags  uint8               `json:"flags"`
	Record webauthn.Credential `json:"record"`
}

// ErrRecord is returned for bytes that are no stored Credential or Challenge, or
// for a value that cannot be one.
var ErrRecord = errors.New("this is no passkey record")

// Marshal returns the passkey as bytes to store: JSON of at most MaxRecord.
func (c Credential) Marshal() ([]byte, error) {
	s := stored{1, c.Name, millis(c.Made), millis(c.Used), c.record.Flags.MsgpByte(), c.record}
	if err := s.check(); err != nil {
		return nil, err
	}
	return marshal(s)
}

// ParseCredential reads a passkey as Marshal writes it.
func ParseCredential(b []byte) (Credential, error) {
	var s stored
	if err := unmarshal(b, &s); err != nil {
		return Credential{}, err
	}
	flags := webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(s.Flags))
	if known := s.Record.Flags; known.UserPresent != flags.UserPresent || known.UserVerified != flags.UserVerified ||
		known.BackupEligible != flags.BackupEligible || known.BackupState != flags.BackupState {
		return Credential{}, fmt.Errorf("%w: its flags differ", ErrRecord)
	}
	s.Record.Flags = flags
	if err := s.check(); err != nil {
		return Credential{}, err
	}
	return Credential{s.Name, moment(s.Made), moment(s.Used), s.Record}, nil
}

func (s stored) check() error {
	switch r := s.Record; {
	case s.Version != 1:
		return fmt.Errorf("%w: its version is unknown", ErrRecord)
	case !isLine(s.Name, MaxName):
		return fmt.Errorf("%w: it has no name", ErrRecord)
	case s.Made <= 0 || s.Used < 0 || s.Made > maxMillis || s.Used > maxMillis:
		return fmt.Errorf("%w: its times are out of reach", ErrRecord)
	case len(r.ID) == 0 || len(r.ID) > maxCredentialID:
		return fmt.Errorf("%w: it has no id", ErrRecord)
	case len(r.PublicKey) == 0 || len(r.PublicKey) > maxPublicKey:
		return fmt.Errorf("%w: it has no key", ErrRecord)
	case !r.Flags.UserVerified:
		return fmt.Errorf("%w: nobody was verified when it was made", ErrRecord)
	}
	return nil
}

func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	if len(b) > MaxRecord {
		return nil, fmt.Errorf("%w: it is too long", ErrRecord)
	}
	return b, nil
}

// unmarshal reads exactly one JSON value. A name that is not ours is refused; in
// the library's own record, which is kept for years, it may come to have more.
func unmarshal(b []byte, v any) error {
	if len(b) > MaxRecord {
		return fmt.Errorf("%w: it is too long", ErrRecord)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: it is no JSON of ours", ErrRecord)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: something follows it", ErrRecord)
	}
	return nil
}

// maxMillis is the end of the year 9999: the last that RFC 3339 can write.
const maxMillis = 253402300799999

// millis returns a time as it is stored, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
