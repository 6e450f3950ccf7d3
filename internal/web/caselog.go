package web

import (
	"slices"
	"strconv"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// caseLines tells the events of a walk as lines.
func caseLines(view app.WalkView, zone *time.Location, newestFirst bool) (list []page.LogLine) {
	for _, entry := range view.Walk.Entries() {
		list = append(list, caseLine(view, entry, zone))
	}
	if newestFirst {
		slices.Reverse(list)
	}
	return list
}

// caseLine tells one event. Words come from the walk's own sheet; what it does not
// say is left out.
func caseLine(view app.WalkView, entry walk.Entry, zone *time.Location) page.LogLine {
	e := entry.Event
	line := page.LogLine{At: e.Received.In(zone)}
	step := func() string {
		if e.Step >= 0 && e.Step < len(view.Sheet.Steps) {
			return strconv.Itoa(e.Step+1) + ". " + view.Sheet.Steps[e.Step].Heading
		}
		return ""
	}
	switch e.Kind {
	case walk.Started:
		line.Icon, line.What, line.Text = "start", "Started", view.Sheet.Title
	case walk.Entered:
		line.Icon, line.What, line.Text = "next", "Step", step()
	case walk.Ticked:
		line.Icon, line.What, line.Text = "tick", "Done", step()
		if e.Undone {
			line.What = "Not done"
		}
	case walk.Said:
		line.Icon, line.What, line.Text = "say", "Said", step()
		if e.Undone {
			line.What = "Not said"
		}
	case walk.Recorded:
		line.Icon, line.What, line.Text = "note", "Wrote down", e.Value
	case walk.Called:
		line.Icon, line.What, line.Text = "phone", "Called", lineName(e.Role)
	case walk.Chose:
		line.Icon, line.What, line.Text = "fork", "Chose", choiceWords(view, e)
	case walk.WentBack:
		line.Icon, line.What, line.Text = "back", "Went back", step()
	case walk.Noted:
		line.Icon, line.What, line.Text = "note", "Note", e.Text
	case walk.HandedOver:
		line.Icon, line.What = "people", "Handed over"
	case walk.Ended:
		line.Icon, line.What = "keep", "Ended"
	default:
		line.Icon, line.What = "told", string(e.Kind)
	}
	if entry.Late {
		line.What += ", late"
	}
	return line
}

func choiceWords(view app.WalkView, e walk.Event) string {
	if e.Step < 0 || e.Step >= len(view.Sheet.Steps) {
		return ""
	}
	choices := view.Sheet.Steps[e.Step].Choices
	if e.Choice < 0 || e.Choice >= len(choices) {
		return "Go on"
	}
	return choices[e.Choice].Label
}

func lineName(role string) string {
	if r := people.Role(role); r.IsRole() {
		return roleName(r)
	}
	return sentenceCase(role)
}
