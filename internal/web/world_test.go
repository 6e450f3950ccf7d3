package web

import (
	"crypto/tls"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
)

// world is a server over a real app.
type world struct {
	*apptest.World
	t       *testing.T
	handler http.Handler
	// browsers by standing: "stranger", "device", and each role; persons by role.
	browsers map[string]*client
	persons  map[string]string
}

// client is somebody's browser: it keeps cookies and says where its requests come
// from, as browsers do.
type client struct {
	w       *world
	cookies map[string]string
	header  http.Header // sent along, for what a test wants otherwise
	host    string
	plain   bool // plain HTTP
	place   string
}

// emptyWorld is a server over an app in which nothing is set up.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, apptest.Empty(t, storetest.SQLite(t)))
}

func newWorld(t *testing.T, of *apptest.World) *world {
	t.Helper()
	w := &world{World: of, t: t, browsers: map[string]*client{}, persons: map[string]string{}}
	handler, err := New(Options{App: of.App, Now: of.Clock.Now, Random: seeded(3), Log: slog.New(slog.NewTextHandler(of.Log, nil)), Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = handler
	w.browsers["stranger"] = w.browser()
	return w
}

// host is the name by which the server is called.
const host = "desk.elm.example"

// browser is a new one, which nobody knows.
func (w *world) browser() *client {
	return &client{w: w, cookies: map[string]string{}, header: http.Header{}, host: host, place: w.Place().String() + ":4000"}
}

// send asks, and keeps the cookies of the answer.
func (b *client) send(method, address, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	r.Host, r.RemoteAddr = b.host, b.place
	if !b.plain {
		r.TLS = &tls.ConnectionState{}
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, values := range b.header {
		r.Header[name] = values
		if len(values) == 0 {
			delete(r.Header, name)
		}
	}
	answer := httptest.NewRecorder()
	b.w.handler.ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return answer
}

func (b *client) get(address string) *httptest.ResponseRecorder {
	return b.send("GET", address, "", "")
}

func (b *client) post(address string, pairs ...string) *httptest.ResponseRecorder {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.send("POST", address, "application/x-www-form-urlencoded", values.Encode())
}

// want fails the test unless the answer has the status.
func (b *client) want(answer *httptest.ResponseRecorder, status int, what string) *httptest.ResponseRecorder {
	b.w.t.Helper()
	if answer.Code != status {
		b.w.t.Fatalf("%s = %d, want %d; leads to %q\n%s\nlog:\n%s", what, answer.Code, status, answer.Header().Get("Location"), problemsOf(answer), tail(b.w.Log.String()))
	}
	return answer
}

func (b *client) posts(status int, address string, pairs ...string) *httptest.ResponseRecorder {
	b.w.t.Helper()
	return b.want(b.post(address, pairs...), status, "POST "+address)
}

func (b *client) gets(status int, address string) *httptest.ResponseRecorder {
	b.w.t.Helper()
	return b.want(b.get(address), status, "GET "+address)
}

func tail(text string) string {
	if len(text) > 2000 {
		return text[len(text)-2000:]
	}
	return text
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// problemsOf is the text of a page, without its markup.
func problemsOf(answer *httptest.ResponseRecorder) string {
	text := html.UnescapeString(tags.ReplaceAllString(answer.Body.String(), " "))
	return strings.Join(strings.Fields(text), " ")
}

// setUp sets up through the pages, as a new director does, and returns the
// director's browser and the address of the admin's invitation.
func (w *world) setUp() (director *client, invitation string) {
	w.t.Helper()
	code, err := w.OfferSetUp(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	b := w.browser()
	b.gets(200, "/setup")
	b.posts(303, "/setup", "code", code)
	b.gets(200, "/setup/address")
	b.posts(303, "/setup/address", "address", "https://"+host)
	b.gets(200, "/setup/library")
	b.posts(303, "/setup/library", "name", "Elm Street Library", "state", "Ohio", "zone", "America/New_York")
	b.gets(200, "/setup/branch")
	b.posts(303, "/setup/branch", "name", "Main", "prefix", "9", "phone", "555 0100", "zone", "America/New_York")
	b.gets(200, "/setup/people")
	b.posts(303, "/setup/people", "role", "director", "you_name", "Imani Okafor", "you_initials", "IO", "you_mail", "imani@elm.example",
		"other_name", "Noor Haddad", "other_initials", "NH", "other_mail", "noor@elm.example")
	b.gets(200, "/setup/you")
	b.posts(303, "/setup/you", "password", apptest.Password)
	shares := b.gets(200, "/setup/shares")
	asked := regexp.MustCompile(`word (\d+) on paper (\d)`).FindStringSubmatch(problemsOf(shares))
	if asked == nil {
		w.t.Fatalf("no word is asked back: %s", problemsOf(shares))
	}
	b.posts(422, "/setup/shares", "printed", "yes", "check", "nonsense")
	b.posts(303, "/setup/shares", "printed", "yes", "check", w.sharedWord(b))
	done := b.gets(200, "/setup/done")
	return b, invitationIn(w.t, done)
}

// sharedWord reads the word that is asked back from what the site keeps, as a person
// reads it from paper.
func (w *world) sharedWord(b *client) string {
	d := w.handler.(*site).drafts.find(b.cookies["__Host-roundtable-step"], w.Clock.Now())
	if d == nil {
		w.t.Fatal("there is no set-up under way")
	}
	share, word, ok := askedWord(d.done.Shares)
	if !ok {
		w.t.Fatal("no word is asked back")
	}
	return d.done.Shares[share].Words[word]
}

var invitationForm = regexp.MustCompile(`/invite/[^"<\s]+`)

func invitationIn(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	found := invitationForm.FindString(answer.Body.String())
	if found == "" {
		t.Fatalf("the page has no invitation: %s", problemsOf(answer))
	}
	return html.UnescapeString(found)
}

// fullWorld is an installation of two libraries with somebody in each role of the
// first, a device, and a walk at it.
func fullWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, apptest.Two(t, storetest.SQLite(t)))
	for _, role := range people.Roles {
		login := w.A.Login(t, role)
		w.Clock.Move(time.Minute) // invitations are counted
		b := w.browser()
		b.cookies["__Host-roundtable"] = login.Token
		w.browsers[string(role)] = b
		w.persons[string(role)] = string(login.Person)
	}
	_, token := w.A.Device(t, w.A.Branch)
	w.browsers["device"] = w.browser()
	w.browsers["device"].cookies["__Host-roundtable-device"] = token
	return w
}

// standings lists whom there are browsers of, in order.
func (w *world) standings() []string {
	list := []string{"stranger", "device"}
	for _, role := range people.Roles {
		list = append(list, string(role))
	}
	return list
}

// accept accepts an invitation and sets a password.
func (w *world) accept(invitation string) *client {
	w.t.Helper()
	b := w.browser()
	b.gets(200, invitation)
	b.posts(303, invitation, "password", apptest.Password)
	if b.cookies["__Host-roundtable"] == "" {
		w.t.Fatal("accepting an invitation signs nobody in")
	}
	return b
}

// enrol enrols a device through the pages of somebody, and returns its browser.
func (w *world) enrol(by *client, branch string) *client {
	w.t.Helper()
	answer := by.posts(200, "/manage/devices/new", "name", "Desk by the entrance", "branch", branch)
	code := regexp.MustCompile(`class="big-code">([^<]+)<`).FindStringSubmatch(answer.Body.String())
	if code == nil {
		w.t.Fatalf("the page has no code: %s", problemsOf(answer))
	}
	b := w.browser()
	b.gets(200, "/enrol")
	b.posts(303, "/enrol", "code", code[1])
	if b.cookies["__Host-roundtable-device"] == "" {
		w.t.Fatal("enrolling gives no cookie")
	}
	return b
}
