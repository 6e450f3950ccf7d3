package app_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/push"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// silent is a channel that takes everything and sends nothing.
type silent struct{}

func (silent) Send(context.Context, notify.Delivery) (notify.Result, error) {
	return notify.Result{Outcome: notify.Accepted}, nil
}

var everyChannel = map[notify.Channel]notify.Sender{notify.Mail: silent{}, notify.SMS: silent{}}

// alerting gives a world an App that has channels.
func alerting(t *testing.T, w *apptest.World, senders map[notify.Channel]notify.Sender) *apptest.World {
	t.Helper()
	w.Senders = senders
	w.App = w.Process(t, w.Key)
	return w
}

// subscription is what a browser gives when it subscribes.
func subscription(t *testing.T, end string) []byte {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	must(t, err)
	b64 := base64.RawURLEncoding.EncodeToString
	text, err := json.Marshal(map[string]any{
		"endpoint": "https://fcm.googleapis.com/fcm/send/" + end, "expirationTime": nil,
		"keys": map[string]string{"p256dh": b64(key.PublicKey().Bytes()), "auth": b64([]byte("0123456789abcdef"))},
	})
	must(t, err)
	return text
}

var weekdays = notify.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)

func hours(days notify.Days, from, to string) notify.Hours {
	h := notify.Hours{Days: days}
	h.From, _ = notify.ParseClock(from)
	h.To, _ = notify.ParseClock(to)
	return h
}

func gapTexts(p app.PlanTroubles) (list []string) {
	for _, g := range p.Gaps {
		list = append(list, g.Text)
	}
	return list
}

// TestPlanWithoutAny: a library that has written nothing is not alone, and what is
// missing is told.
func TestPlanWithoutAny(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		troubles, err := w.PlanTroubles(ctx, director, w.A.ID)
		must(t, err)
		if !troubles.NoWay || troubles.Count() != 1 {
			t.Errorf("troubles of a server without channels = %+v, want that alone", troubles)
		}
		alerting(t, w, everyChannel)
		p, rules, err := w.PlanOf(ctx, w.A.ID)
		must(t, err)
		if diff := cmp.Diff([]people.Pseudonym{director.Pseudonym}, notify.OnDuty(p, w.A.Branch, people.Director, w.Clock.Now())); diff != "" {
			t.Errorf("the director on duty without a plan (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]notify.Channel{notify.Mail}, p.Reach[director.Pseudonym]); diff != "" {
			t.Errorf("who signs in by mail is reached by (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(len(notify.Defaults()), len(rules)); diff != "" {
			t.Errorf("usual ladders: %s", diff)
		}
		troubles, err = w.PlanTroubles(ctx, director, w.A.ID)
		must(t, err)
		for _, want := range []string{"the person in charge cannot be reached", "the library's lawyer cannot be reached", "the safety lead cannot be reached"} {
			if !strings.Contains(strings.Join(gapTexts(troubles), "\n"), want) {
				t.Errorf("troubles = %q, want %q", gapTexts(troubles), want)
			}
		}
		if strings.Contains(strings.Join(gapTexts(troubles), "\n"), "the director cannot") {
			t.Errorf("troubles = %q, want none of the director", gapTexts(troubles))
		}
		w.A.Login(t, people.Counsel) // who accepts is there at once
		troubles, err = w.PlanTroubles(ctx, director, w.A.ID)
		must(t, err)
		if strings.Contains(strings.Join(gapTexts(troubles), "\n"), "lawyer") {
			t.Errorf("troubles after counsel came = %q", gapTexts(troubles))
		}
	})
}

