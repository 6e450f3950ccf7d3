package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

const (
	ana   people.Pseudonym = "p-aaaaaaaaaaaaaaaaaaaa"
	ben   people.Pseudonym = "p-bbbbbbbbbbbbbbbbbbbb"
	cleo  people.Pseudonym = "p-cccccccccccccccccccc"
	dora  people.Pseudonym = "p-dddddddddddddddddddd"
	main_ people.BranchID  = "main"
	west  people.BranchID  = "west"
)

var short = map[people.Pseudonym]string{ana: "ana", ben: "ben", cleo: "cleo", dora: "dora"}

func names(list []people.Pseudonym) string {
	var said []string
	for _, p := range list {
		said = append(said, short[p])
	}
	return strings.Join(said, " ")
}

// on reads a time of day in a zone: "2026-11-26 09:30".
func on(t testing.TB, zone, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", (text + ":00")[:len("2006-01-02 15:04:05")], mustZone(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := findZone(name)
	if err != nil {
		t.Fatalf("findZone(%q): %v", name, err)
	}
	return zone
}

func clock(t testing.TB, text string) Clock {
	t.Helper()
	c, err := ParseClock(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	weekdays = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday
	chicago  = "America/Chicago"
)

// plan is a small library: two branches in two zones, a night shift, holidays.
func plan(t testing.TB) *Plan {
	hours := func(days Days, from, to string) Hours { return Hours{days, clock(t, from), clock(t, to)} }
	p := &Plan{
		Branches: []Branch{
			{ID: main_, Zone: chicago, Open: []Hours{hours(weekdays, "09:00", "20:00"), hours(On(time.Saturday), "10:00", "14:00")}},
			{ID: west, Zone: "America/Phoenix"}, // has no daylight saving
		},
		Shifts: []Shift{
			{Person: ana, Role: people.InCharge, Branch: main_, Hours: hours(weekdays, "09:00", "17:00")},
			{Person: ben, Role: people.InCharge, Branch: main_, Hours: hours(weekdays, "16:00", "20:00")},
			{Person: ben, Role: people.InCharge, Branch: main_, Hours: hours(On(time.Saturday), "10:00", "14:00")},
			{Person: cleo, Role: people.Director, Hours: hours(EveryDay, "00:00", "00:00")},
			{Person: dora, Role: people.InCharge, Branch: west, Hours: hours(EveryDay, "22:00", "06:00")},
		},
		Holidays: []Holiday{
			{Name: "Thanksgiving", Month: time.November, Weekday: time.Thursday, Nth: 4},
			{Name: "Memorial Day", Month: time.May, Weekday: time.Monday, Nth: Last},
			{Name: "Independence Day", Month: time.July, Day: 4},
			{Name: "Independence Day, kept", Date: Date{2026, time.July, 3}},
			{Name: "Founders", Branch: west, Date: Date{2026, time.June, 10}},
		},
	}
	if err := p.Check(); err != nil {
		t.Fatalf("plan: %v %v", err, fault.FieldsOf(err))
	}
	return p
}

func TestOnDuty(t *testing.T) {
	p := plan(t)
	p.Away = []Away{{ana, on(t, chicago, "2026-11-24 00:00"), on(t, chicago, "2026-11-25 00:00")}}
	p.Charges = []Charge{
		{dora, people.InCharge, main_, on(t, chicago, "2026-11-25 12:00"), on(t, chicago, "2026-11-25 13:00")},
		{cleo, people.InCharge, "", on(t, chicago, "2026-11-25 12:30"), on(t, chicago, "2026-11-25 13:00")},
		{ana, people.InCharge, main_, on(t, chicago, "2026-11-24 10:00"), on(t, chicago, "2026-11-24 11:00")},
	}
	for _, c := range []struct {
		branch people.BranchID
		role   people.Role
		at     string
		want   string
	}{
		{main_, people.InCharge, "2026-11-23 08:59:59", ""},
		{main_, people.InCharge, "2026-11-23 09:00", "ana"},
		{main_, people.InCharge, "2026-11-23 15:59:59", "ana"},
		{main_, people.InCharge, "2026-11-23 16:30", "ana ben"}, // two shifts overlap
		{main_, people.InCharge, "2026-11-23 17:00", "ben"},
		{main_, people.InCharge, "2026-11-23 20:00", ""},
		{main_, people.InCharge, "2026-11-22 12:00", ""},         // Sunday
		{main_, people.InCharge, "2026-11-24 09:30", ""},         // away
		{main_, people.InCharge, "2026-11-24 10:30", "ana"},      // away, and yet: "I am in charge"
		{main_, people.InCharge, "2026-11-24 16:30", "ben"},      // away; the other one is there
		{main_, people.InCharge, "2026-11-25 12:15", "dora ana"}, // in charge for an hour, before the shift
		{main_, people.InCharge, "2026-11-25 12:45", "cleo dora ana"},
		{main_, people.InCharge, "2026-11-25 13:00", "ana"},
		{main_, people.InCharge, "2026-11-26 12:00", ""}, // fourth Thursday of November
		{main_, people.Director, "2026-11-26 12:00", "cleo"},
		{main_, people.InCharge, "2026-11-19 12:00", "ana"}, // the third one
		{main_, people.InCharge, "2026-05-25 12:00", ""},    // last Monday of May
		{main_, people.InCharge, "2026-05-18 12:00", "ana"},
		{main_, people.InCharge, "2026-07-03 12:00", ""}, // kept a day early
		{main_, people.InCharge, "2026-07-04 12:00", ""}, // a Saturday, and a holiday
		{main_, people.InCharge, "2026-07-11 12:00", "ben"},
		{main_, people.InCharge, "2026-06-10 12:00", "ana"}, // the other branch's holiday
		{west, people.InCharge, "2026-11-23 23:30", "dora"},
		{west, people.InCharge, "2026-11-23 06:59:59", "dora"}, // 05:59:59 there
		{west, people.InCharge, "2026-11-23 07:00", ""},
		{west, people.Counsel, "2026-11-23 12:00", ""},
		{"nowhere", people.Director, "2026-11-23 12:00", ""},
	} {
		if got := names(OnDuty(p, c.branch, c.role, on(t, chicago, c.at))); got != c.want {
			t.Errorf("OnDuty(%s, %s, %s) = %q, want %q", c.branch, c.role, c.at, got, c.want)
		}
	}
}

// TestMoment holds what the clock on the wall shows against the moment, on the
// days on which it jumps.
func TestMoment(t *testing.T) {
	for _, c := range []struct {
		zone, wall string
		end        bool
		want       string // in UTC
	}{
		{chicago, "2026-01-15 09:00", false, "2026-01-15 15:00"},
		{chicago, "2026-07-15 09:00", false, "2026-07-15 14:00"},
		{chicago, "2026-03-08 01:59", false, "2026-03-08 07:59"},
		{chicago, "2026-03-08 02:30", false, "2026-03-08 08:00"}, // leapt over
		{chicago, "2026-03-08 02:30", true, "2026-03-08 08:00"},
		{chicago, "2026-03-08 03:00", false, "2026-03-08 08:00"},
		{chicago, "2026-11-01 00:59", false, "2026-11-01 05:59"},
		{chicago, "2026-11-01 01:30", false, "2026-11-01 06:30"}, // twice: the first
		{chicago, "2026-11-01 01:30", true, "2026-11-01 07:30"},  // and the second
		{chicago, "2026-11-01 02:00", false, "2026-11-01 08:00"},
		{chicago, "2026-11-01 02:00", true, "2026-11-01 08:00"},
		{"America/Havana", "2026-03-08 00:00", false, "2026-03-08 05:00"},      // midnight is leapt over
		{"Australia/Lord_Howe", "2026-04-05 01:45", true, "2026-04-04 15:15"},  // half an hour, southern
		{"Australia/Lord_Howe", "2026-04-05 01:45", false, "2026-04-04 14:45"}, //
		{"Pacific/Apia", "2011-12-30 12:00", false, "2011-12-30 10:00"},        // a day that was not
		{"Asia/Kathmandu", "2026-06-01 00:00", false, "2026-05-31 18:15"},
	} {
		wall, err := time.Parse("2006-01-02 15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		got := moment(DateOf(wall), Clock(wall.Hour()*60+wall.Minute()), mustZone(t, c.zone), c.end)
		if got := got.UTC().Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("moment(%s in %s, end %v) = %s, want %s", c.wall, c.zone, c.end, got, c.want)
		}
	}
}

// TestNightsOfTheLeap counts how long a night shift is.
func TestNightsOfTheLeap(t *testing.T) {
	night := Hours{EveryDay, clock(t, "22:00"), clock(t, "06:00")}
	zone := mustZone(t, chicago)
	for day, want := range map[Date]time.Duration{
		{2026, time.March, 7}: 7 * time.Hour, {2026, time.March, 8}: 8 * time.Hour,
		{2026, time.October, 31}: 9 * time.Hour, {2026, time.November, 1}: 8 * time.Hour,
	} {
		s, ok := night.on(newDay(day, zone))
		if got := s.Until.Sub(s.From); !ok || got != want {
			t.Errorf("night of %s lasts %v, want %v", day, got, want)
		}
	}
	whole := Hours{EveryDay, 0, 0}
	for day, want := range map[Date]time.Duration{
		{2026, time.March, 8}: 23 * time.Hour, {2026, time.November, 1}: 25 * time.Hour, {2026, time.June, 1}: 24 * time.Hour,
	} {
		s, ok := whole.on(newDay(day, zone))
		if got := s.Until.Sub(s.From); !ok || got != want {
			t.Errorf("%s lasts %v, want %v", day, got, want)
		}
	}
}

// TestMeetingShifts: shifts that meet at a time that comes twice leave no gap.
func TestMeetingShifts(t *testing.T) {
	p := &Plan{
		Branches: []Branch{{ID: main_, Zone: chicago}},
		Shifts: []Shift{
			{Person: ana, Role: people.InCharge, Hours: Hours{EveryDay, clock(t, "01:30"), clock(t, "13:30")}},
			{Person: ben, Role: people.InCharge, Hours: Hours{EveryDay, clock(t, "13:30"), clock(t, "01:30")}},
		},
	}
	from := on(t, chicago, "2026-01-01 00:00")
	if gaps := Gaps(p, []people.Role{people.InCharge}, from, from.AddDate(1, 0, 0)); len(gaps) != 0 {
		t.Errorf("Gaps over a year = %v, want none", gaps)
	}
	twice := on(t, "UTC", "2026-11-01 07:00") // 01:00, the second time
	if got := names(OnDuty(p, main_, people.InCharge, twice)); got != "ana ben" {
		t.Errorf("OnDuty at the hour that comes twice = %q, want both", got)
	}
}

func TestHolidayFalls(t *testing.T) {
	leap := Holiday{Month: time.February, Day: 29}
	for d, want := range map[Date]bool{{2028, time.February, 29}: true, {2027, time.February, 28}: false, {2027, time.March, 1}: false} {
		if got := leap.Falls(d); got != want {
			t.Errorf("Falls(%s) = %v, want %v", d, got, want)
		}
	}
	last := Holiday{Month: time.August, Weekday: time.Monday, Nth: Last}
	if last.Falls(Date{2026, time.August, 24}) || !last.Falls(Date{2026, time.August, 31}) {
		t.Error("the last Monday of August 2026 is the 31st")
	}
	sunday := Holiday{Month: time.June, Weekday: time.Sunday, Nth: 1}
	if !sunday.Falls(Date{2026, time.June, 7}) || sunday.Falls(Date{2026, time.June, 14}) {
		t.Error("the first Sunday of June 2026 is the 7th, and only that")
	}
}

func TestGaps(t *testing.T) {
	p := plan(t)
	p.Away = []Away{{ben, on(t, chicago, "2026-11-24 18:00"), on(t, chicago, "2026-11-24 19:00")}}
	from := on(t, chicago, "2026-11-23 00:00")
	var got []string
	for _, g := range Gaps(p, []people.Role{people.InCharge, people.Director}, from, from.AddDate(0, 0, 7)) {
		got = append(got, fmt.Sprintf("%s %s %s–%s", g.Branch, g.Role, g.From.Format("Mon 15:04"), g.Until.Format("Mon 15:04")))
	}
	want := []string{"main in_charge Tue 18:00–Tue 19:00"}
	for _, d := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		want = append(want, fmt.Sprintf("west in_charge %s 06:00–%s 22:00", d, d))
	}
	// The week begins and ends by Chicago's midnight, which is 23:00 the day before there.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Gaps (-want +got):\n%s", diff)
	}
}

