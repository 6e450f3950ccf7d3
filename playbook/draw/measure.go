package draw

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// The reader's fonts are not known here. Text is measured with the widths of a
// common sans-serif face, in thousandths of the size, and a margin for wider ones.

var ascii = [95]uint16{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
}

// margin is for faces that are wider than the table's.
const margin = 1.16

// font is a size in pixels and a weight.
type font struct {
	size float64
	bold bool
}

// measure returns the width of a line of text, in pixels.
func (f font) measure(s string) float64 {
	units := 0.0
	for _, r := range s {
		units += runeWidth(r)
	}
	if f.bold {
		units *= 1.1
	}
	return units / 1000 * f.size * margin
}

func runeWidth(r rune) float64 {
	if r >= ' ' && r <= '~' {
		return float64(ascii[r-' '])
	}
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) || unicode.Is(unicode.Cf, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1000
	}
	// An accented letter is as wide as its base.
	if d := norm.NFD.String(string(r)); len(d) > 1 && d[0] < utf8.RuneSelf && d[0] >= ' ' {
		return float64(ascii[d[0]-' '])
	}
	return 640
}

// wrap breaks text into at most max lines no wider than limit, at spaces where
// it can; what does not fit ends in "…".
func (f font) wrap(text string, limit float64, max int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for word != "" {
			if joined := strings.TrimSpace(line + " " + word); f.measure(joined) <= limit {
				line = joined
				break
			}
			if line == "" { // a word wider than a line
				var head string
				head, word = f.split(word, limit)
				lines = append(lines, head)
			} else {
				lines = append(lines, line)
				line = ""
			}
			if len(lines) > max {
				return f.cut(lines, limit, max)
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > max {
		return f.cut(lines, limit, max)
	}
	return lines
}

// split takes from a word as many characters as fit, at least one.
func (f font) split(word string, limit float64) (head, rest string) {
	x := 0.0
	for i, r := range word {
		x += f.measure(string(r))
		if i > 0 && x > limit {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

func (f font) cut(lines []string, limit float64, max int) []string {
	lines = lines[:max]
	last := strings.TrimRight(lines[max-1], " ,.;:")
	for last != "" && f.measure(last+"…") > limit {
		_, n := utf8.DecodeLastRuneInString(last)
		last = last[:len(last)-n]
	}
	lines[max-1] = last + "…"
	return lines
}
