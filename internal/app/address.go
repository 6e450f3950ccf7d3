package app

import (
	"context"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"roundtable/internal/fault"
	"roundtable/internal/passkey"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// settingAddress is the origin of Address.
const settingAddress = "address"

// Address is the address by which desks reach the server, and what works there.
type Address struct {
	Origin   string   // scheme, host and port: "https://desk.library.example"; "" before set-up
	Secure   bool     // browsers keep things on the device there, and seal notes for counsel
	Passkeys bool     // passkeys work
	Off      []string // what is off there, and what it means, in whole sentences
}

// CheckAddress reads an address as somebody types it, and says what it decides. An
// Invalid fault, for the field "address", says what has to be mended.
func CheckAddress(text string) (Address, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !isAddress(u) {
		var f fault.Fields
		f.Add("address", "Write an address such as https://desk.library.example, with nothing after the name.")
		return Address{}, f.Err()
	}
	host := strings.ToLower(u.Hostname())
	port := u.Port()
	if port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return addressOf(u.Scheme + "://" + host), nil
}

// maxAddress is far more than the longest name of a host.
const maxAddress = 300

func isAddress(u *url.URL) bool {
	if u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" ||
		u.Opaque != "" || u.Path != "" && u.Path != "/" || len(u.Host) > maxAddress {
		return false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
			return false
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return false
	}
	return isHost(strings.ToLower(u.Hostname()))
}

// isHost reports whether text is the name of a host, or its number.
func isHost(text string) bool {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Zone() == ""
	}
	if len(text) > 253 {
		return false
	}
	for _, label := range strings.Split(text, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := text[strings.LastIndexByte(text, '.')+1:]
	return strings.Trim(last, "0123456789") != "" // or browsers take it for a number
}

// addressOf says what works at an origin. Browsers keep things on a device, and
// seal, only where nobody on the way can change the page: with TLS, or on the
// machine itself.
func addressOf(origin string) Address {
	at := Address{Origin: origin}
	u, err := url.Parse(origin)
	if err != nil || origin == "" {
		return at
	}
	host := u.Hostname()
	number, err := netip.ParseAddr(host)
	isNumber := err == nil
	isHere := host == "localhost" || strings.HasSuffix(host, ".localhost") || isNumber && number.IsLoopback()
	at.Secure = u.Scheme == "https" || isHere
	_, err = passkey.New(passkey.Config{Host: host, Name: "Roundtable", Origins: []string{origin}})
	at.Passkeys = err == nil
	if isHere {
		at.Off = append(at.Off, "Only this computer reaches Roundtable at this address.")
	}
	if !at.Secure {
		at.Off = append(at.Off,
			"Whoever is on the same network can read what is sent.",
			"Nothing is kept on devices, so a desk needs the network all the time.",
			"Notes for counsel are off. The page says to call counsel.",
			"Alerts on phones are off.")
	}
	if !at.Passkeys {
		at.Off = append(at.Off, "Passkeys are off. People sign in with a password.")
	}
	return at
}

// Address returns the address of this installation. Everybody may know it: they
// are there.
func (a *App) Address(ctx context.Context) (at Address, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		origin, err := tx.Setting(ctx, settingAddress)
		at = addressOf(origin)
		return err
	})
	return at, err
}
