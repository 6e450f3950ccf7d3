package page

import "time"

// Passkey is one of a person's passkeys.
type Passkey struct {
	ID   string // what "Remove" sends as "passkey", to /me/passkeys/remove
	Name string
	Made time.Time
	Used time.Time
}

// CounselKey is the key to which notes for counsel are sealed.
type CounselKey struct {
	Fingerprint []string // words
	Made        time.Time
}

// PlaceForm posts to /me/place.
type PlaceForm struct {
	Form
	Place  string `form:"place"` // a library and a branch of it, as an option has them
	Next   string `form:"next"`  // where to go then; "" is the same page
	Places []Option
}

// ProviderLink is an account elsewhere by which a person signs in.
type ProviderLink struct {
	ID   string // what "Remove" sends as "provider", to /me/provider/remove
	Name string
	Made time.Time
	Used time.Time // zero is never
}

// Me is a person's own page, /me. Its buttons post to /me/sessions/end (session,
// "" for all others), /me/keys (keys: on or off), /me/provider, /lock/now and
// /signout.
type Me struct {
	Frame
	Name      string
	Mail      string
	Roles     []string
	Place     PlaceForm      // where the person works now; one place or none shows no form
	SignIn    []Task         // ways in: password, one-time codes, recovery codes, passkeys, PIN
	Provider  string         // what people call the provider that can be linked; "" is none
	Links     []ProviderLink // what is linked already
	Sessions  []Session
	IsCounsel bool
	Counsel   *CounselKey // nil while there is none
}

// PasswordForm posts to /me/password.
type PasswordForm struct {
	Form
	Current  string `form:"current"`
	Password string `form:"password"`
}

// MePassword changes the password, /me/password.
type MePassword struct {
	Frame
	Has  bool   // there is one already, which is asked for
	Name string // the name to sign in with, for password managers
	Form PasswordForm
}

// OneTimeForm posts to /me/codes.
type OneTimeForm struct {
	Form
	Code string `form:"code"`
}

// MeCodes sets up one-time codes, /me/codes. Its button to switch them off posts
// to /me/codes/off.
type MeCodes struct {
	Frame
	On   bool
	Code Code   // the QR code, when they are being set up
	Text string // the same to be typed
	Form OneTimeForm
}

// MeRecovery shows recovery codes once, /me/recovery. Its button makes new ones:
// Posts to /me/recovery.
type MeRecovery struct {
	Frame
	Left  int      // how many are left
	Codes []string // shown once, just after they were made
	Made  time.Time
}

// PasskeyForm is sent by script: to /me/passkeys/begin, and what the authenticator
// answers to /me/passkeys/finish.
type PasskeyForm struct {
	Form
	Name string `form:"name"`
}

// MePasskeys is the list of passkeys, /me/passkeys.
type MePasskeys struct {
	Frame
	Passkeys []Passkey
	WhyNot   string // why none can be added here, in whole sentences; "" if it can
	Form     PasskeyForm
}

// PINForm posts to /me/pin.
type PINForm struct {
	Form
	PIN string `form:"pin"`
}

// MePIN sets the PIN with which a locked session is unlocked, /me/pin. Its button
// to take it away posts to /me/pin/off.
type MePIN struct {
	Frame
	Has  bool
	Form PINForm
}

// MeCounsel is counsel's own key, /me/counsel. It is made by script in the browser
// (static.Counsel), which posts its public half there: public_key, fingerprint.
type MeCounsel struct {
	Frame
	Key    *CounselKey
	WhyNot string // why none can be made here, in whole sentences
}

// Keys is the list of shortcuts, /keys.
type Keys struct{ Frame }

// Accessibility says what was done so that everybody can use this, and whom to
// tell when something does not work, /accessibility.
type Accessibility struct {
	Frame
	Contact Contact
	Mail    string
}
