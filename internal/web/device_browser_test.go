package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
)

// offerDevice makes a code for a device, and returns it as it is typed.
func (h *house) offerDevice(t *testing.T, by *chromium.Tab, name string) string {
	t.Helper()
	h.open(t, by, "/manage/devices/new", http.StatusOK)
	by.Fill(field("name"), name)
	by.Choose(field("branch"), "Main")
	send(t, by)
	return by.Text(chromium.CSS(".big-code"))
}

// TestDeviceInBrowser enrols a device by the address in its QR code, and another by
// typing, without script. Both have a desk until they are revoked.
func TestDeviceInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	director := h.director(t)
	for _, tt := range []struct {
		name   string
		script bool
	}{{"Read by a camera", true}, {"Typed", false}} {
		code := h.offerDevice(t, director, tt.name)
		if svg, _ := director.Attr(chromium.CSS("main .qr path"), "d"); len(svg) < 100 {
			t.Error("the code is not shown as a QR code")
		}
		device := chromium.Shared(t).NewTab(t)
		device.SetScript(tt.script)
		device.SetViewport(chromium.Phone)
		device.Go(h.origin + "/enrol#" + strings.ReplaceAll(code, " ", "%20"))
		if tt.script {
			if got := device.Value(field("code")); got != code {
				t.Errorf("the field shows %q, want the code of the address, %q", got, code)
			}
			h.at(t, device, "/enrol")
		} else {
			device.Fill(field("code"), strings.ToLower(code))
		}
		send(t, device)
		wants(t, device, "This device is enrolled", tt.name)
		h.open(t, device, "/desk", http.StatusOK)
		wants(t, device, "What is happening?", "Elm Street Library", "9 911")
		h.open(t, device, "/manage/people", http.StatusOK)
		h.at(t, device, "/signin?next=%2Fmanage%2Fpeople")

		h.open(t, director, "/manage/devices", http.StatusOK)
		wants(t, director, tt.name)
		director.Follow(chromium.CSS(`main button[name="device"]`))
		director.Follow(chromium.Label("Revoke the device"))
		wants(t, director, "Revoked")
		device.Go(h.origin + "/desk")
		if path := strings.TrimPrefix(device.URL(), h.origin); !strings.HasPrefix(path, "/signin") {
			t.Errorf("a revoked device is at %s, want the sign-in: %s", path, device.Text(chromium.CSS("body")))
		}
		h.clean(t, device)
	}
	h.clean(t, director)
}

// TestRolesInBrowser: each role is invited on a slip, comes in by it once, and finds
// what is for it and nothing else.
func TestRolesInBrowser(t *testing.T) {
	h := furnishedHouse(t)
	director := h.director(t)
	for _, tt := range []struct {
		role  people.Role
		name  string
		at    string   // where the desk leads
		tabs  string   // the places of the navigation
		opens []string // and shows a page of
		not   []string
	}{
		{people.Desk, "Dele Desk", "/desk", "Desk Incidents Practise Rooms Help nearby", []string{"/desk", "/incidents", "/practise"}, []string{"/manage/people/invite", "/manage/branches/new"}},
		{people.Auditor, "Ada Auditor", "/manage/audit", "", []string{"/manage/audit"}, []string{"/incidents", "/manage/people/invite"}},
		{people.Board, "Bo Board", "/manage/reports", "", []string{"/manage/reports"}, []string{"/incidents", "/manage/people/invite"}},
		{people.Admin, "Ari Admin", "", "", []string{"/manage/people", "/manage/devices"}, []string{"/incidents"}},
	} {
		mail := strings.ToLower(strings.Fields(tt.name)[0]) + "@elm.example"
		h.Clock.Move(time.Minute) // invitations are counted
		link := h.invite(t, director, tt.role, tt.name, mail)
		tab := chromium.Shared(t).NewTab(t)
		h.accept(t, tab, link)
		if tt.at != "" {
			tab.Go(h.origin + "/desk")
			h.at(t, tab, tt.at)
		}
		if got := strings.Join(tab.Texts(".tabs > a"), " "); tt.tabs != "" && got != tt.tabs {
			t.Errorf("%s sees the places %q, want %q", tt.role, got, tt.tabs)
		}
		wants(t, tab, tt.name)
		for _, path := range tt.opens {
			h.open(t, tab, path, http.StatusOK)
			h.at(t, tab, path)
		}
		for _, path := range tt.not {
			if got := tab.Go(h.origin + path).Status; got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s at %s is answered %d, want 403 or 404", tt.role, path, got)
			}
		}
		for _, link := range links(tab, h.origin) {
			if got := tab.Go(h.origin + link).Status; got != http.StatusOK {
				t.Errorf("%s is led to %s, which is answered %d", tt.role, link, got)
			}
		}
		again := chromium.Shared(t).NewTab(t)
		if got := again.Go(link).Status; got != http.StatusGone && got != http.StatusNotFound {
			t.Errorf("the invitation works twice: %d", got)
		}
		h.clean(t, tab)
	}
	h.clean(t, director)
}

// links are where the navigation and the cards under Manage lead.
func links(tab *chromium.Tab, origin string) (list []string) {
	tab.Go(origin + "/manage")
	return chromium.Eval[[]string](tab, `[...document.querySelectorAll(".tabs > a, .room-card")].map(a => a.getAttribute("href"))`)
}
