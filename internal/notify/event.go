package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/people"
)

// AlertID names an alert. It is opaque and stands in the link that is sent.
type AlertID string

// Kind says what happened in an alert.
type Kind string

// The kinds of event.
const (
	Ordered   Kind = "ordered"    // a walk or a person ordered the alert
	Queued    Kind = "queued"     // an attempt was ordered: one person, one channel
	Sent      Kind = "sent"       // whoever carries it has taken it
	Delayed   Kind = "delayed"    // it was not taken yet
	Refused   Kind = "refused"    // it will not be taken
	Delivered Kind = "delivered"  // a receipt says that it arrived
	Failed    Kind = "failed"     // a receipt says that it did not, or it was tried often enough
	Read      Kind = "read"       // the person opened the alert
	Answered  Kind = "answered"   // the person said that they are on it
	TookOver  Kind = "took over"  // the person took charge of the case
	NobodyIn  Kind = "nobody in"  // nobody could be reached for the role
	Repeated  Kind = "repeated"   // it is sent to the same role again
	Climbed   Kind = "climbed"    // the next rung is told; or, after a pause, the first one again
	Exhausted Kind = "exhausted"  // the last rung did not help either
	ClockBack Kind = "clock back" // the server's clock was set back
	WalkEnded Kind = "walk ended" // the walk is over; the alert goes on
	Settled   Kind = "settled"    // it was answered late, and whoever was told next knows too
	CalledOff Kind = "called off" // nobody is needed any more
)

// Kinds lists every kind.
var Kinds = []Kind{Ordered, Queued, Sent, Delayed, Refused, Delivered, Failed, Read, Answered, TookOver, NobodyIn,
	Repeated, Climbed, Exhausted, ClockBack, WalkEnded, Settled, CalledOff}

// Event is one thing that happened in an alert. Events are kept in the order in
// which they were recorded, and folded in that order. Which fields count is told by its
// Kind; the others are zero. There is no field for words, on purpose.
type Event struct {
	Kind    Kind
	At      time.Time        // by the server's clock, whole milliseconds
	Attempt AttemptID        // Queued, Sent, Delayed, Refused, Delivered, Failed
	Person  people.Pseudonym // Queued, Read, Answered, TookOver; CalledOff: "" for the desk
	Channel Channel          // Queued
	Place   Place            // Queued, NobodyIn, Repeated, Climbed, Exhausted
	Order   *Order           // Ordered
}

// Place is a place on a ladder.
type Place struct {
	Round int `json:"round,omitempty"` // how often the ladder began anew
	Rung  int `json:"rung,omitempty"`  // from 0
	Try   int `json:"try,omitempty"`   // how often it was sent to this rung before
}

// Order is what an alert is ordered with. It keeps its ladder: settings that are
// changed afterwards hold for the next alert.
type Order struct {
	Alert   AlertID
	Branch  people.BranchID
	Role    people.Role // the role that the playbook named: the first rung's
	Purpose Purpose
	Ladder  Ladder
}

// ofAttempt, ofPerson and ofPlace list the kinds whose events have these fields.
var (
	ofAttempt = []Kind{Queued, Sent, Delayed, Refused, Delivered, Failed}
	ofPerson  = []Kind{Queued, Read, Answered, TookOver, CalledOff}
	ofPlace   = []Kind{Queued, NobodyIn, Repeated, Climbed, Exhausted}
)

// maxPlace bounds numbers of places.
const maxPlace = 1 << 20

// Check reports what keeps e from being an event at all, in any alert, or nil.
func (e *Event) Check() error {
	switch {
	case !slices.Contains(Kinds, e.Kind):
		return errors.New("this is no kind of event")
	case !isTime(e.At):
		return fmt.Errorf("the event %q has no time, or one out of reach", e.Kind)
	case (e.Attempt != "") != slices.Contains(ofAttempt, e.Kind) || e.Attempt != "" && !isAttemptID(e.Attempt):
		return fmt.Errorf("the event %q names an attempt where it must not, or none", e.Kind)
	case e.Person != "" && !slices.Contains(ofPerson, e.Kind) || e.Person == "" && slices.Contains(ofPerson, e.Kind) && e.Kind != CalledOff:
		return fmt.Errorf("the event %q names a person where it must not, or none", e.Kind)
	case (e.Channel != "") != (e.Kind == Queued) || e.Channel != "" && !e.Channel.IsChannel():
		return fmt.Errorf("the event %q names a channel where it must not, or none", e.Kind)
	case e.Place != Place{} && !slices.Contains(ofPlace, e.Kind) || !e.Place.isPlace():
		return fmt.Errorf("the event %q names a place where it must not, or one out of reach", e.Kind)
	case (e.Order != nil) != (e.Kind == Ordered):
		return fmt.Errorf("the event %q has an order where it must not, or none", e.Kind)
	}
	if e.Person != "" {
		if _, err := people.ParsePseudonym(string(e.Person)); err != nil {
			return fmt.Errorf("the event %q names a person by what is no pseudonym", e.Kind)
		}
	}
	if e.Order != nil {
		return e.Order.check()
	}
	return nil
}

func (o *Order) check() error {
	if !isID(string(o.Alert)) || !isID(string(o.Branch)) || !slices.Contains(Purposes, o.Purpose) {
		return errors.New("the order does not say which alert, for which branch, or why")
	}
	if err := o.Ladder.Check(); err != nil {
		return fmt.Errorf("the order's ladder: %w", err)
	}
	if o.Ladder.Rungs[0].Role != o.Role {
		return errors.New("the order's ladder begins with another role")
	}
	return nil
}

func (p Place) isPlace() bool {
	return p.Round >= 0 && p.Round <= maxPlace && p.Rung >= 0 && p.Rung < MaxRungs && p.Try >= 0 && p.Try <= MaxRepeat
}

const attemptIDSize = 32

func isAttemptID(id AttemptID) bool {
	b, err := hex.DecodeString(string(id))
	return err == nil && len(id) == attemptIDSize && hex.EncodeToString(b) == string(id)
}

// attemptID names an attempt. It is derived, so that who works out twice what is
// to be done works out the same id; it shows nothing of what it is derived from.
func attemptID(alert AlertID, at Place, person people.Pseudonym, channel Channel) AttemptID {
	sum := sha256.Sum256(fmt.Appendf(nil, "roundtable attempt\n%s\n%d %d %d\n%s\n%s\n", alert, at.Round, at.Rung, at.Try, person, channel))
	return AttemptID(hex.EncodeToString(sum[:attemptIDSize/2]))
}
