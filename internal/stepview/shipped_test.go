package stepview

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/shelf"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook"
	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// shippedWords is a playbook with its words in one language.
type shippedWords struct {
	id      string
	program *automaton.Program
	sheet   *words.Sheet
}

// shipped compiles every playbook that comes with Roundtable, in every language.
func shipped(t *testing.T) (list []shippedWords) {
	t.Helper()
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
		if c == nil || c.Program == nil {
			t.Fatalf("%s cannot be compiled", f.Name)
		}
		id := f.Front.ID.Text
		list = append(list, shippedWords{id, c.Program, words.Of(c)})
		for _, lang := range set.Library.Languages(id)[1:] {
			list = append(list, shippedWords{id, c.Program, words.Of(set.Library.InLanguage(c, lang))})
		}
	}
	if len(list) < 14 {
		t.Fatalf("found %d playbooks, want seven in two languages", len(list))
	}
	return list
}

func testPlace(t testing.TB) Place {
	t.Helper()
	texts, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return Place{Law: "Ohio", Site: "https://desk.library.example", Shelf: texts, Lines: []Line{
		{"director", "Ruth Alder", "555 0142"}, {"in_charge", "", "555 0148"}, {"director", "at home", "555 0199"}, {"police", "", "555 0911"},
	}}
}

// pieces is everything that a step says, piece by piece.
func pieces(s *words.Step, record automaton.Record) (list []string) {
	list = append(list, s.Heading)
	s.Each(func(b words.Block) {
		for _, span := range b.Spans {
			list = append(list, strings.TrimSpace(span.Text))
			if span.Link != nil {
				list = append(list, span.Link.Options...)
			}
		}
	})
	for _, section := range s.Sections {
		if section.Kind != "They say" || record == automaton.NoRecord {
			list = append(list, section.Name)
		}
	}
	for _, c := range s.Choices {
		list = append(list, c.Label)
	}
	return list
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// textOf is what a page says, without its markup.
func textOf(raw string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(raw, ""))), " ")
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestNothingIsLost shows every step of every shipped playbook in every language, as
// a fragment: each piece of its words is there, and the fragment is small enough.
func TestNothingIsLost(t *testing.T) {
	place := testPlace(t)
	for _, s := range shipped(t) {
		for at := range s.sheet.Steps {
			var b bytes.Buffer
			if err := page.RenderFragments(&b, page.Fragments{Cards: []page.StepCard{Fragment(s.program, s.sheet, at, place)}}); err != nil {
				t.Fatalf("%s in %s, step %d: %v", s.id, s.sheet.Lang, at+1, err)
			}
			raw, text := b.String(), textOf(b.String())
			for _, piece := range pieces(&s.sheet.Steps[at], s.program.Record) {
				if piece = squeeze(piece); !strings.Contains(text, strings.TrimRight(piece, ".:")) {
					t.Errorf("%s in %s, step %d does not say %q", s.id, s.sheet.Lang, at+1, piece)
				}
			}
			checkFragment(t, s, at, raw)
		}
	}
}

// checkFragment: what script needs is there, and nothing of any case.
func checkFragment(t *testing.T, s shippedWords, at int, raw string) {
	t.Helper()
	name := fmt.Sprintf("%s in %s, step %d", s.id, s.sheet.Lang, at+1)
	step := s.program.Steps[at]
	for choice := range step.Choices {
		if !strings.Contains(raw, fmt.Sprintf(`data-choice="%d"`, choice)) {
			t.Errorf("%s has no choice number %d", name, choice)
		}
	}
	if got := strings.Count(raw, ` data-tick="`); got != step.Ticks {
		t.Errorf("%s has %d ticks, want %d", name, got, step.Ticks)
	}
	for _, f := range step.Fields {
		if got := strings.Count(raw, `data-field="`+f.Name+`"`); got != 1 {
			t.Errorf("%s has the field %s %d times, want once", name, f.Name, got)
		}
	}
	if got := strings.Count(raw, ` data-timer="`); got != len(step.Timers) {
		t.Errorf("%s has %d timers, want %d", name, got, len(step.Timers))
	}
	if strings.Contains(raw, "formaction") || strings.Contains(raw, "ZgotmplZ") {
		t.Errorf("%s leads to a case, or is not safe: %s", name, raw)
	}
	if step.Swap != strings.Contains(raw, " data-swap") || step.First != strings.Contains(raw, " data-first") {
		t.Errorf("%s: data-swap and data-first are not as the step's (%v, %v)", name, step.Swap, step.First)
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(raw, -1) {
		if !strings.Contains(raw, `id="`+m[1]+`"`) {
			t.Errorf("%s: a link leads to #%s, which is not there", name, m[1])
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(raw, -1) {
		if ids[m[1]] {
			t.Errorf("%s has the id %s twice", name, m[1])
		}
		ids[m[1]] = true
	}
}

// TestFirstFlight: every step's page fits the first round trip, style included, and
// has few elements. The largest is told.
func TestFirstFlight(t *testing.T) {
	const mostBytes, mostElements = 14 << 10, 900
	place := testPlace(t)
	largest, most, where := 0, 0, ""
	for _, s := range shipped(t) {
		w := begun(t, s)
		for at := range s.sheet.Steps {
			v := View{Place: place, Walk: w, Sheet: s.sheet, Href: "/i/01936530-7d24-7cde-8f00-001122334455", Now: start, Zone: time.UTC}
			p := v.Step(at)
			p.Card.Open, p.Card.Post, p.Elsewhere = true, v.Href, nil
			p.Lang, p.Library, p.Branch, p.Device = s.sheet.Lang, "Elm Street Library", "Main", "Desk by the entrance"
			p.Event, p.Follows = "01936530-7d24-7cde-8f00-001122334455", "01936530-7d24-7cde-8f00-001122334455"
			var raw, zipped bytes.Buffer
			if err := page.Render(&raw, p); err != nil {
				t.Fatal(err)
			}
			z := gzip.NewWriter(&zipped)
			z.Write(raw.Bytes())
			z.Close()
			elements := len(regexp.MustCompile(`<[a-z]`).FindAll(raw.Bytes(), -1))
			if zipped.Len() > largest {
				largest, where = zipped.Len(), fmt.Sprintf("%s in %s, step %d", s.id, s.sheet.Lang, at+1)
			}
			most = max(most, elements)
			if zipped.Len() > mostBytes || elements > mostElements {
				t.Errorf("%s in %s, step %d has %d bytes compressed and %d elements, want at most %d and %d", s.id, s.sheet.Lang, at+1, zipped.Len(), elements, mostBytes, mostElements)
			}
		}
	}
	t.Logf("the largest page is %d bytes compressed, style in it (%s); the most elements are %d", largest, where, most)
}

var start = time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)

// begun is a walk at its first step.
func begun(t testing.TB, s shippedWords) *walk.Walk {
	t.Helper()
	plan, err := walk.NewPlan(s.program)
	if err != nil {
		t.Fatal(err)
	}
	given, err := plan.Settings(nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := plan.Begin(walk.Event{ID: "e0", Kind: walk.Started, At: start, Playbook: s.id, Program: plan.Hash, Lang: s.sheet.Lang, Given: given})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// find returns a shipped playbook in a language.
func find(t *testing.T, id, lang string) shippedWords {
	t.Helper()
	list := shipped(t)
	i := slices.IndexFunc(list, func(s shippedWords) bool { return s.id == id && s.sheet.Lang == lang })
	if i < 0 {
		t.Fatalf("there is no %s in %s", id, lang)
	}
	return list[i]
}
