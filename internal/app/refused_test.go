package app_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
)

// ids is what acts name: of library A, of another one, or of nothing.
type ids struct {
	library    people.LibraryID
	branch     people.BranchID
	person     people.PersonID
	membership people.MembershipID
	device     people.DeviceID
	session    signin.SessionID
	invitation string
	line, duty string
	pseudonym  people.Pseudonym
}

// act is something that somebody asks for.
type act struct {
	name string
	act  access.Act // what is asked; "" where there is no gate
	own  bool       // about oneself: whoever is signed in may
	at   bool       // its ledger is the library's
	do   func(*testing.T, *apptest.World, app.Who, ids) error
}

func newBranchForm() app.BranchForm {
	return app.BranchForm{Name: "Northside", TimeZone: "America/New_York"}
}

// acts lists every act about people and places that needs somebody who may.
var acts = []act{
	{"Libraries", access.ReadInstallation, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.Libraries(t.Context(), who)
		return err
	}},
	{"LibraryAt", access.KnowLibrary, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.LibraryAt(t.Context(), who, i.library)
		return err
	}},
	{"AddLibrary", access.AddLibrary, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.AddLibrary(t.Context(), who, app.NewLibraryForm{})
		return err
	}},
	{"InviteFirst", access.AddLibrary, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.InviteFirst(t.Context(), who, i.library, app.OnSlip)
		return err
	}},
	{"Settings", access.ReadSettings, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.Settings(t.Context(), who, i.library)
		return err
	}},
	{"ChangeSettings", access.ChangeSettings, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.ChangeSettings(t.Context(), who, i.library, app.SettingsForm{Library: apptest.SetUpForm().Library, Website: "https://x.example"})
	}},
	{"SwitchLibrary", "", false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.SwitchLibrary(t.Context(), who, i.library, i.branch)
	}},
	{"AddBranch", access.ChangeBranches, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.AddBranch(t.Context(), who, i.library, newBranchForm())
		return err
	}},
	{"ChangeBranch", access.ChangeBranches, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.ChangeBranch(t.Context(), who, i.library, i.branch, newBranchForm())
	}},
	{"CloseBranch", access.ChangeBranches, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.CloseBranch(t.Context(), who, i.library, i.branch)
	}},
	{"PhoneLines", access.SeePhoneTree, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.PhoneLines(t.Context(), who, i.library)
		return err
	}},
	{"AddPhoneLine", access.EditPhoneTree, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.AddPhoneLine(t.Context(), who, i.library, app.PhoneLineForm{Branch: i.branch, Line: "police", Number: "555 0111"})
		return err
	}},
	{"DeletePhoneLine", access.EditPhoneTree, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.DeletePhoneLine(t.Context(), who, i.library, i.line)
	}},
	{"SetDuty", access.SetDuty, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.SetDuty(t.Context(), who, i.library, app.DutyForm{Branch: i.branch, Person: i.person})
		return err
	}},
	{"EndDuty", access.SetDuty, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.EndDuty(t.Context(), who, i.library, i.duty)
	}},
	{"InCharge", access.SeeDesk, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.InCharge(t.Context(), who, i.library, i.branch)
		return err
	}},
	{"Directory", access.SeePeople, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.Directory(t.Context(), who, i.library)
		return err
	}},
	{"Account", access.ReadAccount, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.Account(t.Context(), who, i.library, i.person)
		return err
	}},
	{"MyAccount", access.ReadAccount, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.MyAccount(t.Context(), who)
		return err
	}},
	{"ChangeAccount", access.ChangeAccount, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.ChangeAccount(t.Context(), who, i.library, i.person, app.PersonForm{Name: "Other", Initials: "OO"})
	}},
	{"InvitePerson", access.InvitePerson, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.InvitePerson(t.Context(), who, i.library, app.InvitationForm{Person: app.PersonForm{Name: "New", Initials: "NN"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip})
		return err
	}},
	{"InviteAgain", access.InvitePerson, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.InviteAgain(t.Context(), who, i.library, i.person, app.OnSlip)
		return err
	}},
	{"ResetSignIn", access.ResetSignIn, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.ResetSignIn(t.Context(), who, i.library, i.person, app.OnSlip)
		return err
	}},
	{"WithdrawInvitation", access.WithdrawInvitation, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.WithdrawInvitation(t.Context(), who, i.library, i.invitation)
	}},
	{"GiveRole", access.GiveRole, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.GiveRole(t.Context(), who, i.library, i.person, app.RoleForm{Role: people.Trainer})
		return err
	}},
	{"EndRole", access.EndRole, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.EndRole(t.Context(), who, i.library, i.membership)
	}},
	{"RemovePerson", access.RemovePerson, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.RemovePerson(t.Context(), who, i.library, i.person)
	}},
	{"NamePseudonym", access.NamePseudonym, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.NamePseudonym(t.Context(), who, i.library, i.pseudonym)
		return err
	}},
	{"ReadProvider", access.ReadInstallation, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.ReadProvider(t.Context(), who)
		return err
	}},
	{"ChangeProvider", access.ChangeInstallation, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.ChangeProvider(t.Context(), who, app.ProviderForm{Name: "Elm County", Issuer: "https://id.example", ClientID: "x"})
	}},
	{"RemoveProvider", access.ChangeInstallation, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RemoveProvider(t.Context(), who)
	}},
	{"BeginProvider", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, _, err := w.BeginProvider(t.Context(), who, w.Place(), app.ProviderStart{Link: true})
		return err
	}},
	{"FinishProvider", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.FinishProvider(t.Context(), who, w.Place(), "", url.Values{})
		return err
	}},
	{"Sessions", access.SeeSessions, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.Sessions(t.Context(), who)
		return err
	}},
	{"EndSession", access.EndSessions, true, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.EndSession(t.Context(), who, i.session)
	}},
	{"EndOtherSessions", access.EndSessions, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.EndOtherSessions(t.Context(), who)
	}},
	{"EndSessionsOf", access.EndSessions, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.EndSessionsOf(t.Context(), who, i.library, i.person)
	}},
	{"EndSessionsOfAll", access.EndSessionsOfAll, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.EndSessionsOfAll(t.Context(), who)
	}},
	{"Lock", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error { return w.Lock(t.Context(), who) }},
	{"ReadLock", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.ReadLock(t.Context(), who)
		return err
	}},
	{"Unlock", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.Unlock(t.Context(), who, w.Place(), "1234")
	}},
	{"BeginPasskeyUnlock", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.BeginPasskeyUnlock(t.Context(), who)
		return err
	}},
	{"FinishPasskeyUnlock", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.FinishPasskeyUnlock(t.Context(), who, []byte("{}"))
	}},
	{"ReadWays", access.ReadAccount, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.ReadWays(t.Context(), who)
		return err
	}},
	{"SetPassword", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.SetPassword(t.Context(), who, "", apptest.Password)
	}},
	{"SetPIN", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.SetPIN(t.Context(), who, "493827")
	}},
	{"RemovePIN", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RemovePIN(t.Context(), who)
	}},
	{"OfferCodes", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.OfferCodes(t.Context(), who)
		return err
	}},
	{"ConfirmCodes", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.ConfirmCodes(t.Context(), who, "000000")
	}},
	{"RemoveCodes", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RemoveCodes(t.Context(), who)
	}},
	{"NewRecoveryCodes", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.NewRecoveryCodes(t.Context(), who)
		return err
	}},
	{"BeginPasskey", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.BeginPasskey(t.Context(), who, "Key")
		return err
	}},
	{"FinishPasskey", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.FinishPasskey(t.Context(), who, []byte("{}"))
	}},
	{"RenamePasskey", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RenamePasskey(t.Context(), who, "x", "Key")
	}},
	{"RemovePasskey", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RemovePasskey(t.Context(), who, "x")
	}},
	{"RemoveProviderLink", access.ChangeSignIn, true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.RemoveProviderLink(t.Context(), who, "x")
	}},
	{"JoinInvitation", "", true, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		return w.JoinInvitation(t.Context(), who, w.Place(), "AAAA-AAAA-AAAA-AAAA")
	}},
	{"OfferEnrol", access.OfferEnrol, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.OfferEnrol(t.Context(), who, i.library, i.branch, "Desk")
		return err
	}},
	{"RenameDevice", access.RenameDevice, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.RenameDevice(t.Context(), who, i.library, i.device, "Other")
	}},
	{"RevokeDevice", access.RevokeDevice, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.RevokeDevice(t.Context(), who, i.library, i.device)
	}},
	{"Devices", access.KnowLibrary, false, false, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		_, err := w.Devices(t.Context(), who, i.library)
		return err
	}},
	{"RotateLibraryKey", access.RotateLibraryKey, false, true, func(t *testing.T, w *apptest.World, who app.Who, i ids) error {
		return w.RotateLibraryKey(t.Context(), who, i.library)
	}},
	{"RotateMasterKey", access.RotateMasterKey, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		key, err := vault.NewInstallationKey(apptest.NewDice(9))
		if err != nil {
			t.Fatal(err)
		}
		return w.RotateMasterKey(t.Context(), who, key)
	}},
	{"PrintRecoveryShares", access.PrintRecoveryShares, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.PrintRecoveryShares(t.Context(), who)
		return err
	}},
	{"Notices", access.ReadSettings, false, false, func(t *testing.T, w *apptest.World, who app.Who, _ ids) error {
		_, err := w.Notices(t.Context(), who)
		return err
	}},
}

