package page

import "time"

// PlanView is the duty plan as the page of the phone tree shows it, below the
// numbers. Its buttons "Remove" post to /manage/tree/remove: item.
type PlanView struct {
	Troubles Troubles
	Shifts   []ShiftGroup // those for all branches first
	Hours    []PlanGroup  // opening hours by branch
	Holidays []PlanItem
	Away     []PlanItem
	Always   []string // in sentences: for which roles nothing is written, and who is told then
	Ladders  []LadderCard
	Drills   []Drill
	MayEdit  bool // shows the links to forms about what is for all or some branch
	MayAway  bool
}

// Troubles is what keeps alerts from reaching somebody, in sentences.
type Troubles struct {
	Gaps      []TroubleGroup // by branch
	Unreached []string       // who is on duty, and can be reached by nothing
	NoWay     bool           // this server sends no alerts at all
	Href      string         // of the phone tree, on another page; "" on its own
}

// Any reports whether there is something to tell.
func (t Troubles) Any() bool { return len(t.Gaps) > 0 || len(t.Unreached) > 0 || t.NoWay }

// Count is how many there are.
func (t Troubles) Count() int {
	n := len(t.Unreached)
	for _, g := range t.Gaps {
		n += len(g.Lines)
	}
	if t.NoWay {
		n++
	}
	return n
}

// TroubleGroup is the gaps of one branch.
type TroubleGroup struct {
	Branch string // "" where there is one branch only
	Lines  []string
}

// ShiftGroup is who is on duty at one branch, or at all.
type ShiftGroup struct {
	Branch string // "All branches"
	Shifts []ShiftRow
}

// ShiftRow is one shift.
type ShiftRow struct {
	ID    string // what "Remove" sends as "item"; "" if this person may not
	Who   string
	Role  string
	When  string // "Monday to Friday, 09:00 to 17:00"
	Dates string // "From 1 December 2026"; "" is always
	Order string // "First", "Second" … ; "" where the order is not set
	Lapse string // why it does not count, in a sentence; "" if it does
}

// PlanGroup is a list under a heading.
type PlanGroup struct {
	Name  string
	Items []PlanItem
	Empty string // what it means that there is none
}

// PlanItem is one line of the plan that can be taken away.
type PlanItem struct {
	ID    string // what "Remove" sends as "item"; "" if this person may not
	Words string
	Hint  string // "" shows none
}

// LadderCard is what one ladder will do.
type LadderCard struct {
	Title string
	Words []string // whole sentences, in order
	Own   bool     // the library has set it; else it is as it was at first
	Href  string   // of its form; "" if this person may not
}

// Drill is when a branch had its yearly drill. Its buttons post to Post + "/drill",
// and Post + "/test" with a role.
type Drill struct {
	Branch  string
	Due     bool
	Last    time.Time // zero is never
	Running bool
	Result  string // address of the last one; "" is none
	Post    string // "/manage/tree/{branch}"; "" if this person may run neither
	MayRun  bool
	MayTest bool
	Roles   []Option // whom a test call can be for
}

// DayTick is one day to be ticked.
type DayTick struct {
	ID, Name, Words string
	On              bool
}

// DayTicks is the days of a week and holidays, to be ticked.
type DayTicks struct {
	Days    []DayTick
	Problem string
	Hint    string
}

// WeekHours are the inputs for hours of the week: on which days, from when to when.
type WeekHours struct {
	Mon  bool   `form:"mon"`
	Tue  bool   `form:"tue"`
	Wed  bool   `form:"wed"`
	Thu  bool   `form:"thu"`
	Fri  bool   `form:"fri"`
	Sat  bool   `form:"sat"`
	Sun  bool   `form:"sun"`
	Hol  bool   `form:"hol"`
	From string `form:"from"`
	To   string `form:"to"`
}

// Ticked says which days are ticked: those of the week from Monday, then holidays.
func (h WeekHours) Ticked() [8]bool {
	return [8]bool{h.Mon, h.Tue, h.Wed, h.Thu, h.Fri, h.Sat, h.Sun, h.Hol}
}

