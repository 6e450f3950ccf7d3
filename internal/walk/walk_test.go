package walk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"roundtable/playbook/automaton"
)

// door is a small playbook: someone asks (0); the desk thinks of nobody (1, a
// swap step); a field and a choice (2); a page off the record (3).
func door() *automaton.Program {
	p := &automaton.Program{
		Record: automaton.Incident,
		Facts: []automaton.Fact{
			{Kind: automaton.Given, Name: "counsel_on_call", Values: []string{"yes", "no"}},
			{Kind: automaton.Walk, Name: "looks", Values: []string{"not_thought_of", "like_me", "unlike_me"}, Protected: true},
			{Kind: automaton.Notified, Name: "director", Values: []string{"no", "yes"}},
			{Kind: automaton.Recorded, Name: "due", Values: []string{"no", "yes"}},
		},
		Outcomes: []string{"answered", "unrecorded"},
	}
	p.Steps = []automaton.Step{
		{Makes: []int{2}, Ticks: 1, Choices: []automaton.Choice{
			{To: 1, End: -1}, {To: 3, End: -1, Unsent: true},
			{To: 2, End: -1, Guard: automaton.Guard{{{Fact: 0, In: 1}}}}}},
		{Swap: true, Choices: []automaton.Choice{
			{To: 2, End: -1, Set: []automaton.Assign{{Fact: 1, Value: 0}}}, {To: 2, End: -1, Set: []automaton.Assign{{Fact: 1, Value: 2}}}}},
		{Makes: []int{3}, Fields: []automaton.Field{{Name: "due", Type: "date", Deadline: true}, {Name: "size", Type: "choice", Options: 3}},
			Choices: []automaton.Choice{{End: 0, Owner: "director", Opens: "later", Raise: automaton.Demand}, {To: 0, End: -1}}},
		{Ticks: 1, Choices: []automaton.Choice{{End: 1}}},
	}
	return p
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func mustPlan(t testing.TB, p *automaton.Program) *Plan {
	t.Helper()
	plan, err := NewPlan(p)
	if err != nil {
		t.Fatalf("NewPlan() = %v, want nil", err)
	}
	return plan
}

// scribe writes events in the order in which they are made.
type scribe struct {
	n int
	w *Walk
}

func (s *scribe) event(kind Kind, fill func(*Event)) Event {
	s.n++
	e := Event{ID: EventID(fmt.Sprintf("e%d", s.n)), Kind: kind, At: noon.Add(time.Duration(s.n) * time.Second)}
	if s.w != nil && kind.IsMove() {
		e.Follows = s.w.Head()
	}
	if fill != nil {
		fill(&e)
	}
	return e
}

func begin(t testing.TB, plan *Plan, given map[string]string) *scribe {
	t.Helper()
	s := &scribe{}
	w, err := plan.Begin(s.event(Started, func(e *Event) { e.Playbook, e.Program, e.Lang, e.Given = "door", plan.Hash, "en", given }))
	if err != nil {
		t.Fatalf("Begin() = %v, want nil", err)
	}
	s.w = w
	return s
}

func (s *scribe) do(t testing.TB, kind Kind, fill func(*Event)) Event {
	t.Helper()
	e := s.event(kind, fill)
	if err := s.w.Apply(e); err != nil {
		t.Fatalf("Apply(%s) = %v, want nil", kind, err)
	}
	return e
}

func (s *scribe) choose(t testing.TB, choice int) Event {
	t.Helper()
	at, _ := s.w.Step()
	return s.do(t, Chose, func(e *Event) { e.Step, e.Choice = at, choice })
}

func TestRefusals(t *testing.T) {
	plan := mustPlan(t, door())
	tests := []struct {
		name  string
		walk  []int // choices taken first
		kind  Kind
		fill  func(*Event)
		wants string // a part of the reason
	}{
		{"closed choice", nil, Chose, func(e *Event) { e.Choice = 2 }, "not offered here"},
		{"choice of another step", nil, Chose, func(e *Event) { e.Step, e.Choice = 2, 0 }, "the walk stands at step number 1"},
		{"no such choice", nil, Chose, func(e *Event) { e.Choice = 9 }, "3 choices, and no number 10"},
		{"line without words", nil, Line, func(e *Event) { e.Step, e.Role = 0, "director" }, "is empty"},
		{"line that is too long", nil, Line, func(e *Event) { e.Step, e.Role, e.Text = 0, "director", strings.Repeat("ä", MaxLine+1) }, "longer than 200"},
		{"line in no role", nil, Line, func(e *Event) { e.Step, e.Text = 0, "x" }, "in which role"},
		{"charge in no role", nil, Charge, func(e *Event) { e.Step = 0 }, "in which role"},
		{"charge with words", nil, Charge, func(e *Event) { e.Step, e.Role, e.Text = 0, "director", "x" }, "does not belong"},
		{"seen, and not what", nil, Seen, func(e *Event) { e.Step = 0 }, "which"},
		{"seen what is no line", nil, Seen, func(e *Event) { e.Step, e.Line = 0, "e1" }, "no such line"},
		{"taken down, and not what", nil, Observed, nil, "has this code"},
		{"taken down with a code of no list", nil, Observed, func(e *Event) { e.Sight = "hiding" }, "has this code"},
		{"what they took, and not what", nil, Observed, func(e *Event) { e.Sight = Took }, "line is missing"},
		{"a code with a line that it has not", nil, Observed, func(e *Event) { e.Sight, e.Text = Searching, "Mrs B" }, "should not"},
		{"a line that is too long", nil, Observed, func(e *Event) { e.Sight, e.Text = Took, strings.Repeat("ä", MaxSight+1) }, "too long"},
		{"how many that is no number", nil, Observed, func(e *Event) { e.Sight, e.Text = HowMany, "0" }, "1 to 99"},
		{"taken down off the record", nil, Observed, func(e *Event) { e.Step, e.Sight = 3, Searching }, "nothing that happens on this page"},
		{"taken down at no step", nil, Observed, func(e *Event) { e.Step, e.Sight = 9, Searching }, "no step number 10"},
		{"taken back, and not what", nil, Corrected, nil, "does not say what"},
		{"taken back what was never taken down", nil, Corrected, func(e *Event) { e.Of = "e1" }, "taken down before"},
		{"taken back with words", nil, Corrected, func(e *Event) { e.Of, e.Text = "e1", "x" }, "does not belong"},
		{"no such step", nil, Noted, func(e *Event) { e.Step, e.Text = 9, "x" }, "no step number 10"},
		{"off the record", nil, Chose, func(e *Event) { e.Choice = 1 }, "off the record"},
		{"page off the record", nil, Noted, func(e *Event) { e.Step, e.Text = 3, "x" }, "nothing that happens on this page"},
		{"tick on a page off the record", nil, Ticked, func(e *Event) { e.Step = 3 }, "nothing that happens on this page"},
		{"which of a swap step's ways", []int{0}, Chose, func(e *Event) { e.Step, e.Choice = 1, 1 }, "never written down"},
		{"which way, though it is the first", []int{0}, Chose, func(e *Event) { e.Step, e.Choice = 1, 0 }, "never written down"},
		{"onward where the step asks", nil, Chose, func(e *Event) { e.Choice = Onward }, "does not say what was chosen"},
		{"back from the start", nil, WentBack, nil, "nothing to go back to"},
		{"back to elsewhere", []int{0}, WentBack, func(e *Event) { e.Step = 2 }, "leads to step number 1"},
		{"tick that is not there", nil, Ticked, func(e *Event) { e.Item = 1 }, "1 item to tick"},
		{"field of another step", nil, Recorded, func(e *Event) { e.Field, e.Value = "due", "2026-03-04" }, "no field"},
		{"bad date", nil, Recorded, func(e *Event) { e.Step, e.Field, e.Value = 2, "due", "tomorrow" }, "not a date"},
		{"bad option", nil, Recorded, func(e *Event) { e.Step, e.Field, e.Value = 2, "size", "3" }, "none of the options"},
		{"begun twice", nil, Started, func(e *Event) { e.Program = plan.Hash }, "begun already"},
		{"ended early", nil, Ended, func(e *Event) { e.Outcome = 0 }, "has not come to an end"},
		{"choice after the end", []int{0, Onward, 0}, Chose, func(e *Event) { e.Step = 2 }, "has ended"},
		{"left after the end", []int{0, Onward, 0}, Ended, func(e *Event) { e.Outcome = Left }, "cannot be left"},
		{"ended otherwise", []int{0, Onward, 0}, Ended, func(e *Event) { e.Outcome = 1 }, "ended otherwise"},
		{"id of another event", nil, Noted, func(e *Event) { e.ID, e.Text = "e1", "x" }, "same id"},
		{"text that rides along", nil, Ticked, func(e *Event) { e.Text = "unlike_me" }, "does not belong"},
	}
	for _, test := range tests {
		s := begin(t, plan, map[string]string{"counsel_on_call": "no"})
		for _, c := range test.walk {
			s.choose(t, c)
		}
		before := fmt.Sprint(s.w.State(), s.w.Head(), len(s.w.Entries()))
		err := s.w.Apply(s.event(test.kind, test.fill))
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.wants) {
			t.Errorf("%s: Apply() = %v, want a refusal with %q", test.name, err, test.wants)
		}
		if after := fmt.Sprint(s.w.State(), s.w.Head(), len(s.w.Entries())); after != before {
			t.Errorf("%s: the refused event changed the walk from %s to %s", test.name, before, after)
		}
	}
}

