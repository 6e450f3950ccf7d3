package lookup

import (
	"slices"
	"strings"
	"testing"
)

var guides = []Text{
	{"officer", []string{"An officer is here", "Police, immigration or other officers ask about a patron, show a paper, or are in the building."}, []string{"Read it aloud to someone"}},
	{"hygiene", []string{"A patron complains about another patron", "A smell, looks, or what somebody did."}, []string{"Go and see for yourself", "Help them to another seat"}},
	{"browsing", []string{"Someone complains about a screen", "A patron sees something on a computer."}, nil},
	{"minor-records", []string{"A parent asks what a child reads", "A parent wants a child's record."}, nil},
	{"room-request", []string{"A group asks for a room", "Any group, any view."}, nil},
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ typed, first string }{
		{"police", "officer"}, {"Polcie", "officer"}, {"ofifcer!", "officer"}, {"ICE agents", "officer"}, {"subpena", "officer"}, {"sherriff", "officer"},
		{"stinks", "hygiene"}, {"homeless man", "hygiene"}, {"another seat", "hygiene"}, {"computr", "browsing"}, {"porn", "browsing"},
		{"mom wants her kid's books", "minor-records"}, {"parnet", "minor-records"}, {"meeting room", "room-request"}, {"book a group", "room-request"},
		{"policía", "officer"}, {"padre", "minor-records"}, {"the police are here xyzzy", "officer"},
	} {
		if got := Find(tt.typed, guides); len(got) == 0 || got[0] != tt.first {
			t.Errorf("Find(%q) = %v, want %s first", tt.typed, got, tt.first)
		}
	}
	for _, typed := range []string{"", " ", "the", "…"} {
		if got := Find(typed, guides); len(got) != len(guides) || got[0] != "officer" {
			t.Errorf("Find(%q) = %v, want everything in order", typed, got)
		}
	}
	for _, typed := range []string{"tuba", "xyzzy", "qqqq"} {
		if got := Find(typed, guides); len(got) != 0 {
			t.Errorf("Find(%q) = %v, want nothing", typed, got)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"police", "police", 0}, {"polcie", "police", 1}, {"polce", "police", 1}, {"pollice", "police", 1}, {"pxlixe", "police", 2}, {"tuba", "police", 3}, {"", "", 0}, {"", "ab", 2}, {"ca", "abc", 3}} {
		if got := slips(tt.a, tt.b); got != tt.want {
			t.Errorf("slips(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got, back := slips(tt.a, tt.b), slips(tt.b, tt.a); got != back {
			t.Errorf("slips(%q, %q) = %d, the other way %d", tt.a, tt.b, got, back)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("police")
	f.Add(strings.Repeat("á", 100))
	f.Fuzz(func(t *testing.T, typed string) {
		got := Find(typed, guides)
		if len(got) > len(guides) || !slices.Equal(got, Find(typed, guides)) {
			t.Errorf("Find(%q) = %v", typed, got)
		}
	})
}
