package app

import (
	"context"

	"roundtable/internal/people"
	"roundtable/internal/store"
)

// Door returns the name that stands on the door: that of the library, where the
// installation has one. Pages for the public bear it, so anybody may know it. It is
// "" where there are several, since then it would be a guess which one is meant, and
// where there is none yet.
func (a *App) Door(ctx context.Context) (name string, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		list, err := tx.Libraries(ctx)
		for _, l := range list {
			if l.Ready && name != "" {
				name = ""
				break
			}
			if l.Ready {
				name = l.Name
			}
		}
		return err
	})
	return name, err
}
