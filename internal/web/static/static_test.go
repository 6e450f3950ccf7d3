package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func get(t *testing.T, method, address, accepts string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	if accepts != "" {
		r.Header.Set("Accept-Encoding", accepts)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestServe(t *testing.T) {
	kinds := map[string]string{Style: "text/css; charset=utf-8", Script: "text/javascript; charset=utf-8", Icon: "image/svg+xml", Manifest: "application/manifest+json"}
	for name, kind := range kinds {
		address := Path(name)
		if !regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(address) {
			t.Errorf("Path(%s) = %s, want a name with a hash in it", name, address)
		}
		plain := get(t, http.MethodGet, address, "")
		body, err := io.ReadAll(plain.Body)
		if plain.StatusCode != http.StatusOK || err != nil || len(body) == 0 {
			t.Fatalf("GET %s = %d, %d bytes, %v", address, plain.StatusCode, len(body), err)
		}
		for header, want := range map[string]string{"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff", "Content-Length": strconv.Itoa(len(body)), "Content-Encoding": "", "Vary": "Accept-Encoding"} {
			if got := plain.Header.Get(header); got != want {
				t.Errorf("GET %s: %s = %q, want %q", address, header, got, want)
			}
		}
		zipped := get(t, http.MethodGet, address, "br;q=1, gzip;q=0.8")
		if zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("GET %s is not compressed", address)
		}
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if unzipped, err := io.ReadAll(r); err != nil || !bytes.Equal(unzipped, body) {
			t.Errorf("GET %s compressed is not the same file (%v)", address, err)
		}
		head := get(t, http.MethodHead, address, "")
		if rest, _ := io.ReadAll(head.Body); len(rest) != 0 || head.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("HEAD %s sends %d bytes, says %s", address, len(rest), head.Header.Get("Content-Length"))
		}
	}
}

