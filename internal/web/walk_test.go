package web

import (
	"fmt"
	"html"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
)

// walkPage is the one form of a walk's page, read as a browser without script reads it.
type walkPage struct {
	t       *testing.T
	b       *client
	address string // of the page
	action  string
	fields  url.Values
	buttons []pressable
	body    string
}

// pressable is a submit button of the form.
type pressable struct{ action, name, value, words string }

var (
	walkForm    = regexp.MustCompile(`(?s)<form class="step-page"[^>]*action="([^"]+)"[^>]*>(.*?)</form>`)
	anyInput    = regexp.MustCompile(`(?s)<(input)([^>]*)>()|<(textarea)([^>]*)>(.*?)</textarea>|<(select)([^>]*)>(.*?)</select>`)
	anyButton   = regexp.MustCompile(`(?s)<button([^>]*)>(.*?)</button>`)
	anAttribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	anOption    = regexp.MustCompile(`<option value="([^"]*)" selected`)
)

func attributes(text string) map[string]string {
	m := map[string]string{}
	for _, found := range anAttribute.FindAllStringSubmatch(text, -1) {
		m[found[1]] = html.UnescapeString(found[2])
	}
	return m
}

// readForm reads the form of an answer.
func readForm(t *testing.T, b *client, address string, answer *httptest.ResponseRecorder) *walkPage {
	t.Helper()
	body := answer.Body.String()
	found := walkForm.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("GET %s has no form of a walk: %s", address, problemsOf(answer))
	}
	f := &walkPage{t: t, b: b, address: address, action: found[1], fields: url.Values{}, body: body}
	for _, in := range anyInput.FindAllStringSubmatch(found[2], -1) {
		in = []string{in[0], in[1] + in[4] + in[7], in[2] + in[5] + in[8], in[3] + in[6] + in[9]}
		a := attributes(in[2])
		value := a["value"]
		switch {
		case in[1] == "textarea":
			value = html.UnescapeString(in[3])
		case in[1] == "select":
			value = ""
			if option := anOption.FindStringSubmatch(in[0]); option != nil {
				value = html.UnescapeString(option[1])
			}
		case a["type"] == "radio" && !strings.Contains(in[2], " checked"):
			continue
		}
		f.fields.Add(a["name"], value)
	}
	for _, found := range anyButton.FindAllStringSubmatch(found[2], -1) {
		a := attributes(found[1])
		if a["type"] != "submit" {
			continue
		}
		action := a["formaction"]
		if action == "" {
			action = f.action
		}
		words := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(found[2], " "))), " ")
		f.buttons = append(f.buttons, pressable{action, a["name"], a["value"], words})
	}
	return f
}

// open follows redirects to a page of a walk and reads its form.
func (b *client) open(t *testing.T, address string) *walkPage {
	t.Helper()
	for range 5 {
		address, _, _ = strings.Cut(address, "#")
		answer := b.get(address)
		if answer.Code == 200 {
			return readForm(t, b, address, answer)
		}
		b.want(answer, 303, "GET "+address)
		address = answer.Header().Get("Location")
	}
	t.Fatalf("%s leads round and round", address)
	return nil
}

// to lists the buttons that post to an ending, as "choose".
func (f *walkPage) to(ending string) (list []pressable) {
	for _, b := range f.buttons {
		if strings.HasSuffix(b.action, "/"+ending) {
			list = append(list, b)
		}
	}
	return list
}

// press sends the form by a button.
func (f *walkPage) press(b pressable) *httptest.ResponseRecorder {
	f.t.Helper()
	values := url.Values{}
	for name, list := range f.fields {
		values[name] = slices.Clone(list)
	}
	if b.name != "" {
		values.Set(b.name, b.value)
	}
	f.b.w.Clock.Move(20 * time.Second) // a press of its own, not the same one sent twice
	return f.b.send("POST", b.action, "application/x-www-form-urlencoded", values.Encode())
}

// on presses a button and opens where it leads.
func (f *walkPage) on(b pressable) *walkPage {
	f.t.Helper()
	answer := f.b.want(f.press(b), 303, "POST "+b.action+" ("+b.words+")")
	return f.b.open(f.t, answer.Header().Get("Location"))
}

