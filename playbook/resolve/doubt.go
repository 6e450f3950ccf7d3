package resolve

import (
	"slices"
	"sort"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// Doubt says where a Program may not be what its author meant, because of a
// mistake that has been told. A walk that takes a guessed choice may not be
// one, and where choices are hidden there may be more walks than are seen.
type Doubt struct {
	Start  bool            // the values at the start are guessed
	Hidden bool            // some choice, or where it leads, could not be read
	Led    bool            // some choice leads to, or sets, what was probably meant
	Steps  map[int]bool    // steps some of whose choices could not be read
	chosen map[[2]int]bool // choices that are guessed, by step and place
}

func (d *Doubt) add(step, choice int) {
	if d.chosen == nil {
		d.chosen = map[[2]int]bool{}
	}
	d.chosen[[2]int{step, choice}] = true
}

// Guessed reports whether the choice's condition, assignments or target are
// not as they are written.
func (d *Doubt) Guessed(step, choice int) bool { return d.chosen[[2]int{step, choice}] }

// unreadChoices finds the steps of the file some of whose choices could not be
// read, and whether a part below has mistakes of its own.
func (c *compiler) unreadChoices(n *names) {
	hide := func(step int) {
		c.doubt.Hidden = true
		if c.doubt.Steps == nil {
			c.doubt.Steps = map[int]bool{}
		}
		c.doubt.Steps[step] = true // the file's own steps are the first of the Program
	}
	read := c.lib.byFile[c.file].read
	for _, p := range read {
		if step := c.stepAt(p.Pos.Line); step >= 0 && hidesChoice(p, c.file.Steps[step]) {
			hide(step)
		}
	}
	for i, s := range c.file.Steps {
		eachChoice(s, func(ch *syntax.Choice, _ bool) {
			if ch.Target.Kind == syntax.NoTarget {
				hide(i)
			}
		})
	}
	c.doubt.Hidden = c.doubt.Hidden || len(read) >= maxProblems || slices.ContainsFunc(n.parts.all, c.lib.brokenBelow)
}

// stepAt finds the step of the file to which a line belongs, or -1.
func (c *compiler) stepAt(line int) int {
	return sort.Search(len(c.file.Steps), func(i int) bool { return c.file.Steps[i].Pos.Line > line }) - 1
}

// hidesChoice reports whether a problem that reading a step told may have cost
// it a choice: one in its Next where no choice was read, or in a block that
// may have been meant as Next.
func hidesChoice(p diag.Problem, s *syntax.Step) bool {
	if s.Next == nil {
		return p.Code == diag.UnknownBlock
	}
	if p.Code != diag.Syntax || p.Pos.Line <= s.Next.Pos.Line {
		return false
	}
	hidden := true
	eachChoice(s, func(c *syntax.Choice, _ bool) { hidden = hidden && c.Pos.Line != p.Pos.Line })
	return hidden
}
