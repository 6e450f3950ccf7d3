package ledger_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/mod/sumdb/tlog"

	"roundtable/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// scene is a ledger of three checkpoints at 16, 32 and 48 leaves, with two
// leaves after them.
func scene(t testing.TB) *victim {
	w := newWorld(t, 11)
	for range 3 {
		w.do(10)
		w.sign(false)
	}
	w.do(2)
	file := w.export()
	return &victim{w, file, parts(t, file), w.rng}
}

// TestWords holds what is said to people, and where things are said to be, in
// a golden file that is meant to be read.
func TestWords(t *testing.T) {
	type told struct {
		name string
		file []byte
		kept [][]byte
	}
	var list []told
	tell := func(name string, change func(v *victim) []byte, kept ...int) {
		v := scene(t)
		notes := v.notes
		tale := told{name: name, file: change(v)}
		for _, i := range kept {
			tale.kept = append(tale.kept, notes[i])
		}
		list = append(list, tale)
	}
	whole := func(v *victim) []byte { return v.file }
	tell("clean", whole)
	tell("clean, with two kept checkpoints", whole, 0, 1)
	tell("clean, two texts dropped out of turn", func(v *victim) []byte {
		v.parts[3].leaf.Text, v.parts[5].leaf.Text = "", ""
		return join(v.parts)
	})
	tell("text changed", func(v *victim) []byte {
		v.parts[5].leaf.Text = v.otherText(v.parts[5].leaf.Text)
		return join(v.parts)
	})
	tell("text and hash changed", func(v *victim) []byte {
		v.parts[20] = v.changed()
		return join(v.parts)
	})
	tell("line removed", func(v *victim) []byte {
		return bytes.Replace(v.file, lineOf(v.file, "leaf 21 "), nil, 1)
	})
	tell("lines swapped", func(v *victim) []byte {
		a, b := lineOf(v.file, "leaf 21 "), lineOf(v.file, "leaf 22 ")
		return bytes.Replace(v.file, append(bytes.Clone(a), b...), append(bytes.Clone(b), a...), 1)
	})
	tell("leaf put in twice", func(v *victim) []byte {
		a := lineOf(v.file, "leaf 21 ")
		return bytes.Replace(v.file, a, append(bytes.Clone(a), a...), 1)
	})
	tell("leaf removed, numbered anew", func(v *victim) []byte { return join(append(v.parts[:4:4], v.parts[5:]...)) })
	tell("leaf added, numbered anew", func(v *victim) []byte {
		return join(append(append(v.parts[:4:4], v.changed()), v.parts[4:]...))
	})
	tell("cut off", func(v *victim) []byte { return v.file[:bytes.Index(v.file, []byte("leaf 21 "))] })
	tell("cut off within a line", func(v *victim) []byte { return v.file[:bytes.Index(v.file, []byte("leaf 21 "))+9] })
	tell("cut off within a checkpoint", func(v *victim) []byte { return v.file[:bytes.Index(v.file, []byte("after "))] })
	tell("first checkpoint removed", func(v *victim) []byte { return join(append(v.parts[:16:16], v.parts[17:]...)) })
	tell("second checkpoint removed", func(v *victim) []byte { return join(append(v.parts[:33:33], v.parts[34:]...)) })
	tell("all checkpoints removed", func(v *victim) []byte {
		var leaves []part
		for _, p := range v.parts {
			if p.note == nil {
				leaves = append(leaves, p)
			}
		}
		return join(leaves)
	})
	tell("signature broken", func(v *victim) []byte {
		v.parts[33].note[len(v.parts[33].note)-20] ^= 1
		return join(v.parts)
	})
	tell("signed by another key", func(v *victim) []byte {
		other := newWorld(t, 1)
		private, _ := newKey(t, other.random, origin)
		v.resign(33, mustSigner(t, private))
		return join(v.parts)
	})
	tell("not a ledger", func(*victim) []byte { return []byte("Dear Sir,\n") })
	tell("empty", func(*victim) []byte { return nil })
	tell("a strange line", func(v *victim) []byte {
		return bytes.Replace(v.file, []byte("leaf 7 "), []byte("# a remark\nleaf 7 "), 1)
	})
	tell("a long line", func(v *victim) []byte {
		return bytes.Replace(v.file, []byte("leaf 7 "), bytes.Repeat([]byte("x"), 20000), 1)
	})
	tell("something after the end", func(v *victim) []byte { return append(v.file, "more\n"...) })
	tell("last line wrong", func(v *victim) []byte { return bytes.Replace(v.file, []byte("end 50 3"), []byte("end 49 3"), 1) })
	back := func(v *victim) []byte { return join(v.parts[:17]) }
	tell("cut back, nothing kept", back)
	tell("cut back, found", back, 0, 2)
	anew := func(v *victim) []byte { v.replay(v.parts, map[int]part{20: v.changed()}); return v.export() }
	tell("written anew, nothing kept", anew)
	tell("written anew, found", anew, 0, 2)
	tell("checkpoint cut back, leaves the same", func(v *victim) []byte { return join(append(v.parts[:50:50], v.parts[51:]...)) }, 2)
	stranger := newWorld(t, 1)
	private, _ := newKey(t, stranger.random, origin)
	stranger.signer = mustSigner(t, private)
	stranger.do(1)
	list = append(list,
		told{"kept, but signed by another key", scene(t).file, [][]byte{stranger.sign(false)}},
		told{"kept, but no checkpoint", scene(t).file, [][]byte{[]byte("Dear Sir,\n")}})

	var b strings.Builder
	for _, tale := range list {
		r := verify(t, tale.file, scene(t).key, ledger.Options{Kept: tale.kept})
		fmt.Fprintf(&b, "# %s\n%s", tale.name, r)
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "  [%s, leaves %d to %d, line %d]\n", p.Finding, p.From, p.To, p.Line)
		}
		fmt.Fprintln(&b)
	}
	golden(t, "testdata/words.txt", b.String())
}

