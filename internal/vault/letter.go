package vault

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"roundtable/internal/vault/words"
)

// Letters are sealed to a public key: what the server must not open (notes for
// counsel), must only pass on (events waiting on a device), or can open only when
// two people bring their shares (recovery). The suite is DHKEM(P-256,
// HKDF-SHA256), HKDF-SHA256, AES-256-GCM of RFC 9180 in base mode, which WebCrypto
// has everywhere. A browser seals what Go opens, and the other way round.
//
// A letter is
//
//	format (1 byte, 1) · first 8 bytes of the recipient's fingerprint
//	enc (65) · ciphertext (padded size) · tag (16)
//
// HPKE's info is the purpose and the place, joined as in DESIGN.md; its
// additional data are empty. The content is padded as all sealed contents are.
const (
	letterFormat   = 1
	letterName     = 8
	letterHeader   = 1 + letterName
	encSize        = 65
	letterOverhead = letterHeader + encSize + gcmTag
)

// Purpose keeps letters of different kinds apart: one never opens as another.
type Purpose string

// The purposes of letters. They are part of what is sealed: they never change.
const (
	ForCounsel  Purpose = "roundtable counsel note v1"
	ForIntake   Purpose = "roundtable waiting event v1"
	ForRecovery Purpose = "roundtable recovery v1"
)

// PublicKey is a recipient of letters. It is not secret.
type PublicKey struct{ key hpke.PublicKey }

// PrivateKey opens letters. It prints as a label only.
type PrivateKey struct{ veil } // the scalar, 32 bytes

func kem() hpke.KEM { return hpke.DHKEM(ecdh.P256()) }

// NewPrivateKey makes a key pair from 32 random bytes by RFC 9180's DeriveKeyPair.
func NewPrivateKey(random io.Reader) (PrivateKey, error) {
	ikm, err := draw(random, keySize)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("make a key pair: %w", err)
	}
	defer clear(ikm)
	return DerivePrivateKey(ikm)
}

// DerivePrivateKey makes a key pair from a secret of at least 32 bytes.
func DerivePrivateKey(secret []byte) (PrivateKey, error) {
	if len(secret) < keySize {
		return PrivateKey{}, fmt.Errorf("derive a key pair: the secret has %d bytes and needs %d", len(secret), keySize)
	}
	key, err := kem().DeriveKeyPair(secret)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("derive a key pair: %w", err)
	}
	scalar, err := key.Bytes()
	if err != nil {
		return PrivateKey{}, fmt.Errorf("derive a key pair: %w", err)
	}
	return PrivateKey{veiled("private key", scalar)}, nil
}

// ParsePrivateKey takes the 32 bytes of a scalar. It takes b over.
func ParsePrivateKey(b []byte) (PrivateKey, error) {
	if _, err := kem().NewPrivateKey(b); err != nil {
		return PrivateKey{}, fmt.Errorf("read a private key: %w", ErrFormat)
	}
	return PrivateKey{veiled("private key", b)}, nil
}

// scalar returns a copy of the key's bytes, which the caller erases.
func (k PrivateKey) scalar() ([]byte, error) {
	if len(k.raw()) != keySize {
		return nil, ErrNoKey
	}
	return bytes.Clone(k.raw()), nil
}

func (k PrivateKey) open() (hpke.PrivateKey, error) {
	if len(k.raw()) != keySize {
		return nil, ErrNoKey
	}
	return kem().NewPrivateKey(k.raw())
}

// Public returns the public half.
func (k PrivateKey) Public() (PublicKey, error) {
	key, err := k.open()
	if err != nil {
		return PublicKey{}, err
	}
	return PublicKey{key.PublicKey()}, nil
}

// ParsePublicKey takes the 65 bytes of an uncompressed point on P-256.
func ParsePublicKey(b []byte) (PublicKey, error) {
	key, err := kem().NewPublicKey(b)
	if err != nil {
		return PublicKey{}, fmt.Errorf("read a public key: %w", ErrFormat)
	}
	return PublicKey{key}, nil
}

// Bytes returns the 65 bytes of the point; nil for a zero key.
func (k PublicKey) Bytes() []byte {
	if k.key == nil {
		return nil
	}
	return k.key.Bytes()
}

// Fingerprint names a public key, for two people to compare.
type Fingerprint [sha256.Size]byte

