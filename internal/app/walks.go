package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
	"roundtable/internal/words"
	"roundtable/ledger"
	"roundtable/playbook/automaton"
)

// StartForm says which playbook is walked. The ids are of the maker's making when
// the walk began without a network; else they are made here.
type StartForm struct {
	Playbook string
	Lang     string          // "" is English
	Branch   people.BranchID // "" is where who asks is
	Case     store.CaseID
	Event    walk.EventID
	At       time.Time // by the device's clock; zero is now

	// waited says that it waited on a device: its alerts are ordered once all that
	// came with it is kept.
	waited bool
	key    *vault.CaseKey // if it was made ahead
}

// StartWalk begins a walk and returns its case. Doing it again with the same ids
// changes nothing and returns the same.
func (a *App) StartWalk(ctx context.Context, who Who, f StartForm) (store.CaseID, error) {
	if f.Branch == "" {
		f.Branch = who.Branch
	}
	if err := a.fillStart(&f); err != nil {
		return "", err
	}
	if err := a.keyAhead(ctx, who, &f); err != nil {
		return "", err
	}
	err := a.do(ctx, who, access.StartWalk, who.Library, onBranch(f.Branch), func(ctx context.Context, act *acting) error {
		act.opened = access.ReadWalk // whoever begins a walk is shown it next
		if existing, err := act.Case(ctx, f.Case); err == nil {
			act.quiet = true // sent twice: the first one counts
			return a.mustHaveStarted(ctx, act.Tx, existing.ID, f.Event)
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
		return a.startWalk(ctx, act, f)
	})
	return f.Case, err
}

// keyAhead makes the key of a walk that somebody may begin, before the others of the
// library wait for it: that a key is durable takes a while. It decides nothing.
func (a *App) keyAhead(ctx context.Context, who Who, f *StartForm) error {
	if who.enters(who.Library) != nil {
		return nil
	}
	wanted := false
	err := a.store.Read(ctx, who.Library, func(tx *store.Tx) error {
		on, err := onBranch(f.Branch)(ctx, tx)
		if err != nil || !may(who, access.StartWalk, on.subject, a.now()) {
			return nil
		}
		if gone, err := tx.WasDestroyed(ctx, f.Case); err != nil || gone {
			return err
		}
		_, err = tx.Adoption(ctx, f.Playbook)
		wanted = err == nil
		return nil
	})
	if err != nil || !wanted {
		return err
	}
	key, err := a.keyToBegin(ctx, who.Library, f.Case)
	f.key = &key
	return err
}

func (a *App) fillStart(f *StartForm) (err error) {
	now := a.now()
	if f.Lang == "" {
		f.Lang = "en"
	}
	if f.At.IsZero() {
		f.At = now
	}
	if f.Case == "" {
		if f.Case, err = people.NewID[store.CaseID](now, a.random); err != nil {
			return fault.Broken(err)
		}
	} else if _, err := people.ParseID[store.CaseID](string(f.Case)); err != nil {
		return fault.Missing().Because(err)
	}
	if f.Event == "" {
		if f.Event, err = people.NewID[walk.EventID](now, a.random); err != nil {
			return fault.Broken(err)
		}
	}
	return nil
}

// mustHaveStarted checks that a case which is there was begun by the same event:
// otherwise somebody else uses its id.
func (a *App) mustHaveStarted(ctx context.Context, tx *store.Tx, id store.CaseID, event walk.EventID) error {
	seq, err := tx.CaseEventSeq(ctx, id, string(event))
	if err != nil && fault.KindOf(err) == fault.NotFound || err == nil && seq != 1 {
		return fault.Clash("This walk was begun by somebody else.", "Start the playbook again from the desk.")
	}
	return err
}

func (a *App) startWalk(ctx context.Context, act *acting, f StartForm) error {
	adopted, err := act.Adoption(ctx, f.Playbook)
	if err != nil {
		return err
	}
	plan, err := a.plan(ctx, act.Tx, adopted.Hash)
	if err != nil {
		return err
	}
	sheet, err := a.sheet(ctx, act.Tx, plan, f.Lang)
	if err != nil {
		return err
	}
	known, err := given(ctx, act.Tx, sheet)
	if err != nil {
		return err
	}
	settings, err := plan.Settings(known)
	if err != nil {
		return fault.Broken(err)
	}
	return a.beginWalk(ctx, act, f, plan, walk.Event{
		ID: f.Event, Kind: walk.Started, At: f.At, Playbook: f.Playbook, Program: plan.Hash, Lang: sheet.Lang, Given: settings,
	})
}

// beginWalk makes the case of a walk from its first event.
func (a *App) beginWalk(ctx context.Context, act *acting, f StartForm, plan *walk.Plan, started walk.Event) error {
	if gone, err := act.WasDestroyed(ctx, f.Case); err != nil {
		return err
	} else if gone {
		return destroyed()
	}
	started.Seq, started.Received, started.Device, started.Who = 1, act.now, deviceOf(act.who), string(act.who.Pseudonym)
	w, err := plan.Begin(started)
	if err != nil {
		return walkFault(err)
	}
	branch, err := act.Branch(ctx, f.Branch)
	if err != nil {
		return err
	}
	c := &caseFile{head: head{Playbook: started.Playbook, Program: plan.Hash, Lang: started.Lang, Began: act.now}, waited: f.waited}
	c.ID, c.Branch, c.Running, c.Events = f.Case, f.Branch, true, 1
	c.Day = store.DayOf(act.now, zone(branch.TimeZone))
	c.follow(w)
	if f.key != nil {
		c.key = *f.key
	} else if c.key, err = a.keyToBegin(ctx, act.Tenant(), c.ID); err != nil {
		return err
	}
	if c.commit, err = commitKey(c.key); err != nil {
		return err
	}
	if err := a.put(ctx, act.Tx, c, true); err != nil {
		return err
	}
	if err := a.tieStart(ctx, act, c); err != nil {
		return err
	}
	act.object, act.sealed, act.commit = string(c.ID), c.Case.Sealed, &c.commit
	act.topics = append(act.topics, topicCases)
	if err := a.addEvent(ctx, act, c, started); err != nil {
		return err
	}
	if !c.waited {
		if err := a.orderAlerts(ctx, act, c, w); err != nil {
			return err
		}
	}
	return a.armLeave(ctx, act.Tx, c.ID, w)
}

// keyToBegin makes the key of a new case. One that is there already was left by a
// start which did not commit, and whose device now tries again.
func (a *App) keyToBegin(ctx context.Context, library people.LibraryID, id store.CaseID) (vault.CaseKey, error) {
	key, err := a.openKey(ctx, library, string(id))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return a.makeKey(ctx, library, string(id))
	}
	return key, err
}

