package syntax

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"roundtable/playbook/diag"
)

// keyOrder is the order of the keys in the language's definition, which is
// the order in which they are printed.
var keyOrder = []string{"id", "title", "summary", "owner", "review", "kind", "rehearses", "needs", "lang", "translates",
	"record", "for", "sources", "given", "facts", "protected", "rules"}

// Keys lists the keys of the front matter in the order of the definition.
func Keys() []string { return append([]string(nil), keyOrder...) }

// frontKeys reads each key's value.
var frontKeys map[string]func(*parser, *yaml.Node)

func init() { // not in the declaration, which the parser's methods refer to
	frontKeys = map[string]func(*parser, *yaml.Node){
		"id":         func(p *parser, n *yaml.Node) { p.file.Front.ID = p.idValue(n, "id") },
		"title":      func(p *parser, n *yaml.Node) { p.file.Front.Title = p.lineValue(n, "title") },
		"summary":    func(p *parser, n *yaml.Node) { p.file.Front.Summary = p.lineValue(n, "summary") },
		"owner":      func(p *parser, n *yaml.Node) { p.file.Front.Owner = p.nameValue(n, "role") },
		"review":     (*parser).reviewValue,
		"kind":       (*parser).kindValue,
		"rehearses":  func(p *parser, n *yaml.Node) { p.file.Front.Rehearses = p.idValue(n, "rehearses") },
		"needs":      (*parser).needsValue,
		"lang":       (*parser).langValue,
		"translates": func(p *parser, n *yaml.Node) { p.file.Front.Translates = p.idValue(n, "translates") },
		"record":     (*parser).recordValue,
		"for":        func(p *parser, n *yaml.Node) { p.file.Front.For = p.namesValue(n, "role") },
		"sources":    func(p *parser, n *yaml.Node) { p.file.Front.Sources = p.linesValue(n, "source") },
		"given":      func(p *parser, n *yaml.Node) { p.file.Front.Given = p.declarations(n, true) },
		"facts":      func(p *parser, n *yaml.Node) { p.file.Front.Facts = p.declarations(n, false) },
		"protected":  func(p *parser, n *yaml.Node) { p.file.Front.Protected = p.namesValue(n, "fact") },
		"rules":      (*parser).rulesValue,
	}
}

// scalar = TEXT .
// It is the value with its places, or false after a problem.
func (p *parser) scalar(n *yaml.Node, what string) (spelled, bool) {
	switch n.Kind {
	case yaml.MappingNode:
		p.errorf(nodePos(n), "YAML reads a colon in this %s as a key: put the whole %s in quotes", what, what)
		return spelled{}, false
	case yaml.SequenceNode:
		p.errorf(nodePos(n), "the %s is one value, not a list", what)
		return spelled{}, false
	}
	text := p.spelledNode(n).trim()
	if text.text == "" || isNull(n) {
		p.errorf(nodePos(n), "the %s has no value", what)
		return spelled{}, false
	}
	return text, true
}

func isNull(n *yaml.Node) bool { return n.Tag == "!!null" && n.Style == 0 && n.Value == "" }

// lineValue is a text of one line.
func (p *parser) lineValue(n *yaml.Node, what string) Name {
	text, ok := p.scalar(n, what)
	if !ok {
		return Name{}
	}
	name := text.name()
	if strings.Contains(name.Text, "\n") {
		p.errorf(name.Pos, "the %s is one line", what)
		name.Text = strings.Join(strings.Fields(name.Text), " ")
	}
	return name
}

func (p *parser) idValue(n *yaml.Node, what string) Name {
	text, ok := p.scalar(n, what)
	if !ok {
		return Name{}
	}
	if !isID(text.text) {
		hint := ""
		if better := strings.ReplaceAll(madeName(text.text), "_", "-"); isID(better) {
			hint = fmt.Sprintf("; write %q", better)
		}
		p.errorf(text.at(0), "%q cannot be an id: ids are small letters, digits and -%s", clip(text.text), hint)
	}
	return text.name()
}

