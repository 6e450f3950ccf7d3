package notify

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"roundtable/internal/people"
)

// Alert is what folding an alert's events yields. The zero Alert is not one; make
// it with Fold. It is not safe for use by several goroutines.
//
// A try is one sending to one rung: a round of the ladder has rungs, a rung has
// one try and as many more as it repeats. Its time runs from the first attempt
// that was ordered in it.
type Alert struct {
	order    Order
	entries  []Entry
	attempts []Attempt
	byID     map[AttemptID]int
	tries    []try
	reads    []Mark
	answer   *Answer
	charge   Mark // who took charge last
	end      *Event
	rests    bool      // the last rung did not help; it waits
	wake     time.Time // until then
	paid     bool      // who was to be told after a late answer has been told
	last     time.Time // the latest event by the clock as it now goes
	loud     bool      // has been exhausted at least once
}

// Entry is an event with what became of it.
type Entry struct {
	Event
	Again bool          // it was known already: a receipt that came twice, a second reading
	Late  time.Duration // of Read and Answered: how long after the time that the person had
}

// Attempt is one message to one person by one channel, with what is known of it.
// A time is zero while the fact is not known.
type Attempt struct {
	ID      AttemptID
	Place   Place
	Role    people.Role
	Person  people.Pseudonym
	Channel Channel

	Queued, Sent, Delayed, Refused, Delivered, Failed time.Time

	asked time.Time // Queued, by the clock as it now goes
}

// IsDead reports whether nothing more can come of the attempt.
func (a Attempt) IsDead() bool {
	return a.Delivered.IsZero() && (!a.Refused.IsZero() || !a.Failed.IsZero())
}

// Mark is something that somebody did, and when.
type Mark struct {
	Person people.Pseudonym
	At     time.Time
}

// Answer is that somebody is on it.
type Answer struct {
	Mark
	// Late is how long after their time it came; 0 when it came in time. One that
	// is late counts as read and ends the climbing, but who was to be told by then
	// is told all the same: it was promised to the desk.
	Late time.Duration
}

type try struct {
	place  Place
	rung   Rung
	start  time.Time // when the first attempt was ordered; zero before
	read   time.Time // the first reading in its time; zero before
	people []people.Pseudonym
	empty  bool // nobody could be reached
}

// deadline is when the next step is taken; zero before the try's time runs.
func (t *try) deadline() time.Time {
	switch {
	case t.start.IsZero():
		return time.Time{}
	case t.read.IsZero():
		return t.start.Add(t.rung.Within)
	}
	return t.read.Add(t.rung.Within)
}

// maxEvents bounds one alert. Next stops ordering well below, so that what is
// still to be told finds room.
const (
	maxEvents = 50_000
	maxOrders = 40_000
)

// The errors of Add.
var (
	ErrOver  = errors.New("the alert is over")
	ErrTwice = errors.New("the attempt was ordered already")
	errPlace = errors.New("the event does not fit to where the alert stands")
	errKnown = errors.New("the event names an attempt that was never ordered")
	errMany  = errors.New("the alert has too many events")
)

// Fold makes an alert from its events, in the order in which the record has them.
// The first one is Ordered.
func Fold(events []Event) (*Alert, error) {
	if len(events) == 0 {
		return nil, errors.New("an alert begins with its order")
	}
	if err := events[0].Check(); err != nil {
		return nil, fmt.Errorf("fold alert: %w", err)
	}
	if events[0].Kind != Ordered {
		return nil, errors.New("an alert begins with its order")
	}
	a := &Alert{order: *events[0].Order, byID: map[AttemptID]int{}, last: events[0].At}
	a.order.Ladder = a.order.Ladder.clone()
	a.entries = []Entry{{Event: events[0]}}
	a.begin(Place{})
	for i, e := range events[1:] {
		if err := a.Add(e); err != nil {
			return nil, fmt.Errorf("fold alert at event %d: %w", i+2, err)
		}
	}
	return a, nil
}

// Add adds an event. What is already known (a receipt that comes twice) is kept
// and changes nothing; what cannot have happened is an error, and the alert is as
// before. After the end only facts are added: receipts, readings, answers.
func (a *Alert) Add(e Event) error {
	if err := e.Check(); err != nil {
		return err
	}
	if len(a.entries) >= maxEvents {
		return errMany
	}
	entry, err := a.take(e)
	if err != nil {
		return fmt.Errorf("%s: %w", e.Kind, err)
	}
	a.entries = append(a.entries, entry)
	if e.At.After(a.last) {
		a.last = e.At
	}
	return nil
}

