package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
	"roundtable/internal/web/static"
)

// desks is a server for browsers that stand at enrolled devices, and a network that
// can lose answers.
type desks struct {
	*world
	origin string
	// loses says that what is sent arrives, and its answer does not.
	loses atomic.Bool
	// cut says that nothing arrives at all.
	cut   atomic.Bool
	sends atomic.Int64

	signedIn string // the session that signInPath gives
	script   string // goes before the pages' own, and runs as theirs: what tests run themselves does not
}

func newDesks(t *testing.T) *desks {
	t.Helper()
	d := &desks{world: newWorld(t, apptest.New(t, storetest.SQLite(t)))}
	server := httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(server.Close)
	d.origin = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return d
}

// enrolPath gives a browser the cookie of a device that was enrolled for it, and
// signInPath that of a session.
const (
	enrolPath  = "/test-enrol"
	signInPath = "/test-sign-in"
)

func (d *desks) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case d.cut.Load():
		panic(http.ErrAbortHandler)
	case r.URL.Path == enrolPath:
		deviceCookie.set(w, false, r.URL.Query().Get("token"))
		http.Redirect(w, r, cmp.Or(r.URL.Query().Get("to"), "/desk"), http.StatusSeeOther)
	case r.URL.Path == signInPath:
		sessionCookie.set(w, false, d.signedIn)
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusSeeOther)
	case d.script != "" && r.URL.Path == static.Path(static.Script):
		own, _ := static.Contents(r.URL.Path)
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprintf(w, "%s\n%s", d.script, own)
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
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
	before := chromium.Eval[string](tab, heading)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(heading + " !== " + quote(before))
	took := chromium.Eval[float64](tab, `performance.getEntriesByName('next step').pop().duration`)
	t.Logf("the next step without a network: %.0f ms", took) // TestBudgetWithoutNetwork holds it
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
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`document.querySelector('[data-offline-desk] button.tile') !== null`)
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

// TestWorkerTellsThePage: the service worker may send what waits before the page does,
// and hear then that the walk is gone. The page heeds what it passes on.
func TestWorkerTellsThePage(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	tell := func(id string) {
		chromium.Eval[any](tab, `navigator.serviceWorker.dispatchEvent(new MessageEvent('message', {data: {late: [], gone: [`+quote(id)+`]}}))`)
	}
	tell("of another walk")
	tab.WaitTrue(isSaved)
	cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v", cases, err)
	}
	tell(string(cases[0].ID))
	tab.WaitTrue(`location.pathname === '/desk'`)
}

// TestEndWaitsForWhatLedThere: the page goes to the end once what led there is kept and
// has arrived, and not when it is shown.
func TestEndWaitsForWhatLedThere(t *testing.T) {
	d := newDesks(t)
	d.script = `(() => {
		const encrypt = SubtleCrypto.prototype.encrypt;
		SubtleCrypto.prototype.encrypt = async function (...given) { await new Promise(go => setTimeout(go, 300)); return encrypt.apply(this, given); };
	})();`
	tab, _ := d.tab(t)
	tab.Click(chromium.CSS(`button.tile[value="officer"]`))
	tab.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null`)
	for range 30 {
		if chromium.Eval[bool](tab, isAtEnd) {
			break
		}
		stood := chromium.Eval[string](tab, standing)
		chromium.Eval[any](tab, `document.querySelector('#card [data-choice="`+chromium.Eval[string](tab, nearest)+`"] > button.choice').click()`)
		tab.WaitTrue(isAtEnd + " || " + standing + " !== " + quote(stood))
		chromium.Eval[any](tab, `dispatchEvent(new Event('online'))`) // sends what waits, while this step is still being kept
	}
	tab.WaitTrue(`location.pathname.endsWith('/end')`)
	wants(t, tab, "You can stop now.")
	if got := kindsOf(d.events(t)); !strings.HasSuffix(got, "chose") || strings.Contains(got, "late") {
		t.Errorf("the record has %s, want that it ends with a choice", got)
	}
}

// TestNoteAtTheEnd: a note that is being typed when the network comes back stays, and is
// kept when the walk is ended.
func TestNoteAtTheEnd(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	tab.Click(chromium.CSS(`button.tile[value="officer"]`))
	tab.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null && ` + isSaved)
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`)
	for range 30 {
		if chromium.Eval[bool](tab, isAtEnd) {
			break
		}
		goOn(tab)
	}
	tab.WaitTrue(isHere)
	tab.Click(chromium.CSS("#note summary"))
	tab.Fill(chromium.CSS("#note-text"), "The door was open.")
	tab.SetOffline(false)
	waitFor(t, func() bool { return chromium.Eval[int](tab, howMany) == 0 })
	tab.WaitTrue(isSaved)
	if got := chromium.Eval[string](tab, `location.pathname.replace(/.*\//, '') + ' ' + document.querySelector('#note-text').value`); strings.HasPrefix(got, "end") || !strings.HasSuffix(got, " The door was open.") {
		t.Errorf("where a note is being typed the page is %q", got)
	}
	chromium.Eval[any](tab, `document.querySelector('#end [value="end"]').click()`)
	tab.WaitTrue(`location.pathname.endsWith('/who')`)
	list := d.events(t)
	if got := kindsOf(list); !strings.HasSuffix(got, "noted, ended") || list[len(list)-2].Text != "The door was open." {
		t.Errorf("the record has %s, want the note and the end", got)
	}
}