func (p *parser) nameValue(n *yaml.Node, kind string) Name {
	text, ok := p.scalar(n, kind)
	if !ok {
		return Name{}
	}
	return p.checkedName(text, kind)
}

// checkedName is the text as a Name, after a problem if it cannot be one.
func (p *parser) checkedName(text spelled, kind string) Name {
	if wrong := badName(text.text, kind); wrong != "" {
		p.errorf(text.at(0), "%s", wrong)
	}
	return text.name()
}

func (p *parser) reviewValue(n *yaml.Node) {
	text, ok := p.scalar(n, "review")
	if !ok {
		return
	}
	if _, err := time.Parse(time.DateOnly, text.text); err != nil {
		p.errorf(text.at(0), "%q is not a date: write it like 2027-06-01", clip(text.text))
		return
	}
	p.file.Front.Review = text.name()
}

func (p *parser) kindValue(n *yaml.Node) {
	text, ok := p.scalar(n, "kind")
	if !ok {
		return
	}
	p.file.Front.KindPos = text.at(0)
	kinds := []string{string(Playbook), string(Rehearsal), string(Part)}
	if p.knownWord(text, "kind", kinds) {
		p.file.Front.Kind = Kind(text.text)
	}
}

func (p *parser) recordValue(n *yaml.Node) {
	text, ok := p.scalar(n, "record")
	if ok && p.knownWord(text, "class of record", []string{"incident", "abuse", "demand", "conduct", "none"}) {
		p.file.Front.Record = text.name()
	}
}

// knownWord tells when the text is none of the words.
func (p *parser) knownWord(text spelled, what string, words []string) bool {
	for _, w := range words {
		if text.text == w {
			return true
		}
	}
	p.errorf(text.at(0), "there is no %s %q: write %s%s", what, clip(text.text), oneOf(words), meant(text.text, words))
	return false
}

// langTag is the shape of a BCP 47 language tag.
var langTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func (p *parser) langValue(n *yaml.Node) {
	text, ok := p.scalar(n, "lang")
	if !ok {
		return
	}
	if len(text.text) > 35 || !langTag.MatchString(text.text) {
		p.errorf(text.at(0), "%q is not a language tag: write one like en, es or zh-Hans", clip(text.text))
		return
	}
	p.file.Front.Lang = text.name()
}

// needsValue = orExpr .
func (p *parser) needsValue(n *yaml.Node) {
	text, ok := p.scalar(n, "needs")
	if !ok {
		return
	}
	p.file.Front.NeedsText = oneLine(text)
	p.file.Front.Needs = p.factExpr(text, "needs")
}

// factExpr reads an expression in which only facts and milestones may stand.
func (p *parser) factExpr(text spelled, where string) Expr {
	e, problems := parseExpr(text)
	p.reportAll(problems)
	if e != nil {
		p.onlyFacts(e, where)
	}
	return e
}

// onlyFacts tells about tests that ask where the walk stands.
func (p *parser) onlyFacts(e Expr, where string) {
	word := ""
	switch e := e.(type) {
	case *Or:
		p.onlyFacts(e.X, where)
		p.onlyFacts(e.Y, where)
	case *And:
		p.onlyFacts(e.X, where)
		p.onlyFacts(e.Y, where)
	case *Not:
		p.onlyFacts(e.X, where)
	case *At:
		word = "at"
	case *Ended:
		word = "ended"
	case *OutcomeIs:
		word = "outcome"
	}
	if word != "" {
		p.errorf(e.Start(), "%q cannot stand in %s: only facts, called, notified, recorded and handed can", word, where)
	}
}

// items = "[" scalar { "," scalar } "]" | { "-" scalar } | scalar .
func (p *parser) items(n *yaml.Node) []*yaml.Node {
	switch {
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case isNull(n):
		return nil
	}
	return []*yaml.Node{n}
}

