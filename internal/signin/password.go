package signin

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/internal/fault"
)

// Limits on a password. There is no rule about signs and capitals: length and
// not being among the first that others try is what helps.
const (
	MinPassword      = 12 // characters
	MaxPassword      = 200
	maxPasswordBytes = 4 * MaxPassword
)

// Normal returns the password as it is hashed: the same letters typed on another
// keyboard are the same password (RFC 8265: composed forms, any space a space).
func Normal(password string) string {
	spaces := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, password)
	return norm.NFC.String(spaces)
}

// CheckPassword returns an Invalid fault for the field "password" when it is too
// short or too easy, or nil. About are words that somebody who wants to get in
// would try: the person's name, the mail address, the library's name.
func CheckPassword(password string, about ...string) error {
	var f fault.Fields
	switch {
	case len(password) > maxPasswordBytes || utf8.RuneCountInString(password) > MaxPassword:
		f.Add("password", "This is longer than can be kept. Use 200 characters or fewer.")
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		f.Add("password", "There is a sign in it that cannot be typed again. Use letters, digits, signs and spaces.")
	case utf8.RuneCountInString(Normal(password)) < MinPassword:
		f.Add("password", "Use at least 12 characters. Four words that have nothing to do with each other are good.")
	case IsEasy(password, about...):
		f.Add("password", "This is among the first that others would try. Four words that are rarely used and have nothing to do with each other are good.")
	}
	return f.Err()
}

// CheckPIN returns an Invalid fault for the field "pin" when it is not four to
// eight digits or too easy, or nil. A PIN only unlocks a session that was signed
// in properly, and a few wrong ones end it.
func CheckPIN(pin string) error {
	var f fault.Fields
	switch {
	case len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "":
		f.Add("pin", "Use four to eight digits.")
	case pieces(strings.Split(pin, ""), nil) < 4 || isYear(pin):
		f.Add("pin", "This is among the first that others would try. Choose other digits.")
	}
	return f.Err()
}
