// Package table reads small CSV files whose columns are known: the law data,
// the help lines, the map of the notes. Each cell knows where it stands, so
// that a problem can be told with its place.
//
// It does not know what the cells mean.
package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"roundtable/playbook/diag"
)

// MaxBytes is the largest table that is read.
const MaxBytes = 1 << 20

// maxProblems bounds what is told of one table; after that many a reader
// learns nothing new.
const maxProblems = 100

// Table is a table that has been read.
type Table struct {
	File string
	Rows []Row
}

// Row is one record below the header.
type Row struct {
	Pos   diag.Position
	cells map[string]Cell
}

// Cell is one value, without the spaces around it, and its place.
type Cell struct {
	Text string
	Pos  diag.Position
}

// Cell returns the cell in a column; the zero Cell when there is none.
func (r Row) Cell(column string) Cell { return r.cells[column] }

// Text returns the text in a column.
func (r Row) Text(column string) string { return r.cells[column].Text }

// Read reads a table that must have exactly the given columns, in any order.
// A row that cannot be read is told and left out; the others are returned.
// A table whose header does not fit has no rows.
func Read(file string, data []byte, columns ...string) (Table, []diag.Problem) {
	r := &reader{table: Table{File: file}, columns: columns}
	start := diag.Position{Line: 1, Column: 1}
	if len(data) > MaxBytes {
		r.tell(start, "this table is larger than %d bytes", MaxBytes)
		return r.table, r.problems
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		r.tell(start, "this table is not UTF-8 text")
		return r.table, r.problems
	}
	r.lines = strings.Split(string(data), "\n")
	r.read(csv.NewReader(bytes.NewReader(data)))
	return r.table, r.problems
}

type reader struct {
	table    Table
	columns  []string
	lines    []string // for counting characters where csv counts bytes
	problems []diag.Problem
}

func (r *reader) tell(pos diag.Position, format string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, diag.New(r.table.File, pos, diag.Syntax, format, args...))
	}
}

func (r *reader) read(c *csv.Reader) {
	c.FieldsPerRecord = -1 // counted here, so that one bad row does not end the reading
	header, err := c.Read()
	if err != nil {
		r.tell(diag.Position{Line: 1, Column: 1}, "this table has no header line that can be read")
		return
	}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	if !r.headerFits(header) {
		return
	}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.tell(r.place(err), "this row cannot be read: %s", plain(err))
			continue
		}
		r.add(c, header, record)
	}
}

func (r *reader) headerFits(header []string) bool {
	fits := true
	for i, name := range header {
		pos := diag.Position{Line: 1, Column: 1}
		switch {
		case slices.Contains(header[:i], name):
			r.tell(pos, "two columns are named %q", name)
			fits = false
		case !slices.Contains(r.columns, name):
			r.tell(pos, "unknown column %q; the columns are %s", name, strings.Join(r.columns, ", "))
			fits = false
		}
	}
	for _, name := range r.columns {
		if !slices.Contains(header, name) {
			r.tell(diag.Position{Line: 1, Column: 1}, "there is no column %q", name)
			fits = false
		}
	}
	return fits
}

func (r *reader) add(c *csv.Reader, header, record []string) {
	line, _ := c.FieldPos(0)
	row := Row{Pos: diag.Position{Line: line, Column: 1}, cells: make(map[string]Cell, len(header))}
	if len(record) != len(header) {
		r.tell(row.Pos, "this row has %d cells and the table has %d columns; a comma inside a cell needs quotes around the cell", len(record), len(header))
		return
	}
	for i, text := range record {
		line, column := c.FieldPos(i)
		row.cells[header[i]] = Cell{Text: strings.TrimSpace(text), Pos: r.characters(line, column)}
	}
	r.table.Rows = append(r.table.Rows, row)
}

// characters turns a column counted in bytes into one counted in characters.
func (r *reader) characters(line, column int) diag.Position {
	if line >= 1 && line <= len(r.lines) {
		text := r.lines[line-1]
		column = utf8.RuneCountInString(text[:min(max(column-1, 0), len(text))]) + 1
	}
	return diag.Position{Line: line, Column: column}
}

func (r *reader) place(err error) diag.Position {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return r.characters(e.Line, e.Column)
	}
	return diag.Position{Line: 1, Column: 1}
}

func plain(err error) string {
	switch {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return `a quotation mark stands where none may; write it twice ("") inside a quoted cell`
	}
	return "it is not written as a CSV row"
}
