package syntax

import (
	"strings"
	"unicode"
)

// Slug is the id that GitHub makes of a heading: small letters, spaces as
// hyphens, everything dropped that is not a letter, a mark, a digit, a
// connector like _, or a hyphen. Letters of any script are kept.
func Slug(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(heading)) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || isSlugRune(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isSlugRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) ||
		unicode.In(r, unicode.Nl, unicode.Other_Alphabetic, unicode.Pc, unicode.Join_Control)
}

// isSlug reports whether the text can be a step's id.
func isSlug(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return !isWordRune(r) }) < 0
}