// TestOwnServerWithoutNetwork: a computer that is its own server may say that it has no
// network. What is done arrives all the same, and what others do is shown.
func TestOwnServerWithoutNetwork(t *testing.T) {
	d := newDesks(t)
	d.script = `addEventListener('offline', () => Object.defineProperty(navigator, 'onLine', { get: () => false }));
	Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', { value: undefined });` // nobody else sends
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	chromium.Eval[any](tab, `dispatchEvent(new Event('offline'))`)
	chromium.Eval[any](tab, pressFirst)
	waitFor(t, func() bool { return kindsOf(d.events(t)) == "started, chose" })
	who := d.A.As(t, people.Director)
	cases, err := d.Cases(t.Context(), who, "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v", cases, err)
	}
	if err := d.SendLine(t.Context(), who, cases[0].ID, "", "You are doing well."); err != nil {
		t.Fatal(err)
	}
	tab.WaitTrue(`document.querySelector('#outside').textContent.includes('You are doing well.')`)
}

// TestLineReachesTheKeptWalk: what a device shows from what it keeps also says who has
// written to the desk.
func TestLineReachesTheKeptWalk(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	who := d.A.As(t, people.Director)
	cases, err := d.Cases(t.Context(), who, "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v", cases, err)
	}
	if err := d.SendLine(t.Context(), who, cases[0].ID, "", "You are doing well."); err != nil {
		t.Fatal(err)
	}
	tab.WaitTrue(`document.querySelector('#outside').textContent.includes('You are doing well.')`)
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
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
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

