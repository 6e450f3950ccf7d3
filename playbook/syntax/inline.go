package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"

	"roundtable/playbook/diag"
)

// inlines = { inline } .
func (b *bodyParser) inlines(n ast.Node, r rules, depth int) []Inline {
	if n != nil && depth > maxDepth {
		b.errorf(b.pos(max(0, n.Pos())), "emphasis is nested deeper than %d levels here", maxDepth)
		return nil
	}
	count := 0
	for c := n; c != nil; c = c.NextSibling() {
		count++
	}
	all := make([]Inline, 0, count)
	for ; n != nil; n = n.NextSibling() {
		all = b.inline(all, n, r, depth)
	}
	return trimBreaks(all)
}

// inline = TEXT | codeSpan | "*" inlines "*" | "**" inlines "**" | textLink | autoLink .
// It is appended to those before it.
func (b *bodyParser) inline(all []Inline, n ast.Node, r rules, depth int) []Inline {
	pos := b.pos(max(0, n.Pos()))
	switch n := n.(type) {
	case *ast.Text:
		return appendText(all, n, unescape(string(n.Segment.Value(b.text))), pos)
	case *ast.String:
		return appendInline(all, Inline{Kind: Text, S: string(n.Value), Pos: pos})
	case *ast.CodeSpan:
		return append(all, Inline{Kind: Code, S: b.codeSpan(n).text, Pos: pos})
	case *ast.Emphasis:
		kind := Emph
		if n.Level == 2 {
			kind = Strong
		}
		return append(all, Inline{Kind: kind, Inner: b.inlines(n.FirstChild(), r, depth+1), Pos: pos})
	case *ast.Link:
		return appendInline(all, b.textLink(n, r, depth)...)
	case *ast.AutoLink:
		return appendInline(all, b.autoLink(n, r)...)
	case *ast.Image:
		b.errorf(pos, "a picture cannot stand in a playbook: describe it in words")
	case *ast.RawHTML:
		b.errorf(pos, "HTML cannot stand in a playbook: write plain words, or \\< for the sign <")
	case *east.TaskCheckBox:
		// Taken off where it may stand; elsewhere its list has been refused.
	}
	return all
}

// appendText appends the words of a text node and the line break after them.
func appendText(all []Inline, n *ast.Text, words string, pos diag.Position) []Inline {
	if words != "" {
		all = appendInline(all, Inline{Kind: Text, S: words, Pos: pos})
	}
	end := diag.Position{Line: pos.Line, Column: pos.Column + utf8.RuneCountInString(words)}
	switch {
	case n.HardLineBreak():
		all = append(all, Inline{Kind: HardBreak, Pos: end})
	case n.SoftLineBreak():
		all = append(all, Inline{Kind: SoftBreak, Pos: end})
	}
	return all
}

// appendInline appends pieces; texts that follow each other are one.
func appendInline(all []Inline, pieces ...Inline) []Inline {
	for _, in := range pieces {
		if last := len(all) - 1; last >= 0 && in.Kind == Text && all[last].Kind == Text {
			all[last].S += in.S
			continue
		}
		all = append(all, in)
	}
	return all
}

// trimBreaks drops line breaks at the ends.
func trimBreaks(all []Inline) []Inline {
	for len(all) > 0 && isBreak(all[len(all)-1]) {
		all = all[:len(all)-1]
	}
	for len(all) > 0 && isBreak(all[0]) {
		all = all[1:]
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func isBreak(in Inline) bool { return in.Kind == SoftBreak || in.Kind == HardBreak }

// codeSpan = "`" TEXT "`" .
// The end of a line in it is a space.
func (b *bodyParser) codeSpan(n *ast.CodeSpan) spelled {
	type piece struct{ at, offset int }
	var text strings.Builder
	var pieces []piece
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			continue
		}
		pieces = append(pieces, piece{text.Len(), t.Segment.Start})
		text.WriteString(strings.ReplaceAll(string(b.text[t.Segment.Start:t.Segment.Stop]), "\n", " "))
	}
	return spelled{text.String(), func(i int) diag.Position {
		for k := len(pieces) - 1; k >= 0; k-- {
			if pieces[k].at <= i {
				return b.pos(pieces[k].offset + i - pieces[k].at)
			}
		}
		return b.pos(max(0, n.Pos()))
	}}
}

// unescape resolves backslashes and entities in a text.
func unescape(raw string) string {
	if !strings.ContainsAny(raw, `\&`) {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		switch {
		case raw[i] == '\\' && i+1 < len(raw) && util.IsPunct(raw[i+1]):
			b.WriteByte(raw[i+1])
			i += 2
			continue
		case raw[i] == '&':
			if text, length := entity(raw[i:]); length > 0 {
				b.WriteString(text)
				i += length
				continue
			}
		}
		b.WriteByte(raw[i])
		i++
	}
	return b.String()
}

// maxEntity is longer than the longest entity's name.
const maxEntity = 40

// entity is the text of the entity that raw begins with, and its length.
func entity(raw string) (text string, length int) {
	end := strings.IndexByte(raw[:min(len(raw), maxEntity)], ';')
	if end < 2 {
		return "", 0
	}
	name := raw[1:end]
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		if r, ok := numbered(digits); ok {
			return cleanRune(r), end + 1
		}
		return "", 0
	}
	if e, ok := util.LookUpHTML5EntityByName(name); ok {
		return strings.Map(spaceForControl, string(e.Characters)), end + 1
	}
	return "", 0
}

func numbered(digits string) (rune, bool) {
	base, most := 10, 7
	if hex := strings.TrimPrefix(strings.TrimPrefix(digits, "x"), "X"); hex != digits {
		base, most, digits = 16, 6, hex
	}
	if len(digits) > most || strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "-") {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, base, 32)
	return rune(v), err == nil
}

// cleanRune is the character as text: what is no character or would break
// the line is replaced, as CommonMark does for zero.
func cleanRune(r rune) string {
	if r == 0 || !utf8.ValidRune(r) {
		return string(utf8.RuneError)
	}
	return string(spaceForControl(r))
}

// spaceForControl keeps the ends of lines out of a text.
func spaceForControl(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}
