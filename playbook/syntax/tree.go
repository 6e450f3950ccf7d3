// Package syntax reads a playbook's Markdown into a tree. Every node knows
// where it stands in the file. The tree is what the file says, not what it
// means: names are not looked up here.
package syntax

import "roundtable/playbook/diag"

// File is one playbook, part, rehearsal or translation as it was written.
type File struct {
	Name  string // as given: a path, or a name in the shipped set
	Front Front
	Title []Inline // the # heading; nil when there is none
	Scene []Block  // what follows the title, up to the first step
	Steps []*Step
	Lines int // number of lines of the file
}

// Kind is what a file is for.
type Kind string

// The kinds of file.
const (
	Playbook  Kind = "playbook"
	Rehearsal Kind = "rehearsal"
	Part      Kind = "part"
)

// Front is the front matter. Keys that are absent are zero.
type Front struct {
	Pos        diag.Position // of the opening ---
	ID         Name
	Title      Name
	Summary    Name
	Owner      Name
	Review     Name // a date, 2006-01-02
	Kind       Kind // Playbook when absent
	KindPos    diag.Position
	Rehearses  Name
	Lang       Name // Text "en" when absent
	Translates Name
	Record     Name // Text "" when absent
	For        []Name
	Sources    []Name
	Given      []*FactDecl
	Facts      []*FactDecl
	Protected  []Name
	Rules      []*Rule
	Needs      Expr // nil when absent
	NeedsText  Name
	Keys       map[string]diag.Position // every key that is present, and where
}

// Name is a word or line of the file with its place.
type Name struct {
	Text string
	Pos  diag.Position
}

// FactDecl declares a fact with its domain.
type FactDecl struct {
	Name   Name
	Values []Name
	Ask    string // given: the question that settings ask
	Law    string // given: the law column that answers it
}

// Rule is a sentence of the front matter's rules. Sentence is nil when it
// could not be read (a problem has been told).
type Rule struct {
	Text     Name // as the file has it
	Sentence *Sentence
}

// Form is the form of a rule's sentence.
type Form string

// The forms of sentence.
const (
	Never         Form = "never"
	Before        Form = "before"
	LeadsTo       Form = "leads to"
	EveryEnd      Form = "every end has"
	EveryPathEnds Form = "every path ends"
	StaysPossible Form = "stays possible"
	NeutralAbout  Form = "neutral about"
)

// Sentence is a rule that has been read.
type Sentence struct {
	Form Form
	E, F Expr // F is nil where the sentence has none
	Fact Name // NeutralAbout
}

// Expr is an expression: one of *Or, *And, *Not, *Is, *Bare, *At, *Milestone,
// *Ended, *OutcomeIs.
type Expr interface {
	// Start is where the expression begins in the file.
	Start() diag.Position
	// String is the expression in its canonical spelling.
	String() string
}

type (
	// Or holds when X or Y does.
	Or struct{ X, Y Expr }
	// And holds when X and Y do.
	And struct{ X, Y Expr }
	// Not holds when X does not.
	Not struct {
		Pos diag.Position
		X   Expr
	}
	// Is compares a fact: `f is v`, `f is not v`, `f is one of (a, b)`,
	// `f is not one of (a, b)`.
	Is struct {
		Fact    Name
		Negated bool
		Values  []Name
		OneOf   bool // written with a list
	}
	// Bare is the name of a yes/no fact, meaning `is yes`.
	Bare struct{ Fact Name }
	// At holds at a step: an id or a quoted heading, in this file or in a part.
	At struct {
		Pos  diag.Position
		Step StepRef
	}
	// Milestone is `called ROLE`, `notified ROLE`, `recorded FIELD`, `handed ID`.
	Milestone struct {
		Pos  diag.Position
		Kind string // called, notified, recorded, handed
		Name Name
	}
	// Ended holds at every end.
	Ended struct{ Pos diag.Position }
	// OutcomeIs holds at the ends of one outcome (or one of several).
	OutcomeIs struct {
		Pos     diag.Position
		Negated bool
		Names   []Name
		OneOf   bool
	}
)

// StepRef names a step in an expression.
type StepRef struct {
	Part   Name // the part's id for `part/step`; Text "" otherwise
	Step   Name // the step's id, or its heading when Quoted
	Quoted bool
}

// Start implements Expr.
func (e *Or) Start() diag.Position        { return e.X.Start() }
func (e *And) Start() diag.Position       { return e.X.Start() } // Start implements Expr.
func (e *Not) Start() diag.Position       { return e.Pos }       // Start implements Expr.
func (e *Is) Start() diag.Position        { return e.Fact.Pos }  // Start implements Expr.
func (e *Bare) Start() diag.Position      { return e.Fact.Pos }  // Start implements Expr.
func (e *At) Start() diag.Position        { return e.Pos }       // Start implements Expr.
func (e *Milestone) Start() diag.Position { return e.Pos }       // Start implements Expr.
func (e *Ended) Start() diag.Position     { return e.Pos }       // Start implements Expr.
func (e *OutcomeIs) Start() diag.Position { return e.Pos }       // Start implements Expr.

