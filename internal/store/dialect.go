package store

import (
	"errors"
	"strings"
	"text/template"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is all in which the two databases differ.
type dialect struct {
	name   string
	driver string
	goose  goose.Dialect

	text, blob, integer, boolean, strict string // how columns and tables are declared

	// enter is run first in each transaction, with the tenant: it lets the
	// transaction see that tenant's rows and no others. "" where the tenant has
	// a file of its own.
	enter string
	// lock is run next in a writing transaction: others of the tenant wait.
	lock string
	// skip follows a query for rows that somebody else may be working on.
	skip string
	// notify tells other processes, once the transaction commits. "" where there
	// are none.
	notify string
	// wall is what a table gets so that rows of other tenants are not there,
	// whatever a statement says.
	wall string
}

var sqliteDialect = dialect{
	name: "sqlite", driver: "sqlite", goose: goose.DialectSQLite3,
	text: "TEXT", blob: "BLOB", integer: "INTEGER", boolean: "INTEGER", strict: " STRICT",
}

var postgresDialect = dialect{
	name: "postgres", driver: "pgx", goose: goose.DialectPostgres,
	text: "text COLLATE \"C\"", blob: "bytea", integer: "bigint", boolean: "boolean",
	enter:  "SELECT set_config('roundtable.library', $1, true)",
	lock:   "SELECT size FROM ledger_heads WHERE library_id = $1 FOR UPDATE",
	skip:   " FOR UPDATE SKIP LOCKED",
	notify: "SELECT pg_notify('roundtable', $1)",
	wall: `ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY;
ALTER TABLE %[1]s FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON %[1]s
	USING (library_id = current_setting('roundtable.library', true))
	WITH CHECK (library_id = current_setting('roundtable.library', true));`,
}

// render writes a schema's text in the dialect.
func (d *dialect) render(text string) (string, error) {
	word := func(s string) func() string { return func() string { return s } }
	t, err := template.New("schema").Funcs(template.FuncMap{
		"text": word(d.text), "blob": word(d.blob), "int": word(d.integer), "bool": word(d.boolean), "strict": word(d.strict),
		"wall":   func(table string) string { return strings.ReplaceAll(d.wall, "%[1]s", table) },
		"sqlite": func() bool { return d.name == "sqlite" },
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}

// isDuplicate reports whether a row was refused because there is one already.
func isDuplicate(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// isNoText reports whether a text that was looked for cannot stand in the database,
// so that nothing can be found by it: PostgreSQL takes no NUL and no invalid UTF-8.
func isNoText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "22021"
}

// isFull reports whether there is no room left to write. Nothing was written.
func isFull(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_FULL
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

// isReadOnly reports whether the disk or the database may not be written.
func isReadOnly(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_READONLY || lite.Code()&0xff == sqlite3.SQLITE_CANTOPEN
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "25006"
}

// isUnknown reports whether after the error it is not known what is on the disk,
// as after a sync that failed: a second one may succeed and prove nothing.
func isUnknown(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_IOERR
}
