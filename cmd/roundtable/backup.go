package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"roundtable/internal/backup"
)

type backupCmd struct {
	place     `embed:""`
	To        string `required:"" placeholder:"FOLDER" help:"Where the backup of the database goes. It is kept until you remove it."`
	KeyringTo string `required:"" placeholder:"FOLDER" help:"Where the keyring's copy goes: a place of its own. Each day's copy takes the place of the one before."`
	Scratch   string `placeholder:"FOLDER" help:"Where the backup is restored for a moment, to check it; the data folder, or the system's temporary folder beside a database."`
}

// Help is the manual page's text.
func (backupCmd) Help() string {
	return `Makes a backup while Roundtable serves, and checks it by restoring it: the counts and the digest, the ledgers against their newest checkpoints, and that every case opens. What does not check is no backup: the older ones stay as they are, and the exit status is 1.

A backup goes to two places.

The database goes to --to, one file each time. It may be kept as long as you like: what was destroyed since does not open from it, because its key is gone. It holds no keys.

The keyring goes to --keyring-to. That copy must not be kept: each run takes the place of the one before, and none lives longer than 30 days, since a copy still has the keys that were destroyed after it. Do not let another backup program keep that folder for longer.

Both are locked with the installation's key and with the recovery key. Keep the installation's key in a third place.

Run it once a day, from a timer. Example:
  roundtable backup --to /backup/roundtable --keyring-to /elsewhere/roundtable-keyring`
}

// Run makes a backup.
func (c *backupCmd) Run(e *env) (err error) {
	s, ring, key, err := c.openBeside(e.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close(), s.Close()) }()
	taken, err := backup.Take(e.ctx, backup.Options{
		Store: s, Ring: ring, Key: key, To: c.To, KeyringTo: c.KeyringTo,
		Scratch: cmp.Or(c.Scratch, c.Data, os.TempDir()), Now: e.now, Random: rand.Reader,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The database is in %s (%d rows, %d kB).\n", taken.File, taken.Rows, (taken.Size+1023)/1024)
	fmt.Fprintf(e.stdout, "The keyring's copy of %s is in %s.\n", taken.Copy.Format(time.DateTime), c.KeyringTo)
	fmt.Fprintf(e.stdout, "Checked by restoring it: %d libraries and the installation, every ledger verified, %d cases and accounts opened.\n", taken.Tenants-1, taken.Opens)
	if taken.Destroyed > 0 {
		fmt.Fprintf(e.stdout, "%d were destroyed meanwhile and do not open.\n", taken.Destroyed)
	}
	return nil
}
