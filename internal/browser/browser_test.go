package browser

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Main(m.Run)) }

// policy is the strict content security policy that pages of ours have.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// serve serves texts by path under the strict policy, at http://localhost, so that
// pages are secure. A path without a text is 404.
func serve(t *testing.T, texts map[string]string) (origin string) {
	t.Helper()
	return serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		text, found := texts[r.URL.Path]
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if kind := mime.TypeByExtension(path.Ext(r.URL.Path)); kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.Header().Set("Content-Security-Policy", policy)
		if r.URL.Path == "/icon.svg" {
			text, found = `<svg xmlns="http://www.w3.org/2000/svg"/>`, true
		}
		if r.URL.Path == "/style.css" {
			found = true
		}
		if !found {
			w.WriteHeader(http.StatusNotFound)
			text = document("<h1>Nothing here</h1>")
		}
		io.WriteString(w, text)
	})
}

func serveFunc(t *testing.T, handler http.HandlerFunc) (origin string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.CloseClientConnections) // before Close, which waits for them
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// document is a page without a fault around what stands in its main part.
func document(main string) string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A page – Roundtable</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg">
</head>
<body>
<main>
` + main + `
</main>
</body>
</html>
`
}

// newTab returns a tab of the shared browser.
func newTab(t *testing.T) *Tab {
	t.Helper()
	return Shared(t).NewTab(t)
}

// TestNothingStays starts a browser of its own, uses it, closes it and looks for
// what it left behind and for what it tried to reach by itself.
func TestNothingStays(t *testing.T) {
	var home string
	var dials []Dial
	err := Run(io.Discard, func(tb TB) {
		b := Start(tb)
		home = b.home
		b.NewTab(tb).Go(serve(t, map[string]string{"/": document("<h1>Here</h1>")}))
		if len(processesOf(t, home)) == 0 {
			tb.Errorf("no process of the browser is found while it runs: the look for leftovers is blind")
		}
		time.Sleep(time.Second) // it asks for things of its own a moment after it starts
		dials = b.Dials()
		for range 2 { // and once more by itself
			if err := b.Close(); err != nil {
				tb.Errorf("Close() = %v, want nil", err)
			}
		}
	})
	skipIfSkipped(t, err)
	if err != nil {
		t.Fatal(err)
	}
	if len(dials) > 0 {
		t.Errorf("the browser wanted to reach %v for itself, want nothing", dials)
	}
	if left := processesOf(t, home); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	if _, err := os.Stat(home); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the browser's folder after Close: %v, want it gone", err)
	}
}

func skipIfSkipped(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, ErrSkipped) {
		t.Skip(err)
	}
}

// processesOf returns the processes that were started with a home folder. One that
// has ended and waits to be collected has no environment any more.
func processesOf(t *testing.T, home string) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("NOT TESTED: there is no /proc to find processes in")
	}
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append([]byte{0}, environ...), []byte("\x00HOME="+home+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestOpenNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // so that nothing of others is found there
	for _, path := range []string{"/nowhere/chromium", "/dev/null", "/bin/false"} {
		if b, err := Open(path); err == nil {
			b.Close()
			t.Errorf("Open(%s) = nil error", path)
		}
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("after failed starts, %v is left (%v)", left, err)
	}
}

func TestPages(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":    document(`<h1>One</h1><p><a href="/two">Go on</a> <a href="#down">Down</a></p><p id="down">Below</p>`),
		"/two": document(`<h1>Two</h1>`),
	})
	tab := newTab(t)
	if r := tab.Go(origin + "/"); r.Status != 200 || r.URL != origin+"/" {
		t.Errorf("Go(/) = %d from %s, want 200 from %s/", r.Status, r.URL, origin)
	}
	if got := tab.Title(); got != "A page – Roundtable" {
		t.Errorf("Title() = %q", got)
	}
	if r := tab.Follow(Label("Go on")); r.URL != origin+"/two" {
		t.Errorf("Follow(Go on) leads to %s, want /two", r.URL)
	}
	if restored, reasons := tab.Back(); !restored {
		t.Errorf("Back() took the page anew because of %v, want it out of the cache", reasons)
	}
	if got := tab.Text(CSS("h1")); got != "One" {
		t.Errorf("after Back() the page is %q, want One", got)
	}
	tab.Forward()
	if got := tab.Text(CSS("h1")); got != "Two" {
		t.Errorf("after Forward() the page is %q, want Two", got)
	}
	if r := tab.Go(origin + "/absent"); r.Status != 404 {
		t.Errorf("Go(/absent) = %d, want 404", r.Status)
	}
	tab.Go(origin + "/")
	if tab.Click(Label("Down")); tab.URL() != origin+"/#down" {
		t.Errorf("URL() = %s, want /#down", tab.URL())
	}
	if r := tab.Reload(); r.Status != 200 {
		t.Errorf("Reload() = %d, want 200", r.Status)
	}
	if _, err := tab.TryGo("http://localhost:1/"); err == nil {
		t.Errorf("TryGo of a port where nothing is: no error")
	}
	if r := tab.Go(origin + "/two"); r.URL != origin+"/two" {
		t.Errorf("after an error, Go(/two) = %s", r.URL)
	}
}

// TestNoStore checks that Back tells a page that may not be kept from one that was.
func TestNoStore(t *testing.T) {
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.SetCookie(w, &http.Cookie{Name: "at", Value: r.URL.Path[1:] + "x", HttpOnly: true})
		io.WriteString(w, document("<h1>Kept nowhere</h1>"))
	})
	tab := newTab(t)
	tab.Go(origin + "/a")
	tab.Go(origin + "/b")
	if restored, reasons := tab.Back(); restored || len(reasons) == 0 {
		t.Errorf("Back() to a no-store page whose cookie has changed = %v, %v, want false and a reason", restored, reasons)
	}
}

func TestDevices(t *testing.T) {
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me"})
		io.WriteString(w, document("<h1>Hello</h1>"))
	})
	first := newTab(t)
	first.Go(origin)
	if n := len(first.Another().Cookies()); n != 1 {
		t.Errorf("another tab of the device has %d cookies, want 1", n)
	}
	if n := len(newTab(t).Cookies()); n != 0 {
		t.Errorf("a new device has %d cookies, want 0", n)
	}
	if first.ClearCookies(); len(first.Cookies()) != 0 {
		t.Errorf("after ClearCookies, Cookies() = %v", first.Cookies())
	}
}
