package automaton

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// The JSON form of a Program is what a browser keeps for use without a
// network, and what others may build on. It is described in docs/program.md.
// The same Program has the same bytes.

type programJSON struct {
	Version  int        `json:"version"`
	Record   Record     `json:"record"`
	Facts    []Fact     `json:"facts"`
	Outcomes []string   `json:"outcomes"`
	Steps    []stepJSON `json:"steps"`
}

type stepJSON struct {
	First   bool         `json:"first,omitempty"`
	Swap    bool         `json:"swap,omitempty"`
	Makes   []int        `json:"makes,omitempty"`
	Fields  []Field      `json:"fields,omitempty"`
	Ticks   int          `json:"ticks,omitempty"`
	Timers  []int        `json:"timers,omitempty"`
	Choices []choiceJSON `json:"choices"`
}

type choiceJSON struct {
	If    *[][][3]uint32 `json:"if,omitempty"`  // alternatives of tests [fact, low, high]; absent: always open
	Set   [][2]int       `json:"set,omitempty"` // [fact, value]
	To    *int           `json:"to,omitempty"`
	End   *int           `json:"end,omitempty"`
	Owner string         `json:"owner,omitempty"`
	Opens string         `json:"opens,omitempty"`
	Raise Record         `json:"raise,omitempty"`
	Off   bool           `json:"offTheRecord,omitempty"`
}

// MarshalJSON writes the Program's JSON form.
func (p *Program) MarshalJSON() ([]byte, error) {
	out := programJSON{Version: Version, Record: p.Record, Facts: notNil(p.Facts), Outcomes: notNil(p.Outcomes), Steps: []stepJSON{}}
	for i := range p.Steps {
		s := &p.Steps[i]
		step := stepJSON{First: s.First, Swap: s.Swap, Makes: s.Makes, Fields: s.Fields, Ticks: s.Ticks, Timers: s.Timers, Choices: []choiceJSON{}}
		for j := range s.Choices {
			step.Choices = append(step.Choices, choiceToJSON(&s.Choices[j]))
		}
		out.Steps = append(out.Steps, step)
	}
	return json.Marshal(out)
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func choiceToJSON(c *Choice) choiceJSON {
	out := choiceJSON{Owner: c.Owner, Opens: c.Opens, Raise: c.Raise, Off: c.Unsent}
	if c.Guard != nil {
		alternatives := [][][3]uint32{}
		for _, tests := range c.Guard {
			row := [][3]uint32{}
			for _, t := range tests {
				row = append(row, [3]uint32{uint32(t.Fact), uint32(t.In), uint32(t.In >> 32)})
			}
			alternatives = append(alternatives, row)
		}
		out.If = &alternatives
	}
	for _, a := range c.Set {
		out.Set = append(out.Set, [2]int{a.Fact, a.Value})
	}
	if c.End >= 0 {
		out.End = &c.End
	} else {
		out.To = &c.To
	}
	return out
}

// UnmarshalJSON reads the JSON form and refuses what is not a Program: a
// number that points nowhere, a value that a fact does not have.
func (p *Program) UnmarshalJSON(data []byte) error {
	var in programJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if in.Version != Version {
		return fmt.Errorf("program has version %d, want %d", in.Version, Version)
	}
	out := Program{Record: in.Record, Facts: in.Facts, Outcomes: in.Outcomes}
	for _, s := range in.Steps {
		step := Step{First: s.First, Swap: s.Swap, Makes: s.Makes, Fields: s.Fields, Ticks: s.Ticks, Timers: s.Timers}
		for _, c := range s.Choices {
			step.Choices = append(step.Choices, choiceFromJSON(c))
		}
		out.Steps = append(out.Steps, step)
	}
	if err := out.Validate(); err != nil {
		return err
	}
	*p = out
	return nil
}

func choiceFromJSON(in choiceJSON) Choice {
	c := Choice{Owner: in.Owner, Opens: in.Opens, Raise: in.Raise, Unsent: in.Off, To: -1, End: -1}
	if in.If != nil {
		c.Guard = Guard{}
		for _, row := range *in.If {
			var tests []Test
			for _, t := range row {
				tests = append(tests, Test{Fact: int(t[0]), In: Set(t[1]) | Set(t[2])<<32})
			}
			c.Guard = append(c.Guard, tests)
		}
	}
	for _, a := range in.Set {
		c.Set = append(c.Set, Assign{a[0], a[1]})
	}
	if in.End != nil {
		c.End, c.To = *in.End, 0
	} else if in.To != nil {
		c.To = *in.To
	}
	return c
}

// Validate reports what keeps the table from being a Program, or nil.
func (p *Program) Validate() error {
	if len(p.Steps) == 0 {
		return fmt.Errorf("program has no steps")
	}
	for i, f := range p.Facts {
		if len(f.Values) == 0 || len(f.Values) > 64 {
			return fmt.Errorf("fact %d has %d values, want 1 to 64", i, len(f.Values))
		}
		if f.Kind.IsMilestone() && len(f.Values) != 2 {
			return fmt.Errorf("milestone %d has %d values, want 2", i, len(f.Values))
		}
	}
	for i := range p.Steps {
		for _, m := range p.Steps[i].Makes {
			if m < 0 || m >= len(p.Facts) || !p.Facts[m].Kind.IsMilestone() {
				return fmt.Errorf("step %d makes fact %d true, which is no milestone", i, m)
			}
		}
		for j := range p.Steps[i].Choices {
			if err := p.validChoice(&p.Steps[i].Choices[j]); err != nil {
				return fmt.Errorf("step %d, choice %d: %w", i, j, err)
			}
		}
	}
	return nil
}

func (p *Program) validChoice(c *Choice) error {
	if c.End >= len(p.Outcomes) || c.End < 0 && (c.To < 0 || c.To >= len(p.Steps)) {
		return fmt.Errorf("it leads to no step and no outcome")
	}
	for _, a := range c.Set {
		if a.Fact < 0 || a.Fact >= len(p.Facts) || a.Value < 0 || a.Value >= len(p.Facts[a.Fact].Values) || p.Facts[a.Fact].Kind != Walk {
			return fmt.Errorf("it sets fact %d to value %d, which cannot be set", a.Fact, a.Value)
		}
	}
	for _, tests := range c.Guard {
		for _, t := range tests {
			if t.Fact < 0 || t.Fact >= len(p.Facts) {
				return fmt.Errorf("it tests fact %d, which is not there", t.Fact)
			}
		}
	}
	return nil
}

// Hash names the Program: the SHA-256 of its JSON form, in hexadecimal. A walk
// is pinned to the hash of the Program it was started with.
func (p *Program) Hash() string {
	data, err := p.MarshalJSON()
	if err != nil {
		panic(err) // numbers and strings only
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// WriteTo prints the Program as text, a line for each choice, for people and
// for comparing two Programs in a test.
func (p *Program) WriteTo(w io.Writer) (int64, error) {
	pr := &printer{w: w, p: p}
	for i := range p.Facts {
		pr.fact(i)
	}
	for i := range p.Steps {
		pr.step(i)
	}
	return pr.n, pr.err
}
