// Package static holds what never changes while a program runs: style, script and
// icons. Each file is served under a name with the hash of its contents in it, so
// browsers may keep it for good, and is compressed once at start.
//
// The style is written in several files with one subject each, and served as two:
// [Style] is all of it, and [CriticalCSS] is the part that desk and step pages
// carry in themselves, so that they are readable after one answer. Script is written
// as modules, and each page gets its own in one file.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed css js icons
var files embed.FS

// The names of the files that pages ask for, for [Path].
const (
	Style    = "roundtable.css"
	Script   = "roundtable.js" // on every page, deferred
	Passkeys = "passkey.js"    // a module, where passkeys are made or used
	Counsel  = "counsel.js"    // a module, where counsel's notes are
	Desk     = "desk.js"       // a module, on desk pages
	Photo    = "photo.js"      // a module, where a photo is taken
	Removed  = "removed.js"    // a module, on a device's page of photos of which some were removed
	TakeOver = "takeover.js"   // a module, on step pages
	Offline  = "offline.js"    // a module, on the page of a walk that a device keeps
	Aside    = "aside.js"      // a module, where what officers do is taken down
	Live     = "live.js"       // a module, on pages that hear of changes
	Push     = "push.js"       // a module, where a browser is made to take alerts
	Icon     = "icon.svg"
	Manifest = "roundtable.webmanifest"
)

// scripts are what pages ask for. What these import once they need it is served besides.
var scripts = []string{Script, Passkeys, Counsel, Desk, Photo, Removed, TakeOver, Offline, Aside, Live, Push}

// Prefix begins the address of every file.
const Prefix = "/static/"

// The style's files, in their order: what is later wins.
var (
	criticalStyle = []string{"tokens", "base", "bar", "parts", "guide", "layout", "desk", "step", "print"}
	wholeStyle    = []string{"tokens", "base", "bar", "parts", "guide", "layout", "desk", "step", "form", "lists", "case", "pages", "print"}
)

// CriticalCSS is the style of desk and step pages, for their one style element.
var CriticalCSS = template.CSS(joinStyle(criticalStyle))

// CriticalHash is the source by which a content security policy allows
// CriticalCSS, with its quotes: 'sha256-…'.
var CriticalHash = hashSource(string(CriticalCSS))

func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// asset is a file as it is served.
type asset struct {
	kind   string // media type
	plain  []byte
	zipped []byte // nil where it would save nothing
}

// site is all files by address, and addresses by name.
var site, addresses = mustLoad()

func mustLoad() (map[string]asset, map[string]string) {
	byAddress, byName := map[string]asset{}, map[string]string{}
	add := func(name string, contents []byte) {
		sum := sha256.Sum256(contents)
		ext := path.Ext(name)
		address := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		byAddress[address] = asset{kind: mediaType(ext), plain: contents, zipped: compress(contents)}
		byName[name] = address
	}
	add(Style, []byte(joinStyle(wholeStyle)))
	for _, name := range scripts {
		addScript(name, byName, add)
	}
	add(Icon, mustRead("icons/icon.svg"))
	manifest := bytes.ReplaceAll(mustRead("icons/roundtable.webmanifest"), []byte("{{icon}}"), []byte(byName[Icon]))
	add(Manifest, manifest)
	return byAddress, byName
}

// addScript adds a script after those that it imports once it needs them, whose names in
// it become the names by which they are served.
func addScript(name string, byName map[string]string, add func(string, []byte)) {
	if byName[name] != "" {
		return
	}
	contents := bundle(name)
	for _, m := range lazyImport.FindAllSubmatch(contents, -1) {
		addScript(string(m[1]), byName, add)
	}
	add(name, lazyImport.ReplaceAllFunc(contents, func(found []byte) []byte {
		return []byte("import('./" + path.Base(byName[string(lazyImport.FindSubmatch(found)[1])]) + "')")
	}))
}

// mustRead reads an embedded file. One that is missing is a mistake of the build,
// which every test finds.
func mustRead(name string) []byte {
	contents, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("static: %v", err))
	}
	return contents
}

func joinStyle(names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(shrink(string(mustRead("css/" + name + ".css"))))
	}
	return b.String()
}

// mediaType is fixed: what the machine has in its own tables must not decide what
// a browser is told.
func mediaType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(ext)
}

// compress returns the contents as gzip, or nil if that is not smaller.
func compress(contents []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(contents)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil || b.Len() >= len(contents) {
		return nil
	}
	return b.Bytes()
}

// Path returns the address of a file. A name that is not there gives an address
// at which nothing is, so that a test finds it and a page still shows.
func Path(name string) string {
	if address, ok := addresses[name]; ok {
		return address
	}
	return Prefix + "missing"
}

// Paths returns all addresses, by name. The service worker keeps them.
func Paths() map[string]string {
	all := make(map[string]string, len(addresses))
	for name, address := range addresses {
		all[name] = address
	}
	return all
}

// Handler serves the files at their addresses, whole, to GET and HEAD. Anything
// else is not found.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	a, ok := site[r.URL.Path]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if a.zipped != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // who went away needs no answer
	}
}

// AcceptsGzip reports whether an Accept-Encoding header takes gzip: it is named,
// or everything is, and not with a weight of zero. What is named counts before
// "*". A header that is long beyond reason takes nothing.
func AcceptsGzip(header string) bool {
	if len(header) > 1000 {
		return false
	}
	any := false
	for part := range strings.SplitSeq(header, ",") {
		name, rest, _ := strings.Cut(part, ";")
		weight := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(rest), " ", ""), "\t", "")
		refused := false
		if q, ok := strings.CutPrefix(weight, "q="); ok {
			value, err := strconv.ParseFloat(q, 64)
			refused = err != nil || value <= 0
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			any = !refused
		}
	}
	return any
}

// Contents returns the file at an address as it is served uncompressed, and
// whether there is one. The caller must not change it.
func Contents(address string) ([]byte, bool) {
	a, ok := site[address]
	return a.plain, ok
}
