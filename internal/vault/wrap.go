package vault

import (
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Kind says what a wrapped key is.
type Kind byte

// The kinds of wrapped keys. Their numbers are stored: they never change.
const (
	KindLibrary Kind = 1 // a library's key, under the installation's
	KindCase    Kind = 2 // a case's key, under its library's
	KindIntake  Kind = 3 // a library's intake key, under the library's
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case KindLibrary:
		return "library key"
	case KindCase:
		return "case key"
	case KindIntake:
		return "intake key"
	}
	return fmt.Sprintf("kind %d", byte(k))
}

// Wrapped is a key under another key, as a keyring keeps it. It prints its
// label only: a wrapped key in a log would outlive its destruction.
type Wrapped struct{ veil }

// A wrapped key is
//
//	format (1 byte, 1) · kind (1) · id of the key above (16) · id of the key within (16)
//	nonce (24) · ciphertext (as the kind has it) · tag (16)
//
// sealed with XChaCha20-Poly1305 under a sub-key of the key above; the header,
// the library and the id of what the key is for are the additional data.
const (
	wrappedFormat = 1
	wrappedHeader = 2 + 2*len(KeyID{})
	maxWrapped    = 256
)

// payloadSize is how long the key within is.
func (k Kind) payloadSize() int {
	switch k {
	case KindLibrary, KindIntake:
		return keySize
	case KindCase:
		return 4 + 2*keySize
	}
	return -1
}

// ParseWrapped takes bytes from a keyring and checks their form. It takes b over.
func ParseWrapped(b []byte) (Wrapped, error) {
	if len(b) < wrappedHeader || len(b) > maxWrapped || b[0] != wrappedFormat {
		return Wrapped{}, ErrFormat
	}
	size := Kind(b[1]).payloadSize()
	if size < 0 || len(b) != wrappedHeader+chacha20poly1305.NonceSizeX+size+chacha20poly1305.Overhead {
		return Wrapped{}, ErrFormat
	}
	return Wrapped{veiled("wrapped "+Kind(b[1]).String(), b)}, nil
}

// Bytes returns the wrapped key for storing; it shares memory with w.
func (w Wrapped) Bytes() []byte { return w.raw() }

// Kind returns what the key within is; 0 for a zero value.
func (w Wrapped) Kind() Kind {
	if b := w.raw(); len(b) >= wrappedHeader {
		return Kind(b[1])
	}
	return 0
}

// Under returns the id of the key that wraps it.
func (w Wrapped) Under() KeyID { return w.id(2) }

// Holds returns the id of the key within.
func (w Wrapped) Holds() KeyID { return w.id(2 + len(KeyID{})) }

func (w Wrapped) id(at int) KeyID {
	if b := w.raw(); len(b) >= wrappedHeader {
		return KeyID(b[at:])
	}
	return KeyID{}
}

// wrap puts a key under another.
func wrap(random io.Reader, above []byte, kind Kind, library, subject string, holds KeyID, payload []byte) (Wrapped, error) {
	if !named(library, subject) {
		return Wrapped{}, ErrPlace
	}
	under, err := keyID(above)
	if err != nil {
		return Wrapped{}, err
	}
	nonce, err := draw(random, chacha20poly1305.NonceSizeX)
	if err != nil {
		return Wrapped{}, fmt.Errorf("wrap a %s: %w", kind, err)
	}
	out := append(make([]byte, 0, maxWrapped), wrappedFormat, byte(kind))
	out = append(out, under[:]...)
	out = append(out, holds[:]...)
	bound := wrapBinding(out, library, subject)
	out = append(out, nonce...)
	if out, err = sealX(out, above, "roundtable wrap v1", nonce, payload, bound); err != nil {
		return Wrapped{}, err
	}
	return ParseWrapped(out)
}

// unwrap is the inverse of wrap. The caller erases what it returns.
func unwrap(w Wrapped, above []byte, kind Kind, library, subject string) ([]byte, error) {
	if !named(library, subject) {
		return nil, ErrPlace
	}
	if w.Kind() != kind {
		return nil, ErrFormat
	}
	under, err := keyID(above)
	if err != nil {
		return nil, err
	}
	if w.Under() != under {
		return nil, fmt.Errorf("unwrap a %s that is under key %s with key %s: %w", kind, w.Under(), under, ErrOtherKey)
	}
	b := w.raw()
	header, rest := b[:wrappedHeader], b[wrappedHeader:]
	nonce, box := rest[:chacha20poly1305.NonceSizeX], rest[chacha20poly1305.NonceSizeX:]
	return openX(above, "roundtable wrap v1", nonce, box, wrapBinding(header, library, subject))
}

func wrapBinding(header []byte, library, subject string) []byte {
	return join("roundtable wrapped key v1", string(header), library, subject)
}

