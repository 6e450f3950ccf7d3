package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"roundtable/internal/keyring"
	"roundtable/internal/recovery"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// places are where a backup can be restored.
var places = []struct {
	name string
	make func(testing.TB) place
}{{"folder", folderPlace}, {"database", postgresPlace}}

// From each database into each, with the same rows.
func TestTakeAndRestore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i := range 20 {
			w.begin(i%3 == 0)
		}
		w.sign()
		taken := w.take()
		if taken.Tenants != 2 || taken.Opens != 20 || taken.Destroyed != 0 {
			t.Errorf("Take = %+v, want 2 tenants and 20 cases that open", taken)
		}
		if names := left(t, w.scratch); len(names) > 0 {
			t.Errorf("%v was left where the backup was checked", names)
		}
		info, err := os.Stat(taken.File)
		ok(t, err)
		if info.Mode().Perm() != 0o600 || info.Size() != taken.Size {
			t.Errorf("the archive has mode %v and %d bytes, want 0600 and %d", info.Mode(), info.Size(), taken.Size)
		}
		for _, p := range places {
			t.Run("into a "+p.name, func(t *testing.T) {
				to := p.make(t)
				o := w.restoration(taken, to)
				r, err := Restore(t.Context(), o)
				ok(t, err)
				if r.Summary != taken.Summary || r.Repeated != 0 || len(r.Libraries) != 2 || r.Libraries[1].Backup.Size != 32 {
					t.Errorf("Restore = %+v, want %+v, with nothing to repeat", r, taken.Summary)
				}
				w.check(to, o.Ring, w.living)
				if _, err := Restore(t.Context(), w.restoration(taken, to)); !errors.Is(err, store.ErrNotEmpty) {
					t.Errorf("Restore into the same place again: %v, want %v", err, store.ErrNotEmpty)
				}
				w.check(to, o.Ring, w.living)
			})
		}
	})
}

// A dump is the same text, byte for byte, whichever database it comes from.
func TestDumpIsPortable(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.begin(true)
		w.begin(false)
		var first bytes.Buffer
		want, err := dump(t.Context(), &first, s, w.now)
		ok(t, err)
		for _, p := range places {
			to := p.make(t)
			l := &loading{ctx: t.Context(), begin: to.load(t.Context())}
			l.ends = nil
			l.ends = map[idType]ledgerLine{}
			if _, err := read(bytes.NewReader(first.Bytes()), l); err != nil {
				t.Fatalf("read: %v", err)
			}
			ok(t, l.to.Commit())
			again, err := to.open(t.Context())
			ok(t, err)
			var second bytes.Buffer
			have, err := dump(t.Context(), &second, again, w.now)
			ok(t, errors.Join(err, again.Close()))
			if have != want || !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("into a %s: dump = %+v, want %+v", p.name, have, want)
			}
		}
	})
}