// tieStart ties whoever begins a walk to it: the device on which it runs, and the
// person if somebody is signed in.
func (a *App) tieStart(ctx context.Context, act *acting, c *caseFile) error {
	if act.who.Device != nil {
		if err := act.PutCaseDevice(ctx, c.ID, act.who.Device.ID, false); err != nil {
			return err
		}
	}
	if act.who.Pseudonym == "" {
		return nil
	}
	if err := act.Tie(ctx, c.ID, act.who.Pseudonym, store.Author); err != nil {
		return err
	}
	if act.who.Device != nil {
		return nil // it is walked at the device
	}
	return act.Tie(ctx, c.ID, act.who.Pseudonym, store.Walker)
}

func deviceOf(who Who) walk.DeviceID {
	if who.Device == nil {
		return ""
	}
	return walk.DeviceID(who.Device.ID)
}

// zone is a time zone by its name; UTC where this machine does not know it.
func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return z
}

// follow makes the case's row and head say what its walk says.
func (c *caseFile) follow(w *walk.Walk) {
	record := w.Record()
	c.Class = string(record)
	c.Case.Sealed = c.Case.Sealed || record == automaton.Abuse
	if step, ok := w.Step(); ok {
		c.head.Step = step
	}
	if outcome, ok := w.Outcome(); ok {
		c.head.Outcome = outcome
		if choice, ended := w.End(); ended {
			c.head.Owner = people.Role(choice.Owner)
		}
	}
}

