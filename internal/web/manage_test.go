package web

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
)

// has fails the test unless the page says all of the words.
func has(t *testing.T, what, page string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(page, want) {
			t.Errorf("%s does not say %q: %s", what, want, page)
		}
	}
}

// hasNot fails the test if the page says any of the words.
func hasNot(t *testing.T, what, page string, words ...string) {
	t.Helper()
	for _, unwanted := range words {
		if strings.Contains(page, unwanted) {
			t.Errorf("%s says %q: %s", what, unwanted, page)
		}
	}
}

// sends returns the value that the first button of a name sends.
func sends(t *testing.T, page, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no button %q", name)
	}
	return html.UnescapeString(found[1])
}

func TestPhoneTreeThroughThePages(t *testing.T) {
	w := smallWorld(t)
	director, device := w.browsers["director"], w.browsers["device"]
	branch := string(w.A.Branch)
	has(t, "an empty tree", problemsOf(director.gets(200, "/manage/tree")), "No number is known here.", "Nobody is in charge at Main now.", "Set who is in charge")

	page := director.posts(422, "/manage/tree/new", "line", "nobody", "label", "Duty phone", "number", "none", "branch", branch)
	has(t, "a wrong number", page.Body.String(), `value="Duty phone"`, `value="none"`, `<option value="`+branch+`" selected>`, "Choose whom this number is for.", "Write a telephone number.")
	director.posts(404, "/manage/tree/new", "line", "in_charge", "number", "555 0148", "branch", someID(t, 4))
	director.posts(303, "/manage/tree/new", "line", "in_charge", "label", "Duty phone", "number", "555 0148", "branch", branch)
	w.Clock.Move(time.Second)
	director.posts(303, "/manage/tree/new", "line", "counsel", "number", "9 555 0171")
	w.Clock.Move(time.Minute)
	director.posts(409, "/manage/tree/new", "line", "counsel", "number", "9 555 0171")
	tree := problemsOf(device.gets(200, "/manage/tree"))
	has(t, "the tree at a device", tree, "Duty phone In charge", "555 0148", "All branches", "Counsel")
	hasNot(t, "the tree at a device", tree, "Delete", "Add a number", "Set who", "No number is known")
	paper := problemsOf(device.gets(200, "/manage/tree/print"))
	has(t, "the printed tree", paper, "Elm Street Library", "25 November 2026", "Emergency: dial 9 911", "Duty phone", "9 555 0171")
	device.posts(403, "/manage/tree/delete", "line", "x")
	device.gets(303, "/manage/tree/new")

	whole := director.gets(200, "/manage/tree").Body.String()
	line := sends(t, whole, "line")
	has(t, "the question", problemsOf(director.posts(200, "/manage/tree/delete", "line", line)), "Delete this number?", "Duty phone, 555 0148")
	has(t, "the tree before it is sure", problemsOf(director.gets(200, "/manage/tree")), "Duty phone")
	director.posts(303, "/manage/tree/delete", "line", line, "sure", "yes")
	hasNot(t, "the tree afterwards", problemsOf(director.gets(200, "/manage/tree")), "Duty phone", "No number is known")
	director.posts(404, "/manage/tree/delete", "line", line)
}

