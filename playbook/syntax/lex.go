package syntax

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"roundtable/playbook/diag"
)

// maxExpr is how long an expression may be, in bytes. It bounds the depth of
// the tree that a long chain of `and` makes.
const maxExpr = 16 << 10

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota // the text is over
	tokenWord                    // a name or a word of the language
	tokenQuoted                  // "Heading"; text is without the quotes
	tokenMark                    // ( ) , / = !=
	tokenBad                     // text is what is wrong with it
)

type token struct {
	kind tokenKind
	text string
	pos  diag.Position
}

// is reports whether the token is this word or mark.
func (t token) is(text string) bool {
	return (t.kind == tokenWord || t.kind == tokenMark) && t.text == text
}

// String is the token as a message quotes it.
func (t token) String() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenQuoted:
		return "the heading \"" + clip(t.text) + "\""
	}
	return "\"" + clip(t.text) + "\""
}

// lex cuts an expression into tokens; the last one is tokenEnd. Quoted
// headings are read first, so that their words are never taken for words of
// the language.
func lex(in spelled) []token {
	if len(in.text) > maxExpr {
		return []token{{tokenBad, fmt.Sprintf("this expression is longer than %d characters: make it two rules", maxExpr), in.at(0)}}
	}
	var tokens []token
	for i := 0; i < len(in.text); {
		r, size := utf8.DecodeRuneInString(in.text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		t := token{pos: in.at(i)}
		t.kind, t.text, size = lexOne(in.text[i:], r, size)
		tokens = append(tokens, t)
		i += size
	}
	return append(tokens, token{kind: tokenEnd, pos: in.at(len(in.text))})
}

// lexOne reads the token that text begins with and tells how long it is.
func lexOne(text string, r rune, size int) (tokenKind, string, int) {
	switch {
	case r == '"':
		end := strings.IndexByte(text[1:], '"')
		if end < 0 {
			return tokenBad, "the quote that opens here is not closed", len(text)
		}
		return tokenQuoted, strings.Join(strings.Fields(text[1:1+end]), " "), end + 2
	case strings.ContainsRune("(),/", r):
		return tokenMark, text[:size], size
	case isWordRune(r):
		end := strings.IndexFunc(text, func(r rune) bool { return !isWordRune(r) })
		if end < 0 {
			end = len(text)
		}
		return tokenWord, text[:end], end
	}
	return lexOperator(text, size)
}

// meantOperators are signs that people bring from other languages.
var meantOperators = map[string]string{
	"==": "is", "≠": "is not", "<>": "is not", "!==": "is not", "===": "is", "=!": "is not", "≡": "is",
	"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "∧": "and", "∨": "or", "¬": "not", "+": "and",
	"=>": "leads to", "→": "leads to", "⇒": "leads to",
}

func lexOperator(text string, size int) (tokenKind, string, int) {
	end := size
	if strings.IndexByte("=!<>&|", text[0]) >= 0 {
		for end < len(text) && strings.IndexByte("=!<>&|", text[end]) >= 0 {
			end++
		}
	}
	operator := text[:end]
	if operator == "=" || operator == "!=" {
		return tokenMark, operator, end
	}
	if strings.Contains("“”„«»‘’'", operator) {
		return tokenBad, "a heading stands in straight double quotes, like \"Call the lawyer\"", end
	}
	hint := ""
	if better, ok := meantOperators[operator]; ok {
		hint = "; write " + better
	}
	return tokenBad, fmt.Sprintf("there is no operator %q%s", clip(operator), hint), end
}

// isWordRune reports whether names and step ids have such a character. Step
// ids are made of headings in any script.
func isWordRune(r rune) bool { return r == '-' || isSlugRune(r) }
