package browser

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

// Viewport is the size of what shows a page.
type Viewport struct {
	Width, Height int     // in CSS pixels
	Scale         float64 // device pixels per CSS pixel
	Mobile        bool    // a phone: it heeds the viewport tag and is touched
}

// The viewports that pages are made for.
var (
	Desktop = Viewport{Width: 1366, Height: 768, Scale: 1}
	Phone   = Viewport{Width: 390, Height: 844, Scale: 2, Mobile: true}
	Narrow  = Viewport{Width: 320, Height: 640, Scale: 1, Mobile: true}

	// Reflow is a window of 1280 by 1024, of which WCAG 2.2 (1.4.10) says that at
	// 400 % a page has to do without sideways scrolling.
	Reflow = Viewport{Width: 1280, Height: 1024, Scale: 1}.Zoom(400)
)

// Zoom returns the viewport of the same window when the person zooms to a
// percentage, as 200: fewer and larger CSS pixels, which is all that zooming is to a
// page.
func (v Viewport) Zoom(percent int) Viewport {
	v.Width = v.Width * 100 / percent
	v.Height = v.Height * 100 / percent
	v.Scale = v.Scale * float64(percent) / 100
	return v
}

// Media is how a person likes to see pages. The zero Media is light, with colours
// and movement as the page chooses.
type Media struct {
	Dark          bool
	ForcedColors  bool // the person's colours in place of the page's
	ReducedMotion bool
	MoreContrast  bool
	Print         bool
}

// Link is how slow a network and a machine are. The zero Link is as fast as this
// machine.
type Link struct {
	Down, Up int           // bits per second; 0 is without limit
	Latency  time.Duration // added to each request
	CPU      float64       // how many times slower; 0 is as fast as this machine
}

// SlowPhone is the phone and network that the budget of speed is for.
var SlowPhone = Link{Down: 1_600_000, Up: 750_000, Latency: 150 * time.Millisecond, CPU: 4}

// View is how a page is looked at.
type View struct {
	Viewport Viewport
	Media    Media
}

// Views are the views in which every page has to be in order.
var Views = []View{
	{Desktop, Media{}}, {Phone, Media{}}, {Narrow, Media{}},
	{Desktop, Media{Dark: true}}, {Phone, Media{Dark: true}}, {Narrow, Media{Dark: true}},
}

// String returns how messages speak of a view: "390×844, dark".
func (v View) String() string {
	text := fmt.Sprintf("%d×%d", v.Viewport.Width, v.Viewport.Height)
	for _, word := range []struct {
		is   bool
		name string
	}{
		{v.Media.Dark, "dark"}, {v.Media.ForcedColors, "forced colours"}, {v.Media.ReducedMotion, "reduced motion"},
		{v.Media.MoreContrast, "more contrast"}, {v.Media.Print, "print"},
	} {
		if word.is {
			text += ", " + word.name
		}
	}
	return text
}

// settings are what has been set for a tab.
type settings struct {
	view      View
	scriptOff bool
	offline   bool
	link      Link
}

// View returns how the tab looks at pages just now.
func (t *Tab) View() View { return t.set.view }

// SetView changes how the tab looks at pages.
func (t *Tab) SetView(v View) {
	t.tb.Helper()
	t.SetViewport(v.Viewport)
	t.SetMedia(v.Media)
}

// SetViewport changes the size of what shows the page.
func (t *Tab) SetViewport(v Viewport) {
	t.tb.Helper()
	const doing = "set the viewport"
	must(t, doing, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(v.Width), Height: int64(v.Height), DeviceScaleFactor: v.Scale, Mobile: v.Mobile,
		ScreenWidth: int64(v.Width), ScreenHeight: int64(v.Height),
	})
	touch := emulation.SetTouchEmulationEnabledParams{Enabled: v.Mobile}
	must(t, doing, emulation.SetTouchEmulationEnabled, touch)
	t.set.view.Viewport = v
}

// SetMedia changes how the person likes to see pages.
func (t *Tab) SetMedia(m Media) {
	t.tb.Helper()
	feature := func(name string, on bool, yes, no string) *emulation.MediaFeature {
		if on {
			return &emulation.MediaFeature{Name: name, Value: yes}
		}
		return &emulation.MediaFeature{Name: name, Value: no}
	}
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		feature("prefers-color-scheme", m.Dark, "dark", "light"),
		feature("forced-colors", m.ForcedColors, "active", "none"),
		feature("prefers-reduced-motion", m.ReducedMotion, "reduce", "no-preference"),
		feature("prefers-contrast", m.MoreContrast, "more", "no-preference"),
	}}
	if m.Print {
		p.Media = "print"
	}
	must(t, "set the media", emulation.SetEmulatedMedia, p)
	t.set.view.Media = m
}

// SetScript switches the scripts of the pages that are opened from now on off and
// on again.
func (t *Tab) SetScript(on bool) {
	t.tb.Helper()
	t.switchScript(!on)
	t.set.scriptOff = !on
}

func (t *Tab) switchScript(off bool) {
	t.tb.Helper()
	must(t, "switch scripts", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
}

// SetOffline takes the device off the network and puts it back: its pages are told,
// open connections are cut, and nobody in it, service workers included, reaches
// anything.
func (t *Tab) SetOffline(off bool) {
	t.tb.Helper()
	t.gate.setOffline(off)
	t.set.offline = off
	t.setNetwork()
}

// SetLink makes network and machine slower for the pages of the tab. A service
// worker keeps its own speed.
func (t *Tab) SetLink(l Link) {
	t.tb.Helper()
	t.set.link = l
	t.setNetwork()
	rate := max(l.CPU, 1)
	must(t, "slow the machine", emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
}

func (t *Tab) setNetwork() {
	t.tb.Helper()
	const doing = "set the network"
	bytes := func(bits int) float64 {
		if bits == 0 {
			return -1 // without limit
		}
		return float64(bits) / 8
	}
	off, l := t.set.offline, t.set.link
	latency, down, up := float64(l.Latency)/float64(time.Millisecond), bytes(l.Down), bytes(l.Up)
	// What navigator.onLine and its events tell …
	must(t, doing, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: off, Latency: latency, DownloadThroughput: down, UploadThroughput: up,
	})
	// … and what requests meet.
	rules := []*network.Conditions{{Offline: off, Latency: latency, DownloadThroughput: down, UploadThroughput: up}}
	must(t, doing, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		EmulateOfflineServiceWorker: &off, MatchedNetworkConditions: rules,
	})
}
