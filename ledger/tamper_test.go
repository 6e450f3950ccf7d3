package ledger_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"roundtable/ledger"
)

// These tests are T2 of the threat model, for its promise P2: whoever changes
// a file is found, and nobody who did not is accused. Those who change files
// here know the format: they number leaves anew, correct hashes and counts.
// Only the signing key they do not have, except where it says so.

const tries = 100

// victim is a ledger as an attacker finds it.
type victim struct {
	*world
	file  []byte
	parts []part
	rng   *rand.Rand
}

// newVictim makes a victim, the same for the same seed. Its ledger is made once.
func newVictim(t testing.TB, seed uint64) *victim {
	t.Helper()
	w, found := grown[seed]
	if !found {
		w = grow(t, seed)
		grown[seed] = w
	}
	own := *w
	own.t, own.rng, own.random = t, rand.New(rand.NewPCG(seed, 3)), seeded(seed+1<<16)
	own.notes = slices.Clip(own.notes)
	file := own.export()
	return &victim{&own, file, parts(t, file), rand.New(rand.NewPCG(seed, 2))}
}

var grown = map[uint64]*world{} // by seed; tests do not run at once

func grow(t testing.TB, seed uint64) *world {
	w := newWorld(t, seed)
	w.do(3) // so that no ledger is empty
	w.live(2+w.rng.IntN(4), 30)
	w.m.Drop(int64(w.rng.IntN(20)))
	w.do(w.rng.IntN(5))
	return w
}

// signed is where the parts are that the last checkpoint covers.
func (v *victim) signed() (leaves, checkpoints []int) {
	last := len(v.parts) - 1
	for v.parts[last].note == nil {
		last--
	}
	for i, p := range v.parts[:last+1] {
		if p.note != nil {
			checkpoints = append(checkpoints, i)
		} else {
			leaves = append(leaves, i)
		}
	}
	return leaves, checkpoints
}

func (v *victim) leaf() int {
	leaves, _ := v.signed()
	return leaves[v.rng.IntN(len(leaves))]
}

func (v *victim) twoLeaves() (int, int) {
	leaves, _ := v.signed()
	i := v.rng.IntN(len(leaves) - 1)
	return leaves[i], leaves[i+1+v.rng.IntN(len(leaves)-i-1)]
}

// otherText changes one character of an entry to another that it may have.
func (v *victim) otherText(text string) string {
	b := []byte(text)
	for {
		i := v.rng.IntN(len(b))
		if c := byte('0' + v.rng.IntN(10)); b[i] >= '0' && b[i] <= '9' && b[i] != c {
			b[i] = c
			return string(b)
		}
	}
}

// changed puts another leaf in place of one.
func (v *victim) changed() part {
	e := v.entry()
	text, _ := e.MarshalText()
	return part{leaf: ledger.Leaf{Hash: tlog.RecordHash(text), Text: string(text)}}
}

