package people

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// source is randomness that a test can repeat.
func source(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// TestNewIDVector is the example of RFC 9562, appendix A.6.
func TestNewIDVector(t *testing.T) {
	random, _ := hex.DecodeString("0cc3" + "18c4dc0c0c07398f")
	at := time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC)
	got, err := NewID[PersonID](at, bytes.NewReader(random))
	if want := PersonID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"); got != want || err != nil {
		t.Errorf("NewID = %q, %v, want %q", got, err, want)
	}
}

func TestNewIDProblems(t *testing.T) {
	good := time.Date(2026, 11, 3, 19, 0, 0, 0, time.UTC)
	if id, err := NewID[CaseLike](good, strings.NewReader("short")); err == nil {
		t.Errorf("NewID with too little randomness = %q, want an error", id)
	}
	for _, at := range []time.Time{{}, time.UnixMilli(-1), time.UnixMilli(1 << 48)} {
		if id, err := NewID[CaseLike](at, source(1)); err == nil {
			t.Errorf("NewID at %v = %q, want an error", at, id)
		}
	}
	for _, at := range []time.Time{time.UnixMilli(0), time.UnixMilli(1<<48 - 1)} {
		if _, err := NewID[CaseLike](at, source(1)); err != nil {
			t.Errorf("NewID at %v: %v", at, err)
		}
	}
}

// CaseLike stands for the ids of other rooms.
type CaseLike string

func TestIDsSortByTime(t *testing.T) {
	random := source(7)
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(rapid.Int64Range(0, 1<<48-1), 2, 20).Draw(t, "ms")
		slices.Sort(ms)
		ms = slices.Compact(ms)
		var ids []CaseLike
		for _, m := range ms {
			id, err := NewID[CaseLike](time.UnixMilli(m), random)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := ParseID[CaseLike](string(id)); back != id || err != nil {
				t.Fatalf("ParseID(%q) = %q, %v", id, back, err)
			}
			ids = append(ids, id)
		}
		if !slices.IsSorted(ids) {
			t.Errorf("ids of rising times are not in order: %v", ids)
		}
	})
}

func TestParseID(t *testing.T) {
	const good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	if _, err := ParseID[PersonID](good); err != nil {
		t.Fatalf("ParseID(%q): %v", good, err)
	}
	for _, bad := range []string{
		"", " " + good[1:], strings.ToUpper(good), good + "0", good[1:], strings.ReplaceAll(good, "-", ""),
		"{" + good[2:] + "}", strings.Replace(good, "-7cc3", "-4cc3", 1), strings.Replace(good, "-9", "-c", 1),
		strings.Replace(good, "-", "_", 1), good[:35] + "g", good[:35] + "\x00", string(Installation),
	} {
		if id, err := ParseID[PersonID](bad); !errors.Is(err, ErrID) {
			t.Errorf("ParseID(%q) = %q, %v, want ErrID", bad, id, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "installation"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID[PersonID](text)
		if err != nil {
			if id != "" {
				t.Errorf("ParseID(%q) = %q with an error, want nothing", text, id)
			}
			return
		}
		b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
		if err != nil || len(b) != 16 || write([16]byte(b)) != text || b[6]>>4 != 7 || b[8]>>6 != 0b10 {
			t.Errorf("ParseID(%q) took what is no UUID of version 7", text)
		}
	})
}

func TestPseudonym(t *testing.T) {
	random, seen := source(3), map[Pseudonym]bool{}
	for range 1000 {
		p, err := NewPseudonym(random)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParsePseudonym(string(p)); back != p || err != nil {
			t.Fatalf("ParsePseudonym(%q) = %q, %v", p, back, err)
		}
		if seen[p] {
			t.Fatalf("%q was drawn twice", p)
		}
		seen[p] = true
	}
	if p, err := NewPseudonym(strings.NewReader("short")); err == nil {
		t.Errorf("NewPseudonym with too little randomness = %q, want an error", p)
	}
	for _, bad := range []string{"", "p-", "p-0123456789abcdefghjU", "q-0123456789abcdefghjk", "p-0123456789abcdefghjkm", "p-0123456789abcdefghi0"} {
		if p, err := ParsePseudonym(bad); err == nil {
			t.Errorf("ParsePseudonym(%q) = %q, want an error", bad, p)
		}
	}
}

func FuzzParsePseudonym(f *testing.F) {
	f.Add("p-0123456789abcdefghjk")
	f.Add("p-")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePseudonym(text)
		switch {
		case err != nil && p != "":
			t.Errorf("ParsePseudonym(%q) = %q with an error, want nothing", text, p)
		case err == nil && (string(p) != text || len(text) != 22 || strings.Trim(text[2:], pseudonymLetters) != ""):
			t.Errorf("ParsePseudonym(%q) took what NewPseudonym never writes", text)
		}
	})
}

func BenchmarkNewID(b *testing.B) {
	at, random := time.Date(2026, 11, 3, 19, 0, 0, 0, time.UTC), source(1)
	for b.Loop() {
		NewID[PersonID](at, random)
	}
}
