package playbook_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/report"
	"roundtable/playbook/resolve"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// marker stands at the end of a line on which a problem is wanted:
// "⟵ code words of the message". Several are divided by another ⟵.
var marker = regexp.MustCompile(`[ \t]*⟵.*$`)

// shelf is what stands beside the playbooks of these tests.
var shelf = resolve.Shelf{
	Policies: map[string][]string{"privacy": {"what-we-keep", "who-may-see"}},
	Laws:     []string{"library-records"},
	Columns:  map[string][]string{"parent_access": {"silent", "yes", "no"}},
	Handouts: []string{"national_lines", "rights_card"},
}

// TestCheck checks every testdata/check/*.txtar: on each line, the problems
// that its markers want, and no others. Advice is left out. Beside it,
// NAME.text is what check prints, stories and all; -update rewrites it.
func TestCheck(t *testing.T) {
	files, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkArchive(t, file) })
	}
}

func checkArchive(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden := mustAbs(t, strings.TrimSuffix(file, ".txtar")+".text")
	t.Chdir(t.TempDir())
	var paths []string
	var want []string
	for _, f := range archive.Files {
		var out []string
		for n, line := range strings.Split(string(f.Data), "\n") {
			if m := marker.FindString(line); m != "" {
				for _, one := range strings.Split(m, "⟵")[1:] {
					want = append(want, fmt.Sprintf("%s:%d: %s", f.Name, n+1, strings.TrimSpace(one)))
				}
			}
			out = append(out, marker.ReplaceAllString(line, ""))
		}
		err := os.MkdirAll(filepath.Dir(f.Name), 0o700)
		if err == nil {
			err = os.WriteFile(f.Name, []byte(strings.Join(out, "\n")), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, f.Name)
	}
	set, errs := playbook.Load(shelf, paths...)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	reports := playbook.Check(context.Background(), set, playbook.Options{})
	match(t, reports, want)
	var text strings.Builder
	if err := report.Text(&text, reports, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), text.String()); diff != "" {
		t.Errorf("check prints (-want +got):\n%s", diff)
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// match holds the problems against what is wanted, each want once.
func match(t *testing.T, reports []*playbook.Report, want []string) {
	t.Helper()
	for _, r := range reports {
		for _, p := range r.Problems {
			if p.Level == diag.Advice {
				continue
			}
			found := false
			for i, w := range want {
				place, rest, _ := strings.Cut(w, ": ")
				code, words, _ := strings.Cut(rest, " ")
				if place == fmt.Sprintf("%s:%d", p.File, p.Pos.Line) && code == string(p.Code) && strings.Contains(p.Message, words) {
					want = append(want[:i:i], want[i+1:]...)
					found = true
					break
				}
			}
			if !found {
				t.Errorf("not wanted: %s:%d:%d: %s [%s]", p.File, p.Pos.Line, p.Pos.Column, p.Message, p.Code)
			}
		}
	}
	for _, w := range want {
		t.Errorf("not told: %s", w)
	}
}
