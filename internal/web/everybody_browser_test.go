package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	chromium "roundtable/internal/browser"
	"roundtable/internal/web/page"
)

// deskPages are the pages of the gallery that somebody at a desk walks on, each in the
// states that look different.
func deskPages(t *testing.T) (list []page.Entry) {
	t.Helper()
	names := []string{
		"desk", "desk-running", "desk-offline", "desk-all-found", "offline-desk", "offline-walk",
		"step", "step-wrong", "step-late", "step-elsewhere", "said", "finish", "finish-abuse",
	}
	for _, e := range page.Gallery() {
		if slices.Contains(names, e.Name) {
			list = append(list, e)
		}
	}
	if len(list) != len(names) {
		t.Fatalf("the gallery has %d of %d pages", len(list), len(names))
	}
	return list
}

// everyView is how the pages of a desk are looked at here, beside what
// TestGalleryInBrowser does with each: zoomed, and in the person's own colours.
var everyView = []chromium.View{
	{Viewport: chromium.Phone},
	{Viewport: chromium.Desktop},
	{Viewport: chromium.Desktop.Zoom(200)},
	{Viewport: chromium.Phone, Media: chromium.Media{Dark: true}},
	{Viewport: chromium.Phone, Media: chromium.Media{ForcedColors: true}},
	{Viewport: chromium.Desktop, Media: chromium.Media{ForcedColors: true, Dark: true}},
}

// TestDeskFromRightToLeft holds desk and step pages that are read from right to left:
// nothing in them is broken or beyond the edge, what stands at the start of a line
// stands at the right, and numbers keep their order.
func TestDeskFromRightToLeft(t *testing.T) {
	entries := deskPages(t)
	origin := serveTurned(t, entries)
	tab := chromium.Shared(t).NewTab(t)
	for _, e := range entries {
		t.Run(e.Name, func(t *testing.T) {
			tab := tab.For(t)
			chromium.CheckViews(t, tab, origin+"/"+e.Name, everyView[:3]...)
			tab.SetView(chromium.View{Viewport: chromium.Phone})
			for _, fault := range chromium.Eval[[]string](tab, notTurned) {
				t.Error(fault)
			}
		})
	}
	// A page that is not turned is found.
	tab.Go(serveGallery(t, entries) + "/step")
	if faults := chromium.Eval[[]string](tab, notTurned); len(faults) < 2 {
		t.Errorf("of a page from left to right is found %q", faults)
	}
}

// notTurned lists what does not follow the direction of the page.
const notTurned = `(() => {
	const faults = [], root = document.documentElement;
	if (getComputedStyle(root).direction !== "rtl") faults.push("the page is not read from right to left");
	const first = document.querySelector(".step-top > :first-child:not([hidden]), .bar > :first-child");
	const title = document.querySelector(".step-top strong, .bar .grow");
	if (first && title && first.getClientRects().length && first.getBoundingClientRect().left < title.getBoundingClientRect().left) faults.push("the top bar begins at the left: " + first.outerHTML.slice(0, 80));
	for (const arrow of document.querySelectorAll(".i.flip")) {
		if (arrow.getClientRects().length && !/^matrix\(-1,/.test(getComputedStyle(arrow).transform) && getComputedStyle(arrow).scale.split(" ")[0] !== "-1") faults.push("an arrow points the other way: " + arrow.parentElement.outerHTML.slice(0, 120));
	}
	for (const number of document.querySelectorAll("a[href^='tel:'] .num, bdi.num")) {
		const inner = number.querySelector("bdi") || number;
		if (number.getClientRects().length && getComputedStyle(inner).unicodeBidi !== "isolate" && inner.tagName !== "BDI") faults.push("a number can be turned round: " + number.outerHTML.slice(0, 120));
	}
	return faults;
})()`