func TestBeginRefuses(t *testing.T) {
	p := door()
	p.Facts = append(p.Facts, automaton.Fact{Kind: automaton.Given, Name: "faith", Values: []string{"a", "b"}, Protected: true})
	plan := mustPlan(t, p)
	good := map[string]string{"counsel_on_call": "no"}
	tests := []struct {
		name  string
		fill  func(*Event)
		wants string
	}{
		{"another program", func(e *Event) { e.Program = "0" }, "another version"},
		{"no value", func(e *Event) { e.Given = nil }, "no value"},
		{"wrong value", func(e *Event) { e.Given = map[string]string{"counsel_on_call": "maybe"} }, "cannot be"},
		{"protected value", func(e *Event) { e.Given = map[string]string{"counsel_on_call": "no", "faith": "a"} }, "never written down"},
		{"unknown fact", func(e *Event) { e.Given = map[string]string{"counsel_on_call": "no", "x": "a"} }, "does not have"},
		{"not a start", func(e *Event) { *e = Event{ID: "1", Kind: Noted, Text: "x", At: noon} }, "begins with"},
	}
	for _, test := range tests {
		e := Event{ID: "1", Kind: Started, At: noon, Program: plan.Hash, Playbook: "door", Lang: "en", Given: good}
		test.fill(&e)
		if _, err := plan.Begin(e); err == nil || !strings.Contains(err.Error(), test.wants) {
			t.Errorf("%s: Begin() = %v, want a refusal with %q", test.name, err, test.wants)
		}
	}
	told, err := plan.Settings(map[string]string{"other": "1"})
	if err != nil || fmt.Sprint(told) != "map[counsel_on_call:no]" {
		t.Errorf("Settings() = %v, %v; want the last value of each that is not protected", told, err)
	}
	if _, err := plan.Settings(map[string]string{"counsel_on_call": "maybe"}); err == nil {
		t.Errorf("Settings(maybe) = nil, want a refusal")
	}
}

