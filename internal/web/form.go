package web

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"roundtable/internal/fault"
	"roundtable/internal/web/page"
)

// readBody reads what a form sent, once. It is bounded already.
func (a *ask) readBody() error {
	if a.body != nil {
		return nil
	}
	body, err := io.ReadAll(a.r.Body)
	if err != nil {
		return err
	}
	a.body = append([]byte{}, body...)
	return nil
}

// read fills a form with what was sent: a pointer to a struct of package page whose
// inputs have the tag `form:"name"`, also within what it embeds. Inputs that the form does not have are ignored.
//
// What cannot be kept as it was typed is an Invalid fault that says in which field;
// the form then has what can be shown again.
func (a *ask) read(form any) error {
	if err := a.readBody(); err != nil {
		return err
	}
	values, err := parseForm(string(a.body))
	if err != nil {
		return &refusal{notForm, err}
	}
	return fill(form, values)
}

var (
	errFormFields = errors.New("too many fields")
	errFormText   = errors.New("not a form")
)

// parseForm reads the body of a form, at most maxFields fields.
func parseForm(body string) (url.Values, error) {
	if strings.Count(body, "&") >= maxFields {
		return nil, errFormFields
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, errFormText // not err: it tells what was typed
	}
	return values, nil
}

// fill sets the fields of a form from values, by their tags.
func fill(form any, values url.Values) error {
	var wrong fault.Fields
	v := reflect.ValueOf(form).Elem()
	for _, of := range reflect.VisibleFields(v.Type()) {
		name := of.Tag.Get("form")
		if name == "" {
			continue
		}
		text, problem := typed(name, values[name])
		if problem != "" {
			wrong.Add(name, problem)
		}
		switch field := v.FieldByIndex(of.Index); field.Kind() {
		case reflect.String:
			field.SetString(text)
		case reflect.Bool:
			field.SetBool(text == "yes")
		default:
			return fault.Broken(fmt.Errorf("the form %T has a field of a kind that cannot be read: %s", form, name))
		}
	}
	return wrong.Err()
}

// secrets are the inputs whose contents count as they are: spaces may be part of
// a password.
var secrets = map[string]bool{"password": true, "current": true, "secret": true}

// typed tidies what was typed in a field and says what is wrong with it. Ends of
// lines are as on every machine, and spaces around it are gone; a secret is left as
// it is. What is wrong comes back empty, or as much of it as can be shown.
func typed(name string, sent []string) (text, problem string) {
	if len(sent) == 0 {
		return "", ""
	}
	text = sent[0]
	switch {
	case len(sent) > 1:
		return "", "Fill this in once."
	case !utf8.ValidString(text), strings.ContainsFunc(text, isUnreadable):
		return "", "This has signs that we cannot read. Type it again."
	}
	if !secrets[name] {
		text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	}
	if n := utf8.RuneCountInString(text); n > maxField {
		return text, fmt.Sprintf("This is %d characters too long. Make it shorter.", n-maxField)
	}
	return text, ""
}

// isUnreadable reports whether a sign is none that people type. Ends of lines and
// tabs are.
func isUnreadable(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029
}

// again shows a form as it was typed, with what has to be changed, and returns nil;
// or it returns the error if that is not what a form can tell: what is not there has
// no form. Form is the one within the page that show makes.
func (a *ask) again(err error, form *page.Form, show func() (page.Page, error)) error {
	var wait *waiting
	var refused *refusal
	if fault.KindOf(err) == fault.NotFound || errors.As(err, &wait) || errors.As(err, &refused) || a.wantsJSON() {
		return err
	}
	what := outcomeOf(err)
	a.cause(err, what.status)
	if wait := waitOf(err); wait > 0 {
		a.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if form.Problems = fault.FieldsOf(err); form.Problems == nil {
		form.Refused = what.words
		if what.status >= 500 {
			form.Refused = "We could not save this. What you typed is still here. Send it again in a minute."
		}
	}
	p, failed := show()
	if failed != nil {
		return err
	}
	return a.show(what.status, p)
}

// settle ends a form: shown again when err says that something has to be changed,
// else on to the next place.
func (a *ask) settle(err error, form *page.Form, show func() (page.Page, error), to string) error {
	if err != nil {
		return a.again(err, form, show)
	}
	return a.to(to)
}
