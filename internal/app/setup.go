package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// SetUpForm is everything that is asked before there is anything.
type SetUpForm struct {
	Address string // by which desks will reach the server: "https://desk.library.example"
	// Accept says that they were told what is off at this address (CheckAddress),
	// and go on.
	Accept  bool
	Library LibraryForm
	Branch  BranchForm
	// You is whoever sets up, Role which of the two they are: director or admin.
	// Other is the other one. You look after the installation as well.
	You, Other PersonForm
	Role       people.Role
	Password   string // yours
	How        How    // how the other one is invited
}

// Done is what set-up gives. All secrets in it are shown once.
type Done struct {
	SignedIn
	Library people.LibraryID
	Branch  people.BranchID
	Address Address
	Shares  []Share
	Other   Invitation
}

// CheckAddress checks the address alone, for the page that asks for it: Invalid for
// "address" or "accept".
func (f SetUpForm) CheckAddress() error {
	at, err := CheckAddress(f.Address)
	if err != nil {
		return err
	}
	var problems fault.Fields
	if !at.Secure && !f.Accept {
		problems.Add("accept", "Read what is off at this address. Then tick this to go on, or choose an address with https.")
	}
	return problems.Err()
}

// CheckLibrary checks the library alone.
func (f SetUpForm) CheckLibrary() error { return f.Library.tidied().check() }

// CheckBranch checks the first branch alone.
func (f SetUpForm) CheckBranch() error { return f.Branch.tidied().check() }

// CheckPeople checks the two people alone: Invalid for "role", and for "you_name",
// "other_mail" and so on.
func (f SetUpForm) CheckPeople() error {
	you, other := f.You.tidied(), f.Other.tidied()
	var problems fault.Fields
	if f.Role != people.Director && f.Role != people.Admin {
		problems.Add("role", "Choose which of the two you are.")
	}
	if you.Mail == "" {
		problems.Add("you_mail", "Write your mail address. You sign in with it.")
	}
	if other.Mail != "" && normalMail(you.Mail) == normalMail(other.Mail) {
		problems.Add("other_mail", "Write another address than yours, or leave this empty.")
	}
	if strings.EqualFold(you.Name, other.Name) && strings.EqualFold(you.Initials, other.Initials) {
		problems.Add("other_initials", "Choose other initials than yours, so that you can be told apart.")
	}
	return mergeFields(formPart{"you_", you.check()}, formPart{"other_", other.check()}, formPart{"", problems.Err()})
}

// CheckPassword checks the password alone.
func (f SetUpForm) CheckPassword() error {
	return signin.CheckPassword(f.Password, f.You.Name, f.You.Mail, f.Library.Name)
}

func (f SetUpForm) check() error {
	var how error
	if f.How != "" || f.Other.Mail != "" {
		how = checkHow(f.how(), f.Other.Mail)
	}
	return mergeFields(formPart{"", f.CheckAddress()}, formPart{"library_", f.CheckLibrary()}, formPart{"branch_", f.CheckBranch()},
		formPart{"", f.CheckPeople()}, formPart{"", f.CheckPassword()}, formPart{"other_", how})
}

// how is a slip unless something else was chosen.
func (f SetUpForm) how() How {
	if f.How == "" {
		return OnSlip
	}
	return f.How
}

// Fresh reports whether nobody has set up this installation yet.
func (a *App) Fresh(ctx context.Context) (fresh bool, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		fresh, err = isFresh(ctx, tx)
		return err
	})
	return fresh, err
}

func isFresh(ctx context.Context, tx *store.Tx) (bool, error) {
	list, err := tx.Libraries(ctx)
	return !slices.ContainsFunc(list, func(l Library) bool { return l.Ready }), err
}

