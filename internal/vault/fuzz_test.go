package vault

import (
	"bytes"
	"testing"
)

// The parsers take any bytes; what they take, they give back unchanged, and it
// does not open without having been sealed.

func FuzzParseSealed(f *testing.F) {
	key := must(NewCaseKey(counter(1), "l", "c"))
	f.Add(must(key.Seal(counter(2), here, NewClear("seed"))).Bytes())
	f.Add([]byte{1})
	other := caseKey()
	f.Fuzz(func(t *testing.T, b []byte) {
		value, err := ParseSealed(b)
		if err != nil {
			return
		}
		if !bytes.Equal(value.Bytes(), b) {
			t.Errorf("ParseSealed changed %x", b)
		}
		if _, err := other.Open(here, value); err == nil {
			t.Errorf("%x opens and was never sealed", b)
		}
	})
}

func FuzzParseWrapped(f *testing.F) {
	library := must(NewLibraryKey(counter(3)))
	f.Add(must(library.WrapCase(counter(4), "l", "c", must(NewCaseKey(counter(1), "l", "c")))).Bytes())
	f.Add(must(must(NewInstallationKey(counter(5))).WrapLibrary(counter(6), "l", library)).Bytes())
	other := LibraryKey{veiled("", bytes.Repeat([]byte{9}, keySize))}
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := ParseWrapped(b)
		if err != nil {
			return
		}
		if !bytes.Equal(w.Bytes(), b) || w.Kind().payloadSize() < 0 {
			t.Errorf("ParseWrapped(%x) has kind %v", b, w.Kind())
		}
		if _, err := other.UnwrapCase(w, "l", "c"); err == nil {
			t.Errorf("%x unwraps and was never wrapped", b)
		}
	})
}

func FuzzParseLetter(f *testing.F) {
	private := must(DerivePrivateKey(make([]byte, 32)))
	f.Add(must(must(private.Public()).Seal(ForCounsel, here, NewClear("seed"))).Bytes())
	other := must(DerivePrivateKey(make([]byte, 33)))
	f.Fuzz(func(t *testing.T, b []byte) {
		letter, err := ParseLetter(b)
		if err != nil {
			return
		}
		if _, err := other.Open(ForCounsel, here, letter); err == nil {
			t.Errorf("%x opens and was never sealed", b)
		}
	})
}

func FuzzParseInstallationKey(f *testing.F) {
	f.Add([]byte(must(must(NewInstallationKey(counter(1))).Reveal())))
	f.Add([]byte("# note\n" + lockedPrefix + "AAAA"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if key, err := ParseInstallationKey(text); err == nil {
			if got := must(key.Reveal()); got != keyLine(text) {
				t.Errorf("%q is read and written as %q", text, got)
			}
		}
		if b, err := parseLocked(text); err == nil && len(b) != lockedSize {
			t.Errorf("parseLocked(%q) has %d bytes", text, len(b))
		}
	})
}

func FuzzUnpad(f *testing.F) {
	f.Add(pad([]byte("seed"), 0))
	f.Fuzz(func(t *testing.T, padded []byte) {
		if content, err := unpad(padded); err == nil && !bytes.Equal(pad(content, 0), padded) {
			t.Errorf("unpad(%x) is not what pad writes", padded)
		}
	})
}
