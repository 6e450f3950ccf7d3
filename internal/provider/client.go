package provider

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Limits on what we ask of a provider.
const (
	RequestTime  = 10 * time.Second // for one request, its answer read
	MaxAnswer    = 256 << 10        // bytes of an answer
	maxHeader    = 32 << 10         // bytes of an answer's head
	maxRedirects = 3
)

var errAnswer = errors.New("the provider's answer is too long")

// bounded returns a client that keeps the limits, with the transport of another.
func bounded(c *http.Client, local bool) *http.Client {
	b := &http.Client{Timeout: RequestTime, CheckRedirect: checkRedirect}
	var under http.RoundTripper
	if c != nil {
		under = c.Transport
		if c.Timeout > 0 && c.Timeout < b.Timeout {
			b.Timeout = c.Timeout
		}
	}
	if under == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxResponseHeaderBytes = maxHeader
		t.MaxConnsPerHost = 8
		under = t
	}
	b.Transport = transport{under, local}
	return b
}

// checkRedirect follows a redirect within one host only: another would be shown
// what was meant for the provider, or stand inside our own network.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return errors.New("the provider redirects to another host")
	}
	if len(via) > maxRedirects {
		return errors.New("the provider redirects too often")
	}
	return nil
}

// transport refuses addresses that have no TLS, and answers that are too long.
type transport struct {
	under http.RoundTripper
	local bool
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := checkURL(r.URL.String(), t.local); err != nil {
		return nil, fmt.Errorf("ask %s: %w", r.URL.Host, err)
	}
	answer, err := t.under.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if answer.ContentLength > MaxAnswer {
		answer.Body.Close()
		return nil, errAnswer
	}
	answer.Body = &body{answer.Body, MaxAnswer}
	return answer, nil
}

// body fails at the first byte too many, rather than ending there as if that were
// all. It counts what is read, which a gzipped answer may have more of than it sent.
type body struct {
	io.ReadCloser
	left int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errAnswer
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errAnswer
	}
	return n, err
}
