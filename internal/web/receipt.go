package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
)

// takeReceipt takes what a gateway of text messages tells of a message (docs/sms.md).
// It is no browser: it is known by its Authorization header, gets no page, and no word
// of what was wrong. Who guesses is slowed down by the app.
func takeReceipt(ctx context.Context, a *ask) error {
	body, err := io.ReadAll(a.r.Body)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return a.send(http.StatusRequestEntityTooLarge, plainText, nil)
		}
		return a.send(http.StatusBadRequest, plainText, nil)
	}
	err = a.app().Receipt(ctx, a.from, a.r.Header.Get("Authorization"), body)
	if err == nil {
		a.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	var wait app.TooOften
	switch kind := fault.KindOf(err); {
	case errors.As(err, &wait):
		a.w.Header().Set("Retry-After", strconv.Itoa(int((wait.Wait+time.Second-1)/time.Second)))
		return a.send(http.StatusTooManyRequests, plainText, nil)
	case kind == fault.NotFound:
		return a.send(http.StatusUnauthorized, plainText, nil)
	case kind == fault.Invalid:
		return a.send(http.StatusBadRequest, plainText, nil)
	}
	a.cause(err, http.StatusServiceUnavailable)
	return a.send(http.StatusServiceUnavailable, plainText, nil)
}

const plainText = "text/plain; charset=utf-8"
