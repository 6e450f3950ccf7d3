package store

import (
	"context"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// PlanPart names one part of what says who is told.
type PlanPart string

// The parts.
const (
	PlanDuty    PlanPart = "duty"    // the duty plan
	PlanLadders PlanPart = "ladders" // who is told next
	PlanReach   PlanPart = "reach"   // by which channels each person can be reached
)

var (
	planPut = sqlOf(`INSERT INTO plans (library_id, part, content) VALUES ($1, $2, $3) ON CONFLICT (library_id, part) DO UPDATE SET content = excluded.content`)
	planGet = sqlOf(`SELECT content FROM plans WHERE library_id = $1 AND part = $2`)
	planDel = sqlOf(`DELETE FROM plans WHERE library_id = $1 AND part = $2`)
)

// PutPlan keeps a part of what says who is told, in place of what there was. It
// knows people by pseudonym only, and no address.
func (t *Tx) PutPlan(ctx context.Context, part PlanPart, content []byte) error {
	_, err := t.exec(ctx, planPut, string(part), whole(content))
	return err
}

// Plan returns a part, nil if it was never set.
func (t *Tx) Plan(ctx context.Context, part PlanPart) ([]byte, error) {
	content, err := first(ctx, t, planGet, readBytes, string(part))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return content, err
}

// DropPlan takes a part away. One that is not there is no error.
func (t *Tx) DropPlan(ctx context.Context, part PlanPart) error {
	_, err := t.exec(ctx, planDel, string(part))
	return err
}

// AlertWays is where a person's alerts go, sealed under the person's key by the
// caller.
type AlertWays struct {
	Person  people.PersonID
	Sealed  []byte
	Version uint64 // which writing of Sealed
}

var (
	waysPut  = sqlOf(`INSERT INTO alert_ways (library_id, person_id, sealed, version) VALUES ($1, $2, $3, $4) ON CONFLICT (library_id, person_id) DO UPDATE SET sealed = excluded.sealed, version = excluded.version`)
	waysGet  = sqlOf(`SELECT person_id, sealed, version FROM alert_ways WHERE library_id = $1 AND person_id = $2`)
	waysDrop = sqlOf(`DELETE FROM alert_ways WHERE library_id = $1 AND person_id = $2`)
)

// PutAlertWays keeps where a person's alerts go.
func (t *Tx) PutAlertWays(ctx context.Context, w AlertWays) error {
	_, err := t.exec(ctx, waysPut, w.Person, whole(w.Sealed), int64(w.Version))
	return err
}

// AlertWays returns where a person's alerts go: fault.Missing if they never said so.
func (t *Tx) AlertWays(ctx context.Context, person people.PersonID) (AlertWays, error) {
	return first(ctx, t, waysGet, func(scan scanner) (w AlertWays, err error) {
		var version int64
		err = scan(&w.Person, &w.Sealed, &version)
		w.Version = uint64(version)
		return w, err
	}, person)
}

// DropAlertWays deletes where a person's alerts go. Nothing there is no error.
func (t *Tx) DropAlertWays(ctx context.Context, person people.PersonID) error {
	_, err := t.exec(ctx, waysDrop, person)
	return err
}

// runningMost bounds how many alerts are looked through for somebody's own.
const runningMost = 200

var alertsRunning = sqlOf(`SELECT ` + alertColumns + ` FROM alerts WHERE library_id = $1 AND running ORDER BY day DESC, id DESC LIMIT $2`)

// RunningAlerts lists the alerts that go on, the newest first, as far as there are not
// very many.
func (t *Tx) RunningAlerts(ctx context.Context) ([]Alert, error) {
	return all(ctx, t, alertsRunning, readAlert, runningMost)
}
