package notify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/people"
)

// noon is a Wednesday at which ana is in charge of the main branch, and cleo is
// the director.
const noon = "2026-11-25 12:00"

// story is an alert that a test takes through time: it asks Next, records what
// Next says, and tells what was done as lines.
type story struct {
	t      testing.TB
	plan   *Plan
	events []Event
	start  time.Time
	now    time.Time
	look   time.Time
	lines  []string
}

func ladder(rungs ...Rung) Ladder { return Ladder{rungs, 10 * time.Minute} }

func rung(role people.Role, minutes, repeat int, channels ...Channel) Rung {
	return Rung{role, time.Duration(minutes) * time.Minute, channels, repeat}
}

func begin(t testing.TB, p *Plan, at string, l Ladder) *story {
	now := on(t, chicago, at).UTC()
	s := &story{t: t, plan: p, start: now, now: now}
	s.events = []Event{{Kind: Ordered, At: now, Order: &Order{"alert-1", main_, l.Rungs[0].Role, Need, l}}}
	s.ask()
	return s
}

func (s *story) fold() *Alert {
	s.t.Helper()
	a, err := Fold(s.events)
	if err != nil {
		s.t.Fatalf("Fold after %q: %v", s.lines, err)
	}
	return a
}

// ask records what Next says, and asks again to see that nothing is said twice.
func (s *story) ask() {
	s.t.Helper()
	for i, d := range Next(s.fold(), s.plan, s.now) {
		if d.Record == nil {
			s.look = d.Look
			continue
		}
		if i >= maxSteps {
			s.t.Fatalf("Next says more than %d things at once", maxSteps)
		}
		s.events = append(s.events, *d.Record)
		s.tell(*d.Record)
	}
	for _, d := range Next(s.fold(), s.plan, s.now) {
		if d.Record != nil {
			s.t.Fatalf("Next asked twice says %+v again, after %q", *d.Record, s.lines)
		}
	}
}

func (s *story) tell(e Event) {
	line := fmt.Sprintf("%s %s", e.At.Sub(s.start), e.Kind)
	switch e.Kind {
	case Queued:
		line += fmt.Sprintf(" %s %s", short[e.Person], e.Channel)
	case Climbed, Exhausted, NobodyIn, Repeated:
		line += fmt.Sprintf(" %d.%d.%d", e.Place.Round, e.Place.Rung, e.Place.Try)
	}
	s.lines = append(s.lines, line)
}

// wait lets time pass, and looks whenever it is time to look.
func (s *story) wait(d time.Duration) {
	s.t.Helper()
	until := s.now.Add(d)
	for range 1000 {
		if s.look.IsZero() || s.look.After(until) || s.fold().IsOver() {
			break
		}
		if !s.look.After(s.now) {
			s.t.Fatalf("Next at %v says to look again at %v", s.now, s.look)
		}
		s.now = s.look
		s.ask()
	}
	s.now = until
}

func (s *story) add(e Event) {
	s.t.Helper()
	e.At = s.now
	if err := s.fold().Add(e); err != nil {
		s.t.Fatalf("Add(%s): %v", e.Kind, err)
	}
	s.events = append(s.events, e)
	s.lines = append(s.lines, fmt.Sprintf("%s %s", e.At.Sub(s.start), e.Kind))
	s.ask()
}

// fact adds a fact of the last attempt for somebody.
func (s *story) fact(k Kind, who people.Pseudonym) {
	s.t.Helper()
	var id AttemptID
	for _, a := range s.fold().Attempts() {
		if a.Person == who {
			id = a.ID
		}
	}
	s.add(Event{Kind: k, Attempt: id})
}

func (s *story) by(k Kind, who people.Pseudonym) { s.t.Helper(); s.add(Event{Kind: k, Person: who}) }

