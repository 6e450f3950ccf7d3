package app_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

func desk(name, initials, mail string) app.InvitationForm {
	return app.InvitationForm{Person: app.PersonForm{Name: name, Initials: initials, Mail: mail}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip}
}

func TestInvite(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		admin := w.A.As(t, people.Admin)
		_, err := w.InvitePerson(ctx, admin, w.A.ID, app.InvitationForm{Role: app.RoleForm{Role: people.Auditor, Branch: w.A.Branch, Outside: true}, How: "pigeon"})
		wantsField(t, "InvitePerson with mistakes", err, "name", "initials", "branch", "until", "how")
		_, err = w.InvitePerson(ctx, admin, w.A.ID, app.InvitationForm{Person: app.PersonForm{Name: "X", Initials: "X"}, Role: app.RoleForm{Role: people.Desk, Branch: "nowhere"}, How: app.ByMail})
		wantsField(t, "InvitePerson to no branch, without mail", err, "branch", "mail")
		trusted := desk("Ines Ito", "II", "ines@elm.example")
		trusted.Role.Role = people.Counsel
		_, err = w.InvitePerson(ctx, admin, w.A.ID, trusted)
		wants(t, "counsel invited by the admin", err, fault.Refused)

		form := desk(" Ines Ito ", "II", " Ines@elm.example")
		form.Role.Branch, form.How = w.A.Branch, app.ByMail
		made, err := w.InvitePerson(ctx, admin, w.A.ID, form)
		must(t, err)
		if made.Mail != "Ines@elm.example" || made.Name != "Ines Ito" || !made.Until.Equal(w.Clock.Now().Add(signin.LinkLife)) {
			t.Errorf("InvitePerson = %+v", made)
		}
		_, err = w.InvitePerson(ctx, admin, w.A.ID, form)
		wantsField(t, "InvitePerson twice", err, "mail")
		form.Person.Mail = "other@elm.example"
		_, err = w.InvitePerson(ctx, admin, w.A.ID, form)
		wantsField(t, "InvitePerson of the same name", err, "initials")

		v, err := w.ReadInvitation(ctx, w.Place(), made.Secret)
		must(t, err)
		if v.Name != "Ines Ito" || v.By != "Amir Abbas" || v.Library.ID != w.A.ID || len(v.Roles) != 1 || v.Roles[0].Branch != w.A.Branch || !v.Passkeys {
			t.Errorf("ReadInvitation = %+v", v)
		}
		account, err := w.Account(ctx, admin, w.A.ID, made.Person)
		must(t, err)
		if !account.Invited || len(account.Invitations) != 1 || account.Invitations[0].Slip || !account.MayInvite || !account.MayGive || account.MayGiveTrusted || account.MaySeeSessions {
			t.Errorf("Account = %+v", account)
		}
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, "ines ito 2026")
		wantsField(t, "an easy password", err, "password")
		in, err := w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, apptest.Password)
		must(t, err)
		if in.Who.Person != made.Person || in.Who.Library != w.A.ID || in.Who.Branch != w.A.Branch || in.Who.Session.Method != signin.ByInvite {
			t.Errorf("AcceptInvitation = %+v", in)
		}
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, apptest.Password)
		wants(t, "AcceptInvitation twice", err, fault.Closed)
		_, err = w.InviteAgain(ctx, admin, w.A.ID, made.Person, app.OnSlip)
		wants(t, "InviteAgain of who is in", err, fault.Closed)
		again, err := w.ResetSignIn(ctx, admin, w.A.ID, made.Person, app.OnSlip)
		must(t, err)
		gone(t, w, in.Token)
		_, err = signIn(t, w, app.Who{}, "ines@elm.example", apptest.Password)
		wants(t, "SignIn after a reset", err, fault.Refused)
		newest, err := w.InviteAgain(ctx, admin, w.A.ID, made.Person, app.OnSlip)
		must(t, err)
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), again.Secret, apptest.Password)
		wants(t, "the one before", err, fault.Closed)
		must(t, w.WithdrawInvitation(ctx, admin, w.A.ID, newest.ID))
		wants(t, "WithdrawInvitation twice", w.WithdrawInvitation(ctx, admin, w.A.ID, newest.ID), fault.Closed)
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), newest.Secret, apptest.Password)
		wants(t, "one that was withdrawn", err, fault.Closed)
		last, err := w.InviteAgain(ctx, admin, w.A.ID, made.Person, app.OnSlip)
		must(t, err)
		w.Clock.Move(signin.SlipLife)
		_, err = w.ReadInvitation(ctx, w.Place(), last.Secret)
		wants(t, "one that is too old", err, fault.Closed)
	})
}

