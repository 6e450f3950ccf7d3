package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"golang.org/x/sync/errgroup"

	"roundtable/internal/fault"
	"roundtable/internal/mail"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// Letters are what is mailed and is no alert: the link of an invitation, and the
// day's last checkpoint. They are jobs: added with what they are about, sent after
// it has committed, and tried again until the mail server has taken them. That it
// took one is all that is known, so nothing here says that a letter arrived.
//
// Of an invitation the database has only what the link's token is found by. Until
// its letter is sent the token itself waits beside that, sealed under the key of the
// person whom it is for; once it is sent, or cannot be, the token is taken out.

const (
	jobInvitation     = "mail-invitation" // its subject is the ticket's digest
	jobMailCheckpoint = "mail-checkpoint"
)

// callKinds are the kinds of jobs that call somebody elsewhere: letters and
// witnesses. They are done beside all others, and each beside the others, so that a
// server that does not answer keeps nothing back. Nothing is deleted by them, so they
// go on while the clock is in doubt.
var callKinds = []string{jobInvitation, jobMailCheckpoint, jobWitness}

// callTenants is for how many tenants calls are made at once.
const callTenants = 8

// workCalls does the jobs that call somebody elsewhere, until ctx ends.
func (a *App) workCalls(ctx context.Context) {
	ticker := time.NewTicker(jobPoll)
	defer ticker.Stop()
	for {
		if err := a.workCallsOnce(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("calls", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.store.Broken():
			return
		case <-ticker.C:
		}
	}
}

// workCallsOnce does every such job that is due now. A call takes less time than its
// lease.
func (a *App) workCallsOnce(ctx context.Context) error {
	tenants, err := a.tenants(ctx)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(callTenants)
	for _, id := range tenants {
		group.Go(func() error { return a.callsAt(ctx, id) })
	}
	return group.Wait()
}

func (a *App) callsAt(ctx context.Context, id people.LibraryID) error {
	for {
		jobs, err := a.leaseJobs(ctx, id, store.OnlyJobs(callKinds...), jobLease)
		if err != nil || len(jobs) == 0 {
			return err
		}
		var group errgroup.Group
		for _, job := range jobs {
			group.Go(func() error { return a.workOn(ctx, id, job) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
}

func init() {
	jobKinds[jobInvitation] = (*App).sendInvitation
	jobKinds[jobMailCheckpoint] = (*App).sendCheckpoint
}

// fieldLetter is where the token of an invitation waits. The ticket's digest follows.
const fieldLetter = "tickets.letter"

// The settings of a library about its mailed checkpoints.
const (
	settingMailed      = "checkpoint.mailed"  // when the mail server took the last one
	settingMailTrouble = "checkpoint.trouble" // what became of the last try, "" if it was taken
)

// LetterState is how far a letter has come. All zero, it was not tried yet.
type LetterState struct {
	Sent time.Time // when the mail server took it; that it arrived is not known
	// Trouble is what became of the last try while it is not sent: 0 if there was
	// none; notify.Later and notify.Unusable, after which it is tried again; notify.Declined and
	// notify.Gone, after which it is not.
	Trouble notify.Outcome
}

// GivenUp reports whether the letter is not tried again.
func (l LetterState) GivenUp() bool { return l.Trouble == notify.Declined || l.Trouble == notify.Gone }

// MailsLetters reports whether this server has a mail server to send letters by.
func (a *App) MailsLetters() bool { return a.mail != nil }

// invitationLetter is what the ticket of an invitation by mail has of its letter.
type invitationLetter struct {
	ID      string `json:"id"`                // of the message: the same whenever it is sent again
	Token   []byte `json:"token,omitempty"`   // sealed
	Sent    int64  `json:"sent,omitempty"`    // milliseconds
	Trouble string `json:"trouble,omitempty"` // the outcome's name
}

// letterOf returns what the ticket of a new invitation keeps for its letter, with the
// token sealed in it, and has the letter sent.
func (a *App) letterOf(ctx context.Context, act *acting, c account, digest signin.Digest, token string) ([]byte, error) {
	id, err := a.actID()
	if err != nil {
		return nil, err
	}
	sealed, err := a.seal(c.key, people.Installation, string(c.Person), fieldLetter+" "+string(digest), 1, []byte(token))
	if err != nil {
		return nil, err
	}
	if err := a.arm(ctx, act.Tx, jobInvitation, string(digest), act.now); err != nil {
		return nil, err
	}
	return json.Marshal(invitationLetter{ID: id, Token: sealed})
}

// arm adds a job, or moves the one of that kind and subject.
func (a *App) arm(ctx context.Context, tx *store.Tx, kind, subject string, due time.Time) error {
	id, err := newID[string](a, a.now())
	if err != nil {
		return err
	}
	return tx.AddJob(ctx, store.Job{ID: id, Kind: kind, Subject: subject, Due: due})
}

// readLetter reads what a ticket has of a letter: false if it has none.
func readLetter(t store.Ticket) (l invitationLetter, ok bool) {
	return l, json.Unmarshal(t.Content, &l) == nil && l.ID != ""
}

func (l invitationLetter) state() LetterState {
	s := LetterState{Trouble: outcomeOf(l.Trouble)}
	if l.Sent > 0 {
		s = LetterState{Sent: time.UnixMilli(l.Sent).UTC()}
	}
	return s
}

// outcomeOf reads the name of an outcome.
func outcomeOf(name string) notify.Outcome {
	for o := notify.Accepted; o <= notify.Unusable; o++ {
		if o.String() == name {
			return o
		}
	}
	return 0
}

// again says when a letter is tried again that waits since a time: soon at first,
// since servers put off strangers for some minutes, and every hour in the end. A wait
// that the mail server asks for is kept, up to an hour.
func again(since, now time.Time, wait time.Duration) time.Time {
	own := max(now.Sub(since)/2, 10*time.Second)
	return now.Add(min(max(own, wait), time.Hour))
}

// letterOut is an invitation's letter that is ready to be sent.
type letterOut struct {
	ticket  store.Ticket
	id      string
	to      notify.Address
	letter  mail.Letter
	waiting bool // false: there is nothing to send any more
}

// sendInvitation sends the letter of an invitation.
func (a *App) sendInvitation(ctx context.Context, library people.LibraryID, job store.Job) error {
	out, err := a.openLetter(ctx, library, signin.Digest(job.Subject))
	if err != nil {
		return err
	}
	if !out.waiting {
		return a.putLetter(ctx, library, signin.Digest(job.Subject), func(l *invitationLetter) { l.Token = nil })
	}
	if a.mail == nil { // another server of this installation may have one
		return a.store.Write(ctx, library, func(tx *store.Tx) error {
			return a.arm(ctx, tx, job.Kind, job.Subject, again(out.ticket.Made, a.now(), 0))
		})
	}
	r, sent := a.mail.SendLetter(ctx, out.id, out.to, out.letter)
	if sent != nil {
		a.log.Warn("letter", "kind", job.Kind, "outcome", r.Outcome.String(), "err", sent)
	}
	now := a.now()
	state := LetterState{Trouble: r.Outcome}
	return a.putLetterAnd(ctx, library, signin.Digest(job.Subject), func(l *invitationLetter) {
		l.Trouble = r.Outcome.String()
		if r.Outcome == notify.Accepted {
			l.Trouble, l.Sent = "", now.UnixMilli()
		}
		if r.Outcome == notify.Accepted || state.GivenUp() {
			l.Token = nil
		}
	}, func(tx *store.Tx) error {
		if r.Outcome == notify.Accepted || state.GivenUp() {
			return nil
		}
		return a.arm(ctx, tx, job.Kind, job.Subject, again(out.ticket.Made, now, r.Wait))
	})
}

// openLetter makes an invitation's letter ready. Nothing waits if the invitation
// cannot be used any more, or its person has left.
func (a *App) openLetter(ctx context.Context, library people.LibraryID, digest signin.Digest) (out letterOut, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		found, err := a.openInvitation(ctx, tx, digest, a.now())
		if kind := fault.KindOf(err); err != nil && (kind == fault.NotFound || kind == fault.Closed) {
			return nil
		} else if err != nil {
			return err
		}
		l, ok := readLetter(found.ticket)
		if !ok || len(l.Token) == 0 || found.account.card.Mail == "" {
			return nil
		}
		token, err := unseal(found.account.key, people.Installation, string(found.account.Person), fieldLetter+" "+string(digest), 1, l.Token)
		if err != nil {
			return err
		}
		origin, err := tx.Setting(ctx, settingAddress)
		if err != nil {
			return err
		}
		until := found.ticket.Until
		if of, err := tx.Library(ctx, found.ticket.Library); err == nil {
			until = until.In(zone(of.TimeZone))
		} else if err = unlessMissing(err); err != nil {
			return err
		}
		out = letterOut{ticket: found.ticket, id: l.ID, to: notify.NewAddress(found.account.card.Mail), waiting: true}
		if out.letter, err = mail.Invitation(origin, string(token), until); err != nil {
			return fault.Broken(err)
		}
		return nil
	})
	return out, err
}

func (a *App) putLetter(ctx context.Context, library people.LibraryID, digest signin.Digest, change func(*invitationLetter)) error {
	return a.putLetterAnd(ctx, library, digest, change, func(*store.Tx) error { return nil })
}

// putLetterAnd keeps what became of a letter. A ticket that was swept meanwhile has
// none.
func (a *App) putLetterAnd(ctx context.Context, library people.LibraryID, digest signin.Digest, change func(*invitationLetter), also func(*store.Tx) error) error {
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		t, err := tx.Ticket(ctx, digest)
		if err != nil {
			return unlessMissing(err)
		}
		l, ok := readLetter(t)
		if !ok {
			return nil
		}
		change(&l)
		content, err := json.Marshal(l)
		if err != nil {
			return fault.Broken(err)
		}
		if err := tx.FillTicket(ctx, digest, content); err != nil {
			return err
		}
		return also(tx)
	})
}

// afterCheckpoint has a checkpoint witnessed, and mailed if it is the first after
// midnight where the library is: it signs all of the day before. Whoever looks
// rarely gets no more than one a day, and a server that was off at midnight sends
// its next one.
func (a *App) afterCheckpoint(ctx context.Context, tx *store.Tx, zone *time.Location, last, now time.Time) error {
	if err := a.armWitness(ctx, tx, now); err != nil {
		return err
	}
	to, err := tx.Setting(ctx, settingMail)
	if err != nil || to == "" || last.IsZero() {
		return err
	}
	if store.DayOf(last, zone) == store.DayOf(now, zone) {
		return nil
	}
	return a.arm(ctx, tx, jobMailCheckpoint, "", now)
}

// zoneAt is the time zone of a library; the installation has none of its own.
func (a *App) zoneAt(ctx context.Context, id people.LibraryID) (*time.Location, error) {
	if id == people.Installation {
		return time.UTC, nil
	}
	var l store.Library
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		l, err = tx.Library(ctx, id)
		return err
	})
	return zone(l.TimeZone), err
}

