package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// destroyKind is the kind of an entry that says that a case was destroyed; on a
// sealed case it shows as "sealed", like every other.
const destroyKind ledger.Kind = "destroy"

// The kinds of jobs of this file.
const (
	jobDestroy = "destroy" // its subject is a case and the rule by which it ends
	jobOrphans = "sweep-orphans"
)

func init() {
	jobKinds[jobDestroy] = (*App).finishDestroying
	jobKinds[jobOrphans] = (*App).sweepOrphansJob
}

const (
	// destroyAtOnce is how many cases are destroyed in one rewriting of the keyring.
	destroyAtOnce = 100
	// destroyAgain is when an interrupted destruction is finished by a job.
	destroyAgain = time.Minute
)

// Destroy destroys cases for good, by a rule such as "retention": first their
// keys, which reaches every backup, then their rows, together with an entry for
// each. It is the program's own act and asks nobody: whoever calls it has decided
// that the cases are due, and that nothing holds them.
//
// Before anything is destroyed there is a job that finishes what is interrupted.
// A case that is not there is no error: destroying it again changes nothing.
func (a *App) Destroy(ctx context.Context, library people.LibraryID, rule string, cases ...store.CaseID) error {
	if rule == "" || strings.ContainsFunc(rule, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') }) {
		return fault.Broken(fmt.Errorf("%q is not the name of a rule", rule))
	}
	if err := a.mayDelete(ctx); err != nil {
		return err
	}
	for some := range slices.Chunk(cases, destroyAtOnce) {
		if err := a.noteDestruction(ctx, library, rule, some); err != nil {
			return err
		}
		if err := a.destroyAll(ctx, library, rule, some); err != nil {
			return err
		}
	}
	return nil
}

