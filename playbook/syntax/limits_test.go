package syntax

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const head = "---\nid: x\ntitle: T\nsummary: S\nowner: o\nreview: 2027-01-01\n---\n\n# T\n\n## Go\n\n"

// hostile are files that are slow or deep for parsers that are not on guard.
func hostile() map[string]string {
	nested := func(n int, line func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	return map[string]string{
		"empty":             "",
		"blank":             "\n \n\t\n",
		"10 MB line":        strings.Repeat("x", 10<<20),
		"10 MB file":        strings.Repeat("x\n", 5<<20),
		"4 MB line":         head + strings.Repeat("x", 4<<20-1000),
		"nested lists":      head + nested(10000, func(i int) string { return strings.Repeat(" ", 2*min(i, 190)) + "- a\n" }),
		"lists in one line": head + strings.Repeat("- ", 7000),
		"numbers in a line": head + strings.Repeat("1. ", 5000),
		"quotations":        head + strings.Repeat(">", 10000),
		"mixed":             head + strings.Repeat("> - ", 4000),
		"open brackets":     head + strings.Repeat("[", 10000),
		"open pictures":     head + strings.Repeat("![", 5000),
		"brackets in lines": head + strings.Repeat("[a\n", 3000),
		"links":             head + strings.Repeat("[a](", 4000),
		"titles":            head + strings.Repeat("[a](b \"c\n", 3000),
		"emphasis":          head + strings.Repeat("*a **b ", 2000),
		"emphasis 2":        head + strings.Repeat("a**b", 3000) + strings.Repeat("c*", 3000),
		"emphasis 3":        head + strings.Repeat("*_", 8000),
		"backticks":         head + nested(160, func(i int) string { return strings.Repeat("`", i+1) + " " }),
		"tags":              head + strings.Repeat("<a", 8000),
		"comments":          head + strings.Repeat("<!-- ", 3000),
		"autolinks":         head + strings.Repeat("<http://a", 1800),
		"entities":          head + strings.Repeat("&", 16000),
		"escapes":           head + strings.Repeat("\\", 16000),
		"definitions":       head + strings.Repeat("[a]: b\n", 20000),
		"empty lines":       head + strings.Repeat("\n", 4<<20-1000),
		"tabs":              head + strings.Repeat("\t", 16000),
		"rules":             head + strings.Repeat("***\n\n", 500000),
		"headings":          head + strings.Repeat("## \n", 900000),
		"steps":             head + strings.Repeat("## a\n", 800000),
		"bad blocks":        head + strings.Repeat("### Sey\n\n", 400000),
		"bad links":         head + strings.Repeat("- [a](call:A)\n\n", 250000),
		"many paragraphs":   head + strings.Repeat(strings.Repeat("a*b_[`", 160)+"\n\n", 4000),
		"many links":        head + strings.Repeat(strings.Repeat("[a](b \"", 300)+"\n\n", 1900),
		"many emphases":     head + strings.Repeat(strings.Repeat("*a **b _", 200)+"\n\n", 2500),
		"many backticks":    head + strings.Repeat(nested(40, func(i int) string { return strings.Repeat("`", i+1) + " " })+strings.Repeat("a", 15000)+"\n\n", 240),
		"long lines":        head + strings.Repeat(strings.Repeat("é, ", 5000)+"\n\n", 200),
		"choices":           head + "### Next\n" + strings.Repeat("- [a](#a) `if a is b and not c`\n", 900),
		"many choices":      head + "### Next\n" + strings.Repeat("- [a](#a) `if a is b and not c`\n\n", 100000),
		"yaml brackets":     "---\na: " + strings.Repeat("[", 16000) + "\n---\n",
		"yaml braces":       "---\na: " + strings.Repeat("{a: ", 4000) + "\n---\n",
		"yaml dashes":       "---\n" + strings.Repeat("- ", 8000) + "\n---\n",
		"yaml bomb":         "---\na: &a [x,x]\n" + nested(20, func(i int) string { return fmt.Sprintf("b%d: &b%d [*a,*a,*a,*a,*a,*a,*a]\n", i, i) }) + "---\n",
		"yaml keys":         "---\n" + strings.Repeat("a: b\n", 50000) + "---\n",
		"yaml bad keys":     "---\n" + strings.Repeat("a: b: c\n", 30000) + "---\n",
		"yaml quotes":       "---\na: " + strings.Repeat("\"", 16000) + "\n---\n",
		"yaml rule":         "---\nrules:\n  - >\n" + strings.Repeat("    never a and\n", 10000) + "---\n",
		"yaml rules":        "---\nrules:\n" + strings.Repeat("  - \"never \\x61 and \\\"b\n", 8000) + "---\n",
		"yaml escapes":      "---\nrules: [\"" + strings.Repeat("\\x61 and ", 1500) + "\"]\n---\n",
		"yaml values":       "---\nfacts:\n  a: " + strings.Repeat("a|", 8000) + "\n---\n",
		"yaml facts":        "---\ngiven:\n" + nested(5000, func(i int) string { return fmt.Sprintf("  g%d: a | b\n", i) }) + "facts:\n" + nested(5000, func(i int) string { return fmt.Sprintf("  f%d: a | b\n", i) }) + "---\n",
		"bad UTF-8":         head + "caf\xe9\n",
		"UTF-16":            "\xff\xfe-\x00-\x00-\x00\n\x00",
		"zero byte":         head + "a\x00b\n",
	}
}

// harmless are those of them that can be read.
var harmless = map[string]bool{"entities": true, "escapes": true, "empty lines": true, "choices": true, "many choices": true, "many backticks": true}

// TestHostile reads each. What a file costs is measured by BenchmarkHostile;
// here only a reading that does not end fails, by the time limit of the tests.
func TestHostile(t *testing.T) {
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			f, problems := Parse("x.md", []byte(src))
			if f == nil || (len(problems) == 0) != harmless[name] || len(problems) > maxProblems {
				t.Errorf("Parse = %p, %d problems (%t that there are none), want a file and at most %d", f, len(problems), harmless[name], maxProblems)
			}
		})
	}
}

