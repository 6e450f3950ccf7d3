package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

var start = time.Date(2026, 11, 25, 9, 30, 0, 123456789, time.UTC)

func personID(text string) people.PersonID { return people.PersonID(text) }

func random(seed string) io.Reader {
	var b [32]byte
	copy(b[:], seed)
	return mathrand.NewChaCha8(b)
}

func TestBegin(t *testing.T) {
	e := newEvil(t)
	p := e.provider()
	address, w, err := p.Begin(t.Context(), ana, random("x"), start)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"response_type": {"code"}, "client_id": {"roundtable"}, "redirect_uri": {back}, "scope": {"openid profile email"},
		"state": {w.state}, "nonce": {w.nonce}, "code_challenge_method": {"S256"}, "code_challenge": u.Query()["code_challenge"],
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" || u.Path != "/authorize" {
		t.Errorf("Begin sends to %s (-want +got):\n%s", u.Path, diff)
	}
	if strings.Contains(address, w.verifier) || strings.Contains(address, secret) {
		t.Errorf("Begin gives a secret to the browser: %s", address)
	}
	if again, _, err := p.Begin(t.Context(), ana, random("x"), start); err != nil || again != address {
		t.Errorf("Begin again = %s, %v, want the same", again, err)
	}
	if other, w2, err := p.Begin(t.Context(), ana, random("y"), start); err != nil || other == address || w2.state == w.state || w2.nonce == w.nonce || w2.verifier == w.verifier {
		t.Errorf("Begin with other randomness = %s, %v, want another", other, err)
	}
	if _, _, err := p.Begin(t.Context(), ana, strings.NewReader("short"), start); err == nil {
		t.Error("Begin without randomness = nil, want an error")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, w); strings.Contains(text, w.verifier) || strings.Contains(text, w.nonce) {
			t.Errorf("%s prints the secrets: %s", verb, text)
		}
		if text := fmt.Sprintf(verb, p.config); strings.Contains(text, secret) {
			t.Errorf("%s prints the secret: %s", verb, text)
		}
	}
}

// wire is a network that counts and that can be cut.
type wire struct {
	mu   sync.Mutex
	cut  bool
	sent int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent++
	cut := w.cut
	w.mu.Unlock()
	if cut {
		return nil, errors.New("the network is cut")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestUnreachable(t *testing.T) {
	e := newEvil(t)
	net := &wire{cut: true}
	p, err := New(Config{Issuer: e.server.URL, ClientID: "roundtable", ClientSecret: secret, Redirect: back, Name: "Elm County"}, &http.Client{Transport: net})
	if err != nil {
		t.Fatalf("New of a provider that is not there: %v", err)
	}
	if net.sent != 0 {
		t.Errorf("New asked %d times, want it lazy", net.sent)
	}
	for _, step := range []struct {
		after time.Duration
		cut   bool
		sent  int
		ok    bool
	}{
		{0, true, 1, false},
		{500 * time.Millisecond, true, 1, false},
		{time.Second, true, 2, false},
		{2 * time.Second, true, 2, false},
		{3 * time.Second, true, 3, false},
		{6 * time.Second, false, 3, false}, // it is there again, and not asked yet
		{7 * time.Second, false, 4, true},
		{8 * time.Second, true, 4, true},
		{23 * time.Hour, true, 4, true},
		{25 * time.Hour, true, 5, true}, // asked anew, and the old answer serves
		{25*time.Hour + time.Millisecond, true, 5, true},
		{26 * time.Hour, false, 6, true},
	} {
		net.cut = step.cut
		_, _, err := p.Begin(t.Context(), "", random("x"), start.Add(step.after))
		if (err == nil) != step.ok || net.sent != step.sent {
			t.Errorf("after %v: Begin = %v having asked %d times, want ok %v, %d times", step.after, err, net.sent, step.ok, step.sent)
		}
		if err != nil && (fault.KindOf(err) != fault.Refused || fault.Words(err) != "Elm County does not answer at the moment. Sign in another way, or try again in a few minutes.") {
			t.Errorf("after %v: people read %q (%v)", step.after, fault.Words(err), fault.KindOf(err))
		}
	}
	if d := pause(1000); d != longestPause {
		t.Errorf("pause(1000) = %v, want %v", d, longestPause)
	}
}

func TestManyAtOnce(t *testing.T) {
	e := newEvil(t)
	p := e.provider()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if _, _, err := p.Begin(t.Context(), "", random(fmt.Sprint(i)), start); err != nil {
				t.Errorf("Begin: %v", err)
			}
		})
	}
	group.Wait()
	if n := e.asked.Load(); n != 1 {
		t.Errorf("20 at once asked for the addresses %d times, want 1", n)
	}
}

