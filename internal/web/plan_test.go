package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store/storetest"
)

// alertWorld is a small world whose server has channels.
func alertWorld(t *testing.T) *world {
	t.Helper()
	of := apptest.New(t, storetest.SQLite(t))
	of.Senders = map[notify.Channel]notify.Sender{notify.Mail: apptest.NewSender(), notify.SMS: apptest.NewSender(), notify.Push: apptest.NewSender()}
	of.App = of.Process(t, of.Key)
	w := newWorld(t, of)
	for _, role := range []people.Role{people.Director, people.InCharge, people.Counsel, people.SafetyLead, people.Desk} {
		login := w.A.Login(t, role)
		b := w.browser()
		b.cookies["__Host-roundtable"] = login.Token
		w.browsers[string(role)], w.persons[string(role)] = b, string(login.Person)
		w.Clock.Move(time.Minute)
	}
	_, token := w.A.Device(t, w.A.Branch)
	w.browsers["device"] = w.browser()
	w.browsers["device"].cookies["__Host-roundtable-device"] = token
	return w
}

// TestDutyPlanThroughThePages walks through the forms of the plan without script.
func TestDutyPlanThroughThePages(t *testing.T) {
	w := alertWorld(t)
	director, desk, device := w.browsers["director"], w.browsers["desk"], w.browsers["device"]
	branch := string(w.A.Branch)
	tree := problemsOf(director.gets(200, "/manage/tree"))
	has(t, "a tree without a plan", tree, "Nothing is written for the director, so Dana Dorsey is told day and night.", "If nobody reads it in 3 minutes, it is sent again.", "A drill is due.", "staffed day and night")
	hasNot(t, "a tree without a plan", tree, "to mend", "cannot be reached")
	hasNot(t, "the overview", problemsOf(director.gets(200, "/manage")), "to mend")

	whole := director.posts(422, "/manage/tree/shifts", "role", "director", "sun", "yes", "from", "nine", "to", "17:00", "first", "soon", "order", "2").Body.String()
	has(t, "a wrong shift", whole, `value="nine"`, `value="17:00"`, `value="soon"`, `name="sun" value="yes" checked`, `<option value="director" selected>`, `<option value="2" selected>`,
		"Choose a person.", "Write the time like 09:30.", "Write the date as year, month, day")
	director.posts(422, "/manage/tree/shifts", "person", w.persons["desk"], "role", "director", "mon", "yes", "from", "09:00", "to", "17:00")
	director.posts(404, "/manage/tree/shifts", "person", w.persons["director"], "role", "director", "branch", someID(t, 4), "mon", "yes", "from", "09:00", "to", "17:00")
	desk.posts(403, "/manage/tree/shifts", "person", w.persons["director"], "role", "director", "mon", "yes", "from", "09:00", "to", "17:00")
	shift := []string{"person", w.persons["director"], "role", "director", "mon", "yes", "tue", "yes", "wed", "yes", "thu", "yes", "fri", "yes", "from", "9:00", "to", "17:00:00"}
	director.posts(303, "/manage/tree/shifts", shift...)
	w.Clock.Move(time.Minute)
	director.posts(409, "/manage/tree/shifts", shift...)

	has(t, "no hours", problemsOf(director.posts(422, "/manage/tree/hours", "branch", branch)), "Choose at least one day.", "Write the time like 17:00.")
	director.posts(303, "/manage/tree/hours", "branch", branch, "mon", "yes", "tue", "yes", "wed", "yes", "thu", "yes", "fri", "yes", "from", "09:00", "to", "17:00")
	director.posts(303, "/manage/tree/hours", "branch", branch, "sun", "yes", "from", "13:00", "to", "17:00")

	tree = problemsOf(director.gets(200, "/manage/tree"))
	gap := "On Sundays from 1:00 PM to 5:00 PM, the director cannot be reached"
	has(t, "the tree", tree, "1 thing to mend", gap, "Dana Dorsey , Director Monday to Friday, 9:00 AM to 5:00 PM", "Sunday, 1:00 PM to 5:00 PM")
	has(t, "the overview", problemsOf(director.gets(200, "/manage")), gap, "1 to mend: somebody cannot be reached")
	hasNot(t, "the desk's overview", problemsOf(desk.gets(200, "/manage")), gap)

	has(t, "a wrong holiday", problemsOf(director.posts(422, "/manage/tree/holidays", "how", "weekday", "month", "11")), "Choose which one.", "Choose a day of the week.")
	director.posts(422, "/manage/tree/holidays", "how", "never")
	director.posts(422, "/manage/tree/holidays", "how", "yearly", "month", "2", "day", "30")
	director.posts(303, "/manage/tree/holidays", "how", "weekday", "month", "11", "nth", "4", "weekday", "4", "name", "Thanksgiving", "date", "nonsense")
	director.posts(303, "/manage/tree/holidays", "how", "once", "date", "2026-12-24")
	has(t, "holidays", problemsOf(director.gets(200, "/manage/tree")), "Thanksgiving Fourth Thursday in November, every year", "Holiday 24 December 2026")

	has(t, "a wrong time away", director.posts(422, "/manage/tree/away", "from_day", "2026-11-30", "from", "noon", "until_day", "2026-11-01").Body.String(), `value="noon"`, "Write the time like 09:30.")
	has(t, "an end in the past", problemsOf(director.posts(422, "/manage/tree/away", "from_day", "2026-10-30", "until_day", "2026-11-01")), "Choose an end that is still to come")
	director.posts(303, "/manage/tree/away", "from_day", "2026-11-30", "until_day", "2026-11-30")
	desk.posts(303, "/manage/tree/away", "from_day", "2026-11-30", "from", "09:00", "until_day", "2026-11-30", "until", "12:00")
	director.posts(303, "/manage/tree/away", "person", w.persons["counsel"], "from_day", "2026-12-01", "until_day", "2026-12-02")
	tree = problemsOf(director.gets(200, "/manage/tree"))
	has(t, "who is away", tree, "You From Monday 30 November 2026, 12:00 AM until Tuesday 1 December 2026, 12:00 AM", "On November 30, 2026, from 9:00 AM to 5:00 PM, the director cannot be reached.", "Person counsel From Tuesday 1 December")
	has(t, "the desk's own page", problemsOf(desk.gets(200, "/manage/tree/away")), "When you are away", "9:00 AM")

	// Taking away asks once more.
	all := director.gets(200, "/manage/tree").Body.String()
	for _, kind := range []string{"shift:", "hours:", "holiday:", "away:"} {
		found := regexp.MustCompile(`name="item" value="(` + kind + `[^"]+)"`).FindStringSubmatch(all)
		if found == nil {
			t.Fatalf("the page has no button to take away a %s", kind)
		}
		page := problemsOf(director.posts(200, "/manage/tree/remove", "item", found[1]))
		if !strings.Contains(page, "?") {
			t.Errorf("taking away %s asks nothing: %s", kind, page)
		}
		desk.posts(map[string]int{"away:": 403}[kind]+map[bool]int{true: 403}[kind != "away:"], "/manage/tree/remove", "item", found[1], "sure", "yes")
		director.posts(303, "/manage/tree/remove", "item", found[1], "sure", "yes")
		w.Clock.Move(time.Minute)
		director.posts(410, "/manage/tree/remove", "item", found[1], "sure", "yes")
		director.posts(404, "/manage/tree/remove", "item", found[1])
	}
	director.posts(404, "/manage/tree/remove", "item", "nothing")
	director.posts(404, "/manage/tree/remove", "item", "nothing", "sure", "yes")
	hasNot(t, "the tree without a plan", problemsOf(director.gets(200, "/manage/tree")), gap, "Dana Dorsey , Director Monday")

	// On paper.
	director.posts(303, "/manage/tree/new", "line", "counsel", "number", "9 555 0171")
	paper := problemsOf(device.gets(200, "/manage/tree/print"))
	has(t, "the paper of a device", paper, "Emergency: dial 9 911", "9 555 0171", "Wednesday 25 November 2026", "Tuesday 8 December 2026", "In charge: Person in charge", "Director: Somebody")
	hasNot(t, "the paper of a device", paper, "Dana Dorsey", "Wednesday 9 December")
	has(t, "the director's paper", problemsOf(director.gets(200, "/manage/tree/print")), "Director: Dana Dorsey", "Counsel: Person counsel")
}

