package trust

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/powercut"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// mould is an installation that was set up once, to be copied onto many disks.
type mould struct {
	key     vault.InstallationKey
	files   map[string][]byte // of the database
	ring    []byte            // the keyring's file
	desk    app.Who
	ringOf  string
	folders int
}

// newMould sets a library up on a disk in memory and takes a copy of everything.
func newMould(t *testing.T) *mould {
	t.Helper()
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := powercut.New(1, powercut.Options{})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	p := place{key: key, ring: fileRing(folder), open: onDisk(disk, false)}
	r, err := p.start(t.Context(), time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	m := &mould{key: key, files: map[string][]byte{}}
	if _, m.desk, err = begin(t.Context(), r.App); err != nil {
		t.Fatal(told(err))
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, name := range disk.Names() {
		m.files[name], _ = disk.ReadFile(name)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(folder, e.Name())); err == nil && len(data) > len(m.ring) {
			m.ring, m.ringOf = data, e.Name()
		}
	}
	if err := disk.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

// onDisk opens a store on a disk in memory; weak is the control.
func onDisk(disk *powercut.Disk, weak bool) func(context.Context) (*store.Store, error) {
	return func(ctx context.Context) (*store.Store, error) {
		return store.OpenSQLite(ctx, store.SQLite{Folder: "/", VFS: disk.Name(), Weak: weak})
	}
}

// cast puts a copy of the installation onto a new disk.
func (m *mould) cast(t *testing.T, seed uint64, weak bool) (*powercut.Disk, place) {
	t.Helper()
	disk, err := powercut.New(seed, powercut.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range m.files {
		disk.WriteFile(name, data)
	}
	m.folders++
	folder := filepath.Join(t.TempDir(), fmt.Sprint(m.folders))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, m.ringOf), m.ring, 0o600); err != nil {
		t.Fatal(err)
	}
	return disk, place{key: m.key, ring: fileRing(folder), open: onDisk(disk, weak)}
}

// work does acts until one fails, and returns those that were acknowledged.
func work(ctx context.Context, r *running, desk app.Who, most int) (said []ack, err error) {
	for n := 0; n < most; n++ {
		id, err := people.NewID[store.CaseID](time.Now(), rand.Reader)
		if err != nil {
			return said, err
		}
		first, err := people.NewID[walk.EventID](time.Now(), rand.Reader)
		if err != nil {
			return said, err
		}
		if _, err := r.StartWalk(ctx, desk, app.StartForm{Playbook: "officer", Case: id, Event: first}); err != nil {
			return said, err
		}
		said = append(said, ack{id, first})
		for range 5 {
			event, err := people.NewID[walk.EventID](time.Now(), rand.Reader)
			if err != nil {
				return said, err
			}
			if _, err := r.Record(ctx, desk, id, walk.Event{ID: event, Kind: walk.Noted, Text: "Two officers, one badge shown."}); err != nil {
				return said, err
			}
			said = append(said, ack{id, event})
		}
	}
	return said, nil
}

// lostOf counts acknowledged events that are not there.
func lostOf(t *testing.T, r *running, desk app.Who, said []ack) (lost int) {
	t.Helper()
	byCase := map[store.CaseID][]walk.EventID{}
	for _, a := range said {
		byCase[a.Case] = append(byCase[a.Case], a.Event)
	}
	for id, events := range byCase {
		v, err := r.ReadWalk(t.Context(), desk, id, "")
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				lost += len(events)
				continue
			}
			t.Fatalf("read a walk: %s", told(err))
		}
		for _, e := range events {
			if !slices.ContainsFunc(v.Walk.Entries(), func(x walk.Entry) bool { return x.ID == e }) {
				lost++
			}
		}
	}
	return lost
}

