package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"roundtable/internal/backup"
	"roundtable/internal/keyring"
	"roundtable/internal/recovery"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

type restoreCmd struct {
	place       `embed:""`
	Archive     string   `arg:"" help:"The database's backup."`
	KeyringFrom []string `placeholder:"FOLDER" help:"Where copies of the keyring are; the newest is taken. May be given more than once."`
	KeepKeyring bool     `help:"The keyring itself has survived where it was: use it."`
	Share       []string `placeholder:"FILE" help:"Two of the three recovery shares, each in a file as words or as the text of its QR code, when the installation's key is lost."`
	Ledger      []string `placeholder:"FILE" help:"A newer ledger, as roundtable ledger export wrote it. May be given more than once."`
	Checkpoint  []string `placeholder:"FILE" help:"A file that holds checkpoints kept elsewhere, such as a saved mail: shows what was lost. May be given more than once."`
	LoseNewer   bool     `help:"Restore although the newest copy of the keyring is older than the backup: cases begun between the two are lost."`
}

// Help is the manual page's text.
func (restoreCmd) Help() string {
	return `Restores a backup of the database into an empty place, a folder or a PostgreSQL database, whichever it came from, and the keyring beside it from its newest copy. So it also moves an installation from one to the other.

What was destroyed stays destroyed. Keys that the newest known ledgers say were destroyed are not written again, and rows without a key are deleted. The newest known ledger is the one in the backup, or a newer one that you give with --ledger: if the data can still be read, export it first. A copy of the keyring that is older than the newest that the ledger tells of is refused: it may still have keys that were destroyed since.

Before anything is served, every ledger is verified against the newest checkpoint in the backup, and gets an entry that it was restored. With --checkpoint you are told what was lost. With --ledger the ledgers go on where they were.

If the keyring has survived, as beside a database on another cluster, use --keep-keyring and no copy.

If the installation's key is lost, two of the three recovery shares restore it, from the keyring's copy. The key is then written to where it is looked for. That this was done stands in the ledger, and directors are told.

When it fails nothing stays in a folder; what is in a database has to be dropped before you try again. The exit status is 0 when it is done, and 1 when it is not or when a checkpoint shows that the ledger had been written anew.

Examples:
  roundtable restore --keyring-from /elsewhere/roundtable-keyring roundtable-2026-11-03T020000Z.backup.age
  roundtable restore --database postgres://roundtable_app@db/roundtable --keyring postgres://keyring@keys/keyring --keep-keyring roundtable-2026-11-03T020000Z.backup.age`
}

// Run restores.
func (c *restoreCmd) Run(e *env) error {
	if err := c.check(); err != nil {
		return err
	}
	checkpoints, err := readAll(c.Checkpoint)
	if err != nil {
		return err
	}
	archive, err := os.Open(c.Archive)
	if err != nil {
		return usageError{err}
	}
	defer archive.Close()
	o := backup.Restoration{
		Archive: archive, Load: c.load(e.ctx), Open: func() (*store.Store, error) { return c.openStore(e.ctx) },
		Ledgers: c.Ledger, Checkpoints: checkpoints, LoseNewer: c.LoseNewer, SharesUsed: len(c.Share) > 0, Now: e.now, Random: rand.Reader,
	}
	if err := c.keys(&o); err != nil {
		return err
	}
	ring, undo, err := c.ring(e.ctx, o.Key)
	if err != nil {
		return err
	}
	o.Ring = ring
	restored, err := backup.Restore(e.ctx, o)
	err = errors.Join(err, ring.Close())
	if err != nil {
		return errors.Join(err, undo())
	}
	return errors.Join(c.keepKey(e, o.Key), c.tell(e, restored))
}

