package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// RoleForm is what is typed about a role that is given.
type RoleForm struct {
	Role    people.Role
	Branch  people.BranchID // "" for all branches
	Outside bool
	Until   time.Time // zero while no end is set
}

// Account is a person's page.
type Account struct {
	Person
	Made        time.Time
	Invitations []InvitationRow
	Ways        Ways
	// What whoever looks at it may do; the act itself asks again.
	MayChange, MayInvite, MayReset, MayGive, MayGiveTrusted, MayRemove, MaySeeSessions, MayEndSessions bool
	// MayEnd says of which roles the end may be set.
	MayEnd map[people.MembershipID]bool
}

// forgetAfter is how long somebody who left is still known by name.
const forgetAfter = 30 * 24 * time.Hour

// Directory lists who works at a library, by name, those who left last.
func (a *App) Directory(ctx context.Context, who Who, library people.LibraryID) (list []Person, err error) {
	err = a.look(ctx, who, access.SeePeople, people.Installation, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		if list, err = a.peopleOf(ctx, tx, library, now); err != nil {
			return err
		}
		for i := range list {
			list[i].hidePseudonym(who, library, now)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// hidePseudonym takes the pseudonym out unless whoever asks may know it.
func (p *Person) hidePseudonym(who Who, library people.LibraryID, now time.Time) {
	on := access.Subject{Kind: access.Person, Library: library, Class: access.Plain, Account: p.ID}
	if !may(who, access.NamePseudonym, on, now) {
		p.Pseudonym = ""
	}
}

// peopleOf lists the people of a library: those who have a role there, or had one
// not long ago.
func (a *App) peopleOf(ctx context.Context, tx *store.Tx, library people.LibraryID, now time.Time) (list []Person, err error) {
	memberships, err := tx.MembershipsAt(ctx, library)
	if err != nil {
		return nil, err
	}
	roles := map[people.PersonID][]people.Membership{}
	for _, m := range memberships {
		if !isPast(m, now.Add(-forgetAfter)) {
			roles[m.Person] = append(roles[m.Person], m)
		}
	}
	accounts, err := tx.Accounts(ctx, library)
	if err != nil {
		return nil, err
	}
	for _, row := range accounts {
		if held, here := roles[row.Person]; here {
			p, err := a.personAt(ctx, tx, row, library, held, now)
			if err != nil {
				return nil, err
			}
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(x, y Person) int {
		return cmp.Or(boolOrder(!x.Left.IsZero(), !y.Left.IsZero()), strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)))
	})
	return list, nil
}

func boolOrder(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// personAt is somebody as a library sees them.
func (a *App) personAt(ctx context.Context, tx *store.Tx, row store.Account, library people.LibraryID, held []people.Membership, now time.Time) (Person, error) {
	p := Person{Person: people.Person{ID: row.Person, Left: row.Left}}
	c, err := a.openAccountRow(ctx, row)
	if err != nil {
		p.Forgotten = true
		return p, unlessMissing(err)
	}
	p.Person = c.person()
	for _, m := range held {
		if !isPast(m, now) {
			p.Roles = append(p.Roles, m)
		}
	}
	if p.Pseudonym, err = a.pseudonym(ctx, tx, row.Person, library); err != nil {
		return p, err
	}
	r, err := reachOf(ctx, tx, row.Person, now)
	p.Invited = slices.ContainsFunc(r.invited, func(t store.Ticket) bool { return t.Library == library })
	return p, err
}

// Account returns the page of somebody at a library.
func (a *App) Account(ctx context.Context, who Who, library people.LibraryID, person people.PersonID) (Account, error) {
	return a.readAccount(ctx, who, library, a.onPerson(library, person), person)
}

// MyAccount returns the page of whoever asks.
func (a *App) MyAccount(ctx context.Context, who Who) (Account, error) {
	return a.readAccount(ctx, who, cmp.Or(who.Library, people.Installation), a.onSelf(who), who.Person)
}

func (a *App) readAccount(ctx context.Context, who Who, library people.LibraryID, find finder, person people.PersonID) (view Account, err error) {
	var on access.Subject
	found := func(ctx context.Context, tx *store.Tx) (target, error) {
		t, err := find(ctx, tx)
		on = t.subject
		return t, err
	}
	err = a.look(ctx, who, access.ReadAccount, people.Installation, found, func(ctx context.Context, tx *store.Tx, now time.Time) error {
		row, err := tx.Account(ctx, person)
		if err != nil {
			return err
		}
		r, err := reachOf(ctx, tx, person, now)
		if err != nil {
			return err
		}
		held := slices.DeleteFunc(slices.Clone(r.memberships), func(m people.Membership) bool { return m.Library != library })
		if view.Person, err = a.personAt(ctx, tx, row, library, held, now); err != nil {
			return err
		}
		view.Made = row.Made
		view.Person.hidePseudonym(who, library, now)
		view.Invitations = invitationRows(r, library)
		view.allow(who, on, now)
		if view.Forgotten {
			return nil
		}
		c, err := a.openAccountRow(ctx, row)
		if err != nil {
			return err
		}
		view.Ways, err = a.ways(ctx, tx, c)
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return view, nil
}

func invitationRows(r reach, library people.LibraryID) (rows []InvitationRow) {
	for _, t := range r.invited {
		if t.Library == library {
			row := InvitationRow{ID: string(t.Digest), Made: t.Made, Until: t.Until, Slip: string(t.Content) == string(OnSlip)}
			if l, ok := readLetter(t); ok {
				row.Letter = l.state()
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// allow says what whoever looks at an account may do with it.
func (v *Account) allow(who Who, on access.Subject, now time.Time) {
	gone := !v.Left.IsZero()
	may := func(act access.Act) bool { return !gone && may(who, act, on, now) }
	v.MayChange, v.MayReset, v.MayRemove = may(access.ChangeAccount), may(access.ResetSignIn), may(access.RemovePerson)
	v.MayInvite, v.MaySeeSessions, v.MayEndSessions = may(access.InvitePerson), may(access.SeeSessions), may(access.EndSessions)
	role := func(act access.Act, class access.Class) bool {
		on.Class = class
		return may(act)
	}
	v.MayGive, v.MayGiveTrusted = role(access.GiveRole, access.Plain), role(access.GiveRole, access.Trusted)
	v.MayEnd = map[people.MembershipID]bool{}
	for _, m := range v.Roles {
		v.MayEnd[m.ID] = role(access.EndRole, access.ClassOfRole(m.Role))
	}
}

// ChangeAccount changes name, initials and mail address of somebody at a library,
// or of whoever asks.
func (a *App) ChangeAccount(ctx context.Context, who Who, library people.LibraryID, person people.PersonID, form PersonForm) error {
	form = form.tidied()
	find := a.onPerson(library, person)
	if person == who.Person {
		find = a.onSelf(who)
	}
	return a.do(ctx, who, access.ChangeAccount, people.Installation, find, func(ctx context.Context, act *acting) error {
		if err := form.check(); err != nil {
			return err
		}
		c, err := a.openAccount(ctx, act.Tx, person)
		if err != nil {
			return err
		}
		if c.hasLeft(act.now) {
			return hasLeftFault()
		}
		if err := a.nobodyLike(ctx, act, library, person, form); err != nil {
			return err
		}
		if form.Mail != c.card.Mail {
			if err := a.changeMail(ctx, act, &c, form.Mail); err != nil {
				return err
			}
		}
		c.card.Name, c.card.Initials, c.card.Mail = form.Name, form.Initials, form.Mail
		if err := a.sealAccount(&c); err != nil {
			return err
		}
		return act.PutAccount(ctx, c.Account)
	})
}

func hasLeftFault() error {
	return fault.Over("This person has left.", "Invite them anew if they have come back.")
}

// changeMail changes by which address somebody signs in, if they have accepted
// their invitation.
func (a *App) changeMail(ctx context.Context, act *acting, c *account, mail string) error {
	list, err := act.Credentials(ctx, c.Person)
	if err != nil || len(list) == 0 {
		return err
	}
	if countWaysIn(list, mail) == 0 && countWaysIn(list, c.card.Mail) > 0 {
		return fault.Refuse("Without a mail address there would be no way to sign in.", "Add another way first.")
	}
	if err := a.allow(addressOfAccount, string(c.Person)); err != nil {
		return err
	}
	tag, err := a.mailTag(mail)
	if err != nil {
		return err
	}
	if tag != "" && tag != c.MailTag {
		switch _, err := act.AccountByMail(ctx, tag); {
		case err == nil:
			return mailFault("This address cannot be used here. Choose another one.")
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
	}
	c.MailTag = tag
	return nil
}

func mailFault(words string) error {
	var f fault.Fields
	f.Add("mail", words)
	return f.Err()
}

// nobodyLike returns an Invalid fault if somebody else at the library has the same
// address, or cannot be told apart.
func (a *App) nobodyLike(ctx context.Context, act *acting, library people.LibraryID, person people.PersonID, f PersonForm) error {
	list, err := a.peopleOf(ctx, act.Tx, library, act.now)
	if err != nil {
		return err
	}
	var problems fault.Fields
	for _, p := range list {
		switch {
		case p.ID == person || !p.Left.IsZero() || p.Forgotten:
		case f.Mail != "" && normalMail(p.Mail) == normalMail(f.Mail):
			problems.Add("mail", "Somebody here has this address already. Look at the list of people.")
		case strings.EqualFold(p.Name, f.Name) && strings.EqualFold(p.Initials, f.Initials):
			problems.Add("initials", "Somebody here has the same name and initials. Choose other initials, so that they can be told apart.")
		}
	}
	return problems.Err()
}

// isBranch reports whether a library has a branch that is open. It is asked before
// a transaction of the installation begins, since that must wait for no other.
func (a *App) isBranch(ctx context.Context, library people.LibraryID, branch people.BranchID) (bool, error) {
	if branch == "" {
		return true, nil
	}
	if library == people.Installation {
		return false, nil
	}
	err := a.store.Read(ctx, library, func(tx *store.Tx) error {
		b, err := tx.Branch(ctx, branch)
		if err == nil && !b.Closed.IsZero() {
			err = fault.Missing()
		}
		return err
	})
	return err == nil, unlessMissing(err)
}

// membership is the role that a form gives to somebody.
func (f RoleForm) membership(id people.MembershipID, person people.PersonID, library people.LibraryID, now time.Time) people.Membership {
	return people.Membership{ID: id, Person: person, Library: library, Branch: f.Branch, Role: f.Role, Outside: f.Outside, From: now, Until: f.Until}
}

func checkRole(m people.Membership, branchThere bool) error {
	var f fault.Fields
	if !branchThere {
		f.Add("branch", "Choose one of the branches.")
	}
	return mergeFields(formPart{"", m.Check()}, formPart{"", f.Err()})
}

// giveRole adds a membership, if it goes together with the others of its person.
func giveRole(ctx context.Context, act *acting, m people.Membership) error {
	all, err := act.MembershipsOf(ctx, m.Person)
	if err != nil {
		return err
	}
	for _, other := range all {
		if !isPast(other, act.now) && other.Library == m.Library && other.Branch == m.Branch && other.Role == m.Role {
			return fault.Clash("This person has that role already.", "To change when it ends, end it, then give it again.")
		}
	}
	if err := people.CheckTogether(append(all, m), act.now); err != nil {
		return err
	}
	return act.AddMembership(ctx, m)
}

// GiveRole gives a role to somebody at a library.
func (a *App) GiveRole(ctx context.Context, who Who, library people.LibraryID, person people.PersonID, form RoleForm) (people.MembershipID, error) {
	there, err := a.isBranch(ctx, library, form.Branch)
	if err != nil {
		return "", err
	}
	id, err := newID[people.MembershipID](a, a.now())
	if err != nil {
		return "", err
	}
	err = a.do(ctx, who, access.GiveRole, people.Installation, a.onRole(library, person, form.Role), func(ctx context.Context, act *acting) error {
		m := form.membership(id, person, library, act.now)
		if err := checkRole(m, there); err != nil {
			return err
		}
		c, err := a.openAccount(ctx, act.Tx, person)
		if err != nil {
			return err
		}
		if c.hasLeft(act.now) {
			return hasLeftFault()
		}
		if _, err := a.addPseudonym(ctx, act.Tx, c.key, person, library); err != nil {
			return err
		}
		return giveRole(ctx, act, m)
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// EndRole ends a role at a library, of somebody else or one's own.
func (a *App) EndRole(ctx context.Context, who Who, library people.LibraryID, id people.MembershipID) error {
	var m people.Membership
	find := func(ctx context.Context, tx *store.Tx) (t target, err error) {
		if m, err = tx.Membership(ctx, id); err != nil {
			return t, err
		}
		if m.Library != library {
			return t, fault.Missing()
		}
		return a.onRole(library, m.Person, m.Role)(ctx, tx)
	}
	return a.do(ctx, who, access.EndRole, people.Installation, find, func(ctx context.Context, act *acting) error {
		if isPast(m, act.now) {
			return fault.Over("This role has ended already.", "Look at the page again.")
		}
		return endRoles(ctx, act, library, func(other people.Membership) bool { return other.ID == id })
	})
}

// endRoles ends roles at a library, unless too few people would be left to run it.
func endRoles(ctx context.Context, act *acting, library people.LibraryID, which func(people.Membership) bool) error {
	all, err := act.MembershipsAt(ctx, library)
	if err != nil {
		return err
	}
	var ended []people.Membership
	for i, m := range all {
		if which(m) && !isPast(m, act.now) {
			all[i] = m.End(act.now)
			ended = append(ended, all[i])
		}
	}
	if err := checkEnough(all, ended, library, act.now); err != nil {
		return err
	}
	for _, m := range ended {
		if err := act.EndMembership(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// checkEnough refuses to end roles if nobody would be left in one. Roles that
// matter not for that may end also where something is missing already.
func checkEnough(all, ended []people.Membership, library people.LibraryID, now time.Time) error {
	for _, m := range ended {
		if m.Role == people.Director || m.Role == people.Admin {
			return people.CheckEnough(all, library, now)
		}
	}
	return nil
}

// RemovePerson keeps that somebody has left: their sessions and roles end, they
// cannot sign in, and after 30 days it is forgotten who they were.
func (a *App) RemovePerson(ctx context.Context, who Who, library people.LibraryID, person people.PersonID) error {
	return a.do(ctx, who, access.RemovePerson, people.Installation, a.onPerson(library, person), func(ctx context.Context, act *acting) error {
		c, err := a.openAccount(ctx, act.Tx, person)
		if err != nil {
			return err
		}
		if c.hasLeft(act.now) {
			return fault.Over("This person has left already.", "Look at the list of people.")
		}
		if err := endRoles(ctx, act, library, func(m people.Membership) bool { return m.Person == person }); err != nil {
			return err
		}
		c.Left = act.now
		return a.shutOut(ctx, act, c.Account, act.now.Add(forgetAfter))
	})
}

// shutOut takes every way in from somebody who has left, and has them forgotten
// at a time.
func (a *App) shutOut(ctx context.Context, act *acting, row store.Account, forget time.Time) error {
	row.MailTag = ""
	if err := act.PutAccount(ctx, row); err != nil {
		return err
	}
	if err := a.withdrawAll(ctx, act, row.Person); err != nil {
		return err
	}
	if err := act.DeleteCredentials(ctx, row.Person, ""); err != nil {
		return err
	}
	if err := act.DropAlertWays(ctx, row.Person); err != nil {
		return err
	}
	if err := act.EndSessions(ctx, row.Person, act.now); err != nil {
		return err
	}
	id, err := newID[string](a, act.now)
	if err != nil {
		return err
	}
	return act.AddJob(ctx, store.Job{ID: id, Kind: jobForget, Subject: string(row.Person), Due: forget})
}

const (
	jobForget = "forget-person"
	// forgottenKind is the kind of the entry that a person was forgotten. It names
	// nobody.
	forgottenKind ledger.Kind = "person-forgotten"
)

func init() { jobKinds[jobForget] = (*App).forgetPerson }

// forgetPerson destroys the key of somebody who has left, and then what it sealed:
// from then on nothing leads from a pseudonym to a name.
func (a *App) forgetPerson(ctx context.Context, _ people.LibraryID, job store.Job) error {
	person := people.PersonID(job.Subject)
	var row store.Account
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		row, err = tx.Account(ctx, person)
		return err
	})
	if err != nil || row.Left.IsZero() {
		return unlessMissing(err)
	}
	err = a.ring.Destroy(ctx, keyring.Slot{Kind: keyring.Case, Library: string(people.Installation), ID: string(person)})
	if err != nil {
		return ringFault(err)
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		done, err := emptyAccount(ctx, tx, person)
		if err != nil || !done {
			return err
		}
		return a.enter(ctx, tx, forgottenKind, &acting{now: a.now(), id: id, contents: []byte("R10, 1")})
	})
	if err != nil {
		return err
	}
	return a.store.Tidy(ctx, people.Installation)
}

// emptyAccount deletes what was sealed under a person's key. It reports whether
// there was anything.
func emptyAccount(ctx context.Context, tx *store.Tx, person people.PersonID) (bool, error) {
	row, err := tx.Account(ctx, person)
	if err != nil || len(row.Sealed) == 0 {
		return false, err
	}
	row.Sealed, row.MailTag = nil, ""
	row.Version++
	return true, errors.Join(tx.PutAccount(ctx, row), tx.DropPseudonyms(ctx, person), tx.DeleteCredentials(ctx, person, ""), tx.DropAlertWays(ctx, person))
}

// NamePseudonym returns whose pseudonym of a library it is. It is an act with an
// entry, although it only reads.
func (a *App) NamePseudonym(ctx context.Context, who Who, library people.LibraryID, pseudonym people.Pseudonym) (p Person, err error) {
	var id people.PersonID
	find := func(ctx context.Context, tx *store.Tx) (target, error) {
		named, err := a.names(ctx, tx, library)
		if err != nil {
			return target{}, err
		}
		found, ok := named[pseudonym]
		if !ok {
			return target{}, fault.Missing()
		}
		id = found.ID
		t, err := a.onPerson(library, id)(ctx, tx)
		t.object = string(pseudonym)
		return t, err
	}
	err = a.do(ctx, who, access.NamePseudonym, people.Installation, find, func(ctx context.Context, act *acting) error {
		row, err := act.Account(ctx, id)
		if err != nil {
			return err
		}
		held, err := act.MembershipsOf(ctx, id)
		if err != nil {
			return err
		}
		held = slices.DeleteFunc(held, func(m people.Membership) bool { return m.Library != library })
		p, err = a.personAt(ctx, act.Tx, row, library, held, act.now)
		return err
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}