func TestDutyThroughThePages(t *testing.T) {
	w := smallWorld(t)
	director, device := w.browsers["director"], w.browsers["device"]
	href := "/manage/tree/" + string(w.A.Branch) + "/duty"
	lead, desk := w.A.Login(t, people.InCharge), w.A.Login(t, people.Desk)

	form := director.gets(200, href)
	has(t, "the form", problemsOf(form), "Nobody is now.", "Person in charge")
	hasNot(t, "the form", problemsOf(form), "Person desk")
	has(t, "nothing chosen", director.posts(422, href, "until", "six").Body.String(), `value="six"`, "Choose who is in charge.", "Write hours and minutes")
	has(t, "somebody who may not", problemsOf(director.posts(422, href, "person", string(desk.Person))), "Choose somebody who may be in charge")
	hasNot(t, "the desk", problemsOf(device.gets(200, "/desk")), "Person in charge")

	// Half an hour ago on the clock is tomorrow, where the branch is.
	zone := zoneOf("America/New_York")
	until := w.Clock.Now().In(zone).Add(-30 * time.Minute)
	director.posts(303, href, "person", string(lead.Person), "until", until.Format("15:04"))
	whole := director.gets(200, "/manage/tree").Body.String()
	tomorrow := until.AddDate(0, 0, 1)
	has(t, "the tree", problemsOf(director.gets(200, "/manage/tree")), "Person in charge is in charge now", "Until "+tomorrow.Format(dayForm)+", "+tomorrow.Format("15:04"))
	hasNot(t, "the tree", whole, "Nobody is in charge")
	has(t, "the desk", problemsOf(device.gets(200, "/desk")), "Person in charge")
	has(t, "the form", problemsOf(director.gets(200, href)), "Whoever you choose takes over at once.")

	duty := sends(t, whole, "duty")
	device.posts(403, "/manage/tree/duty/end", "duty", duty)
	director.posts(303, "/manage/tree/duty/end", "duty", duty)
	has(t, "the tree afterwards", problemsOf(director.gets(200, "/manage/tree")), "Nobody is in charge at Main now.")
	w.Clock.Move(time.Minute)
	director.posts(410, "/manage/tree/duty/end", "duty", duty)
}

func TestNextTime(t *testing.T) {
	zone := zoneOf("America/New_York")
	now := time.Date(2026, time.October, 31, 22, 0, 0, 0, zone) // the clocks are turned back in the night
	for typed, want := range map[string]string{
		"23:30": "2026-10-31T23:30:00-04:00", "23:30:15": "2026-10-31T23:30:00-04:00", "22:00": "2026-11-01T22:00:00-05:00", "06:00": "2026-11-01T06:00:00-05:00",
		"": "", "six": "", "24:00": "", "6 pm": "", "-1:00": "",
	} {
		got, ok := nextTime(typed, now)
		text := got.Format(time.RFC3339)
		if !ok {
			text = ""
		}
		if text != want {
			t.Errorf("nextTime(%q) = %q, want %q", typed, text, want)
		}
	}
}

func TestLibrariesThroughThePages(t *testing.T) {
	w := smallWorld(t)
	director := w.browsers["director"]
	admin := w.browser()
	admin.cookies["__Host-roundtable"] = w.A.Login(t, people.Admin).Token
	admin.gets(403, "/manage/libraries")
	admin.posts(403, "/manage/libraries/new")
	has(t, "the overview", problemsOf(director.gets(200, "/manage")), "Libraries", "Signing in elsewhere", "Recovery papers")
	hasNot(t, "the overview of an admin of the library alone", problemsOf(admin.gets(200, "/manage")), "Libraries", "Recovery papers")
	has(t, "the libraries", problemsOf(director.gets(200, "/manage/libraries")), "Elm Street Library Yours")

	wrong := director.posts(422, "/manage/libraries/new", "name", "Elm Street Library", "branch_name", "Valley", "director_name", "Bo Birch", "director_initials", "BB")
	has(t, "a wrong library", wrong.Body.String(), `value="Valley"`, `value="Bo Birch"`, "Choose the state or territory.", "Choose a time zone.", "f-admin_name-problem")
	if n := strings.Count(wrong.Body.String(), "Choose a time zone."); n != 2 {
		t.Errorf("the missing time zone is told %d times, want in the summary and beside the field", n)
	}
	fields := []string{
		"name", "Birch Valley Library", "state", "Oregon", "zone", "America/Los_Angeles", "branch_name", "Valley", "branch_prefix", "8",
		"director_name", "Bo Birch", "director_initials", "BB", "director_mail", "bo@birch.example", "admin_name", "Ash Alder", "admin_initials", "AA", "admin_mail", "ash@birch.example",
	}
	made := director.posts(200, "/manage/libraries/new", fields...)
	has(t, "the slips", problemsOf(made), "For Bo Birch", "For Ash Alder", "Your way in to Roundtable at Birch Valley Library.")
	has(t, "the libraries", problemsOf(director.gets(200, "/manage/libraries")), "Birch Valley Library")
	w.Clock.Move(time.Minute)
	director.posts(422, "/manage/libraries/new", fields...) // there is one of this name

	library := sends(t, director.gets(200, "/manage/libraries").Body.String(), "library")
	director.posts(404, "/manage/libraries/invite", "library", someID(t, 5))
	has(t, "the question", problemsOf(director.posts(200, "/manage/libraries/invite", "library", library)), "New first invitations for Birch Valley Library?")
	again := director.posts(200, "/manage/libraries/invite", "library", library, "sure", "yes")
	w.browser().gets(410, invitationIn(t, made))
	slip := regexp.MustCompile(`(?s)<h2>For Bo Birch</h2>.*?(/invite/[A-Z0-9-]+)`).FindStringSubmatch(again.Body.String())
	if slip == nil {
		t.Fatalf("there is no new slip for the director: %s", problemsOf(again))
	}
	bo := w.accept(slip[1])
	has(t, "the new library's director", problemsOf(bo.gets(200, "/desk")), "Birch Valley Library", "Valley")
	bo.gets(403, "/manage/libraries")
	w.Clock.Move(time.Minute)
	director.posts(410, "/manage/libraries/invite", "library", library, "sure", "yes")
}

