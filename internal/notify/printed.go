package notify

import (
	"slices"
	"time"

	"roundtable/internal/people"
)

// Line is a line of the phone tree that is printed for when nothing works: who is
// to be called from one time to another.
type Line struct {
	Span
	Roles []Duty
}

// Duty is who is on duty for a role, in the order in which to call.
type Duty struct {
	Role   people.Role
	People []people.Pseudonym // none when nobody is
}

// MaxPrinted is the most days that a printed phone tree has.
const MaxPrinted = 31

// PhoneTree returns the phone tree of a branch, from a day on, for some days: one
// line for each time during which the same people are on duty, leaving out when
// the branch is not staffed. No line goes over midnight. Times are in the zone of
// the branch. It says who is on duty, whether or not a channel reaches them: a
// telephone may.
func PhoneTree(p *Plan, branch people.BranchID, roles []people.Role, first Date, days int) []Line {
	b, zone, ok := p.branch(branch)
	if !ok {
		return nil
	}
	var lines []Line
	for i := range min(days, MaxPrinted) {
		d := first.Add(i)
		whole := Span{moment(d, 0, zone, false), moment(d.Add(1), 0, zone, false)}
		around := p.days(branch, whole.From, whole.Until, zone)
		for _, open := range p.staffed(b, around, whole) {
			lines = append(lines, p.printed(branch, roles, open, around, zone)...)
		}
	}
	return lines
}

func (p *Plan) printed(branch people.BranchID, roles []people.Role, open Span, days []day, zone *time.Location) []Line {
	var lines []Line
	edges := p.edges(branch, roles, open, days)
	for i, from := range edges[:len(edges)-1] {
		line := Line{Span: Span{from.In(zone), edges[i+1].In(zone)}}
		for _, role := range roles {
			line.Roles = append(line.Roles, Duty{role, OnDuty(p, branch, role, from)})
		}
		if last := len(lines) - 1; last >= 0 && slices.EqualFunc(lines[last].Roles, line.Roles, sameDuty) {
			lines[last].Until = line.Until
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

func sameDuty(a, b Duty) bool { return a.Role == b.Role && slices.Equal(a.People, b.People) }

// edges returns the times within open at which who is on duty may change, with
// open's own two.
func (p *Plan) edges(branch people.BranchID, roles []people.Role, open Span, days []day) []time.Time {
	at := []time.Time{open.From, open.Until}
	add := func(s Span) {
		for _, t := range []time.Time{s.From, s.Until} {
			if open.has(t) {
				at = append(at, t)
			}
		}
	}
	for _, s := range p.Shifts {
		if !slices.Contains(roles, s.Role) || !s.isFor(branch, s.Role) {
			continue
		}
		for _, d := range days {
			if span, ok := s.on(d); ok {
				add(span)
			}
		}
	}
	for _, c := range p.Charges {
		add(c.span())
	}
	for _, a := range p.Away {
		add(a.span())
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}
