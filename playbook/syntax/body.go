package syntax

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"roundtable/playbook/diag"
)

// englishBlocks are the names of the ### blocks, accepted in any language.
var englishBlocks = []SectionKind{Say, Do, DoNot, LookFor, AskYourself, TheySay, Why, NextBlock}

// spanishBlocks are the names of the same blocks in Spanish, in the same order.
var spanishBlocks = []string{"Di", "Haz", "No hagas", "Fíjate", "Pregúntate", "Dicen", "Por qué", "Sigue"}

// BlockNames are the names of the ### blocks in a language, in the order of
// the definition: Spanish has its own, every other language the English ones.
func BlockNames(lang string) []string {
	if isSpanish(lang) {
		return append([]string(nil), spanishBlocks...)
	}
	names := make([]string, len(englishBlocks))
	for i, kind := range englishBlocks {
		names[i] = string(kind)
	}
	return names
}

// BlockName is the name of one kind of block in a language.
func BlockName(kind SectionKind, lang string) string {
	for i, k := range englishBlocks {
		if k == kind {
			return BlockNames(lang)[i]
		}
	}
	return string(kind)
}

func isSpanish(lang string) bool {
	primary, _, _ := strings.Cut(lang, "-")
	return strings.EqualFold(primary, "es")
}

// bodyParser reads the body. What it reads goes to the step and block that
// were opened last.
type bodyParser struct {
	*parser
	base    int // the body's first byte in the file
	start   diag.Position
	text    []byte
	links   *linkList
	titled  bool // the # heading has been read
	step    *Step
	section *Section // the open ### block but Next; nil in a step's instruction
	inNext  bool
	skip    bool // under a heading that cannot be read
}

// body = { heading | block | next } .
func (p *parser) body(line int) {
	b := &bodyParser{parser: p, base: len(p.src.text), start: diag.Position{Line: min(line+1, len(p.src.lines)), Column: 1}}
	if line < len(p.src.lines) {
		b.base = p.src.lines[line]
	}
	b.text = p.src.text[b.base:]
	root, links, err := parseMarkdown(b.text)
	if err != nil {
		p.errorf(b.start, "%v", err)
		return
	}
	b.links = links
	for n := root.FirstChild(); n != nil && !p.enough(); n = n.NextSibling() {
		b.topLevel(n)
	}
	b.finish()
}

// finish tells about what a body must have and this one lacks.
func (b *bodyParser) finish() {
	switch {
	case !b.titled && b.step == nil:
		b.errorf(b.start, "there is no text: write a # heading, and a ## heading for each step")
	case !b.titled:
		b.errorf(b.start, "there is no title: write it after the front matter as a # heading")
	case b.step == nil:
		b.errorf(b.start, "there is no step: write a ## heading for each step")
	}
}

// pos is the place of an offset into the body.
func (b *bodyParser) pos(offset int) diag.Position { return b.src.pos(b.base + offset) }

func (b *bodyParser) topLevel(n ast.Node) {
	if h, ok := n.(*ast.Heading); ok {
		b.heading(h)
		return
	}
	if b.skip {
		return
	}
	switch {
	case b.inNext:
		b.next(n)
	case b.section != nil:
		b.section.Blocks = b.appendBlock(b.section.Blocks, n, rulesOf(b.section.Kind), 0)
	case b.step != nil:
		b.step.Text = b.appendBlock(b.step.Text, n, textRules, 0)
	case !b.titled:
		if blockNoun(n) == "" {
			b.errorf(b.nodePos(n), "the title comes first: write it above this as a # heading")
		}
		b.file.Scene = b.appendBlock(b.file.Scene, n, sceneRules, 0)
	default:
		b.file.Scene = b.appendBlock(b.file.Scene, n, sceneRules, 0)
	}
}

// heading = titleHeading | stepHeading | blockHeading .
func (b *bodyParser) heading(h *ast.Heading) {
	b.skip = false
	switch h.Level {
	case 1:
		b.titleHeading(h)
	case 2:
		b.stepHeading(h)
	case 3:
		b.blockHeading(h)
	default:
		b.errorf(b.nodePos(h), "headings end at ###: make this a bold line or a list item")
	}
}

// titleHeading = "#" inlines .
func (b *bodyParser) titleHeading(h *ast.Heading) {
	switch {
	case b.titled:
		b.errorf(b.nodePos(h), "there is one # heading, the title: a step begins with ##")
		return
	case b.step != nil:
		b.errorf(b.nodePos(h), "the # heading, the title, comes before the first step")
	}
	b.titled = true
	b.file.Title = b.headingText(h)
	if len(b.file.Title) == 0 {
		b.errorf(b.nodePos(h), "this heading has no words")
	}
}

// headingID is the {#id} at the end of a heading.
var headingID = regexp.MustCompile(`(^|[^\\])\{#([^{}]*)\}$`)

