package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/web/page"
)

// showSignIn shows how to sign in.
func showSignIn(ctx context.Context, a *ask) error {
	if a.who.Person != "" {
		return a.to(a.next(a.query("next"), "/desk"))
	}
	if ready, err := a.isSetUp(ctx); err != nil {
		return err
	} else if !ready {
		return a.to("/setup")
	}
	p := page.SignIn{Form: page.SignInForm{Next: a.next(a.query("next"), "")}}
	return a.showSignInPage(ctx, p)
}

func (a *ask) showSignInPage(ctx context.Context, p page.SignIn) error {
	if err := a.fillSignIn(ctx, &p); err != nil {
		return err
	}
	if err := a.markForm(); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillSignIn(ctx context.Context, p *page.SignIn) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	p.Frame.Nav, p.DeskOpen = nil, a.who.Device != nil
	if a.site.Welcome != "" {
		p.Frame.Notices = append(p.Frame.Notices, page.Notice{Text: a.site.Welcome})
	}
	if p.Passkeys, p.NoPasskey, err = a.app().PasskeysWork(ctx); err != nil {
		return err
	}
	name, err := a.app().Provider(ctx)
	if err == nil && name != "" {
		p.Providers = []page.Provider{{ID: "provider", Name: name}}
	}
	return unlessHidden(err)
}

// markForm gives a stranger's browser a token of its own, by which a double press
// is known from somebody else's.
func (a *ask) markForm() error {
	if a.known() || formCookie.read(a.r, a.tls) != "" {
		return nil
	}
	token, err := randomText(a.site.Random, 16)
	if err == nil {
		formCookie.set(a.w, a.tls, token)
	}
	return err
}

func postSignIn(ctx context.Context, a *ask) error {
	var p page.SignIn
	err := a.read(&p.Form)
	if err == nil {
		var signed app.SignedIn
		signed, err = a.app().SignIn(ctx, a.who, a.from, app.SignInForm{Mail: p.Form.Name, Password: p.Form.Password})
		if err == nil {
			return a.signedIn(signed, p.Form.Next)
		}
	}
	p.Form.Password = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		p.Form.Next = a.next(p.Form.Next, "")
		err := a.fillSignIn(ctx, &p)
		return p, err
	})
}

// signedIn leads on from a sign-in: to the code that is still asked for, or to where
// the person wanted to go. A new session has a new token, always.
func (a *ask) signedIn(signed app.SignedIn, next string) error {
	next = a.next(next, "/desk")
	if signed.Token == "" {
		stepCookie.set(a.w, a.tls, signed.Half)
		to := "/signin/code"
		if next != "/desk" {
			to += "?next=" + url.QueryEscape(next)
		}
		return a.to(to)
	}
	sessionCookie.set(a.w, a.tls, signed.Token)
	if stepCookie.read(a.r, a.tls) != "" {
		stepCookie.clear(a.w, a.tls)
	}
	return a.to(next)
}

func showSignInCode(ctx context.Context, a *ask) error {
	if stepCookie.read(a.r, a.tls) == "" {
		return a.to("/signin")
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	f.Nav = nil
	form := page.CodeForm{Next: a.next(a.query("next"), "")}
	if a.route.path == "/signin/recovery" {
		return a.show(http.StatusOK, page.SignInRecovery{Frame: f, Form: form})
	}
	return a.show(http.StatusOK, page.SignInCode{Frame: f, Form: form})
}

func postSignInCode(ctx context.Context, a *ask) error {
	if stepCookie.read(a.r, a.tls) == "" {
		return a.to("/signin") // it took too long, or was never begun
	}
	var p page.SignInCode
	err := a.read(&p.Form)
	if err == nil {
		var signed app.SignedIn
		signed, err = a.app().SignInCode(ctx, a.who, a.from, stepCookie.read(a.r, a.tls), p.Form.Code)
		if err == nil {
			return a.signedIn(signed, p.Form.Next)
		}
	}
	p.Form.Code = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		f, err := a.frame(ctx)
		f.Nav, p.Form.Next = nil, a.next(p.Form.Next, "")
		p.Frame = f
		return p, err
	})
}