// addEvent seals an event and keeps it. What the entry of the act commits to is
// the event itself, so that a leaf can be held against the record.
func (a *App) addEvent(ctx context.Context, act *acting, c *caseFile, e walk.Event) error {
	text, err := json.Marshal(e)
	if err != nil {
		return fault.Broken(err)
	}
	sealed, err := a.seal(c.key, act.Tenant(), string(c.ID), fieldEvent, uint64(e.Seq), text)
	if err != nil {
		return err
	}
	act.id, act.contents = string(e.ID), text
	return act.AddCaseEvent(ctx, c.ID, store.CaseEvent{Seq: e.Seq, ID: string(e.ID), Sealed: sealed})
}

// fold makes a case's walk from its events.
func (a *App) fold(ctx context.Context, tx *store.Tx, c *caseFile) (*walk.Walk, error) {
	rows := c.events
	if len(rows) != c.Events {
		var err error
		if rows, err = tx.CaseEvents(ctx, c.ID, 0); err != nil {
			return nil, err
		}
	}
	plan, err := a.plan(ctx, tx, c.head.Program)
	if err != nil {
		return nil, err
	}
	events := make([]walk.Event, len(rows))
	for i, row := range rows {
		text, err := unseal(c.key, tx.Tenant(), string(c.ID), fieldEvent, uint64(row.Seq), row.Sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &events[i]); err != nil {
			return nil, fault.Broken(fmt.Errorf("event %d of a case: %w", row.Seq, err))
		}
		events[i].Seq = row.Seq
	}
	w, err := plan.Fold(events)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return w, nil
}

// actOf says which act an event is.
func actOf(kind walk.Kind) (access.Act, bool) {
	switch kind {
	case walk.Entered:
		return access.EnterStep, true
	case walk.Chose, walk.WentBack:
		return access.Move, true
	case walk.Ticked, walk.Recorded, walk.Said, walk.Called, walk.Observed, walk.Corrected:
		return access.WriteInStep, true
	case walk.Noted:
		return access.AddNote, true
	case walk.Pictured:
		return access.AddPhoto, true
	case walk.Ended:
		return access.EndWalk, true
	}
	return "", false
}

// Record adds an event to a walk, kept when it returns. The event's id is of its
// maker's making; sent twice it changes nothing the second time. A move that
// follows another event than the walk's last is kept, and moves nothing: late says
// so.
func (a *App) Record(ctx context.Context, who Who, id store.CaseID, e walk.Event) (late bool, err error) {
	act, ok := actOf(e.Kind)
	if !ok || e.Kind == walk.Pictured {
		return false, fault.Missing().Because(fmt.Errorf("an event of the kind %q is no act of its own", e.Kind))
	}
	if e.ID == "" {
		if e.ID, err = people.NewID[walk.EventID](a.now(), a.random); err != nil {
			return false, fault.Broken(err)
		}
	}
	var c *caseFile
	err = a.do(ctx, who, act, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		late, err = a.addToWalk(ctx, act, c, e)
		return err
	})
	return late, err
}

// addToWalk adds an event to a walk, unless it is there already: then the act is
// quiet. Late says that it was a move that came too late.
func (a *App) addToWalk(ctx context.Context, act *acting, c *caseFile, e walk.Event) (late bool, err error) {
	w, err := a.fold(ctx, act.Tx, c)
	if err != nil {
		return false, err
	}
	if _, there := w.Event(e.ID); there {
		act.quiet = true
		return false, nil
	}
	if of, _ := w.Event(e.Of); of.Kind == walk.Pictured {
		return false, fault.Clash("A photo is removed on the page of the photos.", "Open it there.")
	}
	return a.applyTo(ctx, act, c, w, e)
}

// applyTo applies an event that is not there yet to a walk, and keeps it.
func (a *App) applyTo(ctx context.Context, act *acting, c *caseFile, w *walk.Walk, e walk.Event) (late bool, err error) {
	e.Seq, e.Received, e.Device, e.Who = c.Events+1, act.now, deviceOf(act.who), string(act.who.Pseudonym)
	if e.At.IsZero() {
		e.At = act.now
	}
	if err := w.Apply(e); err != nil {
		return false, walkFault(err)
	}
	entries := w.Entries()
	late = entries[len(entries)-1].Late
	return late, a.keepEvent(ctx, act, c, w, e)
}

