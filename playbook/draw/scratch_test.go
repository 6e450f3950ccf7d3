package draw

import (
	"os"
	"strings"
	"testing"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

func TestScratch(t *testing.T) {
	out := os.Getenv("DRAW_OUT")
	if out == "" {
		t.Skip()
	}
	lib := &resolve.Library{}
	entries, _ := starter.Files.ReadDir(".")
	for _, e := range entries {
		data, _ := starter.Files.ReadFile(e.Name())
		f, ps := syntax.Parse(e.Name(), data)
		for _, p := range ps {
			t.Log(p)
		}
		lib.Add(f, ps)
	}
	for _, f := range lib.Files() {
		if f.IsTranslation() {
			continue
		}
		c, ps := lib.Compile(f)
		if c == nil {
			t.Log(f.Name, ps)
			continue
		}
		for _, x := range []bool{false, true} {
			name := strings.TrimSuffix(f.Name, ".md")
			if x {
				name += "-x"
			}
			w, _ := os.Create(out + "/" + name + ".svg")
			if err := SVG(w, c, Options{Theme: Light, Expand: x}); err != nil {
				t.Error(err)
			}
			w.Close()
		}
		if f.Name == "officer.md" {
			walk := func(choices ...int) *diag.Trace {
				tr := &diag.Trace{Walk: []diag.Move{{Choice: -1}}}
				for _, c := range choices {
					tr.Walk = append(tr.Walk, diag.Move{Choice: c})
				}
				return tr
			}
			ps := []diag.Problem{{Level: diag.Error, Rule: "never disclosed unless told and (counsel is advised or order is fits)", Trace: walk(2, 3, 0, 0, 0)},
				{Level: diag.Error, Rule: "notified director before (disclosed or taken)", Trace: walk(0, 0, 0, 0, 1, 0, 0), Other: walk(4, 1, 0)},
				{Level: diag.Error, Pos: f.Steps[5].Next.Choices[1].Pos}, {Level: diag.Error, Pos: f.Steps[8].Pos}}
			for _, th := range []Theme{Light, Dark} {
				w, _ := os.Create(out + "/story-" + string(th) + ".svg")
				SVG(w, c, Options{Theme: th, Problems: ps})
				w.Close()
			}
			Outline(os.Stdout, c, Options{Problems: ps})
		}
		w, _ := os.Create(out + "/" + f.Name + ".txt")
		Outline(w, c, Options{})
		w.Close()
	}
}
