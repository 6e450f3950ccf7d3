package powercut

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
	"pgregory.net/rapid"
)

// bare makes a disk that SQLite does not know: for the files alone.
func bare(seed uint64, o Options) *Disk {
	d, err := New(seed, o)
	if err != nil {
		panic(err)
	}
	if err := d.Close(); err != nil {
		panic(err)
	}
	d.on = true
	return d
}

const create = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE

func (d *Disk) mustOpen(t testing.TB, name string, flags int32) *handle {
	t.Helper()
	h, _, rc := d.open(name, flags)
	if rc != sqlite3.SQLITE_OK {
		t.Fatalf("open %s: SQLite's code %d", name, rc)
	}
	return h
}

func TestOptions(t *testing.T) {
	for sector, ok := range map[int]bool{0: true, 512: true, 4096: true, 65536: true, 511: false, 1000: false, 131072: false, -512: false} {
		d, err := New(1, Options{Sector: sector})
		if (err == nil) != ok {
			t.Errorf("New with a sector of %d = %v, want success: %v", sector, err, ok)
		}
		if err == nil {
			d.Close()
		}
	}
}

// TestCutOutcomes: over many seeds each outcome that is possible comes about, and
// none that is not.
func TestCutOutcomes(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		do   func(d *Disk, h *handle)
		want []string
	}{
		{"synced", Options{}, func(d *Disk, h *handle) { h.write([]byte("bb"), 0); h.sync() }, []string{"bb"}},
		{"not synced", Options{}, func(d *Disk, h *handle) { h.write([]byte("b"), 1) }, []string{"aa", "ab"}},
		{"written twice", Options{}, func(d *Disk, h *handle) { h.write([]byte("b"), 0); h.write([]byte("c"), 0) }, []string{"aa", "ba", "ca"}},
		{"a sync of a liar", Options{Lies: true}, func(d *Disk, h *handle) { h.write([]byte("b"), 0); h.sync() }, []string{"aa", "ba"}},
		{"a sync that failed", Options{}, func(d *Disk, h *handle) { h.write([]byte("b"), 0); d.Fail(1, SyncError); h.sync() }, []string{"aa", "ba"}},
		{"a sync after one that failed", Options{}, func(d *Disk, h *handle) {
			h.write([]byte("b"), 0)
			d.Fail(1, SyncError)
			h.sync()
			h.sync()
		}, []string{"aa", "ba"}},
		{"written again after a sync that failed", Options{}, func(d *Disk, h *handle) {
			h.write([]byte("b"), 0)
			d.Fail(1, SyncError)
			h.sync()
			h.write([]byte("b"), 0)
			h.sync()
		}, []string{"ba"}},
		{"truncated", Options{}, func(d *Disk, h *handle) { h.truncate(1) }, []string{"a", "aa", "a\x00"}},
		{"truncated and synced", Options{}, func(d *Disk, h *handle) { h.truncate(0); h.sync() }, []string{""}},
		{"truncated and written", Options{}, func(d *Disk, h *handle) { h.truncate(0); h.write([]byte("b"), 0) }, []string{"", "aa", "b", "\x00", "?"}},
		{"deleted", Options{}, func(d *Disk, h *handle) { d.remove("/f", false) }, []string{"aa", "none"}},
		{"deleted and the folder synced", Options{}, func(d *Disk, h *handle) { d.remove("/f", true) }, []string{"none"}},
		{"power cut in a write", Options{}, func(d *Disk, h *handle) { d.Fail(1, PowerCut); h.write([]byte("b"), 0) }, []string{"aa", "ba"}},
		{"power cut in a sync", Options{}, func(d *Disk, h *handle) { h.write([]byte("b"), 0); d.Fail(1, PowerCut); h.sync() }, []string{"aa", "ba"}},
		{"power cut in a deletion", Options{}, func(d *Disk, h *handle) { d.Fail(1, PowerCut); d.remove("/f", true) }, []string{"aa", "none"}},
	}
	for _, test := range tests {
		got := map[string]int{}
		for seed := range uint64(3000) {
			d := bare(seed, test.o)
			d.WriteFile("/f", []byte("aa"))
			h := d.mustOpen(t, "/f", create)
			test.do(d, h)
			d.Cut()
			h.close()
			if err := d.Reopen(); err != nil {
				t.Fatal(err)
			}
			data, ok := d.ReadFile("f")
			switch {
			case !ok:
				got["none"]++
			case slices.Contains(test.want, string(data)):
				got[string(data)]++
			case slices.Contains(test.want, "?") && len(data) == 1:
				got["?"]++ // rubbish where the file has grown
			default:
				t.Errorf("%s, seed %d: the file has %q", test.name, seed, data)
			}
		}
		for _, want := range test.want {
			if got[want] == 0 {
				t.Errorf("%s: never %q; got %v", test.name, want, got)
			}
		}
	}
}

