package app

import (
	"errors"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// keeper is an admin of the installation.
func (b *bench) keeper(t testing.TB) Who {
	who := b.as(t, people.Admin)
	who.Library, who.Branch = people.Installation, ""
	who.Memberships[0].Library = people.Installation
	return who
}

// holds looks at the clock.
func (b *bench) holds(t testing.TB) bool {
	t.Helper()
	held, err := b.clockHolds(t.Context())
	must(t, err)
	return held
}

func TestClockGuard(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, keeper := t.Context(), b.keeper(t)
		for range 3 {
			b.now = b.now.Add(23 * time.Hour)
			if b.holds(t) {
				t.Fatal("the clock is doubted after 23 hours")
			}
			must(t, b.checkpoint(ctx, people.Installation))
		}
		right := b.now
		b.now = b.now.Add(25 * time.Hour)
		for range 2 {
			if !b.holds(t) {
				t.Fatal("a jump by 25 hours is not seen, or forgotten")
			}
		}
		err := b.mayDelete(ctx)
		if err == nil || fault.KindOf(err) != fault.Refused || !errors.Is(err, errClockJumped) {
			t.Errorf("mayDelete = %v, want it refused for the clock's jump", err)
		}
		j, err := b.ReadClock(ctx, keeper)
		must(t, err)
		if !j.From.Equal(right) || !j.To.Equal(b.now) {
			t.Errorf("ReadClock = %v, want from %v to %v", j, right, b.now)
		}
		if err := b.AcceptClock(ctx, b.as(t, people.Director)); err == nil {
			t.Error("a director who does not look after the installation may say that the clock is right")
		}
		must(t, b.AcceptClock(ctx, keeper))
		must(t, b.AcceptClock(ctx, keeper)) // again changes nothing
		if b.holds(t) {
			t.Error("the clock is doubted after it was accepted")
		}
		must(t, b.mayDelete(ctx))
	})
}

// A clock that is set right again holds nothing back, and stops no checkpoints.
func TestClockSetRight(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		right := b.now
		b.now = right.Add(10 * 365 * 24 * time.Hour)
		if !b.holds(t) {
			t.Fatal("a jump by ten years is not seen")
		}
		b.now = right.Add(time.Hour)
		for range 2 { // asking changes nothing
			if b.holds(t) {
				t.Error("the clock is doubted after it was set right")
			}
		}
		if last := b.now.Add(10 * 365 * 24 * time.Hour); !isCheckpointDue(last, b.now) {
			t.Error("isCheckpointDue of a last one in ten years = false, want true")
		}
		for _, tt := range []struct {
			last time.Duration
			want bool
		}{{-2 * time.Hour, true}, {0, false}, {30 * time.Second, false}, {2 * time.Minute, true}} {
			now := right.Truncate(time.Hour)
			if got := isCheckpointDue(now.Add(tt.last), now); got != tt.want {
				t.Errorf("isCheckpointDue(%v from now) = %v, want %v", tt.last, got, tt.want)
			}
		}
	})
}

func TestParseClockJump(t *testing.T) {
	j := ClockJump{time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)}
	if got, jumped := parseClockJump(j.text()); got != j || !jumped {
		t.Errorf("parseClockJump(%q) = %v, %v, want the same", j.text(), got, jumped)
	}
	if _, jumped := parseClockJump(""); jumped {
		t.Error("parseClockJump of nothing = a jump, want none")
	}
	for _, bad := range []string{"x", "2026-11-25T19:00:00Z", " "} {
		if _, jumped := parseClockJump(bad); !jumped {
			t.Errorf("parseClockJump(%q) = no jump, want one: in doubt nothing is deleted", bad)
		}
	}
}
