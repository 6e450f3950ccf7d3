package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// daysOf reads ticked days.
func daysOf(f page.WeekHours) (d notify.Days) {
	on := f.Ticked()
	for i, day := range week {
		if on[i] {
			d |= notify.On(day)
		}
	}
	if on[len(week)] {
		d |= notify.Holidays
	}
	return d
}

// hoursOf reads hours, and notes what is not one.
func hoursOf(f page.WeekHours, wrong *fault.Fields) notify.Hours {
	h := notify.Hours{Days: daysOf(f)}
	var ok bool
	if h.From, ok = clockOf(f.From); !ok {
		wrong.Add("from", "Write the time like 09:30.")
	}
	if h.To, ok = clockOf(f.To); !ok {
		wrong.Add("to", "Write the time like 17:00. Midnight is 00:00.")
	}
	return h
}

// clockOf reads a time of day, with the seconds that some browsers send along.
func clockOf(typed string) (notify.Clock, bool) {
	if len(typed) == len("15:04:05") && typed[5:] == ":00" {
		typed = typed[:5]
	}
	if len(typed) == len("9:30") {
		typed = "0" + typed
	}
	c, err := notify.ParseClock(typed)
	return c, err == nil
}

// dateOf reads a day; "" is none.
func dateOf(name, typed string, wrong *fault.Fields) notify.Date {
	if typed == "" {
		return notify.Date{}
	}
	d, err := notify.ParseDate(typed)
	if err != nil {
		wrong.Add(name, "Write the date as year, month, day: 2027-03-31.")
	}
	return d
}

// inOrder puts what is wrong with a form in the order of its fields, each once.
func inOrder(err error, more fault.Fields, names ...string) error {
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	found := map[string]string{}
	for _, list := range [][]fault.Field{fault.FieldsOf(err), fault.FieldsOf(more.Err())} {
		for _, f := range list {
			found[f.Name] = f.Message
		}
	}
	var all fault.Fields
	for _, name := range names {
		if message, ok := found[name]; ok {
			all.Add(name, message)
		}
	}
	if all.Err() == nil {
		return err
	}
	return all.Err()
}

// treeBranches are the branches whose phone tree somebody may change, with all of them
// before, where they may change that.
func (a *ask) treeBranches(branches []app.Branch, all bool) (list []page.Option) {
	if all && a.mayAt(access.EditPhoneTree, "") {
		list = append(list, page.Option{Words: "All branches"})
	}
	for _, b := range branches {
		if a.mayAt(access.EditPhoneTree, b.ID) {
			list = append(list, page.Option{Value: string(b.ID), Words: b.Name})
		}
	}
	return list
}

// dutyRoleOptions are the roles that somebody can be on duty for.
func dutyRoleOptions(none string) []page.Option {
	list := []page.Option{{Words: none}}
	for _, r := range notify.DutyRoles() {
		list = append(list, page.Option{Value: string(r), Words: roleName(r)})
	}
	return list
}

// staffOptions are the people of the library, with what they are.
func (a *ask) staffOptions(ctx context.Context, first string) ([]page.Option, error) {
	all, err := a.app().Directory(ctx, a.who, a.who.Library)
	if err != nil {
		return nil, err
	}
	list := []page.Option{{Words: first}}
	for _, p := range all {
		if p.Forgotten || p.HasLeft(a.site.Now()) {
			continue
		}
		var roles []string
		for _, m := range p.Roles {
			if name := roleName(m.Role); !slices.Contains(roles, name) {
				roles = append(roles, name)
			}
		}
		words := p.Name
		if len(roles) > 0 {
			words += " (" + listed(roles, "and") + ")"
		}
		list = append(list, page.Option{Value: string(p.ID), Words: words})
	}
	return list, nil
}

