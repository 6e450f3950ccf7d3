package trust

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// full asks for the full figures, which take minutes; else each program runs a
// sample.
var full = flag.Bool("full", false, "run the full figures")

// figures is what the programs found, told at the end.
var figures struct {
	sync.Mutex
	lines []string
}

// promise tells what a promise was held against. It is called once a program has
// passed.
func promise(t *testing.T, test, promises, format string, args ...any) {
	t.Helper()
	if t.Failed() {
		return
	}
	figures.Lock()
	defer figures.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf("%-4s %-8s %s", test, promises, fmt.Sprintf(format, args...)))
}

// times is how often something is done: all of it for the full figures.
func times(sample, all int) int {
	if *full {
		return all
	}
	return sample
}

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(beChild())
	}
	flag.Parse()
	code := m.Run()
	if len(figures.lines) > 0 {
		slices.Sort(figures.lines)
		kind := "a sample; the full figures: ./check trust"
		if *full {
			kind = "the full figures"
		}
		fmt.Printf("\nWhat was held (%s):\n%s\n\n", kind, strings.Join(figures.lines, "\n"))
	}
	os.Exit(code)
}
