package app

import (
	"context"
	"errors"
	"io"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// Checkpoint is what a library's log was when it was signed last.
type Checkpoint struct {
	Origin    string
	PublicKey string
	Size      int64  // entries there are now, with those that were not signed yet
	Note      string // the signed note; "" before the first
	Signed    time.Time
	// Cosigned is what the witness signed of it; empty while it has not.
	Cosigned []ledger.Cosignature
	Witness  Witness
	// MayChange says that whoever asks may name another witness.
	MayChange bool
}

// Checkpoint returns the last signed checkpoint of a library's log, for keeping it
// elsewhere.
func (a *App) Checkpoint(ctx context.Context, who Who, library people.LibraryID) (c Checkpoint, err error) {
	err = a.look(ctx, who, access.SeeCheckpoint, library, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		c, err = checkpointOf(ctx, tx)
		c.MayChange = may(who, access.ChangeWitness, access.Subject{Kind: access.Library, Library: library}, now)
		return err
	})
	return c, err
}

func checkpointOf(ctx context.Context, tx *store.Tx) (c Checkpoint, err error) {
	c.Origin = Origin(tx.Tenant())
	settings, err := tx.Settings(ctx)
	if err != nil {
		return c, err
	}
	c.PublicKey, c.Witness = settings[settingLedgerKey], WitnessOf(settings)
	if c.Size, err = tx.Ledger().Size(ctx); err != nil {
		return c, err
	}
	note, err := tx.Ledger().LastCheckpoint(ctx)
	if err != nil || note == nil {
		return c, err
	}
	signed, cosigned, err := ledger.OpenCheckpoint(note, c.PublicKey, witnessKeys(settings)...)
	if err != nil {
		return c, fault.Broken(err)
	}
	c.Note, c.Signed, c.Cosigned = string(note), signed.At, cosigned
	return c, nil
}

// LogEntry is an entry of a library's log as it can be read.
type LogEntry struct {
	Number int64
	ledger.Entry
}

// ReadLog lists entries of a library's log, the newest first: at most so many
// before a number, or the newest for 0. Older entries whose text was dropped are
// left out.
func (a *App) ReadLog(ctx context.Context, who Who, library people.LibraryID, before int64, most int) (list []LogEntry, err error) {
	err = a.look(ctx, who, access.ReadLedger, library, onLibrary(library, access.Library), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		size, err := tx.Ledger().Size(ctx)
		if err != nil {
			return err
		}
		if before <= 0 || before > size {
			before = size
		}
		leaves, err := tx.Ledger().Newest(ctx, before, most)
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			e, err := ledger.ParseEntry(leaf.Text)
			if err != nil {
				return fault.Broken(err)
			}
			list = append(list, LogEntry{leaf.Number, e})
		}
		return nil
	})
	return list, err
}

// ExportLog writes a library's whole log to w, for verifying it elsewhere. That it
// was exported is an entry of its own, which is in the next export.
func (a *App) ExportLog(ctx context.Context, who Who, library people.LibraryID, w io.Writer) error {
	err := a.do(ctx, who, access.ExportLedger, library, onLibrary(library, access.Library), func(context.Context, *acting) error { return nil })
	if err != nil {
		return err
	}
	var lost error
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		checked := &checkedWriter{w: w}
		err := ledger.Export(ctx, checked, Origin(library), tx.Ledger())
		lost = checked.err
		return err
	})
	if lost != nil {
		return lost // whoever asked for it has gone: nothing is wrong here
	}
	return err
}

// checkedWriter remembers that its writer failed.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.err = errors.Join(c.err, err)
	return n, err
}
