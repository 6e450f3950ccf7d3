package passkey

import (
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"roundtable/internal/fault"
)

// ErrCopied is the cause when a passkey's counter stood still or went back: what
// was shown may be a copy of the passkey, or the one that was copied. All else
// was right. The caller writes it down and tells whoever looks after accounts;
// the stored passkey stays as it was.
var ErrCopied = errors.New("the counter of the passkey went back")

var (
	errLate = errors.New("the challenge is too old")
	errLong = errors.New("the response is too long")
)

// refused is the fault for everything that is wrong with a response: one sentence
// for all of it, since whoever tries should not learn how far they came.
func refused(cause error) error {
	switch {
	case errors.Is(cause, errLate):
		return fault.Over("This took too long.", "Start again.").Because(cause)
	case errors.Is(cause, ErrCopied):
		return fault.Refuse("We stopped this because there may be a copy of your passkey.",
			"Sign in another way, remove this passkey, and add a new one. Tell the person who looks after Roundtable.").Because(cause)
	}
	return fault.Refuse("We could not check this passkey.", "Try again, or sign in another way.").Because(plain(cause))
}

// plain returns the cause as it may be logged: of the library's errors what it
// calls their details. What it adds for debugging holds challenges and ids, except
// where the flags and the host are checked: there only it says which it was, and
// its first sentence is safe.
func plain(cause error) error {
	var p *protocol.Error
	if !errors.As(cause, &p) {
		return cause
	}
	if p.Details == protocol.ErrVerification.Details && p.DevInfo != "" {
		which, _, _ := strings.Cut(p.DevInfo, ".")
		return errors.New(which)
	}
	return errors.New(p.Details)
}
