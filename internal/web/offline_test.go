package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// desks is a server for browsers that stand at enrolled devices, and a network that
// can lose answers.
type desks struct {
	*world
	origin string
	// loses says that what is sent arrives, and its answer does not.
	loses atomic.Bool
	sends atomic.Int64
}

func newDesks(t *testing.T) *desks {
	t.Helper()
	d := &desks{world: newWorld(t, apptest.New(t, storetest.SQLite(t)))}
	server := httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(server.Close)
	d.origin = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return d
}

// enrolPath gives a browser the cookie of a device that was enrolled for it.
const enrolPath = "/test-enrol"

func (d *desks) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == enrolPath:
		deviceCookie.set(w, false, r.URL.Query().Get("token"))
		http.Redirect(w, r, "/desk", http.StatusSeeOther)
	case r.URL.Path == "/shell/send" && d.loses.Load():
		d.sends.Add(1)
		d.handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		if r.URL.Path == "/shell/send" {
			d.sends.Add(1)
		}
		d.handler.ServeHTTP(w, r)
	}
}

// tab is a browser at a new device, with everything kept that it needs.
func (d *desks) tab(t *testing.T) (*chromium.Tab, people.Device) {
	t.Helper()
	device, token := d.A.Device(t, d.A.Branch)
	tab := chromium.Shared(t).NewTab(t)
	tab.Go(d.origin + enrolPath + "?token=" + token)
	tab.WaitTrue("document.documentElement.dataset.kept !== undefined && navigator.serviceWorker.controller !== null")
	return tab, device
}

const (
	isSaved    = `/^Saved \d\d:\d\d\.$/.test(document.querySelector('#saved > span').textContent)`
	isHere     = `document.querySelector('#saved > span').textContent === 'Saved on this device.'`
	heading    = `document.querySelector('main h1').textContent`
	pressFirst = `document.querySelector('#card button.choice').click()`
)

