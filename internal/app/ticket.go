package app

import (
	"context"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// The purposes of tickets that are of this package only: what was begun in a
// browser and has to come back there.
const (
	forHalf     signin.Purpose = "half-sign-in"
	forPasskey  signin.Purpose = "passkey"
	forProvider signin.Purpose = "provider"
)

// keepTicket keeps a ticket with a content, which is sealed.
func (a *App) keepTicket(ctx context.Context, t store.Ticket, content []byte) error {
	own, err := a.tenantOf(ctx, people.Installation)
	if err != nil {
		return err
	}
	t.Content, err = a.seal(own.own, people.Installation, ownKey, fieldTicket+" "+string(t.Digest), 1, content)
	if err != nil {
		return err
	}
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error { return tx.AddTicket(ctx, t) })
}

// takeTicket takes a ticket that keepTicket kept, for good, and returns what was
// in it. It is taken before it is looked at, so that nothing is answered twice.
func (a *App) takeTicket(ctx context.Context, digest signin.Digest, purpose signin.Purpose) (store.Ticket, []byte, error) {
	var t store.Ticket
	err := a.store.Write(ctx, people.Installation, func(tx *store.Tx) (err error) {
		t, err = tx.TakeTicket(ctx, digest, purpose)
		return err
	})
	if err != nil {
		return t, nil, err
	}
	if _, err := t.Use(purpose, digest, a.now()); err != nil {
		return t, nil, err
	}
	own, err := a.tenantOf(ctx, people.Installation)
	if err != nil {
		return t, nil, err
	}
	content, err := unseal(own.own, people.Installation, ownKey, fieldTicket+" "+string(digest), 1, t.Content)
	return t, content, err
}

// secretDigest returns under which a secret is found that is either a token from a
// link or a code from paper.
func secretDigest(purpose signin.Purpose, secret string) (signin.Digest, error) {
	if d, err := signin.TokenDigest(purpose, secret); err == nil {
		return d, nil
	}
	d, err := signin.CodeDigest(purpose, secret)
	if err != nil {
		return "", fault.Missing().Because(err)
	}
	return d, nil
}
