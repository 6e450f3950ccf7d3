package page

import "strings"

// galleryTroubles is what the top of the phone tree says.
var galleryTroubles = Troubles{
	Gaps: []TroubleGroup{
		{Branch: "Northside", Lines: []string{"On Sundays from 1:00 PM to 5:00 PM, the director cannot be reached (4 times, next on November 29, 2026)."}},
		{Branch: "Harbor", Lines: []string{
			"From November 25, 2026, 10:46 AM, to December 23, 2026, 10:46 AM, the library's lawyer cannot be reached.",
			"On December 24, 2026, from 9:00 AM to 1:00 PM, the person in charge cannot be reached.",
		}},
	},
	Unreached: []string{"Ruth Alder"},
}

var galleryLadderWords = []string{
	"The person in charge is alerted by a push message, or if that fails by text message, or if that fails by e-mail.",
	"If nobody reads it in 3 minutes, it is sent again.", "If nobody reads it in 3 more minutes, the director is called.",
	"If nobody reads it in 5 minutes, the desk is told to call, and after 10 minutes it all begins again, then less and less often.",
	"If somebody reads it, they have the same time again to say that they are on it. If they do not, it goes on as if nobody had read it.",
	"It stops when somebody says that they are on it, or when the desk says that nobody is needed any more. Closing the guide does not stop it.",
}

var galleryTestRoles = []Option{{Value: "in_charge", Words: "In charge"}, {Value: "director", Words: "Director"}, {Value: "counsel", Words: "Counsel"}, {Value: "safety_lead", Words: "Safety lead"}}

func galleryPlan() *PlanView {
	return &PlanView{
		Troubles: galleryTroubles,
		Shifts: []ShiftGroup{
			{Branch: "All branches", Shifts: []ShiftRow{
				{ID: "shift:1", Who: "Ruth Alder", Role: "Director", When: "Monday to Friday, 9:00 AM to 5:00 PM"},
				{ID: "shift:2", Who: "Sam Iverson", Role: "Counsel", When: "Every day and holidays, day and night", Dates: "From 1 December 2026 to 31 May 2027"},
			}},
			{Branch: "Northside", Shifts: []ShiftRow{
				{ID: "shift:3", Who: "Imani Okafor", Role: "In charge", When: "Monday, Wednesday and holidays, 10:00 PM to 6:00 AM the next day", Order: "Named in place 2"},
				{ID: "shift:4", Who: "Somebody who has left", Role: "In charge", When: "Saturday, 9:00 AM to midnight", Lapse: "Does not count: nobody is told"},
			}},
		},
		Hours: []PlanGroup{
			{Name: "Northside", Items: []PlanItem{{ID: "hours:1:1", Words: "Monday to Friday, 9:00 AM to 8:00 PM"}, {ID: "hours:1:2", Words: "Sunday, 1:00 PM to 5:00 PM"}}},
			{Name: "Harbor", Empty: "None are written down, so it counts as staffed day and night."},
		},
		Holidays: []PlanItem{{ID: "holiday:1", Words: "Thanksgiving", Hint: "Fourth Thursday in November, every year"}, {ID: "holiday:2", Words: "Founder’s day", Hint: "14 May 2027, at Harbor"}},
		Away:     []PlanItem{{ID: "away:1", Words: "You", Hint: "From Monday 21 December 2026, 12:00 AM until Monday 4 January 2027, 12:00 AM"}, {Words: "Ruth Alder", Hint: "From Friday 27 November 2026, 2:00 PM until Friday 27 November 2026, 4:00 PM"}},
		Always:   []string{"Nothing is written for the safety lead at Northside, so Imani Okafor is told day and night.", "Nothing is written for the safety lead at Harbor, and nobody has this role."},
		Ladders: []LadderCard{
			{Title: "Every situation", Words: galleryLadderWords, Href: "/manage/tree/ladders/any/any"},
			{Title: "Demands for records, when it is urgent", Words: galleryLadderWords[:4], Own: true, Href: "/manage/tree/ladders/demand/urgent"},
		},
		Drills: []Drill{
			{Branch: "Northside", Due: true, Post: "/manage/tree/1", MayRun: true, MayTest: true, Roles: galleryTestRoles},
			{Branch: "Harbor", Last: ago(40 * oneDay), Result: "/alert/2", Post: "/manage/tree/2", MayRun: true, MayTest: true, Roles: galleryTestRoles},
		},
		MayEdit: true, MayAway: true,
	}
}

