package format

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"

	"roundtable/playbook/syntax"
)

// place tells what stands around running text. prev and next are 0 at the
// beginning and end of a line.
type place struct {
	prev, next rune
	first      bool // nothing stands before it within its marks or line
	last       bool // nothing stands behind it within its marks or line
	brackets   bool // there are links here, so that brackets need a backslash
}

// paragraph is the lines of running text.
func (p *printer) paragraph(inlines []syntax.Inline) []string {
	return guardLines(strings.Split(p.inlineText(inlines, place{}), "\n"))
}

// heading is running text in one line.
func (p *printer) heading(inlines []syntax.Inline) string {
	text := p.inlineText(inlines, place{})
	text = closingMarks.ReplaceAllString(text, `$1\$2`)
	return literalID.ReplaceAllString(text, `\$1`)
}

var (
	closingMarks = regexp.MustCompile(`(^|[ \t])(#+)$`)
	literalID    = regexp.MustCompile(`(\{#[^{}]*\})$`)
)

// inliner prints running text. It takes * for emphasis where that can be read
// and _ where not. With marks, it takes these, one for each emphasis in order.
type inliner struct {
	marks string
	used  int
}

// inlineText is running text as Markdown, with \n where a line ends. Emphasis
// within emphasis can be so intricate that no rule tells which marks are read
// as the same: then all are tried.
func (p *printer) inlineText(inlines []syntax.Inline, at place) string {
	first := (&inliner{}).text(inlines, at)
	emphases := countEmphases(inlines)
	if emphases == 0 || emphases > maxTried || p.tryText(first, inlines) {
		return first
	}
	for choice := range 1 << emphases {
		marks := make([]byte, emphases)
		for i := range marks {
			marks[i] = "*_"[choice>>i&1]
		}
		tried := (&inliner{marks: string(marks)}).text(inlines, at)
		if p.tryText(tried, inlines) {
			return tried
		}
	}
	return first
}

// tryText reports whether the Markdown reads as the running text. It takes it
// on trust when too much has been tried: Source looks at the whole in the end.
func (p *printer) tryText(text string, inlines []syntax.Inline) bool {
	p.budget -= tryCost + len(text)
	return p.budget < 0 || readsAs(text, inlines)
}

const (
	maxTried  = 8       // emphases in a text whose marks are tried
	tryCost   = 500     // of a try, in bytes that take as long to read
	tryBudget = 1 << 20 // bytes that are tried for a file
)

func countEmphases(inlines []syntax.Inline) int {
	n := 0
	for i := range inlines {
		if inlines[i].Kind == syntax.Emph || inlines[i].Kind == syntax.Strong {
			n += 1 + countEmphases(inlines[i].Inner)
		}
	}
	return n
}

// readsAs reports whether the Markdown reads as the running text.
func readsAs(text string, inlines []syntax.Inline) bool {
	const before = "---\nid: x\n---\n\n# T\n\n## S\n\n"
	f, _ := syntax.Parse("", []byte(before+strings.Join(guardLines(strings.Split(text, "\n")), "\n")+"\n"))
	if len(f.Steps) != 1 || len(f.Steps[0].Text) != 1 {
		return false
	}
	var d differ
	return d.same(reflect.ValueOf(inlines), reflect.ValueOf(f.Steps[0].Text[0].Inlines))
}

// text is running text as Markdown.
func (n *inliner) text(inlines []syntax.Inline, at place) string {
	at.brackets = at.brackets || hasLink(inlines)
	var b strings.Builder
	prev := at.prev
	for i := range inlines {
		here := at
		here.prev = prev
		here.next = at.next
		if i+1 < len(inlines) {
			here.next = firstMark(&inlines[i+1])
		}
		here.first = i == 0 || isBreak(&inlines[i-1])
		here.last = i+1 == len(inlines) || isBreak(&inlines[i+1])
		text := n.inline(inlines, i, here)
		b.WriteString(text)
		prev, _ = utf8.DecodeLastRuneInString(text)
		if prev == '\n' {
			prev = 0
		}
	}
	return b.String()
}

func isBreak(in *syntax.Inline) bool {
	return in.Kind == syntax.SoftBreak || in.Kind == syntax.HardBreak
}

func hasLink(inlines []syntax.Inline) bool {
	for i := range inlines {
		if inlines[i].Kind == syntax.Anchor || hasLink(inlines[i].Inner) {
			return true
		}
	}
	return false
}

