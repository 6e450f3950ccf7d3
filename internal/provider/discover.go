package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// How often a provider is asked for its addresses.
const (
	discoverTime = 15 * time.Second // for all of it
	keepFor      = 24 * time.Hour   // then it is asked again, and the old ones serve until it answers
	firstPause   = time.Second      // after it failed once; then twice as long each time
	longestPause = 5 * time.Minute
)

// found is what we know of a provider's addresses, and of its failing.
type found struct {
	provider *oidc.Provider
	extra    extra
	asked    time.Time // when it last answered
	failures int
	failed   time.Time // when it last failed
	cause    error     // what was wrong then
}

// extra is what a provider says of itself and the library does not read.
type extra struct {
	Methods  []string `json:"token_endpoint_auth_methods_supported"`
	NamesIss bool     `json:"authorization_response_iss_parameter_supported"`
	AuthURL  string   `json:"authorization_endpoint"`
	TokenURL string   `json:"token_endpoint"`
	KeysURL  string   `json:"jwks_uri"`
	UserURL  string   `json:"userinfo_endpoint"`
}

// discover returns the provider's addresses, asking for them if need be. While
// one asks, others wait for the same answer.
func (p *Provider) discover(ctx context.Context, now time.Time) (*oidc.Provider, extra, error) {
	select {
	case <-p.turn:
		defer func() { p.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, extra{}, ctx.Err()
	}
	f := &p.found
	if f.isFresh(now) {
		return f.provider, f.extra, nil
	}
	if !f.isPausing(now) {
		p.ask(ctx, now)
	}
	if f.provider == nil {
		return nil, extra{}, fmt.Errorf("find %s: %w", p.config.Issuer, f.cause)
	}
	return f.provider, f.extra, nil
}

func (f *found) isFresh(now time.Time) bool {
	age := now.Sub(f.asked)
	return f.provider != nil && age >= 0 && age < keepFor
}

func (f *found) isPausing(now time.Time) bool {
	if f.failures == 0 {
		return false
	}
	since := now.Sub(f.failed)
	return since >= 0 && since < pause(f.failures)
}

// pause returns how long a provider is left alone after so many failures.
func pause(failures int) time.Duration {
	d := firstPause
	for range failures - 1 {
		if d *= 2; d >= longestPause {
			return longestPause
		}
	}
	return d
}

// ask asks the provider. That the one who waits goes away does not end it: the
// answer is for all.
func (p *Provider) ask(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discoverTime)
	defer cancel()
	f := &p.found
	provider, more, err := p.fetch(ctx)
	if err != nil {
		f.failures, f.failed, f.cause = f.failures+1, now, brief(err)
		return
	}
	*f = found{provider: provider, extra: more, asked: now}
}

func (p *Provider) fetch(ctx context.Context) (*oidc.Provider, extra, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, extra{}, err
	}
	var e extra
	if err := provider.Claims(&e); err != nil {
		return nil, extra{}, err
	}
	local := isLocal(p.config.Issuer)
	for _, a := range []struct{ name, url string }{
		{"authorization", e.AuthURL}, {"token", e.TokenURL}, {"keys", e.KeysURL}, {"user info", e.UserURL},
	} {
		if a.url == "" && a.name == "user info" {
			continue
		}
		if err := checkURL(a.url, local); err != nil {
			return nil, extra{}, fmt.Errorf("its address for %s: %w", a.name, err)
		}
	}
	return provider, e, nil
}

// oauth2 is the provider as golang.org/x/oauth2 wants to know it.
func (p *Provider) oauth2(provider *oidc.Provider, e extra) *oauth2.Config {
	endpoint := provider.Endpoint()
	// Left to itself the library tries one way and then the other, and a code that
	// was shown twice is worth nothing.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if p.config.ClientSecret == "" || len(e.Methods) > 0 && !slices.Contains(e.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.config.Redirect,
		Endpoint: endpoint, Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
}
