package app

import (
	"context"
	"net/netip"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// InvitationRow is an invitation that was not accepted yet.
type InvitationRow struct {
	ID    string // for WithdrawInvitation; it lets nobody in
	Made  time.Time
	Until time.Time
	Slip  bool // it is on paper
	// Letter is how far the letter of one by mail has come.
	Letter LetterState
}

// How is how an invitation reaches the person.
type How string

// The ways.
const (
	ByMail How = "mail" // a link
	OnSlip How = "slip" // a code on paper
)

// InvitationForm is what is typed to invite somebody.
type InvitationForm struct {
	Person PersonForm
	Role   RoleForm
	How    How
}

// Invitation is an invitation that was just made. Its secret is shown once.
type Invitation struct {
	Person people.PersonID
	ID     string // for WithdrawInvitation
	Name   string
	Mail   string // where the link is sent to, "" if it is a slip
	// Secret is the last part of the invitation's address: a token for a link, a
	// code in groups of four for a slip. AcceptInvitation takes both.
	Secret string
	How    How
	Until  time.Time
}

// InvitationView is what an invitation shows to whoever has it.
type InvitationView struct {
	Name    string
	Library Library // its ID is "" if the invitation is to the installation
	Roles   []people.Membership
	By      string // who invited them, "" if nobody did or they have left
	Mail    string // the name to sign in with, "" if they cannot sign in by password
	Until   time.Time
	// Passkeys says whether one can be made at this address, NoPasskey why not.
	Passkeys  bool
	NoPasskey string
}

// firstLife is how long the invitations of a new library's first people live: until
// a director has come in, only InviteFirst could make another one.
const firstLife = 90 * 24 * time.Hour

// checkHow returns an Invalid fault if an invitation cannot go that way.
func checkHow(how How, mail string) error {
	var f fault.Fields
	switch {
	case how != ByMail && how != OnSlip:
		f.Add("how", "Choose how the invitation reaches them.")
	case how == ByMail && mail == "":
		f.Add("mail", "Write a mail address, or choose a slip of paper.")
	}
	return f.Err()
}

// InvitePerson makes an account for somebody, with a role at a library, and an
// invitation to it. No two people of a library have the same mail address; whether
// somebody has it at another library shows only to whoever has the invitation.
func (a *App) InvitePerson(ctx context.Context, who Who, library people.LibraryID, form InvitationForm) (made Invitation, err error) {
	form.Person = form.Person.tidied()
	there, err := a.isBranch(ctx, library, form.Role.Branch)
	if err != nil {
		return made, err
	}
	id, err := newID[people.PersonID](a, a.now())
	if err != nil {
		return made, err
	}
	on := access.Subject{Kind: access.Person, Library: library, Class: access.ClassOfRole(form.Role.Role), Account: id}
	find := func(context.Context, *store.Tx) (target, error) { return target{subject: on}, nil }
	err = a.do(ctx, who, access.InvitePerson, people.Installation, find, func(ctx context.Context, act *acting) error {
		if err := decide(who.actor(), access.GiveRole, on, act.now); err != nil {
			return err
		}
		made, err = a.invitePerson(ctx, act, id, library, form, there)
		return err
	})
	if err != nil {
		return Invitation{}, err
	}
	return made, nil
}

func (a *App) invitePerson(ctx context.Context, act *acting, id people.PersonID, library people.LibraryID, form InvitationForm, branchThere bool) (Invitation, error) {
	if library != people.Installation {
		if l, err := act.Library(ctx, library); err != nil || !l.Ready {
			return Invitation{}, orMissing(err)
		}
	}
	m := form.Role.membership("", id, library, act.now)
	if err := mergeFields(
		formPart{"", form.Person.check()}, formPart{"", checkRole(m, branchThere)}, formPart{"", checkHow(form.How, form.Person.Mail)},
	); err != nil {
		return Invitation{}, err
	}
	if err := a.nobodyLike(ctx, act, library, id, form.Person); err != nil {
		return Invitation{}, err
	}
	c, err := a.enrolPerson(ctx, act, id, form.Person, "", m)
	if err != nil {
		return Invitation{}, err
	}
	if act.object, err = a.objectOf(ctx, act.Tx, id, library); err != nil {
		return Invitation{}, err
	}
	if err := a.alsoEnter(ctx, act, access.GiveRole, act.object); err != nil {
		return Invitation{}, err
	}
	return a.invite(ctx, act, c, library, form.How, 0)
}

// orMissing returns the error, or that there is nothing.
func orMissing(err error) error {
	if err == nil {
		return fault.Missing()
	}
	return err
}

// enrolPerson makes the account of somebody new, with their roles and their
// pseudonyms. The roles need no ids yet.
func (a *App) enrolPerson(ctx context.Context, act *acting, id people.PersonID, f PersonForm, tag string, roles ...people.Membership) (account, error) {
	key, err := a.keyOf(ctx, id)
	if err != nil {
		return account{}, err
	}
	who, err := a.newCard(f)
	if err != nil {
		return account{}, err
	}
	c, err := a.addAccount(ctx, act.Tx, id, key, who, tag, act.now)
	if err != nil {
		return c, err
	}
	if _, err := a.addPseudonym(ctx, act.Tx, key, id, people.Installation); err != nil {
		return c, err
	}
	for _, m := range roles {
		if m.ID, err = newID[people.MembershipID](a, act.now); err != nil {
			return c, err
		}
		m.Person = id
		if err := giveRole(ctx, act, m); err != nil {
			return c, err
		}
		if _, err := a.addPseudonym(ctx, act.Tx, key, id, m.Library); err != nil {
			return c, err
		}
	}
	return c, nil
}

// invite makes an invitation for somebody who has an account. It lives as long as
// its way takes, or as long as given. The letter of one by mail is sent once all of
// it has committed.
func (a *App) invite(ctx context.Context, act *acting, c account, library people.LibraryID, how How, life time.Duration) (Invitation, error) {
	draw, usual := signin.NewLink, signin.LinkLife
	if how == OnSlip {
		draw, usual = signin.NewTicket, signin.SlipLife
	}
	if life == 0 {
		life = usual
	}
	ticket, secret, err := draw(signin.ForInvitation, life, act.now, a.random)
	if err != nil {
		return Invitation{}, fault.Broken(err)
	}
	content := []byte(how)
	if how == ByMail {
		if content, err = a.letterOf(ctx, act, c, ticket.Digest, secret); err != nil {
			return Invitation{}, err
		}
	}
	err = act.AddTicket(ctx, store.Ticket{Ticket: ticket, Person: c.Person, Library: library, By: act.who.Person, Content: content})
	made := Invitation{Person: c.Person, ID: string(ticket.Digest), Name: c.card.Name, Secret: secret, How: how, Until: ticket.Until}
	if how == ByMail {
		made.Mail = c.card.Mail
	}
	return made, err
}

// withdrawAll withdraws every invitation of a person.
func (a *App) withdrawAll(ctx context.Context, act *acting, person people.PersonID) error {
	open, err := act.TicketsOf(ctx, person, signin.ForInvitation, act.now)
	if err != nil {
		return err
	}
	for _, t := range open {
		if err := act.PutTicket(ctx, t.Withdraw(act.now)); err != nil {
			return err
		}
	}
	return nil
}

// InviteAgain makes a new invitation, in place of all old ones, for somebody who
// never signed in.
func (a *App) InviteAgain(ctx context.Context, who Who, library people.LibraryID, person people.PersonID, how How) (Invitation, error) {
	return a.inviteAnew(ctx, who, access.InvitePerson, library, person, how, func(ctx context.Context, act *acting) error {
		list, err := act.Credentials(ctx, person)
		if err == nil && len(list) > 0 {
			err = fault.Over("This person has accepted an invitation already.", "If they cannot get in any more, let them sign in anew.")
		}
		return err
	})
}

// ResetSignIn takes all ways in from somebody who cannot get in any more, and makes
// an invitation for them.
func (a *App) ResetSignIn(ctx context.Context, who Who, library people.LibraryID, person people.PersonID, how How) (Invitation, error) {
	return a.inviteAnew(ctx, who, access.ResetSignIn, library, person, how, func(ctx context.Context, act *acting) error {
		if err := act.DeleteCredentials(ctx, person, ""); err != nil {
			return err
		}
		return act.EndSessions(ctx, person, act.now)
	})
}

func (a *App) inviteAnew(ctx context.Context, who Who, kind access.Act, library people.LibraryID, person people.PersonID, how How, before func(context.Context, *acting) error) (made Invitation, err error) {
	err = a.do(ctx, who, kind, people.Installation, a.onPerson(library, person), func(ctx context.Context, act *acting) error {
		c, err := a.openAccount(ctx, act.Tx, person)
		if err != nil {
			return err
		}
		if c.hasLeft(act.now) {
			return hasLeftFault()
		}
		if err := checkHow(how, c.card.Mail); err != nil {
			return err
		}
		if err := before(ctx, act); err != nil {
			return err
		}
		if err := a.withdrawAll(ctx, act, person); err != nil {
			return err
		}
		made, err = a.invite(ctx, act, c, library, how, 0)
		return err
	})
	if err != nil {
		return Invitation{}, err
	}
	return made, nil
}

// WithdrawInvitation withdraws an invitation to a library by its id.
func (a *App) WithdrawInvitation(ctx context.Context, who Who, library people.LibraryID, id string) error {
	var t store.Ticket
	find := func(ctx context.Context, tx *store.Tx) (on target, err error) {
		if t, err = tx.Ticket(ctx, signin.Digest(id)); err != nil {
			return on, err
		}
		if t.Purpose != signin.ForInvitation || t.Library != library {
			return on, fault.Missing()
		}
		return a.onPerson(library, t.Person)(ctx, tx)
	}
	return a.do(ctx, who, access.WithdrawInvitation, people.Installation, find, func(ctx context.Context, act *acting) error {
		if _, err := t.Use(signin.ForInvitation, t.Digest, act.now); err != nil {
			return fault.Over("This invitation cannot be used any more.", "There is nothing to withdraw.").Because(err)
		}
		return act.PutTicket(ctx, t.Withdraw(act.now))
	})
}

// invited is an invitation that somebody has shown, and whose it is.
type invited struct {
	ticket  store.Ticket
	account account
}

// findInvitation finds an invitation by its secret: Missing if there is none,
// Closed if it cannot be used any more.
func (a *App) findInvitation(ctx context.Context, place netip.Addr, secret string) (invited, error) {
	if err := a.allowCode(place); err != nil {
		return invited{}, err
	}
	digest, err := secretDigest(signin.ForInvitation, secret)
	if err != nil {
		return invited{}, err
	}
	return a.readInvitation(ctx, digest)
}

func (a *App) readInvitation(ctx context.Context, digest signin.Digest) (found invited, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		found, err = a.openInvitation(ctx, tx, digest, a.now())
		return err
	})
	return found, err
}

