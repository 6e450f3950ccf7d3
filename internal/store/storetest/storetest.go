// Package storetest gives a test a store on each database. It is imported by
// tests only.
package storetest

import (
	"testing"

	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
)

// Role is the PostgreSQL role under which tests serve.
const Role = "roundtable_app"

// Run runs a body on SQLite and on PostgreSQL, each with a store of its own that
// has the installation's place. Where PostgreSQL is missing it says so, aloud.
func Run(t *testing.T, body func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) { body(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { body(t, Postgres(t)) })
}

// SQLite opens a store in a folder of the test.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.OpenSQLite(t.Context(), store.SQLite{Folder: t.TempDir()})
	return ready(t, s, err)
}

// Postgres opens a store in a database of the test, as the role that serves.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.OpenPostgres(t.Context(), Database(t))
	return ready(t, s, err)
}

// Database makes a database with the newest tables, and returns its address for
// the role that serves.
func Database(t testing.TB) string {
	t.Helper()
	return DatabaseOn(t, pgtest.Shared(t))
}

// DatabaseOn is Database on a cluster of the test's own.
func DatabaseOn(t testing.TB, c *pgtest.Cluster) string {
	t.Helper()
	owner := c.Database(t)
	c.Role(t, Role)
	if err := store.MigratePostgres(t.Context(), owner, Role); err != nil {
		t.Fatalf("MigratePostgres: %v", err)
	}
	address, err := pgtest.As(owner, Role)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func ready(t testing.TB, s *store.Store, err error) *store.Store {
	t.Helper()
	if err != nil {
		t.Fatalf("open a store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if err := s.MakeTenant(t.Context(), people.Installation); err != nil {
		t.Fatalf("MakeTenant: %v", err)
	}
	return s
}
