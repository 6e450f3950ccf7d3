package passkey

import (
	"encoding/json"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

const (
	host   = "desk.library.example"
	origin = "https://desk.library.example"
)

var start = time.Date(2026, 11, 25, 9, 30, 0, 123456789, time.UTC)

func random(seed string) io.Reader {
	var b [32]byte
	copy(b[:], seed)
	return mathrand.NewChaCha8(b)
}

func newSite(t *testing.T) *Site {
	t.Helper()
	s, err := New(Config{Host: host, Name: "Roundtable, Elm County", Origins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newOwner(t *testing.T, name string) Owner {
	t.Helper()
	h, err := NewHandle(random(name))
	if err != nil {
		t.Fatal(err)
	}
	id, err := people.NewID[people.PersonID](start, random(name))
	if err != nil {
		t.Fatal(err)
	}
	return Owner{Person: id, Handle: h, Account: name + "@library.example", Name: name}
}

// store passes a challenge through its bytes, as every caller does.
func store(t *testing.T, c Challenge) Challenge {
	t.Helper()
	b, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseChallenge(b)
	if err != nil {
		t.Fatalf("ParseChallenge(%s): %v", b, err)
	}
	if diff := cmp.Diff(c, back, cmp.AllowUnexported(Challenge{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("a challenge changes when it is stored (-before +after):\n%s", diff)
	}
	return back
}

func storePasskey(t *testing.T, c Credential) Credential {
	t.Helper()
	b, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseCredential(b)
	if err != nil {
		t.Fatalf("ParseCredential(%s): %v", b, err)
	}
	if back.ID() != c.ID() {
		t.Fatalf("ID() = %s after it was stored, want %s", back.ID(), c.ID())
	}
	again, err := back.Marshal()
	if err != nil || string(again) != string(b) {
		t.Fatalf("Marshal after ParseCredential = %s, %v, want %s", again, err, b)
	}
	return back
}

// attempt is one ceremony, told so that a test can spoil any part of it.
type attempt struct {
	t         *testing.T
	site      *Site
	owner     Owner
	all       []Owner // everybody with an account
	device    *authenticator
	options   []byte
	challenge Challenge
	response  []byte
	now       time.Time
}

// enrolled is an owner who has added a passkey, and the device that it is on.
func enrolled(t *testing.T, name string) *attempt {
	t.Helper()
	a := &attempt{t: t, site: newSite(t), owner: newOwner(t, name), device: newAuthenticator(t, origin), now: start}
	a.beginRegistration()
	a.response = a.device.create(a.options)
	made, err := a.finishRegistration()
	if err != nil {
		t.Fatalf("add a passkey: %v", err)
	}
	a.owner.Passkeys = append(a.owner.Passkeys, storePasskey(t, made))
	a.all = []Owner{a.owner}
	return a
}

func (a *attempt) beginRegistration() {
	a.t.Helper()
	options, c, err := a.site.BeginRegistration(a.owner, "My phone", a.now, random("registration "+a.owner.Name))
	if err != nil {
		a.t.Fatalf("BeginRegistration: %v", err)
	}
	a.options, a.challenge = options, store(a.t, c)
}

func (a *attempt) finishRegistration() (Credential, error) {
	return a.site.FinishRegistration(&a.challenge, a.owner, a.response, a.now)
}

func (a *attempt) beginSignIn() {
	a.t.Helper()
	options, c, err := a.site.BeginSignIn(a.now, random("sign in"))
	if err != nil {
		a.t.Fatalf("BeginSignIn: %v", err)
	}
	a.options, a.challenge = options, store(a.t, c)
}

func (a *attempt) finishSignIn() (SignIn, error) {
	return a.site.FinishSignIn(&a.challenge, a.response, a.now, func(id CredentialID) (Owner, error) {
		for _, o := range a.all {
			if _, ok := o.find(id); ok {
				return o, nil
			}
		}
		return Owner{}, fault.Missing()
	})
}

func TestWholeCeremony(t *testing.T) {
	a := enrolled(t, "Ana")
	made := a.owner.Passkeys[0]
	if made.Name != "My phone" || !made.Made.Equal(start.Truncate(time.Millisecond)) || !made.Used.IsZero() || made.CanSync() || made.IsSynced() {
		t.Errorf("the new passkey is %+v, want My phone, made now, never used, on one device", made)
	}
	for i := range 3 {
		a.now = a.now.Add(time.Hour)
		a.beginSignIn()
		a.response = a.device.get(a.options)
		if id, err := Answers(a.response); err != nil || id != a.challenge.ID() {
			t.Errorf("Answers = %v, %v, want %v", id, err, a.challenge.ID())
		}
		in, err := a.finishSignIn()
		if err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
		if in.Person != a.owner.Person || in.Changed || !in.Passkey.Used.Equal(a.now.Truncate(time.Millisecond)) || in.Passkey.ID() != made.ID() {
			t.Errorf("sign-in %d = %+v, want %s by the same passkey, now", i, in, a.owner.Person)
		}
		if got := in.Passkey.record.Authenticator.SignCount; got != uint32(i+1) {
			t.Errorf("sign-in %d leaves the counter at %d, want %d", i, got, i+1)
		}
		a.owner.Passkeys[0] = storePasskey(t, in.Passkey)
		a.all = []Owner{a.owner}
	}
}

func TestUnlock(t *testing.T) {
	a := enrolled(t, "Ana")
	begin := func() {
		options, c, err := a.site.BeginUnlock(a.owner, a.now, random("unlock"))
		if err != nil {
			t.Fatal(err)
		}
		a.options, a.challenge = options, store(t, c)
		a.response = a.device.get(options)
	}
	begin()
	if in, err := a.site.FinishUnlock(&a.challenge, a.owner, a.response, a.now); err != nil || in.Person != a.owner.Person {
		t.Errorf("FinishUnlock = %+v, %v, want %s", in, err, a.owner.Person)
	}
	bea := enrolled(t, "Bea")
	begin()
	_, err := a.site.FinishUnlock(&a.challenge, bea.owner, a.response, a.now)
	wantRefusal(t, err, fault.Refused, "the challenge is for somebody else")
	begin()
	_, err = a.finishSignIn()
	wantRefusal(t, err, fault.Refused, "the challenge is to unlock and not to sign in")
	begin()
	a.response = bea.device.get(must(bea.site.BeginSignIn(start, random("unlock"))))
	_, err = a.site.FinishUnlock(&a.challenge, a.owner, a.response, a.now)
	wantRefusal(t, err, fault.Refused, "the passkey is somebody else's")
	if _, _, err := a.site.BeginUnlock(newOwner(t, "Cal"), start, random("")); fault.KindOf(err) != fault.Refused {
		t.Errorf("BeginUnlock without passkeys = %v, want a Refused fault", err)
	}
}

func must(options []byte, _ Challenge, err error) []byte {
	if err != nil {
		panic(err)
	}
	return options
}

// wantRefusal checks the kind of a fault, that people read nothing of its cause,
// and the cause itself: a refusal for another reason proves nothing.
func wantRefusal(t *testing.T, err error, kind fault.Kind, cause string) {
	t.Helper()
	if err == nil {
		t.Errorf("it was let through, want: %s", cause)
		return
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%v is of kind %v, want %v", err, got, kind)
	}
	if !strings.Contains(err.Error(), cause) {
		t.Errorf("it was refused because of %q, want %q", err, cause)
	}
	want := "We could not check this passkey. Try again, or sign in another way."
	switch {
	case kind == fault.Closed:
		want = "This took too long. Start again."
	case errors.Is(err, ErrCopied):
		want = "We stopped this because there may be a copy of your passkey. Sign in another way, remove this passkey, and add a new one. Tell the person who looks after Roundtable."
	}
	if got := fault.Words(err); got != want {
		t.Errorf("people read %q, want %q", got, want)
	}
}

func set(m map[string]any, path string, v any) {
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		m = m[n].(map[string]any)
	}
	m[names[len(names)-1]] = v
}

func tampered(path string, v any) func(*attempt) {
	return func(a *attempt) { a.device.tamper = func(m map[string]any) { set(m, path, v) } }
}

type attack struct {
	name   string
	before func(*attempt) // the browser answers
	after  func(*attempt) // the browser has answered
	kind   fault.Kind
	cause  string // "" if it is let through: the control
}

// attacks are what may be wrong with either ceremony.
func attacks() []attack {
	return []attack{
		{"nothing is wrong", nil, nil, 0, ""},
		{"another origin", func(a *attempt) { a.device.origin = "https://desk.library.example.evil.example" }, nil, fault.Refused, "Error validating origin"},
		{"another port", func(a *attempt) { a.device.origin = origin + ":8443" }, nil, fault.Refused, "Error validating origin"},
		{"no TLS", func(a *attempt) { a.device.origin = "http://desk.library.example" }, nil, fault.Refused, "Error validating origin"},
		{"no origin", func(a *attempt) { a.device.origin = "" }, nil, fault.Refused, "Error validating origin"},
		{"in a frame of another site", func(a *attempt) { a.device.cross = true }, nil, fault.Refused, "Error validating cross origin flag"},
		{"another RP ID", func(a *attempt) { a.device.rpID = "library.example" }, nil, fault.Refused, "RP Hash mismatch"},
		{"the other ceremony", func(a *attempt) { a.device.kind = "webauthn.other" }, nil, fault.Refused, "Error validating ceremony type"},
		{"nobody was there", func(a *attempt) { a.device.flags = flagVerified }, nil, fault.Refused, "User presence required"},
		{"nobody was verified", func(a *attempt) { a.device.flags = flagPresent }, nil, fault.Refused, "User verification required"},
		{"synced, and cannot be", func(a *attempt) { a.device.flags |= flagSynced }, nil, fault.Refused, "Backup State Flag is true but Backup Eligible flag is false"},
		{"answered before", nil, func(a *attempt) { a.challenge.Used = a.now }, fault.Refused, "the challenge was answered before"},
		{"just in time", nil, func(a *attempt) { a.now = a.challenge.Until.Add(-time.Millisecond) }, 0, ""},
		{"too late", nil, func(a *attempt) { a.now = a.challenge.Until }, fault.Closed, "the challenge is too old"},
		{"the clock went back", nil, func(a *attempt) { a.now = a.now.Add(-time.Minute) }, fault.Closed, "the challenge is too old"},
		{"another challenge", nil, func(a *attempt) {
			_, other, err := a.site.BeginSignIn(a.now, random("another"))
			if err != nil {
				a.t.Fatal(err)
			}
			a.challenge.session.Challenge = other.session.Challenge
		}, fault.Refused, "Error validating challenge"},
		{"no challenge", nil, func(a *attempt) { a.challenge.session.Challenge = "" }, fault.Refused, "Session has an invalid challenge"},
		{"another host", nil, func(a *attempt) { a.challenge.session.RelyingPartyID = "library.example" }, fault.Refused, "the challenge is for another host"},
		{"the zero challenge", nil, func(a *attempt) { a.challenge = Challenge{} }, fault.Refused, ""},
		{"nothing", nil, func(a *attempt) { a.response = nil }, fault.Refused, ""},
		{"null", nil, func(a *attempt) { a.response = []byte("null") }, fault.Refused, ""},
		{"cut short", nil, func(a *attempt) { a.response = a.response[:len(a.response)-1] }, fault.Refused, "Parse error"},
		{"more behind it", nil, func(a *attempt) { a.response = append(a.response, "{}"...) }, fault.Refused, "Parse error"},
		{"too long", nil, func(a *attempt) { a.response = append(a.response, strings.Repeat(" ", MaxResponse)...) }, fault.Refused, "the response is too long"},
		{"as long as it may be", nil, func(a *attempt) {
			a.response = append(a.response, strings.Repeat(" ", MaxResponse-len(a.response))...)
		}, 0, ""},
		{"another type", tampered("type", "password"), nil, fault.Refused, ""},
		{"another raw id", tampered("rawId", encode([]byte("another"))), nil, fault.Refused, ""},
		{"client data of nothing", tampered("response.clientDataJSON", ""), nil, fault.Refused, ""},
		{"no response", tampered("response", map[string]any{}), nil, fault.Refused, ""},
	}
}

func TestRegistrationAttacks(t *testing.T) {
	for _, c := range append(attacks(),
		attack{"of another person", nil, func(a *attempt) { a.owner = newOwner(a.t, "Bea") }, fault.Refused, "the challenge is for somebody else"},
		attack{"of another handle", nil, func(a *attempt) { a.owner.Handle[0]++ }, fault.Refused, "ID mismatch for User and Session"},
		attack{"of another purpose", nil, func(a *attempt) { a.challenge.Purpose = ForUnlock }, fault.Refused, "the challenge is to unlock and not to register"},
		attack{"not kept by the authenticator", func(a *attempt) { a.device.rk = false }, nil, fault.Refused, "the authenticator does not keep the passkey"},
		attack{"not told whether it is kept", func(a *attempt) { a.device.rk = nil }, nil, 0, ""},
		attack{"told what was not asked", tampered("clientExtensionResults", map[string]any{"uvm": []any{}, "prf": map[string]any{"enabled": true}}), nil, 0, ""},
		attack{"there already", nil, func(a *attempt) {
			copy := a.challenge
			made, err := a.site.FinishRegistration(&copy, a.owner, a.response, a.now)
			if err != nil {
				a.t.Fatal(err)
			}
			a.owner.Passkeys = append(a.owner.Passkeys, made)
		}, fault.Refused, "the passkey is there already"},
		attack{"an attestation cut short", tampered("response.attestationObject", encode([]byte{0xa3, 0x63})), nil, fault.Refused, "Error parsing attestation response"},
		attack{"a key of 32,000 bits", nil, func(a *attempt) { a.response = withKey(a, hugeRSA()) }, fault.Refused, "the passkey's key is too long"},
		attack{"an id of two thousand bytes", nil, func(a *attempt) {
			a.device.keys[0].id = make([]byte, 2000)
			a.response = withKey(a, a.device.keys[0].cose())
		}, fault.Refused, ""},
		attack{"an algorithm that was not asked for", nil, func(a *attempt) {
			k := a.device.keys[0].cose()
			k[4] = 0x38 // -7 becomes -36, which is ES512
			k = append(k[:5], append([]byte{35}, k[5:]...)...)
			a.response = withKey(a, k)
		}, fault.Refused, ""},
	) {
		t.Run(c.name, func(t *testing.T) {
			a := &attempt{t: t, site: newSite(t), owner: newOwner(t, "Ana"), device: newAuthenticator(t, origin), now: start}
			a.beginRegistration()
			play(a, c, func() { a.response = a.device.create(a.options) }, func() error { _, err := a.finishRegistration(); return err })
		})
	}
}

// withKey is a response with another public key in it.
func withKey(a *attempt, cose []byte) []byte {
	k := a.device.keys[0]
	data := a.device.data(host, flagAttested)
	data = append(data, make([]byte, 16)...)
	data = append(data, byte(len(k.id)>>8), byte(len(k.id)))
	data = append(append(data, k.id...), cose...)
	object := append(cborHead(5, 3), cborText("fmt")...)
	object = append(append(object, cborText("none")...), cborText("attStmt")...)
	object = append(append(object, cborHead(5, 0)...), cborText("authData")...)
	object = append(object, cborBytes(data)...)
	var m map[string]any
	if err := json.Unmarshal(a.response, &m); err != nil {
		a.t.Fatal(err)
	}
	set(m, "id", encode(k.id))
	set(m, "rawId", encode(k.id))
	set(m, "response.attestationObject", encode(object))
	return a.device.json(m)
}

func TestSignInAttacks(t *testing.T) {
	for _, c := range append(attacks(),
		attack{"of another person", nil, func(a *attempt) { a.challenge.Person = a.owner.Person }, fault.Refused, "the challenge is for somebody else"},
		attack{"of another purpose", nil, func(a *attempt) { a.challenge.Purpose = ForRegistration }, fault.Refused, "the challenge is to register and not to sign in"},
		attack{"nobody's", nil, func(a *attempt) { a.all = nil }, fault.Refused, "nobody has the passkey"},
		attack{"found with the wrong person", nil, func(a *attempt) {
			bea := enrolled(a.t, "Bea").owner
			bea.Passkeys = append(bea.Passkeys, a.owner.Passkeys...)
			a.all = []Owner{bea}
		}, fault.Refused, "User handle and User ID do not match"},
		attack{"another's handle", func(a *attempt) { a.device.keys[0].handle = enrolled(a.t, "Bea").device.keys[0].handle }, nil, fault.Refused, "User handle and User ID do not match"},
		attack{"no handle", tampered("response.userHandle", ""), nil, fault.Refused, "blank User Handle"},
		attack{"signed by another key", func(a *attempt) {
			k := *enrolled(a.t, "Bea").device.keys[0]
			k.id, k.handle = a.device.keys[0].id, a.device.keys[0].handle
			a.device.use = &k
		}, nil, fault.Refused, "Error validating the assertion signature"},
		attack{"another passkey of the same person", func(a *attempt) {
			a.device.create(must(a.site.BeginRegistration(a.owner, "Key", a.now, random("key"))))
			k := *a.device.keys[1]
			k.id = a.device.keys[0].id
			a.device.use = &k
		}, nil, fault.Refused, "Error validating the assertion signature"},
		attack{"the flags were changed", nil, func(a *attempt) {
			var m map[string]any
			if err := json.Unmarshal(a.response, &m); err != nil {
				a.t.Fatal(err)
			}
			data := a.device.decode(m["response"].(map[string]any)["authenticatorData"].(string))
			data[32] |= flagCanSync
			set(m, "response.authenticatorData", encode(data))
			a.response = a.device.json(m)
		}, fault.Refused, "Error validating the assertion signature"},
		attack{"no signature", tampered("response.signature", ""), nil, fault.Refused, "Error validating the assertion signature"},
		attack{"authenticator data cut short", tampered("response.authenticatorData", encode(make([]byte, 36))), nil, fault.Refused, "Error unmarshalling auth data"},
		attack{"the counter stands still", func(a *attempt) { a.device.count, a.device.step = 7, 0 }, nil, fault.Refused, "the counter of the passkey went back"},
		attack{"the counter goes back", func(a *attempt) { a.device.count, a.device.step = 2, 1 }, nil, fault.Refused, "the counter of the passkey went back"},
		attack{"the counter goes back to nothing", func(a *attempt) { a.device.count, a.device.step = 0, 0 }, nil, fault.Refused, "the counter of the passkey went back"},
		attack{"the counter skips some", func(a *attempt) { a.device.count = 4_000_000_000 }, nil, 0, ""},
		attack{"it can be synced now", func(a *attempt) { a.device.flags |= flagCanSync | flagSynced }, nil, 0, ""},
	) {
		t.Run(c.name, func(t *testing.T) {
			a := enrolled(t, "Ana")
			a.owner.Passkeys[0].record.Authenticator.SignCount, a.device.count = 7, 7
			a.all = []Owner{a.owner}
			a.beginSignIn()
			play(a, c, func() { a.response = a.device.get(a.options) }, func() error { _, err := a.finishSignIn(); return err })
			if got := a.owner.Passkeys[0].record.Authenticator.SignCount; got != 7 || a.owner.Passkeys[0].CanSync() {
				t.Errorf("what the caller has was changed in place")
			}
		})
	}
}

func play(a *attempt, c attack, answer func(), finish func() error) {
	a.t.Helper()
	if c.before != nil {
		c.before(a)
	}
	answer()
	if c.after != nil {
		c.after(a)
	}
	err := finish()
	if c.kind == 0 {
		if err != nil {
			a.t.Errorf("it was refused: %v, want it let through", err)
		}
	} else {
		wantRefusal(a.t, err, c.kind, c.cause)
	}
	if a.challenge.Used.IsZero() {
		a.t.Error("the challenge can be used again")
	}
	a.device.tamper, a.device.use = nil, nil
	wantRefusal(a.t, finish(), fault.Refused, "the challenge was answered before")
}

func TestCounterThatDoesNotCount(t *testing.T) {
	a := enrolled(t, "Ana")
	a.device.step = 0
	for i := range 3 {
		a.beginSignIn()
		a.response = a.device.get(a.options)
		if _, err := a.finishSignIn(); err != nil {
			t.Fatalf("sign-in %d with a counter of 0: %v", i, err)
		}
	}
}

// Both ways, since there are password managers that go either.
func TestSyncMayChange(t *testing.T) {
	a := enrolled(t, "Ana")
	for _, c := range []struct {
		flags             byte
		changed           bool
		canSync, isSynced bool
	}{
		{0, false, false, false},
		{flagCanSync, true, true, false},
		{flagCanSync | flagSynced, false, true, true},
		{0, true, false, false},
		{0, false, false, false},
	} {
		a.device.flags = flagPresent | flagVerified | c.flags
		a.beginSignIn()
		a.response = a.device.get(a.options)
		in, err := a.finishSignIn()
		if err != nil {
			t.Fatalf("flags %#x: %v", c.flags, err)
		}
		if in.Changed != c.changed || in.Passkey.CanSync() != c.canSync || in.Passkey.IsSynced() != c.isSynced {
			t.Errorf("flags %#x: changed %v, can sync %v, is synced %v, want %v, %v, %v", c.flags,
				in.Changed, in.Passkey.CanSync(), in.Passkey.IsSynced(), c.changed, c.canSync, c.isSynced)
		}
		a.owner.Passkeys[0] = storePasskey(t, in.Passkey)
		a.all = []Owner{a.owner}
	}
}

// A store that does not answer is no refusal.
func TestFindFails(t *testing.T) {
	a := enrolled(t, "Ana")
	a.beginSignIn()
	a.response = a.device.get(a.options)
	broken := errors.New("the disk is full")
	_, err := a.site.FinishSignIn(&a.challenge, a.response, a.now, func(CredentialID) (Owner, error) { return Owner{}, broken })
	if !errors.Is(err, broken) || fault.KindOf(err) != fault.Internal {
		t.Errorf("FinishSignIn = %v, want the store's error", err)
	}
}

func TestOptions(t *testing.T) {
	a := enrolled(t, "Ana")
	a.beginRegistration()
	var o creation
	a.device.read(a.options, &o)
	var want creation
	want.RP.ID, want.RP.Name = host, "Roundtable, Elm County"
	want.User.ID, want.User.Name, want.User.DisplayName = encode(a.owner.Handle[:]), "Ana@library.example", "Ana"
	want.Challenge = a.challenge.session.Challenge
	for _, alg := range []float64{-7, -8, -257} {
		want.PubKeyCredParams = append(want.PubKeyCredParams, struct{ Type, Alg any }{"public-key", alg})
	}
	want.Timeout = 300000
	want.ExcludeCredentials = []descriptor{{"public-key", encode(a.device.keys[0].id)}}
	want.AuthenticatorSelection.ResidentKey, want.AuthenticatorSelection.RequireResidentKey = "required", true
	want.AuthenticatorSelection.UserVerification = "required"
	want.Attestation = "none"
	want.Extensions = map[string]any{"credProps": true}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("creation options (-want +got):\n%s", diff)
	}
	a.beginSignIn()
	var r request
	a.device.read(a.options, &r)
	if diff := cmp.Diff(request{a.challenge.session.Challenge, 300000, host, nil, "required"}, r); diff != "" {
		t.Errorf("request options (-want +got):\n%s", diff)
	}
}

// The same input gives the same bytes.
func TestDeterministic(t *testing.T) {
	a, b := newSite(t), newSite(t)
	o := newOwner(t, "Ana")
	for _, begin := range []func(*Site) ([]byte, Challenge, error){
		func(s *Site) ([]byte, Challenge, error) { return s.BeginRegistration(o, "Key", start, random("x")) },
		func(s *Site) ([]byte, Challenge, error) { return s.BeginSignIn(start, random("x")) },
	} {
		one, c1, err1 := begin(a)
		two, c2, err2 := begin(b)
		if err1 != nil || err2 != nil || string(one) != string(two) || c1.ID() != c2.ID() {
			t.Errorf("begun twice: %s, %v and %s, %v, want the same", one, err1, two, err2)
		}
	}
}

func TestBeginRefuses(t *testing.T) {
	s := newSite(t)
	full := enrolled(t, "Ana").owner
	for len(full.Passkeys) < MaxPasskeys {
		full.Passkeys = append(full.Passkeys, full.Passkeys[0])
	}
	ana := newOwner(t, "Ana")
	noHandle := ana
	noHandle.Handle = Handle{}
	for _, c := range []struct {
		name   string
		owner  Owner
		called string
		random io.Reader
		kind   fault.Kind
	}{
		{"no name", ana, "", random(""), fault.Invalid},
		{"a name of spaces", ana, " ", random(""), fault.Invalid},
		{"a name that turns the line round", ana, "key\u202e", random(""), fault.Invalid},
		{"a name too long", ana, strings.Repeat("é", MaxName+1), random(""), fault.Invalid},
		{"too many", full, "Key", random(""), fault.Refused},
		{"nobody", Owner{}, "Key", random(""), fault.Internal},
		{"no handle", noHandle, "Key", random(""), fault.Internal},
		{"no randomness", ana, "Key", strings.NewReader("short"), fault.Internal},
	} {
		if options, _, err := s.BeginRegistration(c.owner, c.called, start, c.random); err == nil || fault.KindOf(err) != c.kind || options != nil {
			t.Errorf("%s: BeginRegistration = %s, %v, want kind %v", c.name, options, err, c.kind)
		}
	}
	if _, _, err := s.BeginRegistration(ana, strings.Repeat("é", MaxName), start, random("")); err != nil {
		t.Errorf("a name of %d letters: %v", MaxName, err)
	}
	if _, _, err := s.BeginSignIn(start, strings.NewReader("short")); err == nil {
		t.Error("BeginSignIn without randomness = nil, want an error")
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		host    string
		origins []string
		ok      bool
	}{
		{host, []string{origin}, true},
		{"Desk.Library.Example", []string{origin}, true},
		{"library.example", []string{origin, "https://library.example:8443"}, true},
		{"localhost", []string{"http://localhost:8080"}, true},
		{"localhost", []string{"http://127.0.0.1:8080"}, false},
		{host, nil, false},
		{host, []string{"http://" + host}, false},
		{host, []string{"https://other.example"}, false},
		{host, []string{"https://evil" + host}, false},
		{host, []string{origin + "/path"}, false},
		{host, []string{"android:apk-key-hash:abc"}, false},
		{"127.0.0.1", []string{"https://127.0.0.1"}, false},
		{"192.168.1.4", []string{"https://192.168.1.4"}, false},
		{"::1", []string{"https://[::1]"}, false},
		{"", []string{origin}, false},
		{host + ":443", []string{origin}, false},
		{"https://" + host, []string{origin}, false},
		{"desk..example", []string{"https://desk..example"}, false},
	} {
		_, err := New(Config{Host: c.host, Name: "Roundtable", Origins: c.origins})
		if (err == nil) != c.ok {
			t.Errorf("New(%q, %q) = %v, want ok %v", c.host, c.origins, err, c.ok)
		}
		if err != nil && len(c.origins) > 0 && (!errors.Is(err, ErrAddress) || fault.KindOf(err) != fault.Refused) {
			t.Errorf("New(%q, %q) = %v, want a refusal because of ErrAddress", c.host, c.origins, err)
		}
	}
}

func TestHandle(t *testing.T) {
	h, err := NewHandle(random("h"))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := ParseHandle(h.Text()); err != nil || back != h {
		t.Errorf("ParseHandle(%q) = %v, %v, want %v", h.Text(), back, err, h)
	}
	for _, text := range []string{"", "x", h.Text()[1:], h.Text() + "A", strings.Repeat("A", 86), strings.Repeat("!", 86), h.Text()[:85] + "="} {
		if back, err := ParseHandle(text); err == nil {
			t.Errorf("ParseHandle(%q) = %v, want an error", text, back)
		}
	}
	if _, err := NewHandle(strings.NewReader("short")); err == nil {
		t.Error("NewHandle without randomness = nil, want an error")
	}
}

func TestRename(t *testing.T) {
	c := enrolled(t, "Ana").owner.Passkeys[0]
	if got, err := c.Rename("Blue key"); err != nil || got.Name != "Blue key" || got.ID() != c.ID() {
		t.Errorf("Rename = %v, %v, want the same passkey as Blue key", got, err)
	}
	got, err := c.Rename("")
	if fields := fault.FieldsOf(err); got.Name != c.Name || len(fields) != 1 || fields[0].Name != "name" {
		t.Errorf("Rename(\"\") = %v, %v, want the field name", got, err)
	}
}
