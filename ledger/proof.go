package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	tlogproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows one leaf and that a signed checkpoint covers it.
type Proof struct {
	Number     int64
	Leaf       Leaf
	Checkpoint Checkpoint
}

// maxProof is the size of the largest proof that is read: 63 hashes, a leaf's
// line and a note.
const maxProof = 1 << 16

// Prove makes a proof that leaf number n, as it is given, is in the ledger, up
// to the signed checkpoint. It is a C2SP tlog-proof whose extra data is the
// leaf's line in an exported file; whoever has it and the public key needs
// nothing else (see CheckProof). It refuses what it could not prove.
func Prove(ctx context.Context, s Storage, n int64, leaf Leaf, signed []byte, key string) ([]byte, error) {
	c, _, err := OpenCheckpoint(signed, key)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", n, err)
	}
	if n < 0 || n >= c.Size {
		return nil, fmt.Errorf("prove leaf %d: the checkpoint covers %s", n, rangeOf(0, c.Size))
	}
	path, err := tlog.ProveRecord(c.Size, n, reader(ctx, s))
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", n, err)
	}
	p := tlogproof.TLogProof{Index: uint64(n), Checkpoint: signed, ExtraData: appendLeaf(nil, n, leaf)}
	for _, h := range path {
		p.Hashes = append(p.Hashes, h)
	}
	made := p.Marshal()
	if _, err := CheckProof(made, key); err != nil {
		return nil, fmt.Errorf("prove leaf %d: the ledger as stored does not bear it out, verify it: %w", n, err)
	}
	return made, nil
}

// CheckProof reads a proof and checks it against the ledger's public key.
func CheckProof(proof []byte, key string) (*Proof, error) {
	if len(proof) > maxProof {
		return nil, fmt.Errorf("check a proof: it has more than %d bytes", maxProof)
	}
	var p tlogproof.TLogProof
	if err := p.Unmarshal(proof); err != nil || !bytes.Equal(p.Marshal(), proof) {
		return nil, errors.New("check a proof: this is not a proof")
	}
	line, ok := bytes.CutSuffix(p.ExtraData, []byte("\n"))
	if !ok {
		return nil, errors.New("check a proof: it does not show its leaf")
	}
	number, hash, text, err := parseLeaf(line)
	if err != nil {
		return nil, fmt.Errorf("check a proof: its leaf: %w", err)
	}
	if uint64(number) != p.Index || text != nil && tlog.RecordHash(text) != hash {
		return nil, fmt.Errorf("check a proof: what it shows is not leaf %d", p.Index)
	}
	c, _, err := OpenCheckpoint(p.Checkpoint, key)
	if err != nil {
		return nil, fmt.Errorf("check a proof: its checkpoint: %w", err)
	}
	path := make(tlog.RecordProof, len(p.Hashes))
	for i, h := range p.Hashes {
		path[i] = h
	}
	if err := tlog.CheckRecord(path, c.Size, c.Root, number, hash); err != nil {
		return nil, fmt.Errorf("check a proof: leaf %d is not in the ledger that was signed", number)
	}
	return &Proof{number, Leaf{hash, string(text)}, c}, nil
}

// ProveGrowth makes the RFC 6962 consistency proof that the ledger with size
// leaves begins with what it was with old leaves.
func ProveGrowth(ctx context.Context, s Storage, old, size int64) ([]Hash, error) {
	if old < 0 || old > size {
		return nil, fmt.Errorf("prove growth: a ledger does not grow from %d to %d leaves", old, size)
	}
	if old == 0 || old == size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(size, old, reader(ctx, s))
	if err != nil {
		return nil, fmt.Errorf("prove growth from %d to %d leaves: %w", old, size, err)
	}
	return proof, nil
}

// CheckGrowth checks that the ledger of one checkpoint begins with that of
// another. Their signatures must have been checked before.
func CheckGrowth(proof []Hash, old, now Checkpoint) error {
	bad := fmt.Errorf("the ledger with %d leaves is not what it was with %d, grown", now.Size, old.Size)
	switch {
	case old.Origin != now.Origin, old.Size < 0, old.Size > now.Size:
		return bad
	case old.Size == 0:
		if old.Root != emptyRoot || len(proof) > 0 || now.Size == 0 && now.Root != emptyRoot {
			return bad
		}
		return nil
	}
	if tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root) != nil {
		return bad
	}
	return nil
}

// WitnessRequest is the body of a C2SP tlog-witness add-checkpoint request for
// a witness that has seen the ledger with old leaves. Its answer is for
// [AddCosignatures].
func WitnessRequest(ctx context.Context, s Storage, old int64, signed []byte, key string) ([]byte, error) {
	c, _, err := OpenCheckpoint(signed, key)
	if err != nil {
		return nil, fmt.Errorf("ask a witness: %w", err)
	}
	proof, err := ProveGrowth(ctx, s, old, c.Size)
	if err != nil {
		return nil, fmt.Errorf("ask a witness: %w", err)
	}
	body := strconv.AppendInt([]byte("old "), old, 10)
	body = append(body, '\n')
	for _, h := range proof {
		body = base64.StdEncoding.AppendEncode(body, h[:])
		body = append(body, '\n')
	}
	body = append(body, '\n')
	return append(body, signed...), nil
}
