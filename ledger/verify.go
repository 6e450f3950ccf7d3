package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Options is what else a ledger is held against.
type Options struct {
	// Kept are checkpoints that were kept elsewhere: each a text that holds one
	// signed note or several, such as a file or a mail as it was saved.
	Kept [][]byte

	// Witnesses are the public keys of witnesses (C2SP cosignature/v1).
	Witnesses []string
}

// Verify reads an exported ledger and holds it against its public key and what
// else is given. What it finds is in the report; an error says only that it
// could not look: the file could not be read or a key is not one.
//
// It reads the file once from beginning to end in a bounded amount of memory,
// however long it is, and trusts nothing in it. It stops at the first thing
// wrong, since what comes after cannot be told apart from it.
//
// From the file and the key alone it finds every change, removal, addition,
// move and cut before the last checkpoint in the file. That this is the last
// one that was ever signed, and that the key's holder did not sign another
// history, it finds only when Options.Kept has a checkpoint from after it.
func Verify(r io.Reader, key string, o Options) (*Report, error) {
	k, err := newKeys(key, o.Witnesses)
	if err != nil {
		return nil, fmt.Errorf("verify the ledger: %w", err)
	}
	v := verifier{keys: k, in: lines{r: bufio.NewReaderSize(r, maxLine)}}
	v.report = Report{Origin: k.log.Name(), Gap: noLeaf}
	v.openKept(o.Kept)
	err = v.file()
	if problem := new(Problem); errors.As(err, &problem) {
		if problem.Finding == CutOff && problem.From < 0 {
			problem.From, problem.To = v.tree.size, v.tree.size
		}
		v.report.Problems = slices.Insert(v.report.Problems, 0, problem)
	} else if err != nil {
		return nil, fmt.Errorf("verify the ledger: %w", err)
	} else {
		v.judgeKept()
	}
	v.report.Leaves = v.tree.size
	return &v.report, nil
}

type verifier struct {
	keys
	in     lines
	tree   edge
	last   Hash // ID of the checkpoint before
	report Report
	kept   []kept // by size
	next   int    // the first of kept whose size was not reached
}

// kept is a checkpoint that was kept elsewhere.
type kept struct {
	Checkpoint
	here bool // the file has it too
	like bool // the file has the same leaves
}

func (v *verifier) file() error {
	if err := v.header(); err != nil {
		return err
	}
	v.compareKept()
	for {
		line, err := v.in.next()
		switch {
		case errors.Is(err, io.EOF):
			return v.problem(CutOff, v.tree.size, v.tree.size, "from here on the file is cut off")
		case err != nil:
			return err
		case bytes.HasPrefix(line, []byte(wordLeaf)):
			err = v.leaf(line)
		case bytes.HasPrefix(line, []byte(wordCheckpoint)):
			err = v.checkpoint(string(line[len(wordCheckpoint):]))
		case bytes.HasPrefix(line, []byte(wordEnd)):
			return v.end(string(line))
		default:
			return v.malformed("this line is not one of a ledger file: %s", quote(string(line)))
		}
		if err != nil {
			return err
		}
	}
}

func (v *verifier) header() error {
	for _, want := range []string{fileHeader, wordOrigin + v.log.Name()} {
		line, err := v.in.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if string(line) != want {
			return v.malformed("the file should begin with %q here, not %s", want, quote(string(line)))
		}
	}
	return nil
}

func (v *verifier) leaf(line []byte) error {
	n, hash, text, err := parseLeaf(line)
	switch want := v.tree.size; {
	case err != nil:
		return v.malformed("%v", err)
	case n > want:
		return v.problem(Missing, want, n-1, fmt.Sprintf("not there: after leaf %d comes leaf %d", want-1, n))
	case n < want:
		return v.problem(Moved, want, want, fmt.Sprintf("in its place stands leaf %d", n))
	case text != nil && tlog.RecordHash(text) != hash:
		return v.problem(Changed, n, n, "its text and its hash do not belong together: one of them was changed")
	case text != nil:
		v.report.Readable++
	case v.report.Readable > 0 && v.report.Gap < 0:
		v.report.Gap = n
	}
	v.tree.append(hash)
	v.compareKept()
	return nil
}