// An old archive opens, with the newest copy of the keyring, what is alive in that
// copy, and nothing that was destroyed since.
func TestDestroyedStaysDestroyed(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		plain, sealed, kept := w.begin(false), w.begin(true), w.begin(false)
		old := w.take()
		oldRing := w.copyFolder()
		w.destroy(plain)
		w.destroy(sealed)
		w.take()

		to := folderPlace(t)
		o := w.restoration(old, to)
		r, err := Restore(t.Context(), o)
		ok(t, err)
		if r.Libraries[1].Removed.Cases != 2 {
			t.Errorf("Restore removed %d cases, want 2", r.Libraries[1].Removed.Cases)
		}
		w.check(to, o.Ring, map[store.CaseID]string{kept: w.living[kept]}, plain, sealed)

		// The keyring itself, which survived, does the same.
		to = folderPlace(t)
		o = w.restoration(old, to)
		o.Copy, o.Ring = nil, w.ring
		_, err = Restore(t.Context(), o)
		ok(t, err)
		w.check(to, o.Ring, map[store.CaseID]string{kept: w.living[kept]}, plain, sealed)

		// The copy of then has all keys. Without what the ledger knows, all opens:
		// this shows that the checks above can fail.
		to = folderPlace(t)
		o = w.restoration(old, to)
		o.Copy = w.copyIn(oldRing)
		_, err = Restore(t.Context(), o)
		ok(t, err)
		restored, err := to.open(t.Context())
		ok(t, err)
		if text, err := w.read(restored, o.Ring, plain); err != nil || text == "" {
			t.Errorf("red control: a case that nothing says was destroyed reads %q, %v, want its text", text, err)
		}
		ok(t, restored.Close())

		// With the newer ledger they are destroyed again, the sealed one too, and
		// history goes on where it was.
		w.sign()
		path := w.export()
		to = folderPlace(t)
		o = w.restoration(old, to)
		o.Copy, o.Ledgers = w.copyIn(oldRing), []string{path}
		r, err = Restore(t.Context(), o)
		ok(t, err)
		if r.Repeated != 2 || r.Libraries[1].Added == 0 {
			t.Errorf("Restore repeated %d destructions and added %d leaves, want 2 and some", r.Repeated, r.Libraries[1].Added)
		}
		w.check(to, o.Ring, map[store.CaseID]string{kept: w.living[kept]}, plain, sealed)
	})
}

// copyFolder keeps the keyring's copies of now elsewhere, as somebody might.
func (w *world) copyFolder() string {
	dir := w.t.TempDir()
	ok(w.t, os.CopyFS(dir, os.DirFS(w.ringTo)))
	return dir
}

func (w *world) copyIn(dir string) *keyring.Copy {
	c := got(keyring.NewestCopy(got(keyring.WithKey(w.key)), dir))
	return &c
}

// The archive of day three knows of the copy of day two, so that the copy of day
// one is refused; a copy older than the archive needs a word.
func TestOlderCopy(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	early := w.begin(false)
	w.take()
	one := w.copyFolder()
	w.now = w.now.Add(24 * time.Hour)
	w.take()
	two := w.copyFolder()
	late := w.begin(false)
	w.now = w.now.Add(24 * time.Hour)
	three := w.take()

	o := w.restoration(three, folderPlace(t))
	o.Copy, o.LoseNewer = w.copyIn(one), true
	_, err := Restore(t.Context(), o)
	if older := new(OlderCopyError); !errors.As(err, &older) || !older.Given.Before(older.Newest) {
		t.Errorf("Restore with a copy older than the ledger tells of: %v, want an OlderCopyError", err)
	}
	if entries := got(o.Ring.List(t.Context(), "")); len(entries) > 0 {
		t.Errorf("the refused restore left %d keys", len(entries))
	}
	o = w.restoration(three, folderPlace(t))
	o.Copy = w.copyIn(two)
	_, err = Restore(t.Context(), o)
	if newer := new(NewerArchiveError); !errors.As(err, &newer) {
		t.Errorf("Restore with a copy older than the archive: %v, want a NewerArchiveError", err)
	}
	to := folderPlace(t)
	o = w.restoration(three, to)
	o.Copy, o.LoseNewer = w.copyIn(two), true
	r, err := Restore(t.Context(), o)
	ok(t, err)
	if r.Libraries[1].Removed.Cases != 1 {
		t.Errorf("Restore removed %d cases, want the 1 whose key is lost", r.Libraries[1].Removed.Cases)
	}
	w.check(to, o.Ring, map[store.CaseID]string{early: w.living[early]}, late)
}

