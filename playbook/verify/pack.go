package verify

import (
	"math/bits"

	"roundtable/playbook/automaton"
)

// packing lays the variables that a slice keeps out in the bits of a few words,
// so that a state is those words and the number of its place.
type packing struct {
	words int
	field []field // by variable; a mask of 0: the slice never keeps it
}

type field struct {
	word  int32
	shift uint8
	mask  uint64 // of the field's width, before shifting
}

func newPacking(s *slice) *packing {
	w := s.m.width()
	ever := make([]uint64, w)
	for i, word := range s.live {
		ever[i%max(w, 1)] |= word
	}
	k := &packing{words: 1, field: make([]field, len(s.m.size))}
	used := 0
	for _, v := range vars(ever) {
		width := bits.Len(uint(s.m.size[v] - 1))
		if used+width > 64 {
			k.words++
			used = 0
		}
		k.field[v] = field{int32(k.words - 1), uint8(used), 1<<uint(width) - 1}
		used += width
	}
	return k
}

func (k *packing) put(state []uint64, v int, value uint8) {
	f := &k.field[v]
	state[f.word] |= uint64(value) & f.mask << f.shift
}

// mask sets every bit of the variables in the set.
func (k *packing) mask(set []uint64) []uint64 {
	m := make([]uint64, k.words)
	k.maskInto(m, set)
	return m
}

func (k *packing) maskInto(m, set []uint64) {
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			f := &k.field[i<<6+bits.TrailingZeros64(word)]
			m[f.word] |= f.mask << f.shift
		}
	}
}

// holds evaluates an expression over variables, all of which must be live where
// the state stands. nil always holds.
func (k *packing) holds(e *automaton.Expr, state []uint64) bool {
	if e == nil {
		return true
	}
	switch e.Op {
	case automaton.FactIn:
		f := &k.field[e.Fact]
		return e.In>>(state[f.word]>>f.shift&f.mask)&1 != 0
	case automaton.And:
		for _, a := range e.Args {
			if !k.holds(a, state) {
				return false
			}
		}
		return true
	case automaton.Or:
		for _, a := range e.Args {
			if k.holds(a, state) {
				return true
			}
		}
		return false
	case automaton.Not:
		return !k.holds(e.Args[0], state)
	}
	return e.Op == automaton.True
}
