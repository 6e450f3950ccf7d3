package page

import (
	"net/url"
	"time"
)

// Provider is somebody else who says who a person is (OpenID Connect).
type Provider struct {
	ID   string // its button posts to /signin/provider as "provider"
	Name string
}

// SignInForm posts to /signin.
type SignInForm struct {
	Form
	Name     string `form:"name"` // mail address or account name
	Password string `form:"password"`
	Next     string `form:"next"` // where to go afterwards, sent along
}

// Ceremony is what a passkey's form tells the script (static.Passkeys).
type Ceremony struct {
	Kind    string // "register" or "signin"
	Options string // the address that answers with the options
	Finish  string // the address to which the answer of the authenticator is sent
}

// ceremony is one whose two addresses stand beside each other; next is where to go
// afterwards, "" where the server knows.
func ceremony(kind, at, next string) Ceremony {
	c := Ceremony{Kind: kind, Options: at + "begin", Finish: at + "finish"}
	if next != "" {
		c.Finish += "?next=" + url.QueryEscape(next)
	}
	return c
}

// Passkey is how to sign in with one.
func (p SignIn) Passkey() Ceremony { return ceremony("signin", "/signin/passkey/", p.Form.Next) }

// Passkey is how to unlock with one.
func (p Lock) Passkey() Ceremony { return ceremony("signin", "/lock/passkey/", p.Form.Next) }

// Passkey is how to make one in place of a password.
func (p Accept) Passkey() Ceremony { return ceremony("register", p.Post+"/passkey/", "") }

// SignIn is the page to sign in, /signin. The form of a passkey is hidden until
// script finds that the browser can use one.
type SignIn struct {
	Frame
	Form      SignInForm
	Passkeys  bool
	NoPasskey string // why passkeys are off here, in one sentence; "" says nothing
	Providers []Provider
	DeskOpen  bool // the device is enrolled, so the desk works without signing in
}

// CodeForm posts to /signin/code or /signin/recovery.
type CodeForm struct {
	Form
	Code string `form:"code"` // never shown again
	Next string `form:"next"`
}

// SignInCode asks for a one-time code after the password, /signin/code.
type SignInCode struct {
	Frame
	Form CodeForm
}

// SignInRecovery asks for a recovery code, /signin/recovery.
type SignInRecovery struct {
	Frame
	Form CodeForm
}

// LockForm posts to /lock. The lock that script shows over a page posts the same
// with Accept: application/json, after it has locked the session at /lock/now. It
// expects {"location": next} when the session is open, another location to go
// there instead, 401 when it is over, and else {"message": "words"}.
type LockForm struct {
	Form
	Secret string `form:"secret"` // PIN or password, never shown again
	Next   string `form:"next"`
}

// Lock is shown over a page that was locked, /lock.
type Lock struct {
	Frame
	Form     LockForm
	Name     string
	PIN      bool // the person has a PIN; otherwise the password is asked for
	Passkeys bool
	Left     int  // tries left; 0 says nothing
	Kept     bool // something that was typed is kept for them
	DeskOpen bool
}

// AcceptForm posts to the invitation's own address.
type AcceptForm struct {
	Form
	Password string `form:"password"`
}

// Accept is an invitation, /invite/{token}.
type Accept struct {
	Frame
	Post      string
	Name      string
	Roles     []string
	By        string
	Until     time.Time
	Account   string // the name to sign in with
	Form      AcceptForm
	Passkeys  bool
	NoPasskey string
	Provider  string // who else can say who they are, as people call it; "" if nobody
}
