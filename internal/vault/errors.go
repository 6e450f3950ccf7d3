package vault

import "errors"

// What can go wrong. Each sentence may be shown to people: none of them says
// anything of a content.
var (
	// ErrOpen means that a value did not open: it was changed, belongs to another
	// library, case, field or version, or was sealed under another key. Which of
	// these cannot be known, and is not said.
	ErrOpen = errors.New("this does not open: it was changed, was moved here from another place, or belongs to another key")
	// ErrFormat means that bytes are not what they should be in form.
	ErrFormat = errors.New("these bytes are not in a form that this version of Roundtable writes")
	// ErrOtherKey means that a value names a key other than the one at hand.
	ErrOtherKey = errors.New("this belongs to another key than the one at hand")
	// ErrTooLarge means that a content is larger than MaxClear.
	ErrTooLarge = errors.New("this is too large to be sealed: the most is 16 MiB")
	// ErrNoKey means that a key is a zero value: it was never made or unwrapped.
	ErrNoKey = errors.New("there is no key here")
	// ErrPlace means that a place is incomplete. Sealing to it would bind nothing.
	ErrPlace = errors.New("library, case and field must all be named, each in at most 255 bytes")
)
