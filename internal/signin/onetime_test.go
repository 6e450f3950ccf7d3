package signin

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRFC6238 is the table of RFC 6238, appendix B.
func TestRFC6238(t *testing.T) {
	const digits = "1234567890123456789012345678901234567890123456789012345678901234"
	for _, c := range []struct {
		at                   int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for _, h := range []struct {
			new  func() hash.Hash
			size int
			want string
		}{{sha1.New, 20, c.sha1}, {sha256.New, 32, c.sha256}, {sha512.New, 64, c.sha512}} {
			if got := onetime([]byte(digits[:h.size]), uint64(c.at/30), 8, h.new); got != h.want {
				t.Errorf("onetime at %d with %d bytes = %s, want %s", c.at, h.size, got, h.want)
			}
		}
	}
}

// TestRFC4226 is the table of RFC 4226, appendix D.
func TestRFC4226(t *testing.T) {
	for i, want := range strings.Fields("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489") {
		if got := onetime([]byte("12345678901234567890"), uint64(i), 6, sha1.New); got != want {
			t.Errorf("onetime of counter %d = %s, want %s", i, got, want)
		}
	}
}

// rfcSeed is the RFCs' seed, "12345678901234567890".
func rfcSeed(t testing.TB) Seed {
	s, err := ParseSeed("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeedVerify(t *testing.T) {
	seed := rfcSeed(t)
	code := func(p int64) string { return onetime(seed.bytes[:], uint64(p), 6, sha1.New) }
	const p = 37037036 // the period of 1111111109
	at := time.Unix(p*30, 0)
	for _, c := range []struct {
		name   string
		typed  string
		at     time.Time
		used   int64
		period int64
		ok     bool
	}{
		{"now", code(p), at, 0, p, true},
		{"the period's last instant", code(p), at.Add(30*time.Second - 1), 0, p, true},
		{"one late", code(p), at.Add(30 * time.Second), 0, p, true},
		{"one late, last instant", code(p), at.Add(60*time.Second - 1), 0, p, true},
		{"two late", code(p), at.Add(60 * time.Second), 0, 0, false},
		{"one early", code(p), at.Add(-30 * time.Second), 0, p, true},
		{"more than one early", code(p), at.Add(-30*time.Second - 1), 0, 0, false},
		{"used", code(p), at, p, p, false},
		{"one before the one used", code(p - 1), at, p, p, false},
		{"one after the one used", code(p + 1), at, p, p + 1, true},
		{"with a space", code(p)[:3] + " " + code(p)[3:], at, 0, p, true},
		{"too short", code(p)[:5], at, 0, 0, false},
		{"too long", code(p) + "0", at, 0, 0, false},
		{"empty", "", at, 0, 0, false},
		{"other digits", "٠٨١٨٠٤", at, 0, 0, false},
		{"before 1970", "000000", time.Unix(-1000, 0), 0, 0, false},
	} {
		if period, ok := seed.Verify(c.typed, c.at, c.used); period != c.period || ok != c.ok {
			t.Errorf("%s: Verify(%q) = %d, %v, want %d, %v", c.name, c.typed, period, ok, c.period, c.ok)
		}
	}
	if _, ok := (Seed{}).Verify("000000", at, 0); ok {
		t.Error("a seed that is none verifies")
	}
}

// TestOnce: whatever is typed in whatever order, no code works twice.
func TestOnce(t *testing.T) {
	seed := rfcSeed(t)
	rapid.Check(t, func(t *rapid.T) {
		var used int64
		taken := map[string]bool{}
		now := int64(1_700_000_000)
		for range 20 {
			now += rapid.Int64Range(-40, 40).Draw(t, "passes")
			typed := onetime(seed.bytes[:], uint64(now/30+rapid.Int64Range(-2, 2).Draw(t, "off")), 6, sha1.New)
			period, ok := seed.Verify(typed, time.Unix(now, 0), used)
			if ok && taken[typed] {
				t.Fatalf("%s was taken twice", typed)
			}
			if ok == (period == used) || period < used {
				t.Fatalf("Verify = %d, %v after %d", period, ok, used)
			}
			taken[typed] = taken[typed] || ok
			used = period
		}
	})
}

func TestSeedShowsItselfOnlyWhenAsked(t *testing.T) {
	seed := rfcSeed(t)
	const secret = "GEZDGNBVGY3TQOJQ"
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "seed", seed)
	for _, shown := range []string{fmt.Sprint(seed), fmt.Sprintf("%v %+v %#v %s %d %x", seed, seed, seed, seed, seed, seed),
		fmt.Sprintf("%+v", struct{ s Seed }{seed}), log.String()} {
		if strings.Contains(shown, secret) || strings.Contains(shown, "3132333435") || strings.Contains(shown, "12345678901") || strings.Contains(shown, "49 50 51") {
			t.Errorf("the seed prints as %s", shown)
		}
	}
	uri, err := url.Parse(seed.URI("Roundtable: Millbrook", "ana núñez"))
	if err != nil || uri.Query().Get("secret") != secret+secret || uri.Query().Get("issuer") != "Roundtable: Millbrook" || uri.Path != "/Roundtable: Millbrook:ana núñez" {
		t.Errorf("URI reads as %v, %v", uri, err)
	}
	if strings.Contains(uri.String(), "+") {
		t.Errorf("URI %s has a plus, which authenticators show", uri)
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	f.Add("gezdgnbvgy3tqojqgezdgnbvgy3tqojq\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSeed(text)
		if err == nil && s.Text() != text || err != nil && s.Text() != "" {
			t.Errorf("ParseSeed(%q) = %q, %v", text, s.Text(), err)
		}
	})
}

func FuzzSeedVerify(f *testing.F) {
	f.Add("081804", int64(1111111109), int64(0))
	f.Fuzz(func(t *testing.T, typed string, at, used int64) {
		seed := rfcSeed(t)
		period, ok := seed.Verify(typed, time.Unix(at, 0), used)
		if ok && period <= used || !ok && period != used {
			t.Errorf("Verify(%q, %d, %d) = %d, %v", typed, at, used, period, ok)
		}
	})
}

func TestNewSeed(t *testing.T) {
	a, errA := NewSeed(source(1))
	b, errB := NewSeed(source(2))
	if errA != nil || errB != nil || a.Text() == b.Text() || len(a.Text()) != 32 {
		t.Errorf("NewSeed = %q, %v and %q, %v", a.Text(), errA, b.Text(), errB)
	}
	if back, err := ParseSeed(a.Text()); err != nil || back.Text() != a.Text() {
		t.Errorf("ParseSeed(%q) = %q, %v", a.Text(), back.Text(), err)
	}
	if _, err := NewSeed(strings.NewReader("short")); err == nil {
		t.Error("NewSeed with too little randomness = nil, want an error")
	}
}
