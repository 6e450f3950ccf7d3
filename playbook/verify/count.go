package verify

import (
	"math/big"

	"roundtable/playbook/automaton"
)

// count counts the reachable states exactly. Nothing may be sliced away for it,
// but what is not part of a state.
func (c *checker) count() (*big.Int, *Limit) {
	counted := c.counted()
	s := c.m.cut(nil)
	for p := range c.m.places {
		for k, word := range counted {
			s.liveAt(p)[k] |= word
		}
	}
	s.dropFixed()
	var n *big.Int
	w, err := c.inNewWorld(s, nil, func(w world) (err error) {
		n, err = w.count(counted)
		return err
	})
	if err == nil {
		w.forget()
	}
	return n, asLimit(err)
}

// counted is the set of variables that are part of a state.
func (c *checker) counted() []uint64 {
	set := make([]uint64, c.m.width())
	for v, f := range c.p.Facts {
		if f.Kind == automaton.Given || f.Kind == automaton.Walk || c.o.Counted != nil && c.o.Counted[v] {
			set[v>>6] |= 1 << uint(v&63)
		}
	}
	return set
}

// count counts states that differ in place or in a variable of the set.
func (g *graph) count(set []uint64) (*big.Int, error) {
	mask := g.pack.mask(set)
	x := &explorer{graph: &graph{slice: g.slice, store: newStore(), pack: g.pack}, next: make([]uint64, len(mask))}
	defer x.release()
	for n, p := range g.place {
		for k := range mask {
			x.next[k] = g.at(n)[k] & mask[k]
		}
		x.intern(p, -1, -1)
	}
	return big.NewInt(int64(len(x.place))), nil
}
