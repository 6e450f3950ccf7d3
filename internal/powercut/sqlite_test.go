package powercut

import (
	"bytes"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// mode is how SQLite is asked to keep what it acknowledges.
type mode struct {
	journal, synchronous, locking string
}

func (m mode) String() string {
	return strings.TrimSuffix(m.journal+" "+m.synchronous+" "+m.locking, " ")
}

var full = mode{"WAL", "FULL", ""}

// open opens the database of a test, with one connection as a writer has it.
func open(t testing.TB, d *Disk, m mode) *sql.DB {
	t.Helper()
	q := url.Values{"vfs": {d.Name()}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(2000)", "journal_mode(" + m.journal + ")", "synchronous(" + m.synchronous + ")",
		"wal_autocheckpoint(40)", "cache_size(20)",
	}}
	if m.locking != "" { // before the first use of the database
		q["_pragma"] = append([]string{"locking_mode(" + m.locking + ")"}, q["_pragma"]...)
	}
	db, err := sql.Open("sqlite", "file:/library.db?"+q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func newDisk(t testing.TB, seed uint64, o Options) *Disk {
	t.Helper()
	d, err := New(seed, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

// desk is a writer that remembers what it was told is kept.
type desk struct {
	mode  mode
	rng   *rand.Rand
	acked []int
	tried int // the act that was under way when the power went; -1 if none
	next  int
}

const schema = `
	CREATE TABLE act (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
	CREATE TABLE part (act INTEGER NOT NULL REFERENCES act, body BLOB NOT NULL) STRICT;
	CREATE INDEX part_act ON part (act);
	CREATE TABLE total (one INTEGER PRIMARY KEY CHECK (one = 1), acts INTEGER NOT NULL) STRICT;
	INSERT INTO total VALUES (1, 0)`

// bodyOf is what act n has in it: from a few bytes to several pages.
func bodyOf(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, 20+rng.IntN(1500)*(1+n%7/6*6))
	fill(b, rng)
	return b
}

// write does one act: three tables in one transaction.
func (w *desk) write(db *sql.DB) error {
	n := w.next
	w.next++
	w.tried = n
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO act VALUES ($1, $2)`, []any{n, bodyOf(n)}},
		{`INSERT INTO part VALUES ($1, $2)`, []any{n, bodyOf(n + 1000)}},
		{`INSERT INTO part VALUES ($1, $2)`, []any{n, bodyOf(n + 2000)}},
		{`UPDATE total SET acts = acts + 1`, nil},
	} {
		if _, err := tx.Exec(s.query, s.args...); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w.acked = append(w.acked, n)
	w.tried = -1
	return nil
}

// work writes until the power goes, with a checkpoint now and then.
func (w *desk) work(db *sql.DB, acts int) error {
	for range acts {
		if err := w.write(db); err != nil {
			return err
		}
		if w.rng.IntN(20) == 0 && w.mode.journal == "WAL" {
			if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				return err
			}
		}
	}
	return nil
}

// errLost: something that was acknowledged is not there. Every other error of
// check means that the database is broken.
var errLost = errors.New("an acknowledged act is lost")

// check holds the database against what the desk was told, and takes over what it
// finds for the next round.
func (w *desk) check(db *sql.DB) error {
	var said string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
		return fmt.Errorf("integrity_check: %s, %w", said, err)
	}
	rows, err := db.Query(`SELECT act.id, act.body, (SELECT count(*) FROM part WHERE act = act.id), (SELECT acts FROM total) FROM act ORDER BY act.id`)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer rows.Close()
	var found []int
	total := 0
	for rows.Next() {
		var id, parts int
		var body []byte
		if err := rows.Scan(&id, &body, &parts, &total); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if parts != 2 || !bytes.Equal(body, bodyOf(id)) {
			return fmt.Errorf("act %d has %d of 2 parts, its body is right: %v", id, parts, bytes.Equal(body, bodyOf(id)))
		}
		found = append(found, id)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if total != len(found) && len(found) > 0 {
		return fmt.Errorf("the total is %d, there are %d acts", total, len(found))
	}
	return w.compare(found)
}

func (w *desk) compare(found []int) error {
	acked, tried := w.acked, w.tried
	w.acked = found
	w.tried = -1
	i := 0
	for _, n := range acked {
		for i < len(found) && found[i] < n {
			if found[i] != tried {
				return fmt.Errorf("act %d is there, and was never", found[i])
			}
			i++
		}
		if i == len(found) || found[i] != n {
			return fmt.Errorf("%w: %d", errLost, n)
		}
		i++
	}
	for _, n := range found[i:] {
		if n != tried {
			return fmt.Errorf("act %d is there, and was never", n)
		}
	}
	return nil
}

// tally counts how cuts ended.
type tally struct {
	cuts, lost, broken int
	survivors          Survivors
	first              error // that was not a loss
}

// cutOften runs a writer through many cuts, several on each disk, some of them
// while the database recovers from the one before.
func cutOften(t testing.TB, m mode, o Options, cuts int, seed uint64) (out tally) {
	t.Helper()
	for out.cuts < cuts {
		seed++
		if err := cutOnOneDisk(t, m, o, seed, min(5, cuts-out.cuts), &out); err != nil {
			if out.first == nil {
				out.first = fmt.Errorf("seed %d: %w", seed, err)
			}
			out.broken++
		}
	}
	return out
}

func cutOnOneDisk(t testing.TB, m mode, o Options, seed uint64, cuts int, out *tally) error {
	d, err := New(seed, o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	w := &desk{mode: m, rng: rand.New(rand.NewPCG(seed, 2)), tried: -1}
	db := open(t, d, m)
	if _, err := db.Exec(schema); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	if err := w.write(db); err != nil { // with the tables comes a first act
		t.Fatalf("seed %d: %v", seed, err)
	}
	settle(t, d, db)
	for range cuts {
		db := open(t, d, m)
		d.Fail(1+w.rng.IntN(400), PowerCut)
		workErr := w.work(db, 60)
		on := d.IsOn()
		s := d.Cut()
		db.Close()
		if on && workErr != nil {
			return fmt.Errorf("with power: %w", workErr)
		}
		out.cuts++
		out.survivors.add(s)
		if err := d.Reopen(); err != nil {
			t.Fatal(err)
		}
		if err := w.recover(t, d); errors.Is(err, errLost) {
			out.lost++
		} else if err != nil {
			return err
		}
	}
	return nil
}

// recover opens the database after a cut and checks it; one time in three the
// power goes again meanwhile.
func (w *desk) recover(t testing.TB, d *Disk) error {
	if w.rng.IntN(3) == 0 {
		d.Fail(1+w.rng.IntN(12), PowerCut)
		db := open(t, d, w.mode)
		before := *w
		w.check(db) // what it says counts only if there was power
		*w = before
		d.Cut()
		db.Close()
		if err := d.Reopen(); err != nil {
			return err
		}
	}
	db := open(t, d, w.mode)
	defer db.Close()
	return w.check(db)
}

// settle brings everything to the disk, whatever the mode: what is tested begins
// afterwards.
func settle(t testing.TB, d *Disk, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range d.Names() {
		data, _ := d.ReadFile(name)
		d.WriteFile(name, data)
	}
}

func (s *Survivors) add(o Survivors) {
	s.Sectors += o.Sectors
	s.SectorsKept += o.SectorsKept
	s.SectorsTorn += o.SectorsTorn
	s.Sizes += o.Sizes
	s.SizesKept += o.SizesKept
	s.Names += o.Names
	s.NamesKept += o.NamesKept
}

// cuts is how many cuts each mode is put through: a sample. The figures of the
// threat model come from -cuts=10000.
var cuts = flag.Int("cuts", 30, "simulated power cuts for each mode")

// TestModes: what SQLite's documentation promises of each mode holds on this disk,
// and what it does not promise shows: the red controls.
func TestModes(t *testing.T) {
	for _, test := range []struct {
		m      mode
		o      Options
		lost   bool // acknowledged acts may be lost
		broken bool // and the database with them
	}{
		{m: full},
		{m: full, o: Options{Sector: 4096}},
		{m: full, o: Options{Fragile: true}},
		{m: mode{"WAL", "FULL", "EXCLUSIVE"}},
		{m: mode{"WAL", "EXTRA", ""}},
		{m: mode{"DELETE", "EXTRA", ""}},
		{m: mode{"TRUNCATE", "FULL", ""}},
		{m: mode{"PERSIST", "FULL", ""}},
		{m: mode{"DELETE", "FULL", ""}, lost: true}, // the journal's deletion may not have arrived
		{m: mode{"WAL", "NORMAL", ""}, lost: true},
		{m: mode{"WAL", "OFF", ""}, lost: true, broken: true},
		{m: full, o: Options{Lies: true}, lost: true, broken: true},
	} {
		t.Run(fmt.Sprintf("%v %+v", test.m, test.o), func(t *testing.T) {
			got := cutOften(t, test.m, test.o, *cuts, 1000)
			t.Logf("%d cuts: acknowledged acts lost after %d (%d %%), broken after %d; %+v; first %v",
				got.cuts, got.lost, got.lost*100/got.cuts, got.broken, got.survivors, got.first)
			if got.lost > 0 != test.lost && !(test.broken && got.broken > 0) {
				t.Errorf("after %d cuts: acknowledged acts lost %d times, want some: %v", got.cuts, got.lost, test.lost)
			}
			if got.broken > 0 != test.broken {
				t.Errorf("after %d cuts: broken %d times (%v), want some: %v", got.cuts, got.broken, got.first, test.broken)
			}
		})
	}
}

// small is a fixed piece of work: tables, acts, a checkpoint.
func small(t testing.TB, d *Disk, m mode) (*desk, error) {
	w := &desk{mode: m, rng: rand.New(rand.NewPCG(1, 1)), tried: -1}
	db := open(t, d, m)
	defer db.Close()
	if _, err := db.Exec("BEGIN;" + schema + ";COMMIT"); err != nil {
		return w, err
	}
	for range 3 {
		if err := w.write(db); err != nil {
			return w, err
		}
	}
	if m.journal == "WAL" {
		if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return w, err
		}
	}
	return w, w.write(db)
}

// TestEachCall: whatever call a fault hits, and whether the power goes afterwards
// or not, what was acknowledged is there and no act is there by half.
func TestEachCall(t *testing.T) {
	for _, m := range []mode{full, {"DELETE", "EXTRA", ""}} {
		clean := newDisk(t, 1, Options{})
		if _, err := small(t, clean, m); err != nil {
			t.Fatalf("%v without a fault: %v", m, err)
		}
		for _, fault := range Faults {
			calls := clean.Calls(fault)
			if calls < 2 {
				t.Errorf("%v: %d calls that a %v can hit, want more", m, calls, fault)
			}
			told := 0
			for n := 1; n <= calls; n++ {
				if err := faultAt(t, m, fault, n, &told); err != nil {
					t.Errorf("%v: %v at call %d of %d: %v", m, fault, n, calls, err)
				}
			}
			t.Logf("%v: %v at each of %d calls: %d told to the writer", m, fault, calls, told)
			if told == 0 {
				t.Errorf("%v: no %v was told to the writer", m, fault)
			}
		}
	}
}

func faultAt(t *testing.T, m mode, fault Fault, n int, told *int) error {
	d := newDisk(t, uint64(n), Options{})
	d.Fail(n, fault)
	w, err := small(t, d, m)
	if err != nil {
		*told++
	}
	if d.Hits(fault) == 0 {
		return errors.New("it hit nothing")
	}
	if n%2 == 0 || fault == SyncError {
		d.Cut()
	}
	d.Heal()
	if err := d.Reopen(); err != nil {
		return err
	}
	db := open(t, d, m)
	defer db.Close()
	var tables int
	if err := db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE type = 'table'`).Scan(&tables); err != nil {
		return err
	}
	if tables == 0 && len(w.acked) == 0 {
		return nil // the tables never came to be
	}
	if err := w.check(db); err != nil {
		return err
	}
	w.next = 100
	if err := w.write(db); err != nil {
		return fmt.Errorf("afterwards: %w", err)
	}
	return nil
}

// TestWords: SQLite tells the faults by their proper codes.
func TestWords(t *testing.T) {
	for _, test := range []struct {
		fault Fault
		want  int // SQLite's code
	}{
		{DiskFull, sqlite3.SQLITE_FULL},
		{WriteError, sqlite3.SQLITE_IOERR_WRITE},
		{ShortWrite, sqlite3.SQLITE_IOERR_WRITE},
		{SyncError, sqlite3.SQLITE_IOERR_FSYNC},
		{ReadOnly, sqlite3.SQLITE_IOERR_WRITE},
		{PowerCut, sqlite3.SQLITE_IOERR_WRITE},
	} {
		d := newDisk(t, 1, Options{})
		db := open(t, d, full)
		defer db.Close()
		if _, err := db.Exec(schema); err != nil {
			t.Fatal(err)
		}
		d.Fail(1, test.fault)
		_, err := db.Exec(`INSERT INTO act VALUES (1, zeroblob(10000))`)
		var told *sqlite.Error
		if !errors.As(err, &told) || told.Code() != test.want {
			t.Errorf("a %v is told as %v, want SQLite's code %d", test.fault, err, test.want)
		}
	}
}

// TestReadOnly: a database on a disk that has become read-only can be read and not
// written.
func TestReadOnly(t *testing.T) {
	d := newDisk(t, 1, Options{})
	m := mode{"DELETE", "FULL", ""}
	if _, err := small(t, d, m); err != nil {
		t.Fatal(err)
	}
	d.Fail(1, ReadOnly)
	db := open(t, d, m)
	defer db.Close()
	db.Exec(`UPDATE total SET acts = 9`) // finds out
	db.Close()
	db = open(t, d, m)
	defer db.Close()
	var acts int
	if err := db.QueryRow(`SELECT acts FROM total`).Scan(&acts); err != nil || acts != 4 {
		t.Errorf("read: %d, %v; want 4", acts, err)
	}
	_, err := db.Exec(`UPDATE total SET acts = 9`)
	var told *sqlite.Error
	if !errors.As(err, &told) || told.Code()&0xff != sqlite3.SQLITE_READONLY {
		t.Errorf("write: %v, want SQLite's code %d", err, sqlite3.SQLITE_READONLY)
	}
}

// TestConnections: several connections at once see each other's commits whole, in
// every mode that has locks of its own.
func TestConnections(t *testing.T) {
	for _, journal := range []string{"WAL", "DELETE"} {
		t.Run(journal, func(t *testing.T) {
			d := newDisk(t, 1, Options{})
			m := mode{journal, "FULL", ""}
			db := open(t, d, m)
			defer db.Close()
			if _, err := db.Exec(`CREATE TABLE pair (a INTEGER, b INTEGER); INSERT INTO pair VALUES (0, 0)`); err != nil {
				t.Fatal(err)
			}
			const writers, each = 3, 20
			var wait, reading sync.WaitGroup
			done := make(chan struct{})
			for range writers {
				wait.Go(func() { addOften(t, d, m, each) })
			}
			reading.Go(func() { readOften(t, d, m, done) })
			wait.Wait()
			close(done)
			reading.Wait()
			var a, b int
			if err := db.QueryRow(`SELECT a, b FROM pair`).Scan(&a, &b); err != nil || a != writers*each || b != a {
				t.Errorf("in the end the pair is %d, %d, %v; want %d twice", a, b, err, writers*each)
			}
		})
	}
}

func addOften(t *testing.T, d *Disk, m mode, times int) {
	db := open(t, d, m)
	defer db.Close()
	for range times {
		if _, err := db.Exec(`BEGIN IMMEDIATE; UPDATE pair SET a = a + 1; UPDATE pair SET b = b + 1; COMMIT`); err != nil {
			t.Errorf("write: %v", err)
			return
		}
	}
}

func readOften(t *testing.T, d *Disk, m mode, done <-chan struct{}) {
	db := open(t, d, m)
	defer db.Close()
	for {
		select {
		case <-done:
			return
		default:
		}
		var a, b int
		if err := db.QueryRow(`SELECT a, b FROM pair`).Scan(&a, &b); err != nil || a != b {
			t.Errorf("read: %d, %d, %v; want the same twice", a, b, err)
			return
		}
	}
}

// TestSharedMemory: WAL uses it, and needs none with exclusive locking.
func TestSharedMemory(t *testing.T) {
	for locking, want := range map[string]bool{"NORMAL": true, "EXCLUSIVE": false} {
		d := newDisk(t, 1, Options{})
		db := open(t, d, mode{"WAL", "FULL", locking})
		defer db.Close()
		if _, err := db.Exec(schema); err != nil {
			t.Fatal(err)
		}
		var journal string
		if err := db.QueryRow(`PRAGMA journal_mode`).Scan(&journal); err != nil || journal != "wal" {
			t.Errorf("locking_mode=%s: journal_mode is %q, %v; want wal", locking, journal, err)
		}
		d.mu.Lock()
		got := d.names["/library.db"].shm != nil
		d.mu.Unlock()
		if got != want {
			t.Errorf("locking_mode=%s: shared memory is used: %v, want %v", locking, got, want)
		}
	}
}

// TestSameSeed: the same seed and the same calls leave the same.
func TestSameSeed(t *testing.T) {
	run := func() Survivors { return cutOften(t, mode{"WAL", "NORMAL", ""}, Options{}, 10, 77).survivors }
	if a, b := run(), run(); a != b {
		t.Errorf("two runs with one seed leave %+v and %+v", a, b)
	}
}

// TestCopies: a database is copied on the disk, as a backup does it.
func TestCopies(t *testing.T) {
	d := newDisk(t, 1, Options{})
	if _, err := small(t, d, full); err != nil {
		t.Fatal(err)
	}
	db := open(t, d, full)
	defer db.Close()
	if _, err := db.Exec(`VACUUM INTO '/copy.db'`); err != nil {
		t.Fatal(err)
	}
	data, ok := d.ReadFile("/copy.db")
	if !ok || !bytes.HasPrefix(data, []byte("SQLite format 3\x00")) {
		t.Errorf("the copy is a database: %v, %d bytes", ok, len(data))
	}
}

// TestNothingIsLeft: a disk that is closed leaves nothing registered.
func TestNothingIsLeft(t *testing.T) {
	d, err := New(1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, d, full)
	if _, err := db.Exec(schema); err != nil {
		t.Fatal(err)
	}
	d.Cut()
	if err := d.Reopen(); !errors.Is(err, ErrInUse) {
		t.Errorf("Reopen with open files = %v, want %v", err, ErrInUse)
	}
	if err := d.Close(); !errors.Is(err, ErrInUse) {
		t.Errorf("Close with open files = %v, want %v", err, ErrInUse)
	}
	db.Close()
	if err := errors.Join(d.Reopen(), d.Close(), d.Close()); err != nil {
		t.Errorf("Reopen and Close without open files: %v", err)
	}
	again := open(t, d, full)
	defer again.Close()
	if err := again.Ping(); err == nil || !strings.Contains(err.Error(), "no such vfs") {
		t.Errorf("open on a disk that is closed = %v, want that SQLite does not know it", err)
	}
	for range handles.values.Range {
		t.Error("a file is still open")
	}
}

func BenchmarkAct(b *testing.B) {
	d := newDisk(b, 1, Options{})
	w := &desk{mode: full, rng: rand.New(rand.NewPCG(1, 1))}
	db := open(b, d, full)
	defer db.Close()
	if _, err := db.Exec(schema); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := w.write(db); err != nil {
			b.Fatal(err)
		}
	}
}
