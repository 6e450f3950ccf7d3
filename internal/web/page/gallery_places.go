package page

import "time"

func galleryIncidents() []Entry {
	filter := CaseFilter{
		States:   []Option{{Value: "", Words: "All"}, {Value: "live", Words: "Live"}, {Value: "open", Words: "Report open"}, {Value: "closed", Words: "Closed"}},
		Branches: galleryBranches,
		Types:    []Option{{Value: "", Words: "All guides"}, {Value: "officer", Words: "An officer is here"}, {Value: "baiting", Words: "Baited about politics"}},
	}
	cases := []CaseRow{
		{Number: "N-0147", Title: "An officer is here", Branch: "Northside", State: CaseLive, Started: ago(4 * oneMinute), Href: "/i/0147"},
		{Number: "H-0146", Title: "A complaint about a patron", Branch: "Harbor", State: CaseOpen, Started: ago(2 * oneDay), Owner: "Sam Iverson", Href: "/i/0146"},
		{Number: "N-0141", Title: "Room request", Branch: "Northside", State: CaseClosed, Started: ago(9 * oneDay), Owner: "Imani Okafor", Href: "/i/0141"},
		{Number: "N-0139", Title: "A paper to answer", Branch: "Northside", State: CaseSealed, Started: ago(20 * oneDay), Owner: "Imani Okafor", Href: "/i/0139"},
	}
	narrowed := filter
	narrowed.State = "closed"
	due := []Deadline{
		{Due: ago(3 * oneDay), What: "Answer the paper", Who: "Town counsel", Case: "N-0139", Href: "/i/0139", Left: "3 days late", Late: true},
		{Due: ago(-2 * oneDay), What: "Finish the report", Who: "Sam Iverson", Case: "H-0146", Href: "/i/0146", Left: "in 2 days"},
		{Due: ago(-6 * oneDay), What: "Review the report", Case: "N-0141", Href: "/i/0141", Left: "in 6 days"},
	}
	whole := galleryCase()
	bare := Case{Frame: staffFrame(), Number: "N-0150", Title: "Baited about politics", Where: "Northside branch", State: CaseOpen, Started: ago(oneDay), LogHref: "/i/0150/log"}
	logged := CaseLog{Frame: staffFrame(), Number: "N-0147", Title: "An officer is here", Turn: "/i/0147/log?order=oldest", Back: "/i/0147", Lines: whole.Log, Print: true,
		Proof: []Fact{{Name: "Checkpoint", Value: "4096 entries, 25 November 2026 10:00"}, {Name: "Origin", Value: "roundtable.example/millbrook", Code: true}}}
	turned := logged
	turned.Oldest, turned.Lines = true, nil
	return []Entry{
		entry("incidents", Incidents{Frame: staffFrame(), Filter: filter, Cases: cases, More: More{Older: "/incidents?before=N-0139"}}),
		entry("incidents-none-fits", Incidents{Frame: staffFrame(), Filter: narrowed}),
		entry("incidents-empty", Incidents{Frame: staffFrame(), Filter: filter}),
		entry("deadlines", Deadlines{Frame: staffFrame(), Due: due}),
		entry("deadlines-empty", Deadlines{Frame: staffFrame()}),
		entry("case", whole),
		entry("case-bare", bare),
		entry("case-log", logged),
		entry("case-log-empty", turned),
	}
}

