package format

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// front prints the front matter. Comments stay with what they stood at.
func (p *printer) front() {
	p.comments = findComments(p.lines)
	p.line("---")
	for _, key := range p.keys() {
		if pos, has := p.file.Front.Keys[key]; has {
			p.key(key, pos)
		}
	}
	for _, c := range p.comments.rest() {
		p.line(c)
	}
	p.line("---")
}

// keys are the keys in order. A translation's stand as the definition lists them.
func (p *printer) keys() []string {
	if p.file.IsTranslation() {
		return []string{"id", "lang", "translates", "title", "summary"}
	}
	return syntax.Keys()
}

func (p *printer) key(key string, pos diag.Position) {
	f := &p.file.Front
	own := span{pos.Line, p.keyEnd(pos.Line)}
	values := map[string]string{"id": f.ID.Text, "title": textScalar(f.Title.Text), "summary": textScalar(f.Summary.Text),
		"owner": f.Owner.Text, "review": f.Review.Text, "kind": string(f.Kind), "rehearses": f.Rehearses.Text,
		"needs": scalar(f.NeedsText.Text), "lang": f.Lang.Text, "translates": f.Translates.Text, "record": f.Record.Text,
		"for": flow(f.For), "protected": flow(f.Protected)}
	if value, ok := values[key]; ok {
		if value != "" {
			p.entry("", own, key+": "+value)
		}
		return
	}
	var entries []entry
	switch key {
	case "sources":
		for _, s := range f.Sources {
			entries = append(entries, entry{p.itemLine(s.Pos.Line), "- " + textScalar(s.Text)})
		}
	case "rules":
		for _, r := range f.Rules {
			entries = append(entries, entry{p.itemLine(r.Text.Pos.Line), "- " + scalar(r.Text.Text)})
		}
	case "given":
		entries = facts(f.Given)
	case "facts":
		entries = facts(f.Facts)
	}
	p.entries(key, own, entries)
}

// span is lines of the source: from one up to before another.
type span struct{ from, to int }

// entry is what is printed for the source from a line on.
type entry struct {
	line int
	text string
}

// keyEnd is the line of the source before which the key of a line ends.
func (p *printer) keyEnd(line int) int {
	end := len(p.lines) + 1
	for _, pos := range p.file.Front.Keys {
		if pos.Line > line {
			end = min(end, pos.Line)
		}
	}
	return end
}

// itemLine is the line of an item's dash, whose text may begin a line later.
func (p *printer) itemLine(line int) int {
	if line >= 2 && line-2 < len(p.lines) {
		above := strings.TrimSpace(p.lines[line-2])
		if above == "-" || opensBlock(above) {
			return line - 1
		}
	}
	return line
}

// entries prints a key with entries below it.
func (p *printer) entries(key string, own span, entries []entry) {
	if len(entries) == 0 {
		return
	}
	p.entry("", span{own.from, entries[0].line}, key+":")
	for i, e := range entries {
		to := own.to
		if i+1 < len(entries) {
			to = entries[i+1].line
		}
		p.entry("  ", span{e.line, to}, e.text)
	}
}

// entry prints a line with the comments of its lines in the source. What
// stood behind the first stays behind; what stood further down goes above.
func (p *printer) entry(indent string, own span, text string) {
	head, tail := p.comments.take(own.from)
	for line := own.from + 1; line < own.to; line++ {
		above, behind := p.comments.take(line)
		head = append(head, above...)
		if behind != "" {
			head = append(head, behind)
		}
	}
	for _, c := range head {
		p.line(indent + c)
	}
	if tail != "" {
		text += " " + tail
	}
	p.line(indent + text)
}

// flow is a list of names in one line, or "" for none.
func flow(names []syntax.Name) string {
	if len(names) == 0 {
		return ""
	}
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.Text
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func facts(decls []*syntax.FactDecl) []entry {
	var entries []entry
	for _, f := range decls {
		entries = append(entries, entry{f.Name.Pos.Line, f.Name.Text + ": " + domain(f)})
	}
	return entries
}

// domain is a fact's values, or its long form when it is asked.
func domain(f *syntax.FactDecl) string {
	words := make([]string, len(f.Values))
	for i, v := range f.Values {
		words[i] = v.Text
	}
	values := strings.Join(words, " | ")
	var parts []string
	if f.Ask != "" {
		parts = append(parts, "ask: "+quoted(f.Ask))
	}
	if f.Law != "" {
		parts = append(parts, "law: "+f.Law)
	}
	if len(parts) == 0 {
		return values
	}
	return "{" + strings.Join(append(parts, "is: "+values), ", ") + "}"
}

// otherTypes are words that other readers of YAML take for something else
// than text.
var otherTypes = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|~|[-+.]?[0-9][-+.:0-9a-fox_]*|[-+]?\.inf|\.nan)$`)

// textScalar is words for people as a YAML value.
func textScalar(text string) string {
	if text != "" && otherTypes.MatchString(text) {
		return quoted(text)
	}
	return scalar(text)
}

// scalar is a text as a YAML value, in quotes only when it needs them.
func scalar(text string) string {
	if isPlain(text) {
		return text
	}
	return quoted(text)
}

func isPlain(text string) bool {
	if text == "" || strings.ContainsAny(text[:1], ",[]{}#&*!|>'\"%@`") || strings.TrimSpace(text) != text ||
		strings.Contains(text, ": ") || strings.HasSuffix(text, ":") || strings.Contains(text, " #") {
		return false
	}
	if strings.ContainsAny(text[:1], "-?:") && (len(text) == 1 || text[1] == ' ') {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return !isPrintable(r) }) < 0
}

