package app_test

import (
	"context"
	"errors"
	"fmt"
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
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
)

// station is an installation with channels, somebody in charge and a desk.
type station struct {
	*apptest.World
	mail, sms *apptest.Sender
	desk      app.Who
	charge    app.Who // who is in charge
	director  app.Who
}

func newStation(t testing.TB, s *store.Store) *station {
	t.Helper()
	x := &station{World: apptest.New(t, s), mail: apptest.NewSender(), sms: apptest.NewSender()}
	x.sms.Secret = "a-secret-of-the-gateway-0123456789"
	x.Senders = map[notify.Channel]notify.Sender{notify.Mail: x.mail, notify.SMS: x.sms}
	x.SendTime = 200 * time.Millisecond
	x.App = x.Process(t, x.Key)
	x.charge, x.director = x.A.As(t, people.InCharge), x.A.As(t, people.Director)
	x.desk = x.A.AtDesk(t)
	must(t, x.WorkOnce(t.Context()))
	return x
}

// withNumber has whoever is in charge told by text message first, then by mail.
func (x *station) withNumber(t testing.TB) {
	t.Helper()
	must(t, x.SetAlertWays(t.Context(), x.charge, app.AlertWaysForm{Mail: true, Number: "+1 555 010 0123"}))
	must(t, x.WorkOnce(t.Context()))
}

// path is the shortest way of a walk to a step that calls for a role, and for nobody
// else before or with it.
func path(p *walk.Plan, given automaton.State, role people.Role) (choices [][2]int, ok bool) {
	type node struct {
		at   automaton.State
		path [][2]int
	}
	calls := func(step int) (roles []string) {
		for _, m := range p.Program.Steps[step].Makes {
			if p.Program.Facts[m].Kind == automaton.Notified {
				roles = append(roles, p.Program.Facts[m].Name)
			}
		}
		return roles
	}
	seen := map[string]bool{}
	for queue := []node{{at: given}}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if n.at.Where >= len(p.Program.Steps) || seen[fmt.Sprint(n.at)] {
			continue
		}
		seen[fmt.Sprint(n.at)] = true
		if roles := calls(n.at.Where); slices.Equal(roles, []string{string(role)}) {
			return n.path, true
		} else if len(roles) > 0 {
			continue
		}
		for _, c := range p.Program.Open(n.at) {
			queue = append(queue, node{p.Program.Step(n.at, c), append(slices.Clone(n.path), [2]int{n.at.Where, c})})
		}
	}
	return nil, false
}

// call walks a playbook until it calls for a role.
func (x *station) call(t testing.TB, playbook string, role people.Role) store.CaseID {
	t.Helper()
	ctx := t.Context()
	id, err := x.StartWalk(ctx, x.desk, app.StartForm{Playbook: playbook})
	must(t, err)
	v, err := x.ReadWalk(ctx, x.desk, id, "")
	must(t, err)
	choices, ok := path(v.Walk.Plan(), v.Walk.State(), role)
	if !ok {
		t.Fatalf("%s never calls for %s", playbook, role)
	}
	for _, c := range choices {
		x.choose(t, id, c[0], c[1])
	}
	return id
}

func (x *station) choose(t testing.TB, id store.CaseID, step, choice int) {
	t.Helper()
	v, err := x.ReadWalk(t.Context(), x.desk, id, "")
	must(t, err)
	if v.Walk.Ways()[0].Choice == walk.Onward {
		choice = walk.Onward
	}
	late, err := x.Record(t.Context(), x.desk, id, walk.Event{Kind: walk.Chose, Step: step, Choice: choice, Follows: v.Walk.Head()})
	must(t, err)
	if late {
		t.Fatal("a move of the only device is late")
	}
}

// alert is a case's newest alert, as the director sees it.
func (x *station) alert(t testing.TB, id store.CaseID) app.AlertView {
	t.Helper()
	list, err := x.CaseAlerts(t.Context(), x.desk, id)
	must(t, err)
	if len(list) == 0 {
		t.Fatal("the case has no alert")
	}
	return list[len(list)-1]
}

