package walk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"roundtable/playbook/automaton"
)

// What officers were seen to do is taken down as it happens, by taps: each is an event
// of its own with a code from a closed list and, for some, a line that was typed. It
// moves nothing. A tap that was wrong is taken back by another event; both stay.

// Sight is the code of what was seen or heard.
type Sight string

// The codes. Of those with a line, the event's Text is it; the others have none.
const (
	StaffArea   Sight = "staff area"  // they came in behind the desk, or into a staff room
	Searching   Sight = "searching"   // they search
	Computers   Sight = "computers"   // they are at a computer, or copy from one
	Taking      Sight = "taking"      // they take something
	Holding     Sight = "holding"     // they hold or lead away somebody
	Questioning Sight = "questioning" // they ask somebody questions
	Standing    Sight = "standing"    // they stand or sit
	Walking     Sight = "walking"     // they walk about
	AtDoor      Sight = "at a door"   // they stand at a door
	Arrived     Sight = "arrived"     // more of them came in
	Gone        Sight = "gone"        // they left
	Objected    Sight = "objected"    // the desk said once that it does not consent

	Took     Sight = "took"      // with a line: what they took
	TheySaid Sight = "they said" // with a line
	WeSaid   Sight = "we said"   // with a line
	HowMany  Sight = "how many"  // with a number from 1 to 99, and "+" behind it for "or more"
	Badge    Sight = "badge"     // with a line: a name or number on a badge
	Agency   Sight = "agency"    // with a line: which agency, as far as it could be seen
	Where    Sight = "where"     // with a line: where they are
	Doing    Sight = "doing"     // with a line: what else they do
)

// Sights lists every code.
var Sights = []Sight{StaffArea, Searching, Computers, Taking, Holding, Questioning, Standing, Walking, AtDoor, Arrived, Gone, Objected, Took, TheySaid, WeSaid, HowMany, Badge, Agency, Where, Doing}

// HasLine reports whether what has this code comes with a line that was typed.
func (s Sight) HasLine() bool { return slices.Index(Sights, s) >= slices.Index(Sights, Took) }

// IsDemand reports whether it makes the walk one of a demand, as the choice does that
// officers search, take or hold somebody.
func (s Sight) IsDemand() bool {
	return slices.Contains([]Sight{StaffArea, Searching, Computers, Taking, Holding, Took}, s)
}

// MaxSight is how long a line may be, in characters.
const MaxSight = 500

// checkSight says in plain words what keeps a code with its line from being one, or "".
func checkSight(s Sight, line string) string {
	switch {
	case !slices.Contains(Sights, s):
		return "nothing that is taken down has this code"
	case s.HasLine() == (line == ""):
		return "its line is missing, or it has one and should not"
	case utf8.RuneCountInString(line) > MaxSight:
		return "its line is too long"
	case s == HowMany && !IsCount(line):
		return "how many they are is not a number from 1 to 99"
	}
	return ""
}

// IsCount reports whether a text says how many: a number from 1 to 99, and "+" behind
// it for "or more".
func IsCount(s string) bool {
	digits := strings.TrimSuffix(s, "+")
	return len(digits) >= 1 && len(digits) <= 2 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// TheyLeft is the outcome of a walk that ends because the officers left: where a choice
// leads there, the tap [Gone] takes it as well.
const TheyLeft = "they_left"

// Observes reports whether what officers do can be taken down in walks of a Program:
// those that are of a demand, or become it by a choice.
func Observes(p *automaton.Program) bool {
	return p.Record == automaton.Demand || slices.ContainsFunc(p.Steps, func(s automaton.Step) bool {
		return slices.ContainsFunc(s.Choices, func(c automaton.Choice) bool { return c.Raise == automaton.Demand })
	})
}

// MayObserve reports whether what officers do can be taken down at a step: not where
// nothing is written down.
func (w *Walk) MayObserve(step int) bool {
	return w.plan.observes && step >= 0 && step < len(w.plan.unwritten) && !w.plan.unwritten[step]
}

// Observation is what was taken down, with what became of it.
type Observation struct {
	Event
	Back time.Time // when it was taken back, by the device's clock; zero while it stands
}

// Observations lists what was taken down, in order.
func (w *Walk) Observations() (list []Observation) {
	for _, i := range w.observed {
		o := Observation{Event: w.entries[i].Event}
		if by, ok := w.corrected[o.ID]; ok {
			o.Back = w.entries[by].At
		}
		list = append(list, o)
	}
	return list
}

// Latest is the newest of what was taken down and was not taken back.
func (w *Walk) Latest() (e Event, ok bool) {
	for _, i := range slices.Backward(w.observed) {
		if _, back := w.corrected[w.entries[i].ID]; !back {
			return w.entries[i].Event, true
		}
	}
	return Event{}, false
}

// Leaving is the choice by which the walk ends now because the officers left. ok is
// false where there is none, and once the walk is of a demand: then there is more to
// do after they left.
func (w *Walk) Leaving() (choice int, ok bool) {
	if w.record == automaton.Demand {
		return 0, false
	}
	for _, way := range w.Ways() {
		if way.Choice == Onward || way.Unsent {
			continue
		}
		p := w.plan.Program
		if end := p.Steps[w.State().Where].Choices[way.Choice].End; end >= 0 && p.Outcomes[end] == TheyLeft {
			return way.Choice, true
		}
	}
	return 0, false
}
