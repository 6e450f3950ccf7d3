package resolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// md is a file with that front matter (beside what every file has) and body.
func md(name, front, body string) txtar.File {
	id := resolve.IDFromName(name)
	if !strings.Contains(front, "kind: part") && !strings.Contains(front, "translates:") {
		front += "\nowner: director\nreview: 2099-01-01"
	}
	return txtar.File{Name: name, Data: fmt.Appendf(nil, "---\nid: %s\ntitle: T\nsummary: S\n%s\n---\n\n# T\n\n%s\n", id, strings.TrimSpace(front), body)}
}

func step(heading, choices string) string {
	return "## " + heading + "\n\n### Next\n" + choices + "\n\n"
}

// told lists problems as LINE CODE MESSAGE.
func told(problems []diag.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, fmt.Sprintf("%d %s %s", p.Pos.Line, p.Code, p.Message))
	}
	return list
}

// wantTold fails unless there is one problem of the code with the words.
func wantTold(t *testing.T, problems []diag.Problem, code diag.Code, words string) {
	t.Helper()
	if len(problems) != 1 || problems[0].Code != code || !strings.Contains(problems[0].Message, words) {
		t.Errorf("told %q, want one %s with %q", told(problems), code, words)
	}
}

func TestIDFromName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"officer.md", "officer"}, {"officer.es.md", "officer"}, {"a/b/officer.md", "officer"}, {`a\officer.md`, "officer"}, {"officer", "officer"}, {"", ""},
	} {
		if got := resolve.IDFromName(tt.name); got != tt.want {
			t.Errorf("IDFromName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	translation := func(lang string) string { return "lang: " + lang + "\ntranslates: a" }
	end := step("Go", "- [On](end:done)")
	lib, files := library(
		md("a.zh-Hans.md", translation("zh-Hans"), end), md("a.es.md", translation("es"), end), md("a.md", "", end),
		md("b.md", "lang: fr", end))
	if got, want := lib.Languages("a"), []string{"en", "es", "zh-Hans"}; !slices.Equal(got, want) {
		t.Errorf("Languages(a) = %q, want %q", got, want)
	}
	if got, want := lib.Languages("b"), []string{"fr"}; !slices.Equal(got, want) {
		t.Errorf("Languages(b) = %q, want %q", got, want)
	}
	if got := lib.Languages("c"); got != nil {
		t.Errorf("Languages(c) = %q, want none", got)
	}
	zh, es, a, b := files[0], files[1], files[2], files[3]
	for _, tt := range []struct {
		of   *syntax.File
		lang string
		want *syntax.File
	}{{a, "es", es}, {a, "en", a}, {es, "en", a}, {es, "es", es}, {es, "zh-Hans", zh}, {a, "fr", nil}, {b, "es", nil}} {
		if got := lib.Translation(tt.of, tt.lang); got != tt.want {
			t.Errorf("Translation(%s, %s) = %v, want %v", tt.of.Name, tt.lang, name(got), name(tt.want))
		}
	}
	if got := lib.Original(es); got != a {
		t.Errorf("Original(a.es.md) = %v, want a.md", name(got))
	}
	c, problems := lib.Compile(es)
	if c == nil || len(problems) > 0 {
		t.Fatalf("Compile(a.es.md) = %v, %q", c, told(problems))
	}
	if back := lib.InLanguage(c, "en"); back.File != a || back.Places[0].File != a {
		t.Errorf("InLanguage(es, en) has the words of %s, want a.md", back.Places[0].File.Name)
	}
	original, _ := lib.Compile(a)
	if c.Program.Hash() != original.Program.Hash() {
		t.Errorf("Compile(a.es.md) has the hash %s, want %s", c.Program.Hash(), original.Program.Hash())
	}
}

func name(f *syntax.File) string {
	if f == nil {
		return "nil"
	}
	return f.Name
}

// TestLanguageOfPart: a part whose translation has another shape keeps its own
// words, so that words are never looked up in the wrong place.
func TestLanguageOfPart(t *testing.T) {
	lib, files := library(
		md("a.md", "", step("Go", "- [On](p.md)\n  - [done](end:done)")),
		md("a.es.md", "lang: es\ntranslates: a", step("Ve", "- [Sigue](p.md)\n  - [done](end:done)")),
		md("p.md", "kind: part", step("Ask", "- [On](end:done)\n- [I am not sure](end:done)")),
		md("p.es.md", "lang: es\ntranslates: p", step("Pregunta", "- [Sigue](end:done)")))
	c, problems := lib.Compile(files[1])
	if len(problems) > 0 {
		t.Fatalf("Compile(a.es.md) told %q", told(problems))
	}
	if got, want := []string{c.Places[0].ID, c.Places[1].ID}, []string{"ve", "p/ask"}; !slices.Equal(got, want) {
		t.Errorf("places = %q, want %q", got, want)
	}
}

func TestSameIDTwice(t *testing.T) {
	end := step("Go", "- [On](end:done)")
	lib, files := library(md("x/a.md", "", end), md("y/a.md", "", end), md("a.es.md", "lang: es\ntranslates: a", end))
	for i, want := range []int{0, 1, 0} {
		_, problems := lib.Compile(files[i])
		if len(problems) != want {
			t.Errorf("Compile(%s) told %q, want %d problems", files[i].Name, told(problems), want)
		}
	}
}

// TestCompileFileOfNoLibrary: a file that was not added is.
func TestCompileFileOfNoLibrary(t *testing.T) {
	f, _ := syntax.Parse("a.md", md("a.md", "", step("Go", "- [On](end:done)")).Data)
	lib := &resolve.Library{}
	if c, problems := lib.Compile(f); c == nil || len(problems) > 0 || !lib.Has("a", "en") || lib.File("a", "en") != f {
		t.Errorf("Compile(a.md) = %v, %q, want a Program and the file in the library", c, told(problems))
	}
	if lib.Has("a", "es") || lib.File("a", "es") != nil {
		t.Error("the library has a.md in es, too")
	}
}

// TestAddForgets: what was found out before a file came is found out again.
func TestAddForgets(t *testing.T) {
	lib, files := library(md("a.md", "", step("Go", "- [On](p.md)\n  - [done](end:done)")))
	_, problems := lib.Compile(files[0])
	wantTold(t, problems, diag.UnknownTarget, `there is no part "p.md"`)
	part, _ := syntax.Parse("p.md", md("p.md", "kind: part", step("Go", "- [On](end:done)")).Data)
	lib.Add(part, nil)
	if _, problems := lib.Compile(files[0]); len(problems) > 0 {
		t.Errorf("Compile(a.md), with its part, told %q", told(problems))
	}
}

// TestGivenDiffers: one name is one setting of the whole library; both files
// are told, since perhaps only one of them is being checked.
func TestGivenDiffers(t *testing.T) {
	body := step("Go", "1. [On](end:done) `if on`\n2. [Off](end:done) `otherwise`")
	lib, files := library(md("a.md", "given:\n  on: yes | no", body), md("b.md", "given:\n  on: no | yes", body), md("c.md", "given:\n  on: yes | no", body))
	for i, want := range []string{"b.md", "a.md", "b.md"} {
		_, problems := lib.Compile(files[i])
		wantTold(t, problems, diag.Syntax, "other values in "+want)
	}
}

// chain is a playbook over n parts, each of which links twice to the next.
func chain(n int, ways string) []txtar.File {
	files := []txtar.File{md("main.md", "", step("Go", "- [On](p0.md)"+ways))}
	for i := range n {
		body := step("Go", fmt.Sprintf("- [One](p%d.md)%s\n- [I am not sure](p%d.md)%s", i+1, ways, i+1, ways))
		if i == n-1 {
			body = step("Go", "- [On](end:done)")
		}
		files = append(files, md(fmt.Sprintf("p%d.md", i), "kind: part", body))
	}
	return files
}

// TestExponentialParts: parts within parts multiply; that is told, at once.
func TestExponentialParts(t *testing.T) {
	for _, ways := range []string{"", "\n  - [done](end:done)"} {
		lib, files := library(chain(12, ways)...)
		if c, problems := lib.Compile(files[0]); c == nil || len(c.Program.Steps) != 1<<12 || len(problems) > 0 {
			t.Errorf("12 levels: %v, %q, want %d steps", c != nil, told(problems), 1<<12)
		}
		lib, files = library(chain(60, ways)...)
		c, problems := lib.Compile(files[0])
		if c != nil {
			t.Errorf("60 levels have a Program of %d steps, want none", len(c.Program.Steps))
		}
		wantTold(t, problems, diag.TooHard, "more than 100000 steps")
	}
}

// TestManyChoicesMultiply: not only steps are bounded.
func TestManyChoicesMultiply(t *testing.T) {
	facts := "facts:\n  f: no | yes"
	for i := range 200 {
		facts += fmt.Sprintf("\n  f%d: no | yes", i)
	}
	files := []txtar.File{md("main.md", "", step("Go", strings.Repeat("- [On](p.md)\n", 300)))}
	files = append(files, md("p.md", "kind: part\n"+facts, step("Go", strings.Repeat("- [On](end:done) `f = yes`\n", 100)+strings.Repeat("- [On](q.md)\n", 200))))
	files = append(files, md("q.md", "kind: part\n"+strings.ReplaceAll(facts, " f", " g"), step("Go", "- [On](end:done)")))
	lib, all := library(files...)
	c, problems := lib.Compile(all[0])
	if c != nil {
		t.Errorf("Compile has a Program of %d steps, want none", len(c.Program.Steps))
	}
	if len(problems) == 0 || problems[len(problems)-1].Code != diag.TooHard {
		t.Errorf("told %q, want too-hard", told(problems))
	}
}

func TestCircles(t *testing.T) {
	link := func(part string) string { return step("Go", "- [On]("+part+")\n- [I am not sure](end:done)") }
	lib, files := library(md("main.md", "", link("a.md")), md("a.md", "kind: part", link("b.md")), md("b.md", "kind: part", link("c.md")), md("c.md", "kind: part", link("a.md")), md("d.md", "kind: part", link("d.md")))
	for i, words := range []string{`"a.md" has mistakes of its own`, `"b.md" leads back`, `"c.md" leads back`, `"a.md" leads back`, `"d.md" leads back`} {
		c, problems := lib.Compile(files[i])
		if c == nil {
			t.Errorf("Compile(%s) = nil, want a Program", files[i].Name)
		}
		wantTold(t, problems, diag.Syntax, words)
	}
}

// TestWayOutOfCircle: a way back to the same part again is no circle.
func TestWayOutOfCircle(t *testing.T) {
	lib, files := library(
		md("main.md", "", step("Go", "- [On](p.md)\n  - [done](end:done)\n  - [again](p.md)\n    - [done](end:done)\n    - [again](#go)")),
		md("p.md", "kind: part", step("Go", "- [On](end:done)\n- [I am not sure](end:again)")))
	c, problems := lib.Compile(files[0])
	if len(problems) > 0 || len(c.Program.Steps) != 3 {
		t.Errorf("Compile told %q, with %d steps, want 3", told(problems), len(c.Program.Steps))
	}
}

// TestGuardOfPartTooHard: a caller of a part whose condition has no table is
// told so; it must not be proved on a condition that is open.
func TestGuardOfPartTooHard(t *testing.T) {
	facts, condition := "facts:", ""
	for i := range 22 {
		facts += fmt.Sprintf("\n  p%d: no | yes", i)
	}
	for i := range 11 {
		condition += fmt.Sprintf(" and (p%d or p%d)", 2*i, 2*i+1)
	}
	part := md("p.md", "kind: part\n"+facts, step("Go", "- [On](end:done) `if "+strings.TrimPrefix(condition, " and ")+"`\n- [I am not sure](end:done)"))
	lib, files := library(md("main.md", "", step("Go", "- [On](p.md)\n  - [done](end:done)")), part)
	for i, words := range []string{`a condition in the part "p" (p.md, line 36) comes to more than 1024 alternatives`, "this condition comes to more than 1024 alternatives"} {
		_, problems := lib.Compile(files[i])
		wantTold(t, problems, diag.TooHard, words)
	}
}

// TestRandomLibraries: whatever a library holds, compiling it does not panic,
// and every story told in a Program can be walked.
func TestRandomLibraries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []txtar.File
		for i := range rapid.IntRange(1, 4).Draw(t, "files") {
			files = append(files, drawFile(t, i))
		}
		lib, all := library(files...)
		for _, f := range all {
			c, problems := lib.Compile(f)
			again, more := lib.Compile(f)
			if c != again || !slices.Equal(told(problems), told(more)) {
				t.Fatalf("Compile(%s) told %q, then %q", f.Name, told(problems), told(more))
			}
			if c != nil {
				walkAtRandom(t, c)
			}
		}
	})
}

