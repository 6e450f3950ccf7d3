package app

import (
	"context"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// AlertID names an alert. It stands in the link that is sent.
type AlertID = notify.AlertID

// AlertView is an alert as far as whoever asks may see it. Sent, delivered, read and
// answered are facts of their own, each with its time; a time is zero while the fact
// is not known.
type AlertView struct {
	ID      AlertID
	Library people.LibraryID
	Case    store.CaseID // "" for a test and a drill
	Title   string       // of the playbook that ordered it; "" for a test and a drill
	Branch  store.Branch
	Purpose notify.Purpose
	Role    people.Role // the role that was called for first
	Ordered time.Time

	Attempts []AlertAttempt // in the order in which they were ordered
	Reads    []AlertMark    // who read it, each once
	Answer   *AlertMark     // who is on it; nil while nobody is
	Charge   *AlertMark     // who took charge of the case; nil while nobody has

	// NextAt is when it goes on if nothing happens: zero if it does not. NextRole
	// is who is told then; "" where the ladder ends and the desk has to call.
	NextAt   time.Time
	NextRole people.Role
	Resting  bool        // the whole ladder did not help, and it waits: the desk has to call
	Unheard  bool        // the whole ladder was gone through, and nobody has answered since
	Over     bool        // nothing more is done
	End      notify.Kind // how it ended; "" while it goes on

	Entries []AlertEntry // everything that happened, in order
	Mine    bool         // who asks was told
	// MayAnswer and MayTakeCharge say that there is something to offer: each act
	// asks again.
	MayAnswer, MayTakeCharge bool
}

// AlertAttempt is one message to one person by one channel.
type AlertAttempt struct {
	Person  string // their name; "" if it is not to be shown, or not known any more
	Role    people.Role
	Channel notify.Channel
	Mine    bool // it went to who asks

	Queued, Sent, Delayed, Refused, Delivered, Failed time.Time
}

// AlertMark is something that somebody did, and when.
type AlertMark struct {
	Name string      // "" if it is not to be shown, or not known any more
	Role people.Role // "" if they were not told, but came by themselves
	At   time.Time
	Late time.Duration // of an answer: how long after their time it came
	Mine bool
}

// AlertEntry is one thing that happened, with what became of it.
type AlertEntry struct {
	Kind    notify.Kind
	At      time.Time
	Name    string // of the person, where the kind has one; else ""
	Role    people.Role
	Channel notify.Channel
	Late    time.Duration
	Again   bool // it was known already
}

// Drill is the newest drill of a branch.
type Drill struct {
	Alert AlertID   // "" if there never was one
	At    time.Time // when it was begun
	Over  bool
	Due   bool // a year has gone by since, or there never was one
}

// Alert returns an alert, for whoever was told and whoever may follow its walk. Where
// it is of a case it leaves the entry of a reading; it does not count as having read
// the alert: that is ReadAlert. It may be an alert of another library where they work.
func (a *App) Alert(ctx context.Context, who Who, id AlertID) (v AlertView, err error) {
	who, row, err := a.atAlert(ctx, who, id)
	if err != nil {
		return v, err
	}
	var f *alertFile
	err = a.look(ctx, who, a.followAct(who, row), who.Library, a.onAlert(id, who, &f), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		if !mayFollow(who, f, now) {
			return fault.Missing()
		}
		v, err = a.alertView(ctx, tx, who, f, now)
		return err
	})
	if err != nil {
		return v, err
	}
	return a.named(ctx, who, []AlertView{v}, []*alertFile{f})
}

// ReadAlert keeps that whoever was told has the alert before their eyes. The first
// time counts; doing it again changes nothing, nor does it for whoever was not told.
func (a *App) ReadAlert(ctx context.Context, who Who, id AlertID) error {
	who, row, err := a.atAlert(ctx, who, id)
	if err != nil {
		return err
	}
	var f *alertFile
	return a.do(ctx, who, a.followAct(who, row), who.Library, a.onAlert(id, who, &f), func(ctx context.Context, act *acting) error {
		act.quiet = true
		if !mayFollow(who, f, act.now) {
			return fault.Missing()
		}
		if !f.isTold(who.Pseudonym) || f.hasRead(who.Pseudonym) {
			return nil
		}
		return a.actOnAlert(ctx, act, f, readAlertKind, notify.Event{Kind: notify.Read, At: act.now, Person: who.Pseudonym})
	})
}

// AnswerAlert keeps that whoever was told is on it. It counts also when it comes
// late, and is told as such. Doing it again changes nothing.
func (a *App) AnswerAlert(ctx context.Context, who Who, id AlertID) error {
	who, row, err := a.atAlert(ctx, who, id)
	if err != nil {
		return err
	}
	does := access.AnswerAlert
	if row.Case == "" {
		does = a.followAct(who, row)
	}
	var f *alertFile
	return a.do(ctx, who, does, who.Library, a.onAlert(id, who, &f), func(ctx context.Context, act *acting) error {
		act.quiet = true
		if !f.isTold(who.Pseudonym) {
			return fault.Missing()
		}
		if f.hasAnswered(who.Pseudonym) {
			return nil
		}
		return a.actOnAlert(ctx, act, f, ledger.Kind(access.AnswerAlert), notify.Event{Kind: notify.Answered, At: act.now, Person: who.Pseudonym})
	})
}

// The kinds of the entries of what people do about alerts, beside answering them.
const (
	readAlertKind ledger.Kind = "read-alert"
	callOffKind   ledger.Kind = "call-off-alerts"
)

// actOnAlert keeps what somebody did, with its entry.
func (a *App) actOnAlert(ctx context.Context, act *acting, f *alertFile, kind ledger.Kind, e notify.Event) error {
	if err := a.addToAlert(ctx, act.Tx, f, e); err != nil {
		return err
	}
	act.topics, act.contents = append(act.topics, f.topics()...), []byte(f.ID)
	return a.enter(ctx, act.Tx, kind, act)
}

// CallOffAlerts says for the desk that nobody is needed any more: every alert of the
// case that goes on ends. It is for whoever has the walk in hand; where no alert goes
// on it changes nothing.
func (a *App) CallOffAlerts(ctx context.Context, who Who, id store.CaseID) error {
	var c *caseFile
	return a.do(ctx, who, access.WriteInStep, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		act.quiet = true
		n, err := a.addToRunning(ctx, act, c, notify.Event{Kind: notify.CalledOff, Person: who.Pseudonym})
		if err != nil || n == 0 {
			return err
		}
		return a.enter(ctx, act.Tx, callOffKind, act)
	})
}

// CaseAlerts returns the alerts of a case in the order in which they were ordered,
// for whoever follows its walk, for the desk, and for its record. A device where
// nobody is signed in gets roles and no names.
func (a *App) CaseAlerts(ctx context.Context, who Who, id store.CaseID) (list []AlertView, err error) {
	var c *caseFile
	var files []*alertFile
	err = a.look(ctx, who, access.ReadWalk, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		rows, err := tx.AlertsOf(ctx, id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			f, err := a.openAlertRow(ctx, tx, row, c)
			if err != nil {
				return err
			}
			v, err := a.alertView(ctx, tx, who, f, now)
			if err != nil {
				return err
			}
			list, files = append(list, v), append(files, f)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	_, err = a.named(ctx, who, list, files)
	return list, err
}