func TestGapsOfReach(t *testing.T) {
	p := plan(t)
	p.Branches = p.Branches[:1]
	p.Shifts = p.Shifts[:4]
	from := on(t, chicago, "2026-11-23 00:00")
	look := func() int {
		return len(Gaps(p, []people.Role{people.InCharge, people.Director}, from, from.AddDate(0, 0, 7)))
	}
	if got := look(); got != 0 {
		t.Fatalf("Gaps = %d, want none", got)
	}
	p.Reach = map[people.Pseudonym][]Channel{ana: {SMS}, ben: {Mail}}
	if got := look(); got != 5 { // the director cannot be reached on any of five days
		t.Errorf("Gaps with a director whom nothing reaches = %d, want 5: Thanksgiving and Sunday are closed", got)
	}
}

// TestGapsOfCharge: who says "I am in charge" and cannot be reached fills no gap.
func TestGapsOfCharge(t *testing.T) {
	from := on(t, chicago, "2026-11-23 10:00")
	p := &Plan{Branches: []Branch{{ID: main_, Zone: chicago}}, Charges: []Charge{{ana, people.InCharge, "", from, from.Add(time.Hour)}}}
	for _, c := range []struct {
		reach map[people.Pseudonym][]Channel
		want  int
	}{{nil, 0}, {map[people.Pseudonym][]Channel{ana: {SMS}}, 0}, {map[people.Pseudonym][]Channel{ben: {SMS}}, 1}} {
		p.Reach = c.reach
		if got := len(Gaps(p, []people.Role{people.InCharge}, from, from.Add(time.Hour))); got != c.want {
			t.Errorf("Gaps with reach %v = %d, want %d", c.reach, got, c.want)
		}
	}
}

