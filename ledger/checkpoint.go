package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	clog "github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says what a ledger was at a time. Signed, it is a C2SP checkpoint
// with two extension lines.
type Checkpoint struct {
	Origin string    // the ledger's name
	Size   int64     // how many leaves there were
	Root   Hash      // the hash of their tree
	At     time.Time // when it was signed
	After  Hash      // the ID of the checkpoint before, zero for the first
}

// Text is the checkpoint's text as it is signed:
//
//	ORIGIN
//	SIZE
//	ROOT
//	time TIME
//	after ID
//
// with "-" for the ID before the first. The last two lines are what C2SP calls
// extension lines. They chain the checkpoints, so that none can go missing
// between two others.
func (c Checkpoint) Text() string {
	after := "-"
	if c.After != (Hash{}) {
		after = c.After.String()
	}
	body := clog.Checkpoint{Origin: c.Origin, Size: uint64(c.Size), Hash: c.Root[:]}.Marshal()
	return fmt.Sprintf("%stime %s\nafter %s\n", body, c.At.UTC().Format(timeLayout), after)
}

// ID is the SHA-256 of the text. The next checkpoint names it.
func (c Checkpoint) ID() Hash { return sha256.Sum256([]byte(c.Text())) }

func parseCheckpoint(text string) (Checkpoint, error) {
	var body clog.Checkpoint
	rest, err := body.Unmarshal([]byte(text))
	if err != nil || len(body.Hash) != len(Hash{}) || body.Size > math.MaxInt64 {
		return Checkpoint{}, errors.New("this is not a checkpoint")
	}
	c := Checkpoint{Origin: body.Origin, Size: int64(body.Size), Root: Hash(body.Hash)}
	lines := strings.Split(string(rest), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "time ") || !strings.HasPrefix(lines[1], "after ") {
		return Checkpoint{}, errors.New("this is a checkpoint, but not one of a Roundtable ledger: it lacks its time or the one before")
	}
	if c.At, err = parseTime(lines[0][len("time "):]); err != nil {
		return Checkpoint{}, err
	}
	if after := lines[1][len("after "):]; after != "-" {
		if c.After, err = parseHash(after); err != nil || c.After == (Hash{}) {
			return Checkpoint{}, errors.New("the checkpoint does not name the one before it")
		}
	}
	if c.Text() != text {
		return Checkpoint{}, errors.New("this is not the one way to write this checkpoint")
	}
	return c, nil
}

// Sign brings the ledger to a multiple of [Block] with filler leaves, signs a
// checkpoint and stores it. It returns the checkpoint and the signed note. The
// note may leave the house only when the transaction has been committed:
// otherwise a checkpoint could be kept elsewhere of which the ledger knows
// nothing, and that looks as if the ledger had been cut back.
func Sign(ctx context.Context, s Storage, signer note.Signer, at time.Time, random io.Reader) (Checkpoint, []byte, error) {
	c, signed, err := sign(ctx, s, signer, at, random)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	return c, signed, nil
}

func sign(ctx context.Context, s Storage, signer note.Signer, at time.Time, random io.Reader) (c Checkpoint, signed []byte, err error) {
	if err := checkOrigin(signer.Name()); err != nil {
		return c, nil, err
	}
	if err := checkTime(at); err != nil {
		return c, nil, err
	}
	c = Checkpoint{Origin: signer.Name(), At: truncate(at)}
	if c.After, err = lastID(ctx, s, c.Origin); err != nil {
		return c, nil, err
	}
	if c.Size, err = fill(ctx, s, at, random); err != nil {
		return c, nil, err
	}
	if c.Root, err = Root(ctx, s, c.Size); err != nil {
		return c, nil, err
	}
	if signed, err = note.Sign(&note.Note{Text: c.Text()}, signer); err != nil {
		return c, nil, err
	}
	return c, signed, s.AddCheckpoint(ctx, c.Size, signed)
}

// lastID is the ID of the checkpoint that was stored last. The storage is
// trusted to hold what Sign gave it: whether it does is for Verify to find.
func lastID(ctx context.Context, s Storage, origin string) (Hash, error) {
	last, err := s.LastCheckpoint(ctx)
	if err != nil || last == nil {
		return Hash{}, err
	}
	text, _, found := bytes.Cut(last, []byte("\n\n"))
	c, err := parseCheckpoint(string(text) + "\n")
	if !found || err != nil || c.Origin != origin {
		return Hash{}, fmt.Errorf("the last checkpoint that was stored is not one of %s", origin)
	}
	return c.ID(), nil
}

