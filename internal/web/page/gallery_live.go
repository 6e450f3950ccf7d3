package page

func galleryLive() []Entry {
	listen := func(here string) Listen { return Listen{Events: "/events?after=AA", Here: here, At: ago(0)} }
	lines := []SentLine{
		{ID: "l2", Text: "I am calling you now.", Who: "Ruth Alder, director", At: ago(oneMinute)},
		{ID: "l1", Text: "You are doing well. Keep going.", Who: "Ruth Alder, director", At: ago(2 * oneMinute), Seen: ago(oneMinute)},
	}
	full := LiveCase{
		Frame: staffFrame(), Listen: listen("/i/0147/live"), Number: "N-0147", Title: "An officer is here", Where: "Northside", Started: ago(4 * oneMinute), Heard: ago(oneMinute),
		Call: "555 0110", Post: "/i/0147", MayCharge: true,
		Facts:  []Fact{{Name: "Greet the officer", Value: "They ask for something"}, {Name: "Ask to see the paper", Value: "A paper with no judge"}},
		Alerts: galleryAlerts(),
		Log: []LogLine{
			{At: ago(oneMinute), Icon: "fork", What: "Chose", Text: "A paper with no judge", New: true},
			{At: ago(2 * oneMinute), Icon: "say", What: "Line to the desk", Text: "You are doing well. Keep going.", Who: "Ruth Alder, director"},
			{At: ago(4 * oneMinute), Icon: "start", What: "Started", Text: "An officer is here"},
		},
		LogHref: "/i/0147/log",
		Mirror: &Mirror{Heading: "Thank them. Take the paper. Do not look anything up.", Sayings: []string{"Thank you. Our lawyer will read this."}, Ways: []string{"They leave", "They insist"},
			Progress: "Step 4. About 3 more.", Href: "/i/0147/step/4", Lang: "en", Dir: "ltr"},
		Lines: lines, MayLine: true, Quick: []string{"You are doing well. Keep going.", "I am calling you now."}, Form: LineForm{Event: "01936530-7d24-7cde-8f00-001122334455"}, Counsel: "/i/0147/counsel",
	}
	mine := full
	mine.MayCharge, mine.Charge = false, &Charge{Who: "Ruth Alder", Role: "director", At: ago(oneMinute), You: true}
	wrong := full
	wrong.MayCharge, wrong.Charge = false, &Charge{Who: "Imani Okafor", Role: "person in charge", At: ago(oneMinute)}
	wrong.Form.Form, wrong.Form.Line = problems("line", "Write something shorter."), "Much too long"
	bare := full
	bare.MayCharge, bare.MayLine, bare.Facts, bare.Alerts, bare.Log, bare.Lines, bare.Mirror, bare.Counsel, bare.Call, bare.LogHref = false, false, nil, nil, nil, nil, nil, "", "", ""
	bare.Finishing, bare.Events = true, ""
	ended := mine
	ended.Ended, ended.Outcome, ended.MayLine, ended.Mirror = ago(oneMinute), "nothing given", false, nil

	asked := Alert{Frame: staffFrame(), Listen: listen("/alert/0192"), Post: "/alert/0192", Where: "Northside", Title: "An officer is here", Live: "/i/0147/live", At: galleryAlerts()[1], Mine: true, MayAnswer: true}
	read := asked
	read.Read = ago(oneMinute)
	answered := read
	answered.MayAnswer, answered.Answered = false, &Charge{Who: "Ruth Alder", Role: "director", At: ago(0), You: true}
	other := asked
	other.Mine, other.Title, other.Live, other.Answered, other.Refused = false, "", "", &Charge{Who: "Imani Okafor", At: ago(0)}, "Somebody else was quicker."
	far := asked
	far.Place, far.Elsewhere = "elm/main", "Elm Street Library"
	test := read
	test.Purpose, test.Live, test.Title = AlertTest, "", ""
	drill := test
	drill.Purpose = AlertDrill

	running := NowCase{Number: "N-0147", Title: "An officer is here", Heading: "Ask to see the paper", Started: ago(4 * oneMinute), Href: "/i/0147/live"}
	sealed := NowCase{Number: "N-0149", Title: "Someone may be hurt", Started: ago(oneMinute), Href: "/i/0149/live", Sealed: true}
	one := Now{Frame: staffFrame(), Listen: listen("/now"), Libraries: []NowLibrary{{Name: "Millbrook Public Library", Here: true, Branches: []NowBranch{
		{Name: "Northside", Cases: []NowCase{running, sealed}}, {Name: "Harbor"}}}}}
	many := one
	many.Libraries = append(many.Libraries, NowLibrary{Name: "Elm Street Library", Branches: []NowBranch{{Name: "Main", Place: "elm/main", Cases: []NowCase{running, sealed}}}})
	calm := Now{Frame: staffFrame(), Listen: listen("/now"), Libraries: []NowLibrary{{Name: "Millbrook Public Library", Here: true, Branches: []NowBranch{{Name: "Northside"}}}}}
	return []Entry{
		entry("live", full), entry("live-in-charge", mine), entry("live-line-wrong", wrong), entry("live-bare", bare), entry("live-ended", ended),
		entry("alert", asked), entry("alert-read", read), entry("alert-answered", answered), entry("alert-other", other), entry("alert-elsewhere", far), entry("alert-test", test), entry("alert-drill", drill),
		entry("now", one), entry("now-libraries", many), entry("now-calm", calm),
	}
}

// galleryOutside is what the desk sees of others, on a step.
func galleryOutside(open bool) Outside {
	return Outside{
		Words: WordsIn("en"), Href: "/i/0147/outside", Events: "/events?case=0147&after=AA", Post: "/i/0147", Open: open, Told: "director", Again: 40,
		Alerts: []Spoken{{Text: "Telling the director: sent 10:42, read by Ruth Alder 10:43."}, {Text: "Telling the library’s lawyer: sent 10:44. No one has read this. Call.", Act: true}},
		Charge: "Ruth Alder, your director, has taken charge, at 10:45.",
		Lines:  []SentLine{{ID: "l1", Text: "You are doing well. Keep going.", Who: "Ruth Alder, director", At: ago(oneMinute)}, {ID: "l2", Text: "I am calling you now.", Who: "Ruth Alder, director", At: ago(0), Seen: ago(0)}},
	}
}

// galleryAlerts are three alerts: one that was answered, one that goes on, and one that
// reaches nobody.
func galleryAlerts() []AlertAt {
	dana := Follower{Who: "Ruth Alder", Role: "director", In: true, You: true, Facts: []Instant{
		{Words: "Push message sent", At: ago(4 * oneMinute)}, {Words: "Read", At: ago(3 * oneMinute)}, {Words: "On it", At: ago(2 * oneMinute)}}}
	counsel := Follower{Who: "Town counsel", Phone: "555 0171", Facts: []Instant{
		{Words: "Text message sent", At: ago(2 * oneMinute)}, {Words: "Mail could not be sent", At: ago(oneMinute), Bad: true}}}
	director := AlertAt{Role: "the director", Ordered: ago(4 * oneMinute), Followers: []Follower{dana}, Over: "Answered. Nobody else is called.", Href: "/alert/0192"}
	lawyer := AlertAt{Role: "the library’s lawyer", Ordered: ago(2 * oneMinute), Followers: []Follower{counsel}, Next: "If nobody reads it, the director is called at 10:49."}
	nobody := AlertAt{Role: "the person in charge", Ordered: ago(oneMinute), Trouble: "Nobody can be reached. The desk is asked to call."}
	return []AlertAt{director, lawyer, nobody}
}
