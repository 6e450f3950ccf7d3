package explain_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/explain"
	"roundtable/playbook/resolve"
)

var update = flag.Bool("update", false, "rewrite docs/codes.md")

// TestExamples runs every code's example: it must bring about that code in its
// first file and, but for advice, nothing else that is an error or a warning.
func TestExamples(t *testing.T) {
	for _, code := range diag.Codes {
		t.Run(string(code), func(t *testing.T) {
			e, ok := explain.Of(code)
			if !ok {
				t.Fatalf("no text explains %s", code)
			}
			dir := t.TempDir()
			var paths []string
			for _, f := range e.Files {
				path := filepath.Join(dir, f.Name)
				if err := os.WriteFile(path, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
				paths = append(paths, path)
			}
			set, errs := playbook.Load(resolve.Shelf{}, paths...)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			reports := playbook.Check(context.Background(), set, playbook.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
			found := false
			for i, r := range reports {
				for _, p := range r.Problems {
					switch {
					case p.Code == code:
						found = found || i == 0
					case p.Level != diag.Advice && !follows[code][p.Code]:
						t.Errorf("also tells %s:%d:%d %s [%s]", p.File, p.Pos.Line, p.Pos.Column, p.Message, p.Code)
					}
				}
			}
			if !found {
				t.Errorf("the example of %s does not bring it about", code)
			}
		})
	}
}

// follows says which codes cannot be had without another.
var follows = map[diag.Code]map[diag.Code]bool{}

func TestNoExampleWithoutCode(t *testing.T) {
	files, err := filepath.Glob("examples/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		code := diag.Code(strings.TrimSuffix(filepath.Base(f), ".txtar"))
		if !slices.Contains(diag.Codes, code) {
			t.Errorf("%s is the example of no code", f)
		}
	}
	if _, ok := explain.Of("no-such-code"); ok {
		t.Error("a code that is not there is explained")
	}
}

// TestDocs holds docs/codes.md to what explain says.
func TestDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What the checker's codes mean\n\nMade from `roundtable explain`; a test runs every example.\n")
	for _, level := range []diag.Level{diag.Error, diag.Warning, diag.Advice} {
		fmt.Fprintf(&b, "\n## %s%ss\n", strings.ToUpper(string(level[:1])), strings.TrimSuffix(string(level[1:]), "s"))
		for _, code := range diag.Codes {
			if code.Level() != level {
				continue
			}
			e, _ := explain.Of(code)
			fmt.Fprintf(&b, "\n### `%s`: %s\n\n%s\n", code, e.Short, e.Meaning)
			for _, f := range e.Files {
				data := f.Data
				if len(data) > 1500 {
					data = append(data[:strings.LastIndexByte(string(data[:1500]), '\n')+1:1500], "…\n"...)
				}
				fmt.Fprintf(&b, "\n`%s`\n\n````markdown\n%s````\n", f.Name, data)
			}
		}
	}
	const path = "../../docs/codes.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("docs/codes.md is not what explain says; run go test ./playbook/explain -update")
	}
}
