package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// The kinds of entries that operators leave. They name no case.
const (
	backupKind  ledger.Kind = "backup"
	restoreKind ledger.Kind = "restore"
)

// settingLastBackup is when the last backup was made and checked (RFC 3339).
const settingLastBackup = "backup.last"

// LastBackup returns when the last backup was made and checked; the zero time if
// none ever was.
func (a *App) LastBackup(ctx context.Context) (at time.Time, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		text, err := tx.Setting(ctx, settingLastBackup)
		if err != nil || text == "" {
			return err
		}
		at, err = time.Parse(time.RFC3339, text)
		return err
	})
	return at, err
}

// RecoveryKey returns the public half of the recovery key, to which backups are
// sealed as well; zero if there is none yet.
func (a *App) RecoveryKey(ctx context.Context) (public vault.PublicKey, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		text, err := tx.Setting(ctx, settingRecovery)
		if err != nil || text == "" {
			return err
		}
		point, err := hex.DecodeString(text)
		if err != nil {
			return fault.Broken(fmt.Errorf("the recovery key in the settings: %w", err))
		}
		public, err = vault.ParsePublicKey(point)
		return err
	})
	return public, err
}

// Backup names a backup of the database and the keyring's copy that goes with it.
type Backup struct {
	At     time.Time // when the database was read
	Digest string    // of what is in it, in hexadecimal digits
	Copy   time.Time // when the keyring's copy was made
}

const (
	backupPrefix = "backup:"
	copyPrefix   = "copy:"
	copyLayout   = "20060102T150405.000Z"
)

func (b Backup) objects() []ledger.ID {
	return []ledger.ID{
		ledger.ID(backupPrefix + b.Digest[:min(16, len(b.Digest))]),
		ledger.ID(copyPrefix + b.Copy.UTC().Format(copyLayout)),
	}
}

// CopyTime returns when the keyring's copy was made of which an entry tells, and
// whether it tells of one.
func CopyTime(e ledger.Entry) (time.Time, bool) {
	if e.Kind != backupKind {
		return time.Time{}, false
	}
	for _, o := range e.Objects {
		if text, found := strings.CutPrefix(string(o), copyPrefix); found {
			at, err := time.Parse(copyLayout, text)
			return at, err == nil
		}
	}
	return time.Time{}, false
}

// BackedUp enters in the installation's ledger that a backup was made and checked.
// A later restore refuses copies of the keyring that are older than the newest
// that the ledger tells of.
func (a *App) BackedUp(ctx context.Context, b Backup) error {
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		if err := tx.PutSetting(ctx, settingLastBackup, b.At.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
		return a.operated(ctx, tx, backupKind, b)
	})
}

