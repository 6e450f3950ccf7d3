package house

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "roundtable/"

// TestImports fails on any import that imports.txt does not allow, and on any
// package that it does not list.
func TestImports(t *testing.T) {
	allowed := readPlan(t)
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		may, listed := allowed[name]
		if !listed {
			t.Errorf("package %s is not in imports.txt: say there what it may import", name)
			continue
		}
		for _, imported := range p.Imports {
			if imported, ours := strings.CutPrefix(imported, module); ours && !permits(may, imported) {
				t.Errorf("%s imports %s, which imports.txt does not allow", name, imported)
			}
		}
		delete(allowed, name)
	}
	for name := range allowed {
		t.Errorf("imports.txt lists %s, which is not there", name)
	}
}

func permits(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if below, ok := strings.CutSuffix(p, "..."); ok {
			return strings.HasPrefix(name, below)
		}
		return p == name
	})
}

func readPlan(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("imports.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plan := map[string][]string{}
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		line, _, _ := strings.Cut(scanner.Text(), "#")
		name, may, found := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !found {
			t.Fatalf("imports.txt: no colon in %q", line)
		}
		plan[name] = strings.Fields(may)
	}
	return plan
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}
