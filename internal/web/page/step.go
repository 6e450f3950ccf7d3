package page

import (
	"fmt"
	"strings"
	"time"
)

// Text is running text of a playbook, a policy or a handout: paragraphs,
// quotations and lists.
type Text []Block

// Block is a paragraph, a quotation or a list; the other two are empty.
type Block struct {
	Spans   []Span
	Quote   Text
	Items   []Item
	Ordered bool
	Head    string    // a heading within a handout; the others are empty then
	Fields  []Written // what is written down under a paragraph
}

// Item is an item of a list.
type Item struct {
	Tick   int // its number among the items of the step that are ticked, from 1; 0 is not ticked
	Ticked bool
	Text   Text
}

// Span is a piece of running text.
type Span struct {
	Words   string
	Strong  bool
	Emph    bool
	Break   bool   // a line ends here
	Href    string // where it leads; "" leads nowhere
	Outside bool   // it leads to another site
}

// Written is a field of the record, in place in its step.
type Written struct {
	Name     string // as events name it
	Label    string
	Type     string // text, number, date, time, choice, photo, inventory
	Deadline bool
	Options  []Option
	Photos   []Link       // of a photo field: those that were taken for it
	Rows     []WrittenRow // what stands in it, and for an inventory an empty row for the next; a fragment has the empty row alone
	Problem  string       // of the one that was just sent
}

// WrittenRow is one row of a field. Only an inventory has several.
type WrittenRow struct {
	Row   string // its id; "" of a field without rows
	Value string // as events write it
	Words string // as people read it
	By    string // the event by which it stands there; "" if it is empty
	New   bool   // an empty row for something more
}

// Input returns the name of the row's input.
func (w Written) Input(r WrittenRow) string {
	if r.Row == "" {
		return "f." + w.Name
	}
	return "f." + w.Name + "." + r.Row
}

// Before returns the name of the input that tells what stood there.
func (w Written) Before(r WrittenRow) string { return "b" + w.Input(r)[1:] }

// ID returns the id of the field's first input, to which words of the step lead.
func (w Written) ID() string { return "f-" + w.Name }

// RowID returns the id of the input at that index.
func (w Written) RowID(index int) string {
	if index == 0 {
		return w.ID()
	}
	return w.ID() + "-" + itoa(index)
}

// Kind returns the input's type. What cannot be kept is shown as it was typed, which an
// input for dates or times would not do.
func (w Written) Kind() string {
	if w.Problem == "" && (w.Type == "date" || w.Type == "time") {
		return w.Type
	}
	return "text"
}

// Saying is one sentence to be said.
type Saying struct {
	Number int // from 1
	Words  string
	Said   bool
}

// Speech is what somebody else says.
type Speech struct {
	Who  string
	Text Text
}

// Section is a block of a step, such as "Do not".
type Section struct {
	Name string
	Text Text
}

// Countdown is a timer of a step.
type Countdown struct {
	Seconds int
	Length  string    // in words: "10 minutes"
	Until   time.Time // when it ends; zero in a fragment
	Left    string    // in words: "about 8 minutes left"; "" in a fragment, and when it is over
	Over    bool
}

// Way is one choice.
type Way struct {
	Choice int // by number, from 0, as events name it
	Send   int // what pressing it sends: Choice, or -1 where nobody is asked
	Key    int // 1 to 9; 0 has none
	Words  string
	Soft   bool     // "I am not sure"
	Off    *OffPage // off the record: it is never sent, and opens in place; nil of all others
}

// Callee is somebody whom a step calls.
type Callee struct {
	Role    string // as events name it: a role or an outside line
	Who     string // in words: "the director"
	Lines   []Contact
	Alerted bool      // an alert to them was ordered, and nothing is sent yet
	Result  string    // of the last call, in words; "" if there was none
	At      time.Time // of the last call
}

// ID returns the id of the callee's row.
func (c Callee) ID() string { return "call-" + c.Role }

// Phone returns the number that is called first; "" if there is none.
func (c Callee) Phone() Phone {
	for _, l := range c.Lines {
		if l.Phone != "" {
			return l.Phone
		}
	}
	return ""
}

// Basis is a policy or a law that a step rests on, in place with its source.
type Basis struct {
	ID     string // to which words of the step lead
	Title  string
	Text   Text
	Source string // source, date and how sure we are
}

// Sheet is a handout.
type Sheet struct {
	ID      string // to which words of the step lead
	Title   string
	Lang    string
	Text    Text
	Notice  string
	Source  string
	Href    string // of its own page, to be printed
	Address string // as it is typed: "library.example/h/k3m8q2"
	Code    Code   // the same as a QR code; nil where no address is known
}

