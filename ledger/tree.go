package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is the hash of a leaf or of a tree, as RFC 6962 defines them.
type Hash = tlog.Hash

// Block is what checkpoints bring the number of leaves to a multiple of, so
// that a witness does not learn how many acts there were.
const Block = 16

// Leaf is one leaf as it is kept: its hash for good, and its entry's text until
// that is dropped.
type Leaf struct {
	Hash Hash
	Text string // empty when it was dropped
}

// Storage is where one ledger is kept. A value of it stands for a transaction:
// what it writes is durable together with the act that it is about, or not at
// all. Appends to one ledger must come one after another; a storage that lets
// two run at once must make the second fail (leaf numbers are unique).
type Storage interface {
	// Size is the number of leaves.
	Size(ctx context.Context) (int64, error)

	// Hashes reads tree hashes by their index in the order of
	// tlog.StoredHashIndex, as many as were asked for and in that order.
	Hashes(ctx context.Context, indexes []int64) ([]Hash, error)

	// Add writes leaves, the first of them being number first, and the tree
	// hashes that they complete, the first of which has the index
	// tlog.StoredHashIndex(0, first) and the others those that follow.
	Add(ctx context.Context, first int64, leaves []Leaf, hashes []Hash) error

	// LastCheckpoint is the signed note that was added last, nil if none was.
	LastCheckpoint(ctx context.Context) ([]byte, error)

	// AddCheckpoint writes a signed note about the first size leaves.
	AddCheckpoint(ctx context.Context, size int64, note []byte) error
}

// Append adds entries and returns the number of the first. For each it reads
// and writes O(log n) hashes, two on average. On an error nothing of the
// transaction may be kept.
func Append(ctx context.Context, s Storage, entries ...Entry) (first int64, err error) {
	first, err = s.Size(ctx)
	if err != nil {
		return 0, fmt.Errorf("append to the ledger: %w", err)
	}
	leaves := make([]Leaf, len(entries))
	for i, e := range entries {
		text, err := e.MarshalText()
		if err != nil {
			return 0, fmt.Errorf("append to the ledger: %w", err)
		}
		leaves[i] = Leaf{tlog.RecordHash(text), string(text)}
	}
	return first, add(ctx, s, first, leaves)
}

func add(ctx context.Context, s Storage, first int64, leaves []Leaf) error {
	if len(leaves) == 0 {
		return nil
	}
	tree := growing{read: reader(ctx, s), start: tlog.StoredHashIndex(0, first)}
	for i, leaf := range leaves {
		made, err := tlog.StoredHashesForRecordHash(first+int64(i), leaf.Hash, &tree)
		if err != nil {
			return fmt.Errorf("append leaf %d to the ledger: %w", first+int64(i), err)
		}
		tree.added = append(tree.added, made...)
	}
	if err := s.Add(ctx, first, leaves, tree.added); err != nil {
		return fmt.Errorf("append to the ledger: %w", err)
	}
	return nil
}

// Root is the hash of the tree of the first size leaves.
func Root(ctx context.Context, s Storage, size int64) (Hash, error) {
	if size < 0 {
		return Hash{}, fmt.Errorf("a tree cannot have %d leaves", size)
	}
	return tlog.TreeHash(size, reader(ctx, s))
}

func reader(ctx context.Context, s Storage) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		if len(indexes) == 0 {
			return nil, nil
		}
		return s.Hashes(ctx, indexes)
	})
}

// growing reads the hashes of a tree that has leaves which are not stored yet.
type growing struct {
	read  tlog.HashReader
	start int64  // index of the first hash that is not stored
	added []Hash // from start on
}

// ReadHashes implements tlog.HashReader.
func (g *growing) ReadHashes(indexes []int64) ([]Hash, error) {
	var stored []int64
	for _, i := range indexes {
		if i < g.start {
			stored = append(stored, i)
		}
	}
	old, err := g.read.ReadHashes(stored)
	if err != nil {
		return nil, err
	}
	if len(old) != len(stored) {
		return nil, fmt.Errorf("the storage gave %d hashes for %d indexes", len(old), len(stored))
	}
	hashes := make([]Hash, 0, len(indexes))
	for _, i := range indexes {
		if i < g.start {
			hashes, old = append(hashes, old[0]), old[1:]
		} else {
			hashes = append(hashes, g.added[i-g.start])
		}
	}
	return hashes, nil
}

// edge is the right edge of a tree that is only read from left to right: the
// roots of its perfect subtrees, largest first. It needs O(log n) memory.
type edge struct {
	size  int64
	roots []Hash
}

func (e *edge) append(h Hash) {
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.roots) - 1
		h = tlog.NodeHash(e.roots[last], h)
		e.roots = e.roots[:last]
	}
	e.roots = append(e.roots, h)
	e.size++
}

func (e *edge) root() Hash {
	if e.size == 0 {
		return emptyRoot
	}
	last := len(e.roots) - 1
	h := e.roots[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(e.roots[i], h)
	}
	return h
}

// emptyRoot is the hash of the tree without leaves, SHA-256 of nothing.
var emptyRoot = mustHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")

func mustHash(s string) Hash {
	h, err := parseHash(s)
	if err != nil {
		panic(err)
	}
	return h
}

// hashLen is the length of a hash in base64.
const hashLen = 44

// parseHash reads a hash in its one spelling: base64 also decodes other strings
// (stray bits in the last digit, line breaks), which would let a file be
// changed unnoticed.
func parseHash[T string | []byte](s T) (h Hash, err error) {
	var buf [hashLen/4*3 + 1]byte
	if len(s) != hashLen {
		return h, errors.New("a hash is 44 characters of base64")
	}
	n, err := base64.StdEncoding.Strict().Decode(buf[:], []byte(s))
	if err != nil || n != len(h) {
		return h, errors.New("a hash is 44 characters of base64")
	}
	return Hash(buf[:len(h)]), nil
}