func (a *App) openInvitation(ctx context.Context, tx *store.Tx, digest signin.Digest, now time.Time) (found invited, err error) {
	if found.ticket, err = tx.Ticket(ctx, digest); err != nil {
		return found, err
	}
	if _, err := found.ticket.Use(signin.ForInvitation, digest, now); err != nil {
		return found, err
	}
	if found.account, err = a.openAccount(ctx, tx, found.ticket.Person); err != nil {
		return found, err
	}
	if found.account.hasLeft(now) {
		return found, fault.Missing()
	}
	return found, nil
}

// ReadInvitation returns what an invitation shows to whoever has it.
func (a *App) ReadInvitation(ctx context.Context, place netip.Addr, secret string) (v InvitationView, err error) {
	found, err := a.findInvitation(ctx, place, secret)
	if err != nil {
		return v, err
	}
	v = InvitationView{Name: found.account.card.Name, Mail: found.account.card.Mail, Until: found.ticket.Until}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		return a.fillInvitation(ctx, tx, &v, found.ticket)
	})
	if err != nil {
		return InvitationView{}, err
	}
	v.Passkeys, v.NoPasskey, err = a.PasskeysWork(ctx)
	return v, err
}

func (a *App) fillInvitation(ctx context.Context, tx *store.Tx, v *InvitationView, t store.Ticket) error {
	roles, err := tx.MembershipsOf(ctx, t.Person)
	if err != nil {
		return err
	}
	for _, m := range roles {
		if m.Library == t.Library && !isPast(m, a.now()) {
			v.Roles = append(v.Roles, m)
		}
	}
	if t.Library != people.Installation {
		if v.Library, err = tx.Library(ctx, t.Library); err != nil {
			return err
		}
	}
	if t.By == "" {
		return nil
	}
	by, err := a.openAccount(ctx, tx, t.By)
	v.By = by.card.Name
	return unlessMissing(err)
}

