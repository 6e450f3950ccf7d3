package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

func (b *bench) begin(t testing.TB) store.CaseID {
	t.Helper()
	b.now = b.now.Add(time.Minute)
	id, err := b.StartWalk(t.Context(), b.atDesk(), StartForm{Playbook: "officer"})
	must(t, err)
	return id
}

// state tells what of a case is there, and how many entries tell of its end.
func (b *bench) state(t testing.TB, id store.CaseID) (key, rows bool, entries, jobs int) {
	t.Helper()
	ctx := t.Context()
	_, err := b.ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(b.library), ID: string(id)})
	key = err == nil
	d, err := NewDestructions(ctx, b.ring, b.key, b.library)
	must(t, err)
	must(t, b.store.Read(ctx, b.library, func(tx *store.Tx) error {
		_, missing := tx.Case(ctx, id)
		rows = missing == nil
		size, err := tx.Ledger().Size(ctx)
		if err != nil {
			return err
		}
		leaves, err := tx.Ledger().Leaves(ctx, 0, int(size))
		for _, leaf := range leaves {
			e, err := ledger.ParseEntry(leaf.Text)
			if err != nil {
				return err
			}
			for _, slot := range d.Of(e) {
				if slot.ID == string(id) {
					entries++
				}
			}
		}
		return err
	}))
	looked := errors.New("only looked")
	err = b.store.Write(ctx, b.library, func(tx *store.Tx) error {
		list, err := tx.LeaseJobs(ctx, store.JobKinds{}, b.now.Add(24*365*time.Hour), 0, 1000)
		for _, j := range list {
			if j.Kind == jobDestroy {
				jobs++
			}
		}
		return errors.Join(err, looked)
	})
	if !errors.Is(err, looked) {
		t.Fatal(err)
	}
	return key, rows, entries, jobs
}

func (b *bench) wantState(t testing.TB, what string, id store.CaseID, key, rows bool, entries, jobs int) {
	t.Helper()
	k, r, e, j := b.state(t, id)
	if k != key || r != rows || e != entries || j != jobs {
		t.Errorf("%s: key %v, rows %v, %d entries, %d jobs; want %v, %v, %d, %d", what, k, r, e, j, key, rows, entries, jobs)
	}
}

func (b *bench) sealCase(t testing.TB, id store.CaseID) {
	t.Helper()
	ctx := t.Context()
	must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
		c, err := tx.Case(ctx, id)
		if err != nil {
			return err
		}
		c.Sealed = true
		return tx.PutCase(ctx, c)
	}))
}

func TestDestroy(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx := t.Context()
		plain, sealed, kept := b.begin(t), b.begin(t), b.begin(t)
		b.sealCase(t, sealed)
		for range 2 { // again changes nothing
			must(t, b.Destroy(ctx, b.library, "retention", plain, sealed, "018c2b6e-3f00-7000-8000-000000000000"))
		}
		b.wantState(t, "destroyed", plain, false, false, 1, 0)
		b.wantState(t, "destroyed and sealed", sealed, false, false, 1, 0)
		b.wantState(t, "kept", kept, true, true, 0, 0)
		if _, err := b.ReadWalk(ctx, b.atDesk(), plain, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("ReadWalk of a destroyed case: %v, want that there is nothing", err)
		}
		if _, err := b.ReadWalk(ctx, b.atDesk(), kept, ""); err != nil {
			t.Errorf("ReadWalk of another case: %v", err)
		}
		for _, kind := range b.kinds(t) {
			if kind == "destroyed" {
				t.Error("the kind of an entry tells of a sealed case's end")
			}
		}
		b.now = b.now.Add(time.Hour)
		must(t, b.WorkOnce(ctx))
		b.verify(t)
		if err := b.Destroy(ctx, b.library, "no rule", kept); err == nil {
			t.Error("Destroy by what is no rule = nil, want an error")
		}
		if err := b.Destroy(ctx, b.library, "retention", ownKey); err == nil {
			t.Error("Destroy of the library's own key = nil, want an error")
		}
	})
}

// weakRing fails at its next destruction, before or after it took effect.
type weakRing struct {
	keyring.Keyring
	before, after bool
}

func (r *weakRing) Destroy(ctx context.Context, slots ...keyring.Slot) error {
	if r.before {
		r.before = false
		return keyring.ErrUnavailable
	}
	err := r.Keyring.Destroy(ctx, slots...)
	if r.after {
		r.after = false
		return errors.Join(err, keyring.ErrUnavailable)
	}
	return err
}

// What is interrupted, at whichever step, is finished by the job.
func TestDestroyInterrupted(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		weak := &weakRing{Keyring: b.ring}
		b.ring = weak
		for _, c := range []struct {
			name      string
			fail      func(cancel func())
			key, rows bool
		}{
			{"before the key is destroyed", func(func()) { weak.before = true }, true, true},
			{"after", func(func()) { weak.after = true }, false, true},
		} {
			id := b.begin(t)
			c.fail(func() {})
			if err := b.Destroy(t.Context(), b.library, "retention", id); err == nil {
				t.Fatalf("%s: Destroy = nil, want an error", c.name)
			}
			b.wantState(t, c.name, id, c.key, c.rows, 0, 1)
			b.now = b.now.Add(destroyAgain + time.Second)
			must(t, b.WorkOnce(t.Context()))
			b.wantState(t, c.name+", then the job", id, false, false, 1, 0)
		}
		// Killed between keys and rows.
		id := b.begin(t)
		must(t, b.noteDestruction(t.Context(), b.library, "retention", []store.CaseID{id}))
		must(t, b.ring.Destroy(t.Context(), keyring.Slot{Kind: keyring.Case, Library: string(b.library), ID: string(id)}))
		b.now = b.now.Add(destroyAgain + time.Second)
		must(t, b.WorkOnce(t.Context()))
		b.wantState(t, "killed between keys and rows", id, false, false, 1, 0)
		b.now = b.now.Add(time.Hour)
		must(t, b.WorkOnce(t.Context()))
		b.verify(t)
	})
}

