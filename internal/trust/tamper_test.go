package trust

import (
	"bytes"
	"database/sql"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"roundtable/internal/app"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
	"roundtable/ledger"
)

// book is a library's ledger as its tables hold it, in the hands of somebody who
// may write them: leaves, the tree's hashes, checkpoints.
type book struct {
	dice        *mathrand.Rand
	size        int64
	leaves      []ledger.Leaf
	hashes      []ledger.Hash
	checkpoints []signedNote
}

type signedNote struct {
	size int64
	note []byte
}

func (l *land) readBook(t *testing.T, db *sql.DB, library people.LibraryID, dice *mathrand.Rand) *book {
	t.Helper()
	b := &book{dice: dice}
	each := func(q string, scan func(rows *sql.Rows) error) {
		rows, err := db.Query(q, string(library))
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			must(t, scan(rows))
		}
		must(t, rows.Err())
	}
	hash := func(b []byte) (h ledger.Hash) { copy(h[:], b); return h }
	each("SELECT size FROM ledger_heads WHERE library_id = $1", func(r *sql.Rows) error { return r.Scan(&b.size) })
	each("SELECT hash, entry FROM ledger_leaves WHERE library_id = $1 ORDER BY number", func(r *sql.Rows) error {
		var h []byte
		var leaf ledger.Leaf
		err := r.Scan(&h, &leaf.Text)
		leaf.Hash = hash(h)
		b.leaves = append(b.leaves, leaf)
		return err
	})
	each("SELECT hash FROM ledger_hashes WHERE library_id = $1 ORDER BY number", func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&h)
		b.hashes = append(b.hashes, hash(h))
		return err
	})
	each("SELECT size, note FROM ledger_checkpoints WHERE library_id = $1 ORDER BY number", func(r *sql.Rows) error {
		var n signedNote
		err := r.Scan(&n.size, &n.note)
		b.checkpoints = append(b.checkpoints, n)
		return err
	})
	return b
}

func (l *land) writeBook(t *testing.T, db *sql.DB, library people.LibraryID, b *book) {
	t.Helper()
	tx, err := db.Begin()
	must(t, err)
	defer tx.Rollback()
	do := func(q string, args ...any) {
		t.Helper()
		_, err := tx.Exec(q, args...)
		must(t, err)
	}
	for _, table := range []string{"ledger_leaves", "ledger_hashes", "ledger_checkpoints"} {
		do("DELETE FROM "+table+" WHERE library_id = $1", string(library))
	}
	for i, leaf := range b.leaves {
		do("INSERT INTO ledger_leaves (library_id, number, hash, entry) VALUES ($1, $2, $3, $4)", string(library), i, leaf.Hash[:], leaf.Text)
	}
	for i, h := range b.hashes {
		do("INSERT INTO ledger_hashes (library_id, number, hash) VALUES ($1, $2, $3)", string(library), i, h[:])
	}
	for i, n := range b.checkpoints {
		do("INSERT INTO ledger_checkpoints (library_id, number, size, note) VALUES ($1, $2, $3, $4)", string(library), i, n.size, n.note)
	}
	do("UPDATE ledger_heads SET size = $2, checkpoints = $3 WHERE library_id = $1", string(library), b.size, len(b.checkpoints))
	must(t, tx.Commit())
}

func (b *book) clone() *book {
	c := *b
	c.leaves, c.hashes, c.checkpoints = slices.Clone(b.leaves), slices.Clone(b.hashes), slices.Clone(b.checkpoints)
	return &c
}

// careful makes everything that can be computed without the signing key fit the
// leaves again: their hashes, the tree's, and the size.
func (b *book) careful() {
	b.hashes = nil
	for i := range b.leaves {
		if b.leaves[i].Text != "" {
			b.leaves[i].Hash = tlog.RecordHash([]byte(b.leaves[i].Text))
		}
		more, err := tlog.StoredHashesForRecordHash(int64(i), b.leaves[i].Hash, tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			list := make([]tlog.Hash, len(at))
			for i, n := range at {
				list[i] = b.hashes[n]
			}
			return list, nil
		}))
		if err != nil {
			panic(err) // what was just computed is there
		}
		b.hashes = append(b.hashes, more...)
	}
	b.size = int64(len(b.leaves))
}