func TestLaddersThroughThePages(t *testing.T) {
	w := alertWorld(t)
	director, lead := w.browsers["director"], w.browsers["in_charge"]
	const at = "/manage/tree/ladders/demand/any"
	has(t, "all situations", problemsOf(director.gets(200, "/manage/tree/ladders")), "Demands for records", "As it was at first", "Nothing of its own")
	has(t, "a ladder", director.gets(200, at).Body.String(), `name="role-1"`, `name="minutes-3" type="text" value="10"`, `name="role-5"`, `<option value="push,sms,mail" selected>Browser, then text message, then e-mail</option>`)
	director.gets(404, "/manage/tree/ladders/fire/any")
	director.gets(404, "/manage/tree/ladders/any/soon")
	w.browsers["counsel"].gets(403, at)

	rungs := []string{"pause", "15", "role-1", "", "role-2", "in_charge", "minutes-2", "4", "channels-2", "sms,mail", "repeat-2", "0", "role-4", "director", "minutes-4", "6", "channels-4", "mail", "repeat-4", "2"}
	wrong := append(append([]string{}, rungs...), "minutes-4", "six", "channels-2", "pigeon", "pause", "")
	page := director.posts(422, at, wrong...)
	has(t, "a wrong ladder", page.Body.String(), `id="f-minutes-4" name="minutes-4" type="text" value="six"`, `href="#f-channels-2"`, `href="#f-pause"`, "Minutes 4: Write how many minutes they have")
	has(t, "nobody at all", problemsOf(director.posts(422, at, "pause", "10")), "Choose who is told first")
	has(t, "the same twice", problemsOf(director.posts(422, at, append(append([]string{}, rungs...), "role-4", "in_charge")...)), "Choose somebody else than just before.")
	director.posts(303, at, rungs...)
	tree := problemsOf(director.gets(200, "/manage/tree"))
	has(t, "the tree", tree, "The person in charge is alerted by text message, or if that fails by e-mail. If nobody reads it in 4 minutes, the director is called. That message goes by e-mail.", "Set by your library")
	has(t, "the other one who may", problemsOf(lead.gets(200, at)), "If nobody reads it in 4 minutes, the director is called.")
	item := sends(t, director.gets(200, at).Body.String(), "item")
	has(t, "the question", problemsOf(director.posts(200, "/manage/tree/remove", "item", item)), "Make it as it was at first?", "Demands for records")
	director.posts(303, "/manage/tree/remove", "item", item, "sure", "yes")
	hasNot(t, "the tree afterwards", problemsOf(director.gets(200, "/manage/tree")), "in 4 minutes", "Set by your library")
}

