package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// compile reads files into a library and compiles the first.
func compile(t testing.TB, files ...[2]string) *resolve.Compiled {
	t.Helper()
	lib := &resolve.Library{}
	var first *syntax.File
	for _, f := range files {
		file, problems := syntax.Parse(f[0], []byte(f[1]))
		lib.Add(file, problems)
		if first == nil {
			first = file
		}
	}
	c, problems := lib.Compile(first)
	if c == nil {
		t.Fatalf("Compile(%s) = nil with %v", first.Name, problems)
	}
	return c
}

func read(t testing.TB, name string) [2]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return [2]string{name, string(data)}
}

func subpoena(t testing.TB) *resolve.Compiled {
	return compile(t, read(t, "subpoena.md"), read(t, "find.md"))
}

// told is a problem whose walk takes these choices.
func told(rule string, choices ...int) diag.Problem {
	trace := &diag.Trace{Walk: []diag.Move{{Choice: -1}}}
	for _, c := range choices {
		trace.Walk = append(trace.Walk, diag.Move{Choice: c})
	}
	return diag.Problem{Level: diag.Error, Rule: rule, Trace: trace}
}

func TestGolden(t *testing.T) {
	c := subpoena(t)
	stories := []diag.Problem{
		told("never produced unless counsel is advised", 0, 1, 2, 0, 1, 0, 0),
		told("every path ends", 1, 0, 0),
		{Level: diag.Error, File: "subpoena.md", Pos: c.File.Steps[3].Next.Choices[1].Pos},
	}
	tests := []struct {
		name string
		draw func(io.Writer) error
	}{
		{"plain.svg", func(w io.Writer) error { return SVG(w, c, Options{Prefix: "subpoena.md"}) }},
		{"stories.svg", func(w io.Writer) error {
			return SVG(w, c, Options{Theme: Dark, Problems: stories, Expand: true, NoLinks: true})
		}},
		{"stories.txt", func(w io.Writer) error { return Outline(w, c, Options{Problems: stories, Expand: true}) }},
	}
	for _, test := range tests {
		var b bytes.Buffer
		if err := test.draw(&b); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		golden := filepath.Join("testdata", test.name)
		if *update {
			if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s differs (-want +got); run with -update and look at it:\n%s", test.name, diff)
		}
	}
}

// TestShipped draws every shipped file, in every language, closed and opened.
func TestShipped(t *testing.T) {
	lib := &resolve.Library{}
	entries, err := starter.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := starter.Files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		lib.Add(syntax.Parse(e.Name(), data))
	}
	for _, f := range lib.Files() {
		c, problems := lib.Compile(f)
		if c == nil {
			t.Logf("%s does not compile: %v", f.Name, problems)
			continue
		}
		for _, o := range []Options{{}, {Expand: true}} {
			g := newGraph(c, o)
			checkLayout(t, f.Name, g, place(g))
			checkXML(t, f.Name, c, o)
		}
	}
}

// checkXML draws twice: the same bytes, well-formed, with a link for each step.
func checkXML(t testing.TB, name string, c *resolve.Compiled, o Options) {
	t.Helper()
	var once, twice bytes.Buffer
	if err := errors.Join(SVG(&once, c, o), SVG(&twice, c, o)); err != nil {
		t.Fatalf("%s: SVG() = %v", name, err)
	}
	if !bytes.Equal(once.Bytes(), twice.Bytes()) {
		t.Errorf("%s: SVG() twice gives different bytes", name)
	}
	d := xml.NewDecoder(&once)
	links := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: SVG() is not well-formed: %v", name, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "script", "foreignObject", "image", "use", "iframe":
			t.Errorf("%s: SVG() has <%s>", name, e.Name.Local)
		case "a":
			links++
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, o.Prefix+"#") {
				t.Errorf("%s: SVG() has %s=%q", name, a.Name.Local, a.Value)
			}
		}
	}
	if links < len(c.File.Steps) {
		t.Errorf("%s: SVG() has %d links, want one for each of %d steps", name, links, len(c.File.Steps))
	}
}

