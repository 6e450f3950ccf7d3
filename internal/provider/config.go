package provider

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Config says which provider it is, and who we are there.
type Config struct {
	Issuer       string // the provider's name and address, exactly as it writes it
	ClientID     string // ours, given by the provider
	ClientSecret string // ours, given by the provider; "" if it gives none
	Redirect     string // where browsers come back to, as registered there
	Name         string // as people call it: "Elm County"
}

// String hides the secret.
func (c Config) String() string { return fmt.Sprintf("%s (%s)", c.Name, c.Issuer) }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// Limits on a Config, in bytes.
const (
	maxURL    = 2048
	maxClient = 1024
	maxName   = 64 // characters
)

// ErrConfig is returned for a Config by which nobody could sign in.
var ErrConfig = errors.New("this is no provider")

func (c Config) check() error {
	if err := checkURL(c.Issuer, true); err != nil {
		return fmt.Errorf("%w: issuer: %w", ErrConfig, err)
	}
	if u, _ := url.Parse(c.Issuer); u.RawQuery != "" {
		return fmt.Errorf("%w: issuer: it has a query", ErrConfig)
	}
	if err := checkURL(c.Redirect, true); err != nil {
		return fmt.Errorf("%w: redirect: %w", ErrConfig, err)
	}
	if c.ClientID == "" || len(c.ClientID) > maxClient || len(c.ClientSecret) > maxClient {
		return fmt.Errorf("%w: the client's id is missing, or id or secret is too long", ErrConfig)
	}
	if !isLine(c.Name, maxName) {
		return fmt.Errorf("%w: the name is missing, too long or has signs that cannot be shown", ErrConfig)
	}
	return nil
}

// checkURL returns what keeps text from being an address that we would send
// anybody to. Local allows http on this machine.
func checkURL(text string, local bool) error {
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURL:
		return errors.New("it is too long")
	case err != nil || u.Hostname() == "" || u.Opaque != "" || u.User != nil || strings.Contains(text, "#"):
		return errors.New("it is no address")
	case u.Scheme == "https", u.Scheme == "http" && local && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("it has no https")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isLine reports whether text is one line that can be shown, of at most so many
// characters.
func isLine(text string, most int) bool {
	return text != "" && text == strings.TrimSpace(text) && utf8.ValidString(text) &&
		utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\u200c' && r != '\u200d' &&
			(unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co))
	})
}

// Provider is a provider that people sign in by. It may be used from anywhere at
// once.
type Provider struct {
	config Config
	client *http.Client
	turn   chan struct{} // holds one token; whoever has it may touch found
	found  found
}

// New returns a provider. It asks nothing of the network: that the provider is not
// there shows when somebody wants to sign in. Of the client only its transport and
// its timeout count, and the timeout only if it is shorter than RequestTime; nil
// is one of our own.
func New(c Config, client *http.Client) (*Provider, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	p := &Provider{config: c, client: bounded(client, isLocal(c.Issuer)), turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p, nil
}

func isLocal(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "http" && isLoopback(u.Hostname())
}

// Name returns what people call the provider.
func (p *Provider) Name() string { return p.config.Name }

// Issuer returns the provider's issuer, the first half of who somebody is there.
func (p *Provider) Issuer() string { return p.config.Issuer }
