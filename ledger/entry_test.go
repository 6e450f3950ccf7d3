package ledger_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"roundtable/ledger"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestEntryText(t *testing.T) {
	zeros := strings.Repeat("A", 43) + "="
	tests := []struct {
		entry ledger.Entry
		want  string
	}{
		{
			ledger.Entry{Kind: "case-opened", At: noon.Add(7 * time.Millisecond), Actor: "p1", Objects: []ledger.ID{"case_1", "doc:2"}},
			"1 case-opened 2026-11-25T12:00:00.007Z p1 case_1,doc:2 " + zeros,
		},
		{
			ledger.Entry{Kind: ledger.Filler, At: noon.In(time.FixedZone("", 3600))},
			"1 filler 2026-11-25T12:00:00.000Z - - " + zeros,
		},
	}
	for _, tt := range tests {
		got, err := tt.entry.MarshalText()
		if err != nil || string(got) != tt.want {
			t.Errorf("%+v.MarshalText() = %q, %v, want %q", tt.entry, got, err, tt.want)
		}
		back, err := ledger.ParseEntry(tt.want)
		if err != nil {
			t.Errorf("ParseEntry(%q) = %v", tt.want, err)
		}
		tt.entry.At = tt.entry.At.UTC()
		if diff := cmp.Diff(tt.entry, back); diff != "" {
			t.Errorf("ParseEntry(%q) differs (-want +got):\n%s", tt.want, diff)
		}
	}
}

func TestParseEntryRefuses(t *testing.T) {
	good := "1 case-opened 2026-11-25T12:00:00.007Z p1 case_1,case_2 " + strings.Repeat("A", 43) + "="
	if _, err := ledger.ParseEntry(good); err != nil {
		t.Fatalf("ParseEntry(%q) = %v", good, err)
	}
	changes := []struct{ old, new string }{
		{"1 case", "2 case"}, {"1 case", "01 case"}, {"1 case", "case"}, {"1 case", " case"},
		{"case-opened", "Case-opened"}, {"case-opened", "-"}, {"case-opened", "case opened"}, {"case-opened", "1case"}, {"case-opened", strings.Repeat("k", 41)},
		{".007Z", ".07Z"}, {".007Z", ".0070Z"}, {".007Z", ".007+00:00"}, {"2026-11", "2026-13"}, {"2026-11-25", "1969-11-25"}, {"2026-11-25", "12026-11-25"}, {"12:00:00.007", "24:00:00.007"},
		{" p1 ", "  "}, {" p1 ", " _p "}, {" p1 ", " p+1 "}, {" p1 ", " pé "}, {" p1 ", " " + strings.Repeat("p", 65) + " "},
		{"case_1,case_2", "case_1,"}, {"case_1,case_2", ",case_1"}, {"case_1,case_2", "case_1,,case_2"}, {"case_1,case_2", "-,case_2"}, {"case_1,case_2", strings.Repeat("c,", 16) + "c"},
		{"AA=", "AB="}, {"AA=", "AA"}, {"AA=", "AA=="}, {"AAA=", "\nAAA="}, {"AA=", "AA= "}, {"AA=", "AA=\n"},
	}
	for _, c := range changes {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%q is not in %q", c.old, good)
		}
		if e, err := ledger.ParseEntry(bad); err == nil {
			t.Errorf("ParseEntry(%q) = %+v, want an error", bad, e)
		}
	}
}

func TestActEntry(t *testing.T) {
	key, err := ledger.NewCommitKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	act := ledger.Act{Kind: "note-added", At: noon.Add(1234567), Actor: "p1", Objects: []ledger.ID{"c1"}, Contents: []byte("act 1: he shouted")}
	plain, err := act.Entry(key)
	if err != nil {
		t.Fatal(err)
	}
	if want := noon.Add(time.Millisecond); plain.Kind != "note-added" || !plain.At.Equal(want) {
		t.Errorf("Entry() shows %s at %s, want note-added at %s", plain.Kind, plain.At, want)
	}
	act.Sealed = true
	sealed, err := act.Entry(key)
	if err != nil {
		t.Fatal(err)
	}
	if sealed.Kind != ledger.Sealed {
		t.Errorf("the entry of a sealed act shows %q, want %q", sealed.Kind, ledger.Sealed)
	}
	if !key.Opens(sealed.Commitment, "note-added", act.Contents) {
		t.Error("Opens() = false for the true kind and contents of a sealed act")
	}
	text, _ := sealed.MarshalText()
	for _, canary := range []string{"note", "shouted"} {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("the entry %q shows %q", text, canary)
		}
	}

	act.Kind = "read"
	other, _ := act.Entry(key)
	if got, want := len(mustText(t, other)), len(text); got != want {
		t.Errorf("the entries of two sealed acts have %d and %d bytes, want the same", got, want)
	}
}

