package app_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// Whoever dies between ordering an attempt and keeping what became of it leaves it to
// the next one, who sends it again under the same id.
func TestSenderDies(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x := newStation(t, s)
		ctx, die := context.WithCancel(t.Context())
		x.mail.Answer(func(context.Context, int, notify.Delivery) (notify.Result, error) {
			die()
			return notify.Result{Outcome: notify.Accepted}, nil
		})
		id := x.call(t, "baiting", people.InCharge)
		x.WorkOnce(ctx) // whatever it says: it is dead
		if got := story(x.alert(t, id)); len(got) != 2 {
			t.Fatalf("entries %v, want it ordered and queued, and no more", got)
		}
		x.mail.Answer(nil)
		other := x.Process(t, x.Key)
		must(t, other.WorkOnce(t.Context()))
		if n := len(x.mail.Sent()); n != 1 {
			t.Fatalf("sent %d times while the lease held, want once", n)
		}
		x.Clock.Move(time.Minute)
		must(t, other.WorkOnce(t.Context()))
		sent := x.mail.Sent()
		if len(sent) != 2 || sent[0].ID != sent[1].ID || sent[0].Message != sent[1].Message {
			t.Errorf("sent %v, want the same twice", sent)
		}
		if got := story(x.alert(t, id), notify.Sent); !cmp.Equal(got, []string{"1m0s sent in_charge mail"}) {
			t.Errorf("entries %v, want it sent after a minute", got)
		}
	})
}

// Two servers on one PostgreSQL, one of which stops: the other goes on, and nothing is
// sent twice or left out.
func TestAlertsOnTwoServers(t *testing.T) {
	url := storetest.Database(t)
	open := func() *store.Store {
		s, err := store.OpenPostgres(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { s.Close() })
		must(t, s.MakeTenant(t.Context(), people.Installation))
		return s
	}
	x := newStation(t, open())
	first, own := x.App, x.Store
	x.Store = open()
	second := x.Process(t, x.Key)
	x.Store = own // with which the test looks at it
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- first.Work(ctx) }()
	id := x.call(t, "baiting", people.InCharge)
	select {
	case <-x.mail.Came():
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was sent by the server at which it was ordered")
	}
	x.until(t, id, func(v app.AlertView) bool { return !v.Attempts[0].Sent.IsZero() })
	stop()
	must(t, <-done)
	x.App = second
	x.run(t, 12*time.Minute)
	want := []string{"0s queued in_charge mail", "3m0s queued in_charge mail", "6m0s queued director mail", "11m0s queued director mail"}
	if got := story(x.alert(t, id), notify.Queued); !cmp.Equal(got, want) {
		t.Errorf("what happened: %s", cmp.Diff(want, got))
	}
	ids := map[notify.AttemptID]bool{}
	for _, d := range x.mail.Sent() {
		ids[d.ID] = true
	}
	if len(ids) != 4 || len(x.mail.Sent()) != 4 {
		t.Errorf("%d messages of %d attempts, want 4 of 4", len(x.mail.Sent()), len(ids))
	}
}

// Two that look at the same alerts at once order and send each attempt once.
func TestTwoLookAtAlertsAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x := newStation(t, s)
		second := x.Process(t, x.Key)
		var ids []store.CaseID
		for range 4 {
			ids = append(ids, x.call(t, "baiting", people.InCharge))
		}
		var both errgroup.Group
		for _, a := range []*app.App{x.App, second} {
			both.Go(func() error { return a.WorkOnce(t.Context()) })
		}
		must(t, both.Wait())
		for _, id := range ids {
			if got := story(x.alert(t, id), notify.Queued, notify.Sent); !cmp.Equal(got, []string{"0s queued in_charge mail", "0s sent in_charge mail"}) {
				t.Errorf("entries %v, want it queued and sent once", got)
			}
		}
		if n := len(x.mail.Sent()); n != len(ids) {
			t.Errorf("%d messages of %d alerts", n, len(ids))
		}
	})
}

