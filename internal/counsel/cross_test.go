package counsel

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/vault"
	"roundtable/internal/vault/words"
)

// vectorFile is the published vector of our suite, which vault passes too.
const vectorFile = "../vault/testdata/rfc9180-p256-sha256-aes256gcm.json"

// TestBrowserPassesRFC9180: encapsulation, both ways of sealing, each of the
// vector's messages, and its exports.
func TestBrowserPassesRFC9180(t *testing.T) {
	n := startNode(t)
	text := must(os.ReadFile(vectorFile))
	var v struct {
		IkmE, SkRm, Enc string
		Encryptions     []struct{ Ct, Pt string }
		Exports         []struct {
			Value string `json:"exported_value"`
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	recipient := must(ecdh.P256().NewPrivateKey(must(hex.DecodeString(v.SkRm))))
	derived := must(hpke.DHKEM(ecdh.P256()).DeriveKeyPair(must(hex.DecodeString(v.IkmE))))
	ephemeral := must(ecdh.P256().NewPrivateKey(must(derived.Bytes())))
	got := n.ask("vector", values{"vector": json.RawMessage(text), "jwk": jwkOf(recipient), "ephemeral": jwkOf(ephemeral)})

	want := answer{Enc: v.Enc, Same: true, Box: v.Encryptions[0].Ct, Opened: v.Encryptions[0].Pt}
	for _, e := range v.Encryptions {
		want.Boxes, want.Plains = append(want.Boxes, e.Ct), append(want.Plains, e.Pt)
	}
	for _, e := range v.Exports {
		want.Exports = append(want.Exports, e.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the browser's HPKE differs from RFC 9180 (-want +got):\n%s", diff)
	}
	if len(want.Boxes) != 16 || len(want.Exports) != 3 {
		t.Errorf("the vector has %d messages and %d exports, want 16 and 3", len(want.Boxes), len(want.Exports))
	}
}

var here = vault.Place{Library: "library-1", Case: "case-1", Field: "counsel note 1", Version: 1}

// contents makes n contents of 0 to 20,000 characters in many scripts, the edges
// of the padded sizes among them.
func contents(n int) []string {
	random := mathrand.New(mathrand.NewPCG(9180, 15))
	alphabets := [][]rune{
		[]rune("abcdefghij klmnop\n\t"), []rune("áéíóúñ¿¡ ßœ"), []rune("مرحبا بك في المكتبة"), []rune("图书馆律师的笔记"),
		[]rune("👩‍⚖️📚🏛 "), {0, 0xfeff, 0x7f, 0x2028, 0x202e, 0xfffd, utf8.MaxRune}, []rune("नमस्ते е́ e\u0301"),
	}
	list := []string{"", "\ufeffa mark in front", strings.Repeat("x", 252), strings.Repeat("x", 253), strings.Repeat("😀", MaxText)}
	for len(list) < n {
		letters := alphabets[random.IntN(len(alphabets))]
		size := random.IntN(1 << (1 + random.IntN(14)))
		if random.IntN(10) == 0 {
			size = random.IntN(MaxText + 1)
		}
		text := make([]rune, size)
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		list = append(list, string(text))
	}
	return list
}

// TestBothWays (P10): over 1,000 contents, Go opens what the browser sealed, the
// browser opens what Go sealed, and both give the same size. Every attack is
// tried on each fourth, in both directions, and refused.
func TestBothWays(t *testing.T) {
	n := startNode(t)
	ours, other := newPair(t, bytes.Repeat([]byte{7}, 32)), newPair(t, bytes.Repeat([]byte{8}, 32))
	random := mathrand.New(mathrand.NewPCG(1, 2))
	tried := 0
	for i, text := range contents(1000) {
		purpose, at := []vault.Purpose{vault.ForCounsel, vault.ForIntake}[i/4%2], here
		at.Version = random.Uint64() >> random.IntN(64)

		sealed := n.ask("seal", values{"key": ours.encoded(), "purpose": purpose, "place": placeFor(at), "content": encode([]byte(text))})
		letter := decoded(t, sealed.Letter)
		parsed, err := vault.ParseLetter(bytes.Clone(letter))
		if err != nil {
			t.Fatalf("content %d: ParseLetter of the browser's letter: %v", i, err)
		}
		if back, err := ours.private.Open(purpose, at, parsed); err != nil || back.Text() != text {
			t.Fatalf("content %d: Open of the browser's letter = %.40q, %v; want %.40q", i, back.Text(), err, text)
		}

		goLetter := must(ours.public.Seal(purpose, at, vault.NewClear(text))).Bytes()
		if len(goLetter) != len(letter) {
			t.Errorf("content %d of %d bytes: the browser's letter has %d bytes, Go's %d", i, len(text), len(letter), len(goLetter))
		}
		if back := n.open(ours, purpose, at, goLetter); back.Kind != "" || string(decoded(t, back.Content)) != text {
			t.Fatalf("content %d: the browser opens Go's letter as %.40q, kind %q; want %.40q", i, back.Content, back.Kind, text)
		}
		if i%4 != 0 {
			continue
		}
		for _, a := range attacks(random, ours, other, purpose, at) {
			tried++
			for _, told := range a.tell(n, letter, goLetter) {
				t.Errorf("content %d: %s", i, told)
			}
		}
	}
	if tried != 250*12 {
		t.Errorf("%d attacks were tried, want %d", tried, 250*12)
	}
}

func (n *node) open(p pair, purpose vault.Purpose, at vault.Place, letter []byte) answer {
	n.t.Helper()
	return n.ask("open", values{"jwk": p.jwk, "key": p.encoded(), "purpose": purpose, "place": placeFor(at), "letter": encode(letter)})
}

// attack is a letter opened as it should not open.
type attack struct {
	name    string
	key     pair
	purpose vault.Purpose
	at      vault.Place
	change  func([]byte) []byte
	kinds   []string // what the browser may say
}

// tell tries an attack on the browser's letter with Go and on Go's letter with
// the browser, and tells which of them opened it.
func (a attack) tell(n *node, fromBrowser, fromGo []byte) []string {
	n.t.Helper()
	var told []string
	if letter, err := vault.ParseLetter(a.change(bytes.Clone(fromBrowser))); err == nil {
		if _, err := a.key.private.Open(a.purpose, a.at, letter); err == nil {
			told = append(told, a.name+": Go opens the browser's letter")
		}
	}
	if got := n.open(a.key, a.purpose, a.at, a.change(bytes.Clone(fromGo))).Kind; !slices.Contains(a.kinds, got) {
		told = append(told, fmt.Sprintf("%s: the browser says %q of Go's letter, want one of %q", a.name, got, a.kinds))
	}
	return told
}

func attacks(random *mathrand.Rand, ours, other pair, purpose vault.Purpose, at vault.Place) []attack {
	asIs := func(b []byte) []byte { return b }
	elsewhere := func(change func(*vault.Place)) vault.Place {
		moved := at
		change(&moved)
		return moved
	}
	otherPurpose := vault.ForIntake
	if purpose == vault.ForIntake {
		otherPurpose = vault.ForCounsel
	}
	flip := func(from, to func(n int) int) func([]byte) []byte {
		return func(b []byte) []byte {
			i := from(len(b)) + random.IntN(to(len(b))-from(len(b)))
			b[i] ^= 1 << random.IntN(8)
			return b
		}
	}
	at9, at74 := func(int) int { return 9 }, func(int) int { return 74 }
	end := func(n int) int { return n }
	otherName := other.public.Fingerprint()
	return []attack{
		{"another purpose", ours, otherPurpose, at, asIs, []string{"open"}},
		{"another library", ours, purpose, elsewhere(func(p *vault.Place) { p.Library = "library-2" }), asIs, []string{"open"}},
		{"another case", ours, purpose, elsewhere(func(p *vault.Place) { p.Case += " " }), asIs, []string{"open"}},
		{"another field", ours, purpose, elsewhere(func(p *vault.Place) { p.Field = "counsel note 2" }), asIs, []string{"open"}},
		{"another version", ours, purpose, elsewhere(func(p *vault.Place) { p.Version ^= 1 << random.IntN(64) }), asIs, []string{"open"}},
		{"names moved between library and case", ours, purpose, elsewhere(func(p *vault.Place) { p.Library, p.Case = "library-", "1case-1" }), asIs, []string{"open"}},
		{"another key", other, purpose, at, asIs, []string{"other-key"}},
		{"another key, renamed", other, purpose, at, func(b []byte) []byte { copy(b[1:9], otherName[:]); return b }, []string{"open"}},
		{"a bit of format or name", ours, purpose, at, flip(func(int) int { return 0 }, at9), []string{"format", "other-key"}},
		{"a bit of the letter's own key", ours, purpose, at, flip(at9, at74), []string{"format", "open"}},
		{"a bit of the ciphertext or tag", ours, purpose, at, flip(at74, end), []string{"open"}},
		{"cut", ours, purpose, at, func(b []byte) []byte { return b[:random.IntN(len(b))] }, []string{"format", "open"}},
	}
}

// TestAttacksControl: the check itself tells a letter that opens.
func TestAttacksControl(t *testing.T) {
	n := startNode(t)
	ours := newPair(t, bytes.Repeat([]byte{7}, 32))
	letter := must(ours.public.Seal(vault.ForCounsel, here, vault.NewClear("x"))).Bytes()
	none := attack{"none", ours, vault.ForCounsel, here, func(b []byte) []byte { return b }, []string{"open"}}
	if told := none.tell(n, letter, letter); len(told) != 2 {
		t.Errorf("an attack that changes nothing is told as %q, want both sides told", told)
	}
}

// TestRefusedForms: what the browser will not seal, and letters that are not
// letters; Go refuses the same.
func TestRefusedForms(t *testing.T) {
	n := startNode(t)
	p := newPair(t, bytes.Repeat([]byte{7}, 32))
	off := p.public.Bytes()
	off[40] ^= 1
	places := []vault.Place{{}, {Library: "a", Case: "b"}, {Library: "a", Case: strings.Repeat("é", 128), Field: "f"}}
	for _, at := range places {
		if _, err := p.public.Seal(vault.ForCounsel, at, vault.NewClear("x")); err == nil {
			t.Errorf("vault seals to %+v", at)
		}
		if got := n.ask("seal", values{"key": p.encoded(), "purpose": vault.ForCounsel, "place": placeFor(at), "content": ""}); got.Kind != "place" {
			t.Errorf("seal to %+v = %q, want %q", at, got.Kind, "place")
		}
	}
	versions := []any{"-1", "01", "1e3", "18446744073709551616", 1.5, -1, nil, ""}
	for _, version := range versions {
		at := values{"library": "a", "case": "b", "field": "c", "version": version}
		if got := n.ask("seal", values{"key": p.encoded(), "purpose": vault.ForCounsel, "place": at, "content": ""}); got.Kind != "place" {
			t.Errorf("seal to version %v = %q, want %q", version, got.Kind, "place")
		}
	}
	for _, key := range [][]byte{nil, off, make([]byte, 65), p.public.Bytes()[:64], append([]byte{2}, p.public.Bytes()[1:33]...)} {
		if _, err := vault.ParsePublicKey(key); err == nil {
			t.Errorf("vault takes %x as a key", key)
		}
		if got := n.ask("seal", values{"key": encode(key), "purpose": vault.ForCounsel, "place": placeFor(here), "content": ""}); got.Kind != "key" {
			t.Errorf("seal to key %x = %q, want %q", key, got.Kind, "key")
		}
	}
	letter := must(p.public.Seal(vault.ForCounsel, here, vault.NewClear("x"))).Bytes()
	for _, bad := range [][]byte{nil, {1}, append(bytes.Clone(letter), 0), append([]byte{2}, letter[1:]...)} {
		if got := n.open(p, vault.ForCounsel, here, bad); got.Kind != "format" {
			t.Errorf("open of %d bytes = %q, want %q", len(bad), got.Kind, "format")
		}
	}
}

// TestForeignPadding: a letter whose inside pad cannot have written is refused
// by both, though it is sealed rightly.
func TestForeignPadding(t *testing.T) {
	n := startNode(t)
	p := newPair(t, bytes.Repeat([]byte{7}, 32))
	key := must(hpke.DHKEM(ecdh.P256()).NewPublicKey(p.public.Bytes()))
	tests := map[string]func([]byte){
		"a byte in the filling":    func(b []byte) { b[255] = 1 },
		"a length over the room":   func(b []byte) { b[2] = 1 },
		"a length of another size": func(b []byte) { b[0] = 255 },
	}
	for name, change := range tests {
		padded := make([]byte, 256)
		change(padded)
		box := must(hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info(vault.ForCounsel, here), padded))
		print := p.public.Fingerprint()
		letter := slices.Concat([]byte{1}, print[:8], box)
		if _, err := p.private.Open(vault.ForCounsel, here, must(vault.ParseLetter(bytes.Clone(letter)))); err == nil {
			t.Errorf("%s: vault opens it", name)
		}
		if got := n.open(p, vault.ForCounsel, here, letter); got.Kind != "format" {
			t.Errorf("%s: the browser says %q, want %q", name, got.Kind, "format")
		}
	}
}

// TestSizes: both pad alike, at each edge and up to the largest content.
func TestSizes(t *testing.T) {
	n := startNode(t)
	public := newPair(t, bytes.Repeat([]byte{7}, 32)).public
	var sizes, want []int
	for edge := 256; edge <= 1<<20; edge *= 2 {
		sizes = append(sizes, edge-5, edge-4, edge-3)
	}
	sizes = append(sizes, 0, 1, 3<<20-4, 3<<20-3, vault.MaxClear-4, vault.MaxClear)
	for _, size := range sizes {
		letter := must(public.Seal(vault.ForCounsel, here, vault.ClearBytes(make([]byte, size))))
		want = append(want, len(letter.Bytes())-1-8-65-16)
	}
	if got := n.ask("sizes", values{"sizes": sizes}).Sizes; !slices.Equal(got, want) {
		t.Errorf("paddedSize of %v = %v, want %v", sizes, got, want)
	}
	got := n.ask("constants", values{})
	if got.Counsel != string(vault.ForCounsel) || got.Intake != string(vault.ForIntake) || got.Most != vault.MaxClear {
		t.Errorf("the browser's constants are %q, %q, %d", got.Counsel, got.Intake, got.Most)
	}
}

// TestWords: all 2,048 words, and fingerprints as both sides show them.
func TestWords(t *testing.T) {
	n := startNode(t)
	for i, word := range n.ask("words", values{}).Words {
		if word != words.Word(i) {
			t.Errorf("word %d = %q, want %q", i, word, words.Word(i))
		}
	}
	for range 100 {
		scalar := make([]byte, 32)
		must(rand.Read(scalar[1:]))
		p := newPair(t, scalar)
		f := p.public.Fingerprint()
		got := n.ask("name", values{"key": p.encoded()})
		if got.Hex != f.String() || got.Groups != f.Groups() || !slices.Equal(got.Words, f.Words()) {
			t.Errorf("the browser names a key %s, %s, %q; want %s, %s, %q", got.Hex, got.Groups, got.Words, f, f.Groups(), f.Words())
		}
	}
}

// TestBase64: one text for each value, and nothing else is taken.
func TestBase64(t *testing.T) {
	n := startNode(t)
	for _, good := range []string{"", "AA", "AAA", "AAAA", "_-8", encode(bytes.Repeat([]byte{255, 254, 250}, 9000))} {
		if got := n.ask("base64", values{"content": good}); got.Content != good {
			t.Errorf("fromBase64(%.20q) is written %.20q", good, got.Content)
		}
	}
	for _, bad := range []string{"A", "AB", "AA==", "A A", "+/8", "AA\n", "AAAAA", "é"} {
		if got := n.ask("base64", values{"content": bad}); got.Kind != "refused" {
			t.Errorf("fromBase64(%q) = %q, want it refused", bad, got.Content)
		}
	}
}

// info is HPKE's info as vault's DESIGN.md describes it, written once more here.
func info(purpose vault.Purpose, at vault.Place) []byte {
	var b []byte
	for _, part := range []string{"roundtable sealed field v1", string(purpose), at.Library, at.Case, at.Field} {
		b = append(b, 0, 0, byte(len(part)>>8), byte(len(part)))
		b = append(b, part...)
	}
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(at.Version>>shift))
	}
	return b
}
