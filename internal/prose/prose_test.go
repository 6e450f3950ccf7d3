package prose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/diag"
)

type front struct {
	ID      string   `yaml:"id"`
	Sources []string `yaml:"sources"`
}

const whole = `---
id: sample
sources:
  - "A: one"
---

# A title

The lead.

## First of all {#first}
One.

` + "```" + `
## not a heading
` + "```" + `

### Under it
- a
  more of a
- b

## Über alles, ja?

### Under it
> A quote
> of two lines

After it. ##
`

func TestParse(t *testing.T) {
	var f front
	got, problems := Parse("sample.md", []byte(strings.ReplaceAll("\ufeff"+whole, "\n", "\r\n")), &f)
	if len(problems) > 0 {
		t.Fatalf("Parse told %v, want nothing", problems)
	}
	want := Text{
		File: "sample.md", Title: "A title", Lead: "The lead.",
		Sections: []Section{
			{2, "first", "First of all", "One.\n\n```\n## not a heading\n```", diag.Position{Line: 11, Column: 1}},
			{3, "under-it", "Under it", "- a\n  more of a\n- b", diag.Position{Line: 18, Column: 1}},
			{2, "über-alles-ja", "Über alles, ja?", "", diag.Position{Line: 23, Column: 1}},
			{3, "under-it", "Under it", "> A quote\n> of two lines\n\nAfter it. ##", diag.Position{Line: 25, Column: 1}},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Parse differs (-want +got):\n%s", d)
	}
	if d := cmp.Diff(front{"sample", []string{"A: one"}}, f); d != "" {
		t.Errorf("front matter differs (-want +got):\n%s", d)
	}
	if s, ok := got.Section("first"); !ok || s.Heading != "First of all" {
		t.Errorf(`Section("first") = %+v, %v, want the first section`, s, ok)
	}
	if _, ok := got.Section("under-it"); ok {
		t.Error(`Section("under-it") = true, want false: it is a ### section`)
	}
}

func TestParseTells(t *testing.T) {
	tests := []struct {
		name, in string
		line     int
		want     string
	}{
		{"nothing", "", 1, "no front matter"},
		{"no front matter", "# T\n", 1, "no front matter"},
		{"open front matter", "---\nid: a\n", 1, "no closing ---"},
		{"empty front matter", "---\n---\n# T\n", 1, "empty"},
		{"unknown key", "---\nid: a\ncolour: red\n---\n# T\n", 3, "colour"},
		{"bad YAML", "---\nid: [a\n---\n# T\n", 1, "cannot be read"},
		{"no title", "---\nid: a\n---\n## S\n", 4, "no # title"},
		{"two titles", "---\nid: a\n---\n# T\n# U\n", 5, "two # titles"},
		{"same id twice", "---\nid: a\n---\n# T\n## S\n## S\n", 6, "line 5"},
		{"### first", "---\nid: a\n---\n# T\n### S\n", 5, "before any ##"},
		{"bad UTF-8", "---\nid: a\n---\n# \xff\n", 1, "UTF-8"},
		{"too large", strings.Repeat("x", MaxBytes+1), 1, "larger"},
		{"alias bomb", "---\n" + bomb() + "---\n# T\n", 1, "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f front
			_, problems := Parse("t.md", []byte(tt.in), &f)
			for _, p := range problems {
				if strings.Contains(p.Message, tt.want) && (p.Pos.Line == tt.line || tt.line == 1) {
					return
				}
			}
			t.Errorf("Parse told %v, want %q at line %d", problems, tt.want, tt.line)
		})
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 12 {
		from, to := string(rune('0'+i)), string(rune('1'+i))
		b.WriteString("a" + to + ": &a" + to + " [" + strings.Repeat("*a"+from+",", 9) + "]\n")
	}
	return b.String()
}

// BenchmarkParse reads texts of the largest size that would be dear to a
// parser that nests or looks back.
func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{"lists": "- ", "quotes": "> ", "brackets": "[", "fences": "```\n", "headings": "## a\n"} {
		src := []byte("---\nid: a\n---\n# T\n" + strings.Repeat(line, (MaxBytes-100)/len(line)))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				var f front
				Parse("t.md", src, &f)
			}
		})
	}
}

func TestItemsAndQuoted(t *testing.T) {
	body := "Lead.\n- a\n  b\n\nnot an item\n- c\n> said\n> so\nafter"
	if d := cmp.Diff([]string{"a b", "c"}, Items(body)); d != "" {
		t.Errorf("Items differs (-want +got):\n%s", d)
	}
	quote, rest := Quoted("> said\n> so\n\nafter")
	if quote != "said\nso" || rest != "after" {
		t.Errorf("Quoted = %q, %q, want %q, %q", quote, rest, "said\nso", "after")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("---\nid: a\n---\n# T\n## {#x}\n### \n~~~\n```"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var fr front
		got, problems := Parse("t.md", src, &fr)
		for _, p := range problems {
			if !p.Pos.IsValid() || p.Message == "" {
				t.Errorf("Parse told %+v, want a place and words", p)
			}
		}
		length := len(got.Title) + len(got.Lead)
		for _, s := range got.Sections {
			length += len(s.Body)
			Items(s.Body)
			Quoted(s.Body)
			if s.Level != 2 && s.Level != 3 {
				t.Errorf("Parse gave a section of level %d, want 2 or 3", s.Level)
			}
		}
		if length > len(src) {
			t.Errorf("Parse gave %d bytes of text from %d", length, len(src))
		}
	})
}
