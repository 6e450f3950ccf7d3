package keyring

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"roundtable/internal/vault"
)

// A keyring is looked at while another process owns it and changes it, and cannot
// be changed that way.
func TestView(t *testing.T) {
	dir, k := t.TempDir(), newKeys()
	if _, err := ViewFile(dir, k.box); !errors.Is(err, ErrMissing) {
		t.Errorf("ViewFile where there is none = %v, want %v", err, ErrMissing)
	}
	owner := must(CreateFile(dir, rand.Reader, k.box))
	defer owner.Close()
	if err := owner.Put(ctx, k.libraryEntry(libraryID)); err != nil {
		t.Fatal(err)
	}
	e := k.caseEntry(libraryID, "case-1")
	if err := owner.Put(ctx, e); err != nil {
		t.Fatal(err)
	}
	v := must(ViewFile(dir, k.box))
	if got, err := v.Get(ctx, e.Slot); err != nil || !same(got, e) {
		t.Errorf("Get = %v, %v, want what the owner put", got, err)
	}
	for name, err := range map[string]error{
		"Put": v.Put(ctx, e), "Destroy": v.Destroy(ctx, e.Slot),
		"Update": v.Update(ctx, k.box, func(e []Entry) ([]Entry, error) { return e, nil }),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s of a view = %v, want %v", name, err, ErrReadOnly)
		}
	}
	if err := owner.Destroy(ctx, e.Slot); err != nil {
		t.Fatal(err)
	}
	if _, err := must(ViewFile(dir, k.box)).Get(ctx, e.Slot); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get of a destroyed key by a new view = %v, want %v", err, ErrNotFound)
	}
	if list := must(must(ViewOf(ctx, owner)).List(ctx, libraryID)); len(list) != 1 {
		t.Errorf("ViewOf lists %d, want the library's key only", len(list))
	}
	other := must(StorageBox(must(vault.NewInstallationKey(rand.Reader))))
	if _, err := ViewFile(dir, other); !errors.Is(err, ErrOtherInstallation) {
		t.Errorf("ViewFile with another key = %v, want %v", err, ErrOtherInstallation)
	}
}

func TestCopyDays(t *testing.T) {
	dir, k := t.TempDir(), newKeys()
	if days := must(CopyDays(dir)); len(days) > 0 {
		t.Errorf("CopyDays of an empty folder = %v", days)
	}
	ring := must(CreateFile(t.TempDir(), rand.Reader, k.box))
	defer ring.Close()
	if err := (Copier{Random: rand.Reader, Key: k.installation}).Write(ctx, ring, dir, noon); err != nil {
		t.Fatal(err)
	}
	if days := must(CopyDays(dir)); len(days) != 1 || !days[0].Equal(noon.Truncate(24*time.Hour)) {
		t.Errorf("CopyDays = %v, want the day of the copy", days)
	}
	if _, err := CopyDays(dir + "/none"); err == nil {
		t.Error("CopyDays of no folder = nil, want an error")
	}
}