// Who stops waiting does not wait, and does not spoil it for others.
func TestGoneAway(t *testing.T) {
	e := newEvil(t)
	p := e.provider()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Begin(ctx, "", random("x"), start); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Begin of somebody gone = %v", err)
	}
	if _, _, err := p.Begin(t.Context(), "", random("x"), start); err != nil {
		t.Errorf("Begin after somebody went away: %v", err)
	}
}

func TestDiscoveryRefused(t *testing.T) {
	for _, c := range []struct {
		name      string
		discovery func(map[string]any)
		answer    http.HandlerFunc
		cause     string
	}{
		{"another issuer", set("issuer", "https://other.example"), nil, "did not match"},
		{"no issuer", set("issuer", nil), nil, "did not match"},
		{"tokens without TLS", set("token_endpoint", "http://elm.example/token"), nil, "its address for token: it has no https"},
		{"a page without TLS", set("authorization_endpoint", "http://elm.example/"), nil, "its address for authorization: it has no https"},
		{"a page that is a script", set("authorization_endpoint", "javascript:alert(1)"), nil, "its address for authorization: it is no address"},
		{"keys in a file", set("jwks_uri", "file:///etc/passwd"), nil, "its address for keys: it is no address"},
		{"a password in an address", set("userinfo_endpoint", "https://a:b@elm.example/"), nil, "its address for user info: it is no address"},
		{"no tokens", set("token_endpoint", nil), nil, "its address for token: it is no address"},
		{"no JSON", nil, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html>") }, "failed to decode"},
		{"not there", nil, http.NotFound, "404"},
		{"slow", nil, slow, "exceeded"},
		{"huge", nil, huge, "the provider's answer is too long"},
		{"announced as huge", nil, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "999999999") }, "the provider's answer is too long"},
		{"elsewhere", nil, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.2:9/", http.StatusFound)
		}, "the provider redirects to another host"},
		{"out of this machine", nil, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}, "the provider redirects to another host"},
		{"lines of a log", nil, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "a\nb\x1b[31m", 500) }, "500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEvil(t)
			e.discovery = c.discovery
			if c.answer != nil {
				e.answer["/.well-known/openid-configuration"] = c.answer
			}
			began := time.Now()
			_, _, err := e.provider().Begin(t.Context(), "", random("x"), start)
			if err == nil || !strings.Contains(err.Error(), c.cause) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 2*maxCause {
				t.Errorf("Begin = %q, want %q on one short line", err, c.cause)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("Begin took %v", took)
			}
		})
	}
}

// With TLS, no step of the way is without.
func TestNoWayBackFromTLS(t *testing.T) {
	var at string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply(w, map[string]any{"issuer": at, "authorization_endpoint": at + "/a", "token_endpoint": "http://127.0.0.1/token", "jwks_uri": at + "/k"})
	}))
	defer server.Close()
	at = server.URL
	p, err := New(Config{Issuer: at, ClientID: "roundtable", Redirect: back, Name: "Elm County"}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = p.Begin(t.Context(), "", random("x"), start); err == nil || !strings.Contains(err.Error(), "its address for token: it has no https") {
		t.Errorf("Begin = %v, want it to refuse an address without TLS", err)
	}
}