func TestPlanRefusesHalfAsked(t *testing.T) {
	p := door()
	p.Steps[0].Choices[0].Set = []automaton.Assign{{Fact: 1, Value: 1}}
	if _, err := NewPlan(p); err == nil || !strings.Contains(err.Error(), "protected") {
		t.Errorf("NewPlan(half asked) = %v, want a refusal", err)
	}
	p.Steps[0].Choices[0].Set[0].Value = 0 // going into a part puts its facts back
	if _, err := NewPlan(p); err != nil {
		t.Errorf("NewPlan(a fact put back) = %v, want nil", err)
	}
}

func TestLateMovesAreKeptAndMoveNothing(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "yes"})
	first := s.choose(t, 2) // to step 2
	late := s.event(Chose, func(e *Event) { e.Follows, e.Step, e.Choice = "e1", 0, 0 })
	lateBack := s.event(WentBack, func(e *Event) { e.Follows, e.Step = "e0 of another device", 0 })
	for _, e := range []Event{late, lateBack} {
		if err := s.w.Apply(e); err != nil {
			t.Fatalf("Apply(late %s) = %v, want nil", e.Kind, err)
		}
	}
	if at, _ := s.w.Step(); at != 2 || s.w.Head() != first.ID {
		t.Errorf("after late moves the walk stands at %d after %s, want 2 after %s", at, s.w.Head(), first.ID)
	}
	if n := len(s.w.Entries()); n != 4 || !s.w.Entries()[2].Late || !s.w.Entries()[3].Late {
		t.Errorf("Entries() has %d, late %v and %v; want 4 with both late", n, s.w.Entries()[2].Late, s.w.Entries()[3].Late)
	}
	swapped := s.event(Chose, func(e *Event) { e.Follows, e.Step, e.Choice = "e1", 1, 1 })
	if err := s.w.Apply(swapped); err == nil {
		t.Errorf("Apply(late choice that names a swap step's way) = nil, want a refusal")
	}
}

