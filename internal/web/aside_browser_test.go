package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/walk"
)

const (
	asideOpen  = `document.querySelector('#walk').classList.contains('is-aside') && !document.querySelector('#aside').hidden`
	asideShut  = `!document.querySelector('#walk').classList.contains('is-aside') && document.querySelector('#aside').hidden`
	openAside  = `document.querySelector('#card [name=aside]').click()`
	asideKept  = `document.querySelector('#aside-kept').textContent`
	asideTaken = `document.querySelectorAll('#aside-log li').length`
	leaveAside = `document.querySelector('#aside [name=leave]').click()`
)

// tapAside is a press of a button of the recorder's screen that is shown.
func tapAside(name, value string) string {
	return `document.querySelector('#aside [data-screen]:not([hidden]) [name=` + name + `][value="` + value + `"]').click()`
}

// takenDown returns what was taken down in the one case that a device has walked.
func (d *desks) takenDown(t *testing.T) []string {
	t.Helper()
	who := d.A.As(t, people.Director)
	cases, err := d.Cases(t.Context(), who, "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases() = %v, %v, want one", cases, err)
	}
	of, err := d.ReadCase(t.Context(), who, cases[0].ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return sights(of.Walk)
}

// TestAsideAtTheDesk takes down what officers do on a phone: with a network, cut in the
// middle, over a reload, and sent once it is back. No page is loaded, and the walk stays
// where it stood.
func TestAsideAtTheDesk(t *testing.T) {
	d := newDesks(t)
	d.phones(t)
	tab, _ := d.tab(t)
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	startFirst(tab)
	tab.WaitTrue(isSaved)
	chromium.Eval[any](tab, `document.querySelector('#card .to-aside').scrollIntoView({ block: 'center' })`)
	keepPicture(t, tab, "step")
	loaded := chromium.Eval[float64](tab, "performance.timeOrigin")
	chromium.Eval[any](tab, openAside)
	tab.WaitTrue(asideOpen)
	keepPicture(t, tab, "aside")
	if got := chromium.Eval[string](tab, `document.activeElement.id + ' ' + location.pathname.split('/').pop() + ' ' + document.querySelectorAll('#aside-dock a:not([hidden])').length`); got != "aside-h aside 2" {
		t.Errorf("focus, address and numbers to call are %q, want the heading, the recorder's, two", got)
	}
	if shown := chromium.Eval[bool](tab, `document.querySelector('#card').checkVisibility() || document.querySelector('#dock').checkVisibility()`); shown {
		t.Error("the step is shown beside the recorder")
	}
	for _, small := range chromium.Eval[[]string](tab, `[...document.querySelectorAll('#aside button, #aside .field, #aside-dock a')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 56).map(e => e.outerHTML.slice(0, 90))`) {
		t.Errorf("less than 56 px to touch: %s", small)
	}
	chromium.Eval[any](tab, tapAside("code", "staff area"))
	tab.WaitTrue(`/^Kept \d\d:\d\d: They came in behind the desk$/.test(` + asideKept + `)`)
	chromium.Eval[any](tab, tapAside("code", "objected"))
	tab.WaitTrue(`document.querySelector('#aside-said:not([hidden])').textContent.includes('You said at ') && document.querySelector('#aside-say').hidden`)
	tab.WaitTrue(isSaved)

	// The network is cut in the middle: taps are kept here, over a reload.
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`)
	chromium.Eval[any](tab, tapAside("code", "searching"))
	tab.WaitTrue(asideKept + `.endsWith('They are searching') && ` + isHere)
	chromium.Eval[any](tab, tapAside("many", "3"))
	tab.WaitTrue(asideTaken + ` === 4`)
	tab.Fill(chromium.CSS(`#aside [data-screen=act] [name="t.they said"]`), "Step back.")
	time.Sleep(600 * time.Millisecond)
	if got := chromium.Eval[float64](tab, "performance.timeOrigin"); got != loaded {
		t.Error("a page was loaded")
	}
	tab.Reload()
	tab.WaitTrue(asideOpen + ` && ` + asideTaken + ` === 4 && document.querySelector('#aside [name="t.they said"]').value === 'Step back.'`)

	// What was typed goes along with the next tap; the last tap is taken back.
	chromium.Eval[any](tab, tapAside("code", "taking"))
	tab.WaitTrue(asideTaken + ` === 6`)
	time.Sleep(800 * time.Millisecond)
	chromium.Eval[any](tab, `document.querySelector('#aside [name=undo]').click()`)
	tab.WaitTrue(`document.querySelectorAll('#aside-log .back').length === 1 && ` + asideTaken + ` === 6 && / taken back \d\d:\d\d$/.test(` + asideKept + `)`)
	keepPicture(t, tab, "aside-offline")
	chromium.Eval[any](tab, `scrollTo(0, 700)`)
	keepPicture(t, tab, "aside-offline-below")
	chromium.Eval[any](tab, `scrollTo(0, 1500)`)
	keepPicture(t, tab, "aside-offline-end")
	chromium.Eval[any](tab, leaveAside)
	tab.WaitTrue(asideShut + ` && document.activeElement.matches('#card h1') && location.pathname.endsWith('/step/1')`)

	// The dock calls, and the number that was opened stands in the record.
	chromium.Eval[any](tab, openAside)
	tab.WaitTrue(asideOpen)
	chromium.Eval[any](tab, `document.querySelector('#aside-dock [data-call=counsel]').addEventListener('click', e => e.preventDefault(), { once: true }), document.querySelector('#aside-dock [data-call=counsel]').click()`)
	tab.SetOffline(false)
	tab.WaitTrue(isSaved)
	want := []string{"staff area", "objected", "searching", "how many: 3", "they said: Step back.", "taking (back)"}
	if diff := cmp.Diff(want, d.takenDown(t)); diff != "" {
		t.Errorf("what was taken down (-want +got):\n%s", diff)
	}
	list := d.events(t)
	if last := list[len(list)-1]; last.Kind != walk.Called || last.Role != "counsel" || last.Result != walk.Opened {
		t.Errorf("the last event is %+v, want that the lawyer was called", last.Event)
	}
	if strings.Contains(kindsOf(list), "chose") {
		t.Errorf("the walk moved: %s", kindsOf(list))
	}
	for _, b := range tab.Breaches() {
		t.Errorf("the content security policy stopped: %+v", b)
	}
}

