package draw

import (
	"cmp"
	"slices"
)

// lane is where the lines that lead to one node run up and down.
type lane struct {
	to          *node
	rows        []*row
	column      int
	x           float64
	turn        float64 // where it turns towards the node
	top, bottom float64
}

// laneSpace is kept free between two lanes in one column.
const laneSpace = 10.0

// assignLanes gives every node that is led to a lane, and returns how many lanes
// there are side by side. Short lanes are nearest to the steps; two that do not
// meet may share a column.
func (l *layout) assignLanes(g *graph) (columns int) {
	l.lanes = map[*node]*lane{}
	var order []*lane
	eachRow(g, func(r *row) {
		if r.across {
			return
		}
		ln := l.lanes[r.to]
		if ln == nil {
			ln = &lane{to: r.to, turn: r.to.turn}
			if r.to.shape == partShape {
				ln.turn = r.to.gate.y
			}
			ln.top, ln.bottom = ln.turn, ln.turn
			l.lanes[r.to] = ln
			order = append(order, ln)
		}
		ln.rows = append(ln.rows, r)
		ln.top, ln.bottom = min(ln.top, r.y), max(ln.bottom, r.y)
	})
	slices.SortStableFunc(order, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.bottom-a.top, b.bottom-b.top), cmp.Compare(a.turn, b.turn))
	})
	var taken [][]*lane // by column, from top to bottom
	for _, ln := range order {
		ln.column = -1
		for c := range taken {
			if at, free := gap(taken[c], ln); free {
				taken[c] = slices.Insert(taken[c], at, ln)
				ln.column = c
				break
			}
		}
		if ln.column < 0 {
			ln.column = len(taken)
			taken = append(taken, []*lane{ln})
		}
		ln.x = l.streetX + (float64(ln.column)+0.5)*laneWidth
	}
	return len(taken)
}

// gap finds where in a column a lane fits between others, if it does.
func gap(column []*lane, ln *lane) (at int, free bool) {
	at, _ = slices.BinarySearchFunc(column, ln, func(a, b *lane) int { return cmp.Compare(a.top, b.top) })
	free = (at == 0 || column[at-1].bottom+laneSpace <= ln.top) && (at == len(column) || ln.bottom+laneSpace <= column[at].top)
	return at, free
}

// eachRow visits every row of the picture: choices, and ways back from parts.
func eachRow(g *graph, visit func(r *row)) {
	var below func(r *row)
	below = func(r *row) {
		visit(r)
		if r.to.shape == partShape {
			for _, way := range r.to.rows {
				below(way)
			}
		}
	}
	for _, group := range g.groups {
		for _, n := range group.steps {
			for _, r := range n.rows {
				below(r)
			}
		}
	}
}

// trail is the line along a row, from the node that it leaves to the one that it
// leads to, as corners.
func (l *layout) trail(r *row) []point {
	return append(l.source(r), l.goal(r)...)
}

// source is the line from the node to where it meets its lane, or all of it
// when its target stands on the row.
func (l *layout) source(r *row) []point {
	var line []point
	if r.from.shape == partShape {
		line = []point{{r.from.box.x, r.y}}
	} else {
		out := point{r.from.box.right(), r.from.box.midY()}
		line = []point{out, {l.fanX, out.y}, {l.fanX, r.y}}
	}
	if r.across {
		return append(line, point{r.to.gate.x, r.y})
	}
	return append(line, point{l.lanes[r.to].x, r.y})
}

// goal is the line from where the row meets its lane to its target.
func (l *layout) goal(r *row) []point {
	if r.across {
		return nil
	}
	ln := l.lanes[r.to]
	if r.to.shape == partShape {
		return []point{{ln.x, ln.turn}, {r.to.gate.x, ln.turn}}
	}
	return []point{{ln.x, ln.turn}, {r.to.gate.x, ln.turn}, r.to.gate}
}