// TestNewFile: a file that was made is there after a cut when its folder was
// synced, which a journal's first sync does and a database's does not.
func TestNewFile(t *testing.T) {
	for _, test := range []struct {
		kind int32
		sure bool
	}{{sqlite3.SQLITE_OPEN_WAL, true}, {sqlite3.SQLITE_OPEN_MAIN_JOURNAL, true}, {sqlite3.SQLITE_OPEN_MAIN_DB, false}} {
		there := 0
		const n = 200
		for seed := range uint64(n) {
			d := bare(seed, Options{})
			h := d.mustOpen(t, "/f", create|test.kind)
			h.write([]byte("a"), 0)
			h.sync()
			d.Cut()
			if data, ok := d.ReadFile("/f"); ok {
				there++
				if string(data) != "a" {
					t.Errorf("kind %x: a synced file has %q, want a", test.kind, data)
				}
			}
		}
		if sure := there == n; sure != test.sure || there == 0 {
			t.Errorf("kind %x: the file is there after %d of %d cuts, want all: %v", test.kind, there, n, test.sure)
		}
	}
}

// TestTornSector: a torn sector keeps what lies outside of the writes, unless it
// is fragile.
func TestTornSector(t *testing.T) {
	for _, fragile := range []bool{false, true} {
		spoiled, torn := 0, 0
		for seed := range uint64(2000) {
			d := bare(seed, Options{Fragile: fragile})
			d.WriteFile("/f", bytes.Repeat([]byte("a"), 1024))
			h := d.mustOpen(t, "/f", create)
			h.write(bytes.Repeat([]byte("b"), 512), 256)
			torn += d.Cut().SectorsTorn
			data, _ := d.ReadFile("/f")
			if bytes.Trim(data[:256], "a") != nil || bytes.Trim(data[768:], "a") != nil {
				spoiled++
			}
		}
		if torn == 0 {
			t.Error("no sector was ever torn")
		}
		if got := spoiled > 0; got != fragile {
			t.Errorf("fragile %v: %d cuts changed what nobody wrote, want some: %v", fragile, spoiled, fragile)
		}
	}
}

// TestNothingImpossible holds cuts against a plain history of each file: what a
// disk has afterwards is, byte by byte, something that was there since the last
// sync, and exactly what was synced where nothing came after.
func TestNothingImpossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &history{d: bare(rapid.Uint64().Draw(t, "seed"), Options{}), files: map[string]*fileHistory{}}
		t.Repeat(map[string]func(*rapid.T){
			"write": m.write, "truncate": m.truncate, "sync": m.sync, "delete": m.delete, "cut": m.cut, "": m.compare,
		})
	})
}

type history struct {
	d     *Disk
	files map[string]*fileHistory
}

// fileHistory is what a file was at the last sync and after each change since.
type fileHistory struct {
	states  [][]byte
	there   []bool // the same for its name
	touched bool
}

func (m *history) name(t *rapid.T) string {
	name := rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "name")
	if m.files[name] == nil {
		m.files[name] = &fileHistory{there: []bool{false}}
	}
	return name
}