// TestStories is the table of cases under a moved clock. In what a story says,
// times count from the order.
func TestStories(t *testing.T) {
	two := ladder(rung(people.InCharge, 3, 0, SMS), rung(people.Director, 3, 0, SMS))
	for _, c := range []struct {
		name   string
		at     string
		plan   func(p *Plan)
		ladder Ladder
		tell   func(s *story)
		want   string
		over   bool
	}{
		{name: "answered in time", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.wait(2 * time.Minute)
			s.by(Read, ana)
			s.wait(time.Minute)
			s.by(Answered, ana)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 0s sent; 2m0s read; 3m0s answered", over: true},
		{name: "answered in the last second", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.wait(3*time.Minute - time.Second)
			s.by(Answered, ana)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 0s sent; 2m59s answered", over: true},
		{name: "answered one second too late, and looked at in time", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.wait(3*time.Minute + time.Second)
			s.by(Answered, ana)
			s.fact(Sent, cleo)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 0s sent; 3m0s climbed 0.1.0; 3m0s queued cleo sms; 3m1s answered; 3m1s sent; 6m0s settled", over: true},
		{name: "answered one second too late, and nobody had looked", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.now = s.now.Add(3*time.Minute + time.Second)
			s.by(Answered, ana)
			s.fact(Sent, cleo)
			s.wait(10 * time.Second)
			s.by(Read, cleo)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 0s sent; 3m1s answered; 3m1s climbed 0.1.0; 3m1s queued cleo sms; 3m1s sent; 3m11s read; 3m11s settled", over: true},
		{name: "a late answer is not climbed past", ladder: ladder(rung(people.InCharge, 3, 0, SMS), rung(people.Director, 3, 2, SMS), rung(people.Counsel, 3, 0, SMS)), tell: func(s *story) {
			s.wait(4 * time.Minute)
			s.by(Answered, ana)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 3m0s climbed 0.1.0; 3m0s queued cleo sms; 4m0s answered; 6m0s settled", over: true},
		{name: "late on the last rung", ladder: ladder(rung(people.InCharge, 3, 0, SMS)), tell: func(s *story) {
			s.wait(4 * time.Minute)
			s.by(Answered, ana)
		}, want: "0s queued ana sms; 3m0s exhausted 0.0.0; 4m0s answered; 4m0s settled", over: true},
		{name: "late, and it was only to be sent again", ladder: ladder(rung(people.InCharge, 3, 1, SMS), rung(people.Director, 3, 0, SMS)), tell: func(s *story) {
			s.now = s.now.Add(3*time.Minute + time.Second)
			s.by(Answered, ana)
		}, want: "0s queued ana sms; 3m1s answered; 3m1s settled", over: true},
		{name: "late, and there was nobody else to call", ladder: ladder(rung(people.InCharge, 3, 0, SMS)), tell: func(s *story) {
			s.now = s.now.Add(3*time.Minute + time.Second)
			s.by(Answered, ana)
		}, want: "0s queued ana sms; 3m1s answered; 3m1s settled", over: true},
		{name: "late, then somebody else in time", ladder: two, tell: func(s *story) {
			s.wait(4 * time.Minute)
			s.by(Answered, ana)
			s.by(TookOver, cleo)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 3m0s climbed 0.1.0; 3m0s queued cleo sms; 4m0s answered; 4m0s took over", over: true},
		{name: "read and not answered", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.wait(2 * time.Minute)
			s.by(Read, ana)
			s.wait(3 * time.Minute)
		}, want: "0s queued ana sms; 0s sent; 2m0s read; 5m0s climbed 0.1.0; 5m0s queued cleo sms"},
		{name: "read again and again holds it up once", ladder: two, tell: func(s *story) {
			for range 5 {
				s.wait(time.Minute)
				s.by(Read, ana)
			}
		}, want: "0s queued ana sms; 1m0s read; 2m0s read; 3m0s read; 4m0s climbed 0.1.0; 4m0s queued cleo sms; 4m0s read; 5m0s read"},
		{name: "nobody reads it: all rungs, a pause, again, a longer pause", ladder: two, tell: func(s *story) {
			s.wait(50 * time.Minute)
		}, want: "0s queued ana sms; 3m0s climbed 0.1.0; 3m0s queued cleo sms; 6m0s exhausted 0.1.0; 16m0s climbed 1.0.0; 16m0s queued ana sms; 19m0s climbed 1.1.0; 19m0s queued cleo sms; 22m0s exhausted 1.1.0; 42m0s climbed 2.0.0; 42m0s queued ana sms; 45m0s climbed 2.1.0; 45m0s queued cleo sms; 48m0s exhausted 2.1.0"},
		{name: "repeats begin with another channel", ladder: ladder(rung(people.InCharge, 2, 2, Push, SMS)), tell: func(s *story) {
			for range 3 {
				s.fact(Sent, ana)
				s.wait(2 * time.Minute)
			}
		}, want: "0s queued ana push; 0s sent; 2m0s repeated 0.0.1; 2m0s queued ana sms; 2m0s sent; 4m0s repeated 0.0.2; 4m0s queued ana push; 4m0s sent; 6m0s exhausted 0.0.2"},
		{name: "a channel refuses: the next one at once", ladder: ladder(rung(people.InCharge, 3, 0, Push, SMS, Mail), rung(people.Director, 3, 0, SMS)), tell: func(s *story) {
			s.fact(Refused, ana)
			s.fact(Failed, ana)
			s.fact(Sent, ana)
			s.wait(time.Minute)
		}, want: "0s queued ana push; 0s refused; 0s queued ana sms; 0s failed; 0s queued ana mail; 0s sent"},
		{name: "every channel refuses: nobody waits", ladder: ladder(rung(people.InCharge, 3, 2, Push, SMS), rung(people.Director, 3, 0, SMS)), tell: func(s *story) {
			s.fact(Refused, ana)
			s.fact(Refused, ana)
			s.fact(Refused, cleo)
		}, want: "0s queued ana push; 0s refused; 0s queued ana sms; 0s refused; 0s climbed 0.1.0; 0s queued cleo sms; 0s refused; 0s exhausted 0.1.0"},
		{name: "a channel puts off, and another is used beside it", ladder: ladder(rung(people.InCharge, 3, 0, Mail, SMS)), tell: func(s *story) {
			s.fact(Delayed, ana)
			s.fact(Sent, ana)
		}, want: "0s queued ana mail; 0s delayed; 0s queued ana sms; 0s sent"},
		{name: "a channel says nothing", ladder: ladder(rung(people.InCharge, 3, 0, Push, SMS)), tell: func(s *story) {
			s.wait(time.Minute)
		}, want: "0s queued ana push; 30s queued ana sms"},
		{name: "receipts come twice and out of order", ladder: two, tell: func(s *story) {
			s.fact(Delivered, ana)
			s.fact(Sent, ana)
			s.fact(Sent, ana)
			s.fact(Delivered, ana)
			s.wait(time.Minute)
		}, want: "0s queued ana sms; 0s delivered; 0s sent; 0s sent; 0s delivered"},
		{name: "two are on duty: both are told", at: "2026-11-25 16:30", ladder: two, tell: func(s *story) {
			s.fact(Sent, ana)
			s.by(Answered, ben)
		}, want: "0s queued ana sms; 0s queued ben sms; 0s sent; 0s answered", over: true},
		{name: "somebody comes on duty meanwhile", at: "2026-11-25 15:58", ladder: two, tell: func(s *story) {
			s.wait(2 * time.Minute)
			s.ask()
		}, want: "0s queued ana sms; 2m0s queued ben sms"},
		{name: "a holiday", at: "2026-11-26 12:00", ladder: two, tell: func(s *story) {},
			want: "0s nobody in 0.0.0; 0s climbed 0.1.0; 0s queued cleo sms"},
		{name: "everybody is away", ladder: two, plan: func(p *Plan) {
			for _, who := range []people.Pseudonym{ana, cleo} {
				p.Away = append(p.Away, Away{who, on(t, chicago, "2026-11-25 00:00"), on(t, chicago, "2026-11-25 12:15")})
			}
		}, tell: func(s *story) { s.wait(20 * time.Minute) },
			want: "0s nobody in 0.0.0; 0s climbed 0.1.0; 0s nobody in 0.1.0; 0s exhausted 0.1.0; 10m0s climbed 1.0.0; 10m0s nobody in 1.0.0; 10m0s climbed 1.1.0; 10m0s nobody in 1.1.0; 10m0s exhausted 1.1.0"},
		{name: "nothing reaches the person in charge", ladder: two, plan: func(p *Plan) {
			p.Reach = map[people.Pseudonym][]Channel{ana: {Push}, cleo: {SMS}}
		}, tell: func(s *story) {}, want: "0s nobody in 0.0.0; 0s climbed 0.1.0; 0s queued cleo sms"},
		{name: "the night on which the clock is put back", at: "2026-11-01 00:59", ladder: two, plan: func(p *Plan) {
			p.Shifts = append(p.Shifts, Shift{Person: dora, Role: people.InCharge, Branch: main_, Hours: Hours{EveryDay, 60, 90}}) // 1:00 to 1:30, twice
		}, tell: func(s *story) { s.wait(17 * time.Minute) },
			want: "0s nobody in 0.0.0; 0s climbed 0.1.0; 0s queued cleo sms; 3m0s exhausted 0.1.0; 13m0s climbed 1.0.0; 13m0s queued dora sms; 16m0s climbed 1.1.0; 16m0s queued cleo sms"},
		{name: "the night on which the clock is put forward", at: "2026-03-08 01:59", ladder: two, plan: func(p *Plan) {
			p.Shifts = append(p.Shifts, Shift{Person: dora, Role: people.InCharge, Branch: main_, Hours: Hours{EveryDay, 120, 185}}) // 2:00, which is not, to 3:05
		}, tell: func(s *story) { s.wait(20 * time.Minute) },
			want: "0s nobody in 0.0.0; 0s climbed 0.1.0; 0s queued cleo sms; 3m0s exhausted 0.1.0; 13m0s climbed 1.0.0; 13m0s nobody in 1.0.0; 13m0s climbed 1.1.0; 13m0s queued cleo sms; 16m0s exhausted 1.1.0"},
		{name: "the server's clock is set back", ladder: two, tell: func(s *story) {
			s.wait(2 * time.Minute)
			s.add(Event{Kind: WalkEnded})
			s.now = s.now.Add(-time.Hour)
			s.ask()
			s.wait(time.Minute)
		}, want: "0s queued ana sms; 2m0s walk ended; -58m0s clock back; -57m0s climbed 0.1.0; -57m0s queued cleo sms"},
		{name: "the clock is set back after a reading", ladder: two, tell: func(s *story) {
			s.wait(2 * time.Minute)
			s.by(Read, ana)
			s.now = s.now.Add(-time.Hour)
			s.ask()
			s.wait(3 * time.Minute)
		}, want: "0s queued ana sms; 2m0s read; -58m0s clock back; -55m0s climbed 0.1.0; -55m0s queued cleo sms"},
		{name: "the clock is set back in a pause", ladder: ladder(rung(people.InCharge, 3, 0, SMS)), tell: func(s *story) {
			s.wait(3 * time.Minute)
			s.now = s.now.Add(-time.Hour)
			s.ask()
			s.wait(10 * time.Minute)
		}, want: "0s queued ana sms; 3m0s exhausted 0.0.0; -57m0s clock back; -47m0s climbed 1.0.0; -47m0s queued ana sms"},
		{name: "the clock is set back while a channel says nothing", ladder: ladder(rung(people.InCharge, 3, 0, Push, SMS)), tell: func(s *story) {
			s.now = s.now.Add(-time.Hour)
			s.ask()
			s.wait(time.Minute)
		}, want: "0s queued ana push; -1h0m0s clock back; -59m30s queued ana sms"},
		{name: "it was given up, and arrived after all", ladder: ladder(rung(people.InCharge, 3, 0, SMS), rung(people.Director, 3, 0, SMS)), tell: func(s *story) {
			id := s.fold().Attempts()[0].ID
			s.events = append(s.events, Event{Kind: Failed, Attempt: id, At: s.now}, Event{Kind: Delivered, Attempt: id, At: s.now})
			s.ask()
			s.wait(time.Minute)
		}, want: "0s queued ana sms"},
		{name: "two servers whose clocks differ a little", ladder: two, tell: func(s *story) {
			s.now = s.now.Add(-3 * time.Second)
			s.ask()
			s.wait(3 * time.Second)
			s.wait(3 * time.Minute)
		}, want: "0s queued ana sms; 3m0s climbed 0.1.0; 3m0s queued cleo sms"},
		{name: "the server was down for a day", ladder: two, tell: func(s *story) {
			s.now = s.now.Add(24*time.Hour + 30*time.Minute) // Thanksgiving
			s.ask()
			s.wait(time.Minute)
		}, want: "0s queued ana sms; 24h30m0s climbed 0.1.0; 24h30m0s queued cleo sms"},
		{name: "the walk ended: it goes on", ladder: two, tell: func(s *story) {
			s.add(Event{Kind: WalkEnded})
			s.wait(3 * time.Minute)
		}, want: "0s queued ana sms; 0s walk ended; 3m0s climbed 0.1.0; 3m0s queued cleo sms"},
		{name: "called off", ladder: two, tell: func(s *story) {
			s.wait(time.Minute)
			s.add(Event{Kind: CalledOff})
			s.by(Read, ana)
			s.wait(time.Hour)
		}, want: "0s queued ana sms; 1m0s called off; 1m0s read", over: true},
		{name: "somebody who was never told answers", ladder: two, tell: func(s *story) {
			s.wait(4 * time.Minute)
			s.by(Answered, dora)
		}, want: "0s queued ana sms; 3m0s climbed 0.1.0; 3m0s queued cleo sms; 4m0s answered", over: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, at := plan(t), c.at
			if c.plan != nil {
				c.plan(p)
			}
			if at == "" {
				at = noon
			}
			s := begin(t, p, at, c.ladder)
			c.tell(s)
			if diff := cmp.Diff(strings.Split(c.want, "; "), s.lines); diff != "" {
				t.Errorf("what was done (-want +got):\n%s", diff)
			}
			if got := s.fold().IsOver(); got != c.over {
				t.Errorf("IsOver() = %v, want %v", got, c.over)
			}
		})
	}
}

// TestLate: an answer one second too late is told as such, and counts as read.
func TestLate(t *testing.T) {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 0, SMS), rung(people.Director, 3, 0, SMS)))
	s.wait(3*time.Minute + time.Second)
	s.by(Answered, ana)
	a := s.fold()
	answer, ok := a.Answer()
	if !ok || answer.Person != ana || answer.Late != time.Second {
		t.Errorf("Answer() = %+v, %v, want ana, 1s late", answer, ok)
	}
	if reads := a.Reads(); len(reads) != 1 || reads[0].Person != ana || !reads[0].At.Equal(s.now) {
		t.Errorf("Reads() = %+v, want ana at %v", reads, s.now)
	}
	if e := a.Entries(); e[len(e)-1].Late != time.Second {
		t.Errorf("the entry says it was %v late, want 1s", e[len(e)-1].Late)
	}
	if _, ok := a.NextAt(); ok {
		t.Error("NextAt() says that somebody else will be called, want nobody after a late answer")
	}
}

// TestFacts: sent, delivered, read and answered are four facts with their times.
func TestFacts(t *testing.T) {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 0, SMS)))
	for _, k := range []Kind{Sent, Delivered} {
		s.wait(time.Second)
		s.fact(k, ana)
	}
	s.wait(time.Second)
	s.by(Read, ana)
	s.wait(time.Second)
	s.by(TookOver, ana)
	s.fact(Delivered, ana)
	a := s.fold()
	at := a.Attempts()[0]
	charge, _ := a.Charge()
	end, _ := a.End()
	got := []time.Duration{at.Queued.Sub(s.start), at.Sent.Sub(s.start), at.Delivered.Sub(s.start), a.Reads()[0].At.Sub(s.start), charge.At.Sub(s.start), end.At.Sub(s.start)}
	if diff := cmp.Diff([]time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 4 * time.Second}, got); diff != "" {
		t.Errorf("queued, sent, delivered, read, took over, ended (-want +got):\n%s", diff)
	}
	if e := a.Entries(); !e[len(e)-1].Again {
		t.Error("the receipt that came twice is not marked")
	}
}

