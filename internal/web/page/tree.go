package page

import "time"

// TreeLine is a number of the phone tree.
type TreeLine struct {
	ID    string // what "Delete" sends as "line", to /manage/tree/delete
	Name  string // whose it is, in words, or the role
	Role  string // the role, or the outside line
	Phone Phone
}

// OnDuty is somebody who is in charge at a branch now.
type OnDuty struct {
	ID    string // what "End" sends as "duty", to /manage/tree/duty/end
	Name  string
	Role  string
	Until time.Time
}

// BranchTree is whom the desk of one branch calls.
type BranchTree struct {
	Branch   string
	Known    bool     // it is known to whoever looks who is in charge there
	InCharge []OnDuty // now; none is told as a problem, where it is known
	Lines    []TreeLine
	Others   bool   // there are numbers for all branches too
	SetDuty  string // address of the form to say who is in charge; "" if this person may not
	MayEdit  bool   // may delete numbers of the branch
}

// PhoneTree is the numbers by branch and who is in charge now, /manage/tree.
type PhoneTree struct {
	Frame
	Shared        []TreeLine // those of all branches
	MayEditShared bool
	Branches      []BranchTree
	MayAdd        bool      // shows a link to /manage/tree/new
	Plan          *PlanView // nil for whoever is not signed in
}

// PhoneLineForm posts to /manage/tree/new.
type PhoneLineForm struct {
	Form
	Line     string `form:"line"`  // a role or an outside line
	Label    string `form:"label"` // whose it is, in words
	Number   string `form:"number"`
	Branch   string `form:"branch"` // "" is all branches
	Lines    []Option
	Branches []Option
}

// AddPhoneLine is the form to add a number, /manage/tree/new.
type AddPhoneLine struct {
	Frame
	Form PhoneLineForm
}

// DutyForm posts to the page's own address.
type DutyForm struct {
	Form
	Person string `form:"person"`
	Until  string `form:"until"` // a time of day, 18:00; "" is the usual time
	People []Option
}

// SetDuty says who is in charge at a branch from now on,
// /manage/tree/{branch}/duty.
type SetDuty struct {
	Frame
	Branch string // its name
	Post   string
	Now    []OnDuty // whose place the new one takes
	Form   DutyForm
}

// TreeBranch is the numbers of one branch as they are printed.
type TreeBranch struct {
	Branch   string
	Dial     Phone // what is dialled in an emergency, prefix included
	Contacts []Contact
	Days     []PaperDay // who is on duty, day by day
}

// ManageTree is the phone tree to be printed and hung up, /manage/tree/print.
type ManageTree struct {
	Frame
	Day      string // the day, as it is printed; "" prints none
	Branches []TreeBranch
}