// furnish gives a library one of everything and returns its ids.
func furnish(t *testing.T, w *apptest.World, l *apptest.Library) ids {
	t.Helper()
	ctx := t.Context()
	director := l.As(t, people.Director)
	i := ids{library: l.ID, branch: l.Branch, person: l.Login(t, people.InCharge).Person, session: l.As(t, people.InCharge).Session.ID}
	i.pseudonym = l.As(t, people.InCharge).Pseudonym
	i.membership = l.As(t, people.InCharge).Memberships[0].ID
	d, _ := l.Device(t, l.Branch)
	i.device = d.ID
	made, err := w.InvitePerson(ctx, director, l.ID, app.InvitationForm{Person: app.PersonForm{Name: "Waits", Initials: "WW"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip})
	must(t, err)
	i.invitation = made.ID
	i.line, err = w.AddPhoneLine(ctx, director, l.ID, app.PhoneLineForm{Branch: l.Branch, Line: "police", Number: "555 0110"})
	must(t, err)
	i.duty, err = w.SetDuty(ctx, director, l.ID, app.DutyForm{Branch: l.Branch, Person: i.person})
	must(t, err)
	return i
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%s)", err, fault.Words(err))
	}
}

// Every act is refused to whoever may not: it changes nothing, and leaves an entry
// that says so. A stranger's try leaves none.
func TestRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Two(t, s)
		i := furnish(t, w, w.A)
		auditor := w.A.As(t, people.Auditor)
		for _, a := range acts {
			tenant := people.Installation
			if a.at {
				tenant = w.A.ID
			}
			before, entries := w.State(t), len(w.Entries(t, tenant))
			err := a.do(t, w, app.Who{}, i)
			if k := fault.KindOf(err); err == nil && a.name != "Lock" || k != fault.Refused && k != fault.NotFound && k != fault.Closed {
				t.Errorf("%s of a stranger: %v, want a refusal", a.name, err)
			}
			if n := len(w.Entries(t, tenant)); n != entries {
				t.Errorf("%s of a stranger left %d entries, want none", a.name, n-entries)
			}
			if a.own || a.act == access.KnowLibrary || a.name == "SwitchLibrary" {
				continue
			}
			err = a.do(t, w, auditor, i)
			if k := fault.KindOf(err); err == nil || k != fault.Refused && k != fault.NotFound {
				t.Errorf("%s of the auditor: %v, want a refusal", a.name, err)
			}
			now := w.Entries(t, tenant)
			if a.act != "" && (len(now) != entries+1 || now[entries].Kind != "refused" || string(now[entries].Actor) != string(auditor.Pseudonym)) {
				t.Errorf("%s of the auditor left %+v, want one refused entry of %s", a.name, now[entries:], auditor.Pseudonym)
			}
			if diff := cmp.Diff(before, w.State(t)); diff != "" {
				t.Errorf("%s was refused and changed something:\n%s", a.name, diff)
			}
		}
	})
}

