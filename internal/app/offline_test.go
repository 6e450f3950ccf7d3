package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	mathrand "math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

var full = flag.Bool("full", false, "run the full figures")

// What follows is three desks that walk with a network that fails, as the script of
// a device does it (internal/web/static/js/queue.js and offline.js): everything that
// is done is sealed and put in a queue at once, the queue is sent when there is a
// network, and is shortened only by what the server says of each event.

// town is the desks, the network between them and the server, and what happened.
type town struct {
	*bench
	t     testing.TB
	dice  *mathrand.Rand
	shell Shell
	key   vault.PublicKey
	plans map[string]*walk.Plan
	desks []*desk
	late  []parcel // sent, and not arrived yet

	made      map[store.CaseID][]made
	photos    map[walk.EventID]bool
	picture   []byte // of every photo
	destroyed map[store.CaseID]bool
	held      map[store.CaseID]bool
	problems  []string
	figures   figures

	wrong  wrong
	folder string // of the databases
}

// figures is what the runs did, so that a test can see that they did something.
type figures struct{ made, sent, lost, doubled, late, joined, forgotten, waited, overs, purges, holds, photos int }

// wrong is how a desk or a server does it wrongly, for the red controls.
type wrong struct {
	forgets   bool // the device lets go what it sent before it was answered
	renames   bool // a resent event is not known again
	anyOrder  bool // the device does not say what comes before
	noTombs   bool // the server does not keep that a case was destroyed
	moveWhere bool // a late device does not join, and says that it follows the newest
}

// made is an event that somebody made at a desk.
type made struct {
	desk  people.DeviceID
	order uint64
	event walk.Event
}

// desk is one device.
type desk struct {
	device people.Device
	skew   time.Duration
	away   bool
	order  uint64
	queue  []Waiting
	walks  map[store.CaseID]*walk.Walk // its own view, while it may have one
}

// parcel is a request under way.
type parcel struct {
	desk *desk
	list []Waiting
}

