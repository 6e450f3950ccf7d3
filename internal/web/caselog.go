package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// caseLinesWith tells the events of a walk as lines, the oldest first, with who did what
// was done from elsewhere.
func caseLinesWith(view app.WalkView, o app.Outside, zone *time.Location) (list []page.LogLine) {
	by := map[walk.EventID]string{}
	for _, l := range o.Lines {
		by[l.ID] = withRole(l.Name, l.Role, "en")
	}
	charge, taken := view.Walk.Charge()
	if taken && o.Charge != nil {
		by[charge.ID] = withRole(o.Charge.Name, o.Charge.Role, "en")
	}
	for _, entry := range view.Walk.Entries() {
		line := caseLine(view, entry, zone)
		if name := by[entry.ID]; name != "" {
			line.Who = name
		}
		list = append(list, line)
	}
	return list
}

// lineText is what a line to the desk says.
func lineText(w *walk.Walk, id walk.EventID) string {
	for _, l := range w.Lines() {
		if l.ID == id {
			return l.Text
		}
	}
	return ""
}

// sightOf is what was taken down by an event, in words.
func sightOf(w *walk.Walk, id walk.EventID) string {
	for _, o := range w.Observations() {
		if o.ID == id {
			return stepview.SightWords(o.Sight, o.Text, "en")
		}
	}
	return ""
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
	case walk.Pictured:
		line.Icon, line.What, line.Text = "camera", "Photo", e.Text
		if _, gone := view.Walk.TakenBack(e.ID); gone {
			line.Text = ""
		}
	case walk.HandedOver:
		line.Icon, line.What = "people", "Handed over"
	case walk.Line:
		line.Icon, line.What, line.Text, line.Said = "say", "Line to the desk", e.Text, true
	case walk.Seen:
		line.Icon, line.What, line.Text, line.Said = "tick", "Shown at the desk", lineText(view.Walk, e.Line), true
	case walk.Charge:
		line.Icon, line.What = "hand", "Took charge"
	case walk.Observed:
		line.Icon, line.What, line.Text = "look", "Taken down", stepview.SightWords(e.Sight, e.Text, "en")
	case walk.Corrected:
		line.Icon, line.What, line.Text = "back", "Taken back", sightOf(view.Walk, e.Of)
		if of, _ := view.Walk.Event(e.Of); of.Kind == walk.Pictured {
			line.What, line.Text = "Photo removed", "Taken at "+of.At.In(zone).Format("15:04")
		}
	case walk.Ended:
		line.Icon, line.What = "keep", "Ended"
	default:
		line.Icon, line.What = "told", string(e.Kind)
	}
	if entry.Late {
		line.What += ", late"
	}
	line.Who = whoActed(view, e, zone)
	return line
}

// whoActed says who acted at the desk, as they said afterwards, where nobody was signed
// in; and when it was by the device's clock, where the event waited there.
func whoActed(view app.WalkView, e walk.Event, zone *time.Location) string {
	var list []string
	if e.Who == "" && e.Device != "" && len(view.Acted) > 0 {
		list = append(list, strings.Join(slices.Compact(slices.Sorted(slices.Values(view.Acted))), " or "))
	}
	if e.Received.Sub(e.At) >= waited {
		list = append(list, "on the device at "+e.At.In(zone).Format("15:04"))
	}
	return strings.Join(list, ", ")
}

// waited is after how long the record says that an event waited on its device.
const waited = time.Minute

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
