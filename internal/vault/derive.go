package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

// keySize is the size in bytes of every symmetric key here.
const keySize = 32

// KeyID tells keys apart without telling anything of them. It is derived from
// the key, so the two cannot be confused; it is public.
type KeyID [16]byte

// String returns the id in hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// derive makes a sub-key for one purpose. Label and parts are joined without
// ambiguity, so two purposes never share a key.
func derive(key []byte, size int, label string, parts ...string) ([]byte, error) {
	if len(key) != keySize {
		return nil, ErrNoKey
	}
	sub, err := hkdf.Expand(sha256.New, key, string(join(label, parts...)), size)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", label, err)
	}
	return sub, nil
}

func keyID(key []byte) (KeyID, error) {
	id, err := derive(key, len(KeyID{}), "roundtable key id v1")
	if err != nil {
		return KeyID{}, err
	}
	return KeyID(id), nil
}

// join puts label and parts in a row, each behind its length in four bytes, so
// that ("ab", "c") and ("a", "bc") differ.
func join(label string, parts ...string) []byte {
	b := appendPart(nil, label)
	for _, p := range parts {
		b = appendPart(b, p)
	}
	return b
}

func appendPart(b []byte, part string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
	return append(b, part...)
}

// draw reads n random bytes.
func draw(random io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("draw %d random bytes: %w", n, err)
	}
	return b, nil
}

// named reports whether each name is there and of a sane length.
func named(names ...string) bool {
	for _, n := range names {
		if n == "" || len(n) > 255 {
			return false
		}
	}
	return true
}