// sendCheckpoint mails a library's newest checkpoint to whom its settings name.
func (a *App) sendCheckpoint(ctx context.Context, library people.LibraryID, job store.Job) error {
	var to string
	var signed []byte
	var key string
	err := a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
		if to, err = tx.Setting(ctx, settingMail); err != nil || to == "" {
			return err
		}
		if key, err = tx.Setting(ctx, settingLedgerKey); err != nil {
			return err
		}
		signed, err = tx.Ledger().LastCheckpoint(ctx)
		return err
	})
	if err != nil || to == "" || signed == nil {
		return err
	}
	c, _, err := ledger.OpenCheckpoint(signed, key)
	if err != nil {
		return fault.Broken(err)
	}
	r := notify.Result{Outcome: notify.Later}
	if a.mail != nil {
		letter, err := mail.Checkpoint(signed, key)
		if err != nil {
			return fault.Broken(err)
		}
		id := c.ID()
		var sent error
		if r, sent = a.mail.SendLetter(ctx, hex.EncodeToString(id[:16]), notify.NewAddress(to), letter); sent != nil {
			a.log.Warn("letter", "kind", job.Kind, "outcome", r.Outcome.String(), "err", sent)
		}
	}
	return a.putMailed(ctx, library, job, to, c.At, r)
}

