package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// The pages of a walk. Looking at them changes nothing: that a step was shown is
// told by script, as an event of its own, or not at all.

// readWalk reads the walk of the path, in the language that the address asks for.
func (a *ask) readWalk(ctx context.Context) (app.WalkView, error) {
	return a.readWalkIn(ctx, a.query("lang"))
}

func (a *ask) readWalkIn(ctx context.Context, lang string) (app.WalkView, error) {
	return withCaseIn(ctx, a, a.app().ReadWalk, lang)
}

// stepView makes ready to show a walk.
func (a *ask) stepView(ctx context.Context, of app.WalkView) (stepview.View, error) {
	h, err := a.here(ctx)
	if err != nil {
		return stepview.View{}, err
	}
	place, err := a.place(ctx, of.Branch)
	return stepview.View{
		Place: place, Walk: of.Walk, Sheet: of.Sheet, Href: "/i/" + string(of.Case), Now: a.site.Now(), Zone: h.zone,
		Query: stepview.Lang(of.Sheet.Lang, of.Walk.Start().Lang),
	}, err
}

// place is what steps show of the library, at a branch.
func (a *ask) place(ctx context.Context, branch people.BranchID) (p stepview.Place, err error) {
	if p.Shelf, err = stepview.Shipped(); err != nil {
		return p, err
	}
	h, err := a.here(ctx)
	if err != nil {
		return p, err
	}
	p.Law = h.library.Place
	p.Site = a.site.names.address(ctx, a.site.Now())
	lines, err := a.app().PhoneLines(ctx, a.who, a.who.Library)
	if unlessHidden(err) != nil {
		return p, err
	}
	for _, own := range []bool{true, false} { // the branch's own numbers come first
		for _, l := range lines {
			if own && l.Branch == branch || !own && l.Branch == "" {
				p.Lines = append(p.Lines, stepview.Line{Role: l.Line, Label: l.Label, Number: l.Number})
			}
		}
	}
	return p, nil
}

// walkFrame is the frame of a walk's page: in the walk's language.
func (a *ask) walkFrame(ctx context.Context, lang string) (page.Frame, error) {
	f, err := a.frame(ctx)
	f.Lang, f.Dir = lang, stepview.Direction(lang)
	return f, err
}

// languages are those in which the page can be shown, at the address without its
// query.
func languages(of app.WalkView, path string) (list []page.Language) {
	if len(of.Langs) < 2 {
		return nil
	}
	for _, lang := range of.Langs {
		list = append(list, page.Language{
			Name: stepview.LanguageName(lang), Lang: lang, Dir: stepview.Direction(lang), Current: lang == of.Sheet.Lang,
			Href: path + stepview.Lang(lang, of.Walk.Start().Lang),
		})
	}
	return list
}

// stepNumber is the step of the path, from 0.
func stepNumber(a *ask, of app.WalkView) (int, error) {
	text := a.id("step")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(of.Sheet.Steps) || strconv.Itoa(n) != text {
		return 0, fault.Missing().Because(err)
	}
	return n - 1, nil
}

// showStep shows a step: to be walked where the walk stands, else to be read.
func showStep(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	at, err := stepNumber(a, of)
	if err != nil {
		return err
	}
	p, err := a.stepPage(ctx, of, at)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) stepPage(ctx context.Context, of app.WalkView, at int) (p page.Step, err error) {
	mark := a.app().Live().Mark()
	v, err := a.stepView(ctx, of)
	if err != nil {
		return p, err
	}
	p = v.Step(at)
	if !of.InHand && p.Card.Open {
		p.Card.Open, p.Card.Post, p.HandOver, p.MayBack = false, "", "", false
	}
	if p.Card.Open {
		if p.Event, err = a.newEvent(); err != nil {
			return p, err
		}
	}
	if p.Outside, err = a.withOutside(ctx, of, mark, &p.Alerts, p.Card.Callees); err != nil {
		return p, err
	}
	p.Langs = languages(of, v.Href+"/step/"+strconv.Itoa(at+1))
	status := p.Status
	p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang)
	p.Status = status
	return p, err
}

// newEvent draws the id from which a page's events are named: a press that arrives
// twice is one event.
func (a *ask) newEvent() (string, error) { return people.NewID[string](a.site.Now(), a.site.Random) }

// showSaid shows words of a step alone.
func showSaid(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	at, err := stepNumber(a, of)
	if err != nil {
		return err
	}
	v, err := a.stepView(ctx, of)
	if err != nil {
		return err
	}
	number := 1
	if text := a.query("words"); text != "" {
		if number, err = strconv.Atoi(text); err != nil {
			return fault.Missing().Because(err)
		}
	}
	p, ok := v.Said(at, number)
	if !ok {
		return fault.Missing()
	}
	for _, l := range languages(of, v.Href+"/say/"+strconv.Itoa(at+1)) {
		sep := "?"
		if strings.Contains(l.Href, "?") {
			sep = "&"
		}
		l.Href += sep + "words=" + strconv.Itoa(number)
		p.Langs = append(p.Langs, l)
	}
	if p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// showFinish shows the end of a walk, before it is closed.
func showFinish(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	if !of.InHand {
		return a.to("/i/" + string(of.Case))
	}
	if _, walking := of.Walk.Step(); walking {
		v, err := a.stepView(ctx, of)
		if err != nil {
			return err
		}
		return a.to(v.Here())
	}
	p, err := a.finishPage(ctx, of)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) finishPage(ctx context.Context, of app.WalkView) (p page.Finish, err error) {
	mark := a.app().Live().Mark()
	v, err := a.stepView(ctx, of)
	if err != nil {
		return p, err
	}
	p = v.Finish()
	p.Acted, p.Keep = of.Acted, of.Keep
	if p.Outside, err = a.withOutside(ctx, of, mark, &p.Alerts, nil); err != nil {
		return p, err
	}
	p.Langs = languages(of, v.Href+"/end")
	if p.Event, err = a.newEvent(); err != nil {
		return p, err
	}
	if id := v.Opens(); id != "" {
		list, err := a.app().Situations(ctx, a.who, of.Sheet.Lang)
		if unlessHidden(err) != nil {
			return p, err
		}
		for _, s := range list {
			if s.Playbook == id {
				p.Opens = &page.Guide{ID: id, Title: s.Title}
			}
		}
	}
	status := p.Status
	p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang)
	p.Status = status
	return p, err
}

// goOn leads whoever has a walk in hand to where it stands.
func (a *ask) goOn(ctx context.Context, of app.WalkView, lang, anchor string) error {
	if !of.Running || !of.InHand {
		return a.to("/i/" + string(of.Case))
	}
	v := stepview.View{Walk: of.Walk, Sheet: of.Sheet, Href: "/i/" + string(of.Case), Query: stepview.Lang(lang, of.Walk.Start().Lang)}
	return a.to(v.Here() + anchor)
}

// lateWords tells of the move that came too late.
func (a *ask) lateWords(v stepview.View, e walk.Event) string {
	where := ""
	if a.who.Device != nil {
		where = a.who.Device.Name
	} else if a.who.Person != "" {
		where = "You"
	}
	return v.LateWords(e, where)
}
