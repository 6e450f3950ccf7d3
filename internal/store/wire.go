package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"roundtable/internal/fault"
)

// wire is a transaction on one connection to PostgreSQL. A trip to the server costs
// more than most statements, and while a writing transaction lasts others of its
// tenant wait. So a transaction begins with one trip, and statements of whose outcome
// nothing depends wait until an answer is needed, and then go together.
type wire struct {
	conn    *sql.Conn
	waiting []deferred
	done    bool
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
)

// beginWire begins a transaction of a tenant. Size is what the tenant's ledger has for
// a writing one, which from then on is the only one; noSize if it has no ledger yet.
func (s *Store) beginWire(ctx context.Context, tenant string, readOnly bool) (w *wire, size int64, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, noSize, err
	}
	w, size = &wire{conn: conn}, noSize
	var batch pgx.Batch
	if readOnly {
		batch.Queue(beginRead)
	} else {
		batch.Queue(beginWrite)
	}
	batch.Queue(s.d.enter, tenant)
	if !readOnly {
		batch.Queue(s.d.lock, tenant).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&size); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	if err := w.send(ctx, &batch); err != nil {
		w.rollback(ctx)
		return nil, noSize, err
	}
	return w, size, nil
}

// noSize stands for a size that is not known.
const noSize = -1

// send sends statements together.
func (w *wire) send(ctx context.Context, batch *pgx.Batch) error {
	return w.conn.Raw(func(c any) error {
		return c.(*stdlib.Conn).Conn().SendBatch(ctx, batch).Close()
	})
}

// later lets a statement wait.
func (w *wire) later(q *query, rows int64, args []any) error {
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg) // as database/sql does
		if err != nil {
			return fmt.Errorf("%s: %w", q.name(), err)
		}
		args[i] = value
	}
	w.waiting = append(w.waiting, deferred{q, args, rows})
	return nil
}

// flush runs what waits, and returns the first error in it.
func (w *wire) flush(ctx context.Context) error {
	if len(w.waiting) == 0 {
		return nil
	}
	waiting := w.waiting
	w.waiting = nil
	var batch pgx.Batch
	for _, d := range waiting {
		batch.Queue(d.query.text, d.args...)
	}
	return w.conn.Raw(func(c any) (err error) {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		defer func() {
			if closed := results.Close(); err == nil {
				err = closed
			}
		}()
		for _, d := range waiting {
			tag, err := results.Exec()
			if err != nil {
				return duplicate(fmt.Errorf("%s: %w", d.query.name(), err))
			}
			if d.rows != anyRows && tag.RowsAffected() != d.rows {
				return fault.Missing().Because(fmt.Errorf("%s changed %d rows, want %d", d.query.name(), tag.RowsAffected(), d.rows))
			}
		}
		return nil
	})
}

// commit makes everything durable. What waits goes first and is looked at: a
// statement that changed other rows than it should must not be committed.
func (w *wire) commit(ctx context.Context) error {
	if err := w.flush(ctx); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.done = true
	return w.conn.Close()
}

// rollback gives the transaction up, unless it has ended. It outlives whoever waits,
// within bounds; what goes wrong closes the connection, which has the same effect.
func (w *wire) rollback(ctx context.Context) {
	if w.done {
		return
	}
	w.done = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		w.conn.Raw(func(any) error { return driver.ErrBadConn }) // never used again
	}
	w.conn.Close()
}
