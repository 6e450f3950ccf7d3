package web

import (
	"html"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/provider/providertest"
)

const backFrom = "https://" + host + app.ProviderPath

// atProvider goes where a page leads on to, signs in at the provider as somebody,
// and returns with the same browser.
func (b *client) atProvider(leads *httptest.ResponseRecorder, user string) *httptest.ResponseRecorder {
	b.w.t.Helper()
	address, ok := strings.CutPrefix(leads.Header().Get("Refresh"), "0;url=")
	if !ok || !strings.Contains(html.UnescapeString(leads.Body.String()), `href="`+address+`"`) {
		b.w.t.Fatalf("the page leads on to %q and has no link there: %s", address, problemsOf(leads))
	}
	query := providertest.NewPerson(b.w.t, backFrom).SignIn(address, user, providertest.Password)
	b.header.Set("Sec-Fetch-Site", "cross-site") // as browsers say of who is sent back
	defer b.header.Del("Sec-Fetch-Site")
	return b.get(app.ProviderPath + "?" + query.Encode())
}

// TestProviderThroughThePages: an admin of the installation names a provider, people
// link their accounts there and sign in with them, and all that ends when the link,
// or the provider, is taken away.
func TestProviderThroughThePages(t *testing.T) {
	w := emptyWorld(t)
	w.Clock.Move(time.Since(w.Clock.Now()).Truncate(time.Second)) // the provider looks at a clock of its own
	county := providertest.Start(t, backFrom, "roundtable")
	imani, invitation := w.setUp()
	noor := w.accept(invitation) // an admin of the library, and not of the installation

	noor.gets(403, "/manage/provider")
	noor.posts(403, "/manage/provider", "name", "Elm County", "issuer", county.URL, "client", "roundtable")
	if page := imani.gets(200, "/me").Body.String(); strings.Contains(page, "/me/provider") {
		t.Error("without a provider, /me offers to link an account")
	}
	imani.posts(403, "/me/provider")

	// The form keeps what was typed, but for the secret.
	answer := imani.posts(422, "/manage/provider", "name", "Elm County", "client", "roundtable", "client_secret", "canary-secret")
	if page := answer.Body.String(); !strings.Contains(page, `value="Elm County"`) || !strings.Contains(page, "Write the address that the provider gives as its issuer.") || strings.Contains(page, "canary-secret") {
		t.Errorf("the form comes back as %s, want what was typed without the secret", problemsOf(answer))
	}
	imani.posts(403, "/manage/provider", "name", "Elm County", "issuer", "http://id.elm.example", "client", "roundtable")
	if page := imani.gets(200, "/manage/provider"); !strings.Contains(page.Body.String(), "<code>"+backFrom+"</code>") {
		t.Errorf("the page does not say where browsers come back to: %s", problemsOf(page))
	}
	imani.posts(303, "/manage/provider", "name", "Elm County", "issuer", county.URL, "client", "roundtable", "client_secret", providertest.Secret)
	imani.posts(303, "/manage/provider", "name", "Elm County accounts", "issuer", county.URL, "client", "roundtable") // the secret stays
	if page := imani.gets(200, "/manage/provider").Body.String(); !strings.Contains(page, `value="Elm County accounts"`) || strings.Contains(page, providertest.Secret) {
		t.Error("the page shows another name, or the secret")
	}

	// Nobody gets in by an account that is not linked, and is told what to do.
	stranger := w.browser()
	if page := problemsOf(stranger.gets(200, "/signin")); !strings.Contains(page, "Sign in with Elm County accounts") {
		t.Errorf("/signin does not offer the provider: %s", page)
	}
	refused := stranger.atProvider(stranger.posts(200, "/signin/provider", "provider", "provider"), "test-user2")
	if page := problemsOf(stranger.want(refused, 403, "coming back unlinked")); !strings.Contains(page, "is not linked with an account here") || !strings.Contains(page, "Password") {
		t.Errorf("an account that is not linked is told %s, want the sign-in page and why", page)
	}
	stranger.gets(303, "/me")

	// Linking, and signing in with it.
	back := imani.atProvider(imani.posts(200, "/me/provider"), "test-user2")
	if to := imani.want(back, 303, "coming back to link").Header().Get("Location"); to != "/me" {
		t.Errorf("after linking the browser goes to %q, want /me", to)
	}
	if page := problemsOf(imani.gets(200, "/me")); !strings.Contains(page, "Elm County accounts Linked") || !strings.Contains(page, "Last used: Never") {
		t.Errorf("/me does not show the link: %s", page)
	}
	w.Clock.Move(time.Second)
	second := w.browser()
	second.gets(200, "/signin")
	in := second.atProvider(second.posts(200, "/signin/provider", "provider", "provider"), "test-user2")
	if to := second.want(in, 303, "coming back").Header().Get("Location"); to != "/desk" {
		t.Errorf("after signing in the browser goes to %q, want /desk", to)
	}
	if page := problemsOf(second.gets(200, "/me")); !strings.Contains(page, "Imani Okafor") {
		t.Errorf("the provider's account signs in somebody else: %s", page)
	}

	// The same account at the provider is not two people's here.
	twice := noor.atProvider(noor.posts(200, "/me/provider"), "test-user2")
	noor.want(twice, 403, "linking an account that is linked already")

	link := regexp.MustCompile(`name="provider" value="([^"]+)"`).FindStringSubmatch(imani.gets(200, "/me").Body.String())
	if link == nil {
		t.Fatal("/me has no button to remove the link")
	}
	noor.posts(404, "/me/provider/remove", "provider", link[1])
	imani.posts(303, "/me/provider/remove", "provider", link[1])
	third := w.browser()
	third.gets(200, "/signin")
	third.want(third.atProvider(third.posts(200, "/signin/provider", "provider", "provider"), "test-user2"), 403, "signing in when the link is gone")

	// Taking the provider away is asked once more.
	imani.posts(200, "/manage/provider/remove")
	if page := problemsOf(w.browser().gets(200, "/signin")); !strings.Contains(page, "Elm County accounts") {
		t.Error("the provider is gone before anybody is sure")
	}
	imani.posts(303, "/manage/provider/remove", "sure", "yes")
	if page := problemsOf(w.browser().gets(200, "/signin")); strings.Contains(page, "Elm County accounts") {
		t.Error("/signin still offers the provider")
	}
	imani.posts(303, "/signout")
	imani.gets(200, "/signin")
	imani.posts(303, "/signin", "name", "imani@elm.example", "password", apptest.Password)
}
