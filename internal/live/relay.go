package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Channel is the name under which writers notify and relays listen.
const Channel = "roundtable"

// RelayOptions are the times of a relay. Zero stands for the defaults.
type RelayOptions struct {
	FirstWait time.Duration // before trying again to connect; doubled each time
	MostWait  time.Duration // but never longer
	Check     time.Duration // how long silence lasts before the connection is tested
	Answer    time.Duration // how long connecting and a test may take
}

// The defaults of RelayOptions.
const (
	DefaultFirstWait = 100 * time.Millisecond
	DefaultMostWait  = 10 * time.Second
	DefaultCheck     = 30 * time.Second
	DefaultAnswer    = 10 * time.Second
)

// Relay brings to a hub what writers on any app server notify.
type Relay struct {
	hub     *Hub
	connect func(context.Context) (*pgx.Conn, error)
	o       RelayOptions
	log     *slog.Logger
}

// NewRelay returns a relay. connect opens a connection that is the relay's own
// from then on: it listens, so it must not come from a pool, nor go through a
// proxy that shares connections.
func NewRelay(hub *Hub, log *slog.Logger, connect func(context.Context) (*pgx.Conn, error), o RelayOptions) *Relay {
	setDefault(&o.FirstWait, DefaultFirstWait)
	setDefault(&o.MostWait, DefaultMostWait)
	setDefault(&o.Check, DefaultCheck)
	setDefault(&o.Answer, DefaultAnswer)
	return &Relay{hub, connect, o, log}
}

// Run relays until ctx ends, and returns its cause. When the connection is lost
// it connects again, waiting longer each time that fails; and since it cannot
// know what it missed, it then tells all listeners that something has changed.
func (r *Relay) Run(ctx context.Context) error {
	wait := r.o.FirstWait
	for {
		worked, err := r.listen(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if worked {
			wait = r.o.FirstWait
		}
		r.log.Warn("live: no connection to the database; trying again", "wait", wait, "cause", err)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
		wait = min(2*wait, r.o.MostWait)
	}
}

// listen relays on one connection until that fails. worked is true if the
// connection was good for anything: one that is opened and lost at once, again
// and again, is tried ever more seldom, as each time tells all listeners.
func (r *Relay) listen(ctx context.Context) (worked bool, err error) {
	conn, err := r.open(ctx)
	if err != nil {
		return false, err
	}
	defer r.close(conn)
	// Whatever is committed from here on is notified; what was before is covered
	// by this.
	r.hub.PublishAll()
	for {
		if err := r.relayOne(ctx, conn); err != nil {
			return worked, err
		}
		worked = true
	}
}

func (r *Relay) open(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Answer)
	defer cancel()
	conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+Channel); err != nil {
		r.close(conn)
		return nil, err
	}
	return conn, nil
}

// relayOne passes on the next notice. After a time without one it asks whether
// anybody is still there, as a connection can end without telling this side.
func (r *Relay) relayOne(ctx context.Context, conn *pgx.Conn) error {
	silence, cancel := context.WithTimeout(ctx, r.o.Check)
	defer cancel()
	notice, err := conn.WaitForNotification(silence)
	switch {
	case err == nil:
		r.pass(notice.Payload)
		return nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
		return r.test(ctx, conn)
	}
	return err
}

func (r *Relay) test(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, r.o.Answer)
	defer cancel()
	return conn.Ping(ctx)
}

func (r *Relay) pass(payload string) {
	tags, all := parsePayload(payload)
	if all {
		r.hub.PublishAll()
		return
	}
	r.hub.publish(tags)
}

// close ends a connection, whose other side may be gone.
func (r *Relay) close(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), r.o.Answer)
	defer cancel()
	conn.Close(ctx) // it is given up: how that goes changes nothing
}