// TestUnheard: the desk is told when nobody was reached at all.
func TestUnheard(t *testing.T) {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 0, SMS)))
	if a := s.fold(); a.IsUnheard() || a.IsResting() {
		t.Error("unheard at once, want only after the last rung")
	}
	s.wait(3 * time.Minute)
	if a := s.fold(); !a.IsUnheard() || !a.IsResting() {
		t.Error("not unheard after the last rung")
	}
	s.wait(10 * time.Minute)
	if a := s.fold(); !a.IsUnheard() || a.IsResting() {
		t.Error("when it begins again it is still unheard, and does not rest")
	}
	s.by(Answered, ana)
	if s.fold().IsUnheard() {
		t.Error("unheard after an answer")
	}
}

// TestAddRefuses: what cannot have happened is not taken, and changes nothing.
func TestAddRefuses(t *testing.T) {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 1, SMS, Push), rung(people.Director, 3, 0, SMS)))
	a := s.fold()
	queued := s.events[1]
	at := func(p Place) Event { return Event{Kind: Climbed, At: s.now, Place: p} }
	for _, c := range []struct {
		name string
		e    Event
		want error
	}{
		{"twice", queued, ErrTwice},
		{"a foreign id", Event{Kind: Queued, At: s.now, Attempt: queued.Attempt, Person: ben, Channel: SMS}, nil},
		{"a channel not of the rung", Event{Kind: Queued, At: s.now, Attempt: attemptID("alert-1", Place{}, ben, Mail), Person: ben, Channel: Mail}, errPlace},
		{"a rung is left out", at(Place{Rung: 2}), errPlace},
		{"a repeat is left out", at(Place{Rung: 1}), errPlace},
		{"a round is left out", at(Place{Round: 1}), errPlace},
		{"unknown attempt", Event{Kind: Sent, At: s.now, Attempt: attemptID("alert-2", Place{}, ana, SMS)}, errKnown},
		{"settled without an answer", Event{Kind: Settled, At: s.now}, errPlace},
		{"a second order", s.events[0], errPlace},
		{"nobody in, though somebody is told", Event{Kind: NobodyIn, At: s.now}, errPlace},
		{"no time", Event{Kind: WalkEnded}, nil},
	} {
		before := len(a.Entries())
		err := a.Add(c.e)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: Add = %v, want the error %v", c.name, err, c.want)
		}
		if len(a.Entries()) != before {
			t.Errorf("%s: the alert has changed", c.name)
		}
	}
	s.add(Event{Kind: CalledOff})
	if err := s.fold().Add(at(Place{Try: 1})); !errors.Is(err, ErrOver) {
		t.Errorf("Add after the end = %v, want ErrOver", err)
	}
	if _, err := Fold(s.events[1:]); err == nil {
		t.Error("Fold without an order gives an alert")
	}
	if _, err := Fold(nil); err == nil {
		t.Error("Fold of nothing gives an alert")
	}
}