// What is lost is told, given a checkpoint that was kept elsewhere.
func TestLost(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.begin(false)
	w.sign()
	taken := w.take()
	for range 20 {
		w.begin(false)
	}
	kept := w.sign()
	mail := bytes.ReplaceAll(append([]byte("Subject: the ledger\n\n"), kept...), []byte("\n"), []byte("\r\n"))
	for _, c := range []struct {
		name  string
		texts [][]byte
		want  int
	}{{"no checkpoint", nil, 0}, {"a later one", [][]byte{kept}, 1}, {"as a mail", [][]byte{mail}, 1}, {"another's", [][]byte{[]byte("hello\n")}, 0}} {
		o := w.restoration(taken, folderPlace(t))
		o.Checkpoints = c.texts
		r, err := Restore(t.Context(), o)
		ok(t, err)
		if lost := r.Libraries[1].Lost; len(lost) != c.want || c.want > 0 && (lost[0].Finding != ledger.CutBack || lost[0].To != 47) {
			t.Errorf("%s: lost = %v, want %d", c.name, lost, c.want)
		}
	}
	// Given the ledger itself nothing of it is lost.
	o := w.restoration(taken, folderPlace(t))
	o.Checkpoints, o.Ledgers = [][]byte{kept}, []string{w.export()}
	r, err := Restore(t.Context(), o)
	ok(t, err)
	if len(r.Libraries[1].Lost) > 0 || r.Libraries[1].Added == 0 {
		t.Errorf("with the newer ledger: lost = %v, added %d; want nothing lost", r.Libraries[1].Lost, r.Libraries[1].Added)
	}
}

// A ledger that is another's, or changed, is not gone on with.
func TestWrongLedgers(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.begin(false)
	older := w.export()
	w.sign()
	taken := w.take()
	w.begin(false)
	w.sign()
	path := w.export()
	text := got(os.ReadFile(path))
	changed := filepath.Join(t.TempDir(), "changed")
	ok(t, os.WriteFile(changed, bytes.Replace(text, []byte("start-walk"), []byte("start-talk"), 1), 0o600))
	other := filepath.Join(t.TempDir(), "other")
	ok(t, os.WriteFile(other, []byte("hello\nthere\n"), 0o600))
	for _, path := range []string{older, changed, other, filepath.Join(t.TempDir(), "none")} {
		o := w.restoration(taken, folderPlace(t))
		o.Ledgers = []string{path}
		if _, err := Restore(t.Context(), o); err == nil {
			t.Errorf("Restore with the ledger %s = nil, want an error", filepath.Base(path))
		}
	}
}

// Two of the three shares open archive and copy; one of them twice does not.
func TestShares(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	set := got(recovery.New(rand.Reader))
	w.setRecovery(set.Public)
	w.begin(false)
	taken := w.take()
	for _, c := range []struct {
		a, b  int
		opens bool
	}{{0, 1, true}, {2, 1, true}, {0, 2, true}, {1, 1, false}} {
		with := WithShares(set.Shares[c.a], set.Shares[c.b])
		_, err := keyring.NewestCopy(with, w.ringTo)
		if (err == nil) != c.opens {
			t.Errorf("shares %d and %d open the copy: %v, want %v", c.a+1, c.b+1, err, c.opens)
		}
		o := w.restoration(taken, folderPlace(t))
		o.With = with
		if _, err := Restore(t.Context(), o); (err == nil) != c.opens {
			t.Errorf("shares %d and %d open the archive: %v, want %v", c.a+1, c.b+1, err, c.opens)
		}
	}
	other := got(recovery.New(rand.Reader))
	o := w.restoration(taken, folderPlace(t))
	o.With = WithShares(other.Shares[0], other.Shares[1])
	if _, err := Restore(t.Context(), o); err == nil {
		t.Error("shares of another installation open the archive")
	}
	o = w.restoration(taken, folderPlace(t))
	o.With = got(WithKey(got(vault.NewInstallationKey(rand.Reader))))
	if _, err := Restore(t.Context(), o); !contains(err, "not those that this backup was written for") {
		t.Errorf("Restore with another key: %v, want that it is not the one", err)
	}
	// A stanza of the keyring's copy is not one of the archive's.
	o = w.restoration(taken, folderPlace(t))
	o.With = got(keyring.WithKey(w.key))
	if _, err := Restore(t.Context(), o); err == nil {
		t.Error("the identity of keyring copies opens the archive")
	}
}

