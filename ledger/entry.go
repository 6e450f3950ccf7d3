package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Kind is the kind of an act, such as "case-opened": lower-case letters, digits
// and hyphens, beginning with a letter, at most [MaxKind] of them.
type Kind string

// The kinds that the ledger itself gives. No act may have them.
const (
	Sealed Kind = "sealed" // shown for every act on a sealed case
	Filler Kind = "filler" // brings the tree to a multiple of [Block]
)

// ID is an opaque name of a person or a thing: letters, digits and "._:-",
// beginning with a letter or digit, at most [MaxID] of them. It must be random
// or a pseudonym, never a name or anything that could be guessed.
type ID string

// Limits of an entry. An entry outside them is refused, never cut.
const (
	MaxKind    = 40
	MaxID      = 64
	MaxObjects = 16
)

// entryVersion begins each entry's text. Another encoding gets another one, so
// that no text has two meanings.
const entryVersion = "1"

// timeLayout has a fixed width, so that a time has one spelling.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Act is what a person or the program did, as the gate knows it.
type Act struct {
	Kind    Kind
	At      time.Time // kept in UTC, to the millisecond
	Actor   ID        // a pseudonym; empty when the program acted by itself
	Objects []ID

	// Contents is committed to and never kept. It must be different for every
	// act (put the act's own id into it): two acts of the same kind and
	// contents have the same commitment, which would tell that they are alike.
	Contents []byte

	// Sealed says that the act is on a sealed case. Its entry shows the kind
	// "sealed". It must name exactly one object, so that the number of objects
	// does not tell what the act was.
	Sealed bool
}

// Entry is one leaf of the ledger as it can be read: what is shown of an act,
// and a commitment to the rest.
type Entry struct {
	Kind       Kind
	At         time.Time
	Actor      ID
	Objects    []ID
	Commitment [32]byte
}

// Entry makes the entry of an act. The key is the case's, or for an act on no
// case the library's. It refuses an act that does not keep to the limits.
func (a Act) Entry(key CommitKey) (Entry, error) {
	if a.Kind == Sealed || a.Kind == Filler {
		return Entry{}, fmt.Errorf("an act cannot have the kind %q, which the ledger gives itself", a.Kind)
	}
	if a.Sealed && len(a.Objects) != 1 {
		return Entry{}, fmt.Errorf("an act on a sealed case must name exactly one object, not %d", len(a.Objects))
	}
	e := Entry{Kind: a.Kind, At: truncate(a.At), Actor: a.Actor, Objects: a.Objects}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	e.Commitment = key.Commit(a.Kind, a.Contents)
	if a.Sealed {
		e.Kind = Sealed
	}
	return e, nil
}

// newFiller makes an entry that says nothing. Its commitment is random, so that
// its hash cannot be told from that of an act.
func newFiller(at time.Time, random io.Reader) (Entry, error) {
	e := Entry{Kind: Filler, At: truncate(at)}
	if _, err := io.ReadFull(random, e.Commitment[:]); err != nil {
		return Entry{}, fmt.Errorf("draw random bytes for a filler leaf: %w", err)
	}
	return e, e.check()
}

// MarshalText gives the entry's one encoding, which is the data of its leaf:
//
//	1 KIND TIME ACTOR OBJECTS COMMITMENT
//
// with a single space between fields that cannot hold one, "-" for no actor or
// no objects, and commas between objects. A different entry has a different
// text, and no other text means the same entry.
func (e Entry) MarshalText() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return []byte(e.text()), nil
}

func (e Entry) text() string {
	return strings.Join([]string{
		entryVersion, string(e.Kind), e.At.UTC().Format(timeLayout), orDash(string(e.Actor)),
		orDash(joinIDs(e.Objects)), base64.StdEncoding.EncodeToString(e.Commitment[:]),
	}, " ")
}

// ParseEntry reads an entry's text. It accepts only what MarshalText writes.
func ParseEntry(text string) (Entry, error) {
	version, rest, _ := strings.Cut(text, " ")
	if version != entryVersion {
		return Entry{}, fmt.Errorf("an entry of version %s is not known here, only version %s", quote(version), entryVersion)
	}
	fields := strings.Split(rest, " ")
	if len(fields) != 5 {
		return Entry{}, fmt.Errorf("an entry has 5 fields after its version, not %d", len(fields))
	}
	at, err := parseTime(fields[1])
	if err != nil {
		return Entry{}, err
	}
	commitment, err := parseHash(fields[4])
	if err != nil {
		return Entry{}, fmt.Errorf("commitment: %w", err)
	}
	e := Entry{Kind: Kind(fields[0]), At: at, Actor: ID(undash(fields[2])), Objects: splitIDs(undash(fields[3])), Commitment: commitment}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	if e.text() != text {
		return Entry{}, errors.New("this is not the one way to write this entry")
	}
	return e, nil
}

func (e Entry) check() error {
	if !isKind(string(e.Kind)) {
		return fmt.Errorf("%s is not a kind: use lower-case letters, digits and hyphens, at most %d", quote(string(e.Kind)), MaxKind)
	}
	if e.At.Nanosecond()%int(time.Millisecond) != 0 {
		return errors.New("the time of an entry must be whole milliseconds")
	}
	if err := checkTime(e.At); err != nil {
		return err
	}
	if e.Actor != "" && !isID(string(e.Actor)) {
		return fmt.Errorf("actor: %s is not an id: use letters, digits and ._:- only, at most %d", quote(string(e.Actor)), MaxID)
	}
	if len(e.Objects) > MaxObjects {
		return fmt.Errorf("an entry names at most %d objects, not %d", MaxObjects, len(e.Objects))
	}
	for _, o := range e.Objects {
		if !isID(string(o)) {
			return fmt.Errorf("object: %s is not an id: use letters, digits and ._:- only, at most %d", quote(string(o)), MaxID)
		}
	}
	return nil
}

// checkTime keeps to the years that the layout can write.
func checkTime(t time.Time) error {
	if y := t.UTC().Year(); y < 1970 || y > 9999 {
		return fmt.Errorf("the year %d is outside 1970 to 9999", y)
	}
	return nil
}

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeLayout, s)
	if err != nil || t.Format(timeLayout) != s {
		return time.Time{}, fmt.Errorf("%s is not a time such as %s", quote(s), timeLayout)
	}
	return t, checkTime(t)
}

func truncate(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func isKind(s string) bool {
	if len(s) == 0 || len(s) > MaxKind || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}

func isID(s string) bool {
	if len(s) == 0 || len(s) > MaxID || strings.IndexByte("._:-", s[0]) >= 0 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("._:-", r) && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) < 0
}

func joinIDs(ids []ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ",")
}

func splitIDs(s string) []ID {
	if s == "" {
		return nil
	}
	var ids []ID
	for text := range strings.SplitSeq(s, ",") {
		ids = append(ids, ID(text))
	}
	return ids
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func undash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// quote shows a piece of a file in a message, cut where it would be too long.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
