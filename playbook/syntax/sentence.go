package syntax

import (
	"fmt"

	"roundtable/playbook/diag"
)

// sentence = never | every | "neutral" "about" NAME | orExpr ( "before" orExpr | "leads" "to" orExpr | "stays" "possible" condition ) .
func (p *exprParser) sentence() *Sentence {
	first := p.peek()
	switch {
	case p.take("never"):
		return p.never()
	case p.take("every"):
		return p.every()
	case p.take("neutral"):
		p.want("about", "\"neutral\"")
		return &Sentence{Form: NeutralAbout, Fact: p.named("fact")}
	case first.kind == tokenEnd:
		p.fail(first.pos, "this rule has no words")
		return nil
	}
	e := p.orExpr()
	switch {
	case p.take("before"):
		return &Sentence{Form: Before, E: e, F: p.orExpr()}
	case p.take("leads"):
		p.want("to", "\"leads\"")
		return &Sentence{Form: LeadsTo, E: e, F: p.orExpr()}
	case p.take("stays"):
		p.want("possible", "\"stays\"")
		return &Sentence{Form: StaysPossible, E: e, F: p.condition("if")}
	}
	if p.problem == nil {
		p.noSentence(first)
	}
	return nil
}

// never = "never" orExpr condition .
func (p *exprParser) never() *Sentence {
	return &Sentence{Form: Never, E: p.orExpr(), F: p.condition("unless")}
}

// every = "every" ( "end" "has" orExpr | "path" "ends" ) .
func (p *exprParser) every() *Sentence {
	switch {
	case p.take("end"):
		p.want("has", "\"every end\"")
		return &Sentence{Form: EveryEnd, E: p.orExpr()}
	case p.take("path"):
		p.want("ends", "\"every path\"")
		return &Sentence{Form: EveryPathEnds}
	}
	p.unexpected("after \"every\" comes \"end has\" or \"path ends\"")
	return nil
}

// condition = [ ( "if" | "unless" ) orExpr ] .
func (p *exprParser) condition(word string) Expr {
	if !p.take(word) {
		return nil
	}
	return p.orExpr()
}

// noSentence tells about a rule that is none of the forms.
func (p *exprParser) noSentence(first token) {
	t := p.peek()
	if t.kind == tokenBad || t.is(")") {
		p.end()
		return
	}
	if near := diag.Nearest(first.text, []string{"never", "every", "neutral"}); near != "" && first.kind == tokenWord {
		p.fail(first.pos, "%s does not begin a rule; did you mean %q?", first, near)
		return
	}
	wanted := "a rule says never …, … before …, … leads to …, … stays possible, every end has …, every path ends or neutral about …"
	if t.kind == tokenWord && !Reserved(t.text) {
		if near := diag.Nearest(t.text, []string{"and", "or", "is", "before", "leads", "stays"}); near != "" {
			wanted = fmt.Sprintf("%s cannot stand here; did you mean %q?", t, near)
		}
	}
	p.fail(t.pos, "%s", wanted)
}
