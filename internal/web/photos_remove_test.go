package web

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roundtable/internal/people"
)

// TestRemovePhotoWithoutScript removes a photo by links and forms alone, twice, and
// leaves it where the walk has ended.
func TestRemovePhotoWithoutScript(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	director := w.A.As(t, people.Director)
	of, err := w.App.ReadCase(t.Context(), director, mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	at, field := photoField(t, of.Walk)
	event := someID(t, 7)
	form := []string{"event", event, "step", strconv.Itoa(at + 1), "field", field, "nobody", "yes", "shows", "canary face"}
	wrong := photograph(t, 1, 300, 200)
	desk.want(desk.sendPhoto(t, id, wrong, form...), 303, "a photo")
	desk.want(desk.sendPhoto(t, id, photograph(t, 2, 300, 200), "step", "1", "nobody", "yes", "shows", "The paper"), 303, "another photo")

	files := "/i/" + id + "/files"
	away := regexp.MustCompile(`href="([^"]+/remove[^"]*)"`)
	links := away.FindAllStringSubmatch(desk.gets(200, files).Body.String(), -1)
	if len(links) != 2 || links[0][1] != files+"/"+event+"/remove" {
		t.Fatalf("the page of the photos leads to %q, want to two removals", links)
	}
	remove := links[0][1]
	shown := desk.gets(200, remove)
	if text := problemsOf(shown); !strings.Contains(text, "Remove this photo?") || !strings.Contains(text, "canary face") || !strings.Contains(text, "when it was removed") || !strings.Contains(shown.Body.String(), `action="`+remove+`"`) {
		t.Errorf("the page does not ask, or does not say what is removed: %s", text)
	}
	if got := problemsOf(desk.gets(200, files)); !strings.Contains(got, "canary face") {
		t.Errorf("to ask removed the photo: %s", got)
	}

	// Whoever may not: to most of them there is no such thing.
	for _, who := range []string{"stranger", "board", "admin", "trainer"} {
		if got := w.browsers[who].post(remove).Code; got != 403 && got != 404 {
			t.Errorf("POST %s as %s = %d", remove, who, got)
		}
	}
	desk.posts(404, files+"/"+someID(t, 3)+"/remove")
	desk.posts(404, files+"/x/remove")
	desk.gets(404, files+"/x/remove")

	for range 2 {
		if got := desk.posts(303, remove).Header().Get("Location"); got != files {
			t.Errorf("removing leads to %q, want the photos", got)
		}
	}
	if got := desk.gets(303, remove).Header().Get("Location"); got != files {
		t.Errorf("asking to remove what is removed leads to %q, want the photos", got)
	}
	desk.gets(404, files+"/"+event)
	after := desk.gets(200, files)
	if text := problemsOf(after); !strings.Contains(text, "Removed photos") || !strings.Contains(text, "Photo 1: The paper") || strings.Contains(text, "canary") || !strings.Contains(after.Body.String(), `data-removed="`+id+`"`) {
		t.Errorf("the photos after a removal: %s", text)
	}
	if text := problemsOf(desk.gets(200, "/i/"+id+"/step/"+strconv.Itoa(at+1))); strings.Contains(text, "canary") {
		t.Errorf("the step still tells of the photo: %s", text)
	}
	if text := problemsOf(desk.gets(200, "/i/"+id+"/step/1")); !strings.Contains(text, "1 photo is kept") {
		t.Errorf("the step does not say that one photo is left: %s", text)
	}

	// The same form sent again, as a browser does that was gone back in.
	desk.want(desk.sendPhoto(t, id, wrong, form...), 303, "the photo again")
	if got := strings.Join(w.record(t, director, id), ", "); got != "started, pictured, pictured, corrected" {
		t.Errorf("the record has %s", got)
	}
	log := problemsOf(w.browsers["director"].gets(200, "/i/"+id+"/log"))
	if !strings.Contains(log, "Photo removed Taken at") || strings.Contains(log, "canary") || !strings.Contains(log, "Photo The paper") {
		t.Errorf("the log of the case: %s", log)
	}

	// Whoever follows the walk sees the same, until it has ended.
	list := w.browsers["director"]
	kept := links[1][1]
	list.gets(200, kept)
	step := desk.open(t, "/i/"+id+"/step/1")
	step.press(step.to("stop")[0])
	if text := problemsOf(list.gets(200, files)); strings.Contains(text, "Remove this photo") || !strings.Contains(text, "they are not removed here") {
		t.Errorf("the photos of an ended walk: %s", text)
	}
	if text := problemsOf(list.gets(409, kept)); !strings.Contains(text, "This walk has ended.") {
		t.Errorf("asking to remove a photo of an ended walk: %s", text)
	}
	if text := problemsOf(list.posts(409, kept)); !strings.Contains(text, "This walk has ended.") {
		t.Errorf("removing a photo of an ended walk: %s", text)
	}
	list.gets(200, strings.TrimSuffix(kept, "/remove"))
}

// TestRemovePhotoInSpanish: the pages keep the language in which the walk is read.
func TestRemovePhotoInSpanish(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	event := someID(t, 7)
	desk.want(desk.sendPhoto(t, id, photograph(t, 1, 30, 20), "event", event, "step", "1", "nobody", "yes"), 303, "a photo")
	remove := "/i/" + id + "/files/" + event + "/remove?lang=es"
	if page := desk.gets(200, "/i/"+id+"/files?lang=es").Body.String(); !strings.Contains(page, `href="`+remove+`"`) {
		t.Error("the Spanish page does not lead to the Spanish question")
	}
	if text := problemsOf(desk.gets(200, remove)); !strings.Contains(text, "¿Quitar esta foto?") {
		t.Errorf("the question is not in Spanish: %s", text)
	}
	if got := desk.posts(303, remove).Header().Get("Location"); got != "/i/"+id+"/files?lang=es" {
		t.Errorf("removing leads to %q, want the Spanish page", got)
	}
}
