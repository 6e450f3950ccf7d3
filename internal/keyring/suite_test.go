package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/vault"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// keys are one installation with one library, as the tests use them.
type keys struct {
	installation vault.InstallationKey
	library      vault.LibraryKey
	box          vault.Box
}

const libraryID = "library-1"

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newKeys() keys {
	k := keys{installation: must(vault.NewInstallationKey(rand.Reader)), library: must(vault.NewLibraryKey(rand.Reader))}
	k.box = must(StorageBox(k.installation))
	return k
}

func (k keys) libraryEntry(library string) Entry {
	w := must(k.installation.WrapLibrary(rand.Reader, library, k.library))
	return Entry{Slot{Library, library, ""}, noon, w.Bytes()}
}

func (k keys) caseEntry(library, id string) Entry {
	key := must(vault.NewCaseKey(rand.Reader, library, id))
	return Entry{caseSlot(library, id), noon, must(k.library.WrapCase(rand.Reader, library, id, key)).Bytes()}
}

func caseSlot(library, id string) Slot { return Slot{Case, library, id} }

// maker makes an empty keyring, opens the same one again, and says where its
// bytes lie.
type maker struct {
	create func(t testing.TB, k keys) Keyring
	reopen func(t testing.TB, k keys) (Keyring, error)
}

var ctx = context.Background()

// testSuite is what holds for every keyring.
func testSuite(t *testing.T, fresh func(t testing.TB) maker) {
	run := func(name string, body func(*testing.T, maker, keys, Keyring)) {
		t.Run(name, func(t *testing.T) {
			m, k := fresh(t), newKeys()
			ring := m.create(t, k)
			t.Cleanup(func() { ring.Close() })
			if err := ring.Put(ctx, k.libraryEntry(libraryID)); err != nil {
				t.Fatalf("Put a library's key: %v", err)
			}
			body(t, m, k, ring)
		})
	}
	run("put, get, destroy", testPutGetDestroy)
	run("what is refused", testRefused)
	run("kept when opened again", testReopen)
	run("another installation's key", testOtherInstallation)
	run("a library's end", testDestroyLibrary)
	run("rotate the library's key", testRotateLibrary)
	run("rotate the installation's key", testRotateInstallation)
	run("a failed update changes nothing", testFailedUpdate)
	run("renew a case's key", testReplace)
	run("orphans", testOrphans)
	run("copy and restore", testCopies)
	run("many at once", testConcurrent)
	run("closed", testClosed)
}

func testPutGetDestroy(t *testing.T, _ maker, k keys, ring Keyring) {
	e := k.caseEntry(libraryID, "case-1")
	for range 2 { // the same again is no error
		if err := ring.Put(ctx, e); err != nil {
			t.Fatalf("Put: %v", err)
		}
	}
	got, err := ring.Get(ctx, e.Slot)
	if err != nil || !same(got, e) {
		t.Errorf("Get = %v, %v; want what was put", got.Slot, err)
	}
	got.Bytes[40] ^= 1 // a caller's copy, not the keyring's
	if again := must(ring.Get(ctx, e.Slot)); !same(again, e) {
		t.Error("a caller changed the keyring through what Get returned")
	}
	for range 2 { // destroying again is no error
		if err := ring.Destroy(ctx, e.Slot, caseSlot(libraryID, "never made")); err != nil {
			t.Fatalf("Destroy: %v", err)
		}
		if _, err := ring.Get(ctx, e.Slot); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get of a destroyed key = %v, want %v", err, ErrNotFound)
		}
	}
	if _, err := ring.Get(ctx, Slot{Library, libraryID, ""}); err != nil {
		t.Errorf("the library's key went with a case's: %v", err)
	}
}