// AcceptInvitation accepts an invitation with a password, and signs its person in.
// Refused if another account has the mail address: then its person signs in with
// that one and takes JoinInvitation.
func (a *App) AcceptInvitation(ctx context.Context, who Who, place netip.Addr, secret, password string) (SignedIn, error) {
	found, err := a.findInvitation(ctx, place, secret)
	if err != nil {
		return SignedIn{}, err
	}
	if found.account.card.Mail == "" {
		return SignedIn{}, fault.Refuse("A password needs a mail address to sign in with, and there is none in your account.",
			"Make a passkey, or ask whoever invited you to add your address.")
	}
	about, err := a.aboutWords(ctx, found.account)
	if err != nil {
		return SignedIn{}, err
	}
	if err := signin.CheckPassword(password, about...); err != nil {
		return SignedIn{}, err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	return a.accept(ctx, who, found, func(ctx context.Context, act *acting, c account) error {
		return a.replaceCredential(ctx, act, c.key, c.Person, credPassword, []byte(hash))
	})
}

// onInvitation finds the account of an invitation, for whoever has it. That it can
// still be used is found anew, in the transaction in which it is used.
func (a *App) onInvitation(shown invited) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		found, err := a.openInvitation(ctx, tx, shown.ticket.Digest, a.now())
		if err != nil {
			return target{}, err
		}
		t, err := a.onPerson(found.ticket.Library, found.ticket.Person)(ctx, tx)
		t.subject.Bearer = true
		return t, err
	}
}

