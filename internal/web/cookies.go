package web

import (
	"net/http"
	"time"
)

// The cookies. But for the one about keys, each is a random token that says nothing
// by itself: the server knows it by its digest.
//
// Over TLS their names begin with __Host-, which a browser accepts only from this
// very host, over TLS and for the whole site, so that a neighbour under the same
// domain cannot set them.
type cookie struct {
	name string
	site http.SameSite
	life time.Duration // 0 lasts until the browser is closed
}

var (
	// sessionCookie comes along when somebody follows a link from elsewhere, as
	// from a mail, and not when a form elsewhere is sent.
	sessionCookie = cookie{"roundtable", http.SameSiteLaxMode, 0}
	// deviceCookie is what an enrolled device shows. A code on paper opens /go on
	// it, which is a link from elsewhere too.
	deviceCookie = cookie{"roundtable-device", http.SameSiteLaxMode, deviceLife}
	// stepCookie finds what was begun and is not finished: the second step of
	// signing in, or set-up.
	stepCookie = cookie{"roundtable-step", http.SameSiteLaxMode, stepLife}
	// formCookie tells the browsers of strangers apart, so that a double press is
	// known from somebody else's.
	formCookie = cookie{"roundtable-form", http.SameSiteStrictMode, 0}
	// keysCookie says that single keys are off. It belongs to the browser, as the
	// keyboard does.
	keysCookie = cookie{"roundtable-keys", http.SameSiteLaxMode, deviceLife}
)

// keysOff is what keysCookie says.
const keysOff = "off"

const hostPrefix = "__Host-"

func (c cookie) named(tls bool) string {
	if tls {
		return hostPrefix + c.name
	}
	return c.name
}

// set tells the browser to keep the token.
func (c cookie) set(w http.ResponseWriter, tls bool, token string) {
	made := c.empty(tls)
	made.Value = token
	made.MaxAge = int(c.life / time.Second)
	http.SetCookie(w, made)
}

// clear tells the browser to forget it.
func (c cookie) clear(w http.ResponseWriter, tls bool) {
	made := c.empty(tls)
	made.MaxAge = -1
	http.SetCookie(w, made)
}

func (c cookie) empty(tls bool) *http.Cookie {
	return &http.Cookie{Name: c.named(tls), Path: "/", Secure: tls, HttpOnly: true, SameSite: c.site}
}

// read returns the token, "" if there is none. Where there are several of the name,
// somebody is trying something, and none counts.
func (c cookie) read(r *http.Request, tls bool) string {
	found := r.CookiesNamed(c.named(tls))
	if len(found) != 1 || len(found[0].Value) > maxToken {
		return ""
	}
	return found[0].Value
}

// maxToken is longer than any token of ours, in bytes.
const maxToken = 256

// hasCookie reports whether a request brings any cookie of ours.
func hasCookie(r *http.Request, tls bool) bool {
	for _, c := range []cookie{sessionCookie, deviceCookie, stepCookie, formCookie} {
		if len(r.CookiesNamed(c.named(tls))) > 0 {
			return true
		}
	}
	return false
}