// run lets time pass, with the jobs done every ten seconds.
func (x *station) run(t testing.TB, d time.Duration) {
	t.Helper()
	for ; d > 0; d -= 10 * time.Second {
		x.Clock.Move(min(d, 10*time.Second))
		must(t, x.WorkOnce(t.Context()))
	}
}

// story tells an alert's entries since it was ordered, without receipts: "3m Repeated".
func story(v app.AlertView, kinds ...notify.Kind) (lines []string) {
	for _, e := range v.Entries {
		if len(kinds) > 0 && !slices.Contains(kinds, e.Kind) {
			continue
		}
		line := fmt.Sprintf("%s %s", e.At.Sub(v.Ordered), e.Kind)
		if e.Role != "" && e.Kind != notify.Repeated && e.Kind != notify.Exhausted {
			line += " " + string(e.Role)
		}
		if e.Channel != "" {
			line += " " + string(e.Channel)
		}
		if e.Late > 0 {
			line += " late " + e.Late.String()
		}
		lines = append(lines, line)
	}
	return lines
}

// putPlan writes a duty plan of the library.
func (x *station) putPlan(t testing.TB, p notify.Plan) {
	t.Helper()
	p.Branches = []notify.Branch{{ID: x.A.Branch, Zone: "America/New_York"}}
	text, err := notify.EncodePlan(&p)
	must(t, err)
	must(t, x.Store.Write(t.Context(), x.A.ID, func(tx *store.Tx) error { return tx.PutPlan(t.Context(), store.PlanDuty, text) }))
}

// putLadder gives every situation a ladder: in charge for 3 minutes, then the director.
func (x *station) putLadder(t testing.TB) {
	t.Helper()
	rung := func(r people.Role) notify.Rung {
		return notify.Rung{Role: r, Within: 3 * time.Minute, Channels: notify.Channels}
	}
	text, err := notify.EncodeRules([]notify.Rule{{Ladder: notify.Ladder{Rungs: []notify.Rung{rung(people.InCharge), rung(people.Director)}, Pause: 10 * time.Minute}}})
	must(t, err)
	must(t, x.Store.Write(t.Context(), x.A.ID, func(tx *store.Tx) error { return tx.PutPlan(t.Context(), store.PlanLadders, text) }))
}

func TestAlertIsSent(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		id := x.call(t, "baiting", people.InCharge)
		v := x.alert(t, id)
		if v.Purpose != notify.Need || v.Role != people.InCharge || v.Over || len(v.Attempts) != 0 || !v.Ordered.Equal(x.Clock.Now()) {
			t.Fatalf("the alert begins as %+v, want one that was ordered and no more", v)
		}
		must(t, x.WorkOnce(ctx))
		v = x.alert(t, id)
		if got, want := story(v), []string{"0s ordered in_charge", "0s queued in_charge mail", "0s sent in_charge mail"}; !cmp.Equal(got, want) {
			t.Fatalf("entries: %s", cmp.Diff(want, got))
		}
		sent := x.mail.Sent()
		if len(sent) != 1 || sent[0].To.Reveal() != x.A.Login(t, people.InCharge).Form.Mail || sent[0].Message.Link() != "https://desk.elm.example/alert/"+string(v.ID) {
			t.Fatalf("sent %+v, want one mail to who is in charge, with the alert's link", sent)
		}
		if v.NextRole != people.InCharge || v.NextAt.Sub(v.Ordered) != 3*time.Minute {
			t.Errorf("next is %s at %s, want in_charge after 3m", v.NextRole, v.NextAt.Sub(v.Ordered))
		}
		x.readAndAnswer(t, id, v.ID)
		// Going on, back, and there again orders nothing more.
		before := len(x.mail.Sent())
		x.run(t, 30*time.Minute)
		if n := len(x.mail.Sent()); n != before {
			t.Errorf("%d messages were sent after the answer, want none", n-before)
		}
	})
}

