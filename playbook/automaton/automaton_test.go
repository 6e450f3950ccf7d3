package automaton

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a Program with one of everything.
func small() *Program {
	return &Program{
		Record: Incident,
		Facts: []Fact{
			{Kind: Given, Name: "on_call", Values: []string{"yes", "no"}},
			{Kind: Walk, Name: "counsel", Values: []string{"not_rung", "rung", "advised"}},
			{Kind: Notified, Name: "director", Values: []string{"no", "yes"}},
			{Kind: Walk, Name: "wide", Values: values(64)},
		},
		Outcomes: []string{"answered"},
		Steps: []Step{
			{First: true, Makes: []int{2}, Fields: []Field{{Name: "due", Type: "date", Deadline: true}}, Ticks: 1, Choices: []Choice{
				{Guard: Guard{{{Fact: 0, In: 1}}}, Set: []Assign{{3, 63}}, To: 1, End: -1},
				{To: 0, End: -1},
			}},
			{Timers: []int{600}, Choices: []Choice{
				{Guard: Guard{{{Fact: 3, In: 1 << 63}}, {{Fact: 1, In: 4}, {Fact: 2, In: 2}}}, Set: []Assign{{1, 2}}, End: 0, Owner: "director", Opens: "officer"},
				{Guard: Guard{}, To: 0, End: -1, Raise: Demand},
				{To: 0, End: -1, Unsent: true},
			}},
		},
	}
}

func values(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	return list
}

func TestStep(t *testing.T) {
	p := small()
	s := p.Start([]uint8{0, 2, 1, 5}) // only the given fact counts
	if want := (State{0, []uint8{0, 0, 1, 0}}); !cmp.Equal(s, want) {
		t.Fatalf("Start = %v, want %v", s, want)
	}
	if got := p.Open(s); !cmp.Equal(got, []int{0}) {
		t.Errorf("Open(%v) = %v, want the first open one only", s, got)
	}
	before := s
	s = p.Step(s, 0)
	if want := (State{1, []uint8{0, 0, 1, 63}}); !cmp.Equal(s, want) {
		t.Errorf("Step = %v, want %v", s, want)
	}
	if before.Values[3] != 0 {
		t.Error("Step changed the state it was given")
	}
	if got := p.Open(s); !cmp.Equal(got, []int{0, 2}) {
		t.Errorf("Open(%v) = %v, want [0 2]", s, got)
	}
	s = p.Step(s, 0)
	outcome, ended := p.Ended(s)
	if outcome != 0 || !ended || len(p.Open(s)) != 0 {
		t.Errorf("Ended(%v) = %d, %v with %d open choices, want 0, true, none", s, outcome, ended, len(p.Open(s)))
	}
	if got := p.Open(p.Start([]uint8{1, 0, 0, 0})); !cmp.Equal(got, []int{1}) {
		t.Errorf("Open at a numbered list whose first is shut = %v, want [1]", got)
	}
}

func TestJSON(t *testing.T) {
	p := small()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"if":[[[3,0,2147483648]],[[1,4,0],[2,2,0]]]`; !strings.Contains(string(data), want) {
		t.Errorf("the guard over value 63 is not %s in\n%s", want, data)
	}
	var q Program
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(&q)
	if string(again) != string(data) {
		t.Errorf("reading and writing again gives other bytes:\n%s\n%s", data, again)
	}
	if p.Hash() != q.Hash() || len(p.Hash()) != 64 {
		t.Errorf("Hash = %s, want %s", q.Hash(), p.Hash())
	}
	q.Steps[0].Choices[1].Set = []Assign{{1, 1}}
	if p.Hash() == q.Hash() {
		t.Error("two Programs that differ have one hash")
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for name, change := range map[string]func(p *Program){
		"no steps":                func(p *Program) { p.Steps = nil },
		"a target beyond":         func(p *Program) { p.Steps[0].Choices[0].To = 9 },
		"an outcome beyond":       func(p *Program) { p.Steps[1].Choices[0].End = 3 },
		"a value beyond":          func(p *Program) { p.Steps[0].Choices[0].Set = []Assign{{1, 3}} },
		"setting a given fact":    func(p *Program) { p.Steps[0].Choices[0].Set = []Assign{{0, 1}} },
		"a fact without values":   func(p *Program) { p.Facts[1].Values = nil },
		"making a fact of a walk": func(p *Program) { p.Steps[0].Makes = []int{1} },
		"testing no fact":         func(p *Program) { p.Steps[0].Choices[0].Guard = Guard{{{Fact: 8, In: 1}}} },
	} {
		p := small()
		change(p)
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, new(Program)); err == nil {
			t.Errorf("a Program with %s was read", name)
		}
	}
	if err := json.Unmarshal([]byte(`{"version": 2, "steps": [{}]}`), new(Program)); err == nil {
		t.Error("a Program of another version was read")
	}
}

func TestEval(t *testing.T) {
	p := small()
	s := State{Where: 1, Values: []uint8{0, 2, 1, 0}}
	ended := State{Where: 2, Values: s.Values}
	advised := &Expr{Op: FactIn, Fact: 1, In: 4}
	for _, tt := range []struct {
		e    *Expr
		s    State
		want bool
	}{
		{nil, s, true},
		{&Expr{Op: False}, s, false},
		{advised, s, true},
		{&Expr{Op: Not, Args: []*Expr{advised}}, s, false},
		{&Expr{Op: And, Args: []*Expr{advised, {Op: At, Where: []int{0, 1}}}}, s, true},
		{&Expr{Op: Or, Args: []*Expr{{Op: At, Where: []int{0}}, {Op: Ended}}}, s, false},
		{&Expr{Op: Ended}, ended, true},
		{&Expr{Op: Outcome, Where: []int{0}}, ended, true},
		{&Expr{Op: Outcome, Where: []int{0}}, State{Where: 0, Values: s.Values}, false},
	} {
		if got := tt.e.Eval(p, tt.s); got != tt.want {
			t.Errorf("Eval(%+v, %v) = %v, want %v", tt.e, tt.s, got, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if _, err := small().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"given on_call: yes | no\n",
		"notified director\n",
		"0: first, notified director\n  0 if on_call in {yes} wide=lc -> 1\n  1 -> 0\n",
		"or counsel in {advised} and notified director in {yes} counsel=advised -> end answered (director officer)\n",
		"  1 if never -> 0 record=demand\n  2 -> 0 off the record\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("text has not %q:\n%s", want, b.String())
		}
	}
}

// FuzzProgramJSON: whatever is read as a Program is one, can be walked a few
// turns, and reads the same after writing.
func FuzzProgramJSON(f *testing.F) {
	data, err := json.Marshal(small())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"facts":[],"outcomes":[],"steps":[{"choices":[{"to":0}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Program
		if json.Unmarshal(data, &p) != nil {
			return
		}
		s := p.Start(nil)
		for range 20 {
			open := p.Open(s)
			if len(open) == 0 {
				break
			}
			s = p.Step(s, open[len(open)-1])
		}
		var q Program
		again, err := json.Marshal(&p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &q); err != nil || q.Hash() != p.Hash() {
			t.Errorf("reading %s again gives %v, hash %s, want %s", again, err, q.Hash(), p.Hash())
		}
	})
}
