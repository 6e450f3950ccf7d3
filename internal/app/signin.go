package app

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// SignInForm is what is typed to sign in.
type SignInForm struct {
	Mail     string
	Password string
}

// SignedIn is what a sign-in gives: a session, or the first half of one.
type SignedIn struct {
	// Token is for the session's cookie, "" while a code is still asked for.
	Token string
	// Half is for a cookie that finds this half-done sign-in again, for five
	// minutes; "" once it is done. SignInCode and SignInRecovery take it.
	Half string
	Who  Who
}

// halfLife is how long somebody may take to find the code after the password.
const halfLife = 5 * time.Minute

// arrive signs somebody in who has shown who they are. More is done in the same
// transaction, before.
func (a *App) arrive(ctx context.Context, who Who, person people.PersonID, by signin.Method, more func(context.Context, *acting) error) (in SignedIn, err error) {
	at, err := a.seatOf(ctx, person, who.Device)
	if err != nil {
		return SignedIn{}, err
	}
	err = a.do(ctx, who, access.SignIn, people.Installation, installation, func(ctx context.Context, act *acting) error {
		if err := more(ctx, act); err != nil {
			return err
		}
		in, err = a.beginSession(ctx, act, person, by, at)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// wrongPassword is told whether there is an account or not.
func wrongPassword() error {
	return fault.Refuse("Mail address and password do not go together.",
		"Look at both and try again. If you do not know the password any more, ask your admin or director to let you sign in anew.")
}

// knock is an account at whose door somebody stands with a password.
type knock struct {
	account  account
	password store.Credential
	hash     string // "" if there is no such account, or no password
	codes    bool   // a one-time code is asked for as well
}

// SignIn signs somebody in by mail address and password. If they have one-time
// codes, that was the first half (SignedIn.Half). What is wrong is told in the same
// words, and takes as long, whether there is an account or not.
func (a *App) SignIn(ctx context.Context, who Who, place netip.Addr, form SignInForm) (SignedIn, error) {
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return SignedIn{}, err
	}
	tag, err := a.mailTag(boundMail(form.Mail))
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.allow(signin.SignInToAccount, tag); err != nil {
		return SignedIn{}, err
	}
	k, err := a.knockAt(ctx, tag)
	if err != nil {
		return SignedIn{}, err
	}
	ok, again, err := a.fits(ctx, k.hash, form.Password)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !ok:
		return SignedIn{}, wrongPassword()
	case k.codes:
		return a.halfWay(ctx, k.account.Person)
	}
	fresh := ""
	if again {
		if fresh, err = a.hash(ctx, form.Password); err != nil {
			return SignedIn{}, err
		}
	}
	return a.arrive(ctx, who, k.account.Person, signin.ByPassword, func(ctx context.Context, act *acting) error {
		return a.usePassword(ctx, act, k, fresh)
	})
}

// boundMail returns what was typed, or nothing if no mail address is so long.
func boundMail(mail string) string {
	if len(mail) > people.MaxMail {
		return ""
	}
	return mail
}

func (a *App) knockAt(ctx context.Context, tag string) (k knock, err error) {
	if tag == "" {
		return k, nil
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		row, err := tx.AccountByMail(ctx, tag)
		if err != nil {
			return err
		}
		if k.account, err = a.openAccountRow(ctx, row); err != nil || k.account.hasLeft(a.now()) {
			return err
		}
		list, err := tx.Credentials(ctx, row.Person)
		if err != nil {
			return err
		}
		k.codes = has(list, credOneTime)
		one, ok := only(list, credPassword)
		if !ok {
			return nil
		}
		hash, err := openCredential(k.account.key, one)
		k.password, k.hash = one, string(hash)
		return err
	})
	return k, unlessMissing(err)
}

// usePassword keeps that a password was used, and its fresh hash if there is one.
// A password that was changed meanwhile lets nobody in any more, nor does one alone
// where a code is asked for since.
func (a *App) usePassword(ctx context.Context, act *acting, k knock, fresh string) error {
	list, err := act.Credentials(ctx, k.account.Person)
	if err != nil {
		return err
	}
	one, ok := only(list, credPassword)
	if !ok || one.ID != k.password.ID || has(list, credOneTime) {
		return wrongPassword()
	}
	one.Used = act.now
	if fresh != "" {
		if err := a.sealCredential(k.account.key, &one, []byte(fresh)); err != nil {
			return err
		}
	}
	return act.PutCredential(ctx, one)
}

// halfWay keeps that somebody has shown a password, until they show a code.
func (a *App) halfWay(ctx context.Context, person people.PersonID) (SignedIn, error) {
	ticket, token, err := signin.NewLink(forHalf, halfLife, a.now(), a.random)
	if err != nil {
		return SignedIn{}, fault.Broken(err)
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		return tx.AddTicket(ctx, store.Ticket{Ticket: ticket, Person: person})
	})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Half: token}, nil
}

