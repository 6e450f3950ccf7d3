package keyring

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/pgtest"
	"roundtable/internal/vault"
)

// freshDatabase makes an empty database on a cluster that forgets, owned by a
// role that may do what a keyring needs and is no superuser. It returns the
// database's address, its name and its owner's.
func freshDatabase(t testing.TB) (address, database, owner string) {
	t.Helper()
	c := pgtest.SharedForgetful(t)
	address = c.Database(t)
	database, owner = must(pgtest.DatabaseOf(address)), must(pgtest.RoleOf(address))
	c.Exec(t, database, "GRANT pg_checkpoint TO "+owner+"; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "+owner)
	return address, database, owner
}

func postgresMaker(t testing.TB) maker {
	url, _, _ := freshDatabase(t)
	return maker{
		create: func(t testing.TB, k keys) Keyring {
			p, err := CreatePostgres(ctx, url, rand.Reader, k.box)
			if err != nil {
				t.Fatalf("CreatePostgres: %v", err)
			}
			return p
		},
		reopen: func(t testing.TB, k keys) (Keyring, error) {
			p, err := OpenPostgres(ctx, url, rand.Reader, k.box)
			if err != nil {
				return nil, err
			}
			return p, nil
		},
	}
}

func TestPostgres(t *testing.T) {
	testSuite(t, postgresMaker)
}

func TestPostgresStart(t *testing.T) {
	url, _, _ := freshDatabase(t)
	k := newKeys()
	if _, err := OpenPostgres(ctx, url, rand.Reader, k.box); !errors.Is(err, ErrMissing) {
		t.Errorf("OpenPostgres of nothing = %v, want %v", err, ErrMissing)
	}
	must(CreatePostgres(ctx, url, rand.Reader, k.box)).Close()
	if _, err := CreatePostgres(ctx, url, rand.Reader, k.box); !errors.Is(err, ErrPresent) {
		t.Errorf("CreatePostgres over another = %v, want %v", err, ErrPresent)
	}
	_, err := OpenPostgres(ctx, "postgres://keeper:secret-word@%zz", rand.Reader, k.box)
	if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("OpenPostgres at no address = %v, want %v without the password", err, ErrUnavailable)
	}
	if _, err := OpenPostgres(ctx, "postgres://keeper@127.0.0.1:1/x?connect_timeout=2", rand.Reader, k.box); !errors.Is(err, ErrUnavailable) {
		t.Errorf("OpenPostgres where nobody answers = %v, want %v", err, ErrUnavailable)
	}
}

