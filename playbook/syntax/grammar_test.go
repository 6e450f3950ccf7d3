package syntax_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var production = regexp.MustCompile(`(?m)^(\w+) = .* \.$`)

// TestGrammar holds grammar.txt against the comments of the functions that
// read its rules.
func TestGrammar(t *testing.T) {
	text, err := os.ReadFile("grammar.txt")
	if err != nil {
		t.Fatal(err)
	}
	written := production.FindAllString(string(text), -1)
	inCode := productionsInCode(t)
	slices.Sort(written)
	slices.Sort(inCode)
	if d := cmp.Diff(inCode, written); d != "" {
		t.Errorf("grammar.txt and the functions' comments differ (-code +grammar.txt):\n%s", d)
	}
}

// TestGrammarIsClosed checks that each rule that a rule names is there.
func TestGrammarIsClosed(t *testing.T) {
	text, err := os.ReadFile("grammar.txt")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, m := range production.FindAllStringSubmatch(string(text), -1) {
		rules[m[1]] = true
	}
	quoted := regexp.MustCompile(`"[^"]*"`)
	name := regexp.MustCompile(`\b[a-z]\w*\b`)
	for _, p := range production.FindAllString(string(text), -1) {
		_, right, _ := strings.Cut(p, "=")
		for _, used := range name.FindAllString(quoted.ReplaceAllString(right, ""), -1) {
			if !rules[used] {
				t.Errorf("the rule %q names %q, which is no rule", p, used)
			}
		}
	}
}

func productionsInCode(t *testing.T) []string {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Doc == nil {
				continue
			}
			for _, m := range production.FindAllStringSubmatch(f.Doc.Text(), -1) {
				found = append(found, m[0])
				if m[1] != f.Name.Name {
					t.Errorf("the rule %q stands at the function %s", m[0], f.Name.Name)
				}
			}
		}
	}
	return found
}
