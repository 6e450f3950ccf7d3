package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Tx is a transaction of one tenant. It must not be used after the function that
// it was given to has returned, nor by several goroutines.
type Tx struct {
	tx       querier
	wire     *wire // PostgreSQL: what tx goes over; else nil
	s        *Store
	tenant   string
	readOnly bool
	size     int64 // of the tenant's ledger, in a transaction that alone may change it; noSize if not known
}

// querier is what statements are run on.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
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
	if err == nil && rows != anyRows && n != rows {
		return fault.Missing().Because(fmt.Errorf("%s changed %d rows, want %d", q.name(), n, rows))
	}
	return duplicate(err)
}

// catchUp runs what was to be run later.
func (t *Tx) catchUp(ctx context.Context) error {
	if t.wire == nil {
		return nil
	}
	return t.wire.flush(ctx)
}

// one runs a statement that changes exactly one row: fault.Missing if none.
func (t *Tx) one(ctx context.Context, q *query, args ...any) error {
	n, err := t.exec(ctx, q, args...)
	if err == nil && n != 1 {
		return fault.Missing().Because(fmt.Errorf("%s changed %d rows", q.name(), n))
	}
	return err
}

// name is the statement's beginning: enough for a log, and no values are in it.
func (q *query) name() string {
	words := strings.Fields(q.text)
	return strings.Join(words[:min(4, len(words))], " ")
}

// scanner is what a row is read by.
type scanner func(dest ...any) error

// all reads every row of a query.
func all[T any](ctx context.Context, t *Tx, q *query, read func(scanner) (T, error), args ...any) ([]T, error) {
	return allOf(ctx, t, q.text, q.name(), read, args...)
}

func allOf[T any](ctx context.Context, t *Tx, text, name string, read func(scanner) (T, error), args ...any) ([]T, error) {
	if err := t.catchUp(ctx); err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(ctx, text, append([]any{t.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := read(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// first reads the row of a query: fault.Missing if there is none.
func first[T any](ctx context.Context, t *Tx, q *query, read func(scanner) (T, error), args ...any) (T, error) {
	if err := t.catchUp(ctx); err != nil {
		var none T
		return none, err
	}
	v, err := read(t.tx.QueryRowContext(ctx, q.text, append([]any{t.tenant}, args...)...).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return v, fault.Missing()
	case err != nil:
		return v, fmt.Errorf("%s: %w", q.name(), err)
	}
	return v, nil
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
