package app

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
	"roundtable/ledger"
)

// bench is an App with one library, one branch, a device, and persons by role.
type bench struct {
	*App
	now     time.Time
	dice    *mathrand.Rand
	library people.LibraryID
	branch  people.BranchID
	device  people.Device
}

func newBench(t testing.TB, s *store.Store) *bench {
	t.Helper()
	b := &bench{dice: mathrand.New(mathrand.NewPCG(1, 2)), now: time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)}
	key, err := vault.NewInstallationKey(rand.Reader)
	must(t, err)
	box, err := keyring.StorageBox(key)
	must(t, err)
	ring, err := keyring.CreateFile(t.TempDir(), rand.Reader, box)
	must(t, err)
	t.Cleanup(func() { ring.Close() })
	hub, err := live.NewHub(rand.Reader, func() time.Time { return b.now }, live.Options{})
	must(t, err)
	b.App, err = New(Options{Store: s, Ring: ring, Key: key, Live: hub, Now: func() time.Time { return b.now }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx := t.Context()
	must(t, b.Bootstrap(ctx))
	b.library, err = people.NewID[people.LibraryID](b.now, rand.Reader)
	must(t, err)
	b.branch, err = people.NewID[people.BranchID](b.now, rand.Reader)
	must(t, err)
	must(t, b.makeTenant(ctx, b.library))
	must(t, b.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		return tx.AddLibrary(ctx, store.Library{ID: b.library, Name: "Elm Street Library", Made: b.now, Ready: true})
	}))
	must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
		return tx.AddBranch(ctx, store.Branch{ID: b.branch, Name: "Main", TimeZone: "America/New_York"})
	}))
	must(t, b.adoptShipped(ctx, b.library))
	device, err := people.NewID[people.DeviceID](b.now, rand.Reader)
	must(t, err)
	b.device = people.Device{ID: device, Library: b.library, Branch: b.branch, Name: "Desk", Enrolled: b.now}
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%s)", err, fault.Words(err))
	}
}

// pass lets time pass as it does where the program runs: it looks at the clock
// every few hours, so that nothing looks like a jump.
func (b *bench) pass(t testing.TB, d time.Duration) {
	t.Helper()
	for d > 0 {
		step := min(d, 20*time.Hour)
		b.now, d = b.now.Add(step), d-step
		must(t, b.checkpoint(t.Context(), people.Installation))
	}
}

func (b *bench) atDesk() Who {
	return Who{Device: &b.device, Library: b.library, Branch: b.branch}
}

// as is somebody signed in with a role, at no device.
func (b *bench) as(t testing.TB, role people.Role) Who {
	t.Helper()
	person, err := people.NewID[people.PersonID](b.now, rand.Reader)
	must(t, err)
	name, err := people.NewPseudonym(rand.Reader)
	must(t, err)
	return Who{Person: person, Pseudonym: name, Library: b.library, Branch: b.branch, Memberships: []people.Membership{
		{ID: "m", Person: person, Library: b.library, Role: role, From: b.now.Add(-time.Hour)},
	}}
}

// step takes one of the open ways of a walk.
func (b *bench) step(t testing.TB, who Who, id store.CaseID) (ended bool) {
	t.Helper()
	ctx := t.Context()
	v, err := b.ReadWalk(ctx, who, id, "")
	must(t, err)
	b.now = b.now.Add(time.Second)
	if v.Walk.Over() {
		outcome, _ := v.Walk.Outcome()
		_, err := b.Record(ctx, who, id, walk.Event{Kind: walk.Ended, Outcome: outcome, Follows: v.Walk.Head()})
		must(t, err)
		return true
	}
	step, _ := v.Walk.Step()
	ways := slices.DeleteFunc(v.Walk.Ways(), func(w walk.Way) bool { return w.Unsent }) // those are never sent
	_, err = b.Record(ctx, who, id, walk.Event{Kind: walk.Chose, Step: step, Choice: ways[b.dice.IntN(len(ways))].Choice, Follows: v.Walk.Head()})
	must(t, err)
	return false
}

func (b *bench) kinds(t testing.TB) (kinds []string) {
	t.Helper()
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) error {
		size, err := tx.Ledger().Size(t.Context())
		if err != nil {
			return err
		}
		leaves, err := tx.Ledger().Leaves(t.Context(), 0, int(size))
		for _, leaf := range leaves {
			e, err := ledger.ParseEntry(leaf.Text)
			if err != nil {
				return err
			}
			if e.Kind != ledger.Filler {
				kinds = append(kinds, string(e.Kind))
			}
		}
		return err
	}))
	return kinds
}

func (b *bench) verify(t testing.TB) {
	t.Helper()
	var file bytes.Buffer
	var key string
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) (err error) {
		if key, err = tx.Setting(t.Context(), settingLedgerKey); err != nil {
			return err
		}
		if err := ledger.CheckStored(t.Context(), tx.Ledger()); err != nil {
			return err
		}
		return ledger.Export(t.Context(), &file, Origin(b.library), tx.Ledger())
	}))
	r, err := ledger.Verify(&file, key, ledger.Options{})
	must(t, err)
	if !r.OK() {
		t.Fatalf("the ledger does not verify: %s", r)
	}
}

