package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/report"
	"roundtable/playbook/resolve"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// clock goes on by 1.2 ms at each look.
func clock() func() time.Time {
	at := time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(1200 * time.Microsecond)
		return at
	}
}

// reports checks an archive of playbook's tests, or of this package's.
func reports(t *testing.T, archive string, count bool) []*playbook.Report {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var paths []string
	for _, f := range a.Files {
		var data []byte
		for line := range strings.Lines(string(f.Data)) {
			line, _, _ = strings.Cut(line, "⟵") // the marker of playbook's tests
			data = append(data, strings.TrimRight(line, " \n")...)
			data = append(data, '\n')
		}
		err := os.MkdirAll(filepath.Dir(f.Name), 0o700)
		if err == nil {
			err = os.WriteFile(f.Name, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, f.Name)
	}
	set, errs := playbook.Load(resolve.Shelf{}, paths...)
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	return playbook.Check(context.Background(), set, playbook.Options{Count: count, Now: clock()})
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

func abs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGoldens prints the broken playbook of the language's definition, one
// with parts and one whose rule compares two walks, in each form.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"definition-broken", "needs", "neutral-forms"} {
		t.Run(name, func(t *testing.T) {
			archive, base := abs(t, "../testdata/check/"+name+".txtar"), abs(t, "testdata/"+name)
			list := reports(t, archive, true)
			for _, tt := range []struct {
				ending string
				write  func(*bytes.Buffer) error
			}{
				{".json", func(b *bytes.Buffer) error { return report.JSON(b, list) }},
				{".sarif", func(b *bytes.Buffer) error { return report.SARIF(b, list) }},
				{".text", func(b *bytes.Buffer) error {
					return report.Text(b, list, report.TextOptions{Advice: true, Stats: true})
				}},
			} {
				var got bytes.Buffer
				if err := tt.write(&got); err != nil {
					t.Fatal(err)
				}
				golden(t, base+tt.ending, got.Bytes())
			}
		})
	}
}

// example is the object of the language's definition, whose shape counts.
const example = `{"files": [{
  "file": "subpoena.md", "id": "subpoena", "ok": false,
  "problems": [{
    "level": "error", "code": "rule-broken", "line": 18, "column": 5,
    "rule": "never produced unless counsel is advised",
    "message": "…",
    "trace": {"given": {"counsel_on_call": "no"},
              "walk": [{"step": "take-it-and-thank-them", "line": 30},
                       {"choice": 1, "choice_line": 45, "step": "wait-for-the-lawyer", "line": 57}]},
    "other": null
  }],
  "proved": ["every path ends"],
  "stats": {"steps": 5, "choices": 9, "facts": 2, "given": 1, "states": null, "seconds": 0.0012}
}]}`

// object is a JSON object whose parts are looked at one by one.
type object = map[string]any

func parse(t *testing.T, data []byte) object {
	t.Helper()
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func keys(o any) []string { return slices.Sorted(maps.Keys(o.(object))) }

func at(o any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case int:
			o = o.([]any)[p]
		case string:
			o = o.(object)[p]
		}
	}
	return o
}

// TestJSONShape holds whatever is printed against the definition's example:
// every key is always there, and of its type, or null.
func TestJSONShape(t *testing.T) {
	archives, err := filepath.Glob("../testdata/check/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("Glob = %v, %v", archives, err)
	}
	want := parse(t, []byte(example))
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			list := reports(t, abs(t, archive), false)
			var b bytes.Buffer
			if err := report.JSON(&b, list); err != nil {
				t.Fatal(err)
			}
			got := parse(t, b.Bytes())
			sameKeys(t, "the object", want, got)
			for i, f := range at(got, "files").([]any) {
				checkFile(t, at(want, "files", 0), f, list[i])
			}
		})
	}
}

func sameKeys(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(keys(want), keys(got)); diff != "" {
		t.Errorf("the keys of %s (-want +got):\n%s", what, diff)
	}
}

