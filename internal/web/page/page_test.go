package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/web/static"
)

// TestStructure holds every page to what each of them must have: see section 9
// of the design brief.
func TestStructure(t *testing.T) {
	for _, e := range Gallery() {
		t.Run(e.Name, func(t *testing.T) {
			raw := render(t, e.Page)
			if bytes.Contains(raw, []byte("ZgotmplZ")) {
				t.Error("a value stands where it cannot be written safely")
			}
			doc := parse(t, raw)
			checkDocument(t, e.Page, doc)
			checkIDs(t, doc)
			checkForms(t, doc)
			checkPolicy(t, e.Page, doc)
			checkHeadings(t, doc)
			checkPictures(t, e.Page, doc)
			checkTables(t, doc)
			checkWords(t, doc)
		})
	}
}

func checkDocument(t *testing.T, p Page, doc *node) {
	html := doc.all("html")[0]
	if html.attr["lang"] == "" || (html.attr["dir"] != "ltr" && html.attr["dir"] != "rtl") {
		t.Errorf("html has lang %q and dir %q, want both set", html.attr["lang"], html.attr["dir"])
	}
	for name, want := range map[string]int{"title": 1, "h1": 1, "main": 1, "header": 1, "footer": 1} {
		if got := len(doc.all(name)); got != want {
			t.Errorf("the page has %d <%s>, want %d", got, name, want)
		}
	}
	if got := doc.all("title")[0].words(); got != Title(p) || got == "" {
		t.Errorf("title is %q, want %q", got, Title(p))
	}
	if got := len(doc.all("main")[0].withClass("go")); got > 2 {
		t.Errorf("main has %d green buttons, want one for each thing to do", got)
	}
	if n := 0; true {
		doc.each(func(*node) { n++ })
		if n > 900 {
			t.Errorf("the page has %d elements, want at most 900", n)
		}
	}
}

func checkIDs(t *testing.T, doc *node) {
	ids := map[string]bool{}
	doc.each(func(n *node) {
		if id, has := n.attr["id"]; has {
			if id == "" || ids[id] || strings.ContainsAny(id, " \t") {
				t.Errorf("id %q is empty, used twice or not one word", id)
			}
			ids[id] = true
		}
	})
	doc.each(func(n *node) {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for id := range strings.FieldsSeq(n.attr[name]) {
				if !ids[id] {
					t.Errorf("<%s %s=%q> names nothing", n.name, name, id)
				}
			}
		}
		if id, ok := strings.CutPrefix(n.attr["href"], "#"); ok && !ids[id] {
			t.Errorf("a link leads to #%s, which is not there", id)
		}
	})
}

func checkForms(t *testing.T, doc *node) {
	labelled := map[string]string{}
	for _, l := range doc.all("label") {
		labelled[l.attr["for"]] = l.words()
	}
	for _, n := range doc.all("input", "select", "textarea") {
		switch {
		case n.attr["type"] == "hidden":
			continue
		case labelled[n.attr["id"]] == "":
			t.Errorf("<%s name=%q> has no label", n.name, n.attr["name"])
		case !n.inside("form") && n.attr["name"] != "name":
			t.Errorf("<%s name=%q> is in no form", n.name, n.attr["name"])
		}
		if n.attr["type"] == "password" && n.attr["value"] != "" {
			t.Errorf("<input name=%q> shows a secret", n.attr["name"])
		}
		if n.attr["type"] == "text" && n.attr["autocomplete"] == "" {
			t.Errorf("<input name=%q> does not say what may be filled in", n.attr["name"])
		}
		if n.attr["aria-invalid"] != "" && n.attr["aria-describedby"] == "" {
			t.Errorf("<%s name=%q> is wrong and does not say why", n.name, n.attr["name"])
		}
	}
	for _, n := range doc.all("button") {
		if n.attr["type"] == "" || n.words() == "" {
			t.Errorf("a button has type %q and says %q, want both", n.attr["type"], n.words())
		}
		if _, off := n.attr["disabled"]; off {
			t.Errorf("the button %q is dead", n.words())
		}
		if n.attr["type"] == "submit" && !n.inside("form") {
			t.Errorf("the button %q sends nothing", n.words())
		}
	}
	for _, n := range doc.all("form") {
		if n.attr["action"] == "" || (n.attr["method"] != "post" && n.attr["method"] != "get") {
			t.Errorf("a form has method %q and action %q", n.attr["method"], n.attr["action"])
		}
		if n.inside("form") {
			t.Error("a form stands in a form")
		}
		if len(n.all("button")) == 0 {
			t.Errorf("the form to %s has no button", n.attr["action"])
		}
	}
	for _, n := range doc.all("a") {
		if n.attr["href"] == "" || n.words() == "" {
			t.Errorf("a link leads to %q and says %q, want both", n.attr["href"], n.words())
		}
	}
}

