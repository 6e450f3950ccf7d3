package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/mod/sumdb/tlog"
	"roundtable/internal/fault"
	"roundtable/ledger"
)

// wire is a transaction on one connection to PostgreSQL. A trip to the server costs
// more than most statements, and while a writing transaction lasts others of its
// tenant wait. So what begins a transaction goes along with the first thing that is
// asked, and statements on whose outcome nothing depends wait until an answer is
// needed, or with the end of it all, and go together.
type wire struct {
	s        *Store
	conn     *sql.Conn
	tenant   string
	readOnly bool
	waiting  []deferred
	stale    bool // one for reading has not ended yet on the connection
	begun    bool // the server has begun it
	failed   bool // something that was sent
	done     bool
}

// deferred is a statement that waits.
type deferred struct {
	query *query
	args  []any
	rows  int64 // how many it has to change; anyRows if that does not matter
}

// anyRows says that it does not matter how many rows a statement changes.
const anyRows = -1

// rollbackTime is how long giving a transaction up may take. Then the connection is
// closed, which gives it up too.
const rollbackTime = 5 * time.Second

// The statements that begin and end transactions.
const (
	beginRead  = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	beginWrite = "BEGIN"
	rollBack   = "ROLLBACK"
)

// beginWire begins a transaction of a tenant. A writing one is from then on the only
// one, and knows the size of the tenant's ledger (noSize if it has none yet) and most
// likely the hashes that an entry is added by. One for reading has its beginning go
// along with the first thing that is asked.
func (s *Store) beginWire(ctx context.Context, tenant string, readOnly bool) (*Tx, error) {
	w := &wire{s: s, tenant: tenant, readOnly: readOnly}
	if w.conn = s.parked.take(); w.conn != nil {
		w.stale = true
	} else if err := w.connect(ctx); err != nil {
		return nil, err
	}
	t := &Tx{tx: w, wire: w, s: s, tenant: tenant, readOnly: readOnly, size: noSize}
	if readOnly {
		return t, nil
	}
	asks := []ask{{query: &query{s.d.lock}, read: func(scan scanner) error { return scan(&t.size) }}}
	guess, _ := s.sizes.Load(tenant)
	size, _ := guess.(int64)
	edge := map[int64]ledger.Hash{}
	if size > 0 {
		asks = append(asks, askHashes(edgeOf(size), edge)...)
	}
	if err := w.ask(ctx, asks); err != nil {
		w.rollback(ctx)
		return nil, err
	}
	if t.size == size { // nobody else has written meanwhile
		t.edge = edge
	}
	return t, nil
}

// edgeOf lists the numbers of the hashes that an entry is added to a ledger of that
// size by: of the roots of its perfect trees.
func edgeOf(size int64) (list []int64) {
	for level := 0; size>>level > 0; level++ {
		if nodes := size >> level; nodes%2 == 1 {
			list = append(list, tlog.StoredHashIndex(level, nodes-1))
		}
	}
	return list
}

// isClosed reports whether the connection is gone.
func (w *wire) isClosed() (closed bool) {
	err := w.conn.Raw(func(c any) error {
		closed = c.(*stdlib.Conn).Conn().IsClosed()
		return nil
	})
	return closed || err != nil
}

// noSize stands for a size that is not known.
const noSize = -1

// send sends statements together, the first time after those that begin the
// transaction. A connection that the server has dropped before it answered anything,
// as when it was started anew, is replaced by another: nothing has happened on it.
func (w *wire) send(ctx context.Context, batch *pgx.Batch) (err error) {
	if w.begun {
		return w.sendOn(ctx, batch)
	}
	if w.conn == nil {
		return sql.ErrConnDone // there was no other one
	}
	for range poolSize + 1 { // all that lie ready may be dropped ones
		err = w.sendOn(ctx, w.withBegin(batch))
		if err == nil || w.begun || ctx.Err() != nil || !w.isClosed() {
			break
		}
		w.conn.Close()
		if failed := w.connect(ctx); failed != nil {
			return errors.Join(err, failed)
		}
	}
	return err
}

// withBegin puts what begins the transaction before statements.
func (w *wire) withBegin(batch *pgx.Batch) *pgx.Batch {
	var all pgx.Batch
	if w.stale {
		all.Queue(rollBack)
	}
	if w.readOnly {
		all.Queue(beginRead).Exec(w.setBegun)
	} else {
		all.Queue(beginWrite).Exec(w.setBegun)
	}
	all.Queue(w.s.d.enter, w.tenant)
	for _, q := range batch.QueuedQueries { // not itself: it remembers on which connection it was prepared
		all.QueuedQueries = append(all.QueuedQueries, &pgx.QueuedQuery{SQL: q.SQL, Arguments: q.Arguments, Fn: q.Fn})
	}
	return &all
}

// connect takes a connection on which nothing has begun.
func (w *wire) connect(ctx context.Context) (err error) {
	w.conn, err = w.s.db.Conn(ctx)
	w.stale = false
	return err
}

func (w *wire) setBegun(pgconn.CommandTag) error {
	w.begun = true
	return nil
}

func (w *wire) sendOn(ctx context.Context, batch *pgx.Batch) error {
	err := w.conn.Raw(func(c any) error {
		return c.(*stdlib.Conn).Conn().SendBatch(ctx, batch).Close()
	})
	w.failed = w.failed || err != nil
	return err
}

