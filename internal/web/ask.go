package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/signin"
	"roundtable/internal/web/page"
	"roundtable/internal/web/static"
)

// ask is one request under way: what a handler is given.
type ask struct {
	site   *site
	w      *recorder
	r      *http.Request
	route  *route            // nil before it is found, and when there is none
	values map[string]string // of the path
	who    app.Who
	tls    bool       // the browser speaks TLS, to us or to a proxy of ours
	from   netip.Addr // for counting tries, and for nothing else
	number string
	began  time.Time
	body   []byte // of a form, once it was read
	at     *here  // where it is, once it was looked up
}

// app is what people can do.
func (a *ask) app() *app.App { return a.site.App }

// id returns a value of the path, "" if it has none.
func (a *ask) id(name string) string { return a.values[name] }

// query returns one value of the address's query, "" if there is none. It is for
// what narrows a list; nothing that people write comes that way.
func (a *ask) query(name string) string {
	values, err := url.ParseQuery(a.r.URL.RawQuery)
	if err != nil || len(values[name]) != 1 || !isPlain(values.Get(name)) {
		return ""
	}
	return values.Get(name)
}

// show sends a page. It is made whole before its first byte is sent.
func (a *ask) show(status int, p page.Page) error {
	var b bytes.Buffer
	if err := page.Render(&b, p); err != nil {
		return err
	}
	if page.Inline(p) {
		a.w.Header().Set("Content-Security-Policy", inlinePolicy)
	}
	return a.send(status, "text/html; charset=utf-8", b.Bytes())
}

// say sends a value as JSON.
func (a *ask) say(status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.send(status, "application/json", text)
}

// send sends an answer whole. Who has gone away needs none.
func (a *ask) send(status int, kind string, body []byte) error {
	h := a.w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding")
	if len(body) > worthShrinking && static.AcceptsGzip(a.r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = shrink(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	a.w.WriteHeader(status)
	if a.r.Method != http.MethodHead {
		_, _ = a.w.Write(body)
	}
	return nil
}

// worthShrinking is the size in bytes from which shrinking saves a packet.
const worthShrinking = 1400

// shrinkers are used again: each takes some 800 kB to make.
var shrinkers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
	return w
}}

// shrink compresses an answer. What a page shows of what was typed stands beside no
// secret that a stranger could have guessed at by its length: there are no tokens
// in our pages, and a request from elsewhere is refused.
func shrink(body []byte) []byte {
	var b bytes.Buffer
	w := shrinkers.Get().(*gzip.Writer)
	defer shrinkers.Put(w)
	w.Reset(&b)
	_, _ = w.Write(body) // to memory: it cannot fail
	_ = w.Close()
	return b.Bytes()
}

// none sends an answer without contents.
func (a *ask) none() error {
	a.w.WriteHeader(http.StatusNoContent)
	return nil
}

// to leads to another address of ours, after something was done or because it
// belongs there: by GET, whatever was asked.
func (a *ask) to(path string) error {
	if a.wantsJSON() {
		return a.say(http.StatusOK, wayOn{path})
	}
	a.w.Header().Set("Location", path)
	a.w.Header().Set("Content-Length", "0")
	a.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// wayOn is what script is told instead of a redirect.
type wayOn struct {
	Location string `json:"location"`
}

// wantsJSON reports whether script asked, and wants a value and not a page.
func (a *ask) wantsJSON() bool {
	return a.route != nil && a.route.script || strings.HasPrefix(a.r.Header.Get("Accept"), "application/json")
}

// isLocal reports whether an address leads to a path of this server and nowhere
// else, whatever browsers make of it.
func isLocal(path string) bool {
	if len(path) > maxPath || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\@") {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Host == "" && u.Scheme == "" && isPlain(path)
}

// isPlain reports whether a text has no control characters.
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
}

// next returns where to go afterwards, as a form or an address says it: a place of
// ours that can be looked at, else the fallback.
func (a *ask) next(typed, fallback string) string {
	if !isLocal(typed) {
		return fallback
	}
	u, err := url.Parse(typed)
	if err != nil {
		return fallback
	}
	found, _ := a.site.router.find(http.MethodGet, u)
	if found == nil || found.json || found.plain || strings.HasPrefix(u.Path, "/signin") || strings.HasPrefix(u.Path, "/lock") {
		return fallback
	}
	return u.RequestURI()
}

// signInFirst leads whoever is not signed in to where they can be: to unlock, to
// sign in, or to set up what is not set up yet. What was sent to a session that has
// locked is kept for its person.
func (a *ask) signInFirst(ctx context.Context) error {
	locked := a.who.State == signin.Locked
	if !isSafe(a.r.Method) && !locked {
		return signInWords
	}
	place := "/signin"
	if locked {
		place = "/lock"
	} else if ready, err := a.isSetUp(ctx); err != nil {
		return err
	} else if !ready {
		return a.to("/setup")
	}
	next := a.r.URL.RequestURI()
	if !isSafe(a.r.Method) {
		if a.wantsJSON() {
			return lockedWords
		}
		if err := a.keep(); err != nil {
			return err
		}
		next = ""
	}
	if next = a.next(next, ""); next != "" && next != "/" {
		place += "?next=" + url.QueryEscape(next)
	}
	if a.wantsJSON() {
		return signInWords
	}
	return a.to(place)
}

// randomText draws so many bytes and writes them as text.
func randomText(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// serveStatic serves style, script and icons.
func serveStatic(_ context.Context, a *ask) error {
	if !assets[a.r.URL.Path] {
		return notHere
	}
	a.w.Header().Del("Cache-Control") // package static says for how long
	static.Handler().ServeHTTP(a.w, a.r)
	return nil
}

// assets are the addresses of all files of package static.
var assets = func() map[string]bool {
	all := map[string]bool{}
	for _, address := range static.Paths() {
		all[address] = true
	}
	return all
}()
