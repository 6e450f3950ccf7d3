package web

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roundtable/internal/people"
	"roundtable/internal/walk"
)

// photograph makes a JPEG as a camera does, with where it was taken hidden in it; each
// number gives another one.
func photograph(t testing.TB, number, w, h int) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		p.SetRGBA(i%w, i/w, color.RGBA{byte(200 + number), byte(255 - i/w*80/h), byte(i % w * 200 / w), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	hidden := []byte("Exif\x00\x00canary 40.7128 N")
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(hidden) + 2)}, hidden...)
	return append(out, b.Bytes()[2:]...)
}

// sendPhoto sends the form of a photo as a browser without script does.
func (b *client) sendPhoto(t *testing.T, id string, picture []byte, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("photo", "../../IMG_0001.jpg")
	if err == nil {
		_, err = part.Write(picture)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.send("POST", "/i/"+id+"/photo", form.FormDataContentType(), body.String())
}

var hiddenEvent = regexp.MustCompile(`name="event" value="([^"]+)"`)

// TestPhotoWithoutScript takes photos by forms alone: from the dock and for a field,
// with what was typed kept, what is missing asked for, and nothing twice.
func TestPhotoWithoutScript(t *testing.T) {
	w := fullWorld(t)
	f, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	of, err := w.App.ReadCase(t.Context(), w.A.As(t, people.Director), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	f.fields.Set("note", "They put it on the desk.")
	dock := pressable{}
	for _, b := range f.buttons {
		if b.name == "photo" && b.value == "" {
			dock = b
		}
	}
	answer := desk.want(f.press(dock), 303, "Photo in the dock")
	to := answer.Header().Get("Location")
	if to != "/i/"+id+"/photo?step=1" {
		t.Fatalf("Photo leads to %q", to)
	}
	shown := desk.gets(200, to)
	body := shown.Body.String()
	lead, camera := strings.Index(body, "Never of a person"), strings.Index(body, `type="file"`)
	if lead < 0 || camera < lead || !strings.Contains(body, `accept="image/*" capture="environment" required`) || !strings.Contains(problemsOf(shown), "There is no person in this photo") || strings.Contains(body, " checked") {
		t.Errorf("the page does not say what may be photographed before the camera, or does not ask: %s", problemsOf(shown))
	}
	if got := shown.Header().Get("Permissions-Policy"); !strings.Contains(got, "camera=(self)") {
		t.Errorf("Permissions-Policy = %q, want the camera", got)
	}
	event := hiddenEvent.FindStringSubmatch(body)[1]
	picture := photograph(t, 1, 2400, 1800)

	// What is missing is asked for, and nothing is kept.
	for name, answer := range map[string]*httptest.ResponseRecorder{
		"no tick":  desk.sendPhoto(t, id, picture, "event", event, "step", "1", "shows", "The form <b>"),
		"no photo": desk.sendPhoto(t, id, nil, "event", event, "step", "1", "nobody", "yes", "shows", "The form <b>"),
	} {
		desk.want(answer, 422, name)
		if !strings.Contains(answer.Body.String(), `value="The form &lt;b&gt;"`) {
			t.Errorf("%s: what was typed is lost: %s", name, problemsOf(answer))
		}
	}
	for name, tt := range map[string]struct {
		sent  []byte
		words string
	}{
		"half of it": {picture[:len(picture)/2], "did not arrive whole"},
		"a page":     {[]byte("<script>alert(1)</script>"), "no photo that can be kept"},
		"HEIC":       {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "Most Compatible"},
	} {
		answer := desk.sendPhoto(t, id, tt.sent, "event", event, "step", "1", "nobody", "yes", "shows", "The form")
		if desk.want(answer, 403, name); !strings.Contains(problemsOf(answer), tt.words) || !strings.Contains(answer.Body.String(), `value="The form"`) {
			t.Errorf("%s: %s", name, problemsOf(answer))
		}
	}

	// Kept, once, however often it is sent.
	for range 2 {
		answer = desk.want(desk.sendPhoto(t, id, picture, "event", event, "step", "1", "nobody", "yes", "shows", "The form"), 303, "a photo")
		if got := answer.Header().Get("Location"); got != "/i/"+id+"/step/1" {
			t.Errorf("a photo leads to %q, want the step", got)
		}
	}
	at, field := photoField(t, of.Walk)
	forField := []string{"step", strconv.Itoa(at + 1), "field", field, "nobody", "yes"}
	desk.want(desk.sendPhoto(t, id, photograph(t, 2, 300, 200), forField...), 303, "a photo for a field")
	desk.want(desk.sendPhoto(t, id, picture, "step", "1", "field", field+"x", "nobody", "yes"), 404, "a photo for no field")
	list := w.record(t, w.A.As(t, people.Director), id)
	if got := strings.Join(list, ", "); got != `started, noted "They put it on the desk.", pictured, pictured` {
		t.Errorf("the record has %s", got)
	}

	// The gallery, and each photo by itself.
	files := desk.gets(200, "/i/"+id+"/files")
	text := problemsOf(files)
	hrefs := regexp.MustCompile(`<img src="([^"]+)"`).FindAllStringSubmatch(files.Body.String(), -1)
	if len(hrefs) != 2 || !strings.Contains(text, "Photo 1: The form") || !strings.Contains(text, "1. "+of.Sheet.Steps[0].Heading) || !strings.Contains(text, "Take a photo") {
		t.Fatalf("the photos are not listed: %s", text)
	}
	for _, who := range []string{"device", "director"} {
		photo := w.browsers[who].gets(200, hrefs[0][1])
		for name, want := range map[string]string{
			"Content-Type": "image/jpeg", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": photoPolicy,
			"Cross-Origin-Resource-Policy": "same-origin", "Content-Encoding": "",
		} {
			if got := photo.Header().Get(name); got != want {
				t.Errorf("%s as %s: %s = %q, want %q", hrefs[0][1], who, name, got, want)
			}
		}
		kept := photo.Body.Bytes()
		size, err := jpeg.DecodeConfig(bytes.NewReader(kept))
		if err != nil || size.Width != 2000 || size.Height != 1500 || bytes.Contains(kept, []byte("canary")) || bytes.Contains(kept, []byte("Exif")) {
			t.Errorf("the photo is %d by %d, %v; want 2000 by 1500 with nothing hidden", size.Width, size.Height, err)
		}
	}
	for _, who := range []string{"stranger", "board", "admin", "trainer"} {
		for _, at := range []string{hrefs[0][1], "/i/" + id + "/files"} {
			if got := w.browsers[who].get(at).Code; got == 200 {
				t.Errorf("GET %s as %s = 200", at, who)
			}
		}
	}
	desk.gets(404, "/i/"+id+"/files/"+someID(t, 3))
	desk.gets(404, "/i/"+id+"/files/x")
	if step := problemsOf(desk.gets(200, "/i/"+id+"/step/1")); !strings.Contains(step, "2 photos are kept") {
		t.Errorf("the step does not say that there are photos: %s", step)
	}
	if got := problemsOf(w.browsers["director"].gets(200, "/i/"+id)); !strings.Contains(got, "Photos 2 See them") || !strings.Contains(got, "Photo The form") {
		t.Errorf("the case does not tell of its photos: %s", got)
	}
}

// photoField is the first field of a walk's playbook that is for photos.
func photoField(t *testing.T, w *walk.Walk) (int, string) {
	t.Helper()
	for at, s := range w.Plan().Program.Steps {
		for _, f := range s.Fields {
			if f.Type == "photo" {
				return at, f.Name
			}
		}
	}
	t.Fatal("the playbook has no field for photos")
	return 0, ""
}

// TestPhotoFieldOnItsStep: the step shows its field with what was taken for it, and a
// button that leads to taking one.
func TestPhotoFieldOnItsStep(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	of, err := w.App.ReadCase(t.Context(), w.A.As(t, people.Director), mustCase(t, id), "")
	if err != nil {
		t.Fatal(err)
	}
	at, field := photoField(t, of.Walk)
	desk.want(desk.sendPhoto(t, id, photograph(t, 1, 300, 200), "step", strconv.Itoa(at+1), "field", field, "nobody", "yes"), 303, "a photo for a field")
	shown := problemsOf(desk.gets(200, "/i/"+id+"/step/"+strconv.Itoa(at+1)))
	if !regexp.MustCompile(`Photo 1, \d\d:\d\d`).MatchString(shown) {
		t.Errorf("the step does not show the photo of its field: %s", shown)
	}
	page := desk.gets(200, "/i/"+id+"/photo?step="+strconv.Itoa(at+1)+"&field="+field)
	if text := problemsOf(page); !strings.Contains(text, "For: ") {
		t.Errorf("the page does not say for what the photo is: %s", text)
	}
	for _, wrong := range []string{"?step=0", "?step=999", "?step=x", "?field=none", "?step=" + strconv.Itoa(at+1) + "&field=none"} {
		desk.gets(404, "/i/"+id+"/photo"+wrong)
	}
}

// TestPhotoForScript: script is told in words what is wrong, and where to go.
func TestPhotoForScript(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	desk.header.Set("Accept", "application/json")
	var said struct{ Message, Location string }
	answer := desk.want(desk.sendPhoto(t, id, []byte("no photo"), "step", "1", "nobody", "yes"), 403, "no photo")
	if err := json.Unmarshal(answer.Body.Bytes(), &said); err != nil || !strings.Contains(said.Message, "no photo that can be kept") {
		t.Errorf("script is told %q, %v", answer.Body.String(), err)
	}
	answer = desk.want(desk.sendPhoto(t, id, photograph(t, 1, 30, 20), "step", "1", "nobody", "yes"), 200, "a photo")
	if err := json.Unmarshal(answer.Body.Bytes(), &said); err != nil || said.Location != "/i/"+id+"/step/1" {
		t.Errorf("script is told %q, %v", answer.Body.String(), err)
	}
}

// TestPhotoFormIsBounded: too much, too many parts, and what is no such form are
// refused before anything is made of it.
func TestPhotoFormIsBounded(t *testing.T) {
	w := fullWorld(t)
	_, id := w.begin(t, "officer")
	desk := w.browsers["device"]
	desk.want(desk.sendPhoto(t, id, make([]byte, maxPhotoForm), "step", "1", "nobody", "yes"), 413, "a form that is too large")
	var many []string
	for range maxParts + 1 {
		many = append(many, "x", "y")
	}
	desk.want(desk.sendPhoto(t, id, []byte("x"), many...), 400, "many parts")
	desk.want(desk.send("POST", "/i/"+id+"/photo", "multipart/form-data", "x"), 400, "no boundary")
	desk.want(desk.send("POST", "/i/"+id+"/photo", "multipart/form-data; boundary=b", "--b\r\nbroken"), 400, "a broken form")
	desk.want(desk.send("POST", "/i/"+id+"/photo", "application/x-www-form-urlencoded", "photo=x"), 415, "another form")
	desk.want(desk.sendPhoto(t, id, []byte("x"), "event", "no-id"), 400, "an id that is none")
	// Whoever does not follow the walk learns nothing, and whoever may not add cannot.
	if got := w.browsers["trainer"].sendPhoto(t, id, photograph(t, 1, 30, 20), "nobody", "yes").Code; got != 403 && got != 404 {
		t.Errorf("a photo from somebody else = %d", got)
	}
	for _, e := range w.record(t, w.A.As(t, people.Director), id) {
		if e == "pictured" {
			t.Error("something of it was kept")
		}
	}
}
