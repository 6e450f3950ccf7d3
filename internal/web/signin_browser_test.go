package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/signin"
)

// TestSignInInBrowser signs in with a password and a code that is shown for half a
// minute, after wrong tries, and with a recovery code.
func TestSignInInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	director := h.director(t)
	h.open(t, director, "/me/codes", http.StatusOK)
	seed, err := signin.ParseSeed(director.Text(chromium.CSS("main code")))
	if err != nil {
		t.Fatal(err)
	}
	director.Fill(field("code"), codeAt(seed, h.Clock.Now()))
	send(t, director)
	h.open(t, director, "/me/recovery", http.StatusOK)
	director.Follow(chromium.CSS("main .frm button, main form .btn"))
	recovery := director.Texts("main .codes li")
	if len(recovery) != 10 {
		t.Fatalf("there are %d recovery codes, want 10: %s", len(recovery), director.Text(chromium.CSS("main")))
	}
	h.Clock.Move(time.Minute)

	tab := chromium.Shared(t).NewTab(t)
	h.open(t, tab, "/manage/people", http.StatusOK)
	h.at(t, tab, "/signin?next=%2Fmanage%2Fpeople")
	tab.Fill(field("name"), "dana@elm.example")
	tab.Fill(field("password"), "not the password of anybody")
	if got := send(t, tab).Status; got != http.StatusForbidden {
		t.Errorf("a wrong password is answered %d, want 403", got)
	}
	if got := tab.Value(field("name")); got != "dana@elm.example" {
		t.Errorf("the name is %q after a wrong password, want what was typed", got)
	}
	if got := tab.Value(field("password")); got != "" {
		t.Errorf("the password is shown again: %q", got)
	}
	tab.Fill(field("password"), apptest.Password)
	send(t, tab)
	wants(t, tab, "Six digits")
	tab.Fill(field("code"), "000000")
	send(t, tab)
	wants(t, tab, "1 thing to change")
	tab.Fill(field("code"), codeAt(seed, h.Clock.Now()))
	send(t, tab)
	h.at(t, tab, "/manage/people")

	other := chromium.Shared(t).NewTab(t)
	h.signIn(t, other, "dana@elm.example")
	other.Follow(chromium.Label("Use a recovery code"))
	other.Fill(field("code"), "AAAA-BBBB-CCCC")
	send(t, other)
	wants(t, other, "1 thing to change")
	other.Fill(field("code"), strings.ToLower(recovery[3]))
	send(t, other)
	h.open(t, other, "/me", http.StatusOK)
	wants(t, other, "9 left")
	h.clean(t, director, tab, other)
}

// TestPasskeyInBrowser adds a passkey, signs in with it, and unlocks with it.
func TestPasskeyInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	key := tab.AddAuthenticator()
	h.open(t, tab, "/me/passkeys", http.StatusOK)
	tab.Fill(field("name"), "My phone")
	tab.Follow(chromium.CSS("form[data-passkey] button"))
	wants(t, tab, "My phone")
	if got := len(key.Passkeys()); got != 1 {
		t.Fatalf("the authenticator keeps %d passkeys, want 1", got)
	}
	endSession(t, h, tab)
	h.open(t, tab, "/signin?next=/manage/people", http.StatusOK)
	tab.Follow(chromium.CSS("form[data-passkey] button"))
	h.at(t, tab, "/manage/people")
	tab.Follow(chromium.CSS(".bar form.late button"))
	h.at(t, tab, "/lock")
	key.Verify(false)
	tab.Click(chromium.CSS("form[data-passkey] button"))
	tab.WaitText("The passkey was not used")
	key.Verify(true)
	tab.Follow(chromium.CSS("form[data-passkey] button"))
	h.open(t, tab, "/manage/people", http.StatusOK)
	h.at(t, tab, "/manage/people")
	h.clean(t, tab)
}

func endSession(t *testing.T, h *house, tab *chromium.Tab) {
	t.Helper()
	h.open(t, tab, "/me", http.StatusOK)
	tab.Follow(chromium.CSS(`main [action="/signout"] button`))
}

// later makes the page's clock show a later time.
func later(tab *chromium.Tab, d time.Duration) {
	chromium.Eval[int](tab, `(() => { const real = Date.now; Date.now = () => real() + `+count(int(d.Milliseconds()))+`; return 0; })()`)
}

const lockShown = `!document.querySelector("#lock-over").hidden`