// Whoever is refused again and again is told to wait, and fills the ledger no
// further. Others are not held up, and in time the tries come back.
func TestRefusedTooOften(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Two(t, s)
		auditor := w.A.As(t, people.Auditor)
		try := func(who app.Who) error { _, err := w.Settings(t.Context(), who, w.A.ID); return err }
		start := len(w.Entries(t, people.Installation)) // where the settings are
		var wait app.TooOften
		for n := range app.RefusalsOfActor.Burst + 5 {
			if err := try(auditor); err == nil || errors.As(err, &wait) != (n >= app.RefusalsOfActor.Burst) {
				t.Fatalf("refusal %d: %v", n+1, err)
			}
		}
		if n := len(w.Entries(t, people.Installation)) - start; n != app.RefusalsOfActor.Burst {
			t.Errorf("they left %d entries, want %d", n, app.RefusalsOfActor.Burst)
		}
		if err := try(w.A.As(t, people.Board)); err == nil || errors.As(err, &wait) {
			t.Errorf("somebody else: %v, want a refusal as ever", err)
		}
		w.Clock.Move(app.RefusalsOfActor.Every)
		if err := try(auditor); err == nil || errors.As(err, &wait) {
			t.Errorf("later: %v, want a refusal as ever", err)
		}
	})
}