// Step is one ## of the body.
type Step struct {
	ID       string // the slug of the heading, or the {#id} given
	Explicit bool   // the id was given as {#id}
	Heading  []Inline
	Pos      diag.Position // of the heading's ##
	Text     []Block       // the instruction, right under the heading
	Sections []*Section    // the ### blocks but Next, in the file's order
	Next     *Next         // nil when there is none
}

// SectionKind names a ### block, whatever the language it was written in.
type SectionKind string

// The blocks.
const (
	Say         SectionKind = "Say"
	Do          SectionKind = "Do"
	DoNot       SectionKind = "Do not"
	LookFor     SectionKind = "Look for"
	AskYourself SectionKind = "Ask yourself"
	TheySay     SectionKind = "They say"
	Why         SectionKind = "Why"
	NextBlock   SectionKind = "Next"
)

// Section is a ### block with its contents.
type Section struct {
	Kind   SectionKind
	Pos    diag.Position // of the ###
	Blocks []Block
}

// Next is the list of choices of a step.
type Next struct {
	Pos     diag.Position // of the ###
	Ordered bool          // numbered: the facts decide
	Choices []*Choice
}

// Choice is one item of a Next list.
type Choice struct {
	Pos       diag.Position // of the item's label (its opening bracket)
	Label     []Inline
	Target    Target
	Guard     Expr // nil without `if`
	GuardText Name // the code span's text after `if `
	Otherwise bool
	Assigns   []*Assign
	Unsent    bool     // `off the record`
	Feedback  []Inline // text after the code spans
	Ways      []*Way   // the ways back of a link to a part
}

// Assign is one `fact = value` of a choice.
type Assign struct {
	Fact, Value Name
}

// Way is a way back from a part: where to go when it ends with Outcome. Its
// Choice has the target, assignments and, for a part, its own Ways; the
// Choice's Label is the outcome's name.
type Way struct {
	Outcome Name
	Choice  *Choice
}

// TargetKind says what a choice's link leads to.
type TargetKind uint8

// The kinds of target. NoTarget stands where the link could not be read.
const (
	NoTarget TargetKind = iota
	ToStep
	ToEnd
	ToPart
)

// Target is what a choice's link leads to.
type Target struct {
	Kind  TargetKind
	Name  Name   // the step's id, the outcome, or the part's id
	File  string // ToPart: the file name as written
	Owner Name   // ToEnd: the role in the title, or ""
	Opens Name   // ToEnd: the id of the file in the title, or ""
	Good  bool   // ToEnd: the title marks the aim of a rehearsal
}

// LinkKind is the scheme of a link in a text.
type LinkKind string

// The schemes with a meaning. Anything else is an ordinary link (Web).
const (
	Call    LinkKind = "call"
	Notify  LinkKind = "notify"
	Record  LinkKind = "record"
	Timer   LinkKind = "timer"
	Policy  LinkKind = "policy"
	Law     LinkKind = "law"
	Handout LinkKind = "handout"
	Web     LinkKind = "web" // http(s), mailto, or a place in this file
)

// Link is a link in a text, read.
type Link struct {
	Kind     LinkKind
	Name     Name     // role, field, policy id, topic or handout id; for Web the address
	Clause   string   // Policy: after the #
	Type     string   // Record: text, number, date, time, choice, photo, inventory
	Options  []string // Record: of a choice
	Deadline bool     // Record: a date that is a deadline
	Seconds  int      // Timer
	Label    []Inline
}

// InlineKind is the kind of a piece of running text.
type InlineKind uint8

// The kinds of inline.
const (
	Text      InlineKind = iota // S
	Code                        // S
	Emph                        // Inner
	Strong                      // Inner
	Anchor                      // Link, whose Label is the text
	SoftBreak                   // a line's end in the source
	HardBreak
)

// Inline is a piece of running text.
type Inline struct {
	Kind  InlineKind
	S     string
	Inner []Inline
	Link  *Link
	Pos   diag.Position
	Dest  string // Anchor: the address as written
	Title string // Anchor: the title as written
}

// BlockKind is the kind of a block.
type BlockKind uint8

// The kinds of block.
const (
	Paragraph BlockKind = iota // Inlines
	Quote                      // Blocks
	List                       // Items
)

// Block is a paragraph, a quotation or a list.
type Block struct {
	Kind    BlockKind
	Pos     diag.Position
	Inlines []Inline
	Blocks  []Block
	Ordered bool
	Items   []Item
}

// Item is an item of a list.
type Item struct {
	Pos    diag.Position
	Tick   bool // - [ ]: ticked at the desk and recorded
	Blocks []Block
}
