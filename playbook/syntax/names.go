package syntax

import (
	"fmt"
	"slices"
	"strings"

	"roundtable/playbook/diag"
)

// reserved are the words that may not name anything.
var reserved = strings.Fields("and or not is one of in at called notified recorded handed ended outcome never unless " +
	"before leads to every end has path ends stays possible if neutral about otherwise")

// Reserved reports whether the word belongs to the language, so that it may
// not name a fact, a value, a role, a field, a handout or an outcome.
func Reserved(word string) bool { return slices.Contains(reserved, word) }

// isName reports whether the text is a name: [a-z][a-z0-9_]*.
func isName(text string) bool {
	return text != "" && isSmall(text[0]) && isValue(text)
}

// isValue reports whether the text is a value: a name that may start with a digit.
func isValue(text string) bool {
	return text != "" && text[0] != '_' && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// isID reports whether the text is an id: [a-z][a-z0-9-]*.
func isID(text string) bool {
	return text != "" && isSmall(text[0]) && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// isReference reports whether the text can name a policy or a law: an id that
// may have _ too.
func isReference(text string) bool {
	return isID(strings.ReplaceAll(text, "_", "-"))
}

func isSmall(c byte) bool { return c >= 'a' && c <= 'z' }

// badName says what is wrong with the text as a name of that kind ("fact",
// "role", …), or "" when nothing is.
func badName(text, kind string) string {
	ok := isName
	if kind == "value" {
		ok = isValue
	}
	switch {
	case text == "":
		return fmt.Sprintf("the name of %s is missing", withArticle(kind))
	case Reserved(text):
		return fmt.Sprintf("%q is a word of the language and cannot be the name of %s", text, withArticle(kind))
	case ok(text):
		return ""
	}
	hint := ""
	if better := madeName(text); ok(better) && !Reserved(better) {
		hint = fmt.Sprintf("; write %q", better)
	}
	return fmt.Sprintf("%q cannot be the name of %s: names are small letters, digits and _%s", clip(text), withArticle(kind), hint)
}

func withArticle(noun string) string {
	if strings.ContainsAny(noun[:1], "aeio") {
		return "an " + noun
	}
	return "a " + noun
}

// madeName is the name that the text was probably meant to be.
func madeName(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	return strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(text)
}

// clip shortens a text that a message quotes.
func clip(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// oneOf is a list of words for a message: "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// meant is the hint that names the nearest of the words, whatever its letters' case.
func meant(word string, words []string) string {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return fmt.Sprintf("; did you mean %q?", w)
		}
	}
	return diag.DidYouMean(word, words)
}
