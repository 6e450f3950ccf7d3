package notify

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, wherever that day is. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// The years that a plan may speak of.
const (
	firstYear = 1971
	lastYear  = 9000
)

const dateForm = "2006-01-02"

// DateOf returns the day on which at falls, in at's own zone.
func DateOf(at time.Time) Date {
	y, m, d := at.Date()
	return Date{y, m, d}
}

// ParseDate reads a date in the one form that String writes: 2026-11-26.
func ParseDate(text string) (Date, error) {
	at, err := time.Parse(dateForm, text)
	if err != nil || at.Format(dateForm) != text || at.Year() < firstYear || at.Year() > lastYear {
		return Date{}, fmt.Errorf("a date is written like 2026-11-26")
	}
	return DateOf(at), nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the date as year, month and day; "" for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.noon().Format(dateForm)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Add returns the date that many days later.
func (d Date) Add(days int) Date { return DateOf(d.noon().AddDate(0, 0, days)) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.noon().Before(e.noon()) }

// isDate reports whether d is a day that there is, in a year that plans know.
func (d Date) isDate() bool {
	return d.Year >= firstYear && d.Year <= lastYear && DateOf(d.noon()) == d
}

// noon stands for the day where only days are counted.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if *d = (Date{}); len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

// Clock is a time of the day as the clock on the wall shows it, in minutes after
// midnight: 0 to 1439.
type Clock int

const minutesOfDay = 24 * 60

// ParseClock reads a time of day in the one form that String writes: 09:30.
func ParseClock(text string) (Clock, error) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("a time of day is written like 09:30")
	}
	return Clock(at.Hour()*60 + at.Minute()), nil
}

// String returns hours and minutes.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

func (c Clock) isClock() bool { return c >= 0 && c < minutesOfDay }

// MarshalText writes the time as String does.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Clock) UnmarshalText(text []byte) (err error) {
	*c, err = ParseClock(string(text))
	return err
}
