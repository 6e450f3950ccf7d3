// Package fault holds the kinds of error that Roundtable knows, and keeps two
// things apart that must never meet: the words for the person in front of the
// page, and the cause for whoever reads the log.
//
// The words never reach a log, because they may speak of a case; the cause never
// reaches a page, because it may speak of what the person may not know. So
// Error gives kind and cause, and only Words gives the words. Rooms return
// faults; which status or exit code belongs to a kind is not known here.
package fault

import (
	"errors"
	"strings"
)

// Kind says what sort of error it is. The zero Kind is Internal, so that what
// nobody classified tells people nothing.
type Kind uint8

// The kinds.
const (
	Internal Kind = iota // a mistake of ours, or a service that does not answer
	NotFound             // it is not there, or this person may not know that it is
	Invalid              // something typed has to be mended, field by field
	Refused              // it is there, and this person may not do that
	Conflict             // somebody else was quicker
	Closed               // it was possible once, and is over
)

// Kinds lists every kind.
var Kinds = []Kind{Internal, NotFound, Invalid, Refused, Conflict, Closed}

var names = [...]string{"internal", "not found", "invalid", "refused", "conflict", "closed"}

// String returns the kind's name.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return names[Internal]
}

// The words that are always the same. A case that one may not know of and an id
// that never was must read alike, so there is one sentence for both and no way
// to choose another.
const (
	wordsNotFound = "There is nothing here, or it is not for you. Check the address, or go back to the desk."
	wordsInternal = "Something went wrong here, and not because of you. All that was shown as saved is saved. Try again. If it happens again, tell the person who looks after Roundtable."
	wordsInvalid  = "Something has to be changed before this can be saved. What you typed is still there."
)

// Field is what is wrong with one field of a form, for people.
type Field struct {
	Name    string // the field's name in the form
	Message string // what to do: "Write the date as day, month, year."
}

// Error is an error of a known kind. The zero Error is an Internal one.
type Error struct {
	kind   Kind
	words  string
	fields []Field
	cause  error
}

// Error returns kind, names of fields and cause, for logs. Neither the words
// nor the fields' messages are in it.
func (e *Error) Error() string {
	text := e.Kind().String()
	if names := e.fieldNames(); names != "" {
		text += " (" + names + ")"
	}
	if cause := e.Unwrap(); cause != nil {
		text += ": " + cause.Error()
	}
	return text
}

// GoString is Error, so that %#v shows the words no more than %v does.
func (e *Error) GoString() string { return e.Error() }

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Kind returns the kind.
func (e *Error) Kind() Kind {
	if e == nil {
		return Internal
	}
	return e.kind
}

func (e *Error) fieldNames() string {
	if e == nil {
		return ""
	}
	var list []string
	for _, f := range e.fields {
		list = append(list, f.Name)
	}
	return strings.Join(list, ", ")
}

// Because returns e with a cause, for the log. A fault that is the cause of
// another lends it nothing: the outer one's kind and words count.
func (e *Error) Because(cause error) *Error {
	if e == nil {
		return Broken(cause)
	}
	with := *e
	with.cause = cause
	return &with
}

// Missing is a NotFound fault. It takes no words: see the package comment.
func Missing() *Error { return &Error{kind: NotFound, words: wordsNotFound} }

// Broken is an Internal fault.
func Broken(cause error) *Error { return &Error{kind: Internal, words: wordsInternal, cause: cause} }

// Refuse is a Refused fault: what may not be done, and what to do instead. Both
// are whole sentences.
func Refuse(what, next string) *Error { return told(Refused, what, next) }

// Clash is a Conflict fault: what somebody else did first, and what to do now.
func Clash(what, next string) *Error { return told(Conflict, what, next) }

// Over is a Closed fault: what has ended, and what can still be done.
func Over(what, next string) *Error { return told(Closed, what, next) }

func told(kind Kind, what, next string) *Error {
	return &Error{kind: kind, words: strings.TrimSpace(what + " " + next)}
}

// Fields gathers what is wrong with a form, in the order of the form. The zero
// value is ready for use.
type Fields struct {
	list []Field
}

// Add notes what is wrong with a field. A field's first message counts: what is
// wrong afterwards often only follows from it.
func (f *Fields) Add(name, message string) {
	for _, known := range f.list {
		if known.Name == name {
			return
		}
	}
	f.list = append(f.list, Field{name, message})
}

// Err returns an Invalid fault with what was gathered, or nil if nothing was.
func (f *Fields) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &Error{kind: Invalid, words: wordsInvalid, fields: append([]Field(nil), f.list...)}
}

// KindOf returns the kind of the outermost fault in err. Any other error is
// Internal; it must not be called with nil, which is no error.
func KindOf(err error) Kind {
	if e := outermost(err); e != nil {
		return e.Kind()
	}
	return Internal
}

// Words returns what to tell the person: always whole sentences, never a cause.
func Words(err error) string {
	if e := outermost(err); e != nil && e.words != "" {
		return e.words
	}
	return wordsInternal
}

// FieldsOf returns the messages by field of an Invalid fault, or nil.
func FieldsOf(err error) []Field {
	if e := outermost(err); e != nil {
		return append([]Field(nil), e.fields...)
	}
	return nil
}

func outermost(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
