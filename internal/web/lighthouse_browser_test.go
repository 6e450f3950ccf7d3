package web

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"testing"

	"roundtable/internal/app"
	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
)

// lighthouseRuns is how many times a page is looked at, at most: the best performance
// counts.
const lighthouseRuns = 3

// idle is how busy a machine may be for what Lighthouse says of performance to be held
// at 100; on a busier one it has to be busyPoints.
const (
	idle       = 1.3
	busyPoints = 80
)

// faulty is a page on which Lighthouse has to find something.
const faulty = `<!doctype html><html><head><title>x</title></head><body><img src="/none.png"><p style="color:#ccc;background:#fff">Hard to read</p></body></html>`

// TestLighthouse: the desk of a device and a step of whoever is signed in get 100 points
// for accessibility and best practices in each run, and for performance in the best. A
// device's own step is another matter: as soon as it keeps the walk, it loads the page
// again from what it keeps, and the second one's paint is what Lighthouse counts.
func TestLighthouse(t *testing.T) {
	d := newBudgetDesk(t)
	d.change.Store(onTheWay(func(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
		if r.URL.Path != "/test-faulty" {
			serve(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, faulty)
	}))
	_, token := d.A.Device(t, d.A.Branch)
	who := d.A.As(t, people.Desk)
	id, err := d.StartWalk(t.Context(), who, app.StartForm{Playbook: "officer", Branch: d.A.Branch})
	if err != nil {
		t.Fatal(err)
	}
	device, session := deviceCookie.named(false)+"="+token, sessionCookie.named(false)+"="+d.A.Login(t, people.Desk).Token
	control := false
	best, calmest := map[string]int{}, map[string]float64{}
	for _, q := range chromium.Lighthouse(t, lighthouseRuns,
		chromium.AuditedPage{URL: d.origin + "/desk", Cookie: device},
		chromium.AuditedPage{URL: d.origin + "/i/" + string(id) + "/step/1", Cookie: session},
		chromium.AuditedPage{URL: d.origin + "/test-faulty"},
	) {
		if strings.HasSuffix(q.URL, "/test-faulty") {
			if q.Accessibility == 100 || q.BestPractices == 100 {
				t.Errorf("a faulty page has %d points for accessibility and %d for best practices", q.Accessibility, q.BestPractices)
			}
			control = true
			continue
		}
		t.Logf("%s: performance %d, accessibility %d, best practices %d; the machine was %.1f times as slow as idle", q.URL, q.Performance, q.Accessibility, q.BestPractices, q.Busy)
		for _, lost := range q.Lost {
			t.Logf("  %s", lost)
		}
		if q.Accessibility < 100 || q.BestPractices < 100 {
			t.Errorf("%s has %d points for accessibility and %d for best practices, want 100", q.URL, q.Accessibility, q.BestPractices)
		}
		best[q.URL] = max(best[q.URL], q.Performance)
		calmest[q.URL] = min(cmp.Or(calmest[q.URL], q.Busy), q.Busy)
	}
	for url, points := range best {
		want := 100
		if calmest[url] > idle {
			want = busyPoints
			t.Logf("NOT HELD at 100: performance of %s, since the machine was %.1f times as slow as idle at its calmest", url, calmest[url])
		}
		if points < want {
			t.Errorf("%s has %d points for performance, want %d", url, points, want)
		}
	}
	if len(best) != 2 || !control {
		t.Errorf("%d pages were looked at, want 2, and a faulty one (%v)", len(best), control)
	}
}
