package app

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/playbook/resolve"
)

// Branch is one branch of a library.
type Branch = store.Branch

// PhoneLine is a number that the desk calls.
type PhoneLine = store.PhoneLine

// BranchForm is what is typed about a branch.
type BranchForm struct {
	Name      string
	Prefix    string // what its desk dials first for an outside line
	Phone     string // the desk's own number
	Emergency string // the sentence about emergency calls, "" for the usual one
	TimeZone  string // of the IANA database
}

func (f BranchForm) tidied() BranchForm {
	return BranchForm{strings.TrimSpace(f.Name), strings.TrimSpace(f.Prefix), strings.TrimSpace(f.Phone), strings.TrimSpace(f.Emergency), strings.TrimSpace(f.TimeZone)}
}

// check returns an Invalid fault for the fields "name", "prefix", "phone",
// "emergency", "zone".
func (f BranchForm) check() error {
	var problems fault.Fields
	addLine(&problems, "name", f.Name, 1, 100)
	if len(f.Prefix) > 8 || strings.Trim(f.Prefix, "0123456789*#") != "" {
		problems.Add("prefix", "Write what is dialled first, such as 9, or leave this empty.")
	}
	if f.Phone != "" && !isPhone(f.Phone) {
		problems.Add("phone", "Write a telephone number, or leave this empty.")
	}
	addLine(&problems, "emergency", f.Emergency, 0, 200)
	if !isZone(f.TimeZone) {
		problems.Add("zone", "Choose a time zone.")
	}
	return problems.Err()
}

// branch returns a branch as the form says.
func (f BranchForm) branch(b Branch) Branch {
	b.Name, b.Prefix, b.Phone, b.Emergency, b.TimeZone = f.Name, f.Prefix, f.Phone, f.Emergency, f.TimeZone
	return b
}

// isPhone reports whether text is a telephone number as people write it.
func isPhone(text string) bool {
	return len(text) <= 40 && strings.ContainsAny(text, "0123456789") && strings.Trim(text, "0123456789 +-./()*#,x") == ""
}

// isWebsite reports whether text is the address of a page.
func isWebsite(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= 500 && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && isHost(strings.ToLower(u.Hostname()))
}

// Branches lists the branches of a library in their order, those that were closed
// last.
func (a *App) Branches(ctx context.Context, who Who, library people.LibraryID) (list []Branch, err error) {
	err = a.look(ctx, who, access.KnowLibrary, library, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		list, err = tx.Branches(ctx)
		return err
	})
	return list, err
}

// Branch returns a branch of a library.
func (a *App) Branch(ctx context.Context, who Who, library people.LibraryID, id people.BranchID) (b Branch, err error) {
	err = a.look(ctx, who, access.KnowLibrary, library, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		b, err = tx.Branch(ctx, id)
		return err
	})
	return b, err
}

// changeBranches is the act by which branches are changed.
func (a *App) changeBranches(ctx context.Context, who Who, library people.LibraryID, rule func(context.Context, *acting) error) error {
	return a.do(ctx, who, access.ChangeBranches, library, onLibrary(library, access.Library), func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		return rule(ctx, act)
	})
}

