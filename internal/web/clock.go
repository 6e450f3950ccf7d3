package web

import (
	"context"
	"net/http"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

// showClock asks whether the clock is right, after it jumped.
func showClock(ctx context.Context, a *ask) error {
	jump, err := a.app().ReadClock(ctx, a.who)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p := page.Clock{}
	if jump != (app.ClockJump{}) {
		p.From, p.To = jump.From.In(h.zone), jump.To.In(h.zone)
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func postClock(ctx context.Context, a *ask) error {
	if err := a.app().AcceptClock(ctx, a.who); err != nil {
		return err
	}
	return a.to("/manage/clock")
}

// clockNotice tells whoever may say that the clock is right that it has to be said.
func (a *ask) clockNotice(ctx context.Context) ([]page.Notice, error) {
	if !a.may(access.AcceptClock) {
		return nil, nil
	}
	jump, err := a.app().ReadClock(ctx, a.who)
	if err != nil || jump == (app.ClockJump{}) {
		return nil, unlessHidden(err)
	}
	return []page.Notice{{
		Tone: page.Warning, Text: "The server’s clock jumped ahead, so nothing is deleted at the moment.",
		Link: page.Link{Words: "Look at it", Href: "/manage/clock"},
	}}, nil
}