func TestNew(t *testing.T) {
	good := Config{Issuer: "https://id.elm.example/realm", ClientID: "roundtable", Redirect: "https://desk.elm.example/back", Name: "Elm County"}
	for _, c := range []struct {
		name   string
		change func(*Config)
		ok     bool
	}{
		{"all right", func(*Config) {}, true},
		{"this machine", func(c *Config) { c.Issuer, c.Redirect = "http://localhost:9998", "http://[::1]:80/back" }, true},
		{"no issuer", func(c *Config) { c.Issuer = "" }, false},
		{"no TLS", func(c *Config) { c.Issuer = "http://id.elm.example" }, false},
		{"nearly this machine", func(c *Config) { c.Issuer = "http://localhost.elm.example" }, false},
		{"nearly this machine by number", func(c *Config) { c.Issuer = "http://127.0.0.1.elm.example" }, false},
		{"an issuer with a query", func(c *Config) { c.Issuer += "?a=b" }, false},
		{"an issuer with a fragment", func(c *Config) { c.Issuer += "#" }, false},
		{"an issuer with a password", func(c *Config) { c.Issuer = "https://a:b@elm.example" }, false},
		{"a file", func(c *Config) { c.Issuer = "file:///etc" }, false},
		{"no client", func(c *Config) { c.ClientID = "" }, false},
		{"a long secret", func(c *Config) { c.ClientSecret = strings.Repeat("s", maxClient+1) }, false},
		{"no way back", func(c *Config) { c.Redirect = "" }, false},
		{"a way back without TLS", func(c *Config) { c.Redirect = "http://desk.elm.example/" }, false},
		{"no name", func(c *Config) { c.Name = "" }, false},
		{"a name of two lines", func(c *Config) { c.Name = "Elm\nCounty" }, false},
	} {
		config := good
		c.change(&config)
		p, err := New(config, nil)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("%s: New = %v, want ok %v", c.name, err, c.ok)
		}
		if err == nil && (p.Name() != "Elm County" || p.Issuer() != config.Issuer || p.client.Timeout != RequestTime) {
			t.Errorf("%s: New = %s, %s, %v", c.name, p.Name(), p.Issuer(), p.client.Timeout)
		}
	}
}

// A client without a secret, and one whose provider wants the secret in the form.
func TestWaysToSayWhoWeAre(t *testing.T) {
	for _, c := range []struct {
		name, secret string
		methods      []string
		basic, form  bool
	}{
		{"a secret", secret, nil, true, false},
		{"a secret, both ways", secret, []string{"client_secret_post", "client_secret_basic"}, true, false},
		{"a secret, in the form", secret, []string{"client_secret_post"}, false, true},
		{"no secret", "", []string{"none", "client_secret_basic"}, false, false},
	} {
		e := newEvil(t)
		var basic, form bool
		e.discovery = func(m map[string]any) {
			if c.methods != nil {
				m["token_endpoint_auth_methods_supported"] = c.methods
			}
		}
		tries := 0
		e.answer["/token"] = func(w http.ResponseWriter, r *http.Request) {
			tries++
			_, _, basic = r.BasicAuth()
			form = r.FormValue("client_secret") != ""
			http.Error(w, "{}", http.StatusUnauthorized)
		}
		p, err := New(Config{Issuer: e.server.URL, ClientID: "roundtable", ClientSecret: c.secret, Redirect: back, Name: "Elm County"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.begin(p).finish()
		wantRefusal(t, err, fault.Refused, "the provider refuses the code: 401 Unauthorized")
		if basic != c.basic || form != c.form || tries != 1 {
			t.Errorf("%s: in the head %v, in the form %v, %d tries, want %v, %v, 1", c.name, basic, form, tries, c.basic, c.form)
		}
	}
}

func pendingBytes(t testing.TB) []byte {
	t.Helper()
	e := Config{Issuer: "https://id.elm.example", ClientID: "roundtable", Redirect: back}
	var s [3]string
	for i := range s {
		s[i] = b64(bytes.Repeat([]byte{byte(i + 1)}, secretSize))
	}
	b, err := Pending{Person: ana, Made: start, Until: start.Add(Life), at: e.digest(), state: s[0], nonce: s[1], verifier: s[2]}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParsePending(t *testing.T) {
	good := pendingBytes(t)
	const want = `{"v":1,"person":"0194fdc2-fa2f-7cc0-81d3-ff12045b73c8","made":1795599000123,"at":"`
	if !bytes.HasPrefix(good, []byte(want)) {
		t.Errorf("Marshal = %s, want %s…", good, want)
	}
	if w, err := ParsePending(good); err != nil || w.Person != ana || w.Until.Sub(w.Made) != Life || !w.Used.IsZero() {
		t.Errorf("ParsePending = %+v, %v, want Ana's", w, err)
	}
	for _, edit := range [][2]string{
		{`"v":1`, `"v":2`}, {`"v":1`, `"v":1,"x":1`}, {`"made":1`, `"made":-1`}, {`"made":1`, `"made":99999999999`},
		{`"state":"`, `"state":"A`}, {`"nonce":"A`, `"nonce":"!`}, {`"verifier":`, `"verifier":"","v":`}, {`"at":"`, `"at":"0`},
	} {
		bad := strings.Replace(string(good), edit[0], edit[1], 1)
		if w, err := ParsePending([]byte(bad)); !errors.Is(err, ErrRecord) {
			t.Errorf("ParsePending with %s = %v, %v, want ErrRecord", edit[1], w, err)
		}
	}
	for _, bad := range []string{"", "null", "{}", "[]", string(good[:len(good)-1]), string(good) + "{}", string(good) + strings.Repeat(" ", MaxRecord)} {
		if w, err := ParsePending([]byte(bad)); !errors.Is(err, ErrRecord) {
			t.Errorf("ParsePending(%.40q) = %v, %v, want ErrRecord", bad, w, err)
		}
	}
	if b, err := (Pending{}).Marshal(); !errors.Is(err, ErrRecord) {
		t.Errorf("Marshal of nothing = %s, %v, want ErrRecord", b, err)
	}
}

func FuzzParsePending(f *testing.F) {
	f.Add(pendingBytes(f))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := ParsePending(b)
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Errorf("ParsePending(%q) = %v, want ErrRecord", b, err)
			}
			return
		}
		once, err := w.Marshal()
		if err != nil {
			t.Fatalf("Marshal of what was parsed from %q: %v", b, err)
		}
		if again, err := ParsePending(once); err != nil || again != w {
			t.Errorf("ParsePending(%s) = %v, want the same", once, err)
		}
	})
}