func TestDutyPlan(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := alerting(t, apptest.New(t, s), everyChannel)
		director, desk := w.A.As(t, people.Director), w.A.As(t, people.Desk)
		lead := w.A.Login(t, people.InCharge)
		for _, role := range []people.Role{people.Counsel, people.SafetyLead} {
			w.A.Login(t, role)
		}
		empty := app.ShiftForm{}
		wantsField(t, "AddShift of nothing", w.AddShift(ctx, director, w.A.ID, empty), "person", "role", "days")
		form := app.ShiftForm{Person: lead.Person, Role: people.Director, Branch: w.A.Branch, Hours: hours(weekdays, "09:00", "17:00")}
		wantsField(t, "AddShift for a role that somebody has not", w.AddShift(ctx, director, w.A.ID, form), "person")
		form.Person, form.Last = director.Person, notify.Date{Year: 2020, Month: 1, Day: 1}
		form.First = notify.Date{Year: 2021, Month: 1, Day: 1}
		wantsField(t, "AddShift that ends before it begins", w.AddShift(ctx, director, w.A.ID, form), "last")
		form.First, form.Last = notify.Date{}, notify.Date{}
		wants(t, "AddShift by the desk", w.AddShift(ctx, desk, w.A.ID, form), fault.Refused)
		must(t, w.AddShift(ctx, director, w.A.ID, form))
		wants(t, "AddShift twice", w.AddShift(ctx, director, w.A.ID, form), fault.Conflict)
		must(t, w.AddOpening(ctx, director, w.A.ID, w.A.Branch, hours(weekdays, "09:00", "17:00")))
		must(t, w.AddOpening(ctx, director, w.A.ID, w.A.Branch, hours(notify.On(time.Sunday), "13:00", "17:00")))
		wantsField(t, "AddOpening on no day", w.AddOpening(ctx, director, w.A.ID, w.A.Branch, hours(0, "13:00", "17:00")), "days")

		v, err := w.DutyPlan(ctx, director, w.A.ID)
		must(t, err)
		want := []string{"On Sundays from 1:00 PM to 5:00 PM, the director cannot be reached (4 times, next on November 29, 2026)."}
		if diff := cmp.Diff(want, gapTexts(v.PlanTroubles)); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
		if len(v.Shifts) != 1 || v.Shifts[0].Name != "Dana Dorsey" || !v.Shifts[0].Holds || len(v.Branches[0].Open) != 2 || !v.MayEdit {
			t.Errorf("DutyPlan = %+v", v)
		}

		// On Thanksgiving other hours hold: nobody is there, and nobody is on duty.
		must(t, w.AddHoliday(ctx, director, w.A.ID, app.HolidayForm{Name: "Thanksgiving", Month: time.November, Weekday: time.Thursday, Nth: 4}))
		wantsField(t, "AddHoliday of nothing", w.AddHoliday(ctx, director, w.A.ID, app.HolidayForm{}), "date")
		v, err = w.DutyPlan(ctx, director, w.A.ID)
		must(t, err)
		if diff := cmp.Diff(want, gapTexts(v.PlanTroubles)); diff != "" {
			t.Errorf("gaps with a holiday (-want +got):\n%s", diff)
		}

		// Away: who says so of themselves, and nobody of others but the director.
		friday := time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)
		must(t, w.AddAway(ctx, director, w.A.ID, app.AwayForm{From: friday, Until: friday.Add(2 * time.Hour)}))
		wantsField(t, "AddAway backwards", w.AddAway(ctx, director, w.A.ID, app.AwayForm{From: friday, Until: friday}), "until")
		wantsField(t, "AddAway of the past", w.AddAway(ctx, director, w.A.ID, app.AwayForm{From: friday.AddDate(0, 0, -9), Until: friday.AddDate(0, 0, -8)}), "until")
		wants(t, "AddAway of another by the desk", w.AddAway(ctx, desk, w.A.ID, app.AwayForm{Person: director.Person, From: friday, Until: friday.Add(time.Hour)}), fault.Refused)
		must(t, w.AddAway(ctx, desk, w.A.ID, app.AwayForm{From: friday, Until: friday.Add(time.Hour)}))
		v, err = w.DutyPlan(ctx, director, w.A.ID)
		must(t, err)
		if got := gapTexts(v.PlanTroubles); len(got) != 2 || got[1] != "On November 27, 2026, from 9:00 AM to 11:00 AM, the director cannot be reached." && got[0] != "On November 27, 2026, from 9:00 AM to 11:00 AM, the director cannot be reached." {
			t.Errorf("gaps while away = %q", got)
		}
		if len(v.Away) != 2 {
			t.Fatalf("away = %+v", v.Away)
		}
		own := slices.IndexFunc(v.Away, func(a app.PlanAway) bool { return a.Mine })
		wants(t, "RemoveAway of another", w.RemoveAway(ctx, desk, w.A.ID, v.Away[own].ID), fault.Refused)
		must(t, w.RemoveAway(ctx, director, w.A.ID, v.Away[1-own].ID))
		must(t, w.RemoveAway(ctx, director, w.A.ID, v.Away[own].ID))
		wants(t, "RemoveAway twice", w.RemoveAway(ctx, director, w.A.ID, v.Away[own].ID), fault.Closed)

		// Charges stand beside shifts.
		_, err = w.SetDuty(ctx, director, w.A.ID, app.DutyForm{Branch: w.A.Branch, Person: director.Person})
		must(t, err)
		p, _, err := w.PlanOf(ctx, w.A.ID)
		must(t, err)
		if got := notify.OnDuty(p, w.A.Branch, people.InCharge, w.Clock.Now()); len(got) != 2 || got[0] != director.Pseudonym {
			t.Errorf("in charge = %v, want the director first", got)
		}

		// What a desk sees of names.
		v, err = w.DutyPlan(ctx, desk, w.A.ID)
		must(t, err)
		if v.Shifts[0].Name != "" || !v.Shifts[0].Known || v.Shifts[0].MayEdit || v.MayEdit {
			t.Errorf("the desk sees the shift %+v", v.Shifts[0])
		}
		paper, err := w.PaperTrees(ctx, desk, w.A.ID)
		must(t, err)
		if len(paper) != 1 || len(paper[0].Days) != app.PaperDays {
			t.Fatalf("PaperTrees = %+v", paper)
		}
		text, err := json.Marshal(paper)
		must(t, err)
		if strings.Contains(string(text), "Person counsel") || !strings.Contains(string(text), "Dana Dorsey") || !strings.Contains(string(text), "Somebody") {
			t.Errorf("the paper of the desk has %s", text)
		}

		// A role that ends takes its shifts along; the row stays, and says so.
		wants(t, "RemoveShift by the desk", w.RemoveShift(ctx, desk, w.A.ID, v.Shifts[0].ID), fault.Refused)
		must(t, w.RemoveShift(ctx, director, w.A.ID, v.Shifts[0].ID))
		wants(t, "RemoveShift twice", w.RemoveShift(ctx, director, w.A.ID, v.Shifts[0].ID), fault.Closed)
		form = app.ShiftForm{Person: lead.Person, Role: people.InCharge, Hours: hours(notify.EveryDay, "00:00", "00:00")}
		must(t, w.AddShift(ctx, director, w.A.ID, form))
		must(t, w.RemovePerson(ctx, director, w.A.ID, lead.Person))
		v, err = w.DutyPlan(ctx, director, w.A.ID)
		must(t, err)
		if len(v.Shifts) != 1 || v.Shifts[0].Holds || v.Shifts[0].Name != "" || v.Shifts[0].Known {
			t.Errorf("the shift of somebody who left = %+v", v.Shifts)
		}
		if p, _, err = w.PlanOf(ctx, w.A.ID); err != nil || len(p.Shifts) == 0 || slices.ContainsFunc(p.Shifts, func(s notify.Shift) bool { return s.Role == people.InCharge }) {
			t.Errorf("somebody who left is on duty: %+v, %v", p, err)
		}
	})
}

