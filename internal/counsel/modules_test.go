package counsel

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// modules are the browser's files, each after those that it imports.
var modules = []string{"hpke", "words", "letter", "keyfile", "counsel"}

// forbidden are the ways by which a script keeps something, sends something or
// makes code of text. Only counsel.js may fetch, and only it touches the page.
var forbidden = regexp.MustCompile(`\b(localStorage|sessionStorage|indexedDB|caches|cookie\s*=|innerHTML|outerHTML|insertAdjacentHTML|` +
	`eval|Function|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|pushState|replaceState|postMessage|BroadcastChannel|` +
	`Math\.random|console)\b|https?://`)

var (
	comment  = regexp.MustCompile(`(?m)^\s*//.*$`)
	imported = regexp.MustCompile(`(?m)^import \{[^}]+\} from '\./([a-z]+)\.js';$`)
)

// TestModules: the files import each other only, in an order in which each can be
// given its name by contents, and use nothing that keeps or leaks.
func TestModules(t *testing.T) {
	for i, name := range modules {
		text := comment.ReplaceAllString(string(must(os.ReadFile(filepath.Join(scripts, name+".js")))), "")
		for _, m := range imported.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(modules[:i], m[1]) {
				t.Errorf("%s.js imports %s.js, which is not before it", name, m[1])
			}
		}
		if rest := imported.ReplaceAllString(text, ""); strings.Contains(rest, "import ") || strings.Contains(rest, "import(") {
			t.Errorf("%s.js imports in another way", name)
		}
		if found := forbidden.FindAllString(text, -1); len(found) > 0 {
			t.Errorf("%s.js uses %q", name, found)
		}
		if name != "counsel" && regexp.MustCompile(`\b(fetch|document|window|location)\b`).MatchString(text) {
			t.Errorf("%s.js reaches for page or network", name)
		}
	}
	for _, bad := range []string{"localStorage.x = 1", "el.innerHTML = x", "new Function('x')", "fetch('https://x')"} {
		if !forbidden.MatchString(bad) {
			t.Errorf("%q is not told as forbidden", bad)
		}
	}
}

// TestSameLimits: the browser's limits are the ones that this package counts with.
func TestSameLimits(t *testing.T) {
	text := string(must(os.ReadFile(filepath.Join(scripts, "counsel.js"))))
	if !strings.Contains(text, "\nexport const maxText = 20000;") || MaxText != 20_000 {
		t.Errorf("counsel.js does not say that a note has at most %d characters", MaxText)
	}
}
