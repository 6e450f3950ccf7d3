package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/browser"
	"roundtable/internal/web/static"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m.Run)) }

// stand serves pages as the real server does, and writes down what is sent to it.
type stand struct {
	url   string
	pages map[string]Page

	mu   sync.Mutex // guards what follows
	sent []string
}

const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; style-src 'self' "

func newStand(t *testing.T, pages map[string]Page) *stand {
	t.Helper()
	s := &stand{pages: pages}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // where passkeys work over plain HTTP
	return s
}

func (s *stand) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, static.Prefix):
		static.Handler().ServeHTTP(w, r)
	case r.Method == http.MethodPost:
		s.post(w, r)
	case s.pages[r.URL.Path] != nil:
		w.Header().Set("Content-Security-Policy", policy+static.CriticalHash)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := Render(w, s.pages[r.URL.Path]); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	default:
		http.NotFound(w, r)
	}
}

func (s *stand) post(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.sent = append(s.sent, r.URL.Path+" "+r.PostForm.Encode())
	s.mu.Unlock()
	switch {
	case r.URL.Path == "/lock" && r.PostForm.Get("secret") == "4711":
		answer(w, http.StatusOK, `{"location":"`+r.PostForm.Get("next")+`"}`)
	case r.URL.Path == "/lock":
		answer(w, http.StatusUnprocessableEntity, `{"message":"This is not your PIN."}`)
	default:
		answer(w, http.StatusOK, `{"location":"/"}`)
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// posts returns what was sent to an address.
func (s *stand) posts(path string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.sent {
		if to, body, _ := strings.Cut(p, " "); to == path {
			found = append(found, body)
		}
	}
	return found
}

func (s *stand) await(t *testing.T, path string) []string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := s.posts(path); len(found) > 0 {
			return found
		}
	}
	t.Fatalf("nothing was sent to %s", path)
	return nil
}

func galleryPage(t *testing.T, name string) Page {
	t.Helper()
	for _, e := range Gallery() {
		if e.Name == name {
			return e.Page
		}
	}
	t.Fatalf("the gallery has no %q", name)
	return nil
}

func TestKeys(t *testing.T) {
	desk := galleryPage(t, "desk").(Desk)
	off := desk
	off.KeysOff = true
	s := newStand(t, map[string]Page{"/desk": desk, "/off": off, "/keys": galleryPage(t, "keys")})
	tab := browser.Shared(t).NewTab(t)

	tab.Go(s.url + "/off")
	tab.Press("3", "/")
	if focus := tab.Focused(); strings.Contains(focus, "search") || len(s.posts("/desk/start")) > 0 {
		t.Errorf("with keys off, 3 and / did something: focus is on %s", focus)
	}
	tab.Go(s.url + "/desk")
	tab.Press("/")
	tab.WaitTrue(`document.activeElement.id === "q-find"`)
	tab.Press("3", "b")
	if got := tab.Value(browser.CSS("#q-find")); got != "3b" || len(s.posts("/desk/start")) > 0 {
		t.Errorf("typed in the search box: %q, want 3b and nothing started", got)
	}
	tab.Go(s.url + "/desk")
	tab.Press("c")
	tab.WaitTrue(`document.activeElement.href === "tel:5550148"`)
	tab.Press("Control+3")
	tab.Press("3")
	if got := s.await(t, "/desk/start"); len(got) != 1 || got[0] != "playbook=minor-records" {
		t.Errorf("after 3 was sent: %q, want the third guide once", got)
	}
	tab.Go(s.url + "/desk")
	tab.Press("?")
	tab.WaitText("What each key does")
}

func TestPressedTwice(t *testing.T) {
	s := newStand(t, map[string]Page{"/desk": galleryPage(t, "desk")})
	tab := browser.Shared(t).NewTab(t)
	tab.Go(s.url + "/desk")
	held := browser.Eval[[]bool](tab, `(() => {
		const sent = [];
		document.addEventListener("submit", e => { sent.push(!e.defaultPrevented); e.preventDefault(); });
		for (const key of [1, 1, 2]) document.querySelector(".tile[data-key='" + key + "']").click();
		return sent;
	})()`)
	if diff := cmp.Diff([]bool{true, false, false}, held); diff != "" {
		t.Errorf("which of three presses are sent (-want +got):\n%s", diff)
	}
}

func TestFocusOnProblems(t *testing.T) {
	s := newStand(t, map[string]Page{"/invite": galleryPage(t, "invite-error")})
	tab := browser.Shared(t).NewTab(t)
	tab.Go(s.url + "/invite")
	if focus := tab.Focused(); !strings.Contains(focus, `id="problems"`) {
		t.Errorf("the focus is on %s, want the summary of problems", focus)
	}
	tab.Click(browser.CSS(`#problems a[href="#f-role"]`))
	if focus := tab.Focused(); !strings.Contains(focus, `id="f-role"`) {
		t.Errorf("after its link the focus is on %s, want the field", focus)
	}
}

