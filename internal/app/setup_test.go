package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/recovery"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
)

// wants fails unless err is a fault of that kind.
func wants(t testing.TB, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: %v, want a fault that is %s", what, err, kind)
	}
}

// wantsField fails unless err says that one field is wrong.
func wantsField(t testing.TB, what string, err error, names ...string) {
	t.Helper()
	var got []string
	for _, f := range fault.FieldsOf(err) {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("%s: %v; fields (-want +got):\n%s", what, err, diff)
	}
}

func TestSetUp(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		if fresh, err := w.Fresh(ctx); fresh || err != nil {
			t.Errorf("Fresh() = %v, %v after set-up, want false", fresh, err)
		}
		if code, err := w.OfferSetUp(ctx); code != "" || err != nil {
			t.Errorf("OfferSetUp() = %q, %v after set-up, want none", code, err)
		}
		director := w.A.As(t, people.Director)
		if director.Library != w.A.ID || director.Branch != w.A.Branch || director.Pseudonym == "" {
			t.Errorf("whoever set up is %+v", director)
		}
		branches, err := w.Branches(ctx, director, w.A.ID)
		must(t, err)
		want := []app.Branch{{ID: w.A.Branch, Name: "Main", Prefix: "9", Phone: "555 0100", TimeZone: "America/New_York"}}
		if diff := cmp.Diff(want, branches); diff != "" {
			t.Errorf("Branches (-want +got):\n%s", diff)
		}
		if n := adopted(t, w); n < 5 {
			t.Errorf("the library has %d playbooks, want those that are shipped", n)
		}
		list, err := w.Directory(ctx, director, w.A.ID)
		must(t, err)
		var names []string
		for _, p := range list {
			names = append(names, p.Name+" "+string(p.Roles[0].Role))
		}
		if diff := cmp.Diff([]string{"Amir Abbas admin", "Dana Dorsey director"}, names); diff != "" {
			t.Errorf("Directory (-want +got):\n%s", diff)
		}
		checkShares(t, w, w.Done.Shares, w.Key)
		var kinds []string
		for _, e := range w.Entries(t, people.Installation) {
			kinds = append(kinds, string(e.Kind))
		}
		if diff := cmp.Diff([]string{"give-role", "give-role", "set-up", "accept-invitation"}, kinds); diff != "" {
			t.Errorf("the installation's entries (-want +got):\n%s", diff)
		}
	})
}

func adopted(t *testing.T, w *apptest.World) (n int) {
	t.Helper()
	must(t, w.Store.Read(t.Context(), w.A.ID, func(tx *store.Tx) error {
		list, err := tx.Adoptions(t.Context())
		n = len(list)
		return err
	}))
	return n
}

// checkShares restores the installation's key from each two of the shares.
func checkShares(t *testing.T, w *apptest.World, shares []app.Share, key vault.InstallationKey) {
	t.Helper()
	entries, err := w.Ring.List(t.Context(), "")
	must(t, err)
	entries = slices.DeleteFunc(entries, func(e keyring.Entry) bool { return e.Kind != keyring.Recovery })
	if len(entries) != 1 || len(shares) != 3 {
		t.Fatalf("there are %d deposits and %d shares, want 1 and 3", len(entries), len(shares))
	}
	for i := range shares {
		if err := restores(shares[i], shares[(i+1)%3], entries[0], key); err != nil {
			t.Errorf("shares %d and %d: %v", i+1, (i+1)%3+1, err)
		}
	}
}

func restores(a, b app.Share, deposit keyring.Entry, key vault.InstallationKey) error {
	first, err := recovery.ParseShare(strings.Join(a.Words, " "))
	if err != nil {
		return err
	}
	second, err := recovery.ParseShare(b.QR)
	if err != nil {
		return err
	}
	print, err := vault.ParseFingerprint(deposit.ID)
	if err != nil {
		return err
	}
	private, err := recovery.Combine(first, second, print)
	if err != nil {
		return err
	}
	letter, err := vault.ParseLetter(slices.Clone(deposit.Bytes))
	if err != nil {
		return err
	}
	got, err := recovery.Withdraw(private, letter)
	if err != nil {
		return err
	}
	gotID, err := got.ID()
	if err != nil {
		return err
	}
	if want, _ := key.ID(); gotID != want {
		return errors.New("they restore another key")
	}
	return nil
}

