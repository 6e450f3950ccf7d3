package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roundtable/internal/access"
)

// sitemap is every place of the design's sitemap, and how it is asked.
var sitemap = []string{
	"GET /desk", "GET /desk/all", "GET /go/officer", "POST /desk/start",
	"GET /i/ID", "GET /i/ID/step/3", "GET /i/ID/say/3", "GET /i/ID/live", "GET /i/ID/report", "GET /i/ID/report/people",
	"GET /i/ID/inventory", "GET /i/ID/files", "GET /i/ID/deadlines", "GET /i/ID/counsel", "GET /i/ID/log", "GET /i/ID/close", "GET /i/ID.pdf",
	"GET /incidents?state=&branch=&type=&q=", "GET /deadlines",
	"GET /practise", "GET /practise/solo/officer", "GET /practise/run/ID/step/2", "GET /practise/run/ID/feedback", "GET /practise/roundtables",
	"GET /practise/roundtables/ID/host", "GET /practise/roundtables/ID/screen", "GET /practise/roundtables/ID/summary", "GET /j", "GET /j/CODE",
	"GET /rooms", "GET /rooms/large?date=", "GET /rooms/large/request", "GET /rooms/r/TOKEN", "GET /rooms/calendar.ics",
	"GET /rooms/requests", "GET /rooms/requests/ID", "GET /rooms/calendar",
	"GET /help", "GET /help/topic", "GET /help/topic/print?lang=es,ar&size=letter", "GET /h/SHORT", "GET /manage/help",
	"GET /manage/playbooks", "GET /manage/playbooks/officer/edit/2", "GET /manage/playbooks/officer/flow", "GET /manage/playbooks/officer/check",
	"GET /manage/playbooks/officer/versions", "GET /manage/playbooks/officer/print",
	"GET /manage/policies", "GET /manage/people", "GET /manage/branches", "GET /manage/tree", "GET /manage/reports", "GET /manage/retention",
	"GET /manage/settings", "GET /manage/audit",
	"GET /now", "GET /alert/ID", "GET /signin", "GET /lock", "GET /me", "GET /offline", "GET /keys", "GET /accessibility", "GET /health",
}

func testRouter(t *testing.T) *router {
	t.Helper()
	r, err := newRouter(routes())
	if err != nil {
		t.Fatalf("newRouter(routes()): %v", err)
	}
	return r
}

func TestSitemapHasRoutes(t *testing.T) {
	r := testRouter(t)
	for _, place := range sitemap {
		method, address, _ := strings.Cut(place, " ")
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := r.find(method, u); found == nil {
			t.Errorf("%s has no route", place)
		}
	}
}

// TestRoutesAreDeclared holds the table to its own rules: an act or a reason, no
// GET that changes something without saying why, nothing public that is sent.
func TestRoutesAreDeclared(t *testing.T) {
	for _, row := range routes() {
		if row.act == "" && len(row.public) < 20 {
			t.Errorf("%s names no act and does not say why", row.name())
		}
		if row.act != "" && row.act.Kind() == access.Nowhere {
			t.Errorf("%s names %q, which is no act", row.name(), row.act)
		}
		if row.act != "" && row.public != "" {
			t.Errorf("%s names an act and says why it names none", row.name())
		}
		if row.patrons && (row.method != get || row.public != patron) {
			t.Errorf("%s is for the public and is not a public GET", row.name())
		}
		if row.json && !row.script {
			t.Errorf("%s takes JSON from a page", row.name())
		}
		if row.script && row.method != post {
			t.Errorf("%s is for script and not a POST", row.name())
		}
		if row.plain && row.act != "" {
			t.Errorf("%s does an act and does not look at who asks", row.name())
		}
	}
}

// TestGetChangesNothing fails when a route whose act changes something is a GET
// without being only the page that shows the form, and when a handler that is named
// as one that does something answers GET.
func TestGetChangesNothing(t *testing.T) {
	posted := map[string]bool{}
	for _, row := range routes() {
		if row.method == post {
			posted[row.path] = true
		}
	}
	allowed := map[string]bool{"/signin/provider/back": true, "/me/codes": true}
	for _, row := range routes() {
		if row.method == get && (row.changes != "") != allowed[row.path] {
			t.Errorf("%s: changes = %q, want a reason exactly for %v", row.name(), row.changes, allowed)
		}
		if row.method == get && mutating.MatchString(row.path) && !posted[row.path] {
			t.Errorf("%s has the name of something that is done, and is a GET", row.name())
		}
	}
}

var mutating = regexp.MustCompile(`(/(start|end|remove|revoke|off|begin|finish|withdraw|reset|signout|delete)|/lock/now)$`)

func TestRouterRefusesTables(t *testing.T) {
	serve := notMadeForAll
	for _, tt := range []struct {
		name  string
		table []route
	}{
		{"no act and no reason", []route{{method: get, path: "/a", serve: serve}}},
		{"both", []route{{method: get, path: "/a", act: access.SeeDesk, public: everybody, serve: serve}}},
		{"no such act", []route{{method: get, path: "/a", act: "dance", serve: serve}}},
		{"twice", []route{{method: get, path: "/a", public: everybody, serve: serve}, {method: get, path: "/a", public: everybody, serve: serve}}},
		{"no handler", []route{{method: get, path: "/a", public: everybody}}},
		{"a method that no page has", []route{{method: "PUT", path: "/a", public: everybody, serve: serve}}},
	} {
		if _, err := newRouter(tt.table); err == nil {
			t.Errorf("newRouter(%s) = nil error, want one", tt.name)
		}
	}
}

func TestRouterFinds(t *testing.T) {
	r := testRouter(t)
	for _, tt := range []struct{ method, address, path, value string }{
		{"GET", "/", "/", ""},
		{"HEAD", "/desk", "/desk", ""},
		{"GET", "/i/1", "/i/{case}", "1"},
		{"GET", "/i/1.pdf", "/i/{case}.pdf", "1"},
		{"GET", "/i/.pdf", "/i/{case}", ".pdf"},
		{"GET", "/rooms/r/request", "/rooms/r/{token}", "request"},
		{"GET", "/rooms/large/request", "/rooms/{room}/request", "large"},
		{"GET", "/rooms/calendar.ics", "/rooms/calendar.ics", ""},
		{"GET", "/rooms/requests", "/rooms/requests", ""},
		{"GET", "/manage/people/invite", "/manage/people/invite", ""},
		{"GET", "/manage/people/x", "/manage/people/{person}", "x"},
		{"GET", "/i/a%2Fb", "/i/{case}", "a/b"},
		{"GET", "/static/a/b.css", "/static/{file...}", "a/b.css"},
		{"GET", "/desk/", "", ""}, {"GET", "//desk", "", ""}, {"GET", "/i/", "", ""}, {"GET", "/i//live", "", ""},
		{"GET", "/nothing", "", ""}, {"POST", "/desk", "", ""}, {"DELETE", "/desk", "", ""}, {"GET", "/desk/start", "", ""},
	} {
		u := &url.URL{Path: tt.address}
		if parsed, err := url.Parse("http://x" + tt.address); err == nil {
			u = parsed
		}
		found, values := r.find(tt.method, u)
		path, value := "", ""
		if found != nil {
			path = found.path
			for _, v := range values {
				value = v
			}
		}
		if path != tt.path || value != tt.value {
			t.Errorf("find(%s %s) = %q with %q, want %q with %q", tt.method, tt.address, path, value, tt.path, tt.value)
		}
	}
}
