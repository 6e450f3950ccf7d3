// Package keyring keeps the wrapped keys of an installation, and forgets them:
// destroying a key here is the only deletion in Roundtable that reaches every
// backup. It stands apart from the database, because what is deleted in a
// database stays in its journal, in free pages and in every copy.
//
// Two keyrings are real: [File], one small file beside SQLite, owned by one
// process and rewritten as a whole at every change; and [Postgres], a database
// of its own on a cluster of its own, rewritten after each destruction. Both
// hold what is there now and nothing of what was. Each record is sealed once
// more under the installation's key, so that neither shows how many cases there
// are nor whose.
//
// The order of things is the caller's duty: a key is put before the case's first
// commit, and destroyed before its rows. A key without rows is harmless and is
// swept ([Orphans]); rows without a key never happen. When a method here returns
// an error, nothing may be acknowledged.
//
// It does not decide what is destroyed, and keeps no clock: retention is the
// caller's, and times come in as values.
package keyring

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/vault"
)

// What can go wrong, for errors.Is. The sentences may be shown to people.
var (
	// ErrNotFound means that there is no such key: it was never made here, or was
	// destroyed. What it sealed cannot be opened.
	ErrNotFound = errors.New("there is no such key: it was destroyed, or never made")
	// ErrExists means that another key stands under that name already.
	ErrExists = errors.New("another key stands under this name already")
	// ErrStaleKey means that a key is wrapped by a library's or installation's key
	// that is no longer the current one. Take the current one and wrap it again.
	ErrStaleKey = errors.New("this key is wrapped by a key that has been replaced meanwhile")
	// ErrUnavailable means that the keyring cannot be reached or written. Whether
	// the last change took effect is not known. Acknowledge nothing.
	ErrUnavailable = errors.New("the keyring cannot be reached or written")
	// ErrDamaged means that what the keyring holds was changed by something else
	// than Roundtable, or is cut short.
	ErrDamaged = errors.New("the keyring is damaged; restore it from its newest copy")
	// ErrOtherInstallation means that the keyring is sealed under another
	// installation key than the one that was given at start.
	ErrOtherInstallation = errors.New("the keyring belongs to another installation key than the one given")
	// ErrMissing means that there is no keyring where one should be.
	ErrMissing = errors.New("there is no keyring here; if there was one, restore it from its newest copy, because without it nothing opens")
	// ErrPresent means that a keyring is there already and will not be overwritten.
	ErrPresent = errors.New("there is a keyring here already; it is not overwritten")
	// ErrInUse means that another process has the keyring's file open.
	ErrInUse = errors.New("another process of Roundtable has this keyring open")
	// ErrFull means that a keyring has MaxEntries.
	ErrFull = errors.New("the keyring is full")
)

// MaxEntries bounds one keyring. A case's key lives as long as the case is kept,
// so this is the number of cases alive at once.
const MaxEntries = 200_000

// Kind says what an entry holds.
type Kind byte

// The kinds of entries. Their numbers are stored: they never change.
const (
	Library  Kind = 1 // a library's key; the slot's ID is empty
	Case     Kind = 2 // a case's key; ID is the case
	Intake   Kind = 3 // a library's intake key; ID is its fingerprint
	Recovery Kind = 4 // the installation's key sealed to the recovery key; Library is empty, ID is the recovery key's fingerprint
)

// Slot names an entry.
type Slot struct {
	Kind    Kind
	Library string
	ID      string
}

// Entry is one key as the keyring keeps it: the bytes of a vault.Wrapped, or of
// a vault.Letter for Recovery.
type Entry struct {
	Slot
	Made  time.Time // to the millisecond
	Bytes []byte
}

// String names the kind only: whose key it is belongs in no log.
func (e Entry) String() string { return fmt.Sprintf("[keyring entry of kind %d]", e.Kind) }

// Format writes String, whatever the verb, so that no log keeps a wrapped key.
func (e Entry) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.String()) }