func mustText(t *testing.T, e ledger.Entry) string {
	t.Helper()
	text, err := e.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestActEntryRefuses(t *testing.T) {
	good := ledger.Act{Kind: "read", At: noon, Actor: "p1", Objects: []ledger.ID{"c1"}}
	tests := map[string]func(a *ledger.Act){
		"kind sealed":           func(a *ledger.Act) { a.Kind = ledger.Sealed },
		"kind filler":           func(a *ledger.Act) { a.Kind = ledger.Filler },
		"no kind":               func(a *ledger.Act) { a.Kind = "" },
		"sealed, no object":     func(a *ledger.Act) { a.Sealed, a.Objects = true, nil },
		"sealed, two objects":   func(a *ledger.Act) { a.Sealed, a.Objects = true, []ledger.ID{"c1", "c2"} },
		"a name for an actor":   func(a *ledger.Act) { a.Actor = "Ada Lovelace" },
		"a dash for an object":  func(a *ledger.Act) { a.Objects = []ledger.ID{"-"} },
		"nothing for an object": func(a *ledger.Act) { a.Objects = []ledger.ID{""} },
		"too many objects":      func(a *ledger.Act) { a.Objects = slices.Repeat([]ledger.ID{"c1"}, 17) },
		"a time before 1970":    func(a *ledger.Act) { a.At = time.Time{} },
		"a time after 9999":     func(a *ledger.Act) { a.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	}
	if _, err := good.Entry(ledger.CommitKey{}); err != nil {
		t.Fatalf("%+v.Entry() = %v", good, err)
	}
	for name, change := range tests {
		act := good
		change(&act)
		if e, err := act.Entry(ledger.CommitKey{}); err == nil {
			t.Errorf("%s: %+v.Entry() = %+v, want an error", name, act, e)
		}
	}
}

// TestCommitment spells the commitment out, so that others can make it.
func TestCommitment(t *testing.T) {
	dataKey := bytes.Repeat([]byte{9}, 32)
	key, err := ledger.NewCommitKey(dataKey)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := hkdf.Key(sha256.New, dataKey, nil, "roundtable ledger commitment key v1", 32)
	mac := hmac.New(sha256.New, raw)
	for _, part := range []string{"roundtable ledger commitment v1", "read", "contents"} {
		binary.Write(mac, binary.BigEndian, uint64(len(part)))
		mac.Write([]byte(part))
	}
	if got := key.Commit("read", []byte("contents")); !bytes.Equal(got[:], mac.Sum(nil)) {
		t.Errorf("Commit() = %x, want %x", got, mac.Sum(nil))
	}
	// No shifting of bytes between kind and contents, no other key.
	c := key.Commit("read", []byte("contents"))
	otherKey, _ := ledger.NewCommitKey(bytes.Repeat([]byte{8}, 32))
	for name, opens := range map[string]bool{
		"shifted":   key.Opens(c, "readc", []byte("ontents")),
		"kind":      key.Opens(c, "reads", []byte("contents")),
		"contents":  key.Opens(c, "read", []byte("content")),
		"other key": otherKey.Opens(c, "read", []byte("contents")),
	} {
		if opens {
			t.Errorf("%s: Opens() = true, want false", name)
		}
	}
	if _, err := ledger.NewCommitKey(dataKey[:31]); err == nil {
		t.Error("NewCommitKey() of 31 bytes succeeded, want an error")
	}
}

func drawEntry(t *rapid.T) ledger.Entry {
	id := rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`)
	e := ledger.Entry{
		Kind:  ledger.Kind(rapid.StringMatching(`[a-z][a-z0-9-]{0,39}`).Draw(t, "kind")),
		At:    time.UnixMilli(rapid.Int64Range(0, 253402300799999).Draw(t, "at")).UTC(),
		Actor: ledger.ID(rapid.OneOf(rapid.Just(""), id).Draw(t, "actor")),
	}
	for _, o := range rapid.SliceOfN(id, 0, 16).Draw(t, "objects") {
		e.Objects = append(e.Objects, ledger.ID(o))
	}
	copy(e.Commitment[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "commitment"))
	return e
}

func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t)
		text, err := e.MarshalText()
		if err != nil {
			t.Fatalf("%+v.MarshalText() = %v", e, err)
		}
		back, err := ledger.ParseEntry(string(text))
		if err != nil {
			t.Fatalf("ParseEntry(%q) = %v", text, err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Fatalf("ParseEntry(%q) differs (-want +got):\n%s", text, diff)
		}
		other := drawEntry(t)
		otherText, _ := other.MarshalText()
		if bytes.Equal(text, otherText) != cmp.Equal(e, other) {
			t.Fatalf("%+v and %+v: one text for two entries, or two for one", e, other)
		}
	})
}

// FuzzParseEntry holds that what is accepted is the one text of its entry.
func FuzzParseEntry(f *testing.F) {
	w := newWorld(f, 1)
	for range 5 {
		text, _ := w.entry().MarshalText()
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ledger.ParseEntry(text)
		if err != nil {
			return
		}
		back, err := e.MarshalText()
		if err != nil || string(back) != text {
			t.Errorf("ParseEntry(%q) = %+v, which is written %q, %v", text, e, back, err)
		}
	})
}

// TestLeafHash holds that a leaf is hashed as RFC 6962 says, over the text.
func TestLeafHash(t *testing.T) {
	w := newWorld(t, 1)
	e := w.entry()
	if _, err := ledger.Append(background, w.m, e); err != nil {
		t.Fatal(err)
	}
	leaves, _ := w.m.Leaves(background, 0, 1)
	if want := tlog.RecordHash([]byte(mustText(t, e))); leaves[0].Hash != want {
		t.Errorf("the leaf's hash = %s, want %s", leaves[0].Hash, want)
	}
}