// stepHeading = "##" inlines [ "{#" ID "}" ] .
func (b *bodyParser) stepHeading(h *ast.Heading) {
	s := &Step{Pos: b.nodePos(h)}
	raw, given, explicit := b.cutHeadingID(h)
	s.Heading = b.headingText(h)
	words := PlainText(s.Heading)
	s.ID = Slug(words)
	switch {
	case words == "":
		b.errorf(s.Pos, "this heading has no words: a step's heading is the one thing to do")
	case explicit:
		s.ID, s.Explicit = given, true
		if !isSlug(given) {
			b.errorf(b.pos(raw), "%q cannot be the id of a step: ids are letters, digits, - and _", clip(given))
		}
	case s.ID == "":
		b.errorf(s.Pos, "this heading has no letters to make an id of: write some words")
	}
	b.file.Steps = append(b.file.Steps, s)
	b.step, b.section, b.inNext = s, nil, false
}

// cutHeadingID takes the {#id} off the heading's last text, and tells where
// the id stands.
func (b *bodyParser) cutHeadingID(h *ast.Heading) (offset int, id string, found bool) {
	last, ok := h.LastChild().(*ast.Text)
	if !ok {
		return 0, "", false
	}
	// Marks of emphasis within the id cut the text into several nodes.
	first := last
	for {
		before, ok := first.PreviousSibling().(*ast.Text)
		if !ok || before.Segment.Stop != first.Segment.Start {
			break
		}
		first = before
	}
	raw := b.text[first.Segment.Start:last.Segment.Stop]
	if !bytes.HasSuffix(raw, []byte("}")) {
		return 0, "", false
	}
	m := headingID.FindSubmatchIndex(raw)
	if m == nil {
		return 0, "", false
	}
	id = string(raw[m[4]:m[5]])
	stop := first.Segment.Start + len(strings.TrimRight(string(raw[:m[3]]), " \t"))
	for n := last; n != nil && n.Segment.Stop > stop; {
		before, _ := n.PreviousSibling().(*ast.Text)
		if n.Segment.Start < stop {
			n.Segment.Stop = stop
			break
		}
		h.RemoveChild(h, n)
		n = before
	}
	return first.Segment.Start + m[4], id, true
}

// headingText is a heading's words in one line; it has no links.
func (b *bodyParser) headingText(h *ast.Heading) []Inline {
	inlines := b.inlines(h.FirstChild(), headingRules, 0)
	for i := range inlines {
		if inlines[i].Kind == SoftBreak || inlines[i].Kind == HardBreak {
			inlines[i] = Inline{Kind: Text, S: " ", Pos: inlines[i].Pos}
		}
	}
	return appendInline(nil, inlines...)
}

// blockHeading = "###" BLOCK .
func (b *bodyParser) blockHeading(h *ast.Heading) {
	pos := b.nodePos(h)
	if b.step == nil {
		b.errorf(pos, "a ### block belongs to a step: write the step's ## heading above it")
		b.skip = true
		return
	}
	name := PlainText(b.headingText(h))
	kind, known := b.blockKind(name)
	if !known {
		kind = b.unknownBlock(name, pos)
		if kind == "" || b.hasBlock(kind) {
			b.skip = true
			return
		}
	}
	if b.hasBlock(kind) {
		b.errorf(pos, "this step has a second %q: put both under one heading", name)
		b.skip = true
		return
	}
	b.openBlock(kind, pos)
}

func (b *bodyParser) openBlock(kind SectionKind, pos diag.Position) {
	if kind == NextBlock {
		b.step.Next = &Next{Pos: pos}
		b.section, b.inNext = nil, true
		return
	}
	b.section, b.inNext = &Section{Kind: kind, Pos: pos}, false
	b.step.Sections = append(b.step.Sections, b.section)
}

func (b *bodyParser) hasBlock(kind SectionKind) bool {
	if kind == NextBlock {
		return b.step.Next != nil
	}
	return b.step.Section(kind) != nil
}

// blockKind is the block that has the name in the file's language.
func (b *bodyParser) blockKind(name string) (SectionKind, bool) {
	for i, kind := range englishBlocks {
		if name == string(kind) || name == spanishBlocks[i] && isSpanish(b.file.Front.Lang.Text) {
			return kind, true
		}
	}
	return "", false
}

// unknownBlock tells about a block that does not exist and returns the one
// that was probably meant, as which it is read.
func (b *bodyParser) unknownBlock(name string, pos diag.Position) SectionKind {
	for i, spanish := range spanishBlocks {
		if name == spanish {
			b.report(diag.New("", pos, diag.UnknownBlock, "the block %q is for files with lang: es; did you mean %q?", name, englishBlocks[i]))
			return englishBlocks[i]
		}
	}
	names := BlockNames("en")
	if isSpanish(b.file.Front.Lang.Text) {
		names = append(BlockNames("es"), names...)
	}
	near := diag.Nearest(name, names)
	for _, known := range names {
		if strings.EqualFold(known, strings.TrimRight(name, ".:!? ")) {
			near = known
		}
	}
	if near == "" {
		b.report(diag.New("", pos, diag.UnknownBlock, "there is no block %q: there are %s", clip(name), oneOf(names[:len(englishBlocks)])))
		return ""
	}
	b.report(diag.New("", pos, diag.UnknownBlock, "there is no block %q; did you mean %q?", clip(name), near))
	kind, _ := b.blockKind(near)
	return kind
}