func TestHostileWords(t *testing.T) {
	source := `---
id: p
title: "</title><script>alert(1)</script>\" onload=\"x"
summary: '"><script>'
---

# "><script>alert(1)</script> & 'x'

## <b>A</b> "onload=x" ]]>

### Next
- [\<script> & "x" 'y'](end:done "director")
- [` + "\u202e" + ` right to left](#a-onloadx-)
- [nowhere](#"><script>)
`
	c := compile(t, [2]string{"p.md", source})
	checkXML(t, "p.md", c, Options{})
	var b bytes.Buffer
	if err := SVG(&b, c, Options{Prefix: `"><script>`}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script") {
		t.Errorf("SVG() lets a script through:\n%s", b.String())
	}
}

func TestRoles(t *testing.T) {
	c := subpoena(t)
	for _, test := range []struct {
		o     Options
		wants []string
		not   string
	}{
		{Options{}, []string{`role="group"`, `<a href="#call-the-lawyer">`, "prefers-color-scheme"}, `role="img"`},
		{Options{NoLinks: true, Theme: Light}, []string{`role="img"`, "<title", "<desc", "#f5f1e8"}, "<a "},
		{Options{Theme: Dark}, []string{"#12171c"}, "prefers-color-scheme"},
		{Options{Theme: Unstyled}, []string{`class="n ask"`}, "<style"},
		{Options{PartLink: func(id string) string { return "/playbooks/" + id }}, []string{`href="/playbooks/find"`}, ""},
	} {
		var b bytes.Buffer
		if err := SVG(&b, c, test.o); err != nil {
			t.Fatal(err)
		}
		for _, w := range test.wants {
			if !strings.Contains(b.String(), w) {
				t.Errorf("SVG(%+v) lacks %q", test.o, w)
			}
		}
		if test.not != "" && strings.Contains(b.String(), test.not) {
			t.Errorf("SVG(%+v) has %q", test.o, test.not)
		}
	}
}

func TestProblemsAreMarkedWhereTheyStand(t *testing.T) {
	c := subpoena(t)
	lawyer := c.File.Steps[1]
	for _, test := range []struct {
		what string
		pos  diag.Position
		want func(g *graph) bool
	}{
		{"a step's heading", lawyer.Pos, func(g *graph) bool { return g.groups[0].steps[1].bad }},
		{"a line in a step", diag.Position{Line: lawyer.Pos.Line + 3, Column: 1}, func(g *graph) bool { return g.groups[0].steps[1].bad }},
		{"a choice", lawyer.Next.Choices[0].Pos, func(g *graph) bool { return g.groups[0].steps[1].rows[0].bad }},
		{"a way back", lawyer.Next.Choices[1].Ways[0].Choice.Pos, func(g *graph) bool { return g.groups[0].steps[1].rows[1].to.rows[0].bad }},
	} {
		g := newGraph(c, Options{Problems: []diag.Problem{{Level: diag.Error, File: "subpoena.md", Pos: test.pos}}})
		if !test.want(g) {
			t.Errorf("a problem at %s is not marked there", test.what)
		}
	}
	g := newGraph(c, Options{Problems: []diag.Problem{{Level: diag.Error, File: "other.md", Pos: lawyer.Pos}}})
	if g.groups[0].steps[1].bad {
		t.Errorf("a problem of another file is marked in this one")
	}
}

// BenchmarkSVG draws the largest shipped playbook.
func BenchmarkSVG(b *testing.B) {
	lib := &resolve.Library{}
	entries, err := starter.Files.ReadDir(".")
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		data, err := starter.Files.ReadFile(e.Name())
		if err != nil {
			b.Fatal(err)
		}
		lib.Add(syntax.Parse(e.Name(), data))
	}
	c, _ := lib.Compile(lib.File("officer", "en"))
	for b.Loop() {
		if err := SVG(io.Discard, c, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
