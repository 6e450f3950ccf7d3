package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

func (a *ask) handoverPage(ctx context.Context) (p page.Handover, of app.WalkView, err error) {
	if of, err = a.readWalk(ctx); err != nil {
		return p, of, err
	}
	v, err := a.stepView(ctx, of)
	if err != nil {
		return p, of, err
	}
	p = page.Handover{Words: page.WordsIn(of.Sheet.Lang), Title: of.Sheet.Title, Back: v.Here(), Post: v.Href + "/hand-over" + v.Query}
	p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang)
	return p, of, err
}

// showHandover asks whether a walk is to be handed over.
func showHandover(ctx context.Context, a *ask) error {
	p, of, err := a.handoverPage(ctx)
	if err != nil {
		return err
	}
	if !of.InHand {
		return a.to("/i/" + string(of.Case))
	}
	return a.show(http.StatusOK, p)
}

// postHandover makes the code with which another device or person takes the walk.
func postHandover(ctx context.Context, a *ask) error {
	p, of, err := a.handoverPage(ctx)
	if err != nil {
		return err
	}
	offer, err := a.app().OfferHandOver(ctx, a.who, of.Case)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p.Code, p.Until = offer.Code, offer.Until.In(h.zone)
	_, site, err := addressOf(ctx, a.app())
	if err != nil {
		return err
	}
	if site == "" {
		site = "https://" + a.r.Host
	}
	_, p.Address, _ = strings.Cut(site+"/take", "://")
	// The code in the address works once, for some minutes, and only for whoever is
	// known here.
	if p.QR, err = page.QR(site + "/take#" + url.PathEscape(offer.Code)); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func showTake(ctx context.Context, a *ask) error {
	var p page.Take
	var err error
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func postTake(ctx context.Context, a *ask) error {
	var p page.Take
	err := a.read(&p.Form)
	if err == nil {
		var of app.WalkView
		if of.Case, err = a.app().TakeHandedOver(ctx, a.who, a.from, p.Form.Code); err == nil {
			return a.to("/i/" + string(of.Case))
		}
	}
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		p.Frame, err = a.frame(ctx)
		return p, err
	})
}

// showWho asks afterwards who acted. It says nothing of the case.
func showWho(ctx context.Context, a *ask) error {
	p, err := a.whoPage(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) whoPage(ctx context.Context) (p page.WhoActed, err error) {
	var of app.WalkView
	if of.Case, err = idLike(of.Case, a.id("case")); err != nil {
		return p, err
	}
	if err := a.app().MaySayWho(ctx, a.who, of.Case); err != nil {
		return p, err
	}
	p = page.WhoActed{Post: "/i/" + string(of.Case) + "/who", Left: a.query("done") == "left"}
	if a.query("saved") == "yes" {
		p.Saved = "who was here"
	}
	p.Frame, err = a.frame(ctx)
	return p, err
}

func postWho(ctx context.Context, a *ask) error {
	p, err := a.whoPage(ctx)
	if err != nil {
		return err
	}
	err = a.read(&p.Form)
	if err == nil {
		var of app.WalkView
		if of.Case, err = idLike(of.Case, a.id("case")); err == nil {
			err = a.app().SayWho(ctx, a.who, of.Case, p.Form.Initials)
		}
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) { return p, nil }, p.Post+"?saved=yes")
}
