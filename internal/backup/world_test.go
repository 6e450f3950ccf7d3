package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/ledger"

	"golang.org/x/mod/sumdb/note"
)

// world is an installation with one library, as it stands on the disk: keys,
// rows and ledger. It is made here by hand, so that a change of where or how
// things are kept, which would make old backups worthless, fails a test.
type world struct {
	t       testing.TB
	store   *store.Store
	ring    keyring.Keyring
	key     vault.InstallationKey
	app     *app.App
	now     time.Time
	library people.LibraryID
	branch  people.BranchID
	under   vault.LibraryKey
	own     vault.CaseKey
	signer  note.Signer
	public  string
	living  map[store.CaseID]string // what each case is about

	to, ringTo, scratch string
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func got[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newWorld(t testing.TB, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: s, key: got(vault.NewInstallationKey(rand.Reader)), living: map[store.CaseID]string{},
		now: time.Date(2026, 11, 3, 2, 0, 0, 0, time.UTC), to: t.TempDir(), ringTo: t.TempDir(), scratch: t.TempDir()}
	w.ring = newRing(t, w.key)
	w.app = got(newApp(s, w.ring, w.key, w.clock, rand.Reader))
	ok(t, w.app.Bootstrap(t.Context()))
	w.library = got(people.NewID[people.LibraryID](w.now, rand.Reader))
	w.branch = got(people.NewID[people.BranchID](w.now, rand.Reader))
	w.makeKeys()
	ok(t, s.MakeTenant(t.Context(), w.library))
	ok(t, s.Write(t.Context(), w.library, w.makeRows))
	ok(t, s.Write(t.Context(), people.Installation, func(tx *store.Tx) error {
		return tx.AddLibrary(t.Context(), store.Library{ID: w.library, Name: "Bücherei „Ünïcode“ 图书馆", TimeZone: "America/New_York", Made: w.now, Ready: true})
	}))
	return w
}

func newRing(t testing.TB, key vault.InstallationKey) keyring.Keyring {
	t.Helper()
	ring, err := keyring.CreateFile(t.TempDir(), rand.Reader, got(keyring.StorageBox(key)))
	ok(t, err)
	t.Cleanup(func() { ring.Close() })
	return ring
}

func (w *world) clock() time.Time { return w.now }

func (w *world) makeKeys() {
	w.under = got(vault.NewLibraryKey(rand.Reader))
	ok(w.t, w.ring.Put(w.t.Context(), keyring.Entry{Slot: keyring.Slot{Kind: keyring.Library, Library: string(w.library)}, Made: w.now,
		Bytes: got(w.key.WrapLibrary(rand.Reader, string(w.library), w.under)).Bytes()}))
	w.own = w.putKey("own")
}

func (w *world) putKey(id string) vault.CaseKey {
	key := got(vault.NewCaseKey(rand.Reader, string(w.library), id))
	ok(w.t, w.ring.Put(w.t.Context(), keyring.Entry{Slot: w.slot(id), Made: w.now,
		Bytes: got(w.under.WrapCase(rand.Reader, string(w.library), id, key)).Bytes()}))
	return key
}

func (w *world) slot(id string) keyring.Slot {
	return keyring.Slot{Kind: keyring.Case, Library: string(w.library), ID: id}
}

func (w *world) makeRows(tx *store.Tx) error {
	ctx := w.t.Context()
	private, public, err := ledger.NewKey(rand.Reader, app.Origin(w.library))
	if err != nil {
		return err
	}
	w.public, w.signer = public, got(note.NewSigner(private))
	sealed := got(w.own.Seal(rand.Reader, vault.Place{Library: string(w.library), Case: "own", Field: "secrets.ledger-key", Version: 1}, vault.NewClear(private)))
	if _, _, err := ledger.Sign(ctx, tx.Ledger(), w.signer, w.now, rand.Reader); err != nil {
		return err
	}
	return errors.Join(
		tx.PutSecret(ctx, "secrets.ledger-key", sealed.Bytes(), 1),
		tx.PutSetting(ctx, "ledger.public-key", public),
		tx.AddBranch(ctx, store.Branch{ID: w.branch, Name: "Main <b>&</b>", TimeZone: "America/New_York"}))
}

// begin adds a case with an entry.
func (w *world) begin(isSealed bool) store.CaseID {
	w.t.Helper()
	ctx := w.t.Context()
	w.now = w.now.Add(time.Minute)
	id := got(people.NewID[store.CaseID](w.now, rand.Reader))
	about := "about " + string(id)
	key := w.putKey(string(id))
	head := got(key.Seal(rand.Reader, vault.Place{Library: string(w.library), Case: string(id), Field: "cases.head", Version: 1}, vault.NewClear(about)))
	commit := got(ledger.NewCommitKey(got(key.CommitSecret())))
	entry := got(ledger.Act{Kind: "start-walk", At: w.now, Sealed: isSealed, Objects: []ledger.ID{ledger.ID(id)}, Contents: []byte("start " + id)}.Entry(commit))
	ok(w.t, w.store.Write(ctx, w.library, func(tx *store.Tx) error {
		if _, err := ledger.Append(ctx, tx.Ledger(), entry); err != nil {
			return err
		}
		return errors.Join(
			tx.AddCase(ctx, store.Case{ID: id, Branch: w.branch, Class: "incident", Sealed: isSealed, Running: true, Head: head.Bytes(), Version: 1, Events: 1}),
			tx.AddCaseEvent(ctx, id, store.CaseEvent{Seq: 1, ID: "e", Sealed: []byte{0, 1, 2, 255}}),
			tx.AddCaseEvent(ctx, id, store.CaseEvent{Seq: 2, ID: "f", Sealed: []byte{}}))
	}))
	w.living[id] = about
	return id
}

func (w *world) destroy(id store.CaseID) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	ok(w.t, w.app.Destroy(w.t.Context(), w.library, "retention", id))
	delete(w.living, id)
}

