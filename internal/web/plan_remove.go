package web

import (
	"context"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// removing returns how an item of the plan is taken away, and the question that is
// asked before. What is no item is taken away by nothing.
func (a *ask) removing(ctx context.Context, library people.LibraryID, item string) (remove func() error, question page.Confirm) {
	kind, rest, _ := strings.Cut(item, ":")
	first, second, _ := strings.Cut(rest, ":")
	q := func(title, button, means string) page.Confirm {
		return page.Confirm{Title: title, Button: button, Means: []string{"", means}}
	}
	switch kind + ":" {
	case itemShift:
		return func() error { return a.app().RemoveShift(ctx, a.who, library, rest) },
			q("Remove these hours of duty?", "Remove the hours", "From then on nobody is told because of them. Printed phone trees still have them.")
	case itemHours:
		return func() error { return a.app().RemoveOpening(ctx, a.who, library, people.BranchID(first), second) },
			q("Remove these opening hours?", "Remove the hours", "A branch without any counts as staffed day and night.")
	case itemHoliday:
		return func() error { return a.app().RemoveHoliday(ctx, a.who, library, rest) },
			q("Remove this holiday?", "Remove the holiday", "The hours of the usual week count on that day.")
	case itemAway:
		return func() error { return a.app().RemoveAway(ctx, a.who, library, rest) },
			q("No longer away?", "Remove the time away", "Alerts go there again in the hours of duty.")
	case itemLadder:
		return func() error {
				return a.app().DropLadder(ctx, a.who, library, notify.Class(unany(first)), notify.Severity(unany(second)))
			},
			q("Make it as it was at first?", "Make it as it was", "Alerts that have begun go on as they began.")
	}
	return func() error { return fault.Missing() }, q("", "", "")
}

// itemWords says what an item of the plan is. fault.Missing if it is not there, or is
// not to be seen.
func (a *ask) itemWords(ctx context.Context, item string) (string, error) {
	d, err := a.app().DutyPlan(ctx, a.who, a.who.Library)
	if err != nil {
		return "", err
	}
	h, err := a.here(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range d.Shifts {
		if itemShift+s.ID == item {
			row := shiftRows([]app.PlanShift{s}, s.Branch)[0]
			return row.Who + ", " + row.Role + ": " + row.When + ".", nil
		}
	}
	for _, b := range d.Branches {
		for _, open := range openingGroup(b).Items {
			if open.ID == item {
				return b.Branch.Name + ": " + open.Words + ".", nil
			}
		}
	}
	for _, hol := range d.Holidays {
		if found := holidayItem(hol, d.Branches); found.ID == item {
			return found.Words + ": " + found.Hint + ".", nil
		}
	}
	for _, w := range d.Away {
		if found := awayItem(w, h.zone); found.ID == item {
			return found.Words + ": " + found.Hint + ".", nil
		}
	}
	for _, l := range d.Ladders {
		if l.Own && ladderItem(l.Class, l.Severity) == item {
			return ladderTitle(l.Class, l.Severity) + ".", nil
		}
	}
	return "", fault.Missing()
}
