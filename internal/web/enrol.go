package web

import (
	"context"
	"net/http"

	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

func showEnrol(ctx context.Context, a *ask) error {
	var p page.Enrol
	if err := a.fillEnrol(ctx, &p); err != nil {
		return err
	}
	if err := a.markForm(); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillEnrol(ctx context.Context, p *page.Enrol) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	p.Frame.Nav = nil
	if a.who.Device == nil {
		return nil
	}
	at, err := a.app().Address(ctx)
	if err != nil {
		return err
	}
	p.Done, p.Name, p.Misses = true, a.who.Device.Name, at.Off
	p.Works = []string{"Guides start with one tap, with no sign-in.", "A walk that runs on this device can be continued on it."}
	return nil
}

// postEnrol enrols the device: its cookie is what it is known by from now on. The
// page that says so is another, so that a reload enrols nothing.
func postEnrol(ctx context.Context, a *ask) error {
	var p page.Enrol
	err := a.read(&p.Form)
	if err == nil {
		var token string
		var device people.Device
		device, token, err = a.app().Enrol(ctx, a.who, a.from, p.Form.Code, "")
		if err == nil && device.ID != "" {
			deviceCookie.set(a.w, a.tls, token)
			return a.to("/enrol")
		}
	}
	return a.again(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillEnrol(ctx, &p)
		p.Done = false
		return p, err
	})
}
