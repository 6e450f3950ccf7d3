package terminal

import (
	"fmt"
	"slices"
	"strings"

	"roundtable/playbook/syntax"
)

// sentences lists what a step gives to say. Every line of a quotation stands by
// itself.
func sentences(section *syntax.Section) []string {
	if section == nil {
		return nil
	}
	var list []string
	var visit func(blocks []syntax.Block)
	visit = func(blocks []syntax.Block) {
		for i := range blocks {
			for _, line := range splitLines(blocks[i].Inlines) {
				if text := syntax.PlainText(line); text != "" {
					list = append(list, text)
				}
			}
			visit(blocks[i].Blocks)
			for _, item := range blocks[i].Items {
				visit(item.Blocks)
			}
		}
	}
	visit(section.Blocks)
	return list
}

// splitLines cuts running text at the ends of its lines.
func splitLines(inlines []syntax.Inline) [][]syntax.Inline {
	var lines [][]syntax.Inline
	from := 0
	for i, in := range inlines {
		if in.Kind == syntax.SoftBreak || in.Kind == syntax.HardBreak {
			lines = append(lines, inlines[from:i])
			from = i + 1
		}
	}
	return append(lines, inlines[from:])
}

// speech prints what the other person says, with the name in the box's edge.
func (s *session) speech(title string, section *syntax.Section) {
	var quotes []syntax.Block
	for _, b := range section.Blocks {
		if b.Kind == syntax.Quote {
			quotes = append(quotes, b.Blocks...)
		} else {
			quotes = append(quotes, b)
		}
	}
	for _, b := range quotes {
		who, text := title, b.Inlines
		if len(text) > 0 && text[0].Kind == syntax.Strong {
			who, text = strings.TrimRight(syntax.PlainText(text[:1]), ".:"), text[1:]
		}
		s.lines(frame(who, wrap(syntax.PlainText(text), s.o.Width-4), s.o.Width))
	}
}

// blocks lays out paragraphs, quotations and lists. Items that are ticked have a
// box and a number, other items the mark.
func (s *session) blocks(at int, blocks []syntax.Block, mark string) []string {
	if mark == "" {
		mark = "• "
	}
	return s.indented(at, blocks, mark, "")
}

func (s *session) indented(at int, blocks []syntax.Block, mark, indent string) []string {
	var lines []string
	for i := range blocks {
		b := &blocks[i]
		switch b.Kind {
		case syntax.Paragraph:
			lines = append(lines, hang(indent, running(b.Inlines), s.o.Width)...)
		case syntax.Quote:
			lines = append(lines, s.indented(at, b.Blocks, mark, indent+"  ")...)
		case syntax.List:
			for k := range b.Items {
				lines = append(lines, s.item(at, &b.Items[k], mark, indent)...)
			}
		}
	}
	return lines
}

func (s *session) item(at int, item *syntax.Item, mark, indent string) []string {
	lead := indent + "  " + mark
	if item.Tick {
		lead = indent + s.tickMark(at, item)
	}
	if len(item.Blocks) == 0 {
		return []string{lead}
	}
	lines := hang(lead, running(item.Blocks[0].Inlines), s.o.Width)
	return append(lines, s.indented(at, item.Blocks[1:], mark, indent+"    ")...)
}

func (s *session) tickMark(at int, item *syntax.Item) string {
	n := slices.Index(tickItems(s.o.Compiled.Places[at].Step), item)
	mark := "[ ]"
	if s.walk.IsTicked(at, n) {
		mark = "[x]"
	}
	return fmt.Sprintf("%s %d ", mark, n+1)
}

// tickItems lists the items of a step that are ticked, in the file's order, as
// their numbers in events go.
func tickItems(step *syntax.Step) []*syntax.Item {
	var list []*syntax.Item
	var visit func(blocks []syntax.Block)
	visit = func(blocks []syntax.Block) {
		for i := range blocks {
			visit(blocks[i].Blocks)
			for k := range blocks[i].Items {
				if blocks[i].Items[k].Tick {
					list = append(list, &blocks[i].Items[k])
				}
				visit(blocks[i].Items[k].Blocks)
			}
		}
	}
	visit(step.Text)
	for _, section := range step.Sections {
		visit(section.Blocks)
	}
	return list
}

// running is running text with a hint beside what one can type about.
func running(inlines []syntax.Inline) string {
	var b strings.Builder
	for i := range inlines {
		in := &inlines[i]
		switch in.Kind {
		case syntax.Text, syntax.Code:
			b.WriteString(in.S)
		case syntax.Emph, syntax.Strong:
			b.WriteString(running(in.Inner))
		case syntax.Anchor:
			b.WriteString(syntax.PlainText(in.Link.Label))
			switch in.Link.Kind {
			case syntax.Record:
				b.WriteString(" (f " + in.Link.Name.Text + ")")
			case syntax.Policy, syntax.Law, syntax.Handout:
				b.WriteString(" (w)")
			}
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
