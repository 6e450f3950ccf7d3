package counsel

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/vault"
)

var (
	noon   = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	lawyer = people.PersonID("0193631f-0000-7000-8000-000000000001")
)

func newKey(t *testing.T, seed byte, at time.Time) (pair, Key) {
	t.Helper()
	p := newPair(t, bytes.Repeat([]byte{seed}, 32))
	key, err := NewKey(lawyer, p.encoded(), p.public.Fingerprint().String(), at)
	if err != nil {
		t.Fatal(err)
	}
	return p, key
}

func TestNewKey(t *testing.T) {
	p, key := newKey(t, 7, noon)
	if !key.IsCurrent() || key.Fingerprint() != p.public.Fingerprint() || key.Encoded() != p.encoded() || key.Of != lawyer || key.Made != noon {
		t.Errorf("NewKey = %+v", key)
	}
	print, other := key.Fingerprint().String(), newPair(t, bytes.Repeat([]byte{8}, 32)).public.Fingerprint().String()
	off := p.public.Bytes()
	off[64] ^= 1
	tests := []struct{ name, public, fingerprint, field string }{
		{"nothing", "", "", "public_key"},
		{"a point off the curve", encode(off), print, "public_key"},
		{"zeros", encode(make([]byte, 65)), print, "public_key"},
		{"cut", p.encoded()[:80], print, "public_key"},
		{"longer", p.encoded() + "AA", print, "public_key"},
		{"a line end in it", p.encoded()[:40] + "\n" + p.encoded()[40:], print, "public_key"},
		{"filled up", p.encoded() + "=", print, "public_key"},
		{"no fingerprint", p.encoded(), "", "fingerprint"},
		{"another's fingerprint", p.encoded(), other, "fingerprint"},
		{"capitals", p.encoded(), strings.ToUpper(print), "fingerprint"},
	}
	for _, test := range tests {
		_, err := NewKey(lawyer, test.public, test.fingerprint, noon)
		if fields := fault.FieldsOf(err); len(fields) != 1 || fields[0].Name != test.field {
			t.Errorf("NewKey of %s = %v, want the field %q told", test.name, err, test.field)
		}
	}
}

func TestReplaceBy(t *testing.T) {
	_, first := newKey(t, 7, noon)
	_, second := newKey(t, 8, noon.Add(time.Hour))
	old, err := first.ReplaceBy(second)
	if err != nil || old.IsCurrent() || old.Replaced != second.Made || old.ReplacedBy != second.Fingerprint() {
		t.Fatalf("ReplaceBy = %+v, %v", old, err)
	}
	if !first.IsCurrent() {
		t.Error("ReplaceBy changed the value it was called on")
	}
	strange := second
	strange.Of = "somebody else"
	tests := []struct {
		name      string
		old, next Key
		want      fault.Kind
	}{
		{"again", old, second, fault.Conflict},
		{"by itself", first, first, fault.Conflict},
		{"by another person's", first, strange, fault.Internal},
		{"by one not in use", second, old, fault.Internal},
		{"by nothing", first, Key{}, fault.Internal},
		{"nothing", Key{Of: lawyer}, second, fault.Conflict},
	}
	for _, test := range tests {
		if _, err := test.old.ReplaceBy(test.next); err == nil || fault.KindOf(err) != test.want {
			t.Errorf("replace %s = %v, want %v", test.name, err, test.want)
		}
	}
}

func TestNewNote(t *testing.T) {
	p, key := newKey(t, 7, noon)
	_, next := newKey(t, 8, noon)
	old := must(key.ReplaceBy(next))
	at := Place("library-1", "case-1", "note-1")
	letter := must(p.public.Seal(vault.ForCounsel, at, vault.NewClear("May we?")))
	sent := encode(letter.Bytes())

	note, err := NewNote("note-1", key, sent, "p-author", noon)
	if err != nil || note.To != key.Fingerprint() || note.Encoded() != sent || note.At != noon || note.Author != "p-author" {
		t.Fatalf("NewNote = %+v, %v", note, err)
	}
	if back, err := p.private.Open(vault.ForCounsel, at, note.Letter); err != nil || back.Text() != "May we?" {
		t.Errorf("the note opens as %q, %v", back.Text(), err)
	}
	plain := encode([]byte(strings.Repeat("May we show the picture? ", 14)))
	tooLarge := must(p.public.Seal(vault.ForCounsel, at, vault.ClearBytes(make([]byte, 1<<17))))
	tests := []struct {
		name, letter string
		to           Key
		want         fault.Kind
	}{
		{"plain text", plain, key, fault.Invalid},
		{"nothing", "", key, fault.Invalid},
		{"cut", sent[:len(sent)-4], key, fault.Invalid},
		{"not base64url", sent[:20] + "\n" + sent[20:], key, fault.Invalid},
		{"too large", encode(tooLarge.Bytes()), key, fault.Invalid},
		{"to a key that was replaced", sent, old, fault.Conflict},
		{"to the key before", sent, next, fault.Conflict},
		{"to no key", sent, Key{}, fault.Conflict},
	}
	for _, test := range tests {
		if _, err := NewNote("note-1", test.to, test.letter, "p-author", noon); err == nil || fault.KindOf(err) != test.want {
			t.Errorf("NewNote of %s = %v, want %v", test.name, err, test.want)
		}
	}
}

// TestLimits: the longest note fits, whatever its letters, and one more step of
// padding does not.
func TestLimits(t *testing.T) {
	p, key := newKey(t, 7, noon)
	longest := must(p.public.Seal(vault.ForCounsel, here, vault.NewClear(strings.Repeat("😀", MaxText))))
	if got := len(longest.Bytes()); got != MaxLetter {
		t.Errorf("the longest note's letter has %d bytes, MaxLetter says %d", got, MaxLetter)
	}
	note, err := NewNote("n", key, encode(longest.Bytes()), "p", noon)
	if err != nil {
		t.Fatalf("NewNote of the longest = %v", err)
	}
	if got := len("letter=") + len(note.Encoded()); got > MaxForm-1024 || got < MaxForm/2 {
		t.Errorf("its form has %d bytes, and MaxForm is %d", got, MaxForm)
	}
}

func FuzzNewNote(f *testing.F) {
	private := must(vault.NewPrivateKey(rand.Reader))
	public := must(private.Public())
	key := must(NewKey(lawyer, encode(public.Bytes()), public.Fingerprint().String(), noon))
	f.Add(encode(must(public.Seal(vault.ForCounsel, here, vault.NewClear("seed"))).Bytes()))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if note, err := NewNote("n", key, text, "p", noon); err == nil && note.Encoded() != text {
			t.Errorf("NewNote(%q) is written %q", text, note.Encoded())
		}
	})
}
