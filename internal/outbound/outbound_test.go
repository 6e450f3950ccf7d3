package outbound

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "2a00:1450::1": true, "172.32.0.1": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "192.0.2.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "::127.0.0.1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("IsPublic(%s) = %v, want %v", text, got, want)
		}
	}
	if IsPublic(netip.Addr{}) {
		t.Error("IsPublic of no address = true")
	}
}

func roots(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func quiet(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = discard()
	s.StartTLS()
	return s
}

func TestPrivateIsRefused(t *testing.T) {
	called := false
	s := quiet(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	// The name is resolved first: what counts is where it leads.
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		_, err := New(Options{Roots: roots(s)}).Get("https://" + host + ":" + port + "/canary")
		if err == nil || host != "localhost" && !errors.Is(err, ErrPrivate) {
			t.Errorf("Get from %s: %v, want ErrPrivate", host, err)
		}
		if err != nil && strings.Contains(Explain(err).Words, "canary") {
			t.Errorf("Explain tells the address: %q", Explain(err).Words)
		}
	}
	if called {
		t.Error("a private address was called")
	}
	answer, err := New(Options{Private: true, Roots: roots(s)}).Get(s.URL)
	if err != nil || !called {
		t.Fatalf("Get from a private address that is allowed: %v", err)
	}
	answer.Body.Close()
}

func TestRedirectsAndPlain(t *testing.T) {
	times := 0
	s := quiet(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		times++
		http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	answer, err := New(Options{Private: true, Roots: roots(s)}).Post(s.URL, "text/plain", strings.NewReader("x"))
	if err != nil || answer.StatusCode != http.StatusTemporaryRedirect || times != 1 {
		t.Errorf("Post = %v after %d calls, want the redirect itself after one", err, times)
	}
	Read(answer)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called without TLS") }))
	defer plain.Close()
	if _, err := New(Options{Private: true}).Get(plain.URL); !errors.Is(err, ErrPlain) || !Explain(err).Setup {
		t.Errorf("Get without TLS = %v, want ErrPlain", err)
	}
	_, err = New(Options{Private: true}).Get("https" + strings.TrimPrefix(plain.URL, "http"))
	if err == nil || !Explain(err).Setup {
		t.Errorf("Get by TLS from a server that has none = %v, %+v", err, Explain(err))
	}
	_, err = New(Options{Private: true}).Get(s.URL)
	if err == nil || Explain(err).Words != "the other side's certificate does not hold" {
		t.Errorf("Get with a foreign certificate = %v, %+v", err, Explain(err))
	}
}

func TestLongAnswer(t *testing.T) {
	s := quiet(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("x", 10_000)); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	answer, err := New(Options{Private: true, Roots: roots(s)}).Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(Read(answer)); got != MaxAnswer {
		t.Errorf("Read = %d bytes, want %d", got, MaxAnswer)
	}
}

func TestSlow(t *testing.T) {
	stop := make(chan struct{})
	s := quiet(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer s.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	_, err := New(Options{Private: true, Roots: roots(s)}).Do(r)
	if err == nil || Explain(err).Words != "the other side took too long" || Explain(err).Setup {
		t.Errorf("Do = %v, %+v", err, Explain(err))
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]bool{
		"https://sms.example/send": true, "https://sms.example:8443/send?a=b": true,
		"http://sms.example/": false, "https://u:p@sms.example/": false, "https://sms.example/#a": false, "https:///a": false, "https://": false,
		"": false, "sms.example": false, "https://sms.example/a b": false, "https://sms.example/\r\nX: y": false, "https://exämple/": false, "https://a/" + strings.Repeat("a", MaxAddress): false, "https:sms": false,
	} {
		if u, err := ParseURL(text); (err == nil) != want {
			t.Errorf("ParseURL(%q) = %v, %v, want taken: %v", text, u, err, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Wed, 25 Nov 2026 12:00:00 GMT"
	for text, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-1": 0, "99999999999999": 0, "soon": 0, "Wed, 25 Nov 2026 12:02:00 GMT": 2 * time.Minute, "Wed, 25 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}, "Date": {date}}); got != want {
			t.Errorf("RetryAfter(%q) = %v, want %v", text, got, want)
		}
	}
	if got := RetryAfter(http.Header{"Retry-After": {date}}); got != 0 {
		t.Errorf("RetryAfter of a date without one's own = %v, want 0", got)
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://sms.example/send")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURL(text)
		if err != nil {
			return
		}
		if r, err := http.NewRequest("POST", u.String(), nil); err != nil || r.URL.Scheme != "https" || r.URL.User != nil {
			t.Errorf("ParseURL took %q, which makes the request %v, %v", text, r, err)
		}
	})
}

func ExampleExplain() {
	fmt.Println(Explain(context.DeadlineExceeded).Words)
	// Output: the other side took too long
}

func discard() *log.Logger { return log.New(io.Discard, "", 0) }
