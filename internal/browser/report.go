package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/network"
)

// Request is a request that a page made, or a redirect that it followed.
type Request struct {
	URL     string
	Method  string
	Type    string // Document, Stylesheet, Script, Image, Fetch, EventSource, …: Network.ResourceType of the DevTools protocol
	Page    string // the address of the page that asked
	Status  int    // of the answer; 0 where there has been none
	Failure string // why there is no answer, in the browser's words: "net::ERR_…", or "csp" where the page's policy stopped it
}

// Message is something that stands on the browser's console.
type Message struct {
	Level  string // error, warning, info, log, debug, …
	Source string // console, exception, or who else said it: network, security, …
	Text   string
	URL    string
	Line   int // counted from 1; 0 where unknown
}

// String returns the message on one line.
func (m Message) String() string {
	return fmt.Sprintf("%s (%s): %s (%s:%d)", m.Level, m.Source, m.Text, m.URL, m.Line)
}

// Breach is something that the content security policy of a page stopped, or would
// have stopped where it only reports.
type Breach struct {
	Directive  string // script-src-elem, style-src-attr, …
	Blocked    string // the address, or inline, eval, …
	ReportOnly bool
	URL        string // where it stands
	Line       int    // counted from 1; 0 where unknown
}

// String returns the breach on one line.
func (b Breach) String() string {
	return fmt.Sprintf("%s stopped %s (%s:%d)", b.Directive, b.Blocked, b.URL, b.Line)
}

// Response is the answer that a page came in.
type Response struct {
	URL            string
	Status         int
	Header         http.Header // as the server sent it, Set-Cookie too
	ServiceWorker  bool        // a service worker gave the answer
	RefusedCookies []string    // each cookie that the browser did not take, and why
}

// Forget empties what the tab has written down: requests, dials, messages,
// breaches, dialogs.
func (t *Tab) Forget() {
	t.sync()
	r := &t.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hops, r.byID, r.extras = nil, nil, nil
	r.messages, r.breaches, r.dialogs = nil, nil, nil
	t.gate.forget()
}

// Requests returns every request that pages in the tab made, in order, redirects
// too, but not those of service workers (see Dials).
func (t *Tab) Requests() []Request {
	t.sync()
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	list := make([]Request, len(t.record.hops))
	for i, h := range t.record.hops {
		list[i] = h.Request
	}
	return list
}

// Dials returns every address that anything in the tab wanted to reach, service
// workers and what the browser does for a page unasked included. A connection that
// is kept open is told once.
func (t *Tab) Dials() []Dial { return t.gate.dials() }

// Received returns how many bytes have come over the network to anything in the tab
// since it last forgot: heads and bodies of answers, as they were sent, to pages and
// service workers alike.
func (t *Tab) Received() int64 {
	t.sync()
	return t.gate.came.Load()
}

// Messages returns what stands on the console, from scripts and from the browser.
func (t *Tab) Messages() []Message {
	t.sync()
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	return slices.Clone(t.record.messages)
}

// Breaches returns what the content security policies of pages in the tab stopped.
// They come from the browser itself, so scripts may be off.
func (t *Tab) Breaches() []Breach {
	t.sync()
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	return slices.Clone(t.record.breaches)
}

// Dialogs returns the texts of the dialogs (alert, confirm, leave this page) that
// the browser showed. Each was accepted.
func (t *Tab) Dialogs() []string {
	t.sync()
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	return slices.Clone(t.record.dialogs)
}

// Response returns the answer that the page which is shown came in. It is zero
// where there was none or it has been forgotten.
func (t *Tab) Response() Response {
	t.sync()
	r := &t.record
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.last(network.RequestID(r.loader))
	if h == nil || h.response == nil {
		return Response{}
	}
	answer := Response{URL: h.URL, Status: h.Status, ServiceWorker: h.response.FromServiceWorker, Header: header(h.response.Headers)}
	if extra := r.extra(h); extra != nil {
		answer.Header = header(extra.Headers)
		for _, c := range extra.BlockedCookies {
			answer.RefusedCookies = append(answer.RefusedCookies, fmt.Sprintf("%s: %v", c.CookieLine, c.BlockedReasons))
		}
	}
	return answer
}

// extra returns what the network stack told of a hop. It tells the hops of one
// request in order, but leaves out those that came from a cache.
func (r *record) extra(of *hop) *network.EventResponseReceivedExtraInfo {
	told := r.extras[of.id]
	for _, h := range r.byID[of.id] {
		switch {
		case !h.hasExtra:
		case len(told) == 0:
			return nil
		case h == of:
			return told[0]
		default:
			told = told[1:]
		}
	}
	return nil
}

// header returns headers of the DevTools protocol, in which a field that was sent
// several times has lines.
func header(h network.Headers) http.Header {
	list := http.Header{}
	for name, value := range h {
		for line := range strings.SplitSeq(fmt.Sprint(value), "\n") {
			list.Add(name, line)
		}
	}
	return list
}
