package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/passkey"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// The kinds of credentials. They are bound to what is sealed: they never change.
const (
	credPassword = "password"       // its hash
	credPIN      = "pin"            // its hash
	credOneTime  = "one-time"       // oneTime
	credOffer    = "one-time-offer" // oneTime, not confirmed yet
	credRecovery = "recovery"       // found by its digest; nothing is in it
	credPasskey  = "passkey"        // found by its id's digest; passkey.Credential
	credProvider = "provider"       // found by the tag of issuer and subject; identity.kept
)

// oneTime is a person's seed for one-time codes.
type oneTime struct {
	Seed string `json:"seed"`
	Used int64  `json:"used"` // the period of the last code that was taken
}

// Ways is the ways in that a person has.
type Ways struct {
	Password     bool
	OneTime      bool // one-time codes
	PIN          bool
	Recovery     int // recovery codes left
	RecoveryMade time.Time
	Passkeys     []PasskeyRow
	Providers    []ProviderRow
}

// PasskeyRow is one of a person's passkeys.
type PasskeyRow struct {
	ID     string
	Name   string
	Made   time.Time
	Used   time.Time // zero if never
	Synced bool      // it is kept elsewhere too, as its device last said
}

// ProviderRow is an account elsewhere by which a person signs in.
type ProviderRow struct {
	ID   string
	Name string // the provider's
	Made time.Time
	Used time.Time // zero if never
}

// CodesOffer is a seed for one-time codes that was not confirmed yet.
type CodesOffer struct {
	Text string // to be typed
	URI  string // for the QR code
}

func of(kind string) func(store.Credential) bool {
	return func(c store.Credential) bool { return c.Kind == kind }
}

func has(list []store.Credential, kind string) bool { return slices.ContainsFunc(list, of(kind)) }

// only returns the credential of a kind of which a person has one.
func only(list []store.Credential, kind string) (store.Credential, bool) {
	i := slices.IndexFunc(list, of(kind))
	if i < 0 {
		return store.Credential{}, false
	}
	return list[i], true
}

// isWayIn reports whether a credential of the kind lets its person in by itself.
// A password does only together with a mail address; a recovery code stands in for
// another way and gets used up.
func isWayIn(kind, mail string) bool {
	return kind == credPassword && mail != "" || kind == credPasskey || kind == credProvider
}

// countWaysIn counts by how many ways a person can still sign in.
func countWaysIn(list []store.Credential, mail string) (n int) {
	for _, c := range list {
		if isWayIn(c.Kind, mail) {
			n++
		}
	}
	return n
}

// lastWay is told to whoever would lock themselves out.
func lastWay() error {
	return fault.Refuse("This is your only way to sign in.", "Add another one first, then take this one away.")
}

func credentialField(c store.Credential) string { return fieldCredential + " " + c.Kind + " " + c.ID }

func openCredential(key vault.CaseKey, c store.Credential) ([]byte, error) {
	return unseal(key, people.Installation, string(c.Person), credentialField(c), c.Version, c.Sealed)
}

// sealCredential seals a content as the next writing of a credential.
func (a *App) sealCredential(key vault.CaseKey, c *store.Credential, content []byte) (err error) {
	c.Version++
	c.Sealed, err = a.seal(key, people.Installation, string(c.Person), credentialField(*c), c.Version, content)
	return err
}

// addCredential adds a credential to a person's.
func (a *App) addCredential(ctx context.Context, act *acting, key vault.CaseKey, person people.PersonID, kind, lookup string, content []byte) error {
	id, err := newID[string](a, act.now)
	if err != nil {
		return err
	}
	c := store.Credential{ID: id, Person: person, Kind: kind, Lookup: lookup, Made: act.now}
	if err := a.sealCredential(key, &c, content); err != nil {
		return err
	}
	return act.AddCredential(ctx, c)
}

// replaceCredential puts a credential in the place of all of its kind.
func (a *App) replaceCredential(ctx context.Context, act *acting, key vault.CaseKey, person people.PersonID, kind string, content []byte) error {
	if err := act.DeleteCredentials(ctx, person, kind); err != nil {
		return err
	}
	return a.addCredential(ctx, act, key, person, kind, "", content)
}

