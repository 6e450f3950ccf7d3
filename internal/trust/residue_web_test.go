package trust

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/web"
)

// serve asks real pages over HTTP: as a stranger, as somebody, wrongly; with
// canaries in everything that a request has.
func (x *hunted) serve(t *testing.T) {
	t.Helper()
	handler := got[http.Handler](t)(web.New(web.Options{
		App: x.App, Now: x.Clock.Now, Random: rand.Reader, Log: x.logger(), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Version: "test", Database: x.kind(),
	}))
	server := httptest.NewServer(handler)
	defer server.Close()
	for name, secret := range map[string]string{"an IP address": "203.0.113.177", "a browser's name": "Agent" + x.letters(20), "a referrer": "https://" + x.letters(20) + ".example/page"} {
		x.h.add(name, secret)
	}
	agent, referrer := x.h.secrets["a browser's name"], x.h.secrets["a referrer"]
	typed, looked := x.letters(20), x.letters(20)
	x.h.add("a password that was mistyped", typed)
	x.h.add("what was looked for", looked)
	wrong := x.letters(20) // an address or a code that is none: it may come back to whoever typed it, and stand in no log of ours
	x.log.add("a mistyped address or code", wrong)
	jar := got[*cookiejar.Jar](t)(cookiejar.New(nil))
	somebody := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	stranger := &http.Client{CheckRedirect: somebody.CheckRedirect}
	ask := func(c *http.Client, method, path string, form url.Values) (int, []byte) {
		t.Helper()
		var body io.Reader
		if form != nil {
			body = strings.NewReader(form.Encode())
		}
		r := got[*http.Request](t)(http.NewRequest(method, server.URL+path, body))
		r.Header.Set("User-Agent", agent)
		r.Header.Set("Referer", referrer)
		r.Header.Set("X-Forwarded-For", "203.0.113.177")
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", server.URL)
		}
		answer := got[*http.Response](t)(c.Do(r))
		defer answer.Body.Close()
		x.answerN++
		return answer.StatusCode, got[[]byte](t)(io.ReadAll(answer.Body))
	}
	_, body := ask(somebody, "POST", "/signin", url.Values{"name": {x.mail}, "password": {typed}})
	x.passwordAnswers = append(x.passwordAnswers, body)
	if status, body := ask(somebody, "POST", "/signin", url.Values{"name": {x.mail}, "password": {x.password}}); status != http.StatusSeeOther {
		t.Fatalf("signing in over HTTP answers %d: %.600s", status, body)
	}
	id := string(x.cases[0])
	var seen []string
	for _, path := range []string{
		"/desk", "/desk/all?q=" + looked, "/me", "/manage/people", "/manage/people/" + string(x.helper.Person), "/manage/settings", "/manage/branches", "/manage/audit",
		"/incidents?q=" + looked, "/i/" + id, "/i/" + id + "/log", "/i/" + id + "/step/1", "/deadlines", "/manage/devices", "/" + wrong, "/i/" + wrong, "/invite/" + wrong,
	} {
		status, body := ask(somebody, "GET", path, nil)
		seen = append(seen, fmt.Sprintf("%s %d", path, status))
		if bytes.Contains(body, []byte(x.control.secrets["the branch's name"])) {
			x.control.add("page", "seen on a page")
		}
		_, body = ask(stranger, "GET", path, nil)
		x.answers = append(x.answers, body)
	}
	if !slices.Contains(x.control.names, "page") {
		t.Errorf("the control is seen on none of the pages %v", seen)
	}
	for _, form := range []struct {
		path   string
		fields url.Values
	}{
		{"/me/pin", url.Values{"pin": {"83920174"}}}, {"/me/password", url.Values{"current": {typed}, "password": {typed + typed}}},
		{"/lock", url.Values{"secret": {typed}}}, {"/signin/code", url.Values{"code": {wrong}}}, {"/enrol", url.Values{"code": {wrong}}}, {"/setup", url.Values{"code": {wrong}}},
		{"/invite/" + wrong, url.Values{"password": {typed}}}, {"/desk/start", url.Values{"playbook": {wrong}}}, {"/nothing/" + wrong, url.Values{"x": {typed}}},
	} {
		_, body := ask(somebody, "POST", form.path, form.fields)
		x.passwordAnswers = append(x.passwordAnswers, body)
		_, body = ask(stranger, "POST", form.path, form.fields)
		x.answers = append(x.answers, body)
	}
	x.ring.Fail(func(string) error { return errors.New("the keyring does not answer") })
	for _, path := range []string{"/desk", "/me", "/i/" + id, "/manage/people"} { // pages of something broken
		_, body := ask(somebody, "GET", path, nil)
		x.answers = append(x.answers, body)
	}
	x.ring.Fail(nil)
	ask(somebody, "POST", "/signout", url.Values{})
}
