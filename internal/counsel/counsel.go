// Package counsel holds the values of notes for counsel: whose public key they
// are sealed to, and the sealed note itself.
//
// A note is written and sealed in the author's browser (web/static/js/counsel.js)
// and opens in counsel's, with a key that exists only in counsel's file. What
// comes here is a letter that nothing of ours opens. So this package has no way
// to open one, and holds no text. Who may write, know of or read a note is
// package access's matter; the letter's form is package vault's.
package counsel

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/vault"
)

// Limits. The browser keeps to the first, which the server cannot check; the
// others follow from it: 20,000 characters of four bytes are padded to 128 KiB.
const (
	// MaxText is the longest note, in characters.
	MaxText = 20_000
	// MaxLetter is the largest letter, in bytes.
	MaxLetter = letterOverhead + 1<<17
	// MaxForm is the largest form with a letter in it, in bytes: what a handler
	// needs to read at most.
	MaxForm = 4*(MaxLetter/3+1) + 4096

	letterOverhead = 1 + 8 + 65 + 16 // format, name, the letter's own key, tag
	keySize        = 65
)

// encoding is how keys and letters stand in pages and forms.
var encoding = base64.RawURLEncoding.Strict()

// Key is a public key of counsel's. It is not secret. One that has been replaced
// is kept as long as a note is sealed to it, so that a page can say which of
// counsel's files opens it.
type Key struct {
	Of         people.PersonID
	Public     vault.PublicKey
	Made       time.Time         // when it came here
	Replaced   time.Time         // zero while it is the one to seal to
	ReplacedBy vault.Fingerprint // zero while it is
}

// NewKey takes what counsel's browser sent: the point's 65 bytes in base64url,
// and the fingerprint in hexadecimal digits that the browser computed and showed.
// It returns an Invalid fault for the field "public_key" when the bytes are no
// point on the curve, or for "fingerprint" when the two do not fit.
func NewKey(of people.PersonID, public, fingerprint string, now time.Time) (Key, error) {
	var f fault.Fields
	key, err := parseKey(public)
	if err != nil {
		f.Add("public_key", "The key did not arrive whole. Make it again, and save its file again.")
		return Key{}, f.Err()
	}
	if fingerprint != key.Fingerprint().String() {
		f.Add("fingerprint", "The key and its fingerprint do not fit. Make the key again, and save its file again.")
		return Key{}, f.Err()
	}
	return Key{Of: of, Public: key, Made: now}, nil
}

func parseKey(text string) (vault.PublicKey, error) {
	if len(text) != encoding.EncodedLen(keySize) {
		return vault.PublicKey{}, vault.ErrFormat
	}
	b, err := decode(text)
	if err != nil {
		return vault.PublicKey{}, err
	}
	return vault.ParsePublicKey(b)
}

// decode reads base64url as a browser writes it. The library's decoder skips
// line ends, which would give one value two texts.
func decode(text string) ([]byte, error) {
	b, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodedLen(len(b)) != len(text) {
		return nil, vault.ErrFormat
	}
	return b, nil
}

// Fingerprint names the key, for two people to compare.
func (k Key) Fingerprint() vault.Fingerprint { return k.Public.Fingerprint() }

// Encoded returns the public key as pages give it to the browser.
func (k Key) Encoded() string { return encoding.EncodeToString(k.Public.Bytes()) }

// IsCurrent reports whether notes are sealed to this key now. A zero Key is not.
func (k Key) IsCurrent() bool { return k.Public.Bytes() != nil && k.Replaced.IsZero() }

// ReplaceBy returns the key as it is kept once next has taken its place; next's
// Made is when. Counsel's notes under the old key stay, and open with its file.
// That the change is entered in the ledger and told to the director is the
// caller's duty.
func (k Key) ReplaceBy(next Key) (Key, error) {
	switch {
	case k.Of != next.Of || !next.IsCurrent():
		return Key{}, fault.Broken(errors.New("replace counsel's key: the next one is another person's, or not in use"))
	case !k.IsCurrent():
		return Key{}, fault.Clash("This key was already replaced.", "Open the page again to see the one in use.")
	case k.Fingerprint() == next.Fingerprint():
		return Key{}, fault.Clash("This key is already in use.", "Nothing has to be done.")
	}
	k.Replaced, k.ReplacedBy = next.Made, next.Fingerprint()
	return k, nil
}

// NoteID is the id of a note. The server makes it when it shows the form, so
// that a form sent twice gives one note.
type NoteID string

// Place is where a note belongs; it is bound into the letter. The page gives it
// to the browser, and the browser seals to it.
func Place(library people.LibraryID, caseID string, id NoteID) vault.Place {
	return vault.Place{Library: string(library), Case: caseID, Field: "counsel note " + string(id), Version: 1}
}

// Note is a sealed note for counsel.
type Note struct {
	ID     NoteID
	To     vault.Fingerprint // the key that opens it
	Letter vault.Letter
	Author people.Pseudonym
	At     time.Time // when it came here
}

// NewNote takes the letter that the author's browser sent, in base64url. It
// checks the letter's form and for which key it says it is; nobody here can check
// what is in it. It returns a Clash when counsel has another key by now, and an
// Invalid fault for the field "letter" when that is not a letter.
func NewNote(id NoteID, to Key, letter string, author people.Pseudonym, now time.Time) (Note, error) {
	if !to.IsCurrent() {
		return Note{}, newKeyClash()
	}
	sealed, err := parseLetter(letter)
	if err != nil {
		var f fault.Fields
		f.Add("letter", "The note did not arrive sealed and whole, so it was not kept. Send it again, or call counsel.")
		return Note{}, f.Err()
	}
	if !sealed.IsFor(to.Fingerprint()) {
		return Note{}, newKeyClash()
	}
	return Note{ID: id, To: to.Fingerprint(), Letter: sealed, Author: author, At: now}, nil
}

func parseLetter(text string) (vault.Letter, error) {
	if len(text) > encoding.EncodedLen(MaxLetter) {
		return vault.Letter{}, fmt.Errorf("a letter of %d signs: %w", len(text), vault.ErrTooLarge)
	}
	b, err := decode(text)
	if err != nil {
		return vault.Letter{}, err
	}
	return vault.ParseLetter(b)
}

func newKeyClash() error {
	return fault.Clash("Counsel has a new key since this page was opened, so your note was not kept.",
		"Copy your text, open the page again, and compare the seven words with counsel.")
}

// Encoded returns the letter as pages give it to counsel's browser.
func (n Note) Encoded() string { return encoding.EncodeToString(n.Letter.Bytes()) }
