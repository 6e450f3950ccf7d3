package live

import "time"

// Listener is one open page.
type Listener struct {
	hub     *Hub
	owner   string
	tags    []tag
	signals chan Signal // holds one; only written under hub.mu
	stop    func() bool // no longer waits for the context

	// Guarded by hub.mu.
	told   uint64    // the latest publication it was told of
	number uint64    // of its latest signal
	since  time.Time // since when the signal in the channel lies there
	ended  bool
	err    error
}

// Signals returns the channel on which signals come. It is closed when the
// listener has ended; Err then says why.
func (l *Listener) Signals() <-chan Signal { return l.signals }

// Err returns why the listener ended: ErrClosed of the hub, ErrSlow, or the
// context's cause; nil while it lives and after Close.
func (l *Listener) Err() error {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	return l.err
}

// Close ends the listener. It may be called again.
func (l *Listener) Close() { l.end(nil) }

func (l *Listener) end(err error) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.endLocked(err)
}

func (l *Listener) endLocked(err error) {
	if l.ended {
		return
	}
	l.ended, l.err = true, err
	l.stop()
	l.hub.remove(l)
	close(l.signals)
}

// tell puts a signal into the channel, in place of one that still lies there. It
// never waits: nobody else writes into the channel. It is called with hub.mu held.
func (l *Listener) tell(s signal) {
	l.number++
	out := Signal{Number: l.number, ID: s.id}
	select {
	case l.signals <- out:
		l.since = s.at
		return
	default:
	}
	if s.at.Sub(l.since) > l.hub.o.Patience {
		l.endLocked(ErrSlow)
		return
	}
	select {
	case <-l.signals:
	default: // taken in this moment: this one starts to lie there now
		l.since = s.at
	}
	l.signals <- out
}
