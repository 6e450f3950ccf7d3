package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store/storetest"
)

// smallWorld is one library with its director, as browser "director", and a device.
func smallWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, apptest.New(t, storetest.SQLite(t)))
	b := w.browser()
	b.cookies["__Host-roundtable"] = w.A.Login(t, people.Director).Token
	w.browsers["director"] = b
	_, token := w.A.Device(t, w.A.Branch)
	w.browsers["device"] = w.browser()
	w.browsers["device"].cookies["__Host-roundtable-device"] = token
	return w
}

const canary = `Zoë "canary" <script>alert(1)</script> {{.}} &amp; '/><b>`

// TestFormsKeepWhatWasTyped: a form that has to be changed comes back with all that
// was typed but secrets, and what was typed stays text.
func TestFormsKeepWhatWasTyped(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	for _, tt := range []struct {
		address string
		pairs   []string
		keeps   []string // values that are shown again
		never   []string
		message string
	}{
		{"/manage/people/invite", []string{"name", canary, "initials", "far too long", "mail", "no address", "role", "desk", "until", "tomorrow"}, []string{canary, "far too long", "no address", "tomorrow"}, nil, "Write the date as year, month, day"},
		{"/manage/branches/new", []string{"name", canary, "phone", "555 0101", "zone", "Nowhere/Never", "emergency", canary}, []string{canary, "555 0101", "Nowhere/Never"}, nil, ""},
		{"/manage/settings", []string{"name", "", "website", canary, "mail", "x y z"}, []string{canary, "x y z"}, nil, ""},
		{"/me/password", []string{"current", "secret-now", "password", "secret-new"}, nil, []string{"secret-now", "secret-new"}, ""},
		{"/me/pin", []string{"pin", "1111"}, nil, []string{`value="1111"`}, ""},
		{"/me/codes", []string{"code", "000000"}, nil, []string{`value="000000"`}, ""},
		{"/manage/devices/new", []string{"name", canary, "branch", ""}, []string{canary}, nil, "Choose the branch"},
	} {
		b.get(tt.address) // as people do first
		answer := b.post(tt.address, tt.pairs...)
		if answer.Code != 422 && answer.Code != 403 {
			t.Errorf("POST %s = %d, want 422 (or 403 for a wrong secret): %s", tt.address, answer.Code, problemsOf(answer))
			continue
		}
		for _, value := range tt.keeps {
			if !strings.Contains(inputs(answer), value) {
				t.Errorf("POST %s does not show %q again", tt.address, value)
			}
		}
		body := answer.Body.String()
		for _, never := range append(tt.never, "<script>alert", "<b>") {
			if never != "<b>" && strings.Contains(body, never) {
				t.Errorf("POST %s shows %q", tt.address, never)
			}
		}
		if !strings.Contains(problemsOf(answer), tt.message) || !strings.Contains(body, `id="problems"`) {
			t.Errorf("POST %s does not say what has to be changed: %s", tt.address, problemsOf(answer))
		}
	}
}

// inputs is a page with its escapes undone, for looking for values.
func inputs(answer *httptest.ResponseRecorder) string {
	r := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&", "&#43;", "+")
	return r.Replace(answer.Body.String())
}

// TestInjectedNamesStayText: what is kept under an ugly name is shown as text on
// every page that shows it.
func TestInjectedNamesStayText(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	b.posts(303, "/manage/branches/new", "name", `<img src=x onerror=alert(1)>`, "zone", "America/New_York", "emergency", `"><svg onload=alert(1)>`)
	b.posts(200, "/manage/people/invite", "name", `<b onclick=alert(1)>Eve</b>`, "initials", "EV", "mail", "eve@elm.example", "role", "desk", "how", "slip")
	for _, row := range routes() {
		if row.method != get || strings.Contains(row.path, "{") || row.path == "/events" {
			continue
		}
		body := b.get(row.path + "?q=%3Cscript%3Ealert(1)%3C/script%3E&next=javascript:alert(1)&state=%22%3E%3Cscript%3E").Body.String()
		for _, never := range []string{"<img src=x", "<svg onload", "<b onclick", "<script>", `href="javascript:`, `value="javascript:`} {
			if strings.Contains(body, never) {
				t.Errorf("GET %s shows %q", row.path, never)
			}
		}
	}
	if page := b.gets(200, "/manage/branches").Body.String(); !strings.Contains(page, "&lt;img src=x") {
		t.Error("the page of branches does not show the name: the test looks for nothing")
	}
}

