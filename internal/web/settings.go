package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

func showSettings(ctx context.Context, a *ask) error {
	var p page.Settings
	s, err := a.fillSettings(ctx, &p)
	if err != nil {
		return err
	}
	p.Form.Name, p.Form.State, p.Form.Zone = s.Library.Name, s.Library.Place, s.Library.TimeZone
	p.Form.Website, p.Form.Mail = s.Website, s.Mail
	p.Form.Zones = zoneChoices(p.Form.Zone)
	return a.show(http.StatusOK, p)
}

func (a *ask) fillSettings(ctx context.Context, p *page.Settings) (app.Settings, error) {
	library, err := a.library()
	if err != nil {
		return app.Settings{}, err
	}
	s, err := a.app().Settings(ctx, a.who, library)
	if err != nil {
		return s, err
	}
	p.MayChange, p.Form.Mails = s.MayChange, a.app().MailsLetters()
	p.Form.States, p.Form.Zones = stateChoices(), zoneChoices(p.Form.Zone)
	if p.Frame, err = a.frame(ctx); err != nil {
		return s, err
	}
	at, err := a.app().Address(ctx)
	if err != nil {
		return s, err
	}
	p.Facts = []page.Fact{{Name: "Address", Value: at.Origin}}
	for _, off := range at.Off {
		p.Facts = append(p.Facts, page.Fact{Name: "Off at this address", Value: off})
	}
	if s.Mail != "" && p.Form.Mails {
		p.Facts = append(p.Facts, page.Fact{Name: "Checkpoints by mail", Value: mailedWords(s.Mailed, zoneOf(s.Library.TimeZone))})
	}
	if a.site.Database != "" {
		p.Facts = append(p.Facts, page.Fact{Name: "Database", Value: a.site.Database})
	}
	if a.site.Version != "" {
		p.Facts = append(p.Facts, page.Fact{Name: "Version", Value: a.site.Version})
	}
	return s, nil
}

// mailedWords says how far the checkpoints by mail have come.
func mailedWords(l app.LetterState, zone *time.Location) string {
	last := "None was sent yet."
	if !l.Sent.IsZero() {
		last = l.Sent.In(zone).Format("Sent last on 2 January 2006 at 15:04. Whether it arrived is not known.")
	}
	if why := notSent(l); why != "" {
		return "The newest was " + strings.ToLower(why[:1]) + why[1:] + " " + last
	}
	return last
}

func postSettings(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.Settings
	err = a.read(&p.Form)
	if err == nil {
		err = a.changeSettings(ctx, library, p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		_, err := a.fillSettings(ctx, &p)
		return p, err
	}, "/manage/settings")
}

// changeSettings leaves the host of public pages as it is: this form does not ask.
func (a *ask) changeSettings(ctx context.Context, library people.LibraryID, form page.SettingsForm) error {
	now, err := a.app().Settings(ctx, a.who, library)
	if err != nil {
		return err
	}
	return a.app().ChangeSettings(ctx, a.who, library, app.SettingsForm{
		Library: app.LibraryForm{Name: form.Name, Place: form.State, TimeZone: form.Zone, Host: now.Library.Host},
		Website: form.Website, Mail: form.Mail,
	})
}

// stateChoices are the states and territories, as law data names them.
func stateChoices() []page.Option {
	list := []page.Option{{Words: "Choose a state"}}
	for _, place := range app.Places() {
		list = append(list, page.Option{Value: place, Words: place})
	}
	return list
}
