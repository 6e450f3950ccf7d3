package keyring

import (
	"context"
	"fmt"
	"io"
	"time"

	"roundtable/internal/vault"
)

// RotateLibrary gives a library a new key and wraps all that was under the old
// one anew, in one step. No content is touched. It returns the new key; a key
// that somebody wraps with the old one meanwhile is refused by Put (ErrStaleKey).
func RotateLibrary(ctx context.Context, ring Keyring, random io.Reader, installation vault.InstallationKey, library string, at time.Time) (vault.LibraryKey, error) {
	box, err := StorageBox(installation)
	if err != nil {
		return vault.LibraryKey{}, err
	}
	next, err := vault.NewLibraryKey(random)
	if err != nil {
		return vault.LibraryKey{}, err
	}
	err = ring.Update(ctx, box, func(entries []Entry) ([]Entry, error) {
		return moveLibrary(random, installation, next, library, at, entries)
	})
	if err != nil {
		next.Erase()
		return vault.LibraryKey{}, fmt.Errorf("give library %s a new key: %w", library, err)
	}
	return next, nil
}

func moveLibrary(random io.Reader, installation vault.InstallationKey, next vault.LibraryKey, library string, at time.Time, entries []Entry) ([]Entry, error) {
	own, found := find(entries, Slot{Kind: Library, Library: library})
	if !found {
		return nil, ErrNotFound
	}
	wrapped, err := vault.ParseWrapped(own.Bytes)
	if err != nil {
		return nil, err
	}
	old, err := installation.UnwrapLibrary(wrapped, library)
	if err != nil {
		return nil, err
	}
	defer old.Erase()
	for i, e := range entries {
		if e.Library != library {
			continue
		}
		if err := moveEntry(random, installation, old, next, &e, at); err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

// moveEntry wraps one entry of a library anew. A case's key keeps its time, by
// which orphans are told.
func moveEntry(random io.Reader, installation vault.InstallationKey, old, next vault.LibraryKey, e *Entry, at time.Time) error {
	w, err := vault.ParseWrapped(e.Bytes)
	if err != nil {
		return err
	}
	if e.Kind == Library {
		w, err = installation.WrapLibrary(random, e.Library, next)
		e.Made = at
	} else {
		w, err = vault.Rewrap(random, old, next, w, e.Library, e.ID)
	}
	e.Bytes = w.Bytes()
	return err
}

// RotateInstallation moves a keyring to a new installation key: each library's
// key is wrapped anew and the keyring's own records are sealed anew, in one
// step. The recovery entries give way to the given ones, in which the new key is
// deposited: without one, two shares no longer restore the installation.
func RotateInstallation(ctx context.Context, ring Keyring, random io.Reader, from, to vault.InstallationKey, deposits ...Entry) error {
	box, err := StorageBox(to)
	if err != nil {
		return err
	}
	err = ring.Update(ctx, box, func(entries []Entry) ([]Entry, error) {
		moved := make([]Entry, 0, len(entries))
		for _, e := range entries {
			if e.Kind == Recovery {
				continue
			}
			if e.Kind == Library {
				if err := moveToInstallation(random, from, to, &e); err != nil {
					return nil, err
				}
			}
			moved = append(moved, e)
		}
		return append(moved, deposits...), nil
	})
	if err != nil {
		return fmt.Errorf("give the installation a new key: %w", err)
	}
	return nil
}

func moveToInstallation(random io.Reader, from, to vault.InstallationKey, e *Entry) error {
	w, err := vault.ParseWrapped(e.Bytes)
	if err != nil {
		return err
	}
	w, err = vault.RewrapLibrary(random, from, to, w, e.Library)
	e.Bytes = w.Bytes()
	return err
}

// Replace puts an entry in the place of one of the same name, of which nothing
// stays: for a case whose data key was renewed. ErrNotFound if there is none, so
// that a destroyed case does not return.
func Replace(ctx context.Context, ring Keyring, box vault.Box, entry Entry) error {
	return ring.Update(ctx, box, func(entries []Entry) ([]Entry, error) {
		for i := range entries {
			if entries[i].Slot == entry.Slot {
				entries[i] = entry
				return entries, nil
			}
		}
		return nil, ErrNotFound
	})
}

// Orphans returns the keys of a library's cases that were made before a time and
// for which lives says no: left by acts that put a key and then did not commit.
// They are harmless. The caller destroys them, or asks a person first when there
// are surprisingly many, as after restoring an older database.
func Orphans(ctx context.Context, ring Keyring, library string, lives func(caseID string) bool, before time.Time) ([]Slot, error) {
	if library == "" {
		return nil, fmt.Errorf("look for orphan keys: %w", vault.ErrPlace)
	}
	entries, err := ring.List(ctx, library)
	if err != nil {
		return nil, fmt.Errorf("look for orphan keys: %w", err)
	}
	var orphans []Slot
	for _, e := range entries {
		if e.Kind == Case && e.Made.Before(before) && !lives(e.ID) {
			orphans = append(orphans, e.Slot)
		}
	}
	return orphans, nil
}