func TestSwitchThroughThePages(t *testing.T) {
	w := smallWorld(t)
	director := w.browsers["director"]
	hasNot(t, "/me of somebody with one place", problemsOf(director.gets(200, "/me")), "Where you work now")
	director.posts(422, "/me/place", "place", string(w.A.ID)+"/"+someID(t, 6))
	director.posts(303, "/manage/branches/new", "name", "Harbor", "zone", "America/Chicago")
	me := director.gets(200, "/me").Body.String()
	harbor := regexp.MustCompile(`<option value="([^"]+)">Harbor</option>`).FindStringSubmatch(me)
	if harbor == nil || !strings.Contains(me, `" selected>Main</option>`) {
		t.Fatalf("/me does not offer the other branch: %s", tags.ReplaceAllString(me, " "))
	}
	director.posts(303, "/me/place", "place", harbor[1])
	has(t, "the page afterwards", director.gets(200, "/me").Body.String(), `" selected>Harbor</option>`, "<title>You – Harbor – Roundtable</title>")
	has(t, "a place that is not there", problemsOf(director.posts(422, "/me/place", "place", "nowhere")), "Choose one of the places where you have a role.")

	// Somebody of one branch has no other, and none of another library.
	form := app.InvitationForm{Person: app.PersonForm{Name: "Ivy Inn", Initials: "IV", Mail: "ivy@elm.example"}, Role: app.RoleForm{Role: people.Desk, Branch: w.A.Branch}, How: app.OnSlip}
	made, err := w.InvitePerson(t.Context(), w.A.As(t, people.Director), w.A.ID, form)
	if err != nil {
		t.Fatal(err)
	}
	ivy := w.accept("/invite/" + made.Secret)
	hasNot(t, "/me of one branch", problemsOf(ivy.gets(200, "/me")), "Where you work now", "Work somewhere else")
	ivy.posts(422, "/me/place", "place", harbor[1])
	w.browsers["device"].posts(403, "/me/place", "place", harbor[1])
}

