package store

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"
)

// parked are connections to PostgreSQL on which a transaction for reading has not
// ended yet. Under load the next one begins at once, in the same trip that ends the
// last; nothing else could have been seen by that one, and nothing waits for its end.
type parked struct {
	mu     sync.Mutex
	places []*place // the newest last
	closed bool
}

// place is where a connection is parked until somebody takes it or its time is over.
type place struct {
	conn  *sql.Conn
	timer *time.Timer
}

const (
	// parkedFor is how long a transaction may stay that nobody reads in: much less
	// than what hinders PostgreSQL in tidying up.
	parkedFor = 50 * time.Millisecond
	// maxParked leaves connections for whoever takes one from the pool.
	maxParked = poolSize / 2
)

// put parks a connection, and reports whether there was room.
func (p *parked) put(conn *sql.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.places) >= maxParked {
		return false
	}
	at := &place{conn: conn}
	at.timer = time.AfterFunc(parkedFor, func() { p.clear(at) })
	p.places = append(p.places, at)
	return true
}

// take returns the connection that was parked last, nil if there is none.
func (p *parked) take() *sql.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.places) == 0 {
		return nil
	}
	at := p.places[len(p.places)-1]
	p.places = p.places[:len(p.places)-1]
	at.timer.Stop()
	return at.conn
}

// clear gives a connection back to the pool, unless it was taken.
func (p *parked) clear(at *place) {
	p.mu.Lock()
	i := slices.Index(p.places, at)
	if i >= 0 {
		p.places = slices.Delete(p.places, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		at.release()
	}
}

// close gives all back, and parks no more.
func (p *parked) close() {
	p.mu.Lock()
	places := p.places
	p.places, p.closed = nil, true
	p.mu.Unlock()
	for _, at := range places {
		at.timer.Stop()
		at.release()
	}
}

func (at *place) release() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
	defer cancel()
	giveUp(ctx, at.conn)
	at.conn.Close()
}
