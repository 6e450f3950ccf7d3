package web

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	chromium "roundtable/internal/browser" // the table of routes has a browser of its own
	"roundtable/internal/web/page"
)

var full = flag.Bool("full", false, "hold every page of the gallery in every view, not in three")

// Every page of the gallery is held in a real browser, with the headers that the
// server sends. Three views are enough to find what a change of words or structure
// breaks; the whole matrix is for changes of the style.
var (
	someViews = []chromium.View{
		{Viewport: chromium.Desktop},
		{Viewport: chromium.Phone, Media: chromium.Media{Dark: true}},
		{Viewport: chromium.Narrow, Media: chromium.Media{ForcedColors: true}},
	}
	allViews = append([]chromium.View{
		{Viewport: chromium.Desktop, Media: chromium.Media{ForcedColors: true}},
		{Viewport: chromium.Phone, Media: chromium.Media{ForcedColors: true, Dark: true}},
		{Viewport: chromium.Desktop, Media: chromium.Media{MoreContrast: true}},
		{Viewport: chromium.Desktop.Zoom(200)},
		{Viewport: chromium.Reflow},
	}, chromium.Views...)
)

// galleryTabs is how many pages are looked at at once.
const galleryTabs = 2

func TestGalleryInBrowser(t *testing.T) {
	b, entries := chromium.Shared(t), page.Gallery()
	origin := serveGallery(t, entries)
	router, err := newRouter(routes())
	if err != nil {
		t.Fatal(err)
	}
	views := someViews
	if *full {
		views = allViews
	}
	for n := range galleryTabs {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			tab := b.NewTab(t)
			for i := n; i < len(entries); i += galleryTabs {
				t.Run(entries[i].Name, func(t *testing.T) {
					tab, url := tab.For(t), origin+"/"+entries[i].Name
					tab.SetScript(true)
					chromium.CheckViews(t, tab, url, views...)
					checkPhone(t, tab)
					checkWithoutScript(t, tab, url, router)
				})
			}
		})
	}
}

// serveGallery serves the pages by name, and says nothing to what they ask for
// besides style and script.
func serveGallery(t *testing.T, entries []page.Entry) (origin string) {
	t.Helper()
	pages := map[string]page.Page{}
	for _, e := range entries {
		pages["/"+e.Name] = e.Page
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &ask{w: &recorder{ResponseWriter: w}, r: r}
		secure(a.w.Header(), false)
		a.w.Header().Set("Permissions-Policy", permissionsOf[passkeys|awake])
		err := error(nil)
		switch p := pages[r.URL.Path]; {
		case p != nil:
			err = a.show(http.StatusOK, p)
		case assets[r.URL.Path]:
			err = serveStatic(r.Context(), a)
		case r.URL.Path == "/sw.js":
			err = a.send(http.StatusOK, "text/javascript; charset=utf-8", nil) // one that keeps nothing
		default:
			err = a.none()
		}
		if err != nil {
			t.Errorf("GET %s: %v", r.URL.Path, err)
		}
	}))
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// checkPhone looks at the page on a phone: what is touched is large enough, and
// what has the focus is seen to have it, wherever it is.
func checkPhone(t *testing.T, tab *chromium.Tab) {
	t.Helper()
	before := tab.View()
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	for _, small := range chromium.Eval[[]string](tab, smallTargets) {
		t.Errorf("on a phone this is less than 44 px to touch: %s", small)
	}
	for _, lost := range chromium.Eval[[]string](tab, lostFocus) {
		t.Errorf("on a phone the focus is not seen: %s", lost)
	}
	tab.SetView(before)
}

// shownControls is the expression for what can be operated and is shown. Links
// within a sentence are no targets by themselves (WCAG 2.2, 2.5.8), nor is what
// stands in a page for script alone to show.
const shownControls = `[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")].filter(e =>
	e.checkVisibility({visibilityProperty: true}) && !e.closest("[inert]") && !e.matches(".vh, .skip"))`

// smallTargets lists what is less than 44 px high or wide to a finger. A field and
// its label are touched as one.
const smallTargets = `(() => {
	const most = (a, b) => ({left: Math.min(a.left, b.left), right: Math.max(a.right, b.right), top: Math.min(a.top, b.top), bottom: Math.max(a.bottom, b.bottom)});
	const small = [];
	for (const e of ` + shownControls + `) {
		if (e.matches("a") && getComputedStyle(e).display === "inline") continue;
		let box = e.getBoundingClientRect();
		if (getComputedStyle(e, "::after").position === "absolute" && getComputedStyle(e).position === "static") box = e.offsetParent.getBoundingClientRect(); // the whole row is pressed
		for (const l of e.labels || []) if (e.matches("[type=radio], [type=checkbox]")) box = most(box, l.getBoundingClientRect());
		const w = box.right - box.left, h = box.bottom - box.top;
		if (w < 43.5 || h < 43.5) small.push(Math.round(w) + "×" + Math.round(h) + " " + e.cloneNode(true).outerHTML.replace(/\s+/g, " ").slice(0, 200));
	}
	return small;
})()`