// keepEvent keeps an event that was applied, and what follows from it for the case.
func (a *App) keepEvent(ctx context.Context, act *acting, c *caseFile, w *walk.Walk, e walk.Event) error {
	c.Events++
	c.follow(w)
	entries := w.Entries()
	late := entries[len(entries)-1].Late // then it ended nothing
	if w.Over() && c.Running && e.Kind == walk.Ended && !late {
		c.Running, c.head.Ended = false, act.now
		c.Closed = c.Day
		if branch, err := act.Branch(ctx, c.Branch); err == nil {
			c.Closed = store.DayOf(act.now, zone(branch.TimeZone))
		}
		if outcome, _ := w.Outcome(); outcome != walk.Left {
			c.Closed = 0 // it waits for its report
		}
		if err := act.DropJob(ctx, jobLeave, string(c.ID)); err != nil {
			return err
		}
		act.topics = append(act.topics, topicCases)
		if err := a.alertsWalkEnded(ctx, act, c); err != nil {
			return err
		}
		if err := a.letDie(ctx, act, c); err != nil {
			return err
		}
	}
	act.sealed = c.Case.Sealed
	if act.who.Pseudonym != "" && !e.Kind.IsOutside() {
		if err := act.Tie(ctx, c.ID, act.who.Pseudonym, store.Author); err != nil {
			return err
		}
	}
	if err := a.put(ctx, act.Tx, c, false); err != nil {
		return err
	}
	act.topics = append(act.topics, string(c.ID))
	if !c.waited {
		if err := a.orderAlerts(ctx, act, c, w); err != nil {
			return err
		}
	}
	return a.addEvent(ctx, act, c, e)
}

// letDie has a walk about suspected abuse destroyed once it has ended, unless
// somebody chose to keep its record.
func (a *App) letDie(ctx context.Context, act *acting, c *caseFile) error {
	if c.Class != string(automaton.Abuse) || c.head.Keep {
		return nil
	}
	job, err := a.actID()
	if err != nil {
		return err
	}
	return act.AddJob(ctx, store.Job{ID: job, Kind: jobDestroy, Subject: string(c.ID) + " not-kept", Due: act.now})
}

// walkFault gives an error of package walk its kind.
func walkFault(err error) error {
	var refused *walk.RefusedError
	if errors.As(err, &refused) {
		return fault.Clash("That cannot be done where the walk stands now: "+refused.Reason+".", "Look at the step again. What you typed is kept on this page.").Because(err)
	}
	return fault.Clash("That could not be kept as it was sent.", "Look at the step again.").Because(err)
}

// WalkView is a walk with its words, for a page.
type WalkView struct {
	Case    store.CaseID
	Branch  people.BranchID
	Class   string
	Sealed  bool
	Running bool
	Walk    *walk.Walk
	Sheet   *words.Sheet
	Langs   []string
	InHand  bool     // who asks goes on in it; otherwise they follow it
	Acted   []string // initials of who acted at the desk, as they said
	Keep    bool     // of suspected abuse: somebody chose to keep the record
	// MayPhoto says that who asks may add a photo to it.
	MayPhoto bool
	// MayRemovePhoto says that who asks may remove one of its photos now: only while it
	// runs.
	MayRemovePhoto bool
	// MayCounsel says that who asks may write a note for counsel about it.
	MayCounsel bool
	// Readers are those who may read its record.
	Readers Readers
}

// ReadWalk returns a walk. It leaves an entry in the ledger, once for each reader
// and quarter of an hour.
func (a *App) ReadWalk(ctx context.Context, who Who, id store.CaseID, lang string) (v WalkView, err error) {
	return a.readWalk(ctx, who, access.ReadWalk, id, lang)
}

// ReadCase returns a case's walk for whoever reads its record.
func (a *App) ReadCase(ctx context.Context, who Who, id store.CaseID, lang string) (v WalkView, err error) {
	return a.readWalk(ctx, who, access.ReadCase, id, lang)
}

