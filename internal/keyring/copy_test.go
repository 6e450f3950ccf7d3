package keyring

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"roundtable/internal/recovery"
	"roundtable/internal/vault"
)

// testCopies (P16): a copy restores what was there, but for what was destroyed
// since; two shares open it when the installation's key is lost.
func testCopies(t *testing.T, m maker, k keys, ring Keyring) {
	set := must(recovery.New(rand.Reader))
	deposit := Entry{
		Slot{Recovery, "", set.Public.Fingerprint().String()}, noon,
		must(recovery.Deposit(set.Public, k.installation)).Bytes(),
	}
	kept, purged := k.caseEntry(libraryID, "kept"), k.caseEntry(libraryID, "purged")
	for _, e := range []Entry{deposit, kept, purged} {
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	copier := Copier{Random: rand.Reader, Key: k.installation, Recovery: set.Public}
	if err := copier.Write(ctx, ring, folder, noon); err != nil {
		t.Fatalf("Write: %v", err)
	}

	// The installation's key is lost: two shares open the copy and give it back.
	private := must(recovery.Combine(set.Shares[2], set.Shares[0], set.Public.Fingerprint()))
	c, err := NewestCopy(must(WithRecovery(private)), folder)
	if err != nil {
		t.Fatalf("NewestCopy with two shares: %v", err)
	}
	letter := must(vault.ParseLetter(c.Deposits()[0].Bytes))
	found := must(recovery.Withdraw(private, letter))

	ring.Close()
	restored := must(CreateFile(t.TempDir(), rand.Reader, must(StorageBox(found))))
	defer restored.Close()
	if err := Restore(ctx, restored, c, found, []Slot{purged.Slot}); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if got, err := restored.Get(ctx, kept.Slot); err != nil || !same(got, kept) {
		t.Errorf("after restoring, Get of a living case = %v", err)
	}
	if _, err := restored.Get(ctx, purged.Slot); !errors.Is(err, ErrNotFound) {
		t.Errorf("after restoring, Get of a purged case = %v, want %v", err, ErrNotFound)
	}
	if err := Restore(ctx, restored, c, found, nil); !errors.Is(err, ErrPresent) {
		t.Errorf("Restore over a keyring in use = %v, want %v", err, ErrPresent)
	}
	other := newKeys()
	if err := Restore(ctx, restored, c, other.installation, nil); !errors.Is(err, ErrOtherInstallation) {
		t.Errorf("Restore with another installation's key = %v, want %v", err, ErrOtherInstallation)
	}
	if _, err := NewestCopy(must(WithKey(other.installation)), folder); !errors.Is(err, ErrOtherInstallation) {
		t.Errorf("NewestCopy with another installation's key = %v, want %v", err, ErrOtherInstallation)
	}
}

func copyNames(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	for _, e := range must(os.ReadDir(folder)) {
		names = append(names, e.Name())
	}
	return names
}

// TestCopiesAge (P3): a day's copy takes the place of the last, and no copy
// outlives thirty days even when no new one is written.
func TestCopiesAge(t *testing.T) {
	k := newKeys()
	ring := must(CreateFile(t.TempDir(), rand.Reader, k.box))
	defer ring.Close()
	folder := t.TempDir()
	os.WriteFile(filepath.Join(folder, "notes.txt"), []byte("the operator's own"), 0o600)
	copier := Copier{Random: rand.Reader, Key: k.installation}
	for day := range 3 {
		if err := copier.Write(ctx, ring, folder, noon.AddDate(0, 0, day)); err != nil {
			t.Fatalf("Write on day %d: %v", day, err)
		}
	}
	if got, want := copyNames(t, folder), []string{"keyring-2026-11-27.age", "notes.txt"}; !slices.Equal(got, want) {
		t.Errorf("after three days the folder has %v, want %v", got, want)
	}
	written := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		after time.Duration
		want  int
	}{{CopyLife - time.Second, 0}, {CopyLife, 1}, {2 * CopyLife, 0}} {
		if n, err := ExpireCopies(folder, written.Add(test.after)); err != nil || n != test.want {
			t.Errorf("ExpireCopies after %v = %d, %v; want %d", test.after, n, err, test.want)
		}
	}
	if got, want := copyNames(t, folder), []string{"notes.txt"}; !slices.Equal(got, want) {
		t.Errorf("after thirty days the folder has %v, want %v", got, want)
	}
	if _, err := NewestCopy(must(WithKey(k.installation)), folder); !errors.Is(err, ErrMissing) {
		t.Errorf("NewestCopy where there is none = %v, want %v", err, ErrMissing)
	}
}

// TestNewestCopy: the newest of several places is taken, and a damaged one is told
// instead of an older one being used.
func TestNewestCopy(t *testing.T) {
	k := newKeys()
	ring := must(CreateFile(t.TempDir(), rand.Reader, k.box))
	defer ring.Close()
	a, b := t.TempDir(), t.TempDir()
	copier := Copier{Random: rand.Reader, Key: k.installation}
	for i, folder := range []string{a, b} {
		if err := copier.Write(ctx, ring, folder, noon.AddDate(0, 0, i)); err != nil {
			t.Fatal(err)
		}
	}
	identity := must(WithKey(k.installation))
	if got, err := NewestCopy(identity, b, a, t.TempDir()); err != nil || !got.At.Equal(noon.AddDate(0, 0, 1)) {
		t.Errorf("NewestCopy is of %v, %v; want the second day's", got.At, err)
	}
	path := filepath.Join(b, "keyring-2026-11-26.age")
	whole := must(os.ReadFile(path))
	for _, at := range []int{0, 30, len(whole) / 2, len(whole) - 1} {
		broken := bytes.Clone(whole)
		broken[at] ^= 1
		os.WriteFile(path, broken, 0o600)
		if _, err := NewestCopy(identity, a, b); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherInstallation) {
			t.Errorf("NewestCopy with byte %d changed = %v, want %v", at, err, ErrDamaged)
		}
	}
	os.WriteFile(path, whole[:len(whole)-100], 0o600)
	if _, err := NewestCopy(identity, a, b); !errors.Is(err, ErrDamaged) {
		t.Errorf("NewestCopy cut short = %v, want %v", err, ErrDamaged)
	}
}
