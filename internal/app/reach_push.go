package app

import (
	"context"

	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/push"
	"roundtable/internal/store"
)

// fieldPush is the private key by which pushes are signed (VAPID): a secret of the
// installation, sealed under its own key. Browsers that subscribed under its public
// key take pushes of no other, so it is made once and stays.
const fieldPush = "secrets.push"

// PushSigner returns the private key by which pushes are signed, and makes it if
// there is none yet. It is for the one who makes the sender at start, after
// Bootstrap.
func (a *App) PushSigner(ctx context.Context) (private string, err error) {
	read := func(tx *store.Tx) (err error) {
		private, err = a.readSecret(ctx, tx, fieldPush)
		return err
	}
	if err := a.store.Read(ctx, people.Installation, read); err != nil || private != "" {
		return private, err
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		if err := read(tx); err != nil || private != "" { // another process may have been quicker
			return err
		}
		if private, err = push.NewKey(a.random); err != nil {
			return fault.Broken(err)
		}
		return a.writeSecret(ctx, tx, fieldPush, private)
	})
	return private, err
}

// pushKey returns the public key under which browsers subscribe; or why none can
// here, in whole sentences.
func (a *App) pushKey(ctx context.Context) (public, why string, err error) {
	at, err := a.Address(ctx)
	switch {
	case err != nil:
		return "", "", err
	case !at.Secure:
		return "", "Browsers take alerts only at an address with a name and TLS, and this one has none. Ask whoever looks after Roundtable. E-mail and text messages work all the same.", nil
	case !a.hasChannel(notify.Push):
		return "", "This server does not send alerts to browsers. Ask whoever looks after Roundtable.", nil
	}
	private, err := a.PushSigner(ctx)
	if err != nil {
		return "", "", err
	}
	public, err = push.PublicKey(private)
	if err != nil {
		return "", "", fault.Broken(err)
	}
	return public, "", nil
}
