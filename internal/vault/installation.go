package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/text/unicode/norm"
)

// InstallationKey stands above all others of an installation. The operator
// gives it at start; it is never stored in the clear beside the data.
type InstallationKey struct{ veil }

// NewInstallationKey makes an installation's key, the first or a later one.
func NewInstallationKey(random io.Reader) (InstallationKey, error) {
	b, err := draw(random, keySize)
	if err != nil {
		return InstallationKey{}, fmt.Errorf("make an installation's key: %w", err)
	}
	return installationKey(b), nil
}

func installationKey(b []byte) InstallationKey {
	return InstallationKey{veiled("key of an installation", b)}
}

// ID returns the key's id.
func (k InstallationKey) ID() (KeyID, error) { return keyID(k.raw()) }

// The two forms in which an installation's key is written down. Both are text
// of one line, so that they can be kept in a file, in a system credential or in
// a password manager.
const (
	plainPrefix  = "ROUNDTABLE-KEY-1-"
	lockedPrefix = "ROUNDTABLE-LOCKED-KEY-1-"
	keyCheck     = 4 // bytes of the checksum behind a plain key
)

// MaxKeyText is the most bytes of a text that holds an installation's key; a
// caller need not read more of a file.
const MaxKeyText = 4096

// Base32 without padding: letters and digits only, so nothing is lost when it is
// read aloud, typed, or wrapped by a mail program.
var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// Reveal returns the key as text, in the clear, for the operator's key file.
func (k InstallationKey) Reveal() (string, error) {
	if len(k.raw()) != keySize {
		return "", ErrNoKey
	}
	return plainPrefix + letters.EncodeToString(append(bytes.Clone(k.raw()), plainCheck(k.raw())...)), nil
}

func plainCheck(key []byte) []byte {
	sum := sha256.Sum256(join("roundtable key check v1", string(key)))
	return sum[:keyCheck]
}

// IsLocked reports whether a key text needs a passphrase.
func IsLocked(text []byte) bool { return strings.HasPrefix(keyLine(text), lockedPrefix) }

// ParseInstallationKey reads what Reveal wrote. Lines that begin with # are
// comments.
func ParseInstallationKey(text []byte) (InstallationKey, error) {
	line := keyLine(text)
	if strings.HasPrefix(line, lockedPrefix) {
		return InstallationKey{}, fmt.Errorf("this key is locked: it opens with its passphrase: %w", ErrFormat)
	}
	body, found := strings.CutPrefix(line, plainPrefix)
	if !found {
		return InstallationKey{}, fmt.Errorf("an installation's key begins with %q: %w", plainPrefix, ErrFormat)
	}
	b, err := decodeLetters(body)
	if err != nil || len(b) != keySize+keyCheck {
		return InstallationKey{}, fmt.Errorf("this installation's key is cut short or has a wrong letter: %w", ErrFormat)
	}
	key, check := b[:keySize:keySize], b[keySize:]
	if !bytes.Equal(check, plainCheck(key)) {
		return InstallationKey{}, fmt.Errorf("a letter of this installation's key is wrong: %w", ErrFormat)
	}
	return installationKey(key), nil
}

// decodeLetters decodes base32 in its one canonical form: base32 itself lets
// line breaks through and ignores left-over bits.
func decodeLetters(s string) ([]byte, error) {
	b, err := letters.DecodeString(s)
	if err != nil || letters.EncodeToString(b) != s {
		return nil, ErrFormat
	}
	return b, nil
}

// keyLine returns the one line that is neither empty nor a comment; "" if there
// are none or several.
func keyLine(text []byte) string {
	if len(text) > MaxKeyText {
		return ""
	}
	found := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case found != "":
			return ""
		default:
			found = line
		}
	}
	return found
}

// MinPassphrase is the fewest characters of a passphrase. It guards a whole
// installation, and whoever has the locked key may guess without limit.
const MinPassphrase = 16

// What deriving a key from a passphrase costs: argon2id with 64 MiB, three
// passes, one lane. It happens once at start. The numbers belong to the format;
// a dearer setting is a new format, so that a changed file cannot ask for
// unbounded memory.
const (
	argonMemory = 64 << 10 // KiB
	argonPasses = 3
	argonLanes  = 1
	saltSize    = 16
)

const lockedSize = saltSize + chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead

