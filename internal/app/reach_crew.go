package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// crew is what a library knows of its people for its alerts: under which pseudonym
// they hold which role, and by which channels they can be reached. It holds no
// address and no name. It is made of what the installation has, whenever that
// changes, since an alert must not wait for two transactions at once.
type crew struct {
	// As is how many entries the installation's log had when it was made: what was made
	// of an older state never takes the place of a newer one.
	As     int64        `json:"as"`
	People []crewMember `json:"people,omitempty"` // by pseudonym
}

type crewMember struct {
	Person   people.Pseudonym `json:"person"`
	Channels []notify.Channel `json:"channels,omitempty"`
	Roles    []crewRole       `json:"roles,omitempty"`
}

type crewRole struct {
	Role   people.Role     `json:"role"`
	Branch people.BranchID `json:"branch,omitempty"` // "" for all
	From   int64           `json:"from"`             // milliseconds
	Until  int64           `json:"until,omitempty"`  // 0 while no end is set
}

func crewOf(ctx context.Context, tx *store.Tx) (c crew, err error) {
	content, err := tx.Plan(ctx, store.PlanReach)
	if err != nil || content == nil {
		return c, err
	}
	if json.Unmarshal(content, &c) != nil {
		return c, fault.Broken(errors.New("who can be reached is not in the form in which it was written"))
	}
	return c, nil
}

// covers reports whether whoever has the role may be on duty for another one at a
// branch. A director may stand in for whoever is in charge.
func (r crewRole) covers(role people.Role, branch people.BranchID) bool {
	return (r.Role == role || r.Role == people.Director && role == people.InCharge) && (r.Branch == "" || r.Branch == branch)
}

func (r crewRole) holds(now time.Time) bool {
	return r.From <= now.UnixMilli() && (r.Until == 0 || now.UnixMilli() < r.Until)
}

// isPast reports whether the role has ended.
func (r crewRole) isPast(now time.Time) bool { return r.Until != 0 && r.Until <= now.UnixMilli() }

// member finds somebody.
func (c crew) member(person people.Pseudonym) (crewMember, bool) {
	i, ok := slices.BinarySearchFunc(c.People, person, func(m crewMember, p people.Pseudonym) int { return cmp.Compare(m.Person, p) })
	if !ok {
		return crewMember{}, false
	}
	return c.People[i], true
}

// serves reports whether somebody may be on duty for a role at a branch now.
func (c crew) serves(person people.Pseudonym, role people.Role, branch people.BranchID, now time.Time) bool {
	m, _ := c.member(person)
	return slices.ContainsFunc(m.Roles, func(r crewRole) bool { return r.covers(role, branch) && r.holds(now) })
}

// holding returns the shifts of a plan as far as whoever has them holds the role, or
// will.
func (c crew) holding(p *notify.Plan, now time.Time) (list []notify.Shift) {
	for _, s := range p.Shifts {
		m, _ := c.member(s.Person)
		for _, r := range m.Roles {
			if r.covers(s.Role, s.Branch) && !r.isPast(now) {
				list = append(list, r.within(s, now))
			}
		}
	}
	return list
}

// within bounds a shift by the days on which somebody has the role. Plans are made
// anew whenever they are asked, so that it is exact now; ahead of that a role that is
// still to come counts a day late at most, and one that ends a day or two too long.
func (r crewRole) within(s notify.Shift, now time.Time) notify.Shift {
	if first := dateOf(r.From).Add(1); !r.holds(now) && s.First.Before(first) {
		s.First = first
	}
	if r.Until == 0 {
		return s
	}
	if last := dateOf(r.Until).Add(1); s.Last.IsZero() || last.Before(s.Last) {
		s.Last = last
	}
	return s
}

// dateOf is the day of a moment in UTC, within a day of the one at any branch.
func dateOf(ms int64) notify.Date { return notify.DateOf(time.UnixMilli(ms).UTC()) }

// wholeDay is every day, day and night.
var wholeDay = notify.Hours{Days: notify.EveryDay}

// always returns shifts for the roles for which the plan says nothing at a branch:
// there everybody who has the role is on duty day and night. So a library that has
// written no plan yet is not alone. The desk itself is on duty only where the plan
// says so.
func (c crew) always(p *notify.Plan, now time.Time) (list []notify.Shift) {
	for _, b := range p.Branches {
		for _, role := range notify.DutyRoles() {
			if role == people.Desk || isPlanned(p, b.ID, role) {
				continue
			}
			for _, m := range c.People {
				for _, r := range m.Roles {
					if r.Role == role && r.covers(role, b.ID) && !r.isPast(now) {
						list = append(list, r.within(notify.Shift{Person: m.Person, Role: role, Branch: b.ID, Hours: wholeDay}, now))
					}
				}
			}
		}
	}
	return list
}

// isPlanned reports whether the plan says for a branch who is on duty for a role.
func isPlanned(p *notify.Plan, branch people.BranchID, role people.Role) bool {
	return slices.ContainsFunc(p.Shifts, func(s notify.Shift) bool {
		return s.Role == role && (s.Branch == "" || s.Branch == branch)
	})
}

// reach says by which channels each can be reached: those that they chose and that
// this server has.
func (c crew) reach(has func(notify.Channel) bool) map[people.Pseudonym][]notify.Channel {
	found := map[people.Pseudonym][]notify.Channel{}
	for _, m := range c.People {
		if list := slices.DeleteFunc(slices.Clone(m.Channels), func(ch notify.Channel) bool { return !has(ch) }); len(list) > 0 {
			found[m.Person] = list
		}
	}
	return found
}

// jobReach brings what libraries know of their people up to date. Its subject is a
// library, "" for all.
const jobReach = "reach"

