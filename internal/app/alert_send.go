package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/sms"
	"roundtable/internal/store"
)

// sendAttempt is the job that sends one attempt: at least once, and under the same id
// whenever it is sent again. Of an alert that is over nothing more is sent.
func (a *App) sendAttempt(ctx context.Context, library people.LibraryID, job store.Job) error {
	attempt, err := a.pendingAttempt(ctx, library, job)
	if err != nil || attempt == nil {
		return err
	}
	a.alarms.remember(attempt.ID, library)
	result, err := a.sendTo(ctx, library, attempt)
	if err != nil {
		return err
	}
	if ctx.Err() != nil { // who sent it stops just now: what came of it is not known
		return ctx.Err()
	}
	return a.keepResult(ctx, library, job, *attempt, result)
}

// pendingAttempt returns the attempt that a job is about; nil, and the job is dropped,
// if there is nothing to be sent any more.
func (a *App) pendingAttempt(ctx context.Context, library people.LibraryID, job store.Job) (attempt *notify.Attempt, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		f, err := a.alertOfAttempt(ctx, tx, notify.AttemptID(job.Subject))
		if err != nil || f.now.IsOver() {
			return unlessMissing(err)
		}
		attempt = f.attempt(notify.AttemptID(job.Subject))
		return nil
	})
	if err != nil || attempt != nil && isPending(*attempt) {
		return attempt, err
	}
	return nil, a.store.Write(ctx, library, func(tx *store.Tx) error { return tx.DropJob(ctx, job.Kind, job.Subject) })
}

func (a *App) alertOfAttempt(ctx context.Context, tx *store.Tx, id notify.AttemptID) (*alertFile, error) {
	alert, err := tx.AlertOfAttempt(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return a.openAlert(ctx, tx, AlertID(alert))
}

// isPending reports whether it is not known yet what became of an attempt.
func isPending(t notify.Attempt) bool {
	return t.Sent.IsZero() && t.Delivered.IsZero() && t.Refused.IsZero() && t.Failed.IsZero()
}

// sendTo sends an attempt to every address that a person has on its channel, at once.
// One that takes it is enough.
func (a *App) sendTo(ctx context.Context, library people.LibraryID, t *notify.Attempt) (notify.Result, error) {
	ch := a.alarms.channels[t.Channel]
	addresses, err := a.addressesOf(ctx, library, t.Person, t.Channel)
	if err != nil {
		return notify.Result{}, err
	}
	if ch == nil || len(addresses) == 0 {
		return notify.Result{Outcome: notify.Declined}, nil
	}
	message, err := a.messageOf(ctx, library, t.ID)
	if err != nil {
		return notify.Result{}, err
	}
	results := make([]notify.Result, len(addresses))
	var all sync.WaitGroup
	for i, to := range addresses {
		all.Go(func() {
			results[i] = a.deliver(ctx, t.Channel, ch, notify.Delivery{ID: t.ID, To: to, Message: message})
		})
	}
	all.Wait()
	for i, r := range results {
		if r.Outcome == notify.Gone {
			if err := a.forgetAddress(ctx, library, t.Person, t.Channel, addresses[i]); err != nil {
				a.log.Error("forget an address that is there no more", "channel", t.Channel, "err", err)
			}
		}
	}
	return bestOf(results), nil
}

// messageOf composes the message of an attempt's alert.
func (a *App) messageOf(ctx context.Context, library people.LibraryID, id notify.AttemptID) (m notify.Message, err error) {
	at, err := a.Address(ctx)
	if err != nil {
		return m, err
	}
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		alert, err := tx.AlertOfAttempt(ctx, string(id))
		if err != nil {
			return err
		}
		row, err := tx.Alert(ctx, alert)
		if err != nil {
			return err
		}
		m, err = notify.Compose(notify.English, notify.Purpose(row.Purpose), at.Origin, AlertID(alert))
		return err
	})
	return m, err
}

// bestOf is what became of an attempt that went to several addresses.
func bestOf(results []notify.Result) notify.Result {
	for _, want := range []notify.Outcome{notify.Accepted, notify.Later} {
		if i := slices.IndexFunc(results, func(r notify.Result) bool { return r.Outcome == want }); i >= 0 {
			return results[i]
		}
	}
	return notify.Result{Outcome: notify.Declined}
}

// deliver has a channel send one message, and waits for what it says no longer than
// it may take. Afterwards it is not known whether it was taken.
func (a *App) deliver(ctx context.Context, name notify.Channel, ch *channel, d notify.Delivery) notify.Result {
	ctx, cancel := context.WithTimeout(ctx, a.alarms.time)
	defer cancel()
	later := notify.Result{Outcome: notify.Later}
	select {
	case ch.hands <- struct{}{}:
	case <-ctx.Done():
		a.log.Warn("a message could not be sent: its channel is busy", "channel", name)
		return later
	}
	said := make(chan notify.Result, 1)
	go func() {
		defer func() { <-ch.hands }()
		r, err := ch.Send(ctx, d)
		if err != nil {
			a.log.Warn("a message was not taken", "channel", name, "outcome", r.Outcome.String(), "err", err)
		}
		said <- r
	}()
	select {
	case r := <-said:
		if r.Outcome < notify.Accepted || r.Outcome > notify.Unusable {
			return later
		}
		return r
	case <-ctx.Done():
		a.log.Warn("a channel gave no answer", "channel", name)
		return later
	}
}

