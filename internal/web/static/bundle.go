package static

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// A page or a service worker gets its script in one file: over a slow line each further
// request costs as much as what it brings. What a script imports stands before it as a
// function that returns what is exported, so that no two modules see each other's names.
//
// Nothing else of the language is read: an import is a line of its own with the name of
// a file beside it, an export stands before what it names. [bundle] panics on any other,
// which every test finds.

var (
	importLine = regexp.MustCompile(`(?m)^import (\{ [A-Za-z0-9_, ]+ \}) from '\./([a-z]+\.js)';\n`)
	exportLine = regexp.MustCompile(`(?m)^export ((?:async )?(?:const|function|class) ([A-Za-z0-9_]+))`)
	otherLine  = regexp.MustCompile(`(?m)^(import|export)\b[^(].*`)
	lazyImport = regexp.MustCompile(`import\('\./([a-z]+\.js)'\)`)
)

// bundle returns a script and all that it imports with a page. The script's own exports
// stay, for who imports it once it is needed. Scripts must not import each other in a
// ring.
func bundle(name string) []byte {
	var b bytes.Buffer
	has := map[string]bool{}
	own := addImported(&b, name, has)
	b.Write(own)
	return b.Bytes()
}

// addImported writes what a script imports, and returns the script with its imports
// taken from there.
func addImported(b *bytes.Buffer, name string, has map[string]bool) []byte {
	text := shrinkScript(mustRead("js/" + name))
	for _, m := range importLine.FindAllSubmatch(text, -1) {
		if imported := string(m[2]); !has[imported] {
			has[imported] = true
			own := addImported(b, imported, has)
			fmt.Fprintf(b, "const %s = (() => {\n%sreturn { %s };\n})();\n", local(imported), exportLine.ReplaceAll(own, []byte("$1")), strings.Join(exports(own), ", "))
		}
	}
	own := importLine.ReplaceAllFunc(text, func(line []byte) []byte {
		m := importLine.FindSubmatch(line)
		return fmt.Appendf(nil, "const %s = %s;\n", m[1], local(string(m[2])))
	})
	if other := otherLine.Find(exportLine.ReplaceAll(own, nil)); other != nil {
		panic(fmt.Sprintf("static: js/%s: this import or export is not understood: %s", name, other))
	}
	return own
}

// local is the name that a module has in a bundle.
func local(name string) string { return "$" + strings.TrimSuffix(name, path.Ext(name)) }

func exports(text []byte) (names []string) {
	for _, m := range exportLine.FindAllSubmatch(text, -1) {
		names = append(names, string(m[2]))
	}
	return names
}