func (x *station) readAndAnswer(t *testing.T, id store.CaseID, alert app.AlertID) {
	t.Helper()
	ctx := t.Context()
	mine, err := x.Alert(ctx, x.charge, alert)
	must(t, err)
	if !mine.Mine || !mine.MayAnswer || len(mine.Reads) != 0 || mine.Attempts[0].Person != "Person in charge" || !mine.Attempts[0].Mine {
		t.Errorf("Alert for who was told = %+v, want it to be theirs, unread, with names", mine)
	}
	x.Clock.Move(20 * time.Second)
	for range 2 {
		must(t, x.ReadAlert(ctx, x.charge, alert))
	}
	x.Clock.Move(20 * time.Second)
	for range 2 {
		must(t, x.AnswerAlert(ctx, x.charge, alert))
	}
	v := x.alert(t, id)
	if len(v.Reads) != 1 || v.Reads[0].At.Sub(v.Ordered) != 20*time.Second || v.Answer == nil || v.Answer.At.Sub(v.Ordered) != 40*time.Second || v.Answer.Role != people.InCharge {
		t.Errorf("reads %+v, answer %+v, want one after 20 s and one after 40 s by who is in charge", v.Reads, v.Answer)
	}
	if !v.Over || v.End != notify.Answered || !v.NextAt.IsZero() {
		t.Errorf("over %v, end %q, next %v, want an end by the answer", v.Over, v.End, v.NextAt)
	}
	if v.Answer.Name != "" || v.Attempts[0].Person != "" {
		t.Error("a device where nobody is signed in sees names")
	}
	kinds := []string{}
	for _, e := range x.Entries(t, x.A.ID) {
		if strings.Contains(string(e.Kind), "alert") {
			kinds = append(kinds, string(e.Kind))
		}
	}
	if want := []string{"read-alert", "answer-alert"}; !cmp.Equal(kinds, want) {
		t.Errorf("entries about alerts: %v, want %v", kinds, want)
	}
}

// Who was not told, and may not follow the walk, gets nothing and changes nothing.
func TestAlertOfOthers(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		id := x.call(t, "baiting", people.InCharge)
		must(t, x.WorkOnce(ctx))
		alert := x.alert(t, id).ID
		for name, who := range map[string]app.Who{"nobody": {}, "another desk": x.A.AtDesk(t), "a trainer": x.A.As(t, people.Trainer), "an admin": x.A.As(t, people.Admin)} {
			if _, err := x.Alert(ctx, who, alert); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Alert for %s = %v, want not found", name, err)
			}
			if err := x.AnswerAlert(ctx, who, alert); fault.KindOf(err) != fault.NotFound {
				t.Errorf("AnswerAlert by %s = %v, want not found", name, err)
			}
			if err := x.ReadAlert(ctx, who, alert); fault.KindOf(err) != fault.NotFound {
				t.Errorf("ReadAlert by %s = %v, want not found", name, err)
			}
		}
		// The director was not told: they follow it, which is no reading, and do not answer.
		must(t, x.ReadAlert(ctx, x.director, alert))
		if err := x.AnswerAlert(ctx, x.director, alert); fault.KindOf(err) != fault.Refused {
			t.Errorf("AnswerAlert by the director, who was not told = %v, want a refusal", err)
		}
		if v := x.alert(t, id); len(v.Reads) != 0 || v.Answer != nil {
			t.Errorf("reads %v, answer %v, want none", v.Reads, v.Answer)
		}
	})
}

