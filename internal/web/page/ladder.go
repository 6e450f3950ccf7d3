package page

import "strconv"

// Ladders is for which situations there can be a ladder of their own,
// /manage/tree/ladders.
type Ladders struct {
	Frame
	Groups []LadderGroup
}

// LadderGroup is one kind of situation.
type LadderGroup struct {
	Name    string
	Ladders []Task
}

// RungRow is one step of a ladder in its form. The names of its inputs end in its
// number: role-1, minutes-1, channels-1, repeat-1.
type RungRow struct {
	Number   int
	Role     string // "" is no step
	Minutes  string
	Channels string // "push,sms,mail"
	Repeat   string
}

// LadderForm posts to the page's own address.
type LadderForm struct {
	Form
	Pause    string `form:"pause"` // minutes
	Rungs    []RungRow
	Roles    []Option
	Channels []Option
	Repeats  []Option
}

// Row returns the inputs of one step.
func (f LadderForm) Row(r RungRow) (list []Input) {
	n := strconv.Itoa(r.Number)
	role := "Then"
	if r.Number == 1 {
		role = "Told first"
	}
	list = []Input{
		f.SelectField("role-"+n, role, r.Role, f.Roles),
		short(mode("numeric", most(3, f.TextField("minutes-"+n, "Minutes to read it", r.Minutes)))),
		f.SelectField("channels-"+n, "Told by", r.Channels, f.Channels),
		f.SelectField("repeat-"+n, "Sent again", r.Repeat, f.Repeats),
	}
	return list
}

// EditLadder is the form for who is told in one situation, and who next,
// /manage/tree/ladders/{class}/{severity}.
type EditLadder struct {
	Frame
	Title string
	Words []string // what happens now, in whole sentences
	Own   bool     // it can be taken away: what "As it was" sends as "item" is Item, to /manage/tree/remove
	Item  string
	Usual bool // there is one to go back to, else the one for more situations holds
	Post  string
	Form  LadderForm
}
