package format_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"roundtable/playbook/format"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

func split(text []byte) []string { return strings.Split(string(text), "\n") }

// TestGolden prints testdata/*.md and compares with *.golden.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %d files, %v", len(files), err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := format.Source(filepath.Base(path), src)
		if err != nil {
			t.Errorf("Source(%s): %v", path, err)
			continue
		}
		golden := strings.TrimSuffix(path, ".md") + ".golden"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(split(want), split(got)); d != "" {
			t.Errorf("Source(%s) (-want +got):\n%s", path, d)
		}
		fixpoint(t, filepath.Base(path), got)
	}
}

// fixpoint checks that printing what was printed changes nothing.
func fixpoint(t *testing.T, name string, once []byte) {
	t.Helper()
	twice, err := format.Source(name, once)
	if err != nil {
		t.Fatalf("Source(Source(%s)): %v\n%s", name, err, once)
	}
	if d := cmp.Diff(split(once), split(twice)); d != "" {
		t.Fatalf("Source(Source(%s)) differs (-once +twice):\n%s", name, d)
	}
}

// TestStarter prints every file that Roundtable ships. Source itself checks
// that the tree stays the same.
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
		out, err := format.Source(filepath.Base(path), src)
		if err != nil {
			t.Errorf("Source(%s): %v", path, err)
			continue
		}
		fixpoint(t, filepath.Base(path), out)
	}
}

const head = "---\nid: x\ntitle: T\nsummary: S\nowner: o\nreview: 2027-01-01\n---\n\n# T\n\n## Go\n\n"

// TestText prints texts that need care; what is the same on both sides is
// canonical already.
func TestText(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"plain words", "plain words"},
		{"a  line  \nand a\\\nbreak", "a  line\\\nand a\\\nbreak"},
		{"*a* _b_ **c** __d__", "*a* *b* **c** **d**"},
		{"***a** b*", "*__a__ b*"},
		{"*a _b_ c*", "*a *b* c*"},
		{"**Visitor.** Well?", "**Visitor.** Well?"},
		{"5 * 3, a_b_c, a * b", "5 * 3, a_b_c, a * b"},
		{"\\*a\\* \\_b\\_", "\\*a\\* \\_b\\_"},
		{"&lt;b&gt; &amp;copy; &eacute; &copy", "\\<b> \\&copy; é &copy"},
		{"1 < 2 <5 & more", "1 < 2 <5 & more"},
		{"C:\\path \\\\* \\!", "C:\\path \\\\\\* !"},
		{"[sic] and [a](call:b)", "\\[sic\\] and [a](call:b)"},
		{"[sic] alone", "[sic] alone"},
		{"\\[a](b)", "[a\\](b)"},
		{"\\[ref]: words", "\\[ref]: words"},
		{"!\\[a](b) \\![a](law:b)", "!\\[a\\](b) \\![a](law:b)"},
		{"``a`b`` `` `c` ``", "``a`b`` `` `c` ``"},
		{"\\# a\n\\- b\n1\\. c\n\\> d\n\\=\n\\---", "\\# a\n\\- b\n1\\. c\n\\> d\n\\=\n\\---"},
		{"- \\- a", "- \\- a"},
		{"- \\[ ] a", "- \\[ ] a"},
		{"- [x](call:a)", "- [x](call:a)"},
		{"a | b\n\\--|--", "a | b\n\\--|--"},
		{"&#32;a&nbsp;", "&#32;a&#160;"},
		{"a*&#32;b*", "a\\* b\\*"},
		{"<https://example.org/?a=b> <mailto:a@b.org> <a@b.org>", "<https://example.org/?a=b> <mailto:a@b.org> <a@b.org>"},
		{"[a](<https://example.org/a b>)", "[a](<https://example.org/a b>)"},
		{"[a](https://example.org/a_(b) 'it''s')", "[a\\](https://example.org/a\\_(b) 'it''s')"},
		{"[a](https://example.org/a_(b) 'it is \"so\"')", "[a](https://example.org/a_(b) \"it is \\\"so\\\"\")"},
		{"[a *b* `c`](https://example.org/\\))", "[a *b* `c`](https://example.org/\\))"},
		{"* a\n* b\n\n  c\n+ d", "- a\n\n- b\n\n  c\n\n- d"},
		{"1) a\n1) b\n   - [ ] c", "1. a\n2. b\n   - [ ] c"},
		{"> a\nlazy\n>\n>> \n> b\n\n> c", ""},
		{"> a\nlazy\n>\n> - b\n\n> c", "> a\n> lazy\n>\n> - b\n\n> c"},
		{"- - a\n  - b\n- 1. c", "- - a\n  - b\n- 1. c"},
	} {
		got, err := format.Source("x.md", []byte(head+test.in+"\n"))
		if test.want == "" {
			if err == nil {
				t.Errorf("Source(%q) = %q, want an error", test.in, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("Source(%q): %v", test.in, err)
			continue
		}
		text := strings.TrimSuffix(strings.TrimPrefix(string(got), head), "\n")
		if text != test.want {
			t.Errorf("Source(%q) = %q, want %q", test.in, text, test.want)
		}
		fixpoint(t, "x.md", got)
	}
}

// TestIntricate prints emphasis that is nested beyond reason: it may be
// refused, in no time out of proportion.
func TestIntricate(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("*", 99) + "a" + strings.Repeat("*", 99),
		strings.Repeat("*a _b ", 40) + strings.Repeat("c_ d*", 40),
		strings.Repeat("***a** *b** c*\n\n", 5000),
	} {
		out, err := format.Source("x.md", []byte(head+text+"\n"))
		if err != nil {
			continue
		}
		fixpoint(t, "x.md", out)
	}
}