// Of two who accept one invitation at once, one gets in.
func TestAcceptRace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		made, err := w.InvitePerson(t.Context(), w.A.As(t, people.Director), w.A.ID, desk("Ivo Ivanov", "IV", "ivo@elm.example"))
		must(t, err)
		var wg sync.WaitGroup
		var errs [3]error
		var ins [3]app.SignedIn
		for i := range errs {
			place := w.Place()
			wg.Go(func() {
				ins[i], errs[i] = w.AcceptInvitation(t.Context(), app.Who{}, place, made.Secret, apptest.Password+strings.Repeat("!", i))
			})
		}
		wg.Wait()
		won := 0
		for i, err := range errs {
			if err != nil {
				wants(t, "the others", err, fault.Closed)
				continue
			}
			won++
			if in, err := signIn(t, w, app.Who{}, "ivo@elm.example", apptest.Password+strings.Repeat("!", i)); err != nil || in.Who.Person != made.Person {
				t.Errorf("SignIn by the password that won: %+v, %v", in, err)
			}
		}
		if won != 1 {
			t.Errorf("%d accepted one invitation, want 1: %v", won, errs)
		}
	})
}

// Somebody who works at one library is invited at another: nothing tells that one
// about the first, and they go on with the account that they have.
func TestJoin(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Two(t, s)
		login := w.A.Login(t, people.Desk)
		who := w.A.As(t, people.Desk)
		boss := w.B.As(t, people.Director)
		form := desk("D. Esk", "DE", login.Form.Mail)
		made, err := w.InvitePerson(ctx, boss, w.B.ID, form)
		must(t, err)
		stranger, err := w.InvitePerson(ctx, boss, w.B.ID, desk("S. Tranger", "ST", "nobody@birch.example"))
		must(t, err)
		for _, i := range []app.Invitation{made, stranger} {
			account, err := w.Account(ctx, boss, w.B.ID, i.Person)
			must(t, err)
			if account.Pseudonym != "" || !account.MayRemove || !account.Invited {
				t.Errorf("Account = %+v", account)
			}
		}
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, "copper teapot vexing 31 lanes")
		wants(t, "accepting with an address that has an account", err, fault.Refused)
		wants(t, "joining without signing in", w.JoinInvitation(ctx, app.Who{}, w.Place(), made.Secret), fault.Refused)
		must(t, w.JoinInvitation(ctx, who, w.Place(), made.Secret))
		wants(t, "JoinInvitation twice", w.JoinInvitation(ctx, who, w.Place(), made.Secret), fault.Closed)

		now, err := w.Resolve(ctx, login.Token, "")
		must(t, err)
		if now.Person != who.Person || len(now.Memberships) != 2 || now.Library != w.A.ID {
			t.Errorf("Resolve after joining = %+v", now)
		}
		mine, err := w.MyLibraries(ctx, now)
		must(t, err)
		if len(mine) != 2 || mine[0].ID != w.B.ID {
			t.Errorf("MyLibraries = %+v", mine)
		}
		must(t, w.SwitchLibrary(ctx, now, w.B.ID, ""))
		there, err := w.Resolve(ctx, login.Token, "")
		must(t, err)
		if there.Library != w.B.ID || there.Branch != w.B.Branch || there.Pseudonym == now.Pseudonym || there.Pseudonym == "" {
			t.Errorf("Resolve at the other library = %+v", there)
		}
		list, err := w.Directory(ctx, boss, w.B.ID)
		must(t, err)
		if i := slices.IndexFunc(list, func(p app.Person) bool { return p.ID == who.Person }); i < 0 || list[i].Name != login.Form.Name {
			t.Errorf("Directory of B = %+v, want them with their account", list)
		}
		// Their account is one for both: neither library may reset it or remove them.
		for _, l := range []*apptest.Library{w.A, w.B} {
			_, err = w.ResetSignIn(ctx, l.As(t, people.Director), l.ID, who.Person, app.OnSlip)
			wants(t, "ResetSignIn of who is at two libraries", err, fault.Refused)
			wants(t, "RemovePerson of who is at two libraries", w.RemovePerson(ctx, l.As(t, people.Director), l.ID, who.Person), fault.Refused)
		}
		id := now.Memberships[slices.IndexFunc(now.Memberships, func(m people.Membership) bool { return m.Library == w.B.ID })].ID
		must(t, w.EndRole(ctx, boss, w.B.ID, id))
		wants(t, "EndRole twice", w.EndRole(ctx, boss, w.B.ID, id), fault.Closed)
		must(t, w.RemovePerson(ctx, w.A.As(t, people.Director), w.A.ID, who.Person))
		must(t, w.WorkOnce(ctx)) // the account that was invited is forgotten
		if _, err := w.Ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(people.Installation), ID: string(made.Person)}); err == nil {
			t.Error("the key of an account that was merged is still there")
		}
	})
}