func galleryPlanEntries() []Entry {
	imani := []OnDuty{{ID: "d1", Name: "Imani Okafor", Role: "In charge", Until: ago(-7 * 60 * oneMinute)}}
	branches := []BranchTree{{Branch: "Northside", Known: true, InCharge: imani, Lines: []TreeLine{{ID: "l3", Name: "Duty phone", Role: "In charge", Phone: "555 0148"}}, SetDuty: "/manage/tree/1/duty", MayEdit: true}}
	noWay, read := galleryPlan(), &PlanView{
		Shifts: []ShiftGroup{{Branch: "All branches", Shifts: []ShiftRow{{Who: "Somebody", Role: "Director", When: "Monday to Friday, 9:00 AM to 5:00 PM"}}}},
		Always: []string{"Nothing is written for the library's lawyer, so everybody in this role is told day and night."},
		Hours:  []PlanGroup{{Name: "Northside", Empty: "None are written down, so it counts as staffed day and night."}}, Ladders: []LadderCard{{Title: "Every situation", Words: galleryLadderWords}}, MayAway: true,
	}
	noWay.Troubles, noWay.Drills[0].Running, noWay.Drills[0].Last, noWay.Drills[0].Result = Troubles{NoWay: true}, true, galleryNow, "/alert/1"
	onOverview := galleryTroubles
	onOverview.Href = "/manage/tree"
	card := ManageCard{Title: "Phone tree", Href: "/manage/tree", Icon: "tree", Fact: "Whom a desk calls", Needs: "4 to mend: somebody cannot be reached"}
	return append([]Entry{
		entry("tree-plan", PhoneTree{Frame: staffFrame(), Branches: branches, MayAdd: true, Plan: galleryPlan()}),
		entry("tree-plan-no-way", PhoneTree{Frame: staffFrame(), Branches: branches, MayAdd: true, Plan: noWay}),
		entry("tree-plan-read-only", PhoneTree{Frame: staffFrame(), Branches: []BranchTree{{Branch: "Northside", Known: true, InCharge: imani}}, Plan: read}),
		entry("manage-gaps", Manage{Frame: staffFrame(), Cards: []ManageCard{card}, Troubles: onOverview}),
		entry("tree-print-days", ManageTree{Frame: staffFrame(), Day: day(galleryNow), Branches: []TreeBranch{{Branch: "Northside", Dial: "9 911", Contacts: []Contact{{Name: "Duty phone", Role: "In charge", Phone: "555 0148"}}, Days: galleryPaper()}}}),
	}, galleryPlanForms()...)
}

func galleryPaper() (days []PaperDay) {
	columns := func(lead string) []PaperColumn {
		return []PaperColumn{{Role: "In charge", Names: strings.Fields(lead)}, {Role: "Director", Names: []string{"Ruth Alder", "Imani Okafor"}}, {Role: "Counsel"}}
	}
	for n := range 14 {
		d := PaperDay{Name: day(galleryNow.AddDate(0, 0, n))}
		if n%7 != 4 {
			d.Lines = []PaperHours{{Hours: "9:00 AM to 1:00 PM", Columns: columns("Imani Ruth")}, {Hours: "1:00 PM to 8:00 PM", Columns: columns("")}}
		}
		days = append(days, d)
	}
	return days
}

func galleryPlanForms() []Entry {
	people := []Option{{Words: "Choose a person"}, {Value: "1", Words: "Imani Okafor (In charge)"}, {Value: "2", Words: "Ruth Alder (Director and Safety lead)"}}
	roles := []Option{{Words: "Choose a role"}, {Value: "in_charge", Words: "In charge"}, {Value: "director", Words: "Director"}}
	shift := ShiftForm{Order: "0", People: people, Roles: roles, Branches: galleryBranches, Orders: []Option{{Value: "0", Words: "In place 1"}, {Value: "1", Words: "In place 2"}}}
	shiftWrong := shift
	shiftWrong.Role, shiftWrong.Sun, shiftWrong.Hol, shiftWrong.From, shiftWrong.To, shiftWrong.First, shiftWrong.Last = "director", true, true, "nine", "17:00", "2027-01-01", "2026-01-01"
	shiftWrong.Form = problems("person", "Choose a person.", "days", "Choose at least one day.", "from", "Write the time like 09:30.", "last", "Write a date that is not before the first day, or leave it empty.")
	hours := HoursForm{Branches: galleryBranches}
	hoursWrong := hours
	hoursWrong.From = "9"
	hoursWrong.Form = problems("days", "Choose at least one day.", "from", "Write the time like 09:30.")
	holiday := HolidayForm{
		How: "once", Branches: galleryBranches,
		Hows:   []Option{{"once", "On one date", "Fill in the date."}, {"yearly", "On the same day every year", "Fill in the month and its day."}, {"weekday", "On a day of the week in a month, every year", "Fill in the month, which one, and the day of the week."}},
		Months: []Option{{Words: "Choose a month"}, {Value: "11", Words: "November"}}, Nths: []Option{{Words: "Choose which one"}, {Value: "4", Words: "Fourth"}}, Weekdays: []Option{{Words: "Choose a day"}, {Value: "4", Words: "Thursday"}},
	}
	holidayWrong := holiday
	holidayWrong.How, holidayWrong.Month, holidayWrong.Name = "weekday", "11", "Thanksgiving"
	holidayWrong.Form = problems("nth", "Choose which one.", "weekday", "Choose a day of the week.")
	away := AwayForm{FromDay: "2026-12-21", UntilDay: "2027-01-03", People: people}
	awayWrong := AwayForm{FromDay: "2026-12-21", UntilDay: "2026-12-01", From: "noon"}
	awayWrong.Form = problems("from", "Write the time like 09:30.", "until_day", "Choose an end after the beginning.")
	mine := []PlanItem{{ID: "away:1", Words: "You", Hint: "From Monday 21 December 2026, 12:00 AM until Monday 4 January 2027, 12:00 AM"}}
	return append([]Entry{
		entry("tree-shift", AddShift{Frame: staffFrame(), Form: shift}), entry("tree-shift-error", AddShift{Frame: staffFrame(), Form: shiftWrong}),
		entry("tree-hours", AddHours{Frame: staffFrame(), Form: hours}), entry("tree-hours-error", AddHours{Frame: staffFrame(), Form: hoursWrong}),
		entry("tree-holiday", AddHoliday{Frame: staffFrame(), Form: holiday}), entry("tree-holiday-error", AddHoliday{Frame: staffFrame(), Form: holidayWrong}),
		entry("tree-away", AddAway{Frame: staffFrame(), Form: away}), entry("tree-away-error", AddAway{Frame: staffFrame(), Form: awayWrong, Mine: mine}),
	}, galleryLadders()...)
}