func TestRefuses(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{head + "### Sai\n> a\n", "line 13, column 1: there is no block \"Sai\"; did you mean \"Say\"?"},
		{"# T\n", "line 1, column 1: the first line must be ---"},
	} {
		out, err := format.Source("x.md", []byte(test.in))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Source(%q) = %q, %v, want the error %q", test.in, out, err, test.want)
		}
	}
}

// FuzzSource checks that what can be printed is a fixpoint. That the tree stays
// the same is checked by Source itself.
func FuzzSource(f *testing.F) {
	for _, pattern := range []string{"testdata/*.md", "../syntax/testdata/tree/*.md", "../starter/*.md"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			if src, err := os.ReadFile(path); err == nil {
				f.Add(string(src), "x.md")
			}
		}
	}
	f.Fuzz(func(t *testing.T, src, name string) {
		out, err := format.Source(name, []byte(src))
		if err != nil {
			return // FuzzText and FuzzFront tell whether it may be refused
		}
		fixpoint(t, name, out)
	})
}

// FuzzText is FuzzSource for a step's text or its choices, where the marks
// are. Whatever can
// be read there can be printed, too.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"*a **b** _c_*", "[a](law:b \"c\")", "&#32;a&amp;", "- a\n  1. b", "> a\n> - b", "\\[a]: b", "`` ` ``", "<a@b.c>", "a\\\nb  \nc", "- [ ] a\n\n  b"} {
		f.Add(seed, false)
	}
	for _, seed := range []string{
		"- [a *b*](#go) `if c=d` `e=f,record=abuse` words", "1. [a](b.es.md)\n   - [c](end:d \"o, b.es.md\")\n2. [a](#go \"\") `otherwise`\n   b\\\n   c",
		"- [a](<#b c>) `off the record` [d](law:e) `", "- [\\[x\\]](#%25) \\`a\\`",
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, next bool) {
		if strings.Count(text, "*")+strings.Count(text, "_") > 4 {
			return // intricate emphasis may be refused: its marks can depend on the rule of three
		}
		if next {
			text = "### Next\n" + text
		}
		out, err := format.Source("x.md", []byte(head+text+"\n"))
		if err != nil {
			if strings.Contains(err.Error(), "canonical form") {
				t.Fatalf("Source(%q): %v", text, err)
			}
			return
		}
		fixpoint(t, "x.md", out)
	})
}

// FuzzFront is FuzzSource for the front matter. It holds the comments against
// those that the YAML library finds.
func FuzzFront(f *testing.F) {
	for _, seed := range []string{
		"# a\nfor: [a, # b\n b] # c\n", "rules:\n# a\n- never a # b\n- >- # c\n  never b\n  # d\n\n# e\n",
		"facts:\n  a: 'b' # c\n  # d\n  e: \"f # g\" # h\n", "sources:\n- a\n  # b\n\n- 'c\n  # d'\n",
		"given:\n  a: {is: b | c, # d\n  ask: 'e'}\n", "record: none # a\n", "sources: [\"a\\u2028b\", 'no', 1.5, ~]\n",
	} {
		f.Add(seed)
	}
	const required = "id: x\ntitle: T\nsummary: S\nowner: o\nreview: 2027-01-01\n"
	const body = "\n---\n\n# T\n\n## Go\n"
	f.Fuzz(func(t *testing.T, front string) {
		out, err := format.Source("x.md", []byte("---\n"+required+front+body))
		if err != nil {
			if strings.Contains(err.Error(), "canonical form") {
				t.Fatalf("Source(%q): %v", front, err)
			}
			return
		}
		fixpoint(t, "x.md", out)
		var root yaml.Node
		if yaml.Load([]byte(required+front), &root) != nil {
			return
		}
		for _, comment := range yamlComments(&root) {
			if !strings.Contains(string(out), comment) {
				t.Errorf("Source(%q) has lost %q:\n%s", front, comment, out)
			}
		}
	})
}

func yamlComments(n *yaml.Node) []string {
	all := strings.Split(n.HeadComment+"\n"+n.LineComment+"\n"+n.FootComment, "\n")
	for _, child := range n.Content {
		all = append(all, yamlComments(child)...)
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