func (v *verifier) checkpoint(digits string) error {
	signed, err := v.note(digits)
	if err != nil {
		return err
	}
	c, err := v.open(signed)
	if err != nil {
		return v.problem(BadSignature, noLeaf, noLeaf, fmt.Sprintf("the checkpoint after %s is not to be trusted: %v", count(v.tree.size, "leaf", "leaves"), err))
	}
	at := c.At.Format(timeForPeople)
	switch {
	case c.Size > v.tree.size:
		return v.problem(Missing, v.report.Proved, c.Size-1, fmt.Sprintf("here are %s, but the checkpoint of %s counts %d: some were removed, or the checkpoint was moved", count(v.tree.size, "leaf", "leaves"), at, c.Size))
	case c.Size < v.tree.size:
		return v.problem(Moved, min(v.report.Proved, v.tree.size-1), v.tree.size-1, fmt.Sprintf("here are %s, but the checkpoint of %s counts %d: some were added, or the checkpoint was moved", count(v.tree.size, "leaf", "leaves"), at, c.Size))
	case c.Root != v.tree.root():
		return v.problem(Unlike, min(v.report.Proved, c.Size-1), c.Size-1, "these are not the leaves that were signed on "+at+": at least one was changed, removed, added or moved")
	case c.After != v.last && v.last == (Hash{}):
		return v.problem(Missing, noLeaf, noLeaf, "checkpoints before the one of "+at+" are not there")
	case c.After != v.last:
		return v.problem(Missing, noLeaf, noLeaf, "a checkpoint right before the one of "+at+" is not there, or another stands in its place")
	}
	v.accept(c)
	return nil
}

// accept notes what a checkpoint proves that was found right.
func (v *verifier) accept(c opened) {
	v.last = c.ID()
	v.report.Checkpoints++
	v.report.Proved, v.report.ProvedAt = c.Size, c.At
	v.report.Unchecked += int64(c.unknown)
	for _, cs := range c.cosignatures {
		i := slices.IndexFunc(v.report.Cosigned, func(o Cosignature) bool { return o.Witness == cs.Witness })
		if i < 0 {
			v.report.Cosigned = append(v.report.Cosigned, cs)
		} else {
			v.report.Cosigned[i] = cs
		}
	}
	for i := range v.kept {
		v.kept[i].here = v.kept[i].here || v.kept[i].Size == c.Size && v.kept[i].ID() == v.last
	}
}

// note reads the lines of a signed note.
func (v *verifier) note(digits string) ([]byte, error) {
	n, err := parseNumber(digits)
	if err != nil || n == 0 || n > maxNoteLines {
		return nil, v.malformed("a checkpoint has 1 to %d lines, not %s", maxNoteLines, quote(digits))
	}
	var signed []byte
	for range n {
		line, err := v.in.next()
		if errors.Is(err, io.EOF) {
			return nil, v.problem(CutOff, noLeaf, noLeaf, "the file is cut off before it, within a checkpoint")
		} else if err != nil {
			return nil, err
		}
		signed = append(append(signed, line...), '\n')
	}
	return signed, nil
}

func (v *verifier) end(line string) error {
	if want := fmt.Sprintf("%s%d %d", wordEnd, v.tree.size, v.report.Checkpoints); line != want {
		return v.problem(Missing, noLeaf, noLeaf, fmt.Sprintf("the file's last line should be %q, not %s", want, quote(line)))
	}
	if _, err := v.in.next(); !errors.Is(err, io.EOF) {
		if problem := new(Problem); err != nil && !errors.As(err, &problem) {
			return err
		}
		return v.malformed("something follows the file's last line")
	}
	if v.report.Checkpoints == 0 {
		return v.problem(Unsigned, noLeaf, noLeaf, "the file has no signed checkpoint, so it proves nothing")
	}
	return nil
}

func (v *verifier) problem(f Finding, from, to int64, text string) *Problem {
	return &Problem{f, from, to, v.in.number, text}
}

