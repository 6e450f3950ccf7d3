package browser

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var log bytes.Buffer
	var order []string
	err := Run(&log, func(tb TB) {
		tb.Cleanup(func() { order = append(order, "first") })
		tb.Cleanup(func() { order = append(order, "second"); tb.Errorf("in cleanup") })
		tb.Logf("log %d", 1)
		tb.Errorf("one")
		tb.Fatalf("two")
		t.Error("Fatalf returned")
	})
	if err == nil || err.Error() != "one\ntwo\nin cleanup" {
		t.Errorf("Run() = %v, want one, two, in cleanup", err)
	}
	if got := strings.Join(order, " "); got != "second first" {
		t.Errorf("cleanups ran in the order %s, want second first", got)
	}
	if log.String() != "log 1\n" {
		t.Errorf("log = %q", log.String())
	}
	if err := Run(&log, func(TB) {}); err != nil {
		t.Errorf("Run of nothing = %v", err)
	}
	if err := Run(&log, func(tb TB) { tb.Skipf("no browser") }); !errors.Is(err, ErrSkipped) {
		t.Errorf("Run of a skipped body = %v, want ErrSkipped", err)
	}
}

func TestRunPanics(t *testing.T) {
	cleaned := false
	defer func() {
		if p := recover(); p != "boom" || !cleaned {
			t.Errorf("Run panicked with %v, cleaned %v; want boom after the cleanup", p, cleaned)
		}
	}()
	Run(&bytes.Buffer{}, func(tb TB) {
		tb.Cleanup(func() { cleaned = true })
		panic("boom")
	})
}

func TestFind(t *testing.T) {
	t.Setenv(Program, "/nowhere/chromium")
	if path, err := Find(); err == nil {
		t.Errorf("Find() = %s, want an error for what %s names", path, Program)
	}
	t.Setenv(Program, "")
	t.Setenv("PATH", t.TempDir())
	if path, err := Find(); err == nil {
		t.Errorf("Find() = %s with nothing on PATH, want an error", path)
	}
}

// TestMissing checks that a missing browser is a failure where one is required, and
// is skipped aloud elsewhere.
func TestMissing(t *testing.T) {
	t.Setenv(Program, "/nowhere/chromium")
	for _, test := range []struct {
		require string
		skipped bool
	}{{"1", false}, {"", true}} {
		t.Setenv(Require, test.require)
		for name, start := range map[string]func(TB) *Browser{"Start": Start, "Shared": Shared} {
			err := Run(&bytes.Buffer{}, func(tb TB) { start(tb) })
			if err == nil || errors.Is(err, ErrSkipped) != test.skipped || !strings.Contains(err.Error(), "Chromium") {
				t.Errorf("%s with %s=%q: %v, want skipped %v", name, Require, test.require, err, test.skipped)
			}
		}
	}
}

func TestModuleRoot(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root, err := moduleRoot()
	if err != nil || filepath.Join(root, "internal", "browser") != here {
		t.Errorf("moduleRoot() = %s, %v", root, err)
	}
	t.Chdir(t.TempDir())
	if root, err := moduleRoot(); err == nil {
		t.Errorf("moduleRoot() outside of the module = %s, want an error", root)
	}
	for text, want := range map[string]bool{
		"module roundtable\n": true, "// x\nmodule roundtable // y\n": true, "module roundtable2\n": false, "": false,
	} {
		if got := declares(text, modulePath); got != want {
			t.Errorf("declares(%q) = %v, want %v", text, got, want)
		}
	}
}