// TestMonths: nobody answers for months. It goes on, less and less often, and does
// not grow without bound.
func TestMonths(t *testing.T) {
	p := plan(t)
	a, now := begin(t, p, noon, Defaults()[0].Ladder).fold(), on(t, chicago, noon)
	for end := now.AddDate(0, 0, 60); now.Before(end); {
		dos := Next(a, p, now)
		for _, d := range dos {
			if d.Record != nil {
				if err := a.Add(*d.Record); err != nil {
					t.Fatal(err)
				}
			}
		}
		look := dos[len(dos)-1].Look
		if !look.After(now) || look.Sub(now) > MaxPause {
			t.Fatalf("Next at %v says to look again at %v", now, look)
		}
		now = look
	}
	if a.IsOver() || !a.IsUnheard() {
		t.Error("the alert ended by itself")
	}
	if n := len(a.Entries()); n < 60*4 || n > 60*20 {
		t.Errorf("%d events in 60 days, want a round a day", n)
	}
}

// TestManyOnDuty: a plan by which far too many are on duty tells the first of them.
func TestManyOnDuty(t *testing.T) {
	p := &Plan{Branches: []Branch{{ID: main_, Zone: chicago}}}
	for i := range 100 {
		who := people.Pseudonym(fmt.Sprintf("p-%020d", i))
		p.Shifts = append(p.Shifts, Shift{Person: who, Role: people.InCharge, Hours: Hours{EveryDay, 0, 0}, Order: i})
	}
	s := begin(t, p, noon, ladder(rung(people.InCharge, 3, 0, SMS)))
	if got := len(s.fold().Attempts()); got != MaxTold {
		t.Errorf("%d are told, want %d", got, MaxTold)
	}
}

