package web

import (
	"errors"
	"net/http"
)

// errElsewhere is why an unsafe request was not taken: it did not come from a page
// of ours, or does not say where it came from.
var errElsewhere = errors.New("an unsafe request from elsewhere")

// fromHere returns an error for an unsafe request that does not come from a page of
// this server.
//
// Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin.
// http.CrossOriginProtection refuses what either says is from elsewhere, and lets
// through what says neither, since programs that are no browsers say neither. A
// program that brings a cookie of ours is a browser, or wants to be taken for one;
// so we refuse it.
func fromHere(r *http.Request, tls bool, protection *http.CrossOriginProtection) error {
	if isSafe(r.Method) {
		return nil
	}
	if err := protection.Check(r); err != nil {
		return errors.Join(errElsewhere, err)
	}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" && hasCookie(r, tls) {
		return errElsewhere
	}
	return nil
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
