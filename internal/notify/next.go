package notify

import (
	"slices"
	"time"

	"roundtable/internal/people"
)

// Do is one thing that is to be done now.
type Do struct {
	// Record, when it is not nil, is to be added to the alert's record. All that
	// one call of Next returns is recorded in its order and in one transaction,
	// before anything of it is sent.
	Record *Event
	// Send, when it is not nil, is the attempt that Record orders. It is sent at
	// least once, always under its id.
	Send *Attempt
	// Look is when to ask Next again. The last Do of an alert that is not over has
	// it, and no other.
	Look time.Time
}

// Slack is by how much two servers' clocks may differ before one is taken to have
// been set back.
const Slack = 5 * time.Second

// maxSteps bounds one call of Next: all rungs and tries of one round, and all who
// are told.
const maxSteps = MaxRungs*(MaxRepeat+2) + MaxTold*3 + 10

// Next says what is to be done now, and when to look again. It changes nothing
// and knows no other time than now. Once what it says is recorded it does not say
// so again, whenever and however often it is asked; where what it says is lost,
// it says the same again, with the same ids.
//
// It is to be asked when an alert was ordered, after every event that is added,
// and when the time to look has come. Nothing is wrong with asking more often.
func Next(a *Alert, p *Plan, now time.Time) []Do {
	now = now.UTC().Truncate(time.Millisecond)
	b, dos := a.clone(), []Do(nil)
	for range maxSteps {
		e, ok := b.due(p, now)
		if !ok || b.Add(e) != nil {
			break
		}
		do := Do{Record: &e}
		if e.Kind == Queued {
			attempt := b.attempts[len(b.attempts)-1]
			do.Send = &attempt
		}
		dos = append(dos, do)
	}
	if !b.IsOver() {
		dos = append(dos, Do{Look: b.lookAt(p, b.clock(now))})
	}
	return dos
}

// clock is now, as far as the alert believes it: a server whose clock is a little
// behind another's does not go back in time.
func (a *Alert) clock(now time.Time) time.Time { return later(now, a.last) }

// due returns the one event that is to be recorded first; ok is false when there
// is none.
func (a *Alert) due(p *Plan, now time.Time) (e Event, ok bool) {
	switch {
	case a.end != nil || len(a.entries) >= maxOrders:
		return Event{}, false
	case now.Before(a.last.Add(-Slack)):
		return Event{Kind: ClockBack, At: now}, true
	}
	now = a.clock(now)
	if a.rests {
		if a.answer != nil {
			return Event{Kind: Settled, At: now}, true
		}
		if now.Before(a.wake) {
			return Event{}, false
		}
		return a.step(now, false)
	}
	t := a.current()
	if t.empty {
		return a.step(now, false)
	}
	if who, channel, ok := a.untold(t, p, now); ok {
		id := attemptID(a.order.Alert, t.place, who, channel)
		return Event{Kind: Queued, At: now, Attempt: id, Person: who, Channel: channel, Place: t.place}, true
	}
	if t.start.IsZero() {
		return Event{Kind: NobodyIn, At: now, Place: t.place}, true
	}
	if a.answer != nil && a.paid && a.isHeard(t) {
		return Event{Kind: Settled, At: now}, true
	}
	if !now.Before(t.deadline()) {
		return a.step(now, false)
	}
	if a.isDown(t) {
		return a.step(now, true)
	}
	return Event{}, false
}

// step goes on to what comes after the current try. After a late answer it goes
// on only as far as was promised.
func (a *Alert) step(now time.Time, down bool) (Event, bool) {
	place, kind := a.after(down)
	if a.answer != nil && (a.paid || kind != Climbed) {
		return Event{Kind: Settled, At: now}, true
	}
	return Event{Kind: kind, At: now, Place: place}, true
}

// untold returns whom to tell next in this try, and by which channel.
func (a *Alert) untold(t *try, p *Plan, now time.Time) (people.Pseudonym, Channel, bool) {
	isLate := !t.start.IsZero() && !now.Before(t.deadline())
	if isLate {
		return "", "", false
	}
	for _, who := range t.people {
		if c, ok := a.nextChannel(t, p, who, now); ok {
			return who, c, true
		}
	}
	if len(t.people) >= MaxTold {
		return "", "", false
	}
	for _, who := range Reachable(p, a.order.Branch, t.rung.Role, t.rung.Channels, now) {
		if !slices.Contains(t.people, who) {
			return who, rotated(p.channelsOf(who, t.rung.Channels), t.place)[0], true
		}
	}
	return "", "", false
}

// rotated lets each try begin with another channel: what kept the first one from
// being seen may not keep the second.
func rotated(channels []Channel, at Place) []Channel {
	n := (at.Round + at.Try) % len(channels)
	return slices.Concat(channels[n:], channels[:n])
}

// nextChannel returns the channel to try beside those that were tried in this
// try: when the last one failed, was put off or has not been accepted in time.
func (a *Alert) nextChannel(t *try, p *Plan, who people.Pseudonym, now time.Time) (Channel, bool) {
	channels := p.channelsOf(who, t.rung.Channels)
	if len(channels) == 0 {
		return "", false
	}
	mine := a.in(t, who)
	for _, at := range mine {
		if isGood(at, now) {
			return "", false
		}
	}
	for _, c := range rotated(channels, t.place) {
		if !slices.ContainsFunc(mine, func(at Attempt) bool { return at.Channel == c }) {
			return c, true
		}
	}
	return "", false
}

// isGood reports whether it is worth waiting for the attempt alone.
func isGood(at Attempt, now time.Time) bool {
	switch {
	case at.IsDead():
		return false
	case !at.Sent.IsZero() || !at.Delivered.IsZero():
		return true
	}
	return at.Delayed.IsZero() && now.Before(at.asked.Add(Patience))
}

// in returns the attempts of a try for one person.
func (a *Alert) in(t *try, who people.Pseudonym) []Attempt {
	var list []Attempt
	for i := len(a.attempts) - 1; i >= 0 && a.attempts[i].Place == t.place; i-- {
		if a.attempts[i].Person == who {
			list = append(list, a.attempts[i])
		}
	}
	return list
}

// isHeard reports whether one of those who were told in this try has read it.
func (a *Alert) isHeard(t *try) bool {
	return slices.ContainsFunc(a.reads, func(m Mark) bool { return slices.Contains(t.people, m.Person) })
}

// isDown reports whether every attempt of a try that has begun is dead, so that
// there is nothing to wait for. That more channels are left has to be ruled out
// before.
func (a *Alert) isDown(t *try) bool {
	if t.start.IsZero() || !t.read.IsZero() {
		return false
	}
	for i := len(a.attempts) - 1; i >= 0 && a.attempts[i].Place == t.place; i-- {
		if !a.attempts[i].IsDead() {
			return false
		}
	}
	return true
}

// lookAt is when Next may have something to say if nothing happens until then.
func (a *Alert) lookAt(p *Plan, now time.Time) time.Time {
	at := now.Add(MaxPause)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(at) {
			at = t
		}
	}
	if a.rests {
		sooner(a.wake)
		return at
	}
	t := a.current()
	if t.start.IsZero() {
		return at // there is no more room for orders
	}
	sooner(t.deadline())
	for i := len(a.attempts) - 1; i >= 0 && a.attempts[i].Place == t.place; i-- {
		if x := a.attempts[i]; isGood(x, now) && x.Sent.IsZero() && x.Delivered.IsZero() {
			sooner(x.asked.Add(Patience))
		}
	}
	return at
}