func checkFile(t *testing.T, want, got any, r *playbook.Report) {
	t.Helper()
	sameKeys(t, "a file", want, got)
	sameKeys(t, "stats", at(want, "stats"), at(got, "stats"))
	if ok := at(got, "ok").(bool); ok != r.OK() {
		t.Errorf("ok = %v, want %v", ok, r.OK())
	}
	if at(got, "stats", "states") != nil {
		t.Errorf("states = %v, want null: it was not asked for", at(got, "stats", "states"))
	}
	if at(got, "proved").([]any) == nil {
		t.Error("proved is null, want a list")
	}
	var last []any
	for _, p := range at(got, "problems").([]any) {
		sameKeys(t, "a problem", at(want, "problems", 0), p)
		here := []any{at(p, "line"), at(p, "column"), at(p, "code")}
		if last != nil && before(here, last) {
			t.Errorf("the problem at %v stands behind that at %v", here, last)
		}
		last = here
		if here[0].(float64) < 1 || here[1].(float64) < 1 {
			t.Errorf("a problem is at %v, want lines and columns from 1", here)
		}
		for _, key := range []string{"trace", "other"} {
			if trace := at(p, key); trace != nil {
				checkTrace(t, at(want, "problems", 0, "trace"), trace)
			}
		}
		if at(p, "other") != nil && !strings.HasPrefix(at(p, "rule").(string), "neutral about") {
			t.Errorf("%v has a second walk", at(p, "rule"))
		}
	}
}

func before(a, b []any) bool {
	for i := range a[:2] {
		if x, y := a[i].(float64), b[i].(float64); x != y {
			return x < y
		}
	}
	return a[2].(string) < b[2].(string)
}

func checkTrace(t *testing.T, want, got any) {
	t.Helper()
	sameKeys(t, "a trace", want, got)
	if at(got, "given").(object) == nil {
		t.Error("given is null, want an object")
	}
	for i, m := range at(got, "walk").([]any) {
		kind := min(i, 1)
		allowed := keys(at(want, "walk", kind))
		have := slices.DeleteFunc(keys(m), func(k string) bool { return k == "file" })
		if !slices.Equal(allowed, have) {
			t.Errorf("entry %d of a walk has the keys %q, want %q", i, have, allowed)
		}
		step := at(m, "step").(string)
		if inPart := strings.Contains(step, "/"); inPart != (at(m, "file") != nil) && !strings.HasPrefix(step, "end:") {
			t.Errorf("the step %q has the file %v", step, at(m, "file"))
		}
	}
}

func TestJSONNull(t *testing.T) {
	list := []*playbook.Report{{File: "x.md", Proved: []string{}, Problems: []diag.Problem{{Code: diag.Syntax, Level: diag.Error}}}}
	var b bytes.Buffer
	if err := report.JSON(&b, list); err != nil {
		t.Fatal(err)
	}
	got := parse(t, b.Bytes())
	if id := at(got, "files", 0, "id"); id != nil {
		t.Errorf("id = %v, want null", id)
	}
	p := at(got, "files", 0, "problems", 0)
	for _, key := range []string{"rule", "trace", "other"} {
		if v := at(p, key); v != nil {
			t.Errorf("%s = %v, want null", key, v)
		}
	}
	if line, column := at(p, "line"), at(p, "column"); line != 1.0 || column != 1.0 {
		t.Errorf("a problem of no place stands at %v:%v, want 1:1", line, column)
	}
	b.Reset()
	if err := report.JSON(&b, nil); err != nil || b.String() != "{\n  \"files\": []\n}\n" {
		t.Errorf("JSON(nothing) = %q, %v", b.String(), err)
	}
}

