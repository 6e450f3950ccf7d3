// Package people holds who there is: persons, the roles that they have at a
// library or a branch and for how long, devices, and the ids of all of these.
//
// It has values and rules. It knows nothing of what a role may do (package
// access), of signing in (package signin), or of where names are kept: a name is
// sealed before it reaches a database, and cases and the ledger know a person by
// Pseudonym only.
package people

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtable/internal/fault"
)

// Person is somebody with an account, staff or counsel. There are no patrons
// here, and there is no field for more about a person than work needs.
type Person struct {
	ID       PersonID
	Name     string // as colleagues say it
	Initials string // what is written at the desk when asked who acted
	Mail     string // for invitations and alerts; "" if there is none
	Left     time.Time
}

// Limits on what is typed about a person.
const (
	MaxName     = 100 // characters
	MaxInitials = 4   // characters
	MaxMail     = 254 // bytes: what mail can carry
)

// Check returns an Invalid fault for what has to be mended, or nil.
func (p Person) Check() error {
	var f fault.Fields
	if problem := lineProblem(p.Name, MaxName); problem != "" {
		f.Add("name", problem)
	}
	if problem := lineProblem(p.Initials, MaxInitials); problem != "" {
		f.Add("initials", problem)
	} else if strings.ContainsFunc(p.Initials, unicode.IsSpace) {
		f.Add("initials", "Write the initials without spaces.")
	}
	if p.Mail != "" && !IsMail(p.Mail) {
		f.Add("mail", "Write an address such as ana@library.example, or leave this empty.")
	}
	return f.Err()
}

// HasLeft reports whether the person works here no more.
func (p Person) HasLeft(at time.Time) bool { return !p.Left.IsZero() && !at.Before(p.Left) }

// lineProblem says what keeps text from being one line that can be shown.
func lineProblem(text string, most int) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "Write something here."
	case text != strings.TrimSpace(text):
		return "Take away the space at the beginning or the end."
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isHidden):
		return "Write letters only; there is a sign in it that cannot be shown."
	case utf8.RuneCountInString(text) > most:
		return "Write something shorter."
	}
	return ""
}

// isHidden reports whether r shows nothing or changes how its neighbours are
// shown. Two joiners are let through: names in Persian and in Indian languages
// need them.
func isHidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// IsMail reports whether text is a mail address and nothing but: no name beside
// it, no comment, nothing that could end a line of a letter's head.
func IsMail(text string) bool {
	if len(text) > MaxMail || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return isHidden(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>()[],;:\"`, r)
	}) {
		return false
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && a.Address == text
}

// Device is a desk's own computer or a phone that was enrolled at a branch.
type Device struct {
	ID       DeviceID
	Library  LibraryID
	Branch   BranchID
	Name     string // where it stands: "Desk by the entrance"
	Enrolled time.Time
	Revoked  time.Time // zero while it is not
}

// Works reports whether the device is enrolled at that time.
func (d Device) Works(at time.Time) bool {
	return d.ID != "" && d.Library != "" && d.Branch != "" && !d.Enrolled.IsZero() &&
		!at.Before(d.Enrolled) && (d.Revoked.IsZero() || at.Before(d.Revoked))
}
