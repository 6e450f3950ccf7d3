package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The independent verifier of docs/verifier is a program of its own, built
// here and held against Verify on the same files.

const verifierSource = "../docs/verifier/main.go"

var built struct {
	sync.Once
	dir, path string
	err       error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// independent collects files and what Verify said of them, so that the program
// is started once for many files.
type independent struct {
	path  string
	dir   string
	asked []question
}

type question struct {
	file     string
	key      string
	witness  string
	kept     []string
	wantsYes bool
}

func buildVerifier(t testing.TB) *independent {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "verifier"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "verifier.exe")
		out, err := exec.Command("go", "build", "-o", built.path, verifierSource).CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build %s: %w\n%s", verifierSource, err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return &independent{path: built.path, dir: t.TempDir()}
}

func (i *independent) expect(t testing.TB, v *victim, file []byte, right bool, kept ...[]byte) {
	t.Helper()
	q := question{key: v.key, witness: v.witnessKey, wantsYes: right}
	n := len(i.asked)
	q.file = write(t, i.dir, fmt.Sprintf("ledger%d", n), file)
	for k, note := range kept {
		q.kept = append(q.kept, write(t, i.dir, fmt.Sprintf("kept%d-%d", n, k), note))
	}
	i.asked = append(i.asked, q)
}

// flush asks the program about all that was collected.
func (i *independent) flush(t testing.TB) {
	t.Helper()
	for len(i.asked) > 0 {
		n := 1
		for n < len(i.asked) && len(i.asked[n].kept)+len(i.asked[0].kept) == 0 && i.asked[n].key == i.asked[0].key {
			n++
		}
		i.ask(t, i.asked[:n])
		i.asked = i.asked[n:]
	}
	i.asked = nil
}

func (i *independent) ask(t testing.TB, same []question) {
	t.Helper()
	args := []string{"-key", same[0].key, "-key", same[0].witness}
	for _, k := range same[0].kept {
		args = append(args, "-kept", k)
	}
	for _, q := range same {
		args = append(args, q.file)
	}
	out, err := exec.Command(i.path, args...).Output()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("verifier: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(same) {
		t.Fatalf("verifier said %d lines about %d files:\n%s", len(lines), len(same), out)
	}
	for n, q := range same {
		if got := strings.HasPrefix(lines[n], "right\t"); got != q.wantsYes {
			t.Errorf("Verify() says right = %v, but the independent verifier: %s", q.wantsYes, lines[n])
		}
	}
}

func TestVerifierIsSmallAndAlone(t *testing.T) {
	source, err := os.ReadFile(verifierSource)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte("\n")); n >= 300 {
		t.Errorf("%s has %d lines, want fewer than 300", verifierSource, n)
	}
	f, err := parser.ParseFile(token.NewFileSet(), verifierSource, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range f.Imports {
		path, _ := strconv.Unquote(imported.Path.Value)
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == "roundtable" {
			t.Errorf("%s imports %s, want the standard library only", verifierSource, path)
		}
	}
}

// TestVerifierAgrees makes files of random pieces and mistakes, most of which
// mean nothing, and asks both.
func TestVerifierAgrees(t *testing.T) {
	other := buildVerifier(t)
	right := 0
	w := newWorld(t, 99)
	w.live(4, 20)
	w.do(3)
	file := w.export()
	lines := bytes.SplitAfter(file, []byte("\n"))
	for range 1500 {
		changed := bytes.Join(lines, nil)
		if w.rng.IntN(10) > 0 {
			changed = w.scramble(lines)
		}
		r := verify(t, changed, w.key, w.options())
		if r.OK() {
			right++
		}
		other.expect(t, &victim{world: w}, changed, r.OK())
	}
	other.flush(t)
	if right < 50 || right > 1000 {
		t.Errorf("%d of 1500 files were right: the test does not try both", right)
	}
}

func (w *world) scramble(lines [][]byte) []byte {
	list := append([][]byte(nil), lines...)
	for range 1 + w.rng.IntN(3) {
		i, j := w.rng.IntN(len(list)), w.rng.IntN(len(list))
		switch w.rng.IntN(5) {
		case 0:
			list[i], list[j] = list[j], list[i]
		case 1:
			list[i] = nil
		case 2:
			list[i] = append(bytes.Clone(list[i]), list[j]...)
		case 3:
			if len(list[i]) > 0 {
				list[i] = bytes.Clone(list[i])
				list[i][w.rng.IntN(len(list[i]))] = "\n 0+=—A\r\x00"[w.rng.IntN(10)]
			}
		case 4:
			list[i] = bytes.ReplaceAll(list[i], []byte(" "), []byte("  "))
		}
	}
	return bytes.Join(list, nil)
}
