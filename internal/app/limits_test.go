package app

import (
	"testing"
	"time"
)

func TestWaitWords(t *testing.T) {
	for _, c := range []struct {
		wait time.Duration
		want string
	}{
		{0, "10 seconds"}, {time.Millisecond, "10 seconds"}, {10 * time.Second, "10 seconds"}, {11 * time.Second, "20 seconds"},
		{50 * time.Second, "50 seconds"}, {51 * time.Second, "a minute"}, {time.Minute, "a minute"}, {61 * time.Second, "2 minutes"},
		{10 * time.Minute, "10 minutes"}, {10*time.Minute + time.Nanosecond, "11 minutes"},
	} {
		if got := waitWords(c.wait); got != c.want {
			t.Errorf("waitWords(%s) = %q, want %q", c.wait, got, c.want)
		}
	}
}
