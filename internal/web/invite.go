package web

import (
	"context"
	"net/http"
	"net/url"

	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

// showAccept shows an invitation to whoever has it.
func showAccept(ctx context.Context, a *ask) error {
	var p page.Accept
	if err := a.fillAccept(ctx, &p); err != nil {
		return err
	}
	if err := a.markForm(); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillAccept(ctx context.Context, p *page.Accept) error {
	view, err := a.app().ReadInvitation(ctx, a.from, a.id("token"))
	if err != nil {
		return err
	}
	p.Frame = a.plainFrame()
	p.Frame.Library = view.Library.Name
	p.Post = "/invite/" + url.PathEscape(a.id("token"))
	p.Name, p.By, p.Account = view.Name, view.By, view.Mail
	p.Until = view.Until.In(zoneOf(view.Library.TimeZone))
	p.Passkeys, p.NoPasskey = view.Passkeys, view.NoPasskey
	if p.Provider, err = a.app().Provider(ctx); err != nil {
		return err
	}
	for _, m := range view.Roles {
		p.Roles = append(p.Roles, roleName(m.Role))
	}
	return nil
}

func postAccept(ctx context.Context, a *ask) error {
	var p page.Accept
	err := a.read(&p.Form)
	if err == nil {
		var signed app.SignedIn
		signed, err = a.app().AcceptInvitation(ctx, a.who, a.from, a.id("token"), p.Form.Password)
		if err == nil {
			return a.signedIn(signed, "/me")
		}
	}
	p.Form.Password = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAccept(ctx, &p)
		return p, err
	})
}

// acceptAtProvider sends the browser to the provider, to accept an invitation with
// the account that the person has there. They come back to comeFromProvider.
func acceptAtProvider(ctx context.Context, a *ask) error {
	var p page.Accept
	address, keep, err := a.app().BeginProvider(ctx, a.who, a.from, app.ProviderStart{Invitation: a.id("token")})
	if err == nil {
		var notice page.Notice
		if err := a.fillAccept(ctx, &p); err != nil {
			return err
		}
		if notice, err = a.leadToProvider(address, keep); err == nil {
			p.Frame.Notices = append(p.Frame.Notices, notice)
			return a.show(http.StatusOK, p)
		}
	}
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAccept(ctx, &p)
		return p, err
	})
}

func beginAcceptPasskey(ctx context.Context, a *ask) error {
	var form page.PasskeyForm
	if err := a.read(&form); err != nil {
		return err
	}
	if form.Name == "" {
		form.Name = "My passkey"
	}
	options, err := a.app().BeginAcceptPasskey(ctx, a.from, a.id("token"), form.Name)
	if err != nil {
		return err
	}
	return a.send(http.StatusOK, "application/json", options)
}

func finishAcceptPasskey(ctx context.Context, a *ask) error {
	response, err := a.readJSON()
	if err != nil {
		return err
	}
	signed, err := a.app().FinishAcceptPasskey(ctx, a.who, a.from, a.id("token"), response)
	if err != nil {
		return err
	}
	return a.signedIn(signed, "/me")
}