var attacks = []struct {
	name  string
	apply func(v *victim) []byte
}{
	{"flip a byte of the file", func(v *victim) []byte {
		file := bytes.Clone(v.file)
		i := v.rng.IntN(len(file))
		for isWitness(file, i) { // see TestEveryByte
			i = v.rng.IntN(len(file))
		}
		file[i] ^= 1 << v.rng.IntN(8)
		return file
	}},
	{"flip a leaf's text and correct its hash", func(v *victim) []byte {
		i := v.leaf()
		for v.parts[i].leaf.Text == "" {
			i = v.leaf()
		}
		text := v.otherText(v.parts[i].leaf.Text)
		v.parts[i].leaf = ledger.Leaf{Hash: tlog.RecordHash([]byte(text)), Text: text}
		return join(v.parts)
	}},
	{"flip a bit of a leaf's hash", func(v *victim) []byte {
		v.parts[v.leaf()].leaf.Hash[v.rng.IntN(32)] ^= 1 << v.rng.IntN(8)
		return join(v.parts)
	}},
	{"put another act in place of one", func(v *victim) []byte {
		v.parts[v.leaf()] = v.changed()
		return join(v.parts)
	}},
	{"swap two leaves", func(v *victim) []byte {
		i, j := v.twoLeaves()
		v.parts[i], v.parts[j] = v.parts[j], v.parts[i]
		return join(v.parts)
	}},
	{"drop a leaf", func(v *victim) []byte {
		i := v.leaf()
		return join(slices.Delete(v.parts, i, i+1))
	}},
	{"drop a leaf and put another at the end", func(v *victim) []byte {
		i, _ := v.twoLeaves()
		leaves, _ := v.signed()
		end := leaves[len(leaves)-1]
		list := slices.Insert(v.parts, end+1, v.changed())
		return join(slices.Delete(list, i, i+1))
	}},
	{"drop several leaves", func(v *victim) []byte {
		i, j := v.twoLeaves()
		var list []part
		for at, p := range v.parts {
			if p.note != nil || at < i || at > j {
				list = append(list, p)
			}
		}
		return join(list)
	}},
	{"add a leaf", func(v *victim) []byte {
		return join(slices.Insert(v.parts, v.leaf(), v.changed()))
	}},
	{"put a leaf in twice", func(v *victim) []byte {
		i := v.leaf()
		return join(slices.Insert(v.parts, i, v.parts[i]))
	}},
	{"reorder: turn a run of leaves about", func(v *victim) []byte {
		i, j := v.twoLeaves()
		leaves, _ := v.signed()
		at := slices.Index(leaves, i)
		for k := slices.Index(leaves, j); at < k; at, k = at+1, k-1 {
			v.parts[leaves[at]], v.parts[leaves[k]] = v.parts[leaves[k]], v.parts[leaves[at]]
		}
		return join(v.parts)
	}},
	{"reorder: move a leaf to the front", func(v *victim) []byte {
		_, j := v.twoLeaves()
		moved := v.parts[j]
		return join(slices.Insert(slices.Delete(v.parts, j, j+1), 0, moved))
	}},
	{"truncate the file", func(v *victim) []byte {
		return bytes.Clone(v.file[:v.rng.IntN(len(v.file))])
	}},
	{"truncate leaves before the last checkpoint", func(v *victim) []byte {
		leaves, _ := v.signed()
		n := 1 + v.rng.IntN(len(leaves))
		for _, i := range slices.Backward(leaves[len(leaves)-n:]) {
			v.parts = slices.Delete(v.parts, i, i+1)
		}
		return join(v.parts)
	}},
	{"truncate at the front", func(v *victim) []byte {
		return join(v.parts[1+v.leaf():])
	}},
	{"drop a checkpoint that is not the last", func(v *victim) []byte {
		_, checkpoints := v.signed()
		i := checkpoints[v.rng.IntN(len(checkpoints)-1)]
		return join(slices.Delete(v.parts, i, i+1))
	}},
	{"swap two checkpoints", func(v *victim) []byte {
		_, checkpoints := v.signed()
		i := v.rng.IntN(len(checkpoints) - 1)
		a, b := checkpoints[i], checkpoints[i+1]
		v.parts[a], v.parts[b] = v.parts[b], v.parts[a]
		return join(v.parts)
	}},
	{"put one checkpoint's signature under another", func(v *victim) []byte {
		_, checkpoints := v.signed()
		i := v.rng.IntN(len(checkpoints) - 1)
		a, b := v.parts[checkpoints[i]].note, v.parts[checkpoints[i+1]].note
		text, _, _ := bytes.Cut(a, []byte("\n\n"))
		_, signature, _ := bytes.Cut(b, []byte("\n\n"))
		v.parts[checkpoints[i]].note = slices.Concat(text, []byte("\n\n"), signature)
		return join(v.parts)
	}},
	{"sign the last checkpoint with a key of one's own", func(v *victim) []byte {
		private, _ := newKey(v.t, v.random, origin)
		signer, _ := note.NewSigner(private)
		_, checkpoints := v.signed()
		v.resign(checkpoints[len(checkpoints)-1], signer)
		return join(v.parts)
	}},
	{"change bits of a signature that base64 does not show", func(v *victim) []byte {
		_, checkpoints := v.signed()
		i := checkpoints[v.rng.IntN(len(checkpoints))]
		// 68 bytes end in one "=", so the last digit has two bits to spare.
		end := bytes.IndexByte(v.parts[i].note, '=')
		for v.parts[i].note[end+1] != '\n' || !bytes.Contains(v.parts[i].note[:end], []byte("— ")) {
			end += 1 + bytes.IndexByte(v.parts[i].note[end+1:], '=')
		}
		digits := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		changed := bytes.Clone(v.parts[i].note)
		changed[end-1] = digits[strings.IndexByte(digits, changed[end-1])^1]
		before, _ := base64.StdEncoding.DecodeString(lastField(v.parts[i].note))
		after, _ := base64.StdEncoding.DecodeString(lastField(changed))
		if !bytes.Equal(before, after) {
			v.t.Fatalf("the signature %q is not the same as before", changed)
		}
		v.parts[i].note = changed
		return join(v.parts)
	}},
}

func lastField(note []byte) string {
	fields := strings.Fields(string(note))
	return fields[len(fields)-1]
}

