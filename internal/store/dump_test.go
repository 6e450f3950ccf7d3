package store

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/people"
	"roundtable/internal/pgtest"
)

// What is read from the schema's text must be what a database has: a table that
// is missing here would be missing in every backup.
func TestTablesOf(t *testing.T) {
	var want []string
	for _, tenant := range []people.LibraryID{people.Installation, "a library"} {
		tables, err := tablesOf(tenant)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if !slices.Contains(want, table.name) {
				want = append(want, table.name)
			}
		}
	}
	slices.Sort(want)
	if len(want) < 20 {
		t.Fatalf("tablesOf gives %d tables, want all of them", len(want))
	}
	lite, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	lite.SetMaxOpenConns(1)
	post, err := sql.Open("pgx", pgtest.Shared(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer post.Close()
	for _, db := range []struct {
		*sql.DB
		d    *dialect
		list string
		key  string
	}{
		{lite, &sqliteDialect, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
			"SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk"},
		{post, &postgresDialect, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
			`SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (attnum, n), pg_attribute a
			WHERE i.indrelid = $1::text::regclass AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.n`},
	} {
		if err := migrate(t.Context(), db.d, db.DB, "both", "installation", "library"); err != nil {
			t.Fatal(err)
		}
		got := texts(t, db.DB, db.list)
		got = slices.DeleteFunc(got, func(s string) bool { return s == "schema_versions" })
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s has the tables %v, want those of the schema's text, %v", db.d.name, got, want)
		}
		for _, tenant := range []people.LibraryID{people.Installation, "a library"} {
			tables, _ := tablesOf(tenant)
			for _, table := range tables {
				if key := texts(t, db.DB, db.key, table.name); !slices.Equal(key, table.key) {
					t.Errorf("%s: the primary key of %s is %v, want %v", db.d.name, table.name, key, table.key)
				}
			}
		}
	}
}

func texts(t *testing.T, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func TestForm(t *testing.T) {
	list, err := migrations(&sqliteDialect, "both", "installation", "library")
	if err != nil {
		t.Fatal(err)
	}
	if want := list[len(list)-1].Version; Form() != want {
		t.Errorf("Form() = %d, want %d", Form(), want)
	}
	dir := t.TempDir()
	s, err := OpenSQLite(t.Context(), SQLite{Folder: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if form, err := FormOfSQLite(t.Context(), dir); form != Form() || err != nil {
		t.Errorf("FormOfSQLite = %d, %v, want %d", form, err, Form())
	}
}

func TestAddTablesRefuses(t *testing.T) {
	_, err := addTables(nil, "CREATE TABLE a (\n\tb {{text}} NOT NULL\n){{strict}};\n")
	if err == nil || !strings.Contains(err.Error(), "primary key") {
		t.Errorf("addTables of a table without a primary key: %v, want an error", err)
	}
}
