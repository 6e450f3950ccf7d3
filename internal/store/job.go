package store

import (
	"context"
	"strings"
	"time"
)

// Job is something to be done later, at least once. Its subject is an id.
type Job struct {
	ID      string
	Kind    string
	Subject string
	Due     time.Time
	Tries   int // how often it was begun
}

const jobColumns = `id, kind, subject, due, tries`

var (
	jobAdd = sqlOf(`INSERT INTO jobs (library_id, ` + jobColumns + `, leased) VALUES ($1, $2, $3, $4, $5, 0, 0)
		ON CONFLICT (library_id, kind, subject) DO UPDATE SET due = excluded.due, leased = 0, tries = 0`)
	jobNext  = sqlOf(`SELECT ` + jobColumns + ` FROM jobs WHERE library_id = $1 AND due <= $2 AND leased <= $2 AND ` + jobKindIs("$4", "$5") + ` ORDER BY due, id LIMIT $3`)
	jobLease = sqlOf(`UPDATE jobs SET leased = $3, tries = tries + 1 WHERE library_id = $1 AND id = $2`)
	jobDone  = sqlOf(`DELETE FROM jobs WHERE library_id = $1 AND id = $2 AND due = $3`)
	jobRetry = sqlOf(`UPDATE jobs SET due = $3, leased = 0 WHERE library_id = $1 AND id = $2`)
	jobDrop  = sqlOf(`DELETE FROM jobs WHERE library_id = $1 AND kind = $2 AND subject = $3`)
	jobMiss  = sqlOf(`UPDATE jobs SET due = $3, leased = 0, tries = tries + 1 WHERE library_id = $1 AND id = $2`)
	jobDue   = sqlOf(`SELECT COALESCE(MIN(CASE WHEN leased > due THEN leased ELSE due END), 0) FROM jobs WHERE library_id = $1 AND ` + jobKindIs("$2", "$3"))
)

// JobKinds says which kinds of jobs are meant: some, or all others. The zero JobKinds
// stands for all.
type JobKinds struct {
	list string // between commas
	only bool
}

// OnlyJobs stands for jobs of these kinds.
func OnlyJobs(kinds ...string) JobKinds { return JobKinds{commas(kinds), true} }

// OtherJobs stands for jobs of all kinds but these.
func OtherJobs(kinds ...string) JobKinds { return JobKinds{commas(kinds), false} }

func commas(kinds []string) string { return "," + strings.Join(kinds, ",") + "," }

func (k JobKinds) args() (list string, only int) {
	if k.only {
		return k.list, 1
	}
	return k.list, 0
}

// jobKindIs writes the condition for JobKinds. A kind has letters and hyphens only, so
// that nothing in it stands for anything else.
func jobKindIs(list, only string) string {
	return `CASE WHEN ` + list + ` LIKE '%,' || kind || ',%' THEN 1 ELSE 0 END = ` + only
}

// AddJob adds a job. There is one of a kind and subject at a time: another one
// moves it to its own time.
func (t *Tx) AddJob(ctx context.Context, j Job) error {
	return t.later(ctx, jobAdd, anyRows, j.ID, j.Kind, j.Subject, millis(j.Due))
}

// LeaseJobs takes jobs of some kinds that are due. Until the lease ends nobody else
// gets them; then somebody does, in case whoever took them died.
func (t *Tx) LeaseJobs(ctx context.Context, of JobKinds, now time.Time, lease time.Duration, most int) ([]Job, error) {
	jobs, err := t.DueJobs(ctx, of, now, most)
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		if err := t.one(ctx, jobLease, jobs[i].ID, millis(now.Add(lease))); err != nil {
			return nil, err
		}
		jobs[i].Tries++
	}
	return jobs, nil
}

// DueJobs lists jobs of some kinds that are due, and takes none of them.
func (t *Tx) DueJobs(ctx context.Context, of JobKinds, now time.Time, most int) ([]Job, error) {
	list, only := of.args()
	return all(ctx, t, jobNext, readJob, millis(now), most, list, only)
}

// DoneJob takes a job away, unless it was moved to another time meanwhile.
func (t *Tx) DoneJob(ctx context.Context, j Job) error {
	_, err := t.exec(ctx, jobDone, j.ID, millis(j.Due))
	return err
}

// RetryJob lets a job wait until a time.
func (t *Tx) RetryJob(ctx context.Context, id string, due time.Time) error {
	_, err := t.exec(ctx, jobRetry, id, millis(due))
	return err
}

// MissJob lets a job that was begun without being taken, and failed, wait until a time.
func (t *Tx) MissJob(ctx context.Context, id string, due time.Time) error {
	_, err := t.exec(ctx, jobMiss, id, millis(due))
	return err
}

// DropJob takes away the job of a kind and subject, if there is one.
func (t *Tx) DropJob(ctx context.Context, kind, subject string) error {
	_, err := t.exec(ctx, jobDrop, kind, subject)
	return err
}

// NextJob returns when the next job of some kinds can be begun; zero if there is none.
func (t *Tx) NextJob(ctx context.Context, of JobKinds) (time.Time, error) {
	list, only := of.args()
	ms, err := first(ctx, t, jobDue, readInt, list, only)
	return at(ms), err
}

func readJob(scan scanner) (j Job, err error) {
	var due int64
	err = scan(&j.ID, &j.Kind, &j.Subject, &due, &j.Tries)
	j.Due = at(due)
	return j, err
}
