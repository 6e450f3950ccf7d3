package syntax

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"

	"roundtable/playbook/diag"
)

// next = { ( "-" | NUMBER "." ) choice } .
func (b *bodyParser) next(n ast.Node) {
	list, ok := n.(*ast.List)
	if !ok {
		b.errorf(b.nodePos(n), "under Next stands a list of choices and nothing else: write - [words](#step), or move this up")
		return
	}
	next := b.step.Next
	if len(next.Choices) > 0 && next.Ordered != list.IsOrdered() {
		b.errorf(b.nodePos(n), "the choices of a step are one list: either all with - or all numbered")
	} else {
		next.Ordered = list.IsOrdered()
	}
	for item := list.FirstChild(); item != nil && !b.enough(); item = item.NextSibling() {
		if c := b.choice(item); c != nil {
			next.Choices = append(next.Choices, c)
		}
	}
}

// choice = choiceLink spans [ feedback ] [ choiceBelow ] .
func (b *bodyParser) choice(item ast.Node) *Choice {
	c, rest, ok := b.choiceLink(item)
	if !ok {
		return nil
	}
	rest = b.spans(c, rest)
	c.Feedback = b.feedback(rest)
	b.choiceBelow(c, item, 0)
	return c
}

// choiceLink = "[" inlines "]" "(" target ")" .
// It returns the node behind the link.
func (b *bodyParser) choiceLink(item ast.Node) (c *Choice, rest ast.Node, ok bool) {
	first := item.FirstChild()
	if first == nil || first.FirstChild() == nil || blockNoun(first) != "" {
		b.errorf(b.nodePos(item), "a choice begins with a link: write - [words](#step)")
		return nil, nil, false
	}
	n := first.FirstChild()
	if _, ticked := n.(*east.TaskCheckBox); ticked {
		b.errorf(b.nodePos(item), "a choice has no box to tick: write - [words](#step)")
		n = n.NextSibling()
	}
	link, ok := n.(*ast.Link)
	if !ok {
		b.errorf(b.nodePos(item), "a choice begins with a link: write - [words](#step)")
		return nil, nil, false
	}
	c = &Choice{Pos: b.pos(max(0, link.Pos()))}
	c.Label = b.inlines(link.FirstChild(), headingRules, 0)
	if len(c.Label) == 0 {
		b.errorf(c.Pos, "this choice has no words: write them between the brackets")
	}
	c.Target = b.target(b.addressOf(link))
	return c, link.NextSibling(), true
}

// choiceBelow = ways .
func (b *bodyParser) choiceBelow(c *Choice, item ast.Node, depth int) {
	for n := item.FirstChild().NextSibling(); n != nil; n = n.NextSibling() {
		list, ok := n.(*ast.List)
		switch {
		case !ok:
			b.errorf(b.nodePos(n), "only the ways back of a part stand below a choice: put these words behind the link")
		case depth >= maxDepth:
			b.errorf(b.nodePos(n), "ways back are nested deeper than %d levels here", maxDepth)
		case c.Target.Kind != ToPart && c.Target.Kind != NoTarget:
			b.errorf(b.nodePos(n), "only a link to a part, like other.md, has ways back below it")
		default:
			c.Ways = append(c.Ways, b.ways(list, depth+1)...)
		}
	}
}

// ways = { "-" way } .
func (b *bodyParser) ways(list *ast.List, depth int) []*Way {
	if list.IsOrdered() {
		b.errorf(b.nodePos(list), "ways back are a list with -, not a numbered one: the part's outcome decides")
	}
	var ways []*Way
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		if w := b.way(item, depth); w != nil {
			ways = append(ways, w)
		}
	}
	return ways
}

// way = choiceLink spans [ choiceBelow ] .
func (b *bodyParser) way(item ast.Node, depth int) *Way {
	c, rest, ok := b.choiceLink(item)
	if !ok {
		return nil
	}
	rest = b.spans(c, rest)
	if words := b.feedback(rest); len(words) > 0 {
		b.errorf(words[0].Pos, "behind a way back stand no words: the part's outcome decides")
	}
	if c.Guard != nil || c.Otherwise || c.Unsent {
		b.errorf(c.Pos, "a way back has no if, no otherwise and no off the record: the part's outcome decides")
		c.Guard, c.GuardText, c.Otherwise, c.Unsent = nil, Name{}, false, false
	}
	outcome := Name{Text: PlainText(c.Label), Pos: diag.Position{Line: c.Pos.Line, Column: c.Pos.Column + 1}}
	if len(c.Label) > 0 {
		if wrong := badName(outcome.Text, "outcome"); wrong != "" {
			b.errorf(outcome.Pos, "a way back begins with an outcome of the part: %s", wrong)
		}
	}
	b.choiceBelow(c, item, depth)
	return &Way{Outcome: outcome, Choice: c}
}

