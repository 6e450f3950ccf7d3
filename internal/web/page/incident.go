package page

import "time"

// CaseRow is a case in a list.
type CaseRow struct {
	Number  string // "N-0147"
	Title   string // the playbook's title
	Branch  string
	State   CaseState
	Started time.Time
	Owner   string // who answers for it; "" is nobody yet
	Href    string
}

// CaseState is how far a case has come.
type CaseState uint8

// The states.
const (
	CaseLive CaseState = iota // a walk is running
	CaseOpen                  // the walk has ended, the report has not
	CaseClosed
	CaseSealed
)

// String returns the state in words.
func (s CaseState) String() string {
	return [...]string{"Live", "Report open", "Closed", "Sealed"}[min(s, CaseSealed)]
}

// Class returns the class of the state's pill.
func (s CaseState) Class() string {
	return [...]string{"now", "ochre", "", "lock"}[min(s, CaseSealed)]
}

// CaseFilter is what a list of cases is narrowed to. It is asked by GET, and has
// nothing of what stands in cases (DECISIONS.md 25).
type CaseFilter struct {
	State    string `form:"state"`
	Branch   string `form:"branch"`
	Type     string `form:"type"`
	States   []Option
	Branches []Option
	Types    []Option
}

// Narrows reports whether the filter leaves anything out.
func (f CaseFilter) Narrows() bool { return f.State != "" || f.Branch != "" || f.Type != "" }

// StateBy is the choice of a state.
func (f CaseFilter) StateBy() Input { return Form{}.SelectField("state", "State", f.State, f.States) }

// BranchBy is the choice of a branch.
func (f CaseFilter) BranchBy() Input {
	return Form{}.SelectField("branch", "Branch", f.Branch, f.Branches)
}

// TypeBy is the choice of a guide.
func (f CaseFilter) TypeBy() Input { return Form{}.SelectField("type", "Guide", f.Type, f.Types) }

// Incidents is the list of cases, /incidents.
type Incidents struct {
	Frame
	Filter CaseFilter
	Cases  []CaseRow
	More   More
}

// Deadline is something that is due.
type Deadline struct {
	Due  time.Time
	What string
	Who  string
	Case string // the case's number
	Href string
	Left string // in words: "in 3 days", "3 days late"
	Late bool
}

// Deadlines is what is due, /deadlines.
type Deadlines struct {
	Frame
	Due []Deadline
}

// LogLine is one line of a case's log. Text is what somebody wrote or what a step
// said; nothing in it is markup.
type LogLine struct {
	At   time.Time
	Icon string // a name of [Icons]
	What string // "Note", "Chose"
	Text string
	Said bool   // the text was said aloud, so it is shown as words
	Who  string // "Front desk, by phone"
	New  bool
}

// Case is the summary of a case, /i/{id}.
type Case struct {
	Frame
	Number  string
	Title   string
	Where   string // "Northside branch, front desk"
	State   CaseState
	Started time.Time
	Call    Phone // the desk's phone; "" shows none
	Facts   []Fact
	// MayAlerts says that whoever looks may know who was told, and Alerts tells that.
	MayAlerts bool
	Alerts    []AlertAt
	Log       []LogLine // newest first, the last few
	LogHref   string
	Tasks     []Task    // what the report still needs
	Readers   []string  // who can open this case, in words
	Deleted   time.Time // when its contents will be destroyed; zero says nothing
	Counsel   string    // address of the notes for counsel; "" shows none
	Live      string    // address of the page that shows it as it happens; "" once it has ended
}

// CaseLog is the whole log of a case, /i/{id}/log.
type CaseLog struct {
	Frame
	Number string
	Title  string
	Oldest bool   // oldest first
	Turn   string // address of the other order
	Back   string // address of the case
	Lines  []LogLine
	Print  bool   // offer to print
	Proof  []Fact // checkpoint, size of the log, origin
}

// Up is the link to the case.
func (p CaseLog) Up() Link { return Link{Words: "Case " + p.Number, Href: p.Back} }
