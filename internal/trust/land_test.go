package trust

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"testing"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/counsel"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// land is an installation with two libraries that have nobody in common, and a way
// to its database that goes around the program, as whoever owns the machine has.
type land struct {
	*apptest.World
	folder string // of the files, on SQLite
	url    string // of the database for the role that serves, on PostgreSQL
}

// onBoth runs a body on SQLite and on PostgreSQL.
func onBoth(t *testing.T, body func(t *testing.T, l *land)) {
	t.Run("sqlite", func(t *testing.T) { body(t, newLand(t, false)) })
	t.Run("postgres", func(t *testing.T) { body(t, newLand(t, true)) })
}

func newLand(t *testing.T, postgres bool) *land {
	t.Helper()
	l := &land{}
	var s *store.Store
	var err error
	if postgres {
		l.url = storetest.Database(t)
		s, err = store.OpenPostgres(t.Context(), l.url)
	} else {
		l.folder = t.TempDir()
		s, err = store.OpenSQLite(t.Context(), store.SQLite{Folder: l.folder})
	}
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.MakeTenant(t.Context(), people.Installation))
	l.World = apptest.Two(t, s)
	l.Senders = map[notify.Channel]notify.Sender{notify.Mail: apptest.NewSender()}
	l.App = l.Process(t, l.Key)
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(told(err))
	}
}

