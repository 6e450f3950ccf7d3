package live

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"roundtable/internal/people"
)

// Topic is what a page may show: "cases", or one case by its id. People never
// see its name.
type Topic struct {
	Library people.LibraryID // people.Installation for what belongs to no library
	Name    string
}

// tag stands for a topic wherever others might look: in memory of the hub and in
// the database's traffic.
type tag [16]byte

// maxPayload is below PostgreSQL's limit for a NOTIFY, which is 8,000 bytes
// (https://www.postgresql.org/docs/current/sql-notify.html).
const maxPayload = 7900

// everything is the payload that speaks of all topics.
const everything = "*"

// tagOf is HMAC-SHA-256 over library and name, cut to 16 bytes. The library's
// length stands in front, so that no two topics are the same bytes.
func (h *Hub) tagOf(t Topic) (out tag) {
	mac := hmac.New(sha256.New, h.tagKey[:])
	n := len(t.Library)
	mac.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	mac.Write([]byte(t.Library))
	mac.Write([]byte(t.Name))
	copy(out[:], mac.Sum(nil))
	return out
}

// tagsOf returns the tags of topics, sorted, each once.
func (h *Hub) tagsOf(topics []Topic) []tag {
	tags := make([]tag, len(topics))
	for i, t := range topics {
		tags[i] = h.tagOf(t)
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(string(a[:]), string(b[:])) })
	return slices.Compact(tags)
}

// Payload returns what a writer sends by NOTIFY on Channel, in the transaction
// that changes what the topics show:
//
//	SELECT pg_notify('roundtable', $1)
//
// It is the same for the same topics in any order. Where there are too many for
// one notice it speaks of everything. There is nothing to send for no topic, and
// the payload is "".
func (h *Hub) Payload(topics ...Topic) string {
	tags := h.tagsOf(topics)
	if len(tags)*(tagLength+1) > maxPayload {
		return everything
	}
	words := make([]string, len(tags))
	for i, t := range tags {
		words[i] = base64.RawURLEncoding.EncodeToString(t[:])
	}
	return strings.Join(words, " ")
}

var tagLength = base64.RawURLEncoding.EncodedLen(len(tag{}))

// parsePayload reads what Payload wrote. What it cannot read, a newer app server
// may have meant something by: then all is taken to have changed.
func parsePayload(payload string) (tags []tag, all bool) {
	for word := range strings.FieldsSeq(payload) {
		var t tag
		raw, err := base64.RawURLEncoding.Strict().DecodeString(word)
		if err != nil || len(raw) != len(t) {
			return nil, true
		}
		copy(t[:], raw)
		tags = append(tags, t)
	}
	return tags, false
}