// TestFull: an alert whose record is full orders nothing more, and still takes
// what people do.
func TestFull(t *testing.T) {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 0, SMS)))
	id := s.fold().Attempts()[0].ID
	for range maxOrders {
		s.events = append(s.events, Event{Kind: Delivered, Attempt: id, At: s.now})
	}
	a := s.fold()
	dos := Next(a, s.plan, s.now.Add(time.Hour))
	if len(dos) != 1 || dos[0].Record != nil || !dos[0].Look.After(s.now.Add(time.Hour)) {
		t.Errorf("Next of a full record = %+v, want only to look again", dos)
	}
	if err := a.Add(Event{Kind: Answered, Person: ana, At: s.now}); err != nil || !a.IsOver() {
		t.Errorf("an answer to a full record: %v, over %v", err, a.IsOver())
	}
	for range maxEvents {
		if err := a.Add(Event{Kind: Delivered, Attempt: id, At: s.now}); err != nil {
			if !errors.Is(err, errMany) {
				t.Errorf("Add beyond all bounds = %v, want %v", err, errMany)
			}
			return
		}
	}
	t.Error("a record grows without bound")
}

func TestDrillDue(t *testing.T) {
	for _, c := range []struct {
		last, today Date
		want        bool
	}{
		{Date{}, Date{2026, 11, 25}, true}, {Date{2025, 11, 25}, Date{2026, 11, 25}, true}, {Date{2025, 11, 26}, Date{2026, 11, 25}, false},
		{Date{2024, 2, 29}, Date{2025, 2, 28}, false}, {Date{2024, 2, 29}, Date{2025, 3, 1}, true},
	} {
		if got := DrillDue(c.last, c.today); got != c.want {
			t.Errorf("DrillDue(%s, %s) = %v, want %v", c.last, c.today, got, c.want)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s := begin(b, plan(b), noon, Defaults()[2].Ladder)
	s.wait(24 * time.Hour)
	a := s.fold()
	for b.Loop() {
		Next(a, s.plan, s.now)
	}
	b.ReportMetric(float64(len(s.events)), "events")
}
