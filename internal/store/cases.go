package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
)

// CaseID names a case: a walk and its record.
type CaseID string

// Case is what finding and keeping a case needs. What it is about is in Head,
// sealed under the case's key by the caller.
type Case struct {
	ID      CaseID
	Branch  people.BranchID
	Class   string // the class of record, as playbooks write it
	Sealed  bool   // its existence is
	Running bool
	Day     Day // on which it began
	Closed  Day // zero while it is open
	Head    []byte
	Version uint64 // which writing of Head
	Events  int
}

// Day is a day in days since 1 January 1970: the database does not tell at what
// hour something happened.
type Day int64

// DayOf returns the day of a time where it is so late.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// Time returns the midnight at which the day begins in a zone.
func (d Day) Time(zone *time.Location) time.Time {
	y, m, day := time.Unix(int64(d)*24*60*60, 0).UTC().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

// Relation says what ties a person to a case.
type Relation string

// The relations that are kept.
const (
	Walker   Relation = "walker"
	Author   Relation = "author"
	Assigned Relation = "assigned"
	Owner    Relation = "owner"
	Told     Relation = "told"
)

// Ties is who and what is tied to a case.
type Ties struct {
	People map[Relation][]people.Pseudonym
	Here   []people.DeviceID // where its walk runs, or ran last
	Past   []people.DeviceID // from where it was handed over
}

// How a tie to a device is written beside relations of people.
const (
	tieHere = "device here"
	tiePast = "device past"
)

const caseColumns = `id, branch_id, class, sealed, running, day, closed_day, head, version, events`

var (
	caseAdd  = sqlOf(`INSERT INTO cases (library_id, ` + caseColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	casePut  = sqlOf(`UPDATE cases SET class = $3, sealed = $4, running = $5, closed_day = $6, head = $7, version = $8, events = $9 WHERE library_id = $1 AND id = $2`)
	caseDel  = sqlOf(`DELETE FROM cases WHERE library_id = $1 AND id = $2`)
	caseGet  = sqlOf(`SELECT ` + caseColumns + ` FROM cases WHERE library_id = $1 AND id = $2`)
	caseList = sqlOf(`SELECT ` + caseColumns + ` FROM cases WHERE library_id = $1 AND (day, id) < ($2, $3) ORDER BY day DESC, id DESC LIMIT $4`)
	caseRuns = sqlOf(`SELECT ` + caseColumns + ` FROM cases WHERE library_id = $1 AND running ORDER BY day, id`)
	caseIDs  = sqlOf(`SELECT id FROM cases WHERE library_id = $1 ORDER BY id`)

	goneAdd = sqlOf(`INSERT INTO cases_gone (library_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING`)
	goneHas = sqlOf(`SELECT count(*) FROM cases_gone WHERE library_id = $1 AND digest = $2`)

	eventAdd  = sqlOf(`INSERT INTO case_events (library_id, case_id, seq, event_id, sealed) VALUES ($1, $2, $3, $4, $5)`)
	eventList = sqlOf(`SELECT seq, event_id, sealed FROM case_events WHERE library_id = $1 AND case_id = $2 AND seq > $3 ORDER BY seq`)
	eventHas  = sqlOf(`SELECT seq FROM case_events WHERE library_id = $1 AND case_id = $2 AND event_id = $3`)

	tieAdd  = sqlOf(`INSERT INTO case_people (library_id, case_id, pseudonym, relation) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`)
	tieDel  = sqlOf(`DELETE FROM case_people WHERE library_id = $1 AND case_id = $2 AND relation = $3`)
	tieList = sqlOf(`SELECT pseudonym, relation FROM case_people WHERE library_id = $1 AND case_id = $2
		UNION ALL SELECT device_id, CASE WHEN past THEN '` + tiePast + `' ELSE '` + tieHere + `' END FROM case_devices WHERE library_id = $1 AND case_id = $2 ORDER BY 2, 1`)
	placeAdd  = sqlOf(`INSERT INTO case_devices (library_id, case_id, device_id, past) VALUES ($1, $2, $3, $4) ON CONFLICT (library_id, case_id, device_id) DO UPDATE SET past = excluded.past`)
	codeAdd   = sqlOf(`INSERT INTO case_tickets (library_id, digest, case_id, made, until_at, used) VALUES ($1, $2, $3, $4, $5, $6)`)
	codeUse   = sqlOf(`UPDATE case_tickets SET used = $3 WHERE library_id = $1 AND digest = $2`)
	codeGet   = sqlOf(`SELECT case_id, made, until_at, used FROM case_tickets WHERE library_id = $1 AND digest = $2`)
	codeSweep = sqlOf(`DELETE FROM case_tickets WHERE library_id = $1 AND until_at < $2`)

	placeCases = sqlOf(`SELECT ` + caseColumns + ` FROM cases WHERE library_id = $1 AND running AND id IN
		(SELECT case_id FROM case_devices WHERE library_id = $1 AND device_id = $2 AND NOT past) ORDER BY day, id`)
)

// AddCase adds a case. Its key must be durable in the keyring already.
func (t *Tx) AddCase(ctx context.Context, c Case) error {
	return t.later(ctx, caseAdd, 1, c.ID, c.Branch, c.Class, c.Sealed, c.Running, int64(c.Day), int64(c.Closed), whole(c.Head), int64(c.Version), c.Events)
}

// PutCase changes all of a case but its branch and its day.
func (t *Tx) PutCase(ctx context.Context, c Case) error {
	return t.later(ctx, casePut, 1, c.ID, c.Class, c.Sealed, c.Running, int64(c.Closed), whole(c.Head), int64(c.Version), c.Events)
}

// DeleteCase deletes a case with its events, ties, notes and alerts, and what was
// still to be done for those. Its key must have been destroyed already. That it was
// is kept (see WasDestroyed).
func (t *Tx) DeleteCase(ctx context.Context, id CaseID) error {
	if err := t.NoteDestroyed(ctx, id); err != nil {
		return err
	}
	if err := t.dropAlertJobs(ctx, id); err != nil {
		return err
	}
	return t.one(ctx, caseDel, id)
}

// NoteDestroyed keeps that a case was destroyed, whether or not there are rows of
// it. Doing it again changes nothing.
func (t *Tx) NoteDestroyed(ctx context.Context, id CaseID) error {
	_, err := t.exec(ctx, goneAdd, t.gone(id))
	return err
}

// WasDestroyed reports whether a case was destroyed. Its id must never be used
// again: what still waits on a device would bring it back.
func (t *Tx) WasDestroyed(ctx context.Context, id CaseID) (bool, error) {
	n, err := first(ctx, t, goneHas, readInt, t.gone(id))
	return n > 0, err
}

// gone is the digest of a case's id. An id has 74 random bits, so that nobody
// finds it from here.
func (t *Tx) gone(id CaseID) string {
	sum := sha256.Sum256([]byte("roundtable destroyed case\n" + t.tenant + "\n" + string(id)))
	return hex.EncodeToString(sum[:])
}

// Case returns a case.
func (t *Tx) Case(ctx context.Context, id CaseID) (Case, error) {
	return first(ctx, t, caseGet, readCase, id)
}

// WholeCase returns a case with its ties and its events.
func (t *Tx) WholeCase(ctx context.Context, id CaseID) (Case, Ties, []CaseEvent, error) {
	var rows []Case
	var events []CaseEvent
	ties := Ties{People: map[Relation][]people.Pseudonym{}}
	err := t.together(ctx,
		ask{caseGet, []any{id}, into(&rows, readCase)},
		ask{tieList, []any{id}, ties.read},
		ask{eventList, []any{id, 0}, into(&events, readCaseEvent)},
	)
	if err == nil && len(rows) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return Case{}, Ties{}, nil, err
	}
	return rows[0], ties, events, nil
}

// Cases lists cases from the newest on, after the last one of the list before;
// the zero Case for the first list.
func (t *Tx) Cases(ctx context.Context, after Case, most int) ([]Case, error) {
	if after.ID == "" {
		after.Day, after.ID = 1<<40, "~"
	}
	return all(ctx, t, caseList, readCase, int64(after.Day), after.ID, most)
}

// RunningCases lists the cases whose walk goes on, the oldest first.
func (t *Tx) RunningCases(ctx context.Context) ([]Case, error) {
	return all(ctx, t, caseRuns, readCase)
}

// CaseIDs lists every case there is.
func (t *Tx) CaseIDs(ctx context.Context) ([]CaseID, error) {
	return all(ctx, t, caseIDs, text[CaseID])
}

// CasesAt lists the cases whose walk runs on a device.
func (t *Tx) CasesAt(ctx context.Context, device people.DeviceID) ([]Case, error) {
	return all(ctx, t, placeCases, readCase, device)
}

func readCase(scan scanner) (c Case, err error) {
	var day, closed, version int64
	err = scan(&c.ID, &c.Branch, &c.Class, &c.Sealed, &c.Running, &day, &closed, &c.Head, &version, &c.Events)
	c.Day, c.Closed, c.Version = Day(day), Day(closed), uint64(version)
	return c, err
}

// CaseEvent is one event of a case, sealed.
type CaseEvent struct {
	Seq    int // its place in the case's order, from 1
	ID     string
	Sealed []byte
}

// AddCaseEvent adds an event. ErrDuplicate, at the latest when the transaction ends,
// if it is there already.
func (t *Tx) AddCaseEvent(ctx context.Context, id CaseID, e CaseEvent) error {
	return t.later(ctx, eventAdd, 1, id, e.Seq, e.ID, e.Sealed)
}

// CaseEvents lists a case's events after a place in its order.
func (t *Tx) CaseEvents(ctx context.Context, id CaseID, after int) ([]CaseEvent, error) {
	return all(ctx, t, eventList, readCaseEvent, id, after)
}

func readCaseEvent(scan scanner) (e CaseEvent, err error) {
	err = scan(&e.Seq, &e.ID, &e.Sealed)
	return e, err
}

// CaseEventSeq returns the place of an event that is there already.
func (t *Tx) CaseEventSeq(ctx context.Context, id CaseID, event string) (int64, error) {
	return first(ctx, t, eventHas, readInt, id, event)
}

// Tie ties a person to a case. Doing it again changes nothing.
func (t *Tx) Tie(ctx context.Context, id CaseID, who people.Pseudonym, as Relation) error {
	return t.later(ctx, tieAdd, anyRows, id, string(who), string(as))
}

// Untie takes a relation from everybody who has it.
func (t *Tx) Untie(ctx context.Context, id CaseID, as Relation) error {
	_, err := t.exec(ctx, tieDel, id, string(as))
	return err
}

// PutCaseDevice keeps that a case's walk runs on a device, or has left it.
func (t *Tx) PutCaseDevice(ctx context.Context, id CaseID, device people.DeviceID, past bool) error {
	return t.later(ctx, placeAdd, anyRows, id, device, past)
}

// Ties returns who and what is tied to a case.
func (t *Tx) Ties(ctx context.Context, id CaseID) (Ties, error) {
	ties := Ties{People: map[Relation][]people.Pseudonym{}}
	err := t.together(ctx, ask{tieList, []any{id}, ties.read})
	return ties, err
}

// read reads a tie.
func (t *Ties) read(scan scanner) error {
	var id, as string
	if err := scan(&id, &as); err != nil {
		return err
	}
	switch as {
	case tiePast:
		t.Past = append(t.Past, people.DeviceID(id))
	case tieHere:
		t.Here = append(t.Here, people.DeviceID(id))
	default:
		t.People[Relation(as)] = append(t.People[Relation(as)], people.Pseudonym(id))
	}
	return nil
}

// AddCaseTicket keeps a code by which a case's walk is handed over.
func (t *Tx) AddCaseTicket(ctx context.Context, id CaseID, k signin.Ticket) error {
	return t.one(ctx, codeAdd, string(k.Digest), id, millis(k.Made), millis(k.Until), millis(k.Used))
}

// UseCaseTicket keeps that a code was used.
func (t *Tx) UseCaseTicket(ctx context.Context, k signin.Ticket) error {
	return t.one(ctx, codeUse, string(k.Digest), millis(k.Used))
}

// CaseTicket returns the code that a digest finds, and the case that it is for.
func (t *Tx) CaseTicket(ctx context.Context, p signin.Purpose, d signin.Digest) (CaseID, signin.Ticket, error) {
	k := signin.Ticket{Purpose: p, Digest: d}
	id, err := first(ctx, t, codeGet, func(scan scanner) (id CaseID, err error) {
		var made, until, used int64
		err = scan(&id, &made, &until, &used)
		k.Made, k.Until, k.Used = at(made), at(until), at(used)
		return id, err
	}, string(d))
	return id, k, err
}

// SweepCaseTickets deletes codes that ran out before a time.
func (t *Tx) SweepCaseTickets(ctx context.Context, before time.Time) (int64, error) {
	return t.exec(ctx, codeSweep, millis(before))
}