// Lock returns the key as text that opens with a passphrase only.
func (k InstallationKey) Lock(random io.Reader, passphrase Clear) (string, error) {
	if len(k.raw()) != keySize {
		return "", ErrNoKey
	}
	if n := utf8.RuneCount(passphrase.Bytes()); n < MinPassphrase {
		return "", fmt.Errorf("this passphrase has %d characters and needs at least %d; a few words with spaces between are easy to type and hard to guess", n, MinPassphrase)
	}
	out, err := draw(random, saltSize+chacha20poly1305.NonceSizeX)
	if err != nil {
		return "", fmt.Errorf("lock an installation's key: %w", err)
	}
	stretched := stretch(passphrase, out[:saltSize])
	defer clear(stretched)
	out, err = sealX(out, stretched, "roundtable locked key v1", out[saltSize:], k.raw(), nil)
	if err != nil {
		return "", err
	}
	return lockedPrefix + letters.EncodeToString(out), nil
}

// ErrPassphrase means that a passphrase does not open a locked key.
var ErrPassphrase = fmt.Errorf("the passphrase is wrong, or the locked key was changed: %w", ErrOpen)

// Unlock reads what Lock wrote. It takes 64 MiB and a fraction of a second.
func Unlock(text []byte, passphrase Clear) (InstallationKey, error) {
	b, err := parseLocked(text)
	if err != nil {
		return InstallationKey{}, err
	}
	stretched := stretch(passphrase, b[:saltSize])
	defer clear(stretched)
	rest := b[saltSize:]
	key, err := openX(stretched, "roundtable locked key v1", rest[:chacha20poly1305.NonceSizeX], rest[chacha20poly1305.NonceSizeX:], nil)
	if err != nil {
		return InstallationKey{}, ErrPassphrase
	}
	return installationKey(key), nil
}

func parseLocked(text []byte) ([]byte, error) {
	body, found := strings.CutPrefix(keyLine(text), lockedPrefix)
	if !found {
		return nil, fmt.Errorf("a locked key begins with %q: %w", lockedPrefix, ErrFormat)
	}
	b, err := decodeLetters(body)
	if err != nil || len(b) != lockedSize {
		return nil, fmt.Errorf("this locked key is cut short or has a wrong letter: %w", ErrFormat)
	}
	return b, nil
}

// stretch makes a key of a passphrase. Its letters are composed first (NFC), so
// that "é" is the same from every keyboard.
func stretch(passphrase Clear, salt []byte) []byte {
	composed := norm.NFC.Bytes(passphrase.Bytes())
	return argon2.IDKey(composed, salt, argonPasses, argonMemory, argonLanes, keySize)
}

// Box seals records of one kind under a sub-key of the installation's key: what
// a keyring writes to its disk.
type Box struct {
	veil
	id      KeyID
	purpose string
}

// Box returns the box for one purpose. Two purposes never open each other's records.
func (k InstallationKey) Box(purpose string) (Box, error) {
	id, err := k.ID()
	if err != nil {
		return Box{}, err
	}
	sub, err := derive(k.raw(), keySize, "roundtable box v1", purpose)
	if err != nil {
		return Box{}, err
	}
	return Box{veiled("box key", sub), id, purpose}, nil
}

// ID returns the id of the installation's key that the box was made of.
func (b Box) ID() KeyID { return b.id }

// Seal returns nonce, ciphertext and tag of a record, bound to what the caller names.
func (b Box) Seal(random io.Reader, bound, record []byte) ([]byte, error) {
	nonce, err := draw(random, chacha20poly1305.NonceSizeX)
	if err != nil {
		return nil, fmt.Errorf("seal a record: %w", err)
	}
	out := append(make([]byte, 0, len(nonce)+len(record)+chacha20poly1305.Overhead), nonce...)
	return sealX(out, b.raw(), "roundtable box record v1", nonce, record, bound)
}

// Open is the inverse of Seal.
func (b Box) Open(bound, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, ErrFormat
	}
	return openX(b.raw(), "roundtable box record v1", sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], bound)
}

// Tag returns 32 bytes by which a record can be found again, and which tell
// nothing of its name to whoever has not the key.
func (b Box) Tag(name []byte) ([]byte, error) {
	sub, err := derive(b.raw(), keySize, "roundtable box tag v1")
	if err != nil {
		return nil, err
	}
	defer clear(sub)
	mac := hmac.New(sha256.New, sub)
	mac.Write(name)
	return mac.Sum(nil), nil
}