var drawnTargets = []string{"#a", "#b", "#c", "#d", "end:x", "end:y", "f0.md", "f1.md", "f2.md", "f3.md"}

func drawFile(t *rapid.T, i int) txtar.File {
	front := rapid.SampledFrom([]string{"", "kind: part", "kind: part\nneeds: u is v1 and not w"}).Draw(t, "front")
	front += "\nfacts:\n  u: v0 | v1 | v2\n" + rapid.SampledFrom([]string{"", "  w: no | yes\n", "  w: yes | no\n"}).Draw(t, "fact")
	front += rapid.SampledFrom([]string{"", "protected: [u]\n"}).Draw(t, "protected")
	body := ""
	for _, heading := range []string{"A", "B", "C"}[:rapid.IntRange(1, 3).Draw(t, "steps")] {
		body += "## " + heading + "\n\n" + rapid.SampledFrom([]string{"", "[Call](call:director).\n\n", "[W](record:due \"date\").\n\n"}).Draw(t, "text") + "### Next\n"
		for range rapid.IntRange(1, 3).Draw(t, "choices") {
			body += "- [On](" + drawTarget(t, 2, "") + "\n"
		}
		body += "\n"
	}
	return md(fmt.Sprintf("f%d.md", i), front, body)
}

// drawTarget is the rest of a choice, with ways back below it.
func drawTarget(t *rapid.T, depth int, indent string) string {
	target := rapid.SampledFrom(drawnTargets).Draw(t, "target")
	text := target + ")" + rapid.SampledFrom([]string{"", " `u = v1`", " `w = yes, u = v2`"}).Draw(t, "set")
	if indent == "" {
		text += rapid.SampledFrom([]string{"", " `if u is not v0`", " `if w or called director`"}).Draw(t, "guard")
	}
	if strings.HasSuffix(target, ".md") && depth > 0 && rapid.Bool().Draw(t, "ways") {
		for _, outcome := range []string{"x", "y"} {
			text += "\n" + indent + "  - [" + outcome + "](" + drawTarget(t, depth-1, indent+"  ")
		}
	}
	return text
}

// walkAtRandom takes choices until none is open, and looks up each step's and
// choice's words on the way.
func walkAtRandom(t *rapid.T, c *resolve.Compiled) {
	if len(c.Places) != len(c.Program.Steps) {
		t.Fatalf("%d places for %d steps", len(c.Places), len(c.Program.Steps))
	}
	for i, p := range c.Places {
		n := 0
		if p.Step.Next != nil {
			n = len(p.Step.Next.Choices)
		}
		if p.File.Steps[p.Index] != p.Step || n != len(c.Program.Steps[i].Choices) {
			t.Fatalf("step %d is not %v", i, p)
		}
	}
	s := c.Program.Start(nil)
	for range 30 {
		if _, ended := c.Program.Ended(s); ended {
			return
		}
		open := c.Program.Open(s)
		if len(open) == 0 {
			return
		}
		k := rapid.SampledFrom(open).Draw(t, "choice")
		if c.Places[s.Where].Choice(k) == nil {
			t.Fatalf("choice %d of %v has no words", k, c.Places[s.Where])
		}
		s = c.Program.Step(s, k)
	}
}