func (v *verifier) malformed(format string, args ...any) *Problem {
	return v.problem(Malformed, noLeaf, noLeaf, fmt.Sprintf(format, args...))
}

// openKept reads the checkpoints that were kept elsewhere.
func (v *verifier) openKept(texts [][]byte) {
	for i, text := range texts {
		notes := notesIn(string(text), v.log.Name())
		if len(notes) == 0 {
			v.addProblem(NotOurs, noLeaf, noLeaf, fmt.Sprintf("text %d of those kept elsewhere has no checkpoint of this ledger", i+1))
		}
		for _, signed := range notes {
			c, err := v.open(signed)
			if err != nil {
				v.addProblem(NotOurs, noLeaf, noLeaf, fmt.Sprintf("the checkpoint in text %d of those kept elsewhere is not to be trusted and proves nothing: %v", i+1, err))
				continue
			}
			v.kept = append(v.kept, kept{Checkpoint: c.Checkpoint})
		}
	}
	slices.SortStableFunc(v.kept, func(a, b kept) int { return cmp.Compare(a.Size, b.Size) })
}

// compareKept holds the leaves read so far against the checkpoints kept
// elsewhere that cover just these.
func (v *verifier) compareKept() {
	for ; v.next < len(v.kept) && v.kept[v.next].Size == v.tree.size; v.next++ {
		k := &v.kept[v.next]
		if k.like = k.Root == v.tree.root(); k.like {
			v.report.Kept, v.report.KeptAt = k.Size, k.At
		}
	}
}

// judgeKept says what the checkpoints kept elsewhere tell of a file in which
// nothing else was wrong.
func (v *verifier) judgeKept() {
	for _, k := range v.kept {
		at := k.At.Format(timeForPeople)
		switch {
		case k.Size > v.tree.size:
			v.addProblem(CutBack, v.tree.size, k.Size-1, "not there, but signed in the checkpoint of "+at+" that was kept elsewhere: the ledger was cut back, or this file is older than that checkpoint")
		case !k.like && k.Size > v.report.Proved:
			v.addProblem(Rewritten, v.report.Kept, k.Size-1, "these are not the leaves that were signed in the checkpoint of "+at+" that was kept elsewhere: the ledger was cut back and other leaves came after")
		case !k.like:
			v.addProblem(Rewritten, v.report.Kept, k.Size-1, "these are not the leaves that were signed in the checkpoint of "+at+" that was kept elsewhere, although the file is well signed: whoever holds the signing key wrote the ledger anew")
		case !k.here:
			v.addProblem(CutBack, noLeaf, noLeaf, "the checkpoint of "+at+" that was kept elsewhere is not in the file: its checkpoints were cut back or written anew, or the file is older")
		}
	}
}

func (v *verifier) addProblem(f Finding, from, to int64, text string) {
	v.report.Problems = append(v.report.Problems, &Problem{Finding: f, From: from, To: to, Text: text})
}

// notesIn finds the signed notes of a ledger in a text: each begins with a line
// that is the ledger's name and ends with its signatures. Line ends may be
// those of a mail.
func notesIn(text, origin string) [][]byte {
	var notes [][]byte
	var note []byte
	signatures := false
	finish := func() {
		if signatures {
			notes = append(notes, note)
		}
		note, signatures = nil, false
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		signature := strings.HasPrefix(line, "— ")
		if signatures && !signature {
			finish()
		}
		if line == origin {
			note = nil
		} else if note == nil {
			continue
		}
		signatures = signatures || signature
		note = append(append(note, line...), '\n')
	}
	finish()
	return notes
}

// lines reads lines of bounded length.
type lines struct {
	r      *bufio.Reader
	number int64
}

// next is the next line without its line feed. It is overwritten by the next
// call. A line that is too long or does not end is a Problem.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	l.number++
	switch {
	case err == nil:
		return line[:len(line)-1], nil
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, &Problem{Malformed, noLeaf, noLeaf, l.number, fmt.Sprintf("this line has more than %d bytes", maxLine)}
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, &Problem{CutOff, noLeaf, noLeaf, l.number, "the file is cut off here, within a line"}
	}
	return nil, err
}
