package ledger

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// CommitKey is the key of a case's commitments. It is made from the case's
// data key once and carried along when that is replaced, so that commitments
// can be opened as long as the case lives. When it is destroyed, the
// commitments say nothing, not even to who guesses the contents.
type CommitKey [32]byte

// The labels are part of the format: another use of the same key must not give
// the same bytes.
const (
	keyLabel    = "roundtable ledger commitment key v1"
	commitLabel = "roundtable ledger commitment v1"
)

// NewCommitKey makes the key of commitments from a case's data key by HKDF with
// SHA-256. The data key must be random and have at least 32 bytes.
func NewCommitKey(dataKey []byte) (CommitKey, error) {
	if len(dataKey) < 32 {
		return CommitKey{}, fmt.Errorf("make a key for commitments: the case's key has %d bytes, fewer than 32", len(dataKey))
	}
	made, err := hkdf.Key(sha256.New, dataKey, nil, keyLabel, len(CommitKey{}))
	if err != nil {
		return CommitKey{}, fmt.Errorf("make a key for commitments: %w", err)
	}
	return CommitKey(made), nil
}

// Commit is HMAC-SHA256 over the kind and the contents, each after its length.
func (k CommitKey) Commit(kind Kind, contents []byte) [32]byte {
	mac := hmac.New(sha256.New, k[:])
	for _, part := range [][]byte{[]byte(commitLabel), []byte(kind), contents} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write(part)
	}
	return [32]byte(mac.Sum(nil))
}

// Opens reports whether the commitment is to this kind and these contents under
// this key. It takes the same time whatever the answer.
func (k CommitKey) Opens(commitment [32]byte, kind Kind, contents []byte) bool {
	want := k.Commit(kind, contents)
	return hmac.Equal(commitment[:], want[:])
}
