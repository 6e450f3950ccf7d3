package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A gate is the only way out for the browser: a SOCKS5 proxy (RFC 1928, without
// authentication) in this process. It lets through what goes to this machine and
// nothing else, and writes down every address that anybody in the browser wanted
// to reach: pages, service workers, and the browser for itself. SOCKS passes bytes
// on as they are, so what the server sees and sends is what it would be without.
type gate struct {
	listener net.Listener
	wg       sync.WaitGroup // of everything that serves

	mu      sync.Mutex // guards what follows
	offline bool
	closed  bool
	open    map[net.Conn]struct{}
	dialled []Dial

	came atomic.Int64 // bytes that servers sent
}

// Dial is an address that the browser wanted to reach.
type Dial struct {
	Address string // host and port
	Refused bool   // it is not on this machine, or the tab was offline
}

// dialTimeout is how long the gate waits for a server of this machine.
const dialTimeout = 5 * time.Second

func newGate() (*gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the gate: %w", err)
	}
	g := &gate{listener: l, open: map[net.Conn]struct{}{}}
	g.wg.Go(g.accept)
	return g, nil
}

// proxy returns the gate's address as Chromium wants it.
func (g *gate) proxy() string { return "socks5://" + g.listener.Addr().String() }

// close ends every connection and waits for whoever served them.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.listener.Close()
	g.cut()
	g.wg.Wait()
}

// setOffline refuses every connection from now on, and cuts those that are open.
func (g *gate) setOffline(off bool) {
	g.mu.Lock()
	g.offline = off
	g.mu.Unlock()
	if off {
		g.cut()
	}
}

func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		c.Close()
	}
}

func (g *gate) dials() []Dial {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.dialled)
}

func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dialled = nil
	g.came.Store(0)
}

func (g *gate) accept() {
	for {
		c, err := g.listener.Accept()
		if err != nil {
			return
		}
		if !g.keep(c) {
			c.Close()
			return
		}
		g.wg.Go(func() {
			defer g.drop(c)
			g.serve(c)
		})
	}
}

// keep remembers a connection so that it can be cut, unless the gate has closed.
func (g *gate) keep(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.open[c] = struct{}{}
	return true
}

func (g *gate) drop(c net.Conn) {
	c.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, c)
}

// The replies of SOCKS5 that the gate gives (RFC 1928, section 6).
const (
	socksGranted     = 0x00
	socksNotAllowed  = 0x02
	socksUnreachable = 0x04
)

func (g *gate) serve(c net.Conn) {
	address, err := readSOCKS(c)
	if err != nil {
		return
	}
	if !g.allow(address) {
		replySOCKS(c, socksNotAllowed)
		return
	}
	server, err := net.DialTimeout("tcp", address, dialTimeout)
	if err != nil {
		replySOCKS(c, socksUnreachable)
		return
	}
	if !g.keep(server) {
		server.Close()
		return
	}
	defer g.drop(server)
	if replySOCKS(c, socksGranted) != nil {
		return
	}
	pass(c, counted{server, &g.came})
}

// counted counts what comes from a server.
type counted struct {
	net.Conn
	came *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.came.Add(int64(n))
	return n, err
}

// allow writes an address down and says whether it may be reached.
func (g *gate) allow(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	ok := !g.offline && isHere(address)
	g.dialled = append(g.dialled, Dial{Address: address, Refused: !ok})
	return ok
}

// isHere reports whether an address is on this machine by its very text: nothing
// is looked up.
func isHere(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// pass copies bytes both ways until one side ends.
func pass(a, b net.Conn) {
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		go func() {
			io.Copy(way[0], way[1])
			done <- struct{}{}
		}()
	}
	<-done
	a.Close()
	b.Close()
	<-done
}

var errNotSOCKS = errors.New("not a SOCKS5 connection")

// readSOCKS answers the greeting and returns the address that is asked for.
func readSOCKS(c io.ReadWriter) (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return "", err
	}
	if head[0] != 5 {
		return "", errNotSOCKS
	}
	if _, err := io.ReadFull(c, make([]byte, head[1])); err != nil {
		return "", err
	}
	if _, err := c.Write([]byte{5, 0}); err != nil { // no authentication
		return "", err
	}
	var request [4]byte
	if _, err := io.ReadFull(c, request[:]); err != nil {
		return "", err
	}
	if request[0] != 5 || request[1] != 1 { // 1 is CONNECT
		return "", errNotSOCKS
	}
	host, err := readSOCKSHost(c, request[3])
	if err != nil {
		return "", err
	}
	var port [2]byte
	if _, err := io.ReadFull(c, port[:]); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port[0])<<8|int(port[1]))), nil
}

// readSOCKSHost reads a host of the given type: 1 IPv4, 3 a name, 4 IPv6.
func readSOCKSHost(r io.Reader, kind byte) (string, error) {
	size := map[byte]byte{1: net.IPv4len, 4: net.IPv6len}[kind]
	if kind == 3 {
		var n [1]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return "", err
		}
		size = n[0]
	}
	if size == 0 {
		return "", errNotSOCKS
	}
	host := make([]byte, size)
	if _, err := io.ReadFull(r, host); err != nil {
		return "", err
	}
	if kind != 3 {
		return net.IP(host).String(), nil
	}
	if bytes.ContainsFunc(host, isNoHostRune) {
		return "", errNotSOCKS
	}
	return string(host), nil
}

// isNoHostRune reports whether a rune is in no name of a host and in no IP address,
// which Chromium sends as a name.
func isNoHostRune(r rune) bool {
	letter := 'a' <= r|0x20 && r|0x20 <= 'z'
	return !letter && !('0' <= r && r <= '9') && !strings.ContainsRune("-._:", r)
}

func replySOCKS(w io.Writer, code byte) error {
	_, err := w.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0})
	return err
}
