package vault

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// veil keeps bytes that must not be shown by accident: every usual way of
// printing, logging or encoding a value that embeds it gives its label only.
//
// The bytes stand behind a function for a reason: fmt cannot call the methods of
// an unexported field, so "%s" of a struct that keeps a Clear in one would print
// the bytes themselves, even from behind a pointer. Nothing looks into a function.
type veil struct {
	hidden func() *hidden
}

type hidden struct {
	label string
	bytes []byte
}

func veiled(label string, b []byte) veil {
	h := &hidden{label, b}
	return veil{func() *hidden { return h }}
}

// raw returns the bytes; nil for a zero value.
func (v veil) raw() []byte {
	if v.hidden == nil {
		return nil
	}
	return v.hidden().bytes
}

// String returns what kind of value this is, never the value.
func (v veil) String() string {
	if v.hidden == nil {
		return "[nothing]"
	}
	return "[" + v.hidden().label + "]"
}

// GoString is String, for %#v.
func (v veil) GoString() string { return v.String() }

// Format writes String, whatever the verb.
func (v veil) Format(f fmt.State, _ rune) { io.WriteString(f, v.String()) }

// LogValue is String, for log/slog.
func (v veil) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalJSON is String as a JSON string.
func (v veil) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, v.String()), nil }

// MarshalText is String, for XML, YAML and flags.
func (v veil) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Erase overwrites the bytes in memory. Copies that the Go runtime made, and
// what was derived from a key, are not reached: it shortens a secret's life and
// promises no more. The value must not be used afterwards.
func (v veil) Erase() { clear(v.raw()) }

// Clear is content in the clear: something a person wrote about people. It
// prints as "[clear text]"; Text and Bytes give the content, so that a reader
// of the code sees each place where that happens.
type Clear struct{ veil }

// NewClear takes text as it is.
func NewClear(text string) Clear { return ClearBytes([]byte(text)) }

// ClearBytes takes b over; the caller must not change it any more.
func ClearBytes(b []byte) Clear { return Clear{veiled("clear text", b)} }

// Text returns the content as text. It is "" for a zero Clear.
func (c Clear) Text() string { return string(c.raw()) }

// Bytes returns the content; it shares memory with c.
func (c Clear) Bytes() []byte { return c.raw() }

// Sealed is content under a case's key, as a database may keep it. It prints
// as "[sealed]": a ciphertext in a log outlives the purge of its row.
type Sealed struct{ veil }

// Bytes returns the sealed bytes for storing; it shares memory with s.
func (s Sealed) Bytes() []byte { return s.raw() }
