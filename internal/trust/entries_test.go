package trust

import (
	"context"
	"slices"

	"roundtable/internal/store"
	"roundtable/ledger"
)

// eachEntry calls do for every entry of a ledger that can be read.
func eachEntry(ctx context.Context, tx *store.Tx, do func(n int64, e ledger.Entry) error) error {
	size, err := tx.Ledger().Size(ctx)
	if err != nil {
		return err
	}
	for from := int64(0); from < size; {
		leaves, err := tx.Ledger().Leaves(ctx, from, 1000)
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			if leaf.Text != "" {
				e, err := ledger.ParseEntry(leaf.Text)
				if err != nil {
					return err
				}
				if err := do(from, e); err != nil {
					return err
				}
			}
			from++
		}
	}
	return nil
}

// countEntries counts the entries of some kinds.
func countEntries(ctx context.Context, tx *store.Tx, kinds ...string) (n int, err error) {
	err = eachEntry(ctx, tx, func(_ int64, e ledger.Entry) error {
		if slices.Contains(kinds, string(e.Kind)) {
			n++
		}
		return nil
	})
	return n, err
}
