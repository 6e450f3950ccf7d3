package web

import (
	"context"
	"net/http"
	"slices"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/handout"
	"roundtable/internal/policy"
	"roundtable/internal/web/page"
)

// The places whose rooms come later. Each says what there is and what there is not.

const practiseWhyNot = "Going through these step by step comes with a later version of Roundtable. Until then, read a guide aloud with a colleague."

func showPractise(ctx context.Context, a *ask) error {
	if err := a.enter(access.Practise); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	guides, err := a.guides(ctx)
	if err != nil {
		return err
	}
	p := page.Practise{Frame: f, WhyNot: practiseWhyNot}
	for _, g := range guides {
		p.Scenarios = append(p.Scenarios, page.Scenario{Title: g.Title, Summary: g.Summary})
	}
	return a.show(http.StatusOK, p)
}

// notMade is a thing of a room that comes later: there is none of it, whatever its
// id, for everybody who may come as far.
func notMade(act access.Act) handler {
	return func(_ context.Context, a *ask) error {
		if err := a.enter(act); err != nil {
			return err
		}
		return fault.Missing()
	}
}

// notMadeForAll is the same for the public.
func notMadeForAll(context.Context, *ask) error { return fault.Missing() }

// nothingYet is a public place whose room comes later.
func nothingYet(words string) handler {
	return func(_ context.Context, a *ask) error {
		return a.show(http.StatusOK, page.Trouble{Frame: a.publicFrame(), What: page.NotHere, Words: words})
	}
}

func showRoomRequests(ctx context.Context, a *ask) error {
	if err := a.enter(roomWork); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.RoomRequests{Frame: f})
}

// showHelp shows the lines that answer everywhere. Places nearby come later.
func showHelp(_ context.Context, a *ask) error {
	lines, _ := handout.Lines() // what is wrong with the data a test finds
	p := page.Help{Frame: a.publicFrame()}
	for _, l := range lines {
		if l.Print == handout.PrintYes {
			p.Lines = append(p.Lines, nationalLine(l))
		}
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) showManageWith(ctx context.Context, notices ...page.Notice) error {
	p := page.Manage{Cards: a.manageCards()}
	if len(p.Cards) == 0 {
		return a.enter(access.ReadSettings)
	}
	var err error
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	p.Frame.Notices = append(p.Frame.Notices, notices...)
	return a.show(http.StatusOK, p)
}

// manageCards are the pages under Manage that somebody may open.
func (a *ask) manageCards() (list []page.ManageCard) {
	for _, c := range []struct {
		act  access.Act
		card page.ManageCard
	}{
		{access.ReadPlaybooks, page.ManageCard{Title: "Playbooks", Href: "/manage/playbooks", Icon: "book", Fact: "The guides of this library"}},
		{access.ReadPolicies, page.ManageCard{Title: "Policies", Href: "/manage/policies", Icon: "policy", Fact: "What guides quote"}},
		{access.SeePeople, page.ManageCard{Title: "People", Href: "/manage/people", Icon: "people", Fact: "Who works here, and as what"}},
		{access.SeePeople, page.ManageCard{Title: "Branches", Href: "/manage/branches", Icon: "branch", Fact: "Names, numbers, time zones"}},
		{access.OfferEnrol, page.ManageCard{Title: "Devices", Href: "/manage/devices", Icon: "device", Fact: "Desks that work without signing in"}},
		{access.SeePhoneTree, page.ManageCard{Title: "Phone tree", Href: "/manage/tree", Icon: "tree", Fact: "Whom a desk calls"}},
		{access.SeeNumbers, page.ManageCard{Title: "Reports", Href: "/manage/reports", Icon: "chart", Fact: "Numbers, never names"}},
		{access.ReadRetention, page.ManageCard{Title: "How long things are kept", Href: "/manage/retention", Icon: "keep", Fact: "And when they go"}},
		{access.ReadSettings, page.ManageCard{Title: "Settings", Href: "/manage/settings", Icon: "settings", Fact: "Name, state, time zone"}},
		{access.SeeCheckpoint, page.ManageCard{Title: "The log", Href: "/manage/audit", Icon: "log", Fact: "What nobody can change unseen"}},
	} {
		if a.may(c.act) {
			list = append(list, c.card)
		}
	}
	return list
}

func showManagePlaybooks(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadPlaybooks); err != nil {
		return err
	}
	return a.showPlaybooksWith(ctx, "")
}