func lineOf(file []byte, start string) []byte {
	i := bytes.Index(file, []byte(start))
	return file[i : i+bytes.IndexByte(file[i:], '\n')+1]
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was said (rewrite it with -update and read the difference): %s", path, firstDifference(want, []byte(got)))
	}
}

// TestDesign holds that the checkpoint in DESIGN.md is one, and that it names
// the files' words as they are.
func TestDesign(t *testing.T) {
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	v := scene(t)
	if !bytes.Contains(design, v.notes[2]) {
		t.Errorf("DESIGN.md does not show this checkpoint:\n%s", v.notes[2])
	}
	if end := string(lineOf(v.file, "end ")); !strings.Contains(string(design), end) {
		t.Errorf("DESIGN.md does not show the last line %q", end)
	}
	if first := v.file[:bytes.Index(v.file, []byte("leaf 0 "))+len("leaf 0 ")]; !bytes.Contains(design, first) {
		t.Errorf("DESIGN.md does not show the first lines %q", first)
	}
}

// TestWhere holds that the leaf that was changed is one of those named, and
// that no more are named than between two checkpoints.
func TestWhere(t *testing.T) {
	for seed := range uint64(200) {
		v := newVictim(t, seed)
		leaves, checkpoints := v.signed()
		i := v.leaf()
		n := int64(0)
		for _, at := range leaves {
			if at < i {
				n++
			}
		}
		v.parts[i] = v.changed()
		r := verify(t, join(v.parts), v.key, v.options())
		if r.OK() {
			t.Fatalf("seed %d: Verify() found nothing", seed)
		}
		p := r.Problems[0]
		within := int64(0) // leaves before the last checkpoint that is before i
		for _, c := range checkpoints {
			if c < i {
				within = int64(c)
				for _, d := range checkpoints {
					if d < c {
						within--
					}
				}
			}
		}
		if p.Finding != ledger.Unlike || p.From != within || p.To < n || p.From > n {
			t.Errorf("seed %d: leaf %d was changed, Verify() says %s (%s), want leaves from %d", seed, n, p, p.Finding, within)
		}
		if r.Proved != within {
			t.Errorf("seed %d: Verify() says %d leaves are proved, want %d", seed, r.Proved, within)
		}
	}
}

// TestKeptInAMail finds checkpoints in texts as they come back from people.
func TestKeptInAMail(t *testing.T) {
	v := scene(t)
	crlf := bytes.ReplaceAll(v.notes[1], []byte("\n"), []byte("\r\n"))
	tests := map[string][]byte{
		"as it was":           v.notes[1],
		"in a mail":           []byte("From: a\r\nSubject: " + origin + "\r\n\r\nToday's checkpoint:\r\n\r\n" + string(crlf) + "\r\nRegards\r\n"),
		"with the end cut":    bytes.TrimRight(v.notes[1], "\n"),
		"two in one file":     append(bytes.Clone(v.notes[0]), v.notes[1]...),
		"after a false start": append([]byte(origin+"\nis our ledger's name\n"), v.notes[1]...),
	}
	for name, text := range tests {
		r := verify(t, v.file, v.key, ledger.Options{Kept: [][]byte{text}})
		if !r.OK() || r.Kept != 32 {
			t.Errorf("%s: Verify() says %d leaves are kept, want 32:\n%s", name, r.Kept, r)
		}
		other := buildVerifier(t)
		other.expect(t, v, v.file, true, text)
		other.flush(t)
	}
}

var errNone = errors.New("there is no such disk")

