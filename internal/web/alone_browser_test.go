package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/live"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// pigeons is a channel of alerts that keeps what it was asked to send.
type pigeons struct {
	mu   sync.Mutex // guards what follows
	sent []notify.Delivery
}

// Send takes a message.
func (p *pigeons) Send(_ context.Context, d notify.Delivery) (notify.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, d)
	return notify.Result{Outcome: notify.Accepted}, nil
}

// to returns what was sent to an address.
func (p *pigeons) to(address string) (list []notify.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.sent {
		if d.To.Reveal() == address {
			list = append(list, d.Message)
		}
	}
	return list
}

// alertedHouse is a house whose alerts go out by mail, to pigeons, while it works.
func alertedHouse(t *testing.T) (*house, *pigeons) {
	t.Helper()
	w, sent := apptest.Empty(t, storetest.SQLite(t)), &pigeons{}
	hub, err := live.NewHub(apptest.NewDice(4), w.Clock.Now, live.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.App, err = app.New(app.Options{
		Store: w.Store, Ring: w.Ring, Key: w.Key, Live: hub, Now: w.Clock.Now, Random: w.Dice, Log: slog.New(slog.NewTextHandler(w.Log, nil)), Hashers: 2,
		Senders: map[notify.Channel]notify.Sender{notify.Mail: sent},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := serveHouse(t, w, nil)
	code, err := h.OfferSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	form := apptest.SetUpForm()
	form.Address = h.origin
	if h.Done, err = h.SetUp(t.Context(), code, form); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var works sync.WaitGroup
	works.Go(func() { _ = h.Work(ctx) })
	t.Cleanup(func() { stop(); works.Wait() })
	return h, sent
}

// theDesk is a browser at an enrolled desk.
func (h *house) theDesk(t *testing.T, director *chromium.Tab) *chromium.Tab {
	t.Helper()
	code := h.offerDevice(t, director, "Front desk")
	desk := chromium.Shared(t).NewTab(t)
	h.open(t, desk, "/enrol", http.StatusOK)
	desk.Fill(field("code"), code)
	send(t, desk)
	return desk
}

// Three browsers, one case. The desk starts a guide; the director is told, reads it,
// answers, follows, writes a line, takes charge, and writes to counsel, who alone can
// read that; the desk ends it. Nobody loads a page again, and every fact stands in the
// record with its time.
func TestNeverAloneInBrowser(t *testing.T) {
	h, sent := alertedHouse(t)
	director, counsel := h.director(t), chromium.Shared(t).NewTab(t)
	h.accept(t, counsel, h.invite(t, director, people.Counsel, "Priya Raman", "priya@elm.example"))
	file := makeKey(t, h, counsel)
	desk := h.theDesk(t, director)

	// The desk starts; whoever is told is told that something is needed, and not what.
	h.open(t, desk, "/desk", http.StatusOK)
	desk.Follow(chromium.CSS(`main button[value="officer"]`))
	desk.WaitText("Greet the officer")
	var link string
	waitFor(t, func() bool {
		list := sent.to("dana@elm.example")
		if len(list) > 0 {
			link = list[0].Link()
		}
		return link != ""
	})
	for _, m := range sent.to("dana@elm.example") {
		if text := m.Title() + m.Text() + m.Link(); strings.Contains(text, "fficer") || strings.Contains(text, "/i/") || !strings.HasPrefix(m.Link(), h.origin+"/alert/") {
			t.Errorf("the message says %q, want that the desk needs somebody, and a link to the alert", text)
		}
	}
	desk.WaitText("Telling the director: sent 14:05.")

	// Read is what the page says once it is in view, and answered is another fact.
	director.Go(link)
	wants(t, director, "The desk needs you", "Main asked for the director")
	director.WaitText("You opened this at 14:05")
	desk.WaitText("read 14:05")
	h.Clock.Move(2 * time.Minute)
	director.Follow(chromium.Label("I am on it"))
	wants(t, director, "You are on it, since 14:07")
	desk.WaitText("is on it since 14:07")

	// The live case.
	director.Follow(chromium.CSS(`#alert-main a.btn`))
	id := store.CaseID(strings.Split(strings.TrimPrefix(director.URL(), h.origin), "/")[2])
	director.WaitTrue(`document.querySelector("[data-pill]").textContent === "Live"`)
	wants(t, director, "An officer is here", "Greet the officer", "They ask for something")
	director.Follow(chromium.CSS(`[name="quick"][value^="You are doing well"]`))
	wants(t, director, "The desk’s page has not shown it yet")
	desk.WaitText("You are doing well. Keep going.")
	wants(t, desk, "Dana Dorsey, director")
	director.WaitText("Shown at the desk 14:07")

	h.Clock.Move(time.Minute)
	loaded := chromium.Eval[float64](director, "performance.timeOrigin")
	desk.Click(chromium.CSS(`[data-choice="1"] button`))
	director.WaitText("They are acting already")
	if got := chromium.Eval[float64](director, "performance.timeOrigin"); got != loaded {
		t.Error("the director's page was loaded anew, so that the test shows nothing of being live")
	}

	director.Follow(chromium.Label("I will take charge"))
	wants(t, director, "You have taken charge at 14:08")
	desk.WaitText("Dana Dorsey, your director, has taken charge, at 14:08.")

	// Counsel's note: sealed, and nobody else can read it.
	director.Follow(chromium.CSS(`.secret a`))
	director.Fill(chromium.CSS("[data-counsel-text]"), noteWords)
	director.Follow(chromium.CSS("[data-counsel=note] button"))
	wants(t, director, "Sealed. Only counsel’s file opens it.")
	h.open(t, counsel, "/i/"+string(id)+"/counsel", http.StatusOK)
	counsel.Attach(chromium.CSS("[data-counsel-file]"), file)
	counsel.Fill(chromium.CSS("[data-counsel-passphrase]"), keyWords)
	counsel.Click(chromium.CSS("[data-counsel=open] form button"))
	counsel.WaitText(noteWords)
	for name, tab := range map[string]*chromium.Tab{"desk": desk.Another(), "director": director} {
		tab.Go(h.origin + "/i/" + string(id) + "/counsel")
		if text := tab.HTML(); strings.Contains(text, "Canary") {
			t.Errorf("the note for counsel is on the %s's page", name)
		}
	}
	h.open(t, counsel, "/i/"+string(id)+"/live", http.StatusOK)
	wants(t, counsel, "Dana Dorsey, director, has taken charge")
	if counsel.Count(`form[action$="/charge"]`) != 0 {
		t.Error("counsel is offered to take charge of a case that somebody has")
	}

	// A page that was hidden says so of itself, and catches up within a second.
	h.open(t, director, "/i/"+string(id)+"/live", http.StatusOK)
	director.WaitTrue(`document.querySelector("[data-pill]").textContent === "Live"`)
	director.SetOffline(true)
	director.WaitTrue(`document.querySelector("[data-pill]").textContent.startsWith("Not live. Last heard")`)
	h.Clock.Move(time.Minute)
	desk.Click(chromium.CSS(`#note summary`))
	desk.Fill(chromium.CSS("#note-text"), "They left the building.")
	desk.Click(chromium.CSS(`#note button`))
	waitFor(t, func() bool { return h.kinds(t, "add-note") > 0 })
	director.SetOffline(false)
	woken := time.Now()
	chromium.Eval[int](director, `(window.dispatchEvent(new Event("online")), 0)`)
	director.WaitText("They left the building.")
	if took := time.Since(woken); took > time.Second {
		t.Errorf("after waking the page caught up in %s, want within a second", took)
	}

	// The end.
	h.Clock.Move(time.Minute)
	desk.Click(chromium.CSS(`.step-end details:last-of-type summary`))
	desk.Click(chromium.CSS(`.step-end details:last-of-type button`))
	director.WaitText("Ended at 14:10")
	director.WaitTrue(`document.querySelector("[data-pill]").textContent === "Ended"`)

	h.open(t, director, "/i/"+string(id)+"/log", http.StatusOK)
	wants(t, director, "Alert ordered", "E-mail sent", "Read", "On it", "Line to the desk", "Shown at the desk", "Took charge", "They are acting already", "Note", "Ended")
	for _, at := range []string{"14:05", "14:07", "14:08", "14:09", "14:10"} {
		wants(t, director, at)
	}
	for _, kind := range []string{"answer-alert", "send-line", "take-charge", "end-walk"} {
		if h.kinds(t, kind) != 1 {
			t.Errorf("%d entries of %s in the log, want 1", h.kinds(t, kind), kind)
		}
	}
	if strings.Contains(h.Log.String(), "doing well") || strings.Contains(h.Log.String(), "Canary") {
		t.Error("the server's log has words of the case")
	}
	h.clean(t, director, counsel)
}
