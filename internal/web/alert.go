package web

import (
	"context"
	"net/http"
	"net/url"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// What the link in a message opens. Looking at it is not having read it: that is told
// by the page's script once the page is in view, or by a button.

// alertID is the alert of the path.
func (a *ask) alertID() (app.AlertID, error) {
	id, err := people.ParseID[app.AlertID](a.id("alert"))
	if err != nil || a.who.Library == "" {
		return "", fault.Missing().Because(err)
	}
	return id, nil
}

// showAlert shows an alert. A message goes to a person, so whoever opens it at a
// device where nobody is signed in signs in first, and comes back.
func showAlert(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	p, err := a.alertPage(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) alertPage(ctx context.Context) (p page.Alert, err error) {
	id, err := a.alertID()
	if err != nil {
		return p, err
	}
	mark := a.app().Live().Mark()
	v, err := a.app().Alert(ctx, a.who, id)
	if err != nil {
		return p, err
	}
	p.Post, p.Mine, p.MayAnswer = "/alert/"+string(id), v.Mine, v.MayAnswer
	p.Purpose = map[notify.Purpose]page.AlertPurpose{notify.Test: page.AlertTest, notify.Drill: page.AlertDrill}[v.Purpose]
	if p.Frame, err = a.frame(ctx); err != nil {
		return p, err
	}
	zone, err := a.branchZone(ctx, v.Branch)
	if err != nil {
		return p, err
	}
	about := url.Values{"after": {mark}}
	follows, err := a.follows(ctx, v)
	switch {
	case err != nil:
		return p, err
	case v.Library != a.who.Library:
		p.Place, p.Elsewhere = workplace(v.Library, v.Branch.ID), a.libraryName(ctx, v.Library)
		about.Set("now", "all")
	case follows:
		about.Set("case", string(v.Case))
	}
	if follows {
		p.Live, p.Title = "/i/"+string(v.Case)+"/live", v.Title
	}
	p.Listen = page.Listen{Events: "/events?" + about.Encode(), Here: p.Post, At: a.site.Now().In(zone)}
	p.Where, p.At = v.Branch.Name, alertAt(v, zone)
	for _, m := range v.Reads {
		if m.Mine {
			p.Read = m.At.In(zone)
		}
	}
	if m := v.Answer; m != nil {
		p.Answered = &page.Charge{Who: withRole(m.Name, m.Role, "en"), At: m.At.In(zone), You: m.Mine}
	}
	return p, nil
}

// libraryName is the name of a library at which whoever looks works.
func (a *ask) libraryName(ctx context.Context, id people.LibraryID) string {
	l, err := a.app().LibraryAt(ctx, a.who, id)
	if err != nil {
		return "the other library"
	}
	return l.Name
}

// follows reports whether whoever looks may follow the walk that ordered an alert. At
// another library that is decided once they have gone there: they were told of it.
func (a *ask) follows(ctx context.Context, v app.AlertView) (bool, error) {
	if v.Case == "" || v.Library != a.who.Library {
		return v.Case != "", nil
	}
	_, err := a.app().ReadWalk(ctx, a.who, v.Case, "")
	return mayFollow(err)
}

func postAlertRead(ctx context.Context, a *ask) error {
	return a.onAlert(ctx, a.app().ReadAlert)
}

func postAlertAnswer(ctx context.Context, a *ask) error {
	return a.onAlert(ctx, a.app().AnswerAlert)
}

// onAlert does something to the alert of the path, and shows it again.
func (a *ask) onAlert(ctx context.Context, do func(context.Context, app.Who, app.AlertID) error) error {
	id, err := a.alertID()
	if err != nil {
		return err
	}
	if err := a.readBody(); err != nil {
		return err
	}
	err = do(ctx, a.who, id)
	if fault.KindOf(err) == fault.Conflict && err != nil {
		p, shown := a.alertPage(ctx)
		if shown != nil {
			return shown
		}
		p.Refused = fault.Words(err)
		return a.show(http.StatusConflict, p)
	}
	if err != nil {
		return err
	}
	return a.to("/alert/" + string(id))
}
