package app

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/passkey"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// PersonForm is what is typed about a person.
type PersonForm struct {
	Name     string
	Initials string
	Mail     string // "" if there is none; then there is no sign-in by password
}

// tidied returns the form without space around what was typed.
func (f PersonForm) tidied() PersonForm {
	return PersonForm{strings.TrimSpace(f.Name), strings.TrimSpace(f.Initials), strings.TrimSpace(f.Mail)}
}

func (f PersonForm) check() error {
	return people.Person{Name: f.Name, Initials: f.Initials, Mail: f.Mail}.Check()
}

// Person is somebody of a library, as those see them who may see who works there.
type Person struct {
	people.Person
	// Pseudonym is under which name they stand in the library's cases and log: ""
	// to whoever may not see that.
	Pseudonym people.Pseudonym
	// Roles are those at this library that hold now or will.
	Roles []people.Membership
	// Invited says that there is an invitation that was not accepted yet.
	Invited bool
	// Forgotten says that the person left and that nothing is known of them any more.
	Forgotten bool
}

// card is what an account keeps sealed: who somebody is.
type card struct {
	Name     string `json:"name"`
	Initials string `json:"initials"`
	Mail     string `json:"mail,omitempty"`
	// Handle stands for the person towards authenticators (passkey.Handle).
	Handle string `json:"handle"`
}

// newCard makes the card of a new person.
func (a *App) newCard(f PersonForm) (card, error) {
	handle, err := passkey.NewHandle(a.random)
	if err != nil {
		return card{}, fault.Broken(err)
	}
	return card{f.Name, f.Initials, f.Mail, handle.Text()}, nil
}

// account is an account that was opened.
type account struct {
	store.Account
	key  vault.CaseKey
	card card
}

func (c account) person() people.Person {
	return people.Person{ID: c.Person, Name: c.card.Name, Initials: c.card.Initials, Mail: c.card.Mail, Left: c.Left}
}

// hasLeft reports whether the person works here no more.
func (c account) hasLeft(now time.Time) bool { return c.person().HasLeft(now) }

// openAccount opens a person's account: fault.Missing if there is none, or if its
// person is forgotten.
func (a *App) openAccount(ctx context.Context, tx *store.Tx, id people.PersonID) (account, error) {
	row, err := tx.Account(ctx, id)
	if err != nil {
		return account{}, err
	}
	return a.openAccountRow(ctx, row)
}

func (a *App) openAccountRow(ctx context.Context, row store.Account) (account, error) {
	c := account{Account: row}
	if len(row.Sealed) == 0 {
		return c, fault.Missing()
	}
	var err error
	if c.key, err = a.openKey(ctx, people.Installation, string(row.Person)); err != nil {
		return c, err
	}
	clear, err := unseal(c.key, people.Installation, string(row.Person), fieldAccount, row.Version, row.Sealed)
	if err != nil {
		return c, err
	}
	if json.Unmarshal(clear, &c.card) != nil {
		return c, fault.Broken(errors.New("an account does not hold what it should")) // the cause would show it
	}
	return c, nil
}

// sealAccount seals a card as the next writing of its account.
func (a *App) sealAccount(c *account) error {
	text, err := json.Marshal(c.card)
	if err != nil {
		return fault.Broken(err)
	}
	c.Version++
	c.Sealed, err = a.seal(c.key, people.Installation, string(c.Person), fieldAccount, c.Version, text)
	return err
}

// addAccount adds the account of a person whose key is in the keyring already.
func (a *App) addAccount(ctx context.Context, tx *store.Tx, id people.PersonID, key vault.CaseKey, who card, tag string, now time.Time) (account, error) {
	c := account{Account: store.Account{Person: id, MailTag: tag, Made: now}, key: key, card: who}
	if err := a.sealAccount(&c); err != nil {
		return c, err
	}
	return c, tx.AddAccount(ctx, c.Account)
}

