package keyring

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"roundtable/internal/vault"
)

// Copies are age files with recipients of our own kinds: the installation's key,
// and the recovery key. Each stanza's body is age's file key, sealed.
const (
	copyPurpose    = "keyring copy"
	keyType        = "roundtable-installation"
	recoveryType   = "roundtable-recovery"
	stanzaBinding  = "roundtable keyring copy v1"
	ageFileKeySize = 16
)

type keyStanza struct {
	box    vault.Box
	random io.Reader
}

// WithKey opens copies with the installation's key.
func WithKey(key vault.InstallationKey) (age.Identity, error) {
	box, err := key.Box(copyPurpose)
	if err != nil {
		return nil, err
	}
	return keyStanza{box: box}, nil
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
		if stanza.Type != keyType || len(stanza.Args) != 1 || stanza.Args[0] != s.box.ID().String() {
			continue
		}
		return fileKey(s.box.Open([]byte(stanzaBinding), stanza.Body))
	}
	return nil, age.ErrIncorrectIdentity
}

// fileKey passes a file key on if it has the right size.
func fileKey(key []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if len(key) != ageFileKeySize {
		return nil, errors.New("the copy's file key has a wrong size")
	}
	return key, nil
}

type recoveryStanza struct {
	public  vault.PublicKey
	private vault.PrivateKey
}

// WithRecovery opens copies with the recovery key that two shares gave.
func WithRecovery(key vault.PrivateKey) (age.Identity, error) {
	public, err := key.Public()
	if err != nil {
		return nil, err
	}
	return recoveryStanza{public, key}, nil
}

func recoveryPlace() vault.Place {
	return vault.Place{Library: "installation", Case: "installation", Field: "keyring copy"}
}

// Wrap implements age.Recipient.
func (s recoveryStanza) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	letter, err := s.public.Seal(vault.ForRecovery, recoveryPlace(), vault.ClearBytes(fileKey))
	if err != nil {
		return nil, fmt.Errorf("seal to the recovery key: %w", err)
	}
	return []*age.Stanza{{Type: recoveryType, Args: []string{s.public.Fingerprint().String()}, Body: letter.Bytes()}}, nil
}

// Unwrap implements age.Identity.
func (s recoveryStanza) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, stanza := range stanzas {
		if stanza.Type != recoveryType || len(stanza.Args) != 1 || stanza.Args[0] != s.public.Fingerprint().String() {
			continue
		}
		letter, err := vault.ParseLetter(stanza.Body)
		if err != nil {
			return nil, err
		}
		content, err := s.private.Open(vault.ForRecovery, recoveryPlace(), letter)
		return fileKey(content.Bytes(), err)
	}
	return nil, age.ErrIncorrectIdentity
}
