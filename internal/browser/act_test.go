package browser

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// form is a page with every kind of field.
const form = `<h1>Form</h1>
<form method="post" enctype="multipart/form-data">
<p><label>Name <input name="name" value="old"></label></p>
<p><label for="why">Why</label> <textarea id="why" name="why"></textarea></p>
<p><label>Day <input type="date" name="day"></label></p>
<p><label>Branch <select name="branch"><option value="m">Main</option><option value="w">West</option></select></label></p>
<p><label>Paper <input type="file" name="paper"></label></p>
<p><label class="choice"><input class="hidden" type="radio" name="way" value="a"><span>By phone</span></label>
<label><input type="radio" name="way" value="b"> By mail</label></p>
<p><input type="checkbox" id="sure" name="sure"> <label for="sure">I am sure</label></p>
<p><button>Send</button> <button type="button" disabled>Not now</button></p>
</form>
<details><summary>More</summary><p>Inside</p></details>
<nav aria-label="Top"><a href="#top">Here</a></nav><nav aria-label="End" id="end"><a href="#end">Here</a></nav>
<p><button type="button" id="under">Under</button><span id="cover"></span></p>
`

const formStyle = `
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.choice span { padding: 10px; border: 1px solid }
p:has(#under) { position: relative }
#cover { position: absolute; inset: 0 }
`

