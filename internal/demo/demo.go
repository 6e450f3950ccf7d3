// Package demo fills an empty installation with an invented library, for showing
// Roundtable to somebody. It does nothing that a person could not do: everything
// goes through the acts of package app. All names and numbers in it are invented.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// Password lets every invented person in. It is no secret.
const Password = "lamplight on warm paper"

// Guide says who can be tried out.
type Guide struct {
	Library string
	People  []Someone
	Code    string // enrols a device at the main branch, for ten minutes
}

// Someone is one of the invented people.
type Someone struct {
	Name, Mail, Is string
}

// Welcome is told on the sign-in page.
func (g Guide) Welcome() string {
	return fmt.Sprintf("This is a demonstration. Nothing in it is real, and nothing stays. Sign in as %s with the password: %s", g.People[0].Mail, Password)
}

// Text is told where the server was started.
func (g Guide) Text(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is invented, and is gone when you stop the server (Ctrl-C).\n\n", g.Library)
	fmt.Fprintf(&b, "To stand at the desk, with nobody signed in, open\n    %s/enrol\nand type this code, within ten minutes; it makes your browser a device of the desk:\n    %s\n\n", base, g.Code)
	fmt.Fprintf(&b, "To be somebody, sign in at %s/signin\n", base)
	for _, p := range g.People {
		fmt.Fprintf(&b, "    %-32s %s\n", p.Mail, p.Is)
	}
	fmt.Fprintf(&b, "The password of all of them is: %s\n\n", Password)
	b.WriteString("Alerts go out by mail, and their letters are written here.\n")
	return b.String()
}

type filler struct {
	*app.App
	places  byte
	address string
	now     func() time.Time
	done    app.Done
	who     app.Who // the director
	guide   Guide
	persons map[people.Role]people.PersonID
	branch  map[string]people.BranchID
}

// Fill sets up the library, its people, branches, devices and a few walks. The address
// is where its pages are, which letters lead to.
func Fill(ctx context.Context, a *app.App, now func() time.Time, address string) (Guide, error) {
	f := &filler{App: a, now: now, address: address, persons: map[people.Role]people.PersonID{}, branch: map[string]people.BranchID{}}
	for _, part := range []func(context.Context) error{f.setUp, f.branches, f.people, f.phones, f.plan, f.devices} {
		if err := part(ctx); err != nil {
			return Guide{}, err
		}
	}
	return f.guide, nil
}

func (f *filler) setUp(ctx context.Context) error {
	code, err := f.OfferSetUp(ctx)
	if err != nil {
		return err
	}
	director := app.PersonForm{Name: "Dana Whitfield", Initials: "DW", Mail: "director@elm.example"}
	admin := app.PersonForm{Name: "Sam Okafor", Initials: "SO", Mail: "admin@elm.example"}
	f.done, err = f.SetUp(ctx, code, app.SetUpForm{
		Address: f.address, Accept: true,
		Library: app.LibraryForm{Name: "Elm Street Library", Place: "Connecticut", TimeZone: "America/New_York"},
		Branch:  app.BranchForm{Name: "Main", Prefix: "9", Phone: "203-555-0100", TimeZone: "America/New_York"},
		You:     director, Other: admin, Role: people.Director, Password: Password, How: app.OnSlip,
	})
	if err != nil {
		return err
	}
	f.guide.Library = "Elm Street Library"
	f.who = f.done.Who
	f.branch["Main"] = f.done.Branch
	f.meet(director, "the director")
	if _, err := f.AcceptInvitation(ctx, app.Who{}, f.place(), f.done.Other.Secret, Password); err != nil {
		return err
	}
	f.meet(admin, "looks after accounts and devices; sees no case")
	return nil
}

// place is another place of this machine each time: the invented people do not
// share the limit on tries of one.
func (f *filler) place() netip.Addr {
	f.places++
	return netip.AddrFrom4([4]byte{127, 0, 1, f.places})
}

func (f *filler) meet(p app.PersonForm, is string) {
	f.guide.People = append(f.guide.People, Someone{p.Name, p.Mail, is})
}

func (f *filler) branches(ctx context.Context) error {
	for _, b := range []app.BranchForm{
		{Name: "Riverside", Prefix: "9", Phone: "203-555-0120", TimeZone: "America/New_York"},
		{Name: "Hillcrest", Phone: "203-555-0130", TimeZone: "America/New_York"},
	} {
		id, err := f.AddBranch(ctx, f.who, f.done.Library, b)
		if err != nil {
			return err
		}
		f.branch[b.Name] = id
	}
	return nil
}

// staff is who works at the invented library, beside its director and admin.
var staff = []struct {
	name, initials, mail, is string
	role                     people.Role
	branch                   string // "" for all branches
	outside                  bool
}{
	{"Rosa Lindqvist", "RL", "charge@elm.example", "in charge at Main", people.InCharge, "Main", false},
	{"Theo Marchetti", "TM", "riverside@elm.example", "in charge at Riverside", people.InCharge, "Riverside", false},
	{"Jo Abara", "JA", "desk@elm.example", "at the desk of Main", people.Desk, "Main", false},
	{"Lena Kowalczyk", "LK", "page@elm.example", "a page at Riverside", people.Desk, "Riverside", false},
	{"Priya Raman", "PR", "counsel@elm.example", "the library's lawyer, from outside", people.Counsel, "", true},
	{"Marcus Bell", "MB", "safety@elm.example", "reads suspected-abuse records", people.SafetyLead, "", false},
	{"Inés Calderón", "IC", "trainer@elm.example", "runs practice and workshops", people.Trainer, "", false},
	{"Wendell Pruitt", "WP", "auditor@elm.example", "reads logs, and nothing else", people.Auditor, "", false},
	{"Grace Tan", "GT", "board@elm.example", "sees numbers, and nothing else", people.Board, "", false},
}