// signed is how many leaves the last checkpoint covers.
func (b *book) signed() int { return int(b.checkpoints[len(b.checkpoints)-1].size) }

// pick draws a leaf that a checkpoint covers.
func (b *book) pick() int { return b.dice.IntN(b.signed()) }

// edit changes the entry of a leaf that a checkpoint covers.
func (b *book) edit(change func(*ledger.Entry)) {
	i := b.pick()
	e, err := ledger.ParseEntry(b.leaves[i].Text)
	if err != nil {
		panic(err)
	}
	change(&e)
	text, err := e.MarshalText()
	if err != nil {
		panic(err)
	}
	b.leaves[i].Text = string(text)
}

// tamperings are what somebody who may write the tables can do to them. Who is
// careful afterwards makes all hashes fit.
var tamperings = []struct {
	name string
	do   func(b *book)
}{
	{"flip a bit of an entry", func(b *book) {
		i := b.pick()
		text := []byte(b.leaves[i].Text)
		at := b.dice.IntN(len(text))
		text[at] ^= 1 << b.dice.IntN(6) // what stays text
		if text[at] == 0 || text[at] == '\n' {
			text[at] = '~'
		}
		b.leaves[i].Text = string(text)
	}},
	{"edit the time of an entry", func(b *book) { b.edit(func(e *ledger.Entry) { e.At = e.At.Add(time.Hour) }) }},
	{"edit who acted", func(b *book) { b.edit(func(e *ledger.Entry) { e.Actor = "p-somebodyelse00000000" }) }},
	{"edit what was done", func(b *book) { b.edit(func(e *ledger.Entry) { e.Kind = "see-desk" }) }},
	{"edit what it was done to", func(b *book) { b.edit(func(e *ledger.Entry) { e.Objects = []ledger.ID{"other"} }) }},
	{"swap two leaves", func(b *book) {
		i := b.pick()
		j := (i + 1 + b.dice.IntN(b.signed()-1)) % b.signed()
		b.leaves[i], b.leaves[j] = b.leaves[j], b.leaves[i]
	}},
	{"drop a leaf", func(b *book) {
		i := b.pick()
		b.leaves = slices.Delete(b.leaves, i, i+1)
		b.size--
	}},
	{"insert a leaf", func(b *book) {
		i := b.pick()
		e, _ := ledger.ParseEntry(b.leaves[i].Text)
		e.At = e.At.Add(time.Millisecond)
		text, _ := e.MarshalText()
		b.leaves = slices.Insert(b.leaves, i, ledger.Leaf{Hash: tlog.RecordHash(text), Text: string(text)})
		b.size++
	}},
	{"turn a run of leaves about", func(b *book) {
		i := b.dice.IntN(b.signed() - 2)
		slices.Reverse(b.leaves[i : i+2+b.dice.IntN(b.signed()-i-1)])
	}},
	{"cut the tail before a checkpoint", func(b *book) {
		b.leaves = b.leaves[:b.pick()]
		b.size = int64(len(b.leaves))
	}},
	{"remove a checkpoint", func(b *book) {
		i := b.dice.IntN(len(b.checkpoints) - 1)
		b.checkpoints = slices.Delete(b.checkpoints, i, i+1)
	}},
	{"swap two checkpoints", func(b *book) {
		i := b.dice.IntN(len(b.checkpoints) - 1)
		b.checkpoints[i], b.checkpoints[i+1] = b.checkpoints[i+1], b.checkpoints[i]
	}},
	{"edit a checkpoint", func(b *book) {
		i := b.dice.IntN(len(b.checkpoints))
		text := bytes.Clone(b.checkpoints[i].note)
		at := bytes.Index(text, []byte("time 2026")) + len("time ")
		text[at+3] = '1' + byte(b.dice.IntN(5)) // another year
		b.checkpoints[i].note = text
	}},
	{"sign a checkpoint with a key of one's own", func(b *book) {
		i := b.dice.IntN(len(b.checkpoints))
		text, signatures, _ := bytes.Cut(b.checkpoints[i].note, []byte("\n\n"))
		origin, _, _ := strings.Cut(string(text), "\n")
		private, _, err := note.GenerateKey(diceReader{b.dice}, origin)
		if err != nil {
			panic(err)
		}
		signer, _ := note.NewSigner(private)
		b.checkpoints[i].note, err = note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
		if err != nil || len(signatures) == 0 {
			panic(err)
		}
	}},
}

