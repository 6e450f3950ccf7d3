package walk

import (
	"fmt"
	"testing"

	"roundtable/playbook/automaton"
)

// A photo that was removed is no photo of the walk any more, nor one of its field. Both
// events stay, nothing moves, and to remove it again changes nothing.
func TestRemovedPhotos(t *testing.T) {
	p := door()
	p.Steps[0].Fields = []automaton.Field{{Name: "pages", Type: "photo"}}
	s := begin(t, mustPlan(t, p), map[string]string{"counsel_on_call": "no"})
	head, state := s.w.Head(), s.w.State()
	shot := func(field string) Event {
		return s.do(t, Pictured, func(e *Event) { e.Field = field })
	}
	first, second, third := shot("pages"), shot("pages"), shot("")
	back := s.do(t, Corrected, func(e *Event) { e.Of = first.ID })
	s.do(t, Corrected, func(e *Event) { e.Of = first.ID })
	last := s.do(t, Corrected, func(e *Event) { e.Of = third.ID })
	if list := s.w.Photos(); len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("Photos() = %+v, want %s", list, second.ID)
	}
	if list := s.w.RemovedPhotos(); len(list) != 2 || list[0].ID != back.ID || list[1].ID != last.ID {
		t.Errorf("RemovedPhotos() = %+v, want by %s and %s", list, back.ID, last.ID)
	}
	if by, ok := s.w.TakenBack(first.ID); !ok || by.ID != back.ID {
		t.Errorf("TakenBack(%s) = %s, %v; want %s", first.ID, by.ID, ok, back.ID)
	}
	if by, ok := s.w.TakenBack(second.ID); ok {
		t.Errorf("TakenBack(%s) = %s, want that it stands", second.ID, by.ID)
	}
	if cells := s.w.Cells(); len(cells) != 1 || cells[0].Value != string(second.ID) || s.w.Value("pages") != string(second.ID) {
		t.Errorf("Cells() = %+v, want %s", cells, second.ID)
	}
	if e, ok := s.w.Event(first.ID); !ok || e.Kind != Pictured || len(s.w.Entries()) != 7 {
		t.Errorf("Event(%s) = %+v, %v of %d; want the photo's of 7", first.ID, e, ok, len(s.w.Entries()))
	}
	if _, ok := s.w.Event(""); ok {
		t.Error("Event of no id is one")
	}
	if s.w.Head() != head || fmt.Sprint(s.w.State()) != fmt.Sprint(state) || len(s.w.Observations()) != 0 {
		t.Errorf("a photo that was removed moved the walk from %s to %s", head, s.w.Head())
	}
}
