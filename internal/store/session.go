package store

import (
	"context"
	"time"

	"roundtable/internal/people"
	"roundtable/internal/signin"
)

// Session is a session with what it shows.
type Session struct {
	signin.Session
	Library people.LibraryID // whose pages it shows, "" while none was chosen
	Branch  people.BranchID
}

const sessionColumns = `id, token, person_id, device_id, method, at_library, at_branch, began, used, shut, missed, ended`

var (
	sessionAdd   = sqlOf(`INSERT INTO sessions (library_id, ` + sessionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	sessionPut   = sqlOf(`UPDATE sessions SET at_library = $3, at_branch = $4, used = $5, shut = $6, missed = $7, ended = $8 WHERE library_id = $1 AND id = $2`)
	sessionGet   = sqlOf(`SELECT ` + sessionColumns + ` FROM sessions WHERE library_id = $1 AND id = $2`)
	sessionFind  = sqlOf(`SELECT ` + sessionColumns + ` FROM sessions WHERE library_id = $1 AND token = $2`)
	sessionList  = sqlOf(`SELECT ` + sessionColumns + ` FROM sessions WHERE library_id = $1 AND person_id = $2 AND ended = 0 AND began > $3 ORDER BY began, id`)
	sessionsEnd  = sqlOf(`UPDATE sessions SET ended = $3 WHERE library_id = $1 AND person_id = $2 AND ended = 0`)
	sessionsStop = sqlOf(`UPDATE sessions SET ended = $3 WHERE library_id = $1 AND device_id = $2 AND ended = 0`)
	sessionsShut = sqlOf(`UPDATE sessions SET ended = $2 WHERE library_id = $1 AND ended = 0`)
	sessionSweep = sqlOf(`DELETE FROM sessions WHERE library_id = $1 AND began < $2`)
)

// AddSession adds a session.
func (t *Tx) AddSession(ctx context.Context, s Session) error {
	return t.one(ctx, sessionAdd, s.ID, string(s.Token), s.Person, s.Device, string(s.Method), s.Library, s.Branch,
		millis(s.Began), millis(s.Used), s.Shut, s.Missed, millis(s.Ended))
}

// PutSession changes what becomes of a session, and what it shows.
func (t *Tx) PutSession(ctx context.Context, s Session) error {
	return t.one(ctx, sessionPut, s.ID, s.Library, s.Branch, millis(s.Used), s.Shut, s.Missed, millis(s.Ended))
}

// Session returns a session by its id.
func (t *Tx) Session(ctx context.Context, id signin.SessionID) (Session, error) {
	return first(ctx, t, sessionGet, readSession, id)
}

// SessionByToken returns the session that a cookie's token finds.
func (t *Tx) SessionByToken(ctx context.Context, token signin.Digest) (Session, error) {
	return first(ctx, t, sessionFind, readSession, string(token))
}

// Sessions lists the sessions of a person that began after a time and were not
// ended.
func (t *Tx) Sessions(ctx context.Context, person people.PersonID, after time.Time) ([]Session, error) {
	return all(ctx, t, sessionList, readSession, person, millis(after))
}

// EndSessions ends every session of a person.
func (t *Tx) EndSessions(ctx context.Context, person people.PersonID, when time.Time) error {
	_, err := t.exec(ctx, sessionsEnd, person, millis(when))
	return err
}

// EndSessionsAt ends every session that began at a device.
func (t *Tx) EndSessionsAt(ctx context.Context, device people.DeviceID, when time.Time) error {
	_, err := t.exec(ctx, sessionsStop, device, millis(when))
	return err
}

// EndAllSessions ends every session of the installation.
func (t *Tx) EndAllSessions(ctx context.Context, when time.Time) error {
	_, err := t.exec(ctx, sessionsShut, millis(when))
	return err
}

// SweepSessions deletes sessions that began before a time.
func (t *Tx) SweepSessions(ctx context.Context, before time.Time) (int64, error) {
	return t.exec(ctx, sessionSweep, millis(before))
}

func readSession(scan scanner) (s Session, err error) {
	var began, used, ended int64
	err = scan(&s.ID, &s.Token, &s.Person, &s.Device, &s.Method, &s.Library, &s.Branch, &began, &used, &s.Shut, &s.Missed, &ended)
	s.Began, s.Used, s.Ended = at(began), at(used), at(ended)
	return s, err
}
