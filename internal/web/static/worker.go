package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Build is a hash of all files: what devices keep is made with one build.
func Build() string { return worker().build }

// Worker is the service worker's script. It is one classic script, since not every
// browser loads modules in a service worker; before it stands the list of what it
// keeps. It names the program's version: browsers take another text as a new worker,
// which fetches anew also the pages that are no files here.
func Worker(version string) []byte {
	return append(fmt.Appendf(nil, "// %q\n", version), worker().text...)
}

// notKept are the files that a device without a network has no use for.
var notKept = []string{Passkeys, Counsel, Push, TakeOver}

type workerScript struct {
	build string
	text  []byte
}

var worker = sync.OnceValue(func() workerScript {
	var list []string
	names := slices.Sorted(maps.Keys(addresses))
	h := sha256.New()
	for _, name := range names {
		h.Write([]byte(addresses[name] + "\n"))
		if !slices.Contains(notKept, name) {
			list = append(list, addresses[name])
		}
	}
	own := bundle("sw.js")
	h.Write(own)
	build := hex.EncodeToString(h.Sum(nil)[:6])
	kept, _ := json.Marshal(list) // a list of texts can always be written
	var b bytes.Buffer
	b.WriteString("'use strict';\nconst build = '" + build + "';\nconst kept = " + string(kept) + ";\n")
	b.Write(own)
	return workerScript{build, b.Bytes()}
})
