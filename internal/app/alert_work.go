package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// alertJobs are the jobs of alerts.
var alertJobs = store.OnlyJobs(jobAlert, jobSend)

// alertRetry is the longest time before a job of an alert that failed here, as while
// the database is away, is tried again.
const alertRetry = 30 * time.Second

// workAlerts does the jobs of alerts until ctx ends: when this process ordered one at
// once, and else when the database is looked at.
func (a *App) workAlerts(ctx context.Context) {
	var hands sync.WaitGroup
	defer hands.Wait()
	ticker := time.NewTicker(jobPoll)
	defer ticker.Stop()
	tenants, err := a.tenants(ctx)
	for {
		for _, id := range tenants {
			err = errors.Join(err, a.beginAlerts(ctx, id, &hands))
		}
		if err != nil && ctx.Err() == nil {
			a.log.Error("alerts", "err", err)
		}
		err = nil
		select {
		case <-ctx.Done():
			return
		case <-a.store.Broken():
			return
		case <-a.alarms.woken:
			tenants = a.alarms.take()
		case <-ticker.C:
			tenants, err = a.tenants(ctx)
		}
	}
}

// beginAlerts begins every job of a tenant's alerts that is due. Each goes on by
// itself, and wakes this process when it leaves another one behind.
func (a *App) beginAlerts(ctx context.Context, id people.LibraryID, hands *sync.WaitGroup) error {
	for {
		jobs, err := a.dueAlerts(ctx, id)
		if err != nil {
			return err
		}
		looks, sends := byKind(jobs)
		works := []func(){}
		if len(looks) > 0 && a.alarms.begin(id) {
			works = append(works, func() {
				defer a.alarms.end(id)
				a.lookAtAlerts(ctx, id, looks)
			})
		}
		for _, job := range sends {
			works = append(works, func() { a.sendOne(ctx, id, job) })
		}
		for _, work := range works {
			select {
			case a.alarms.hands <- struct{}{}:
			case <-ctx.Done():
				return nil // the lease ends
			}
			hands.Go(func() {
				defer func() { <-a.alarms.hands }()
				work()
			})
		}
		if len(sends) < jobBatch { // who looks at alerts says when that is done
			return nil
		}
	}
}

// byKind parts jobs into alerts to look at and attempts to send.
func byKind(jobs []store.Job) (looks, sends []store.Job) {
	for _, j := range jobs {
		if j.Kind == jobSend {
			sends = append(sends, j)
		} else {
			looks = append(looks, j)
		}
	}
	return looks, sends
}

// dueAlerts returns the jobs of alerts that are due. What is to be sent is taken, so
// that nobody else sends it meanwhile. Looking at an alert is one transaction, and who
// looks second finds nothing to do: that needs no taking, which all who write at this
// library would wait for.
func (a *App) dueAlerts(ctx context.Context, id people.LibraryID) (jobs []store.Job, err error) {
	now := a.now()
	err = a.store.Read(ctx, id, func(tx *store.Tx) (err error) {
		jobs, err = tx.DueJobs(ctx, alertJobs, now, jobBatch)
		return err
	})
	isSend := func(j store.Job) bool { return j.Kind == jobSend }
	if err != nil || !slices.ContainsFunc(jobs, isSend) {
		return jobs, err
	}
	jobs = slices.DeleteFunc(jobs, isSend)
	err = a.store.Write(ctx, id, func(tx *store.Tx) error {
		taken, err := tx.LeaseJobs(ctx, store.OnlyJobs(jobSend), now, alertLease, jobBatch)
		jobs = append(jobs, taken...)
		return err
	})
	return jobs, err
}

// workAlertsOnce does every job of a tenant's alerts that is due, and those that they
// leave behind for now, and returns when all of them are done.
func (a *App) workAlertsOnce(ctx context.Context, id people.LibraryID) error {
	for {
		jobs, err := a.dueAlerts(ctx, id)
		if err != nil || len(jobs) == 0 {
			return err
		}
		looks, sends := byKind(jobs)
		var hands sync.WaitGroup
		for _, job := range sends {
			hands.Go(func() { a.sendOne(ctx, id, job) })
		}
		a.lookAtAlerts(ctx, id, looks)
		hands.Wait()
	}
}

// sendOne does the job of an attempt. What fails here is tried again soon.
func (a *App) sendOne(ctx context.Context, id people.LibraryID, job store.Job) {
	if err := a.sendAttempt(ctx, id, job); err != nil {
		a.tryAlertAgain(ctx, id, job, err)
	}
}

// lookAtAlerts does the jobs that order what is due, one after the other: each waits its
// turn to write beside those who walk, and many at once would keep these waiting long.
func (a *App) lookAtAlerts(ctx context.Context, id people.LibraryID, jobs []store.Job) {
	if len(jobs) == 0 {
		return
	}
	plan, err := a.planNow(ctx, id)
	for _, job := range jobs {
		failed := err
		if failed == nil {
			failed = a.withAlert(ctx, id, AlertID(job.Subject), func(tx *store.Tx, f *alertFile) error {
				return a.goOn(ctx, tx, f, plan)
			}, job)
		}
		if failed != nil {
			a.tryAlertAgain(ctx, id, job, failed)
		}
	}
}

// tryAlertAgain lets a job that failed wait a while.
func (a *App) tryAlertAgain(ctx context.Context, id people.LibraryID, job store.Job, failed error) {
	if ctx.Err() != nil {
		return
	}
	a.log.Error("job", "kind", job.Kind, "tries", job.Tries, "err", failed)
	wait := min(alertRetry, time.Second<<min(job.Tries, 10))
	err := a.store.Write(ctx, id, func(tx *store.Tx) error {
		if job.Kind == jobSend {
			return tx.RetryJob(ctx, job.ID, a.now().Add(wait))
		}
		return tx.MissJob(ctx, job.ID, a.now().Add(wait))
	})
	if err != nil {
		a.log.Error("job", "kind", job.Kind, "err", err) // its lease ends, or it is due as before
	}
}

// planNow reads a library's phone tree ahead of a transaction that writes: it is long to
// read, and whoever writes keeps all others waiting.
func (a *App) planNow(ctx context.Context, library people.LibraryID) (plan *notify.Plan, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
		plan, err = a.planOf(ctx, tx)
		return err
	})
	return plan, err
}

// withAlert changes an alert in a transaction, as the program itself, and tells whoever
// listens. The job of one that is not there any more is dropped.
func (a *App) withAlert(ctx context.Context, library people.LibraryID, id AlertID, change func(*store.Tx, *alertFile) error, job store.Job) error {
	var topics []string
	err := a.store.Write(ctx, library, func(tx *store.Tx) error {
		f, err := a.openAlert(ctx, tx, id)
		if err != nil {
			if err = unlessMissing(err); err != nil || job.Kind == "" {
				return err
			}
			return tx.DropJob(ctx, job.Kind, job.Subject)
		}
		before := f.Events
		if err := change(tx, f); err != nil {
			return err
		}
		if topics = nil; f.Events != before {
			topics = f.topics()
		}
		return a.notify(ctx, tx, topics)
	})
	if err == nil {
		a.tell(topicsOf(library, topics))
	}
	return err
}