// with does something with an open file and notes what it is then.
func (m *history) with(t *rapid.T, do func(h *handle)) {
	name := m.name(t)
	f := m.files[name]
	h, _, rc := m.d.open(name, create|sqlite3.SQLITE_OPEN_WAL)
	if rc != sqlite3.SQLITE_OK {
		t.Fatalf("open: %d", rc)
	}
	if !f.there[len(f.there)-1] { // a new file of that name
		f.there = append(f.there, true)
		f.states = append(f.states, nil)
		f.touched = true
	}
	do(h)
	h.close()
	data, _ := m.d.ReadFile(name)
	f.states = append(f.states, data)
}

func (m *history) write(t *rapid.T) {
	at := rapid.Int64Range(0, 1500).Draw(t, "at")
	b := bytes.Repeat([]byte{byte(rapid.IntRange('a', 'z').Draw(t, "byte"))}, rapid.IntRange(1, 700).Draw(t, "bytes"))
	m.with(t, func(h *handle) { h.write(b, at) })
}

func (m *history) truncate(t *rapid.T) {
	size := rapid.Int64Range(0, 1500).Draw(t, "size")
	m.with(t, func(h *handle) { h.truncate(size) })
}

func (m *history) sync(t *rapid.T) {
	name := m.name(t)
	f := m.files[name]
	h, _, rc := m.d.open(name, sqlite3.SQLITE_OPEN_READWRITE)
	if rc != sqlite3.SQLITE_OK {
		return
	}
	h.sync()
	h.close()
	m.d.mu.Lock()
	m.d.syncFolder(name)
	m.d.mu.Unlock()
	data, _ := m.d.ReadFile(name)
	f.states, f.touched = [][]byte{data}, false
	for _, other := range m.files { // the folder is the same
		other.there = other.there[len(other.there)-1:]
	}
}

func (m *history) delete(t *rapid.T) {
	name := m.name(t)
	f := m.files[name]
	if m.d.remove(name, false) == sqlite3.SQLITE_OK {
		f.there = append(f.there, false)
		f.touched = true
	}
}

func (m *history) compare(t *rapid.T) {
	for name, f := range m.files {
		data, ok := m.d.ReadFile(name)
		if ok != f.there[len(f.there)-1] || ok && !bytes.Equal(data, f.states[len(f.states)-1]) {
			t.Fatalf("%s is there: %v with %d bytes; it was not left so", name, ok, len(data))
		}
	}
}