// What goes wrong while the backup is written leaves nothing behind, and the
// older backup as it was.
func TestDiskFull(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.begin(false)
	before := w.take()
	w.now = w.now.Add(time.Hour)
	text := got(os.ReadFile(before.File))
	for at := int64(0); at < before.Size; at += before.Size/40 + 1 {
		for _, broken := range []func(io.Writer) io.Writer{
			func(f io.Writer) io.Writer { return &full{f, at, errors.New("no space left on device")} },
			func(f io.Writer) io.Writer { return &full{f, at, nil} }, // it says it wrote
			func(f io.Writer) io.Writer { return &flip{f, at} },
		} {
			o := w.options()
			o.spoil = broken
			if _, err := Take(t.Context(), o); err == nil {
				t.Fatalf("Take on a disk that fails at byte %d = nil, want an error", at)
			}
			if names := left(t, w.to); !slices.Equal(names, []string{filepath.Base(before.File)}) || len(left(t, w.scratch)) > 0 {
				t.Fatalf("a disk that fails at byte %d leaves %v and %v", at, names, left(t, w.scratch))
			}
		}
	}
	if !bytes.Equal(got(os.ReadFile(before.File)), text) {
		t.Error("the older backup was changed")
	}
	taken := w.take()
	o := w.restoration(taken, folderPlace(t))
	_, err := Restore(t.Context(), o)
	ok(t, err)
}

// full takes so many bytes; then it fails, or lies.
type full struct {
	io.Writer
	room int64
	err  error
}

func (f *full) Write(p []byte) (int, error) {
	n := min(int64(len(p)), f.room)
	f.room -= n
	written, err := f.Writer.Write(p[:n])
	if err == nil && n < int64(len(p)) {
		if f.err == nil {
			return len(p), nil
		}
		err = f.err
	}
	return written, err
}

// flip changes one bit.
type flip struct {
	io.Writer
	at int64
}

func (f *flip) Write(p []byte) (int, error) {
	if 0 <= f.at && f.at < int64(len(p)) {
		p = bytes.Clone(p)
		p[f.at] ^= 1
	}
	f.at -= int64(len(p))
	return f.Writer.Write(p)
}

// Each other step fails in its turn.
func TestSteps(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	id := w.begin(false)
	before := w.take()
	ok(t, os.Remove(before.File))
	w.now = w.now.Add(time.Hour)
	nowhere := filepath.Join(t.TempDir(), "none")
	inside := filepath.Join(w.to, "inside")
	ok(t, os.Mkdir(inside, 0o700))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		change func(*Options)
	}{
		{"no folder for the archive", t.Context(), func(o *Options) { o.To = nowhere }},
		{"no folder for the copy", t.Context(), func(o *Options) { o.KeyringTo = nowhere }},
		{"one folder for both", t.Context(), func(o *Options) { o.KeyringTo = o.To }},
		{"one within the other", t.Context(), func(o *Options) { o.KeyringTo = inside }},
		{"no place to check in", t.Context(), func(o *Options) { o.Scratch = nowhere }},
		{"another key", t.Context(), func(o *Options) { o.Key = got(vault.NewInstallationKey(rand.Reader)) }},
		{"no randomness", t.Context(), func(o *Options) { o.Random = bytes.NewReader(nil) }},
		{"canceled", canceled, func(*Options) {}},
		{"a keyring that fails", t.Context(), func(o *Options) { o.Ring = failing{o.Ring} }},
		{"a keyring without keys", t.Context(), func(o *Options) { o.Ring = newRing(t, w.key) }},
		{"a keyring that has lost a key", t.Context(), func(o *Options) { o.Ring = without{o.Ring, w.slot(string(id))} }},
	} {
		o := w.options()
		c.change(&o)
		if _, err := Take(c.ctx, o); err == nil {
			t.Errorf("%s: Take = nil, want an error", c.name)
		}
		if names := left(t, w.to); !slices.Equal(names, []string{"inside"}) || len(left(t, w.scratch)) > 0 {
			t.Errorf("%s: %v and %v are left", c.name, names, left(t, w.scratch))
		}
	}
	if at := w.copy().At; !at.Equal(before.Copy) {
		t.Errorf("the copy of the keyring is of %v, want the one of %v still", at, before.Copy)
	}
}

