package trust

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// childVariable makes the test's own program a child that does acts until it is
// killed.
const childVariable = "ROUNDTABLE_TRUST_CHILD"

// order is what a child is told.
type order struct {
	Folder   string // of keyring and, on SQLite, data
	Database string // PostgreSQL's address, "" for SQLite
	Key      string
	Weak     bool // the control: say that it is kept before it is
}

// ack is what a child says once an act was acknowledged.
type ack struct {
	Case  store.CaseID
	Event walk.EventID
}

func (o order) place() (place, error) {
	key, err := vault.ParseInstallationKey([]byte(o.Key))
	if err != nil {
		return place{}, err
	}
	return place{key: key, ring: fileRing(o.Folder), open: func(ctx context.Context) (*store.Store, error) {
		if o.Database != "" {
			return store.OpenPostgres(ctx, o.Database)
		}
		return store.OpenSQLite(ctx, store.SQLite{Folder: filepath.Join(o.Folder, "data")})
	}}, nil
}

// beChild does acts, and says after each that it was acknowledged, until it is
// killed.
func beChild() int {
	var o order
	err := json.Unmarshal([]byte(os.Getenv(childVariable)), &o)
	if err == nil {
		err = o.work(context.Background(), os.Stdout)
	}
	fmt.Fprintln(os.Stderr, told(err))
	return 1
}

func (o order) work(ctx context.Context, out io.Writer) error {
	p, err := o.place()
	if err != nil {
		return err
	}
	r, err := p.start(ctx, time.Now)
	if err != nil {
		return err
	}
	desk, err := r.desk(ctx)
	if err != nil {
		return err
	}
	say := json.NewEncoder(out)
	for {
		c, first, err := o.start(ctx, r, desk, say)
		if err != nil {
			return err
		}
		if err := o.fill(ctx, r, desk, c, first, say); err != nil {
			return err
		}
	}
}

// desk finds the device with which the library was set up.
func (r *running) desk(ctx context.Context) (who app.Who, err error) {
	err = r.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		libraries, err := tx.Libraries(ctx)
		if err != nil {
			return err
		}
		devices, err := tx.Devices(ctx, libraries[0].ID)
		if err != nil {
			return err
		}
		who = app.Who{Device: &devices[0], Library: devices[0].Library, Branch: devices[0].Branch}
		return nil
	})
	return who, err
}