func postSignInRecovery(ctx context.Context, a *ask) error {
	if stepCookie.read(a.r, a.tls) == "" {
		return a.to("/signin")
	}
	var p page.SignInRecovery
	err := a.read(&p.Form)
	if err == nil {
		var signed app.SignedIn
		signed, err = a.app().SignInRecovery(ctx, a.who, a.from, stepCookie.read(a.r, a.tls), p.Form.Code)
		if err == nil {
			return a.signedIn(signed, p.Form.Next)
		}
	}
	p.Form.Code = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		f, err := a.frame(ctx)
		f.Nav, p.Form.Next = nil, a.next(p.Form.Next, "")
		p.Frame = f
		return p, err
	})
}

// readJSON returns what script sent: JSON, bounded already.
func (a *ask) readJSON() ([]byte, error) {
	if err := a.readBody(); err != nil {
		return nil, err
	}
	if !json.Valid(a.body) {
		return nil, &refusal{outcome: notForm}
	}
	return a.body, nil
}

func beginPasskeySignIn(ctx context.Context, a *ask) error {
	options, err := a.app().BeginPasskeySignIn(ctx, a.from)
	if err != nil {
		return err
	}
	return a.send(http.StatusOK, "application/json", options)
}

func finishPasskeySignIn(ctx context.Context, a *ask) error {
	response, err := a.readJSON()
	if err != nil {
		return err
	}
	signed, err := a.app().FinishPasskeySignIn(ctx, a.who, a.from, response)
	if err != nil {
		return err
	}
	return a.signedIn(signed, a.query("next"))
}

// goToProvider sends the browser to the provider. It is not led there by a redirect,
// which form-action forbids to a form in some browsers: a page leads on by itself,
// and has a link.
func goToProvider(ctx context.Context, a *ask) error {
	address, keep, err := a.app().BeginProvider(ctx, a.who, a.from, app.ProviderStart{})
	var p page.SignIn
	if err != nil {
		return a.again(err, &p.Form.Form, func() (page.Page, error) {
			err := a.fillSignIn(ctx, &p)
			return p, err
		})
	}
	if err := a.fillSignIn(ctx, &p); err != nil {
		return err
	}
	notice, err := a.leadToProvider(address, keep)
	if err != nil {
		return err
	}
	p.Frame.Notices = []page.Notice{notice}
	return a.show(http.StatusOK, p)
}

// leadToProvider has the page that is shown next lead on to the provider, and
// returns what to tell on it.
func (a *ask) leadToProvider(address, keep string) (page.Notice, error) {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(address, ";\"'<> \r\n") {
		return page.Notice{}, &refusal{notNow, err}
	}
	stepCookie.set(a.w, a.tls, keep)
	a.w.Header().Set("Refresh", "0;url="+address)
	return page.Notice{Text: "You sign in at another place now, and come back here afterwards.", Link: page.Link{Words: "Go on", Href: address}}, nil
}

// comeFromProvider takes what the provider says. A browser comes back by GET, so
// this is the one address where looking does something; what was begun is found by
// the cookie of the browser that began it, and once.
func comeFromProvider(ctx context.Context, a *ask) error {
	if stepCookie.read(a.r, a.tls) == "" {
		return a.to("/signin")
	}
	query, err := url.ParseQuery(a.r.URL.RawQuery)
	if err != nil {
		return &refusal{outcome: notForm}
	}
	signed, err := a.app().FinishProvider(ctx, a.who, a.from, stepCookie.read(a.r, a.tls), query)
	switch {
	case err != nil && a.who.Person == "":
		var p page.SignIn
		return a.again(err, &p.Form.Form, func() (page.Page, error) {
			err := a.fillSignIn(ctx, &p)
			return p, err
		})
	case err != nil:
		return err
	case signed.Token == "" && signed.Half == "": // it was linked, and nobody signed in
		stepCookie.clear(a.w, a.tls)
		return a.to("/me")
	}
	return a.signedIn(signed, "")
}

func signOut(ctx context.Context, a *ask) error {
	if err := a.app().SignOut(ctx, a.who); err != nil {
		return err
	}
	sessionCookie.clear(a.w, a.tls)
	a.w.Header().Set("Clear-Site-Data", `"cache"`)
	return a.to("/signin")
}
