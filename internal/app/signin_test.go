package app_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// onetime is the code of a seed at a time, by RFC 6238.
func onetime(t testing.TB, seed string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	must(t, err)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// signIn signs in from a place of its own.
func signIn(t testing.TB, w *apptest.World, who app.Who, mail, password string) (app.SignedIn, error) {
	t.Helper()
	return w.SignIn(t.Context(), who, w.Place(), app.SignInForm{Mail: mail, Password: password})
}

func TestSignIn(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		first := w.A.As(t, people.Director)
		entries := len(w.Entries(t, people.Installation))
		_, unknown := signIn(t, w, app.Who{}, "nobody@elm.example", apptest.Password)
		_, wrong := signIn(t, w, app.Who{}, "dana@elm.example", "another password entirely")
		_, empty := signIn(t, w, app.Who{}, "", "")
		_, long := signIn(t, w, app.Who{}, strings.Repeat("a", 10_000)+"@elm.example", strings.Repeat("x", 100_000))
		for _, err := range []error{unknown, wrong, empty, long} {
			wants(t, "SignIn with what is wrong", err, fault.Refused)
			if fault.Words(err) != fault.Words(unknown) {
				t.Errorf("SignIn tells accounts apart: %q and %q", fault.Words(err), fault.Words(unknown))
			}
		}
		if n := len(w.Entries(t, people.Installation)); n != entries {
			t.Errorf("failed sign-ins of strangers left %d entries, want none", n-entries)
		}
		in, err := signIn(t, w, first, " Dana@ELM.example ", apptest.Password)
		must(t, err)
		if in.Half != "" || in.Who.Person != first.Person || in.Who.State != signin.Live || in.Who.Library != w.A.ID || in.Who.Branch != w.A.Branch {
			t.Errorf("SignIn = %+v", in)
		}
		if old, err := w.Resolve(t.Context(), w.Done.Token, ""); err != nil || old.Person != "" {
			t.Errorf("the browser's old session goes on: %+v, %v", old, err)
		}
		now, err := w.Resolve(t.Context(), in.Token, "")
		must(t, err)
		if now.Person != first.Person || now.Pseudonym != first.Pseudonym {
			t.Errorf("Resolve = %+v", now)
		}
		list := w.Entries(t, people.Installation)
		if e := list[len(list)-1]; e.Kind != "sign-in" || string(e.Actor) != string(first.Pseudonym) {
			t.Errorf("the entry of a sign-in is %+v", e)
		}
	})
}

func TestOneTimeCodes(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		mail := w.A.Login(t, people.Desk).Form.Mail
		offer, err := w.OfferCodes(ctx, who)
		must(t, err)
		if again, err := w.OfferCodes(ctx, who); err != nil || again != offer {
			t.Errorf("OfferCodes again = %v, %v, want the same offer", again, err)
		}
		wantsField(t, "ConfirmCodes with another code", w.ConfirmCodes(ctx, who, "000000"), "code")
		if in, err := signIn(t, w, app.Who{}, mail, apptest.Password); err != nil || in.Token == "" {
			t.Errorf("SignIn before the codes are confirmed: %+v, %v", in, err)
		}
		w.Clock.Move(15 * time.Minute)
		who = w.A.As(t, people.Desk)
		wants(t, "ConfirmCodes of an old offer", w.ConfirmCodes(ctx, who, onetime(t, offer.Text, w.Clock.Now())), fault.Closed)
		old := offer
		offer, err = w.OfferCodes(ctx, who)
		must(t, err)
		if offer == old {
			t.Error("an old offer was made again")
		}
		code := onetime(t, offer.Text, w.Clock.Now())
		must(t, w.ConfirmCodes(ctx, who, code))
		wants(t, "ConfirmCodes twice", w.ConfirmCodes(ctx, who, code), fault.Closed)
		half, err := signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		if half.Token != "" || half.Half == "" || half.Who.Person != "" {
			t.Errorf("SignIn with codes = %+v, want half of it", half)
		}
		_, err = w.SignInCode(ctx, app.Who{}, w.Place(), half.Half, code)
		wantsField(t, "a code that was used", err, "code")
		w.Clock.Move(30 * time.Second)
		in, err := w.SignInCode(ctx, app.Who{}, w.Place(), half.Half, onetime(t, offer.Text, w.Clock.Now()))
		must(t, err)
		if in.Who.Person != who.Person || in.Who.Session.Method != signin.ByPassword {
			t.Errorf("SignInCode = %+v", in)
		}
		w.Clock.Move(30 * time.Second)
		_, err = w.SignInCode(ctx, app.Who{}, w.Place(), half.Half, onetime(t, offer.Text, w.Clock.Now()))
		wants(t, "a half sign-in used twice", err, fault.Closed)
		_, err = w.SignInCode(ctx, app.Who{}, w.Place(), "nonsense", "123456")
		wants(t, "no half sign-in", err, fault.Closed)
		w.Clock.Move(30 * time.Minute)
		late, err := signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		w.Clock.Move(5 * time.Minute)
		_, err = w.SignInCode(ctx, app.Who{}, w.Place(), late.Half, onetime(t, offer.Text, w.Clock.Now()))
		wants(t, "a half sign-in that is too old", err, fault.Closed)
		must(t, w.RemoveCodes(ctx, in.Who))
		if in, err := signIn(t, w, app.Who{}, mail, apptest.Password); err != nil || in.Token == "" {
			t.Errorf("SignIn after the codes were removed: %+v, %v", in, err)
		}
	})
}

