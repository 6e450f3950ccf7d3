package browser

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// The environment variables that this package reads.
const (
	// Require makes a missing browser, a missing Java or a missing test package
	// a failure, instead of a test that is skipped aloud, when it is "1".
	Require = "ROUNDTABLE_REQUIRE_BROWSER"
	// Program is the Chromium to use, as a path or as a name on PATH.
	Program = "ROUNDTABLE_CHROMIUM"
)

var programs = []string{"chromium", "chromium-browser", "google-chrome"}

// Find returns the path of the Chromium to use: what Program names, and nothing
// else where it is set; otherwise the first of chromium, chromium-browser and
// google-chrome on PATH.
func Find() (string, error) {
	if named := os.Getenv(Program); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("%s: %w", Program, err)
		}
		return path, nil
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("none of %s is on PATH, and %s is not set", strings.Join(programs, ", "), Program)
}

// missing ends the test because something that it needs is not there: as a
// failure where Require says so, and otherwise as skipped, aloud.
func missing(tb TB, what string, err error) {
	tb.Helper()
	if os.Getenv(Require) == "1" {
		tb.Fatalf("%s is required: %v", what, err)
	}
	tb.Skipf("NOT TESTED: %s is missing: %v", what, err)
}
