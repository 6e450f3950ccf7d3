package powercut

import "slices"

// Fault is what can go wrong with a call.
type Fault uint8

// The faults. DiskFull and ReadOnly stay until Heal or Reopen; the others hit one
// call.
const (
	// DiskFull refuses what would make a file, or make one longer. Of a write, what
	// still had room is there.
	DiskFull Fault = iota
	// WriteError refuses a write or a truncation; nothing of it is done.
	WriteError
	// ShortWrite does a part of a write and refuses the rest.
	ShortWrite
	// SyncError refuses a sync, and loses what it was to bring to the disk. Whoever
	// is told so must stop: a sync that is tried again says that all is well.
	SyncError
	// ReadError refuses a read.
	ReadError
	// ReadOnly is a disk that the system has made read-only: what is open cannot
	// be written, and what is opened is opened for reading.
	ReadOnly
	// PowerCut cuts the power within a call that changes something: its change may
	// have reached the cache or not.
	PowerCut
	faultKinds
)

var faultNames = [...]string{"disk full", "write error", "short write", "sync error", "read error", "read-only", "power cut"}

// Faults lists every fault.
var Faults = []Fault{DiskFull, WriteError, ShortWrite, SyncError, ReadError, ReadOnly, PowerCut}

// String returns the fault's name.
func (f Fault) String() string {
	if int(f) < len(faultNames) {
		return faultNames[f]
	}
	return "unknown fault"
}

func (f Fault) stays() bool { return f == DiskFull || f == ReadOnly }

// faults counts the calls that each fault can hit, and knows which ones it shall.
type faults struct {
	calls   [faultKinds]int
	planned [faultKinds][]int // numbers of calls
	staying [faultKinds]bool
	hits    [faultKinds]int
}

func (f *faults) heal() {
	f.planned = [faultKinds][]int{}
	f.staying = [faultKinds]bool{}
}

// Fail orders that a fault hits the nth call from now, of those that it can hit;
// the next one is the first. Several may be ordered.
func (d *Disk) Fail(n int, fault Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.planned[fault] = append(d.faults.planned[fault], d.faults.calls[fault]+n)
}

// Heal ends the faults that stay and forgets those that were ordered.
func (d *Disk) Heal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.heal()
}

// Calls returns how many calls there were so far that a fault could have hit: a
// test that has run once without can then let each of them fail.
func (d *Disk) Calls(fault Fault) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults.calls[fault]
}

// Hits returns how many calls a fault has hit.
func (d *Disk) Hits(fault Fault) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults.hits[fault]
}

// hit counts a call that a fault can hit and tells whether it does.
func (d *Disk) hit(fault Fault) bool {
	f := &d.faults
	f.calls[fault]++
	planned := slices.Contains(f.planned[fault], f.calls[fault])
	if planned && fault.stays() {
		f.staying[fault] = true
	}
	if !planned && !f.staying[fault] {
		return false
	}
	f.hits[fault]++
	return true
}
