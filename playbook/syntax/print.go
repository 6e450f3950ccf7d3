package syntax

import "strings"

// ExprString is the expression in its canonical spelling: `is`, `is not`,
// `is one of`, and only the parentheses that it needs. It is "" for nil.
func ExprString(e Expr) string {
	if e == nil {
		return ""
	}
	return e.String()
}

// String is the expression in its canonical spelling.
func (e *Or) String() string {
	return e.X.String() + " or " + grouped(e.Y, binds(e.Y) == bindsOr)
}

// String is the expression in its canonical spelling.
func (e *And) String() string {
	return grouped(e.X, binds(e.X) < bindsAnd) + " and " + grouped(e.Y, binds(e.Y) <= bindsAnd)
}

// String is the expression in its canonical spelling.
func (e *Not) String() string { return "not " + grouped(e.X, binds(e.X) < bindsNot) }

// String is the expression in its canonical spelling.
func (e *Is) String() string { return e.Fact.Text + comparisonString(e.Negated, e.OneOf, e.Values) }

// String is the expression in its canonical spelling.
func (e *Bare) String() string { return e.Fact.Text }

// String is the expression in its canonical spelling.
func (e *At) String() string { return "at " + e.Step.String() }

// String is the expression in its canonical spelling.
func (e *Milestone) String() string { return e.Kind + " " + e.Name.Text }

// String is the expression in its canonical spelling.
func (e *Ended) String() string { return "ended" }

// String is the expression in its canonical spelling.
func (e *OutcomeIs) String() string { return "outcome" + comparisonString(e.Negated, e.OneOf, e.Names) }

// String is the step's id or its heading in quotes, after its part's id.
func (r StepRef) String() string {
	s := r.Step.Text
	if r.Quoted {
		s = `"` + s + `"`
	}
	if r.Part.Text != "" {
		s = r.Part.Text + "/" + s
	}
	return s
}

// String is the sentence in its canonical spelling.
func (s *Sentence) String() string {
	switch s.Form {
	case Never:
		return "never " + ExprString(s.E) + withCondition(" unless ", s.F)
	case Before, LeadsTo:
		return ExprString(s.E) + " " + string(s.Form) + " " + ExprString(s.F)
	case EveryEnd:
		return "every end has " + ExprString(s.E)
	case StaysPossible:
		return ExprString(s.E) + " stays possible" + withCondition(" if ", s.F)
	case NeutralAbout:
		return "neutral about " + s.Fact.Text
	}
	return string(s.Form)
}

func withCondition(word string, e Expr) string {
	if e == nil {
		return ""
	}
	return word + e.String()
}

func comparisonString(negated, list bool, names []Name) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.Text
	}
	text := " is "
	if negated {
		text = " is not "
	}
	if list {
		return text + "one of (" + strings.Join(words, ", ") + ")"
	}
	return text + strings.Join(words, ", ")
}

// How tightly an expression holds together.
const (
	bindsOr = iota
	bindsAnd
	bindsNot
	bindsTest
)

func binds(e Expr) int {
	switch e.(type) {
	case *Or:
		return bindsOr
	case *And:
		return bindsAnd
	case *Not:
		return bindsNot
	}
	return bindsTest
}

func grouped(e Expr, need bool) string {
	if need {
		return "(" + e.String() + ")"
	}
	return e.String()
}
