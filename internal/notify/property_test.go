package notify

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roundtable/internal/people"
)

func drawLadder(t *rapid.T) Ladder {
	roles := []people.Role{people.InCharge, people.Director, people.Counsel, people.SafetyLead}
	l := Ladder{Pause: time.Duration(rapid.IntRange(1, 30).Draw(t, "pause")) * time.Minute}
	for i := range rapid.IntRange(1, 4).Draw(t, "rungs") {
		channels := rapid.Permutation(Channels).Draw(t, "channels")[:rapid.IntRange(1, 3).Draw(t, "how many")]
		l.Rungs = append(l.Rungs, Rung{roles[i], time.Duration(rapid.IntRange(1, 6).Draw(t, "minutes")) * time.Minute, channels, rapid.IntRange(0, 2).Draw(t, "repeat")})
	}
	return l
}

func drawDuty(t *rapid.T) *Plan {
	p := &Plan{Branches: []Branch{{ID: main_, Zone: chicago}}}
	for _, role := range []people.Role{people.InCharge, people.Director, people.Counsel} {
		for _, who := range []people.Pseudonym{ana, ben} {
			if rapid.Bool().Draw(t, "has a shift") {
				p.Shifts = append(p.Shifts, Shift{Person: who, Role: role, Hours: Hours{EveryDay, Clock(60 * rapid.IntRange(0, 23).Draw(t, "from")), Clock(60 * rapid.IntRange(0, 23).Draw(t, "to"))}})
			}
		}
	}
	if rapid.Bool().Draw(t, "reach") {
		p.Reach = map[people.Pseudonym][]Channel{ana: {SMS}, ben: {Mail, Push}}
	}
	return p
}

// TestWalkThrough lets random things happen at random times, the clock going back
// now and then, and sees at every step that what the package promises holds.
func TestWalkThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, l := drawDuty(t), drawLadder(t)
		now := time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC)
		events := []Event{{Kind: Ordered, At: now, Order: &Order{"alert-1", main_, l.Rungs[0].Role, Need, l}}}
		look := now
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2, 3:
				now = later(look, now)
			case 4:
				now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			case 5:
				now = now.Add(-time.Duration(rapid.IntRange(0, 7200).Draw(t, "back")) * time.Second)
			default:
				events = happen(t, events, now)
			}
			events, look = takeAll(t, events, p, now)
		}
		checkOrder(t, events, l)
	})
}

// happen adds something that people or channels do.
func happen(t *rapid.T, events []Event, now time.Time) []Event {
	a, err := Fold(events)
	if err != nil {
		t.Fatalf("Fold: %v", err)
	}
	e := Event{At: now}
	if len(a.attempts) > 0 && rapid.Bool().Draw(t, "of a channel") {
		e.Kind = rapid.SampledFrom([]Kind{Sent, Delayed, Refused, Delivered, Failed}).Draw(t, "fact")
		e.Attempt = rapid.SampledFrom(a.attempts).Draw(t, "attempt").ID
	} else {
		e.Kind = rapid.SampledFrom([]Kind{Read, Read, Read, Answered, TookOver, WalkEnded, CalledOff}).Draw(t, "act")
		if slices.Contains(ofPerson, e.Kind) {
			e.Person = rapid.SampledFrom([]people.Pseudonym{ana, ben, cleo}).Draw(t, "who")
		}
	}
	if a.Add(e) != nil {
		return events
	}
	return append(events, e)
}