// checkPolicy is what the content security policy asks (DECISIONS.md 24).
func checkPolicy(t *testing.T, p Page, doc *node) {
	doc.each(func(n *node) {
		for name, value := range n.attr {
			if name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("<%s> has %s=%q", n.name, name, value)
			}
		}
		if n.attr["src"] != "" && !strings.HasPrefix(n.attr["src"], static.Prefix) && !(isPhoto(n) && hasPhotos(p)) {
			t.Errorf("<%s> loads %s", n.name, n.attr["src"])
		}
	})
	for _, n := range doc.all("script") {
		if n.attr["src"] == "" || n.words() != "" {
			t.Error("a script stands in the page")
		}
	}
	styles := doc.all("style")
	if len(styles) != map[bool]int{true: 1}[Inline(p)] {
		t.Errorf("the page has %d styles in itself, Inline() = %v", len(styles), Inline(p))
	}
	for _, n := range styles {
		sum := sha256.Sum256([]byte(n.text))
		if got := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; got != static.CriticalHash {
			t.Errorf("the style's hash is %s, want %s", got, static.CriticalHash)
		}
	}
}

func checkHeadings(t *testing.T, doc *node) {
	level := 0
	for _, h := range doc.all("h1", "h2", "h3", "h4") {
		now := int(h.name[1] - '0')
		if h.words() == "" {
			t.Errorf("an empty <%s>", h.name)
		}
		if level > 0 && now > level+1 {
			t.Errorf("<%s> %q follows a heading of level %d", h.name, h.words(), level)
		}
		if level == 0 && now != 1 && h.inside("main") && len(doc.withClass("summary"))+len(doc.withClass("running")) == 0 {
			t.Errorf("<%s> %q stands before h1", h.name, h.words())
		}
		level = now
	}
}

// hasPhotos reports whether a page shows photos of a case. No other page has images.
func hasPhotos(p Page) bool {
	switch p.(type) {
	case Photos, RemovePhoto:
		return true
	}
	return false
}

func isPhoto(n *node) bool {
	return n.name == "img" && strings.HasPrefix(n.attr["src"], "/i/0147/files/")
}

func checkPictures(t *testing.T, p Page, doc *node) {
	for _, n := range doc.all("svg") {
		if n.attr["aria-hidden"] != "true" && (n.attr["role"] != "img" || n.attr["aria-label"] == "") {
			t.Errorf("a picture is neither hidden nor named: %v", n.attr)
		}
	}
	for _, n := range doc.all("img") {
		if !hasPhotos(p) || !isPhoto(n) || n.attr["alt"] == "" || n.attr["loading"] != "lazy" {
			t.Errorf("the page has an image: %v", n.attr)
		}
	}
}

func checkTables(t *testing.T, doc *node) {
	for _, n := range doc.all("table") {
		if len(n.all("caption")) != 1 {
			t.Error("a table has no caption")
		}
		for _, h := range n.all("th") {
			if h.attr["scope"] != "col" && h.attr["scope"] != "row" {
				t.Errorf("the head %q has scope %q", h.words(), h.attr["scope"])
			}
		}
		for _, d := range n.all("td") {
			if d.attr["data-th"] == "" {
				t.Errorf("the cell %q loses its column's name on a phone", d.words())
			}
		}
	}
}

var wrongWords = regexp.MustCompile(`(?i)\b(please|sorry|oops|invalid|illegal|suspect|offender|crisis)\b|!`)

func checkWords(t *testing.T, doc *node) {
	body := doc.all("body")[0]
	if found := wrongWords.FindString(body.words()); found != "" {
		t.Errorf("the page says %q", found)
	}
}