// TestJoinAfterAnotherScreen: a walk that another device moved meanwhile, and that
// comes back. What was chosen here too late is told, and the page is where the walk is.
func TestJoinAfterAnotherScreen(t *testing.T) {
	d := newDesks(t)
	tab, device := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	here := app.Who{Device: &device, Library: device.Library, Branch: device.Branch}
	there := d.A.AtDesk(t)
	ctx := t.Context()
	cases, err := d.HappeningHere(ctx, here)
	if err != nil || len(cases) != 1 {
		t.Fatalf("HappeningHere = %v, %v, want one", cases, err)
	}
	id := cases[0].ID
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
	take := func(from, to app.Who) {
		t.Helper()
		offer, err := d.OfferHandOver(ctx, from, id)
		if err == nil {
			_, err = d.TakeHandedOver(ctx, to, d.Place(), offer.Code)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	take(here, there)
	v, err := d.ReadWalk(ctx, there, id, "")
	if err != nil {
		t.Fatal(err)
	}
	step, _ := v.Walk.Step()
	ways := v.Walk.Ways()
	if _, err := d.Record(ctx, there, id, walk.Event{Kind: walk.Chose, Step: step, Choice: ways[1].Choice, Follows: v.Walk.Head()}); err != nil {
		t.Fatal(err)
	}
	take(there, here)
	if v, err = d.ReadWalk(ctx, here, id, ""); err != nil {
		t.Fatal(err)
	}
	stands, _ := v.Walk.Step()

	// This screen has not heard of it.
	before := chromium.Eval[string](tab, heading)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(heading + " !== " + quote(before))
	tab.SetOffline(false)
	tab.WaitTrue(`!document.querySelector('#late').hidden && document.querySelector('#card').dataset.step === '` + strconv.Itoa(stands+1) + `'`)
	if words := chromium.Eval[string](tab, `document.querySelector('#late p').textContent`); !strings.Contains(words, "Here: chose “") || !strings.Contains(words, "where the walk is now") {
		t.Errorf("the page says %q, want what was chosen and where the walk is", words)
	}
	tab.WaitTrue(isSaved)
	if got, want := kindsOf(d.events(t)), "started, handed over, chose, handed over, chose late"; got != want {
		t.Errorf("the record has %s, want %s", got, want)
	}

	// And once it is another device's for good, this one lets it go.
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
	take(here, there)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(isHere)
	tab.SetOffline(false)
	waitFor(t, func() bool { return strings.HasSuffix(kindsOf(d.events(t)), "handed over, chose") })
	tab.Reload()
	waitFor(t, func() bool { return !strings.Contains(tab.HTML(), `id="card" data-step`) })
}

// TestTwoTabsOfOneDevice: what is done in one tab is shown in the other, and nothing
// is done twice.
func TestTwoTabsOfOneDevice(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	other := tab.Another()
	other.Go(tab.URL())
	other.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null`)
	before := chromium.Eval[string](tab, heading)
	chromium.Eval[any](tab, pressFirst)
	other.WaitTrue(heading + " !== " + quote(before))
	chromium.Eval[any](other, pressFirst)
	tab.WaitTrue(heading + " === " + quote(chromium.Eval[string](other, heading)))
	waitFor(t, func() bool { return kindsOf(d.events(t)) == "started, chose, chose" })
}

// TestNothingReadableOnDisk looks for what was typed in all files of a browser's
// profile: while it waits there, and after it was sent.
func TestNothingReadableOnDisk(t *testing.T) {
	program, err := chromium.Find()
	if err != nil {
		if os.Getenv(chromium.Require) == "1" {
			t.Fatalf("Chromium is required: %v", err)
		}
		t.Skipf("NOT TESTED: what a browser writes to its disk: %v", err)
	}
	const canary, control = "canary-5f0c typed at the desk", "control-77ab written in plain"
	d := newDesks(t)
	_, token := d.A.Device(t, d.A.Branch)
	profile := t.TempDir()
	p := openProfile(t, program, profile)
	p.to(d.origin + enrolPath + "?token=" + token)
	p.wait("document.documentElement.dataset.kept !== undefined && navigator.serviceWorker.controller !== null")
	p.run(`document.querySelector('button.tile').click()`)
	p.wait(`document.querySelector('#card[data-step="1"] button.choice') !== null && ` + isSaved)
	d.cut.Store(true)
	p.run(`const note = document.querySelector('#note-text'); document.querySelector('#note').open = true; note.focus(); document.execCommand('insertText', false, '` + canary + `')`)
	p.wait(`document.querySelector('#note-text').value === '` + canary + `'`)
	time.Sleep(time.Second)
	p.run(`document.querySelector('#note [value="note"]').click()`)
	p.wait(`document.querySelector('#note-text').value === '' && ` + isHere)
	p.run(`new Promise(done => { const asked = indexedDB.open('control'); asked.onupgradeneeded = () => asked.result.createObjectStore('s'); asked.onsuccess = () => { const tx = asked.result.transaction('s', 'readwrite', { durability: 'strict' }); tx.objectStore('s').put('` + control + `', 1); tx.oncomplete = done; }; })`)
	if found := filesWith(t, profile, canary); found != nil {
		t.Errorf("what waits can be read in %v", found)
	}
	p.close()
	if found := filesWith(t, profile, canary); found != nil {
		t.Errorf("after the browser was closed, what waits can be read in %v", found)
	}
	if filesWith(t, profile, control) == nil {
		t.Error("what is kept in plain is not found in the profile, so this test would find nothing")
	}

	// The browser is opened again, and the network is there.
	d.cut.Store(false)
	p = openProfile(t, program, profile)
	p.to(d.origin + "/desk")
	waitFor(t, func() bool { return kindsOf(d.events(t)) == "started, noted" })
	if got := d.events(t)[1].Text; got != canary {
		t.Errorf("the note is %q, want %q", got, canary)
	}
	time.Sleep(time.Second)
	p.close()
	if found := filesWith(t, profile, canary); found != nil {
		t.Errorf("after it was sent, what was typed can be read in %v", found)
	}
}

// profile is a browser whose profile is on the disk, as at a desk. Tabs of package
// browser keep theirs in memory.
type profile struct {
	t    *testing.T
	ctx  context.Context
	stop func()
}

func openProfile(t *testing.T, program, dir string) *profile {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.UserDataDir(dir),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE localhost"), chromedp.Flag("disable-component-update", true))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	p := &profile{t: t, ctx: ctx, stop: func() { stop(); stopAllocator() }}
	t.Cleanup(p.stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return p
}

func (p *profile) to(address string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address)); err != nil {
		p.t.Fatalf("go to %s: %v", address, err)
	}
}

func (p *profile) run(script string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`(async () => { await (async () => { `+script+` })() })()`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", script, err)
	}
}

func (p *profile) wait(is string) {
	p.t.Helper()
	waitForOr(p.t, func() bool {
		yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("(() => { try { return Boolean("+is+"); } catch { return false; } })()"))
		return err == nil && yes
	}, func() { p.t.Logf("it never was: %s", is) })
}

// close ends the browser as somebody does who closes its window.
func (p *profile) close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.t.Fatalf("close the browser: %v", err)
	}
	p.stop()
}

// filesWith lists the files below a folder that have the text, as browsers write it.
func filesWith(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	wide := make([]byte, 0, 2*len(text))
	for _, b := range []byte(text) {
		wide = append(wide, b, 0)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // the browser is at work here
		}
		if contents, err := os.ReadFile(path); err == nil && (bytes.Contains(contents, []byte(text)) || bytes.Contains(contents, wide)) {
			found = append(found, strings.TrimPrefix(path, dir))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWholeWalksWithoutNetwork walks every guide from its first step to its end
// without a network, does everything that a step offers, and sends all of it at the
// end.
func TestWholeWalksWithoutNetwork(t *testing.T) {
	d := newDesks(t)
	tab, device := d.tab(t)
	here := app.Who{Device: &device, Library: device.Library, Branch: device.Branch}
	guides, err := d.Situations(t.Context(), here, "en")
	if err != nil {
		t.Fatal(err)
	}
	// The presence log is no tile, and opens the recorder: TestPresenceWithoutNetwork.
	guides = slices.DeleteFunc(guides, func(s app.Situation) bool { return s.Playbook == "presence" })
	for n, guide := range guides {
		tab.SetOffline(true)
		tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
		tab.Go(d.origin + "/desk")
		tab.WaitTrue(`document.querySelectorAll('[data-offline-desk] button.tile').length > ` + strconv.Itoa(n))
		chromium.Eval[any](tab, `document.querySelectorAll('button.tile')[`+strconv.Itoa(n)+`].click()`)
		tab.WaitTrue(`document.querySelector('#card[data-step="1"]') !== null`)
		ended := false
		dice := rand.New(rand.NewPCG(uint64(n), 7))
		for range 80 {
			if ended = chromium.Eval[bool](tab, `!document.querySelector('#end').hidden`); ended {
				break
			}
			chromium.Eval[any](tab, doAll)
			tab.WaitTrue(isHere)
			stood := chromium.Eval[string](tab, standing)
			chromium.Eval[any](tab, `(() => { const ways = [...document.querySelectorAll('#card [data-choice] > button.choice')]; ways[`+strconv.Itoa(dice.IntN(60))+` % ways.length].click(); })()`)
			tab.WaitTrue(standing + " !== " + quote(stood))
			tab.WaitTrue(isHere)
		}
		if !ended {
			t.Fatalf("%s: no end after 80 steps", guide.Playbook)
		}
		if problem := chromium.Eval[string](tab, `document.querySelector('#problem').hidden ? '' : document.querySelector('#problem p').textContent`); problem != "" {
			t.Errorf("%s: the page says %q", guide.Playbook, problem)
		}
		abuse := chromium.Eval[bool](tab, `document.querySelector('#end [value="end"]').hidden`)
		if !abuse {
			chromium.Eval[any](tab, `document.querySelector('#end [value="end"]').click()`)
			tab.WaitTrue(`location.pathname === '/desk'`)
		}
		tab.SetOffline(false)
		tab.Go(d.origin + "/desk")
		waitFor(t, func() bool { return chromium.Eval[int](tab, howMany) == 0 })
		cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if abuse {
			continue // the director does not know of it
		}
		v, err := d.ReadCase(t.Context(), d.A.As(t, people.Director), cases[0].ID, "")
		if err != nil {
			t.Fatal(err)
		}
		kinds := kindsOf(v.Walk.Entries())
		t.Logf("%s: %d events", guide.Playbook, len(v.Walk.Entries()))
		if !v.Walk.Over() || !strings.HasSuffix(kinds, "ended") || strings.Contains(kinds, "late") || v.Walk.Start().Playbook != guide.Playbook {
			t.Errorf("%s: the record is %s of %s", guide.Playbook, kinds, v.Walk.Start().Playbook)
		}
	}
}

const (
	standing = `document.querySelector('#where').textContent + '|' + document.querySelector('main h1').textContent`
	howMany  = `new Promise(done => { const asked = indexedDB.open('roundtable'); asked.onsuccess = () => { const all = asked.result.transaction('letters').objectStore('letters').count(); all.onsuccess = () => { asked.result.close(); done(all.result); }; }; })`
	// doAll does everything that a step offers but going on, one after the other.
	doAll = `(async () => {
	const quiet = () => new Promise(done => { const look = () => document.querySelector('#saved > span').textContent === 'Saving.' ? setTimeout(look, 10) : done(); setTimeout(look, 10); });
	const card = document.querySelector('#card');
	for (const button of card.querySelectorAll('[data-tick] button.box, [data-saying] button.said, [data-role] [role=group] button:first-child')) { button.click(); await quiet(); }
	for (const field of card.querySelectorAll('[name^="f."]')) {
		const type = field.closest('[data-field]').dataset.type;
		field.value = field.tagName === 'SELECT' ? field.options[1].value : { number: '12,5', date: '2026-03-04', time: '19:30' }[type] || 'typed';
		field.dispatchEvent(new Event('input', { bubbles: true }));
		field.dispatchEvent(new Event('change', { bubbles: true }));
		await quiet();
	}
})()`
)

// TestKeptPagesForEverybody holds what script makes of the kept pages to the rules of
// accessibility, small and large, light and dark.
func TestKeptPagesForEverybody(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	look := func(state string) {
		t.Helper()
		for _, v := range []chromium.View{{Viewport: chromium.Phone}, {Viewport: chromium.Desktop, Media: chromium.Media{Dark: true}}} {
			tab.SetView(v)
			for _, broken := range chromium.Axe(tab) {
				t.Errorf("%s: %v", state, broken)
			}
		}
	}
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`) // the page knows, so that nothing is under way any more
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`document.querySelector('[data-offline-desk] button.tile') !== null`)
	look("the desk without a network")
	startFirst(tab)
	look("the first step")
	stood := chromium.Eval[string](tab, standing)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(standing + " !== " + quote(stood))
	look("the second step")
	tab.Go(d.origin + "/desk")
	tab.WaitTrue(`!document.querySelector('#running').hidden`)
	look("the desk with a walk")
	tab.Go(d.origin + "/offline/walk")
	tab.WaitTrue(`document.querySelector('#card').dataset.step !== undefined`)
	chromium.Eval[any](tab, `document.querySelector('#stop button').click()`)
	tab.WaitTrue(`location.pathname === '/desk'`)
	tab.Go(d.origin + "/offline/walk")
	look("no walk")
}

