package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"roundtable/internal/app"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

const (
	filePrefix = "roundtable-"
	fileSuffix = ".backup.age"
	fileTime   = "2006-01-02T150405Z"
	unfinished = ".new"
)

// Options say what is backed up, and where to.
type Options struct {
	Store *store.Store
	Ring  keyring.Keyring
	Key   vault.InstallationKey
	// To is the folder for the archive, and KeyringTo the one for the keyring's
	// copy. They must be two places, neither within the other.
	To, KeyringTo string
	// Scratch is a folder on this machine in which the archive is restored for a
	// moment, to check it; what was there is overwritten afterwards.
	Scratch string
	Now     func() time.Time
	Random  io.Reader

	spoil func(io.Writer) io.Writer // in tests: a disk that fails
}

// Taken is a backup that was made and checked.
type Taken struct {
	Summary
	File string    // the archive
	Size int64     // of it, in bytes
	Copy time.Time // when the keyring's copy was made
	// Opens counts the cases and accounts whose contents were opened with the copy
	// of the keyring, and Destroyed those whose key was destroyed while the backup
	// was being made.
	Opens, Destroyed int
}

// Take makes a backup while Roundtable serves: it reads the database into an
// archive and then the keyring, in this order, so that the keyring has the keys of
// all that the archive holds. It restores the archive into a throw-away place and
// checks it there: the counts and the digest, the ledgers against their newest
// checkpoints, and that every case opens with the keyring. Only then is the
// keyring's copy written over the older one, the archive gets its name, and the
// ledger an entry. When it returns an error there is no new archive; the older
// ones are untouched, and a keyring that has lost keys has not replaced its copy.
func Take(ctx context.Context, o Options) (Taken, error) {
	if err := twoPlaces(o.To, o.KeyringTo); err != nil {
		return Taken{}, err
	}
	source, err := newApp(o.Store, o.Ring, o.Key, o.Now, o.Random)
	if err != nil {
		return Taken{}, err
	}
	public, err := source.RecoveryKey(ctx)
	if err != nil {
		return Taken{}, err
	}
	if err := checkSource(ctx, o.Store); err != nil {
		return Taken{}, err
	}
	now := o.Now().UTC().Truncate(time.Millisecond)
	if err := sweepUnfinished(o.To, now); err != nil {
		return Taken{}, err
	}
	taken := Taken{File: filepath.Join(o.To, filePrefix+now.Format(fileTime)+fileSuffix)}
	f, err := os.OpenFile(taken.File+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil { // it may be another process's, which is left alone
		return Taken{}, fmt.Errorf("write the backup: %w", err)
	}
	taken.Summary, taken.Size, err = o.writeArchive(ctx, f, public, now)
	if err == nil {
		err = o.checkAndCopy(ctx, source, &taken, public)
	}
	if err == nil {
		err = publish(taken.File)
	}
	if err != nil {
		return Taken{}, errors.Join(err, removeFile(taken.File+unfinished))
	}
	if err := source.BackedUp(ctx, taken.named()); err != nil {
		return taken, fmt.Errorf("the backup was made and is good, but the ledger could not be told: %w", err)
	}
	return taken, nil
}

// twoPlaces refuses folders that would be taken, lost or kept together: the
// archive is kept for long and the keyring's copy must not be.
func twoPlaces(a, b string) error {
	real := [2]string{}
	for i, path := range []string{a, b} {
		info, err := os.Stat(path)
		if err == nil && !info.IsDir() {
			err = errors.New("it is no folder")
		}
		if err == nil {
			real[i], err = filepath.EvalSymlinks(path)
		}
		if err == nil {
			real[i], err = filepath.Abs(real[i])
		}
		if err != nil {
			return fmt.Errorf("the folder %s for backups cannot be used: %w", path, err)
		}
	}
	if within(real[0], real[1]) || within(real[1], real[0]) {
		return fmt.Errorf("the database's backups go to %s and the keyring's copy to %s: these must be two places, since the first may be kept for long and the second must not", a, b)
	}
	return nil
}

func within(inner, outer string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// checkSource looks for damage before it is copied.
func checkSource(ctx context.Context, s *store.Store) error {
	var ids []people.LibraryID
	err := s.Snapshots(ctx, func(t *store.Tx) error {
		ids = append(ids, t.Tenant())
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		problems, err := s.CheckIntegrity(ctx, id)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return fmt.Errorf("the database of %s is damaged, so that no backup of it is made; restore the newest one: %q", id, problems)
		}
	}
	return nil
}

// writeArchive writes an archive to a file, makes it durable, and closes it.
func (o Options) writeArchive(ctx context.Context, f *os.File, public vault.PublicKey, at time.Time) (s Summary, size int64, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	to, err := recipients(o.Key, public, o.Random)
	if err != nil {
		return s, 0, err
	}
	var w io.Writer = f
	if o.spoil != nil {
		w = o.spoil(f)
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return s, 0, fmt.Errorf("write the backup: %w", err)
	}
	if s, err = dump(ctx, sealed, o.Store, at); err != nil {
		return s, 0, err
	}
	if err = sealed.Close(); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return s, 0, fmt.Errorf("write the backup: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return s, 0, err
	}
	return s, info.Size(), nil
}

// checkAndCopy checks the archive with the keyring as it is now, and writes the
// very keyring that was checked to its copy. When it cannot, copies that are too
// old are removed all the same.
func (o Options) checkAndCopy(ctx context.Context, source *app.App, taken *Taken, public vault.PublicKey) error {
	taken.Copy = o.Now().UTC().Truncate(time.Millisecond)
	view, err := keyring.ViewOf(ctx, o.Ring)
	if err == nil {
		err = o.check(ctx, source, taken, view)
	}
	if err == nil {
		copier := keyring.Copier{Random: o.Random, Key: o.Key, Recovery: public}
		err = copier.Write(ctx, view, o.KeyringTo, taken.Copy)
	}
	if err == nil {
		return o.checkCopy(taken.Copy)
	}
	_, expired := keyring.ExpireCopies(o.KeyringTo, taken.Copy)
	return errors.Join(err, expired)
}

// checkCopy makes sure that what a restore would take is the copy just written.
func (o Options) checkCopy(at time.Time) error {
	identity, err := keyring.WithKey(o.Key)
	if err != nil {
		return err
	}
	c, err := keyring.NewestCopy(identity, o.KeyringTo)
	if err != nil {
		return err
	}
	if !c.At.Equal(at) {
		return fmt.Errorf("the newest copy of the keyring in %s is of %s, and the one just written of %s: is the clock right?", o.KeyringTo, c.At.Format(time.DateTime), at.Format(time.DateTime))
	}
	return nil
}

// check restores the archive into a throw-away place, beside the keyring.
func (o Options) check(ctx context.Context, source *app.App, taken *Taken, ring *keyring.View) (err error) {
	dir, err := openScratch(o.Scratch, o.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wipeTree(dir)) }()
	l, err := o.loadScratch(ctx, dir, taken)
	if err != nil {
		return fmt.Errorf("check the backup by restoring it: %w", err)
	}
	s, err := store.OpenSQLite(ctx, store.SQLite{Folder: dir, Weak: true})
	if err != nil {
		return fmt.Errorf("check the backup by restoring it: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := checkAll(ctx, s, l); err != nil {
		return fmt.Errorf("check the backup by restoring it: %w", err)
	}
	return o.openAll(ctx, source, s, l, ring, taken)
}

func (o Options) loadScratch(ctx context.Context, dir string, taken *Taken) (*loading, error) {
	identity, err := WithKey(o.Key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(taken.File + unfinished)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &loading{ctx: ctx, begin: func(form int64) (*store.Loader, error) {
		return store.LoadSQLite(ctx, store.SQLite{Folder: dir, Weak: true}, form)
	}}
	back, err := l.load(f, identity)
	if err != nil {
		return nil, err
	}
	if back != taken.Summary {
		return nil, fmt.Errorf("%w: it was written with %d rows and read back with %d", ErrDamaged, taken.Rows, back.Rows)
	}
	return l, l.to.Commit()
}

// openAll opens every case and account with the keyring. What has no key must have
// been destroyed since it was read; otherwise the keyring has lost keys, and must
// not replace its older copy.
func (o Options) openAll(ctx context.Context, source *app.App, s *store.Store, l *loading, ring *keyring.View, taken *Taken) error {
	restored, err := newApp(s, ring, o.Key, o.Now, o.Random)
	if err != nil {
		return err
	}
	for _, id := range l.order {
		if l.ends[id].Key == "" { // a library that was begun only
			continue
		}
		opened, err := restored.Openable(ctx, id)
		if err != nil {
			return fmt.Errorf("check the backup of %s by opening what is in it: %w", id, err)
		}
		taken.Opens += opened.Opens
		taken.Destroyed += opened.Without
		if opened.Without == 0 {
			continue
		}
		if n, err := source.Keyless(ctx, id); err != nil || n > 0 {
			return errors.Join(err, &LostKeysError{id, n})
		}
	}
	return nil
}

// LostKeysError means that there are cases whose keys are not in the keyring.
type LostKeysError struct {
	Library people.LibraryID
	Count   int
}

// Error says what to do.
func (e *LostKeysError) Error() string {
	return fmt.Sprintf("%d of what is kept at %s has no key in the keyring, so that the keyring's older copy was not replaced. If something is being destroyed at this moment, try again in a minute. Otherwise the keyring has lost keys: restore it from its newest copy", e.Count, e.Library)
}

// newApp returns an App that nobody listens to.
func newApp(s *store.Store, ring keyring.Keyring, key vault.InstallationKey, now func() time.Time, random io.Reader) (*app.App, error) {
	hub, err := live.NewHub(random, now, live.Options{})
	if err != nil {
		return nil, err
	}
	return app.New(app.Options{Store: s, Ring: ring, Key: key, Live: hub, Now: now, Random: random, Log: slog.New(slog.DiscardHandler)})
}

func (t Taken) named() app.Backup { return app.Backup{At: t.At, Digest: t.Digest, Copy: t.Copy} }

// originOf is the name of a tenant's ledger.
func originOf(id people.LibraryID) string { return app.Origin(id) }

// publish gives a finished archive its name, durably.
func publish(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("there is a backup %s already", path)
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("name the backup: %w", err)
	}
	return nil
}

// sweepUnfinished removes archives that a killed process has left unfinished.
func sweepUnfinished(dir string, now time.Time) error {
	left, err := filepath.Glob(filepath.Join(dir, filePrefix+"*"+fileSuffix+unfinished))
	if err != nil {
		return err
	}
	for _, path := range left {
		info, err := os.Stat(path)
		if err == nil && now.Sub(info.ModTime()) >= scratchLife {
			err = removeFile(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished backup: %w", err)
		}
	}
	return nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
