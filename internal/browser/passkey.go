package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
)

// Authenticator is a virtual one that makes and keeps passkeys for a tab (CTAP 2,
// built in, passkeys that need no user name). Somebody is always there and says yes.
// Passkeys need a secure page: https, or http on localhost, not on 127.0.0.1.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// AddAuthenticator gives the tab an authenticator that recognises its owner.
func (t *Tab) AddAuthenticator() *Authenticator {
	t.tb.Helper()
	const doing = "add an authenticator"
	must(t, doing, webauthn.Enable, webauthn.EnableParams{})
	made := must(t, doing, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol:                    webauthn.AuthenticatorProtocolCtap2,
			Transport:                   webauthn.AuthenticatorTransportInternal,
			HasResidentKey:              true,
			HasUserVerification:         true,
			IsUserVerified:              true,
			AutomaticPresenceSimulation: true,
		},
	})
	return &Authenticator{tab: t, id: made.AuthenticatorID}
}

// Verify sets whether the authenticator recognises its owner from now on.
func (a *Authenticator) Verify(recognised bool) {
	a.tab.tb.Helper()
	must(a.tab, "set user verification", webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{
		AuthenticatorID: a.id, IsUserVerified: recognised,
	})
}

// Passkey is a passkey that an authenticator keeps.
type Passkey struct {
	ID         []byte
	RelyingID  string // the name of the site that it is for
	UserHandle []byte
	UserName   string
	Uses       int // the counter that tells how often it was used
}

// Passkeys returns what the authenticator keeps.
func (a *Authenticator) Passkeys() []Passkey {
	a.tab.tb.Helper()
	answer := must(a.tab, "read the passkeys", webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id})
	list := make([]Passkey, len(answer.Credentials))
	for i, c := range answer.Credentials {
		list[i] = Passkey{ID: c.CredentialID, RelyingID: c.RpID, UserHandle: c.UserHandle, UserName: c.UserName, Uses: int(c.SignCount)}
	}
	return list
}

// Remove takes the authenticator and its passkeys away.
func (a *Authenticator) Remove() {
	a.tab.tb.Helper()
	must(a.tab, "remove the authenticator", webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: a.id})
	must(a.tab, "remove the authenticator", webauthn.Disable, cdp.Empty{})
}
