package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"roundtable/internal/pgtest"
)

// server is what one app server has: a hub with a relay.
type server struct {
	hub *Hub
	pid atomic.Uint32 // of the relay's latest connection, at the database
	// link is the latest connection's, as the network has it.
	link atomic.Pointer[link]
}

var quick = RelayOptions{FirstWait: 10 * time.Millisecond, MostWait: 100 * time.Millisecond, Check: 100 * time.Millisecond, Answer: 500 * time.Millisecond}

func newServer(t *testing.T, address string, o RelayOptions) *server {
	t.Helper()
	s := &server{hub: newHub(t, Options{TagKey: [32]byte{7}})}
	connect := func(ctx context.Context) (*pgx.Conn, error) {
		config, err := pgx.ParseConfig(address)
		if err != nil {
			return nil, err
		}
		dial := config.DialFunc
		config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			l := &link{Conn: conn}
			s.link.Store(l)
			return l, err
		}
		conn, err := pgx.ConnectConfig(ctx, config)
		if err == nil {
			s.pid.Store(conn.PgConn().PID())
		}
		return conn, err
	}
	relay := NewRelay(s.hub, slog.New(slog.DiscardHandler), connect, o)
	within, cancel := context.WithCancelCause(ctx)
	ended := make(chan error)
	go func() { ended <- relay.Run(within) }()
	stop := errors.New("the server stops")
	t.Cleanup(func() {
		cancel(stop)
		if err := <-ended; !errors.Is(err, stop) {
			t.Errorf("Run = %v, want %v", err, stop)
		}
	})
	return s
}

// link is a connection that can fall silent without a word, as when a machine
// between the two sides loses its memory: nothing comes, nothing fails.
type link struct {
	net.Conn
	silent atomic.Bool
}

func (l *link) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if !l.silent.Load() || err != nil {
			return n, err
		}
	}
}

func (l *link) Write(b []byte) (int, error) {
	if l.silent.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

// hear waits for a signal.
func hear(t *testing.T, l *Listener, what string) {
	t.Helper()
	select {
	case _, open := <-l.Signals():
		if !open {
			t.Fatalf("%s: the listener ended: %v", what, l.Err())
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: no signal", what)
	}
}

// ready waits until a server's relay listens, and returns a listener that has
// nothing to hear yet.
func (s *server) ready(t *testing.T, topics ...Topic) *Listener {
	t.Helper()
	l := subscribe(t, s.hub, "not known", topics...)
	hear(t, l, "at arrival")
	for end := time.Now().Add(20 * time.Second); s.hub.floorNow() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the relay does not listen")
		}
	}
	take(l)
	return l
}

func (h *Hub) floorNow() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.floor
}

func notify(t *testing.T, address, payload string, commit bool) {
	t.Helper()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SELECT pg_notify('"+Channel+"', $1)", payload); err != nil {
		t.Fatal(err)
	}
	end := tx.Rollback
	if commit {
		end = tx.Commit
	}
	if err := end(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestRelay: two app servers are told of what is committed on either, and of
// nothing else.
func TestRelay(t *testing.T) {
	address := pgtest.Shared(t).Database(t)
	one, two := newServer(t, address, RelayOptions{}), newServer(t, address, RelayOptions{})
	a, b := topic("a"), topic("b")
	first, second, other := one.ready(t, a), two.ready(t, a, b), two.ready(t, topic("c"))
	notify(t, address, one.hub.Payload(a), true)
	hear(t, first, "own server")
	hear(t, second, "other server")
	notify(t, address, one.hub.Payload(a), false)
	notify(t, address, two.hub.Payload(b), true)
	hear(t, second, "after a rollback")
	if got := take(first); got.Number != 0 {
		t.Errorf("a transaction that was rolled back was told: %v", got)
	}
	if got := take(other); got.Number != 0 {
		t.Errorf("who listens to another topic was told: %v", got)
	}
	notify(t, address, "something of a newer server", true)
	for _, l := range []*Listener{first, second, other} {
		hear(t, l, "an unknown payload")
	}
}

// TestRelayLost: whatever becomes of the connection, what was notified meanwhile
// is told afterwards, if only as "something".
func TestRelayLost(t *testing.T) {
	c := pgtest.Start(t, pgtest.Options{})
	address := c.Database(t)
	a := topic("a")
	tests := []struct {
		name string
		lose func(t *testing.T, s *server)
	}{
		{"the connection is killed", func(t *testing.T, s *server) {
			c.Exec(t, "postgres", fmt.Sprintf("SELECT pg_terminate_backend(%d)", s.pid.Load()))
		}},
		{"the connection falls silent", func(_ *testing.T, s *server) { s.link.Load().silent.Store(true) }},
		{"the database is killed", func(t *testing.T, _ *server) {
			if err := errors.Join(c.Kill(), c.Restart()); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lost, well := newServer(t, address, quick), newServer(t, address, quick)
			first, second := lost.ready(t, a), well.ready(t, a)
			mark := lost.hub.Mark()
			pid := lost.pid.Load()
			test.lose(t, lost)
			notify(t, address, lost.hub.Payload(a), true)
			hear(t, second, "the server that is well")
			for end := time.Now().Add(20 * time.Second); lost.pid.Load() == pid; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the relay does not connect again")
				}
			}
			hear(t, first, "the server that was lost")
			hear(t, subscribe(t, lost.hub, mark, topic("z")), "who comes back with a mark from before")
			for take(first).Number > 0 {
			}
			notify(t, address, well.hub.Payload(a), true)
			hear(t, first, "afterwards")
		})
	}
}

// TestRelayBackOff: a database that is not there is asked ever more seldom.
func TestRelayBackOff(t *testing.T) {
	var tries atomic.Int64
	refuse := func(context.Context) (*pgx.Conn, error) {
		tries.Add(1)
		return nil, errors.New("nobody there")
	}
	relay := NewRelay(newHub(t, Options{}), slog.New(slog.DiscardHandler), refuse,
		RelayOptions{FirstWait: 10 * time.Millisecond, MostWait: 80 * time.Millisecond})
	within, cancel := context.WithTimeout(ctx, 600*time.Millisecond)
	defer cancel()
	if err := relay.Run(within); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v, want %v", err, context.DeadlineExceeded)
	}
	// After 0, 10, 30, 70, 150, 230, ... ms: at most 10 in 600 ms.
	if got := tries.Load(); got < 2 || got > 10 {
		t.Errorf("in 600 ms the relay tried %d times, want 2 to 10", got)
	}
}
