package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// TestReadme holds the stories that the README shows to what the checker says
// of the files in docs/examples.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"docs/examples/subpoena.md", "docs/examples/smell.md"} {
		var out, errs bytes.Buffer
		e := &env{ctx: context.Background(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
			now: func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }}
		if code := run(e, []string{"check", file}); code != exitWrong {
			t.Errorf("check %s ends with %d, want %d: %s", file, code, exitWrong, errs.String())
		}
		story := strings.Split(out.String(), "\n")
		want := strings.Join(story[:len(story)-2], "\n") // without the line that counts
		if i := strings.Index(want, "piece of advice"); i >= 0 {
			want = want[:strings.LastIndexByte(want[:i], '\n')]
		}
		if !bytes.Contains(readme, []byte(want)) {
			t.Errorf("README.md does not show what check %s says:\n%s", file, want)
		}
	}
}