// until waits for a state that another goroutine brings about.
func (x *station) until(t testing.TB, id store.CaseID, is func(app.AlertView) bool) {
	t.Helper()
	for range 1000 {
		if is(x.alert(t, id)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not come about within 10 s")
}

// While a jump of the clock waits for being confirmed nothing is deleted, and alerts go
// on.
func TestAlertsWhileTheClockIsInDoubt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		x.Clock.Move(30 * 24 * time.Hour)
		must(t, x.WorkOnce(ctx))
		if j, err := x.ReadClock(ctx, x.A.As(t, people.Director)); err != nil || j.From.IsZero() {
			t.Fatalf("ReadClock = %v, %v, want a jump", j, err)
		}
		x.desk = x.A.AtDesk(t)
		id := x.call(t, "suspected-abuse", people.InCharge)
		must(t, x.WorkOnce(ctx))
		x.run(t, 4*time.Minute)
		want := []string{"0s queued in_charge mail", "3m0s queued in_charge mail"}
		if got := story(x.alert(t, id), notify.Queued); !cmp.Equal(got, want) {
			t.Errorf("what happened: %s", cmp.Diff(want, got))
		}
		v, err := x.ReadWalk(ctx, x.desk, id, "")
		must(t, err)
		step, _ := v.Walk.Step()
		_, err = x.Record(ctx, x.desk, id, walk.Event{Kind: walk.Ended, Step: step, Outcome: walk.Left, Follows: v.Walk.Head()})
		must(t, err)
		must(t, x.WorkOnce(ctx))
		if n := x.rows(t, "alerts"); n != 1 {
			t.Errorf("%d alerts, want the one whose case may not be destroyed now", n)
		}
		must(t, x.AcceptClock(ctx, x.A.As(t, people.Director)))
		must(t, x.WorkOnce(ctx))
		x.wantNothing(t)
	})
}

// rows counts the rows of a table of the library.
func (x *station) rows(t testing.TB, table string) (n int) {
	t.Helper()
	x.dump(t, func(of store.Table, row []any) {
		if of.Name == table {
			n++
		}
	})
	return n
}

func (x *station) dump(t testing.TB, each func(store.Table, []any)) {
	t.Helper()
	must(t, x.Store.Read(t.Context(), x.A.ID, func(tx *store.Tx) error {
		var of store.Table
		return tx.Dump(t.Context(), func(table store.Table) error { of = table; return nil }, func(row []any) error { each(of, row); return nil })
	}))
}

// wantNothing fails unless nothing of any alert is left.
func (x *station) wantNothing(t testing.TB) {
	t.Helper()
	for _, table := range []string{"alerts", "alert_events", "alert_attempts"} {
		if n := x.rows(t, table); n != 0 {
			t.Errorf("%d rows are left in %s, want none", n, table)
		}
	}
	x.dump(t, func(of store.Table, row []any) {
		if of.Name == "jobs" && (slices.Contains(row, any(store.JobAlert)) || slices.Contains(row, any(store.JobSend))) {
			t.Errorf("a job of an alert is left: %v", row)
		}
	})
}

// With its case an alert is gone, also while it is being sent.
func TestAlertsArePurged(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		x.withNumber(t)
		x.sms.Answer(func(context.Context, int, notify.Delivery) (notify.Result, error) {
			return notify.Result{Outcome: notify.Later}, nil
		})
		id := x.call(t, "baiting", people.InCharge)
		must(t, x.WorkOnce(ctx))
		alert, attempt := x.alert(t, id).ID, x.sms.Sent()[0].ID
		if x.rows(t, "alert_events") == 0 || x.rows(t, "alert_attempts") != 2 {
			t.Fatal("there is nothing to be purged")
		}
		must(t, x.Destroy(ctx, x.A.ID, "retention", id))
		x.wantNothing(t)
		x.run(t, 5*time.Minute)
		x.wantNothing(t)
		if _, err := x.Alert(ctx, x.charge, alert); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Alert of a destroyed case = %v, want not found", err)
		}
		body := fmt.Appendf(nil, `{"id":%q,"status":"delivered"}`, attempt)
		if err := x.Receipt(ctx, x.Place(), "Bearer "+x.sms.Secret, body); err != nil {
			t.Errorf("a receipt for what was destroyed = %v, want it to change nothing", err)
		}
		x.wantNothing(t)
	})
}