func TestSweepOrphans(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx := t.Context()
		kept := b.begin(t)
		orphan := func() string {
			id, err := people.NewID[store.CaseID](b.now, b.random)
			must(t, err)
			_, err = b.makeKey(ctx, b.library, string(id))
			must(t, err)
			return string(id)
		}
		first := orphan()
		if n, err := b.SweepOrphans(ctx, b.library); n != 0 || err != nil {
			t.Errorf("SweepOrphans of a key just made = %d, %v, want 0", n, err)
		}
		b.pass(t, orphanAge+time.Hour)
		young := orphan()
		must(t, b.PlanSweeps(ctx))
		b.now = b.now.Add(destroyAgain + time.Second)
		must(t, b.WorkOnce(ctx))
		b.wantState(t, "an orphan", store.CaseID(first), false, false, 0, 0)
		b.wantState(t, "a young orphan", store.CaseID(young), true, false, 0, 0)
		b.wantState(t, "a case", kept, true, true, 0, 0)
		if _, err := b.tenantOf(ctx, b.library); err != nil {
			t.Errorf("the library's own key: %v", err)
		}
		// The job comes again by itself, a day later.
		b.pass(t, orphansEvery+time.Hour)
		must(t, b.WorkOnce(ctx))
		b.wantState(t, "the next day", store.CaseID(young), false, false, 0, 0)

		for range orphansFew + 1 {
			first = orphan()
		}
		b.pass(t, 2*orphanAge)
		n, err := b.SweepOrphans(ctx, b.library)
		if many := new(ManyOrphansError); n != 0 || !errors.As(err, &many) || many.Orphans != orphansFew+1 {
			t.Errorf("SweepOrphans of surprisingly many = %d, %v, want a ManyOrphansError", n, err)
		}
		b.wantState(t, "surprisingly many", store.CaseID(first), true, false, 0, 0)
		if n, err := b.SweepOrphans(ctx, people.Installation); n != 0 || err != nil {
			t.Errorf("SweepOrphans of the installation = %d, %v, want 0", n, err)
		}
	})
}

// An entry that only looks like one of a destruction is none.
func TestDestructions(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	d, err := NewDestructions(t.Context(), b.ring, b.key, b.library)
	must(t, err)
	own, err := b.tenantOf(t.Context(), b.library)
	must(t, err)
	other, err := b.tenantOf(t.Context(), people.Installation)
	must(t, err)
	const id = "018c2b6e-3f00-7000-8000-000000000000"
	act := ledger.Act{Kind: destroyKind, At: b.now, Objects: []ledger.ID{id}, Contents: destroyContents(id)}
	for _, c := range []struct {
		name   string
		change func(*ledger.Act)
		key    ledger.CommitKey
		want   int
	}{
		{"plain", func(*ledger.Act) {}, own.commit, 1},
		{"with class and rule", func(a *ledger.Act) { a.Objects = append(a.Objects, "class:incident", "rule:x") }, own.commit, 1},
		{"sealed", func(a *ledger.Act) { a.Sealed = true }, own.commit, 1},
		{"sealed under another key", func(a *ledger.Act) { a.Sealed = true }, other.commit, 0},
		{"sealed, of another case", func(a *ledger.Act) { a.Sealed, a.Contents = true, destroyContents("x") }, own.commit, 0},
		{"sealed, another act", func(a *ledger.Act) { a.Sealed, a.Kind = true, "open-case" }, own.commit, 0},
		{"another act", func(a *ledger.Act) { a.Kind = "open-case" }, own.commit, 0},
		{"the own key", func(a *ledger.Act) { a.Objects = []ledger.ID{ownKey} }, own.commit, 0},
	} {
		one := act
		c.change(&one)
		e, err := one.Entry(c.key)
		must(t, err)
		if got := d.Of(e); len(got) != c.want || c.want > 0 && got[0].ID != id {
			t.Errorf("%s: Of = %v, want %d", c.name, got, c.want)
		}
	}
	at := time.Date(2026, 11, 3, 2, 0, 0, 5e6, time.UTC)
	e := ledger.Entry{Kind: backupKind, Objects: Backup{Digest: "0123456789abcdef0123", Copy: at}.objects()}
	if got, ok := CopyTime(e); !ok || !got.Equal(at) {
		t.Errorf("CopyTime = %v, %v, want %v", got, ok, at)
	}
	e.Kind = restoreKind
	if _, ok := CopyTime(e); ok {
		t.Error("CopyTime of an entry that tells of no backup is true")
	}
}