// TestLogTellsNothing: nothing of what is asked, typed or sent along is in the log.
func TestLogTellsNothing(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	b.place, b.header["User-Agent"], b.header["Referer"] = "198.51.100.99:99", []string{"canary-agent"}, []string{"https://canary.example"}
	b.post("/manage/people/invite", "name", "canary-name", "mail", "canary-mail", "role", "canary-role", "until", "canary-until")
	b.get("/desk/all?q=canary-query")
	b.get("/i/" + someID(t, 4))
	b.get("/invite/canary-token")
	b.get("/canary-path")
	b.send("CANARY", "/desk", "", "")
	b.post("/signin", "name", "canary-account", "password", "canary-password")
	b.send("POST", "/signin/passkey/finish", "application/json", `{"id":"canary-passkey"}`)
	b.send("POST", "/desk/start", "canary/type", "canary-body")
	log := w.Log.String()
	for _, never := range []string{"canary", "CANARY", "198.51.100", someID(t, 4), b.cookies["__Host-roundtable"]} {
		if strings.Contains(log, never) {
			t.Errorf("the log has %q: %s", never, lineWith(log, never))
		}
	}
	for _, always := range []string{"route=/i/{case}", "route=/invite/{token}", "route=none", "method=other", "status=404"} {
		if !strings.Contains(log, always) {
			t.Errorf("the log has no %q", always)
		}
	}
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// TestLockedFormIsKept: a form that is sent without script to a session that has
// locked is not lost: after unlocking it is there to be sent.
func TestLockedFormIsKept(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	b.gets(200, "/manage/people/invite")
	w.Clock.Move(signin.IdleTime)
	if to := b.gets(303, "/manage/people").Header().Get("Location"); to != "/lock?next=%2Fmanage%2Fpeople" {
		t.Errorf("a locked session is led to %q, want to unlock", to)
	}
	answer := b.posts(303, "/manage/people/invite", "name", "Kept Person", "initials", "KP", "mail", "kept@elm.example", "role", "desk", "how", "slip")
	if to := answer.Header().Get("Location"); to != "/lock" {
		t.Errorf("a form to a locked session leads to %q, want /lock", to)
	}
	if page := problemsOf(b.gets(200, "/lock")); !strings.Contains(page, "What was typed is kept") || strings.Contains(page, "Kept Person") {
		t.Errorf("the lock does not say that it is kept, or shows it: %s", page)
	}
	b.posts(403, "/lock", "secret", "wrong words entirely")
	if to := b.posts(303, "/lock", "secret", apptest.Password).Header().Get("Location"); to != "/lock/kept" {
		t.Errorf("unlocking leads to %q, want to what is kept", to)
	}
	page := b.gets(200, "/lock/kept").Body.String()
	if !strings.Contains(page, `value="Kept Person"`) || !strings.Contains(page, `action="/manage/people/invite"`) {
		t.Fatalf("what was kept is not there: %s", page)
	}
	b.posts(200, "/manage/people/invite", "name", "Kept Person", "initials", "KP", "mail", "kept@elm.example", "role", "desk", "how", "slip")
	if to := b.gets(303, "/lock/kept").Header().Get("Location"); to != "/desk" {
		t.Errorf("what was sent is kept still: leads to %q", to)
	}
	if people := problemsOf(b.gets(200, "/manage/people")); !strings.Contains(people, "Kept Person") {
		t.Error("the person was not invited")
	}
}

// TestLockOverThePage is what script does: lock, and unlock over the same page.
func TestLockOverThePage(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	b.header["Accept"] = []string{"application/json"}
	b.posts(200, "/lock/now")
	answer := b.posts(403, "/lock", "secret", "wrong words entirely", "next", "/manage/people?x=1")
	var told struct{ Message, Location string }
	decode(t, answer, &told)
	if told.Message == "" {
		t.Errorf("a wrong secret is answered %q, want a message", answer.Body)
	}
	decode(t, b.posts(200, "/lock", "secret", apptest.Password, "next", "/manage/people?x=1"), &told)
	if told.Location != "/manage/people?x=1" {
		t.Errorf("unlocking leads to %q, want the same page", told.Location)
	}
	w.Clock.Move(signin.SessionTime)
	b.posts(401, "/lock", "secret", apptest.Password)
}

func decode(t *testing.T, answer *httptest.ResponseRecorder, into any) {
	t.Helper()
	if kind := answer.Header().Get("Content-Type"); kind != "application/json" {
		t.Fatalf("Content-Type = %q, want application/json", kind)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

// TestPasskeyThroughThePages adds a passkey and signs in with it, as script does.
func TestPasskeyThroughThePages(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	key := &apptest.Authenticator{Origin: "https://" + host}
	options := b.posts(200, "/me/passkeys/begin", "name", "My key")
	b.want(b.send("POST", "/me/passkeys/finish", "application/json", string(key.Create(t, options.Body.Bytes()))), 200, "finish")
	if page := problemsOf(b.gets(200, "/me/passkeys")); !strings.Contains(page, "My key") {
		t.Errorf("the passkey is not shown: %s", page)
	}
	fresh := w.browser()
	fresh.gets(200, "/signin")
	options = fresh.posts(200, "/signin/passkey/begin")
	answer := fresh.want(fresh.send("POST", "/signin/passkey/finish?next=%2Fmanage%2Fpeople", "application/json", string(key.Get(t, options.Body.Bytes()))), 200, "sign in")
	var told wayOn
	decode(t, answer, &told)
	if told.Location != "/manage/people" || fresh.cookies["__Host-roundtable"] == "" {
		t.Errorf("signing in with a passkey leads to %q with cookies %v", told.Location, fresh.cookies)
	}
	fresh.gets(200, "/manage/people")
	fresh.posts(303, "/lock/now")
	options = fresh.posts(200, "/lock/passkey/begin")
	fresh.want(fresh.send("POST", "/lock/passkey/finish", "application/json", string(key.Get(t, options.Body.Bytes()))), 200, "unlock")
	fresh.gets(200, "/manage/people")
}

func TestCodesAfterThePassword(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	offer, err := w.OfferCodes(t.Context(), w.A.As(t, people.Director))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := signin.ParseSeed(offer.Text)
	if err != nil {
		t.Fatal(err)
	}
	if page := b.gets(200, "/me/codes").Body.String(); !strings.Contains(page, "<svg") {
		t.Error("the page of codes has no QR code")
	}
	b.posts(303, "/me/codes", "code", codeAt(seed, w.Clock.Now()))
	w.Clock.Move(time.Minute)
	fresh := w.browser()
	form := []string{"name", w.A.Login(t, people.Director).Form.Mail, "password", apptest.Password, "next", "/manage/people"}
	if to := fresh.posts(303, "/signin", form...).Header().Get("Location"); to != "/signin/code?next=%2Fmanage%2Fpeople" {
		t.Errorf("the password leads to %q, want the code", to)
	}
	if fresh.cookies["__Host-roundtable"] != "" {
		t.Error("the password alone gives a session")
	}
	fresh.gets(200, "/signin/code?next=%2Fmanage%2Fpeople")
	fresh.gets(303, "/manage/people")
	fresh.posts(422, "/signin/code", "code", "000000")
	if to := fresh.posts(303, "/signin/code", "code", codeAt(seed, w.Clock.Now()), "next", "/manage/people").Header().Get("Location"); to != "/manage/people" {
		t.Errorf("the code leads to %q, want /manage/people", to)
	}
	fresh.gets(200, "/manage/people")
	if fresh.cookies["__Host-roundtable-step"] != "" {
		t.Error("the cookie of the half-done sign-in is still there")
	}
}

// codeAt finds the code that an authenticator shows at a time. The seed takes those of
// the periods beside it too, which are not what a person reads off: taken a minute
// later, one of them can be the code of before.
func codeAt(seed signin.Seed, at time.Time) string {
	for n := range 1_000_000 {
		code := pad(n)
		if period, ok := seed.Verify(code, at, 0); ok && period == at.Unix()/30 {
			return code
		}
	}
	return ""
}

func pad(n int) string {
	text := "000000" + count(n)
	return text[len(text)-6:]
}

// TestDoublePress: two presses of one button are one invitation, and both show it.
func TestDoublePress(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	form := []string{"name", "Twice Told", "initials", "TT", "mail", "twice@elm.example", "role", "desk", "how", "slip"}
	first := invitationIn(t, b.posts(200, "/manage/people/invite", form...))
	if second := invitationIn(t, b.posts(200, "/manage/people/invite", form...)); second != first {
		t.Errorf("the second press shows %q, want %q", second, first)
	}
	w.Clock.Move(pressTime)
	if again := b.post("/manage/people/invite", form...); again.Code == 200 && invitationIn(t, again) == first {
		t.Error("the press is remembered too long")
	}
	d := w.browsers["device"]
	one, two := d.posts(303, "/desk/start", "playbook", "officer"), d.posts(303, "/desk/start", "playbook", "officer")
	if one.Header().Get("Location") != two.Header().Get("Location") {
		t.Error("two presses start two walks")
	}
}

func TestSignedOutAndInAgainAtOnce(t *testing.T) {
	w := smallWorld(t)
	b := w.browser()
	form := []string{"name", w.A.Login(t, people.Director).Form.Mail, "password", apptest.Password}
	b.gets(200, "/signin")
	b.posts(303, "/signin", form...)
	old := b.cookies["__Host-roundtable"]
	b.posts(303, "/signout")
	b.posts(303, "/signin", form...)
	if b.cookies["__Host-roundtable"] == old {
		t.Error("the second sign-in gets the first one's session")
	}
	b.gets(200, "/desk")
}

func TestHosts(t *testing.T) {
	w := smallWorld(t)
	for _, tt := range []struct {
		host   string
		path   string
		status int
	}{
		{host, "/signin", 200}, {"DESK.elm.example.:443", "/signin", 200}, {"localhost:8080", "/signin", 200}, {"127.0.0.1", "/signin", 200}, {"[::1]:80", "/signin", 200},
		{"evil.example", "/signin", 421}, {"desk.elm.example.evil.example", "/signin", 421}, {"", "/signin", 421}, {"10.0.0.1", "/signin", 421},
		{"evil.example", "/health", 200},
	} {
		b := w.browser()
		b.host = tt.host
		if answer := b.get(tt.path); answer.Code != tt.status {
			t.Errorf("GET %s from %q = %d, want %d", tt.path, tt.host, answer.Code, tt.status)
		}
	}
	empty := emptyWorld(t)
	b := empty.browser()
	b.host = "any.example"
	b.gets(200, "/setup")
}

func TestMethodsAndPaths(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["director"]
	for _, tt := range []struct {
		method, path string
		status       int
		allow, to    string
	}{
		{"HEAD", "/desk", 200, "", ""}, {"DELETE", "/desk", 405, "GET, HEAD", ""}, {"GET", "/desk/start", 405, "POST", ""},
		{"OPTIONS", "/signin", 405, "GET, HEAD, POST", ""}, {"GET", "/desk/", 308, "", "/desk"}, {"GET", "/manage/people///", 308, "", "/manage/people"},
		{"GET", "/nothing/", 404, "", ""}, {"GET", "/" + strings.Repeat("a", maxPath), 404, "", ""}, {"TRACE", "/desk", 405, "GET, HEAD", ""},
		{"GET", "/static/../desk", 404, "", ""},
	} {
		answer := b.send(tt.method, tt.path, "", "")
		if answer.Code != tt.status || answer.Header().Get("Allow") != tt.allow || answer.Header().Get("Location") != tt.to {
			t.Errorf("%s %.40s = %d, Allow %q, to %q, want %d, %q, %q", tt.method, tt.path, answer.Code, answer.Header().Get("Allow"), answer.Header().Get("Location"), tt.status, tt.allow, tt.to)
		}
		if tt.method == "HEAD" && answer.Body.Len() != 0 {
			t.Errorf("HEAD %s has a body", tt.path)
		}
	}
	for _, tt := range []struct {
		kind, body string
		status     int
	}{
		{"application/x-www-form-urlencoded", strings.Repeat("a=1&", maxFields+1), 400}, {"application/x-www-form-urlencoded", "a=%zz", 400},
		{"text/plain", "keys=off", 415}, {"application/json", "{}", 415}, {"", "keys=off", 415},
		{"application/x-www-form-urlencoded; charset=utf-8", "keys=off", 303},
		{"application/x-www-form-urlencoded", strings.Repeat("a", maxForm+1), 413},
	} {
		if answer := b.send("POST", "/me/keys", tt.kind, tt.body); answer.Code != tt.status {
			t.Errorf("POST /me/keys as %q = %d, want %d", tt.kind, answer.Code, tt.status)
		}
	}
	if answer := chunked(b, "/me/keys", strings.Repeat("a", maxForm+1)); answer.Code != 413 {
		t.Errorf("a form of unknown length that is too large = %d, want 413", answer.Code)
	}
}

// chunked sends a form without saying how long it is.
func chunked(b *client, address, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", address, struct{ *strings.Reader }{strings.NewReader(body)})
	r.ContentLength, r.Host, r.TLS = -1, b.host, &tls.ConnectionState{}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.w.handler.ServeHTTP(answer, r)
	return answer
}

func TestStrangersAreCounted(t *testing.T) {
	w := smallWorld(t)
	b := w.browsers["stranger"]
	for range strangersAsk.Burst {
		b.gets(200, "/help")
	}
	answer := b.gets(429, "/help")
	if answer.Header().Get("Retry-After") == "" || !strings.Contains(problemsOf(answer), "1 second") {
		t.Errorf("the answer does not say how long to wait: %s", problemsOf(answer))
	}
	if other := w.browser(); other.get("/help").Code != 200 {
		t.Error("somebody elsewhere is refused too")
	}
	if d := w.browsers["device"]; d.get("/desk").Code != 200 {
		t.Error("a device is refused too")
	}
	w.Clock.Move(time.Second)
	b.gets(200, "/help")
}

// TestPanicBecomesAPage: whatever goes wrong in a handler, there is a page, the
// number on it is in the log, and nothing of the cause is on it.
func TestPanicBecomesAPage(t *testing.T) {
	w := smallWorld(t)
	s := w.handler.(*site)
	row, _ := s.router.find(get, &url.URL{Path: "/keys"})
	serve := row.serve
	defer func() { row.serve = serve }()
	for _, tt := range []struct {
		name  string
		serve handler
	}{
		{"panic", func(context.Context, *ask) error { panic("canary cause") }},
		{"error", func(context.Context, *ask) error { return errors.New("canary cause") }},
	} {
		row.serve = tt.serve
		answer := w.browsers["director"].gets(500, "/keys")
		page := problemsOf(answer)
		if strings.Contains(page, "canary") || !strings.Contains(page, "Something went wrong here") {
			t.Errorf("%s: the page is %s", tt.name, page)
		}
		if number := s.run + "-"; !strings.Contains(page, number) || !strings.Contains(w.Log.String(), "canary cause") {
			t.Errorf("%s: the number is not on the page, or the cause not in the log", tt.name)
		}
	}
}

func TestHealth(t *testing.T) {
	w := smallWorld(t)
	answer := w.browsers["stranger"].gets(200, "/health")
	if answer.Body.String() != "ready\n" || answer.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("/health = %q, want ready", answer.Body)
	}
	w.Ring.Fail(func(string) error { return errors.New("canary: the keyring does not answer") })
	defer w.Ring.Fail(nil)
	answer = w.browsers["stranger"].gets(503, "/health")
	if answer.Body.String() != "not ready\n" {
		t.Errorf("/health without a database = %q", answer.Body)
	}
	fresh := newWorld(t, w.World) // nothing is open in it from before
	fresh.App = w.Process(t, w.Key)
	other, err := New(Options{App: fresh.App, Now: w.Clock.Now, Random: seeded(9), Log: quiet(), Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	fresh.handler = other
	b := fresh.browser()
	b.cookies = clone(w.browsers["device"].cookies)
	page := b.post("/desk/start", "playbook", "officer")
	if page.Code != 500 || !strings.Contains(problemsOf(page), "Something went wrong here") || strings.Contains(page.Body.String(), "canary") {
		t.Errorf("an act without a keyring = %d: %s", page.Code, problemsOf(page))
	}
}

// TestEvents: an open page is told that something has changed and not what, and no
// more once the session has locked.
func TestEvents(t *testing.T) {
	w := smallWorld(t)
	server := httptest.NewUnstartedServer(w.handler)
	server.Config = Server("", w.handler, quiet())
	server.Config.WriteTimeout = 50 * time.Millisecond // the stream must not end by it
	server.Start()
	t.Cleanup(server.Close) // after the context of the test has ended what listens
	lines := listen(t, server.URL+"/events?after="+url.QueryEscape(w.Live().Mark()), "roundtable-device", w.browsers["device"].cookies["__Host-roundtable-device"])
	if got := <-lines; got != ": here" {
		t.Fatalf("the first line is %q", got)
	}
	time.Sleep(100 * time.Millisecond)
	w.browsers["device"].posts(303, "/desk/start", "playbook", "officer")
	var all []string
	for line := range lines {
		if all = append(all, line); strings.HasPrefix(line, "data: ") {
			break
		}
	}
	text := strings.Join(all, "\n")
	if !strings.Contains(text, "event: changed") || !strings.Contains(text, "data: 1") || strings.Contains(text, "officer") {
		t.Errorf("the signal is %q, want that something has changed", text)
	}
	stranger := w.browsers["stranger"].get("/events")
	if stranger.Code != 303 {
		t.Errorf("a stranger listens: %d", stranger.Code)
	}
	if answer := w.browsers["device"].get("/events?case=" + someID(t, 5)); answer.Code != 404 {
		t.Errorf("a case that never was is listened to: %d", answer.Code)
	}
}

func TestEventsEndAtTheLock(t *testing.T) {
	w := smallWorld(t)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close) // after the context of the test has ended what listens
	lines := listen(t, server.URL+"/events", "roundtable", w.browsers["director"].cookies["__Host-roundtable"])
	<-lines
	w.browsers["director"].posts(303, "/lock/now")
	w.browsers["device"].posts(303, "/desk/start", "playbook", "officer") // a signal, at which it is looked at again
	timeout := time.After(10 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open {
				return
			}
			if strings.HasPrefix(line, "data:") {
				t.Error("a locked session is told")
			}
		case <-timeout:
			t.Fatal("the stream of a locked session goes on")
		}
	}
}

// listen reads lines of a stream that are not empty.
func listen(t *testing.T, address, cookie, token string) <-chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: cookie, Value: token})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("GET /events = %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer answer.Body.Close()
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			if scanner.Text() != "" {
				lines <- scanner.Text()
			}
		}
	}()
	return lines
}

