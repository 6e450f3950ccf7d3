package draw

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
)

// boxes lists every box of the picture, and the words beside the lines as boxes.
func boxes(l *layout, g *graph) (nodes []*node, all map[string]rect) {
	all = map[string]rect{}
	add := func(n *node) {
		nodes = append(nodes, n)
		all[fmt.Sprintf("box %d %q", len(all), n.text)] = n.box
	}
	for _, group := range g.groups {
		for _, n := range group.steps {
			add(n)
		}
	}
	eachRow(g, func(r *row) {
		if r.to.step == nil {
			add(r.to)
		}
		x := l.labelX
		if r.from.shape == partShape {
			x = l.wayX
		}
		for i, line := range r.lines {
			y := r.y - 6 - float64(len(r.lines)-1-i)*labelLine
			all[fmt.Sprintf("words %d %q", len(all), line)] = rect{x, y - 10, labelFont.measure(line), 12}
		}
		for i, line := range r.notes {
			all[fmt.Sprintf("note %d %q", len(all), line)] = rect{x, r.y + 4 + float64(i)*noteLine, noteFont.measure(line), 11}
		}
	})
	return nodes, all
}

func overlap(a, b rect) bool {
	return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

// through reports whether a level or upright line runs through the inside of a box.
func through(a, b point, r rect) bool {
	const skin = 0.5
	return max(a.x, b.x) > r.x+skin && min(a.x, b.x) < r.right()-skin &&
		max(a.y, b.y) > r.y+skin && min(a.y, b.y) < r.bottom()-skin
}

// onEdge reports whether a point lies on a box's border.
func onEdge(p point, r rect) bool {
	const skin = 0.01
	inside := p.x >= r.x-skin && p.x <= r.right()+skin && p.y >= r.y-skin && p.y <= r.bottom()+skin
	return inside && (math.Abs(p.x-r.x) < skin || math.Abs(p.x-r.right()) < skin || math.Abs(p.y-r.y) < skin || math.Abs(p.y-r.bottom()) < skin)
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkLayout holds a layout to its promises.
func checkLayout(t fataler, name string, g *graph, l *layout) {
	t.Helper()
	_, all := boxes(l, g)
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	for i, a := range names {
		if r := all[a]; r.x < 0 || r.y < 0 || r.right() > l.width || r.bottom() > l.height {
			t.Fatalf("%s: %s is outside the picture: %v", name, a, r)
		}
		for _, b := range names[:i] {
			if overlap(all[a], all[b]) {
				t.Fatalf("%s: %s %v and %s %v overlap", name, a, all[a], b, all[b])
			}
		}
	}
	type piece struct {
		a, b point
		r    *row
	}
	var pieces []piece
	eachRow(g, func(r *row) {
		trail := l.trail(r)
		if !onEdge(trail[0], r.from.box) || !onEdge(trail[len(trail)-1], r.to.box) {
			t.Fatalf("%s: the line %q from %q to %q runs from %v to %v, want from border to border", name, r.label, r.from.text, r.to.text, trail[0], trail[len(trail)-1])
		}
		for i := range trail[1:] {
			a, b := trail[i], trail[i+1]
			if a.x != b.x && a.y != b.y {
				t.Fatalf("%s: the line %q is neither level nor upright from %v to %v", name, r.label, a, b)
			}
			for n, box := range all {
				if through(a, b, box) {
					t.Fatalf("%s: the line %q runs through %s %v from %v to %v", name, r.label, n, box, a, b)
				}
			}
			pieces = append(pieces, piece{a, b, r})
		}
	})
	for i, p := range pieces {
		for _, q := range pieces[:i] {
			if p.r.to != q.r.to && p.r.from != q.r.from && covers(p.a, p.b, q.a, q.b) {
				t.Fatalf("%s: the lines %q to %q and %q to %q cannot be told apart near %v", name, p.r.label, p.r.to.text, q.r.label, q.r.to.text, p.a)
			}
		}
	}
}

// covers reports whether two lines run along each other, so that one cannot
// tell which is which.
func covers(a, b, c, d point) bool {
	const near = 3.0
	level := a.y == b.y && c.y == d.y && math.Abs(a.y-c.y) < near
	upright := a.x == b.x && c.x == d.x && math.Abs(a.x-c.x) < near
	return level && min(a.x, b.x)+1 < max(c.x, d.x) && min(c.x, d.x)+1 < max(a.x, b.x) ||
		upright && min(a.y, b.y)+1 < max(c.y, d.y) && min(c.y, d.y)+1 < max(a.y, b.y)
}

var someWords = []string{"Go", "on", "a", "Ask the officer", "Überprüfen", "漢字漢字漢字漢字", "supercalifragilisticexpialidociousandthensomemoreofitstill",
	"they", "will", "not wait", "no", "مرحبا", "I", "am", "sure", "🙂"}

func someText(t *rapid.T, what string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(someWords), 1, 12).Draw(t, what), " ")
}

// someSteps writes steps as Markdown. last is the number of steps that may be led to.
func someSteps(t *rapid.T, b *strings.Builder, from, to, last int) {
	for i := from; i < to; i++ {
		fmt.Fprintf(b, "## %s {#s%d}\n\n", someText(t, "heading"), i)
		if rapid.IntRange(0, 3).Draw(t, "call") == 0 {
			b.WriteString("[Call](call:director)\n\n")
		}
		b.WriteString("### Next\n")
		bullet := rapid.SampledFrom([]string{"-", "1."}).Draw(t, "list")
		for range rapid.IntRange(1, 5).Draw(t, "choices") {
			fmt.Fprintf(b, "%s [%s](%s)%s\n", bullet, someText(t, "label"), someTarget(t, last),
				rapid.SampledFrom([]string{"", " `if g`", " `otherwise`"}).Draw(t, "guard"))
		}
		b.WriteString("\n")
	}
}

