package apptest

import (
	"context"
	"slices"
	"sync"

	"roundtable/internal/notify"
)

// Sender is a channel that keeps what it was asked to send, and answers as it is told.
type Sender struct {
	// Secret is what its receipts are known by; "" if it gets none.
	Secret string

	mu     sync.Mutex
	sent   []notify.Delivery
	answer func(ctx context.Context, nth int, d notify.Delivery) (notify.Result, error)
	came   chan notify.Delivery
}

// NewSender returns a sender that takes everything.
func NewSender() *Sender { return &Sender{came: make(chan notify.Delivery, 1000)} }

// Answer has a function say what becomes of the deliveries from now on, counted from 1
// again. Nil takes everything.
func (s *Sender) Answer(f func(ctx context.Context, nth int, d notify.Delivery) (notify.Result, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.sent)
	s.answer = f
	if f != nil {
		s.answer = func(ctx context.Context, nth int, d notify.Delivery) (notify.Result, error) { return f(ctx, nth-n, d) }
	}
}

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, d notify.Delivery) (notify.Result, error) {
	s.mu.Lock()
	s.sent = append(s.sent, d)
	n, answer := len(s.sent), s.answer
	s.mu.Unlock()
	select {
	case s.came <- d:
	default: // nobody looks
	}
	if answer == nil {
		return notify.Result{Outcome: notify.Accepted}, nil
	}
	return answer(ctx, n, d)
}

// IsGateway reports whether a receipt is from this sender's other side.
func (s *Sender) IsGateway(authorization string) bool {
	return s.Secret != "" && authorization == "Bearer "+s.Secret
}

// Sent lists what it was asked to send.
func (s *Sender) Sent() []notify.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Came gets each delivery when it comes.
func (s *Sender) Came() <-chan notify.Delivery { return s.came }
