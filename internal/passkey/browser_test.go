package passkey

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/internal/browser"
	"roundtable/internal/fault"
)

// server is what a real server does with this package, on a machine of its own:
// pages with the two forms, and a store in memory.
type server struct {
	t    *testing.T
	site *Site
	http *httptest.Server

	mu         sync.Mutex // guards what follows
	owner      Owner
	challenges map[ChallengeID][]byte
	refuse     http.HandlerFunc // in place of every answer to a finish
	draws      int
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// olden takes away what browsers before 2025 do not have, in part or as a password
// manager would break it.
var olden = map[string]string{
	"new":    "",
	"old":    "for (const n of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) delete PublicKeyCredential[n]; delete PublicKeyCredential.prototype.toJSON;",
	"broken": "PublicKeyCredential.prototype.toJSON = () => { throw new TypeError('Illegal invocation'); };",
	"none":   "delete window.PublicKeyCredential;",
}

// lacks is true in a page that has no more than such a browser would.
var lacks = map[string]string{
	"new":    "typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'",
	"old":    "!('parseCreationOptionsFromJSON' in PublicKeyCredential) && !('parseRequestOptionsFromJSON' in PublicKeyCredential) && !('toJSON' in PublicKeyCredential.prototype)",
	"broken": "String(PublicKeyCredential.prototype.toJSON).includes('throw')",
}

const page = `<!doctype html><html lang="en"><title>Sign in</title>
<link rel="icon" href="/icon"><script src="/%s.js"></script><script type="module" src="/passkey.js"></script>
<form id="password"><label>Password <input type="password"></label><button>Sign in with a password</button></form>
<form data-passkey="signin" data-options="/signin/options" data-finish="/signin" data-say="say" data-failed="That did not work. Use your password." hidden><button>Sign in with a passkey</button></form>
<form data-passkey="register" data-options="/register/options" data-finish="/register" data-say="say" data-failed="No passkey was added." hidden><label>Name <input name="name" value="My phone"></label><button>Add a passkey</button></form>
<p id="say" role="status"></p>`

func newServer(t *testing.T) *server {
	s := &server{t: t, owner: newOwner(t, "Ana"), challenges: map[ChallengeID][]byte{}}
	mux := http.NewServeMux()
	for kind, script := range olden {
		mux.HandleFunc("GET /"+kind, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			fmt.Fprintf(w, page, kind)
		})
		mux.HandleFunc("GET /"+kind+".js", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, script)
		})
	}
	for _, script := range []string{"/passkey.js", "/submit.js"} {
		mux.HandleFunc("GET "+script, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "../web/static/js"+script) })
	}
	mux.HandleFunc("GET /icon", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/svg+xml") })
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<!doctype html><title>Done</title><p>%s", r.URL.Query().Get("as"))
	})
	mux.HandleFunc("POST /register/options", s.act(func(r *http.Request, _ []byte) (string, error) {
		options, c, err := s.site.BeginRegistration(s.owner, r.FormValue("name"), time.Now(), random(fmt.Sprint(s.draws)))
		return string(options), s.keep(c, err)
	}))
	mux.HandleFunc("POST /signin/options", s.act(func(*http.Request, []byte) (string, error) {
		options, c, err := s.site.BeginSignIn(time.Now(), random(fmt.Sprint(s.draws)))
		return string(options), s.keep(c, err)
	}))
	mux.HandleFunc("POST /register", s.act(s.register))
	mux.HandleFunc("POST /signin", s.act(s.signIn))
	s.http = httptest.NewServer(mux)
	t.Cleanup(s.http.Close)
	u, err := url.Parse(s.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := "http://localhost:" + u.Port()
	if s.site, err = New(Config{Host: "localhost", Name: "Roundtable", Origins: []string{at}}); err != nil {
		t.Fatal(err)
	}
	s.http.URL = at
	return s
}

func (s *server) act(do func(*http.Request, []byte) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.draws++
		var body []byte
		if r.Header.Get("Content-Type") == "application/json" {
			body, _ = io.ReadAll(io.LimitReader(r.Body, MaxResponse+1))
			if s.refuse != nil {
				s.refuse(w, r)
				return
			}
		}
		text, err := do(r, body)
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			text = fmt.Sprintf(`{"message":%q}`, fault.Words(err))
		}
		io.WriteString(w, text)
	}
}

func (s *server) keep(c Challenge, err error) error {
	if err == nil {
		s.challenges[c.ID()], err = c.Marshal()
	}
	return err
}

// take takes the challenge that a response answers out of the store.
func (s *server) take(body []byte) (*Challenge, error) {
	id, err := Answers(body)
	if err != nil {
		return nil, err
	}
	c, err := ParseChallenge(s.challenges[id])
	delete(s.challenges, id)
	return &c, err
}

func (s *server) register(_ *http.Request, body []byte) (string, error) {
	c, err := s.take(body)
	if err != nil {
		return "", err
	}
	made, err := s.site.FinishRegistration(c, s.owner, body, time.Now())
	if err != nil {
		s.t.Logf("not added: %v", err)
		return "", err
	}
	s.owner.Passkeys = append(s.owner.Passkeys, storePasskey(s.t, made))
	return `{"location":"/done?as=added+` + url.QueryEscape(made.Name) + `"}`, nil
}

