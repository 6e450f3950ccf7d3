package web

import (
	"context"
	"net/http"
	"net/url"

	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

// showNow shows what is happening at every branch of every library that somebody looks
// after.
func showNow(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	var p page.Now
	p.Listen = a.listen(url.Values{"now": {"all"}})
	list, err := a.app().HappeningEverywhere(ctx, a.who)
	if err != nil {
		return err
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p.At = p.At.In(h.zone)
	for _, l := range list {
		p.Libraries = append(p.Libraries, nowLibrary(l))
	}
	return a.show(http.StatusOK, p)
}

func nowLibrary(l app.HappeningAt) page.NowLibrary {
	p := page.NowLibrary{Name: l.Library.Name, Here: l.Here}
	for _, b := range l.Branches {
		zone := zoneOf(b.Branch.TimeZone)
		if b.Branch.TimeZone == "" {
			zone = zoneOf(l.Library.TimeZone)
		}
		at := page.NowBranch{Name: b.Branch.Name, Place: workplace(l.Library.ID, b.Branch.ID)}
		for _, c := range b.Cases {
			at.Cases = append(at.Cases, page.NowCase{
				Number: caseNumber(string(c.ID)), Title: c.Title, Heading: c.Heading, Started: c.Began.In(zone), Href: "/i/" + string(c.ID) + "/live", Sealed: c.Sealed,
			})
		}
		p.Branches = append(p.Branches, at)
	}
	return p
}
