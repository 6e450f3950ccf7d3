package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestViewports(t *testing.T) {
	origin := serve(t, map[string]string{"/": document("<h1>x</h1>")})
	tab := newTab(t)
	for _, test := range []struct {
		name string
		v    Viewport
		want string
	}{
		{"Desktop", Desktop, "1366 768 1 fine"},
		{"Phone", Phone, "390 844 2 coarse"},
		{"Narrow", Narrow, "320 640 1 coarse"},
		{"Reflow", Reflow, "320 256 4 fine"},
		{"Desktop at 200 %", Desktop.Zoom(200), "683 384 2 fine"},
	} {
		tab.SetViewport(test.v)
		tab.Go(origin)
		got := Eval[string](tab, `[innerWidth, innerHeight, devicePixelRatio, matchMedia("(pointer: coarse)").matches ? "coarse" : "fine"].join(" ")`)
		if got != test.want {
			t.Errorf("%s = %s, want %s", test.name, got, test.want)
		}
	}
}

func TestMedia(t *testing.T) {
	origin := serve(t, map[string]string{"/": document("<h1>x</h1>")})
	tab := newTab(t)
	tab.Go(origin)
	const ask = `["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-reduced-motion: reduce)", "(prefers-contrast: more)", "print"]
		.filter(q => matchMedia(q).matches).join(" ")`
	for _, test := range []struct {
		m    Media
		want string
	}{
		{Media{}, ""},
		{Media{Dark: true}, "(prefers-color-scheme: dark)"},
		{Media{ForcedColors: true}, "(forced-colors: active)"},
		{Media{ReducedMotion: true}, "(prefers-reduced-motion: reduce)"},
		{Media{MoreContrast: true}, "(prefers-contrast: more)"},
		{Media{Print: true}, "print"},
		{Media{Dark: true, ForcedColors: true, ReducedMotion: true}, "(prefers-color-scheme: dark) (forced-colors: active) (prefers-reduced-motion: reduce)"},
	} {
		tab.SetMedia(test.m)
		if got := Eval[string](tab, ask); got != test.want {
			t.Errorf("SetMedia(%+v) matches %q, want %q", test.m, got, test.want)
		}
	}
}

// TestScriptOff checks that scripts are really off, that this package works all the
// same, and that they come back.
func TestScriptOff(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":     document(`<h1 id="h">Still</h1><noscript><p>No script here</p></noscript><script src="/s.js"></script>`),
		"/s.js": `document.querySelector("#h").textContent = "Lively"; addEventListener("click", () => document.title = "clicked")`,
	})
	tab := newTab(t)
	for _, test := range []struct {
		on   bool
		want string
	}{{true, "Lively"}, {false, "Still"}, {true, "Lively"}} {
		tab.SetScript(test.on)
		tab.Go(origin)
		if got := tab.Text(CSS("#h")); got != test.want {
			t.Errorf("with scripts %v the page says %s, want %s", test.on, got, test.want)
		}
		if noscript := strings.Contains(tab.Text(CSS("main")), "No script here"); noscript == test.on {
			t.Errorf("with scripts %v noscript is shown: %v", test.on, noscript)
		}
		if broken := Axe(tab); len(broken) > 0 {
			t.Errorf("with scripts %v Axe = %v, want nothing", test.on, broken)
		}
		if got := tab.Text(CSS("#h")); got != test.want {
			t.Errorf("with scripts %v and after Axe the page says %s, want %s", test.on, got, test.want)
		}
		tab.Click(CSS("#h"))
		if clicked := tab.Title() == "clicked"; clicked != test.on {
			t.Errorf("with scripts %v a click is heard: %v", test.on, clicked)
		}
		tab.Screenshot()
	}
}

func TestSlowLink(t *testing.T) {
	const size = 50_000 // a quarter of a second at 1.6 Mbit/s
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, document("<h1>x</h1>"))
		io.WriteString(w, "<!-- "+strings.Repeat("x", size)+" -->")
	})
	tab := newTab(t)
	tab.Go(origin)
	const ask = `(async () => { const t = performance.now(); await fetch("/?" + t, {cache: "no-store"}).then(r => r.text()); return performance.now() - t })()`
	tab.SetLink(Link{Down: SlowPhone.Down, Up: SlowPhone.Up, Latency: SlowPhone.Latency})
	slow := time.Duration(Eval[float64](tab, ask)) * time.Millisecond
	if slow < 350*time.Millisecond {
		t.Errorf("on a slow link %d bytes take %v, want more than 350ms", size, slow)
	}
	tab.SetLink(Link{})
	fast := slow
	for range 3 { // the machine may be busy once
		fast = min(fast, time.Duration(Eval[float64](tab, ask))*time.Millisecond)
	}
	if fast >= slow {
		t.Errorf("off the slow link the same takes %v, want less than %v", fast, slow)
	}
	tab.SetLink(SlowPhone)
	tab.Go(origin)
}

func TestCaptures(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":          document(`<h1>x</h1><div class="long"></div>`),
		"/style.css": `body { margin: 0 } h1 { width: 200px; height: 50px; margin: 0 } .long { height: 2000px }`,
	})
	tab := newTab(t)
	tab.SetViewport(Phone)
	tab.Go(origin)
	for _, test := range []struct {
		name   string
		image  []byte
		wide   int
		height func(int) bool
	}{
		{"Screenshot", tab.Screenshot(), 780, func(h int) bool { return h == 1688 }},
		{"FullScreenshot", tab.FullScreenshot(), 780, func(h int) bool { return h == 4100 }},
		{"ElementScreenshot", tab.ElementScreenshot(CSS("h1")), 400, func(h int) bool { return h == 100 }},
	} {
		got, err := png.DecodeConfig(bytes.NewReader(test.image))
		if err != nil || got.Width != test.wide || !test.height(got.Height) {
			t.Errorf("%s is %d×%d, %v; want %d wide", test.name, got.Width, got.Height, err, test.wide)
		}
	}
}

func TestPDF(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":          document(`<h1>One</h1><p class="next">Two</p>`),
		"/style.css": `.next { break-before: page }`,
	})
	tab := newTab(t)
	tab.Go(origin)
	pdf := tab.PDF(A4)
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("PDF() begins with %q, want %%PDF-", pdf[:min(8, len(pdf))])
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")); n != 2 {
		t.Errorf("PDF() has %d pages, want 2", n)
	}
	for _, want := range []string{"/StructTreeRoot", "/Lang"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("PDF() is not tagged: it lacks %s", want)
		}
	}
	if a4 := fmt.Sprintf("/MediaBox [0 0 %.0f", A4.Width*72); !bytes.Contains(pdf, []byte(a4)) {
		t.Errorf("PDF(A4) has no page that begins %s", a4)
	}
}
