package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTutorial follows the tutorial of docs/playbook.md from its blank file:
// what it says the checker prints is what the checker prints.
func TestTutorial(t *testing.T) {
	page, err := os.ReadFile("../../docs/playbook.md")
	if err != nil {
		t.Fatal(err)
	}
	tutorial, _, found := strings.Cut(string(page), "The rest of this page is the definition.")
	if !found {
		t.Fatal("the tutorial has no end")
	}
	var pieces []string
	for _, m := range regexp.MustCompile("(?s)```(?:markdown|yaml)\n(.*?)```").FindAllStringSubmatch(tutorial, -1) {
		pieces = append(pieces, m[1])
	}
	if len(pieces) != 6 {
		t.Fatalf("the tutorial has %d pieces of a file, want 6", len(pieces))
	}
	front, greet, look, facts, keep, rules := pieces[0], pieces[1], pieces[2], pieces[3], pieces[4], pieces[5]
	t.Chdir(t.TempDir())
	for _, stage := range []struct {
		file string
		code int
	}{
		{front + "\n" + greet, exitWrong},
		{strings.TrimSuffix(front, "---\n") + facts + rules + "---\n\n" + greet + "\n" + look + "\n" + keep, exitOK},
	} {
		if err := os.WriteFile("found-phone.md", []byte(stage.file), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		e := &env{ctx: context.Background(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
			now: func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }}
		if code := run(e, []string{"check", "found-phone.md"}); code != stage.code {
			t.Errorf("check ends with %d, want %d: %s%s", code, stage.code, out.String(), errs.String())
		}
		if !strings.Contains(tutorial, "$ roundtable check found-phone.md\n"+out.String()) {
			t.Errorf("the tutorial does not show what check says:\n%s", out.String())
		}
	}
}