func TestLadders(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := alerting(t, apptest.New(t, s), everyChannel)
		director, counsel := w.A.As(t, people.Director), w.A.As(t, people.Counsel)
		rule := notify.Rule{Class: notify.Demand, Severity: notify.Calm, Ladder: notify.Ladder{Pause: 10 * time.Minute, Rungs: []notify.Rung{
			{Role: people.InCharge, Within: 7 * time.Minute, Channels: []notify.Channel{notify.SMS}}, {Role: people.Counsel, Channels: []notify.Channel{notify.Mail}, Within: time.Hour},
		}}}
		begin, err := w.Ladder(ctx, director, w.A.ID, notify.Demand, notify.Calm)
		must(t, err)
		if begin.Own || begin.Usual || begin.Class != notify.Demand || begin.Severity != notify.Calm || len(begin.Rungs) != 3 {
			t.Errorf("the form begins with %+v, want the one for demands", begin)
		}
		wants(t, "a ladder for nothing", func() error { _, err := w.Ladder(ctx, director, w.A.ID, "fire", ""); return err }(), fault.NotFound)
		wants(t, "SetLadder by counsel", w.SetLadder(ctx, counsel, w.A.ID, rule), fault.Refused)
		must(t, w.SetLadder(ctx, director, w.A.ID, rule))
		_, rules, err := w.PlanOf(ctx, w.A.ID)
		must(t, err)
		if got := notify.Choose(rules, notify.Demand, notify.Calm, people.InCharge); got.Rungs[0].Within != 7*time.Minute {
			t.Errorf("after it was set the ladder is %+v", got)
		}
		if got := notify.Choose(rules, notify.Demand, notify.Urgent, people.InCharge); got.Rungs[0].Within != 3*time.Minute {
			t.Errorf("another ladder changed too: %+v", got)
		}
		wrong := rule
		wrong.Rungs = []notify.Rung{{Role: people.Auditor, Within: time.Second, Repeat: 9}, {Role: people.Desk, Within: time.Minute, Channels: notify.Channels}}
		wrong.Pause = 0
		wantsField(t, "SetLadder with mistakes", w.SetLadder(ctx, director, w.A.ID, wrong), "pause", "role-1", "minutes-1", "repeat-1", "channels-1", "role-2")
		must(t, w.DropLadder(ctx, director, w.A.ID, notify.Demand, notify.Calm))
		wants(t, "DropLadder of a usual one", w.DropLadder(ctx, director, w.A.ID, notify.Demand, ""), fault.Closed)
		if _, rules, err = w.PlanOf(ctx, w.A.ID); err != nil || !cmp.Equal(len(rules), len(notify.Defaults())) {
			t.Errorf("after it was dropped the ladders are %+v, %v", rules, err)
		}
	})
}

