package syntax

import (
	"fmt"
	"strings"

	"roundtable/playbook/diag"
)

// ParseExpr reads an expression whose first character stands at the place.
// The expression is nil when it cannot be read; then there is a problem,
// whose File is empty.
func ParseExpr(text string, at diag.Position) (Expr, []diag.Problem) {
	return parseExpr(spelledFrom(text, at))
}

// ParseSentence reads a rule's sentence whose first character stands at the
// place. The sentence is nil when it cannot be read; then there is a problem,
// whose File is empty.
func ParseSentence(text string, at diag.Position) (*Sentence, []diag.Problem) {
	return parseSentence(spelledFrom(text, at))
}

func parseExpr(in spelled) (Expr, []diag.Problem) {
	p := &exprParser{tokens: lex(in)}
	e := p.orExpr()
	p.end()
	if p.problem != nil {
		return nil, []diag.Problem{*p.problem}
	}
	return e, nil
}

func parseSentence(in spelled) (*Sentence, []diag.Problem) {
	p := &exprParser{tokens: lex(in)}
	s := p.sentence()
	p.end()
	if p.problem != nil {
		return nil, []diag.Problem{*p.problem}
	}
	return s, nil
}

// exprParser reads expressions and sentences by recursive descent. Each method
// is named after the rule of grammar.txt that it reads. After the first
// problem every method returns at once: what follows a slip in one expression
// is guesswork, and the next expression is read afresh.
type exprParser struct {
	tokens  []token
	depth   int
	problem *diag.Problem
}

func (p *exprParser) peek() token { return p.tokens[0] }

func (p *exprParser) next() token {
	t := p.tokens[0]
	if len(p.tokens) > 1 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// take goes past the word or mark if it is next.
func (p *exprParser) take(text string) bool {
	if p.problem != nil || !p.peek().is(text) {
		return false
	}
	p.next()
	return true
}

// want goes past the word or mark, which must be next.
func (p *exprParser) want(text, after string) {
	if p.problem == nil && !p.take(text) {
		p.unexpected(fmt.Sprintf("after %s comes %q", after, text))
	}
}

func (p *exprParser) fail(pos diag.Position, format string, args ...any) {
	if p.problem == nil {
		problem := diag.New("", pos, diag.Syntax, format, args...)
		p.problem = &problem
	}
}

// unexpected tells that something else should stand here.
func (p *exprParser) unexpected(wanted string) {
	switch t := p.peek(); t.kind {
	case tokenBad:
		p.fail(t.pos, "%s", t.text)
	case tokenEnd:
		p.fail(t.pos, "%s, but nothing follows", wanted)
	default:
		p.fail(t.pos, "%s, not %s", wanted, t)
	}
}

// end tells about whatever is left over.
func (p *exprParser) end() {
	if p.problem != nil || p.peek().kind == tokenEnd {
		return
	}
	switch t := p.peek(); {
	case t.kind == tokenBad:
		p.fail(t.pos, "%s", t.text)
	case t.is(")"):
		p.fail(t.pos, "this ) closes nothing")
	case t.kind == tokenWord && !Reserved(t.text):
		hint := "join two conditions with and or or"
		if near := diag.Nearest(t.text, []string{"and", "or", "is", "not", "unless", "before", "leads", "stays", "if"}); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.fail(t.pos, "%s cannot stand here; %s", t, hint)
	default:
		p.fail(t.pos, "%s cannot stand here", t)
	}
}

// orExpr = andExpr { "or" andExpr } .
func (p *exprParser) orExpr() Expr {
	x := p.andExpr()
	for p.take("or") {
		x = &Or{x, p.andExpr()}
	}
	return x
}

// andExpr = notExpr { "and" notExpr } .
func (p *exprParser) andExpr() Expr {
	x := p.notExpr()
	for p.take("and") {
		x = &And{x, p.notExpr()}
	}
	return x
}

// notExpr = "not" notExpr | test .
func (p *exprParser) notExpr() Expr {
	pos := p.peek().pos
	if !p.take("not") {
		return p.test()
	}
	defer p.deeper(pos)()
	return &Not{pos, p.notExpr()}
}

// deeper counts a level of nesting and refuses one that is too deep.
func (p *exprParser) deeper(pos diag.Position) func() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(pos, "this expression is nested deeper than %d levels: make it simpler", maxDepth)
	}
	return func() { p.depth-- }
}

// test = group | atTest | milestone | "ended" | outcomeTest | factTest .
func (p *exprParser) test() Expr {
	if p.problem != nil {
		return nil
	}
	t := p.peek()
	switch {
	case t.is("("):
		return p.group()
	case t.is("at"):
		return p.atTest()
	case t.is("called"), t.is("notified"), t.is("recorded"), t.is("handed"):
		return p.milestone()
	case t.is("ended"):
		p.next()
		return &Ended{t.pos}
	case t.is("outcome"):
		return p.outcomeTest()
	case t.kind == tokenWord && !Reserved(t.text):
		return p.factTest()
	}
	p.unexpected("here comes a fact, or a test that begins with at, called, notified, recorded, handed or outcome")
	return nil
}

