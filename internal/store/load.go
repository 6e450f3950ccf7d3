package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"roundtable/internal/people"
)

// Loader fills an empty place with dumped rows. Tenants come one after another,
// the installation first; within one its tables, within a table its rows. It is
// for one goroutine, and ends with Commit or Abandon.
type Loader struct {
	d      *dialect
	form   int64
	folder *folder // SQLite
	made   []string
	db     *sql.DB
	tx     *sql.Tx
	tenant people.LibraryID

	table  Table
	insert *sql.Stmt
	bools  []bool // which columns of the destination are truth values
	args   []any
}

// ErrNotEmpty means that there is data already where a dump should be loaded.
var ErrNotEmpty = errors.New("there is data already; a backup is restored into an empty place only")

// LoadSQLite begins to fill a folder. The files are made in the form that the
// dump is of; opening the store brings them to the newest one. Weak is as in
// SQLite: for a copy that is thrown away.
func LoadSQLite(ctx context.Context, o SQLite, form int64) (*Loader, error) {
	if form < 1 || form > Form() {
		return nil, formError(form)
	}
	l := &Loader{d: &sqliteDialect, form: form, folder: &folder{o: o, files: map[people.LibraryID]*file{}}}
	for _, name := range []string{"installation.db", "libraries"} {
		if _, err := os.Stat(filepath.Join(o.Folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(ErrNotEmpty, err)
		}
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, err
	}
	libraries := filepath.Join(o.Folder, "libraries")
	if err := os.Mkdir(libraries, 0o700); err != nil {
		return nil, err
	}
	l.made = append(l.made, libraries)
	return l, nil
}

// LoadPostgres begins to fill a database that roundtable migrate has made ready,
// as the role that serves, in one transaction.
func LoadPostgres(ctx context.Context, url string, form int64) (*Loader, error) {
	if form != Form() {
		return nil, formError(form)
	}
	s, err := OpenPostgres(ctx, url)
	if err != nil {
		return nil, err
	}
	l := &Loader{d: &postgresDialect, form: form, db: s.db}
	if l.tx, err = s.db.BeginTx(ctx, nil); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return l, nil
}

func formError(form int64) error {
	if form > Form() {
		return fmt.Errorf("this backup is of form %d, which is newer than this program (%d): use the newer program", form, Form())
	}
	return fmt.Errorf("this backup is of form %d and this program's database of form %d: restore it into a folder, or with the version of Roundtable that wrote it, and then update", form, Form())
}

// Tenant begins the next tenant: ErrNotEmpty if there is anything of it.
func (l *Loader) Tenant(ctx context.Context, tenant people.LibraryID) error {
	if err := l.endTenant(); err != nil {
		return err
	}
	l.tenant = tenant
	if l.folder != nil {
		if err := l.makeFile(ctx); err != nil {
			return err
		}
	}
	if q := l.d.enter; q != "" {
		if _, err := l.tx.ExecContext(ctx, q, string(tenant)); err != nil {
			return fmt.Errorf("enter the library: %w", err)
		}
	}
	var n int
	err := l.tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM ledger_heads WHERE library_id = $1", string(tenant)).Scan(&n)
	if err == nil && n > 0 {
		err = ErrNotEmpty
	}
	return err
}

func (l *Loader) makeFile(ctx context.Context) error {
	path, err := l.folder.path(l.tenant)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrNotEmpty
	}
	if err != nil {
		return err
	}
	l.made = append(l.made, path)
	if err := f.Close(); err != nil {
		return err
	}
	if l.db, err = sql.Open("sqlite", l.folder.dsn(path, false)); err != nil {
		return err
	}
	l.db.SetMaxOpenConns(1)
	parts := []string{"both", "library"}
	if l.tenant == people.Installation {
		parts = []string{"both", "installation"}
	}
	provider, err := migrationsOf(l.d, l.db, parts...)
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, l.form); err != nil {
		return err
	}
	l.tx, err = l.db.BeginTx(ctx, nil)
	return err
}

// endTenant makes the tenant's rows durable on SQLite; on PostgreSQL Commit does
// it for all at once.
func (l *Loader) endTenant() error {
	if err := l.endTable(); err != nil || l.folder == nil || l.tx == nil {
		return err
	}
	err := l.tx.Commit()
	l.tx = nil
	if err = errors.Join(err, l.db.Close()); err != nil {
		return err
	}
	l.db = nil
	return nil
}