func TestReceipts(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		x.withNumber(t)
		id := x.call(t, "baiting", people.InCharge)
		must(t, x.WorkOnce(ctx))
		attempt := x.sms.Sent()[0].ID
		receipt := func(from *app.App, status string) error {
			return from.Receipt(ctx, x.Place(), "Bearer "+x.sms.Secret, fmt.Appendf(nil, `{"id":%q,"status":%q}`, attempt, status))
		}
		for _, wrong := range []string{"", "Bearer ", "Bearer wrong", x.sms.Secret} {
			if err := x.Receipt(ctx, x.Place(), wrong, fmt.Appendf(nil, `{"id":%q,"status":"delivered"}`, attempt)); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Receipt with the authorization %q = %v, want not found", wrong, err)
			}
		}
		for _, body := range []string{"", "{}", `{"id":"x","status":"read"}`, `{"id":"x","status":"delivered","to":"+15550100123"}`} {
			if err := x.Receipt(ctx, x.Place(), "Bearer "+x.sms.Secret, []byte(body)); fault.KindOf(err) != fault.Invalid {
				t.Errorf("Receipt of %q = %v, want it to be invalid", body, err)
			}
		}
		x.Clock.Move(5 * time.Second)
		must(t, receipt(x.App, "delivered"))
		x.Clock.Move(5 * time.Second)
		must(t, receipt(x.Process(t, x.Key), "delivered")) // another process, which did not send it
		want := []string{"0s ordered in_charge", "0s queued in_charge sms", "0s sent in_charge sms", "5s delivered in_charge sms"}
		if got := story(x.alert(t, id)); !cmp.Equal(got, want) {
			t.Errorf("what happened: %s", cmp.Diff(want, got))
		}
		if err := x.Receipt(ctx, x.Place(), "Bearer "+x.sms.Secret, []byte(`{"id":"0123456789abcdef0123456789abcdef","status":"failed"}`)); err != nil {
			t.Errorf("Receipt of what nobody knows = %v, want it to change nothing", err)
		}

		second := x.call(t, "hygiene", people.InCharge)
		must(t, x.WorkOnce(ctx))
		attempt = x.sms.Sent()[1].ID
		for range 2 {
			must(t, receipt(x.App, "failed"))
		}
		must(t, x.WorkOnce(ctx))
		want = []string{"0s ordered in_charge", "0s queued in_charge sms", "0s sent in_charge sms", "0s failed in_charge sms", "0s queued in_charge mail", "0s sent in_charge mail"}
		if got := story(x.alert(t, second)); !cmp.Equal(got, want) {
			t.Errorf("what happened: %s", cmp.Diff(want, got))
		}
		place := x.Place()
		for n := 0; ; n++ {
			if err := x.Receipt(ctx, place, "Bearer guess", nil); fault.KindOf(err) == fault.Refused {
				break
			}
			if n > 100 {
				t.Fatal("guesses of the gateway's secret are not bounded")
			}
		}
	})
}

// Of a sealed case the ledger says nothing but that something was done.
func TestSealedAlert(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		before := len(x.Entries(t, x.A.ID))
		id := x.call(t, "suspected-abuse", people.InCharge)
		must(t, x.WorkOnce(ctx))
		alert := x.alert(t, id).ID
		v, err := x.Alert(ctx, x.charge, alert)
		must(t, err)
		if !v.Mine || !v.MayAnswer {
			t.Errorf("mine %v, may answer %v, want whom suspected abuse has called to answer", v.Mine, v.MayAnswer)
		}
		must(t, x.ReadAlert(ctx, x.charge, alert))
		must(t, x.CallOffAlerts(ctx, x.desk, id))
		must(t, x.AnswerAlert(ctx, x.charge, alert)) // too late to matter
		if v := x.alert(t, id); v.End != notify.CalledOff {
			t.Errorf("end %q, want it called off", v.End)
		}
		n := 0
		for _, e := range x.Entries(t, x.A.ID)[before:] {
			if n++; e.Kind != "sealed" {
				t.Errorf("an entry shows the kind %s", e.Kind)
			}
		}
		if n < 6 {
			t.Errorf("%d entries, want one for each act", n)
		}
	})
}