// To a person of another library, what is in a library reads like an id that never
// was.
func TestAnotherLibrary(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Two(t, s)
		theirs := furnish(t, w, w.A)
		mine := furnish(t, w, w.B)
		for _, role := range []people.Role{people.Director, people.Admin, people.InCharge} {
			who := w.B.As(t, role)
			before := w.State(t)
			for _, a := range acts {
				if a.own || slices.Contains([]string{"Libraries", "AddLibrary", "InviteFirst", "ReadProvider", "ChangeProvider", "RemoveProvider", "EndSessionsOfAll", "RotateMasterKey", "PrintRecoveryShares", "Notices"}, a.name) {
					continue
				}
				mixed := theirs // their things, named as of my library
				mixed.library = mine.library
				for name, i := range map[string]ids{"as theirs": theirs, "as mine": mixed} {
					if name == "as mine" && slices.Contains([]string{"LibraryAt", "Settings", "ChangeSettings", "AddBranch", "PhoneLines", "Directory", "InvitePerson", "Devices", "RotateLibraryKey"}, a.name) {
						continue // names nothing but the library
					}
					got, want := a.do(t, w, who, i), a.do(t, w, who, unknown(i, w, name))
					if got == nil || fault.KindOf(got) != fault.KindOf(want) || fault.Words(got) != fault.Words(want) {
						t.Errorf("%s of B's %s, A's ids %s: %v %q, want as for unknown ids: %v %q", a.name, role, name, got, words(got), want, words(want))
					}
				}
			}
			if diff := cmp.Diff(before, w.State(t)); diff != "" {
				t.Errorf("the %s of B changed something:\n%s", role, diff)
			}
		}
	})
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return fault.Words(err)
}

// unknown returns ids of nothing: of a library that never was, or in one's own.
func unknown(i ids, w *apptest.World, as string) ids {
	dice := apptest.NewDice(77)
	made := func() string {
		id, err := people.NewID[string](apptest.Start, dice)
		if err != nil {
			panic(err)
		}
		return id
	}
	u := ids{
		library: i.library, branch: people.BranchID(made()), person: people.PersonID(made()), membership: people.MembershipID(made()),
		device: people.DeviceID(made()), session: signin.SessionID(made()), invitation: strings.Repeat("0", 64), line: made(), duty: made(),
		pseudonym: "p-00000000000000000000",
	}
	if as == "as theirs" {
		u.library = people.LibraryID(made())
	}
	return u
}
