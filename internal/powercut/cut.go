package powercut

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
)

// Survivors counts what a cut found that was not synced, and what it left of it.
type Survivors struct {
	Sectors, SectorsKept, SectorsTorn int
	Sizes, SizesKept                  int // growths and truncations
	Names, NamesKept                  int // files made and deleted
}

// pattern is how a cut chooses.
type pattern uint8

const (
	nothing   pattern = iota // of what was not synced nothing has arrived
	allOf                    // everything has
	upTo                     // what was written up to a moment
	scattered                // each sector, size and name by chance
	patterns
)

// lottery draws what survives one cut.
type lottery struct {
	rng     *rand.Rand
	pattern pattern
	until   uint64  // of upTo
	chance  float64 // of scattered
}

func (d *Disk) newLottery() lottery {
	l := lottery{rng: d.rng, pattern: pattern(d.rng.IntN(int(patterns)))}
	first := d.firstUnsynced()
	l.until = first + d.rng.Uint64N(d.seq-first+1)
	l.chance = d.rng.Float64()
	return l
}

// firstUnsynced is the number of the oldest change that a cut could lose.
func (d *Disk) firstUnsynced() uint64 {
	first := d.seq
	for _, changes := range d.changes {
		first = min(first, changes[0].seq)
	}
	for _, f := range d.files() {
		for _, s := range f.dirty {
			first = min(first, s.versions[0].seq)
		}
	}
	return first
}

// draw returns how many of the versions of one place, oldest first, count: the
// last of those is what the place has; 0 is what was synced.
func (l *lottery) draw(n int, seq func(i int) uint64) int {
	switch l.pattern {
	case nothing:
		return 0
	case allOf:
		return n
	case upTo:
		for n > 0 && seq(n-1) > l.until {
			n--
		}
		return n
	}
	if n == 0 || l.rng.Float64() >= l.chance {
		return 0
	}
	if l.rng.IntN(2) == 0 {
		return n
	}
	return 1 + l.rng.IntN(n)
}

// tears tells whether a sector is torn: only where writing was going on.
func (l *lottery) tears() bool {
	return (l.pattern == upTo || l.pattern == scattered) && l.rng.IntN(8) == 0
}

// cut settles what the disk has. Each file becomes another one, so that whoever
// still has the old one open reaches nothing.
func (d *Disk) cut() {
	if !d.on {
		return
	}
	d.on = false
	d.last = Survivors{}
	l := d.newLottery()
	after := map[*file]*file{}
	for _, f := range d.files() { // in order, as all draw from one source
		after[f] = newFile(d.survive(f, &l))
	}
	names := map[string]*file{}
	for _, name := range slices.Sorted(maps.Keys(d.everyName())) {
		f := d.synced[name]
		changes := d.changes[name]
		kept := l.draw(len(changes), func(i int) uint64 { return changes[i].seq })
		if kept > 0 {
			f = changes[kept-1].to
		}
		d.last.Names += len(changes)
		d.last.NamesKept += kept
		if f != nil {
			names[name] = after[f]
		}
	}
	d.names, d.synced, d.changes = names, maps.Clone(names), map[string][]renamed{}
}

// everyName holds the names that stand or may stand for a file.
func (d *Disk) everyName() map[string]struct{} {
	all := map[string]struct{}{}
	for name := range d.synced {
		all[name] = struct{}{}
	}
	for name := range d.changes {
		all[name] = struct{}{}
	}
	return all
}

// files lists the files that may have a name after a cut, each once, in an order
// that does not depend on chance.
func (d *Disk) files() []*file {
	var list []*file
	seen := map[*file]bool{}
	add := func(f *file) {
		if f != nil && !seen[f] {
			seen[f] = true
			list = append(list, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.everyName())) {
		add(d.synced[name])
		for _, change := range d.changes[name] {
			add(change.to)
		}
	}
	return list
}

// survive returns what a file has in it after a cut.
func (d *Disk) survive(f *file, l *lottery) []byte {
	kept := l.draw(len(f.sizes), func(i int) uint64 { return f.sizes[i].seq })
	d.last.Sizes += len(f.sizes)
	d.last.SizesKept += kept
	data := resizeAll(append([]byte(nil), f.disk...), f.sizes[:kept])
	arrived := map[int64]bool{}
	for _, n := range slices.SortedFunc(maps.Keys(f.dirty), cmp.Compare[int64]) {
		arrived[n] = d.surviveSector(f, n, kept, data, l)
	}
	d.spoilGrowth(lowest(int64(len(f.disk)), f.sizes[:kept]), data, arrived, l)
	return data
}

// surviveSector puts into data what one sector has after a cut.
func (d *Disk) surviveSector(f *file, n int64, sizesKept int, data []byte, l *lottery) bool {
	size := int64(d.o.Sector)
	d.last.Sectors++
	candidates := reachable(f.dirty[n].versions, f.sizes, n*size, sizesKept)
	kept := l.draw(len(candidates), func(i int) uint64 { return candidates[i].seq })
	old := sectorOf(data, n, size)
	if kept > 1 {
		old = candidates[kept-2].data
	}
	if n*size >= int64(len(data)) {
		return false
	}
	if kept > 0 {
		now := append([]byte(nil), candidates[kept-1].data...)
		if l.tears() {
			d.last.SectorsTorn++
			d.tear(now, old, l)
		}
		d.last.SectorsKept++
		copy(data[n*size:], now)
	}
	return kept > 0
}

// tear puts a part of what was before into what is now; in a fragile sector it
// spoils the whole.
func (d *Disk) tear(now, old []byte, l *lottery) {
	at := l.rng.IntN(len(now))
	switch {
	case d.o.Fragile && l.rng.IntN(2) == 0:
		fill(now, l.rng)
	case l.rng.IntN(2) == 0:
		copy(now[:at], old[:at])
	default:
		copy(now[at:], old[at:])
	}
}

// reachable returns those versions of the sector at a place that a disk can have
// when the first so many changes of size have arrived. A truncation separates
// what was written before and after it: these are different places on the disk,
// and which of them belongs to the file is told by its size.
func reachable(versions []version, sizes []resized, at int64, sizesKept int) []version {
	from, to := uint64(0), ^uint64(0)
	for i, r := range sizes {
		switch {
		case !r.cut || r.size > at:
		case i < sizesKept:
			from = r.seq
		default:
			to = min(to, r.seq)
		}
	}
	var list []version
	for _, v := range versions {
		if v.seq >= from && v.seq < to {
			list = append(list, v)
		}
	}
	return list
}

// lowest is the smallest size that a file has had.
func lowest(size int64, changes []resized) int64 {
	for _, r := range changes {
		size = min(size, r.size)
	}
	return size
}

// spoilGrowth fills sectors that a file has grown by from a size on, and whose
// data did not arrive, with rubbish instead of zeros, for some cuts.
func (d *Disk) spoilGrowth(from int64, data []byte, arrived map[int64]bool, l *lottery) {
	if l.rng.IntN(4) > 0 {
		return
	}
	size := int64(d.o.Sector)
	for n := (from + size - 1) / size; n*size < int64(len(data)); n++ {
		if !arrived[n] {
			fill(data[n*size:min((n+1)*size, int64(len(data)))], l.rng)
		}
	}
}

func fill(b []byte, rng *rand.Rand) {
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