// Of the same code from two places at once, one gets in.
func TestOneTimeCodeRace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		offer, err := w.OfferCodes(t.Context(), who)
		must(t, err)
		must(t, w.ConfirmCodes(t.Context(), who, onetime(t, offer.Text, w.Clock.Now())))
		w.Clock.Move(time.Minute)
		code := onetime(t, offer.Text, w.Clock.Now())
		var halves [3]app.SignedIn
		for i := range halves {
			halves[i], err = signIn(t, w, app.Who{}, w.A.Login(t, people.Desk).Form.Mail, apptest.Password)
			must(t, err)
		}
		var wg sync.WaitGroup
		var errs [3]error
		for i := range halves {
			place := w.Place()
			wg.Go(func() { _, errs[i] = w.SignInCode(t.Context(), app.Who{}, place, halves[i].Half, code) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantsField(t, "the code elsewhere", err, "code")
			}
		}
		if won != 1 {
			t.Errorf("%d of 3 got in by one code, want 1: %v", won, errs)
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		mail := w.A.Login(t, people.Desk).Form.Mail
		old, err := w.NewRecoveryCodes(ctx, who)
		must(t, err)
		codes, err := w.NewRecoveryCodes(ctx, who)
		must(t, err)
		if ways, err := w.ReadWays(ctx, who); err != nil || ways.Recovery != signin.RecoveryCodes || len(codes) != signin.RecoveryCodes {
			t.Errorf("ReadWays = %+v, %v", ways, err)
		}
		_, err = w.SignInRecovery(ctx, app.Who{}, w.Place(), "", codes[0])
		wants(t, "a recovery code without the password", err, fault.Refused)
		offer, err := w.OfferCodes(ctx, who)
		must(t, err)
		must(t, w.ConfirmCodes(ctx, who, onetime(t, offer.Text, w.Clock.Now())))
		half, err := signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		for _, code := range []string{old[0], "", "x", "AAAA-AAAA-AAAA-AAAA"} {
			_, err = w.SignInRecovery(ctx, app.Who{}, w.Place(), half.Half, code)
			wantsField(t, "recovery by "+code, err, "code")
		}
		in, err := w.SignInRecovery(ctx, app.Who{}, w.Place(), half.Half, " "+strings.ToLower(strings.ReplaceAll(codes[0], "-", " ")))
		must(t, err)
		if in.Who.Person != who.Person || in.Who.Session.Method != signin.ByRecovery {
			t.Errorf("SignInRecovery = %+v", in)
		}
		half, err = signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		w.Clock.Move(time.Minute)
		_, err = w.SignInRecovery(ctx, app.Who{}, w.Place(), half.Half, codes[0])
		wants(t, "a recovery code used twice", err, fault.Refused) // five tries were used up above
		var often app.TooOften
		if !errors.As(err, &often) || often.Wait <= 0 || !strings.Contains(fault.Words(err), "minutes") {
			t.Errorf("too many tries: %v %q, want it to say how long to wait", err, fault.Words(err))
		}
		if ways, err := w.ReadWays(ctx, in.Who); err != nil || ways.Recovery != signin.RecoveryCodes-1 {
			t.Errorf("ReadWays = %+v, %v after one code", ways, err)
		}
		other := w.A.As(t, people.Trainer)
		codes, err = w.NewRecoveryCodes(ctx, other)
		must(t, err)
		w.Clock.Move(time.Hour)
		half, err = signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		_, err = w.SignInRecovery(ctx, app.Who{}, w.Place(), half.Half, codes[0])
		wantsField(t, "somebody else's recovery code", err, "code")
	})
}

