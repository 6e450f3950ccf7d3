package web

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

const (
	keyWords  = "copper meadow pencil harbour velvet"
	noteWords = "Canary: the officer named somebody twice."
)

// Counsel makes a key, the director writes a note about a demand, and counsel opens
// it with the file. The text leaves the author's browser in no request, and the
// server has a letter only.
func TestCounselInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	director := h.director(t)
	counsel := chromium.Shared(t).NewTab(t)
	h.accept(t, counsel, h.invite(t, director, people.Counsel, "Priya Raman", "priya@elm.example"))
	id := demandCase(t, h)

	h.open(t, director, "/i/"+string(id)+"/counsel", http.StatusOK)
	wants(t, director, "Counsel has made no key yet")
	file := makeKey(t, h, counsel)
	shown := counsel.Texts("main .fp li")
	if len(shown) != 7 {
		t.Fatalf("counsel's page shows %d words of the key, want 7", len(shown))
	}

	h.open(t, director, "/i/"+string(id)+"/counsel", http.StatusOK)
	if got := director.Texts("main .fp li"); strings.Join(got, " ") != strings.Join(shown, " ") {
		t.Errorf("the author sees the words %q, counsel %q", got, shown)
	}
	director.Fill(chromium.CSS("[data-counsel-text]"), noteWords)
	director.Follow(chromium.CSS("[data-counsel=note] button"))
	wants(t, director, "You", "Sealed. Only counsel’s file opens it.")

	h.open(t, counsel, "/i/"+string(id)+"/counsel", http.StatusOK)
	counsel.Attach(chromium.CSS("[data-counsel-file]"), file)
	counsel.Fill(chromium.CSS("[data-counsel-passphrase]"), keyWords)
	counsel.Click(chromium.CSS("[data-counsel=open] form button"))
	counsel.WaitText(noteWords)
	if read := h.kinds(t, "read-counsel-note"); read == 0 {
		t.Error("that counsel opened the note left no entry")
	}
	if bytes.Contains([]byte(h.Log.String()), []byte("Canary")) {
		t.Error("the note is in the server's log")
	}
	h.clean(t, director, counsel)

	counsel.SetScript(false)
	h.open(t, counsel, "/i/"+string(id)+"/counsel", http.StatusOK)
	wants(t, counsel, "This browser runs none.")
	if n := counsel.Count("main textarea, main [type=file]"); n != 0 {
		t.Errorf("without script there are %d boxes, want none", n)
	}
}

// demandCase is a walk in which officers are acting already: a demand.
func demandCase(t *testing.T, h *house) store.CaseID {
	t.Helper()
	who := app.Who{Person: h.Done.Who.Person, Pseudonym: h.Done.Who.Pseudonym, Memberships: h.Done.Who.Memberships, Library: h.Done.Library, Branch: h.Done.Branch}
	id, err := h.StartWalk(t.Context(), who, app.StartForm{Playbook: "officer"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.ReadWalk(t.Context(), who, id, "")
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Move(time.Second)
	if _, err := h.Record(t.Context(), who, id, walk.Event{Kind: walk.Chose, Step: 0, Choice: 1, Follows: v.Walk.Head()}); err != nil {
		t.Fatal(err)
	}
	return id
}

// makeKey is counsel making a key, and returns where its file is.
func makeKey(t *testing.T, h *house, counsel *chromium.Tab) string {
	t.Helper()
	h.open(t, counsel, "/me/counsel", http.StatusOK)
	chromium.Eval[int](counsel, `(() => { const make = URL.createObjectURL; URL.createObjectURL = (b) => { window.savedFile = b.text(); return make.call(URL, b); }; return 0; })()`)
	counsel.Fill(chromium.CSS("[data-counsel-step=make] [data-counsel-passphrase]"), keyWords)
	counsel.Fill(chromium.CSS("[data-counsel-again]"), keyWords)
	counsel.Click(chromium.CSS("[data-counsel-step=make] button"))
	counsel.WaitText("Now save the file")
	path := filepath.Join(t.TempDir(), "counsel-key.json")
	if err := os.WriteFile(path, []byte(chromium.Eval[string](counsel, `window.savedFile`)), 0o600); err != nil {
		t.Fatal(err)
	}
	counsel.Attach(chromium.CSS("[data-counsel-step=check] [data-counsel-file]"), path)
	counsel.Fill(chromium.CSS("[data-counsel-step=check] [data-counsel-passphrase]"), keyWords)
	counsel.Follow(chromium.CSS("[data-counsel-step=check] button"))
	return path
}

// kinds counts the entries of a kind in the library's log.
func (h *house) kinds(t *testing.T, kind string) (n int) {
	t.Helper()
	ctx := t.Context()
	if err := h.Store.Read(ctx, h.Done.Library, func(tx *store.Tx) error {
		size, err := tx.Ledger().Size(ctx)
		if err != nil {
			return err
		}
		leaves, err := tx.Ledger().Leaves(ctx, 0, int(size))
		for _, leaf := range leaves {
			if strings.Contains(leaf.Text, " "+kind+" ") {
				n++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
