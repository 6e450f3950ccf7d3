package apptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
)

// Authenticator is a browser and an authenticator in one, which makes passkeys and
// answers with the newest. It verifies its person each time.
type Authenticator struct {
	Origin string
	Count  uint32 // of signatures

	keys []authKey
}

type authKey struct {
	id, handle []byte
	priv       *ecdsa.PrivateKey
}

const (
	presentAndVerified = 1<<0 | 1<<2
	attested           = 1 << 6
)

// Create answers navigator.credentials.create.
func (a *Authenticator) Create(t testing.TB, options []byte) []byte {
	t.Helper()
	var o struct {
		RP        struct{ ID string }
		User      struct{ ID string }
		Challenge string
	}
	must(t, json.Unmarshal(options, &o))
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	must(t, err)
	k := authKey{make([]byte, 32), handle, priv}
	rand.Read(k.id)
	a.keys = append(a.keys, k)
	data := binary.BigEndian.AppendUint16(append(a.data(o.RP.ID, attested), make([]byte, 16)...), uint16(len(k.id)))
	data = slices.Concat(data, k.id, k.cose(t))
	object := slices.Concat(cbor(5, 3), cborText("fmt"), cborText("none"), cborText("attStmt"), cbor(5, 0), cborText("authData"), cborBytes(data))
	return a.answer(t, k, map[string]any{
		"clientDataJSON": encode(a.client(t, "webauthn.create", o.Challenge)), "attestationObject": encode(object),
		"authenticatorData": encode(data), "transports": []string{"internal"}, "publicKeyAlgorithm": -7,
	})
}

// Get answers navigator.credentials.get.
func (a *Authenticator) Get(t testing.TB, options []byte) []byte {
	t.Helper()
	var o struct{ Challenge, RPID string }
	must(t, json.Unmarshal(options, &o))
	if len(a.keys) == 0 {
		t.Fatal("the authenticator has no passkey")
	}
	k := a.keys[len(a.keys)-1]
	a.Count++
	data := a.data(o.RPID, 0)
	client := a.client(t, "webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, k.priv, digest[:])
	must(t, err)
	return a.answer(t, k, map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(k.handle),
	})
}

func (a *Authenticator) data(rpID string, more byte) []byte {
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], presentAndVerified|more), a.Count)
}

func (a *Authenticator) client(t testing.TB, kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	must(t, err)
	return b
}

func (a *Authenticator) answer(t testing.TB, k authKey, response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{
		"id": encode(k.id), "rawId": encode(k.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}}, "response": response,
	})
	must(t, err)
	return b
}

func (k authKey) cose(t testing.TB) []byte {
	point, err := k.priv.PublicKey.Bytes()
	must(t, err)
	return slices.Concat(cbor(5, 5), cbor(0, 1), cbor(0, 2), cbor(0, 3), cbor(1, 6), cbor(1, 0), cbor(0, 1),
		cbor(1, 1), cborBytes(point[1:33]), cbor(1, 2), cborBytes(point[33:]))
}

// cbor writes the first bytes of an item (RFC 8949, section 3). Of a negative
// integer, major type 1, n is what it is below -1.
func cbor(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
}

func cborText(s string) []byte  { return append(cbor(3, len(s)), s...) }
func cborBytes(b []byte) []byte { return append(cbor(2, len(b)), b...) }
func encode(b []byte) string    { return base64.RawURLEncoding.EncodeToString(b) }