// AddBranch adds a branch to a library.
func (a *App) AddBranch(ctx context.Context, who Who, library people.LibraryID, form BranchForm) (people.BranchID, error) {
	form = form.tidied()
	id, err := newID[people.BranchID](a, a.now())
	if err != nil {
		return "", err
	}
	err = a.changeBranches(ctx, who, library, func(ctx context.Context, act *acting) error {
		list, err := form.fit(ctx, act, "")
		if err != nil {
			return err
		}
		act.object = string(id)
		return act.AddBranch(ctx, form.branch(Branch{ID: id, Position: len(list)}))
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// fit returns the library's branches, if the form can be one beside them.
func (f BranchForm) fit(ctx context.Context, act *acting, id people.BranchID) ([]Branch, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	list, err := act.Branches(ctx)
	if err != nil {
		return nil, err
	}
	var problems fault.Fields
	if slices.ContainsFunc(list, func(b Branch) bool { return b.ID != id && b.Closed.IsZero() && strings.EqualFold(b.Name, f.Name) }) {
		problems.Add("name", "There is a branch of this name already. Choose another name.")
	}
	return list, problems.Err()
}

// ChangeBranch changes a branch.
func (a *App) ChangeBranch(ctx context.Context, who Who, library people.LibraryID, id people.BranchID, form BranchForm) error {
	form = form.tidied()
	return a.changeBranches(ctx, who, library, func(ctx context.Context, act *acting) error {
		b, err := act.Branch(ctx, id)
		if err != nil {
			return err
		}
		if _, err := form.fit(ctx, act, id); err != nil {
			return err
		}
		act.object = string(id)
		return act.PutBranch(ctx, form.branch(b))
	})
}

// CloseBranch closes a branch for good. Its cases stay. Refused while devices stand
// there, and for the last one.
func (a *App) CloseBranch(ctx context.Context, who Who, library people.LibraryID, id people.BranchID) error {
	devices, err := a.devicesAt(ctx, library, id)
	if err != nil {
		return err
	}
	return a.changeBranches(ctx, who, library, func(ctx context.Context, act *acting) error {
		list, err := act.Branches(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(b Branch) bool { return b.ID == id })
		switch {
		case i < 0:
			return fault.Missing()
		case !list[i].Closed.IsZero():
			return fault.Over("This branch is closed already.", "Look at the list of branches.")
		case len(list) == 1 || !list[1].Closed.IsZero():
			return fault.Refuse("This is the only branch.", "Add another one first.")
		case devices > 0:
			return fault.Refuse("There are devices enrolled at this branch.", "Revoke them first, then close the branch.")
		}
		list[i].Closed = act.now
		act.object = string(id)
		return act.PutBranch(ctx, list[i])
	})
}

// devicesAt counts the devices that work at a branch.
func (a *App) devicesAt(ctx context.Context, library people.LibraryID, branch people.BranchID) (n int, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		devices, err := tx.Devices(ctx, library)
		for _, d := range devices {
			if d.Branch == branch && d.Works(a.now()) {
				n++
			}
		}
		return err
	})
	return n, err
}

// PhoneLineForm is what is typed about a number.
type PhoneLineForm struct {
	Branch people.BranchID // "" for all branches
	Line   string          // a role, or an outside line (OutsideLines)
	Label  string          // whose it is, in words; no person's name
	Number string
}

// OutsideLines lists the lines beside the roles that playbooks may call.
func OutsideLines() []string { return slices.Clone(resolve.Lines) }

func (f PhoneLineForm) check() error {
	var problems fault.Fields
	if !people.Role(f.Line).IsRole() && !slices.Contains(resolve.Lines, f.Line) {
		problems.Add("line", "Choose whom this number is for.")
	}
	addLine(&problems, "label", f.Label, 0, 60)
	if !isPhone(f.Number) {
		problems.Add("number", "Write a telephone number.")
	}
	return problems.Err()
}

// PhoneLines lists the numbers of a library in their order.
func (a *App) PhoneLines(ctx context.Context, who Who, library people.LibraryID) (list []PhoneLine, err error) {
	err = a.look(ctx, who, access.SeePhoneTree, library, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		list, err = tx.PhoneLines(ctx)
		return err
	})
	return list, err
}

// onTree finds the phone tree of a branch, or that of all branches.
func onTree(branch people.BranchID) finder {
	if branch != "" {
		return onBranch(branch)
	}
	return func(_ context.Context, tx *store.Tx) (target, error) {
		return target{subject: access.Subject{Kind: access.Branch, Library: tx.Tenant()}}, nil
	}
}

