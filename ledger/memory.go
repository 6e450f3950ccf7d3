package ledger

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Memory is a ledger in memory, for tests and for trying things out. It is not
// safe for use by several goroutines at once. The zero value is empty.
type Memory struct {
	leaves      []Leaf
	hashes      []Hash
	checkpoints []memoryNote
}

type memoryNote struct {
	size int64
	note []byte
}

// Size implements Storage.
func (m *Memory) Size(context.Context) (int64, error) { return int64(len(m.leaves)), nil }

// Hashes implements Storage.
func (m *Memory) Hashes(_ context.Context, indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(m.hashes)) {
			return nil, fmt.Errorf("there is no tree hash %d", index)
		}
		hashes[i] = m.hashes[index]
	}
	return hashes, nil
}

// Add implements Storage.
func (m *Memory) Add(_ context.Context, first int64, leaves []Leaf, hashes []Hash) error {
	if first != int64(len(m.leaves)) || tlog.StoredHashIndex(0, first) != int64(len(m.hashes)) {
		return fmt.Errorf("leaf %d is not the next one, %d is", first, len(m.leaves))
	}
	m.leaves = append(m.leaves, leaves...)
	m.hashes = append(m.hashes, hashes...)
	return nil
}

// LastCheckpoint implements Storage.
func (m *Memory) LastCheckpoint(context.Context) ([]byte, error) {
	if len(m.checkpoints) == 0 {
		return nil, nil
	}
	return m.checkpoints[len(m.checkpoints)-1].note, nil
}

// AddCheckpoint implements Storage.
func (m *Memory) AddCheckpoint(_ context.Context, size int64, note []byte) error {
	m.checkpoints = append(m.checkpoints, memoryNote{size, slices.Clone(note)})
	return nil
}

// Leaves implements Archive.
func (m *Memory) Leaves(_ context.Context, first int64, most int) ([]Leaf, error) {
	from := min(max(first, 0), int64(len(m.leaves)))
	return m.leaves[from:min(from+int64(most), int64(len(m.leaves)))], nil
}

// Checkpoints implements Archive.
func (m *Memory) Checkpoints(_ context.Context, first int64, most int) ([][]byte, error) {
	var notes [][]byte
	for i := max(first, 0); i < int64(len(m.checkpoints)) && len(notes) < most; i++ {
		notes = append(notes, m.checkpoints[i].note)
	}
	return notes, nil
}

// Drop drops the texts of the leaves before number end. Their hashes stay.
func (m *Memory) Drop(end int64) {
	for i := range m.leaves[:min(max(end, 0), int64(len(m.leaves)))] {
		m.leaves[i].Text = ""
	}
}

// Cosign puts a note with witnesses' signatures in the last one's place.
func (m *Memory) Cosign(note []byte) {
	m.checkpoints[len(m.checkpoints)-1].note = slices.Clone(note)
}