// resign signs the text of a checkpoint as it stands.
func (v *victim) resign(i int, signer note.Signer) {
	v.t.Helper()
	text, _, _ := strings.Cut(string(v.parts[i].note), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
	if err != nil {
		v.t.Fatal(err)
	}
	v.parts[i].note = signed
}

func TestTamper(t *testing.T) {
	other := buildVerifier(t)
	for _, attack := range attacks {
		t.Run(attack.name, func(t *testing.T) {
			found := 0
			for seed := range uint64(tries) {
				v := newVictim(t, seed)
				file := attack.apply(v)
				if bytes.Equal(file, v.file) {
					t.Fatalf("seed %d: the attack changed nothing", seed)
				}
				r := verify(t, file, v.key, v.options())
				if r.OK() {
					t.Errorf("seed %d: Verify() found nothing\n%s", seed, firstDifference(v.file, file))
				} else {
					found++
				}
				other.expect(t, v, file, r.OK())
			}
			t.Logf("found %d of %d", found, tries)
			other.flush(t)
		})
	}
}

// The red control: the same tries with nothing done, or with what may be done,
// must not be found, and a check that lacks the signed tree must miss what
// TestTamper finds. Were the counting wrong, it would show here.
func TestTamperControl(t *testing.T) {
	other := buildVerifier(t)
	for seed := range uint64(tries) {
		v := newVictim(t, seed)
		if r := verify(t, v.file, v.key, v.options(v.notes...)); !r.OK() {
			t.Errorf("seed %d: nothing was done, but Verify() says:\n%s", seed, r)
		}
		other.expect(t, v, v.file, true)
		dropped := slices.Clone(v.parts)
		dropped[v.leaf()].leaf.Text = ""
		if r := verify(t, join(dropped), v.key, v.options(v.notes...)); !r.OK() {
			t.Errorf("seed %d: a text was dropped, which is allowed, but Verify() says:\n%s", seed, r)
		}
		other.expect(t, v, join(dropped), true)
	}
	other.flush(t)
	missed := 0
	for seed := range uint64(tries) {
		v := newVictim(t, seed)
		i := v.leaf()
		v.parts[i] = v.changed()
		if looksRight(t, join(v.parts)) {
			missed++
		}
	}
	if missed != tries {
		t.Errorf("a check without signatures found %d of %d changed leaves, want 0: the attack is not the one that is meant", tries-missed, tries)
	}
}

// looksRight is a check that knows hashes and no signatures.
func looksRight(t *testing.T, file []byte) bool {
	for _, p := range parts(t, file) {
		if p.leaf.Text != "" && tlog.RecordHash([]byte(p.leaf.Text)) != p.leaf.Hash {
			return false
		}
	}
	return true
}

// TestEveryByte changes each byte of a file in turn, which must be found
// wherever it is. One place is an exception: with another name or key id, a
// witness's signature becomes one of a stranger. Nobody could tell that from
// the ledger, which is as it was; the report says that it was not checked.
func TestEveryByte(t *testing.T) {
	w := newWorld(t, 3)
	w.sign(false)
	w.do(8)
	w.sign(true)
	w.m.Drop(8)
	file := w.export()
	other := buildVerifier(t)
	strangers := 0
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1 << w.rng.IntN(8)
		r := verify(t, changed, w.key, w.options())
		switch {
		case r.OK() && isWitness(file, i) && r.Unchecked == 1:
			strangers++
		case r.OK():
			t.Errorf("Verify() found nothing, though byte %d was changed: %s", i, firstDifference(file, changed))
		}
		if i%5 == 0 || isWitness(file, i) {
			other.expect(t, &victim{world: w}, changed, r.OK())
		}
	}
	other.flush(t)
	if strangers == 0 {
		t.Error("no witness was turned into a stranger: the ledger has none, or the exception is not needed")
	}
}

// isWitness reports whether a byte belongs to the name or the key id of a
// witness under a checkpoint.
func isWitness(file []byte, i int) bool {
	start := bytes.LastIndexByte(file[:i], '\n') + 1
	rest, found := bytes.CutPrefix(file[start:], []byte("— witness.example "))
	return found && i < len(file)-len(rest)+len("AAAAAA") && i >= start+len("— ")
}

