package app

import (
	"context"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/store"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

// Guide is a playbook as the library has adopted it, with its words.
type Guide struct {
	Playbook string
	Hash     string // of its Program
	Program  *automaton.Program
	Sheet    *words.Sheet
}

// Guides returns the playbooks that the library has adopted, in the order of the
// desk, in a language where there is one, else in English.
func (a *App) Guides(ctx context.Context, who Who, lang string) (list []Guide, err error) {
	err = a.look(ctx, who, access.ReadPlaybooks, who.Library, onLibrary(who.Library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		adoptions, err := tx.Adoptions(ctx)
		if err != nil {
			return err
		}
		for _, adopted := range adoptions {
			plan, err := a.plan(ctx, tx, adopted.Hash)
			if err != nil {
				return err
			}
			sheet, err := a.sheet(ctx, tx, plan, lang)
			if err != nil {
				return err
			}
			list = append(list, Guide{adopted.Playbook, plan.Hash, plan.Program, sheet})
		}
		return nil
	})
	return list, err
}
