package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// line is the one connection of one sending. It sees to it that the sending ends:
// the mail library moves the deadline on at every command and reads answers of any
// length, and lets the connection lie when a dialogue fails.
type line struct {
	ctx    context.Context
	config Config
	conn   net.Conn
	stop   func() bool
}

// dial connects; for Implicit it shakes hands too.
func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, l.config.address())
	if err != nil {
		return nil, err
	}
	l.conn = conn
	if deadline, ok := l.ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	l.stop = context.AfterFunc(l.ctx, func() { conn.Close() })
	guarded := &guard{Conn: conn}
	guarded.left.Store(maxAnswer)
	if l.config.TLS != Implicit {
		return guarded, nil
	}
	over := tls.Client(guarded, l.config.tls())
	if err := over.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return over, nil
}

func (l *line) close() {
	if l.conn != nil {
		l.stop()
		l.conn.Close()
	}
}

// partTime is how long a server may take to say goodbye.
const partTime = 2 * time.Second

// hurry hangs up after partTime, unless what it returns is called before.
func (l *line) hurry() (cancel func() bool) {
	return time.AfterFunc(partTime, func() { l.conn.Close() }).Stop
}

// guard is a connection whose deadline stays as it was set, and which does not
// read for ever.
type guard struct {
	net.Conn
	left atomic.Int64
}

var errTalks = errors.New("the server says too much")

func (g *guard) Read(p []byte) (int, error) {
	left := g.left.Load()
	if left <= 0 {
		return 0, errTalks
	}
	n, err := g.Conn.Read(p[:min(int64(len(p)), left)])
	g.left.Add(-int64(n))
	return n, err
}

func (g *guard) SetDeadline(time.Time) error      { return nil }
func (g *guard) SetReadDeadline(time.Time) error  { return nil }
func (g *guard) SetWriteDeadline(time.Time) error { return nil }