func TestSetUpCode(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.Empty(t, s)
		if fresh, err := w.Fresh(ctx); !fresh || err != nil {
			t.Errorf("Fresh() = %v, %v before set-up, want true", fresh, err)
		}
		old, err := w.OfferSetUp(ctx)
		must(t, err)
		wantsField(t, "another code", w.CheckSetUpCode(ctx, w.Place(), "AAAA-AAAA-AAAA-AAAA"), "code")
		wantsField(t, "no code", w.CheckSetUpCode(ctx, w.Place(), "?"), "code")
		must(t, w.CheckSetUpCode(ctx, w.Place(), strings.ToLower(old)))
		w.Clock.Move(signin.SetUpLife)
		wants(t, "an old code", w.CheckSetUpCode(ctx, w.Place(), old), fault.Closed)
		_, err = w.SetUp(ctx, old, apptest.SetUpForm())
		wants(t, "set-up by an old code", err, fault.Closed)
		code, err := w.OfferSetUp(ctx)
		must(t, err)
		other, err := w.OfferSetUp(ctx)
		must(t, err)
		bad := apptest.SetUpForm()
		bad.Address, bad.Library.Place, bad.You.Mail, bad.Password, bad.Branch.TimeZone = "desk", "Atlantis", "", "password", "Local"
		_, err = w.SetUp(ctx, code, bad)
		wantsField(t, "set-up with mistakes", err, "address", "library_state", "branch_zone", "you_mail", "password")
		plain := apptest.SetUpForm()
		plain.Address = "http://10.0.0.7:8080"
		_, err = w.SetUp(ctx, code, plain)
		wantsField(t, "set-up at an address without TLS", err, "accept")
		if n := len(w.Entries(t, people.Installation)); n != 0 {
			t.Errorf("what was refused left %d entries", n)
		}
		plain.Accept = true
		done, err := w.SetUp(ctx, code, plain)
		must(t, err)
		if done.Address.Secure || len(done.Address.Off) < 4 {
			t.Errorf("SetUp at plain HTTP: %+v, want it to say what is off", done.Address)
		}
		for _, again := range []string{code, other} {
			_, err = w.SetUp(ctx, again, plain)
			wants(t, "set-up again", err, fault.Closed)
		}
	})
}

// Two tries at once with one code: one sets up, the other is told that it is over.
func TestSetUpTwiceAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Empty(t, s)
		code, err := w.OfferSetUp(t.Context())
		must(t, err)
		var wg sync.WaitGroup
		dones, errs := make([]app.Done, 2), make([]error, 2)
		for i := range 2 {
			wg.Go(func() { dones[i], errs[i] = w.SetUp(context.Background(), code, apptest.SetUpForm()) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("two set-ups at once: %v and %v, want one of them to win", errs[0], errs[1])
		}
		won, lost := dones[0], errs[1]
		if errs[0] != nil {
			won, lost = dones[1], errs[0]
		}
		wants(t, "the other one", lost, fault.Closed)
		must(t, s.Read(t.Context(), people.Installation, func(tx *store.Tx) error {
			accounts, err := tx.Accounts(t.Context(), people.Installation)
			libraries, err2 := tx.Libraries(t.Context())
			if len(accounts) != 2 || len(libraries) != 1 {
				t.Errorf("there are %d accounts and %d libraries, want 2 and 1", len(accounts), len(libraries))
			}
			return errors.Join(err, err2)
		}))
		w.Clock.Move(time.Hour)
		must(t, w.WorkOnce(t.Context()))
		checkShares(t, w, won.Shares, w.Key)
	})
}

// breakAt has the n-th reading of random bytes, or call of the keyring, fail: in a
// process that has died there, or by a context that was given up.
func breakAt(w *apptest.World, n int, stop func()) (reached *bool) {
	reached = new(bool)
	count := 0
	var mu sync.Mutex
	step := func() error {
		mu.Lock()
		defer mu.Unlock()
		if count++; count < n {
			return nil
		}
		*reached = true
		if stop != nil {
			stop()
			return nil
		}
		return errors.New("it broke here")
	}
	w.Dice.Fail(step)
	w.Ring.Fail(func(string) error { return step() })
	return reached
}

