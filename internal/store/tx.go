package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/ledger"
)

// Tx is a transaction of one tenant. It must not be used after the function that
// it was given to has returned, nor by several goroutines.
type Tx struct {
	tx       querier
	wire     *wire // PostgreSQL: what tx goes over; else nil
	s        *Store
	tenant   string
	readOnly bool
	size     int64                 // of the tenant's ledger, in a transaction that alone may change it; noSize if not known
	edge     map[int64]ledger.Hash // hashes of the ledger that are known already
	failed   error                 // of what was run later; it ends the transaction, whoever minds it
}

// querier is what statements are run on.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// run runs do. What failed when it was run later is an error even if do minds none.
func (t *Tx) run(do func(*Tx) error) error {
	if err := do(t); err != nil {
		return err
	}
	return t.failed
}

// Tenant is whose transaction it is.
func (t *Tx) Tenant() people.LibraryID { return people.LibraryID(t.tenant) }

// enter makes a transaction one of its tenant.
func (t *Tx) enter(ctx context.Context) error {
	if q := t.s.d.enter; q != "" {
		if _, err := t.tx.ExecContext(ctx, q, t.tenant); err != nil {
			return fmt.Errorf("enter the library: %w", err)
		}
	}
	return nil
}

// Notify tells other processes once the transaction commits. The tag must tell
// nothing (see package live). It does nothing where there is one process only.
func (t *Tx) Notify(ctx context.Context, tag string) error {
	if t.wire == nil {
		return nil
	}
	return t.wire.later(&query{t.s.d.notify}, anyRows, []any{tag})
}

// query is a statement. All are listed, so that a test prepares each on both
// databases. $1 is always the tenant.
type query struct{ text string }

var queries []*query

func sqlOf(text string) *query {
	q := &query{text}
	queries = append(queries, q)
	return q
}

// exec runs a statement; args begin with $2.
func (t *Tx) exec(ctx context.Context, q *query, args ...any) (changed int64, err error) {
	if err := t.catchUp(ctx); err != nil {
		return 0, err
	}
	res, err := t.tx.ExecContext(ctx, q.text, append([]any{t.tenant}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name(), err)
	}
	return res.RowsAffected()
}

// later runs a statement before the transaction ends, and before the next one that
// is not run later: on PostgreSQL with others, in one trip. It has to change so many
// rows, or anyRows, and an error of it ends the transaction: ErrDuplicate for a row
// that is there already. Nothing else may depend on its outcome.
func (t *Tx) later(ctx context.Context, q *query, rows int64, args ...any) error {
	if t.wire != nil {
		return t.wire.later(q, rows, append([]any{t.tenant}, args...))
	}
	n, err := t.exec(ctx, q, args...)
	if err == nil {
		err = q.changed(n, rows)
	}
	t.failed = cmp.Or(t.failed, duplicate(err))
	return t.failed
}

// changed is an error if a statement changed other rows than it has to.
func (q *query) changed(n, want int64) error {
	if want == anyRows || n == want {
		return nil
	}
	return fault.Missing().Because(fmt.Errorf("%s changed %d rows, want %d", q.name(), n, want))
}

// catchUp runs what was to be run later.
func (t *Tx) catchUp(ctx context.Context) error {
	if t.wire == nil {
		return nil
	}
	t.failed = cmp.Or(t.failed, t.wire.flush(ctx))
	return t.failed
}

// one runs a statement that changes exactly one row: fault.Missing if none.
func (t *Tx) one(ctx context.Context, q *query, args ...any) error {
	n, err := t.exec(ctx, q, args...)
	if err == nil {
		err = q.changed(n, 1)
	}
	return err
}

// ask is a question whose answer does not depend on those beside it.
type ask struct {
	query *query
	args  []any // from $2 on
	read  func(scanner) error
}

// together asks several questions, on PostgreSQL in one trip.
func (t *Tx) together(ctx context.Context, asks ...ask) error {
	if t.wire != nil {
		if err := t.catchUp(ctx); err != nil {
			return err
		}
		return t.wire.ask(ctx, asks)
	}
	for _, a := range asks {
		rows, err := t.tx.QueryContext(ctx, a.query.text, append([]any{t.tenant}, a.args...)...)
		if err == nil {
			err = eachRow(rows, a.read)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.query.name(), err)
		}
	}
	return nil
}

// into collects what rows are read to.
func into[T any](list *[]T, read func(scanner) (T, error)) func(scanner) error {
	return func(scan scanner) error {
		v, err := read(scan)
		if err == nil {
			*list = append(*list, v)
		}
		return err
	}
}

// eachRow reads rows to their end.
func eachRow(rows *sql.Rows, read func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// name is the statement's beginning: enough for a log, and no values are in it.
func (q *query) name() string {
	words := strings.Fields(q.text)
	return strings.Join(words[:min(4, len(words))], " ")
}

// scanner is what a row is read by.
type scanner func(dest ...any) error

// all reads every row of a query.
func all[T any](ctx context.Context, t *Tx, q *query, read func(scanner) (T, error), args ...any) (list []T, err error) {
	err = t.together(ctx, ask{q, args, into(&list, read)})
	return list, err
}

// first reads the row of a query: fault.Missing if there is none.
func first[T any](ctx context.Context, t *Tx, q *query, read func(scanner) (T, error), args ...any) (v T, err error) {
	list, err := all(ctx, t, q, read, args...)
	if err == nil && len(list) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return v, err
	}
	return list[0], nil
}

// text reads a row that is one text.
func text[S ~string](scan scanner) (s S, err error) {
	err = scan(&s)
	return s, err
}

// millis writes a time as the database keeps it; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at reads a time that millis wrote.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// whole returns b, or an empty slice for nil: a column that must be there.
func whole(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// numbers writes "$2, $3, …" for n values.
func numbers(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}
