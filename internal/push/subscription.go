package push

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"roundtable/internal/notify"
	"roundtable/internal/outbound"
)

// Subscription is where and how one browser is pushed to. Its endpoint is as good
// as a key, since whoever knows it can call there: it is stored sealed.
type Subscription struct {
	endpoint, key, auth string
}

const (
	maxSubscription = 2 << 10 // bytes of JSON
	maxEndpoint     = 1 << 10
	authSize        = 16 // RFC 8291, 3.2
)

var errSubscription = errors.New("push: this is no subscription")

// services lists the push services of browsers: hosts, and with a dot before them
// all hosts below. A browser cannot be made to subscribe anywhere else, so what
// names another host does not come from a browser.
var services = []string{
	"fcm.googleapis.com",         // Chrome, Edge on Android, Opera, Samsung
	".push.services.mozilla.com", // Firefox
	".push.apple.com",            // Safari
	".notify.windows.com",        // Edge
}

// keysJSON and storedJSON are the stored form.
type keysJSON struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

type storedJSON struct {
	Endpoint string   `json:"endpoint"`
	Keys     keysJSON `json:"keys"`
}

// FromBrowser reads what PushSubscription.toJSON() gives in a browser.
func FromBrowser(data []byte) (Subscription, error) {
	var in struct {
		storedJSON
		ExpirationTime *float64 `json:"expirationTime"` // told by no browser of today; null
	}
	if len(data) > maxSubscription {
		return Subscription{}, errSubscription
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&in) != nil || d.More() || len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		return Subscription{}, errSubscription
	}
	s := Subscription{in.Endpoint, in.Keys.P256dh, in.Keys.Auth}
	return s, s.check()
}

// Parse reads the stored form, and only in the one way in which Address writes it.
func Parse(text string) (Subscription, error) {
	s, err := FromBrowser([]byte(text))
	if err != nil || s.text() != text {
		return Subscription{}, errSubscription
	}
	return s, nil
}

// Address returns the stored form as an address for Send.
func (s Subscription) Address() notify.Address { return notify.NewAddress(s.text()) }

func (s Subscription) text() string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(storedJSON{s.endpoint, keysJSON{s.key, s.auth}})
	return strings.TrimSuffix(b.String(), "\n")
}

// String keeps a subscription out of logs, as notify.Address does.
func (s Subscription) String() string { return "(subscription)" }

// GoString is String.
func (s Subscription) GoString() string { return s.String() }

func (s Subscription) check() error {
	u, err := outbound.ParseURL(s.endpoint)
	if err != nil || len(s.endpoint) > maxEndpoint || u.Path == "" || u.Path == "/" {
		return errSubscription
	}
	key, err := base64.RawURLEncoding.Strict().DecodeString(s.key)
	if err != nil {
		return errSubscription
	}
	if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return errSubscription // also what is no point of the curve
	}
	auth, err := base64.RawURLEncoding.Strict().DecodeString(s.auth)
	if err != nil || len(auth) != authSize {
		return errSubscription
	}
	return nil
}

// Allows reports whether the subscription is one of a known push service.
func (s *Sender) Allows(sub Subscription) bool {
	u, err := url.Parse(sub.endpoint)
	if err != nil {
		return false
	}
	if slices.Contains(s.config.Allow, u.Host) {
		return true
	}
	if p := u.Port(); p != "" && p != "443" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(services, func(known string) bool {
		if known[0] == '.' {
			return strings.HasSuffix(host, known) && len(host) > len(known)
		}
		return host == known
	})
}
