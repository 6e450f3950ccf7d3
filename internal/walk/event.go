package walk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what happened.
type Kind string

// The kinds of event.
const (
	Started    Kind = "started"     // the walk began
	Entered    Kind = "entered"     // a device showed a step; it moves nothing
	Ticked     Kind = "ticked"      // an item was ticked, or unticked
	Recorded   Kind = "recorded"    // a field was filled, changed or emptied
	Called     Kind = "called"      // somebody was rung
	Said       Kind = "said"        // words of the step were said aloud
	Noted      Kind = "noted"       // a note in one's own words
	Pictured   Kind = "pictured"    // a photo was taken, of a paper or a thing; the event's id is the photo's
	Chose      Kind = "chose"       // a choice was taken
	WentBack   Kind = "went back"   // the walk stands where it stood before
	HandedOver Kind = "handed over" // another device or person has it now
	Line       Kind = "line"        // somebody who follows the walk sent a line to the desk
	Seen       Kind = "seen"        // the desk has such a line before its eyes
	Charge     Kind = "charge"      // somebody took charge of the case
	Observed   Kind = "observed"    // what officers were seen to do, or what was said, taken down as it happened
	Corrected  Kind = "corrected"   // something that was taken down was wrong, or a photo was removed; both events stay
	Ended      Kind = "ended"       // the walk is over
)

// Kinds lists every kind.
var Kinds = []Kind{Started, Entered, Ticked, Recorded, Called, Said, Noted, Pictured, Chose, WentBack, HandedOver, Line, Seen, Charge, Observed, Corrected, Ended}

// IsOutside reports whether events of this kind are made by somebody who follows the
// walk from elsewhere. They count always and move nothing; no device that walks makes
// one.
func (k Kind) IsOutside() bool { return k == Line || k == Charge }

// IsMove reports whether events of this kind change where the walk stands. They
// name the event that they follow, and only the first that follows it counts.
func (k Kind) IsMove() bool { return k == Chose || k == WentBack || k == Ended }

// hasStep lists the kinds whose events name a step.
var hasStep = []Kind{Entered, Ticked, Recorded, Called, Said, Noted, Pictured, Observed, Chose, WentBack, Ended}

// EventID names an event. Whoever makes the event makes its id.
type EventID string

// DeviceID names a device, without saying where or whose it is.
type DeviceID string

// Result is how a call went.
type Result string

// The results. Opened is told when the number was only shown or dialled.
const (
	Opened      Result = "opened"
	Reached     Result = "reached"
	NoAnswer    Result = "no answer"
	LeftMessage Result = "left message"
)

var results = []Result{Opened, Reached, NoAnswer, LeftMessage}

// Onward is the Choice of an event at a swap step, where nobody is asked: the
// event says that the walk went on, and not by which choice.
const Onward = -1

// Left is the Outcome of a walk that was stopped, or stood too long.
const Left = -1

// Event is one thing that happened in a walk. Which of the fields count is
// told by its Kind; the others are zero.
type Event struct {
	Seq      int     // the place in the server's order, from 1; 0 while it is not known
	ID       EventID // of the maker's making
	Kind     Kind
	Follows  EventID   // of a move: the last event by which the walk moved, as its maker knew it
	At       time.Time // by the device's clock, to the millisecond, UTC
	Received time.Time // by the server's clock; zero while it is not known
	Device   DeviceID
	Who      string // who acted, an opaque name; "" while nobody has said

	Step    int     // the step by number; of Started, HandedOver, Line, Seen, Charge and Corrected 0
	Choice  int     // Chose: the choice by number, or Onward
	Item    int     // Ticked, Said: which item or which of the sentences, from 0
	Undone  bool    // Ticked, Said: it was taken back
	Field   string  // Recorded; Pictured: the field for which it was taken, or ""
	Row     string  // Recorded: which row of an inventory, an id of the maker's making
	Value   string  // Recorded: "" empties the field; of a choice the option's number, from 0
	Role    string  // Called: the role or line; Line, Charge: the role in which somebody did it
	Result  Result  // Called
	To      string  // HandedOver: the device or person, an opaque name
	Text    string  // Noted, Line; Pictured: what it shows, or "", as of a photo that was removed; Observed: the line of the codes that have one
	Sum     string  // Pictured: the SHA-256 of the photo as it is kept; "" while the server has not got it
	Line    EventID // Seen: the event of the line
	Sight   Sight   // Observed
	Of      EventID // Corrected: the event that is taken back
	Outcome int     // Ended: the outcome by number, or Left

	// Started: what the walk is pinned to.
	Playbook string
	Program  string // the Program's hash
	Lang     string
	Given    map[string]string // each given fact that is not protected, with its value
}

// Limits on one event and one walk. They are far beyond what people type, and
// keep a broken device from filling a server.
const (
	maxName   = 200
	maxText   = 100_000
	maxGiven  = 1_000
	maxNumber = 1 << 20
	maxEvents = 100_000
)

// MaxLine is how long a line to the desk may be, in characters: it is read at a glance.
const MaxLine = 200