// No message, log line or column that is not sealed says what happened.
func TestAlertsTellNothing(t *testing.T) {
	const canary = "Kanarienvogel"
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		x.withNumber(t)
		x.sms.Answer(func(context.Context, int, notify.Delivery) (notify.Result, error) {
			return notify.Result{Outcome: notify.Unusable}, nil
		})
		id := x.call(t, "suspected-abuse", people.InCharge)
		_, err := x.Record(ctx, x.desk, id, walk.Event{Kind: walk.Noted, Text: canary})
		must(t, err)
		must(t, x.WorkOnce(ctx))
		x.run(t, 8*time.Minute)
		v, err := x.ReadWalk(ctx, x.desk, id, "")
		must(t, err)
		telling := []string{canary, v.Sheet.Title, "abuse", "child", "baiting", "in_charge", "director", "555", "@", "Person"}
		sent := append(x.mail.Sent(), x.sms.Sent()...)
		if len(sent) < 3 {
			t.Fatalf("%d messages, want several", len(sent))
		}
		for _, d := range sent {
			for _, word := range telling {
				if strings.Contains(d.Message.Text()+d.Message.Title()+string(d.ID), word) {
					t.Errorf("a message says %q", word)
				}
			}
		}
		for _, word := range telling[:3] {
			if strings.Contains(x.Log.String(), word) {
				t.Errorf("the log says %q", word)
			}
		}
		id1 := regexp.MustCompile(`^([0-9a-f-]{36}|[0-9a-f]{32}|need|alert|alert-send|)$`)
		looked := 0
		x.dump(t, func(of store.Table, row []any) {
			if !strings.HasPrefix(of.Name, "alert") && of.Name != "jobs" || of.Name == "jobs" && !slices.Contains(row, any(store.JobAlert)) && !slices.Contains(row, any(store.JobSend)) {
				return
			}
			for i, value := range row {
				looked++
				switch text, isText := value.(string); {
				case isText && !id1.MatchString(text):
					t.Errorf("%s.%s is %q, want an id", of.Name, of.Columns[i].Name, text)
				case of.Columns[i].Type == store.BlobColumn:
					if _, err := vault.ParseSealed(value.([]byte)); err != nil {
						t.Errorf("%s.%s is not sealed: %v", of.Name, of.Columns[i].Name, err)
					}
				}
			}
		})
		if looked < 50 {
			t.Errorf("%d values looked at, want all of several alerts' rows", looked)
		}
	})
}

