package sms

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/notify"
)

const (
	secret = "canary-secret-out-0123456789"
	back   = "canary-secret-back-0123456789"
	number = "+15550100123"
)

// gateway stands in for a gateway. It sends a message out once for each id, and
// keeps what it was called with.
type gateway struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request) bool // true: it has answered

	mu    sync.Mutex
	calls []call
	out   map[string]string // text by id
}

type call struct {
	method, path, body string
	header             http.Header
}

func start(t testing.TB, answer func(w http.ResponseWriter, r *http.Request) bool) *gateway {
	g := &gateway{answer: answer, out: map[string]string{}}
	g.Server = httptest.NewUnstartedServer(g)
	g.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.calls = append(g.calls, call{r.Method, r.URL.Path, string(body), r.Header.Clone()})
	g.mu.Unlock()
	if g.answer != nil && g.answer(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+secret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in struct{ ID, To, Text string }
	if json.Unmarshal(body, &in) != nil || in.ID != r.Header.Get("Idempotency-Key") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	_, known := g.out[in.ID]
	g.out[in.ID] = in.Text
	g.mu.Unlock()
	if known {
		w.WriteHeader(http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"receipt":"SM-1"}`)
}

func (g *gateway) called() []call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]call(nil), g.calls...)
}

func (g *gateway) sent() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.out)
}

func to(t testing.TB, g *gateway, change func(c *Config)) *Sender {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(g.Certificate())
	c := Config{URL: g.URL + "/send", Secret: secret, Back: back, Private: true, Roots: pool}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func delivery(t testing.TB) notify.Delivery {
	t.Helper()
	m, err := notify.Compose(notify.English, notify.Need, "https://rt.library.example", "018f-a")
	if err != nil {
		t.Fatal(err)
	}
	return notify.Delivery{ID: "0123456789abcdef0123456789abcdef", To: notify.NewAddress(number), Message: m}
}

func isQuiet(t *testing.T, err error) {
	t.Helper()
	for _, canary := range []string{"canary", number, "555", "https:", "needs you", "127.0.0.1"} {
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("the error tells %q: %v", canary, err)
		}
	}
}

// TestOrder holds what goes out against what docs/sms.md promises.
func TestOrder(t *testing.T) {
	g := start(t, nil)
	result, err := to(t, g, nil).Send(t.Context(), delivery(t))
	if diff := cmp.Diff(notify.Result{Outcome: notify.Accepted, Receipt: "SM-1"}, result); diff != "" || err != nil {
		t.Fatalf("Send: %v (-want +got):\n%s", err, diff)
	}
	c := g.called()[0]
	const want = `{"id":"0123456789abcdef0123456789abcdef","to":"+15550100123","text":"Roundtable: the desk needs you.\nhttps://rt.library.example/alert/018f-a"}`
	if c.body != want || c.method != "POST" || c.path != "/send" {
		t.Errorf("the gateway got %s %s %s, want %s", c.method, c.path, c.body, want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + secret, "Idempotency-Key": "0123456789abcdef0123456789abcdef", "User-Agent": "Roundtable"} {
		if got := c.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	doc, err := os.ReadFile("../../docs/sms.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, promised := range []string{want, `{"id":"0123456789abcdef0123456789abcdef","status":"delivered"}`, `{"receipt":"SM-1"}`} {
		if !strings.Contains(string(doc), promised) {
			t.Errorf("docs/sms.md does not show %s", promised)
		}
	}
}

func TestOutcomes(t *testing.T) {
	code := func(n int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(n)
			io.WriteString(w, "canary "+number)
			return true
		}
	}
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request) bool
		want   notify.Outcome
		wait   time.Duration
		doc    string // how docs/sms.md names it
	}{
		{"ok, with an answer that is none", code(200), notify.Accepted, 0, "any 2xx"},
		{"had it", code(409), notify.Accepted, 0, "409"},
		{"no such number", code(410), notify.Gone, 0, "410"},
		{"malformed", code(400), notify.Declined, 0, "400"},
		{"too long", code(413), notify.Declined, 0, "413"},
		{"blocked", code(422), notify.Declined, 0, "422"},
		{"secret refused", code(401), notify.Unusable, 0, "401"},
		{"forbidden", code(403), notify.Unusable, 0, "403"},
		{"not there", code(404), notify.Unusable, 0, "404"},
		{"too slow", code(408), notify.Later, 0, "408"},
		{"too early", code(425), notify.Later, 0, "425"},
		{"broken", code(500), notify.Later, 0, "any 5xx"},
		{"down", code(503), notify.Later, 0, "any 5xx"},
		{"too many", func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(429)
			return true
		}, notify.Later, 90 * time.Second, "429"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
			return true
		}, notify.Unusable, 0, "any 3xx"},
		{"hangs up", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, notify.Later, 0, "no answer"},
	} {
		g := start(t, c.answer)
		result, err := to(t, g, nil).Send(t.Context(), delivery(t))
		if result.Outcome != c.want || result.Wait != c.wait || (err == nil) != (c.want == notify.Accepted) {
			t.Errorf("%s: Send = %+v, %v, want %v, %v", c.name, result, err, c.want, c.wait)
		}
		isQuiet(t, err)
		for _, call := range g.called() {
			if call.path != "/send" {
				t.Errorf("%s: a redirect was followed to %s", c.name, call.path)
			}
		}
		if doc, _ := os.ReadFile("../../docs/sms.md"); !strings.Contains(string(doc), "| "+c.doc) {
			t.Errorf("docs/sms.md has no line for %q", c.doc)
		}
	}
}

// TestDuplicates: the gateway took it and hung up; sent again under the same id,
// one message goes out.
func TestDuplicates(t *testing.T) {
	first := true
	var g *gateway
	g = start(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !first {
			return false
		}
		first = false
		g.mu.Lock()
		g.out[r.Header.Get("Idempotency-Key")] = "taken"
		g.mu.Unlock()
		panic(http.ErrAbortHandler)
	})
	s := to(t, g, nil)
	var got []notify.Outcome
	for range 3 {
		result, _ := s.Send(t.Context(), delivery(t))
		got = append(got, result.Outcome)
	}
	if diff := cmp.Diff([]notify.Outcome{notify.Later, notify.Accepted, notify.Accepted}, got); diff != "" || g.sent() != 1 || len(g.called()) != 3 {
		t.Errorf("%d messages went out in %d calls, want 1 in 3 (-want +got):\n%s", g.sent(), len(g.called()), diff)
	}
}

func TestSlow(t *testing.T) {
	stop := make(chan struct{})
	g := start(t, func(http.ResponseWriter, *http.Request) bool { <-stop; return true })
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	result, err := to(t, g, nil).Send(ctx, delivery(t))
	if result.Outcome != notify.Later {
		t.Errorf("Send to a slow gateway = %v, %v, want later", result.Outcome, err)
	}
	isQuiet(t, err)
}

func TestWhereItMayGo(t *testing.T) {
	g := start(t, nil)
	result, err := to(t, g, func(c *Config) { c.Private = false }).Send(t.Context(), delivery(t))
	if result.Outcome != notify.Unusable || len(g.called()) != 0 {
		t.Errorf("Send to a private address = %v, %v, %d calls, want unusable and none", result.Outcome, err, len(g.called()))
	}
	isQuiet(t, err)
	result, err = to(t, g, func(c *Config) { c.Roots = x509.NewCertPool() }).Send(t.Context(), delivery(t))
	if result.Outcome != notify.Unusable || len(g.called()) != 0 {
		t.Errorf("Send to a stranger = %v, %v, want unusable", result.Outcome, err)
	}
	isQuiet(t, err)
	for _, bad := range []string{"", "555 0100", "+0155501001", "+1555", "+1555010012345678", "15550100123", "+1555-010-0123", "+15550100123\n", "canary"} {
		d := delivery(t)
		d.To = notify.NewAddress(bad)
		result, err := to(t, g, nil).Send(t.Context(), d)
		if result.Outcome != notify.Gone {
			t.Errorf("Send to %q = %v, want gone", bad, result.Outcome)
		}
		isQuiet(t, err)
	}
	if result, _ := to(t, g, nil).Send(t.Context(), notify.Delivery{ID: "a", To: notify.NewAddress(number)}); result.Outcome != notify.Declined {
		t.Errorf("Send without a message = %v, want declined", result.Outcome)
	}
	if len(g.called()) != 0 {
		t.Errorf("the gateway was called %d times, want none", len(g.called()))
	}
}

func TestNew(t *testing.T) {
	good := Config{URL: "https://sms.example/send", Secret: secret, Back: back}
	if _, err := New(good); err != nil {
		t.Fatalf("New: %v", err)
	}
	for name, change := range map[string]func(c *Config){
		"http": func(c *Config) { c.URL = "http://sms.example/" }, "a user in it": func(c *Config) { c.URL = "https://u:p@sms.example/" }, "nothing": func(c *Config) { c.URL = "" },
		"short secret": func(c *Config) { c.Secret = "short" }, "a secret of two lines": func(c *Config) { c.Secret += "\r\nX: y" }, "short secret back": func(c *Config) { c.Back = "short" }, "one secret": func(c *Config) { c.Back = c.Secret },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: New = %v, want an error that tells no secret", name, err)
		}
	}
}

func TestReceipts(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	now := time.UnixMilli(1764000000000).UTC()
	for text, want := range map[string]notify.Kind{
		`{"id":"` + id + `","status":"delivered"}`:     notify.Delivered,
		`{"id":"` + id + `","status":"failed"}` + "\n": notify.Failed,
	} {
		r, err := ParseReceipt([]byte(text))
		if e := r.Event(now); err != nil || e.Kind != want || e.Check() != nil {
			t.Errorf("ParseReceipt(%s) = %+v, %v, %v, want %s", text, r, err, e.Check(), want)
		}
	}
	for _, bad := range []string{
		"", "null", "{}", "[]", `{"id":"` + id + `"}`, `{"status":"delivered"}`, `{"id":"` + id + `","status":"read"}`, `{"id":"a b","status":"failed"}`,
		`{"id":"` + id + `","status":"delivered","to":"` + number + `"}`, `{"id":"` + id + `","status":"delivered"}{}`, `{"id":1,"status":"delivered"}`,
		`{"id":"` + strings.Repeat("a", MaxReceipt) + `","status":"delivered"}`,
	} {
		if r, err := ParseReceipt([]byte(bad)); err == nil || r != (Receipt{}) {
			t.Errorf("ParseReceipt(%q) = %+v, %v, want an error", bad, r, err)
		} else {
			isQuiet(t, err)
		}
	}
	s, err := New(Config{URL: "https://sms.example/", Secret: secret, Back: back})
	if err != nil {
		t.Fatal(err)
	}
	for head, want := range map[string]bool{"Bearer " + back: true, "Bearer " + secret: false, "": false, "Bearer ": false, back: false, "bearer " + back: false, "Bearer " + back + " ": false} {
		if got := s.IsGateway(head); got != want {
			t.Errorf("IsGateway(%q) = %v, want %v", head, got, want)
		}
	}
	if s, _ := New(Config{URL: "https://sms.example/", Secret: secret}); s.IsGateway("Bearer ") || s.IsGateway("") {
		t.Error("IsGateway without a secret lets somebody in")
	}
}

func FuzzParseReceipt(f *testing.F) {
	f.Add([]byte(`{"id":"0123456789abcdef0123456789abcdef","status":"delivered"}`))
	f.Add([]byte(`{"ID":"a","status":"failed"} `))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseReceipt(data)
		if (err == nil) != (r.ID != "") || err == nil && !isName(string(r.ID)) {
			t.Errorf("ParseReceipt(%q) = %+v, %v", data, r, err)
		}
	})
}

func FuzzJudge(f *testing.F) {
	f.Add(200, []byte(`{"receipt":"a"}`), "3")
	f.Add(429, []byte(`{"receipt":1}`), "Wed, 25 Nov 2026 12:02:00 GMT")
	f.Fuzz(func(t *testing.T, code int, body []byte, after string) {
		r, err := judge(&http.Response{StatusCode: code, Header: http.Header{"Retry-After": {after}}}, body)
		if r.Outcome == 0 || (err == nil) != (r.Outcome == notify.Accepted) || !isName(r.Receipt) || r.Wait < 0 {
			t.Errorf("judge(%d, %q) = %+v, %v", code, body, r, err)
		}
		_ = fmt.Sprint(r)
	})
}
