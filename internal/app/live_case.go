package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// What somebody who follows a walk does to it from elsewhere: a line to the desk,
// taking charge. Both are events of the walk, sealed and destroyed with it, and move
// nothing.

// DeskLine is a line that was sent to the desk.
type DeskLine struct {
	ID   walk.EventID
	Text string
	Name string // "" if it is not known any more
	Role people.Role
	At   time.Time
	Seen time.Time // when the desk's page first said that it had shown it; zero while it has not
	Mine bool
}

// ChargeMark says who took charge of a case, and when.
type ChargeMark struct {
	Name string // "" if it is not known any more
	Role people.Role
	At   time.Time
	Mine bool
}

// Outside is what was done to a walk from elsewhere, and what whoever asks may do.
type Outside struct {
	Lines  []DeskLine  // in the order in which they were sent
	Charge *ChargeMark // nil while nobody took charge
	// MayLine and MayCharge say that there is something to offer: each act asks
	// again.
	MayLine, MayCharge bool
}

// Outside returns what was done to a walk from elsewhere, for whoever follows it and
// for the desk.
func (a *App) Outside(ctx context.Context, who Who, id store.CaseID) (o Outside, err error) {
	var c *caseFile
	var lines []walk.Told
	var charge *walk.Event
	err = a.look(ctx, who, access.ReadWalk, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		w, err := a.fold(ctx, tx, c)
		if err != nil {
			return err
		}
		lines = w.Lines()
		if e, ok := w.Charge(); ok {
			charge = &e
		}
		subject := c.subject(tx.Tenant(), who)
		o.MayLine = c.Running && may(who, access.SendLine, subject, now)
		o.MayCharge = charge == nil && may(who, access.TakeCharge, subject, now)
		return nil
	})
	if err != nil || len(lines) == 0 && charge == nil {
		return o, err
	}
	called, err := a.namesAt(ctx, who.Library)
	if err != nil {
		return o, err
	}
	mine := func(e walk.Event) bool { return who.Pseudonym != "" && e.Who == string(who.Pseudonym) }
	for _, l := range lines {
		line := DeskLine{ID: l.ID, Text: l.Text, Name: called(l.Who), Role: people.Role(l.Role), At: l.Received, Mine: mine(l.Event)}
		if l.Seen != nil {
			line.Seen = l.Seen.Received
		}
		o.Lines = append(o.Lines, line)
	}
	if charge != nil {
		o.Charge = &ChargeMark{called(charge.Who), people.Role(charge.Role), charge.Received, mine(*charge)}
	}
	return o, nil
}

// namesAt returns what calls people of a library by name, "" where that is not known.
func (a *App) namesAt(ctx context.Context, library people.LibraryID) (func(string) string, error) {
	var named map[people.Pseudonym]people.Person
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		named, err = a.names(ctx, tx, library)
		return err
	})
	return func(of string) string { return named[people.Pseudonym(of)].Name }, err
}

// actingRoles is in which role somebody acts who has several, the first one first.
var actingRoles = []people.Role{people.Director, people.InCharge, people.SafetyLead, people.Counsel, people.Trainer, people.RoomOfficer, people.Desk}

// actingRole is the role in which somebody acts at a branch: one that they have there,
// or, if they are let in by a tie, one that they have elsewhere in the library.
func (w Who) actingRole(library people.LibraryID, branch people.BranchID, now time.Time) people.Role {
	for _, there := range []bool{true, false} {
		for _, role := range actingRoles {
			if slices.ContainsFunc(w.Memberships, func(m people.Membership) bool {
				return m.Person == w.Person && m.Role == role && m.Holds(now) && (m.Covers(library, branch) || !there && m.Library == library)
			}) {
				return role
			}
		}
	}
	return ""
}

// SendLine sends a line to the desk where a walk runs. The event's id is of the
// caller's making, so that what is sent twice is sent once; "" makes one.
func (a *App) SendLine(ctx context.Context, who Who, id store.CaseID, event walk.EventID, text string) error {
	text = strings.TrimSpace(text)
	var c *caseFile
	return a.do(ctx, who, access.SendLine, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		var problems fault.Fields
		addLine(&problems, "line", text, 1, walk.MaxLine)
		if err := problems.Err(); err != nil {
			return err
		}
		if !c.Running {
			return fault.Over("This walk has ended, and no page at the desk shows it any more.", "Call the desk.")
		}
		return a.addOutside(ctx, act, c, walk.Event{ID: event, Kind: walk.Line, Text: text})
	})
}

// TakeCharge takes charge of a case. The first one has it: to anybody else it is a
// Conflict that says who has it, and since when. Doing it again changes nothing.
func (a *App) TakeCharge(ctx context.Context, who Who, id store.CaseID) error {
	var c *caseFile
	var taken *walk.Event
	var zoned time.Time
	err := a.do(ctx, who, access.TakeCharge, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		w, err := a.fold(ctx, act.Tx, c)
		if err != nil {
			return err
		}
		if e, ok := w.Charge(); ok {
			if act.quiet = e.Who == string(act.who.Pseudonym); act.quiet {
				return nil
			}
			branch, err := act.Branch(ctx, c.Branch)
			if err != nil {
				return err
			}
			taken, zoned = &e, e.Received.In(zone(branch.TimeZone))
			return errTaken
		}
		if err := a.addOutside(ctx, act, c, walk.Event{Kind: walk.Charge}); err != nil {
			return err
		}
		return a.alertsTookOver(ctx, act, c)
	})
	if !errors.Is(err, errTaken) {
		return err
	}
	called, err := a.namesAt(ctx, who.Library)
	if err != nil {
		return err
	}
	name := called(taken.Who)
	if name == "" {
		name = "Somebody else"
	}
	return fault.Clash(fmt.Sprintf("%s has taken charge, at %s.", name, zoned.Format("15:04")), "Send a line to the desk, or follow along.").Because(errTaken)
}

var errTaken = errors.New("somebody else has taken charge")

// addOutside adds an event that somebody makes who follows a walk. It ties nobody to
// the case: whom suspected abuse has called does not know of it afterwards.
func (a *App) addOutside(ctx context.Context, act *acting, c *caseFile, e walk.Event) error {
	e.Role = string(act.who.actingRole(act.Tenant(), c.Branch, act.now))
	if e.ID == "" {
		id, err := newID[walk.EventID](a, act.now)
		if err != nil {
			return err
		}
		e.ID = id
	}
	_, err := a.addToWalk(ctx, act, c, e)
	return err
}

// SeeLine keeps that the desk has a line before its eyes. It is for whoever has the
// walk in hand; the first time counts.
func (a *App) SeeLine(ctx context.Context, who Who, id store.CaseID, line walk.EventID) error {
	var c *caseFile
	return a.do(ctx, who, access.EnterStep, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		w, err := a.fold(ctx, act.Tx, c)
		if err != nil {
			return err
		}
		lines := w.Lines()
		i := slices.IndexFunc(lines, func(l walk.Told) bool { return l.ID == line })
		if i < 0 {
			return fault.Missing()
		}
		if act.quiet = lines[i].Seen != nil; act.quiet {
			return nil
		}
		event, err := newID[walk.EventID](a, act.now)
		if err != nil {
			return err
		}
		_, err = a.addToWalk(ctx, act, c, walk.Event{ID: event, Kind: walk.Seen, Line: line})
		return err
	})
}