// TestAsideOnTheServersPage: where a device does not keep the walk, the page stays all
// the same, taps in a row are all kept, and what was not kept is said not to be.
func TestAsideOnTheServersPage(t *testing.T) {
	d := newDesks(t)
	device, token := d.A.Device(t, d.A.Branch)
	who := app.Who{Device: &device, Library: device.Library, Branch: device.Branch}
	id, err := d.StartWalk(t.Context(), who, app.StartForm{Playbook: "officer"})
	if err != nil {
		t.Fatal(err)
	}
	tab := chromium.Shared(t).NewTab(t)
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	tab.Go(d.origin + enrolPath + "?token=" + token + "&to=/i/" + string(id) + "/aside")
	loaded := chromium.Eval[float64](tab, "performance.timeOrigin")
	chromium.Eval[any](tab, tapAside("code", "searching")+`, `+tapAside("code", "taking")+`, `+tapAside("many", "2"))
	tab.WaitTrue(asideTaken + ` === 3 && ` + asideKept + `.endsWith('How many: 2')`)
	tab.Fill(chromium.CSS(`[name="t.took"]`), "A box of papers")
	tab.Press("Enter")
	tab.WaitTrue(asideTaken + ` === 4 && document.querySelector('[name="t.took"]').value === ''`)
	d.cut.Store(true)
	tab.Fill(chromium.CSS(`[name="t.took"]`), "A computer")
	chromium.Eval[any](tab, tapAside("line", "took"))
	tab.WaitTrue(`document.querySelector('#problems:not([hidden])').textContent.includes('This was not kept.') && document.querySelector('[name="t.took"]').value === 'A computer' && ` + asideKept + ` === ''`)
	d.cut.Store(false)
	time.Sleep(800 * time.Millisecond)
	chromium.Eval[any](tab, tapAside("line", "took"))
	tab.WaitTrue(asideTaken + ` === 5 && document.querySelector('#problems').hidden`)
	if got := chromium.Eval[float64](tab, "performance.timeOrigin"); got != loaded {
		t.Error("a page was loaded")
	}
	if diff := cmp.Diff([]string{"searching", "taking", "how many: 2", "took: A box of papers", "took: A computer"}, d.takenDown(t)); diff != "" {
		t.Errorf("what was taken down (-want +got):\n%s", diff)
	}
	tab.Follow(chromium.CSS(`#aside [name=leave]`))
	tab.WaitTrue(`location.pathname.endsWith('/step/1')`)
}

