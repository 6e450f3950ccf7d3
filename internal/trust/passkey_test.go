package trust

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

	"roundtable/internal/app"
)

// makePasskey answers the options for a new passkey as a browser and its
// authenticator do (Web Authentication, section 6; attestation "none"), and returns
// the id under which the person's page lists it.
func makePasskey(t *testing.T, a *app.App, who app.Who, name string) string {
	t.Helper()
	options := got[[]byte](t)(a.BeginPasskey(t.Context(), who, name))
	must(t, a.FinishPasskey(t.Context(), who, attest(t, a, options)))
	ways := got[app.Ways](t)(a.ReadWays(t.Context(), who))
	return ways.Passkeys[len(ways.Passkeys)-1].ID
}

func attest(t *testing.T, a *app.App, options []byte) []byte {
	t.Helper()
	var asked struct {
		RP        struct{ ID string }
		Challenge string
	}
	must(t, json.Unmarshal(options, &asked))
	origin := got[app.Address](t)(a.Address(t.Context())).Origin
	private := got[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	public := got[[]byte](t)(private.PublicKey.Bytes())
	id := make([]byte, 32)
	rand.Read(id)
	site := sha256.Sum256([]byte(asked.RP.ID))
	const present, verified, attested = 1, 4, 64
	data := append(site[:], present|verified|attested)
	data = binary.BigEndian.AppendUint32(data, 0)
	data = append(data, make([]byte, 16)...) // it does not say what it is
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(id))), id...)
	data = append(data, slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, public[1:33], []byte{0x22, 0x58, 32}, public[33:])...)
	object := slices.Concat([]byte{0xa3, 0x63}, []byte("fmt"), []byte{0x64}, []byte("none"), []byte{0x67}, []byte("attStmt"), []byte{0xa0, 0x68}, []byte("authData"),
		[]byte{0x59, byte(len(data) >> 8), byte(len(data))}, data)
	client := got[[]byte](t)(json.Marshal(map[string]any{"type": "webauthn.create", "challenge": asked.Challenge, "origin": origin, "crossOrigin": false}))
	text := base64.RawURLEncoding.EncodeToString
	return got[[]byte](t)(json.Marshal(map[string]any{
		"id": text(id), "rawId": text(id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}},
		"response": map[string]any{
			"clientDataJSON": text(client), "attestationObject": text(object), "authenticatorData": text(data),
			"transports": []string{"internal"}, "publicKeyAlgorithm": -7,
		},
	}))
}
