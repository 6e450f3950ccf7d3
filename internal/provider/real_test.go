package provider

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/provider/providertest"
)

const (
	back   = "http://127.0.0.1:8080/sign-in/provider/back"
	secret = providertest.Secret
	ana    = people.PersonID("0194fdc2-fa2f-7cc0-81d3-ff12045b73c8")
)

// realProvider is an implementation of OpenID Connect that others wrote and keep,
// with two clients and two users.
func realProvider(t *testing.T) *httptest.Server {
	t.Helper()
	return providertest.Start(t, back, "roundtable", "another")
}

func newProvider(t *testing.T, issuer, client string) *Provider {
	t.Helper()
	p, err := New(Config{Issuer: issuer, ClientID: client, ClientSecret: secret, Redirect: back, Name: "Elm County"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
		query := providertest.NewPerson(t, back).SignIn(address, c.user, providertest.Password)
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
				return &try{p, keep(t, w), providertest.NewPerson(t, back).SignIn(address, "test-user2", providertest.Password)}
			}
			a, b := begin(p, "a"), begin(other, "c")
			c.spoil(a, b)
			_, err := a.p.Finish(t.Context(), a.w, "", a.query, time.Now())
			wantRefusal(t, err, fault.Refused, c.cause)
		})
	}
}
