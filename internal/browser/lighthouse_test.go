package browser

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseQuality(t *testing.T) {
	const good = `{"found":[{"url":"http://localhost:1/a","shown":"http://localhost:1/a","scores":{"performance":99,"accessibility":100,"best-practices":98},"failed":"","busy":1.5,"lost":["x"]}],"strays":["elsewhere.example"]}`
	list, strays, err := parseQuality([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	want := []Quality{{URL: "http://localhost:1/a", Performance: 99, Accessibility: 100, BestPractices: 98, Busy: 1.5, Lost: []string{"x"}}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("parseQuality() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"elsewhere.example"}, strays); diff != "" {
		t.Errorf("strays (-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{
		"nothing":   "",
		"elsewhere": `{"found":[{"url":"http://localhost:1/a","shown":"http://localhost:1/signin"}]}`,
		"failed":    `{"found":[{"url":"a","shown":"a","failed":"NO_NAVSTART"}]}`,
	} {
		if list, _, err := parseQuality([]byte(text)); err == nil {
			t.Errorf("%s: parseQuality() = %v, want an error", name, list)
		}
	}
}
