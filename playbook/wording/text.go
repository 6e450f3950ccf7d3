package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"roundtable/playbook/syntax"
)

// stepText is what a person reads of a step, a line for each paragraph and item;
// the end of a line ends a sentence.
// Why is left out: it is folded away, and quotes law and policy.
func stepText(s *syntax.Step) string {
	var b strings.Builder
	addLine(&b, syntax.PlainText(s.Heading))
	addBlocks(&b, s.Text)
	for _, section := range s.Sections {
		if section.Kind != syntax.Why {
			addBlocks(&b, section.Blocks)
		}
	}
	return b.String()
}

// blockText is the text of blocks, each paragraph and item a line.
func blockText(blocks []syntax.Block) string {
	var b strings.Builder
	addBlocks(&b, blocks)
	return b.String()
}

func addBlocks(b *strings.Builder, blocks []syntax.Block) {
	for _, block := range blocks {
		switch block.Kind {
		case syntax.Paragraph:
			addLine(b, syntax.PlainText(block.Inlines))
		case syntax.Quote:
			addBlocks(b, block.Blocks)
		case syntax.List:
			for _, item := range block.Items {
				addBlocks(b, item.Blocks)
			}
		}
	}
}

func addLine(b *strings.Builder, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	b.WriteString(text)
	b.WriteByte('\n')
}

// counts is how long a text is.
type counts struct {
	words, sentences, syllables int
}

// measure counts words, sentences and, by the given measure, syllables.
func measure(text string, syllables func(word string) int) counts {
	var c counts
	eachSentence(text, func(sentence string) {
		before := c.words
		eachWord(sentence, func(word string) {
			c.words++
			c.syllables += syllables(word)
		})
		if c.words > before {
			c.sentences++
		}
	})
	return c
}

func wordCount(text string) int {
	n := 0
	eachWord(text, func(string) { n++ })
	return n
}

// eachSentence cuts text at the end of each line, and at full stops, question
// and exclamation marks, colons and semicolons that end a word.
func eachSentence(text string, visit func(string)) {
	start := 0
	for i, r := range text {
		switch r {
		case '.', '?', '!', ':', ';':
			if !endsWord(text[i+1:]) {
				continue
			}
			fallthrough
		case '\n':
			visit(text[start : i+1])
			start = i + 1
		}
	}
	visit(text[start:])
}

// endsWord reports whether a word has ended before the rest of a text.
func endsWord(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	return size == 0 || unicode.IsSpace(r) || strings.ContainsRune("”\"'’»)", r)
}

// eachWord calls visit for each word: a run of letters, digits, apostrophes and
// hyphens that holds a letter or a digit.
func eachWord(text string, visit func(string)) {
	start, solid := -1, false
	for i, r := range text {
		inner := isSolid(r)
		switch {
		case inner || r == '\'' || r == '-' || r >= utf8.RuneSelf && (r == '’' || unicode.IsMark(r)):
			if start < 0 {
				start, solid = i, false
			}
			solid = solid || inner
		case start >= 0:
			if solid {
				visit(text[start:i])
			}
			start = -1
		}
	}
	if start >= 0 && solid {
		visit(text[start:])
	}
}

func isSolid(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// words lists the words of a text.
func words(text string) []string {
	var list []string
	eachWord(text, func(word string) { list = append(list, word) })
	return list
}
