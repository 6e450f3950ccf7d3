package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// phc is a password's hash as the PHC string format writes it:
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$hash
type phc struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
	salt    []byte
	hash    []byte
}

// What new hashes are made with. 19 MiB and 2 passes is the least that is
// recommended for argon2id, and takes 0.15 to 0.2 s.
const (
	memory   = 19 * 1024
	passes   = 2
	threads  = 1
	saltSize = 16
	hashSize = 32
)

// What is still read, so that hashes made with more survive, and a hash that was
// put into the database by somebody else cannot stop the server.
const (
	maxMemory  = 128 * 1024
	maxPasses  = 10
	maxThreads = 8
	maxBytes   = 64
	minBytes   = 16
	minSalt    = 8
	maxPHC     = 300
)

// ErrPHC is returned for text that is no hash of a password.
var ErrPHC = errors.New("this is no argon2id hash")

var phcBase64 = base64.RawStdEncoding.Strict()

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		phcBase64.EncodeToString(h.salt), phcBase64.EncodeToString(h.hash))
}

// parsePHC reads exactly what String writes, within bounds.
func parsePHC(text string) (phc, error) {
	if len(text) > maxPHC {
		return phc{}, ErrPHC
	}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, ErrPHC
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return phc{}, ErrPHC
	}
	m, okM := cost(costs[0], "m=", maxMemory)
	t, okT := cost(costs[1], "t=", maxPasses)
	p, okP := cost(costs[2], "p=", maxThreads)
	salt, errSalt := phcBase64.DecodeString(parts[4])
	hash, errHash := phcBase64.DecodeString(parts[5])
	h := phc{uint32(m), uint32(t), uint8(p), salt, hash}
	switch {
	case !okM || !okT || !okP || errSalt != nil || errHash != nil,
		m < 8*p, len(salt) < minSalt || len(salt) > maxBytes, len(hash) < minBytes || len(hash) > maxBytes,
		h.String() != text: // base64 lets line ends through
		return phc{}, ErrPHC
	}
	return h, nil
}

// cost reads "m=19456": a whole number from 1, in its shortest form.
func cost(text, name string, most uint64) (uint64, bool) {
	digits, ok := strings.CutPrefix(text, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	return n, ok && err == nil && n >= 1 && n <= most && strconv.FormatUint(n, 10) == digits
}

// isCurrent reports whether new hashes are made like this one.
func (h phc) isCurrent() bool {
	return h.memory == memory && h.passes == passes && h.threads == threads && len(h.salt) == saltSize && len(h.hash) == hashSize
}

func (h phc) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, uint32(len(h.hash)))
}

// ErrBusy is returned when too many passwords are being checked already.
var ErrBusy = errors.New("too many passwords are being checked at once")

// Hasher makes and checks hashes of passwords, a bounded number at once: each
// takes 19 MiB and a whole processor, and whoever sends many sign-ins must not
// take the server's memory. Those that find no room wait; when as many wait as
// may, the next ones get ErrBusy. It is safe for use by many goroutines.
type Hasher struct {
	room    chan struct{} // as many as run
	waiting chan struct{} // as many as run or wait
}

// NewHasher returns a Hasher that runs so many at once, at least one, and lets
// eight times as many wait.
func NewHasher(atOnce int) *Hasher {
	atOnce = max(atOnce, 1)
	return &Hasher{make(chan struct{}, atOnce), make(chan struct{}, 9*atOnce)}
}

// Hash returns the hash of a password that was checked by a Rule.
func (h *Hasher) Hash(ctx context.Context, password string, random io.Reader) (string, error) {
	if len(password) > maxPasswordBytes {
		return "", errors.New("hash a password: it is longer than any password may be")
	}
	fresh := phc{memory, passes, threads, make([]byte, saltSize), make([]byte, hashSize)}
	if _, err := io.ReadFull(random, fresh.salt); err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	fresh.hash = fresh.derive(Normal(password))
	return fresh.String(), nil
}

// nobody is what a password is checked against when there is no account: it takes
// as long as any other check, and nothing fits it.
var nobody = phc{memory, passes, threads, make([]byte, saltSize), make([]byte, hashSize)}

// Verify reports whether the password is the one that was hashed, and whether it
// ought to be hashed again because new hashes are made otherwise. For the hash of
// an account that is not there, "", it takes as long and says no, so that time
// does not tell who has an account. It returns ErrPHC for what is no hash.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok, again bool, err error) {
	kept := nobody
	if hash != "" {
		if kept, err = parsePHC(hash); err != nil {
			return false, false, err
		}
	}
	if len(password) > maxPasswordBytes {
		password = "" // no password is that long; the check still takes its time
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	fits := subtle.ConstantTimeCompare(kept.derive(Normal(password)), kept.hash) == 1
	ok = fits && hash != "" && password != ""
	return ok, ok && !kept.isCurrent(), nil
}

// enter waits for room and returns how to leave it.
func (h *Hasher) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.room <- struct{}{}:
		return func() { <-h.room; <-h.waiting }, nil
	case <-ctx.Done():
		<-h.waiting
		return nil, ctx.Err()
	}
}