func TestAlertWaysThroughThePages(t *testing.T) {
	w := alertWorld(t)
	director, counsel, device := w.browsers["director"], w.browsers["counsel"], w.browsers["device"]
	has(t, "at first", counsel.gets(200, "/me/alerts").Body.String(), `name="on" value="yes" checked`, w.A.Login(t, people.Counsel).Form.Mail, `data-push="B`, "No browser takes your alerts yet.")
	has(t, "one's own page", counsel.gets(200, "/me").Body.String(), `href="/me/alerts"`)
	if to := device.gets(303, "/me/alerts").Header().Get("Location"); !strings.HasPrefix(to, "/signin") {
		t.Errorf("a device is led to %q, want to sign in", to)
	}
	page := counsel.posts(422, "/me/alerts", "on", "yes", "mail", "at home", "number", "555").Body.String()
	has(t, "wrong addresses", page, `value="at home"`, `value="555"`, "Write an address such as", "Write the number with &#43; and the country first")
	counsel.posts(303, "/me/alerts", "on", "yes", "mail", "me@home.example", "number", "+1 555 010 0199")
	has(t, "saved", counsel.gets(200, "/me/alerts").Body.String(), `value="me@home.example"`, `value="&#43;15550100199"`)
	counsel.posts(303, "/me/alerts")
	page = problemsOf(counsel.gets(200, "/me/alerts"))
	has(t, "nothing", page, "Nothing reaches you now.")
	tree := problemsOf(director.gets(200, "/manage/tree"))
	has(t, "the tree", tree, "the library's lawyer cannot be reached", "Nothing reaches these people, though they are on duty.", "Person counsel")

	// What script sends of a browser.
	body := url.Values{"name": {"My phone"}, "subscription": {`{"endpoint":"https://fcm.googleapis.com/fcm/send/x","expirationTime":null,"keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}}`}}
	json := *counsel
	json.header = counsel.header.Clone()
	json.header.Set("Accept", "application/json")
	if got := json.want(json.send("POST", "/me/alerts/browsers", "application/x-www-form-urlencoded", body.Encode()), 200, "a subscription").Body.String(); !strings.Contains(got, `"location":"/me/alerts"`) {
		t.Errorf("a subscription is answered with %s", got)
	}
	has(t, "without a name", json.posts(422, "/me/alerts/browsers", "subscription", body.Get("subscription")).Body.String(), `"message":`)
	has(t, "no subscription", json.posts(403, "/me/alerts/browsers", "name", "x", "subscription", "{}").Body.String(), "gave no address")
	whole := counsel.gets(200, "/me/alerts").Body.String()
	has(t, "with a browser", whole, "My phone")
	id := sends(t, whole, "browser")
	counsel.posts(303, "/me/alerts/browsers/remove", "browser", id)
	w.Clock.Move(time.Minute)
	counsel.posts(410, "/me/alerts/browsers/remove", "browser", id)

	// A drill, a test call, and where a push leads.
	if to := counsel.gets(303, "/alert").Header().Get("Location"); to != "/desk" {
		t.Errorf("without an alert a push leads to %q, want the desk", to)
	}
	branch := "/manage/tree/" + string(w.A.Branch)
	counsel.posts(403, branch+"/drill")
	director.posts(422, branch+"/test", "role", "auditor")
	test := director.posts(303, branch+"/test", "role", "director").Header().Get("Location")
	drill := director.posts(303, branch+"/drill").Header().Get("Location")
	if !strings.HasPrefix(test, "/alert/") || !strings.HasPrefix(drill, "/alert/") || test == drill {
		t.Errorf("a test call leads to %q and a drill to %q", test, drill)
	}
	if err := w.WorkOnce(t.Context()); err != nil { // the messages are ordered
		t.Fatal(err)
	}
	director.gets(200, drill)
	if to := director.gets(303, "/alert").Header().Get("Location"); to != test {
		t.Errorf("a push leads the director to %q, want the test call %q", to, test)
	}
	if to := w.browsers["in_charge"].gets(303, "/alert").Header().Get("Location"); to != drill {
		t.Errorf("a push leads whoever is in charge to %q, want the drill %q", to, drill)
	}
	has(t, "the tree", problemsOf(director.gets(200, "/manage/tree")), "The last drill was on Wednesday 25 November 2026")
}