// record tells a walk's events in short, for comparison with what was pressed.
func (w *world) record(t *testing.T, who app.Who, id string) (list []string) {
	t.Helper()
	of, err := w.App.ReadCase(t.Context(), who, mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range of.Walk.Entries() {
		list = append(list, tellEvent(e))
	}
	return list
}

func tellEvent(e walk.Entry) string {
	late := ""
	if e.Late {
		late = " late"
	}
	switch e.Kind {
	case walk.Chose:
		return fmt.Sprintf("chose %d at %d%s", e.Choice, e.Step, late)
	case walk.WentBack:
		return fmt.Sprintf("back to %d%s", e.Step, late)
	case walk.Ticked, walk.Said:
		return fmt.Sprintf("%s %d at %d undone %t", e.Kind, e.Item, e.Step, e.Undone)
	case walk.Recorded:
		return fmt.Sprintf("wrote %s=%q at %d", e.Field, e.Value, e.Step)
	case walk.Called:
		return fmt.Sprintf("called %s: %s", e.Role, e.Result)
	case walk.Noted:
		return fmt.Sprintf("noted %q", e.Text)
	}
	return string(e.Kind) + late
}

// reader is somebody who reads every case: its class decides who that is.
func (w *world) reader(t *testing.T, playbook string) app.Who {
	if playbook == "suspected-abuse" {
		return w.A.As(t, people.SafetyLead)
	}
	return w.A.As(t, people.Director)
}

// TestEverySituationWithoutScript walks all seven situations to their end from the
// desk, with forms alone: things are ticked, said, written, called and noted on the
// way, and the record has exactly what was pressed, in order.
func TestEverySituationWithoutScript(t *testing.T) {
	w := fullWorld(t)
	desk := w.browsers["device"]
	dice := rand.New(rand.NewPCG(7, 7))
	page := desk.gets(200, "/desk").Body.String()
	event := regexp.MustCompile(`name="event" value="([^"]+)"`).FindStringSubmatch(page)
	var playbooks []string
	for _, m := range regexp.MustCompile(`name="playbook" value="([^"]+)" data-key="(\d)"`).FindAllStringSubmatch(page, -1) {
		playbooks = append(playbooks, m[1])
	}
	if len(playbooks) != 7 || event == nil {
		t.Fatalf("the desk offers %v, want seven situations", playbooks)
	}
	pressedKinds := map[string]int{}
	for _, playbook := range playbooks {
		w.Clock.Move(time.Minute)
		answer := desk.posts(303, "/desk/start", "playbook", playbook, "event", event[1])
		id := strings.Split(answer.Header().Get("Location"), "/")[2]
		f := desk.open(t, answer.Header().Get("Location"))
		want := []string{"started"}
		for steps := 0; !strings.HasSuffix(f.address, "/end"); steps++ {
			if steps > 120 {
				t.Fatalf("%s: no end after %d steps", playbook, steps)
			}
			at := f.fields.Get("step")
			n := 0
			fmt.Sscan(at, &n)
			f = pressAround(f, n-1, steps, &want, pressedKinds)
			ways := f.to("choose")
			if len(ways) == 0 {
				t.Fatalf("%s step %s has no way on", playbook, at)
			}
			way := ways[dice.IntN(len(ways))]
			f = f.on(way)
			want = append(want, fmt.Sprintf("chose %s at %d", way.value, n-1))
		}
		if !strings.Contains(f.body, "You can stop now.") {
			t.Errorf("%s: the end does not say that one can stop", playbook)
		}
		finish := f.to("end")[len(f.to("end"))-1] // the other one opens the next guide
		f.fields.Set("initials", "RA")
		reader := w.A.As(t, people.Director)
		if f.fields.Has("keep") { // suspected abuse, from the start or found on the way
			f.fields.Set("keep", "yes")
			reader = w.A.As(t, people.SafetyLead)
		}
		done := f.press(finish)
		desk.want(done, 303, "POST end")
		if to := done.Header().Get("Location"); to != "/i/"+id+"/who?done=end" {
			t.Errorf("%s: finishing leads to %s", playbook, to)
		}
		desk.gets(200, done.Header().Get("Location"))
		want = append(want, "ended")
		if diff := cmp.Diff(want, w.record(t, reader, id)); diff != "" {
			t.Errorf("%s: the record is not what was pressed (-want +got):\n%s", playbook, diff)
		}
		if code := desk.get("/i/" + id + "/step/1").Code; code == 200 {
			t.Errorf("%s: the desk still shows the walk", playbook)
		}
	}
	for _, kind := range []string{"tick", "said", "call", "note", "field"} {
		if pressedKinds[kind] == 0 {
			t.Errorf("on the way nothing was pressed of the kind %q: the test shows less than it says", kind)
		}
	}
}

// pressAround presses something of everything that a step has.
func pressAround(f *walkPage, at, steps int, want *[]string, kinds map[string]int) *walkPage {
	if list := f.to("tick"); len(list) > 0 {
		f = f.on(list[0])
		*want = append(*want, fmt.Sprintf("ticked 0 at %d undone %t", at, strings.HasSuffix(list[0].value, "undo")))
		kinds["tick"]++
	}
	if list := f.to("said"); len(list) > 0 {
		f = f.on(list[0])
		*want = append(*want, fmt.Sprintf("said 0 at %d undone %t", at, strings.HasSuffix(list[0].value, "undo")))
		kinds["said"]++
	}
	if list := f.to("call"); len(list) > 0 {
		f = f.on(list[1])
		role, _, _ := strings.Cut(list[1].value, " ")
		*want = append(*want, "called "+role+": no answer")
		kinds["call"]++
	}
	for _, b := range f.to("field") {
		name := "f." + b.value
		if b.name != "field" || !f.fields.Has(name) || f.fields.Get(name) != "" {
			continue
		}
		value := map[bool]string{true: "19:30", false: "Two people came."}[strings.Contains(f.body, `name="`+name+`" type="time"`)]
		switch {
		case strings.Contains(f.body, `name="`+name+`" type="date"`):
			value = "2026-12-01"
		case strings.Contains(f.body, `<select class="field" id="f-`+b.value+`"`):
			value = "1"
		}
		f.fields.Set(name, value)
		f = f.on(b)
		*want = append(*want, fmt.Sprintf("wrote %s=%q at %d", b.value, value, at))
		kinds["field"]++
	}
	if steps == 1 {
		f.fields.Set("note", "A note with \"signs\" & <marks>.\r\nSecond line.")
		f = f.on(f.to("note")[0])
		*want = append(*want, fmt.Sprintf("noted %q", "A note with \"signs\" & <marks>.\nSecond line."))
		kinds["note"]++
	}
	return f
}

// begin starts a walk at the device and opens its first step.
func (w *world) begin(t *testing.T, playbook string) (*walkPage, string) {
	t.Helper()
	answer := w.browsers["device"].posts(303, "/desk/start", "playbook", playbook)
	to := answer.Header().Get("Location")
	return w.browsers["device"].open(t, to), strings.Split(to, "/")[2]
}

// TestTypedGoesAlong: what was typed is kept by whatever is pressed, once.
func TestTypedGoesAlong(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f.fields.Set("note", "They wait by the door.")
	choice := f.to("choose")[2]
	f.on(choice)
	want := []string{"started", `noted "They wait by the door."`, "chose " + choice.value + " at 0"}
	if diff := cmp.Diff(want, w.record(t, w.reader(t, "officer"), id)); diff != "" {
		t.Errorf("the record (-want +got):\n%s", diff)
	}
}

// TestSamePageTwice: the same page sent twice is one event of each kind, also long
// afterwards; something else pressed on a page that was gone back to is a late move.
func TestSamePageTwice(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f.fields.Set("note", "Once.")
	choices := f.to("choose")
	desk := w.browsers["device"]
	desk.want(f.press(choices[2]), 303, "the first press")
	want := w.record(t, w.reader(t, "officer"), id)
	for range 3 {
		desk.want(f.press(choices[2]), 303, "the same press again")
	}
	if diff := cmp.Diff(want, w.record(t, w.reader(t, "officer"), id)); diff != "" {
		t.Errorf("pressed twice, the record is longer (-want +got):\n%s", diff)
	}
	f.fields.Set("note", "Twice.")
	answer := desk.want(f.press(choices[0]), 409, "another choice from the old page")
	if text := problemsOf(answer); !strings.Contains(text, "That came after the walk had moved on") || !strings.Contains(text, choices[0].words) {
		t.Errorf("the late move is not told: %s", text)
	}
	readForm(t, desk, "late", answer) // it shows where the walk is, to go on from
	want = append(want, `noted "Twice."`, "chose "+choices[0].value+" at 0 late")
	if diff := cmp.Diff(want, w.record(t, w.reader(t, "officer"), id)); diff != "" {
		t.Errorf("a late move is kept and moves nothing (-want +got):\n%s", diff)
	}
}

// TestRefusedKeepsTyped: what cannot be kept is shown again as it was typed, what can
// be is kept, and the walk does not move.
func TestRefusedKeepsTyped(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "minor-records")
	f = w.walkTo(t, f, id, "answer_by")
	before := len(w.record(t, w.reader(t, "minor-records"), id))
	f.fields.Set("f.answer_by", "next <week>")
	f.fields.Set("note", "They left a number.")
	answer := w.browsers["device"].want(f.press(f.to("choose")[0]), 422, "a choice with a date that is none")
	again := readForm(t, w.browsers["device"], "again", answer)
	if again.fields.Get("f.answer_by") != "next <week>" || !strings.Contains(problemsOf(answer), "This is not a date") {
		t.Errorf("what was typed is not shown again with what is wrong: %q\n%s", again.fields.Get("f.answer_by"), problemsOf(answer))
	}
	if again.fields.Get("note") != "" {
		t.Error("the note was kept and is shown again")
	}
	got := w.record(t, w.reader(t, "minor-records"), id)[before:]
	if diff := cmp.Diff([]string{`noted "They left a number."`}, got); diff != "" {
		t.Errorf("the record (-want +got):\n%s", diff)
	}
	long := strings.Repeat("x", maxField+3)
	again.fields.Set("f.answer_by", "2026-12-01")
	again.fields.Set("note", long)
	answer = w.browsers["device"].want(again.press(again.to("choose")[0]), 422, "a note that is too long")
	third := readForm(t, w.browsers["device"], "third", answer)
	if third.fields.Get("note") != long || third.fields.Get("f.answer_by") != "2026-12-01" {
		t.Error("a note that is too long is not shown again, or the date beside it is gone")
	}
}