func someTarget(t *rapid.T, last int) string {
	step := fmt.Sprintf("#s%d", rapid.IntRange(0, last-1).Draw(t, "step"))
	switch rapid.IntRange(0, 6).Draw(t, "target") {
	case 0:
		return `end:done "director"`
	case 1:
		return "#no-such-step-at-all"
	case 2:
		return "find.md"
	}
	return step
}

func somePlaybook(t *rapid.T, steps, last int) string {
	var b strings.Builder
	b.WriteString("---\nid: p\ntitle: T\nsummary: S\nowner: director\nfor: [desk]\nreview: 2030-01-01\ngiven:\n  g: yes?\n---\n\n# T\n\n")
	someSteps(t, &b, 0, steps, last)
	text := b.String()
	// Links to the part get ways back, in every shape.
	for strings.Contains(text, "(find.md)") {
		ways := ""
		if rapid.Bool().Draw(t, "ways") {
			ways = fmt.Sprintf("\n   - [found](#s%d)\n   - [gone](end:gone)\n   - [later](FIND)\n     - [found](#s%d)\n     - [gone](end:given_up)\n     - [later](#s0)",
				rapid.IntRange(0, last-1).Draw(t, "way"), rapid.IntRange(0, last-1).Draw(t, "way"))
		}
		line, rest, _ := strings.Cut(text[strings.Index(text, "(find.md)")+len("(find.md)"):], "\n")
		text = text[:strings.Index(text, "(find.md)")] + "(FIND)" + line + ways + "\n" + rest
	}
	return strings.ReplaceAll(text, "FIND", "find.md")
}

func TestLayoutKeepsItsPromises(t *testing.T) {
	find := read(t, "find.md")
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(rt, "steps")
		c := compile(t, [2]string{"p.md", somePlaybook(rt, n, n)}, find)
		for _, expand := range []bool{false, true} {
			g := newGraph(c, Options{Expand: expand})
			checkLayout(rt, "p.md", g, place(g))
		}
	})
}

func TestAStepAtTheEndMovesNoEarlierOne(t *testing.T) {
	find := read(t, "find.md")
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(rt, "steps")
		text := somePlaybook(rt, n, n)
		before := steps(compile(t, [2]string{"p.md", text}, find))
		var more strings.Builder
		someSteps(rt, &more, n, n+1, n+1)
		after := steps(compile(t, [2]string{"p.md", text + "\n" + more.String()}, find))
		for i, n := range before {
			if after[i].box != n.box {
				rt.Fatalf("with a step more, step %d moves from %v to %v", i+1, n.box, after[i].box)
			}
		}
	})
}

func steps(c *resolve.Compiled) []*node {
	g := newGraph(c, Options{})
	place(g)
	return g.groups[0].steps
}

// TestStoriesRunAlongTheLines follows random walks of the Program on the picture:
// each line begins where the last one ended, and the walk's end is marked.
func TestStoriesRunAlongTheLines(t *testing.T) {
	find := read(t, "find.md")
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "steps")
		c := compile(t, [2]string{"p.md", somePlaybook(rt, n, n)}, find)
		trace := &diag.Trace{Walk: []diag.Move{{Choice: -1}}}
		where, moves := 0, 0
		for range 12 {
			choices := c.Program.Steps[where].Choices
			k := rapid.IntRange(0, len(choices)-1).Draw(rt, "choice")
			trace.Walk = append(trace.Walk, diag.Move{Choice: k})
			moves++
			if choices[k].End >= 0 {
				break
			}
			where = choices[k].To
		}
		g := newGraph(c, Options{Problems: []diag.Problem{{Level: diag.Error, Rule: "r", Trace: trace}}})
		s := g.stories[0]
		here := g.groups[0].steps[0]
		for i, h := range s.hops {
			if h.row.from != here {
				rt.Fatalf("line %d of the story begins at %q, want at %q", i, h.row.from.text, here.text)
			}
			here = h.row.to
		}
		last := s.marks[len(s.marks)-1]
		if last.n != moves+1 || last.node != here {
			rt.Fatalf("the story's last mark is %d at %q, want %d at %q", last.n, last.node.text, moves+1, here.text)
		}
		if c.Places[min(where, len(c.Places)-1)].Part == "" && here.step != nil && here != g.groups[0].steps[c.Places[where].Index] {
			rt.Fatalf("the story ends at %q, want %q", here.text, c.Places[where].ID)
		}
	})
}

func TestWrap(t *testing.T) {
	f := font{size: 13}
	for _, test := range []struct {
		text  string
		limit float64
		max   int
		want  string
	}{
		{"", 100, 3, ""},
		{"one two three", 1000, 3, "one two three"},
		{"one two three", 60, 3, "one two|three"},
		{"one two three four five six", 60, 2, "one two|three…"},
		{"abcdefghij", 40, 3, "abcd|efghij"},
	} {
		if got := strings.Join(f.wrap(test.text, test.limit, test.max), "|"); got != test.want {
			t.Errorf("wrap(%q, %v, %d) = %q, want %q", test.text, test.limit, test.max, got, test.want)
		}
	}
	long := strings.Repeat("x", 1<<20)
	if lines := f.wrap(long, 100, 3); len(lines) != 3 {
		t.Errorf("wrap(a long word) = %d lines, want 3", len(lines))
	}
}