func (a *ask) showPlaybooksWith(ctx context.Context, notice string) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	if notice != "" {
		f.Notices = append(f.Notices, page.Notice{Text: notice})
	}
	list, err := a.app().Situations(ctx, a.who, "en")
	if err != nil {
		return err
	}
	p := page.ManagePlaybooks{Frame: f}
	for _, s := range list {
		p.Playbooks = append(p.Playbooks, page.PlaybookRow{Title: s.Title, Href: "/go/" + s.Playbook, Version: "As shipped", Stale: true, Languages: s.Langs})
	}
	return a.show(http.StatusOK, p)
}

// showPlaybookSoon shows the list in place of a page about one playbook that comes
// later. A playbook that the library has not is not there.
func showPlaybookSoon(act access.Act, what string) handler {
	return func(ctx context.Context, a *ask) error {
		if err := a.enter(act); err != nil {
			return err
		}
		list, err := a.app().Situations(ctx, a.who, "en")
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(s app.Situation) bool { return s.Playbook == a.id("playbook") }) {
			return fault.Missing()
		}
		return a.showPlaybooksWith(ctx, what+" comes with a later version of Roundtable. Read the guide on its own page, or print it from there.")
	}
}

func showManagePolicies(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadPolicies); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	list, err := policy.Starter()
	if err != nil {
		return err
	}
	p := page.ManagePolicies{Frame: f}
	for _, one := range list {
		p.Policies = append(p.Policies, policyRow(one))
	}
	return a.show(http.StatusOK, p)
}

// showManageReports says that nothing is counted yet.
func showManageReports(ctx context.Context, a *ask) error {
	if err := a.enter(access.SeeNumbers); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	f.Notices = append(f.Notices, page.Notice{Text: "Counting comes with a later version of Roundtable. Nothing is counted yet."})
	now := a.site.Now().In(h.zone)
	return a.show(http.StatusOK, page.ManageReports{Frame: f, From: now.AddDate(0, -1, 0), Until: now})
}

// showManageRetention shows the schedule. What is held is counted later.
func showManageRetention(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadRetention); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	f.Notices = append(f.Notices, page.Notice{Text: "This is the schedule as shipped. Counting what is held, and destroying it when it is due, comes with a later version of Roundtable."})
	return a.show(http.StatusOK, page.ManageRetention{Frame: f, Classes: schedule})
}

// schedule is the retention schedule, as the threat model has it.
var schedule = []page.Retention{
	{Class: "R1", What: "Notes of a shift", Kept: "7 days", Then: "Destroyed. Counts stay."},
	{Class: "R2", What: "Incidents", Kept: "90 days after closing", Then: "Contents are destroyed. Branch, kind and month stay 3 years."},
	{Class: "R3", What: "Suspected abuse", Kept: "Not kept unless a person says so, then 30 days", Then: "Destroyed, and nothing stays."},
	{Class: "R4", What: "Demands for records", Kept: "1 year after the matter ends", Then: "Contents are destroyed. One line stays 6 years."},
	{Class: "R5", What: "Notes for counsel", Kept: "As counsel decides, asked each year", Then: "Destroyed."},
	{Class: "R6", What: "Exclusions", Kept: "3 years after they end", Then: "Destroyed."},
	{Class: "R9", What: "The log", Kept: "Readable for 1 year", Then: "Only its proof stays."},
	{Class: "R10", What: "Accounts", Kept: "30 days after somebody leaves", Then: "The name is destroyed. A pseudonym stays."},
}

func showKeys(ctx context.Context, a *ask) error {
	return a.showAnyone(ctx, func(f page.Frame) page.Page { return page.Keys{Frame: f} })
}

func showAccessibility(ctx context.Context, a *ask) error {
	return a.showAnyone(ctx, func(f page.Frame) page.Page { return page.Accessibility{Frame: f} })
}

// showAnyone shows a page that is the same for everybody but for its frame.
func (a *ask) showAnyone(ctx context.Context, with func(page.Frame) page.Page) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, with(f))
}

// showManageHelp says that places nearby are listed later.
func showManageHelp(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadPlaybooks); err != nil {
		return err
	}
	return a.showManageWith(ctx, page.Notice{
		Text: "Listing places nearby comes with a later version of Roundtable. The public page shows the lines that answer everywhere.",
		Link: page.Link{Words: "Open the public page", Href: "/help"},
	})
}

func nationalLine(l handout.Line) page.NationalLine {
	return page.NationalLine{
		Name: l.Name.EN, What: l.WhoFor.EN, Phone: page.Phone(l.Call.EN), Text: l.Write.EN, Hours: l.Hours.EN,
	}
}

func policyRow(p policy.Policy) page.PolicyRow {
	return page.PolicyRow{Title: p.Title, Summary: p.Notice, Source: p.Provenance.Words()}
}
