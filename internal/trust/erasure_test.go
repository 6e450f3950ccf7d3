package trust

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"roundtable/internal/app"
	"roundtable/internal/backup"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// purged is an installation of which something is going to be destroyed, with
// everything that was kept of it before.
type purged struct {
	*land
	director    app.Who
	gone        []store.CaseID // of every kind
	shots       []walk.EventID // a photo in each
	stays       store.CaseID
	leaver      people.PersonID
	ciphertexts [][]byte // of what is going to be destroyed
	account     [][]byte

	archive  string // a backup from before
	data     string // a copy of the data folder from before, on SQLite
	copies   string // where the keyring's copy goes each day
	oldCopy  string // a folder with the keyring's copy from before
	to, room string
}

const noted = "Two officers, one badge shown."

// P3: once a case was destroyed, or a person forgotten, no backup of any age opens
// it with today's keyring. The keyring's own copy of the day before is the one that
// does, until it is 30 days old: that is the control.
func TestErasure(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		p := &purged{land: l, to: t.TempDir(), copies: t.TempDir(), oldCopy: t.TempDir(), room: t.TempDir()}
		p.begin(t)
		p.keep(t)
		p.leavesNothing(t, false)
		p.destroy(t)
		p.leavesNothing(t, true)
		p.take(t)
		opened := p.openOld(t)
		p.restoreOld(t)
		p.expire(t)
		for _, id := range []people.LibraryID{people.Installation, l.A.ID} {
			must(t, l.verify(t.Context(), id))
		}
		promise(t, "T12", "P3", "%s: 0 of %d destroyed cases and accounts open from a backup and %d copies of files from before with today's keyring; %d with the keyring's copy from before, which is gone on day 30",
			l.kind(), len(p.gone)+1, opened, len(p.gone)+1)
	})
}

// begin makes what will be destroyed and what stays.
func (p *purged) begin(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	p.director = p.A.As(t, people.Director)
	desk := p.A.AtDesk(t)
	for _, playbook := range []string{"officer", "suspected-abuse", "hygiene", "officer"} {
		id := got[store.CaseID](t)(p.StartWalk(ctx, desk, app.StartForm{Playbook: playbook}))
		_, err := p.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: noted})
		must(t, err)
		p.shots = append(p.shots, p.photo(t, desk, id, uint32(len(p.gone)), "The paper", "40.7128 N"))
		p.gone = append(p.gone, id)
	}
	p.stays = p.gone[3]
	p.gone = p.gone[:3]
	made := got[app.Invitation](t)(p.InvitePerson(ctx, p.director, p.A.ID, app.InvitationForm{
		Person: app.PersonForm{Name: "Lea Ver", Initials: "LV", Mail: "lea@elm.example"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip,
	}))
	p.leaver = made.Person
	must(t, p.Store.Read(ctx, p.A.ID, func(tx *store.Tx) error {
		for _, id := range p.gone {
			c, err := tx.Case(ctx, id)
			if err != nil {
				return err
			}
			p.ciphertexts = append(p.ciphertexts, c.Head)
			events, err := tx.CaseEvents(ctx, id, 0)
			if err != nil {
				return err
			}
			for _, e := range events {
				p.ciphertexts = append(p.ciphertexts, e.Sealed)
			}
			pieces, err := tx.PhotoPieces(ctx, id, string(p.shots[slices.Index(p.gone, id)]))
			if err != nil || len(pieces) == 0 {
				return cmp.Or(err, errors.New("a case has no photo"))
			}
			p.ciphertexts = append(p.ciphertexts, pieces...)
		}
		return nil
	}))
	must(t, p.Store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		row, err := tx.Account(ctx, p.leaver)
		p.account = append(p.account, row.Sealed)
		return err
	}))
}

func (p *purged) options() backup.Options {
	return backup.Options{Store: p.Store, Ring: p.Ring, Key: p.Key, To: p.to, KeyringTo: p.copies, Scratch: p.room, Now: p.Clock.Now, Random: rand.Reader}
}

// keep keeps everything that somebody could have kept.
func (p *purged) keep(t *testing.T) {
	t.Helper()
	p.archive = got[backup.Taken](t)(backup.Take(t.Context(), p.options())).File
	must(t, os.CopyFS(filepath.Join(p.oldCopy, "kept"), os.DirFS(p.copies)))
	p.oldCopy = filepath.Join(p.oldCopy, "kept")
	if p.folder != "" {
		p.data = filepath.Join(t.TempDir(), "data")
		must(t, os.CopyFS(p.data, os.DirFS(p.folder)))
	}
}

