package keyring

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"roundtable/internal/vault"
)

// Postgres is a keyring in a PostgreSQL database of its own, on a cluster of its
// own; any number of processes may use it at once.
//
// A database keeps what it deletes: in pages, and in its journal. So the table is
// rewritten at each destruction (the rows that stay are copied, the table is
// truncated, they are copied back; the destroyed row is never touched), then the
// journal is switched and a checkpoint taken, which removes the journal's older
// files. That needs a cluster that removes them and sends them nowhere: opening
// checks it and says what to change ([ForgetError]). Removed files are not
// overwritten by PostgreSQL; the cluster belongs on an encrypted disk.
type Postgres struct {
	db     *sql.DB
	random io.Reader

	mu  sync.RWMutex // guards box; held for writing by Update
	box vault.Box
}

const postgresFormat = 1

// postgresSchema is all there is: one row that says what the records are sealed
// in, and the records, found by a keyed hash of their slot.
const postgresSchema = `
CREATE TABLE keyring_meta (
	only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	format       integer NOT NULL,
	installation bytea   NOT NULL
);
CREATE TABLE keyring_entry (
	tag    bytea PRIMARY KEY,
	sealed bytea NOT NULL
);`

// CreatePostgres makes an empty keyring in a database: ErrPresent if there is one.
func CreatePostgres(ctx context.Context, url string, random io.Reader, box vault.Box) (*Postgres, error) {
	return connect(ctx, url, random, box, func(p *Postgres, present bool) error {
		if present {
			return ErrPresent
		}
		return p.create(ctx)
	})
}

// OpenPostgres opens the keyring in a database: ErrMissing if there is none.
func OpenPostgres(ctx context.Context, url string, random io.Reader, box vault.Box) (*Postgres, error) {
	return connect(ctx, url, random, box, func(p *Postgres, present bool) error {
		if !present {
			return ErrMissing
		}
		return p.inside(ctx, func(tx *sql.Tx) error { return p.checkMeta(ctx, tx) })
	})
}

func connect(ctx context.Context, url string, random io.Reader, box vault.Box, then func(*Postgres, bool) error) (*Postgres, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause may repeat the address, and with it a password.
		return nil, fmt.Errorf("the keyring's address is not one of a PostgreSQL database: %w", ErrUnavailable)
	}
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["application_name"] = "roundtable keyring"
	p := &Postgres{db: stdlib.OpenDB(*config), random: random, box: box}
	err = p.start(ctx, then)
	if err != nil {
		return nil, fmt.Errorf("open the keyring's database: %w", errors.Join(err, p.db.Close()))
	}
	return p, nil
}

func (p *Postgres) start(ctx context.Context, then func(*Postgres, bool) error) error {
	if err := p.canForget(ctx); err != nil {
		return err
	}
	var present bool
	if err := p.db.QueryRowContext(ctx, `SELECT to_regclass('keyring_meta') IS NOT NULL`).Scan(&present); err != nil {
		return unavailable(err)
	}
	return then(p, present)
}

