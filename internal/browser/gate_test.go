package browser

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestIsHere(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:1": true, "[::1]:443": true, "localhost:80": true, "a.localhost:80": true,
		"192.0.2.1:80": false, "example.org:443": false, "localhost.example.org:80": false, "0.0.0.0:80": false,
		"[2001:db8::1]:80": false, "mylocalhost:80": false, "127.0.0.1": false, "": false,
	} {
		if got := isHere(address); got != want {
			t.Errorf("isHere(%q) = %v, want %v", address, got, want)
		}
	}
}

// conversation is what a client has said, and what it was answered.
type conversation struct {
	io.Reader
	io.Writer
}

func TestReadSOCKS(t *testing.T) {
	for _, test := range []struct {
		name, said, want string
	}{
		{"IPv4", "\x05\x01\x00" + "\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x90", "127.0.0.1:8080"},
		{"name", "\x05\x02\x00\x02" + "\x05\x01\x00\x03\x09localhost\x00\x50", "localhost:80"},
		{"IPv6", "\x05\x01\x00" + "\x05\x01\x00\x04" + string(net.IPv6loopback) + "\x01\xbb", "[::1]:443"},
		{"bad name", "\x05\x01\x00" + "\x05\x01\x00\x03\x02a]\x00\x50", ""},
		{"no name", "\x05\x01\x00" + "\x05\x01\x00\x03\x00\x00\x50", ""},
		{"unknown kind", "\x05\x01\x00" + "\x05\x01\x00\x09\x00\x50", ""},
		{"bind", "\x05\x01\x00" + "\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", ""},
		{"SOCKS4", "\x04\x01\x00\x50\x7f\x00\x00\x01\x00", ""},
		{"HTTP", "GET / HTTP/1.1\r\n\r\n", ""},
		{"cut", "\x05\x01\x00\x05\x01\x00\x03\x09local", ""},
		{"nothing", "", ""},
	} {
		got, err := readSOCKS(conversation{bytes.NewReader([]byte(test.said)), io.Discard})
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: readSOCKS() = %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func FuzzReadSOCKS(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x03\x09localhost\x00\x50"))
	f.Fuzz(func(t *testing.T, said []byte) {
		address, err := readSOCKS(conversation{bytes.NewReader(said), io.Discard})
		if err != nil {
			return
		}
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			t.Errorf("readSOCKS(%q) = %q, which is no address: %v", said, address, err)
		}
	})
}

// TestGateCloses checks that a gate ends whoever talks through it.
func TestGateCloses(t *testing.T) {
	g, err := newGate()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", g.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done := make(chan struct{})
	go func() { g.close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("close() waits for a silent client")
	}
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("after close() a client reads %d bytes", n)
	}
}

// TestOffline takes a device off the network and back.
func TestOffline(t *testing.T) {
	origin := serve(t, map[string]string{"/": document("<h1>Here</h1>"), "/data": "yes"})
	tab := newTab(t)
	tab.Go(origin)
	const ask = `fetch("/data", {cache: "no-store"}).then(r => r.text(), e => "failed")`
	if got := Eval[string](tab, ask); got != "yes" {
		t.Errorf("on the network, fetch = %q, want yes", got)
	}
	tab.SetOffline(true)
	if got := Eval[string](tab, ask); got != "failed" {
		t.Errorf("offline, fetch = %q, want failed", got)
	}
	if Eval[bool](tab, `navigator.onLine`) {
		t.Errorf("offline, navigator.onLine = true")
	}
	if _, err := tab.TryGo(origin); err == nil {
		t.Errorf("offline, the page opens")
	}
	tab.SetOffline(false)
	tab.Go(origin)
	if got := Eval[string](tab, ask+`.then(t => t + navigator.onLine)`); got != "yestrue" {
		t.Errorf("back on the network, fetch and onLine = %q, want yestrue", got)
	}
}

// TestServiceWorker checks that what a service worker does is seen and that being
// offline holds for it too.
func TestServiceWorker(t *testing.T) {
	other := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		io.WriteString(w, "elsewhere")
	})
	// The worker has no policy of its own here, so it may ask anybody.
	worker := `
		addEventListener("install", e => e.waitUntil(caches.open("v1").then(c => c.addAll(["/", "/style.css"])).then(() => skipWaiting())));
		addEventListener("activate", e => e.waitUntil(clients.claim()));
		addEventListener("fetch", e => {
			const path = new URL(e.request.url).pathname;
			if (path === "/out") e.respondWith(fetch("` + other + `/x").catch(() => new Response("failed")));
			else if (path === "/far") e.respondWith(fetch("http://far.example/x").catch(() => new Response("failed")));
			else if (path === "/near") e.respondWith(fetch("/data", {cache: "no-store"}).catch(() => new Response("failed")));
			else e.respondWith(caches.match(e.request).then(r => r ?? fetch(e.request)));
		});`
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, worker)
		case "/style.css":
			w.Header().Set("Content-Type", "text/css")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, document("<h1>Shell</h1>"))
		}
	})
	tab := newTab(t)
	tab.Go(origin + "/")
	Eval[bool](tab, `navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready).then(() => true)`)
	tab.WaitTrue(`navigator.serviceWorker.controller !== null`)
	tab.Forget()
	fetch := func(path string) string {
		return Eval[string](tab, `fetch("`+path+`").then(r => r.text())`)
	}
	if got := fetch("/out"); got != "elsewhere" {
		t.Errorf("the worker's fetch = %q, want elsewhere", got)
	}
	if got := fetch("/far"); got != "failed" {
		t.Errorf("the worker's fetch of another machine = %q, want failed", got)
	}
	dials := tab.Dials()
	want := []Dial{{Address: other[len("http://"):]}, {Address: "far.example:80", Refused: true}}
	for _, d := range want {
		if !slices.Contains(dials, d) {
			t.Errorf("Dials() = %v, which lacks %v", dials, d)
		}
	}
	if strays := tab.Strays(origin); len(strays) != 2 {
		t.Errorf("Strays() = %q, want the two that the worker asked", strays)
	}
	tab.SetOffline(true)
	if r := tab.Go(origin + "/"); !r.ServiceWorker || r.Status != 200 {
		t.Errorf("offline, the shell = %+v, want 200 from the worker", r)
	}
	if got := fetch("/near"); got != "failed" {
		t.Errorf("offline, the worker's fetch = %q, want failed", got)
	}
}
