package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// seeded is a source of bytes that is the same each time.
func seeded(seed byte) io.Reader {
	var key [32]byte
	key[0] = seed
	return &lockedSource{r: rand.NewChaCha8(key)}
}

type lockedSource struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedSource) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.at.Store(t.UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) move(d time.Duration) { c.at.Add(d.Milliseconds()) }

var start = time.Date(2026, time.November, 25, 15, 0, 0, 0, time.UTC)

// pureSite is a site without an app, for what needs none.
func pureSite(t *testing.T) (*site, *clock) {
	t.Helper()
	c := newClock(start)
	s := &site{Options: Options{Now: c.now, Random: seeded(1), Log: slog.New(slog.DiscardHandler)}, run: "run"}
	var err error
	if s.presses, err = newPresses(s.Random); err != nil {
		t.Fatal(err)
	}
	if s.kept, err = newKeeper(s.Random); err != nil {
		t.Fatal(err)
	}
	if s.router, err = newRouter(routes()); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// pressOnce sends a form to a handler through once, as a browser with the cookie.
func pressOnce(s *site, serve handler, token, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/desk/start", strings.NewReader(body))
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "roundtable-form", Value: token})
	}
	a := &ask{site: s, w: &recorder{ResponseWriter: w}, r: r, route: &route{method: post, path: "/x", serve: serve}, number: "1"}
	if err := a.once(r.Context()); err != nil {
		a.fail(err)
	}
	return w
}

func TestPressedTwice(t *testing.T) {
	s, c := pureSite(t)
	n := 0
	serve := func(_ context.Context, a *ask) error {
		n++
		http.SetCookie(a.w, &http.Cookie{Name: "made", Value: fmt.Sprint(n)})
		return a.to(fmt.Sprintf("/i/%d", n))
	}
	for _, tt := range []struct {
		name, token, body string
		move              time.Duration
		want              string
	}{
		{"the first", "a", "x=1", 0, "/i/1"},
		{"the same", "a", "x=1", time.Second, "/i/1"},
		{"another browser", "b", "x=1", 0, "/i/2"},
		{"no cookie", "", "x=1", 0, "/i/3"},
		{"no cookie again", "", "x=1", 0, "/i/4"},
		{"something else", "a", "x=2", 0, "/i/5"},
		{"the first again, after something else", "a", "x=1", 0, "/i/6"},
		{"the same, late", "a", "x=1", pressTime, "/i/7"},
		{"the clock goes back", "a", "x=1", -time.Hour, "/i/8"},
	} {
		c.move(tt.move)
		got := pressOnce(s, serve, tt.token, tt.body)
		if got.Header().Get("Location") != tt.want || got.Header().Get("Set-Cookie") != "made="+strings.TrimPrefix(tt.want, "/i/") {
			t.Errorf("%s: leads to %q with %q, want %q with its own cookie", tt.name, got.Header().Get("Location"), got.Header().Get("Set-Cookie"), tt.want)
		}
	}
}

// TestPressedAtOnce: a second press while the first is under way waits for it.
func TestPressedAtOnce(t *testing.T) {
	s, _ := pureSite(t)
	var n atomic.Int32
	release := make(chan struct{})
	serve := func(_ context.Context, a *ask) error {
		i := n.Add(1)
		<-release
		return a.to(fmt.Sprintf("/i/%d", i))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := pressOnce(s, serve, "a", "x=1").Header().Get("Location"); got != "/i/1" {
				t.Errorf("a press leads to %q, want /i/1", got)
			}
		})
	}
	for n.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("eight presses were done %d times, want once", n.Load())
	}
}

// TestFailedPressIsTriedAgain: what was not done is not remembered.
func TestFailedPressIsTriedAgain(t *testing.T) {
	s, _ := pureSite(t)
	n := 0
	serve := func(_ context.Context, a *ask) error {
		if n++; n == 1 {
			return tooSoon(time.Second)
		}
		return a.to("/done")
	}
	if got := pressOnce(s, serve, "a", "").Code; got != http.StatusTooManyRequests {
		t.Fatalf("the first press = %d, want 429", got)
	}
	if got := pressOnce(s, serve, "a", ""); got.Code != http.StatusSeeOther {
		t.Errorf("the second press = %d, want 303", got.Code)
	}
}

