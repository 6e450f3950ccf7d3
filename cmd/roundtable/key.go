package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/backup"
	"roundtable/internal/keyring"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// keyCmd is about the installation's key.
type keyCmd struct {
	New     keyNewCmd     `cmd:"" help:"Make a key for an installation."`
	Lock    keyLockCmd    `cmd:"" help:"Lock a key with a passphrase."`
	Recover keyRecoverCmd `cmd:"" help:"Restore the installation's key from two recovery shares."`
	Rotate  keyRotateCmd  `cmd:"" help:"Move an installation to another key."`
}

type keyNewCmd struct {
	File string `arg:"" help:"Where to. A file that is there is never overwritten."`
}

// Help is the manual page's text.
func (keyNewCmd) Help() string {
	return `Makes a key and writes it to a file that only you may read. roundtable serve makes one by itself at its first start; make one beforehand to keep it as a system credential, or to move an installation to another key with roundtable key rotate.

Whoever has the key and the data can read everything; without the key nobody can. So keep a copy in a safe place, away from the data and its backups.

Example:
  roundtable key new installation.key`
}

// Run makes a key.
func (c *keyNewCmd) Run(e *env) error {
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		return err
	}
	defer key.Erase()
	text, err := key.Reveal()
	if err != nil {
		return err
	}
	if err := writeKeyFile(c.File, text); err != nil {
		return err
	}
	id, err := key.ID()
	if err == nil {
		fmt.Fprintf(e.stdout, "The key %s is in %s. Keep a copy in a safe place, away from the data and its backups.\n", id, c.File)
	}
	return err
}

type keyLockCmd struct {
	File           string `arg:"" help:"The key."`
	Out            string `arg:"" help:"Where the locked key goes. A file that is there is never overwritten."`
	PassphraseFile string `required:"" placeholder:"FILE" env:"ROUNDTABLE_PASSPHRASE_FILE" help:"A file with the passphrase: at least 16 characters, best a few words with spaces between."`
}

// Help is the manual page's text.
func (keyLockCmd) Help() string {
	return `Writes the key again so that it opens with a passphrase only. It is the same key: both files open the same data. Remove the unlocked one when you have tried the locked one, and keep the passphrase elsewhere.

Example:
  roundtable key lock --passphrase-file passphrase installation.key locked.key`
}

// Run locks a key.
func (c *keyLockCmd) Run(e *env) error {
	p := place{Key: c.File, PassphraseFile: c.PassphraseFile}
	key, err := p.readKey(c.File)
	if err != nil {
		return err
	}
	defer key.Erase()
	passphrase, err := p.passphrase()
	if err != nil {
		return usageError{err}
	}
	defer passphrase.Erase()
	text, err := key.Lock(rand.Reader, passphrase)
	if err != nil {
		return usageError{err}
	}
	if _, err := vault.Unlock([]byte(text), passphrase); err != nil {
		return fmt.Errorf("the locked key does not open again: %w", err)
	}
	if err := writeKeyFile(c.Out, text); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The locked key is in %s and opens with the passphrase.\n", c.Out)
	return nil
}

type keyRecoverCmd struct {
	place       `embed:""`
	Share       []string `required:"" placeholder:"FILE" help:"Two of the three recovery shares, each in a file as words or as the text of its QR code."`
	KeyringFrom []string `required:"" placeholder:"FOLDER" help:"Where copies of the keyring are; the newest is taken. May be given more than once."`
}

// Help is the manual page's text.
func (keyRecoverCmd) Help() string {
	return `Restores a lost key of an installation whose data is still there, and writes it to where it is looked for (--key, or your configuration folder). If the data is lost too, roundtable restore does the same on its way.

That recovery shares were used stands in the ledger, and directors are told.

Example:
  roundtable key recover --share first.txt --share second.txt --keyring-from /elsewhere/roundtable-keyring`
}

// Run recovers a key, and enters it in the ledger.
func (c *keyRecoverCmd) Run(e *env) (err error) {
	if err := c.settle(); err != nil {
		return err
	}
	if len(c.Share) != 2 {
		return usageError{errors.New("two recovery shares are needed: give --share twice")}
	}
	if err := c.mustExist(e.ctx); err != nil {
		return err
	}
	a, b, err := readShares(c.Share)
	if err != nil {
		return err
	}
	copied, err := newestCopy(backup.WithShares(a, b), c.KeyringFrom)
	if err != nil {
		return err
	}
	key, err := withdraw(a, b, *copied)
	if err != nil {
		return err
	}
	defer key.Erase()
	path, err := c.keyFile()
	if err != nil {
		return usageError{err}
	}
	if err := c.keepApart(path); err != nil {
		return usageError{err}
	}
	if err := keepRecovered(e, path, key); err != nil {
		return err
	}
	return c.note(e)
}

