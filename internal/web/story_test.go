package web

import (
	"regexp"
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
)

// TestSetUpThroughThePages goes from an empty installation to a desk: set-up, the
// other one's invitation, a device, and signing in again.
func TestSetUpThroughThePages(t *testing.T) {
	w := emptyWorld(t)
	stranger := w.browsers["stranger"]
	if to := stranger.gets(303, "/").Header().Get("Location"); to != "/setup" {
		t.Errorf("GET / before set-up leads to %q, want /setup", to)
	}
	if to := stranger.gets(303, "/desk").Header().Get("Location"); to != "/setup" {
		t.Errorf("GET /desk before set-up leads to %q, want /setup", to)
	}
	stranger.gets(303, "/setup/people")
	stranger.posts(422, "/setup", "code", "nonsense")

	director, invitation := w.setUp()
	director.gets(200, "/desk")
	admin := w.accept(invitation)
	admin.gets(200, "/manage/people")
	stranger.gets(410, "/setup")
	stranger.gets(410, "/setup/address")

	branch := regexp.MustCompile(`/manage/branches/([0-9a-f-]{36})`).FindStringSubmatch(director.gets(200, "/manage/branches").Body.String())
	if branch == nil {
		t.Fatal("the page of branches has no branch")
	}
	desk := w.enrol(director, branch[1])
	page := problemsOf(desk.gets(200, "/desk"))
	for _, want := range []string{"What is happening?", "Elm Street Library", "Main", "dial 9 911"} {
		if !strings.Contains(page, want) {
			t.Errorf("the desk does not show %q: %s", want, page)
		}
	}

	director.posts(303, "/signout")
	if director.cookies["__Host-roundtable"] != "" {
		t.Error("signing out leaves the cookie")
	}
	if to := director.gets(303, "/manage/people").Header().Get("Location"); to != "/signin?next=%2Fmanage%2Fpeople" {
		t.Errorf("signed out, /manage/people leads to %q, want the sign-in", to)
	}
	director.gets(200, "/signin")
	if to := director.posts(303, "/signin", "name", "imani@elm.example", "password", apptest.Password, "next", "/manage/people").Header().Get("Location"); to != "/manage/people" {
		t.Errorf("signing in leads to %q, want /manage/people", to)
	}
	director.gets(200, "/manage/people")
}