func (a *Alert) take(e Event) (Entry, error) {
	entry := Entry{Event: e}
	switch e.Kind {
	case Sent, Delayed, Refused, Delivered, Failed:
		i, ok := a.byID[e.Attempt]
		if !ok {
			return entry, errKnown
		}
		entry.Again = a.attempts[i].learn(e)
		return entry, nil
	case Read:
		entry.Late = a.lateness(e.Person, e.At)
		entry.Again = a.markRead(e)
		a.holdUp(e.At)
		return entry, nil
	case Answered, TookOver:
		entry.Again, entry.Late = a.markAnswer(e)
		return entry, nil
	case WalkEnded:
		return entry, nil
	}
	if a.end != nil {
		return entry, ErrOver
	}
	switch e.Kind {
	case Queued:
		return entry, a.queue(e)
	case NobodyIn:
		return entry, a.markEmpty(e)
	case Repeated, Climbed:
		return entry, a.move(e)
	case Exhausted:
		return entry, a.exhaust(e)
	case ClockBack:
		a.setBack(e.At)
		return entry, nil
	case Settled:
		if a.answer == nil {
			return entry, errPlace
		}
		a.end = &e
		return entry, nil
	case CalledOff:
		a.end = &e
		return entry, nil
	}
	return entry, errPlace
}

// learn notes a fact of an attempt and reports whether it was known. What is
// told again does not move its time, but for delays: the last one counts.
func (t *Attempt) learn(e Event) (again bool) {
	fact := map[Kind]*time.Time{Sent: &t.Sent, Refused: &t.Refused, Delivered: &t.Delivered, Failed: &t.Failed, Delayed: &t.Delayed}[e.Kind]
	if again = !fact.IsZero(); !again || e.Kind == Delayed {
		*fact = e.At
	}
	return again
}

func (a *Alert) markRead(e Event) (again bool) {
	if slices.ContainsFunc(a.reads, func(m Mark) bool { return m.Person == e.Person }) {
		return true
	}
	a.reads = append(a.reads, Mark{e.Person, e.At})
	return false
}

// holdUp gives whoever reads it in the time of the current try as much time again,
// once a try.
func (a *Alert) holdUp(at time.Time) {
	if t := a.current(); !a.rests && !t.start.IsZero() && t.read.IsZero() && at.Before(t.deadline()) {
		t.read = later(at, t.start)
	}
}

// markAnswer takes the first answer as the one that counts; one in time takes
// the place of one that was late. Taking charge is an answer too.
func (a *Alert) markAnswer(e Event) (again bool, late time.Duration) {
	late = a.lateness(e.Person, e.At)
	a.markRead(e)
	known := a.answer != nil
	if e.Kind == TookOver {
		known = a.charge.Person == e.Person
		a.charge = Mark{e.Person, e.At}
	}
	if a.answer != nil && (a.end != nil || a.answer.Late == 0 || late > 0) {
		return known, late
	}
	a.answer = &Answer{Mark{e.Person, e.At}, late}
	if late == 0 {
		if a.end == nil {
			a.end = &e
		}
		return known, late
	}
	// What was promised at the end of that time may have been done already.
	a.paid = a.rests || !slices.Contains(a.current().people, e.Person)
	return known, late
}

// lateness is how long after the time that they had somebody did something. Who
// was never told is not late, and nobody is once it is over.
func (a *Alert) lateness(person people.Pseudonym, at time.Time) time.Duration {
	if a.end != nil {
		return 0
	}
	for i := len(a.tries) - 1; i >= 0; i-- {
		t := &a.tries[i]
		if !slices.Contains(t.people, person) {
			continue
		}
		if d := t.deadline(); !at.Before(d) {
			// At the very moment is too late; it is told as the least there is.
			return max(at.Sub(d), time.Millisecond)
		}
		return 0
	}
	return 0
}

func (a *Alert) queue(e Event) error {
	t := a.current()
	switch {
	case a.rests || e.Place != t.place || t.empty || !slices.Contains(t.rung.Channels, e.Channel):
		return errPlace
	case e.Attempt != attemptID(a.order.Alert, e.Place, e.Person, e.Channel):
		return errors.New("the attempt's id is not its own")
	}
	if _, ok := a.byID[e.Attempt]; ok {
		return ErrTwice
	}
	if t.start.IsZero() {
		t.start = e.At
	}
	if !slices.Contains(t.people, e.Person) {
		t.people = append(t.people, e.Person)
	}
	a.byID[e.Attempt] = len(a.attempts)
	a.attempts = append(a.attempts, Attempt{ID: e.Attempt, Place: e.Place, Role: t.rung.Role, Person: e.Person, Channel: e.Channel, Queued: e.At, asked: e.At})
	return nil
}

func (a *Alert) markEmpty(e Event) error {
	t := a.current()
	if a.rests || e.Place != t.place || t.empty || !t.start.IsZero() {
		return errPlace
	}
	t.empty = true
	return nil
}

// move takes the next step on the ladder, and no other: no rung is left out.
func (a *Alert) move(e Event) error {
	if !a.comes(e) {
		return errPlace
	}
	if a.answer != nil && e.Kind == Climbed {
		a.paid = true
	}
	a.rests = false
	a.begin(e.Place)
	return nil
}

func (a *Alert) exhaust(e Event) error {
	if a.rests || !a.comes(e) {
		return errPlace
	}
	a.rests, a.loud = true, true
	a.wake = e.At.Add(a.order.Ladder.pause(e.Place.Round + 1))
	return nil
}

