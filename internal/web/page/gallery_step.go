package page

// galleryStep is the third step of a guide, with something of everything.
func galleryStep() Step {
	english := WordsIn("en")
	say := []Saying{
		{Number: 1, Words: "May I see the paper? I need to read it and call my director."},
		{Number: 2, Words: "Thank you. I will read all of it.", Said: true},
	}
	card := StepCard{
		Number: 3, Words: english, Open: true, Post: "/i/0147", Say: "/i/0147/say/3?words=",
		Heading: "Ask to see the paper", Text: Text{{Spans: []Span{{Words: "Read all of it. Do not give any records yet."}}}},
		SayName: "Say this", Sayings: say,
		Do: Section{"Do this", Text{{Items: []Item{
			{Tick: 1, Ticked: true, Text: Text{{Spans: []Span{{Words: "Call "}, {Words: "the director", Href: "#call-director"}, {Words: "."}}}}},
			{Tick: 2, Text: Text{{Spans: []Span{{Words: "Write "}, {Words: "what it asks for", Href: "#f-asks"}, {Words: "."}}, Fields: []Written{
				{Name: "asks", Label: "what it asks for", Type: "text", Rows: []WrittenRow{{Value: "A list of loans", Words: "A list of loans", By: "e1"}}},
				{Name: "due", Label: "when it is due", Type: "date", Deadline: true, Rows: []WrittenRow{{New: false}}},
			}}}},
			{Text: Text{{Spans: []Span{{Words: "List "}, {Words: "what they take", Href: "#f-taken"}, {Words: ", with "}, {Words: "the form", Href: "#sheet-form"}, {Words: "."}}, Fields: []Written{
				{Name: "taken", Label: "what they take", Type: "inventory", Rows: []WrittenRow{{Row: "r1", Value: "One keyboard", By: "e2"}, {Row: "r2", New: true}}},
				{Name: "pages", Label: "the pages", Type: "photo", Photos: []Link{{Words: "Photo 1", Href: "/i/0147/files/1"}}},
				{Name: "kind", Label: "the kind", Type: "choice", Options: []Option{{Value: "0", Words: "A letter"}, {Value: "1", Words: "A form"}}, Rows: []WrittenRow{{Value: "1", By: "e3"}}},
			}}}},
		}}}},
		DoNot: Section{"Do not", Text{{Items: []Item{{Text: Text{{Spans: []Span{{Words: "Look anything up."}}}}}}}}},
		Look:  Section{"Look for", Text{{Items: []Item{{Text: Text{{Spans: []Span{{Words: "Is it signed by a "}, {Words: "judge", Strong: true}, {Words: "?"}}}}}}}}},
		Ask:   Section{"Ask yourself", Text{{Ordered: true, Items: []Item{{Text: Text{{Spans: []Span{{Words: "Would I do the same for "}, {Words: "anyone", Emph: true}, {Break: true}, {Words: "else?"}}}, {Quote: Text{{Spans: []Span{{Words: "Anyone at all."}}}}}}}}}}},
		Timers: []Countdown{{Seconds: 600, Length: "10 minutes", Until: ago(-8 * oneMinute), Left: "10 minutes, until 10:54"},
			{Seconds: 60, Length: "1 minute", Until: ago(oneMinute), Over: true}},
		Ways: []Way{
			{Choice: 0, Send: 0, Key: 1, Words: "A paper signed by a judge"},
			{Choice: 1, Send: 1, Key: 2, Words: "A paper with no judge"},
			{Choice: 3, Send: 3, Words: "It says to tell nobody", Off: &OffPage{Title: "It says to tell nobody",
				Card: StepCard{Number: 16, Words: english, Heading: "Write nothing about this", Sayings: say[:1], Do: Section{"Do this", Text{{Items: []Item{{Text: Text{{Spans: []Span{{Words: "Keep it with you."}}}}}}}}}},
				Ways: []OffWay{{Words: "Go on", Off: &OffPage{Title: "Go on", Card: StepCard{Number: 17, Words: english, Heading: "Keep it with you", Text: Text{{Spans: []Span{{Words: "Give it to the director."}}}}}, Ways: []OffWay{{Words: "I have it with me", End: true, Owner: "the director"}}}}}}},
			{Choice: 2, Send: 2, Key: 3, Words: "I am not sure", Soft: true},
		},
		Callees: []Callee{
			{Role: "director", Who: "the director", Lines: []Contact{{Name: "Ruth Alder", Phone: "555 0142"}}, Alerted: true, Result: "No answer", At: ago(2 * oneMinute)},
			{Role: "counsel", Who: "the lawyer"},
		},
		Why: Section{"Why", Text{{Items: []Item{{Text: Text{{Spans: []Span{{Words: "We keep what people read private. "}, {Words: "Who answers", Href: "#policy-who"}, {Words: " "}, {Words: "more", Href: "https://library.example/", Outside: true}}}}}}}}},
		Bases: []Basis{
			{ID: "policy-who", Title: "Law enforcement: Who answers", Text: Text{{Spans: []Span{{Words: "Only the director answers."}}}, {Items: []Item{{Text: Text{{Spans: []Span{{Words: "In writing."}}}, {Quote: Text{{Spans: []Span{{Words: "And kindly."}}}}}}}}}}, Source: "Source: invented. Checked November 2026. This is our own advice, from library practice."},
			{ID: "law-records", Title: "The law here", Text: Text{{Spans: []Span{{Words: "Ask your lawyer."}}}}},
		},
		Sheets: []Sheet{{ID: "sheet-form", Title: "Form for what is taken", Lang: "en", Text: Text{{Head: "What was taken"}, {Spans: []Span{{Words: "____"}}}}, Href: "/handout/inventory_form",
			Source: "Source: invented.", Address: "desk.library.example/h/k3m8q2", Code: galleryQR("HTTPS://DESK.LIBRARY.EXAMPLE/H/K3M8Q2")}},
	}
	photos := Link{Words: english.Photos(2), Href: "/i/0147/files"}
	f := deviceFrame()
	f.Status = Status{State: Saved, At: ago(oneMinute)}
	return Step{
		Frame: f, Title: "An officer is here", Card: card, Number: 3, More: 3, Event: "01936530-7d24-7cde-8f00-001122334455", Follows: "01936530-7d24-7cde-8f00-001122334400",
		MayBack: true, Back: "Greet the officer", HandOver: "/i/0147/hand-over", Photos: &photos, Alerts: []string{"the director"},
		Langs: []Language{{Name: "English", Lang: "en", Dir: "ltr", Current: true}, {Name: "Español", Lang: "es", Dir: "ltr", Href: "/i/0147/step/3?lang=es"}},
	}
}