func init() { jobKinds[jobReach] = (*App).reachJob }

// movesPeople reports whether an act may change who can be reached in which role.
func movesPeople(act access.Act) bool {
	switch act {
	case access.SetUp, access.AddLibrary, access.AcceptInvitation, access.ChangeAccount, access.ResetSignIn,
		access.SubscribeAlerts, access.GiveRole, access.EndRole, access.InvitePerson, access.RemovePerson:
		return true
	}
	return false
}

// crewMoved makes it certain, within an act of the installation, that the libraries
// of whom it is about come to know of it. It returns these libraries.
func (a *App) crewMoved(ctx context.Context, tx *store.Tx, act access.Act, on access.Subject) (list []people.LibraryID, err error) {
	if tx.Tenant() != people.Installation || !movesPeople(act) {
		return nil, nil
	}
	if on.Library != people.Installation {
		list = append(list, on.Library)
	}
	if on.Account == "" && len(list) == 0 {
		return nil, a.arm(ctx, tx, jobReach, "", a.now())
	}
	memberships, err := tx.MembershipsOf(ctx, on.Account)
	for _, m := range memberships {
		if m.Library != people.Installation && !slices.Contains(list, m.Library) {
			list = append(list, m.Library)
		}
	}
	for _, id := range list {
		err = errors.Join(err, a.arm(ctx, tx, jobReach, string(id), a.now()))
	}
	return list, err
}

// tellCrews does at once what crewMoved made certain. What fails is done by its job.
func (a *App) tellCrews(ctx context.Context, libraries []people.LibraryID) {
	for _, id := range libraries {
		if err := a.refreshCrew(ctx, id); err != nil {
			a.log.Warn("who can be reached", "err", err)
		}
	}
}

// planCrews has what every library knows of its people made anew soon. It is called at
// every start.
func (a *App) planCrews(ctx context.Context) error {
	return a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		return a.arm(ctx, tx, jobReach, "", a.now())
	})
}

func (a *App) reachJob(ctx context.Context, _ people.LibraryID, job store.Job) error {
	if job.Subject != "" {
		return unlessMissing(a.refreshCrew(ctx, people.LibraryID(job.Subject)))
	}
	tenants, err := a.tenants(ctx)
	for _, id := range tenants {
		if id != people.Installation {
			err = errors.Join(err, a.refreshCrew(ctx, id))
		}
	}
	return err
}

// refreshCrew writes what a library knows of its people anew, if it has changed.
func (a *App) refreshCrew(ctx context.Context, library people.LibraryID) error {
	var c crew
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		c, err = a.makeCrew(ctx, tx, library)
		return err
	})
	if err != nil {
		return err
	}
	changed := false
	err = a.store.Write(ctx, library, func(tx *store.Tx) (err error) {
		changed, err = a.keepCrew(ctx, tx, c)
		return err
	})
	if err == nil && changed {
		a.tell(topicsOf(library, []string{topicPeople}))
	}
	return err
}

// keepCrew keeps a crew unless there is a newer one. It reports whether anything
// about people changed.
func (a *App) keepCrew(ctx context.Context, tx *store.Tx, c crew) (changed bool, err error) {
	known, err := crewOf(ctx, tx)
	if err != nil || known.As > c.As {
		return false, err
	}
	content, err := json.Marshal(c)
	if err != nil {
		return false, fault.Broken(err)
	}
	if err := tx.PutPlan(ctx, store.PlanReach, content); err != nil {
		return false, err
	}
	known.As = c.As
	before, err := json.Marshal(known)
	if err != nil {
		return false, fault.Broken(err)
	}
	if changed = !bytes.Equal(before, content); changed {
		err = a.notify(ctx, tx, []string{topicPeople})
	}
	return changed, err
}

// makeCrew gathers who works at a library and can be reached by what. Whoever never
// accepted their invitation cannot be.
func (a *App) makeCrew(ctx context.Context, tx *store.Tx, library people.LibraryID) (c crew, err error) {
	now := a.now()
	if c.As, err = tx.Ledger().Size(ctx); err != nil {
		return c, err
	}
	memberships, err := tx.MembershipsAt(ctx, library)
	if err != nil {
		return c, err
	}
	roles := map[people.PersonID][]crewRole{}
	for _, m := range memberships {
		if !isPast(m, now) {
			r := crewRole{Role: m.Role, Branch: m.Branch, From: m.From.UnixMilli()}
			if !m.Until.IsZero() {
				r.Until = m.Until.UnixMilli()
			}
			roles[m.Person] = append(roles[m.Person], r)
		}
	}
	for person, held := range roles {
		m, ok, err := a.crewMember(ctx, tx, library, person, now)
		if err != nil {
			return c, err
		}
		if ok {
			m.Roles = held
			c.People = append(c.People, m)
		}
	}
	slices.SortFunc(c.People, func(x, y crewMember) int { return cmp.Compare(x.Person, y.Person) })
	return c, nil
}

func (a *App) crewMember(ctx context.Context, tx *store.Tx, library people.LibraryID, person people.PersonID, now time.Time) (m crewMember, ok bool, err error) {
	acc, err := a.openAccount(ctx, tx, person)
	if err != nil || acc.hasLeft(now) {
		return m, false, unlessMissing(err)
	}
	if m.Person, err = a.pseudonym(ctx, tx, person, library); err != nil || m.Person == "" {
		return m, false, err
	}
	credentials, err := tx.Credentials(ctx, person)
	if err != nil || len(credentials) == 0 {
		return m, err == nil, err
	}
	w, err := a.waysOf(ctx, tx, acc)
	m.Channels = w.channels(acc.card.Mail)
	return m, true, err
}
