package ledger_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	clog "github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"roundtable/ledger"
)

func TestSign(t *testing.T) {
	w := newWorld(t, 1)
	wantSizes := []int64{0, 16, 16, 48}
	acts := []int{0, 3, 0, 17}
	var before ledger.Checkpoint
	for i, n := range acts {
		for range n {
			if _, err := ledger.Append(background, w.m, w.entry()); err != nil {
				t.Fatal(err)
			}
		}
		at := noon.Add(time.Duration(i) * time.Hour)
		c, signed, err := ledger.Sign(background, w.m, w.signer, at, w.random)
		if err != nil {
			t.Fatalf("Sign() = %v", err)
		}
		if c.Size != wantSizes[i] || !c.At.Equal(at) || c.Origin != origin {
			t.Errorf("checkpoint %d = %+v, want size %d at %s of %s", i, c, wantSizes[i], at, origin)
		}
		if i > 0 && c.After != before.ID() || i == 0 && c.After != (ledger.Hash{}) {
			t.Errorf("checkpoint %d comes after %s, want %s", i, c.After, before.ID())
		}
		opened, _, err := ledger.OpenCheckpoint(signed, w.key)
		if err != nil || opened != c {
			t.Errorf("OpenCheckpoint() = %+v, %v, want %+v", opened, err, c)
		}
		before = c
	}
	leaves, _ := w.m.Leaves(background, 0, 100)
	fillers := 0
	seen := map[[32]byte]bool{}
	for _, leaf := range leaves {
		e, err := ledger.ParseEntry(leaf.Text)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == ledger.Filler {
			fillers++
		}
		if seen[e.Commitment] {
			t.Errorf("two leaves have the commitment %x", e.Commitment)
		}
		seen[e.Commitment] = true
	}
	if want := 13 + 15; fillers != want {
		t.Errorf("there are %d filler leaves, want %d", fillers, want)
	}
}

// TestCheckpointIsC2SP reads a checkpoint with the libraries of the formats.
func TestCheckpointIsC2SP(t *testing.T) {
	w := newWorld(t, 1)
	w.do(5)
	signed := w.sign(true)
	verifier, err := note.NewVerifier(w.key)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := cosignature.NewVerifierForCosignatureV1(w.witnessKey)
	if err != nil {
		t.Fatal(err)
	}
	c, rest, n, err := clog.ParseCheckpoint(signed, origin, verifier, witness)
	if err != nil {
		t.Fatalf("ParseCheckpoint() = %v", err)
	}
	root, _ := ledger.Root(background, w.m, 16)
	if c.Size != 16 || !bytes.Equal(c.Hash, root[:]) || len(n.Sigs) != 2 {
		t.Errorf("ParseCheckpoint() = %+v with %d signatures, want size 16, root %s and 2", c, len(n.Sigs), root)
	}
	if want := "time 2026-11-25T18:00:00.000Z\nafter -\n"; string(rest) != want {
		t.Errorf("extension lines = %q, want %q", rest, want)
	}
}

func TestOpenCheckpointRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.do(5)
	w.sign(false)
	good := w.sign(true)
	if _, cosigned, err := ledger.OpenCheckpoint(good, w.key, w.witnessKey); err != nil || len(cosigned) != 1 || cosigned[0].Witness != "witness.example" || cosigned[0].Size != 16 {
		t.Fatalf("OpenCheckpoint() = %+v, %v, want one cosignature of witness.example at 16", cosigned, err)
	}
	text, _, _ := strings.Cut(string(good), "\n\n")
	resign := func(text string, signers ...note.Signer) []byte {
		signed, err := note.Sign(&note.Note{Text: text}, signers...)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	lines := strings.SplitAfter(text+"\n", "\n")
	swap := func(i int, line string) []byte {
		changed := slices.Clone(lines)
		changed[i] = line
		return resign(strings.Join(changed, ""), w.signer)
	}
	_, otherKey := newKey(t, w.random, origin)
	root := strings.TrimSuffix(lines[2], "\n")
	tests := map[string][]byte{
		"nothing":                nil,
		"text alone":             []byte(text + "\n"),
		"witness alone":          resign(text+"\n", w.witness),
		"other origin":           swap(0, "elsewhere.example\n"),
		"leading zero":           swap(1, "016\n"),
		"sign":                   swap(1, "+16\n"),
		"negative":               swap(1, "-16\n"),
		"too large":              swap(1, "9223372036854775808\n"),
		"short root":             swap(2, "AAAA\n"),
		"stray bits in the root": swap(2, root[:42]+string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", root[42])^1])+"=\n"),
		"no time":                swap(3, ""),
		"other time":             swap(3, "time 2026-11-25T18:00:00Z\n"),
		"no one before":          swap(4, ""),
		"bad one before":         swap(4, "after AAAA\n"),
		"zeros before":           swap(4, "after "+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n"),
		"more lines":             swap(4, lines[4]+"more\n"),
		"two signatures":         append(bytes.Clone(good), good[bytes.Index(good, []byte("— ")):]...),
		"no line feed at end":    good[:len(good)-1],
		"carriage returns":       bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")),
	}
	for name, signed := range tests {
		if c, _, err := ledger.OpenCheckpoint(signed, w.key, w.witnessKey); err == nil {
			t.Errorf("%s: OpenCheckpoint(%q) = %+v, want an error", name, signed, c)
		}
	}
	for name, key := range map[string]string{"other key": otherKey, "no key": "", "witness's key": w.witnessKey} {
		if _, _, err := ledger.OpenCheckpoint(good, key); err == nil {
			t.Errorf("%s: OpenCheckpoint() succeeded, want an error", name)
		}
	}
}

func TestWitnessKeys(t *testing.T) {
	w := newWorld(t, 1)
	w.do(1)
	signed := w.sign(false)
	name, rest, _ := strings.Cut(w.witnessKey, "+")
	_, plain := newKey(t, w.random, "witness.example")
	for what, key := range map[string]string{
		"a key of the wrong kind": plain,
		"another name":            "x" + name + "+" + rest,
		"half a key":              w.witnessKey[:len(w.witnessKey)-8],
		"nothing":                 "",
	} {
		if _, _, err := ledger.OpenCheckpoint(signed, w.key, key); err == nil {
			t.Errorf("%s: OpenCheckpoint() took %q for a witness's key", what, key)
		}
	}
}

func TestAddCosignaturesRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.do(5)
	first := w.sign(false)
	w.do(5)
	signed := w.sign(false)
	line := func(signed []byte) []byte { return signed[bytes.LastIndex(signed, []byte("— ")):] }
	good := line(w.cosign(signed))
	private, _ := newKey(t, w.random, "stranger.example")
	stranger, _ := cosignature.NewSignerForCosignatureV1(private)
	text, _, _ := strings.Cut(string(signed), "\n\n")
	strange, _ := note.Sign(&note.Note{Text: text + "\n"}, stranger)
	tests := map[string][]byte{
		"nothing":            nil,
		"of another tree":    line(w.cosign(first)),
		"of a stranger":      line(strange),
		"a stranger as well": slices.Concat(good, line(strange)),
		"twice":              slices.Concat(good, good),
		"more text":          slices.Concat([]byte("\n\n"), good),
		"not a line":         []byte("hello\n"),
	}
	for name, lines := range tests {
		if joined, err := ledger.AddCosignatures(signed, lines, w.key, w.witnessKey); err == nil {
			t.Errorf("%s: AddCosignatures() = %q, want an error", name, joined)
		}
	}
	if _, err := ledger.AddCosignatures(signed, good, w.key, w.witnessKey); err != nil {
		t.Errorf("AddCosignatures() of a good line = %v", err)
	}
}

// TestNoteVectors holds the notes of C2SP and of Go's own package against the
// stricter reading of ours: none that is good is refused, none that is bad gets
// through. They are no checkpoints, so that a good one fails as such.
func TestNoteVectors(t *testing.T) {
	var vectors struct {
		Cases []struct {
			Name    string
			Note    []byte   `json:"note_base64"`
			Keys    []string `json:"vkeys"`
			Verdict string
		}
	}
	readJSON(t, "testdata/tlog/notes.json", &vectors)
	want := map[string]string{
		"ok":                "this is not a checkpoint",
		"no known key":      "it is not signed with the ledger's key",
		"malformed":         "it is not a signed note",
		"invalid signature": "the signature of PeterNeumann is not valid",
	}
	_, stranger := newKey(t, seeded(1), "stranger.example")
	for _, c := range vectors.Cases {
		key := stranger
		if len(c.Keys) > 0 {
			key = c.Keys[0]
		}
		_, _, err := ledger.OpenCheckpoint(c.Note, key)
		if err == nil || err.Error() != want[c.Verdict] {
			t.Errorf("%s: OpenCheckpoint() = %v, want %q", c.Name, err, want[c.Verdict])
		}
	}
	if len(vectors.Cases) < 5 {
		t.Errorf("there are %d vectors, want at least 5", len(vectors.Cases))
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, name := range []string{"", "two words", "plus+plus", "línea", strings.Repeat("x", 256), "a\nb"} {
		if _, _, err := ledger.NewKey(seeded(1), name); err == nil {
			t.Errorf("NewKey(%q) succeeded, want an error", name)
		}
	}
	if _, _, err := ledger.NewKey(strings.NewReader("too short"), origin); err == nil {
		t.Error("NewKey() with too little randomness succeeded, want an error")
	}
}

func TestSignRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.do(1)
	if _, _, err := ledger.Sign(background, w.m, w.signer, noon, strings.NewReader("too short")); err == nil {
		t.Error("Sign() with too little randomness succeeded, want an error")
	}
	if _, _, err := ledger.Sign(background, w.m, w.signer, time.Time{}, w.random); err == nil {
		t.Error("Sign() in the year 1 succeeded, want an error")
	}
	w.sign(false)
	private, _ := newKey(t, w.random, "elsewhere.example")
	other, _ := note.NewSigner(private)
	if _, _, err := ledger.Sign(background, w.m, other, noon, w.random); err == nil {
		t.Error("Sign() under another name succeeded, want an error")
	}
}

// FuzzOpenCheckpoint holds that what is accepted was signed: the corpus has no
// other text than these.
func FuzzOpenCheckpoint(f *testing.F) {
	w := newWorld(f, 1)
	w.live(4, 20)
	texts := map[string]bool{}
	for _, n := range w.notes {
		text, _, _ := strings.Cut(string(n), "\n\n")
		texts[text+"\n"] = true
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, _, err := ledger.OpenCheckpoint(signed, w.key, w.witnessKey)
		if err == nil && !texts[c.Text()] {
			t.Errorf("OpenCheckpoint(%q) = %+v, which nobody signed", signed, c)
		}
	})
}
