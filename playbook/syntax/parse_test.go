package syntax

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/diag"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata")

// marker separates a line of a test file from the problems expected in it:
//
//	title: a: b ⟵ 9 syntax "there is a colon inside this value: …"
const marker = " ⟵ "

// TestProblems reads files whose lines tell the problems that are expected in
// them: column, code and message.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			marked, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			src := stripMarkers(marked)
			name := strings.TrimSuffix(filepath.Base(path), ".txt") + ".md"
			_, problems := Parse(name, src)
			got := withMarkers(src, problems)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(strings.Split(string(marked), "\n"), strings.Split(got, "\n")); d != "" {
				t.Errorf("Parse(%s): problems (-want +got):\n%s", name, d)
			}
		})
	}
}

var markers = regexp.MustCompile(regexp.QuoteMeta(marker) + `.*`)

func stripMarkers(marked []byte) []byte { return markers.ReplaceAll(marked, nil) }

func withMarkers(src []byte, problems []diag.Problem) string {
	lines := strings.Split(string(src), "\n")
	for _, p := range problems {
		lines[p.Pos.Line-1] += fmt.Sprintf("%s%d %s %q", marker, p.Pos.Column, p.Code, p.Message)
	}
	return strings.Join(lines, "\n")
}

// TestStarter reads every file that Roundtable ships.
func TestStarter(t *testing.T) {
	files, err := filepath.Glob("../starter/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %d files, %v", len(files), err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := Parse(filepath.Base(path), src)
		for _, p := range problems {
			t.Errorf("Parse(%s): %d:%d: %s", p.File, p.Pos.Line, p.Pos.Column, p.Message)
		}
		if got := bytes.Count(src, []byte("\n## ")); len(f.Steps) != got {
			t.Errorf("Parse(%s): %d steps, want %d", path, len(f.Steps), got)
		}
	}
}