// startFirst starts the first guide and waits for its first step.
func startFirst(tab *chromium.Tab) {
	chromium.Eval[any](tab, `document.querySelector('button.tile').click()`)
	tab.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null`)
}

// events returns the events of the one case that a device has walked.
func (d *desks) events(t *testing.T) (list []walk.Entry) {
	t.Helper()
	who := d.A.As(t, people.Director)
	cases, err := d.Cases(t.Context(), who, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) != 1 {
		t.Fatalf("there are %d cases, want 1", len(cases))
	}
	v, err := d.ReadCase(t.Context(), who, cases[0].ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return v.Walk.Entries()
}

func kindsOf(list []walk.Entry) string {
	var kinds []string
	for _, e := range list {
		kind := string(e.Kind)
		if e.Late {
			kind += " late"
		}
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, ", ")
}

// TestWalkWithoutNetwork cuts the network before, during and after a step.
func TestWalkWithoutNetwork(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)

	// Before a step: it is shown from the device, and says that it is kept there.
	tab.SetOffline(true)
	before := chromium.Eval[string](tab, heading)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(heading + " !== " + quote(before))
	took := chromium.Eval[float64](tab, `performance.getEntriesByName('next step').pop().duration`)
	t.Logf("the next step without a network: %.0f ms", took)
	if took > 100 {
		t.Errorf("the next step took %.0f ms, want at most 100", took)
	}
	tab.WaitTrue(isHere)
	second := chromium.Eval[string](tab, heading)

	// A reload finds the same step, and what was being typed.
	chromium.Eval[any](tab, `document.querySelector('#note').open = true`)
	tab.Fill(chromium.CSS("#note-text"), "Two officers. One badge.")
	time.Sleep(600 * time.Millisecond)
	tab.Reload()
	tab.WaitTrue(heading + " === " + quote(second))
	tab.WaitTrue(`document.querySelector('#note-text').value === 'Two officers. One badge.'`)
	chromium.Eval[any](tab, `document.querySelector('#note').open = true`)
	tab.Click(chromium.Label("Save the note"))
	tab.WaitTrue(`document.querySelector('#note-text').value === ''`)

	// During a step: what is sent arrives, and its answer does not.
	d.loses.Store(true)
	tab.SetOffline(false)
	tab.WaitTrue(isHere)
	sent := d.sends.Load()
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(heading + " !== " + quote(second))
	waitFor(t, func() bool { return d.sends.Load() > sent })

	// After a step: the answer comes, and nothing is there twice.
	d.loses.Store(false)
	chromium.Eval[any](tab, `dispatchEvent(new Event('online'))`)
	tab.WaitTrue(isSaved)
	if got, want := kindsOf(d.events(t)), "started, chose, noted, chose"; got != want {
		t.Errorf("the record has %s, want %s", got, want)
	}
	waits := chromium.Eval[int](tab, `new Promise(done => { const asked = indexedDB.open('roundtable'); asked.onsuccess = () => { const all = asked.result.transaction('letters').objectStore('letters').count(); all.onsuccess = () => done(all.result); }; })`)
	if waits != 0 {
		t.Errorf("%d letters still wait after all was sent", waits)
	}
	for _, m := range tab.Messages() {
		t.Logf("console: %+v", m)
	}
	for _, b := range tab.Breaches() {
		t.Errorf("the content security policy stopped: %+v", b)
	}
}

// TestBeginWithoutNetwork begins a walk without a network, from the desk that the
// device keeps.
func TestBeginWithoutNetwork(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	tab.SetOffline(true)
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`document.querySelector('[data-offline-desk] button.tile') !== null`)
	took := chromium.Eval[float64](tab, `performance.getEntriesByName('first-contentful-paint')[0].startTime`)
	t.Logf("the desk without a network: %.0f ms to the first paint", took)
	if took > 300 {
		t.Errorf("the desk took %.0f ms without a network, want at most 300", took)
	}
	startFirst(tab)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(isHere)
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`document.querySelector('#running:not([hidden]) a') !== null && !document.querySelector('#waits').hidden`)
	tab.SetOffline(false)
	tab.Go(d.origin + "/desk")
	waitFor(t, func() bool {
		cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 10)
		return err == nil && len(cases) == 1
	})
	var got string
	waitForOr(t, func() bool { got = kindsOf(d.events(t)); return got == "started, chose" }, func() { t.Logf("the record has %s", got) })
}

// TestDestroyedWalkLeavesTheDevice: what was destroyed does not come back, and the
// device forgets it.
func TestDestroyedWalkLeavesTheDevice(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v", cases, err)
	}
	tab.SetOffline(true)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(isHere)
	if err := d.Destroy(t.Context(), d.A.ID, "retention", cases[0].ID); err != nil {
		t.Fatal(err)
	}
	tab.SetOffline(false)
	tab.WaitTrue(`location.pathname === '/desk'`)
	tab.WaitTrue(`document.documentElement.dataset.kept !== undefined`)
	if cases, err = d.Cases(t.Context(), d.A.As(t, people.Director), "", 10); err != nil || len(cases) != 0 {
		t.Errorf("Cases = %v, %v, want none", cases, err)
	}
	left := chromium.Eval[string](tab, `new Promise(done => { const asked = indexedDB.open('roundtable'); asked.onsuccess = () => { const tx = asked.result.transaction(['letters', 'own']); const a = tx.objectStore('letters').count(), b = tx.objectStore('own').count(); tx.oncomplete = () => done(a.result + ' ' + b.result); }; })`)
	if left != "0 0" {
		t.Errorf("the device still has (letters, view) = %s, want none", left)
	}
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `\'`) + "'" }

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	waitForOr(t, is, func() {})
}

func waitForOr(t *testing.T, is func() bool, tell func()) {
	t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	tell()
	t.Fatal("it did not become so within 30 seconds")
}