// firstMark is the character that a piece begins with; for a text, its first.
func firstMark(in *syntax.Inline) rune {
	switch in.Kind {
	case syntax.Code:
		return '`'
	case syntax.Emph, syntax.Strong:
		return '*'
	case syntax.Anchor:
		return '['
	case syntax.Text:
		r, _ := utf8.DecodeRuneInString(in.S)
		return r
	}
	return 0
}

func (n *inliner) inline(all []syntax.Inline, i int, at place) string {
	in := &all[i]
	switch in.Kind {
	case syntax.Code:
		return code(in.S)
	case syntax.Emph, syntax.Strong:
		return n.emphasis(in, at)
	case syntax.Anchor:
		return n.anchor(in, at)
	case syntax.SoftBreak:
		return "\n"
	case syntax.HardBreak:
		if at.prev == '\\' {
			return "  \n" // a backslash here would belong to the one before
		}
		return "\\\n"
	}
	return textMarks(in.S, at, i > 0 && endsInMark(&all[i-1]), i+1 < len(all) && beginsWithMark(&all[i+1]))
}

// endsInMark reports whether emphasis ends right after punctuation, so that
// its mark would not close before a letter.
func endsInMark(in *syntax.Inline) bool {
	if in.Kind != syntax.Emph && in.Kind != syntax.Strong {
		return false
	}
	last := in.Inner[len(in.Inner)-1]
	r, _ := utf8.DecodeLastRuneInString(last.S)
	return last.Kind != syntax.Text || isPunct(r)
}

// beginsWithMark reports whether emphasis begins right before punctuation, so
// that its mark would not open behind a letter.
func beginsWithMark(in *syntax.Inline) bool {
	if in.Kind != syntax.Emph && in.Kind != syntax.Strong {
		return false
	}
	r, _ := utf8.DecodeRuneInString(in.Inner[0].S)
	return in.Inner[0].Kind != syntax.Text || isPunct(r)
}

