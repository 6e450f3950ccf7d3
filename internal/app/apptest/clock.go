package apptest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move moves the clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Dice is a source of bytes that are the same in every run. It may be used by many
// at once, and can be told to fail.
type Dice struct {
	mu   sync.Mutex
	r    *rand.ChaCha8
	fail func() error
}

// NewDice returns dice for a seed.
func NewDice(seed byte) *Dice { return &Dice{r: rand.NewChaCha8([32]byte{seed})} }

// Fail has a function asked before each reading; what it returns is the reading's
// error. Nil lets everything through.
func (d *Dice) Fail(ask func() error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = ask
}

// Read implements io.Reader.
func (d *Dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		if err := d.fail(); err != nil {
			return 0, err
		}
	}
	return d.r.Read(p)
}

var _ io.Reader = (*Dice)(nil)

// Text is what was written to a log.
type Text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (t *Text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

// String returns all of it.
func (t *Text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
