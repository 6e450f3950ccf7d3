// Package words holds what a playbook says, by step number of its Program, as
// data: what stands beside the Program in one language. It is made once, when a
// version is adopted, and kept with it; pages and the device without a network
// show it. It holds nothing of any case, and no positions in files.
package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"roundtable/playbook/automaton"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// Version is the version of the JSON form.
const Version = 1

// Sheet is the words of one Program in one language.
type Sheet struct {
	Version int     `json:"version"`
	Lang    string  `json:"lang"`
	Title   string  `json:"title"`
	Summary string  `json:"summary,omitempty"`
	Review  string  `json:"review,omitempty"` // the date by which somebody looks at it again, 2006-01-02
	Given   []Given `json:"given,omitempty"`  // what the library's settings answer
	Scene   []Block `json:"scene,omitempty"`  // what stands before the first step
	Steps   []Step  `json:"steps"`            // one for each step of the Program
}

// Given is a fact that the library's settings, or the law of its place, answer.
type Given struct {
	Fact string `json:"fact"`
	Ask  string `json:"ask,omitempty"` // the question that settings ask
	Law  string `json:"law,omitempty"` // the column of the law data that answers it
}

// Step is what a step says.
type Step struct {
	ID       string    `json:"id"` // "step", or "part/step" in a copy of a part
	Heading  string    `json:"heading"`
	Lang     string    `json:"lang,omitempty"` // where the words are in another language than the sheet's
	Text     []Block   `json:"text,omitempty"`
	Sections []Section `json:"sections,omitempty"` // in the order in which they are read
	Choices  []Choice  `json:"choices"`            // one for each choice of the Program's step
}

// Section is one block of a step, such as what to say.
type Section struct {
	Kind   string  `json:"kind"` // as the language names it in English: "Say", "Do", "Why"
	Name   string  `json:"name"` // as the sheet's language names it
	Blocks []Block `json:"blocks"`
}

// Choice is the words of one choice.
type Choice struct {
	Label    string `json:"label"`
	Feedback string `json:"feedback,omitempty"` // of a rehearsal: what the choice was worth
}

// Block is a paragraph, a quotation or a list.
type Block struct {
	Spans   []Span  `json:"spans,omitempty"`   // of a paragraph
	Quote   []Block `json:"quote,omitempty"`   // of a quotation
	Items   []Item  `json:"items,omitempty"`   // of a list
	Ordered bool    `json:"ordered,omitempty"` // of a list
}

// Item is an item of a list. Tick is its number among the items of its step that
// are ticked, from 1; 0 if it is not ticked.
type Item struct {
	Tick   int     `json:"tick,omitempty"`
	Blocks []Block `json:"blocks"`
}

// Span is a piece of running text.
type Span struct {
	Text   string `json:"text,omitempty"`
	Strong bool   `json:"strong,omitempty"`
	Emph   bool   `json:"emph,omitempty"`
	Break  bool   `json:"break,omitempty"` // a line ends here
	Link   *Link  `json:"link,omitempty"`
}

// Link is what a piece of text leads to, or asks for.
type Link struct {
	Kind     string   `json:"kind"` // call, notify, record, timer, policy, law, handout, web
	Name     string   `json:"name"` // the role, field, policy, topic, handout or address
	Clause   string   `json:"clause,omitempty"`
	Type     string   `json:"type,omitempty"` // record: of the field
	Options  []string `json:"options,omitempty"`
	Deadline bool     `json:"deadline,omitempty"`
	Seconds  int      `json:"seconds,omitempty"`
}

// order is the order in which a step's sections are read, whatever the file's.
var order = []syntax.SectionKind{syntax.TheySay, syntax.Say, syntax.Do, syntax.DoNot, syntax.LookFor, syntax.AskYourself, syntax.Why}

// Of returns the words of a compiled playbook.
func Of(c *resolve.Compiled) *Sheet {
	lang := language(c.File)
	title := c.File.Front.Title.Text
	if title == "" {
		title = syntax.PlainText(c.File.Title)
	}
	s := &Sheet{
		Version: Version, Lang: lang, Title: title, Summary: c.File.Front.Summary.Text,
		Review: c.File.Front.Review.Text, Scene: (&writer{}).blocks(c.File.Scene),
	}
	s.Given = givenOf(c)
	for i := range c.Places {
		s.Steps = append(s.Steps, stepOf(&c.Places[i], len(c.Program.Steps[i].Choices), lang))
	}
	return s
}

