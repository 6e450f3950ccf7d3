package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// The kinds of key in a C2SP verifier key. A ledger is signed by the first,
// a witness cosigns with the second.
const (
	algEd25519     = 1
	algCosignature = 4
)

// NewKey makes the key pair that signs a ledger's checkpoints, in the form of
// C2SP signed notes. The origin names the ledger for good, such as
// "library.example/ledger", and is part of both keys. The private key is a
// secret; random must be a source of true randomness.
func NewKey(random io.Reader, origin string) (private, public string, err error) {
	if err := checkOrigin(origin); err != nil {
		return "", "", err
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return "", "", fmt.Errorf("make the ledger's key: %w", err)
	}
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	public, err = note.NewEd25519VerifierKey(origin, pub)
	if err != nil {
		return "", "", fmt.Errorf("make the ledger's key: %w", err)
	}
	_, rest, _ := strings.Cut(public, "+")
	hash, _, _ := strings.Cut(rest, "+")
	encoded := base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, seed...))
	return "PRIVATE+KEY+" + origin + "+" + hash + "+" + encoded, public, nil
}

// maxOrigin is what C2SP's formats allow.
const maxOrigin = 255

// checkOrigin checks the name of a ledger or a witness.
func checkOrigin(origin string) error {
	if origin == "" || len(origin) > maxOrigin {
		return fmt.Errorf("a ledger's name has 1 to %d bytes, this one %d", maxOrigin, len(origin))
	}
	for _, r := range origin {
		if r <= ' ' || r > '~' || r == '+' {
			return fmt.Errorf("a ledger's name has no spaces, no + and ASCII only: %s", quote(origin))
		}
	}
	return nil
}

// parseKey reads a ledger's public key.
func parseKey(key string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return nil, errors.New("this is not a ledger's public key, which looks like NAME+12345678+AAAA…")
	}
	if err := checkOrigin(v.Name()); err != nil {
		return nil, fmt.Errorf("the public key: %w", err)
	}
	return v, nil
}

// parseWitnesses reads the public keys of witnesses: C2SP cosignature/v1 keys
// with Ed25519.
func parseWitnesses(keys []string) ([]note.Verifier, error) {
	verifiers := make([]note.Verifier, len(keys))
	for i, key := range keys {
		v, err := parseWitness(strings.TrimSpace(key))
		if err != nil {
			return nil, fmt.Errorf("the key of witness %d: %w", i+1, err)
		}
		verifiers[i] = v
	}
	return verifiers, nil
}

// WitnessName returns the name in a witness's public key, and an error if it is none
// (C2SP cosignature/v1 with Ed25519).
func WitnessName(key string) (string, error) {
	v, err := parseWitness(strings.TrimSpace(key))
	if err != nil {
		return "", err
	}
	return v.Name(), nil
}

func parseWitness(key string) (note.Verifier, error) {
	v, err := cosignature.NewVerifierForCosignatureV1(key)
	if err != nil {
		return nil, errors.New("this is not a witness's public key, which looks like NAME+12345678+BAAA…")
	}
	// The library does not hold the key against the hash that it is told with,
	// and takes keys of other kinds for this one.
	_, rest, _ := strings.Cut(key, "+")
	hash, encoded, _ := strings.Cut(rest, "+")
	told, err := strconv.ParseUint(hash, 16, 32)
	raw, err2 := base64.StdEncoding.DecodeString(encoded)
	if err != nil || err2 != nil || checkOrigin(v.Name()) != nil || uint32(told) != v.KeyHash() || !bytes.HasPrefix(raw, []byte{algCosignature}) {
		return nil, errors.New("this is not a key for cosignature/v1, or it was copied wrongly")
	}
	return v, nil
}