// ExecContext runs one statement by itself.
func (w *wire) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	return w.conn.ExecContext(ctx, query, args...)
}

// QueryContext asks one question by itself, for as many rows as one likes to read.
func (w *wire) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	return w.conn.QueryContext(ctx, query, args...)
}

// begin begins the transaction if it has not begun.
func (w *wire) begin(ctx context.Context) error {
	if w.begun {
		return nil
	}
	return w.send(ctx, new(pgx.Batch))
}

// later lets a statement wait.
func (w *wire) later(q *query, rows int64, args []any) error {
	args, err := converted(args)
	if err != nil {
		return fmt.Errorf("%s: %w", q.name(), err)
	}
	w.waiting = append(w.waiting, deferred{q, args, rows})
	return nil
}

// converted has arguments as database/sql gives them to a driver.
func converted(args []any) ([]any, error) {
	list := make([]any, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, err
		}
		list[i] = value
	}
	return list, nil
}

// ask asks questions together.
func (w *wire) ask(ctx context.Context, asks []ask) error {
	var batch pgx.Batch
	for _, a := range asks {
		named := func(err error) error {
			if err != nil {
				err = fmt.Errorf("%s: %w", a.query.name(), err)
			}
			return err
		}
		args, err := converted(append([]any{w.tenant}, a.args...))
		if err != nil {
			return named(err)
		}
		batch.Queue(a.query.text, args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := a.read(rows.Scan); err != nil {
					return named(err)
				}
			}
			return named(rows.Err())
		})
	}
	return w.send(ctx, &batch)
}

// flush runs what waits, and returns the first error in it.
func (w *wire) flush(ctx context.Context) error {
	if len(w.waiting) == 0 {
		return nil
	}
	return w.end(ctx, "", func() {})
}

// commit makes everything durable. What waits goes along in the same trip: PostgreSQL
// passes over all that follows a statement that fails, and so one that changed other
// rows than it should is made to fail. Nor is it taken for a commit when the server
// gives the transaction up instead, as it does, without an error, after a statement
// that failed and whose error nobody minded.
// sent is called once all of it is on its way.
func (w *wire) commit(ctx context.Context, sent func()) error {
	if err := w.end(ctx, "COMMIT", sent); err != nil {
		return err
	}
	w.done = true
	w.conn.Close() // it is durable, whatever becomes of the connection
	return nil
}

// end runs what waits, and then a last statement unless it is "". sent is called once
// all of it is on its way.
func (w *wire) end(ctx context.Context, last string, sent func()) error {
	waiting := w.waiting
	w.waiting = nil
	var batch pgx.Batch
	for _, d := range waiting {
		batch.Queue(d.text(), d.args...)
	}
	if last != "" {
		batch.Queue(last)
	}
	return w.conn.Raw(func(c any) (err error) {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		sent()
		defer func() {
			if closed := results.Close(); err == nil {
				err = closed
			}
		}()
		for _, d := range waiting {
			if _, err := results.Exec(); err != nil {
				return d.explain(err)
			}
		}
		if last == "" {
			return nil
		}
		tag, err := results.Exec()
		if err == nil && tag.String() != last {
			err = pgx.ErrTxCommitRollback
		}
		if err != nil {
			return fmt.Errorf("%s: %w", last, err)
		}
		return nil
	})
}

// text is the statement's, made to fail if it changes other rows than it has to: by a
// division, for lack of a statement that does nothing but fail. A row that is added
// needs no such thing.
func (d *deferred) text() string {
	if d.rows == anyRows || !strings.HasPrefix(d.query.text, "UPDATE") {
		return d.query.text
	}
	return fmt.Sprintf("WITH changed AS (%s RETURNING 1) SELECT 1 / (count(*) = %d)::int FROM changed", d.query.text, d.rows)
}

// explain gives an error of the statement its kind.
func (d *deferred) explain(err error) error {
	err = fmt.Errorf("%s: %w", d.query.name(), err)
	if code := new(pgconn.PgError); errors.As(err, &code) && code.Code == "22012" /* division by zero */ {
		return fault.Missing().Because(err)
	}
	return duplicate(err)
}

// leave ends a transaction for reading: with the beginning of the next one on its
// connection, or by itself if none comes soon, or if something failed: then the driver
// has to tidy up its statements, and does so only between two transactions.
func (w *wire) leave(ctx context.Context) {
	if w.done {
		return
	}
	if w.begun && !w.isClosed() {
		w.stale = true
	}
	if !w.stale || w.failed || !w.s.parked.put(w.conn) {
		go w.rollback(ctx) // there is nothing to wait for
		return
	}
	w.done = true
}

// rollback gives the transaction up, unless it has ended. It outlives whoever waits,
// within bounds.
func (w *wire) rollback(ctx context.Context) {
	if w.done {
		return
	}
	w.done = true
	defer func() {
		if w.conn != nil {
			w.conn.Close()
		}
	}()
	if w.conn == nil || !w.begun && !w.stale {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	giveUp(ctx, w.conn)
}

// giveUp ends a connection's transaction. What goes wrong closes the connection, which
// has the same effect.
func giveUp(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(ctx, rollBack); err != nil {
		conn.Raw(func(any) error { return driver.ErrBadConn }) // never used again
	}
}