// TestOverMidnight: a clock that is set back over midnight shows the day before
// again, while what began at midnight goes on.
func TestOverMidnight(t *testing.T) {
	p := &Plan{Branches: []Branch{{ID: main_, Zone: "America/St_Johns"}}, Shifts: []Shift{
		{Person: ana, Role: people.InCharge, Hours: Hours{EveryDay, 0, 60}}, // set back at 00:01 in 2010
	}}
	at := on(t, "UTC", "2010-11-07 03:00") // 23:30 on the 6th, the second time
	if local := at.In(mustZone(t, "America/St_Johns")).Format("2 15:04"); local != "6 23:30" {
		t.Fatalf("it is %s there, want 6 23:30", local)
	}
	if got := names(OnDuty(p, main_, people.InCharge, at)); got != "ana" {
		t.Errorf("OnDuty = %q, want ana: her duty began at midnight", got)
	}
}

func TestGapWords(t *testing.T) {
	p := plan(t)
	p.Away = []Away{{ben, on(t, chicago, "2026-11-24 18:00"), on(t, chicago, "2026-11-24 19:00")}, {cleo, on(t, chicago, "2026-11-24 09:00"), on(t, chicago, "2026-11-28 12:00")}}
	p.Branches[0].Open = nil
	from := on(t, chicago, "2026-11-23 00:00")
	gaps := Gaps(p, []people.Role{people.Director}, from, from.AddDate(0, 0, 7))
	got := []string{GapWords(gaps, English)[0].Text, GapWords(gaps, Spanish)[0].Text}
	gaps = Gaps(p, []people.Role{people.InCharge}, from, from.AddDate(0, 0, 14))
	for _, l := range GapWords(gaps, English) {
		if l.Branch == main_ && len(got) < 5 {
			got = append(got, l.Text)
		}
	}
	want := []string{
		"From November 24, 2026, 9:00 AM, to November 28, 2026, 12:00 PM, the director cannot be reached.",
		"Desde el 24 de noviembre de 2026, 09:00, hasta el 28 de noviembre de 2026, 12:00, no hay cómo encontrar a la dirección.",
		"On November 23, 2026, from 12:00 AM to 9:00 AM, the person in charge cannot be reached.",
		"On Mondays from 8:00 PM to 9:00 AM, the person in charge cannot be reached (2 times, next on November 23, 2026).",
		"On November 24, 2026, from 6:00 PM to 7:00 PM, the person in charge cannot be reached.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("GapWords (-want +got):\n%s", diff)
	}
}

