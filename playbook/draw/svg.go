package draw

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// painter writes the picture from back to front: lanes, lines, stories, boxes
// and words, numbers.
type painter struct {
	w       io.Writer
	graph   *graph
	layout  *layout
	options Options
}

func (p *painter) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

func (p *painter) paint() {
	p.open()
	p.heading()
	for i, g := range p.graph.groups {
		if i > 0 {
			p.frame(g)
		}
	}
	p.street()
	p.stories()
	for _, g := range p.graph.groups {
		for _, n := range g.steps {
			p.step(n)
		}
	}
	eachRow(p.graph, p.rowWords)
	p.badges()
	p.key()
	p.printf("</svg>\n")
}

// open writes the root with its text alternative.
func (p *painter) open() {
	l, role := p.layout, "group"
	if p.options.NoLinks {
		role = "img"
	}
	direction := ""
	if p.graph.rtl {
		direction = ` direction="rtl"`
	}
	p.printf(`<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="%s" aria-labelledby="flow-title flow-desc" lang="%s"%s viewBox="0 0 %s %s" width="%s" height="%s">`+"\n",
		role, escape(p.graph.c.File.Front.Lang.Text), direction, num(l.width), num(l.height), num(l.width), num(l.height))
	var outline strings.Builder
	Outline(&outline, p.graph.c, p.options) // a strings.Builder does not fail
	p.printf("<title id=\"flow-title\">%s %s</title>\n<desc id=\"flow-desc\">%s</desc>\n",
		escape(p.graph.words.flowchart), escape(p.graph.title), escape(strings.TrimSpace(outline.String())))
	if p.options.Theme != Unstyled {
		p.printf("<style>%s</style>\n", stylesheet(p.options.Theme))
	}
	p.printf(`<rect class="page" width="%s" height="%s"/>`+"\n", num(l.width), num(l.height))
}

func (p *painter) heading() {
	room := p.layout.width - 2*pageMargin
	y := pageMargin + 24
	for _, line := range titleFont.wrap(p.graph.title, room, 1) {
		p.text("t", "start", pageMargin, y, line)
	}
	for _, line := range stepFont.wrap(p.graph.c.File.Front.Summary.Text, room, 1) {
		p.text("m", "start", pageMargin, y+24, line)
	}
	first := p.graph.groups[0].steps[0]
	p.wire("", []point{{first.gate.x, first.gate.y - 30}, first.gate})
	p.text("m", "middle", first.gate.x, first.gate.y-34, p.graph.words.start)
}

func (p *painter) frame(g *group) {
	f := g.frame
	p.printf(`<rect class="frame" x="%s" y="%s" width="%s" height="%s" rx="16"/>`+"\n", num(f.x), num(f.y), num(f.w), num(f.h))
	p.text("g", "start", pageMargin, f.y+28, p.graph.words.stepsOf+": "+g.title)
}

const bend = 6.0 // radius of a line's corners

// street draws the lanes, and then the lines that cross them, each on a strip of
// paper so that one sees which runs over which.
func (p *painter) street() {
	seen := map[*lane]bool{}
	eachRow(p.graph, func(r *row) {
		if ln := p.layout.lanes[r.to]; ln != nil && !r.across && !seen[ln] {
			seen[ln] = true
			if ln.bottom-ln.top > 2*bend {
				p.printf(`<path class="w" d="M%s %sV%s"/>`+"\n", num(ln.x), num(ln.top+bend), num(ln.bottom-bend))
			}
		}
	})
	done := map[*lane]bool{}
	eachRow(p.graph, func(r *row) {
		p.halos(r)
		p.outward(r)
		if ln := p.layout.lanes[r.to]; ln != nil && !r.across && !done[ln] {
			done[ln] = true
			p.inward(ln)
		}
	})
}

// halos clears a strip where a row's line crosses the street.
func (p *painter) halos(r *row) {
	l := p.layout
	end := l.streetEnd
	strip := func(from, to, y float64) {
		if to-from > laneWidth/2 {
			p.printf(`<path class="halo" d="M%s %sH%s"/>`+"\n", num(from), num(y), num(to))
		}
	}
	fromPart := r.from.shape == partShape
	switch {
	case r.across && !fromPart:
		strip(l.streetX, end, r.y)
	case r.across:
	case fromPart:
		strip(l.lanes[r.to].x+laneWidth/2, end, r.y)
	default:
		strip(l.streetX, l.lanes[r.to].x-laneWidth/2, r.y)
	}
}