// useInvitation uses an invitation up.
func useInvitation(ctx context.Context, act *acting, shown invited) error {
	used, err := shown.ticket.Use(signin.ForInvitation, shown.ticket.Digest, act.now)
	if err != nil {
		return err
	}
	return act.PutTicket(ctx, used)
}

// accept accepts an invitation with a way in, and signs its person in.
func (a *App) accept(ctx context.Context, who Who, shown invited, add func(context.Context, *acting, account) error) (in SignedIn, err error) {
	at, err := a.seatOf(ctx, shown.account.Person, who.Device)
	if err != nil {
		return SignedIn{}, err
	}
	err = a.do(ctx, who, access.AcceptInvitation, people.Installation, a.onInvitation(shown), func(ctx context.Context, act *acting) error {
		if err := useInvitation(ctx, act, shown); err != nil {
			return err
		}
		c, err := a.openAccount(ctx, act.Tx, shown.account.Person)
		if err != nil {
			return err
		}
		if err := a.claimMail(ctx, act.Tx, &c); err != nil {
			return err
		}
		if err := add(ctx, act, c); err != nil {
			return err
		}
		in, err = a.beginSession(ctx, act, c.Person, signin.ByInvite, at)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// JoinInvitation accepts an invitation with the account of whoever is signed in:
// the roles that it was for become theirs.
func (a *App) JoinInvitation(ctx context.Context, who Who, place netip.Addr, secret string) error {
	if who.Person == "" {
		return signInFirst()
	}
	shown, err := a.findInvitation(ctx, place, secret)
	if err != nil {
		return err
	}
	if shown.account.Person == who.Person {
		return fault.Over("This is your own account, and you are signed in.", "There is nothing to accept.")
	}
	return a.do(ctx, who, access.AcceptInvitation, people.Installation, a.onInvitation(shown), func(ctx context.Context, act *acting) error {
		if err := useInvitation(ctx, act, shown); err != nil {
			return err
		}
		list, err := act.Credentials(ctx, shown.account.Person)
		if err == nil && len(list) > 0 {
			err = fault.Refuse("Somebody signs in with that account already.", "Ask whoever invited you for a new invitation.")
		}
		if err != nil {
			return err
		}
		mine, err := a.openAccount(ctx, act.Tx, who.Person)
		if err != nil {
			return err
		}
		return a.mergeAccount(ctx, act, shown.account, mine)
	})
}

// mergeAccount gives the roles of an account that was never used to another one of
// the same person, and has it forgotten.
func (a *App) mergeAccount(ctx context.Context, act *acting, from, to account) error {
	roles, err := act.MembershipsOf(ctx, from.Person)
	if err != nil {
		return err
	}
	for _, m := range roles {
		if isPast(m, act.now) {
			continue
		}
		if err := a.moveRole(ctx, act, m, to); err != nil {
			return err
		}
	}
	row := from.Account
	row.Left, row.Sealed = act.now, nil
	row.Version++
	if err := act.DropPseudonyms(ctx, from.Person); err != nil {
		return err
	}
	return a.shutOut(ctx, act, row, act.now)
}

func (a *App) moveRole(ctx context.Context, act *acting, m people.Membership, to account) error {
	name, err := a.pseudonym(ctx, act.Tx, m.Person, m.Library)
	if err != nil {
		return err
	}
	if err := act.EndMembership(ctx, m.End(act.now)); err != nil {
		return err
	}
	if m.ID, err = newID[people.MembershipID](a, act.now); err != nil {
		return err
	}
	m.Person = to.Person
	if err := giveRole(ctx, act, m); err != nil && fault.KindOf(err) != fault.Conflict { // who has it already keeps it
		return err
	}
	known, err := a.pseudonym(ctx, act.Tx, to.Person, m.Library)
	if err != nil || known != "" || name == "" {
		return err
	}
	return a.keepPseudonym(ctx, act.Tx, to.key, to.Person, m.Library, name)
}