func TestPhoneTree(t *testing.T) {
	p := plan(t)
	p.Charges = []Charge{{cleo, people.InCharge, "", on(t, chicago, "2026-11-28 11:00"), on(t, chicago, "2026-11-28 12:00")}}
	p.Away = []Away{{dora, on(t, chicago, "2026-11-25 10:00"), on(t, chicago, "2026-11-25 11:00")}} // changes nothing here
	name := func(who people.Pseudonym) string { return short[who] + " 555 0100" }
	var got []string
	for _, l := range PhoneTree(p, main_, []people.Role{people.InCharge, people.Director}, Date{2026, time.November, 25}, 5) {
		got = append(got, l.DayText(English)+" "+l.Text(English, name))
	}
	want := []string{
		"November 25, 2026 9:00 AM–4:00 PM  The person in charge: ana 555 0100; The director: cleo 555 0100",
		"November 25, 2026 4:00 PM–5:00 PM  The person in charge: ana 555 0100, ben 555 0100; The director: cleo 555 0100",
		"November 25, 2026 5:00 PM–8:00 PM  The person in charge: ben 555 0100; The director: cleo 555 0100",
		"November 27, 2026 9:00 AM–4:00 PM  The person in charge: ana 555 0100; The director: cleo 555 0100",
		"November 27, 2026 4:00 PM–5:00 PM  The person in charge: ana 555 0100, ben 555 0100; The director: cleo 555 0100",
		"November 27, 2026 5:00 PM–8:00 PM  The person in charge: ben 555 0100; The director: cleo 555 0100",
		"November 28, 2026 10:00 AM–11:00 AM  The person in charge: ben 555 0100; The director: cleo 555 0100",
		"November 28, 2026 11:00 AM–12:00 PM  The person in charge: cleo 555 0100, ben 555 0100; The director: cleo 555 0100",
		"November 28, 2026 12:00 PM–2:00 PM  The person in charge: ben 555 0100; The director: cleo 555 0100",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PhoneTree (-want +got):\n%s", diff)
	}
	lines := PhoneTree(p, west, []people.Role{people.Counsel}, Date{2026, time.November, 25}, 1)
	if len(lines) != 1 || lines[0].Text(Spanish, name) != "00:00–00:00  La persona abogada de la biblioteca: nadie" {
		t.Errorf("PhoneTree of a role that nobody has = %v", lines)
	}
}

