package static

import (
	"bytes"
	"strings"
)

// shrinkScript takes out of a script the lines that are comments, empty lines, and what
// lines are set in by: a quarter of what is sent. It knows nothing of the language, so
// no string of our scripts may go over the end of a line, which a test holds.
func shrinkScript(js []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(js) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// shrink takes comments and needless white space out of a style. It knows strings
// and nothing else of the language: where a space may carry meaning, between two
// selectors or around a sign in calc(), one space stays.
func shrink(css string) string {
	var b strings.Builder
	last := byte('{') // the last byte written; at the beginning no space is needed
	space := false
	put := func(c byte) {
		if space && !strings.ContainsRune("{};,:", rune(last)) && !strings.ContainsRune("{};,", rune(c)) {
			b.WriteByte(' ')
		}
		space = false
		if last == ';' && c != '}' && c != ';' { // the last declaration needs no end
			b.WriteByte(';')
		}
		if c != ';' {
			b.WriteByte(c)
		}
		last = c
	}
	for i := 0; i < len(css); i++ {
		switch c := css[i]; {
		case strings.HasPrefix(css[i:], "/*"):
			end := strings.Index(css[i+2:], "*/")
			if end < 0 {
				return b.String()
			}
			i += end + 3
			space = true
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			space = true
		case c == '"' || c == '\'':
			put(c)
			for i++; i < len(css); i++ {
				b.WriteByte(css[i])
				if css[i] == '\\' && i+1 < len(css) {
					i++
					b.WriteByte(css[i])
				} else if css[i] == c {
					break
				}
			}
		default:
			put(c)
		}
	}
	return b.String()
}
