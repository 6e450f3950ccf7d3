package words_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"roundtable/internal/shelf"
	"roundtable/internal/words"
	"roundtable/playbook"
	"roundtable/playbook/automaton"
)

// Every shipped file's words fit its Program, in every language, and survive
// being written and read.
func TestShipped(t *testing.T) {
	s, _, err := shelf.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	set := playbook.Shipped(s)
	for _, f := range set.Asked {
		c, _ := set.Compile(f)
		if c == nil {
			t.Fatalf("Compile(%s) = nil", f.Name)
		}
		sheet := words.Of(c)
		data, err := sheet.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := words.Parse(data, choices(c.Program))
		if err != nil {
			t.Fatalf("%s: Parse: %v", f.Name, err)
		}
		if d := cmp.Diff(sheet, again); d != "" {
			t.Errorf("%s: the words changed on the way (-made +read):\n%s", f.Name, d)
		}
		if twice, _ := again.Marshal(); !bytes.Equal(data, twice) {
			t.Errorf("%s: Marshal gives other bytes the second time", f.Name)
		}
		checkSheet(t, f.Name, sheet, c.Program)
	}
}

func choices(p *automaton.Program) []int {
	n := make([]int, len(p.Steps))
	for i := range p.Steps {
		n[i] = len(p.Steps[i].Choices)
	}
	return n
}

// checkSheet: nothing that the Program counts lacks its words.
func checkSheet(t *testing.T, name string, sheet *words.Sheet, p *automaton.Program) {
	t.Helper()
	if sheet.Title == "" || sheet.Lang == "" {
		t.Errorf("%s: title %q, language %q", name, sheet.Title, sheet.Lang)
	}
	for i, step := range sheet.Steps {
		if step.Heading == "" {
			t.Errorf("%s: step %d has no heading", name, i)
		}
		ticks, fields := 0, map[string]bool{}
		step.Each(func(b words.Block) {
			for _, item := range b.Items {
				ticks = max(ticks, item.Tick)
			}
			for _, s := range b.Spans {
				if s.Link != nil && s.Link.Kind == "record" {
					fields[s.Link.Name] = true
				}
			}
		})
		if ticks != p.Steps[i].Ticks {
			t.Errorf("%s: step %q has %d ticked items, want the Program's %d", name, step.ID, ticks, p.Steps[i].Ticks)
		}
		for _, f := range p.Steps[i].Fields {
			if !fields[f.Name] {
				t.Errorf("%s: step %q does not ask for the field %q", name, step.ID, f.Name)
			}
		}
		for c, choice := range step.Choices {
			if choice.Label == "" {
				t.Errorf("%s: step %q: choice %d has no label", name, step.ID, c)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"lang":"en","title":"x","steps":[{"id":"a","heading":"A","choices":[{"label":"Go on"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := words.Parse(data, []int{1})
		if err != nil {
			return
		}
		out, err := s.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := words.Parse(out, []int{1}); err != nil {
			t.Errorf("Parse of what Marshal wrote: %v", err)
		}
	})
}
