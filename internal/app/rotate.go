package app

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/recovery"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// The settings of the installation about its keys. Neither is a secret.
const (
	settingRecovery = "recovery.public-key" // to which the installation's key is deposited
	settingTags     = "tags.key"            // the id of the key under which tags were made
	// Notices, with the time of each.
	settingSharesPrinted = "notice.recovery-shares-printed"
	settingSharesUsed    = "notice.recovery-shares-used"
	settingKeyMoved      = "notice.key-moved"
)

// recoveryUsedKind is the kind of the entry that the installation's key was
// restored from two shares.
const recoveryUsedKind ledger.Kind = "recovery-used"

// Share is one share of the recovery key, as it is printed.
type Share struct {
	Holder int    // from 1 to 3
	Set    string // the printing that it belongs to
	Words  []string
	QR     string // the text of its QR code
}

// RotateLibraryKey gives a library a new key. No content is touched: what is under
// the old one is wrapped anew.
func (a *App) RotateLibraryKey(ctx context.Context, who Who, library people.LibraryID) error {
	defer a.forget(library)
	return a.do(ctx, who, access.RotateLibraryKey, library, onLibrary(library, access.Library), func(ctx context.Context, act *acting) error {
		a.mu.Lock()
		key := a.key
		a.mu.Unlock()
		if _, err := keyring.RotateLibrary(ctx, a.ring, a.random, key, string(library), act.now); err != nil {
			return ringFault(err)
		}
		a.forget(library)
		return nil
	})
}

// RotateMasterKey moves the installation to another key, which the operator has
// put where the server reads it at its next start. What is found by keyed tags gets
// new ones, and two recovery shares restore the new key. Other processes that serve
// the same installation have to be started anew with that key.
func (a *App) RotateMasterKey(ctx context.Context, who Who, to vault.InstallationKey) error {
	return a.do(ctx, who, access.RotateMasterKey, people.Installation, installation, func(ctx context.Context, act *acting) error {
		return a.moveToKey(ctx, act, to)
	})
}

// MoveToKey is RotateMasterKey for the operator's command, which has the key and
// runs while nothing serves. Its entry names nobody, and directors are told.
func (a *App) MoveToKey(ctx context.Context, to vault.InstallationKey) error {
	id, err := a.actID()
	if err != nil {
		return err
	}
	now := a.now()
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		act := &acting{Tx: tx, now: now, id: id}
		if err := a.moveToKey(ctx, act, to); err != nil {
			return err
		}
		if err := tx.PutSetting(ctx, settingKeyMoved, now.Format(time.RFC3339)); err != nil {
			return err
		}
		return a.enter(ctx, tx, ledger.Kind(access.RotateMasterKey), act)
	})
}

func (a *App) moveToKey(ctx context.Context, act *acting, to vault.InstallationKey) error {
	a.mu.Lock()
	from := a.key
	a.mu.Unlock()
	if err := isOther(from, to); err != nil {
		return err
	}
	deposits, err := a.depositAnew(ctx, act, to)
	if err != nil {
		return err
	}
	if err := a.retag(ctx, act.Tx, to); err != nil {
		return err
	}
	if err := keyring.RotateInstallation(ctx, a.ring, a.random, from, to, deposits...); err != nil {
		return ringFault(err)
	}
	a.mu.Lock()
	a.key = to
	a.mu.Unlock()
	return nil
}

func isOther(from, to vault.InstallationKey) error {
	old, err := from.ID()
	if err != nil {
		return fault.Broken(err)
	}
	next, err := to.ID()
	if err != nil || next == old {
		return fault.Refuse("This is not a new key.", "Make one with Roundtable, keep it in a safe place, then give it here.").Because(err)
	}
	return nil
}

// depositAnew deposits another key for the same three shares. Without shares there
// is nothing to deposit.
func (a *App) depositAnew(ctx context.Context, act *acting, key vault.InstallationKey) ([]keyring.Entry, error) {
	text, err := act.Setting(ctx, settingRecovery)
	if err != nil || text == "" {
		return nil, err
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, fault.Broken(err)
	}
	public, err := vault.ParsePublicKey(b)
	if err != nil {
		return nil, fault.Broken(err)
	}
	entry, err := deposit(public, key, act.now)
	return []keyring.Entry{entry}, err
}

