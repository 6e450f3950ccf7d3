package page

import (
	"slices"
	"time"
)

// Guide is one situation that a playbook is for, as a card.
type Guide struct {
	ID      string // what starting it sends as "playbook"
	Title   string
	Summary string
	Icon    string // a name of [Icons]; another shows none
	Start   bool   // a press starts it (Posts to /desk/start). Otherwise the card leads to /go/{ID}
	Unready string // why it cannot be used now, in one sentence: "Not ready offline. Stay on this page a moment."
}

// Go returns the address of the guide's own page.
func (g Guide) Go() string { return "/go/" + g.ID }

// starts reports whether one of the guides can be started from where it stands.
func starts(guides []Guide) bool {
	return slices.ContainsFunc(guides, func(g Guide) bool { return g.Start && g.Unready == "" })
}

// Live is a case that is happening now.
type Live struct {
	Title string
	Where string // "Northside branch"
	Since string // how long, in words: "6 min"
	Href  string
}

// Running is this device's own running walk.
type Running struct {
	Title string
	Step  int
	Since time.Time
	Href  string // the step at which it is
}

// Duty is who is in charge now.
type Duty struct {
	Contact
	Until time.Time // zero when no end is set
	Next  Contact   // whom to call when there is no answer; zero shows none
}

// Nudge offers something to practise when it is quiet.
type Nudge struct {
	Title   string
	Minutes int
	Href    string
}

// Desk is the desk home, /desk. Its style stands in the page.
//
// "Happening now" is only for a person (DECISIONS.md 22): with nobody signed in,
// leave Live empty and set Running if the device has a walk.
type Desk struct {
	Frame
	Danger   Danger
	Guides   []Guide // the first six are the cards with the keys 1 to 6
	Presence *Guide  // of officers who are here and have asked for nothing; nil shows none
	Total    int     // how many guides there are in all
	Live     []Live
	Running  *Running
	Duty     *Duty
	Tree     []Contact // the phone tree, of which the first three are shown when Duty is nil
	Practise *Nudge    // nil shows none
	SignIn   bool      // offer to sign in: the device is enrolled and nobody is
	Waiting  int       // events on this device that were not sent yet
	Event    string    // an id made for this showing of the page, sent along as "event"
	Paper    string    // address of all guides on paper; "" shows none
}

// Search is what is looked for among the guides, by their titles and summaries.
// It asks GET /desk/all?q=.
type Search struct {
	Text string
}

// DeskAll is all guides, /desk/all, or those that were looked for.
type DeskAll struct {
	Frame
	Danger Danger
	Search Search
	Guides []Guide
	Event  string // an id made for this showing of the page, sent along as "event"
}

// Go is a guide on one page to be read, printed or started, /go/{playbook}. Its
// style stands in the page.
type Go struct {
	Frame
	Danger  Danger
	ID      string
	Title   string
	Summary string
	Steps   []GuideStep
	Start   bool      // offers to start it (Posts to /desk/start: playbook, event)
	Event   string    // an id made for this showing of the page
	WhyNot  string    // why it cannot be started here, in whole sentences, when Start is false
	Checked time.Time // when somebody checked its words; zero says that nobody did
	By      string    // who checked it; "" says nothing
	Sources []string
}

// GuideStep is one step of a guide on paper.
type GuideStep struct {
	Number int // from 1
	Title  string
	Text   string
	Say    []string
	Do     []string
	DoNot  []string
	Look   []string
	Next   []GuideNext
}

// GuideNext is a choice on paper.
type GuideNext struct {
	Words string
	To    int    // the step's number; 0 ends
	Or    string // where it leads when that is no step: "This is the end"
}
