package web

import (
	"context"
	"net/http"
	"net/url"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

func showDevices(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	if err := a.enter(access.OfferEnrol); err != nil {
		return err
	}
	list, err := a.app().Devices(ctx, a.who, library)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	p := page.Devices{Frame: f, MayEnrol: a.may(access.OfferEnrol)}
	for _, d := range list {
		row := page.DeviceRow{ID: string(d.ID), Name: d.Name, Branch: names[d.Branch], Enrolled: d.Enrolled.In(h.zone), This: d.This, MayEnd: d.MayEnd}
		if !d.Revoked.IsZero() {
			row.Revoked = d.Revoked.In(h.zone)
		}
		p.Devices = append(p.Devices, row)
	}
	return a.show(http.StatusOK, p)
}

func showOfferDevice(ctx context.Context, a *ask) error {
	if err := a.enter(access.OfferEnrol); err != nil {
		return err
	}
	p := page.OfferDevice{Form: page.DeviceForm{Branch: string(a.who.Branch)}}
	if err := a.fillOfferDevice(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillOfferDevice(ctx context.Context, p *page.OfferDevice) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	p.Form.Branches, err = a.branchChoices(ctx, "")
	return err
}

func postOfferDevice(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.OfferDevice
	var offer app.DeviceOffer
	if err := a.enter(access.OfferEnrol); err != nil {
		return err
	}
	err = a.read(&p.Form)
	if err == nil && p.Form.Branch == "" {
		var wrong fault.Fields
		wrong.Add("branch", "Choose the branch where the device stands.")
		err = wrong.Err()
	}
	if err == nil {
		offer, err = a.app().OfferEnrol(ctx, a.who, library, people.BranchID(p.Form.Branch), p.Form.Name)
	}
	if err != nil {
		return a.again(err, &p.Form.Form, func() (page.Page, error) {
			err := a.fillOfferDevice(ctx, &p)
			return p, err
		})
	}
	return a.showDeviceCode(ctx, offer)
}

// showDeviceCode shows the code once, as the answer to the press that made it.
func (a *ask) showDeviceCode(ctx context.Context, offer app.DeviceOffer) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	origin, err := a.origin(ctx)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	p := page.DeviceCode{
		Frame: f, Name: offer.Name, Branch: names[offer.Branch], Typed: offer.Code, Address: origin + "/enrol", Until: offer.Until.In(h.zone),
	}
	// The code stands behind "#", so that it is in no log of any server on the way.
	// Without script the device shows the page, and the code is typed.
	if p.Code, err = page.QR(origin + "/enrol#" + url.PathEscape(offer.Code)); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func revokeDevice(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	id, err := people.ParseID[people.DeviceID](form.Device)
	if err != nil {
		return fault.Missing().Because(err)
	}
	if form.Sure != "yes" {
		f, err := a.frame(ctx)
		if err != nil {
			return err
		}
		return a.show(http.StatusOK, page.Confirm{
			Frame: f, At: page.AtManage, Title: "Revoke this device?", Button: "Revoke the device", Post: "/manage/devices/revoke", Back: "/manage/devices",
			Means:  []string{"It cannot start or continue a guide any more, and what it kept for its own screen cannot be opened.", "You can enrol it again with a new code."},
			Hidden: []page.Hidden{{Name: "device", Value: string(id)}, {Name: "sure", Value: "yes"}},
		})
	}
	if err := a.app().RevokeDevice(ctx, a.who, library, id); err != nil {
		return err
	}
	return a.to("/manage/devices")
}