func (s *server) signIn(_ *http.Request, body []byte) (string, error) {
	c, err := s.take(body)
	if err != nil {
		return "", err
	}
	in, err := s.site.FinishSignIn(c, body, time.Now(), func(CredentialID) (Owner, error) { return s.owner, nil })
	if err != nil {
		s.t.Logf("not signed in: %v", err)
		return "", err
	}
	s.owner.Passkeys[0] = storePasskey(s.t, in.Passkey)
	return `{"location":"/done?as=` + url.QueryEscape("signed in with "+in.Passkey.Name) + `"}`, nil
}

// TestChromium has a real browser, with an authenticator of its own, go through
// both ceremonies by way of passkey.js: as it is today, as it was before it could
// read and write JSON, and with a toJSON that fails.
func TestChromium(t *testing.T) {
	b := browser.Start(t)
	for _, kind := range []string{"new", "old", "broken"} {
		t.Run(kind, func(t *testing.T) {
			s := newServer(t)
			tab := b.NewTab(t)
			keys := tab.AddAuthenticator()
			tab.Go(s.http.URL + "/" + kind)
			tab.WaitTrue(lacks[kind])
			tab.Fill(browser.Label("Name"), "Blue key")
			tab.Click(browser.Label("Add a passkey"))
			tab.WaitText("added Blue key")
			have := keys.Passkeys()
			if len(have) != 1 || have[0].RelyingID != "localhost" || string(have[0].UserHandle) != string(s.owner.Handle[:]) || have[0].UserName != "Ana@library.example" {
				t.Errorf("the authenticator keeps %+v, want one passkey of Ana", have)
			}
			for range 2 {
				tab.Go(s.http.URL + "/" + kind)
				tab.Click(browser.Label("Sign in with a passkey"))
				tab.WaitText("signed in with Blue key")
			}
			tab.Go(s.http.URL + "/" + kind)
			tab.Click(browser.Label("Add a passkey")) // the authenticator has one already
			tab.WaitText("No passkey was added.")
			if n := len(s.owner.Passkeys); n != 1 {
				t.Errorf("the server keeps %d passkeys, want 1", n)
			}
			for _, breach := range tab.Breaches() {
				t.Errorf("the policy stopped %v", breach)
			}
			for _, c := range s.owner.Passkeys {
				if c.record.Extensions.RK == nil || !*c.record.Extensions.RK || len(c.record.Transport) == 0 {
					t.Errorf("of the passkey it was not told that it is kept, or how it is reached: %+v", c.record)
				}
			}
		})
	}
}

// TestChromiumFails holds what can go wrong to this: a calm sentence, and the
// password form where it was.
func TestChromiumFails(t *testing.T) {
	b := browser.Start(t)
	s := newServer(t)
	tab := b.NewTab(t)
	keys := tab.AddAuthenticator()
	tab.Go(s.http.URL + "/new")
	tab.Click(browser.Label("Add a passkey"))
	tab.WaitText("added My phone")
	const calm = "That did not work. Use your password."
	for _, c := range []struct {
		name   string
		before func()
		refuse http.HandlerFunc
		want   string
	}{
		{"the server refuses in words", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"message":"There may be a <b>copy</b>."}`)
		}, "There may be a <b>copy</b>."},
		{"the server refuses without", nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, calm},
		{"the server fails", nil, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", 500) }, calm},
		{"the session has ended", nil, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/done", http.StatusSeeOther) }, calm},
		{"the way leads elsewhere", nil, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"location":"//evil.example/"}`) }, calm},
		{"the way is a script", nil, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"location":"javascript:document.body.remove()"}`)
		}, calm},
		{"the passkey was removed here", func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.owner.Passkeys = nil
		}, nil, "We could not check this passkey. Try again, or sign in another way."},
		{"the owner is not recognised", func() { keys.Verify(false) }, nil, calm},
		{"the network is away", func() { tab.SetOffline(true) }, nil, calm},
	} {
		tab.SetOffline(false)
		tab.Go(s.http.URL + "/new")
		s.mu.Lock()
		s.refuse = c.refuse
		s.mu.Unlock()
		if c.before != nil {
			c.before()
		}
		tab.Click(browser.Label("Sign in with a passkey"))
		tab.WaitText(c.want)
		if got := tab.Text(browser.CSS("#say")); got != c.want {
			t.Errorf("%s: the page says %q, want %q", c.name, got, c.want)
		}
		if tab.Count("#password input[type=password]") != 1 || !strings.HasSuffix(tab.URL(), "/new") {
			t.Errorf("%s: the password form is gone", c.name)
		}
		tab.WaitTrue("!document.querySelector('[aria-busy]')")
	}
	for _, breach := range tab.Breaches() {
		t.Errorf("the policy stopped %v", breach)
	}
}

// Where there are no passkeys, nothing of them shows.
func TestChromiumWithout(t *testing.T) {
	b := browser.Start(t)
	s := newServer(t)
	tab := b.NewTab(t)
	hidden := func(when string) {
		if n := tab.Count("form[data-passkey][hidden]"); n != 2 {
			t.Errorf("%s: %d of 2 forms are hidden", when, n)
		}
		if n := tab.Count("#password:not([hidden])"); n != 1 {
			t.Errorf("%s: the password form is gone", when)
		}
	}
	tab.Go(s.http.URL + "/none")
	hidden("in a browser without passkeys")
	tab.SetScript(false)
	tab.Go(s.http.URL + "/new")
	hidden("without script")
	tab.SetScript(true)
	tab.Go(s.http.URL + "/new")
	if n := tab.Count("form[data-passkey]:not([hidden])"); n != 2 {
		t.Errorf("the control: %d of 2 forms are shown", n)
	}
}
