package draw

import (
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// story is a walk along the picture.
type story struct {
	text  string // the rule that it breaks, or the message
	hops  []hop
	marks []mark
}

// hop is one row that the walk runs along.
type hop struct{ row *row }

// mark is a number at a node: the walk stands there at that move.
type mark struct {
	node *node
	n    int
}

// tellStories follows each problem's walk, and its second one, on the picture.
func tellStories(g *graph, problems []diag.Problem) []*story {
	var list []*story
	for _, p := range problems {
		text := p.Rule
		if text == "" {
			text = p.Message
		}
		for _, t := range []*diag.Trace{p.Trace, p.Other} {
			if t != nil && len(t.Walk) > 0 && (p.File == "" || p.File == g.c.File.Name) {
				list = append(list, follow(g, t, text))
			}
		}
	}
	return list
}

// follower walks a story. The walk of the Program says at which step of which
// copy it stands; which part's node that is on the picture, and by which way it
// leaves, is told by the links that it went in by.
type follower struct {
	g     *graph
	s     *story
	n     int
	here  *node      // the node on the picture at which the walk stands
	links []*partUse // the links by which it went into parts, outermost first
}

// partUse is one link to a part: node is its place on the picture, nil for one
// that is written in a part itself.
type partUse struct {
	choice *syntax.Choice
	node   *node
}

func follow(g *graph, t *diag.Trace, text string) *story {
	f := &follower{g: g, s: &story{text: text}, n: 1}
	where := 0
	f.here = f.stepNode(where)
	f.stand(where)
	for _, m := range t.Walk[1:] {
		if where >= len(g.c.Program.Steps) || m.Choice < 0 || m.Choice >= len(g.c.Program.Steps[where].Choices) {
			break // no walk of this Program: draw it as far as it goes
		}
		choice := g.c.Places[where].Choice(m.Choice)
		c := &g.c.Program.Steps[where].Choices[m.Choice]
		next := c.To
		if c.End >= 0 {
			next = len(g.c.Program.Steps) + c.End
		}
		f.n++
		f.take(choice, m.Choice)
		where = next
		f.stand(where)
	}
	return f.s
}

// take goes along a choice of the step at which the walk stands.
func (f *follower) take(c *syntax.Choice, k int) {
	if len(f.links) > 0 {
		f.takeInside(c)
		return
	}
	if f.here == nil || k >= len(f.here.rows) {
		return
	}
	f.along(f.here.rows[k], c)
}

// along runs along a row of the picture.
func (f *follower) along(r *row, c *syntax.Choice) {
	f.s.hops = append(f.s.hops, hop{r})
	f.here = r.to
	if r.to.shape == partShape {
		f.links = append(f.links, &partUse{c, r.to})
	}
}

// takeInside goes along a choice within a part, and out of it by a way back
// when the choice ends it.
func (f *follower) takeInside(c *syntax.Choice) {
	for {
		switch c.Target.Kind {
		case syntax.ToPart:
			f.links = append(f.links, &partUse{choice: c})
			return
		case syntax.ToEnd:
			if len(f.links) == 0 {
				return
			}
		default:
			return
		}
		last := f.links[len(f.links)-1]
		f.links = f.links[:len(f.links)-1]
		k := wayOf(last.choice, c.Target.Name.Text)
		switch {
		case k < 0 && last.node != nil:
			f.leaveAsOutcome(last.node, c.Target.Name.Text)
			return
		case k < 0: // the part's outcome is its caller's own
		case last.node != nil:
			f.along(last.node.rows[k], last.choice.Ways[k].Choice)
			return
		default:
			c = last.choice.Ways[k].Choice
		}
	}
}

func (f *follower) leaveAsOutcome(part *node, outcome string) {
	for _, r := range part.rows {
		if r.to.shape == endShape && r.to.text == name(outcome) {
			f.along(r, r.choice)
		}
	}
}

func wayOf(link *syntax.Choice, outcome string) int {
	for i, w := range link.Ways {
		if w.Outcome.Text == outcome {
			return i
		}
	}
	return -1
}

// stand puts the move's number at the node where the walk stands now.
func (f *follower) stand(where int) {
	if f.here != nil {
		f.s.marks = append(f.s.marks, mark{f.here, f.n})
	}
	if where < len(f.g.c.Places) && f.g.c.Places[where].Part != "" {
		if n := f.stepNode(where); n != nil { // drawn out below
			f.s.marks = append(f.s.marks, mark{n, f.n})
		}
	}
}

// stepNode finds the step in the picture, nil when it is inside a part that is
// not drawn out.
func (f *follower) stepNode(where int) *node {
	p := f.g.c.Places[where]
	for _, g := range f.g.groups {
		if g.part == p.Part && p.Index < len(g.steps) {
			return g.steps[p.Index]
		}
	}
	return nil
}
