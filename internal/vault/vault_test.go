package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// must returns a value or stops the test's program: for set-up that cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var here = Place{Library: "library-1", Case: "case-1", Field: "step_note.text", Version: 7}

func caseKey() CaseKey { return must(NewCaseKey(rand.Reader, here.Library, here.Case)) }

// TestSealOpens (P4): what is sealed opens at its place, and only its padded size
// can be told from outside.
func TestSealOpens(t *testing.T) {
	key := caseKey()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 9000).Draw(t, "content")
		at := Place{
			Library: rapid.StringN(1, 40, 255).Draw(t, "library"),
			Case:    rapid.StringN(1, 40, 255).Draw(t, "case"),
			Field:   rapid.StringN(1, 40, 255).Draw(t, "field"),
			Version: rapid.Uint64().Draw(t, "version"),
		}
		value, err := key.Seal(rand.Reader, at, ClearBytes(bytes.Clone(content)))
		if err != nil {
			t.Fatalf("Seal: %v", err)
		}
		if got, want := len(value.Bytes()), paddedSize(len(content))+sealedOverheads; got != want {
			t.Errorf("a sealed value of %d bytes has %d, want %d", len(content), got, want)
		}
		parsed, err := ParseSealed(bytes.Clone(value.Bytes()))
		if err != nil {
			t.Fatalf("ParseSealed: %v", err)
		}
		back, err := key.Open(at, parsed)
		if err != nil || !bytes.Equal(back.Bytes(), content) {
			t.Fatalf("Open(Seal(%x)) = %x, %v", content, back.Bytes(), err)
		}
	})
}