// walkTo goes the shortest way to a step that has the field.
func (w *world) walkTo(t *testing.T, f *walkPage, id, field string) *walkPage {
	t.Helper()
	of, err := w.App.ReadWalk(t.Context(), w.A.As(t, people.Director), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	program := of.Walk.Plan().Program
	type way struct {
		state   automaton.State
		choices []int
	}
	seen := map[string]bool{}
	for todo := []way{{state: of.Walk.State()}}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		if at.state.Where >= len(program.Steps) || seen[fmt.Sprint(at.state)] {
			continue
		}
		seen[fmt.Sprint(at.state)] = true
		step := &program.Steps[at.state.Where]
		if slices.ContainsFunc(step.Fields, func(f automaton.Field) bool { return f.Name == field }) {
			for _, choice := range at.choices {
				f = f.on(f.way(choice))
			}
			return f
		}
		for i, choice := range program.Open(at.state) {
			c := step.Choices[choice]
			if c.Unsent || c.Raise == automaton.Abuse || step.Swap && i > 0 {
				continue
			}
			send := choice
			if step.Swap {
				send = walk.Onward
			}
			todo = append(todo, way{program.Step(at.state, choice), append(slices.Clone(at.choices), send)})
		}
	}
	t.Fatalf("no way leads to the field %s", field)
	return nil
}

