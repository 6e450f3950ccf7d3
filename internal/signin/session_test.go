package signin

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func session() Session { return NewSession("s", "ana", "", ByPassword, "d", noon) }

func TestSessionState(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Session)
		after  time.Duration
		want   State
	}{
		{"at once", nil, 0, Live},
		{"idle, almost", nil, IdleTime - 1, Live},
		{"idle", nil, IdleTime, Locked},
		{"used lately", func(s *Session) { s.Used = noon.Add(9 * time.Hour) }, 9*time.Hour + IdleTime - 1, Live},
		{"ten hours, almost", func(s *Session) { s.Used = noon.Add(SessionTime - 1) }, SessionTime - 1, Live},
		{"ten hours", func(s *Session) { s.Used = noon.Add(SessionTime - 1) }, SessionTime, Over},
		{"ten hours idle", nil, SessionTime, Over},
		{"ended", func(s *Session) { *s = s.End(noon) }, 1, Over},
		{"locked by hand", func(s *Session) { *s = s.Lock() }, 1, Locked},
		{"tried too often", func(s *Session) { s.Missed = MaxMissed }, 1, Over},
		{"tried almost too often", func(s *Session) { s.Missed = MaxMissed - 1 }, 1, Live},
		{"the clock a little back", nil, -clockSlack, Live},
		{"the clock before it began", nil, -clockSlack - 1, Over},
		{"the clock before it was used", func(s *Session) { s.Used = noon.Add(time.Hour) }, time.Hour - clockSlack - 1, Locked},
		{"nothing", func(s *Session) { *s = Session{} }, 0, Over},
		{"of nobody", func(s *Session) { s.Person = "" }, 0, Over},
	} {
		s := session()
		if c.change != nil {
			c.change(&s)
		}
		if got := s.State(noon.Add(c.after)); got != c.want {
			t.Errorf("%s: State = %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSessionTouch(t *testing.T) {
	s := session()
	for hour := range 40 { // a live page keeps it for ten hours, and no longer
		now := noon.Add(time.Duration(hour) * IdleTime * 99 / 100)
		after, in := s.Touch(now)
		if want := now.Before(noon.Add(SessionTime)); in != want {
			t.Fatalf("Touch after %v = %v, want %v", now.Sub(noon), in, want)
		}
		s = after
	}
	if _, in := s.Touch(noon.Add(SessionTime)); in || s.State(noon.Add(SessionTime)) != Over {
		t.Error("a session of ten hours goes on")
	}
	if s, in := session().Touch(noon.Add(SessionTime)); in || s.Ended.IsZero() {
		t.Errorf("Touch after ten hours = %v, ended %v, want it ended", in, s.Ended)
	}
	if s, in := session().Touch(noon.Add(IdleTime)); in || s.Used != noon || !s.Ended.IsZero() {
		t.Errorf("Touch of a locked session = %v, used %v, ended %v", in, s.Used, s.Ended)
	}
	if s, in := session().Touch(noon.Add(-time.Second)); !in || s.Used != noon {
		t.Errorf("Touch with the clock back = %v, used %v, want the later time kept", in, s.Used)
	}
}

func TestSessionUnlock(t *testing.T) {
	late := noon.Add(IdleTime)
	s, in := session().Unlock(late, true)
	if !in || s.State(late) != Live {
		t.Errorf("Unlock = %v, %s, want live", in, s.State(late))
	}
	s = session()
	for try := 1; try <= MaxMissed; try++ {
		s, in = s.Unlock(late, false)
		want := Locked
		if try == MaxMissed {
			want = Over
		}
		if in || s.State(late) != want {
			t.Errorf("Unlock with wrong try %d = %v, %s, want %s", try, in, s.State(late), want)
		}
	}
	if s, in = s.Unlock(late, true); in || s.State(late) != Over {
		t.Error("a session that has ended was unlocked")
	}
	s, _ = session().Unlock(late, false)
	if s, _ = s.Unlock(late, true); s.Missed != 0 {
		t.Errorf("after it was unlocked, %d wrong tries are left", s.Missed)
	}
	if s, in = session().Lock().Unlock(noon, true); !in || s.Shut {
		t.Error("a session that was locked by hand does not unlock")
	}
	if _, in = session().Unlock(noon.Add(SessionTime), true); in {
		t.Error("a session of ten hours was unlocked")
	}
	if _, in = session().Unlock(noon, false); !in {
		t.Error("a live session, which needs no unlocking, was ended by a wrong try")
	}
}

// TestSessionNeverOutlives: whatever happens, whatever the clock does, a session
// is not live ten hours after it began, nor with no use for fifteen minutes.
func TestSessionNeverOutlives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now, lastRight := session(), noon, noon
		ended := false
		for range 30 {
			now = now.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "passes")))
			var in bool
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1:
				s, in = s.Touch(now)
			case 2:
				s, in = s.Unlock(now, true)
			case 3:
				s, in = s.Unlock(now, false)
			case 4:
				s = s.Lock()
			}
			if in {
				if ended || now.Sub(noon) >= SessionTime || now.Before(noon.Add(-clockSlack)) {
					t.Fatalf("signed in at %v after it began, ended before: %v", now.Sub(noon), ended)
				}
				lastRight = now
			}
			if s.State(now) == Live && now.Sub(lastRight) >= IdleTime {
				t.Fatalf("live with no use for %v", now.Sub(lastRight))
			}
			ended = ended || !s.Ended.IsZero()
			if ended && s.State(now) != Over {
				t.Fatal("what has ended is not over")
			}
		}
	})
}
