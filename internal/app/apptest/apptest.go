// Package apptest gives tests an App that is ready: an installation with two
// libraries, and somebody of each role where a test asks for them. Everybody came
// in as people do, through set-up and invitations. It is imported by tests only.
package apptest

import (
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/mail"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// Password is everybody's.
const Password = "walnut ladder zephyr quill 83"

// Start is what the clock shows at first.
var Start = time.Date(2026, 11, 25, 19, 5, 0, 0, time.UTC)

// World is an installation.
type World struct {
	*app.App
	Store *store.Store
	Ring  *Ring
	Dice  *Dice
	Key   vault.InstallationKey
	Clock *Clock
	Log   *Text
	// Done is what set-up gave; its person is the director of A, and looks after
	// the installation.
	Done app.Done
	// Senders are the channels of each Process that is made from now on, and SendTime
	// how long they may take.
	Senders  map[notify.Channel]notify.Sender
	SendTime time.Duration
	// Mail sends the letters of each such Process, and Calls calls its witnesses.
	Mail  *mail.Sender
	Calls *http.Client
	// A and B are the libraries. B is nil until Two was called.
	A, B *Library

	places atomic.Uint32
}

// Library is a library of a World.
type Library struct {
	ID     people.LibraryID
	Branch people.BranchID

	w      *World
	logins map[people.Role]*Login
}

// Login is somebody with an account.
type Login struct {
	Person people.PersonID
	Form   app.PersonForm
	Token  string // of their session
}

// Empty returns an installation that nobody has set up.
func Empty(t testing.TB, s *store.Store) *World {
	t.Helper()
	w := &World{Store: s, Dice: NewDice(1), Clock: &Clock{now: Start}, Log: &Text{}}
	var err error
	w.Key, err = vault.NewInstallationKey(NewDice(2))
	must(t, err)
	box, err := keyring.StorageBox(w.Key)
	must(t, err)
	ring, err := keyring.CreateFile(t.TempDir(), NewDice(3), box)
	must(t, err)
	t.Cleanup(func() { ring.Close() })
	w.Ring = &Ring{Keyring: ring}
	w.App = w.Process(t, w.Key)
	must(t, w.Bootstrap(t.Context()))
	t.Cleanup(func() { w.Verify(t) })
	return w
}

// Process returns another App of the same installation, as another process or the
// same after a restart would be.
func (w *World) Process(t testing.TB, key vault.InstallationKey) *app.App {
	t.Helper()
	hub, err := live.NewHub(NewDice(4), w.Clock.Now, live.Options{})
	must(t, err)
	a, err := app.New(app.Options{
		Store: w.Store, Ring: w.Ring, Key: key, Live: hub, Now: w.Clock.Now, Random: w.Dice,
		Log: slog.New(slog.NewTextHandler(w.Log, nil)), Hashers: 2,
		Senders: w.Senders, SendTime: w.SendTime, Mail: w.Mail, Calls: w.Calls,
	})
	must(t, err)
	return a
}

// New returns an installation with one library, A.
func New(t testing.TB, s *store.Store) *World {
	t.Helper()
	w := Empty(t, s)
	code, err := w.OfferSetUp(t.Context())
	must(t, err)
	w.Done, err = w.SetUp(t.Context(), code, SetUpForm())
	must(t, err)
	w.A = w.library(w.Done.Library, w.Done.Branch)
	w.A.logins[people.Director] = &Login{w.Done.Who.Person, SetUpForm().You, w.Done.Token}
	w.A.accept(t, people.Admin, SetUpForm().Other, w.Done.Other)
	return w
}

// Two returns an installation with two libraries, A and B, that have nobody in
// common.
func Two(t testing.TB, s *store.Store) *World {
	t.Helper()
	w := New(t, s)
	form := app.NewLibraryForm{
		Library:  app.LibraryForm{Name: "Birch Valley Library", Place: "Oregon", TimeZone: "America/Los_Angeles"},
		Branch:   app.BranchForm{Name: "Valley", TimeZone: "America/Los_Angeles"},
		Director: app.PersonForm{Name: "Bettina Brook", Initials: "BB", Mail: "bettina@birch.example"},
		Admin:    app.PersonForm{Name: "Boris Beck", Initials: "BO", Mail: "boris@birch.example"},
		How:      app.OnSlip,
	}
	made, err := w.AddLibrary(t.Context(), w.A.As(t, people.Director), form)
	must(t, err)
	w.B = w.library(made.Library.ID, "")
	w.B.accept(t, people.Director, form.Director, made.Director)
	w.B.accept(t, people.Admin, form.Admin, made.Admin)
	branches, err := w.Branches(t.Context(), w.B.As(t, people.Director), w.B.ID)
	must(t, err)
	w.B.Branch = branches[0].ID
	return w
}

// SetUpForm is the form by which New sets up.
func SetUpForm() app.SetUpForm {
	return app.SetUpForm{
		Address:  "https://desk.elm.example",
		Library:  app.LibraryForm{Name: "Elm Street Library", Place: "New York", TimeZone: "America/New_York"},
		Branch:   app.BranchForm{Name: "Main", Prefix: "9", Phone: "555 0100", TimeZone: "America/New_York"},
		You:      app.PersonForm{Name: "Dana Dorsey", Initials: "DD", Mail: "dana@elm.example"},
		Other:    app.PersonForm{Name: "Amir Abbas", Initials: "AA", Mail: "amir@elm.example"},
		Role:     people.Director,
		Password: Password,
		How:      app.ByMail,
	}
}

func (w *World) library(id people.LibraryID, branch people.BranchID) *Library {
	return &Library{ID: id, Branch: branch, w: w, logins: map[people.Role]*Login{}}
}

// Pass lets time pass as it does where the program runs: it looks at the clock, and
// does what is due, every few hours, so that nothing looks like a jump.
func (w *World) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	for d > 0 {
		step := min(d, 20*time.Hour)
		w.Clock.Move(step)
		d -= step
		must(t, w.WorkOnce(t.Context()))
	}
}