// noteDestruction makes it certain that what now begins is finished.
func (a *App) noteDestruction(ctx context.Context, library people.LibraryID, rule string, cases []store.CaseID) error {
	now := a.now()
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		for _, id := range cases {
			if _, err := tx.Case(ctx, id); err != nil {
				if fault.KindOf(err) == fault.NotFound {
					continue
				}
				return err
			}
			job, err := a.actID()
			if err != nil {
				return err
			}
			if err := tx.AddJob(ctx, store.Job{ID: job, Kind: jobDestroy, Subject: string(id) + " " + rule, Due: now.Add(destroyAgain)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// destroyAll destroys keys, then rows.
func (a *App) destroyAll(ctx context.Context, library people.LibraryID, rule string, cases []store.CaseID) error {
	slots := make([]keyring.Slot, len(cases))
	for i, id := range cases {
		slots[i] = keyring.Slot{Kind: keyring.Case, Library: string(library), ID: string(id)}
	}
	if slices.Contains(cases, ownKey) { // it would end the library itself
		return fault.Broken(fmt.Errorf("a tenant's own key is not a case's"))
	}
	if err := a.ring.Destroy(ctx, slots...); err != nil {
		return ringFault(err)
	}
	topics := []string{topicCases}
	err := a.store.Write(ctx, library, func(tx *store.Tx) error {
		for _, id := range cases {
			if err := a.destroyRows(ctx, tx, rule, id); err != nil {
				return err
			}
			topics = append(topics, string(id))
		}
		return a.notify(ctx, tx, topics)
	})
	if err != nil {
		return err
	}
	a.tell(topicsOf(library, topics))
	return a.store.Tidy(ctx, library)
}

// destroyRows deletes the rows of a case whose key is gone, with an entry. If
// there are none any more, there is an entry already.
func (a *App) destroyRows(ctx context.Context, tx *store.Tx, rule string, id store.CaseID) error {
	c, err := tx.Case(ctx, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			if err := tx.NoteDestroyed(ctx, id); err != nil { // it may come back from a device yet
				return err
			}
			return tx.DropJob(ctx, jobDestroy, string(id)+" "+rule)
		}
		return err
	}
	if err := tx.DeleteCase(ctx, id); err != nil {
		return err
	}
	t, err := a.tenantOf(ctx, tx.Tenant())
	if err != nil {
		return err
	}
	act := ledger.Act{Kind: destroyKind, At: a.now(), Sealed: c.Sealed, Objects: []ledger.ID{ledger.ID(id)}, Contents: destroyContents(string(id))}
	if !c.Sealed {
		act.Objects = append(act.Objects, ledger.ID("class:"+c.Class), ledger.ID("rule:"+rule))
	}
	entry, err := act.Entry(t.commit)
	if err != nil {
		return fault.Broken(fmt.Errorf("the entry of a destruction: %w", err))
	}
	if _, err := ledger.Append(ctx, tx.Ledger(), entry); err != nil {
		return err
	}
	return tx.DropJob(ctx, jobDestroy, string(id)+" "+rule)
}

// destroyContents is what the entry of a destruction commits to, under the
// tenant's key and not the case's: an id and nothing else, so that whoever has
// the tenant's key, and nobody else, can tell later that the entry of a sealed
// case says that it was destroyed. A case is destroyed once, so that no two
// entries commit to the same.
func destroyContents(id string) []byte { return []byte("destroyed " + id) }

// finishDestroying finishes what was interrupted.
func (a *App) finishDestroying(ctx context.Context, library people.LibraryID, job store.Job) error {
	id, rule, found := strings.Cut(job.Subject, " ")
	if !found {
		return fmt.Errorf("the job %s names no rule", job.ID)
	}
	return a.destroyAll(ctx, library, rule, []store.CaseID{store.CaseID(id)})
}

// The limits of sweeping. An act that puts a key and does not commit is over
// after a minute; a day is far beyond that.
const (
	orphanAge    = 24 * time.Hour
	orphansEvery = 24 * time.Hour
	// orphansFew orphans are swept in any case; beyond that orphansShare of all keys
	// is the most. More of them mean that the rows are missing, as when an older
	// database stands beside a newer keyring, and a person has to look first.
	orphansFew   = 5
	orphansShare = 20 // one in so many
)

// ManyOrphansError means that there are so many keys without rows that rows are
// probably missing. Nothing was destroyed.
type ManyOrphansError struct {
	Library       people.LibraryID
	Orphans, Keys int
}

// Error says how many there are, and what to do.
func (e *ManyOrphansError) Error() string {
	return fmt.Sprintf("%d of %d keys of %s belong to no case or person. So many are left over only when the database is older than the keyring, so nothing was destroyed. If an older database was restored on purpose, run roundtable restore as its manual says; else find the newer database",
		e.Orphans, e.Keys, e.Library)
}

// SweepOrphans destroys the keys of a tenant for which there are no rows, left by
// acts that put a key and then did not commit. It returns how many, and a
// ManyOrphansError without destroying any when there are surprisingly many.
func (a *App) SweepOrphans(ctx context.Context, library people.LibraryID) (int, error) {
	orphans, keys, err := a.orphans(ctx, library)
	if err != nil {
		return 0, err
	}
	if n := len(orphans); n > orphansFew && n > keys/orphansShare {
		return 0, fault.Broken(&ManyOrphansError{library, n, keys})
	}
	if len(orphans) == 0 {
		return 0, nil
	}
	if err := a.ring.Destroy(ctx, orphans...); err != nil {
		return 0, ringFault(err)
	}
	return len(orphans), nil
}

// CountOrphans counts what SweepOrphans would destroy, and all keys of the tenant.
func (a *App) CountOrphans(ctx context.Context, library people.LibraryID) (orphans, keys int, err error) {
	slots, keys, err := a.orphans(ctx, library)
	return len(slots), keys, err
}

func (a *App) orphans(ctx context.Context, library people.LibraryID) (orphans []keyring.Slot, keys int, err error) {
	entries, err := a.ring.List(ctx, string(library))
	if err != nil {
		return nil, 0, ringFault(err)
	}
	lives, err := a.living(ctx, library)
	if err != nil {
		return nil, 0, err
	}
	orphans, err = keyring.Orphans(ctx, a.ring, string(library), func(id string) bool { return lives[id] }, a.now().Add(-orphanAge))
	if err != nil {
		return nil, 0, ringFault(err)
	}
	return orphans, len(entries), nil
}

// living lists what of a tenant has a key for itself.
func (a *App) living(ctx context.Context, library people.LibraryID) (map[string]bool, error) {
	lives := map[string]bool{ownKey: true}
	err := a.store.Read(ctx, library, func(tx *store.Tx) error {
		if library == people.Installation {
			accounts, err := tx.Accounts(ctx, people.Installation)
			for _, account := range accounts {
				// A person who was forgotten has a row still, and must not have a key:
				// an older copy of the keyring would bring it back.
				lives[string(account.Person)] = len(account.Sealed) > 0
			}
			return err
		}
		ids, err := tx.CaseIDs(ctx)
		for _, id := range ids {
			lives[string(id)] = true
		}
		return err
	})
	return lives, err
}

// PlanSweeps sees to it that each tenant's orphans are swept soon, and then daily, and
// that libraries know soon who can be reached. It is called at every start.
func (a *App) PlanSweeps(ctx context.Context) error {
	tenants, err := a.tenants(ctx)
	if err != nil {
		return err
	}
	for _, id := range tenants {
		if err := a.planSweep(ctx, id, a.now().Add(destroyAgain)); err != nil {
			return err
		}
	}
	return a.planCrews(ctx)
}

func (a *App) planSweep(ctx context.Context, library people.LibraryID, due time.Time) error {
	id, err := a.actID()
	if err != nil {
		return err
	}
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		return tx.AddJob(ctx, store.Job{ID: id, Kind: jobOrphans, Due: due})
	})
}

// sweepOrphansJob sweeps, and plans the next sweep whatever came of this one. That there
// were too many is told in the log each day, and by doctor.
func (a *App) sweepOrphansJob(ctx context.Context, library people.LibraryID, job store.Job) error {
	n, err := a.SweepOrphans(ctx, library)
	if err != nil {
		a.log.Error("sweep keys without rows", "err", err)
	} else if n > 0 {
		a.log.Info("swept keys without rows", "count", n)
	}
	return a.planSweep(ctx, library, job.Due.Add(max(orphansEvery, a.now().Sub(job.Due))))
}