// A test call goes up no ladder, a drill goes up once, and both end without anybody.
func TestTriesEndByThemselves(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x, ctx := newStation(t, s), t.Context()
		if d, err := x.LastDrill(ctx, x.director, x.A.Branch); err != nil || !d.Due || d.Alert != "" {
			t.Errorf("LastDrill = %+v, %v, want one that is due", d, err)
		}
		test, err := x.TestCall(ctx, x.A.As(t, people.Admin), x.A.Branch, people.InCharge)
		must(t, err)
		drill, err := x.StartDrill(ctx, x.director, x.A.Branch)
		must(t, err)
		must(t, x.WorkOnce(ctx))
		for _, who := range []app.Who{x.desk, x.A.As(t, people.Trainer)} {
			if _, err := x.Alert(ctx, who, test); err == nil {
				t.Error("who was not told sees a test call")
			}
		}
		if v, err := x.Alert(ctx, x.charge, test); err != nil || !v.Mine || v.Purpose != notify.Test || v.Case != "" {
			t.Errorf("Alert of a test call, for who was told = %+v, %v", v, err)
		}
		x.Clock.Move(time.Minute)
		must(t, x.ReadAlert(ctx, x.charge, test))
		must(t, x.AnswerAlert(ctx, x.charge, test))
		x.run(t, 30*time.Minute)
		v, err := x.Alert(ctx, x.A.As(t, people.Admin), test)
		must(t, err)
		if v.End != notify.Answered || len(v.Attempts) != 1 {
			t.Errorf("the test call ended by %q after %d attempts, want an answer to the only one", v.End, len(v.Attempts))
		}
		v, err = x.Alert(ctx, x.director, drill)
		must(t, err)
		want := []string{"0s queued in_charge mail", "3m0s queued in_charge mail", "6m0s queued director mail", "11m0s queued director mail", "16m0s called off"}
		if got := story(v, notify.Queued, notify.CalledOff); !cmp.Equal(got, want) {
			t.Errorf("the drill: %s", cmp.Diff(want, got))
		}
		d, err := x.LastDrill(ctx, x.director, x.A.Branch)
		if err != nil || d.Due || d.Alert != drill || !d.Over {
			t.Errorf("LastDrill = %+v, %v, want this one, over and not due", d, err)
		}
		if _, err := x.TestCall(ctx, x.director, x.A.Branch, people.Board); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a test call to the board = %v, want it to be invalid", err)
		}
	})
}

// An alert's link leads there whichever library somebody looked at last.
func TestAlertOfAnotherLibrary(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		x := &station{World: apptest.Two(t, s), mail: apptest.NewSender()}
		x.Senders = map[notify.Channel]notify.Sender{notify.Mail: x.mail}
		x.App = x.Process(t, x.Key)
		x.charge, x.desk = x.A.As(t, people.InCharge), x.A.AtDesk(t)
		must(t, x.WorkOnce(t.Context()))
		id := x.call(t, "baiting", people.InCharge)
		must(t, x.WorkOnce(t.Context()))
		alert := x.alert(t, id).ID
		elsewhere := x.charge
		elsewhere.Library, elsewhere.Branch, elsewhere.Pseudonym = x.B.ID, "", "p-00000000000000000000000000"
		v, err := x.Alert(t.Context(), elsewhere, alert)
		if err != nil || !v.Mine || v.Library != x.A.ID {
			t.Errorf("Alert from another library = %+v, %v, want it as at its own", v, err)
		}
		if _, err := x.Alert(t.Context(), x.B.As(t, people.Director), alert); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Alert for somebody of another library = %v, want not found", err)
		}
	})
}

// From the desk's tap until the message is with whoever sends it, where the program
// runs as it does on a server.
func BenchmarkAlert(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			x := newStation(b, open(b))
			ctx, stop := context.WithCancel(b.Context())
			done := make(chan error, 1)
			go func() { done <- x.Work(ctx) }()
			var took []time.Duration
			for b.Loop() {
				b.StopTimer()
				id, err := x.StartWalk(b.Context(), x.desk, app.StartForm{Playbook: "baiting"})
				must(b, err)
				v, err := x.ReadWalk(b.Context(), x.desk, id, "")
				must(b, err)
				choices, _ := path(v.Walk.Plan(), v.Walk.State(), people.InCharge)
				last := len(choices) - 1
				for _, c := range choices[:last] {
					x.choose(b, id, c[0], c[1])
				}
				v, err = x.ReadWalk(b.Context(), x.desk, id, "")
				must(b, err)
				b.StartTimer()
				tapped := time.Now()
				_, err = x.Record(b.Context(), x.desk, id, walk.Event{Kind: walk.Chose, Step: choices[last][0], Choice: choices[last][1], Follows: v.Walk.Head()})
				must(b, err)
				<-x.mail.Came()
				took = append(took, time.Since(tapped))
			}
			stop()
			must(b, <-done)
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}
