package store

import (
	"context"
	"time"

	"roundtable/internal/people"
)

// Branch is one branch of a library.
type Branch struct {
	ID     people.BranchID
	Name   string
	Prefix string // what its desk dials first for an outside line, "" if nothing
	Phone  string // the desk's own number
	// Emergency is its sentence about emergency calls, "" for the usual one.
	Emergency string
	TimeZone  string // of the IANA database
	Position  int    // where it stands among the branches
	Closed    time.Time
}

// PhoneLine is a number that the desk calls: of a role at a branch, or an outside
// line such as the police's.
type PhoneLine struct {
	ID       string
	Branch   people.BranchID // "" for all branches
	Line     string          // a role, or the name of an outside line
	Label    string
	Number   string
	Position int
}

// Duty says who is on duty in a role at a branch, from when to when.
type Duty struct {
	ID        string
	Branch    people.BranchID
	Role      people.Role
	Pseudonym people.Pseudonym
	From      time.Time
	Until     time.Time
}

const (
	branchColumns = `id, name, prefix, phone, emergency, time_zone, position, closed`
	lineColumns   = `id, branch_id, line, label, number, position`
	dutyColumns   = `id, branch_id, role, pseudonym, from_at, until_at`
)

var (
	branchAdd  = sqlOf(`INSERT INTO branches (library_id, ` + branchColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	branchPut  = sqlOf(`UPDATE branches SET name = $3, prefix = $4, phone = $5, emergency = $6, time_zone = $7, position = $8, closed = $9 WHERE library_id = $1 AND id = $2`)
	branchGet  = sqlOf(`SELECT ` + branchColumns + ` FROM branches WHERE library_id = $1 AND id = $2`)
	branchList = sqlOf(`SELECT ` + branchColumns + ` FROM branches WHERE library_id = $1 ORDER BY closed, position, name, id`)
	lineGet    = sqlOf(`SELECT ` + lineColumns + ` FROM phone_lines WHERE library_id = $1 AND id = $2`)
	dutyGet    = sqlOf(`SELECT ` + dutyColumns + ` FROM duties WHERE library_id = $1 AND id = $2`)
	lineAdd    = sqlOf(`INSERT INTO phone_lines (library_id, ` + lineColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	lineDel    = sqlOf(`DELETE FROM phone_lines WHERE library_id = $1 AND id = $2`)
	lineList   = sqlOf(`SELECT ` + lineColumns + ` FROM phone_lines WHERE library_id = $1 ORDER BY position, line, id`)
	dutyAdd    = sqlOf(`INSERT INTO duties (library_id, ` + dutyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	dutyEnd    = sqlOf(`UPDATE duties SET until_at = $3 WHERE library_id = $1 AND id = $2`)
	dutyList   = sqlOf(`SELECT ` + dutyColumns + ` FROM duties WHERE library_id = $1 AND from_at <= $2 AND until_at > $2 ORDER BY from_at DESC, id DESC`)
)

// AddBranch adds a branch.
func (t *Tx) AddBranch(ctx context.Context, b Branch) error {
	return t.one(ctx, branchAdd, b.ID, b.Name, b.Prefix, b.Phone, b.Emergency, b.TimeZone, b.Position, millis(b.Closed))
}

// PutBranch changes a branch.
func (t *Tx) PutBranch(ctx context.Context, b Branch) error {
	return t.one(ctx, branchPut, b.ID, b.Name, b.Prefix, b.Phone, b.Emergency, b.TimeZone, b.Position, millis(b.Closed))
}

// Branch returns one branch.
func (t *Tx) Branch(ctx context.Context, id people.BranchID) (Branch, error) {
	return first(ctx, t, branchGet, readBranch, id)
}

// Branches lists the branches in their order, those that were closed last.
func (t *Tx) Branches(ctx context.Context) ([]Branch, error) {
	return all(ctx, t, branchList, readBranch)
}

func readBranch(scan scanner) (b Branch, err error) {
	var closed int64
	err = scan(&b.ID, &b.Name, &b.Prefix, &b.Phone, &b.Emergency, &b.TimeZone, &b.Position, &closed)
	b.Closed = at(closed)
	return b, err
}

// AddPhoneLine adds a number.
func (t *Tx) AddPhoneLine(ctx context.Context, l PhoneLine) error {
	return t.one(ctx, lineAdd, l.ID, l.Branch, l.Line, l.Label, l.Number, l.Position)
}

// DeletePhoneLine takes a number away.
func (t *Tx) DeletePhoneLine(ctx context.Context, id string) error {
	return t.one(ctx, lineDel, id)
}

// PhoneLines lists all numbers in their order.
func (t *Tx) PhoneLines(ctx context.Context) ([]PhoneLine, error) {
	return all(ctx, t, lineList, readLine)
}

// PhoneLine returns one number.
func (t *Tx) PhoneLine(ctx context.Context, id string) (PhoneLine, error) {
	return first(ctx, t, lineGet, readLine, id)
}

func readLine(scan scanner) (l PhoneLine, err error) {
	err = scan(&l.ID, &l.Branch, &l.Line, &l.Label, &l.Number, &l.Position)
	return l, err
}

// AddDuty adds a time on duty.
func (t *Tx) AddDuty(ctx context.Context, d Duty) error {
	return t.one(ctx, dutyAdd, d.ID, d.Branch, string(d.Role), string(d.Pseudonym), millis(d.From), millis(d.Until))
}

// EndDuty ends a time on duty.
func (t *Tx) EndDuty(ctx context.Context, id string, when time.Time) error {
	return t.one(ctx, dutyEnd, id, millis(when))
}

// Duties lists who is on duty at a time, whoever began last first.
func (t *Tx) Duties(ctx context.Context, now time.Time) ([]Duty, error) {
	return all(ctx, t, dutyList, readDuty, millis(now))
}

// Duty returns one time on duty.
func (t *Tx) Duty(ctx context.Context, id string) (Duty, error) {
	return first(ctx, t, dutyGet, readDuty, id)
}

func readDuty(scan scanner) (d Duty, err error) {
	var from, until int64
	err = scan(&d.ID, &d.Branch, &d.Role, &d.Pseudonym, &from, &until)
	d.From, d.Until = at(from), at(until)
	return d, err
}