func (m *history) cut(t *rapid.T) {
	m.d.Cut()
	if err := m.d.Reopen(); err != nil {
		t.Fatal(err)
	}
	for name, f := range m.files {
		data, ok := m.d.ReadFile(name)
		if !slices.Contains(f.there, ok) {
			t.Fatalf("%s is there: %v; it was: %v", name, ok, f.there)
		}
		if ok {
			if err := f.isPossible(data); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		*f = fileHistory{states: [][]byte{data}, there: []bool{ok}}
	}
}

func (f *fileHistory) isPossible(data []byte) error {
	if !f.touched && len(f.states) == 1 && !bytes.Equal(data, f.states[0]) {
		return fmt.Errorf("it was synced with %d bytes, and has other %d", len(f.states[0]), len(data))
	}
	if !slices.ContainsFunc(f.states, func(s []byte) bool { return len(s) == len(data) }) {
		return fmt.Errorf("it has %d bytes, as never before", len(data))
	}
	for i, b := range data {
		possible := false
		for _, s := range f.states {
			// Where it was once shorter, it has grown, and anything may be there.
			possible = possible || i >= len(s) || s[i] == b
		}
		if !possible {
			return fmt.Errorf("byte %d is %q, as never since the last sync", i, b)
		}
	}
	return nil
}

// TestBounded: a place that is written again and again without a sync takes no
// more memory for it.
func TestBounded(t *testing.T) {
	d := bare(1, Options{})
	h := d.mustOpen(t, "/f", create)
	for i := range 3000 {
		h.write([]byte(fmt.Sprint(i)), int64(i%700))
		if i%3 == 0 {
			h.truncate(int64(i % 5))
		}
		if i%10 == 0 {
			d.remove("/g", false)
			d.mustOpen(t, "/g", create).close()
		}
	}
	if got := len(h.f.sizes); got > mostSizes {
		t.Errorf("%d changes of size are remembered, want at most %d", got, mostSizes)
	}
	for n, s := range h.f.dirty {
		if len(s.versions) > mostVersions {
			t.Errorf("%d versions of sector %d are remembered, want at most %d", len(s.versions), n, mostVersions)
		}
	}
	if got := len(d.changes["/g"]); got > mostVersions {
		t.Errorf("%d changes of a name are remembered, want at most %d", got, mostVersions)
	}
}

// TestLocks is https://www.sqlite.org/lockingv3.html as a table: a has a lock, b
// asks for another.
func TestLocks(t *testing.T) {
	const none, shared, reserved, pending, exclusive = 0, 1, 2, 3, 4
	for _, test := range []struct {
		a, b, want int32
	}{
		{none, shared, shared}, {none, reserved, reserved}, {none, exclusive, exclusive},
		{shared, shared, shared}, {shared, reserved, reserved}, {shared, exclusive, pending},
		{reserved, shared, shared}, {reserved, reserved, shared}, {reserved, exclusive, shared},
		{pending, shared, none}, {exclusive, shared, none},
	} {
		d := bare(1, Options{})
		a, b := d.mustOpen(t, "/f", create), d.mustOpen(t, "/f", create)
		a.lock = test.a
		if b.tryLock(shared) == sqlite3.SQLITE_OK && test.b > shared {
			b.tryLock(test.b)
		}
		if b.lock != test.want {
			t.Errorf("a has %d, b asked for %d: b has %d, want %d", test.a, test.b, b.lock, test.want)
		}
		b.unlock(shared)
		if want := min(test.want, shared); b.lock != want {
			t.Errorf("a has %d, b went back to reading: b has %d, want %d", test.a, b.lock, want)
		}
		if got, _ := b.isReserved(); got != (test.a > shared) {
			t.Errorf("a has %d: isReserved = %v", test.a, got)
		}
	}
}

func TestSharedMemoryLocks(t *testing.T) {
	const lock, unlock = sqlite3.SQLITE_SHM_LOCK, sqlite3.SQLITE_SHM_UNLOCK
	const shared, exclusive = sqlite3.SQLITE_SHM_SHARED, sqlite3.SQLITE_SHM_EXCLUSIVE
	d := bare(1, Options{})
	a, b := d.mustOpen(t, "/f", create), d.mustOpen(t, "/f", create)
	for i, test := range []struct {
		h               *handle
		first, n, flags int32
		want            int32
	}{
		{a, 0, 1, lock | shared, sqlite3.SQLITE_OK},
		{b, 0, 1, lock | shared, sqlite3.SQLITE_OK},
		{b, 0, 1, lock | exclusive, sqlite3.SQLITE_BUSY},
		{a, 0, 1, unlock | shared, sqlite3.SQLITE_OK},
		{b, 0, 1, lock | exclusive, sqlite3.SQLITE_OK},
		{a, 0, 1, lock | shared, sqlite3.SQLITE_BUSY},
		{a, 1, 7, lock | exclusive, sqlite3.SQLITE_OK},
		{b, 7, 1, lock | shared, sqlite3.SQLITE_BUSY},
		{b, 0, 8, lock | exclusive, sqlite3.SQLITE_BUSY},
		{a, 1, 7, unlock | exclusive, sqlite3.SQLITE_OK},
		{b, 0, 8, lock | exclusive, sqlite3.SQLITE_OK},
		{b, 0, 8, unlock | exclusive, sqlite3.SQLITE_OK},
		{a, 3, 1, lock | shared, sqlite3.SQLITE_OK},
	} {
		if got := test.h.shmLock(test.first, test.n, test.flags); got != test.want {
			t.Errorf("%d: shmLock(%d, %d, %d) = %d, want %d", i, test.first, test.n, test.flags, got, test.want)
		}
	}
}

func TestFaultNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Faults {
		if name := f.String(); seen[name] || name == "unknown fault" {
			t.Errorf("the fault %d is named %q", f, name)
		} else {
			seen[name] = true
		}
	}
	if len(Faults) != int(faultKinds) || len(faultNames) != int(faultKinds) {
		t.Errorf("there are %d faults, %d listed, %d named", faultKinds, len(Faults), len(faultNames))
	}
}
