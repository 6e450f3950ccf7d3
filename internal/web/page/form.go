package page

import (
	"strconv"
	"strings"
	"time"

	"roundtable/internal/fault"
)

// Form is what every form has besides its inputs.
type Form struct {
	Problems []fault.Field // what is wrong, field by field, in the order of the form
	Refused  string        // what is wrong with the whole, in whole sentences; "" if nothing
}

// Problem returns what is wrong with the field, or "".
func (f Form) Problem(name string) string {
	for _, p := range f.Problems {
		if p.Name == name {
			return p.Message
		}
	}
	return ""
}

// Option is one of several things to choose.
type Option struct {
	Value string
	Words string
	Hint  string // what it means; "" shows none
}

// Input is one input of a form as the template "field" shows it. Templates make
// one from a form and refine it, as in
//
//	{{template "field" .Form.TextField "mail" "Mail address" .Form.Mail | auto "email" | hint "For invitations."}}
type Input struct {
	Name, Label, Value string
	Kind               string // the input's type, or "textarea", "radios", "select"
	Hint               string
	Problem            string
	Auto               string // the autocomplete token; "" is "off"
	Mode               string // the inputmode; "" is the browser's own
	Options            []Option
	Optional           bool
	Checked            bool // a box is ticked
	Short              bool // few characters fit
	Most               int  // the longest text, in characters; 0 is no limit
	Size               int  // rows of an area
	FromAddress        bool // script fills in what stands behind "#" in the address
	Spell              bool // the words are a person's own: let the browser check the spelling
}

// ID returns the id of the input, to which the summary of problems leads.
func (i Input) ID() string { return "f-" + i.Name }

// Choice returns the id of the option at that index: the first is the input's own.
func (i Input) Choice(index int) string {
	if index == 0 {
		return i.ID()
	}
	return i.ID() + "-" + strconv.Itoa(index)
}

// Describes returns the ids of hint and problem, for aria-describedby.
func (i Input) Describes() string {
	switch {
	case i.Hint != "" && i.Problem != "":
		return i.ID() + "-hint " + i.ID() + "-problem"
	case i.Hint != "":
		return i.ID() + "-hint"
	case i.Problem != "":
		return i.ID() + "-problem"
	}
	return ""
}

func (f Form) input(kind, name, label, value string) Input {
	return Input{Kind: kind, Name: name, Label: label, Value: value, Problem: f.Problem(name)}
}

// TextField returns an input for one line.
func (f Form) TextField(name, label, value string) Input { return f.input("text", name, label, value) }

// MailField returns an input for a mail address.
func (f Form) MailField(name, label, value string) Input { return f.input("email", name, label, value) }

// SecretField returns an input that shows nothing of what is typed, and is never
// filled in.
func (f Form) SecretField(name, label string) Input { return f.input("password", name, label, "") }

// DayField returns an input for a date, whose value is written 2026-11-25.
func (f Form) DayField(name, label, value string) Input { return f.input("date", name, label, value) }

// TimeField returns an input for a time of day, whose value is written 18:00. What is
// no time is shown again as it was typed, in an input for one line: a browser that
// lets it be typed has none for times.
func (f Form) TimeField(name, label, value string) Input {
	if _, err := time.Parse("15:04", value); err != nil && value != "" {
		return f.input("text", name, label, value)
	}
	return f.input("time", name, label, value)
}

// AreaField returns an input for several lines.
func (f Form) AreaField(name, label, value string) Input {
	return f.input("textarea", name, label, value)
}

// RadioField returns a choice of one among a few options.
func (f Form) RadioField(name, label, value string, options []Option) Input {
	i := f.input("radios", name, label, value)
	i.Options = options
	return i
}

// SelectField returns a choice of one among many options.
func (f Form) SelectField(name, label, value string, options []Option) Input {
	i := f.input("select", name, label, value)
	i.Options = options
	return i
}

// TickField returns a box to be ticked.
func (f Form) TickField(name, label string, ticked bool) Input {
	i := f.input("checkbox", name, label, "yes")
	i.Checked = ticked
	return i
}

// What templates refine an input with.

func hint(words string, i Input) Input { i.Hint = words; return i }
func auto(token string, i Input) Input { i.Auto = token; return i }
func mode(token string, i Input) Input { i.Mode = token; return i }
func optional(i Input) Input           { i.Optional = true; return i }
func short(i Input) Input              { i.Short = true; return i }
func most(n int, i Input) Input        { i.Most = n; return i }
func rows(n int, i Input) Input        { i.Size = n; return i }
func spell(i Input) Input              { i.Spell = true; return i }
func fromAddress(i Input) Input        { i.FromAddress = true; return i }

// labels are short names of fields, for the summary of problems: a message such
// as "Write something here." says nothing without the field that it is about.
var labels = map[string]string{
	"accept": "This address", "address": "Address", "admin_initials": "Admin’s initials", "admin_mail": "Admin’s mail address", "admin_name": "Admin’s name",
	"branch": "Branch", "channels": "Told by", "date": "Date", "day": "Day of the month", "days": "Days", "first": "First day", "from": "From", "last": "Last day", "minutes": "Minutes", "nth": "Which one",
	"fri": "Friday", "from_day": "From this day", "hol": "Holidays", "mon": "Monday", "month": "Month", "on": "By e-mail", "sat": "Saturday", "sun": "Sunday", "thu": "Thursday", "tue": "Tuesday",
	"until_day": "Until this day", "wed": "Wednesday", "weekday": "Day of the week",
	"order": "Order", "pause": "Pause", "repeat": "Sent again", "to": "To", "branch_name": "First branch", "branch_phone": "Desk’s number", "branch_prefix": "Dialled first", "check": "Word", "client": "Client id",
	"client_secret": "Client secret", "code": "Code", "current": "Password now",
	"director_initials": "Director’s initials", "director_mail": "Director’s mail address", "director_name": "Director’s name",
	"emergency": "Words beside the emergency button", "how": "Invitation", "initials": "Initials", "issuer": "Issuer", "label": "In words", "line": "For whom", "mail": "Mail address",
	"name": "Name", "number": "Number",
	"other_initials": "Their initials", "other_mail": "Their mail address", "other_name": "Their name", "outside": "Works elsewhere",
	"password": "Password", "person": "Person", "phone": "Desk’s number", "pin": "PIN", "place": "Place", "prefix": "Dialled first", "printed": "On paper", "role": "Role",
	"key": "Public key", "secret": "PIN or password", "state": "State", "sure": "The old papers", "until": "Until", "url": "Address", "website": "Web page",
	"you_initials": "Your initials", "you_mail": "Your mail address", "you_name": "Your name", "zone": "Time zone",
}

// label returns the short name of a field; "" if it has none.
//
// Of fields that are there several times ("minutes-2") it has the number.
func label(name string) string {
	if base, number, ok := strings.Cut(name, "-"); ok && labels[base] != "" {
		return labels[base] + " " + number
	}
	return labels[name]
}