// TestPlainHTTP: on plain HTTP from another machine browsers say nothing in
// Sec-Fetch-Site, so the Origin is what counts; and cookies are not marked Secure,
// since they would not come back.
func TestPlainHTTP(t *testing.T) {
	w := smallWorld(t)
	b := w.browser()
	b.plain = true
	b.header["Sec-Fetch-Site"], b.header["Origin"] = nil, []string{"http://" + host}
	answer := b.gets(200, "/signin")
	if answer.Header().Get("Strict-Transport-Security") != "" || answer.Header().Get("Referrer-Policy") != "same-origin" {
		t.Errorf("plain HTTP has Strict-Transport-Security %q and Referrer-Policy %q", answer.Header().Get("Strict-Transport-Security"), answer.Header().Get("Referrer-Policy"))
	}
	answer = b.posts(303, "/signin", "name", w.A.Login(t, people.Director).Form.Mail, "password", apptest.Password)
	if set := answer.Header().Get("Set-Cookie"); !strings.HasPrefix(set, "roundtable=") || strings.Contains(set, "Secure") || !strings.Contains(set, "HttpOnly; SameSite=Lax") {
		t.Errorf("the cookie is %q", set)
	}
	b.gets(200, "/manage/people")
	b.header["Origin"] = []string{"null"}
	b.posts(403, "/me/keys", "keys", "off")
}