func TestWalk(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx := t.Context()
		desk := b.atDesk()
		situations, err := b.Situations(ctx, desk, "es")
		must(t, err)
		if len(situations) < 7 || situations[0].Playbook != "officer" || situations[0].Langs[0] != "en" {
			t.Fatalf("Situations = %+v", situations)
		}
		for _, situation := range situations {
			id, err := b.StartWalk(ctx, desk, StartForm{Playbook: situation.Playbook})
			must(t, err)
			for n := 0; !b.step(t, desk, id); n++ {
				if n > 200 {
					t.Fatalf("%s: no end after 200 choices", situation.Playbook)
				}
			}
			_, err = b.ReadWalk(ctx, desk, id, "")
			if err == nil {
				t.Errorf("%s: the device still reads a walk that has ended", situation.Playbook)
			}
		}
		b.now = b.now.Add(time.Hour)
		must(t, b.WorkOnce(ctx))
		b.verify(t)
	})
}

func TestWalkTwice(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := people.NewID[store.CaseID](b.now, rand.Reader)
		must(t, err)
		form := StartForm{Playbook: "officer", Case: id, Event: "0192f3a0-0000-7000-8000-000000000001"}
		for range 2 {
			got, err := b.StartWalk(ctx, desk, form)
			must(t, err)
			if got != id {
				t.Fatalf("StartWalk = %s, want %s", got, id)
			}
		}
		v, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		note := walk.Event{ID: "0192f3a0-0000-7000-8000-000000000002", Kind: walk.Noted, Text: "Two officers, one badge shown."}
		for range 3 {
			_, err := b.Record(ctx, desk, id, note)
			must(t, err)
		}
		step, _ := v.Walk.Step()
		first := walk.Event{Kind: walk.Chose, Step: step, Choice: v.Walk.Ways()[0].Choice, Follows: v.Walk.Head()}
		late, err := b.Record(ctx, desk, id, first)
		must(t, err)
		if late {
			t.Error("the first move is late")
		}
		if late, err = b.Record(ctx, desk, id, first); err != nil || !late {
			t.Errorf("a second move from the same place: late = %v, %v, want late", late, err)
		}
		if got, want := strings.Join(b.kinds(t), " "), "start-walk read-walk add-note move move"; got != want {
			t.Errorf("entries = %s, want %s", got, want)
		}
	})
}

func TestWhoMayReadAWalk(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "suspected-abuse"})
		must(t, err)
		random, err := people.NewID[store.CaseID](b.now, rand.Reader)
		must(t, err)
		other := b.device
		other.ID = "0192f3a0-0000-7000-8000-00000000000d"
		for name, who := range map[string]Who{
			"nobody":         {Library: b.library, Branch: b.branch},
			"another device": {Device: &other, Library: b.library, Branch: b.branch},
			"the board":      b.as(t, people.Board),
			"an admin":       b.as(t, people.Admin),
			"the director":   b.as(t, people.Director),
		} {
			_, err := b.ReadCase(ctx, who, id, "")
			_, want := b.ReadCase(ctx, who, random, "")
			if err == nil || fault.KindOf(err) != fault.NotFound || fault.Words(err) != fault.Words(want) {
				t.Errorf("%s: ReadCase = %v, want it to be as a case that never was (%v)", name, err, want)
			}
		}
		_, err = b.ReadCase(ctx, b.as(t, people.SafetyLead), id, "")
		must(t, err)
		for _, k := range b.kinds(t)[1:] {
			if k != "sealed" && k != "refused" {
				t.Errorf("an entry about a sealed case shows the kind %s", k)
			}
		}
	})
}

func TestWalkLeftStanding(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		running := func() int {
			list, err := b.Happening(ctx, b.as(t, people.Director))
			must(t, err)
			return len(list)
		}
		b.now = b.now.Add(8 * time.Hour)
		_, err = b.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "Still waiting."})
		must(t, err)
		b.now = b.now.Add(6 * time.Hour) // 14 hours after the start, 6 after the last event
		must(t, b.WorkOnce(ctx))
		if n := running(); n != 1 {
			t.Fatalf("%d walks run, want 1: it was used within 12 hours", n)
		}
		b.now = b.now.Add(8 * time.Hour)
		must(t, b.WorkOnce(ctx))
		if n := running(); n != 0 {
			t.Fatalf("%d walks run, want 0: nobody touched it for 12 hours", n)
		}
		lines, err := b.Cases(ctx, b.as(t, people.Director), "", 10)
		must(t, err)
		if len(lines) != 1 || lines[0].Outcome != "left" || !lines[0].Closed {
			t.Errorf("Cases = %+v, want one that was left and is closed", lines)
		}
		b.verify(t)
	})
}
