package keyring

import (
	"encoding/binary"
	"fmt"
	"time"

	"roundtable/internal/vault"
)

// An entry is encoded as
//
//	kind (1) · library · id · time in unix milliseconds (8) · key
//
// where library, id and key stand behind their length in two bytes. A list of
// entries is their number in four bytes and the entries, in order of slots,
// filled up with zeros to a multiple of 16 KiB, so that its size tells little of
// how many cases there are.
const (
	maxName  = 255
	maxBytes = 1024
	maxTime  = 1<<48 - 1
	listStep = 16 << 10
	minEntry = 1 + 2 + 2 + 8 + 2
	maxList  = (4+MaxEntries*(minEntry+2*maxName+maxBytes))/listStep*listStep + listStep
)

func appendEntry(b []byte, e Entry) []byte {
	b = append(b, byte(e.Kind))
	b = appendShort(b, e.Library)
	b = appendShort(b, e.ID)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Made.UnixMilli()))
	return appendShort(b, string(e.Bytes))
}

func appendShort(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

// encodeList encodes entries that checkAll has let through.
func encodeList(entries []Entry) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(entries)))
	for _, e := range entries {
		b = appendEntry(b, e)
	}
	return append(b, make([]byte, (listStep-len(b)%listStep)%listStep)...)
}

// decodeList is the inverse of encodeList; it takes nothing else.
func decodeList(b []byte) ([]Entry, error) {
	if len(b) == 0 || len(b)%listStep != 0 || len(b) > maxList {
		return nil, fmt.Errorf("a list of keys has %d bytes: %w", len(b), vault.ErrFormat)
	}
	r := reader{rest: b}
	n := int(binary.BigEndian.Uint32(r.take(4)))
	if n > MaxEntries || n > len(b)/minEntry {
		return nil, fmt.Errorf("a list of keys names %d: %w", n, vault.ErrFormat)
	}
	entries := make([]Entry, 0, n)
	for range n {
		e := r.entry()
		if r.failed || len(entries) > 0 && compareEntries(entries[len(entries)-1], e) >= 0 {
			return nil, fmt.Errorf("key %d of a list: %w", len(entries)+1, vault.ErrFormat)
		}
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("key %d of a list: %w", len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	if len(r.rest) >= listStep {
		return nil, fmt.Errorf("a list of keys has too much behind: %w", vault.ErrFormat)
	}
	for _, c := range r.rest {
		if c != 0 {
			return nil, fmt.Errorf("a list of keys has something behind: %w", vault.ErrFormat)
		}
	}
	return entries, nil
}

// decodeEntry reads one entry that fills b.
func decodeEntry(b []byte) (Entry, error) {
	r := reader{rest: b}
	e := r.entry()
	if r.failed || len(r.rest) > 0 {
		return Entry{}, vault.ErrFormat
	}
	return e, e.check()
}

// reader takes bytes from the front; when there are too few it gives zeros and
// remembers that it failed.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.failed, r.rest = true, nil
		return make([]byte, n)
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) short() []byte { return r.take(int(binary.BigEndian.Uint16(r.take(2)))) }

func (r *reader) entry() Entry {
	var e Entry
	e.Kind = Kind(r.take(1)[0])
	e.Library = string(r.short())
	e.ID = string(r.short())
	ms := binary.BigEndian.Uint64(r.take(8))
	r.failed = r.failed || ms > maxTime
	e.Made = time.UnixMilli(int64(ms & maxTime)).UTC()
	e.Bytes = append([]byte(nil), r.short()...)
	return e
}

// An image is a list as it is written to a disk:
//
//	a line of text · id of the installation's key (16) · nonce, ciphertext and tag
//
// with line and id as the additional data.
const imageLine = "roundtable keyring 1\n"

const imageHeader = len(imageLine) + len(vault.KeyID{})

func sealImage(random randomness, box vault.Box, entries []Entry) ([]byte, error) {
	id := box.ID()
	header := append([]byte(imageLine), id[:]...)
	list := encodeList(entries)
	defer clear(list)
	sealed, err := box.Seal(random, header, list)
	if err != nil {
		return nil, fmt.Errorf("seal the keyring: %w", err)
	}
	return append(header, sealed...), nil
}

func openImage(box vault.Box, image []byte) ([]Entry, error) {
	if len(image) < imageHeader || string(image[:len(imageLine)]) != imageLine {
		return nil, fmt.Errorf("this is no keyring of this version of Roundtable, or its beginning is lost: %w", ErrDamaged)
	}
	if id := vault.KeyID(image[len(imageLine):]); id != box.ID() {
		return nil, fmt.Errorf("it needs the installation key %s and was given %s: %w", id, box.ID(), ErrOtherInstallation)
	}
	list, err := box.Open(image[:imageHeader], image[imageHeader:])
	if err != nil {
		return nil, fmt.Errorf("its %d bytes are not the ones that were written: %w", len(image), ErrDamaged)
	}
	defer clear(list)
	entries, err := decodeList(list)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return entries, nil
}
