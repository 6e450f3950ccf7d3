package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// A record is what has happened in a tab, in the order in which the browser told
// it. The browser's events arrive on a goroutine that must not wait, so they are
// only written down.
type record struct {
	mu      sync.Mutex    // guards what follows
	changed chan struct{} // closed and replaced at each event that somebody may await

	frame    cdp.FrameID  // of the page, not of frames in it
	loader   cdp.LoaderID // of the page that is shown
	pages    int          // how many pages (or places on a page) there have been
	loaded   bool         // the page has fired its load event
	restored bool         // the page came out of the back/forward cache
	reasons  []string     // why it did not

	hops     []*hop
	byID     map[network.RequestID][]*hop
	extras   map[network.RequestID][]*network.EventResponseReceivedExtraInfo
	messages []Message
	breaches []Breach
	dialogs  []string
	ours     map[runtime.ExecutionContextID]bool // worlds of this package
}

// hop is one request; a redirect makes a new one under the same id.
type hop struct {
	Request
	id       network.RequestID
	frame    cdp.FrameID
	hasExtra bool
	ended    bool
	response *network.Response
}

// listen takes an event of the browser.
func (t *tabState) listen(event any) {
	if opened, ok := event.(*page.EventJavascriptDialogOpening); ok {
		go t.accept(opened)
	}
	t.record.take(event)
}

// accept presses OK in a dialog of the browser, which holds everything up.
func (t *tabState) accept(opened *page.EventJavascriptDialogOpening) {
	ctx, cancel := t.limit()
	defer cancel()
	command(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true, PromptText: opened.DefaultPrompt})
}

func (r *record) take(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFrameNavigated:
		r.navigated(e)
	case *page.EventNavigatedWithinDocument:
		if e.FrameID == r.frame {
			r.pages++
		}
	case *page.EventLifecycleEvent:
		if e.Name == "load" && e.LoaderID == r.loader {
			r.loaded = true
		}
	case *page.EventBackForwardCacheNotUsed:
		for _, why := range e.NotRestoredExplanations {
			r.reasons = append(r.reasons, string(why.Reason))
		}
	case *page.EventJavascriptDialogOpening:
		r.dialogs = append(r.dialogs, e.Message)
	case *network.EventRequestWillBeSent:
		r.requested(e)
	case *network.EventResponseReceived:
		if h := r.last(e.RequestID); h != nil {
			h.answered(e.Response, e.HasExtraInfo)
		}
	case *network.EventResponseReceivedExtraInfo:
		if r.extras == nil {
			r.extras = map[network.RequestID][]*network.EventResponseReceivedExtraInfo{}
		}
		r.extras[e.RequestID] = append(r.extras[e.RequestID], e)
	case *network.EventLoadingFinished:
		if h := r.last(e.RequestID); h != nil {
			h.ended = true
		}
	case *network.EventLoadingFailed:
		if h := r.last(e.RequestID); h != nil {
			h.ended, h.Failure = true, e.ErrorText
			if e.BlockedReason != "" {
				h.Failure = string(e.BlockedReason)
			}
		}
	case *runtime.EventExecutionContextCreated:
		if e.Context.Name == worldName {
			if r.ours == nil {
				r.ours = map[runtime.ExecutionContextID]bool{}
			}
			r.ours[e.Context.ID] = true
		}
	case *runtime.EventConsoleAPICalled:
		if !r.ours[e.ExecutionContextID] {
			r.messages = append(r.messages, consoleMessage(e))
		}
	case *runtime.EventExceptionThrown:
		if !r.ours[e.ExceptionDetails.ExecutionContextID] {
			r.messages = append(r.messages, exceptionMessage(e.ExceptionDetails))
		}
	case *log.EventEntryAdded:
		r.messages = append(r.messages, Message{
			Level: string(e.Entry.Level), Source: string(e.Entry.Source), Text: e.Entry.Text, URL: e.Entry.URL, Line: int(e.Entry.LineNumber),
		})
	case *audits.EventIssueAdded:
		if e.Issue.Details != nil && e.Issue.Details.ContentSecurityPolicyIssueDetails != nil {
			r.breaches = append(r.breaches, breach(e.Issue.Details.ContentSecurityPolicyIssueDetails))
		}
	default:
		return
	}
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

func (r *record) navigated(e *page.EventFrameNavigated) {
	if e.Frame.ParentID != "" {
		return
	}
	r.frame, r.loader = e.Frame.ID, e.Frame.LoaderID
	r.pages++
	r.restored = e.Type == page.NavigationTypeBackForwardCacheRestore
	r.loaded = r.restored
}

