package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

func TestKeyText(t *testing.T) {
	key := must(NewInstallationKey(rand.Reader))
	text := must(key.Reveal())
	good := map[string]string{
		"alone":            text,
		"with a line end":  text + "\n",
		"with a comment":   "# The key of the library of Ambridge\r\n\r\n  " + text + "\r\n",
		"a comment behind": text + "\n# keep this apart from the backups",
	}
	for name, form := range good {
		got, err := ParseInstallationKey([]byte(form))
		if err != nil || must(got.ID()) != must(key.ID()) {
			t.Errorf("ParseInstallationKey, %s: %v", name, err)
		}
	}
	bad := map[string]string{
		"empty":            "",
		"comments only":    "# nothing",
		"two keys":         text + "\n" + text,
		"cut short":        text[:len(text)-1],
		"longer":           text + "A",
		"small letters":    strings.ToLower(text),
		"no prefix":        strings.TrimPrefix(text, plainPrefix),
		"another format":   strings.Replace(text, "KEY-1", "KEY-2", 1),
		"far too long":     strings.Repeat("# x\n", MaxKeyText) + text,
		"a key of another": lockedPrefix + "AAAA",
	}
	for name, form := range bad {
		if _, err := ParseInstallationKey([]byte(form)); !errors.Is(err, ErrFormat) {
			t.Errorf("ParseInstallationKey, %s = %v, want %v", name, err, ErrFormat)
		}
	}
	body := []byte(text)
	for i := len(plainPrefix); i < len(body); i++ {
		was := body[i]
		body[i] = "AB"[b2i(was == 'A')]
		if _, err := ParseInstallationKey(body); !errors.Is(err, ErrFormat) {
			t.Errorf("a key with letter %d changed = %v, want %v", i, err, ErrFormat)
		}
		body[i] = was
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestPassphrase(t *testing.T) {
	key := must(NewInstallationKey(rand.Reader))
	text := must(key.Lock(rand.Reader, NewClear("caf\u00e9 under the clock")))
	if !IsLocked([]byte(text)) || IsLocked([]byte(must(key.Reveal()))) {
		t.Error("IsLocked does not tell a locked key from a plain one")
	}
	// The same letters as another keyboard composes them.
	got, err := Unlock([]byte("# locked\n"+text), NewClear("cafe\u0301 under the clock"))
	if err != nil || must(got.ID()) != must(key.ID()) {
		t.Errorf("Unlock with the right passphrase = %v", err)
	}
	if _, err := Unlock([]byte(text), NewClear("cafe under the clock")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Unlock with a wrong passphrase = %v, want %v", err, ErrPassphrase)
	}
	if _, err := key.Lock(rand.Reader, NewClear("short")); err == nil {
		t.Error("Lock took a passphrase of five letters")
	}
	if _, err := Unlock([]byte(text[:len(text)-2]), NewClear("x")); !errors.Is(err, ErrFormat) {
		t.Errorf("Unlock of half a key = %v, want %v", err, ErrFormat)
	}
}

func TestBox(t *testing.T) {
	key := must(NewInstallationKey(rand.Reader))
	box, other := must(key.Box("a")), must(key.Box("b"))
	record := must(box.Seal(rand.Reader, []byte("bound"), []byte("record")))
	if got, err := box.Open([]byte("bound"), record); err != nil || string(got) != "record" {
		t.Errorf("Open(Seal(record)) = %q, %v", got, err)
	}
	if _, err := box.Open([]byte("else"), record); !errors.Is(err, ErrOpen) {
		t.Errorf("Open bound to something else = %v, want %v", err, ErrOpen)
	}
	if _, err := other.Open([]byte("bound"), record); !errors.Is(err, ErrOpen) {
		t.Errorf("Open in the box of another purpose = %v, want %v", err, ErrOpen)
	}
	if _, err := box.Open(nil, record[:39]); !errors.Is(err, ErrFormat) {
		t.Errorf("Open of 39 bytes = %v, want %v", err, ErrFormat)
	}
	if _, err := (Box{}).Seal(rand.Reader, nil, nil); !errors.Is(err, ErrNoKey) {
		t.Errorf("Seal in no box = %v, want %v", err, ErrNoKey)
	}
	if bytes.Equal(must(box.Tag([]byte("n"))), must(other.Tag([]byte("n")))) {
		t.Error("two boxes give the same tag")
	}
}