// Each alert of the table is followed from the desk's tap through the jobs, with the
// clock moved.
func TestEscalation(t *testing.T) {
	steps := []notify.Kind{notify.Queued, notify.NobodyIn, notify.Repeated, notify.Climbed, notify.Exhausted, notify.Read, notify.Answered, notify.TookOver, notify.WalkEnded, notify.Settled}
	for _, c := range []struct {
		name  string
		ready func(t *testing.T, x *station)
		then  func(t *testing.T, x *station, id store.CaseID, alert app.AlertID)
		want  []string
	}{
		{name: "nobody reads it, by the ladder that everybody has at first", then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			x.run(t, 27*time.Minute)
		}, want: []string{"0s queued in_charge mail", "3m0s repeated", "3m0s queued in_charge mail", "6m0s climbed director", "6m0s queued director mail",
			"11m0s repeated", "11m0s queued director mail", "16m0s exhausted", "26m0s climbed in_charge", "26m0s queued in_charge mail"}},
		{name: "everybody is away", ready: func(t *testing.T, x *station) {
			now := x.Clock.Now()
			x.putPlan(t, notify.Plan{Away: []notify.Away{
				{Person: x.charge.Pseudonym, From: now.Add(-time.Hour), Until: now.Add(15 * time.Minute)},
				{Person: x.director.Pseudonym, From: now.Add(-time.Hour), Until: now.Add(24 * time.Hour)},
			}})
		}, then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			if v := x.alert(t, id); !v.Resting || !v.Unheard || v.NextRole != people.InCharge {
				t.Errorf("resting %v, unheard %v, next %q: want the desk to be told to call", v.Resting, v.Unheard, v.NextRole)
			}
			x.run(t, 10*time.Minute) // somebody is still away; then they are back
			x.run(t, 20*time.Minute)
		}, want: []string{"0s nobody in in_charge", "0s climbed director", "0s nobody in director", "0s exhausted",
			"10m0s climbed in_charge", "10m0s nobody in in_charge", "10m0s climbed director", "10m0s nobody in director", "10m0s exhausted",
			"30m0s climbed in_charge", "30m0s queued in_charge mail"}},
		{name: "an answer at the last moment", ready: func(t *testing.T, x *station) { x.putLadder(t) }, then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			x.Clock.Move(3*time.Minute - time.Millisecond)
			must(t, x.AnswerAlert(t.Context(), x.charge, alert))
			x.run(t, 30*time.Minute)
		}, want: []string{"0s queued in_charge mail", "2m59.999s answered in_charge"}},
		{name: "an answer one second too late", ready: func(t *testing.T, x *station) { x.putLadder(t) }, then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			x.Clock.Move(3*time.Minute + time.Second)
			must(t, x.AnswerAlert(t.Context(), x.charge, alert))
			must(t, x.WorkOnce(t.Context()))
			x.run(t, time.Minute)
			must(t, x.ReadAlert(t.Context(), x.director, alert))
			must(t, x.WorkOnce(t.Context()))
			x.run(t, 30*time.Minute)
			if v := x.alert(t, id); v.Answer == nil || v.Answer.Late != time.Second {
				t.Errorf("answer = %+v, want one that is a second late", v.Answer)
			}
		}, want: []string{"0s queued in_charge mail", "3m1s answered in_charge late 1s", "3m1s climbed director", "3m1s queued director mail", "4m1s read director", "4m1s settled"}},
		{name: "a reading holds it up once", ready: func(t *testing.T, x *station) { x.putLadder(t) }, then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			x.run(t, 2*time.Minute)
			must(t, x.ReadAlert(t.Context(), x.charge, alert))
			x.run(t, 4*time.Minute)
		}, want: []string{"0s queued in_charge mail", "2m0s read in_charge", "5m0s climbed director", "5m0s queued director mail"}},
		{name: "on a holiday only who is on duty then", ready: func(t *testing.T, x *station) {
			x.Clock.Move(24 * time.Hour) // Thanksgiving, a Thursday
			must(t, x.WorkOnce(t.Context()))
			all := notify.Hours{Days: notify.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)}
			x.putPlan(t, notify.Plan{
				Shifts:   []notify.Shift{{Person: x.charge.Pseudonym, Role: people.InCharge, Hours: all}},
				Holidays: []notify.Holiday{{Date: notify.Date{Year: 2026, Month: time.November, Day: 26}, Name: "Thanksgiving"}},
			})
		}, want: []string{"0s nobody in in_charge", "0s climbed director", "0s queued director mail"}},
		{name: "a working day", ready: func(t *testing.T, x *station) {
			all := notify.Hours{Days: notify.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)}
			x.putPlan(t, notify.Plan{Shifts: []notify.Shift{{Person: x.charge.Pseudonym, Role: people.InCharge, Hours: all}}})
		}, want: []string{"0s queued in_charge mail"}},
		{name: "the hour after daylight saving begins, within the shift", ready: func(t *testing.T, x *station) {
			x.night(t, time.Date(2027, 3, 14, 7, 30, 0, 0, time.UTC)) // 3:30 in New York
		}, want: []string{"0s queued in_charge mail"}},
		{name: "the hour after daylight saving begins, after the shift", ready: func(t *testing.T, x *station) {
			x.night(t, time.Date(2027, 3, 14, 8, 30, 0, 0, time.UTC)) // 4:30; it would be 3:30 without
		}, want: []string{"0s nobody in in_charge", "0s climbed director", "0s queued director mail"}},
		{name: "taking charge answers", then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			x.run(t, time.Minute)
			must(t, x.TakeCharge(t.Context(), x.director, id))
			x.run(t, 30*time.Minute)
		}, want: []string{"0s queued in_charge mail", "1m0s took over"}},
		{name: "it goes on when the walk has ended, until somebody answers", ready: func(t *testing.T, x *station) { x.putLadder(t) }, then: func(t *testing.T, x *station, id store.CaseID, alert app.AlertID) {
			v, err := x.ReadWalk(t.Context(), x.desk, id, "")
			must(t, err)
			step, _ := v.Walk.Step()
			_, err = x.Record(t.Context(), x.desk, id, walk.Event{Kind: walk.Ended, Step: step, Outcome: walk.Left, Follows: v.Walk.Head()})
			must(t, err)
			x.run(t, 4*time.Minute)
			must(t, x.AnswerAlert(t.Context(), x.director, alert))
			x.run(t, 10*time.Minute)
		}, want: []string{"0s queued in_charge mail", "0s walk ended", "3m0s climbed director", "3m0s queued director mail", "4m0s answered director"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, s *store.Store) {
				x := newStation(t, s)
				if c.ready != nil {
					c.ready(t, x)
				}
				id := x.call(t, "baiting", people.InCharge)
				must(t, x.WorkOnce(t.Context()))
				alert := x.alert(t, id).ID
				if c.then != nil {
					c.then(t, x, id, alert)
				}
				list, err := x.CaseAlerts(t.Context(), x.A.As(t, people.Director), id)
				must(t, err)
				if got := story(list[0], steps...); !cmp.Equal(got, c.want) {
					t.Errorf("what happened: %s", cmp.Diff(c.want, got))
				}
			})
		})
	}
}