// note enters in the ledger that shares were used.
func (c *keyRecoverCmd) note(e *env) (err error) {
	s, ring, key, err := c.openBeside(e.ctx)
	if err != nil {
		return fmt.Errorf("the key is restored, but does not open what is there: %w", err)
	}
	defer func() { err = errors.Join(err, ring.Close(), s.Close()) }()
	if err := withApp(e, s, ring, key, func(a *app.App) error { return a.RecoveryUsed(e.ctx) }); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "The ledger tells that recovery shares were used, and directors are shown it.")
	return nil
}

type keyRotateCmd struct {
	place            `embed:""`
	To               string `arg:"" help:"The new key, as roundtable key new has made it."`
	ToPassphraseFile string `placeholder:"FILE" help:"The passphrase of the new key, if that is locked."`
}

// Help is the manual page's text.
func (keyRotateCmd) Help() string {
	return `Moves an installation from its key to another one, for instance when somebody who knew it has left. No content is touched: the keys of all libraries are wrapped anew, in one step. The same three recovery shares restore the new key.

Stop all servers first. The key of now is found as for serve (--key, the system credential, or your configuration folder); no file is moved or overwritten. Afterwards start the servers with the new key, and keep the old one for 30 days, since the copies of the keyring from before open with it only. Then destroy it.

What the old key opens already is not made safe by this: whoever has it and an older copy of the keyring can read what that opens.

It stands in the ledger, and directors are told.

Example:
  roundtable key new next.key
  roundtable key rotate --data /var/lib/roundtable next.key`
}

// Run moves an installation to another key.
func (c *keyRotateCmd) Run(e *env) error {
	if err := c.settle(); err != nil {
		return err
	}
	if err := c.keepApart(c.To); err != nil {
		return usageError{err}
	}
	next := c.place
	next.Key, next.PassphraseFile = c.To, c.ToPassphraseFile
	to, err := next.readKey(c.To)
	if err != nil {
		return err
	}
	defer to.Erase()
	if err := c.alone(e); err != nil {
		return err
	}
	if err := c.move(e, to); err != nil {
		if again := next.opens(e); again == nil {
			fmt.Fprintf(e.stdout, "The installation is under this key already: nothing was changed. Start the servers with it.\n")
			return nil
		}
		return err
	}
	if err := next.opens(e); err != nil {
		return fmt.Errorf("the installation was moved to the new key, and does not open with it: %w", err)
	}
	id, err := to.ID()
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, `The installation is under the key %s now, which is in %s.
Start the servers with that key, and make a backup. Keep the old key for 30 days:
copies of the keyring from before open with it only. Then destroy it.
`, id, c.To)
	return nil
}

// alone refuses while servers use the database. Beside a folder the keyring's lock
// does that.
func (c *keyRotateCmd) alone(e *env) error {
	if c.Database == "" {
		return nil
	}
	for try := 0; ; try++ {
		n, err := store.Others(e.ctx, c.Database)
		switch {
		case err != nil || n == 0:
			return err
		case try == goneTries:
			return usageError{fmt.Errorf("there are %d other connections to the database: stop all servers first", n)}
		}
		select {
		case <-e.ctx.Done():
			return e.ctx.Err()
		case <-time.After(goneWait): // PostgreSQL ends a connection a moment after its server has
		}
	}
}

// How long connections of servers that were just stopped may take to go.
const (
	goneTries = 10
	goneWait  = 200 * time.Millisecond
)

func (c *keyRotateCmd) move(e *env, to vault.InstallationKey) (err error) {
	s, ring, key, err := c.open(e.ctx)
	if errors.Is(err, keyring.ErrInUse) {
		return usageError{errors.New("a server has this installation open: stop it first")}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close(), s.Close()) }()
	return withApp(e, s, ring, key, func(a *app.App) error { return a.MoveToKey(e.ctx, to) })
}

// opens reports whether the installation opens with the key.
func (p *place) opens(e *env) error {
	s, ring, _, err := p.open(e.ctx)
	if err != nil {
		return err
	}
	return errors.Join(ring.Close(), s.Close())
}
