package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// TestLater has statements fail that run later than they are asked for: an act that
// loses one must not be taken for one that is kept, even if its caller minds no error.
func TestLater(t *testing.T) {
	type act = func(*store.Tx) error
	fresh := store.Case{ID: "fresh", Branch: "main", Class: "incident", Running: true, Version: 1}
	event := store.CaseEvent{Seq: 1, ID: "event", Sealed: []byte{1}}
	add := func(tx *store.Tx) error { return tx.AddCase(t.Context(), fresh) }
	twice := func(tx *store.Tx) error {
		return errors.Join(tx.AddCaseEvent(t.Context(), "case", event), tx.AddCaseEvent(t.Context(), "case", event))
	}
	nobody := func(tx *store.Tx) error {
		return tx.PutCase(t.Context(), store.Case{ID: "nobody", Version: 2})
	}
	look := func(tx *store.Tx) error {
		_, err := tx.Case(t.Context(), "fresh")
		return err
	}
	unminded := func(do act) act {
		return func(tx *store.Tx) error {
			do(tx)
			return nil
		}
	}
	tests := []struct {
		name string
		acts []act
		want fault.Kind // zero if it must be kept
	}{
		{"nothing fails", []act{add, look}, 0},
		{"no row changed, last", []act{add, nobody}, fault.NotFound},
		{"no row changed, then a look", []act{add, nobody, look}, fault.NotFound},
		{"no row changed, not minded", []act{add, unminded(nobody)}, fault.NotFound},
		{"no row changed, nor the look minded", []act{add, unminded(nobody), unminded(look)}, fault.NotFound},
		{"a row there already, last", []act{add, twice}, fault.Conflict},
		{"a row there already, not minded", []act{add, unminded(twice)}, fault.Conflict},
		{"a row there already, nor the look minded", []act{add, unminded(twice), unminded(look)}, fault.Conflict},
		{"a case there already", []act{add, add}, fault.Conflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, s *store.Store) {
				withLibrary(t, s, func(*store.Tx) error { return nil })
				err := s.Write(t.Context(), alertLibrary, func(tx *store.Tx) error {
					for _, do := range test.acts {
						if err := do(tx); err != nil {
							return err
						}
					}
					return nil
				})
				if test.want == 0 {
					must(t, err)
					must(t, s.Read(t.Context(), alertLibrary, look))
					return
				}
				if err == nil || fault.KindOf(err) != test.want {
					t.Errorf("Write = %v, want an error that is %v", err, test.want)
				}
				if err := s.Read(t.Context(), alertLibrary, look); fault.KindOf(err) != fault.NotFound {
					t.Errorf("what the act wrote before is there afterwards (%v)", err)
				}
			})
		})
	}
}

// TestAbortedTransaction has a statement fail that is not run later and whose error
// nobody minds. PostgreSQL gives the whole transaction up at COMMIT, and tells so in
// words only; SQLite keeps the rest. Either is right, if Write does not lie about it.
func TestAbortedTransaction(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		withLibrary(t, s, func(*store.Tx) error { return nil })
		main := store.Branch{ID: "main", Name: "Main", TimeZone: "UTC"}
		err := s.Write(t.Context(), alertLibrary, func(tx *store.Tx) error {
			if err := tx.AddCase(t.Context(), store.Case{ID: "fresh", Branch: "main", Running: true, Version: 1}); err != nil {
				return err
			}
			if err := tx.AddBranch(t.Context(), main); err == nil {
				t.Error("a branch can be added twice")
			}
			return nil
		})
		kept := s.Read(t.Context(), alertLibrary, func(tx *store.Tx) error {
			_, err := tx.Case(t.Context(), "fresh")
			return err
		})
		if (err == nil) != (kept == nil) {
			t.Errorf("Write = %v, and what it wrote is read with %v", err, kept)
		}
	})
}

// TestDroppedConnections has the server drop every connection that lies ready, as when
// it is started anew: whoever comes next notices nothing.
func TestDroppedConnections(t *testing.T) {
	address := storetest.Database(t)
	s, err := store.OpenPostgres(t.Context(), address)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.MakeTenant(t.Context(), people.Installation))
	withLibrary(t, s, func(*store.Tx) error { return nil })
	db, err := sql.Open("pgx", address)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	look := func(tx *store.Tx) error {
		_, err := tx.Case(t.Context(), "case")
		return err
	}
	for i, then := range []func() error{
		func() error { return s.Read(t.Context(), alertLibrary, look) },
		func() error { return s.Write(t.Context(), alertLibrary, look) },
	} {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { must(t, s.Read(t.Context(), alertLibrary, look)) })
		}
		all.Wait()
		_, err := db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		must(t, err)
		if err := then(); err != nil {
			t.Errorf("%d: after the connections were dropped: %v", i, err)
		}
	}
}

// TestAfterAnError asks for what no database can look for, and then goes on, in a
// transaction that may be on the same connection.
func TestAfterAnError(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		withLibrary(t, s, func(*store.Tx) error { return nil })
		for _, run := range []func(context.Context, people.LibraryID, func(*store.Tx) error) error{s.Read, s.Write, s.Read} {
			for _, id := range []store.CaseID{"case", "\x00", "case", "\xff\xfe", "case", "\xff", "nothing", "case"} {
				err := run(t.Context(), alertLibrary, func(tx *store.Tx) error {
					_, err := tx.Case(t.Context(), id)
					return err
				})
				if id == "case" && err != nil || id != "case" && fault.KindOf(err) != fault.NotFound {
					t.Errorf("Case(%q) = %v", id, err)
				}
			}
		}
	})
}

// TestReadersBesideWriters lets far more write than there are connections, and looks
// on meanwhile: whoever waits to write keeps nobody from reading, and nobody sees what
// is older than an act that was acknowledged before.
func TestReadersBesideWriters(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		withLibrary(t, s, func(*store.Tx) error { return nil })
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				id := store.CaseID(fmt.Sprintf("case-%d", i))
				err := s.Write(t.Context(), alertLibrary, func(tx *store.Tx) error {
					return tx.AddCase(t.Context(), store.Case{ID: id, Branch: "main", Running: true, Version: 1})
				})
				if err == nil {
					err = s.Read(t.Context(), alertLibrary, func(tx *store.Tx) error {
						_, err := tx.Case(t.Context(), id)
						return err
					})
				}
				if err != nil {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		all.Wait()
	})
}
