package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// The schemas. A file is PART.NUMBER.sql: part is installation, library, or both;
// numbers rise over all parts, and only parts that come together share one. Each is
// written once for both databases (see dialect.render) and only forwards.
//
//go:embed schema/*.sql
var schemas embed.FS

// migrations returns what makes a database of some parts, in order: a file of
// SQLite has the installation's parts or a library's, PostgreSQL has all.
func migrations(d *dialect, parts ...string) ([]*goose.Migration, error) {
	names, err := fs.Glob(schemas, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	steps := map[int64][]string{}
	for _, part := range parts { // the order of parts is the order within a number
		for _, name := range names {
			fields := strings.Split(path.Base(name), ".")
			number, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("schema %s: %w", name, err)
			}
			if fields[0] != part {
				steps[number] = append(steps[number], "") // every database counts all of them: see Form
				continue
			}
			text, err := schemas.ReadFile(name)
			if err != nil {
				return nil, err
			}
			sql, err := d.render(string(text))
			if err != nil {
				return nil, fmt.Errorf("schema %s: %w", name, err)
			}
			steps[number] = append(steps[number], sql)
		}
	}
	var list []*goose.Migration
	for number, texts := range steps {
		list = append(list, goose.NewGoMigration(number, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			for _, text := range texts {
				if text == "" {
					continue
				}
				if _, err := tx.ExecContext(ctx, text); err != nil {
					return err
				}
			}
			return nil
		}}, nil))
	}
	slices.SortFunc(list, func(a, b *goose.Migration) int { return int(a.Version - b.Version) })
	return list, nil
}

// migrate brings a database to the newest schema. Any number of processes may do
// it at once on PostgreSQL: the first has a lock, the others wait.
func migrate(ctx context.Context, d *dialect, db *sql.DB, parts ...string) error {
	provider, err := migrationsOf(d, db, parts...)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the database to the newest form: %w", err)
	}
	return nil
}

func migrationsOf(d *dialect, db *sql.DB, parts ...string) (*goose.Provider, error) {
	list, err := migrations(d, parts...)
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithGoMigrations(list...), goose.WithDisableGlobalRegistry(true),
		goose.WithTableName("schema_versions"), goose.WithSlog(slog.New(slog.DiscardHandler)),
	}
	if d.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(d.goose, db, nil, options...)
}

// checkNewest returns an error when a database is not of this program's schema.
func checkNewest(ctx context.Context, d *dialect, db *sql.DB, parts ...string) error {
	list, err := migrations(d, parts...)
	if err != nil {
		return err
	}
	want := list[len(list)-1].Version
	var have int64
	err = db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM schema_versions WHERE is_applied").Scan(&have)
	switch {
	case err != nil:
		return fmt.Errorf("this database was not made ready: run roundtable migrate as its owner first: %w", err)
	case have < want:
		return fmt.Errorf("this database is of form %d and this program needs %d: run roundtable migrate as its owner first", have, want)
	case have > want:
		return fmt.Errorf("this database is of form %d, which is newer than this program (%d): use the newer program", have, want)
	}
	return nil
}
