package wording

import (
	"strings"
	"unicode"

	"roundtable/playbook/syntax"
)

// stepText is what a person reads of a step, each block ended as a sentence.
// Why is left out: it is folded away, and quotes law and policy.
func stepText(s *syntax.Step) string {
	var b strings.Builder
	addSentence(&b, syntax.PlainText(s.Heading))
	b.WriteString(blockText(s.Text))
	for _, section := range s.Sections {
		if section.Kind != syntax.Why {
			b.WriteString(blockText(section.Blocks))
		}
	}
	return b.String()
}

// blockText is the text of blocks, each paragraph and item a sentence.
func blockText(blocks []syntax.Block) string {
	var b strings.Builder
	for _, block := range blocks {
		switch block.Kind {
		case syntax.Paragraph:
			addSentence(&b, syntax.PlainText(block.Inlines))
		case syntax.Quote:
			b.WriteString(blockText(block.Blocks))
		case syntax.List:
			for _, item := range block.Items {
				b.WriteString(blockText(item.Blocks))
			}
		}
	}
	return b.String()
}

func addSentence(b *strings.Builder, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	b.WriteString(text)
	if !strings.ContainsAny(text[len(text)-1:], ".?!:") {
		b.WriteByte('.')
	}
	b.WriteByte('\n')
}

// sentences splits text at full stops, question and exclamation marks, colons
// and semicolons that end a word.
func sentences(text string) []string {
	var list []string
	for _, line := range strings.Split(text, "\n") {
		start := 0
		runes := []rune(line)
		for i, r := range runes {
			if strings.ContainsRune(".?!:;", r) && (i+1 == len(runes) || unicode.IsSpace(runes[i+1]) || strings.ContainsRune("”\"'’", runes[i+1])) {
				list = appendText(list, string(runes[start:i+1]))
				start = i + 1
			}
		}
		list = appendText(list, string(runes[start:]))
	}
	return list
}

func appendText(list []string, s string) []string {
	if len(words(s)) == 0 {
		return list
	}
	return append(list, s)
}

// words splits text into words: runs of letters, digits, apostrophes and
// hyphens that hold a letter or a digit.
func words(text string) []string {
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-'
	})
	list := fields[:0]
	for _, f := range fields {
		if strings.IndexFunc(f, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
			list = append(list, f)
		}
	}
	return list
}
