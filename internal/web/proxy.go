package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// caller returns where a request comes from, and whether its browser speaks TLS. A
// proxy is believed only if it is one of ours: the last address that X-Forwarded-For
// names and that is none of ours is the caller's. The address is for counting tries
// and is kept nowhere.
func caller(r *http.Request, proxies []netip.Prefix) (from netip.Addr, tls bool) {
	tls = r.TLS != nil
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, tls // no network: a test, or a socket of the machine
	}
	from = at.Addr().Unmap().WithZone("")
	if !isOurs(from, proxies) {
		return from, tls
	}
	if proto := last(r.Header.Values("X-Forwarded-Proto")); proto != "" {
		tls = strings.EqualFold(proto, "https")
	}
	named := split(r.Header.Values("X-Forwarded-For"))
	for _, text := range slices.Backward(named) {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return from, tls // what is beyond it was written by nobody whom we know
		}
		from = addr.Unmap().WithZone("")
		if !isOurs(from, proxies) {
			break
		}
	}
	return from, tls
}

func isOurs(addr netip.Addr, proxies []netip.Prefix) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// split returns the values of a header that may have several in a line.
func split(lines []string) (list []string) {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	}
	return list
}

// last returns the value that the nearest proxy wrote.
func last(lines []string) string {
	if list := split(lines); len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}
