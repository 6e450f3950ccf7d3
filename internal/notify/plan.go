package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Plan says who is on duty: for which role, at which branch, on which days and
// hours. People stand in it by pseudonym.
type Plan struct {
	Branches []Branch  `json:"branches,omitempty"`
	Shifts   []Shift   `json:"shifts,omitempty"`
	Holidays []Holiday `json:"holidays,omitempty"`
	Away     []Away    `json:"away,omitempty"`
	Charges  []Charge  `json:"charges,omitempty"`

	// Reach says by which channels each person can be reached. It is no part of
	// the stored form: whoever uses the plan fills it in from what people have set
	// up. Nil stands for everybody by every channel; in a Reach that is not nil, a
	// person who is missing cannot be reached.
	Reach map[people.Pseudonym][]Channel `json:"-"`
}

// Branch is a branch as far as the plan needs to know it.
type Branch struct {
	ID   people.BranchID `json:"id"`
	Zone string          `json:"zone"`           // a name of the IANA database: America/Chicago
	Open []Hours         `json:"open,omitempty"` // when the branch is staffed; none stands for always
}

// Hours are hours of some days of the week, by the clock on the wall. To is not
// in them. Where To is not after From, they end on the next day: 22:00 to 06:00
// belongs to the day on which it begins, and 00:00 to 00:00 is a whole day.
type Hours struct {
	Days Days  `json:"days"`
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// Shift says that somebody is on duty, week by week.
type Shift struct {
	Person people.Pseudonym `json:"person"`
	Role   people.Role      `json:"role"`
	Branch people.BranchID  `json:"branch,omitempty"` // "" for every branch
	Hours
	First Date `json:"first,omitzero"` // the first day on which it counts; zero for ever since
	Last  Date `json:"last,omitzero"`  // the last one; zero for ever
	Order int  `json:"order,omitempty"`
}

// Away says that somebody is not to be reached for a time, whatever shifts say.
type Away struct {
	Person people.Pseudonym
	From   time.Time
	Until  time.Time // not in it
}

// Charge is "I am in charge until": somebody takes a role upon themselves for a
// time, beside those whose shift it is and asked before them. Who says so is
// there, also when they were to be away.
type Charge struct {
	Person people.Pseudonym
	Role   people.Role
	Branch people.BranchID // "" for every branch
	From   time.Time
	Until  time.Time // not in it
}

// Days is a set of days: those of the week, and holidays. On a holiday of the
// branch only what has Holidays counts, whichever day of the week it is.
type Days uint8

// Holidays is the day that stands for every holiday.
const Holidays Days = 1 << 7

// EveryDay is all days of the week and holidays.
const EveryDay Days = 1<<8 - 1

// On makes a set of days of the week.
func On(days ...time.Weekday) Days {
	var set Days
	for _, d := range days {
		set |= 1 << d
	}
	return set
}

// Limits on a plan. They are far beyond what a library needs, and keep every
// question about a plan quick.
const (
	MaxBranches  = 200
	MaxShifts    = 2_000
	MaxHours     = 50 // of one branch
	MaxHolidays  = 500
	MaxAway      = 2_000
	MaxCharges   = 500
	MaxChargeFor = 14 * 24 * time.Hour // the longest "I am in charge until"
	MaxOrder     = 1_000
	maxZone      = 64
	maxName      = 80
	maxID        = 64
)

// DutyRoles lists the roles that somebody can be on duty for: those that act.
func DutyRoles() []people.Role {
	return slices.DeleteFunc(slices.Clone(people.Roles), func(r people.Role) bool { return !isDutyRole(r) })
}

func isDutyRole(r people.Role) bool {
	return r.IsRole() && r != people.Auditor && r != people.Board
}

// Check returns an Invalid fault for what has to be mended, or nil. Fields are
// named by list and place: "shifts.3.from".
func (p *Plan) Check() error {
	var f fault.Fields
	p.checkSizes(&f)
	if f.Err() != nil {
		return f.Err() // what is too long is not looked at one by one
	}
	known := map[people.BranchID]bool{"": true}
	for i, b := range p.Branches {
		b.check(&f, name("branches", i))
		if known[b.ID] {
			f.Add(name("branches", i)+".id", "Each branch stands here once.")
		}
		known[b.ID] = true
	}
	for i, s := range p.Shifts {
		s.check(&f, name("shifts", i), known)
	}
	for i, h := range p.Holidays {
		h.check(&f, name("holidays", i), known)
	}
	for i, a := range p.Away {
		checkPerson(&f, name("away", i), a.Person)
		checkTimes(&f, name("away", i), a.From, a.Until)
	}
	for i, c := range p.Charges {
		c.check(&f, name("charges", i), known)
	}
	return f.Err()
}

func name(list string, i int) string { return fmt.Sprintf("%s.%d", list, i) }

func (p *Plan) checkSizes(f *fault.Fields) {
	for _, list := range []struct {
		name      string
		has, most int
	}{
		{"branches", len(p.Branches), MaxBranches}, {"shifts", len(p.Shifts), MaxShifts},
		{"holidays", len(p.Holidays), MaxHolidays}, {"away", len(p.Away), MaxAway}, {"charges", len(p.Charges), MaxCharges},
	} {
		if list.has > list.most {
			f.Add(list.name, fmt.Sprintf("Keep at most %d of these. Take out what is over.", list.most))
		}
	}
}

func (b Branch) check(f *fault.Fields, at string) {
	if !isID(string(b.ID)) {
		f.Add(at+".id", "Choose a branch.")
	}
	if !IsZone(b.Zone) {
		f.Add(at+".zone", "Choose a time zone, such as America/Chicago.")
	}
	if len(b.Open) > MaxHours {
		f.Add(at+".open", fmt.Sprintf("Keep at most %d lines of hours.", MaxHours))
		return
	}
	for i, h := range b.Open {
		h.check(f, name(at+".open", i))
	}
}

func (h Hours) check(f *fault.Fields, at string) {
	if h.Days == 0 {
		f.Add(at+".days", "Choose at least one day.")
	}
	if !h.From.isClock() {
		f.Add(at+".from", "Write the time like 09:30.")
	}
	if !h.To.isClock() {
		f.Add(at+".to", "Write the time like 17:00. Midnight is 00:00.")
	}
}

func (s Shift) check(f *fault.Fields, at string, known map[people.BranchID]bool) {
	checkPerson(f, at, s.Person)
	checkRole(f, at, s.Role)
	checkBranch(f, at, s.Branch, known)
	s.Hours.check(f, at)
	if !s.First.IsZero() && !s.First.isDate() {
		f.Add(at+".first", "Write the date like 2026-11-26, or leave it empty.")
	}
	if !s.Last.IsZero() && (!s.Last.isDate() || s.Last.Before(s.First)) {
		f.Add(at+".last", "Write a date that is not before the first day, or leave it empty.")
	}
	if s.Order < 0 || s.Order > MaxOrder {
		f.Add(at+".order", fmt.Sprintf("Write a number from 0 to %d.", MaxOrder))
	}
}

func (c Charge) check(f *fault.Fields, at string, known map[people.BranchID]bool) {
	checkPerson(f, at, c.Person)
	checkRole(f, at, c.Role)
	checkBranch(f, at, c.Branch, known)
	checkTimes(f, at, c.From, c.Until)
	if c.Until.Sub(c.From) > MaxChargeFor {
		f.Add(at+".until", "Choose an end within two weeks. You can say it again then.")
	}
}

func checkPerson(f *fault.Fields, at string, p people.Pseudonym) {
	if _, err := people.ParsePseudonym(string(p)); err != nil {
		f.Add(at+".person", "Choose a person.")
	}
}

func checkRole(f *fault.Fields, at string, r people.Role) {
	if !isDutyRole(r) {
		f.Add(at+".role", "Choose a role that can be on duty.")
	}
}

func checkBranch(f *fault.Fields, at string, b people.BranchID, known map[people.BranchID]bool) {
	if !known[b] {
		f.Add(at+".branch", "Choose one of the branches, or all.")
	}
}

func checkTimes(f *fault.Fields, at string, from, until time.Time) {
	if !isTime(from) {
		f.Add(at+".from", "Say from when.")
	}
	if !isTime(until) || !until.After(from) {
		f.Add(at+".until", "Choose an end after the beginning.")
	}
}

// isTime reports whether at is a time that can be stored: whole milliseconds, in
// a year that plans know.
func isTime(at time.Time) bool {
	return at.Year() >= firstYear && at.Year() <= lastYear && at.Equal(at.Truncate(time.Millisecond))
}

// isID reports whether text can be an id of another room: short, printable, and
// without anything that could mean more than itself.
func isID(text string) bool {
	return text != "" && len(text) <= maxID && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && !('0' <= r && r <= '9') && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z')
	})
}

// isLine reports whether text is one line that can be shown.
func isLine(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxName && text == strings.TrimSpace(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) })
}

// branch finds a branch and its zone.
func (p *Plan) branch(id people.BranchID) (Branch, *time.Location, bool) {
	i := slices.IndexFunc(p.Branches, func(b Branch) bool { return b.ID == id })
	if i < 0 {
		return Branch{}, nil, false
	}
	zone, err := findZone(p.Branches[i].Zone)
	return p.Branches[i], zone, err == nil
}
