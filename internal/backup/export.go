package backup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// newer is a ledger as it was exported after the archive was written, by roundtable
// ledger export: it knows of destructions that the archive does not.
type newer struct {
	path    string
	library people.LibraryID
	key     string
	report  *ledger.Report
}

// openNewer verifies an exported ledger against the key and the newest checkpoint
// in the archive: it must be the same ledger, grown.
func openNewer(path string, ends map[people.LibraryID]ledgerLine) (newer, error) {
	f, err := os.Open(path)
	if err != nil {
		return newer{}, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	in.ReadString('\n') // its first line; the verifier reads it again
	line, _ := in.ReadString('\n')
	origin, found := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "origin ")
	id, known := people.LibraryID(""), false
	for library := range ends {
		if originOf(library) == origin {
			id, known = library, true
		}
	}
	if !found || !known {
		return newer{}, fmt.Errorf("%s is no exported ledger of this installation", path)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return newer{}, err
	}
	end := ends[id]
	var kept [][]byte
	if end.Checkpoint != "" {
		kept = [][]byte{[]byte(end.Checkpoint)}
	}
	report, err := ledger.Verify(f, end.Key, ledger.Options{Kept: kept})
	if err != nil {
		return newer{}, fmt.Errorf("%s: %w", path, err)
	}
	if !report.OK() {
		return newer{}, fmt.Errorf("%s is not the ledger of the backup, grown:\n%s", path, report)
	}
	return newer{path, id, end.Key, report}, nil
}

// each reads the leaves and the checkpoints of a file that was verified.
func (n newer) each(leaf func(int64, ledger.Leaf) error, checkpoint func(size int64, note []byte) error) error {
	f, err := os.Open(n.path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	size := int64(0)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n.path, err)
		}
		word, rest, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		switch string(word) {
		case "leaf":
			var l ledger.Leaf
			if l, err = parseLeaf(rest, size); err == nil {
				err = leaf(size, l)
				size++
			}
		case "checkpoint":
			var note []byte
			if note, err = readNote(in, string(rest)); err == nil {
				err = checkpoint(size, note)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n.path, err)
		}
	}
}

func parseLeaf(line []byte, want int64) (l ledger.Leaf, err error) {
	fields := strings.SplitN(string(line), " ", 3)
	if len(fields) < 2 || fields[0] != strconv.FormatInt(want, 10) {
		return l, fmt.Errorf("leaf %d is not where it was", want)
	}
	if l.Hash, err = tlog.ParseHash(fields[1]); err != nil {
		return l, err
	}
	if len(fields) == 3 {
		l.Text = fields[2]
	}
	return l, nil
}

// maxNote is more lines than a checkpoint has.
const maxNote = 200

func readNote(in *bufio.Reader, lines string) ([]byte, error) {
	n, err := strconv.Atoi(lines)
	if err != nil || n < 1 || n > maxNote {
		return nil, fmt.Errorf("a checkpoint has no %.20q lines", lines)
	}
	var note []byte
	for range n {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		note = append(note, line...)
	}
	return note, nil
}

// entries tells of each entry that can be read.
func (n newer) entries(tell func(people.LibraryID, ledger.Entry) error) error {
	return n.each(func(_ int64, l ledger.Leaf) error {
		if l.Text == "" {
			return nil
		}
		e, err := ledger.ParseEntry(l.Text)
		if err != nil {
			return err
		}
		return tell(n.library, e)
	}, func(int64, []byte) error { return nil })
}

// extend brings a restored ledger to where the newer one is, so that history goes
// on unbroken, although what the newest entries are about is lost. It returns how
// many leaves came.
func (n newer) extend(ctx context.Context, s *store.Store) (added int64, err error) {
	err = s.Write(ctx, n.library, func(t *store.Tx) error {
		l := t.Ledger()
		size, err := l.Size(ctx)
		if err != nil {
			return err
		}
		last, err := l.LastCheckpoint(ctx)
		if err != nil {
			return err
		}
		past := last == nil // the checkpoints after the last one are added
		added = 0
		return n.each(func(number int64, leaf ledger.Leaf) error {
			if number < size {
				return nil
			}
			hashes, err := tlog.StoredHashesForRecordHash(number, leaf.Hash, hashesOf(ctx, l))
			if err != nil {
				return err
			}
			added++
			return l.Add(ctx, number, []ledger.Leaf{leaf}, hashes)
		}, func(at int64, note []byte) error {
			if !past {
				past = sameCheckpoint(note, last)
				return nil
			}
			return l.AddCheckpoint(ctx, at, note)
		})
	})
	return added, err
}

// sameCheckpoint reports whether two notes are of the same checkpoint: either may
// have signatures of witnesses that the other lacks.
func sameCheckpoint(a, b []byte) bool {
	textA, _, _ := bytes.Cut(a, []byte("\n\n"))
	textB, _, _ := bytes.Cut(b, []byte("\n\n"))
	return bytes.Equal(textA, textB)
}

func hashesOf(ctx context.Context, l store.Ledger) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) { return l.Hashes(ctx, indexes) }
}
