// Package browser drives a real Chromium for tests, and for the program that takes
// the pictures of the documentation. It is never part of the product: only tests
// and that program import it.
//
// A Browser is one process. A Tab is like a device of its own: own cookies, own
// storage, own way to the network. Its methods read as a person would tell what to
// do ("click what is labelled Save") and end the test with a sentence when that
// cannot be done. A tab writes down everything that happens in it: requests,
// messages on the console, what the content security policy stopped.
//
// Nothing of a browser leaves this machine. Each tab reaches the network through
// a gate in this process that refuses every other address and writes it down.
//
// What this package asks of a page it asks in a world of its own (an isolated
// world of the DevTools protocol): the page cannot see it or be changed by it, it
// works when the page's scripts are off, and the page's policy is neither in its
// way nor weakened.
//
//	func TestMain(m *testing.M) { os.Exit(browser.Main(m.Run)) }
//
//	func TestReport(t *testing.T) {
//		tab := browser.Shared(t).NewTab(t)
//		tab.Go(origin + "/report")
//		tab.Fill(browser.Label("What happened"), "The lamp fell.")
//		tab.Follow(browser.Label("Send"))
//		browser.CheckViews(t, tab, origin+"/report")
//	}
//
// Passkeys, service workers and Secure cookies work over plain HTTP at localhost,
// and only there: put localhost in place of the 127.0.0.1 of httptest.
package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// opTimeout is how long one step, such as loading a page or finding a button, may
// take before the test fails. It is generous because test machines are slow.
const opTimeout = 30 * time.Second

// Browser is a running Chromium. It is safe for use by several goroutines; each
// Tab is for one.
type Browser struct {
	ctx   context.Context
	stop  func()
	home  string
	gate  *gate
	close func() error
}

// Start starts a browser that is the test's alone and ends with it. Where there is
// none the test is skipped aloud, or fails if Require is "1". Starting takes about
// two seconds: see Shared.
func Start(tb TB) *Browser {
	tb.Helper()
	path, err := Find()
	if err != nil {
		missing(tb, "Chromium", err)
	}
	b, err := Open(path)
	if err != nil {
		tb.Fatalf("start %s: %v", path, err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Errorf("close the browser: %v", err)
		}
	})
	return b
}

var shared struct {
	sync.Mutex // guards what follows
	running    bool
	browser    *Browser
	err        error
}

// Main runs the tests of a package, which Shared needs, and returns their exit
// code:
//
//	func TestMain(m *testing.M) { os.Exit(browser.Main(m.Run)) }
func Main(run func() int) int {
	shared.Lock()
	shared.running = true
	shared.Unlock()
	code := run()
	shared.Lock()
	defer shared.Unlock()
	shared.running = false
	if shared.browser != nil {
		if err := shared.browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "close the browser:", err)
			code = max(code, 1)
		}
	}
	return code
}

// Shared returns the browser that all tests of a package share, each with tabs of
// its own. The first that asks starts it; Main ends it. Where there is no browser
// it does what Start does.
func Shared(tb TB) *Browser {
	tb.Helper()
	path, err := Find()
	if err != nil {
		missing(tb, "Chromium", err)
	}
	shared.Lock()
	defer shared.Unlock()
	if !shared.running {
		tb.Fatalf("browser.Shared needs a TestMain that calls browser.Main")
	}
	if shared.browser == nil && shared.err == nil {
		shared.browser, shared.err = Open(path)
	}
	if shared.err != nil {
		tb.Fatalf("start %s: %v", path, shared.err)
	}
	return shared.browser
}

// Open starts the Chromium at path. Whoever opens it closes it.
func Open(path string) (*Browser, error) {
	home, err := os.MkdirTemp("", "roundtable-browser-")
	if err != nil {
		return nil, err
	}
	g, err := newGate()
	if err != nil {
		os.RemoveAll(home)
		return nil, err
	}
	options := append(flags(g), chromedp.ExecPath(path), chromedp.Env(
		// Whatever it writes beside its profile goes with it.
		"HOME="+home, "TMPDIR="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"),
		"XDG_CACHE_HOME="+filepath.Join(home, "cache"), "XDG_RUNTIME_DIR="+home,
	))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	b := &Browser{ctx: ctx, home: home, gate: g}
	b.stop = func() { stop(); stopAllocator() }
	b.close = sync.OnceValue(b.shut)
	if err := chromedp.Do(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// flags are Chromium's switches. chromedp's own make it headless, give it a fresh
// profile and add --no-sandbox for root alone; the profile is removed at the end.
// The gate refuses whatever would leave this machine.
func flags(g *gate) []chromedp.ExecAllocatorOption {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	for _, f := range append([][2]string{
		{"proxy-server", g.proxy()},
		// Chromium goes past a proxy to reach its own machine, unless told not to.
		{"proxy-bypass-list", "<-loopback>"},
		// Names are for the gate to judge; nothing is asked of a name server.
		{"host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"},
	}, quiet...) {
		if f[1] == "" {
			options = append(options, chromedp.Flag(f[0], true))
			continue
		}
		options = append(options, chromedp.Flag(f[0], f[1]))
	}
	return options
}

// quiet are the switches by which a browser does not even try to reach anything for
// itself: for order, and a test.
var quiet = [][2]string{
	{"force-webrtc-ip-handling-policy", "disable_non_proxied_udp"},
	// Where it would ask for accounts and for newer components: a port that
	// Chromium itself refuses.
	{"gaia-url", nowhere},
	{"component-updater", "url-source=" + nowhere},
	// Asking for the time; trying https where a test says http; asking a server
	// what the fields of a form are for.
	{"disable-features", "Translate,NetworkTimeServiceQuerying,HttpsUpgrades,OptimizationHints,MediaRouter,AutofillServerCommunication"},
	{"lang", "en-US"},
	{"disable-component-update"}, {"disable-domain-reliability"}, {"disable-crash-reporter"}, {"disable-quic"},
	{"disable-field-trial-config"}, {"no-pings"}, {"no-service-autorun"}, {"dns-prefetch-disable"},
}

const nowhere = "http://127.0.0.1:1/"

// Close ends the browser and all its processes and removes what it wrote. It is
// harmless to close it again.
func (b *Browser) Close() error { return b.close() }

func (b *Browser) shut() error {
	b.stop()
	b.gate.close()
	return removeAll(b.home)
}

// removeAll is os.RemoveAll for a folder into which a process that is just ending
// may still write.
func removeAll(dir string) (err error) {
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("remove what the browser wrote: %w", err)
}

// Dials returns what the browser wanted to reach for itself, beside what tabs did.
// It should want nothing.
func (b *Browser) Dials() []Dial { return b.gate.dials() }
