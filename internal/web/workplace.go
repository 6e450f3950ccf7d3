package web

import (
	"context"
	"slices"
	"strings"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// worksElsewhere reports whether somebody surely has a role at another library, or
// at another branch, than the one where they are.
func (a *ask) worksElsewhere() bool {
	return slices.ContainsFunc(a.who.Memberships, func(m people.Membership) bool {
		return m.Library != people.Installation && m.Holds(a.site.Now()) &&
			(m.Library != a.who.Library || m.Branch != "" && m.Branch != a.who.Branch)
	})
}

// fillPlaces fills in where the person can work, and where they do now.
func (a *ask) fillPlaces(ctx context.Context, p *page.Me) (err error) {
	if p.Place.Places, err = a.workplaces(ctx); err != nil {
		return err
	}
	if p.Place.Problem("place") == "" {
		p.Place.Place = workplace(a.who.Library, a.who.Branch)
	}
	return nil
}

// workplace is a library and a branch of it, as the value of an option.
func workplace(library people.LibraryID, branch people.BranchID) string {
	return string(library) + "/" + string(branch)
}

// workplaces are the libraries and branches at which the person has a role now.
func (a *ask) workplaces(ctx context.Context) (list []page.Option, err error) {
	libraries, err := a.app().MyLibraries(ctx, a.who)
	if err != nil {
		return nil, unlessHidden(err)
	}
	for _, l := range libraries {
		branches, err := a.app().Branches(ctx, a.who, l.ID)
		if err != nil {
			return nil, err
		}
		for _, b := range branches {
			if !b.Closed.IsZero() || !slices.ContainsFunc(a.who.Memberships, func(m people.Membership) bool {
				return m.Covers(l.ID, b.ID) && m.Holds(a.site.Now())
			}) {
				continue
			}
			words := b.Name
			if len(libraries) > 1 {
				words = l.Name + ", " + b.Name
			}
			list = append(list, page.Option{Value: workplace(l.ID, b.ID), Words: words})
		}
	}
	return list, nil
}

func postPlace(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return signInWords
	}
	var p page.Me
	err := a.read(&p.Place)
	if err == nil {
		err = a.switchTo(ctx, p.Place.Place)
	}
	return a.settle(err, &p.Place.Form, func() (page.Page, error) {
		err := a.fillMe(ctx, &p)
		return p, err
	}, a.next(p.Place.Next, "/me"))
}

func (a *ask) switchTo(ctx context.Context, chosen string) error {
	places, err := a.workplaces(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(places, func(o page.Option) bool { return o.Value == chosen }) {
		var wrong fault.Fields
		wrong.Add("place", "Choose one of the places where you have a role.")
		return wrong.Err()
	}
	library, branch, _ := strings.Cut(chosen, "/")
	return a.app().SwitchLibrary(ctx, a.who, people.LibraryID(library), people.BranchID(branch))
}
