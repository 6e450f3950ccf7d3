package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

func TestRotateLibraryKey(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		other := w.Process(t, w.Key)
		if _, err := other.Branches(ctx, w.A.As(t, people.Director), w.A.ID); err != nil {
			t.Fatal(err)
		}
		key := func(id people.LibraryID) []byte {
			e, err := w.Ring.Get(ctx, keyring.Slot{Kind: keyring.Library, Library: string(id)})
			must(t, err)
			return e.Bytes
		}
		for _, id := range []people.LibraryID{w.A.ID, people.Installation} {
			// The other process has opened it: it goes on all the same.
			if _, err := other.Directory(ctx, w.A.As(t, people.Director), w.A.ID); err != nil {
				t.Fatal(err)
			}
			before := key(id)
			must(t, w.RotateLibraryKey(ctx, w.A.As(t, people.Director), w.A.ID))
			if id == people.Installation {
				must(t, w.RotateLibraryKey(ctx, w.A.As(t, people.Director), id))
			}
			if bytes.Equal(before, key(id)) {
				t.Errorf("RotateLibraryKey(%s) left the key as it was", id)
			}
			for _, a := range []*app.App{w.App, other} {
				if _, err := a.Directory(ctx, w.A.As(t, people.Director), w.A.ID); err != nil {
					t.Errorf("Directory after the change of keys: %v", err)
				}
				if _, err := a.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, desk(fmt.Sprintf("New %d", len(w.Entries(t, people.Installation))), "NN", "")); err != nil {
					t.Errorf("InvitePerson after the change of keys: %v", err)
				}
			}
		}
	})
}

func TestRotateMasterKey(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		wants(t, "the same key again", w.RotateMasterKey(ctx, director, w.Key), fault.Refused)
		wants(t, "no key", w.RotateMasterKey(ctx, director, vault.InstallationKey{}), fault.Refused)
		next, err := vault.NewInstallationKey(apptest.NewDice(50))
		must(t, err)
		w.Ring.Fail(func(call string) error {
			if call == "Update" {
				return keyring.ErrUnavailable
			}
			return nil
		})
		wants(t, "a keyring that fails", w.RotateMasterKey(ctx, director, next), fault.Internal)
		w.Ring.Fail(nil)
		stays(t, w, w.App)
		must(t, w.RotateMasterKey(ctx, director, next))
		stays(t, w, w.App)
		checkShares(t, w, w.Done.Shares, next)
		if _, err := w.InvitePerson(ctx, director, w.A.ID, desk("After", "AF", "")); err != nil {
			t.Errorf("InvitePerson after the change of keys: %v", err)
		}
		// Started anew with that key.
		again := w.Process(t, next)
		must(t, again.Bootstrap(ctx))
		stays(t, w, again)
		list := w.Entries(t, people.Installation)
		if !slices.ContainsFunc(list, func(e ledger.Entry) bool { return e.Kind == "rotate-master-key" }) {
			t.Error("the change of keys left no entry")
		}
	})
}

// stays fails unless everybody can still sign in, and read.
func stays(t *testing.T, w *apptest.World, a *app.App) {
	t.Helper()
	in, err := a.SignIn(t.Context(), app.Who{}, w.Place(), app.SignInForm{Mail: "dana@elm.example", Password: apptest.Password})
	if err != nil {
		t.Fatalf("SignIn after the change of keys: %v", err)
	}
	list, err := a.Directory(t.Context(), in.Who, w.A.ID)
	if err != nil || len(list) < 2 || list[0].Name == "" {
		t.Errorf("Directory after the change of keys = %+v, %v", list, err)
	}
}

// The keyring has the new key, and the database died before it was told: at the
// next start everything is found again.
func TestRotateMasterKeyInterrupted(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		next, err := vault.NewInstallationKey(apptest.NewDice(51))
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		w.Ring.After(func(call string) {
			if call == "Update" {
				cancel()
			}
		})
		err = w.RotateMasterKey(ctx, director, next)
		w.Ring.After(nil)
		if err == nil {
			t.Fatal("RotateMasterKey was given up and says that it is done")
		}
		again := w.Process(t, next)
		must(t, again.Bootstrap(t.Context()))
		stays(t, w, again)
	})
}

