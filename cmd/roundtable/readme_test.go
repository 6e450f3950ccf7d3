package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// TestReadme holds the stories and the proof that the README shows to what the
// checker says.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	check := func(want int, args ...string) string {
		var out, errs bytes.Buffer
		e := &env{ctx: context.Background(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
			now: func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }}
		if code := run(e, append([]string{"check"}, args...)); code != want {
			t.Errorf("check %v ends with %d, want %d: %s", args, code, want, errs.String())
		}
		return out.String()
	}
	if proof := check(exitOK, "--proved", "playbook/starter/hygiene.md"); !bytes.Contains(readme, []byte(proof)) {
		t.Errorf("README.md does not show the proof of hygiene:\n%s", proof)
	}
	for _, file := range []string{"docs/examples/subpoena.md", "docs/examples/smell.md"} {
		story := strings.Split(check(exitWrong, file), "\n")
		want := strings.Join(story[:len(story)-2], "\n") // without the line that counts
		if i := strings.Index(want, "piece of advice"); i >= 0 {
			want = want[:strings.LastIndexByte(want[:i], '\n')]
		}
		if !bytes.Contains(readme, []byte(want)) {
			t.Errorf("README.md does not show what check %s says:\n%s", file, want)
		}
	}
}
