package browser

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// CheckPage opens a page in a tab, as the tab looks at pages just now, and reports
// as an error each thing in it that no page of ours may have:
//
//   - a rule of accessibility broken (axe);
//   - something that the page's content security policy stopped;
//   - an error on the console;
//   - a request to anywhere else than where the page came from, a try to reach
//     anything else, or a hint to;
//   - not exactly one h1 that is shown, no title, no language;
//   - sideways scrolling 320 px wide, or at 400 % (Narrow and Reflow), also with
//     the spacing of text that a person may ask for.
//
// The tab forgets what it had written down before, and is left on the page, as it
// was set. One tab serves any number of pages.
func CheckPage(tb TB, tab *Tab, url string) {
	tb.Helper()
	CheckViews(tb, tab, url, tab.View())
}

// CheckViews does what CheckPage does in each of several views, in Views where none
// is named, and opens the page only once, in the first.
func CheckViews(tb TB, tab *Tab, url string, views ...View) {
	tb.Helper()
	t, before := tab.For(tb), tab.View()
	report := func(faults []string) {
		tb.Helper()
		for _, fault := range faults {
			tb.Errorf("%s at %s: %s", url, t.View(), fault)
		}
	}
	if len(views) == 0 {
		views = Views
	}
	for i, v := range views {
		if v != t.View() {
			t.SetView(v)
		}
		if i == 0 {
			t.Forget()
			t.Go(url)
			t.Settle()
			report(t.headFaults())
		}
		report(t.headingFaults())
		report(t.axeFaults(url))
	}
	report(t.sidewaysFaults())
	report(t.recordFaults(url))
	if t.View() != before {
		t.SetView(before)
	}
}

// axeFaults returns what axe finds, and says aloud what it is not sure of.
func (t *Tab) axeFaults(url string) (faults []string) {
	t.tb.Helper()
	broken, unsure := axe(t)
	for _, v := range broken {
		faults = append(faults, v.String())
	}
	for _, v := range unsure {
		t.tb.Logf("%s at %s: axe is not sure: %v", url, t.View(), v)
	}
	return faults
}

// headFaults returns what is wrong with title, language and hints.
func (t *Tab) headFaults() (faults []string) {
	t.tb.Helper()
	type head struct {
		Title, Lang string
		Ahead       []string
	}
	h := ask[head](t, "read the head", `() => ({
		title: document.title.trim(),
		lang: document.documentElement.lang.trim(),
		ahead: [...document.querySelectorAll("link[href]")]
			.filter(e => /\b(preconnect|dns-prefetch|prefetch|prerender|preload)\b/i.test(e.rel) && new URL(e.href).origin !== location.origin)
			.map(e => e.href),
	})`)
	if h.Title == "" {
		faults = append(faults, "the page has no title")
	}
	if h.Lang == "" {
		faults = append(faults, "the page does not say its language")
	}
	for _, address := range h.Ahead {
		// A tab of ours is like a private window, which does not act on most of
		// these, so they are not among its requests. Other windows do.
		faults = append(faults, "the page has the browser reach "+address+" ahead of time")
	}
	return faults
}

// headingFaults returns what is wrong with the main heading.
func (t *Tab) headingFaults() []string {
	t.tb.Helper()
	shown := ask[[]string](t, "read the headings", `() =>
		[...document.querySelectorAll("h1")].filter(e => e.checkVisibility()).map(e => e.textContent.trim())`)
	if len(shown) != 1 {
		return []string{fmt.Sprintf("the page shows %d h1, want 1: %q", len(shown), shown)}
	}
	return nil
}

// sidewaysFaults returns what lies beyond the side of the page in a small window.
func (t *Tab) sidewaysFaults() (faults []string) {
	t.tb.Helper()
	before := t.View().Viewport
	for _, v := range []Viewport{Narrow, Reflow} {
		t.SetViewport(v)
		for _, spaced := range []bool{false, true} {
			if fault := t.sideways(v, spaced); fault != "" {
				faults = append(faults, fault)
				break
			}
		}
	}
	t.SetViewport(before)
	return faults
}