func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func isEdge(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func isWord(r rune) bool { return !isEdge(r) && !isPunct(r) }

// code is a code span, with as many backticks as it needs.
func code(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		run++
		if r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	marks := strings.Repeat("`", longest+1)
	spaced := strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") && strings.TrimSpace(text) != ""
	if spaced || strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return marks + text + marks
}

// emphasis is text between * or, right beside another *, between _.
func (n *inliner) emphasis(in *syntax.Inline, at place) string {
	mark := "*"
	switch {
	case n.used < len(n.marks):
		mark = n.marks[n.used : n.used+1]
		n.used++
	case (at.prev == '*' || at.next == '*') && at.prev != '_' && !isWord(at.prev) && !isWord(at.next):
		mark = "_"
	}
	return n.between(mark, in, at)
}

// between is emphasised text between marks.
func (n *inliner) between(mark string, in *syntax.Inline, at place) string {
	if in.Kind == syntax.Strong {
		mark += mark
	}
	at.prev, at.next = rune(mark[0]), rune(mark[0])
	return mark + n.text(in.Inner, at) + mark
}

// anchor is a link. One whose words are its address stands between < and >.
func (n *inliner) anchor(in *syntax.Inline, at place) string {
	label := in.Link.Label
	if len(label) == 1 && label[0].Kind == syntax.Text && in.Title == "" && isAutoLink(label[0].S, in.Dest) {
		return "<" + label[0].S + ">"
	}
	text := "[" + n.text(label, inLabel) + "](" + address(in.Dest)
	if in.Title != "" {
		text += " " + title(in.Title)
	}
	return text + ")"
}

// inLabel is between the brackets of a link.
var inLabel = place{prev: '[', next: ']', brackets: true}

func isAutoLink(words, dest string) bool {
	closed := []byte(words + ">")
	switch {
	case words == dest:
		return util.FindEmailIndex(closed) < 0 && util.FindURLIndex(closed) == len(words)
	case "mailto:"+words == dest:
		return util.FindEmailIndex(closed) == len(words)
	}
	return false
}

// address is a link's address, between < and > where it needs that.
func address(dest string) string {
	dest = escapeLiterals(dest)
	if dest == "" || strings.ContainsAny(dest, " \t<>") || strings.IndexFunc(dest, unicode.IsControl) >= 0 {
		return "<" + strings.NewReplacer("<", `\<`, ">", `\>`).Replace(dest) + ">"
	}
	if !balanced(dest) {
		dest = strings.NewReplacer("(", `\(`, ")", `\)`).Replace(dest)
	}
	return dest
}

func balanced(text string) bool {
	depth := 0
	for i := 0; i < len(text) && depth >= 0; i++ {
		switch text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return depth == 0
}

// escapePercent keeps a % that is meant as such.
func escapePercent(id string) string { return strings.ReplaceAll(id, "%", "%25") }

// title is a link's title in quotes.
func title(text string) string {
	return `"` + strings.ReplaceAll(escapeLiterals(text), `"`, `\"`) + `"`
}

// escapeLiterals keeps backslashes and what looks like an entity.
func escapeLiterals(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && (i+1 == len(text) || util.IsPunct(text[i+1])) || c == '&' && looksLikeEntity(text[i:]) {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

var entity = regexp.MustCompile(`^&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);`)

func looksLikeEntity(text string) bool { return entity.MatchString(text) }

// textMarks is a text with backslashes before what would be read as a mark.
// afterMark and beforeMark tell that emphasis next to it ends or begins with
// punctuation: a letter there is written as a number, or the emphasis would
// not be read.
func textMarks(text string, at place, afterMark, beforeMark bool) string {
	runes := []rune(text)
	pieces := make([]string, len(runes))
	follows := at.next // the character printed behind the piece
	for i := len(runes) - 1; i >= 0; i-- {
		r, prev, next := runes[i], at.prev, at.next
		if i > 0 {
			prev = runes[i-1]
		}
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		first, last := i == 0, i == len(runes)-1
		pieces[i] = string(r)
		switch {
		case unicode.IsSpace(r) && (first && at.first || last && at.last),
			first && afterMark && isWord(r), last && beforeMark && isWord(r):
			pieces[i] = fmt.Sprintf("&#%d;", r)
		case r == '\\' && (follows == 0 || follows < utf8.RuneSelf && isPunct(follows)),
			r == '!' && last && at.next == '[',
			needsBackslash(r, prev, next, string(runes[i:min(len(runes), i+maxMark)]), at):
			pieces[i] = `\` + pieces[i]
		}
		follows, _ = utf8.DecodeRuneInString(pieces[i])
	}
	return strings.Join(pieces, "")
}

// maxMark is how far a character is looked behind to tell whether it is a mark.
const maxMark = 300

// needsBackslash reports whether a character would be read as a mark. rest is
// the text from it on.
func needsBackslash(r, prev, next rune, rest string, at place) bool {
	switch r {
	case '`':
		return true
	case '*':
		return !isEdge(prev) || !isEdge(next)
	case '_':
		return !(isEdge(prev) && isEdge(next)) && !(isWord(prev) && isWord(next))
	case '[':
		return at.brackets
	case ']':
		return at.brackets || next == '(' || next == '['
	case '<':
		return next < utf8.RuneSelf && (unicode.IsLetter(next) || strings.ContainsRune("/!?", next)) || util.FindEmailIndex([]byte(rest[1:])) >= 0
	case '&':
		return looksLikeEntity(rest)
	}
	return false
}

// What a line may not begin with, because it would begin a block. The
// backslash goes before the last group.
var lineStarts = []*regexp.Regexp{
	regexp.MustCompile(`^()(#{1,6}(?:[ \t]|$).*)`),
	regexp.MustCompile(`^()(>.*)`),
	regexp.MustCompile(`^()([-+*](?:[ \t]|$).*)`),
	regexp.MustCompile(`^(\d{1,9})([.)](?:[ \t]|$).*)`),
	regexp.MustCompile(`^()(=+[ \t]*)$`),
	regexp.MustCompile(`^()(-+[ \t]*)$`),
	regexp.MustCompile(`^()(_[ \t]*(?:_[ \t]*){2,})$`),
	regexp.MustCompile(`^()(-[ \t]*(?:-[ \t]*){2,})$`),
	regexp.MustCompile(`^()(\*[ \t]*(?:\*[ \t]*){2,})$`),
	regexp.MustCompile(`^()(~~~.*)`),
	regexp.MustCompile(`^()(\[[ xX]\](?:[ \t]|$).*)`),
	regexp.MustCompile(`^()(\[[^\[\]]+\]:.*)`),
	regexp.MustCompile(`^()(:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*)$`),
	regexp.MustCompile(`^()(\|[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*)$`),
}

// guardLines puts a backslash into lines that would begin a block.
func guardLines(lines []string) []string {
	for i, line := range lines {
		for _, start := range lineStarts {
			if m := start.FindStringSubmatch(line); m != nil {
				lines[i] = m[1] + `\` + m[2]
				break
			}
		}
	}
	return lines
}