// way is the button of a choice.
func (f *walkPage) way(choice int) pressable {
	f.t.Helper()
	for _, b := range f.to("choose") {
		if b.value == fmt.Sprint(choice) {
			return b
		}
	}
	f.t.Fatalf("%s does not offer choice %d", f.address, choice)
	return pressable{}
}

// TestTwoPages: a page that was open for long does not undo what was written
// elsewhere, and what is typed on it counts.
func TestTwoPages(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f = w.walkTo(t, f, id, "presence")
	old := w.browsers["device"].open(t, f.address)
	f.fields.Set("f.presence", "Two officers by the door.")
	f = f.on(f.to("field")[1])
	if got := f.fields.Get("f.presence"); got != "Two officers by the door." {
		t.Fatalf("the field shows %q after it was saved", got)
	}
	old.fields.Set("note", "From the other page.")
	f = old.on(old.to("note")[0])
	if got := f.fields.Get("f.presence"); got != "Two officers by the door." {
		t.Errorf("the old page changed the field to %q", got)
	}
	f.fields.Set("f.presence", "")
	f = f.on(f.to("field")[1])
	if got := f.fields.Get("f.presence"); got != "" {
		t.Errorf("the emptied field shows %q", got)
	}
}

// TestInventory: rows are added, changed and taken out.
func TestInventory(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f = w.walkTo(t, f, id, "taken_list")
	save := f.to("field")[1]
	for _, item := range []string{"One keyboard", "One book"} {
		f.fields.Set("f.taken_list.new", item)
		f = f.on(save)
	}
	rows := func() (list []string) {
		for name, values := range f.fields {
			if strings.HasPrefix(name, "f.taken_list.") && values[0] != "" {
				list = append(list, values[0])
			}
		}
		slices.Sort(list)
		return list
	}
	if diff := cmp.Diff([]string{"One book", "One keyboard"}, rows()); diff != "" {
		t.Fatalf("rows (-want +got):\n%s", diff)
	}
	for name, values := range f.fields {
		if strings.HasPrefix(name, "f.taken_list.") && values[0] == "One book" {
			f.fields.Set(name, "")
		}
	}
	f = f.on(save)
	if diff := cmp.Diff([]string{"One keyboard"}, rows()); diff != "" {
		t.Errorf("rows after one was emptied (-want +got):\n%s", diff)
	}
}

