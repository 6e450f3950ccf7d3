package notify

import (
	"cmp"
	"slices"
	"time"

	"roundtable/internal/people"
)

// Span is a time from From until just before Until.
type Span struct{ From, Until time.Time }

func (s Span) has(at time.Time) bool { return !at.Before(s.From) && at.Before(s.Until) }

func (s Span) isEmpty() bool { return !s.Until.After(s.From) }

// on returns the span that the hours have when they begin on that day; ok is
// false when they do not.
func (h Hours) on(d day) (span Span, ok bool) {
	if h.Days&d.kind == 0 {
		return Span{}, false
	}
	span = Span{d.moment(0, h.From, false), d.moment(0, h.To, true)}
	if h.To <= h.From {
		span.Until = d.moment(1, h.To, true)
	}
	return span, !span.isEmpty()
}

// on is Hours.on within the shift's first and last day.
func (s Shift) on(d day) (Span, bool) {
	if s.Days&d.kind == 0 || !s.First.IsZero() && d.Before(s.First) || !s.Last.IsZero() && s.Last.Before(d.Date) {
		return Span{}, false
	}
	return s.Hours.on(d)
}

func (s Shift) isFor(branch people.BranchID, role people.Role) bool {
	return s.Role == role && (s.Branch == "" || s.Branch == branch)
}

func (c Charge) isFor(branch people.BranchID, role people.Role) bool {
	return c.Role == role && (c.Branch == "" || c.Branch == branch)
}

func (c Charge) span() Span { return Span{c.From, c.Until} }

func (a Away) span() Span { return Span{a.From, a.Until} }

// day is a day at a branch, with what is needed of it again and again.
type day struct {
	Date
	kind     Days // its day of the week; or Holidays
	zone     *time.Location
	midnight time.Time // its beginning, where isSteady
	isSteady bool      // the clock does not jump on it or near it
}

func (p *Plan) day(branch people.BranchID, d Date, zone *time.Location) day {
	made := newDay(d, zone)
	if p.isHoliday(branch, d) {
		made.kind = Holidays
	}
	return made
}

func newDay(d Date, zone *time.Location) day {
	midnight := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	from, until := midnight.ZoneBounds()
	const near = 48 * time.Hour
	isSteady := (from.IsZero() || from.Before(midnight.Add(-near))) && (until.IsZero() || until.After(midnight.Add(2*near)))
	return day{d, On(d.Weekday()), zone, midnight, isSteady}
}

// moment is moment of c on this day, or some days later.
func (d day) moment(later int, c Clock, end bool) time.Time {
	if d.isSteady && later <= 1 {
		return d.midnight.Add(time.Duration(later*minutesOfDay+int(c)) * time.Minute)
	}
	return moment(d.Add(later), c, d.zone, end)
}

// around returns the days whose hours may reach into the moment. The day before
// is there for nights; the day after, since a clock that is set back over
// midnight shows a day again whose next one has begun.
func (p *Plan) around(branch people.BranchID, at time.Time, zone *time.Location) []day {
	today := DateOf(at.In(zone))
	days := make([]day, 0, 3)
	for _, d := range []Date{today.Add(-1), today, today.Add(1)} {
		days = append(days, p.day(branch, d, zone))
	}
	return days
}

// OnDuty returns who is on duty for a role at a branch at that time: first who
// said "I am in charge", the latest first; then those whose shift it is, by the
// order given to them, a branch's own before everybody's. Nobody stands there
// twice. Nobody is on duty at a branch that the plan does not know.
func OnDuty(p *Plan, branch people.BranchID, role people.Role, at time.Time) []people.Pseudonym {
	_, zone, ok := p.branch(branch)
	if !ok {
		return nil
	}
	var list []people.Pseudonym
	add := func(person people.Pseudonym) {
		if !slices.Contains(list, person) {
			list = append(list, person)
		}
	}
	for _, c := range p.chargesAt(branch, role, at) {
		add(c.Person)
	}
	for _, s := range p.shiftsAt(branch, role, at, p.around(branch, at, zone)) {
		if !p.isAway(s.Person, at) {
			add(s.Person)
		}
	}
	return list
}

func (p *Plan) chargesAt(branch people.BranchID, role people.Role, at time.Time) []Charge {
	var list []Charge
	for _, c := range p.Charges {
		if c.isFor(branch, role) && c.span().has(at) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Charge) int {
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.Person, b.Person))
	})
	return list
}

func (p *Plan) shiftsAt(branch people.BranchID, role people.Role, at time.Time, days []day) []Shift {
	var list []Shift
	for _, s := range p.Shifts {
		if s.isFor(branch, role) && slices.ContainsFunc(days, func(d day) bool {
			span, ok := s.on(d)
			return ok && span.has(at)
		}) {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), -cmp.Compare(a.Branch, b.Branch), cmp.Compare(a.Person, b.Person))
	})
	return list
}

func (p *Plan) isAway(person people.Pseudonym, at time.Time) bool {
	return slices.ContainsFunc(p.Away, func(a Away) bool { return a.Person == person && a.span().has(at) })
}

// IsOpen reports whether the branch is staffed at that time.
func IsOpen(p *Plan, branch people.BranchID, at time.Time) bool {
	b, zone, ok := p.branch(branch)
	if !ok {
		return false
	}
	return len(b.Open) == 0 || slices.ContainsFunc(p.around(branch, at, zone), func(d day) bool {
		return slices.ContainsFunc(b.Open, func(h Hours) bool {
			span, ok := h.on(d)
			return ok && span.has(at)
		})
	})
}

// channelsOf returns those of the channels by which a person can be reached, in
// their order.
func (p *Plan) channelsOf(person people.Pseudonym, channels []Channel) []Channel {
	if p.Reach == nil {
		return channels
	}
	var list []Channel
	for _, c := range channels {
		if slices.Contains(p.Reach[person], c) {
			list = append(list, c)
		}
	}
	return list
}

// Reachable is OnDuty without those whom none of the channels reaches.
func Reachable(p *Plan, branch people.BranchID, role people.Role, channels []Channel, at time.Time) []people.Pseudonym {
	return slices.DeleteFunc(OnDuty(p, branch, role, at), func(who people.Pseudonym) bool {
		return len(p.channelsOf(who, channels)) == 0
	})
}
