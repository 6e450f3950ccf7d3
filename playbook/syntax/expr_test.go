package syntax

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"roundtable/playbook/diag"
)

var line1 = diag.Position{Line: 1, Column: 1}

// ignorePlaces compares trees whatever the places of their nodes.
var ignorePlaces = cmp.Comparer(func(_, _ diag.Position) bool { return true })

func TestExprString(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"a", "a"},
		{"a=b", "a is b"},
		{"a  !=b", "a is not b"},
		{"a in(b,c)", "a is one of (b, c)"},
		{"a is not one of (1, 2x)", "a is not one of (1, 2x)"},
		{"(a)", "a"},
		{"not not (a)", "not not a"},
		{"not (a and b)", "not (a and b)"},
		{"not a and b", "not a and b"},
		{"a or b and not c or d", "a or b and not c or d"},
		{"(a or b) and c", "(a or b) and c"},
		{"a or (b or c)", "a or (b or c)"},
		{"(a or b) or c", "a or b or c"},
		{"a and (b and c)", "a and (b and c)"},
		{"a and (b or c)", "a and (b or c)"},
		{"outcome=over", "outcome is over"},
		{"outcome is not one of (a)", "outcome is not one of (a)"},
		{"ended and called director", "ended and called director"},
		{"at 10-minutes-later", "at 10-minutes-later"},
		{"at part/step", "at part/step"},
		{"at part / \"Stop  before: (it)\" or a", "at part/\"Stop before: (it)\" or a"},
		{"at pare-aquí or at 停下", "at pare-aquí or at 停下"},
		{"notified a\nor recorded b\tor handed c", "notified a or recorded b or handed c"},
	} {
		e, problems := ParseExpr(test.in, line1)
		if got := ExprString(e); got != test.want || len(problems) > 0 {
			t.Errorf("ParseExpr(%q) = %q, %v, want %q", test.in, got, problems, test.want)
		}
	}
}