// OfferSetUp draws a code by which the installation can be set up within an hour.
// It is printed where the server was started: whoever can read that may set up. It
// is "" once that has been done.
func (a *App) OfferSetUp(ctx context.Context) (code string, err error) {
	ticket, drawn, err := signin.NewTicket(signin.ForSetUp, signin.SetUpLife, a.now(), a.random)
	if err != nil {
		return "", fault.Broken(err)
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		fresh, err := isFresh(ctx, tx)
		if err != nil || !fresh {
			return err
		}
		code = drawn
		return tx.AddTicket(ctx, store.Ticket{Ticket: ticket})
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// setUpAlready is told to whoever would set up what is set up.
func setUpAlready() error { return fault.Over("Roundtable is set up already.", "Sign in.") }

// CheckSetUpCode returns an Invalid fault for the field "code" if it is not the
// code that was printed, and a Closed one if it cannot be used any more.
func (a *App) CheckSetUpCode(ctx context.Context, place netip.Addr, code string) error {
	if err := a.allowCode(place); err != nil {
		return err
	}
	_, err := a.setUpDigest(ctx, code)
	return err
}

func (a *App) setUpDigest(ctx context.Context, code string) (signin.Digest, error) {
	digest, err := signin.CodeDigest(signin.ForSetUp, code)
	if err != nil {
		return "", wrongSetUpCode()
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		if fresh, err := isFresh(ctx, tx); err != nil || !fresh {
			return errors.Join(err, setUpAlready())
		}
		_, err := openSetUp(ctx, tx, digest, a)
		return err
	})
	return digest, err
}

func wrongSetUpCode() error {
	return wrongCode("This is not the code that was printed. Look where the server was started, and write it as it is there.")
}

func openSetUp(ctx context.Context, tx *store.Tx, digest signin.Digest, a *App) (store.Ticket, error) {
	t, err := tx.Ticket(ctx, digest)
	if err != nil {
		if err = unlessMissing(err); err == nil {
			err = wrongSetUpCode()
		}
		return t, err
	}
	_, err = t.Use(signin.ForSetUp, digest, a.now())
	if err != nil && fault.KindOf(err) == fault.Closed {
		err = fault.Over("This code cannot be used any more.", "Start the server again, then use the new code that it prints.").Because(err)
	}
	return t, err
}

// founding is the ids of a library that is being made. They are kept until all of
// it is there, so that doing it again goes on where it was interrupted.
type founding struct {
	Library people.LibraryID   `json:"-"`
	Branch  people.BranchID    `json:"branch"`
	People  [2]people.PersonID `json:"people"`
}

func settingFounding(id people.LibraryID) string { return "founding." + string(id) }

// beginFounding takes up a library that was not finished, or begins a new one.
func (a *App) beginFounding(ctx context.Context, tx *store.Tx, form LibraryForm, which func(Library) bool) (f founding, err error) {
	list, err := tx.Libraries(ctx)
	if err != nil {
		return f, err
	}
	if i := slices.IndexFunc(list, func(l Library) bool { return !l.Ready && which(l) }); i >= 0 {
		return a.readFounding(ctx, tx, list[i].ID)
	}
	now := a.now()
	if f.Library, err = newID[people.LibraryID](a, now); err != nil {
		return f, err
	}
	if f.Branch, err = newID[people.BranchID](a, now); err != nil {
		return f, err
	}
	for i := range f.People {
		if f.People[i], err = newID[people.PersonID](a, now); err != nil {
			return f, err
		}
	}
	if err := tx.AddLibrary(ctx, form.library(Library{ID: f.Library, Made: now})); err != nil {
		return f, err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return f, fault.Broken(err)
	}
	return f, tx.PutSetting(ctx, settingFounding(f.Library), string(text))
}

func (a *App) readFounding(ctx context.Context, tx *store.Tx, id people.LibraryID) (f founding, err error) {
	text, err := tx.Setting(ctx, settingFounding(id))
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return f, fault.Broken(err)
	}
	f.Library = id
	return f, nil
}

// buildLibrary makes all of a library that is not in the installation. Doing it
// again changes nothing but what the forms say now.
func (a *App) buildLibrary(ctx context.Context, f founding, library LibraryForm, branch BranchForm) error {
	if err := a.makeTenant(ctx, f.Library); err != nil {
		return err
	}
	err := a.store.Write(ctx, f.Library, func(tx *store.Tx) error {
		if err := tx.PutSetting(ctx, settingPlace, library.Place); err != nil {
			return err
		}
		b := branch.branch(Branch{ID: f.Branch})
		if err := tx.PutBranch(ctx, b); err == nil || fault.KindOf(err) != fault.NotFound {
			return err
		}
		return tx.AddBranch(ctx, b)
	})
	if err != nil {
		return err
	}
	return a.adoptShipped(ctx, f.Library)
}

// finishFounding says that a library is ready, in the transaction in which its
// people are added.
func (a *App) finishFounding(ctx context.Context, tx *store.Tx, f founding, form LibraryForm) (Library, error) {
	l, err := tx.Library(ctx, f.Library)
	if err != nil {
		return l, err
	}
	if l.Ready {
		return l, fault.Clash("Somebody was quicker: this library is there already.", "Look at the list of libraries.")
	}
	l = form.library(l)
	l.Ready = true
	if err := tx.PutLibrary(ctx, l); err != nil {
		return l, err
	}
	return l, tx.PutSetting(ctx, settingFounding(f.Library), "")
}

