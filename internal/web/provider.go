package web

import (
	"context"
	"net/http"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

func showProvider(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadInstallation); err != nil {
		return err
	}
	var p page.SignInElsewhere
	now, err := a.fillProvider(ctx, &p)
	if err != nil {
		return err
	}
	p.Form.Name, p.Form.Issuer, p.Form.Client = now.Name, now.Issuer, now.ClientID
	return a.show(http.StatusOK, p)
}

func (a *ask) fillProvider(ctx context.Context, p *page.SignInElsewhere) (app.ProviderForm, error) {
	now, err := a.app().ReadProvider(ctx, a.who)
	if err != nil {
		return now, err
	}
	at, err := a.app().Address(ctx)
	if err != nil {
		return now, err
	}
	p.Has, p.Back = now.Issuer != "", at.Origin+app.ProviderPath
	p.Frame, err = a.frame(ctx)
	return now, err
}

func postProvider(ctx context.Context, a *ask) error {
	if err := a.enter(access.ChangeInstallation); err != nil {
		return err
	}
	var p page.SignInElsewhere
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().ChangeProvider(ctx, a.who, app.ProviderForm{Name: p.Form.Name, Issuer: p.Form.Issuer, ClientID: p.Form.Client, ClientSecret: p.Form.Secret})
	}
	p.Form.Secret = ""
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		_, err := a.fillProvider(ctx, &p)
		return p, err
	}, "/manage/provider")
}

// removeProvider asks once more, and takes the provider away when it comes back
// sure.
func removeProvider(ctx context.Context, a *ask) error {
	if err := a.enter(access.ChangeInstallation); err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if form.Sure == "yes" {
		if err := a.app().RemoveProvider(ctx, a.who); err != nil {
			return err
		}
		return a.to("/manage/provider")
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.Confirm{
		Frame: f, At: page.AtManage, Title: "Take the provider away?", Button: "Take it away", Post: "/manage/provider/remove", Back: "/manage/provider",
		Means:  []string{"Nobody signs in with it any more. Whoever has no other way in needs a new invitation.", "Links stay, and count again when the same provider comes back."},
		Hidden: []page.Hidden{{Name: "sure", Value: "yes"}},
	})
}

// fillLinks fills in the accounts elsewhere by which the person signs in.
func (a *ask) fillLinks(ctx context.Context, p *page.Me, ways app.Ways) error {
	name, err := a.app().Provider(ctx)
	if unlessHidden(err) != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p.Provider = name
	for _, link := range ways.Providers {
		row := page.ProviderLink{ID: link.ID, Name: link.Name, Made: link.Made.In(h.zone)}
		if !link.Used.IsZero() {
			row.Used = link.Used.In(h.zone)
		}
		p.Links = append(p.Links, row)
	}
	return nil
}

// linkProvider sends the browser to the provider, to link the account that the
// person has there. They come back to comeFromProvider.
func linkProvider(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return signInWords
	}
	address, keep, err := a.app().BeginProvider(ctx, a.who, a.from, app.ProviderStart{Link: true})
	if err != nil {
		return err
	}
	var p page.Me
	if err := a.fillMe(ctx, &p); err != nil {
		return err
	}
	notice, err := a.leadToProvider(address, keep)
	if err != nil {
		return err
	}
	p.Frame.Notices = append(p.Frame.Notices, notice)
	return a.show(http.StatusOK, p)
}

func removeProviderLink(ctx context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().RemoveProviderLink(ctx, a.who, form.Provider); err != nil {
		return err
	}
	return a.to("/me")
}