// TestLockForgets: who locks the screen, or whose device is revoked, leaves no view of
// the walk on the device, and what was typed is still sent if it may be.
func TestLockForgets(t *testing.T) {
	d := newDesks(t)
	tab, device := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	const hasView = `new Promise(done => { const asked = indexedDB.open('roundtable'); asked.onsuccess = () => { const all = asked.result.transaction('own').objectStore('own').count(); all.onsuccess = () => { asked.result.close(); done(all.result); }; }; })`
	if n := chromium.Eval[int](tab, hasView); n != 1 {
		t.Fatalf("the device has %d views of its walk, want 1", n)
	}
	chromium.Eval[any](tab, `fetch('/lock/now', { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }).then(() => 1)`)
	waitFor(t, func() bool { return chromium.Eval[int](tab, hasView) == 0 })
	tab.Go(tab.URL()) // the server still has the walk for its device
	tab.WaitTrue(`document.querySelector('#says') !== null && document.querySelector('#card').dataset.step === '1'`)
	if err := d.RevokeDevice(t.Context(), d.A.As(t, people.Director), d.A.ID, device.ID); err != nil {
		t.Fatal(err)
	}
	chromium.Eval[any](tab, pressFirst)
	waitFor(t, func() bool { return chromium.Eval[int](tab, hasView) == 0 })
	kept := chromium.Eval[string](tab, `caches.keys().then(names => names.filter(name => name.startsWith('shell-')).join())`)
	if kept != "" {
		t.Errorf("a revoked device still keeps %s", kept)
	}
}

