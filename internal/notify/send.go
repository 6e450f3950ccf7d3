package notify

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// Channel is a way by which a message reaches somebody's telephone or desk.
type Channel string

// The channels.
const (
	Push Channel = "push" // a web push to a browser that allowed it
	SMS  Channel = "sms"  // a text message, through a gateway of the library's choice
	Mail Channel = "mail" // e-mail
)

// Channels lists every channel.
var Channels = []Channel{Push, SMS, Mail}

// IsChannel reports whether c is one of Channels.
func (c Channel) IsChannel() bool { return slices.Contains(Channels, c) }

// AttemptID names one attempt to reach one person by one channel. It is opaque,
// goes out with the message, and is the same whenever the same attempt is sent
// again: who receives it twice can tell.
type AttemptID string

// Address is where a message goes: an e-mail address, a telephone number, a
// browser's subscription. It does not show itself when it is printed, so that it
// reaches no log and no error; only Reveal gives it.
type Address struct{ text string }

// NewAddress makes an address of its text.
func NewAddress(text string) Address { return Address{text} }

// Reveal returns the text, for the one who sends.
func (a Address) Reveal() string { return a.text }

// Format writes the same few letters for every address and every verb.
func (a Address) Format(s fmt.State, _ rune) { io.WriteString(s, "(address)") }

// MarshalText writes no address, so that no log or page that is made of values
// has one.
func (a Address) MarshalText() ([]byte, error) { return []byte("(address)"), nil }

// Delivery is what a channel is asked to send.
type Delivery struct {
	ID      AttemptID
	To      Address
	Message Message
}

// Outcome is what became of a delivery as far as the channel knows.
type Outcome uint8

// The outcomes. The zero Outcome is none.
const (
	// Accepted: whoever carries the message has taken it. That it arrived, or was
	// read, is not said.
	Accepted Outcome = iota + 1
	// Later: it was not taken now, or that is not known. The same delivery, under
	// the same id, may be sent again.
	Later
	// Declined: it will not be taken, now or later.
	Declined
	// Gone: the address is there no more and is to be forgotten.
	Gone
	// Unusable: the channel itself is set up wrongly or locked out, whoever the
	// message is for. Somebody who looks after the server has to mend that.
	Unusable
)

var outcomes = [...]string{"none", "accepted", "later", "declined", "gone", "unusable"}

// String returns the outcome's name.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return outcomes[0]
}

// Result is a channel's answer.
type Result struct {
	Outcome Outcome
	Wait    time.Duration // of Later: how long whoever carries it asks to wait; 0 if it does not say
	Receipt string        // of Accepted: the name under which receipts will speak of it; "" if none will
}

// Event returns the result as an event of the alert.
func (r Result) Event(id AttemptID, at time.Time) Event {
	kind := Refused
	switch r.Outcome {
	case Accepted:
		kind = Sent
	case Later:
		kind = Delayed
	}
	return Event{Kind: kind, Attempt: id, At: at.UTC().Truncate(time.Millisecond)}
}

// Sender is a channel. Send tries once and within a time that it bounds itself.
// The result is always one of the outcomes; an error beside it says why, for the
// log: it names no address, no link and no text. Send is safe for use by several
// goroutines.
type Sender interface {
	Send(ctx context.Context, d Delivery) (Result, error)
}

// waits says how long to wait before a delivery is sent again, by how often it
// was sent. Greylisting lets mail through after some minutes, and a gateway that
// is started anew is back within one.
var waits = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 15 * time.Minute,
}

// maxWait bounds what whoever carries a message can ask for.
const maxWait = 30 * time.Minute

// Retry says how long to wait before a delivery is sent again that was sent so
// many times and whose last outcome was Later. again is false when it was sent
// often enough: then the attempt has failed. It takes the longer of our own
// time and the one that was asked for, within bounds.
func Retry(sent int, asked time.Duration) (wait time.Duration, again bool) {
	if sent < 1 || sent > len(waits) {
		return 0, false
	}
	return max(waits[sent-1], min(asked, maxWait)), true
}
