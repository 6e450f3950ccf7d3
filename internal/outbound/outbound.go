// Package outbound is the one way in which Roundtable calls addresses that others
// have given it: an HTTP client that goes nowhere but where it was sent.
//
// It follows no redirect, uses no proxy, speaks TLS only, keeps no cookie, and by
// default refuses addresses that are not public: whoever can set an address must
// not be able to reach what stands beside the server. That is decided on the
// address that is dialled and not on its name, so a name that changes what it
// stands for changes nothing.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits on one call.
const (
	CallTime   = 15 * time.Second // all of it, the answer read
	dialTime   = 5 * time.Second
	maxHeader  = 16 << 10
	MaxAnswer  = 16 << 10 // bytes of an answer that are read
	MaxAddress = 2 << 10  // bytes of an address
	maxConns   = 8        // to one host at a time
)

// Options says what a client may do beside.
type Options struct {
	Private bool           // call addresses that are not public too
	Roots   *x509.CertPool // whose certificates count; nil for the system's
}

// The errors that a call can fail with, beside those of the network.
var (
	ErrPrivate = errors.New("the address is not a public one")
	ErrPlain   = errors.New("the address is not an https one")
)

// New returns a client.
func New(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: dialTime}
	if !o.Private {
		dialer.Control = refusePrivate
	}
	return &http.Client{
		Timeout:       CallTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &onlyTLS{&http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTime,
			ResponseHeaderTimeout:  CallTime,
			MaxResponseHeaderBytes: maxHeader,
			MaxConnsPerHost:        maxConns,
			MaxIdleConns:           2 * maxConns,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
		}},
	}
}

type onlyTLS struct{ under *http.Transport }

// RoundTrip refuses what is not https.
func (t *onlyTLS) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, ErrPlain
	}
	return t.under.RoundTrip(r)
}

// CloseIdleConnections closes connections that are kept for the next call.
func (t *onlyTLS) CloseIdleConnections() { t.under.CloseIdleConnections() }

// ParseURL reads an address that can be called: https, a host, no user, no
// fragment, and nothing but printable signs of ASCII.
func ParseURL(text string) (*url.URL, error) {
	bad := errors.New("the address is no https address")
	if len(text) > MaxAddress || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, bad
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" || strings.Contains(text, "#") {
		return nil, bad
	}
	return u, nil
}

func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

// reserved lists what IsPublic refuses beside what net/netip knows by name: from
// the registries of special-purpose addresses (RFC 6890 and its followers). Those
// that wrap an IPv4 address are in it, since a gateway may unwrap them.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(list ...string) []netip.Prefix {
	var parsed []netip.Prefix
	for _, text := range list {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

// IsPublic reports whether an address can belong to somebody else on the
// internet.
func IsPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Read reads an answer's body, or as much as MaxAnswer of it, and closes it.
func Read(answer *http.Response) []byte {
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, MaxAnswer))
	return body
}

// RetryAfter returns how long an answer asks to wait, or 0. A point in time is
// taken against the answer's own date: the two come from one clock.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if s, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	until, err := http.ParseTime(text)
	date, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return max(0, until.Sub(date))
}

// Trouble says why a call had no answer, for a log: without the address, which
// an error of net/http begins with.
type Trouble struct {
	Words string
	Setup bool // it will not get better by itself: somebody has to change a setting
}

// Explain explains the error of a call that had no answer.
func Explain(err error) Trouble {
	var (
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		timeout net.Error
		lookup  *net.DNSError
	)
	switch {
	case errors.Is(err, ErrPrivate):
		return Trouble{ErrPrivate.Error(), true}
	case errors.Is(err, ErrPlain):
		return Trouble{ErrPlain.Error(), true}
	case errors.As(err, &cert):
		return Trouble{"the other side's certificate does not hold", true}
	case errors.As(err, &record) || strings.Contains(err.Error(), http.ErrSchemeMismatch.Error()):
		return Trouble{"the other side does not speak TLS", true}
	case errors.Is(err, context.Canceled):
		return Trouble{"the call was given up", false}
	case errors.As(err, &lookup):
		return Trouble{"the other side's name is not known", false}
	case errors.As(err, &timeout) && timeout.Timeout():
		return Trouble{"the other side took too long", false}
	}
	return Trouble{"the other side cannot be reached, or hung up", false}
}