func fill(ctx context.Context, s Storage, at time.Time, random io.Reader) (int64, error) {
	size, err := s.Size(ctx)
	if err != nil {
		return 0, err
	}
	missing := (Block - size%Block) % Block
	fillers := make([]Entry, missing)
	for i := range fillers {
		if fillers[i], err = newFiller(at, random); err != nil {
			return 0, err
		}
	}
	if _, err := Append(ctx, s, fillers...); err != nil {
		return 0, err
	}
	return size + missing, nil
}

// Cosignature says that a witness saw a checkpoint grow from those it had seen.
type Cosignature struct {
	Witness string
	Size    int64     // of the tree that it saw
	At      time.Time // by the witness's clock, to the second
}

// OpenCheckpoint reads a signed checkpoint and checks that the ledger's key
// signed it, and that each known witness that cosigned it did so rightly.
// Signatures of others are not looked at.
func OpenCheckpoint(signed []byte, key string, witnesses ...string) (Checkpoint, []Cosignature, error) {
	k, err := newKeys(key, witnesses)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	o, err := k.open(signed)
	return o.Checkpoint, o.cosignatures, err
}

// AddCosignatures puts the signature lines that a witness answered with under a
// signed checkpoint. It refuses lines that are not valid signatures of known
// witnesses.
func AddCosignatures(signed, lines []byte, key string, witnesses ...string) ([]byte, error) {
	k, err := newKeys(key, witnesses)
	if err != nil {
		return nil, err
	}
	before, err := k.open(signed)
	if err != nil {
		return nil, err
	}
	joined := slices.Concat(signed, lines)
	after, err := k.open(joined)
	if err != nil {
		return nil, fmt.Errorf("add a witness's signature: %w", err)
	}
	if after.ID() != before.ID() || after.unknown != before.unknown || len(after.cosignatures) == len(before.cosignatures) {
		return nil, errors.New("add a witness's signature: these lines are not signatures of a known witness")
	}
	return joined, nil
}

// keys are what checkpoints are checked with.
type keys struct {
	log       note.Verifier
	witnesses []note.Verifier
	all       note.Verifiers
}

func newKeys(key string, witnesses []string) (keys, error) {
	log, err := parseKey(key)
	if err != nil {
		return keys{}, err
	}
	ws, err := parseWitnesses(witnesses)
	if err != nil {
		return keys{}, err
	}
	return keys{log, ws, note.VerifierList(append(ws[:len(ws):len(ws)], log)...)}, nil
}

// opened is a checkpoint whose signatures were checked.
type opened struct {
	Checkpoint
	cosignatures []Cosignature
	unknown      int // signatures of others, which were not checked
}

func (k keys) open(signed []byte) (opened, error) {
	if err := checkSignatureLines(signed); err != nil {
		return opened{}, err
	}
	n, err := note.Open(signed, k.all)
	var invalid *note.InvalidSignatureError
	var unsigned *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return opened{}, fmt.Errorf("the signature of %s is not valid", invalid.Name)
	case errors.As(err, &unsigned), err == nil && !k.signed(n):
		return opened{}, errors.New("it is not signed with the ledger's key")
	case err != nil:
		return opened{}, errors.New("it is not a signed note")
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return opened{}, err
	}
	if c.Origin != k.log.Name() {
		return opened{}, fmt.Errorf("it is a checkpoint of another ledger, %s", quote(c.Origin))
	}
	return opened{c, cosignatures(n, c.Size, k.log), len(n.UnverifiedSigs)}, nil
}

func (k keys) signed(n *note.Note) bool {
	for _, s := range n.Sigs {
		if s.Name == k.log.Name() && s.Hash == k.log.KeyHash() {
			return true
		}
	}
	return false
}

func cosignatures(n *note.Note, size int64, log note.Verifier) []Cosignature {
	var list []Cosignature
	for _, s := range n.Sigs {
		if s.Name == log.Name() && s.Hash == log.KeyHash() {
			continue
		}
		// The signature was checked, so that it has its time.
		at, err := cosignature.CoSigV1Timestamp(s)
		if err == nil {
			list = append(list, Cosignature{s.Name, size, at.UTC()})
		}
	}
	return list
}

// checkSignatureLines refuses what note.Open forgives: stray bits at the end of
// a signature's base64, a second signature of the same key, and names beyond
// ASCII. The first two would let a note be changed without anybody noticing.
func checkSignatureLines(signed []byte) error {
	split := bytes.LastIndex(signed, []byte("\n\n"))
	if split < 0 {
		return errors.New("it is not a signed note")
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(signed[split+2:])) {
		dash, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, encoded, _ := strings.Cut(rest, " ")
		raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if dash != "—" || checkOrigin(name) != nil || err != nil || len(raw) < 5 {
			return errors.New("it is not a signed note")
		}
		signer := name + "+" + string(raw[:4])
		if seen[signer] {
			return fmt.Errorf("it has two signatures of %s", quote(name))
		}
		seen[signer] = true
	}
	return nil
}
