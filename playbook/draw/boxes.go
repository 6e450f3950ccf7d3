package draw

import "fmt"

// step draws a step's box with its words, as a link.
func (p *painter) step(n *node) {
	p.printf(`<g id="flow-%s">`, escape(n.anchor))
	p.linked(n, func() {
		p.outline(n)
		on := ""
		if n.shape == callShape && !n.bad {
			on = " on"
		}
		lines := stepFont.wrap(n.text, textWidth(n), 6)
		height := float64(len(lines)) * stepLine
		if n.note != "" {
			height += noteLine + 2
		}
		y := n.box.midY() - height/2 + 14.5
		p.text("h"+on, "start", n.box.x+18, y, n.number)
		for i, line := range lines {
			p.text("h"+on, "start", n.box.x+numberRoom, y+float64(i)*stepLine, line)
		}
		if n.note != "" {
			p.text("m"+on, "start", n.box.x+numberRoom, y+float64(len(lines))*stepLine, n.note)
		}
	})
	p.printf("</g>\n")
}

// linked draws inside a link where the node has one.
func (p *painter) linked(n *node, draw func()) {
	if n.href == "" || p.options.NoLinks {
		draw()
		return
	}
	p.printf(`<a href="%s">`, escape(n.href))
	draw()
	p.printf(`</a>`)
}

// outline draws a node's shape.
func (p *painter) outline(n *node) {
	bad := ""
	if n.bad {
		bad = " bad"
	}
	p.shape(n.shape, bad, n.box)
}

func (p *painter) shape(s shape, extra string, b rect) {
	switch s {
	case hexShape:
		const tip = 14.0
		p.printf(`<path class="n ask%s" d="M%s %sL%s %sH%sL%s %sL%s %sH%sz"/>`, extra,
			num(b.x), num(b.midY()), num(b.x+tip), num(b.y), num(b.right()-tip),
			num(b.right()), num(b.midY()), num(b.right()-tip), num(b.bottom()), num(b.x+tip))
	case callShape:
		p.rect("n call"+extra, b, min(b.h/2, 26))
	case partShape:
		p.rect("n"+extra, b, 8)
		p.rect("in", rect{b.x + 4, b.y + 4, b.w - 8, b.h - 8}, 5)
	case endShape:
		p.rect("n fin"+extra, b, min(b.h/2, 22))
	case goodShape:
		p.rect("n fin good"+extra, b, min(b.h/2, 22))
	case badShape:
		p.rect("n bad", b, 8)
	default:
		p.rect("n"+extra, b, 8)
	}
}

func (p *painter) rect(class string, b rect, radius float64) {
	p.printf(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`, class, num(b.x), num(b.y), num(b.w), num(b.h), num(radius))
}

// rowWords writes the words of a row, the number of the step that it leads to,
// and what stands across the street.
func (p *painter) rowWords(r *row) {
	l := p.layout
	x, chip := l.labelX, l.chipX
	if r.from.shape == partShape {
		x, chip = l.wayX, l.wayChipX
	}
	bad := ""
	if r.bad {
		bad = " bad"
	}
	for i, line := range r.lines {
		p.text("l"+bad, "start", x, r.y-6-float64(len(r.lines)-1-i)*labelLine, line)
	}
	for i, line := range r.notes {
		p.text("m", "start", x, r.y+14+float64(i)*noteLine, line)
	}
	switch {
	case r.to.step != nil:
		p.printf(`<circle class="chip" cx="%s" cy="%s" r="10"/>`, num(chip), num(r.y))
		p.text("k", "middle", chip, r.y+4, r.to.number)
	default:
		p.far(r.to)
	}
}

// far draws a part, an end or a link to nowhere.
func (p *painter) far(n *node) {
	p.linked(n, func() {
		p.outline(n)
		lines, notes := farLines(n), farNotes(n)
		height := float64(len(lines))*labelLine + float64(len(notes))*noteLine
		y := n.gate.y - height/2 + 12
		x := n.box.midX()
		bad := ""
		if n.shape == badShape {
			bad = " bad"
		}
		if n.shape == partShape {
			y += noteLine / 2
			p.text("m", "middle", x, y-noteLine, p.graph.words.part)
		}
		for i, line := range lines {
			p.text("d"+bad, "middle", x, y+float64(i)*labelLine, line)
		}
		for i, line := range notes {
			p.text("m", "middle", x, y+float64(len(lines))*labelLine+float64(i)*noteLine, line)
		}
	})
	p.printf("\n")
}

// stories draws each story's walk over the lines that it runs along. Stories
// that share a line run side by side.
func (p *painter) stories() {
	for i, s := range p.graph.stories {
		shift := float64(i%5) * 3.5
		seen := map[*row]bool{}
		for _, h := range s.hops {
			if seen[h.row] {
				continue
			}
			seen[h.row] = true
			line := p.layout.trail(h.row)
			for k := range line {
				line[k].x -= shift * 0.6
				line[k].y += shift * 0.6
			}
			p.printf(`<path class="s s%d" d="%s"/>`+"\n", i%6, path(line))
		}
	}
}

// badges draws the numbers of the stories' stands at the top of the nodes.
func (p *painter) badges() {
	at := map[*node]float64{}
	for i, s := range p.graph.stories {
		for _, n := range standsOf(s) {
			text := numbers(s, n)
			if len(p.graph.stories) > 1 {
				text = letter(i) + " " + text
			}
			w := max(20, chipFont.measure(text)+12)
			if at[n] == 0 {
				at[n] = n.box.x + 10
			}
			p.rect(fmt.Sprintf("n f%d", i%6), rect{at[n], n.box.y - 10, w, 20}, 10)
			p.text("k os", "middle", at[n]+w/2, n.box.y+4, text)
			at[n] += w + 3
		}
	}
}

// standsOf lists the nodes at which a story stands, each once.
func standsOf(s *story) []*node {
	var list []*node
	seen := map[*node]bool{}
	for _, m := range s.marks {
		if !seen[m.node] {
			seen[m.node] = true
			list = append(list, m.node)
		}
	}
	return list
}

// numbers writes when the story stands at the node: "3", "2, 5", "4–7".
func numbers(s *story, n *node) string {
	text, first, last := "", 0, 0
	flush := func() {
		if first == 0 {
			return
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprint(first)
		if last > first {
			text += fmt.Sprintf("–%d", last)
		}
	}
	for _, m := range s.marks {
		if m.node != n || m.n == last {
			continue
		}
		if m.n != last+1 || first == 0 {
			flush()
			first = m.n
		}
		last = m.n
	}
	flush()
	return text
}