// isPrintable reports whether YAML needs no escape for the character.
func isPrintable(r rune) bool {
	return unicode.IsGraphic(r) && r != '\u2028' && r != '\u2029' && r != '\ufeff'
}

// quoted is a text in quotes: double ones, or single ones where double ones
// would need escapes.
func quoted(text string) string {
	odd := strings.IndexFunc(text, func(r rune) bool { return !isPrintable(r) }) >= 0
	if !odd && strings.ContainsAny(text, `"\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case isPrintable(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func escape(r rune) string {
	const digits = "0123456789abcdef"
	out := []byte(`\U00000000`)
	for i := len(out) - 1; r > 0; i-- {
		out[i] = digits[r&15]
		r >>= 4
	}
	return string(out)
}

// comments are the comments of a front matter, by the line that they belong
// to: those above it, and the one behind it.
type comments struct {
	above  map[int][]string
	behind map[int]string
}

// take takes the comments of a line.
func (c *comments) take(line int) (above []string, behind string) {
	above, behind = c.above[line], c.behind[line]
	delete(c.above, line)
	delete(c.behind, line)
	return above, behind
}

// rest are the comments that nobody took, in the order of the file. They
// stood at what is not printed, or within what is printed in one line.
func (c *comments) rest() []string {
	var lines []int
	for line := range c.above {
		lines = append(lines, line)
	}
	for line := range c.behind {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	var all []string
	for _, line := range slices.Compact(lines) {
		above, behind := c.take(line)
		all = append(all, above...)
		if behind != "" {
			all = append(all, behind)
		}
	}
	return all
}

// findComments reads the comments of the front matter that begins in the
// first line.
func findComments(lines []string) *comments {
	c := &comments{above: map[int][]string{}, behind: map[int]string{}}
	var scan yamlScan
	var waiting []string
	for i := 1; i < len(lines) && strings.TrimRight(lines[i], " \t") != "---"; i++ {
		text, comment := scan.line(lines[i])
		number := i + 1
		switch {
		case strings.TrimSpace(text) != "":
			if len(waiting) > 0 {
				c.above[number] = waiting
				waiting = nil
			}
			if comment != "" {
				c.behind[number] = comment
			}
		case comment != "":
			waiting = append(waiting, comment)
		}
	}
	if len(waiting) > 0 {
		c.above[len(lines)+1] = waiting
	}
	return c
}

// yamlScan tells comments from text, line by line. It knows of quotes, which
// may go over several lines, and of block texts (| and >), which have no
// comments.
type yamlScan struct {
	quote  byte // the quote that is open, or 0
	block  bool // a block text is open
	indent int  // of the line that opened it
}

func (s *yamlScan) line(line string) (text, comment string) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	if s.block {
		if strings.TrimSpace(line) == "" || indent > s.indent {
			return line, ""
		}
		s.block = false
	}
	at := s.commentStart(line)
	text, comment = strings.TrimRight(line[:at], " \t"), strings.TrimRight(line[at:], " \t")
	if s.quote == 0 && opensBlock(text) {
		s.block, s.indent = true, indent
	}
	return text, comment
}

// commentStart is where the line's comment begins, or the line's length.
func (s *yamlScan) commentStart(line string) int {
	canOpen := true // a quote opens only where a value begins
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case s.quote != 0:
			switch {
			case c == '\\' && s.quote == '"':
				i++
			case c == s.quote && c == '\'' && i+1 < len(line) && line[i+1] == '\'':
				i++
			case c == s.quote:
				s.quote = 0
			}
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return i
		case canOpen && (c == '"' || c == '\''):
			s.quote, canOpen = c, false
		case c == ' ' || c == '\t':
		default:
			next := i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t'
			canOpen = (c == ':' || c == '-' || c == '?') && next || strings.IndexByte("[{,:", c) >= 0 && c != ':'
		}
	}
	return len(line)
}

// opensBlock reports whether the line ends with the mark of a block text.
func opensBlock(text string) bool {
	at := strings.LastIndexAny(text, " \t") + 1
	mark := strings.Trim(text[at:], "+-0123456789")
	before := strings.TrimRight(text[:at], " \t")
	return (mark == "|" || mark == ">") && (strings.HasSuffix(before, ":") || strings.HasSuffix(before, "-"))
}
