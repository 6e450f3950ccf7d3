package vault

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/formats.json")

// checkGolden compares bytes with testdata/formats.json, in hexadecimal digits.
func checkGolden(t *testing.T, got map[string][]byte) {
	t.Helper()
	path := filepath.Join("testdata", "formats.json")
	shown := map[string]string{}
	for name, b := range got {
		shown[name] = hex.EncodeToString(b)
	}
	if *update {
		text := must(json.MarshalIndent(shown, "", "\t"))
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("the stored formats changed (-want +got):\n%s", diff)
	}
}
