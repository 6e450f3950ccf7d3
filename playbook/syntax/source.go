package syntax

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"roundtable/playbook/diag"
)

// source is a file's text with the lookup from byte offsets to lines and
// columns. Its text has no BOM, and every line ends with a single \n.
type source struct {
	text  []byte
	lines []int // offset of each line's first byte

	// The last place that was looked up. Places are asked for more or less in
	// order, so that counting the characters of a long line stays linear.
	lastOffset, lastColumn int
}

func newSource(text []byte) *source {
	s := &source{text: text, lines: []int{0}, lastColumn: 1}
	for i, c := range text {
		if c == '\n' && i+1 < len(text) {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// unifyLines turns \r\n and a lone \r into \n. Lines and columns stay the same.
func unifyLines(text []byte) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// pos is the place of a byte offset.
func (s *source) pos(offset int) diag.Position {
	offset = max(0, min(offset, len(s.text)))
	line := sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset }) - 1
	from, column := s.lines[line], 1
	if from <= s.lastOffset && s.lastOffset <= offset {
		from, column = s.lastOffset, s.lastColumn
	}
	column += utf8.RuneCount(s.text[from:offset])
	s.lastOffset, s.lastColumn = offset, column
	return diag.Position{Line: line + 1, Column: column}
}

// offset is the byte offset of a place, clipped to the text.
func (s *source) offset(pos diag.Position) int {
	if pos.Line < 1 || pos.Line > len(s.lines) {
		return len(s.text)
	}
	at := s.lines[pos.Line-1]
	for range pos.Column - 1 {
		if at >= len(s.text) || s.text[at] == '\n' {
			break
		}
		_, size := utf8.DecodeRune(s.text[at:])
		at += size
	}
	return at
}

// line is the text of line i (from 0) without its \n.
func (s *source) line(i int) []byte {
	end := len(s.text)
	if i+1 < len(s.lines) {
		end = s.lines[i+1]
	}
	return bytes.TrimSuffix(s.text[s.lines[i]:end], []byte("\n"))
}

// spelled is a piece of text that knows where each of its bytes stands.
type spelled struct {
	text string
	at   func(offset int) diag.Position
}

// spelledFrom is a text that stands in one line from a place on.
func spelledFrom(text string, start diag.Position) spelled {
	return spelled{text, func(i int) diag.Position {
		return diag.Position{Line: start.Line, Column: start.Column + utf8.RuneCountInString(text[:min(i, len(text))])}
	}}
}

// slice is the piece from byte i up to j.
func (t spelled) slice(i, j int) spelled {
	return spelled{t.text[i:j], func(k int) diag.Position { return t.at(i + k) }}
}

// trim is the piece without the spaces around it.
func (t spelled) trim() spelled {
	i, j := 0, len(t.text)
	for i < j && isBlank(t.text[i]) {
		i++
	}
	for j > i && isBlank(t.text[j-1]) {
		j--
	}
	return t.slice(i, j)
}

// split cuts the piece at every separator and trims the parts.
func (t spelled) split(separator byte) []spelled {
	var parts []spelled
	start := 0
	for i := 0; i <= len(t.text); i++ {
		if i == len(t.text) || t.text[i] == separator {
			parts = append(parts, t.slice(start, i).trim())
			start = i + 1
		}
	}
	return parts
}

// name is the piece as a Name.
func (t spelled) name() Name { return Name{Text: t.text, Pos: t.at(0)} }

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
