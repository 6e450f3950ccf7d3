package page

// galleryRecorder is a recorder with a little of all; both on a device's own page.
func galleryRecorder(w Words) Recorder {
	tap := func(code, words string) Tap { return Tap{Code: code, Words: words} }
	acts := []Tap{tap("staff area", "They came in behind the desk"), tap("searching", "They are searching"), tap("taking", "They are taking something"), tap("holding", "They are holding somebody")}
	took := Tap{Code: "took", Words: "What they took", Hint: "Which thing, and if it is the original or a copy. No patron’s name."}
	return Recorder{
		Words: w, Counts: []string{"1", "2", "3", "4", "5", "6+"}, SaidWords: "I said that I do not consent", ManyWords: "How many",
		Acting: Taps{Presses: append(acts[:4:4], tap("questioning", "They are questioning somebody"), tap("gone", "They left")), Lines: []Tap{took, tap("they said", "What they said"), tap("badge", "Badge or name")}},
		Watching: Taps{Presses: []Tap{tap("standing", "They stand or sit"), tap("walking", "They walk about"), tap("at a door", "They stand at a door"), tap("gone", "They left")}, More: acts,
			Lines: []Tap{{Code: "agency", Words: "Agency", Hint: "As it stands on a badge, a vest or a car."}, tap("where", "Where they are"), tap("they said", "What they said")}},
		Calls: []Callee{{Role: "director", Who: "the director"}, {Role: "counsel", Who: "the lawyer"}},
	}
}

// galleryAside is the recorder in its states.
func galleryAside() []Entry {
	fresh := Aside{
		Frame: deviceFrame(), Title: "An officer is here", Recorder: galleryRecorder(english), Event: "01936530-7d24-7cde-8f00-001122334455", Follows: "01936530-7d24-7cde-8f00-001122334400",
		Step: 3, Heading: "Read it aloud to someone", Alerts: []string{"the director"},
	}
	fresh.Recorder.Post = "/i/0147/aside"
	fresh.Recorder.Calls[0].Lines = []Contact{{Name: "Ruth Alder", Phone: "555 0142"}}
	fresh.Recorder.Calls[1].Lines = []Contact{{Name: "Priya Raman", Phone: "555 0177"}}

	kept := fresh
	kept.Alerts, kept.Outside = nil, galleryOutside(true)
	kept.Recorder.Objected = ago(6 * oneMinute)
	kept.Recorder.Taken = []TakenDown{
		{ID: "e5", Sight: "took", At: ago(oneMinute), Words: "What they took: the computer by the window, the original", Back: ago(0)},
		{ID: "e4", Sight: "searching", At: ago(2 * oneMinute), Words: "They are searching"},
		{ID: "e3", Sight: "they said", At: ago(5 * oneMinute), Words: "What they said: We have a paper and will not wait."},
		{ID: "e2", Sight: "objected", At: ago(6 * oneMinute), Words: "I said that I do not consent"},
		{ID: "e1", Sight: "how many", At: ago(8 * oneMinute), Words: "How many: 3"},
	}

	wrong := kept
	wrong.Refused, wrong.Outside = "One line was not kept. Change first what is marked.", Outside{}
	wrong.Recorder.Acting.Lines = append([]Tap{{Code: "took", Words: "What they took", Hint: "Which thing.", Typed: "A very long line", Wrong: "This is 3 characters too long. Make it shorter."}}, wrong.Recorder.Acting.Lines[1:]...)
	wrong.Recorder.Calls = nil

	watch := fresh
	watch.Title, watch.Recorder.Watch, watch.Heading, watch.Alerts = "Officers are here, nobody asked anything", true, "Go on with your work, and watch", []string{"the person in charge"}

	spanish := kept
	spanish.Recorder.Words, spanish.Lang, spanish.Title, spanish.Outside = WordsIn("es"), "es", "Hay un agente aquí", Outside{}
	right := kept
	right.Lang, right.Dir = "ar", "rtl"
	return []Entry{entry("aside", fresh), entry("aside-kept", kept), entry("aside-wrong", wrong), entry("aside-watch", watch), entry("aside-es", spanish), entry("aside-rtl", right)}
}
