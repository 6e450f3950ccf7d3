package backup

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"roundtable/internal/keyring"
	"roundtable/internal/recovery"
	"roundtable/internal/vault"
)

// The stanzas of an archive, and the purposes to which their keys are bound: a
// stanza of a keyring's copy opens no archive, and the other way round.
const (
	keyType         = "roundtable-backup-key"
	recoveryType    = "roundtable-backup-recovery"
	ringRecovery    = "roundtable-recovery" // of a keyring's copy, as package keyring writes it
	purpose         = "database backup"
	stanzaBinding   = "roundtable database backup v1"
	ageFileKeySize  = 16
	maxStanzaFinger = 64
)

func recoveryPlace() vault.Place {
	return vault.Place{Library: "installation", Case: "installation", Field: purpose}
}

// keyStanza locks and opens an archive's file key with the installation's key.
type keyStanza struct {
	box    vault.Box
	random io.Reader
}

// Wrap implements age.Recipient.
func (s keyStanza) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	body, err := s.box.Seal(s.random, []byte(stanzaBinding), fileKey)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: keyType, Args: []string{s.box.ID().String()}, Body: body}}, nil
}

// Unwrap implements age.Identity.
func (s keyStanza) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, stanza := range stanzas {
		if stanza.Type == keyType && len(stanza.Args) == 1 && stanza.Args[0] == s.box.ID().String() {
			return fileKey(s.box.Open([]byte(stanzaBinding), stanza.Body))
		}
	}
	return nil, age.ErrIncorrectIdentity
}

func fileKey(key []byte, err error) ([]byte, error) {
	if err == nil && len(key) != ageFileKeySize {
		err = errors.New("the archive's file key has a wrong size")
	}
	return key, err
}

// publicStanza locks an archive's file key to the recovery key.
type publicStanza struct{ key vault.PublicKey }

// Wrap implements age.Recipient.
func (s publicStanza) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	letter, err := s.key.Seal(vault.ForRecovery, recoveryPlace(), vault.ClearBytes(fileKey))
	if err != nil {
		return nil, fmt.Errorf("seal to the recovery key: %w", err)
	}
	return []*age.Stanza{{Type: recoveryType, Args: []string{s.key.Fingerprint().String()}, Body: letter.Bytes()}}, nil
}

// recipients returns to whom an archive is written. A zero recovery key is none.
func recipients(key vault.InstallationKey, public vault.PublicKey, random io.Reader) ([]age.Recipient, error) {
	box, err := key.Box(purpose)
	if err != nil {
		return nil, err
	}
	to := []age.Recipient{keyStanza{box, random}}
	if public.Bytes() != nil {
		to = append(to, publicStanza{public})
	}
	return to, nil
}

// WithKey opens archives with the installation's key.
func WithKey(key vault.InstallationKey) (age.Identity, error) {
	box, err := key.Box(purpose)
	if err != nil {
		return nil, err
	}
	return keyStanza{box: box}, nil
}

// WithShares opens archives, and copies of the keyring, with two of the three
// recovery shares. Whether they are the right ones shows the file itself, which
// names the recovery key that it was written to.
func WithShares(a, b recovery.Share) age.Identity { return shares{a, b} }

type shares struct{ a, b recovery.Share }

// Unwrap implements age.Identity.
func (s shares) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, stanza := range stanzas {
		if stanza.Type != recoveryType && stanza.Type != ringRecovery || len(stanza.Args) != 1 || len(stanza.Args[0]) > maxStanzaFinger {
			continue
		}
		want, err := vault.ParseFingerprint(stanza.Args[0])
		if err != nil {
			continue
		}
		private, err := recovery.Combine(s.a, s.b, want)
		if err != nil {
			return nil, err
		}
		defer private.Erase()
		if stanza.Type == ringRecovery {
			return unwrapCopy(private, stanza)
		}
		letter, err := vault.ParseLetter(stanza.Body)
		if err != nil {
			return nil, err
		}
		content, err := private.Open(vault.ForRecovery, recoveryPlace(), letter)
		return fileKey(content.Bytes(), err)
	}
	return nil, age.ErrIncorrectIdentity
}

func unwrapCopy(private vault.PrivateKey, stanza *age.Stanza) ([]byte, error) {
	identity, err := keyring.WithRecovery(private)
	if err != nil {
		return nil, err
	}
	return identity.Unwrap([]*age.Stanza{stanza})
}
