package recovery

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"

	"roundtable/internal/vault/words"
)

// Share is what one holder keeps. It prints as "[recovery share 2]"; Words and QR
// give it away, and are for the paper that the holder takes along.
type Share struct {
	hidden func() *[shareSize]byte // a function, because no fmt verb looks into one
}

// A share is
//
//	format and holder (1 byte: 16 + 1..3) · set (3) · first half (16) · second half (16) · checksum (5)
const (
	shareFormat = 16
	checkSize   = 5
	shareBody   = 1 + setSize + 2*seedSize
	shareSize   = shareBody + checkSize
)

// WordCount is how many words a share has.
const WordCount = 30

// qrPrefix and the base32 behind it are of QR's alphanumeric set, which makes
// the smallest code.
const qrPrefix = "ROUNDTABLE-SHARE-1-"

// maxShareText bounds what is read: thirty words with numbers, or a QR's text.
const maxShareText = 1024

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

func newShare(holder int, set [setSize]byte, halves [2][seedSize]byte) Share {
	b := new([shareSize]byte)
	b[0] = shareFormat + byte(holder)
	copy(b[1:], set[:])
	copy(b[1+setSize:], halves[0][:])
	copy(b[1+setSize+seedSize:], halves[1][:])
	copy(b[shareBody:], checksum(b[:shareBody]))
	return hide(b)
}

func hide(b *[shareSize]byte) Share { return Share{func() *[shareSize]byte { return b }} }

func checksum(body []byte) []byte {
	sum := sha256.Sum256(append([]byte("roundtable recovery share v1"), body...))
	return sum[:checkSize]
}

// Holder returns which of the three it is, from 1; 0 for a zero Share.
func (s Share) Holder() int {
	if s.hidden == nil {
		return 0
	}
	return max(0, int(s.hidden()[0])-shareFormat) // 0 once it was erased
}

// Set returns the name of the printing that it belongs to. It is random and not secret.
func (s Share) Set() string {
	if s.hidden == nil {
		return ""
	}
	return hex.EncodeToString(s.hidden()[1 : 1+setSize])
}

func (s Share) half(i int) [seedSize]byte {
	return [seedSize]byte(s.hidden()[1+setSize+i*seedSize:])
}

// Words returns the share as thirty words; nil for a zero Share.
func (s Share) Words() []string {
	if s.hidden == nil {
		return nil
	}
	return words.Encode(s.hidden()[:])
}

// QR returns the share as text for a QR code; "" for a zero Share.
func (s Share) QR() string {
	if s.hidden == nil {
		return ""
	}
	return qrPrefix + letters.EncodeToString(s.hidden()[:])
}

// Erase overwrites the share in memory.
func (s Share) Erase() {
	if s.hidden != nil {
		clear(s.hidden()[:])
	}
}

// String returns which share it is, never the share.
func (s Share) String() string {
	if s.hidden == nil {
		return "[no recovery share]"
	}
	return "[recovery share " + strconv.Itoa(s.Holder()) + "]"
}

// Format writes String, whatever the verb.
func (s Share) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is String, for log/slog.
func (s Share) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for JSON, XML and flags.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseShare reads a share as a person types it: the words, in any case, with or
// without their numbers, or the text of the QR code. What is wrong is told in
// words that may be shown.
func ParseShare(text string) (Share, error) {
	if len(text) > maxShareText {
		return Share{}, errors.New("this is too long for a share, which has thirty words")
	}
	var b []byte
	var err error
	if joined := strings.ToUpper(strings.Join(strings.Fields(text), "")); strings.HasPrefix(joined, qrPrefix) {
		b, err = parseQR(joined)
	} else {
		b, err = words.Decode(typedWords(text), shareSize)
	}
	if err != nil {
		return Share{}, fmt.Errorf("read a recovery share: %w", err)
	}
	return checked(b)
}

func parseQR(text string) ([]byte, error) {
	body := strings.TrimPrefix(text, qrPrefix)
	b, err := letters.DecodeString(body)
	if err != nil || len(b) != shareSize || letters.EncodeToString(b) != body {
		return nil, errors.New("the code is cut short or has a wrong letter")
	}
	return b, nil
}

// typedWords splits a text at spaces, line ends and commas, and drops the
// numbers that a sheet shows in front of the words.
func typedWords(text string) []string {
	var list []string
	for _, field := range strings.FieldsFunc(text, isGap) {
		word := strings.TrimLeft(field, "0123456789.)")
		if len(word) < words.Length && len(field) == words.Length {
			word = field // not a number: a digit stands for a letter in it
		}
		if word != "" {
			list = append(list, word)
		}
	}
	return list
}

func isGap(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }

func checked(b []byte) (Share, error) {
	holder := int(b[0]) - shareFormat
	switch {
	case !bytes.Equal(b[shareBody:], checksum(b[:shareBody])):
		return Share{}, errors.New("the words are all known, but not this share: two may be exchanged, or taken from another sheet")
	case holder < 1 || holder > Holders:
		return Share{}, errors.New("this share was made by another version of Roundtable")
	}
	return hide((*[shareSize]byte)(b)), nil
}