// putMailed keeps what became of a mailed checkpoint. What was not taken is tried
// again; what was refused waits for the next day, or for another address.
func (a *App) putMailed(ctx context.Context, library people.LibraryID, job store.Job, to string, signed time.Time, r notify.Result) error {
	now := a.now()
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		if given, err := tx.Setting(ctx, settingMail); err != nil || given != to { // it is another's by now
			return err
		}
		trouble := r.Outcome.String()
		if r.Outcome == notify.Accepted {
			trouble = ""
			if err := tx.PutSetting(ctx, settingMailed, now.Format(time.RFC3339)); err != nil {
				return err
			}
		}
		if err := tx.PutSetting(ctx, settingMailTrouble, trouble); err != nil {
			return err
		}
		if r.Outcome == notify.Accepted || (LetterState{Trouble: r.Outcome}).GivenUp() {
			return nil
		}
		return a.arm(ctx, tx, job.Kind, job.Subject, again(signed, now, r.Wait))
	})
}

// mailedState reads how far a library's checkpoints have come by mail.
func mailedState(settings map[string]string) LetterState {
	s := LetterState{Trouble: outcomeOf(settings[settingMailTrouble])}
	if at, err := time.Parse(time.RFC3339, settings[settingMailed]); err == nil {
		s.Sent = at
	}
	return s
}

// addressMoved begins anew with mailed checkpoints once another address is named:
// the newest goes there at once, so that a mistyped address shows on the same day.
func (a *App) addressMoved(ctx context.Context, act *acting, to string) error {
	was, err := act.Setting(ctx, settingMail)
	if err != nil || was == to {
		return err
	}
	for _, name := range []string{settingMailed, settingMailTrouble} {
		if err := act.PutSetting(ctx, name, ""); err != nil {
			return err
		}
	}
	if to == "" {
		return act.DropJob(ctx, jobMailCheckpoint, "")
	}
	return a.arm(ctx, act.Tx, jobMailCheckpoint, "", act.now)
}