func (l *Loader) endTable() error {
	if l.insert == nil {
		return nil
	}
	err := l.insert.Close()
	l.insert = nil
	return err
}

// Table begins the next table of the tenant. Its columns must be those of the
// database, in any order.
func (l *Loader) Table(ctx context.Context, table Table) error {
	if err := l.endTable(); err != nil {
		return err
	}
	if l.tx == nil {
		return errors.New("a table comes before its tenant")
	}
	known, err := tablesOf(l.tenant)
	if err != nil {
		return err
	}
	// The name goes into a statement: it must be one of ours.
	if !slices.ContainsFunc(known, func(t tableInfo) bool { return t.name == table.Name }) {
		return fmt.Errorf("there is no table %q", table.Name)
	}
	have, bools, err := l.columns(ctx, table.Name)
	if err != nil {
		return err
	}
	names := []string{tenantColumn}
	l.bools = nil
	for _, c := range table.Columns {
		if have[c.Name] != c.Type || slices.Contains(names, c.Name) {
			return fmt.Errorf("the table %s has no column %q of type %s", table.Name, c.Name, c.Type)
		}
		names, l.bools = append(names, c.Name), append(l.bools, bools[c.Name])
	}
	if len(names) != len(have) {
		return fmt.Errorf("the table %s has %d columns, not %d", table.Name, len(have), len(names))
	}
	l.table = table
	l.insert, err = l.tx.PrepareContext(ctx, "INSERT INTO "+table.Name+" ("+strings.Join(names, ", ")+") VALUES ("+numbers(1, len(names))+")")
	return err
}

// columns asks the database for a table's columns and which are truth values.
func (l *Loader) columns(ctx context.Context, table string) (map[string]ColumnType, map[string]bool, error) {
	rows, err := l.tx.QueryContext(ctx, "SELECT * FROM "+table+" WHERE library_id = ''")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	list, err := columnsOf(types)
	if err != nil {
		return nil, nil, err
	}
	columns, bools := map[string]ColumnType{}, map[string]bool{}
	for i, c := range list {
		columns[c.Name], bools[c.Name] = c.Type, types[i].DatabaseTypeName() == "BOOL"
	}
	return columns, bools, rows.Err()
}

// Row adds a row to the table: one value for each of its columns, of the
// column's type or nil.
func (l *Loader) Row(ctx context.Context, values []any) error {
	if l.insert == nil || len(values) != len(l.table.Columns) {
		return fmt.Errorf("a row of %d values does not belong here", len(values))
	}
	l.args = append(l.args[:0], string(l.tenant))
	for i, v := range values {
		arg, err := l.value(i, v)
		if err != nil {
			return fmt.Errorf("the column %s of %s: %w", l.table.Columns[i].Name, l.table.Name, err)
		}
		l.args = append(l.args, arg)
	}
	if _, err := l.insert.ExecContext(ctx, l.args...); err != nil {
		return fmt.Errorf("load a row of %s: %w", l.table.Name, err)
	}
	return nil
}

func (l *Loader) value(i int, v any) (any, error) {
	fits := v == nil
	switch l.table.Columns[i].Type {
	case TextColumn:
		_, ok := v.(string)
		fits = fits || ok
	case BlobColumn:
		_, ok := v.([]byte)
		fits = fits || ok
	case IntColumn:
		n, ok := v.(int64)
		if ok && l.bools[i] {
			return n == 1, nil
		}
		fits = fits || ok
	}
	if !fits {
		return nil, errors.New("a value is not of its column's type")
	}
	return v, nil
}

// Commit ends the loading: all of it is durable when it returns nil.
func (l *Loader) Commit() error {
	if err := l.endTenant(); err != nil {
		return err
	}
	if l.folder == nil {
		err := l.tx.Commit()
		l.tx = nil
		return errors.Join(err, l.db.Close())
	}
	for _, dir := range []string{filepath.Join(l.folder.o.Folder, "libraries"), l.folder.o.Folder} {
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// Abandon undoes all that was loaded.
func (l *Loader) Abandon() error {
	errs := []error{l.endTable()}
	if l.tx != nil {
		if err := l.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			errs = append(errs, err)
		}
	}
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	for _, path := range slices.Backward(l.made) {
		for _, end := range []string{"-wal", "-shm", ""} {
			if err := os.Remove(path + end); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
