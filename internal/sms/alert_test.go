package sms

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/notify"
	"roundtable/internal/people"
)

// TestAlert takes an alert through the gateway as a server will: what Next orders
// is recorded, sent, and what became of it recorded too. The gateway is down, then
// takes it twice over; its receipt comes twice.
func TestAlert(t *testing.T) {
	const ana, cleo people.Pseudonym = "p-aaaaaaaaaaaaaaaaaaaa", "p-cccccccccccccccccccc"
	down := 1
	g := start(t, func(w http.ResponseWriter, r *http.Request) bool {
		if down--; down >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	s := to(t, g, nil)
	whole := notify.Hours{Days: notify.EveryDay}
	plan := &notify.Plan{
		Branches: []notify.Branch{{ID: "main", Zone: "America/Chicago"}},
		Shifts:   []notify.Shift{{Person: ana, Role: people.InCharge, Hours: whole}, {Person: cleo, Role: people.Director, Hours: whole}},
	}
	ladder := notify.Ladder{Pause: 10 * time.Minute, Rungs: []notify.Rung{
		{Role: people.InCharge, Within: 3 * time.Minute, Channels: []notify.Channel{notify.SMS}},
		{Role: people.Director, Within: 3 * time.Minute, Channels: []notify.Channel{notify.SMS}},
	}}
	now := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	a, err := notify.Fold([]notify.Event{{Kind: notify.Ordered, At: now, Order: &notify.Order{Alert: "018f-a", Branch: "main", Role: people.InCharge, Purpose: notify.Need, Ladder: ladder}}})
	if err != nil {
		t.Fatal(err)
	}
	add := func(e notify.Event) {
		t.Helper()
		if err := a.Add(e); err != nil {
			t.Fatalf("Add(%s): %v", e.Kind, err)
		}
	}
	send := func(at notify.Attempt) notify.Result {
		t.Helper()
		d := delivery(t)
		d.ID, d.To = at.ID, notify.NewAddress(map[people.Pseudonym]string{ana: number, cleo: "+15550100999"}[at.Person])
		result, _ := s.Send(t.Context(), d)
		add(result.Event(at.ID, now))
		return result
	}
	ask := func() {
		t.Helper()
		for _, d := range notify.Next(a, plan, now) {
			if d.Record == nil {
				continue
			}
			add(*d.Record)
			if d.Send != nil {
				for sent := 1; ; sent++ {
					result := send(*d.Send)
					wait, again := notify.Retry(sent, result.Wait)
					if result.Outcome != notify.Later || !again {
						break
					}
					now = now.Add(wait)
				}
				send(*d.Send) // whoever sends may not know that it was sent
			}
		}
	}
	ask()
	receipt, err := ParseReceipt([]byte(`{"id":"` + string(a.Attempts()[0].ID) + `","status":"delivered"}`))
	if err != nil {
		t.Fatal(err)
	}
	add(receipt.Event(now))
	add(receipt.Event(now))
	now = now.Add(3 * time.Minute)
	ask()
	add(notify.Event{Kind: notify.Answered, Person: cleo, At: now})

	var got []string
	for _, e := range a.Entries() {
		line := string(e.Kind)
		if e.Again {
			line += " again"
		}
		got = append(got, line)
	}
	want := "ordered, queued, delayed, sent, sent again, delivered, delivered again, climbed, queued, sent, sent again, answered"
	if diff := cmp.Diff(strings.Split(want, ", "), got); diff != "" || !a.IsOver() || g.sent() != 2 {
		t.Errorf("over %v, %d messages went out, want 2 (-want +got):\n%s", a.IsOver(), g.sent(), diff)
	}
}
