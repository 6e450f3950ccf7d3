package counsel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"roundtable/internal/browser"
	"roundtable/internal/vault"
)

const (
	canary = "Canary 7Q4Z: may the camera’s picture be shown?"
	// told is the part of the canary that is looked for: it has no sign that one
	// encoding writes in several ways.
	told         = "7Q4Z"
	storyWords   = "zebra lantern copper midnight"
	spanishEmpty = "Escriba primero su nota."
	// sessionTime is after how long a browser has written to its disk what stands
	// in a page's fields, to bring it back after a crash.
	sessionTime    = 3 * time.Second
	startOfNotSent = "We could not send the note. Your text is still here"
)

// tab is a Chromium of its own with a profile on the disk, so that what a browser
// keeps after a visit can be looked for.
type tab struct {
	t         *testing.T
	ctx       context.Context
	profile   string
	downloads string
	requests  *log
	stop      func()
}

func openTab(t *testing.T) *tab {
	t.Helper()
	path, err := browser.Find()
	if err != nil {
		missing(t, "Chromium")
	}
	b := &tab{t: t, profile: t.TempDir(), downloads: t.TempDir(), requests: &log{}}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(b.profile),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"), chromedp.Env("HOME="+b.downloads))
	limit, cancelLimit := context.WithTimeout(t.Context(), 3*time.Minute)
	alloc, cancelAlloc := chromedp.NewExecAllocator(limit, options...)
	ctx, cancel := chromedp.NewContext(alloc)
	b.ctx, b.stop = ctx, sync.OnceFunc(func() {
		if err := chromedp.Cancel(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("close the browser: %v", err)
		}
		cancel()
		cancelAlloc()
		cancelLimit()
	})
	t.Cleanup(b.stop)
	b.listen()
	return b
}

