package web

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// places are the values of paths, by name: things that are there in library A.
func (w *world) places(t *testing.T) map[string]string {
	t.Helper()
	id := w.startWalk(t)
	return map[string]string{
		"alert": alertOf(t, w, w.A.As(t, people.Director), id), "case": id, "step": "1", "part": "people", "person": w.persons["desk"], "branch": string(w.A.Branch), "playbook": "officer",
		"token": "no-such-token", "file...": "none.css", "scenario": "officer", "run": someID(t, 1), "roundtable": someID(t, 2), "room": "large",
		"request": someID(t, 3), "topic": "food", "short": "abc", "code": "ABC", "lang": "en", "handout": "conduct_rules",
	}
}

// alertOf is the first alert of a case.
func alertOf(t *testing.T, w *world, who app.Who, id string) string {
	t.Helper()
	list, err := w.App.CaseAlerts(t.Context(), who, store.CaseID(id))
	if err != nil || len(list) == 0 {
		t.Fatalf("CaseAlerts(%s) = %v, %v; want one", id, list, err)
	}
	return string(list[0].ID)
}

// startWalk begins a walk at the device, through the page, and returns its id.
func (w *world) startWalk(t *testing.T) string {
	t.Helper()
	to := w.browsers["device"].posts(303, "/desk/start", "playbook", "officer").Header().Get("Location")
	return strings.Split(to, "/")[2]
}