func mend(w *apptest.World) {
	w.Dice.Fail(nil)
	w.Ring.Fail(nil)
}

// Set-up that was interrupted, wherever that was, is finished by doing it again,
// and there is one library then.
func TestSetUpInterrupted(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Empty(t, s)
		code, err := w.OfferSetUp(t.Context())
		must(t, err)
		steps := 0
		for n := 1; ; n += 3 { // every third step; each goes on where the last one broke
			ctx, cancel := context.WithCancel(t.Context())
			var stop func()
			if n%2 == 0 {
				stop = cancel
			}
			reached := breakAt(w, n, stop)
			done, err := w.SetUp(ctx, code, apptest.SetUpForm())
			mend(w)
			cancel()
			if err == nil {
				if *reached && n%2 == 1 {
					t.Errorf("SetUp broke at step %d and said that it was done", n)
				}
				w.Done = done
				break
			}
			if !*reached {
				t.Fatalf("SetUp before step %d: %v", n, err)
			}
			if fresh, err := w.Fresh(t.Context()); err != nil || !fresh {
				t.Fatalf("Fresh() = %v, %v after a set-up that broke at step %d", fresh, err, n)
			}
			steps++
		}
		if steps < 10 {
			t.Errorf("set-up broke at %d steps only, want more", steps)
		}
		who, err := w.Resolve(t.Context(), w.Done.Token, "")
		must(t, err)
		if who.Person == "" || who.Library != w.Done.Library {
			t.Errorf("whoever set up is %+v", who)
		}
		_, err = w.AcceptInvitation(t.Context(), app.Who{}, w.Place(), w.Done.Other.Secret, apptest.Password)
		must(t, err)
		list, err := w.Libraries(t.Context(), who)
		must(t, err)
		must(t, s.Read(t.Context(), people.Installation, func(tx *store.Tx) error {
			all, err := tx.Libraries(t.Context())
			if len(all) != 1 || len(list) != 1 {
				t.Errorf("there are %d libraries, %d of them ready, want 1", len(all), len(list))
			}
			return err
		}))
		w.Clock.Move(time.Hour)
		must(t, w.WorkOnce(t.Context()))
		checkShares(t, w, w.Done.Shares, w.Key)
	})
}

func TestAddLibraryInterrupted(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		form := app.NewLibraryForm{
			Library:  app.LibraryForm{Name: "Cedar Library", Place: "Oregon", TimeZone: "America/Los_Angeles"},
			Branch:   app.BranchForm{Name: "Main", TimeZone: "America/Los_Angeles"},
			Director: app.PersonForm{Name: "Cyd Cole", Initials: "CC"}, Admin: app.PersonForm{Name: "Cam Carr", Initials: "CA"}, How: app.OnSlip,
		}
		who := w.A.As(t, people.Director)
		var made app.NewLibrary
		steps := 0
		for n := 1; ; n += 3 {
			reached := breakAt(w, n, nil)
			var err error
			made, err = w.AddLibrary(t.Context(), who, form)
			mend(w)
			if !*reached {
				must(t, err)
				break
			}
			wants(t, "AddLibrary that broke", err, fault.Internal)
			steps++
		}
		if steps < 5 {
			t.Errorf("AddLibrary broke at %d steps only, want more", steps)
		}
		_, err := w.AddLibrary(t.Context(), who, form)
		wantsField(t, "AddLibrary again", err, "name")
		for _, i := range []app.Invitation{made.Director, made.Admin} {
			v, err := w.ReadInvitation(t.Context(), w.Place(), i.Secret)
			must(t, err)
			if v.Library.ID != made.Library.ID || v.Library.Name != "Cedar Library" || len(v.Roles) != 1 || v.By != "Dana Dorsey" {
				t.Errorf("ReadInvitation = %+v", v)
			}
		}
		list, err := w.Libraries(t.Context(), who)
		must(t, err)
		if len(list) != 2 {
			t.Errorf("Libraries() = %+v, want two", list)
		}
	})
}
