package web

import (
	"context"
	"net/http"
)

// showHealth says whether acts can be done here now: for whoever looks after the
// server, or a program that does. It says nothing else.
func showHealth(ctx context.Context, a *ask) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	if err := a.app().Ready(ctx); err != nil {
		a.cause(err, http.StatusServiceUnavailable)
		return a.send(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("not ready\n"))
	}
	return a.send(http.StatusOK, "text/plain; charset=utf-8", []byte("ready\n"))
}