// keyOf returns a person's key, and makes it if there is none.
func (a *App) keyOf(ctx context.Context, id people.PersonID) (vault.CaseKey, error) {
	key, err := a.openKey(ctx, people.Installation, string(id))
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return key, err
	}
	key, err = a.makeKey(ctx, people.Installation, string(id))
	if errors.Is(err, keyring.ErrExists) { // somebody was quicker
		return a.openKey(ctx, people.Installation, string(id))
	}
	return key, err
}

// The purposes of the keyed tags by which accounts are found. They are part of
// the tags: they never change.
const (
	mailTags     = "mail tags"
	providerTags = "provider tags"
)

// tag returns the keyed tag of a name under the installation's key.
func (a *App) tag(purpose, name string) (string, error) {
	a.mu.Lock()
	key := a.key
	a.mu.Unlock()
	return tagUnder(key, purpose, name)
}

func tagUnder(key vault.InstallationKey, purpose, name string) (string, error) {
	box, err := key.Box(purpose)
	if err != nil {
		return "", fault.Broken(err)
	}
	tag, err := box.Tag([]byte(name))
	if err != nil {
		return "", fault.Broken(err)
	}
	return hex.EncodeToString(tag), nil
}

// normalMail returns a mail address as it is compared: nobody has two that differ
// in capitals only.
func normalMail(mail string) string { return strings.ToLower(signin.Normal(strings.TrimSpace(mail))) }

// mailTag returns the tag of a mail address, "" for none.
func (a *App) mailTag(mail string) (string, error) {
	if mail == "" {
		return "", nil
	}
	return a.tag(mailTags, normalMail(mail))
}

// addPseudonym gives a person a pseudonym at a library, or returns the one that
// they have.
func (a *App) addPseudonym(ctx context.Context, tx *store.Tx, key vault.CaseKey, person people.PersonID, library people.LibraryID) (people.Pseudonym, error) {
	if known, err := a.pseudonym(ctx, tx, person, library); err != nil || known != "" {
		return known, err
	}
	made, err := people.NewPseudonym(a.random)
	if err != nil {
		return "", fault.Broken(err)
	}
	return made, a.keepPseudonym(ctx, tx, key, person, library, made)
}

func (a *App) keepPseudonym(ctx context.Context, tx *store.Tx, key vault.CaseKey, person people.PersonID, library people.LibraryID, name people.Pseudonym) error {
	sealed, err := a.seal(key, people.Installation, string(person), fieldPseudonym+" "+string(library), 1, []byte(name))
	if err != nil {
		return err
	}
	return tx.AddPseudonym(ctx, person, library, sealed)
}

// objectOf is how an entry names a person: by pseudonym at the library, or in the
// installation. A pseudonym and not the account's id, so that nothing leads from
// the one to the other once it is forgotten whose it was.
func (a *App) objectOf(ctx context.Context, tx *store.Tx, person people.PersonID, library people.LibraryID) (string, error) {
	name, err := a.pseudonym(ctx, tx, person, library)
	if err == nil && name == "" {
		name, err = a.pseudonym(ctx, tx, person, people.Installation)
	}
	return string(name), err
}

// reach is what somebody has to do with libraries.
type reach struct {
	memberships []people.Membership
	invited     []store.Ticket // invitations that can still be accepted
}

func reachOf(ctx context.Context, tx *store.Tx, person people.PersonID, now time.Time) (r reach, err error) {
	if r.memberships, err = tx.MembershipsOf(ctx, person); err != nil {
		return r, err
	}
	r.invited, err = tx.TicketsOf(ctx, person, signin.ForInvitation, now)
	return r, err
}

// knows reports whether the person has, or had, anything to do with the library.
func (r reach) knows(library people.LibraryID) bool {
	return slices.ContainsFunc(r.memberships, func(m people.Membership) bool { return m.Library == library }) ||
		slices.ContainsFunc(r.invited, func(t store.Ticket) bool { return t.Library == library })
}

// class returns the class of the account as a library sees it: see package access.
// The installation is another library than every library.
func (r reach) class(library people.LibraryID, now time.Time) access.Class {
	class := access.Plain
	for _, m := range r.memberships {
		switch {
		case isPast(m, now):
		case m.Library != library:
			return access.Elsewhere
		case m.Role.Trusted():
			class = access.Trusted
		}
	}
	if slices.ContainsFunc(r.invited, func(t store.Ticket) bool { return t.Library != library }) {
		return access.Elsewhere
	}
	return class
}