// sealX appends the XChaCha20-Poly1305 sealing of content, under a sub-key.
func sealX(out, key []byte, purpose string, nonce, content, bound []byte) ([]byte, error) {
	sub, err := derive(key, keySize, purpose)
	if err != nil {
		return nil, err
	}
	defer clear(sub)
	aead, err := chacha20poly1305.NewX(sub)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", purpose, err)
	}
	return aead.Seal(out, nonce, content, bound), nil
}

func openX(key []byte, purpose string, nonce, box, bound []byte) ([]byte, error) {
	sub, err := derive(key, keySize, purpose)
	if err != nil {
		return nil, err
	}
	defer clear(sub)
	aead, err := chacha20poly1305.NewX(sub)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", purpose, err)
	}
	content, err := aead.Open(nil, nonce, box, bound)
	if err != nil {
		return nil, ErrOpen
	}
	return content, nil
}

// LibraryKey wraps the case keys of one library.
type LibraryKey struct{ veil }

// NewLibraryKey makes a library's key, the first or a later one.
func NewLibraryKey(random io.Reader) (LibraryKey, error) {
	b, err := draw(random, keySize)
	if err != nil {
		return LibraryKey{}, fmt.Errorf("make a library's key: %w", err)
	}
	return LibraryKey{veiled("key of a library", b)}, nil
}

// ID returns the key's id.
func (k LibraryKey) ID() (KeyID, error) { return keyID(k.raw()) }

// WrapCase wraps a case's key for the keyring.
func (k LibraryKey) WrapCase(random io.Reader, library, caseID string, key CaseKey) (Wrapped, error) {
	id, err := key.ID()
	if err != nil {
		return Wrapped{}, err
	}
	payload := binary.BigEndian.AppendUint32(make([]byte, 0, KindCase.payloadSize()), key.generation)
	payload = append(payload, key.raw()...)
	defer clear(payload)
	return wrap(random, k.raw(), KindCase, library, caseID, id, payload)
}

// UnwrapCase is the inverse of WrapCase.
func (k LibraryKey) UnwrapCase(w Wrapped, library, caseID string) (CaseKey, error) {
	payload, err := unwrap(w, k.raw(), KindCase, library, caseID)
	if err != nil {
		return CaseKey{}, err
	}
	return newCaseKey(payload[4:], binary.BigEndian.Uint32(payload)), nil
}

// WrapIntake wraps the private half of a library's intake key, to which devices
// seal events that wait to be sent. Its subject is the key's fingerprint.
func (k LibraryKey) WrapIntake(random io.Reader, library string, key PrivateKey) (Wrapped, error) {
	public, err := key.Public()
	if err != nil {
		return Wrapped{}, err
	}
	scalar, err := key.scalar()
	if err != nil {
		return Wrapped{}, err
	}
	defer clear(scalar)
	return wrap(random, k.raw(), KindIntake, library, public.Fingerprint().String(), public.Fingerprint().keyID(), scalar)
}

// UnwrapIntake is the inverse of WrapIntake.
func (k LibraryKey) UnwrapIntake(w Wrapped, library string, fingerprint Fingerprint) (PrivateKey, error) {
	scalar, err := unwrap(w, k.raw(), KindIntake, library, fingerprint.String())
	if err != nil {
		return PrivateKey{}, err
	}
	return ParsePrivateKey(scalar)
}

// WrapLibrary wraps a library's key for the keyring.
func (k InstallationKey) WrapLibrary(random io.Reader, library string, key LibraryKey) (Wrapped, error) {
	id, err := key.ID()
	if err != nil {
		return Wrapped{}, err
	}
	return wrap(random, k.raw(), KindLibrary, library, library, id, key.raw())
}

// UnwrapLibrary is the inverse of WrapLibrary.
func (k InstallationKey) UnwrapLibrary(w Wrapped, library string) (LibraryKey, error) {
	payload, err := unwrap(w, k.raw(), KindLibrary, library, library)
	if err != nil {
		return LibraryKey{}, err
	}
	return LibraryKey{veiled("key of a library", payload)}, nil
}

// Rewrap moves a case's or an intake key from an old library key to a new one.
// Contents are not touched: they are under the key within. The caller names
// what the key is for: the case, or the intake key's fingerprint.
func Rewrap(random io.Reader, from, to LibraryKey, w Wrapped, library, subject string) (Wrapped, error) {
	kind := w.Kind()
	if kind != KindCase && kind != KindIntake {
		return Wrapped{}, ErrFormat
	}
	payload, err := unwrap(w, from.raw(), kind, library, subject)
	if err != nil {
		return Wrapped{}, err
	}
	defer clear(payload)
	return wrap(random, to.raw(), kind, library, subject, w.Holds(), payload)
}

// RewrapLibrary moves a library's key from an old installation key to a new one.
func RewrapLibrary(random io.Reader, from, to InstallationKey, w Wrapped, library string) (Wrapped, error) {
	key, err := from.UnwrapLibrary(w, library)
	if err != nil {
		return Wrapped{}, err
	}
	defer key.Erase()
	return to.WrapLibrary(random, library, key)
}
