package resolve_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// library reads files into a library and returns them in order.
func library(files ...txtar.File) (*resolve.Library, []*syntax.File) {
	lib := &resolve.Library{}
	var all []*syntax.File
	for _, f := range files {
		file, problems := syntax.Parse(f.Name, f.Data)
		lib.Add(file, problems)
		all = append(all, file)
	}
	return lib, all
}

// TestCompile compiles the first file of each testdata/compile/*.txtar and
// compares its Program, as text, with the file `program`; -update rewrites it.
func TestCompile(t *testing.T) {
	archives, err := filepath.Glob("testdata/compile/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("Glob = %v, %v, want archives", archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			lib, files := library(archive.Files[:last]...)
			compiled, problems := lib.Compile(files[0])
			if compiled == nil {
				t.Fatalf("Compile(%s) = nil, %v", files[0].Name, problems)
			}
			var got bytes.Buffer
			writeCompiled(&got, compiled, problems)
			if *update {
				archive.Files[last].Data = got.Bytes()
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[last].Data), got.String()); diff != "" {
				t.Errorf("Compile(%s) (-want +got):\n%s", files[0].Name, diff)
			}
		})
	}
}

// writeCompiled prints the Program and what stands beside it.
func writeCompiled(w io.Writer, c *resolve.Compiled, problems []diag.Problem) {
	for _, p := range problems {
		fmt.Fprintf(w, "%d:%d %s %s\n", p.Pos.Line, p.Pos.Column, p.Code, p.Message)
	}
	c.Program.WriteTo(w)
	for i, p := range c.Places {
		fmt.Fprintf(w, "%d is %v\n", i, p)
	}
	for _, r := range c.Rules {
		fmt.Fprintf(w, "rule %q", r.Text)
		for _, e := range []*automaton.Expr{r.E, r.F} {
			if e != nil {
				fmt.Fprintf(w, " %s", exprText(c.Program, e))
			}
		}
		fmt.Fprintln(w)
	}
	for _, k := range c.Keeps {
		fmt.Fprintf(w, "link in line %d: %s needs %q:", k.Pos.Line, k.Part, k.Text)
		for _, r := range k.Rules {
			fmt.Fprintf(w, " choice %d of step %d: %s;", r.Choice, r.Step, exprText(c.Program, r.E))
		}
		fmt.Fprintln(w)
	}
	if c.Init != nil {
		fmt.Fprintf(w, "starts where %s, milestones %v\n", exprText(c.Program, c.Init), c.FreeMilestones)
	}
	for i := range c.Program.Steps {
		for k := range c.Program.Steps[i].Choices {
			if c.Doubt.Guessed(i, k) {
				fmt.Fprintf(w, "choice %d of step %d is guessed\n", k, i)
			}
		}
	}
	if c.Doubt.Hidden {
		fmt.Fprintln(w, "something is hidden")
	}
}

func exprText(p *automaton.Program, e *automaton.Expr) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, exprText(p, a))
	}
	switch e.Op {
	case automaton.And:
		return "(" + strings.Join(args, " and ") + ")"
	case automaton.Or:
		return "(" + strings.Join(args, " or ") + ")"
	case automaton.Not:
		return "not " + args[0]
	case automaton.FactIn:
		f := p.Facts[e.Fact]
		name := f.Name
		if f.Kind.IsMilestone() {
			return string(f.Kind) + " " + name
		}
		var values []string
		for v, value := range f.Values {
			if e.In.Has(v) {
				values = append(values, value)
			}
		}
		return name + " in {" + strings.Join(values, ", ") + "}"
	case automaton.At:
		return fmt.Sprint("at ", e.Where)
	case automaton.Outcome:
		return fmt.Sprint("outcome ", e.Where)
	case automaton.Ended:
		return "ended"
	}
	return "true"
}