// MarshalText is String.
func (e Entry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Keyring is where wrapped keys live. Its methods may be called at once by many.
//
// Each error is one of this package's, or the context's before anything was
// done. After ErrUnavailable nothing may be acknowledged: the change may or may
// not have taken effect. Put and Destroy may be called again; after Update, look
// first (List) whether it took effect, and let a Destroy of nothing finish it.
type Keyring interface {
	// Get returns an entry: ErrNotFound if there is none.
	Get(ctx context.Context, slot Slot) (Entry, error)
	// Put adds an entry, durable before it returns. The same entry again is no
	// error; another one under the same name is ErrExists. A key that is not
	// wrapped by the current key above it is ErrStaleKey.
	Put(ctx context.Context, entry Entry) error
	// Destroy forgets entries, durably before it returns; it leaves nothing of them
	// where they were kept. What is not there is no error: destroying again
	// finishes what was interrupted. With a library's key goes all that is under it.
	Destroy(ctx context.Context, slots ...Slot) error
	// List returns the entries of one library, or all for "", in order of slots.
	List(ctx context.Context, library string) ([]Entry, error)
	// Update replaces all entries by what change makes of them, in one step that
	// nothing comes between: all of it is durable when it returns, or none. The
	// old ones leave nothing behind. From then on the keyring is sealed in box. It
	// is for rotation; change must not use the keyring.
	Update(ctx context.Context, box vault.Box, change func([]Entry) ([]Entry, error)) error
	// Close lets the keyring go. It waits for calls that are under way.
	Close() error
}

// compareSlots is the order of entries everywhere, so that the same entries give
// the same bytes.
func compareSlots(a, b Slot) int {
	return cmp.Or(cmp.Compare(a.Library, b.Library), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

func compareEntries(a, b Entry) int { return compareSlots(a.Slot, b.Slot) }

// check tells whether a slot's names fit its kind.
func (s Slot) check() error {
	fits := len(s.Library) <= maxName && len(s.ID) <= maxName
	switch s.Kind {
	case Library:
		fits = fits && s.Library != "" && s.ID == ""
	case Case, Intake:
		fits = fits && s.Library != "" && s.ID != ""
	case Recovery:
		fits = fits && s.Library == "" && s.ID != ""
	default:
		fits = false
	}
	if !fits {
		return fmt.Errorf("the name of a key does not fit its kind %d: %w", s.Kind, vault.ErrPlace)
	}
	return nil
}

// check tells whether an entry is what its slot says.
func (e Entry) check() error {
	if err := e.Slot.check(); err != nil {
		return err
	}
	if ms := e.Made.UnixMilli(); ms < 0 || ms > maxTime {
		return fmt.Errorf("an entry's time is out of range: %w", vault.ErrFormat)
	}
	if e.Kind == Recovery {
		_, err := vault.ParseLetter(e.Bytes)
		if err == nil && len(e.Bytes) > maxBytes {
			err = vault.ErrTooLarge
		}
		return err
	}
	w, err := vault.ParseWrapped(e.Bytes)
	if err != nil {
		return err
	}
	if want := map[Kind]vault.Kind{Library: vault.KindLibrary, Case: vault.KindCase, Intake: vault.KindIntake}[e.Kind]; w.Kind() != want {
		return fmt.Errorf("a %s stands where a %s belongs: %w", w.Kind(), want, vault.ErrFormat)
	}
	return nil
}

// current tells whether the key above an entry is the one in use: the
// installation's for a library's key, and the library's for what is under it.
// Without this, a key that was wrapped while its library's key was being
// replaced would be lost with the old one.
func (e Entry) current(installation vault.KeyID, library Entry, found bool) error {
	if e.Kind == Recovery {
		return nil
	}
	w, err := vault.ParseWrapped(e.Bytes)
	if err != nil {
		return err
	}
	switch {
	case e.Kind == Library:
		if w.Under() != installation {
			return ErrStaleKey
		}
		return nil
	case !found:
		return fmt.Errorf("the library has no key: %w", ErrStaleKey)
	}
	above, err := vault.ParseWrapped(library.Bytes)
	if err != nil {
		return ErrDamaged
	}
	if w.Under() != above.Holds() {
		return ErrStaleKey
	}
	return nil
}

// checkAll tells whether entries can stand together: each right in itself, no
// name twice, each under the current key above it. It sorts them.
func checkAll(entries []Entry, installation vault.KeyID) error {
	if len(entries) > MaxEntries {
		return ErrFull
	}
	slices.SortFunc(entries, compareEntries)
	for i, e := range entries {
		if err := e.check(); err != nil {
			return err
		}
		if i > 0 && compareEntries(entries[i-1], e) == 0 {
			return ErrExists
		}
		library, found := find(entries, e.above())
		if err := e.current(installation, library, found); err != nil {
			return err
		}
	}
	return nil
}

// above is the slot of the library's key that wraps an entry.
func (s Slot) above() Slot { return Slot{Kind: Library, Library: s.Library} }

// find looks a slot up in sorted entries.
func find(sorted []Entry, slot Slot) (Entry, bool) {
	at, found := slices.BinarySearchFunc(sorted, slot, func(e Entry, s Slot) int { return compareSlots(e.Slot, s) })
	if !found {
		return Entry{}, false
	}
	return sorted[at], true
}

// same reports whether two entries hold the same key at the same time.
func same(a, b Entry) bool {
	return a.Slot == b.Slot && a.Made.UnixMilli() == b.Made.UnixMilli() && bytes.Equal(a.Bytes, b.Bytes)
}

func (e Entry) clone() Entry {
	e.Bytes = bytes.Clone(e.Bytes)
	return e
}

func cloneAll(entries []Entry) []Entry {
	out := make([]Entry, len(entries))
	for i, e := range entries {
		out[i] = e.clone()
	}
	return out
}

// ofLibrary returns copies of the entries of one library; all for "".
func ofLibrary(entries []Entry, library string) []Entry {
	var out []Entry
	for _, e := range entries {
		if library == "" || e.Library == library {
			out = append(out, e.clone())
		}
	}
	return out
}

// without returns the entries but for the named ones and what is under them.
func without(entries []Entry, slots []Slot) []Entry {
	gone := make(map[Slot]bool, len(slots))
	for _, s := range slots {
		gone[s] = true
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		return gone[e.Slot] || e.Kind != Recovery && gone[e.above()]
	})
}

// StorageBox returns the box that a keyring's own records are sealed in.
func StorageBox(key vault.InstallationKey) (vault.Box, error) { return key.Box("keyring") }