// ReadWays returns the ways in that whoever asks has.
func (a *App) ReadWays(ctx context.Context, who Who) (w Ways, err error) {
	err = a.look(ctx, who, access.ReadAccount, people.Installation, a.onSelf(who), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		c, err := a.openAccount(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		w, err = a.ways(ctx, tx, c)
		return err
	})
	return w, err
}

func (a *App) ways(ctx context.Context, tx *store.Tx, c account) (w Ways, err error) {
	list, err := tx.Credentials(ctx, c.Person)
	if err != nil {
		return w, err
	}
	for _, one := range list {
		switch one.Kind {
		case credPassword:
			w.Password = true
		case credOneTime:
			w.OneTime = true
		case credPIN:
			w.PIN = true
		case credRecovery:
			w.Recovery++
			w.RecoveryMade = one.Made
		case credPasskey:
			key, err := openPasskey(c.key, one)
			if err != nil {
				return w, err
			}
			w.Passkeys = append(w.Passkeys, PasskeyRow{one.ID, key.Name, one.Made, one.Used, key.IsSynced()})
		case credProvider:
			kept, err := openCredential(c.key, one)
			if err != nil {
				return w, err
			}
			name, _, _ := strings.Cut(string(kept), "\x00")
			w.Providers = append(w.Providers, ProviderRow{one.ID, name, one.Made, one.Used})
		}
	}
	return w, nil
}

// changeSignIn is the act by which somebody changes how they themselves sign in.
func (a *App) changeSignIn(ctx context.Context, who Who, rule func(ctx context.Context, act *acting, c account, list []store.Credential) error) error {
	return a.do(ctx, who, access.ChangeSignIn, people.Installation, a.onSelf(who), func(ctx context.Context, act *acting) error {
		c, err := a.openAccount(ctx, act.Tx, who.Person)
		if err != nil {
			return err
		}
		list, err := act.Credentials(ctx, who.Person)
		if err != nil {
			return err
		}
		return rule(ctx, act, c, list)
	})
}

// self reads the account and the credentials of whoever asks, before something
// that takes too long for a transaction.
func (a *App) self(ctx context.Context, who Who) (c account, list []store.Credential, err error) {
	if who.Person == "" {
		return c, nil, signInFirst()
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		if c, err = a.openAccount(ctx, tx, who.Person); err != nil {
			return err
		}
		list, err = tx.Credentials(ctx, who.Person)
		return err
	})
	return c, list, err
}

// SetPassword sets the password of whoever asks. If they have one, it is asked for
// first: Invalid for the field "current". All their other sessions end.
func (a *App) SetPassword(ctx context.Context, who Who, current, password string) error {
	c, list, err := a.self(ctx, who)
	if err != nil {
		return err
	}
	if c.card.Mail == "" {
		return fault.Refuse("A password needs a mail address to sign in with.", "Write your mail address into your account first.")
	}
	if err := a.allow(signin.SignInToAccount, "change "+string(who.Person)); err != nil {
		return err
	}
	old, had := only(list, credPassword)
	if had {
		if err := a.checkCurrent(ctx, c, old, current); err != nil {
			return err
		}
	}
	about, err := a.aboutWords(ctx, c)
	if err != nil {
		return err
	}
	if err := signin.CheckPassword(password, about...); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, list []store.Credential) error {
		if now, has := only(list, credPassword); has != had || now.ID != old.ID {
			return fault.Clash("The password was changed at the same moment somewhere else.", "Look at the page again.")
		}
		if err := a.claimMail(ctx, act.Tx, &c); err != nil {
			return err
		}
		if err := a.replaceCredential(ctx, act, c.key, who.Person, credPassword, []byte(hash)); err != nil {
			return err
		}
		return endOthers(ctx, act, who)
	})
}

func (a *App) checkCurrent(ctx context.Context, c account, old store.Credential, typed string) error {
	hash, err := openCredential(c.key, old)
	if err != nil {
		return err
	}
	ok, _, err := a.fits(ctx, string(hash), typed)
	if err == nil && !ok {
		var f fault.Fields
		f.Add("current", "This is not your password as it is now. Write that one here.")
		err = f.Err()
	}
	return err
}

