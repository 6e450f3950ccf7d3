package syntax

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"

	"roundtable/playbook/diag"
)

// rules say what may stand in a place.
type rules struct {
	name    string // of the place, for messages
	words   bool   // paragraphs and lists
	quotes  bool
	ticks   bool // - [ ]
	effects bool // links that do something: call, notify, record, timer, handout
	links   bool // links at all
}

var (
	sceneRules    = rules{name: "the scene", words: true, quotes: true, links: true}
	textRules     = rules{name: "a step's text", words: true, quotes: true, ticks: true, effects: true, links: true}
	headingRules  = rules{name: "a heading"}
	feedbackRules = rules{name: "a choice's feedback", links: true}
	quoteRules    = rules{name: "a quotation", words: true, effects: true, links: true}
	sceneQuotes   = rules{name: "a quotation of the scene", words: true, links: true}
)

// rulesOf are the rules of a ### block.
func rulesOf(kind SectionKind) rules {
	r := rules{name: string(kind), effects: true, links: true}
	if kind == Say || kind == TheySay {
		r.quotes = true
	} else {
		r.words, r.ticks = true, true
	}
	return r
}

// inQuote are the rules within a quotation in this place.
func (r rules) inQuote() rules {
	if r.effects {
		return quoteRules
	}
	return sceneQuotes
}

// nodePos is where a node begins.
func (b *bodyParser) nodePos(n ast.Node) diag.Position {
	offset := n.Pos()
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock, *ast.CodeBlock:
		if n.Lines().Len() > 0 {
			offset = n.Lines().At(0).Start
		}
	}
	return b.pos(max(0, offset))
}

// appendBlock reads a block and appends it to those before it. Lists of one
// kind that follow each other are one list.
func (b *bodyParser) appendBlock(blocks []Block, n ast.Node, r rules, depth int) []Block {
	block, ok := b.block(n, r, depth)
	if !ok {
		return blocks
	}
	if last := len(blocks) - 1; last >= 0 && block.Kind == List && blocks[last].Kind == List && blocks[last].Ordered == block.Ordered {
		blocks[last].Items = append(blocks[last].Items, block.Items...)
		return blocks
	}
	return append(blocks, block)
}

// block = inlines | quote | list .
func (b *bodyParser) block(n ast.Node, r rules, depth int) (Block, bool) {
	pos := b.nodePos(n)
	if depth > maxDepth {
		b.errorf(pos, "lists or quotations are nested deeper than %d levels here", maxDepth)
		return Block{}, false
	}
	if noun := blockNoun(n); noun != "" {
		b.errorf(pos, "%s cannot stand in a playbook: %s", noun, blockAdvice[noun])
		return Block{}, false
	}
	switch n := n.(type) {
	case *ast.Blockquote:
		return b.quote(n, r, depth)
	case *ast.List:
		return b.list(n, r, depth)
	}
	if !r.words {
		b.errorf(pos, "the words of %s stand in quotations: begin this line with >", r.name)
	}
	b.checkTable(n)
	b.checkDefinition(n)
	inlines := b.inlines(n.FirstChild(), r, 0)
	return Block{Kind: Paragraph, Pos: pos, Inlines: inlines}, len(inlines) > 0
}

// The nouns of blocks that have no place in a playbook, with what to do.
var blockAdvice = map[string]string{
	"a line across the page":           "leave it out",
	"code":                             "is this line indented by four spaces or more? Begin it further left",
	"a block of code":                  "write it as plain words",
	"HTML":                             "write it as plain words, and leave out comments",
	"a heading in a list or quotation": "make it a bold line",
}

// blockNoun is what a block is called that has no place in a playbook, or "".
func blockNoun(n ast.Node) string {
	switch n.(type) {
	case *ast.ThematicBreak:
		return "a line across the page"
	case *ast.CodeBlock:
		return "code"
	case *ast.FencedCodeBlock:
		return "a block of code"
	case *ast.HTMLBlock:
		return "HTML"
	case *ast.Heading:
		return "a heading in a list or quotation"
	}
	return ""
}

