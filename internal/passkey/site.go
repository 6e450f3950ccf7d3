package passkey

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"roundtable/internal/fault"
)

// Site is the address at which passkeys are made and used: the relying party of
// the specification. It does not change, and may be used from anywhere at once.
type Site struct {
	host     string
	webauthn *webauthn.WebAuthn
}

// Config says which site it is.
type Config struct {
	// Host is the name by which people reach the server, without scheme and port:
	// "desk.library.example". Passkeys belong to it, and are lost when it changes.
	Host string
	// Name is shown by authenticators beside the passkey: "Roundtable, Elm County".
	Name string
	// Origins are the addresses that pages come from: scheme, host and, if it is
	// not the scheme's own, port. Each is at Host or below it, with TLS, except that
	// a browser on the same machine may use http://localhost.
	Origins []string
}

// ErrAddress is the cause when there can be no passkeys at an address.
var ErrAddress = errors.New("passkeys need a host name and TLS")

// New returns a site, or a Refused fault if browsers would make no passkeys for
// it: at a number instead of a name, without TLS, or elsewhere than at the host.
func New(c Config) (*Site, error) {
	host := strings.ToLower(c.Host)
	if !isHost(host) {
		return nil, noPasskeys(fmt.Errorf("%w: %q is no host name", ErrAddress, c.Host))
	}
	if !isLine(c.Name, maxLine) {
		return nil, fmt.Errorf("passkeys at %s: the site's name is empty, too long or has signs that cannot be shown", host)
	}
	for _, o := range c.Origins {
		if err := checkOrigin(o, host); err != nil {
			return nil, noPasskeys(err)
		}
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID:                  host,
		RPDisplayName:         c.Name,
		RPOrigins:             append([]string(nil), c.Origins...),
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
		// How long the browser waits. That we wait no longer is up to Challenge,
		// because the library would ask the machine's clock.
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: Life},
			Registration: webauthn.TimeoutConfig{Timeout: Life},
		},
		// Some password managers answer what was not asked. It is not kept, and no
		// reason to lock anybody out.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, noPasskeys(fmt.Errorf("%w: %w", ErrAddress, err))
	}
	return &Site{host, w}, nil
}

func noPasskeys(cause error) error {
	return fault.Refuse("Passkeys do not work at this address.",
		"Use a name instead of a number, with https in front of it. Until then, sign in with a password.").Because(cause)
}

func isHost(host string) bool {
	if host == "" || len(host) > 253 || net.ParseIP(host) != nil {
		return false
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		!strings.Contains(host, "..") && host[0] != '.' && host[len(host)-1] != '.' && protocol.ValidateRPID(host) == nil
}

func checkOrigin(origin, host string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
		return fmt.Errorf("%w: %q is no origin", ErrAddress, origin)
	}
	name := strings.ToLower(u.Hostname())
	if name != host && !strings.HasSuffix(name, "."+host) {
		return fmt.Errorf("%w: %q is not at %s", ErrAddress, origin, host)
	}
	local := name == "localhost" || strings.HasSuffix(name, ".localhost")
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return fmt.Errorf("%w: %q has no TLS", ErrAddress, origin)
	}
	return nil
}

// algorithms are what a passkey may sign with, the most common one first.
func algorithms() []protocol.CredentialParameter {
	var list []protocol.CredentialParameter
	for _, a := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	return list
}
