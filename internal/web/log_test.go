package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestLogOfWhoGoesAway: that somebody leaves a page before it has come is no error of the
// server, and a failure is.
func TestLogOfWhoGoesAway(t *testing.T) {
	for _, gone := range []bool{false, true} {
		var out strings.Builder
		a := &ask{site: &site{Options: Options{Log: slog.New(slog.NewTextHandler(&out, nil)), Now: time.Now}}, w: &recorder{ResponseWriter: httptest.NewRecorder(), status: http.StatusServiceUnavailable}}
		ctx, cancel := context.WithCancel(t.Context())
		if gone {
			cancel()
		}
		a.r = httptest.NewRequestWithContext(ctx, http.MethodGet, "/desk", nil)
		a.cause(context.Canceled, http.StatusServiceUnavailable)
		a.log()
		cancel()
		if failed := strings.Contains(out.String(), "level=ERROR"); failed == gone {
			t.Errorf("gone: %v; the log says %s", gone, out.String())
		}
	}
}
