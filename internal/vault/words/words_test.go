package words

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for i := range Count {
		w := Word(i)
		if got, ok := Index(w); got != i || !ok || len(w) != Length {
			t.Errorf("Index(Word(%d)) = %d, %v for %q", i, got, ok, w)
		}
		seen[w] = true
	}
	if len(seen) != Count {
		t.Errorf("there are %d different words, want %d", len(seen), Count)
	}
}

// TestMistakes: no word becomes another by one wrong letter or by two letters
// exchanged.
func TestMistakes(t *testing.T) {
	for i := range Count {
		w := []byte(Word(i))
		for at := range w {
			for c := byte('a'); c <= 'z'; c++ {
				wrong := slices.Clone(w)
				if wrong[at] = c; c == w[at] {
					continue
				}
				if _, ok := Index(string(wrong)); ok {
					t.Fatalf("%q with one letter wrong is the word %q", w, wrong)
				}
			}
			for with := range at {
				wrong := slices.Clone(w)
				wrong[at], wrong[with] = wrong[with], wrong[at]
				if _, ok := Index(string(wrong)); ok && string(wrong) != string(w) {
					t.Fatalf("%q with two letters exchanged is the word %q", w, wrong)
				}
			}
		}
	}
}

func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 80).Draw(t, "b")
		list := Encode(b)
		if len(list) != CountFor(len(b)) {
			t.Fatalf("Encode(%x) has %d words, CountFor says %d", b, len(list), CountFor(len(b)))
		}
		back, err := Decode(list, len(b))
		if err != nil || !bytes.Equal(back, b) {
			t.Fatalf("Decode(Encode(%x)) = %x, %v", b, back, err)
		}
	})
}

func TestDecodeTells(t *testing.T) {
	list := Encode([]byte{1, 2, 3, 4})
	wrong := slices.Clone(list)
	wrong[1] = "q" + wrong[1][1:]
	_, err := Decode(wrong, 4)
	var told *WordError
	if !errors.As(err, &told) || told.Number != 2 || !slices.Contains(told.Near, list[1]) {
		t.Errorf("Decode(%q) = %v, want word 2 and %q among the near", wrong, err, list[1])
	}
	if _, err := Decode(list[:2], 4); err == nil || !strings.Contains(err.Error(), "2 words") {
		t.Errorf("Decode of two words = %v, want their number told", err)
	}
	filled := slices.Clone(list)
	last, _ := Index(filled[2])
	filled[2] = Word(last | 1) // a bit where the filling is
	if _, err := Decode(filled, 4); err == nil {
		t.Errorf("Decode took %q with something in the filling", filled)
	}
	if got, err := Decode([]string{strings.ToUpper(list[0]), list[1], list[2]}, 4); err != nil || got[0] != 1 {
		t.Errorf("Decode with a word in capitals = %v, %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(strings.Join(Encode([]byte("seed")), " "), 4)
	f.Fuzz(func(t *testing.T, text string, n int) {
		list := strings.Fields(strings.ToLower(text))
		if n < 0 || n > 100 {
			return
		}
		if b, err := Decode(list, n); err == nil && !slices.Equal(Encode(b), list) {
			t.Errorf("Decode(%q) = %x, which is written %q", list, b, Encode(b))
		}
	})
}