func TestRoles(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director, admin := w.A.As(t, people.Director), w.A.As(t, people.Admin)
		person := w.A.Login(t, people.Desk).Person
		_, err := w.GiveRole(ctx, admin, w.A.ID, person, app.RoleForm{Role: people.InCharge})
		wants(t, "in charge, given by the admin", err, fault.Refused)
		_, err = w.GiveRole(ctx, director, w.A.ID, person, app.RoleForm{Role: people.Counsel, Outside: true})
		wantsField(t, "counsel from outside without an end", err, "until")
		_, err = w.GiveRole(ctx, director, w.A.ID, person, app.RoleForm{Role: people.Auditor})
		wants(t, "an auditor who acts", err, fault.Refused)
		id, err := w.GiveRole(ctx, director, w.A.ID, person, app.RoleForm{Role: people.Counsel, Outside: true, Until: w.Clock.Now().Add(time.Hour)})
		must(t, err)
		_, err = w.GiveRole(ctx, director, w.A.ID, person, app.RoleForm{Role: people.Counsel, Outside: true, Until: w.Clock.Now().Add(time.Hour)})
		wants(t, "GiveRole twice", err, fault.Conflict)
		wants(t, "EndRole at another library", w.EndRole(ctx, director, people.Installation, id), fault.NotFound)
		who := w.A.As(t, people.Desk)
		must(t, w.EndRole(ctx, who, w.A.ID, id)) // their own
		account, err := w.MyAccount(ctx, who)
		must(t, err)
		if len(account.Roles) != 1 || account.Roles[0].Role != people.Desk || !account.MaySeeSessions || account.MayRemove {
			t.Errorf("MyAccount = %+v", account)
		}
		wants(t, "the only director ends their role", w.EndRole(ctx, director, w.A.ID, roleOf(director, people.Director)), fault.Refused)
		wants(t, "oneself removed", w.RemovePerson(ctx, director, w.A.ID, director.Person), fault.Refused)
		wants(t, "the only admin removed", w.RemovePerson(ctx, director, w.A.ID, admin.Person), fault.Refused)
		// Who looks after the installation as well is nobody's to reset here.
		form := desk("T. Rainer", "TR", "")
		form.Role.Role = people.Admin
		made, err := w.InvitePerson(ctx, director, people.Installation, form)
		must(t, err)
		trainer := w.A.As(t, people.Trainer)
		must(t, w.JoinInvitation(ctx, trainer, w.Place(), made.Secret))
		_, err = w.ResetSignIn(ctx, admin, w.A.ID, trainer.Person, app.OnSlip)
		wants(t, "ResetSignIn of the installation's admin", err, fault.Refused)
	})
}