// latest bounds times, so that every one can be written as milliseconds.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Check reports in plain words what keeps e from being an event at all, in any
// walk, or nil.
func (e *Event) Check() error {
	switch {
	case !slices.Contains(Kinds, e.Kind):
		return fmt.Errorf("%q is no kind of event", e.Kind)
	case e.ID == "":
		return fmt.Errorf("the event has no id")
	case e.Kind.IsMove() && e.Follows == "":
		return fmt.Errorf("%q does not say which event it follows", e.Kind)
	case e.At.Before(time.UnixMilli(0)) || e.At.After(latest) || e.Received.After(latest):
		return fmt.Errorf("the event's time is missing or out of reach")
	case e.Kind == Called && !slices.Contains(results, e.Result):
		return fmt.Errorf("%q is no result of a call", e.Result)
	case e.Kind == Called && e.Role == "":
		return fmt.Errorf("the call does not say to whom")
	case e.Kind == Recorded && e.Field == "":
		return fmt.Errorf("what was written does not say into which field")
	case e.Sum != "" && !isSum(e.Sum):
		return fmt.Errorf("the photo's SHA-256 is none")
	case e.Kind == Noted && e.Text == "":
		return fmt.Errorf("the note is empty")
	case e.Kind == HandedOver && e.To == "":
		return fmt.Errorf("handing over does not say to whom")
	case e.Kind.IsOutside() && e.Role == "":
		return fmt.Errorf("%q does not say in which role", e.Kind)
	case e.Kind == Line && (e.Text == "" || utf8.RuneCountInString(e.Text) > MaxLine):
		return fmt.Errorf("the line to the desk is empty, or longer than %d characters", MaxLine)
	case e.Kind == Seen && e.Line == "":
		return fmt.Errorf("that a line was seen does not say which")
	case e.Kind == Corrected && e.Of == "":
		return fmt.Errorf("what is taken back does not say what it was")
	}
	if e.Kind == Observed {
		if why := checkSight(e.Sight, e.Text); why != "" {
			return fmt.Errorf("%s", why)
		}
	}
	if o := e.own(); o.plain() != e.plain() || len(o.Given) != len(e.Given) {
		return fmt.Errorf("the event says something that does not belong to %q", e.Kind)
	}
	return e.checkSizes()
}

// own is the event with the fields that its kind has, and no others.
func (e *Event) own() Event {
	o := Event{Seq: e.Seq, ID: e.ID, Kind: e.Kind, At: e.At, Received: e.Received, Device: e.Device, Who: e.Who}
	if e.Kind.IsMove() {
		o.Follows = e.Follows
	}
	if slices.Contains(hasStep, e.Kind) {
		o.Step = e.Step
	}
	switch e.Kind {
	case Started:
		o.Playbook, o.Program, o.Lang, o.Given = e.Playbook, e.Program, e.Lang, e.Given
	case Ticked, Said:
		o.Item, o.Undone = e.Item, e.Undone
	case Recorded:
		o.Field, o.Row, o.Value = e.Field, e.Row, e.Value
	case Called:
		o.Role, o.Result = e.Role, e.Result
	case Noted:
		o.Text = e.Text
	case Pictured:
		o.Field, o.Text, o.Sum = e.Field, e.Text, e.Sum
	case Line:
		o.Role, o.Text = e.Role, e.Text
	case Seen:
		o.Line = e.Line
	case Charge:
		o.Role = e.Role
	case Observed:
		o.Sight, o.Text = e.Sight, e.Text
	case Corrected:
		o.Of = e.Of
	case Chose:
		o.Choice = e.Choice
	case HandedOver:
		o.To = e.To
	case Ended:
		o.Outcome = e.Outcome
	}
	return o
}

func (e *Event) checkSizes() error {
	for _, n := range []int{e.Step, e.Item, e.Choice + 1, e.Outcome + 1, e.Seq} {
		if n < 0 || n > maxNumber {
			return fmt.Errorf("the event has a number that is out of reach")
		}
	}
	names := []string{string(e.ID), string(e.Follows), string(e.Device), string(e.Line), string(e.Of), string(e.Sight), e.Who, e.Field, e.Row, e.Role, e.To, e.Playbook, e.Program, e.Lang}
	for fact, value := range e.Given {
		names = append(names, fact, value)
	}
	if len(e.Given) > maxGiven {
		return fmt.Errorf("the event has more than %d given facts", maxGiven)
	}
	for _, s := range names {
		if len(s) > maxName || !utf8.ValidString(s) {
			return fmt.Errorf("the event has a name that is longer than %d bytes or is no text", maxName)
		}
	}
	for _, s := range []string{e.Text, e.Value} {
		if len(s) > maxText || !utf8.ValidString(s) {
			return fmt.Errorf("the event has a text that is longer than %d bytes or is no text", maxText)
		}
	}
	return nil
}

// isSum reports whether a text is a SHA-256 in hexadecimal digits.
func isSum(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// same reports whether two events are one, sent twice: alike in all that their
// maker said. The server's place, time and sum may differ.
func same(a, b *Event) bool {
	x, y := a.plain(), b.plain()
	x.sum, y.sum = "", ""
	return a.At.UnixMilli() == b.At.UnixMilli() && maps.Equal(a.Given, b.Given) && x == y
}

// plain is an event without its map, which makes it comparable.
type plain struct {
	kind                        Kind
	id, follows                 EventID
	device                      DeviceID
	who                         string
	step, choice, item, outcome int
	undone                      bool
	field, row, value, role     string
	result                      Result
	to, text, sum               string
	line, of                    EventID
	sight                       Sight
	playbook, program, lang     string
}

func (e *Event) plain() plain {
	return plain{e.Kind, e.ID, e.Follows, e.Device, e.Who, e.Step, e.Choice, e.Item, e.Outcome, e.Undone,
		e.Field, e.Row, e.Value, e.Role, e.Result, e.To, e.Text, e.Sum, e.Line, e.Of, e.Sight, e.Playbook, e.Program, e.Lang}
}
