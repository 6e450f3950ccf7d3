package web

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"roundtable/internal/app"
)

// names are the names under which the server may be called. A page elsewhere whose
// name was made to lead here (DNS rebinding) calls it by another, and gets nothing.
//
// They are what was configured, this machine's own, and the address that set-up
// asked for. Before set-up is done any name is good: nothing is there to be had but
// the set-up itself, which takes the code that the server has printed.
type names struct {
	fixed []string
	app   *app.App

	mu    sync.Mutex // guards what follows
	at    time.Time  // when it was asked last
	open  bool       // nothing is set up yet
	asked string     // the name that set-up asked for
	site  string     // the address with that name
}

func newNames(fixed []string, app *app.App) *names {
	n := &names{app: app}
	for _, name := range fixed {
		n.fixed = append(n.fixed, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	return n
}

// known reports whether the server may be called that: a Host header, with or
// without port.
func (n *names) known(ctx context.Context, host string, now time.Time) bool {
	name := hostName(host)
	if name == "" {
		return false
	}
	if isLoopback(name) {
		return true
	}
	for _, ours := range n.fixed {
		if name == ours {
			return true
		}
	}
	open, asked := n.current(ctx, now)
	return open || asked != "" && name == asked
}

// hostName is the name within a Host header, in small letters, "" if it is none.
func hostName(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if len(name) > 253 || strings.ContainsAny(name, "/\\@ \t\"'<>?#%") {
		return ""
	}
	return name
}

func isLoopback(name string) bool {
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

// current returns what the installation says of its name. When it does not answer,
// what it said last counts.
func (n *names) current(ctx context.Context, now time.Time) (open bool, asked string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if age := now.Sub(n.at); !n.at.IsZero() && age >= 0 && age < nameTime {
		return n.open, n.asked
	}
	ready, address, err := addressOf(ctx, n.app)
	if err != nil {
		return n.open, n.asked
	}
	n.at, n.open, n.asked, n.site = now, !ready, "", address
	if u, err := url.Parse(address); err == nil {
		n.asked = strings.ToLower(u.Hostname())
	}
	return n.open, n.asked
}

// address returns the address that desks use, as set-up asked for it, "" if it has
// none yet.
func (n *names) address(ctx context.Context, now time.Time) string {
	n.current(ctx, now)
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.site
}
