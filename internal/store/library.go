package store

import (
	"context"
	"time"

	"roundtable/internal/people"
)

// Library is one library of the installation.
type Library struct {
	ID       people.LibraryID
	Name     string
	Place    string // the state or territory, as law data names it
	TimeZone string // of the IANA database
	Host     string // the host name whose public pages are this library's, "" if any
	Made     time.Time
	Ready    bool // its own rows and keys are there: it can be used
}

const libraryColumns = `id, name, place, time_zone, host, made, ready`

var (
	libraryAdd  = sqlOf(`INSERT INTO libraries (library_id, ` + libraryColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	libraryPut  = sqlOf(`UPDATE libraries SET name = $3, place = $4, time_zone = $5, host = $6, ready = $7 WHERE library_id = $1 AND id = $2`)
	libraryGet  = sqlOf(`SELECT ` + libraryColumns + ` FROM libraries WHERE library_id = $1 AND id = $2`)
	libraryList = sqlOf(`SELECT ` + libraryColumns + ` FROM libraries WHERE library_id = $1 ORDER BY name, id`)
)

// AddLibrary adds a library to the installation's list.
func (t *Tx) AddLibrary(ctx context.Context, l Library) error {
	return t.one(ctx, libraryAdd, l.ID, l.Name, l.Place, l.TimeZone, l.Host, millis(l.Made), l.Ready)
}

// PutLibrary changes all of a library but its id and when it was made.
func (t *Tx) PutLibrary(ctx context.Context, l Library) error {
	return t.one(ctx, libraryPut, l.ID, l.Name, l.Place, l.TimeZone, l.Host, l.Ready)
}

// Library returns a library of the installation.
func (t *Tx) Library(ctx context.Context, id people.LibraryID) (Library, error) {
	return first(ctx, t, libraryGet, readLibrary, id)
}

// Libraries lists the libraries of the installation by name.
func (t *Tx) Libraries(ctx context.Context) ([]Library, error) {
	return all(ctx, t, libraryList, readLibrary)
}

func readLibrary(scan scanner) (l Library, err error) {
	var made int64
	err = scan(&l.ID, &l.Name, &l.Place, &l.TimeZone, &l.Host, &made, &l.Ready)
	l.Made = at(made)
	return l, err
}
