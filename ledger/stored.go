package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// CheckStored compares the tree hashes of a storage with those of its leaves.
// An export holds leaves only, so that [Verify] does not see the hashes of
// larger trees; were one of them wrong, the next checkpoint would be too. It
// does not check signatures.
func CheckStored(ctx context.Context, a Archive) error {
	size, err := a.Size(ctx)
	if err != nil {
		return fmt.Errorf("check the stored tree: %w", err)
	}
	var tree edge
	for tree.size < size {
		leaves, err := a.Leaves(ctx, tree.size, page)
		if err != nil {
			return fmt.Errorf("check the stored tree: %w", err)
		}
		if len(leaves) == 0 {
			return fmt.Errorf("check the stored tree: leaf %d is not there", tree.size)
		}
		if err := checkPage(ctx, a, &tree, leaves); err != nil {
			return err
		}
	}
	return nil
}

func checkPage(ctx context.Context, a Archive, tree *edge, leaves []Leaf) error {
	first, start := tree.size, tlog.StoredHashIndex(0, tree.size)
	var want []Hash
	var indexes []int64
	for _, leaf := range leaves {
		want = tree.appendStored(want, leaf.Hash)
	}
	for i := range want {
		indexes = append(indexes, start+int64(i))
	}
	got, err := a.Hashes(ctx, indexes)
	if err != nil {
		return fmt.Errorf("check the stored tree: %w", err)
	}
	if len(got) != len(want) {
		return fmt.Errorf("check the stored tree: the storage gave %d hashes for %d indexes", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			level, n := tlog.SplitStoredHashIndex(indexes[i])
			return fmt.Errorf("check the stored tree: the hash of %s is not that of its leaves (leaves from %d on were being checked)", rangeOf(n<<level, (n+1)<<level), first)
		}
	}
	return nil
}

// appendStored is append, and adds to stored the hashes that are stored for the
// leaf, in their order.
func (e *edge) appendStored(stored []Hash, h Hash) []Hash {
	stored = append(stored, h)
	for n, i := e.size, len(e.roots)-1; n&1 == 1; n, i = n>>1, i-1 {
		h = tlog.NodeHash(e.roots[i], h)
		stored = append(stored, h)
	}
	e.append(stored[len(stored)-1-trailingOnes(e.size)])
	return stored
}

func trailingOnes(n int64) int {
	ones := 0
	for ; n&1 == 1; n >>= 1 {
		ones++
	}
	return ones
}
