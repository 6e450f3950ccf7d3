package live

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func decode(t testing.TB, text string, into []byte) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != len(into) {
		t.Fatalf("%q: %d bytes, %v; want %d", text, len(raw), err, len(into))
	}
	copy(into, raw)
}

func TestPayload(t *testing.T) {
	h := newHub(t, Options{TagKey: [32]byte{1}})
	same := newHub(t, Options{TagKey: [32]byte{1}})
	other := newHub(t, Options{TagKey: [32]byte{2}})
	a, b := Topic{"library-1", "case-7"}, Topic{"library-1", "cases"}
	got := h.Payload(a, b)
	if again := same.Payload(b, a, b); again != got {
		t.Errorf("Payload in another order, in another process = %q, want %q", again, got)
	}
	if elsewhere := other.Payload(a, b); elsewhere == got {
		t.Errorf("Payload under another key is the same: %q", elsewhere)
	}
	for _, word := range []string{"library", "case"} {
		if strings.Contains(got, word) {
			t.Errorf("Payload = %q, which shows %q", got, word)
		}
	}
	tags, all := parsePayload(got)
	if all || !slices.Equal(tags, h.tagsOf([]Topic{a, b})) {
		t.Errorf("parsePayload(%q) = %v, %v; want the tags of the topics", got, tags, all)
	}
	if got := h.Payload(); got != "" {
		t.Errorf("Payload() = %q, want nothing", got)
	}
}

// TestPayloadSize: PostgreSQL takes every payload, and the largest that names
// topics still does.
func TestPayloadSize(t *testing.T) {
	h := newHub(t, Options{})
	for n, all := range map[int]bool{1: false, 343: false, 344: true, 10_000: true} {
		topics := make([]Topic, n)
		for i := range topics {
			topics[i] = topic(fmt.Sprint(i))
		}
		payload := h.Payload(topics...)
		if len(payload) > maxPayload {
			t.Errorf("the payload of %d topics has %d bytes, want at most %d", n, len(payload), maxPayload)
		}
		tags, gotAll := parsePayload(payload)
		if gotAll != all || !all && len(tags) != n {
			t.Errorf("the payload of %d topics speaks of %d, of all: %v; want %v", n, len(tags), gotAll, all)
		}
	}
}

func TestTags(t *testing.T) {
	h := newHub(t, Options{})
	seen := map[tag]Topic{}
	for _, topic := range []Topic{{"", ""}, {"a", "bc"}, {"ab", "c"}, {"", "abc"}, {"abc", ""}, {"a\x00", "b"}, {"a", "\x00b"}} {
		got := h.tagOf(topic)
		if before, ok := seen[got]; ok {
			t.Errorf("%q and %q have the same tag", before, topic)
		}
		seen[got] = topic
	}
}

// FuzzPayload: whatever comes by NOTIFY is tags, or everything; and what is tags
// says so again.
func FuzzPayload(f *testing.F) {
	h := newHub(f, Options{})
	for _, seed := range []string{"", "*", " ", h.Payload(topic("a")), h.Payload(topic("a"), topic("b")), "AAAA", strings.Repeat("A", 22), strings.Repeat("_", 22)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		tags, all := parsePayload(payload)
		if all {
			if tags != nil {
				t.Errorf("parsePayload(%q) = %v and all", payload, tags)
			}
			return
		}
		var words []string
		for _, tag := range tags {
			words = append(words, base64.RawURLEncoding.EncodeToString(tag[:]))
		}
		if got, want := strings.Join(words, " "), strings.Join(strings.Fields(payload), " "); got != want {
			t.Errorf("parsePayload(%q) stands for %q", payload, got)
		}
	})
}
