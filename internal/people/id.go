package people

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// The ids of this room. Other rooms have their own; all are made by NewID.
type (
	LibraryID    string // a library; its id tells nothing of it
	BranchID     string // a branch of a library
	PersonID     string // a person's account
	DeviceID     string // a desk's computer or a phone
	MembershipID string // one role of one person
)

// Installation stands for the whole installation where the id of a library is
// asked for: memberships there say who looks after the server. They give nothing
// in any library. No library can have this id, since it is none that NewID makes.
const Installation LibraryID = "installation"

// idSize is the length of an id as text: a UUID, as RFC 9562 writes it.
const idSize = 36

// ErrID is returned for text that is no id as NewID makes them.
var ErrID = errors.New("this is no id")

// NewID makes an id: a UUID of version 7 (RFC 9562), whose order is the order of
// the milliseconds in which ids were made. An id is not secret and tells when it
// was made; what must not tell that is a Pseudonym, or a token of package signin.
//
// It is made here and not by google/uuid because that takes time from the
// machine's clock, and here time comes in.
func NewID[ID ~string](at time.Time, random io.Reader) (ID, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[6:]); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	ms := at.UnixMilli()
	if ms < 0 || ms >= 1<<48 {
		return "", fmt.Errorf("make an id: the time %v is out of reach", at)
	}
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6] = b[6]&0x0f | 7<<4    // the version
	b[8] = b[8]&0x3f | 0b10<<6 // the variant
	return ID(write(b)), nil
}

func write(b [16]byte) string {
	text := make([]byte, 0, idSize)
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			text = append(text, '-')
		}
		start := []int{0, 4, 6, 8, 10}[i]
		text = hex.AppendEncode(text, b[start:end])
	}
	return string(text)
}

// ParseID reads an id. Only the exact form that NewID writes is one: two texts
// never name the same thing.
func ParseID[ID ~string](text string) (ID, error) {
	if len(text) != idSize {
		return "", ErrID
	}
	for i := range idSize {
		if !fitsID(i, text[i]) {
			return "", ErrID
		}
	}
	return ID(text), nil
}

func fitsID(i int, c byte) bool {
	switch i {
	case 8, 13, 18, 23:
		return c == '-'
	case 14:
		return c == '7'
	case 19:
		return c == '8' || c == '9' || c == 'a' || c == 'b'
	}
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
}

// Pseudonym is the name under which a person stands in a library's cases and in
// its ledger. It is drawn and not derived, and it has no time in it, so that
// once the line that says whose it is has been deleted, nothing leads back.
type Pseudonym string

// A pseudonym is "p-" and 20 letters of 5 bits each, without those that are
// easily taken for another.
const (
	pseudonymLetters = "0123456789abcdefghjkmnpqrstvwxyz"
	pseudonymSize    = 20
)

// NewPseudonym draws a pseudonym.
func NewPseudonym(random io.Reader) (Pseudonym, error) {
	b := make([]byte, pseudonymSize)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw a pseudonym: %w", err)
	}
	for i := range b {
		b[i] = pseudonymLetters[b[i]%32]
	}
	return Pseudonym("p-" + string(b)), nil
}

// ParsePseudonym reads a pseudonym in the exact form that NewPseudonym writes.
func ParsePseudonym(text string) (Pseudonym, error) {
	if len(text) != len("p-")+pseudonymSize || text[:2] != "p-" {
		return "", errors.New("this is no pseudonym")
	}
	for _, c := range []byte(text[2:]) {
		if !isLetter(c) {
			return "", errors.New("this is no pseudonym")
		}
	}
	return Pseudonym(text), nil
}

func isLetter(c byte) bool {
	for i := range len(pseudonymLetters) {
		if pseudonymLetters[i] == c {
			return true
		}
	}
	return false
}
