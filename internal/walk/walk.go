package walk

import (
	"fmt"
	"slices"
	"time"

	"roundtable/playbook/automaton"
)

// LeftAfter is how long a walk may stand without an event before it ends by
// itself.
const LeftAfter = 12 * time.Hour

// RefusedError says why an event cannot have happened in a walk, in words for
// people. The walk is as it was before.
type RefusedError struct {
	Event  EventID
	Reason string
}

func (e *RefusedError) Error() string { return e.Reason }

// Entry is an event of a walk with what became of it.
type Entry struct {
	Event
	Late bool // a move that followed another event than the walk's last: kept, and moved nothing
}

// Alert is an alert that the walk has ordered. Whether it was sent, read or
// answered is not known here.
type Alert struct {
	Role string
	Step int
	By   EventID // the event that entered the step
}

// Cell is what stands in a field, or in one row of it. In a field for photos each
// photo is a row, named and filled with its id.
type Cell struct {
	Field, Row, Value string
	By                EventID
}

// Told is a line that somebody sent to the desk.
type Told struct {
	Event
	// Seen is the event by which the desk first had it before its eyes; nil while it
	// had not.
	Seen *Event
}

// Walk is what folding a walk's events yields. The zero Walk is not one; make it
// with Plan.Begin or Plan.Fold. It is not safe for use by several goroutines.
type Walk struct {
	plan    *Plan
	entries []Entry
	byID    map[EventID]int
	path    []stand // where the walk has stood since its start, but for what it went back from
	head    EventID // the last event that moved
	closed  bool    // an `ended` event has been taken
	left    bool
	record  automaton.Record
	alerts  []Alert
	visited []bool
	ticks   map[[2]int]bool
	said    map[[2]int]bool
	cells   []Cell
	cellAt  map[[2]string]int

	observed  []int           // entries of what was taken down
	corrected map[EventID]int // of what was taken back, the entry that said so first
}

// stand is a state, and the choice by which the walk came to it.
type stand struct {
	state automaton.State
	step  int // where the choice was taken
	way   int // the choice, or Onward; 0 at the start
}

// Begin makes a walk from its first event, which must be `started`.
func (p *Plan) Begin(started Event) (*Walk, error) {
	w := &Walk{plan: p, byID: map[EventID]int{}, ticks: map[[2]int]bool{}, said: map[[2]int]bool{}, cellAt: map[[2]string]int{}, corrected: map[EventID]int{}}
	if err := started.Check(); err != nil {
		return nil, refuse(&started, "%s", err)
	}
	if started.Kind != Started {
		return nil, refuse(&started, "the walk's first event is %q; a walk begins with %q", started.Kind, Started)
	}
	if started.Program != p.Hash {
		return nil, refuse(&started, "the walk was started with another version of the playbook; open it with that one")
	}
	values, err := p.given(started.Given)
	if err != nil {
		return nil, refuse(&started, "%s", err)
	}
	w.record = p.Program.Record
	w.visited = make([]bool, len(p.Program.Steps))
	w.path = []stand{{state: p.Program.Start(values)}}
	w.keep(started, false)
	w.head = started.ID
	w.enter(started.ID)
	return w, nil
}

// Fold makes a walk from its events, in the order in which the server, or the
// one device, had them. At an impossible event it stops and returns the walk up
// to there with the error; the walk is nil when it did not begin.
func (p *Plan) Fold(events []Event) (*Walk, error) {
	if len(events) == 0 {
		return nil, &RefusedError{Reason: "a walk without events is none"}
	}
	w, err := p.Begin(events[0])
	if err != nil {
		return nil, err
	}
	for _, e := range events[1:] {
		if err := w.Apply(e); err != nil {
			return w, err
		}
	}
	return w, nil
}