// TestTemplatesRun runs a copy of the templates that tells which of them ran.
func TestTemplatesRun(t *testing.T) {
	ran := map[string]bool{}
	funcs := template.FuncMap{"ran": func(name string) string { ran[name] = true; return "" }}
	copied := template.New("").Option("missingkey=error").Funcs(functions).Funcs(funcs)
	define := regexp.MustCompile(`\{\{define "([^"]+)"\}\}`)
	var names []string
	err := fs.WalkDir(files, "template", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		for _, m := range define.FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
		_, err = copied.Parse(define.ReplaceAllString(string(source), `$0{{$$_ := ran "$1"}}`))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Gallery() {
		if err := copied.ExecuteTemplate(&bytes.Buffer{}, e.Page.about().template, e.Page); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	if len(names) < 50 {
		t.Fatalf("found %d templates, want all of them", len(names))
	}
	for _, name := range names {
		if !ran[name] {
			t.Errorf("no entry of the gallery runs the template %q", name)
		}
	}
}

func TestTitle(t *testing.T) {
	f := Frame{Library: "Millbrook Public Library"}
	branch := f
	branch.Branch = "Northside"
	tests := []struct {
		page Page
		want string
	}{
		{Desk{Frame: branch}, "What is happening? – Northside – Roundtable"},
		{SignIn{Frame: f}, "Sign in – Millbrook Public Library – Roundtable"},
		{SetUpWelcome{}, "Set up Roundtable – Roundtable"},
		{SignIn{Frame: f, Form: SignInForm{Form: refused("No.")}}, "Check: Sign in – Millbrook Public Library – Roundtable"},
		{Help{Frame: branch}, "Millbrook Public Library"},
		{Trouble{Frame: f, What: 200}, "We cannot save right now – Millbrook Public Library – Roundtable"},
	}
	for _, test := range tests {
		if got := Title(test.page); got != test.want {
			t.Errorf("Title(%T) = %q, want %q", test.page, got, test.want)
		}
	}
}

func TestNavigation(t *testing.T) {
	f := Frame{Nav: []Place{AtManage, AtHelp, AtDesk, AtIncidents, AtRooms, AtPractise}, Open: 2, Who: &Who{Name: "A"}}
	var tabs []string
	nav := parse(t, render(t, Incidents{Frame: f})).all("nav")[0]
	for _, a := range nav.all("a") {
		if !a.inside("details") {
			tabs = append(tabs, strings.TrimSpace(a.words()+" "+a.attr["aria-current"]))
		}
	}
	want := []string{"Desk", "Incidents 2 open page", "Practise", "Rooms", "Help nearby", "Manage"}
	if diff := cmp.Diff(want, tabs); diff != "" {
		t.Errorf("navigation (-want +got):\n%s", diff)
	}
	if navs := parse(t, render(t, Desk{Frame: Frame{Nav: []Place{AtDesk}}})).all("nav")[0].all("a"); navs[0].words() != "Desk" {
		t.Errorf("navigation of a device begins with %q, want Desk", navs[0].words())
	}
	if navs := parse(t, render(t, Help{Frame: f})).all("nav"); len(navs) != 0 {
		t.Error("a public page has staff navigation")
	}
}

// TestPublicPages: nothing on them tells what they are, or that Roundtable is
// behind them, to whoever looks at a history or an icon.
func TestPublicPages(t *testing.T) {
	page := render(t, Help{Frame: Frame{Library: "Millbrook Public Library", LeaveTo: "https://library.example/"}})
	for _, unwanted := range []string{"Roundtable<", "rel=\"icon\"", "manifest", "/signin", "/lock"} {
		if bytes.Contains(page, []byte(unwanted)) {
			t.Errorf("the public page has %q", unwanted)
		}
	}
	doc := parse(t, page)
	if html := doc.all("html")[0]; html.attr["data-keys"] != "off" {
		t.Error("single keys work on a public page")
	}
	if leave := doc.withClass("leave"); len(leave) != 1 || leave[0].attr["href"] != "https://library.example/" {
		t.Errorf("the way out is %v", leave)
	}
	if leave := parse(t, render(t, Help{})).withClass("leave"); leave[0].attr["href"] != "about:blank" {
		t.Errorf("without an address the way out leads to %q, want a blank page", leave[0].attr["href"])
	}
}

// TestFirstFlight holds desk pages to what fits the first round trip.
func TestFirstFlight(t *testing.T) {
	const most = 14 << 10
	for _, e := range Gallery() {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if err := Render(w, e.Page); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if Inline(e.Page) && b.Len() > most || b.Len() > 20<<10 {
			t.Errorf("%s is %d bytes compressed, want at most %d (inline: %v)", e.Name, b.Len(), most, Inline(e.Page))
		}
		if e.Name == "desk" {
			t.Logf("desk: %d bytes compressed, style in it", b.Len())
		}
	}
}

func TestProblemsAreTold(t *testing.T) {
	form := InviteForm{Form: problems("mail", "Write an address."), Mail: `a"b@c`, How: "slip"}
	doc := parse(t, render(t, Invite{Frame: staffFrame(), Form: form}))
	summary := doc.withClass("summary")
	if len(summary) != 1 || summary[0].attr["tabindex"] != "-1" || summary[0].attr["role"] != "alert" {
		t.Fatalf("summary = %v, want one that takes focus", summary)
	}
	if got, want := summary[0].words(), "1 thing to change Mail address: Write an address."; got != want {
		t.Errorf("summary says %q, want %q", got, want)
	}
	for _, n := range doc.all("input") {
		if n.attr["name"] != "mail" {
			continue
		}
		if n.attr["value"] != `a"b@c` || n.attr["aria-invalid"] != "true" || !strings.Contains(n.attr["aria-describedby"], "f-mail-problem") {
			t.Errorf("the wrong input is %v, want what was typed, marked and described", n.attr)
		}
	}
}

func TestIcons(t *testing.T) {
	if !slices.IsSorted(Icons()) || len(Icons()) == 0 {
		t.Errorf("Icons() = %v, want names in order", Icons())
	}
	if got := icon("no such icon"); got != "" {
		t.Errorf("icon(unknown) = %q, want nothing", got)
	}
	for _, name := range Icons() {
		parse(t, []byte(icon(name)))
	}
}
