package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Store is one installation's database. It is safe for use by many goroutines.
type Store struct {
	d   *dialect
	dir *folder // SQLite: the files; nil on PostgreSQL
	db  *sql.DB // PostgreSQL; nil on SQLite

	turns  turns    // PostgreSQL: whose turn it is to write
	sizes  sync.Map // PostgreSQL: of ledgers, by tenant, when this process last wrote in them
	parked parked   // PostgreSQL: connections that are still being read on

	mu     sync.Mutex // guards broken
	broken error
	stop   chan struct{}
}

// ErrStopped is the cause of every error after one after which it is not known
// what is on the disk. The process has to be started anew; what was acknowledged
// before is kept.
var ErrStopped = errors.New("the disk failed while something was being written; nothing more is written until Roundtable is started again")

// Broken is closed when the store has stopped (see ErrStopped).
func (s *Store) Broken() <-chan struct{} { return s.stop }

// IsPostgres reports whether the store is on PostgreSQL, where other processes
// may write as well.
func (s *Store) IsPostgres() bool { return s.db != nil }

// Close lets the database go. Transactions that are under way are waited for.
func (s *Store) Close() error {
	if s.db != nil {
		s.parked.close()
		return s.db.Close()
	}
	return s.dir.close()
}

// Read runs do in a transaction of the tenant that sees one state of the
// database and changes nothing. A tenant that is not there is fault.Missing.
func (s *Store) Read(ctx context.Context, tenant people.LibraryID, do func(*Tx) error) error {
	db, err := s.handle(ctx, tenant, false)
	if err != nil {
		return err
	}
	if s.IsPostgres() {
		return s.runWire(ctx, tenant, true, do)
	}
	return s.run(ctx, db, &sql.TxOptions{ReadOnly: true}, tenant, do)
}

// Write runs do in a transaction of the tenant. When it returns nil, everything
// is durable; otherwise nothing was changed, unless the connection broke while
// the transaction was being committed (see Store.Broken, and fault.Internal on
// PostgreSQL: then it is not known, and the act may be tried again if it is one
// that may be done twice).
//
// Writing transactions of one tenant run one after another.
func (s *Store) Write(ctx context.Context, tenant people.LibraryID, do func(*Tx) error) error {
	db, err := s.handle(ctx, tenant, true)
	if err != nil {
		return err
	}
	if s.IsPostgres() {
		return s.runWire(ctx, tenant, false, do)
	}
	return s.run(ctx, db, nil, tenant, do)
}

func (s *Store) handle(ctx context.Context, tenant people.LibraryID, write bool) (*sql.DB, error) {
	if err := s.stopped(); err != nil {
		return nil, err
	}
	if s.db != nil {
		return s.db, nil
	}
	f, err := s.dir.open(ctx, tenant)
	if err != nil {
		return nil, s.explain(err)
	}
	if write {
		return f.write, nil
	}
	return f.read, nil
}

// run runs do in a transaction as database/sql has them: on a file, or for a dump.
func (s *Store) run(ctx context.Context, db *sql.DB, options *sql.TxOptions, tenant people.LibraryID, do func(*Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return s.explain(fmt.Errorf("begin: %w", err))
	}
	committed := false
	defer func() {
		if !committed {
			tx.Rollback() // also when do panics; its own error tells nothing new
		}
	}()
	t := &Tx{tx: tx, s: s, tenant: string(tenant), readOnly: options != nil && options.ReadOnly, size: noSize}
	if err := t.enter(ctx); err != nil {
		return s.explain(err)
	}
	if err := t.run(do); err != nil {
		return s.explain(err)
	}
	if err := s.stopped(); err != nil { // somebody else's sync failed meanwhile
		return err
	}
	if err := tx.Commit(); err != nil {
		return s.explain(fmt.Errorf("commit: %w", err))
	}
	committed = true
	return nil
}

// runWire runs do in a transaction on PostgreSQL.
func (s *Store) runWire(ctx context.Context, tenant people.LibraryID, readOnly bool, do func(*Tx) error) error {
	endTurn := func() {}
	if !readOnly {
		turn, err := s.turns.wait(ctx, string(tenant))
		if err != nil {
			return s.explain(fmt.Errorf("begin: %w", err))
		}
		endTurn = sync.OnceFunc(turn.end)
		defer endTurn()
	}
	t, err := s.beginWire(ctx, string(tenant), readOnly)
	if err != nil {
		return s.explain(fmt.Errorf("begin: %w", err))
	}
	defer func() {
		if readOnly {
			t.wire.leave(ctx)
		} else {
			t.wire.rollback(ctx) // also when do panics; nothing happens after a commit
		}
	}()
	err = t.run(do)
	if err == nil && !readOnly {
		// While the database makes it durable, the next one may come as far as its lock.
		err = t.wire.commit(ctx, func() {
			if t.size != noSize {
				s.sizes.Store(t.tenant, t.size)
			}
			endTurn()
		})
		if err != nil {
			s.sizes.Delete(t.tenant) // it was only guessed
		}
	}
	return s.explain(err)
}

func (s *Store) stopped() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return fault.Broken(s.broken)
	}
	return nil
}

// explain gives an error of the database its kind and words, and stops the store
// after an error that leaves open what is on the disk.
func (s *Store) explain(err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case isNoText(err):
		return fault.Missing().Because(err)
	case isFull(err):
		return fault.Refuse("There is no room left on the server's disk, so nothing was saved just now.",
			"What you typed is still on this page. Call whoever looks after the server, then try again.").Because(err)
	case isReadOnly(err):
		return fault.Refuse("The server may not write to its disk, so nothing was saved just now.",
			"What you typed is still on this page. Call whoever looks after the server, then try again.").Because(err)
	case isUnknown(err):
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken == nil {
			s.broken = fmt.Errorf("%w: %w", ErrStopped, err)
			close(s.stop)
		}
		return fault.Broken(s.broken)
	}
	return fault.Broken(err)
}
