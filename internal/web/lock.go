package web

import (
	"context"
	"net/http"

	"roundtable/internal/signin"
	"roundtable/internal/web/page"
)

// showLock shows how to unlock the session, over whatever page it was.
func showLock(ctx context.Context, a *ask) error {
	switch {
	case a.who.Person != "":
		return a.to(a.afterUnlock(a.query("next")))
	case a.who.State != signin.Locked:
		return a.to("/signin")
	}
	p := page.Lock{Form: page.LockForm{Next: a.next(a.query("next"), "")}}
	if err := a.fillLock(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillLock(ctx context.Context, p *page.Lock) error {
	view, err := a.app().ReadLock(ctx, a.who)
	if err != nil {
		return err
	}
	p.Name, p.PIN, p.Passkeys, p.Left = view.Name, view.PIN, view.Passkeys, view.Left
	p.DeskOpen = a.who.Device != nil
	p.Kept = a.site.kept.has(a.who.Session.ID, a.site.Now())
	p.Frame, err = a.frame(ctx)
	p.Frame.Nav = nil
	return err
}

// afterUnlock returns where an unlocked session goes on: what it sent while it was
// locked comes first.
func (a *ask) afterUnlock(next string) string {
	if a.site.kept.has(a.who.Session.ID, a.site.Now()) {
		return "/lock/kept"
	}
	return a.next(next, "/desk")
}

func unlock(ctx context.Context, a *ask) error {
	var p page.Lock
	err := a.read(&p.Form)
	if a.who.Person != "" && !a.wantsJSON() {
		return a.to(a.afterUnlock(p.Form.Next)) // it was opened in another window
	}
	if a.who.Person != "" {
		// A page has locked itself and could not say so, or another window has
		// unlocked. It opens for whoever knows the secret and for nobody else.
		if err := a.lock(ctx); err != nil {
			return err
		}
	}
	if a.who.State != signin.Locked {
		return signInWords
	}
	if err == nil {
		err = a.app().Unlock(ctx, a.who, a.from, p.Form.Secret)
	}
	if err == nil {
		return a.to(a.afterUnlock(p.Form.Next))
	}
	p.Form.Secret = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		if err := a.resolve(ctx); err != nil {
			return nil, err
		}
		p.Form.Next = a.next(p.Form.Next, "")
		err := a.fillLock(ctx, &p)
		return p, err
	})
}

func lockNow(ctx context.Context, a *ask) error {
	if err := a.app().Lock(ctx, a.who); err != nil {
		return err
	}
	return a.to("/lock")
}

// lock locks the session and finds out anew who asks.
func (a *ask) lock(ctx context.Context) error {
	if err := a.app().Lock(ctx, a.who); err != nil {
		return err
	}
	return a.resolve(ctx)
}

// stay answers script that tells that the person still works here. That they were
// asked who they are is what counts.
func stay(_ context.Context, a *ask) error { return a.none() }

func beginPasskeyUnlock(ctx context.Context, a *ask) error {
	options, err := a.app().BeginPasskeyUnlock(ctx, a.who)
	if err != nil {
		return err
	}
	return a.send(http.StatusOK, "application/json", options)
}

func finishPasskeyUnlock(ctx context.Context, a *ask) error {
	response, err := a.readJSON()
	if err == nil {
		err = a.app().FinishPasskeyUnlock(ctx, a.who, response)
	}
	if err != nil {
		return err
	}
	return a.to(a.afterUnlock(a.query("next")))
}
