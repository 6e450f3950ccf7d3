package passkey

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/people"
)

// HandleSize is the length of a Handle in bytes: the most that the specification
// allows.
const HandleSize = 64

// Handle stands for a person towards authenticators: the user handle of the
// specification. It is drawn once for each person and is not the person's id, so
// that what lies on a device tells nothing. All passkeys of a person have it.
type Handle [HandleSize]byte

// NewHandle draws a handle.
func NewHandle(random io.Reader) (Handle, error) {
	var h Handle
	if _, err := io.ReadFull(random, h[:]); err != nil {
		return Handle{}, fmt.Errorf("draw a user handle: %w", err)
	}
	return h, nil
}

var text64 = base64.RawURLEncoding.Strict()

// Text returns the handle as it is stored.
func (h Handle) Text() string { return text64.EncodeToString(h[:]) }

// ParseHandle reads a handle as Text writes it.
func ParseHandle(text string) (Handle, error) {
	if len(text) != base64.RawURLEncoding.EncodedLen(HandleSize) {
		return Handle{}, errHandle
	}
	b, err := text64.DecodeString(text)
	if err != nil || len(b) != HandleSize || Handle(b) == (Handle{}) {
		return Handle{}, errHandle
	}
	return Handle(b), nil
}

var errHandle = errors.New("this is no user handle")

// Owner is the person whose passkeys they are.
type Owner struct {
	Person   people.PersonID
	Handle   Handle
	Account  string       // tells accounts apart in an authenticator's list: a mail address or a name
	Name     string       // as colleagues say it; Account if it is ""
	Passkeys []Credential // all that the person has here
}

func (o Owner) check() error {
	switch {
	case o.Person == "":
		return errors.New("the owner of a passkey has no id")
	case o.Handle == Handle{}:
		return errors.New("the owner of a passkey has no user handle")
	case !isLine(o.Account, people.MaxMail):
		return errors.New("the owner of a passkey has no account name that can be shown")
	}
	return nil
}

// find returns the owner's passkey with that id.
func (o Owner) find(id CredentialID) (Credential, bool) {
	for _, c := range o.Passkeys {
		if c.ID() == id {
			return c, true
		}
	}
	return Credential{}, false
}

// account is an owner as the library wants to see one, with the passkeys that
// count for one ceremony.
type account struct {
	Owner
	records []webauthn.Credential
}

func (o Owner) account() account {
	var records []webauthn.Credential
	for _, c := range o.Passkeys {
		records = append(records, c.record)
	}
	return account{o, records}
}

func (a account) WebAuthnID() []byte                         { return a.Handle[:] }
func (a account) WebAuthnName() string                       { return a.Account }
func (a account) WebAuthnCredentials() []webauthn.Credential { return a.records }
func (a account) WebAuthnDisplayName() string {
	if a.Name == "" {
		return a.Account
	}
	return a.Name
}

// maxLine is how many characters a name has at most.
const maxLine = 64

// isLine reports whether text is one line that can be shown, of at most so many
// characters. Two joiners are let through: names in Persian and in Indian
// languages need them.
func isLine(text string, most int) bool {
	return text != "" && text == strings.TrimSpace(text) && utf8.ValidString(text) &&
		utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\u200c' && r != '\u200d' &&
			(unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co))
	})
}
