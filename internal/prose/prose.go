// Package prose reads the texts that Roundtable ships in Markdown beside its
// playbooks: model policies, handouts and the agendas of staff sessions. Such
// a text has YAML front matter, one # title, and ## and ### sections.
//
// It finds the sections and leaves what is in them as Markdown. It reads line
// by line, so that time and memory grow with the text's length and nothing
// else; headings are written with # at the start of a line, never underlined.
package prose

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// MaxBytes is the largest text that is read.
const MaxBytes = 128 << 10

// Text is one text, cut into its sections.
type Text struct {
	File     string
	Title    string
	Lead     string // what stands between the title and the first section
	Sections []Section
}

// Section is a heading with what stands under it, up to the next heading.
type Section struct {
	Level   int    // 2 or 3, the number of #
	ID      string // the {#id} given, or the slug of the heading
	Heading string // without the {#id}
	Body    string // Markdown, without blank lines at either end
	Pos     diag.Position
}

// Section returns the ## section of that id.
func (t Text) Section(id string) (Section, bool) {
	for _, s := range t.Sections {
		if s.Level == 2 && s.ID == id {
			return s, true
		}
	}
	return Section{}, false
}

// Parse reads a text and decodes its front matter into front, a pointer to a
// struct with yaml tags; a key that the struct lacks is a problem. What can be
// read is returned whatever is told.
func Parse(file string, src []byte, front any) (Text, []diag.Problem) {
	p := &parser{text: Text{File: file}}
	switch {
	case len(src) > MaxBytes:
		p.tell(1, "this text is larger than %d bytes", MaxBytes)
		return p.text, p.problems
	case !utf8.Valid(src):
		p.tell(1, "this text is not UTF-8")
		return p.text, p.problems
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	lines := strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
	body := p.front(lines, front)
	p.body(lines, body)
	p.ids()
	return p.text, p.problems
}

type parser struct {
	text     Text
	problems []diag.Problem
}

func (p *parser) tell(line int, format string, args ...any) {
	pos := diag.Position{Line: max(line, 1), Column: 1}
	p.problems = append(p.problems, diag.New(p.text.File, pos, diag.Syntax, format, args...))
}

// front decodes the front matter and returns the index of the line after it.
func (p *parser) front(lines []string, front any) int {
	if strings.TrimRight(lines[0], " ") != "---" {
		p.tell(1, "this text has no front matter: its first line is not ---")
		return 0
	}
	for i := 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], " ") == "---" {
			p.decode(strings.Join(lines[1:i], "\n"), front)
			return i + 1
		}
	}
	p.tell(1, "the front matter has no closing ---")
	return len(lines)
}

func (p *parser) decode(source string, front any) {
	if strings.TrimSpace(source) == "" {
		p.tell(1, "the front matter is empty")
		return
	}
	err := yaml.Load([]byte(source), front, yaml.WithKnownFields())
	if err == nil {
		return
	}
	if e, ok := errors.AsType[*yaml.LoadError](err); ok && e.Mark.Line > 0 {
		p.tell(e.Mark.Line+1, "the front matter cannot be read: %s", e.Message) // +1 for the opening ---
		return
	}
	p.tell(1, "the front matter cannot be read: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
}

// body cuts the lines from index start on into title, lead and sections.
func (p *parser) body(lines []string, start int) {
	var under []string // the lines under the heading that was read last
	titled := false
	fence := ""
	for i := start; i < len(lines); i++ {
		line := lines[i]
		if fence = fenced(line, fence); fence != "" {
			under = append(under, line)
			continue
		}
		level, heading := headingOf(line)
		switch {
		case level == 1 && titled:
			p.tell(i+1, "there are two # titles; use ## for a section")
		case level == 1:
			titled = true
			p.text.Title = heading
			under = nil
		case level == 2 || level == 3:
			p.close(under)
			under = nil
			p.open(level, heading, i+1)
		default:
			under = append(under, line)
		}
	}
	p.close(under)
	if !titled {
		p.tell(start+1, "there is no # title")
	}
}

// close gives the lines under the last heading to whom they belong.
func (p *parser) close(under []string) {
	body := strings.Trim(strings.Join(under, "\n"), "\n \t")
	if n := len(p.text.Sections); n > 0 {
		p.text.Sections[n-1].Body = body
	} else {
		p.text.Lead = body
	}
}

var explicitID = regexp.MustCompile(`^(.*?)\s*\{#([A-Za-z0-9_-]+)\}$`)

func (p *parser) open(level int, heading string, line int) {
	s := Section{Level: level, Heading: heading, ID: syntax.Slug(heading), Pos: diag.Position{Line: line, Column: 1}}
	if m := explicitID.FindStringSubmatch(heading); m != nil {
		s.Heading, s.ID = m[1], m[2]
	}
	if level == 3 && len(p.text.Sections) == 0 {
		p.tell(line, "the ### section %q stands before any ## section", s.Heading)
	}
	p.text.Sections = append(p.text.Sections, s)
}

// ids tells two ## sections of one id. ### sections may repeat: each belongs
// to the ## section above it.
func (p *parser) ids() {
	first := map[string]int{}
	for _, s := range p.text.Sections {
		if s.Level != 2 {
			continue
		}
		if line, taken := first[s.ID]; taken {
			p.tell(s.Pos.Line, "two sections have the id %q; the first stands on line %d", s.ID, line)
			continue
		}
		first[s.ID] = s.Pos.Line
	}
}

// fenced returns the fence that is open after a line: "" outside code blocks.
func fenced(line, fence string) string {
	trimmed := strings.TrimLeft(line, " ")
	for _, mark := range []string{"```", "~~~"} {
		if !strings.HasPrefix(trimmed, mark) {
			continue
		}
		if fence == "" {
			return mark
		}
		if fence == mark {
			return ""
		}
	}
	return fence
}

// headingOf returns the level of a # heading and its text, or 0.
func headingOf(line string) (level int, heading string) {
	rest := strings.TrimLeft(line, "#")
	level = len(line) - len(rest)
	if level == 0 || level > 3 || !strings.HasPrefix(rest, " ") {
		return 0, ""
	}
	heading = strings.TrimSpace(rest)
	if trimmed := strings.TrimRight(heading, "#"); trimmed == "" || strings.HasSuffix(trimmed, " ") {
		heading = strings.TrimSpace(trimmed) // a closing run of #
	}
	return level, heading
}

// Items returns the items of the bulleted lists of a section, in order. Lines
// that go on with an item are joined to it; other text is left out.
func Items(body string) []string {
	var items []string
	open := false
	for line := range strings.SplitSeq(body, "\n") {
		text := strings.TrimSpace(line)
		item, isItem := strings.CutPrefix(text, "- ")
		switch {
		case isItem:
			items = append(items, strings.TrimSpace(item))
			open = true
		case text == "" || text[0] == '>':
			open = false
		case open:
			items[len(items)-1] += " " + text
		}
	}
	return items
}

// Quoted cuts a section into what is quoted (lines that begin with >) and the
// rest.
func Quoted(body string) (quote, rest string) {
	var q, r []string
	for line := range strings.SplitSeq(body, "\n") {
		if text, ok := strings.CutPrefix(line, ">"); ok {
			q = append(q, strings.TrimSpace(text))
		} else {
			r = append(r, line)
		}
	}
	return strings.Trim(strings.Join(q, "\n"), "\n "), strings.Trim(strings.Join(r, "\n"), "\n ")
}
