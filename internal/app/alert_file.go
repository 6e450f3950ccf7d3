package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// alertFile is an alert that was opened: its row, the key of its events, and what
// they come to.
type alertFile struct {
	store.Alert
	of  *caseFile // nil for a test call and a drill
	at  string    // what the key is of: its case, or the tenant itself
	key vault.CaseKey
	now *notify.Alert
}

// openAlert opens an alert: fault.Missing if it is not there, or was destroyed with
// its case.
func (a *App) openAlert(ctx context.Context, tx *store.Tx, id AlertID) (*alertFile, error) {
	row, events, err := tx.WholeAlert(ctx, string(id))
	if err != nil {
		return nil, err
	}
	var c *caseFile
	if row.Case != "" {
		if c, err = a.openCase(ctx, tx, row.Case); err != nil {
			return nil, err
		}
	}
	return a.openAlertEvents(ctx, tx, row, c, events)
}

func (a *App) openAlertRow(ctx context.Context, tx *store.Tx, row store.Alert, c *caseFile) (*alertFile, error) {
	events, err := tx.AlertEvents(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return a.openAlertEvents(ctx, tx, row, c, events)
}

func (a *App) openAlertEvents(ctx context.Context, tx *store.Tx, row store.Alert, c *caseFile, rows []store.CaseEvent) (*alertFile, error) {
	f, err := a.alertPlace(ctx, tx, row, c)
	if err != nil {
		return nil, err
	}
	events := make([]notify.Event, len(rows))
	for i, r := range rows {
		text, err := unseal(f.key, tx.Tenant(), f.at, f.field(), uint64(r.Seq), r.Sealed)
		if err != nil {
			return nil, err
		}
		if events[i], err = notify.ParseEvent(text); err != nil {
			return nil, fault.Broken(fmt.Errorf("event %d: %w", r.Seq, err))
		}
	}
	if f.now, err = notify.Fold(events); err != nil {
		return nil, fault.Broken(err)
	}
	return f, nil
}

// alertPlace finds the key under which an alert's events are.
func (a *App) alertPlace(ctx context.Context, tx *store.Tx, row store.Alert, c *caseFile) (*alertFile, error) {
	f := &alertFile{Alert: row, of: c}
	if c != nil {
		f.at, f.key = string(c.ID), c.key
		return f, nil
	}
	t, err := a.tenantOf(ctx, tx.Tenant())
	if err != nil {
		return nil, err
	}
	f.at, f.key = ownKey, t.own
	return f, nil
}

// field is where an alert's events are sealed; their version is their place in the
// order.
func (f *alertFile) field() string { return fieldAlertEvent + " " + f.ID }

// keepAlert seals and keeps what was added since the alert was opened.
func (a *App) keepAlert(ctx context.Context, tx *store.Tx, f *alertFile) error {
	entries := f.now.Entries()
	for _, e := range entries[f.Events:] {
		text, err := notify.EncodeEvent(e.Event)
		if err != nil {
			return fault.Broken(err)
		}
		f.Events++
		sealed, err := a.seal(f.key, tx.Tenant(), f.at, f.field(), uint64(f.Events), text)
		if err != nil {
			return err
		}
		if err := tx.AddAlertEvent(ctx, f.ID, f.Events, sealed); err != nil {
			return err
		}
	}
	f.Running = !f.now.IsOver()
	return tx.PutAlert(ctx, f.Alert)
}

// topics are who listens to an alert: the pages of its case, or its own. The last one
// wakes whoever sends.
func (f *alertFile) topics() []string {
	if f.of == nil {
		return []string{f.ID, topicAlerts}
	}
	return []string{string(f.of.ID), topicCases, topicAlerts}
}

// subject is what an alert is to package access: the case, which counts as running as
// long as the alert goes on, since whoever was told must be able to answer; or the
// branch, for a test call and a drill.
func (f *alertFile) subject(library people.LibraryID, who Who) access.Subject {
	if f.of == nil {
		return access.Subject{Kind: access.Branch, Library: library, Branch: f.Branch}
	}
	s := f.of.subject(library, who)
	s.Running = s.Running || f.Running
	return s
}

func (f *alertFile) target(library people.LibraryID, who Who) target {
	t := target{subject: f.subject(library, who), object: f.ID}
	if f.of != nil {
		t.object, t.commit = string(f.of.ID), &f.of.commit
	}
	return t
}

// isTold reports whether somebody was told, or at least is to be.
func (f *alertFile) isTold(who people.Pseudonym) bool {
	return who != "" && slices.ContainsFunc(f.now.Attempts(), func(t notify.Attempt) bool { return t.Person == who })
}

// attempt returns one of an alert's attempts, nil if it has none of that id.
func (f *alertFile) attempt(id notify.AttemptID) *notify.Attempt {
	list := f.now.Attempts()
	i := slices.IndexFunc(list, func(t notify.Attempt) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// addToAlert adds an event that happens now, keeps it, and has the alert looked at.
func (a *App) addToAlert(ctx context.Context, tx *store.Tx, f *alertFile, e notify.Event) error {
	if err := f.now.Add(e); err != nil {
		return fault.Broken(err)
	}
	if err := a.keepAlert(ctx, tx, f); err != nil {
		return err
	}
	return a.armAlert(ctx, tx, f, e.At)
}

// armAlert sets when an alert is looked at, or that it is looked at no more.
func (a *App) armAlert(ctx context.Context, tx *store.Tx, f *alertFile, due time.Time) error {
	if !f.Running {
		return tx.DropJob(ctx, jobAlert, f.ID)
	}
	return a.arm(ctx, tx, jobAlert, f.ID, due)
}

// beginAlert makes an alert from its order. That it is sent is left to its job, so
// that nothing that is wrong with a phone tree keeps a desk from going on.
func (a *App) beginAlert(ctx context.Context, tx *store.Tx, row store.Alert, c *caseFile, o notify.Order) (*alertFile, error) {
	now := a.now()
	id, err := newID[AlertID](a, now)
	if err != nil {
		return nil, err
	}
	branch, err := tx.Branch(ctx, row.Branch)
	if err != nil {
		return nil, err
	}
	row.ID, row.Purpose, row.Running, row.Day = string(id), string(o.Purpose), true, store.DayOf(now, zone(branch.TimeZone))
	o.Alert, o.Branch = id, row.Branch
	f, err := a.alertPlace(ctx, tx, row, c)
	if err != nil {
		return nil, err
	}
	if f.now, err = notify.Fold([]notify.Event{{Kind: notify.Ordered, At: now, Order: &o}}); err != nil {
		return nil, fault.Broken(err)
	}
	if err := tx.AddAlert(ctx, f.Alert); err != nil {
		return nil, err
	}
	if err := a.keepAlert(ctx, tx, f); err != nil {
		return nil, err
	}
	return f, a.armAlert(ctx, tx, f, now)
}

// runningAlerts opens the alerts of a case that go on.
func (a *App) runningAlerts(ctx context.Context, tx *store.Tx, c *caseFile) ([]*alertFile, error) {
	rows, err := tx.AlertsOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var list []*alertFile
	for _, row := range rows {
		if !row.Running {
			continue
		}
		f, err := a.openAlertRow(ctx, tx, row, c)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// addToRunning adds an event to every alert of a case that goes on, as a part of an
// act, and reports how many there were.
func (a *App) addToRunning(ctx context.Context, act *acting, c *caseFile, e notify.Event) (int, error) {
	list, err := a.runningAlerts(ctx, act.Tx, c)
	if err != nil {
		return 0, err
	}
	e.At = act.now
	for _, f := range list {
		if err := a.addToAlert(ctx, act.Tx, f, e); err != nil {
			return 0, err
		}
		act.topics = append(act.topics, f.topics()...)
	}
	return len(list), nil
}

// alertsTookOver tells the alerts of a case that whoever acts has taken charge of it.
// That answers them.
func (a *App) alertsTookOver(ctx context.Context, act *acting, c *caseFile) error {
	_, err := a.addToRunning(ctx, act, c, notify.Event{Kind: notify.TookOver, Person: act.who.Pseudonym})
	return err
}

// alertsWalkEnded tells the alerts of a case that its walk is over. They go on.
func (a *App) alertsWalkEnded(ctx context.Context, act *acting, c *caseFile) error {
	_, err := a.addToRunning(ctx, act, c, notify.Event{Kind: notify.WalkEnded})
	return err
}
