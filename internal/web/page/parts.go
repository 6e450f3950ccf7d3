package page

import (
	"strings"
	"time"
)

// Phone is a phone number as it is said: "555 0148", "9 911".
type Phone string

// Words returns the number so that no line breaks inside it.
func (p Phone) Words() string { return strings.ReplaceAll(string(p), " ", "\u00a0") }

// Dial returns the number as a phone dials it.
func (p Phone) Dial() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		if r == '+' {
			return r
		}
		return -1
	}, string(p))
}

// Danger is the strip about emergency calls.
type Danger struct {
	Dial  Phone  // what is dialled from the desk phone, prefix included: "9 911"
	Words string // the branch's own sentence; "" shows the usual one
}

// Contact is somebody who can be called.
type Contact struct {
	Name  string // "Imani", or the role if there is no name
	Role  string // "Duty supervisor"
	Phone Phone  // "" when none is known, which is said
}

// Fact is one row of a list of key facts.
type Fact struct {
	Name  string
	Value string
	Link  Link // beside the value; zero shows none
	Code  bool // the value is to be copied sign by sign, and never wrapped into words
}

// Task is one row of a task list: a whole row is one link.
type Task struct {
	Name  string
	State string // what is left, in words: "Not set". "" when nothing is
	Hint  string
	Href  string
}

// Steps says where in a row of steps a page is.
type Steps struct {
	At, Of int // from 1
}

// Each returns the steps for drawing: done, now, or still to come.
func (s Steps) Each() []string {
	var list []string
	for n := 1; n <= min(s.Of, 12); n++ {
		switch {
		case n < s.At:
			list = append(list, "d")
		case n == s.At:
			list = append(list, "n")
		default:
			list = append(list, "")
		}
	}
	return list
}

// Slip is a paper that is handed to one person: an address with a code in it, by
// which they get in. It is shown once.
type Slip struct {
	Title   string // "For Imani Okafor"
	Lines   []string
	Address string // the whole address, to be typed
	Code    Code   // the same as a QR code
	Until   time.Time
}

// Session is one time during which somebody is signed in.
type Session struct {
	ID     string // what the button "End" sends as "session"
	Where  string // the enrolled device's name, or "Not an enrolled device"
	Method string // how they signed in, in words: "Passkey"
	Began  time.Time
	Used   time.Time
	This   bool // it is the one that looks at this page
	Locked bool
}

// More links to the rest of a list: Older is the next part, Newer the one before.
type More struct {
	Newer, Older string // addresses; "" where there is none
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}