func TestTooManyTries(t *testing.T) {
	s := storetest.SQLite(t)
	w := apptest.New(t, s)
	place := w.Place()
	var err error
	for range signin.SignInToAccount.Burst {
		_, err = w.SignIn(t.Context(), app.Who{}, w.Place(), app.SignInForm{Mail: "nobody@elm.example", Password: "x"})
		wants(t, "a wrong password", err, fault.Refused)
	}
	_, err = w.SignIn(t.Context(), app.Who{}, w.Place(), app.SignInForm{Mail: "Nobody@elm.example", Password: "x"})
	if want := "There were too many tries. Wait a minute, then try again."; fault.Words(err) != want {
		t.Errorf("too many tries on an account: %q, want %q", fault.Words(err), want)
	}
	for range signin.CodeFromPlace.Burst {
		_, err = w.ReadInvitation(t.Context(), place, "AAAA-AAAA-AAAA-AAAA")
		wants(t, "no invitation", err, fault.NotFound)
	}
	_, err = w.ReadInvitation(t.Context(), place, "AAAA-AAAA-AAAA-AAAA")
	wants(t, "too many codes from a place", err, fault.Refused)
	w.Clock.Move(time.Minute)
	_, err = w.ReadInvitation(t.Context(), place, "AAAA-AAAA-AAAA-AAAA")
	wants(t, "after waiting", err, fault.NotFound)
}

func TestPasskeys(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		phone := &apptest.Authenticator{Origin: "https://desk.elm.example"}
		options, err := w.BeginPasskey(ctx, who, "My phone")
		must(t, err)
		answer := phone.Create(t, options)
		wants(t, "another's answer", w.FinishPasskey(ctx, w.A.As(t, people.Trainer), answer), fault.Refused)
		wants(t, "an answer used up by another", w.FinishPasskey(ctx, who, answer), fault.Closed)
		options, err = w.BeginPasskey(ctx, who, "My phone")
		must(t, err)
		answer = phone.Create(t, options)
		must(t, w.FinishPasskey(ctx, who, answer))
		wants(t, "FinishPasskey twice", w.FinishPasskey(ctx, who, answer), fault.Closed)
		ways, err := w.ReadWays(ctx, who)
		must(t, err)
		if len(ways.Passkeys) != 1 || ways.Passkeys[0].Name != "My phone" || !ways.Passkeys[0].Used.IsZero() {
			t.Fatalf("ReadWays = %+v", ways)
		}
		options, err = w.BeginPasskeySignIn(ctx, w.Place())
		must(t, err)
		answer = phone.Get(t, options)
		in, err := w.FinishPasskeySignIn(ctx, app.Who{}, w.Place(), answer)
		must(t, err)
		if in.Who.Person != who.Person || in.Who.Session.Method != signin.ByPasskey {
			t.Errorf("FinishPasskeySignIn = %+v", in)
		}
		_, err = w.FinishPasskeySignIn(ctx, app.Who{}, w.Place(), answer)
		wants(t, "an answer twice", err, fault.Closed)
		_, err = w.FinishPasskeySignIn(ctx, app.Who{}, w.Place(), []byte("{}"))
		wants(t, "no answer", err, fault.Refused)

		must(t, w.Lock(ctx, in.Who))
		locked, err := w.Resolve(ctx, in.Token, "")
		must(t, err)
		if v, err := w.ReadLock(ctx, locked); err != nil || !v.Passkeys || v.PIN {
			t.Errorf("ReadLock = %+v, %v", v, err)
		}
		options, err = w.BeginPasskeyUnlock(ctx, locked)
		must(t, err)
		must(t, w.FinishPasskeyUnlock(ctx, locked, phone.Get(t, options)))
		if now, err := w.Resolve(ctx, in.Token, ""); err != nil || now.Person != who.Person {
			t.Errorf("Resolve = %+v, %v after unlocking by passkey", now, err)
		}

		phone.Count = 0 // a copy of it, from before it was used
		options, err = w.BeginPasskeySignIn(ctx, w.Place())
		must(t, err)
		_, err = w.FinishPasskeySignIn(ctx, app.Who{}, w.Place(), phone.Get(t, options))
		wants(t, "a copy", err, fault.Refused)
		list := w.Entries(t, people.Installation)
		if e := list[len(list)-1]; e.Kind != "passkey-copied" || len(e.Objects) != 1 {
			t.Errorf("the entry of a copied passkey is %+v", e)
		}
		id := ways.Passkeys[0].ID
		must(t, w.RenamePasskey(ctx, who, id, "Old phone"))
		wantsField(t, "RenamePasskey to nothing", w.RenamePasskey(ctx, who, id, ""), "name")
		wants(t, "another's passkey", w.RemovePasskey(ctx, w.A.As(t, people.Trainer), id), fault.NotFound)
		must(t, w.RemovePasskey(ctx, who, id))
		wants(t, "RemovePasskey twice", w.RemovePasskey(ctx, who, id), fault.NotFound)
	})
}

