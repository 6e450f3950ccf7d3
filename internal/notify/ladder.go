package notify

import (
	"fmt"
	"slices"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// Class is the kind of situation, by the class of record that a playbook has.
type Class string

// The classes. AnyClass stands for all that have no ladder of their own.
const (
	AnyClass Class = ""
	Incident Class = "incident"
	Abuse    Class = "abuse"
	Demand   Class = "demand"
	Conduct  Class = "conduct"
)

// Classes lists every class.
var Classes = []Class{AnyClass, Incident, Abuse, Demand, Conduct}

// Severity says how much haste there is.
type Severity string

// The severities. AnySeverity stands for all that have no ladder of their own.
const (
	AnySeverity Severity = ""
	Calm        Severity = "calm"
	Urgent      Severity = "urgent"
)

// Severities lists every severity.
var Severities = []Severity{AnySeverity, Calm, Urgent}

// Ladder says who is told first, and who next when nobody reads it.
type Ladder struct {
	Rungs []Rung
	// Pause is how long to wait, when the last rung did not help either, before it
	// all begins again. It doubles from one time to the next, up to MaxPause.
	Pause time.Duration
}

// Rung is one role on a ladder.
//
// All who are on duty for the role are told at once, each by the first channel
// that reaches them; by the next as soon as that one fails or keeps them waiting.
// When nobody has read it Within that time, it is sent again, Repeat times, each
// time beginning with another channel; then comes the next rung. Reading holds
// that up once: whoever reads it has as much time again to answer.
type Rung struct {
	Role     people.Role
	Within   time.Duration // whole minutes
	Channels []Channel
	Repeat   int
}

// Limits on a ladder.
const (
	MaxRungs   = 8
	MaxWithin  = 4 * time.Hour
	MaxRepeat  = 5
	MinPause   = time.Minute
	MaxPause   = 24 * time.Hour
	MaxLadders = 40
)

// Patience is how long a channel may take to accept a message before the next
// channel is tried beside it.
const Patience = 30 * time.Second

// MaxTold is how many people are told at most on one rung at a time: the first of
// those on duty. A plan by which more are on duty was written for something else.
const MaxTold = 20

// Rule is a ladder and what it is for.
type Rule struct {
	Class    Class
	Severity Severity
	Ladder
}

// Defaults returns the ladders of a library that has set nothing.
func Defaults() []Rule {
	quick := []Channel{Push, SMS, Mail}
	rung := func(role people.Role, minutes, repeat int) Rung {
		return Rung{role, time.Duration(minutes) * time.Minute, quick, repeat}
	}
	pause := 10 * time.Minute
	return []Rule{
		{AnyClass, AnySeverity, Ladder{[]Rung{rung(people.InCharge, 3, 1), rung(people.Director, 5, 1)}, pause}},
		{AnyClass, Urgent, Ladder{[]Rung{rung(people.InCharge, 2, 0), rung(people.Director, 3, 1)}, pause}},
		{Demand, AnySeverity, Ladder{[]Rung{rung(people.InCharge, 3, 0), rung(people.Director, 3, 1), rung(people.Counsel, 10, 1)}, pause}},
		{Abuse, AnySeverity, Ladder{[]Rung{rung(people.InCharge, 3, 1), rung(people.SafetyLead, 5, 0), rung(people.Director, 5, 1)}, pause}},
	}
}

// Choose returns the ladder for a situation: the one for its class and severity;
// else for its class; else for its severity; else the one for all. Where there
// is none, the role has a ladder of one rung.
//
// The ladder begins at the role that the playbook named, and goes on above it. A
// role that is not on it is told first, and then the whole ladder.
func Choose(rules []Rule, class Class, severity Severity, role people.Role) Ladder {
	for _, want := range []Rule{{Class: class, Severity: severity}, {Class: class}, {Severity: severity}, {}} {
		if i := slices.IndexFunc(rules, func(r Rule) bool { return r.Class == want.Class && r.Severity == want.Severity }); i >= 0 {
			return rules[i].Ladder.from(role)
		}
	}
	return Ladder{Pause: 10 * time.Minute}.from(role)
}

func (l Ladder) from(role people.Role) Ladder {
	if i := slices.IndexFunc(l.Rungs, func(r Rung) bool { return r.Role == role }); i >= 0 {
		l.Rungs = slices.Clone(l.Rungs[i:])
		return l
	}
	first := Rung{Role: role, Within: 5 * time.Minute, Channels: Channels, Repeat: 1}
	if len(l.Rungs) > 0 {
		first.Within, first.Channels = l.Rungs[0].Within, l.Rungs[0].Channels
	}
	rungs := append([]Rung{first}, l.Rungs...)
	l.Rungs = rungs[:min(len(rungs), MaxRungs)]
	return l
}

// CheckRules returns an Invalid fault for what has to be mended, or nil.
func CheckRules(rules []Rule) error {
	var f fault.Fields
	if len(rules) > MaxLadders {
		f.Add("ladders", fmt.Sprintf("Keep at most %d ladders.", MaxLadders))
		return f.Err()
	}
	for i, r := range rules {
		at := name("ladders", i)
		if !slices.Contains(Classes, r.Class) || !slices.Contains(Severities, r.Severity) {
			f.Add(at+".class", "Choose a kind of situation and how urgent it is.")
		}
		if slices.ContainsFunc(rules[:i], func(o Rule) bool { return o.Class == r.Class && o.Severity == r.Severity }) {
			f.Add(at+".class", "There is a ladder for this already. Change that one.")
		}
		r.Ladder.check(&f, at)
		for j, rung := range r.Rungs {
			if (r.Class == Abuse || r.Class == Demand) && !rung.Role.Trusted() {
				f.Add(name(at+".rungs", j)+".role", "Choose a role that may open such a case.")
			}
		}
	}
	return f.Err()
}

// Check returns an Invalid fault for what has to be mended, or nil.
func (l Ladder) Check() error {
	var f fault.Fields
	l.check(&f, "ladder")
	return f.Err()
}

func (l Ladder) check(f *fault.Fields, at string) {
	if len(l.Rungs) == 0 || len(l.Rungs) > MaxRungs {
		f.Add(at+".rungs", fmt.Sprintf("Choose who is told first, and at most %d in all.", MaxRungs))
		return
	}
	if l.Pause < MinPause || l.Pause > MaxPause || l.Pause%time.Minute != 0 {
		f.Add(at+".pause", "Write how many minutes to wait before it begins again, up to a day.")
	}
	for i, r := range l.Rungs {
		r.check(f, name(at+".rungs", i))
		if i > 0 && l.Rungs[i-1].Role == r.Role {
			f.Add(name(at+".rungs", i)+".role", "Choose somebody else than just before. To tell the same people again, say how often.")
		}
	}
}

func (r Rung) check(f *fault.Fields, at string) {
	checkRole(f, at, r.Role)
	if r.Within < time.Minute || r.Within > MaxWithin || r.Within%time.Minute != 0 {
		f.Add(at+".minutes", fmt.Sprintf("Write how many minutes they have, from 1 to %d.", MaxWithin/time.Minute))
	}
	if r.Repeat < 0 || r.Repeat > MaxRepeat {
		f.Add(at+".repeat", fmt.Sprintf("Write how often to send it again, from 0 to %d.", MaxRepeat))
	}
	if len(r.Channels) == 0 || len(r.Channels) > len(Channels) {
		f.Add(at+".channels", "Choose at least one way to tell them.")
		return
	}
	for i, c := range r.Channels {
		if !c.IsChannel() || slices.Contains(r.Channels[:i], c) {
			f.Add(at+".channels", "Choose each way to tell them once.")
		}
	}
}

// pause is how long to wait after so many rounds, from 1.
func (l Ladder) pause(rounds int) time.Duration {
	wait := l.Pause
	for range rounds - 1 {
		if wait *= 2; wait >= MaxPause {
			return MaxPause
		}
	}
	return min(wait, MaxPause)
}

func (l Ladder) clone() Ladder {
	l.Rungs = slices.Clone(l.Rungs)
	for i := range l.Rungs {
		l.Rungs[i].Channels = slices.Clone(l.Rungs[i].Channels)
	}
	return l
}
