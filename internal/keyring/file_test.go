package keyring

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/internal/vault"
)

func fileMaker(t testing.TB) maker {
	folder := t.TempDir()
	return maker{
		create: func(t testing.TB, k keys) Keyring {
			f, err := CreateFile(folder, rand.Reader, k.box)
			if err != nil {
				t.Fatalf("CreateFile: %v", err)
			}
			return f
		},
		reopen: func(t testing.TB, k keys) (Keyring, error) { return OpenFile(folder, rand.Reader, k.box) },
	}
}

func TestFile(t *testing.T) { testSuite(t, fileMaker) }

func TestFileStart(t *testing.T) {
	k := newKeys()
	folder := t.TempDir()
	if _, err := OpenFile(folder, rand.Reader, k.box); !errors.Is(err, ErrMissing) {
		t.Errorf("OpenFile of nothing = %v, want %v", err, ErrMissing)
	}
	if _, err := OpenFile(filepath.Join(folder, "none"), rand.Reader, k.box); !errors.Is(err, ErrUnavailable) {
		t.Errorf("OpenFile in no folder = %v, want %v", err, ErrUnavailable)
	}
	ring := must(CreateFile(folder, rand.Reader, k.box))
	if _, err := OpenFile(folder, rand.Reader, k.box); !errors.Is(err, ErrInUse) {
		t.Errorf("OpenFile of one in use = %v, want %v", err, ErrInUse)
	}
	ring.Close()
	if _, err := CreateFile(folder, rand.Reader, k.box); !errors.Is(err, ErrPresent) {
		t.Errorf("CreateFile over another = %v, want %v", err, ErrPresent)
	}
	if info := must(os.Stat(filepath.Join(folder, fileName))); info.Mode().Perm() != 0o600 {
		t.Errorf("the keyring's file has mode %v, want 0600", info.Mode().Perm())
	}
}

// TestFileDamage (T2): every byte matters, and a file cut anywhere is told.
func TestFileDamage(t *testing.T) {
	k := newKeys()
	image := must(sealImage(rand.Reader, k.box, []Entry{k.libraryEntry(libraryID)}))
	if _, err := openImage(k.box, image); err != nil {
		t.Fatalf("the control does not open: %v", err)
	}
	for i := 0; i < len(image); i += 1 + i/200 {
		broken := bytes.Clone(image)
		broken[i] ^= 0x10
		if _, err := openImage(k.box, broken); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherInstallation) {
			t.Errorf("a keyring with byte %d changed = %v", i, err)
		}
		if _, err := openImage(k.box, image[:i]); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherInstallation) {
			t.Errorf("a keyring cut to %d bytes = %v", i, err)
		}
	}
	if _, err := openImage(k.box, append(bytes.Clone(image), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a keyring with a byte behind = %v, want %v", err, ErrDamaged)
	}
}

