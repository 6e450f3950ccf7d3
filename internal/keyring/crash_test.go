package keyring

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A simulated disk keeps what is durable apart from what is not. A power cut
// keeps of a file's unsynced bytes any part, in any state, and of the names'
// unsynced changes any first few, as a journalling file system does.
type simDisk struct {
	inodes  map[int]*simFile
	names   map[string]int // as programs see them
	durable map[string]int // as after the last syncFolder
	pending []map[string]int
	next    int
	random  *mathrand.Rand

	failAt int // which operation fails; below 0 none does
	cut    bool
	after  bool // the failing operation takes effect before it fails
	ops    int
}

type simFile struct {
	data    []byte
	durable []byte
}

var errPower = errors.New("the power is cut")
var errFault = errors.New("the disk reports a fault")

func newSimDisk(random *mathrand.Rand) *simDisk {
	return &simDisk{inodes: map[int]*simFile{}, names: map[string]int{}, durable: map[string]int{}, random: random, failAt: -1}
}

// step runs one operation, or fails it. After a power cut all fail.
func (d *simDisk) step(do func()) error {
	at := d.ops
	d.ops++
	switch {
	case d.failAt < 0 || at < d.failAt:
		do()
		return nil
	case at == d.failAt:
		if d.after {
			do()
		}
		if d.cut {
			return errPower
		}
		return errFault
	case d.cut:
		return errPower
	}
	do()
	return nil
}

