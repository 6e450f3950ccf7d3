package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"roundtable/internal/fault"
	"roundtable/ledger"
)

// Ledger is the tenant's ledger within a transaction: an entry is durable
// together with the act that it is about, or not at all. It implements
// ledger.Archive. Reading all of it sees one state only in a Read.
type Ledger struct{ t *Tx }

// Ledger returns the tenant's ledger.
func (t *Tx) Ledger() Ledger { return Ledger{t} }

var _ ledger.Archive = Ledger{}

var (
	ledgerSize = sqlOf(`SELECT size FROM ledger_heads WHERE library_id = $1`)
	ledgerGrow = sqlOf(`UPDATE ledger_heads SET size = $2 WHERE library_id = $1 AND size = $3`)
	leafAdd    = sqlOf(`INSERT INTO ledger_leaves (library_id, number, hash, entry) VALUES ($1, $2, $3, $4)`)
	leafList   = sqlOf(`SELECT number, hash, entry FROM ledger_leaves WHERE library_id = $1 AND number >= $2 ORDER BY number LIMIT $3`)
	leafNewest = sqlOf(`SELECT number, hash, entry FROM ledger_leaves WHERE library_id = $1 AND number < $2 AND entry <> '' ORDER BY number DESC LIMIT $3`)
	leafDrop   = sqlOf(`UPDATE ledger_leaves SET entry = '' WHERE library_id = $1 AND number < $2 AND entry <> ''`)
	hashAdd    = sqlOf(`INSERT INTO ledger_hashes (library_id, number, hash) VALUES ($1, $2, $3)`)
	noteAdd    = sqlOf(`INSERT INTO ledger_checkpoints (library_id, number, size, note) VALUES ($1, $2, $3, $4)`)
	noteCount  = sqlOf(`UPDATE ledger_heads SET checkpoints = checkpoints + 1 WHERE library_id = $1 RETURNING checkpoints`)
	noteLast   = sqlOf(`SELECT note FROM ledger_checkpoints WHERE library_id = $1 ORDER BY number DESC LIMIT 1`)
	noteList   = sqlOf(`SELECT note FROM ledger_checkpoints WHERE library_id = $1 AND number >= $2 ORDER BY number LIMIT $3`)
	noteCosign = sqlOf(`UPDATE ledger_checkpoints SET note = $2 WHERE library_id = $1
		AND number = (SELECT MAX(number) FROM ledger_checkpoints WHERE library_id = $1) AND size = $3`)
)

// Size implements ledger.Storage.
func (l Ledger) Size(ctx context.Context) (int64, error) {
	if l.t.size != noSize {
		return l.t.size, nil
	}
	return first(ctx, l.t, ledgerSize, readInt)
}

// Hashes implements ledger.Storage.
func (l Ledger) Hashes(ctx context.Context, indexes []int64) ([]ledger.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	found := l.t.edge
	if !containsAll(found, indexes) {
		found = make(map[int64]ledger.Hash, len(indexes))
		if err := l.t.together(ctx, askHashes(indexes, found)...); err != nil {
			return nil, err
		}
	}
	list := make([]ledger.Hash, len(indexes))
	for i, n := range indexes {
		h, ok := found[n]
		if !ok {
			return nil, fmt.Errorf("the ledger lacks its hash number %d", n)
		}
		list[i] = h
	}
	return list, nil
}

func containsAll(found map[int64]ledger.Hash, indexes []int64) bool {
	return !slices.ContainsFunc(indexes, func(i int64) bool {
		_, ok := found[i]
		return !ok
	})
}

// hashesAsked is for how many hashes one statement asks.
const hashesAsked = 8

// hashList looks for each hash by itself: for a list of numbers PostgreSQL may have
// planned, while the ledger was short, to read all of it.
var hashList = sqlOf(strings.TrimPrefix(hashUnion(), " UNION ALL "))

func hashUnion() (text string) {
	for i := range hashesAsked {
		text += fmt.Sprintf(" UNION ALL SELECT number, hash FROM ledger_hashes WHERE library_id = $1 AND number = $%d", i+2)
	}
	return text
}

// askHashes asks for hashes by their numbers.
func askHashes(indexes []int64, found map[int64]ledger.Hash) (asks []ask) {
	for some := range slices.Chunk(indexes, hashesAsked) {
		args := make([]any, hashesAsked)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		asks = append(asks, ask{hashList, args, func(scan scanner) error {
			var number int64
			var b []byte
			if err := scan(&number, &b); err != nil {
				return err
			}
			h, err := hashOf(b)
			found[number] = h
			return err
		}})
	}
	return asks
}