// outward draws a row's line up to its lane, and round the corner; or to what
// stands across the street.
func (p *painter) outward(r *row) {
	line := p.layout.source(r)
	class := rowClass(r)
	if r.across {
		p.wire(class, line)
		return
	}
	ln := p.layout.lanes[r.to]
	if d := ln.turn - r.y; d != 0 {
		line = append(line, point{ln.x, r.y + math.Copysign(min(math.Abs(d), 2*bend), d)})
	}
	p.printf(`<path class="w%s" d="%s"/>`+"\n", class, path(line))
}

// inward draws the turn of a lane towards its node.
func (p *painter) inward(ln *lane) {
	l := p.layout
	end := []point{{ln.x, ln.turn}, {ln.to.gate.x, ln.turn}}
	if ln.to.shape != partShape {
		end = append(end, ln.to.gate)
		if from, to := ln.x-laneWidth/2, l.streetX; from > to {
			p.printf(`<path class="halo" d="M%s %sH%s"/>`+"\n", num(to), num(ln.turn), num(from))
		}
	} else if from, to := ln.x+laneWidth/2, l.streetEnd; to > from {
		p.printf(`<path class="halo" d="M%s %sH%s"/>`+"\n", num(from), num(ln.turn), num(to))
	}
	drawn := false
	for _, side := range []float64{ln.top, ln.bottom} {
		if d := side - ln.turn; d != 0 {
			start := point{ln.x, ln.turn + math.Copysign(min(math.Abs(d), 2*bend), d)}
			p.wire("", append([]point{start}, end...))
			drawn = true
		}
	}
	if !drawn {
		p.wire("", end)
	}
}

func rowClass(r *row) string {
	switch {
	case r.bad:
		return " bad"
	case r.off:
		return " off"
	}
	return ""
}

// wire draws a line with an arrow at its end.
func (p *painter) wire(class string, line []point) {
	end, before := line[len(line)-1], line[len(line)-2]
	tip := arrow(before, end)
	shortened := append(append([]point(nil), line[:len(line)-1]...), point{end.x - tip.x*6, end.y - tip.y*6})
	p.printf(`<path class="w%s" d="%s"/>`, class, path(shortened))
	head := strings.Replace(class, " off", "", 1)
	p.printf(`<path class="a%s" d="M%s %sL%s %sL%s %sz"/>`+"\n", head, num(end.x), num(end.y),
		num(end.x-8*tip.x-4*tip.y), num(end.y-8*tip.y-4*tip.x), num(end.x-8*tip.x+4*tip.y), num(end.y-8*tip.y+4*tip.x))
}

// arrow is the direction from a to b, which is upright or level.
func arrow(a, b point) point {
	switch {
	case b.x > a.x:
		return point{1, 0}
	case b.x < a.x:
		return point{-1, 0}
	case b.y < a.y:
		return point{0, -1}
	}
	return point{0, 1}
}

// path writes a line through corners, which it rounds.
func path(corners []point) string {
	var line []point
	for _, c := range corners {
		if len(line) == 0 || line[len(line)-1] != c {
			line = append(line, c)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M%s %s", num(line[0].x), num(line[0].y))
	for i := 1; i < len(line); i++ {
		here := line[i]
		if i+1 == len(line) {
			fmt.Fprintf(&b, "L%s %s", num(here.x), num(here.y))
			break
		}
		in, out := toward(here, line[i-1]), toward(here, line[i+1])
		fmt.Fprintf(&b, "L%s %sQ%s %s %s %s", num(in.x), num(in.y), num(here.x), num(here.y), num(out.x), num(out.y))
	}
	return b.String()
}

// toward is the point at most a bend away from a on the way to b.
func toward(a, b point) point {
	dx, dy := b.x-a.x, b.y-a.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		return a
	}
	d := min(bend, length/2)
	return point{a.x + dx/length*d, a.y + dy/length*d}
}

// num writes a number with at most one decimal.
func num(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
}

// text writes a line of text. Where words run from right to left, start and end
// change sides in SVG; the anchors here mean left and right.
func (p *painter) text(class, anchor string, x, y float64, s string) {
	if p.graph.rtl && anchor == "start" {
		anchor = "end"
	}
	if anchor == "start" {
		p.printf(`<text class="%s" x="%s" y="%s">%s</text>`+"\n", class, num(x), num(y), escape(s))
		return
	}
	p.printf(`<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`+"\n", class, num(x), num(y), anchor, escape(s))
}

// escape makes a text safe in SVG, in an element and in an attribute.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r < ' ' && r != '\n' && r != '\t', r == 0xfffe, r == 0xffff: // not allowed in XML
			b.WriteRune(0xfffd)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
