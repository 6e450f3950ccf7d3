package provider

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"roundtable/internal/people"
)

// Identity is who somebody is at a provider. Issuer and Subject together are the
// same for the same person, always; the rest is what the provider says today.
type Identity struct {
	Issuer       string
	Subject      string
	Mail         string // "" if it tells none, or none that is an address
	MailVerified bool   // the provider says that it is that person's address
	Name         string // "" if it tells none, or none that can be shown
}

// Limits on what a browser brings back, and on a subject (OpenID Connect Core 1.0
// section 2), in bytes.
const (
	maxCode    = 4096
	maxSubject = 255
)

// clockSkew is how far the provider's clock may be off.
const clockSkew = 5 * time.Minute

// finishTime is how long a provider may take for all that Finish asks of it.
const finishTime = 25 * time.Second

// Finish takes the query with which the browser came back from the provider and
// returns who it is. Who is as for Begin. It marks w as used.
func (p *Provider) Finish(ctx context.Context, w *Pending, who people.PersonID, query url.Values, now time.Time) (Identity, error) {
	if err := w.use(p.config, who, now); err != nil {
		return Identity{}, p.refused(err)
	}
	code, named, err := p.readQuery(w, query)
	if err != nil {
		return Identity{}, p.refused(err)
	}
	provider, more, err := p.discover(ctx, now)
	if err != nil {
		return Identity{}, p.silent(err)
	}
	if more.NamesIss && !named {
		return Identity{}, p.refused(errors.New("the answer does not name the provider, which says that it does"))
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), finishTime)
	defer cancel()
	token, err := p.oauth2(provider, more).Exchange(ctx, code, oauth2.VerifierOption(w.verifier))
	if err != nil {
		return Identity{}, p.refused(err)
	}
	identity, err := p.identify(ctx, provider, token, w, now)
	if err != nil {
		return Identity{}, p.refused(err)
	}
	return identity, nil
}

// readQuery returns the code, and whether the query names the provider. State
// comes first: what does not have it is not an answer to us, error or not.
func (p *Provider) readQuery(w *Pending, query url.Values) (code string, named bool, err error) {
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(query[name]) > 1 || len(query.Get(name)) > maxCode {
			return "", false, fmt.Errorf("the answer has %s twice, or too long", name)
		}
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(w.state)) != 1 {
		return "", false, errors.New("the answer has another state")
	}
	if named = query.Has("iss"); named && subtle.ConstantTimeCompare([]byte(query.Get("iss")), []byte(p.config.Issuer)) != 1 {
		return "", false, errors.New("the answer comes from another provider")
	}
	switch problem := query.Get("error"); {
	case problem == "access_denied":
		return "", false, errDenied
	case query.Has("error"):
		return "", false, fmt.Errorf("the provider says %q", problem)
	case query.Get("code") == "":
		return "", false, errors.New("the answer has no code")
	}
	return query.Get("code"), named, nil
}

// claims are what we read of an ID token or of user info.
type claims struct {
	Party    *string         `json:"azp"`
	Mail     string          `json:"email"`
	Verified json.RawMessage `json:"email_verified"`
	Name     string          `json:"name"`
}

func (p *Provider) identify(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, w *Pending, now time.Time) (Identity, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, errors.New("the answer has no ID token")
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: func() time.Time { return now }})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Identity{}, err
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return Identity{}, errors.New("the ID token's claims are of another kind")
	}
	if err := p.checkToken(id, c, token.AccessToken, w, now); err != nil {
		return Identity{}, err
	}
	if c.Mail == "" || c.Name == "" {
		if err := p.addUserInfo(ctx, provider, token, id.Subject, &c); err != nil {
			return Identity{}, err
		}
	}
	return c.identity(p.config.Issuer, id.Subject), nil
}

// checkToken checks what the library leaves to us.
func (p *Provider) checkToken(id *oidc.IDToken, c claims, access string, w *Pending, now time.Time) error {
	switch {
	case id.Issuer != p.config.Issuer: // the library lets one provider name itself in two ways
		return errors.New("the ID token names another issuer")
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(w.nonce)) != 1:
		return errors.New("the ID token has another nonce")
	case c.Party != nil && *c.Party != p.config.ClientID, c.Party == nil && len(id.Audience) > 1:
		return errors.New("the ID token was made for another client")
	case slices.ContainsFunc(id.Audience, func(a string) bool { return a == "" }):
		return errors.New("the ID token was made for a client without a name")
	case id.IssuedAt.After(now.Add(clockSkew)) || id.IssuedAt.Before(w.Made.Add(-clockSkew)):
		return errors.New("the ID token was not made just now")
	case id.Subject == "" || len(id.Subject) > maxSubject || !utf8.ValidString(id.Subject):
		return errors.New("the ID token names nobody")
	case id.AccessTokenHash != "" && id.VerifyAccessToken(access) != nil:
		return errors.New("the ID token belongs to another access token")
	}
	return nil
}

// addUserInfo asks for what the ID token does not say; many providers put mail and
// name nowhere else. One that does not answer changes nothing, since we know by
// then who it is; one that speaks of somebody else does (section 5.3.2).
func (p *Provider) addUserInfo(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, subject string, c *claims) error {
	if provider.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(info.Subject), []byte(subject)) != 1 {
		return errors.New("the user info is about somebody else")
	}
	var more claims
	if info.Claims(&more) != nil {
		return nil
	}
	if c.Mail == "" {
		c.Mail, c.Verified = more.Mail, more.Verified
	}
	if c.Name == "" {
		c.Name = more.Name
	}
	return nil
}

func (c claims) identity(issuer, subject string) Identity {
	who := Identity{Issuer: issuer, Subject: subject}
	if people.IsMail(c.Mail) {
		who.Mail = c.Mail
		// Some providers write it as text.
		who.MailVerified = string(c.Verified) == "true" || string(c.Verified) == `"true"`
	}
	if isLine(c.Name, people.MaxName) {
		who.Name = c.Name
	}
	return who
}
