package provider

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/internal/fault"
)

// evil is a provider that does all right, unless a test tells it to do something
// wrong.
type evil struct {
	t       *testing.T
	server  *httptest.Server
	key     *rsa.PrivateKey
	asked   atomic.Int32 // how often it was asked for its addresses
	pending url.Values   // what the browser was sent with
	now     time.Time

	discovery func(map[string]any)
	claims    func(map[string]any)
	token     func(map[string]any)
	sign      func(e *evil, claims []byte) string
	info      map[string]any
	answer    map[string]http.HandlerFunc // in place of its own
}

var (
	keyOne = mustKey()
	keyTwo = mustKey()
)

func mustKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

func newEvil(t *testing.T) *evil {
	e := &evil{t: t, key: keyOne, sign: (*evil).rs256, answer: map[string]http.HandlerFunc{}, now: start}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": e.serveDiscovery, "/keys": e.serveKeys, "/token": e.serveToken, "/info": e.serveInfo,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if instead := e.answer[path]; instead != nil {
				instead(w, r)
				return
			}
			handler(w, r)
		})
	}
	e.server = httptest.NewServer(mux)
	t.Cleanup(e.server.Close)
	return e
}

func (e *evil) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	e.asked.Add(1)
	at := e.server.URL
	d := map[string]any{
		"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
		"userinfo_endpoint": at + "/info", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	if e.discovery != nil {
		e.discovery(d)
	}
	reply(w, d)
}

func (e *evil) serveKeys(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
		"n": b64(e.key.N.Bytes()), "e": b64(big.NewInt(int64(e.key.E)).Bytes())}}})
}

func (e *evil) serveToken(w http.ResponseWriter, r *http.Request) {
	id, password, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != "roundtable" || password != secret || r.FormValue("code") != "the-code" || r.FormValue("redirect_uri") != back ||
		b64(sum[:]) != e.pending.Get("code_challenge") || r.FormValue("grant_type") != "authorization_code" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	hash := sha256.Sum256([]byte("access"))
	claims := map[string]any{
		"iss": e.server.URL, "sub": "s-1", "aud": "roundtable", "nonce": e.pending.Get("nonce"), "iat": e.now.Unix(),
		"exp": e.now.Add(time.Hour).Unix(), "at_hash": b64(hash[:16]), "email": "ana@elm.example", "email_verified": true, "name": "Ana Ruiz",
	}
	if e.claims != nil {
		e.claims(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		e.t.Error(err)
	}
	answer := map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 3600, "id_token": e.sign(e, payload)}
	if e.token != nil {
		e.token(answer)
	}
	reply(w, answer)
}

