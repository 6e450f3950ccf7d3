package provider

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

const (
	back   = "http://127.0.0.1:8080/sign-in/provider/back"
	secret = "a-secret-of-ours"
	ana    = people.PersonID("0194fdc2-fa2f-7cc0-81d3-ff12045b73c8")
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the provider under these tests tells every request
	os.Exit(m.Run())
}

// realProvider is an implementation of OpenID Connect that others wrote and keep,
// with two clients and two users.
func realProvider(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	clients := map[string]*storage.Client{}
	for _, id := range []string{"roundtable", "another"} {
		clients[id] = storage.WebClient(id, secret, back)
	}
	users := storage.NewUserStore(issuer)
	server.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorageWithClients(users, clients), nil, false)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func newProvider(t *testing.T, issuer, client string) *Provider {
	t.Helper()
	p, err := New(Config{Issuer: issuer, ClientID: client, ClientSecret: secret, Redirect: back, Name: "Elm County"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// person is somebody with a browser who signs in at the provider.
type person struct {
	t       *testing.T
	browser *http.Client
}

func newPerson(t *testing.T) person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return person{t, &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes where Begin sends the browser, fills in the provider's form, and
// returns the query with which the browser comes back.
func (p person) signIn(address, user, password string) url.Values {
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
	if err != nil || !strings.HasPrefix(to.String(), back) {
		p.t.Fatalf("after signing in the browser goes to %v, %v (%s), want %s", to, err, answer.Status, back)
	}
	return to.Query()
}

func (p person) read(answer *http.Response, err error) string {
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

// keep passes a Pending through its bytes, as every caller does.
func keep(t *testing.T, w Pending) *Pending {
	t.Helper()
	b, err := w.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePending(b)
	if err != nil {
		t.Fatalf("ParsePending(%s): %v", b, err)
	}
	if diff := cmp.Diff(w, got, cmp.AllowUnexported(Pending{})); diff != "" {
		t.Fatalf("a Pending changes when it is stored (-before +after):\n%s", diff)
	}
	return &got
}

func TestRealProvider(t *testing.T) {
	server := realProvider(t)
	p := newProvider(t, server.URL, "roundtable")
	for _, c := range []struct {
		user string
		who  people.PersonID
		want Identity
	}{
		{"test-user@127.0.0.1", "", Identity{server.URL, "id1", "test-user@zitadel.ch", true, "Test User"}},
		{"test-user2", ana, Identity{server.URL, "id2", "test-user2@zitadel.ch", true, "Test User2"}},
	} {
		address, w, err := p.Begin(t.Context(), c.who, random(c.user), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		pending := keep(t, w)
		query := newPerson(t).signIn(address, c.user, "verysecure")
		got, err := p.Finish(t.Context(), pending, c.who, query, time.Now())
		if err != nil {
			t.Fatalf("Finish: %v", err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Finish (-want +got):\n%s", diff)
		}
		// The same query again, with the Pending used and as if it were not.
		_, err = p.Finish(t.Context(), pending, c.who, query, time.Now())
		wantRefusal(t, err, fault.Refused, "it was finished before")
		_, err = p.Finish(t.Context(), keep(t, w), c.who, query, time.Now())
		wantRefusal(t, err, fault.Refused, "the provider refuses the code: 400 Bad Request invalid_grant")
	}
}

func TestRealProviderRefuses(t *testing.T) {
	server := realProvider(t)
	p, other := newProvider(t, server.URL, "roundtable"), newProvider(t, server.URL, "another")
	wrong, err := New(Config{Issuer: server.URL, ClientID: "roundtable", ClientSecret: "another-secret", Redirect: back, Name: "Elm County"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	type try struct {
		p     *Provider
		w     *Pending
		query url.Values
	}
	for _, c := range []struct {
		name  string
		spoil func(a, b *try) // a is finished; b was begun by another browser
		cause string
	}{
		{"the code of another client", func(a, b *try) { a.query.Set("code", b.query.Get("code")) }, "the provider refuses the code"},
		{"the code of another browser", func(a, b *try) {
			_, w, err := p.Begin(t.Context(), "", random("b"), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			a.w, a.query = &w, url.Values{"state": {w.state}, "code": a.query["code"]}
		}, "the provider refuses the code"},
		{"another browser's answer", func(a, b *try) { a.query = b.query }, "the answer has another state"},
		{"begun at another client", func(a, b *try) { a.w, a.query = b.w, b.query }, "it was begun at another provider"},
		{"another secret", func(a, b *try) { a.p = wrong }, "the provider refuses the code"},
		{"another verifier", func(a, b *try) { a.w.verifier = b.w.verifier }, "the provider refuses the code"},
		{"another nonce", func(a, b *try) { a.w.nonce = b.w.nonce }, "the ID token has another nonce"},
	} {
		t.Run(c.name, func(t *testing.T) {
			begin := func(p *Provider, seed string) *try {
				address, w, err := p.Begin(t.Context(), "", random(seed), time.Now())
				if err != nil {
					t.Fatal(err)
				}
				return &try{p, keep(t, w), newPerson(t).signIn(address, "test-user2", "verysecure")}
			}
			a, b := begin(p, "a"), begin(other, "c")
			c.spoil(a, b)
			_, err := a.p.Finish(t.Context(), a.w, "", a.query, time.Now())
			wantRefusal(t, err, fault.Refused, c.cause)
		})
	}
}