// isPast reports whether a membership has ended.
func isPast(m people.Membership, now time.Time) bool {
	return !m.Until.IsZero() && !now.Before(m.Until)
}

// onPerson finds the account of somebody who has to do with a library. Others are
// not there.
func (a *App) onPerson(library people.LibraryID, person people.PersonID) finder {
	return a.onAccount(library, person, func(r reach) (access.Class, bool) { return r.class(library, a.now()), r.knows(library) })
}

// onRole finds a role of somebody who has to do with a library.
func (a *App) onRole(library people.LibraryID, person people.PersonID, role people.Role) finder {
	return a.onAccount(library, person, func(r reach) (access.Class, bool) { return access.ClassOfRole(role), r.knows(library) })
}

func (a *App) onAccount(library people.LibraryID, person people.PersonID, look func(reach) (access.Class, bool)) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		if _, err := tx.Account(ctx, person); err != nil {
			return target{}, err
		}
		r, err := reachOf(ctx, tx, person, a.now())
		if err != nil {
			return target{}, err
		}
		class, here := look(r)
		if !here {
			return target{}, fault.Missing()
		}
		object, err := a.objectOf(ctx, tx, person, library)
		return target{subject: access.Subject{Kind: access.Person, Library: library, Class: class, Account: person}, object: object}, err
	}
}

// onSelf finds the account of whoever asks.
func (a *App) onSelf(who Who) finder {
	library := cmp.Or(who.Library, people.Installation)
	find := a.onAccount(library, who.Person, func(r reach) (access.Class, bool) { return r.class(library, a.now()), true })
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		if who.Person == "" {
			return target{}, signInFirst()
		}
		return find(ctx, tx)
	}
}

// signInFirst is told to whoever was signed in when the page was shown.
func signInFirst() error {
	return fault.Refuse("You are not signed in any more.", "Sign in, then do it again.")
}

// alsoEnter writes a second entry of an act that does two things at once.
func (a *App) alsoEnter(ctx context.Context, act *acting, kind access.Act, object string) error {
	id, err := a.actID()
	if err != nil {
		return err
	}
	return a.enter(ctx, act.Tx, ledger.Kind(kind), &acting{who: act.who, now: act.now, id: id, object: object})
}

// names returns whose each pseudonym of a library is, as far as it is known. It is
// for pages that show who acted; the caller has passed the gate.
func (a *App) names(ctx context.Context, tx *store.Tx, library people.LibraryID) (map[people.Pseudonym]people.Person, error) {
	sealed, err := tx.Pseudonyms(ctx, library)
	if err != nil {
		return nil, err
	}
	named := make(map[people.Pseudonym]people.Person, len(sealed))
	for id, text := range sealed {
		c, err := a.openAccount(ctx, tx, id)
		if err != nil {
			if err = unlessMissing(err); err != nil {
				return nil, err
			}
			continue
		}
		name, err := unseal(c.key, people.Installation, string(id), fieldPseudonym+" "+string(library), 1, text)
		if err != nil {
			return nil, err
		}
		named[people.Pseudonym(name)] = c.person()
	}
	return named, nil
}

// newID makes an id for this act.
func newID[ID ~string](a *App, now time.Time) (ID, error) {
	id, err := people.NewID[ID](now, a.random)
	if err != nil {
		return "", fault.Broken(fmt.Errorf("make an id: %w", err))
	}
	return id, nil
}

// mergeFields gathers what is wrong with the parts of a form, each under its own
// prefix. An error that is about no field is returned as it is.
func mergeFields(parts ...formPart) error {
	var all fault.Fields
	for _, p := range parts {
		if p.err == nil {
			continue
		}
		if fault.KindOf(p.err) != fault.Invalid {
			return p.err
		}
		for _, f := range fault.FieldsOf(p.err) {
			all.Add(p.prefix+f.Name, f.Message)
		}
	}
	return all.Err()
}

type formPart struct {
	prefix string
	err    error
}
