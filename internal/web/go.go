package web

import (
	"context"
	"net/http"

	"roundtable/internal/fault"
	"roundtable/internal/web/page"
)

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
		return a.show(http.StatusOK, page.Go{Frame: f, Danger: a.danger(ctx), ID: g.ID, Title: g.Title, Summary: g.Summary, WhyNot: readOnly})
	}
	return fault.Missing()
}
