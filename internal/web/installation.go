package web

import (
	"context"
	"net/http"
	"slices"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// showOverview shows what somebody may manage, of the library and of the
// installation, and what directors and admins have to know.
func showOverview(ctx context.Context, a *ask) error {
	p := page.Manage{Cards: append(a.manageCards(), a.installationCards()...)}
	if len(p.Cards) == 0 {
		return a.enter(access.ReadSettings)
	}
	var err error
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	notices, err := a.toKnow(ctx)
	if err != nil {
		return err
	}
	clock, err := a.clockNotice(ctx)
	if err != nil {
		return err
	}
	p.Frame.Notices = append(append(p.Frame.Notices, clock...), notices...)
	if p.Troubles, err = a.overviewTroubles(ctx); err != nil {
		return err
	}
	countTroubles(p.Cards, p.Troubles.Count())
	return a.show(http.StatusOK, p)
}

// installationCards are the pages about the installation that somebody may open.
func (a *ask) installationCards() (list []page.ManageCard) {
	for _, c := range []struct {
		act  access.Act
		card page.ManageCard
	}{
		{access.ReadInstallation, page.ManageCard{Title: "Libraries", Href: "/manage/libraries", Icon: "branch", Fact: "All that share this server"}},
		{access.ReadInstallation, page.ManageCard{Title: "Signing in elsewhere", Href: "/manage/provider", Icon: "key", Fact: "With accounts that people have already"}},
		{access.PrintRecoveryShares, page.ManageCard{Title: "Recovery papers", Href: "/manage/recovery", Icon: "print", Fact: "For when the server’s key is lost"}},
	} {
		if a.may(c.act) {
			list = append(list, c.card)
		}
	}
	return list
}

// toKnow is what directors and admins of the library have to know.
func (a *ask) toKnow(ctx context.Context) (list []page.Notice, err error) {
	if a.who.Library == "" || a.who.Person == "" || !a.may(access.ReadSettings) {
		return nil, nil
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	notices, err := a.app().Notices(ctx, a.who)
	for _, n := range notices {
		list = append(list, page.Notice{Tone: page.Warning, Text: n.At.In(h.zone).Format(dayForm) + ": " + n.Words})
	}
	return list, unlessHidden(err)
}

func showLibraries(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadInstallation); err != nil {
		return err
	}
	libraries, err := a.app().Libraries(ctx, a.who)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.Libraries{Frame: f, MayAdd: a.may(access.AddLibrary)}
	for _, l := range libraries {
		mine := slices.ContainsFunc(a.who.Memberships, func(m people.Membership) bool { return m.Library == l.ID && m.Holds(a.site.Now()) })
		p.Libraries = append(p.Libraries, page.LibraryRow{ID: string(l.ID), Name: l.Name, State: l.Place, Mine: mine, MayInvite: p.MayAdd && !mine})
	}
	return a.show(http.StatusOK, p)
}

func showNewLibrary(ctx context.Context, a *ask) error {
	if err := a.enter(access.AddLibrary); err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p := page.AddLibrary{Form: page.NewLibraryForm{State: h.library.Place, Zone: h.library.TimeZone}}
	if err := a.fillNewLibrary(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillNewLibrary(ctx context.Context, p *page.AddLibrary) (err error) {
	p.Form.States, p.Form.Zones = stateChoices(), zoneChoices(p.Form.Zone)
	p.Frame, err = a.frame(ctx)
	return err
}

func postNewLibrary(ctx context.Context, a *ask) error {
	if err := a.enter(access.AddLibrary); err != nil {
		return err
	}
	var p page.AddLibrary
	var made app.NewLibrary
	err := a.read(&p.Form)
	if err == nil {
		made, err = a.app().AddLibrary(ctx, a.who, newLibrary(p.Form))
	}
	if err != nil {
		return a.again(err, &p.Form.Form, func() (page.Page, error) {
			err := a.fillNewLibrary(ctx, &p)
			return p, err
		})
	}
	return a.showFirstInvitations(ctx, made.Library.Name, made.Director, made.Admin)
}

// newLibrary reads the form. The first branch is in the library's time zone; where
// none was chosen, that is told once.
func newLibrary(f page.NewLibraryForm) app.NewLibraryForm {
	zone := f.Zone
	if zone == "" || zoneOf(zone).String() != zone {
		zone = "UTC"
	}
	return app.NewLibraryForm{
		Library:  app.LibraryForm{Name: f.Name, Place: f.State, TimeZone: f.Zone},
		Branch:   app.BranchForm{Name: f.BranchName, Prefix: f.BranchPrefix, Phone: f.BranchPhone, TimeZone: zone},
		Director: app.PersonForm{Name: f.DirectorName, Initials: f.DirectorInitials, Mail: f.DirectorMail},
		Admin:    app.PersonForm{Name: f.AdminName, Initials: f.AdminInitials, Mail: f.AdminMail},
		How:      app.OnSlip,
	}
}

// showFirstInvitations shows invitations once, as the answer to the press that made
// them: their secrets are kept nowhere.
func (a *ask) showFirstInvitations(ctx context.Context, library string, list ...app.Invitation) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.LibraryAdded{Frame: f, Name: library}
	for _, made := range list {
		slip, err := a.slip(ctx, made, library)
		if err != nil {
			return err
		}
		p.Slips = append(p.Slips, *slip)
	}
	return a.show(http.StatusOK, p)
}

// inviteFirst asks once more, and makes new invitations for the first people of a
// library to which nobody has come yet.
func inviteFirst(ctx context.Context, a *ask) error {
	if err := a.enter(access.AddLibrary); err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	libraries, err := a.app().Libraries(ctx, a.who)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(libraries, func(l app.Library) bool { return string(l.ID) == form.Library })
	if at < 0 {
		return fault.Missing()
	}
	if form.Sure == "yes" {
		made, err := a.app().InviteFirst(ctx, a.who, libraries[at].ID, app.OnSlip)
		if err != nil {
			return err
		}
		return a.showFirstInvitations(ctx, libraries[at].Name, made...)
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.Confirm{
		Frame: f, At: page.AtManage, Title: "New first invitations for " + libraries[at].Name + "?", Button: "Make new invitations", Post: "/manage/libraries/invite", Back: "/manage/libraries",
		Means:  []string{"The first invitations stop working. You print new ones.", "This works only until a director of that library has come in."},
		Hidden: []page.Hidden{{Name: "library", Value: form.Library}, {Name: "sure", Value: "yes"}},
	})
}

func showRecovery(ctx context.Context, a *ask) error {
	if err := a.enter(access.PrintRecoveryShares); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.Recovery{Frame: f})
}

// postRecovery makes new papers and shows them, once: this is the answer to the
// press, since what is shown once is kept nowhere.
func postRecovery(ctx context.Context, a *ask) error {
	if err := a.enter(access.PrintRecoveryShares); err != nil {
		return err
	}
	var p page.Recovery
	var shares []app.Share
	err := a.read(&p.Form)
	if err == nil && !p.Form.Sure {
		var wrong fault.Fields
		wrong.Add("sure", "Tick this when you are ready to print.")
		err = wrong.Err()
	}
	if err == nil {
		shares, err = a.app().PrintRecoveryShares(ctx, a.who)
	}
	if err != nil {
		return a.again(err, &p.Form.Form, func() (_ page.Page, err error) {
			p.Frame, err = a.frame(ctx)
			return p, err
		})
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p.Day = a.site.Now().In(h.zone).Format(dayForm)
	if p.Shares, err = paperShares(shares); err != nil {
		return err
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}
