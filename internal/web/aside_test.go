package web

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
)

// by finds a button by its name and value.
func (f *walkPage) by(t *testing.T, name, value string) pressable {
	t.Helper()
	i := slices.IndexFunc(f.buttons, func(b pressable) bool { return b.name == name && b.value == value })
	if i < 0 {
		t.Fatalf("%s has no button %s=%q", f.address, name, value)
	}
	return f.buttons[i]
}

// phones puts the director and the lawyer on the phone list.
func (w *world) phones(t *testing.T) {
	t.Helper()
	for _, l := range []app.PhoneLineForm{{Line: "director", Label: "Director", Number: "203-555-0102"}, {Line: "counsel", Label: "Library's lawyer", Number: "203-555-0103"}} {
		if _, err := w.App.AddPhoneLine(t.Context(), w.A.As(t, people.Director), w.A.ID, l); err != nil {
			t.Fatal(err)
		}
	}
}

// sights tells what was taken down in a walk, in short.
func sights(w *walk.Walk) (list []string) {
	for _, o := range w.Observations() {
		text := string(o.Sight)
		if o.Text != "" {
			text += ": " + o.Text
		}
		if !o.Back.IsZero() {
			text += " (back)"
		}
		list = append(list, text)
	}
	return list
}

// TestAsideWithoutScript takes down what officers do by forms alone, from a step and
// back to the same one: nothing moves, nothing is lost, nothing is deleted.
func TestAsideWithoutScript(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	director := w.A.As(t, people.Director)
	w.phones(t)
	f.fields.Set("note", "They came by the back door.")
	f = f.on(f.by(t, "aside", "open"))
	if f.address != "/i/"+id+"/aside" {
		t.Fatalf("“They will not wait” leads to %s", f.address)
	}
	for _, words := range []string{"They act now", "I do not consent to anything beyond this paper.", "Never touch, block, hide or warn", "Call the director", "Call the lawyer", "href=\"tel:"} {
		if !strings.Contains(f.body, words) {
			t.Errorf("the recorder does not say %q", words)
		}
	}
	f = f.on(f.by(t, "code", "searching"))
	if !regexp.MustCompile(`id="aside-kept">Kept \d\d:\d\d: They are searching<`).MatchString(f.body) {
		t.Error("it is not said that the tap was kept")
	}
	f = f.on(f.by(t, "many", "3"))
	f = f.on(f.by(t, "code", "objected"))
	if !strings.Contains(f.body, "You said at ") || !strings.Contains(f.body, `id="aside-say" aria-labelledby="aside-say-h" hidden`) {
		t.Error("what was said once is offered again")
	}

	// What was typed goes along with any tap; Enter keeps it alone.
	f.fields.Set("t.they said", "We will <b>not</b> wait.")
	f = f.on(f.by(t, "code", "taking"))
	f.fields.Set("t.took", "The computer by the window, original")
	f = f.on(f.buttons[0])
	if strings.Contains(f.body, "<b>not</b>") || !strings.Contains(f.body, "We will &lt;b&gt;not&lt;/b&gt; wait.") {
		t.Error("what was typed is not shown as text")
	}

	// The last tap is taken back, and stays to be read.
	f = f.on(f.by(t, "undo", string(latest(t, w, id))))
	if !strings.Contains(f.body, `<li class="back">`) || !strings.Contains(f.body, "taken back ") {
		t.Error("what was taken back is not shown")
	}
	want := []string{"searching", "how many: 3", "objected", "they said: We will <b>not</b> wait.", "taking", "took: The computer by the window, original (back)"}
	of, err := w.App.ReadCase(t.Context(), director, mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, sights(of.Walk)); d != "" {
		t.Errorf("what was taken down (-want +got):\n%s", d)
	}
	if at, _ := of.Walk.Step(); at != 0 || of.Class != string(automaton.Demand) {
		t.Errorf("the walk stands at step %d in the class %s; want where it stood, and demand", at+1, of.Class)
	}

	// Back to the same step, with a line that was typed and not kept by itself.
	f.fields.Set("t.badge", "4411")
	f = f.on(f.by(t, "leave", "yes"))
	if f.address != "/i/"+id+"/step/1" {
		t.Errorf("leaving leads to %s, want the same step", f.address)
	}
	record := w.record(t, director, id)
	if got := record[len(record)-1]; got != "observed" || len(record) != 10 {
		t.Errorf("the record has %q, want the badge as its last event and ten in all", record)
	}

	// Others read it in the record, and in the log of the case.
	for _, address := range []string{"/i/" + id + "/log", "/i/" + id + "/live"} {
		shown := problemsOf(w.browsers["director"].gets(200, address))
		for _, words := range []string{"Taken down They are searching", "Taken back What they took: The computer by the window, original"} {
			if !strings.Contains(shown, words) {
				t.Errorf("%s does not tell %q: %s", address, words, shown)
			}
		}
	}
}