// OffPage is a page off the record, with those behind it.
type OffPage struct {
	Title string // the words of the choice that leads to it
	Card  StepCard
	Ways  []OffWay
}

// OffWay is a way on from a page off the record.
type OffWay struct {
	Words string
	Off   *OffPage // nil where it ends, or leads back to a page around it
	End   bool
	Owner string // of an end: who has it then, in words
}

// StepCard is one step: its words, and what a walk has done in it. Without a walk it
// is the fragment that a device keeps: every choice is there, nothing is ticked or
// written, and nothing of it can be sent until script says where to.
type StepCard struct {
	Number   int    // in its Program, from 1
	Words    Words  // what the page itself says, in the walk's language
	Lang     string // of the step's words, where it is another than the page's
	Dir      string // of the same
	Open     bool   // a walk stands here: what is pressed is sent
	Fragment bool   // no walk is known
	Post     string // of Open: the address of the walk, as "/i/0147"
	Say      string // address before a saying's number, as "../say/3?words="; "" shows no link
	First    bool   // the facts decide: the first open choice is the only one
	Swap     bool   // which choice is meant is never sent
	More     int    // of a fragment: how many steps are about to come after it
	Practice bool
	Aside    bool // what officers do can be taken down here
	Watch    bool // the same, and nobody has asked for anything

	Heading  string
	Scene    Text // before the first step
	Text     Text
	They     string // the heading of Speeches
	Speeches []Speech
	SayName  string // the heading of Sayings
	Sayings  []Saying
	Do       Section
	DoNot    Section
	Look     Section
	Ask      Section
	Timers   []Countdown
	Ways     []Way
	Callees  []Callee
	Why      Section
	Bases    []Basis
	Sheets   []Sheet
}

// SayAt returns the address of a sentence shown alone.
func (c StepCard) SayAt(number int) string { return c.Say + itoa(number) }

// Main returns the sentence that stands first, and Others the rest.
func (c StepCard) Main() []Saying   { return c.Sayings[:min(1, len(c.Sayings))] }
func (c StepCard) Others() []Saying { return c.Sayings[min(1, len(c.Sayings)):] }

// One reports whether there is one way on, which is then called "Next".
func (c StepCard) One() bool { return !c.Fragment && len(c.Ways) == 1 && c.Ways[0].Off == nil }