// randomPlan draws plans that are dense around the days on which clocks jump.
func randomPlan(t *rapid.T) *Plan {
	zone := rapid.SampledFrom([]string{chicago, "America/Phoenix", "America/St_Johns", "America/Havana", "Australia/Lord_Howe", "Europe/Dublin", "Asia/Beirut", "UTC"}).Draw(t, "zone")
	hours := func(name string) Hours {
		half := rapid.IntRange(0, 47)
		return Hours{Days(rapid.IntRange(1, 255).Draw(t, name+" days")), Clock(30 * half.Draw(t, name+" from")), Clock(30 * half.Draw(t, name+" to"))}
	}
	p := &Plan{Branches: []Branch{{ID: main_, Zone: zone}}}
	for range rapid.IntRange(0, 2).Draw(t, "open") {
		p.Branches[0].Open = append(p.Branches[0].Open, hours("open"))
	}
	who := rapid.SampledFrom([]people.Pseudonym{ana, ben, cleo})
	for range rapid.IntRange(0, 4).Draw(t, "shifts") {
		s := Shift{Person: who.Draw(t, "who"), Role: people.InCharge, Hours: hours("shift"), Order: rapid.IntRange(0, 2).Draw(t, "order")}
		if rapid.Bool().Draw(t, "own") {
			s.Branch = main_
		}
		p.Shifts = append(p.Shifts, s)
	}
	base := time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)
	if rapid.Bool().Draw(t, "autumn") {
		base = time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC)
	}
	for range rapid.IntRange(0, 2).Draw(t, "away") {
		from := base.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "away from")) * 30 * time.Minute)
		p.Away = append(p.Away, Away{who.Draw(t, "who"), from, from.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "long")) * 30 * time.Minute)})
	}
	if rapid.Bool().Draw(t, "charge") {
		p.Charges = []Charge{{who.Draw(t, "who"), people.InCharge, "", base.Add(30 * time.Hour), base.Add(40 * time.Hour)}}
	}
	if rapid.Bool().Draw(t, "holiday") {
		p.Holidays = []Holiday{{Date: DateOf(base).Add(rapid.IntRange(0, 4).Draw(t, "holiday on"))}}
	}
	if err := p.Check(); err != nil {
		t.Fatalf("the drawn plan: %v", err)
	}
	return p
}