// TestAlertWays: where alerts go is kept sealed, and goes with the person.
func TestAlertWays(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := alerting(t, apptest.New(t, s), everyChannel)
		private, err := w.PushSigner(ctx)
		must(t, err)
		pushes, err := push.New(push.Config{PrivateKey: private, Contact: "https://desk.elm.example"})
		must(t, err)
		alerting(t, w, map[notify.Channel]notify.Sender{notify.Mail: silent{}, notify.SMS: silent{}, notify.Push: pushes})
		counsel, director := w.A.As(t, people.Counsel), w.A.As(t, people.Director)
		own := w.A.Login(t, people.Counsel).Form.Mail
		want := func(what string, ch notify.Channel, want ...string) {
			t.Helper()
			got, err := w.AddressesOf(ctx, w.A.ID, counsel.Pseudonym, ch)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: addresses of %s (-want +got):\n%s", what, ch, diff)
			}
		}
		reach := func(what string, want ...notify.Channel) {
			t.Helper()
			p, _, err := w.PlanOf(ctx, w.A.ID)
			must(t, err)
			if diff := cmp.Diff(want, p.Reach[counsel.Pseudonym]); diff != "" {
				t.Errorf("%s: reached by (-want +got):\n%s", what, diff)
			}
		}
		want("at first", notify.Mail, own)
		reach("at first", notify.Mail)

		wantsField(t, "SetAlertWays with mistakes", w.SetAlertWays(ctx, counsel, app.AlertWaysForm{Mail: true, MailTo: "me", Number: "555"}), "mail", "number")
		must(t, w.SetAlertWays(ctx, counsel, app.AlertWaysForm{Mail: true, MailTo: "canary-private@home.example", Number: "+1 (555) 010-0199"}))
		want("another address", notify.Mail, "canary-private@home.example")
		want("another address", notify.SMS, "+15550100199")

		sub := subscription(t, "canary-endpoint")
		wantsField(t, "AddAlertBrowser without a name", w.AddAlertBrowser(ctx, counsel, " ", sub), "name")
		wants(t, "AddAlertBrowser of nothing", w.AddAlertBrowser(ctx, counsel, "Phone", []byte("{}")), fault.Refused)
		elsewhere := bytes.Replace(sub, []byte("fcm.googleapis.com"), []byte("push.evil.example"), 1)
		wants(t, "AddAlertBrowser of an unknown service", w.AddAlertBrowser(ctx, counsel, "Phone", elsewhere), fault.Refused)
		must(t, w.AddAlertBrowser(ctx, counsel, "My phone", sub))
		must(t, w.AddAlertBrowser(ctx, counsel, "My phone again", sub))
		must(t, w.AddAlertBrowser(ctx, counsel, "Laptop", subscription(t, "laptop")))
		reach("everything", notify.Push, notify.SMS, notify.Mail)
		v, err := w.MyAlertWays(ctx, counsel)
		must(t, err)
		if len(v.Browsers) != 2 || v.Browsers[0].Name != "My phone again" || v.PushKey == "" || v.WhyNoPush != "" || v.Number != "+15550100199" || !v.Has[notify.Mail] {
			t.Errorf("MyAlertWays = %+v", v)
		}
		again, err := w.MyAlertWays(ctx, director)
		must(t, err)
		if again.PushKey != v.PushKey || v.PushKey != pushes.PublicKey() || len(again.Browsers) != 0 || again.Own == "" || again.MailTo != "" {
			t.Errorf("the director's MyAlertWays = %+v", again)
		}
		for range app.MaxBrowsers - 2 {
			must(t, w.AddAlertBrowser(ctx, counsel, "More", subscription(t, rand.Text())))
		}
		wants(t, "AddAlertBrowser of one too many", w.AddAlertBrowser(ctx, counsel, "More", subscription(t, "more")), fault.Refused)

		// Nothing of it is in the database or the log to be read.
		for _, tenant := range []people.LibraryID{people.Installation, w.A.ID} {
			for _, canary := range []string{"canary-private", "5550100199", "canary-endpoint", "My phone"} {
				if holds(t, w, tenant, canary) {
					t.Errorf("the database of %s holds %q", tenant, canary)
				}
			}
		}
		if strings.Contains(w.Log.String(), "canary") || strings.Contains(w.Log.String(), "5550100199") {
			t.Errorf("the log has an address: %s", w.Log.String())
		}

		// What is gone is forgotten, and told.
		phone, err := w.AddressesOf(ctx, w.A.ID, counsel.Pseudonym, notify.Push)
		must(t, err)
		must(t, w.ForgetAddress(ctx, w.A.ID, counsel.Pseudonym, notify.Push, phone[0]))
		must(t, w.ForgetAddress(ctx, w.A.ID, counsel.Pseudonym, notify.Push, phone[0])) // told twice
		must(t, w.ForgetAddress(ctx, w.A.ID, counsel.Pseudonym, notify.SMS, "+15550100199"))
		must(t, w.ForgetAddress(ctx, w.A.ID, counsel.Pseudonym, notify.Mail, "somebody@else.example"))
		must(t, w.ForgetAddress(ctx, w.A.ID, "p_nobody", notify.Mail, "canary-private@home.example"))
		want("gone", notify.SMS)
		want("not gone", notify.Mail, "canary-private@home.example")
		if v, err = w.MyAlertWays(ctx, counsel); err != nil || len(v.Browsers) != app.MaxBrowsers-1 || len(v.Lost) != 2 || v.Lost[0].Name != "My phone again" || v.Lost[1].Channel != notify.SMS {
			t.Errorf("MyAlertWays after something is gone = %+v, %v", v, err)
		}
		must(t, w.RemoveAlertBrowser(ctx, counsel, v.Browsers[0].ID))
		wants(t, "RemoveAlertBrowser twice", w.RemoveAlertBrowser(ctx, counsel, v.Browsers[0].ID), fault.Closed)
		must(t, w.SetAlertWays(ctx, counsel, app.AlertWaysForm{}))
		want("no mail", notify.Mail)
		reach("no mail", notify.Push)

		must(t, w.RemovePerson(ctx, director, w.A.ID, counsel.Person))
		want("who has left", notify.Push)
		reach("who has left")
	})
}

