package terminal

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is how many columns a text takes on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clean makes a text safe to print: control characters, with which a text could
// move the cursor or change what stands on the screen, become spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // turns the direction of what follows
			return -1
		}
		return r
	}, s)
}

// wrap breaks a text into lines of at most limit columns, at spaces where it
// can. A text without words is one empty line.
func wrap(text string, limit int) []string {
	limit = max(limit, 2)
	var lines []string
	var line strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used = 0
	}
	for _, word := range strings.Fields(clean(text)) {
		w := columns(word)
		if used > 0 && used+1+w > limit {
			flush()
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		for _, r := range word { // a word wider than a line is broken
			n := runeColumns(r)
			if used+n > limit {
				flush()
			}
			line.WriteRune(r)
			used += n
		}
	}
	if used > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// hang wraps a text after a mark, its later lines indented to stand under the
// first.
func hang(mark, text string, limit int) []string {
	indent := columns(mark)
	lines := wrap(text, limit-indent)
	for i := range lines {
		if i == 0 {
			lines[i] = mark + lines[i]
		} else {
			lines[i] = strings.Repeat(" ", indent) + lines[i]
		}
	}
	return lines
}

// frame puts lines into a box of the given width, with a title in its upper
// edge.
func frame(title string, lines []string, limit int) []string {
	inner := limit - 4
	title = strings.Join(wrap(title, max(2, inner-3))[:1], "")
	top := "╭─ " + title + " "
	out := []string{top + strings.Repeat("─", max(0, limit-columns(top)-1)) + "╮"}
	for _, line := range lines {
		out = append(out, "│ "+line+strings.Repeat(" ", max(0, inner-columns(line)))+" │")
	}
	return append(out, "╰"+strings.Repeat("─", max(0, limit-2))+"╯")
}
