package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const goodStyle = `
:root { color-scheme: light dark }
body { font: 1rem/1.5 sans-serif; margin: 1rem; color: #111; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } }
.low { color: #999; background: #fff }
.wide { width: 500px; background: #eee; color: #111 }
.scroller { overflow-x: auto }
/*28 × 9.6 px*/ .spaced { white-space: nowrap; font: 16px/1 monospace }
.phone { background: #fff; color: #111 }
@media (max-width: 400px) { .phone { color: #aaa } }
.fading { color: #111; background: #fff; transition: color 60s }
@media (prefers-color-scheme: dark) { .fading { color: #eee; background: #111 } }
.small a { display: inline-block; width: 10px; height: 10px; overflow: hidden }
@media (prefers-color-scheme: dark) { .night { color: #555; background: #111 } }
`

// TestAxe holds axe against pages with one fault each, under the strict policy.
func TestAxe(t *testing.T) {
	tab := newTab(t)
	for _, test := range []struct {
		name, page string
		want       string // the rules that are broken
	}{
		{"good", document("<h1>Good</h1><p>Nothing is wrong.</p>"), ""},
		{"no language", strings.Replace(document("<h1>x</h1>"), ` lang="en"`, "", 1), "html-has-lang"},
		{"low contrast", document(`<h1>x</h1><p class="low">Hard to read</p>`), "color-contrast"},
		{"no label", document(`<h1>x</h1><form><input name="a"></form>`), "label"},
		{"no name", document(`<h1>x</h1><button></button>`), "button-name"},
		{"no alternative", document(`<h1>x</h1><img src="/icon.svg">`), "image-alt"},
		{"no heading", document(`<p>x</p>`), "page-has-heading-one"},
		{"outside of landmarks", strings.Replace(document("<h1>x</h1>"), "<main>", "<p>stray</p><main>", 1), "region"},
		{"small targets", document(`<h1>x</h1><p class="small"><a href="/1">a</a><a href="/2">b</a><a href="/3">c</a></p>`), "target-size"},
	} {
		t.Run(test.name, func(t *testing.T) {
			origin := serve(t, map[string]string{"/": test.page, "/style.css": goodStyle})
			tab := tab.For(t)
			tab.Forget()
			tab.Go(origin + "/")
			var got []string
			for _, v := range Axe(tab) {
				got = append(got, v.Rule)
				if v.Help == "" || len(v.Nodes) == 0 || v.Nodes[0].HTML == "" || v.Nodes[0].Selector == "" {
					t.Errorf("%s does not say where or what: %+v", v.Rule, v)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("Axe() breaks %q, want %q", got, test.want)
			}
			if breaches := tab.Breaches(); len(breaches) > 0 {
				t.Errorf("axe itself comes into conflict with the policy: %v", breaches)
			}
			if Eval[string](tab, "typeof axe") != "undefined" {
				t.Errorf("the page can see axe")
			}
		})
	}
}

func TestCheckPage(t *testing.T) {
	texts := map[string]string{
		"/style.css": goodStyle,
		"/throw.js":  "throw new Error('thrown')",

		"/good":      document(`<h1>Good</h1><p>Nothing is wrong.</p><div class="scroller" tabindex="0" role="region" aria-label="Wide"><div class="wide">Wide</div></div>`),
		"/language":  strings.Replace(document("<h1>x</h1>"), ` lang="en"`, "", 1),
		"/title":     strings.Replace(document("<h1>x</h1>"), "A page – Roundtable", "", 1),
		"/headings":  document("<h1>One</h1><h1>Two</h1>"),
		"/viewport":  strings.Replace(document("<h1>x</h1>"), `<meta name="viewport" content="width=device-width, initial-scale=1">`, "", 1),
		"/wide":      document(`<h1>x</h1><div class="wide">Wide</div>`),
		"/spaced":    document(`<h1>x</h1><p class="spaced">Twenty-eight characters here</p>`),
		"/inline":    document("<h1>x</h1><script>1</script>"),
		"/picture":   document(`<h1>x</h1><img src="http://far.example/x.png" alt="">`),
		"/ahead":     document(`<h1>x</h1><link rel="preconnect" href="http://far.example/">`),
		"/throw":     document(`<h1>x</h1><script src="/throw.js"></script>`),
		"/no-script": document(`<h1>x</h1><script src="/absent.js"></script>`),
		"/night":     document(`<h1>x</h1><p class="night">Hard to read by night</p>`),
	}
	origin := serve(t, texts)
	tab := newTab(t)
	for _, test := range []struct {
		path string
		want []string // what each fault contains, in order
	}{
		{"/good", nil},
		{"/absent", nil}, // a page that is answered with 404 may still be without a fault
		{"/language", []string{"language", "html-has-lang"}},
		{"/title", []string{"no title", "document-title"}},
		{"/headings", []string{`2 h1, want 1: ["One" "Two"]`}},
		{"/viewport", []string{"laid out 980 px wide"}},
		{"/wide", []string{"window of 320 px the page is 516 px wide", "a zoom of 400 %"}},
		{"/spaced", []string{"320 px with text spaced out", "400 %) with text spaced out"}},
		{"/inline", []string{"script-src-elem stopped inline"}},
		{"/picture", []string{"img-src stopped http://far.example/x.png", "GET http://far.example/x.png"}},
		{"/ahead", []string{"reach http://far.example/ ahead of time"}},
		{"/throw", []string{"thrown"}},
		{"/no-script", []string{"404"}},
		{"/night", nil},
		{"/good", nil}, // nothing of the pages before sticks
	} {
		checkFaults(t, origin+test.path, test.want, func(tb TB, url string) { CheckPage(tb, tab, url) })
	}
	tab.SetView(View{Phone, Media{Dark: true}})
	checkFaults(t, origin+"/night", []string{"dark: color-contrast"}, func(tb TB, url string) { CheckPage(tb, tab, url) })
	if want := (View{Phone, Media{Dark: true}}); tab.View() != want {
		t.Errorf("CheckPage leaves the view at %v, want %v", tab.View(), want)
	}
}

func TestCheckViews(t *testing.T) {
	texts := map[string]string{
		"/style.css": goodStyle,
		"/good":      document(`<h1>Good</h1><p class="fading">Nothing is wrong.</p>`),
		"/night":     document(`<h1>x</h1><p class="night">Hard to read by night</p>`),
		"/phone":     document(`<h1>x</h1><p class="phone">Hard to read on a phone</p>`),
	}
	origin := serve(t, texts)
	tab := newTab(t)
	check := func(tb TB, url string) { CheckViews(tb, tab, url) }
	checkFaults(t, origin+"/good", nil, check)
	checkFaults(t, origin+"/night", []string{"1366×768, dark: color-contrast", "390×844, dark: color-contrast", "320×640, dark: color-contrast"}, check)
	checkFaults(t, origin+"/phone", []string{"390×844: color-contrast", "320×640: color-contrast", "390×844, dark: color-contrast", "320×640, dark: color-contrast"}, check)
	if want := (View{Viewport: Desktop}); tab.View() != want {
		t.Errorf("CheckViews leaves the view at %v, want %v", tab.View(), want)
	}
}

// collector is a test whose errors are wanted.
type collector struct {
	*testing.T
	errors []string
}

func (c *collector) Errorf(format string, args ...any) {
	c.errors = append(c.errors, fmt.Sprintf(format, args...))
}

func checkFaults(t *testing.T, url string, want []string, check func(tb TB, url string)) {
	t.Helper()
	c := &collector{T: t}
	check(c, url)
	if !slices.EqualFunc(c.errors, want, strings.Contains) {
		t.Errorf("the faults are\n%s\nwant\n%s", strings.Join(c.errors, "\n"), strings.Join(want, "\n"))
	}
}

func TestViewString(t *testing.T) {
	v := View{Phone, Media{Dark: true, ReducedMotion: true}}
	if got := fmt.Sprint(v); got != "390×844, dark, reduced motion" {
		t.Errorf("view = %s", got)
	}
}
