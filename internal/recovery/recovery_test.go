package recovery

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtable/internal/vault"
	"roundtable/internal/vault/words"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestAnyTwoRecover: each two of the three shares, in either order, as words and
// as QR, restore the installation's key.
func TestAnyTwoRecover(t *testing.T) {
	installation := must(vault.NewInstallationKey(rand.Reader))
	set := must(New(rand.Reader))
	letter := must(Deposit(set.Public, installation))
	for i := range Holders {
		for j := range Holders {
			if i == j {
				continue
			}
			a := must(ParseShare(strings.Join(set.Shares[i].Words(), " ")))
			b := must(ParseShare(set.Shares[j].QR()))
			private, err := Combine(a, b, set.Public.Fingerprint())
			if err != nil {
				t.Errorf("Combine(share %d, share %d): %v", i+1, j+1, err)
				continue
			}
			back, err := Withdraw(private, letter)
			if err != nil || must(back.ID()) != must(installation.ID()) {
				t.Errorf("Withdraw with shares %d and %d: %v", i+1, j+1, err)
			}
		}
	}
}

// TestOneRevealsNothing: whatever share a holder has, it goes with every seed
// equally: for each other seed there is exactly one other draw of the random
// halves that gives the very same share. So it says nothing of the seed. The
// control is that two shares do not have this property.
func TestOneRevealsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := [setSize]byte(drawBytes(t, "set", setSize))
		seed := [seedSize]byte(drawBytes(t, "seed", seedSize))
		other := [seedSize]byte(drawBytes(t, "other seed", seedSize))
		random := drawBytes(t, "random", Holders*seedSize)
		holder := rapid.IntRange(0, Holders-1).Draw(t, "holder")

		// The half that the holder got from the pair before is random XOR seed: draw
		// that pair so that it stays the same under the other seed.
		moved := bytes.Clone(random)
		before := (holder + Holders - 1) % Holders * seedSize
		change := xor(seed, other)
		for i, c := range change {
			moved[before+i] ^= c
		}
		was, is := split(set, seed, random), split(set, other, moved)
		if was[holder].QR() != is[holder].QR() {
			t.Fatalf("share %d differs between two seeds", holder+1)
		}
		second := (holder + 1) % Holders
		if seed != other && was[second].QR() == is[second].QR() {
			t.Fatalf("shares %d and %d both fit two seeds: two would not recover", holder+1, second+1)
		}
	})
}

func drawBytes(t *rapid.T, label string, n int) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, label)
}

func TestSharesThatDoNotFit(t *testing.T) {
	set, older := must(New(rand.Reader)), must(New(rand.Reader))
	want := set.Public.Fingerprint()
	tests := []struct {
		name string
		a, b Share
		says string
	}{
		{"the same one twice", set.Shares[1], set.Shares[1], "both are share 2"},
		{"two printings", set.Shares[0], older.Shares[1], "different printings"},
		{"an older printing", older.Shares[0], older.Shares[1], "another recovery key"},
		{"one missing", set.Shares[0], Share{}, "missing"},
	}
	for _, test := range tests {
		_, err := Combine(test.a, test.b, want)
		if !errors.Is(err, ErrShares) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("Combine of %s = %v, want it to say %q", test.name, err, test.says)
		}
	}
}

func TestDepositIsBound(t *testing.T) {
	set, other := must(New(rand.Reader)), must(New(rand.Reader))
	installation := must(vault.NewInstallationKey(rand.Reader))
	letter := must(Deposit(set.Public, installation))
	wrong := must(Combine(other.Shares[0], other.Shares[1], other.Public.Fingerprint()))
	if _, err := Withdraw(wrong, letter); !errors.Is(err, vault.ErrOtherKey) {
		t.Errorf("Withdraw with another recovery key = %v, want %v", err, vault.ErrOtherKey)
	}
	right := must(Combine(set.Shares[0], set.Shares[1], set.Public.Fingerprint()))
	at := vault.Place{Library: "l", Case: "c", Field: "note"}
	note := must(set.Public.Seal(vault.ForCounsel, at, vault.NewClear("not for recovery")))
	if _, err := Withdraw(right, note); !errors.Is(err, vault.ErrOpen) {
		t.Errorf("Withdraw of a counsel's note = %v, want %v", err, vault.ErrOpen)
	}
}

