package draw

import "slices"

// The measures of the picture, in pixels.
const (
	pageMargin = 28.0
	stepWidth  = 250.0
	stepPad    = 14.0
	numberRoom = 46.0 // left of a step's text, for its number
	fanRoom    = 26.0 // between a step and the words of its choices
	labelWidth = 250.0
	chipRoom   = 34.0 // for the number of the step that a row leads to
	laneWidth  = 12.0
	wayWidth   = 150.0 // the words of a part's ways back
	wayEnd     = 152.0 // an end on a way back
	farWidth   = 206.0 // parts and ends across the street
	farPad     = 12.0
	gateGap    = 36.0 // above each step and its words: where its lane turns in
	gateDrop   = 13.0 // how far above them the turn is
	rowGap     = 12.0
	lineSpace  = 9.0 // between two level lines that share the street
	titleRoom  = 84.0
	groupGap   = 64.0
	groupHead  = 40.0
)

var (
	titleFont = font{26, true}
	stepFont  = font{15, true}
	labelFont = font{13, false}
	noteFont  = font{12, false}
	chipFont  = font{11, true}
)

const (
	stepLine  = 19.0
	labelLine = 17.0
	noteLine  = 15.0
)

type point struct{ x, y float64 }

// rect is a box on the picture.
type rect struct{ x, y, w, h float64 }

func (r rect) right() float64  { return r.x + r.w }
func (r rect) bottom() float64 { return r.y + r.h }
func (r rect) midX() float64   { return r.x + r.w/2 }
func (r rect) midY() float64   { return r.y + r.h/2 }

// layout is where everything is.
type layout struct {
	width, height  float64
	stepX, fanX    float64
	labelX, chipX  float64
	streetX        float64
	streetEnd      float64
	farX           float64
	wayX, wayChipX float64
	lanes          map[*node]*lane
	keyY           float64
}

// place gives every node, row and lane its place. Heights come first, from top
// to bottom; then the lanes, whose number says how wide the street is.
func place(g *graph) *layout {
	l := &layout{}
	l.stepX = pageMargin
	l.fanX = l.stepX + stepWidth + 12
	l.labelX = l.stepX + stepWidth + fanRoom
	l.chipX = l.labelX + labelWidth + chipRoom/2
	l.streetX = l.labelX + labelWidth + chipRoom + 6
	y := pageMargin + titleRoom
	for i, group := range g.groups {
		if i > 0 {
			y += groupGap
			group.frame = rect{x: pageMargin / 2, y: y}
			y += groupHead
		}
		for _, n := range group.steps {
			y = l.block(n, y+gateGap)
		}
		if i > 0 {
			y += rowGap
			group.frame.h = y - group.frame.y
		}
	}
	l.streetEnd = l.streetX + float64(l.assignLanes(g))*laneWidth
	l.wayChipX = l.streetEnd + chipRoom/2
	l.wayX = l.wayChipX + chipRoom/2
	l.farX = l.wayX + wayWidth
	if !g.hasPart { // nothing leads back into the street: the ends stand beside it
		l.farX = l.streetEnd + 24
	}
	l.width = l.streetEnd + pageMargin
	if g.hasPart || g.hasEnd || g.hasBad {
		l.width = l.farX + farWidth + pageMargin
	}
	l.width = max(l.width, 760)
	l.far(g)
	for _, group := range g.groups[1:] {
		group.frame.w = l.width - pageMargin
	}
	l.keyY = y + 48
	l.height = l.keyY + keyHeight(g)
	return l
}

// column is how far down the two sides of the street are taken. What stands
// across the street may run on below, beside later choices of the same step.
type column struct {
	near, far float64
	lines     []float64 // the ways back placed so far, ascending: no other line may cover one
}

// clear moves a line down until it runs beside none of the ways back.
func (c *column) clear(y float64) float64 {
	at, _ := slices.BinarySearch(c.lines, y-lineSpace)
	for ; at < len(c.lines) && c.lines[at] < y+lineSpace; at++ {
		y = c.lines[at] + lineSpace
	}
	return y
}

// block places a step with its rows, from y down, and returns where it ends.
// The first row runs straight out of the middle of the step.
func (l *layout) block(n *node, y float64) float64 {
	lines := stepFont.wrap(n.text, textWidth(n), 6)
	n.box = rect{l.stepX, y, stepWidth, 2*stepPad + float64(len(lines))*stepLine}
	if n.note != "" {
		n.box.h += noteLine + 2
	}
	col := &column{near: y, far: y}
	if len(n.rows) > 0 {
		l.measure(n.rows[0])
		down := rowGap/2 + l.above(n.rows[0]) - n.box.h/2
		n.box.y += max(0, down)
		col.near += max(0, -down)
	}
	n.gate = point{n.box.midX(), n.box.y}
	n.turn = y - gateDrop
	for _, r := range n.rows {
		l.placeRow(r, col)
	}
	return max(n.box.bottom(), col.near, col.far)
}

