package page

import "time"

// Scenario is something to practise.
type Scenario struct {
	Title   string
	Summary string
	Minutes int       // 0 says nothing
	Href    string    // "" when it cannot be practised here yet
	Done    time.Time // when this person last did; zero is never
}

// Practise is the list of scenarios, /practise.
type Practise struct {
	Frame
	Scenarios []Scenario
	WhyNot    string // why they cannot be practised here yet, in whole sentences; "" if they can
}

// RoomRequest is a request for a room. Purpose and name are not in it: they are
// seen after the decision.
type RoomRequest struct {
	Room  string
	From  time.Time
	Until time.Time
	Asked time.Time
	State string // "Waits for you"
	Href  string
}

// RoomRequests is the requests that wait, /rooms/requests.
type RoomRequests struct {
	Frame
	Requests []RoomRequest
	Rooms    int // how many rooms can be asked for; 0 says that there is none yet
	Setup    Link
}

// Topic is something that help is listed for.
type Topic struct {
	Title string
	Href  string
	Count int // how many places
}

// NationalLine is a help line that answers everywhere.
type NationalLine struct {
	Name  string
	What  string
	Phone Phone
	Text  string // how to reach it by text message; "" if not
	Hours string
}

// Help is the public list of help, /help. Its title is neutral, it has a way out,
// and needs no sign-in. Staff see no navigation on it either.
type Help struct {
	Frame
	Topics []Topic
	Lines  []NationalLine
	Desk   Phone // the library's desk; "" shows none
}

// ManageCard is one card of the overview.
type ManageCard struct {
	Title string
	Href  string
	Icon  string
	Fact  string // what there is now: "3 branches"
	Needs string // what has to be done: "1 has no phone number". "" if nothing
}

// Manage is the overview, /manage.
type Manage struct {
	Frame
	Cards    []ManageCard
	Tasks    []Task   // what is left after set-up; none shows nothing
	Troubles Troubles // what keeps alerts from reaching somebody
}

// PlaybookRow is a playbook in a list.
type PlaybookRow struct {
	Title     string
	Href      string // "" shows no link
	Version   string // the one that is live; "" is none
	By        string // who checked its words; "" is nobody
	Checked   time.Time
	Stale     bool // checked more than a year ago, or never
	Languages []string
}

// ManagePlaybooks is the list of playbooks, /manage/playbooks.
type ManagePlaybooks struct {
	Frame
	Playbooks []PlaybookRow
}

// PolicyRow is a policy in a list.
type PolicyRow struct {
	Title   string
	Summary string
	Href    string
	Adopted time.Time // by the library; zero is not yet
	Source  string
	Checked time.Time
}

// ManagePolicies is the list of policies, /manage/policies.
type ManagePolicies struct {
	Frame
	Policies []PolicyRow
}

// Figure is one number of a report. Counts under five are never told exactly.
type Figure struct {
	Name  string
	Count int
	Few   bool // it is from one to four, whatever Count is
}

// Words returns the count as it is shown.
func (f Figure) Words() string {
	if f.Few || f.Count > 0 && f.Count < 5 {
		return "under 5"
	}
	return itoa(f.Count)
}

// ManageReports is the reports, /manage/reports.
type ManageReports struct {
	Frame
	From, Until time.Time
	Sentence    string // what the figures say, in one sentence
	Figures     []Figure
	CSV         string // address of the same as CSV; "" shows none
}

// Retention is how long one class of record is kept.
type Retention struct {
	Class string // "R2"
	What  string
	Kept  string // "90 days after closing"
	Then  string // "Contents are destroyed; branch, type and month stay 3 years"
}

// ManageRetention is how long things are kept, /manage/retention.
type ManageRetention struct {
	Frame
	Classes []Retention
}

// SettingsForm posts to /manage/settings.
type SettingsForm struct {
	Form
	Name    string `form:"name"`
	State   string `form:"state"`
	Zone    string `form:"zone"`
	Website string `form:"website"` // where "Leave this page" leads
	Mail    string `form:"mail"`    // to which checkpoints are mailed
	Mails   bool   // a mail server is set up
	States  []Option
	Zones   []Option
}

// MailHint says what becomes of checkpoints.
func (f SettingsForm) MailHint() string {
	if f.Mails {
		return "We mail the last checkpoint of each day there. Choose somebody who does not look after the server."
	}
	return "No mail server is set up here, so nothing is mailed: copy the checkpoint from the log’s page and send it. Choose somebody who does not look after the server."
}

// Settings is the library's settings, /manage/settings.
type Settings struct {
	Frame
	Form      SettingsForm
	MayChange bool
	Facts     []Fact // address, what works over it, version, database
}

// Leaf is an entry of the ledger.
type Leaf struct {
	Number  int64
	At      time.Time
	Kind    string // what was done, in words
	Who     string // pseudonym, or a name where this person may know it
	Object  string // an opaque id; "" if none
	Refused bool
	Filler  bool
}

// Cosigned is a witness's signature under a checkpoint.
type Cosigned struct {
	Name string
	At   time.Time // by the witness's clock
}

// WitnessForm posts to /manage/audit/witness.
type WitnessForm struct {
	Form
	URL string `form:"url"`
	Key string `form:"key"`
}

// Witness is who signs the log's checkpoints too, /manage/audit/witness.
type Witness struct {
	Frame
	Form      WitnessForm
	Origin    string // what a witness has to be told of the log
	PublicKey string
}

// Audit is the ledger, /manage/audit.
type Audit struct {
	Frame
	Size       int64
	Entries    []Leaf // newest first
	More       More
	Origin     string
	PublicKey  string // the verifier's key, one line
	Checkpoint string // the signed note, several lines; "" before the first
	Signed     time.Time
	Cosigned   []Cosigned
	Witness    string    // the name of who is asked to sign; "" if nobody is
	Seen       time.Time // when the witness signed last; zero if it never did
	Trouble    string    // why it has not signed the checkpoint, a sentence; "" if nothing is wrong
	Since      time.Time // of Trouble
	MayChange  bool      // shows a link to /manage/audit/witness
	Export     string    // where the whole log is asked for as a file; "" if this person may not
	Closed     bool      // this person may see the checkpoint only
}
