package web

import (
	"context"
	"net/http"

	"roundtable/internal/fault"
	"roundtable/internal/web/page"
)

// notHereToStart says why a guide cannot be begun by whoever looks at it.
const notHereToStart = "Guides are started at a desk. You can read and print them, and follow what happens."

// showGo shows a guide on one page: what somebody reads who comes from a printed
// code. A guide that the library has not adopted is not there.
func showGo(ctx context.Context, a *ask) error {
	guides, err := a.guides(ctx)
	if err != nil {
		return err
	}
	for _, g := range guides {
		if g.ID != a.id("playbook") {
			continue
		}
		f, err := a.frame(ctx)
		if err != nil {
			return err
		}
		p := page.Go{Frame: f, Danger: a.danger(ctx), ID: g.ID, Title: g.Title, Summary: g.Summary, Start: g.Start}
		if p.Event, err = a.newEvent(); err != nil {
			return err
		}
		if !p.Start {
			p.WhyNot = notHereToStart
		}
		return a.show(http.StatusOK, p)
	}
	return fault.Missing()
}
