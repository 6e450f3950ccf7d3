package powercut

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"sync"
)

// Options say what kind of disk it is.
type Options struct {
	// Sector is the size in bytes of what the disk writes at once: a power of two
	// from 512 to 65,536; 0 stands for 512.
	Sector int
	// Fragile sectors may be spoiled as a whole by a write that a cut interrupts,
	// also where nothing was written. SQLite is told so.
	Fragile bool
	// Lies makes a disk that says "synced" and has done nothing.
	Lies bool
}

// ErrInUse means that files of before a cut are still open: close every database
// on the disk first.
var ErrInUse = errors.New("powercut: files are still open")

// Disk is a disk in memory, registered with SQLite. Its methods, and any number of
// connections, may use it at once.
type Disk struct {
	o    Options
	name string
	vfs  registration

	mu      sync.Mutex // guards all below, and all files
	rng     *rand.Rand
	on      bool
	seq     uint64               // of the latest change
	handles int                  // open files
	names   map[string]*file     // as programs see them
	synced  map[string]*file     // as the disk has them
	changes map[string][]renamed // of names, not yet synced
	faults  faults
	last    Survivors
}

// renamed is one change of what a name stands for; nil if it was deleted.
type renamed struct {
	seq uint64
	to  *file
}

// New makes an empty disk and registers it with SQLite. All that it chooses is
// drawn from the seed.
func New(seed uint64, o Options) (*Disk, error) {
	if o.Sector == 0 {
		o.Sector = 512
	}
	if o.Sector < 512 || o.Sector > 65536 || o.Sector&(o.Sector-1) != 0 {
		return nil, fmt.Errorf("powercut: a sector of %d bytes", o.Sector)
	}
	d := &Disk{
		o: o, rng: rand.New(rand.NewPCG(seed, 0)), on: true,
		names: map[string]*file{}, synced: map[string]*file{}, changes: map[string][]renamed{},
	}
	return d, d.register()
}

// Name is what SQLite knows the disk by: the value of vfs in a DSN.
func (d *Disk) Name() string { return d.name }

// Close takes the disk away from SQLite.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.handles > 0 {
		return fmt.Errorf("%w: %d", ErrInUse, d.handles)
	}
	d.on = false
	return d.unregister()
}

// Cut cuts the power. Every call of SQLite fails from now on, and what the disk
// has is settled. Without power it does nothing.
func (d *Disk) Cut() Survivors {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut()
	return d.last
}

// IsOn tells whether the disk has power.
func (d *Disk) IsOn() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on
}

// Reopen brings the power back. The files are as the cut left them; faults that
// were ordered are forgotten. Whatever was open before must be closed first.
func (d *Disk) Reopen() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.handles > 0 {
		return fmt.Errorf("%w: %d", ErrInUse, d.handles)
	}
	d.on = true
	d.faults.heal()
	return nil
}

// ReadFile returns what a file has in it as programs see it, or false.
func (d *Disk) ReadFile(name string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.names[clean(name)]
	if f == nil {
		return nil, false
	}
	return append([]byte(nil), f.cache...), true
}

// WriteFile puts a file onto the disk, synced, in place of one that is there. It
// must not be open.
func (d *Disk) WriteFile(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := newFile(data)
	name = clean(name)
	d.names[name], d.synced[name] = f, f
	delete(d.changes, name)
}

// Names lists the files, sorted.
func (d *Disk) Names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return sortedKeys(d.names)
}

func clean(name string) string { return path.Clean("/" + name) }

// setName lets a name stand for a file, or for none.
func (d *Disk) setName(name string, f *file) {
	d.seq++
	if f == nil {
		delete(d.names, name)
	} else {
		d.names[name] = f
	}
	d.changes[name] = bounded(append(d.changes[name], renamed{d.seq, f}), d.rng)
}

// syncFolder makes the names in the folder of a name durable.
func (d *Disk) syncFolder(name string) {
	if d.o.Lies {
		return
	}
	for other := range d.changes {
		if path.Dir(other) != path.Dir(name) {
			continue
		}
		if f := d.names[other]; f == nil {
			delete(d.synced, other)
		} else {
			d.synced[other] = f
		}
		delete(d.changes, other)
	}
}

// mostVersions bounds what is remembered of one place that is written again and
// again without a sync.
const mostVersions = 16

// bounded forgets one version at random where there are too many, never the
// latest.
func bounded[V any](versions []V, rng *rand.Rand) []V {
	if len(versions) <= mostVersions {
		return versions
	}
	i := rng.IntN(len(versions) - 1)
	return append(versions[:i], versions[i+1:]...)
}
