// Package draw draws a compiled playbook as a flowchart, in SVG, and tells the
// same as an indented list in words.
//
// # The picture
//
// Steps stand one under the other in the order of the file, at the left. From
// each a line for every choice runs to the right, with the choice's words on
// it, into the street: parallel lanes that run up and down. Every step that is
// led to has one lane there; all lines that lead to it join that lane, and it
// turns into the step from above. What is no step of the file (a part with its
// ways back, an end, a link to nowhere) stands across the street, on the line
// that leads to it.
//
// So no line ever runs through a box or through words; ways back to earlier
// steps run in the street like all others; and an edit moves little: what
// stands above it stays, and what stands below it moves down as one.
//
// The package knows no page and no address. It measures text with a table of
// its own, since it has no fonts; the same playbook always gives the same bytes.
package draw

import (
	"bufio"
	"io"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
)

// Theme says which colours a picture has.
type Theme string

// The themes. Auto follows the reader's own setting. Unstyled leaves the colours
// to the page that the picture stands in, which needs the rules of Stylesheet.
const (
	Auto     Theme = "auto"
	Light    Theme = "light"
	Dark     Theme = "dark"
	Unstyled Theme = "unstyled"
)

// Options for SVG.
type Options struct {
	Theme Theme // Auto when empty

	// Problems are drawn where they stand: an error's step or choice is dashed,
	// and a story is drawn along its walk, with a number for each of its stands.
	Problems []diag.Problem

	// Expand draws the steps of the parts too, each part once, in a frame below
	// the file's own steps.
	Expand bool

	// Prefix is put before `#step` in the links of the steps. NoLinks leaves the
	// links out. A picture without links is an image to assistive technology; one
	// with links is a group, because links inside an image could not be reached.
	Prefix  string
	NoLinks bool

	// PartLink gives the address to which a part's node links; nil for none. A
	// part that is drawn out is linked to in the picture itself.
	PartLink func(id string) string
}

// SVG draws the playbook.
func SVG(w io.Writer, c *resolve.Compiled, o Options) error {
	g := newGraph(c, o)
	l := place(g)
	b := bufio.NewWriter(w)
	p := &painter{w: b, graph: g, layout: l, options: o}
	p.paint()
	return b.Flush()
}