func (p *Postgres) create(ctx context.Context) error {
	id := p.box.ID()
	return p.inside(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, postgresSchema); err != nil {
			return unavailable(err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO keyring_meta (format, installation) VALUES ($1, $2)`, postgresFormat, id[:])
		return unavailable(err)
	})
}

// unavailable gives an error of the database its kind; nil stays nil.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// inside runs do in a transaction.
func (p *Postgres) inside(ctx context.Context, do func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err)
	}
	if err := do(tx); err != nil {
		tx.Rollback() // its own error tells nothing that err does not
		return err
	}
	return unavailable(tx.Commit())
}

// checkMeta tells whether the records are sealed in this process's box. Another
// process may have moved them to a new installation key; without this question
// every key would then seem destroyed.
func (p *Postgres) checkMeta(ctx context.Context, tx *sql.Tx) error {
	var format int
	var installation []byte
	err := tx.QueryRowContext(ctx, `SELECT format, installation FROM keyring_meta`).Scan(&format, &installation)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("its one row of facts is gone: %w", ErrDamaged)
	}
	if err != nil {
		return unavailable(err)
	}
	return p.fits(format, installation)
}

func (p *Postgres) fits(format int, installation []byte) error {
	id := p.box.ID()
	switch {
	case format != postgresFormat || len(installation) != len(id):
		return fmt.Errorf("this is no keyring of this version of Roundtable: %w", ErrDamaged)
	case vault.KeyID(installation) != id:
		return fmt.Errorf("it needs the installation key %x and was given %s: %w", installation, id, ErrOtherInstallation)
	}
	return nil
}

// Get implements Keyring.
func (p *Postgres) Get(ctx context.Context, slot Slot) (Entry, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var e Entry
	err := p.inside(ctx, func(tx *sql.Tx) error {
		got, found, err := p.read(ctx, tx, slot)
		if err == nil && !found {
			err = ErrNotFound
		}
		e = got
		return err
	})
	return e, err
}

// read reads one entry and checks the facts with it, in one question.
func (p *Postgres) read(ctx context.Context, tx *sql.Tx, slot Slot) (Entry, bool, error) {
	tag, err := tagOf(p.box, slot)
	if err != nil {
		return Entry{}, false, err
	}
	var format int
	var installation, sealed []byte
	err = tx.QueryRowContext(ctx, `SELECT m.format, m.installation, e.sealed
		FROM keyring_meta m LEFT JOIN keyring_entry e ON e.tag = $1`, tag).Scan(&format, &installation, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, false, fmt.Errorf("its one row of facts is gone: %w", ErrDamaged)
	}
	if err != nil {
		return Entry{}, false, unavailable(err)
	}
	if err := p.fits(format, installation); err != nil || sealed == nil {
		return Entry{}, false, err
	}
	e, err := openRecord(p.box, tag, sealed)
	if err == nil && e.Slot != slot {
		err = ErrDamaged
	}
	return e, err == nil, err
}

// Put implements Keyring.
func (p *Postgres) Put(ctx context.Context, entry Entry) error {
	if err := entry.check(); err != nil {
		return fmt.Errorf("put a key: %w", err)
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	tag, sealed, err := sealRecord(p.random, p.box, entry)
	if err != nil {
		return unavailable(err)
	}
	return p.inside(ctx, func(tx *sql.Tx) error {
		// Update and Destroy wait for this, and this for them. Everybody takes
		// keyring_meta first, so that nobody waits in a circle.
		if _, err := tx.ExecContext(ctx, `LOCK TABLE keyring_meta IN ACCESS SHARE MODE`); err != nil {
			return unavailable(err)
		}
		return p.insert(ctx, tx, entry, tag, sealed)
	})
}

func (p *Postgres) insert(ctx context.Context, tx *sql.Tx, entry Entry, tag, sealed []byte) error {
	there, found, err := p.read(ctx, tx, entry.Slot)
	if err != nil {
		return err
	}
	if !found {
		library, known, err := p.read(ctx, tx, entry.above())
		if err != nil {
			return err
		}
		if err := entry.current(p.box.ID(), library, known); err != nil {
			return err
		}
		n, err := insertRow(ctx, tx, tag, sealed)
		if err != nil || n == 1 {
			return err
		}
		// Another process was first, or the keyring is full.
		if there, found, err = p.read(ctx, tx, entry.Slot); err != nil {
			return err
		}
		if !found {
			return ErrFull
		}
	}
	if !same(there, entry) {
		return ErrExists
	}
	return nil
}

func insertRow(ctx context.Context, tx *sql.Tx, tag, sealed []byte) (int64, error) {
	result, err := tx.ExecContext(ctx, `INSERT INTO keyring_entry (tag, sealed)
		SELECT $1, $2 WHERE (SELECT count(*) FROM keyring_entry) < $3
		ON CONFLICT (tag) DO NOTHING`, tag, sealed, MaxEntries)
	if err != nil {
		return 0, unavailable(err)
	}
	n, err := result.RowsAffected()
	return n, unavailable(err)
}

// Destroy implements Keyring.
func (p *Postgres) Destroy(ctx context.Context, slots ...Slot) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	err := p.inside(ctx, func(tx *sql.Tx) error {
		if err := p.lockAll(ctx, tx); err != nil {
			return err
		}
		tags, err := p.tagsUnder(ctx, tx, slots)
		if err != nil {
			return err
		}
		return rewriteWithout(ctx, tx, tags)
	})
	if err != nil {
		return err
	}
	return p.scrub(ctx)
}

func (p *Postgres) lockAll(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `LOCK TABLE keyring_meta, keyring_entry IN ACCESS EXCLUSIVE MODE`); err != nil {
		return unavailable(err)
	}
	return p.checkMeta(ctx, tx)
}

// tagsUnder returns the tags of slots, and of what is under the libraries' among them.
func (p *Postgres) tagsUnder(ctx context.Context, tx *sql.Tx, slots []Slot) ([][]byte, error) {
	all := slices.Clone(slots)
	if slices.ContainsFunc(slots, func(s Slot) bool { return s.Kind == Library }) {
		entries, err := p.readAll(ctx, tx)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if slices.Contains(slots, e.above()) {
				all = append(all, e.Slot)
			}
		}
	}
	tags := [][]byte{}
	for _, s := range all {
		tag, err := tagOf(p.box, s)
		if err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// rewriteWithout copies what stays to a new file of the table. A temporary table
// has no journal, and is gone with the transaction.
func rewriteWithout(ctx context.Context, tx *sql.Tx, tags [][]byte) error {
	if _, err := tx.ExecContext(ctx, `CREATE TEMPORARY TABLE keyring_kept (tag bytea, sealed bytea) ON COMMIT DROP`); err != nil {
		return unavailable(err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO keyring_kept
		SELECT tag, sealed FROM keyring_entry WHERE NOT (tag = ANY ($1::bytea[]))`, tags); err != nil {
		return unavailable(err)
	}
	if _, err := tx.ExecContext(ctx, `TRUNCATE keyring_entry`); err != nil {
		return unavailable(err)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO keyring_entry (tag, sealed) SELECT tag, sealed FROM keyring_kept ORDER BY tag`)
	return unavailable(err)
}

// scrub removes the journal's files up to now. Until it has run, what was
// destroyed may still be found in them; so Destroy fails when it fails, and
// destroying again runs it again.
func (p *Postgres) scrub(ctx context.Context) error {
	for _, statement := range []string{`SELECT pg_switch_wal()`, `CHECKPOINT`} {
		if _, err := p.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("remove the keyring's old journal; destroy again: %w", unavailable(err))
		}
	}
	return nil
}

// List implements Keyring.
func (p *Postgres) List(ctx context.Context, library string) ([]Entry, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var entries []Entry
	err := p.inside(ctx, func(tx *sql.Tx) error {
		// Against a rotation between the two questions.
		if _, err := tx.ExecContext(ctx, `LOCK TABLE keyring_meta IN ACCESS SHARE MODE`); err != nil {
			return unavailable(err)
		}
		if err := p.checkMeta(ctx, tx); err != nil {
			return err
		}
		var err error
		entries, err = p.readAll(ctx, tx)
		return err
	})
	return ofLibrary(entries, library), err
}

func (p *Postgres) readAll(ctx context.Context, tx *sql.Tx) ([]Entry, error) {
	rows, err := tx.QueryContext(ctx, `SELECT tag, sealed FROM keyring_entry`)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var tag, sealed []byte
		if err := rows.Scan(&tag, &sealed); err != nil {
			return nil, unavailable(err)
		}
		e, err := openRecord(p.box, tag, sealed)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, compareEntries)
	return entries, unavailable(rows.Err())
}

// Update implements Keyring.
func (p *Postgres) Update(ctx context.Context, box vault.Box, change func([]Entry) ([]Entry, error)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.inside(ctx, func(tx *sql.Tx) error {
		if err := p.lockAll(ctx, tx); err != nil {
			return err
		}
		entries, err := p.readAll(ctx, tx)
		if err != nil {
			return err
		}
		if entries, err = change(entries); err != nil {
			return err
		}
		if err := checkAll(entries, box.ID()); err != nil {
			return fmt.Errorf("update the keyring: %w", err)
		}
		return p.writeAll(ctx, tx, box, entries)
	})
	if err != nil {
		return err
	}
	p.box = box
	return p.scrub(ctx)
}

// rowsAtOnce is how many rows one statement writes.
const rowsAtOnce = 1000

func (p *Postgres) writeAll(ctx context.Context, tx *sql.Tx, box vault.Box, entries []Entry) error {
	id := box.ID()
	if _, err := tx.ExecContext(ctx, `TRUNCATE keyring_entry, keyring_meta`); err != nil {
		return unavailable(err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO keyring_meta (format, installation) VALUES ($1, $2)`, postgresFormat, id[:]); err != nil {
		return unavailable(err)
	}
	for some := range slices.Chunk(entries, rowsAtOnce) {
		var tags, sealed [][]byte
		for _, e := range some {
			tag, record, err := sealRecord(p.random, box, e)
			if err != nil {
				return unavailable(err)
			}
			tags, sealed = append(tags, tag), append(sealed, record)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO keyring_entry (tag, sealed)
			SELECT * FROM unnest($1::bytea[], $2::bytea[])`, tags, sealed); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Close implements Keyring.
func (p *Postgres) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.db.Close()
}

// A record is the entry behind its length in two bytes, filled up with zeros to a
// multiple of 512 bytes, so that kinds of keys look alike; it is bound to its tag.
const recordStep = 512

func tagOf(box vault.Box, slot Slot) ([]byte, error) {
	name := appendShort([]byte{byte(slot.Kind)}, slot.Library)
	return box.Tag(appendShort(name, slot.ID))
}

func sealRecord(random io.Reader, box vault.Box, e Entry) (tag, sealed []byte, err error) {
	if tag, err = tagOf(box, e.Slot); err != nil {
		return nil, nil, err
	}
	record := appendShort(nil, string(appendEntry(nil, e)))
	record = append(record, make([]byte, (recordStep-len(record)%recordStep)%recordStep)...)
	sealed, err = box.Seal(random, tag, record)
	return tag, sealed, err
}

func openRecord(box vault.Box, tag, sealed []byte) (Entry, error) {
	record, err := box.Open(tag, sealed)
	if err != nil {
		return Entry{}, fmt.Errorf("a record is not the one that was written: %w", ErrDamaged)
	}
	n := 0
	if len(record) >= 2 {
		n = int(binary.BigEndian.Uint16(record))
	}
	if 2+n > len(record) {
		return Entry{}, ErrDamaged
	}
	e, err := decodeEntry(record[2 : 2+n])
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return e, nil
}