// ticks are the days to be ticked in a form.
func (h WeekHours) ticks(f Form, hint string) DayTicks {
	t := DayTicks{Problem: f.Problem("days"), Hint: hint}
	for i, on := range h.Ticked() {
		name := weekNames[i]
		id := "f-" + name[0]
		if i == 0 {
			id = "f-days" // where the summary of problems leads
		}
		t.Days = append(t.Days, DayTick{id, name[0], name[1], on})
	}
	return t
}

// weekNames are the names of the inputs for days, and their words.
var weekNames = [8][2]string{
	{"mon", "Monday"}, {"tue", "Tuesday"}, {"wed", "Wednesday"}, {"thu", "Thursday"}, {"fri", "Friday"}, {"sat", "Saturday"}, {"sun", "Sunday"}, {"hol", "Holidays"},
}

// ShiftForm posts to /manage/tree/shifts.
type ShiftForm struct {
	Form
	Person string `form:"person"`
	Role   string `form:"role"`
	Branch string `form:"branch"` // "" is all branches
	WeekHours
	First    string `form:"first"`
	Last     string `form:"last"`
	Order    string `form:"order"`
	People   []Option
	Roles    []Option
	Branches []Option
	Orders   []Option
}

// Days are the days of the form to be ticked.
func (f ShiftForm) Days() DayTicks {
	return f.ticks(f.Form, "Holidays are days of their own: only what is ticked for them counts then.")
}

// AddShift is the form for who is on duty week by week, /manage/tree/shifts.
type AddShift struct {
	Frame
	Form ShiftForm
}

// HoursForm posts to /manage/tree/hours.
type HoursForm struct {
	Form
	Branch string `form:"branch"`
	WeekHours
	Branches []Option
}

// Days are the days of the form to be ticked.
func (f HoursForm) Days() DayTicks {
	return f.ticks(f.Form, "A branch that is closed on holidays has none ticked for them.")
}

// AddHours is the form for when a branch is staffed, /manage/tree/hours.
type AddHours struct {
	Frame
	Form HoursForm
}

// HolidayForm posts to /manage/tree/holidays. How is "once", "yearly" or "weekday".
type HolidayForm struct {
	Form
	Name     string `form:"name"`
	Branch   string `form:"branch"` // "" is all branches
	How      string `form:"how"`
	Date     string `form:"date"`
	Month    string `form:"month"` // 1 to 12
	Day      string `form:"day"`
	Nth      string `form:"nth"`     // 1 to 4, or -1
	Weekday  string `form:"weekday"` // 0 is Sunday
	Branches []Option
	Hows     []Option
	Months   []Option
	Nths     []Option
	Weekdays []Option
}

// AddHoliday is the form for a holiday, /manage/tree/holidays.
type AddHoliday struct {
	Frame
	Form HolidayForm
}

// AwayForm posts to /manage/tree/away.
type AwayForm struct {
	Form
	Person   string   `form:"person"` // "" is who types it
	FromDay  string   `form:"from_day"`
	From     string   `form:"from"`
	UntilDay string   `form:"until_day"`
	Until    string   `form:"until"`
	People   []Option // none: only oneself
}

// AddAway is the form for "I am away", /manage/tree/away.
type AddAway struct {
	Frame
	Form AwayForm
	Mine []PlanItem // when whoever looks is away; "Remove" posts to /manage/tree/remove: item
}

// PaperColumn is a role of the printed phone tree.
type PaperColumn struct {
	Role  string
	Names []string
}

// PaperHours is a line of the printed phone tree: who is called from one time to
// another.
type PaperHours struct {
	Hours   string // "9:00 AM to 1:00 PM"
	Columns []PaperColumn
}

// PaperDay is a day of the printed phone tree.
type PaperDay struct {
	Name  string // "Monday 30 November 2026"
	Lines []PaperHours
}