func TestRecoveryShares(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		director := w.A.As(t, people.Director)
		if list, err := w.Notices(ctx, director); err != nil || len(list) != 0 {
			t.Errorf("Notices = %v, %v after set-up, want none", list, err)
		}
		w.Clock.Move(11 * time.Minute)
		shares, err := w.PrintRecoveryShares(ctx, director)
		must(t, err)
		must(t, w.WorkOnce(ctx))
		checkShares(t, w, shares, w.Key)
		list, err := w.Notices(ctx, director)
		must(t, err)
		if len(list) != 1 || !list[0].At.Equal(w.Clock.Now().Truncate(time.Second)) {
			t.Errorf("Notices = %+v", list)
		}
		w.Clock.Move(time.Second)
		must(t, w.RecoveryUsed(ctx))
		if list, err := w.Notices(ctx, director); err != nil || len(list) != 2 || !strings.Contains(list[0].Words, "restored") {
			t.Errorf("Notices = %+v, %v", list, err)
		}
		w.Clock.Move(31 * 24 * time.Hour)
		if list, err := w.Notices(ctx, w.A.As(t, people.Director)); err != nil || len(list) != 0 {
			t.Errorf("Notices = %v, %v a month later, want none", list, err)
		}
	})
}

// Nothing of people is in the clear in any file, in the log, or in an entry.
func TestNothingInTheClear(t *testing.T) {
	ctx := t.Context()
	folder := t.TempDir()
	s, err := store.OpenSQLite(ctx, store.SQLite{Folder: folder})
	must(t, err)
	defer s.Close()
	must(t, s.MakeTenant(ctx, people.Installation))
	w := apptest.Two(t, s)
	furnish(t, w, w.A)
	who := w.A.As(t, people.Desk)
	offer, err := w.OfferCodes(ctx, who)
	must(t, err)
	codes, err := w.NewRecoveryCodes(ctx, who)
	must(t, err)
	must(t, w.SetPIN(ctx, who, "493827"))
	phone := &apptest.Authenticator{Origin: "https://desk.elm.example"}
	options, err := w.BeginPasskey(ctx, who, "Canary passkey")
	must(t, err)
	must(t, w.FinishPasskey(ctx, who, phone.Create(t, options)))
	_, err = w.BeginPasskey(ctx, who, "Canary waiting")
	must(t, err)
	canaries := []string{
		"Dana Dorsey", "dana@elm.example", "Person desk", "in_charge@", apptest.Password, "493827", offer.Text, codes[0], strings.ReplaceAll(codes[0], "-", ""),
		"Canary passkey", "Canary waiting", w.A.Login(t, people.Desk).Token, w.Done.Shares[0].QR,
	}
	hunt := func(what string, b []byte) {
		for _, c := range canaries {
			if bytes.Contains(bytes.ToLower(b), bytes.ToLower([]byte(c))) {
				t.Errorf("%s holds %q in the clear", what, c)
			}
		}
	}
	must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		hunt(filepath.Base(path), b)
		return err
	}))
	hunt("the log", []byte(w.Log.String()))
	persons := map[string]bool{}
	must(t, s.Read(ctx, people.Installation, func(tx *store.Tx) error {
		accounts, err := tx.Accounts(ctx, people.Installation)
		for _, a := range accounts {
			persons[string(a.Person)] = true
		}
		return err
	}))
	if len(persons) < 5 {
		t.Errorf("there are %d accounts, want more", len(persons))
	}
	for _, tenant := range []people.LibraryID{people.Installation, w.A.ID, w.B.ID} {
		for _, e := range w.Entries(t, tenant) {
			text, err := e.MarshalText()
			must(t, err)
			for id := range persons {
				if strings.Contains(string(text), id) {
					t.Errorf("the entry %s names an account, want a pseudonym", text)
				}
			}
			hunt("an entry", text)
		}
	}
	// The hunt finds what is there: the name of a library is no secret.
	b, err := os.ReadFile(filepath.Join(folder, "installation.db-wal"))
	if errors.Is(err, fs.ErrNotExist) {
		b, err = os.ReadFile(filepath.Join(folder, "installation.db"))
	}
	must(t, err)
	if !bytes.Contains(b, []byte("Elm Street Library")) {
		t.Error("the hunt does not find what is in the clear")
	}
}