// TestSARIF holds the log to what SARIF 2.1.0 asks: rules known, places from
// 1, addresses that are escaped.
func TestSARIF(t *testing.T) {
	problem := diag.New("our books/café #1.md", diag.Position{Line: 3, Column: 4}, diag.RuleBroken, "a <message>")
	problem.Trace = &diag.Trace{Walk: []diag.Move{{Choice: -1, Heading: "Start", Pos: diag.Position{Line: 9, Column: 1}, File: "a.md"}, {Choice: 0, Heading: "Next", File: "a.md"}}}
	advice := diag.New("a.md", diag.Position{}, diag.LoadedWord, "words")
	warning := diag.New("a.md", diag.Position{Line: 1, Column: 1}, diag.DeadChoice, "dead")
	var b bytes.Buffer
	if err := report.SARIF(&b, []*playbook.Report{{Problems: []diag.Problem{problem, advice, warning}}}); err != nil {
		t.Fatal(err)
	}
	got := parse(t, b.Bytes())
	run := at(got, "runs", 0)
	known := map[any]bool{}
	for _, r := range at(run, "tool", "driver", "rules").([]any) {
		if at(r, "shortDescription", "text") == "" || at(r, "fullDescription", "text") == "" {
			t.Errorf("the rule %v is not described", at(r, "id"))
		}
		known[at(r, "id")] = true
	}
	if len(known) != len(diag.Codes) {
		t.Errorf("%d rules, want %d", len(known), len(diag.Codes))
	}
	var levels []string
	for _, r := range at(run, "results").([]any) {
		levels = append(levels, at(r, "level").(string))
		if !known[at(r, "ruleId")] {
			t.Errorf("the result of %v has no rule", at(r, "ruleId"))
		}
	}
	if want := []string{"error", "note", "warning"}; !slices.Equal(levels, want) {
		t.Errorf("levels = %q, want %q", levels, want)
	}
	if at(got, "version") != "2.1.0" || at(run, "columnKind") != "unicodeCodePoints" {
		t.Errorf("version %v, columns in %v", at(got, "version"), at(run, "columnKind"))
	}
	place := at(run, "results", 0, "locations", 0, "physicalLocation")
	if uri := at(place, "artifactLocation", "uri"); uri != "our%20books/caf%C3%A9%20%231.md" {
		t.Errorf("uri = %v", uri)
	}
	flow := at(run, "results", 0, "codeFlows", 0, "threadFlows", 0, "locations").([]any)
	if len(flow) != 2 || at(flow[0], "location", "message", "text") != "Start" {
		t.Errorf("the story is told as %v", flow)
	}
	if region := at(run, "results", 1, "locations", 0, "physicalLocation", "region"); !cmp.Equal(region, object{"startLine": 1.0, "startColumn": 1.0}) {
		t.Errorf("a problem of no place has the region %v", region)
	}
}

// failing fails once so many bytes have been written.
type failing struct{ left int }

var errFull = errors.New("the disk is full")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteFails(t *testing.T) {
	list := reports(t, abs(t, "../testdata/check/definition-broken.txtar"), false)
	for name, write := range map[string]func(*failing) error{
		"JSON":  func(w *failing) error { return report.JSON(w, list) },
		"SARIF": func(w *failing) error { return report.SARIF(w, list) },
		"Text":  func(w *failing) error { return report.Text(w, list, report.TextOptions{}) },
	} {
		for _, room := range []int{0, 100} {
			if err := write(&failing{room}); !errors.Is(err, errFull) {
				t.Errorf("%s to a full disk = %v, want %v", name, err, errFull)
			}
		}
	}
}

// TestText is about what TestGoldens does not show.
func TestText(t *testing.T) {
	advice := diag.New("a.md", diag.Position{Line: 2, Column: 1}, diag.LongLine, "long")
	for _, tt := range []struct {
		name    string
		reports []*playbook.Report
		options report.TextOptions
		want    string
	}{
		{"nothing", nil, report.TextOptions{}, "0 playbooks, 0 rules proved, 0 broken; 0 errors, 0 warnings.\n"},
		{"advice", []*playbook.Report{{Problems: []diag.Problem{advice}}}, report.TextOptions{},
			"1 piece of advice on wording; --advice shows it.\n1 playbook, 0 rules proved, 0 broken; 0 errors, 0 warnings.\n"},
		{"more advice", []*playbook.Report{{Problems: []diag.Problem{advice, advice}}}, report.TextOptions{},
			"2 pieces of advice on wording; --advice shows them.\n1 playbook, 0 rules proved, 0 broken; 0 errors, 0 warnings.\n"},
		{"shown", []*playbook.Report{{Problems: []diag.Problem{advice}, Proved: []string{"a"}}}, report.TextOptions{Advice: true},
			"Wording:\na.md:2:1: advice: long [long-line]\n1 playbook, 1 rule proved, 0 broken; 0 errors, 0 warnings.\n"},
	} {
		var b bytes.Buffer
		if err := report.Text(&b, tt.reports, tt.options); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Errorf("Text(%s) (-want +got):\n%s", tt.name, diff)
		}
	}
}

func ExampleJSON() {
	var b bytes.Buffer
	if err := report.JSON(&b, nil); err != nil {
		fmt.Println(err)
	}
	fmt.Print(b.String())
	// Output:
	// {
	//   "files": []
	// }
}