// SetUp makes everything: the library with its first branch and the playbooks that
// come with Roundtable, its first two people, the recovery shares. Whoever has the
// code may do it, once. When it was interrupted, doing it again finishes it.
func (a *App) SetUp(ctx context.Context, code string, form SetUpForm) (done Done, err error) {
	if err := a.allow(signin.CodesInAll, ""); err != nil {
		return done, err
	}
	digest, err := a.setUpDigest(ctx, code)
	if err != nil {
		return done, err
	}
	form.Library, form.Branch, form.You, form.Other = form.Library.tidied(), form.Branch.tidied(), form.You.tidied(), form.Other.tidied()
	if err := form.check(); err != nil {
		return done, err
	}
	hash, err := a.hash(ctx, form.Password)
	if err != nil {
		return done, err
	}
	var f founding
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		if _, err := openSetUp(ctx, tx, digest, a); err != nil {
			return err
		}
		f, err = a.beginFounding(ctx, tx, form.Library, func(Library) bool { return true })
		return err
	})
	if err != nil {
		return done, err
	}
	if err := a.buildLibrary(ctx, f, form.Library, form.Branch); err != nil {
		return done, err
	}
	err = a.do(ctx, Who{}, access.SetUp, people.Installation, a.onSetUp(digest), func(ctx context.Context, act *acting) error {
		done, err = a.finishSetUp(ctx, act, f, digest, form, hash)
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// onSetUp finds the installation, for whoever has its code.
func (a *App) onSetUp(digest signin.Digest) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		if fresh, err := isFresh(ctx, tx); err != nil || !fresh {
			return target{}, errors.Join(err, setUpAlready())
		}
		if _, err := openSetUp(ctx, tx, digest, a); err != nil {
			return target{}, err
		}
		t, err := installation(ctx, tx)
		t.subject.Bearer = true
		return t, err
	}
}

func (a *App) finishSetUp(ctx context.Context, act *acting, f founding, digest signin.Digest, form SetUpForm, hash string) (done Done, err error) {
	if done.Address, err = CheckAddress(form.Address); err != nil {
		return done, err
	}
	if err := act.PutSetting(ctx, settingAddress, done.Address.Origin); err != nil {
		return done, err
	}
	if _, err := a.finishFounding(ctx, act.Tx, f, form.Library); err != nil {
		return done, err
	}
	done.Library, done.Branch = f.Library, f.Branch
	act.object = string(f.Library)
	if err := a.setUpPeople(ctx, act, f, form, hash, &done); err != nil {
		return done, err
	}
	if done.Shares, err = a.newShares(ctx, act); err != nil {
		return done, err
	}
	return done, useSetUp(ctx, act, digest)
}

// setUpPeople adds the two people: one signed in, the other invited.
func (a *App) setUpPeople(ctx context.Context, act *acting, f founding, form SetUpForm, hash string, done *Done) error {
	otherRole := people.Admin
	if form.Role == people.Admin {
		otherRole = people.Director
	}
	tag, err := a.mailTag(form.You.Mail)
	if err != nil {
		return err
	}
	here := func(role people.Role) people.Membership {
		return people.Membership{Library: f.Library, Role: role, From: act.now}
	}
	you, err := a.enrolPerson(ctx, act, f.People[0], form.You, tag, here(form.Role),
		people.Membership{Library: people.Installation, Role: people.Admin, From: act.now})
	if err != nil {
		return err
	}
	if err := a.addCredential(ctx, act, you.key, you.Person, credPassword, "", []byte(hash)); err != nil {
		return err
	}
	other, err := a.enrolPerson(ctx, act, f.People[1], form.Other, "", here(otherRole))
	if err != nil {
		return err
	}
	if done.SignedIn, err = a.beginSession(ctx, act, you.Person, signin.ByPassword, seat{f.Library, f.Branch}); err != nil {
		return err
	}
	if done.Other, err = a.invite(ctx, act, other, f.Library, form.how(), firstLife); err != nil {
		return err
	}
	return a.enterRoles(ctx, act, f.Library, you.Person, other.Person)
}

// enterRoles leaves an entry for each of some people that they were given a role.
func (a *App) enterRoles(ctx context.Context, act *acting, library people.LibraryID, list ...people.PersonID) error {
	for _, person := range list {
		object, err := a.objectOf(ctx, act.Tx, person, library)
		if err != nil {
			return err
		}
		if err := a.alsoEnter(ctx, act, access.GiveRole, object); err != nil {
			return err
		}
	}
	return nil
}

// useSetUp uses the code up, and withdraws all others that were printed.
func useSetUp(ctx context.Context, act *acting, digest signin.Digest) error {
	t, err := act.Ticket(ctx, digest)
	if err != nil {
		return err
	}
	used, err := t.Use(signin.ForSetUp, digest, act.now)
	if err != nil {
		return err
	}
	if err := act.PutTicket(ctx, used); err != nil {
		return err
	}
	rest, err := act.TicketsAt(ctx, "", signin.ForSetUp, act.now)
	for _, t := range rest {
		if err := act.PutTicket(ctx, t.Withdraw(act.now)); err != nil {
			return err
		}
	}
	return err
}
