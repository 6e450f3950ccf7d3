package static

import (
	"bytes"
	"regexp"
	"testing"
)

// TestBundle: what a script imports stands in its file once, as a function of its own,
// and before whoever uses it.
func TestBundle(t *testing.T) {
	got := bundle(Offline)
	at := -1
	for _, part := range []string{"const $own = (() => {\n", "return { sealView, openView, newID, startEvent, merge, fetchView };\n})();\n", "const { fetchView, merge, newID, openView, sealView } = $own;\n", "class Screen {"} {
		if n := bytes.Count(got, []byte(part)); n != 1 {
			t.Errorf("%q is %d times in the script of a walk, want once", part, n)
		}
		if now := bytes.Index(got, []byte(part)); now < at {
			t.Errorf("%q comes before what it needs", part)
		} else {
			at = now
		}
	}
	if regexp.MustCompile(`(?m)^export `).Match(got) {
		t.Error("the script of a walk exports what it imports")
	}
	if got := bundle(Photo); !regexp.MustCompile(`(?m)^export function take\(`).Match(got) {
		t.Error("the script of photos does not export what is imported once it is needed")
	}
}

// TestBundleUnderstands: an import or an export of another form is a mistake.
func TestBundleUnderstands(t *testing.T) {
	for _, line := range []string{"import './own.js';", "import * as own from './own.js';", "export default 1;", "export { a };", "export let a = 1;"} {
		if otherLine.FindString(exportLine.ReplaceAllString(importLine.ReplaceAllString(line+"\n", ""), "")) == "" {
			t.Errorf("%q is taken as understood", line)
		}
	}
	if line := "import('./photo.js');\n"; otherLine.MatchString(line) {
		t.Errorf("%q is taken as an import with a page", line)
	}
}
