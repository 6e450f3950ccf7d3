package app

import (
	"context"

	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// PlanOf is the plan as alerts use it.
func (a *App) PlanOf(ctx context.Context, library people.LibraryID) (p *notify.Plan, rules []notify.Rule, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
		if p, err = a.planOf(ctx, tx); err != nil {
			return err
		}
		rules, err = a.rulesOf(ctx, tx)
		return err
	})
	return p, rules, err
}

// AddressesOf is where a message would go, as texts.
func (a *App) AddressesOf(ctx context.Context, library people.LibraryID, person people.Pseudonym, ch notify.Channel) (list []string, err error) {
	found, err := a.addressesOf(ctx, library, person, ch)
	for _, at := range found {
		list = append(list, at.Reveal())
	}
	return list, err
}

// ForgetAddress is what is done when a sender says that an address is gone.
func (a *App) ForgetAddress(ctx context.Context, library people.LibraryID, person people.Pseudonym, ch notify.Channel, address string) error {
	return a.forgetAddress(ctx, library, person, ch, notify.NewAddress(address))
}