func galleryCase() Case {
	return Case{
		Frame: staffFrame(), Number: "N-0147", Title: "An officer is here", Where: "Northside branch, front desk", State: CaseLive, Started: ago(4 * oneMinute), Call: "555 0110",
		Facts: []Fact{
			{Name: "Who", Value: "Two people, badges shown. One said “federal”."},
			{Name: "What they want", Value: "Records of one patron"},
			{Name: "Paper", Value: "2 pages, no judge.", Link: Link{Words: "See the log", Href: "/i/0147/log"}},
			{Name: "Given so far", Value: "Nothing"},
		},
		MayAlerts: true, Alerts: galleryAlerts(), LogHref: "/i/0147/log",
		Log: []LogLine{
			{At: ago(10 * time.Second), Icon: "fork", What: "A paper with no judge", Who: "Front desk answered “What did they give you?” Step 4 opened.", New: true},
			{At: ago(oneMinute), Icon: "say", What: "Said", Text: "May I see the paper? I need to read it and call my director.", Said: true},
			{At: ago(2 * oneMinute), Icon: "bell", What: "You opened this case", Who: "Counsel told by text and mail."},
			{At: ago(3 * oneMinute), Icon: "note", What: "Note", Text: "Polite so far. They wait by the door.", Who: "Front desk"},
			{At: ago(4 * oneMinute), Icon: "start", What: "Started by the front desk", Who: "Supervisor told. Answered in 22 seconds."},
		},
		Tasks:   []Task{{Name: "What happened", State: "Not written", Href: "/i/0147/log"}, {Name: "Deadlines", Href: "/deadlines"}},
		Readers: []string{"Whoever is in charge at Northside", "The director", "Town counsel, until 30 June 2027"},
		Deleted: ago(-90 * oneDay),
	}
}

func galleryPlaces() []Entry {
	scenarios := []Scenario{
		{Title: "An officer asks about a patron", Summary: "An officer pushes, with no paper, the wrong paper, a paper for later, and a judge’s paper.", Minutes: 10, Href: "/practise/solo/officer", Done: ago(40 * oneDay)},
		{Title: "A visitor pushes you on politics", Summary: "Keep your views out of work with someone who wants a fight.", Minutes: 10, Href: "/practise/solo/baiting"},
	}
	unready := []Scenario{{Title: "A parent demands a child’s record", Summary: "Stay kind, open nothing on a say-so."}}
	public := Frame{Library: "Millbrook Public Library", LeaveTo: "https://library.example/"}
	lines := []NationalLine{
		{Name: "A line to talk to", What: "For anybody who thinks of ending their life, or is afraid that somebody might.", Phone: "555 0188", Text: "Or text 555 0189.", Hours: "Day and night"},
		{Name: "Help when somebody at home hurts you", What: "Talk about what is possible. You decide.", Phone: "555 0190", Hours: "Day and night"},
	}
	requests := []RoomRequest{
		{Room: "Community room", From: ago(-5 * oneDay), Until: ago(-5*oneDay - 2*time.Hour), Asked: ago(oneDay), State: "Waits for you", Href: "/rooms/requests/1"},
		{Room: "Reading room", From: ago(-8 * oneDay), Until: ago(-8*oneDay - time.Hour), Asked: ago(2 * oneDay), State: "Rule to check", Href: "/rooms/requests/2"},
	}
	return []Entry{
		entry("practise", Practise{Frame: staffFrame(), Scenarios: scenarios}),
		entry("practise-not-yet", Practise{Frame: deviceFrame(), Scenarios: unready, WhyNot: "Practice on a screen is not ready here yet. Read a scene aloud with a colleague until then."}),
		entry("practise-empty", Practise{Frame: staffFrame()}),
		entry("room-requests", RoomRequests{Frame: staffFrame(), Requests: requests, Rooms: 2}),
		entry("room-requests-none", RoomRequests{Frame: staffFrame(), Rooms: 1}),
		entry("room-requests-no-rooms", RoomRequests{Frame: staffFrame(), Setup: Link{Words: "Go to settings", Href: "/manage/settings"}}),
		entry("help", Help{Frame: public, Topics: []Topic{{Title: "A place to sleep", Href: "/help/a4", Count: 4}, {Title: "Food today", Href: "/help/b7", Count: 1}}, Lines: lines, Desk: "555 0110"}),
		entry("help-empty", Help{Frame: Frame{Library: "Millbrook Public Library"}, Lines: lines}),
	}
}
