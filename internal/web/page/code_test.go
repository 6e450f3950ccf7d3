package page

import (
	"strings"
	"testing"
	"time"
)

func TestCodePath(t *testing.T) {
	code := Code{{true, true, false}, {false, false, false}, {false, true, true}}
	if got, want := code.Path(), "M4 4h2v1h-2zM5 6h2v1h-2z"; got != want {
		t.Errorf("Path() = %q, want %q", got, want)
	}
	if got := code.Side(); got != 11 {
		t.Errorf("Side() = %d, want 3 and a quiet zone of 4 on each side", got)
	}
	if got := (Code{}).Path(); got != "" {
		t.Errorf("Path() of no code = %q, want nothing", got)
	}
}

func TestQR(t *testing.T) {
	code, err := QR("HTTPS://LIBRARY.EXAMPLE/ENROL")
	if err != nil || len(code) < 21 || len(code) != len(code[0]) {
		t.Fatalf("QR() = %d rows, %v, want a square", len(code), err)
	}
	for i := range 7 { // the three marks that readers look for
		if !code[0][i] || !code[i][0] || !code[0][len(code)-1-i] || !code[len(code)-1-i][0] {
			t.Fatalf("QR() has no mark in a corner")
		}
	}
	if _, err := QR(strings.Repeat("x", 10000)); err == nil {
		t.Error("QR(too long) = no error, want one")
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"Dial", Phone("+1 (555) 010-0 #9").Dial(), "+15550100#9"},
		{"Words", Phone("9 911").Words(), "9\u00a0911"},
		{"few", Figure{Few: true}.Words(), "under 5"},
		{"four", Figure{Count: 4}.Words(), "under 5"},
		{"none", Figure{}.Words(), "0"},
		{"five", Figure{Count: 5}.Words(), "5"},
		{"day", day(time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)), "Tuesday 3 March 2026"},
		{"tone", Tone(99).String(), "alarm"},
		{"state", State(99).String(), "offline"},
		{"place", Place(99).String(), ""},
		{"case", CaseState(99).String(), "Sealed"},
		{"steps", strings.Join(Steps{At: 2, Of: 3}.Each(), "|"), "d|n|"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s = %q, want %q", test.name, test.got, test.want)
		}
	}
	if got := len(Steps{At: 1, Of: 1 << 40}.Each()); got > 12 {
		t.Errorf("Each() = %d steps, want a bounded number", got)
	}
}
