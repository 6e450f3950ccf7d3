package counsel

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/vault"
)

const passphrase = "bédab tikal\u00a0nomur zivas" // an accent, and a space that is none of the usual

// keyFile is counsel's file as keyfile.js describes it, read and written once
// more by other code.
type keyFile struct {
	About       string `json:"about"`
	Format      string `json:"format"`
	Version     int    `json:"version"`
	Fingerprint string `json:"fingerprint"`
	Words       string `json:"words"`
	PublicKey   string `json:"public_key"`
	Made        string `json:"made"`
	KDF         struct {
		Name       string `json:"name"`
		Iterations int    `json:"iterations"`
		Salt       string `json:"salt"`
	} `json:"kdf"`
	Cipher struct {
		Name  string `json:"name"`
		Nonce string `json:"nonce"`
	} `json:"cipher"`
	SealedKey string `json:"sealed_key"`
}

// aead returns the file's cipher and additional data. The passphrase is in its
// composed form here.
func (f keyFile) aead(t *testing.T, passphrase string) (cipher.AEAD, []byte) {
	t.Helper()
	salt := decoded(t, f.KDF.Salt)
	key := must(pbkdf2.Key(sha256.New, passphrase, salt, f.KDF.Iterations, 32))
	var aad []byte
	for _, part := range [][]byte{[]byte("roundtable counsel key file v1"), decoded(t, f.PublicKey), []byte(f.Made), salt} {
		aad = append(binary.BigEndian.AppendUint32(aad, uint32(len(part))), part...)
	}
	aad = binary.BigEndian.AppendUint32(aad, uint32(f.KDF.Iterations))
	return must(cipher.NewGCM(must(aes.NewCipher(key)))), aad
}

func parseFile(t *testing.T, text string) keyFile {
	t.Helper()
	var f keyFile
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatalf("the file is %.300q: %v", text, err)
	}
	return f
}

// TestKeyFileFromBrowser: what the browser writes is what keyfile.js says, and
// the key in it opens what is sealed to the public key.
func TestKeyFileFromBrowser(t *testing.T) {
	n := startNode(t)
	made := n.ask("makeFile", values{"passphrase": passphrase, "now": "2026-11-25T12:00:00Z", "about": "What this is."})
	f := parseFile(t, made.Text)
	public := must(vault.ParsePublicKey(decoded(t, made.Key)))
	print := public.Fingerprint()
	if f.About != "What this is." || f.Format != "roundtable counsel key" || f.Version != 1 || f.PublicKey != made.Key ||
		f.Fingerprint != print.String() || f.Words != strings.Join(print.Words(), " ") || f.Made != "2026-11-25T12:00:00.000Z" {
		t.Errorf("the file's outside is %+v", f)
	}
	if f.KDF.Iterations < 600_000 || f.KDF.Name != "PBKDF2-SHA256" || f.Cipher.Name != "AES-256-GCM" || len(decoded(t, f.KDF.Salt)) != 16 {
		t.Errorf("the file's lock is %+v, %+v", f.KDF, f.Cipher)
	}
	if made.Name != "counsel-key-"+print.Words()[0]+".json" {
		t.Errorf("the file is called %q", made.Name)
	}
	aead, aad := f.aead(t, strings.ReplaceAll(passphrase, "\u00a0", " "))
	text, err := aead.Open(nil, decoded(t, f.Cipher.Nonce), decoded(t, f.SealedKey), aad)
	if err != nil {
		t.Fatalf("the file does not open: %v", err)
	}
	var jwk struct{ D string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		t.Fatal(err)
	}
	private := must(vault.ParsePrivateKey(decoded(t, jwk.D)))
	if got := must(private.Public()); !bytes.Equal(got.Bytes(), public.Bytes()) {
		t.Error("the private key in the file belongs to another public key")
	}
	letter := must(public.Seal(vault.ForCounsel, here, vault.NewClear("From Go.")))
	if got := n.openFile(made.Text, "be\u0301dab tikal nomur zivas", letter.Bytes()); got.Kind != "" || string(decoded(t, got.Content)) != "From Go." {
		t.Errorf("the file opens a letter as %q, kind %q", got.Content, got.Kind)
	} else if got.Out == "" || got.Out == "taken out" || got.Hex != print.String() {
		t.Errorf("the private key gives %q when it is taken out of the browser, want it refused", got.Out)
	}
	again := n.ask("makeFile", values{"passphrase": passphrase, "now": "2026-11-25T12:00:00Z", "about": ""})
	if second := parseFile(t, again.Text); second.PublicKey == f.PublicKey || second.KDF.Salt == f.KDF.Salt || second.Cipher.Nonce == f.Cipher.Nonce {
		t.Error("two files share key, salt or nonce")
	}
}

func (n *node) openFile(text, passphrase string, letter []byte) answer {
	n.t.Helper()
	return n.ask("openFile", values{"text": text, "passphrase": passphrase, "purpose": vault.ForCounsel, "place": placeFor(here), "letter": encode(letter)})
}