func deposit(public vault.PublicKey, key vault.InstallationKey, now time.Time) (keyring.Entry, error) {
	letter, err := recovery.Deposit(public, key)
	if err != nil {
		return keyring.Entry{}, fault.Broken(err)
	}
	slot := keyring.Slot{Kind: keyring.Recovery, ID: public.Fingerprint().String()}
	return keyring.Entry{Slot: slot, Made: now, Bytes: letter.Bytes()}, nil
}

// retag makes all keyed tags anew under a key.
func (a *App) retag(ctx context.Context, tx *store.Tx, key vault.InstallationKey) error {
	id, err := key.ID()
	if err != nil {
		return fault.Broken(err)
	}
	accounts, err := tx.Accounts(ctx, people.Installation)
	if err != nil {
		return err
	}
	for _, row := range accounts {
		if row.MailTag == "" {
			continue
		}
		c, err := a.openAccountRow(ctx, row)
		if err != nil {
			return err
		}
		if row.MailTag, err = tagUnder(key, mailTags, normalMail(c.card.Mail)); err != nil {
			return err
		}
		if err := tx.PutAccount(ctx, row); err != nil {
			return err
		}
	}
	if err := a.retagProviders(ctx, tx, key); err != nil {
		return err
	}
	return tx.PutSetting(ctx, settingTags, id.String())
}

func (a *App) retagProviders(ctx context.Context, tx *store.Tx, key vault.InstallationKey) error {
	links, err := tx.CredentialsOfKind(ctx, credProvider)
	if err != nil {
		return err
	}
	for _, link := range links {
		own, err := a.openKey(ctx, people.Installation, string(link.Person))
		if err != nil {
			return err
		}
		kept, err := openCredential(own, link)
		if err != nil {
			return err
		}
		_, what, _ := strings.Cut(string(kept), "\x00")
		tag, err := tagUnder(key, providerTags, what)
		if err != nil {
			return err
		}
		if err := tx.PutLookup(ctx, link.ID, tag); err != nil {
			return err
		}
	}
	return nil
}

// freshTags makes the keyed tags anew if they were made under another key than the
// one that the server was started with: then a change of keys was interrupted.
func (a *App) freshTags(ctx context.Context) error {
	a.mu.Lock()
	key := a.key
	a.mu.Unlock()
	id, err := key.ID()
	if err != nil {
		return fault.Broken(err)
	}
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		made, err := tx.Setting(ctx, settingTags)
		if err != nil || made == id.String() {
			return err
		}
		return a.retag(ctx, tx, key)
	})
}

// wake is what the installation's own acts need at every start.
func (a *App) wake(ctx context.Context) error {
	if err := a.freshTags(ctx); err != nil {
		return err
	}
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error { return a.armSweep(ctx, tx, a.now()) })
}

// newShares makes a recovery key, deposits the installation's key to it, and
// returns its shares. The deposit is durable before the transaction commits; older
// ones are destroyed after it has.
func (a *App) newShares(ctx context.Context, act *acting) ([]Share, error) {
	set, err := recovery.New(a.random)
	if err != nil {
		return nil, fault.Broken(err)
	}
	defer set.Erase()
	a.mu.Lock()
	key := a.key
	a.mu.Unlock()
	entry, err := deposit(set.Public, key, act.now)
	if err != nil {
		return nil, err
	}
	if err := a.ring.Put(ctx, entry); err != nil {
		return nil, ringFault(err)
	}
	if err := act.PutSetting(ctx, settingRecovery, hex.EncodeToString(set.Public.Bytes())); err != nil {
		return nil, err
	}
	if err := a.armDeposits(ctx, act.Tx, act.now); err != nil {
		return nil, err
	}
	var shares []Share
	for _, s := range set.Shares {
		shares = append(shares, Share{s.Holder(), s.Set(), s.Words(), s.QR()})
	}
	return shares, nil
}

