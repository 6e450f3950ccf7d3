package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// The duty plan, as the page of the phone tree and the overview show it. Times of day
// are written as in the sentences of package notify beside them.

func hourWords(c notify.Clock) string {
	return time.Date(2000, 1, 1, int(c)/60, int(c)%60, 0, 0, time.UTC).Format("3:04 PM")
}

var dayNames = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// daysWords says which days a set has: "Monday to Friday and holidays".
func daysWords(d notify.Days) string {
	if d == notify.EveryDay {
		return "Every day and holidays"
	}
	var parts []string
	for i := 0; i < len(week); i++ {
		end := i
		for end < len(week) && d&notify.On(week[end]) != 0 {
			end++
		}
		switch n := end - i; {
		case n == len(week):
			parts = append(parts, "Every day")
		case n > 2:
			parts = append(parts, dayNames[i]+" to "+dayNames[end-1])
		case n > 0:
			parts = append(parts, dayNames[i:end]...)
		}
		i = max(i, end)
	}
	if d&notify.Holidays != 0 {
		parts = append(parts, "holidays")
	}
	return sentenceCase(listed(parts, "and"))
}

// listed writes a list in words: "a, b and c".
func listed(parts []string, last string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	n := len(parts) - 1
	return strings.Join(parts[:n], ", ") + " " + last + " " + parts[n]
}

func hoursWords(h notify.Hours) string {
	if h.From == 0 && h.To == 0 {
		return daysWords(h.Days) + ", day and night"
	}
	to := hourWords(h.To)
	if h.To <= h.From && h.To != 0 {
		to += " the next day"
	}
	if h.To == 0 {
		to = "midnight"
	}
	return daysWords(h.Days) + ", " + hourWords(h.From) + " to " + to
}

func dateWords(d notify.Date) string {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Format("2 January 2006")
}

func datesWords(first, last notify.Date) string {
	switch {
	case first.IsZero() && last.IsZero():
		return ""
	case last.IsZero():
		return "From " + dateWords(first)
	case first.IsZero():
		return "Until " + dateWords(last)
	}
	return "From " + dateWords(first) + " to " + dateWords(last)
}

