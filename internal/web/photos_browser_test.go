package web

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roundtable/internal/app"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// shot writes a photograph to a file, to be chosen in place of a camera.
func shot(t *testing.T, number, w, h int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "IMG.jpg")
	if err := os.WriteFile(name, photograph(t, number, w, h), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const (
	pressPhoto  = `document.querySelector('#dock [name="photo"]').click()`
	photoOpen   = `document.querySelector('#photo-box').open`
	photoSeen   = `!document.querySelector('#photo-seen').hidden`
	photoWrong  = `document.querySelector('#photo-problem').textContent`
	keepPhoto   = `document.querySelector('#photo button[type=submit]').click()`
	tickNobody  = `document.querySelector('#photo-nobody').click()`
	photosTold  = `document.querySelector('#photos:not([hidden]) summary span').textContent`
	nobodyThere = `document.querySelector('#photo-nobody').checked`
)

// photos returns the photos of the one case that a device has walked.
func (d *desks) photos(t *testing.T) (id store.CaseID, list []walk.Event) {
	t.Helper()
	cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v, want one", cases, err)
	}
	for _, e := range d.events(t) {
		if e.Kind == walk.Pictured {
			list = append(list, e.Event)
		}
	}
	return cases[0].ID, list
}

// keptSize fails unless a photo is kept in a size, with nothing hidden in it.
func (d *desks) keptSize(t *testing.T, id store.CaseID, e walk.Event, w, h int) {
	t.Helper()
	kept, err := d.ReadPhoto(t.Context(), d.A.As(t, people.Director), id, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(kept))
	if err != nil || size.Width != w || size.Height != h || bytes.Contains(kept, []byte("canary")) {
		t.Errorf("the photo is %d by %d, %v; want %d by %d with nothing hidden", size.Width, size.Height, err, w, h)
	}
}