func TestGoingBackErasesNothing(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "no"})
	s.do(t, Ticked, nil)
	s.choose(t, 0)
	s.choose(t, Onward)
	s.do(t, Recorded, func(e *Event) { e.Step, e.Field, e.Value = 2, "due", "2026-04-01" })
	s.do(t, WentBack, func(e *Event) { e.Step = 1 })
	s.do(t, WentBack, func(e *Event) { e.Step = 0 })
	if at, _ := s.w.Step(); at != 0 || s.w.CanGoBack() {
		t.Errorf("Step() = %d, CanGoBack() = %v; want 0, false", at, s.w.CanGoBack())
	}
	if !s.w.IsTicked(0, 0) || s.w.Value("due") != "2026-04-01" || len(s.w.Entries()) != 7 {
		t.Errorf("after going back: ticked %v, due %q, %d events; want all kept", s.w.IsTicked(0, 0), s.w.Value("due"), len(s.w.Entries()))
	}
	s.choose(t, 0)
	s.choose(t, Onward)
	s.choose(t, 1) // round to step 0, which alerts the director
	if a := s.w.Alerts(); len(a) != 1 || a[0] != (Alert{"director", 0, "e1"}) {
		t.Errorf("Alerts() = %v, want the director's once", a)
	}
}

func TestEnd(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "yes"})
	s.choose(t, 2)
	s.do(t, Recorded, func(e *Event) { e.Step, e.Field, e.Value = 2, "due", "2026-04-01" })
	s.do(t, Recorded, func(e *Event) { e.Step, e.Field, e.Value = 2, "due", "" })
	s.choose(t, 0)
	c, ok := s.w.End()
	if outcome, over := s.w.Outcome(); !ok || !over || outcome != 0 || c.Owner != "director" || c.Opens != "later" {
		t.Errorf("End() = %+v, %v; Outcome() = %d, %v; want the director's, 0", c, ok, outcome, over)
	}
	if s.w.Record() != automaton.Demand {
		t.Errorf("Record() = %s, want demand", s.w.Record())
	}
	if got := strings.Join(s.w.Undone([]string{"account"}), " "); got != "account due" {
		t.Errorf("Undone() = %q, want %q", got, "account due")
	}
	if len(s.w.Ways()) != 0 || !s.w.CanGoBack() {
		t.Errorf("Ways() = %v, CanGoBack() = %v; want none, true", s.w.Ways(), s.w.CanGoBack())
	}
	s.do(t, WentBack, func(e *Event) { e.Step = 2 })
	if s.w.Record() != automaton.Demand {
		t.Errorf("after going back Record() = %s, want demand", s.w.Record())
	}
	s.choose(t, 0)
	s.do(t, Ended, func(e *Event) { e.Step, e.Outcome = 2, 0 })
	if s.w.CanGoBack() {
		t.Errorf("CanGoBack() after the end was told = true, want false")
	}
	s.do(t, Noted, func(e *Event) { e.Step, e.Text = 2, "The officer left at noon." }) // a note always counts
}