// destroy destroys the cases, and has the person forgotten.
func (p *purged) destroy(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	p.Clock.Move(time.Hour)
	must(t, p.Destroy(ctx, p.A.ID, "retention", p.gone...))
	if p.folder != "" {
		info, err := os.Stat(sqliteFile(p.folder, p.A.ID) + "-wal")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err == nil && info.Size() != 0 {
			t.Errorf("after a destruction the journal of the library has %d bytes, want none", info.Size())
		}
	}
	must(t, p.RemovePerson(ctx, p.director, p.A.ID, p.leaver))
	for range 32 {
		p.Clock.Move(23 * time.Hour)
		must(t, p.WorkOnce(ctx))
	}
	p.director = p.A.As(t, people.Director)
}

// leavesNothing looks whether the sealed bytes themselves are gone from SQLite's
// files and journals. (PostgreSQL keeps deleted rows until it vacuums, and in its
// journal: there it is the destroyed key alone.)
func (p *purged) leavesNothing(t *testing.T, gone bool) {
	t.Helper()
	if p.folder == "" {
		return
	}
	for what, list := range map[string][][]byte{"destroyed cases": p.ciphertexts, "the account of who was forgotten": p.account} {
		found := 0
		must(t, filepath.WalkDir(p.folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			for _, sealed := range list {
				if bytes.Contains(data, sealed[:64]) {
					found++
					if gone {
						t.Errorf("sealed bytes of %s are still in %s", what, filepath.Base(path))
					}
				}
			}
			return err
		}))
		if !gone && found < len(list) {
			t.Errorf("the control: of %d sealed values of %s %d are found before: this test finds nothing", len(list), what, found)
		}
	}
}

// take makes today's backup, and with it today's copy of the keyring.
func (p *purged) take(t *testing.T) {
	t.Helper()
	if _, err := backup.Take(t.Context(), p.options()); err != nil {
		t.Errorf("once somebody was forgotten no backup can be made any more: %v", err)
		public := got[vault.PublicKey](t)(p.RecoveryKey(t.Context()))
		must(t, keyring.Copier{Random: rand.Reader, Key: p.Key, Recovery: public}.Write(t.Context(), p.Ring, p.copies, p.Clock.Now()))
	}
	if n := len(got[[]os.DirEntry](t)(os.ReadDir(p.copies))); n != 1 {
		t.Errorf("there are %d copies of the keyring where today's is, want that one only", n)
	}
}

// with is an App over some database and some keyring, at today's time.
func (p *purged) with(t *testing.T, s *store.Store, ring keyring.Keyring) *app.App {
	t.Helper()
	hub := got[*live.Hub](t)(live.NewHub(rand.Reader, p.Clock.Now, live.Options{}))
	t.Cleanup(hub.Close)
	return got[*app.App](t)(app.New(app.Options{
		Store: s, Ring: ring, Key: p.Key, Live: hub, Now: p.Clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Hashers: 1,
	}))
}

// copyOf opens the newest copy of the keyring in a folder.
func (p *purged) copyOf(t *testing.T, folder string) keyring.Copy {
	t.Helper()
	return got[keyring.Copy](t)(keyring.NewestCopy(got[age.Identity](t)(keyring.WithKey(p.Key)), folder))
}

// openOld opens copies of the files from before: with today's keyring, and with the
// one from before. It returns how many there were.
func (p *purged) openOld(t *testing.T) int {
	t.Helper()
	if p.data == "" {
		return 0
	}
	today := got[*keyring.View](t)(keyring.ViewOf(t.Context(), p.Ring))
	s := got[*store.Store](t)(store.OpenSQLite(t.Context(), store.SQLite{Folder: p.data}))
	defer s.Close()
	p.readable(t, "files from before, today's keyring", p.with(t, s, today), false)
	p.readable(t, "files from before, today's copy of the keyring", p.with(t, s, p.copyOf(t, p.copies).View()), false)
	p.readable(t, "the control: files and keyring from before", p.with(t, s, p.copyOf(t, p.oldCopy).View()), true)
	return 1
}