// keepResult keeps what became of an attempt, asks what is to be done next, and sends
// it again later if it was put off.
func (a *App) keepResult(ctx context.Context, library people.LibraryID, job store.Job, t notify.Attempt, r notify.Result) error {
	plan, err := a.planNow(ctx, library)
	if err != nil {
		return err
	}
	return a.withAlertOf(ctx, library, t.ID, func(tx *store.Tx, f *alertFile) error {
		now := a.now()
		e := r.Event(t.ID, now)
		wait, again := time.Duration(0), false
		if r.Outcome == notify.Later {
			if wait, again = notify.Retry(job.Tries, r.Wait); !again {
				e.Kind = notify.Failed
			}
		}
		if err := f.now.Add(e); err != nil {
			return fault.Broken(err)
		}
		if err := a.goOn(ctx, tx, f, plan); err != nil {
			return err
		}
		if again && !f.now.IsOver() {
			return tx.RetryJob(ctx, job.ID, now.Add(wait))
		}
		return tx.DropJob(ctx, job.Kind, job.Subject)
	}, job)
}

func (a *App) withAlertOf(ctx context.Context, library people.LibraryID, id notify.AttemptID, change func(*store.Tx, *alertFile) error, job store.Job) error {
	var alert string
	err := a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
		alert, err = tx.AlertOfAttempt(ctx, string(id))
		return err
	})
	if unlessMissing(err) != nil {
		return err
	}
	return a.withAlert(ctx, library, AlertID(alert), change, job)
}

// The limits of receipts.
var (
	// receiptsRefused bounds guesses of the gateway's secret from one place.
	receiptsRefused = signin.Limit{Name: "refused receipts from a place", Burst: 10, Every: 30 * time.Second}
	// receiptsInAll bounds what a gateway that has gone wild costs.
	receiptsInAll = signin.Limit{Name: "receipts in all", Burst: 1000, Every: 50 * time.Millisecond}
)

// gateway is a sender that gets receipts.
type gateway interface {
	IsGateway(authorization string) bool
}

// MaxReceipt is the most bytes that a receipt of a text message has.
const MaxReceipt = sms.MaxReceipt

// Receipt takes what the gateway of text messages tells of a message, with the
// Authorization header that came along. To whoever is not the gateway it is not there.
// A receipt that comes twice, or of a message that was forgotten with its case,
// changes nothing and is no error: the gateway is not to send it again.
func (a *App) Receipt(ctx context.Context, place netip.Addr, authorization string, body []byte) error {
	g, ok := a.gateway()
	if !ok || !g.IsGateway(authorization) {
		if err := a.allowFrom(receiptsRefused, place); err != nil {
			return err
		}
		return fault.Missing().Because(errors.New("not the gateway"))
	}
	if err := a.allow(receiptsInAll, ""); err != nil {
		return err
	}
	r, err := sms.ParseReceipt(body)
	if err != nil {
		var f fault.Fields
		f.Add("status", "Send an id and a status, and nothing else.")
		return f.Err()
	}
	library, err := a.libraryOfAttempt(ctx, r.ID)
	if err != nil {
		return unlessMissing(err)
	}
	return a.withAlertOf(ctx, library, r.ID, func(tx *store.Tx, f *alertFile) error {
		t := f.attempt(r.ID)
		if t == nil || t.Channel != notify.SMS || r.Arrived && !t.Delivered.IsZero() || !r.Arrived && !t.Failed.IsZero() {
			return nil
		}
		return a.addToAlert(ctx, tx, f, r.Event(a.now()))
	}, store.Job{})
}

func (a *App) gateway() (gateway, bool) {
	ch := a.alarms.channels[notify.SMS]
	if ch == nil {
		return nil, false
	}
	g, ok := ch.Sender.(gateway)
	return g, ok
}

// libraryOfAttempt finds the library of an attempt: a receipt does not name it. What
// this process sent it remembers.
func (a *App) libraryOfAttempt(ctx context.Context, id notify.AttemptID) (people.LibraryID, error) {
	if library, known := a.alarms.libraryOf(id); known {
		return library, nil
	}
	tenants, err := a.tenants(ctx)
	if err != nil {
		return "", err
	}
	for _, library := range tenants {
		if library == people.Installation {
			continue
		}
		err := a.store.Read(ctx, library, func(tx *store.Tx) error {
			_, err := tx.AlertOfAttempt(ctx, string(id))
			return err
		})
		if err == nil {
			a.alarms.remember(id, library)
			return library, nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return "", fmt.Errorf("look for an attempt: %w", err)
		}
	}
	return "", fault.Missing()
}