func TestLeft(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "no"})
	note := s.do(t, Noted, func(e *Event) { e.Text, e.Received = "x", noon.Add(time.Hour) })
	at, ok := s.w.LeftAt()
	if want := note.Received.Add(12 * time.Hour); !ok || !at.Equal(want) {
		t.Errorf("LeftAt() = %v, %v; want %v", at, ok, want)
	}
	s.do(t, Ended, func(e *Event) { e.Outcome = Left })
	if o, over := s.w.Outcome(); o != Left || !over || len(s.w.Ways()) != 0 {
		t.Errorf("Outcome() = %d, %v with ways %v; want Left and none", o, over, s.w.Ways())
	}
	// A device without a network walked on: what it sends now is kept.
	if err := s.w.Apply(s.event(Chose, func(e *Event) { e.Follows, e.Choice = "e1", 0 })); err != nil {
		t.Errorf("Apply(late move) = %v, want nil", err)
	}
	if _, ok := s.w.LeftAt(); ok {
		t.Errorf("LeftAt() of a walk that is over is told")
	}
}

func BenchmarkFold(b *testing.B) {
	plan := mustPlan(b, door())
	s := begin(b, plan, map[string]string{"counsel_on_call": "no"})
	for range 300 {
		s.choose(b, 0)
		s.choose(b, Onward)
		s.choose(b, 1)
	}
	var events []Event
	for _, e := range s.w.Entries() {
		events = append(events, e.Event)
	}
	for b.Loop() {
		if _, err := plan.Fold(events); err != nil {
			b.Fatal(err)
		}
	}
}

// A line to the desk, that it was seen, and taking charge count always and move
// nothing; the first of each counts.
func TestOutside(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "no"})
	head, state := s.w.Head(), s.w.State()
	line := func(text string) Event {
		return s.do(t, Line, func(e *Event) { e.Step, e.Role, e.Text = 0, "director", text })
	}
	first, second := line("You are doing well."), line("I am calling you now.")
	seen := s.do(t, Seen, func(e *Event) { e.Step, e.Line = 0, second.ID })
	s.do(t, Seen, func(e *Event) { e.Step, e.Line = 0, second.ID })
	charge := s.do(t, Charge, func(e *Event) { e.Step, e.Role = 0, "director" })
	s.do(t, Charge, func(e *Event) { e.Step, e.Role = 0, "in_charge" })
	if s.w.Head() != head || fmt.Sprint(s.w.State()) != fmt.Sprint(state) {
		t.Errorf("what came from outside moved the walk from %s to %s", head, s.w.Head())
	}
	lines := s.w.Lines()
	if len(lines) != 2 || lines[0].ID != first.ID || lines[0].Seen != nil || lines[1].Seen == nil || lines[1].Seen.ID != seen.ID {
		t.Errorf("Lines() = %+v, want two, the second seen by %s", lines, seen.ID)
	}
	if got, ok := s.w.Charge(); !ok || got.ID != charge.ID {
		t.Errorf("Charge() = %s, %v; want %s", got.ID, ok, charge.ID)
	}
	readBack(t, first, seen, charge)
	s.choose(t, 0)
	s.do(t, Ended, func(e *Event) { e.Step, e.Outcome = s.w.State().Where, Left })
	line("It is over here, and kept all the same.")
}

