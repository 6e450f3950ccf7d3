package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// GapDays is over how many days it is looked for times at which nobody can be
// reached.
const GapDays = 28

// DutyPlan is who is told when the desk needs somebody, as its page shows it.
type DutyPlan struct {
	Branches []PlanBranch
	Shifts   []PlanShift
	Holidays []PlanHoliday
	Away     []PlanAway
	Ladders  []PlanLadder
	// Always lists the roles for which nothing is written at some branch, so that all
	// who have the role are told there, day and night.
	Always []PlanAlways
	PlanTroubles
	// MayEdit says that whoever looks may change what is for all branches.
	MayEdit bool
}

// PlanTroubles is what keeps alerts from reaching somebody.
type PlanTroubles struct {
	Gaps      []PlanGap
	Unreached []string // names of people who are on duty and can be reached by nothing, by name
	Hidden    int      // how many more of them there are, whose names whoever looks may not see
	NoWay     bool     // this server sends no alerts at all
}

// Count is how many troubles there are.
func (p PlanTroubles) Count() int {
	n := len(p.Gaps) + len(p.Unreached) + p.Hidden
	if p.NoWay {
		n++
	}
	return n
}

// PlanBranch is a branch with its opening hours.
type PlanBranch struct {
	Branch  Branch
	Open    []PlanHours // none stands for always
	MayEdit bool
}

// PlanHours are hours of the week, under an id by which they are taken away.
type PlanHours struct {
	ID string
	notify.Hours
}

// PlanShift is a shift, with whose it is.
type PlanShift struct {
	ID string
	notify.Shift
	Name    string // "" if it is not known any more, or not to be shown
	Known   bool   // it is known whose it is
	Holds   bool   // they have the role, so that the shift counts
	MayEdit bool
}

// PlanHoliday is a holiday.
type PlanHoliday struct {
	ID string
	notify.Holiday
	MayEdit bool
}

// PlanAway is a time during which somebody is away.
type PlanAway struct {
	ID string
	notify.Away
	Name    string
	Mine    bool
	MayEdit bool
}

// PlanAlways is a role at a branch for which nothing is written.
type PlanAlways struct {
	Branch people.BranchID
	Role   people.Role
	Names  []string // as far as they may be seen
	Count  int
}

// PlanLadder is a ladder, and whether the library has set it or it is the usual one.
type PlanLadder struct {
	notify.Rule
	Own   bool // the library's
	Usual bool // there is a usual one to go back to
}

// PlanGap is a time during which nobody can be reached for a role at a branch, in a
// sentence.
type PlanGap struct {
	Branch people.BranchID
	Role   people.Role
	Text   string
}

// planID names an item of a plan by what it is, so that what was meant is taken away
// whatever was changed meanwhile.
func planID(item any) string {
	text, err := json.Marshal(item) // all of them can be written
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// planState is what all pages about the plan are made of.
type planState struct {
	written  *notify.Plan // as it was written
	works    *notify.Plan // as alerts use it
	rules    []notify.Rule
	own      []notify.Rule
	crew     crew
	branches []Branch // that are open
	names    map[people.Pseudonym]people.Person
	now      time.Time
}

// planState reads everything about the plan, for whoever may see it.
func (a *App) planState(ctx context.Context, who Who, library people.LibraryID) (s planState, err error) {
	err = a.look(ctx, who, access.SeePhoneTree, library, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, now time.Time) (err error) {
		s.now = now
		if s.written, err = storedPlan(ctx, tx); err != nil {
			return err
		}
		if err = fitBranches(ctx, tx, s.written); err != nil {
			return err
		}
		if s.works, err = a.planOf(ctx, tx); err != nil {
			return err
		}
		if s.own, err = ownRules(ctx, tx); err != nil {
			return err
		}
		if s.crew, err = crewOf(ctx, tx); err != nil {
			return err
		}
		s.rules = merged(s.own)
		s.branches, err = tx.Branches(ctx)
		s.branches = slices.DeleteFunc(s.branches, func(b Branch) bool { return !b.Closed.IsZero() })
		return err
	})
	if err != nil || who.Person == "" {
		return s, err
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		s.names, err = a.names(ctx, tx, library)
		return err
	})
	return s, err
}

// seesNames reports whether somebody may see who works at a library.
func seesNames(who Who, library people.LibraryID, now time.Time) bool {
	return may(who, access.SeePeople, access.Subject{Kind: access.Shared, Library: library}, now)
}

