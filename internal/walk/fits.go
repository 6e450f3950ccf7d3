package walk

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"roundtable/playbook/automaton"
)

// fits reports what keeps the event from having happened in any walk of this
// Program, wherever the walk stands: a number that points nowhere, or something
// that is never written down.
func (w *Walk) fits(e *Event) error {
	if e.Kind == Started {
		return refuse(e, "the walk has begun already")
	}
	switch e.Kind {
	case HandedOver, Line, Charge:
		return nil
	case Seen:
		if i, ok := w.byID[e.Line]; !ok || w.entries[i].Kind != Line {
			return refuse(e, "there is no such line to the desk")
		}
		return nil
	case Corrected:
		if i, ok := w.byID[e.Of]; !ok || w.entries[i].Kind != Observed && w.entries[i].Kind != Pictured {
			return refuse(e, "nothing of that kind was taken down before")
		}
		return nil
	}
	steps := w.plan.Program.Steps
	if e.Step >= len(steps) {
		return refuse(e, "the playbook has no step number %d", e.Step+1)
	}
	if w.plan.unwritten[e.Step] {
		return refuse(e, "nothing that happens on this page is written down")
	}
	step := &steps[e.Step]
	switch e.Kind {
	case Chose:
		return fitsChoice(e, step)
	case Ticked:
		if e.Item >= step.Ticks {
			return refuse(e, "this step has %s to tick, and no number %d", count(step.Ticks, "item", "items"), e.Item+1)
		}
	case Recorded:
		return fitsField(e, step)
	case Pictured:
		return fitsPhoto(e, step)
	case Observed:
		if !w.plan.observes {
			return refuse(e, "what officers do is not taken down in this playbook")
		}
	case Ended:
		if e.Outcome >= len(w.plan.Program.Outcomes) {
			return refuse(e, "the playbook has no such outcome")
		}
	}
	return nil
}

func fitsChoice(e *Event, step *automaton.Step) error {
	switch {
	case step.Swap && e.Choice != Onward:
		return refuse(e, "this step asks nothing; which of its ways was meant is never written down")
	case step.Swap:
		return nil
	case e.Choice == Onward:
		return refuse(e, "this step asks; the event does not say what was chosen")
	case e.Choice >= len(step.Choices):
		return refuse(e, "this step has %s, and no number %d", count(len(step.Choices), "choice", "choices"), e.Choice+1)
	case step.Choices[e.Choice].Unsent:
		return refuse(e, "this choice is off the record; that it was taken is never written down")
	}
	return nil
}

func fitsField(e *Event, step *automaton.Step) error {
	for i := range step.Fields {
		if step.Fields[i].Name == e.Field {
			if e.Value == "" {
				return nil
			}
			if why := FieldProblem(&step.Fields[i], e.Value); why != "" {
				return refuse(e, "%s", why)
			}
			return nil
		}
	}
	return refuse(e, "this step has no field %q", e.Field)
}

// fitsPhoto lets photos be taken at any step, and for fields that are for photos.
func fitsPhoto(e *Event, step *automaton.Step) error {
	for i := range step.Fields {
		if step.Fields[i].Name == e.Field && step.Fields[i].Type == "photo" {
			return nil
		}
	}
	if e.Field != "" {
		return refuse(e, "this step has no field %q for photos", e.Field)
	}
	return nil
}

// FieldProblem says in plain words why the value cannot stand in the field, or "".
// Dates are written 2026-03-04, times 19:30, a choice as the number of its
// option, from 0.
func FieldProblem(f *automaton.Field, value string) string {
	switch f.Type {
	case "number":
		if !isNumber(value) {
			return "this is not a number"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "this is not a date such as 2026-03-04"
		}
	case "time":
		if _, err := time.Parse("15:04", value); err != nil {
			return "this is not a time such as 19:30"
		}
	case "choice":
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n >= f.Options {
			return "this is none of the options"
		}
	}
	return ""
}

// isNumber reports whether people would read the text as a number.
func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return err == nil && !strings.ContainsFunc(s, unicode.IsLetter) && !strings.Contains(s, "_")
}

// possible reports what keeps a move that follows the walk's last from being
// taken where the walk stands.
func (w *Walk) possible(e *Event) error {
	at, walking := w.Step()
	if w.closed {
		return refuse(e, "the walk is over; begin a new one")
	}
	if e.Kind == Ended {
		return w.possibleEnd(e, walking)
	}
	if e.Kind == WentBack {
		if len(w.path) == 1 {
			return refuse(e, "this is the first step; there is nothing to go back to")
		}
		if before := w.path[len(w.path)-2].state.Where; e.Step != before {
			return refuse(e, "going back from here leads to step number %d, not %d", before+1, e.Step+1)
		}
		return nil
	}
	if !walking {
		return refuse(e, "the walk has ended; nothing more can be chosen")
	}
	if e.Step != at {
		return refuse(e, "the walk stands at step number %d; the choice was made at step number %d", at+1, e.Step+1)
	}
	for _, way := range w.Ways() {
		if way.Choice == e.Choice {
			if way.Unsent {
				return refuse(e, "this choice is off the record; that it was taken is never written down")
			}
			return nil
		}
	}
	return refuse(e, "this choice is not offered here now")
}

// possibleEnd lets a walk be left while it walks, and lets its end be confirmed
// once it has come to one.
func (w *Walk) possibleEnd(e *Event, walking bool) error {
	switch {
	case walking && e.Outcome != Left:
		return refuse(e, "the walk has not come to an end")
	case walking && e.Step != w.State().Where:
		return refuse(e, "the walk stands at step number %d; it was said to be left at step number %d", w.State().Where+1, e.Step+1)
	case !walking && e.Outcome == Left:
		return refuse(e, "the walk has ended; it cannot be left any more")
	case !walking && e.Outcome != w.State().Where-len(w.plan.Program.Steps):
		return refuse(e, "the walk has ended otherwise")
	}
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
