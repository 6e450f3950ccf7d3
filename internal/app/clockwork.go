package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// Bootstrap makes ready what an installation has before anybody set it up: its
// keys, its rows, its ledger. It is called at every start.
func (a *App) Bootstrap(ctx context.Context) error {
	if err := a.makeTenant(ctx, people.Installation); err != nil {
		return err
	}
	return a.wake(ctx)
}

// jobHandler does a job of a tenant. It may be called again for the same job, when
// whoever called it first died before saying that it is done.
type jobHandler func(a *App, ctx context.Context, library people.LibraryID, job store.Job) error

// jobKinds is what can be done later, but for alerts, which have hands of their own
// (see jobAlert). Each file that adds jobs has its own kinds.
var jobKinds = map[string]jobHandler{}

// jobClass says what doing a job comes to.
type jobClass int

const (
	deletes jobClass = iota // it ends or deletes something: it waits while the clock is in doubt
	keeps                   // it does neither, and waits for nothing
)

// jobClasses says of which class the kinds of jobs are that are not of the first.
// Alerts wait for nothing either.
var jobClasses = map[string]jobClass{jobReach: keeps}

// kindsNow is which jobs are done now, but for alerts and calls.
func kindsNow(held bool) store.JobKinds {
	if !held {
		return store.OtherJobs(append([]string{jobAlert, jobSend}, callKinds...)...)
	}
	var kinds []string
	for kind, class := range jobClasses {
		if class == keeps {
			kinds = append(kinds, kind)
		}
	}
	return store.OnlyJobs(kinds...)
}

const (
	jobLease = time.Minute
	jobBatch = 20
	// jobPoll is how often the database is looked at when nobody says that there
	// is something to do: other processes may have added jobs.
	jobPoll = 5 * time.Second
	// jobLastTry is how often a job is tried before it is let lie for a day.
	jobLastTry = 10
)

// Work does jobs that are due, of the installation and every library, until ctx
// ends. Several processes may work beside each other.
func (a *App) Work(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var alerts sync.WaitGroup
	defer alerts.Wait()
	defer cancel()
	alerts.Go(func() { a.workAlerts(ctx) })
	alerts.Go(func() { a.workCalls(ctx) })
	ticker := time.NewTicker(jobPoll)
	defer ticker.Stop()
	for {
		if err := a.workOnce(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("jobs", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.store.Broken():
			return fault.Broken(store.ErrStopped)
		case <-ticker.C:
		}
	}
}

// WorkOnce does every job that is due now, those of alerts first and calls last.
func (a *App) WorkOnce(ctx context.Context) error {
	tenants, err := a.tenants(ctx)
	errs := []error{err}
	for _, id := range tenants {
		errs = append(errs, a.workAlertsOnce(ctx, id))
	}
	return errors.Join(append(errs, a.workOnce(ctx), a.workCallsOnce(ctx))...)
}

// workOnce does every job that is due now, but for those of alerts and calls.
func (a *App) workOnce(ctx context.Context) error {
	tenants, err := a.tenants(ctx)
	if err != nil {
		return err
	}
	held, err := a.clockHolds(ctx)
	kinds := kindsNow(held || err != nil) // where the clock cannot be looked at, it is in doubt
	errs := []error{err}
	for _, id := range tenants {
		errs = append(errs, a.checkpoint(ctx, id), a.workAt(ctx, id, kinds))
	}
	return errors.Join(errs...)
}

// tenants lists the installation and every library that is ready.
func (a *App) tenants(ctx context.Context) ([]people.LibraryID, error) {
	list := []people.LibraryID{people.Installation}
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		libraries, err := tx.Libraries(ctx)
		for _, l := range libraries {
			if l.Ready {
				list = append(list, l.ID)
			}
		}
		return err
	})
	return list, err
}

func (a *App) workAt(ctx context.Context, id people.LibraryID, kinds store.JobKinds) error {
	for {
		jobs, err := a.leaseJobs(ctx, id, kinds, jobLease)
		if err != nil || len(jobs) == 0 {
			return err
		}
		for _, job := range jobs {
			if err := a.workOn(ctx, id, job); err != nil {
				return err
			}
		}
	}
}

// leaseJobs takes jobs that are due; none if there are none. Nothing is written unless
// there are.
func (a *App) leaseJobs(ctx context.Context, id people.LibraryID, kinds store.JobKinds, lease time.Duration) (jobs []store.Job, err error) {
	now := a.now()
	var due time.Time
	err = a.store.Read(ctx, id, func(tx *store.Tx) (err error) {
		due, err = tx.NextJob(ctx, kinds)
		return err
	})
	if err != nil || due.IsZero() || due.After(now) {
		return nil, err
	}
	err = a.store.Write(ctx, id, func(tx *store.Tx) (err error) {
		jobs, err = tx.LeaseJobs(ctx, kinds, now, lease, jobBatch)
		return err
	})
	return jobs, err
}

func (a *App) workOn(ctx context.Context, id people.LibraryID, job store.Job) error {
	handle := jobKinds[job.Kind]
	var failed error
	if handle == nil {
		failed = errors.New("this program does not know such jobs")
	} else {
		failed = handle(a, ctx, id, job)
	}
	return a.store.Write(ctx, id, func(tx *store.Tx) error {
		if failed == nil {
			return tx.DoneJob(ctx, job)
		}
		a.log.Error("job", "kind", job.Kind, "tries", job.Tries, "err", failed)
		wait := 24 * time.Hour
		if job.Tries < jobLastTry {
			wait = min(time.Hour, time.Second<<min(job.Tries, 12))
		}
		return tx.RetryJob(ctx, job.ID, a.now().Add(wait))
	})
}

// checkpoint signs a tenant's ledger once in every hour of the clock, whether
// anything was added or not.
func (a *App) checkpoint(ctx context.Context, id people.LibraryID) error {
	now := a.now()
	var last time.Time
	err := a.store.Read(ctx, id, func(tx *store.Tx) (err error) {
		last, err = a.lastCheckpoint(ctx, tx)
		return err
	})
	if err != nil || !isCheckpointDue(last, now) {
		return err
	}
	zone, err := a.zoneAt(ctx, id)
	if err != nil {
		return err
	}
	return a.store.Write(ctx, id, func(tx *store.Tx) error {
		last, err := a.lastCheckpoint(ctx, tx) // another process may have been quicker
		if err != nil || !isCheckpointDue(last, now) {
			return err
		}
		signer, err := a.signer(ctx, tx)
		if err != nil {
			return err
		}
		if _, _, err = ledger.Sign(ctx, tx.Ledger(), signer, now, a.random); err != nil {
			return err
		}
		return a.afterCheckpoint(ctx, tx, zone, last, now)
	})
}

// lastCheckpoint returns when a tenant's ledger was signed last.
func (a *App) lastCheckpoint(ctx context.Context, tx *store.Tx) (time.Time, error) {
	note, err := tx.Ledger().LastCheckpoint(ctx)
	if err != nil || note == nil {
		return time.Time{}, err
	}
	key, err := tx.Setting(ctx, settingLedgerKey)
	if err != nil {
		return time.Time{}, err
	}
	c, _, err := ledger.OpenCheckpoint(note, key)
	if err != nil {
		return time.Time{}, fault.Broken(err)
	}
	return c.At, nil
}