// TestBehindAProxy: the proxy says that the browser speaks TLS, and is believed only
// if it is ours.
func TestBehindAProxy(t *testing.T) {
	w := smallWorld(t)
	handler, err := New(Options{App: w.App, Now: w.Clock.Now, Random: seeded(5), Log: quiet(), Names: []string{host}, Proxies: []netip.Prefix{netip.MustParsePrefix("10.7.0.0/16")}})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = handler
	for place, secure := range map[string]bool{"10.7.0.1:1": true, "10.8.0.1:1": false} {
		b := w.browser()
		b.plain, b.place = true, place
		b.header.Set("X-Forwarded-Proto", "https")
		answer := b.gets(200, "/signin")
		if got := strings.Contains(answer.Header().Get("Set-Cookie"), "__Host-"); got != secure || (answer.Header().Get("Strict-Transport-Security") != "") != secure {
			t.Errorf("from %s: as TLS = %t, want %t", place, got, secure)
		}
	}
}

func TestPublicPagesKnowNobody(t *testing.T) {
	w := smallWorld(t)
	for _, row := range routes() {
		if !row.patrons || strings.Contains(row.path, "{") || row.path == "/rooms/calendar.ics" {
			continue
		}
		answer := w.browsers["director"].gets(200, row.path)
		if answer.Header().Get("Referrer-Policy") != "no-referrer" || len(answer.Result().Cookies()) > 0 {
			t.Errorf("GET %s: Referrer-Policy %q, cookies %v", row.path, answer.Header().Get("Referrer-Policy"), answer.Result().Cookies())
		}
		if own := w.browsers["stranger"].gets(200, row.path); own.Body.String() != answer.Body.String() {
			t.Errorf("GET %s is not the same for somebody who is signed in", row.path)
		}
	}
}
