package walk_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"roundtable/internal/shelf"
	"roundtable/internal/walk"
	"roundtable/playbook"
	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// browserRuns is how many random walks are compared, beside those of what is
// shipped.
const browserRuns = 2000

// The browser's code and Go's fold the same events to the same walk, after every
// event, refusals included: over what is shipped and over random Programs, with
// facts of up to 64 values.
func TestBrowserFolds(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("ROUNDTABLE_REQUIRE_BROWSER") == "1" {
			t.Fatal("Node is required and is not installed")
		}
		t.Skip("NOT TESTED: the browser's code, since Node is not installed")
	}
	dice := rand.New(rand.NewPCG(20261125, 1))
	var input bytes.Buffer
	var want [][]string
	add := func(p *automaton.Program) {
		events, views := randomWalk(t, dice, p)
		line, err := json.Marshal(map[string]any{"program": p, "events": events})
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
		want = append(want, views)
	}
	for _, p := range shippedPrograms(t) {
		for range 40 {
			add(p)
		}
	}
	for len(want) < browserRuns {
		add(randomProgram(dice))
	}
	code, err := filepath.Abs("../web/static/js/walk.js")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/fold.mjs", code)
	cmd.Stdin = &input
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	moves, refusals := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for i := range want {
		if !lines.Scan() {
			t.Fatalf("the browser's code answered %d walks, want %d", i, len(want))
		}
		var got []string
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[i], got); d != "" {
			t.Fatalf("walk %d differs (-Go +browser):\n%s", i, d)
		}
		moves += len(got)
		for _, v := range got {
			if strings.HasPrefix(v, "refused") {
				refusals++
			}
		}
	}
	t.Logf("%d walks, %d events, %d of them refused by both", len(want), moves, refusals)
	if refusals == 0 || refusals*2 > moves {
		t.Errorf("%d of %d events were refused: the test does not try what it should", refusals, moves)
	}
}

func shippedPrograms(t *testing.T) (list []*automaton.Program) {
	s, _, err := shelf.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	set := playbook.Shipped(s)
	for _, f := range set.Asked {
		if f.Front.Kind == syntax.Part || f.Front.Translates.Text != "" {
			continue
		}
		c, _ := set.Compile(f)
		if c == nil {
			t.Fatalf("%s does not compile", f.Name)
		}
		list = append(list, c.Program)
	}
	return list
}