// measure is the function that tells how wide a page is laid out, how wide it is
// and which elements are to blame. Where it is told so, it looks at the page with
// the spacing of text of WCAG 2.2 (1.4.12); a constructed sheet needs no leave of
// the page's policy.
const measure = `spaced => {
	let sheet;
	if (spaced) {
		sheet = new CSSStyleSheet();
		sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }" +
			" p { margin-block-end: 2em !important }");
		document.adoptedStyleSheets.push(sheet);
	}
	const page = document.documentElement, window = page.clientWidth, wide = document.scrollingElement.scrollWidth;
	const beyond = [];
	if (wide > window) {
		const inside = new Map();
		const hides = e => { // in a box that scrolls or cuts off by itself
			if (!e || e === document.body || e === page) return false;
			if (!inside.has(e)) inside.set(e, getComputedStyle(e).overflowX !== "visible" || hides(e.parentElement));
			return inside.get(e);
		};
		for (const e of document.body.querySelectorAll("*")) {
			const box = e.getBoundingClientRect();
			if ((box.right + scrollX > window + .5 || box.left + scrollX < -.5) && box.width > 0 && !hides(e.parentElement)) {
				beyond.push(e.cloneNode(false).outerHTML);
			}
		}
	}
	if (sheet) document.adoptedStyleSheets.splice(document.adoptedStyleSheets.indexOf(sheet), 1);
	return {window, wide, beyond: beyond.slice(-3)};
}`

func (t *Tab) sideways(v Viewport, spaced bool) string {
	t.tb.Helper()
	type size struct {
		Window, Wide int
		Beyond       []string
	}
	s := ask[size](t, "measure the page", measure, spaced)
	how := fmt.Sprintf("in a window of %d px", v.Width)
	if v.Scale > 1 {
		how += fmt.Sprintf(" (a zoom of %.0f %%)", v.Scale*100)
	}
	if spaced {
		how += " with text spaced out"
	}
	switch {
	case s.Window != v.Width:
		return fmt.Sprintf("%s the page is laid out %d px wide: say width=device-width in a viewport tag", how, s.Window)
	case s.Wide > s.Window:
		return fmt.Sprintf("%s the page is %d px wide and scrolls sideways; beyond the edge: %s", how, s.Wide, oneLine(strings.Join(s.Beyond, " ")))
	}
	return ""
}

// recordFaults returns what happened while the page was open and may not happen.
func (t *Tab) recordFaults(address string) (faults []string) {
	t.tb.Helper()
	breaches, answer := t.Breaches(), t.Response()
	for _, b := range breaches {
		faults = append(faults, "content security policy: "+b.String())
	}
	for _, m := range t.Messages() {
		if isPageError(m, answer, len(breaches) > 0) {
			faults = append(faults, "console: "+m.String())
		}
	}
	return append(faults, t.Strays(address)...)
}

// isPageError reports whether a message is an error of the page: not what the
// policy stopped, where that is told already, and not that the page itself is
// answered with 404 or the like, which may be what it is for.
func isPageError(m Message, page Response, policyTold bool) bool {
	ownStatus := m.Source == "network" && page.Status >= 400 && sameDocument(m.URL, page.URL)
	return m.Level == "error" && !ownStatus && !(policyTold && m.Source == "security")
}

func sameDocument(a, b string) bool {
	a, _, _ = strings.Cut(a, "#")
	b, _, _ = strings.Cut(b, "#")
	return a == b
}

// Strays returns each request and each try to reach something, since the tab last
// forgot, that went anywhere else than to the origin of an address.
func (t *Tab) Strays(address string) (strays []string) {
	t.tb.Helper()
	home, err := url.Parse(address)
	if err != nil || home.Host == "" {
		t.tb.Fatalf("find strays: %q is no address of a page", address)
	}
	for _, r := range t.Requests() {
		to, err := url.Parse(r.URL)
		if err == nil && slices.Contains([]string{"data", "blob", "about"}, to.Scheme) {
			continue // made of what the page has; nothing is sent
		}
		if err != nil || to.Scheme != home.Scheme || to.Host != home.Host {
			strays = append(strays, fmt.Sprintf("%s %s (%s) leaves the origin", r.Method, oneLine(r.URL), r.Type))
		}
	}
	for _, d := range t.Dials() {
		if d.Address != hostPort(home) {
			strays = append(strays, "tried to reach "+d.Address)
		}
	}
	return strays
}

// hostPort returns what is dialled for an address.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