// TestSwitchLibraryThroughThePages: somebody of two libraries goes from one to the
// other and back, and each shows its own.
func TestSwitchLibraryThroughThePages(t *testing.T) {
	w := newWorld(t, apptest.Two(t, storetest.SQLite(t)))
	form := app.InvitationForm{Person: app.PersonForm{Name: "Dana Dorsey", Initials: "DD"}, Role: app.RoleForm{Role: people.InCharge}, How: app.OnSlip}
	made, err := w.InvitePerson(t.Context(), w.B.As(t, people.Director), w.B.ID, form)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.JoinInvitation(t.Context(), w.A.As(t, people.Director), w.Place(), made.Secret); err != nil {
		t.Fatal(err)
	}
	dana := w.browser()
	dana.cookies["__Host-roundtable"] = w.A.Login(t, people.Director).Token
	has(t, "/me", problemsOf(dana.gets(200, "/me")), "Where you work now", "Birch Valley Library, Valley", "Elm Street Library, Main", "Work somewhere else")
	dana.posts(303, "/me/place", "place", string(w.B.ID)+"/"+string(w.B.Branch))
	has(t, "the desk there", problemsOf(dana.gets(200, "/desk")), "Birch Valley Library", "Valley", "In charge")
	dana.gets(403, "/manage/settings")
	dana.gets(200, "/manage/libraries") // the installation is the same from everywhere
	w.Clock.Move(time.Minute)
	dana.posts(303, "/me/place", "place", string(w.A.ID)+"/"+string(w.A.Branch))
	has(t, "the desk here", problemsOf(dana.gets(200, "/desk")), "Elm Street Library", "Main", "Director")
	dana.gets(200, "/manage/settings")

	other := w.browser()
	other.cookies["__Host-roundtable"] = w.A.Login(t, people.Desk).Token
	other.posts(422, "/me/place", "place", string(w.B.ID)+"/"+string(w.B.Branch))
}

func TestRecoveryPapersThroughThePages(t *testing.T) {
	w := smallWorld(t)
	director := w.browsers["director"]
	admin := w.browser()
	admin.cookies["__Host-roundtable"] = w.A.Login(t, people.Admin).Token
	admin.gets(403, "/manage/recovery")
	has(t, "the page", problemsOf(director.gets(200, "/manage/recovery")), "The old papers stop working at once.")
	has(t, "not sure", problemsOf(director.posts(422, "/manage/recovery")), "Tick this when you are ready to print.")
	told := "New recovery shares were printed."
	hasNot(t, "the desk before", problemsOf(director.gets(200, "/desk")), told)

	first := director.posts(200, "/manage/recovery", "sure", "yes")
	has(t, "the papers", problemsOf(first), "Recovery paper 1 of 3", "Recovery paper 3 of 3", "25 November 2026")
	if n := strings.Count(first.Body.String(), `class="qr"`); n != 3 {
		t.Errorf("the papers have %d codes, want 3", n)
	}
	words := regexp.MustCompile(`(?s)<ol class="words-list">(.*?)</ol>`)
	w.Clock.Move(time.Second)
	if again := director.posts(200, "/manage/recovery", "sure", "yes"); words.FindString(again.Body.String()) != words.FindString(first.Body.String()) {
		t.Error("a double press makes other papers: those that were printed first are worth nothing")
	}
	w.Clock.Move(time.Minute)
	if later := director.posts(200, "/manage/recovery", "sure", "yes"); words.FindString(later.Body.String()) == words.FindString(first.Body.String()) {
		t.Error("a later press shows the papers again, which are shown once")
	}
	hasNot(t, "the page afterwards", director.gets(200, "/manage/recovery").Body.String(), "words-list")
	for _, place := range []string{"/desk", "/manage"} {
		has(t, place+" of the director", problemsOf(director.gets(200, place)), told)
		has(t, place+" of the admin", problemsOf(admin.gets(200, place)), told)
		hasNot(t, place+" of a device", problemsOf(w.browsers["device"].get(place)), told)
	}
	w.Clock.Move(time.Minute)
	desk := w.browser()
	desk.cookies["__Host-roundtable"] = w.A.Login(t, people.Desk).Token
	hasNot(t, "the desk of somebody else", problemsOf(desk.gets(200, "/desk")), told)
}
