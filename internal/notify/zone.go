package notify

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // zones are there on every machine, also where the system has none
)

// A duty plan is written by the clock on the wall. Twice a year that clock jumps,
// and then a time of day stands for no moment, or for two. What is done here is
// that nobody's duty shrinks: of two moments, a beginning takes the first and an
// end the second, so that two shifts which meet there overlap and leave no gap; a
// time that the clock leaps over is the moment of the leap, for both.

var errZone = errors.New("this is no time zone")

// zones keeps zones that were found, by name: reading one means opening a file.
// Only names of real zones get in, of which there are some hundreds.
var zones sync.Map

// findZone finds a time zone by its name in the IANA database: America/Chicago.
func findZone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name == "" || name == "Local" || len(name) > maxZone {
		return nil, errZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	zones.Store(name, zone)
	return zone, nil
}

// IsZone reports whether name is a time zone that a branch can have.
func IsZone(name string) bool {
	_, err := findZone(name)
	return err == nil
}

// moment returns when the clock on the wall shows c on day d. end says that an
// end is asked for: see the top of this file.
func moment(d Date, c Clock, zone *time.Location, end bool) time.Time {
	shown := time.Date(d.Year, d.Month, d.Day, int(c)/60, int(c)%60, 0, 0, time.UTC)
	before, after := read(shown, zone, -24*time.Hour), read(shown, zone, 24*time.Hour)
	isBefore, isAfter := shows(before, shown), shows(after, shown)
	switch {
	case isBefore && isAfter && !end: // set back: the time by the old offset comes first
		return before
	case isAfter:
		return after
	case isBefore:
		return before
	}
	leap, _ := before.ZoneBounds()
	return leap
}

// read takes what a clock shows for a moment, by the zone's offset some time
// earlier or later.
func read(shown time.Time, zone *time.Location, shift time.Duration) time.Time {
	_, offset := shown.Add(shift).In(zone).Zone()
	return shown.Add(-time.Duration(offset) * time.Second).In(zone)
}

// shows reports whether the clock on the wall shows that at the moment.
func shows(at, shown time.Time) bool {
	_, offset := at.Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second).Equal(shown)
}
