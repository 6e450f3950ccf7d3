package app

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// letters makes what a device sends.
type letters struct {
	t     *testing.T
	b     *bench
	shell Shell
	order uint64
}

func newLetters(t *testing.T, b *bench) *letters {
	t.Helper()
	shell, err := b.Shell(t.Context(), b.atDesk())
	must(t, err)
	return &letters{t: t, b: b, shell: shell}
}

func (l *letters) id() string {
	id, err := people.NewID[string](l.b.now, rand.Reader)
	must(l.t, err)
	return id
}

// start is the first event of a walk of a guide.
func (l *letters) start(playbook string) walk.Event {
	i := slices.IndexFunc(l.shell.Guides, func(g ShellGuide) bool { return g.Playbook == playbook })
	g := l.shell.Guides[i]
	return walk.Event{ID: walk.EventID(l.id()), Kind: walk.Started, At: l.b.now, Playbook: playbook, Program: g.Hash, Lang: "en", Given: g.Given}
}

// begin seals the beginning of a walk of a guide, in a case of its own.
func (l *letters) begin(playbook string) (store.CaseID, Waiting) {
	id := store.CaseID(l.id())
	return id, l.seal(id, "", l.start(playbook))
}

func (l *letters) note(text string) walk.Event {
	return walk.Event{ID: walk.EventID(l.id()), Kind: walk.Noted, At: l.b.now, Text: text}
}

// seal seals an event as its device does.
func (l *letters) seal(id store.CaseID, after walk.EventID, e walk.Event) Waiting {
	l.order++
	w := Waiting{Device: l.b.device.ID, Case: id, Event: e.ID, Order: l.order, After: after}
	text, err := json.Marshal(e)
	must(l.t, err)
	return l.sealText(w, text)
}

func (l *letters) sealText(w Waiting, text []byte) Waiting {
	key, err := vault.ParsePublicKey(l.shell.Intake)
	must(l.t, err)
	letter, err := key.Seal(vault.ForIntake, w.place(l.b.library), vault.ClearBytes(text))
	must(l.t, err)
	w.Letter = letter.Bytes()
	return w
}

func fates(receipts []Receipt) string {
	var list []string
	for _, r := range receipts {
		list = append(list, string(r.Fate))
	}
	return strings.Join(list, " ")
}

func TestSendWaiting(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		l := newLetters(t, b)
		ctx, desk := t.Context(), b.atDesk()
		id, start := l.begin("officer")
		first := l.seal(id, start.Event, l.note("one"))
		second := l.seal(id, first.Event, l.note("two"))
		send := func(want string, list ...Waiting) []Receipt {
			t.Helper()
			receipts, err := b.SendWaiting(ctx, desk, list)
			must(t, err)
			if got := fates(receipts); got != want {
				t.Fatalf("SendWaiting = %s, want %s (%+v)", got, want, receipts)
			}
			return receipts
		}
		send("wait wait", second, first) // the walk has not begun
		send("kept kept kept", second, start, first)
		send("doubled doubled doubled", first, start, second)
		v, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		var notes []string
		for _, e := range v.Walk.Entries()[1:] {
			notes = append(notes, e.Text)
		}
		if got := strings.Join(notes, " "); got != "one two" {
			t.Errorf("the notes are %q, want them in the order of the device", got)
		}

		// What cannot be read, or cannot be, keeps nothing else back.
		step, _ := v.Walk.Step()
		impossible := l.note("")
		impossible.Kind, impossible.Step, impossible.Choice, impossible.Follows = walk.Chose, step, 99, v.Walk.Head()
		moved := l.seal(id, "", l.note("moved"))
		moved.Order += 100
		other := l.seal(id, "", l.note("other case"))
		other.Case = store.CaseID(l.id())
		renamed := l.seal(id, "", l.note("renamed"))
		renamed.Event = "another"
		handed := l.note("")
		handed.Kind, handed.To = walk.HandedOver, "me"
		claims := l.note("claims")
		claims.Who = "p-00000000000000000000"
		good := l.seal(id, second.Event, l.note("good"))
		// They are taken in the order of the device, so the good one comes third.
		receipts := send("refused refused kept refused refused refused refused refused refused refused",
			good, l.seal(id, "", impossible), other, renamed, l.seal(id, "", handed), l.seal(id, "", claims),
			l.sealText(Waiting{Device: b.device.ID, Case: id, Event: "x", Order: 90}, []byte("{")),
			Waiting{Device: b.device.ID, Case: id, Event: "y", Order: 91, Letter: []byte("no letter")},
			Waiting{Device: b.device.ID, Case: id, Event: "z", Order: 92},
			moved)
		if receipts[2].Event != good.Event {
			t.Errorf("%s was kept, want %s", receipts[2].Event, good.Event)
		}
		for _, r := range receipts {
			if (r.Fate == Refused) != (r.Words != "") {
				t.Errorf("%s comes with the words %q", r.Fate, r.Words)
			}
		}
		if _, err := b.SendWaiting(ctx, desk, make([]Waiting, MaxWaiting+1)); fault.KindOf(err) != fault.Refused {
			t.Errorf("SendWaiting of too many = %v, want it refused", err)
		}
		if _, err := b.SendWaiting(ctx, b.as(t, people.Director), []Waiting{good}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("SendWaiting at no device = %v, want that there is no such thing", err)
		}
		b.verify(t)
	})
}