func (a *App) readWalk(ctx context.Context, who Who, act access.Act, id store.CaseID, lang string) (v WalkView, err error) {
	var c *caseFile
	err = a.look(ctx, who, act, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		w, err := a.fold(ctx, tx, c)
		if err != nil {
			return err
		}
		if lang == "" {
			lang = c.head.Lang
		}
		titles, err := a.titlesOf(ctx, tx, c.head.Program)
		if err != nil {
			return err
		}
		sheet, err := a.sheetOf(ctx, tx, w.Plan(), titles, lang)
		if err != nil {
			return err
		}
		v = WalkView{
			Case: c.ID, Branch: c.Branch, Class: c.Class, Sealed: c.Case.Sealed, Running: c.Running,
			Walk: w, Sheet: sheet, Langs: situation("", titles, lang).Langs,
			MayPhoto:       may(who, access.AddPhoto, c.subject(tx.Tenant(), who), now),
			MayRemovePhoto: c.Running && may(who, access.RemovePhoto, c.subject(tx.Tenant(), who), now),
			MayCounsel:     may(who, access.WriteCounselNote, c.subject(tx.Tenant(), who), now),
			Readers:        readersOf(c.subject(tx.Tenant(), who), now),
			InHand:         c.Running && may(who, access.Move, c.subject(tx.Tenant(), who), now), Acted: slices.Clone(c.head.Acted), Keep: c.head.Keep,
		}
		return nil
	})
	return v, err
}

// CaseEntries returns what the ledger still tells of a case, the newest first.
func (a *App) CaseEntries(ctx context.Context, who Who, id store.CaseID) (list []ledger.Entry, err error) {
	var c *caseFile
	err = a.look(ctx, who, access.ReadCaseLog, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		size, err := tx.Ledger().Size(ctx)
		if err != nil {
			return err
		}
		for before := size; before > 0; {
			leaves, err := tx.Ledger().Newest(ctx, before, 1000)
			if err != nil || len(leaves) == 0 {
				return err
			}
			for _, leaf := range leaves {
				before = leaf.Number
				e, err := ledger.ParseEntry(leaf.Text)
				if err != nil {
					return fault.Broken(err)
				}
				if slices.Contains(e.Objects, ledger.ID(c.ID)) {
					list = append(list, e)
				}
				if e.At.Before(c.head.Began.Add(-time.Hour)) {
					return nil
				}
			}
		}
		return nil
	})
	return list, err
}

// jobLeave ends a walk that has stood for too long.
const jobLeave = "leave-walk"

func init() { jobKinds[jobLeave] = (*App).leaveWalk }

// armLeave sets when a walk is looked at, to the full hour: the database does not
// tell when it was used last.
func (a *App) armLeave(ctx context.Context, tx *store.Tx, id store.CaseID, w *walk.Walk) error {
	at, ok := w.LeftAt()
	if !ok {
		return nil
	}
	job, err := people.NewID[string](a.now(), a.random)
	if err != nil {
		return fault.Broken(err)
	}
	return tx.AddJob(ctx, store.Job{ID: job, Kind: jobLeave, Subject: string(id), Due: at.Truncate(time.Hour).Add(time.Hour)})
}

// leaveWalk ends a walk that nobody has touched for walk.LeftAfter, as the program
// itself, and otherwise looks again later.
func (a *App) leaveWalk(ctx context.Context, library people.LibraryID, job store.Job) error {
	id := store.CaseID(job.Subject)
	var topics []string
	err := a.store.Write(ctx, library, func(tx *store.Tx) error {
		c, err := a.openCase(ctx, tx, id)
		if err != nil || !c.Running {
			return unlessMissing(err)
		}
		w, err := a.fold(ctx, tx, c)
		if err != nil {
			return err
		}
		now := a.now()
		at, ok := w.LeftAt()
		if ok && now.Before(at) {
			return a.armLeave(ctx, tx, id, w)
		}
		event, err := people.NewID[walk.EventID](now, a.random)
		if err != nil {
			return fault.Broken(err)
		}
		e := walk.Event{ID: event, Kind: walk.Ended, Outcome: walk.Left, Follows: w.Head(), Seq: c.Events + 1, At: now, Received: now}
		if outcome, ended := w.Outcome(); ended { // it came to its end, and nobody said so
			e.Outcome = outcome
		}
		if err := w.Apply(e); err != nil {
			return fault.Broken(err)
		}
		act := &acting{Tx: tx, now: now, object: string(id), commit: &c.commit}
		if err := a.keepEvent(ctx, act, c, w, e); err != nil {
			return err
		}
		topics = act.topics
		if err := a.enter(ctx, tx, ledger.Kind(access.EndWalk), act); err != nil {
			return err
		}
		return a.notify(ctx, tx, topics)
	})
	if err == nil {
		a.tell(topicsOf(library, topics))
	}
	return err
}
