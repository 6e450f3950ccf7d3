package draw

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"roundtable/playbook/resolve"
)

// Outline tells in words what the picture shows: every step with its choices
// and where each leads, as an indented list. It takes the same options.
func Outline(w io.Writer, c *resolve.Compiled, o Options) error {
	b := bufio.NewWriter(w)
	g := newGraph(c, o)
	fmt.Fprintf(b, "%s\n", g.title)
	for i, group := range g.groups {
		if i > 0 {
			fmt.Fprintf(b, "\n%s: %s\n", g.words.stepsOf, group.title)
		}
		for _, n := range group.steps {
			outlineStep(b, g, n)
		}
	}
	for i, s := range g.stories {
		outlineStory(b, g, i, s)
	}
	return b.Flush()
}

func outlineStep(w io.Writer, g *graph, n *node) {
	var notes []string
	if n.shape == callShape {
		notes = append(notes, g.words.keyCall)
	}
	if n.note != "" {
		notes = append(notes, n.note)
	}
	if n.bad {
		notes = append(notes, g.words.keyProblem)
	}
	fmt.Fprintf(w, "\n%s. %s%s\n", n.number, n.text, inBrackets(notes))
	for _, r := range n.rows {
		outlineRow(w, g, r, 1)
	}
}

func outlineRow(w io.Writer, g *graph, r *row, depth int) {
	var notes []string
	if r.note != "" {
		notes = append(notes, r.note)
	}
	if r.bad && r.to.shape != badShape {
		notes = append(notes, g.words.keyProblem)
	}
	indent := strings.Repeat("   ", depth)
	fmt.Fprintf(w, "%s- ", indent)
	if r.label != "" {
		fmt.Fprintf(w, "%s%s → ", r.label, inBrackets(notes))
	}
	fmt.Fprintf(w, "%s\n", g.target(r.to))
	if r.to.shape == partShape {
		for _, way := range r.to.rows {
			outlineRow(w, g, way, depth+1)
		}
	}
}

// target names a node in a sentence.
func (g *graph) target(n *node) string {
	text := n.text
	if n.note != "" && n.step == nil {
		text += " (" + n.note + ")"
	}
	switch n.shape {
	case partShape:
		return g.words.part + ": " + text
	case endShape, goodShape:
		return g.words.end + ": " + text
	case badShape:
		return g.words.keyProblem + ": " + text
	}
	return n.number + ". " + n.text
}

func outlineStory(w io.Writer, g *graph, i int, s *story) {
	fmt.Fprintf(w, "\n%s %s: %s\n", g.words.story, letter(i), s.text)
	last := 0
	for _, m := range s.marks {
		if m.n > last { // in a part that is drawn out the walk has two marks for one stand
			where := m.node.text
			if m.node.step == nil {
				where = g.target(m.node)
			}
			fmt.Fprintf(w, "   %d. %s\n", m.n, where)
		}
		last = m.n
	}
}

func inBrackets(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}

// letter names a story: A, B, … Z, AA, …
func letter(i int) string {
	s := string(rune('A' + i%26))
	if i >= 26 {
		s = letter(i/26-1) + s
	}
	return s
}
