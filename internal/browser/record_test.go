package browser

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBreaches holds the policy against one page for each thing that it stops: the
// red controls of "no violations".
func TestBreaches(t *testing.T) {
	tab := newTab(t)
	for _, test := range []struct {
		name, page string
		directive  string
		blocked    string
	}{
		{"script in the page", document("<h1>x</h1>\n<script>document.title = 'changed'</script>"), "script-src-elem", "inline"},
		{"handler in the page", document(`<h1 onclick="x()">x</h1>`), "script-src-attr", "inline"},
		{"style in the page", document(`<h1>x</h1><style>h1 { color: red }</style>`), "style-src-elem", "inline"},
		{"style of an element", document(`<h1 style="color: red">x</h1>`), "style-src-attr", "inline"},
		{"eval", document(`<h1>x</h1><script src="/eval.js"></script>`), "script-src", "eval"},
		{"picture from elsewhere", document(`<h1>x</h1><img src="http://far.example/x.png" alt="">`), "img-src", "http://far.example/x.png"},
		{"script from elsewhere", document(`<h1>x</h1><script src="http://far.example/x.js"></script>`), "script-src-elem", "http://far.example/x.js"},
		{"call elsewhere", document(`<h1>x</h1><script src="/call.js"></script>`), "connect-src", "http://far.example/x"},
		{"frame", document(`<h1>x</h1><iframe src="/" title="x"></iframe>`), "frame-src", "/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			origin := serve(t, map[string]string{
				"/":        test.page,
				"/eval.js": `try { eval("1") } catch (e) {}`,
				"/call.js": `fetch("http://far.example/x").catch(() => {})`,
			})
			tab := tab.For(t)
			tab.Forget()
			tab.Go(origin + "/")
			tab.Settle()
			found := slices.ContainsFunc(tab.Breaches(), func(b Breach) bool {
				return b.Directive == test.directive && strings.HasSuffix(b.Blocked, test.blocked) && !b.ReportOnly
			})
			if !found {
				t.Errorf("Breaches() = %v, want %s to stop %s", tab.Breaches(), test.directive, test.blocked)
			}
			if tab.Title() == "changed" {
				t.Errorf("the script ran: the policy has been weakened")
			}
		})
	}
}

// TestBreachesWithoutScript checks that breaches are seen when scripts are off.
func TestBreachesWithoutScript(t *testing.T) {
	origin := serve(t, map[string]string{"/": document("<h1>x</h1>\n<p style='color: red'>y</p>")})
	tab := newTab(t)
	tab.SetScript(false)
	tab.Go(origin + "/")
	got := tab.Breaches()
	if len(got) != 1 || got[0].Directive != "style-src-attr" || got[0].URL != origin+"/" || got[0].Line != 13 {
		t.Errorf("Breaches() = %v, want style-src-attr at line 13", got)
	}
}

func TestMessages(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":     document(`<h1>x</h1><script src="/s.js"></script><img src="/absent.png" alt="">`),
		"/s.js": "console.log('a', 1, {b: 2});\nconsole.error('bad');\nthrow new Error('thrown');",
	})
	tab := newTab(t)
	tab.Go(origin + "/")
	tab.Settle()
	for _, want := range []struct {
		level, source, text, url string
		line                     int
	}{
		{"log", "console", "a 1 Object", "/s.js", 1},
		{"error", "console", "bad", "/s.js", 2},
		{"error", "exception", "thrown", "/s.js", 3},
		{"error", "network", "404", "/absent.png", 0},
	} {
		found := slices.ContainsFunc(tab.Messages(), func(m Message) bool {
			return m.Level == want.level && m.Source == want.source && strings.Contains(m.Text, want.text) &&
				m.URL == origin+want.url && (want.line == 0 || m.Line == want.line)
		})
		if !found {
			t.Errorf("Messages() = %v, which lacks %+v", tab.Messages(), want)
		}
	}
	if tab.Forget(); len(tab.Messages())+len(tab.Requests())+len(tab.Dials()) != 0 {
		t.Errorf("Forget() keeps something: %v %v %v", tab.Messages(), tab.Requests(), tab.Dials())
	}
}