// Fingerprint returns the SHA-256 of the point's 65 bytes, so that a browser can
// compute it in one call.
func (k PublicKey) Fingerprint() Fingerprint { return sha256.Sum256(k.Bytes()) }

// String returns the fingerprint in hexadecimal digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// Groups returns the first 16 bytes in groups of four hexadecimal digits, to be
// read from a page.
func (f Fingerprint) Groups() string {
	digits := hex.EncodeToString(f[:16])
	var groups []string
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	return strings.Join(groups, " ")
}

// Words returns the first 77 bits as seven words, to be read over the telephone:
// enough that nobody finds a second key with the same words.
func (f Fingerprint) Words() []string { return words.Encode(f[:10])[:7] }

func (f Fingerprint) keyID() KeyID { return KeyID(f[:len(KeyID{})]) }

// ParseFingerprint reads what String wrote.
func ParseFingerprint(s string) (Fingerprint, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(Fingerprint{}) || hex.EncodeToString(b) != s {
		return Fingerprint{}, ErrFormat
	}
	return Fingerprint(b), nil
}

// Letter is a content sealed to a public key. It prints as a label only.
type Letter struct{ veil }

// Bytes returns the letter for storing or sending; it shares memory with l.
func (l Letter) Bytes() []byte { return l.raw() }

// ParseLetter takes bytes that a browser sent or a database kept, and checks
// their form: format, a point on the curve, a padded size. Whether they open only
// the recipient can tell. It takes b over.
func ParseLetter(b []byte) (Letter, error) {
	if len(b) < letterOverhead || b[0] != letterFormat || !isPaddedSize(len(b)-letterOverhead) {
		return Letter{}, ErrFormat
	}
	if _, err := ecdh.P256().NewPublicKey(b[letterHeader : letterHeader+encSize]); err != nil {
		return Letter{}, fmt.Errorf("the letter's own key is not on the curve: %w", ErrFormat)
	}
	return Letter{veiled("sealed letter", b)}, nil
}

// IsFor reports whether a letter says that it is for a key. Only opening proves it.
func (l Letter) IsFor(f Fingerprint) bool {
	b := l.raw()
	return len(b) >= letterHeader && bytes.Equal(b[1:letterHeader], f[:letterName])
}

// Seal seals a content to the key, for a purpose and a place. The randomness is
// the operating system's.
func (k PublicKey) Seal(purpose Purpose, at Place, content Clear) (Letter, error) {
	switch {
	case k.key == nil:
		return Letter{}, ErrNoKey
	case len(content.Bytes()) > MaxClear:
		return Letter{}, ErrTooLarge
	case !named(at.Library, at.Case, at.Field):
		return Letter{}, ErrPlace
	}
	padded := pad(content.Bytes(), 0)
	defer clear(padded)
	box, err := hpke.Seal(k.key, hpke.HKDFSHA256(), hpke.AES256GCM(), at.info(purpose), padded)
	if err != nil {
		return Letter{}, fmt.Errorf("seal a letter: %w", err)
	}
	name := k.Fingerprint()
	out := append(make([]byte, 0, letterHeader+len(box)), letterFormat)
	out = append(out, name[:letterName]...)
	return ParseLetter(append(out, box...))
}

// Open opens a letter. It returns ErrOtherKey when the letter is for another
// key, and ErrOpen when it was changed or is for another purpose or place.
func (k PrivateKey) Open(purpose Purpose, at Place, letter Letter) (Clear, error) {
	if !named(at.Library, at.Case, at.Field) {
		return Clear{}, ErrPlace
	}
	key, err := k.open()
	if err != nil {
		return Clear{}, err
	}
	if b := letter.raw(); len(b) < letterOverhead || b[0] != letterFormat {
		return Clear{}, ErrFormat
	}
	if !letter.IsFor((PublicKey{key.PublicKey()}).Fingerprint()) {
		return Clear{}, fmt.Errorf("open a letter: %w", ErrOtherKey)
	}
	padded, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), at.info(purpose), letter.raw()[letterHeader:])
	if err != nil {
		return Clear{}, ErrOpen
	}
	content, err := unpad(padded)
	if err != nil {
		return Clear{}, err
	}
	return ClearBytes(content), nil
}

// info is what HPKE binds a letter to.
func (at Place) info(purpose Purpose) []byte { return at.bind([]byte(purpose)) }