func roleOf(who app.Who, role people.Role) people.MembershipID {
	for _, m := range who.Memberships {
		if m.Role == role {
			return m.ID
		}
	}
	return ""
}

func TestChangeAccount(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Two(t, s)
		who := w.A.As(t, people.Desk)
		mine := w.A.Login(t, people.Desk).Form
		wantsField(t, "ChangeAccount to nothing", w.ChangeAccount(ctx, who, w.A.ID, who.Person, app.PersonForm{Mail: "x"}), "name", "initials", "mail")
		taken := app.PersonForm{Name: mine.Name, Initials: mine.Initials, Mail: "AMIR@elm.example"}
		wantsField(t, "an address of a colleague", w.ChangeAccount(ctx, who, w.A.ID, who.Person, taken), "mail")
		taken.Mail = "boris@birch.example"
		wantsField(t, "an address of somebody elsewhere", w.ChangeAccount(ctx, who, w.A.ID, who.Person, taken), "mail")
		wants(t, "the only way to sign in", w.ChangeAccount(ctx, who, w.A.ID, who.Person, app.PersonForm{Name: "X", Initials: "X"}), fault.Refused)
		must(t, w.ChangeAccount(ctx, w.A.As(t, people.Admin), w.A.ID, who.Person, app.PersonForm{Name: "Desi Dunn", Initials: "DU", Mail: "desi@elm.example"}))
		_, err := signIn(t, w, app.Who{}, mine.Mail, apptest.Password)
		wants(t, "the old address", err, fault.Refused)
		in, err := signIn(t, w, app.Who{}, "desi@elm.example", apptest.Password)
		must(t, err)
		account, err := w.MyAccount(ctx, in.Who)
		must(t, err)
		want := people.Person{ID: who.Person, Name: "Desi Dunn", Initials: "DU", Mail: "desi@elm.example"}
		if diff := cmp.Diff(want, account.Person.Person); diff != "" {
			t.Errorf("MyAccount (-want +got):\n%s", diff)
		}
		wants(t, "the director changed by the admin", w.ChangeAccount(ctx, w.A.As(t, people.Admin), w.A.ID, w.A.Login(t, people.Director).Person, want2(want)), fault.Refused)
		// The old address is free again.
		_, err = w.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, desk("Other", "OT", mine.Mail))
		must(t, err)
	})
}

func want2(p people.Person) app.PersonForm {
	return app.PersonForm{Name: p.Name, Initials: p.Initials, Mail: p.Mail}
}

