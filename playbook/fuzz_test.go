package playbook_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

// FuzzCheck checks a library of the files of an archive: nothing panics, every
// problem stands in its file, in order, and a second check tells the same.
func FuzzCheck(f *testing.F) {
	archives, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(marker.ReplaceAll(data, nil))
	}
	for _, name := range []string{"officer.md", "reach-someone.md"} {
		data, err := starter.Files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte("-- "+name+" --\n"), data...))
	}
	f.Add([]byte("-- a.md --\n\xff\n-- b.md --\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := txtar.Parse(data).Files
		if len(files) > 6 || len(data) > 20_000 {
			t.Skip()
		}
		first, again := checkFiles(files), checkFiles(files)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("checking twice (-first +second):\n%s", diff)
		}
		for i, r := range first {
			checkPlaces(t, r, files[i].Data)
		}
	})
}

func checkFiles(files []txtar.File) []*playbook.Report {
	set := &playbook.Set{Library: &resolve.Library{Shelf: shelf}}
	for _, f := range files {
		parsed, problems := syntax.Parse(f.Name, f.Data)
		set.Library.Add(parsed, problems)
		set.Asked = append(set.Asked, parsed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return playbook.Check(ctx, set, playbook.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
}

// checkPlaces holds problems to places within the file, and to their order.
func checkPlaces(t *testing.T, r *playbook.Report, data []byte) {
	t.Helper()
	lines := strings.Count(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n"), "\n") + 1
	for i, p := range r.Problems {
		if p.File != r.File || p.Level != p.Code.Level() || p.Message == "" || p.Pos.Line < 0 || p.Pos.Line > lines || p.Pos.IsValid() && p.Pos.Column < 1 {
			t.Errorf("%s: a problem of %d lines stands at %v: %+v", r.File, lines, p.Pos, p)
		}
		if i > 0 && (p.Pos.Before(r.Problems[i-1].Pos) || p.Pos == r.Problems[i-1].Pos && p.Code < r.Problems[i-1].Code) {
			t.Errorf("%s: %v %s stands behind %v %s", r.File, p.Pos, p.Code, r.Problems[i-1].Pos, r.Problems[i-1].Code)
		}
		if p.Trace != nil && (len(p.Trace.Walk) == 0 || p.Trace.Walk[0].Choice != -1) {
			t.Errorf("%s: the story of %v has no start", r.File, p.Pos)
		}
		if p.Code == diag.RuleBroken && p.Trace == nil {
			t.Errorf("%s: the broken rule at %v has no story", r.File, p.Pos)
		}
	}
}
