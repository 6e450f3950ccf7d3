package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"roundtable/internal/people"
	"roundtable/internal/web/static"
)

func zipped(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestShellOfADevice: an enrolled device gets everything that it walks with, within
// the budget, and is told when nothing has changed.
func TestShellOfADevice(t *testing.T) {
	w := fullWorld(t)
	device := w.browsers["device"]
	answer := device.gets(200, "/shell")
	var shell shellJSON
	if err := json.Unmarshal(answer.Body.Bytes(), &shell); err != nil {
		t.Fatal(err)
	}
	if len(shell.Guides) < 7 || shell.Lease != 72*60*60 || shell.Library != w.A.ID || len(shell.Intake) != 87 {
		t.Errorf("the shell has %d guides, a lease of %d s, the library %s, and an intake key of %d letters", len(shell.Guides), shell.Lease, shell.Library, len(shell.Intake))
	}
	sum := zipped(t, answer.Body.Bytes())
	for _, g := range shell.Guides {
		sum += zipped(t, device.gets(200, "/shell/programs/"+g.Hash).Body.Bytes())
		for _, lang := range g.Langs {
			steps := device.gets(200, "/shell/fragments/"+g.Hash+"/"+lang).Body.Bytes()
			if !bytes.Contains(steps, []byte(`<html lang="`+lang+`"`)) || !bytes.Contains(steps, []byte(`data-step="1"`)) || !bytes.Contains(steps, []byte(`data-end="`)) {
				t.Errorf("the steps of %s in %s are not whole", g.ID, lang)
			}
			sum += zipped(t, steps)
		}
	}
	playbooks := sum
	for _, address := range static.Paths() {
		contents, _ := static.Contents(address)
		sum += zipped(t, contents)
	}
	t.Logf("kept on a device: %d bytes compressed for %d playbooks, %d with style and script", playbooks, len(shell.Guides), sum)
	if sum > 2<<20 {
		t.Errorf("a device keeps %d bytes compressed, want at most 2 MiB", sum)
	}

	tag := answer.Header().Get("ETag")
	device.header.Set("If-None-Match", tag)
	if again := device.get("/shell"); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("GET /shell of the same = %d with %d bytes, want 304", again.Code, again.Body.Len())
	}
	delete(device.header, "If-None-Match")
}

func TestShellIsForDevices(t *testing.T) {
	w := fullWorld(t)
	for _, address := range []string{"/shell", "/shell/programs/x", "/shell/fragments/x/en", "/shell/walk/x"} {
		for _, who := range []string{"stranger", string(people.Director), string(people.Auditor), string(people.Board)} {
			b := w.browsers[who]
			b.header.Set("Accept", "application/json")
			if got := b.get(address).Code; got != 401 && got != 404 {
				t.Errorf("%s: GET %s = %d, want 401 or 404", who, address, got)
			}
			delete(b.header, "Accept")
		}
	}
	device := w.browsers["device"]
	for _, address := range []string{"/shell/programs/x", "/shell/fragments/x/en", "/shell/walk/x", "/shell/walk/0192f3a0-0000-7000-8000-000000000001"} {
		device.gets(404, address)
	}
}

func TestSendToTheServer(t *testing.T) {
	w := fullWorld(t)
	device := w.browsers["device"]
	send := func(b *client, body string) (int, string) {
		answer := b.send("POST", "/shell/send", "application/json", body)
		return answer.Code, answer.Body.String()
	}
	for body, want := range map[string]int{
		`{"letters":[]}`: 200, `{}`: 200, `{`: 400, `[]`: 400, `{"letters":[{"order":-1}]}`: 400, `{"letters":"x"}`: 400, ``: 400,
	} {
		if code, text := send(device, body); code != want {
			t.Errorf("POST /shell/send %s = %d (%s), want %d", body, code, text, want)
		}
	}
	code, text := send(device, `{"letters":[{"device":"x","case":"y","event":"z","order":1,"after":"","letter":"AAAA"}]}`)
	if code != 200 || !strings.Contains(text, `"fate":"refused"`) {
		t.Errorf("POST /shell/send of no letter = %d, %s, want it refused", code, text)
	}
	if code, _ := send(w.browsers["stranger"], `{"letters":[]}`); code != 401 {
		t.Errorf("a stranger: POST /shell/send = %d, want 401", code)
	}
	if code, _ := send(w.browsers[string(people.Director)], `{"letters":[]}`); code != 404 {
		t.Errorf("a director at no device: POST /shell/send = %d, want 404", code)
	}
}

func TestPagesThatADeviceKeeps(t *testing.T) {
	w := emptyWorld(t)
	b := w.browsers["stranger"]
	for _, address := range []string{"/offline", "/offline/walk", "/offline/walk/es"} {
		answer := b.gets(200, address)
		if len(answer.Result().Cookies()) > 0 {
			t.Errorf("GET %s sets a cookie", address)
		}
		if again := b.gets(200, address); !bytes.Equal(again.Body.Bytes(), answer.Body.Bytes()) {
			t.Errorf("GET %s is another page the second time", address)
		}
	}
	b.gets(404, "/offline/walk/%22")
	worker := b.gets(200, "/sw.js")
	for header, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache", "Content-Security-Policy": workerPolicy, "X-Content-Type-Options": "nosniff",
	} {
		if got := worker.Header().Get(header); got != want {
			t.Errorf("GET /sw.js: %s = %q, want %q", header, got, want)
		}
	}
}
