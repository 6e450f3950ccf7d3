package stepview

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

// apply adds events that follow one another.
func apply(t *testing.T, w *walk.Walk, events ...walk.Event) {
	t.Helper()
	for i, e := range events {
		e.ID, e.At = walk.EventID(fmt.Sprint("x", len(w.Entries()))), start.Add(time.Duration(i+1)*time.Minute)
		if e.Kind.IsMove() && e.Follows == "" {
			e.Follows = w.Head()
		}
		if err := w.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

func view(t *testing.T, s shippedWords, w *walk.Walk) View {
	t.Helper()
	return View{Place: testPlace(t), Walk: w, Sheet: s.sheet, Href: "/i/1", Now: start.Add(time.Hour), Zone: time.UTC}
}

func TestStep(t *testing.T) {
	s := find(t, "officer", "en")
	w := begun(t, s)
	apply(t, w,
		walk.Event{Kind: walk.Ticked, Item: 0}, walk.Event{Kind: walk.Said, Item: 1},
		walk.Event{Kind: walk.Called, Role: "director", Result: walk.NoAnswer},
	)
	p := view(t, s, w).Step(0)
	c := p.Card
	if !c.Open || c.Post != "/i/1" || p.MayBack || p.Elsewhere != nil || p.Number != 1 || p.More < 1 || p.Follows != "e0" {
		t.Errorf("Step(0) = %+v, want the open first step", p)
	}
	if !c.Do.Text[0].Items[0].Ticked || c.Sayings[0].Said || !c.Sayings[1].Said {
		t.Errorf("ticks and sayings are %+v and %+v, want the first item ticked and the second sentence said", c.Do.Text[0].Items, c.Sayings)
	}
	first := p.First()
	if first == nil || first.Role != "director" || !first.Alerted || first.Result != "No answer" || first.Phone() != "555 0142" || len(first.Lines) != 2 {
		t.Errorf("First() = %+v, want the director, alerted and called", first)
	}
	if diff := cmp.Diff([]string{"the director"}, p.Alerts); diff != "" {
		t.Errorf("Alerts (-want +got):\n%s", diff)
	}
	if c.Bases[0].ID != "policy-law-enforcement-who-answers" || c.Bases[1].ID != "law-library-records" || !strings.HasPrefix(c.Bases[1].Title, "Ohio: ") || c.Bases[1].Source == "" {
		t.Errorf("Bases = %+v, want the policy and Ohio's law with its source", c.Bases)
	}
	if other := view(t, s, w).Step(3); other.Card.Open || other.Elsewhere == nil || other.Elsewhere.Href != "/i/1/step/1" || other.HandOver != "" {
		t.Errorf("Step(3) = %+v, want a step to be read, and where the walk is", other.Elsewhere)
	}
}

// TestChoices: only open choices are offered; where nobody is asked there is one way
// on, which does not say which.
func TestChoices(t *testing.T) {
	s := find(t, "officer", "en")
	w := begun(t, s)
	for steps := 0; steps < 40; steps++ {
		at, walking := w.Step()
		if !walking {
			break
		}
		c := view(t, s, w).Card(at)
		ways := w.Ways()
		if len(c.Ways) != len(ways) {
			t.Fatalf("step %d offers %d choices, want %d", at+1, len(c.Ways), len(ways))
		}
		for i, way := range ways {
			if c.Ways[i].Send != way.Choice || (c.Ways[i].Off != nil) != way.Unsent {
				t.Errorf("step %d: choice %d sends %d (off the record: %t), want %d (%t)", at+1, i, c.Ways[i].Send, c.Ways[i].Off != nil, way.Choice, way.Unsent)
			}
		}
		if s.program.Steps[at].Swap && (!c.One() || c.Ways[0].Send != walk.Onward) {
			t.Errorf("step %d asks nothing and offers %+v", at+1, c.Ways)
		}
		apply(t, w, walk.Event{Kind: walk.Chose, Step: at, Choice: ways[0].Choice})
	}
}

// TestOffTheRecord: the pages lie in the step, whole, with nothing in them that could
// be sent.
func TestOffTheRecord(t *testing.T) {
	s := find(t, "officer", "en")
	for at := range s.program.Steps {
		for choice, c := range s.program.Steps[at].Choices {
			if !c.Unsent {
				continue
			}
			card := Fragment(s.program, s.sheet, at, testPlace(t))
			off := card.Ways[choice].Off
			if off == nil || off.Card.Heading != s.sheet.Steps[c.To].Heading || len(off.Ways) == 0 {
				t.Fatalf("step %d, choice %d: the page off the record is %+v", at+1, choice, off)
			}
			var b bytes.Buffer
			if err := page.RenderFragments(&b, page.Fragments{Cards: []page.StepCard{card}}); err != nil {
				t.Fatal(err)
			}
			raw := b.String()
			inside := raw[strings.Index(raw, `<details class="off">`):strings.LastIndex(raw, "</fieldset>")]
			inside = inside[:strings.LastIndex(inside, "</details>")]
			if strings.Contains(inside, `data-page="`) == false || strings.Contains(inside[:strings.Index(inside, "</details>")], "<button") || strings.Contains(inside, "formaction") {
				t.Errorf("step %d: a page off the record has something to be pressed: %s", at+1, inside)
			}
			if depth := depthOf(off); depth < 2 {
				t.Errorf("step %d: %d pages off the record, want all that follow", at+1, depth)
			}
			return
		}
	}
	t.Fatal("no step leads off the record")
}

func depthOf(p *page.OffPage) int {
	if p == nil {
		return 0
	}
	deepest := 0
	for _, w := range p.Ways {
		deepest = max(deepest, depthOf(w.Off))
	}
	return 1 + deepest
}

// TestOffTheRecordEndsRounds: pages that lead back to each other are shown once.
func TestOffTheRecordEndsRounds(t *testing.T) {
	p := &automaton.Program{Record: automaton.Incident, Outcomes: []string{"over"}, Steps: []automaton.Step{
		{Choices: []automaton.Choice{{To: 1, End: -1, Unsent: true}, {End: 0}}},
		{Choices: []automaton.Choice{{To: 2, End: -1}, {End: 0, Owner: "director"}}},
		{Choices: []automaton.Choice{{To: 1, End: -1}}},
	}}
	step := func(heading string, labels ...string) words.Step {
		s := words.Step{Heading: heading}
		for _, l := range labels {
			s.Choices = append(s.Choices, words.Choice{Label: l})
		}
		return s
	}
	sheet := &words.Sheet{Lang: "en", Steps: []words.Step{step("Start", "Secret", "Over"), step("One", "On", "Done"), step("Two", "Round")}}
	off := Fragment(p, sheet, 0, Place{}).Ways[0].Off
	if depthOf(off) != 2 || off.Ways[1].Owner != "the director" || !off.Ways[1].End {
		t.Errorf("the pages are %d deep, their ways %+v; want two pages, and an end with its owner", depthOf(off), off.Ways)
	}
	if round := off.Ways[0].Off.Ways[0]; round.Off != nil || round.End {
		t.Errorf("the way round is %+v, want one that leads no further", round)
	}
}

func TestTimers(t *testing.T) {
	s := find(t, "hygiene", "en")
	at := 5
	w := begun(t, s)
	b := newBuilder(s.program, s.sheet, at, testPlace(t))
	v := view(t, s, w)
	b.view = &v
	if got := b.timers(); len(got) != 1 || got[0].Seconds != 600 || got[0].Length != "10 minutes" || !got[0].Until.IsZero() {
		t.Errorf("timers of a step at which the walk does not stand = %+v, want no end", got)
	}
	came, ok := v.cameTo(0)
	if !ok || !came.Equal(start) {
		t.Errorf("cameTo(0) = %v, %t, want the start", came, ok)
	}
}

func TestFinish(t *testing.T) {
	s := find(t, "suspected-abuse", "en")
	w := begun(t, s)
	for range 60 {
		at, walking := w.Step()
		if !walking {
			break
		}
		step, next := &s.program.Steps[at], stepsLeft(s.program)
		best, nearest := w.Ways()[0].Choice, 1<<20
		for _, way := range w.Ways() { // towards the end
			if way.Choice < 0 || step.Choices[way.Choice].End >= 0 {
				best = way.Choice
				break
			}
			if left := next[step.Choices[way.Choice].To]; left < nearest {
				best, nearest = way.Choice, left
			}
		}
		apply(t, w, walk.Event{Kind: walk.Chose, Step: at, Choice: best})
	}
	p := view(t, s, w).Finish()
	if !p.Abuse || p.Back == "" || p.Outcome == "" || strings.Contains(p.Outcome, "_") || p.Follows != string(w.Head()) {
		t.Errorf("Finish() ends with %q, want the end of a walk about suspected abuse", p.Outcome)
	}
}

func TestMarkdown(t *testing.T) {
	got := Markdown("# Head {#id}\n\nOne **bold** word\nand more.\n\n- first\n  goes on\n- second **odd\n\n> quoted\n")
	want := page.Text{
		{Head: "Head"},
		{Spans: []page.Span{{Words: "One "}, {Words: "bold", Strong: true}, {Words: " word and more."}}},
		{Items: []page.Item{
			{Text: page.Text{{Spans: []page.Span{{Words: "first"}, {Words: " "}, {Words: "goes on"}}}}},
			{Text: page.Text{{Spans: []page.Span{{Words: "second **odd"}}}}},
		}},
		{Spans: []page.Span{{Words: "quoted"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Markdown (-want +got):\n%s", diff)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n- b\n  c\n**")
	f.Fuzz(func(t *testing.T, text string) { Markdown(text) })
}

func TestDirection(t *testing.T) {
	for lang, want := range map[string]string{"en": "ltr", "es": "ltr", "ar": "rtl", "AR-EG": "rtl", "he": "rtl", "fa": "rtl", "ur": "rtl", "uz-Arab": "rtl", "ar-Latn": "ltr", "": "ltr", "zh": "ltr"} {
		if got := Direction(lang); got != want {
			t.Errorf("Direction(%q) = %q, want %q", lang, got, want)
		}
	}
}

func TestHandoutCodes(t *testing.T) {
	shelf, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, h := range shelf.handouts {
		code := HandoutCode(h.ID)
		if other, taken := seen[code]; taken && other != h.ID {
			t.Errorf("%s and %s have the same code", h.ID, other)
		}
		seen[code] = h.ID
		if id, ok := shelf.ByCode(strings.ToUpper(code)); ok == h.Form || ok && id != h.ID {
			t.Errorf("ByCode(%s) = %q, %t, want %s unless it is a form", code, id, ok, h.ID)
		}
	}
}

// TestRightToLeft: a sheet in a language that runs from right to left is shown so.
func TestRightToLeft(t *testing.T) {
	s := find(t, "officer", "en")
	sheet := *s.sheet
	sheet.Lang = "ar"
	p := View{Place: testPlace(t), Walk: begun(t, s), Sheet: &sheet, Href: "/i/1", Now: start, Zone: time.UTC}.Step(0)
	p.Lang, p.Dir = sheet.Lang, Direction(sheet.Lang)
	var b bytes.Buffer
	if err := page.Render(&b, p); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `<html lang="ar" dir="rtl"`) {
		t.Error("the page does not run from right to left")
	}
}
