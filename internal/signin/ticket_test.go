package signin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roundtable/internal/fault"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

var purposes = []Purpose{ForInvitation, ForRecovery, ForSession, ForDevice, ForEnrolment, ForHandOver, ForSetUp, ForMailAddress}

func TestTokensAndCodes(t *testing.T) {
	random, seen := source(1), map[Digest]bool{}
	for _, p := range purposes {
		token, want, err := NewToken(p, random)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := TokenDigest(p, token); got != want || err != nil {
			t.Errorf("TokenDigest(%s) = %s, %v, want %s", p, got, err, want)
		}
		code, want2, err := NewCode(p, random)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := CodeDigest(p, code); got != want2 || err != nil {
			t.Errorf("CodeDigest(%s, %s) = %s, %v, want %s", p, code, got, err, want2)
		}
		for _, q := range purposes {
			if got, _ := TokenDigest(q, token); q != p && got == want {
				t.Errorf("a token for %s is one for %s", p, q)
			}
			if got, _ := CodeDigest(q, code); q != p && got == want2 {
				t.Errorf("a code for %s is one for %s", p, q)
			}
		}
		if seen[want] || seen[want2] || len(want) != 64 {
			t.Errorf("digests %s, %s", want, want2)
		}
		seen[want], seen[want2] = true, true
		if _, _, err := NewToken(p, strings.NewReader("short")); err == nil {
			t.Error("NewToken with too little randomness = nil, want an error")
		}
		if _, _, err := NewCode(p, strings.NewReader("short")); err == nil {
			t.Error("NewCode with too little randomness = nil, want an error")
		}
	}
}

func TestCodeDigest(t *testing.T) {
	want, err := CodeDigest(ForRecovery, "0123-4567-89AB-10EF")
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"0123456789ab10ef", " 0123 4567 89AB 10EF ", "O123-4567-89ab-IoEF", "0l23–4567‑89AB-L0EF", "-----0123456789AB10EF"} {
		if got, err := CodeDigest(ForRecovery, typed); got != want || err != nil {
			t.Errorf("CodeDigest(%q) = %s, %v, want that of 0123-4567-89AB-10EF", typed, got, err)
		}
	}
	for _, typed := range []string{"", "0123-4567-89AB-10E", "0123-4567-89AB-10EFG", "0123-4567-89AB-10EU", "0123_4567_89AB_10EF", "０１２３-4567-89AB-10EF", strings.Repeat("-", 65), "0123456789AB\xff0EF"} {
		if got, err := CodeDigest(ForRecovery, typed); err == nil || got != "" {
			t.Errorf("CodeDigest(%q) = %s, want an error", typed, got)
		}
	}
	if got, err := CodeDigest(ForEnrolment, "0123-4567-89AB"); err != nil || got == "" {
		t.Errorf("CodeDigest of a short code = %s, %v", got, err)
	}
}

func FuzzCodeDigest(f *testing.F) {
	f.Add("0123-4567-89AB-10EF")
	f.Add("o l i –")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, p := range purposes {
			got, err := CodeDigest(p, typed)
			if (err == nil) != (len(got) == 64) {
				t.Fatalf("CodeDigest(%s, %q) = %q, %v", p, typed, got, err)
			}
			if lower, _ := CodeDigest(p, strings.ToLower(typed)); err == nil && isASCII(typed) && lower != got {
				t.Errorf("CodeDigest(%s, %q) changes with capitals", p, typed)
			}
		}
	})
}

func isASCII(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b >= 0x80 })
}

func FuzzTokenDigest(f *testing.F) {
	token, _, _ := NewToken(ForSession, source(1))
	f.Add(token)
	f.Add(token[:42] + "_")
	f.Add(token + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := TokenDigest(ForSession, text)
		if err == nil && (len(text) != 43 || strings.ContainsAny(text, "\r\n+/=") || got != digest(ForSession, text)) || err != nil && got != "" {
			t.Errorf("TokenDigest(%q) = %q, %v", text, got, err)
		}
	})
}

