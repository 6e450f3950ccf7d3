package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/signin"
)

// TooOften is the cause of a refusal of somebody who tries too often.
type TooOften struct{ Wait time.Duration } // until the next try

// Error says so, for logs.
func (t TooOften) Error() string { return "too many tries" }

// The limits that are of this package only.
var (
	// oneTimeOfAccount bounds tries of one-time codes of who has the password: of
	// a million codes three fit at a time.
	oneTimeOfAccount = signin.Limit{Name: "one-time code of an account", Burst: 5, Every: 5 * time.Minute}
	// addressOfAccount bounds how often somebody changes a mail address, since the
	// answer tells whether another account has it.
	addressOfAccount = signin.Limit{Name: "mail address of an account", Burst: 5, Every: time.Hour}
	// RefusalsOfActor bounds how often one person or device is refused and an entry
	// says so: each costs the ledger a leaf for good. Nobody comes near it by
	// mistake; whoever does is told to wait, and the entries before say who it was.
	RefusalsOfActor = signin.Limit{Name: "refused acts of one person or device", Burst: 300, Every: time.Minute}
)

// allow counts a try, and refuses it when there were too many.
func (a *App) allow(limit signin.Limit, what string) error {
	ok, wait, err := a.limits.Allow(limit, what, a.now())
	switch {
	case err != nil:
		return fault.Broken(err)
	case !ok:
		return fault.Refuse("There were too many tries.", "Wait "+waitWords(wait)+", then try again.").Because(TooOften{wait})
	}
	return nil
}

// allowFrom counts a try from a place. The place is kept nowhere.
func (a *App) allowFrom(limit signin.Limit, place netip.Addr) error {
	return a.allow(limit, signin.Place(place))
}

// allowCode counts a try of a code that anybody may type.
func (a *App) allowCode(place netip.Addr) error {
	if err := a.allowFrom(signin.CodeFromPlace, place); err != nil {
		return err
	}
	return a.allow(signin.CodesInAll, "")
}

// waitWords says a time to wait, never too short.
func waitWords(d time.Duration) string {
	if d <= 50*time.Second {
		tens := max(1, int((d+10*time.Second-1)/(10*time.Second)))
		return fmt.Sprintf("%d seconds", 10*tens)
	}
	if minutes := int((d + time.Minute - 1) / time.Minute); minutes > 1 {
		return fmt.Sprintf("%d minutes", minutes)
	}
	return "a minute"
}

// hash hashes a password or a PIN.
func (a *App) hash(ctx context.Context, secret string) (string, error) {
	hash, err := a.hasher.Hash(ctx, secret, a.random)
	return hash, busyFault(err)
}

// fits reports whether a password or PIN is the one that was hashed. A hash of ""
// takes as long and fits nothing.
func (a *App) fits(ctx context.Context, hash, secret string) (ok, again bool, err error) {
	ok, again, err = a.hasher.Verify(ctx, hash, secret)
	return ok, again, busyFault(err)
}

func busyFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, signin.ErrBusy):
		return fault.Refuse("Many people are signing in at this moment.", "Wait a few seconds, then try again.").Because(TooOften{5 * time.Second})
	}
	return fault.Broken(err)
}
