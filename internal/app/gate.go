package app

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// refusedKind is the kind of an entry that says that an act was tried and
// refused. Which act it was is in what the entry commits to.
const refusedKind ledger.Kind = "refused"

// target is what an act is done to, as the gate needs to know it.
type target struct {
	subject access.Subject
	// object is what the entry names: an id, "" for the tenant itself.
	object string
	// commit is the key of the entry's commitment: the case's own, so that it can
	// be opened as long as the case lives. Zero is the tenant's.
	commit *ledger.CommitKey
}

// finder finds what an act is done to. What it cannot find is fault.Missing.
type finder func(ctx context.Context, tx *store.Tx) (target, error)

// acting is an act under way, within its transaction.
type acting struct {
	*store.Tx
	who Who
	now time.Time
	// id makes the act's entry unlike all others.
	id string
	// contents is what the entry commits to, besides id.
	contents []byte
	// object is what the entry names, for an act that makes it; sealed says that
	// what was made is a sealed case.
	object string
	sealed bool
	commit *ledger.CommitKey
	// topics are whom to tell once it is done.
	topics []string
	// opened is how what was made is read next by whoever made it; that reading's
	// entry goes along.
	opened access.Act
	// quiet acts leave no entry: only what says so in its own comment is.
	quiet bool
}

// do is the gate: every act that changes something goes through it. It finds the
// subject, asks package access, runs the rule, writes the act's entry, and commits
// all of it together; only then are listeners told. What was refused leaves an
// entry of its own, unless a stranger asked.
func (a *App) do(ctx context.Context, who Who, act access.Act, library people.LibraryID, find finder, rule func(context.Context, *acting) error) error {
	if err := who.enters(library); err != nil {
		return err
	}
	now := a.now()
	var done acting
	var denied *refusal
	var moved []people.LibraryID
	var opened *reading
	err := a.store.Write(ctx, library, func(tx *store.Tx) error {
		on, err := find(ctx, tx)
		if err != nil {
			return err
		}
		if err := decide(who.actor(), act, on.subject, now); err != nil {
			denied = &refusal{on, err}
			return err
		}
		id, err := a.actID()
		if err != nil {
			return err
		}
		done = acting{Tx: tx, who: who, now: now, id: id, object: on.object, sealed: on.subject.Sealed, commit: on.commit}
		if err := rule(ctx, &done); err != nil {
			return err
		}
		if moved, err = a.crewMoved(ctx, tx, act, on.subject); err != nil {
			return err
		}
		if done.quiet {
			return a.notify(ctx, tx, done.topics)
		}
		if err := a.enter(ctx, tx, ledger.Kind(act), &done); err != nil {
			return err
		}
		if opened, err = a.enterReading(ctx, tx, &done); err != nil {
			return err
		}
		return a.notify(ctx, tx, done.topics)
	})
	if denied != nil {
		return a.refused(ctx, who, act, library, denied)
	}
	if err != nil {
		return err
	}
	if opened != nil {
		a.reads.add(*opened, now)
	}
	a.tell(topicsOf(library, done.topics))
	a.tellCrews(ctx, moved)
	return nil
}

// look is the gate for reading. Acts on cases and notes leave one entry for each
// reader, case, session and quarter of an hour, which is durable before look
// returns; all other reading leaves none.
func (a *App) look(ctx context.Context, who Who, act access.Act, library people.LibraryID, find finder, read func(ctx context.Context, tx *store.Tx, now time.Time) error) error {
	if err := who.enters(library); err != nil {
		return err
	}
	now := a.now()
	var denied *refusal
	var opened target
	err := a.store.Read(ctx, library, func(tx *store.Tx) error {
		on, err := find(ctx, tx)
		if err != nil {
			return err
		}
		if err := decide(who.actor(), act, on.subject, now); err != nil {
			denied = &refusal{on, err}
			return err
		}
		opened = on
		return read(ctx, tx, now)
	})
	if denied != nil {
		return a.refused(ctx, who, act, library, denied)
	}
	if err != nil {
		return err
	}
	if !leavesEntry(act) {
		return nil
	}
	return a.logRead(ctx, who, act, library, opened, now)
}