// Apply adds the next event. An event that is there already changes nothing. A
// move that follows another event than the walk's last is kept and moves
// nothing. What cannot have happened is refused with a *RefusedError, and the
// walk is as it was.
func (w *Walk) Apply(e Event) error {
	if err := e.Check(); err != nil {
		return refuse(&e, "%s", err)
	}
	if i, ok := w.byID[e.ID]; ok {
		if !same(&w.entries[i].Event, &e) {
			return refuse(&e, "two different events have the same id")
		}
		return nil
	}
	if len(w.entries) >= maxEvents {
		return refuse(&e, "the walk has %d events, and no walk has more; begin a new one", maxEvents)
	}
	if last := w.entries[len(w.entries)-1].Seq; e.Seq != 0 && e.Seq <= last {
		return refuse(&e, "the event's number %d does not come after %d", e.Seq, last)
	}
	if err := w.fits(&e); err != nil {
		return err
	}
	if e.Kind.IsMove() {
		return w.move(e)
	}
	w.keep(e, false)
	w.fill(&e)
	return nil
}

func refuse(e *Event, format string, args ...any) error {
	return &RefusedError{Event: e.ID, Reason: fmt.Sprintf(format, args...)}
}

func (w *Walk) keep(e Event, late bool) {
	w.byID[e.ID] = len(w.entries)
	w.entries = append(w.entries, Entry{Event: e, Late: late})
}

// fill takes over what an event that is no move says.
func (w *Walk) fill(e *Event) {
	switch e.Kind {
	case Ticked:
		w.ticks[[2]int{e.Step, e.Item}] = !e.Undone
	case Said:
		w.said[[2]int{e.Step, e.Item}] = !e.Undone
	case Recorded:
		w.put(Cell{e.Field, e.Row, e.Value, e.ID})
	case Pictured:
		if e.Field != "" {
			w.put(Cell{e.Field, string(e.ID), string(e.ID), e.ID})
		}
	case Observed:
		w.observed = append(w.observed, len(w.entries)-1)
		if e.Sight.IsDemand() {
			w.record = higher(w.record, automaton.Demand)
		}
	case Corrected:
		w.takeBack(e)
	}
}

// takeBack takes something back, unless it was taken back before. A photo goes from its
// field too.
func (w *Walk) takeBack(e *Event) {
	if _, ok := w.corrected[e.Of]; ok {
		return
	}
	w.corrected[e.Of] = len(w.entries) - 1
	if of := &w.entries[w.byID[e.Of]]; of.Kind == Pictured && of.Field != "" {
		w.put(Cell{of.Field, string(of.ID), "", e.ID})
	}
}

func (w *Walk) put(cell Cell) {
	at := [2]string{cell.Field, cell.Row}
	if i, ok := w.cellAt[at]; ok {
		w.cells[i] = cell
		return
	}
	w.cellAt[at] = len(w.cells)
	w.cells = append(w.cells, cell)
}

// move takes a move: as the next one when it follows the walk's last, else as
// one that came too late.
func (w *Walk) move(e Event) error {
	if e.Follows != w.head {
		w.keep(e, true)
		return nil
	}
	if err := w.possible(&e); err != nil {
		return err
	}
	switch e.Kind {
	case Chose:
		w.take(&e)
	case WentBack:
		w.path = w.path[:len(w.path)-1]
	case Ended:
		w.closed, w.left = true, e.Outcome == Left
	}
	w.head = e.ID
	w.keep(e, false)
	return nil
}

// take moves along a choice that possible has let through.
func (w *Walk) take(e *Event) {
	here := w.State()
	c := e.Choice
	if c == Onward {
		c = w.plan.Program.Open(here)[0]
	}
	w.record = higher(w.record, w.plan.Program.Steps[here.Where].Choices[c].Raise)
	w.path = append(w.path, stand{w.plan.Program.Step(here, c), here.Where, e.Choice})
	w.enter(e.ID)
}