// PrintRecoveryShares makes new recovery shares, in place of the old ones, which
// restore nothing any more. They are shown once. Directors are told.
func (a *App) PrintRecoveryShares(ctx context.Context, who Who) (shares []Share, err error) {
	err = a.do(ctx, who, access.PrintRecoveryShares, people.Installation, installation, func(ctx context.Context, act *acting) error {
		if shares, err = a.newShares(ctx, act); err != nil {
			return err
		}
		return act.PutSetting(ctx, settingSharesPrinted, act.now.Format(time.RFC3339))
	})
	if err != nil {
		return nil, err
	}
	return shares, nil
}

// RecoveryUsed keeps that the installation's key was restored from two shares. It
// is called by the command that did so, once the server's data can be opened.
func (a *App) RecoveryUsed(ctx context.Context) error {
	id, err := a.actID()
	if err != nil {
		return err
	}
	now := a.now()
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		if err := tx.PutSetting(ctx, settingSharesUsed, now.Format(time.RFC3339)); err != nil {
			return err
		}
		return a.enter(ctx, tx, recoveryUsedKind, &acting{now: now, id: id})
	})
}

const (
	jobDeposits = "drop-deposits"
	// depositRest is how old a deposit is that nobody is just making.
	depositRest = 10 * time.Minute
)

func init() { jobKinds[jobDeposits] = (*App).dropDeposits }

func (a *App) armDeposits(ctx context.Context, tx *store.Tx, due time.Time) error {
	id, err := newID[string](a, a.now())
	if err != nil {
		return err
	}
	return tx.AddJob(ctx, store.Job{ID: id, Kind: jobDeposits, Due: due})
}

// dropDeposits destroys the deposits to recovery keys that do not count any more.
// One that was made just now may be about to count: it is looked at again.
func (a *App) dropDeposits(ctx context.Context, library people.LibraryID, _ store.Job) error {
	now := a.now()
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		text, err := tx.Setting(ctx, settingRecovery)
		if err != nil || text == "" {
			return err
		}
		current, err := fingerprintOf(text)
		if err != nil {
			return err
		}
		entries, err := a.ring.List(ctx, "")
		if err != nil {
			return ringFault(err)
		}
		var old []keyring.Slot
		young := false
		for _, e := range entries {
			switch {
			case e.Kind != keyring.Recovery || e.ID == current:
			case now.Sub(e.Made) < depositRest:
				young = true
			default:
				old = append(old, e.Slot)
			}
		}
		if len(old) > 0 {
			if err := a.ring.Destroy(ctx, old...); err != nil {
				return ringFault(err)
			}
		}
		if young {
			return a.armDeposits(ctx, tx, now.Add(depositRest))
		}
		return nil
	})
}

func fingerprintOf(text string) (string, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return "", fault.Broken(err)
	}
	public, err := vault.ParsePublicKey(b)
	if err != nil {
		return "", fault.Broken(err)
	}
	return public.Fingerprint().String(), nil
}

// Notice is something that directors have to know.
type Notice struct {
	At    time.Time
	Words string // whole sentences
}

// noticeLife is for how long a notice is shown.
const noticeLife = 30 * 24 * time.Hour

// Notices lists what directors and admins of the library where whoever asks is have
// to know, the newest first.
func (a *App) Notices(ctx context.Context, who Who) (list []Notice, err error) {
	err = a.look(ctx, who, access.ReadSettings, people.Installation, onLibrary(who.Library, access.Library), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		for _, n := range []struct{ setting, words string }{
			{settingSharesUsed, "The installation's key was restored from two recovery shares. If you do not know why, ask whoever looks after the server."},
			{settingKeyMoved, "The installation has a new key, which whoever looks after the server has made. If you do not know why, ask them."},
			{settingSharesPrinted, "New recovery shares were printed. The old ones restore nothing any more. If you do not know why, ask whoever looks after the server."},
		} {
			text, err := tx.Setting(ctx, n.setting)
			if err != nil {
				return err
			}
			if at, err := time.Parse(time.RFC3339, text); err == nil && now.Sub(at) < noticeLife {
				list = append(list, Notice{at, n.words})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Notice) int { return b.At.Compare(a.At) })
	return list, nil
}