// got returns a value, or ends the test.
func got[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// raw opens the tables of a tenant without the program: the file, or the database
// as its superuser, whom row security does not hold back.
func (l *land) raw(t *testing.T, tenant people.LibraryID) *sql.DB {
	t.Helper()
	return got[*sql.DB](t)(openRaw(t, l.folder, l.url, tenant))
}

func openRaw(t *testing.T, folder, url string, tenant people.LibraryID) (db *sql.DB, err error) {
	if url != "" {
		super, err := pgtest.As(url, pgtest.Superuser)
		if err != nil {
			return nil, err
		}
		db, err = sql.Open("pgx", super)
		if err != nil {
			return nil, err
		}
	} else if db, err = sql.Open("sqlite", "file:"+sqliteFile(folder, tenant)+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(OFF)"); err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db, nil
}

func sqliteFile(folder string, tenant people.LibraryID) string {
	if tenant == people.Installation {
		return filepath.Join(folder, "installation.db")
	}
	return filepath.Join(folder, "libraries", string(tenant)+".db")
}

// tables lists the tables that have a tenant's rows.
func tables(t testing.TB, db *sql.DB, postgres bool) (names []string) {
	t.Helper()
	q := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_versions' ORDER BY name`
	if postgres {
		q = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'schema_versions' ORDER BY relname`
	}
	rows, err := db.QueryContext(t.Context(), q)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		names = append(names, name)
	}
	must(t, rows.Err())
	return names
}

// counts counts a tenant's rows in each table.
func (l *land) counts(t *testing.T, tenant people.LibraryID) map[string]int {
	t.Helper()
	db := l.raw(t, tenant)
	defer db.Close()
	found := map[string]int{}
	for _, name := range tables(t, db, l.url != "") {
		var n int
		must(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+name+" WHERE library_id = $1", string(tenant)).Scan(&n))
		found[name] = n
	}
	return found
}

// verify holds a tenant's ledger against its key and its stored hashes.
func (l *land) verify(ctx context.Context, tenant people.LibraryID) error {
	r := &running{store: l.Store}
	return r.verify(ctx, tenant)
}

// things is something of every kind that a library has, by id.
type things struct {
	library    people.LibraryID
	branch     people.BranchID
	plain      store.CaseID // a case of the usual kind
	sealed     store.CaseID // one whose existence is sealed
	person     people.PersonID
	membership people.MembershipID
	pseudonym  people.Pseudonym
	session    string
	passkey    string
	device     people.DeviceID
	invitation string
	line       string
	duty       string
	note       counsel.NoteID
	event      walk.EventID
	photo      walk.EventID
	handOver   string
	alert      app.AlertID

	desk app.Who
}

// furnish gives a library something of every kind.
func (l *land) furnish(t *testing.T, lib *apptest.Library) things {
	t.Helper()
	ctx, x := t.Context(), things{library: lib.ID, branch: lib.Branch}
	director := lib.As(t, people.Director)
	leads := lib.As(t, people.InCharge)
	x.desk = lib.AtDesk(t)
	x.device = x.desk.Device.ID
	x.plain = got[store.CaseID](t)(l.StartWalk(ctx, x.desk, app.StartForm{Playbook: "officer"}))
	x.sealed = got[store.CaseID](t)(l.StartWalk(ctx, x.desk, app.StartForm{Playbook: "suspected-abuse"}))
	x.event = walk.EventID(l.id(t))
	_, err := l.Record(ctx, x.desk, x.plain, walk.Event{ID: x.event, Kind: walk.Noted, Text: "Two officers, one badge shown."})
	must(t, err)
	x.photo = l.photo(t, x.desk, x.plain, 1, "The paper", "40.7128 N")
	x.alert = got[[]app.AlertView](t)(l.CaseAlerts(ctx, x.desk, x.plain))[0].ID // its first step calls for the director
	x.handOver = got[app.HandOverOffer](t)(l.OfferHandOver(ctx, x.desk, x.plain)).Code
	x.line = got[string](t)(l.AddPhoneLine(ctx, director, lib.ID, app.PhoneLineForm{Line: "police", Number: "555 0199"}))
	x.duty = got[string](t)(l.SetDuty(ctx, director, lib.ID, app.DutyForm{Branch: lib.Branch, Person: leads.Person}))
	x.person, x.session, x.pseudonym = leads.Person, string(leads.Session.ID), leads.Pseudonym
	x.membership = leads.Memberships[0].ID
	x.invitation = got[app.Invitation](t)(l.InvitePerson(ctx, director, lib.ID, app.InvitationForm{
		Person: app.PersonForm{Name: "Rosa Invited", Initials: "RI"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip,
	})).ID
	x.note = l.writeToCounsel(t, lib, x.plain)
	x.passkey = l.addPasskey(t, leads)
	must(t, l.WorkOnce(ctx)) // its alert is sent
	return x
}

func (l *land) id(t testing.TB) string {
	t.Helper()
	return got[string](t)(people.NewID[string](l.Clock.Now(), rand.Reader))
}

// writeToCounsel gives counsel a key and writes a note to it.
func (l *land) writeToCounsel(t *testing.T, lib *apptest.Library, about store.CaseID) counsel.NoteID {
	t.Helper()
	ctx := t.Context()
	private := got[vault.PrivateKey](t)(vault.NewPrivateKey(rand.Reader))
	public := got[vault.PublicKey](t)(private.Public())
	text := base64.RawURLEncoding.EncodeToString(public.Bytes())
	must(t, l.ChangeCounselKey(ctx, lib.As(t, people.Counsel), text, public.Fingerprint().String()))
	director := lib.As(t, people.Director)
	form := got[app.CounselForm](t)(l.OfferCounselNote(ctx, director, about))
	letter := got[vault.Letter](t)(form.To.Public.Seal(vault.ForCounsel, form.Place, vault.NewClear("Ask first.")))
	must(t, l.WriteCounselNote(ctx, director, about, form.Note, form.To.Fingerprint().String(), base64.RawURLEncoding.EncodeToString(letter.Bytes())))
	return form.Note
}

// addPasskey makes a passkey for somebody and returns its id.
func (l *land) addPasskey(t *testing.T, who app.Who) string {
	t.Helper()
	return makePasskey(t, l.App, who, "Phone")
}

// outcome is how a call ended, as whoever called it sees it.
func outcome(err error) string {
	if err == nil {
		return "done"
	}
	text := fault.KindOf(err).String() + ": " + fault.Words(err)
	for _, f := range fault.FieldsOf(err) {
		text += fmt.Sprintf("; %s: %s", f.Name, f.Message)
	}
	return text
}
