package page

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Listen says how a page hears of changes: script listens to Events, and fetches the
// page again when it is told. Without script the page says as of when it is, and links
// to itself.
type Listen struct {
	Events string    // address of the signals, with the mark of this showing; "" is not live
	Here   string    // address of this page
	At     time.Time // as of when the page is
}

// Instant is a fact with its time.
type Instant struct {
	Words string
	At    time.Time
	Bad   bool // something that did not work
}

// Follower is somebody who was told of a case, with every fact that is known of it,
// each with its time: ordered, sent, delivered, read and answered are facts of their
// own.
type Follower struct {
	Who   string // "Dana Dorsey"; a role where no name is shown
	Role  string // "Director"; "" where Who is the role
	In    bool   // they have read it
	You   bool
	Facts []Instant
	Phone Phone // to call them; "" shows none
}

// AlertAt is one alert as its facts tell it, for whoever follows the case.
type AlertAt struct {
	Role      string    // "the director"
	Ordered   time.Time // when the walk ordered it
	Followers []Follower
	Next      string // what comes next by itself, in a sentence; "" is nothing
	Trouble   string // in a sentence: nobody answers, nobody can be reached; "" is none
	Over      string // how it ended, in a sentence; "" while it goes on
	Href      string // of its page, for whom it was sent; "" for all others
}

// SentLine is a line that was sent to the desk.
type SentLine struct {
	ID   string // what "Seen" sends as "line"
	Text string
	Who  string // "Dana Dorsey, director"
	At   time.Time
	Seen time.Time // when the desk's page had shown it; zero while it has not said so
}

// Charge says who took charge of a case.
type Charge struct {
	Who  string // "Dana Dorsey"
	Role string // "director"
	At   time.Time
	You  bool
}

// Mirror is what the desk sees now, to be read only.
type Mirror struct {
	Heading  string
	Text     Text
	Sayings  []string
	Ways     []string // what it can choose
	Progress string   // "Step 4. About 3 more."
	Href     string   // of the step
	Lang     string
	Dir      string
}

// LineForm sends a line to the desk, to {Post}/line.
type LineForm struct {
	Form
	Event string `form:"event"`
	Line  string `form:"line"`
	Quick string `form:"quick"` // of a button with words on it
}

// LiveCase is a case as it happens, /i/{id}/live. Its buttons post to {Post}/line and
// {Post}/charge.
type LiveCase struct {
	Frame
	Listen
	Number  string
	Title   string // of the playbook
	Where   string // "Northside"
	Ended   time.Time
	Outcome string    // how it ended, in words
	Started time.Time // by the server's clock
	Heard   time.Time // when the desk was heard of last
	Call    Phone     // the desk's phone; "" shows none
	Post    string    // "/i/0147"

	Charge    *Charge // nil while nobody took charge
	MayCharge bool
	Facts     []Fact
	Alerts    []AlertAt
	Log       []LogLine // newest first
	LogHref   string    // the whole log, for whoever reads the record; "" shows none
	Mirror    *Mirror   // nil once the walk has come to its end
	Finishing bool      // it has, and the desk has not closed it yet
	Lines     []SentLine
	MayLine   bool
	Quick     []string
	Form      LineForm
	Counsel   string // address of the notes for counsel; "" shows none
}

// Running reports whether the walk goes on.
func (p LiveCase) Running() bool { return p.Ended.IsZero() }

// Today reports whether it began on the day as of which the page is.
func (p LiveCase) Today() bool { return day(p.Started) == day(p.At) }

// LineProblem is what is wrong with the line that was just sent.
func (p LiveCase) LineProblem() string { return p.Form.Problem("line") }

// AlertPurpose is why an alert was sent.
type AlertPurpose uint8

// The purposes.
const (
	AlertNeed  AlertPurpose = iota // the desk needs somebody
	AlertTest                      // a test call
	AlertDrill                     // the yearly drill
)