// planView is the plan as whoever is signed in may see it; nil for a device.
func (a *ask) planView(ctx context.Context) (*page.PlanView, error) {
	if a.who.Person == "" {
		return nil, nil
	}
	d, err := a.app().DutyPlan(ctx, a.who, a.who.Library)
	if err != nil {
		return nil, err
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	v := &page.PlanView{Troubles: troubles(d.PlanTroubles, d.Branches), MayEdit: d.MayEdit, MayAway: true}
	v.Shifts = append(v.Shifts, page.ShiftGroup{Branch: "All branches", Shifts: shiftRows(d.Shifts, "")})
	for _, b := range d.Branches {
		v.MayEdit = v.MayEdit || b.MayEdit
		v.Shifts = append(v.Shifts, page.ShiftGroup{Branch: b.Branch.Name, Shifts: shiftRows(d.Shifts, b.Branch.ID)})
		v.Hours = append(v.Hours, openingGroup(b))
	}
	v.Shifts = slices.DeleteFunc(v.Shifts, func(g page.ShiftGroup) bool { return len(g.Shifts) == 0 })
	for _, row := range d.Always {
		v.Always = append(v.Always, alwaysWords(row, d.Branches))
	}
	for _, w := range d.Away {
		v.Away = append(v.Away, awayItem(w, h.zone))
	}
	for _, hol := range d.Holidays {
		v.Holidays = append(v.Holidays, holidayItem(hol, d.Branches))
	}
	for _, l := range d.Ladders {
		v.Ladders = append(v.Ladders, ladderCard(l, d.MayEdit))
	}
	v.Drills, err = a.drills(ctx, d.Branches)
	return v, err
}

// troubles says what keeps alerts from reaching somebody. Where there is one branch
// only, it is not named.
func troubles(t app.PlanTroubles, branches []app.PlanBranch) page.Troubles {
	v := page.Troubles{NoWay: t.NoWay, Unreached: t.Unreached}
	if t.Hidden > 0 {
		v.Unreached = append(slices.Clone(v.Unreached), strconv.Itoa(t.Hidden)+" whose names you do not see here")
	}
	for _, b := range branches {
		g := page.TroubleGroup{Branch: b.Branch.Name}
		if len(branches) == 1 {
			g.Branch = ""
		}
		for _, gap := range t.Gaps {
			if gap.Branch == b.Branch.ID {
				g.Lines = append(g.Lines, gap.Text)
			}
		}
		if len(g.Lines) > 0 {
			v.Gaps = append(v.Gaps, g)
		}
	}
	return v
}

// Beginnings of what "Remove" sends: what kind of line it is.
const (
	itemShift   = "shift:"
	itemHours   = "hours:"
	itemHoliday = "holiday:"
	itemAway    = "away:"
	itemLadder  = "ladder:"
)

func shiftRows(list []app.PlanShift, branch people.BranchID) (rows []page.ShiftRow) {
	for _, s := range list {
		if s.Branch != branch {
			continue
		}
		r := page.ShiftRow{Who: s.Name, Role: roleName(s.Role), When: hoursWords(s.Hours), Dates: datesWords(s.First, s.Last)}
		if s.Order > 0 {
			r.Order = orderWords(s.Order)
		}
		switch {
		case !s.Known:
			r.Who, r.Lapse = "Somebody who has left", "Does not count: nobody is told"
		case r.Who == "":
			r.Who = "Somebody"
		}
		if s.Known && !s.Holds {
			r.Lapse = "Does not count: no longer in this role"
		}
		if s.MayEdit {
			r.ID = itemShift + s.ID
		}
		rows = append(rows, r)
	}
	return rows
}

func orderWords(n int) string { return "Named in place " + strconv.Itoa(n+1) }

func openingGroup(b app.PlanBranch) page.PlanGroup {
	g := page.PlanGroup{Name: b.Branch.Name, Empty: "None are written down, so it counts as staffed day and night."}
	for _, h := range b.Open {
		item := page.PlanItem{Words: hoursWords(h.Hours)}
		if b.MayEdit {
			item.ID = itemHours + string(b.Branch.ID) + ":" + h.ID
		}
		g.Items = append(g.Items, item)
	}
	return g
}

// alwaysWords says who is told where nothing is written.
func alwaysWords(r app.PlanAlways, branches []app.PlanBranch) string {
	at := ""
	if len(branches) > 1 {
		at = " at " + planBranchName(branches, r.Branch)
	}
	who := notify.RoleWords(r.Role, notify.English)
	switch {
	case r.Count == 0:
		return fmt.Sprintf("Nothing is written for %s%s, and nobody has this role.", who, at)
	case len(r.Names) == r.Count:
		return fmt.Sprintf("Nothing is written for %s%s, so %s told day and night.", who, at, listed(r.Names, "and")+areOrIs(r.Count))
	}
	return fmt.Sprintf("Nothing is written for %s%s, so everybody in this role is told day and night.", who, at)
}

func areOrIs(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

func planBranchName(branches []app.PlanBranch, id people.BranchID) string {
	for _, b := range branches {
		if b.Branch.ID == id {
			return b.Branch.Name
		}
	}
	return "all branches"
}

func awayItem(w app.PlanAway, zone *time.Location) page.PlanItem {
	form := "Monday 2 January 2006, 3:04 PM"
	item := page.PlanItem{Words: w.Name, Hint: "From " + w.From.In(zone).Format(form) + " until " + w.Until.In(zone).Format(form)}
	if w.Mine {
		item.Words = "You"
	}
	if w.MayEdit {
		item.ID = itemAway + w.ID
	}
	return item
}

var nthNames = map[int]string{1: "First", 2: "Second", 3: "Third", 4: "Fourth", notify.Last: "Last"}

func holidayItem(h app.PlanHoliday, branches []app.PlanBranch) page.PlanItem {
	item := page.PlanItem{Words: h.Name, Hint: holidayWords(h.Holiday)}
	if h.Branch != "" {
		item.Hint += ", at " + planBranchName(branches, h.Branch)
	}
	if item.Words == "" {
		item.Words = "Holiday"
	}
	if h.MayEdit {
		item.ID = itemHoliday + h.ID
	}
	return item
}

func holidayWords(h notify.Holiday) string {
	switch {
	case !h.Date.IsZero():
		return dateWords(h.Date)
	case h.Nth == 0:
		return fmt.Sprintf("Every year on %d %s", h.Day, h.Month)
	}
	return fmt.Sprintf("%s %s in %s, every year", nthNames[h.Nth], h.Weekday, h.Month)
}

// drills are the yearly drills of branches, for whoever may run one or send a test.
func (a *ask) drills(ctx context.Context, branches []app.PlanBranch) (list []page.Drill, err error) {
	for _, b := range branches {
		d := page.Drill{
			Branch: b.Branch.Name, Post: "/manage/tree/" + string(b.Branch.ID), Roles: testRoles(),
			MayRun: a.mayAt(access.RunDrill, b.Branch.ID), MayTest: a.mayAt(access.TestAlert, b.Branch.ID),
		}
		if !d.MayRun && !d.MayTest {
			continue
		}
		last, err := a.app().LastDrill(ctx, a.who, b.Branch.ID)
		if unlessHidden(err) != nil {
			return nil, err
		}
		if err == nil && last.Alert != "" {
			zone, err := a.branchZone(ctx, b.Branch)
			if err != nil {
				return nil, err
			}
			d.Last, d.Running, d.Result = last.At.In(zone), !last.Over, "/alert/"+string(last.Alert)
		}
		d.Due = err == nil && last.Due
		list = append(list, d)
	}
	return list, nil
}

// testRoles are the roles that a test call can be for: those that ladders begin with
// and climb to.
func testRoles() (list []page.Option) {
	for _, r := range []people.Role{people.InCharge, people.Director, people.Counsel, people.SafetyLead} {
		list = append(list, page.Option{Value: string(r), Words: roleName(r)})
	}
	return list
}

// overviewTroubles is what keeps alerts from reaching somebody, for the overview of
// whoever can mend it.
func (a *ask) overviewTroubles(ctx context.Context) (page.Troubles, error) {
	if a.who.Person == "" || a.who.Library == "" || !a.may(access.SeePhoneTree) {
		return page.Troubles{}, nil
	}
	branches, err := a.openBranches(ctx)
	if err != nil {
		return page.Troubles{}, unlessHidden(err)
	}
	rows := make([]app.PlanBranch, len(branches))
	edits := a.mayAt(access.EditPhoneTree, "")
	for i, b := range branches {
		rows[i].Branch = b
		edits = edits || a.mayAt(access.EditPhoneTree, b.ID)
	}
	if !edits {
		return page.Troubles{}, nil
	}
	t, err := a.app().PlanTroubles(ctx, a.who, a.who.Library)
	if err != nil {
		return page.Troubles{}, unlessHidden(err)
	}
	v := troubles(t, rows)
	v.Href = "/manage/tree"
	return v, nil
}

// countTroubles puts on the phone tree's card how much there is to mend.
func countTroubles(cards []page.ManageCard, n int) {
	for i := range cards {
		if cards[i].Href == "/manage/tree" && n > 0 {
			cards[i].Needs = fmt.Sprintf("%d to mend: somebody cannot be reached", n)
		}
	}
}

// startDrill begins the yearly drill of the branch of the path, and leads to what comes
// of it.
func startDrill(ctx context.Context, a *ask) error {
	b, err := a.branch(ctx)
	if err != nil {
		return err
	}
	id, err := a.app().StartDrill(ctx, a.who, b.ID)
	if err != nil {
		return err
	}
	return a.to("/alert/" + string(id))
}

// sendTest sends a test call for a role at the branch of the path.
func sendTest(ctx context.Context, a *ask) error {
	b, err := a.branch(ctx)
	if err != nil {
		return err
	}
	var form struct {
		Role string `form:"role"`
	}
	if err := a.read(&form); err != nil {
		return err
	}
	id, err := a.app().TestCall(ctx, a.who, b.ID, people.Role(form.Role))
	if err != nil {
		return err
	}
	return a.to("/alert/" + string(id))
}

// paperDays are the next days of a branch on paper.
func paperDays(t app.PaperTree) (list []page.PaperDay) {
	for _, d := range t.Days {
		day := page.PaperDay{Name: time.Date(d.Date.Year, d.Date.Month, d.Date.Day, 12, 0, 0, 0, time.UTC).Format(dayForm)}
		for _, line := range d.Lines {
			row := page.PaperHours{Hours: paperHours(line.From, line.Until)}
			for i, role := range t.Roles {
				row.Columns = append(row.Columns, page.PaperColumn{Role: roleName(role), Names: line.Names[i]})
			}
			day.Lines = append(day.Lines, row)
		}
		list = append(list, day)
	}
	return list
}

func paperHours(from, until time.Time) string {
	begin, end := from.Format("3:04 PM"), until.Format("3:04 PM")
	isMidnight := func(at time.Time) bool { return at.Hour() == 0 && at.Minute() == 0 }
	if isMidnight(from) && isMidnight(until) {
		return "Day and night"
	}
	if isMidnight(from) {
		begin = "Midnight"
	}
	if isMidnight(until) {
		end = "midnight"
	}
	return begin + " to " + end
}

// removeItem asks once more, and takes a line of the plan away when it comes back
// sure.
func removeItem(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	remove, question := a.removing(ctx, library, form.Item)
	if form.Sure == "yes" {
		if err := remove(); err != nil {
			return err
		}
		return a.to("/manage/tree")
	}
	if question.Means[0], err = a.itemWords(ctx, form.Item); err != nil {
		return err
	}
	if question.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	question.At, question.Post, question.Back = page.AtManage, "/manage/tree/remove", "/manage/tree"
	question.Hidden = []page.Hidden{{Name: "item", Value: form.Item}, {Name: "sure", Value: "yes"}}
	return a.show(http.StatusOK, question)
}
