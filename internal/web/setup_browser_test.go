package web

import (
	"bytes"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
)

// rubbish is what somebody may type anywhere.
const rubbish = `<b>"x'&amp; ` + "\u00a0" + `é`

// TestSetUpInBrowser goes from the code that the server printed to a desk, as a new
// director does, once with script and once without.
func TestSetUpInBrowser(t *testing.T) {
	for _, script := range []bool{true, false} {
		t.Run("script "+map[bool]string{true: "on", false: "off"}[script], func(t *testing.T) {
			h := openHouse(t)
			code, err := h.OfferSetUp(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tab := chromium.Shared(t).NewTab(t)
			tab.SetScript(script)
			other := chromium.Shared(t).NewTab(t)
			h.open(t, other, "/setup", http.StatusOK)

			setUpFirst(t, h, tab, code)
			setUpPeople(t, h, tab)
			setUpPapers(t, h, tab)

			wants(t, tab, "Noor Haddad", "/invite/")
			tab.Follow(chromium.CSS(`main a.btn.go`))
			wants(t, tab, "Elm Street Library", "What is happening?")
			h.at(t, tab, "/desk")

			if got := other.Follow(chromium.CSS("main .frm .btn")).Status; got != http.StatusGone {
				t.Errorf("a second set-up is answered %d, want 410", got)
			}
			wants(t, other, "set up already")
			h.open(t, other, "/setup/shares", http.StatusGone)
			h.clean(t, tab, other)
		})
	}
}

// wrongly fills every field that is typed into with rubbish, sends it, and finds it
// all again.
func wrongly(t *testing.T, tab *chromium.Tab, names ...string) {
	t.Helper()
	typed := map[string]string{} // a field may take fewer signs
	for _, name := range names {
		tab.Fill(field(name), rubbish)
		typed[name] = tab.Value(field(name))
	}
	if got := send(t, tab).Status; got != http.StatusUnprocessableEntity {
		t.Errorf("rubbish at %s is answered %d, want 422: %s", tab.URL(), got, tab.Text(chromium.CSS("main")))
	}
	if tab.Count("#problems a") == 0 {
		t.Errorf("%s does not list what has to be changed", tab.URL())
	}
	for _, name := range names {
		if got := tab.Value(field(name)); got != typed[name] || got == "" {
			t.Errorf("%s: %s shows %q, want what was typed: %q", tab.URL(), name, got, typed[name])
		}
	}
}

func setUpFirst(t *testing.T, h *house, tab *chromium.Tab, code string) {
	t.Helper()
	h.open(t, tab, "/", http.StatusOK)
	h.at(t, tab, "/setup")
	tab.Fill(field("code"), "not the code")
	if got := send(t, tab).Status; got != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code is answered %d, want 422", got)
	}
	tab.Fill(field("code"), strings.ToLower(code))
	send(t, tab)

	h.at(t, tab, "/setup/address")
	if got := tab.Value(field("address")); got != h.origin {
		t.Errorf("the address is %q at first, want where the page was opened: %q", got, h.origin)
	}
	wrongly(t, tab, "address")
	tab.Fill(field("address"), "http://library-server:8080")
	send(t, tab)
	wants(t, tab, "Nothing is kept on devices", "Passkeys are off")
	tab.Fill(field("address"), h.origin)
	send(t, tab)
	wants(t, tab, "Only this computer reaches")
	tab.Click(field("accept"))
	send(t, tab)

	h.at(t, tab, "/setup/library")
	tab.Fill(field("name"), "")
	send(t, tab)
	wants(t, tab, "Name:")
	tab.Fill(field("name"), "Elm Street Library")
	tab.Choose(field("state"), "Ohio")
	tab.Choose(field("zone"), "Eastern (New York)")
	send(t, tab)

	h.at(t, tab, "/setup/branch")
	wrongly(t, tab, "prefix", "phone")
	tab.Fill(field("name"), "Main")
	tab.Fill(field("prefix"), "9")
	tab.Fill(field("phone"), "555 0100")
	send(t, tab)
}

func setUpPeople(t *testing.T, h *house, tab *chromium.Tab) {
	t.Helper()
	h.at(t, tab, "/setup/people")
	wrongly(t, tab, "you_initials", "you_mail", "other_initials", "other_mail")
	tab.Click(chromium.CSS(`[name="role"][value="director"]`))
	for name, text := range map[string]string{
		"you_name": "Imani Okafor", "you_initials": "IO", "you_mail": "imani@elm.example",
		"other_name": "Noor Haddad", "other_initials": "NH", "other_mail": "noor@elm.example",
	} {
		tab.Fill(field(name), text)
	}
	send(t, tab)

	h.at(t, tab, "/setup/you")
	tab.Fill(field("password"), "imani")
	send(t, tab)
	if got := tab.Value(field("password")); got != "" {
		t.Errorf("a password is shown again: %q", got)
	}
	tab.Fill(field("password"), apptest.Password)
	send(t, tab)
}

var (
	askedFor   = regexp.MustCompile(`word (\d+) on paper (\d)`)
	pdfPages   = regexp.MustCompile(`/Type\s*/Page\b[^s]`)
	setUpSlips = "main .share"
)

// setUpPapers prints the recovery papers and types the word that is asked back.
func setUpPapers(t *testing.T, h *house, tab *chromium.Tab) {
	t.Helper()
	h.at(t, tab, "/setup/shares")
	paper := tab.PDF(chromium.Letter)
	if got := len(pdfPages.FindAll(paper, -1)); got != 3 || !bytes.HasPrefix(paper, []byte("%PDF-")) {
		t.Errorf("the recovery papers are %d pages, want 3", got)
	}
	if got := tab.Count(setUpSlips); got != 3 {
		t.Fatalf("the page shows %d papers, want 3", got)
	}
	asked := askedFor.FindStringSubmatch(tab.Text(chromium.CSS("main")))
	if asked == nil {
		t.Fatal("no word is asked back")
	}
	word, _ := strconv.Atoi(asked[1])
	words := tab.Texts(setUpSlips + ":nth-of-type(n) ol li")
	if len(words) != 90 {
		t.Fatalf("the papers have %d words, want 90", len(words))
	}
	share, _ := strconv.Atoi(asked[2])
	tab.Fill(field("check"), "walnut")
	send(t, tab)
	h.at(t, tab, "/setup/shares")
	tab.Fill(field("check"), words[(share-1)*30+word-1])
	tab.Click(field("printed"))
	send(t, tab)
	h.at(t, tab, "/setup/done")
	if restored, _ := tab.Back(); restored || strings.Contains(tab.Text(chromium.CSS("body")), words[0]+" "+words[1]) {
		t.Error("going back shows the recovery papers once more")
	}
	h.open(t, tab, "/setup/done", http.StatusOK)
}