// without is a keyring that has lost a key.
type without struct {
	keyring.Keyring
	slot keyring.Slot
}

func (w without) List(ctx context.Context, library string) ([]keyring.Entry, error) {
	entries, err := w.Keyring.List(ctx, library)
	return slices.DeleteFunc(entries, func(e keyring.Entry) bool { return e.Slot == w.slot }), err
}

type failing struct{ keyring.Keyring }

func (failing) List(context.Context, string) ([]keyring.Entry, error) {
	return nil, keyring.ErrUnavailable
}

// When a restore fails, nothing of it stays in a folder.
func TestRestoreSteps(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.begin(false)
	taken := w.take()
	text := got(os.ReadFile(taken.File))
	for _, c := range []struct {
		name   string
		change func(*Restoration)
	}{
		{"cut short", func(o *Restoration) { o.Archive = bytes.NewReader(text[:len(text)-1]) }},
		{"cut in the middle", func(o *Restoration) { o.Archive = bytes.NewReader(text[:len(text)/2]) }},
		{"empty", func(o *Restoration) { o.Archive = bytes.NewReader(nil) }},
		{"changed", func(o *Restoration) {
			changed := bytes.Clone(text)
			changed[len(changed)/2] ^= 1
			o.Archive = bytes.NewReader(changed)
		}},
		{"it cannot be opened", func(o *Restoration) { o.Open = func() (*store.Store, error) { return nil, io.ErrUnexpectedEOF } }},
		{"the keyring fails", func(o *Restoration) { o.Ring = failing{o.Ring} }},
		{"the keyring is not empty", func(o *Restoration) { o.Ring = w.ring }},
		{"a changed leaf", func(o *Restoration) { o.Archive = w.forge(text, "start-walk", "start-talk") }},
		{"a changed hash", func(o *Restoration) { o.Archive = w.forgeHash(text) }},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		o := w.restoration(taken, folderPlace(t))
		o.Load = func(form int64) (*store.Loader, error) {
			return store.LoadSQLite(t.Context(), store.SQLite{Folder: dir, Weak: true}, form)
		}
		o.Open = func() (*store.Store, error) {
			return store.OpenSQLite(t.Context(), store.SQLite{Folder: dir, Weak: true})
		}
		c.change(&o)
		if _, err := Restore(t.Context(), o); err == nil {
			t.Errorf("%s: Restore = nil, want an error", c.name)
		}
		if _, err := os.Stat(dir); err == nil {
			if names := left(t, dir); len(names) > 0 {
				t.Errorf("%s: %v is left", c.name, names)
			}
		}
	}
}

// forge rewrites an archive as somebody who has the key could.
func (w *world) forge(archive []byte, old, now string) io.Reader {
	return w.rewrite(archive, func(plain []byte) []byte { return bytes.Replace(plain, []byte(old), []byte(now), 1) })
}

func (w *world) forgeHash(archive []byte) io.Reader {
	return w.rewrite(archive, func(plain []byte) []byte {
		at := bytes.LastIndex(plain, []byte(`"ledger_hashes"`))
		row := at + bytes.IndexByte(plain[at:], '[')
		row += 1 + bytes.IndexByte(plain[row+1:], '[') // of the first row
		quote := row + bytes.IndexByte(plain[row:], '"')
		plain[quote+1] = 'A' + (plain[quote+1]-'A'+1)%26
		return plain
	})
}

