package store

import (
	"context"
	"database/sql"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Alert is what finding and going on with an alert needs. What happened in it is in
// its events, sealed by the caller.
type Alert struct {
	ID      string
	Case    CaseID // "" for a test call and a drill
	Nth     int    // which of its case's alerts it is, from 1; 0 without a case
	Branch  people.BranchID
	Purpose string // need, test, drill
	Day     Day    // on which it was ordered
	Running bool   // something may be left to be done
	Events  int    // how many there are
}

const alertColumns = `id, case_id, nth, branch_id, purpose, day, running, events`

var (
	alertAdd    = sqlOf(`INSERT INTO alerts (library_id, ` + alertColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	alertPut    = sqlOf(`UPDATE alerts SET running = $3, events = $4 WHERE library_id = $1 AND id = $2`)
	alertGet    = sqlOf(`SELECT ` + alertColumns + ` FROM alerts WHERE library_id = $1 AND id = $2`)
	alertOfCase = sqlOf(`SELECT ` + alertColumns + ` FROM alerts WHERE library_id = $1 AND case_id = $2 ORDER BY nth`)
	alertLast   = sqlOf(`SELECT ` + alertColumns + ` FROM alerts WHERE library_id = $1 AND purpose = $2 AND branch_id = $3 ORDER BY day DESC, id DESC LIMIT 1`)
	alertSweep  = sqlOf(`DELETE FROM alerts WHERE library_id = $1 AND case_id IS NULL AND day < $2 AND NOT running`)

	alertEventAdd  = sqlOf(`INSERT INTO alert_events (library_id, alert_id, seq, sealed) VALUES ($1, $2, $3, $4)`)
	alertEventList = sqlOf(`SELECT seq, '', sealed FROM alert_events WHERE library_id = $1 AND alert_id = $2 ORDER BY seq`)

	attemptAdd = sqlOf(`INSERT INTO alert_attempts (library_id, attempt_id, alert_id) VALUES ($1, $2, $3)`)
	attemptGet = sqlOf(`SELECT alert_id FROM alert_attempts WHERE library_id = $1 AND attempt_id = $2`)

	alertJobsDrop = sqlOf(`DELETE FROM jobs WHERE library_id = $1 AND (
		kind = $3 AND subject IN (SELECT id FROM alerts WHERE library_id = $1 AND case_id = $2) OR
		kind = $4 AND subject IN (SELECT attempt_id FROM alert_attempts WHERE library_id = $1 AND alert_id IN
			(SELECT id FROM alerts WHERE library_id = $1 AND case_id = $2)))`)
)

// The kinds of the jobs of alerts. The subject of the first is an alert, that of the
// second an attempt.
const (
	JobAlert = "alert"
	JobSend  = "alert-send"
)

// AddAlert adds an alert. ErrDuplicate, at the latest when the transaction ends, if its
// case has one of that number already.
func (t *Tx) AddAlert(ctx context.Context, a Alert) error {
	of := sql.NullString{String: string(a.Case), Valid: a.Case != ""}
	return t.later(ctx, alertAdd, 1, a.ID, of, a.Nth, a.Branch, a.Purpose, int64(a.Day), a.Running, a.Events)
}

// PutAlert changes whether an alert goes on, and how many events it has.
func (t *Tx) PutAlert(ctx context.Context, a Alert) error {
	return t.later(ctx, alertPut, 1, a.ID, a.Running, a.Events)
}

// Alert returns an alert.
func (t *Tx) Alert(ctx context.Context, id string) (Alert, error) {
	return first(ctx, t, alertGet, readAlert, id)
}

// WholeAlert returns an alert with its events.
func (t *Tx) WholeAlert(ctx context.Context, id string) (Alert, []CaseEvent, error) {
	var rows []Alert
	var events []CaseEvent
	err := t.together(ctx, ask{alertGet, []any{id}, into(&rows, readAlert)}, ask{alertEventList, []any{id}, into(&events, readAlertEvent)})
	if err == nil && len(rows) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return Alert{}, nil, err
	}
	return rows[0], events, nil
}

// AlertsOf lists the alerts of a case in the order in which they were ordered.
func (t *Tx) AlertsOf(ctx context.Context, id CaseID) ([]Alert, error) {
	return all(ctx, t, alertOfCase, readAlert, id)
}

// LastAlert returns the newest alert of a purpose at a branch: fault.Missing if there
// is none.
func (t *Tx) LastAlert(ctx context.Context, purpose string, branch people.BranchID) (Alert, error) {
	return first(ctx, t, alertLast, readAlert, purpose, branch)
}

// SweepAlerts deletes the test calls and drills that are over and were ordered before
// a day.
func (t *Tx) SweepAlerts(ctx context.Context, before Day) (int64, error) {
	return t.exec(ctx, alertSweep, int64(before))
}

func readAlert(scan scanner) (a Alert, err error) {
	var of sql.NullString
	var day int64
	err = scan(&a.ID, &of, &a.Nth, &a.Branch, &a.Purpose, &day, &a.Running, &a.Events)
	a.Case, a.Day = CaseID(of.String), Day(day)
	return a, err
}

// AddAlertEvent adds an event to an alert, at its place in the order, from 1.
func (t *Tx) AddAlertEvent(ctx context.Context, id string, seq int, sealed []byte) error {
	return t.later(ctx, alertEventAdd, 1, id, seq, sealed)
}

// AlertEvents lists an alert's events in their order. They have no ids.
func (t *Tx) AlertEvents(ctx context.Context, id string) ([]CaseEvent, error) {
	return all(ctx, t, alertEventList, readAlertEvent, id)
}

func readAlertEvent(scan scanner) (e CaseEvent, err error) {
	err = scan(&e.Seq, &e.ID, &e.Sealed)
	return e, err
}

// AddAttempt keeps of which alert an attempt is.
func (t *Tx) AddAttempt(ctx context.Context, attempt, alert string) error {
	return t.later(ctx, attemptAdd, 1, attempt, alert)
}

// AlertOfAttempt returns the alert of an attempt.
func (t *Tx) AlertOfAttempt(ctx context.Context, attempt string) (string, error) {
	return first(ctx, t, attemptGet, text[string], attempt)
}

// dropAlertJobs takes away the jobs of a case's alerts.
func (t *Tx) dropAlertJobs(ctx context.Context, id CaseID) error {
	_, err := t.exec(ctx, alertJobsDrop, id, JobAlert, JobSend)
	return err
}