func TestRequests(t *testing.T) {
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/go":
			http.SetCookie(w, &http.Cookie{Name: "hop", Value: "1"})
			http.Redirect(w, r, "/here?a=1", http.StatusSeeOther)
		case "/style.css":
			w.Header().Set("Content-Type", "text/css")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Add("X-Two", "one")
			w.Header().Add("X-Two", "two")
			io.WriteString(w, document(`<h1>x</h1><img src="http://far.example/x.png" alt="">`))
		}
	})
	tab := newTab(t)
	r := tab.Go(origin + "/go")
	tab.Settle()
	page := origin + "/here?a=1"
	if r.URL != page || r.Status != 200 || len(r.Header["Set-Cookie"]) != 0 {
		t.Errorf("Go(/go) = %+v, want 200 from %s without the redirect's cookie", r, page)
	}
	if diff := cmp.Diff([]string{"one", "two"}, r.Header["X-Two"]); diff != "" {
		t.Errorf("the answer's X-Two (-want +got):\n%s", diff)
	}
	want := []Request{
		{URL: origin + "/go", Method: "GET", Type: "Document", Page: origin + "/go", Status: 303},
		{URL: page, Method: "GET", Type: "Document", Page: page, Status: 200},
		{URL: origin + "/style.css", Method: "GET", Type: "Stylesheet", Page: page, Status: 200},
		{URL: "http://far.example/x.png", Method: "GET", Type: "Image", Page: page, Failure: "net::ERR_SOCKS_CONNECTION_FAILED"},
	}
	var got []Request
	for _, r := range tab.Requests() {
		if !strings.HasSuffix(r.URL, "/icon.svg") { // whether icons are asked for is the browser's affair
			got = append(got, r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Requests() (-want +got):\n%s", diff)
	}
	if far := (Dial{Address: "far.example:80", Refused: true}); !slices.Contains(tab.Dials(), far) {
		t.Errorf("Dials() = %v, which lacks %v", tab.Dials(), far)
	}
	if got := tab.Strays(origin); len(got) != 2 {
		t.Errorf("Strays() = %q, want the request and the dial", got)
	}
}

func TestCookies(t *testing.T) {
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "bare", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "strict", Value: "2", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: 60})
		http.SetCookie(w, &http.Cookie{Name: "__Host-wrong", Value: "3", Path: "/deep", Secure: true})
		http.SetCookie(w, &http.Cookie{Name: "__Host-right", Value: "4", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
		io.WriteString(w, document("<h1>x</h1>"))
	})
	tab := newTab(t)
	r := tab.Go(origin + "/")
	got := tab.Cookies()
	if len(got) != 3 {
		t.Fatalf("Cookies() = %+v, want 3", got)
	}
	got, right := got[1:], got[0]
	if want := (Cookie{Name: "__Host-right", Value: "4", Domain: "localhost", Path: "/", Secure: true, HTTPOnly: true, SameSite: "Lax"}); right != want {
		t.Errorf("the first of Cookies() = %+v, want %+v", right, want)
	}
	if got[1].Expires.IsZero() {
		t.Errorf("the cookie with an age has no end: %+v", got[1])
	}
	got[1].Expires = got[0].Expires
	want := []Cookie{
		{Name: "bare", Value: "1", Domain: "localhost", Path: "/"},
		{Name: "strict", Value: "2", Domain: "localhost", Path: "/", Secure: true, HTTPOnly: true, SameSite: "Strict"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Cookies() (-want +got):\n%s", diff)
	}
	if len(r.RefusedCookies) != 1 || !strings.Contains(r.RefusedCookies[0], "__Host-wrong") {
		t.Errorf("RefusedCookies = %q, want the __Host- cookie with a path", r.RefusedCookies)
	}
}

func TestDialogs(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":     document(`<h1>x</h1><button type="button">Ask</button><script src="/s.js"></script>`),
		"/s.js": `document.querySelector("button").onclick = () => { document.title = confirm("Really?") }`,
	})
	tab := newTab(t)
	tab.Go(origin + "/")
	tab.Click(Label("Ask"))
	tab.WaitTrue(`document.title === "true"`)
	if got := tab.Dialogs(); !slices.Equal(got, []string{"Really?"}) {
		t.Errorf("Dialogs() = %q", got)
	}
}