func TestTicketUse(t *testing.T) {
	fresh, code, err := NewTicket(ForInvitation, SlipLife, noon, source(1))
	if err != nil {
		t.Fatal(err)
	}
	shown, _ := CodeDigest(ForInvitation, code)
	other, _ := CodeDigest(ForInvitation, "0000-0000-0000-0000")
	for _, c := range []struct {
		name    string
		change  func(*Ticket)
		purpose Purpose
		shown   Digest
		at      time.Time
		want    string // the kind, or ""
		words   string
	}{
		{"good", nil, ForInvitation, shown, noon.Add(time.Hour), "", ""},
		{"at once", nil, ForInvitation, shown, noon, "", ""},
		{"the last instant", nil, ForInvitation, shown, noon.Add(SlipLife - 1), "", ""},
		{"too late", nil, ForInvitation, shown, noon.Add(SlipLife), "closed", "too old"},
		{"before it was made", nil, ForInvitation, shown, noon.Add(-1), "closed", "too old"},
		{"used", func(k *Ticket) { k.Used = noon }, ForInvitation, shown, noon.Add(1), "closed", "used already"},
		{"withdrawn", func(k *Ticket) { *k = k.Withdraw(noon) }, ForInvitation, shown, noon.Add(1), "closed", "withdrawn"},
		{"withdrawn after it was used", func(k *Ticket) { k.Used = noon; *k = k.Withdraw(noon) }, ForInvitation, shown, noon.Add(1), "closed", "used already"},
		{"another code", nil, ForInvitation, other, noon, "not found", ""},
		{"another code, when it is used", func(k *Ticket) { k.Used = noon }, ForInvitation, other, noon, "not found", ""},
		{"no code", nil, ForInvitation, "", noon, "not found", ""},
		{"for something else", nil, ForEnrolment, shown, noon, "not found", ""},
		{"nothing", func(k *Ticket) { *k = Ticket{} }, "", "", noon, "not found", ""},
	} {
		k := fresh
		if c.change != nil {
			c.change(&k)
		}
		after, err := k.Use(c.purpose, c.shown, c.at)
		if c.want == "" {
			if err != nil || !after.Used.Equal(c.at) {
				t.Errorf("%s: Use = %v, used at %v, want at %v", c.name, err, after.Used, c.at)
			}
			if _, err := after.Use(c.purpose, c.shown, c.at); fault.KindOf(err) != fault.Closed {
				t.Errorf("%s: Use for a second time = %v, want closed", c.name, err)
			}
			continue
		}
		if fault.KindOf(err).String() != c.want || !strings.Contains(fault.Words(err), c.words) || after != k {
			t.Errorf("%s: Use = %v %q, want %s", c.name, err, fault.Words(err), c.want)
		}
	}
}

func TestNewLink(t *testing.T) {
	ticket, token, err := NewLink(ForInvitation, LinkLife, noon, source(2))
	if err != nil {
		t.Fatal(err)
	}
	shown, err := TokenDigest(ForInvitation, token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ticket.Use(ForInvitation, shown, noon.Add(LinkLife-1)); err != nil {
		t.Errorf("Use of a link = %v", err)
	}
	if strings.Contains(string(ticket.Digest), token) {
		t.Error("the ticket holds the token")
	}
}

func TestRecovery(t *testing.T) {
	fresh, codes, err := NewRecovery(source(3))
	if err != nil || len(codes) != RecoveryCodes || len(fresh.Left) != RecoveryCodes {
		t.Fatalf("NewRecovery = %d codes, %d left, %v", len(codes), len(fresh.Left), err)
	}
	rapid.Check(t, func(t *rapid.T) {
		r, used := fresh, map[string]bool{}
		for range 15 {
			code := rapid.SampledFrom(append(codes, "0000-0000-0000-0000", "")).Draw(t, "code")
			after, ok := r.Use(strings.ToLower(code))
			if want := slices.Contains(codes, code) && !used[code]; ok != want {
				t.Fatalf("Use(%q) = %v, want %v", code, ok, want)
			}
			if gone := len(r.Left) - len(after.Left); gone != 0 && !ok || gone != 1 && ok {
				t.Fatalf("Use(%q) took %d codes", code, gone)
			}
			used[code] = used[code] || ok
			r = after
		}
	})
	if len(fresh.Left) != RecoveryCodes {
		t.Error("using a code changed the value it was used on")
	}
	if _, _, err := NewRecovery(strings.NewReader("short")); err == nil {
		t.Error("NewRecovery with too little randomness = nil, want an error")
	}
}

func BenchmarkCodeDigest(b *testing.B) {
	for b.Loop() {
		CodeDigest(ForRecovery, "0123-4567-89AB-10EF")
	}
}