// someID is an id that never was.
func someID(t *testing.T, seed byte) string {
	t.Helper()
	id, err := people.NewID[string](start, seeded(seed))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var value = regexp.MustCompile(`\{([^}]+)\}`)

// fillPath puts values into a path; one that is not known is an id that never was.
func fillPath(t *testing.T, path string, with map[string]string) string {
	t.Helper()
	return value.ReplaceAllStringFunc(path, func(named string) string {
		if text, ok := with[strings.Trim(named, "{}")]; ok {
			return text
		}
		return someID(t, 9)
	})
}

// ask asks a route as a browser does: with an empty form, or with empty JSON.
func (b *client) ask(row *route, address string) *httptest.ResponseRecorder {
	kind, body := "", ""
	switch {
	case row.json:
		kind, body = "application/json", "{}"
	case row.picture:
		kind, body = "multipart/form-data; boundary=x", "--x--\r\n"
	case row.method == post:
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(row.method, address, kind, body)
}

// endings are the routes that end what later ones would need, in each standing.
var endings = map[string]bool{"POST /lock/now": true, "POST /signout": true}

// TestEveryRouteByStanding asks every route in every standing and holds the
// statuses to testdata/routes.txt, which is read at each change like the code.
func TestEveryRouteByStanding(t *testing.T) {
	w := fullWorld(t)
	with := w.places(t)
	table := routes()
	var rows []route
	for _, row := range table {
		if !endings[row.name()] && row.path != "/events" {
			rows = append(rows, row)
		}
	}
	for _, path := range []string{"/lock/now", "/signout"} {
		found, _ := testRouter(t).find(post, &url.URL{Path: path})
		rows = append(rows, *found)
	}
	statuses := map[string]string{}
	for _, row := range rows {
		address := fillPath(t, row.path, with)
		var list []string
		for _, standing := range w.standings() {
			w.Clock.Move(2 * time.Second)
			answer := w.browsers[standing].ask(&row, address)
			if answer.Code >= 500 {
				t.Errorf("%s as %s = %d: %s\n%s", row.name(), standing, answer.Code, problemsOf(answer), tail(w.Log.String()))
			}
			list = append(list, fmt.Sprintf("%3d", answer.Code))
		}
		statuses[row.name()] = strings.Join(list, "  ")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Every route, the act it does, and what is answered by standing, in library A with things that are there,\n# an empty form or empty JSON. Made by a test with -update; read the difference.\n# %s\n\n", strings.Join(w.standings(), ", "))
	for _, row := range table {
		if row.path == "/events" {
			continue // a test of its own
		}
		act := string(row.act)
		if act == "" {
			act = "-"
		}
		fmt.Fprintf(&b, "%-62s %-22s %s\n", row.name(), act, statuses[row.name()])
	}
	golden(t, "testdata/routes.txt", b.Bytes())
}

// elsewhere are the values of paths that are there in library B.
func (w *world) elsewhere(t *testing.T) map[string]string {
	t.Helper()
	ctx := t.Context()
	who := w.B.AtDesk(t)
	id, err := w.App.StartWalk(ctx, who, app.StartForm{Playbook: "officer"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.App.Record(ctx, who, id, walk.Event{Kind: walk.Noted, Text: "canary"}); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"alert": alertOf(t, w, w.B.As(t, people.Director), string(id)), "case": string(id), "person": string(w.B.Login(t, people.Desk).Person), "branch": string(w.B.Branch)}
}

// TestAnotherLibraryIsNotThere: in every standing and on every route with an id in
// it, what another library has is answered byte for byte as what never was.
func TestAnotherLibraryIsNotThere(t *testing.T) {
	w := fullWorld(t)
	with, other, none := w.places(t), w.elsewhere(t), map[string]string{}
	for name := range other {
		none[name] = someID(t, byte(10+len(name)))
	}
	compared := 0
	for _, row := range routes() {
		named := value.FindStringSubmatch(row.path)
		if named == nil || other[named[1]] == "" {
			continue
		}
		theirs, nobodys := clone(with), clone(with)
		theirs[named[1]], nobodys[named[1]] = other[named[1]], none[named[1]]
		for _, standing := range w.standings() {
			w.Clock.Move(2 * time.Second)
			b := w.browsers[standing]
			a := answerText(b.ask(&row, fillPath(t, row.path, theirs)), theirs[named[1]])
			c := answerText(b.ask(&row, fillPath(t, row.path, nobodys)), nobodys[named[1]])
			if a != c {
				t.Errorf("%s as %s: another library's id and a random one are answered differently:\n%s", row.name(), standing, firstDifference([]byte(a), []byte(c)))
			}
			compared++
		}
	}
	if compared < 200 {
		t.Errorf("only %d answers were compared", compared)
	}
	// The control: the library's own case is answered otherwise.
	own := answerText(w.browsers["device"].get("/i/"+with["case"]), with["case"])
	if never := answerText(w.browsers["device"].get("/i/"+none["case"]), none["case"]); own == never {
		t.Error("the device's own walk is answered as a random id is: the test compares nothing")
	}
}

func clone(m map[string]string) map[string]string {
	c := map[string]string{}
	for k, v := range m {
		c[k] = v
	}
	return c
}

// answerText is all of an answer, with the id that was asked for made the same.
func answerText(answer *httptest.ResponseRecorder, id string) string {
	var b strings.Builder
	fmt.Fprintln(&b, answer.Code)
	for _, name := range []string{"Location", "Content-Type", "Content-Length", "Set-Cookie", "Content-Security-Policy", "Allow", "Retry-After"} {
		fmt.Fprintln(&b, name, answer.Header().Values(name))
	}
	b.WriteString(answer.Body.String())
	return strings.ReplaceAll(b.String(), id, "ID")
}

// TestHeadersOnEveryRoute: every answer has the headers, whatever it is.
func TestHeadersOnEveryRoute(t *testing.T) {
	w := fullWorld(t)
	with := w.places(t)
	answers := map[string]*httptest.ResponseRecorder{}
	for _, row := range routes() {
		if row.path == "/events" || row.path == "/sw.js" || endings[row.name()] {
			continue // a stream, and a worker that has a policy of its own: each has its own test
		}
		for _, standing := range []string{"stranger", "device", "director"} {
			w.Clock.Move(2 * time.Second)
			answers[standing+" "+row.name()] = w.browsers[standing].ask(&row, fillPath(t, row.path, with))
		}
	}
	b := w.browsers["director"]
	answers["unknown"] = b.get("/nothing/here")
	answers["method"] = b.send("DELETE", "/desk", "", "")
	answers["large"] = b.send("POST", "/signin", "application/x-www-form-urlencoded", strings.Repeat("a", maxForm+1))
	answers["cross"] = crossSite(w)
	for what, answer := range answers {
		h := answer.Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=63072000", "Cache-Control": "no-store",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s = %q, want %q", what, name, h.Get(name), want)
			}
		}
		if p := h.Get("Content-Security-Policy"); p != linkedPolicy && p != inlinePolicy {
			t.Errorf("%s: Content-Security-Policy = %q", what, p)
		}
		body := answer.Body.String()
		if (h.Get("Content-Security-Policy") == inlinePolicy) != strings.Contains(body, "<style>") {
			t.Errorf("%s: the style's hash is in the policy exactly when the style is in the page: want both or neither", what)
		}
		if strings.Contains(body, "<script>") || strings.Contains(body, " style=") || strings.Contains(body, " onclick=") || strings.Contains(body, "javascript:") {
			t.Errorf("%s: there is script or style in the page", what)
		}
		if strings.Count(h.Get("Permissions-Policy"), "(self)") > 2 || !strings.Contains(h.Get("Permissions-Policy"), "geolocation=()") {
			t.Errorf("%s: Permissions-Policy = %q", what, h.Get("Permissions-Policy"))
		}
		for _, c := range answer.Result().Cookies() {
			if !c.HttpOnly || !c.Secure || c.Path != "/" || !strings.HasPrefix(c.Name, "__Host-") || c.Domain != "" || c.SameSite == 0 {
				t.Errorf("%s: the cookie %q is not kept to this host", what, c.Raw)
			}
		}
	}
}

// crossSite is a form from elsewhere, with the director's cookies.
func crossSite(w *world) *httptest.ResponseRecorder {
	b := w.browser()
	b.cookies = clone(w.browsers["director"].cookies)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	return b.post("/me/keys", "keys", "off")
}

// TestCrossSiteOnEveryForm: no form is taken from elsewhere, nor with a cookie and
// without a word of where it comes from.
func TestCrossSiteOnEveryForm(t *testing.T) {
	w := fullWorld(t)
	with := w.places(t)
	for _, row := range routes() {
		if row.method != post {
			continue
		}
		address := fillPath(t, row.path, with)
		for _, how := range []struct {
			name   string
			header map[string][]string
		}{
			{"cross-site", map[string][]string{"Sec-Fetch-Site": {"cross-site"}}},
			{"same-site", map[string][]string{"Sec-Fetch-Site": {"same-site"}}},
			{"another origin", map[string][]string{"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}}},
			{"an origin that is hidden", map[string][]string{"Sec-Fetch-Site": nil, "Origin": {"null"}}},
			{"no word, with a cookie", map[string][]string{"Sec-Fetch-Site": nil}},
		} {
			b := w.browser()
			b.cookies = clone(w.browsers["director"].cookies)
			for name, values := range how.header {
				b.header[name] = values
			}
			before := len(w.Log.String())
			if answer := b.ask(&row, address); answer.Code != 403 {
				t.Errorf("%s, %s = %d, want 403", row.name(), how.name, answer.Code)
			}
			if strings.Contains(w.Log.String()[before:], "panic") {
				t.Errorf("%s, %s: a panic", row.name(), how.name)
			}
		}
	}
	if w.browsers["director"].get("/desk").Code != 200 {
		t.Error("the director was signed out by a form from elsewhere")
	}
}

// TestWorkerHeaders: the worker's script may reach this server and nothing else, and
// is looked at anew each time, so that a device gets a mended one.
func TestWorkerHeaders(t *testing.T) {
	w := smallWorld(t)
	h := w.browsers["stranger"].gets(200, "/sw.js").Header()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; connect-src 'self'", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
	} {
		if h.Get(name) != want {
			t.Errorf("GET /sw.js: %s = %q, want %q", name, h.Get(name), want)
		}
	}
}
