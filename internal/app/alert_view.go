package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// atAlert finds an alert at the library where somebody is, and else at another where
// they have a place: a link leads there whichever library they looked at last. It
// returns them as they stand there.
func (a *App) atAlert(ctx context.Context, who Who, id AlertID) (there Who, row store.Alert, err error) {
	if _, err := people.ParseID[AlertID](string(id)); err != nil {
		return who, row, fault.Missing().Because(err)
	}
	libraries := a.librariesOf(who)
	if who.Library != "" && !slices.Contains(libraries, who.Library) { // a device has no role there
		libraries = slices.Insert(libraries, 0, who.Library)
	}
	for _, library := range libraries {
		err := a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
			row, err = tx.Alert(ctx, string(id))
			return err
		})
		if err == nil {
			there, err = a.whoAt(ctx, who, library)
			return there, row, err
		}
		if fault.KindOf(err) != fault.NotFound {
			return who, row, err
		}
	}
	return who, row, fault.Missing()
}

// onAlert finds an alert and keeps it for the rule.
func (a *App) onAlert(id AlertID, who Who, keep **alertFile) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		f, err := a.openAlert(ctx, tx, id)
		if err != nil {
			return target{}, err
		}
		*keep = f
		return f.target(tx.Tenant(), who), nil
	}
}

// followAct is the act that seeing an alert is: following its walk; of a test call or
// a drill what whoever may make one does, or whoever works at the branch, if they were
// told (see mayFollow).
func (a *App) followAct(who Who, row store.Alert) access.Act {
	if row.Case != "" {
		return access.ReadWalk
	}
	if may(who, access.TestAlert, access.Subject{Kind: access.Branch, Library: who.Library, Branch: row.Branch}, a.now()) {
		return access.TestAlert
	}
	return access.SeeHappening
}

func mayFollow(who Who, f *alertFile, now time.Time) bool {
	return f.of != nil || f.isTold(who.Pseudonym) || may(who, access.TestAlert, f.subject(who.Library, who), now)
}

func (f *alertFile) hasRead(who people.Pseudonym) bool {
	return slices.ContainsFunc(f.now.Reads(), func(m notify.Mark) bool { return m.Person == who })
}

func (f *alertFile) hasAnswered(who people.Pseudonym) bool {
	return slices.ContainsFunc(f.now.Entries(), func(e notify.Entry) bool { return e.Kind == notify.Answered && e.Person == who })
}

// roleOf is the role for which somebody was told last; "" if they were not.
func (f *alertFile) roleOf(who people.Pseudonym) people.Role {
	for _, t := range slices.Backward(f.now.Attempts()) {
		if t.Person == who {
			return t.Role
		}
	}
	return ""
}

// alertView is an alert without names.
func (a *App) alertView(ctx context.Context, tx *store.Tx, who Who, f *alertFile, now time.Time) (v AlertView, err error) {
	order := f.now.Order()
	v = AlertView{
		ID: AlertID(f.ID), Library: tx.Tenant(), Case: f.Case, Purpose: order.Purpose, Role: order.Role, Ordered: f.now.OrderedAt(),
		Resting: f.now.IsResting(), Unheard: f.now.IsUnheard(), Over: f.now.IsOver(), Mine: f.isTold(who.Pseudonym),
	}
	if v.Branch, err = tx.Branch(ctx, f.Branch); err != nil {
		return v, err
	}
	if f.of != nil {
		if v.Title, err = a.caseTitle(ctx, tx, f.of); err != nil {
			return v, err
		}
	}
	if end, ok := f.now.End(); ok {
		v.End = end.Kind
	}
	if at, ok := f.now.NextAt(); ok {
		v.NextAt, v.NextRole = at, f.nextRole()
	}
	a.fillMarks(&v, who, f)
	attempts := f.attempts()
	for _, e := range f.now.Entries() {
		v.Entries = append(v.Entries, f.entry(e, attempts))
	}
	subject := f.subject(tx.Tenant(), who)
	mayAnswer := f.of == nil || may(who, access.AnswerAlert, subject, now)
	v.MayAnswer = v.Mine && !v.Over && mayAnswer && !f.hasAnswered(who.Pseudonym)
	v.MayTakeCharge = f.of != nil && v.Charge == nil && may(who, access.TakeCharge, f.of.subject(tx.Tenant(), who), now)
	return v, nil
}