func (c *restoreCmd) check() error {
	if err := c.settle(); err != nil {
		return err
	}
	switch {
	case c.KeepKeyring == (len(c.KeyringFrom) > 0):
		return usageError{errors.New("say where copies of the keyring are with --keyring-from, or that the keyring has survived with --keep-keyring")}
	case len(c.Share) != 0 && len(c.Share) != 2:
		return usageError{errors.New("two recovery shares are needed: give --share twice")}
	case len(c.Share) == 2 && c.KeepKeyring:
		return usageError{errors.New("with recovery shares the installation's key comes from a copy of the keyring: say where copies are with --keyring-from")}
	}
	if c.Database != "" {
		return nil
	}
	there, err := c.exists()
	if err != nil {
		return usageError{err}
	}
	if there {
		return usageError{fmt.Errorf("there is an installation in %s already; a backup is restored into an empty place only", c.Data)}
	}
	return nil
}

func (c *restoreCmd) load(ctx context.Context) func(int64) (*store.Loader, error) {
	return func(form int64) (*store.Loader, error) {
		if c.Database != "" {
			return store.LoadPostgres(ctx, c.Database, form)
		}
		return store.LoadSQLite(ctx, store.SQLite{Folder: c.Data}, form)
	}
}

// keys finds what opens the archive, and opens the keyring's copy.
func (c *restoreCmd) keys(o *backup.Restoration) error {
	if len(c.Share) == 2 {
		return c.keysFromShares(o)
	}
	key, err := c.installationKey()
	if err != nil {
		return err
	}
	o.Key = key
	if o.With, err = backup.WithKey(key); err != nil || c.KeepKeyring {
		return err
	}
	with, err := keyring.WithKey(key)
	if err != nil {
		return err
	}
	o.Copy, err = newestCopy(with, c.KeyringFrom)
	return err
}

func newestCopy(with age.Identity, folders []string) (*keyring.Copy, error) {
	found, err := keyring.NewestCopy(with, folders...)
	return &found, err
}

func (c *restoreCmd) keysFromShares(o *backup.Restoration) error {
	a, b, err := readShares(c.Share)
	if err != nil {
		return err
	}
	o.With = backup.WithShares(a, b)
	if o.Copy, err = newestCopy(o.With, c.KeyringFrom); err != nil {
		return err
	}
	o.Key, err = withdraw(a, b, *o.Copy)
	return err
}

func readShares(paths []string) (a, b recovery.Share, err error) {
	var shares [2]recovery.Share
	for i, path := range paths {
		text, err := readSmall(path, 1<<16)
		if err == nil {
			shares[i], err = recovery.ParseShare(string(text))
		}
		clear(text)
		if err != nil {
			return a, b, usageError{fmt.Errorf("the recovery share in %s: %w", path, err)}
		}
	}
	return shares[0], shares[1], nil
}

// withdraw takes the installation's key out of a copy of the keyring.
func withdraw(a, b recovery.Share, from keyring.Copy) (key vault.InstallationKey, err error) {
	err = errors.New("this copy of the keyring has no deposit for recovery shares")
	for _, deposit := range from.Deposits() {
		if key, err = withdrawOne(a, b, deposit); err == nil {
			return key, nil
		}
	}
	return key, err
}

func withdrawOne(a, b recovery.Share, deposit keyring.Entry) (key vault.InstallationKey, err error) {
	want, err := vault.ParseFingerprint(deposit.ID)
	if err != nil {
		return key, err
	}
	private, err := recovery.Combine(a, b, want)
	if err != nil {
		return key, err
	}
	defer private.Erase()
	letter, err := vault.ParseLetter(deposit.Bytes)
	if err != nil {
		return key, err
	}
	return recovery.Withdraw(private, letter)
}

