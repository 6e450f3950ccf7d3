package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"roundtable/internal/app"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// Restoration says what is restored, and where.
type Restoration struct {
	Archive io.Reader
	With    age.Identity // opens the archive
	Key     vault.InstallationKey

	// Copy is the newest copy of the keyring, from which Ring, which is empty, is
	// filled. Nil means that Ring is the keyring itself, which has survived.
	Copy *keyring.Copy
	Ring keyring.Keyring

	// Load begins to fill the empty place, and Open opens it then.
	Load func(form int64) (*store.Loader, error)
	Open func() (*store.Store, error)

	// Ledgers are files of newer ledgers, as they were exported. The destructions
	// that they know of are repeated, and the restored ledgers go on where they end.
	Ledgers []string
	// Checkpoints are texts that hold checkpoints kept elsewhere, such as mails.
	Checkpoints [][]byte
	// LoseNewer goes on with a copy of the keyring that is older than the archive:
	// cases that were begun between the two cannot be opened, and are deleted.
	LoseNewer bool
	// SharesUsed says that the key came from two of the recovery shares, which the
	// ledger is told and directors are shown.
	SharesUsed bool

	Now    func() time.Time
	Random io.Reader
}

// Restored says what came of a restore.
type Restored struct {
	Summary
	Copy      time.Time // of the keyring; zero if the keyring had survived
	Repeated  int       // destructions that the newest known ledgers tell of
	Libraries []RestoredLibrary
}

// RestoredLibrary says what came of one tenant.
type RestoredLibrary struct {
	ID      people.LibraryID
	Backup  ledger.Checkpoint // the newest that the archive has; zero if none
	Added   int64             // leaves that came from a newer ledger
	Removed app.Forgotten     // rows whose keys are gone
	// Lost says what a checkpoint that was kept elsewhere shows to be missing.
	Lost []*ledger.Problem
}

// OlderCopyError means that there is a newer copy of the keyring somewhere, or
// was: an older one may have keys that were destroyed since.
type OlderCopyError struct{ Given, Newest time.Time }

// Error says which copy to look for.
func (e *OlderCopyError) Error() string {
	return fmt.Sprintf("the newest copy of the keyring that was given is of %s, and the ledger tells of one of %s. Find that one, or a later one: an older copy may still have keys that were destroyed since",
		e.Given.Format(time.DateTime), e.Newest.Format(time.DateTime))
}

// NewerArchiveError means that the database's backup is newer than the copy of the
// keyring, which lacks the keys of what was begun between the two.
type NewerArchiveError struct{ Archive, Copy time.Time }

// Error says what can be done.
func (e *NewerArchiveError) Error() string {
	return fmt.Sprintf("this backup is of %s and the newest copy of the keyring of %s, which lacks the keys of cases that were begun between the two. Find a newer copy, or restore a backup of before the copy. If there is neither, --lose-newer restores all but those cases",
		e.Archive.Format(time.DateTime), e.Copy.Format(time.DateTime))
}

// Restore restores an archive into an empty place, and the keyring beside it. What
// the newest known ledgers say was destroyed is destroyed again before it returns:
// those keys are never written. It refuses copies of the keyring that are older
// than the newest that the ledgers tell of. Every ledger is verified against the
// newest checkpoint in the archive, and gets an entry.
//
// When it returns an error nothing may be served from the place. In a folder
// nothing stays then; what is in a database has to be dropped.
func Restore(ctx context.Context, o Restoration) (r Restored, err error) {
	known, err := o.newKnowledge(ctx)
	if err != nil {
		return r, err
	}
	l := &loading{ctx: ctx, begin: o.Load, opened: o.mayOpen, entry: known.learn}
	if r.Summary, err = l.load(o.Archive, o.With); err != nil {
		return r, err
	}
	undo := l.to.Abandon
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	files, err := o.readLedgers(l, known)
	if err != nil {
		return r, err
	}
	if o.Copy != nil {
		r.Copy = o.Copy.At
		if o.Copy.At.Before(known.copied) {
			return r, &OlderCopyError{o.Copy.At, known.copied}
		}
	}
	if err := l.to.Commit(); err != nil {
		return r, fmt.Errorf("restore the database: %w", err)
	}
	s, err := o.Open()
	if err != nil {
		return r, err
	}
	undo = func() error { return errors.Join(s.Close(), o.emptyRing(ctx), l.to.Abandon()) }
	if err := checkAll(ctx, s, l); err != nil {
		return r, err
	}
	if err := o.restoreRing(ctx, known.destroyed); err != nil {
		return r, err
	}
	r.Repeated = len(known.destroyed)
	if err := o.finish(ctx, s, l, files, &r); err != nil {
		return r, err
	}
	undo = func() error { return nil }
	return r, s.Close()
}

// mayOpen refuses an archive that is newer than the copy of the keyring.
func (o Restoration) mayOpen(at time.Time) error {
	if o.Copy != nil && o.Copy.At.Before(at) && !o.LoseNewer {
		return &NewerArchiveError{at, o.Copy.At}
	}
	return nil
}