// nameIn returns a name as whoever asks may see it: their own; that of whoever is in
// charge, whom they call; and all if they may see who works here.
func (s planState) nameIn(who Who, library people.LibraryID, role people.Role, name people.Pseudonym) (shown string, known bool) {
	p, known := s.names[name]
	if !known || p.HasLeft(s.now) {
		return "", false
	}
	if p.ID == who.Person || role == people.InCharge || seesNames(who, library, s.now) {
		return p.Name, true
	}
	return "", true
}

// mayEditTree reports whether somebody may change the phone tree of a branch.
func mayEditTree(who Who, library people.LibraryID, branch people.BranchID, now time.Time) bool {
	return may(who, access.EditPhoneTree, access.Subject{Kind: access.Branch, Library: library, Branch: branch}, now)
}

// DutyPlan returns who is told when the desk needs somebody, for whoever is signed in
// and may see the phone tree.
func (a *App) DutyPlan(ctx context.Context, who Who, library people.LibraryID) (v DutyPlan, err error) {
	s, err := a.planState(ctx, who, library)
	if err != nil {
		return v, err
	}
	if who.Person == "" {
		return v, signInFirst()
	}
	edit := func(b people.BranchID) bool { return mayEditTree(who, library, b, s.now) }
	v.MayEdit = edit("")
	for i, b := range s.branches {
		row := PlanBranch{Branch: b, MayEdit: edit(b.ID)}
		for _, h := range s.written.Branches[min(i, len(s.written.Branches)-1)].Open {
			row.Open = append(row.Open, PlanHours{planID(h), h})
		}
		v.Branches = append(v.Branches, row)
	}
	for _, sh := range s.written.Shifts {
		name, known := s.nameIn(who, library, sh.Role, sh.Person)
		v.Shifts = append(v.Shifts, PlanShift{ID: planID(sh), Shift: sh, Name: name, Known: known, Holds: s.crew.mayServe(sh, s.now), MayEdit: edit(sh.Branch)})
	}
	sortShifts(v.Shifts)
	for _, h := range s.written.Holidays {
		v.Holidays = append(v.Holidays, PlanHoliday{planID(h), h, edit(h.Branch)})
	}
	for _, w := range s.written.Away {
		if !w.Until.After(s.now) {
			continue
		}
		mine := who.Library == library && w.Person == who.Pseudonym
		if name, known := s.nameIn(who, library, "", w.Person); mine || known && name != "" {
			v.Away = append(v.Away, PlanAway{ID: planID(w), Away: w, Name: name, Mine: mine, MayEdit: mine || v.MayEdit})
		}
	}
	v.Ladders, v.Always = s.ladders(), s.always(who, library)
	v.PlanTroubles = a.troubles(s, who, library)
	return v, nil
}

// PlanTroubles returns what keeps alerts from reaching somebody in the next weeks.
func (a *App) PlanTroubles(ctx context.Context, who Who, library people.LibraryID) (PlanTroubles, error) {
	s, err := a.planState(ctx, who, library)
	if err != nil {
		return PlanTroubles{}, err
	}
	return a.troubles(s, who, library), nil
}

func (a *App) troubles(s planState, who Who, library people.LibraryID) (t PlanTroubles) {
	t.NoWay = !slices.ContainsFunc(notify.Channels, a.hasChannel)
	if t.NoWay { // then everything else would be a consequence
		return t
	}
	roles := notify.Roles(s.rules)
	gaps := notify.Gaps(s.works, roles, s.now, s.now.AddDate(0, 0, GapDays))
	for _, line := range notify.GapWords(gaps, notify.English) {
		t.Gaps = append(t.Gaps, PlanGap{line.Branch, line.Role, line.Text})
	}
	seen := map[people.Pseudonym]bool{}
	for _, sh := range s.works.Shifts {
		if seen[sh.Person] || len(s.works.Reach[sh.Person]) > 0 || !slices.Contains(roles, sh.Role) {
			continue
		}
		seen[sh.Person] = true
		if name, known := s.nameIn(who, library, sh.Role, sh.Person); known && name != "" {
			t.Unreached = append(t.Unreached, name)
		} else {
			t.Hidden++
		}
	}
	slices.Sort(t.Unreached)
	return t
}