func TestVerifyCannotLook(t *testing.T) {
	v := scene(t)
	if _, err := ledger.Verify(iotest.ErrReader(errNone), v.key, ledger.Options{}); !errors.Is(err, errNone) {
		t.Errorf("Verify() of a file that cannot be read = %v, want %v", err, errNone)
	}
	for i := 0; i < len(v.file); i += 97 {
		half := io.MultiReader(bytes.NewReader(v.file[:i]), iotest.ErrReader(errNone))
		if r, err := ledger.Verify(half, v.key, ledger.Options{}); !errors.Is(err, errNone) {
			t.Fatalf("Verify() of a file that cannot be read from byte %d on = %v, %v, want %v", i, r, err, errNone)
		}
	}
	for _, key := range []string{"", "a+b+c", v.witnessKey, v.key[:len(v.key)-1]} {
		if _, err := ledger.Verify(bytes.NewReader(v.file), key, ledger.Options{}); err == nil {
			t.Errorf("Verify() with the key %q succeeded, want an error", key)
		}
	}
	if _, err := ledger.Verify(bytes.NewReader(v.file), v.key, ledger.Options{Witnesses: []string{"x"}}); err == nil {
		t.Error("Verify() with a bad witness's key succeeded, want an error")
	}
	if r, err := ledger.Verify(iotest.OneByteReader(bytes.NewReader(v.file)), v.key, ledger.Options{}); err != nil || !r.OK() {
		t.Errorf("Verify() byte by byte = %v, %v", r, err)
	}
}

// TestMemory holds that a leaf more costs no memory: what Verify allocates is
// its buffer and the checkpoints.
func TestMemory(t *testing.T) {
	allocated := func(leaves int) uint64 {
		file, key := bigFile(t, leaves)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := ledger.Verify(file, key, ledger.Options{})
		runtime.ReadMemStats(&after)
		if err != nil || !r.OK() {
			t.Fatalf("Verify() = %v, %v", r, err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	small, large := allocated(16_000), allocated(160_000)
	if perLeaf := float64(large-min(small, large)) / 144_000; perLeaf > 1 {
		t.Errorf("Verify() allocates %.1f bytes for each leaf more, want less than 1", perLeaf)
	}
}

// bigFile is an exported ledger with a checkpoint at its end.
func bigFile(t testing.TB, leaves int) (*bytes.Reader, string) {
	t.Helper()
	w := newWorld(t, 1)
	text, _ := w.entry().MarshalText()
	fillMemory(t, w.m, leaves, string(text))
	w.sign(false)
	return bytes.NewReader(w.export()), w.key
}

// million is an exported ledger of a million leaves, with a checkpoint for
// every 128 of them: more than a library has in years.
func million(b *testing.B) (file []byte, key string) {
	b.Helper()
	w := newWorld(b, 1)
	batch := make([]ledger.Entry, 128)
	for i := range batch {
		batch[i] = w.entry()
	}
	for range 1_000_000/len(batch) + 1 {
		if _, err := ledger.Append(background, w.m, batch...); err != nil {
			b.Fatal(err)
		}
		w.sign(false)
	}
	return w.export(), w.key
}

func BenchmarkVerify(b *testing.B) {
	file, key := million(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := ledger.Verify(bytes.NewReader(file), key, ledger.Options{})
		if err != nil || !r.OK() {
			b.Fatalf("Verify() = %v, %v", r, err)
		}
		b.ReportMetric(float64(r.Leaves), "leaves")
	}
}

// BenchmarkIndependent is the same for the program of docs/verifier.
func BenchmarkIndependent(b *testing.B) {
	file, key := million(b)
	other := buildVerifier(b)
	path := write(b, other.dir, "ledger", file)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if out, err := exec.Command(other.path, "-key", key, path).CombinedOutput(); err != nil {
			b.Fatalf("verifier: %v\n%s", err, out)
		}
	}
}

// FuzzVerify holds that no file makes Verify panic, and that none is found
// right whose signed leaves are not those that were signed. Its ledger is small
// since the fuzzer spends long on making inputs smaller.
func FuzzVerify(f *testing.F) {
	w := newWorld(f, 11)
	w.sign(false)
	w.do(1)
	w.sign(false)
	w.m.Drop(15)
	file := w.export()
	signed := parts(f, file)
	f.Add(file, []byte(nil))
	f.Add(join(signed[:1]), w.notes[1])
	f.Add([]byte("roundtable-ledger 1\n"), w.notes[0])
	f.Fuzz(func(t *testing.T, file, kept []byte) {
		r, err := ledger.Verify(bytes.NewReader(file), w.key, ledger.Options{Kept: [][]byte{kept}})
		if err != nil {
			t.Fatalf("Verify() = %v", err)
		}
		if r.Proved > 16 {
			t.Fatalf("Verify() says that %d leaves are proved, of which 16 were signed", r.Proved)
		}
		leaf := 0
		for line := range strings.Lines(string(file)) {
			fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
			if int64(leaf) >= r.Proved || fields[0] != "leaf" {
				continue
			}
			if want := leafAt(signed, leaf); fields[2] != want.Hash.String() || len(fields) == 4 && tlog.RecordHash([]byte(fields[3])) != want.Hash {
				t.Fatalf("Verify() says that %d leaves are proved, but leaf %d is %q, want %+v", r.Proved, leaf, line, want)
			}
			leaf++
		}
		_ = r.String()
	})
}

func leafAt(list []part, n int) ledger.Leaf {
	for _, p := range list {
		if p.note == nil {
			if n == 0 {
				return p.leaf
			}
			n--
		}
	}
	return ledger.Leaf{}
}