func TestNoWayToAlert(t *testing.T) {
	w := smallWorld(t)
	has(t, "the tree of a server without channels", problemsOf(w.browsers["director"].gets(200, "/manage/tree")), "This server sends no alerts.")
	has(t, "its overview", problemsOf(w.browsers["director"].gets(200, "/manage")), "1 to mend")
	has(t, "one's own page", problemsOf(w.browsers["director"].gets(200, "/me/alerts")), "This server sends no e-mail yet.", "does not send alerts to browsers", "Nothing reaches you now.")
}

func TestPlanWords(t *testing.T) {
	on := notify.On
	for _, test := range []struct {
		days notify.Days
		want string
	}{
		{0, ""}, {notify.EveryDay, "Every day and holidays"}, {notify.EveryDay &^ notify.Holidays, "Every day"}, {notify.Holidays, "Holidays"},
		{on(1, 2, 3, 4, 5), "Monday to Friday"}, {on(1, 2, 3, 4, 5) | notify.Holidays, "Monday to Friday and holidays"}, {on(6, 0), "Saturday and Sunday"},
		{on(1, 3, 5), "Monday, Wednesday and Friday"}, {on(1, 2, 4, 5, 6, 0), "Monday, Tuesday and Thursday to Sunday"},
	} {
		if got := daysWords(test.days); got != test.want {
			t.Errorf("daysWords(%08b) = %q, want %q", test.days, got, test.want)
		}
	}
	for _, test := range []struct{ from, to, want string }{
		{"09:00", "17:00", "Monday, 9:00 AM to 5:00 PM"}, {"22:00", "06:00", "Monday, 10:00 PM to 6:00 AM the next day"}, {"00:00", "00:00", "Monday, day and night"}, {"18:00", "00:00", "Monday, 6:00 PM to midnight"},
	} {
		h := notify.Hours{Days: on(1)}
		h.From, _ = clockOf(test.from)
		h.To, _ = clockOf(test.to)
		if got := hoursWords(h); got != test.want {
			t.Errorf("hoursWords(%s, %s) = %q, want %q", test.from, test.to, got, test.want)
		}
	}
	if n := len(channelOptions()); n != 15 {
		t.Errorf("%d orders of channels, want 15", n)
	}
}