func (f *filler) people(ctx context.Context) error {
	for _, s := range staff {
		form := app.InvitationForm{
			Person: app.PersonForm{Name: s.name, Initials: s.initials, Mail: s.mail},
			Role:   app.RoleForm{Role: s.role, Branch: f.branch[s.branch], Outside: s.outside}, How: app.OnSlip,
		}
		if s.outside {
			form.Role.Until = f.now().AddDate(0, 6, 0)
		}
		invited, err := f.InvitePerson(ctx, f.who, f.done.Library, form)
		if err != nil {
			return fmt.Errorf("invite %s: %w", s.role, err)
		}
		if _, err := f.AcceptInvitation(ctx, app.Who{}, f.place(), invited.Secret, Password); err != nil {
			return fmt.Errorf("accept as %s: %w", s.role, err)
		}
		if _, ok := f.persons[s.role]; !ok {
			f.persons[s.role] = invited.Person
		}
		f.meet(form.Person, s.is)
	}
	_, err := f.SetDuty(ctx, f.who, f.done.Library, app.DutyForm{Branch: f.branch["Main"], Person: f.persons[people.InCharge], Until: f.now().Add(9 * time.Hour)})
	return err
}

func (f *filler) phones(ctx context.Context) error {
	for _, l := range []app.PhoneLineForm{
		{Branch: f.branch["Main"], Line: "in_charge", Label: "Person in charge, Main", Number: "203-555-0101"},
		{Branch: f.branch["Riverside"], Line: "in_charge", Label: "Person in charge, Riverside", Number: "203-555-0121"},
		{Line: "director", Label: "Director", Number: "203-555-0102"},
		{Line: "counsel", Label: "Library's lawyer", Number: "203-555-0103"},
		{Line: "safety_lead", Label: "Safety lead", Number: "203-555-0104"},
		{Line: "police", Label: "Police, not an emergency", Number: "203-555-0110"},
	} {
		if _, err := f.AddPhoneLine(ctx, f.who, f.done.Library, l); err != nil {
			return fmt.Errorf("add the number of %s: %w", l.Line, err)
		}
	}
	return nil
}

// devices enrols three, and starts a walk at each: one that goes on, and two that
// have ended.
func (f *filler) devices(ctx context.Context) error {
	for _, d := range []struct {
		branch, name, playbook string
		choices                int // how far its walk goes; -1 to its end
		note                   string
	}{
		{"Main", "Desk by the entrance", "officer", 2, "Two officers at the desk. One showed a badge."},
		{"Main", "Children's desk", "baiting", -1, "A visitor with a phone on a stick. Left after ten minutes."},
		{"Riverside", "Front desk", "hygiene", -1, ""},
	} {
		device, err := f.enrol(ctx, d.branch, d.name)
		if err != nil {
			return err
		}
		who := app.Who{Device: &device, Library: device.Library, Branch: device.Branch}
		if err := f.walk(ctx, who, d.playbook, d.choices, d.note); err != nil {
			return fmt.Errorf("walk %s: %w", d.playbook, err)
		}
	}
	offer, err := f.OfferEnrol(ctx, f.who, f.done.Library, f.branch["Main"], "Your own browser")
	f.guide.Code = offer.Code
	return err
}

func (f *filler) enrol(ctx context.Context, branch, name string) (people.Device, error) {
	offer, err := f.OfferEnrol(ctx, f.who, f.done.Library, f.branch[branch], name)
	if err != nil {
		return people.Device{}, err
	}
	device, _, err := f.Enrol(ctx, app.Who{}, f.place(), offer.Code, name)
	return device, err
}

// walk takes the first way at each step, which is never off the record.
func (f *filler) walk(ctx context.Context, who app.Who, playbook string, choices int, note string) error {
	id, err := f.StartWalk(ctx, who, app.StartForm{Playbook: playbook})
	if err != nil {
		return err
	}
	if note != "" {
		if _, err := f.Record(ctx, who, id, walk.Event{Kind: walk.Noted, Text: note}); err != nil {
			return err
		}
	}
	for n := 0; n != choices; n++ {
		ended, err := f.step(ctx, who, id, n)
		if err != nil || ended {
			return err
		}
		if n > 100 {
			return errors.New("the walk does not come to an end")
		}
	}
	return nil
}

func (f *filler) step(ctx context.Context, who app.Who, id store.CaseID, n int) (ended bool, err error) {
	v, err := f.ReadWalk(ctx, who, id, "")
	if err != nil {
		return false, err
	}
	if outcome, over := v.Walk.Outcome(); over {
		_, err := f.Record(ctx, who, id, walk.Event{Kind: walk.Ended, Outcome: outcome, Follows: v.Walk.Head()})
		return true, err
	}
	at, _ := v.Walk.Step()
	for i, way := range v.Walk.Ways() {
		if !way.Unsent && (n < 20 || i > 0 || len(v.Walk.Ways()) == 1) {
			_, err := f.Record(ctx, who, id, walk.Event{Kind: walk.Chose, Step: at, Choice: way.Choice, Follows: v.Walk.Head()})
			return false, err
		}
	}
	return false, errors.New("the walk has no way on")
}
