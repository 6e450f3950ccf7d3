package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/oauth2"

	"roundtable/internal/fault"
)

var (
	errLate   = errors.New("it took too long")
	errDenied = errors.New("the provider says access_denied")
)

// refused is the fault for everything that is wrong with what came back.
func (p *Provider) refused(cause error) error {
	cause = brief(cause)
	switch {
	case errors.Is(cause, errLate):
		return fault.Over("Signing in with "+p.config.Name+" took too long.", "Start again.").Because(cause)
	case errors.Is(cause, errDenied):
		return fault.Refuse("You did not finish signing in with "+p.config.Name+".", "Start again, or sign in another way.").Because(cause)
	}
	return fault.Refuse("We could not sign you in with "+p.config.Name+".", "Start again, or sign in another way.").Because(cause)
}

// silent is the fault for a provider that does not answer.
func (p *Provider) silent(cause error) error {
	if errors.Is(cause, context.Canceled) {
		return cause
	}
	return fault.Refuse(p.config.Name+" does not answer at the moment.", "Sign in another way, or try again in a few minutes.").Because(cause)
}

// maxCause is how much of a cause reaches the log, in bytes.
const maxCause = 300

// brief returns the cause as it may be logged. The libraries put whole answers
// into their errors; those may hold tokens, or be made to look like lines of a log.
func brief(cause error) error {
	var answer *oauth2.RetrieveError
	if errors.As(cause, &answer) {
		status := ""
		if answer.Response != nil {
			status = answer.Response.Status
		}
		return fmt.Errorf("the provider refuses the code: %s %s", printable(status), printable(answer.ErrorCode))
	}
	if text := cause.Error(); len(text) > maxCause || strings.ContainsFunc(text, unicode.IsControl) {
		return &brieved{printable(text), cause}
	}
	return cause
}

// brieved says less than its cause, and is still found to be it.
type brieved struct {
	text  string
	cause error
}

func (b *brieved) Error() string { return b.text }
func (b *brieved) Unwrap() error { return b.cause }

func printable(text string) string {
	if len(text) > maxCause {
		text = text[:maxCause] + " and more"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
}