// givenOf lists the given facts that the Program has, each once, in the order of
// the files in which they are declared.
func givenOf(c *resolve.Compiled) []Given {
	has, told := map[string]bool{}, map[string]bool{}
	for _, f := range c.Program.Facts {
		if f.Kind == automaton.Given {
			has[f.Name] = true
		}
	}
	var list []Given
	for i := range c.Places {
		for _, d := range c.Places[i].File.Front.Given {
			if has[d.Name.Text] && !told[d.Name.Text] {
				told[d.Name.Text] = true
				list = append(list, Given{d.Name.Text, d.Ask, d.Law})
			}
		}
	}
	return list
}

func language(f *syntax.File) string {
	if f.Front.Lang.Text == "" {
		return "en"
	}
	return f.Front.Lang.Text
}

func stepOf(p *resolve.Place, choices int, lang string) Step {
	var w writer
	out := Step{ID: p.ID, Heading: syntax.PlainText(p.Step.Heading), Text: w.blocks(p.Step.Text)}
	if own := language(p.File); own != lang {
		out.Lang = own
	}
	// Ticks are numbered in the file's order, as events name them; the sections
	// are put in the order of reading afterwards.
	made := map[syntax.SectionKind]Section{}
	for _, section := range p.Step.Sections {
		made[section.Kind] = Section{Kind: string(section.Kind), Name: syntax.BlockName(section.Kind, language(p.File)), Blocks: w.blocks(section.Blocks)}
	}
	for _, kind := range order {
		if section, ok := made[kind]; ok {
			out.Sections = append(out.Sections, section)
		}
	}
	for i := range choices {
		c := p.Choice(i)
		out.Choices = append(out.Choices, Choice{Label: syntax.PlainText(c.Label), Feedback: syntax.PlainText(c.Feedback)})
	}
	return out
}

// writer counts the ticked items of a step as it goes.
type writer struct{ ticks int }

func (w *writer) blocks(list []syntax.Block) []Block {
	var out []Block
	for i := range list {
		b := &list[i]
		switch b.Kind {
		case syntax.Paragraph:
			out = append(out, Block{Spans: spans(b.Inlines, Span{})})
		case syntax.Quote:
			out = append(out, Block{Quote: w.blocks(b.Blocks)})
		case syntax.List:
			out = append(out, Block{Items: w.items(b.Items), Ordered: b.Ordered})
		}
	}
	return out
}

func (w *writer) items(list []syntax.Item) []Item {
	items := make([]Item, len(list))
	for i := range list {
		if list[i].Tick {
			w.ticks++
			items[i].Tick = w.ticks
		}
		items[i].Blocks = w.blocks(list[i].Blocks)
	}
	return items
}

func spans(list []syntax.Inline, style Span) []Span {
	var out []Span
	for i := range list {
		in, span := &list[i], style
		switch in.Kind {
		case syntax.Emph:
			span.Emph = true
			out = append(out, spans(in.Inner, span)...)
			continue
		case syntax.Strong:
			span.Strong = true
			out = append(out, spans(in.Inner, span)...)
			continue
		case syntax.SoftBreak:
			span.Text = " "
		case syntax.HardBreak:
			span = Span{Break: true}
		case syntax.Anchor:
			span.Text, span.Link = syntax.PlainText(in.Link.Label), linkOf(in.Link)
		default:
			span.Text = in.S
		}
		out = append(out, span)
	}
	return out
}

func linkOf(l *syntax.Link) *Link {
	return &Link{
		Kind: string(l.Kind), Name: l.Name.Text, Clause: l.Clause, Type: l.Type,
		Options: slices.Clone(l.Options), Deadline: l.Deadline, Seconds: l.Seconds,
	}
}

// Parse reads a sheet's JSON form and checks it against the number of choices of
// each step of its Program.
func Parse(data []byte, choices []int) (*Sheet, error) {
	var s Sheet
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read a playbook's words: %w", err)
	}
	if s.Version != Version {
		return nil, fmt.Errorf("a playbook's words are of version %d, and this program reads version %d", s.Version, Version)
	}
	if len(s.Steps) != len(choices) {
		return nil, errors.New("a playbook's words are not of this Program: it has another number of steps")
	}
	for i, n := range choices {
		if len(s.Steps[i].Choices) != n {
			return nil, fmt.Errorf("a playbook's words are not of this Program: step %d has another number of choices", i+1)
		}
	}
	return &s, nil
}

// Marshal writes the sheet's JSON form: the same sheet gives the same bytes.
func (s *Sheet) Marshal() ([]byte, error) { return json.Marshal(s) }

// Each calls do for every block of the step, also within others, in the order of
// reading.
func (s *Step) Each(do func(Block)) {
	each(s.Text, do)
	for _, section := range s.Sections {
		each(section.Blocks, do)
	}
}

func each(blocks []Block, do func(Block)) {
	for _, b := range blocks {
		do(b)
		each(b.Quote, do)
		for _, item := range b.Items {
			each(item.Blocks, do)
		}
	}
}