// enter orders the alerts of the step at which the walk now stands: one for
// each role and step in a walk, however often the walk comes by.
func (w *Walk) enter(by EventID) {
	p := w.plan.Program
	at := w.State().Where
	if at >= len(p.Steps) {
		return
	}
	w.visited[at] = true
	for _, m := range p.Steps[at].Makes {
		role := p.Facts[m].Name
		if p.Facts[m].Kind == automaton.Notified && !slices.ContainsFunc(w.alerts, func(a Alert) bool { return a.Role == role && a.Step == at }) {
			w.alerts = append(w.alerts, Alert{role, at, by})
		}
	}
}

// rank orders the classes of record; a walk's only rises.
var rank = []automaton.Record{automaton.NoRecord, automaton.Incident, automaton.Conduct, automaton.Demand, automaton.Abuse}

func higher(a, b automaton.Record) automaton.Record {
	if slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}

// Plan is what is walked.
func (w *Walk) Plan() *Plan { return w.plan }

// Start is the event with which the walk began; it says what it is pinned to.
func (w *Walk) Start() Event { return w.entries[0].Event }

// Entries lists the events that were kept, in order, with what became of them.
// The caller must not change it.
func (w *Walk) Entries() []Entry { return w.entries }

// Head names the last event by which the walk moved. The next move follows it.
func (w *Walk) Head() EventID { return w.head }

// State is where the walk stands and the value of every fact. It holds protected
// facts too and is not for showing or keeping.
func (w *Walk) State() automaton.State { return w.path[len(w.path)-1].state }

// Step is the step at which the walk stands. When it has come to an end, ok is
// false; a walk that was left still stands where it was left.
func (w *Walk) Step() (step int, ok bool) {
	at := w.State().Where
	return at, at < len(w.plan.Program.Steps)
}

// Ways lists what can be chosen now; nothing once the walk is over.
func (w *Walk) Ways() []Way {
	if w.closed {
		return nil
	}
	return w.plan.ways(w.State())
}

// CanGoBack reports whether there is an earlier stand to go back to. From an end
// there is, until the walk has been told to have ended.
func (w *Walk) CanGoBack() bool { return !w.closed && len(w.path) > 1 }

// Before is the step to which going back leads: the one at which the walk stood
// before its last move, or the first.
func (w *Walk) Before() int { return w.path[max(0, len(w.path)-2)].state.Where }

// Over reports whether the walk has come to an end or was left.
func (w *Walk) Over() bool {
	_, ended := w.plan.Program.Ended(w.State())
	return ended || w.left
}

// Outcome is how the walk ended: an outcome's number, or Left. ok is false
// while it has not.
func (w *Walk) Outcome() (outcome int, ok bool) {
	if w.left {
		return Left, true
	}
	if outcome, ended := w.plan.Program.Ended(w.State()); ended {
		return outcome, true
	}
	return 0, false
}

// End is the choice that ended the walk, with the role that has it now and the
// playbook to open next. ok is false when the walk has not come to an end.
func (w *Walk) End() (c automaton.Choice, ok bool) {
	if _, ended := w.plan.Program.Ended(w.State()); !ended {
		return automaton.Choice{}, false
	}
	last := w.path[len(w.path)-1]
	way := last.way
	if way == Onward {
		way = w.plan.Program.Open(w.path[len(w.path)-2].state)[0]
	}
	return w.plan.Program.Steps[last.step].Choices[way], true
}

// Record is the class of record that the walk makes: its playbook's, or the
// highest to which a choice, or what was taken down, has raised it. Going back and
// taking back do not lower it.
func (w *Walk) Record() automaton.Record { return w.record }

// Alerts lists the alerts that the walk has ordered, in order. Going back takes
// none away.
func (w *Walk) Alerts() []Alert { return w.alerts }

