package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
)

// Place is where a sealed value belongs. All of it is bound to the ciphertext:
// a value that is copied to another library, case, field or version does not
// open there.
type Place struct {
	Library string // the tenant
	Case    string // or whatever else is destroyed as one: a day of shift notes, say
	Field   string // table and column, or the name of a field of a form
	Version uint64 // which writing of that field, counted by the caller
}

// CaseKey seals the contents of one case, and makes the commitments of its
// entries in the ledger. Destroying it (package keyring) is the only deletion
// that reaches every backup.
type CaseKey struct {
	veil // the data key, then the commitment key
	// generation counts the data keys that this case has had. It is bound into
	// what they seal.
	generation uint32
}

// NewCaseKey makes the first key of a case.
func NewCaseKey(random io.Reader, library, caseID string) (CaseKey, error) {
	if !named(library, caseID) {
		return CaseKey{}, ErrPlace
	}
	data, err := draw(random, keySize)
	if err != nil {
		return CaseKey{}, fmt.Errorf("make a case's key: %w", err)
	}
	commit, err := derive(data, keySize, "roundtable ledger commitment v1", library, caseID)
	if err != nil {
		return CaseKey{}, err
	}
	return newCaseKey(append(data, commit...), 1), nil
}

func newCaseKey(both []byte, generation uint32) CaseKey {
	return CaseKey{veiled("key of a case", both), generation}
}

// Renew makes a new data key for the same case. The commitment key is carried
// along, so that the ledger's old entries can still be proved. What the old key
// sealed must be opened with it and sealed again by the caller.
func (k CaseKey) Renew(random io.Reader) (CaseKey, error) {
	if k.raw() == nil {
		return CaseKey{}, ErrNoKey
	}
	data, err := draw(random, keySize)
	if err != nil {
		return CaseKey{}, fmt.Errorf("renew a case's key: %w", err)
	}
	return newCaseKey(append(data, k.commitment()...), k.generation+1), nil
}

// Generation returns which data key of its case this is, counted from 1.
func (k CaseKey) Generation() uint32 { return k.generation }

// ID returns the id of the data key.
func (k CaseKey) ID() (KeyID, error) { return keyID(k.data()) }

func (k CaseKey) data() []byte {
	if b := k.raw(); len(b) == 2*keySize {
		return b[:keySize:keySize]
	}
	return nil
}

func (k CaseKey) commitment() []byte {
	if b := k.raw(); len(b) == 2*keySize {
		return b[keySize:]
	}
	return nil
}

// A sealed value is
//
//	format (1 byte, 1) · generation (4) · nonce (12) · ciphertext (padded size) · tag (16)
//
// sealed with AES-256-GCM under a sub-key for its field; header and place are
// the additional data.
const (
	sealedFormat    = 1
	sealedHeader    = 1 + 4
	gcmNonce        = 12
	gcmTag          = 16
	sealedOverheads = sealedHeader + gcmNonce + gcmTag
)

// Seal seals a content for one place. The nonce is random and the key is for
// one field of one case, so 2^32 writings of a field are safe.
func (k CaseKey) Seal(random io.Reader, at Place, content Clear) (Sealed, error) {
	if len(content.Bytes()) > MaxClear {
		return Sealed{}, ErrTooLarge
	}
	aead, err := k.field(at)
	if err != nil {
		return Sealed{}, err
	}
	nonce, err := draw(random, gcmNonce)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	padded := pad(content.Bytes(), 0)
	defer clear(padded)
	out := make([]byte, 0, len(padded)+sealedOverheads)
	out = append(out, sealedFormat)
	out = binary.BigEndian.AppendUint32(out, k.generation)
	bound := at.bind(out)
	out = append(out, nonce...)
	return sealed(aead.Seal(out, nonce, padded, bound)), nil
}

// Open opens what Seal sealed for the same place. It returns ErrOtherKey when
// the value names another generation of the case's key, and ErrOpen when it was
// changed or belongs to another place.
func (k CaseKey) Open(at Place, value Sealed) (Clear, error) {
	aead, err := k.field(at)
	if err != nil {
		return Clear{}, err
	}
	b := value.Bytes()
	if err := checkSealed(b); err != nil {
		return Clear{}, err
	}
	if g := binary.BigEndian.Uint32(b[1:]); g != k.generation {
		return Clear{}, fmt.Errorf("open a value of key generation %d with generation %d: %w", g, k.generation, ErrOtherKey)
	}
	header, rest := b[:sealedHeader], b[sealedHeader:]
	padded, err := aead.Open(nil, rest[:gcmNonce], rest[gcmNonce:], at.bind(header))
	if err != nil {
		return Clear{}, ErrOpen
	}
	content, err := unpad(padded)
	if err != nil {
		return Clear{}, err
	}
	return ClearBytes(content), nil
}

// ParseSealed takes bytes from a database. It checks their form; whether they
// are true shows only when they are opened. It takes b over.
func ParseSealed(b []byte) (Sealed, error) {
	if err := checkSealed(b); err != nil {
		return Sealed{}, err
	}
	return sealed(b), nil
}

// Generation returns which data key of its case sealed the value; 0 for a zero
// value.
func (s Sealed) Generation() uint32 {
	if len(s.raw()) < sealedHeader {
		return 0
	}
	return binary.BigEndian.Uint32(s.raw()[1:])
}

func sealed(b []byte) Sealed { return Sealed{veiled("sealed", b)} }

func checkSealed(b []byte) error {
	if len(b) < sealedOverheads || b[0] != sealedFormat || !isPaddedSize(len(b)-sealedOverheads) {
		return ErrFormat
	}
	return nil
}

func (k CaseKey) field(at Place) (cipher.AEAD, error) {
	if !named(at.Library, at.Case, at.Field) {
		return nil, ErrPlace
	}
	key, err := derive(k.data(), keySize, "roundtable field key v1", at.Field)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("field cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// bind is the additional data: the value's header and its place.
func (at Place) bind(header []byte) []byte {
	b := join("roundtable sealed field v1", string(header), at.Library, at.Case, at.Field)
	return binary.BigEndian.AppendUint64(b, at.Version)
}

// CommitSecret returns the secret from which the keys of the ledger's commitments
// on this case are made (ledger.NewCommitKey). It is the same for all generations
// of the case's key.
func (k CaseKey) CommitSecret() ([]byte, error) {
	key := k.commitment()
	if key == nil {
		return nil, ErrNoKey
	}
	return bytes.Clone(key), nil
}
