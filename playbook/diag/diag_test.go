package diag

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	roles := []string{"desk", "in_charge", "director", "counsel"}
	for _, tt := range []struct{ word, want string }{
		{"directer", "director"},
		{"directro", "director"}, // a swap is one slip
		{"Director", "director"},
		{"council", "counsel"},
		{"janitor", ""},
		{"", ""},
		{"desk", "desk"},
		{"incharge", "in_charge"},
	} {
		if got := Nearest(tt.word, roles); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
	if got := Nearest("b", []string{"a"}); got != "" {
		t.Errorf("Nearest of one letter = %q, want nothing", got)
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("Nearest with no candidates = %q, want nothing", got)
	}
}

func TestSort(t *testing.T) {
	at := func(line, column int, code Code) Problem { return New("a.md", Position{line, column}, code, "") }
	problems := []Problem{at(2, 1, Stuck), at(1, 9, Syntax), at(1, 3, UnknownFact), at(1, 3, Syntax)}
	Sort(problems)
	want := []Problem{at(1, 3, Syntax), at(1, 3, UnknownFact), at(1, 9, Syntax), at(2, 1, Stuck)}
	if !slices.Equal(problems, want) {
		t.Errorf("Sort = %v, want %v", problems, want)
	}
}

func TestEveryCodeHasALevel(t *testing.T) {
	levels := map[Level]int{}
	for _, c := range Codes {
		levels[c.Level()]++
	}
	if want := map[Level]int{Error: 13, Warning: 4, Advice: 7}; len(levels) != 3 || levels[Error] != want[Error] || levels[Warning] != want[Warning] || levels[Advice] != want[Advice] {
		t.Errorf("codes by level = %v, want %v", levels, want)
	}
	if !HalfAsked.BlocksAdoption() || DeadChoice.BlocksAdoption() {
		t.Error("half-asked blocks adoption, dead-choice does not")
	}
}
