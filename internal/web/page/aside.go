package page

import (
	"time"

	"roundtable/internal/web/static"
)

// Tap is something that is taken down by one press, or a line with its button.
type Tap struct {
	Code  string // as events name it
	Words string // as the record tells it: "They are searching"
	Hint  string // of a line
	Typed string // of a line: what was typed and could not be kept
	Wrong string // of a line: why
}

// Name returns the name of a line's input, and ID its id.
func (t Tap) Name() string { return "t." + t.Code }

// ID returns the id of a line's input.
func (t Tap) ID() string {
	id := []byte("t-" + t.Code)
	for i, c := range id {
		if c == ' ' {
			id[i] = '-'
		}
	}
	return string(id)
}

// Taps are what a recorder offers.
type Taps struct {
	Presses []Tap
	More    []Tap // folded away
	Lines   []Tap
}

// Recorder is the screen on which what officers do is taken down. There are two: they
// act, or they are here and have asked for nothing.
type Recorder struct {
	Words    Words
	Post     string // "/i/0147/aside"; "" on the page that a device keeps, which has both
	Watch    bool   // nobody has asked for anything
	Acting   Taps
	Watching Taps
	Counts   []string
	// What the record says of the words that were said once, and of how many they are.
	SaidWords, ManyWords string

	Calls    []Callee // whom to go on calling; on a device's page without numbers
	Objected time.Time
	Taken    []TakenDown // newest first
}

// TakenDown is what was taken down.
type TakenDown struct {
	ID    string
	Sight string // its code
	At    time.Time
	Words string
	Back  time.Time // when it was taken back; zero while it stands
}

// Both reports whether both screens are on the page.
func (r Recorder) Both() bool { return r.Post == "" }

// Last is what "Undo last tap" takes back; nil is nothing.
func (r Recorder) Last() *TakenDown {
	for i := range r.Taken {
		if r.Taken[i].Back.IsZero() {
			return &r.Taken[i]
		}
	}
	return nil
}

// Status says what was kept last: a tap, or that one was taken back.
func (r Recorder) Status() string {
	last := r.Last()
	for i := range r.Taken {
		if t := &r.Taken[i]; !t.Back.IsZero() && (last == nil || !t.Back.Before(last.At)) {
			return t.Words + ", " + r.Words.With(r.Words.AsideBack, r.Words.Clock(t.Back))
		}
	}
	if last == nil {
		return ""
	}
	return r.Words.With(r.Words.AsideKept, r.Words.Clock(last.At)) + ": " + last.Words
}

// shown is the screen that is shown.
func (r Recorder) shown() Taps {
	if r.Watch {
		return r.Watching
	}
	return r.Acting
}

// Wrong reports whether something that was typed could not be kept.
func (r Recorder) Wrong() bool {
	for _, l := range r.shown().Lines {
		if l.Wrong != "" {
			return true
		}
	}
	return false
}

// Aside is the recorder over a step of a walk, /i/{id}/aside. Its style stands in the
// page. Everything is one form, which posts to itself: code (what is taken down), many
// (how many they are), t.CODE (a line), undo (the event that is taken back), leave;
// beside these event, step, lang, follows, as in [Step].
type Aside struct {
	Frame
	Title          string // of the playbook
	Recorder       Recorder
	Event, Follows string
	Step           int    // from 1
	Heading        string // of the step to which it leads back
	Refused        string
	Alerts         []string
	Outside        Outside
}

func (p Aside) about() about {
	return about{template: "aside", thing: p.Recorder.Words.AsideTitle(p.Recorder.Watch) + " – " + p.Title, kind: inline, module: static.Aside, live: true}
}

// AlertWords names the roles to whom an alert was ordered.
func (p Aside) AlertWords() string { return Step{Alerts: p.Alerts}.AlertWords() }

// AsideTitle is the recorder's heading.
func (w Words) AsideTitle(watch bool) string {
	if watch {
		return w.AsideWatch
	}
	return w.AsideAct
}

// What templates of a recorder's parts are given: a screen, or what is taken down.
type recorderPart struct {
	Recorder
	Taps
	Watching bool
}

func screenOf(r Recorder, watch bool) recorderPart {
	taps := r.Acting
	if watch {
		taps = r.Watching
	}
	return recorderPart{Recorder: r, Taps: taps, Watching: watch}
}
