package app

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"net/url"

	"roundtable/internal/fault"
	"roundtable/internal/passkey"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// site is the address at which passkeys are made and used: Refused where there can
// be none.
func (a *App) site(ctx context.Context) (*passkey.Site, error) {
	address, err := a.Address(ctx)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address.Origin)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return passkey.New(passkey.Config{Host: u.Hostname(), Name: "Roundtable", Origins: []string{address.Origin}})
}

// PasskeysWork reports whether passkeys work at the address of this installation,
// and if not, why, in whole sentences.
func (a *App) PasskeysWork(ctx context.Context) (bool, string, error) {
	_, err := a.site(ctx)
	switch {
	case err == nil:
		return true, "", nil
	case fault.KindOf(err) == fault.Refused:
		return false, fault.Words(err), nil
	}
	return false, "", err
}

// owner is the person of an account, towards authenticators.
func owner(c account, list []store.Credential) (passkey.Owner, error) {
	handle, err := passkey.ParseHandle(c.card.Handle)
	if err != nil {
		return passkey.Owner{}, fault.Broken(err)
	}
	o := passkey.Owner{Person: c.Person, Handle: handle, Account: cmp.Or(c.card.Mail, c.card.Name), Name: c.card.Name}
	for _, one := range list {
		if one.Kind != credPasskey {
			continue
		}
		p, err := openPasskey(c.key, one)
		if err != nil {
			return o, err
		}
		o.Passkeys = append(o.Passkeys, p)
	}
	return o, nil
}

// keepChallenge keeps what was asked of a browser until it answers.
func (a *App) keepChallenge(ctx context.Context, c passkey.Challenge) error {
	content, err := c.Marshal()
	if err != nil {
		return fault.Broken(err)
	}
	ticket := signin.Ticket{Purpose: forPasskey, Digest: signin.Digest(c.ID()), Made: a.now(), Until: c.Until}
	return a.keepTicket(ctx, store.Ticket{Ticket: ticket, Person: c.Person}, content)
}

// takeChallenge takes the challenge that a browser's response answers.
func (a *App) takeChallenge(ctx context.Context, response []byte) (passkey.Challenge, error) {
	id, err := passkey.Answers(response)
	if err != nil {
		return passkey.Challenge{}, err
	}
	_, content, err := a.takeTicket(ctx, signin.Digest(id), forPasskey)
	if err != nil {
		return passkey.Challenge{}, notAsked(err)
	}
	c, err := passkey.ParseChallenge(content)
	if err != nil {
		return c, fault.Broken(err)
	}
	return c, nil
}

// notAsked is told when an answer comes to what was never asked, was answered, or
// is too old.
func notAsked(err error) error {
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Closed {
		return fault.Over("That took too long, or was used already.", "Start again.").Because(err)
	}
	return err
}

// BeginPasskey asks the browser of whoever asks for a new passkey. Options are for
// PublicKeyCredential.parseCreationOptionsFromJSON.
func (a *App) BeginPasskey(ctx context.Context, who Who, name string) (options []byte, err error) {
	c, list, err := a.self(ctx, who)
	if err != nil {
		return nil, err
	}
	return a.beginRegistration(ctx, c, list, name)
}

func (a *App) beginRegistration(ctx context.Context, c account, list []store.Credential, name string) ([]byte, error) {
	site, err := a.site(ctx)
	if err != nil {
		return nil, err
	}
	o, err := owner(c, list)
	if err != nil {
		return nil, err
	}
	options, challenge, err := site.BeginRegistration(o, name, a.now(), a.random)
	if err != nil {
		return nil, err
	}
	return options, a.keepChallenge(ctx, challenge)
}