func galleryLadders() []Entry {
	quick := "push,sms,mail"
	form := LadderForm{
		Pause:    "10",
		Roles:    []Option{{Words: "Nobody"}, {Value: "in_charge", Words: "In charge"}, {Value: "director", Words: "Director"}, {Value: "counsel", Words: "Counsel"}},
		Channels: []Option{{Value: quick, Words: "Browser, then text message, then e-mail"}, {Value: "mail", Words: "E-mail"}},
		Repeats:  []Option{{Value: "0", Words: "Not again"}, {Value: "1", Words: "Once"}, {Value: "2", Words: "2 times"}},
		Rungs:    []RungRow{{1, "in_charge", "3", quick, "1"}, {2, "director", "5", quick, "1"}, {3, "", "5", quick, "0"}},
	}
	wrong := form
	wrong.Pause, wrong.Rungs = "soon", []RungRow{{1, "in_charge", "zero", quick, "1"}, {2, "in_charge", "5", quick, "0"}}
	wrong.Form = problems("minutes-1", "Write how many minutes they have, from 1 to 240.", "role-2", "Choose somebody else than just before. To tell the same people again, say how often.", "pause", "Write how many minutes to wait before it begins again, up to a day.")
	edit := EditLadder{Frame: staffFrame(), Title: "Every situation", Words: galleryLadderWords, Post: "/manage/tree/ladders/any/any", Form: form, Item: "ladder:any:any"}
	own, bad := edit, edit
	own.Title, own.Own, own.Usual = "Demands for records", true, true
	bad.Form, bad.Own = wrong, true
	groups := []LadderGroup{
		{"Every situation", []Task{{Name: "Always", State: "As it was at first", Hint: galleryLadderWords[0], Href: "/manage/tree/ladders/any/any"}, {Name: "When it is calm", State: "Nothing of its own", Href: "/manage/tree/ladders/any/calm"}}},
		{"Demands for records", []Task{{Name: "Always", State: "Set by your library", Hint: galleryLadderWords[0], Href: "/manage/tree/ladders/demand/any"}}},
	}
	return []Entry{
		entry("ladders", Ladders{Frame: staffFrame(), Groups: groups}),
		entry("ladder", edit), entry("ladder-own", own), entry("ladder-error", bad),
	}
}

func galleryMeAlerts() []Entry {
	full := MeAlerts{
		Frame: staffFrame(), Own: "imani@millbrook.example", Form: AlertsForm{On: true, Number: "+15550100123"}, Key: "BExampleKeyThatIsNone",
		Browsers: []AlertBrowser{{ID: "1", Name: "My phone", Made: ago(30 * oneDay)}, {ID: "2", Name: "Office computer", Made: ago(2 * oneDay)}},
		Tests:    []Drill{{Branch: "Northside", Post: "/manage/tree/1", MayTest: true, Roles: galleryTestRoles}},
	}
	wrong := full
	wrong.Form = AlertsForm{Form: problems("mail", "Write an address such as name@library.example, or leave this empty.", "number", "Write the number with + and the country first, such as +1 555 010 0123."), On: true, Mail: "imani at home", Number: "555 0123"}
	off := MeAlerts{
		Frame: staffFrame(), Nothing: true, WhyNot: "Browsers take alerts only at an address with a name and TLS, and this one has none. Ask whoever looks after Roundtable. E-mail and text messages work all the same.",
		Off:  []string{"This server sends no text messages yet. What you choose here counts once it does."},
		Lost: []string{"Your number cannot be reached any more. It was taken off on Tuesday 24 November 2026.", "The browser “My phone” takes no alerts any more. It was taken off on Tuesday 24 November 2026."},
	}
	named := full
	named.Browsers, named.Browser = nil, BrowserForm{Form: problems("name", "Write something here.")}
	return []Entry{
		entry("me-alerts", full), entry("me-alerts-error", wrong), entry("me-alerts-off", off), entry("me-alerts-browser-error", named),
	}
}
