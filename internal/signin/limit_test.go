package signin

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLimiter moves the clock and tries; each row is one try.
func TestLimiter(t *testing.T) {
	limit := Limit{"test", 3, 10 * time.Second}
	l := NewLimiter(source(1))
	for i, c := range []struct {
		after time.Duration
		what  string
		ok    bool
		wait  time.Duration
	}{
		{0, "a", true, 0},
		{0, "a", true, 0},
		{0, "a", true, 0},
		{0, "a", false, 10 * time.Second},
		{0, "b", true, 0},
		{3 * time.Second, "a", false, 7 * time.Second},
		{10*time.Second - 1, "a", false, 1},
		{10 * time.Second, "a", true, 0},
		{10 * time.Second, "a", false, 10 * time.Second},
		{30 * time.Second, "a", true, 0},
		{30 * time.Second, "a", true, 0},
		{30 * time.Second, "a", false, 10 * time.Second},
		{5 * time.Second, "a", false, 10 * time.Second}, // the clock went back: time stands
		{30 * time.Second, "a", false, 10 * time.Second},
		{time.Minute, "a", true, 0},
		{time.Minute, "a", true, 0},
		{time.Minute, "a", true, 0},
		{time.Minute, "a", false, 10 * time.Second},
		{12*time.Hour - 1, "b", true, 0},
		{12 * time.Hour, "a", true, 0}, // another day, another key
	} {
		ok, wait, err := l.Allow(limit, c.what, noon.Add(c.after))
		if ok != c.ok || wait != c.wait || err != nil {
			t.Errorf("try %d, %q after %v: Allow = %v, %v, %v, want %v, %v", i, c.what, c.after, ok, wait, err, c.ok, c.wait)
		}
	}
}

// TestLimiterIsExact holds it against counting by hand.
func TestLimiterIsExact(t *testing.T) {
	limit := Limit{"test", 4, 7 * time.Second}
	rapid.Check(t, func(t *rapid.T) {
		l := NewLimiter(source(2))
		now, tokens := noon, float64(limit.Burst)
		for range 60 {
			step := time.Duration(rapid.IntRange(0, 9).Draw(t, "seconds")) * time.Second
			now = now.Add(step)
			tokens = min(tokens+step.Seconds()/limit.Every.Seconds(), float64(limit.Burst))
			want := tokens >= 1-1e-9
			if want {
				tokens--
			}
			ok, wait, err := l.Allow(limit, "a", now)
			if ok != want || err != nil {
				t.Fatalf("Allow with %.3f tries left = %v, %v", tokens, ok, err)
			}
			if diff := wait.Seconds() - (1-tokens)*limit.Every.Seconds(); !ok && (diff > 1e-6 || diff < -1e-6) {
				t.Fatalf("Allow with %.3f tries left says to wait %v", tokens, wait)
			}
		}
	})
}

func TestLimiterKeepsLimitsApart(t *testing.T) {
	l := NewLimiter(source(3))
	one, two := Limit{"one", 1, time.Minute}, Limit{"two", 1, time.Minute}
	for _, limit := range []Limit{one, two} {
		if ok, _, _ := l.Allow(limit, "a", noon); !ok {
			t.Errorf("%s: the first try is refused", limit.Name)
		}
		if ok, _, _ := l.Allow(limit, "a", noon); ok {
			t.Errorf("%s: the second try is allowed", limit.Name)
		}
	}
	if ok, _, _ := l.Allow(Limit{"none", 0, time.Minute}, "a", noon); ok {
		t.Error("a limit of no tries allows one")
	}
}

// TestLimiterFlood: with more places than are counted one by one, memory stays
// bounded, those counted already stay counted, and the rest share one count.
func TestLimiterFlood(t *testing.T) {
	l := NewLimiter(source(4))
	l.most = 50
	limit := Limit{"test", 2, time.Minute}
	allowed := 0
	for i := range 1000 {
		if ok, _, _ := l.Allow(limit, fmt.Sprint("place ", i), noon); ok {
			allowed++
		}
	}
	if want := 50 + 2; allowed != want || len(l.free) != 50 {
		t.Errorf("%d places were let through and %d are counted, want %d and 50", allowed, len(l.free), want)
	}
	for try, want := range []bool{true, false} {
		if ok, _, _ := l.Allow(limit, "place 0", noon); ok != want {
			t.Errorf("try %d of a place that is counted = %v, want %v", try+2, ok, want)
		}
	}
	later := noon.Add(time.Minute)
	if ok, _, _ := l.Allow(limit, "somebody new", later); !ok || len(l.free) != 2 {
		t.Errorf("a minute later: Allow = %v with %d counted, want true and 2", ok, len(l.free))
	}
}

// TestLimiterForgets: nothing in it tells what was counted, and the key changes.
func TestLimiterForgets(t *testing.T) {
	l := NewLimiter(source(5))
	l.Allow(SignInFromPlace, "203.0.113.7", noon)
	first := l.key
	if strings.Contains(fmt.Sprintf("%+v %q", l.free, fmt.Sprint(l.free)), "203.0.113.7") {
		t.Error("the address can be read from the limiter")
	}
	l.Allow(SignInFromPlace, "203.0.113.8", noon.Add(24*time.Hour))
	if l.key == first || len(l.free) != 1 {
		t.Errorf("the next day the key is the same: %v; %d are counted, want 1", l.key == first, len(l.free))
	}
}

func TestLimiterWithoutRandomness(t *testing.T) {
	l := NewLimiter(strings.NewReader("short"))
	if ok, _, err := l.Allow(SignInFromPlace, "a", noon); ok || err == nil {
		t.Errorf("Allow without a key = %v, %v, want an error", ok, err)
	}
}

func TestLimiterAtOnce(t *testing.T) {
	l := NewLimiter(source(6))
	limit := Limit{"test", 25, time.Hour}
	var allowed atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if ok, _, _ := l.Allow(limit, "a", noon); ok {
					allowed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if got := allowed.Load(); got != 25 {
		t.Errorf("%d tries at once were allowed, want 25", got)
	}
}

func TestPlace(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64",
	} {
		if got := Place(netip.MustParseAddr(text)); got != want {
			t.Errorf("Place(%s) = %s, want %s", text, got, want)
		}
	}
	if got := Place(netip.Addr{}); got != "invalid IP" {
		t.Errorf("Place of none = %q", got)
	}
}

func BenchmarkAllow(b *testing.B) {
	l := NewLimiter(source(7))
	for b.Loop() {
		l.Allow(SignInFromPlace, "203.0.113.7", noon)
	}
}
