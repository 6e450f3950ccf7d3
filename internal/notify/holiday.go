package notify

import (
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Holiday is a day on which other hours hold. It is given in one of three ways: a
// date; a day of every year (Month and Day); or a weekday of every year's month
// (Month, Weekday and Nth). What is kept on another day in some year, as when a
// holiday falls on a Sunday, is given as a date of its own.
type Holiday struct {
	Name    string          `json:"name,omitempty"`
	Branch  people.BranchID `json:"branch,omitempty"` // "" for every branch
	Date    Date            `json:"date,omitzero"`
	Month   time.Month      `json:"month,omitempty"`
	Day     int             `json:"day,omitempty"`     // of the month; 29 February is a holiday in leap years only
	Weekday time.Weekday    `json:"weekday,omitempty"` // 0 is Sunday
	Nth     int             `json:"nth,omitempty"`     // 1 to 4, or Last
}

// Last as Nth is the last such weekday of the month.
const Last = -1

// Falls reports whether the holiday is on that day.
func (h Holiday) Falls(d Date) bool {
	switch {
	case !h.Date.IsZero():
		return d == h.Date
	case d.Month != h.Month:
		return false
	case h.Nth == 0:
		return d.Day == h.Day
	case d.Weekday() != h.Weekday:
		return false
	case h.Nth == Last:
		return d.Add(7).Month != d.Month
	}
	return (d.Day-1)/7+1 == h.Nth
}

func (h Holiday) check(f *fault.Fields, at string, known map[people.BranchID]bool) {
	if !isLine(h.Name) {
		f.Add(at+".name", "Write a short name in one line, or leave it empty.")
	}
	checkBranch(f, at, h.Branch, known)
	byDate, byDay, byWeekday := h, h, h
	byDate.Month, byDate.Day, byDate.Weekday, byDate.Nth = 0, 0, 0, 0
	byDay.Date, byDay.Weekday, byDay.Nth = Date{}, 0, 0
	byWeekday.Date, byWeekday.Day = Date{}, 0
	switch h {
	case byDate:
		if !h.Date.isDate() {
			f.Add(at+".date", "Write a date like 2026-11-26.")
		}
	case byDay:
		// 2024 is a leap year: the day has to be one that some year has.
		if !(Date{2024, h.Month, h.Day}).isDate() {
			f.Add(at+".day", "Choose a month, and a day that it has.")
		}
	case byWeekday:
		if h.Month < time.January || h.Month > time.December || h.Weekday < time.Sunday || h.Weekday > time.Saturday ||
			h.Nth != Last && (h.Nth < 1 || h.Nth > 4) {
			f.Add(at+".nth", "Choose a month, a day of the week, and which one: first to fourth, or last.")
		}
	default:
		f.Add(at+".date", "Give the holiday in one way: a date, a day of the year, or a day of the week in a month.")
	}
}

// isHoliday reports whether that day is a holiday at the branch.
func (p *Plan) isHoliday(branch people.BranchID, d Date) bool {
	for _, h := range p.Holidays {
		if (h.Branch == "" || h.Branch == branch) && h.Falls(d) {
			return true
		}
	}
	return false
}
