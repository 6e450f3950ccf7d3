// Package providertest is a provider of OpenID Connect for tests, which others wrote
// and keep, and people with browsers who sign in at it. Only tests import it.
package providertest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// Secret is the secret of every client.
const Secret = "a-secret-of-ours"

// Password is the password of everybody who has an account at the provider:
// "test-user@<its host without port>" and "test-user2", whose subjects are "id1" and
// "id2".
const Password = "verysecure"

// Start starts a provider on this machine with clients of these ids, all of which
// send browsers back to the same address. Its issuer is the server's URL. It looks
// at the clock of this machine.
//
// The provider tells every request to the default log, which is silent until the
// test ends.
func Start(t testing.TB, back string, clients ...string) *httptest.Server {
	t.Helper()
	loud := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(loud) })
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	known := map[string]*storage.Client{}
	for _, id := range clients {
		known[id] = storage.WebClient(id, Secret, back)
	}
	server.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorageWithClients(storage.NewUserStore(issuer), known), nil, false)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// Person is somebody with a browser who signs in at the provider.
type Person struct {
	t       testing.TB
	back    string
	browser *http.Client
}

// NewPerson returns somebody whose browser stops where the provider sends it back to.
func NewPerson(t testing.TB, back string) Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Person{t, back, &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// SignIn goes to an address at the provider, fills in its form, and returns the
// query with which the browser comes back.
func (p Person) SignIn(address, user, password string) url.Values {
	p.t.Helper()
	page := p.read(p.browser.Get(address))
	id := hiddenID.FindStringSubmatch(page)
	if id == nil {
		p.t.Fatalf("GET %s has no form to sign in:\n%s", address, page)
	}
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.browser.PostForm("http://"+u.Host+"/login/username", url.Values{"id": {id[1]}, "username": {user}, "password": {password}})
	if err != nil {
		p.t.Fatal(err)
	}
	answer.Body.Close()
	to, err := answer.Location()
	if err != nil || !strings.HasPrefix(to.String(), p.back) {
		p.t.Fatalf("after signing in the browser goes to %v, %v (%s), want %s", to, err, answer.Status, p.back)
	}
	return to.Query()
}

func (p Person) read(answer *http.Response, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}