// group = "(" orExpr ")" .
func (p *exprParser) group() Expr {
	open := p.next()
	defer p.deeper(open.pos)()
	x := p.orExpr()
	if p.problem == nil && !p.take(")") {
		if p.peek().kind == tokenEnd {
			p.fail(open.pos, "the ( that opens here is not closed")
		} else {
			p.unexpected("here comes and, or, or )")
		}
	}
	return x
}

// factTest = NAME [ comparison ] .
func (p *exprParser) factTest() Expr {
	fact := p.named("fact")
	values, negated, list, compared := p.comparison("value")
	if !compared {
		return &Bare{fact}
	}
	return &Is{Fact: fact, Negated: negated, Values: values, OneOf: list}
}

// outcomeTest = "outcome" comparison .
func (p *exprParser) outcomeTest() Expr {
	pos := p.next().pos
	names, negated, list, compared := p.comparison("outcome")
	if !compared {
		p.unexpected("after \"outcome\" comes \"is\" and the name of an outcome")
	}
	return &OutcomeIs{Pos: pos, Negated: negated, Names: names, OneOf: list}
}

// comparison = "is" [ "not" ] ( VALUE | "one" "of" values ) | ( "=" | "!=" ) VALUE | "in" values .
func (p *exprParser) comparison(kind string) (names []Name, negated, list, compared bool) {
	switch {
	case p.take("in"):
		return p.values(kind), false, true, true
	case p.take("!="):
		return []Name{p.named(kind)}, true, false, true
	case p.take("="):
		return []Name{p.named(kind)}, false, false, true
	case p.take("is"):
		negated = p.take("not")
		if p.take("one") {
			p.want("of", "\"one\"")
			return p.values(kind), negated, true, true
		}
		if p.peek().is("in") {
			p.fail(p.peek().pos, "write \"is one of\" or \"is not one of\" before a list")
		}
		return []Name{p.named(kind)}, negated, false, true
	case p.peek().is("not"):
		p.fail(p.peek().pos, "\"not\" cannot stand here; write \"is not\" or \"is not one of\"")
	}
	return nil, false, false, false
}

// values = "(" VALUE { "," VALUE } ")" .
func (p *exprParser) values(kind string) []Name {
	open := p.peek().pos
	p.want("(", "\"one of\"")
	var names []Name
	for p.problem == nil {
		names = append(names, p.named(kind))
		if p.take(")") || p.problem != nil {
			break
		}
		if p.peek().kind == tokenEnd {
			p.fail(open, "the ( that opens here is not closed")
			break
		}
		if !p.take(",") {
			p.unexpected("between the values of a list comes a comma")
		}
	}
	return names
}

// named reads the name of a thing of that kind.
func (p *exprParser) named(kind string) Name {
	if p.problem != nil {
		return Name{}
	}
	t := p.peek()
	if t.kind != tokenWord {
		if t.is("(") && kind == "value" {
			p.fail(t.pos, "write \"is one of\" before a list")
		}
		p.unexpected("here comes the name of " + withArticle(kind))
		return Name{}
	}
	p.next()
	if wrong := badName(t.text, kind); wrong != "" {
		p.fail(t.pos, "%s%s", wrong, meantKeyword(t.text))
	}
	return Name{Text: t.text, Pos: t.pos}
}

// meantKeyword hints at a word of the language that was written in capitals.
func meantKeyword(word string) string {
	if small := strings.ToLower(word); small != word && Reserved(small) {
		return fmt.Sprintf("; did you mean %q?", small)
	}
	return ""
}

// milestone = ( "called" | "notified" | "recorded" | "handed" ) NAME .
func (p *exprParser) milestone() Expr {
	t := p.next()
	kind := map[string]string{"called": "role", "notified": "role", "recorded": "field", "handed": "handout"}[t.text]
	return &Milestone{Pos: t.pos, Kind: t.text, Name: p.named(kind)}
}

// atTest = "at" stepRef .
func (p *exprParser) atTest() Expr {
	pos := p.next().pos
	return &At{pos, p.stepRef()}
}

// stepRef = [ ID "/" ] ( ID | QUOTE HEADING QUOTE ) .
func (p *exprParser) stepRef() StepRef {
	var ref StepRef
	ref.Step, ref.Quoted = p.stepName()
	if ref.Quoted || !p.take("/") {
		return ref
	}
	if !isID(ref.Step.Text) {
		p.fail(ref.Step.Pos, "%q cannot be the id of a part: ids are small letters, digits and -", clip(ref.Step.Text))
	}
	ref.Part = ref.Step
	ref.Step, ref.Quoted = p.stepName()
	return ref
}

func (p *exprParser) stepName() (name Name, quoted bool) {
	if p.problem != nil {
		return Name{}, false
	}
	switch t := p.peek(); {
	case t.kind == tokenQuoted:
		if t.text == "" {
			p.fail(t.pos, "there is no heading between these quotes")
		}
		p.next()
		return Name{t.text, t.pos}, true
	case t.kind == tokenWord && Reserved(t.text):
		p.fail(t.pos, "%q is a word of the language; write the step's heading in double quotes", t.text)
	case t.kind == tokenWord:
		p.next()
		return Name{t.text, t.pos}, false
	default:
		p.unexpected("after \"at\" comes a step's id, or its heading in double quotes")
	}
	return Name{}, false
}