// finishRegistration reads what a browser answered and returns the new passkey.
func (a *App) finishRegistration(ctx context.Context, c account, list []store.Credential, response []byte) (passkey.Credential, error) {
	site, err := a.site(ctx)
	if err != nil {
		return passkey.Credential{}, err
	}
	challenge, err := a.takeChallenge(ctx, response)
	if err != nil {
		return passkey.Credential{}, err
	}
	o, err := owner(c, list)
	if err != nil {
		return passkey.Credential{}, err
	}
	return site.FinishRegistration(&challenge, o, response, a.now())
}

// FinishPasskey keeps the passkey that the browser of whoever asks has made.
func (a *App) FinishPasskey(ctx context.Context, who Who, response []byte) error {
	c, list, err := a.self(ctx, who)
	if err != nil {
		return err
	}
	made, err := a.finishRegistration(ctx, c, list, response)
	if err != nil {
		return err
	}
	return a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, _ []store.Credential) error {
		return a.addPasskey(ctx, act, c, made)
	})
}

func (a *App) addPasskey(ctx context.Context, act *acting, c account, p passkey.Credential) error {
	content, err := p.Marshal()
	if err != nil {
		return fault.Broken(err)
	}
	err = a.addCredential(ctx, act, c.key, c.Person, credPasskey, string(p.ID()), content)
	if errors.Is(err, store.ErrDuplicate) {
		return fault.Refuse("This passkey is here already.", "Sign in with it.").Because(err)
	}
	return err
}

// BeginPasskeySignIn asks a browser for any passkey of this installation. Options
// are for PublicKeyCredential.parseRequestOptionsFromJSON.
func (a *App) BeginPasskeySignIn(ctx context.Context, place netip.Addr) (options []byte, err error) {
	site, err := a.site(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return nil, err
	}
	options, challenge, err := site.BeginSignIn(a.now(), a.random)
	if err != nil {
		return nil, err
	}
	return options, a.keepChallenge(ctx, challenge)
}

// FinishPasskeySignIn signs in whoever's passkey answered.
func (a *App) FinishPasskeySignIn(ctx context.Context, who Who, place netip.Addr, response []byte) (SignedIn, error) {
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return SignedIn{}, err
	}
	site, err := a.site(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	challenge, err := a.takeChallenge(ctx, response)
	if err != nil {
		return SignedIn{}, err
	}
	var row store.Credential
	proof, err := site.FinishSignIn(&challenge, response, a.now(), func(id passkey.CredentialID) (o passkey.Owner, err error) {
		err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
			if row, err = tx.CredentialBy(ctx, credPasskey, string(id)); err != nil {
				return err
			}
			o, err = a.ownerOf(ctx, tx, row.Person)
			return err
		})
		return o, err
	})
	if err != nil {
		return SignedIn{}, a.tellCopied(ctx, row, err)
	}
	return a.arrive(ctx, who, proof.Person, signin.ByPasskey, func(ctx context.Context, act *acting) error {
		return a.usePasskey(ctx, act, row, proof.Passkey)
	})
}

func (a *App) ownerOf(ctx context.Context, tx *store.Tx, person people.PersonID) (passkey.Owner, error) {
	c, err := a.openAccount(ctx, tx, person)
	if err != nil {
		return passkey.Owner{}, err
	}
	list, err := tx.Credentials(ctx, person)
	if err != nil {
		return passkey.Owner{}, err
	}
	return owner(c, list)
}

// usePasskey keeps a passkey as it is after it was used. If it was used somewhere
// else at the same moment, this use does not count.
func (a *App) usePasskey(ctx context.Context, act *acting, was store.Credential, p passkey.Credential) error {
	row, err := act.CredentialBy(ctx, credPasskey, was.Lookup)
	if err != nil {
		return err
	}
	if row.Version != was.Version {
		return fault.Clash("This passkey was used at the same moment somewhere else.", "Try again.")
	}
	c, err := a.openAccount(ctx, act.Tx, row.Person)
	if err != nil {
		return err
	}
	row.Used = act.now
	return a.putPasskey(ctx, act.Tx, c.key, row, p)
}