func TestForm(t *testing.T) {
	paper := filepath.Join(t.TempDir(), "paper.txt")
	if err := os.WriteFile(paper, []byte("signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	origin := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		switch {
		case r.URL.Path == "/style.css":
			w.Header().Set("Content-Type", "text/css")
			io.WriteString(w, formStyle)
		case r.Method == http.MethodPost:
			r.ParseMultipartForm(1 << 20)
			var got []string
			for _, name := range []string{"name", "why", "day", "branch", "way", "sure"} {
				got = append(got, name+"="+r.PostFormValue(name))
			}
			_, file, err := r.FormFile("paper")
			fmt.Fprint(w, document("<h1>Got</h1><p id=got>"+strings.Join(got, " ")+fmt.Sprintf(" %s %v</p>", file.Filename, err == nil)))
		default:
			io.WriteString(w, document(form))
		}
	})
	for name, set := range map[string]func(*Tab){
		"mouse":     func(*Tab) {},
		"touch":     func(tab *Tab) { tab.SetViewport(Phone) },
		"no script": func(tab *Tab) { tab.SetScript(false) },
	} {
		t.Run(name, func(t *testing.T) {
			tab := newTab(t)
			set(tab)
			tab.Go(origin + "/")
			tab.Fill(Label("Name"), "Ada, then “Bea”")
			tab.Fill(CSS("#why"), "because")
			tab.Set(Label("Day"), "2026-11-25")
			tab.Choose(Label("Branch"), "West")
			tab.Attach(CSS("[type=file]"), paper)
			tab.Click(Label("By phone"))
			tab.Click(Label("I am sure"))
			if !tab.Checked(Label("By phone")) || tab.Checked(Label("By mail")) || tab.Value(Label("Why")) != "because" {
				t.Errorf("the form is not filled in: %v %v %q", tab.Checked(Label("By phone")), tab.Checked(Label("By mail")), tab.Value(Label("Why")))
			}
			r := tab.Follow(Label("Send"))
			if r.Status != 200 {
				t.Errorf("Send = %d, want 200", r.Status)
			}
			const want = "name=Ada, then “Bea” why=because day=2026-11-25 branch=w way=a sure=on paper.txt true"
			if got := tab.Text(CSS("#got")); got != want {
				t.Errorf("the form sent %s, want %s", got, want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	origin := serve(t, map[string]string{"/": document(form), "/style.css": formStyle})
	tab := newTab(t)
	tab.Go(origin + "/")
	tab.Press("Tab")
	if got := tab.Focused(); !strings.Contains(got, `name="name"`) {
		t.Errorf("after Tab the focus is on %s, want the name", got)
	}
	tab.Press("Control+a", "Delete")
	tab.Type("Ab")
	tab.Press("c", "Space", "Shift+D", "Backspace", "Home", "x", "ArrowRight", "y")
	if got := tab.Value(Label("Name")); got != "xAybc " {
		t.Errorf("typed %q, want %q", got, "xAybc ")
	}
	tab.Press("Tab", "Tab", "Shift+Tab")
	if got := tab.Focused(); !strings.Contains(got, `id="why"`) {
		t.Errorf("after Tab, Tab, Shift+Tab the focus is on %s, want why", got)
	}
	tab.Focus(CSS("summary"))
	tab.Press("Enter")
	if _, open := tab.Attr(CSS("details"), "open"); !open {
		t.Errorf("Enter on the summary does not open it")
	}
}

func TestReading(t *testing.T) {
	origin := serve(t, map[string]string{
		"/":          document(`<h1>List</h1><ul><li>a</li><li>b<span hidden> hidden</span></li></ul><p id="late">…</p><script src="/s.js"></script>`),
		"/style.css": "li { color: rgb(1, 2, 3) }",
		"/s.js":      `setTimeout(() => { document.querySelector("#late").outerHTML = "<p>Done now</p>"; window.ready = true }, 200)`,
	})
	tab := newTab(t)
	tab.Go(origin + "/")
	if got := fmt.Sprint(tab.Texts("li"), tab.Count("li"), tab.Count("b")); got != "[a b] 2 0" {
		t.Errorf("Texts and Count = %s, want [a b] 2 0", got)
	}
	if got := tab.Style(CSS("li:first-child"), "color"); got != "rgb(1, 2, 3)" {
		t.Errorf("Style(li, color) = %s", got)
	}
	tab.WaitText("Done now")
	tab.WaitGone("#late")
	tab.WaitTrue("window.ready")
	if v, found := tab.Attr(CSS("h1"), "class"); found {
		t.Errorf("Attr(h1, class) = %q, want none", v)
	}
	if !strings.Contains(tab.HTML(), "Done now") {
		t.Errorf("HTML() lacks what the script wrote")
	}
}

// TestRefusals checks that what cannot be done says why.
func TestRefusals(t *testing.T) {
	origin := serve(t, map[string]string{"/": document(form), "/style.css": formStyle})
	tab := newTab(t)
	tab.patience = 300 * time.Millisecond
	tab.Go(origin + "/")
	for _, test := range []struct {
		name string
		do   func(*Tab)
		want []string
	}{
		{"unknown label", func(t *Tab) { t.Click(Label("Snd")) }, []string{`click "Snd"`, "0 controls", `"Send"`, `"I am sure"`}},
		{"two of a label", func(t *Tab) { t.Click(Label("Here")) }, []string{"2 controls", `"Here"`}},
		{"two of a selector", func(t *Tab) { t.Click(CSS("nav a")) }, []string{"2 elements match nav a"}},
		{"wrong selector", func(t *Tab) { t.Click(CSS("p >")) }, []string{"p >", "not a valid selector"}},
		{"nowhere", func(t *Tab) { t.Click(Label("Here").In("#absent")) }, []string{"0 elements match #absent"}},
		{"switched off", func(t *Tab) { t.Click(Label("Not now")) }, []string{`"Not now"`, "switched off"}},
		{"covered", func(t *Tab) { t.Click(Label("Under")) }, []string{"covered by", `id="cover"`}},
		{"not shown", func(t *Tab) { t.Click(CSS("details p")) }, []string{"cannot be seen"}},
		{"no focus", func(t *Tab) { t.Fill(CSS("h1"), "x") }, []string{"fill h1", "focus"}},
		{"no such option", func(t *Tab) { t.Choose(Label("Branch"), "East") }, []string{`"East"`, `"Main","West"`}},
		{"no such value", func(t *Tab) { t.Set(Label("Day"), "tomorrow") }, []string{`does not take "tomorrow"`}},
		{"no such key", func(t *Tab) { t.Press("Return") }, []string{`no key is called "Return"`}},
		{"no history", func(t *Tab) { t.Forward() }, []string{"no page that way"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Run(io.Discard, func(tb TB) { test.do(tab.For(tb)) })
			if err == nil {
				t.Fatal("it is done")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q, which lacks %q", err, want)
				}
			}
		})
	}
	tab.Click(Label("Here").In("#end"))
	if got := tab.URL(); got != origin+"/#end" {
		t.Errorf("Here in #end leads to %s", got)
	}
}