// TestLookingChangesNothing: GET on every page of a walk leaves the record as it is.
func TestLookingChangesNothing(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f.on(f.to("choose")[0])
	before := w.record(t, w.reader(t, "officer"), id)
	desk := w.browsers["device"]
	for _, at := range []string{"/step/1", "/step/1?lang=es", "/step/2", "/step/100", "/say/1", "/say/1?words=2", "/say/1?lang=es&words=1", "/hand-over", "/who"} {
		answer := desk.gets(200, "/i/"+id+at)
		if got := answer.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("GET %s: Cache-Control = %q, want no-store", at, got)
		}
	}
	desk.gets(303, "/i/"+id)
	desk.gets(303, "/i/"+id+"/end")
	for _, at := range []string{"/step/0", "/step/226", "/step/01", "/step/x", "/say/1?words=9", "/say/x"} {
		desk.gets(404, "/i/"+id+at)
	}
	if diff := cmp.Diff(before, w.record(t, w.reader(t, "officer"), id)); diff != "" {
		t.Errorf("looking changed the record (-want +got):\n%s", diff)
	}
}

// TestAnotherStep: a step at which the walk does not stand is shown to be read only.
func TestAnotherStep(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	f = f.on(f.to("choose")[0])
	answer := w.browsers["device"].gets(200, "/i/"+id+"/step/1")
	body := answer.Body.String()
	if strings.Contains(body, "formaction") || !strings.Contains(body, `<a href="`+f.address+`">Go there</a>`) || !strings.Contains(problemsOf(answer), "The walk is at “") {
		t.Errorf("the first step is not shown to be read only, with where the walk is: %s", problemsOf(answer))
	}
}

// TestFollowersOnlyLook: who follows a walk and has it not in hand can press nothing.
func TestFollowersOnlyLook(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	director := w.browsers["director"]
	answer := director.gets(200, "/i/"+id+"/step/1")
	if strings.Contains(answer.Body.String(), "formaction") {
		t.Errorf("the director can press on a walk of a desk: %s", problemsOf(answer))
	}
	director.gets(200, "/i/"+id)
	director.posts(403, "/i/"+id+"/choose", "choice", "0")
}