// serveTurned serves pages as they are where they are read from right to left.
func serveTurned(t *testing.T, entries []page.Entry) (origin string) {
	t.Helper()
	plain := serveGallery(t, entries)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get(plain + r.URL.Path)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(answer.Body); err != nil {
			t.Error(err)
		}
		body := bytes.ReplaceAll(b.Bytes(), []byte(`dir="ltr"`), []byte(`dir="rtl"`))
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// TestDeskForEveryEye holds desk and step pages zoomed, dark, and in forced colours:
// every control is seen to be one.
func TestDeskForEveryEye(t *testing.T) {
	entries := deskPages(t)
	origin := serveGallery(t, entries)
	tab := chromium.Shared(t).NewTab(t)
	for _, e := range entries {
		t.Run(e.Name, func(t *testing.T) {
			tab := tab.For(t)
			chromium.CheckViews(t, tab, origin+"/"+e.Name, everyView...)
			for _, dark := range []bool{false, true} {
				tab.SetView(chromium.View{Viewport: chromium.Phone, Media: chromium.Media{ForcedColors: true, Dark: dark}})
				for _, lost := range chromium.Eval[[]string](tab, unseenControls) {
					t.Errorf("in forced colours (dark: %v) this is not seen to be a control: %s", dark, lost)
				}
			}
		})
	}
}

// TestUnseenControlsAreFound: a button without its border is one.
func TestUnseenControlsAreFound(t *testing.T) {
	origin := serveGallery(t, deskPages(t))
	tab := chromium.Shared(t).NewTab(t)
	tab.SetView(chromium.View{Viewport: chromium.Phone, Media: chromium.Media{ForcedColors: true}})
	tab.Go(origin + "/step")
	chromium.Eval[any](tab, `document.adoptedStyleSheets.push((s => (s.replaceSync(".choice { border: 0 !important }"), s))(new CSSStyleSheet()))`)
	if found := chromium.Eval[[]string](tab, unseenControls); len(found) == 0 {
		t.Error("choices without a border are not found")
	}
}

// unseenControls lists buttons, fields and choices that nothing but their filling sets
// off from the page, which forced colours take away: they need a border, an outline or
// an underline.
const unseenControls = `(() => {
	const seen = e => {
		const s = getComputedStyle(e);
		return ["top", "bottom"].every(side => s["border-" + side + "-style"] !== "none" && parseFloat(s["border-" + side + "-width"]) >= 1)
			|| s.textDecorationLine.includes("underline") || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
	};
	return [...document.querySelectorAll("main button, main .btn, main .choice, main .field, .dock .btn")]
		.filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(".vh, .quiet, .lk, summary:not(.choice)") && !seen(e))
		.map(e => e.outerHTML.replace(/\s+/g, " ").slice(0, 160));
})()`

// TestWalkByKeyboard walks from the desk to the end with Tab and Enter alone, with
// script and without: every step is reached, and where the page goes on the focus goes
// with it.
func TestWalkByKeyboard(t *testing.T) {
	t.Run("with script", func(t *testing.T) {
		d := newDesks(t)
		tab, _ := d.tab(t)
		tabTo(t, tab, `button.tile[value="officer"]`)
		tab.Press("Enter")
		tab.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null`)
		for range 30 {
			if chromium.Eval[bool](tab, isAtEnd) {
				break
			}
			stood := chromium.Eval[string](tab, standing)
			tabTo(t, tab, `#card [data-choice="`+chromium.Eval[string](tab, nearest)+`"] > button.choice`)
			tab.Press("Enter")
			tab.WaitTrue(isAtEnd + " || " + standing + " !== " + quote(stood))
			if got := tab.Focused(); !strings.Contains(got, "<h1") && !chromium.Eval[bool](tab, isAtEnd) {
				t.Errorf("after a step the focus is on %s, want the heading", got)
			}
		}
		tab.WaitTrue(`location.pathname.endsWith('/end')`) // where the server asks what remains to be asked
		tabTo(t, tab, `button.go[formaction$="/end"]`)
		tab.Press("Enter")
		tab.WaitTrue(`location.pathname.endsWith('/who')`)
	})
	t.Run("without", func(t *testing.T) {
		d := newDesks(t)
		_, token := d.A.Device(t, d.A.Branch)
		tab := chromium.Shared(t).NewTab(t)
		tab.SetScript(false)
		tab.Go(d.origin + enrolPath + "?token=" + token)
		tabTo(t, tab, `button.tile[value="officer"]`)
		for range 3 {
			before := tab.URL()
			tab.Press("Enter")
			for range 100 {
				if tab.URL() != before {
					break
				}
				tab.Settle()
			}
			if tab.URL() == before {
				t.Fatalf("Enter leads nowhere from %s: %s", before, tab.Focused())
			}
			tabTo(t, tab, `.card button.choice`)
		}
	})
}

// tabTo presses Tab until the focus is on what a selector names.
func tabTo(t *testing.T, tab *chromium.Tab, selector string) {
	t.Helper()
	for range 120 {
		tab.Press("Tab")
		if chromium.Eval[bool](tab, "document.activeElement.matches("+quote(selector)+")") {
			return
		}
	}
	t.Fatalf("Tab does not lead to %s; the focus is on %s", selector, tab.Focused())
}
