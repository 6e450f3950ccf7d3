package ledger

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// The exported file, in which a ledger leaves the house:
//
//	roundtable-ledger 1
//	origin NAME
//	leaf 0 HASH TEXT
//	leaf 1 HASH              (its text was dropped)
//	…
//	checkpoint LINES         (the next LINES lines are a signed note)
//	…
//	end LEAVES CHECKPOINTS
//
// Each checkpoint stands where it belongs, after the last leaf that it covers.
// Each line ends in a line feed, numbers have no leading zeros, hashes are in
// base64. There is one way to write a ledger, so that every byte counts.
const (
	fileHeader     = "roundtable-ledger 1"
	wordOrigin     = "origin "
	wordLeaf       = "leaf "
	wordCheckpoint = "checkpoint "
	wordEnd        = "end "
)

// Limits of an exported file, which a reader can rely on.
const (
	maxLine      = 16 << 10
	maxNoteLines = 110
)

// Archive is a storage that can be read from the beginning. The whole export
// must see one state of it: a transaction that reads a snapshot.
type Archive interface {
	Storage

	// Leaves reads at most so many leaves from number first on. It reads none
	// only when there are none.
	Leaves(ctx context.Context, first int64, most int) ([]Leaf, error)

	// Checkpoints reads at most so many signed notes in the order in which they
	// were added, leaving out the first ones. It reads none only when there
	// are none.
	Checkpoints(ctx context.Context, first int64, most int) ([][]byte, error)
}

// page is how many leaves or checkpoints are read at once.
const page = 1024

// Export writes the ledger to w. It needs no more memory for a long ledger than
// for a short one. It writes what is stored, true or not: whether it is true is
// for Verify to find.
func Export(ctx context.Context, w io.Writer, origin string, a Archive) error {
	if err := checkOrigin(origin); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	e := exporter{ctx: ctx, w: bufio.NewWriterSize(w, 1<<16), archive: a}
	err := e.export(origin)
	if err == nil {
		err = e.w.Flush()
	}
	if err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}

type exporter struct {
	ctx         context.Context
	w           *bufio.Writer
	archive     Archive
	leaves      int64
	checkpoints int64
	waiting     [][]byte // checkpoints that were read and not yet written
	readAll     bool     // checkpoints
	beyond      bool     // those that count more leaves than there are come now
	buf         []byte
}

func (e *exporter) export(origin string) error {
	size, err := e.archive.Size(e.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.w, "%s\n%s%s\n", fileHeader, wordOrigin, origin)
	if err := e.writeCheckpoints(); err != nil {
		return err
	}
	for e.leaves < size {
		leaves, err := e.archive.Leaves(e.ctx, e.leaves, page)
		if err != nil {
			return err
		}
		if len(leaves) == 0 {
			return fmt.Errorf("there are %d leaves, but leaf %d is not there", size, e.leaves)
		}
		if err := e.writeLeaves(leaves[:min(int64(len(leaves)), size-e.leaves)]); err != nil {
			return err
		}
	}
	// What is stored beyond the last leaf is written too: the leaves that it counts
	// were removed, which is for Verify to find.
	e.beyond = true
	if err := e.writeCheckpoints(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.w, "%s%d %d\n", wordEnd, e.leaves, e.checkpoints)
	return err
}

func (e *exporter) writeLeaves(leaves []Leaf) error {
	for _, leaf := range leaves {
		e.buf = appendLeaf(e.buf[:0], e.leaves, leaf)
		if _, err := e.w.Write(e.buf); err != nil {
			return err
		}
		e.leaves++
		if err := e.writeCheckpoints(); err != nil {
			return err
		}
	}
	return nil
}

// writeCheckpoints writes those that belong after the leaves written so far.
// One that belongs further back is written too, since it is stored.
func (e *exporter) writeCheckpoints() error {
	for {
		if len(e.waiting) == 0 && !e.readAll {
			notes, err := e.archive.Checkpoints(e.ctx, e.checkpoints, page)
			if err != nil {
				return err
			}
			e.waiting, e.readAll = notes, len(notes) == 0
		}
		if len(e.waiting) == 0 {
			return nil
		}
		if size, ok := noteSize(e.waiting[0]); ok && size > e.leaves && !e.beyond {
			return nil
		}
		if err := e.writeCheckpoint(e.waiting[0]); err != nil {
			return err
		}
		e.waiting = e.waiting[1:]
	}
}

func (e *exporter) writeCheckpoint(note []byte) error {
	e.checkpoints++
	lines := bytes.Count(note, []byte("\n"))
	_, err := fmt.Fprintf(e.w, "%s%d\n%s", wordCheckpoint, lines, note)
	return err
}

// noteSize is the number of leaves that a note says it is about.
func noteSize(note []byte) (int64, bool) {
	lines := bytes.SplitN(note, []byte("\n"), 3)
	if len(lines) < 3 {
		return 0, false
	}
	size, err := strconv.ParseInt(string(lines[1]), 10, 64)
	return size, err == nil
}

// appendLeaf writes a leaf's line.
func appendLeaf(b []byte, number int64, leaf Leaf) []byte {
	b = append(b, wordLeaf...)
	b = strconv.AppendInt(b, number, 10)
	b = append(b, ' ')
	b = append(b, leaf.Hash.String()...)
	if leaf.Text != "" {
		b = append(b, ' ')
		b = append(b, leaf.Text...)
	}
	return append(b, '\n')
}

// parseLeaf reads a leaf's line without its line feed. The text is a part of
// the line.
func parseLeaf(line []byte) (number int64, hash Hash, text []byte, err error) {
	rest, ok := bytes.CutPrefix(line, []byte(wordLeaf))
	digits, rest, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 || len(rest) < hashLen {
		return 0, hash, nil, errors.New("this is not the line of a leaf")
	}
	if number, err = parseNumber(digits); err != nil {
		return 0, hash, nil, err
	}
	if hash, err = parseHash(rest[:hashLen]); err != nil {
		return number, hash, nil, err
	}
	switch text = rest[hashLen:]; {
	case len(text) == 0:
		return number, hash, nil, nil
	case len(text) == 1 || text[0] != ' ':
		return number, hash, nil, errors.New("after a leaf's hash comes its text or the end of the line")
	}
	return number, hash, text[1:], nil
}

// parseNumber reads a number in its one spelling: decimal digits, no sign, no
// leading zeros, at most 18 of them.
func parseNumber[T string | []byte](digits T) (int64, error) {
	const most = 18
	n := int64(0)
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' || i == most || i == 1 && digits[0] == '0' {
			return 0, fmt.Errorf("%s is not a number", quote(string(digits)))
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if len(digits) == 0 {
		return 0, errors.New("a number is not there")
	}
	return n, nil
}
