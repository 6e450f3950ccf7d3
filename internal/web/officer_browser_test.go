package web

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	chromium "roundtable/internal/browser"
	"roundtable/internal/people"
	"roundtable/internal/walk"
)

// nearest is the number of the choice that leads to an end by the fewest steps, among
// those that are offered on a walk's page, found from what the device keeps.
const nearest = `(async () => {
	const shell = await (await caches.match('/shell')).json();
	const {steps} = await (await caches.match('/shell/programs/' + shell.guides.find(g => g.id === 'officer').hash)).json();
	const left = steps.map(() => 1e9);
	const far = c => c.end !== undefined ? 0 : left[c.to] + 1;
	for (let again = true; again;) {
		again = false;
		steps.forEach((step, i) => { for (const c of step.choices || []) if (!c.offTheRecord && far(c) < left[i]) { left[i] = far(c); again = true; } });
	}
	const card = document.querySelector('#card'), choices = steps[card.dataset.step - 1].choices;
	const offered = [...card.querySelectorAll('[data-choice] > button.choice')].map(b => b.parentElement.dataset.choice);
	return offered.sort((a, b) => far(choices[a]) - far(choices[b]))[0];
})()`

// isAtEnd says that a walk has come to its end, on its own page or on the server's.
const isAtEnd = `(location.pathname.endsWith('/end') || !document.querySelector('#end').hidden)`

// goOn presses the choice that leads to an end soonest, where a person would.
func goOn(tab *chromium.Tab) {
	stood := chromium.Eval[string](tab, standing)
	tab.Click(chromium.CSS(`#card [data-choice="` + chromium.Eval[string](tab, nearest) + `"] > button.choice`))
	tab.WaitTrue(isAtEnd + " || " + standing + " !== " + quote(stood))
}

// TestOfficerAtSeven: two officers walk in. The walk begins with a network, goes on and
// ends without one, is sent when it is back, and the director reads all of it, in
// order, with who was there.
func TestOfficerAtSeven(t *testing.T) {
	for name, size := range map[string]chromium.Viewport{"phone": chromium.Phone, "desktop": chromium.Desktop} {
		t.Run(name, func(t *testing.T) {
			d := newDesks(t)
			tab, _ := d.tab(t)
			tab.SetView(chromium.View{Viewport: size})
			tab.Click(chromium.CSS(`button.tile[value="officer"]`))
			tab.WaitTrue(`document.querySelector('#card[data-step="1"] button.choice') !== null`)
			want := []walk.Kind{walk.Started}
			goOn(tab)
			want = append(want, walk.Chose)
			tab.WaitTrue(isSaved)

			tab.SetOffline(true)
			tab.WaitTrue(`!navigator.onLine`)
			const note = "Two officers. One shows a paper."
			tab.Click(chromium.CSS(`#note > summary`))
			tab.Fill(chromium.CSS("#note-text"), note)
			tab.Click(chromium.Label("Save the note"))
			tab.WaitTrue(`document.querySelector('#note-text').value === ''`)
			want = append(want, walk.Noted)
			for range 30 {
				if chromium.Eval[bool](tab, isAtEnd) {
					break
				}
				if chromium.Eval[bool](tab, `document.querySelector('#card [data-tick="1"] button.box') !== null`) {
					tab.Click(chromium.CSS(`#card [data-tick="1"] button.box`))
					tab.WaitTrue(isHere)
					want = append(want, walk.Ticked)
				}
				goOn(tab)
				tab.WaitTrue(isHere)
				want = append(want, walk.Chose)
			}
			tab.Follow(chromium.CSS(`#end [value="end"]`))
			tab.WaitTrue(`location.pathname === '/desk'`)
			want = append(want, walk.Ended)

			tab.SetOffline(false)
			tab.Go(d.origin + "/desk")
			tab.Follow(chromium.Label("Say who was here"))
			tab.Fill(field("initials"), "RA")
			tab.Follow(chromium.CSS("main .frm .btn"))
			wants(t, tab, "Saved: who was here")

			list := d.events(t)
			var kinds []walk.Kind
			for _, e := range list {
				kinds = append(kinds, e.Kind)
			}
			if got, want := kindNames(kinds), kindNames(want); got != want {
				t.Errorf("the record has %s, want %s", got, want)
			}
			for i, e := range list[1:] {
				if e.Late || e.At.Before(list[i].At) || e.Seq != list[i].Seq+1 {
					t.Errorf("event %d (%s at %v) does not come after the one before (%v)", e.Seq, e.Kind, e.At, list[i].At)
				}
			}
			if list[2].Text != note {
				t.Errorf("the note is %q, want %q", list[2].Text, note)
			}
			d.directorReads(t, len(want), note, "RA")
			if t.Failed() {
				return
			}
			tab.Go(d.origin + "/desk")
			if strings.Contains(tab.Text(chromium.CSS("main")), "Say who was here") {
				t.Error("the desk asks again who was here")
			}
		})
	}
}

func kindNames(kinds []walk.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// directorReads opens the log of the one case as a director does, and fails unless it
// has so many lines, from its start to its end, with a text and a name.
func (d *desks) directorReads(t *testing.T, lines int, texts ...string) {
	t.Helper()
	cases, err := d.Cases(t.Context(), d.A.As(t, people.Director), "", 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("Cases = %v, %v, want one", cases, err)
	}
	tab := chromium.Shared(t).NewTab(t)
	d.signedIn = d.A.Login(t, people.Director).Token
	tab.Go(d.origin + signInPath + "?to=" + url.QueryEscape("/i/"+string(cases[0].ID)+"/log?order=oldest"))
	wants(t, tab, texts...)
	var got []string
	for _, line := range tab.Texts("ol.log > li b") {
		if !strings.HasPrefix(line, "Alert") { // what the server does of itself
			got = append(got, line)
		}
	}
	if len(got) != lines || got[0] != "Started" || got[lines-1] != "Ended" {
		t.Errorf("the director reads %s lines: %q, want %d, from Started to Ended", strconv.Itoa(len(got)), got, lines)
	}
}
