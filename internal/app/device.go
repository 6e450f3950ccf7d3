package app

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// maxDeviceName is the longest name of a device, in characters.
const maxDeviceName = 60

// DeviceOffer is a code with which a device is enrolled, shown once.
type DeviceOffer struct {
	Code   string
	Name   string
	Branch people.BranchID
	Until  time.Time
}

// DeviceRow is a device of a library.
type DeviceRow struct {
	people.Device
	This   bool // it is the one that asks
	MayEnd bool
}

func checkDeviceName(name string) error {
	var f fault.Fields
	addLine(&f, "name", name, 1, maxDeviceName)
	return f.Err()
}

// onPlaceOf finds a branch of a library from within the installation. The caller
// says whether it is there.
func onPlaceOf(library people.LibraryID, branch people.BranchID, there bool) finder {
	return func(context.Context, *store.Tx) (target, error) {
		if branch == "" || !there {
			return target{}, fault.Missing()
		}
		return target{subject: access.Subject{Kind: access.Branch, Library: library, Branch: branch}, object: string(branch)}, nil
	}
}

// OfferEnrol draws a code with which one device can be enrolled at a branch within
// ten minutes, under a name that says where it stands.
func (a *App) OfferEnrol(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID, name string) (DeviceOffer, error) {
	name = strings.TrimSpace(name)
	there, err := a.isBranch(ctx, library, branch)
	if err != nil {
		return DeviceOffer{}, err
	}
	ticket, code, err := signin.NewTicket(signin.ForEnrolment, signin.EnrolmentLife, a.now(), a.random)
	if err != nil {
		return DeviceOffer{}, fault.Broken(err)
	}
	err = a.do(ctx, who, access.OfferEnrol, people.Installation, onPlaceOf(library, branch, there), func(ctx context.Context, act *acting) error {
		if err := checkDeviceName(name); err != nil {
			return err
		}
		return act.AddTicket(ctx, store.Ticket{Ticket: ticket, Library: library, Branch: branch, By: who.Person, Content: []byte(name)})
	})
	if err != nil {
		return DeviceOffer{}, err
	}
	return DeviceOffer{Code: code, Name: name, Branch: branch, Until: ticket.Until}, nil
}

// Enrol enrols the device that shows a code, under the name that was offered with
// it unless another one is given. The token is for the device's cookie, and shown
// once.
func (a *App) Enrol(ctx context.Context, who Who, place netip.Addr, code, name string) (people.Device, string, error) {
	if err := a.allowCode(place); err != nil {
		return people.Device{}, "", err
	}
	digest, err := signin.CodeDigest(signin.ForEnrolment, code)
	if err != nil {
		return people.Device{}, "", wrongEnrolment()
	}
	if who.Device != nil {
		return people.Device{}, "", fault.Clash("This device is enrolled already, as "+who.Device.Name+".",
			"To enrol it somewhere else, revoke it first.")
	}
	token, tokenDigest, err := signin.NewToken(signin.ForDevice, a.random)
	if err != nil {
		return people.Device{}, "", fault.Broken(err)
	}
	id, err := newID[people.DeviceID](a, a.now())
	if err != nil {
		return people.Device{}, "", err
	}
	var ticket store.Ticket
	var device people.Device
	find := func(ctx context.Context, tx *store.Tx) (t target, err error) {
		if ticket, err = tx.Ticket(ctx, digest); err != nil {
			if err = unlessMissing(err); err == nil {
				err = wrongEnrolment()
			}
			return t, err
		}
		on := access.Subject{Kind: access.Device, Library: ticket.Library, Branch: ticket.Branch, Device: id, Bearer: true}
		return target{subject: on, object: string(id)}, nil
	}
	err = a.do(ctx, who, access.EnrolDevice, people.Installation, find, func(ctx context.Context, act *acting) error {
		used, err := ticket.Use(signin.ForEnrolment, digest, act.now)
		if err != nil {
			return err
		}
		device = people.Device{ID: id, Library: ticket.Library, Branch: ticket.Branch, Name: offeredName(name, ticket), Enrolled: act.now}
		if err := checkDeviceName(device.Name); err != nil {
			return err
		}
		if err := act.PutTicket(ctx, used); err != nil {
			return err
		}
		return act.AddDevice(ctx, device, tokenDigest)
	})
	if err != nil {
		return people.Device{}, "", err
	}
	return device, token, nil
}

func offeredName(name string, t store.Ticket) string {
	if name = strings.TrimSpace(name); name != "" {
		return name
	}
	return string(t.Content)
}

func wrongEnrolment() error {
	return wrongCode("This is not the code that was shown, or it is too old. Write it as it is there, or ask for a new one.")
}

// onDevice finds a device of a library.
func onDevice(library people.LibraryID, id people.DeviceID, keep *people.Device) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		d, err := tx.Device(ctx, id)
		if err != nil {
			return target{}, err
		}
		if d.Library != library {
			return target{}, fault.Missing()
		}
		*keep = d
		return target{subject: deviceSubject(d), object: string(d.ID)}, nil
	}
}

func deviceSubject(d people.Device) access.Subject {
	return access.Subject{Kind: access.Device, Library: d.Library, Branch: d.Branch, Device: d.ID}
}

func revoked() error {
	return fault.Over("This device was revoked already.", "Look at the list of devices.")
}

// RenameDevice gives a device another name.
func (a *App) RenameDevice(ctx context.Context, who Who, library people.LibraryID, id people.DeviceID, name string) error {
	name = strings.TrimSpace(name)
	var d people.Device
	return a.do(ctx, who, access.RenameDevice, people.Installation, onDevice(library, id, &d), func(ctx context.Context, act *acting) error {
		if !d.Works(act.now) {
			return revoked()
		}
		if err := checkDeviceName(name); err != nil {
			return err
		}
		d.Name = name
		return act.PutDevice(ctx, d)
	})
}

// RevokeDevice takes a device out of service: it is a stranger from now on, and the
// sessions that began there end. Walks that ran there stay, for those who may take
// them over.
func (a *App) RevokeDevice(ctx context.Context, who Who, library people.LibraryID, id people.DeviceID) error {
	var d people.Device
	return a.do(ctx, who, access.RevokeDevice, people.Installation, onDevice(library, id, &d), func(ctx context.Context, act *acting) error {
		if !d.Works(act.now) {
			return revoked()
		}
		d.Revoked = act.now
		if err := act.PutDevice(ctx, d); err != nil {
			return err
		}
		return act.EndSessionsAt(ctx, id, act.now)
	})
}

// Devices lists the devices of a library that whoever asks may know of, those that
// work first.
func (a *App) Devices(ctx context.Context, who Who, library people.LibraryID) (list []DeviceRow, err error) {
	err = a.look(ctx, who, access.KnowLibrary, people.Installation, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		devices, err := tx.Devices(ctx, library)
		for _, d := range devices {
			on := deviceSubject(d)
			if !may(who, access.KnowDevice, on, now) {
				continue
			}
			list = append(list, DeviceRow{d, who.Device != nil && who.Device.ID == d.ID, d.Works(now) && may(who, access.RevokeDevice, on, now)})
		}
		return err
	})
	return list, err
}
