package demo

import (
	"context"
	"fmt"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/notify"
	"roundtable/internal/people"
)

// plan writes down who is on duty, with one hole in it: on Sundays nobody can be
// reached for the director. Beside the usual ladders there is one for demands that are
// urgent.
func (f *filler) plan(ctx context.Context) error {
	weekdays := notify.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
	allWeek := weekdays | notify.On(time.Saturday, time.Sunday)
	for branch, hours := range map[string][]notify.Hours{
		"Main": {hours(weekdays, 9, 20), hours(notify.On(time.Saturday), 9, 17), hours(notify.On(time.Sunday), 13, 17)}, "Riverside": {hours(weekdays, 10, 18)}, "Hillcrest": {hours(weekdays, 10, 16)},
	} {
		for _, h := range hours {
			if err := f.AddOpening(ctx, f.who, f.done.Library, f.branch[branch], h); err != nil {
				return fmt.Errorf("the hours of %s: %w", branch, err)
			}
		}
	}
	for _, s := range []app.ShiftForm{
		{Person: f.who.Person, Role: people.Director, Hours: hours(weekdays|notify.On(time.Saturday), 8, 21)},
		{Person: f.who.Person, Role: people.InCharge, Branch: f.branch["Hillcrest"], Hours: hours(weekdays, 10, 16)},
		{Person: f.persons[people.InCharge], Role: people.InCharge, Branch: f.branch["Main"], Hours: hours(allWeek, 8, 21)},
		{Person: f.persons[people.Counsel], Role: people.Counsel, Hours: notify.Hours{Days: notify.EveryDay}},
		{Person: f.persons[people.SafetyLead], Role: people.SafetyLead, Hours: notify.Hours{Days: notify.EveryDay}},
	} {
		if err := f.AddShift(ctx, f.who, f.done.Library, s); err != nil {
			return fmt.Errorf("the hours of duty of the %s: %w", s.Role, err)
		}
	}
	for _, h := range []app.HolidayForm{
		{Name: "New Year’s Day", Month: time.January, Day: 1}, {Name: "Independence Day", Month: time.July, Day: 4},
		{Name: "Thanksgiving", Month: time.November, Weekday: time.Thursday, Nth: 4}, {Name: "Christmas Day", Month: time.December, Day: 25},
	} {
		if err := f.AddHoliday(ctx, f.who, f.done.Library, h); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	return f.SetLadder(ctx, f.who, f.done.Library, notify.Rule{Class: notify.Demand, Severity: notify.Urgent, Ladder: notify.Ladder{
		Pause: 10 * time.Minute,
		Rungs: []notify.Rung{
			{Role: people.InCharge, Within: 2 * time.Minute, Channels: notify.Channels}, {Role: people.Director, Within: 3 * time.Minute, Channels: notify.Channels, Repeat: 1},
			{Role: people.Counsel, Within: 10 * time.Minute, Channels: []notify.Channel{notify.SMS, notify.Mail}, Repeat: 1},
		},
	}})
}

// hours are whole hours of some days.
func hours(days notify.Days, from, to int) notify.Hours {
	return notify.Hours{Days: days, From: notify.Clock(from * 60), To: notify.Clock(to * 60)}
}