// night moves the clock to a night, with somebody on duty until four by the clock on
// the wall. The clock jumps: nothing is deleted until somebody confirms it, and alerts
// go on.
func (x *station) night(t *testing.T, at time.Time) {
	t.Helper()
	x.Clock.Move(at.Sub(x.Clock.Now()))
	must(t, x.WorkOnce(t.Context()))
	x.desk = x.A.AtDesk(t)
	x.putPlan(t, notify.Plan{Shifts: []notify.Shift{{Person: x.charge.Pseudonym, Role: people.InCharge, Hours: notify.Hours{Days: notify.On(time.Sunday), To: 4 * 60}}}})
}

// What the channels answer, and what becomes of it.
func TestSenders(t *testing.T) {
	result := func(o notify.Outcome) func(context.Context, int, notify.Delivery) (notify.Result, error) {
		return func(context.Context, int, notify.Delivery) (notify.Result, error) {
			return notify.Result{Outcome: o}, errors.New("as it was told")
		}
	}
	cases := []struct {
		name string
		sms  func(context.Context, int, notify.Delivery) (notify.Result, error)
		wait time.Duration
		want []string
		more func(t *testing.T, x *station, sent []notify.Delivery)
	}{
		{name: "it takes it", want: []string{"queued sms", "sent sms"}},
		{name: "it declines", sms: result(notify.Declined), want: []string{"queued sms", "refused sms", "queued mail", "sent mail"}},
		{name: "it is set up wrongly", sms: result(notify.Unusable), want: []string{"queued sms", "refused sms", "queued mail", "sent mail"}},
		{name: "the number is gone", sms: result(notify.Gone), want: []string{"queued sms", "refused sms", "queued mail", "sent mail"}, more: func(t *testing.T, x *station, sent []notify.Delivery) {
			ways, err := x.MyAlertWays(t.Context(), x.charge)
			must(t, err)
			if ways.Number != "" || len(ways.Lost) != 1 {
				t.Errorf("number %q, lost %v, want it forgotten and told", ways.Number, ways.Lost)
			}
		}},
		{name: "it delays, then takes it", sms: func(_ context.Context, nth int, _ notify.Delivery) (notify.Result, error) {
			if nth == 1 {
				return notify.Result{Outcome: notify.Later}, errors.New("not now")
			}
			return notify.Result{Outcome: notify.Accepted}, nil
		}, wait: 20 * time.Second, want: []string{"queued sms", "delayed sms", "queued mail", "sent mail", "sent sms"}, more: func(t *testing.T, x *station, sent []notify.Delivery) {
			if len(sent) != 2 || sent[0].ID != sent[1].ID {
				t.Errorf("sent %v, want the same attempt twice", sent)
			}
		}},
		{name: "it says nothing that can be understood", sms: result(0), want: []string{"queued sms", "delayed sms", "queued mail", "sent mail"}},
		{name: "it hangs until it is stopped", sms: func(ctx context.Context, _ int, _ notify.Delivery) (notify.Result, error) {
			<-ctx.Done()
			return notify.Result{Outcome: notify.Later}, ctx.Err()
		}, want: []string{"queued sms", "delayed sms", "queued mail", "sent mail"}},
		{name: "it never comes back", sms: func(context.Context, int, notify.Delivery) (notify.Result, error) { select {} },
			want: []string{"queued sms", "delayed sms", "queued mail", "sent mail"}},
		{name: "it delays for ever", sms: result(notify.Later), wait: 50 * time.Minute, want: nil, more: func(t *testing.T, x *station, sent []notify.Delivery) {
			if n := len(sent); n < 9 || n > 30 {
				t.Errorf("it was sent %d times, want some tries of each attempt and an end", n)
			}
		}},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x := newStation(t, s)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				x.withNumber(t)
				x.sms.Answer(c.sms)
				sent := len(x.sms.Sent())
				id := x.call(t, "baiting", people.InCharge)
				must(t, x.WorkOnce(t.Context()))
				x.run(t, c.wait)
				var got []string
				for _, e := range x.alert(t, id).Entries[1:] {
					got = append(got, string(e.Kind)+" "+string(e.Channel))
				}
				if c.want != nil && !cmp.Equal(got, c.want) {
					t.Errorf("what happened: %s", cmp.Diff(c.want, got))
				}
				if c.more != nil {
					c.more(t, x, x.sms.Sent()[sent:])
				}
				must(t, x.CallOffAlerts(t.Context(), x.desk, id))
			})
		}
	})
}

// A channel that hangs keeps no other alert back, and no other job.
func TestHangingChannel(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x := newStation(t, s)
		x.withNumber(t)
		x.SendTime = 30 * time.Second
		x.App = x.Process(t, x.Key)
		x.sms.Answer(func(ctx context.Context, _ int, _ notify.Delivery) (notify.Result, error) {
			<-ctx.Done()
			return notify.Result{Outcome: notify.Later}, ctx.Err()
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- x.Work(ctx) }()
		first := x.call(t, "baiting", people.InCharge) // by text message, which hangs
		<-x.sms.Came()
		second := x.call(t, "officer", people.Director) // by mail
		select {
		case <-x.mail.Came():
		case <-time.After(10 * time.Second):
			t.Error("a message by mail waits for a text message that hangs")
		}
		stop()
		must(t, <-done)
		for _, id := range []store.CaseID{first, second} {
			if v := x.alert(t, id); v.Over {
				t.Error("an alert is over, want it to go on")
			}
		}
	})
}