// cutOnce lets the power go at some moment of some acts, and returns how many
// acknowledged ones are lost; damaged says that what is left is not whole.
func (m *mould) cutOnce(t *testing.T, seed uint64, weak bool) (acts, lost int, damaged error) {
	t.Helper()
	disk, p := m.cast(t, seed, weak)
	defer disk.Close()
	dice := mathrand.New(mathrand.NewPCG(seed, 7))
	r, err := p.start(t.Context(), time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	disk.Fail(1+dice.IntN(400), powercut.PowerCut)
	said, err := work(t.Context(), r, m.desk, 6)
	if err == nil {
		disk.Cut()
	}
	r.stop() // the disk is gone: that it complains is no news
	if err := disk.Reopen(); err != nil {
		t.Fatal(err)
	}
	if r, err = p.start(t.Context(), time.Now); err != nil {
		return len(said), len(said), err
	}
	defer r.stop()
	lost = lostOf(t, r, m.desk, said)
	if err := r.held(t.Context()); err != nil {
		return len(said), lost, err
	}
	if lost == 0 {
		halves(t, r, m.desk.Library)
	}
	return len(said), lost, nil
}

// P1: what was acknowledged is there after the power went at any moment, with any
// part of what was not synced; the ledger verifies and no act is there by half.
func TestPowerCut(t *testing.T) {
	m := newMould(t)
	cuts, acts := times(40, 1500), 0
	for seed := range uint64(cuts) {
		n, lost, err := m.cutOnce(t, seed, false)
		if err != nil || lost > 0 {
			t.Fatalf("seed %d: %d of %d acknowledged acts are lost; %s", seed, lost, n, told(err))
		}
		acts += n
	}
	lost, tried := 0, times(20, 200)
	for seed := range uint64(tried) {
		if _, n, err := m.cutOnce(t, seed, true); n > 0 || err != nil {
			lost++
		}
	}
	if lost == 0 {
		t.Errorf("a store that does not sync loses nothing in %d power cuts: this test finds nothing", tried)
	}
	promise(t, "T1", "P1", "power cuts: 0 of %d acknowledged acts lost, 0 by half, in %d; the control, without syncs, was harmed in %d of %d", acts, cuts, lost, tried)
}

// T3: whatever call of the disk fails, a person gets a sentence, nothing that was
// acknowledged is lost, and nothing is there by half.
func TestDiskFaults(t *testing.T) {
	m := newMould(t)
	tried := 0
	for _, kind := range powercut.Faults {
		if kind == powercut.PowerCut {
			continue
		}
		tried += m.faultEach(t, kind, times(25, 1<<30))
	}
	promise(t, "T3", "P1", "full, read-only and failing disk, at %d different calls: each with a sentence, 0 acts lost, 0 by half", tried)
}

// faultEach lets each call that a fault can hit fail once, or a sample of them.
func (m *mould) faultEach(t *testing.T, kind powercut.Fault, most int) (tried int) {
	t.Helper()
	calls := m.callsOf(t, kind)
	step := max(1, calls/most)
	for n := 1; n <= calls; n += step {
		m.faultOnce(t, kind, n)
		tried++
	}
	return tried
}

// callsOf counts the calls of a few acts that a fault can hit.
func (m *mould) callsOf(t *testing.T, kind powercut.Fault) int {
	t.Helper()
	disk, p := m.cast(t, 1, false)
	defer disk.Close()
	r, err := p.start(t.Context(), time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	before := disk.Calls(kind)
	if _, err := work(t.Context(), r, m.desk, 2); err != nil {
		t.Fatal(told(err))
	}
	calls := disk.Calls(kind) - before
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	return calls
}

func (m *mould) faultOnce(t *testing.T, kind powercut.Fault, n int) {
	t.Helper()
	disk, p := m.cast(t, uint64(n), false)
	defer disk.Close()
	r, err := p.start(t.Context(), time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	disk.Fail(n, kind)
	said, err := work(t.Context(), r, m.desk, 2)
	if err != nil && fault.Words(err) == "" {
		t.Errorf("%v at call %d: no sentence for people: %v", kind, n, err)
	}
	if err != nil && errors.Is(err, store.ErrStopped) != isClosed(r.store.Broken()) {
		t.Errorf("%v at call %d: the store says %v, and whether it stopped is %v", kind, n, err, isClosed(r.store.Broken()))
	}
	r.stop()
	disk.Heal()
	disk.Cut()
	if err := disk.Reopen(); err != nil {
		t.Fatal(err)
	}
	if r, err = p.start(t.Context(), time.Now); err != nil {
		t.Fatalf("%v at call %d: start again: %s", kind, n, told(err))
	}
	defer r.stop()
	if lost := lostOf(t, r, m.desk, said); lost > 0 {
		t.Errorf("%v at call %d: %d of %d acknowledged acts are lost", kind, n, lost, len(said))
	}
	if err := r.held(t.Context()); err != nil {
		t.Errorf("%v at call %d: %s", kind, n, told(err))
	}
	halves(t, r, m.desk.Library)
	if _, err := work(t.Context(), r, m.desk, 1); err != nil {
		t.Errorf("%v at call %d: it does not work afterwards: %s", kind, n, told(err))
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