// TestSwaps (T11): a ciphertext opens nowhere but at its place. The control is
// the first row.
func TestSwaps(t *testing.T) {
	key := caseKey()
	value := must(key.Seal(rand.Reader, here, NewClear("He asked for the sign-in sheet.")))
	tests := []struct {
		name string
		move func(*Place)
		want error
	}{
		{"its own place", func(*Place) {}, nil},
		{"another library", func(p *Place) { p.Library = "library-2" }, ErrOpen},
		{"another case", func(p *Place) { p.Case = "case-2" }, ErrOpen},
		{"another field", func(p *Place) { p.Field = "step_note.title" }, ErrOpen},
		{"an older version", func(p *Place) { p.Version-- }, ErrOpen},
		{"library and case run together", func(p *Place) { p.Library, p.Case = "library-1c", "ase-1" }, ErrOpen},
		{"library and case exchanged", func(p *Place) { p.Library, p.Case = p.Case, p.Library }, ErrOpen},
		{"no library", func(p *Place) { p.Library = "" }, ErrPlace},
		{"no field", func(p *Place) { p.Field = "" }, ErrPlace},
	}
	for _, test := range tests {
		at := here
		test.move(&at)
		if _, err := key.Open(at, value); !errors.Is(err, test.want) {
			t.Errorf("Open at %s = %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := caseKey().Open(here, value); !errors.Is(err, ErrOpen) {
		t.Errorf("Open with another case's key = %v, want %v", err, ErrOpen)
	}
	renewed := must(key.Renew(rand.Reader))
	if _, err := renewed.Open(here, value); !errors.Is(err, ErrOtherKey) {
		t.Errorf("Open with the renewed key = %v, want %v", err, ErrOtherKey)
	}
}

// TestEveryBit (T2, T11): no bit of a sealed value, of a wrapped key or of a
// letter can be changed.
func TestEveryBit(t *testing.T) {
	key := caseKey()
	library := must(NewLibraryKey(rand.Reader))
	private := must(NewPrivateKey(rand.Reader))
	public := must(private.Public())
	value := must(key.Seal(rand.Reader, here, NewClear("x"))).Bytes()
	wrapped := must(library.WrapCase(rand.Reader, here.Library, here.Case, key)).Bytes()
	letter := must(public.Seal(ForCounsel, here, NewClear("x"))).Bytes()
	tests := []struct {
		name string
		b    []byte
		open func([]byte) error
	}{
		{"sealed value", value, func(b []byte) error { _, err := key.Open(here, sealed(b)); return err }},
		{"wrapped key", wrapped, func(b []byte) error {
			_, err := library.UnwrapCase(Wrapped{veiled("", b)}, here.Library, here.Case)
			return err
		}},
		{"letter", letter, func(b []byte) error { _, err := private.Open(ForCounsel, here, Letter{veiled("", b)}); return err }},
	}
	for _, test := range tests {
		if err := test.open(test.b); err != nil {
			t.Fatalf("the %s as it is: %v", test.name, err)
		}
		for i := range test.b {
			bit := byte(1) << (i % 8)
			test.b[i] ^= bit
			if test.open(test.b) == nil {
				t.Errorf("the %s opens with byte %d changed", test.name, i)
			}
			test.b[i] ^= bit
		}
	}
}

func TestPadding(t *testing.T) {
	tests := []struct{ content, want int }{
		{0, 256}, {1, 256}, {252, 256}, {253, 512}, {508, 512}, {509, 1024},
		{1<<20 - 4, 1 << 20}, {1<<20 - 3, 2 << 20}, {2<<20 - 4, 2 << 20}, {2<<20 - 3, 3 << 20},
		{MaxClear, MaxClear + 1<<20},
	}
	for _, test := range tests {
		if got := paddedSize(test.content); got != test.want {
			t.Errorf("paddedSize(%d) = %d, want %d", test.content, got, test.want)
		}
	}
	sizes := map[int]bool{}
	for n := 0; n <= MaxClear; n += 101 {
		size := paddedSize(n)
		sizes[size] = true
		if size < n+lengthBytes || size > max(smallestPadded, 2*(n+lengthBytes)) || !isPaddedSize(size) {
			t.Fatalf("paddedSize(%d) = %d, isPaddedSize %v", n, size, isPaddedSize(size))
		}
	}
	if sizes[paddedSize(MaxClear)] = true; len(sizes) != 29 {
		t.Errorf("there are %d sizes, want 29 as DESIGN.md says", len(sizes))
	}
	padded := pad([]byte("abc"), 0)
	padded[200] = 1
	if _, err := unpad(padded); !errors.Is(err, ErrFormat) {
		t.Errorf("unpad with something in the padding = %v, want %v", err, ErrFormat)
	}
	if _, err := caseKey().Seal(rand.Reader, here, ClearBytes(make([]byte, MaxClear+1))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Seal of MaxClear+1 bytes = %v, want %v", err, ErrTooLarge)
	}
}

// TestLadder: keys unwrap under the key above them, for their name, and after
// the keys above were rotated, with the contents untouched.
func TestLadder(t *testing.T) {
	installation := must(NewInstallationKey(rand.Reader))
	library := must(NewLibraryKey(rand.Reader))
	key := caseKey()
	value := must(key.Seal(rand.Reader, here, NewClear("kept")))

	wrappedLibrary := must(installation.WrapLibrary(rand.Reader, here.Library, library))
	wrappedCase := must(library.WrapCase(rand.Reader, here.Library, here.Case, key))

	nextInstallation := must(NewInstallationKey(rand.Reader))
	nextLibrary := must(NewLibraryKey(rand.Reader))
	movedLibrary := must(RewrapLibrary(rand.Reader, installation, nextInstallation, wrappedLibrary, here.Library))
	movedCase := must(Rewrap(rand.Reader, library, nextLibrary, wrappedCase, here.Library, here.Case))

	if got := must(nextInstallation.UnwrapLibrary(movedLibrary, here.Library)); must(got.ID()) != must(library.ID()) {
		t.Error("the library's key changed when the installation's was rotated")
	}
	got := must(nextLibrary.UnwrapCase(movedCase, here.Library, here.Case))
	if text := must(got.Open(here, value)).Text(); text != "kept" {
		t.Errorf("after rotation the content is %q, want %q", text, "kept")
	}
	if movedCase.Holds() != wrappedCase.Holds() || movedCase.Holds() != must(key.ID()) || movedCase.Under() != must(nextLibrary.ID()) {
		t.Error("the ids in a moved key do not tell the key within and the key above")
	}

	refused := []struct {
		name string
		err  error
		want error
	}{
		{"the old library key for a moved case", second(library.UnwrapCase(movedCase, here.Library, here.Case)), ErrOtherKey},
		{"another case's name", second(library.UnwrapCase(wrappedCase, here.Library, "case-2")), ErrOpen},
		{"another library's name", second(library.UnwrapCase(wrappedCase, "library-2", here.Case)), ErrOpen},
		{"a library's key as a case's", second(library.UnwrapCase(wrappedLibrary, here.Library, here.Case)), ErrFormat},
		{"another library's name for its key", second(installation.UnwrapLibrary(wrappedLibrary, "library-2")), ErrOpen},
		{"a zero key", second(LibraryKey{}.UnwrapCase(wrappedCase, here.Library, here.Case)), ErrNoKey},
		{"a library's key moved as a case's", second(Rewrap(rand.Reader, library, nextLibrary, wrappedLibrary, here.Library, here.Library)), ErrFormat},
		{"no name", second(library.WrapCase(rand.Reader, here.Library, "", key)), ErrPlace},
	}
	for _, r := range refused {
		if !errors.Is(r.err, r.want) {
			t.Errorf("%s = %v, want %v", r.name, r.err, r.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestCommitSecret: the secret of commitments is the same after the case's key was
// renewed, wrapped and unwrapped, and is no other case's.
func TestCommitSecret(t *testing.T) {
	key := caseKey()
	library := must(NewLibraryKey(rand.Reader))
	renewed := must(key.Renew(rand.Reader))
	again := must(library.UnwrapCase(must(library.WrapCase(rand.Reader, here.Library, here.Case, renewed)), here.Library, here.Case))
	if again.Generation() != 2 || must(again.ID()) == must(key.ID()) {
		t.Errorf("a renewed key has generation %d and the same id %v; want 2 and another", again.Generation(), must(again.ID()) == must(key.ID()))
	}
	secret := must(key.CommitSecret())
	if len(secret) < 32 || !bytes.Equal(must(again.CommitSecret()), secret) {
		t.Errorf("CommitSecret has %d bytes, or is another once the key was renewed", len(secret))
	}
	if bytes.Equal(must(caseKey().CommitSecret()), secret) {
		t.Error("two cases have one CommitSecret")
	}
	if _, err := (CaseKey{}).CommitSecret(); !errors.Is(err, ErrNoKey) {
		t.Errorf("CommitSecret of no key = %v, want ErrNoKey", err)
	}
}

// TestNothingPrints (P4): no usual way of printing, logging or encoding gives a
// secret away, not even from an unexported field. The control shows that the
// search would find it.
func TestNothingPrints(t *testing.T) {
	const canary = "CANARY-7f3a"
	type page struct {
		Note  Clear
		inner Clear
		key   CaseKey
		deep  []any
	}
	key := newCaseKey(bytes.Repeat([]byte(canary), 8)[:2*keySize], 1)
	value := NewClear(canary)
	p := page{value, value, key, []any{value, sealed([]byte(canary)), installationKey([]byte(canary))}}
	for _, made := range shown(p) {
		if found(made, canary) {
			t.Errorf("a secret shows in %q", made)
		}
	}
	for _, made := range shown(struct{ Note, inner string }{canary, canary}) {
		if found(made, canary) {
			return
		}
	}
	t.Error("the control's secret was not found: this test sees nothing")
}

func found(made, canary string) bool {
	numbers := strings.Trim(fmt.Sprint([]byte(canary)), "[]")
	return strings.Contains(made, canary) || strings.Contains(made, numbers) ||
		strings.Contains(strings.ToLower(made), fmt.Sprintf("%x", canary))
}

func shown(v any) []string {
	var made []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U"} {
		made = append(made, fmt.Sprintf(verb, v), fmt.Sprintf(verb, &v))
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
	encoded, _ := json.Marshal(v)
	marked, _ := xml.Marshal(v)
	return append(made, log.String(), string(encoded), string(marked), fmt.Errorf("wrap %v", v).Error())
}

func TestErase(t *testing.T) {
	key := caseKey()
	raw := key.raw()
	key.Erase()
	if !bytes.Equal(raw, make([]byte, len(raw))) {
		t.Error("Erase left the key in memory")
	}
	(Clear{}).Erase() // a zero value has nothing to erase
}

func TestNoRandomness(t *testing.T) {
	empty := strings.NewReader("")
	key := caseKey()
	errs := map[string]error{
		"NewCaseKey":         second(NewCaseKey(empty, "l", "c")),
		"NewLibraryKey":      second(NewLibraryKey(empty)),
		"NewInstallationKey": second(NewInstallationKey(empty)),
		"NewPrivateKey":      second(NewPrivateKey(empty)),
		"Seal":               second(key.Seal(empty, here, NewClear("x"))),
		"Renew":              second(key.Renew(empty)),
	}
	for name, err := range errs {
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s without randomness = %v, want an error of the reader", name, err)
		}
	}
}

// TestFixedBytes holds the formats: a changed byte would make every stored value
// unreadable.
func TestFixedBytes(t *testing.T) {
	key := must(NewCaseKey(counter(1), "library", "case"))
	value := must(key.Seal(counter(100), Place{"library", "case", "field", 3}, NewClear("stays")))
	library := must(NewLibraryKey(counter(2)))
	installation := must(NewInstallationKey(counter(3)))
	got := map[string][]byte{
		"sealed":       value.Bytes(),
		"case":         must(library.WrapCase(counter(50), "library", "case", key)).Bytes(),
		"library":      must(installation.WrapLibrary(counter(60), "library", library)).Bytes(),
		"commitment":   must(key.CommitSecret()),
		"installation": []byte(must(installation.Reveal())),
		"locked":       []byte(must(installation.Lock(counter(70), NewClear("four words are enough")))),
	}
	checkGolden(t, got)
}

// counter is a reader of bytes that count up, for tests that hold a format.
func counter(from byte) io.Reader { return &counting{from} }

type counting struct{ next byte }

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = c.next
		c.next++
	}
	return len(b), nil
}