func testRefused(t *testing.T, _ maker, k keys, ring Keyring) {
	e := k.caseEntry(libraryID, "case-1")
	if err := ring.Put(ctx, e); err != nil {
		t.Fatal(err)
	}
	other := newKeys()
	wrongKind := e
	wrongKind.Slot = Slot{Intake, libraryID, "x"}
	long := e
	long.ID = string(make([]byte, 300))
	tests := []struct {
		name  string
		entry Entry
		want  error
	}{
		{"another key under the same name", k.caseEntry(libraryID, "case-1"), ErrExists},
		{"a key under another library key", other.caseEntry(libraryID, "case-2"), ErrStaleKey},
		{"a library's key under another installation's", other.libraryEntry("library-2"), ErrStaleKey},
		{"a case of a library without a key", k.caseEntry("library-2", "case-1"), ErrStaleKey},
		{"a case's key as an intake key", wrongKind, vault.ErrFormat},
		{"no bytes", Entry{Slot: caseSlot(libraryID, "case-3"), Made: noon}, vault.ErrFormat},
		{"no name", Entry{Slot: Slot{Case, libraryID, ""}, Made: noon, Bytes: e.Bytes}, vault.ErrPlace},
		{"a long name", long, vault.ErrPlace},
		{"an unknown kind", Entry{Slot: Slot{9, libraryID, "x"}, Made: noon, Bytes: e.Bytes}, vault.ErrPlace},
		{"no time", Entry{Slot: e.Slot, Bytes: e.Bytes}, vault.ErrFormat},
	}
	for _, test := range tests {
		if err := ring.Put(ctx, test.entry); !errors.Is(err, test.want) {
			t.Errorf("Put of %s = %v, want %v", test.name, err, test.want)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := ring.Put(cancelled, k.caseEntry(libraryID, "case-4")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a cancelled context = %v, want %v", err, context.Canceled)
	}
	if n := len(must(ring.List(ctx, ""))); n != 2 {
		t.Errorf("after refusals the keyring has %d entries, want 2", n)
	}
}

func testReopen(t *testing.T, m maker, k keys, ring Keyring) {
	var want []Entry
	for i := range 20 {
		e := k.caseEntry(libraryID, fmt.Sprintf("case-%02d", i))
		want = append(want, e)
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := ring.Destroy(ctx, want[3].Slot, want[7].Slot); err != nil {
		t.Fatal(err)
	}
	want = slices.Delete(slices.Delete(want, 7, 8), 3, 4)
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := m.reopen(t, k)
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	defer again.Close()
	got := must(again.List(ctx, libraryID))
	if diff := cmp.Diff(want, got[1:], cmp.Comparer(same)); diff != "" {
		t.Errorf("after opening again (-want +got):\n%s", diff)
	}
	if got := must(again.List(ctx, "library-2")); len(got) != 0 {
		t.Errorf("another library lists %d entries, want none", len(got))
	}
}

func testOtherInstallation(t *testing.T, m maker, k keys, ring Keyring) {
	ring.Close()
	other := newKeys()
	if again, err := m.reopen(t, other); !errors.Is(err, ErrOtherInstallation) {
		t.Errorf("open with another installation's key = %v, %v; want %v", again, err, ErrOtherInstallation)
	}
}

func testDestroyLibrary(t *testing.T, _ maker, k keys, ring Keyring) {
	for _, e := range []Entry{k.libraryEntry("library-2"), k.caseEntry(libraryID, "a"), k.caseEntry("library-2", "a")} {
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := ring.Destroy(ctx, Slot{Kind: Library, Library: libraryID}); err != nil {
		t.Fatal(err)
	}
	left := must(ring.List(ctx, ""))
	if len(left) != 2 || left[0].Library != "library-2" || left[1].Library != "library-2" {
		t.Errorf("after a library's end there are %d entries, want the two of the other", len(left))
	}
}

func testRotateLibrary(t *testing.T, m maker, k keys, ring Keyring) {
	at := vault.Place{Library: libraryID, Case: "case-1", Field: "note", Version: 1}
	key := must(vault.NewCaseKey(rand.Reader, at.Library, at.Case))
	value := must(key.Seal(rand.Reader, at, vault.NewClear("kept")))
	private := must(vault.NewPrivateKey(rand.Reader))
	fingerprint := must(private.Public()).Fingerprint()
	for _, e := range []Entry{
		{caseSlot(at.Library, at.Case), noon, must(k.library.WrapCase(rand.Reader, at.Library, at.Case, key)).Bytes()},
		{Slot{Intake, libraryID, fingerprint.String()}, noon, must(k.library.WrapIntake(rand.Reader, libraryID, private)).Bytes()},
	} {
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	next, err := RotateLibrary(ctx, ring, rand.Reader, k.installation, libraryID, noon.Add(time.Hour))
	if err != nil {
		t.Fatalf("RotateLibrary: %v", err)
	}
	if err := ring.Put(ctx, k.caseEntry(libraryID, "late")); !errors.Is(err, ErrStaleKey) {
		t.Errorf("Put of a key wrapped by the replaced one = %v, want %v", err, ErrStaleKey)
	}
	ring.Close()
	ring = must(m.reopen(t, k))
	defer ring.Close()
	stored := must(ring.Get(ctx, Slot{Kind: Library, Library: libraryID}))
	library := must(k.installation.UnwrapLibrary(must(vault.ParseWrapped(stored.Bytes)), libraryID))
	if must(library.ID()) != must(next.ID()) || must(next.ID()) == must(k.library.ID()) {
		t.Error("the stored library key is not the new one")
	}
	got := must(ring.Get(ctx, caseSlot(at.Library, at.Case)))
	moved := must(next.UnwrapCase(must(vault.ParseWrapped(got.Bytes)), at.Library, at.Case))
	if text := must(moved.Open(at, value)).Text(); text != "kept" {
		t.Errorf("after rotation the content is %q, want %q", text, "kept")
	}
	intake := must(ring.Get(ctx, Slot{Intake, libraryID, fingerprint.String()}))
	must(next.UnwrapIntake(must(vault.ParseWrapped(intake.Bytes)), libraryID, fingerprint))
	if _, err := RotateLibrary(ctx, ring, rand.Reader, k.installation, "library-9", noon); !errors.Is(err, ErrNotFound) {
		t.Errorf("RotateLibrary of an unknown library = %v, want %v", err, ErrNotFound)
	}
}

func testRotateInstallation(t *testing.T, m maker, k keys, ring Keyring) {
	if err := ring.Put(ctx, k.caseEntry(libraryID, "case-1")); err != nil {
		t.Fatal(err)
	}
	next := k
	next.installation = must(vault.NewInstallationKey(rand.Reader))
	next.box = must(StorageBox(next.installation))
	if err := RotateInstallation(ctx, ring, rand.Reader, k.installation, next.installation); err != nil {
		t.Fatalf("RotateInstallation: %v", err)
	}
	check := func(ring Keyring) {
		e, err := ring.Get(ctx, Slot{Kind: Library, Library: libraryID})
		if err != nil {
			t.Fatalf("Get after rotation: %v", err)
		}
		library := must(next.installation.UnwrapLibrary(must(vault.ParseWrapped(e.Bytes)), libraryID))
		got := must(ring.Get(ctx, caseSlot(libraryID, "case-1")))
		must(library.UnwrapCase(must(vault.ParseWrapped(got.Bytes)), libraryID, "case-1"))
	}
	check(ring)
	ring.Close()
	if _, err := m.reopen(t, k); !errors.Is(err, ErrOtherInstallation) {
		t.Errorf("open with the old installation key = %v, want %v", err, ErrOtherInstallation)
	}
	again, err := m.reopen(t, next)
	if err != nil {
		t.Fatalf("open with the new installation key: %v", err)
	}
	defer again.Close()
	check(again)
}

func testFailedUpdate(t *testing.T, _ maker, k keys, ring Keyring) {
	before := must(ring.List(ctx, ""))
	mine := errors.New("changed my mind")
	e := k.caseEntry(libraryID, "twice")
	tests := []struct {
		name   string
		change func([]Entry) ([]Entry, error)
		want   error
	}{
		{"an error of the caller", func([]Entry) ([]Entry, error) { return nil, mine }, mine},
		{"a name twice", func(all []Entry) ([]Entry, error) { return append(all, e, e), nil }, ErrExists},
		{"a library's key gone from under its cases", func([]Entry) ([]Entry, error) { return []Entry{e}, nil }, ErrStaleKey},
		{"bytes that are no key", func(all []Entry) ([]Entry, error) { all[0].Bytes = nil; return all, nil }, vault.ErrFormat},
	}
	for _, test := range tests {
		if err := ring.Update(ctx, k.box, test.change); !errors.Is(err, test.want) {
			t.Errorf("Update with %s = %v, want %v", test.name, err, test.want)
		}
		if diff := cmp.Diff(before, must(ring.List(ctx, "")), cmp.Comparer(same)); diff != "" {
			t.Errorf("Update with %s left (-before +after):\n%s", test.name, diff)
		}
	}
}

func testReplace(t *testing.T, _ maker, k keys, ring Keyring) {
	e, renewed := k.caseEntry(libraryID, "case-1"), k.caseEntry(libraryID, "case-1")
	if err := Replace(ctx, ring, k.box, renewed); !errors.Is(err, ErrNotFound) {
		t.Errorf("Replace of what is not there = %v, want %v", err, ErrNotFound)
	}
	if err := ring.Put(ctx, e); err != nil {
		t.Fatal(err)
	}
	if err := Replace(ctx, ring, k.box, renewed); err != nil {
		t.Fatalf("Replace: %v", err)
	}
	if got := must(ring.Get(ctx, e.Slot)); !same(got, renewed) {
		t.Error("Replace kept the old key")
	}
}

func testOrphans(t *testing.T, _ maker, k keys, ring Keyring) {
	for i, id := range []string{"lives", "old orphan", "young orphan"} {
		e := k.caseEntry(libraryID, id)
		e.Made = noon.Add(time.Duration(i) * time.Hour)
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Orphans(ctx, ring, libraryID, func(id string) bool { return id == "lives" }, noon.Add(90*time.Minute))
	if want := []Slot{caseSlot(libraryID, "old orphan")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Orphans = %v, %v; want %v", got, err, want)
	}
	if _, err := Orphans(ctx, ring, "", nil, noon); !errors.Is(err, vault.ErrPlace) {
		t.Errorf("Orphans of no library = %v, want %v", err, vault.ErrPlace)
	}
}

func testConcurrent(t *testing.T, _ maker, k keys, ring Keyring) {
	const workers, each = 6, 5
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := range each {
				e := k.caseEntry(libraryID, fmt.Sprintf("case-%d-%d", w, i))
				if err := ring.Put(ctx, e); err != nil {
					t.Errorf("Put: %v", err)
				}
				if got, err := ring.Get(ctx, e.Slot); err != nil || !same(got, e) {
					t.Errorf("Get: %v", err)
				}
				if i%2 == 0 {
					if err := ring.Destroy(ctx, e.Slot); err != nil {
						t.Errorf("Destroy: %v", err)
					}
				}
				if _, err := ring.List(ctx, libraryID); err != nil {
					t.Errorf("List: %v", err)
				}
			}
		})
	}
	wait.Wait()
	if got, want := len(must(ring.List(ctx, ""))), 1+workers*(each/2); got != want {
		t.Errorf("after all there are %d entries, want %d", got, want)
	}
}

func testClosed(t *testing.T, _ maker, k keys, ring Keyring) {
	if err := ring.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	slot := Slot{Kind: Library, Library: libraryID}
	errs := map[string]error{
		"Put":     ring.Put(ctx, k.caseEntry(libraryID, "x")),
		"Destroy": ring.Destroy(ctx, slot),
		"Update":  ring.Update(ctx, k.box, func(e []Entry) ([]Entry, error) { return e, nil }),
	}
	_, errs["Get"] = ring.Get(ctx, slot)
	_, errs["List"] = ring.List(ctx, "")
	for name, err := range errs {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s on a closed keyring = %v, want %v", name, err, ErrUnavailable)
		}
	}
}