// lostFocus lists what shows no focus when it has it, or has it under something
// else.
const lostFocus = `(() => {
	const lost = [], say = (e, why) => lost.push(why + ": " + e.outerHTML.replace(/\s+/g, " ").slice(0, 200));
	for (const e of [...` + shownControls + `, ...document.querySelectorAll("[tabindex='0']")]) {
		e.focus({focusVisible: true});
		if (document.activeElement !== e) { say(e, "takes no focus"); continue; }
		const look = getComputedStyle(e);
		if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) say(e, "no outline");
		const box = e.getBoundingClientRect();
		if (box.top < -1 && box.height < innerHeight || box.top > innerHeight - 8) { say(e, "not scrolled to"); continue; }
		const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1), y = Math.min(Math.max(box.top + Math.min(box.height, 44) / 2, 1), innerHeight - 1);
		const top = document.elementFromPoint(x, y);
		if (!top || !(e.contains(top) || top.contains(e) || [...(e.labels || [])].some(l => l.contains(top)))) say(e, "covered by " + (top && top.cloneNode(false).outerHTML.slice(0, 80)));
	}
	if (document.activeElement) document.activeElement.blur();
	return lost;
})()`

// sending is a form, or a button of one that sends elsewhere, or a link.
type sending struct {
	Method, Action, Page string
	Working              bool // there is a button that is shown, or it is a link
}

// checkWithoutScript opens the page with scripts off: every form has a button that
// sends it, and what is sent or followed leads to a route of the table.
func checkWithoutScript(t *testing.T, tab *chromium.Tab, address string, router *router) {
	t.Helper()
	tab.SetScript(false)
	tab.Go(address)
	for _, s := range chromium.Eval[[]sending](tab, sendings) {
		if !s.Working {
			t.Errorf("without script the form to %s %s has no button", s.Method, s.Action)
		}
		u, err := url.Parse(s.Action)
		if err != nil {
			t.Errorf("the page leads to %q: %v", s.Action, err)
			continue
		}
		if u.Host != "" || u.Scheme != "" || u.Path == "" {
			continue // a web page elsewhere, a telephone, a place on the page
		}
		found, _ := router.find(s.Method, u)
		switch later := laterRoutes[s.Method+" "+u.Path]; {
		case found == nil && !later:
			t.Errorf("the page leads to %s %s, which is no route", s.Method, s.Action)
		case found != nil && later:
			t.Errorf("%s %s is a route now: take it out of laterRoutes", s.Method, s.Action)
		}
	}
	tab.SetScript(true)
}

// laterRoutes are what the gallery's pages lead to beyond the table: the pages have
// a place for it, and no handler puts anything there yet. What the kept walk's form
// says is for script alone, which never sends it.
var laterRoutes = map[string]bool{
	"POST /desk":                           true,
	"GET /manage/policies/law-enforcement": true,
	"GET /manage/reports.csv":              true,
	"POST /setup/passkey/begin":            true,
	"POST /setup/passkey/finish":           true,
}

const sendings = `(() => {
	const seen = e => e.checkVisibility({visibilityProperty: true});
	const forms = [...document.querySelectorAll("form:not([data-passkey], [data-push])")].filter(f => !f.closest(".lock-over"));
	const list = forms.map(f => ({method: f.method.toUpperCase(), action: f.getAttribute("action"),
		working: [...f.elements].some(e => e.type === "submit" && (seen(e) || e.closest("details, dialog")))}));
	for (const b of document.querySelectorAll("button[formaction]")) list.push({method: "POST", action: b.getAttribute("formaction"), working: true});
	for (const f of document.querySelectorAll("form[data-passkey]")) for (const name of ["options", "finish"]) list.push({method: "POST", action: f.dataset[name], working: true});
	for (const a of document.querySelectorAll("a[href]")) list.push({method: "GET", action: a.getAttribute("href"), working: true});
	return list;
})()`

// TestGalleryIsValidHTML gives all pages to the Nu HTML Checker at once.
func TestGalleryIsValidHTML(t *testing.T) {
	pages := map[string][]byte{}
	for _, e := range page.Gallery() {
		var b bytes.Buffer
		if err := page.Render(&b, e.Page); err != nil {
			t.Fatalf("Render(%s) = %v", e.Name, err)
		}
		pages[e.Name] = b.Bytes()
	}
	for _, fault := range chromium.ValidateHTML(t, pages) {
		t.Error(fault)
	}
}