// TestFileResidue (T12, P3): after Destroy and after rotation the old wrapped key
// is in no file of the folder, nor in the blocks of the replaced one, nor are ids
// anywhere. The control is that an unsealed list would be found.
func TestFileResidue(t *testing.T) {
	k := newKeys()
	folder := t.TempDir()
	ring := must(CreateFile(folder, rand.Reader, k.box))
	defer ring.Close()
	e := k.caseEntry(libraryID, "case-canary")
	for _, e := range []Entry{k.libraryEntry(libraryID), e} {
		if err := ring.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	before := must(os.ReadFile(filepath.Join(folder, fileName)))
	held := must(os.Open(filepath.Join(folder, fileName))) // sees the replaced blocks
	defer held.Close()
	if err := ring.Destroy(ctx, e.Slot); err != nil {
		t.Fatal(err)
	}
	after := must(os.ReadFile(filepath.Join(folder, fileName)))
	entries := must(openImage(k.box, after))
	if plain := encodeList(entries); bytes.Contains(plain, e.Bytes) || bytes.Contains(plain, []byte("case-canary")) {
		t.Error("the destroyed key is in the file")
	}
	if control := encodeList(must(openImage(k.box, before))); !bytes.Contains(control, e.Bytes) {
		t.Error("the control does not find the key in the file before")
	}
	for name, b := range map[string][]byte{"before": before, "after": after} {
		if bytes.Contains(b, []byte("case-canary")) || bytes.Contains(b, []byte(libraryID)) || bytes.Contains(b, e.Bytes) {
			t.Errorf("the file %s shows ids or wrapped keys", name)
		}
	}
	if names := copyNames(t, folder); len(names) != 2 {
		t.Errorf("the folder has %v, want the keyring and its lock", names)
	}
	if canWipe {
		old := make([]byte, len(before))
		must(held.ReadAt(old, 0))
		if !bytes.Equal(old, make([]byte, len(old))) {
			t.Error("the replaced file was not overwritten")
		}
	}
}

// TestHardLinkIsKept: a second name for the file is somebody's copy, and is not
// overwritten.
func TestHardLinkIsKept(t *testing.T) {
	k := newKeys()
	folder := t.TempDir()
	ring := must(CreateFile(folder, rand.Reader, k.box))
	defer ring.Close()
	link := filepath.Join(folder, "link")
	if err := os.Link(filepath.Join(folder, fileName), link); err != nil {
		t.Skipf("this file system has no hard links: %v", err)
	}
	if err := ring.Put(ctx, k.libraryEntry(libraryID)); err != nil {
		t.Fatal(err)
	}
	if _, err := openImage(k.box, must(os.ReadFile(link))); err != nil {
		t.Errorf("a hard link to the old keyring was overwritten: %v", err)
	}
}

// TestLeftover: what a stopped process left beside the file is removed.
func TestLeftover(t *testing.T) {
	k := newKeys()
	folder := t.TempDir()
	must(CreateFile(folder, rand.Reader, k.box)).Close()
	os.WriteFile(filepath.Join(folder, tempName), []byte("half a keyring"), 0o600)
	ring := must(OpenFile(folder, rand.Reader, k.box))
	defer ring.Close()
	if _, err := os.Stat(filepath.Join(folder, tempName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the left-over file is still there: %v", err)
	}
}

// TestEntriesDoNotPrint (P4): a wrapped key or whose it is gets into no log.
func TestEntriesDoNotPrint(t *testing.T) {
	e := newKeys().caseEntry(libraryID, "case-canary")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, e); strings.Contains(got, "canary") || strings.Contains(got, fmt.Sprintf("%x", e.Bytes[20:30])) {
			t.Errorf("%s of an entry is %q", verb, got)
		}
	}
}

func TestListSize(t *testing.T) {
	k := newKeys()
	some := []Entry{k.libraryEntry(libraryID)}
	one := len(encodeList(some))
	for i := range 50 {
		some = append(some, k.caseEntry(libraryID, fmt.Sprintf("case-%02d", i)))
	}
	if got := len(encodeList(some)); got != one {
		t.Errorf("a list of 51 keys has %d bytes and one of 1 has %d; want the same", got, one)
	}
}

func FuzzDecodeList(f *testing.F) {
	k := newKeys()
	f.Add(encodeList([]Entry{k.caseEntry(libraryID, "a"), k.libraryEntry(libraryID)}))
	f.Add(encodeList(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := decodeList(b)
		if err != nil {
			return
		}
		if !bytes.Equal(encodeList(entries), b) {
			t.Error("a list is read and written differently")
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(appendEntry(nil, newKeys().caseEntry(libraryID, "a")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decodeEntry(b); err == nil && !bytes.Equal(appendEntry(nil, e), b) {
			t.Errorf("entry %x is read and written differently", b)
		}
	})
}

func FuzzOpenImage(f *testing.F) {
	k := newKeys()
	f.Add(must(sealImage(rand.Reader, k.box, nil)))
	other := must(StorageBox(must(vault.NewInstallationKey(rand.Reader))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := openImage(other, b); err == nil {
			t.Error("a file opens that was never sealed")
		}
	})
}

func FuzzParseCopy(f *testing.F) {
	k := newKeys()
	id := k.box.ID()
	plain := append([]byte(copyLine), make([]byte, 8)...)
	f.Add(append(append(plain, id[:]...), encodeList([]Entry{k.libraryEntry(libraryID)})...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseCopy(b); err == nil && len(c.entries) > MaxEntries {
			t.Errorf("a copy has %d entries", len(c.entries))
		}
	})
}

func BenchmarkFilePut(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			k := newKeys()
			ring := must(CreateFile(b.TempDir(), rand.Reader, k.box))
			defer ring.Close()
			fill(b, k, ring, n)
			i := 0
			for b.Loop() {
				i++
				if err := ring.Put(ctx, k.caseEntry(libraryID, fmt.Sprintf("more-%d", i))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func fill(b testing.TB, k keys, ring Keyring, n int) {
	b.Helper()
	err := ring.Update(ctx, k.box, func([]Entry) ([]Entry, error) {
		all := []Entry{k.libraryEntry(libraryID)}
		for i := range n {
			all = append(all, k.caseEntry(libraryID, fmt.Sprintf("case-%06d", i)))
		}
		return all, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