// holds reports whether some value of a tenant's rows has a text in it.
func holds(t *testing.T, w *apptest.World, tenant people.LibraryID, text string) (found bool) {
	t.Helper()
	must(t, w.Store.Read(t.Context(), tenant, func(tx *store.Tx) error {
		return tx.Dump(t.Context(), func(store.Table) error { return nil }, func(values []any) error {
			for _, v := range values {
				switch v := v.(type) {
				case string:
					found = found || strings.Contains(v, text)
				case []byte:
					found = found || bytes.Contains(v, []byte(text))
				}
			}
			return nil
		})
	}))
	return found
}

func TestPushIsOffWithoutTLS(t *testing.T) {
	w := alerting(t, apptest.New(t, storetest.SQLite(t)), map[notify.Channel]notify.Sender{notify.Push: silent{}})
	ctx := t.Context()
	who := w.A.As(t, people.Director)
	must(t, w.Store.Write(ctx, people.Installation, func(tx *store.Tx) error { return tx.PutSetting(ctx, "address", "http://192.168.1.4:8080") }))
	v, err := w.MyAlertWays(ctx, who)
	must(t, err)
	if v.PushKey != "" || !strings.Contains(v.WhyNoPush, "TLS") {
		t.Errorf("without TLS MyAlertWays = %+v", v)
	}
	wants(t, "AddAlertBrowser without TLS", w.AddAlertBrowser(ctx, who, "Phone", subscription(t, "x")), fault.Refused)
	alerting(t, w, everyChannel)
	must(t, w.Store.Write(ctx, people.Installation, func(tx *store.Tx) error { return tx.PutSetting(ctx, "address", "https://desk.elm.example") }))
	if v, err = w.MyAlertWays(ctx, who); err != nil || v.PushKey != "" || v.WhyNoPush == "" {
		t.Errorf("without a sender MyAlertWays = %+v, %v", v, err)
	}
}
