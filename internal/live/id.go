package live

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"io"
)

// idSealer turns places in time into opaque ids and back. An id is one block of
// AES over the place and eight zero bytes; what another hub sealed, or anybody
// made up, does not open to those zeros.
type idSealer struct{ block cipher.Block }

func newIDSealer(random io.Reader) (idSealer, error) {
	var key [16]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return idSealer{}, err
	}
	block, err := aes.NewCipher(key[:])
	return idSealer{block}, err
}

func (s idSealer) seal(seq uint64) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:], seq)
	s.block.Encrypt(b[:], b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (s idSealer) open(id string) (seq uint64, ok bool) {
	var b [aes.BlockSize]byte
	if len(id) != base64.RawURLEncoding.EncodedLen(len(b)) {
		return 0, false
	}
	if n, err := base64.RawURLEncoding.Strict().Decode(b[:], []byte(id)); err != nil || n != len(b) {
		return 0, false
	}
	s.block.Decrypt(b[:], b[:])
	return binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:]) == 0
}