// spans = { "`" span "`" } .
// It returns the first node that is neither a code span nor blank.
func (b *bodyParser) spans(c *Choice, n ast.Node) ast.Node {
	seen := map[string]bool{}
	for ; n != nil; n = n.NextSibling() {
		switch node := n.(type) {
		case *ast.CodeSpan:
			b.span(c, b.codeSpan(node).trim(), seen)
			continue
		case *ast.Text:
			if strings.TrimSpace(string(node.Segment.Value(b.text))) == "" {
				continue
			}
		}
		break
	}
	if c.Otherwise && c.GuardText.Text != "" {
		b.errorf(c.GuardText.Pos, "a choice has either if or otherwise")
	}
	return n
}

// span = "if" guard | "otherwise" | "off" "the" "record" | assigns .
func (b *bodyParser) span(c *Choice, text spelled, seen map[string]bool) {
	once := func(what string) {
		if seen[what] {
			b.errorf(text.at(0), "%q stands here a second time%s", what, map[string]string{"if": "; join two conditions with and"}[what])
		}
		seen[what] = true
	}
	words := strings.Fields(text.text)
	joined := strings.Join(words, " ")
	switch {
	case joined == "otherwise":
		once("otherwise")
		c.Otherwise = true
	case joined == "off the record":
		once("off the record")
		c.Unsent = true
	case len(words) > 0 && words[0] == "if":
		once("if")
		b.guard(c, text.slice(len("if"), len(text.text)).trim())
	case strings.Contains(text.text, "="):
		b.assigns(c, text)
	default:
		b.errorf(text.at(0), "%s", badSpan(joined))
	}
}

// guard = orExpr .
func (b *bodyParser) guard(c *Choice, text spelled) {
	c.GuardText = text.name()
	if text.text == "" {
		b.errorf(text.at(0), "after if comes a condition, like if counsel is advised")
		return
	}
	c.Guard = b.factExpr(text, "if")
}

// badSpan says what is wrong with a code span behind a choice.
func badSpan(text string) string {
	if near := diag.Nearest(text, []string{"otherwise", "off the record"}); near != "" {
		return fmt.Sprintf("%q cannot stand behind a choice; did you mean %q?", clip(text), near)
	}
	if e, _ := ParseExpr(text, diag.Position{Line: 1, Column: 1}); e != nil {
		return fmt.Sprintf("%q cannot stand behind a choice: to ask, write `if %s`; to set a fact, write `fact = value`", clip(text), clip(text))
	}
	return fmt.Sprintf("%q cannot stand behind a choice: write `if …`, `fact = value`, `otherwise` or `off the record`", clip(text))
}

// assigns = assign { "," assign } .
func (b *bodyParser) assigns(c *Choice, text spelled) {
	for _, part := range text.split(',') {
		at := strings.IndexByte(part.text, '=')
		if at < 0 {
			b.errorf(part.at(0), "here comes a fact, = and its new value, like told = yes")
			continue
		}
		if at > 0 && part.text[at-1] == '!' || strings.IndexByte(part.text[at+1:], '=') >= 0 {
			b.errorf(part.at(0), "%q sets nothing: write fact = value, and a comma between two", clip(part.text))
			continue
		}
		b.assign(c, part.slice(0, at).trim(), part.slice(at+1, len(part.text)).trim())
	}
}

// assign = NAME "=" VALUE .
func (b *bodyParser) assign(c *Choice, fact, value spelled) {
	for _, a := range c.Assigns {
		if a.Fact.Text == fact.text {
			b.errorf(fact.at(0), "%q is set twice in one choice", clip(fact.text))
			return
		}
	}
	wrongFact, wrongValue := badName(fact.text, "fact"), badName(value.text, "value")
	switch {
	case wrongFact != "":
		b.errorf(fact.at(0), "%s", wrongFact)
	case wrongValue != "":
		b.errorf(value.at(0), "%s", wrongValue)
	default:
		c.Assigns = append(c.Assigns, &Assign{Fact: fact.name(), Value: value.name()})
	}
}

// feedback = inlines .
func (b *bodyParser) feedback(n ast.Node) []Inline {
	for c := n; c != nil; c = c.NextSibling() {
		if span, ok := c.(*ast.CodeSpan); ok {
			b.errorf(b.pos(max(0, span.Pos())), "code spans stand right behind the link, before any other words")
		}
	}
	words := b.inlines(n, feedbackRules, 0)
	for len(words) > 0 && words[0].Kind == Text {
		trimmed := strings.TrimLeft(words[0].S, " ")
		words[0].Pos.Column += len(words[0].S) - len(trimmed)
		words[0].S = trimmed
		if trimmed != "" {
			break
		}
		words = trimBreaks(words[1:])
	}
	return words
}
