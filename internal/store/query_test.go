package store

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"roundtable/internal/pgtest"
)

// Every statement is prepared on both databases, so that one that only one of
// them understands fails here and not at a desk.
func TestQueries(t *testing.T) {
	if len(queries) < 50 {
		t.Fatalf("there are %d statements, want all of them", len(queries))
	}
	t.Run("sqlite", func(t *testing.T) {
		db, err := sql.Open("sqlite", "file::memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if err := migrate(t.Context(), &sqliteDialect, db, "both", "installation", "library"); err != nil {
			t.Fatal(err)
		}
		prepareAll(t, db, &sqliteDialect)
	})
	t.Run("postgres", func(t *testing.T) {
		db, err := sql.Open("pgx", pgtest.Shared(t).Database(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := migrate(t.Context(), &postgresDialect, db, "both", "installation", "library"); err != nil {
			t.Fatal(err)
		}
		prepareAll(t, db, &postgresDialect)
	})
}

func prepareAll(t *testing.T, db *sql.DB, d *dialect) {
	texts := []string{d.enter, d.lock, d.notify}
	for _, q := range queries {
		texts = append(texts, q.text)
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		stmt, err := db.PrepareContext(t.Context(), text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		stmt.Close()
	}
}

// A statement that forgets its tenant would, on SQLite, find the rows of the one
// file all the same; on PostgreSQL the wall would hold. It is a mistake on both.
func TestQueriesNameTheirTenant(t *testing.T) {
	for _, q := range queries {
		if !strings.Contains(q.text, "library_id = $1") && !strings.Contains(q.text, "VALUES ($1,") {
			t.Errorf("this statement does not name its tenant: %s", q.text)
		}
		if strings.Contains(q.text, "(SELECT") && strings.Count(q.text, "library_id = $1") < 2 {
			t.Errorf("the statement within this one does not name its tenant: %s", q.text)
		}
	}
}
