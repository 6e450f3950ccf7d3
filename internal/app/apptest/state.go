package apptest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// Entries returns what can be read of a tenant's ledger, without fillers.
func (w *World) Entries(t testing.TB, tenant people.LibraryID) (list []ledger.Entry) {
	t.Helper()
	must(t, w.Store.Read(t.Context(), tenant, func(tx *store.Tx) error {
		for {
			leaves, err := tx.Ledger().Leaves(t.Context(), int64(len(list)), 1000)
			if err != nil || len(leaves) == 0 {
				return err
			}
			for _, leaf := range leaves {
				e, err := ledger.ParseEntry(leaf.Text)
				if err != nil {
					return err
				}
				list = append(list, e)
			}
		}
	}))
	return slices.DeleteFunc(list, func(e ledger.Entry) bool { return e.Kind == ledger.Filler })
}

// Verify fails unless the ledger of each library, and the installation's, is whole.
// It is called at the end of each test.
func (w *World) Verify(t testing.TB) {
	t.Helper()
	ctx := context.Background() // the test's own has ended
	tenants := []people.LibraryID{people.Installation}
	for _, l := range []*Library{w.A, w.B} {
		if l != nil {
			tenants = append(tenants, l.ID)
		}
	}
	for _, tenant := range tenants {
		var file bytes.Buffer
		var key string
		must(t, w.Store.Read(ctx, tenant, func(tx *store.Tx) (err error) {
			if key, err = tx.Setting(ctx, "ledger.public-key"); err != nil {
				return err
			}
			if err := ledger.CheckStored(ctx, tx.Ledger()); err != nil {
				return err
			}
			return ledger.Export(ctx, &file, app.Origin(tenant), tx.Ledger())
		}))
		r, err := ledger.Verify(&file, key, ledger.Options{})
		must(t, err)
		if !r.OK() {
			t.Errorf("the ledger of %s does not verify: %s", tenant, r)
		}
	}
}

// State writes down what is kept of who may come in and of places: everything that
// the acts about people change, but not the ledgers.
func (w *World) State(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	must(t, w.Store.Read(t.Context(), people.Installation, func(tx *store.Tx) error { return installationState(t.Context(), &b, tx) }))
	for _, l := range []*Library{w.A, w.B} {
		if l != nil {
			must(t, w.Store.Read(t.Context(), l.ID, func(tx *store.Tx) error { return libraryState(t.Context(), &b, tx) }))
		}
	}
	return b.String()
}

func installationState(ctx context.Context, b *strings.Builder, tx *store.Tx) error {
	libraries, err := tx.Libraries(ctx)
	if err != nil {
		return err
	}
	tenants := []people.LibraryID{"", people.Installation}
	for _, l := range libraries {
		fmt.Fprintf(b, "library %+v\n", l)
		tenants = append(tenants, l.ID)
	}
	settings, err := tx.Settings(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "settings %v\n", settings)
	for _, tenant := range tenants {
		if err := tenantState(ctx, b, tx, tenant); err != nil {
			return err
		}
	}
	accounts, err := tx.Accounts(ctx, people.Installation)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := accountState(ctx, b, tx, a); err != nil {
			return err
		}
	}
	return nil
}

func tenantState(ctx context.Context, b *strings.Builder, tx *store.Tx, tenant people.LibraryID) error {
	for _, p := range []signin.Purpose{signin.ForInvitation, signin.ForEnrolment, signin.ForSetUp} {
		tickets, err := tx.TicketsAt(ctx, tenant, p, time.UnixMilli(1))
		if err != nil {
			return err
		}
		for _, k := range tickets {
			fmt.Fprintf(b, "ticket %+v\n", k)
		}
	}
	devices, err := tx.Devices(ctx, tenant)
	for _, d := range devices {
		fmt.Fprintf(b, "device %+v\n", d)
	}
	return err
}

func accountState(ctx context.Context, b *strings.Builder, tx *store.Tx, a store.Account) error {
	fmt.Fprintf(b, "account %+v\n", a)
	credentials, err := tx.Credentials(ctx, a.Person)
	if err != nil {
		return err
	}
	for _, c := range credentials {
		c.Used = time.Time{}
		fmt.Fprintf(b, "credential %+v\n", c)
	}
	memberships, err := tx.MembershipsOf(ctx, a.Person)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		fmt.Fprintf(b, "membership %+v\n", m)
	}
	sessions, err := tx.Sessions(ctx, a.Person, time.Time{})
	for _, s := range sessions {
		s.Used = time.Time{}
		fmt.Fprintf(b, "session %+v\n", s)
	}
	return err
}

func libraryState(ctx context.Context, b *strings.Builder, tx *store.Tx) error {
	settings, err := tx.Settings(ctx)
	if err != nil {
		return err
	}
	branches, err := tx.Branches(ctx)
	if err != nil {
		return err
	}
	lines, err := tx.PhoneLines(ctx)
	if err != nil {
		return err
	}
	duties, err := tx.Duties(ctx, Start.Add(time.Hour))
	fmt.Fprintf(b, "of %s: %v\n%+v\n%+v\n%+v\n", tx.Tenant(), settings, branches, lines, duties)
	return err
}