// TestSendWaitingIsTheDevices: who is signed in meanwhile has not made what waited.
func TestSendWaitingIsTheDevices(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	l := newLetters(t, b)
	id, start := l.begin("officer")
	who := b.as(t, people.Desk)
	who.Device = &b.device
	receipts, err := b.SendWaiting(t.Context(), who, []Waiting{start, l.seal(id, start.Event, l.note("one"))})
	must(t, err)
	if got := fates(receipts); got != "kept kept" {
		t.Fatalf("SendWaiting = %s", got)
	}
	v, err := b.ReadWalk(t.Context(), b.atDesk(), id, "")
	must(t, err)
	for _, e := range v.Walk.Entries() {
		if e.Who != "" || e.Device != walk.DeviceID(b.device.ID) {
			t.Errorf("%s was made by %q at %q, want by nobody at the device", e.Kind, e.Who, e.Device)
		}
	}
	if _, err := b.ReadCase(t.Context(), who, id, ""); err == nil {
		t.Error("who was signed in meanwhile reads the record")
	}
}

func TestSendWaitingOfOtherDevices(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	l := newLetters(t, b)
	ctx := t.Context()
	id, start := l.begin("officer")
	_, err := b.SendWaiting(ctx, b.atDesk(), []Waiting{start})
	must(t, err)

	// Another device of the library gets nothing into the case.
	other := b.device
	other.ID = people.DeviceID(l.id())
	there := Who{Device: &other, Library: b.library, Branch: b.branch}
	theirs := l.sealText(Waiting{Device: other.ID, Case: id, Event: "0192f3a0-0000-7000-8000-000000000003", Order: 1}, []byte(`{"id":"0192f3a0-0000-7000-8000-000000000003","kind":"noted","at":1,"step":0,"text":"x"}`))
	receipts, err := b.SendWaiting(ctx, there, []Waiting{theirs, l.seal(id, "", l.note("mine"))})
	must(t, err)
	if got := fates(receipts); got != "refused refused" {
		t.Errorf("SendWaiting of another device = %s, want refused twice", got)
	}

	// What was left by a device that was revoked is forgotten, whoever sends it.
	must(t, b.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		revoked := b.device
		revoked.Revoked = b.now
		return tx.AddDevice(ctx, revoked, "digest")
	}))
	receipts, err = b.SendWaiting(ctx, there, []Waiting{l.seal(id, "", l.note("mine"))})
	must(t, err)
	if got := fates(receipts); got != "forget" {
		t.Errorf("SendWaiting of what a revoked device left = %s, want forget", got)
	}
}

// TestDestroyedStaysDestroyed: neither the rest of a walk nor its beginning brings a
// destroyed case back, and its device is told to forget it.
func TestDestroyedStaysDestroyed(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		l := newLetters(t, b)
		ctx, desk := t.Context(), b.atDesk()
		id, start := l.begin("officer")
		note := l.seal(id, start.Event, l.note("one"))
		_, err := b.SendWaiting(ctx, desk, []Waiting{start})
		must(t, err)
		must(t, b.Destroy(ctx, b.library, "retention", id))
		receipts, err := b.SendWaiting(ctx, desk, []Waiting{start, note})
		must(t, err)
		if got := fates(receipts); got != "forget forget" {
			t.Errorf("SendWaiting of a destroyed case = %s, want forget", got)
		}
		must(t, b.store.Read(ctx, b.library, func(tx *store.Tx) error {
			if _, err := tx.Case(ctx, id); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Case = %v, want that it is not there", err)
			}
			return nil
		}))
		if _, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer", Case: id}); err == nil {
			t.Error("StartWalk begins a case anew that was destroyed")
		}
	})
}

// TestStartAgainAfterACrash: a start that put its key and did not commit can be sent
// again.
func TestStartAgainAfterACrash(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	l := newLetters(t, b)
	id := store.CaseID(l.id())
	_, err := b.makeKey(t.Context(), b.library, string(id))
	must(t, err)
	receipts, err := b.SendWaiting(t.Context(), b.atDesk(), []Waiting{l.seal(id, "", l.start("officer"))})
	must(t, err)
	if got := fates(receipts); got != "kept" {
		t.Errorf("SendWaiting = %s, want kept", got)
	}
}

func TestShell(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		first, err := b.Shell(ctx, desk)
		must(t, err)
		version, err := b.ShellVersion(ctx, desk)
		must(t, err)
		b.now = b.now.Add(time.Minute)
		again, err := b.Shell(ctx, desk)
		must(t, err)
		if first.Version != again.Version || first.Version != version || !bytes.Equal(first.Intake, again.Intake) || len(first.Guides) < 7 {
			t.Errorf("the same shell has the versions %s, %s and %s, and %d guides", first.Version, again.Version, version, len(first.Guides))
		}
		must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
			return tx.AddPhoneLine(ctx, store.PhoneLine{ID: "l", Line: "director", Label: "Director", Number: "555 0142"})
		}))
		changed, err := b.Shell(ctx, desk)
		must(t, err)
		if changed.Version == first.Version || len(changed.Lines) != 1 {
			t.Errorf("after a number changed the version is %s as before, with %d numbers", changed.Version, len(changed.Lines))
		}
		for name, who := range map[string]Who{"a director": b.as(t, people.Director), "nobody": {Library: b.library}} {
			if _, err := b.Shell(ctx, who); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: Shell = %v, want that there is no such thing", name, err)
			}
		}
	})
}