func (p *parser) namesValue(n *yaml.Node, kind string) []Name {
	var names []Name
	seen := map[string]bool{}
	for _, item := range p.items(n) {
		name := p.nameValue(item, kind)
		if name.Text != "" && seen[name.Text] {
			p.errorf(name.Pos, "%q stands here a second time", clip(name.Text))
			continue
		}
		seen[name.Text] = true
		if name.Text != "" {
			names = append(names, name)
		}
	}
	return names
}

func (p *parser) linesValue(n *yaml.Node, what string) []Name {
	var lines []Name
	for _, item := range p.items(n) {
		if line := p.lineValue(item, what); line.Text != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// rulesValue = { "-" sentence } .
func (p *parser) rulesValue(n *yaml.Node) {
	for _, item := range p.items(n) {
		text, ok := p.scalar(item, "rule")
		if !ok {
			continue
		}
		sentence, problems := parseSentence(text)
		p.reportAll(problems)
		p.file.Front.Rules = append(p.file.Front.Rules, &Rule{Text: oneLine(text), Sentence: sentence})
	}
}

// oneLine is the text with spaces for its line ends.
func oneLine(text spelled) Name {
	return Name{Text: strings.ReplaceAll(text.text, "\n", " "), Pos: text.at(0)}
}

// spelledNode is the text of a YAML value with the place of each of its
// bytes in the file.
func (p *parser) spelledNode(n *yaml.Node) spelled {
	start := p.src.offset(nodePos(n))
	raw := p.src.text[start:]
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		start++
		raw = raw[min(1, len(raw)):]
	}
	if strings.HasPrefix(string(raw[:min(len(raw), len(n.Value))]), n.Value) {
		return spelled{n.Value, func(i int) diag.Position { return p.src.pos(start + i) }}
	}
	var places []int
	return spelled{n.Value, func(i int) diag.Position {
		if places == nil {
			places = align(raw, n.Value, n.Style)
		}
		return p.src.pos(start + places[i])
	}}
}

// align finds where each byte of a YAML value stands in its source: quotes
// are doubled or escaped there, and lines folded. Where it loses track, the
// rest of the value has the last place that was found.
func align(raw []byte, value string, style yaml.Style) []int {
	places := make([]int, len(value)+1)
	at := 0
	if style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		for at < len(raw) && raw[at] != '\n' {
			at++
		}
	}
	for i := 0; i < len(value); {
		r, size := utf8.DecodeRuneInString(value[i:])
		here, length, ok := alignOne(raw, at, r)
		if !ok {
			for ; i <= len(value); i++ {
				places[i] = here
			}
			break
		}
		for j := range size {
			places[i+j] = here
		}
		at = here + length
		i += size
		places[i] = at
	}
	return places
}

// alignOne finds the character in the source at or soon after a place.
func alignOne(raw []byte, at int, r rune) (here, length int, ok bool) {
	if r == ' ' || r == '\n' {
		if at < len(raw) && isBlank(raw[at]) {
			end := at
			for r == ' ' && raw[at] != ' ' && end < len(raw) && isBlank(raw[end]) {
				end++
			}
			return at, max(1, end-at), true
		}
		return at, 0, false
	}
	for at < len(raw) && isBlank(raw[at]) {
		at++ // the indent of a folded line
	}
	if at >= len(raw) {
		return at, 0, false
	}
	found, size := utf8.DecodeRune(raw[at:])
	switch {
	case found == '\\':
		return at, escapeLength(raw[at:]), true
	case found != r:
		return at, 0, false
	case r == '\'' && at+1 < len(raw) && raw[at+1] == '\'':
		return at, 2, true
	}
	return at, size, true
}

// escapeLength is the length of the escape of a double-quoted value.
func escapeLength(raw []byte) int {
	length := 2
	if len(raw) > 1 {
		switch raw[1] {
		case 'x':
			length = 4
		case 'u':
			length = 6
		case 'U':
			length = 10
		}
	}
	return min(length, len(raw))
}
