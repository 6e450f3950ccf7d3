package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// What is deleted here is deleted by the clock, and for good. A clock that jumps far
// ahead would have everything deleted at once that was to be kept for years. So when
// more than clockJump has passed since the program last looked, nothing that ends or
// deletes anything is done until an admin has said that the clock is right.
//
// That the server stood still for so long looks the same: the program has no other
// clock than the machine's. Then, too, somebody looks at it once before anything is
// deleted. Checkpoints are signed meanwhile, and everything that people do goes on.
//
// When the program last looked is told by the installation's newest checkpoint,
// which is signed every hour and cannot be changed unnoticed.

const (
	// clockJump is the longest time between two looks at the clock that is believed.
	clockJump = 24 * time.Hour
	// clockSlack is how far back a clock may be set and nobody notices.
	clockSlack = time.Minute
)

// settingClockJump holds the jump that nobody has confirmed yet: from when to when,
// "" while there is none.
const settingClockJump = "clock.jump"

// The kinds of the entries of the program itself about the clock.
const (
	clockJumpedKind ledger.Kind = "clock-jumped"
	clockRightKind  ledger.Kind = "clock-set-right"
)

// errClockJumped is the cause of a refusal to delete something.
var errClockJumped = errors.New("the clock jumped forward, and nobody has confirmed it")

// ClockJump is a jump of the clock that nobody has confirmed yet.
type ClockJump struct {
	From time.Time // the last time of which the program is sure; zero if there was no jump
	To   time.Time // what the clock showed next
}

func (j ClockJump) text() string {
	return j.From.UTC().Format(time.RFC3339) + " " + j.To.UTC().Format(time.RFC3339)
}

// parseClockJump reads what text wrote. What it cannot read counts as a jump: in
// doubt nothing is deleted.
func parseClockJump(text string) (ClockJump, bool) {
	if text == "" {
		return ClockJump{}, false
	}
	from, to, _ := strings.Cut(text, " ")
	var j ClockJump
	var err1, err2 error
	j.From, err1 = time.Parse(time.RFC3339, from)
	j.To, err2 = time.Parse(time.RFC3339, to)
	if err1 != nil || err2 != nil {
		return ClockJump{}, true
	}
	return j, true
}

// clockHolds looks at the clock, keeps it if it has jumped, and reports whether
// nothing may be deleted. A clock that was set right again holds nothing back.
func (a *App) clockHolds(ctx context.Context) (held bool, err error) {
	now := a.now()
	var as clockState
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		as, err = a.clockAt(ctx, tx, now)
		return err
	})
	if err != nil || as == clockGoes || as == clockWaits {
		return as == clockWaits, err
	}
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		as, err = a.clockAt(ctx, tx, now) // another process may have been quicker
		if err != nil {
			return err
		}
		return a.keepClock(ctx, tx, as, now)
	})
	return as == clockJumps || as == clockWaits, err
}

// clockState is what the clock is found to do.
type clockState int

const (
	clockGoes  clockState = iota // as it should
	clockJumps                   // it has just jumped ahead
	clockWaits                   // it had jumped, and nobody has confirmed it
	clockRight                   // it had jumped, and was set right again
)

func (a *App) clockAt(ctx context.Context, tx *store.Tx, now time.Time) (clockState, error) {
	text, err := tx.Setting(ctx, settingClockJump)
	if err != nil {
		return clockGoes, err
	}
	if j, jumped := parseClockJump(text); jumped {
		if !j.From.IsZero() && now.Before(j.From.Add(clockJump)) {
			return clockRight, nil
		}
		return clockWaits, nil
	}
	last, err := a.lastCheckpoint(ctx, tx)
	if err != nil || last.IsZero() || now.Sub(last) <= clockJump {
		return clockGoes, err
	}
	fresh, err := isFresh(ctx, tx)
	if err != nil || fresh { // nothing is here that could be deleted
		return clockGoes, err
	}
	return clockJumps, nil
}

// keepClock writes down that the clock has jumped, or was set right.
func (a *App) keepClock(ctx context.Context, tx *store.Tx, as clockState, now time.Time) error {
	kind, text := clockRightKind, ""
	switch as {
	case clockJumps:
		last, err := a.lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		kind, text = clockJumpedKind, ClockJump{last, now}.text()
	case clockRight:
	default:
		return nil
	}
	if err := tx.PutSetting(ctx, settingClockJump, text); err != nil {
		return err
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	if err := a.enter(ctx, tx, kind, &acting{now: now, id: id, contents: []byte(text)}); err != nil {
		return err
	}
	// From now on this is when the program last looked, so that one jump is one.
	signer, err := a.signer(ctx, tx)
	if err != nil {
		return err
	}
	_, _, err = ledger.Sign(ctx, tx.Ledger(), signer, now, a.random)
	return err
}

// mayDelete refuses while a jump of the clock waits for being confirmed. It does not
// look at the clock itself: that is done before any job is (WorkOnce).
func (a *App) mayDelete(ctx context.Context) error {
	var text string
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		text, err = tx.Setting(ctx, settingClockJump)
		return err
	})
	if err == nil && text != "" {
		err = fault.Refuse("The clock of the server jumped forward, so nothing is deleted at the moment.",
			"Whoever looks after the server says that the clock is right, then it goes on.").Because(errClockJumped)
	}
	return err
}

// isCheckpointDue reports whether a checkpoint is to be signed: the last one is from
// an earlier hour, or from a time that has not come yet, since the clock was set
// back. Without the second, a clock that was ahead once would stop the checkpoints
// until its time has come.
func isCheckpointDue(last, now time.Time) bool {
	return last.Before(now.Truncate(time.Hour)) || last.After(now.Add(clockSlack))
}

// ReadClock returns the jump of the clock that nobody has confirmed yet; the zero
// ClockJump if there is none. It is for whoever looks after the installation.
func (a *App) ReadClock(ctx context.Context, who Who) (j ClockJump, err error) {
	err = a.look(ctx, who, access.SeeInstallationState, people.Installation, installation, func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		text, err := tx.Setting(ctx, settingClockJump)
		j, _ = parseClockJump(text)
		return err
	})
	return j, err
}

// AcceptClock says that the clock is right, so that what is due is deleted again. If
// nobody asked, it changes nothing.
func (a *App) AcceptClock(ctx context.Context, who Who) error {
	return a.do(ctx, who, access.AcceptClock, people.Installation, installation, func(ctx context.Context, act *acting) error {
		text, err := act.Setting(ctx, settingClockJump)
		if err != nil {
			return err
		}
		if text == "" {
			act.quiet = true
			return nil
		}
		act.contents = []byte(text)
		return act.PutSetting(ctx, settingClockJump, "")
	})
}