// Somebody without a mail address comes in by a passkey, and cannot take away their
// only way in. A recovery code stands in for it.
func TestLastWayIn(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		made, err := w.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, app.InvitationForm{
			Person: app.PersonForm{Name: "No Mail", Initials: "NM"}, Role: app.RoleForm{Role: people.Desk}, How: app.OnSlip})
		must(t, err)
		_, err = w.AcceptInvitation(ctx, app.Who{}, w.Place(), made.Secret, apptest.Password)
		wants(t, "a password without a mail address", err, fault.Refused)
		phone := &apptest.Authenticator{Origin: "https://desk.elm.example"}
		options, err := w.BeginAcceptPasskey(ctx, w.Place(), made.Secret, "Phone")
		must(t, err)
		answer := phone.Create(t, options)
		in, err := w.FinishAcceptPasskey(ctx, app.Who{}, w.Place(), made.Secret, answer)
		must(t, err)
		_, err = w.FinishAcceptPasskey(ctx, app.Who{}, w.Place(), made.Secret, answer)
		wants(t, "FinishAcceptPasskey twice", err, fault.Closed)
		ways, err := w.ReadWays(ctx, in.Who)
		must(t, err)
		wants(t, "the last way in", w.RemovePasskey(ctx, in.Who, ways.Passkeys[0].ID), fault.Refused)
		wants(t, "SetPassword without an address", w.SetPassword(ctx, in.Who, "", apptest.Password), fault.Refused)
		codes, err := w.NewRecoveryCodes(ctx, in.Who)
		must(t, err)
		again, err := w.SignInRecovery(ctx, app.Who{}, w.Place(), "", codes[3])
		must(t, err)
		must(t, w.ChangeAccount(ctx, again.Who, w.A.ID, made.Person, app.PersonForm{Name: "Now Mail", Initials: "NM", Mail: "now@elm.example"}))
		must(t, w.SetPassword(ctx, again.Who, "", apptest.Password))
		must(t, w.RemovePasskey(ctx, again.Who, ways.Passkeys[0].ID))
		wants(t, "taking the address away", w.ChangeAccount(ctx, again.Who, w.A.ID, made.Person, app.PersonForm{Name: "Now Mail", Initials: "NM"}), fault.Refused)
		if in, err := signIn(t, w, app.Who{}, "now@elm.example", apptest.Password); err != nil || in.Who.Person != made.Person {
			t.Errorf("SignIn = %+v, %v", in, err)
		}
	})
}

func TestSetPassword(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		who := w.A.As(t, people.Desk)
		mail := w.A.Login(t, people.Desk).Form.Mail
		other, err := signIn(t, w, app.Who{}, mail, apptest.Password)
		must(t, err)
		const fresh = "copper teapot vexing 31 lanes"
		wantsField(t, "another current password", w.SetPassword(ctx, who, "not this one, surely", fresh), "current")
		wantsField(t, "an easy password", w.SetPassword(ctx, who, apptest.Password, "elm street library"), "password")
		must(t, w.SetPassword(ctx, who, apptest.Password, fresh))
		if now, err := w.Resolve(ctx, other.Token, ""); err != nil || now.Person != "" {
			t.Errorf("the other session goes on after a new password: %+v, %v", now, err)
		}
		if now, err := w.Resolve(ctx, w.A.Login(t, people.Desk).Token, ""); err != nil || now.Person != who.Person {
			t.Errorf("this session is %+v, %v after a new password", now, err)
		}
		_, err = signIn(t, w, app.Who{}, mail, apptest.Password)
		wants(t, "the old password", err, fault.Refused)
		_, err = signIn(t, w, app.Who{}, mail, fresh)
		must(t, err)
	})
}