func (d *simDisk) read(name string, limit int64) ([]byte, error) {
	inode, there := d.names[name]
	if !there {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(d.inodes[inode].data), nil
}

func (d *simDisk) write(name string, data []byte) error {
	// Half of the bytes first, so that a fault can fall between.
	for _, part := range [][]byte{data[:len(data)/2], data} {
		if err := d.step(func() {
			inode, there := d.names[name]
			if !there {
				d.next++
				inode = d.next
				d.inodes[inode] = &simFile{}
				d.setNames(func(names map[string]int) { names[name] = inode })
			}
			d.inodes[inode].data = bytes.Clone(part)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (d *simDisk) sync(name string) error {
	return d.step(func() { f := d.inodes[d.names[name]]; f.durable = bytes.Clone(f.data) })
}

func (d *simDisk) rename(from, to string) error {
	return d.step(func() {
		d.setNames(func(names map[string]int) { names[to] = names[from]; delete(names, from) })
	})
}

func (d *simDisk) remove(name string) error {
	return d.step(func() { d.setNames(func(names map[string]int) { delete(names, name) }) })
}

func (d *simDisk) syncFolder() error {
	return d.step(func() { d.durable, d.pending = maps.Clone(d.names), nil })
}

func (d *simDisk) setNames(change func(map[string]int)) {
	d.names = maps.Clone(d.names)
	change(d.names)
	d.pending = append(d.pending, d.names)
}

func (d *simDisk) hold(name string) wiper {
	inode, there := d.names[name]
	if !there {
		return nil
	}
	return simHeld{d, inode}
}

type simHeld struct {
	d     *simDisk
	inode int
}

func (h simHeld) letGo() {}

// wipe overwrites durably, as the worst case: if a name could still lead there
// after a power cut, the keyring would be lost.
func (h simHeld) wipe() error {
	return h.d.step(func() {
		for _, inode := range h.d.names {
			if inode == h.inode {
				return
			}
		}
		f := h.d.inodes[h.inode]
		f.data = make([]byte, len(f.data))
		f.durable = f.data
	})
}

// reboot gives the disk as it may be after the power returns.
func (d *simDisk) reboot() *simDisk {
	next := newSimDisk(d.random)
	names := d.durable
	if k := d.random.IntN(len(d.pending) + 1); k > 0 {
		names = d.pending[k-1]
	}
	next.next = d.next
	for name, inode := range names {
		f := d.inodes[inode]
		data := bytes.Clone(f.durable)
		if !bytes.Equal(f.data, f.durable) {
			data = d.torn(f)
		}
		next.inodes[inode] = &simFile{data, bytes.Clone(data)}
		next.names[name] = inode
	}
	next.durable = maps.Clone(next.names)
	return next
}

// torn gives some of the new bytes, some of the old, and some of neither.
func (d *simDisk) torn(f *simFile) []byte {
	if d.random.IntN(4) == 0 {
		return bytes.Clone(f.data) // it all came through
	}
	out := bytes.Clone(f.data[:d.random.IntN(len(f.data)+1)])
	if len(out) > 0 && d.random.IntN(2) == 0 {
		out[d.random.IntN(len(out))] ^= 0xff
	}
	return out
}

// act is something that a keyring does while its disk fails.
type act struct {
	name string
	run  func(f *File, k keys, e Entry) error
	done func(ids []string) bool // whether the act shows in what the keyring lists
}

var acts = []act{
	{"put", func(f *File, _ keys, e Entry) error { return f.Put(ctx, e) },
		func(ids []string) bool { return slices.Contains(ids, "new") }},
	{"destroy", func(f *File, _ keys, _ Entry) error { return f.Destroy(ctx, caseSlot(libraryID, "old")) },
		func(ids []string) bool { return !slices.Contains(ids, "old") }},
	{"rotate", func(f *File, k keys, _ Entry) error {
		_, err := RotateLibrary(ctx, f, rand.Reader, k.installation, libraryID, noon.Add(time.Hour))
		return err
	}, func(ids []string) bool { return slices.Contains(ids, "rotated") }},
}

// TestCrash (T1, P1): whatever fails, at each write, sync and rename, before or
// after it took effect, with the power cut or not: the keyring opens again and is
// the old one or the new one, whole; the new one if the act was acknowledged. A
// fault without a power cut may be followed by one later.
func TestCrash(t *testing.T) {
	k := newKeys()
	random := mathrand.New(mathrand.NewPCG(1, 2))
	library, old, fresh := k.libraryEntry(libraryID), k.caseEntry(libraryID, "old"), k.caseEntry(libraryID, "new")
	runs, sawOld, sawNew := 0, 0, 0
	for _, a := range acts {
		for failAt := 0; ; failAt++ {
			came := false
			for variant := range 8 {
				for range 6 {
					d := newSimDisk(random)
					f := must(createOn(d, rand.Reader, k.box))
					for _, e := range []Entry{library, old} {
						if err := f.Put(ctx, e); err != nil {
							t.Fatal(err)
						}
					}
					d.ops, d.failAt, d.cut, d.after = 0, failAt, variant&1 != 0, variant&2 != 0
					err := a.run(f, k, fresh)
					came = came || d.ops > failAt
					done := checkAfter(t, fmt.Sprintf("%s failing at %d (variant %d)", a.name, failAt, variant), a, k, f, d, err, variant&4 != 0)
					runs++
					if done {
						sawNew++
					} else {
						sawOld++
					}
				}
			}
			if !came {
				break
			}
		}
	}
	if sawOld == 0 || sawNew == 0 {
		t.Errorf("of %d runs %d gave the old keyring and %d the new; want both", runs, sawOld, sawNew)
	}
	t.Logf("%d runs: %d old, %d new", runs, sawOld, sawNew)
}

func checkAfter(t *testing.T, name string, a act, k keys, f *File, d *simDisk, err error, later bool) bool {
	t.Helper()
	if err != nil && !errors.Is(err, ErrUnavailable) {
		t.Errorf("%s: %v, want %v", name, err, ErrUnavailable)
	}
	if f.broken == nil && err != nil {
		d.failAt = -1 // it says that it goes on: then it must, with the old entries
		if a.done(listed(t, f)) {
			t.Errorf("%s: refused, and done", name)
		}
	}
	d.failAt = -1
	if d.cut || later {
		d = d.reboot()
	}
	again, openErr := openOn(d, rand.Reader, k.box)
	if openErr != nil {
		t.Fatalf("%s: after the failure the keyring does not open: %v", name, openErr)
	}
	done := a.done(listed(t, again))
	if err == nil && !done {
		t.Errorf("%s: acknowledged, and lost", name)
	}
	if e := checkAll(must(again.List(ctx, "")), k.box.ID()); e != nil {
		t.Errorf("%s: a keyring of two halves: %v", name, e)
	}
	return done
}

func listed(t *testing.T, f *File) []string {
	t.Helper()
	var ids []string
	for _, e := range must(f.List(ctx, "")) {
		ids = append(ids, e.ID)
		if e.Kind == Library && e.Made.After(noon) {
			ids = append(ids, "rotated")
		}
	}
	return ids
}

// TestPowerCuts (T1): a long life of puts and destructions with the power cut at
// random moments. Nothing acknowledged is lost, nothing destroyed returns.
func TestPowerCuts(t *testing.T) {
	k := newKeys()
	random := mathrand.New(mathrand.NewPCG(3, 4))
	d := newSimDisk(random)
	f := must(createOn(d, rand.Reader, k.box))
	if err := f.Put(ctx, k.libraryEntry(libraryID)); err != nil {
		t.Fatal(err)
	}
	alive, unsure := map[string]bool{}, map[string]bool{}
	cuts := 0
	for i := range 3000 {
		d.ops, d.failAt, d.cut, d.after = 0, -1, true, random.IntN(2) == 0
		if random.IntN(3) == 0 {
			d.failAt = random.IntN(8)
		}
		id := fmt.Sprint(random.IntN(40))
		var err error
		wants := !alive[id]
		if wants {
			err = f.Put(ctx, k.caseEntry(libraryID, id))
		} else {
			err = f.Destroy(ctx, caseSlot(libraryID, id))
		}
		if err == nil {
			alive[id] = wants
			if d.failAt < 0 || d.ops <= d.failAt {
				continue
			}
		} else {
			unsure[id] = true
		}
		cuts++
		d.failAt = -1
		d = d.reboot()
		if f, err = openOn(d, rand.Reader, k.box); err != nil {
			t.Fatalf("act %d: the keyring does not open after a power cut: %v", i, err)
		}
		compareAlive(t, i, f, alive, unsure)
	}
	if cuts < 500 {
		t.Errorf("only %d power cuts came to pass", cuts)
	}
}

// compareAlive checks a keyring against what was acknowledged; what was not may
// be either way, and is taken over.
func compareAlive(t *testing.T, i int, f *File, alive, unsure map[string]bool) {
	t.Helper()
	for n := range 40 {
		id := fmt.Sprint(n)
		_, err := f.Get(ctx, caseSlot(libraryID, id))
		there := err == nil
		if unsure[id] {
			alive[id] = there
		}
		if there != alive[id] {
			t.Fatalf("act %d: case %s is there: %v, want %v", i, id, there, alive[id])
		}
	}
	clear(unsure)
}

// TestCrashControl: the same test finds a keyring that does not sync, so it can
// find something.
func TestCrashControl(t *testing.T) {
	k := newKeys()
	random := mathrand.New(mathrand.NewPCG(5, 6))
	for range 200 {
		d := newSimDisk(random)
		f := must(createOn(d, rand.Reader, k.box))
		if err := f.Put(ctx, k.libraryEntry(libraryID)); err != nil {
			t.Fatal(err)
		}
		image := must(sealImage(rand.Reader, k.box, nil))
		d.write(tempName, image)
		d.rename(tempName, fileName) // no sync before
		if _, err := openOn(d.reboot(), rand.Reader, k.box); err != nil {
			return
		}
	}
	t.Error("a rename without a sync was never found out: the simulated disk is too kind")
}

// TestDiskFull (T3): a full disk is told, and nothing is damaged: the same
// keyring goes on when there is room again.
func TestDiskFull(t *testing.T) {
	k := newKeys()
	d := newSimDisk(mathrand.New(mathrand.NewPCG(7, 8)))
	f := must(createOn(d, rand.Reader, k.box))
	e := k.libraryEntry(libraryID)
	d.ops, d.failAt = 0, 1
	if err := f.Put(ctx, e); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put on a full disk = %v, want %v", err, ErrUnavailable)
	}
	d.failAt = -1
	if err := f.Put(ctx, e); err != nil {
		t.Errorf("Put when there is room again = %v", err)
	}
}
