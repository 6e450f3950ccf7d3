package web

import (
	"net/http"
	"strings"

	"roundtable/internal/web/static"
)

// contentPolicy is the content security policy: everything comes from this server, and
// nothing is run that stands in a page. The last two lines let no script turn text
// into markup or code, where a browser knows them: the one policy that they allow
// makes the service worker's address and nothing else (static/js/shell.js).
func contentPolicy(style string) string {
	styles := "'self'"
	if style != "" {
		styles += " " + style
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src " + styles,
		"connect-src 'self'",
		"img-src 'self'",
		"manifest-src 'self'",
		"worker-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types worker",
	}, "; ")
}

var (
	linkedPolicy = contentPolicy("")
	inlinePolicy = contentPolicy(static.CriticalHash)
)

// everyFeature is what browsers let a page do beyond showing itself. Each is denied
// to every page, but for what its route says that it needs.
var everyFeature = []string{
	"accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read", "display-capture",
	"encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get",
	"idle-detection", "interest-cohort", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials",
	"payment", "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get",
	"screen-wake-lock", "serial", "speaker-selection", "storage-access", "usb", "web-share", "window-management",
	"xr-spatial-tracking",
}

// permissions is the permissions policy that allows the features to this origin and
// denies all others.
func permissions(allowed ...string) string {
	var list []string
	for _, feature := range everyFeature {
		to := "()"
		for _, a := range allowed {
			if a == feature {
				to = "(self)"
			}
		}
		list = append(list, feature+"="+to)
	}
	return strings.Join(list, ", ")
}

// features says what of the browser a route's pages may use.
type features uint8

const (
	passkeys features = 1 << iota // makes or uses a passkey
	camera                        // takes a photo
	awake                         // keeps the screen lit: words to be read aloud
)

var permissionsOf = func() (list [8]string) {
	for f := range list {
		var allowed []string
		if features(f)&passkeys != 0 {
			allowed = append(allowed, "publickey-credentials-create", "publickey-credentials-get")
		}
		if features(f)&camera != 0 {
			allowed = append(allowed, "camera")
		}
		if features(f)&awake != 0 {
			allowed = append(allowed, "screen-wake-lock")
		}
		list[f] = permissions(allowed...)
	}
	return list
}()

// Nobody elsewhere learns from which page of ours somebody came. Staff pages do not
// say no-referrer, which tells them nothing more, since a form sent from such a page
// has "Origin: null" (https://fetch.spec.whatwg.org/#append-a-request-origin-header):
// where a browser does not send Sec-Fetch-Site, as none does to plain HTTP on
// another machine, it could not be told from a form elsewhere.
const (
	referrer       = "same-origin"
	publicReferrer = "no-referrer"
)

// secure sets the headers that every answer has. What a route or a page needs
// otherwise is set over them.
func secure(h http.Header, tls bool) {
	h.Set("Content-Security-Policy", linkedPolicy)
	h.Set("Permissions-Policy", permissionsOf[0])
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Referrer-Policy", referrer)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Origin-Agent-Cluster", "?1")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	if tls {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}
