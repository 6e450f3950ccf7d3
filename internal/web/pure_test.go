package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"roundtable/internal/fault"
	"roundtable/internal/web/page"
	"roundtable/internal/web/static"
)

// TestFromHere is the matrix of cross-site requests: what browsers say about where
// a request comes from, with and without a cookie of ours, for every method.
func TestFromHere(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} {
		for _, site := range []string{"", "same-origin", "none", "same-site", "cross-site", "nonsense"} {
			for _, origin := range []string{"", "https://desk.example", "https://evil.example", "http://desk.example:99", "null"} {
				for _, token := range []bool{false, true} {
					r := httptest.NewRequest(method, "https://desk.example/desk/start", nil)
					if site != "" {
						r.Header.Set("Sec-Fetch-Site", site)
					}
					if origin != "" {
						r.Header.Set("Origin", origin)
					}
					if token {
						r.AddCookie(&http.Cookie{Name: "__Host-roundtable", Value: "x"})
					}
					err := fromHere(r, true, http.NewCrossOriginProtection())
					if got, want := err == nil, mayCome(method, site, origin, token); got != want {
						t.Errorf("fromHere(%s, Sec-Fetch-Site %q, Origin %q, cookie %t) allows = %t, want %t", method, site, origin, token, got, want)
					}
				}
			}
		}
	}
}

// mayCome is the rule in other words than the code's.
func mayCome(method, site, origin string, token bool) bool {
	switch {
	case method == "GET" || method == "HEAD" || method == "OPTIONS":
		return true
	case site == "same-origin" || site == "none":
		return true
	case site != "":
		return false
	case origin != "":
		return origin == "https://desk.example"
	}
	return !token
}

// TestFromHereLetsACookieThroughWithoutIt is the control: without our own rule the
// standard library's protection lets the request through.
func TestFromHereLetsACookieThroughWithoutIt(t *testing.T) {
	r := httptest.NewRequest("POST", "https://desk.example/desk/start", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-roundtable", Value: "x"})
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		t.Fatalf("CrossOriginProtection refuses by itself now (%v): our own rule may go", err)
	}
	if err := fromHere(r, true, http.NewCrossOriginProtection()); !errors.Is(err, errElsewhere) {
		t.Errorf("fromHere = %v, want %v", err, errElsewhere)
	}
}

func TestCookies(t *testing.T) {
	for _, tt := range []struct {
		c    cookie
		tls  bool
		want string
	}{
		{sessionCookie, true, "__Host-roundtable=abc; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{sessionCookie, false, "roundtable=abc; Path=/; HttpOnly; SameSite=Lax"},
		{deviceCookie, true, "__Host-roundtable-device=abc; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax"},
		{deviceCookie, false, "roundtable-device=abc; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"},
		{stepCookie, true, "__Host-roundtable-step=abc; Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Lax"},
		{formCookie, true, "__Host-roundtable-form=abc; Path=/; HttpOnly; Secure; SameSite=Strict"},
	} {
		w := httptest.NewRecorder()
		tt.c.set(w, tt.tls, "abc")
		if got := w.Header().Get("Set-Cookie"); got != tt.want {
			t.Errorf("set = %q, want %q", got, tt.want)
		}
		w = httptest.NewRecorder()
		tt.c.clear(w, tt.tls)
		if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "=; Path=/; Max-Age=0; HttpOnly") {
			t.Errorf("clear = %q, want an empty value and Max-Age=0", got)
		}
	}
}