// Somebody leaves: at once they are out, and after 30 days nobody knows whose
// pseudonym it was.
func TestRemovePerson(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director, admin := w.A.As(t, people.Director), w.A.As(t, people.Admin)
		who := w.A.As(t, people.Desk)
		login := w.A.Login(t, people.Desk)
		codes, err := w.NewRecoveryCodes(ctx, who)
		must(t, err)
		_, err = w.NamePseudonym(ctx, director, w.A.ID, who.Pseudonym)
		wants(t, "NamePseudonym of the director", err, fault.Refused)
		named, err := w.NamePseudonym(ctx, admin, w.A.ID, who.Pseudonym)
		must(t, err)
		if named.Name != login.Form.Name || named.Pseudonym != who.Pseudonym {
			t.Errorf("NamePseudonym = %+v", named)
		}
		if list := w.Entries(t, people.Installation); list[len(list)-1].Kind != "name-pseudonym" || string(list[len(list)-1].Objects[0]) != string(who.Pseudonym) {
			t.Errorf("NamePseudonym left %+v", list[len(list)-1])
		}
		wants(t, "RemovePerson by the admin of one who is plain, twice", twice(func() error { return w.RemovePerson(ctx, admin, w.A.ID, who.Person) }), fault.Closed)
		gone(t, w, login.Token)
		_, err = signIn(t, w, app.Who{}, login.Form.Mail, apptest.Password)
		wants(t, "SignIn of who has left", err, fault.Refused)
		_, err = w.SignInRecovery(ctx, app.Who{}, w.Place(), "", codes[0])
		wantsField(t, "a recovery code of who has left", err, "code")
		wants(t, "ChangeAccount of who has left", w.ChangeAccount(ctx, admin, w.A.ID, who.Person, login.Form), fault.Closed)
		_, err = w.GiveRole(ctx, director, w.A.ID, who.Person, app.RoleForm{Role: people.Desk})
		wants(t, "GiveRole to who has left", err, fault.Closed)
		list, err := w.Directory(ctx, director, w.A.ID)
		must(t, err)
		if last := list[len(list)-1]; last.ID != who.Person || last.Name != login.Form.Name || last.Left.IsZero() || len(last.Roles) != 0 {
			t.Errorf("Directory = %+v, want who has left last", list)
		}

		w.Pass(t, 30*24*time.Hour-time.Minute)
		must(t, w.WorkOnce(ctx))
		if _, err := w.NamePseudonym(ctx, w.A.As(t, people.Admin), w.A.ID, who.Pseudonym); err != nil {
			t.Errorf("NamePseudonym before 30 days: %v", err)
		}
		w.Clock.Move(2 * time.Minute)
		w.Ring.Fail(func(call string) error {
			if call == "Destroy" {
				return keyring.ErrUnavailable
			}
			return nil
		})
		must(t, w.WorkOnce(ctx)) // it fails, and is tried again
		w.Ring.Fail(nil)
		w.Clock.Move(time.Hour)
		must(t, w.WorkOnce(ctx))
		_, err = w.NamePseudonym(ctx, w.A.As(t, people.Admin), w.A.ID, who.Pseudonym)
		wants(t, "NamePseudonym after 30 days", err, fault.NotFound)
		if _, err := w.Ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(people.Installation), ID: string(who.Person)}); err == nil {
			t.Error("the key of who has left is still there")
		}
		must(t, s.Read(ctx, people.Installation, func(tx *store.Tx) error {
			row, err := tx.Account(ctx, who.Person)
			if len(row.Sealed) != 0 || row.MailTag != "" {
				t.Errorf("the account still holds %+v", row)
			}
			return err
		}))
		forgotten := 0
		for _, e := range w.Entries(t, people.Installation) {
			if e.Kind == "person-forgotten" {
				forgotten++
			}
		}
		if forgotten != 1 {
			t.Errorf("there are %d entries that somebody was forgotten, want 1", forgotten)
		}
	})
}

func twice(do func() error) error {
	if err := do(); err != nil {
		return err
	}
	return do()
}

func TestDuty(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		form := app.DutyForm{Branch: w.A.Branch, Person: w.A.Login(t, people.Desk).Person}
		_, err := w.SetDuty(ctx, director, w.A.ID, form)
		wantsField(t, "SetDuty of who may not lead", err, "person")
		form.Person = w.A.Login(t, people.InCharge).Person
		form.Until = w.Clock.Now().Add(25 * time.Hour)
		_, err = w.SetDuty(ctx, director, w.A.ID, form)
		wantsField(t, "SetDuty for too long", err, "until")
		form.Until = time.Time{}
		_, err = w.SetDuty(ctx, director, w.A.ID, form)
		must(t, err)
		w.Clock.Move(time.Minute)
		_, err = w.SetDuty(ctx, director, w.A.ID, app.DutyForm{Branch: w.A.Branch, Person: director.Person})
		must(t, err)
		w.Clock.Move(time.Minute)
		id, err := w.SetDuty(ctx, director, w.A.ID, form)
		must(t, err)
		list, err := w.InCharge(ctx, w.A.AtDesk(t), w.A.ID, w.A.Branch)
		must(t, err)
		if len(list) != 1 || list[0].ID != id || list[0].Name != "Person in charge" {
			t.Errorf("InCharge = %+v, want the last one only", list)
		}
		must(t, w.EndRole(ctx, director, w.A.ID, roleOf(w.A.As(t, people.InCharge), people.InCharge)))
		if list, err := w.InCharge(ctx, director, w.A.ID, w.A.Branch); err != nil || len(list) != 0 {
			t.Errorf("InCharge = %+v, %v after the role ended, want nobody", list, err)
		}
		must(t, w.EndDuty(ctx, director, w.A.ID, id))
		wants(t, "EndDuty twice", w.EndDuty(ctx, director, w.A.ID, id), fault.Closed)
	})
}