// listen writes down every request that the page makes, to wherever.
func (b *tab) listen() {
	b.t.Helper()
	// The first step starts the browser, which ends with that step's context.
	if err := chromedp.Do(b.ctx, chromedp.Navigate("about:blank")); err != nil {
		b.t.Fatalf("start the browser: %v", err)
	}
	if err := chromedp.Listen(b.ctx, func(ev any) {
		if sent, ok := ev.(*network.EventRequestWillBeSent); ok {
			b.requests.add(sent.Request.Method + " " + sent.Request.URL + sent.Request.URLFragment)
			b.requests.add(string(must(json.Marshal(sent.Request.Headers))))
			for _, entry := range sent.Request.PostDataEntries {
				b.requests.add(string(must(json.Marshal(entry))))
			}
		}
	}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: b.downloads,
	}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (b *tab) fill(selector, text string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(e => (e.focus(), e.select(), document.activeElement === e))(document.querySelector(%q))`, selector))
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		b.t.Fatalf("type into %s: %v", selector, err)
	}
}

// eval evaluates an expression, which may be a promise.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := tryEval[T](b, expression)
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func tryEval[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// wait waits until the status says something that begins so.
func (b *tab) wait(start string) {
	b.t.Helper()
	b.waitFor(fmt.Sprintf(`document.querySelector("[data-counsel-said]")?.textContent.startsWith(%q) ?? false`, start))
}

// waitFor waits until an expression is true. While one page gives way to another
// there is nothing to evaluate it in: then it is not true yet.
func (b *tab) waitFor(expression string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is, err := tryEval[bool](b, expression); err == nil && is {
			return
		}
	}
	said, _ := tryEval[string](b, `location.pathname + " reads " + document.body.innerText`)
	b.t.Fatalf("%s does not become true; %s", expression, said)
}

// goBack goes back to a page, out of the browser's memory if it is there.
func (b *tab) goBack(path string) {
	b.t.Helper()
	eval[bool](b, `(history.back(), true)`)
	b.waitFor(fmt.Sprintf(`location.pathname === %q && document.readyState === "complete" && document.querySelector("form") !== null`, path))
}

// download waits for the only file that was saved.
func (b *tab) download() string {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := must(filepath.Glob(filepath.Join(b.downloads, "counsel-key-*.json"))); len(found) == 1 {
			return found[0]
		}
	}
	b.t.Fatalf("no key file was saved in %s", b.downloads)
	return ""
}

// everything returns all that page and browser keep that a script can see.
func (b *tab) everything() string {
	b.t.Helper()
	return eval[string](b, `(async () => JSON.stringify([
		Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, location.href, history.state, name,
		await indexedDB.databases(), await caches.keys(), await navigator.serviceWorker.getRegistrations().then(l => l.length),
		performance.getEntries().map(e => e.name)]))()`)
}

// TestStory (P10): counsel makes a key, an author seals a note to it, the server
// sees a letter and nothing else, counsel opens it; text, passphrase and private
// key are in no request, in no storage, and nowhere in the browser's profile.
func TestStory(t *testing.T) {
	s, b := newStory(t), openTab(t)
	file := s.make(b)
	s.write(b)
	s.read(b, file)
	secrets := s.secrets(file)
	kept := b.everything()
	b.stop()
	for _, secret := range secrets {
		if where := secret.in([]byte(strings.Join(s.sent.all(), "\n"))); where != "" {
			t.Errorf("the server was sent the %s, %s", secret.name, where)
		}
		if where := secret.in([]byte(strings.Join(b.requests.all(), "\n"))); where != "" {
			t.Errorf("a request had the %s, %s", secret.name, where)
		}
		if where := secret.in([]byte(kept)); where != "" {
			t.Errorf("the browser keeps the %s, %s: %s", secret.name, where, kept)
		}
		for _, found := range secret.inFolder(t, b.profile) {
			t.Errorf("the browser's profile has the %s: %s", secret.name, found)
		}
	}
	for _, request := range b.requests.all() {
		if strings.Contains(request, "://") && strings.HasPrefix(request, "GET ") && !strings.Contains(request, s.url) && !strings.Contains(request, " data:,") {
			t.Errorf("the page asked for %s", request)
		}
	}
}

// make is counsel making a key. It returns the path of the saved file.
func (s *story) make(b *tab) string {
	t := b.t
	b.do(chromedp.Navigate(s.url + "/make"))
	b.fill("#p1", "too short")
	b.click("[data-counsel-step=make] button")
	b.wait("Use at least 16 characters.")
	b.fill("#p1", storyWords)
	b.fill("#p2", storyWords+"s")
	b.click("[data-counsel-step=make] button")
	b.wait("The two passphrases differ.")
	b.fill("#p2", storyWords)
	b.click("[data-counsel-step=make] button")
	b.wait("Now save the file counsel-key-")
	file := b.download()
	if s.key.Public.Bytes() != nil {
		t.Error("the key was sent before its file was checked")
	}
	other := filepath.Join(t.TempDir(), "other.json")
	write(t, other, must(json.Marshal(newFile(t, newPair(t, bytes.Repeat([]byte{9}, 32)), newPair(t, bytes.Repeat([]byte{9}, 32)).jwk))))
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f"), []string{other}))
	b.fill("#p3", passphraseOfGo)
	b.click("[data-counsel-step=check] button")
	b.wait("This file is of another key.")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f"), []string{file}))
	b.fill("#p3", storyWords)
	shown := eval[string](b, `document.querySelector("[data-counsel-words]").textContent`)
	groups := eval[string](b, `document.querySelector("[data-counsel-groups]").textContent`)
	b.click("[data-counsel-step=check] button")
	b.waitFor(`location.pathname === "/after"`)
	print := s.key.Fingerprint()
	if want := strings.Join(print.Words(), " "); shown != want || groups != print.Groups() {
		t.Errorf("counsel's page shows %q, %q; want %q, %q", shown, groups, want, print.Groups())
	}
	if about := parseFile(t, string(must(os.ReadFile(file)))).About; !strings.Contains(about, "the notes are lost") {
		t.Errorf("the file says of itself %q", about)
	}
	return file
}

// write is the author writing a note, with a server that at first does not take it.
func (s *story) write(b *tab) {
	t := b.t
	b.do(chromedp.Navigate(s.url + "/note"))
	b.waitFor(`document.querySelector("#t") !== null`)
	if got, want := eval[string](b, `document.querySelector("[data-counsel-words]").textContent`), strings.Join(s.key.Fingerprint().Words(), " "); got != want {
		t.Errorf("the author's page shows %q, want %q", got, want)
	}
	if got := eval[string](b, `JSON.stringify([...new FormData(document.querySelector("form")).keys()])`); got != `["note"]` {
		t.Errorf("the form would send %s, want the note's id alone", got)
	}
	b.click("button")
	b.wait(spanishEmpty)
	b.fill("#t", strings.Repeat("😀", MaxText+3))
	b.click("button")
	b.wait("This is 3 characters too long.")
	b.fill("#t", canary)
	time.Sleep(sessionTime)
	for _, status := range []int{500, 303, 409} {
		s.answerWith(status)
		b.click("button")
		want := startOfNotSent
		if status == 409 {
			want = "Counsel has a new key"
		}
		b.wait(want)
		if got := eval[string](b, `document.querySelector("#t").value`); got != canary {
			t.Errorf("after status %d the field holds %q, want the text", status, got)
		}
		eval[bool](b, `(document.querySelector("[data-counsel-said]").textContent = "", true)`)
	}
	s.answerWith(0)
	emptyAfterBack := func(what string) {
		b.goBack("/note")
		if got := eval[string](b, `document.querySelector("#t").value`); got != "" {
			t.Errorf("%s and going back shows %q in the field, want nothing", what, got)
		}
	}
	b.do(chromedp.Navigate(s.url + "/after"))
	emptyAfterBack("leaving")
	b.do(chromedp.Navigate(s.url + "/note"))
	b.waitFor(`document.querySelector("#t") !== null`)
	b.fill("#t", canary)
	b.click("button")
	b.waitFor(`location.pathname === "/after"`)
	if note := s.note; note.To != s.key.Fingerprint() || len(note.Letter.Bytes()) != 1+8+65+256+16 {
		t.Errorf("the server has a letter of %d bytes to %s", len(note.Letter.Bytes()), note.To)
	}
	emptyAfterBack("sending")
}

// read is counsel opening the note; beside it stand one to another key and one
// that was moved here.
func (s *story) read(b *tab, file string) {
	t := b.t
	const sealed = "Sealed. | Sealed. | Sealed."
	texts := `[...document.querySelectorAll("[data-counsel-content]")].map(e => e.textContent).join(" | ")`
	b.do(chromedp.Navigate(s.url + "/open"))
	b.waitFor(`document.querySelector("#f") !== null`)
	b.click("form button")
	b.wait("Choose your key file first.")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f"), []string{file}))
	b.fill("#p", "another passphrase")
	b.click("form button")
	b.wait("That passphrase does not open this file.")
	if got := eval[string](b, texts); got != sealed {
		t.Errorf("with a wrong passphrase the notes read %q, want %q", got, sealed)
	}
	open := func() {
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#f"), []string{file}))
		b.fill("#p", storyWords)
		b.click("form button")
		b.wait("Open: 1 of 3.")
		got := strings.Split(eval[string](b, texts), " | ")
		if got[0] != canary || !strings.HasPrefix(got[1], "Sealed to another of your keys") || !strings.HasPrefix(got[2], "This note does not open") {
			t.Errorf("the notes read %q", got)
		}
		if left := eval[string](b, `document.querySelector("#p").value`); left != "" {
			t.Errorf("the passphrase stays in its field: %q", left)
		}
	}
	closed := func(how string) {
		if got := eval[string](b, texts); got != sealed {
			t.Errorf("after %s the notes read %q, want %q", how, got, sealed)
		}
		if eval[bool](b, `document.querySelector("form").hidden || document.querySelector("#f").files.length > 0`) {
			t.Errorf("after %s the form is hidden or holds a file", how)
		}
	}
	open()
	b.click("[data-counsel-close]")
	b.wait("The notes are closed again.")
	closed("closing")
	open()
	eval[bool](b, `document.dispatchEvent(new Event("roundtable:lock"))`)
	closed("locking")
	open()
	b.do(chromedp.Navigate(s.url + "/after"))
	b.goBack("/open")
	closed("leaving and coming back")
	b.do(chromedp.Navigate(s.url + "/after"))
}

// TestChromiumSealsAlike: what Node has shown holds in a browser too, points off
// the curve included.
func TestChromiumSealsAlike(t *testing.T) {
	s, b := newStory(t), openTab(t)
	p := newPair(t, bytes.Repeat([]byte{7}, 32))
	b.do(chromedp.Navigate(s.url + "/after"))
	place, jwk := string(must(json.Marshal(placeFor(here)))), string(must(json.Marshal(p.jwk)))
	const load = `const m = await import("/js/letter.js"), key = m.fromBase64(%q), place = %s; `
	for i, text := range contents(60) {
		made := eval[string](b, fmt.Sprintf(`(async () => { `+load+`
			return m.toBase64(await m.sealLetter(key, m.forIntake, place, m.fromBase64(%q))) })()`, p.encoded(), place, encode([]byte(text))))
		letter, err := vault.ParseLetter(decoded(t, made))
		if err != nil {
			t.Fatalf("content %d: ParseLetter of Chromium's letter: %v", i, err)
		}
		if back, err := p.private.Open(vault.ForIntake, here, letter); err != nil || back.Text() != text {
			t.Errorf("content %d: Open of Chromium's letter = %.40q, %v", i, back.Text(), err)
		}
		ours := must(p.public.Seal(vault.ForIntake, here, vault.NewClear(text))).Bytes()
		back := eval[string](b, fmt.Sprintf(`(async () => { `+load+`
			const privateKey = await crypto.subtle.importKey("jwk", %s, {name: "ECDH", namedCurve: "P-256"}, false, ["deriveBits"]);
			return m.toBase64(await m.openLetter({privateKey, publicKey: key}, m.forIntake, place, m.fromBase64(%q))) })()`,
			p.encoded(), place, jwk, encode(ours)))
		if string(decoded(t, back)) != text || len(ours) != len(letter.Bytes()) {
			t.Errorf("content %d: Chromium opens Go's letter as %.40q, want %.40q", i, back, text)
		}
	}
	off := p.public.Bytes()
	off[64] ^= 1
	for _, point := range [][]byte{off, make([]byte, 65), p.public.Bytes()[:64]} {
		got := eval[string](b, fmt.Sprintf(`(async () => { `+load+`
			return m.sealLetter(key, m.forIntake, place, new Uint8Array(1)).then(() => "sealed", e => e.kind) })()`, encode(point), place))
		if got != "key" {
			t.Errorf("Chromium seals to %x: %q, want %q", point, got, "key")
		}
	}
}

// TestWithoutScript: no form is there, but the words and the number.
func TestWithoutScript(t *testing.T) {
	s, b := newStory(t), openTab(t)
	_, s.key = newKey(t, 7, noon)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{"/note": "Call counsel: 555 0171", "/make": "Making a key needs", "/open": "Opening notes needs"} {
		b.do(chromedp.Navigate(s.url + page))
		text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("main")))
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%s without script reads %q, %v; want %q", page, text, err, want)
		}
		if n := eval[int](b, `document.querySelectorAll("form, textarea, input, button").length`); n != 0 {
			t.Errorf("%s without script has %d fields and forms, want none", page, n)
		}
	}
}

// TestWrongFingerprint: where key and fingerprint do not fit there is no form.
func TestWrongFingerprint(t *testing.T) {
	s, b := newStory(t), openTab(t)
	_, s.key = newKey(t, 7, noon)
	s.fingerprint = newPair(t, bytes.Repeat([]byte{8}, 32)).public.Fingerprint().String()
	b.do(chromedp.Navigate(s.url + "/note"))
	b.wait("The key on this page does not fit its fingerprint")
	if n := eval[int](b, `document.querySelectorAll("form").length`); n != 0 {
		t.Errorf("the page has %d forms, want none", n)
	}
	if !eval[bool](b, `!document.querySelector("[data-counsel-plain]").hidden`) {
		t.Error("the number to call is hidden")
	}
}

// TestHuntControl: what is sent, stored or left in a form's memory is found by
// the searches of TestStory. A page without counsel.js does all of it.
func TestHuntControl(t *testing.T) {
	s, b := newStory(t), openTab(t)
	b.do(chromedp.Navigate(s.url + "/control"))
	b.fill("textarea", canary)
	time.Sleep(sessionTime)
	eval[bool](b, fmt.Sprintf(`(localStorage.setItem("a", %q), document.cookie = "a=%s; max-age=9999", true)`, canary, told))
	eval[int](b, fmt.Sprintf(`fetch("/control", {method: "POST", body: %q}).then(r => r.status)`, canary))
	kept := b.everything()
	b.do(chromedp.Navigate(s.url + "/after"))
	time.Sleep(sessionTime)
	b.stop()
	secret := secret{"text", []byte(told)}
	for name, hay := range map[string]string{"what the server was sent": strings.Join(s.sent.all(), "\n"), "requests": strings.Join(b.requests.all(), "\n"), "storage": kept} {
		if secret.in([]byte(hay)) == "" {
			t.Errorf("the canary is not found in %s: %.2000s", name, hay)
		}
	}
	found := secret.inFolder(t, b.profile)
	t.Logf("found in the profile: %q", found)
	for _, where := range []string{"Local Storage", "Sessions"} {
		if !strings.Contains(strings.Join(found, " "), where) {
			t.Errorf("the canary is found in %q of the profile, want it in %s", found, where)
		}
	}
}

// keyInFile is the private key in a key file, as a scalar.
func keyInFile(t *testing.T, file string) []byte {
	t.Helper()
	f := parseFile(t, string(must(os.ReadFile(file))))
	aead, aad := f.aead(t, storyWords)
	var jwk struct{ D string }
	if err := json.Unmarshal(must(aead.Open(nil, decoded(t, f.Cipher.Nonce), decoded(t, f.SealedKey), aad)), &jwk); err != nil {
		t.Fatal(err)
	}
	scalar := decoded(t, jwk.D)
	must(vault.ParsePrivateKey(bytes.Clone(scalar)))
	return scalar
}