// roughly are tamperings for which nobody can be careful: the hashes themselves.
var roughly = []struct {
	name string
	do   func(b *book)
}{
	{"alter a hash of the tree", func(b *book) { b.hashes[b.dice.IntN(len(b.hashes))][b.dice.IntN(32)] ^= 1 << b.dice.IntN(8) }},
	{"alter a leaf's hash", func(b *book) { b.leaves[b.dice.IntN(len(b.leaves))].Hash[b.dice.IntN(32)] ^= 1 << b.dice.IntN(8) }},
	{"swap two hashes of the tree", func(b *book) {
		i := b.dice.IntN(len(b.hashes) - 1)
		b.hashes[i], b.hashes[i+1] = b.hashes[i+1], b.hashes[i]
	}},
	{"remove the tree's last hash", func(b *book) { b.hashes = b.hashes[:len(b.hashes)-1] }},
	{"make the ledger longer than it is", func(b *book) { b.size++ }},
	{"make the ledger shorter than what was signed", func(b *book) { b.size = int64(b.pick()) }},
}

type diceReader struct{ r *mathrand.Rand }

func (d diceReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d.r.Uint32())
	}
	return len(p), nil
}

// live lets a library live for some hours: walks, reading, refusals, checkpoints.
func (l *land) live(t *testing.T, dice *mathrand.Rand, hours int) {
	t.Helper()
	ctx := t.Context()
	desk := l.A.AtDesk(t)
	for range hours {
		id := got[store.CaseID](t)(l.StartWalk(ctx, desk, app.StartForm{Playbook: []string{"officer", "suspected-abuse", "hygiene"}[dice.IntN(3)]}))
		for range 1 + dice.IntN(6) {
			_, err := l.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "Nothing new."})
			must(t, err)
			l.ReadCase(ctx, l.A.As(t, []people.Role{people.Director, people.Board, people.SafetyLead}[dice.IntN(3)]), id, "")
		}
		if dice.IntN(4) == 0 {
			must(t, l.Destroy(ctx, l.A.ID, "retention", id))
		}
		l.Clock.Move(time.Hour)
		must(t, l.WorkOnce(ctx))
	}
}

// P2: whatever somebody does to the tables of a ledger before its last checkpoint
// is found by its public key alone; nobody honest is accused.
func TestTamper(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		dice := mathrand.New(mathrand.NewPCG(2, 0))
		l.live(t, dice, 8)
		got[store.CaseID](t)(l.StartWalk(t.Context(), l.A.AtDesk(t), app.StartForm{Playbook: "hygiene"})) // a leaf that nobody has signed yet
		db := l.raw(t, l.A.ID)
		honest := l.readBook(t, db, l.A.ID, dice)
		must(t, l.verify(t.Context(), l.A.ID))
		tried, found, missed := 0, 0, map[string]int{}
		check := func(name string, b *book) {
			t.Helper()
			l.writeBook(t, db, l.A.ID, b)
			tried++
			if err := l.verify(t.Context(), l.A.ID); err == nil {
				missed[name]++
			} else {
				found++
			}
		}
		for range times(2, 10) {
			for _, tampering := range tamperings {
				for _, careful := range []bool{false, true} {
					b := honest.clone()
					tampering.do(b)
					if careful {
						b.careful()
					}
					check(fmt.Sprintf("%s (careful: %v)", tampering.name, careful), b)
				}
			}
			for _, tampering := range roughly {
				b := honest.clone()
				tampering.do(b)
				check(tampering.name, b)
			}
		}
		for name, n := range missed {
			t.Errorf("%s: not found, %d times", name, n)
		}
		l.writeBook(t, db, l.A.ID, honest)
		if err := l.verify(t.Context(), l.A.ID); err != nil {
			t.Fatalf("what was put back as it was does not verify: %v", err)
		}
		c := honest.clone()
		c.careful()
		l.writeBook(t, db, l.A.ID, c)
		if err := l.verify(t.Context(), l.A.ID); err != nil {
			t.Errorf("the control: careful hands that change nothing are accused: %v", err)
		}
		promise(t, "T2", "P2", "%s: %d of %d tamperings with the tables found, of %d kinds", l.kind(), found, tried, 2*len(tamperings)+len(roughly))
	})
}