func (r *record) requested(e *network.EventRequestWillBeSent) {
	if e.RedirectResponse != nil {
		if h := r.last(e.RequestID); h != nil {
			h.answered(e.RedirectResponse, e.RedirectHasExtraInfo)
			h.ended = true
		}
	}
	h := &hop{id: e.RequestID, frame: e.FrameID, Request: Request{
		URL: e.Request.URL + e.Request.URLFragment, Method: e.Request.Method, Type: string(e.Type), Page: e.DocumentURL,
	}}
	if r.byID == nil {
		r.byID = map[network.RequestID][]*hop{}
	}
	r.hops = append(r.hops, h)
	r.byID[e.RequestID] = append(r.byID[e.RequestID], h)
}

func (r *record) last(id network.RequestID) *hop {
	if hops := r.byID[id]; len(hops) > 0 {
		return hops[len(hops)-1]
	}
	return nil
}

func (h *hop) answered(with *network.Response, hasExtra bool) {
	h.response, h.hasExtra, h.Status = with, hasExtra, int(with.Status)
}

func consoleMessage(e *runtime.EventConsoleAPICalled) Message {
	m := Message{Level: string(e.Type), Source: "console"}
	words := make([]string, len(e.Args))
	for i, arg := range e.Args {
		words[i] = arg.Description
		var text string
		switch {
		case json.Unmarshal(arg.Value, &text) == nil:
			words[i] = text
		case words[i] == "":
			words[i] = string(arg.Value)
		}
	}
	m.Text = strings.Join(words, " ")
	if e.StackTrace != nil && len(e.StackTrace.CallFrames) > 0 {
		at := e.StackTrace.CallFrames[0]
		m.URL, m.Line = at.URL, int(at.LineNumber)+1
	}
	return m
}

func exceptionMessage(d *runtime.ExceptionDetails) Message {
	m := Message{Level: "error", Source: "exception", Text: d.Text, URL: d.URL, Line: int(d.LineNumber) + 1}
	if d.Exception != nil {
		m.Text += " " + d.Exception.Description
	}
	return m
}

func breach(d *audits.ContentSecurityPolicyIssueDetails) Breach {
	b := Breach{Directive: d.ViolatedDirective, Blocked: d.BlockedURL, ReportOnly: d.IsReportOnly}
	if b.Blocked == "" {
		// kInlineViolation, kEvalViolation, …
		b.Blocked = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(string(d.ContentSecurityPolicyViolationType), "k"), "Violation"))
	}
	if at := d.SourceCodeLocation; at != nil {
		b.URL, b.Line = at.URL, int(at.LineNumber)+1
	}
	return b
}

// commits returns how many pages there have been.
func (r *record) commits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pages
}

// leave makes ready for a page out of the history.
func (r *record) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reasons = nil
}

func (r *record) restoration() (bool, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.restored, slices.Clone(r.reasons)
}

// awaitLoad waits until there is a page after the first so many, and it has loaded.
func (r *record) awaitLoad(ctx context.Context, before int) error {
	err := r.await(ctx, func() bool { return r.pages > before && r.loaded })
	if err == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pages == before {
		return fmt.Errorf("no page has opened: %w", err)
	}
	return fmt.Errorf("the page has not finished loading: %w; still awaited: %s", err, strings.Join(r.awaited(), ", "))
}

// awaited returns the addresses of the requests that have no end yet. Streams have
// none, so they do not count.
func (r *record) awaited() (urls []string) {
	for _, h := range r.hops {
		stream := h.Type == "EventSource" || h.Type == "WebSocket" || h.Type == "Ping"
		if !h.ended && !stream {
			urls = append(urls, h.URL)
		}
	}
	return urls
}

// await waits until ready, which is called with r.mu held.
func (r *record) await(ctx context.Context, ready func() bool) error {
	for {
		r.mu.Lock()
		if ready() {
			r.mu.Unlock()
			return nil
		}
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pauseTime is how long is waited between two looks at a page.
const pauseTime = 20 * time.Millisecond

// pause waits for a moment and reports whether there is time left.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(pauseTime):
		return true
	case <-ctx.Done():
		return false
	}
}

// sync asks the browser something, so that everything that it told before has been
// written down.
func (t *tabState) sync() {
	ctx, cancel := t.limit()
	defer cancel()
	command(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "0"})
}

// Settle waits until the page has had no request under way for a tenth of a second,
// for at most two seconds. Streams do not count.
func (t *Tab) Settle() {
	ctx, cancel := context.WithTimeout(t.ctx, 2*time.Second)
	defer cancel()
	for quiet := 0; quiet < 5; {
		t.record.mu.Lock()
		busy := len(t.record.awaited()) > 0
		t.record.mu.Unlock()
		quiet++
		if busy {
			quiet = 0
		}
		if !pause(ctx) {
			return
		}
	}
}
