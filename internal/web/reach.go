package web

import (
	"context"
	"net/http"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/notify"
	"roundtable/internal/web/page"
)

func showMeAlerts(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	var p page.MeAlerts
	w, err := a.fillMeAlerts(ctx, &p)
	if err != nil {
		return err
	}
	p.Form.On, p.Form.Mail, p.Form.Number = w.Mail, w.MailTo, w.Number
	return a.show(http.StatusOK, p)
}

func (a *ask) fillMeAlerts(ctx context.Context, p *page.MeAlerts) (w app.AlertWays, err error) {
	if w, err = a.app().MyAlertWays(ctx, a.who); err != nil {
		return w, err
	}
	h, err := a.here(ctx)
	if err != nil {
		return w, err
	}
	p.Own, p.WhyNot, p.Key = w.Own, w.WhyNoPush, w.PushKey
	if !w.Has[notify.Mail] {
		p.Off = append(p.Off, "This server sends no e-mail yet. What you choose here counts once it does.")
	}
	if !w.Has[notify.SMS] {
		p.Off = append(p.Off, "This server sends no text messages yet. What you choose here counts once it does.")
	}
	reached := w.Mail && w.Has[notify.Mail] || w.Number != "" && w.Has[notify.SMS] || len(w.Browsers) > 0 && w.Has[notify.Push]
	p.Nothing = !reached
	for _, b := range w.Browsers {
		p.Browsers = append(p.Browsers, page.AlertBrowser{ID: b.ID, Name: b.Name, Made: b.Made.In(h.zone)})
	}
	for _, l := range w.Lost {
		p.Lost = append(p.Lost, lostWords(l)+" It was taken off on "+l.At.In(h.zone).Format(dayForm)+".")
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return w, err
	}
	p.Tests, err = a.testCalls(ctx)
	return w, err
}

func lostWords(l app.LostWay) string {
	switch l.Channel {
	case notify.Mail:
		return "The mail server says that your address is not there."
	case notify.SMS:
		return "Your number cannot be reached any more."
	}
	return "The browser “" + l.Name + "” takes no alerts any more."
}

// testCalls are the branches at which whoever looks may send a test call.
func (a *ask) testCalls(ctx context.Context) (list []page.Drill, err error) {
	if a.who.Library == "" {
		return nil, nil
	}
	branches, err := a.openBranches(ctx)
	if err != nil {
		return nil, unlessHidden(err)
	}
	for _, b := range branches {
		if a.mayAt(access.TestAlert, b.ID) {
			list = append(list, page.Drill{Branch: b.Name, Post: "/manage/tree/" + string(b.ID), MayTest: true, Roles: testRoles()})
		}
	}
	return list, nil
}

func postMeAlerts(ctx context.Context, a *ask) error {
	var p page.MeAlerts
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().SetAlertWays(ctx, a.who, app.AlertWaysForm{Mail: p.Form.On, MailTo: p.Form.Mail, Number: p.Form.Number})
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		_, err := a.fillMeAlerts(ctx, &p)
		return p, err
	}, "/me/alerts")
}

// addMeBrowser takes what script sends: the name that was typed, and the browser's
// subscription.
func addMeBrowser(ctx context.Context, a *ask) error {
	var p page.MeAlerts
	err := a.read(&p.Browser)
	if err == nil {
		err = a.app().AddAlertBrowser(ctx, a.who, p.Browser.Name, []byte(p.Browser.Subscription))
	}
	return a.settle(err, &p.Browser.Form, func() (page.Page, error) {
		w, err := a.fillMeAlerts(ctx, &p)
		p.Form.On, p.Form.Mail, p.Form.Number = w.Mail, w.MailTo, w.Number
		return p, err
	}, "/me/alerts")
}

func removeMeBrowser(ctx context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().RemoveAlertBrowser(ctx, a.who, form.Browser); err != nil {
		return err
	}
	return a.to("/me/alerts")
}

// showNewestAlert leads whoever pressed a push to the newest alert that waits for
// them, and to the desk if there is none.
func showNewestAlert(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	id, err := a.app().NewestAlert(ctx, a.who)
	if err != nil {
		return err
	}
	if id == "" {
		return a.to("/desk")
	}
	return a.to("/alert/" + string(id))
}