// TestKeptPageSaysWhatTheServersDoes: how far the walk is, and when it was saved by the
// branch's clocks, which are not the browser's.
func TestKeptPageSaysWhatTheServersDoes(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	for range 3 {
		tab.WaitTrue(isSaved)
		kept := chromium.Eval[string](tab, `document.querySelector('#where').textContent.trim()`)
		pips := chromium.Eval[string](tab, `[...document.querySelectorAll('#where i')].map(i => i.className || '.').join('')`)
		server := chromium.Eval[string](tab, `fetch(location.href).then(r => r.text())`)
		i := strings.Index(server, `<div class="where">`)
		if i < 0 {
			t.Fatalf("the server's page has no progress: %s", server)
		}
		where, _, _ := strings.Cut(server[i:], "</div>")
		if got := strings.TrimSpace(tags.ReplaceAllString(where, "")); got != kept || !strings.Contains(kept, "more.") {
			t.Errorf("the kept page says %q, the server's %q", kept, got)
		}
		if got := strings.NewReplacer(`<i class="`, "", `"></i>`, "", "<i></i>", ".").Replace(pipsOf.FindString(where)); got != pips {
			t.Errorf("the kept page draws %q, the server's %q", pips, got)
		}
		stood := chromium.Eval[string](tab, standing)
		chromium.Eval[any](tab, pressFirst)
		tab.WaitTrue(standing + " !== " + quote(stood))
	}
	tab.WaitTrue(isSaved)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	saved := chromium.Eval[string](tab, `document.querySelector('#saved > span').textContent`)
	if want := []string{"Saved " + now.Format("15:04") + ".", "Saved " + now.Add(-time.Minute).Format("15:04") + "."}; !slices.Contains(want, saved) {
		t.Errorf("the page says %q, want one of %q", saved, want)
	}
	// Before the server has answered, the line says what is known.
	d.cut.Store(true)
	tab.Reload()
	tab.WaitTrue(`/^Saved \d\d:\d\d\.$/.test(document.querySelector('#saved > span').textContent)`)
}

var pipsOf = regexp.MustCompile(`(<i[^>]*></i>)+`)