func (a *App) caseTitle(ctx context.Context, tx *store.Tx, c *caseFile) (string, error) {
	plan, err := a.plan(ctx, tx, c.head.Program)
	if err != nil {
		return "", err
	}
	sheet, err := a.sheet(ctx, tx, plan, c.head.Lang)
	if err != nil {
		return "", err
	}
	return sheet.Title, nil
}

func (a *App) fillMarks(v *AlertView, who Who, f *alertFile) {
	mark := func(m notify.Mark, late time.Duration) AlertMark {
		return AlertMark{Role: f.roleOf(m.Person), At: m.At, Late: late, Mine: m.Person == who.Pseudonym && who.Pseudonym != ""}
	}
	for _, t := range f.now.Attempts() {
		v.Attempts = append(v.Attempts, AlertAttempt{
			Role: t.Role, Channel: t.Channel, Mine: t.Person == who.Pseudonym && who.Pseudonym != "",
			Queued: t.Queued, Sent: t.Sent, Delayed: t.Delayed, Refused: t.Refused, Delivered: t.Delivered, Failed: t.Failed,
		})
	}
	for _, m := range f.now.Reads() {
		v.Reads = append(v.Reads, mark(m, 0))
	}
	if answer, ok := f.now.Answer(); ok {
		m := mark(answer.Mark, answer.Late)
		v.Answer = &m
	}
	if charge, ok := f.now.Charge(); ok {
		m := mark(charge, 0)
		v.Charge = &m
	}
}

// nextRole is who is told when the current time is over; "" where the ladder ends.
func (f *alertFile) nextRole() people.Role {
	ladder := f.now.Order().Ladder
	place, role := f.now.Place()
	switch {
	case f.now.IsResting():
		return ladder.Rungs[0].Role
	case place.Try < ladder.Rungs[place.Rung].Repeat:
		return role
	case place.Rung+1 < len(ladder.Rungs):
		return ladder.Rungs[place.Rung+1].Role
	}
	return ""
}

// placed are the kinds of events that name a place on the ladder.
var placed = []notify.Kind{notify.NobodyIn, notify.Repeated, notify.Climbed, notify.Exhausted}

// entry is an event without the name of whom it concerns.
func (f *alertFile) entry(e notify.Entry, attempts map[notify.AttemptID]notify.Attempt) AlertEntry {
	out := AlertEntry{Kind: e.Kind, At: e.At, Channel: e.Channel, Late: e.Late, Again: e.Again}
	switch {
	case e.Order != nil:
		out.Role = e.Order.Role
	case e.Attempt != "":
		out.Role, out.Channel = attempts[e.Attempt].Role, attempts[e.Attempt].Channel
	case e.Person != "":
		out.Role = f.roleOf(e.Person)
	case slices.Contains(placed, e.Kind):
		out.Role = f.now.Order().Ladder.Rungs[e.Place.Rung].Role
	}
	return out
}

func (f *alertFile) attempts() map[notify.AttemptID]notify.Attempt {
	attempts := map[notify.AttemptID]notify.Attempt{}
	for _, t := range f.now.Attempts() {
		attempts[t.ID] = t
	}
	return attempts
}

// named fills in the names of a list of alerts, for somebody who is signed in, and
// returns the first of them.
func (a *App) named(ctx context.Context, who Who, list []AlertView, files []*alertFile) (first AlertView, err error) {
	if len(list) == 0 {
		return first, nil
	}
	if who.Person == "" {
		return list[0], nil
	}
	called, err := a.namesAt(ctx, who.Library)
	if err != nil {
		return first, err
	}
	name := func(p people.Pseudonym) string { return called(string(p)) }
	for i, f := range files {
		v := &list[i]
		for n, t := range f.now.Attempts() {
			v.Attempts[n].Person = name(t.Person)
		}
		for n, m := range f.now.Reads() {
			v.Reads[n].Name = name(m.Person)
		}
		if answer, ok := f.now.Answer(); ok {
			v.Answer.Name = name(answer.Person)
		}
		if charge, ok := f.now.Charge(); ok {
			v.Charge.Name = name(charge.Person)
		}
		attempts := f.attempts()
		for n, e := range f.now.Entries() {
			if p := cmp.Or(e.Person, attempts[e.Attempt].Person); p != "" {
				v.Entries[n].Name = name(p)
			}
		}
	}
	return list[0], nil
}
