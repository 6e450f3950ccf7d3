package app_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
)

// county is a provider of OpenID Connect on this machine. It answers each code with
// the subject that is the code.
type county struct {
	*httptest.Server
	key   *rsa.PrivateKey
	clock *apptest.Clock
	nonce string
}

func newCounty(t *testing.T, clock *apptest.Clock) *county {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	c := &county{key: key, clock: clock}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": c.URL, "authorization_endpoint": c.URL + "/auth", "token_endpoint": c.URL + "/token", "jwks_uri": c.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": c.token(r.FormValue("code"))})
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (c *county) token(subject string) string {
	now := c.clock.Now()
	head, _ := json.Marshal(map[string]any{"alg": "RS256", "kid": "1"})
	body, _ := json.Marshal(map[string]any{
		"iss": c.URL, "aud": "roundtable", "sub": subject, "nonce": c.nonce, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "dana@elm.example", "email_verified": true, // an address that is another's
	})
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return text + "." + b64(signature)
}

// visit goes to the provider as a subject, and returns the query that comes back.
func (c *county) visit(t *testing.T, address, subject string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	c.nonce = u.Query().Get("nonce")
	return url.Values{"code": {subject}, "state": {u.Query().Get("state")}, "iss": {c.URL}}
}

func TestProvider(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		c := newCounty(t, w.Clock)
		director := w.A.As(t, people.Director)
		if name, err := w.Provider(ctx); name != "" || err != nil {
			t.Errorf("Provider() = %q, %v, want none", name, err)
		}
		_, _, err := w.BeginProvider(ctx, app.Who{}, w.Place(), app.ProviderStart{})
		wants(t, "without a provider", err, fault.Refused)
		wantsField(t, "ChangeProvider to nothing", w.ChangeProvider(ctx, director, app.ProviderForm{}), "name", "issuer", "client")
		wants(t, "ChangeProvider without TLS", w.ChangeProvider(ctx, director, app.ProviderForm{Name: "Elm", Issuer: "http://id.example", ClientID: "x"}), fault.Refused)
		must(t, w.ChangeProvider(ctx, director, app.ProviderForm{Name: "Elm County", Issuer: c.URL, ClientID: "roundtable", ClientSecret: "canary"}))
		if f, err := w.ReadProvider(ctx, director); err != nil || f != (app.ProviderForm{Name: "Elm County", Issuer: c.URL, ClientID: "roundtable"}) {
			t.Errorf("ReadProvider = %+v, %v", f, err)
		}
		if name, err := w.Provider(ctx); name != "Elm County" || err != nil {
			t.Errorf("Provider() = %q, %v", name, err)
		}

		visit := func(who app.Who, start app.ProviderStart, subject string) (app.SignedIn, error) {
			address, keep, err := w.BeginProvider(ctx, who, w.Place(), start)
			must(t, err)
			return w.FinishProvider(ctx, who, w.Place(), keep, c.visit(t, address, subject))
		}
		_, err = visit(app.Who{}, app.ProviderStart{}, "ana")
		wants(t, "an identity that is linked with nobody, whatever its address", err, fault.Refused)

		who := w.A.As(t, people.Desk)
		_, err = visit(who, app.ProviderStart{Link: true}, "desi")
		must(t, err)
		_, err = visit(w.A.As(t, people.Trainer), app.ProviderStart{Link: true}, "desi")
		wants(t, "an identity linked twice", err, fault.Refused)
		in, err := visit(app.Who{}, app.ProviderStart{}, "desi")
		must(t, err)
		if in.Who.Person != who.Person || in.Who.Session.Method != signin.ByProvider {
			t.Errorf("FinishProvider = %+v", in)
		}
		address, keep, err := w.BeginProvider(ctx, who, w.Place(), app.ProviderStart{Link: true})
		must(t, err)
		_, err = w.FinishProvider(ctx, director, w.Place(), keep, c.visit(t, address, "other"))
		wants(t, "linking in another's browser", err, fault.Refused)
		_, err = w.FinishProvider(ctx, who, w.Place(), keep, c.visit(t, address, "other"))
		wants(t, "the same again", err, fault.Closed)

		made, err := w.InvitePerson(ctx, director, w.A.ID, desk("Ivy Inn", "IY", ""))
		must(t, err)
		ivy, err := visit(app.Who{}, app.ProviderStart{Invitation: made.Secret}, "ivy")
		must(t, err)
		if ivy.Who.Person != made.Person || ivy.Who.Session.Method != signin.ByInvite {
			t.Errorf("accepting by a provider = %+v", ivy)
		}
		ways, err := w.ReadWays(ctx, ivy.Who)
		must(t, err)
		if len(ways.Providers) != 1 || ways.Providers[0].Name != "Elm County" {
			t.Fatalf("ReadWays = %+v", ways)
		}
		wants(t, "the last way in", w.RemoveProviderLink(ctx, ivy.Who, ways.Providers[0].ID), fault.Refused)

		// Links are found again under a new key.
		next, err := vault.NewInstallationKey(apptest.NewDice(60))
		must(t, err)
		must(t, w.RotateMasterKey(ctx, director, next))
		if in, err := visit(app.Who{}, app.ProviderStart{}, "ivy"); err != nil || in.Who.Person != made.Person {
			t.Errorf("signing in after the change of keys: %+v, %v", in, err)
		}
		must(t, w.RemoveProvider(ctx, director))
		_, _, err = w.BeginProvider(ctx, app.Who{}, w.Place(), app.ProviderStart{})
		wants(t, "after it was removed", err, fault.Refused)
	})
}