// randomProgram makes a Program that can be walked.
func randomProgram(dice *rand.Rand) *automaton.Program {
	wide := make([]string, 64)
	for i := range wide {
		wide[i] = fmt.Sprintf("v%d", i)
	}
	yes := []string{"no", "yes"}
	p := &automaton.Program{Record: automaton.Incident, Outcomes: []string{"done", "other"}, Facts: []automaton.Fact{
		{Kind: automaton.Given, Name: "g", Values: wide}, {Kind: automaton.Given, Name: "p", Values: []string{"a", "b"}, Protected: true},
		{Kind: automaton.Walk, Name: "w", Values: wide}, {Kind: automaton.Walk, Name: "f", Values: []string{"a", "b", "c"}},
		{Kind: automaton.Notified, Name: "director", Values: yes}, {Kind: automaton.Called, Name: "counsel", Values: yes},
	}}
	n := 2 + dice.IntN(6)
	for range n {
		s := automaton.Step{First: dice.IntN(4) == 0, Ticks: dice.IntN(3), Fields: []automaton.Field{{Name: "t", Type: "text"}, {Name: "s", Type: "photo"}}}
		for _, m := range []int{4, 5} {
			if dice.IntN(3) == 0 {
				s.Makes = append(s.Makes, m)
			}
		}
		for range 1 + dice.IntN(4) {
			s.Choices = append(s.Choices, randomChoice(dice, n))
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func randomChoice(dice *rand.Rand, steps int) automaton.Choice {
	c := automaton.Choice{End: -1, To: dice.IntN(steps), Unsent: dice.IntN(12) == 0}
	if dice.IntN(8) == 0 {
		c.To, c.End, c.Owner = 0, dice.IntN(2), "director"
	}
	if dice.IntN(2) == 0 {
		c.Guard = automaton.Guard{}
		for range dice.IntN(3) {
			tests := []automaton.Test{}
			for range dice.IntN(3) {
				f := []int{0, 2, 3, 4}[dice.IntN(4)]
				bits := map[int]automaton.Set{0: ^automaton.Set(0), 2: ^automaton.Set(0), 3: 7, 4: 3}[f]
				tests = append(tests, automaton.Test{Fact: f, In: automaton.Set(dice.Uint64()|dice.Uint64()) & bits})
			}
			c.Guard = append(c.Guard, tests)
		}
	}
	for range dice.IntN(3) {
		if dice.IntN(2) == 0 {
			c.Set = append(c.Set, automaton.Assign{Fact: 2, Value: dice.IntN(64)})
		} else {
			c.Set = append(c.Set, automaton.Assign{Fact: 3, Value: dice.IntN(3)})
		}
	}
	if dice.IntN(6) == 0 {
		c.Raise = []automaton.Record{automaton.Demand, automaton.Conduct, automaton.Abuse}[dice.IntN(3)]
	}
	return c
}

// randomWalk makes a walk's events, most of them possible, and how Go's walk
// stands after each.
func randomWalk(t *testing.T, dice *rand.Rand, p *automaton.Program) (events []walk.Event, views []string) {
	t.Helper()
	plan, err := walk.NewPlan(p)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, f := range p.Facts {
		if f.Kind == automaton.Given && !f.Protected {
			known[f.Name] = f.Values[dice.IntN(len(f.Values))]
		}
	}
	at := time.UnixMilli(1_790_000_000_000)
	id := func() walk.EventID { return walk.EventID(fmt.Sprintf("e%d", len(events))) }
	started := walk.Event{ID: id(), Kind: walk.Started, At: at, Playbook: "p", Program: plan.Hash, Lang: "en", Given: known}
	w, err := plan.Begin(started)
	if err != nil {
		t.Fatal(err)
	}
	events, views = append(events, started), append(views, viewOf(w))
	for range dice.IntN(40) {
		e := randomEvent(dice, w)
		if e.ID == "" {
			e.ID = id()
		}
		e.At = at
		if e.Check() != nil {
			continue // no event at all; it could not be sent
		}
		before := viewOf(w)
		view := ""
		if err := w.Apply(e); err != nil {
			view = "refused " + before
			if !refusedByPlace(e, w) {
				continue // refused for what no walk of the Program has: the server alone says that
			}
		} else {
			view = viewOf(w)
		}
		events, views = append(events, e), append(views, view)
	}
	return events, views
}

// refusedByPlace reports whether an event is one that the browser judges: a move
// that follows the walk's last.
func refusedByPlace(e walk.Event, w *walk.Walk) bool { return e.Kind.IsMove() && e.Follows == w.Head() }

func randomEvent(dice *rand.Rand, w *walk.Walk) walk.Event {
	at, _ := w.Step()
	steps := w.Plan().Program.Steps
	at = min(at, len(steps)-1)
	follows := w.Head()
	if dice.IntN(8) == 0 {
		follows = w.Entries()[dice.IntN(len(w.Entries()))].ID
	}
	switch dice.IntN(16) {
	case 14:
		e := walk.Event{Kind: walk.Observed, Step: at, Sight: walk.Sights[dice.IntN(len(walk.Sights))]}
		if e.Sight.HasLine() {
			e.Text = "3"
		}
		return e
	case 15:
		list := slices.DeleteFunc(slices.Clone(w.Entries()), func(e walk.Entry) bool { return e.Kind != walk.Observed && e.Kind != walk.Pictured })
		if len(list) > 0 {
			return walk.Event{Kind: walk.Corrected, Of: list[dice.IntN(len(list))].ID}
		}
	case 10:
		return walk.Event{Kind: walk.Line, Role: "director", Text: "You are doing well."}
	case 11:
		return walk.Event{Kind: walk.Charge, Role: "director"}
	case 13:
		field := ""
		if fields := steps[at].Fields; len(fields) > 0 && fields[len(fields)-1].Type == "photo" && dice.IntN(2) == 0 {
			field = fields[len(fields)-1].Name
		}
		return walk.Event{Kind: walk.Pictured, Step: at, Field: field, Text: "the paper"}
	case 12:
		if lines := w.Lines(); len(lines) > 0 {
			return walk.Event{Kind: walk.Seen, Line: lines[dice.IntN(len(lines))].ID}
		}
	case 0:
		return walk.Event{Kind: walk.WentBack, Step: w.Before(), Follows: follows}
	case 1:
		return walk.Event{Kind: walk.Noted, Step: at, Text: "a note"}
	case 2:
		return walk.Event{Kind: walk.Ticked, Step: at, Item: 0, Undone: dice.IntN(2) == 0}
	case 3:
		if len(steps[at].Fields) > 0 && steps[at].Fields[0].Type == "text" {
			return walk.Event{Kind: walk.Recorded, Step: at, Field: steps[at].Fields[0].Name, Value: []string{"", "x", "y"}[dice.IntN(3)]}
		}
	case 4:
		outcome, ok := w.Outcome()
		if !ok {
			outcome = walk.Left
		} else {
			at = 0 // an end is at no step; the last one may be off the record
		}
		if ok || dice.IntN(6) == 0 {
			return walk.Event{Kind: walk.Ended, Step: at, Outcome: outcome, Follows: follows}
		}
	case 5:
		return w.Entries()[dice.IntN(len(w.Entries()))].Event
	}
	choice := dice.IntN(len(steps[at].Choices) + 1)
	if ways := w.Ways(); len(ways) > 0 && dice.IntN(6) > 0 {
		choice = ways[dice.IntN(len(ways))].Choice
	}
	return walk.Event{Kind: walk.Chose, Step: at, Choice: choice, Follows: follows}
}

// viewOf says all of how a walk stands, as fold.mjs does.
func viewOf(w *walk.Walk) string {
	s := w.State()
	values := make([]int, len(s.Values))
	for i, v := range s.Values {
		values[i] = int(v)
	}
	var outcome any
	if o, ok := w.Outcome(); ok {
		outcome = o
	}
	ways := [][]any{}
	for _, way := range w.Ways() {
		ways = append(ways, []any{way.Choice, way.Unsent})
	}
	alerts := [][]any{}
	for _, a := range w.Alerts() {
		alerts = append(alerts, []any{a.Role, a.Step, a.By})
	}
	ticks, said, cells, late := []string{}, []string{}, [][]any{}, []walk.EventID{}
	for i := range w.Plan().Program.Steps {
		for k := range 32 {
			if w.IsTicked(i, k) {
				ticks = append(ticks, fmt.Sprintf("%d/%d", i, k))
			}
			if w.WasSaid(i, k) {
				said = append(said, fmt.Sprintf("%d/%d", i, k))
			}
		}
	}
	slices.Sort(ticks)
	slices.Sort(said)
	for _, c := range w.Cells() {
		cells = append(cells, []any{c.Field, c.Row, c.Value})
	}
	for _, e := range w.Entries() {
		if e.Late {
			late = append(late, e.ID)
		}
	}
	observed := []string{}
	for _, o := range w.Observations() {
		back := int64(0)
		if !o.Back.IsZero() {
			back = o.Back.UnixMilli()
		}
		observed = append(observed, fmt.Sprintf("%s %s %s %d", o.ID, o.Sight, o.Text, back))
	}
	photos := []walk.EventID{}
	for _, e := range w.Photos() {
		photos = append(photos, e.ID)
	}
	outside := []string{}
	for _, e := range w.Entries() {
		if e.Kind.IsOutside() || e.Kind == walk.Seen {
			outside = append(outside, string(e.Kind)+" "+string(e.ID)+" "+e.Text+string(e.Line))
		}
	}
	text, err := json.Marshal([]any{
		s.Where, values, w.Head(), w.Over(), outcome, w.CanGoBack(), w.Before(), w.Record(), ways, alerts, ticks, said, cells, late, observed, outside, photos,
	})
	if err != nil {
		panic(err) // numbers, texts and lists of them
	}
	return string(text)
}