// stolenKey is what signs a library's checkpoints, in other hands.
func (l *land) stolenKey(t *testing.T, library people.LibraryID) note.Signer {
	t.Helper()
	return got[note.Signer](t)(note.NewSigner(l.stolenText(t, library)))
}

// stolenText opens the key that signs a library's checkpoints, as somebody does who
// has the database, the keyring and the installation's key.
func (l *land) stolenText(t *testing.T, library people.LibraryID) string {
	t.Helper()
	ctx := t.Context()
	entry := got[keyring.Entry](t)(l.Ring.Get(ctx, keyring.Slot{Kind: keyring.Library, Library: string(library)}))
	above := got[vault.LibraryKey](t)(l.Key.UnwrapLibrary(got[vault.Wrapped](t)(vault.ParseWrapped(entry.Bytes)), string(library)))
	entry = got[keyring.Entry](t)(l.Ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(library), ID: "own"}))
	own := got[vault.CaseKey](t)(above.UnwrapCase(got[vault.Wrapped](t)(vault.ParseWrapped(entry.Bytes)), string(library), "own"))
	var private vault.Clear
	must(t, l.Store.Read(ctx, library, func(tx *store.Tx) error {
		sealed, version, err := tx.Secret(ctx, "secrets.ledger-key")
		if err != nil {
			return err
		}
		value, err := vault.ParseSealed(sealed)
		if err != nil {
			return err
		}
		private, err = own.Open(vault.Place{Library: string(library), Case: "own", Field: "secrets.ledger-key", Version: version}, value)
		return err
	}))
	return private.Text()
}

// judge verifies a library's ledger, with checkpoints that were kept elsewhere.
func (l *land) judge(t *testing.T, library people.LibraryID, kept ...[]byte) *ledger.Report {
	t.Helper()
	ctx := t.Context()
	var file bytes.Buffer
	var key string
	must(t, l.Store.Read(ctx, library, func(tx *store.Tx) (err error) {
		if key, err = tx.Setting(ctx, "ledger.public-key"); err != nil {
			return err
		}
		if err := ledger.CheckStored(ctx, tx.Ledger()); err != nil {
			return err
		}
		return ledger.Export(ctx, &file, app.Origin(library), tx.Ledger())
	}))
	return got[*ledger.Report](t)(ledger.Verify(&file, key, ledger.Options{Kept: kept}))
}

// lastNote is a library's newest checkpoint, as it would be mailed.
func (l *land) lastNote(t *testing.T, library people.LibraryID) (signed []byte) {
	t.Helper()
	must(t, l.Store.Read(t.Context(), library, func(tx *store.Tx) (err error) {
		signed, err = tx.Ledger().LastCheckpoint(t.Context())
		return err
	}))
	return signed
}

// P2: a database that was rolled back as a whole, and one written anew with the
// stolen key, are found by a checkpoint that was kept elsewhere, and by nothing
// else.
func TestRollback(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		dice := mathrand.New(mathrand.NewPCG(2, 1))
		l.live(t, dice, 3)
		db := l.raw(t, l.A.ID)
		old := l.dumpAll(t, db, l.A.ID)
		earlier := l.lastNote(t, l.A.ID)
		l.live(t, dice, 3)
		kept := l.lastNote(t, l.A.ID)
		if r := l.judge(t, l.A.ID, earlier, kept); !r.OK() {
			t.Fatalf("the honest ledger: %s", r)
		}
		l.loadAll(t, db, l.A.ID, old)
		steps := []struct {
			name string
			do   func()
		}{
			{"rolled back", func() {}},
			{"rolled back and lived on", func() { l.live(t, dice, 1) }},
			{"rolled back and written anew with the stolen key", func() { l.forge(t, l.A.ID, dice) }},
		}
		for _, step := range steps {
			step.do()
			if r := l.judge(t, l.A.ID); !r.OK() {
				t.Errorf("%s: by the key alone: %s; want it not to show, as the manual says", step.name, r)
			}
			if r := l.judge(t, l.A.ID, earlier); !r.OK() {
				t.Errorf("%s: by a checkpoint from before: %s; want it not to show", step.name, r)
			}
			if r := l.judge(t, l.A.ID, kept); r.OK() {
				t.Errorf("%s: not found with a checkpoint that was kept elsewhere", step.name)
			}
		}
		promise(t, "T2", "P2", "%s: a roll-back, one that lives on, and one signed anew with the stolen key: found by a kept checkpoint 3 of 3, by the key alone 0 of 3, as told", l.kind())
	})
}

