package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/people"
	"roundtable/internal/store"
)

// ErrDamaged means that an archive is not as it was written, or is none.
var ErrDamaged = errors.New("this backup is damaged, or is none of Roundtable's")

// visitor is told what is in an archive, in its order.
type visitor interface {
	head(at time.Time, form int64) error
	tenant(id people.LibraryID) error
	table(t store.Table) error
	row(t store.Table, values []any) error
	ledger(id people.LibraryID, l ledgerLine) error
}

// read reads the lines of an archive, checks their order, their counts and the
// digest, and tells a visitor of them. An error of the visitor ends it. What the
// visitor was told is to be trusted only when read has returned nil.
func read(r io.Reader, v visitor) (Summary, error) {
	p := &parser{in: bufio.NewScanner(r), sum: sha256.New(), v: v}
	p.in.Buffer(make([]byte, 0, 1<<16), maxLine+1)
	p.in.Split(splitLines)
	if err := p.all(); err != nil {
		return Summary{}, err
	}
	return p.Summary, nil
}

// splitLines is bufio.ScanLines that leaves every byte of a line but its end, and
// takes no line without one.
func splitLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errors.New("the last line has no end")
	}
	return 0, nil, nil
}

type parser struct {
	Summary
	in     *bufio.Scanner
	number int
	sum    hash.Hash
	v      visitor
	id     people.LibraryID
	values []any
}

func (p *parser) damaged(format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrDamaged, p.number, fmt.Sprintf(format, args...))
}

// next reads a line. It is overwritten by the next one.
func (p *parser) next() ([]byte, error) {
	p.number++
	if !p.in.Scan() {
		switch err := p.in.Err(); {
		case err == nil:
			return nil, p.damaged("the archive ends too early")
		case errors.Is(err, bufio.ErrTooLong):
			return nil, p.damaged("it is too long")
		default: // of age, or of the disk
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return p.in.Bytes(), nil
}

// take reads a line of a form, and adds it to the digest.
func (p *parser) take(into any) error {
	line, err := p.next()
	if err != nil {
		return err
	}
	p.add(line)
	return p.decode(line, into)
}

func (p *parser) add(line []byte) {
	p.sum.Write(line)
	p.sum.Write([]byte("\n"))
}

func (p *parser) decode(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return p.damaged("%v", err)
	}
	return nil
}

func (p *parser) all() error {
	var head headLine
	if err := p.take(&head); err != nil {
		return err
	}
	if head.Version != version {
		return fmt.Errorf("this backup is of version %d and this program reads version %d: use the program that wrote it, or a newer one", head.Version, version)
	}
	at, err := time.Parse(timeLayout, head.At)
	if err != nil {
		return p.damaged("%v", err)
	}
	p.At, p.Form = at, head.Form
	if err := p.v.head(at, head.Form); err != nil {
		return err
	}
	for {
		line, err := p.next()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte(`{"tenants":`)) {
			return p.last(line)
		}
		p.add(line)
		if err := p.tenant(line); err != nil {
			return err
		}
	}
}

func (p *parser) last(line []byte) error {
	var last lastLine
	if err := p.decode(line, &last); err != nil {
		return err
	}
	p.Digest = hex.EncodeToString(p.sum.Sum(nil))
	if want := (lastLine{p.Tenants, p.Rows, p.Digest}); last != want {
		return p.damaged("it tells of %d tenants, %d rows and the digest %.16s, and there are %d, %d and %.16s",
			last.Tenants, last.Rows, last.SHA256, want.Tenants, want.Rows, want.SHA256)
	}
	if p.in.Scan() {
		return p.damaged("something follows the last line")
	}
	if err := p.in.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// tenant reads what is of one tenant.
func (p *parser) tenant(line []byte) error {
	var begin tenantLine
	if err := p.decode(line, &begin); err != nil {
		return err
	}
	p.id = people.LibraryID(begin.Tenant)
	if _, err := people.ParseID[people.LibraryID](begin.Tenant); (err != nil) != (p.Tenants == 0) || p.Tenants == 0 && p.id != people.Installation {
		return p.damaged("%.40q is not the tenant that comes here", begin.Tenant)
	}
	p.Tenants++
	if err := p.v.tenant(p.id); err != nil {
		return err
	}
	for {
		line, err := p.next()
		if err != nil {
			return err
		}
		p.add(line)
		if bytes.HasPrefix(line, []byte(`{"key":`)) {
			var end ledgerLine
			if err := p.decode(line, &end); err != nil {
				return err
			}
			return p.v.ledger(p.id, end)
		}
		if err := p.table(line); err != nil {
			return err
		}
	}
}

func (p *parser) table(line []byte) error {
	var begin tableLine
	if err := p.decode(line, &begin); err != nil {
		return err
	}
	t := store.Table{Name: begin.Table}
	for _, c := range begin.Columns {
		name, kind, _ := strings.Cut(c, " ")
		t.Columns = append(t.Columns, store.Column{Name: name, Type: store.ColumnType(kind)})
	}
	if err := p.v.table(t); err != nil {
		return err
	}
	p.values = make([]any, len(t.Columns))
	for n := int64(0); ; n++ {
		line, err := p.next()
		if err != nil {
			return err
		}
		p.add(line)
		if len(line) == 0 || line[0] != '[' {
			var end rowsLine
			if err := p.decode(line, &end); err != nil {
				return err
			}
			if end.Rows != n {
				return p.damaged("the table %s should have %d rows and has %d", t.Name, end.Rows, n)
			}
			p.Rows += n
			return nil
		}
		if err := p.row(t, line); err != nil {
			return err
		}
	}
}

func (p *parser) row(t store.Table, line []byte) error {
	var raw []json.RawMessage
	if err := p.decode(line, &raw); err != nil {
		return err
	}
	if len(raw) != len(t.Columns) {
		return p.damaged("a row of %s has %d columns, not %d", t.Name, len(t.Columns), len(raw))
	}
	for i, c := range t.Columns {
		v, err := parseValue(c.Type, raw[i])
		if err != nil {
			return p.damaged("the column %s: %v", c.Name, err)
		}
		p.values[i] = v
	}
	return p.v.row(t, p.values)
}

func parseValue(kind store.ColumnType, raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	if kind == store.IntColumn {
		return strconv.ParseInt(string(raw), 10, 64)
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	switch kind {
	case store.TextColumn:
		return s, nil
	case store.BlobColumn:
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err == nil && b == nil {
			b = []byte{}
		}
		return b, err
	}
	return nil, fmt.Errorf("there is no type %.20q", string(kind))
}