// TestPresenceWithoutNetwork: with no network at all, one press at the desk begins the
// log of officers who have asked for nothing, and "They left" ends it.
func TestPresenceWithoutNetwork(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	keepPicture(t, tab, "desk")
	tab.SetOffline(true)
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`document.querySelector('#guides [value=presence]') !== null && document.querySelector('.tiles [value=presence]') === null`)
	chromium.Eval[any](tab, `document.querySelector('[value=presence]').click()`)
	tab.WaitTrue(`document.querySelector('#aside') !== null && ` + asideOpen)
	if got := chromium.Eval[string](tab, `document.querySelector('#aside-h').textContent`); got != "Officers are here" {
		t.Errorf("the recorder's heading is %q", got)
	}
	keepPicture(t, tab, "presence")
	chromium.Eval[any](tab, tapAside("code", "walking"))
	tab.WaitTrue(asideTaken + ` === 1`)
	tab.Fill(chromium.CSS(`#aside [data-screen=watch] [name="t.agency"]`), "County sheriff")
	tab.Press("Enter")
	tab.WaitTrue(asideTaken + ` === 2`)
	chromium.Eval[any](tab, tapAside("code", "gone"))
	tab.WaitTrue(asideShut + ` && !document.querySelector('#end').hidden && ` + isHere)
	tab.SetOffline(false)
	tab.WaitTrue(`location.pathname.endsWith('/end')`)
	if diff := cmp.Diff([]string{"walking", "agency: County sheriff", "gone"}, d.takenDown(t)); diff != "" {
		t.Errorf("what was taken down (-want +got):\n%s", diff)
	}
	if got := kindsOf(d.events(t)); got != "started, observed, observed, observed, chose" {
		t.Errorf("the record has %s", got)
	}
}

// TestAsideForEverybody holds the recorder over a kept walk to the rules of
// accessibility, small and large, light and dark, in both of its screens.
func TestAsideForEverybody(t *testing.T) {
	d := newDesks(t)
	d.phones(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	chromium.Eval[any](tab, openAside)
	tab.WaitTrue(asideOpen)
	chromium.Eval[any](tab, tapAside("code", "searching"))
	tab.WaitTrue(asideTaken + ` === 1`)
	look := func(state string) {
		t.Helper()
		for _, v := range []chromium.View{{Viewport: chromium.Phone}, {Viewport: chromium.Narrow, Media: chromium.Media{ForcedColors: true}}, {Viewport: chromium.Desktop, Media: chromium.Media{Dark: true}}} {
			tab.SetView(v)
			for _, broken := range chromium.Axe(tab) {
				t.Errorf("%s: %v", state, broken)
			}
			if chromium.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s: it scrolls sideways at %v", state, v)
			}
		}
	}
	look("they act")
	chromium.Eval[any](tab, `document.querySelector('[data-screen=act]').hidden = true, document.querySelector('[data-screen=watch]').hidden = false, document.querySelector('#aside details').open = true`)
	look("they ask for nothing")
}