// claimMail makes a person's mail address the one that they sign in with. Refused
// if another account has it.
func (a *App) claimMail(ctx context.Context, tx *store.Tx, c *account) error {
	tag, err := a.mailTag(c.card.Mail)
	if err != nil || tag == c.MailTag {
		return err
	}
	if tag != "" {
		switch _, err := tx.AccountByMail(ctx, tag); {
		case err == nil:
			return fault.Refuse("There is an account with this mail address already.",
				"If it is yours, sign in with it, then open your invitation again. If not, ask for an invitation to another address.").Because(store.ErrDuplicate)
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
	}
	c.MailTag = tag
	return tx.PutAccount(ctx, c.Account)
}

// aboutWords returns what somebody would try who knows whose password it is.
func (a *App) aboutWords(ctx context.Context, c account) ([]string, error) {
	words := []string{c.card.Name, c.card.Mail}
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		roles, err := tx.MembershipsOf(ctx, c.Person)
		if err != nil {
			return err
		}
		for _, m := range roles {
			if m.Library == people.Installation {
				continue
			}
			l, err := tx.Library(ctx, m.Library)
			if err != nil {
				return err
			}
			words = append(words, l.Name)
		}
		return nil
	})
	return words, err
}

// SetPIN sets the PIN by which whoever asks unlocks their session.
func (a *App) SetPIN(ctx context.Context, who Who, pin string) error {
	if who.Person == "" {
		return signInFirst()
	}
	if err := signin.CheckPIN(pin); err != nil {
		return err
	}
	if err := a.allow(signin.SignInToAccount, "change "+string(who.Person)); err != nil {
		return err
	}
	hash, err := a.hash(ctx, pin)
	if err != nil {
		return err
	}
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, _ []store.Credential) error {
		return a.replaceCredential(ctx, act, c.key, who.Person, credPIN, []byte(hash))
	})
}

// RemovePIN takes the PIN of whoever asks away. If there is none, that is no error.
func (a *App) RemovePIN(ctx context.Context, who Who) error {
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, _ account, _ []store.Credential) error {
		return act.DeleteCredentials(ctx, who.Person, credPIN)
	})
}

// OfferCodes draws a seed for one-time codes. It counts once ConfirmCodes has seen
// a code of it; until then the same offer is shown again, for a quarter of an hour.
func (a *App) OfferCodes(ctx context.Context, who Who) (offer CodesOffer, err error) {
	err = a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, list []store.Credential) error {
		act.quiet = true // nothing has changed yet
		seed, err := a.offeredSeed(ctx, act, c, list)
		offer = CodesOffer{seed.Text(), seed.URI("Roundtable", cmp.Or(c.card.Mail, c.card.Name))}
		return err
	})
	if err != nil {
		return CodesOffer{}, err
	}
	return offer, nil
}

// offerLife is how long a seed that was offered can be confirmed: long enough to fetch
// a phone, and no longer, since it was shown on a page.
const offerLife = 15 * time.Minute

// openOffer returns the seed that was offered and can still be confirmed.
func openOffer(list []store.Credential, now time.Time) (store.Credential, bool) {
	one, ok := only(list, credOffer)
	return one, ok && now.Sub(one.Made) < offerLife && !now.Before(one.Made)
}

func (a *App) offeredSeed(ctx context.Context, act *acting, c account, list []store.Credential) (signin.Seed, error) {
	if one, ok := openOffer(list, act.now); ok {
		_, seed, err := openOneTime(c.key, one)
		return seed, err
	}
	seed, err := signin.NewSeed(a.random)
	if err != nil {
		return seed, fault.Broken(err)
	}
	content, err := json.Marshal(oneTime{Seed: seed.Text()})
	if err != nil {
		return seed, fault.Broken(err)
	}
	return seed, a.replaceCredential(ctx, act, c.key, c.Person, credOffer, content)
}

func openOneTime(key vault.CaseKey, c store.Credential) (kept oneTime, seed signin.Seed, err error) {
	content, err := openCredential(key, c)
	if err != nil {
		return kept, seed, err
	}
	if json.Unmarshal(content, &kept) == nil {
		seed, err = signin.ParseSeed(kept.Seed)
	} else {
		err = errors.New("it is no seed")
	}
	if err != nil {
		return kept, seed, fault.Broken(err)
	}
	return kept, seed, nil
}

