package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

func showBranches(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	if err := a.enter(access.SeePeople); err != nil {
		return err
	}
	list, err := a.app().Branches(ctx, a.who, library)
	if err != nil {
		return err
	}
	desks, staff, err := a.countByBranch(ctx, library)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.Branches{Frame: f, MayAdd: a.may(access.ChangeBranches)}
	for _, b := range list {
		if !b.Closed.IsZero() {
			continue
		}
		row := page.BranchRow{Name: b.Name, Href: branchHref(b.ID), Dial: emergencyNumber(b), Phone: page.Phone(b.Phone), Zone: zoneWords(b.TimeZone), Desks: desks[b.ID], People: staff[b.ID]}
		if b.Phone == "" {
			row.Needs = "It has no phone number yet."
		}
		p.Branches = append(p.Branches, row)
	}
	return a.show(http.StatusOK, p)
}

// emergencyNumber is what the phones of a branch dial in an emergency.
func emergencyNumber(b app.Branch) page.Phone {
	return page.Phone(strings.TrimSpace(b.Prefix + " 911"))
}

// countByBranch counts devices and people by branch, as far as somebody may see
// them.
func (a *ask) countByBranch(ctx context.Context, library people.LibraryID) (desks, staff map[people.BranchID]int, err error) {
	desks, staff = map[people.BranchID]int{}, map[people.BranchID]int{}
	if a.may(access.OfferEnrol) {
		list, err := a.app().Devices(ctx, a.who, library)
		if unlessHidden(err) != nil {
			return nil, nil, err
		}
		for _, d := range list {
			if d.Works(a.site.Now()) {
				desks[d.Branch]++
			}
		}
	}
	if a.may(access.SeePeople) {
		list, err := a.app().Directory(ctx, a.who, library)
		if unlessHidden(err) != nil {
			return nil, nil, err
		}
		for _, p := range list {
			counted := map[people.BranchID]bool{}
			for _, m := range p.Roles {
				if m.Branch != "" && !counted[m.Branch] && m.Holds(a.site.Now()) {
					counted[m.Branch] = true
					staff[m.Branch]++
				}
			}
		}
	}
	return desks, staff, nil
}

func branchHref(id people.BranchID) string { return "/manage/branches/" + string(id) }

func showNewBranch(ctx context.Context, a *ask) error {
	if err := a.enter(access.ChangeBranches); err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p := page.EditBranch{Post: "/manage/branches/new", MayChange: true, Form: page.BranchForm{Zone: h.library.TimeZone}}
	if err := a.fillBranch(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillBranch(ctx context.Context, p *page.EditBranch) (err error) {
	p.Form.Zones = zoneChoices(p.Form.Zone)
	p.Frame, err = a.frame(ctx)
	return err
}

func (a *ask) branchID() (people.BranchID, error) {
	id, err := people.ParseID[people.BranchID](a.id("branch"))
	if err != nil {
		return "", fault.Missing().Because(err)
	}
	return id, nil
}

func showBranch(ctx context.Context, a *ask) error {
	if err := a.enter(access.SeePeople); err != nil {
		return err
	}
	b, err := a.branch(ctx)
	if err != nil {
		return err
	}
	p := page.EditBranch{Name: b.Name, Post: branchHref(b.ID), MayChange: a.may(access.ChangeBranches)}
	p.Form.Name, p.Form.Prefix, p.Form.Phone, p.Form.Zone, p.Form.Emergency = b.Name, b.Prefix, b.Phone, b.TimeZone, b.Emergency
	if err := a.fillBranch(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) branch(ctx context.Context) (app.Branch, error) {
	id, err := a.branchID()
	if err != nil {
		return app.Branch{}, err
	}
	library, err := a.library()
	if err != nil {
		return app.Branch{}, err
	}
	return a.app().Branch(ctx, a.who, library, id)
}

func branchForm(f page.BranchForm) app.BranchForm {
	return app.BranchForm{Name: f.Name, Prefix: f.Prefix, Phone: f.Phone, Emergency: f.Emergency, TimeZone: f.Zone}
}

func postNewBranch(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	p := page.EditBranch{Post: "/manage/branches/new", MayChange: true}
	err = a.read(&p.Form)
	if err == nil {
		_, err = a.app().AddBranch(ctx, a.who, library, branchForm(p.Form))
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillBranch(ctx, &p)
		return p, err
	}, "/manage/branches")
}

func postBranch(ctx context.Context, a *ask) error {
	id, err := a.branchID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	p := page.EditBranch{Post: branchHref(id), MayChange: true}
	err = a.read(&p.Form)
	if err == nil {
		err = a.app().ChangeBranch(ctx, a.who, library, id, branchForm(p.Form))
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		b, err := a.branch(ctx)
		if err != nil {
			return nil, err
		}
		p.Name = b.Name
		err = a.fillBranch(ctx, &p)
		return p, err
	}, "/manage/branches")
}

// zones are the time zones of the states and territories, as people call them.
var zones = []page.Option{
	{Value: "America/New_York", Words: "Eastern (New York)"},
	{Value: "America/Detroit", Words: "Eastern (Detroit)"},
	{Value: "America/Indiana/Indianapolis", Words: "Eastern (Indianapolis)"},
	{Value: "America/Kentucky/Louisville", Words: "Eastern (Louisville)"},
	{Value: "America/Chicago", Words: "Central (Chicago)"},
	{Value: "America/Menominee", Words: "Central (Menominee)"},
	{Value: "America/North_Dakota/Center", Words: "Central (North Dakota)"},
	{Value: "America/Denver", Words: "Mountain (Denver)"},
	{Value: "America/Boise", Words: "Mountain (Boise)"},
	{Value: "America/Phoenix", Words: "Mountain, no summer time (Phoenix)"},
	{Value: "America/Los_Angeles", Words: "Pacific (Los Angeles)"},
	{Value: "America/Anchorage", Words: "Alaska (Anchorage)"},
	{Value: "America/Adak", Words: "Aleutian (Adak)"},
	{Value: "Pacific/Honolulu", Words: "Hawaii (Honolulu)"},
	{Value: "America/Puerto_Rico", Words: "Atlantic (Puerto Rico, Virgin Islands)"},
	{Value: "Pacific/Guam", Words: "Chamorro (Guam, Northern Marianas)"},
	{Value: "Pacific/Pago_Pago", Words: "Samoa (Pago Pago)"},
}

// zoneWords is what people call a time zone.
func zoneWords(name string) string {
	for _, z := range zones {
		if z.Value == name {
			return z.Words
		}
	}
	return name
}

// zoneChoices are the zones to choose among, the present one included whatever it is.
func zoneChoices(present string) []page.Option {
	if present == "" || slices.ContainsFunc(zones, func(o page.Option) bool { return o.Value == present }) {
		return zones
	}
	return append([]page.Option{{Value: present, Words: present}}, zones...)
}
