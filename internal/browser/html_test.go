package browser

import (
	"strings"
	"testing"
)

func TestValidateHTML(t *testing.T) {
	pages := map[string][]byte{
		"good":   []byte(document(`<h1>Good</h1><p>Nothing is wrong.</p>`)),
		"nested": []byte(document("<h1>x</h1>\n<button><a href=\"/\">x</a></button>")),
		"twice":  []byte(document("<h1 id=a>x</h1>\n<p id=a>y</p>")),
		"unsaid": []byte("<!doctype html><html><title>x</title><p>Nothing else.</p></html>"),
		"empty":  nil,
	}
	got := map[string][]string{}
	for _, f := range ValidateHTML(t, pages) {
		if f.Line < 1 && f.Page != "empty" {
			t.Errorf("%v has no line", f)
		}
		got[f.Page] = append(got[f.Page], f.String())
	}
	for page, want := range map[string]string{
		"good":   "",
		"nested": "nested:13:9: error: The element “a” with the attribute “href” must not appear as a descendant of the “button” element",
		"twice":  "twice:13:1: error: Duplicate ID",
		"unsaid": "warning: Consider adding a “lang” attribute",
		"empty":  "error: ",
	} {
		if all := strings.Join(got[page], "\n"); want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("%s: %q, want %q", page, all, want)
		}
	}
	if faults := ValidateHTML(t, nil); len(faults) != 0 {
		t.Errorf("no pages have faults: %v", faults)
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add([]byte(`{"messages":[{"type":"error","url":"file:/x/000000.html","lastLine":3,"firstColumn":1,"message":"m","extract":"e"}]}`))
	f.Add([]byte(`{"messages":[{"type":"non-document-error","url":"","message":"out of memory"}]}`))
	f.Fuzz(func(t *testing.T, report []byte) {
		faults, err := parseFaults(report, map[string]string{"000000.html": "a"})
		if err != nil && faults != nil {
			t.Errorf("parseFaults gives faults and %v", err)
		}
		for _, fault := range faults {
			if fault.Page != "a" {
				t.Errorf("a fault of %q, want a", fault.Page)
			}
		}
	})
}