// readBack checks that events are the same once they were written and read.
func readBack(t *testing.T, events ...Event) {
	t.Helper()
	for _, want := range events {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Event
		if err := json.Unmarshal(text, &got); err != nil || !same(&got, &want) {
			t.Errorf("%s read back = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

// What is taken down counts always and moves nothing. A correction leaves it where it
// is, and what was seen of a demand makes the walk one for good.
func TestObserved(t *testing.T) {
	s := begin(t, mustPlan(t, door()), map[string]string{"counsel_on_call": "no"})
	head, state := s.w.Head(), s.w.State()
	tap := func(sight Sight, line string) Event {
		return s.do(t, Observed, func(e *Event) { e.Sight, e.Text = sight, line })
	}
	first, second := tap(Standing, ""), tap(HowMany, "6+")
	if got := s.w.Record(); got != automaton.Incident {
		t.Errorf("Record() of officers who stand = %s, want incident", got)
	}
	third := tap(Searching, "")
	if e, ok := s.w.Latest(); !ok || e.ID != third.ID {
		t.Errorf("Latest() = %s, %v; want %s", e.ID, ok, third.ID)
	}
	back := s.do(t, Corrected, func(e *Event) { e.Of = third.ID })
	s.do(t, Corrected, func(e *Event) { e.Of = third.ID })
	if e, ok := s.w.Latest(); !ok || e.ID != second.ID {
		t.Errorf("Latest() after the last was taken back = %s, %v; want %s", e.ID, ok, second.ID)
	}
	list := s.w.Observations()
	if len(list) != 3 || list[0].ID != first.ID || !list[0].Back.IsZero() || !list[2].Back.Equal(back.At) {
		t.Errorf("Observations() = %+v, want three, the last taken back at %s", list, back.At)
	}
	if got := s.w.Record(); got != automaton.Demand {
		t.Errorf("Record() after a search = %s, want demand, also when it was taken back", got)
	}
	if s.w.Head() != head || fmt.Sprint(s.w.State()) != fmt.Sprint(state) {
		t.Errorf("what was taken down moved the walk from %s to %s", head, s.w.Head())
	}
	readBack(t, first, second, back)
	s.choose(t, 0)
	s.do(t, Ended, func(e *Event) { e.Step, e.Outcome = s.w.State().Where, Left })
	tap(Gone, "") // kept after the end too

	for _, raise := range []automaton.Record{automaton.Conduct, ""} {
		p := door()
		p.Steps[2].Choices[0].Raise = raise
		s := begin(t, mustPlan(t, p), map[string]string{"counsel_on_call": "no"})
		if err := s.w.Apply(s.event(Observed, func(e *Event) { e.Sight = Searching })); err == nil || s.w.MayObserve(0) {
			t.Errorf("in a playbook that is never of a demand Apply(observed) = %v, MayObserve = %v; want a refusal", err, s.w.MayObserve(0))
		}
	}
}

func TestIsCount(t *testing.T) {
	for text, want := range map[string]bool{"1": true, "99": true, "6+": true, "": false, "0": false, "+": false, "100": false, "-1": false, "1.": false, "١": false, "2++": false} {
		if got := IsCount(text); got != want {
			t.Errorf("IsCount(%q) = %v, want %v", text, got, want)
		}
	}
}

// Where a choice ends the walk because they left, that is known; no longer once the
// walk is of a demand.
func TestLeaving(t *testing.T) {
	p := door()
	p.Outcomes = []string{TheyLeft, "unrecorded"}
	s := begin(t, mustPlan(t, p), map[string]string{"counsel_on_call": "yes"})
	if _, ok := s.w.Leaving(); ok {
		t.Error("Leaving() where no choice ends the walk = true")
	}
	s.choose(t, 2)
	if choice, ok := s.w.Leaving(); !ok || choice != 0 {
		t.Errorf("Leaving() = %d, %v; want 0", choice, ok)
	}
	s.do(t, Observed, func(e *Event) { e.Step, e.Sight = 2, Taking })
	if _, ok := s.w.Leaving(); ok {
		t.Error("Leaving() of a demand = true")
	}
}
