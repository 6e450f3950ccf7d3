package web

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

const limitsFile = "../../docs/limits.md"

// TestLimitsAreWritten holds docs/limits.md to the table.
func TestLimitsAreWritten(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Limits\n\nEvery limit that somebody who asks over the network can meet, with its reason. The code uses the same values: this page is made from them by a test, and held by it.\n\n| What | How much | Why |\n|---|---|---|\n")
	for _, l := range Limits() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", l.What, l.Value, l.Why)
	}
	golden(t, limitsFile, b.Bytes())
}

// golden compares a file with what it ought to hold, or writes it.
func golden(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it ought to be (run the test with -update and read the difference)\n%s", name, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d:\n  has  %s\n  want %s", i+1, a, b)
		}
	}
	return ""
}

// TestEveryLimitIsListed fails when a limit of this package is not in its table.
func TestEveryLimitIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "limits.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	var declared []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					for _, n := range v.Names {
						declared = append(declared, n.Name)
					}
				}
			}
		case *ast.FuncDecl:
			if d.Name.Name == "Limits" {
				ast.Inspect(d, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						used[id.Name] = true
					}
					return true
				})
			}
		}
	}
	if len(declared) < 20 {
		t.Fatalf("limits.go declares %d limits, want all of them", len(declared))
	}
	for _, name := range declared {
		if !used[name] {
			t.Errorf("the limit %s is not in the table of Limits", name)
		}
	}
}

func TestLimitsAreTold(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range Limits() {
		if l.What == "" || l.Value == "" || !strings.HasSuffix(l.Why, ".") || seen[l.What] || strings.Contains(l.What+l.Value+l.Why, "|") {
			t.Errorf("limit %+v: want what, how much and a whole sentence, once", l)
		}
		seen[l.What] = true
	}
}
