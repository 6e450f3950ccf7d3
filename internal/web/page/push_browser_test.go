package page

import (
	"net/url"
	"strings"
	"testing"

	"roundtable/internal/browser"
)

// fakePush stands in for the browser's own pushes, which need a push service that this
// browser has not: it grants what it is told to, and gives a subscription.
const fakePush = `((granted, before) => {
	window.asked = [];
	Notification.requestPermission = async () => { asked.push("permission"); return granted; };
	const given = key => ({options: {applicationServerKey: key.buffer}, toJSON: () => ({endpoint: "https://push.example/x", keys: {}}), unsubscribe: async () => { asked.push("unsubscribe"); }});
	const pushManager = {
		getSubscription: async () => before ? given(Uint8Array.of(...before)) : null,
		subscribe: async o => { asked.push("subscribe " + o.userVisibleOnly + " " + [...o.applicationServerKey].join()); return given(o.applicationServerKey); },
	};
	ServiceWorkerContainer.prototype.register = async at => { asked.push("register " + at); return {}; };
	Object.defineProperty(ServiceWorkerContainer.prototype, "ready", {get: () => Promise.resolve({pushManager})});
	return true;
})`

// TestPush: a browser is made to take alerts, under the key of the page, and what it
// gives is sent along with its name. It is a fake subscription: see fakePush.
func TestPush(t *testing.T) {
	me := galleryPage(t, "me-alerts").(MeAlerts)
	me.Key = "BAMC" // 4, 3, 2
	s := newStand(t, map[string]Page{"/me/alerts": me, "/": galleryPage(t, "keys")})
	for name, test := range map[string]struct {
		granted, before string
		want            []string // what the browser is asked for
		sent            bool
	}{
		"first":            {"granted", "null", []string{"permission", "register /sw.js", "subscribe true 4,3,2"}, true},
		"again":            {"granted", "[4, 3, 2]", []string{"permission", "register /sw.js"}, true},
		"under an old key": {"granted", "[9, 9]", []string{"permission", "register /sw.js", "unsubscribe", "subscribe true 4,3,2"}, true},
		"not allowed":      {"denied", "null", []string{"permission"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(s.posts("/me/alerts/browsers"))
			tab := browser.Shared(t).NewTab(t)
			tab.Go(s.url + "/me/alerts")
			tab.WaitTrue(`!document.querySelector("form[data-push]").hidden`)
			browser.Eval[bool](tab, fakePush+`("`+test.granted+`", `+test.before+`)`)
			tab.Fill(browser.CSS(`form[data-push] [name="name"]`), "My phone")
			if !test.sent {
				tab.Click(browser.CSS("form[data-push] button"))
				tab.WaitText("This browser does not allow it.")
				if got := browser.Eval[string](tab, `asked.join("; ")`); got != strings.Join(test.want, "; ") || len(s.posts("/me/alerts/browsers")) != before {
					t.Errorf("asked for %q, want %q, and nothing sent", got, test.want)
				}
				return
			}
			browser.Eval[bool](tab, `(addEventListener("pagehide", () => sessionStorage.setItem("asked", asked.join("; "))), true)`)
			tab.Click(browser.CSS("form[data-push] button"))
			tab.WaitTrue(`location.pathname === "/"`)
			if got := browser.Eval[string](tab, `sessionStorage.getItem("asked")`); got != strings.Join(test.want, "; ") {
				t.Errorf("asked for %q, want %q", got, test.want)
			}
			sent := s.posts("/me/alerts/browsers")
			form, err := url.ParseQuery(sent[len(sent)-1])
			if err != nil || form.Get("name") != "My phone" || form.Get("subscription") != `{"endpoint":"https://push.example/x","keys":{}}` {
				t.Errorf("sent %v, %v", form, err)
			}
		})
	}
}