// Add implements ledger.Storage.
func (l Ledger) Add(ctx context.Context, from int64, leaves []ledger.Leaf, hashes []ledger.Hash) error {
	for i, leaf := range leaves {
		if err := l.t.later(ctx, leafAdd, 1, from+int64(i), leaf.Hash[:], leaf.Text); err != nil {
			return err
		}
	}
	index := tlog.StoredHashIndex(0, from)
	for i, h := range hashes {
		if err := l.t.later(ctx, hashAdd, 1, index+int64(i), h[:]); err != nil {
			return err
		}
		if l.t.edge != nil {
			l.t.edge[index+int64(i)] = h
		}
	}
	// It grows from the size that leaves were added to, or not at all.
	if err := l.t.later(ctx, ledgerGrow, 1, from+int64(len(leaves)), from); err != nil {
		return err
	}
	if l.t.size != noSize {
		l.t.size = from + int64(len(leaves))
	}
	return nil
}

// LastCheckpoint implements ledger.Storage.
func (l Ledger) LastCheckpoint(ctx context.Context) ([]byte, error) {
	note, err := first(ctx, l.t, noteLast, readBytes)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return note, err
}

// AddCheckpoint implements ledger.Storage.
func (l Ledger) AddCheckpoint(ctx context.Context, size int64, note []byte) error {
	count, err := first(ctx, l.t, noteCount, readInt)
	if err != nil {
		return err
	}
	return l.t.one(ctx, noteAdd, count-1, size, note)
}

// Cosign puts the last checkpoint, with witnesses' signatures, in its own place.
// Nothing happens when there is a later one already.
func (l Ledger) Cosign(ctx context.Context, size int64, note []byte) error {
	_, err := l.t.exec(ctx, noteCosign, note, size)
	return err
}

// Leaves implements ledger.Archive.
func (l Ledger) Leaves(ctx context.Context, from int64, most int) ([]ledger.Leaf, error) {
	want := from
	return all(ctx, l.t, leafList, func(scan scanner) (ledger.Leaf, error) {
		number, leaf, err := readLeaf(scan)
		if err == nil && number != want {
			err = fmt.Errorf("the ledger lacks its leaf number %d", want)
		}
		want++
		return leaf, err
	}, from, most)
}

// Numbered is a leaf with its number.
type Numbered struct {
	Number int64
	ledger.Leaf
}

// Newest lists the newest leaves before a number that can still be read, the
// newest first.
func (l Ledger) Newest(ctx context.Context, before int64, most int) ([]Numbered, error) {
	return all(ctx, l.t, leafNewest, func(scan scanner) (Numbered, error) {
		number, leaf, err := readLeaf(scan)
		return Numbered{number, leaf}, err
	}, before, most)
}

// Checkpoints implements ledger.Archive.
func (l Ledger) Checkpoints(ctx context.Context, from int64, most int) ([][]byte, error) {
	return all(ctx, l.t, noteList, readBytes, from, most)
}

// DropBefore drops the texts of entries from before a time. Their hashes stay,
// and the ledger still verifies. It returns how many it dropped.
func (l Ledger) DropBefore(ctx context.Context, when time.Time) (int64, error) {
	size, err := l.Size(ctx)
	if err != nil {
		return 0, err
	}
	// Entries are in the order of their writing, which is that of their times but
	// for a clock that was set back; so the first that is young enough ends it.
	end := int64(0)
	for end < size {
		leaves, err := l.Leaves(ctx, end, 1000)
		if err != nil {
			return 0, err
		}
		for _, leaf := range leaves {
			if leaf.Text != "" {
				e, err := ledger.ParseEntry(leaf.Text)
				if err != nil {
					return 0, err
				}
				if !e.At.Before(when) {
					return l.t.exec(ctx, leafDrop, end)
				}
			}
			end++
		}
		if len(leaves) == 0 {
			break
		}
	}
	return l.t.exec(ctx, leafDrop, end)
}

func readLeaf(scan scanner) (number int64, leaf ledger.Leaf, err error) {
	var b []byte
	if err := scan(&number, &b, &leaf.Text); err != nil {
		return 0, leaf, err
	}
	leaf.Hash, err = hashOf(b)
	return number, leaf, err
}

func readBytes(scan scanner) (b []byte, err error) {
	err = scan(&b)
	return b, err
}

func readInt(scan scanner) (n int64, err error) {
	err = scan(&n)
	return n, err
}

func hashOf(b []byte) (h ledger.Hash, err error) {
	if len(b) != len(h) {
		return h, fmt.Errorf("a hash of the ledger has %d bytes", len(b))
	}
	copy(h[:], b)
	return h, nil
}