func (o order) start(ctx context.Context, r *running, desk app.Who, say *json.Encoder) (store.CaseID, walk.EventID, error) {
	c, err := people.NewID[store.CaseID](time.Now(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	first, err := people.NewID[walk.EventID](time.Now(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	return c, first, o.act(say, ack{c, first}, func() error {
		_, err := r.StartWalk(ctx, desk, app.StartForm{Playbook: "officer", Case: c, Event: first})
		return err
	})
}

// fill writes some twenty notes and choices into a walk.
func (o order) fill(ctx context.Context, r *running, desk app.Who, c store.CaseID, head walk.EventID, say *json.Encoder) error {
	for n := range 20 {
		id, err := people.NewID[walk.EventID](time.Now(), rand.Reader)
		if err != nil {
			return err
		}
		e := walk.Event{ID: id, Kind: walk.Noted, Text: fmt.Sprintf("note %d", n)}
		if n == 3 {
			e = walk.Event{ID: id, Kind: walk.Chose, Step: 0, Choice: 4, Follows: head}
		}
		if err := o.act(say, ack{c, id}, func() error { _, err := r.Record(ctx, desk, c, e); return err }); err != nil {
			return err
		}
	}
	return nil
}

// act does an act and says that it was acknowledged; the control says so before.
func (o order) act(say *json.Encoder, a ack, do func() error) error {
	if o.Weak {
		if err := say.Encode(a); err != nil {
			return err
		}
		return do()
	}
	if err := do(); err != nil {
		return err
	}
	return say.Encode(a)
}

// P1: what was acknowledged is there after kill -9, the ledger verifies, and no
// act is there by half; on both databases, and with PostgreSQL itself killed.
func TestKill(t *testing.T) {
	all := times(300, 10_000)
	t.Run("sqlite", func(t *testing.T) {
		acts, kills := killUntil(t, newOrder(t, ""), all, nil)
		promise(t, "T1", "P1", "kill -9, SQLite: 0 of %d acknowledged acts lost, 0 by half, in %d kills", acts, kills)
	})
	t.Run("postgres", func(t *testing.T) {
		acts, kills := killUntil(t, newOrder(t, storetest.Database(t)), all, nil)
		promise(t, "T1", "P1", "kill -9, PostgreSQL: 0 of %d acknowledged acts lost, 0 by half, in %d kills", acts, kills)
	})
	t.Run("postgres itself", func(t *testing.T) {
		c := pgtest.Start(t, pgtest.Options{})
		acts, kills := killUntil(t, newOrder(t, storetest.DatabaseOn(t, c)), all/5, c)
		promise(t, "T1", "P1", "kill -9 of PostgreSQL itself: 0 of %d acknowledged acts lost, 0 by half, in %d kills", acts, kills)
	})
	t.Run("control", func(t *testing.T) {
		o := newOrder(t, "")
		o.Weak = true
		lost := 0
		for n := 0; lost == 0 && n < 200; n++ {
			said, err := runAndKill(t, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			lost += missing(t, o, said)
		}
		if lost == 0 {
			t.Error("a program that speaks too soon loses nothing: this test finds nothing")
		}
	})
}

// newOrder sets up a library for children to work in.
func newOrder(t *testing.T, database string) order {
	t.Helper()
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.Reveal()
	if err != nil {
		t.Fatal(err)
	}
	o := order{Folder: t.TempDir(), Database: database, Key: text}
	p, err := o.place()
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.start(t.Context(), time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	if _, _, err := begin(t.Context(), r.App); err != nil {
		t.Fatal(told(err))
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	return o
}

// killUntil kills children until so many acts were acknowledged, and looks after
// each whether everything is there. cluster is killed as well if it is given.
func killUntil(t *testing.T, o order, most int, cluster *pgtest.Cluster) (acts, kills int) {
	t.Helper()
	var said []ack
	for len(said) < most {
		more, err := runAndKill(t, o, cluster)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, more...)
		kills++
		if n := missing(t, o, more); n > 0 {
			t.Fatalf("%d of %d acknowledged acts are lost after kill %d", n, len(more), kills)
		}
		if kills > most {
			t.Fatalf("%d kills brought %d acts only", kills, len(said))
		}
	}
	if n := missing(t, o, said); n > 0 {
		t.Fatalf("%d acts that were there once are lost", n)
	}
	return len(said), kills
}

// runAndKill runs a child for a moment, kills it, and returns what it said.
func runAndKill(t *testing.T, o order, cluster *pgtest.Cluster) ([]ack, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var said []ack
	end := make(chan struct{})
	began := make(chan struct{})
	go func() {
		defer close(end)
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			var a ack
			if json.Unmarshal(lines.Bytes(), &a) != nil {
				return // the line during which it was killed: not said
			}
			if said = append(said, a); len(said) == 1 {
				close(began)
			}
		}
	}()
	select {
	case <-began:
		time.Sleep(time.Duration(mathrand.IntN(times(400, 2000))) * time.Millisecond)
	case <-end:
		return nil, errors.Join(fmt.Errorf("the child did nothing: %s", stderr.String()), cmd.Wait())
	case <-time.After(time.Minute):
	}
	if cluster != nil {
		if err := cluster.Kill(); err != nil {
			return nil, err
		}
	}
	err = cmd.Process.Kill()
	<-end
	cmd.Wait() // it was killed: that is no news
	if cluster != nil {
		err = errors.Join(err, cluster.Restart())
	}
	return said, err
}

// missing opens the installation as at the next start, checks it, and counts
// acknowledged events that are not there.
func missing(t *testing.T, o order, said []ack) (lost int) {
	t.Helper()
	ctx := t.Context()
	p, err := o.place()
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.start(ctx, time.Now)
	if err != nil {
		t.Fatalf("start after a kill: %s", told(err))
	}
	defer r.stop()
	if err := r.held(ctx); err != nil {
		t.Fatalf("after a kill: %s", told(err))
	}
	desk, err := r.desk(ctx)
	if err != nil {
		t.Fatal(err)
	}
	byCase := map[store.CaseID][]walk.EventID{}
	for _, a := range said {
		byCase[a.Case] = append(byCase[a.Case], a.Event)
	}
	for id, events := range byCase {
		v, err := r.ReadWalk(ctx, desk, id, "")
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				lost += len(events)
				continue
			}
			t.Fatalf("read a walk after a kill: %s", told(err))
		}
		for _, e := range events {
			if !slices.ContainsFunc(v.Walk.Entries(), func(x walk.Entry) bool { return x.ID == e }) {
				lost++
			}
		}
	}
	halves(t, r, desk.Library)
	return lost
}

// halves fails when an event is there without its entry, or an entry without its
// event, or a row counts otherwise than there are events.
func halves(t *testing.T, r *running, library people.LibraryID) {
	t.Helper()
	ctx := t.Context()
	err := r.store.Read(ctx, library, func(tx *store.Tx) error {
		ids, err := tx.CaseIDs(ctx)
		if err != nil {
			return err
		}
		events := 0
		for _, id := range ids {
			c, err := tx.Case(ctx, id)
			if err != nil {
				return err
			}
			list, err := tx.CaseEvents(ctx, id, 0)
			if err != nil {
				return err
			}
			if len(list) != c.Events {
				return fmt.Errorf("case %s counts %d events and has %d", id, c.Events, len(list))
			}
			events += len(list)
		}
		entries, err := countEntries(ctx, tx, "start-walk", "move", "add-note", "write-in-step", "enter-step", "end-walk")
		if err == nil && entries != events {
			err = fmt.Errorf("there are %d events and %d entries about them", events, entries)
		}
		return err
	})
	if err != nil {
		t.Fatalf("an act is there by half: %v", err)
	}
}
