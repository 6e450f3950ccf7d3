package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"roundtable/internal/notify"
)

// Letters stands in for a mail server: what an invented person would get is written where
// the demonstration was started.
type Letters struct {
	mu  sync.Mutex // one letter at a time
	out io.Writer
}

// NewLetters writes letters to out.
func NewLetters(out io.Writer) *Letters { return &Letters{out: out} }

// Send writes a message. One that cannot be written was not taken.
func (l *Letters) Send(_ context.Context, d notify.Delivery) (notify.Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.ReplaceAll(strings.TrimSpace(d.Message.Text()), "\n", "\n    ")
	if _, err := fmt.Fprintf(l.out, "\nA letter to %s: %s\n    %s\n", d.To.Reveal(), d.Message.Title(), text); err != nil {
		return notify.Result{Outcome: notify.Later}, fmt.Errorf("write a letter: %w", err)
	}
	return notify.Result{Outcome: notify.Accepted}, nil
}
