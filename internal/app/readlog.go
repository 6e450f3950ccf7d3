package app

import (
	"context"
	"sync"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// readSpan is for how long one entry stands for all reading of a case by one
// reader in one session.
const readSpan = 15 * time.Minute

// readLog remembers for which reading there is an entry already. What it forgets
// gets another one, which does no harm. The zero readLog is ready for use.
type readLog struct {
	mu   sync.Mutex
	last map[reading]time.Time
}

type reading struct {
	library people.LibraryID
	object  string
	act     access.Act
	by      ledger.ID
	session string
}

// has reports whether there is an entry for the reading.
func (l *readLog) has(r reading, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.last[r]
	return ok && !now.Before(last) && now.Sub(last) < readSpan
}

// add remembers an entry, and forgets those that are too old to matter.
func (l *readLog) add(r reading, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[reading]time.Time{}
	}
	if len(l.last) >= maxReadings {
		for k, at := range l.last {
			if now.Before(at) || now.Sub(at) >= readSpan {
				delete(l.last, k)
			}
		}
		if len(l.last) >= maxReadings {
			clear(l.last)
		}
	}
	l.last[r] = now
}

// maxReadings bounds what a readLog remembers.
const maxReadings = 100_000

// enterReading leaves the entry of how somebody reads next what an act has made, in
// the act's own transaction. Once that is durable, the reading has to be remembered.
func (a *App) enterReading(ctx context.Context, tx *store.Tx, made *acting) (*reading, error) {
	if made.opened == "" {
		return nil, nil
	}
	id, err := a.actID()
	if err != nil {
		return nil, err
	}
	r := &reading{tx.Tenant(), made.object, made.opened, actorID(made.who), string(made.who.Session.ID)}
	return r, a.enter(ctx, tx, ledger.Kind(made.opened), &acting{
		who: made.who, now: made.now, id: id, object: made.object, sealed: made.sealed, commit: made.commit,
	})
}

// logRead leaves the entry of a reading, durable when it returns.
func (a *App) logRead(ctx context.Context, who Who, act access.Act, library people.LibraryID, on target, now time.Time) error {
	r := reading{library, on.object, act, actorID(who), string(who.Session.ID)}
	if a.reads.has(r, now) {
		return nil
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	err = a.store.Write(ctx, library, func(tx *store.Tx) error {
		return a.enter(ctx, tx, ledger.Kind(act), &acting{
			who: who, now: now, id: id, object: on.object, sealed: on.subject.Sealed, commit: on.commit,
		})
	})
	if err == nil {
		a.reads.add(r, now)
	}
	return err
}