// operated leaves an entry of what an operator did.
func (a *App) operated(ctx context.Context, tx *store.Tx, kind ledger.Kind, b Backup) error {
	t, err := a.tenantOf(ctx, tx.Tenant())
	if err != nil {
		return err
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	entry, err := ledger.Act{Kind: kind, At: a.now(), Objects: b.objects(), Contents: []byte(id + "\n" + b.Digest)}.Entry(t.commit)
	if err != nil {
		return fault.Broken(fmt.Errorf("the entry of %s: %w", kind, err))
	}
	_, err = ledger.Append(ctx, tx.Ledger(), entry)
	return err
}

// Destructions finds in the entries of a tenant's ledger what was destroyed, so
// that restoring an older state destroys it again. With a keyring, or its copy,
// in which the tenant has its own key it also finds the sealed cases among them.
type Destructions struct {
	library people.LibraryID
	commit  *ledger.CommitKey
}

// NewDestructions prepares for one tenant. A tenant without keys has nothing that
// could be destroyed any more, or read.
func NewDestructions(ctx context.Context, ring keyring.Keyring, key vault.InstallationKey, library people.LibraryID) (Destructions, error) {
	d := Destructions{library: library}
	look := &App{ring: ring, key: key, opened: map[people.LibraryID]*tenant{}}
	t, err := look.tenantOf(ctx, library)
	switch {
	case err == nil:
		d.commit = &t.commit
	case fault.KindOf(err) != fault.NotFound:
		return d, err
	}
	return d, nil
}

// Of returns the keys that an entry says were destroyed; none if it says no such
// thing.
func (d Destructions) Of(e ledger.Entry) []keyring.Slot {
	switch e.Kind {
	case destroyKind:
	case ledger.Sealed:
		if d.commit == nil || len(e.Objects) != 1 || !d.commit.Opens(e.Commitment, destroyKind, destroyContents(string(e.Objects[0]))) {
			return nil
		}
	default:
		return nil
	}
	var slots []keyring.Slot
	for _, o := range e.Objects {
		if !strings.Contains(string(o), ":") && string(o) != ownKey { // the class and the rule are no keys
			slots = append(slots, keyring.Slot{Kind: keyring.Case, Library: string(d.library), ID: string(o)})
		}
	}
	return slots
}

// Forgotten counts what was deleted because its key is not in the keyring.
type Forgotten struct{ Cases, People int }

// Restored finishes a restore, before anything is served: of every tenant it
// deletes the rows whose keys are not in the keyring, since they were destroyed
// or are lost, enters the restore in the ledger, and signs a checkpoint.
func (a *App) Restored(ctx context.Context, b Backup) (map[people.LibraryID]Forgotten, error) {
	tenants, err := a.tenants(ctx)
	if err != nil {
		return nil, err
	}
	found := map[people.LibraryID]Forgotten{}
	for _, id := range tenants {
		// A tenant whose own key does not open has no right keyring beside it:
		// nothing may be deleted then.
		if _, err := a.tenantOf(ctx, id); err != nil {
			return found, fmt.Errorf("the keyring does not open %s: %w", id, err)
		}
		f, err := a.forgetKeyless(ctx, id)
		if err != nil {
			return found, err
		}
		found[id] = f
		if err := a.store.Tidy(ctx, id); err != nil {
			return found, err
		}
		if err := a.enterRestore(ctx, id, b); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (a *App) enterRestore(ctx context.Context, id people.LibraryID, b Backup) error {
	return a.store.Write(ctx, id, func(tx *store.Tx) error {
		if err := a.operated(ctx, tx, restoreKind, b); err != nil {
			return err
		}
		signer, err := a.signer(ctx, tx)
		if err != nil {
			return err
		}
		_, _, err = ledger.Sign(ctx, tx.Ledger(), signer, a.now(), a.random)
		return err
	})
}

// forgetKeyless deletes the rows of a tenant that have no key.
func (a *App) forgetKeyless(ctx context.Context, library people.LibraryID) (f Forgotten, err error) {
	has, err := a.keysOf(ctx, library)
	if err != nil {
		return f, err
	}
	err = a.store.Write(ctx, library, func(tx *store.Tx) error {
		ids, err := keyless(ctx, tx, has)
		if err != nil {
			return err
		}
		f = Forgotten{}
		for _, id := range ids {
			if library == people.Installation {
				f.People++
				err = tx.ForgetPerson(ctx, people.PersonID(id))
			} else {
				f.Cases++
				err = tx.DeleteCase(ctx, store.CaseID(id))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return f, err
}

// keysOf lists for what of a tenant there is a key.
func (a *App) keysOf(ctx context.Context, library people.LibraryID) (map[string]bool, error) {
	entries, err := a.ring.List(ctx, string(library))
	if err != nil {
		return nil, ringFault(err)
	}
	has := map[string]bool{}
	for _, e := range entries {
		has[e.ID] = has[e.ID] || e.Kind == keyring.Case
	}
	return has, nil
}

// keyless lists the cases, or the persons of the installation, without a key.
func keyless(ctx context.Context, tx *store.Tx, has map[string]bool) ([]string, error) {
	var ids []string
	if tx.Tenant() == people.Installation {
		accounts, err := tx.Accounts(ctx, people.Installation)
		for _, account := range accounts {
			if !has[string(account.Person)] && len(account.Sealed) > 0 { // who was forgotten has none, as it should be
				ids = append(ids, string(account.Person))
			}
		}
		return ids, err
	}
	cases, err := tx.CaseIDs(ctx)
	for _, id := range cases {
		if !has[string(id)] {
			ids = append(ids, string(id))
		}
	}
	return ids, err
}

// Keyless counts the cases of a tenant, or the persons of the installation, whose
// key is not in the keyring. While something is being destroyed there may be some
// for a moment; otherwise the keyring has lost keys.
func (a *App) Keyless(ctx context.Context, library people.LibraryID) (n int, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		has, err := a.keysOf(ctx, library) // after the rows' state is fixed: a key is there before its rows
		if err != nil {
			return err
		}
		ids, err := keyless(ctx, tx, has)
		n = len(ids)
		return err
	})
	return n, err
}

// Opened counts what a keyring opens of a tenant.
type Opened struct {
	Opens   int // cases whose key opens what they are about; people, in the installation
	Without int // whose key is not in the keyring
}

// Openable opens what every case of a tenant is about, and every account, and
// counts; it shows nothing of them. An error means that something is there, has a
// key, and does not open: a backup of it would be worth nothing.
func (a *App) Openable(ctx context.Context, library people.LibraryID) (o Opened, err error) {
	if _, err := a.tenantOf(ctx, library); err != nil {
		return o, fault.Broken(fmt.Errorf("the keyring does not open %s: %w", library, err))
	}
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		if library == people.Installation {
			accounts, err := tx.Accounts(ctx, people.Installation)
			for _, c := range accounts {
				if err == nil && len(c.Sealed) > 0 { // nothing is left of who was forgotten
					err = a.opens(ctx, &o, library, string(c.Person), fieldAccount, c.Version, c.Sealed)
				}
			}
			return err
		}
		ids, err := tx.CaseIDs(ctx)
		for _, id := range ids {
			if err != nil {
				return err
			}
			var c store.Case
			if c, err = tx.Case(ctx, id); err == nil {
				err = a.opens(ctx, &o, library, string(id), fieldHead, c.Version, c.Head)
			}
		}
		return err
	})
	return o, err
}

func (a *App) opens(ctx context.Context, o *Opened, library people.LibraryID, id, field string, version uint64, sealed []byte) error {
	key, err := a.openKey(ctx, library, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			o.Without++
			return nil
		}
		return err
	}
	defer key.Erase()
	content, err := unseal(key, library, id, field, version, sealed)
	if err != nil {
		return fault.Broken(errors.Join(errors.New("something that has a key does not open with it"), err))
	}
	clear(content)
	o.Opens++
	return nil
}