// FuzzQuery looks for a query that gets anywhere without the state.
func FuzzQuery(f *testing.F) {
	p, err := New(Config{Issuer: "https://id.elm.example", ClientID: "roundtable", Redirect: back, Name: "Elm County"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	w, err := ParsePending(pendingBytes(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("state=" + w.state + "&code=c")
	f.Add("state=" + w.state + "&error=access_denied&iss=https%3A%2F%2Fid.elm.example")
	f.Fuzz(func(t *testing.T, text string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		code, named, err := p.readQuery(&w, query)
		if err != nil {
			return
		}
		if len(query["state"]) != 1 || query.Get("state") != w.state || len(query["code"]) != 1 || code == "" || len(code) > maxCode ||
			query.Has("error") || named && query.Get("iss") != p.config.Issuer {
			t.Errorf("readQuery(%q) = %q, %v, want an error", text, code, named)
		}
	})
}

func TestBody(t *testing.T) {
	for _, c := range []struct {
		size int
		ok   bool
	}{{0, true}, {MaxAnswer - 1, true}, {MaxAnswer, true}, {MaxAnswer + 1, false}, {3 * MaxAnswer, false}} {
		b := &body{io.NopCloser(iotest.DataErrReader(bytes.NewReader(make([]byte, c.size)))), MaxAnswer}
		got, err := io.ReadAll(b)
		if c.ok && (err != nil || len(got) != c.size) || !c.ok && !errors.Is(err, errAnswer) {
			t.Errorf("an answer of %d bytes: %d, %v, want ok %v", c.size, len(got), err, c.ok)
		}
		if _, err := b.Read(make([]byte, 1)); err == nil {
			t.Errorf("an answer of %d bytes goes on", c.size)
		}
	}
}

func TestBrief(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"short", "no route", "no route"},
		{"of the longest kind", strings.Repeat("a", maxCause), strings.Repeat("a", maxCause)},
		{"longer", strings.Repeat("a", maxCause+1), strings.Repeat("a", maxCause) + " and more"},
		{"cut within a letter", strings.Repeat("a", maxCause-1) + "éé", strings.Repeat("a", maxCause-1) + "  and more"},
		{"of lines", "a\r\nb\x1b[31m", "a  b [31m"},
	} {
		under := errors.New(c.text)
		got := brief(under)
		if got.Error() != c.want || !errors.Is(got, under) {
			t.Errorf("%s: brief = %q, want %q", c.name, got, c.want)
		}
	}
}
