package app

import (
	"context"
	"net/netip"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// HandOverOffer is a code with which another device or person takes a walk, shown
// once.
type HandOverOffer struct {
	Code  string
	Until time.Time
}

// OfferHandOver makes a code with which another device or person takes the walk.
// Until somebody does, the walk goes on where it is.
func (a *App) OfferHandOver(ctx context.Context, who Who, id store.CaseID) (offer HandOverOffer, err error) {
	var c *caseFile
	err = a.do(ctx, who, access.HandOver, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		ticket, code, err := signin.NewTicket(signin.ForHandOver, signin.HandOverLife, act.now, a.random)
		if err != nil {
			return fault.Broken(err)
		}
		offer = HandOverOffer{Code: code, Until: ticket.Until}
		return act.AddCaseTicket(ctx, id, ticket)
	})
	return offer, err
}

// TakeHandedOver takes a walk by its code, to the device or person who asks. Where
// it ran before it runs no more.
func (a *App) TakeHandedOver(ctx context.Context, who Who, place netip.Addr, code string) (id store.CaseID, err error) {
	if err := a.allowCode(place); err != nil {
		return "", err
	}
	digest, err := signin.CodeDigest(signin.ForHandOver, code)
	if err != nil {
		return "", wrongHandOver()
	}
	var c *caseFile
	var ticket signin.Ticket
	find := func(ctx context.Context, tx *store.Tx) (target, error) {
		if id, ticket, err = tx.CaseTicket(ctx, signin.ForHandOver, digest); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				err = wrongHandOver()
			}
			return target{}, err
		}
		if c, err = a.openCase(ctx, tx, id); err != nil {
			return target{}, err
		}
		on := c.target(tx.Tenant(), who)
		on.subject.Bearer = true
		return on, nil
	}
	err = a.do(ctx, who, access.TakeHandedOver, who.Library, find, func(ctx context.Context, act *acting) error {
		used, err := ticket.Use(signin.ForHandOver, digest, act.now)
		if err != nil {
			return err
		}
		if err := act.UseCaseTicket(ctx, used); err != nil {
			return err
		}
		if !c.Running {
			return fault.Over("This walk has ended, so it cannot be taken any more.", "Start the playbook again from the desk.")
		}
		return a.moveWalk(ctx, act, c)
	})
	return id, err
}

func wrongHandOver() error {
	var f fault.Fields
	f.Add("code", "This code is not one that works. Look at the other screen, and type the code as it stands there.")
	return f.Err()
}

// moveWalk moves a walk to whoever acts.
func (a *App) moveWalk(ctx context.Context, act *acting, c *caseFile) error {
	for _, device := range c.ties.Here {
		if act.who.Device == nil || device != act.who.Device.ID {
			if err := act.PutCaseDevice(ctx, c.ID, device, true); err != nil {
				return err
			}
		}
	}
	if err := act.Untie(ctx, c.ID, store.Walker); err != nil {
		return err
	}
	to := string(act.who.Pseudonym)
	if act.who.Device != nil {
		to = string(act.who.Device.ID)
	}
	if err := a.tieStart(ctx, act, c); err != nil {
		return err
	}
	act.topics = append(act.topics, topicCases)
	return a.addOwn(ctx, act, c, walk.Event{Kind: walk.HandedOver, To: to})
}

// addOwn adds an event that the act itself makes.
func (a *App) addOwn(ctx context.Context, act *acting, c *caseFile, e walk.Event) error {
	id, err := people.NewID[walk.EventID](act.now, a.random)
	if err != nil {
		return fault.Broken(err)
	}
	w, err := a.fold(ctx, act.Tx, c)
	if err != nil {
		return err
	}
	e.ID, e.Seq, e.At, e.Received = id, c.Events+1, act.now, act.now
	e.Device, e.Who = deviceOf(act.who), string(act.who.Pseudonym)
	if err := w.Apply(e); err != nil {
		return walkFault(err)
	}
	return a.keepEvent(ctx, act, c, w, e)
}

// TakeOver ties whoever is signed in at the device to the case as the one who had
// it in hand: afterwards they read and write its record.
func (a *App) TakeOver(ctx context.Context, who Who, id store.CaseID) error {
	var c *caseFile
	return a.do(ctx, who, access.TakeOver, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		if who.Pseudonym == "" {
			return fault.Refuse("Nobody is signed in here.", "Sign in first, then take the case over.")
		}
		act.topics = append(act.topics, string(id))
		if err := act.Tie(ctx, id, who.Pseudonym, store.Author); err != nil {
			return err
		}
		return act.Tie(ctx, id, who.Pseudonym, store.Assigned)
	})
}

// SayWho keeps who acted at the desk: initials as they are typed, sealed with the
// case. It may be said again; the last word counts, and all of them are kept.
func (a *App) SayWho(ctx context.Context, who Who, id store.CaseID, initials string) error {
	if err := checkInitials(initials); err != nil {
		return err
	}
	var c *caseFile
	return a.do(ctx, who, access.SayWho, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		c.head.Acted = append(c.head.Acted, initials)
		if len(c.head.Acted) > maxActed {
			return fault.Refuse("More names than that are not kept here.", "Write the others in the report.")
		}
		act.contents = []byte(initials)
		act.topics = append(act.topics, string(id))
		return a.put(ctx, act.Tx, c, false)
	})
}

// MaySayWho returns nil if somebody may say who acted in a case; a case of which they
// may not know is as missing as one that there is not.
func (a *App) MaySayWho(ctx context.Context, who Who, id store.CaseID) error {
	var c *caseFile
	return a.look(ctx, who, access.SayWho, who.Library, a.onCase(id, who, &c), func(context.Context, *store.Tx, time.Time) error { return nil })
}

// maxActed is how often it may be said who acted in one case.
const maxActed = 20

func checkInitials(text string) error {
	p := people.Person{Name: "x", Initials: text}
	var f fault.Fields
	if text == "" {
		f.Add("initials", "Write the initials of who acted.")
		return f.Err()
	}
	for _, field := range fault.FieldsOf(p.Check()) {
		if field.Name == "initials" {
			f.Add(field.Name, field.Message)
		}
	}
	return f.Err()
}

// KeepRecord keeps the record of a walk about suspected abuse, which otherwise is
// destroyed when the walk ends.
func (a *App) KeepRecord(ctx context.Context, who Who, id store.CaseID) error {
	var c *caseFile
	return a.do(ctx, who, access.KeepRecord, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		c.head.Keep = true
		act.topics = append(act.topics, string(id))
		return a.put(ctx, act.Tx, c, false)
	})
}