func TestPlaces(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		wants(t, "the only branch closed", w.CloseBranch(ctx, director, w.A.ID, w.A.Branch), fault.Refused)
		_, err := w.AddBranch(ctx, director, w.A.ID, app.BranchForm{Name: "main", Prefix: "nine", Phone: "x", TimeZone: "Mars"})
		wantsField(t, "AddBranch with mistakes", err, "prefix", "phone", "zone")
		_, err = w.AddBranch(ctx, director, w.A.ID, app.BranchForm{Name: "MAIN", TimeZone: "America/New_York"})
		wantsField(t, "AddBranch of the same name", err, "name")
		id, err := w.AddBranch(ctx, director, w.A.ID, app.BranchForm{Name: "Northside", TimeZone: "America/New_York"})
		must(t, err)
		must(t, w.ChangeBranch(ctx, director, w.A.ID, id, app.BranchForm{Name: "North", Emergency: "Dial 9 911.", TimeZone: "America/Chicago"}))
		b, err := w.Branch(ctx, director, w.A.ID, id)
		must(t, err)
		if diff := cmp.Diff(app.Branch{ID: id, Name: "North", Emergency: "Dial 9 911.", TimeZone: "America/Chicago", Position: 1}, b); diff != "" {
			t.Errorf("Branch (-want +got):\n%s", diff)
		}
		line := app.PhoneLineForm{Line: "child_line", Label: "State line", Number: "1-800-555-0100"}
		number, err := w.AddPhoneLine(ctx, director, w.A.ID, line)
		must(t, err)
		_, err = w.AddPhoneLine(ctx, director, w.A.ID, line)
		wants(t, "AddPhoneLine twice", err, fault.Conflict)
		_, err = w.AddPhoneLine(ctx, director, w.A.ID, app.PhoneLineForm{Line: "weather", Number: "call"})
		wantsField(t, "AddPhoneLine with mistakes", err, "line", "number")
		must(t, w.DeletePhoneLine(ctx, director, w.A.ID, number))
		wants(t, "DeletePhoneLine twice", w.DeletePhoneLine(ctx, director, w.A.ID, number), fault.NotFound)
		must(t, w.CloseBranch(ctx, director, w.A.ID, id))
		wants(t, "CloseBranch twice", w.CloseBranch(ctx, director, w.A.ID, id), fault.Closed)
		_, err = w.OfferEnrol(ctx, director, w.A.ID, id, "Desk")
		wants(t, "OfferEnrol at a closed branch", err, fault.NotFound)

		form := app.SettingsForm{Library: app.LibraryForm{Name: "Elm Street", Place: "Ohio", TimeZone: "America/New_York"}, Website: "javascript:x", Mail: "x"}
		wantsField(t, "ChangeSettings with mistakes", w.ChangeSettings(ctx, director, w.A.ID, form), "website", "mail")
		form.Website, form.Mail = "https://elm.example", "log@elm.example"
		must(t, w.ChangeSettings(ctx, director, w.A.ID, form))
		must(t, w.ChangeSettings(ctx, director, w.A.ID, form))
		got, err := w.Settings(ctx, director, w.A.ID)
		must(t, err)
		if got.Library.Name != "Elm Street" || got.Library.Place != "Ohio" || got.Website != form.Website || got.Mail != form.Mail || !got.MayChange {
			t.Errorf("Settings = %+v", got)
		}
	})
}

