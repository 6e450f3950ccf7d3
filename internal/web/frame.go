package web

import (
	"context"
	"errors"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/web/page"
)

// here is where a request is made, as pages say it: looked up once for a request.
type here struct {
	library app.Library
	branch  app.Branch // its ID is "" for the library as a whole
	zone    *time.Location
	keysOff bool
}

// here returns where whoever asks is. What they may not know of is empty.
func (a *ask) here(ctx context.Context) (here, error) {
	if a.at != nil {
		return *a.at, nil
	}
	h := here{zone: time.UTC}
	var err error
	if a.who.Library != "" && a.known() {
		if h.library, err = a.app().LibraryAt(ctx, a.who, a.who.Library); unlessHidden(err) != nil {
			return h, err
		}
		h.zone = zoneOf(h.library.TimeZone)
		if a.who.Branch != "" {
			if h.branch, err = a.app().Branch(ctx, a.who, a.who.Library, a.who.Branch); unlessHidden(err) != nil {
				return h, err
			}
			if h.branch.TimeZone != "" {
				h.zone = zoneOf(h.branch.TimeZone)
			}
		}
	}
	h.keysOff = keysCookie.read(a.r, a.tls) == keysOff
	a.at = &h
	return h, nil
}

// unlessHidden passes on every error but that somebody may not know of something.
func unlessHidden(err error) error {
	if err != nil && (fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Refused) {
		return nil
	}
	return err
}

// zoneOf returns a time zone by its name; UTC where this machine does not know it.
func zoneOf(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return z
}

// frame returns what stands around a page.
func (a *ask) frame(ctx context.Context) (page.Frame, error) {
	h, err := a.here(ctx)
	if err != nil {
		return page.Frame{}, err
	}
	f := page.Frame{Lang: "en", Library: h.library.Name, Branch: h.branch.Name, KeysOff: h.keysOff, Nav: a.places()}
	if a.who.Device != nil {
		f.Device = a.who.Device.Name
	}
	if a.who.Person == "" {
		return f, nil
	}
	me, err := a.app().MyAccount(ctx, a.who)
	if err != nil {
		return f, err
	}
	f.Who, f.Others = &page.Who{Name: me.Name, Role: a.myRole()}, a.worksElsewhere()
	f.LockAfter, f.StayPost = signin.IdleTime, "/lock/stay"
	return f, nil
}

// plainFrame is the frame of a page that knows nobody.
func (a *ask) plainFrame() page.Frame { return page.Frame{Lang: "en"} }

// publicFrame is the frame of a page for patrons. It says nothing of whoever asks,
// and its name is the library's alone: a history of pages seen tells nothing. Where
// it is not known which library is meant, it is "Library".
func (a *ask) publicFrame() page.Frame {
	f := page.Frame{Lang: "en", Library: "Library"}
	if name, err := a.app().Door(a.r.Context()); err == nil && name != "" {
		f.Library = name
	}
	return f
}

// frameOrPlain is the frame, or a plain one where that cannot be had: the page that
// tells of trouble must not cause more of it.
func (a *ask) frameOrPlain(ctx context.Context) page.Frame {
	f, err := a.frame(ctx)
	if err != nil {
		return a.plainFrame()
	}
	return f
}

// danger is the strip about emergency calls, as the branch has it.
func (a *ask) danger(ctx context.Context) page.Danger {
	h, err := a.here(ctx)
	if err != nil {
		return page.Danger{Dial: "911"}
	}
	return page.Danger{Dial: emergencyNumber(h.branch), Words: h.branch.Emergency}
}

// places lists where in the navigation somebody may go. It decides nothing: each
// place asks again.
func (a *ask) places() (list []page.Place) {
	for _, p := range []struct {
		at  page.Place
		act access.Act
	}{
		{page.AtDesk, access.SeeDesk}, {page.AtIncidents, access.ListCases}, {page.AtPractise, access.Practise},
		{page.AtRooms, roomWork}, {page.AtHelp, access.ReadPlaybooks},
	} {
		if a.may(p.act) {
			list = append(list, p.at)
		}
	}
	for _, act := range manageActs {
		if a.may(act) {
			return append(list, page.AtManage)
		}
	}
	return list
}

// manageActs are what opens some page under Manage.
var manageActs = []access.Act{access.ReadSettings, access.ReadLedger, access.ReadRetention, access.SeePeople, access.SeeNumbers, access.EditPlaybook, access.OfferEnrol, access.ReadInstallation}

// may reports whether somebody may do an act where they are, so that a page shows a
// way to it.
func (a *ask) may(act access.Act) bool {
	return access.May(a.actor(), act, a.subject(act), a.site.Now()) == access.Allowed
}

func (a *ask) actor() access.Actor {
	return access.Actor{Person: a.who.Person, Memberships: a.who.Memberships, Device: a.who.Device}
}

func (a *ask) subject(act access.Act) access.Subject {
	s := access.Subject{Kind: act.Kind(), Library: a.who.Library}
	switch s.Kind {
	case access.Branch:
		s.Branch = a.who.Branch
	case access.Installation:
		s.Library = people.Installation
	}
	return s
}

// enter asks whether somebody may see a place whose room has no reading act of its
// own yet.
func (a *ask) enter(act access.Act) error {
	return access.Check(a.actor(), act, a.subject(act), a.site.Now())
}

// myRole says what the person is here, in words: the first of their roles in the
// order of package people.
func (a *ask) myRole() string {
	for _, role := range people.Roles {
		for _, m := range a.who.Memberships {
			if m.Role == role && m.Library == a.who.Library && m.Holds(a.site.Now()) {
				return roleName(role)
			}
		}
	}
	return ""
}

// roleNames are the roles as labels.
var roleNames = map[people.Role]string{
	people.Desk: "Desk", people.InCharge: "In charge", people.Director: "Director", people.Counsel: "Counsel",
	people.SafetyLead: "Safety lead", people.Trainer: "Trainer", people.RoomOfficer: "Room officer",
	people.Auditor: "Auditor", people.Board: "Board", people.Admin: "Admin",
}

func roleName(r people.Role) string {
	if name, ok := roleNames[r]; ok {
		return name
	}
	return string(r)
}

// isSetUp reports whether the installation was set up.
func (a *ask) isSetUp(ctx context.Context) (bool, error) {
	fresh, err := a.app().Fresh(ctx)
	return !fresh, err
}

// addressOf returns whether the installation is set up, and the address that desks
// use, "" where none was given.
func addressOf(ctx context.Context, app *app.App) (ready bool, address string, err error) {
	fresh, err := app.Fresh(ctx)
	if err != nil || fresh {
		return false, "", err
	}
	at, err := app.Address(ctx)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return true, "", err
	}
	return true, at.Origin, nil
}

var errNoLibrary = errors.New("the person has no library")

// library returns the library that somebody works at.
func (a *ask) library() (people.LibraryID, error) {
	if a.who.Library == "" {
		return "", fault.Refuse("You have no role at a library here.", "Ask your director for one.").Because(errNoLibrary)
	}
	return a.who.Library, nil
}