// readable looks whether what was destroyed can be read. What stays always can.
func (p *purged) readable(t *testing.T, what string, a *app.App, want bool) {
	t.Helper()
	ctx := t.Context()
	v, err := a.ReadCase(ctx, p.director, p.stays, "")
	if err != nil || !notes(v) {
		t.Errorf("%s: what was not destroyed is not read: %s", what, told(err))
	}
	safety := p.A.As(t, people.SafetyLead)
	for _, id := range p.gone {
		read := false
		for _, who := range []app.Who{p.director, safety} {
			if v, err := a.ReadCase(ctx, who, id, ""); err == nil && notes(v) {
				read = true
			} else if err != nil && fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %s", what, told(err))
			}
		}
		if read != want {
			t.Errorf("%s: the case is read: %v, want %v", what, read, want)
		}
	}
	opens, err := a.Openable(ctx, people.Installation)
	must(t, err)
	named := false
	if view, err := a.Account(ctx, p.director, p.A.ID, p.leaver); err == nil {
		named = view.Name == "Lea Ver"
	}
	if named != want || opens.Opens == 0 {
		t.Errorf("%s: whoever was forgotten has a name: %v, want %v (%d accounts open)", what, named, want, opens.Opens)
	}
}

func notes(v app.WalkView) bool {
	for _, e := range v.Walk.Entries() {
		if e.Text == noted {
			return true
		}
	}
	return false
}

// restoreOld restores the backup from before: with today's copy of the keyring, and
// with the one from before. Each is restored into both databases.
func (p *purged) restoreOld(t *testing.T) {
	t.Helper()
	places := []bool{p.url != ""}
	if *full {
		places = []bool{false, true}
	}
	for _, postgres := range places {
		for _, c := range []struct {
			what   string
			folder string
			reads  bool
		}{
			{"the backup from before, restored with today's copy of the keyring", p.copies, false},
			{"the control: the backup from before, restored with the keyring's copy from before", p.oldCopy, true},
		} {
			copied := p.copyOf(t, c.folder)
			box := got[vault.Box](t)(keyring.StorageBox(p.Key))
			ring := got[*keyring.File](t)(keyring.CreateFile(t.TempDir(), rand.Reader, box))
			archive := got[*os.File](t)(os.Open(p.archive))
			load, open := emptyPlace(t, postgres)
			_, err := backup.Restore(t.Context(), backup.Restoration{
				Archive: archive, With: got[age.Identity](t)(backup.WithKey(p.Key)), Key: p.Key, Copy: &copied, Ring: ring, Load: load, Open: open,
				LoseNewer: true, Now: p.Clock.Now, Random: rand.Reader,
			})
			must(t, err)
			s := got[*store.Store](t)(open())
			p.readable(t, c.what, p.with(t, s, ring), c.reads)
			r := &running{store: s}
			for _, id := range []people.LibraryID{people.Installation, p.A.ID} {
				if err := r.verify(t.Context(), id); err != nil {
					t.Errorf("%s: the ledger of %s: %v", c.what, id, err)
				}
			}
			must(t, errors.Join(s.Close(), ring.Close(), archive.Close()))
		}
	}
}

// emptyPlace is an empty place to restore into.
func emptyPlace(t *testing.T, postgres bool) (load func(int64) (*store.Loader, error), open func() (*store.Store, error)) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if postgres {
		url := storetest.Database(t)
		return func(form int64) (*store.Loader, error) { return store.LoadPostgres(ctx, url, form) },
			func() (*store.Store, error) { return store.OpenPostgres(ctx, url) }
	}
	at := store.SQLite{Folder: filepath.Join(t.TempDir(), "data"), Weak: true}
	return func(form int64) (*store.Loader, error) { return store.LoadSQLite(ctx, at, form) },
		func() (*store.Store, error) { return store.OpenSQLite(ctx, at) }
}

// expire removes the keyring's copy from before on its last day and not before.
func (p *purged) expire(t *testing.T) {
	t.Helper()
	made := p.copyOf(t, p.oldCopy).At
	day := made.Truncate(24 * time.Hour)
	if n, err := keyring.ExpireCopies(p.oldCopy, day.Add(30*24*time.Hour-time.Second)); n != 0 || err != nil {
		t.Errorf("before its 30 days are over %d copies are removed, %v, want none", n, err)
	}
	if n, err := keyring.ExpireCopies(p.oldCopy, made.Add(30*24*time.Hour)); n != 1 || err != nil {
		t.Errorf("after 30 days %d copies are removed, %v, want 1", n, err)
	}
	if _, err := keyring.NewestCopy(got[age.Identity](t)(keyring.WithKey(p.Key)), p.oldCopy); !errors.Is(err, keyring.ErrMissing) {
		t.Errorf("after 30 days there is a copy of the keyring from before: %v", err)
	}
}