func (e *evil) serveInfo(w http.ResponseWriter, r *http.Request) {
	if e.info == nil || r.Header.Get("Authorization") != "Bearer access" {
		http.NotFound(w, r)
		return
	}
	reply(w, e.info)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func head(alg string) string { return b64([]byte(`{"alg":"`+alg+`","kid":"one"}`)) + "." }

func (e *evil) rs256(claims []byte) string { return rs256(e.key, claims) }

func rs256(key *rsa.PrivateKey, claims []byte) string {
	text := head("RS256") + b64(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(signature)
}

func hs256(key, claims []byte) string {
	text := head("HS256") + b64(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

// visit is one sign-in at the evil provider.
type visit struct {
	e     *evil
	p     *Provider
	w     *Pending
	who   string
	query url.Values
	now   time.Time
}

func (e *evil) provider() *Provider {
	e.t.Helper()
	p, err := New(Config{Issuer: e.server.URL, ClientID: "roundtable", ClientSecret: secret, Redirect: back, Name: "Elm County"},
		&http.Client{Timeout: 400 * time.Millisecond})
	if err != nil {
		e.t.Fatal(err)
	}
	return p
}

func (e *evil) begin(p *Provider) *visit {
	e.t.Helper()
	address, w, err := p.Begin(e.t.Context(), "", random("evil"), start)
	if err != nil {
		e.t.Fatalf("Begin: %v", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		e.t.Fatal(err)
	}
	e.pending = u.Query()
	return &visit{e: e, p: p, w: keep(e.t, w), query: url.Values{"state": {e.pending.Get("state")}, "code": {"the-code"}}, now: start}
}

func set(name string, v any) func(map[string]any) {
	return func(m map[string]any) {
		if v == nil {
			delete(m, name)
			return
		}
		m[name] = v
	}
}

func claim(name string, v any) func(*visit) { return func(v2 *visit) { v2.e.claims = set(name, v) } }

func answering(path string, h http.HandlerFunc) func(*visit) {
	return func(v *visit) { v.e.answer[path] = h }
}

func slow(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }

func huge(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"access_token":"`)
	for range 2 * MaxAnswer / 1024 {
		if _, err := fmt.Fprint(w, strings.Repeat("a", 1024)); err != nil {
			return
		}
	}
	fmt.Fprint(w, `"}`)
}

func toQuery(name string, values ...string) func(*visit) {
	return func(v *visit) { v.query[name] = values }
}

func TestAttacks(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s reached another host", r.Method, r.URL)
	}))
	defer elsewhere.Close()
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	for _, c := range []struct {
		name  string
		spoil func(*visit)
		kind  fault.Kind // 0 if it is let through: the control
		cause string
	}{
		{"nothing is wrong", nil, 0, ""},
		{"it names itself", func(v *visit) { v.query.Set("iss", v.e.server.URL) }, 0, ""},
		{"the state of another", toQuery("state", "another"), fault.Refused, "the answer has another state"},
		{"no state", toQuery("state"), fault.Refused, "the answer has another state"},
		{"two states", func(v *visit) { v.query.Add("state", "another") }, fault.Refused, "the answer has state twice"},
		{"two codes", toQuery("code", "the-code", "another"), fault.Refused, "the answer has code twice"},
		{"a code of five thousand letters", toQuery("code", strings.Repeat("c", 5000)), fault.Refused, "or too long"},
		{"no code", toQuery("code"), fault.Refused, "the answer has no code"},
		{"another code", toQuery("code", "another"), fault.Refused, "the provider refuses the code: 400 Bad Request invalid_grant"},
		{"mixed up with another provider", toQuery("iss", "https://other.example"), fault.Refused, "the answer comes from another provider"},
		{"an empty name", toQuery("iss", ""), fault.Refused, "the answer comes from another provider"},
		{"it should name itself", func(v *visit) {
			v.p.found.extra.NamesIss = true
		}, fault.Refused, "the answer does not name the provider"},
		{"the person says no", toQuery("error", "access_denied"), fault.Refused, "the provider says access_denied"},
		{"the person says no to another", func(v *visit) {
			v.query = url.Values{"error": {"access_denied"}, "state": {"another"}}
		}, fault.Refused, "the answer has another state"},
		{"the provider fails", toQuery("error", "server_error"), fault.Refused, `the provider says "server_error"`},

		{"used", func(v *visit) { v.w.Used = start }, fault.Refused, "it was finished before"},
		{"just in time", func(v *visit) { v.now = v.w.Until.Add(-time.Millisecond) }, 0, ""},
		{"too late", func(v *visit) { v.now = v.w.Until }, fault.Closed, "it took too long"},
		{"the clock went back", func(v *visit) { v.now = start.Add(-time.Second) }, fault.Closed, "it took too long"},
		{"by another person", func(v *visit) { v.who = string(ana) }, fault.Refused, "it was begun by somebody else"},
		{"begun by another person", func(v *visit) { v.w.Person = ana }, fault.Refused, "it was begun by somebody else"},
		{"never begun", func(v *visit) { *v.w = Pending{} }, fault.Refused, "it was never begun"},
		{"begun elsewhere", func(v *visit) { v.w.at = Config{Issuer: "https://other.example"}.digest() }, fault.Refused, "it was begun at another provider"},

		{"another nonce", claim("nonce", "another"), fault.Refused, "the ID token has another nonce"},
		{"no nonce", claim("nonce", nil), fault.Refused, "the ID token has another nonce"},
		{"signed by another key", func(v *visit) {
			v.e.sign = func(_ *evil, c []byte) string { return rs256(keyTwo, c) }
		}, fault.Refused, "failed to verify"},
		{"not signed", func(v *visit) {
			v.e.sign = func(_ *evil, c []byte) string { return head("none") + b64(c) + "." }
		}, fault.Refused, "malformed jwt"},
		{"signed with our secret", func(v *visit) {
			v.e.sign = func(_ *evil, c []byte) string { return hs256([]byte(secret), c) }
		}, fault.Refused, "malformed jwt"},
		{"signed with its public key", func(v *visit) {
			v.e.sign = func(e *evil, c []byte) string { return hs256(e.key.N.Bytes(), c) }
		}, fault.Refused, "malformed jwt"},
		{"a signature cut short", func(v *visit) {
			v.e.sign = func(e *evil, c []byte) string { return strings.TrimRight(e.rs256(c), "=")[:200] }
		}, fault.Refused, "malformed jwt"},
		{"a claim changed", func(v *visit) {
			v.e.sign = func(e *evil, c []byte) string {
				parts := strings.Split(e.rs256(c), ".")
				parts[1] = b64([]byte(strings.Replace(string(c), "s-1", "s-2", 1)))
				return strings.Join(parts, ".")
			}
		}, fault.Refused, "failed to verify"},
		{"for another client", claim("aud", "another"), fault.Refused, "expected audience"},
		{"for two clients", claim("aud", []string{"roundtable", "another"}), fault.Refused, "the ID token was made for another client"},
		{"for two clients, by us", func(v *visit) {
			v.e.claims = func(m map[string]any) { m["aud"], m["azp"] = []string{"roundtable", "another"}, "roundtable" }
		}, 0, ""},
		{"for us, by another client", claim("azp", "another"), fault.Refused, "the ID token was made for another client"},
		{"for nobody", claim("aud", nil), fault.Refused, "expected audience"},
		{"by another issuer", claim("iss", "https://other.example"), fault.Refused, "issued by a different provider"},
		{"too old", claim("exp", start.Add(-time.Minute).Unix()), fault.Refused, "token is expired"},
		{"made yesterday", claim("iat", start.Add(-24*time.Hour).Unix()), fault.Refused, "the ID token was not made just now"},
		{"made tomorrow", claim("iat", start.Add(24*time.Hour).Unix()), fault.Refused, "the ID token was not made just now"},
		{"never made", claim("iat", nil), fault.Refused, "the ID token was not made just now"},
		{"not valid yet", claim("nbf", start.Add(time.Hour).Unix()), fault.Refused, "not before"},
		{"about nobody", claim("sub", ""), fault.Refused, "the ID token names nobody"},
		{"about a very long somebody", claim("sub", strings.Repeat("s", 256)), fault.Refused, "the ID token names nobody"},
		{"of another access token", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), fault.Refused, "the ID token belongs to another access token"},
		{"of no access token", claim("at_hash", nil), 0, ""},
		{"no ID token", func(v *visit) { v.e.token = set("id_token", nil) }, fault.Refused, "the answer has no ID token"},
		{"an ID token that is a number", func(v *visit) { v.e.token = set("id_token", 7) }, fault.Refused, "the answer has no ID token"},
		{"no access token", func(v *visit) { v.e.token = set("access_token", nil) }, fault.Refused, "missing access_token"},

		{"the token does not come", answering("/token", slow), fault.Refused, "exceeded"},
		{"the keys do not come", answering("/keys", slow), fault.Refused, "exceeded"},
		{"the token does not end", answering("/token", huge), fault.Refused, "the provider's answer is too long"},
		{"the keys do not end", answering("/keys", huge), fault.Refused, "the provider's answer is too long"},
		{"the token leads elsewhere", answering("/token", redirect), fault.Refused, "the provider redirects to another host"},
		{"the keys lead elsewhere", answering("/keys", redirect), fault.Refused, "the provider redirects to another host"},
		{"the token leads round", answering("/token", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}), fault.Refused, "the provider redirects too often"},
		{"a token of lines", answering("/token", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "the-code\nERROR a line of a log")
		}), fault.Refused, "the provider refuses the code: 400 Bad Request"},
		{"user info about another", func(v *visit) {
			v.e.claims = set("name", nil)
			v.e.info = map[string]any{"sub": "s-2", "name": "Bea"}
		}, fault.Refused, "the user info is about somebody else"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEvil(t)
			v := e.begin(e.provider())
			if c.spoil != nil {
				c.spoil(v)
			}
			e.now = v.now
			got, err := v.finish()
			if c.kind == 0 {
				want := Identity{e.server.URL, "s-1", "ana@elm.example", true, "Ana Ruiz"}
				if err != nil || got != want {
					t.Errorf("Finish = %+v, %v, want %+v", got, err, want)
				}
			} else {
				wantRefusal(t, err, c.kind, c.cause)
				if got != (Identity{}) {
					t.Errorf("Finish = %+v beside an error", got)
				}
			}
			_, err = v.finish()
			if err == nil || !strings.Contains(err.Error(), "it was finished before") {
				t.Errorf("Finish again = %v, want it used", err)
			}
		})
	}
}