func (w *world) sign() []byte {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	var signed []byte
	ok(w.t, w.store.Write(w.t.Context(), w.library, func(tx *store.Tx) (err error) {
		_, signed, err = ledger.Sign(w.t.Context(), tx.Ledger(), w.signer, w.now, rand.Reader)
		return err
	}))
	return signed
}

func (w *world) export() string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "ledger.txt")
	f := got(os.Create(path))
	ok(w.t, w.store.Read(w.t.Context(), w.library, func(tx *store.Tx) error {
		return ledger.Export(w.t.Context(), f, app.Origin(w.library), tx.Ledger())
	}))
	ok(w.t, f.Close())
	return path
}

func (w *world) options() Options {
	return Options{Store: w.store, Ring: w.ring, Key: w.key, To: w.to, KeyringTo: w.ringTo, Scratch: w.scratch, Now: w.clock, Random: rand.Reader}
}

func (w *world) take() Taken {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	taken, err := Take(w.t.Context(), w.options())
	ok(w.t, err)
	return taken
}

func (w *world) copy() *keyring.Copy {
	w.t.Helper()
	c := got(keyring.NewestCopy(got(keyring.WithKey(w.key)), w.ringTo))
	return &c
}

// place is where a backup is restored.
type place struct {
	load func(ctx context.Context) func(int64) (*store.Loader, error)
	open func(ctx context.Context) (*store.Store, error)
}

func folderPlace(t testing.TB) place {
	dir := filepath.Join(t.TempDir(), "data")
	return place{
		func(ctx context.Context) func(int64) (*store.Loader, error) {
			return func(form int64) (*store.Loader, error) {
				return store.LoadSQLite(ctx, store.SQLite{Folder: dir, Weak: true}, form)
			}
		},
		func(ctx context.Context) (*store.Store, error) {
			return store.OpenSQLite(ctx, store.SQLite{Folder: dir, Weak: true})
		},
	}
}

func postgresPlace(t testing.TB) place {
	url := storetest.Database(t)
	return place{
		func(ctx context.Context) func(int64) (*store.Loader, error) {
			return func(form int64) (*store.Loader, error) { return store.LoadPostgres(ctx, url, form) }
		},
		func(ctx context.Context) (*store.Store, error) { return store.OpenPostgres(ctx, url) },
	}
}

func (w *world) restoration(taken Taken, to place) Restoration {
	f := got(os.Open(taken.File))
	w.t.Cleanup(func() { f.Close() })
	ctx := w.t.Context()
	return Restoration{Archive: f, With: got(WithKey(w.key)), Key: w.key, Copy: w.copy(), Ring: newRing(w.t, w.key),
		Load: to.load(ctx), Open: func() (*store.Store, error) { return to.open(ctx) }, Now: w.clock, Random: rand.Reader}
}

// read opens what a case is about, as somebody with everything would.
func (w *world) read(s *store.Store, ring keyring.Keyring, id store.CaseID) (string, error) {
	ctx := w.t.Context()
	entry, err := ring.Get(ctx, w.slot(string(id)))
	if err != nil {
		return "", err
	}
	key, err := w.under.UnwrapCase(got(vault.ParseWrapped(entry.Bytes)), string(w.library), string(id))
	if err != nil {
		return "", err
	}
	var about string
	err = s.Read(ctx, w.library, func(tx *store.Tx) error {
		c, err := tx.Case(ctx, id)
		if err != nil {
			return err
		}
		clear, err := key.Open(vault.Place{Library: string(w.library), Case: string(id), Field: "cases.head", Version: c.Version}, got(vault.ParseSealed(c.Head)))
		about = clear.Text()
		return err
	})
	return about, err
}

// check reports what of a restored place is not as it should be: wanted cases
// read as they were, gone ones neither have a key nor rows, ledgers verify.
func (w *world) check(to place, ring keyring.Keyring, wanted map[store.CaseID]string, gone ...store.CaseID) {
	w.t.Helper()
	ctx := w.t.Context()
	s, err := to.open(ctx)
	ok(w.t, err)
	defer s.Close()
	for id, about := range wanted {
		if text, err := w.read(s, ring, id); err != nil || text != about {
			w.t.Errorf("case %s reads %q, %v, want %q", id, text, err, about)
		}
	}
	for _, id := range gone {
		if _, err := ring.Get(ctx, w.slot(string(id))); !errors.Is(err, keyring.ErrNotFound) {
			w.t.Errorf("the key of the destroyed case %s: %v, want none", id, err)
		}
		err := s.Read(ctx, w.library, func(tx *store.Tx) error { _, err := tx.Case(ctx, id); return err })
		if err == nil || fault.KindOf(err) != fault.NotFound {
			w.t.Errorf("the rows of the destroyed case %s: %v, want none", id, err)
		}
	}
	ok(w.t, s.Snapshots(ctx, func(tx *store.Tx) error {
		key, err := tx.Setting(ctx, "ledger.public-key")
		if err != nil {
			return err
		}
		report, err := verifyTx(ctx, tx, key, nil)
		if err != nil {
			return err
		}
		if !report.OK() {
			return fmt.Errorf("the ledger of %s: %s", tx.Tenant(), report)
		}
		return ledger.CheckStored(ctx, tx.Ledger())
	}))
}

// left lists the files in a folder.
func left(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	for _, e := range got(os.ReadDir(dir)) {
		names = append(names, e.Name())
	}
	return names
}

func contains(err error, text string) bool { return err != nil && strings.Contains(err.Error(), text) }
