package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Program is a Program that was adopted once. It is kept as long as a walk or a
// record names it.
type Program struct {
	Hash     string
	Playbook string
	JSON     []byte
	Made     time.Time
}

// ProgramText is the words of a Program in one language.
type ProgramText struct {
	Hash     string
	Language string
	Title    string
	Summary  string
	Words    []byte // the words by step number, in their JSON form
	Digest   string // of Words, given back by the store
}

// Adoption says which Program a playbook is now.
type Adoption struct {
	Playbook string
	Hash     string
	Position int // where it stands at the desk
	Adopted  time.Time
	By       people.Pseudonym // "" if it came with the set-up
	Retired  time.Time
}

const adoptionColumns = `playbook, hash, position, adopted, pseudonym, retired`

var (
	programAdd = sqlOf(`INSERT INTO programs (library_id, hash, playbook, program, made) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (library_id, hash) DO NOTHING`)
	programGet = sqlOf(`SELECT hash, playbook, program, made FROM programs WHERE library_id = $1 AND hash = $2`)
	programHas = sqlOf(`SELECT made FROM programs WHERE library_id = $1 AND hash = $2`)
	wordsPut   = sqlOf(`INSERT INTO program_texts (library_id, hash, language, title, summary, words, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (library_id, hash, language) DO UPDATE SET title = excluded.title, summary = excluded.summary, words = excluded.words, digest = excluded.digest`)
	wordsGet    = sqlOf(`SELECT hash, language, title, summary, words, digest FROM program_texts WHERE library_id = $1 AND hash = $2 AND language = $3`)
	wordsList   = sqlOf(`SELECT language, title, summary, digest FROM program_texts WHERE library_id = $1 AND hash = $2 ORDER BY language`)
	adoptionPut = sqlOf(`INSERT INTO adoptions (library_id, ` + adoptionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (library_id, playbook) DO UPDATE SET hash = excluded.hash, position = excluded.position, adopted = excluded.adopted, pseudonym = excluded.pseudonym, retired = excluded.retired`)
	adoptionGet  = sqlOf(`SELECT ` + adoptionColumns + ` FROM adoptions WHERE library_id = $1 AND playbook = $2`)
	adoptionList = sqlOf(`SELECT ` + adoptionColumns + ` FROM adoptions WHERE library_id = $1 AND retired = 0 ORDER BY position, playbook`)
)

// AddProgram keeps a Program. One that is there already stays as it is: the hash
// names its bytes.
func (t *Tx) AddProgram(ctx context.Context, p Program) error {
	_, err := t.exec(ctx, programAdd, p.Hash, p.Playbook, p.JSON, millis(p.Made))
	return err
}

// Program returns a Program that was ever adopted.
func (t *Tx) Program(ctx context.Context, hash string) (Program, error) {
	return first(ctx, t, programGet, func(scan scanner) (p Program, err error) {
		var made int64
		err = scan(&p.Hash, &p.Playbook, &p.JSON, &made)
		p.Made = at(made)
		return p, err
	}, hash)
}

// PutProgramText keeps the words of a Program in one language.
func (t *Tx) PutProgramText(ctx context.Context, w ProgramText) error {
	_, err := t.exec(ctx, wordsPut, w.Hash, w.Language, w.Title, w.Summary, whole(w.Words), digestOf(w.Words))
	return err
}

// ProgramText returns the words of a Program in one language.
func (t *Tx) ProgramText(ctx context.Context, hash, language string) (ProgramText, error) {
	return first(ctx, t, wordsGet, func(scan scanner) (w ProgramText, err error) {
		err = scan(&w.Hash, &w.Language, &w.Title, &w.Summary, &w.Words, &w.Digest)
		return w, err
	}, hash, language)
}

// ProgramTitles lists the words of a Program in each language, without the words
// by step.
func (t *Tx) ProgramTitles(ctx context.Context, hash string) ([]ProgramText, error) {
	return all(ctx, t, wordsList, func(scan scanner) (ProgramText, error) {
		w := ProgramText{Hash: hash}
		err := scan(&w.Language, &w.Title, &w.Summary, &w.Digest)
		return w, err
	}, hash)
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// HasProgram reports whether the library ever adopted a Program.
func (t *Tx) HasProgram(ctx context.Context, hash string) (bool, error) {
	_, err := first(ctx, t, programHas, readInt, hash)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// PutAdoption keeps which Program a playbook is now.
func (t *Tx) PutAdoption(ctx context.Context, a Adoption) error {
	_, err := t.exec(ctx, adoptionPut, a.Playbook, a.Hash, a.Position, millis(a.Adopted), string(a.By), millis(a.Retired))
	return err
}

// Adoption returns which Program a playbook is.
func (t *Tx) Adoption(ctx context.Context, playbook string) (Adoption, error) {
	return first(ctx, t, adoptionGet, readAdoption, playbook)
}

// Adoptions lists the playbooks that the desk offers, in order.
func (t *Tx) Adoptions(ctx context.Context) ([]Adoption, error) {
	return all(ctx, t, adoptionList, readAdoption)
}

func readAdoption(scan scanner) (a Adoption, err error) {
	var adopted, retired int64
	err = scan(&a.Playbook, &a.Hash, &a.Position, &adopted, &a.By, &retired)
	a.Adopted, a.Retired = at(adopted), at(retired)
	return a, err
}