// Parts returns the sections that have anything in them, but for what is said.
func (c StepCard) Parts() (list []Section) {
	for _, s := range []Section{c.Do, c.DoNot, c.Look, c.Ask, c.Why} {
		if len(s.Text) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// ShowTyped puts what was typed back into the card's fields, with what is wrong with
// it, both by the names of inputs.
func (c *StepCard) ShowTyped(typed, wrong map[string]string) {
	for _, t := range []Text{c.Text, c.Do.Text, c.DoNot.Text, c.Look.Text, c.Ask.Text, c.Why.Text} {
		showTyped(t, typed, wrong)
	}
}

func showTyped(t Text, typed, wrong map[string]string) {
	for i := range t {
		showTyped(t[i].Quote, typed, wrong)
		for k := range t[i].Items {
			showTyped(t[i].Items[k].Text, typed, wrong)
		}
		for k := range t[i].Fields {
			f := &t[i].Fields[k]
			for r := range f.Rows {
				name := f.Input(f.Rows[r])
				if problem := wrong[name]; problem != "" {
					f.Problem, f.Rows[r].Value = problem, typed[name]
				}
			}
		}
	}
}

// HasWhy reports whether there is anything behind the step.
func (c StepCard) HasWhy() bool { return len(c.Why.Text) > 0 || len(c.Bases) > 0 }

// cardPart is what templates of a card's parts are given: the card, and the part.
type cardPart struct {
	Card   StepCard
	Text   Text
	Saying *Saying
	Item   *Item
	Field  *Written
	Sheet  *Sheet
}

func part(c StepCard, what any) (cardPart, error) {
	p := cardPart{Card: c}
	switch what := what.(type) {
	case Text:
		p.Text = what
	case Saying:
		p.Saying = &what
	case Item:
		p.Item = &what
	case Written:
		p.Field = &what
	case Sheet:
		p.Sheet = &what
	default:
		return p, fmt.Errorf("a card has no part of type %T", what)
	}
	return p, nil
}

// only is a text of one block.
func only(b Block) Text { return Text{b} }

// WalkPlace is where a walk stands, seen from a page that shows another step.
type WalkPlace struct {
	Heading string // "" when it has ended
	Href    string
}

// Step is one step of a walk, /i/{id}/step/{n}. Its style stands in the page.
//
// Everything on it is one form, so that what was typed is sent with whatever is
// pressed: its buttons post to {Post}/choose (choice), /back, /tick (item), /said
// (saying), /field, /note, /call (call: role and result), /stop. Beside these it sends
// event (an id made for this showing of the page), follows, step, lang, f.NAME and
// b.NAME (what was typed, and the event by which it stood there), note.
type Step struct {
	Frame
	Title  string // of the playbook
	Card   StepCard
	Number int // how many steps the walk has come, from 1
	More   int // how many are about to come; 0 says nothing

	Event, Follows string // see above
	Back           string // heading of the step before; "" offers no way back
	MayBack        bool
	Note           string // what was typed
	NoteProblem    string
	Refused        string     // why what was pressed was not done
	Late           string     // what came too late, in a sentence
	Elsewhere      *WalkPlace // the walk stands at another step: this one is only shown
	Reply          string     // of a rehearsal: what the last choice was worth
	Langs          []Language
	HandOver       string   // address of handing over; "" offers none
	Photos         *Link    // how many photos there are, and where; nil is none
	Help           *Callee  // whom the dock calls when the step names nobody: it has a number; nil is nobody
	Alerts         []string // roles in words to whom an alert was ordered in this walk, and of which no more is known
	Outside        Outside
}

// Language is a language in which a page can be shown.
type Language struct {
	Name    string // in itself
	Lang    string
	Dir     string
	Href    string
	Current bool
}

// Pips returns the steps for drawing.
func (p Step) Pips() []string {
	return Steps{At: min(p.Number, 8), Of: min(p.Number, 8) + min(p.More, 4)}.Each()
}

// First returns whom the dock calls: first of those whom an alert was ordered for.
func (p Step) First() *Callee {
	for i := range p.Card.Callees {
		if p.Card.Callees[i].Alerted {
			return &p.Card.Callees[i]
		}
	}
	if len(p.Card.Callees) > 0 {
		return &p.Card.Callees[0]
	}
	return nil
}

// AlertWords names the roles to whom an alert was ordered.
func (p Step) AlertWords() string { return strings.Join(p.Alerts, ", ") }

// Said is a sentence alone and big, /i/{id}/say/{n}. Its style stands in the page.
type Said struct {
	Frame
	Words  Words
	Text   string
	Number int
	Count  int
	Next   string // address of the next sentence; "" if there is one only
	Close  string // address of the step
	Langs  []Language
}

// Handover shows the code by which another device takes a walk, /i/{id}/hand-over.
// Posts to itself: event.
type Handover struct {
	Frame
	Words   Words
	Title   string
	Back    string // address of the step
	Post    string
	Code    string // "" before it was asked for
	Until   time.Time
	Address string // where the code is typed
	QR      Code
	Refused string
}

// TakeForm is the code of a walk that is handed over.
type TakeForm struct {
	Form
	Code string `form:"code"`
}

// Take takes a walk that was handed over, /take. Posts to itself.
type Take struct {
	Frame
	Form TakeForm
}

// Finish is the end of a walk, before it is closed, /i/{id}/end. Its style stands in
// the page. Everything is one form: its buttons post to {Post}/end, /back, /note.
type Finish struct {
	Frame
	Words          Words
	Title          string
	Post           string
	Outcome        string
	Owner          string // who has it now, in words; "" says nothing
	Lines          []Contact
	Undone         []Link // fields that stand empty, with the steps at which they are
	Opens          *Guide // the playbook to open next
	Event, Follows string
	Back           string
	Initials       string
	Acted          []string
	Problem        string // with the initials
	Note           string
	NoteProblem    string
	Refused        string
	Abuse          bool // nothing is kept unless somebody says so
	Keep           bool
	Reply          string
	Langs          []Language
	Alerts         []string // as in Step
	Outside        Outside
}

// AlertWords names the roles to whom an alert was ordered.
func (p Finish) AlertWords() string { return strings.Join(p.Alerts, ", ") }

// ActedWords names who is said to have acted.
func (p Finish) ActedWords() string { return strings.Join(p.Acted, ", ") }

// WhoForm says who acted.
type WhoForm struct {
	Form
	Initials string `form:"initials"`
}

// WhoActed asks afterwards who acted, /i/{id}/who. Posts to itself.
type WhoActed struct {
	Frame
	Form  WhoForm
	Left  bool   // the walk was stopped and did not come to its end
	Saved string // what was said already
	Post  string
}

// Handed is a handout to be printed, /handout/{id}, or its public page.
type Handed struct {
	Frame
	Sheet  Sheet
	Langs  []Language
	Public bool
}
