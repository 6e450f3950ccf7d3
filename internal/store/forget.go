package store

import (
	"context"
	"fmt"

	"roundtable/internal/people"
)

var (
	forgetSessions    = sqlOf(`DELETE FROM sessions WHERE library_id = $1 AND person_id = $2`)
	forgetCredentials = sqlOf(`DELETE FROM credentials WHERE library_id = $1 AND person_id = $2`)
	forgetMemberships = sqlOf(`DELETE FROM memberships WHERE library_id = $1 AND person_id = $2`)
	forgetTickets     = sqlOf(`DELETE FROM tickets WHERE library_id = $1 AND person_id = $2`)
	forgetAccount     = sqlOf(`DELETE FROM accounts WHERE library_id = $1 AND person_id = $2`)
)

// ForgetPerson deletes an account and all that is of it in the installation. The
// person's key must have been destroyed already. One that is not there is no
// error.
func (t *Tx) ForgetPerson(ctx context.Context, person people.PersonID) error {
	for _, q := range []*query{forgetSessions, forgetCredentials, forgetMemberships, forgetTickets, pseudonymDrop, waysDrop, forgetAccount} {
		if _, err := t.exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// Tidy overwrites what was deleted and still lies in SQLite's journal of a
// tenant, as far as nobody is reading it at this moment. On PostgreSQL, which
// keeps deleted rows until it vacuums, there is nothing to be done here; on both
// it is the destroyed key that makes them unreadable.
func (s *Store) Tidy(ctx context.Context, tenant people.LibraryID) error {
	if s.IsPostgres() {
		return nil
	}
	db, err := s.handle(ctx, tenant, true)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return s.explain(fmt.Errorf("empty the journal: %w", err))
	}
	return nil
}