func newTown(t testing.TB, b *bench, shell Shell, folder string, seed uint64, wrong wrong) *town {
	w := &town{
		bench: b, shell: shell, folder: folder, t: t, dice: mathrand.New(mathrand.NewPCG(seed, 18)), plans: map[string]*walk.Plan{},
		made: map[store.CaseID][]made{}, destroyed: map[store.CaseID]bool{}, held: map[store.CaseID]bool{}, wrong: wrong,
		photos: map[walk.EventID]bool{}, picture: smallPicture(t),
	}
	for i := range 3 {
		id, err := people.NewID[people.DeviceID](b.now, rand.Reader)
		must(t, err)
		w.desks = append(w.desks, &desk{
			device: people.Device{ID: id, Library: b.library, Branch: b.branch, Name: fmt.Sprint("Desk ", i), Enrolled: b.now},
			skew:   time.Duration(w.dice.IntN(7200)-3600) * time.Second, walks: map[store.CaseID]*walk.Walk{},
		})
	}
	var err error
	w.key, err = vault.ParsePublicKey(shell.Intake)
	must(t, err)
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) error {
		for _, g := range w.shell.Guides {
			if w.plans[g.Hash], err = b.plan(t.Context(), tx, g.Hash); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

func (d *desk) who() Who {
	return Who{Device: &d.device, Library: d.device.Library, Branch: d.device.Branch}
}

func (w *town) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

// run lets things happen, then heals the network and sends what waits.
func (w *town) run(steps int) {
	for range steps {
		w.now = w.now.Add(time.Duration(1+w.dice.IntN(90)) * time.Second)
		w.happen(w.desks[w.dice.IntN(len(w.desks))])
	}
	for _, d := range w.desks {
		d.away = false
	}
	for len(w.late) > 0 {
		w.arrive()
	}
	for range 50 {
		waits := false
		for _, d := range w.desks {
			if len(d.queue) > 0 {
				waits = true
				w.answer(d, w.deliver(parcel{d, d.queue[:min(len(d.queue), MaxWaiting)]}))
			}
		}
		if !waits {
			break
		}
	}
	must(w.t, w.workOnce(w.t.Context())) // what ends by itself ends now
	w.check()
}

func (w *town) happen(d *desk) {
	switch n := w.dice.IntN(100); {
	case n < 6:
		d.away = !d.away
	case n < 12:
		w.start(d)
	case n < 62:
		w.act(d)
	case n < 80:
		w.send(d)
	case n < 84 && len(w.late) > 0:
		w.arrive()
	case n < 95:
		w.handOver(d)
	case n < 97:
		w.hold()
	case n < 98:
		w.purge()
	case n < 99:
		must(w.t, w.workOnce(w.t.Context()))
	}
}

// seal puts an event in the queue, as soon as it is made.
func (w *town) seal(d *desk, id store.CaseID, e walk.Event) {
	d.order++
	x := Waiting{Device: d.device.ID, Case: id, Event: e.ID, Order: d.order}
	for _, q := range d.queue {
		if q.Case == id && !w.wrong.anyOrder && !w.photos[q.Event] { // nothing waits for a photo
			x.After = q.Event
		}
	}
	text, err := json.Marshal(e)
	must(w.t, err)
	if e.Kind == walk.Pictured {
		w.photos[e.ID] = true
		text = append(append(text, 0), w.picture...)
	}
	letter, err := w.key.Seal(vault.ForIntake, x.place(w.library), vault.ClearBytes(text))
	must(w.t, err)
	x.Letter = letter.Bytes()
	d.queue = append(d.queue, x)
	w.made[id] = append(w.made[id], made{d.device.ID, d.order, e})
	w.figures.made++
}

func (w *town) event(d *desk, kind walk.Kind) walk.Event {
	at := w.now.Add(d.skew)
	id, err := people.NewID[walk.EventID](at, rand.Reader)
	must(w.t, err)
	return walk.Event{ID: id, Kind: kind, At: at.UTC().Truncate(time.Millisecond)}
}

func (w *town) start(d *desk) {
	if len(d.walks) > 1 {
		return
	}
	g := w.shell.Guides[w.dice.IntN(len(w.shell.Guides))]
	e := w.event(d, walk.Started)
	e.Playbook, e.Program, e.Lang, e.Given = g.Playbook, g.Hash, g.Sheets[0].Lang, g.Given
	id, err := people.NewID[store.CaseID](e.At, rand.Reader)
	must(w.t, err)
	view, err := w.plans[g.Hash].Begin(e)
	must(w.t, err)
	d.walks[id] = view
	w.seal(d, id, e)
}

// act does one thing in one of the desk's walks.
func (w *town) act(d *desk) {
	ids := sortedCases(d.walks)
	if len(ids) == 0 {
		return
	}
	id := ids[w.dice.IntN(len(ids))]
	view := d.walks[id]
	e, ok := w.something(d, view)
	if !ok {
		return
	}
	if err := view.Apply(e); err != nil {
		w.problem("the desk's own view refuses %s: %v", e.Kind, err)
		return
	}
	w.seal(d, id, e)
	if e.Kind == walk.Ended { // the device keeps no view of what has ended
		delete(d.walks, id)
	}
}

func (w *town) something(d *desk, view *walk.Walk) (e walk.Event, ok bool) {
	step, walking := view.Step()
	if !walking {
		e = w.event(d, walk.Ended)
		e.Outcome, _ = view.Outcome()
		e.Follows = view.Head()
		return e, true
	}
	p := view.Plan().Program.Steps[step]
	switch n := w.dice.IntN(20); {
	case n < 9:
		ways := slices.DeleteFunc(view.Ways(), func(x walk.Way) bool { return x.Unsent })
		if len(ways) == 0 {
			return e, false
		}
		e = w.event(d, walk.Chose)
		e.Choice, e.Follows = ways[w.dice.IntN(len(ways))].Choice, view.Head()
	case n < 11 && view.CanGoBack():
		e = w.event(d, walk.WentBack)
		e.Step, e.Follows = view.Before(), view.Head()
		return e, true
	case n < 13 && p.Ticks > 0:
		e = w.event(d, walk.Ticked)
		e.Item, e.Undone = w.dice.IntN(p.Ticks), w.dice.IntN(4) == 0
	case n < 15 && len(p.Fields) > 0 && p.Fields[0].Type == "text":
		e = w.event(d, walk.Recorded)
		e.Field, e.Value = p.Fields[0].Name, fmt.Sprintf("typed %d", w.dice.Uint32())
	case n == 14 && view.MayObserve(step):
		e = w.event(d, walk.Observed)
		e.Sight, e.Text = walk.TheySaid, fmt.Sprintf("said %d", w.dice.Uint32())
		if last, ok := view.Latest(); ok && w.dice.IntN(2) == 0 {
			e.Kind, e.Sight, e.Text, e.Of = walk.Corrected, "", "", last.ID
			return e, true
		}
	case n == 17 && w.dice.IntN(3) == 0:
		e = w.event(d, walk.Pictured)
		e.Text = fmt.Sprintf("paper %d", w.dice.Uint32())
		w.figures.photos++
	case n == 15:
		e = w.event(d, walk.Called)
		e.Role, e.Result = "director", walk.NoAnswer
	case n == 16 && w.dice.IntN(3) == 0:
		e = w.event(d, walk.Ended)
		e.Outcome, e.Follows = walk.Left, view.Head()
	default:
		e = w.event(d, walk.Noted)
		e.Text = fmt.Sprintf("note %d", w.dice.Uint32())
	}
	e.Step = step
	return e, true
}

func sortedCases[V any](m map[store.CaseID]V) []store.CaseID {
	ids := make([]store.CaseID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// send sends part of the queue: as a rule its beginning, sometimes what a second tab
// without a lock would. The request is lost, or its answer is, or it is slow, or all
// is well.
func (w *town) send(d *desk) {
	if d.away || len(d.queue) == 0 {
		return
	}
	from := 0
	if w.dice.IntN(4) == 0 {
		from = w.dice.IntN(len(d.queue))
	}
	list := slices.Clone(d.queue[from:min(len(d.queue), from+1+w.dice.IntN(8))])
	if w.dice.IntN(5) == 0 {
		w.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	if w.dice.IntN(6) == 0 && len(list) > 1 {
		list = append(list, list[w.dice.IntN(len(list))])
	}
	w.figures.sent += len(list)
	if w.wrong.forgets {
		d.queue = slices.DeleteFunc(d.queue, func(q Waiting) bool {
			return slices.ContainsFunc(list, func(x Waiting) bool { return x.Event == q.Event })
		})
	}
	switch w.dice.IntN(6) {
	case 0:
		w.figures.lost++ // on its way there
	case 1:
		w.deliver(parcel{d, list}) // on its way back
		w.figures.lost++
	case 2:
		w.late = append(w.late, parcel{d, list})
	default:
		w.answer(d, w.deliver(parcel{d, list}))
	}
}

// arrive lets a slow request arrive. Nobody waits for its answer any more.
func (w *town) arrive() {
	i := w.dice.IntN(len(w.late))
	p := w.late[i]
	w.late = slices.Delete(w.late, i, i+1)
	w.deliver(p)
}

func (w *town) deliver(p parcel) []Receipt {
	list := p.list
	if w.wrong.renames {
		list = w.renamed(list)
	}
	receipts, err := w.SendWaiting(w.t.Context(), p.desk.who(), list)
	must(w.t, err)
	for i, r := range receipts {
		switch r.Fate {
		case Refused:
			w.problem("refused: %s", r.Words)
		case Doubled:
			w.figures.doubled++
		case Late:
			w.figures.late++
		case Forget:
			w.figures.forgotten++
		case Wait:
			w.figures.waited++
		}
		if w.wrong.renames {
			receipts[i].Event = walk.EventID(strings.SplitN(string(r.Event), "+", 2)[0])
		}
	}
	return receipts
}

// renamed gives every event a new id, as it looks to a server that does not know
// again what it has.
func (w *town) renamed(list []Waiting) (renamed []Waiting) {
	for _, x := range list {
		for _, m := range w.made[x.Case] {
			if m.event.ID != x.Event || m.event.Kind == walk.Started || m.event.Kind == walk.Pictured || m.event.Kind.IsMove() {
				continue
			}
			e := m.event
			e.ID = walk.EventID(fmt.Sprintf("%s+%d", e.ID, w.dice.Uint64()))
			text, err := json.Marshal(e)
			must(w.t, err)
			letter, err := w.key.Seal(vault.ForIntake, x.place(w.library), vault.ClearBytes(text))
			must(w.t, err)
			x.Event, x.Letter = e.ID, letter.Bytes()
		}
		x.After = ""
		renamed = append(renamed, x)
	}
	return renamed
}

// answer takes what the server said. A desk whose move came too late joins where the
// walk is, if it is still its walk.
func (w *town) answer(d *desk, receipts []Receipt) {
	join := map[store.CaseID]bool{}
	for _, r := range receipts {
		i := slices.IndexFunc(d.queue, func(q Waiting) bool { return q.Event == r.Event })
		if i < 0 || r.Fate == Wait || r.Fate == Refused {
			continue
		}
		id := d.queue[i].Case
		d.queue = slices.Delete(d.queue, i, i+1)
		join[id] = join[id] || r.Fate == Late || r.Fate == Forget
	}
	for _, id := range sortedCases(join) {
		if join[id] && d.walks[id] != nil && !w.wrong.moveWhere {
			w.join(d, id)
		}
	}
}

// join makes a desk's view anew: what the server has, then what it has not yet.
func (w *town) join(d *desk, id store.CaseID) {
	w.figures.joined++
	v, err := w.ReadWalk(w.t.Context(), d.who(), id, "")
	if err != nil {
		delete(d.walks, id) // handed over, ended, or destroyed
		return
	}
	for _, q := range d.queue {
		for _, m := range w.made[id] {
			there := func(e walk.Entry) bool { return e.ID == q.Event } // its answer was lost
			if m.event.ID == q.Event && !slices.ContainsFunc(v.Walk.Entries(), there) {
				if err := v.Walk.Apply(m.event); err != nil {
					w.problem("the joined view refuses %s: %v", m.event.Kind, err)
				}
			}
		}
	}
	if v.Walk.Over() && v.Walk.CanGoBack() == false {
		delete(d.walks, id)
		return
	}
	d.walks[id] = v.Walk
}

// handOver hands a walk to another desk. The one that had it may not know of it.
func (w *town) handOver(from *desk) {
	to := w.desks[w.dice.IntN(len(w.desks))]
	ids := sortedCases(from.walks)
	if from == to || from.away || to.away || len(ids) == 0 {
		return
	}
	id := ids[w.dice.IntN(len(ids))]
	ctx := w.t.Context()
	if len(from.queue) > 0 && w.dice.IntN(3) > 0 {
		w.answer(from, w.deliver(parcel{from, from.queue[:min(len(from.queue), MaxWaiting)]}))
	}
	offer, err := w.OfferHandOver(ctx, from.who(), id)
	if err != nil {
		return // the server does not have it yet, or no more
	}
	place := netip.AddrFrom4([4]byte{10, byte(w.dice.IntN(256)), byte(w.dice.IntN(256)), byte(w.dice.IntN(256))})
	if _, err := w.TakeHandedOver(ctx, to.who(), place, offer.Code); err != nil {
		return
	}
	w.figures.overs++
	if w.dice.IntN(3) == 0 {
		delete(from.walks, id)
	}
	w.join(to, id)
	waits := slices.ContainsFunc(to.queue, func(q Waiting) bool { return q.Case == id }) // it may have ended it itself before
	if _, err := w.ReadWalk(ctx, to.who(), id, ""); err == nil && to.walks[id] == nil && !waits {
		w.problem("the desk that took a walk does not see it")
	}
}

func (w *town) hold() {
	if ids := sortedCases(w.made); len(ids) > 0 {
		w.held[ids[w.dice.IntN(len(ids))]] = true
		w.figures.holds++
	}
}

// purge destroys a case, unless it is held: that is for who calls Destroy to see.
func (w *town) purge() {
	ids := slices.DeleteFunc(sortedCases(w.made), func(id store.CaseID) bool { return w.held[id] })
	if len(ids) == 0 {
		return
	}
	id := ids[w.dice.IntN(len(ids))]
	must(w.t, w.Destroy(w.t.Context(), w.library, "retention", id))
	w.destroyed[id] = true
	w.figures.purges++
	if w.wrong.noTombs {
		w.dropTombs()
	}
}

// dropTombs takes from the database, past the store, what was destroyed.
func (w *town) dropTombs() {
	files, err := filepath.Glob(filepath.Join(w.folder, "libraries", "*.db"))
	must(w.t, err)
	for _, file := range files {
		db, err := sql.Open("sqlite", "file:"+file)
		must(w.t, err)
		_, err = db.Exec("DELETE FROM cases_gone")
		must(w.t, err)
		must(w.t, db.Close())
	}
	if len(files) == 0 {
		w.t.Fatal("no library's file was found")
	}
}

// check holds what the server has against what was done.
func (w *town) check() {
	ctx := w.t.Context()
	for _, d := range w.desks {
		if len(d.queue) > 0 {
			w.problem("%d events still wait at the end", len(d.queue))
		}
	}
	for _, id := range sortedCases(w.made) {
		must(w.t, w.store.Read(ctx, w.library, func(tx *store.Tx) error {
			w.checkCase(ctx, tx, id)
			return nil
		}))
	}
}

func (w *town) checkCase(ctx context.Context, tx *store.Tx, id store.CaseID) {
	c, err := w.openCase(ctx, tx, id)
	if err != nil {
		_, keyErr := w.ring.Get(ctx, keyring.Slot{Kind: keyring.Case, Library: string(w.library), ID: string(id)})
		_, rowErr := tx.Case(ctx, id)
		switch {
		case fault.KindOf(err) != fault.NotFound || keyErr == nil || fault.KindOf(rowErr) != fault.NotFound:
			w.problem("a case that cannot be opened is not wholly gone: %v, %v, %v", err, keyErr, rowErr)
		case !w.destroyed[id] && !w.diedByItself(id):
			w.problem("a case of %d events is lost", len(w.made[id]))
		}
		return
	}
	if w.destroyed[id] {
		w.problem("a destroyed case came back")
		return
	}
	view, err := w.fold(ctx, tx, c)
	if err != nil {
		w.problem("the record is no walk that the Program has: %v", err)
		return
	}
	w.checkEvents(id, view)
	for _, d := range w.desks {
		if v := d.walks[id]; v != nil && !isOnPath(view, v.Head()) {
			w.problem("a desk stands where the walk never was")
		}
	}
}

// smallPicture is the least that is a photo.
func smallPicture(t testing.TB) []byte {
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 12)), nil))
	return b.Bytes()
}

// isOnPath reports whether the walk moved by an event. A desk may be behind: it then
// hears of it, or its next move comes too late.
func isOnPath(view *walk.Walk, move walk.EventID) bool {
	return slices.ContainsFunc(view.Entries(), func(e walk.Entry) bool { return e.ID == move && !e.Late })
}

// diedByItself: a walk about suspected abuse is destroyed when it has ended.
func (w *town) diedByItself(id store.CaseID) bool {
	list := w.made[id]
	return list[0].event.Playbook == "suspected-abuse" || slices.ContainsFunc(w.shell.Guides, func(g ShellGuide) bool {
		return g.Hash == list[0].event.Program && strings.Contains(string(g.Program), `"raise":"abuse"`)
	})
}

func (w *town) checkEvents(id store.CaseID, view *walk.Walk) {
	has := map[string]int{}
	last := map[walk.DeviceID]uint64{}
	orders := map[string]uint64{}
	for _, m := range w.made[id] {
		orders[said(m.event)] = m.order
	}
	for _, e := range view.Entries() {
		if e.Kind == walk.HandedOver || e.Device == "" { // the server's own
			continue
		}
		text := said(e.Event)
		has[text]++
		if e.Kind == walk.Pictured { // they hold nothing up, and are sent last
			if e.Sum == "" {
				w.problem("a photo has no sum")
			}
			continue
		}
		if order := orders[text]; order < last[e.Device] {
			w.problem("what a desk did stands in another order: %s", e.Kind)
		} else {
			last[e.Device] = order
		}
	}
	for _, m := range w.made[id] {
		switch has[said(m.event)] {
		case 0:
			w.problem("lost: %s", m.event.Kind)
		case 1:
		default:
			w.problem("doubled: %s", m.event.Kind)
		}
		delete(has, said(m.event))
	}
	for text := range has {
		w.problem("nobody did this: %s", text)
	}
}

// said is all that a device says of an event but its id.
func said(e walk.Event) string {
	e.ID, e.Seq, e.Received, e.Device, e.Who, e.Sum = "x", 0, time.Time{}, "", "", ""
	text, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestOffline lets three desks walk through partitions, lost answers, duplicates,
// reordered requests, wrong clocks, handing over, holds and purges, many times.
func TestOffline(t *testing.T) {
	runs := 500
	if *full {
		runs = 10_000
	}
	if testing.Short() {
		runs = 50
		t.Log("a short test: 50 runs")
	}
	sum := offlineRuns(t, 0, runs, wrong{}, func(seed uint64, w *town) {
		if len(w.problems) > 0 {
			t.Fatalf("run %d: %s", seed, strings.Join(w.problems, "\n"))
		}
	})
	t.Logf("%d runs: %+v", runs, sum)
	if sum.doubled == 0 || sum.late == 0 || sum.joined == 0 || sum.forgotten == 0 || sum.waited == 0 || sum.overs == 0 || sum.purges == 0 || sum.photos == 0 || sum.holds == 0 || sum.lost == 0 {
		t.Errorf("the runs did not do everything: %+v", sum)
	}
}

// offlineRuns runs towns, a hundred in each library.
func offlineRuns(t *testing.T, first, runs int, wrong wrong, look func(seed uint64, w *town)) (sum figures) {
	const perLibrary = 100
	for from := first; from < first+runs; from += perLibrary {
		func() {
			folder := t.TempDir()
			s, err := store.OpenSQLite(t.Context(), store.SQLite{Folder: folder, Weak: true})
			must(t, err)
			defer s.Close()
			must(t, s.MakeTenant(t.Context(), people.Installation))
			b := newBench(t, s)
			shell, err := b.Shell(t.Context(), b.atDesk())
			must(t, err)
			for seed := from; seed < min(from+perLibrary, first+runs); seed++ {
				b.now = b.now.Add(20 * time.Hour)
				w := newTown(t, b, shell, folder, uint64(seed), wrong)
				w.run(80)
				look(uint64(seed), w)
				sum.add(w.figures)
			}
			b.verify(t)
		}()
	}
	return sum
}

func (f *figures) add(g figures) {
	f.made, f.sent, f.lost, f.doubled, f.late = f.made+g.made, f.sent+g.sent, f.lost+g.lost, f.doubled+g.doubled, f.late+g.late
	f.joined, f.forgotten, f.waited = f.joined+g.joined, f.forgotten+g.forgotten, f.waited+g.waited
	f.overs, f.purges, f.holds, f.photos = f.overs+g.overs, f.purges+g.purges, f.holds+g.holds, f.photos+g.photos
}

// TestOfflineFindsMistakes: each way of doing it wrongly is found.
func TestOfflineFindsMistakes(t *testing.T) {
	for name, control := range map[string]struct {
		wrong wrong
		want  string
	}{
		"a device that forgets too soon":                  {wrong{forgets: true}, "lost"},
		"a server that does not know an event again":      {wrong{renames: true}, "doubled"},
		"a device that does not say what comes before":    {wrong{anyOrder: true}, "order"},
		"a server that forgets what it destroyed":         {wrong{noTombs: true}, "came back"},
		"a device that does not join where the walk goes": {wrong{moveWhere: true}, "never was"},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			offlineRuns(t, 1_000_000, 30, control.wrong, func(_ uint64, w *town) {
				found = found || strings.Contains(strings.Join(w.problems, "\n"), control.want)
			})
			if !found {
				t.Errorf("30 runs find nothing that is %q", control.want)
			}
		})
	}
}
