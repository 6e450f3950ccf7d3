package app

import (
	"context"

	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
)

// orderAlerts orders what a walk has called for and was not ordered yet: one alert for
// each role and step, in their order. A rehearsal calls nobody. It is a part of the
// act by which the walk came there.
func (a *App) orderAlerts(ctx context.Context, act *acting, c *caseFile, w *walk.Walk) error {
	wanted := w.Alerts()
	if len(wanted) == 0 || !c.Running || c.Class == string(automaton.NoRecord) {
		return nil
	}
	have, err := act.AlertsOf(ctx, c.ID)
	if err != nil || len(have) >= len(wanted) {
		return err
	}
	rules, err := a.rulesOf(ctx, act.Tx)
	if err != nil { // somebody is told all the same
		a.log.Error("the ladders cannot be read; those that everybody has at first are used", "err", err)
		rules = notify.Defaults()
	}
	for i := len(have); i < len(wanted); i++ {
		order := alertOrder(w, wanted[i], rules)
		if _, err := a.beginAlert(ctx, act.Tx, store.Alert{Case: c.ID, Nth: i + 1, Branch: c.Branch}, c, order); err != nil {
			return err
		}
	}
	act.topics = append(act.topics, string(c.ID), topicCases, topicAlerts)
	return nil
}

// emergencyLine is the line that a step with haste has called.
const emergencyLine = "emergency"

// alertOrder is what an alert of a walk is ordered with. There is haste where the step
// that calls for somebody also has the emergency line called.
func alertOrder(w *walk.Walk, of walk.Alert, rules []notify.Rule) notify.Order {
	role, severity := people.Role(of.Role), notify.Calm
	p := w.Plan().Program
	for _, m := range p.Steps[of.Step].Makes {
		if p.Facts[m].Kind == automaton.Called && p.Facts[m].Name == emergencyLine {
			severity = notify.Urgent
		}
	}
	return notify.Order{Role: role, Purpose: notify.Need, Ladder: notify.Choose(rules, notify.Class(w.Record()), severity, role)}
}

// orderWaiting orders the alerts of a walk whose events waited on a device, once all
// that came with them is kept: where the walk is over by then, nobody is called.
func (a *App) orderWaiting(ctx context.Context, who Who, id store.CaseID) error {
	var topics []string
	err := a.store.Write(ctx, who.Library, func(tx *store.Tx) error {
		c, err := a.openCase(ctx, tx, id)
		if err != nil || !c.Running {
			return unlessMissing(err)
		}
		w, err := a.fold(ctx, tx, c)
		if err != nil {
			return err
		}
		act := &acting{Tx: tx, who: who, now: a.now()}
		if err := a.orderAlerts(ctx, act, c, w); err != nil {
			return err
		}
		topics = act.topics
		return a.notify(ctx, tx, topics)
	})
	if err == nil {
		a.tell(topicsOf(who.Library, topics))
	}
	return err
}

// goOn asks what is to be done now by a phone tree, keeps that and what was added
// before, and adds what is to be sent as jobs.
func (a *App) goOn(ctx context.Context, tx *store.Tx, f *alertFile, plan *notify.Plan) error {
	now := a.now()
	if f.now.IsOver() {
		if err := a.keepAlert(ctx, tx, f); err != nil {
			return err
		}
		return a.armAlert(ctx, tx, f, now)
	}
	look := now
	for _, do := range notify.Next(f.now, plan, now) {
		if err := a.doNext(ctx, tx, f, do); err != nil {
			return err
		}
		if !do.Look.IsZero() {
			look = do.Look
		}
	}
	if f.Purpose != string(notify.Need) && f.now.IsResting() { // a try ends when it was heard by nobody
		if err := f.now.Add(notify.Event{Kind: notify.CalledOff, At: now}); err != nil {
			return fault.Broken(err)
		}
	}
	if err := a.keepAlert(ctx, tx, f); err != nil {
		return err
	}
	return a.armAlert(ctx, tx, f, look)
}

func (a *App) doNext(ctx context.Context, tx *store.Tx, f *alertFile, do notify.Do) error {
	if do.Record != nil {
		if err := f.now.Add(*do.Record); err != nil {
			return fault.Broken(err)
		}
	}
	if do.Send == nil {
		return nil
	}
	if f.of != nil { // so that they are let in
		if err := tx.Tie(ctx, f.of.ID, do.Send.Person, store.Told); err != nil {
			return err
		}
	}
	if err := tx.AddAttempt(ctx, string(do.Send.ID), f.ID); err != nil {
		return err
	}
	return a.arm(ctx, tx, jobSend, string(do.Send.ID), a.now())
}