// findHalf returns whose half-done sign-in it is: Closed if it is none any more.
func (a *App) findHalf(ctx context.Context, half string) (t store.Ticket, err error) {
	digest, err := signin.TokenDigest(forHalf, half)
	if err != nil {
		return t, halfOver(fault.Missing().Because(err))
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		if t, err = tx.Ticket(ctx, digest); err != nil {
			return err
		}
		_, err = t.Use(forHalf, digest, a.now())
		return err
	})
	if err != nil {
		return t, halfOver(err)
	}
	return t, nil
}

func halfOver(err error) error {
	if k := fault.KindOf(err); k == fault.Internal {
		return err
	}
	return fault.Over("That took too long.", "Sign in again, from the beginning.").Because(err)
}

// useHalf takes a half-done sign-in for good.
func useHalf(ctx context.Context, act *acting, t store.Ticket) error {
	taken, err := act.TakeTicket(ctx, t.Digest, forHalf)
	if err != nil {
		return halfOver(err)
	}
	_, err = taken.Use(forHalf, t.Digest, act.now)
	return err
}

func wrongCode(words string) error {
	var f fault.Fields
	f.Add("code", words)
	return f.Err()
}

// SignInCode finishes a half-done sign-in with a one-time code: Invalid for the
// field "code" if it is another one.
func (a *App) SignInCode(ctx context.Context, who Who, place netip.Addr, half, code string) (SignedIn, error) {
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return SignedIn{}, err
	}
	t, err := a.findHalf(ctx, half)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.allow(oneTimeOfAccount, string(t.Person)); err != nil {
		return SignedIn{}, err
	}
	return a.arrive(ctx, who, t.Person, signin.ByPassword, func(ctx context.Context, act *acting) error {
		if err := useHalf(ctx, act, t); err != nil {
			return err
		}
		return a.useOneTime(ctx, act, t.Person, code)
	})
}

func (a *App) useOneTime(ctx context.Context, act *acting, person people.PersonID, code string) error {
	c, err := a.openAccount(ctx, act.Tx, person)
	if err != nil {
		return err
	}
	list, err := act.Credentials(ctx, person)
	if err != nil {
		return err
	}
	one, ok := only(list, credOneTime)
	if !ok {
		return fault.Over("One-time codes were switched off meanwhile.", "Sign in again, from the beginning.")
	}
	kept, seed, err := openOneTime(c.key, one)
	if err != nil {
		return err
	}
	if kept.Used, ok = seed.Verify(code, act.now, kept.Used); !ok {
		return wrongCode("This is not the code of this moment, or it was used already. Write the six digits that the app shows now.")
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return fault.Broken(err)
	}
	one.Used = act.now
	if err := a.sealCredential(c.key, &one, content); err != nil {
		return err
	}
	return act.PutCredential(ctx, one)
}

// SignInRecovery signs somebody in by a recovery code, in place of a lost passkey or
// authenticator. Whoever has a password shows it first (half); to others the code is
// enough. The code is used up.
func (a *App) SignInRecovery(ctx context.Context, who Who, place netip.Addr, half, code string) (SignedIn, error) {
	if err := a.allowCode(place); err != nil {
		return SignedIn{}, err
	}
	var t store.Ticket
	var err error
	if half != "" {
		if t, err = a.findHalf(ctx, half); err != nil {
			return SignedIn{}, err
		}
		if err := a.allow(signin.RecoveryOfAccount, string(t.Person)); err != nil {
			return SignedIn{}, err
		}
	}
	digest, err := signin.CodeDigest(signin.ForRecovery, code)
	if err != nil {
		return SignedIn{}, noRecovery()
	}
	person, err := a.whoseRecovery(ctx, digest)
	if err != nil {
		return SignedIn{}, err
	}
	return a.arrive(ctx, who, person, signin.ByRecovery, func(ctx context.Context, act *acting) error {
		if half != "" {
			if err := useHalf(ctx, act, t); err != nil {
				return err
			}
		}
		return useRecovery(ctx, act, t.Person, digest)
	})
}

func noRecovery() error {
	return wrongCode("This is none of your recovery codes, or it was used already. Write the next one of your list.")
}

func (a *App) whoseRecovery(ctx context.Context, digest signin.Digest) (person people.PersonID, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		one, err := tx.CredentialBy(ctx, credRecovery, string(digest))
		person = one.Person
		return err
	})
	if err != nil && fault.KindOf(err) == fault.NotFound {
		err = noRecovery()
	}
	return person, err
}

// useRecovery uses a recovery code up. Shown is who has shown their password, "" if
// nobody has.
func useRecovery(ctx context.Context, act *acting, shown people.PersonID, digest signin.Digest) error {
	one, err := act.CredentialBy(ctx, credRecovery, string(digest))
	if err != nil || shown != "" && one.Person != shown {
		if err = unlessMissing(err); err != nil {
			return err
		}
		return noRecovery()
	}
	if shown == "" {
		list, err := act.Credentials(ctx, one.Person)
		if err != nil {
			return err
		}
		if has(list, credPassword) {
			return fault.Refuse("This code comes after the password.", "Sign in with mail address and password first. Then you are asked for it.")
		}
	}
	return act.DeleteCredential(ctx, one.ID)
}
