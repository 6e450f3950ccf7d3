package page

// The steps of set-up, each on a page under /setup/. Every form posts to its own
// page's address.
const (
	stepWelcome = iota + 1
	stepAddress
	stepLibrary
	stepBranch
	stepPeople
	stepYou
	stepShares
	stepDone
)

// SetUpCodeForm posts to /setup.
type SetUpCodeForm struct {
	Form
	Code string `form:"code"` // written by the server where it was started; never shown again
}

// SetUpWelcome is the first step, /setup.
type SetUpWelcome struct {
	Frame
	Form SetUpCodeForm
}

// AddressForm posts to /setup/address.
type AddressForm struct {
	Form
	Address string `form:"address"`
	Accept  bool   `form:"accept"` // go on with an address with which things are off
}

// SetUpAddress asks for the address that desks will use (DECISIONS.md 21),
// /setup/address.
type SetUpAddress struct {
	Frame
	Form AddressForm
	Seen string   // the address by which this page was reached
	Off  []string // what is off at the typed address, in whole sentences; where there is any, Accept is asked for
}

// LibraryForm posts to /setup/library.
type LibraryForm struct {
	Form
	Name   string `form:"name"`
	State  string `form:"state"` // two letters
	Zone   string `form:"zone"`  // IANA name
	States []Option
	Zones  []Option
}

// SetUpLibrary names the library, /setup/library.
type SetUpLibrary struct {
	Frame
	Form LibraryForm
}

// SetUpBranch adds the first branch, /setup/branch.
type SetUpBranch struct {
	Frame
	Form BranchForm
}

// TwoPeopleForm posts to /setup/people. One of the two is the director and one
// the admin; whoever sets up says which they are.
type TwoPeopleForm struct {
	Form
	Role          string `form:"role"` // what "you" are: "director" or "admin"
	YouName       string `form:"you_name"`
	YouInitials   string `form:"you_initials"`
	YouMail       string `form:"you_mail"`
	OtherName     string `form:"other_name"`
	OtherInitials string `form:"other_initials"`
	OtherMail     string `form:"other_mail"`
}

// SetUpPeople names the first two people, /setup/people.
type SetUpPeople struct {
	Frame
	Form TwoPeopleForm
}

// YouForm posts to /setup/you.
type YouForm struct {
	Form
	Password string `form:"password"`
}

// SetUpYou sets the way in of whoever sets up, /setup/you.
// The form of a passkey is hidden until script finds that the browser can use one.
type SetUpYou struct {
	Frame
	Form      YouForm
	Name      string
	Account   string // the name to sign in with
	Passkeys  bool
	NoPasskey string // why not, in one sentence
}

// Passkey is how to make one in place of a password.
func (p SetUpYou) Passkey() Ceremony { return ceremony("register", "/setup/passkey/", "") }

// Share is one share of the recovery key, as it is printed.
type Share struct {
	Holder int    // 1 to 3
	Set    string // the printing that it belongs to
	Words  []string
	Code   Code
}

// SharesForm posts to /setup/shares.
type SharesForm struct {
	Form
	Printed bool   `form:"printed"`
	Check   string `form:"check"` // a word asked back, so that nobody goes on without the paper
}

// SetUpShares shows the three shares of the recovery key once, /setup/shares.
type SetUpShares struct {
	Frame
	Shares []Share
	Form   SharesForm
	Asked  string // which word is asked back: "word 7 on paper 2"; "" asks none
	Day    string // the day, as it is printed: "Wednesday 25 November 2026"
}

// SetUpDone is the end of set-up, /setup/done.
type SetUpDone struct {
	Frame
	Slip  *Slip  // for the other of the two; nil when it was mailed
	Mail  string // where it was mailed to
	Tasks []Task // what to do next
}
