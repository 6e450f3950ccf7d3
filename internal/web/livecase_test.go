package web

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// says fails the test unless a page says each text.
func says(t *testing.T, answer *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	body := strings.ReplaceAll(problemsOf(answer), "\u00a0", " ")
	for _, want := range texts {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q: %s", want, body)
		}
	}
}

// Without script all of the live case works: each page is as of when it was sent, and
// says so.
func TestLiveCaseWithoutScript(t *testing.T) {
	w := smallWorld(t)
	director, device := w.browsers["director"], w.browsers["device"]
	says(t, director.gets(200, "/now"), "Nothing is happening.", "Main")
	id := w.startWalk(t)
	at := "/i/" + id
	says(t, director.gets(200, "/now"), "An officer is here", "Greet the officer", "Since 14:0")
	says(t, director.gets(200, at), "Follow it as it happens", "To the director ordered 14:0", "Alert ordered", "The person in charge The director Whoever is asked to work on it")

	w.Clock.Move(40 * time.Second)
	live := director.gets(200, at+"/live")
	says(t, live, "As of 14:0", "Load it again", "Main", "Call the desk 555 0100", "The desk sees this now", "Greet the officer", "They are acting already", "I will take charge", "To the director ordered 14:0")
	if strings.Contains(problemsOf(live), "Live 14") || strings.Contains(live.Body.String(), "<b>Live") {
		t.Error("without script the page says that it is live")
	}

	// A line: nothing, too much, twice, and as the desk sees it.
	answer := director.posts(422, at+"/line", "line", "  ")
	says(t, answer, "Write something here.")
	says(t, director.posts(422, at+"/line", "line", strings.Repeat("x", walk.MaxLine+1)), "Write something shorter.", "Your own words")
	event := regexp.MustCompile(`name="event" value="([^"]+)"`).FindStringSubmatch(live.Body.String())[1]
	for range 2 {
		if to := director.posts(303, at+"/line", "event", event, "line", canary).Header().Get("Location"); to != at+"/live#line" {
			t.Errorf("a line leads to %q", to)
		}
	}
	page := director.gets(200, at+"/live")
	says(t, page, "Sent. The desk’s page has not shown it yet.")
	if n := strings.Count(problemsOf(page), "The desk’s page has not shown it yet."); n != 1 {
		t.Errorf("a line that was sent twice is shown %d times", n)
	}
	step := device.gets(200, at+"/step/1")
	says(t, step, canary, "Dana Dorsey, director", "Seen")
	if strings.Contains(step.Body.String(), "<script>alert(1)</script>") {
		t.Error("a line to the desk is markup")
	}
	line := regexp.MustCompile(`name="line" value="([^"]+)"`).FindStringSubmatch(step.Body.String())[1]
	device.posts(303, at+"/seen", "line", line, "note", "Typed, and not saved.")
	says(t, director.gets(200, at+"/live"), "Shown at the desk 14:0")
	if strings.Contains(device.gets(200, at+"/step/1").Body.String(), `name="line"`) {
		t.Error("a line that was seen is still to be seen")
	}
	device.posts(400, at+"/seen")
	device.posts(400, at+"/seen", "line", "x")
	device.posts(404, at+"/seen", "line", someID(t, 4))
	notes := problemsOf(director.gets(200, at+"/log"))
	if !strings.Contains(notes, "Typed, and not saved.") {
		t.Error("what was typed when the line was seen is lost")
	}

	// Charge: the first one has it.
	other := w.browser()
	other.cookies["__Host-roundtable"] = w.A.Login(t, people.InCharge).Token
	director.posts(303, at+"/charge")
	director.posts(303, at+"/charge")
	says(t, other.posts(409, at+"/charge"), "Dana Dorsey has taken charge, at 14:0")
	says(t, other.gets(200, at+"/live"), "Dana Dorsey, director, has taken charge")
	says(t, device.gets(200, at+"/step/1"), "Dana Dorsey, your director, has taken charge")
	says(t, device.gets(200, at+"/outside"), "Dana Dorsey, your director, has taken charge")
	says(t, device.gets(200, at+"/step/1?lang=es"), "se ha puesto al frente")

	// The end.
	device.posts(303, at+"/stop", "step", "1")
	says(t, director.gets(200, at+"/live"), "Ended at 14:0", "it was stopped before its end", "This walk has ended")
	says(t, director.posts(410, at+"/line", "line", "Hello."), "This walk has ended")
	says(t, director.gets(200, at+"/log"), "Line to the desk", "Shown at the desk", "Took charge", "Dana Dorsey, director", "Alert ordered")
	says(t, director.gets(200, "/now"), "Nothing is happening.")
}

// The desk is told what is known of its alert, and what it has to do itself.
func TestDeskSeesAlert(t *testing.T) {
	w := smallWorld(t)
	id := w.startWalk(t)
	step := w.browsers["device"].gets(200, "/i/"+id+"/step/1")
	says(t, step, "Telling the director: Not sent yet. Call.")
	if strings.Contains(problemsOf(step), "An alert to the director is ordered.") {
		t.Error("the same is told twice")
	}
	if !strings.Contains(step.Body.String(), `data-told="director"`) {
		t.Error("script is not told of which alerts the server knows")
	}
}