func TestTypedShares(t *testing.T) {
	share := must(New(rand.Reader)).Shares[2]
	list := share.Words()
	if len(list) != WordCount {
		t.Fatalf("a share has %d words, want %d", len(list), WordCount)
	}
	numbered := ""
	for i, w := range list {
		numbered += fmt.Sprintf("%2d. %s\n", i+1, strings.ToUpper(w))
	}
	good := map[string]string{
		"in a row":             strings.Join(list, " "),
		"with commas":          strings.Join(list, ", "),
		"numbered as printed":  numbered,
		"the code":             share.QR(),
		"the code over lines":  share.QR()[:30] + "\n  " + share.QR()[30:],
		"the code, small":      strings.ToLower(share.QR()),
		"numbers without dots": strings.ReplaceAll(numbered, ".", ""),
	}
	for name, text := range good {
		got, err := ParseShare(text)
		if err != nil || got.QR() != share.QR() {
			t.Errorf("ParseShare, %s: %v", name, err)
		}
	}
	swap := slices.Clone(list)
	swap[3], swap[4] = swap[4], swap[3]
	typo := slices.Clone(list)
	typo[11] = typo[11][:4] + "q"
	zero := slices.Clone(list)
	zero[5] = "0" + zero[5][1:]
	bad := map[string]struct{ text, says string }{
		"nothing":            {"", "0 words"},
		"a word missing":     {strings.Join(list[1:], " "), "29 words"},
		"two exchanged":      {strings.Join(swap, " "), "exchanged"},
		"a mistyped word":    {strings.Join(typo, " "), "perhaps it is " + list[11]},
		"a digit in a word":  {strings.Join(zero, " "), "word 6"},
		"half a code":        {share.QR()[:50], "cut short"},
		"a book":             {strings.Repeat("babab ", 1000), "too long"},
		"letters unheard of": {strings.Join(list[1:], " ") + " ééééé", "word 30"},
	}
	for name, test := range bad {
		_, err := ParseShare(test.text)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("ParseShare, %s = %v, want it to say %q", name, err, test.says)
		}
	}
}

// TestMistypedWordsAreTold: no one wrong word, and no exchange of two, gives
// another share.
func TestMistypedWordsAreTold(t *testing.T) {
	share := must(New(rand.Reader)).Shares[0]
	rapid.Check(t, func(t *rapid.T) {
		list := share.Words()
		at := rapid.IntRange(0, WordCount-1).Draw(t, "at")
		list[at] = words.Word(rapid.IntRange(0, words.Count-1).Draw(t, "word"))
		got, err := ParseShare(strings.Join(list, " "))
		if err == nil && got.QR() != share.QR() {
			t.Fatalf("a share with word %d wrong is taken as another share", at+1)
		}
	})
}

func TestSharesDoNotPrint(t *testing.T) {
	share := must(New(rand.Reader)).Shares[0]
	inside := struct{ s Share }{share}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "share", share, "inside", inside)
	encoded, _ := json.Marshal(map[string]any{"s": share})
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, share) + fmt.Sprintf(verb, inside) + fmt.Sprintf(verb, []Share{share})
	}
	b := share.hidden()[10:20]
	for _, secret := range []string{share.Words()[9], share.QR()[40:60], fmt.Sprintf("%x", b), strings.Trim(fmt.Sprint(b), "[]")} {
		if strings.Contains(strings.ToLower(shown), strings.ToLower(secret)) {
			t.Errorf("a share shows in %s", shown)
		}
	}
	share.Erase()
	if !bytes.Equal(share.hidden()[:], make([]byte, shareSize)) {
		t.Error("Erase left the share in memory")
	}
}

func TestNoRandomness(t *testing.T) {
	if _, err := New(strings.NewReader("too little")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("New with ten bytes of randomness = %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

func FuzzParseShare(f *testing.F) {
	set := must(New(rand.Reader))
	f.Add(strings.Join(set.Shares[0].Words(), " "))
	f.Add(set.Shares[1].QR())
	f.Fuzz(func(t *testing.T, text string) {
		share, err := ParseShare(text)
		if err != nil {
			return
		}
		for _, form := range []string{share.QR(), strings.Join(share.Words(), " ")} {
			if again, err := ParseShare(form); err != nil || again.QR() != share.QR() {
				t.Errorf("a share read from %q is not read again from %q: %v", text, form, err)
			}
		}
	})
}