// TestHandOverThroughThePages: the code moves the walk to another device.
func TestHandOverThroughThePages(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	if !strings.Contains(f.body, `href="/i/`+id+`/hand-over"`) {
		t.Error("the step offers no handing over")
	}
	answer := desk.posts(200, "/i/"+id+"/hand-over")
	code := regexp.MustCompile(`class="hand-code mt2"><code>([^<]+)<`).FindStringSubmatch(answer.Body.String())
	if code == nil || !strings.Contains(answer.Body.String(), `class="qr"`) {
		t.Fatalf("no code is shown: %s", problemsOf(answer))
	}
	_, token := w.A.Device(t, w.A.Branch)
	phone := w.browser()
	phone.cookies["__Host-roundtable-device"] = token
	answer = phone.posts(422, "/take", "code", "AAAA BBBB")
	if !strings.Contains(answer.Body.String(), `value="AAAA BBBB"`) {
		t.Error("the wrong code is not shown again")
	}
	if body := phone.gets(200, "/take").Body.String(); !strings.Contains(body, "data-from-address") {
		t.Error("the code of the address is not filled in")
	}
	to := phone.posts(303, "/take", "code", code[1]).Header().Get("Location")
	taken := phone.open(t, to)
	if taken.address != f.address {
		t.Errorf("the walk taken is at %s, want %s", taken.address, f.address)
	}
	desk.want(f.press(f.to("choose")[0]), 403, "a press where the walk was")
	taken.on(taken.to("choose")[0])
}

// TestStop: a walk is left where it stands, and who acted can be said afterwards.
func TestStop(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	answer := desk.want(f.press(f.to("stop")[0]), 303, "stop")
	if to := answer.Header().Get("Location"); to != "/i/"+id+"/who?done=left" {
		t.Errorf("stopping leads to %s", to)
	}
	desk.posts(422, "/i/"+id+"/who", "initials", "not initials at all")
	desk.posts(303, "/i/"+id+"/who", "initials", "RA")
	of, err := w.App.ReadCase(t.Context(), w.reader(t, "officer"), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"RA"}, of.Acted); diff != "" {
		t.Errorf("who acted (-want +got):\n%s", diff)
	}
	if outcome, ok := of.Walk.Outcome(); !ok || outcome != walk.Left {
		t.Errorf("Outcome() = %d, %t, want left", outcome, ok)
	}
}

// TestWhoIsAsked: whoever may not know of a case finds no page that asks who acted in
// it, as if there were no such case.
func TestWhoIsAsked(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	desk.gets(200, "/i/"+id+"/who")
	desk.want(f.press(f.to("stop")[0]), 303, "stop")
	desk.gets(200, "/i/"+id+"/who?done=left")
	_, token := w.A.Device(t, w.A.Branch)
	other := w.browser()
	other.cookies["__Host-roundtable-device"] = token
	none, err := people.NewID[string](w.Clock.Now(), seeded(5))
	if err != nil {
		t.Fatal(err)
	}
	missing := problemsOf(desk.gets(404, "/i/"+none+"/who"))
	for name, b := range map[string]*client{"another device": other, "an auditor": w.browsers[string(people.Auditor)]} {
		if got := problemsOf(b.gets(404, "/i/"+id+"/who")); name == "another device" && got != missing {
			t.Errorf("%s is told %q of a case that there is, and %q of one that there is not", name, got, missing)
		}
		b.posts(404, "/i/"+id+"/who", "initials", "RA")
		b.gets(404, "/i/"+none+"/who")
	}
	desk.posts(404, "/i/"+none+"/who", "initials", "RA")
}