// TestKeyHolder lets the holder of the signing key cut the ledger back, write
// it anew, or both. From the file alone that cannot be found, and must not seem
// to be; given a checkpoint that was kept elsewhere it must be.
func TestKeyHolder(t *testing.T) {
	crimes := []struct {
		name   string
		commit func(v *victim) (forged []byte, kept []byte)
		want   []ledger.Finding
	}{
		{"cut back", (*victim).cutBack, []ledger.Finding{ledger.CutBack}},
		{"cut back and go on", (*victim).cutBackAndGoOn, []ledger.Finding{ledger.Rewritten, ledger.CutBack}},
		{"change a leaf and sign all anew", (*victim).rewrite, []ledger.Finding{ledger.Rewritten}},
	}
	other := buildVerifier(t)
	for _, crime := range crimes {
		t.Run(crime.name, func(t *testing.T) {
			for seed := range uint64(tries) {
				v := newVictim(t, seed)
				forged, kept := crime.commit(v)
				if r := verify(t, forged, v.key, ledger.Options{}); !r.OK() {
					t.Errorf("seed %d: from the file alone nothing can be found, but Verify() says:\n%s", seed, r)
				}
				r := verify(t, forged, v.key, v.options(kept))
				if r.OK() || !slices.Contains(crime.want, r.Problems[0].Finding) {
					t.Errorf("seed %d: Verify() with a kept checkpoint found %v, want %v", seed, r.Problems, crime.want)
				}
				if seed%10 == 0 { // a process each
					other.expect(t, v, forged, r.OK(), kept)
				}
			}
			other.flush(t)
		})
	}
}

func (v *victim) cutBack() (forged, kept []byte) {
	_, checkpoints := v.signed()
	i := v.rng.IntN(len(checkpoints) - 1)
	return join(v.parts[:checkpoints[i]+1]), v.notes[i+1+v.rng.IntN(len(checkpoints)-i-1)]
}

func (v *victim) cutBackAndGoOn() (forged, kept []byte) {
	_, checkpoints := v.signed()
	// Hours without an act leave the tree as it is: begin where it grew.
	i := v.rng.IntN(len(checkpoints) - 1)
	kept = v.notes[i+1]
	v.replay(v.parts[:checkpoints[i]+1], nil)
	v.live(len(checkpoints)-i, 40)
	return v.export(), kept
}

func (v *victim) rewrite() (forged, kept []byte) {
	leaves, checkpoints := v.signed()
	i := v.rng.IntN(len(leaves))
	other := v.changed()
	v.replay(v.parts[:checkpoints[len(checkpoints)-1]+1], map[int]part{leaves[i]: other})
	return v.export(), v.notes[len(checkpoints)-1]
}

// replay builds the ledger anew from parts, with some of them changed, and
// signs the checkpoints of the same times with the true key.
func (v *victim) replay(list []part, instead map[int]part) {
	v.t.Helper()
	v.m = &ledger.Memory{}
	var size, index int64
	for i, p := range list {
		if other, ok := instead[i]; ok {
			p = other
		}
		if p.note == nil {
			hashes, err := tlog.StoredHashesForRecordHash(size, p.leaf.Hash, tlog.HashReaderFunc(func(indexes []int64) ([]ledger.Hash, error) {
				return v.m.Hashes(background, indexes)
			}))
			if err != nil {
				v.t.Fatal(err)
			}
			if err := v.m.Add(background, size, []ledger.Leaf{p.leaf}, hashes); err != nil {
				v.t.Fatal(err)
			}
			size, index = size+1, index+int64(len(hashes))
			continue
		}
		c, _, err := ledger.OpenCheckpoint(p.note, v.key)
		if err != nil {
			v.t.Fatal(err)
		}
		if _, _, err := ledger.Sign(background, v.m, v.signer, c.At, v.random); err != nil {
			v.t.Fatal(err)
		}
	}
}

// TestClean holds 1,000 ledgers of all sizes against all that is true of them.
func TestClean(t *testing.T) {
	other := buildVerifier(t)
	alarms := 0
	for seed := range uint64(1000) {
		w := newWorld(t, seed)
		w.live(1+w.rng.IntN(5), w.rng.IntN(40)) // a ledger without a single leaf is among them
		if size, _ := w.m.Size(background); size > 0 {
			w.m.Drop(w.rng.Int64N(size))
		}
		if w.rng.IntN(2) == 0 {
			w.do(w.rng.IntN(20))
		}
		file := w.export()
		var kept [][]byte
		for _, n := range w.notes {
			if w.rng.IntN(2) == 0 {
				kept = append(kept, n)
			}
		}
		if r := verify(t, file, w.key, w.options(kept...)); !r.OK() {
			alarms++
			t.Errorf("seed %d: Verify() of a clean ledger:\n%s", seed, r)
		}
		other.expect(t, &victim{world: w}, file, true)
		if seed%20 == 0 { // a process each
			other.expect(t, &victim{world: w}, file, true, kept...)
		}
		if err := ledger.CheckStored(background, w.m); err != nil {
			t.Errorf("seed %d: CheckStored() = %v", seed, err)
		}
	}
	other.flush(t)
	t.Logf("%d false alarms in 1,000 clean ledgers", alarms)
}

func firstDifference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	around := func(s []byte) []byte { return s[min(max(i-60, 0), len(s)):min(i+60, len(s))] }
	return fmt.Sprintf("from byte %d on\n%q\nbecame\n%q", i, around(a), around(b))
}

func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
