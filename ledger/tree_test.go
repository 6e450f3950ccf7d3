package ledger_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"roundtable/ledger"
)

// The tree is held against published vectors and against a library that shares
// no code with ours.

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// appendRaw adds a leaf with any data, which Append does not let anybody do.
func appendRaw(t *testing.T, m *ledger.Memory, data []byte) {
	t.Helper()
	size, _ := m.Size(background)
	hashes, err := tlog.StoredHashes(size, data, tlog.HashReaderFunc(func(indexes []int64) ([]ledger.Hash, error) {
		return m.Hashes(background, indexes)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(background, size, []ledger.Leaf{{Hash: hashes[0]}}, hashes); err != nil {
		t.Fatal(err)
	}
}

func TestRootVectors(t *testing.T) {
	var vectors struct {
		Leaves []string `json:"leaves_hex"`
		Roots  []string `json:"roots_hex"`
	}
	readJSON(t, "testdata/tlog/roots.json", &vectors)
	if len(vectors.Roots) != 9 {
		t.Fatalf("there are %d roots, want 9", len(vectors.Roots))
	}
	var m ledger.Memory
	for size, want := range vectors.Roots {
		got, err := ledger.Root(background, &m, int64(size))
		if err != nil || hex.EncodeToString(got[:]) != want {
			t.Errorf("Root(%d) = %x, %v, want %s", size, got, err, want)
		}
		if size < len(vectors.Leaves) {
			leaf, _ := hex.DecodeString(vectors.Leaves[size])
			appendRaw(t, &m, leaf)
		}
	}
	if err := ledger.CheckStored(background, &m); err != nil {
		t.Errorf("CheckStored() = %v", err)
	}
}

func TestInclusionVectors(t *testing.T) {
	n := 0
	for _, path := range glob(t, "testdata/tlog/merkle/inclusion/*/*.json") {
		var v struct {
			LeafIdx, TreeSize uint64
			Root, LeafHash    []byte
			Proof             [][]byte
			Desc              string
			WantErr           bool
		}
		readJSON(t, path, &v)
		n++
		hashes, ok := toHashes(append([][]byte{v.Root, v.LeafHash}, v.Proof...))
		var err error
		if !ok {
			err = errors.New("not hashes")
		} else {
			err = tlog.CheckRecord(tlog.RecordProof(hashes[2:]), int64(v.TreeSize), hashes[0], int64(v.LeafIdx), hashes[1])
		}
		if (err != nil) != v.WantErr {
			t.Errorf("%s (%s): CheckRecord() = %v, want an error: %v", path, v.Desc, err, v.WantErr)
		}
	}
	if n < 25 {
		t.Errorf("there are %d vectors, want at least 25", n)
	}
}

func TestGrowthVectors(t *testing.T) {
	n := 0
	for _, path := range glob(t, "testdata/tlog/merkle/consistency/*/*.json") {
		var v struct {
			Size1, Size2 uint64
			Root1, Root2 []byte
			Proof        [][]byte
			Desc         string
			WantErr      bool
		}
		readJSON(t, path, &v)
		n++
		hashes, ok := toHashes(append([][]byte{v.Root1, v.Root2}, v.Proof...))
		var err error
		if !ok {
			err = errors.New("not hashes")
		} else {
			err = ledger.CheckGrowth(hashes[2:], ledger.Checkpoint{Size: int64(v.Size1), Root: hashes[0]}, ledger.Checkpoint{Size: int64(v.Size2), Root: hashes[1]})
		}
		if (err != nil) != v.WantErr {
			t.Errorf("%s (%s): CheckGrowth() = %v, want an error: %v", path, v.Desc, err, v.WantErr)
		}
	}
	if n < 15 {
		t.Errorf("there are %d vectors, want at least 15", n)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func toHashes(list [][]byte) ([]ledger.Hash, bool) {
	hashes := make([]ledger.Hash, len(list))
	for i, b := range list {
		if len(b) != len(ledger.Hash{}) {
			return nil, false
		}
		hashes[i] = ledger.Hash(b)
	}
	return hashes, true
}

// TestOracle grows ledgers in batches of all sizes and compares every root,
// and every proof at some sizes, with those of the other library.
func TestOracle(t *testing.T) {
	w := newWorld(t, 5)
	other := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	nodes := map[compact.NodeID][]byte{}
	visit := func(id compact.NodeID, hash []byte) { nodes[id] = hash }
	var leaves [][]byte
	var roots []ledger.Checkpoint
	for len(leaves) < 300 {
		batch := make([]ledger.Entry, w.rng.IntN(9))
		for i := range batch {
			batch[i] = w.entry()
			text, _ := batch[i].MarshalText()
			leaves = append(leaves, rfc6962.DefaultHasher.HashLeaf(text))
		}
		if _, err := ledger.Append(background, w.m, batch...); err != nil {
			t.Fatal(err)
		}
		for other.End() < uint64(len(leaves)) {
			if err := other.Append(leaves[other.End()], visit); err != nil {
				t.Fatal(err)
			}
			root, _ := other.GetRootHash(visit)
			size := int64(other.End())
			got, err := ledger.Root(background, w.m, size)
			if err != nil || string(got[:]) != string(root) {
				t.Fatalf("Root(%d) = %x, %v, want %x", size, got, err, root)
			}
			roots = append(roots, ledger.Checkpoint{Size: size, Root: got})
		}
	}
	for range 2000 {
		to := roots[w.rng.IntN(len(roots))]
		from := roots[w.rng.IntN(int(to.Size))]
		growth, err := ledger.ProveGrowth(background, w.m, from.Size, to.Size)
		if err != nil {
			t.Fatalf("ProveGrowth(%d, %d) = %v", from.Size, to.Size, err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(from.Size), uint64(to.Size), toBytes(growth), from.Root[:], to.Root[:]); err != nil {
			t.Errorf("VerifyConsistency(%d, %d) = %v", from.Size, to.Size, err)
		}
		if err := ledger.CheckGrowth(growth, from, to); err != nil {
			t.Errorf("CheckGrowth(%d, %d) = %v", from.Size, to.Size, err)
		}
		wrong := to
		wrong.Root[w.rng.IntN(32)] ^= 1
		if err := ledger.CheckGrowth(growth, from, wrong); err == nil {
			t.Errorf("CheckGrowth(%d, %d) to another root succeeded", from.Size, to.Size)
		}
		n := w.rng.Int64N(to.Size)
		path, err := tlog.ProveRecord(to.Size, n, tlog.HashReaderFunc(func(i []int64) ([]ledger.Hash, error) { return w.m.Hashes(background, i) }))
		if err != nil {
			t.Fatalf("ProveRecord(%d, %d) = %v", to.Size, n, err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(n), uint64(to.Size), leaves[n], toBytes(path), to.Root[:]); err != nil {
			t.Errorf("VerifyInclusion(%d, %d) = %v", n, to.Size, err)
		}
	}
}

func toBytes(hashes []ledger.Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	return list
}

func TestCheckStoredFinds(t *testing.T) {
	for index := range 40 {
		w := newWorld(t, 8)
		w.do(30)
		bad := &liar{Memory: w.m, index: int64(index)}
		if err := ledger.CheckStored(background, bad); err == nil {
			t.Errorf("CheckStored() found nothing, though hash %d is wrong", index)
		}
	}
}

// liar gives one hash wrongly.
type liar struct {
	*ledger.Memory
	index int64
}

func (l *liar) Hashes(ctx context.Context, indexes []int64) ([]ledger.Hash, error) {
	hashes, err := l.Memory.Hashes(ctx, indexes)
	for i, index := range indexes {
		if index == l.index {
			hashes[i][0] ^= 1
		}
	}
	return hashes, err
}

// failing fails at the call with a number, and counts them.
type failing struct {
	*ledger.Memory
	at, calls int
}

var errDisk = errors.New("the disk is on fire")

func (f *failing) fail() error {
	f.calls++
	if f.calls == f.at {
		return errDisk
	}
	return nil
}

func (f *failing) Size(ctx context.Context) (int64, error) {
	if err := f.fail(); err != nil {
		return 0, err
	}
	return f.Memory.Size(ctx)
}

func (f *failing) Hashes(ctx context.Context, indexes []int64) ([]ledger.Hash, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.Memory.Hashes(ctx, indexes)
}

func (f *failing) Add(ctx context.Context, first int64, leaves []ledger.Leaf, hashes []ledger.Hash) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.Memory.Add(ctx, first, leaves, hashes)
}

func (f *failing) LastCheckpoint(ctx context.Context) ([]byte, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.Memory.LastCheckpoint(ctx)
}

func (f *failing) AddCheckpoint(ctx context.Context, size int64, note []byte) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.Memory.AddCheckpoint(ctx, size, note)
}

func (f *failing) Leaves(ctx context.Context, first int64, most int) ([]ledger.Leaf, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.Memory.Leaves(ctx, first, most)
}

func (f *failing) Checkpoints(ctx context.Context, first int64, most int) ([][]byte, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.Memory.Checkpoints(ctx, first, most)
}

// TestStorageFails lets each call of the storage fail in turn: the error must
// come back, whole.
func TestStorageFails(t *testing.T) {
	acts := map[string]func(w *world, f *failing) error{
		"Append": func(w *world, f *failing) error {
			_, err := ledger.Append(background, f, w.entry(), w.entry())
			return err
		},
		"Sign": func(w *world, f *failing) error {
			_, _, err := ledger.Sign(background, f, w.signer, w.now, w.random)
			return err
		},
		"Export": func(w *world, f *failing) error {
			return ledger.Export(background, discard{}, origin, f)
		},
		"CheckStored": func(w *world, f *failing) error { return ledger.CheckStored(background, f) },
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				w := newWorld(t, 4)
				w.live(2, 20)
				w.do(3)
				f := &failing{Memory: w.m, at: at}
				err := act(w, f)
				if f.calls < at {
					if err != nil {
						t.Errorf("%s = %v, want no error when nothing fails", name, err)
					}
					if at < 3 {
						t.Errorf("%s made %d calls: nothing was tried", name, f.calls)
					}
					return
				}
				if !errors.Is(err, errDisk) {
					t.Errorf("%s with call %d failing = %v, want %v", name, at, err, errDisk)
				}
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1_000, 30_000, 1_000_000} {
		b.Run(fmt.Sprintf("after %d", size), func(b *testing.B) {
			w := newWorld(b, 1)
			e := w.entry()
			text, _ := e.MarshalText()
			fillMemory(b, w.m, size, string(text))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ledger.Append(background, w.m, e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func fillMemory(b testing.TB, m *ledger.Memory, size int, text string) {
	b.Helper()
	e, err := ledger.ParseEntry(text)
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]ledger.Entry, 1000)
	for i := range batch {
		batch[i] = e
	}
	for range size / len(batch) {
		if _, err := ledger.Append(background, m, batch...); err != nil {
			b.Fatal(err)
		}
	}
}