// mayServe reports whether whoever has a shift holds its role, or will.
func (c crew) mayServe(s notify.Shift, now time.Time) bool {
	m, _ := c.member(s.Person)
	return slices.ContainsFunc(m.Roles, func(r crewRole) bool { return r.covers(s.Role, s.Branch) && !r.isPast(now) })
}

// sortShifts orders shifts as they are read: by branch (those for all first), role,
// order, and then by the first day and hour.
func sortShifts(list []PlanShift) {
	slices.SortStableFunc(list, func(x, y PlanShift) int {
		return cmp.Or(cmp.Compare(x.Branch, y.Branch), cmp.Compare(slices.Index(people.Roles, x.Role), slices.Index(people.Roles, y.Role)),
			cmp.Compare(x.Order, y.Order), cmp.Compare(firstDay(x.Days), firstDay(y.Days)), cmp.Compare(x.From, y.From), cmp.Compare(x.Name, y.Name))
	})
}

// firstDay is the first day of a set, in a week that begins on Monday.
func firstDay(d notify.Days) int {
	for i, day := range notifyWeek {
		if d&notify.On(day) != 0 {
			return i
		}
	}
	return len(notifyWeek)
}

// notifyWeek is the days of the week in the order in which people read them.
var notifyWeek = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// always lists the roles of ladders for which nothing is written at a branch.
func (s planState) always(who Who, library people.LibraryID) (list []PlanAlways) {
	for _, b := range s.written.Branches {
		for _, role := range notify.Roles(s.rules) {
			if isPlanned(s.written, b.ID, role) {
				continue
			}
			row := PlanAlways{Branch: b.ID, Role: role}
			for _, person := range notify.OnDuty(&notify.Plan{Branches: s.works.Branches, Shifts: s.works.Shifts}, b.ID, role, s.now) {
				row.Count++
				if name, known := s.nameIn(who, library, role, person); known && name != "" {
					row.Names = append(row.Names, name)
				}
			}
			list = append(list, row)
		}
	}
	return list
}

// PaperTree is the phone tree of a branch on paper: whom to call when nothing works.
type PaperTree struct {
	Branch Branch
	Roles  []people.Role // in whose order each line has its people
	Days   []PaperDay
}

// PaperDay is a day of the paper phone tree.
type PaperDay struct {
	Date  notify.Date
	Lines []PaperLine // none when the branch is not staffed
}

// PaperLine is who is to be called from one time to another, by the clock of the
// branch.
type PaperLine struct {
	From, Until time.Time
	Names       [][]string // for each of the roles, in the order in which to call
}

// PaperDays is for how many days the paper phone tree is printed.
const PaperDays = 14

// PaperTrees returns the phone trees of all branches for the next days. Names are
// there as whoever asks may see them: who is in charge for everybody at the desk, all
// others for whoever may see who works here; else it says "Somebody".
func (a *App) PaperTrees(ctx context.Context, who Who, library people.LibraryID) (list []PaperTree, err error) {
	s, err := a.planState(ctx, who, library)
	if err != nil {
		return nil, err
	}
	if s.names == nil { // a device: it shows who is in charge now, and so may its paper
		err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
			s.names, err = a.names(ctx, tx, library)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	roles := notify.Roles(s.rules)
	for _, b := range s.branches {
		t := PaperTree{Branch: b, Roles: roles}
		zone, err := time.LoadLocation(zoneName(b.TimeZone))
		if err != nil {
			return nil, fault.Broken(err)
		}
		first := notify.DateOf(s.now.In(zone))
		for i := range PaperDays {
			t.Days = append(t.Days, PaperDay{Date: first.Add(i)})
		}
		for _, line := range notify.PhoneTree(s.works, b.ID, roles, first, PaperDays) {
			for i := range t.Days {
				if t.Days[i].Date == notify.DateOf(line.From) {
					t.Days[i].Lines = append(t.Days[i].Lines, s.paperLine(who, library, line))
				}
			}
		}
		list = append(list, t)
	}
	return list, nil
}

// somebody stands for a name that whoever reads may not see.
const somebody = "Somebody"

func (s planState) paperLine(who Who, library people.LibraryID, line notify.Line) PaperLine {
	row := PaperLine{From: line.From, Until: line.Until}
	for _, duty := range line.Roles {
		var names []string
		for _, person := range duty.People {
			if name, known := s.nameIn(who, library, duty.Role, person); known {
				names = append(names, cmp.Or(name, somebody))
			}
		}
		row.Names = append(row.Names, names)
	}
	return row
}
