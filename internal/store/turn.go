package store

import (
	"context"
	"sync"
)

// turns lets the writers of a tenant begin one after the other. The lock in the
// database does so too, for all processes, but whoever waits for that one holds a
// connection, and soon there would be none left to read with. A turn ends when the commit
// is on its way: one writer is let as far as the database's lock meanwhile.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is those of one tenant: one that writes, and those who wait, who are served
// as they came.
type line struct {
	writing chan struct{} // holds one while somebody writes
	many    int           // who write or wait
}

// turn is a writer's.
type turn struct {
	of     *turns
	tenant string
	line   *line
}

// wait waits until it is the caller's turn, who must end it.
func (t *turns) wait(ctx context.Context, tenant string) (*turn, error) {
	t.mu.Lock()
	q := t.lines[tenant]
	if q == nil {
		q = &line{writing: make(chan struct{}, 1)}
		if t.lines == nil {
			t.lines = map[string]*line{}
		}
		t.lines[tenant] = q
	}
	q.many++
	t.mu.Unlock()
	mine := &turn{t, tenant, q}
	select {
	case q.writing <- struct{}{}:
		return mine, nil
	case <-ctx.Done():
		mine.leave()
		return nil, ctx.Err()
	}
}

// end lets the next one write.
func (t *turn) end() {
	<-t.line.writing
	t.leave()
}

// leave forgets a line in which nobody is.
func (t *turn) leave() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.line.many--
	if t.line.many == 0 {
		delete(t.of.lines, t.tenant)
	}
}