// Alert is what the link in a message opens, /alert/{id}. Its buttons post to
// {Post}/read, which script does by itself once the page is in view, and
// {Post}/answer.
type Alert struct {
	Frame
	Listen
	Purpose   AlertPurpose
	Post      string
	Where     string // the branch
	Title     string // of the case, for whoever may follow it
	Live      string // address of the live case; "" for a test, a drill, or whoever may not follow it
	Place     string // of a case at another library: what the form to /me/place sends, to go there first; "" of all others
	Elsewhere string // the name of that library
	At        AlertAt
	Mine      bool      // it was sent to whoever looks
	Read      time.Time // when they opened it; zero while that is not kept
	Answered  *Charge   // who is on it; nil while nobody is
	MayAnswer bool
	Refused   string
}

// Heading is the page's first line.
func (p Alert) Heading() string {
	return [...]string{"The desk needs you", "This is a test call", "This is a drill"}[min(p.Purpose, AlertDrill)]
}

// Lead says what is needed.
func (p Alert) Lead() string {
	return [...]string{
		"Say that you are on it. Then nobody else is called.",
		"Nothing has happened. It shows whether messages reach you.",
		"Nothing has happened. Answer as you would answer an alert.",
	}[min(p.Purpose, AlertDrill)]
}

// Button is what the one button says.
func (p Alert) Button() string {
	if p.Purpose == AlertTest {
		return "It reached me"
	}
	return "I am on it"
}

// Now is what happens at every branch, /now.
type Now struct {
	Frame
	Listen
	Libraries []NowLibrary
}

// Calm reports whether nothing is happening anywhere.
func (p Now) Calm() bool { return p.Count() == 0 }

// Count is how many walks run.
func (p Now) Count() (n int) {
	for _, l := range p.Libraries {
		for _, b := range l.Branches {
			n += len(b.Cases)
		}
	}
	return n
}

// Many reports whether there is more than one library.
func (p Now) Many() bool { return len(p.Libraries) > 1 }

// NowLibrary is one library of that page.
type NowLibrary struct {
	Name     string
	Here     bool // its cases open at once; otherwise one goes there first, by a form to /me/place
	Branches []NowBranch
}

// NowBranch is one branch of it.
type NowBranch struct {
	Name  string
	Place string // what the form to /me/place sends as "place"
	Cases []NowCase
}

// NowCase is a walk that runs.
type NowCase struct {
	Number  string
	Title   string
	Heading string // of the step at which it stands
	Started time.Time
	Href    string // of its live page
	Sealed  bool
}

// Outside is what the desk sees of everybody elsewhere: what became of its alerts, who
// took charge, and the newest lines. It stands in the step page, and script fetches it
// again alone, from Href.
type Outside struct {
	Words  Words
	Href   string // "/i/0147/outside"
	Events string // address of the signals
	Post   string // "/i/0147"
	Open   bool   // whoever looks has the walk in hand: "Seen" can be said
	Alerts []Spoken
	Told   string // the roles whose alerts the server knows, with a space between
	Charge string // a sentence; "" while nobody took charge
	Lines  []SentLine
	Again  int // seconds after which it says something else by itself; 0 is never
}

// Spoken is a sentence, and whether somebody has to act on it.
type Spoken struct {
	Text string
	Act  bool
}

// Empty reports whether there is nothing to tell.
func (o Outside) Empty() bool { return len(o.Alerts) == 0 && o.Charge == "" && len(o.Lines) == 0 }

// Fresh reports whether there is a line that the desk has not said it has seen.
func (o Outside) Fresh() bool {
	return o.Open && slices.ContainsFunc(o.Lines, func(l SentLine) bool { return l.Seen.IsZero() })
}

// RenderOutside writes that part alone.
func RenderOutside(w io.Writer, o Outside) error {
	if err := templates.ExecuteTemplate(w, "outside", o); err != nil {
		return fmt.Errorf("render what the desk sees of others: %w", err)
	}
	return nil
}