// rewrite changes an archive and mends its digest.
func (w *world) rewrite(archive []byte, change func([]byte) []byte) io.Reader {
	plain := got(io.ReadAll(got(age.Decrypt(bytes.NewReader(archive), got(WithKey(w.key))))))
	changed := change(bytes.Clone(plain))
	if bytes.Equal(changed, plain) {
		w.t.Fatal("the archive was not changed")
	}
	lines := bytes.SplitAfter(changed, []byte("\n"))
	body := bytes.Join(lines[:len(lines)-2], nil)
	last := lines[len(lines)-2]
	at := bytes.Index(last, []byte(`"sha256":"`)) + len(`"sha256":"`)
	last = append(append(bytes.Clone(last[:at]), digestOf(body)...), "\"}\n"...)
	var out bytes.Buffer
	sealed := got(age.Encrypt(&out, got(recipients(w.key, vault.PublicKey{}, rand.Reader))...))
	got(sealed.Write(append(body, last...)))
	ok(w.t, sealed.Close())
	return &out
}

// The promise is a hundred (P16): go test ./internal/backup -run Rounds -rounds 100
var roundsFlag = flag.Int("rounds", 10, "how many random restores TestRounds makes")

// Restores of small installations with random histories: each verifies, what lives
// reads as it was written, nothing destroyed reads.
func TestRounds(t *testing.T) {
	began := time.Now()
	for n := range *roundsFlag {
		seed := uint64(n)
		t.Run("", func(t *testing.T) { testRound(t, mathrand.New(mathrand.NewPCG(seed, 16))) })
	}
	t.Logf("%d restores of random histories in %v", *roundsFlag, time.Since(began).Round(time.Millisecond))
}

// weakStore is on no durable disk: what a round is about is not that.
func weakStore(t *testing.T) *store.Store {
	s, err := store.OpenSQLite(t.Context(), store.SQLite{Folder: t.TempDir(), Weak: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	return s
}

func testRound(t *testing.T, dice *mathrand.Rand) {
	w := newWorld(t, weakStore(t))
	type backup struct {
		Taken
		living map[store.CaseID]string
	}
	var backups []backup
	var all []store.CaseID
	for range 6 + dice.IntN(10) {
		switch dice.IntN(5) {
		case 0, 1:
			all = append(all, w.begin(dice.IntN(2) == 0))
		case 2:
			if len(all) > 0 {
				if id := all[dice.IntN(len(all))]; w.living[id] != "" {
					w.destroy(id)
				}
			}
		case 3:
			w.sign()
		case 4:
			w.now = w.now.Add(time.Duration(dice.IntN(40)) * time.Hour)
			backups = append(backups, backup{w.take(), cloneMap(w.living)})
		}
	}
	backups = append(backups, backup{w.take(), cloneMap(w.living)})
	// Some are destroyed after the last copy; then the ledger is exported.
	for id := range cloneMap(w.living) {
		if dice.IntN(3) == 0 {
			w.destroy(id)
		}
	}
	w.sign()
	from := backups[dice.IntN(len(backups))]
	to := folderPlace(t)
	o := w.restoration(from.Taken, to)
	o.Ledgers = []string{w.export()}
	_, err := Restore(t.Context(), o)
	ok(t, err)
	wanted, gone := map[store.CaseID]string{}, []store.CaseID{}
	for _, id := range all {
		if w.living[id] == "" {
			gone = append(gone, id)
		} else if from.living[id] != "" {
			wanted[id] = from.living[id]
		}
	}
	w.check(to, o.Ring, wanted, gone...)
}

func cloneMap(m map[store.CaseID]string) map[store.CaseID]string {
	c := map[store.CaseID]string{}
	for k, v := range m {
		c[k] = v
	}
	return c
}
