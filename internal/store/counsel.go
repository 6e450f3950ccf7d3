package store

import (
	"context"
	"time"

	"roundtable/internal/people"
)

// CounselKey is a public key of counsel, to which notes are sealed in the
// browser.
type CounselKey struct {
	Fingerprint string // of the key, in hexadecimal digits
	Counsel     people.Pseudonym
	Public      []byte // the 65 bytes of its point
	Made        time.Time
	Replaced    time.Time // zero while it counts
}

// CounselNote is a note that only counsel can open.
type CounselNote struct {
	ID          string
	Case        CaseID
	Author      people.Pseudonym
	Fingerprint string // of the key that it is sealed to
	Letter      []byte
	Day         Day
}

var (
	counselKeyAdd  = sqlOf(`INSERT INTO counsel_keys (library_id, fingerprint, pseudonym, public_key, made, replaced) VALUES ($1, $2, $3, $4, $5, 0)`)
	counselKeyEnd  = sqlOf(`UPDATE counsel_keys SET replaced = $2 WHERE library_id = $1 AND replaced = 0 AND pseudonym = $3`)
	counselKeyList = sqlOf(`SELECT fingerprint, pseudonym, public_key, made, replaced FROM counsel_keys WHERE library_id = $1 AND replaced = 0 ORDER BY made DESC, fingerprint`)
	noteForAdd     = sqlOf(`INSERT INTO counsel_notes (library_id, id, case_id, pseudonym, fingerprint, letter, day) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	noteForGet     = sqlOf(`SELECT id, case_id, pseudonym, fingerprint, letter, day FROM counsel_notes WHERE library_id = $1 AND id = $2`)
	noteForList    = sqlOf(`SELECT id, case_id, pseudonym, fingerprint, letter, day FROM counsel_notes WHERE library_id = $1 AND case_id = $2 ORDER BY id`)
	noteForDel     = sqlOf(`DELETE FROM counsel_notes WHERE library_id = $1 AND id = $2`)
)

// ReplaceCounselKey makes a key the one that counts for its counsel. ErrDuplicate
// if it was ever used.
func (t *Tx) ReplaceCounselKey(ctx context.Context, k CounselKey) error {
	if _, err := t.exec(ctx, counselKeyEnd, millis(k.Made), string(k.Counsel)); err != nil {
		return err
	}
	return duplicate(t.one(ctx, counselKeyAdd, k.Fingerprint, string(k.Counsel), k.Public, millis(k.Made)))
}

// CounselKeys lists the keys that count, the newest first.
func (t *Tx) CounselKeys(ctx context.Context) ([]CounselKey, error) {
	return all(ctx, t, counselKeyList, func(scan scanner) (k CounselKey, err error) {
		var made, replaced int64
		err = scan(&k.Fingerprint, &k.Counsel, &k.Public, &made, &replaced)
		k.Made, k.Replaced = at(made), at(replaced)
		return k, err
	})
}

// AddCounselNote adds a note.
func (t *Tx) AddCounselNote(ctx context.Context, n CounselNote) error {
	return duplicate(t.one(ctx, noteForAdd, n.ID, n.Case, string(n.Author), n.Fingerprint, n.Letter, int64(n.Day)))
}

// CounselNote returns one note.
func (t *Tx) CounselNote(ctx context.Context, id string) (CounselNote, error) {
	return first(ctx, t, noteForGet, readCounselNote, id)
}

// CounselNotes lists a case's notes.
func (t *Tx) CounselNotes(ctx context.Context, id CaseID) ([]CounselNote, error) {
	return all(ctx, t, noteForList, readCounselNote, id)
}

// DeleteCounselNote deletes a note.
func (t *Tx) DeleteCounselNote(ctx context.Context, id string) error {
	return t.one(ctx, noteForDel, id)
}

func readCounselNote(scan scanner) (n CounselNote, err error) {
	var day int64
	err = scan(&n.ID, &n.Case, &n.Author, &n.Fingerprint, &n.Letter, &day)
	n.Day = Day(day)
	return n, err
}
