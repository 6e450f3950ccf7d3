package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"roundtable/internal/people"
)

// poolSize bounds how many connections one process has.
const poolSize = 16

// MigratePostgres makes the tables or brings them to the newest form, as the
// owner of the database, and lets the role under which the program serves use
// them. That role must be another one than the owner, since row security does
// not hold an owner's superuser back.
func MigratePostgres(ctx context.Context, ownerURL, role string) error {
	db, err := sql.Open("pgx", ownerURL)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := migrate(ctx, &postgresDialect, db, "both", "installation", "library"); err != nil {
		return err
	}
	quoted := pgx.Identifier{role}.Sanitize()
	for _, q := range []string{
		"GRANT USAGE ON SCHEMA public TO " + quoted,
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + quoted,
		// The ledger only grows: the role may drop an entry's text, and no more.
		"REVOKE UPDATE, DELETE ON ledger_leaves, ledger_hashes, ledger_checkpoints FROM " + quoted,
		"GRANT UPDATE (entry) ON ledger_leaves TO " + quoted,
		"GRANT UPDATE (note) ON ledger_checkpoints TO " + quoted,
		"REVOKE INSERT, UPDATE, DELETE ON schema_versions FROM " + quoted,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("let the role %s use the tables: %w", quoted, err)
		}
	}
	return nil
}

// OpenPostgres opens an installation on PostgreSQL, as the role under which the
// program serves. It refuses a role that row security would not hold back.
func OpenPostgres(ctx context.Context, url string) (*Store, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{d: &postgresDialect, db: db, stop: make(chan struct{})}
	if err := s.checkServer(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// checkServer refuses a database that would not keep what was acknowledged, or
// would not keep libraries apart.
func (s *Store) checkServer(ctx context.Context) error {
	var free, owner bool
	err := s.db.QueryRowContext(ctx, `SELECT rolsuper OR rolbypassrls,
		EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relowner = r.oid)
		FROM pg_roles r WHERE rolname = current_user`).Scan(&free, &owner)
	if err != nil {
		return fmt.Errorf("ask the database who we are there: %w", err)
	}
	if free || owner {
		return errors.New("this database role owns the tables or passes by row security, so that libraries would not be kept apart: serve as another role, which roundtable migrate --role prepares")
	}
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := s.db.QueryRowContext(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return err
		}
		if value == "off" || (setting == "synchronous_commit" && value == "local") {
			return fmt.Errorf("this database has %s = %s, so that what was acknowledged could be lost: set it to on", setting, value)
		}
	}
	return checkNewest(ctx, s.d, s.db, "both", "installation", "library")
}

// MakeTenant makes a tenant's place in the database. Doing it again changes
// nothing.
func (s *Store) MakeTenant(ctx context.Context, tenant people.LibraryID) error {
	if s.dir != nil {
		if _, err := s.dir.make(ctx, tenant); err != nil {
			return s.explain(err)
		}
	}
	return s.Write(ctx, tenant, func(t *Tx) error {
		_, err := t.exec(ctx, makeHead)
		return err
	})
}

var makeHead = sqlOf(`INSERT INTO ledger_heads (library_id, size, checkpoints) VALUES ($1, 0, 0)
	ON CONFLICT (library_id) DO NOTHING`)