// comes reports whether the event is the step that comes after the current try.
func (a *Alert) comes(e Event) bool {
	place, kind := a.after(false)
	if e.Place == place && e.Kind == kind {
		return true
	}
	place, kind = a.after(true)
	return e.Place == place && e.Kind == kind && a.isDown(a.current())
}

// after says which step comes after the current try: its place and its kind. A
// try that has not begun is followed by none. Where no channel works, sending it
// again to the same people is left out: see isDown.
func (a *Alert) after(down bool) (Place, Kind) {
	t := a.current()
	p := t.place
	switch {
	case a.rests:
		return Place{Round: p.Round + 1}, Climbed
	case t.start.IsZero() && !t.empty:
		return p, ""
	case !t.empty && !down && p.Try < t.rung.Repeat:
		return Place{p.Round, p.Rung, p.Try + 1}, Repeated
	case p.Rung+1 < len(a.order.Ladder.Rungs):
		return Place{p.Round, p.Rung + 1, 0}, Climbed
	}
	return p, Exhausted
}

func (a *Alert) begin(p Place) {
	a.tries = append(a.tries, try{place: p, rung: a.order.Ladder.Rungs[p.Rung]})
}

func (a *Alert) current() *try { return &a.tries[len(a.tries)-1] }

// setBack moves what is still to come by as much as the clock is behind the last
// event. What went by between that event and the moment at which the clock was set
// back is not known here and is lost: at most one rung's time.
func (a *Alert) setBack(to time.Time) {
	by := a.last.Sub(to)
	if by <= 0 {
		return
	}
	shift := func(t *time.Time) {
		if !t.IsZero() {
			*t = t.Add(-by)
		}
	}
	for i := range a.tries {
		shift(&a.tries[i].start)
		shift(&a.tries[i].read)
	}
	for i := range a.attempts {
		shift(&a.attempts[i].asked)
	}
	shift(&a.wake)
	a.last = to
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clone is for Next, which tries out what it would order.
func (a *Alert) clone() *Alert {
	b := *a
	b.entries = slices.Clone(a.entries)
	b.attempts = slices.Clone(a.attempts)
	b.byID = maps.Clone(a.byID)
	b.tries = slices.Clone(a.tries)
	for i := range b.tries {
		b.tries[i].people = slices.Clone(b.tries[i].people)
	}
	b.reads = slices.Clone(a.reads)
	if a.answer != nil {
		answer := *a.answer
		b.answer = &answer
	}
	return &b
}

// Order returns what the alert was ordered with.
func (a *Alert) Order() Order {
	o := a.order
	o.Ladder = o.Ladder.clone()
	return o
}

// OrderedAt returns when the alert was ordered.
func (a *Alert) OrderedAt() time.Time { return a.entries[0].At }

// Entries returns the events in order, with what became of them.
func (a *Alert) Entries() []Entry { return slices.Clone(a.entries) }

// Attempts returns what was sent to whom, in order, with what is known of it.
func (a *Alert) Attempts() []Attempt { return slices.Clone(a.attempts) }

// Reads returns who has read it, each once, in order.
func (a *Alert) Reads() []Mark { return slices.Clone(a.reads) }

// Answer returns who is on it; ok is false while nobody is.
func (a *Alert) Answer() (answer Answer, ok bool) {
	if a.answer == nil {
		return Answer{}, false
	}
	return *a.answer, true
}

// Charge returns who took charge of the case last, and when; ok is false while
// nobody has.
func (a *Alert) Charge() (charge Mark, ok bool) { return a.charge, a.charge.Person != "" }

// Place returns where on its ladder the alert is, and the rung's role.
func (a *Alert) Place() (Place, people.Role) { return a.current().place, a.current().rung.Role }

// IsResting reports whether the whole ladder did not help and nothing is sent for
// a while: whoever is at the desk has to call.
func (a *Alert) IsResting() bool { return a.rests && a.end == nil }

// IsUnheard reports whether the whole ladder was gone through at least once and
// nobody has answered since.
func (a *Alert) IsUnheard() bool { return a.loud && a.answer == nil && a.end == nil }

// IsOver reports whether nothing more is to be done.
func (a *Alert) IsOver() bool { return a.end != nil }

// End returns how and when it ended: Answered, TookOver, Settled or CalledOff. ok
// is false while it goes on.
func (a *Alert) End() (end Event, ok bool) {
	if a.end == nil {
		return Event{}, false
	}
	return *a.end, true
}

// NextAt returns when the next rung is told, or it is sent again, if nobody reads
// it; ok is false when nothing is due.
func (a *Alert) NextAt() (at time.Time, ok bool) {
	switch t := a.current(); {
	case a.end != nil || a.answer != nil && a.paid:
		return time.Time{}, false
	case a.rests:
		return a.wake, true
	default:
		return t.deadline(), !t.start.IsZero()
	}
}