// copiedKind is the kind of an entry that says that there may be a copy of
// somebody's passkey.
const copiedKind ledger.Kind = "passkey-copied"

// tellCopied leaves an entry if a passkey was refused because there may be a copy
// of it, and returns the refusal.
func (a *App) tellCopied(ctx context.Context, row store.Credential, refusal error) error {
	if !errors.Is(refusal, passkey.ErrCopied) {
		return refusal
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		object, err := a.objectOf(ctx, tx, row.Person, people.Installation)
		if err != nil {
			return err
		}
		return a.enter(ctx, tx, copiedKind, &acting{now: a.now(), id: id, object: object})
	})
	return cmp.Or(err, refusal)
}

// BeginPasskeyUnlock asks the browser for a passkey of the person whose session is
// locked. Options are for PublicKeyCredential.parseRequestOptionsFromJSON.
func (a *App) BeginPasskeyUnlock(ctx context.Context, who Who) (options []byte, err error) {
	site, err := a.site(ctx)
	if err != nil {
		return nil, err
	}
	o, err := a.lockedOwner(ctx, who)
	if err != nil {
		return nil, err
	}
	options, challenge, err := site.BeginUnlock(o, a.now(), a.random)
	if err != nil {
		return nil, err
	}
	return options, a.keepChallenge(ctx, challenge)
}

func (a *App) lockedOwner(ctx context.Context, who Who) (o passkey.Owner, err error) {
	if who.State != signin.Locked {
		return o, signInFirst()
	}
	if err := a.allow(signin.SignInToAccount, "unlock "+string(who.Session.ID)); err != nil {
		return o, err
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		o, err = a.ownerOf(ctx, tx, who.Session.Person)
		return err
	})
	return o, err
}

// FinishPasskeyUnlock unlocks the session with what the browser answered.
func (a *App) FinishPasskeyUnlock(ctx context.Context, who Who, response []byte) error {
	site, err := a.site(ctx)
	if err != nil {
		return err
	}
	o, err := a.lockedOwner(ctx, who)
	if err != nil {
		return err
	}
	challenge, err := a.takeChallenge(ctx, response)
	if err != nil {
		return err
	}
	var row store.Credential
	proof, err := site.FinishUnlock(&challenge, o, response, a.now())
	if err != nil {
		return err
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		row, err = tx.CredentialBy(ctx, credPasskey, string(proof.Passkey.ID()))
		return err
	})
	if err != nil {
		return err
	}
	now := a.now()
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		s, err := tx.Session(ctx, who.Session.ID)
		if err != nil {
			return err
		}
		if s.State(now) == signin.Over || s.Person != proof.Person {
			return sessionOver()
		}
		s.Session, _ = s.Session.Unlock(now, true)
		if err := a.usePasskey(ctx, &acting{Tx: tx, now: now}, row, proof.Passkey); err != nil {
			return err
		}
		return tx.PutSession(ctx, s)
	})
}

// BeginAcceptPasskey asks the browser of whoever has an invitation for a passkey.
func (a *App) BeginAcceptPasskey(ctx context.Context, place netip.Addr, secret, name string) (options []byte, err error) {
	found, err := a.findInvitation(ctx, place, secret)
	if err != nil {
		return nil, err
	}
	return a.beginRegistration(ctx, found.account, nil, name)
}

// FinishAcceptPasskey accepts an invitation with the passkey that the browser has
// made.
func (a *App) FinishAcceptPasskey(ctx context.Context, who Who, place netip.Addr, secret string, response []byte) (SignedIn, error) {
	found, err := a.findInvitation(ctx, place, secret)
	if err != nil {
		return SignedIn{}, err
	}
	made, err := a.finishRegistration(ctx, found.account, nil, response)
	if err != nil {
		return SignedIn{}, err
	}
	return a.accept(ctx, who, found, func(ctx context.Context, act *acting, c account) error {
		return a.addPasskey(ctx, act, c, made)
	})
}
