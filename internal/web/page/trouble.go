package page

// Trouble is what went wrong, in place of a page.
type Trouble struct {
	Frame
	At     Place
	What   Wrong
	Words  string   // what to tell: fault.Words
	Ask    []string // who can do it, in words, when it was refused
	Kept   string   // what is safe, in one sentence
	Wait   string   // how long to wait, in words: "2 minutes"
	Number string   // a number to tell whoever looks after the server
	Next   Link     // what to do now
	Danger Danger   // shown if Dial is set: trouble must not stand before an emergency
}

// Wrong is the sort of trouble.
type Wrong uint8

// The sorts.
const (
	Broken    Wrong = iota // a mistake of ours
	NotHere                // it is not there, or not for this person
	NotYours               // it is refused
	TooSoon                // too many tries
	Taken                  // somebody else was quicker
	Ended                  // it is over
	TooLarge               // what was sent is larger than can be taken
	NotAsked               // the request was not made by a page of ours
	NoService              // it cannot be served now; what was not saved is said
)

// Title returns the sort in words, as heading and title.
func (w Wrong) Title() string {
	return [...]string{
		Broken:    "Something went wrong here",
		NotHere:   "There is nothing here",
		NotYours:  "This is not yours to do",
		TooSoon:   "Wait a moment",
		Taken:     "Somebody was quicker",
		Ended:     "This is over",
		TooLarge:  "This is too large",
		NotAsked:  "We did not do that",
		NoService: "We cannot save right now",
	}[min(w, NoService)]
}
