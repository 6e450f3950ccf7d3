package syntax

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"roundtable/playbook/diag"
)

// The limits of a file. A playbook is a page or ten; what is beyond these is a
// mistake or an attack, and the libraries that read YAML and Markdown take
// time out of all proportion for some of it. So it is refused before they see
// it, by looking at each byte once.
const (
	MaxFile  = 4 << 20   // bytes of a file
	maxFront = 256 << 10 // bytes of a front matter
	maxLine  = 16 << 10  // bytes of a line
	maxRun   = 32 << 10  // bytes of lines without an empty line between
	maxMarks = 1000      // [ ] * _ ` < in one paragraph or list item
	maxWork  = 500e6     // the squares of those counts, summed over the file
	maxDepth = 50        // levels of lists, quotations, brackets, parentheses
)

// readable checks that a file is text of a bearable size, and returns it
// without its BOM and with \n at the end of each line; or what is wrong, and where.
func readable(src []byte) (text []byte, pos diag.Position, refusal string) {
	start := diag.Position{Line: 1, Column: 1}
	if len(src) > MaxFile {
		return nil, start, fmt.Sprintf("this file is larger than %d MiB, which no playbook is", MaxFile>>20)
	}
	text = unifyLines(bytes.TrimPrefix(src, []byte("\ufeff")))
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, start, "this file is empty: a playbook begins with --- and its front matter"
	}
	line := 0
	for rest := text; len(rest) > 0; {
		line++
		var one []byte
		one, rest, _ = bytes.Cut(rest, []byte("\n"))
		if column, refusal := readableLine(one); refusal != "" {
			return nil, diag.Position{Line: line, Column: column}, refusal
		}
	}
	return text, diag.Position{}, ""
}

func readableLine(line []byte) (column int, refusal string) {
	if len(line) > maxLine {
		return 1, fmt.Sprintf("this line is longer than %d KiB: break it into several", maxLine>>10)
	}
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return utf8.RuneCount(line[:i]) + 1, "this file is not text: there is a zero byte here"
	}
	if utf8.Valid(line) {
		return 0, ""
	}
	column = 1
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		if r == utf8.RuneError && size == 1 {
			break
		}
		line = line[size:]
		column++
	}
	return column, "this is not UTF-8 text: save the file with the encoding UTF-8"
}

// tooHard looks for what makes reading Markdown slow, from a line (counted
// from 0) on, and returns the first place with what to do about it.
func (s *source) tooHard(from int) (diag.Position, string) {
	var run runScan
	for i := from; i < len(s.lines); i++ {
		line := s.line(i)
		if refusal := run.line(line); refusal != "" {
			return diag.Position{Line: i + 1, Column: 1}, refusal
		}
	}
	return diag.Position{}, ""
}

// runScan adds up what stands in lines without an empty line between.
type runScan struct {
	size, marks, brackets int
	work                  int // of what came before
}

// newParagraph begins to count anew. What goes into a paragraph's marks may
// take time like their square.
func (r *runScan) newParagraph() {
	r.work += r.marks * r.marks
	r.marks, r.brackets = 0, 0
}

func (r *runScan) line(line []byte) (refusal string) {
	depth, indent, content := containers(line)
	if depth > maxDepth || indent > 4*maxDepth {
		return fmt.Sprintf("lists or quotations are nested deeper than %d levels here", maxDepth)
	}
	if len(content) == 0 {
		r.newParagraph()
		r.size = 0
		return ""
	}
	if indent < 4 && depth > 0 && line[indent] == '-' {
		// A bullet always ends the paragraph before it.
		r.newParagraph()
	}
	r.size += len(line)
	for i := 0; i < len(content); i++ {
		switch content[i] {
		case '\\':
			i++
		case '[':
			r.brackets++
			r.marks++
		case ']':
			r.brackets = max(0, r.brackets-1)
			r.marks++
		case '*', '_', '`', '<':
			r.marks++
		}
		if r.brackets > maxDepth {
			return fmt.Sprintf("brackets are nested deeper than %d levels here", maxDepth)
		}
	}
	switch {
	case r.size > maxRun:
		return fmt.Sprintf("there are more than %d KiB here without an empty line between: make paragraphs", maxRun>>10)
	case r.marks > maxMarks:
		return fmt.Sprintf("there are more than %d of [ ] * _ ` < in this paragraph: make it simpler", maxMarks)
	case r.work > maxWork:
		return "this file has too many paragraphs full of [ ] * _ ` <: make it simpler"
	}
	return ""
}

// containers counts the marks of lists and quotations that a line begins
// with, and tells the line's indent and what stands after it all.
func containers(line []byte) (depth, indent int, content []byte) {
	content = bytes.TrimLeft(line, " \t")
	indent = len(line) - len(content)
	for len(content) > 0 {
		n := markerLength(content)
		if n == 0 {
			break
		}
		depth++
		content = bytes.TrimLeft(content[n:], " \t")
	}
	return depth, indent, content
}

// markerLength is the length of the list or quotation mark that the text
// begins with, or 0.
func markerLength(text []byte) int {
	n := 0
	switch c := text[0]; {
	case c == '>':
		return 1
	case c == '-' || c == '*' || c == '+':
		n = 1
	case c >= '0' && c <= '9':
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		if n == len(text) || text[n] != '.' && text[n] != ')' {
			return 0
		}
		n++
	default:
		return 0
	}
	if n < len(text) && text[n] != ' ' && text[n] != '\t' {
		return 0
	}
	return n
}