func TestPressesAreBounded(t *testing.T) {
	s, _ := pureSite(t)
	big := strings.Repeat("x", maxPressSize-2000)
	serve := func(_ context.Context, a *ask) error { return a.send(200, "text/plain", []byte(big)) }
	for i := range maxPresses + 50 {
		pressOnce(s, serve, fmt.Sprint(i), "")
	}
	p := s.presses
	if len(p.last) > maxPresses || p.order.Len() != len(p.last) || p.held > maxPressed || p.held < 0 {
		t.Errorf("%d presses (%d in order) hold %d bytes, want at most %d with %d", len(p.last), p.order.Len(), p.held, maxPresses, maxPressed)
	}
	for p.order.Len() > 0 {
		p.forget(p.order.Front().Value.(*press))
	}
	if p.held != 0 {
		t.Errorf("nothing is remembered, and %d bytes are held", p.held)
	}
}

// TestPanickingPress: whoever waits for a press that panics is not left waiting.
func TestPanickingPress(t *testing.T) {
	s, _ := pureSite(t)
	serve := func(context.Context, *ask) error { panic("x") }
	for range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is gone")
				}
			}()
			pressOnce(s, serve, "a", "")
		}()
	}
}

// lockedAsk is a form that comes to a session which has locked.
func lockedAsk(s *site, session, person, body string) *ask {
	r := httptest.NewRequest("POST", "/manage/people/invite", strings.NewReader(body))
	a := &ask{site: s, w: &recorder{ResponseWriter: httptest.NewRecorder()}, r: r, route: &route{method: post, path: "/x"}}
	a.who.Session = store.Session{Session: signin.Session{ID: signin.SessionID(session), Person: people.PersonID(person)}}
	return a
}

func TestKept(t *testing.T) {
	s, c := pureSite(t)
	if err := lockedAsk(s, "s1", "p1", "name=canary").keep(); err != nil {
		t.Fatal(err)
	}
	for id, f := range s.kept.forms {
		if strings.Contains(string(f.sealed), "canary") {
			t.Errorf("the form of %s lies open in memory", id)
		}
	}
	for _, tt := range []struct {
		session, person, want string
	}{{"s1", "p1", "name=canary"}, {"s1", "p2", ""}, {"s2", "p1", ""}, {"", "", ""}} {
		_, body, _ := s.kept.open(signin.SessionID(tt.session), people.PersonID(tt.person), c.now())
		if body != tt.want {
			t.Errorf("open(%q, %q) = %q, want %q", tt.session, tt.person, body, tt.want)
		}
	}
	s.kept.forget("s1", "/elsewhere")
	if !s.kept.has("s1", c.now()) {
		t.Error("a form sent elsewhere took the kept one away")
	}
	s.kept.forget("s1", "/manage/people/invite")
	if s.kept.has("s1", c.now()) {
		t.Error("the form is kept after it was sent")
	}
}

func TestKeptIsBounded(t *testing.T) {
	s, c := pureSite(t)
	for i := range maxKept + 20 {
		c.move(time.Second)
		if err := lockedAsk(s, fmt.Sprint(i), "p", "x=1").keep(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.kept.forms); n > maxKept {
		t.Errorf("%d forms are kept, want at most %d", n, maxKept)
	}
	if !s.kept.has(signin.SessionID(fmt.Sprint(maxKept+19)), c.now()) {
		t.Error("the newest form is not kept")
	}
	c.move(keptTime)
	if s.kept.has(signin.SessionID(fmt.Sprint(maxKept+19)), c.now()) || len(s.kept.forms) != 0 {
		t.Errorf("after %v %d forms are kept, want none", keptTime, len(s.kept.forms))
	}
}