// TestPostgresMustForget: a cluster or role that would keep destroyed keys is
// refused, with what to change.
func TestPostgresMustForget(t *testing.T) {
	c, k := pgtest.SharedForgetful(t), newKeys()
	url, name, owner := freshDatabase(t)
	refused := func(says string) {
		t.Helper()
		_, err := CreatePostgres(ctx, url, rand.Reader, k.box)
		var forget *ForgetError
		if !errors.As(err, &forget) || !strings.Contains(err.Error(), says) {
			t.Errorf("CreatePostgres = %v, want it to say %q", err, says)
		}
	}
	c.Exec(t, name, "REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM "+owner)
	refused("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + owner)
	c.Exec(t, name, "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "+owner)
	c.Exec(t, "postgres", "REVOKE pg_checkpoint FROM "+owner)
	refused("GRANT pg_checkpoint TO " + owner)
	c.Exec(t, "postgres", "GRANT pg_checkpoint TO "+owner)
	c.Exec(t, "postgres", "ALTER ROLE "+owner+" SET log_statement = 'all'")
	refused("log_statement")
	c.Exec(t, "postgres", "ALTER ROLE "+owner+" RESET log_statement")
	c.Exec(t, "postgres", "SELECT pg_create_physical_replication_slot('standby')")
	refused("replication slots")
	c.Exec(t, "postgres", "SELECT pg_drop_replication_slot('standby')")
	must(CreatePostgres(ctx, url, rand.Reader, k.box)).Close() // the control
}

// TestPostgresResidue (T12, P3): after Destroy and after a rotation, the old
// records are nowhere in the cluster's folder: not in the table's files, not in
// the journal. The control finds them there before.
func TestPostgresResidue(t *testing.T) {
	c, k := pgtest.SharedForgetful(t), newKeys()
	url, _, _ := freshDatabase(t)
	p := must(CreatePostgres(ctx, url, rand.Reader, k.box))
	defer p.Close()
	gone, stays := k.caseEntry(libraryID, "gone"), k.caseEntry(libraryID, "stays")
	for _, e := range []Entry{k.libraryEntry(libraryID), gone, stays} {
		if err := p.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	wasGone, wasStays := storedRecord(t, p, gone.Slot), storedRecord(t, p, stays.Slot)
	if n := countFiles(t, c, wasGone); n == 0 {
		t.Fatal("the control does not find the record before it is destroyed")
	}
	// Somebody's transaction that may still look at the old rows: for its sake
	// PostgreSQL would keep them through a VACUUM FULL.
	other := must(sql.Open("pgx", url))
	defer other.Close()
	watcher := must(other.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}))
	defer watcher.Rollback()
	must(watcher.Exec(`SELECT txid_current()`))
	if err := p.Destroy(ctx, gone.Slot); err != nil {
		t.Fatal(err)
	}
	if n := countFiles(t, c, wasGone); n > 0 {
		t.Errorf("the destroyed record is in %d files of the cluster", n)
	}
	if n := countFiles(t, c, wasStays); n == 0 {
		t.Error("the record that stays is in no file: this search sees nothing")
	}
	if _, err := RotateLibrary(ctx, p, rand.Reader, k.installation, libraryID, noon); err != nil {
		t.Fatal(err)
	}
	if n := countFiles(t, c, wasStays); n > 0 {
		t.Errorf("after a rotation the old record is in %d files of the cluster", n)
	}
	if countFiles(t, c, []byte("stays")) > 0 || countFiles(t, c, []byte(libraryID)) > 0 {
		t.Error("the names of cases or libraries are in the cluster's files")
	}
}

// storedRecord returns part of the bytes that a slot's record has in the table.
func storedRecord(t *testing.T, p *Postgres, slot Slot) []byte {
	t.Helper()
	var sealed []byte
	if err := p.db.QueryRow(`SELECT sealed FROM keyring_entry WHERE tag = $1`, must(tagOf(p.box, slot))).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	return sealed[:64]
}

// TestPostgresTwoProcesses: what one process rotates, the other is told, and
// does not take for destroyed.
func TestPostgresTwoProcesses(t *testing.T) {
	url, _, _ := freshDatabase(t)
	k := newKeys()
	a := must(CreatePostgres(ctx, url, rand.Reader, k.box))
	defer a.Close()
	b := must(OpenPostgres(ctx, url, rand.Reader, k.box))
	defer b.Close()
	e := k.libraryEntry(libraryID)
	if err := a.Put(ctx, e); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get(ctx, e.Slot); err != nil || !same(got, e) {
		t.Errorf("Get in the other process: %v", err)
	}
	next := must(vault.NewInstallationKey(rand.Reader))
	if err := RotateInstallation(ctx, a, rand.Reader, k.installation, next); err != nil {
		t.Fatal(err)
	}
	errs := map[string]error{
		"Put":     b.Put(ctx, k.libraryEntry("library-2")),
		"Destroy": b.Destroy(ctx, e.Slot),
		"Update":  b.Update(ctx, k.box, func(e []Entry) ([]Entry, error) { return e, nil }),
	}
	_, errs["Get"] = b.Get(ctx, e.Slot)
	_, errs["List"] = b.List(ctx, "")
	for name, err := range errs {
		if !errors.Is(err, ErrOtherInstallation) {
			t.Errorf("%s in a process with the old installation key = %v, want %v", name, err, ErrOtherInstallation)
		}
	}
}