func TestNotServed(t *testing.T) {
	for _, test := range []struct{ method, address string }{
		{http.MethodGet, "/static/roundtable.css"}, {http.MethodGet, "/static/"}, {http.MethodGet, "/static/../static.go"},
		{http.MethodGet, "/static/css/base.css"}, {http.MethodGet, Path("nothing.css")}, {http.MethodPost, Path(Style)},
	} {
		if got := get(t, test.method, test.address, "gzip").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s %s = %d, want 404", test.method, test.address, got)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	tests := []struct {
		header string
		want   bool
	}{
		{"", false}, {"gzip", true}, {"GZIP", true}, {"x-gzip", true}, {"br, gzip", true}, {"*", true}, {"identity", false},
		{"gzip;q=0", false}, {"gzip; q=0.0", false}, {"gzip;q=0, *", false}, {"*;q=0", false}, {"*, gzip;q=0", false},
		{"gzip;q=x", false}, {"gzipped", false}, {strings.Repeat("a,", 600) + "gzip", false},
	}
	for _, test := range tests {
		if got := AcceptsGzip(test.header); got != test.want {
			t.Errorf("AcceptsGzip(%q) = %v, want %v", test.header, got, test.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, test := range []struct {
		name string
		most int
	}{{Style, 14 << 10}, {Script, 6 << 10}, {Icon, 1 << 10}} {
		got := len(site[Path(test.name)].zipped)
		t.Logf("%s: %d bytes compressed", test.name, got)
		if got == 0 || got > test.most {
			t.Errorf("%s is %d bytes compressed, want at most %d", test.name, got, test.most)
		}
	}
	got := len(compress([]byte(CriticalCSS)))
	t.Logf("style in the page: %d bytes compressed", got)
	if got == 0 || got > 8<<10 {
		t.Errorf("the style of desk pages is %d bytes compressed, want at most 8192", got)
	}
}

// TestStyle: what the browser floor and right-to-left scripts do not allow.
func TestStyle(t *testing.T) {
	css := joinStyle(wholeStyle)
	css = strings.ReplaceAll(css, "::first-letter{text-transform:uppercase}", "::first-letter{}") // begins a sentence; words in capitals are what is not wanted
	for _, wrong := range []string{
		`(margin|padding|border)-(left|right|top|bottom)\b`, `[;{](left|right|top|bottom|width|height):`, `text-align:(left|right)`, `float:(left|right)`,
		`:has\(`, `color-mix\(`, `light-dark\(`, `@import`, `@layer`, `@container`, `url\(`, `&`, `font-style:italic`, `text-transform`, `</`, `text-align:justify`,
	} {
		if found := regexp.MustCompile(wrong).FindString(css); found != "" {
			t.Errorf("the style has %q", found)
		}
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("the style does not close what it opens")
	}
	for _, needed := range []string{"prefers-color-scheme:dark", "forced-colors:active", "@media print", "prefers-reduced-motion", "prefers-contrast"} {
		for name, text := range map[string]string{Style: css, "the style in pages": string(CriticalCSS)} {
			if !strings.Contains(text, needed) {
				t.Errorf("%s has nothing for %s", name, needed)
			}
		}
	}
	for _, small := range regexp.MustCompile(`font(?:-size)?:[^;}]*?([.0-9]+)rem`).FindAllStringSubmatch(css, -1) {
		if size, err := strconv.ParseFloat(small[1], 64); err != nil || size < .875 {
			t.Errorf("the style has text smaller than 14 px: %s", small[0])
		}
	}
}

// TestContrast holds the tokens to what the design brief promises of them.
func TestContrast(t *testing.T) {
	css := string(mustRead("css/tokens.css"))
	light, rest, _ := strings.Cut(css, "@media")
	themes := map[string]string{"light": light, "dark": rest}
	for theme, text := range themes {
		for _, test := range []struct {
			fore, back string
			least      float64
		}{
			{"ink", "paper", 7}, {"ink", "card", 7}, {"ink2", "paper", 7}, {"ink2", "card", 7}, {"ink2", "sunk", 4.5},
			{"edge", "paper", 3}, {"edge", "card", 3}, {"lamp", "paper", 4.5}, {"lamp", "card", 4.5}, {"on-lamp", "lamp", 4.5}, {"on-brick", "brick", 4.5},
			{"lamp-deep", "lamp-tint", 4.5}, {"say-ink", "say", 7}, {"say-edge", "say", 3},
			{"brick", "paper", 4.5}, {"brick", "card", 4.5}, {"brick", "brick-tint", 4.5}, {"ink", "brick-tint", 7},
			{"ochre", "paper", 4.5}, {"ochre", "card", 4.5}, {"ochre", "ochre-tint", 4.5}, {"ink", "ochre-tint", 7}, {"lamp", "ochre-tint", 4.5},
			{"plum", "plum-tint", 4.5}, {"plum", "card", 4.5}, {"ink", "plum-tint", 7}, {"card", "ink", 7},
		} {
			if got := contrast(t, token(t, text, test.fore), token(t, text, test.back)); got < test.least {
				t.Errorf("%s: %s on %s = %.1f, want at least %.1f", theme, test.fore, test.back, got, test.least)
			}
		}
	}
	if got := contrast(t, "#777", "#888"); got > 2 {
		t.Errorf("contrast(#777, #888) = %.1f, want little", got)
	}
}

func token(t *testing.T, css, name string) string {
	t.Helper()
	m := regexp.MustCompile(`--` + name + `: (#[0-9a-f]+);`).FindStringSubmatch(css)
	if m == nil {
		t.Fatalf("there is no token %s", name)
	}
	return m[1]
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("%q is no colour", colour)
	}
	part := func(shift uint) float64 {
		v := float64(n>>shift&255) / 255
		if v <= .04045 {
			return v / 12.92
		}
		return math.Pow((v+.055)/1.055, 2.4)
	}
	return .2126*part(16) + .7152*part(8) + .0722*part(0)
}

// TestScript: what a strict policy and a public page do not allow.
func TestScript(t *testing.T) {
	js := string(mustRead("js/roundtable.js"))
	for _, wrong := range []string{`eval(`, `new Function`, `innerHTML`, `document.write`, `insertAdjacentHTML`, `http://`, `https://`, `localStorage`, `sessionStorage`, `indexedDB`, `cookie`} {
		if strings.Contains(js, wrong) {
			t.Errorf("the script has %q", wrong)
		}
	}
}

func TestPaths(t *testing.T) {
	all := Paths()
	if len(all) != len(site) || all[Style] != Path(Style) {
		t.Errorf("Paths() = %v, want every file", all)
	}
	all[Style] = "changed"
	if Path(Style) == "changed" {
		t.Error("who changes what Paths() returns changes what is served")
	}
	if contents, ok := Contents(Path(Style)); !ok || len(contents) == 0 {
		t.Error("Contents(Path(Style)) is empty")
	}
}

// TestImports: a served script imports nothing with a page, and what it imports once it
// needs it is served, under the name it says.
func TestImports(t *testing.T) {
	found := 0
	for address, a := range site {
		if strings.HasSuffix(address, ".js") && regexp.MustCompile(`(?m)^import |from '\./`).Match(a.plain) {
			t.Errorf("%s imports another script with the page", address)
		}
		for _, m := range regexp.MustCompile(`import\('([^']+)'`).FindAllStringSubmatch(string(a.plain), -1) {
			found++
			if _, ok := site[Prefix+strings.TrimPrefix(m[1], "./")]; !ok {
				t.Errorf("%s imports %s, which is not served", address, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no script imports another, so this test tests nothing")
	}
}
