package resolve

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// guardIn compiles a condition over the facts a, b, c (x | y | z) and yes/no
// facts p, q.
func guardIn(t *testing.T, text string) (automaton.Guard, *compiler, error) {
	t.Helper()
	e, problems := syntax.ParseExpr(text, diag.Position{Line: 1, Column: 1})
	if e == nil {
		t.Fatalf("ParseExpr(%q) = %v", text, problems)
	}
	c, cp := testCompiler()
	g, err := c.guard(cp, e)
	return g, c, err
}

func testCompiler() (*compiler, *copyOf) {
	n := &names{file: &syntax.File{}, facts: map[string]*syntax.FactDecl{}}
	cp := &copyOf{names: n, scope: map[string]int{}}
	c := &compiler{file: n.file, program: &automaton.Program{}, facts: map[factKey]int{}, named: map[int]bool{}, told: map[diag.Problem]bool{}}
	declare := func(name string, values ...string) {
		d := &syntax.FactDecl{Name: syntax.Name{Text: name}}
		for _, v := range values {
			d.Values = append(d.Values, syntax.Name{Text: v})
		}
		n.facts[name], cp.scope[name] = d, c.fact(automaton.Walk, d)
	}
	for _, name := range strings.Fields("a b c") {
		declare(name, "x", "y", "z")
	}
	for i := range 40 {
		declare(fmt.Sprintf("p%d", i), "no", "yes")
	}
	return c, cp
}

func guardText(c *compiler, g automaton.Guard) string {
	if g == nil {
		return "always"
	}
	if len(g) == 0 {
		return "never"
	}
	var alternatives []string
	for _, tests := range g {
		var all []string
		for _, test := range tests {
			f := c.program.Facts[test.Fact]
			values := ""
			for v, name := range f.Values {
				if test.In.Has(v) {
					values += name
				}
			}
			all = append(all, f.Name+"="+values)
		}
		alternatives = append(alternatives, strings.Join(all, "&"))
	}
	return strings.Join(alternatives, " | ")
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a is x", "a=x"},
		{"a is not x", "a=yz"},
		{"not a is x", "a=yz"},
		{"a is one of (x, z)", "a=xz"},
		{"a is not one of (x, z)", "a=y"},
		{"a in (x, y, z)", "always"},
		{"a is not one of (x, y, z)", "never"},
		{"p1", "p1=yes"},
		{"not p1", "p1=no"},
		{"a = x and b = y", "a=x&b=y"},
		{"b = y and a = x", "a=x&b=y"},
		{"a = x and a = y", "never"},
		{"a != x and a != y", "a=z"},
		{"a = x or b = y", "a=x | b=y"},
		{"a = x or a = x", "a=x"},
		{"a = x or a = x and b = y", "a=x"},
		{"a = x and b = y or a = x", "a=x"},
		{"a = x or not a = x", "a=x | a=yz"},
		{"not (a = x or b = y)", "a=yz&b=xz"},
		{"not (a = x and b = y)", "a=yz | b=xz"},
		{"(a = x or b = y) and (a = x or c = z)", "a=x | b=y&c=z"},
		{"a = x and (b = x or c = x)", "a=x&b=x | a=x&c=x"},
		{"called director and not recorded due", "called director=yes & recorded due=no"},
		{"p1 or a in (x, y, z)", "always"},
		{"p1 and a is not one of (x, y, z)", "never"},
	} {
		g, c, err := guardIn(t, tt.text)
		if err != nil {
			t.Errorf("guard(%q) = %v", tt.text, err)
			continue
		}
		got := guardText(c, g)
		if strings.Contains(tt.text, "called") {
			got = fmt.Sprintf("%s %s", "called", strings.ReplaceAll(got, "&", " & recorded "))
		}
		if got != tt.want {
			t.Errorf("guard(%q) = %s, want %s", tt.text, got, tt.want)
		}
	}
}

// pairs is (p0 or p1) and (p2 or p3) …: 2^n alternatives.
func pairs(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("(p%d or p%d)", 2*i, 2*i+1))
	}
	return strings.Join(all, " and ")
}

func TestGuardTooHard(t *testing.T) {
	if g, _, err := guardIn(t, pairs(10)); err != nil || len(g) != 1024 {
		t.Errorf("guard(10 pairs) has %d alternatives, %v, want 1024", len(g), err)
	}
	if _, _, err := guardIn(t, pairs(11)); err != errAlternatives {
		t.Errorf("guard(11 pairs) = %v, want %v", err, errAlternatives)
	}
	if _, _, err := guardIn(t, pairs(20)); err != errAlternatives {
		t.Errorf("guard(20 pairs) = %v, want %v", err, errAlternatives)
	}
	// The same pairs again and again add no alternatives, only work.
	again := pairs(10) + strings.Repeat(" and "+pairs(10), 40)
	if _, _, err := guardIn(t, again); err != errWork {
		t.Errorf("guard(10 pairs, 61 times) = %v, want %v", err, errWork)
	}
}

// TestGuardMeansTheSame: a guard holds exactly where its condition does.
func TestGuardMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, cp := testCompiler()
		text := drawCondition(t, 4)
		e, problems := syntax.ParseExpr(text, diag.Position{Line: 1, Column: 1})
		if e == nil {
			t.Fatalf("ParseExpr(%q) = %v", text, problems)
		}
		g, err := c.guard(cp, e)
		if err != nil {
			t.Fatalf("guard(%q) = %v", text, err)
		}
		x := c.expr(cp, e)
		values := make([]uint8, len(c.program.Facts))
		for i := range 3 {
			values[i] = uint8(rapid.IntRange(0, 2).Draw(t, "value"))
		}
		for i := 3; i < 6; i++ {
			values[i] = uint8(rapid.IntRange(0, 1).Draw(t, "value"))
		}
		want := x.Eval(c.program, automaton.State{Where: 0, Values: values})
		if got := g.Holds(values); got != want {
			t.Errorf("guard(%q) = %s, which holds for %v: %v, want %v", text, guardText(c, g), values[:6], got, want)
		}
	})
}

func drawCondition(t *rapid.T, depth int) string {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return rapid.SampledFrom([]string{"a is x", "a is not y", "b in (x, y)", "b is not one of (y, z)", "c = z", "p0", "p1", "not p2"}).Draw(t, "test")
	}
	x := drawCondition(t, depth-1)
	switch rapid.SampledFrom([]string{"and", "or", "not"}).Draw(t, "op") {
	case "and":
		return "(" + x + " and " + drawCondition(t, depth-1) + ")"
	case "or":
		return "(" + x + " or " + drawCondition(t, depth-1) + ")"
	}
	return "not (" + x + ")"
}
