package page

import (
	"slices"
	"time"
)

// Frame is what stands around the content of every page.
type Frame struct {
	Lang string // BCP 47; "" is "en"
	Dir  string // "rtl" for a script that runs from right to left; "" is "ltr"

	Library string // its name; "" before there is one
	Branch  string // the branch that is worked at; "" for the library as a whole

	Who    *Who    // who is signed in; nil if nobody
	Device string  // the enrolled device's name; "" if it is none
	Others bool    // the person has roles at other libraries or branches too: shows a way to switch
	Nav    []Place // the places that this person or device may go to, in any order; none: no navigation
	Open   int     // open cases, as the badge of Incidents
	Asked  int     // room requests that wait, as the badge of Rooms

	Notices []Notice // told above the content, in order
	Status  Status   // the saved line

	KeysOff   bool          // the person switched single-key shortcuts off
	LockAfter time.Duration // idle time until the session locks, for the countdown; 0 shows none
	StayPost  string        // where script tells, at most once a minute, that the person still works here; "" tells nobody
	LeaveTo   string        // where "Leave this page" on public pages leads: a whole web address; "" is a blank page
}

// place is the second part of a title.
func (f Frame) place() string {
	if f.Branch != "" {
		return f.Branch
	}
	return f.Library
}

// Language returns the language to be written.
func (f Frame) Language() string {
	if f.Lang == "" {
		return "en"
	}
	return f.Lang
}

// Direction returns the direction to be written.
func (f Frame) Direction() string {
	if f.Dir == "rtl" {
		return "rtl"
	}
	return "ltr"
}

// LockSeconds returns LockAfter in whole seconds.
func (f Frame) LockSeconds() int { return int(f.LockAfter / time.Second) }

// MayCome reports whether the place is among those that may be gone to.
func (f Frame) MayCome(p Place) bool { return slices.Contains(f.Nav, p) }

// Who is the person who is signed in.
type Who struct {
	Name string // as colleagues say it
	Role string // what they are here, in words: "Director"
}

// Place is one of the six places of the navigation.
type Place uint8

// The places, in the order in which they are always shown.
const (
	Nowhere Place = iota
	AtDesk
	AtIncidents
	AtPractise
	AtRooms
	AtHelp
	AtManage
)

// Places lists every place in its order.
var Places = []Place{AtDesk, AtIncidents, AtPractise, AtRooms, AtHelp, AtManage}

var places = [...]struct{ name, href, counted string }{
	Nowhere:     {},
	AtDesk:      {"Desk", "/desk", ""},
	AtIncidents: {"Incidents", "/incidents", "open"},
	AtPractise:  {"Practise", "/practise", ""},
	AtRooms:     {"Rooms", "/rooms/requests", "waiting"},
	AtHelp:      {"Help nearby", "/help", ""},
	AtManage:    {"Manage", "/manage", ""},
}

// String returns the place's name.
func (p Place) String() string {
	if int(p) >= len(places) {
		return ""
	}
	return places[p].name
}

// Tab is one entry of the navigation, as the frame's template shows it.
type Tab struct {
	Name, Href string
	Current    bool
	Count      int    // 0 shows no badge
	Counted    string // what the badge counts
	Late       bool   // on small screens it stands under "More"
}

func (f Frame) tabs(at Place) []Tab {
	var list []Tab
	for _, p := range Places {
		if !f.MayCome(p) {
			continue
		}
		tab := Tab{Name: places[p].name, Href: places[p].href, Counted: places[p].counted, Current: p == at, Late: p >= AtHelp}
		switch p {
		case AtIncidents:
			tab.Count = f.Open
		case AtRooms:
			tab.Count = f.Asked
		}
		list = append(list, tab)
	}
	return list
}

// Notice is one thing told above the content.
type Notice struct {
	Tone Tone
	Text string // whole sentences
	Link Link   // what to do; zero shows none
}

// Tone says how a notice is drawn. Its word is always shown too: colour alone
// tells nothing.
type Tone uint8

// The tones.
const (
	Told    Tone = iota // something to know
	Done                // something that was just done
	Warning             // something to do soon
	Alarm               // something to do now, or that did not work
)

// String returns the tone as its class in the style.
func (t Tone) String() string {
	return [...]string{"told", "done", "warning", "alarm"}[min(t, Alarm)]
}

// Word returns the word shown before the text.
func (t Tone) Word() string {
	return [...]string{"Note", "Done", "Look", "Now"}[min(t, Alarm)]
}

// Link is a link with its words. A Link without Href is not shown.
type Link struct {
	Words string
	Href  string
}

// Status is the saved line: what is known about what was written, and since when.
// The zero Status shows none.
type Status struct {
	State State
	At    time.Time // when that was so; zero shows no time
	Count int       // for Unsent: how many things wait
	More  string    // a sentence after it: "Your director is here with you."
}

// State is a state of the saved line.
type State uint8

// The states. None of them is ever shown unless it is known to be so.
const (
	Silent  State = iota
	Saved         // the server has it, durably
	Kept          // this device has it, the server not yet
	Unsent        // it could not be sent, and is tried again
	Offline       // there is no connection
)

// String returns the state as its class in the style.
func (s State) String() string {
	return [...]string{"silent", "saved", "kept", "unsent", "offline"}[min(s, Offline)]
}
