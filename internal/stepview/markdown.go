package stepview

import (
	"regexp"
	"strings"

	"roundtable/internal/web/page"
)

// Markdown turns the text of a policy or a handout into what pages show: headings,
// paragraphs, lists and bold words. Anything else stands as it is written.
func Markdown(text string) page.Text {
	var out page.Text
	var para []string
	flush := func() {
		if len(para) > 0 {
			out = append(out, page.Block{Spans: bold(strings.Join(para, " "))})
			para = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
			flush()
		case strings.HasPrefix(trimmed, "#"):
			flush()
			out = append(out, page.Block{Head: strings.TrimSpace(headingID.ReplaceAllString(strings.TrimLeft(trimmed, "# "), ""))})
		case strings.HasPrefix(trimmed, "- "):
			flush()
			out = addItem(out, strings.TrimSpace(trimmed[2:]))
		case len(para) == 0 && len(out) > 0 && line != trimmed && len(out[len(out)-1].Items) > 0:
			last := out[len(out)-1].Items
			item := &last[len(last)-1]
			item.Text[0].Spans = append(append(item.Text[0].Spans, page.Span{Words: " "}), bold(trimmed)...)
		default:
			para = append(para, strings.TrimLeft(trimmed, "> "))
		}
	}
	flush()
	return out
}

var headingID = regexp.MustCompile(`\s*\{#[^}]*\}$`)

func addItem(out page.Text, text string) page.Text {
	item := page.Item{Text: page.Text{{Spans: bold(text)}}}
	if n := len(out); n > 0 && len(out[n-1].Items) > 0 {
		out[n-1].Items = append(out[n-1].Items, item)
		return out
	}
	return append(out, page.Block{Items: []page.Item{item}})
}

// bold splits running text at its ** marks. A mark without its partner stands as it
// is.
func bold(text string) (spans []page.Span) {
	parts := strings.Split(text, "**")
	if len(parts)%2 == 0 {
		return []page.Span{{Words: text}}
	}
	for i, part := range parts {
		if part != "" {
			spans = append(spans, page.Span{Words: part, Strong: i%2 == 1})
		}
	}
	return spans
}