// TestLockOverPageInBrowser: a page locks itself when nobody does anything, shows
// nothing of what is on it, and opens for whoever knows the password, with all that
// was typed. It opens for nobody else, also if the server was not told that it is
// locked.
func TestLockOverPageInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	for _, told := range []bool{true, false} {
		h.open(t, tab, "/manage/people/invite", http.StatusOK)
		tab.Fill(field("name"), "Half Typed")
		if !told {
			tab.SetOffline(true)
		}
		later(tab, signin.IdleTime-30*time.Second)
		tab.WaitText("This page locks in a minute")
		later(tab, time.Minute)
		tab.WaitTrue(lockShown)
		if body := tab.Text(chromium.CSS("body")); strings.Contains(body, "Invite somebody") || !strings.Contains(body, "Locked") {
			t.Errorf("the locked page shows %q", body)
		}
		if got := len(chromium.Axe(tab)); got != 0 {
			t.Errorf("the locked page: %v", chromium.Axe(tab))
		}
		tab.SetOffline(false)
		tab.Settle()
		tab.Fill(chromium.CSS("#lock-secret"), "not the password")
		tab.Click(chromium.CSS("#lock-over .btn.go"))
		tab.WaitTrue(`!document.querySelector("#lock-problem").hidden`)
		if !chromium.Eval[bool](tab, lockShown) {
			t.Fatalf("the page opens for a wrong password (server told: %v)", told)
		}
		tab.Fill(chromium.CSS("#lock-secret"), apptest.Password)
		tab.Click(chromium.CSS("#lock-over .btn.go"))
		tab.WaitTrue(`document.querySelector("#lock-over").hidden`)
		if got := tab.Value(field("name")); got != "Half Typed" {
			t.Errorf("after unlocking the field shows %q, want what was typed", got)
		}
		h.open(t, tab, "/manage/people", http.StatusOK)
		h.at(t, tab, "/manage/people")
	}
}

// TestIdleLockInBrowser: where no script runs, the server locks at the next press,
// and what was typed is there to be sent after unlocking.
func TestIdleLockInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	tab.SetScript(false)
	h.open(t, tab, "/manage/branches/new", http.StatusOK)
	tab.Fill(field("name"), "Annex")
	h.Clock.Move(signin.IdleTime)
	send(t, tab)
	h.at(t, tab, "/lock")
	wants(t, tab, "What was typed is kept", "Dana Dorsey")
	tab.Fill(field("secret"), "not the password")
	send(t, tab)
	wants(t, tab, "left. Then you sign in again")
	tab.Fill(field("secret"), apptest.Password)
	send(t, tab)
	h.at(t, tab, "/lock/kept")
	tab.Follow(chromium.Label("Send it"))
	h.at(t, tab, "/manage/branches")
	wants(t, tab, "Annex")

	h.Clock.Move(signin.SessionTime)
	tab.Go(h.origin + "/manage/people")
	h.at(t, tab, "/signin?next=%2Fmanage%2Fpeople")
	h.clean(t, tab)
}

// TestNothingStaysAfterSignOut: once somebody has signed out, neither going back nor
// what the browser keeps shows anything of what they saw.
func TestNothingStaysAfterSignOut(t *testing.T) {
	h := furnishedHouse(t)
	tab := h.director(t)
	h.open(t, tab, "/manage/people", http.StatusOK)
	wants(t, tab, "Dana Dorsey")
	endSession(t, h, tab)
	restored, _ := tab.Back()
	if body := tab.Text(chromium.CSS("body")); restored || strings.Contains(body, "Dana Dorsey") {
		t.Errorf("going back after signing out shows a page that was kept (%v): %s", restored, body)
	}
	for _, c := range tab.Cookies() {
		if c.Name == "roundtable" {
			t.Errorf("the session's cookie is there after signing out: %+v", c)
		}
	}
	kept := chromium.Eval[[]string](tab, `(async () => [
		...Object.keys(localStorage).map(k => "localStorage " + k), ...Object.keys(sessionStorage).map(k => "sessionStorage " + k),
		...(await Promise.all((await indexedDB.databases()).map(async d => {
			const answer = r => new Promise((done, failed) => { r.onsuccess = () => done(r.result); r.onerror = () => failed(r.error); });
			const db = await answer(indexedDB.open(d.name));
			const found = [];
			for (const s of db.objectStoreNames) {
				for (const k of await answer(db.transaction(s).objectStore(s).getAllKeys())) found.push("database " + d.name + " " + s + " " + k);
			}
			db.close();
			return found;
		}))).flat(),
		...(await Promise.all((await caches.keys()).map(async n => (await (await caches.open(n)).keys()).map(r => "cache " + n + " " + r.url)))).flat(),
	])()`)
	kept = slices.DeleteFunc(kept, func(k string) bool { // what is the same for everybody, and was there before
		return strings.Contains(k, " "+h.origin+"/static/") || strings.Contains(k, " "+h.origin+"/offline")
	})
	if len(kept) > 0 {
		t.Errorf("after signing out the browser keeps %q", kept)
	}
	h.clean(t, tab)
}
