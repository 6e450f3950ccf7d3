package draw

import "fmt"

const (
	keySample = 34.0
	keyLine   = 30.0
)

type keyItem struct {
	shape shape
	words string
}

// keyItems lists the shapes that the picture has.
func keyItems(g *graph) []keyItem {
	items := []keyItem{{boxShape, g.words.keyDo}, {hexShape, g.words.keyAsk}}
	for _, more := range []struct {
		have bool
		item keyItem
	}{
		{g.hasCall, keyItem{callShape, g.words.keyCall}},
		{g.hasPart, keyItem{partShape, g.words.keyPart}},
		{g.hasEnd, keyItem{endShape, g.words.keyEnd}},
		{g.hasBad, keyItem{badShape, g.words.keyProblem}},
	} {
		if more.have {
			items = append(items, more.item)
		}
	}
	return items
}

// keyHeight is the room for the key and for the stories' sentences.
func keyHeight(g *graph) float64 {
	return 64 + float64(len(g.stories))*keyLine + pageMargin
}

// key explains the shapes, and says which story is which.
func (p *painter) key() {
	x, y := pageMargin, p.layout.keyY
	p.printf(`<path class="w" d="M%s %sH%s"/>`+"\n", num(x), num(y-20), num(p.layout.width-pageMargin))
	y += 12
	for _, item := range keyItems(p.graph) {
		p.shape(item.shape, "", rect{x, y - 10, keySample, 20})
		x += keySample + 8
		p.text("l", "start", x, y+4, item.words)
		x += labelFont.measure(item.words) + 24
	}
	y += keyLine
	for i, s := range p.graph.stories {
		name := p.graph.words.story + " " + letter(i) + ": "
		if len(p.graph.stories) == 1 {
			name = p.graph.words.story + ": "
		}
		p.printf(`<path class="s s%d" d="M%s %sH%s"/>`, i%6, num(pageMargin), num(y), num(pageMargin+keySample))
		room := p.layout.width - 2*pageMargin - keySample - 8
		text := fmt.Sprintf("%s%s (%s)", name, s.text, p.graph.words.more)
		for _, line := range labelFont.wrap(text, room, 1) {
			p.text("l", "start", pageMargin+keySample+8, y+4, line)
		}
		y += keyLine
	}
}