// BenchmarkHostile measures what each costs, by the byte: all of them should be
// within a small factor of each other.
func BenchmarkHostile(b *testing.B) {
	for name, src := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				Parse("x.md", []byte(src))
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name, src    string
		line, column int
		want         string
	}{
		{"bad UTF-8", head + "an é, then caf\xe9\n", 13, 15, "not UTF-8"},
		{"zero byte", head + "é\x00b\n", 13, 2, "zero byte"},
		{"empty", "\ufeff\n", 1, 1, "empty"},
		{"long line", head + "a\n" + strings.Repeat("x", 20<<10) + "\n", 14, 1, "longer than 16 KiB"},
		{"large file", strings.Repeat("x\n", 3<<20), 1, 1, "larger than 4 MiB"},
		{"lists", head + strings.Repeat("- ", 60) + "a\n", 13, 1, "nested deeper"},
		{"brackets", head + "a\n" + strings.Repeat("[", 60) + "\n", 14, 1, "brackets are nested deeper"},
		{"long paragraph", head + strings.Repeat("words and words\n", 3000), 2197, 1, "without an empty line"},
		{"marks", head + strings.Repeat("*a* ", 600) + "\n", 13, 1, "more than 1000"},
		{"blank line first", "\n" + head, 1, 1, "the first line must be ---"},
	} {
		_, problems := Parse("x.md", []byte(test.src))
		if len(problems) != 1 {
			t.Errorf("%s: Parse = %d problems, want 1: %v", test.name, len(problems), problems)
			continue
		}
		p := problems[0]
		if p.Pos.Line != test.line || p.Pos.Column != test.column || !strings.Contains(p.Message, test.want) {
			t.Errorf("%s: Parse = %v %q, want %d:%d %q", test.name, p.Pos, p.Message, test.line, test.column, test.want)
		}
	}
}

// TestLineEnds checks that a file reads alike with any line ends and a BOM.
func TestLineEnds(t *testing.T) {
	src := head + "### Next\n- [Go](end:over \"director\")\n  `if tol d`\n"
	_, want := Parse("x.md", []byte(src))
	if len(want) != 1 {
		t.Fatalf("Parse = %v, want one problem", want)
	}
	for name, other := range map[string]string{
		"CRLF": strings.ReplaceAll(src, "\n", "\r\n"),
		"CR":   strings.ReplaceAll(src, "\n", "\r"),
		"BOM":  "\ufeff" + src,
	} {
		f, got := Parse("x.md", []byte(other))
		if f.Lines != 15 {
			t.Errorf("%s: Parse.Lines = %d, want 15", name, f.Lines)
		}
		if len(got) != 1 || got[0] != want[0] {
			t.Errorf("%s: Parse = %v, want %v", name, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	step := "## Step %d\n\nSome words and [a link](call:director).\n\n### Say\n> Hello, and welcome.\n\n### Next\n" +
		"- [One](#step-1) `if a is b` `c = d`\n- [Two](#step-2)\n- [I am not sure](end:over \"director\")\n\n"
	var src strings.Builder
	src.WriteString(head)
	for i := range 2000 {
		fmt.Fprintf(&src, step, i)
	}
	b.SetBytes(int64(src.Len()))
	for b.Loop() {
		if f, _ := Parse("x.md", []byte(src.String())); len(f.Steps) != 2001 {
			b.Fatalf("%d steps", len(f.Steps))
		}
	}
}

// BenchmarkStarter reads all that Roundtable ships.
func BenchmarkStarter(b *testing.B) {
	files, err := filepath.Glob("../starter/*.md")
	if err != nil || len(files) == 0 {
		b.Fatalf("Glob = %d files, %v", len(files), err)
	}
	var sources [][]byte
	size := 0
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, src)
		size += len(src)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for i, src := range sources {
			if _, problems := Parse(filepath.Base(files[i]), src); len(problems) > 0 {
				b.Fatal(problems)
			}
		}
	}
}
