package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

func dutyHref(id people.BranchID) string { return "/manage/tree/" + string(id) + "/duty" }

// onDuty lists who is in charge at a branch now.
func (a *ask) onDuty(ctx context.Context, b app.Branch) (list []page.OnDuty, err error) {
	zone, err := a.branchZone(ctx, b)
	if err != nil {
		return nil, err
	}
	found, err := a.app().InCharge(ctx, a.who, a.who.Library, b.ID)
	for _, d := range found {
		list = append(list, page.OnDuty{ID: d.ID, Name: d.Name, Role: roleName(d.Role), Until: d.Until.In(zone)})
	}
	return list, err
}

// branchZone is the time zone of a branch.
func (a *ask) branchZone(ctx context.Context, b app.Branch) (*time.Location, error) {
	if b.TimeZone != "" {
		return zoneOf(b.TimeZone), nil
	}
	h, err := a.here(ctx)
	return h.zone, err
}

// dutyBranch is the branch of the path, for whoever may say who is in charge there.
func (a *ask) dutyBranch(ctx context.Context) (app.Branch, error) {
	b, err := a.branch(ctx)
	if err != nil {
		return b, err
	}
	s := access.Subject{Kind: access.Branch, Library: a.who.Library, Branch: b.ID}
	return b, access.Check(a.actor(), access.SetDuty, s, a.site.Now())
}

func showSetDuty(ctx context.Context, a *ask) error {
	b, err := a.dutyBranch(ctx)
	if err != nil {
		return err
	}
	var p page.SetDuty
	p.Form.Person = string(a.who.Person)
	if err := a.fillSetDuty(ctx, &p, b); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillSetDuty(ctx context.Context, p *page.SetDuty, b app.Branch) (err error) {
	p.Branch, p.Post = b.Name, dutyHref(b.ID)
	if p.Now, err = a.onDuty(ctx, b); err != nil {
		return err
	}
	if p.Form.People, err = a.whoMayLead(ctx, b.ID); err != nil {
		return err
	}
	p.Frame, err = a.frame(ctx)
	return err
}

// whoMayLead lists the people who may be in charge at a branch, none if there is
// nobody.
func (a *ask) whoMayLead(ctx context.Context, branch people.BranchID) (list []page.Option, err error) {
	all, err := a.app().Directory(ctx, a.who, a.who.Library)
	if err != nil {
		return nil, err
	}
	now := a.site.Now()
	for _, p := range all {
		if p.Forgotten || p.HasLeft(now) || !slices.ContainsFunc(p.Roles, func(m people.Membership) bool {
			return (m.Role == people.InCharge || m.Role == people.Director) && m.Covers(a.who.Library, branch) && m.Holds(now)
		}) {
			continue
		}
		list = append(list, page.Option{Value: string(p.ID), Words: p.Name})
	}
	if len(list) > 0 {
		list = append([]page.Option{{Words: "Choose a person"}}, list...)
	}
	return list, nil
}

func postSetDuty(ctx context.Context, a *ask) error {
	b, err := a.dutyBranch(ctx)
	if err != nil {
		return err
	}
	var p page.SetDuty
	err = a.read(&p.Form)
	if err == nil {
		err = a.setDuty(ctx, b, p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillSetDuty(ctx, &p, b)
		return p, err
	}, "/manage/tree")
}

func (a *ask) setDuty(ctx context.Context, b app.Branch, typed page.DutyForm) error {
	form := app.DutyForm{Branch: b.ID, Person: people.PersonID(typed.Person)}
	zone, err := a.branchZone(ctx, b)
	if err != nil {
		return err
	}
	var wrong fault.Fields
	if typed.Person == "" {
		wrong.Add("person", "Choose who is in charge.")
	}
	if typed.Until != "" {
		var ok bool
		if form.Until, ok = nextTime(typed.Until, a.site.Now().In(zone)); !ok {
			wrong.Add("until", "Write hours and minutes, such as 18:00.")
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	_, err = a.app().SetDuty(ctx, a.who, a.who.Library, form)
	return err
}

// nextTime is when clocks where now is show next what was typed: "18:00", or with
// the seconds that some browsers send along.
func nextTime(typed string, now time.Time) (time.Time, bool) {
	at, err := time.Parse("15:04", typed)
	if err != nil {
		if at, err = time.Parse("15:04:05", typed); err != nil {
			return time.Time{}, false
		}
	}
	next := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
	if !next.After(now) {
		next = time.Date(now.Year(), now.Month(), now.Day()+1, at.Hour(), at.Minute(), 0, 0, now.Location())
	}
	return next, true
}

func endDuty(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().EndDuty(ctx, a.who, library, form.Duty); err != nil {
		return err
	}
	return a.to("/manage/tree")
}
