package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

var update = flag.Bool("update", false, "rewrite testdata/words.txt; read the diff")

// storedEvents is a record with every kind of event.
func storedEvents(t testing.TB) []Event {
	s := begin(t, plan(t), noon, ladder(rung(people.InCharge, 3, 1, Push, SMS), rung(people.Director, 3, 0, SMS)))
	s.fact(Refused, ana)
	s.fact(Delayed, ana)
	s.fact(Sent, ana)
	s.fact(Delivered, ana)
	s.wait(20 * time.Minute)
	s.fact(Failed, cleo)
	s.by(Read, ana)
	s.add(Event{Kind: WalkEnded})
	s.now = s.now.Add(-time.Hour)
	s.ask()
	s.by(TookOver, ana)
	s.by(Answered, ana)
	more := []Event{{Kind: CalledOff, At: s.now}, {Kind: CalledOff, At: s.now, Person: ana}, {Kind: Settled, At: s.now}, {Kind: NobodyIn, At: s.now, Place: Place{1, 1, 0}}}
	return append(s.events, more...)
}

func TestForms(t *testing.T) {
	p := plan(t)
	p.Away = []Away{{ana, on(t, chicago, "2026-11-24 18:00").UTC(), on(t, chicago, "2026-11-24 19:00").UTC()}}
	p.Charges = []Charge{{ana, people.Director, main_, on(t, chicago, "2026-11-24 18:00").UTC(), on(t, chicago, "2026-11-24 19:00").UTC()}}
	p.Shifts[0].First, p.Shifts[0].Order = Date{2026, 1, 2}, 3
	data, err := EncodePlan(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParsePlan(data)
	if err != nil {
		t.Fatalf("ParsePlan(%s): %v", data, err)
	}
	if diff := cmp.Diff(p, back); diff != "" {
		t.Errorf("a plan, written and read (-want +got):\n%s", diff)
	}
	data, err = EncodeRules(Defaults())
	if err != nil {
		t.Fatalf("the ladders of a library that has set nothing: %v %v", err, fault.FieldsOf(err))
	}
	rules, err := ParseRules(data)
	if diff := cmp.Diff(Defaults(), rules); diff != "" || err != nil {
		t.Errorf("ladders, written and read: %v (-want +got):\n%s", err, diff)
	}
	kinds := map[Kind]bool{}
	for _, e := range storedEvents(t) {
		kinds[e.Kind] = true
		data, err := EncodeEvent(e)
		if err != nil {
			t.Fatalf("EncodeEvent(%+v): %v", e, err)
		}
		back, err := ParseEvent(data)
		if diff := cmp.Diff(e, back); diff != "" || err != nil {
			t.Errorf("%s, written and read: %v (-want +got):\n%s", data, err, diff)
		}
	}
	for _, k := range Kinds {
		if !kinds[k] {
			t.Errorf("no event of kind %q was tried", k)
		}
	}
}

// TestFormsAreOne: what is spelt in another way is refused.
func TestFormsAreOne(t *testing.T) {
	good := `{"kind":"walk ended","at":1764000000000}`
	if _, err := ParseEvent([]byte(good)); err != nil {
		t.Fatalf("ParseEvent(%s): %v", good, err)
	}
	for _, bad := range []string{
		"", "null", "{}", "[]", good + " ", " " + good, good + good, strings.Replace(good, "kind", "Kind", 1),
		strings.Replace(good, `,"at"`, `,"at":1,"at"`, 1), strings.Replace(good, "}", `,"note":"a canary"}`, 1),
		strings.Replace(good, "}", `,"person":""}`, 1), strings.Replace(good, "}", `,"person":"p-aaaaaaaaaaaaaaaaaaaa"}`, 1),
		strings.Replace(good, "1764000000000", "1764000000000.5", 1), strings.Replace(good, "1764000000000", "-1", 1),
		strings.Replace(good, "1764000000000", "9e30", 1), strings.Replace(good, "walk ended", "walk\\u0020ended", 1),
		`{"kind":"queued","at":1764000000000,"attempt":"0123","person":"p-aaaaaaaaaaaaaaaaaaaa","channel":"sms"}`,
		`{"kind":"queued","at":1764000000000,"attempt":"00000000000000000000000000000000","person":"p-aaaaaaaaaaaaaaaaaaaa","channel":"fax"}`,
		`{"kind":"climbed","at":1764000000000,"place":{"rung":9}}`, `{"kind":"climbed","at":1764000000000,"place":{"rung":-1}}`,
		strings.Repeat(" ", maxEventBytes) + good,
	} {
		if e, err := ParseEvent([]byte(bad)); err == nil {
			t.Errorf("ParseEvent(%q) = %+v, want an error", bad, e)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error of ParseEvent repeats what it read: %v", err)
		}
	}
	for _, bad := range []string{
		"", "null", "[]", `{"branches":[]}`, `{"shifts":null}`, `{"branches":[{"id":"main","zone":"Mars/Olympus"}]}`,
		`{"branches":[{"id":"main","zone":"UTC","open":[{"days":["tue","mon"],"from":"09:00","to":"17:00"}]}]}`,
		`{"branches":[{"id":"main","zone":"UTC","open":[{"days":["mon"],"from":"9:00","to":"17:00"}]}]}`,
	} {
		if p, err := ParsePlan([]byte(bad)); err == nil {
			t.Errorf("ParsePlan(%q) = %+v, want an error", bad, p)
		}
	}
	for _, bad := range []string{
		"", `{"ladders":[]}`, `{"ladders":[{"rungs":[],"pause":10}]}`, `{"ladders":[{"rungs":[{"role":"director","minutes":99999999999,"channels":["sms"]}],"pause":10}]}`,
		`{"ladders":[{"class":"abuse","rungs":[{"role":"desk","minutes":3,"channels":["sms"]}],"pause":10}]}`,
	} {
		if r, err := ParseRules([]byte(bad)); err == nil {
			t.Errorf("ParseRules(%q) = %+v, want an error", bad, r)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, e := range storedEvents(f) {
		data, _ := EncodeEvent(e)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEvent(data)
		if err != nil {
			return
		}
		again, err := EncodeEvent(e)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("ParseEvent took %q, which is written as %q, %v", data, again, err)
		}
	})
}

func FuzzParsePlan(f *testing.F) {
	data, _ := EncodePlan(plan(f))
	f.Add(data)
	f.Add([]byte(`{"holidays":[{"month":2,"day":29}],"away":[{"person":"p-aaaaaaaaaaaaaaaaaaaa","from":1,"until":2}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePlan(data)
		if err != nil {
			return
		}
		again, err := EncodePlan(p)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("ParsePlan took %q, which is written as %q, %v", data, again, err)
		}
		at := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
		for _, b := range p.Branches[:min(2, len(p.Branches))] {
			OnDuty(p, b.ID, people.InCharge, at)
			PhoneTree(p, b.ID, []people.Role{people.InCharge}, DateOf(at), 1)
		}
		Gaps(p, []people.Role{people.InCharge}, at, at.AddDate(0, 0, 2))
	})
}

func FuzzParseRules(f *testing.F) {
	data, _ := EncodeRules(Defaults())
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, err := ParseRules(data)
		if err != nil {
			return
		}
		again, err := EncodeRules(rules)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("ParseRules took %q, which is written as %q, %v", data, again, err)
		}
		for _, r := range rules {
			Words(r.Ladder, English)
		}
	})
}

func FuzzDateAndClock(f *testing.F) {
	f.Add("2026-02-29", "24:00")
	f.Fuzz(func(t *testing.T, date, text string) {
		if d, err := ParseDate(date); err == nil && (d.String() != date || !d.isDate()) {
			t.Errorf("ParseDate(%q) = %v", date, d)
		}
		if c, err := ParseClock(text); err == nil && (c.String() != text || !c.isClock()) {
			t.Errorf("ParseClock(%q) = %v", text, c)
		}
	})
}

// TestCanaries: whatever words are put into a plan, an address or a link, none
// of them gets into what is sent or printed; and no type of an alert's record
// has room for words.
func TestCanaries(t *testing.T) {
	const canary = "officer-at-the-desk"
	for _, lang := range append(Langs, "xx", canary) {
		for _, purpose := range Purposes {
			m, err := Compose(lang, purpose, "https://rt.library.example/app/", "018f0000-0000-7000-8000-000000000001")
			if err != nil {
				t.Fatal(err)
			}
			if want := sentences[m.Lang()][purpose]; m.Title() != want || m.Text() != want+"\nhttps://rt.library.example/app/alert/018f0000-0000-7000-8000-000000000001" {
				t.Errorf("Compose(%s, %s) = %q, %q, want the fixed sentence and a link", lang, purpose, m.Title(), m.Text())
			}
		}
	}
	for _, base := range []string{
		"https://a.example/?why=" + canary, "https://a.example/#" + canary, "https://" + canary + "@a.example/", "javascript:" + canary, canary, "",
		"https://a.example?", "https://a.example/#", "https://a.example/" + strings.Repeat("x", maxLink), "//a.example", "ftp://a.example",
	} {
		if m, err := Compose(English, Need, base, "id"); err == nil {
			t.Errorf("Compose with the base %q = %q, want an error", base, m.Text())
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("the error of Compose repeats the base: %v", err)
		}
	}
	for _, id := range []AlertID{"", "a/b", "a?b", "a b", "a\nb", AlertID(strings.Repeat("a", maxID+1))} {
		if m, err := Compose(English, Need, "https://a.example", id); err == nil {
			t.Errorf("Compose of the alert %q = %q, want an error", id, m.Text())
		}
	}
	if _, err := Compose(English, Purpose(canary), "https://a.example", "id"); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("Compose with a purpose of one's own: %v", err)
	}

	a := NewAddress(canary)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("sent", "to", a, "d", Delivery{To: a})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sent", "to", a, "d", Delivery{To: a})
	data, _ := json.Marshal(Delivery{To: a})
	printed := log.String() + string(data) + fmt.Sprintf("%v %+v %#v %s %q %x %d %v %#v", a, a, a, a, a, a, a, Delivery{To: a}, &Delivery{To: a}) + errors.New("to "+fmt.Sprint(a)).Error()
	if strings.Contains(printed, canary) || strings.Contains(printed, fmt.Sprintf("%x", canary)) {
		t.Errorf("an address shows itself: %s", printed)
	}
	if a.Reveal() != canary {
		t.Errorf("Reveal() = %q, want the address", a.Reveal())
	}

	for _, e := range storedEvents(t) {
		words := reflect.ValueOf(e)
		for i := range words.NumField() {
			if f := words.Field(i); f.Kind() == reflect.String {
				with := e
				reflect.ValueOf(&with).Elem().Field(i).SetString(canary)
				if data, err := EncodeEvent(with); err == nil {
					t.Errorf("the event %q has room for words in %s: %s", e.Kind, words.Type().Field(i).Name, data)
				}
			}
		}
	}
}

func TestAttemptIDs(t *testing.T) {
	base := attemptID("alert", Place{1, 2, 3}, ana, SMS)
	for _, other := range []AttemptID{
		attemptID("alert2", Place{1, 2, 3}, ana, SMS), attemptID("alert", Place{2, 2, 3}, ana, SMS), attemptID("alert", Place{1, 1, 3}, ana, SMS),
		attemptID("alert", Place{1, 2, 4}, ana, SMS), attemptID("alert", Place{1, 2, 3}, ben, SMS), attemptID("alert", Place{1, 2, 3}, ana, Mail),
	} {
		if other == base {
			t.Errorf("two attempts have the id %s", base)
		}
	}
	if !isAttemptID(base) || strings.Contains(string(base), "alert") || strings.Contains(string(base), string(ana)) {
		t.Errorf("attemptID = %q, want an opaque one", base)
	}
}

func TestRetry(t *testing.T) {
	var total time.Duration
	sent := 1
	for ; ; sent++ {
		wait, again := Retry(sent, 0)
		if !again {
			break
		}
		total += wait
	}
	if total < 30*time.Minute || total > 2*time.Hour {
		t.Errorf("a delivery is tried for %v, want long enough for greylisting and not for ever", total)
	}
	for _, c := range []struct {
		sent  int
		asked time.Duration
		want  time.Duration
		again bool
	}{{1, time.Minute, time.Minute, true}, {1, 24 * time.Hour, maxWait, true}, {1, -time.Hour, 10 * time.Second, true}, {0, 0, 0, false}, {-5, 0, 0, false}, {1 << 30, 0, 0, false}} {
		if wait, again := Retry(c.sent, c.asked); wait != c.want || again != c.again {
			t.Errorf("Retry(%d, %v) = %v, %v, want %v, %v", c.sent, c.asked, wait, again, c.want, c.again)
		}
	}
}

func TestResultEvent(t *testing.T) {
	id, at := attemptID("alert", Place{}, ana, SMS), time.UnixMilli(1764000000000).UTC()
	for o, want := range map[Outcome]Kind{Accepted: Sent, Later: Delayed, Declined: Refused, Gone: Refused, Unusable: Refused, 0: Refused} {
		e := Result{Outcome: o}.Event(id, at)
		if e.Kind != want || e.Check() != nil {
			t.Errorf("Result{%v}.Event() = %+v, %v, want %s", o, e, e.Check(), want)
		}
	}
}

func TestChoose(t *testing.T) {
	roles := func(l Ladder) string {
		var list []string
		for _, r := range l.Rungs {
			list = append(list, string(r.Role))
		}
		return strings.Join(list, " ")
	}
	for _, c := range []struct {
		class    Class
		severity Severity
		role     people.Role
		want     string
	}{
		{Incident, AnySeverity, people.InCharge, "in_charge director"},
		{Demand, Urgent, people.InCharge, "in_charge director counsel"}, // its own before what is urgent
		{Demand, AnySeverity, people.Director, "director counsel"},
		{Demand, AnySeverity, people.Counsel, "counsel"},
		{Incident, Urgent, people.Director, "director"},
		{Conduct, Calm, people.RoomOfficer, "room_officer in_charge director"},
		{Abuse, Calm, people.SafetyLead, "safety_lead director"},
	} {
		l := Choose(Defaults(), c.class, c.severity, c.role)
		if got := roles(l); got != c.want || l.Check() != nil {
			t.Errorf("Choose(%s, %s, %s) = %q, %v, want %q", c.class, c.severity, c.role, got, l.Check(), c.want)
		}
	}
	if l := Choose(nil, Incident, Calm, people.Director); roles(l) != "director" || l.Check() != nil {
		t.Errorf("Choose without ladders = %q, %v, want the role alone", roles(l), l.Check())
	}
	if l := Choose(Defaults(), Incident, Urgent, people.InCharge); l.Rungs[0].Within != 2*time.Minute {
		t.Errorf("an urgent one has %v, want 2m", l.Rungs[0].Within)
	}
}

// TestChosenHolds: whatever ladders there are, what is chosen can be ordered.
func TestChosenHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLadder(t)
		role := rapid.SampledFrom([]people.Role{people.InCharge, people.Director, people.RoomOfficer, people.Desk}).Draw(t, "role")
		chosen := Choose([]Rule{{Ladder: l}}, Incident, Calm, role)
		e := Event{Kind: Ordered, At: time.UnixMilli(1764000000000), Order: &Order{"alert", main_, role, Need, chosen}}
		if err := e.Check(); err != nil {
			t.Fatalf("what Choose gives cannot be ordered: %v", err)
		}
	})
}

func TestRoles(t *testing.T) {
	want := []people.Role{people.InCharge, people.Director, people.Counsel, people.SafetyLead}
	if diff := cmp.Diff(want, Roles(Defaults())); diff != "" {
		t.Errorf("Roles (-want +got):\n%s", diff)
	}
}

// TestWords holds every sentence of a page. The golden file is for reading.
func TestWords(t *testing.T) {
	rules := append(Defaults(), Rule{Ladder: ladder(rung(people.Desk, 1, 0, SMS), rung(people.RoomOfficer, 1, 3, Mail), rung(people.Admin, 120, 0, Mail))})
	var out strings.Builder
	for _, lang := range Langs {
		for _, r := range rules {
			fmt.Fprintf(&out, "== %s %q %q\n%s\n\n", lang, r.Class, r.Severity, strings.Join(Words(r.Ladder, lang), "\n"))
		}
	}
	if *update {
		if err := os.WriteFile("testdata/words.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("Words (-want +got):\n%s", diff)
	}
	two := ladder(rung(people.InCharge, 3, 0, SMS), rung(people.Director, 3, 0, SMS))
	if got := Words(two, English)[1]; got != "If nobody reads it in 3 minutes, the director is called." {
		t.Errorf("Words = %q", got)
	}
	for _, lang := range Langs {
		for _, role := range people.Roles {
			if isDutyRole(role) && tongues[lang].roles[role] == "" {
				t.Errorf("%s has no word for %s", lang, role)
			}
		}
		if strings.Contains(out.String(), "%!") {
			t.Errorf("a sentence has a hole: %s", out.String())
		}
	}
}
