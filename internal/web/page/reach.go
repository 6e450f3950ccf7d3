package page

import "time"

// AlertsForm posts to /me/alerts.
type AlertsForm struct {
	Form
	On     bool   `form:"on"`     // by e-mail
	Mail   string `form:"mail"`   // "" is the account's own
	Number string `form:"number"` // "" is none
}

// BrowserForm is filled in by a person and sent by script, to /me/alerts/browsers,
// with what the browser gives as its subscription.
type BrowserForm struct {
	Form
	Name         string `form:"name"`
	Subscription string `form:"subscription"`
}

// AlertBrowser is a browser that takes alerts.
type AlertBrowser struct {
	ID   string // what "Remove" sends as "browser", to /me/alerts/browsers/remove
	Name string
	Made time.Time
}

// MeAlerts is where a person's alerts go, /me/alerts.
type MeAlerts struct {
	Frame
	Own      string // the account's mail address
	Form     AlertsForm
	Off      []string // ways that this server has not, in sentences
	Lost     []string // what was taken off since it was there no more, in sentences
	Nothing  bool     // nothing reaches this person now
	Browsers []AlertBrowser
	WhyNot   string // why no browser can be added here, in whole sentences; "" if one can
	Key      string // under which browsers subscribe
	Browser  BrowserForm
	Tests    []Drill // where a test call can be made
}