// Another library's case opens where it is: one goes there first, by a form.
func TestNowAtTwoLibraries(t *testing.T) {
	w := newWorld(t, apptest.Two(t, storetest.SQLite(t)))
	desk := w.B.AtDesk(t)
	id, err := w.App.StartWalk(t.Context(), desk, app.StartForm{Playbook: "baiting"})
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.cookies["__Host-roundtable"] = w.A.Login(t, people.Director).Token
	if page := problemsOf(b.gets(200, "/now")); strings.Contains(page, "Birch Valley") || !strings.Contains(page, "Nothing is happening.") {
		t.Errorf("somebody of one library sees another: %s", page)
	}
	w.both(t, people.Director)
	page := b.gets(200, "/now")
	says(t, page, "Elm Street Library You are here", "Birch Valley Library", "Valley", "Go to Birch Valley Library, and follow")
	b.gets(404, "/i/"+string(id)+"/live")
	place := regexp.MustCompile(`name="place" value="([^"]+)"`).FindStringSubmatch(page.Body.String())[1]
	if to := b.posts(303, "/me/place", "place", place, "next", "/i/"+string(id)+"/live").Header().Get("Location"); to != "/i/"+string(id)+"/live" {
		t.Errorf("going to the other library leads to %q", to)
	}
	b.gets(200, "/i/"+string(id)+"/live")
	if to := b.posts(303, "/me/place", "place", place, "next", "https://evil.example/").Header().Get("Location"); to != "/me" {
		t.Errorf("going to the other library leads to %q, want no other site", to)
	}
}

// both gives the person with a role in A the role at B, too.
func (w *world) both(t *testing.T, role people.Role) {
	t.Helper()
	err := w.Store.Write(t.Context(), people.Installation, func(tx *store.Tx) error {
		return tx.AddMembership(t.Context(), people.Membership{
			ID: people.MembershipID(someID(t, 77)), Person: w.A.Login(t, role).Person, Library: w.B.ID, Role: role, From: w.Clock.Now().Add(-time.Hour),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A stranger who opens the link of an alert is led to sign in and comes back, also at
// a device where nobody is signed in.
func TestAlertLeadsToSignIn(t *testing.T) {
	w := smallWorld(t)
	id := alertOf(t, w, w.A.As(t, people.Director), w.startWalk(t))
	want := "/signin?next=" + url.QueryEscape("/alert/"+id)
	for _, name := range []string{"stranger", "device"} {
		if to := w.browsers[name].gets(303, "/alert/"+id).Header().Get("Location"); to != want {
			t.Errorf("the link leads the %s to %q, want %q", name, to, want)
		}
	}
	b := w.browser()
	b.gets(200, want)
	if to := b.posts(303, "/signin", "name", apptest.SetUpForm().You.Mail, "password", apptest.Password, "next", "/alert/"+id).Header().Get("Location"); to != "/alert/"+id {
		t.Errorf("signing in leads to %q, want back to the alert", to)
	}
	says(t, b.gets(200, "/alert/"+id), "The desk needs you", "Main asked for the director", "Follow it as it happens", "ordered 14:0")
	b.gets(404, "/alert/"+someID(t, 9))
	b.gets(404, "/alert/x")
}

// Two app servers on PostgreSQL: who listens at one is told of what is done at the
// other, and finds it there.
func TestLiveAcrossServers(t *testing.T) {
	address := storetest.Database(t)
	s, err := store.OpenPostgres(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.MakeTenant(t.Context(), people.Installation); err != nil {
		t.Fatal(err)
	}
	one := newWorld(t, apptest.New(t, s))
	two := &world{World: one.World, t: t, browsers: map[string]*client{}, persons: map[string]string{}}
	hub, err := live.NewHub(apptest.NewDice(8), one.Clock.Now, live.Options{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := app.New(app.Options{
		Store: s, Ring: one.Ring, Key: one.Key, Live: hub, Now: one.Clock.Now, Random: one.Dice, Log: slog.New(slog.DiscardHandler), Hashers: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if two.handler, err = New(Options{App: second, Now: one.Clock.Now, Random: seeded(6), Log: quiet(), Names: []string{host}}); err != nil {
		t.Fatal(err)
	}
	director := one.browser()
	director.cookies["__Host-roundtable"] = one.A.Login(t, people.Director).Token
	_, token := one.A.Device(t, one.A.Branch)
	one.browsers["device"] = one.browser()
	one.browsers["device"].cookies["__Host-roundtable-device"] = token
	device := two.browser()
	device.cookies["__Host-roundtable-device"] = token
	id := one.startWalk(t)

	server := httptest.NewServer(two.handler)
	t.Cleanup(server.Close)
	lines := listen(t, server.URL+"/events?case="+id, "roundtable-device", token)
	ctx, stop := context.WithCancel(t.Context())
	var relays sync.WaitGroup
	relay := live.NewRelay(hub, slog.New(slog.DiscardHandler), func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, address) }, live.RelayOptions{})
	relays.Go(func() { _ = relay.Run(ctx) })
	t.Cleanup(func() { stop(); relays.Wait() })
	changed := func(what string) {
		t.Helper()
		for late := time.After(10 * time.Second); ; {
			select {
			case line := <-lines:
				if strings.HasPrefix(line, "event: changed") {
					return
				}
			case <-late:
				t.Fatalf("whoever listens at the other server is not told of %s", what)
			}
		}
	}
	changed("the relay, which has begun")
	director.posts(303, "/i/"+id+"/line", "line", "You are doing well.")
	changed("a line to the desk")
	says(t, device.gets(200, "/i/"+id+"/outside"), "You are doing well.")
}
