package ledger

import (
	"fmt"
	"strings"
	"time"
)

// Report is what [Verify] found.
type Report struct {
	Origin      string // the ledger's name, from its public key
	Leaves      int64  // in the file, as far as it was read
	Readable    int64  // of them, with their text
	Checkpoints int64  // of which the signatures were checked

	// Proved is how many leaves, from the first, are as the ledger's key signed
	// them, and ProvedAt when it last did.
	Proved   int64
	ProvedAt time.Time

	// Kept is how many leaves, from the first, are those of a checkpoint that
	// was kept elsewhere, and KeptAt when that was signed. Not even the holder
	// of the signing key can have changed them since.
	Kept   int64
	KeptAt time.Time

	// Cosigned is what each known witness saw last.
	Cosigned []Cosignature
	// Unchecked counts signatures of witnesses whose keys were not given.
	Unchecked int64

	// Gap is the number of the first leaf whose text was dropped although a
	// leaf before it has its text, -1 if there is none. Dropping a text leaves
	// the ledger true, but age drops the oldest first.
	Gap int64

	// Problems is what is wrong. The first is what stopped the reading, if
	// anything did.
	Problems []*Problem
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// Finding is a way in which a ledger can be wrong.
type Finding string

// What is found from the file and the public key alone.
const (
	Malformed    Finding = "malformed"     // a line is not one of a ledger file
	Changed      Finding = "changed"       // a leaf's text is not that of its hash
	Missing      Finding = "missing"       // leaves or checkpoints are not there
	Moved        Finding = "moved"         // a leaf or checkpoint stands elsewhere
	Unlike       Finding = "unlike"        // leaves are not those that were signed
	BadSignature Finding = "bad-signature" // a checkpoint is not signed by the key
	CutOff       Finding = "cut-off"       // the file ends before its end
	Unsigned     Finding = "unsigned"      // the file has no checkpoint
)

// What is found given a checkpoint that was kept elsewhere.
const (
	Rewritten Finding = "rewritten" // its leaves are others than the file's
	CutBack   Finding = "cut-back"  // the file has fewer leaves, or lacks the checkpoint
	NotOurs   Finding = "not-ours"  // the checkpoint kept elsewhere is not one of this ledger
)

// noLeaf stands for the leaves of a problem that is not about leaves.
const noLeaf = int64(-1)

const timeForPeople = "2 January 2006 15:04:05 UTC"

// Problem is one thing that is wrong, and where.
type Problem struct {
	Finding Finding
	From    int64  // the first leaf that it is about, -1 if about none
	To      int64  // the last
	Line    int64  // of the file, 0 if about none
	Text    string // a sentence for people
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.String() }

// String says what is wrong and where.
func (p *Problem) String() string {
	where := ""
	switch {
	case p.From < 0:
		return upperFirst(p.Text) + line(p.Line)
	case p.From == p.To:
		where = fmt.Sprintf("Leaf %d: ", p.From)
	default:
		where = fmt.Sprintf("Leaves %d to %d: ", p.From, p.To)
	}
	return where + p.Text + line(p.Line)
}

func line(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", n)
}

// upperFirst begins a sentence. Our sentences begin in ASCII.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// String says in plain words what was proved and what was not.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ledger %s: %s (%d readable), %s.\n", r.Origin, count(r.Leaves, "leaf", "leaves"), r.Readable, count(r.Checkpoints, "checkpoint", "checkpoints"))
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "WRONG. %s\n", p)
	}
	r.sayProved(&b)
	r.sayKept(&b)
	for _, c := range r.Cosigned {
		fmt.Fprintf(&b, "Seen by the witness %s on %s: %s. If the witness is honest, nobody wrote them anew since.\n", c.Witness, c.At.Format(timeForPeople), rangeOf(0, c.Size))
	}
	if r.Unchecked > 0 {
		fmt.Fprintf(&b, "Not checked: %s of witnesses whose keys were not given.\n", count(r.Unchecked, "signature", "signatures"))
	}
	if r.Gap >= 0 {
		fmt.Fprintf(&b, "Note: the text of leaf %d was dropped although one before it can still be read.\n", r.Gap)
	}
	return b.String()
}

func (r *Report) sayProved(b *strings.Builder) {
	switch {
	case r.Proved == 0 && !r.OK():
		fmt.Fprintf(b, "Nothing is proved.\n")
	case r.Proved == 0:
		fmt.Fprintf(b, "Proved by the file and the public key: the ledger had no leaves on %s.\n", r.ProvedAt.Format(timeForPeople))
	default:
		fmt.Fprintf(b, "Proved by the file and the public key: %s are as the ledger's key signed them on %s. Nobody without that key changed, removed, added or moved one of them.\n", rangeOf(0, r.Proved), r.ProvedAt.Format(timeForPeople))
	}
	if r.OK() && r.Leaves > r.Proved {
		fmt.Fprintf(b, "Not proved: %s, which came after the last signed checkpoint.\n", rangeOf(r.Proved, r.Leaves))
	}
}

func (r *Report) sayKept(b *strings.Builder) {
	if r.KeptAt.IsZero() {
		if r.OK() {
			fmt.Fprintf(b, "Not proved: that the ledger was not cut back to an earlier state or written anew by whoever holds its signing key. A checkpoint that was kept elsewhere would show it.\n")
		}
		return
	}
	fmt.Fprintf(b, "Proved by a checkpoint kept elsewhere, signed on %s: %s are still those of that day. Nobody wrote them anew or cut them off, not even who holds the signing key.\n", r.KeptAt.Format(timeForPeople), rangeOf(0, r.Kept))
}

// rangeOf names the leaves from first to before end.
func rangeOf(first, end int64) string {
	switch end - first {
	case 0:
		return "no leaves"
	case 1:
		return fmt.Sprintf("leaf %d", first)
	}
	return fmt.Sprintf("leaves %d to %d", first, end-1)
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
