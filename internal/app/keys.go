package app

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// What is destroyed as one has a key of its own: a case, a person's account (in
// the installation), and what a tenant has itself, which is destroyed with it.
const ownKey = "own"

// Where values are sealed. These names are bound to what is sealed: they never
// change.
const (
	fieldLedgerKey = "secrets.ledger-key"
	fieldAccount   = "accounts.sealed"
	fieldPseudonym = "pseudonyms.sealed"
	// The kind and the id of the credential follow, or the digest of the ticket.
	fieldCredential = "credentials.sealed"
	fieldTicket     = "tickets.content"
	fieldProvider   = "secrets.provider"
	fieldHead       = "cases.head"
	fieldEvent      = "case_events.sealed"
	fieldAlertEvent = "alert_events.sealed" // the alert's id follows
)

// tenant is what is kept open of a library, or of the installation.
type tenant struct {
	key    vault.LibraryKey
	own    vault.CaseKey
	commit ledger.CommitKey

	mu     sync.Mutex  // guards intake
	intake []intakeKey // nil until somebody needs them
}

// tenantOf returns what is kept open of a tenant: fault.Missing if it has no keys.
func (a *App) tenantOf(ctx context.Context, id people.LibraryID) (*tenant, error) {
	a.mu.Lock()
	t, key := a.opened[id], a.key
	a.mu.Unlock()
	if t != nil {
		return t, nil
	}
	entry, err := a.ring.Get(ctx, keyring.Slot{Kind: keyring.Library, Library: string(id)})
	if err != nil {
		return nil, ringFault(err)
	}
	wrapped, err := vault.ParseWrapped(entry.Bytes)
	if err != nil {
		return nil, fault.Broken(err)
	}
	t = &tenant{}
	if t.key, err = key.UnwrapLibrary(wrapped, string(id)); err != nil {
		return nil, fault.Broken(err)
	}
	if t.own, err = a.unwrap(ctx, t, id, ownKey); err != nil {
		return nil, err
	}
	if t.commit, err = commitKey(t.own); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.opened[id] = t
	return t, nil
}

// forget drops what is kept open, after a key was replaced or destroyed.
func (a *App) forget(id people.LibraryID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.opened, id)
}

// openKey returns the key of a case of a library, or of a person of the
// installation: fault.Missing once it was destroyed. It is not kept open, so that
// destroying it is the end of it.
func (a *App) openKey(ctx context.Context, library people.LibraryID, id string) (vault.CaseKey, error) {
	key, err := a.openKeyOnce(ctx, library, id)
	if errors.Is(err, vault.ErrOtherKey) { // the library's key was replaced meanwhile
		a.forget(library)
		key, err = a.openKeyOnce(ctx, library, id)
	}
	return key, err
}

func (a *App) openKeyOnce(ctx context.Context, library people.LibraryID, id string) (vault.CaseKey, error) {
	t, err := a.tenantOf(ctx, library)
	if err != nil {
		return vault.CaseKey{}, err
	}
	return a.unwrap(ctx, t, library, id)
}

func (a *App) unwrap(ctx context.Context, t *tenant, library people.LibraryID, id string) (vault.CaseKey, error) {
	entry, err := a.ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(library), ID: id})
	if err != nil {
		return vault.CaseKey{}, ringFault(err)
	}
	wrapped, err := vault.ParseWrapped(entry.Bytes)
	if err != nil {
		return vault.CaseKey{}, fault.Broken(err)
	}
	key, err := t.key.UnwrapCase(wrapped, string(library), id)
	if err != nil {
		return key, fault.Broken(err)
	}
	return key, nil
}

// makeKey makes a key for a case or a person, durable in the keyring when it
// returns. It goes before the first commit of what it seals.
func (a *App) makeKey(ctx context.Context, library people.LibraryID, id string) (vault.CaseKey, error) {
	for range 2 { // once more if the library's key is being replaced just now
		t, err := a.tenantOf(ctx, library)
		if err != nil {
			return vault.CaseKey{}, err
		}
		key, err := a.putKey(ctx, t.key, library, id)
		if !errors.Is(err, keyring.ErrStaleKey) {
			return key, err
		}
		a.forget(library)
	}
	return vault.CaseKey{}, fault.Clash("The library's key is being replaced at this moment, so nothing was saved.", "Try again in a minute.")
}

func (a *App) putKey(ctx context.Context, under vault.LibraryKey, library people.LibraryID, id string) (vault.CaseKey, error) {
	key, err := vault.NewCaseKey(a.random, string(library), id)
	if err != nil {
		return key, fault.Broken(err)
	}
	wrapped, err := under.WrapCase(a.random, string(library), id, key)
	if err != nil {
		return key, fault.Broken(err)
	}
	err = a.ring.Put(ctx, keyring.Entry{
		Slot: keyring.Slot{Kind: keyring.Case, Library: string(library), ID: id}, Made: a.now(), Bytes: wrapped.Bytes(),
	})
	if err != nil {
		return key, ringFault(err)
	}
	return key, nil
}

// ringFault gives an error of the keyring its kind. A key that is not there was
// destroyed, and so is what it sealed.
func ringFault(err error) error {
	switch {
	case err == nil, errors.Is(err, keyring.ErrStaleKey):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return fault.Missing().Because(err)
	case errors.Is(err, keyring.ErrFull):
		return fault.Refuse("The keyring is full, so nothing was saved just now.",
			"What you typed is still on this page. Call whoever looks after the server.").Because(err)
	}
	return fault.Broken(fmt.Errorf("keyring: %w", err))
}

