package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"os"
	"path/filepath"
	"strings"

	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

type idType = people.LibraryID

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (w *world) setRecovery(public vault.PublicKey) {
	ok(w.t, w.store.Write(w.t.Context(), people.Installation, func(tx *store.Tx) error {
		return tx.PutSetting(w.t.Context(), "recovery.public-key", hex.EncodeToString(public.Bytes()))
	}))
}

// nobody visits an archive and keeps nothing.
type nobody struct{}

func (nobody) head(time.Time, int64) error               { return nil }
func (nobody) tenant(people.LibraryID) error             { return nil }
func (nobody) table(store.Table) error                   { return nil }
func (nobody) row(store.Table, []any) error              { return nil }
func (nobody) ledger(people.LibraryID, ledgerLine) error { return nil }

const small = `{"roundtable-backup":1,"form":1,"at":"2026-11-03T02:00:00.000Z"}
{"tenant":"installation"}
{"table":"settings","columns":["name text","value text","n int","b blob"]}
["a","<b>",-7,"AAE="]
["c",null,0,""]
{"rows":2}
{"key":"","checkpoint":"","leaves":0}
`

func whole(body string) string {
	return body + `{"tenants":1,"rows":2,"sha256":"` + digestOf([]byte(body)) + `"}` + "\n"
}

// Every cut and many changes of an archive's text are found.
func TestRead(t *testing.T) {
	text := whole(small)
	if s, err := read(strings.NewReader(text), nobody{}); err != nil || s.Rows != 2 || s.Tenants != 1 {
		t.Fatalf("read = %+v, %v, want 2 rows of 1 tenant", s, err)
	}
	for i := range text {
		if _, err := read(strings.NewReader(text[:i]), nobody{}); err == nil {
			t.Errorf("read of the first %d bytes = nil, want an error", i)
		}
		if i < len(small) { // a change of the last line may mean the same
			changed := []byte(text)
			changed[i] ^= 1
			if _, err := read(strings.NewReader(string(changed)), nobody{}); err == nil {
				t.Errorf("read with byte %d changed = nil, want an error", i)
			}
		}
	}
	for name, bad := range map[string]string{
		"another version":   whole(strings.Replace(small, `"roundtable-backup":1`, `"roundtable-backup":2`, 1)),
		"unknown key":       whole(strings.Replace(small, `"form":1`, `"form":1,"x":2`, 1)),
		"a library first":   whole(strings.Replace(small, `"installation"`, `"018c2b6e-3f00-7000-8000-000000000000"`, 1)),
		"twice":             whole(small + strings.SplitAfterN(small, "\n", 2)[1]),
		"too few rows":      whole(strings.Replace(small, `{"rows":2}`, `{"rows":3}`, 1)),
		"too few columns":   whole(strings.Replace(small, `["c",null,0,""]`, `["c",null,0]`, 1)),
		"no number":         whole(strings.Replace(small, `-7`, `-7.5`, 1)),
		"no base64":         whole(strings.Replace(small, `"AAE="`, `"AAF="`, 1)),
		"no such type":      whole(strings.Replace(small, `n int`, `n real`, 1)),
		"something behind":  whole(small) + "\n",
		"wrong line ends":   strings.ReplaceAll(whole(small), "\n", "\r\n"),
		"digest of another": small + `{"tenants":1,"rows":2,"sha256":"` + digestOf(nil) + `"}` + "\n",
		"empty":             "",
	} {
		if _, err := read(strings.NewReader(bad), nobody{}); err == nil {
			t.Errorf("%s: read = nil, want an error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(whole(small))
	f.Add(small)
	f.Add("{}\n[]\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := read(strings.NewReader(text), nobody{})
		if err == nil && (s.Tenants == 0 || len(s.Digest) != 64) {
			t.Errorf("read = %+v without an error", s)
		}
	})
}

// A killed process's left-overs are overwritten and removed, others' are not.
func TestScratch(t *testing.T) {
	parent, now := t.TempDir(), time.Now()
	for _, name := range []string{"roundtable-check-old", "roundtable-check-new", "other"} {
		ok(t, os.MkdirAll(filepath.Join(parent, name, "libraries"), 0o700))
		ok(t, os.WriteFile(filepath.Join(parent, name, "libraries", "x.db"), []byte("secret"), 0o600))
	}
	long := now.Add(-48 * time.Hour)
	ok(t, os.Chtimes(filepath.Join(parent, "roundtable-check-old"), long, long))
	ok(t, os.Chtimes(filepath.Join(parent, "other"), long, long))
	held := got(os.Open(filepath.Join(parent, "roundtable-check-old", "libraries", "x.db")))
	defer held.Close()
	dir, err := openScratch(parent, now)
	ok(t, err)
	if names := left(t, parent); len(names) != 3 || filepath.Dir(dir) != parent {
		t.Errorf("after openScratch there are %v, want the new ones and the other", names)
	}
	b := make([]byte, 6)
	if _, err := held.Read(b); err != nil || string(b) != "\x00\x00\x00\x00\x00\x00" {
		t.Errorf("the left-over file reads %q, %v, want zeros", b, err)
	}
	info, err := os.Stat(dir)
	ok(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the place to check in has mode %v, want 0700", info.Mode())
	}
	ok(t, wipeTree(dir))
}