// quote = ">" { block } .
func (b *bodyParser) quote(n *ast.Blockquote, r rules, depth int) (Block, bool) {
	q := Block{Kind: Quote, Pos: b.nodePos(n)}
	if !r.quotes {
		b.errorf(q.Pos, "a quotation cannot stand in %s: words to say aloud stand under Say", r.name)
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		q.Blocks = b.appendBlock(q.Blocks, c, r.inQuote(), depth+1)
	}
	if n.FirstChild() == nil {
		b.errorf(q.Pos, "there are no words after this >")
	}
	return q, len(q.Blocks) > 0
}

// list = { ( "-" | NUMBER "." ) item } .
func (b *bodyParser) list(n *ast.List, r rules, depth int) (Block, bool) {
	l := Block{Kind: List, Pos: b.nodePos(n), Ordered: n.IsOrdered()}
	if !r.words {
		b.errorf(l.Pos, "a list cannot stand in %s: begin each line with >", r.name)
		r.words = true // told once is enough
	}
	if n.IsOrdered() && n.Start != 1 {
		b.errorf(l.Pos, "a numbered list begins with 1; if this number belongs to the words, write %d\\.", n.Start)
	}
	for c := n.FirstChild(); c != nil && !b.enough(); c = c.NextSibling() {
		if item, ok := b.item(c, r, depth); ok {
			l.Items = append(l.Items, item)
		}
	}
	return l, len(l.Items) > 0
}

// item = [ takeTick ] { block } .
func (b *bodyParser) item(n ast.Node, r rules, depth int) (Item, bool) {
	item := Item{Pos: b.nodePos(n)}
	item.Tick = b.takeTick(n, r)
	inner := r
	inner.quotes = false
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		item.Blocks = b.appendBlock(item.Blocks, c, inner, depth+1)
	}
	if len(item.Blocks) == 0 && (n.FirstChild() == nil || item.Tick) {
		b.errorf(item.Pos, "this item has no words")
	}
	return item, len(item.Blocks) > 0
}

// takeTick = "[ ]" .
func (b *bodyParser) takeTick(n ast.Node, r rules) bool {
	first := n.FirstChild()
	if first == nil {
		return false
	}
	tick, ok := first.FirstChild().(*east.TaskCheckBox)
	if !ok {
		return false
	}
	switch {
	case tick.IsChecked:
		b.errorf(b.nodePos(n), "boxes are ticked at the desk: write - [ ] with an empty box")
	case !r.ticks:
		b.errorf(b.nodePos(n), "a box to tick cannot stand in %s: write a plain item", r.name)
	}
	first.RemoveChild(first, tick)
	return true
}

// tableRow is the line of dashes under a table's head.
var tableRow = regexp.MustCompile(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)

// checkTable tells about a paragraph that a viewer shows as a table.
func (b *bodyParser) checkTable(n ast.Node) {
	lines := n.Lines()
	for i := 1; i < lines.Len(); i++ {
		segment := lines.At(i)
		line := bytes.TrimRight(segment.Value(b.text), "\n")
		above := lines.At(i - 1)
		if bytes.IndexByte(line, '|') >= 0 && tableRow.Match(line) && bytes.IndexByte(above.Value(b.text), '|') >= 0 {
			b.errorf(b.pos(segment.Start), "a table cannot stand in a playbook: make it a list")
			return
		}
	}
}

// definition is how a link definition begins.
var definition = regexp.MustCompile(`^\[[^\[\]]+\]:[ \t]*\S`)

// checkDefinition tells about a link's address that stands apart from it.
func (b *bodyParser) checkDefinition(n ast.Node) {
	lines := n.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		if line := segment.Value(b.text); line[0] != '[' || !definition.Match(line) {
			return
		}
		b.errorf(b.pos(segment.Start), "an address stands in its link: write [words](address)")
	}
}