// TestPostgresTamper (T2): records cannot be exchanged or changed in the table.
func TestPostgresTamper(t *testing.T) {
	url, _, _ := freshDatabase(t)
	k := newKeys()
	p := must(CreatePostgres(ctx, url, rand.Reader, k.box))
	defer p.Close()
	a, b := k.caseEntry(libraryID, "a"), k.caseEntry(libraryID, "b")
	for _, e := range []Entry{k.libraryEntry(libraryID), a, b} {
		if err := p.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	tagA, tagB := must(tagOf(p.box, a.Slot)), must(tagOf(p.box, b.Slot))
	must(p.db.Exec(`UPDATE keyring_entry SET sealed = (SELECT sealed FROM keyring_entry WHERE tag = $1) WHERE tag = $2`, tagA, tagB))
	if _, err := p.Get(ctx, b.Slot); !errors.Is(err, ErrDamaged) {
		t.Errorf("Get of an exchanged record = %v, want %v", err, ErrDamaged)
	}
	if _, err := p.List(ctx, ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("List with an exchanged record = %v, want %v", err, ErrDamaged)
	}
	must(p.db.Exec(`DELETE FROM keyring_meta`))
	if _, err := p.Get(ctx, a.Slot); !errors.Is(err, ErrDamaged) {
		t.Errorf("Get without the row of facts = %v, want %v", err, ErrDamaged)
	}
}

// TestPostgresStopped (P1): a server that stops without warning has kept what was
// acknowledged; meanwhile every call is told that nothing may be.
func TestPostgresStopped(t *testing.T) {
	c, k := pgtest.SharedForgetful(t), newKeys()
	url, _, _ := freshDatabase(t)
	p := must(CreatePostgres(ctx, url, rand.Reader, k.box))
	defer p.Close()
	kept, gone := k.caseEntry(libraryID, "kept"), k.caseEntry(libraryID, "gone")
	for _, e := range []Entry{k.libraryEntry(libraryID), gone} {
		if err := p.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(p.Destroy(ctx, gone.Slot), p.Put(ctx, kept)); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Put":     p.Put(ctx, k.caseEntry(libraryID, "late")),
		"Destroy": p.Destroy(ctx, kept.Slot),
		"Get":     func() error { _, err := p.Get(ctx, kept.Slot); return err }(),
	} {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s while the server is stopped = %v, want %v", name, err, ErrUnavailable)
		}
	}
	if err := c.Restart(); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Get(ctx, kept.Slot); err != nil || !same(got, kept) {
		t.Errorf("after the stop, Get of an acknowledged key = %v", err)
	}
	if _, err := p.Get(ctx, gone.Slot); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the stop, Get of a destroyed key = %v, want %v", err, ErrNotFound)
	}
}

func BenchmarkPostgres(b *testing.B) {
	k := newKeys()
	url, _, _ := freshDatabase(b)
	p := must(CreatePostgres(ctx, url, rand.Reader, k.box))
	defer p.Close()
	fill(b, k, p, 1000)
	i := 0
	b.Run("Put", func(b *testing.B) {
		for b.Loop() {
			i++
			if err := p.Put(ctx, k.caseEntry(libraryID, fmt.Sprintf("more-%d", i))); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Get", func(b *testing.B) {
		for b.Loop() {
			must(p.Get(ctx, caseSlot(libraryID, "case-000500")))
		}
	})
	b.Run("Destroy", func(b *testing.B) {
		for b.Loop() {
			if err := p.Destroy(ctx, caseSlot(libraryID, fmt.Sprintf("more-%d", i))); err != nil {
				b.Fatal(err)
			}
			i--
		}
	})
}

// countFiles returns in how many files of the cluster's folder some bytes are, as they
// are or in hexadecimal digits.
func countFiles(t *testing.T, c *pgtest.Cluster, what []byte) int {
	t.Helper()
	n := 0
	forms := [][]byte{what, fmt.Appendf(nil, "%x", what)}
	err := filepath.WalkDir(c.Data(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		data, err := os.ReadFile(path)
		if slices.ContainsFunc(forms, func(f []byte) bool { return bytes.Contains(data, f) }) {
			n++
		}
		return ignoreGone(err)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ignoreGone: files of a running server come and go.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
