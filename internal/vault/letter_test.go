package vault

import (
	"bytes"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRFC9180 opens the published vector of our suite with a key that our own
// code derived, and exports its secrets.
func TestRFC9180(t *testing.T) {
	var v struct {
		Info, IkmR, SkRm, PkRm, Enc string
		Encryptions                 []struct{ Aad, Ct, Pt string }
		Exports                     []struct {
			Context string `json:"exporter_context"`
			Length  int    `json:"L"`
			Value   string `json:"exported_value"`
		}
	}
	if err := json.Unmarshal(must(os.ReadFile("testdata/rfc9180-p256-sha256-aes256gcm.json")), &v); err != nil {
		t.Fatal(err)
	}
	private := must(DerivePrivateKey(unhex(v.IkmR)))
	if got := must(private.scalar()); !bytes.Equal(got, unhex(v.SkRm)) {
		t.Fatalf("DerivePrivateKey(%s) = %x, want %s", v.IkmR, got, v.SkRm)
	}
	if got := must(private.Public()).Bytes(); !bytes.Equal(got, unhex(v.PkRm)) {
		t.Fatalf("public key = %x, want %s", got, v.PkRm)
	}
	key := must(must(ParsePrivateKey(unhex(v.SkRm))).open())
	recipient := must(hpke.NewRecipient(unhex(v.Enc), key, hpke.HKDFSHA256(), hpke.AES256GCM(), unhex(v.Info)))
	for i, e := range v.Encryptions {
		got, err := recipient.Open(unhex(e.Aad), unhex(e.Ct))
		if err != nil || !bytes.Equal(got, unhex(e.Pt)) {
			t.Errorf("encryption %d opens as %x, %v; want %s", i, got, err, e.Pt)
		}
	}
	for i, e := range v.Exports {
		got, err := recipient.Export(string(unhex(e.Context)), e.Length)
		if err != nil || !bytes.Equal(got, unhex(e.Value)) {
			t.Errorf("export %d = %x, %v; want %s", i, got, err, e.Value)
		}
	}
	if len(v.Encryptions) == 0 || len(v.Exports) == 0 {
		t.Error("the vector is empty")
	}
}

func unhex(s string) []byte { return must(hex.DecodeString(s)) }

// TestLetterIsPlainHPKE: a letter is what RFC 9180 gives, both ways, so that a
// browser needs nothing of ours but the padding and the info.
func TestLetterIsPlainHPKE(t *testing.T) {
	private := must(NewPrivateKey(rand.Reader))
	public := must(private.Public())
	info := here.info(ForCounsel)

	letter := must(public.Seal(ForCounsel, here, NewClear("From Go.")))
	opened, err := hpke.Open(must(private.open()), hpke.HKDFSHA256(), hpke.AES256GCM(), info, letter.Bytes()[9:])
	if err != nil || !bytes.Equal(opened, pad([]byte("From Go."), 0)) {
		t.Errorf("hpke.Open of our letter = %x, %v", opened, err)
	}

	enc, sender, err := hpke.NewSender(must(kem().NewPublicKey(public.Bytes())), hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		t.Fatal(err)
	}
	name := public.Fingerprint()
	foreign := append([]byte{letterFormat}, name[:8]...)
	foreign = append(foreign, enc...)
	foreign = append(foreign, must(sender.Seal(nil, pad([]byte("From a browser."), 0)))...)
	back, err := private.Open(ForCounsel, here, must(ParseLetter(foreign)))
	if err != nil || back.Text() != "From a browser." {
		t.Errorf("Open of a foreign letter = %q, %v", back.Text(), err)
	}
}

// TestLetters (P10): a letter opens with its recipient's key, for its purpose and
// place, and otherwise not.
func TestLetters(t *testing.T) {
	private, other := must(NewPrivateKey(rand.Reader)), must(NewPrivateKey(rand.Reader))
	public := must(private.Public())
	letter := must(public.Seal(ForCounsel, here, NewClear("May we show the camera's picture?")))
	elsewhere := here
	elsewhere.Case = "case-2"
	tests := []struct {
		name    string
		key     PrivateKey
		purpose Purpose
		at      Place
		want    error
	}{
		{"as it was sealed", private, ForCounsel, here, nil},
		{"another's key", other, ForCounsel, here, ErrOtherKey},
		{"another purpose", private, ForIntake, here, ErrOpen},
		{"another case", private, ForCounsel, elsewhere, ErrOpen},
		{"no place", private, ForCounsel, Place{}, ErrPlace},
		{"no key", PrivateKey{}, ForCounsel, here, ErrNoKey},
	}
	for _, test := range tests {
		if _, err := test.key.Open(test.purpose, test.at, letter); !errors.Is(err, test.want) {
			t.Errorf("%s: Open = %v, want %v", test.name, err, test.want)
		}
	}
	renamed := bytes.Clone(letter.Bytes())
	name := must(other.Public()).Fingerprint()
	copy(renamed[1:], name[:8])
	if _, err := other.Open(ForCounsel, here, must(ParseLetter(renamed))); !errors.Is(err, ErrOpen) {
		t.Errorf("a letter renamed to another's key opens with %v, want %v", err, ErrOpen)
	}
	if _, err := (PublicKey{}).Seal(ForCounsel, here, NewClear("x")); !errors.Is(err, ErrNoKey) {
		t.Errorf("Seal to no key = %v, want %v", err, ErrNoKey)
	}
}

func TestLetterForm(t *testing.T) {
	public := must(must(NewPrivateKey(rand.Reader)).Public())
	good := must(public.Seal(ForIntake, here, NewClear("x"))).Bytes()
	tests := []struct {
		name   string
		change func([]byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
		{"not padded", func(b []byte) []byte { return append(b, 0) }},
		{"another format", func(b []byte) []byte { b[0] = 2; return b }},
		{"a point off the curve", func(b []byte) []byte { b[20] ^= 1; return b }},
		{"the point at infinity", func(b []byte) []byte { clear(b[9 : 9+65]); return b }},
	}
	for _, test := range tests {
		if _, err := ParseLetter(test.change(bytes.Clone(good))); !errors.Is(err, ErrFormat) {
			t.Errorf("ParseLetter of one that is %s = %v, want %v", test.name, err, ErrFormat)
		}
	}
}

func TestIntakeKey(t *testing.T) {
	library := must(NewLibraryKey(rand.Reader))
	private := must(NewPrivateKey(rand.Reader))
	public := must(private.Public())
	wrapped := must(library.WrapIntake(rand.Reader, here.Library, private))
	back := must(library.UnwrapIntake(wrapped, here.Library, public.Fingerprint()))
	letter := must(public.Seal(ForIntake, here, NewClear("chose 2")))
	if got := must(back.Open(ForIntake, here, letter)).Text(); got != "chose 2" {
		t.Errorf("an unwrapped intake key opens %q, want %q", got, "chose 2")
	}
	if _, err := library.UnwrapIntake(wrapped, "library-2", public.Fingerprint()); !errors.Is(err, ErrOpen) {
		t.Errorf("UnwrapIntake for another library = %v, want %v", err, ErrOpen)
	}
	if _, err := library.UnwrapIntake(wrapped, here.Library, Fingerprint{}); !errors.Is(err, ErrOpen) {
		t.Errorf("UnwrapIntake for another fingerprint = %v, want %v", err, ErrOpen)
	}
}

func TestFingerprint(t *testing.T) {
	f := must(must(DerivePrivateKey(make([]byte, 32))).Public()).Fingerprint()
	if got, err := ParseFingerprint(f.String()); err != nil || got != f {
		t.Errorf("ParseFingerprint(%s) = %v, %v", f, got, err)
	}
	for _, bad := range []string{"", f.String()[1:], strings.ToUpper(f.String()), f.String() + "00"} {
		if _, err := ParseFingerprint(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("ParseFingerprint(%q) = %v, want %v", bad, err, ErrFormat)
		}
	}
	if got := strings.ReplaceAll(f.Groups(), " ", ""); got != f.String()[:32] {
		t.Errorf("Groups() = %q, want the first 32 digits of %s", f.Groups(), f)
	}
	if len(f.Words()) != 7 {
		t.Errorf("Words() = %q, want seven", f.Words())
	}
	rapid.Check(t, func(t *rapid.T) {
		bit := rapid.IntRange(0, 76).Draw(t, "bit")
		g := f
		g[bit/8] ^= 0x80 >> (bit % 8)
		if strings.Join(g.Words(), " ") == strings.Join(f.Words(), " ") {
			t.Fatalf("bit %d does not show in the words", bit)
		}
	})
}
