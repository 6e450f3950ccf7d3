package page

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"roundtable/internal/web/static"
)

var galleryFolder = flag.String("gallery", "", "write every page of the gallery and what it needs to this folder")

// TestGalleryRenders renders every entry, and writes it when asked to.
func TestGalleryRenders(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Gallery() {
		if seen[e.Name] {
			t.Errorf("Gallery() has %q twice", e.Name)
		}
		seen[e.Name] = true
		var first, second bytes.Buffer
		if err := Render(&first, e.Page); err != nil {
			t.Errorf("Render(%s) = %v, want no error", e.Name, err)
			continue
		}
		if err := Render(&second, e.Page); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("Render(%s) gives other bytes the second time (%v)", e.Name, err)
		}
		writeGallery(t, e.Name+".html", first.Bytes())
	}
	for _, address := range static.Paths() {
		writeGallery(t, address, nil)
	}
}

func writeGallery(t *testing.T, name string, contents []byte) {
	t.Helper()
	if *galleryFolder == "" {
		return
	}
	if contents == nil {
		contents, _ = static.Contents(name)
	}
	file := filepath.Join(*galleryFolder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, contents, 0o644); err != nil {
		t.Fatal(err)
	}
}
