package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Tab is one page of a browser. It is for one goroutine. A method that cannot do
// what it says ends the test.
type Tab struct {
	tb TB
	*tabState
}

// tabState is what the Tabs of one page share that report to different tests.
type tabState struct {
	ctx     context.Context
	browser *Browser
	gate    *gate
	record  record
	set     settings
	world   world

	patience time.Duration // how long an element is awaited
}

// NewTab opens a tab with cookies, storage and a way to the network of its own, at
// the size of Desktop, in light colours, and closes it with the test.
func (b *Browser) NewTab(tb TB) *Tab {
	tb.Helper()
	g, err := newGate()
	if err != nil {
		tb.Fatalf("open a tab: %v", err)
	}
	t := &tabState{browser: b, gate: g, patience: findTimeout}
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithListener(t.listen),
		chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) {
			p.ProxyServer, p.ProxyBypassList = g.proxy(), "<-loopback>"
		}))
	t.ctx = ctx
	tb.Cleanup(func() {
		g.setOffline(true) // a request that never ends would hold the tab up
		closeTab()
		g.close()
	})
	return t.start(tb)
}

// Another opens one more tab of the same device: it shares cookies, storage and
// network with t. It closes with the test.
func (t *Tab) Another() *Tab {
	t.tb.Helper()
	other := &tabState{browser: t.browser, gate: t.gate, patience: t.patience}
	ctx, closeTab := chromedp.NewContext(t.ctx, chromedp.WithListener(other.listen))
	other.ctx = ctx
	t.tb.Cleanup(closeTab)
	return other.start(t.tb)
}

// For returns the same tab, reporting to another test, such as a subtest.
func (t *Tab) For(tb TB) *Tab { return &Tab{tb: tb, tabState: t.tabState} }

func (t *tabState) start(tb TB) *Tab {
	tb.Helper()
	tab := &Tab{tb: tb, tabState: t}
	// The first call binds the life of the tab to its context, so it has no limit.
	err := chromedp.Do(t.ctx,
		do(audits.Enable, cdp.Empty{}),
		// Several tabs, each of which thinks that it is the one in use.
		do(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
	)
	if err != nil {
		tb.Fatalf("open a tab: %v", err)
	}
	tab.SetView(View{Viewport: Desktop})
	return tab
}

// do makes a step of a command whose answer does not matter.
func do[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, c, params)
		return err
	})
}

// command sends a command and returns its answer.
func command[P, R any](ctx context.Context, c cdp.Command[P, R], params P) (R, error) {
	return chromedp.Call(ctx, c, params)
}

// must sends a command and ends the test if it fails. doing says what it is for.
func must[P, R any](t *Tab, doing string, c cdp.Command[P, R], params P) R {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	answer, err := command(ctx, c, params)
	if err != nil {
		t.tb.Fatalf("%s: %v", doing, err)
	}
	return answer
}

func (t *tabState) limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.ctx, opTimeout)
}

// Go opens a URL, waits until the page has loaded, and returns the answer. An
// answer of any status is a page; no answer ends the test.
func (t *Tab) Go(url string) Response {
	t.tb.Helper()
	r, err := t.TryGo(url)
	if err != nil {
		t.tb.Fatalf("%v", err)
	}
	return r
}

// TryGo is Go for a test in which the page may not be reached.
func (t *Tab) TryGo(url string) (Response, error) {
	ctx, cancel := t.limit()
	defer cancel()
	before := t.record.commits()
	answer, err := command(ctx, page.Navigate, page.NavigateParams{URL: url})
	switch {
	case err != nil:
		return Response{}, fmt.Errorf("go to %s: %w", url, err)
	case answer.IsDownload:
		return Response{}, fmt.Errorf("go to %s: it is a download, not a page", url)
	case answer.ErrorText != "":
		t.awaitErrorPage(ctx, answer)
		return Response{}, fmt.Errorf("go to %s: %s", url, answer.ErrorText)
	case answer.LoaderID == "": // a place on the same page
		return t.Response(), nil
	}
	if err := t.record.awaitLoad(ctx, before); err != nil {
		return Response{}, fmt.Errorf("go to %s: %w", url, err)
	}
	return t.Response(), nil
}

// awaitErrorPage waits for the page that the browser shows in place of one that it
// could not reach, so that it is not taken for the next page. There is none after
// an aborted navigation.
func (t *tabState) awaitErrorPage(ctx context.Context, answer page.NavigateResult) {
	if answer.ErrorText == "net::ERR_ABORTED" {
		return
	}
	t.record.await(ctx, func() bool { return t.record.loader == answer.LoaderID })
}

// Reload loads the page again.
func (t *Tab) Reload() Response {
	t.tb.Helper()
	t.move("reload", func(ctx context.Context) error {
		_, err := command(ctx, page.Reload, page.ReloadParams{})
		return err
	})
	return t.Response()
}

// Back goes back by one page, as the browser's button does. It returns whether the
// page came out of the back/forward cache, with all that was on it, and if not,
// the browser's names for the reasons.
func (t *Tab) Back() (restored bool, reasons []string) {
	t.tb.Helper()
	return t.history(-1)
}

// Forward goes forward by one page. It returns what Back returns.
func (t *Tab) Forward() (restored bool, reasons []string) {
	t.tb.Helper()
	return t.history(1)
}

func (t *Tab) history(by int64) (bool, []string) {
	t.tb.Helper()
	t.record.leave()
	t.move("go through the history", func(ctx context.Context) error {
		h, err := command(ctx, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		to := h.CurrentIndex + by
		if to < 0 || to >= int64(len(h.Entries)) {
			return errors.New("there is no page that way")
		}
		_, err = command(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[to].ID})
		return err
	})
	t.sync() // the reasons may come after the page
	return t.record.restoration()
}

// move does what leads to another page and waits until that has loaded.
func (t *Tab) move(what string, step func(context.Context) error) {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	before := t.record.commits()
	if err := step(ctx); err != nil {
		t.tb.Fatalf("%s: %v", what, err)
	}
	if err := t.record.awaitLoad(ctx, before); err != nil {
		t.tb.Fatalf("%s: %v", what, err)
	}
}

// URL returns the address of the page, with its fragment.
func (t *Tab) URL() string {
	t.tb.Helper()
	return ask[string](t, "read the address", `() => location.href`)
}

// Title returns the title of the page.
func (t *Tab) Title() string {
	t.tb.Helper()
	return ask[string](t, "read the title", `() => document.title`)
}

// HTML returns the page as it is now, which is not what the server sent where a
// script or the browser's own mending has changed it.
func (t *Tab) HTML() string {
	t.tb.Helper()
	return ask[string](t, "read the page", `() => document.documentElement.outerHTML`)
}

// oneLine shortens a text for a message.
func oneLine(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
