package web

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
)

// house is the real server, at an address that a real browser can open. Its clock
// stands until the test moves it.
type house struct {
	*apptest.World
	origin string // http://localhost and a port, where browsers allow what needs a secure page
}

// openHouse serves an installation that nobody has set up.
func openHouse(t *testing.T) *house {
	t.Helper()
	return serveHouse(t, apptest.Empty(t, storetest.SQLite(t)), nil)
}

// furnishedHouse serves an installation that was set up for its own address.
func furnishedHouse(t *testing.T) *house {
	t.Helper()
	h := openHouse(t)
	code, err := h.OfferSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	form := apptest.SetUpForm()
	form.Address = h.origin
	if h.Done, err = h.SetUp(t.Context(), code, form); err != nil {
		t.Fatal(err)
	}
	return h
}

// serveHouse serves an installation, over TLS if there is a configuration for it.
func serveHouse(t *testing.T, w *apptest.World, secured *tls.Config) *house {
	t.Helper()
	handler, err := New(Options{App: w.App, Now: w.Clock.Now, Random: apptest.NewDice(9), Log: slog.New(slog.NewTextHandler(w.Log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: Server("", handler, slog.New(slog.NewTextHandler(w.Log, nil)))}
	if secured != nil {
		s.TLS = secured
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return &house{w, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)}
}

// open opens a page of the house in a tab.
func (h *house) open(t *testing.T, tab *chromium.Tab, path string, status int) {
	t.Helper()
	if got := tab.Go(h.origin + path).Status; got != status {
		t.Fatalf("GET %s = %d, want %d: %s", path, got, status, tab.Text(chromium.CSS("body")))
	}
}

// at fails the test unless a tab shows a page of the house.
func (h *house) at(t *testing.T, tab *chromium.Tab, path string) {
	t.Helper()
	if got := strings.TrimPrefix(tab.URL(), h.origin); got != path {
		t.Fatalf("the browser is at %s, want %s: %s", got, path, tab.Text(chromium.CSS("body")))
	}
}

// field is the input of a name in the page's own part.
func field(name string) chromium.By { return chromium.CSS(`main [name="` + name + `"]`) }

// send presses the green button of the page.
func send(t *testing.T, tab *chromium.Tab) chromium.Response {
	t.Helper()
	return tab.Follow(chromium.CSS("main .frm .btn.go"))
}

// signIn signs somebody in with their password.
func (h *house) signIn(t *testing.T, tab *chromium.Tab, mail string) {
	t.Helper()
	h.open(t, tab, "/signin", http.StatusOK)
	tab.Fill(field("name"), mail)
	tab.Fill(field("password"), apptest.Password)
	send(t, tab)
}

// director signs the director in, in a browser of their own.
func (h *house) director(t *testing.T) *chromium.Tab {
	t.Helper()
	tab := chromium.Shared(t).NewTab(t)
	h.signIn(t, tab, apptest.SetUpForm().You.Mail)
	h.at(t, tab, "/desk")
	return tab
}

// clean fails the test where a tab has done what no page of ours may do.
func (h *house) clean(t *testing.T, tabs ...*chromium.Tab) {
	t.Helper()
	for _, tab := range tabs {
		for _, b := range tab.Breaches() {
			t.Errorf("content security policy: %s", b)
		}
		for _, s := range tab.Strays(h.origin) {
			t.Errorf("a page of ours: %s", s)
		}
		for _, m := range tab.Messages() {
			if m.Level == "error" && m.Source != "network" { // an answer other than 200 is no error of a page
				t.Errorf("console: %s", m)
			}
		}
	}
}

// wants fails the test unless the page shows each text.
func wants(t *testing.T, tab *chromium.Tab, texts ...string) {
	t.Helper()
	body := strings.ReplaceAll(tab.Text(chromium.CSS("body")), "\u00a0", " ")
	for _, want := range texts {
		if !strings.Contains(body, want) {
			t.Errorf("%s does not show %q: %s", tab.URL(), want, body)
		}
	}
}

var invitationLink = regexp.MustCompile(`https?://[^\s]+/invite/[^\s]+`)

// invite invites somebody on a slip and returns the address that stands on it.
func (h *house) invite(t *testing.T, by *chromium.Tab, role people.Role, name, mail string) string {
	t.Helper()
	h.open(t, by, "/manage/people/invite", http.StatusOK)
	by.Fill(field("name"), name)
	by.Fill(field("initials"), strings.ToUpper(name[:2]))
	by.Fill(field("mail"), mail)
	by.Click(chromium.CSS(`main [name="role"][value="` + string(role) + `"]`))
	by.Click(chromium.CSS(`main [name="how"][value="slip"]`))
	send(t, by)
	link := invitationLink.FindString(by.Text(chromium.CSS("main")))
	if link == "" {
		t.Fatalf("the slip has no address: %s", by.Text(chromium.CSS("main")))
	}
	return link
}

// accept accepts an invitation with a password.
func (h *house) accept(t *testing.T, tab *chromium.Tab, link string) {
	t.Helper()
	if got := tab.Go(link).Status; got != http.StatusOK {
		t.Fatalf("the invitation is answered %d: %s", got, tab.Text(chromium.CSS("body")))
	}
	tab.Fill(field("password"), apptest.Password)
	send(t, tab)
}