func galleryStepEntries() []Entry {
	full := galleryStep()

	one := full
	one.Card.Ways = []Way{{Choice: 0, Send: -1, Key: 1, Words: "Go on"}}
	one.Card.Do, one.Card.DoNot, one.Card.Callees, one.Card.Sheets, one.Card.Timers = Section{}, full.Card.DoNot, nil, nil, nil
	one.Card.Lang, one.Card.Dir = "en", "ltr"
	one.Number, one.More, one.MayBack, one.HandOver, one.Alerts = 1, 1, false, "", nil
	one.Card.Scene = Text{{Spans: []Span{{Words: "You are polite. You send for help."}}}}
	one.Help = &Callee{Role: "in_charge", Who: "the person in charge", Lines: []Contact{{Phone: "555 0148"}}}
	nobody := one
	nobody.Help = nil

	wrong := full
	wrong.Refused = "The choice was not taken. Change what is marked first."
	wrong.NoteProblem, wrong.Note = "This is 3 characters too long. Make it shorter.", "Two officers came in."
	wrong.Card.Do = Section{"Do this", Text{{Spans: []Span{{Words: "Write when."}}, Fields: []Written{
		{Name: "when", Label: "when it was", Type: "time", Problem: "This is not a time such as 19:30.", Rows: []WrittenRow{{}}},
		{Name: "what", Label: "what it was", Type: "text", Problem: "This is too long.", Rows: []WrittenRow{{Value: "much"}}},
		{Name: "of", Label: "what kind", Type: "choice", Problem: "This is none of the options.", Options: []Option{{Value: "0", Words: "A letter"}}, Rows: []WrittenRow{{}}},
		{Name: "n", Label: "how many", Type: "number", Rows: []WrittenRow{{Value: "2"}}},
	}}}}

	late := full
	late.Late = "On the phone: chose “No paper”. That came after the walk had moved on, so it moved nothing. It is kept."

	other := full
	other.Card.Open, other.Card.Post, other.Card.Say = false, "", ""
	other.Elsewhere = &WalkPlace{Heading: "Read it aloud to someone", Href: "/i/0147/step/6"}
	ended := other
	ended.Elsewhere = &WalkPlace{Href: "/i/0147/end"}

	practice := full
	practice.Card.Practice, practice.Reply = true, "They calm down. You have time now."
	practice.Card.They, practice.Card.Speeches = "They say", []Speech{{Who: "Officer", Text: Text{{Spans: []Span{{Words: "I need to know who was here."}}}}}}
	practice.Alerts = nil

	outside, shown := full, full
	outside.Alerts, outside.Outside = nil, galleryOutside(true)
	shown.Alerts, shown.Outside = nil, galleryOutside(false)

	right := full
	right.Lang, right.Dir = "ar", "rtl"

	said := Said{Frame: deviceFrame(), Words: WordsIn("en"), Text: "May I see the paper? I need to read it and call my director.", Number: 1, Count: 2,
		Next: "/i/0147/say/3?words=2", Close: "/i/0147/step/3", Langs: full.Langs}
	alone := said
	alone.Next, alone.Count, alone.Langs = "", 1, nil

	finish := Finish{
		Frame: full.Frame, Words: WordsIn("en"), Title: "An officer is here", Post: "/i/0147", Outcome: "nothing given", Owner: "the director",
		Lines: []Contact{{Name: "Ruth Alder", Phone: "555 0142"}}, Undone: []Link{{Words: "when it is due", Href: "/i/0147/step/3"}},
		Opens: &Guide{ID: "baiting", Title: "Baited about politics"}, Event: full.Event, Follows: full.Follows, Back: "Look after each other",
		Langs: full.Langs, Alerts: []string{"the director"}, Acted: []string{"RA"},
	}
	abuse := finish
	abuse.Abuse, abuse.Keep, abuse.Owner, abuse.Lines, abuse.Undone, abuse.Opens, abuse.Alerts = true, true, "", nil, nil, nil, nil
	abuse.Problem, abuse.Initials, abuse.NoteProblem, abuse.Refused = "Write one to four letters.", "R4!", "This is too long.", "The case was not closed. Change what is marked first."
	abuse.Initials = "R4"
	destroy := abuse
	destroy.Keep, destroy.Problem, destroy.NoteProblem, destroy.Refused, destroy.Reply = false, "", "", "", "They have what they need."

	hand := Handover{Frame: deviceFrame(), Words: WordsIn("en"), Title: "An officer is here", Back: "/i/0147/step/3", Post: "/i/0147/hand-over"}
	code := hand
	code.Code, code.Until, code.Address, code.QR = "7KQ2 M4XP", ago(-15*oneMinute), "desk.library.example/take", galleryQR("HTTPS://DESK.LIBRARY.EXAMPLE/TAKE")
	refusedHand := hand
	refusedHand.Refused = "This walk has ended, so it cannot be handed over."

	sheet := full.Card.Sheets[0]
	sheet.Notice = "Fill in the blanks before you print it."
	return []Entry{
		entry("step", full), entry("step-one-way", one), entry("step-nobody-to-call", nobody), entry("step-wrong", wrong), entry("step-late", late), entry("step-elsewhere", other),
		entry("step-elsewhere-ended", ended), entry("step-practice", practice), entry("step-rtl", right),
		entry("step-outside", outside), entry("step-outside-shown", shown),
		entry("said", said), entry("said-alone", alone),
		entry("finish", finish), entry("finish-abuse", abuse), entry("finish-abuse-destroyed", destroy),
		entry("hand-over", hand), entry("hand-over-code", code), entry("hand-over-refused", refusedHand),
		entry("take", Take{Frame: deviceFrame()}),
		entry("take-wrong", Take{Frame: deviceFrame(), Form: TakeForm{Form: problems("code", "This code is not one that works."), Code: "AAAA"}}),
		entry("who-acted", WhoActed{Frame: deviceFrame(), Post: "/i/0147/who"}),
		entry("who-acted-left", WhoActed{Frame: deviceFrame(), Post: "/i/0147/who", Left: true, Saved: "RA"}),
		entry("who-acted-wrong", WhoActed{Frame: deviceFrame(), Post: "/i/0147/who", Form: WhoForm{Form: problems("initials", "Write one to four letters."), Initials: "R4"}}),
		entry("handout", Handed{Frame: staffFrame(), Sheet: sheet, Langs: full.Langs}),
		entry("handout-public", Handed{Frame: Frame{Library: "Millbrook Public Library"}, Sheet: sheet, Public: true}),
	}
}
