package web

import (
	"crypto/tls"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// foreignSite is another site, which wants a browser to do something with our cookies.
// 127.0.0.1 is another site than localhost.
func foreignSite(t *testing.T, pages map[string]string) (origin string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, found := pages[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>Elsewhere</title><body><h1>Elsewhere</h1>`+text)
	}))
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return s.URL
}

// leaves counts the entries of both logs: what nobody did leaves none.
func (h *house) leaves(t *testing.T) (n int64) {
	t.Helper()
	for _, tenant := range []people.LibraryID{people.Installation, h.Done.Library} {
		err := h.Store.Read(t.Context(), tenant, func(tx *store.Tx) error {
			size, err := tx.Ledger().Size(t.Context())
			n += size
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// TestRequestsFromElsewhere (T13): what another site makes a signed-in person's
// browser send does nothing, in whichever way it is sent; what it opens in a frame is
// not shown; what it links to is only looked at.
func TestRequestsFromElsewhere(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	form := func(action, inputs string) string {
		return `<form id="f" method="post" action="` + h.origin + action + `">` + inputs + `<button>Go</button></form><script>f.submit()</script>`
	}
	invite := `<input name="name" value="Eve"><input name="initials" value="EV"><input name="mail" value="eve@evil.example"><input name="role" value="director"><input name="how" value="slip">`
	other := foreignSite(t, map[string]string{
		"/form":    form("/manage/people/invite", invite),
		"/signout": form("/signout", ""),
		"/lock":    form("/lock/now", ""),
		"/start":   form("/desk/start", `<input name="playbook" value="officer">`),
		"/signin":  form("/signin", `<input name="name" value="eve@evil.example"><input name="password" value="eve">`),
		"/fetch": `<script>
			const send = (path, body, type) => fetch("` + h.origin + `" + path, {method: "POST", mode: "no-cors", credentials: "include", body, headers: {"Content-Type": type}}).catch(() => {});
			Promise.all([
				send("/manage/people/invite", "name=Eve&initials=EV&mail=eve%40evil.example&role=director&how=slip", "application/x-www-form-urlencoded"),
				send("/signout", "", "application/x-www-form-urlencoded"), send("/lock/now", "", "text/plain"), send("/desk/start", "playbook=officer", "text/plain"),
				fetch("` + h.origin + `/manage/people", {credentials: "include"}).then(r => r.text()).then(t => { document.title = "READ"; }).catch(() => {}),
			]).then(() => { document.body.dataset.done = "yes"; });
		</script>`,
		"/image": `<img src="` + h.origin + `/signout" alt=""><img src="` + h.origin + `/lock/now" alt=""><img src="` + h.origin + `/desk/start?playbook=officer" alt="">`,
		"/frame": `<iframe src="` + h.origin + `/manage/people"></iframe>`,
		"/link":  `<a id="a" href="` + h.origin + `/manage/people">People</a>`,
		"/open":  `<script>window.w = window.open("` + h.origin + `/manage/people")</script>`,
	})
	before := h.leaves(t)
	for _, path := range []string{"/form", "/signout", "/lock", "/start", "/signin"} {
		tab.Go(other + path)
		tab.WaitText("did not")
		if got := tab.Response().Status; got != http.StatusForbidden {
			t.Errorf("a form at %s is answered %d, want 403", path, got)
		}
		wants(t, tab, "not sent from a page of Roundtable")
	}
	tab.Go(other + "/fetch")
	tab.WaitTrue(`document.body.dataset.done === "yes"`)
	if tab.Title() == "READ" {
		t.Error("a page elsewhere reads a page of ours")
	}
	tab.Go(other + "/image")
	tab.Go(other + "/frame")
	tab.Settle()
	if got := tab.Count("iframe"); got != 1 {
		t.Fatal("the page has no frame, so the test looks at nothing")
	}
	framed := false
	for _, m := range tab.Messages() {
		framed = framed || strings.Contains(m.Text, "frame-ancestors") || strings.Contains(m.Text, "X-Frame-Options") || strings.Contains(m.Text, "refused to connect")
	}
	for _, r := range tab.Requests() {
		framed = framed || strings.HasSuffix(r.URL, "/manage/people") && r.Failure != ""
	}
	if !framed {
		t.Errorf("nothing says that the frame was refused: %v %v", tab.Messages(), tab.Requests())
	}
	if after := h.leaves(t); after != before {
		t.Errorf("what another site sent left %d entries in the log", after-before)
	}
	tab.Go(other + "/link")
	tab.Follow(chromium.CSS("#a"))
	h.at(t, tab, "/manage/people")
	wants(t, tab, "Dana Dorsey")
	if body := tab.Text(chromium.CSS("body")); strings.Contains(body, "Eve") {
		t.Error("another site has invited somebody")
	}
	if chromium.Eval[bool](tab, `document.referrer !== "" && window.opener !== null`) {
		t.Error("the page can reach the one that opened it")
	}
	tab.Go(other + "/open")
	if chromium.Eval[bool](tab, `(() => { try { return !!window.w && !window.w.closed && window.w.location.href !== "about:blank" } catch { return false } })()`) {
		t.Error("a page elsewhere reads where a page of ours is")
	}
}

// TestCookiesInBrowser: over TLS the cookies are bound to this very host, no script
// sees them, and no form elsewhere brings them along.
func TestCookiesInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	code := h.offerDevice(t, tab, "Desk")
	h.open(t, tab, "/enrol", http.StatusOK)
	tab.Fill(field("code"), code)
	send(t, tab)
	for _, c := range tab.Cookies() {
		if !c.HTTPOnly || c.Path != "/" || c.SameSite == "" || c.SameSite == "None" || strings.HasPrefix(c.Domain, ".") || c.Secure {
			t.Errorf("over plain HTTP a cookie is %+v", c)
		}
	}
	if got := chromium.Eval[string](tab, "document.cookie"); got != "" {
		t.Errorf("script sees the cookies %q", html.EscapeString(got))
	}
	if len(tab.Response().RefusedCookies) > 0 {
		t.Errorf("the browser refuses %q", tab.Response().RefusedCookies)
	}
	answer := tlsAnswer(t, h)
	for _, c := range answer.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode {
			t.Errorf("over TLS a cookie is %s", c)
		}
	}
	if len(answer.Cookies()) == 0 {
		t.Error("over TLS no cookie is set, so the test looks at nothing")
	}
	if got := answer.Header.Get("Strict-Transport-Security"); got == "" {
		t.Error("over TLS the server does not say that it stays so")
	}
}

// tlsAnswer is what the sign-in is answered over TLS.
func tlsAnswer(t *testing.T, h *house) *http.Response {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	t.Cleanup(s.Close)
	s.StartTLS()
	secured := serveHouse(t, h.World, &tls.Config{Certificates: s.TLS.Certificates})
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // the test's own server
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	form := strings.NewReader("name=dana%40elm.example&password=" + strings.ReplaceAll("walnut ladder zephyr quill 83", " ", "+"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, secured.origin+"/signin", form)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", secured.origin)
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /signin over TLS = %d, want 303", answer.StatusCode)
	}
	return answer
}
