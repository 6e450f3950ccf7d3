package powercut

import "slices"

// file is one file: what programs see (the system's cache), what the disk has, and
// what lies between. It is guarded by its disk's mu.
type file struct {
	cache []byte
	disk  []byte
	// dirty holds, by number of sector, what was written since the last sync.
	dirty map[int64]*sector
	// sizes holds the growths and truncations since the last sync, in order.
	sizes []resized
	// shm is the memory that connections share in WAL mode; nil if none does.
	shm *shm
	// handles are its open files.
	handles map[*handle]struct{}
	// temporary files have no name, and nothing of them outlives a cut.
	temporary bool
}

// sector is what is not synced of one sector.
type sector struct {
	versions []version
	// flush is false once a sync has failed and lost the sector: the next sync
	// does not write it.
	flush bool
}

// version is what the whole sector had in it after a write.
type version struct {
	seq  uint64
	data []byte
}

type resized struct {
	seq  uint64
	size int64
	cut  bool // a truncation
}

func newFile(data []byte) *file {
	return &file{
		cache: append([]byte(nil), data...), disk: append([]byte(nil), data...),
		dirty: map[int64]*sector{}, handles: map[*handle]struct{}{},
	}
}

func (f *file) size() int64 { return int64(len(f.cache)) }

// write puts bytes at a place of a file, which grows if need be.
func (d *Disk) write(f *file, data []byte, at int64) {
	if len(data) == 0 {
		return
	}
	d.seq++
	if end := at + int64(len(data)); end > f.size() {
		f.cache = append(f.cache, make([]byte, end-f.size())...)
		d.resize(f, resized{d.seq, end, false})
	}
	copy(f.cache[at:], data)
	d.touch(f, at, at+int64(len(data)))
}

// truncate makes a file shorter; it never makes it longer, as SQLite never asks.
func (d *Disk) truncate(f *file, size int64) {
	if size >= f.size() {
		return
	}
	d.seq++
	f.cache = f.cache[:size:size]
	d.resize(f, resized{d.seq, size, true})
	if size%int64(d.o.Sector) != 0 { // the rest of the last sector is zeros now
		d.touch(f, size, size+1)
	}
}

// mostSizes bounds what is remembered of a file whose size changes again and again
// without a sync.
const mostSizes = 64

// resize notes a change of size. Where there are too many, the oldest has arrived
// by itself, as it does on any disk that is given time.
func (d *Disk) resize(f *file, r resized) {
	if f.temporary {
		return
	}
	f.sizes = append(f.sizes, r)
	if len(f.sizes) <= mostSizes {
		return
	}
	oldest := f.sizes[0]
	f.disk = resizeAll(f.disk, f.sizes[:1])
	f.sizes = append([]resized(nil), f.sizes[1:]...)
	if oldest.cut {
		f.forget(oldest, int64(d.o.Sector))
	}
}

// forget removes what was written before a truncation to places that it took.
func (f *file) forget(r resized, sectorSize int64) {
	for n, s := range f.dirty {
		if n*sectorSize < r.size {
			continue
		}
		s.versions = slices.DeleteFunc(s.versions, func(v version) bool { return v.seq < r.seq })
		if len(s.versions) == 0 {
			delete(f.dirty, n)
		}
	}
}

// touch notes what the sectors of a range have in them now.
func (d *Disk) touch(f *file, from, to int64) {
	if f.temporary {
		return
	}
	size := int64(d.o.Sector)
	for n := from / size; n*size < to; n++ {
		s := f.dirty[n]
		if s == nil {
			s = &sector{}
			f.dirty[n] = s
		}
		s.flush = true
		s.versions = bounded(append(s.versions, version{d.seq, sectorOf(f.cache, n, size)}), d.rng)
	}
}

// sectorOf copies a sector out of data, with zeros past the end.
func sectorOf(data []byte, n, size int64) []byte {
	out := make([]byte, size)
	if n*size < int64(len(data)) {
		copy(out, data[n*size:])
	}
	return out
}

// sync brings a file to the disk, without what an earlier sync has lost.
func (d *Disk) sync(f *file) {
	if d.o.Lies {
		return
	}
	size := int64(d.o.Sector)
	f.disk = resizeAll(f.disk, f.sizes)
	for n, s := range f.dirty {
		if !s.flush {
			continue
		}
		if n*size < int64(len(f.disk)) {
			copy(f.disk[n*size:], s.versions[len(s.versions)-1].data)
		}
		delete(f.dirty, n)
	}
	f.sizes = nil
}

// resizeAll does changes of size one after the other: what a truncation took is
// zeros after a growth.
func resizeAll(data []byte, sizes []resized) []byte {
	for _, r := range sizes {
		if n := int64(len(data)); r.size > n {
			data = append(data, make([]byte, r.size-n)...)
		} else {
			data = data[:r.size:r.size]
		}
	}
	return data
}

// lose is a sync that failed.
func (f *file) lose() {
	for _, s := range f.dirty {
		s.flush = false
	}
}