// forge writes entries that never were, and signs them with the stolen key.
func (l *land) forge(t *testing.T, library people.LibraryID, dice *mathrand.Rand) {
	t.Helper()
	signer := l.stolenKey(t, library)
	must(t, l.Store.Write(t.Context(), library, func(tx *store.Tx) error {
		var commitment [32]byte
		diceReader{dice}.Read(commitment[:])
		e := ledger.Entry{Kind: "read-case", At: l.Clock.Now().UTC().Truncate(time.Millisecond), Actor: "p-nobody0000000000000", Objects: []ledger.ID{"forged"}, Commitment: commitment}
		if _, err := ledger.Append(t.Context(), tx.Ledger(), e); err != nil {
			return err
		}
		_, _, err := ledger.Sign(t.Context(), tx.Ledger(), signer, l.Clock.Now(), diceReader{dice})
		return err
	}))
}

// dump is all rows of a tenant.
type dump map[string][][]any

func (l *land) dumpAll(t *testing.T, db *sql.DB, tenant people.LibraryID) dump {
	t.Helper()
	d := dump{}
	for _, table := range tables(t, db, l.url != "") {
		rows, err := db.Query("SELECT * FROM "+table+" WHERE library_id = $1", string(tenant))
		must(t, err)
		columns := got[[]string](t)(rows.Columns())
		for rows.Next() {
			row, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			must(t, rows.Scan(into...))
			d[table] = append(d[table], row)
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return d
}

// loadAll puts a tenant's rows back as they were.
func (l *land) loadAll(t *testing.T, db *sql.DB, tenant people.LibraryID, d dump) {
	t.Helper()
	names := tables(t, db, l.url != "")
	tx, err := db.Begin()
	must(t, err)
	defer tx.Rollback()
	do := func(q string, args ...any) {
		t.Helper()
		_, err := tx.Exec(q, args...)
		must(t, err)
	}
	if l.url != "" {
		do("SET LOCAL session_replication_role = replica") // in any order
	}
	for _, table := range names {
		do("DELETE FROM "+table+" WHERE library_id = $1", string(tenant))
	}
	for table, rows := range d {
		for _, row := range rows {
			marks := make([]string, len(row))
			for i := range row {
				marks[i] = fmt.Sprintf("$%d", i+1)
			}
			do("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", row...)
		}
	}
	must(t, tx.Commit())
}

// P2: no honest ledger is accused, whatever is done and whenever it is exported.
func TestHonestLedgers(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		dice := mathrand.New(mathrand.NewPCG(2, 2))
		desk := l.A.AtDesk(t)
		ctx := t.Context()
		var kept [][]byte
		var running store.CaseID
		exports := times(25, 500)
		for n := range exports {
			switch dice.IntN(8) {
			case 0, 1:
				running = got[store.CaseID](t)(l.StartWalk(ctx, desk, app.StartForm{Playbook: "officer"}))
			case 2:
				l.Clock.Move(time.Duration(dice.IntN(90)) * time.Minute)
				must(t, l.WorkOnce(ctx))
				kept = append(kept, l.lastNote(t, l.A.ID))
			case 3:
				if running != "" {
					must(t, l.Destroy(ctx, l.A.ID, "retention", running))
					running = ""
				}
			case 4:
				must(t, l.Store.Write(ctx, l.A.ID, func(tx *store.Tx) error {
					_, err := tx.Ledger().DropBefore(ctx, l.Clock.Now().Add(-6*time.Hour))
					return err
				}))
			case 5:
				l.ReadCase(ctx, l.A.As(t, people.Board), running, "")
			default:
				if running != "" {
					l.Record(ctx, desk, running, walk.Event{Kind: walk.Noted, Text: "Still here."})
				}
			}
			if r := l.judge(t, l.A.ID, kept[max(0, len(kept)-20):]...); !r.OK() {
				t.Fatalf("export %d: an honest ledger is accused: %s", n, r)
			}
		}
		promise(t, "T2", "P2", "%s: 0 false alarms in %d exports, with %d checkpoints kept elsewhere", l.kind(), exports, len(kept))
	})
}