// knowledge is what the ledgers tell of destructions and copies.
type knowledge struct {
	ctx       context.Context
	o         Restoration
	ring      keyring.Keyring // the copy's, or the one that survived
	of        map[people.LibraryID]app.Destructions
	destroyed map[keyring.Slot]bool
	copied    time.Time // when the newest copy was made of which is told
}

func (o Restoration) newKnowledge(ctx context.Context) (*knowledge, error) {
	k := &knowledge{ctx: ctx, o: o, ring: o.Ring, of: map[people.LibraryID]app.Destructions{}, destroyed: map[keyring.Slot]bool{}}
	if o.Copy != nil {
		k.ring = o.Copy.View()
		there, err := o.Ring.List(ctx, "")
		if err != nil {
			return nil, err
		}
		if len(there) > 0 {
			return nil, keyring.ErrPresent
		}
	}
	return k, nil
}

func (k *knowledge) learn(id people.LibraryID, e ledger.Entry) error {
	if at, ok := app.CopyTime(e); ok && id == people.Installation && at.After(k.copied) {
		k.copied = at
	}
	d, ok := k.of[id]
	if !ok {
		var err error
		if d, err = app.NewDestructions(k.ctx, k.ring, k.o.Key, id); err != nil {
			return err
		}
		k.of[id] = d
	}
	for _, slot := range d.Of(e) {
		k.destroyed[slot] = true
	}
	return nil
}

// readLedgers learns from newer ledgers.
func (o Restoration) readLedgers(l *loading, known *knowledge) ([]newer, error) {
	var files []newer
	for _, path := range o.Ledgers {
		n, err := openNewer(path, l.ends)
		if err != nil {
			return nil, fmt.Errorf("read a newer ledger: %w", err)
		}
		if err := n.entries(known.learn); err != nil {
			return nil, fmt.Errorf("read a newer ledger: %w", err)
		}
		files = append(files, n)
	}
	return files, nil
}

func (o Restoration) restoreRing(ctx context.Context, destroyed map[keyring.Slot]bool) error {
	slots := make([]keyring.Slot, 0, len(destroyed))
	for slot := range destroyed { // in any order: what comes of it is the same
		slots = append(slots, slot)
	}
	if o.Copy == nil {
		return o.Ring.Destroy(ctx, slots...)
	}
	return keyring.Restore(ctx, o.Ring, *o.Copy, o.Key, slots)
}

// emptyRing takes back what was restored to a keyring that had been empty.
func (o Restoration) emptyRing(ctx context.Context) error {
	if o.Copy == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // it is called when something has failed
	entries, err := o.Ring.List(ctx, "")
	if err != nil {
		return err
	}
	slots := make([]keyring.Slot, len(entries))
	for i, e := range entries {
		slots[i] = e.Slot
	}
	return o.Ring.Destroy(ctx, slots...)
}

// finish brings ledgers to where they were known to be, deletes the rows whose
// keys are gone, and compares with the checkpoints that were kept elsewhere.
func (o Restoration) finish(ctx context.Context, s *store.Store, l *loading, files []newer, r *Restored) error {
	added := map[people.LibraryID]int64{}
	for _, n := range files {
		count, err := n.extend(ctx, s)
		if err != nil {
			return fmt.Errorf("go on with a newer ledger: %w", err)
		}
		added[n.library] += count
	}
	lost := map[people.LibraryID][]*ledger.Problem{}
	for _, id := range l.order {
		problems, err := o.compare(ctx, s, id, l.ends[id])
		if err != nil {
			return err
		}
		lost[id] = problems
	}
	a, err := newApp(s, o.Ring, o.Key, o.Now, o.Random)
	if err != nil {
		return err
	}
	removed, err := a.Restored(ctx, app.Backup{At: r.At, Digest: r.Digest, Copy: r.Copy})
	if err != nil {
		return err
	}
	if o.SharesUsed {
		if err := a.RecoveryUsed(ctx); err != nil {
			return err
		}
	}
	for _, id := range l.order {
		of := RestoredLibrary{ID: id, Added: added[id], Removed: removed[id], Lost: lost[id]}
		if end := l.ends[id]; end.Checkpoint != "" {
			if of.Backup, _, err = ledger.OpenCheckpoint([]byte(end.Checkpoint), end.Key); err != nil {
				return err
			}
		}
		r.Libraries = append(r.Libraries, of)
	}
	return nil
}

// compare holds a restored ledger, in which nothing else was wrong, against the
// checkpoints that were kept elsewhere: a later one shows what was lost, and an
// earlier one whether the ledger had been written anew before it was backed up.
func (o Restoration) compare(ctx context.Context, s *store.Store, id people.LibraryID, end ledgerLine) (problems []*ledger.Problem, err error) {
	var kept [][]byte
	for _, text := range o.Checkpoints {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		if bytes.Contains(append([]byte("\n"), text...), []byte("\n"+originOf(id)+"\n")) {
			kept = append(kept, text)
		}
	}
	if len(kept) == 0 || end.Key == "" {
		return nil, nil
	}
	err = s.Read(ctx, id, func(t *store.Tx) error {
		report, err := verifyTx(ctx, t, end.Key, kept)
		if err != nil {
			return err
		}
		problems = report.Problems
		return nil
	})
	return problems, err
}