func latest(t *testing.T, w *world, id string) walk.EventID {
	t.Helper()
	of, err := w.App.ReadCase(t.Context(), w.A.As(t, people.Director), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	e, _ := of.Walk.Latest()
	return e.ID
}

// TestAsideRefusals: what cannot be kept is asked for again with what was typed; what
// no page of ours sends is refused; nobody else takes anything down.
func TestAsideRefusals(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	at := "/i/" + id + "/aside"
	f := desk.open(t, at)
	f.fields.Set("t.took", strings.Repeat("ä", walk.MaxSight+3))
	answer := desk.want(f.press(f.by(t, "code", "searching")), 422, "a line that is too long")
	if text := problemsOf(answer); !strings.Contains(text, "This is 3 characters too long.") || !strings.Contains(answer.Body.String(), "ääää") {
		t.Errorf("a line that is too long is not shown again: %s", text)
	}
	for name, values := range map[string]url.Values{
		"a code of no list":     {"code": {"hiding"}},
		"a line as a tap":       {"code": {"took"}},
		"how many, and not how": {"many": {"lots"}},
		"two codes":             {"code": {"searching", "taking"}},
		"an id that is none":    {"event": {"x"}, "code": {"searching"}},
	} {
		desk.want(desk.send("POST", at, "application/x-www-form-urlencoded", values.Encode()), 400, name)
	}
	desk.want(desk.send("POST", at, "application/x-www-form-urlencoded", "undo="+someID(t, 9)), 409, "what was never taken down")
	for _, who := range []string{"stranger", "board", "trainer", "director"} {
		b := w.browsers[who]
		if got := b.send("POST", at, "application/x-www-form-urlencoded", "code=searching").Code; got < 300 || got == 303 && who == "director" {
			t.Errorf("%s took something down: %d", who, got)
		}
		if got := b.get(at).Code; got == 200 {
			t.Errorf("%s is shown the recorder", who)
		}
	}
	if got := w.record(t, w.A.As(t, people.Director), id); !slices.Equal(got, []string{"started"}) {
		t.Errorf("the record has %q, want its start alone", got)
	}
	// A playbook in which no officers act has none.
	f, other := w.begin(t, "hygiene")
	if slices.ContainsFunc(f.buttons, func(b pressable) bool { return b.name == "aside" }) {
		t.Error("a step about hygiene offers the recorder")
	}
	desk.gets(404, "/i/"+other+"/aside")
}

// TestAsideSentTwice: the same tap sent twice is one; the same tap from the next page is
// another.
func TestAsideSentTwice(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	f := desk.open(t, "/i/"+id+"/aside")
	tap := f.by(t, "code", "searching")
	for range 2 {
		desk.want(f.press(tap), 303, "a tap")
	}
	f = desk.open(t, "/i/"+id+"/aside")
	desk.want(f.press(tap), 303, "the next tap")
	if got := len(w.record(t, w.A.As(t, people.Director), id)); got != 3 {
		t.Errorf("the record has %d events, want the start and two taps", got)
	}
}

// TestPresenceWithoutScript: one press at the desk begins the log of officers who have
// asked for nothing, and "They left" ends it.
func TestPresenceWithoutScript(t *testing.T) {
	w := fullWorld(t)
	desk := w.browsers["device"]
	shown := desk.gets(200, "/desk").Body.String()
	tiles, quiet := strings.Index(shown, `class="tiles"`), strings.Index(shown, `name="playbook" value="presence"`)
	if tiles < 0 || quiet < tiles || strings.Contains(shown, `value="presence" data-key`) {
		t.Fatal("the desk does not offer the presence log under its cards")
	}
	begin := func() (*walkPage, string) {
		w.Clock.Move(time.Minute)
		to := desk.posts(303, "/desk/start", "playbook", "presence").Header().Get("Location")
		return desk.open(t, to), strings.Split(to, "/")[2]
	}
	f, id := begin()
	if f.address != "/i/"+id+"/aside" || !strings.Contains(f.body, "Officers are here") || strings.Contains(f.body, "consent") {
		t.Fatalf("the presence log begins at %s, or speaks of consent", f.address)
	}
	f = f.on(f.by(t, "code", "standing"))
	f = f.on(f.by(t, "many", "2"))
	f.fields.Set("t.where", "by the entrance")
	f = f.on(f.by(t, "line", "where"))
	f = f.on(f.by(t, "code", "gone"))
	if f.address != "/i/"+id+"/end" || !strings.Contains(f.body, "they left") {
		t.Errorf("“They left” leads to %s, want the end", f.address)
	}
	of, err := w.App.ReadCase(t.Context(), w.A.As(t, people.Director), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"standing", "how many: 2", "where: by the entrance", "gone"}, sights(of.Walk)); d != "" || of.Class != string(automaton.Incident) || len(of.Walk.Alerts()) != 1 {
		t.Errorf("the class is %s with the alerts %v, and what was taken down (-want +got):\n%s", of.Class, of.Walk.Alerts(), d)
	}

	// Once they search it is a demand, and leaving ends nothing: there is more to do.
	f, id = begin()
	f = f.on(f.by(t, "code", "searching"))
	if !strings.Contains(f.body, "They act now") || !strings.Contains(f.body, "I do not consent") {
		t.Error("after a search the recorder still speaks of officers who ask for nothing")
	}
	f = f.on(f.by(t, "code", "gone"))
	if f.address != "/i/"+id+"/aside" {
		t.Errorf("after a search “They left” leads to %s, want to stay", f.address)
	}
	f = f.on(f.by(t, "leave", "yes"))
	if f.address != "/i/"+id+"/step/1" {
		t.Errorf("leaving leads to %s", f.address)
	}
}

// TestAsideInSpanish: the recorder speaks the walk's language, and the record ours.
func TestAsideInSpanish(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	f := desk.open(t, "/i/"+id+"/aside?lang=es")
	f = f.on(f.by(t, "code", "searching"))
	if !strings.HasSuffix(f.address, "/aside?lang=es") || !strings.Contains(f.body, "Están buscando") || !strings.Contains(f.body, "No doy mi consentimiento") {
		t.Errorf("%s does not speak Spanish", f.address)
	}
	f = f.on(f.by(t, "leave", "yes"))
	if f.address != "/i/"+id+"/step/1?lang=es" {
		t.Errorf("leaving leads to %s", f.address)
	}
	for _, s := range walk.Sights {
		for _, lang := range []string{"en", "es"} {
			if words := stepview.SightWords(s, "", lang); len(words) < 4 {
				t.Errorf("SightWords(%s, %s) = %q", s, lang, words)
			}
		}
	}
}