func commitKey(key vault.CaseKey) (ledger.CommitKey, error) {
	secret, err := key.CommitSecret()
	if err != nil {
		return ledger.CommitKey{}, fault.Broken(err)
	}
	made, err := ledger.NewCommitKey(secret)
	if err != nil {
		return made, fault.Broken(err)
	}
	return made, nil
}

// seal seals a content for a field of a case, or of what else has a key.
func (a *App) seal(key vault.CaseKey, library people.LibraryID, id, field string, version uint64, content []byte) ([]byte, error) {
	sealed, err := key.Seal(a.random, vault.Place{Library: string(library), Case: id, Field: field, Version: version}, vault.ClearBytes(content))
	switch {
	case errors.Is(err, vault.ErrTooLarge):
		return nil, fault.Refuse("This is too large to be kept.", "Make it smaller, then save it again.").Because(err)
	case err != nil:
		return nil, fault.Broken(err)
	}
	return sealed.Bytes(), nil
}

// unseal opens what seal sealed.
func unseal(key vault.CaseKey, library people.LibraryID, id, field string, version uint64, sealed []byte) ([]byte, error) {
	value, err := vault.ParseSealed(sealed)
	if err != nil {
		return nil, fault.Broken(err)
	}
	clear, err := key.Open(vault.Place{Library: string(library), Case: id, Field: field, Version: version}, value)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return clear.Bytes(), nil
}

// makeTenant makes the keys, the rows and the ledger of a library, or of the
// installation. Doing it again finishes what was interrupted and changes nothing
// else. The ledger's first checkpoint is signed at once.
func (a *App) makeTenant(ctx context.Context, id people.LibraryID) error {
	if err := a.makeTenantKeys(ctx, id); err != nil {
		return err
	}
	if err := a.store.MakeTenant(ctx, id); err != nil {
		return err
	}
	return a.store.Write(ctx, id, func(tx *store.Tx) error {
		_, _, err := tx.Secret(ctx, fieldLedgerKey)
		if err == nil || fault.KindOf(err) != fault.NotFound {
			return err
		}
		private, public, err := ledger.NewKey(a.random, Origin(id))
		if err != nil {
			return err
		}
		t, err := a.tenantOf(ctx, id)
		if err != nil {
			return err
		}
		sealed, err := a.seal(t.own, id, ownKey, fieldLedgerKey, 1, []byte(private))
		if err != nil {
			return err
		}
		if err := tx.PutSecret(ctx, fieldLedgerKey, sealed, 1); err != nil {
			return err
		}
		if err := tx.PutSetting(ctx, settingLedgerKey, public); err != nil {
			return err
		}
		signer, err := note.NewSigner(private)
		if err != nil {
			return err
		}
		_, _, err = ledger.Sign(ctx, tx.Ledger(), signer, a.now(), a.random)
		return err
	})
}

func (a *App) makeTenantKeys(ctx context.Context, id people.LibraryID) error {
	slot := keyring.Slot{Kind: keyring.Library, Library: string(id)}
	if _, err := a.ring.Get(ctx, slot); errors.Is(err, keyring.ErrNotFound) {
		key, err := vault.NewLibraryKey(a.random)
		if err != nil {
			return fault.Broken(err)
		}
		a.mu.Lock()
		wrapped, err := a.key.WrapLibrary(a.random, string(id), key)
		a.mu.Unlock()
		if err != nil {
			return fault.Broken(err)
		}
		err = a.ring.Put(ctx, keyring.Entry{Slot: slot, Made: a.now(), Bytes: wrapped.Bytes()})
		if err != nil && !errors.Is(err, keyring.ErrExists) { // another process was quicker: its key counts
			return ringFault(err)
		}
	} else if err != nil {
		return ringFault(err)
	}
	if _, err := a.tenantOf(ctx, id); err == nil || fault.KindOf(err) != fault.NotFound {
		return err
	}
	entry, err := a.ring.Get(ctx, slot)
	if err != nil {
		return ringFault(err)
	}
	wrapped, err := vault.ParseWrapped(entry.Bytes)
	if err != nil {
		return fault.Broken(err)
	}
	a.mu.Lock()
	key, err := a.key.UnwrapLibrary(wrapped, string(id))
	a.mu.Unlock()
	if err != nil {
		return fault.Broken(err)
	}
	if _, err := a.putKey(ctx, key, id, ownKey); err != nil && !errors.Is(err, keyring.ErrExists) {
		return err
	}
	return nil
}

// settingLedgerKey is the public key of a tenant's ledger.
const settingLedgerKey = "ledger.public-key"

// Origin is the name of a tenant's ledger: part of its keys, for good.
func Origin(id people.LibraryID) string { return "roundtable/" + string(id) }

// signer returns what signs a tenant's checkpoints.
func (a *App) signer(ctx context.Context, tx *store.Tx) (note.Signer, error) {
	id := tx.Tenant()
	t, err := a.tenantOf(ctx, id)
	if err != nil {
		return nil, err
	}
	sealed, version, err := tx.Secret(ctx, fieldLedgerKey)
	if err != nil {
		return nil, err
	}
	private, err := unseal(t.own, id, ownKey, fieldLedgerKey, version, sealed)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(string(private))
	if err != nil {
		return nil, fault.Broken(errors.New("the ledger's key is not one")) // the cause would show it
	}
	return signer, nil
}
