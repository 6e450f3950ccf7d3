package page

import "time"

// PersonRow is a person in a list.
type PersonRow struct {
	Name  string
	Href  string
	Roles []string // in words: "Desk, Northside"
	State string   // "Invited", "Has left"; "" is the usual
}

// People is the people, /manage/people.
type People struct {
	Frame
	People    []PersonRow
	MayInvite bool
}

// InviteForm posts to /manage/people/invite.
type InviteForm struct {
	Form
	Name     string `form:"name"`
	Initials string `form:"initials"`
	Mail     string `form:"mail"`
	Role     string `form:"role"`
	Branch   string `form:"branch"` // "" is all branches
	Outside  bool   `form:"outside"`
	Until    string `form:"until"` // 2026-11-25
	How      string `form:"how"`   // "mail" or "slip"
	Roles    []Option
	Branches []Option
	NoMail   string // why no mail can be sent, in one sentence; "" if it can
}

// Invite is the form to invite somebody, /manage/people/invite.
type Invite struct {
	Frame
	Form InviteForm
}

// Invited is told after an invitation was made: to be mailed, or as a slip to print.
type Invited struct {
	Frame
	Name string
	Mail string // where it is mailed to; "" when it is a slip
	Slip *Slip
	Back string
}

// RoleRow is a role that a person has.
type RoleRow struct {
	ID     string // what "End" sends as "membership"
	Role   string
	Branch string // "" is all branches
	From   time.Time
	Until  time.Time // zero is open
	MayEnd bool
}

// InvitationRow is an invitation that was not accepted yet.
type InvitationRow struct {
	ID   string // what "Withdraw" sends as "invitation"
	Made time.Time
	Till time.Time
	How  string // "By mail", "On a slip"
	// Mailed says that it goes by mail: Sent when the mail server took it, or zero,
	// and then Problem why not, in whole sentences.
	Mailed  bool
	Sent    time.Time
	Problem string
}

// Person is one person, /manage/people/{id}. Its buttons post to that address
// and /role/end (membership), /sessions/end (session, "" for all),
// /invitation/withdraw (invitation), /invitation (a new one), /reset, /remove.
// What cannot be undone is asked once more on a [Confirm] page.
type Person struct {
	Frame
	Href        string
	Name        string
	Initials    string
	Mail        string
	State       string
	Roles       []RoleRow
	MayGive     bool // shows a link to Href/role
	Invitations []InvitationRow
	MayInvite   bool // a new invitation can be made: the person has none and never signed in
	MayMail     bool // it can go by mail
	Sessions    []Session
	SeeSessions bool   // false: this person may not see sessions
	MayEnd      bool   // may end sessions
	SignIn      []Fact // which ways in the person has
	MayReset    bool
	MayRemove   bool
}

// RoleForm posts to Role.Back + "/role".
type RoleForm struct {
	Form
	Role     string `form:"role"`
	Branch   string `form:"branch"`
	Outside  bool   `form:"outside"`
	Until    string `form:"until"`
	Roles    []Option
	Branches []Option
}

// GiveRole is the form to give a role, /manage/people/{id}/role.
type GiveRole struct {
	Frame
	Name string
	Back string // the person's page
	Form RoleForm
}

// BranchRow is a branch in a list.
type BranchRow struct {
	Name   string
	Href   string
	Dial   Phone // what a desk there dials in an emergency, prefix included: "9 911"
	Phone  Phone // the desk's own number, by which it is called back
	Zone   string
	Desks  int // enrolled devices
	People int
	Needs  string
}

// Branches is the branches, /manage/branches.
type Branches struct {
	Frame
	Branches []BranchRow
	MayAdd   bool // shows a link to /manage/branches/new
}

// BranchForm posts to /manage/branches/new, to a branch's own address, or to
// /setup/branch.
type BranchForm struct {
	Form
	Name      string `form:"name"`
	Prefix    string `form:"prefix"`    // dialled before outside numbers: "9"
	Phone     string `form:"phone"`     // the desk's own number
	Zone      string `form:"zone"`      // IANA name
	Emergency string `form:"emergency"` // the sentence of the danger strip; "" is the usual one
	Zones     []Option
}

// EditBranch is the form to add or change a branch.
type EditBranch struct {
	Frame
	Name      string // as it is kept; "" adds one
	Post      string // where the form is sent
	Form      BranchForm
	MayChange bool // false shows the same as facts
}

// DeviceRow is an enrolled device.
type DeviceRow struct {
	ID       string // what "Revoke" sends as "device", to /manage/devices/revoke
	Name     string
	Branch   string
	Enrolled time.Time
	By       string
	Revoked  time.Time
	This     bool
	MayEnd   bool
}

// Devices is the devices, /manage/devices.
type Devices struct {
	Frame
	Devices  []DeviceRow
	MayEnrol bool // shows a link to /manage/devices/new
}

// DeviceForm posts to /manage/devices/new.
type DeviceForm struct {
	Form
	Name     string `form:"name"`
	Branch   string `form:"branch"`
	Branches []Option
}

// OfferDevice is the form to enrol a device, /manage/devices/new.
type OfferDevice struct {
	Frame
	Form DeviceForm
}

// DeviceCode shows the code with which a device is enrolled.
type DeviceCode struct {
	Frame
	Name    string
	Branch  string
	Typed   string // the code as it is typed
	Address string // where it is typed: the address of /enrol
	Code    Code   // address and code as a QR code
	Until   time.Time
}

// EnrolForm posts to /enrol.
type EnrolForm struct {
	Form
	Code string `form:"code"` // filled in from a QR code only
}

// Enrol is what the device shows that is to be enrolled, /enrol.
type Enrol struct {
	Frame
	Form   EnrolForm
	Done   bool
	Name   string   // once done
	Works  []string // what works on it, once done
	Misses []string // what does not, and why
}

// Confirm asks once more before what cannot be undone.
type Confirm struct {
	Frame
	At     Place
	Title  string   // a question: "End all sessions of Imani?"
	Means  []string // what will happen, in whole sentences
	Post   string   // where it is sent
	Hidden []Hidden // what is sent along
	Button string   // says the result: "End the sessions"
	Back   string   // address of the page it was asked from
	Secret bool     // asks for the person's own password too, as "password"
	Form   Form
}

// Hidden is a value that a form sends along.
type Hidden struct{ Name, Value string }