func mustCase(t *testing.T, id string) store.CaseID {
	t.Helper()
	parsed, err := people.ParseID[store.CaseID](id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestAbuseIsDestroyed: at the end of such a walk nothing is kept unless somebody
// says so.
func TestAbuseIsDestroyed(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "suspected-abuse")
	dice := rand.New(rand.NewPCG(3, 3))
	for !strings.HasSuffix(f.address, "/end") {
		ways := f.to("choose")
		f = f.on(ways[dice.IntN(len(ways))])
	}
	if f.fields.Get("keep") != "no" {
		t.Errorf("keep = %q before anybody says so, want no", f.fields.Get("keep"))
	}
	answer := f.press(f.to("end")[0])
	if to := answer.Header().Get("Location"); answer.Code != 303 || to != "/desk?done=gone" {
		t.Errorf("finishing = %d to %s", answer.Code, to)
	}
	if got := problemsOf(w.browsers["device"].gets(200, "/desk?done=gone")); !strings.Contains(got, "Nothing of it is kept") {
		t.Errorf("the desk does not say that nothing is kept: %s", got)
	}
	w.Clock.Move(time.Hour)
	if err := w.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.App.ReadCase(t.Context(), w.reader(t, "suspected-abuse"), mustCase(t, id), ""); err == nil {
		t.Error("the case is still there")
	}
}

// TestSpanish: a walk can be read in another language, and goes on in it.
func TestSpanish(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	es := w.browsers["device"].open(t, "/i/"+id+"/step/1?lang=es")
	if !strings.Contains(es.body, `<html lang="es" dir="ltr"`) || !strings.Contains(es.body, "Parar aquí") {
		t.Error("the page is not in Spanish")
	}
	next := es.on(es.to("choose")[0])
	if !strings.Contains(next.address, "?lang=es") || !strings.Contains(next.body, `<html lang="es"`) {
		t.Errorf("going on in Spanish leads to %s", next.address)
	}
	_ = f
}

// TestHandouts: staff print them, and the public finds them by a code that says nothing.
func TestHandouts(t *testing.T) {
	w := fullWorld(t)
	answer := w.browsers["device"].gets(200, "/handout/national_lines")
	code := regexp.MustCompile(`<code>[^<]*/h/([a-z2-7]{8})</code>`).FindStringSubmatch(answer.Body.String())
	if code == nil {
		t.Fatalf("the handout has no short address: %s", problemsOf(answer))
	}
	for _, at := range []string{"/h/" + code[1], "/H/" + strings.ToUpper(code[1])} {
		public := w.browsers["stranger"].gets(200, at)
		if strings.Contains(public.Body.String(), "Roundtable<") || strings.Contains(public.Body.String(), "/signin") || public.Header().Get("Set-Cookie") != "" {
			t.Errorf("GET %s tells what it is, or marks the browser", at)
		}
	}
	w.browsers["stranger"].gets(404, "/h/aaaaaaaa")
	w.browsers["stranger"].gets(303, "/handout/national_lines")
	w.browsers["device"].gets(404, "/handout/none")
}

// TestDeskFinds: the search finds by other words and slips, and starts what it finds.
func TestDeskFinds(t *testing.T) {
	w := fullWorld(t)
	for typed, want := range map[string]string{"cops": "officer", "polcie": "officer", "stinks": "hygiene", "mom": "minor-records", "porn": "browsing"} {
		body := w.browsers["device"].gets(200, "/desk/all?q="+typed).Body.String()
		first := regexp.MustCompile(`name="playbook" value="([^"]+)"`).FindStringSubmatch(body)
		if first == nil || first[1] != want {
			t.Errorf("looking for %q finds %v first, want %s", typed, first, want)
		}
	}
	if strings.Contains(w.Log.String(), "polcie") {
		t.Error("what was looked for stands in the log")
	}
}

// TestStartTwice: a card pressed twice on the same page begins one walk.
func TestStartTwice(t *testing.T) {
	w := fullWorld(t)
	desk := w.browsers["device"]
	event := someID(t, 9)
	var to []string
	for range 2 {
		w.Clock.Move(time.Minute)
		to = append(to, desk.posts(303, "/desk/start", "playbook", "officer", "event", event).Header().Get("Location"))
	}
	if to[0] != to[1] {
		t.Errorf("two presses lead to %s and %s, want one walk", to[0], to[1])
	}
	other := desk.posts(303, "/desk/start", "playbook", "hygiene", "event", event).Header().Get("Location")
	if other == to[0] {
		t.Error("another card on the same page leads to the first one's walk")
	}
	f := desk.open(t, to[0])
	desk.want(f.press(f.to("stop")[0]), 303, "stop")
	if again := desk.posts(303, "/desk/start", "playbook", "officer", "event", event).Header().Get("Location"); again == to[0] {
		t.Error("after the walk was stopped, the card leads back to it")
	}
}