func TestLeave(t *testing.T) {
	help := galleryPage(t, "help").(Help)
	away := Accessibility{Frame: Frame{Library: "Elsewhere"}}
	s := newStand(t, map[string]Page{"/help": &help, "/away": away, "/before": away})
	help.LeaveTo = s.url + "/away"
	for name, leave := range map[string]func(*browser.Tab){
		"click": func(tab *browser.Tab) { tab.Click(browser.CSS("[data-leave]")) },
		"Shift, thrice": func(tab *browser.Tab) {
			browser.Eval[bool](tab, `[1, 2, 3].every(() => document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "Shift", bubbles: true})))`)
		},
	} {
		tab := browser.Shared(t).NewTab(t)
		tab.Go(s.url + "/before")
		tab.Go(s.url + "/help")
		leave(tab)
		tab.WaitTrue(`location.pathname === "/away"`)
		tab.Back()
		if u, err := url.Parse(tab.URL()); err != nil || u.Path != "/before" {
			t.Errorf("%s: back leads to %s, want the page before", name, tab.URL())
		}
	}
}

func TestLockOverPage(t *testing.T) {
	invite := galleryPage(t, "invite").(Invite)
	invite.LockAfter = 2 * time.Second
	s := newStand(t, map[string]Page{"/invite": invite})
	tab := browser.Shared(t).NewTab(t)
	tab.Go(s.url + "/invite?from=1")
	tab.Fill(browser.Label("Name"), "Sam")
	tab.WaitTrue(`document.body.classList.contains("locked")`)
	s.await(t, "/lock/now")
	if shown := tab.Style(browser.CSS("main"), "visibility"); shown != "hidden" {
		t.Errorf("under the lock the page is %s, want hidden", shown)
	}
	tab.Fill(browser.CSS("#lock-secret"), "1234")
	tab.Click(browser.Label("Open").In("#lock-over"))
	tab.WaitText("This is not your PIN.")
	if got := tab.Value(browser.CSS("#lock-secret")); got != "" {
		t.Errorf("a wrong PIN stays in its field: %q", got)
	}
	tab.Fill(browser.CSS("#lock-secret"), "4711")
	tab.Click(browser.Label("Open").In("#lock-over"))
	tab.WaitTrue(`!document.body.classList.contains("locked")`)
	if got := tab.Value(browser.CSS("#f-name")); got != "Sam" {
		t.Errorf("after the lock the field holds %q, want what was typed", got)
	}
	for _, sent := range s.posts("/lock") {
		if !strings.Contains(sent, "next=%2Finvite%3Ffrom%3D1") {
			t.Errorf("sent to unlock: %q, want this page as next", sent)
		}
	}
}

// TestWithoutScript: nothing that needs script is shown, and what does not works.
func TestWithoutScript(t *testing.T) {
	s := newStand(t, map[string]Page{"/desk": galleryPage(t, "desk"), "/signin": galleryPage(t, "signin"), "/shares": galleryPage(t, "setup-7-shares")})
	tab := browser.Shared(t).NewTab(t)
	tab.SetScript(false)
	tab.Go(s.url + "/signin")
	for _, selector := range []string{"form[data-passkey]", ".passkey .or"} {
		if shown := tab.Style(browser.CSS(selector), "display"); shown != "none" {
			t.Errorf("%s is shown as %s without script", selector, shown)
		}
	}
	tab.Go(s.url + "/shares")
	if shown := tab.Style(browser.CSS("[data-print]"), "display"); shown != "none" {
		t.Errorf("the print button is shown as %s without script", shown)
	}
	tab.Go(s.url + "/desk")
	tab.Click(browser.CSS(".tile[data-key='6']"))
	if got := s.await(t, "/desk/start"); got[0] != "playbook=baiting" {
		t.Errorf("sent %q, want the sixth guide", got)
	}
	tab.SetScript(true)
	tab.Go(s.url + "/signin")
	tab.WaitTrue(`document.querySelector("form[data-passkey]").getClientRects().length > 0`)
}

// TestHTML has the Nu HTML Checker read every page.
func TestHTML(t *testing.T) {
	pages := map[string][]byte{}
	for _, e := range Gallery() {
		pages[e.Name] = render(t, e.Page)
	}
	for _, fault := range browser.ValidateHTML(t, pages) {
		t.Error(fault)
	}
}
