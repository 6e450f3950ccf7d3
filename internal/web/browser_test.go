package web

import (
	"os"
	"testing"

	chromium "roundtable/internal/browser" // the table of routes has a browser of its own
)

func TestMain(m *testing.M) { os.Exit(chromium.Main(m.Run)) }
