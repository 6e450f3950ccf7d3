package signin

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Seed is what a person's authenticator and the server both know, and make
// one-time codes from (RFC 6238). It prints as "[one-time seed]"; Text and URI
// give it away. It is sealed before it is stored.
type Seed struct{ bytes *[seedSize]byte }

const seedSize = 20 // as long as the hash, RFC 4226 section 4

// Codes are of six digits and thirty seconds, by SHA-1: what every authenticator
// makes.
const (
	onetimeDigits = 6
	onetimePeriod = 30 * time.Second
	// onetimeDrift is how many periods a clock may be off, either way.
	onetimeDrift = 1
)

var base32Letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSeed draws a seed.
func NewSeed(random io.Reader) (Seed, error) {
	s := Seed{new([seedSize]byte)}
	if _, err := io.ReadFull(random, s.bytes[:]); err != nil {
		return Seed{}, fmt.Errorf("draw a one-time seed: %w", err)
	}
	return s, nil
}

// ParseSeed reads a seed as Text writes it.
func ParseSeed(text string) (Seed, error) {
	b, err := base32Letters.DecodeString(text)
	if err != nil || len(b) != seedSize || base32Letters.EncodeToString(b) != text {
		return Seed{}, errors.New("this is no one-time seed")
	}
	return Seed{(*[seedSize]byte)(b)}, nil
}

// Text returns the seed as it is typed into an authenticator.
func (s Seed) Text() string {
	if s.bytes == nil {
		return ""
	}
	return base32Letters.EncodeToString(s.bytes[:])
}

// URI returns the seed as an authenticator reads it from a QR code.
func (s Seed) URI(issuer, account string) string {
	q := url.Values{"secret": {s.Text()}, "issuer": {issuer}, "digits": {"6"}, "period": {"30"}, "algorithm": {"SHA1"}}
	// Authenticators read %20 and not +.
	query := strings.ReplaceAll(q.Encode(), "+", "%20")
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + query
}

// String hides the seed.
func (s Seed) String() string { return "[one-time seed]" }

// GoString is String, for %#v.
func (s Seed) GoString() string { return s.String() }

// Format writes String, whatever the verb.
func (s Seed) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is String, for log/slog.
func (s Seed) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Verify reports whether the typed code is the seed's at that time, or one period
// off. Used is the period of the last code that was taken, from the last answer,
// 0 at first: a code works once, and none before it works any more.
func (s Seed) Verify(typed string, at time.Time, used int64) (period int64, ok bool) {
	typed = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, typed)
	if s.bytes == nil || len(typed) != onetimeDigits {
		return used, false
	}
	now := at.Unix() / int64(onetimePeriod/time.Second)
	period = used
	for p := now - onetimeDrift; p <= now+onetimeDrift; p++ {
		fits := subtle.ConstantTimeCompare([]byte(onetime(s.bytes[:], uint64(p), onetimeDigits, sha1.New)), []byte(typed)) == 1
		if fits && p > used && !ok {
			period, ok = p, true
		}
	}
	return period, ok
}

// onetime is HOTP of RFC 4226 with any hash, as RFC 6238 uses it.
func onetime(seed []byte, counter uint64, digits int, newHash func() hash.Hash) string {
	mac := hmac.New(newHash, seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, counter))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	text := fmt.Sprintf("%010d", n)
	return text[len(text)-digits:]
}