// TestGapsAgree holds Gaps, which reckons with spans, against OnDuty and IsOpen,
// which look at one moment.
func TestGapsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomPlan(t)
		from := time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)
		if rapid.Bool().Draw(t, "look at autumn") {
			from = time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC)
		}
		until := from.AddDate(0, 0, 5)
		gaps := Gaps(p, []people.Role{people.InCharge}, from, until)
		for at := from; at.Before(until); at = at.Add(15 * time.Minute) {
			isGap := slices.ContainsFunc(gaps, func(g Gap) bool { return g.has(at) })
			open, duty := IsOpen(p, main_, at), OnDuty(p, main_, people.InCharge, at)
			if isGap != (open && len(duty) == 0) {
				t.Fatalf("at %v: Gaps says %v; open %v, on duty %v", at.In(mustZoneRapid(p)), isGap, open, duty)
			}
		}
		for i, g := range gaps {
			if !g.From.Before(g.Until) || i > 0 && !gaps[i-1].Until.Before(g.From) {
				t.Fatalf("gap %d is empty or touches the one before: %v", i, gaps)
			}
		}
	})
}

func mustZoneRapid(p *Plan) *time.Location {
	zone, _ := findZone(p.Branches[0].Zone)
	return zone
}

// TestOnDutyByTheWall holds OnDuty against the clock on the wall alone, at every
// time that comes once: no reckoning with moments at all.
func TestOnDutyByTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomPlan(t)
		p.Away, p.Charges = nil, nil
		zone := mustZoneRapid(p)
		at := time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*48).Draw(t, "at")) * 30 * time.Minute)
		local := at.In(zone)
		for _, d := range []time.Duration{-3 * time.Hour, 3 * time.Hour} { // an hour that comes twice has two answers
			_, before := local.Add(d).Zone()
			if _, now := local.Zone(); before != now {
				return
			}
		}
		var want []people.Pseudonym
		for _, s := range p.Shifts {
			if s.shows(p, local) && !slices.Contains(want, s.Person) {
				want = append(want, s.Person)
			}
		}
		got := OnDuty(p, main_, people.InCharge, at)
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(got)); !slices.Equal(got, want) {
			t.Fatalf("OnDuty at %v = %v, want %v", local, got, want)
		}
	})
}

