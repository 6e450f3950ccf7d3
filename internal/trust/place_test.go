package trust

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// place is an installation that can be opened again after it was killed.
type place struct {
	key  vault.InstallationKey
	ring func(vault.Box) (keyring.Keyring, error)
	open func(context.Context) (*store.Store, error)
}

// running is an installation that was opened.
type running struct {
	*app.App
	store *store.Store
	ring  keyring.Keyring
	hub   *live.Hub
}

// start opens the installation, with a clock.
func (p place) start(ctx context.Context, now func() time.Time) (*running, error) {
	box, err := keyring.StorageBox(p.key)
	if err != nil {
		return nil, err
	}
	r := &running{}
	if r.ring, err = p.ring(box); err != nil {
		return nil, err
	}
	if r.store, err = p.open(ctx); err != nil {
		return nil, errors.Join(err, r.ring.Close())
	}
	if r.hub, err = live.NewHub(rand.Reader, now, live.Options{}); err != nil {
		return nil, errors.Join(err, r.stop())
	}
	r.App, err = app.New(app.Options{
		Store: r.store, Ring: r.ring, Key: p.key, Live: r.hub, Now: now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Hashers: 2,
	})
	if err == nil {
		err = r.Bootstrap(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

// stop lets the installation go, as a process that ends does.
func (r *running) stop() error {
	if r.hub != nil {
		r.hub.Close()
	}
	return errors.Join(r.store.Close(), r.ring.Close())
}

// fileRing opens a keyring's file in a folder, or makes it.
func fileRing(folder string) func(vault.Box) (keyring.Keyring, error) {
	return func(box vault.Box) (keyring.Keyring, error) {
		ring, err := keyring.OpenFile(folder, rand.Reader, box)
		if errors.Is(err, keyring.ErrMissing) {
			ring, err = keyring.CreateFile(folder, rand.Reader, box)
		}
		if err != nil {
			return nil, err
		}
		return ring, nil
	}
}

// password lets the invented people of these programs in.
const password = "lamplight on warm paper"

var here = netip.MustParseAddr("127.0.0.1")

// begin sets a library up and returns its director and a device of its desk.
func begin(ctx context.Context, a *app.App) (director, desk app.Who, err error) {
	code, err := a.OfferSetUp(ctx)
	if err != nil {
		return director, desk, err
	}
	done, err := a.SetUp(ctx, code, app.SetUpForm{
		Address: "https://desk.library.example", Accept: true,
		Library: app.LibraryForm{Name: "Elm Street Library", Place: "Connecticut", TimeZone: "America/New_York"},
		Branch:  app.BranchForm{Name: "Main", TimeZone: "America/New_York"},
		You:     app.PersonForm{Name: "Dana Whitfield", Initials: "DW", Mail: "director@elm.example"},
		Other:   app.PersonForm{Name: "Sam Okafor", Initials: "SO", Mail: "admin@elm.example"},
		Role:    people.Director, Password: password, How: app.OnSlip,
	})
	if err != nil {
		return director, desk, fmt.Errorf("set up: %w", err)
	}
	offer, err := a.OfferEnrol(ctx, done.Who, done.Library, done.Branch, "Desk")
	if err != nil {
		return director, desk, fmt.Errorf("offer a code for a device: %w", err)
	}
	device, _, err := a.Enrol(ctx, app.Who{}, here, offer.Code, "Desk")
	if err != nil {
		return director, desk, fmt.Errorf("enrol a device: %w", err)
	}
	return done.Who, app.Who{Device: &device, Library: device.Library, Branch: device.Branch}, nil
}

// held checks all that a ledger and the keyring of an installation promise
// together, for the installation and each library.
func (r *running) held(ctx context.Context) error {
	var libraries []store.Library
	err := r.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		libraries, err = tx.Libraries(ctx)
		return err
	})
	if err != nil {
		return err
	}
	tenants := []people.LibraryID{people.Installation}
	for _, l := range libraries {
		if l.Ready {
			tenants = append(tenants, l.ID)
		}
	}
	for _, id := range tenants {
		if err := r.verify(ctx, id); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

// verify holds a tenant's ledger against its public key, and its stored hashes
// against its leaves.
func (r *running) verify(ctx context.Context, id people.LibraryID) error {
	var file bytes.Buffer
	var key string
	err := r.store.Read(ctx, id, func(tx *store.Tx) (err error) {
		if key, err = tx.Setting(ctx, "ledger.public-key"); err != nil {
			return err
		}
		if err := ledger.CheckStored(ctx, tx.Ledger()); err != nil {
			return err
		}
		return ledger.Export(ctx, &file, app.Origin(id), tx.Ledger())
	})
	if err != nil {
		return err
	}
	report, err := ledger.Verify(&file, key, ledger.Options{})
	if err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("the ledger does not verify: %s", report)
	}
	return nil
}

// told gives an error with its words.
func told(err error) string {
	if err == nil {
		return "nothing wrong"
	}
	return fmt.Sprintf("%v (%s)", err, fault.Words(err))
}
