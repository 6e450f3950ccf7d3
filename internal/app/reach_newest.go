package app

import (
	"context"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// NewestAlert returns the newest alert that was sent to whoever asks, goes on, and has
// no answer of theirs: at the library where they are, else at another of theirs. ""
// if there is none. A push does not say which alert it is for; whoever presses it is
// led there. That is not reading it.
func (a *App) NewestAlert(ctx context.Context, who Who) (id AlertID, err error) {
	err = a.look(ctx, who, access.SubscribeAlerts, people.Installation, a.onSelf(who), func(context.Context, *store.Tx, time.Time) error { return nil })
	if err != nil {
		return "", err
	}
	for _, library := range a.librariesOf(who) {
		there, err := a.whoAt(ctx, who, library)
		if err != nil {
			return "", err
		}
		if id, err = a.newestAlertAt(ctx, there, library); err != nil || id != "" {
			return id, err
		}
	}
	return "", nil
}

// librariesOf lists where somebody has a role now, the library where they are first.
func (a *App) librariesOf(who Who) (list []people.LibraryID) {
	for _, m := range who.Memberships {
		if m.Library != people.Installation && m.Holds(a.now()) && !slices.Contains(list, m.Library) {
			list = append(list, m.Library)
		}
	}
	slices.SortStableFunc(list, func(x, y people.LibraryID) int { return boolOrder(x != who.Library, y != who.Library) })
	return list
}

func (a *App) newestAlertAt(ctx context.Context, who Who, library people.LibraryID) (id AlertID, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		rows, err := tx.RunningAlerts(ctx)
		for _, row := range rows {
			f, err := a.openAlert(ctx, tx, AlertID(row.ID))
			if err = unlessMissing(err); err != nil {
				return err
			}
			if f != nil && f.isTold(who.Pseudonym) && !f.hasAnswered(who.Pseudonym) {
				id = AlertID(row.ID)
				return nil
			}
		}
		return err
	})
	return id, err
}
