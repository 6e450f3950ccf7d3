package passkey

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"

	"roundtable/internal/fault"
)

func passkeyBytes(t testing.TB) []byte {
	b, err := os.ReadFile("testdata/credential.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}

func challengeBytes(t testing.TB) []byte {
	b, err := os.ReadFile("testdata/challenge.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}

// What was stored by version 1 is read for ever.
func TestGolden(t *testing.T) {
	c, err := ParseCredential(passkeyBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "My phone" || c.ID() != "7d1320796c35071780d9f7329167d6688fbbf5d1fcadfc10ce25f89459cbba0c" || !c.CanSync() || c.record.Authenticator.SignCount != 3 {
		t.Errorf("the stored passkey is %s %q, can sync %v, counter %d", c.ID(), c.Name, c.CanSync(), c.record.Authenticator.SignCount)
	}
	w, err := ParseChallenge(challengeBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if w.Purpose != ForRegistration || w.Name != "My phone" || w.Until.Sub(w.Made) != Life {
		t.Errorf("the stored challenge is %+v", w)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, kind := range []struct {
		name  string
		good  []byte
		parse func([]byte) error
		edits [][2]string
	}{
		{"credential", passkeyBytes(t), func(b []byte) error { _, err := ParseCredential(b); return err }, [][2]string{
			{`"v":1`, `"v":2`},
			{`"v":1`, `"v":1,"more":1`},
			{`"name":"My phone"`, `"name":""`},
			{`"flags":93`, `"flags":65`},
			{`"flags":93`, `"flags":300`},
			{`"userVerified":true`, `"userVerified":false`},
			{`"made":`, `"made":-`},
			{`"publicKey":"`, `"publicKey":"","x":"`},
			{`"id":"`, `"id":"","x":"`},
			{`"publicKey":"`, `"publicKey":"` + strings.Repeat("AAAA", maxPublicKey)},
			{`"id":"`, `"id":"` + strings.Repeat("AAAA", maxCredentialID)},
		}},
		{"challenge", challengeBytes(t), func(b []byte) error { _, err := ParseChallenge(b); return err }, [][2]string{
			{`"v":1`, `"v":0`},
			{`"v":1`, `"v":1,"more":1`},
			{`"purpose":"register"`, `"purpose":"sign in"`},
			{`"purpose":"register"`, `"purpose":"anything"`},
			{`"person":"`, `"person":"","x":"`},
			{`"userVerification":"required"`, `"userVerification":"discouraged"`},
			{`"rpId":"desk.library.example"`, `"rpId":""`},
			{`"challenge":"`, `"challenge":"AAAA`},
			{`"until":`, `"until":9`},
			{`"made":`, `"made":-`},
			{`"user_id":"`, `"user_id":"AAAA`},
		}},
	} {
		if err := kind.parse(kind.good); err != nil {
			t.Fatalf("%s: the control: %v", kind.name, err)
		}
		for _, e := range kind.edits {
			bad := strings.Replace(string(kind.good), e[0], e[1], 1)
			if bad == string(kind.good) {
				t.Fatalf("%s: there is no %s in it", kind.name, e[0])
			}
			if err := kind.parse([]byte(bad)); !errors.Is(err, ErrRecord) {
				t.Errorf("%s with %s = %v, want ErrRecord", kind.name, e[1], err)
			}
		}
		for name, bad := range map[string][]byte{
			"nothing": nil, "null": []byte("null"), "empty": []byte("{}"), "a list": []byte("[]"),
			"cut short":      kind.good[:len(kind.good)-1],
			"more behind it": append(bytes.Clone(kind.good), "{}"...),
			"too long":       append(bytes.Clone(kind.good), bytes.Repeat([]byte(" "), MaxRecord)...),
		} {
			if err := kind.parse(bad); !errors.Is(err, ErrRecord) {
				t.Errorf("%s, %s = %v, want ErrRecord", kind.name, name, err)
			}
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	if b, err := (Credential{}).Marshal(); !errors.Is(err, ErrRecord) {
		t.Errorf("Marshal of no passkey = %s, %v, want ErrRecord", b, err)
	}
	if b, err := (Challenge{}).Marshal(); !errors.Is(err, ErrRecord) {
		t.Errorf("Marshal of no challenge = %s, %v, want ErrRecord", b, err)
	}
}

// The vectors of the specification sign in without verifying anybody, and one
// registers so. Up to that step we agree with them, and at that step we refuse.
func TestVectors(t *testing.T) {
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(b, &file); err != nil || len(file.Cases) != 2 {
		t.Fatalf("%d vectors, %v, want 2", len(file.Cases), err)
	}
	site, err := New(Config{Host: "example.org", Name: "Example", Origins: []string{"https://example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Cases {
		t.Run(v.ID, func(t *testing.T) {
			ana := newOwner(t, "Ana")
			ana.Passkeys = []Credential{v.register(t, site, ana)}
			v.signIn(t, site, ana)
		})
	}
}

type vector struct {
	ID           string
	Registration struct {
		Challenge         raw
		CredentialID      raw `json:"credential_id"`
		ClientDataJSON    raw
		AttestationObject raw
	}
	Authentication struct{ Challenge, ClientDataJSON, AuthenticatorData, Signature raw }
}

// raw is bytes that are written as hexadecimal digits.
type raw []byte

func (r *raw) UnmarshalText(text []byte) (err error) {
	*r, err = hex.DecodeString(string(text))
	return err
}

func (v vector) answer(response map[string]any) []byte {
	id := encode(v.Registration.CredentialID)
	b, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response})
	if err != nil {
		panic(err)
	}
	return b
}

func (v vector) register(t *testing.T, site *Site, who Owner) Credential {
	r := v.Registration
	_, challenge, err := site.BeginRegistration(who, "Key", start, bytes.NewReader(r.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	answer := v.answer(map[string]any{"clientDataJSON": encode(r.ClientDataJSON), "attestationObject": encode(r.AttestationObject)})
	session := challenge.session
	made, err := site.FinishRegistration(&challenge, who, answer, start)
	if verified := v.ID == "packed-self-es256"; verified && err != nil {
		t.Errorf("FinishRegistration: %v, want a passkey", err)
	} else if !verified {
		wantRefusal(t, err, fault.Refused, "User verification required")
	}
	session.UserVerification = protocol.VerificationPreferred // as if we did not ask for it
	record, err := site.register(session, who, answer)
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	made.record = *record
	return made
}

func (v vector) signIn(t *testing.T, site *Site, who Owner) {
	a := v.Authentication
	_, challenge, err := site.BeginSignIn(start, bytes.NewReader(a.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	answer := v.answer(map[string]any{"clientDataJSON": encode(a.ClientDataJSON), "authenticatorData": encode(a.AuthenticatorData),
		"signature": encode(a.Signature), "userHandle": encode(who.Handle[:])})
	find := func(CredentialID) (Owner, error) { return who, nil }
	used := challenge
	_, err = site.FinishSignIn(&used, answer, start, find)
	wantRefusal(t, err, fault.Refused, "User verification required")
	challenge.session.UserVerification = protocol.VerificationPreferred
	if in, err := site.FinishSignIn(&challenge, answer, start, find); err != nil || in.Person != who.Person {
		t.Errorf("FinishSignIn = %+v, %v, want Ana", in, err)
	}
}

func FuzzParseCredential(f *testing.F) {
	f.Add(passkeyBytes(f))
	f.Add([]byte(`{"v":1,"record":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCredential(b)
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Errorf("ParseCredential(%q) = %v, want ErrRecord", b, err)
			}
			return
		}
		once, err := c.Marshal()
		if err != nil {
			if len(b) < MaxRecord/8 {
				t.Fatalf("Marshal of what was parsed from %q: %v", b, err)
			}
			return
		}
		back, err := ParseCredential(once)
		if err != nil {
			t.Fatalf("ParseCredential(%s): %v", once, err)
		}
		if twice, err := back.Marshal(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("Marshal = %s, %v, want %s", twice, err, once)
		}
	})
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(challengeBytes(f))
	f.Add([]byte(`{"v":1,"session":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseChallenge(b)
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Errorf("ParseChallenge(%q) = %v, want ErrRecord", b, err)
			}
			return
		}
		once, err := c.Marshal()
		if err != nil {
			if len(b) < MaxRecord/8 {
				t.Fatalf("Marshal of what was parsed from %q: %v", b, err)
			}
			return
		}
		if _, err := ParseChallenge(once); err != nil {
			t.Fatalf("ParseChallenge(%s): %v", once, err)
		}
	})
}

// FuzzFinish looks for what a browser could send that brings the server down, or
// gets through: nothing but the answer itself may.
func FuzzFinish(f *testing.F) {
	t := &testing.T{}
	a := enrolled(t, "Ana")
	a.beginRegistration()
	create := a.device.create(a.options)
	registration := a.challenge
	a.beginSignIn()
	get := a.device.get(a.options)
	signIn := a.challenge
	f.Add(create)
	f.Add(get)
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := Answers(b); err != nil && len(b) > MaxResponse && !errors.Is(err, errLong) {
			t.Errorf("Answers = %v, want it too long", err)
		}
		c := registration
		made, err := a.site.FinishRegistration(&c, a.owner, b, start)
		if err == nil {
			if _, err := made.Marshal(); err != nil {
				t.Errorf("FinishRegistration(%q) gives what cannot be stored: %v", b, err)
			}
		}
		c, a := signIn, *a
		a.challenge, a.response = c, b
		if in, err := a.finishSignIn(); err == nil && in.Person != a.owner.Person {
			t.Errorf("FinishSignIn(%q) = %+v, want %s or nobody", b, in, a.owner.Person)
		}
	})
}