// ConfirmCodes makes the offered seed count, once a code of it was typed: Invalid
// for the field "code" otherwise.
func (a *App) ConfirmCodes(ctx context.Context, who Who, code string) error {
	if err := a.allow(oneTimeOfAccount, "confirm "+string(who.Person)); err != nil {
		return err
	}
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, list []store.Credential) error {
		offer, ok := openOffer(list, act.now)
		if !ok {
			return fault.Over("These codes were set up already, or the page is too old.", "Look at the page again.")
		}
		kept, seed, err := openOneTime(c.key, offer)
		if err != nil {
			return err
		}
		period, ok := seed.Verify(code, act.now, 0)
		if !ok {
			var f fault.Fields
			f.Add("code", "This is not the code of this moment. Write the six digits that the app shows now, and check that the clock of your phone is right.")
			return f.Err()
		}
		kept.Used = period
		content, err := json.Marshal(kept)
		if err != nil {
			return fault.Broken(err)
		}
		if err := act.DeleteCredentials(ctx, who.Person, credOffer); err != nil {
			return err
		}
		return a.replaceCredential(ctx, act, c.key, who.Person, credOneTime, content)
	})
}

// RemoveCodes switches one-time codes off for whoever asks.
func (a *App) RemoveCodes(ctx context.Context, who Who) error {
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, _ account, _ []store.Credential) error {
		if err := act.DeleteCredentials(ctx, who.Person, credOffer); err != nil {
			return err
		}
		return act.DeleteCredentials(ctx, who.Person, credOneTime)
	})
}

// NewRecoveryCodes draws new recovery codes for whoever asks, in place of all old
// ones. They are shown once.
func (a *App) NewRecoveryCodes(ctx context.Context, who Who) (codes []string, err error) {
	err = a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, _ []store.Credential) error {
		made, shown, err := signin.NewRecovery(a.random)
		if err != nil {
			return fault.Broken(err)
		}
		if err := act.DeleteCredentials(ctx, who.Person, credRecovery); err != nil {
			return err
		}
		for _, digest := range made.Left {
			if err := a.addCredential(ctx, act, c.key, who.Person, credRecovery, string(digest), nil); err != nil {
				return err
			}
		}
		codes = shown
		return nil
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// own returns the credential of a kind with that id, if it is one of the person's.
func own(list []store.Credential, kind, id string) (store.Credential, error) {
	i := slices.IndexFunc(list, func(c store.Credential) bool { return c.Kind == kind && c.ID == id })
	if i < 0 {
		return store.Credential{}, fault.Missing()
	}
	return list[i], nil
}

// RenamePasskey gives a passkey of whoever asks another name.
func (a *App) RenamePasskey(ctx context.Context, who Who, id, name string) error {
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, list []store.Credential) error {
		one, err := own(list, credPasskey, id)
		if err != nil {
			return err
		}
		key, err := openPasskey(c.key, one)
		if err != nil {
			return err
		}
		if key, err = key.Rename(name); err != nil {
			return err
		}
		return a.putPasskey(ctx, act.Tx, c.key, one, key)
	})
}

// RemovePasskey takes a passkey of whoever asks away, unless it is their last way
// in.
func (a *App) RemovePasskey(ctx context.Context, who Who, id string) error {
	return a.removeWay(ctx, who, credPasskey, id)
}

// RemoveProviderLink takes away that whoever asks signs in by an account elsewhere,
// unless it is their last way in.
func (a *App) RemoveProviderLink(ctx context.Context, who Who, id string) error {
	return a.removeWay(ctx, who, credProvider, id)
}

func (a *App) removeWay(ctx context.Context, who Who, kind, id string) error {
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, list []store.Credential) error {
		one, err := own(list, kind, id)
		if err != nil {
			return err
		}
		if countWaysIn(list, c.card.Mail) < 2 {
			return lastWay()
		}
		return act.DeleteCredential(ctx, one.ID)
	})
}

func openPasskey(key vault.CaseKey, c store.Credential) (passkey.Credential, error) {
	content, err := openCredential(key, c)
	if err != nil {
		return passkey.Credential{}, err
	}
	p, err := passkey.ParseCredential(content)
	if err != nil {
		return p, fault.Broken(err)
	}
	return p, nil
}

// putPasskey keeps a passkey as it is now.
func (a *App) putPasskey(ctx context.Context, tx *store.Tx, key vault.CaseKey, c store.Credential, p passkey.Credential) error {
	content, err := p.Marshal()
	if err != nil {
		return fault.Broken(err)
	}
	if err := a.sealCredential(key, &c, content); err != nil {
		return err
	}
	return tx.PutCredential(ctx, c)
}
