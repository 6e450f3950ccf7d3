package syntax

import "strings"

// PlainText is running text without its marks, in one line.
func PlainText(inlines []Inline) string {
	var b strings.Builder
	writePlain(&b, inlines)
	return strings.TrimSpace(b.String())
}

func writePlain(b *strings.Builder, inlines []Inline) {
	for _, in := range inlines {
		switch in.Kind {
		case Text, Code:
			b.WriteString(in.S)
		case Emph, Strong:
			writePlain(b, in.Inner)
		case Anchor:
			writePlain(b, in.Link.Label)
		case SoftBreak, HardBreak:
			b.WriteByte(' ')
		}
	}
}

// IsTranslation reports whether the file translates another.
func (f *File) IsTranslation() bool {
	_, has := f.Front.Keys["translates"]
	return has
}

// Section is the step's ### block of that kind, or nil.
func (s *Step) Section(kind SectionKind) *Section {
	for _, section := range s.Sections {
		if section.Kind == kind {
			return section
		}
	}
	return nil
}

// Links are the links with a meaning (all but Web) of the step's text and
// blocks, in the order of the file. Those of the choices are not among them.
func (s *Step) Links() []*Link {
	links := blockLinks(nil, s.Text)
	for _, section := range s.Sections {
		links = blockLinks(links, section.Blocks)
	}
	return links
}

func blockLinks(links []*Link, blocks []Block) []*Link {
	for i := range blocks {
		links = inlineLinks(links, blocks[i].Inlines)
		links = blockLinks(links, blocks[i].Blocks)
		for _, item := range blocks[i].Items {
			links = blockLinks(links, item.Blocks)
		}
	}
	return links
}

func inlineLinks(links []*Link, inlines []Inline) []*Link {
	for i := range inlines {
		in := &inlines[i]
		if in.Kind == Anchor && in.Link.Kind != Web {
			links = append(links, in.Link)
		}
		links = inlineLinks(links, in.Inner)
	}
	return links
}

// Ticks is how many items of the step are ticked at the desk.
func (s *Step) Ticks() int {
	n := blockTicks(s.Text)
	for _, section := range s.Sections {
		n += blockTicks(section.Blocks)
	}
	return n
}

func blockTicks(blocks []Block) int {
	n := 0
	for i := range blocks {
		n += blockTicks(blocks[i].Blocks)
		for _, item := range blocks[i].Items {
			if item.Tick {
				n++
			}
			n += blockTicks(item.Blocks)
		}
	}
	return n
}