// takeAll records what Next says. Asked again it says nothing more; and either the
// alert is over, for a reason, or there is a time to look again.
func takeAll(t *rapid.T, events []Event, p *Plan, now time.Time) ([]Event, time.Time) {
	a, err := Fold(events)
	if err != nil {
		t.Fatalf("Fold: %v", err)
	}
	dos := Next(a, p, now)
	if again := Next(a, p, now); len(again) != len(dos) {
		t.Fatalf("Next says %d things, and then %d: it has changed the alert", len(dos), len(again))
	}
	var look time.Time
	for _, d := range dos {
		if d.Record != nil {
			if err := a.Add(*d.Record); err != nil {
				t.Fatalf("what Next says cannot be recorded: %v", err)
			}
			events = append(events, *d.Record)
		}
		if (d.Send != nil) != (d.Record != nil && d.Record.Kind == Queued) {
			t.Fatalf("Next says to send what it does not record, or does not send what it does: %+v", d)
		}
		look = d.Look
	}
	for _, d := range Next(a, p, now) {
		if d.Record != nil {
			t.Fatalf("Next, asked after all was recorded, says %+v", d.Record)
		}
	}
	end, over := a.End()
	switch {
	case !over && !look.After(now):
		t.Fatalf("the alert goes on and nobody looks again: %v, now %v", look, now)
	case !over && look.Sub(a.clock(now)) > MaxPause:
		t.Fatalf("Next looks again only after %v", look.Sub(now))
	case over && !slices.Contains([]Kind{Answered, TookOver, Settled, CalledOff}, end.Kind):
		t.Fatalf("the alert ended by %q", end.Kind)
	}
	if answer, ok := a.Answer(); over && end.Kind == Settled && (!ok || answer.Late == 0) {
		t.Fatalf("settled without a late answer")
	}
	return events, look
}

// checkOrder holds the record against the ladder: each rung in its turn, each
// with a message or the word that nobody was there, no attempt ordered twice,
// nothing ordered after an end.
func checkOrder(t *rapid.T, events []Event, l Ladder) {
	var place Place
	var ended, rests, told bool
	seen := map[AttemptID]bool{}
	type message struct {
		place   Place
		person  people.Pseudonym
		channel Channel
	}
	sent := map[message]bool{}
	for _, e := range events[1:] {
		switch e.Kind {
		case Queued:
			m := message{e.Place, e.Person, e.Channel}
			if seen[e.Attempt] || sent[m] || ended || rests || e.Place != place {
				t.Fatalf("ordered twice, after the end, or out of place: %+v", e)
			}
			seen[e.Attempt], sent[m], told = true, true, true
		case NobodyIn:
			told = true
		case Repeated, Climbed:
			next := Place{place.Round, place.Rung, place.Try + 1}
			switch {
			case e.Kind == Climbed && rests:
				next = Place{Round: place.Round + 1}
			case e.Kind == Climbed:
				next = Place{place.Round, place.Rung + 1, 0}
			}
			if e.Place != next || !told || ended {
				t.Fatalf("from %+v to %+v, told %v, ended %v", place, e.Place, told, ended)
			}
			place, rests, told = e.Place, false, false
		case Exhausted:
			if place.Rung != len(l.Rungs)-1 || !told || ended {
				t.Fatalf("exhausted at %+v of %d rungs", place, len(l.Rungs))
			}
			rests = true
		case Settled, CalledOff:
			ended = true
		}
	}
}

// TestSetBack: a clock that is set back costs at most one rung's time each time,
// and after each look the next one is no further away than that.
func TestSetBack(t *testing.T) {
	const within = 5 * time.Minute
	p := &Plan{Branches: []Branch{{ID: main_, Zone: chicago}}, Shifts: []Shift{
		{Person: ana, Role: people.InCharge, Hours: Hours{EveryDay, 0, 0}}, {Person: ben, Role: people.Director, Hours: Hours{EveryDay, 0, 0}},
	}}
	l := Ladder{[]Rung{{people.InCharge, within, []Channel{SMS}, 0}, {people.Director, within, []Channel{SMS}, 0}}, time.Hour}
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		events := []Event{{Kind: Ordered, At: wall, Order: &Order{"alert-1", main_, people.InCharge, Need, l}}}
		events, look := takeAll(t, events, p, wall)
		gone, most := time.Duration(0), within
		for !slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Climbed }) {
			if look.Sub(wall) > within+Slack {
				t.Fatalf("the next look is %v away, want no more than %v", look.Sub(wall), within)
			}
			if gone > most+time.Minute {
				t.Fatalf("the director was not called after %v, want it within %v", gone, most)
			}
			step := time.Duration(rapid.IntRange(1, 60).Draw(t, "step")) * time.Second
			gone, wall = gone+step, wall.Add(step)
			if most < 20*within && rapid.IntRange(0, 4).Draw(t, "back?") == 0 {
				wall = wall.Add(-time.Duration(rapid.IntRange(0, 10_000).Draw(t, "by")) * time.Second)
				most += within
			}
			events, look = takeAll(t, events, p, wall)
		}
	})
}