// TestPhotoAtTheDesk takes photos over a step of a kept walk: with a network, without
// one, and with an answer that is lost on the way. Each is kept once.
func TestPhotoAtTheDesk(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)

	// What is missing is asked for, and the tick is asked each time.
	take := func(file string) {
		t.Helper()
		chromium.Eval[any](tab, pressPhoto)
		tab.WaitTrue(photoOpen)
		if chromium.Eval[bool](tab, nobodyThere) {
			t.Error("that nobody is in the photo is ticked already")
		}
		tab.Attach(chromium.CSS("#photo-file"), file)
		tab.WaitTrue(photoSeen)
	}
	chromium.Eval[any](tab, pressPhoto)
	tab.WaitTrue(photoOpen)
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(photoWrong + `.startsWith('There is no photo yet.')`)
	chromium.Eval[any](tab, `document.querySelector('#photo-close').click()`)
	tab.WaitTrue(`!` + photoOpen)
	take(shot(t, 1, 3000, 2250))
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(photoWrong + `.startsWith('Look at the photo.')`)
	chromium.Eval[any](tab, tickNobody)
	tab.Fill(chromium.CSS("#photo-shows"), "The paper")
	keepPicture(t, tab, "dialog")
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(`!` + photoOpen + ` && ` + photosTold + ` === '1 photo is kept'`)
	tab.WaitTrue(isSaved)
	id, list := d.photos(t)
	if len(list) != 1 || list[0].Text != "The paper" {
		t.Fatalf("the photos are %+v, want one of the paper", list)
	}
	d.keptSize(t, id, list[0], 2000, 1500)

	// Without a network it is kept here, over a reload, and the walk goes on.
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`)
	take(shot(t, 2, 800, 600))
	chromium.Eval[any](tab, tickNobody)
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(isHere + ` && ` + photosTold + ` === '2 photos are kept'`)
	before := chromium.Eval[string](tab, heading)
	chromium.Eval[any](tab, pressFirst)
	tab.WaitTrue(heading + " !== " + quote(before) + ` && ` + isHere)
	tab.Reload()
	tab.WaitTrue(photosTold + ` === '2 photos are kept'`)
	keepPicture(t, tab, "offline")
	if _, list = d.photos(t); len(list) != 1 {
		t.Errorf("%d photos came without a network", len(list))
	}

	// The answer is lost on the way: it is sent again, and is there once.
	d.loses.Store(true)
	tab.SetOffline(false)
	waitFor(t, func() bool { _, list := d.photos(t); return len(list) == 2 })
	tab.WaitTrue(isHere)
	d.loses.Store(false)
	chromium.Eval[any](tab, `dispatchEvent(new Event('online'))`)
	tab.WaitTrue(isSaved)
	if _, list = d.photos(t); len(list) != 2 {
		t.Fatalf("there are %d photos, want 2", len(list))
	}
	d.keptSize(t, id, list[1], 800, 600)
	if got := kindsOf(d.events(t)); got != "started, pictured, chose, pictured" && got != "started, pictured, pictured, chose" {
		t.Errorf("the record has %s", got)
	}
	left := chromium.Eval[int](tab, `new Promise(done => { const asked = indexedDB.open('roundtable'); asked.onsuccess = () => { const keys = asked.result.transaction('about').objectStore('about').getAllKeys(); keys.onsuccess = () => { asked.result.close(); done(keys.result.filter(key => key.startsWith('photo ')).length); }; }; })`)
	if left != 0 {
		t.Errorf("%d photos still lie on the device after all was sent", left)
	}
	for _, b := range tab.Breaches() {
		t.Errorf("the content security policy stopped: %+v", b)
	}
}

// keepPicture keeps a picture of a phone's page where a folder is named for them.
func keepPicture(t *testing.T, tab *chromium.Tab, name string) {
	t.Helper()
	dir := os.Getenv("ROUNDTABLE_SHOTS")
	if dir == "" {
		return
	}
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	if err := os.WriteFile(filepath.Join(dir, name+".png"), tab.Screenshot(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPhotoDialogForEverybody holds the form over the step to the rules of
// accessibility, small and large, light and dark, in both of its states.
func TestPhotoDialogForEverybody(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	chromium.Eval[any](tab, `document.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', bubbles: true }))`)
	tab.WaitTrue(photoOpen)
	look := func(state string) {
		t.Helper()
		for _, v := range []chromium.View{{Viewport: chromium.Phone}, {Viewport: chromium.Narrow, Media: chromium.Media{ForcedColors: true}}, {Viewport: chromium.Desktop, Media: chromium.Media{Dark: true}}} {
			tab.SetView(v)
			for _, broken := range chromium.Axe(tab) {
				t.Errorf("%s: %v", state, broken)
			}
			if wide := chromium.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth || document.querySelector('#photo-box').scrollWidth > document.querySelector('#photo-box').clientWidth`); wide {
				t.Errorf("%s: it scrolls sideways at %v", state, v)
			}
		}
	}
	look("before the photo")
	tab.Attach(chromium.CSS("#photo-file"), shot(t, 1, 1200, 1600))
	tab.WaitTrue(photoSeen)
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(photoWrong + ` !== ''`)
	look("with a photo and no tick")

	// What no browser reads is told, and what was taken before is not kept in its place.
	broken := filepath.Join(t.TempDir(), "IMG.heic")
	if err := os.WriteFile(broken, []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Attach(chromium.CSS("#photo-file"), broken)
	tab.WaitTrue(photoWrong + `.startsWith('This picture cannot be read here.')`)
	chromium.Eval[any](tab, tickNobody)
	chromium.Eval[any](tab, keepPhoto)
	time.Sleep(300 * time.Millisecond)
	if !chromium.Eval[bool](tab, photoOpen) || kindsOf(d.events(t)) != "started" {
		t.Error("something was kept that could not be read")
	}
}

// TestPhotoPageWithScript: on the page for it, script makes the photo smaller before it
// is sent. Where sending fails the photo stays on the page, or on the device where that
// keeps a walk, and is sent with one more press, once.
func TestPhotoPageWithScript(t *testing.T) {
	for _, tt := range []struct {
		name, words string
		keeps       bool
	}{
		{"a device that keeps nothing yet", "It is still on this page.", false},
		{"a device that keeps its walk", "It is safe on this phone.", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesks(t)
			tab, device := d.tab(t)
			var id store.CaseID
			if tt.keeps {
				startFirst(tab)
				tab.WaitTrue(isSaved)
				id, _ = d.photos(t)
			} else {
				var err error
				if id, err = d.StartWalk(t.Context(), app.Who{Device: &device, Library: device.Library, Branch: device.Branch}, app.StartForm{Playbook: "officer"}); err != nil {
					t.Fatal(err)
				}
			}
			tab.Go(d.origin + "/i/" + string(id) + "/photo?step=1")
			tab.WaitTrue(`document.querySelector('#photo').noValidate`)
			tab.Attach(chromium.CSS("#photo-file"), shot(t, 1, 3000, 2250))
			tab.WaitTrue(photoSeen)
			if wide := chromium.Eval[int](tab, `document.querySelector('#photo-seen').width`); wide != 2000 {
				t.Errorf("the photo is %d wide before it is sent, want 2000", wide)
			}
			chromium.Eval[any](tab, keepPhoto)
			tab.WaitTrue(photoWrong + `.startsWith('Look at the photo.')`)
			chromium.Eval[any](tab, tickNobody)
			tab.Fill(chromium.CSS("#photo-shows"), "The paper")
			keepPicture(t, tab, "page")
			d.cut.Store(true)
			chromium.Eval[any](tab, keepPhoto)
			tab.WaitTrue(photoWrong + `.includes(` + quote(tt.words) + `)`)
			chromium.Eval[any](tab, keepPhoto)
			time.Sleep(300 * time.Millisecond)
			tab.WaitTrue(photoWrong + `.includes(` + quote(tt.words) + `) && ` + photoSeen + ` && document.querySelector('#photo-shows').value === 'The paper'`)
			d.cut.Store(false)
			chromium.Eval[any](tab, keepPhoto)
			tab.WaitTrue(`location.pathname === ` + quote("/i/"+string(id)+"/step/1"))
			_, list := d.photos(t)
			if len(list) != 1 || list[0].Text != "The paper" {
				t.Fatalf("the photos are %+v, want one of the paper", list)
			}
			d.keptSize(t, id, list[0], 2000, 1500)
			tab.Go(d.origin + "/i/" + string(id) + "/files")
			tab.WaitTrue(`document.querySelector('.photos img').complete && document.querySelector('.photos img').naturalWidth === 2000`)
			keepPicture(t, tab, "files")
			chromium.CheckViews(t, tab, d.origin+"/i/"+string(id)+"/files", chromium.View{Viewport: chromium.Phone})
			tab.Go(d.origin + "/i/" + string(id) + "/files/" + string(list[0].ID))
			tab.WaitTrue(`document.contentType === 'image/jpeg'`)
		})
	}
}

// TestPhotoOnABrokenDevice: where a device cannot keep the photo, it is not told as
// kept, and stays in the form.
func TestPhotoOnABrokenDevice(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	chromium.Eval[any](tab, pressPhoto)
	tab.WaitTrue(photoOpen)
	tab.Attach(chromium.CSS("#photo-file"), shot(t, 1, 800, 600))
	tab.WaitTrue(photoSeen)
	chromium.Eval[any](tab, tickNobody)
	chromium.Eval[any](tab, `new Promise(done => { const asked = indexedDB.deleteDatabase('roundtable'); asked.onsuccess = asked.onblocked = () => done(null); })`)
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(photoWrong + `.startsWith('We could not keep the photo on this device.') && ` + photoOpen + ` && ` + photoSeen)
	if chromium.Eval[bool](tab, `!document.querySelector('#photos').hidden`) {
		t.Error("the step says that a photo is kept which is not")
	}
	if got := kindsOf(d.events(t)); got != "started" {
		t.Errorf("the record has %s", got)
	}
}

// takePhoto takes a photo over the step of a kept walk, of a "canary".
func takePhoto(t *testing.T, tab *chromium.Tab, number int) {
	t.Helper()
	chromium.Eval[any](tab, pressPhoto)
	tab.WaitTrue(photoOpen)
	tab.Attach(chromium.CSS("#photo-file"), shot(t, number, 800, 600))
	tab.WaitTrue(photoSeen)
	chromium.Eval[any](tab, tickNobody)
	tab.Fill(chromium.CSS("#photo-shows"), "canary")
	chromium.Eval[any](tab, keepPhoto)
	tab.WaitTrue(`!` + photoOpen)
}

// steadyTime is longer than a second press is taken as the first one's.
const steadyTime = 800 * time.Millisecond

// TestPhotoRemovedBeforeItIsSent: a photo that never left a device is removed there
// without a network, and comes neither to the server nor back; one that the server may
// have waits for a connection, and is removed on the server's page.
func TestPhotoRemovedBeforeItIsSent(t *testing.T) {
	d := newDesks(t)
	// A real browser without a network does not wake its service worker to send; one that
	// only plays that it has none does.
	d.script = `Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', { value: undefined });`
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	const remove = `document.querySelector('#photos li:last-child button').click()`
	tab.SetOffline(true)
	tab.WaitTrue(`!navigator.onLine`)
	takePhoto(t, tab, 1)
	tab.WaitTrue(isHere)
	tab.Click(chromium.CSS("#photos summary"))
	chromium.Eval[any](tab, remove)
	chromium.Eval[any](tab, remove) // a double press asks, and removes nothing
	tab.WaitTrue(`document.querySelector('#photos li [role=status]').textContent.startsWith('The photo and what was written of it are deleted.')`)
	tab.SetView(chromium.View{Viewport: chromium.Phone})
	chromium.Eval[any](tab, `document.querySelector('#photos').scrollIntoView()`)
	keepPicture(t, tab, "unsent-remove")
	for _, broken := range chromium.Axe(tab) {
		t.Errorf("asked once more: %v", broken)
	}
	tab.WaitTrue(photosTold + ` === '1 photo is kept'`)
	time.Sleep(steadyTime)
	chromium.Eval[any](tab, remove)
	tab.WaitTrue(`document.querySelector('#photos').hidden && ` + isSaved)
	if chromium.Eval[bool](tab, ownHas("canary")) {
		t.Error("what was written of a removed photo is still on the device")
	}
	tab.Reload()
	tab.WaitTrue(`document.querySelector('#card[data-step="1"]') !== null && document.querySelector('#photos').hidden`)

	// The second one arrives, and its answer does not.
	d.loses.Store(true)
	tab.SetOffline(false)
	tab.WaitTrue(`navigator.onLine`)
	takePhoto(t, tab, 2)
	waitFor(t, func() bool { _, list := d.photos(t); return len(list) == 1 })
	tab.Click(chromium.CSS("#photos summary"))
	chromium.Eval[any](tab, remove)
	time.Sleep(steadyTime)
	chromium.Eval[any](tab, remove)
	tab.WaitTrue(`!document.querySelector('#problem').hidden && document.querySelector('#problem').textContent.includes('There is no connection now')`)
	tab.WaitTrue(photosTold + ` === '1 photo is kept'`)
	d.loses.Store(false)
	time.Sleep(steadyTime)
	chromium.Eval[any](tab, remove)
	tab.WaitTrue(`document.querySelector('.danger-btn') && location.pathname.endsWith('/remove')`)
	if got := kindsOf(d.events(t)); got != "started, pictured" {
		t.Errorf("the record has %s, want the photo that arrived and no other", got)
	}
}

// TestPhotoRemovedAtTheDesk: a photo that is removed on the page of the photos is gone
// from the walk that the device keeps for itself too, with what was written of it.
func TestPhotoRemovedAtTheDesk(t *testing.T) {
	d := newDesks(t)
	tab, _ := d.tab(t)
	startFirst(tab)
	tab.WaitTrue(isSaved)
	for n := range 2 {
		takePhoto(t, tab, n+1)
		tab.WaitTrue(isSaved)
	}
	id, list := d.photos(t)
	step := chromium.Eval[string](tab, `location.pathname`)
	tab.Go(d.origin + "/i/" + string(id) + "/files")
	tab.WaitTrue(`document.querySelectorAll('.photos img').length === 2`)
	keepPicture(t, tab, "files-remove")
	chromium.Eval[any](tab, `document.querySelector('.photos li a.btn').click()`)
	tab.WaitTrue(`document.querySelector('.danger-btn') && location.pathname.endsWith('/remove')`)
	keepPicture(t, tab, "remove")
	chromium.CheckViews(t, tab, d.origin+"/i/"+string(id)+"/files/"+string(list[0].ID)+"/remove", chromium.View{Viewport: chromium.Phone})
	chromium.Eval[any](tab, `document.querySelector('.danger-btn').click()`)
	tab.WaitTrue(`document.querySelector('[data-removed] li') && location.pathname.endsWith('/files')`)
	keepPicture(t, tab, "files-removed")
	tab.WaitTrue(ownHas(`corrected`))
	tab.Go(d.origin + step)
	tab.WaitTrue(photosTold + ` === '1 photo is kept'`)
	tab.WaitTrue(isSaved)
	if n := chromium.Eval[int](tab, `(`+ownText+`).then(text => text.split('"text":"canary"').length - 1)`); n != 1 {
		t.Errorf("the device keeps the words of %d photos, want those of the one that is left", n)
	}
	if got := kindsOf(d.events(t)); got != "started, pictured, pictured, corrected" {
		t.Errorf("the record has %s", got)
	}
	for _, b := range tab.Breaches() {
		t.Errorf("the content security policy stopped: %+v", b)
	}
}

// ownText is the view of the walk that a device keeps, opened.
const ownText = `new Promise((done, not) => { const asked = indexedDB.open('roundtable'); asked.onerror = not; asked.onsuccess = () => { const own = asked.result.transaction('own').objectStore('own').get('walk'); own.onsuccess = () => { asked.result.close(); const { iv, key, box } = own.result; crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, box).then(text => done(new TextDecoder().decode(text)), not); }; }; })`

func ownHas(words string) string {
	return `(` + ownText + `).then(text => text.includes(` + quote(words) + `))`
}