// wantRefusal checks the kind of a fault, that people read nothing of its cause,
// that the log reads no secret, and the cause itself: a refusal for another reason
// proves nothing.
func wantRefusal(t *testing.T, err error, kind fault.Kind, cause string) {
	t.Helper()
	if err == nil {
		t.Errorf("it was let through, want: %s", cause)
		return
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%v is of kind %v, want %v", err, got, kind)
	}
	text := err.Error()
	if !strings.Contains(text, cause) {
		t.Errorf("it was refused because of %q, want %q", text, cause)
	}
	for _, hidden := range []string{secret, "the-code", "eyJ", "\n"} {
		if strings.Contains(text, hidden) {
			t.Errorf("the log reads %q in %q", hidden, text)
		}
	}
	if len(text) > 2*maxCause {
		t.Errorf("the log reads %d bytes: %q", len(text), text)
	}
	words := "We could not sign you in with Elm County. Start again, or sign in another way."
	switch {
	case kind == fault.Closed:
		words = "Signing in with Elm County took too long. Start again."
	case cause == "the provider says access_denied":
		words = "You did not finish signing in with Elm County. Start again, or sign in another way."
	}
	if got := fault.Words(err); got != words {
		t.Errorf("people read %q, want %q", got, words)
	}
}

// What is only for showing never stops anybody.
func TestMailAndName(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims map[string]any // changed; nil for none
		info   map[string]any
		want   Identity // without issuer and subject
	}{
		{"in the ID token", nil, nil, Identity{Mail: "ana@elm.example", MailVerified: true, Name: "Ana Ruiz"}},
		{"not verified", map[string]any{"email_verified": false}, nil, Identity{Mail: "ana@elm.example", Name: "Ana Ruiz"}},
		{"verified as text", map[string]any{"email_verified": "true"}, nil, Identity{Mail: "ana@elm.example", MailVerified: true, Name: "Ana Ruiz"}},
		{"verified as a number", map[string]any{"email_verified": 1}, nil, Identity{Mail: "ana@elm.example", Name: "Ana Ruiz"}},
		{"verified without mail", map[string]any{"email": nil}, nil, Identity{Name: "Ana Ruiz"}},
		{"two addresses in one", map[string]any{"email": "ana@elm.example, bea@elm.example"}, nil, Identity{Name: "Ana Ruiz"}},
		{"an address of two lines", map[string]any{"email": "ana@elm.example\r\nBcc: bea@elm.example"}, nil, Identity{Name: "Ana Ruiz"}},
		{"a name that turns the line round", map[string]any{"name": "Ana\u202e"}, nil, Identity{Mail: "ana@elm.example", MailVerified: true}},
		{"a very long name", map[string]any{"name": strings.Repeat("a", 101)}, nil, Identity{Mail: "ana@elm.example", MailVerified: true}},
		{"in the user info", map[string]any{"email": nil, "email_verified": nil, "name": nil},
			map[string]any{"sub": "s-1", "email": "a@elm.example", "email_verified": true, "name": "Ana"}, Identity{Mail: "a@elm.example", MailVerified: true, Name: "Ana"}},
		{"verified elsewhere", map[string]any{"email_verified": nil, "name": nil},
			map[string]any{"sub": "s-1", "email": "a@elm.example", "email_verified": true, "name": "Ana"}, Identity{Mail: "ana@elm.example", Name: "Ana"}},
		{"no user info", map[string]any{"name": nil}, nil, Identity{Mail: "ana@elm.example", MailVerified: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEvil(t)
			e.info = c.info
			e.claims = func(m map[string]any) {
				for name, v := range c.claims {
					set(name, v)(m)
				}
			}
			got, err := e.begin(e.provider()).finish()
			c.want.Issuer, c.want.Subject = e.server.URL, "s-1"
			if err != nil || got != c.want {
				t.Errorf("Finish = %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func (v *visit) finish() (Identity, error) {
	ctx, cancel := context.WithTimeout(v.e.t.Context(), 5*time.Second)
	defer cancel()
	return v.p.Finish(ctx, v.w, personID(v.who), v.query, v.now)
}