// The first director's slip was lost: whoever added the library makes another one,
// until a director has come in.
func TestInviteFirst(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		made, err := w.AddLibrary(ctx, director, app.NewLibraryForm{
			Library:  app.LibraryForm{Name: "Cedar Library", Place: "Oregon", TimeZone: "America/Los_Angeles"},
			Branch:   app.BranchForm{Name: "Main", TimeZone: "America/Los_Angeles"},
			Director: app.PersonForm{Name: "Cyd Cole", Initials: "CC", Mail: "cyd@cedar.example"}, Admin: app.PersonForm{Name: "Cam Carr", Initials: "CA", Mail: "cam@cedar.example"},
			How: app.OnSlip,
		})
		must(t, err)
		_, err = w.InviteFirst(ctx, w.A.As(t, people.Admin), made.Library.ID, app.OnSlip)
		wants(t, "InviteFirst by another admin", err, fault.Refused)
		_, err = w.InviteFirst(ctx, director, "nowhere", app.OnSlip)
		wants(t, "InviteFirst of no library", err, fault.NotFound)
		list, err := w.InviteFirst(ctx, director, made.Library.ID, app.OnSlip)
		must(t, err)
		if len(list) != 2 {
			t.Fatalf("InviteFirst = %+v, want two", list)
		}
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Director.Secret, apptest.Password)
		wants(t, "the slip that was lost", err, fault.Closed)
		for _, i := range list {
			_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), i.Secret, apptest.Password)
			must(t, err)
		}
		_, err = w.InviteFirst(ctx, director, made.Library.ID, app.OnSlip)
		wants(t, "InviteFirst once the director is in", err, fault.Closed)
	})
}

// The installation changes hands.
func TestInstallationPeople(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Two(t, s)
		old := w.A.As(t, people.Director)
		wants(t, "the only one ends their role", w.EndRole(ctx, old, people.Installation, roleOf(old, people.Admin)), fault.Refused)
		form := desk("Inga Ilves", "IL", "inga@county.example")
		_, err := w.InvitePerson(ctx, old, people.Installation, form)
		wantsField(t, "a role that the installation has not", err, "role")
		form.Role.Role = people.Admin
		made, err := w.InvitePerson(ctx, old, people.Installation, form)
		must(t, err)
		in, err := w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, apptest.Password)
		must(t, err)
		if in.Who.Library != "" || in.Who.Pseudonym == "" {
			t.Errorf("somebody of no library is %+v", in.Who)
		}
		list, err := w.Directory(ctx, in.Who, people.Installation)
		must(t, err)
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
		}
		if diff := cmp.Diff([]string{"Dana Dorsey", "Inga Ilves"}, names); diff != "" {
			t.Errorf("Directory of the installation (-want +got):\n%s", diff)
		}
		_, err = w.Directory(ctx, in.Who, w.A.ID)
		wants(t, "Directory of a library by the installation's admin", err, fault.NotFound)
		if all, err := w.Libraries(ctx, in.Who); err != nil || len(all) != 2 {
			t.Errorf("Libraries = %+v, %v", all, err)
		}
		must(t, w.EndRole(ctx, in.Who, people.Installation, roleOf(old, people.Admin)))
		now := w.A.As(t, people.Director)
		_, err = w.Libraries(ctx, now)
		wants(t, "Libraries by who is no admin any more", err, fault.Refused)
		// Now they are a person of the library only, and the library may let them in anew.
		_, err = w.ResetSignIn(ctx, w.A.As(t, people.Admin), w.A.ID, old.Person, app.OnSlip)
		wants(t, "ResetSignIn of a director by the admin", err, fault.Refused)
		account, err := w.MyAccount(ctx, in.Who)
		must(t, err)
		if account.Name != "Inga Ilves" {
			t.Errorf("MyAccount = %+v", account)
		}
	})
}
