package page

import "time"

func galleryDesk() []Entry {
	duty := &Duty{
		Contact: Contact{Name: "Imani Okafor", Role: "duty supervisor", Phone: "555 0148"},
		Until:   ago(-6*time.Hour - 14*oneMinute),
		Next:    Contact{Name: "Director", Phone: "555 0142"},
	}
	tree := []Contact{
		{Name: "Imani Okafor", Role: "Duty supervisor", Phone: "555 0148"},
		{Name: "Ruth Alder", Role: "Director", Phone: "555 0142"},
		{Name: "Sam Iverson", Role: "Deputy director"},
	}
	nudge := &Nudge{Title: "A parent wants records", Minutes: 10, Href: "/practise"}
	live := []Live{{Title: "An officer is here", Where: "Northside branch", Since: "6 min", Href: "/i/0147"}}
	presence := Guide{ID: "presence", Title: "Officers are here, nobody asked anything", Start: true}
	toRead := presence
	toRead.Start = false
	full := Desk{Presence: &presence, Frame: staffFrame(), Danger: galleryDanger, Guides: guides(true), Total: 13, Live: live, Duty: duty, Practise: nudge, Paper: "/desk/all"}

	two := full
	two.Live = []Live{
		{Title: "An officer is here", Where: "Harbor branch", Since: "2 min", Href: "/i/0148"},
		live[0],
	}
	two.Frame = noticed(staffFrame(), Done, "Saved. Your director has been told.", Link{})

	alone := Desk{Presence: &presence, Frame: deviceFrame(), Danger: galleryDanger, Guides: guides(true), Total: 13, Duty: duty, SignIn: true, Practise: nudge}
	running := alone
	running.Running = &Running{Title: "An officer is here", Step: 3, Since: ago(4 * oneMinute), Href: "/i/0147/step/3"}
	running.Waiting = 3
	running.Status = Status{State: Kept}

	nobody := alone
	nobody.Duty, nobody.Tree, nobody.Practise = nil, tree, nil
	nobody.Danger = Danger{Dial: "9 911", Words: "From the red phone behind the desk, dial 9 911."}

	offline := alone
	offline.Status = Status{State: Offline}
	offline.Guides = guides(true)
	offline.Guides[2].Unready = "Not ready offline. Stay on this page a moment."

	read := full
	read.Guides, read.Live, read.Presence = guides(false), nil, &toRead
	read.KeysOff = true

	empty := Desk{Frame: staffFrame(), Danger: Danger{Dial: "911"}}

	right := full
	right.Lang, right.Dir = "ar", "rtl"

	return []Entry{
		entry("desk", full),
		entry("desk-two", two),
		entry("desk-nobody-signed-in", alone),
		entry("desk-running", running),
		entry("desk-nobody-in-charge", nobody),
		entry("desk-offline", offline),
		entry("desk-read-only", read),
		entry("desk-empty", empty),
		entry("desk-rtl", right),
		entry("desk-all", DeskAll{Frame: staffFrame(), Danger: galleryDanger, Guides: guides(true)}),
		entry("desk-all-found", DeskAll{Frame: deviceFrame(), Danger: galleryDanger, Search: Search{Text: "child"}, Guides: guides(false)[2:4]}),
		entry("desk-all-none-found", DeskAll{Frame: deviceFrame(), Danger: galleryDanger, Search: Search{Text: "tuba"}}),
		entry("desk-all-empty", DeskAll{Frame: deviceFrame(), Danger: galleryDanger}),
		entry("go", galleryGo()),
		entry("go-not-here", galleryGoNotHere()),
		entry("go-empty", Go{Frame: staffFrame(), ID: "officer", Title: "An officer is here", Summary: "Police, immigration, any badge or court paper"}),
	}
}

func galleryGo() Go {
	return Go{
		Frame: staffFrame(), Danger: galleryDanger, ID: "officer", Title: "An officer is here",
		Summary: "Police, immigration or other officers ask about a patron, show a paper, or are in the building.",
		Start:   true, Checked: ago(30 * oneDay), By: "town counsel",
		Steps: []GuideStep{
			{Number: 1, Title: "Greet the officer", Say: []string{"Hello. I am not able to answer or to agree to anything.", "The director of the library is the person to talk to. I am calling now."},
				Do:    []string{"Tell the director.", "Stay in the public room. Keep your hands where they can be seen."},
				DoNot: []string{"Look anything up, or turn a screen.", "Say who is here, who was here, or what anybody reads."},
				Next:  []GuideNext{{Words: "They show a paper", To: 2}, {Words: "They leave", Or: "This is the end"}, {Words: "I am not sure", To: 2}}},
			{Number: 2, Title: "Ask to see the paper", Text: "Read all of it. Do not give any records yet.", Say: []string{"May I see the paper? I need to read it and call my director."},
				Look: []string{"Is it signed by a judge?", "Does it name one person?"},
				Next: []GuideNext{{Words: "A paper signed by a judge", Or: "Call counsel and wait"}, {Words: "No paper", To: 1}, {Words: "I am not sure", Or: "Call the director"}}},
		},
		Sources: []string{"American Library Association, guidance on law-enforcement inquiries (checked November 2026)"},
	}
}

func galleryGoNotHere() Go {
	g := galleryGo()
	g.Frame = Frame{Library: "Millbrook Public Library"}
	g.Start, g.WhyNot = false, "This device is not enrolled, so nothing is saved from here. Read the steps, or sign in to start."
	g.Checked, g.By, g.Sources = time.Time{}, "", nil
	return g
}