// Lines lists what was sent to the desk from elsewhere, in order.
func (w *Walk) Lines() (list []Told) {
	at := map[EventID]int{}
	for i := range w.entries {
		e := &w.entries[i].Event
		switch n, known := at[e.Line]; {
		case e.Kind == Line:
			at[e.ID] = len(list)
			list = append(list, Told{Event: *e})
		case e.Kind == Seen && known && list[n].Seen == nil:
			list[n].Seen = e
		}
	}
	return list
}

// Charge returns the event by which somebody took charge: the first one counts. ok is
// false while nobody has.
func (w *Walk) Charge() (e Event, ok bool) {
	i := slices.IndexFunc(w.entries, func(e Entry) bool { return e.Kind == Charge })
	if i < 0 {
		return Event{}, false
	}
	return w.entries[i].Event, true
}

// IsTicked reports whether the item of the step is ticked now.
func (w *Walk) IsTicked(step, item int) bool { return w.ticks[[2]int{step, item}] }

// WasSaid reports whether the sentence of the step is marked as said now.
func (w *Walk) WasSaid(step, item int) bool { return w.said[[2]int{step, item}] }

// Visited reports whether the walk has ever stood at the step.
func (w *Walk) Visited(step int) bool { return w.visited[step] }

// Cells lists what stands in the fields, in the order in which they were first
// filled. Emptied ones are left out.
func (w *Walk) Cells() []Cell {
	return slices.DeleteFunc(slices.Clone(w.cells), func(c Cell) bool { return c.Value == "" })
}

// Photos lists the photos that were taken and not removed, in order.
func (w *Walk) Photos() (list []Event) {
	for i := range w.entries {
		if _, back := w.corrected[w.entries[i].ID]; w.entries[i].Kind == Pictured && !back {
			list = append(list, w.entries[i].Event)
		}
	}
	return list
}

// RemovedPhotos lists the events by which photos were removed, in the order in which
// the photos were taken. Each names its photo by Of.
func (w *Walk) RemovedPhotos() (list []Event) {
	for i := range w.entries {
		if by, back := w.corrected[w.entries[i].ID]; w.entries[i].Kind == Pictured && back {
			list = append(list, w.entries[by].Event)
		}
	}
	return list
}

// Event returns an event by its id. ok is false if there is none.
func (w *Walk) Event(id EventID) (e Event, ok bool) {
	i, ok := w.byID[id]
	if !ok {
		return Event{}, false
	}
	return w.entries[i].Event, true
}

// TakenBack returns the event by which something was taken back first. ok is false
// while it stands.
func (w *Walk) TakenBack(id EventID) (by Event, ok bool) {
	i, ok := w.corrected[id]
	if !ok {
		return Event{}, false
	}
	return w.entries[i].Event, true
}

// Value is what stands in a field, or its first row; "" when it is empty.
func (w *Walk) Value(field string) string {
	for _, c := range w.cells {
		if c.Field == field && c.Value != "" {
			return c.Value
		}
	}
	return ""
}

// Undone lists fields that stand empty and should not: those in required (the
// ones that the playbook's rules name in `every end has recorded`) and every
// deadline of a step at which the walk has stood. In order, each once.
func (w *Walk) Undone(required []string) []string {
	var undone []string
	add := func(field string) {
		if w.Value(field) == "" && !slices.Contains(undone, field) {
			undone = append(undone, field)
		}
	}
	for _, f := range required {
		add(f)
	}
	for i, s := range w.plan.Program.Steps {
		for _, f := range s.Fields {
			if f.Deadline && w.visited[i] {
				add(f.Name)
			}
		}
	}
	return undone
}

// LeftAt is when the walk ends by itself if nothing more happens: LeftAfter
// after the last event, by the server's clock where it is known. ok is false
// when the walk is over.
func (w *Walk) LeftAt() (at time.Time, ok bool) {
	if w.Over() {
		return time.Time{}, false
	}
	var last time.Time
	for _, e := range w.entries {
		t := e.Received
		if t.IsZero() {
			t = e.At
		}
		if t.After(last) {
			last = t
		}
	}
	return last.Add(LeftAfter), true
}