// shows is what a person reads off a rota.
func (s Shift) shows(p *Plan, local time.Time) bool {
	minute := Clock(local.Hour()*60 + local.Minute())
	isDay := func(d Date) bool {
		if p.isHoliday(main_, d) {
			return s.Days&Holidays != 0
		}
		return s.Days&On(d.Weekday()) != 0
	}
	today := DateOf(local)
	if s.From < s.To {
		return isDay(today) && minute >= s.From && minute < s.To
	}
	return isDay(today) && minute >= s.From || isDay(today.Add(-1)) && minute < s.To
}

func TestPlanCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *Plan)
		want   string
	}{
		{"whole", func(p *Plan) {}, ""},
		{"zone", func(p *Plan) { p.Branches[0].Zone = "Local" }, "branches.0.zone"},
		{"zone outside", func(p *Plan) { p.Branches[0].Zone = "../../etc/passwd" }, "branches.0.zone"},
		{"branch twice", func(p *Plan) { p.Branches[1].ID = main_; p.Shifts = nil; p.Holidays = nil }, "branches.1.id"},
		{"unknown branch", func(p *Plan) { p.Shifts[0].Branch = "east" }, "shifts.0.branch"},
		{"a name for a person", func(p *Plan) { p.Shifts[1].Person = "Ana" }, "shifts.1.person"},
		{"auditor", func(p *Plan) { p.Shifts[1].Role = people.Auditor }, "shifts.1.role"},
		{"no days", func(p *Plan) { p.Shifts[1].Days = 0 }, "shifts.1.days"},
		{"24:00", func(p *Plan) { p.Shifts[1].To = 1440 }, "shifts.1.to"},
		{"last before first", func(p *Plan) {
			p.Shifts[1].First, p.Shifts[1].Last = Date{2026, 5, 2}, Date{2026, 5, 1}
		}, "shifts.1.last"},
		{"31 June", func(p *Plan) { p.Holidays[2] = Holiday{Month: time.June, Day: 31} }, "holidays.2.day"},
		{"fifth Monday", func(p *Plan) { p.Holidays[2] = Holiday{Month: time.June, Weekday: time.Monday, Nth: 5} }, "holidays.2.nth"},
		{"two ways", func(p *Plan) { p.Holidays[2].Date = Date{2026, 7, 4} }, "holidays.2.date"},
		{"away backwards", func(p *Plan) {
			p.Away = []Away{{ana, on(t, chicago, "2026-05-02 00:00"), on(t, chicago, "2026-05-01 00:00")}}
		}, "away.0.until"},
		{"in charge for ever", func(p *Plan) {
			p.Charges = []Charge{{ana, people.InCharge, "", on(t, chicago, "2026-05-02 00:00"), on(t, chicago, "2027-05-01 00:00")}}
		}, "charges.0.until"},
		{"too many", func(p *Plan) { p.Shifts = make([]Shift, MaxShifts+1) }, "shifts"},
	} {
		p := plan(t)
		c.change(p)
		var got []string
		for _, f := range fault.FieldsOf(p.Check()) {
			got = append(got, f.Name)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: Check finds fault with %q, want %q", c.name, got, c.want)
		}
	}
}

// BenchmarkGapsYear is the largest question that a page asks, of a consortium.
func BenchmarkGapsYear(b *testing.B) {
	p := &Plan{}
	for i := range 40 {
		id := people.BranchID(fmt.Sprintf("branch-%d", i))
		p.Branches = append(p.Branches, Branch{ID: id, Zone: chicago, Open: []Hours{{weekdays, 540, 1200}}})
		for j := range 8 {
			p.Shifts = append(p.Shifts, Shift{Person: ana, Role: people.InCharge, Branch: id, Hours: Hours{weekdays, Clock(540 + 60*j), Clock(660 + 60*j)}})
		}
	}
	p.Shifts = append(p.Shifts, Shift{Person: cleo, Role: people.Director, Hours: Hours{EveryDay, 0, 0}})
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		Gaps(p, []people.Role{people.InCharge, people.Director}, from, from.AddDate(1, 0, 0))
	}
}
