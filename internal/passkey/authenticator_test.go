package passkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"slices"
	"testing"
)

// authenticator is a browser and an authenticator in one, written from the
// specification and with nothing of the library under test: it reads the options
// as JSON, writes CBOR by hand, signs with ES256 and answers as toJSON does. Its
// fields let a test turn it into one that lies.
type authenticator struct {
	t      *testing.T
	origin string
	rpID   string // what is hashed into the authenticator data; "" for what was asked
	kind   string // of client data; "" for what it is
	cross  bool   // in a frame of another site
	flags  byte   // user present, verified, may be synced, is synced
	count  uint32
	step   uint32 // what the counter goes on by; 0 for one that does not count
	rk     any    // what credProps tells of the passkey; nil to tell nothing
	keys   []*key
	use    *key // the key to answer with; nil for the first that was asked for
	tamper func(m map[string]any)
}

// Flags of authenticator data, section 6.1.
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagCanSync  = 1 << 3
	flagSynced   = 1 << 4
	flagAttested = 1 << 6
)

type key struct {
	id     []byte
	rpID   string
	handle []byte
	priv   *ecdsa.PrivateKey
}

func newAuthenticator(t *testing.T, origin string) *authenticator {
	return &authenticator{t: t, origin: origin, flags: flagPresent | flagVerified, step: 1, rk: true}
}

type creation struct {
	RP   struct{ ID, Name string }
	User struct {
		ID, Name, DisplayName string
	}
	Challenge              string
	PubKeyCredParams       []struct{ Type, Alg any }
	Timeout                int
	ExcludeCredentials     []descriptor
	AuthenticatorSelection struct {
		ResidentKey, UserVerification string
		RequireResidentKey            bool
	}
	Attestation string
	Extensions  map[string]any
}

type descriptor struct{ Type, ID string }

type request struct {
	Challenge        string
	Timeout          int
	RPID             string
	AllowCredentials []descriptor
	UserVerification string
}

// create answers navigator.credentials.create.
func (a *authenticator) create(options []byte) []byte {
	a.t.Helper()
	var o creation
	a.read(options, &o)
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	k := &key{id: make([]byte, 32), rpID: o.RP.ID, handle: a.decode(o.User.ID), priv: priv}
	rand.Read(k.id)
	a.keys = append(a.keys, k)
	data := a.data(o.RP.ID, flagAttested)
	data = append(data, make([]byte, 16)...) // AAGUID: it does not say what it is
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), k.cose()...)
	object := slices.Concat(cborHead(5, 3),
		cborText("fmt"), cborText("none"), cborText("attStmt"), cborHead(5, 0), cborText("authData"), cborBytes(data))
	extensions := map[string]any{}
	if a.rk != nil {
		extensions["credProps"] = map[string]any{"rk": a.rk}
	}
	return a.write(k, extensions, map[string]any{
		"clientDataJSON":     encode(a.client("webauthn.create", o.Challenge)),
		"attestationObject":  encode(object),
		"authenticatorData":  encode(data),
		"transports":         []string{"internal", "hybrid"},
		"publicKeyAlgorithm": -7,
	})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(options []byte) []byte {
	a.t.Helper()
	var o request
	a.read(options, &o)
	k := a.use
	for _, have := range a.keys {
		asked := slices.ContainsFunc(o.AllowCredentials, func(d descriptor) bool { return d.ID == encode(have.id) })
		if k == nil && have.rpID == o.RPID && (asked || len(o.AllowCredentials) == 0) {
			k = have
		}
	}
	if k == nil {
		a.t.Fatalf("the authenticator has no passkey for %s", options)
	}
	a.count += a.step
	data := a.data(o.RPID, 0)
	client := a.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.priv, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(k, map[string]any{}, map[string]any{
		"clientDataJSON":    encode(client),
		"authenticatorData": encode(data),
		"signature":         encode(signature),
		"userHandle":        encode(k.handle),
	})
}

func (a *authenticator) data(rpID string, more byte) []byte {
	if a.rpID != "" {
		rpID = a.rpID
	}
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], a.flags|more), a.count)
}

func (a *authenticator) client(kind, challenge string) []byte {
	if a.kind != "" {
		kind = a.kind
	}
	return a.json(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": a.cross})
}

func (a *authenticator) write(k *key, extensions, response map[string]any) []byte {
	m := map[string]any{
		"id": encode(k.id), "rawId": encode(k.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": extensions, "response": response,
	}
	if a.tamper != nil {
		a.tamper(m)
	}
	return a.json(m)
}

func (k *key) cose() []byte {
	point, err := k.priv.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return slices.Concat(cborHead(5, 5),
		cborInt(1), cborInt(2), cborInt(3), cborInt(-7), cborInt(-1), cborInt(1),
		cborInt(-2), cborBytes(point[1:33]), cborInt(-3), cborBytes(point[33:]))
}

// cborHead writes the first bytes of an item, RFC 8949 section 3.
func cborHead(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
}

func cborInt(n int) []byte {
	if n < 0 {
		return cborHead(1, uint64(-1-n))
	}
	return cborHead(0, uint64(n))
}

func cborBytes(b []byte) []byte { return append(cborHead(2, uint64(len(b))), b...) }

func cborText(s string) []byte { return append(cborHead(3, uint64(len(s))), s...) }

func (a *authenticator) read(options []byte, v any) {
	a.t.Helper()
	if err := json.Unmarshal(options, v); err != nil {
		a.t.Fatalf("the options are no JSON: %v\n%s", err, options)
	}
}

func (a *authenticator) json(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) decode(s string) []byte {
	a.t.Helper()
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		a.t.Fatalf("the options have %q where base64url should be: %v", s, err)
	}
	return b
}

// hugeRSA is the COSE key of an RSA key too long to check anything by.
func hugeRSA() []byte {
	n := new(big.Int).Lsh(big.NewInt(1), 8*4000)
	return slices.Concat(cborHead(5, 4), cborInt(1), cborInt(3), cborInt(3), cborInt(-257),
		cborInt(-1), cborBytes(n.Sub(n, big.NewInt(1)).Bytes()), cborInt(-2), cborBytes([]byte{1, 0, 1}))
}
