package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"
)

// Limit says how often something may be tried: Burst times at once, and then once
// in every Every.
type Limit struct {
	Name  string
	Burst int
	Every time.Duration
}

// The limits. What is tried from one place and what is tried on one account are
// counted apart, so that neither many accounts from one place nor one account from
// many places goes on for long. None of them locks an account: whoever waits gets
// another try, and a passkey does not pass here at all.
var (
	SignInFromPlace   = Limit{"sign-in from a place", 20, 15 * time.Second}
	SignInToAccount   = Limit{"sign-in to an account", 10, time.Minute}
	CodeFromPlace     = Limit{"code from a place", 10, time.Minute}
	CodesInAll        = Limit{"codes in all", 100, time.Second}
	RecoveryOfAccount = Limit{"recovery of an account", 5, 10 * time.Minute}
	MailToAccount     = Limit{"mail to an account", 3, 10 * time.Minute}
)

// Limiter counts tries in memory, under a key that is drawn anew each day: an
// address that is counted cannot be read from it, today with effort, tomorrow not
// at all. At the change of keys every count begins anew. It is safe for use by
// many goroutines.
type Limiter struct {
	random io.Reader
	most   int

	mu    sync.Mutex // guards all below
	day   int64
	key   [32]byte
	now   time.Time // the latest time seen; a clock that is set back gives no new tries
	free  map[bucket]time.Time
	other map[string]time.Time // by limit: whatever finds no place in free
	swept time.Time            // when sweep last ran; it is slow, and runs once a second at most
}

// bucket is the keyed hash of a limit's name and what it counts.
type bucket [16]byte

// MaxCounted is how many places and accounts a Limiter counts one by one. When
// there are more, as when somebody floods the server from everywhere, those that
// came late share one count for each limit until others have run out.
const MaxCounted = 100_000

// NewLimiter returns a Limiter that draws its keys from random.
func NewLimiter(random io.Reader) *Limiter {
	return &Limiter{random: random, most: MaxCounted, day: -1}
}

// Allow counts one try and reports whether it may go on, and if not, after how
// long the next may. A try that may not go on does not count.
//
// For each count one time is kept: when all of it will have been made good. A try
// moves that time on by Every, and may go on while it is no more than Burst times
// Every ahead (the generic cell rate algorithm).
func (l *Limiter) Allow(limit Limit, what string, now time.Time) (ok bool, wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.turn(now); err != nil {
		return false, 0, err
	}
	full := time.Duration(limit.Burst) * limit.Every
	counted, save := l.find(limit, what)
	if counted.Before(l.now) {
		counted = l.now
	}
	next := counted.Add(limit.Every)
	if ahead := next.Sub(l.now); ahead > full {
		return false, ahead - full, nil
	}
	save(next)
	return true, 0, nil
}

// turn takes the time, and at the first try of a day a new key.
func (l *Limiter) turn(now time.Time) error {
	if now.After(l.now) {
		l.now = now
	}
	day := l.now.Unix() / (24 * 60 * 60)
	if day == l.day {
		return nil
	}
	if _, err := io.ReadFull(l.random, l.key[:]); err != nil {
		return fmt.Errorf("draw the day's key for counting tries: %w", err)
	}
	l.day, l.free, l.other = day, map[bucket]time.Time{}, map[string]time.Time{}
	return nil
}

// find returns what is counted, and how to keep the new count.
func (l *Limiter) find(limit Limit, what string) (counted time.Time, save func(time.Time)) {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write([]byte(limit.Name + "\x00" + what))
	b := bucket(mac.Sum(nil))
	counted, known := l.free[b]
	if !known && len(l.free) >= l.most && l.now.Sub(l.swept) >= time.Second {
		l.sweep()
	}
	if !known && len(l.free) >= l.most {
		return l.other[limit.Name], func(t time.Time) { l.other[limit.Name] = t }
	}
	return counted, func(t time.Time) { l.free[b] = t }
}

// sweep forgets the counts that have been made good.
func (l *Limiter) sweep() {
	l.swept = l.now
	for b, t := range l.free {
		if !t.After(l.now) {
			delete(l.free, b)
		}
	}
}

// Place returns what to count for an address: an IPv4 address itself, and of an
// IPv6 address the /64 that one customer gets.
func Place(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
