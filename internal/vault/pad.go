package vault

import (
	"encoding/binary"
	"math/bits"
)

// Sizes of sealed contents. What is padded is a length of four bytes and the
// content, so the smallest size holds 252 bytes.
const (
	// MaxClear is the largest content in bytes.
	MaxClear = 16 << 20

	smallestPadded = 256
	largestStep    = 1 << 20
	lengthBytes    = 4
	maxPadded      = MaxClear + largestStep
)

// paddedSize returns the size that n bytes with their length are padded to: a
// power of two from 256 bytes to 1 MiB, then a multiple of 1 MiB. That is 29
// sizes in all, for at most twice the room. An empty value and a short note look
// alike.
func paddedSize(n int) int {
	need := n + lengthBytes
	switch {
	case need <= smallestPadded:
		return smallestPadded
	case need <= largestStep:
		return 1 << bits.Len(uint(need-1))
	}
	return (need + largestStep - 1) / largestStep * largestStep
}

// pad returns the length, the content and zeros up to the padded size, with
// room behind for a tag.
func pad(content []byte, room int) []byte {
	size := paddedSize(len(content))
	padded := make([]byte, size, size+room)
	binary.BigEndian.PutUint32(padded, uint32(len(content)))
	copy(padded[lengthBytes:], content)
	return padded
}

// unpad is the inverse of pad. It refuses whatever pad cannot have written, so
// that one content has one padded form.
func unpad(padded []byte) ([]byte, error) {
	if len(padded) < smallestPadded {
		return nil, ErrFormat
	}
	n := binary.BigEndian.Uint32(padded)
	if n > MaxClear || paddedSize(int(n)) != len(padded) {
		return nil, ErrFormat
	}
	content, rest := padded[lengthBytes:lengthBytes+n], padded[lengthBytes+n:]
	for _, b := range rest {
		if b != 0 {
			return nil, ErrFormat
		}
	}
	return content, nil
}

// isPaddedSize reports whether pad can give n bytes.
func isPaddedSize(n int) bool {
	return n >= smallestPadded && n <= maxPadded && paddedSize(n-lengthBytes) == n
}