// Place returns an address that nobody has come from yet.
func (w *World) Place() netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 10<<24+w.places.Add(1))
	return netip.AddrFrom4(b)
}

// accept has somebody accept an invitation.
func (l *Library) accept(t testing.TB, role people.Role, form app.PersonForm, i app.Invitation) *Login {
	t.Helper()
	in, err := l.w.AcceptInvitation(t.Context(), app.Who{}, l.w.Place(), i.Secret, Password)
	must(t, err)
	login := &Login{i.Person, form, in.Token}
	l.logins[role] = login
	return login
}

// Login returns somebody of a role at the library. They are invited when they are
// asked for first.
func (l *Library) Login(t testing.TB, role people.Role) *Login {
	t.Helper()
	if known := l.logins[role]; known != nil {
		return known
	}
	name := string(role)
	form := app.InvitationForm{
		Person: app.PersonForm{Name: "Person " + strings.ReplaceAll(name, "_", " "), Initials: strings.ToUpper(name[:2]), Mail: name + "@" + string(l.ID[30:]) + ".example"},
		Role:   app.RoleForm{Role: role},
		How:    app.OnSlip,
	}
	made, err := l.w.InvitePerson(t.Context(), l.As(t, people.Director), l.ID, form)
	must(t, err)
	return l.accept(t, role, form.Person, made)
}

// As returns somebody of a role at the library, signed in. They sign in anew if
// their session has locked or ended meanwhile.
func (l *Library) As(t testing.TB, role people.Role) app.Who {
	t.Helper()
	login := l.Login(t, role)
	who, err := l.w.Resolve(t.Context(), login.Token, "")
	must(t, err)
	if who.State == signin.Live {
		return who
	}
	in, err := l.w.SignIn(t.Context(), app.Who{}, l.w.Place(), app.SignInForm{Mail: login.Form.Mail, Password: Password})
	must(t, err)
	login.Token = in.Token
	return in.Who
}

// Device enrols a device at a branch, and returns it with its cookie's token.
func (l *Library) Device(t testing.TB, branch people.BranchID) (people.Device, string) {
	t.Helper()
	offer, err := l.w.OfferEnrol(t.Context(), l.As(t, people.Director), l.ID, branch, "Desk")
	must(t, err)
	d, token, err := l.w.Enrol(t.Context(), app.Who{}, l.w.Place(), offer.Code, "")
	must(t, err)
	return d, token
}

// AtDesk returns whoever stands at a newly enrolled device of the library's first
// branch, not signed in.
func (l *Library) AtDesk(t testing.TB) app.Who {
	t.Helper()
	_, token := l.Device(t, l.Branch)
	who, err := l.w.Resolve(t.Context(), "", token)
	must(t, err)
	return who
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
