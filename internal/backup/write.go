package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"roundtable/internal/fault"
	"roundtable/internal/store"
)

const (
	version    = 1
	timeLayout = "2006-01-02T15:04:05.000Z"
	// maxLine bounds a row, so that a reader can rely on it.
	maxLine = 64 << 20
)

// The lines of an archive that are no rows.
type (
	headLine struct {
		Version int    `json:"roundtable-backup"`
		Form    int64  `json:"form"`
		At      string `json:"at"`
	}
	tenantLine struct {
		Tenant string `json:"tenant"`
	}
	tableLine struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	rowsLine struct {
		Rows int64 `json:"rows"`
	}
	ledgerLine struct {
		Key        string `json:"key"`
		Checkpoint string `json:"checkpoint"`
		Leaves     int64  `json:"leaves"`
	}
	lastLine struct {
		Tenants int    `json:"tenants"`
		Rows    int64  `json:"rows"`
		SHA256  string `json:"sha256"`
	}
)

// Summary is what an archive holds.
type Summary struct {
	At      time.Time // when reading the database began
	Form    int64     // of the database's schema
	Tenants int       // the installation and its libraries
	Rows    int64
	Digest  string // SHA-256 of all lines but the last, in hexadecimal digits
}

// settingLedgerKey is where a tenant keeps its ledger's public key.
const settingLedgerKey = "ledger.public-key"

// dump writes all of a database in lines.
func dump(ctx context.Context, w io.Writer, s *store.Store, at time.Time) (Summary, error) {
	d := &dumper{w: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	d.Summary = Summary{At: at.UTC().Truncate(time.Millisecond), Form: store.Form()}
	err := d.all(ctx, s)
	if d.failed != nil { // what the database made of it is of no interest
		err = d.failed
	}
	if err != nil {
		return Summary{}, fmt.Errorf("write the backup: %w", err)
	}
	return d.Summary, nil
}

type dumper struct {
	Summary
	w      *bufio.Writer
	sum    hash.Hash
	failed error // the first error of w, or of a row that cannot be written
	table  *store.Table
	rows   int64 // of the table
	buf    []byte
}

func (d *dumper) all(ctx context.Context, s *store.Store) error {
	if err := d.line(headLine{version, d.Form, d.At.Format(timeLayout)}); err != nil {
		return err
	}
	err := s.Snapshots(ctx, func(t *store.Tx) error { return d.tenant(ctx, t) })
	if err != nil {
		return err
	}
	d.Digest = hex.EncodeToString(d.sum.Sum(nil))
	if err := d.line(lastLine{d.Tenants, d.Rows, d.Digest}); err != nil {
		return err
	}
	return d.keep(d.w.Flush())
}

func (d *dumper) tenant(ctx context.Context, t *store.Tx) error {
	d.Tenants++
	if err := d.line(tenantLine{string(t.Tenant())}); err != nil {
		return err
	}
	if err := t.Dump(ctx, d.beginTable, d.row); err != nil {
		return err
	}
	if err := d.endTable(); err != nil {
		return err
	}
	end, err := ledgerOf(ctx, t)
	if err != nil {
		return err
	}
	return d.line(end)
}

// ledgerOf reads what stands beside a tenant's rows.
func ledgerOf(ctx context.Context, t *store.Tx) (l ledgerLine, err error) {
	if l.Key, err = t.Setting(ctx, settingLedgerKey); err != nil {
		return l, err
	}
	note, err := t.Ledger().LastCheckpoint(ctx)
	if err != nil {
		return l, err
	}
	l.Checkpoint = string(note)
	l.Leaves, err = t.Ledger().Size(ctx)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return l, nil // a library that was begun only
	}
	return l, err
}

func (d *dumper) beginTable(table store.Table) error {
	if err := d.endTable(); err != nil {
		return err
	}
	d.table, d.rows = &table, 0
	line := tableLine{Table: table.Name}
	for _, c := range table.Columns {
		line.Columns = append(line.Columns, c.Name+" "+string(c.Type))
	}
	return d.line(line)
}

func (d *dumper) endTable() error {
	if d.table == nil {
		return nil
	}
	d.table = nil
	return d.line(rowsLine{d.rows})
}

func (d *dumper) row(values []any) error {
	b := append(d.buf[:0], '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendValue(b, v); err != nil {
			return d.keep(fmt.Errorf("the column %s of %s: %w", d.table.Columns[i].Name, d.table.Name, err))
		}
	}
	d.buf = append(b, ']', '\n')
	d.rows++
	d.Rows++
	return d.write(d.buf)
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case []byte:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v)
		return append(b, '"'), nil
	case string:
		if !utf8.ValidString(v) { // JSON would change it
			return b, errors.New("a text is not UTF-8")
		}
		text, err := marshal(v)
		return append(b, text...), err
	}
	return b, fmt.Errorf("a value of type %T has no place in a backup", v)
}

// marshal is json.Marshal that leaves < and > as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (d *dumper) line(v any) error {
	text, err := marshal(v)
	if err != nil {
		return d.keep(err)
	}
	return d.write(append(text, '\n'))
}

func (d *dumper) write(line []byte) error {
	if len(line) > maxLine {
		return d.keep(fmt.Errorf("a row has %d bytes, and a backup takes %d", len(line), maxLine))
	}
	d.sum.Write(line)
	_, err := d.w.Write(line)
	return d.keep(err)
}

func (d *dumper) keep(err error) error {
	if d.failed == nil {
		d.failed = err
	}
	return err
}