func TestCookieRead(t *testing.T) {
	for _, tt := range []struct{ header, want string }{
		{"", ""}, {"roundtable=a", "a"}, {"roundtable=a; roundtable=b", ""}, {"__Host-roundtable=a", ""}, {"other=x; roundtable=a", "a"},
		{"roundtable=" + strings.Repeat("a", 300), ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", tt.header)
		if got := sessionCookie.read(r, false); got != tt.want {
			t.Errorf("read(%.40q) = %q, want %q", tt.header, got, tt.want)
		}
	}
}

func TestCaller(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		name, remote, forwarded, proto string
		proxies                        []netip.Prefix
		from                           string
		tls                            bool
	}{
		{"nobody is believed", "203.0.113.9:1", "198.51.100.1", "https", nil, "203.0.113.9", false},
		{"a stranger is not believed", "203.0.113.9:1", "198.51.100.1", "https", ours, "203.0.113.9", false},
		{"our proxy is", "10.1.2.3:1", "198.51.100.1", "https", ours, "198.51.100.1", true},
		{"the last of those that are not ours", "10.1.2.3:1", "192.0.2.66, 198.51.100.1, 10.9.9.9", "https", ours, "198.51.100.1", true},
		{"what is beyond rubbish is not", "10.1.2.3:1", "192.0.2.66, rubbish, 10.9.9.9", "http", ours, "10.9.9.9", false},
		{"the nearest proxy says the scheme", "10.1.2.3:1", "198.51.100.1", "https, http", ours, "198.51.100.1", false},
		{"mapped", "[::ffff:10.1.2.3]:1", "::ffff:198.51.100.1", "", ours, "198.51.100.1", false},
		{"v6", "[fd00::1]:1", "2001:db8::5", "https", ours, "2001:db8::5", true},
		{"all ours", "10.1.2.3:1", "10.4.4.4", "https", ours, "10.4.4.4", true},
		{"nothing told", "10.1.2.3:1", "", "", ours, "10.1.2.3", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if tt.proto != "" {
			r.Header.Set("X-Forwarded-Proto", tt.proto)
		}
		from, tls := caller(r, tt.proxies)
		if from.String() != tt.from || tls != tt.tls {
			t.Errorf("%s: caller = %v, %t, want %s, %t", tt.name, from, tls, tt.from, tt.tls)
		}
	}
}

func TestHostName(t *testing.T) {
	for _, tt := range []struct{ host, want string }{
		{"Desk.Example:8080", "desk.example"}, {"desk.example.", "desk.example"}, {"[::1]:80", "::1"}, {"[::1]", "::1"}, {"127.0.0.1:1", "127.0.0.1"},
		{"", ""}, {"a/b", ""}, {"user@desk.example", ""}, {"desk example", ""}, {strings.Repeat("a", 300), ""}, {"desk.example:80:80", "desk.example:80:80"},
	} {
		if got := hostName(tt.host); got != tt.want {
			t.Errorf("hostName(%.30q) = %q, want %q", tt.host, got, tt.want)
		}
	}
}

// form is a form as those of package page.
type form struct {
	page.Form
	Name     string `form:"name"`
	Text     string `form:"text"`
	Password string `form:"password"`
	Tick     bool   `form:"tick"`
	Note     string // not an input
}

func TestFill(t *testing.T) {
	long := strings.Repeat("ä", maxField+3)
	for _, tt := range []struct {
		name, body string
		want       form
		problems   []fault.Field
	}{
		{"nothing", "", form{}, nil},
		{"trimmed", "name=+Imani+&text=a%0D%0Ab%0Dc+", form{Name: "Imani", Text: "a\nb\nc"}, nil},
		{"a secret is left as it is", "password=+a%0D%0A+", form{Password: " a\r\n "}, nil},
		{"ticked", "tick=yes", form{Tick: true}, nil},
		{"not ticked by anything else", "tick=on", form{}, nil},
		{"unknown fields are ignored", "Note=x&note=x&Form=x&problems=x&other=x", form{}, nil},
		{"twice", "name=a&name=b", form{}, []fault.Field{{Name: "name", Message: "Fill this in once."}}},
		{"not text", "name=%ff", form{}, []fault.Field{{Name: "name", Message: "This has signs that we cannot read. Type it again."}}},
		{"control characters", "name=a%00b&text=%1b", form{}, []fault.Field{
			{Name: "name", Message: "This has signs that we cannot read. Type it again."}, {Name: "text", Message: "This has signs that we cannot read. Type it again."},
		}},
		{"too long, and still there", "text=" + url.QueryEscape(long), form{Text: long}, []fault.Field{{Name: "text", Message: "This is 3 characters too long. Make it shorter."}}},
		{"markup is text", "name=" + url.QueryEscape(`<script>alert(1)</script>`), form{Name: `<script>alert(1)</script>`}, nil},
	} {
		values, err := parseForm(tt.body)
		if err != nil {
			t.Fatal(err)
		}
		var got form
		err = fill(&got, values)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: fill (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.problems, fault.FieldsOf(err)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestParseFormIsBounded(t *testing.T) {
	if _, err := parseForm(strings.Repeat("a=1&", maxFields)); !errors.Is(err, errFormFields) {
		t.Errorf("parseForm(%d fields) = %v, want %v", maxFields+1, err, errFormFields)
	}
	if _, err := parseForm("a=%zz-secret"); !errors.Is(err, errFormText) || strings.Contains(err.Error(), "secret") {
		t.Errorf("parseForm(rubbish) = %v, want %v and nothing of what was typed", err, errFormText)
	}
}

func FuzzFill(f *testing.F) {
	for _, seed := range []string{"", "name=a", "name=%00&text=%ff", "password=+%0D%0A", "tick=yes&tick=no", "a&b&c", ";;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := parseForm(body)
		if err != nil {
			return
		}
		var got form
		err = fill(&got, values)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("fill(%q) = %v, want an Invalid fault or none", body, err)
		}
		for _, text := range []string{got.Name, got.Text} {
			if text != strings.TrimSpace(text) || strings.ContainsAny(text, "\x00\x1b\r") {
				t.Fatalf("fill(%q) keeps %q", body, text)
			}
		}
	})
}

func FuzzIsLocal(f *testing.F) {
	for _, seed := range []string{"/desk", "//evil.example", "/\\evil.example", "/%2f/evil", "https://evil.example", "/a?b=c#d", "/\t/evil", "/@x", "/..//x"} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://desk.example/signin")
	f.Fuzz(func(t *testing.T, path string) {
		if !isLocal(path) {
			return
		}
		to, err := base.Parse(path)
		if err != nil || to.Host != "desk.example" || to.Scheme != "https" || strings.ContainsAny(path, "\r\n\t\\") {
			t.Fatalf("isLocal(%q) = true, and it leads to %v (%v)", path, to, err)
		}
	})
}

func FuzzRouter(f *testing.F) {
	r, err := newRouter(routes())
	if err != nil {
		f.Fatal(err)
	}
	for _, place := range sitemap {
		_, address, _ := strings.Cut(place, " ")
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		for _, method := range []string{"GET", "POST", "X"} {
			found, values := r.find(method, u)
			if found == nil {
				continue
			}
			for name, value := range values {
				if value == "" && !strings.Contains(found.path, "...") {
					t.Fatalf("find(%s %q) = %s with an empty %s", method, address, found.path, name)
				}
			}
		}
	})
}

func TestContentPolicy(t *testing.T) {
	want := "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker"
	if linkedPolicy != want {
		t.Errorf("linkedPolicy = %q, want %q", linkedPolicy, want)
	}
	if want := strings.Replace(want, "style-src 'self'", "style-src 'self' "+static.CriticalHash, 1); inlinePolicy != want {
		t.Errorf("inlinePolicy = %q, want %q", inlinePolicy, want)
	}
	for _, p := range []string{linkedPolicy, inlinePolicy} {
		if strings.Contains(p, "unsafe") || strings.Contains(p, "*") || strings.Contains(p, "http:") || strings.Contains(p, "data:") {
			t.Errorf("the policy %q lets in more than it ought to", p)
		}
	}
}

func TestPermissions(t *testing.T) {
	for f := range features(8) {
		got := permissionsOf[f]
		for feature, bit := range map[string]features{"camera": camera, "publickey-credentials-get": passkeys, "publickey-credentials-create": passkeys, "screen-wake-lock": awake, "microphone": 0, "geolocation": 0} {
			want := feature + "=()"
			if f&bit != 0 {
				want = feature + "=(self)"
			}
			if !strings.Contains(got+",", want+",") {
				t.Errorf("permissions of %b = %q, want %q in it", f, got, want)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(redact(slog.NewTextHandler(&b, nil)))
	log.With("Remote", "203.0.113.9").WithGroup("g").Info("x", "query", "canary-1", "status", 200, slog.Group("in", "user_agent", "canary-2", "route", "/desk"), "form", struct{ Name string }{"canary-3"})
	for _, never := range []string{"canary", "203.0.113.9"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("the log has %q: %s", never, b.String())
		}
	}
	for _, always := range []string{"status=200", "route=/desk"} {
		if !strings.Contains(b.String(), always) {
			t.Errorf("the log has no %q: %s", always, b.String())
		}
	}
}

func TestConnectionErrorsHaveNoAddress(t *testing.T) {
	var b bytes.Buffer
	log := slog.NewLogLogger(connections{slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})}, slog.LevelDebug)
	log.Printf("http: TLS handshake error from 203.0.113.9:55555: EOF")
	log.Printf("http: panic serving 203.0.113.9:55555: secret")
	log.Printf("http: URL query contains semicolon, which is no longer a supported separator; [2001:db8::1]:80")
	for _, never := range []string{"203.0.113.9", "2001:db8", "secret"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("the log has %q: %s", never, b.String())
		}
	}
	if !strings.Contains(b.String(), "TLS handshake error") {
		t.Errorf("the log does not say what went wrong: %s", b.String())
	}
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
	}{
		{fault.Missing(), 404}, {fault.Refuse("a.", "b."), 403}, {fault.Clash("a.", "b."), 409}, {fault.Over("a.", "b."), 410},
		{fault.Broken(errors.New("x")), 500}, {errors.New("x"), 500}, {fmt.Errorf("wrapped: %w", fault.Missing()), 404},
		{wrongName, 421}, {wrongMethod, 405}, {tooLarge, 413}, {tooSoon(time.Second), 429}, {&http.MaxBytesError{Limit: 1}, 413},
		{context.Canceled, 503}, {&refusal{notAsked, errElsewhere}, 403},
	} {
		got := outcomeOf(tt.err)
		if got.status != tt.status || got.words == "" || strings.Contains(got.words, "x") && tt.status == 500 && got.words != fault.Words(tt.err) {
			t.Errorf("outcomeOf(%v) = %d %q, want %d and words", tt.err, got.status, got.words, tt.status)
		}
	}
	for _, kind := range fault.Kinds {
		if outcomes[kind].status < 400 {
			t.Errorf("a fault of the kind %s has no answer", kind)
		}
	}
}

func TestWaitWords(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1 second", 300 * time.Millisecond: "1 second", 1100 * time.Millisecond: "2 seconds", time.Minute: "60 seconds", 61 * time.Second: "2 minutes"} {
		if got := waitWords(d); got != want {
			t.Errorf("waitWords(%v) = %q, want %q", d, got, want)
		}
	}
}
