package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"roundtable/ledger"
)

const origin = "library.example/ledger"

// world is a ledger in memory with its key, a witness and a seeded source of
// everything that is random.
type world struct {
	identity
	t      testing.TB
	rng    *rand.Rand
	random io.Reader
	now    time.Time
	m      *ledger.Memory
	acts   int
	notes  [][]byte
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	w := &world{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), random: seeded(seed),
		now: time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC), m: &ledger.Memory{},
	}
	w.identity = sameIdentity()
	return w
}

// identity is the keys of a ledger and of a witness.
type identity struct {
	key        string
	signer     note.Signer
	witnessKey string
	witness    note.Signer
	commit     ledger.CommitKey
}

// sameIdentity gives all worlds the same keys, so that they are made once and
// one process of the independent verifier can look at many files.
var sameIdentity = sync.OnceValue(func() identity {
	var id identity
	random := seeded(1 << 20)
	private, public, err := ledger.NewKey(random, origin)
	must(err)
	id.key = public
	id.signer, err = note.NewSigner(private)
	must(err)
	private, public, err = ledger.NewKey(random, "witness.example")
	must(err)
	id.witness, err = cosignature.NewSignerForCosignatureV1(private)
	must(err)
	id.witnessKey, err = cosignature.VKeyToCosignatureV1(public)
	must(err)
	id.commit, err = ledger.NewCommitKey(bytes.Repeat([]byte{7}, 32))
	must(err)
	return id
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func newKey(t testing.TB, random io.Reader, name string) (private, public string) {
	t.Helper()
	private, public, err := ledger.NewKey(random, name)
	if err != nil {
		t.Fatalf("NewKey(%q) = %v", name, err)
	}
	return private, public
}

func mustSigner(t testing.TB, private string) note.Signer {
	t.Helper()
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// seeded is a stream of bytes that only looks random. Tests alone may use it.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	key[2], key[3] = byte(seed>>16), byte(seed>>24)
	return rand.NewChaCha8(key)
}

func (w *world) entry() ledger.Entry {
	w.t.Helper()
	w.acts++
	w.now = w.now.Add(time.Duration(w.rng.IntN(60_000)) * time.Millisecond)
	kinds := []ledger.Kind{"case-opened", "case-read", "note-added", "exported", "try-refused"}
	act := ledger.Act{
		Kind: kinds[w.rng.IntN(len(kinds))], At: w.now, Actor: ledger.ID(fmt.Sprintf("p%x", w.rng.IntN(40))),
		Objects:  []ledger.ID{ledger.ID(fmt.Sprintf("case_%016x", w.rng.Uint64()))},
		Contents: fmt.Appendf(nil, "act %d", w.acts), Sealed: w.rng.IntN(10) == 0,
	}
	e, err := act.Entry(w.commit)
	if err != nil {
		w.t.Fatalf("%+v.Entry() = %v", act, err)
	}
	return e
}

// do appends n acts.
func (w *world) do(n int) {
	w.t.Helper()
	for n > 0 {
		batch := make([]ledger.Entry, 1+w.rng.IntN(min(n, 3)))
		for i := range batch {
			batch[i] = w.entry()
		}
		if _, err := ledger.Append(w.t.Context(), w.m, batch...); err != nil {
			w.t.Fatalf("Append() = %v", err)
		}
		n -= len(batch)
	}
}

// sign makes a checkpoint, at times with a witness.
func (w *world) sign(witnessed bool) []byte {
	w.t.Helper()
	w.now = w.now.Truncate(time.Hour).Add(time.Hour)
	_, signed, err := ledger.Sign(w.t.Context(), w.m, w.signer, w.now, w.random)
	if err != nil {
		w.t.Fatalf("Sign() = %v", err)
	}
	if witnessed {
		signed = w.cosign(signed)
		w.m.Cosign(signed)
	}
	w.notes = append(w.notes, signed)
	return signed
}

func (w *world) cosign(signed []byte) []byte {
	w.t.Helper()
	text, _, _ := strings.Cut(string(signed), "\n\n")
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, w.witness)
	if err != nil {
		w.t.Fatal(err)
	}
	line := cosigned[strings.Index(string(cosigned), "\n\n")+2:]
	joined, err := ledger.AddCosignatures(signed, line, w.key, w.witnessKey)
	if err != nil {
		w.t.Fatalf("AddCosignatures() = %v", err)
	}
	return joined
}

// live lets some hours pass, with up to most acts each.
func (w *world) live(hours, most int) {
	w.t.Helper()
	for range hours {
		w.do(w.rng.IntN(most + 1))
		w.sign(w.rng.IntN(4) == 0)
	}
}

func (w *world) export() []byte {
	w.t.Helper()
	var b bytes.Buffer
	if err := ledger.Export(w.t.Context(), &b, origin, w.m); err != nil {
		w.t.Fatalf("Export() = %v", err)
	}
	return b.Bytes()
}

func (w *world) options(kept ...[]byte) ledger.Options {
	return ledger.Options{Kept: kept, Witnesses: []string{w.witnessKey}}
}

func verify(t testing.TB, file []byte, key string, o ledger.Options) *ledger.Report {
	t.Helper()
	r, err := ledger.Verify(bytes.NewReader(file), key, o)
	if err != nil {
		t.Fatalf("Verify() = %v", err)
	}
	return r
}

// part is a leaf or a checkpoint of a file.
type part struct {
	leaf ledger.Leaf
	note []byte // of a checkpoint
}

// parts takes an exported file apart.
func parts(t testing.TB, file []byte) []part {
	t.Helper()
	var list []part
	lines := strings.Split(string(file), "\n")
	for i := 2; i < len(lines); i++ {
		fields := strings.SplitN(lines[i], " ", 4)
		switch fields[0] {
		case "leaf":
			p := part{}
			p.leaf.Hash = parseHash(t, fields[2])
			if len(fields) == 4 {
				p.leaf.Text = fields[3]
			}
			list = append(list, p)
		case "checkpoint":
			var n int
			fmt.Sscan(fields[1], &n)
			list = append(list, part{note: []byte(strings.Join(lines[i+1:i+1+n], "\n") + "\n")})
			i += n
		}
	}
	return list
}

// join puts a file together as somebody would who knows the format: leaves are
// numbered and counted anew.
func join(list []part) []byte {
	var b bytes.Buffer
	leaves, checkpoints := 0, 0
	fmt.Fprintf(&b, "roundtable-ledger 1\norigin %s\n", origin)
	for _, p := range list {
		switch {
		case p.note != nil:
			fmt.Fprintf(&b, "checkpoint %d\n%s", bytes.Count(p.note, []byte("\n")), p.note)
			checkpoints++
		case p.leaf.Text != "":
			fmt.Fprintf(&b, "leaf %d %s %s\n", leaves, p.leaf.Hash, p.leaf.Text)
			leaves++
		default:
			fmt.Fprintf(&b, "leaf %d %s\n", leaves, p.leaf.Hash)
			leaves++
		}
	}
	fmt.Fprintf(&b, "end %d %d\n", leaves, checkpoints)
	return b.Bytes()
}

func parseHash(t testing.TB, s string) (h ledger.Hash) {
	t.Helper()
	if err := h.UnmarshalJSON([]byte(`"` + s + `"`)); err != nil {
		t.Fatalf("hash %q: %v", s, err)
	}
	return h
}

var background = context.Background()