// newFile writes a file as the browser would, with other code.
func newFile(t *testing.T, p pair, inside any) keyFile {
	t.Helper()
	f := keyFile{Format: "roundtable counsel key", Version: 1, Fingerprint: p.public.Fingerprint().String(), PublicKey: p.encoded(), Made: "2026-11-25T12:00:00Z"}
	f.KDF.Name, f.KDF.Iterations, f.KDF.Salt = "PBKDF2-SHA256", 600_000, encode(bytes.Repeat([]byte{3}, 16))
	f.Cipher.Name, f.Cipher.Nonce = "AES-256-GCM", encode(bytes.Repeat([]byte{4}, 12))
	aead, aad := f.aead(t, passphraseOfGo)
	f.SealedKey = encode(aead.Seal(nil, decoded(t, f.Cipher.Nonce), must(json.Marshal(inside)), aad))
	return f
}

const passphraseOfGo = "words that Go has chosen"

// TestKeyFileFromGo: a file opens with its passphrase, and what is wrong with one
// that does not open is told by kind.
func TestKeyFileFromGo(t *testing.T) {
	n := startNode(t)
	p, other := newPair(t, bytes.Repeat([]byte{7}, 32)), newPair(t, bytes.Repeat([]byte{8}, 32))
	letter := must(p.public.Seal(vault.ForCounsel, here, vault.NewClear("x"))).Bytes()
	good := newFile(t, p, p.jwk)
	tests := []struct {
		name, passphrase string
		change           func(*keyFile)
		want             string
	}{
		{"as it is", passphraseOfGo, func(*keyFile) {}, ""},
		{"another text about it", passphraseOfGo, func(f *keyFile) { f.About, f.Words = "x", "y" }, ""},
		{"another passphrase", "words that Go has chosem", func(*keyFile) {}, "passphrase"},
		{"no passphrase", "", func(*keyFile) {}, "passphrase"},
		{"another time", passphraseOfGo, func(f *keyFile) { f.Made = "2027-11-25T12:00:00Z" }, "passphrase"},
		{"more iterations", passphraseOfGo, func(f *keyFile) { f.KDF.Iterations++ }, "passphrase"},
		{"fewer iterations", passphraseOfGo, func(f *keyFile) { f.KDF.Iterations = 599_999 }, "file"},
		{"iterations without end", passphraseOfGo, func(f *keyFile) { f.KDF.Iterations = 1 << 40 }, "file"},
		{"another salt", passphraseOfGo, func(f *keyFile) { f.KDF.Salt = encode(make([]byte, 16)) }, "passphrase"},
		{"a short salt", passphraseOfGo, func(f *keyFile) { f.KDF.Salt = "AA" }, "file"},
		{"another nonce", passphraseOfGo, func(f *keyFile) { f.Cipher.Nonce = encode(make([]byte, 12)) }, "passphrase"},
		{"a byte of the key", passphraseOfGo, func(f *keyFile) { f.SealedKey = "AAAA" + f.SealedKey[4:] }, "passphrase"},
		{"no key", passphraseOfGo, func(f *keyFile) { f.SealedKey = "" }, "passphrase"},
		{"another public key", passphraseOfGo, func(f *keyFile) {
			f.PublicKey, f.Fingerprint = other.encoded(), other.public.Fingerprint().String()
		}, "passphrase"},
		{"another fingerprint", passphraseOfGo, func(f *keyFile) { f.Fingerprint = other.public.Fingerprint().String() }, "file"},
		{"a point off the curve", passphraseOfGo, func(f *keyFile) { f.PublicKey = encode(make([]byte, 65)) }, "file"},
		{"a later version", passphraseOfGo, func(f *keyFile) { f.Version = 2 }, "newer"},
		{"no version", passphraseOfGo, func(f *keyFile) { f.Version = 0 }, "file"},
		{"another format", passphraseOfGo, func(f *keyFile) { f.Format = "x" }, "file"},
		{"another cipher", passphraseOfGo, func(f *keyFile) { f.Cipher.Name = "AES-128-GCM" }, "file"},
	}
	for _, test := range tests {
		f := good
		test.change(&f)
		if got := n.openFile(string(must(json.Marshal(f))), test.passphrase, letter); got.Kind != test.want {
			t.Errorf("%s: the file gives %q, want %q", test.name, got.Kind, test.want)
		}
	}
	swapped := string(must(json.Marshal(newFile(t, p, other.jwk))))
	if got := n.openFile(swapped, passphraseOfGo, letter); got.Kind != "file" {
		t.Errorf("a file with another key within gives %q, want %q", got.Kind, "file")
	}
	for _, text := range []string{"", "{", "null", "1", "[]", "{}", `{"format":"roundtable counsel key","version":1}`} {
		if got := n.openFile(text, passphraseOfGo, letter); got.Kind != "file" {
			t.Errorf("the file %q gives %q, want %q", text, got.Kind, "file")
		}
	}
}

func TestPassphrases(t *testing.T) {
	n := startNode(t)
	list := []string{"", "fifteen letters", "sixteen letters!", "aaaaaaaaaaaaaaaaaaaa", strings.Repeat("é", 8) + "abcdefgh", strings.Repeat("e\u0301", 15)}
	got := n.ask("passphrases", values{"list": list})
	if want := []bool{false, false, true, false, true, false}; !slices.Equal(got.Long, want) {
		t.Errorf("isLongEnough of %q = %v, want %v", list, got.Long, want)
	}
	slices.Sort(got.Suggested)
	if different := slices.Compact(slices.Clone(got.Suggested)); len(different) != 20 || len(strings.Fields(different[0])) != 6 {
		t.Errorf("suggestPassphrase gives %q, want twenty different ones of six words", got.Suggested)
	}
}
