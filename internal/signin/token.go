package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Purpose says what a token or a code is for. It is part of the digest, so that
// one made for one thing is nothing to another.
type Purpose string

// The purposes.
const (
	ForInvitation  Purpose = "invitation"
	ForRecovery    Purpose = "recovery"
	ForSession     Purpose = "session"
	ForDevice      Purpose = "device"       // what an enrolled device shows at each request
	ForEnrolment   Purpose = "enrolment"    // the code by which a device is enrolled
	ForHandOver    Purpose = "hand-over"    // of a walk
	ForSetUp       Purpose = "set-up"       // printed where the server was started
	ForMailAddress Purpose = "mail-address" // that a letter has arrived
)

// Digest is what is kept of a token or a code: it finds, and gives nothing away,
// since what it was made from cannot be guessed.
type Digest string

func digest(p Purpose, secret string) Digest {
	sum := sha256.Sum256([]byte("roundtable " + string(p) + " v1\x00" + secret))
	return Digest(hex.EncodeToString(sum[:]))
}

// tokenSize is 256 bits: for what is in a link or a cookie.
const tokenSize = 32

var tokenBase64 = base64.RawURLEncoding.Strict()

// NewToken draws a token for a link or a cookie, and returns it with its digest.
func NewToken(p Purpose, random io.Reader) (string, Digest, error) {
	var b [tokenSize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", "", fmt.Errorf("draw a token for %s: %w", p, err)
	}
	text := tokenBase64.EncodeToString(b[:])
	return text, digest(p, text), nil
}

// ErrToken is returned for text that is no token or code.
var ErrToken = errors.New("this is no token")

// TokenDigest returns the digest under which a token is found.
func TokenDigest(p Purpose, text string) (Digest, error) {
	if len(text) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return "", ErrToken
	}
	b, err := tokenBase64.DecodeString(text)
	if err != nil || len(b) != tokenSize || tokenBase64.EncodeToString(b) != text {
		return "", ErrToken
	}
	return digest(p, text), nil
}

// Codes are for what people read from paper or a screen and type. Their letters
// are those of Crockford's base 32, and what is easily taken for another letter
// is read as that one.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Lengths of codes, in letters of five bits. A code that lives for minutes and is
// tried against a limit can be shorter than one on paper.
const (
	longCode  = 16 // 80 bits: recovery, invitations
	shortCode = 12 // 60 bits: enrolling a device, handing over
)

// size returns how long the codes of a purpose are.
func (p Purpose) size() int {
	if p == ForEnrolment || p == ForHandOver {
		return shortCode
	}
	return longCode
}

// NewCode draws a code and returns it as it is shown, in groups of four, with
// its digest.
func NewCode(p Purpose, random io.Reader) (string, Digest, error) {
	b := make([]byte, p.size())
	if _, err := io.ReadFull(random, b); err != nil {
		return "", "", fmt.Errorf("draw a code for %s: %w", p, err)
	}
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return groups(string(b)), digest(p, string(b)), nil
}

func groups(code string) string {
	var b strings.Builder
	for i, c := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// maxTyped is far more than anybody types for a code.
const maxTyped = 64

// CodeDigest returns the digest under which a typed code is found. Capitals,
// spaces and hyphens do not matter, and O is read as 0, I and L as 1.
func CodeDigest(p Purpose, typed string) (Digest, error) {
	if len(typed) > maxTyped {
		return "", ErrToken
	}
	code := make([]byte, 0, maxTyped)
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u2011' || r == '\u2013':
		case r == 'O':
			code = append(code, '0')
		case r == 'I' || r == 'L':
			code = append(code, '1')
		case r < 0x80 && strings.ContainsRune(codeLetters, r):
			code = append(code, byte(r))
		default:
			return "", ErrToken
		}
	}
	if len(code) != p.size() {
		return "", ErrToken
	}
	return digest(p, string(code)), nil
}
