package web

import (
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
)

// TestLockedPageOpensForTheSecretOnly: a page that has locked itself asks to be
// opened, also when the server was not told that it is locked.
func TestLockedPageOpensForTheSecretOnly(t *testing.T) {
	b := smallWorld(t).browsers["director"]
	b.header["Accept"] = []string{"application/json"}
	b.posts(403, "/lock", "secret", "wrong words entirely", "next", "/manage/people")
	delete(b.header, "Accept")
	if to := b.gets(303, "/manage/people").Header().Get("Location"); !strings.HasPrefix(to, "/lock") {
		t.Errorf("after a wrong secret /manage/people leads to %q, want the lock", to)
	}
	b.header["Accept"] = []string{"application/json"}
	b.posts(200, "/lock", "secret", apptest.Password, "next", "/manage/people")
	delete(b.header, "Accept")
	b.gets(200, "/manage/people")
}

// TestScriptIsToldWhatToChange: where a form would mark a field, script is told the
// same words.
func TestScriptIsToldWhatToChange(t *testing.T) {
	b := smallWorld(t).browsers["director"]
	b.gets(200, "/me/pin")
	page := problemsOf(b.posts(422, "/me/pin", "pin", "12"))
	b.header["Accept"] = []string{"application/json"}
	var got struct{ Message string }
	decode(t, b.posts(422, "/me/pin", "pin", "12"), &got)
	if got.Message == "" || !strings.Contains(page, got.Message) {
		t.Errorf("script is told %q, which the page does not say: %s", got.Message, page)
	}
}

// TestBranchesTellWhatToDial: the number for emergencies is 911 behind what is dialled
// first, and never the desk's own.
func TestBranchesTellWhatToDial(t *testing.T) {
	w := smallWorld(t)
	page := strings.ReplaceAll(problemsOf(w.browsers["director"].gets(200, "/manage/branches")), "\u00a0", " ")
	for _, want := range []string{"Emergency: dial 9 911", "The desk’s own number: 555 0100", "Eastern (New York)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the branches do not show %q: %s", want, page)
		}
	}
}

// TestPublicPagesBearTheLibrarysName: and no other name, also to a stranger.
func TestPublicPagesBearTheLibrarysName(t *testing.T) {
	for _, tt := range []struct {
		w    *world
		want string
	}{{smallWorld(t), "<title>Elm Street Library</title>"}, {fullWorld(t), "<title>Library</title>"}} {
		if page := tt.w.browsers["stranger"].gets(200, "/help").Body.String(); !strings.Contains(page, tt.want) {
			t.Errorf("/help does not have %q", tt.want)
		}
	}
}
