package format

import (
	"fmt"
	"strings"

	"roundtable/playbook/syntax"
)

// body prints the title, the scene and the steps.
func (p *printer) body() {
	p.gap()
	p.line("# " + p.heading(p.file.Title))
	p.blocks(p.file.Scene)
	for _, s := range p.file.Steps {
		p.step(s)
	}
}

func (p *printer) step(s *syntax.Step) {
	p.gap()
	text := "## " + p.heading(s.Heading)
	if s.Explicit {
		text += " {#" + s.ID + "}"
	}
	p.line(text)
	p.blocks(s.Text)
	// Next, which the tree keeps apart, stands where it stood.
	nextPrinted := s.Next == nil
	for _, section := range s.Sections {
		if !nextPrinted && s.Next.Pos.Before(section.Pos) {
			p.next(s.Next)
			nextPrinted = true
		}
		p.blockHeading(section.Kind)
		p.add(p.printBlocks(section.Blocks))
	}
	if !nextPrinted {
		p.next(s.Next)
	}
}

func (p *printer) blockHeading(kind syntax.SectionKind) {
	p.gap()
	p.line("### " + syntax.BlockName(kind, p.file.Front.Lang.Text))
}

// blocks prints blocks below an empty line.
func (p *printer) blocks(blocks []syntax.Block) {
	if len(blocks) > 0 {
		p.gap()
		p.add(p.printBlocks(blocks))
	}
}

func (p *printer) add(lines []string) { p.out = append(p.out, lines...) }

// printBlocks are the lines of blocks, with empty lines between.
func (p *printer) printBlocks(blocks []syntax.Block) []string {
	var lines []string
	for i := range blocks {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, p.printBlock(&blocks[i])...)
	}
	return lines
}

func (p *printer) printBlock(b *syntax.Block) []string {
	switch b.Kind {
	case syntax.Quote:
		return prefixed("> ", "> ", p.printBlocks(b.Blocks))
	case syntax.List:
		return p.printList(b)
	}
	return p.paragraph(b.Inlines)
}

// prefixed puts a mark before the first line and an indent before the others.
func prefixed(first, other string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		prefix := other
		if i == 0 {
			prefix = first
		}
		out[i] = strings.TrimRight(prefix+line, " ")
	}
	return out
}

func (p *printer) printList(b *syntax.Block) []string {
	var lines []string
	tight := isTight(b)
	for i, item := range b.Items {
		if i > 0 && !tight {
			lines = append(lines, "")
		}
		mark := "- "
		if b.Ordered {
			mark = fmt.Sprintf("%d. ", i+1)
		}
		lines = append(lines, prefixed(mark, strings.Repeat(" ", len(mark)), p.printItem(item, tight))...)
	}
	return lines
}

func (p *printer) printItem(item syntax.Item, tight bool) []string {
	var lines []string
	for i := range item.Blocks {
		if i > 0 && !tight {
			lines = append(lines, "")
		}
		lines = append(lines, p.printBlock(&item.Blocks[i])...)
	}
	if item.Tick {
		lines[0] = "[ ] " + lines[0]
	}
	return lines
}

// isTight reports whether a list's items need no empty lines: each is at most
// a paragraph with lists below, and these are tight too.
func isTight(b *syntax.Block) bool {
	for _, item := range b.Items {
		for i := range item.Blocks {
			block := &item.Blocks[i]
			if block.Kind != syntax.List && i > 0 || block.Kind == syntax.List && !isTight(block) {
				return false
			}
		}
	}
	return true
}

// next prints the choices of a step.
func (p *printer) next(n *syntax.Next) {
	p.blockHeading(syntax.NextBlock)
	for i, c := range n.Choices {
		mark := "- "
		if n.Ordered {
			mark = fmt.Sprintf("%d. ", i+1)
		}
		p.add(prefixed(mark, strings.Repeat(" ", len(mark)), p.choice(c)))
	}
}

// choice is the lines of a choice: the link, its code spans, its feedback, and
// its ways back below.
func (p *printer) choice(c *syntax.Choice) []string {
	label := p.inlineText(c.Label, inLabel)
	parts := []string{"[" + label + "](" + p.target(c.Target) + ")"}
	if c.Guard != nil {
		parts = append(parts, "`if "+c.Guard.String()+"`")
	}
	if c.Otherwise {
		parts = append(parts, "`otherwise`")
	}
	parts = append(parts, assigns(c.Assigns)...)
	if c.Unsent {
		parts = append(parts, "`off the record`")
	}
	if len(c.Feedback) > 0 {
		parts = append(parts, p.inlineText(c.Feedback, place{prev: ' '}))
	}
	lines := guardLines(strings.Split(strings.Join(parts, " "), "\n"))
	for _, w := range c.Ways {
		lines = append(lines, prefixed("- ", "  ", p.choice(w.Choice))...)
	}
	return lines
}

// assigns are the code spans of assignments. The class of record, which is no
// fact, has one of its own.
func assigns(all []*syntax.Assign) []string {
	var spans, open []string
	flush := func() {
		if len(open) > 0 {
			spans = append(spans, "`"+strings.Join(open, ", ")+"`")
		}
		open = nil
	}
	for _, a := range all {
		if a.Fact.Text == "record" {
			flush()
		}
		open = append(open, a.Fact.Text+" = "+a.Value.Text)
		if a.Fact.Text == "record" {
			flush()
		}
	}
	flush()
	return spans
}

// target is the address of a choice's link, with its title.
func (p *printer) target(t syntax.Target) string {
	switch t.Kind {
	case syntax.ToStep:
		return address("#" + escapePercent(t.Name.Text))
	case syntax.ToPart:
		return address(t.File)
	}
	var words []string
	if t.Owner.Text != "" {
		words = append(words, t.Owner.Text)
	}
	if t.Opens.Text != "" {
		words = append(words, p.fileAt(t.Opens))
	}
	if t.Good {
		words = append(words, "good")
	}
	if len(words) == 0 {
		return "end:" + t.Name.Text
	}
	return "end:" + t.Name.Text + " " + title(strings.Join(words, ", "))
}

// fileAt is the file's name as the source has it at a name's place: the tree
// has only its id, and the name may have a language.
func (p *printer) fileAt(n syntax.Name) string {
	if n.Pos.Line <= len(p.lines) {
		line := []rune(p.lines[n.Pos.Line-1])
		if at := n.Pos.Column - 1; at < len(line) {
			rest := string(line[at:])
			if end := strings.IndexAny(rest, ", \t\"')"); end > 0 && strings.HasPrefix(rest, n.Text+".") && strings.HasSuffix(rest[:end], ".md") {
				return rest[:end]
			}
		}
	}
	return n.Text + ".md"
}