// textWidth is the room for a step's text; a six-sided box has less.
func textWidth(n *node) float64 { return stepWidth - numberRoom - 20 }

// measure wraps a row's words.
func (l *layout) measure(r *row) {
	limit := labelWidth - 8
	if r.from.shape == partShape {
		limit = wayWidth - 8
	}
	r.lines = labelFont.wrap(r.label, limit, 5)
	r.notes = nil
	if r.note != "" {
		r.notes = noteFont.wrap(r.note, limit, 2)
	}
}

// above is how much of a row is above its line.
func (l *layout) above(r *row) float64 {
	h := max(12, float64(len(r.lines))*labelLine+3)
	if r.across {
		h = max(h, farHeight(r.to)/2)
	}
	return h
}

// below is how much of a row is below its line.
func (l *layout) below(r *row) float64 {
	h := max(8, float64(len(r.notes))*noteLine+3)
	if r.across {
		h = max(h, farHeight(r.to)/2)
	}
	return h
}

// placeRow places a choice, and what stands across the street for it.
func (l *layout) placeRow(r *row, col *column) {
	l.measure(r)
	above, below := l.above(r), l.below(r)
	r.y = col.near + rowGap/2 + above
	if r.across {
		r.y = max(r.y, col.far+rowGap/2+farHeight(r.to)/2)
	}
	r.y = col.clear(r.y)
	col.near = r.y + below + rowGap/2
	if !r.across {
		return
	}
	h := farHeight(r.to)
	r.to.box.y, r.to.box.h = r.y-h/2, h
	r.to.gate.y = r.y
	col.far = r.to.box.bottom() + rowGap/2
	if r.to.shape == partShape {
		col.far += rowGap / 2
		l.placeWays(r.to, col)
	}
}

// placeWays places a part's ways back below its name, and below it the parts to
// which they lead.
func (l *layout) placeWays(part *node, col *column) {
	for _, way := range part.rows {
		l.measure(way)
		h := rowGap + l.above(way) + l.below(way)
		way.y = col.far + rowGap/2 + l.above(way)
		if way.across {
			way.to.box.y, way.to.box.h = way.y-farHeight(way.to)/2, farHeight(way.to)
			way.to.gate.y = way.y
		}
		col.lines = append(col.lines, way.y)
		col.far += h
	}
	part.box.h = max(part.box.h, col.far-part.box.y)
	col.far += rowGap / 2
	for _, way := range part.rows {
		if below := way.to; !way.across && below.shape == partShape {
			h := farHeight(below)
			below.box.y, below.box.h = col.far+rowGap/2, h
			below.gate.y = below.box.midY()
			col.lines = append(col.lines, below.gate.y)
			col.far = below.box.bottom() + rowGap
			l.placeWays(below, col)
		}
	}
}

// farHeight is the height of what stands across the street, without the ways
// back of a part.
func farHeight(n *node) float64 {
	h := 16 + float64(len(farLines(n)))*labelLine
	if n.note != "" {
		h += noteLine * float64(len(farNotes(n)))
	}
	if n.shape == partShape {
		h += noteLine // "Part"
	}
	return h
}

func farLines(n *node) []string {
	f := labelFont
	f.bold = true
	return f.wrap(n.text, n.box.w-2*farPad-8, 4)
}

func farNotes(n *node) []string { return noteFont.wrap(n.note, n.box.w-2*farPad, 2) }

// far gives what stands across the street its place from left to right, now
// that the street's width is known.
func (l *layout) far(g *graph) {
	var visit func(r *row)
	visit = func(r *row) {
		switch n := r.to; {
		case r.across && r.from.shape == partShape: // an end on a way back: between the part and the street
			n.box.x = l.wayX + wayWidth - 20 - n.box.w
			n.gate = point{n.box.right(), r.y}
		case r.across:
			n.box.x = l.farX
			n.gate = point{n.box.x, r.y}
		case n.shape == partShape:
			n.box.x, n.gate.x = l.farX, l.farX
		}
		if r.to.shape == partShape {
			for _, way := range r.to.rows {
				visit(way)
			}
		}
	}
	for _, group := range g.groups {
		for _, n := range group.steps {
			for _, r := range n.rows {
				visit(r)
			}
		}
	}
}