// leavesEntry reports whether looking, for this act, leaves an entry: where what is
// written in a case or a note is opened. To know that one is there, or to be
// offered a form, opens nothing.
func leavesEntry(act access.Act) bool {
	switch act {
	case access.KnowCase, access.SayWho, access.KnowCounselNote, access.WriteCounselNote:
		return false
	}
	return act.Kind() == access.Case || act.Kind() == access.Note
}

// may reports whether somebody may do an act, so that a page shows a way to it.
// It decides nothing: the act asks again.
func may(who Who, act access.Act, on access.Subject, now time.Time) bool {
	return access.May(who.actor(), act, on, now) == access.Allowed
}

type refusal struct {
	on  target
	err error
}

// refused leaves an entry of a refusal and returns what to tell.
func (a *App) refused(ctx context.Context, who Who, act access.Act, library people.LibraryID, r *refusal) error {
	if !who.known() || !who.knows(library) {
		return r.err
	}
	if err := a.allow(RefusalsOfActor, string(library)+" "+string(actorID(who))); err != nil {
		return err
	}
	id, err := a.actID()
	if err != nil {
		return err
	}
	err = a.store.Write(ctx, library, func(tx *store.Tx) error {
		return a.enter(ctx, tx, refusedKind, &acting{
			who: who, now: a.now(), id: id, contents: []byte(act),
			object: r.on.object, sealed: r.on.subject.Sealed, commit: r.on.commit,
		})
	})
	if err != nil {
		return err // what cannot be logged is not answered either
	}
	return r.err
}

// enter writes an act's entry.
func (a *App) enter(ctx context.Context, tx *store.Tx, kind ledger.Kind, act *acting) error {
	key := act.commit
	if key == nil {
		t, err := a.tenantOf(ctx, tx.Tenant())
		if err != nil {
			return err
		}
		key = &t.commit
	}
	entry := ledger.Act{Kind: kind, At: act.now, Actor: actorID(act.who), Sealed: act.sealed}
	if act.object != "" {
		entry.Objects = []ledger.ID{ledger.ID(act.object)}
	}
	entry.Contents = append([]byte(act.id+"\n"), act.contents...)
	made, err := entry.Entry(*key)
	if err != nil {
		return fault.Broken(fmt.Errorf("the entry of %s: %w", kind, err))
	}
	_, err = ledger.Append(ctx, tx.Ledger(), made)
	return err
}

// actorID is how an entry names who acted: the person by pseudonym, else the
// device, else nobody.
func actorID(who Who) ledger.ID {
	switch {
	case who.Person != "" && who.Pseudonym != "":
		return ledger.ID(who.Pseudonym)
	case who.Device != nil:
		return ledger.ID(who.Device.ID)
	}
	return ""
}

// actID draws what makes an act's entry unlike all others.
func (a *App) actID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(a.random, b[:]); err != nil {
		return "", fault.Broken(fmt.Errorf("draw random bytes: %w", err))
	}
	return hex.EncodeToString(b[:]), nil
}

// installation is the target of acts on the installation as a whole.
func installation(context.Context, *store.Tx) (target, error) {
	return target{subject: access.Subject{Kind: access.Installation, Library: people.Installation}}, nil
}

// onLibrary finds a library as a whole, or what its branches share.
func onLibrary(id people.LibraryID, kind access.Kind) finder {
	return func(context.Context, *store.Tx) (target, error) {
		return target{subject: access.Subject{Kind: kind, Library: id}}, nil
	}
}

// onBranch finds a branch of the transaction's library.
func onBranch(id people.BranchID) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		b, err := tx.Branch(ctx, id)
		if err != nil {
			return target{}, err
		}
		return target{subject: access.Subject{Kind: access.Branch, Library: tx.Tenant(), Branch: b.ID}, object: string(b.ID)}, nil
	}
}

// enters refuses a library with which somebody has nothing to do, whatever they ask
// for there. It is a wall of its own: it stands also where nothing is decided.
func (w Who) enters(library people.LibraryID) error {
	if library == w.Library || w.knows(library) {
		return nil
	}
	return fault.Missing()
}

// knows reports whether somebody has to do with a tenant: a role there, or a device.
// To all others it is not there, and their tries leave nothing in its ledger: else
// whoever knows a library's id could fill the ledger of another library.
func (w Who) knows(library people.LibraryID) bool {
	return library == people.Installation || w.Device != nil && w.Device.Library == library ||
		slices.ContainsFunc(w.Memberships, func(m people.Membership) bool { return m.Library == library })
}