// ring opens the keyring that has survived, or makes an empty one. undo takes away
// what was made.
func (c *restoreCmd) ring(ctx context.Context, key vault.InstallationKey) (ring keyring.Keyring, undo func() error, err error) {
	undo = func() error { return nil }
	box, err := keyring.StorageBox(key)
	if err != nil {
		return nil, undo, err
	}
	if c.Database != "" {
		if err := c.checkClusters(ctx); err != nil {
			return nil, undo, err
		}
		if !c.KeepKeyring {
			ring, err = orNil(keyring.CreatePostgres(ctx, c.Keyring, rand.Reader, box))
		}
		if c.KeepKeyring || errors.Is(err, keyring.ErrPresent) { // Restore refuses one that is not empty
			ring, err = orNil(keyring.OpenPostgres(ctx, c.Keyring, rand.Reader, box))
		}
		return ring, undo, err
	}
	folder := c.keyringFolder()
	if c.KeepKeyring {
		ring, err = orNil(keyring.OpenFile(folder, rand.Reader, box))
		return ring, undo, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, undo, usageError{err}
	}
	ring, err = orNil(keyring.CreateFile(folder, rand.Reader, box))
	if err == nil {
		undo = func() error { return removeKeyring(folder) }
	}
	return ring, undo, err
}

// removeKeyring takes away an empty keyring that a failed restore has made.
func removeKeyring(folder string) error {
	for _, name := range []string{"keyring.rtk", "keyring.lock"} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Remove(folder)
}

// keepKey writes a key that came from recovery shares to where it is looked for.
func (c *restoreCmd) keepKey(e *env, key vault.InstallationKey) error {
	if len(c.Share) == 0 {
		return nil
	}
	path, err := c.keyFile()
	if err != nil {
		return err
	}
	return keepRecovered(e, path, key)
}

func keepRecovered(e *env, path string, key vault.InstallationKey) error {
	text, err := key.Reveal()
	if err != nil {
		return err
	}
	if err := writeKeyFile(path, text); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The installation's key is in %s. Keep a copy in a safe place, away from the data and its backups.\n", path)
	return nil
}

func (c *restoreCmd) tell(e *env, r backup.Restored) error {
	fmt.Fprintf(e.stdout, "Restored: what was there on %s, %d libraries and the installation.\n", r.At.Format(time.DateTime), r.Tenants-1)
	if r.Copy.IsZero() {
		fmt.Fprintln(e.stdout, "The keyring is the one that has survived.")
	} else {
		fmt.Fprintf(e.stdout, "The keyring is its copy of %s.\n", r.Copy.Format(time.DateTime))
	}
	if r.Repeated > 0 {
		fmt.Fprintf(e.stdout, "Destroyed again: %d, as the ledgers tell.\n", r.Repeated)
	}
	var wrong error
	for _, l := range r.Libraries {
		if err := tellLibrary(e, l); err != nil {
			wrong = err
		}
	}
	if len(c.Checkpoint) == 0 && len(c.Ledger) == 0 {
		fmt.Fprintf(e.stdout, "What was done after %s is not here. To see whether anything was, compare with a checkpoint that was kept elsewhere: roundtable ledger verify --checkpoint FILE\n", r.At.Format(time.DateTime))
	}
	return wrong
}

func tellLibrary(e *env, l backup.RestoredLibrary) (wrong error) {
	fmt.Fprintf(e.stdout, "%s: the ledger verifies", l.ID)
	if !l.Backup.At.IsZero() {
		fmt.Fprintf(e.stdout, " against its checkpoint of %s", l.Backup.At.Format(time.DateTime))
	}
	fmt.Fprintln(e.stdout, ".")
	if l.Added > 0 {
		fmt.Fprintf(e.stdout, "  The newer ledger has %d more entries, which were taken over. What they are about is lost.\n", l.Added)
	}
	if n := l.Removed.Cases + l.Removed.People; n > 0 {
		fmt.Fprintf(e.stdout, "  %d cases and accounts of the backup have no key any more and were deleted.\n", n)
	}
	for _, p := range l.Lost {
		switch p.Finding {
		case ledger.CutBack:
			fmt.Fprintf(e.stdout, "  LOST. %s\n", p)
		default:
			fmt.Fprintf(e.stdout, "  WRONG. %s\n", p)
			wrong = errWrong
		}
	}
	return wrong
}