func showAddShift(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	p := page.AddShift{Form: page.ShiftForm{Order: "0"}}
	if err := a.fillAddShift(ctx, &p, branches); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillAddShift(ctx context.Context, p *page.AddShift, branches []app.Branch) (err error) {
	p.Form.Roles, p.Form.Branches = dutyRoleOptions("Choose a role"), a.treeBranches(branches, true)
	for i := range 10 {
		p.Form.Orders = append(p.Form.Orders, page.Option{Value: strconv.Itoa(i), Words: "In place " + strconv.Itoa(i+1)})
	}
	if p.Form.People, err = a.staffOptions(ctx, "Choose a person"); err != nil {
		return err
	}
	p.Frame, err = a.frame(ctx)
	return err
}

func postAddShift(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddShift
	err = a.read(&p.Form)
	if err == nil {
		err = a.addShift(ctx, p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAddShift(ctx, &p, branches)
		return p, err
	}, "/manage/tree#duty")
}

func (a *ask) addShift(ctx context.Context, f page.ShiftForm) error {
	var wrong fault.Fields
	form := app.ShiftForm{Person: people.PersonID(f.Person), Role: people.Role(f.Role), Branch: people.BranchID(f.Branch)}
	form.Hours = hoursOf(f.WeekHours, &wrong)
	form.First, form.Last = dateOf("first", f.First, &wrong), dateOf("last", f.Last, &wrong)
	if n, err := strconv.Atoi(f.Order); err == nil {
		form.Order = n
	} else if f.Order != "" {
		wrong.Add("order", "Choose a place.")
	}
	var err error
	if wrong.Err() == nil {
		err = a.app().AddShift(ctx, a.who, a.who.Library, form)
	} else {
		if f.Person == "" {
			wrong.Add("person", "Choose a person.")
		}
		if f.Role == "" {
			wrong.Add("role", "Choose a role that can be on duty.")
		}
		if form.Hours.Days == 0 {
			wrong.Add("days", "Choose at least one day.")
		}
	}
	return inOrder(err, wrong, "person", "role", "branch", "days", "from", "to", "first", "last", "order")
}

func showAddHours(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddHours
	if err := a.fillAddHours(ctx, &p, branches); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillAddHours(ctx context.Context, p *page.AddHours, branches []app.Branch) (err error) {
	p.Form.Branches = a.treeBranches(branches, false)
	p.Frame, err = a.frame(ctx)
	return err
}

func postAddHours(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddHours
	err = a.read(&p.Form)
	if err == nil {
		f, wrong := p.Form, fault.Fields{}
		hours := hoursOf(f.WeekHours, &wrong)
		if wrong.Err() == nil {
			err = a.app().AddOpening(ctx, a.who, a.who.Library, people.BranchID(f.Branch), hours)
		} else if hours.Days == 0 {
			wrong.Add("days", "Choose at least one day.")
		}
		err = inOrder(err, wrong, "branch", "days", "from", "to")
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAddHours(ctx, &p, branches)
		return p, err
	}, "/manage/tree#open")
}

func showAddHoliday(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	p := page.AddHoliday{Form: page.HolidayForm{How: "once"}}
	if err := a.fillAddHoliday(ctx, &p, branches); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillAddHoliday(ctx context.Context, p *page.AddHoliday, branches []app.Branch) (err error) {
	f := &p.Form
	f.Branches = a.treeBranches(branches, true)
	f.Hows = []page.Option{
		{Value: "once", Words: "On one date", Hint: "Fill in the date."},
		{Value: "yearly", Words: "On the same day every year", Hint: "Fill in the month and its day."},
		{Value: "weekday", Words: "On a day of the week in a month, every year", Hint: "Fill in the month, which one, and the day of the week."},
	}
	f.Months = []page.Option{{Words: "Choose a month"}}
	for m := time.January; m <= time.December; m++ {
		f.Months = append(f.Months, page.Option{Value: strconv.Itoa(int(m)), Words: m.String()})
	}
	f.Nths = []page.Option{{Words: "Choose which one"}}
	for _, n := range []int{1, 2, 3, 4, notify.Last} {
		f.Nths = append(f.Nths, page.Option{Value: strconv.Itoa(n), Words: nthNames[n]})
	}
	f.Weekdays = []page.Option{{Words: "Choose a day"}}
	for i, day := range week {
		f.Weekdays = append(f.Weekdays, page.Option{Value: strconv.Itoa(int(day)), Words: dayNames[i]})
	}
	p.Frame, err = a.frame(ctx)
	return err
}

func postAddHoliday(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddHoliday
	err = a.read(&p.Form)
	if err == nil {
		err = a.addHoliday(ctx, p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAddHoliday(ctx, &p, branches)
		return p, err
	}, "/manage/tree#hol")
}

// addHoliday reads the one of the three ways that was chosen; what was filled in for
// the others does not count.
func (a *ask) addHoliday(ctx context.Context, f page.HolidayForm) error {
	h := notify.Holiday{Name: f.Name, Branch: people.BranchID(f.Branch)}
	var wrong fault.Fields
	number := func(name, typed string, least, most int, what string) int {
		n, err := strconv.Atoi(typed)
		if err != nil || n < least || n > most {
			wrong.Add(name, what)
		}
		return n
	}
	switch f.How {
	case "once":
		if h.Date = dateOf("date", f.Date, &wrong); f.Date == "" {
			wrong.Add("date", "Write the date as year, month, day: 2027-03-31.")
		}
	case "yearly":
		h.Month = time.Month(number("month", f.Month, 1, 12, "Choose a month."))
		h.Day = number("day", f.Day, 1, 31, "Write the day of the month, from 1 to 31.")
	case "weekday":
		h.Month = time.Month(number("month", f.Month, 1, 12, "Choose a month."))
		if h.Nth = number("nth", f.Nth, notify.Last, 4, "Choose which one."); h.Nth == 0 {
			wrong.Add("nth", "Choose which one.")
		}
		h.Weekday = time.Weekday(number("weekday", f.Weekday, 0, 6, "Choose a day of the week."))
	default:
		wrong.Add("how", "Choose one of these.")
	}
	var err error
	if wrong.Err() == nil {
		err = a.app().AddHoliday(ctx, a.who, a.who.Library, h)
	}
	return inOrder(err, wrong, "name", "branch", "how", "date", "month", "day", "nth", "weekday")
}

func showAddAway(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	var p page.AddAway
	if err := a.fillAddAway(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillAddAway(ctx context.Context, p *page.AddAway) error {
	d, err := a.app().DutyPlan(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	for _, w := range d.Away {
		if w.Mine {
			p.Mine = append(p.Mine, awayItem(w, h.zone))
		}
	}
	if d.MayEdit && a.may(access.SeePeople) {
		all, err := a.staffOptions(ctx, "I am")
		if err != nil {
			return err
		}
		p.Form.People = slices.DeleteFunc(all, func(o page.Option) bool { return o.Value == string(a.who.Person) })
	}
	p.Frame, err = a.frame(ctx)
	return err
}

func postAddAway(ctx context.Context, a *ask) error {
	if a.who.Person == "" {
		return a.signInFirst(ctx)
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.AddAway
	err = a.read(&p.Form)
	if err == nil {
		err = a.addAway(ctx, library, p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillAddAway(ctx, &p)
		return p, err
	}, "/manage/tree#away")
}

func (a *ask) addAway(ctx context.Context, library people.LibraryID, f page.AwayForm) error {
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	form := app.AwayForm{Person: people.PersonID(f.Person)}
	var wrong fault.Fields
	form.From = momentOf(h.zone, "from", f.FromDay, f.From, 0, &wrong)
	form.Until = momentOf(h.zone, "until", f.UntilDay, f.Until, 1, &wrong)
	if wrong.Err() == nil {
		err = a.app().AddAway(ctx, a.who, library, form)
		if problems := fault.FieldsOf(err); problems != nil {
			for _, problem := range problems {
				name := problem.Name
				if name == "from" || name == "until" {
					name += "_day"
				}
				wrong.Add(name, problem.Message)
			}
			err = nil
		}
	}
	return inOrder(err, wrong, "person", "from_day", "from", "until_day", "until")
}

// momentOf reads a day and a time of it, where a library is. Without a time it is the
// beginning of the day, or of the next one.
func momentOf(zone *time.Location, name, day, clock string, next int, wrong *fault.Fields) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		wrong.Add(name+"_day", "Write the date as year, month, day: 2027-03-31.")
		return time.Time{}
	}
	if clock == "" {
		return d.AddDate(0, 0, next)
	}
	c, ok := clockOf(clock)
	if !ok {
		wrong.Add(name, "Write the time like 09:30.")
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), int(c)/60, int(c)%60, 0, 0, zone)
}
