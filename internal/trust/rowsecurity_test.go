package trust

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"roundtable/internal/people"
)

// P8: PostgreSQL by itself keeps libraries apart. Every table but the list of
// migrations has forced row security; the role that serves sees no row without
// naming a library, none of another one, and can put none there.
func TestRowSecurity(t *testing.T) {
	l := newLand(t, true)
	a, b := l.furnish(t, l.A), l.furnish(t, l.B)
	super := l.raw(t, l.B.ID)
	serves := got[*sql.DB](t)(sql.Open("pgx", l.url))
	defer serves.Close()
	names := tables(t, super, true)
	filled, refused := 0, 0
	for _, name := range names {
		forced := false
		must(t, super.QueryRow("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = $1::regclass", name).Scan(&forced))
		if !forced {
			t.Errorf("%s has no forced row security", name)
		}
		there := countRows(t, super, "", name)
		if there > 0 {
			filled++
		}
		for _, seen := range []struct{ as, library string }{{"no library", ""}, {"a random library", l.id(t)}, {"%", "%"}, {"an empty name", " "}} {
			if n := countRows(t, serves, seen.library, name); n != 0 {
				t.Errorf("%s shows %d rows to %s", name, n, seen.as)
			}
		}
		if n := foreignRows(t, serves, a.library, name); n != 0 {
			t.Errorf("%s shows %d rows of others to A", name, n)
		}
		refused += l.cannotWrite(t, serves, name, a.library, b.library)
	}
	if filled < len(names)-2 {
		t.Errorf("the control: as superuser %d of %d tables have rows: this test finds nothing", filled, len(names))
	}
	l.triggersAndFunctions(t, super)
	promise(t, "T9", "P8", "row security alone: %d tables, each forced; 0 rows without a library or with another; %d tries to write across refused; the control sees rows in %d", len(names), refused, filled)
}

// within runs a transaction of a library, "" for none, and takes it back.
func within(t *testing.T, db *sql.DB, library string, do func(*sql.Tx) error) error {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer tx.Rollback()
	if library != "" {
		_, err := tx.Exec("SELECT set_config('roundtable.library', $1, true)", library)
		must(t, err)
	}
	return do(tx)
}

func countRows(t *testing.T, db *sql.DB, library, table string) (n int) {
	t.Helper()
	must(t, within(t, db, library, func(tx *sql.Tx) error { return tx.QueryRow("SELECT count(*) FROM " + table).Scan(&n) }))
	return n
}

func foreignRows(t *testing.T, db *sql.DB, library people.LibraryID, table string) (n int) {
	t.Helper()
	must(t, within(t, db, string(library), func(tx *sql.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM "+table+" WHERE library_id <> $1", string(library)).Scan(&n)
	}))
	return n
}

// cannotWrite tries to put a row of A into B, to move one there, and to delete B's;
// it counts what was refused.
func (l *land) cannotWrite(t *testing.T, serves *sql.DB, table string, a, b people.LibraryID) (refused int) {
	t.Helper()
	columns := columnsOf(t, serves, table)
	rest := strings.Join(columns, ", ")
	home := string(a)
	if !slices.Contains(libraryTables(t, l), table) {
		home = string(people.Installation)
	}
	for what, q := range map[string]string{
		"insert": fmt.Sprintf("INSERT INTO %s (library_id, %s) SELECT '%s', %s FROM %s LIMIT 1", table, rest, b, rest, table),
		"move":   fmt.Sprintf("UPDATE %s SET library_id = '%s'", table, b),
		"change": fmt.Sprintf("UPDATE %s SET library_id = library_id WHERE library_id = '%s'", table, b),
		"delete": fmt.Sprintf("DELETE FROM %s WHERE library_id = '%s'", table, b),
	} {
		err := within(t, serves, home, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(context.Background(), q)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n != 0 {
				return fmt.Errorf("changed %d rows", n)
			}
			return nil
		})
		var pg *pgconn.PgError
		switch {
		case err == nil: // there was no row that it could have been done to
		case errors.As(err, &pg) && pg.Code == "42501":
			refused++
		default:
			t.Errorf("%s: %s across libraries: %v", table, what, err)
		}
	}
	return refused
}

// libraryTables lists the tables that have rows of A.
func libraryTables(t *testing.T, l *land) (names []string) {
	t.Helper()
	for name, n := range l.counts(t, l.A.ID) {
		if n > 0 {
			names = append(names, name)
		}
	}
	return names
}

func columnsOf(t *testing.T, db *sql.DB, table string) (columns []string) {
	t.Helper()
	rows, err := db.Query("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND column_name <> 'library_id' ORDER BY ordinal_position", table)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		columns = append(columns, name)
	}
	must(t, rows.Err())
	return columns
}

// triggersAndFunctions fails on anything that runs with its owner's rights, and on
// views, which would read with their owner's.
func (l *land) triggersAndFunctions(t *testing.T, super *sql.DB) {
	t.Helper()
	for what, q := range map[string]string{
		"functions that run as their owner":  "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
		"views":                              "SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace",
		"tables of the role that serves":     "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'roundtable_app'",
		"policies that let anything through": "SELECT count(*) FROM pg_policies WHERE schemaname = 'public' AND (qual IS NULL OR qual NOT LIKE '%roundtable.library%' OR with_check NOT LIKE '%roundtable.library%')",
	} {
		var n int
		must(t, super.QueryRow(q).Scan(&n))
		if n != 0 {
			t.Errorf("there are %d %s, want none", n, what)
		}
	}
}
