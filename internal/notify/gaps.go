package notify

import (
	"slices"
	"time"

	"roundtable/internal/people"
)

// Gap is a time at which a branch is staffed and nobody can be reached for a role.
type Gap struct {
	Branch people.BranchID
	Role   people.Role
	Span
}

// MaxLook is the longest time over which Gaps looks: a year and a bit.
const MaxLook = 400 * 24 * time.Hour

// Gaps returns when, from one time until another, nobody can be reached for one
// of the roles at some branch that is staffed then: in the order of branches,
// roles and time, and none touching the next. It looks no further than MaxLook.
func Gaps(p *Plan, roles []people.Role, from, until time.Time) []Gap {
	if until.Sub(from) > MaxLook {
		until = from.Add(MaxLook)
	}
	var gaps []Gap
	for _, b := range p.Branches {
		zone, err := findZone(b.Zone)
		if err != nil {
			continue // Check does not let it be
		}
		days := p.days(b.ID, from, until, zone)
		need := p.staffed(b, days, Span{from, until})
		for _, role := range roles {
			for _, s := range subtract(need, p.covered(b.ID, role, days)) {
				gaps = append(gaps, Gap{b.ID, role, Span{s.From.In(zone), s.Until.In(zone)}})
			}
		}
	}
	return gaps
}

// days returns the days whose hours may reach into the time asked for.
func (p *Plan) days(branch people.BranchID, from, until time.Time, zone *time.Location) []day {
	var days []day
	last := DateOf(until.In(zone)).Add(1)
	for d := DateOf(from.In(zone)).Add(-1); !last.Before(d); d = d.Add(1) {
		days = append(days, p.day(branch, d, zone))
	}
	return days
}

func (p *Plan) staffed(b Branch, days []day, whole Span) []Span {
	if len(b.Open) == 0 {
		return union([]Span{whole})
	}
	var spans []Span
	for _, h := range b.Open {
		for _, d := range days {
			if s, ok := h.on(d); ok {
				spans = append(spans, clip(s, whole))
			}
		}
	}
	return union(spans)
}

// covered returns when somebody can be reached for the role.
func (p *Plan) covered(branch people.BranchID, role people.Role, days []day) []Span {
	var spans []Span
	for _, s := range p.Shifts {
		if !s.isFor(branch, role) || len(p.channelsOf(s.Person, Channels)) == 0 {
			continue
		}
		var own []Span
		for _, d := range days {
			if span, ok := s.on(d); ok {
				own = append(own, span)
			}
		}
		spans = append(spans, subtract(union(own), p.away(s.Person))...)
	}
	for _, c := range p.Charges {
		if c.isFor(branch, role) && len(p.channelsOf(c.Person, Channels)) > 0 {
			spans = append(spans, c.span())
		}
	}
	return union(spans)
}

func (p *Plan) away(person people.Pseudonym) []Span {
	var spans []Span
	for _, a := range p.Away {
		if a.Person == person {
			spans = append(spans, a.span())
		}
	}
	return union(spans)
}

func clip(s, to Span) Span {
	if s.From.Before(to.From) {
		s.From = to.From
	}
	if s.Until.After(to.Until) {
		s.Until = to.Until
	}
	return s
}

// union returns the same time as spans that are in order and do not touch.
func union(spans []Span) []Span {
	spans = slices.DeleteFunc(slices.Clone(spans), Span.isEmpty)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var whole []Span
	for _, s := range spans {
		last := len(whole) - 1
		switch {
		case last < 0 || s.From.After(whole[last].Until):
			whole = append(whole, s)
		case s.Until.After(whole[last].Until):
			whole[last].Until = s.Until
		}
	}
	return whole
}

// subtract returns what of a is not in b. Both are as union makes them, and so
// is the answer.
func subtract(a, b []Span) []Span {
	var left []Span
	for _, s := range a {
		for len(b) > 0 && !b[0].Until.After(s.From) {
			b = b[1:]
		}
		for _, cut := range b {
			if !cut.From.Before(s.Until) {
				break
			}
			if cut.From.After(s.From) {
				left = append(left, Span{s.From, cut.From})
			}
			s.From = cut.Until
		}
		if !s.isEmpty() {
			left = append(left, s)
		}
	}
	return left
}