func TestSentenceString(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"never a", "never a"},
		{"never a = b unless c", "never a is b unless c"},
		{"a before b", "a before b"},
		{"(a or b) before (c or d)", "a or b before c or d"},
		{"a leads  to b", "a leads to b"},
		{"every end has a", "every end has a"},
		{"every path ends", "every path ends"},
		{"a stays possible", "a stays possible"},
		{"a stays possible if b", "a stays possible if b"},
		{"neutral about a", "neutral about a"},
		{"at \"Never say never\" before at \"Every end has it\"", "at \"Never say never\" before at \"Every end has it\""},
	} {
		s, problems := ParseSentence(test.in, line1)
		if len(problems) > 0 {
			t.Errorf("ParseSentence(%q): %v", test.in, problems)
			continue
		}
		if got := s.String(); got != test.want {
			t.Errorf("ParseSentence(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// TestExprPlace checks that nodes and problems stand at their word.
func TestExprPlace(t *testing.T) {
	at := diag.Position{Line: 7, Column: 10}
	e, _ := ParseExpr("é_ = b", at)
	if e != nil {
		t.Errorf("ParseExpr(é_ = b) = %v, want a problem", e)
	}
	e, problems := ParseExpr("at aquí and not fact is one of (x, y)", at)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	is := e.(*And).Y.(*Not).X.(*Is)
	for _, test := range []struct {
		what string
		got  diag.Position
		want int
	}{
		{"the expression", e.Start(), 10}, {"not", e.(*And).Y.Start(), 22},
		{"fact", is.Start(), 26}, {"x", is.Values[0].Pos, 42}, {"y", is.Values[1].Pos, 45},
	} {
		if want := (diag.Position{Line: 7, Column: test.want}); test.got != want {
			t.Errorf("%s stands at %v, want %v", test.what, test.got, want)
		}
	}
	_, problems = ParseSentence("never aquí and", at)
	if len(problems) != 1 || problems[0].Pos.Column != 16 {
		t.Errorf("ParseSentence(never aquí and) = %v, want one problem in column 16", problems)
	}
}

func TestExprTooDeep(t *testing.T) {
	for name, text := range map[string]string{
		"parentheses": strings.Repeat("(", 10000) + "a",
		"not":         strings.Repeat("not ", 4000) + "a",
		"quotes":      strings.Repeat("\"", 10001),
		"long":        strings.Repeat("a and ", 100000) + "a",
	} {
		e, problems := ParseExpr(text, line1)
		if e != nil || len(problems) != 1 {
			t.Errorf("%s: ParseExpr = %T, %d problems, want nil, 1", name, e, len(problems))
		}
	}
	chain := strings.Repeat("a and ", 2500) + "a"
	if e, problems := ParseExpr(chain, line1); ExprString(e) != chain {
		t.Errorf("a chain of 2500: %v", problems)
	}
}

// exprs makes any expression.
func exprs() *rapid.Generator[Expr] {
	name := rapid.Map(rapid.SampledFrom([]string{"a", "b_1", "told", "x9"}), func(s string) Name { return Name{Text: s} })
	value := rapid.Map(rapid.SampledFrom([]string{"yes", "no", "1", "2x"}), func(s string) Name { return Name{Text: s} })
	id := rapid.Map(rapid.SampledFrom([]string{"greet", "pare-aquí", "10-minutes"}), func(s string) Name { return Name{Text: s} })
	step := rapid.Custom(func(t *rapid.T) StepRef {
		ref := StepRef{Step: id.Draw(t, "step")}
		if rapid.Bool().Draw(t, "quoted") {
			ref = StepRef{Step: Name{Text: "Call: (never) \\ and wait"}, Quoted: true}
		}
		if rapid.Bool().Draw(t, "part") {
			ref.Part = Name{Text: "a-part"}
		}
		return ref
	})
	test := rapid.Custom(func(t *rapid.T) Expr {
		list := rapid.Bool().Draw(t, "list")
		most := 1
		if list {
			most = 3
		}
		switch rapid.IntRange(0, 5).Draw(t, "test") {
		case 0:
			return &Is{Fact: name.Draw(t, "fact"), Negated: rapid.Bool().Draw(t, "not"), OneOf: list,
				Values: rapid.SliceOfN(value, 1, most).Draw(t, "values")}
		case 1:
			return &OutcomeIs{Negated: rapid.Bool().Draw(t, "not"), OneOf: list,
				Names: rapid.SliceOfN(name, 1, most).Draw(t, "outcomes")}
		case 2:
			return &At{Step: step.Draw(t, "at")}
		case 3:
			return &Milestone{Kind: rapid.SampledFrom([]string{"called", "notified", "recorded", "handed"}).Draw(t, "kind"), Name: name.Draw(t, "name")}
		case 4:
			return &Ended{}
		}
		return &Bare{name.Draw(t, "fact")}
	})
	var grow func(depth int) *rapid.Generator[Expr]
	grow = func(depth int) *rapid.Generator[Expr] {
		if depth == 0 {
			return test
		}
		inner := grow(depth - 1)
		return rapid.Custom(func(t *rapid.T) Expr {
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				return &And{inner.Draw(t, "x"), inner.Draw(t, "y")}
			case 1:
				return &Or{inner.Draw(t, "x"), inner.Draw(t, "y")}
			case 2:
				return &Not{X: inner.Draw(t, "x")}
			}
			return test.Draw(t, "test")
		})
	}
	return grow(4)
}

// TestPrintedExprReads prints any expression and reads it back.
func TestPrintedExprReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := exprs().Draw(t, "expr")
		got, problems := ParseExpr(want.String(), line1)
		if d := cmp.Diff(want, got, ignorePlaces); d != "" || len(problems) > 0 {
			t.Fatalf("ParseExpr(%q): %v, tree (-want +got):\n%s", want, problems, d)
		}
	})
}

func TestSlug(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"Call the lawyer", "call-the-lawyer"},
		{"  Stop, look & listen!  ", "stop-look--listen"},
		{"Say \"no\" – twice", "say-no--twice"},
		{"Diga no a salas y aparatos", "diga-no-a-salas-y-aparatos"},
		{"¿Qué pasó?", "qué-pasó"},
		{"PREGÚNTESE", "pregúntese"},
		{"停下 来", "停下-来"},
		{"اتصل بالمدير", "اتصل-بالمدير"},
		{"नमस्ते दुनिया", "नमस्ते-दुनिया"},
		{"a_b-c 10%", "a_b-c-10"},
		{"½ ² Ⅳ 🙂", "--ⅳ-"},
		{"???", ""},
	} {
		if got := Slug(test.in); got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