// AddPhoneLine adds a number to the phone tree, after the others.
func (a *App) AddPhoneLine(ctx context.Context, who Who, library people.LibraryID, form PhoneLineForm) (string, error) {
	form.Label, form.Number = strings.TrimSpace(form.Label), strings.TrimSpace(form.Number)
	id, err := newID[string](a, a.now())
	if err != nil {
		return "", err
	}
	err = a.do(ctx, who, access.EditPhoneTree, library, onTree(form.Branch), func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		if err := form.check(); err != nil {
			return err
		}
		list, err := act.PhoneLines(ctx)
		if err != nil {
			return err
		}
		next := 0
		for _, l := range list {
			if l.Branch == form.Branch && l.Line == form.Line && l.Number == form.Number {
				return fault.Clash("This number is there already.", "Look at the phone tree again.")
			}
			next = max(next, l.Position+1)
		}
		return act.AddPhoneLine(ctx, PhoneLine{ID: id, Branch: form.Branch, Line: form.Line, Label: form.Label, Number: form.Number, Position: next})
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// DeletePhoneLine takes a number out of the phone tree.
func (a *App) DeletePhoneLine(ctx context.Context, who Who, library people.LibraryID, id string) error {
	find := func(ctx context.Context, tx *store.Tx) (target, error) {
		l, err := tx.PhoneLine(ctx, id)
		if err != nil {
			return target{}, err
		}
		return onTree(l.Branch)(ctx, tx)
	}
	return a.do(ctx, who, access.EditPhoneTree, library, find, func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		return act.DeletePhoneLine(ctx, id)
	})
}

// DutyForm says who is in charge at a branch from now on.
type DutyForm struct {
	Branch people.BranchID
	Person people.PersonID
	Until  time.Time // zero for the usual time
}

// How long somebody is in charge at once.
const (
	usualDuty = 12 * time.Hour
	maxDuty   = 24 * time.Hour
)

// OnDuty is who is in charge at a branch now.
type OnDuty struct {
	ID        string
	Branch    people.BranchID
	Role      people.Role
	Person    people.PersonID
	Name      string
	Initials  string
	Pseudonym people.Pseudonym
	From      time.Time
	Until     time.Time
}

// leads reports whether somebody's memberships let them be in charge at a branch.
func leads(all []people.Membership, library people.LibraryID, branch people.BranchID, now time.Time) bool {
	return slices.ContainsFunc(all, func(m people.Membership) bool {
		return (m.Role == people.InCharge || m.Role == people.Director) && m.Covers(library, branch) && m.Holds(now)
	})
}

// SetDuty says who is in charge at a branch from now on, in place of whoever was.
func (a *App) SetDuty(ctx context.Context, who Who, library people.LibraryID, form DutyForm) (string, error) {
	now := a.now()
	id, err := newID[string](a, now)
	if err != nil {
		return "", err
	}
	name, mayLead, err := a.dutyOf(ctx, library, form, now)
	if err != nil {
		return "", err
	}
	err = a.do(ctx, who, access.SetDuty, library, onBranch(form.Branch), func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPeople}
		d, err := form.duty(id, name, mayLead, act.now)
		if err != nil {
			return err
		}
		current, err := act.Duties(ctx, act.now)
		if err != nil {
			return err
		}
		for _, old := range current {
			if old.Branch == d.Branch && old.Role == d.Role {
				if err := act.EndDuty(ctx, old.ID, act.now); err != nil {
					return err
				}
			}
		}
		return act.AddDuty(ctx, d)
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// dutyOf returns under which name somebody stands at a library, and whether they
// may be in charge at the branch. Somebody who is not there may not.
func (a *App) dutyOf(ctx context.Context, library people.LibraryID, form DutyForm, now time.Time) (name people.Pseudonym, mayLead bool, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		all, err := tx.MembershipsOf(ctx, form.Person)
		if err != nil {
			return err
		}
		if mayLead = leads(all, library, form.Branch, now); !mayLead {
			return nil
		}
		name, err = a.pseudonym(ctx, tx, form.Person, library)
		return err
	})
	return name, mayLead && name != "", err
}

func (f DutyForm) duty(id string, name people.Pseudonym, mayLead bool, now time.Time) (store.Duty, error) {
	until := f.Until.UTC().Truncate(time.Millisecond)
	if f.Until.IsZero() {
		until = now.Add(usualDuty)
	}
	var problems fault.Fields
	if !mayLead {
		problems.Add("person", "Choose somebody who may be in charge at this branch.")
	}
	if !until.After(now) || until.After(now.Add(maxDuty)) {
		problems.Add("until", "Choose a time within a day from now.")
	}
	return store.Duty{ID: id, Branch: f.Branch, Role: people.InCharge, Pseudonym: name, From: now, Until: until}, problems.Err()
}

// EndDuty ends a time on duty.
func (a *App) EndDuty(ctx context.Context, who Who, library people.LibraryID, id string) error {
	var d store.Duty
	find := func(ctx context.Context, tx *store.Tx) (t target, err error) {
		if d, err = tx.Duty(ctx, id); err != nil {
			return t, err
		}
		return onBranch(d.Branch)(ctx, tx)
	}
	return a.do(ctx, who, access.SetDuty, library, find, func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPeople}
		if !d.Until.After(act.now) {
			return fault.Over("This time on duty has ended already.", "Look at the page again.")
		}
		return act.EndDuty(ctx, id, act.now)
	})
}

// InCharge lists who is in charge at a branch now. Whoever may see the desk sees
// the name: it is whom they call.
func (a *App) InCharge(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID) (list []OnDuty, err error) {
	var duties []store.Duty
	err = a.look(ctx, who, access.SeeDesk, library, onBranch(branch), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		duties, err = tx.Duties(ctx, now)
		duties = slices.DeleteFunc(duties, func(d store.Duty) bool { return d.Branch != branch })
		return err
	})
	if err != nil || len(duties) == 0 {
		return nil, err
	}
	now := a.now()
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		named, err := a.names(ctx, tx, library)
		if err != nil {
			return err
		}
		for _, d := range duties {
			p, known := named[d.Pseudonym]
			all, err := tx.MembershipsOf(ctx, p.ID)
			if err != nil {
				return err
			}
			if !known || p.HasLeft(now) || !leads(all, library, branch, now) { // the role has ended meanwhile
				continue
			}
			list = append(list, OnDuty{d.ID, d.Branch, d.Role, p.ID, p.Name, p.Initials, d.Pseudonym, d.From, d.Until})
		}
		return nil
	})
	return list, err
}
