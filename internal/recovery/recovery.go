// Package recovery splits one recovery key among three holders, so that any two
// of them can restore an installation's key and one alone learns nothing.
//
// The recovery key is an HPKE key pair. Its private half is made of a seed of
// 128 bits (as strong as the curve) which exists only in the three shares; the
// public half stays, and the installation's key is sealed to it ([Deposit]) each
// time that changes. Counsel's notes are under keys of their own: recovery never
// opens them.
//
// For each two holders there is an XOR pair: one has a random half, the other
// the seed XOR that half. So a share is two halves, each of which alone is only
// random. It is printed as thirty words, or drawn as a QR code of letters and
// digits, both with a checksum.
//
// The package draws no QR code, prints nothing, and keeps nothing. That each use
// is entered in the ledger and told to the director is the caller's duty.
package recovery

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"roundtable/internal/vault"
)

// Holders is how many shares there are, of which any two recover.
const Holders = 3

const (
	seedSize = 16
	setSize  = 3
)

// ErrShares means that two shares do not belong together, or are the same one.
var ErrShares = errors.New("these shares do not recover a key together")

// Set is a recovery key that has just been made: its public half, and the three
// shares to be printed and then erased.
type Set struct {
	Public vault.PublicKey
	Shares [Holders]Share
}

// Erase overwrites the shares in memory.
func (s Set) Erase() {
	for _, share := range s.Shares {
		share.Erase()
	}
}

// New makes a recovery key and splits it. The whole key is not kept anywhere.
func New(random io.Reader) (Set, error) {
	drawn := make([]byte, setSize+seedSize+Holders*seedSize)
	defer clear(drawn)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return Set{}, fmt.Errorf("make recovery shares: %w", err)
	}
	set, seed := drawn[:setSize], drawn[setSize:setSize+seedSize]
	private, err := keyOf(seed)
	if err != nil {
		return Set{}, err
	}
	defer private.Erase()
	public, err := private.Public()
	if err != nil {
		return Set{}, err
	}
	return Set{Public: public, Shares: split([setSize]byte(set), [seedSize]byte(seed), drawn[setSize+seedSize:])}, nil
}

// split shares a seed. Pair i belongs to holder i, who has its random half, and
// the next holder, who has the other.
func split(set [setSize]byte, seed [seedSize]byte, random []byte) [Holders]Share {
	var halves [Holders][2][seedSize]byte
	for i := range Holders {
		half := [seedSize]byte(random[i*seedSize:])
		halves[i][0] = half
		halves[(i+1)%Holders][1] = xor(half, seed)
	}
	var shares [Holders]Share
	for i, h := range halves {
		shares[i] = newShare(i+1, set, h)
	}
	return shares
}

func xor(a, b [seedSize]byte) [seedSize]byte {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

func keyOf(seed []byte) (vault.PrivateKey, error) {
	secret, err := hkdf.Expand(sha256.New, seed, "roundtable recovery key v1", 32)
	if err != nil {
		return vault.PrivateKey{}, fmt.Errorf("derive the recovery key: %w", err)
	}
	defer clear(secret)
	return vault.DerivePrivateKey(secret)
}

// Combine recovers the private key from two shares of one set, in any order. A
// wrong seed is found by comparing with the public key that was kept: the caller
// gives its fingerprint.
func Combine(a, b Share, want vault.Fingerprint) (vault.PrivateKey, error) {
	seed, err := combine(a, b)
	if err != nil {
		return vault.PrivateKey{}, err
	}
	defer clear(seed[:])
	key, err := keyOf(seed[:])
	if err != nil {
		return vault.PrivateKey{}, err
	}
	public, err := key.Public()
	if err != nil {
		return vault.PrivateKey{}, err
	}
	if public.Fingerprint() != want {
		return vault.PrivateKey{}, fmt.Errorf("shares %d and %d are whole, and belong to another recovery key than this installation's (older shares, or another installation's): %w", a.Holder(), b.Holder(), ErrShares)
	}
	return key, nil
}

func combine(a, b Share) ([seedSize]byte, error) {
	switch {
	case a.Holder() == 0 || b.Holder() == 0:
		return [seedSize]byte{}, fmt.Errorf("a share is missing: %w", ErrShares)
	case a.Set() != b.Set():
		return [seedSize]byte{}, fmt.Errorf("one share is of set %s and the other of set %s; shares from different printings do not fit: %w", a.Set(), b.Set(), ErrShares)
	case a.Holder() == b.Holder():
		return [seedSize]byte{}, fmt.Errorf("both are share %d; two different ones are needed: %w", a.Holder(), ErrShares)
	}
	if b.Holder() == a.Holder()%Holders+1 { // b is the holder after a
		return xor(a.half(0), b.half(1)), nil
	}
	return xor(b.half(0), a.half(1)), nil
}

// place is where a deposit belongs.
func place() vault.Place {
	return vault.Place{Library: "installation", Case: "installation", Field: "installation key"}
}

// Deposit seals an installation's key to the recovery key. The letter belongs in
// the keyring, which is copied.
func Deposit(public vault.PublicKey, key vault.InstallationKey) (vault.Letter, error) {
	text, err := key.Reveal()
	if err != nil {
		return vault.Letter{}, err
	}
	return public.Seal(vault.ForRecovery, place(), vault.NewClear(text))
}

// Withdraw opens what Deposit sealed.
func Withdraw(private vault.PrivateKey, letter vault.Letter) (vault.InstallationKey, error) {
	text, err := private.Open(vault.ForRecovery, place(), letter)
	if err != nil {
		return vault.InstallationKey{}, fmt.Errorf("recover the installation's key: %w", err)
	}
	defer text.Erase()
	return vault.ParseInstallationKey(bytes.Clone(text.Bytes()))
}
