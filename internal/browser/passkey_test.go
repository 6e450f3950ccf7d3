package browser

import (
	"testing"
)

// passkeyScript makes and uses passkeys as the browser's own API has it.
const passkeyScript = `
const bytes = n => crypto.getRandomValues(new Uint8Array(n));
const tell = p => p.then(v => v, e => e.name);
window.make = () => tell(navigator.credentials.create({publicKey: {
	challenge: bytes(32), rp: {name: "Roundtable"}, user: {id: new TextEncoder().encode("u1"), name: "ada", displayName: "Ada"},
	pubKeyCredParams: [{type: "public-key", alg: -7}],
	authenticatorSelection: {residentKey: "required", userVerification: "required"},
}}).then(c => c.id));
window.use = () => tell(navigator.credentials.get({publicKey: {challenge: bytes(32), userVerification: "required", timeout: 2000}})
	.then(c => c.id + " " + new TextDecoder().decode(c.response.userHandle)));
`

func TestPasskeys(t *testing.T) {
	origin := serve(t, map[string]string{"/": document(`<h1>x</h1><script src="/s.js"></script>`), "/s.js": passkeyScript})
	tab := newTab(t)
	tab.Go(origin)
	keys := tab.AddAuthenticator()
	id := Eval[string](tab, "make()")
	kept := keys.Passkeys()
	if len(kept) != 1 || kept[0].RelyingID != "localhost" || string(kept[0].UserHandle) != "u1" || kept[0].UserName != "ada" {
		t.Fatalf("make() = %s; Passkeys() = %+v, want one of ada at localhost", id, kept)
	}
	if got := Eval[string](tab, "use()"); got != id+" u1" {
		t.Errorf("use() = %q, want %q", got, id+" u1")
	}
	if after := keys.Passkeys(); after[0].Uses <= kept[0].Uses {
		t.Errorf("after use the counter is %d, want more than %d", after[0].Uses, kept[0].Uses)
	}
	keys.Verify(false)
	if got := Eval[string](tab, "use()"); got != "NotAllowedError" {
		t.Errorf("use() by somebody who is not recognised = %q, want NotAllowedError", got)
	}
	keys.Verify(true)
	if got := Eval[string](tab, "use()"); got != id+" u1" {
		t.Errorf("use() once recognised again = %q, want %q", got, id+" u1")
	}
	keys.Remove()
}
