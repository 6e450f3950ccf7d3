package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mostFile is the largest file that belongs in the tree, in bytes: what is built does not.
const mostFile = 1 << 20

// TestNothingBuiltIsTracked fails on files that are too large to have been written.
func TestNothingBuiltIsTracked(t *testing.T) {
	root := filepath.Join("..", "..")
	cmd := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("NOT TESTED: this is no checkout of git's: %v", err)
	}
	found := 0
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if os.IsNotExist(err) { // removed, and not committed yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if found++; info.Size() > mostFile {
			t.Errorf("%s has %d bytes, want at most %d", name, info.Size(), mostFile)
		}
	}
	if found < 100 {
		t.Errorf("%d files are tracked, so this test tests nothing", found)
	}
}
