// Package workshop holds what staff do together: so far the agendas of staff
// sessions, each with its parts, the statements that people answer, and cards
// to talk about.
//
// It reads the agendas that come with Roundtable. It runs no session and
// counts no votes.
package workshop

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"roundtable/internal/prose"
	"roundtable/playbook/diag"
)

//go:embed agenda/*.md
var shipped embed.FS

// Agenda is the plan of one session.
type Agenda struct {
	ID          string
	Title       string
	Minutes     int
	For         []string // roles
	Sources     []string
	Aim         string // Markdown
	GroundRules []string
	Parts       []Part
	Statements  []string // to agree with, disagree with or pass
	Cards       []Card
}

// Part is one stretch of a session.
type Part struct {
	Title   string
	Minutes int
	Text    string // Markdown
}

// Card is something to talk about: a line of the notes, or a small scene.
type Card struct {
	ID    string // the slug of its heading, as `agenda.md#ID` links name it
	Title string
	Quote string // of the notes, without marks of quotation; may be empty
	Text  string // Markdown; may be empty
	Talk  []string
	Why   string // Markdown: why the card is here
}

// Card returns the card of that id.
func (a Agenda) Card(id string) (Card, bool) {
	for _, c := range a.Cards {
		if c.ID == id {
			return c, true
		}
	}
	return Card{}, false
}

// front is an agenda's front matter.
type front struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	Minutes int      `yaml:"minutes"`
	For     []string `yaml:"for"`
	Sources []string `yaml:"sources"`
}

var (
	idForm    = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	partTitle = regexp.MustCompile(`^Part: (.+) \((\d{1,3}) minutes?\)$`)
)

// Parse reads an agenda. Its ## sections are Aim, Ground rules, Statements,
// any number of "Part: NAME (N minutes)" and of "Card: NAME"; a card has ###
// sections "Talk about" and "Why it is here". What can be read is returned
// whatever is told.
func Parse(file string, src []byte) (Agenda, []diag.Problem) {
	var f front
	text, problems := prose.Parse(file, src, &f)
	p := &parser{
		file: file, problems: problems,
		agenda: Agenda{ID: f.ID, Title: f.Title, Minutes: f.Minutes, For: f.For, Sources: f.Sources},
	}
	for _, s := range text.Sections {
		if s.Level == 3 {
			p.underCard(s)
			continue
		}
		p.closeCard()
		p.section(s)
	}
	p.closeCard()
	p.whole()
	diag.Sort(p.problems)
	return p.agenda, p.problems
}

type parser struct {
	file     string
	agenda   Agenda
	open     *Card         // the card whose ### sections are being read, or nil
	openPos  diag.Position // where it stands
	problems []diag.Problem
}

func (p *parser) tell(pos diag.Position, format string, args ...any) {
	p.problems = append(p.problems, diag.New(p.file, pos, diag.Syntax, format, args...))
}

// section puts one ## section where it belongs.
func (p *parser) section(s prose.Section) {
	switch {
	case s.Heading == "Aim":
		p.agenda.Aim = s.Body
	case s.Heading == "Ground rules":
		p.agenda.GroundRules = prose.Items(s.Body)
	case s.Heading == "Statements":
		p.agenda.Statements = prose.Items(s.Body)
	case strings.HasPrefix(s.Heading, "Card: "):
		p.card(s)
	case strings.HasPrefix(s.Heading, "Part: "):
		p.part(s)
	default:
		p.tell(s.Pos, "there is no section %q in an agenda; it may be Aim, Ground rules, Statements, Part: … or Card: …", s.Heading)
	}
}

func (p *parser) part(s prose.Section) {
	m := partTitle.FindStringSubmatch(s.Heading)
	if m == nil {
		p.tell(s.Pos, "%q does not end with its minutes, such as (10 minutes)", s.Heading)
		return
	}
	minutes, err := strconv.Atoi(m[2])
	if err != nil || minutes == 0 {
		p.tell(s.Pos, "%q takes no time", s.Heading)
	}
	p.agenda.Parts = append(p.agenda.Parts, Part{Title: m[1], Minutes: minutes, Text: s.Body})
}

// card opens a card; its ### sections follow.
func (p *parser) card(s prose.Section) {
	c := Card{ID: s.ID, Title: strings.TrimPrefix(s.Heading, "Card: ")}
	quote, rest := prose.Quoted(s.Body)
	c.Quote, c.Text = strings.Trim(quote, `"“” `), rest
	p.open, p.openPos = &c, s.Pos
}

func (p *parser) underCard(s prose.Section) {
	switch {
	case p.open == nil:
		p.tell(s.Pos, "the section %q does not stand under a card", s.Heading)
	case s.Heading == "Talk about":
		p.open.Talk = prose.Items(s.Body)
	case s.Heading == "Why it is here":
		p.open.Why = s.Body
	default:
		p.tell(s.Pos, "there is no section %q in a card; it may be Talk about or Why it is here", s.Heading)
	}
}

// closeCard checks the open card and puts it with the others.
func (p *parser) closeCard() {
	c := p.open
	if c == nil {
		return
	}
	p.open = nil
	if c.Quote == "" && c.Text == "" {
		p.tell(p.openPos, "the card %q shows nothing", c.Title)
	}
	if len(c.Talk) == 0 || c.Why == "" {
		p.tell(p.openPos, "the card %q lacks Talk about or Why it is here", c.Title)
	}
	p.agenda.Cards = append(p.agenda.Cards, *c)
}

// whole tells what is missing in the agenda as a whole.
func (p *parser) whole() {
	a := p.agenda
	start := diag.Position{Line: 1, Column: 1}
	if !idForm.MatchString(a.ID) || a.ID+".md" != path.Base(p.file) {
		p.tell(start, "the id %q is not the file's name without .md, in small letters", a.ID)
	}
	sum := 0
	for _, part := range a.Parts {
		sum += part.Minutes
	}
	if a.Minutes <= 0 || sum != a.Minutes {
		p.tell(start, "the parts take %d minutes and the session %d", sum, a.Minutes)
	}
	for _, need := range []struct {
		name    string
		missing bool
	}{
		{"title", strings.TrimSpace(a.Title) == ""},
		{"for", len(a.For) == 0},
		{"sources", len(a.Sources) == 0},
		{"Aim", a.Aim == ""},
		{"Ground rules", len(a.GroundRules) == 0},
		{"Statements", len(a.Statements) == 0},
		{"Card", len(a.Cards) == 0},
	} {
		if need.missing {
			p.tell(start, "the agenda has no %s", need.name)
		}
	}
}

type loaded struct {
	agendas []Agenda
	err     error
}

var load = sync.OnceValue(func() loaded {
	agendas, err := loadFrom(shipped)
	return loaded{agendas, err}
})

// Agendas returns the agendas that come with Roundtable, by id. The error
// joins what is wrong with them.
func Agendas() ([]Agenda, error) {
	l := load()
	return slices.Clone(l.agendas), l.err
}

func loadFrom(fsys fs.FS) ([]Agenda, error) {
	return prose.Folder(fsys, "agenda/*.md", Parse)
}
