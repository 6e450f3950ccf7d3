package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// A dump is a tenant's rows as values that mean the same on both databases: what
// was dumped from one can be loaded into the other. Truth values are the
// integers 0 and 1, and the column library_id, which is the tenant in every row,
// is left out.

// ColumnType is how a dump has a column's values: a string, an int64 or a []byte.
type ColumnType string

// The types of columns.
const (
	TextColumn ColumnType = "text"
	IntColumn  ColumnType = "int"
	BlobColumn ColumnType = "blob"
)

// Column is a column of a dumped table.
type Column struct {
	Name string
	Type ColumnType
}

// Table is a table as it is dumped.
type Table struct {
	Name    string
	Columns []Column
}

// Snapshots calls do with a transaction of the installation and then with one of
// each library, in the order of their ids. Each sees one state of its tenant and
// changes nothing; on PostgreSQL all of them see the same state of everything.
// A library that was begun and is not ready may be left out.
func (s *Store) Snapshots(ctx context.Context, do func(*Tx) error) error {
	if s.IsPostgres() {
		return s.snapshotsOfOne(ctx, do)
	}
	var libraries []Library
	err := s.Read(ctx, people.Installation, func(t *Tx) (err error) {
		if libraries, err = librariesByID(ctx, t); err != nil {
			return err
		}
		return do(t)
	})
	if err != nil {
		return err
	}
	for _, l := range libraries {
		err := s.Read(ctx, l.ID, do)
		if err != nil && !l.Ready && fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) snapshotsOfOne(ctx context.Context, do func(*Tx) error) error {
	db, err := s.handle(ctx, people.Installation, false)
	if err != nil {
		return err
	}
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	return s.run(ctx, db, options, people.Installation, func(t *Tx) error {
		libraries, err := librariesByID(ctx, t)
		if err != nil {
			return err
		}
		if err := do(t); err != nil {
			return err
		}
		for _, l := range libraries {
			of := &Tx{tx: t.tx, s: s, tenant: string(l.ID), readOnly: true, size: noSize}
			if err := of.enter(ctx); err != nil {
				return err
			}
			if _, err := of.Ledger().Size(ctx); !l.Ready && err != nil && fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err := do(of); err != nil {
				return err
			}
		}
		return nil
	})
}

func librariesByID(ctx context.Context, t *Tx) ([]Library, error) {
	list, err := t.Libraries(ctx)
	slices.SortFunc(list, func(a, b Library) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return list, err
}

// Dump reads every row of the tenant: begin is called for each table that has
// any, in an order in which they can be loaded again, and row for each of its
// rows, in the order of its primary key. The slice that row gets is used again.
func (t *Tx) Dump(ctx context.Context, begin func(Table) error, row func([]any) error) error {
	tables, err := tablesOf(t.Tenant())
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := t.dumpTable(ctx, table, begin, row); err != nil {
			return fmt.Errorf("dump the table %s: %w", table.name, err)
		}
	}
	return nil
}

func (t *Tx) dumpTable(ctx context.Context, table tableInfo, begin func(Table) error, row func([]any) error) error {
	rows, err := t.tx.QueryContext(ctx, "SELECT * FROM "+table.name+" WHERE library_id = $1 ORDER BY "+strings.Join(table.key, ", "), t.tenant)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	columns, err := columnsOf(types)
	if err != nil {
		return err
	}
	r := newRowReader(types, columns)
	for n := 0; rows.Next(); n++ {
		if n == 0 {
			if err := begin(Table{table.name, r.columns}); err != nil {
				return err
			}
		}
		values, err := r.read(rows)
		if err != nil {
			return err
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// columnsOf gives the columns of a result their types in a dump.
func columnsOf(types []*sql.ColumnType) ([]Column, error) {
	columns := make([]Column, len(types))
	for i, c := range types {
		columns[i].Name = c.Name()
		switch name := c.DatabaseTypeName(); name {
		case "TEXT":
			columns[i].Type = TextColumn
		case "INTEGER", "INT8", "BOOL":
			columns[i].Type = IntColumn
		case "BLOB", "BYTEA":
			columns[i].Type = BlobColumn
		default:
			return nil, fmt.Errorf("the column %s is of the type %s, which a dump does not know", c.Name(), name)
		}
	}
	return columns, nil
}

// rowReader reads rows into values of a dump.
type rowReader struct {
	columns []Column // without the tenant
	dest    []any    // what rows are scanned into
	values  []any
}

func newRowReader(types []*sql.ColumnType, columns []Column) *rowReader {
	r := &rowReader{}
	for i, c := range columns {
		switch {
		case c.Name == tenantColumn:
			r.dest = append(r.dest, new(string))
			continue
		case types[i].DatabaseTypeName() == "BOOL":
			r.dest = append(r.dest, new(sql.NullBool))
		case c.Type == TextColumn:
			r.dest = append(r.dest, new(sql.NullString))
		case c.Type == IntColumn:
			r.dest = append(r.dest, new(sql.NullInt64))
		default:
			r.dest = append(r.dest, new(any)) // an empty blob must not become NULL
		}
		r.columns = append(r.columns, c)
	}
	r.values = make([]any, len(r.columns))
	return r
}

func (r *rowReader) read(rows *sql.Rows) ([]any, error) {
	if err := rows.Scan(r.dest...); err != nil {
		return nil, err
	}
	i := 0
	for _, d := range r.dest {
		switch v := d.(type) {
		case *string:
			continue // the tenant
		case *sql.NullBool:
			r.values[i] = orNothing(v.Valid, int64(0))
			if v.Bool {
				r.values[i] = int64(1)
			}
		case *sql.NullString:
			r.values[i] = orNothing(v.Valid, v.String)
		case *sql.NullInt64:
			r.values[i] = orNothing(v.Valid, v.Int64)
		case *any:
			b, isBytes := (*v).([]byte)
			r.values[i] = orNothing(*v != nil, whole(b))
			if *v != nil && !isBytes {
				return nil, fmt.Errorf("the column %s holds what is no blob", r.columns[i].Name)
			}
		}
		i++
	}
	return r.values, nil
}

func orNothing[T any](there bool, v T) any {
	if !there {
		return nil
	}
	return v
}

const tenantColumn = "library_id"

// tableInfo is what the schema says of a table.
type tableInfo struct {
	name string
	key  []string // its primary key
}

var (
	tablePattern = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \($(.*?)^\)`)
	keyPattern   = regexp.MustCompile(`(?m)^\s*PRIMARY KEY \(([\w, ]+)\)|^\s*(\w+)\s[^\n]*PRIMARY KEY`)
)

// tablesOf lists the tables that a tenant's rows are in, in the order of their
// making, so that a table comes after those that it refers to. It reads the
// schema; a test holds it against both databases.
func tablesOf(tenant people.LibraryID) ([]tableInfo, error) {
	part := "library"
	if tenant == people.Installation {
		part = "installation"
	}
	var tables []tableInfo
	for _, p := range []string{"both", part} {
		names, err := fs.Glob(schemas, "schema/"+p+".*.sql")
		if err != nil {
			return nil, err
		}
		slices.Sort(names)
		for _, name := range names {
			text, err := schemas.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if tables, err = addTables(tables, string(text)); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return tables, nil
}

func addTables(tables []tableInfo, schema string) ([]tableInfo, error) {
	for _, found := range tablePattern.FindAllStringSubmatch(schema, -1) {
		key := keyPattern.FindStringSubmatch(found[2])
		if key == nil {
			return nil, fmt.Errorf("the table %s has no primary key", found[1])
		}
		info := tableInfo{name: found[1], key: []string{key[2]}}
		if key[1] != "" {
			info.key = strings.Split(key[1], ", ")
		}
		tables = append(tables, info)
	}
	return tables, nil
}

// Form is the number of the schema that this program works with.
func Form() int64 {
	newest := int64(0)
	names, _ := fs.Glob(schemas, "schema/*.sql") // its one error is a wrong pattern
	for _, name := range names {
		fields := strings.Split(filepath.Base(name), ".")
		n, err := strconv.ParseInt(fields[min(1, len(fields)-1)], 10, 64)
		if err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

// FormOfSQLite returns of which form the installation in a folder is, without
// changing it. fs.ErrNotExist if there is none.
func FormOfSQLite(ctx context.Context, dir string) (int64, error) {
	d := &folder{o: SQLite{Folder: dir}}
	path, err := d.path(people.Installation)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	db, err := sql.Open("sqlite", d.dsn(path, true))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return formOf(ctx, db)
}

// FormOfPostgres returns of which form a database is; 0 if it was not made ready.
func FormOfPostgres(ctx context.Context, url string) (int64, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var there bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('schema_versions') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, err
	}
	return formOf(ctx, db)
}

func formOf(ctx context.Context, db *sql.DB) (form int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM schema_versions WHERE is_applied").Scan(&form)
	if err != nil {
		err = fmt.Errorf("ask of which form the database is: %w", err)
	}
	return form, err
}

// CheckIntegrity lets SQLite look at its own file of a tenant: at most a few
// sentences of what is wrong there, none if nothing is. PostgreSQL has nothing
// like it, so that there nothing is found.
func (s *Store) CheckIntegrity(ctx context.Context, tenant people.LibraryID) ([]string, error) {
	if s.IsPostgres() {
		return nil, nil
	}
	var found []string
	err := s.Read(ctx, tenant, func(t *Tx) (err error) {
		for _, q := range []string{"PRAGMA integrity_check(5)", "PRAGMA foreign_key_check"} {
			rows, err := t.tx.QueryContext(ctx, q)
			if err != nil {
				return err
			}
			for rows.Next() {
				line, err := firstText(rows)
				if err != nil {
					return errors.Join(err, rows.Close())
				}
				if line != "ok" && len(found) < 5 {
					found = append(found, line)
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// firstText reads the first column of a row, however many there are.
func firstText(rows *sql.Rows) (string, error) {
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	dest := make([]any, len(names))
	for i := range dest {
		dest[i] = new(any)
	}
	if err := rows.Scan(dest...); err != nil {
		return "", err
	}
	first := fmt.Sprint(*dest[0].(*any))
	if len(names) > 1 {
		first = "a row of " + first + " refers to one that is not there"
	}
	return first, nil
}
